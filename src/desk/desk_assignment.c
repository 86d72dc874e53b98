/* Assignments: one unit working one incident. A status from the field names its assignment and
 * touches only it, its incident's first stamps and its unit's readiness. */
#include "desk/incident.h"
#include "desk/parts.h"
#include "desk/watch.h"

#define TOLD (STAGE(ASSIGNMENT_SENT) | STAGE(ASSIGNMENT_SEEN))
#define ON_THE_WAY (TOLD | STAGE(ASSIGNMENT_EN_ROUTE) | STAGE(ASSIGNMENT_STAGED))
#define ACTIVE (ON_THE_WAY | STAGE(ASSIGNMENT_ON_SCENE))
#define LIVE (ACTIVE | STAGE(ASSIGNMENT_RESERVED))

bool assignment_is_live(enum assignment_stage stage)
{
    return (STAGE(stage) & LIVE) != 0;
}

static bool need_hold(struct draft *d, uint32_t number, const struct machine_row *row)
{
    const struct incident_dispatch *f = d->cmd->fields;
    (void)number;
    (void)row;
    if (f->is_reserve)
        return true;
    (void)draft_refuse(d, ERR_STATE, "is_reserve", "the unit is sent, not held");
    return false;
}

/* Met in the field: one unit, and no travel. */
static bool need_met(struct draft *d, uint32_t number, const struct machine_row *row)
{
    const struct incident_dispatch *f = d->cmd->fields;
    (void)number;
    (void)row;
    if (f->is_on_scene)
        return true;
    (void)draft_refuse(d, ERR_STATE, "is_on_scene", "the unit is on its way");
    return false;
}

static bool need_free_unit(struct draft *d, uint32_t number, const struct machine_row *row)
{
    const struct assignment_object *a = draft_assignment(d, number);
    const struct unit_object *u = draft_unit(d, a->unit.v);
    (void)row;
    if (!incident_is_workable(draft_incident(d, a->incident.v)->stage)) {
        (void)draft_refuse(d, ERR_STATE, NULL, "its incident is not open any more");
        return false;
    }
    if (u->active.v == 0)
        return true;
    (void)draft_refuse(d, ERR_STATE, NULL, "%s is working another incident", u->callsign);
    return false;
}

static const struct machine_row rows[] = {
    ROW(STAGE(0), incident_dispatch, ASSIGNMENT_RESERVED, need_hold),
    ROW(STAGE(0), incident_dispatch, ASSIGNMENT_ON_SCENE, need_met),
    ROW(STAGE(0), incident_dispatch, ASSIGNMENT_SENT, nothing_needed),
    ROW(STAGE(ASSIGNMENT_RESERVED), assignment_send, ASSIGNMENT_SENT, need_free_unit),
    ROW(STAGE(ASSIGNMENT_SENT), assignment_see, ASSIGNMENT_SEEN, nothing_needed),
    ROW(TOLD | STAGE(ASSIGNMENT_STAGED), assignment_depart, ASSIGNMENT_EN_ROUTE, nothing_needed),
    ROW(TOLD | STAGE(ASSIGNMENT_EN_ROUTE), assignment_stage, ASSIGNMENT_STAGED, nothing_needed),
    ROW(ON_THE_WAY, assignment_arrive, ASSIGNMENT_ON_SCENE, nothing_needed),
    ROW(ACTIVE, assignment_clear, ASSIGNMENT_CLEARED, nothing_needed),
    ROW(STAGE(ASSIGNMENT_RESERVED) | ON_THE_WAY, assignment_decline, ASSIGNMENT_DECLINED,
        nothing_needed),
    ROW(LIVE, assignment_cancel, ASSIGNMENT_CANCELLED, nothing_needed),
    ROW(ACTIVE, incident_dispatch, ASSIGNMENT_PREEMPTED, nothing_needed),
    ROW(STAGE(ASSIGNMENT_SENT), assignment_flag, STAGE_SAME, need_due),
    ROW(STAGE(ASSIGNMENT_ON_SCENE), assignment_ask, STAGE_SAME, need_asking),
    ROW(STAGE(ASSIGNMENT_ON_SCENE), assignment_check, STAGE_SAME, nothing_needed),
    ROW(STAGE(ASSIGNMENT_ON_SCENE), assignment_miss, STAGE_SAME, need_due),
    ROW(ACTIVE, assignment_hear, STAGE_SAME, need_bell),
};
const struct machine machine_assignment = {OBJECT_assignment, &enum_assignment_stage, rows,
                                           sizeof rows / sizeof rows[0]};

static enum err assignment_step(struct draft *d, struct assignment_move *move)
{
    const struct machine_row *row = machine_row(d, OBJECT_assignment, d->cmd->object, d->cmd->kind);
    if (!row)
        return d->out.err;
    SET(assignment_move, move, to, (enum assignment_stage)row->to);
    draft_emit(d, EVENT_assignment_moved, d->cmd->object, move,
               draft_area_of(d, OBJECT_assignment, d->cmd->object));
    return OK;
}

enum err assignment_decide_report(struct draft *d)
{
    return assignment_step(d, DRAFT_NEW(d, assignment_move));
}

enum err assignment_decide_send(struct draft *d)
{
    const struct assignment_object *a = draft_assignment(d, d->cmd->object);
    uint32_t unit = a->unit.v, incident = a->incident.v;
    const struct incident_object *o = draft_incident(d, incident);
    if (a->stage == ASSIGNMENT_RESERVED && incident_is_workable(o->stage))
        TRY(unit_must_be_sendable(d, unit, incident, false));
    TRY(assignment_step(d, DRAFT_NEW(d, assignment_move)));
    if (o->stage == INCIDENT_SCHEDULED)
        TRY(incident_step(d, incident, COMMAND_incident_enter, NULL));
    TRY(incident_step(d, incident, COMMAND_assignment_send, NULL));
    return unit_step(d, unit, COMMAND_assignment_send);
}

/* The unit, when it was working it, is free again; the incident waits again when it was the last
 * unit and did not finish. */
static enum err end(struct draft *d, struct assignment_move *move)
{
    const struct assignment_object *a = draft_assignment(d, d->cmd->object);
    uint32_t unit = a->unit.v, incident = a->incident.v;
    bool was_active = draft_unit(d, unit)->active.v == d->cmd->object;
    TRY(assignment_step(d, move));
    if (!was_active)
        return OK;
    if (d->cmd->kind != COMMAND_assignment_clear)
        incident_follow(d, incident, d->cmd->kind);
    unit_release(d, unit, d->cmd->kind);
    return OK;
}

enum err assignment_decide_clear(struct draft *d)
{
    const struct assignment_end *f = d->cmd->fields;
    struct assignment_move *move = DRAFT_NEW(d, assignment_move);
    if (HAS(assignment_end, f, result))
        SET(assignment_move, move, result, f->result);
    if (HAS(assignment_end, f, remark))
        SET(assignment_move, move, remark, f->remark);
    return end(d, move);
}

enum err assignment_decide_give_up(struct draft *d)
{
    struct assignment_move *move = DRAFT_NEW(d, assignment_move);
    SET(assignment_move, move, reason, ((const struct reason *)d->cmd->fields)->reason);
    return end(d, move);
}

enum err assignment_decide_flag(struct draft *d)
{
    if (!machine_row(d, OBJECT_assignment, d->cmd->object, COMMAND_assignment_flag))
        return d->out.err;
    draft_emit(d, EVENT_assignment_flagged, d->cmd->object, d->cmd->fields,
               draft_area_of(d, OBJECT_assignment, d->cmd->object));
    return OK;
}

/* ---- apply ---- */

static void stamp(struct assignment_object *a, struct incident_object *o, const struct event *e)
{
    int64_t at = e->at_us;
    switch (a->stage) {
    case ASSIGNMENT_RESERVED:
        STAMP(assignment_object, a, reserved_us, at);
        break;
    case ASSIGNMENT_SENT:
        STAMP(assignment_object, a, sent_us, at);
        STAMP(incident_object, o, dispatched_us, at);
        break;
    case ASSIGNMENT_SEEN:
        STAMP(assignment_object, a, seen_us, at);
        STAMP(incident_object, o, acknowledged_us, at);
        break;
    case ASSIGNMENT_EN_ROUTE:
        STAMP(assignment_object, a, en_route_us, at);
        STAMP(incident_object, o, en_route_us, at);
        break;
    case ASSIGNMENT_STAGED:
        STAMP(assignment_object, a, staged_us, at);
        break;
    case ASSIGNMENT_ON_SCENE:
        STAMP(assignment_object, a, on_scene_us, at);
        STAMP(incident_object, o, dispatched_us, at);
        STAMP(incident_object, o, on_scene_us, at);
        break;
    case ASSIGNMENT_CLEARED:
    case ASSIGNMENT_DECLINED:
    case ASSIGNMENT_CANCELLED:
    case ASSIGNMENT_PREEMPTED:
        STAMP(assignment_object, a, ended_us, at);
        break;
    case ASSIGNMENT_STAGE_NONE:
    case ASSIGNMENT_STAGE_COUNT:
        break;
    }
}

/* Stamps come late, from devices and cards: one that lies before an earlier one is kept and marked.
 */
static void mark_order(struct assignment_object *a, int64_t at_us)
{
    const int64_t stamps[] = {a->reserved_us, a->offered_us, a->sent_us,    a->seen_us,
                              a->en_route_us, a->staged_us,  a->on_scene_us};
    for (size_t i = 0; i < sizeof stamps / sizeof stamps[0]; i++) {
        if (stamps[i] > at_us)
            SET(assignment_object, a, is_out_of_order, true);
    }
}

static void start_work(struct ground *g, struct assignment_object *a, uint32_t number,
                       struct incident_object *o)
{
    struct unit_object *u = ground_edit(g, OBJECT_unit, a->unit.v);
    SET(unit_object, u, active, (struct assignment_id){number});
    if (refs_has(&u->stacked, number))
        REFS_REMOVE(unit_object, u, stacked, number);
    if (u->is_community)
        SET(unit_object, u, diverted_count, u->diverted_count + 1);
    CLEAR(incident_object, o, emptied_us);
    CLEAR(incident_object, o, overdue_us);
    incident_hush(o);
}

void assignment_apply_made(struct ground *g, const struct event *e)
{
    const struct assignment_make *f = e->fields;
    struct assignment_object *a = ground_make(g, OBJECT_assignment, e->object);
    struct incident_object *o = ground_edit(g, OBJECT_incident, f->incident.v);
    ground_copy(g, &record_assignment_make, f, &record_assignment_object, a);
    if (e->area.v)
        SET(assignment_object, a, area, e->area);
    SET(assignment_object, a, sender, e->actor);
    REFS_ADD(incident_object, o, assignments, e->object);
    if (a->stage == ASSIGNMENT_RESERVED) {
        struct unit_object *u = ground_edit(g, OBJECT_unit, f->unit.v);
        REFS_ADD(unit_object, u, stacked, e->object);
    } else {
        start_work(g, a, e->object, o);
    }
    stamp(a, o, e);
    watch_company(g, o, e->at_us);
}

static void finish_work(struct ground *g, const struct event *e, const struct assignment_object *a,
                        struct incident_object *o)
{
    struct unit_object *u = ground_edit(g, OBJECT_unit, a->unit.v);
    bool was_active = u->active.v == e->object, is_anybody_left = false;
    REFS_REMOVE(incident_object, o, assignments, e->object);
    if (was_active)
        CLEAR(unit_object, u, active);
    else
        REFS_REMOVE(unit_object, u, stacked, e->object);
    for (uint32_t i = 0; i < o->assignments.count; i++) {
        const struct assignment_object *other =
            ground_look(g, OBJECT_assignment, o->assignments.v[i]);
        is_anybody_left = is_anybody_left || other->stage != ASSIGNMENT_RESERVED;
    }
    if (was_active && !is_anybody_left)
        SET(incident_object, o, emptied_us, e->at_us);
}

void assignment_apply_moved(struct ground *g, const struct event *e)
{
    const struct assignment_move *f = e->fields;
    struct assignment_object *a = ground_edit(g, OBJECT_assignment, e->object);
    struct incident_object *o = ground_edit(g, OBJECT_incident, a->incident.v);
    ground_copy(g, &record_assignment_move, f, &record_assignment_object, a);
    a->stage = f->to;
    CLEAR(assignment_object, a, overdue_us);
    CLEAR(assignment_object, a, alone_us);
    CLEAR(assignment_object, a, asked_us);
    CLEAR(assignment_object, a, missed_us);
    assignment_hush(a);
    mark_order(a, e->at_us);
    stamp(a, o, e);
    if (f->to == ASSIGNMENT_SENT)
        start_work(g, a, e->object, o);
    else if (!assignment_is_live(f->to))
        finish_work(g, e, a, o);
    watch_company(g, o, e->at_us);
}

void assignment_apply_offered(struct ground *g, const struct event *e)
{
    struct assignment_object *a = ground_edit(g, OBJECT_assignment, e->object);
    STAMP(assignment_object, a, offered_us, e->at_us);
}

void assignment_apply_flagged(struct ground *g, const struct event *e)
{
    struct assignment_object *a = ground_edit(g, OBJECT_assignment, e->object);
    SET(assignment_object, a, overdue_us, e->at_us);
    assignment_ring(a, BELL_UNSEEN, e);
}
