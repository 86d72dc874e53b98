/* facts.h - the records that commands carry in and events keep. One field table each; an event
 * often keeps the very record of its command.
 * Layer: model. Threads: pure. Texts of PERSONAL fields never reach an event (DESIGN 5). */
#ifndef MODEL_FACTS_H
#define MODEL_FACTS_H
#include "model/record.h"

#define MAX_CODE_BYTES 48
#define MAX_CODES_BYTES 240
#define MAX_NAME_BYTES 120
#define MAX_REASON_BYTES 240
#define MAX_WORDS_BYTES 4000
#define MAX_DOCUMENT_BYTES (256u << 10)

#define NOTHING_FIELDS(F)                                                                          \
    F(1, remark, TEXT, MAX_REASON_BYTES, DATA_DUTY, OPTIONAL, "short remark, no person in it")
RECORD_STRUCT(nothing, NOTHING_FIELDS)

#define REASON_FIELDS(F)                                                                           \
    F(1, reason, TEXT, MAX_REASON_BYTES, DATA_DUTY, NEEDED, "why; a reason code or a short text")
RECORD_STRUCT(reason, REASON_FIELDS)

/* ---- signals ---- */
#define SIGNAL_RAISE_FIELDS(F)                                                                     \
    F(1, source, ENUM, source, DATA_DUTY, NEEDED, "where it comes from")                           \
    F(2, category, TEXT, MAX_CODE_BYTES, DATA_DUTY, OPTIONAL, "incident type code proposed")       \
    F(3, place, PLACE, 0, DATA_DUTY, OPTIONAL, "where")                                            \
    F(4, accuracy_m, U32, 100000, DATA_DUTY, OPTIONAL, "radius of the place, metres")              \
    F(5, words, PERSONAL, MAX_WORDS_BYTES, DATA_PERSONAL, OPTIONAL, "what was said or written")    \
    F(6, contact, PERSONAL, 400, DATA_PERSONAL, OPTIONAL, "sealed contact of the reporter")        \
    F(7, follow_code, TEXT, 64, DATA_DUTY, OPTIONAL, "hash of the reporter's follow-up code, hex") \
    F(8, expires_s, U32, 2592000, DATA_DUTY, OPTIONAL, "life of the signal, seconds")              \
    F(9, confidence, U32, 100, DATA_DUTY, OPTIONAL, "per cent, as the source states it")           \
    F(10, blob, TEXT, 64, DATA_DUTY, OPTIONAL,                                                     \
      "photo that was sent for this report, its random name")                                      \
    F(11, address, TEXT, MAX_NAME_BYTES, DATA_DUTY, OPTIONAL, "place in words")                    \
    F(12, blob_key, PERSONAL, 32, DATA_SECRET, OPTIONAL, "opens the photo; made by core")
RECORD_STRUCT(signal_raise, SIGNAL_RAISE_FIELDS)

#define SIGNAL_CONFIRM_FIELDS(F)                                                                   \
    F(1, incident, REF, incident, DATA_DUTY, OPTIONAL,                                             \
      "join this open incident; else one is made")                                                 \
    F(2, type, TEXT, MAX_CODE_BYTES, DATA_DUTY, OPTIONAL, "incident type of the new incident")     \
    F(3, priority, ENUM, priority, DATA_DUTY, OPTIONAL, "its priority")
RECORD_STRUCT(signal_confirm, SIGNAL_CONFIRM_FIELDS)

#define SIGNAL_PUBLISH_FIELDS(F)                                                                   \
    F(1, text, TEXT, 600, DATA_PUBLIC, NEEDED,                                                     \
      "what the public reads: written by the officer, no person and no exact place in it")
RECORD_STRUCT(signal_publish, SIGNAL_PUBLISH_FIELDS)

#define SIGNAL_DUPLICATE_FIELDS(F) F(1, of, REF, signal, DATA_DUTY, NEEDED, "the signal that stays")
RECORD_STRUCT(signal_duplicate, SIGNAL_DUPLICATE_FIELDS)

#define SIGNAL_MOVE_FIELDS(F)                                                                      \
    F(1, to, ENUM, signal_stage, DATA_DUTY, NEEDED, "new stage")                                   \
    F(2, reason, TEXT, MAX_REASON_BYTES, DATA_DUTY, OPTIONAL, "why")                               \
    F(3, incident, REF, incident, DATA_DUTY, OPTIONAL, "incident that it became or joined")        \
    F(4, duplicate_of, REF, signal, DATA_DUTY, OPTIONAL, "signal that stays")
RECORD_STRUCT(signal_move, SIGNAL_MOVE_FIELDS)

/* ---- incidents ---- */
#define INCIDENT_CREATE_FIELDS(F)                                                                  \
    F(1, type, TEXT, MAX_CODE_BYTES, DATA_DUTY, NEEDED, "incident type code")                      \
    F(2, priority, ENUM, priority, DATA_DUTY, OPTIONAL, "stated priority; else the type's")        \
    F(3, source, ENUM, source, DATA_DUTY, NEEDED, "how it came")                                   \
    F(4, words, PERSONAL, MAX_WORDS_BYTES, DATA_PERSONAL, OPTIONAL, "caller's own words")          \
    F(5, caller_name, PERSONAL, MAX_NAME_BYTES, DATA_PERSONAL, OPTIONAL, "name of the caller")     \
    F(6, caller_number, PERSONAL, 40, DATA_PERSONAL, OPTIONAL, "call-back number")                 \
    F(7, address, TEXT, MAX_NAME_BYTES, DATA_DUTY, OPTIONAL, "address as the caller gave it")      \
    F(8, chosen, PLACE, 0, DATA_DUTY, OPTIONAL, "point that the call-taker chose")                 \
    F(9, chosen_accuracy_m, U32, 100000, DATA_DUTY, OPTIONAL, "its radius, metres")                \
    F(10, suggested, PLACE, 0, DATA_DUTY, OPTIONAL, "point that the geocoder suggested")           \
    F(11, suggested_text, TEXT, MAX_NAME_BYTES, DATA_DUTY, OPTIONAL, "geocoder's own wording")     \
    F(12, suggested_accuracy_m, U32, 100000, DATA_DUTY, OPTIONAL, "its radius, metres")            \
    F(13, call, REF, call, DATA_DUTY, OPTIONAL, "telephone call that it came by")                  \
    F(14, signal, REF, signal, DATA_DUTY, OPTIONAL, "signal that it came from")                    \
    F(15, scheduled_us, TIME, 0, DATA_DUTY, OPTIONAL, "known beforehand, due then")                \
    F(16, is_exercise, BOOL, 0, DATA_DUTY, OPTIONAL, "exercise: stays out of figures")             \
    F(17, external_ref, TEXT, MAX_CODE_BYTES, DATA_DUTY, OPTIONAL, "number in another system")     \
    F(18, answers, JSON, 8192, DATA_DUTY, OPTIONAL, "triage answers by question code")             \
    F(19, is_simulated, BOOL, 0, DATA_DUTY, OPTIONAL, "made-up call, shown as simulated data")     \
    F(20, reason, TEXT, MAX_REASON_BYTES, DATA_DUTY, OPTIONAL,                                     \
      "needed when priority overrules the answers")                                                \
    F(21, type_version, U32, 65535, DATA_DUTY, OPTIONAL,                                           \
      "version of the type; filled by the desk")                                                   \
    F(22, plan, TEXT, MAX_CODE_BYTES, DATA_DUTY, OPTIONAL, "response plan; filled by the desk")    \
    F(23, proposed_priority, ENUM, priority, DATA_DUTY, OPTIONAL,                                  \
      "what the answers propose; filled by the desk")
RECORD_STRUCT(incident_create, INCIDENT_CREATE_FIELDS)

#define INCIDENT_AMEND_FIELDS(F)                                                                   \
    F(1, type, TEXT, MAX_CODE_BYTES, DATA_DUTY, OPTIONAL, "incident type code")                    \
    F(2, address, TEXT, MAX_NAME_BYTES, DATA_DUTY, OPTIONAL, "address as given, corrected")        \
    F(3, chosen, PLACE, 0, DATA_DUTY, OPTIONAL, "point that the call-taker chose")                 \
    F(4, chosen_accuracy_m, U32, 100000, DATA_DUTY, OPTIONAL, "its radius, metres")                \
    F(5, suggested, PLACE, 0, DATA_DUTY, OPTIONAL, "point that the geocoder suggested")            \
    F(6, suggested_text, TEXT, MAX_NAME_BYTES, DATA_DUTY, OPTIONAL, "geocoder's own wording")      \
    F(7, suggested_accuracy_m, U32, 100000, DATA_DUTY, OPTIONAL, "its radius, metres")             \
    F(8, verified, PLACE, 0, DATA_DUTY, OPTIONAL, "point confirmed on scene or by call-back")      \
    F(9, verified_accuracy_m, U32, 100000, DATA_DUTY, OPTIONAL, "its radius, metres")              \
    F(10, words, PERSONAL, MAX_WORDS_BYTES, DATA_PERSONAL, OPTIONAL, "more of the caller's words") \
    F(11, caller_name, PERSONAL, MAX_NAME_BYTES, DATA_PERSONAL, OPTIONAL, "name of the caller")    \
    F(12, caller_number, PERSONAL, 40, DATA_PERSONAL, OPTIONAL, "call-back number")                \
    F(13, reason, TEXT, MAX_REASON_BYTES, DATA_DUTY, OPTIONAL, "why it was wrong before")          \
    F(14, is_exercise, BOOL, 0, DATA_DUTY, OPTIONAL, "exercise: stays out of figures")             \
    F(15, type_version, U32, 65535, DATA_DUTY, OPTIONAL,                                           \
      "version of the new type; filled by the desk")                                               \
    F(16, plan, TEXT, MAX_CODE_BYTES, DATA_DUTY, OPTIONAL,                                         \
      "plan of the new type; filled by the desk")
RECORD_STRUCT(incident_amend, INCIDENT_AMEND_FIELDS)

#define INCIDENT_TRIAGE_FIELDS(F)                                                                  \
    F(1, answers, JSON, 8192, DATA_DUTY, NEEDED, "answers by question code")                       \
    F(2, priority, ENUM, priority, DATA_DUTY, OPTIONAL, "overrules the proposed one")              \
    F(3, plan, TEXT, MAX_CODE_BYTES, DATA_DUTY, OPTIONAL, "overrules the proposed plan")           \
    F(4, reason, TEXT, MAX_REASON_BYTES, DATA_DUTY, OPTIONAL, "needed when overruling")            \
    F(5, proposed_priority, ENUM, priority, DATA_DUTY, OPTIONAL,                                   \
      "what the answers propose; filled by the desk")                                              \
    F(6, proposed_plan, TEXT, MAX_CODE_BYTES, DATA_DUTY, OPTIONAL,                                 \
      "plan that the answers propose; filled by the desk")
RECORD_STRUCT(incident_triage, INCIDENT_TRIAGE_FIELDS)

#define INCIDENT_PRIORITISE_FIELDS(F)                                                              \
    F(1, priority, ENUM, priority, DATA_DUTY, NEEDED, "new current priority")                      \
    F(2, reason, TEXT, MAX_REASON_BYTES, DATA_DUTY, NEEDED, "why")
RECORD_STRUCT(incident_prioritise, INCIDENT_PRIORITISE_FIELDS)

#define INCIDENT_CLOSE_FIELDS(F)                                                                   \
    F(1, disposition, TEXT, MAX_CODE_BYTES, DATA_DUTY, NEEDED, "coded outcome of the type")        \
    F(2, remark, PERSONAL, MAX_WORDS_BYTES, DATA_PERSONAL, OPTIONAL, "what was done")
RECORD_STRUCT(incident_close, INCIDENT_CLOSE_FIELDS)

#define INCIDENT_REVIEW_FIELDS(F)                                                                  \
    F(1, outcome, TEXT, MAX_CODE_BYTES, DATA_DUTY, NEEDED,                                         \
      "satisfied, dissatisfied, unreachable, not_called")                                          \
    F(2, remark, PERSONAL, MAX_WORDS_BYTES, DATA_PERSONAL, OPTIONAL, "what the caller said")
RECORD_STRUCT(incident_review, INCIDENT_REVIEW_FIELDS)

#define INCIDENT_MERGE_FIELDS(F)                                                                   \
    F(1, into, REF, incident, DATA_DUTY, NEEDED, "incident that stays")                            \
    F(2, reason, TEXT, MAX_REASON_BYTES, DATA_DUTY, OPTIONAL, "why they are one")
RECORD_STRUCT(incident_merge, INCIDENT_MERGE_FIELDS)

#define INCIDENT_TRANSFER_FIELDS(F)                                                                \
    F(1, to_body, TEXT, MAX_CODE_BYTES, DATA_DUTY, NEEDED, "code of the body that takes it")       \
    F(2, receipt, TEXT, MAX_NAME_BYTES, DATA_DUTY, OPTIONAL, "number or name of who took it")      \
    F(3, reason, TEXT, MAX_REASON_BYTES, DATA_DUTY, NEEDED, "why it is theirs")
RECORD_STRUCT(incident_transfer, INCIDENT_TRANSFER_FIELDS)

#define INCIDENT_SCHEDULE_FIELDS(F)                                                                \
    F(1, due_us, TIME, 0, DATA_DUTY, NEEDED, "when it becomes pending")
RECORD_STRUCT(incident_schedule, INCIDENT_SCHEDULE_FIELDS)

#define INCIDENT_NOTE_FIELDS(F)                                                                    \
    F(1, text, PERSONAL, MAX_WORDS_BYTES, DATA_PERSONAL, NEEDED, "note, append only")
RECORD_STRUCT(incident_note, INCIDENT_NOTE_FIELDS)

#define INCIDENT_STATE_FIELDS(F)                                                                   \
    F(1, category, ENUM, person_category, DATA_DUTY, NEEDED, "who the statement is about")         \
    F(2, certainty, ENUM, certainty, DATA_DUTY, NEEDED, "fact or opinion")                         \
    F(3, name, PERSONAL, MAX_NAME_BYTES, DATA_PERSONAL, OPTIONAL, "name, where needed")            \
    F(4, text, PERSONAL, MAX_WORDS_BYTES, DATA_PERSONAL, NEEDED, "what is stated")
RECORD_STRUCT(incident_state, INCIDENT_STATE_FIELDS)

#define INCIDENT_ATTACH_FIELDS(F)                                                                  \
    F(1, blob, TEXT, 64, DATA_DUTY, NEEDED, "random name of the stored, sealed file")              \
    F(2, media_type, TEXT, 64, DATA_DUTY, NEEDED, "image/jpeg after re-encoding")                  \
    F(3, size_bytes, U32, 16777216, DATA_DUTY, NEEDED, "size of the stored file")                  \
    F(4, digest, TEXT, 64, DATA_DUTY, NEEDED, "BLAKE2b-256 of the stored bytes, hex")              \
    F(5, key, PERSONAL, 32, DATA_SECRET, OPTIONAL, "opens the stored file; made by core")
RECORD_STRUCT(incident_attach, INCIDENT_ATTACH_FIELDS)

#define INCIDENT_CORRECT_FIELDS(F)                                                                 \
    F(1, assignment, REF, assignment, DATA_DUTY, OPTIONAL,                                         \
      "stamp of this assignment; else of the incident")                                            \
    F(2, stamp, TEXT, MAX_CODE_BYTES, DATA_DUTY, NEEDED,                                           \
      "field name of the stamp, as on_scene_us")                                                   \
    F(3, value_us, TIME, 0, DATA_DUTY, NEEDED, "the right time")                                   \
    F(4, reason, TEXT, MAX_REASON_BYTES, DATA_DUTY, NEEDED, "why")
RECORD_STRUCT(incident_correct, INCIDENT_CORRECT_FIELDS)

#define INCIDENT_ESCALATE_FIELDS(F)                                                                \
    F(1, level, U32, 9, DATA_DUTY, NEEDED, "alarm level; plans add up to it")                      \
    F(2, reason, TEXT, MAX_REASON_BYTES, DATA_DUTY, OPTIONAL, "why")
RECORD_STRUCT(incident_escalate, INCIDENT_ESCALATE_FIELDS)

#define INCIDENT_DISPATCH_FIELDS(F)                                                                \
    F(1, units, REFS, unit, DATA_DUTY, NEEDED, "units to send, all or none")                       \
    F(2, is_reserve, BOOL, 0, DATA_DUTY, OPTIONAL,                                                 \
      "hold for later (scheduled or stacked), do not send")                                        \
    F(3, is_preempt, BOOL, 0, DATA_DUTY, OPTIONAL, "take a unit off its active incident")          \
    F(4, recommendation, TEXT, 64, DATA_DUTY, OPTIONAL, "digest of the recommendation followed")   \
    F(5, reason, TEXT, MAX_REASON_BYTES, DATA_DUTY, OPTIONAL, "why not as recommended")            \
    F(6, is_on_scene, BOOL, 0, DATA_DUTY, OPTIONAL,                                                \
      "the unit met it in the field: it starts on scene")
RECORD_STRUCT(incident_dispatch, INCIDENT_DISPATCH_FIELDS)

#define INCIDENT_MOVE_FIELDS(F)                                                                    \
    F(1, to, ENUM, incident_stage, DATA_DUTY, NEEDED, "new stage")                                 \
    F(2, reason, TEXT, MAX_REASON_BYTES, DATA_DUTY, OPTIONAL, "why")                               \
    F(3, disposition, TEXT, MAX_CODE_BYTES, DATA_DUTY, OPTIONAL, "coded outcome")                  \
    F(4, remark, PERSONAL, MAX_WORDS_BYTES, DATA_PERSONAL, OPTIONAL, "free text to it")            \
    F(5, into, REF, incident, DATA_DUTY, OPTIONAL, "merged into")                                  \
    F(6, to_body, TEXT, MAX_CODE_BYTES, DATA_DUTY, OPTIONAL, "transferred to")                     \
    F(7, receipt, TEXT, MAX_NAME_BYTES, DATA_DUTY, OPTIONAL, "who took it")                        \
    F(8, due_us, TIME, 0, DATA_DUTY, OPTIONAL, "scheduled for")                                    \
    F(9, outcome, TEXT, MAX_CODE_BYTES, DATA_DUTY, OPTIONAL, "result of the call-back")
RECORD_STRUCT(incident_move, INCIDENT_MOVE_FIELDS)

/* ---- assignments ---- */
#define ASSIGNMENT_MAKE_FIELDS(F)                                                                  \
    F(1, incident, REF, incident, DATA_DUTY, NEEDED, "incident worked")                            \
    F(2, unit, REF, unit, DATA_DUTY, NEEDED, "unit that works it")                                 \
    F(3, stage, ENUM, assignment_stage, DATA_DUTY, NEEDED,                                         \
      "reserved, sent, or on_scene when met in the field")                                         \
    F(4, recommendation, TEXT, 64, DATA_DUTY, OPTIONAL, "digest of the recommendation followed")   \
    F(5, reason, TEXT, MAX_REASON_BYTES, DATA_DUTY, OPTIONAL, "why not as recommended")            \
    F(6, takes_from, REF, assignment, DATA_DUTY, OPTIONAL, "assignment that was pre-empted for it")
RECORD_STRUCT(assignment_make, ASSIGNMENT_MAKE_FIELDS)

#define ASSIGNMENT_END_FIELDS(F)                                                                   \
    F(1, result, TEXT, MAX_CODE_BYTES, DATA_DUTY, OPTIONAL, "coded result of this unit's work")    \
    F(2, remark, PERSONAL, MAX_WORDS_BYTES, DATA_PERSONAL, OPTIONAL, "what was done")
RECORD_STRUCT(assignment_end, ASSIGNMENT_END_FIELDS)

#define ASSIGNMENT_MOVE_FIELDS(F)                                                                  \
    F(1, to, ENUM, assignment_stage, DATA_DUTY, NEEDED, "new stage")                               \
    F(2, reason, TEXT, MAX_REASON_BYTES, DATA_DUTY, OPTIONAL, "why")                               \
    F(3, result, TEXT, MAX_CODE_BYTES, DATA_DUTY, OPTIONAL, "coded result")                        \
    F(4, remark, PERSONAL, MAX_WORDS_BYTES, DATA_PERSONAL, OPTIONAL, "what was done")
RECORD_STRUCT(assignment_move, ASSIGNMENT_MOVE_FIELDS)

/* ---- units ---- */
#define UNIT_ENROL_FIELDS(F)                                                                       \
    F(1, callsign, TEXT, 24, DATA_DUTY, NEEDED, "short name on radio")                             \
    F(2, kind, TEXT, 24, DATA_DUTY, NEEDED,                                                        \
      "car, motorcycle, foot, engine, ambulance, boat, drone ...")                                 \
    F(3, profile, TEXT, 24, DATA_DUTY, NEEDED, "road profile that it travels by")                  \
    F(4, capabilities, TEXT, MAX_CODES_BYTES, DATA_DUTY, OPTIONAL, "codes, one space between")     \
    F(5, post, REF, post, DATA_DUTY, OPTIONAL, "home post")                                        \
    F(6, body, REF, body, DATA_DUTY, NEEDED, "office that it belongs to")                          \
    F(7, min_crew, U32, 20, DATA_DUTY, OPTIONAL, "crew needed to be available")                    \
    F(8, is_community, BOOL, 0, DATA_DUTY, OPTIONAL,                                               \
      "community team: recommended for P0 and P1 only")                                            \
    F(9, is_no_dispatch, BOOL, 0, DATA_DUTY, OPTIONAL, "never sent; the mark is enforced")         \
    F(10, place, PLACE, 0, DATA_DUTY, OPTIONAL, "where it stands until it reports")                \
    F(11, turnout_s, U32, 1800, DATA_DUTY, OPTIONAL,                                               \
      "from the order until it moves, at its post, seconds")
RECORD_STRUCT(unit_enrol, UNIT_ENROL_FIELDS)

#define UNIT_SIGN_ON_FIELDS(F)                                                                     \
    F(1, crew, U32, 20, DATA_DUTY, NEEDED, "number of people on board")                            \
    F(2, members, REFS, user, DATA_DUTY, OPTIONAL, "accounts of the crew")                         \
    F(3, capabilities, TEXT, MAX_CODES_BYTES, DATA_DUTY, OPTIONAL, "what this crew adds")          \
    F(4, until_us, TIME, 0, DATA_DUTY, OPTIONAL, "end of shift")                                   \
    F(5, place, PLACE, 0, DATA_DUTY, OPTIONAL, "where it starts")
RECORD_STRUCT(unit_sign_on, UNIT_SIGN_ON_FIELDS)

#define UNIT_MOVE_FIELDS(F)                                                                        \
    F(1, to, ENUM, readiness, DATA_DUTY, NEEDED, "new readiness")                                  \
    F(2, reason, TEXT, MAX_REASON_BYTES, DATA_DUTY, OPTIONAL, "why out of service")
RECORD_STRUCT(unit_move, UNIT_MOVE_FIELDS)

#define UNIT_PLACE_FIELDS(F)                                                                       \
    F(1, place, PLACE, 0, DATA_DUTY, NEEDED, "where, as said on radio")                            \
    F(2, accuracy_m, U32, 100000, DATA_DUTY, OPTIONAL, "radius, metres")
RECORD_STRUCT(unit_place, UNIT_PLACE_FIELDS)

/* ---- telephone calls ---- */
#define CALL_RING_FIELDS(F)                                                                        \
    F(1, number, PERSONAL, 40, DATA_PERSONAL, OPTIONAL, "number shown by the exchange")            \
    F(2, line, TEXT, MAX_CODE_BYTES, DATA_DUTY, NEEDED, "line that rings, as 110")                 \
    F(3, external_ref, TEXT, MAX_CODE_BYTES, DATA_DUTY, NEEDED, "call id of the exchange")         \
    F(4, place, PLACE, 0, DATA_DUTY, OPTIONAL, "location sent by the network")                     \
    F(5, accuracy_m, U32, 100000, DATA_DUTY, OPTIONAL, "its radius, metres")
RECORD_STRUCT(call_ring, CALL_RING_FIELDS)

#define CALL_END_FIELDS(F) F(1, is_silent, BOOL, 0, DATA_DUTY, OPTIONAL, "nobody spoke: call back")
RECORD_STRUCT(call_end, CALL_END_FIELDS)

#define CALL_BACK_FIELDS(F)                                                                        \
    F(1, outcome, TEXT, MAX_CODE_BYTES, DATA_DUTY, NEEDED,                                         \
      "reached, unreachable, mistake, incident")                                                   \
    F(2, incident, REF, incident, DATA_DUTY, OPTIONAL, "incident that came of it")
RECORD_STRUCT(call_back, CALL_BACK_FIELDS)

#define CALL_MOVE_FIELDS(F)                                                                        \
    F(1, to, ENUM, call_stage, DATA_DUTY, NEEDED, "new stage")                                     \
    F(2, outcome, TEXT, MAX_CODE_BYTES, DATA_DUTY, OPTIONAL, "result of the call-back")            \
    F(3, incident, REF, incident, DATA_DUTY, OPTIONAL, "incident that came of it")                 \
    F(4, is_silent, BOOL, 0, DATA_DUTY, OPTIONAL, "nobody spoke")
RECORD_STRUCT(call_move, CALL_MOVE_FIELDS)

/* ---- what is installed ---- */
#define POST_INSTALL_FIELDS(F)                                                                     \
    F(1, code, TEXT, MAX_CODE_BYTES, DATA_DUTY, NEEDED, "stable code")                             \
    F(2, name, TEXT, MAX_NAME_BYTES, DATA_DUTY, NEEDED, "name")                                    \
    F(3, kind, TEXT, MAX_CODE_BYTES, DATA_DUTY, NEEDED,                                            \
      "street_post, station, checkpoint, fire_station ...")                                        \
    F(4, place, PLACE, 0, DATA_DUTY, NEEDED, "where")                                              \
    F(5, body, REF, body, DATA_DUTY, OPTIONAL, "office")                                           \
    F(6, is_fictional, BOOL, 0, DATA_DUTY, OPTIONAL, "made by the demo's rule")
RECORD_STRUCT(post_install, POST_INSTALL_FIELDS)

#define AREA_INSTALL_FIELDS(F)                                                                     \
    F(1, code, TEXT, MAX_CODE_BYTES, DATA_PUBLIC, NEEDED, "division code, GB/T 2260 or local")     \
    F(2, name, TEXT, MAX_NAME_BYTES, DATA_PUBLIC, NEEDED, "name")                                  \
    F(3, level, U32, 5, DATA_PUBLIC, NEEDED, "1 city, 2 county, 3 township, 4 village, 5 grid")    \
    F(4, parent, TEXT, MAX_CODE_BYTES, DATA_PUBLIC, OPTIONAL, "code of the area above")            \
    F(5, shape, JSON, MAX_DOCUMENT_BYTES, DATA_PUBLIC, OPTIONAL,                                   \
      "GeoJSON Polygon or MultiPolygon, WGS-84")                                                   \
    F(6, station, TEXT, MAX_NAME_BYTES, DATA_DUTY, OPTIONAL, "police station in charge")           \
    F(7, officer, TEXT, MAX_NAME_BYTES, DATA_DUTY, OPTIONAL, "named officer")                      \
    F(8, phone, TEXT, 40, DATA_DUTY, OPTIONAL, "duty phone")                                       \
    F(9, is_fictional, BOOL, 0, DATA_PUBLIC, OPTIONAL, "made by the demo's rule")
RECORD_STRUCT(area_install, AREA_INSTALL_FIELDS)

#define BODY_INSTALL_FIELDS(F)                                                                     \
    F(1, code, TEXT, MAX_CODE_BYTES, DATA_PUBLIC, NEEDED, "stable code")                           \
    F(2, name, TEXT, MAX_NAME_BYTES, DATA_PUBLIC, NEEDED, "name")                                  \
    F(3, parent, TEXT, MAX_CODE_BYTES, DATA_PUBLIC, OPTIONAL, "code of the body above")            \
    F(4, kind, TEXT, MAX_CODE_BYTES, DATA_PUBLIC, NEEDED,                                          \
      "police, fire, court, procuratorate, health ...")
RECORD_STRUCT(body_install, BODY_INSTALL_FIELDS)

#define TYPE_INSTALL_FIELDS(F)                                                                     \
    F(1, code, TEXT, MAX_CODE_BYTES, DATA_PUBLIC, NEEDED, "stable code")                           \
    F(2, version, U32, 65535, DATA_PUBLIC, NEEDED, "rises with every change")                      \
    F(3, document, JSON, MAX_DOCUMENT_BYTES, DATA_PUBLIC, NEEDED,                                  \
      "the type, canonical JSON; docs/formats/incident-type.md")
RECORD_STRUCT(type_install, TYPE_INSTALL_FIELDS)

#define PLAN_INSTALL_FIELDS(F)                                                                     \
    F(1, code, TEXT, MAX_CODE_BYTES, DATA_DUTY, NEEDED, "stable code")                             \
    F(2, version, U32, 65535, DATA_DUTY, NEEDED, "rises with every change")                        \
    F(3, document, JSON, MAX_DOCUMENT_BYTES, DATA_DUTY, NEEDED,                                    \
      "the plan, canonical JSON; docs/formats/response-plan.md")
RECORD_STRUCT(plan_install, PLAN_INSTALL_FIELDS)

#define USER_INSTALL_FIELDS(F)                                                                     \
    F(1, login, TEXT, 48, DATA_DUTY, NEEDED, "login name")                                         \
    F(2, name, TEXT, MAX_NAME_BYTES, DATA_DUTY, NEEDED, "name shown on the board")                 \
    F(3, role, ENUM, role, DATA_DUTY, NEEDED, "role")                                              \
    F(4, body, REF, body, DATA_DUTY, NEEDED, "office")                                             \
    F(5, area, REF, area, DATA_DUTY, OPTIONAL, "top of what it may see; none = whole realm")       \
    F(6, unit, REF, unit, DATA_DUTY, OPTIONAL, "unit of a field account")                          \
    F(7, credential, PERSONAL, 256, DATA_SECRET, NEEDED, "argon2id string, made by core")
RECORD_STRUCT(user_install, USER_INSTALL_FIELDS)

#define SESSION_OPEN_FIELDS(F)                                                                     \
    F(1, user, REF, user, DATA_SECRET, NEEDED, "account")                                          \
    F(2, token_hash, TEXT, 64, DATA_SECRET, NEEDED, "BLAKE2b-256 of the token, hex")               \
    F(3, expires_us, TIME, 0, DATA_SECRET, NEEDED, "absolute end")
RECORD_STRUCT(session_open, SESSION_OPEN_FIELDS)

#define CLOSURE_SET_FIELDS(F)                                                                      \
    F(1, path, JSON, 65536, DATA_DUTY, NEEDED, "GeoJSON LineString or Polygon, WGS-84")            \
    F(2, profiles, TEXT, MAX_CODES_BYTES, DATA_DUTY, OPTIONAL,                                     \
      "profiles bound; none given = all but response")                                             \
    F(3, factor, U32, 100, DATA_DUTY, OPTIONAL, "times slower; none given = shut")                 \
    F(4, from_us, TIME, 0, DATA_DUTY, OPTIONAL, "start; none given = now")                         \
    F(5, until_us, TIME, 0, DATA_DUTY, OPTIONAL, "end; none given = until lifted")                 \
    F(6, reason, TEXT, MAX_REASON_BYTES, DATA_DUTY, NEEDED, "why")                                 \
    F(7, name, TEXT, MAX_NAME_BYTES, DATA_DUTY, OPTIONAL, "name of the stretch")
RECORD_STRUCT(closure_set, CLOSURE_SET_FIELDS)

#define ROSTER_SET_FIELDS(F)                                                                       \
    F(1, day, TEXT, 10, DATA_DUTY, NEEDED, "local date, 2026-11-23")                               \
    F(2, shift, TEXT, MAX_CODE_BYTES, DATA_DUTY, NEEDED, "shift code")                             \
    F(3, body, REF, body, DATA_DUTY, NEEDED, "office")                                             \
    F(4, duties, JSON, 65536, DATA_DUTY, NEEDED, "list of {duty, user, unit, from, until}")
RECORD_STRUCT(roster_set, ROSTER_SET_FIELDS)

#define HANDOVER_SIGN_FIELDS(F)                                                                    \
    F(1, shift, TEXT, MAX_CODE_BYTES, DATA_DUTY, NEEDED, "shift that ends")                        \
    F(2, remark, PERSONAL, MAX_WORDS_BYTES, DATA_PERSONAL, OPTIONAL,                               \
      "known faults, things to watch")                                                             \
    F(3, open_items, JSON, 65536, DATA_DUTY, OPTIONAL, "ids of what is open, filled by the desk")
RECORD_STRUCT(handover_sign, HANDOVER_SIGN_FIELDS)

/* After how long the desk flags what nobody has taken care of; 0 = never. What is not given is as
 * in desk_timing_preset; the desk fills it in. */
#define TIMING_INSTALL_FIELDS(F)                                                                   \
    F(1, unseen_s, U32, 86400, DATA_DUTY, OPTIONAL, "an order not seen, seconds")                  \
    F(2, call_back_s, U32, 86400, DATA_DUTY, OPTIONAL, "a dropped call not called back, seconds")  \
    F(3, receipt_s, U32, 86400, DATA_DUTY, OPTIONAL, "a transfer without receipt, seconds")        \
    F(4, waiting_p0_s, U32, 604800, DATA_DUTY, OPTIONAL, "a P0 without a unit, seconds")           \
    F(5, waiting_p1_s, U32, 604800, DATA_DUTY, OPTIONAL, "a P1 without a unit, seconds")           \
    F(6, waiting_p2_s, U32, 604800, DATA_DUTY, OPTIONAL, "a P2 without a unit, seconds")           \
    F(7, waiting_p3_s, U32, 604800, DATA_DUTY, OPTIONAL, "a P3 without a unit, seconds")           \
    F(8, waiting_p4_s, U32, 604800, DATA_DUTY, OPTIONAL, "a P4 without a unit, seconds")           \
    F(9, check_s, U32, 86400, DATA_DUTY, OPTIONAL,                                                 \
      "a unit alone on scene is asked whether all is well after, seconds")                         \
    F(10, answer_s, U32, 86400, DATA_DUTY, OPTIONAL, "that question unanswered, seconds")          \
    F(11, emergency_s, U32, 86400, DATA_DUTY, OPTIONAL, "an emergency not acknowledged, seconds")
RECORD_STRUCT(timing_install, TIMING_INSTALL_FIELDS)
#endif
