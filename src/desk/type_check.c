/* Checks of loadable documents. Every refusal names the member by its path. */
#include "desk/types.h"

struct doc {
    struct arena *arena;
    struct document_fault *ret_fault;
};

#define MAX_QUESTIONS 40
#define MAX_OPTIONS 40
#define MAX_RULES 40
#define MAX_DISPOSITIONS 60
#define MAX_TEXT_BYTES 400
#define MAX_RETENTION_DAYS 36500
#define MAX_CHECK_IN_S 86400

static enum err bad(struct doc *c, const char *path, const char *member, const char *reason)
{
    c->ret_fault->path = arena_printf(c->arena, "%s%s%s", path, *member ? "." : "", member);
    c->ret_fault->reason = reason;
    return ERR_RANGE;
}

static const char *at(struct doc *c, const char *path, const char *member, size_t i)
{
    struct str s = arena_printf(c->arena, "%s.%s[%zu]", path, member, i);
    return s.p ? s.p : path;
}

#define CHECK(expr)                                                                                \
    do {                                                                                           \
        enum err check_err_ = (expr);                                                              \
        if (check_err_ != OK)                                                                      \
            return check_err_;                                                                     \
    } while (0)

static bool is_code(struct json v)
{
    struct str s = json_text(v);
    bool is_good = json_type(v) == JSON_TEXT && s.len > 0 && s.len <= MAX_CODE_BYTES;
    for (size_t i = 0; is_good && i < s.len; i++) {
        char ch = s.p[i];
        is_good = (ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9') || ch == '_' || ch == '-';
    }
    return is_good;
}

static bool is_in(struct str s, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq_c(s, words[i]))
            return true;
    }
    return false;
}

static enum err check_keys(struct doc *c, struct json map, const char *path,
                           const char *const *keys, size_t count)
{
    if (json_type(map) != JSON_MAP)
        return bad(c, path, "", "a map is needed");
    for (struct json_iter it = json_iter(map); it.key; json_next(&it)) {
        if (!is_in(str_of(it.key), keys, count))
            return bad(c, path, it.key, "no such member");
    }
    return OK;
}
#define CHECK_KEYS(c, map, path, ...)                                                              \
    do {                                                                                           \
        static const char *const keys_[] = {__VA_ARGS__};                                          \
        CHECK(check_keys((c), (map), (path), keys_, sizeof keys_ / sizeof keys_[0]));              \
    } while (0)

/* {"zh": text, "en": text}: both, so that no language has holes. */
static enum err check_text(struct doc *c, struct json v, const char *path, const char *member)
{
    static const char *const languages[] = {"zh", "en"};
    if (json_type(v) != JSON_MAP || json_count(v) != 2)
        return bad(c, path, member, "a text in zh and in en is needed");
    for (size_t i = 0; i < 2; i++) {
        struct str s = json_text(json_get(v, languages[i]));
        if (s.len == 0 || s.len > MAX_TEXT_BYTES)
            return bad(c, path, member, "a text in zh and in en is needed, 1 to 400 bytes each");
    }
    return OK;
}

static enum err check_list(struct doc *c, struct json v, const char *path, const char *member,
                           size_t max)
{
    if (v.node && json_type(v) != JSON_LIST)
        return bad(c, path, member, "a list is needed");
    return json_count(v) <= max ? OK : bad(c, path, member, "too many of them");
}

/* Codes within one list differ. */
static enum err check_own_code(struct doc *c, struct json list, size_t i, const char *path)
{
    struct json code = json_get(json_at(list, i), "code");
    if (!is_code(code))
        return bad(c, path, "code", "a code of a-z, 0-9, _ and - is needed");
    for (size_t k = 0; k < i; k++) {
        if (str_eq(json_text(json_get(json_at(list, k), "code")), json_text(code)))
            return bad(c, path, "code", "this code stands there twice");
    }
    return OK;
}

static enum err check_priority(struct doc *c, struct json v, const char *path, const char *member)
{
    return enum_value(&enum_priority, json_text(v)) != 0
               ? OK
               : bad(c, path, member, "P0, P1, P2, P3 or P4");
}

static enum err check_head(struct doc *c, struct json doc, struct str code, uint32_t version)
{
    if (!str_eq(json_text(json_get(doc, "code")), code) || !is_code(json_get(doc, "code")))
        return bad(c, "document", "code", "it is not the code of the command, or no code");
    if (version == 0 || json_int(json_get(doc, "version")) != (int64_t)version)
        return bad(c, "document", "version", "it is not the version of the command");
    return check_text(c, json_get(doc, "name"), "document", "name");
}

/* ---- incident types ---- */
static bool is_answer(struct json question, struct json answer)
{
    struct str kind = json_text(json_get(question, "kind"));
    struct str a = json_text(answer);
    if (json_type(answer) != JSON_TEXT)
        return false;
    if (str_eq_c(kind, "yes_no"))
        return str_eq_c(a, "yes") || str_eq_c(a, "no");
    struct json options = json_get(question, "options");
    for (size_t i = 0; i < json_count(options); i++) {
        if (str_eq(json_text(json_get(json_at(options, i), "code")), a))
            return true;
    }
    return false;
}

static enum err check_rules(struct doc *c, struct json question, const char *path)
{
    struct json rules = json_get(question, "rules");
    CHECK(check_list(c, rules, path, "rules", MAX_RULES));
    for (size_t i = 0; i < json_count(rules); i++) {
        struct json rule = json_at(rules, i);
        const char *here = at(c, path, "rules", i);
        CHECK_KEYS(c, rule, here, "answer", "priority", "plan");
        if (!is_answer(question, json_get(rule, "answer")))
            return bad(c, here, "answer", "it is not an answer of this question");
        if (json_get(rule, "priority").node)
            CHECK(check_priority(c, json_get(rule, "priority"), here, "priority"));
        if (json_get(rule, "plan").node && !is_code(json_get(rule, "plan")))
            return bad(c, here, "plan", "the code of a plan");
        if (!json_get(rule, "plan").node && !json_get(rule, "priority").node)
            return bad(c, here, "", "a rule gives a priority or a plan");
    }
    return OK;
}

static enum err check_options(struct doc *c, struct json question, const char *path)
{
    struct json options = json_get(question, "options");
    bool is_choice = str_eq_c(json_text(json_get(question, "kind")), "choice");
    CHECK(check_list(c, options, path, "options", MAX_OPTIONS));
    if (is_choice != (json_count(options) > 0))
        return bad(c, path, "options", "a choice has options, other kinds have none");
    for (size_t i = 0; i < json_count(options); i++) {
        const char *here = at(c, path, "options", i);
        CHECK_KEYS(c, json_at(options, i), here, "code", "text");
        CHECK(check_own_code(c, options, i, here));
        CHECK(check_text(c, json_get(json_at(options, i), "text"), here, "text"));
    }
    return OK;
}

static enum err check_questions(struct doc *c, struct json questions)
{
    static const char *const kinds[] = {"choice", "yes_no", "text"};
    CHECK(check_list(c, questions, "document", "questions", MAX_QUESTIONS));
    for (size_t i = 0; i < json_count(questions); i++) {
        struct json q = json_at(questions, i);
        const char *here = at(c, "document", "questions", i);
        CHECK_KEYS(c, q, here, "code", "text", "kind", "options", "rules");
        CHECK(check_own_code(c, questions, i, here));
        CHECK(check_text(c, json_get(q, "text"), here, "text"));
        if (!is_in(json_text(json_get(q, "kind")), kinds, 3))
            return bad(c, here, "kind", "choice, yes_no or text");
        CHECK(check_options(c, q, here));
        CHECK(check_rules(c, q, here));
    }
    return OK;
}

/* Names that other systems use for it. */
static enum err check_aliases(struct doc *c, struct json map, const char *path)
{
    struct json aliases = json_get(map, "aliases");
    CHECK(check_list(c, aliases, path, "aliases", MAX_OPTIONS));
    for (size_t i = 0; i < json_count(aliases); i++) {
        struct str s = json_text(json_at(aliases, i));
        if (s.len == 0 || s.len > MAX_NAME_BYTES)
            return bad(c, at(c, path, "aliases", i), "", "a name is needed");
    }
    return OK;
}

static enum err check_dispositions(struct doc *c, struct json list)
{
    static const char *const counts[] = {"handled",      "mediated",  "case_opened", "transferred",
                                         "false_report", "not_found", "cancelled",   "duplicate"};
    CHECK(check_list(c, list, "document", "dispositions", MAX_DISPOSITIONS));
    if (json_count(list) == 0)
        return bad(c, "document", "dispositions", "at least one outcome is needed");
    for (size_t i = 0; i < json_count(list); i++) {
        struct json item = json_at(list, i);
        const char *here = at(c, "document", "dispositions", i);
        CHECK_KEYS(c, item, here, "code", "text", "counts_as", "is_retired", "aliases");
        CHECK(check_own_code(c, list, i, here));
        CHECK(check_text(c, json_get(item, "text"), here, "text"));
        if (!is_in(json_text(json_get(item, "counts_as")), counts,
                   sizeof counts / sizeof counts[0]))
            return bad(c, here, "counts_as", "no such way of counting");
        struct json retired = json_get(item, "is_retired");
        if (retired.node && json_type(retired) != JSON_BOOL)
            return bad(c, here, "is_retired", "true or false");
        CHECK(check_aliases(c, item, here));
    }
    return OK;
}

static bool has_code(struct json list, struct str code)
{
    for (size_t i = 0; i < json_count(list); i++) {
        if (str_eq(json_text(json_get(json_at(list, i), "code")), code))
            return true;
    }
    return false;
}

/* Outcomes of closed incidents stay countable: a later version retires one, it never drops it. */
static enum err check_kept(struct doc *c, struct json document, struct json before)
{
    struct json old = json_get(before, "dispositions");
    for (size_t i = 0; i < json_count(old); i++) {
        if (!has_code(json_get(document, "dispositions"),
                      json_text(json_get(json_at(old, i), "code"))))
            return bad(c, "document", "dispositions", "an outcome of the version before is gone");
    }
    return OK;
}

/* Publication is off unless the type says so, and never of what people settle between them. */
static enum err check_publishable(struct doc *c, struct json document)
{
    struct json is_publishable = json_get(document, "is_publishable");
    if (is_publishable.node && json_type(is_publishable) != JSON_BOOL)
        return bad(c, "document", "is_publishable", "true or false");
    if (json_is_true(is_publishable) && str_eq_c(json_text(json_get(document, "class")), "dispute"))
        return bad(c, "document", "is_publishable", "disputes are not published");
    return OK;
}

static enum err check_check_in(struct doc *c, struct json rule)
{
    struct json company = json_get(rule, "is_in_company"), every = json_get(rule, "every_s");
    if (!rule.node)
        return OK;
    CHECK_KEYS(c, rule, "document.check_in", "every_s", "is_in_company");
    if (json_type(every) != JSON_INT || json_int(every) < 0 || json_int(every) > MAX_CHECK_IN_S)
        return bad(c, "document.check_in", "every_s", "0 (never) to 86400 seconds");
    if (company.node && json_type(company) != JSON_BOOL)
        return bad(c, "document.check_in", "is_in_company", "true or false");
    return OK;
}

enum err type_document_check(struct json document, struct json before, struct str code,
                             uint32_t version, struct arena *arena,
                             struct document_fault *ret_fault)
{
    static const char *const classes[] = {"criminal", "public_order", "traffic", "dispute",
                                          "help",     "tip_off",      "fire",    "medical",
                                          "rescue",   "hazard"};
    struct doc c = {arena, ret_fault};
    CHECK_KEYS(&c, document, "document", "code", "version", "name", "class", "priority", "plan",
               "questions", "dispositions", "retention_days", "aliases", "is_publishable",
               "check_in");
    CHECK(check_head(&c, document, code, version));
    if (!is_in(json_text(json_get(document, "class")), classes, sizeof classes / sizeof classes[0]))
        return bad(&c, "document", "class", "no such class of incidents");
    CHECK(check_priority(&c, json_get(document, "priority"), "document", "priority"));
    if (json_get(document, "plan").node && !is_code(json_get(document, "plan")))
        return bad(&c, "document", "plan", "the code of a plan");
    CHECK(check_questions(&c, json_get(document, "questions")));
    CHECK(check_dispositions(&c, json_get(document, "dispositions")));
    CHECK(check_kept(&c, document, before));
    CHECK(check_aliases(&c, document, "document"));
    CHECK(check_publishable(&c, document));
    CHECK(check_check_in(&c, json_get(document, "check_in")));
    int64_t days = json_int(json_get(document, "retention_days"));
    return days >= 1 && days <= MAX_RETENTION_DAYS
               ? OK
               : bad(&c, "document", "retention_days", "1 to 36500 days");
}

/* ---- response plans ---- */
static bool is_clock(struct json v)
{
    struct str s = json_text(v);
    return s.len == 5 && s.p[2] == ':' && s.p[0] >= '0' && s.p[0] <= '2' && s.p[1] >= '0' &&
           s.p[1] <= '9' && (s.p[0] < '2' || s.p[1] <= '3') && s.p[3] >= '0' && s.p[3] <= '5' &&
           s.p[4] >= '0' && s.p[4] <= '9';
}

static enum err check_trigger(struct doc *c, struct json trigger)
{
    static const char *const lists[] = {"types", "priorities", "areas"};
    if (!trigger.node)
        return OK;
    CHECK_KEYS(c, trigger, "document.trigger", "types", "priorities", "areas", "from", "until");
    for (size_t k = 0; k < 3; k++) {
        struct json list = json_get(trigger, lists[k]);
        CHECK(check_list(c, list, "document.trigger", lists[k], MAX_DISPOSITIONS));
        for (size_t i = 0; i < json_count(list); i++) {
            const char *here = at(c, "document.trigger", lists[k], i);
            if (k == 1)
                CHECK(check_priority(c, json_at(list, i), here, ""));
            else if (!is_code(json_at(list, i)))
                return bad(c, here, "", "a code is needed");
        }
    }
    struct json from = json_get(trigger, "from"), until = json_get(trigger, "until");
    if ((from.node || until.node) && (!is_clock(from) || !is_clock(until)))
        return bad(c, "document.trigger", "from", "from and until are local times as 22:00, both");
    return OK;
}

static enum err check_need(struct doc *c, struct json need, const char *here)
{
    struct json substitutes = json_get(need, "substitutes");
    int64_t count = json_int(json_get(need, "count")), crew = json_int(json_get(need, "min_crew"));
    CHECK_KEYS(c, need, here, "capability", "count", "min_crew", "substitutes");
    if (!is_code(json_get(need, "capability")))
        return bad(c, here, "capability", "a code is needed");
    if (count < 1 || count > 64)
        return bad(c, here, "count", "1 to 64");
    if (json_get(need, "min_crew").node && (crew < 1 || crew > 20))
        return bad(c, here, "min_crew", "1 to 20");
    CHECK(check_list(c, substitutes, here, "substitutes", MAX_PLAN_SUBSTITUTES));
    for (size_t i = 0; i < json_count(substitutes); i++) {
        if (!is_code(json_at(substitutes, i)))
            return bad(c, at(c, here, "substitutes", i), "", "a code is needed");
    }
    return OK;
}

enum err plan_document_check(struct json document, struct str code, uint32_t version,
                             struct arena *arena, struct document_fault *ret_fault)
{
    struct doc c = {arena, ret_fault};
    CHECK_KEYS(&c, document, "document", "code", "version", "name", "trigger", "levels",
               "auto_send");
    CHECK(check_head(&c, document, code, version));
    CHECK(check_trigger(&c, json_get(document, "trigger")));
    struct json levels = json_get(document, "levels"), auto_send = json_get(document, "auto_send");
    CHECK(check_list(&c, levels, "document", "levels", MAX_PLAN_LEVELS));
    if (json_count(levels) == 0)
        return bad(&c, "document", "levels", "at least one level is needed");
    size_t total = 0;
    for (size_t i = 0; i < json_count(levels); i++) {
        const char *here = at(&c, "document", "levels", i);
        CHECK(check_list(&c, json_at(levels, i), here, "", MAX_PLAN_NEEDS));
        if (json_count(json_at(levels, i)) == 0)
            return bad(&c, here, "", "a level needs something");
        total += json_count(json_at(levels, i));
        for (size_t k = 0; k < json_count(json_at(levels, i)); k++) {
            struct str path = arena_printf(arena, "%s[%zu]", here, k);
            CHECK(check_need(&c, json_at(json_at(levels, i), k), path.p ? path.p : here));
        }
    }
    if (total > MAX_PLAN_NEEDS)
        return bad(&c, "document", "levels", "more than 32 needs in all levels together");
    if (auto_send.node && json_type(auto_send) != JSON_BOOL)
        return bad(&c, "document", "auto_send", "true or false");
    return OK;
}
