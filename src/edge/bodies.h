/* bodies.h - JSON bodies that are no commands. Layer: edge. */
#ifndef EDGE_BODIES_H
#define EDGE_BODIES_H
#include "model/record.h"

#define LOGIN_FIELDS(F)                                                                            \
    F(1, login, TEXT, 48, DATA_DUTY, NEEDED, "login name")                                         \
    F(2, password, TEXT, 256, DATA_SECRET, NEEDED, "password")                                     \
    F(3, bearer, BOOL, 0, DATA_DUTY, OPTIONAL, "give the token in the answer, set no cookie")
RECORD_STRUCT(login, LOGIN_FIELDS)

#define FIX_FIELDS(F)                                                                              \
    F(1, place, PLACE, 0, DATA_DUTY, NEEDED, "where")                                              \
    F(2, at, TIME, 0, DATA_DUTY, NEEDED, "when, by the device's clock")                            \
    F(3, accuracy_m, U32, 100000, DATA_DUTY, OPTIONAL, "radius, metres")                           \
    F(4, speed_mm_s, U32, 200000, DATA_DUTY, OPTIONAL, "speed")                                    \
    F(5, course_cdeg, U32, 35999, DATA_DUTY, OPTIONAL, "course over ground, 1/100 degree")
RECORD_STRUCT(fix, FIX_FIELDS)

/* A contact arrives sealed by the browser, or not at all. */
#define REPORT_FIELDS(F)                                                                           \
    F(1, category, TEXT, 48, DATA_DUTY, NEEDED, "code of the matter, from meta")                   \
    F(2, words, TEXT, 4000, DATA_PERSONAL, NEEDED, "what there is to report")                      \
    F(3, place, PLACE, 0, DATA_DUTY, OPTIONAL, "where")                                            \
    F(4, accuracy_m, U32, 100000, DATA_DUTY, OPTIONAL, "radius, metres")                           \
    F(5, address, TEXT, 120, DATA_DUTY, OPTIONAL, "place in words")                                \
    F(7, contact_sealed, TEXT, 396, DATA_PERSONAL, OPTIONAL,                                       \
      "how to reach the reporter, sealed by the browser to contact_key of meta, hex")              \
    F(8, photo, TEXT, 64, DATA_DUTY, OPTIONAL, "blob of a photo sent before")
RECORD_STRUCT(report, REPORT_FIELDS)
#endif
