#include "job/points.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define EARTH_RADIUS_M 6371008.8
#define MAX_CELLS (1u << 22)
#define GROUP_ROUNDS 40

struct flat flat_at(struct place middle)
{
    double m = EARTH_RADIUS_M * M_PI / 180 / 1e7;
    return (struct flat){middle, m * cos(place_lat_deg(middle) * M_PI / 180), m};
}

struct point_m flat_of_place(struct flat flat, struct place place)
{
    return (struct point_m){((double)place.lon_e7 - flat.middle.lon_e7) * flat.m_per_lon_e7,
                            ((double)place.lat_e7 - flat.middle.lat_e7) * flat.m_per_lat_e7};
}

struct place flat_to_place(struct flat flat, struct point_m point)
{
    return (struct place){(int32_t)lround(flat.middle.lat_e7 + point.y_m / flat.m_per_lat_e7),
                          (int32_t)lround(flat.middle.lon_e7 + point.x_m / flat.m_per_lon_e7)};
}

double point_distance_m(struct point_m a, struct point_m b)
{
    return hypot(a.x_m - b.x_m, a.y_m - b.y_m);
}

/* ------------------------------------------------------------------ nearest: buckets of cell_m */

struct points {
    const struct point_m *all;
    size_t count;
    struct point_m min;
    double cell_m;
    int64_t width, height;
    uint32_t *first; /* width * height + 1, into order */
    uint32_t *order;
};

static int64_t column_of(const struct points *p, double x_m)
{
    return (int64_t)floor((x_m - p->min.x_m) / p->cell_m);
}

static int64_t line_of(const struct points *p, double y_m)
{
    return (int64_t)floor((y_m - p->min.y_m) / p->cell_m);
}

static size_t bucket_of(const struct points *p, struct point_m at)
{
    return (size_t)(line_of(p, at.y_m) * p->width + column_of(p, at.x_m));
}

struct points *points_new(struct arena *arena, const struct point_m *all, size_t count,
                          double cell_m)
{
    struct points *p = ARENA_NEW(arena, struct points, 1);
    if (p == NULL || count > POINTS_MAX) {
        return NULL;
    }
    *p = (struct points){.all = all, .count = count, .cell_m = cell_m};
    struct point_m max = {-INFINITY, -INFINITY};
    p->min = (struct point_m){INFINITY, INFINITY};
    for (size_t i = 0; i < count; i++) {
        p->min.x_m = fmin(p->min.x_m, all[i].x_m);
        p->min.y_m = fmin(p->min.y_m, all[i].y_m);
        max.x_m = fmax(max.x_m, all[i].x_m);
        max.y_m = fmax(max.y_m, all[i].y_m);
    }
    if (count == 0) {
        p->min = max = (struct point_m){0, 0};
    }
    while ((max.x_m - p->min.x_m) / p->cell_m * ((max.y_m - p->min.y_m) / p->cell_m) > MAX_CELLS) {
        p->cell_m *= 2;
    }
    p->width = column_of(p, max.x_m) + 1;
    p->height = line_of(p, max.y_m) + 1;
    size_t cells = (size_t)(p->width * p->height);
    p->first = ARENA_NEW(arena, uint32_t, cells + 1);
    p->order = ARENA_NEW(arena, uint32_t, count + 1);
    if (p->first == NULL || p->order == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        p->first[bucket_of(p, all[i]) + 1]++;
    }
    for (size_t c = 0; c < cells; c++) {
        p->first[c + 1] += p->first[c];
    }
    for (size_t i = count; i-- > 0;) { /* from the back, so that each bucket is in order */
        size_t c = bucket_of(p, all[i]);
        uint32_t end = --p->first[c + 1];
        p->order[end] = (uint32_t)i;
    }
    /* first[c + 1] now is where bucket c starts: move it back by one place. */
    memmove(p->first, p->first + 1, cells * sizeof *p->first);
    p->first[cells] = (uint32_t)count;
    return p;
}

struct search {
    struct point_m at;
    double max_m;
    size_t k, count;
    uint32_t index[POINTS_MAX_NEAREST];
    double away_m[POINTS_MAX_NEAREST];
};

static void offer(struct search *s, uint32_t index, double away_m)
{
    if (away_m > s->max_m) {
        return;
    }
    size_t at = s->count;
    while (at > 0 && (s->away_m[at - 1] > away_m ||
                      (s->away_m[at - 1] == away_m && s->index[at - 1] > index))) {
        at--;
    }
    if (at >= s->k) {
        return;
    }
    size_t kept = s->count < s->k ? s->count : s->k - 1;
    for (size_t i = kept; i > at; i--) {
        s->index[i] = s->index[i - 1];
        s->away_m[i] = s->away_m[i - 1];
    }
    s->index[at] = index;
    s->away_m[at] = away_m;
    s->count = kept + 1;
}

static void look_in(const struct points *p, struct search *s, int64_t column, int64_t line)
{
    if (column < 0 || line < 0 || column >= p->width || line >= p->height) {
        return;
    }
    size_t c = (size_t)(line * p->width + column);
    for (uint32_t i = p->first[c]; i < p->first[c + 1]; i++) {
        offer(s, p->order[i], point_distance_m(s->at, p->all[p->order[i]]));
    }
}

size_t points_nearest(const struct points *p, struct point_m at, double max_m, size_t k,
                      uint32_t ret_indices[POINTS_MAX_NEAREST])
{
    assert(k <= POINTS_MAX_NEAREST);
    struct search s = {.at = at, .max_m = max_m, .k = k};
    int64_t column = column_of(p, at.x_m), line = line_of(p, at.y_m);
    /* Rings of buckets outwards; all inside ring r are within reach once r - 1 cells are passed. */
    int64_t farthest = p->width + p->height + llabs(column) + llabs(line);
    for (int64_t ring = 0; ring <= farthest; ring++) {
        double passed_m = (double)(ring - 1) * p->cell_m;
        if (passed_m > max_m || (s.count == k && passed_m > s.away_m[k - 1])) {
            break;
        }
        for (int64_t d = -ring; d <= ring; d++) {
            look_in(p, &s, column + d, line - ring);
            if (ring > 0) {
                look_in(p, &s, column + d, line + ring);
            }
        }
        for (int64_t d = -ring + 1; d < ring; d++) {
            look_in(p, &s, column - ring, line + d);
            look_in(p, &s, column + ring, line + d);
        }
    }
    memcpy(ret_indices, s.index, s.count * sizeof *s.index);
    return s.count;
}

/* ------------------------------------------------------------------ groups */

struct grouping {
    const struct point_m *all;
    const double *weights;
    size_t count;
    uint32_t k;
    uint32_t *group;
    struct point_m *middles;
};

/* The first middle is the weighted middle of all, each further one the point farthest from those
 * that are there. */
static void first_middles(struct grouping *g, double *away_m)
{
    double x = 0, y = 0, weight = 0;
    for (size_t i = 0; i < g->count; i++) {
        x += g->weights[i] * g->all[i].x_m;
        y += g->weights[i] * g->all[i].y_m;
        weight += g->weights[i];
        away_m[i] = INFINITY;
    }
    g->middles[0] = (struct point_m){x / weight, y / weight};
    for (uint32_t m = 1; m < g->k; m++) {
        size_t farthest = 0;
        for (size_t i = 0; i < g->count; i++) {
            away_m[i] = fmin(away_m[i], point_distance_m(g->all[i], g->middles[m - 1]));
            farthest = away_m[i] > away_m[farthest] ? i : farthest;
        }
        g->middles[m] = g->all[farthest];
    }
}

/* Gives each point to its nearest middle. True when any changed. */
static bool share_out(struct grouping *g)
{
    bool has_changed = false;
    for (size_t i = 0; i < g->count; i++) {
        uint32_t best = 0;
        double best_m = INFINITY;
        for (uint32_t m = 0; m < g->k; m++) {
            double away_m = point_distance_m(g->all[i], g->middles[m]);
            if (away_m < best_m) {
                best = m;
                best_m = away_m;
            }
        }
        has_changed |= g->group[i] != best;
        g->group[i] = best;
    }
    return has_changed;
}

static void move_middles(struct grouping *g, double *sums)
{
    memset(sums, 0, 3 * sizeof *sums * g->k);
    for (size_t i = 0; i < g->count; i++) {
        double *sum = &sums[3 * g->group[i]];
        sum[0] += g->weights[i] * g->all[i].x_m;
        sum[1] += g->weights[i] * g->all[i].y_m;
        sum[2] += g->weights[i];
    }
    for (uint32_t m = 0; m < g->k; m++) {
        if (sums[3 * m + 2] > 0) {
            g->middles[m] =
                (struct point_m){sums[3 * m] / sums[3 * m + 2], sums[3 * m + 1] / sums[3 * m + 2]};
        }
    }
}

static int middle_order(const void *pa, const void *pb, void *ctx)
{
    const struct point_m *middles = ctx;
    struct point_m a = middles[*(const uint32_t *)pa], b = middles[*(const uint32_t *)pb];
    double da = a.x_m + a.y_m, db = b.x_m + b.y_m;
    return da < db ? -1 : da > db;
}

/* NOLINTNEXTLINE(readability-function-size): three inputs of one length, two results */
enum err points_group(struct arena *arena, const struct point_m *all, const double *weights,
                      size_t count, uint32_t k, uint32_t *ret_group, struct point_m *ret_middles)
{
    if (k == 0 || k > count) {
        return ERR_RANGE;
    }
    double *away_m = ARENA_NEW(arena, double, count);
    double *sums = ARENA_NEW(arena, double, 3 * (size_t)k);
    uint32_t *order = ARENA_NEW(arena, uint32_t, 2 * (size_t)k);
    struct point_m *middles = ARENA_NEW(arena, struct point_m, k);
    if (away_m == NULL || sums == NULL || order == NULL || middles == NULL) {
        return ERR_LIMIT;
    }
    struct grouping g = {all, weights, count, k, ret_group, middles};
    memset(ret_group, 0xff, count * sizeof *ret_group);
    first_middles(&g, away_m);
    for (int round = 0; round < GROUP_ROUNDS && share_out(&g); round++) {
        move_middles(&g, sums);
    }
    uint32_t *number = order + k;
    for (uint32_t m = 0; m < k; m++) {
        order[m] = m;
    }
    qsort_r(order, k, sizeof *order, middle_order, middles);
    for (uint32_t m = 0; m < k; m++) {
        number[order[m]] = m;
        ret_middles[m] = middles[order[m]];
    }
    for (size_t i = 0; i < count; i++) {
        ret_group[i] = number[ret_group[i]];
    }
    return OK;
}
