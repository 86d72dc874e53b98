/* points.h - many points of a city on a flat metre grid: the nearest ones, and even groups of them.
 * Layer: job. Threads: pure; built by one, then read-only.
 * Metres are counted from a middle, with the cosine of its latitude: right to 0.1 % over a city. */
#ifndef JOB_POINTS_H
#define JOB_POINTS_H
#include "base/arena.h"
#include "geo/place.h"

#define POINTS_MAX 4000000u
#define POINTS_NONE UINT32_MAX
#define POINTS_MAX_NEAREST 16

struct point_m {
    double x_m, y_m; /* east, north */
};
struct flat { /* of a city */
    struct place middle;
    double m_per_lon_e7, m_per_lat_e7;
};
struct flat flat_at(struct place middle);
struct point_m flat_of_place(struct flat flat, struct place place);
struct place flat_to_place(struct flat flat, struct point_m point);
double point_distance_m(struct point_m a, struct point_m b);

struct points; /* index over points, which are borrowed */
/* `cell_m`: about the distance to the nearest that is usual. NULL: ERR_LIMIT. */
struct points *points_new(struct arena *arena, const struct point_m *all, size_t count,
                          double cell_m);
/* The k nearest within max_m, nearest first, ties by lower index. Returns how many. */
size_t points_nearest(const struct points *points, struct point_m at, double max_m, size_t k,
                      uint32_t ret_indices[POINTS_MAX_NEAREST]);

/* Splits points into `k` groups of near neighbours (weighted k-means, Lloyd 1982; first middles by
 * farthest point, so no dice). ret_group[i] < k; groups are numbered from south-west to north-east.
 * ret_middles has room for k. k <= count. ERR_RANGE, ERR_LIMIT. */
enum err points_group(struct arena *arena, const struct point_m *all, const double *weights,
                      size_t count, uint32_t k, uint32_t *ret_group, struct point_m *ret_middles);
#endif
