/* enums.h - the closed lists of the trade, each one X-list with its name on the wire. Value 0 is
 * always "none". Values are stored: append, never renumber. Loadable lists (types, dispositions,
 * capabilities, reasons) are data and not here.
 * Layer: model. Threads: pure. */
#ifndef MODEL_ENUMS_H
#define MODEL_ENUMS_H
#include "base/str.h"

#define ROLES(X)                                                                                   \
    X(1, ROLE_OPERATOR, "operator")                                                                \
    X(2, ROLE_COMMANDER, "commander")                                                              \
    X(3, ROLE_FIELD_UNIT, "field_unit")                                                            \
    X(4, ROLE_STATION_ROOM, "station_room")                                                        \
    X(5, ROLE_COMMUNITY_OFFICER, "community_officer")                                              \
    X(6, ROLE_CASE_OFFICER, "case_officer")                                                        \
    X(7, ROLE_FORCE_MEMBER, "force_member")                                                        \
    X(8, ROLE_INSPECTOR, "inspector")                                                              \
    X(9, ROLE_COURT_CLERK, "court_clerk")                                                          \
    X(10, ROLE_PROSECUTOR, "prosecutor")                                                           \
    X(11, ROLE_COMPANY, "company")                                                                 \
    X(12, ROLE_REVIEWER, "reviewer")                                                               \
    X(13, ROLE_AUDITOR, "auditor")                                                                 \
    X(14, ROLE_SYSTEM_ADMIN, "system_admin")                                                       \
    X(15, ROLE_SECURITY_ADMIN, "security_admin")                                                   \
    X(16, ROLE_AUDIT_ADMIN, "audit_admin")                                                         \
    X(17, ROLE_PUBLIC, "public") /* the portal's only role */                                      \
    X(18, ROLE_FEED, "feed")     /* feed process and telephone exchange */                         \
    X(19, ROLE_TIMER, "timer")   /* core itself, for due times */

#define SIGNAL_STAGES(X)                                                                           \
    X(1, SIGNAL_NEW, "new")                                                                        \
    X(2, SIGNAL_VERIFYING, "verifying")                                                            \
    X(3, SIGNAL_CONFIRMED, "confirmed")                                                            \
    X(4, SIGNAL_FALSE, "false")                                                                    \
    X(5, SIGNAL_DUPLICATE, "duplicate")                                                            \
    X(6, SIGNAL_EXPIRED, "expired")

#define INCIDENT_STAGES(X)                                                                         \
    X(1, INCIDENT_RECEIVED, "received")                                                            \
    X(2, INCIDENT_PENDING, "pending")                                                              \
    X(3, INCIDENT_OPEN, "open")                                                                    \
    X(4, INCIDENT_CONTROLLED, "controlled")                                                        \
    X(5, INCIDENT_CLOSED, "closed")                                                                \
    X(6, INCIDENT_REVIEWED, "reviewed")                                                            \
    X(7, INCIDENT_MERGED, "merged")                                                                \
    X(8, INCIDENT_TRANSFERRED, "transferred")                                                      \
    X(9, INCIDENT_SCHEDULED, "scheduled")                                                          \
    X(10, INCIDENT_REOPENED, "reopened")

#define ASSIGNMENT_STAGES(X)                                                                       \
    X(1, ASSIGNMENT_RESERVED, "reserved")                                                          \
    X(2, ASSIGNMENT_SENT, "sent")                                                                  \
    X(3, ASSIGNMENT_SEEN, "seen")                                                                  \
    X(4, ASSIGNMENT_EN_ROUTE, "en_route")                                                          \
    X(5, ASSIGNMENT_STAGED, "staged")                                                              \
    X(6, ASSIGNMENT_ON_SCENE, "on_scene")                                                          \
    X(7, ASSIGNMENT_CLEARED, "cleared")                                                            \
    X(8, ASSIGNMENT_DECLINED, "declined")                                                          \
    X(9, ASSIGNMENT_CANCELLED, "cancelled")                                                        \
    X(10, ASSIGNMENT_PREEMPTED, "preempted")

#define READINESS(X)                                                                               \
    X(1, READINESS_OFF_DUTY, "off_duty")                                                           \
    X(2, READINESS_AVAILABLE, "available")                                                         \
    X(3, READINESS_COMMITTED, "committed")                                                         \
    X(4, READINESS_OUT_OF_SERVICE, "out_of_service")

#define CALL_STAGES(X)                                                                             \
    X(1, CALL_RINGING, "ringing")                                                                  \
    X(2, CALL_TALKING, "talking")                                                                  \
    X(3, CALL_ENDED, "ended")                                                                      \
    X(4, CALL_BACK_DUE, "call_back_due")                                                           \
    X(5, CALL_BACK_DONE, "call_back_done")

#define PRIORITIES(X)                                                                              \
    X(1, PRIORITY_P0, "P0") /* officer emergency */                                                \
    X(2, PRIORITY_P1, "P1") /* life in danger now */                                               \
    X(3, PRIORITY_P2, "P2") /* urgent */                                                           \
    X(4, PRIORITY_P3, "P3") /* routine */                                                          \
    X(5, PRIORITY_P4, "P4") /* report only */

#define SOURCES(X)                                                                                 \
    X(1, SOURCE_PHONE, "phone")                                                                    \
    X(2, SOURCE_WEB, "web")                                                                        \
    X(3, SOURCE_WALK_IN, "walk_in")                                                                \
    X(4, SOURCE_OFFICER, "officer") /* met in the field */                                         \
    X(5, SOURCE_SENSOR, "sensor")                                                                  \
    X(6, SOURCE_CONTROL_ROOM, "control_room") /* handed over by another body */                    \
    X(7, SOURCE_REPLAY, "replay")             /* recorded log fed through the API */               \
    X(8, SOURCE_SIMULATED, "simulated")       /* made calls, shown as such everywhere */

#define CLOCK_SOURCES(X)                                                                           \
    X(1, CLOCK_CORE, "core")                                                                       \
    X(2, CLOCK_DESK, "desk")     /* typed by an operator */                                        \
    X(3, CLOCK_DEVICE, "device") /* a unit's phone */                                              \
    X(4, CLOCK_PAPER, "paper")   /* entered later from a card */                                   \
    X(5, CLOCK_IMPORT, "import")

#define PERSON_CATEGORIES(X)                                                                       \
    X(1, PERSON_REPORTER, "reporter")                                                              \
    X(2, PERSON_VICTIM, "victim")                                                                  \
    X(3, PERSON_WITNESS, "witness")                                                                \
    X(4, PERSON_SUSPECT, "suspect")                                                                \
    X(5, PERSON_INVOLVED, "involved")                                                              \
    X(6, PERSON_OFFICER, "officer")

#define CERTAINTIES(X)                                                                             \
    X(1, CERTAINTY_FACT, "fact")                                                                   \
    X(2, CERTAINTY_OPINION, "opinion")

#define PURPOSES(X)                                                                                \
    X(1, PURPOSE_DISPATCH, "dispatch")                                                             \
    X(2, PURPOSE_VERIFY, "verify")                                                                 \
    X(3, PURPOSE_CALL_BACK, "call_back")                                                           \
    X(4, PURPOSE_REVIEW, "review")                                                                 \
    X(5, PURPOSE_AUDIT, "audit")                                                                   \
    X(6, PURPOSE_HANDOVER, "handover")

/* Data classes decide who sees a value and how long it is kept (DESIGN 8). */
#define DATA_CLASSES(X)                                                                            \
    X(1, DATA_PUBLIC, "public")     /* may be published */                                         \
    X(2, DATA_DUTY, "duty")         /* needed to work; no person in it */                          \
    X(3, DATA_PERSONAL, "personal") /* payload: purpose, audit, retention */                       \
    X(4, DATA_SECRET, "secret")     /* credentials; never leaves core */

#define EMERGENCY_STAGES(X)                                                                        \
    X(1, EMERGENCY_RAISED, "raised")                                                               \
    X(2, EMERGENCY_ACKNOWLEDGED, "acknowledged")                                                   \
    X(3, EMERGENCY_CLEARED, "cleared")

/* What the room must hear. Each has a sound and a sign of its own; an officer's emergency stands in
 * a row of its own and needs none of these. */
#define BELLS(X)                                                                                   \
    X(1, BELL_SAFETY, "safety")   /* a unit has not answered whether all is well */                \
    X(2, BELL_UNSEEN, "unseen")   /* an order not seen in time */                                  \
    X(3, BELL_URGENT, "urgent")   /* a P0 or P1 that nobody works on */                            \
    X(4, BELL_WAITING, "waiting") /* waits longer than its priority allows */                      \
    X(5, BELL_NEW, "new")         /* any other that nobody works on */

#define ENUM_MEMBER(value, name, wire) name = value,
enum role { ROLE_NONE, ROLES(ENUM_MEMBER) ROLE_COUNT };
enum signal_stage { SIGNAL_STAGE_NONE, SIGNAL_STAGES(ENUM_MEMBER) SIGNAL_STAGE_COUNT };
enum incident_stage { INCIDENT_STAGE_NONE, INCIDENT_STAGES(ENUM_MEMBER) INCIDENT_STAGE_COUNT };
enum assignment_stage {
    ASSIGNMENT_STAGE_NONE,
    ASSIGNMENT_STAGES(ENUM_MEMBER) ASSIGNMENT_STAGE_COUNT
};
enum readiness { READINESS_NONE, READINESS(ENUM_MEMBER) READINESS_COUNT };
enum call_stage { CALL_STAGE_NONE, CALL_STAGES(ENUM_MEMBER) CALL_STAGE_COUNT };
enum priority { PRIORITY_NONE, PRIORITIES(ENUM_MEMBER) PRIORITY_COUNT };
enum source { SOURCE_NONE, SOURCES(ENUM_MEMBER) SOURCE_COUNT };
enum clock_source { CLOCK_NONE, CLOCK_SOURCES(ENUM_MEMBER) CLOCK_SOURCE_COUNT };
enum person_category { PERSON_NONE, PERSON_CATEGORIES(ENUM_MEMBER) PERSON_CATEGORY_COUNT };
enum certainty { CERTAINTY_NONE, CERTAINTIES(ENUM_MEMBER) CERTAINTY_COUNT };
enum purpose { PURPOSE_NONE, PURPOSES(ENUM_MEMBER) PURPOSE_COUNT };
enum emergency_stage { EMERGENCY_STAGE_NONE, EMERGENCY_STAGES(ENUM_MEMBER) EMERGENCY_STAGE_COUNT };
enum bell { BELL_NONE, BELLS(ENUM_MEMBER) BELL_COUNT };
enum data_class { DATA_NONE, DATA_CLASSES(ENUM_MEMBER) DATA_CLASS_COUNT };
#undef ENUM_MEMBER

/* One list as data: names[value] is the wire name, names[0] NULL. */
struct enum_def {
    const char *name;
    const char *const *names;
    uint32_t count; /* highest value + 1 */
};
extern const struct enum_def enum_role, enum_signal_stage, enum_incident_stage,
    enum_assignment_stage, enum_readiness, enum_call_stage, enum_priority, enum_source,
    enum_clock_source, enum_person_category, enum_certainty, enum_purpose, enum_data_class,
    enum_emergency_stage, enum_bell;

const char *enum_wire(const struct enum_def *def, uint32_t value); /* NULL: none or unknown */
uint32_t enum_value(const struct enum_def *def, struct str wire);  /* 0: unknown */
#endif
