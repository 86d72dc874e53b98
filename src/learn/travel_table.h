/* travel_table.h - recorded against modelled travel times: by kind of unit and hour of day, and by
 * how far the way is.
 * Layer: learn. Threads: pure. */
#ifndef LEARN_TRAVEL_TABLE_H
#define LEARN_TRAVEL_TABLE_H
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

/* How far the model is off. */
struct travel_pair {
    double way_m; /* length of the modelled way */
    double recorded_s, modelled_s;
};
struct travel_error { /* seconds; error = modelled - recorded */
    size_t count;
    double recorded_median, modelled_median;
    double bias;     /* mean error */
    double mae;      /* mean of its size */
    double size_p90; /* 90 of 100 errors are no larger */
};
/* Of the pairs whose way is from_m <= way_m < to_m. ERR_LIMIT: memory. */
enum err travel_error_of(const struct travel_pair *pairs, size_t count, double from_m, double to_m,
                         struct travel_error *ret_error);
/* A line of it for each band of distance (0, 1, 2, 4 km and more) and for all. ERR_LIMIT. */
enum err travel_bands_write(const struct travel_pair *pairs, size_t count, struct out *out);
#endif
