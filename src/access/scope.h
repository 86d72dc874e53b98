/* scope.h - what of the rows an actor may see, as data: the same scope is SQL and a C predicate.
 * Layer: access. Threads: pure.
 *
 * A scope is a conjunction: an object is inside when every bound that is set holds. It is compiled
 * once per request or push group by access_scope (access/policy.h) and used twice: the store turns
 * it into a WHERE clause over the columns of a view, scope_holds tests it over an envelope. Both
 * must say the same of every object; tests/unit/test_scope_sql.c compares them.
 *
 * Envelope columns and what SQL does with them:
 *     is_none         nothing:        0
 *     by_kind         kind            kind is one of `kinds` (a bit each): what tells of many kinds
 *     by_class        class           class <= max_class
 *     by_area         area            area lies in the subtree of `area`, itself included;
 *                                     area 0 (unassigned) passes only with with_no_area
 *     by_body         body            body lies in the subtree of `body`, itself included;
 *                                     body 0 (common to the realm) passes only with with_no_body
 *     by_unit         units           `unit` is among the object's units (see below); unit 0 never
 *     by_user         user            user = `user`; user 0 never is
 *     by_open         is_open         is_open = 1
 *
 * A subtree follows parents (area_object.parent, body_object.parent); bodies are separate
 * trees, so nothing crosses from one to another by rank.
 *
 * Units of an object: a unit's own number; an assignment's unit; an incident's and its notes':
 * the units of its assignments that have not ended; an emergency's: its unit and those of its
 * incident. User of an object: a user's own number; a
 * session's user. Body of an object: unit.body, post.body, user.body, roster.body; others 0.
 * is_open: signal new or verifying; incident not closed, reviewed, merged or transferred;
 * assignment not ended; call until ended or called back; emergency until cleared; all other kinds
 * always. */
#ifndef ACCESS_SCOPE_H
#define ACCESS_SCOPE_H
#include "model/actor.h"
#include "model/record.h"

struct envelope {
    enum object_kind kind;
    uint32_t number;
    struct body_id body;
    struct area_id area;
    struct user_id user;
    enum data_class data_class; /* highest class that the answer would show */
    bool is_open;
    struct refs units;
};

struct scope {
    bool is_none; /* default no: nothing at all */
    bool by_kind, by_class, by_area, by_body, by_unit, by_user, by_open;
    bool with_no_area, with_no_body;
    uint32_t kinds; /* bit per object kind */
    enum data_class max_class;
    struct area_id area;
    struct body_id body;
    struct unit_id unit;
    struct user_id user;
};

/* Parents by number: parent[n] of area or body n, 0 = top. Numbers at or beyond `count` have none.
 */
struct scope_tree {
    const uint32_t *parents;
    uint32_t count;
};
struct scope_trees {
    struct scope_tree areas, bodies;
};
#define SCOPE_MAX_DEPTH 16 /* longer chains, and loops, are outside */

bool scope_tree_within(struct scope_tree tree, uint32_t number, uint32_t top);
bool scope_holds(const struct scope *scope, const struct scope_trees *trees,
                 const struct envelope *envelope);
bool scope_eq(const struct scope *a, const struct scope *b);
uint64_t scope_digest(const struct scope *scope); /* equal scopes, equal digest: push groups */
#endif
