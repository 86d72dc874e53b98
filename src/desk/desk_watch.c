/* Whether all is well with who is there alone, and bells that are heard once for the whole room. */
#include "desk/watch.h"

#include "desk/machine.h"
#include "desk/parts.h"
#include "desk/types.h"

#define US_PER_S INT64_C(1000000)

/* ---- due ---- */

static uint32_t every_s(const struct desk *desk, const struct timing_install *timing,
                        const struct assignment_object *a)
{
    const struct incident_object *o = desk_incident(desk, a->incident);
    struct type_check_in rule = {.every_s = timing->check_s};
    if (o)
        (void)type_check_in(desk_type_document(desk, str_of(o->type)), &rule);
    return rule.is_in_company || HAS(assignment_object, a, alone_us) ? rule.every_s : 0;
}

int64_t watch_due(const struct desk *desk, const struct timing_install *timing,
                  const struct assignment_object *a, enum command_kind *ret_command)
{
    if (a->stage != ASSIGNMENT_ON_SCENE || HAS(assignment_object, a, missed_us))
        return 0;
    if (HAS(assignment_object, a, asked_us)) {
        *ret_command = COMMAND_assignment_miss;
        return timing->answer_s ? a->asked_us + timing->answer_s * US_PER_S : 0;
    }
    const uint32_t span_s = every_s(desk, timing, a);
    int64_t since_us = HAS(assignment_object, a, alone_us) ? a->alone_us : a->on_scene_us;
    if (a->checked_us > since_us)
        since_us = a->checked_us;
    *ret_command = COMMAND_assignment_ask;
    return span_s && since_us ? since_us + span_s * US_PER_S : 0;
}

/* ---- decide ---- */

bool need_asking(struct draft *d, uint32_t number, const struct machine_row *row)
{
    return d->cmd->actor.role != ROLE_TIMER || need_due(d, number, row);
}

bool need_bell(struct draft *d, uint32_t number, const struct machine_row *row)
{
    const bool is_incident = command_def(row->command)->object_kind == OBJECT_incident;
    if (is_incident ? HAS(incident_object, draft_incident(d, number), bell)
                    : HAS(assignment_object, draft_assignment(d, number), bell))
        return true;
    (void)draft_refuse(d, ERR_STATE, NULL, "nothing rings there");
    return false;
}

enum err assignment_decide_watch(struct draft *d)
{
    static const enum event_kind events[COMMAND_KIND_COUNT] = {
        [COMMAND_assignment_ask] = EVENT_assignment_asked,
        [COMMAND_assignment_check] = EVENT_assignment_checked,
        [COMMAND_assignment_miss] = EVENT_assignment_missed,
        [COMMAND_assignment_hear] = EVENT_assignment_heard,
    };
    if (!machine_row(d, OBJECT_assignment, d->cmd->object, d->cmd->kind))
        return d->out.err;
    draft_emit(d, events[d->cmd->kind], d->cmd->object, d->cmd->fields,
               draft_area_of(d, OBJECT_assignment, d->cmd->object));
    return OK;
}

enum err incident_decide_hear(struct draft *d)
{
    if (!machine_row(d, OBJECT_incident, d->cmd->object, COMMAND_incident_hear))
        return d->out.err;
    draft_emit(d, EVENT_incident_heard, d->cmd->object, d->cmd->fields,
               draft_area_of(d, OBJECT_incident, d->cmd->object));
    return OK;
}

/* ---- apply ---- */

void watch_company(struct ground *g, const struct incident_object *o, int64_t at_us)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < o->assignments.count; i++) {
        const struct assignment_object *a = ground_look(g, OBJECT_assignment, o->assignments.v[i]);
        count += a->stage == ASSIGNMENT_ON_SCENE ? 1 : 0;
    }
    for (uint32_t i = 0; i < o->assignments.count; i++) {
        const struct assignment_object *a = ground_look(g, OBJECT_assignment, o->assignments.v[i]);
        const bool is_alone = count == 1 && a->stage == ASSIGNMENT_ON_SCENE;
        if (is_alone == HAS(assignment_object, a, alone_us))
            continue;
        struct assignment_object *changed = ground_edit(g, OBJECT_assignment, o->assignments.v[i]);
        if (is_alone)
            SET(assignment_object, changed, alone_us, at_us);
        else
            CLEAR(assignment_object, changed, alone_us);
    }
}

void assignment_apply_asked(struct ground *g, const struct event *e)
{
    struct assignment_object *a = ground_edit(g, OBJECT_assignment, e->object);
    SET(assignment_object, a, asked_us, e->at_us);
    CLEAR(assignment_object, a, missed_us);
}

/* An answer that was given before the question came, and arrived late, does not answer it. */
void assignment_apply_checked(struct ground *g, const struct event *e)
{
    struct assignment_object *a = ground_edit(g, OBJECT_assignment, e->object);
    if (e->at_us >= a->checked_us) {
        SET(assignment_object, a, checked_us, e->at_us);
        SET(assignment_object, a, checked_by, e->actor);
    }
    if (e->at_us < a->asked_us)
        return;
    CLEAR(assignment_object, a, asked_us);
    CLEAR(assignment_object, a, missed_us);
    assignment_hush(a);
}

void assignment_apply_missed(struct ground *g, const struct event *e)
{
    struct assignment_object *a = ground_edit(g, OBJECT_assignment, e->object);
    SET(assignment_object, a, missed_us, e->at_us);
    assignment_ring(a, BELL_SAFETY, e);
}

/* ---- bells ---- */

static bool is_news(const struct event *e)
{
    return e->recorded_us - e->at_us <= BELL_NEWS_US;
}

void incident_hush(struct incident_object *o)
{
    CLEAR(incident_object, o, bell);
    CLEAR(incident_object, o, bell_us);
}

void incident_ring(struct incident_object *o, enum bell bell, const struct event *e)
{
    if (!is_news(e))
        return;
    SET(incident_object, o, bell, bell);
    SET(incident_object, o, bell_us, e->at_us);
}

void incident_ring_new(struct incident_object *o, const struct event *e)
{
    incident_ring(o, o->priority <= PRIORITY_P1 ? BELL_URGENT : BELL_NEW, e);
}

void assignment_hush(struct assignment_object *a)
{
    CLEAR(assignment_object, a, bell);
    CLEAR(assignment_object, a, bell_us);
}

void assignment_ring(struct assignment_object *a, enum bell bell, const struct event *e)
{
    if (!is_news(e))
        return;
    SET(assignment_object, a, bell, bell);
    SET(assignment_object, a, bell_us, e->at_us);
}

/* Who took note stands in the log. */
void assignment_apply_heard(struct ground *g, const struct event *e)
{
    assignment_hush(ground_edit(g, OBJECT_assignment, e->object));
}

void incident_apply_heard(struct ground *g, const struct event *e)
{
    incident_hush(ground_edit(g, OBJECT_incident, e->object));
}
