/* types.h - loadable incident types and response plans: reading of their documents.
 * Layer: desk. Threads: pure. Formats: docs/formats/incident-type.md,
 * docs/formats/response-plan.md. Documents are checked when they are installed, so the readers
 * below only look things up. */
#ifndef DESK_TYPES_H
#define DESK_TYPES_H
#include "desk/desk.h"

#define MAX_PLAN_NEEDS 32
#define MAX_PLAN_SUBSTITUTES 4
#define MAX_PLAN_LEVELS 9

struct document_fault {
    struct str path;    /* of the wrong member, "document.questions[2].kind", in the arena */
    const char *reason; /* static */
};
/* Checks a whole document. ERR_RANGE: *ret_fault says where and why. `code` and `version` must be
 * those of the command. `before` is the version in force, absent node if none. */
enum err type_document_check(struct json document, struct json before, struct str code,
                             uint32_t version, struct arena *arena,
                             struct document_fault *ret_fault);
enum err plan_document_check(struct json document, struct str code, uint32_t version,
                             struct arena *arena, struct document_fault *ret_fault);

/* The parsed document in force; absent node when the code is unknown. Borrowed from the desk. */
struct json desk_type_document(const struct desk *desk, struct str code);
struct json desk_plan_document(const struct desk *desk, struct str code);

struct type_proposal {
    enum priority priority; /* the type's own unless a rule says otherwise; never NONE */
    struct str plan;        /* empty: none */
};
/* What the answers propose: questions in their order, each with its rules in theirs; the most
 * urgent rule wins with its plan, the first of equally urgent ones; a rule without a priority has
 * that of the type. ERR_RANGE: *ret_question names an unknown question or one with a wrong answer.
 */
enum err type_propose(struct json type, struct json answers, struct type_proposal *ret_proposal,
                      struct str *ret_question);
bool type_has_disposition(struct json type, struct str code); /* and it is not retired */

/* How often a unit on scene is asked whether all is well. */
struct type_check_in {
    uint32_t every_s;   /* 0: never */
    bool is_in_company; /* also while other units are there */
};
/* False: the type says nothing, and *io_rule stays. */
bool type_check_in(struct json type, struct type_check_in *io_rule);

/* Reports of this type may be shown to the public, once an officer has cleared one. */
bool type_is_publishable(struct json type);

struct plan_need {
    struct str capability;
    uint32_t count;
    uint32_t min_crew; /* 0: the unit's own */
    struct str substitutes[MAX_PLAN_SUBSTITUTES];
    uint32_t substitute_count;
};
/* Sum of levels 1..level: same capability and crew add up. ERR_NOT_FOUND, ERR_LIMIT. */
enum err desk_plan_needs(const struct desk *desk, struct str plan, uint32_t level,
                         struct plan_need ret_needs[MAX_PLAN_NEEDS], uint32_t *ret_count);
/* True only when the plan says auto_send by name. */
bool desk_plan_is_auto(const struct desk *desk, struct str plan);
/* Code of the plan whose trigger fits; the one with most conditions, then the lower code; empty if
 * none. Local time of now_us decides time bands. */
struct str desk_plan_for(const struct desk *desk, struct str type, enum priority priority,
                         struct area_id area, int64_t now_us);
#endif
