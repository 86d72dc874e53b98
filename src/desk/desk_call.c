/* Telephone calls: no call is lost. One that was dropped or silent becomes a call-back task. */
#include "desk/incident.h"
#include "desk/parts.h"

static bool need_silence(struct draft *d, uint32_t number, const struct machine_row *row)
{
    const struct call_end *f = d->cmd->fields;
    (void)number;
    (void)row;
    if (f->is_silent)
        return true;
    (void)draft_refuse(d, ERR_STATE, "is_silent", "somebody spoke");
    return false;
}

static bool need_new_ref(struct draft *d, uint32_t number, const struct machine_row *row)
{
    const struct call_ring *f = d->cmd->fields;
    const struct call_object *other =
        draft_call(d, desk_by_code(d->desk, OBJECT_call, f->external_ref));
    (void)number;
    (void)row;
    if (!other || (other->stage != CALL_RINGING && other->stage != CALL_TALKING))
        return true;
    (void)draft_refuse(d, ERR_EXISTS, "external_ref", "this call is on the board");
    return false;
}

static bool need_outcome(struct draft *d, uint32_t number, const struct machine_row *row)
{
    const struct call_back *f = d->cmd->fields;
    (void)number;
    (void)row;
    if (str_eq_c(f->outcome, "incident") && !HAS(call_back, f, incident)) {
        (void)draft_refuse(d, ERR_RANGE, "incident", "which incident came of it?");
        return false;
    }
    if (str_eq_c(f->outcome, "reached") || str_eq_c(f->outcome, "unreachable") ||
        str_eq_c(f->outcome, "mistake") || str_eq_c(f->outcome, "incident"))
        return true;
    (void)draft_refuse(d, ERR_RANGE, "outcome", "reached, unreachable, mistake or incident");
    return false;
}

static const struct machine_row rows[] = {
    ROW(STAGE(0), call_ring, CALL_RINGING, need_new_ref),
    ROW(STAGE(CALL_RINGING), call_answer, CALL_TALKING, nothing_needed),
    ROW(STAGE(CALL_RINGING), call_end, CALL_BACK_DUE, nothing_needed),
    ROW(STAGE(CALL_TALKING), call_end, CALL_BACK_DUE, need_silence),
    ROW(STAGE(CALL_TALKING), call_end, CALL_ENDED, nothing_needed),
    ROW(STAGE(CALL_BACK_DUE), call_back, CALL_BACK_DONE, need_outcome),
    ROW(STAGE(CALL_BACK_DUE), call_flag, STAGE_SAME, need_due),
};
const struct machine machine_call = {OBJECT_call, &enum_call_stage, rows,
                                     sizeof rows / sizeof rows[0]};

static enum err call_step(struct draft *d, struct call_move *move)
{
    const struct machine_row *row = machine_row(d, OBJECT_call, d->cmd->object, d->cmd->kind);
    if (!row)
        return d->out.err;
    SET(call_move, move, to, (enum call_stage)row->to);
    draft_emit(d, EVENT_call_moved, d->cmd->object, move,
               draft_area_of(d, OBJECT_call, d->cmd->object));
    return OK;
}

enum err call_decide_ring(struct draft *d)
{
    TRY(draft_number(d, OBJECT_call, &d->out.object.number));
    if (!machine_row(d, OBJECT_call, 0, COMMAND_call_ring))
        return d->out.err;
    draft_emit(d, EVENT_call_rang, d->out.object.number, d->cmd->fields, d->cmd->area);
    return OK;
}

enum err call_decide_answer(struct draft *d)
{
    return call_step(d, DRAFT_NEW(d, call_move));
}

enum err call_decide_end(struct draft *d)
{
    struct call_move *move = DRAFT_NEW(d, call_move);
    if (((const struct call_end *)d->cmd->fields)->is_silent)
        SET(call_move, move, is_silent, true);
    return call_step(d, move);
}

enum err call_decide_back(struct draft *d)
{
    const struct call_back *f = d->cmd->fields;
    struct call_move *move = DRAFT_NEW(d, call_move);
    if (HAS(call_back, f, incident)) {
        TRY(draft_must_have(d, OBJECT_incident, f->incident.v, "incident"));
        SET(call_move, move, incident, f->incident);
    }
    SET(call_move, move, outcome, f->outcome);
    return call_step(d, move);
}

enum err call_decide_flag(struct draft *d)
{
    if (!machine_row(d, OBJECT_call, d->cmd->object, COMMAND_call_flag))
        return d->out.err;
    draft_emit(d, EVENT_call_flagged, d->cmd->object, d->cmd->fields,
               draft_area_of(d, OBJECT_call, d->cmd->object));
    return OK;
}

void call_apply_rang(struct ground *g, const struct event *e)
{
    struct call_object *c = ground_make(g, OBJECT_call, e->object);
    ground_copy(g, &record_call_ring, e->fields, &record_call_object, c);
    SET(call_object, c, stage, CALL_RINGING);
    SET(call_object, c, ringing_us, e->at_us);
    if (e->area.v)
        SET(call_object, c, area, e->area);
}

void call_apply_moved(struct ground *g, const struct event *e)
{
    const struct call_move *f = e->fields;
    struct call_object *c = ground_edit(g, OBJECT_call, e->object);
    ground_copy(g, &record_call_move, f, &record_call_object, c);
    c->stage = f->to;
    CLEAR(call_object, c, overdue_us);
    switch (f->to) {
    case CALL_TALKING:
        STAMP(call_object, c, answered_us, e->at_us);
        SET(call_object, c, answerer, e->actor);
        break;
    case CALL_ENDED:
    case CALL_BACK_DUE:
        STAMP(call_object, c, ended_us, e->at_us);
        break;
    case CALL_BACK_DONE:
        STAMP(call_object, c, called_back_us, e->at_us);
        break;
    case CALL_STAGE_NONE:
    case CALL_RINGING:
    case CALL_STAGE_COUNT:
        break;
    }
}

void call_apply_flagged(struct ground *g, const struct event *e)
{
    struct call_object *c = ground_edit(g, OBJECT_call, e->object);
    SET(call_object, c, overdue_us, e->at_us);
}
