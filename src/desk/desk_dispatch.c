/* Dispatch: one command sends, or holds in reserve, several units; all of them or none. */
#include "desk/incident.h"
#include "desk/parts.h"

static enum err check_list(struct draft *d, const struct incident_dispatch *f)
{
    const struct incident_object *o = draft_incident(d, d->cmd->object);
    if (f->units.count == 0)
        return draft_refuse(d, ERR_RANGE, "units", "no unit is named");
    if (o->assignments.count + f->units.count > MAX_REFS)
        return draft_refuse(d, ERR_LIMIT, "units", "more units than one incident can hold");
    if (f->is_reserve && (f->is_preempt || f->is_on_scene))
        return draft_refuse(d, ERR_RANGE, "is_reserve", "a unit is either held or sent");
    for (uint32_t i = 0; i < f->units.count; i++) {
        uint32_t unit = f->units.v[i];
        TRY(draft_must_have(d, OBJECT_unit, unit, "units"));
        for (uint32_t k = 0; k < i; k++) {
            if (f->units.v[k] == unit)
                return draft_refuse(d, ERR_RANGE, "units", "%s is named twice",
                                    draft_unit(d, unit)->callsign);
        }
        for (uint32_t k = 0; k < o->assignments.count; k++) {
            if (draft_assignment(d, o->assignments.v[k])->unit.v == unit)
                return draft_refuse(d, ERR_EXISTS, "units", "%s is assigned to it already",
                                    draft_unit(d, unit)->callsign);
        }
    }
    return OK;
}

/* A higher priority takes a unit; an equal or lower one needs a reason; an exercise never takes one
 * from real work. */
static enum err check_preempt(struct draft *d, const struct incident_dispatch *f,
                              const struct assignment_object *from)
{
    const struct incident_object *to = draft_incident(d, d->cmd->object);
    const struct incident_object *left = draft_incident(d, from->incident.v);
    if (to->is_exercise && !left->is_exercise)
        return draft_refuse(d, ERR_STATE, "is_preempt", "an exercise takes no unit off real work");
    if (to->priority >= left->priority && !left->is_exercise && !HAS(incident_dispatch, f, reason))
        return draft_refuse(d, ERR_STATE, "reason", "%s is at least as urgent: say why",
                            draft_id(d, OBJECT_incident, from->incident.v));
    return OK;
}

/* Ends the unit's active assignment; the incident that it leaves waits again when nobody is left.
 */
static enum err preempt(struct draft *d, const struct incident_dispatch *f, uint32_t assignment)
{
    const struct assignment_object *a = draft_assignment(d, assignment);
    uint32_t left = a->incident.v;
    TRY(check_preempt(d, f, a));
    const struct machine_row *row =
        machine_row(d, OBJECT_assignment, assignment, COMMAND_incident_dispatch);
    if (!row)
        return d->out.err;
    struct assignment_move *move = DRAFT_NEW(d, assignment_move);
    SET(assignment_move, move, to, (enum assignment_stage)row->to);
    SET(assignment_move, move, reason, str_of(draft_id(d, OBJECT_incident, d->cmd->object)));
    draft_emit(d, EVENT_assignment_moved, assignment, move, a->area);
    incident_follow(d, left, COMMAND_incident_dispatch);
    return OK;
}

static enum err assign(struct draft *d, const struct incident_dispatch *f, uint32_t unit)
{
    struct assignment_make *make = DRAFT_NEW(d, assignment_make);
    uint32_t number, active = draft_unit(d, unit)->active.v;
    TRY(unit_must_be_sendable(d, unit, d->cmd->object, f->is_reserve));
    if (active && !f->is_reserve) {
        if (!f->is_preempt)
            return draft_refuse(d, ERR_STATE, "units", "%s is working another incident",
                                draft_unit(d, unit)->callsign);
        TRY(preempt(d, f, active));
        SET(assignment_make, make, takes_from, (struct assignment_id){active});
    }
    if (!f->is_reserve)
        TRY(unit_step(d, unit, COMMAND_incident_dispatch));
    TRY(draft_number(d, OBJECT_assignment, &number));
    const struct machine_row *row = machine_row(d, OBJECT_assignment, 0, COMMAND_incident_dispatch);
    if (!row)
        return d->out.err;
    SET(assignment_make, make, incident, (struct incident_id){d->cmd->object});
    SET(assignment_make, make, unit, (struct unit_id){unit});
    SET(assignment_make, make, stage, (enum assignment_stage)row->to);
    if (HAS(incident_dispatch, f, recommendation))
        SET(assignment_make, make, recommendation, f->recommendation);
    if (HAS(incident_dispatch, f, reason))
        SET(assignment_make, make, reason, f->reason);
    draft_emit(d, EVENT_assignment_made, number, make,
               draft_area_of(d, OBJECT_incident, d->cmd->object));
    return OK;
}

enum err incident_decide_dispatch(struct draft *d)
{
    const struct incident_dispatch *f = d->cmd->fields;
    enum incident_stage stage = draft_incident(d, d->cmd->object)->stage;
    bool must_enter = stage == INCIDENT_RECEIVED || (stage == INCIDENT_SCHEDULED && !f->is_reserve);
    TRY(check_list(d, f));
    if (must_enter)
        TRY(incident_step(d, d->cmd->object, COMMAND_incident_enter, NULL));
    const struct machine_row *row =
        machine_row(d, OBJECT_incident, d->cmd->object, COMMAND_incident_dispatch);
    if (!row)
        return d->out.err;
    for (uint32_t i = 0; i < f->units.count; i++)
        TRY(assign(d, f, f->units.v[i]));
    incident_take(d, d->cmd->object, row, NULL);
    return OK;
}
