/* commands.h - every way into the system: one command per row, its fields as a table.
 * Layer: model. Threads: pure. Who may give which one is policy (access); what is possible when is
 * the desk's tables. The name is the action that policy speaks of and the last parts of the route.
 */
#ifndef MODEL_COMMANDS_H
#define MODEL_COMMANDS_H
#include "model/actor.h"
#include "model/facts_safety.h"

/* X(number, name, object kind that it is about, record of its fields)
 * Some make their object (command_makes): the command's `object` is 0. */
#define COMMANDS(X)                                                                                \
    X(1, signal_raise, signal, signal_raise)                                                       \
    X(2, signal_claim, signal, nothing)                                                            \
    X(3, signal_confirm, signal, signal_confirm)                                                   \
    X(4, signal_dismiss, signal, reason)                                                           \
    X(5, signal_duplicate, signal, signal_duplicate)                                               \
    X(6, signal_expire, signal, nothing)                                                           \
    X(7, signal_publish, signal, signal_publish)                                                   \
    X(8, signal_withdraw, signal, reason)                                                          \
    X(10, incident_create, incident, incident_create)                                              \
    X(11, incident_amend, incident, incident_amend)                                                \
    X(12, incident_triage, incident, incident_triage)                                              \
    X(13, incident_enter, incident, nothing)                                                       \
    X(14, incident_prioritise, incident, incident_prioritise)                                      \
    X(15, incident_control, incident, nothing)                                                     \
    X(16, incident_close, incident, incident_close)                                                \
    X(17, incident_review, incident, incident_review)                                              \
    X(18, incident_reopen, incident, reason)                                                       \
    X(19, incident_merge, incident, incident_merge)                                                \
    X(20, incident_unmerge, incident, reason)                                                      \
    X(21, incident_transfer, incident, incident_transfer)                                          \
    X(22, incident_schedule, incident, incident_schedule)                                          \
    X(23, incident_note, incident, incident_note)                                                  \
    X(24, incident_state, incident, incident_state)                                                \
    X(25, incident_attach, incident, incident_attach)                                              \
    X(26, incident_correct, incident, incident_correct)                                            \
    X(27, incident_escalate, incident, incident_escalate)                                          \
    X(28, incident_dispatch, incident, incident_dispatch)                                          \
    X(29, incident_flag, incident, nothing)                                                        \
    X(30, incident_hear, incident, nothing)                                                        \
    X(40, assignment_send, assignment, nothing)                                                    \
    X(41, assignment_see, assignment, nothing)                                                     \
    X(42, assignment_depart, assignment, nothing)                                                  \
    X(43, assignment_stage, assignment, nothing)                                                   \
    X(44, assignment_arrive, assignment, nothing)                                                  \
    X(45, assignment_clear, assignment, assignment_end)                                            \
    X(46, assignment_decline, assignment, reason)                                                  \
    X(47, assignment_cancel, assignment, reason)                                                   \
    X(48, assignment_flag, assignment, nothing)                                                    \
    X(49, assignment_ask, assignment, nothing)                                                     \
    X(50, assignment_check, assignment, nothing)                                                   \
    X(51, assignment_miss, assignment, nothing)                                                    \
    X(52, assignment_hear, assignment, nothing)                                                    \
    X(60, unit_enrol, unit, unit_enrol)                                                            \
    X(61, unit_sign_on, unit, unit_sign_on)                                                        \
    X(62, unit_sign_off, unit, nothing)                                                            \
    X(63, unit_suspend, unit, reason)                                                              \
    X(64, unit_resume, unit, nothing)                                                              \
    X(65, unit_place, unit, unit_place)                                                            \
    X(70, call_ring, call, call_ring)                                                              \
    X(71, call_answer, call, nothing)                                                              \
    X(72, call_end, call, call_end)                                                                \
    X(73, call_back, call, call_back)                                                              \
    X(74, call_flag, call, nothing)                                                                \
    X(80, post_install, post, post_install)                                                        \
    X(81, area_install, area, area_install)                                                        \
    X(82, body_install, body, body_install)                                                        \
    X(83, type_install, type, type_install)                                                        \
    X(84, plan_install, plan, plan_install)                                                        \
    X(85, user_install, user, user_install)                                                        \
    X(86, user_disable, user, reason)                                                              \
    X(87, session_open, session, session_open)                                                     \
    X(88, session_close, session, nothing)                                                         \
    X(90, closure_set, closure, closure_set)                                                       \
    X(91, closure_lift, closure, reason)                                                           \
    X(92, roster_set, roster, roster_set)                                                          \
    X(93, handover_sign, handover, handover_sign)                                                  \
    X(94, handover_accept, handover, nothing)                                                      \
    X(95, closure_start, closure, nothing)                                                         \
    X(96, timing_install, timing, timing_install)                                                  \
    X(100, hazard_kind_install, hazard_kind, hazard_kind_install)                                  \
    X(101, hazard_set, hazard, hazard_set)                                                         \
    X(102, hazard_amend, hazard, hazard_amend)                                                     \
    X(103, hazard_lift, hazard, reason)                                                            \
    X(105, emergency_raise, emergency, emergency_raise)                                            \
    X(106, emergency_acknowledge, emergency, nothing)                                              \
    X(107, emergency_clear, emergency, reason)                                                     \
    X(108, emergency_flag, emergency, nothing)                                                     \
    X(110, notice_post, notice, notice_post)                                                       \
    X(111, notice_confirm, notice, notice_confirm)                                                 \
    X(112, notice_withdraw, notice, reason)

#define COMMAND_ENUM(number, name, object, rec) COMMAND_##name = number,
enum command_kind { COMMAND_NONE = 0, COMMANDS(COMMAND_ENUM) };
#undef COMMAND_ENUM
#define COMMAND_KIND_COUNT 113 /* highest number + 1 */
#define MAX_COMMAND_KEY_BYTES 64
#define MAX_COMMAND_BYTES (512u << 10)

struct command_def {
    const char *name; /* "incident_close" */
    const char *verb; /* "close" */
    enum object_kind object_kind;
    const struct record *fields;
};
/* NULL for an unknown kind. */
const struct command_def *command_def(enum command_kind kind);
enum command_kind command_kind_of(struct str name);
bool command_makes(enum command_kind kind); /* it makes its object: `object` is 0 */

/* A command as the desk sees it: actor known, area resolved, personal texts already payloads. */
struct command {
    enum command_kind kind;
    struct actor actor;
    struct str key;    /* idempotency key, empty for core's own */
    uint32_t object;   /* number of the object that it is about, 0 when it makes one */
    uint64_t if_match; /* seq that the giver saw; 0 = any */
    int64_t at_us;     /* when it happened; 0 = now */
    enum clock_source at_source;
    struct area_id area; /* deepest area of its place; 0 = unassigned or no place */
    const void *fields;  /* the record's struct, never NULL */
};
#endif
