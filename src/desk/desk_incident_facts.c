/* Incidents: facts that are added to one - creation, amendment, triage, notes, corrections. */
#include "desk/incident.h"
#include "desk/parts.h"
#include "desk/types.h"

/* The plan that a proposal leads to: the one it names if it is installed, else the one whose
 * trigger fits. Empty: none. */
static struct str plan_of(struct draft *d, const struct type_proposal *proposal, struct str type,
                          enum priority priority, struct area_id area)
{
    if (desk_plan_document(d->desk, proposal->plan).node)
        return proposal->plan;
    return desk_plan_for(d->desk, type, priority, area, d->now_us);
}

static enum err propose(struct draft *d, struct json type, struct str answers_text,
                        struct type_proposal *ret_proposal)
{
    struct json answers = {0};
    struct str question = {0};
    if (answers_text.len > 0 && json_read(answers_text, &answers, NULL) != OK)
        return draft_refuse(d, ERR_SYNTAX, "answers", "not JSON");
    enum err err = type_propose(type, answers, ret_proposal, &question);
    if (err != OK)
        (void)draft_refuse(d, err, "answers", "question " STR_FMT ": no such question or answer",
                           STR_ARG(question));
    ret_proposal->plan = arena_dup(d->arena, ret_proposal->plan);
    json_free(answers);
    return err;
}

static enum err overrule(struct draft *d, bool is_overruled, bool has_reason)
{
    return !is_overruled || has_reason
               ? OK
               : draft_refuse(d, ERR_RANGE, "reason", "say why the answers are overruled");
}

static enum err complete(struct draft *d, struct incident_create *f, struct area_id area)
{
    struct json type = desk_type_document(d->desk, f->type);
    struct type_proposal proposal;
    if (!type.node)
        return draft_refuse(d, ERR_RANGE, "type", "there is no such incident type");
    bool is_asked = HAS(incident_create, f, answers);
    TRY(propose(d, type, is_asked ? f->answers : (struct str){0}, &proposal));
    if (HAS(incident_create, f, priority) && is_asked)
        TRY(overrule(d, f->priority != proposal.priority, HAS(incident_create, f, reason)));
    if (!HAS(incident_create, f, priority))
        SET(incident_create, f, priority, proposal.priority);
    CLEAR(incident_create, f, proposed_priority);
    CLEAR(incident_create, f, plan);
    if (is_asked)
        SET(incident_create, f, proposed_priority, proposal.priority);
    struct str plan = plan_of(d, &proposal, f->type, f->priority, area);
    if (plan.len > 0)
        SET(incident_create, f, plan, plan);
    SET(incident_create, f, type_version, (uint32_t)json_int(json_get(type, "version")));
    return OK;
}

enum err incident_receive(struct draft *d, struct incident_create *fields, struct area_id area,
                          uint32_t *ret_number)
{
    TRY(complete(d, fields, area));
    TRY(draft_number(d, OBJECT_incident, ret_number));
    if (!machine_row(d, OBJECT_incident, 0, d->cmd->kind))
        return d->out.err;
    draft_emit(d, EVENT_incident_received, *ret_number, fields, area);
    return OK;
}

enum err incident_decide_create(struct draft *d)
{
    struct incident_create *f = draft_copy_fields(d);
    if (HAS(incident_create, f, call))
        TRY(draft_must_have(d, OBJECT_call, f->call.v, "call"));
    if (HAS(incident_create, f, signal))
        TRY(draft_must_have(d, OBJECT_signal, f->signal.v, "signal"));
    if (HAS(incident_create, f, scheduled_us) && f->scheduled_us <= d->now_us)
        return draft_refuse(d, ERR_RANGE, "scheduled_us", "it must lie in the future");
    TRY(incident_receive(d, f, d->cmd->area, &d->out.object.number));
    incident_follow(d, d->out.object.number, COMMAND_incident_create);
    return OK;
}

static enum err may(struct draft *d)
{
    return machine_row(d, OBJECT_incident, d->cmd->object, d->cmd->kind) ? OK : d->out.err;
}

enum err incident_decide_amend(struct draft *d)
{
    struct incident_amend *f = draft_copy_fields(d);
    const struct incident_object *o = draft_incident(d, d->cmd->object);
    struct area_id area = o->area;
    TRY(may(d));
    CLEAR(incident_amend, f, plan);
    CLEAR(incident_amend, f, type_version);
    if (f->has == 0)
        return draft_refuse(d, ERR_RANGE, NULL, "nothing is amended");
    if (HAS(incident_amend, f, verified) ||
        (HAS(incident_amend, f, chosen) && !HAS(incident_object, o, verified)))
        area = d->cmd->area;
    if (HAS(incident_amend, f, type)) {
        struct json type = desk_type_document(d->desk, f->type);
        struct type_proposal proposal;
        if (!type.node)
            return draft_refuse(d, ERR_RANGE, "type", "there is no such incident type");
        TRY(propose(d, type, (struct str){0}, &proposal));
        struct str plan = plan_of(d, &proposal, f->type, o->priority, area);
        if (plan.len > 0)
            SET(incident_amend, f, plan, plan);
        SET(incident_amend, f, type_version, (uint32_t)json_int(json_get(type, "version")));
    }
    draft_emit(d, EVENT_incident_amended, d->cmd->object, f, area);
    return OK;
}

enum err incident_decide_triage(struct draft *d)
{
    struct incident_triage *f = draft_copy_fields(d);
    const struct incident_object *o = draft_incident(d, d->cmd->object);
    struct type_proposal proposal;
    TRY(may(d));
    TRY(propose(d, desk_type_document(d->desk, str_of(o->type)), f->answers, &proposal));
    SET(incident_triage, f, proposed_priority, proposal.priority);
    struct str plan = plan_of(d, &proposal, str_of(o->type), proposal.priority, o->area);
    CLEAR(incident_triage, f, proposed_plan);
    if (plan.len > 0)
        SET(incident_triage, f, proposed_plan, plan);
    if (HAS(incident_triage, f, plan) && !desk_plan_document(d->desk, f->plan).node)
        return draft_refuse(d, ERR_RANGE, "plan", "there is no such plan");
    bool is_overruled = (HAS(incident_triage, f, priority) && f->priority != proposal.priority) ||
                        (HAS(incident_triage, f, plan) && !str_eq(f->plan, plan));
    TRY(overrule(d, is_overruled, HAS(incident_triage, f, reason)));
    draft_emit(d, EVENT_incident_triaged, d->cmd->object, f, o->area);
    return OK;
}

static enum err add_as(struct draft *d, enum event_kind event)
{
    TRY(may(d));
    draft_emit(d, event, d->cmd->object, d->cmd->fields,
               draft_area_of(d, OBJECT_incident, d->cmd->object));
    return OK;
}

enum err incident_decide_prioritise(struct draft *d)
{
    return add_as(d, EVENT_incident_prioritised);
}

enum err incident_decide_escalate(struct draft *d)
{
    return add_as(d, EVENT_incident_escalated);
}

enum err incident_decide_add(struct draft *d)
{
    return add_as(d, d->cmd->kind == COMMAND_incident_note    ? EVENT_incident_noted
                     : d->cmd->kind == COMMAND_incident_state ? EVENT_incident_stated
                                                              : EVENT_incident_attached);
}

static const char *const incident_stamps[] = {"received_us",     "entered_us",    "dispatched_us",
                                              "acknowledged_us", "en_route_us",   "on_scene_us",
                                              "cleared_us",      "controlled_us", "closed_us",
                                              "reviewed_us",     "transferred_us"};
static const char *const assignment_stamps[] = {"reserved_us", "offered_us",  "sent_us",
                                                "seen_us",     "en_route_us", "staged_us",
                                                "on_scene_us", "ended_us"};

static bool is_one_of(struct str name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq_c(name, names[i]))
            return true;
    }
    return false;
}

enum err incident_decide_correct(struct draft *d)
{
    const struct incident_correct *f = d->cmd->fields;
    bool is_known;
    if (HAS(incident_correct, f, assignment)) {
        TRY(draft_must_have(d, OBJECT_assignment, f->assignment.v, "assignment"));
        if (draft_assignment(d, f->assignment.v)->incident.v != d->cmd->object)
            return draft_refuse(d, ERR_RANGE, "assignment", "it is of another incident");
        is_known = is_one_of(f->stamp, assignment_stamps,
                             sizeof assignment_stamps / sizeof assignment_stamps[0]);
    } else {
        is_known = is_one_of(f->stamp, incident_stamps,
                             sizeof incident_stamps / sizeof incident_stamps[0]);
    }
    if (!is_known)
        return draft_refuse(d, ERR_RANGE, "stamp", "it is not the name of a stamp");
    if (f->value_us <= 0 || f->value_us > d->now_us + DESK_FUTURE_US)
        return draft_refuse(d, ERR_RANGE, "value_us", "it lies in the future");
    return add_as(d, EVENT_incident_corrected);
}
