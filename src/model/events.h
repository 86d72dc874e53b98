/* events.h - what is remembered: one committed change a row, its fields as a table.
 * Layer: model. Threads: pure. `at` is when it happened, `recorded` is core's clock. */
#ifndef MODEL_EVENTS_H
#define MODEL_EVENTS_H
#include "model/facts_safety.h"

/* X(number, name, object kind, record, version): numbers are stored, never reuse one. */
#define EVENTS(X)                                                                                  \
    X(1, signal_raised, signal, signal_raise, 1)                                                   \
    X(2, signal_moved, signal, signal_move, 1)                                                     \
    X(3, signal_published, signal, signal_publish, 1)                                              \
    X(4, signal_withdrawn, signal, reason, 1)                                                      \
    X(10, incident_received, incident, incident_create, 1)                                         \
    X(11, incident_amended, incident, incident_amend, 1)                                           \
    X(12, incident_triaged, incident, incident_triage, 1)                                          \
    X(13, incident_moved, incident, incident_move, 1)                                              \
    X(14, incident_prioritised, incident, incident_prioritise, 1)                                  \
    X(15, incident_noted, incident, incident_note, 1)                                              \
    X(16, incident_stated, incident, incident_state, 1)                                            \
    X(17, incident_attached, incident, incident_attach, 1)                                         \
    X(18, incident_corrected, incident, incident_correct, 1)                                       \
    X(19, incident_escalated, incident, incident_escalate, 1)                                      \
    X(20, incident_flagged, incident, nothing, 1)                                                  \
    X(21, incident_heard, incident, nothing, 1)                                                    \
    X(40, assignment_made, assignment, assignment_make, 1)                                         \
    X(41, assignment_moved, assignment, assignment_move, 1)                                        \
    X(42, assignment_offered, assignment, nothing, 1)                                              \
    X(43, assignment_flagged, assignment, nothing, 1)                                              \
    X(44, assignment_asked, assignment, nothing, 1)                                                \
    X(45, assignment_checked, assignment, nothing, 1)                                              \
    X(46, assignment_missed, assignment, nothing, 1)                                               \
    X(47, assignment_heard, assignment, nothing, 1)                                                \
    X(60, unit_enrolled, unit, unit_enrol, 1)                                                      \
    X(61, unit_signed_on, unit, unit_sign_on, 1)                                                   \
    X(62, unit_moved, unit, unit_move, 1)                                                          \
    X(63, unit_placed, unit, unit_place, 1)                                                        \
    X(70, call_rang, call, call_ring, 1)                                                           \
    X(71, call_moved, call, call_move, 1)                                                          \
    X(72, call_flagged, call, nothing, 1)                                                          \
    X(80, post_installed, post, post_install, 1)                                                   \
    X(81, area_installed, area, area_install, 1)                                                   \
    X(82, body_installed, body, body_install, 1)                                                   \
    X(83, type_installed, type, type_install, 1)                                                   \
    X(84, plan_installed, plan, plan_install, 1)                                                   \
    X(85, user_installed, user, user_install, 1)                                                   \
    X(86, user_disabled, user, reason, 1)                                                          \
    X(87, session_opened, session, session_open, 1)                                                \
    X(88, session_closed, session, nothing, 1)                                                     \
    X(90, closure_was_set, closure, closure_set, 1)                                                \
    X(91, closure_lifted, closure, reason, 1)                                                      \
    X(92, roster_was_set, roster, roster_set, 1)                                                   \
    X(93, handover_signed, handover, handover_sign, 1)                                             \
    X(94, handover_accepted, handover, nothing, 1)                                                 \
    X(95, closure_started, closure, nothing, 1)                                                    \
    X(96, timing_installed, timing, timing_install, 1)                                             \
    X(100, hazard_kind_installed, hazard_kind, hazard_kind_install, 1)                             \
    X(101, hazard_was_set, hazard, hazard_set, 1)                                                  \
    X(102, hazard_amended, hazard, hazard_amend, 1)                                                \
    X(103, hazard_lifted, hazard, reason, 1)                                                       \
    X(105, emergency_raised, emergency, emergency_raise, 1)                                        \
    X(106, emergency_acknowledged, emergency, emergency_receipt, 1)                                \
    X(107, emergency_cleared, emergency, reason, 1)                                                \
    X(108, emergency_flagged, emergency, nothing, 1)                                               \
    X(110, notice_posted, notice, notice_post, 1)                                                  \
    X(111, notice_confirmed, notice, notice_confirm, 1)                                            \
    X(112, notice_withdrawn, notice, reason, 1)

#define EVENT_ENUM(number, name, object, rec, version) EVENT_##name = number,
enum event_kind { EVENT_NONE = 0, EVENTS(EVENT_ENUM) };
#undef EVENT_ENUM
#define EVENT_KIND_COUNT 113 /* highest number + 1 */

struct event_def {
    const char *name;
    enum object_kind object_kind;
    const struct record *fields;
    uint16_t version;
};
const struct event_def *event_def(enum event_kind kind); /* NULL: unknown */
enum event_kind event_kind_of(struct str name);

struct event {
    uint32_t realm;
    uint64_t seq; /* 0 until the batch is made: core numbers it */
    enum event_kind kind;
    uint16_t version;
    uint32_t object; /* number of an object of event_def(kind)->object_kind */
    struct user_id actor;
    enum role role;
    int64_t at_us;
    enum clock_source at_source;
    int64_t recorded_us;
    struct area_id area;
    enum data_class data_class;
    const void *fields; /* the record's struct, never NULL */
};
#endif
