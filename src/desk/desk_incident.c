/* Incidents: the table of stages, and the moves that need nothing but a look at the incident. */
#include "desk/incident.h"
#include "desk/parts.h"
#include "desk/types.h"

#define WAITING (STAGE(INCIDENT_RECEIVED) | STAGE(INCIDENT_PENDING) | STAGE(INCIDENT_REOPENED))
#define BEFORE_WORK (WAITING | STAGE(INCIDENT_SCHEDULED))
#define WORKED (STAGE(INCIDENT_OPEN) | STAGE(INCIDENT_CONTROLLED))
#define WORKABLE (BEFORE_WORK | WORKED)
#define ANY_STAGE                                                                                  \
    (WORKABLE | STAGE(INCIDENT_CLOSED) | STAGE(INCIDENT_REVIEWED) | STAGE(INCIDENT_MERGED) |       \
     STAGE(INCIDENT_TRANSFERRED))

static const struct incident_object *this_one(const struct draft *d, uint32_t number)
{
    return draft_incident(d, number);
}

static bool no(struct draft *d, enum err err, const char *field, const char *why)
{
    (void)draft_refuse(d, err, field, "%s", why);
    return false;
}

bool incident_is_workable(enum incident_stage stage)
{
    return (STAGE(stage) & WORKABLE) != 0;
}

bool incident_is_complete(const struct incident_object *o)
{
    return o->type[0] &&
           (HAS(incident_object, o, chosen) || HAS(incident_object, o, verified) || o->address[0]);
}

uint32_t incident_sent_count(const struct draft *d, const struct incident_object *incident)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < incident->assignments.count; i++) {
        const struct assignment_object *a = draft_assignment(d, incident->assignments.v[i]);
        n += a && a->stage != ASSIGNMENT_RESERVED;
    }
    return n;
}

static bool need_complete(struct draft *d, uint32_t number, const struct machine_row *row)
{
    (void)row;
    return incident_is_complete(this_one(d, number)) ||
           no(d, ERR_STATE, "chosen", "a place or an address is missing");
}

static bool need_time(struct draft *d, uint32_t number, const struct machine_row *row)
{
    return d->cmd->actor.role != ROLE_TIMER || need_due(d, number, row);
}

static bool need_schedule(struct draft *d, uint32_t number, const struct machine_row *row)
{
    (void)row;
    return HAS(incident_object, this_one(d, number), scheduled_us) ||
           no(d, ERR_STATE, "scheduled_us", "no time is given");
}

static bool need_future(struct draft *d, uint32_t number, const struct machine_row *row)
{
    const struct incident_schedule *f = d->cmd->fields;
    (void)number;
    (void)row;
    return f->due_us > d->now_us || no(d, ERR_RANGE, "due_us", "it must lie in the future");
}

static bool is_target(const struct draft *d, uint32_t number)
{
    return d->cmd->object == number && d->cmd->kind == COMMAND_incident_dispatch;
}

static bool need_sending(struct draft *d, uint32_t number, const struct machine_row *row)
{
    const struct incident_dispatch *f = d->cmd->fields;
    (void)row;
    return (is_target(d, number) && !f->is_reserve) ||
           no(d, ERR_STATE, "is_reserve", "units are held, not sent");
}

static bool need_target(struct draft *d, uint32_t number, const struct machine_row *row)
{
    (void)row;
    return is_target(d, number) || no(d, ERR_STATE, NULL, "units are sent elsewhere");
}

static bool need_reserving(struct draft *d, uint32_t number, const struct machine_row *row)
{
    const struct incident_dispatch *f = d->cmd->fields;
    (void)row;
    return (is_target(d, number) && f->is_reserve) ||
           no(d, ERR_STATE, "is_reserve", "units are sent, not held");
}

/* A unit was taken away, declined or was cancelled, and it was the last one: wait again. */
static bool need_nobody_left(struct draft *d, uint32_t number, const struct machine_row *row)
{
    (void)row;
    return (!is_target(d, number) && incident_sent_count(d, this_one(d, number)) == 0) ||
           no(d, ERR_STATE, NULL, "another unit is still working it");
}

static bool need_on_scene(struct draft *d, uint32_t number, const struct machine_row *row)
{
    (void)row;
    return HAS(incident_object, this_one(d, number), on_scene_us) ||
           no(d, ERR_STATE, NULL, "no unit has been on scene");
}

/* Assignments that have not ended, of it and of all that was merged into it. */
static uint32_t live_count(const struct draft *d, uint32_t number)
{
    uint32_t todo[MAX_REFS + 1], n = 0, left = 1;
    todo[0] = number;
    while (left > 0) {
        const struct incident_object *o = this_one(d, todo[--left]);
        n += o ? o->assignments.count : 0;
        for (uint32_t i = 0; o && i < o->merged.count && left < MAX_REFS; i++)
            todo[left++] = o->merged.v[i];
    }
    return n;
}

static bool need_settled(struct draft *d, uint32_t number, const struct machine_row *row)
{
    const struct incident_close *f = d->cmd->fields;
    const struct incident_object *o = this_one(d, number);
    (void)row;
    if (!type_has_disposition(desk_type_document(d->desk, str_of(o->type)), f->disposition))
        return no(d, ERR_RANGE, "disposition", "it is not an outcome of this incident's type");
    return live_count(d, number) == 0 ||
           no(d, ERR_STATE, NULL, "assignments have not ended: clear or cancel them first");
}

static bool need_outcome(struct draft *d, uint32_t number, const struct machine_row *row)
{
    const struct incident_review *f = d->cmd->fields;
    (void)number;
    (void)row;
    return str_eq_c(f->outcome, "satisfied") || str_eq_c(f->outcome, "dissatisfied") ||
           str_eq_c(f->outcome, "unreachable") || str_eq_c(f->outcome, "not_called") ||
           no(d, ERR_RANGE, "outcome", "satisfied, dissatisfied, unreachable or not_called");
}

static bool need_body(struct draft *d, uint32_t number, const struct machine_row *row)
{
    const struct incident_transfer *f = d->cmd->fields;
    (void)row;
    if (!desk_by_code(d->desk, OBJECT_body, f->to_body))
        return no(d, ERR_RANGE, "to_body", "there is no body with this code");
    return this_one(d, number)->assignments.count == 0 ||
           no(d, ERR_STATE, NULL, "units are held for it: cancel them first");
}

static bool need_receipt(struct draft *d, uint32_t number, const struct machine_row *row)
{
    const struct incident_transfer *f = d->cmd->fields;
    const struct incident_object *o = this_one(d, number);
    (void)row;
    if (o->receipt[0] || !str_eq_c(f->to_body, o->to_body))
        return no(d, ERR_STATE, "to_body", "it went to another body, or has its receipt");
    return HAS(incident_transfer, f, receipt) || no(d, ERR_RANGE, "receipt", "who took it?");
}

static bool need_other_priority(struct draft *d, uint32_t number, const struct machine_row *row)
{
    const struct incident_prioritise *f = d->cmd->fields;
    (void)row;
    return f->priority != this_one(d, number)->priority ||
           no(d, ERR_RANGE, "priority", "it has this priority");
}

static bool need_higher_level(struct draft *d, uint32_t number, const struct machine_row *row)
{
    const struct incident_escalate *f = d->cmd->fields;
    (void)row;
    return f->level > this_one(d, number)->level ||
           no(d, ERR_RANGE, "level", "levels only rise: they add up");
}

/* Un-merge goes back to the stage that the incident came from. */
static bool need_origin(struct draft *d, uint32_t number, const struct machine_row *row)
{
    return this_one(d, number)->stage_before_merge == (enum incident_stage)row->to ||
           no(d, ERR_STATE, NULL, "it came from another stage");
}

static bool need_partner(struct draft *d, uint32_t number, const struct machine_row *row)
{
    const struct incident_merge *f = d->cmd->fields;
    const struct incident_object *into = this_one(d, f->into.v);
    (void)row;
    if (f->into.v == number || !incident_is_workable(into->stage))
        return no(d, ERR_STATE, "into", "the incident that stays must be another one, and open");
    if (into->is_exercise != this_one(d, number)->is_exercise)
        return no(d, ERR_STATE, "into", "exercises and real incidents stay apart");
    return into->merged.count < MAX_REFS || no(d, ERR_LIMIT, "into", "too many merged into it");
}

#define WAS(stage) ROW(STAGE(INCIDENT_MERGED), incident_unmerge, stage, need_origin)

static const struct machine_row rows[] = {
    ROW(STAGE(0), incident_create, INCIDENT_RECEIVED, nothing_needed),
    ROW(STAGE(INCIDENT_RECEIVED), incident_create, INCIDENT_SCHEDULED, need_schedule),
    ROW(STAGE(0), signal_confirm, INCIDENT_RECEIVED, nothing_needed),
    ROW(STAGE(INCIDENT_RECEIVED), incident_enter, INCIDENT_PENDING, need_complete),
    ROW(STAGE(INCIDENT_SCHEDULED), incident_enter, INCIDENT_PENDING, need_time),
    ROW(BEFORE_WORK, incident_schedule, INCIDENT_SCHEDULED, need_future),
    ROW(BEFORE_WORK, incident_dispatch, INCIDENT_OPEN, need_sending),
    ROW(BEFORE_WORK, incident_dispatch, STAGE_SAME, need_reserving),
    ROW(WORKED, incident_dispatch, STAGE_SAME, need_target),
    ROW(WORKED, incident_dispatch, INCIDENT_PENDING, need_nobody_left),
    ROW(BEFORE_WORK, assignment_send, INCIDENT_OPEN, nothing_needed),
    ROW(WORKED, assignment_send, STAGE_SAME, nothing_needed),
    ROW(WORKED, assignment_decline, INCIDENT_PENDING, need_nobody_left),
    ROW(WORKED, assignment_cancel, INCIDENT_PENDING, need_nobody_left),
    ROW(STAGE(INCIDENT_OPEN), incident_control, INCIDENT_CONTROLLED, need_on_scene),
    ROW(WORKABLE, incident_close, INCIDENT_CLOSED, need_settled),
    ROW(STAGE(INCIDENT_CLOSED), incident_review, INCIDENT_REVIEWED, need_outcome),
    ROW(STAGE(INCIDENT_CLOSED) | STAGE(INCIDENT_REVIEWED) | STAGE(INCIDENT_TRANSFERRED),
        incident_reopen, INCIDENT_REOPENED, nothing_needed),
    ROW(BEFORE_WORK, incident_transfer, INCIDENT_TRANSFERRED, need_body),
    ROW(STAGE(INCIDENT_TRANSFERRED), incident_transfer, INCIDENT_TRANSFERRED, need_receipt),
    ROW(WORKABLE, incident_merge, INCIDENT_MERGED, need_partner),
    WAS(INCIDENT_RECEIVED),
    WAS(INCIDENT_PENDING),
    WAS(INCIDENT_OPEN),
    WAS(INCIDENT_CONTROLLED),
    WAS(INCIDENT_SCHEDULED),
    WAS(INCIDENT_REOPENED),
    ROW(WORKABLE, incident_amend, STAGE_SAME, nothing_needed),
    ROW(WORKABLE, incident_triage, STAGE_SAME, nothing_needed),
    ROW(WORKABLE, incident_prioritise, STAGE_SAME, need_other_priority),
    ROW(WORKABLE | STAGE(INCIDENT_TRANSFERRED), incident_hear, STAGE_SAME, need_bell),
    ROW(WORKABLE, incident_escalate, STAGE_SAME, need_higher_level),
    ROW(ANY_STAGE, incident_note, STAGE_SAME, nothing_needed),
    ROW(ANY_STAGE, incident_state, STAGE_SAME, nothing_needed),
    ROW(ANY_STAGE, incident_attach, STAGE_SAME, nothing_needed),
    ROW(ANY_STAGE, incident_correct, STAGE_SAME, nothing_needed),
    ROW(WAITING | STAGE(INCIDENT_TRANSFERRED), incident_flag, STAGE_SAME, need_due),
};
const struct machine machine_incident = {OBJECT_incident, &enum_incident_stage, rows,
                                         sizeof rows / sizeof rows[0]};

void incident_take(struct draft *d, uint32_t incident, const struct machine_row *row,
                   const struct incident_move *more)
{
    if (row->to == STAGE_SAME)
        return;
    struct incident_move *move = DRAFT_NEW(d, incident_move);
    if (more)
        *move = *more;
    SET(incident_move, move, to, (enum incident_stage)row->to);
    draft_emit(d, EVENT_incident_moved, incident, move,
               draft_area_of(d, OBJECT_incident, incident));
}

enum err incident_step(struct draft *d, uint32_t incident, enum command_kind command,
                       const struct incident_move *more)
{
    const struct machine_row *row = machine_row(d, OBJECT_incident, incident, command);
    if (!row)
        return d->out.err;
    incident_take(d, incident, row, more);
    return OK;
}

void incident_follow(struct draft *d, uint32_t incident, enum command_kind command)
{
    const struct machine_row *row = machine_consequence(d, OBJECT_incident, incident, command);
    if (row)
        incident_take(d, incident, row, NULL);
}

enum err incident_decide_enter(struct draft *d)
{
    TRY(incident_step(d, d->cmd->object, COMMAND_incident_enter, NULL));
    incident_offer(d, d->cmd->object);
    return OK;
}

enum err incident_decide_control(struct draft *d)
{
    return incident_step(d, d->cmd->object, COMMAND_incident_control, NULL);
}

enum err incident_decide_close(struct draft *d)
{
    const struct incident_close *f = d->cmd->fields;
    struct incident_move more = {0};
    SET(incident_move, &more, disposition, f->disposition);
    if (HAS(incident_close, f, remark))
        SET(incident_move, &more, remark, f->remark);
    return incident_step(d, d->cmd->object, COMMAND_incident_close, &more);
}

enum err incident_decide_review(struct draft *d)
{
    const struct incident_review *f = d->cmd->fields;
    struct incident_move more = {0};
    SET(incident_move, &more, outcome, f->outcome);
    if (HAS(incident_review, f, remark))
        SET(incident_move, &more, remark, f->remark);
    return incident_step(d, d->cmd->object, COMMAND_incident_review, &more);
}

enum err incident_decide_reopen(struct draft *d)
{
    struct incident_move more = {0};
    SET(incident_move, &more, reason, ((const struct reason *)d->cmd->fields)->reason);
    return incident_step(d, d->cmd->object, COMMAND_incident_reopen, &more);
}

enum err incident_decide_transfer(struct draft *d)
{
    const struct incident_transfer *f = d->cmd->fields;
    struct incident_move more = {0};
    SET(incident_move, &more, to_body, f->to_body);
    SET(incident_move, &more, reason, f->reason);
    if (HAS(incident_transfer, f, receipt))
        SET(incident_move, &more, receipt, f->receipt);
    return incident_step(d, d->cmd->object, COMMAND_incident_transfer, &more);
}

enum err incident_decide_schedule(struct draft *d)
{
    const struct incident_schedule *f = d->cmd->fields;
    struct incident_move more = {0};
    SET(incident_move, &more, due_us, f->due_us);
    return incident_step(d, d->cmd->object, COMMAND_incident_schedule, &more);
}

/* Both histories stay where they are, and so do the assignments: a unit goes on working the
 * incident that it was sent to, and the one that stays cannot be closed before all of them have
 * ended. */
enum err incident_decide_merge(struct draft *d)
{
    const struct incident_merge *f = d->cmd->fields;
    struct incident_move more = {0};
    TRY(draft_must_have(d, OBJECT_incident, f->into.v, "into"));
    SET(incident_move, &more, into, f->into);
    if (HAS(incident_merge, f, reason))
        SET(incident_move, &more, reason, f->reason);
    return incident_step(d, d->cmd->object, COMMAND_incident_merge, &more);
}

enum err incident_decide_unmerge(struct draft *d)
{
    struct incident_move more = {0};
    SET(incident_move, &more, reason, ((const struct reason *)d->cmd->fields)->reason);
    return incident_step(d, d->cmd->object, COMMAND_incident_unmerge, &more);
}

enum err incident_decide_flag(struct draft *d)
{
    TRY(incident_step(d, d->cmd->object, COMMAND_incident_flag, NULL));
    draft_emit(d, EVENT_incident_flagged, d->cmd->object, d->cmd->fields,
               draft_area_of(d, OBJECT_incident, d->cmd->object));
    return OK;
}
