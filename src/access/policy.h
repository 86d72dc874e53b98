/* policy.h - who may do what, as one table: action, roles, conditions. Default no.
 * Layer: access. Threads: pure.
 *
 * An action is a command (model/commands.h, same name and number) or one of the reads below. The
 * table is in policy_table.c; an action, and so a route, that has no row there does not compile.
 * Rights = role x body x jurisdiction x assignment x purpose.
 *
 * The wall: bodies are separate trees, and what belongs to a body is in a scope only if that body
 * is the actor's or below it. A row need not say so; it must say ACROSS where it is not so, which
 * is for those who keep accounts and equipment of all bodies. What an actor's own unit works, and
 * its own account, it sees whoever they belong to: that was given to it by name and not by rank. */
#ifndef ACCESS_POLICY_H
#define ACCESS_POLICY_H
#include "access/scope.h"
#include "model/commands.h"

/* X(number, name) */
#define ACCESS_READS(X)                                                                            \
    X(128, signal_read)                                                                            \
    X(129, incident_read)                                                                          \
    X(130, assignment_read)                                                                        \
    X(131, unit_read)                                                                              \
    X(132, call_read)                                                                              \
    X(133, post_read)                                                                              \
    X(134, area_read)                                                                              \
    X(135, body_read)                                                                              \
    X(136, type_read)                                                                              \
    X(137, plan_read)                                                                              \
    X(138, user_read)                                                                              \
    X(139, session_read)                                                                           \
    X(140, closure_read)                                                                           \
    X(141, roster_read)                                                                            \
    X(142, handover_read)                                                                          \
    X(143, timing_read)                                                                            \
    X(144, hazard_kind_read)                                                                       \
    X(145, hazard_read)                                                                            \
    X(146, emergency_read)                                                                         \
    X(147, notice_read)                                                                            \
    X(150, signal_personal) /* the personal values of one object: purpose and audit */             \
    X(151, incident_personal)                                                                      \
    X(152, assignment_personal)                                                                    \
    X(153, call_personal)                                                                          \
    X(154, handover_personal)                                                                      \
    X(160, incident_log) /* history of one incident, without personal values */                    \
    X(161, log_read)     /* the activity log */                                                    \
    X(162, photo_read)   /* and the personal values of its object */                               \
    X(164, recommendation_ask)                                                                     \
    X(165, route_ask)                                                                              \
    X(166, circles_ask)                                                                            \
    X(167, place_read)     /* areas, officers and addresses of a place */                          \
    X(168, catalogue_read) /* what a screen needs to start */                                      \
    X(169, position_read)                                                                          \
    X(170, position_send)                                                                          \
    X(171, push_read)                                                                              \
    X(172, map_read)                                                                               \
    X(173, session_login)                                                                          \
    X(174, session_use)                                                                            \
    X(175, page_read) /* the pages' own files, API description, health */                          \
    X(176, metrics_read)                                                                           \
    X(177, incident_hazards) /* hazards of the place of one incident */                            \
    X(178, incident_team)    /* the units on it, and when they are there */                        \
    X(180, public_report)                                                                          \
    X(181, public_follow)                                                                          \
    X(182, public_photo)                                                                           \
    X(183, public_read) /* the portal's page, map and texts */

#define ACCESS_ENUM_READ(number, name) ACTION_##name = number,
#define ACCESS_ENUM_COMMAND(number, name, object, rec) ACTION_##name = number,
enum access_action {
    ACTION_NONE = 0,
    COMMANDS(ACCESS_ENUM_COMMAND) ACCESS_READS(ACCESS_ENUM_READ) ACTION_COUNT
};
#undef ACCESS_ENUM_READ
#undef ACCESS_ENUM_COMMAND

const char *access_action_name(enum access_action action); /* NULL: none */
enum access_action access_of_command(enum command_kind kind);
enum access_action access_of_read(enum object_kind kind); /* ACTION_NONE: kind is unknown */
enum access_action
access_of_personal(enum object_kind kind); /* ACTION_NONE: has nothing personal */

/* The scope of an action: which objects this actor may do it with. is_none when the role has no
 * row, or when a purpose is needed and `purpose` is not one of those that the row allows. */
struct scope access_scope(const struct actor *actor, enum access_action action,
                          enum purpose purpose, const struct scope_trees *trees);
/* True if the role has any row for it: what a screen may offer, and the answer 403 before any
 * object is looked up. */
bool access_has(enum role role, enum access_action action);

/* One decision. `object` NULL: the action is about no object, or makes one.
 * OK; ERR_NOT_FOUND: the actor may not even know that the object is there; ERR_DENIED: it may see
 * it but not do this, or a purpose is missing. */
enum err access_may(const struct actor *actor, enum access_action action,
                    const struct envelope *object, enum purpose purpose,
                    const struct scope_trees *trees);

/* ---- the table, for documentation and tests ---- */
enum access_bound {
    BOUND_AREA = 1,   /* in the actor's jurisdiction; unassigned ones are the top level's */
    BOUND_ACROSS = 2, /* of any body: without it the wall stands */
    BOUND_OFFICE = 4, /* of the actor's body or below it, common ones not */
    BOUND_UNIT = 8,   /* the actor's unit is assigned */
    BOUND_SELF = 16,  /* the actor's own */
};
struct access_rule {
    uint32_t roles;    /* bit per enum role; bit 0 = nobody logged in */
    uint32_t bounds;   /* enum access_bound */
    uint32_t purposes; /* bit per enum purpose, one of them must be stated; 0 = none needed */
};
#define ACCESS_MAX_RULES 4
/* NULL-roles rule ends the list; NULL for an unknown action. */
const struct access_rule *access_rules(enum access_action action);
#endif
