/* What must be in memory, what is due when, and what may be forgotten. */
#include "desk/incident.h"
#include "desk/parts.h"
#include "desk/watch.h"

/* ---- needs ---- */
struct need_list {
    const struct desk *desk;
    struct object_ref *refs;
    uint32_t count, cap;
};

/* Numbers are given out without gaps, so one up to the last exists, somewhere. */
static bool is_missing(const struct desk *desk, enum object_kind kind, uint32_t number)
{
    return number != 0 && number <= desk_last(desk, kind) && !desk_object(desk, kind, number);
}

static void need(struct need_list *list, enum object_kind kind, uint32_t number)
{
    if (!is_missing(list->desk, kind, number))
        return;
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->refs[i].kind == kind && list->refs[i].number == number)
            return;
    }
    if (list->count < list->cap)
        list->refs[list->count++] = (struct object_ref){kind, number};
}

static void need_refs(struct need_list *list, enum object_kind kind, const struct refs *refs)
{
    for (uint32_t i = 0; i < refs->count; i++)
        need(list, kind, refs->v[i]);
}

static void need_around_incident(struct need_list *list, uint32_t number)
{
    const struct incident_object *o = desk_object(list->desk, OBJECT_incident, number);
    if (!o)
        return;
    need(list, OBJECT_incident, o->merged_into.v);
    need_refs(list, OBJECT_incident, &o->merged);
    need_refs(list, OBJECT_assignment, &o->assignments);
    for (uint32_t i = 0; i < o->assignments.count; i++) {
        const struct assignment_object *a =
            desk_object(list->desk, OBJECT_assignment, o->assignments.v[i]);
        if (a)
            need(list, OBJECT_unit, a->unit.v);
    }
}

static void need_around_assignment(struct need_list *list, uint32_t number)
{
    const struct assignment_object *a = desk_object(list->desk, OBJECT_assignment, number);
    if (!a)
        return;
    need(list, OBJECT_unit, a->unit.v);
    need(list, OBJECT_incident, a->incident.v);
    need_around_incident(list, a->incident.v);
}

static void need_around_unit(struct need_list *list, uint32_t number)
{
    const struct unit_object *u = desk_object(list->desk, OBJECT_unit, number);
    if (!u)
        return;
    need(list, OBJECT_assignment, u->active.v);
    need_refs(list, OBJECT_assignment, &u->stacked);
    need_around_assignment(list, u->active.v);
    for (uint32_t i = 0; i < u->stacked.count; i++)
        need_around_assignment(list, u->stacked.v[i]);
}

static void need_around(struct need_list *list, enum object_kind kind, uint32_t number)
{
    need(list, kind, number);
    if (kind == OBJECT_signal && desk_object(list->desk, kind, number))
        need(list, OBJECT_incident,
             ((const struct signal_object *)desk_object(list->desk, kind, number))->incident.v);
    if (kind == OBJECT_incident)
        need_around_incident(list, number);
    if (kind == OBJECT_unit)
        need_around_unit(list, number);
    if (kind == OBJECT_assignment) {
        const struct assignment_object *a = desk_object(list->desk, kind, number);
        need_around_assignment(list, number);
        if (a)
            need_around_unit(list, a->unit.v);
    }
}

uint32_t desk_needs(const struct desk *desk, const struct command *command,
                    struct object_ref *ret_refs, uint32_t cap)
{
    struct need_list list = {desk, ret_refs, 0, cap};
    const struct command_def *def = command_def(command->kind);
    if (!def)
        return 0;
    need_around(&list, def->object_kind, command->object);
    for (uint32_t i = 0; i < def->fields->field_count; i++) {
        const struct field *f = &def->fields->fields[i];
        const void *member = (const char *)command->fields + f->offset;
        if (!record_has(def->fields, command->fields, f->offset))
            continue;
        if (f->type == FIELD_REF)
            need_around(&list, f->refers, *(const uint32_t *)member);
        for (uint32_t k = 0; f->type == FIELD_REFS && k < ((const struct refs *)member)->count; k++)
            need_around(&list, f->refers, ((const struct refs *)member)->v[k]);
    }
    return list.count;
}

/* ---- live ---- */
bool desk_is_live(const struct desk *desk, enum object_kind kind, uint32_t number)
{
    const void *object = desk_object(desk, kind, number);
    if (!object)
        return false;
    switch (kind) {
    case OBJECT_signal: {
        const struct signal_object *s = object;
        return s->stage == SIGNAL_NEW || s->stage == SIGNAL_VERIFYING;
    }
    case OBJECT_incident: {
        const struct incident_object *o = object;
        return incident_is_workable(o->stage) || o->assignments.count > 0 ||
               (o->stage == INCIDENT_TRANSFERRED && !HAS(incident_object, o, receipt));
    }
    case OBJECT_assignment:
        return assignment_is_live(((const struct assignment_object *)object)->stage);
    case OBJECT_call: {
        enum call_stage stage = ((const struct call_object *)object)->stage;
        return stage != CALL_ENDED && stage != CALL_BACK_DONE;
    }
    case OBJECT_session:
        return !((const struct session_object *)object)->is_closed;
    case OBJECT_closure:
        return !HAS(closure_object, (const struct closure_object *)object, lifted_us);
    case OBJECT_handover:
        return !HAS(handover_object, (const struct handover_object *)object, accepted_us);
    case OBJECT_hazard:
        return !HAS(hazard_object, (const struct hazard_object *)object, lifted_us);
    case OBJECT_emergency:
        return ((const struct emergency_object *)object)->stage != EMERGENCY_CLEARED;
    case OBJECT_notice:
        return !HAS(notice_object, (const struct notice_object *)object, withdrawn_us);
    case OBJECT_roster:
        return false;
    case OBJECT_unit:
    case OBJECT_post:
    case OBJECT_area:
    case OBJECT_body:
    case OBJECT_type:
    case OBJECT_plan:
    case OBJECT_user:
    case OBJECT_timing:
    case OBJECT_hazard_kind:
        return true;
    case OBJECT_NONE:
        break;
    }
    return false;
}

/* ---- due ---- */
struct due {
    int64_t at_us; /* 0: nothing */
    enum command_kind command;
};

static struct due flag_after(int64_t since_us, uint32_t span_s, enum command_kind command)
{
    return (struct due){span_s ? since_us + (int64_t)span_s * 1000000 : 0, command};
}

static uint32_t waiting_s(const struct timing_install *t, enum priority priority)
{
    const uint32_t spans[PRIORITY_COUNT] = {[PRIORITY_P0] = t->waiting_p0_s,
                                            [PRIORITY_P1] = t->waiting_p1_s,
                                            [PRIORITY_P2] = t->waiting_p2_s,
                                            [PRIORITY_P3] = t->waiting_p3_s,
                                            [PRIORITY_P4] = t->waiting_p4_s};
    return spans[priority];
}

/* A caller waits from the first call on, also when the unit was taken away; a planned incident
 * waits from its time on. */
static struct due incident_due(const struct timing_install *t, const struct incident_object *o)
{
    int64_t since_us = o->scheduled_us > o->received_us ? o->scheduled_us : o->received_us;
    if (o->stage == INCIDENT_SCHEDULED)
        return (struct due){o->scheduled_us, COMMAND_incident_enter};
    if (HAS(incident_object, o, overdue_us))
        return (struct due){0};
    if (o->stage == INCIDENT_TRANSFERRED && !HAS(incident_object, o, receipt))
        return flag_after(o->transferred_us, t->receipt_s, COMMAND_incident_flag);
    if (o->stage == INCIDENT_RECEIVED || o->stage == INCIDENT_PENDING ||
        o->stage == INCIDENT_REOPENED)
        return flag_after(since_us, waiting_s(t, o->priority), COMMAND_incident_flag);
    return (struct due){0};
}

static struct due closure_due(const struct closure_object *c)
{
    if (HAS(closure_object, c, lifted_us))
        return (struct due){0};
    if (!c->is_in_force)
        return (struct due){c->from_us, COMMAND_closure_start};
    return (struct due){c->until_us, COMMAND_closure_lift};
}

static struct due assignment_due(const struct desk *desk, const struct timing_install *t,
                                 const struct assignment_object *a)
{
    struct due due = {0};
    if (a->stage == ASSIGNMENT_SENT && !HAS(assignment_object, a, overdue_us))
        return flag_after(a->sent_us, t->unseen_s, COMMAND_assignment_flag);
    due.at_us = watch_due(desk, t, a, &due.command);
    return due;
}

/* Labels and notices end by themselves. */
static struct due ends_at(bool has_ended, int64_t until_us, enum command_kind command)
{
    return (struct due){has_ended ? 0 : until_us, command};
}

static struct due safety_due(const struct timing_install *t, enum object_kind kind,
                             const void *object)
{
    const struct emergency_object *e = object;
    const struct hazard_object *h = object;
    const struct notice_object *n = object;
    if (kind == OBJECT_emergency)
        return e->stage == EMERGENCY_RAISED && !HAS(emergency_object, e, overdue_us)
                   ? flag_after(e->pressed_us, t->emergency_s, COMMAND_emergency_flag)
                   : (struct due){0};
    if (kind == OBJECT_hazard)
        return ends_at(HAS(hazard_object, h, lifted_us), h->until_us, COMMAND_hazard_lift);
    if (kind == OBJECT_notice)
        return ends_at(HAS(notice_object, n, withdrawn_us), n->until_us, COMMAND_notice_withdraw);
    return (struct due){0};
}

static struct due due_of(const struct desk *desk, enum object_kind kind, uint32_t number)
{
    const void *object = desk_object(desk, kind, number);
    struct timing_install timing;
    if (!object)
        return (struct due){0};
    timing_in_force(desk, &timing);
    if (kind == OBJECT_signal) {
        const struct signal_object *o = object;
        return (struct due){o->stage == SIGNAL_NEW ? o->expires_us : 0, COMMAND_signal_expire};
    }
    if (kind == OBJECT_incident)
        return incident_due(&timing, object);
    if (kind == OBJECT_assignment)
        return assignment_due(desk, &timing, object);
    if (kind == OBJECT_unit) {
        const struct unit_object *u = object;
        return (struct due){u->readiness != READINESS_COMMITTED ? u->until_us : 0,
                            COMMAND_unit_sign_off};
    }
    if (kind == OBJECT_call) {
        const struct call_object *c = object;
        return c->stage == CALL_BACK_DUE && !HAS(call_object, c, overdue_us)
                   ? flag_after(c->ended_us, timing.call_back_s, COMMAND_call_flag)
                   : (struct due){0};
    }
    if (kind == OBJECT_session) {
        const struct session_object *o = object;
        return (struct due){o->is_closed ? 0 : o->expires_us, COMMAND_session_close};
    }
    return kind == OBJECT_closure ? closure_due(object) : safety_due(&timing, kind, object);
}

int64_t desk_due(const struct desk *desk, enum object_kind kind, uint32_t number)
{
    return due_of(desk, kind, number).at_us;
}

bool desk_due_command(const struct desk *desk, enum object_kind kind, uint32_t number,
                      struct command *ret_command)
{
    static const struct nothing no_fields = {0};
    static const struct reason until = {1, {"until", 5}}; /* bit of its one field */
    struct due due = due_of(desk, kind, number);
    if (due.at_us == 0)
        return false;
    *ret_command = (struct command){
        .kind = due.command,
        .actor = {.role = ROLE_TIMER},
        .object = number,
        .at_source = CLOCK_CORE,
        .fields =
            command_def(due.command)->fields == &record_reason ? (const void *)&until : &no_fields,
    };
    return true;
}
