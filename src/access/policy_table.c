/* policy_table.c - the rows: who may do what. */
#include "access/policy.h"

#define R(role) (1u << (role))
#define NOBODY 1u /* nobody logged in */
#define OPERATOR R(ROLE_OPERATOR)
#define COMMANDER R(ROLE_COMMANDER)
#define UNIT R(ROLE_FIELD_UNIT)
#define STATION R(ROLE_STATION_ROOM)
#define COMMUNITY R(ROLE_COMMUNITY_OFFICER)
#define CASE R(ROLE_CASE_OFFICER)
#define FORCE R(ROLE_FORCE_MEMBER)
#define REVIEWER R(ROLE_REVIEWER)
#define AUDITOR R(ROLE_AUDITOR)
#define SYSTEM R(ROLE_SYSTEM_ADMIN)
#define SECURITY R(ROLE_SECURITY_ADMIN)
#define AUDIT R(ROLE_AUDIT_ADMIN)
#define PUBLIC R(ROLE_PUBLIC)
#define FEED R(ROLE_FEED)
#define TIMER R(ROLE_TIMER)
#define DESK (OPERATOR | COMMANDER)
#define CREW (UNIT | COMMUNITY | FORCE) /* who can be on board of a unit */
#define POLICE (DESK | STATION | COMMUNITY | CASE | UNIT)
#define ADMINS (SYSTEM | SECURITY | AUDIT)
#define OFFICES (R(ROLE_INSPECTOR) | R(ROLE_COURT_CLERK) | R(ROLE_PROSECUTOR) | R(ROLE_COMPANY))
#define STAFF (POLICE | FORCE | REVIEWER | AUDITOR | ADMINS | OFFICES)

#define P(purpose) (1u << (purpose))
#define WORK (P(PURPOSE_DISPATCH) | P(PURPOSE_VERIFY) | P(PURPOSE_CALL_BACK))
#define LOOK_BACK (P(PURPOSE_REVIEW) | P(PURPOSE_CALL_BACK))

#define ANY(roles)                                                                                 \
    {                                                                                              \
        (roles), 0, 0                                                                              \
    }
#define IN_AREA(roles)                                                                             \
    {                                                                                              \
        (roles), BOUND_AREA, 0                                                                     \
    }
#define ACROSS(roles)                                                                              \
    {                                                                                              \
        (roles), BOUND_ACROSS, 0                                                                   \
    }
#define OF_OFFICE(roles)                                                                           \
    {                                                                                              \
        (roles), BOUND_OFFICE, 0                                                                   \
    }
#define OF_UNIT(roles)                                                                             \
    {                                                                                              \
        (roles), BOUND_UNIT, 0                                                                     \
    }
#define OF_SELF(roles)                                                                             \
    {                                                                                              \
        (roles), BOUND_SELF, 0                                                                     \
    }
#define IN_AREA_FOR(roles, purposes)                                                               \
    {                                                                                              \
        (roles), BOUND_AREA, (purposes)                                                            \
    }
#define OF_UNIT_FOR(roles, purposes)                                                               \
    {                                                                                              \
        (roles), BOUND_UNIT, (purposes)                                                            \
    }

/* X(action, rules): one line an action. A role stands in one rule of an action at most. */
#define POLICY(X)                                                                                  \
    X(signal_raise, ANY(POLICE | FORCE | PUBLIC | FEED))                                           \
    X(signal_claim, IN_AREA(DESK | STATION))                                                       \
    X(signal_confirm, IN_AREA(DESK | STATION))                                                     \
    X(signal_dismiss, IN_AREA(DESK | STATION))                                                     \
    X(signal_duplicate, IN_AREA(DESK | STATION))                                                   \
    X(signal_expire, ANY(TIMER))                                                                   \
    X(signal_publish, IN_AREA(COMMANDER | STATION))                                                \
    X(signal_withdraw, IN_AREA(COMMANDER | STATION))                                               \
    X(incident_create, ANY(DESK | STATION | UNIT))                                                 \
    X(incident_amend, IN_AREA(DESK | STATION), OF_UNIT(UNIT))                                      \
    X(incident_triage, IN_AREA(DESK | STATION))                                                    \
    X(incident_enter, IN_AREA(DESK | STATION), ANY(TIMER))                                         \
    X(incident_prioritise, IN_AREA(DESK))                                                          \
    X(incident_control, IN_AREA(DESK | STATION), OF_UNIT(CREW))                                    \
    X(incident_close, IN_AREA(DESK | STATION))                                                     \
    X(incident_review, IN_AREA(DESK | REVIEWER))                                                   \
    X(incident_reopen, IN_AREA(DESK))                                                              \
    X(incident_merge, IN_AREA(DESK))                                                               \
    X(incident_unmerge, IN_AREA(DESK))                                                             \
    X(incident_transfer, IN_AREA(DESK))                                                            \
    X(incident_schedule, IN_AREA(DESK | STATION))                                                  \
    X(incident_note, IN_AREA(DESK | STATION | REVIEWER), OF_UNIT(CREW))                            \
    X(incident_state, IN_AREA(DESK | STATION), OF_UNIT(UNIT | COMMUNITY))                          \
    X(incident_attach, IN_AREA(DESK | STATION), OF_UNIT(CREW))                                     \
    X(incident_correct, IN_AREA(DESK | REVIEWER))                                                  \
    X(incident_escalate, IN_AREA(DESK), OF_UNIT(UNIT))                                             \
    X(incident_dispatch, IN_AREA(DESK))                                                            \
    X(incident_hear, IN_AREA(DESK | STATION))                                                      \
    X(incident_flag, ANY(TIMER))                                                                   \
    X(assignment_send, IN_AREA(DESK), ANY(TIMER))                                                  \
    X(assignment_see, IN_AREA(DESK), OF_UNIT(CREW))                                                \
    X(assignment_depart, IN_AREA(DESK), OF_UNIT(CREW))                                             \
    X(assignment_stage, IN_AREA(DESK), OF_UNIT(CREW))                                              \
    X(assignment_arrive, IN_AREA(DESK), OF_UNIT(CREW))                                             \
    X(assignment_clear, IN_AREA(DESK), OF_UNIT(CREW))                                              \
    X(assignment_decline, IN_AREA(DESK), OF_UNIT(CREW))                                            \
    X(assignment_cancel, IN_AREA(DESK))                                                            \
    X(assignment_ask, IN_AREA(DESK), ANY(TIMER))                                                   \
    X(assignment_check, IN_AREA(DESK), OF_UNIT(CREW))                                              \
    X(assignment_miss, ANY(TIMER))                                                                 \
    X(assignment_hear, IN_AREA(DESK | STATION))                                                    \
    X(assignment_flag, ANY(TIMER))                                                                 \
    X(unit_enrol, ANY(COMMANDER), ACROSS(SYSTEM))                                                  \
    X(unit_sign_on, ANY(DESK | STATION), OF_UNIT(CREW))                                            \
    X(unit_sign_off, ANY(DESK | STATION), OF_UNIT(CREW), ACROSS(TIMER))                            \
    X(unit_suspend, ANY(DESK | STATION), OF_UNIT(CREW))                                            \
    X(unit_resume, ANY(DESK | STATION), OF_UNIT(CREW))                                             \
    X(unit_place, ANY(DESK | STATION), OF_UNIT(CREW))                                              \
    X(call_ring, ANY(DESK | FEED))                                                                 \
    X(call_answer, IN_AREA(DESK), ANY(FEED))                                                       \
    X(call_end, IN_AREA(DESK), ANY(FEED))                                                          \
    X(call_back, IN_AREA(DESK))                                                                    \
    X(call_flag, ANY(TIMER))                                                                       \
    X(post_install, ACROSS(SYSTEM))                                                                \
    X(area_install, ANY(SYSTEM))                                                                   \
    X(body_install, ANY(SYSTEM))                                                                   \
    X(type_install, ANY(SYSTEM))                                                                   \
    X(plan_install, ANY(COMMANDER | SYSTEM))                                                       \
    X(user_install, ACROSS(SECURITY))                                                              \
    X(user_disable, ACROSS(SECURITY))                                                              \
    X(session_open, ANY(STAFF | FEED))                                                             \
    X(session_close, OF_SELF(STAFF & ~SECURITY), OF_SELF(FEED), ANY(SECURITY | TIMER))             \
    X(closure_set, ANY(DESK | STATION))                                                            \
    X(closure_lift, IN_AREA(DESK | STATION), ANY(TIMER))                                           \
    X(closure_start, ANY(TIMER))                                                                   \
    X(roster_set, OF_OFFICE(COMMANDER | STATION))                                                  \
    X(handover_sign, ANY(DESK | STATION))                                                          \
    X(handover_accept, IN_AREA(DESK | STATION))                                                    \
    X(timing_install, ANY(COMMANDER | SYSTEM))                                                     \
    X(hazard_kind_install, ANY(COMMANDER | SYSTEM))                                                \
    X(hazard_set, ANY(DESK | STATION | COMMUNITY))                                                 \
    X(hazard_amend, IN_AREA(DESK | STATION | COMMUNITY))                                           \
    X(hazard_lift, IN_AREA(DESK | STATION | COMMUNITY), ANY(TIMER))                                \
    X(emergency_raise, ANY(DESK | STATION | CREW))                                                 \
    X(emergency_acknowledge, IN_AREA(DESK | STATION))                                              \
    X(emergency_clear, IN_AREA(DESK))                                                              \
    X(emergency_flag, ANY(TIMER))                                                                  \
    X(notice_post, ANY(DESK))                                                                      \
    X(notice_confirm, ANY(DESK | CREW))                                                            \
    X(notice_withdraw, ANY(DESK | TIMER))                                                          \
    X(signal_read, IN_AREA(DESK | STATION | REVIEWER | AUDITOR))                                   \
    X(incident_read, IN_AREA(DESK | STATION | COMMUNITY | CASE | REVIEWER | AUDITOR),              \
      OF_UNIT(UNIT | FORCE))                                                                       \
    X(assignment_read, IN_AREA(DESK | STATION | COMMUNITY | CASE | REVIEWER | AUDITOR),            \
      OF_UNIT(UNIT | FORCE))                                                                       \
    X(unit_read, ANY(DESK | STATION | COMMUNITY | REVIEWER | AUDITOR | SYSTEM),                    \
      OF_UNIT(UNIT | FORCE))                                                                       \
    X(call_read, IN_AREA(DESK | REVIEWER | AUDITOR), ANY(FEED))                                    \
    X(post_read, ANY(POLICE | REVIEWER | AUDITOR | SYSTEM))                                        \
    X(area_read, ANY(STAFF))                                                                       \
    X(body_read, ANY(STAFF))                                                                       \
    X(type_read, ANY(POLICE | FORCE | REVIEWER | AUDITOR | SYSTEM))                                \
    X(plan_read, ANY(DESK | STATION | REVIEWER | AUDITOR | SYSTEM))                                \
    X(user_read, ANY(DESK | STATION | AUDITOR), ACROSS(SECURITY | AUDIT),                          \
      OF_SELF(STAFF & ~(DESK | STATION | AUDITOR | SECURITY | AUDIT)))                             \
    X(session_read, OF_SELF(STAFF & ~SECURITY), ANY(SECURITY))                                     \
    X(closure_read, ANY(POLICE | FORCE | REVIEWER | AUDITOR | SYSTEM))                             \
    X(roster_read, OF_OFFICE(POLICE | REVIEWER | AUDITOR))                                         \
    X(handover_read, IN_AREA(DESK | STATION | REVIEWER | AUDITOR))                                 \
    X(timing_read, ANY(POLICE | REVIEWER | AUDITOR | SYSTEM))                                      \
    X(hazard_kind_read, ANY(POLICE | FORCE | REVIEWER | AUDITOR | SYSTEM))                         \
    X(hazard_read, IN_AREA(DESK | STATION | COMMUNITY | REVIEWER | AUDITOR))                       \
    X(emergency_read, IN_AREA(DESK | STATION | REVIEWER | AUDITOR), OF_UNIT(CREW))                 \
    X(notice_read, ANY(POLICE | FORCE | REVIEWER | AUDITOR))                                       \
    X(signal_personal, IN_AREA_FOR(DESK | STATION, WORK), IN_AREA_FOR(REVIEWER, LOOK_BACK))        \
    X(incident_personal, IN_AREA_FOR(DESK | STATION, WORK | LOOK_BACK),                            \
      IN_AREA_FOR(REVIEWER, LOOK_BACK), IN_AREA_FOR(AUDITOR, P(PURPOSE_AUDIT)),                    \
      OF_UNIT_FOR(UNIT, P(PURPOSE_DISPATCH)))                                                      \
    X(assignment_personal, IN_AREA_FOR(DESK | STATION, WORK | LOOK_BACK),                          \
      IN_AREA_FOR(REVIEWER, LOOK_BACK), OF_UNIT_FOR(UNIT, P(PURPOSE_DISPATCH)))                    \
    X(call_personal, IN_AREA_FOR(DESK, WORK), IN_AREA_FOR(REVIEWER, LOOK_BACK))                    \
    X(handover_personal, IN_AREA_FOR(DESK | STATION, P(PURPOSE_HANDOVER) | P(PURPOSE_REVIEW)))     \
    X(incident_hazards, IN_AREA(DESK | STATION | COMMUNITY | CASE | REVIEWER | AUDITOR),           \
      OF_UNIT(UNIT | FORCE))                                                                       \
    X(incident_team, IN_AREA(DESK | STATION | COMMUNITY), OF_UNIT(UNIT | FORCE))                   \
    X(incident_log, IN_AREA(DESK | STATION | REVIEWER | AUDITOR), OF_UNIT(UNIT | FORCE))           \
    X(log_read, IN_AREA(DESK | STATION | REVIEWER | AUDITOR))                                      \
    X(photo_read, ANY(DESK | STATION | REVIEWER | UNIT))                                           \
    X(recommendation_ask, IN_AREA(DESK | STATION))                                                 \
    X(route_ask, IN_AREA(DESK | STATION), OF_UNIT(UNIT | FORCE))                                   \
    X(circles_ask, ANY(DESK | STATION | REVIEWER))                                                 \
    X(place_read, ANY(STAFF))                                                                      \
    X(catalogue_read, ANY(STAFF))                                                                  \
    X(position_read, ANY(DESK | STATION))                                                          \
    X(position_send, OF_UNIT(CREW), ACROSS(FEED))                                                  \
    X(push_read, ANY(POLICE | FORCE | REVIEWER | AUDITOR))                                         \
    X(map_read, ANY(STAFF))                                                                        \
    X(session_login, ANY(NOBODY | STAFF | FEED))                                                   \
    X(session_use, ANY(STAFF | FEED))                                                              \
    X(page_read, ANY(NOBODY | STAFF | FEED))                                                       \
    X(metrics_read, ANY(NOBODY | SYSTEM | AUDITOR))                                                \
    X(public_report, ANY(PUBLIC))                                                                  \
    X(public_follow, ANY(PUBLIC))                                                                  \
    X(public_photo, ANY(PUBLIC))                                                                   \
    X(public_read, ANY(PUBLIC))

/* An action without a line, or with two, does not compile. */
#define HAS_LINE(action, ...) POLICY_HAS_##action = 1,
enum { POLICY(HAS_LINE) };
#define CHECK_READ(number, name) _Static_assert(POLICY_HAS_##name, "policy line");
#define CHECK_COMMAND(number, name, object, rec) _Static_assert(POLICY_HAS_##name, "policy line");
ACCESS_READS(CHECK_READ)
COMMANDS(CHECK_COMMAND)

#define RULES(action, ...) [ACTION_##action] = {__VA_ARGS__},
static const struct access_rule table[ACTION_COUNT][ACCESS_MAX_RULES + 1] = {POLICY(RULES)};

#define NAME_READ(number, name) [number] = #name,
#define NAME_COMMAND(number, name, object, rec) [number] = #name,
static const char *const names[ACTION_COUNT] = {COMMANDS(NAME_COMMAND) ACCESS_READS(NAME_READ)};

const char *access_action_name(enum access_action action)
{
    return (unsigned)action < ACTION_COUNT ? names[action] : NULL;
}

const struct access_rule *access_rules(enum access_action action)
{
    return access_action_name(action) ? table[action] : NULL;
}
