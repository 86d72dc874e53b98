#include "access/policy.h"

#define READ_OF(number, name) [number] = ACTION_##name##_read,
static const enum access_action reads[OBJECT_KIND_COUNT] = {OBJECT_KINDS(READ_OF)};

enum access_action access_of_command(enum command_kind kind)
{
    return command_def(kind) ? (enum access_action)kind : ACTION_NONE;
}

enum access_action access_of_read(enum object_kind kind)
{
    return (unsigned)kind < OBJECT_KIND_COUNT ? reads[kind] : ACTION_NONE;
}

enum access_action access_of_personal(enum object_kind kind)
{
    if (kind == OBJECT_signal)
        return ACTION_signal_personal;
    if (kind == OBJECT_incident)
        return ACTION_incident_personal;
    if (kind == OBJECT_assignment)
        return ACTION_assignment_personal;
    if (kind == OBJECT_call)
        return ACTION_call_personal;
    return kind == OBJECT_handover ? ACTION_handover_personal : ACTION_NONE;
}

static const struct access_rule *rule_of(enum role role, enum access_action action)
{
    const struct access_rule *rule = access_rules(action);
    if (!rule || (unsigned)role >= ROLE_COUNT)
        return NULL;
    for (; rule->roles; rule++) {
        if (rule->roles & (1u << role))
            return rule;
    }
    return NULL;
}

bool access_has(enum role role, enum access_action action)
{
    return rule_of(role, action) != NULL;
}

/* These look at work that is going on; the others also look back at what is over. */
static bool is_for_open_work(enum purpose purpose)
{
    return purpose == PURPOSE_DISPATCH || purpose == PURPOSE_VERIFY || purpose == PURPOSE_HANDOVER;
}

/* Unassigned objects belong to the top level: to who has no area, or one without a parent. */
static bool is_top(struct area_id area, const struct scope_trees *trees)
{
    return area.v < trees->areas.count && trees->areas.parents[area.v] == 0;
}

/* Kinds that a role reads because of what it is, and not one by one: these the log tells of. */
static uint32_t kinds_read(enum role role)
{
    uint32_t kinds = 0;
    for (unsigned k = 1; k < OBJECT_KIND_COUNT; k++) {
        const struct access_rule *rule = rule_of(role, reads[k]);
        if (rule && !(rule->bounds & BOUND_SELF))
            kinds |= 1u << k;
    }
    return kinds;
}

struct scope access_scope(const struct actor *actor, enum access_action action,
                          enum purpose purpose, const struct scope_trees *trees)
{
    const struct access_rule *rule = rule_of(actor->role, action);
    struct scope scope = {.is_none = true};
    if (!rule)
        return scope;
    if (rule->purposes != 0 && ((unsigned)purpose >= PURPOSE_COUNT || purpose == PURPOSE_NONE ||
                                !(rule->purposes & (1u << purpose))))
        return scope;
    scope.is_none = false;
    scope.by_kind = action == ACTION_log_read;
    scope.kinds = scope.by_kind ? kinds_read(actor->role) : 0;
    scope.by_class = true;
    scope.max_class = rule->purposes != 0 ? DATA_PERSONAL : DATA_DUTY;
    scope.by_open = rule->purposes != 0 && is_for_open_work(purpose);
    if (rule->bounds & BOUND_AREA && actor->area.v != 0) {
        scope.by_area = true;
        scope.area = actor->area;
        scope.with_no_area = is_top(actor->area, trees);
    }
    if (!(rule->bounds & (BOUND_ACROSS | BOUND_UNIT | BOUND_SELF))) {
        scope.by_body = true;
        scope.body = actor->body;
        scope.with_no_body = !(rule->bounds & BOUND_OFFICE);
    }
    if (rule->bounds & BOUND_UNIT) {
        scope.by_unit = true;
        scope.unit = actor->unit;
    }
    if (rule->bounds & BOUND_SELF) {
        scope.by_user = true;
        scope.user = actor->user;
    }
    return scope;
}

enum err access_may(const struct actor *actor, enum access_action action,
                    const struct envelope *object, enum purpose purpose,
                    const struct scope_trees *trees)
{
    struct scope scope = access_scope(actor, action, purpose, trees);
    if (!object)
        return scope.is_none ? ERR_DENIED : OK;
    if (scope_holds(&scope, trees, object))
        return OK;
    struct scope seen = access_scope(actor, access_of_read(object->kind), PURPOSE_NONE, trees);
    struct envelope plain = *object;
    plain.data_class = DATA_NONE;
    return scope_holds(&seen, trees, &plain) ? ERR_DENIED : ERR_NOT_FOUND;
}
