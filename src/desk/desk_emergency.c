/* An officer's emergency: pressed once, seen by the desk with a name that the unit reads, cleared
 * with a reason. Pressed again it is news again. */
#include "desk/machine.h"
#include "desk/parts.h"

static const struct machine_row rows[] = {
    ROW(STAGE(0), emergency_raise, EMERGENCY_RAISED, nothing_needed),
    ROW(STAGE(EMERGENCY_RAISED) | STAGE(EMERGENCY_ACKNOWLEDGED), emergency_raise, EMERGENCY_RAISED,
        nothing_needed),
    ROW(STAGE(EMERGENCY_RAISED), emergency_acknowledge, EMERGENCY_ACKNOWLEDGED, nothing_needed),
    ROW(STAGE(EMERGENCY_RAISED) | STAGE(EMERGENCY_ACKNOWLEDGED), emergency_clear, EMERGENCY_CLEARED,
        nothing_needed),
    ROW(STAGE(EMERGENCY_RAISED), emergency_flag, STAGE_SAME, need_due),
};
const struct machine machine_emergency = {OBJECT_emergency, &enum_emergency_stage, rows,
                                          sizeof rows / sizeof rows[0]};

enum err unit_of_actor(struct draft *d, bool has_unit, struct unit_id given, uint32_t *ret_unit)
{
    const uint32_t own = d->cmd->actor.unit.v;
    if (own && has_unit && given.v != own)
        return draft_refuse(d, ERR_DENIED, "unit", "this account speaks for its own unit");
    if (!own && !has_unit)
        return draft_refuse(d, ERR_RANGE, "unit", "whose?");
    *ret_unit = own ? own : given.v;
    return draft_must_have(d, OBJECT_unit, *ret_unit, "unit");
}

/* The one that the unit has open; 0: none. */
static uint32_t open_of(const struct draft *d, uint32_t unit)
{
    uint32_t pos = 0, number;
    while ((number = desk_next(d->desk, OBJECT_emergency, &pos)) != 0) {
        const struct emergency_object *o = draft_emergency(d, number);
        if (o->unit.v == unit && o->stage != EMERGENCY_CLEARED)
            return number;
    }
    return 0;
}

enum err emergency_decide_raise(struct draft *d)
{
    struct emergency_raise *f = draft_copy_fields(d);
    uint32_t unit, number;
    TRY(unit_of_actor(d, HAS(emergency_raise, f, unit), f->unit, &unit));
    const struct unit_object *u = draft_unit(d, unit);
    const struct assignment_object *a = draft_assignment(d, u->active.v);
    struct area_id area = d->cmd->area;
    number = open_of(d, unit);
    if (!machine_row(d, OBJECT_emergency, number, COMMAND_emergency_raise))
        return d->out.err;
    if (!number)
        TRY(draft_number(d, OBJECT_emergency, &number));
    SET(emergency_raise, f, unit, (struct unit_id){unit});
    CLEAR(emergency_raise, f, incident);
    if (a)
        SET(emergency_raise, f, incident, a->incident);
    if (HAS(emergency_raise, f, place) && !HAS(emergency_raise, f, placed_us))
        SET(emergency_raise, f, placed_us, d->at_us);
    if (!area.v)
        area = a && a->area.v ? a->area : u->area;
    d->out.object.number = number;
    draft_emit(d, EVENT_emergency_raised, number, f, area);
    return OK;
}

enum err emergency_decide_acknowledge(struct draft *d)
{
    const struct user_object *user = draft_user(d, d->cmd->actor.user.v);
    struct emergency_receipt *f = DRAFT_NEW(d, emergency_receipt);
    if (!machine_row(d, OBJECT_emergency, d->cmd->object, COMMAND_emergency_acknowledge))
        return d->out.err;
    SET(emergency_receipt, f, name, str_of(user ? user->name : "-"));
    draft_emit(d, EVENT_emergency_acknowledged, d->cmd->object, f,
               draft_area_of(d, OBJECT_emergency, d->cmd->object));
    return OK;
}

static enum err step(struct draft *d, enum event_kind event)
{
    if (!machine_row(d, OBJECT_emergency, d->cmd->object, d->cmd->kind))
        return d->out.err;
    draft_emit(d, event, d->cmd->object, d->cmd->fields,
               draft_area_of(d, OBJECT_emergency, d->cmd->object));
    return OK;
}

enum err emergency_decide_clear(struct draft *d)
{
    return step(d, EVENT_emergency_cleared);
}

enum err emergency_decide_flag(struct draft *d)
{
    return step(d, EVENT_emergency_flagged);
}

/* ---- apply ---- */

void emergency_apply_raised(struct ground *g, const struct event *e)
{
    const bool is_new = !ground_look(g, OBJECT_emergency, e->object);
    struct emergency_object *o = is_new ? ground_make(g, OBJECT_emergency, e->object)
                                        : ground_edit(g, OBJECT_emergency, e->object);
    ground_copy(g, &record_emergency_raise, e->fields, &record_emergency_object, o);
    SET(emergency_object, o, stage, EMERGENCY_RAISED);
    STAMP(emergency_object, o, raised_us, e->at_us);
    SET(emergency_object, o, pressed_us, e->at_us);
    CLEAR(emergency_object, o, acknowledged_us);
    CLEAR(emergency_object, o, acknowledged_by);
    CLEAR(emergency_object, o, name);
    CLEAR(emergency_object, o, overdue_us);
    if (e->area.v)
        SET(emergency_object, o, area, e->area);
}

void emergency_apply_acknowledged(struct ground *g, const struct event *e)
{
    struct emergency_object *o = ground_edit(g, OBJECT_emergency, e->object);
    ground_copy(g, &record_emergency_receipt, e->fields, &record_emergency_object, o);
    o->stage = EMERGENCY_ACKNOWLEDGED;
    SET(emergency_object, o, acknowledged_us, e->at_us);
    SET(emergency_object, o, acknowledged_by, e->actor);
    CLEAR(emergency_object, o, overdue_us);
}

void emergency_apply_cleared(struct ground *g, const struct event *e)
{
    struct emergency_object *o = ground_edit(g, OBJECT_emergency, e->object);
    ground_copy(g, &record_reason, e->fields, &record_emergency_object, o);
    o->stage = EMERGENCY_CLEARED;
    STAMP(emergency_object, o, cleared_us, e->at_us);
    SET(emergency_object, o, cleared_by, e->actor);
    CLEAR(emergency_object, o, overdue_us);
}

void emergency_apply_flagged(struct ground *g, const struct event *e)
{
    struct emergency_object *o = ground_edit(g, OBJECT_emergency, e->object);
    SET(emergency_object, o, overdue_us, e->at_us);
}
