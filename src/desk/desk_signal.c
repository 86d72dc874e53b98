/* Signals: anything that may need an answer, until a person has looked at it. A signal never
 * becomes an incident, and never sends a unit, by itself. */
#include "desk/incident.h"
#include "desk/types.h"

#include "desk/parts.h"

/* Somebody must have looked: feeds, timers and the public can raise, not settle. */
static bool need_person(struct draft *d, uint32_t number, const struct machine_row *row)
{
    (void)row;
    if (d->cmd->actor.user.v != 0)
        return true;
    (void)draft_refuse(d, ERR_DENIED, NULL, "%s is verified by a person",
                       draft_id(d, OBJECT_signal, number));
    return false;
}

static bool need_other_person(struct draft *d, uint32_t number, const struct machine_row *row)
{
    if (!need_person(d, number, row))
        return false;
    if (draft_signal(d, number)->verifier.v != d->cmd->actor.user.v)
        return true;
    (void)draft_refuse(d, ERR_STATE, NULL, "%s is yours already",
                       draft_id(d, OBJECT_signal, number));
    return false;
}

static bool no(struct draft *d, const char *why)
{
    (void)draft_refuse(d, ERR_STATE, NULL, "%s", why);
    return false;
}

/* Only what a citizen sent, and only where the type of what came of it says so. */
static bool need_publishable(struct draft *d, uint32_t number, const struct machine_row *row)
{
    const struct signal_object *s = draft_signal(d, number);
    const struct incident_object *o = draft_incident(d, s->incident.v);
    if (!need_person(d, number, row))
        return false;
    if (s->source != SOURCE_WEB)
        return no(d, "only reports from the public site are published");
    return (o && type_is_publishable(desk_type_document(d->desk, str_of(o->type)))) ||
           no(d, "reports of this type are not published");
}

static bool need_published(struct draft *d, uint32_t number, const struct machine_row *row)
{
    (void)row;
    return HAS(signal_object, draft_signal(d, number), published_us) ||
           no(d, "it is not published");
}

#define LOOKED_INTO (STAGE(SIGNAL_NEW) | STAGE(SIGNAL_VERIFYING))
static const struct machine_row rows[] = {
    ROW(STAGE(0), signal_raise, SIGNAL_NEW, nothing_needed),
    ROW(STAGE(SIGNAL_NEW), signal_claim, SIGNAL_VERIFYING, need_person),
    ROW(STAGE(SIGNAL_VERIFYING), signal_claim, SIGNAL_VERIFYING, need_other_person),
    ROW(LOOKED_INTO, signal_confirm, SIGNAL_CONFIRMED, need_person),
    ROW(LOOKED_INTO, signal_dismiss, SIGNAL_FALSE, need_person),
    ROW(LOOKED_INTO, signal_duplicate, SIGNAL_DUPLICATE, need_person),
    ROW(STAGE(SIGNAL_NEW), signal_expire, SIGNAL_EXPIRED, need_due),
    ROW(STAGE(SIGNAL_CONFIRMED), signal_publish, STAGE_SAME, need_publishable),
    ROW(STAGE(SIGNAL_CONFIRMED), signal_withdraw, STAGE_SAME, need_published),
};
const struct machine machine_signal = {OBJECT_signal, &enum_signal_stage, rows,
                                       sizeof rows / sizeof rows[0]};

static enum err signal_move(struct draft *d, enum command_kind command, struct signal_move *move)
{
    const struct machine_row *row = machine_row(d, OBJECT_signal, d->cmd->object, command);
    if (!row)
        return d->out.err;
    SET(signal_move, move, to, (enum signal_stage)row->to);
    draft_emit(d, EVENT_signal_moved, d->cmd->object, move,
               draft_area_of(d, OBJECT_signal, d->cmd->object));
    return OK;
}

/* Settling a new signal claims it first, so that one key is enough and the stamps are whole. */
static enum err signal_settle(struct draft *d, struct signal_move *move)
{
    if (draft_signal(d, d->cmd->object)->stage == SIGNAL_NEW)
        TRY(signal_move(d, COMMAND_signal_claim, DRAFT_NEW(d, signal_move)));
    return signal_move(d, d->cmd->kind, move);
}

enum err signal_decide_raise(struct draft *d)
{
    const struct signal_raise *f = d->cmd->fields;
    if (HAS(signal_raise, f, category) && !desk_type_document(d->desk, f->category).node)
        return draft_refuse(d, ERR_RANGE, "category", "there is no such incident type");
    TRY(draft_number(d, OBJECT_signal, &d->out.object.number));
    if (!machine_row(d, OBJECT_signal, 0, COMMAND_signal_raise))
        return d->out.err;
    draft_emit(d, EVENT_signal_raised, d->out.object.number, f, d->cmd->area);
    return OK;
}

enum err signal_decide_claim(struct draft *d)
{
    return signal_move(d, COMMAND_signal_claim, DRAFT_NEW(d, signal_move));
}

enum err signal_decide_expire(struct draft *d)
{
    return signal_move(d, COMMAND_signal_expire, DRAFT_NEW(d, signal_move));
}

enum err signal_decide_dismiss(struct draft *d)
{
    const struct reason *f = d->cmd->fields;
    struct signal_move *move = DRAFT_NEW(d, signal_move);
    SET(signal_move, move, reason, f->reason);
    return signal_settle(d, move);
}

enum err signal_decide_duplicate(struct draft *d)
{
    const struct signal_duplicate *f = d->cmd->fields;
    struct signal_move *move = DRAFT_NEW(d, signal_move);
    TRY(draft_must_have(d, OBJECT_signal, f->of.v, "of"));
    const struct signal_object *stays = draft_signal(d, f->of.v);
    if (f->of.v == d->cmd->object || stays->stage == SIGNAL_DUPLICATE)
        return draft_refuse(d, ERR_RANGE, "of",
                            "the signal that stays is another one, no duplicate");
    SET(signal_move, move, duplicate_of, f->of);
    if (HAS(signal_object, stays, incident)) {
        SET(signal_move, move, incident, stays->incident);
    }
    return signal_settle(d, move);
}

static enum err signal_incident(struct draft *d, const struct signal_object *s,
                                const struct signal_confirm *f, uint32_t *ret_incident)
{
    struct incident_create *c = DRAFT_NEW(d, incident_create);
    c->type = HAS(signal_confirm, f, type) ? f->type : str_of(s->category);
    c->source = s->source;
    c->signal.v = d->cmd->object;
    SET_HAS(incident_create, c, type);
    SET_HAS(incident_create, c, source);
    SET_HAS(incident_create, c, signal);
    if (HAS(signal_confirm, f, priority)) {
        SET(incident_create, c, priority, f->priority);
    }
    if (HAS(signal_object, s, words)) {
        SET(incident_create, c, words, s->words);
    }
    if (HAS(signal_object, s, address)) {
        SET(incident_create, c, address, arena_dup(d->arena, str_of(s->address)));
    }
    if (HAS(signal_object, s, place)) {
        SET(incident_create, c, chosen, s->place);
    }
    if (HAS(signal_object, s, accuracy_m)) {
        SET(incident_create, c, chosen_accuracy_m, s->accuracy_m);
    }
    c->type = arena_dup(d->arena, c->type);
    return incident_receive(d, c, s->area, ret_incident);
}

enum err signal_decide_confirm(struct draft *d)
{
    const struct signal_confirm *f = d->cmd->fields;
    struct signal_move *move = DRAFT_NEW(d, signal_move);
    const struct signal_object *s = draft_signal(d, d->cmd->object);
    if (!(STAGE(s->stage) & LOOKED_INTO))
        return signal_settle(d, move);
    if (HAS(signal_confirm, f, incident)) {
        TRY(draft_must_have(d, OBJECT_incident, f->incident.v, "incident"));
        if (!incident_is_workable(draft_incident(d, f->incident.v)->stage))
            return draft_refuse(d, ERR_STATE, "incident", "%s is not open any more",
                                draft_id(d, OBJECT_incident, f->incident.v));
        move->incident = f->incident;
    } else {
        TRY(signal_incident(d, s, f, &move->incident.v));
    }
    SET_HAS(signal_move, move, incident);
    return signal_settle(d, move);
}

static enum err signal_say(struct draft *d, enum event_kind event)
{
    if (!machine_row(d, OBJECT_signal, d->cmd->object, d->cmd->kind))
        return d->out.err;
    draft_emit(d, event, d->cmd->object, d->cmd->fields,
               draft_area_of(d, OBJECT_signal, d->cmd->object));
    return OK;
}

enum err signal_decide_publish(struct draft *d)
{
    return signal_say(d, EVENT_signal_published);
}

enum err signal_decide_withdraw(struct draft *d)
{
    return signal_say(d, EVENT_signal_withdrawn);
}

/* Published again: the new words replace the old ones, the first time stays. */
void signal_apply_published(struct ground *g, const struct event *e)
{
    const struct signal_publish *f = e->fields;
    struct signal_object *s = ground_edit(g, OBJECT_signal, e->object);
    CHARS_SET(s->public_text, f->text);
    SET_HAS(signal_object, s, public_text);
    STAMP(signal_object, s, published_us, e->at_us);
    SET(signal_object, s, publisher, e->actor);
}

void signal_apply_withdrawn(struct ground *g, const struct event *e)
{
    struct signal_object *s = ground_edit(g, OBJECT_signal, e->object);
    CLEAR(signal_object, s, public_text);
    CLEAR(signal_object, s, published_us);
    CLEAR(signal_object, s, publisher);
}

void signal_apply_raised(struct ground *g, const struct event *e)
{
    const struct signal_raise *f = e->fields;
    struct signal_object *s = ground_make(g, OBJECT_signal, e->object);
    ground_copy(g, &record_signal_raise, f, &record_signal_object, s);
    s->stage = SIGNAL_NEW;
    s->raised_us = e->at_us;
    SET_HAS(signal_object, s, stage);
    SET_HAS(signal_object, s, raised_us);
    if (e->area.v) {
        SET(signal_object, s, area, e->area);
    }
    if (HAS(signal_raise, f, expires_s)) {
        SET(signal_object, s, expires_us, e->at_us + (int64_t)f->expires_s * 1000000);
    }
}

void signal_apply_moved(struct ground *g, const struct event *e)
{
    const struct signal_move *f = e->fields;
    struct signal_object *s = ground_edit(g, OBJECT_signal, e->object);
    ground_copy(g, &record_signal_move, f, &record_signal_object, s);
    s->stage = f->to;
    if (f->to == SIGNAL_VERIFYING) {
        SET(signal_object, s, verifier, e->actor);
        STAMP(signal_object, s, verifying_us, e->at_us);
    } else {
        SET(signal_object, s, settled_us, e->at_us);
    }
}
