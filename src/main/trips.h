/* trips.h - the trips of a dispatch log: from where to where, how long they took, and how long the
 * roads say that they take. Layer: main.
 *
 * A log has no positions. A unit is taken to start at its post, or, when it was sent out again
 * while driving home, from the share of the straight line home that it had behind it. After a
 * transport its place is not known, and it is taken to be at its post. */
#ifndef MAIN_TRIPS_H
#define MAIN_TRIPS_H
#include "job/dispatch_log.h"
#include "road/speeds.h"

struct trips_unit {
    struct place home;
    uint32_t profile; /* ROAD_NONE: its trips are left out */
};
struct trips_job {
    const struct dispatch_log *log;
    const struct trips_unit *units; /* by number in the log */
    const struct road *road;
    struct road_traffic *traffic; /* the caller's alone: its hour layer is set */
    struct road_scratch *scratch;
    const struct road_hours *hours; /* NULL: every hour is alike */
};
struct trip {
    const struct dispatch_row *row;
    uint32_t profile;
    struct place from, to;
    bool is_from_post; /* it was there for certain: its last trip is known and long enough ago */
    bool is_urgent;    /* with lights and siren */
    uint32_t week_hour;
    uint32_t recorded_s;
    /* modelled; ROAD_INF: there is no way, or none worth a second */
    uint32_t ms, stays_ms;               /* whole; in turns and barriers */
    uint32_t class_ms[ROAD_MAX_CLASSES]; /* by class of street */
    double way_m;
};
struct trips {
    struct trip *at; /* by departure */
    size_t count;
};
/* Trips with a recorded time that does not run backwards, modelled. ERR_LIMIT, ERR_BUSY. */
enum err trips_find(const struct trips_job *job, struct trips *ret_trips);
/* Models them anew, with the layers that the traffic has now and the hour's. ERR_LIMIT, ERR_BUSY.
 */
enum err trips_model(const struct trips_job *job, struct trips *trips);
void trips_done(struct trips *trips);
/* What travel_table.h writes of trips that have a way, as text; at most out's room. ERR_LIMIT,
 * ERR_RANGE. */
enum err trips_write(const struct trips_job *job, const struct trips *trips, struct out *out);
#endif
