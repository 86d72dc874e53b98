/* facts_safety.h - the records about the safety of who goes there: hazards of places, officers'
 * emergencies, notices to units. Layer: model. Threads: pure.
 *
 * A hazard stands on a place and never on a person: it has no personal field, no reference to a
 * caller, a call or an incident, and it ends by itself. */
#ifndef MODEL_FACTS_SAFETY_H
#define MODEL_FACTS_SAFETY_H
#include "model/facts.h"

#define MAX_NOTICE_BYTES 600

/* ---- hazards of places ---- */
#define HAZARD_KIND_INSTALL_FIELDS(F)                                                              \
    F(1, code, TEXT, MAX_CODE_BYTES, DATA_PUBLIC, NEEDED, "stable code, as gas")                   \
    F(2, name_zh, TEXT, MAX_NAME_BYTES, DATA_PUBLIC, NEEDED, "name in Chinese")                    \
    F(3, name_en, TEXT, MAX_NAME_BYTES, DATA_PUBLIC, NEEDED, "name in English")                    \
    F(4, letter, TEXT, 8, DATA_PUBLIC, NEEDED, "its sign on the map, one or two letters")          \
    F(5, near_m, U32, 5000, DATA_PUBLIC, NEEDED, "who works within this distance is told, metres") \
    F(6, keep_days, U32, 1095, DATA_PUBLIC, NEEDED, "longest life of such an entry, days")
RECORD_STRUCT(hazard_kind_install, HAZARD_KIND_INSTALL_FIELDS)

#define HAZARD_SET_FIELDS(F)                                                                       \
    F(1, kind, TEXT, MAX_CODE_BYTES, DATA_DUTY, NEEDED, "code of an installed kind of hazard")     \
    F(2, place, PLACE, 0, DATA_DUTY, NEEDED, "where; inside the shape when there is one")          \
    F(3, shape, JSON, 65536, DATA_DUTY, OPTIONAL, "GeoJSON Polygon or MultiPolygon, WGS-84")       \
    F(4, address, TEXT, MAX_NAME_BYTES, DATA_DUTY, OPTIONAL, "place in words")                     \
    F(5, note, TEXT, MAX_REASON_BYTES, DATA_DUTY, NEEDED,                                          \
      "what is there, of the place and never of a person")                                         \
    F(6, ground, TEXT, MAX_REASON_BYTES, DATA_DUTY, NEEDED,                                        \
      "how it is known: seen on a visit, inspection report ...")                                   \
    F(7, until_us, TIME, 0, DATA_DUTY, OPTIONAL, "end; none given = as long as the kind allows")
RECORD_STRUCT(hazard_set, HAZARD_SET_FIELDS)

#define HAZARD_AMEND_FIELDS(F)                                                                     \
    F(1, place, PLACE, 0, DATA_DUTY, OPTIONAL, "where")                                            \
    F(2, shape, JSON, 65536, DATA_DUTY, OPTIONAL, "GeoJSON Polygon or MultiPolygon, WGS-84")       \
    F(3, address, TEXT, MAX_NAME_BYTES, DATA_DUTY, OPTIONAL, "place in words")                     \
    F(4, note, TEXT, MAX_REASON_BYTES, DATA_DUTY, OPTIONAL,                                        \
      "what is there, of the place and never of a person")                                         \
    F(5, ground, TEXT, MAX_REASON_BYTES, DATA_DUTY, NEEDED, "how the change is known")             \
    F(6, until_us, TIME, 0, DATA_DUTY, OPTIONAL, "new end")
RECORD_STRUCT(hazard_amend, HAZARD_AMEND_FIELDS)

/* ---- emergencies of officers ---- */
#define EMERGENCY_RAISE_FIELDS(F)                                                                  \
    F(1, unit, REF, unit, DATA_DUTY, OPTIONAL,                                                     \
      "whose; an account of a crew gives none, it speaks for its own unit")                        \
    F(2, place, PLACE, 0, DATA_DUTY, OPTIONAL, "where; absent = the last place heard of")          \
    F(3, accuracy_m, U32, 100000, DATA_DUTY, OPTIONAL, "its radius, metres")                       \
    F(4, placed_us, TIME, 0, DATA_DUTY, OPTIONAL, "when it was there; filled when absent")         \
    F(5, incident, REF, incident, DATA_DUTY, OPTIONAL, "what it works on; filled by the desk")
RECORD_STRUCT(emergency_raise, EMERGENCY_RAISE_FIELDS)

#define EMERGENCY_RECEIPT_FIELDS(F)                                                                \
    F(1, name, TEXT, MAX_NAME_BYTES, DATA_DUTY, NEEDED, "who has seen it, as the unit reads it")
RECORD_STRUCT(emergency_receipt, EMERGENCY_RECEIPT_FIELDS)

/* ---- notices to units ---- */
#define NOTICE_POST_FIELDS(F)                                                                      \
    F(1, text, TEXT, MAX_NOTICE_BYTES, DATA_DUTY, NEEDED, "what every unit is to know")            \
    F(2, is_urgent, BOOL, 0, DATA_DUTY, OPTIONAL, "it stands over the order")                      \
    F(3, until_us, TIME, 0, DATA_DUTY, OPTIONAL, "end; none given = in 12 hours")
RECORD_STRUCT(notice_post, NOTICE_POST_FIELDS)

#define NOTICE_CONFIRM_FIELDS(F)                                                                   \
    F(1, unit, REF, unit, DATA_DUTY, OPTIONAL,                                                     \
      "who has read it, as told by radio; an account of a crew gives none")
RECORD_STRUCT(notice_confirm, NOTICE_CONFIRM_FIELDS)
#endif
