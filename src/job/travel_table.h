/* travel_table.h - recorded against modelled travel times, by kind of unit and by hour of day.
 * Layer: job. Threads: pure. */
#ifndef JOB_TRAVEL_TABLE_H
#define JOB_TRAVEL_TABLE_H
#include "base/out.h"

#define TRAVEL_MAX_KINDS 32
#define TRAVEL_HOURS 24

struct travel_sample {
    struct str kind;                 /* of unit */
    uint32_t hour;                   /* local, 0..23 */
    uint32_t recorded_s, modelled_s; /* both above 0 */
};

/* The share-th quantile of sorted values, linear between them (Hyndman and Fan 1996, type 7);
 * 0 without values. */
double travel_quantile(const uint32_t *sorted, size_t count, double share);
/* A table as text: a line for all, for each kind and for each hour with n, recorded median and
 * 90th percentile, modelled ones, and the ratio of the medians (modelled / recorded). Sorts
 * samples. ERR_RANGE: more than TRAVEL_MAX_KINDS kinds or a bad hour; ERR_LIMIT: memory. */
enum err travel_table_write(struct travel_sample *samples, size_t count, struct out *out);
#endif
