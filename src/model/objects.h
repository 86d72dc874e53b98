/* objects.h - the state of each object as the desk holds it and as its state row stores it. Only
 * desk_apply changes one. Times are 0 / absent until they happen.
 * Layer: model. Threads: pure. */
#ifndef MODEL_OBJECTS_H
#define MODEL_OBJECTS_H
#include "model/facts_safety.h"

#define SIGNAL_OBJECT_FIELDS(F)                                                                    \
    F(1, stage, ENUM, signal_stage, DATA_DUTY, NEEDED, "stage")                                    \
    F(2, source, ENUM, source, DATA_DUTY, NEEDED, "where it comes from")                           \
    F(3, category, CHARS, MAX_CODE_BYTES + 1, DATA_DUTY, OPTIONAL, "incident type code proposed")  \
    F(4, place, PLACE, 0, DATA_DUTY, OPTIONAL, "where")                                            \
    F(5, accuracy_m, U32, 0, DATA_DUTY, OPTIONAL, "radius, metres")                                \
    F(6, area, REF, area, DATA_DUTY, OPTIONAL, "deepest area")                                     \
    F(7, words, PERSONAL, MAX_WORDS_BYTES, DATA_PERSONAL, OPTIONAL, "what was said or written")    \
    F(8, contact, PERSONAL, 400, DATA_PERSONAL, OPTIONAL, "sealed contact of the reporter")        \
    F(9, follow_code, CHARS, 65, DATA_SECRET, OPTIONAL, "hash of the follow-up code, hex")         \
    F(10, confidence, U32, 100, DATA_DUTY, OPTIONAL, "per cent")                                   \
    F(11, blob, CHARS, 65, DATA_DUTY, OPTIONAL, "photo")                                           \
    F(12, raised_us, TIME, 0, DATA_DUTY, NEEDED, "when it came")                                   \
    F(13, expires_us, TIME, 0, DATA_DUTY, OPTIONAL, "when it lapses unanswered")                   \
    F(14, verifier, REF, user, DATA_DUTY, OPTIONAL, "who looks into it")                           \
    F(15, verifying_us, TIME, 0, DATA_DUTY, OPTIONAL, "since when")                                \
    F(16, settled_us, TIME, 0, DATA_DUTY, OPTIONAL, "when it was settled")                         \
    F(17, incident, REF, incident, DATA_DUTY, OPTIONAL, "incident that it became or joined")       \
    F(18, duplicate_of, REF, signal, DATA_DUTY, OPTIONAL, "signal that stays")                     \
    F(19, reason, CHARS, MAX_REASON_BYTES + 1, DATA_DUTY, OPTIONAL, "why")                         \
    F(20, address, CHARS, MAX_NAME_BYTES + 1, DATA_DUTY, OPTIONAL, "place in words")               \
    F(21, blob_key, PERSONAL, 32, DATA_SECRET, OPTIONAL, "opens the photo")                        \
    F(22, public_text, CHARS, 601, DATA_PUBLIC, OPTIONAL,                                          \
      "what the public reads; gone when withdrawn")                                                \
    F(23, published_us, TIME, 0, DATA_DUTY, OPTIONAL, "cleared for the public since")              \
    F(24, publisher, REF, user, DATA_DUTY, OPTIONAL, "who cleared it")
RECORD_STRUCT(signal_object, SIGNAL_OBJECT_FIELDS)

#define INCIDENT_OBJECT_FIELDS(F)                                                                  \
    F(1, stage, ENUM, incident_stage, DATA_DUTY, NEEDED, "stage")                                  \
    F(2, type, CHARS, MAX_CODE_BYTES + 1, DATA_DUTY, NEEDED, "incident type code")                 \
    F(3, type_version, U32, 0, DATA_DUTY, OPTIONAL, "version of the type that it runs on")         \
    F(4, initial_priority, ENUM, priority, DATA_DUTY, NEEDED, "first priority, never changed")     \
    F(5, priority, ENUM, priority, DATA_DUTY, NEEDED, "current priority")                          \
    F(6, proposed_priority, ENUM, priority, DATA_DUTY, OPTIONAL, "what triage proposed")           \
    F(7, plan, CHARS, MAX_CODE_BYTES + 1, DATA_DUTY, OPTIONAL, "response plan in force")           \
    F(8, proposed_plan, CHARS, MAX_CODE_BYTES + 1, DATA_DUTY, OPTIONAL, "what triage proposed")    \
    F(9, level, U32, 9, DATA_DUTY, OPTIONAL, "alarm level, 1 at first")                            \
    F(10, source, ENUM, source, DATA_DUTY, NEEDED, "how it came")                                  \
    F(11, area, REF, area, DATA_DUTY, OPTIONAL, "deepest area")                                    \
    F(12, address, CHARS, MAX_NAME_BYTES + 1, DATA_DUTY, OPTIONAL,                                 \
      "address as the caller gave it")                                                             \
    F(13, chosen, PLACE, 0, DATA_DUTY, OPTIONAL, "point that the call-taker chose")                \
    F(14, chosen_accuracy_m, U32, 0, DATA_DUTY, OPTIONAL, "radius, metres")                        \
    F(15, chosen_by, REF, user, DATA_DUTY, OPTIONAL, "who chose it")                               \
    F(16, suggested, PLACE, 0, DATA_DUTY, OPTIONAL, "point that the geocoder suggested")           \
    F(17, suggested_text, CHARS, MAX_NAME_BYTES + 1, DATA_DUTY, OPTIONAL, "geocoder's wording")    \
    F(18, suggested_accuracy_m, U32, 0, DATA_DUTY, OPTIONAL, "radius, metres")                     \
    F(19, verified, PLACE, 0, DATA_DUTY, OPTIONAL, "point confirmed")                              \
    F(20, verified_accuracy_m, U32, 0, DATA_DUTY, OPTIONAL, "radius, metres")                      \
    F(21, verified_by, REF, user, DATA_DUTY, OPTIONAL, "who confirmed it")                         \
    F(22, words, PERSONAL, MAX_WORDS_BYTES, DATA_PERSONAL, OPTIONAL, "caller's own words")         \
    F(23, caller_name, PERSONAL, MAX_NAME_BYTES, DATA_PERSONAL, OPTIONAL, "caller")                \
    F(24, caller_number, PERSONAL, 40, DATA_PERSONAL, OPTIONAL, "call-back number")                \
    F(25, call, REF, call, DATA_DUTY, OPTIONAL, "telephone call")                                  \
    F(26, signal, REF, signal, DATA_DUTY, OPTIONAL, "first signal")                                \
    F(27, is_exercise, BOOL, 0, DATA_DUTY, OPTIONAL, "exercise")                                   \
    F(28, is_simulated, BOOL, 0, DATA_DUTY, OPTIONAL, "made-up call")                              \
    F(29, external_ref, CHARS, MAX_CODE_BYTES + 1, DATA_DUTY, OPTIONAL,                            \
      "number in another system")                                                                  \
    F(30, merged_into, REF, incident, DATA_DUTY, OPTIONAL, "incident that stays")                  \
    F(31, stage_before_merge, ENUM, incident_stage, DATA_DUTY, OPTIONAL,                           \
      "stage that un-merge restores")                                                              \
    F(32, to_body, CHARS, MAX_CODE_BYTES + 1, DATA_DUTY, OPTIONAL, "transferred to")               \
    F(33, receipt, CHARS, MAX_NAME_BYTES + 1, DATA_DUTY, OPTIONAL, "who took it")                  \
    F(34, disposition, CHARS, MAX_CODE_BYTES + 1, DATA_DUTY, OPTIONAL, "coded outcome")            \
    F(35, outcome, CHARS, MAX_CODE_BYTES + 1, DATA_DUTY, OPTIONAL, "result of the call-back")      \
    F(36, remark, PERSONAL, MAX_WORDS_BYTES, DATA_PERSONAL, OPTIONAL, "what was done")             \
    F(37, received_us, TIME, 0, DATA_DUTY, NEEDED, "stamp: received")                              \
    F(38, entered_us, TIME, 0, DATA_DUTY, OPTIONAL, "stamp: entered, became pending")              \
    F(39, scheduled_us, TIME, 0, DATA_DUTY, OPTIONAL, "due then")                                  \
    F(40, dispatched_us, TIME, 0, DATA_DUTY, OPTIONAL, "stamp: first unit sent")                   \
    F(41, acknowledged_us, TIME, 0, DATA_DUTY, OPTIONAL, "stamp: first unit saw its order")        \
    F(42, en_route_us, TIME, 0, DATA_DUTY, OPTIONAL, "stamp: first unit under way")                \
    F(43, on_scene_us, TIME, 0, DATA_DUTY, OPTIONAL, "stamp: first unit on scene")                 \
    F(44, controlled_us, TIME, 0, DATA_DUTY, OPTIONAL, "stamp: under control")                     \
    F(45, cleared_us, TIME, 0, DATA_DUTY, OPTIONAL, "stamp: last unit clear")                      \
    F(46, closed_us, TIME, 0, DATA_DUTY, OPTIONAL, "stamp: closed")                                \
    F(47, reviewed_us, TIME, 0, DATA_DUTY, OPTIONAL, "stamp: call-back done")                      \
    F(48, reopened_count, U32, 0, DATA_DUTY, OPTIONAL, "how often reopened")                       \
    F(49, merged_count, U32, 0, DATA_DUTY, OPTIONAL, "incidents merged into this one")             \
    F(50, note_count, U32, 0, DATA_DUTY, OPTIONAL, "notes, statements and photos")                 \
    F(51, assignments, REFS, assignment, DATA_DUTY, OPTIONAL, "assignments not ended")             \
    F(52, answers, JSON, 8192, DATA_DUTY, OPTIONAL, "triage answers in force")                     \
    F(53, creator, REF, user, DATA_DUTY, OPTIONAL, "who took it")                                  \
    F(54, emptied_us, TIME, 0, DATA_DUTY, OPTIONAL, "no unit left since; not a stamp, it moves")   \
    F(55, reclosed_us, TIME, 0, DATA_DUTY, OPTIONAL,                                               \
      "last closing after a reopening; not a stamp")                                               \
    F(56, overdue_us, TIME, 0, DATA_DUTY, OPTIONAL,                                                \
      "flag: waits too long since; gone when it moves")                                            \
    F(57, merged, REFS, incident, DATA_DUTY, OPTIONAL, "incidents merged into this one")           \
    F(58, corrections, JSON, 32768, DATA_DUTY, OPTIONAL,                                           \
      "by stamp: {value, was, by, reason, at}, the latest")                                        \
    F(59, transferred_us, TIME, 0, DATA_DUTY, OPTIONAL, "stamp: handed to the other body")         \
    F(60, bell, ENUM, bell, DATA_DUTY, OPTIONAL,                                                   \
      "what the room must hear; gone when somebody took note or works on it")                      \
    F(61, bell_us, TIME, 0, DATA_DUTY, OPTIONAL, "when that was news")
RECORD_STRUCT(incident_object, INCIDENT_OBJECT_FIELDS)

#define ASSIGNMENT_OBJECT_FIELDS(F)                                                                \
    F(1, stage, ENUM, assignment_stage, DATA_DUTY, NEEDED, "stage")                                \
    F(2, incident, REF, incident, DATA_DUTY, NEEDED, "incident worked")                            \
    F(3, unit, REF, unit, DATA_DUTY, NEEDED, "unit that works it")                                 \
    F(4, area, REF, area, DATA_DUTY, OPTIONAL, "area of the incident")                             \
    F(5, recommendation, CHARS, 65, DATA_DUTY, OPTIONAL, "digest followed")                        \
    F(6, reason, CHARS, MAX_REASON_BYTES + 1, DATA_DUTY, OPTIONAL,                                 \
      "why not as recommended, or why ended")                                                      \
    F(7, result, CHARS, MAX_CODE_BYTES + 1, DATA_DUTY, OPTIONAL, "coded result")                   \
    F(8, remark, PERSONAL, MAX_WORDS_BYTES, DATA_PERSONAL, OPTIONAL, "what was done")              \
    F(9, takes_from, REF, assignment, DATA_DUTY, OPTIONAL, "pre-empted for it")                    \
    F(10, reserved_us, TIME, 0, DATA_DUTY, OPTIONAL, "stamp: reserved")                            \
    F(11, sent_us, TIME, 0, DATA_DUTY, OPTIONAL, "stamp: sent")                                    \
    F(12, seen_us, TIME, 0, DATA_DUTY, OPTIONAL, "stamp: seen")                                    \
    F(13, en_route_us, TIME, 0, DATA_DUTY, OPTIONAL, "stamp: en route")                            \
    F(14, staged_us, TIME, 0, DATA_DUTY, OPTIONAL, "stamp: staged")                                \
    F(15, on_scene_us, TIME, 0, DATA_DUTY, OPTIONAL, "stamp: on scene")                            \
    F(16, ended_us, TIME, 0, DATA_DUTY, OPTIONAL,                                                  \
      "stamp: cleared, declined, cancelled, preempted")                                            \
    F(17, sender, REF, user, DATA_DUTY, OPTIONAL, "who sent it")                                   \
    F(18, offered_us, TIME, 0, DATA_DUTY, OPTIONAL,                                                \
      "stamp: reserved, and its turn on the unit's stack")                                         \
    F(19, is_out_of_order, BOOL, 0, DATA_DUTY, OPTIONAL,                                           \
      "a stamp lies before that of an earlier stage")                                              \
    F(20, overdue_us, TIME, 0, DATA_DUTY, OPTIONAL,                                                \
      "flag: order not seen in time since; gone when it moves")                                    \
    F(21, corrections, JSON, 32768, DATA_DUTY, OPTIONAL,                                           \
      "by stamp: {value, was, by, reason, at}, the latest")                                        \
    F(22, alone_us, TIME, 0, DATA_DUTY, OPTIONAL, "the only unit on scene since")                  \
    F(23, asked_us, TIME, 0, DATA_DUTY, OPTIONAL, "asked whether all is well, not answered yet")   \
    F(24, missed_us, TIME, 0, DATA_DUTY, OPTIONAL, "flag: it has not answered in time since")      \
    F(25, checked_us, TIME, 0, DATA_DUTY, OPTIONAL, "all was well then; not a stamp")              \
    F(26, checked_by, REF, user, DATA_DUTY, OPTIONAL, "who said so")                               \
    F(27, bell, ENUM, bell, DATA_DUTY, OPTIONAL,                                                   \
      "what the room must hear; gone when somebody took note or works on it")                      \
    F(28, bell_us, TIME, 0, DATA_DUTY, OPTIONAL, "when that was news")
RECORD_STRUCT(assignment_object, ASSIGNMENT_OBJECT_FIELDS)

#define UNIT_OBJECT_FIELDS(F)                                                                      \
    F(1, readiness, ENUM, readiness, DATA_DUTY, NEEDED, "derived from crew and assignments")       \
    F(2, callsign, CHARS, 25, DATA_DUTY, NEEDED, "short name on radio")                            \
    F(3, kind, CHARS, 25, DATA_DUTY, NEEDED, "kind")                                               \
    F(4, profile, CHARS, 25, DATA_DUTY, NEEDED, "road profile")                                    \
    F(5, capabilities, CHARS, 2 * MAX_CODES_BYTES + 2, DATA_DUTY, OPTIONAL,                        \
      "own and crew's codes")                                                                      \
    F(6, own_capabilities, CHARS, MAX_CODES_BYTES + 1, DATA_DUTY, OPTIONAL,                        \
      "codes of the unit itself")                                                                  \
    F(7, post, REF, post, DATA_DUTY, OPTIONAL, "home post")                                        \
    F(8, body, REF, body, DATA_DUTY, NEEDED, "office")                                             \
    F(9, area, REF, area, DATA_DUTY, OPTIONAL, "area of its home")                                 \
    F(10, min_crew, U32, 0, DATA_DUTY, OPTIONAL, "crew needed")                                    \
    F(11, crew, U32, 0, DATA_DUTY, OPTIONAL, "crew on board")                                      \
    F(12, members, REFS, user, DATA_DUTY, OPTIONAL, "accounts of the crew")                        \
    F(13, is_community, BOOL, 0, DATA_DUTY, OPTIONAL, "community team")                            \
    F(14, is_no_dispatch, BOOL, 0, DATA_DUTY, OPTIONAL, "never sent")                              \
    F(15, active, REF, assignment, DATA_DUTY, OPTIONAL, "the one assignment being worked")         \
    F(16, stacked, REFS, assignment, DATA_DUTY, OPTIONAL, "reserved assignments, in order")        \
    F(17, place, PLACE, 0, DATA_DUTY, OPTIONAL, "last place known to the log (home, radio)")       \
    F(18, placed_us, TIME, 0, DATA_DUTY, OPTIONAL, "when it was there")                            \
    F(19, signed_on_us, TIME, 0, DATA_DUTY, OPTIONAL, "on duty since")                             \
    F(20, until_us, TIME, 0, DATA_DUTY, OPTIONAL, "end of shift")                                  \
    F(21, readiness_us, TIME, 0, DATA_DUTY, OPTIONAL, "in this readiness since")                   \
    F(22, reason, CHARS, MAX_REASON_BYTES + 1, DATA_DUTY, OPTIONAL, "why out of service")          \
    F(23, diverted_count, U32, 0, DATA_DUTY, OPTIONAL,                                             \
      "calls that a community team was taken for")                                                 \
    F(24, is_suspended, BOOL, 0, DATA_DUTY, OPTIONAL, "taken out of service by a person")          \
    F(25, turnout_s, U32, 0, DATA_DUTY, OPTIONAL,                                                  \
      "from the order until it moves, at its post, seconds")                                       \
    F(26, confirmed, REFS, notice, DATA_DUTY, OPTIONAL, "open notices that this crew has confirmed")
RECORD_STRUCT(unit_object, UNIT_OBJECT_FIELDS)

#define CALL_OBJECT_FIELDS(F)                                                                      \
    F(1, stage, ENUM, call_stage, DATA_DUTY, NEEDED, "stage")                                      \
    F(2, number, PERSONAL, 40, DATA_PERSONAL, OPTIONAL, "number shown")                            \
    F(3, line, CHARS, MAX_CODE_BYTES + 1, DATA_DUTY, NEEDED, "line")                               \
    F(4, external_ref, CHARS, MAX_CODE_BYTES + 1, DATA_DUTY, NEEDED, "call id of the exchange")    \
    F(5, place, PLACE, 0, DATA_DUTY, OPTIONAL, "location sent by the network")                     \
    F(6, accuracy_m, U32, 0, DATA_DUTY, OPTIONAL, "radius, metres")                                \
    F(7, area, REF, area, DATA_DUTY, OPTIONAL, "deepest area")                                     \
    F(8, ringing_us, TIME, 0, DATA_DUTY, NEEDED, "stamp: rang")                                    \
    F(9, answered_us, TIME, 0, DATA_DUTY, OPTIONAL, "stamp: answered")                             \
    F(10, ended_us, TIME, 0, DATA_DUTY, OPTIONAL, "stamp: ended")                                  \
    F(11, answerer, REF, user, DATA_DUTY, OPTIONAL, "who answered")                                \
    F(12, is_silent, BOOL, 0, DATA_DUTY, OPTIONAL, "nobody spoke")                                 \
    F(13, outcome, CHARS, MAX_CODE_BYTES + 1, DATA_DUTY, OPTIONAL, "result of the call-back")      \
    F(14, incident, REF, incident, DATA_DUTY, OPTIONAL, "incident that came of it")                \
    F(15, called_back_us, TIME, 0, DATA_DUTY, OPTIONAL, "stamp: called back")                      \
    F(16, overdue_us, TIME, 0, DATA_DUTY, OPTIONAL, "flag: not called back in time since")
RECORD_STRUCT(call_object, CALL_OBJECT_FIELDS)

#define POST_OBJECT_FIELDS(F)                                                                      \
    F(1, code, CHARS, MAX_CODE_BYTES + 1, DATA_DUTY, NEEDED, "stable code")                        \
    F(2, name, CHARS, MAX_NAME_BYTES + 1, DATA_DUTY, NEEDED, "name")                               \
    F(3, kind, CHARS, MAX_CODE_BYTES + 1, DATA_DUTY, NEEDED, "kind")                               \
    F(4, place, PLACE, 0, DATA_DUTY, NEEDED, "where")                                              \
    F(5, body, REF, body, DATA_DUTY, OPTIONAL, "office")                                           \
    F(6, area, REF, area, DATA_DUTY, OPTIONAL, "deepest area")                                     \
    F(7, is_fictional, BOOL, 0, DATA_DUTY, OPTIONAL, "made by the demo's rule")
RECORD_STRUCT(post_object, POST_OBJECT_FIELDS)

#define AREA_OBJECT_FIELDS(F)                                                                      \
    F(1, code, CHARS, MAX_CODE_BYTES + 1, DATA_PUBLIC, NEEDED, "division code")                    \
    F(2, name, CHARS, MAX_NAME_BYTES + 1, DATA_PUBLIC, NEEDED, "name")                             \
    F(3, level, U32, 5, DATA_PUBLIC, NEEDED, "level")                                              \
    F(4, parent, REF, area, DATA_PUBLIC, OPTIONAL, "area above")                                   \
    F(5, station, CHARS, MAX_NAME_BYTES + 1, DATA_DUTY, OPTIONAL, "police station in charge")      \
    F(6, officer, CHARS, MAX_NAME_BYTES + 1, DATA_DUTY, OPTIONAL, "named officer")                 \
    F(7, phone, CHARS, 41, DATA_DUTY, OPTIONAL, "duty phone")                                      \
    F(8, is_fictional, BOOL, 0, DATA_PUBLIC, OPTIONAL, "made by the demo's rule")                  \
    F(9, shape, JSON, MAX_DOCUMENT_BYTES, DATA_PUBLIC, OPTIONAL, "GeoJSON, WGS-84")
RECORD_STRUCT(area_object, AREA_OBJECT_FIELDS)

#define BODY_OBJECT_FIELDS(F)                                                                      \
    F(1, code, CHARS, MAX_CODE_BYTES + 1, DATA_PUBLIC, NEEDED, "stable code")                      \
    F(2, name, CHARS, MAX_NAME_BYTES + 1, DATA_PUBLIC, NEEDED, "name")                             \
    F(3, parent, REF, body, DATA_PUBLIC, OPTIONAL, "body above")                                   \
    F(4, kind, CHARS, MAX_CODE_BYTES + 1, DATA_PUBLIC, NEEDED, "kind")
RECORD_STRUCT(body_object, BODY_OBJECT_FIELDS)

#define TYPE_OBJECT_FIELDS(F)                                                                      \
    F(1, code, CHARS, MAX_CODE_BYTES + 1, DATA_PUBLIC, NEEDED, "stable code")                      \
    F(2, version, U32, 0, DATA_PUBLIC, NEEDED, "version")                                          \
    F(3, document, JSON, MAX_DOCUMENT_BYTES, DATA_PUBLIC, NEEDED, "canonical JSON")
RECORD_STRUCT(type_object, TYPE_OBJECT_FIELDS)

#define PLAN_OBJECT_FIELDS(F)                                                                      \
    F(1, code, CHARS, MAX_CODE_BYTES + 1, DATA_DUTY, NEEDED, "stable code")                        \
    F(2, version, U32, 0, DATA_DUTY, NEEDED, "version")                                            \
    F(3, document, JSON, MAX_DOCUMENT_BYTES, DATA_DUTY, NEEDED, "canonical JSON")
RECORD_STRUCT(plan_object, PLAN_OBJECT_FIELDS)

#define USER_OBJECT_FIELDS(F)                                                                      \
    F(1, login, CHARS, 49, DATA_DUTY, NEEDED, "login name")                                        \
    F(2, name, CHARS, MAX_NAME_BYTES + 1, DATA_DUTY, NEEDED, "name shown")                         \
    F(3, role, ENUM, role, DATA_DUTY, NEEDED, "role")                                              \
    F(4, body, REF, body, DATA_DUTY, NEEDED, "office")                                             \
    F(5, area, REF, area, DATA_DUTY, OPTIONAL, "top of what it may see")                           \
    F(6, unit, REF, unit, DATA_DUTY, OPTIONAL, "unit of a field account")                          \
    F(7, credential, PERSONAL, 256, DATA_SECRET, NEEDED, "argon2id string")                        \
    F(8, is_disabled, BOOL, 0, DATA_DUTY, OPTIONAL, "may not log in")
RECORD_STRUCT(user_object, USER_OBJECT_FIELDS)

#define SESSION_OBJECT_FIELDS(F)                                                                   \
    F(1, user, REF, user, DATA_DUTY, NEEDED, "account")                                            \
    F(2, token_hash, CHARS, 65, DATA_SECRET, NEEDED, "BLAKE2b-256 of the token, hex")              \
    F(3, expires_us, TIME, 0, DATA_DUTY, NEEDED, "absolute end")                                   \
    F(4, opened_us, TIME, 0, DATA_DUTY, NEEDED, "start")                                           \
    F(5, is_closed, BOOL, 0, DATA_DUTY, OPTIONAL, "ended or revoked")
RECORD_STRUCT(session_object, SESSION_OBJECT_FIELDS)

#define CLOSURE_OBJECT_FIELDS(F)                                                                   \
    F(1, path, JSON, 65536, DATA_DUTY, NEEDED, "GeoJSON, WGS-84")                                  \
    F(2, profiles, CHARS, MAX_CODES_BYTES + 1, DATA_DUTY, OPTIONAL, "profiles bound")              \
    F(3, factor, U32, 0, DATA_DUTY, OPTIONAL, "times slower; 0 = shut")                            \
    F(4, from_us, TIME, 0, DATA_DUTY, NEEDED, "start")                                             \
    F(5, until_us, TIME, 0, DATA_DUTY, OPTIONAL, "end")                                            \
    F(6, reason, CHARS, MAX_REASON_BYTES + 1, DATA_DUTY, NEEDED, "why")                            \
    F(7, name, CHARS, MAX_NAME_BYTES + 1, DATA_DUTY, OPTIONAL, "name of the stretch")              \
    F(8, lifted_us, TIME, 0, DATA_DUTY, OPTIONAL, "when it was lifted")                            \
    F(9, area, REF, area, DATA_DUTY, OPTIONAL, "deepest area")                                     \
    F(10, is_in_force, BOOL, 0, DATA_DUTY, OPTIONAL, "begun and not ended: the roads obey it")
RECORD_STRUCT(closure_object, CLOSURE_OBJECT_FIELDS)

#define ROSTER_OBJECT_FIELDS(F)                                                                    \
    F(1, day, CHARS, 11, DATA_DUTY, NEEDED, "local date")                                          \
    F(2, shift, CHARS, MAX_CODE_BYTES + 1, DATA_DUTY, NEEDED, "shift code")                        \
    F(3, body, REF, body, DATA_DUTY, NEEDED, "office")                                             \
    F(4, duties, JSON, 65536, DATA_DUTY, NEEDED, "list of duties")
RECORD_STRUCT(roster_object, ROSTER_OBJECT_FIELDS)

#define HANDOVER_OBJECT_FIELDS(F)                                                                  \
    F(1, shift, CHARS, MAX_CODE_BYTES + 1, DATA_DUTY, NEEDED, "shift that ended")                  \
    F(2, signed_by, REF, user, DATA_DUTY, NEEDED, "who handed over")                               \
    F(3, signed_us, TIME, 0, DATA_DUTY, NEEDED, "when")                                            \
    F(4, accepted_by, REF, user, DATA_DUTY, OPTIONAL, "who took over")                             \
    F(5, accepted_us, TIME, 0, DATA_DUTY, OPTIONAL, "when")                                        \
    F(6, open_items, JSON, 65536, DATA_DUTY, OPTIONAL, "what was open")                            \
    F(7, remark, PERSONAL, MAX_WORDS_BYTES, DATA_PERSONAL, OPTIONAL, "things to watch")            \
    F(8, area, REF, area, DATA_DUTY, OPTIONAL, "what it is about; none = whole realm")
RECORD_STRUCT(handover_object, HANDOVER_OBJECT_FIELDS)

/* There is one: number 1. */
#define TIMING_OBJECT_FIELDS(F)                                                                    \
    F(1, unseen_s, U32, 0, DATA_DUTY, NEEDED, "an order not seen, seconds")                        \
    F(2, call_back_s, U32, 0, DATA_DUTY, NEEDED, "a dropped call not called back, seconds")        \
    F(3, receipt_s, U32, 0, DATA_DUTY, NEEDED, "a transfer without receipt, seconds")              \
    F(4, waiting_p0_s, U32, 0, DATA_DUTY, NEEDED, "a P0 without a unit, seconds")                  \
    F(5, waiting_p1_s, U32, 0, DATA_DUTY, NEEDED, "a P1 without a unit, seconds")                  \
    F(6, waiting_p2_s, U32, 0, DATA_DUTY, NEEDED, "a P2 without a unit, seconds")                  \
    F(7, waiting_p3_s, U32, 0, DATA_DUTY, NEEDED, "a P3 without a unit, seconds")                  \
    F(8, waiting_p4_s, U32, 0, DATA_DUTY, NEEDED, "a P4 without a unit, seconds")                  \
    F(9, check_s, U32, 0, DATA_DUTY, OPTIONAL,                                                     \
      "a unit alone on scene is asked whether all is well after, seconds")                         \
    F(10, answer_s, U32, 0, DATA_DUTY, OPTIONAL, "that question unanswered, seconds")              \
    F(11, emergency_s, U32, 0, DATA_DUTY, OPTIONAL, "an emergency not acknowledged, seconds")
RECORD_STRUCT(timing_object, TIMING_OBJECT_FIELDS)

#define HAZARD_KIND_OBJECT_FIELDS(F)                                                               \
    F(1, code, CHARS, MAX_CODE_BYTES + 1, DATA_PUBLIC, NEEDED, "stable code")                      \
    F(2, name_zh, CHARS, MAX_NAME_BYTES + 1, DATA_PUBLIC, NEEDED, "name in Chinese")               \
    F(3, name_en, CHARS, MAX_NAME_BYTES + 1, DATA_PUBLIC, NEEDED, "name in English")               \
    F(4, letter, CHARS, 9, DATA_PUBLIC, NEEDED, "its sign on the map")                             \
    F(5, near_m, U32, 0, DATA_PUBLIC, NEEDED, "who works within this distance is told, metres")    \
    F(6, keep_days, U32, 0, DATA_PUBLIC, NEEDED, "longest life of such an entry, days")
RECORD_STRUCT(hazard_kind_object, HAZARD_KIND_OBJECT_FIELDS)

/* A label on a place: it names no person but its author. */
#define HAZARD_OBJECT_FIELDS(F)                                                                    \
    F(1, kind, CHARS, MAX_CODE_BYTES + 1, DATA_DUTY, NEEDED, "code of its kind")                   \
    F(2, place, PLACE, 0, DATA_DUTY, NEEDED, "where")                                              \
    F(3, shape, JSON, 65536, DATA_DUTY, OPTIONAL, "GeoJSON, WGS-84")                               \
    F(4, address, CHARS, MAX_NAME_BYTES + 1, DATA_DUTY, OPTIONAL, "place in words")                \
    F(5, note, CHARS, MAX_REASON_BYTES + 1, DATA_DUTY, NEEDED, "what is there")                    \
    F(6, ground, CHARS, MAX_REASON_BYTES + 1, DATA_DUTY, NEEDED, "how it is known")                \
    F(7, author, REF, user, DATA_DUTY, OPTIONAL, "who entered or last changed it")                 \
    F(8, area, REF, area, DATA_DUTY, OPTIONAL, "deepest area")                                     \
    F(9, set_us, TIME, 0, DATA_DUTY, NEEDED, "since when it stands there")                         \
    F(10, until_us, TIME, 0, DATA_DUTY, NEEDED, "end")                                             \
    F(11, lifted_us, TIME, 0, DATA_DUTY, OPTIONAL, "when it was taken away or ended")              \
    F(12, amended_us, TIME, 0, DATA_DUTY, OPTIONAL, "last changed")
RECORD_STRUCT(hazard_object, HAZARD_OBJECT_FIELDS)

#define EMERGENCY_OBJECT_FIELDS(F)                                                                 \
    F(1, stage, ENUM, emergency_stage, DATA_DUTY, NEEDED, "stage")                                 \
    F(2, unit, REF, unit, DATA_DUTY, NEEDED, "whose")                                              \
    F(3, incident, REF, incident, DATA_DUTY, OPTIONAL, "what it works on")                         \
    F(4, place, PLACE, 0, DATA_DUTY, OPTIONAL, "where, as last known when it was pressed")         \
    F(5, accuracy_m, U32, 0, DATA_DUTY, OPTIONAL, "radius, metres")                                \
    F(6, placed_us, TIME, 0, DATA_DUTY, OPTIONAL, "when it was there")                             \
    F(7, area, REF, area, DATA_DUTY, OPTIONAL, "deepest area")                                     \
    F(8, raised_us, TIME, 0, DATA_DUTY, NEEDED, "stamp: first pressed")                            \
    F(9, pressed_us, TIME, 0, DATA_DUTY, NEEDED, "last pressed")                                   \
    F(10, acknowledged_us, TIME, 0, DATA_DUTY, OPTIONAL,                                           \
      "the desk has seen it; gone when pressed again")                                             \
    F(11, acknowledged_by, REF, user, DATA_DUTY, OPTIONAL, "who, for the whole room")              \
    F(12, name, CHARS, MAX_NAME_BYTES + 1, DATA_DUTY, OPTIONAL, "that account's name")             \
    F(13, overdue_us, TIME, 0, DATA_DUTY, OPTIONAL, "flag: not acknowledged in time since")        \
    F(14, cleared_us, TIME, 0, DATA_DUTY, OPTIONAL, "stamp: cleared")                              \
    F(15, cleared_by, REF, user, DATA_DUTY, OPTIONAL, "by whom")                                   \
    F(16, reason, CHARS, MAX_REASON_BYTES + 1, DATA_DUTY, OPTIONAL, "why it was cleared")
RECORD_STRUCT(emergency_object, EMERGENCY_OBJECT_FIELDS)

#define NOTICE_OBJECT_FIELDS(F)                                                                    \
    F(1, text, CHARS, MAX_NOTICE_BYTES + 1, DATA_DUTY, NEEDED, "what every unit is to know")       \
    F(2, is_urgent, BOOL, 0, DATA_DUTY, OPTIONAL, "it stands over the order")                      \
    F(3, author, REF, user, DATA_DUTY, OPTIONAL, "who wrote it")                                   \
    F(4, posted_us, TIME, 0, DATA_DUTY, NEEDED, "when")                                            \
    F(5, until_us, TIME, 0, DATA_DUTY, NEEDED, "end")                                              \
    F(6, withdrawn_us, TIME, 0, DATA_DUTY, OPTIONAL, "when it was withdrawn or ended")
RECORD_STRUCT(notice_object, NOTICE_OBJECT_FIELDS)

/* Best known: verified, chosen, suggested; PLACE_NONE. */
struct place incident_place(const struct incident_object *incident);

const struct record *object_record(enum object_kind kind); /* NULL: unknown */
#endif
