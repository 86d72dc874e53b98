#include "desk/types.h"

#include "base/utc.h"
#include "desk/pool.h"

static struct json document_of(const struct desk *desk, enum object_kind kind, struct str code)
{
    uint32_t number = desk_by_code(desk, kind, code);
    struct slot *slot = pool_find(&desk->pools[kind], number);
    return slot ? slot->document : (struct json){0};
}

struct json desk_type_document(const struct desk *desk, struct str code)
{
    return document_of(desk, OBJECT_type, code);
}

struct json desk_plan_document(const struct desk *desk, struct str code)
{
    return document_of(desk, OBJECT_plan, code);
}

static struct json by_code(struct json list, struct str code)
{
    for (size_t i = 0; i < json_count(list); i++) {
        if (str_eq(json_text(json_get(json_at(list, i), "code")), code))
            return json_at(list, i);
    }
    return (struct json){0};
}

bool type_check_in(struct json type, struct type_check_in *io_rule)
{
    struct json rule = json_get(type, "check_in");
    if (!rule.node)
        return false;
    io_rule->every_s = (uint32_t)json_int(json_get(rule, "every_s"));
    io_rule->is_in_company = json_is_true(json_get(rule, "is_in_company"));
    return true;
}

bool type_is_publishable(struct json type)
{
    return json_is_true(json_get(type, "is_publishable"));
}

bool type_has_disposition(struct json type, struct str code)
{
    struct json item = by_code(json_get(type, "dispositions"), code);
    return item.node && !json_is_true(json_get(item, "is_retired"));
}

static bool is_allowed(struct json question, struct json answer)
{
    struct str kind = json_text(json_get(question, "kind"));
    if (json_type(answer) != JSON_TEXT)
        return false;
    if (str_eq_c(kind, "text"))
        return true;
    if (str_eq_c(kind, "yes_no"))
        return str_eq_c(json_text(answer), "yes") || str_eq_c(json_text(answer), "no");
    return by_code(json_get(question, "options"), json_text(answer)).node != NULL;
}

/* The most urgent rule wins, and among equally urgent ones the first; a rule without a priority has
 * that of the type. */
static void follow_rules(struct json question, struct str answer, enum priority own,
                         struct type_proposal *io_ruled)
{
    struct json rules = json_get(question, "rules");
    for (size_t i = 0; i < json_count(rules); i++) {
        struct json rule = json_at(rules, i), plan = json_get(rule, "plan");
        if (!str_eq(json_text(json_get(rule, "answer")), answer))
            continue;
        enum priority p =
            (enum priority)enum_value(&enum_priority, json_text(json_get(rule, "priority")));
        if (p == PRIORITY_NONE)
            p = own;
        if (io_ruled->priority != PRIORITY_NONE && p >= io_ruled->priority)
            continue;
        io_ruled->priority = p;
        if (plan.node)
            io_ruled->plan = json_text(plan);
    }
}

enum err type_propose(struct json type, struct json answers, struct type_proposal *ret_proposal,
                      struct str *ret_question)
{
    struct json questions = json_get(type, "questions");
    struct type_proposal proposal = {
        (enum priority)enum_value(&enum_priority, json_text(json_get(type, "priority"))),
        json_text(json_get(type, "plan"))};
    struct type_proposal ruled = {PRIORITY_NONE, proposal.plan};
    if (answers.node && json_type(answers) != JSON_MAP)
        return ERR_RANGE;
    for (struct json_iter it = json_iter(answers); it.key; json_next(&it)) {
        struct json question = by_code(questions, str_of(it.key));
        if (!question.node || !is_allowed(question, it.value)) {
            *ret_question = str_of(it.key);
            return ERR_RANGE;
        }
    }
    for (size_t i = 0; i < json_count(questions); i++) {
        struct str code = json_text(json_get(json_at(questions, i), "code"));
        for (struct json_iter it = json_iter(answers); it.key; json_next(&it)) {
            if (str_eq_c(code, it.key))
                follow_rules(json_at(questions, i), json_text(it.value), proposal.priority, &ruled);
        }
    }
    *ret_proposal = ruled.priority != PRIORITY_NONE ? ruled : proposal;
    return OK;
}

static bool same_need(const struct plan_need *a, const struct plan_need *b)
{
    if (!str_eq(a->capability, b->capability) || a->min_crew != b->min_crew ||
        a->substitute_count != b->substitute_count)
        return false;
    for (uint32_t i = 0; i < a->substitute_count; i++) {
        if (!str_eq(a->substitutes[i], b->substitutes[i]))
            return false;
    }
    return true;
}

static struct plan_need need_of(struct json v)
{
    struct json substitutes = json_get(v, "substitutes");
    struct plan_need need = {.capability = json_text(json_get(v, "capability")),
                             .count = (uint32_t)json_int(json_get(v, "count")),
                             .min_crew = (uint32_t)json_int(json_get(v, "min_crew"))};
    for (size_t i = 0; i < json_count(substitutes) && i < MAX_PLAN_SUBSTITUTES; i++)
        need.substitutes[need.substitute_count++] = json_text(json_at(substitutes, i));
    return need;
}

enum err desk_plan_needs(const struct desk *desk, struct str plan, uint32_t level,
                         struct plan_need ret_needs[MAX_PLAN_NEEDS], uint32_t *ret_count)
{
    struct json document = desk_plan_document(desk, plan);
    struct json levels = json_get(document, "levels");
    uint32_t count = 0;
    if (!document.node)
        return ERR_NOT_FOUND;
    for (size_t i = 0; i < json_count(levels) && i < level; i++) {
        for (size_t k = 0; k < json_count(json_at(levels, i)); k++) {
            struct plan_need need = need_of(json_at(json_at(levels, i), k));
            uint32_t j = 0;
            while (j < count && !same_need(&ret_needs[j], &need))
                j++;
            if (j == MAX_PLAN_NEEDS)
                return ERR_LIMIT;
            if (j < count)
                ret_needs[j].count += need.count;
            else
                ret_needs[count++] = need;
        }
    }
    *ret_count = count;
    return OK;
}

bool desk_plan_is_auto(const struct desk *desk, struct str plan)
{
    return json_is_true(json_get(desk_plan_document(desk, plan), "auto_send"));
}

/* ---- triggers ---- */
bool desk_area_within(const struct desk *desk, struct area_id area, struct area_id top)
{
    for (int i = 0; i < 8 && area.v != 0; i++) { /* levels only go down: at most 5 */
        const struct area_object *a = desk_area(desk, area);
        if (area.v == top.v)
            return true;
        area = a ? a->parent : (struct area_id){0};
    }
    return false;
}

static bool has_text(struct json list, struct str text)
{
    for (size_t i = 0; i < json_count(list); i++) {
        if (str_eq(json_text(json_at(list, i)), text))
            return true;
    }
    return false;
}

static bool has_area(const struct desk *desk, struct json list, struct area_id area)
{
    for (size_t i = 0; i < json_count(list); i++) {
        struct area_id top = {desk_by_code(desk, OBJECT_area, json_text(json_at(list, i)))};
        if (top.v && desk_area_within(desk, area, top))
            return true;
    }
    return false;
}

static int32_t minute_of(struct str clock)
{
    return ((clock.p[0] - '0') * 10 + (clock.p[1] - '0')) * 60 + (clock.p[3] - '0') * 10 +
           (clock.p[4] - '0');
}

static bool is_in_band(struct json trigger, int64_t now_us)
{
    struct civil local = utc_local(now_us);
    int32_t now = local.hour * 60 + local.minute;
    int32_t from = minute_of(json_text(json_get(trigger, "from")));
    int32_t until = minute_of(json_text(json_get(trigger, "until")));
    return from <= until ? now >= from && now < until : now >= from || now < until;
}

/* How many conditions of the trigger hold; -1 when one does not, or there are none. */
static int fit(const struct desk *desk, struct json trigger, struct str type,
               enum priority priority, struct area_id area, int64_t now_us)
{
    int n = 0;
    struct json types = json_get(trigger, "types"), areas = json_get(trigger, "areas");
    struct json priorities = json_get(trigger, "priorities");
    if (json_count(types) > 0 && (n++, !has_text(types, type)))
        return -1;
    if (json_count(priorities) > 0 &&
        (n++, !has_text(priorities, str_of(enum_wire(&enum_priority, priority)))))
        return -1;
    if (json_count(areas) > 0 && (n++, !has_area(desk, areas, area)))
        return -1;
    if (json_get(trigger, "from").node && (n++, !is_in_band(trigger, now_us)))
        return -1;
    return n > 0 ? n : -1;
}

struct str desk_plan_for(const struct desk *desk, struct str type, enum priority priority,
                         struct area_id area, int64_t now_us)
{
    uint32_t pos = 0, number;
    int best = -1;
    struct str code = {0};
    while ((number = desk_next(desk, OBJECT_plan, &pos)) != 0) {
        const struct slot *slot = pool_find(&desk->pools[OBJECT_plan], number);
        struct json trigger = json_get(slot->document, "trigger");
        struct str own = json_text(json_get(slot->document, "code"));
        int n = fit(desk, trigger, type, priority, area, now_us);
        if (n > best || (n == best && n > 0 && str_cmp(own, code) < 0)) {
            best = n;
            code = own;
        }
    }
    return best > 0 ? code : (struct str){0};
}
