/* dispatch_log.h - a recorded dispatch log: calls, the units sent to them, and every time stamp.
 * Layer: job. Threads: pure but for the realm's time zone (utc_zone_set), which the log's local
 * times are read in. Format: docs/formats/dispatch-log.md.
 *
 * A good log is not a clean log: rows with impossible times are kept, marked and counted. A damaged
 * file (not CSV, a time or place that cannot be read, a needed value missing) is refused with its
 * line. */
#ifndef JOB_DISPATCH_LOG_H
#define JOB_DISPATCH_LOG_H
#include "base/arena.h"
#include "geo/place.h"

#define DISPATCH_LOG_MAX_ROWS 2000000u
#define DISPATCH_LOG_MAX_BYTES (512u << 20)

/* Stamps of a row in the order in which they should come. X(name, column) */
#define DISPATCH_STAMPS(X)                                                                         \
    X(received, "Received DtTm")                                                                   \
    X(entry, "Entry DtTm")                                                                         \
    X(dispatch, "Dispatch DtTm")                                                                   \
    X(response, "Response DtTm")                                                                   \
    X(on_scene, "On Scene DtTm")                                                                   \
    X(transport, "Transport DtTm")                                                                 \
    X(hospital, "Hospital DtTm")                                                                   \
    X(available, "Available DtTm")
#define DISPATCH_STAMP_ENUM(name, column) DISPATCH_##name,
enum dispatch_stamp { DISPATCH_STAMPS(DISPATCH_STAMP_ENUM) DISPATCH_STAMP_COUNT };
#undef DISPATCH_STAMP_ENUM
const char *dispatch_stamp_name(enum dispatch_stamp stamp); /* "on_scene" */

/* What is odd about a row; a row may have several. X(name, key, text) */
#define DISPATCH_DIRT(X)                                                                           \
    X(BACKWARDS, "backwards", "times run backwards")                                               \
    X(OVERLAP, "overlap", "sent while still busy with an earlier call")                            \
    X(NO_RESPONSE, "no_response", "no response time")                                              \
    X(NO_SCENE, "no_scene", "no on-scene time")                                                    \
    X(NO_END, "no_end", "never available again")
#define DISPATCH_DIRT_ENUM(name, key, text) DISPATCH_DIRT_##name,
enum dispatch_dirt { DISPATCH_DIRT(DISPATCH_DIRT_ENUM) DISPATCH_DIRT_COUNT };
#undef DISPATCH_DIRT_ENUM
const char *dispatch_dirt_key(enum dispatch_dirt dirt);
const char *dispatch_dirt_text(enum dispatch_dirt dirt);

struct dispatch_row { /* one unit sent to one call */
    uint32_t call, unit;
    uint32_t line;                       /* in the file */
    uint32_t dirt;                       /* bit per enum dispatch_dirt */
    int64_t at_us[DISPATCH_STAMP_COUNT]; /* 0 = none */
};
struct dispatch_call {
    struct str number, type, disposition, address, battalion, station_area, neighbourhood;
    struct str priority; /* final: 3 = lights and siren, 2 = without */
    struct place place;
    int64_t received_us, entry_us;
    uint32_t first_row, row_count; /* into rows, by dispatch time */
};
struct dispatch_unit {
    struct str code, type;
    uint32_t row_count;
};
struct dispatch_log {
    const struct dispatch_call *calls; /* by time received, then number */
    size_t call_count;
    const struct dispatch_row *rows; /* by call */
    size_t row_count;
    const struct dispatch_unit *units; /* by code */
    size_t unit_count;
    uint32_t dirt_count[DISPATCH_DIRT_COUNT];
    int64_t first_us, last_us; /* first received, last stamp */
};

/* Texts are borrowed from `text`; the log lies in the arena. ERR_SYNTAX, ERR_RANGE, ERR_NOT_FOUND
 * (a column), ERR_LIMIT, each with the line. */
enum err dispatch_log_read(struct str text, struct arena *arena, struct dispatch_log *ret_log,
                           struct fault *ret_fault);
/* Travel time of a row, response to on scene, in seconds; 0 when a stamp is missing or they run
 * backwards. */
uint32_t dispatch_row_travel_s(const struct dispatch_row *row);
#endif
