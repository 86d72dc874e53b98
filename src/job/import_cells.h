/* import_cells.h - population cells out of a table or a map: docs/formats/cells.md.
 * Layer: job. Threads: pure.
 *
 * A table is CSV with columns `lon` and `lat`, or `x` and `y`, in degrees, and `people` or
 * `population`; a map is GeoJSON of points or polygons with one of these properties. A cell counts
 * at its point, or at a place inside its polygon. Rows that cannot be used are left out and counted
 * by reason. Fractions of people are carried on to the next cell, so that their sum stays right. */
#ifndef JOB_IMPORT_CELLS_H
#define JOB_IMPORT_CELLS_H
#include "geo/datum.h"
#include "plan/cells.h"

/* X(name, text) */
#define CELLS_REASONS(X)                                                                           \
    X(NO_PLACE, "no place that can be read")                                                       \
    X(NOT_DEGREES, "a place that is not in degrees")                                               \
    X(NO_PEOPLE, "no number of people")                                                            \
    X(NEGATIVE, "less than nobody, or more than ten million")                                      \
    X(EMPTY, "nobody")
#define CELLS_REASON_ENUM(name, text) CELLS_##name,
enum cells_reason { CELLS_REASONS(CELLS_REASON_ENUM) CELLS_REASON_COUNT };
#undef CELLS_REASON_ENUM

struct cells_report {
    struct cover_demand *cells; /* by place; free with free() */
    size_t count;
    uint64_t people;
    uint64_t joined; /* rows at the place of another */
    uint64_t left_out[CELLS_REASON_COUNT];
};
/* GeoJSON if the text begins with {, else CSV. ERR_SYNTAX with the fault (not CSV, not GeoJSON);
 * ERR_NOT_FOUND: a column is missing, ret_fault->field names it; ERR_LIMIT: more than
 * COVER_MAX_DEMAND rows, or no memory. */
enum err import_cells(struct str text, enum datum datum, struct cells_report *ret_report,
                      struct fault *ret_fault);
/* What was read and what was left out, for people. */
void import_cells_report(const struct cells_report *report, struct out *out);
#endif
