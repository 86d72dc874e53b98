/* cover.c - demand along the streets, and the counting. For each point and limit the idle units
 * that reach it are counted; a count of one is what a unit is worth. Cost of counting: the lengths
 * of the reaches' lists times the limits. */
#include "plan/cover_priv.h"

#include <stdlib.h>
#include <string.h>

static int compare_points(const void *a, const void *b)
{
    const struct cover_point *l = a, *r = b;
    if (l->edge != r->edge)
        return l->edge < r->edge ? -1 : 1;
    return l->frac < r->frac ? -1 : l->frac > r->frac;
}

static int compare_u32(const void *a, const void *b)
{
    const uint32_t l = *(const uint32_t *)a, r = *(const uint32_t *)b;
    return l < r ? -1 : l > r;
}

static void find_areas(struct cover *c, const struct cover_demand *demand, size_t count)
{
    for (size_t i = 0; i < count; i++)
        c->areas[i] = demand[i].area;
    qsort(c->areas, count, sizeof *c->areas, compare_u32);
    for (size_t i = 0; i < count; i++) {
        if (c->area_count == 0 || c->areas[c->area_count - 1] != c->areas[i])
            c->areas[c->area_count++] = c->areas[i];
    }
}

static uint32_t area_index(const struct cover *c, uint32_t area)
{
    const uint32_t *at = bsearch(&area, c->areas, c->area_count, sizeof *c->areas, compare_u32);
    return (uint32_t)(at - c->areas);
}

static void find_points(struct cover *c, uint32_t profile, const struct cover_demand *demand,
                        size_t count)
{
    const uint32_t edges = road_info(c->road).edges;
    for (size_t i = 0; i < count; i++) {
        struct road_snap snap;
        struct cover_point *to = &c->points[i];
        *to = (struct cover_point){edges, 0, area_index(c, demand[i].area), demand[i].weight};
        if (road_snap(c->road, profile, demand[i].place, COVER_SNAP_M, &snap) == OK) {
            to->edge = snap.point.edge;
            to->frac = snap.point.frac;
        } else {
            c->off_road += demand[i].weight;
        }
    }
    qsort(c->points, count, sizeof *c->points, compare_points);
    for (size_t i = 0; i < count; i++)
        c->edge_first[c->points[i].edge + 1]++;
    for (uint32_t edge = 0; edge <= edges; edge++)
        c->edge_first[edge + 1] += c->edge_first[edge];
}

/* The node that a point lies on; ROAD_NONE: it lies inside its street, or on none. */
static uint32_t node_of(const struct cover *c, const struct cover_point *point)
{
    if (point->edge == road_info(c->road).edges)
        return ROAD_NONE;
    if (point->frac == 0)
        return c->ends[2 * (size_t)point->edge];
    return point->frac == ROAD_FRAC_ONE ? c->ends[2 * (size_t)point->edge + 1] : ROAD_NONE;
}

static void find_ends(struct cover *c)
{
    for (uint32_t edge = 0; edge < road_info(c->road).edges; edge++) {
        const struct road_edge e = road_edge(c->road, edge);
        c->ends[2 * (size_t)edge] = e.tail;
        c->ends[2 * (size_t)edge + 1] = e.head;
    }
}

static void find_nodes(struct cover *c)
{
    const uint32_t nodes = road_info(c->road).nodes;
    for (uint32_t i = 0; i < c->point_count; i++) {
        const uint32_t node = node_of(c, &c->points[i]);
        c->fracs[i] = c->points[i].frac;
        if (node != ROAD_NONE)
            c->node_first[node + 2]++;
        else if (c->points[i].edge < road_info(c->road).edges)
            c->edge_bits[c->points[i].edge / 64] |= 1ull << c->points[i].edge % 64;
    }
    for (uint32_t node = 2; node <= nodes + 1; node++)
        c->node_first[node] += c->node_first[node - 1];
    for (uint32_t i = 0; i < c->point_count; i++) {
        const uint32_t node = node_of(c, &c->points[i]);
        if (node != ROAD_NONE)
            c->node_points[c->node_first[node + 1]++] = i;
    }
}

/* NOLINTNEXTLINE(readability-function-size): what it is made of */
enum err cover_new(const struct road *road, uint32_t profile, const struct cover_demand *demand,
                   size_t count, struct road_limits limits, struct cover **ret_cover)
{
    const struct road_info info = road_info(road);
    if (count > COVER_MAX_DEMAND || profile >= info.profiles || limits.count == 0 ||
        limits.count > ROAD_MAX_LIMITS)
        return ERR_RANGE;
    struct cover *c = calloc(1, sizeof *c);
    if (!c)
        return ERR_LIMIT;
    c->road = road;
    c->point_count = count;
    c->limit_count = limits.count;
    memcpy(c->limits_ms, limits.ms, limits.count * sizeof *limits.ms);
    map_init(&c->by_unit, COVER_MAX_UNITS);
    map_init(&c->by_key, 2 * COVER_MAX_UNITS); /* old ones go when the new ones are there */
    c->first_free = ROAD_NONE;
    c->points = calloc(count + 1, sizeof *c->points);
    c->areas = calloc(count + 1, sizeof *c->areas);
    c->edge_first = calloc((size_t)info.edges + 2, sizeof *c->edge_first);
    c->edge_bits = calloc((size_t)info.edges / 64 + 2, sizeof *c->edge_bits);
    c->ends = calloc(2 * (size_t)info.edges + 1, sizeof *c->ends);
    c->idle = calloc(count * limits.count + 1, sizeof *c->idle);
    c->node_first = calloc((size_t)info.nodes + 2, sizeof *c->node_first);
    c->node_points = calloc(count + 1, sizeof *c->node_points);
    c->marks = calloc(count + 1, sizeof *c->marks);
    c->fracs = calloc(count + 1, sizeof *c->fracs);
    if (!c->points || !c->areas || !c->edge_first || !c->idle || !c->node_first ||
        !c->node_points || !c->marks || !c->edge_bits || !c->ends || !c->fracs) {
        cover_free(c);
        return ERR_LIMIT;
    }
    find_areas(c, demand, count);
    find_ends(c);
    find_points(c, profile, demand, count);
    find_nodes(c);
    *ret_cover = c;
    return OK;
}

void cover_free(struct cover *c)
{
    if (!c)
        return;
    cover_reaches_done(c);
    free(c->points);
    free(c->areas);
    free(c->edge_first);
    free(c->edge_bits);
    free(c->ends);
    free(c->fracs);
    free(c->idle);
    free(c->node_first);
    free(c->node_points);
    free(c->marks);
    free(c);
}

/* ------------------------------------------------------- counting */

static void count_idle(struct cover *c)
{
    memset(c->idle, 0, c->point_count * c->limit_count * sizeof *c->idle);
    for (size_t i = 0; i < c->reach_count; i++) {
        const struct cover_reach *reach = &c->reaches[i];
        for (size_t k = 0; k < reach->count && reach->idle_count > 0; k++) {
            uint32_t *idle = &c->idle[reach->held[k].point * c->limit_count];
            for (size_t l = reach->held[k].limit; l < c->limit_count; l++)
                idle[l] += reach->idle_count;
        }
    }
}

static void sum_areas(const struct cover *c, struct cover_area *areas, struct cover_sums *all)
{
    for (size_t i = 0; i < c->area_count; i++)
        areas[i].area = c->areas[i];
    for (size_t i = 0; i < c->point_count; i++) {
        const struct cover_point *p = &c->points[i];
        struct cover_sums *sums = &areas[p->area].sums;
        sums->weight += p->weight;
        for (size_t l = 0; l < c->limit_count; l++)
            sums->reached[l] += c->idle[i * c->limit_count + l] ? p->weight : 0;
    }
    for (size_t i = 0; i < c->area_count; i++) {
        all->weight += areas[i].sums.weight;
        for (size_t l = 0; l < c->limit_count; l++)
            all->reached[l] += areas[i].sums.reached[l];
    }
}

/* Demand of the reach that so many idle units reach. */
static struct cover_line weigh(const struct cover *c, const struct cover_reach *reach,
                               uint32_t idle_count)
{
    struct cover_line line = {{0}};
    for (size_t k = 0; k < reach->count; k++) {
        const uint32_t point = reach->held[k].point;
        const uint32_t *idle = &c->idle[point * c->limit_count];
        for (size_t l = reach->held[k].limit; l < c->limit_count; l++)
            line.worth[l] += idle[l] == idle_count ? c->points[point].weight : 0;
    }
    return line;
}

/* Units that stand together are worth the same: idle ones nothing, where they are several. */
static enum err weigh_units(const struct cover *c, size_t unit_count, struct arena *arena,
                            struct cover_line *lines)
{
    struct cover_line *idle = ARENA_NEW(arena, struct cover_line, c->reach_count + 1);
    struct cover_line *busy = ARENA_NEW(arena, struct cover_line, c->reach_count + 1);
    if (!idle || !busy)
        return ERR_LIMIT;
    for (size_t i = 0; i < c->reach_count; i++) {
        const struct cover_reach *reach = &c->reaches[i];
        if (reach->idle_count == 1)
            idle[i] = weigh(c, reach, 1);
        if (reach->busy_count > 0 && reach->idle_count == 0)
            busy[i] = weigh(c, reach, 0);
    }
    for (size_t i = 0; i < unit_count; i++) {
        const struct cover_taken *taken = &c->taken[i];
        if (taken->reach != ROAD_NONE)
            lines[i] = taken->is_idle ? idle[taken->reach] : busy[taken->reach];
    }
    return OK;
}

enum err cover_take(struct cover *c, const struct cover_now *now, struct road_scratch *scratch,
                    struct arena *arena, struct cover_ledger *ret_ledger)
{
    struct cover_ledger ledger = {.area_count = c->area_count, .off_road = c->off_road};
    if (now->unit_count > COVER_MAX_UNITS)
        return ERR_RANGE;
    struct cover_area *areas = ARENA_NEW(arena, struct cover_area, c->area_count + 1);
    struct cover_line *lines = ARENA_NEW(arena, struct cover_line, now->unit_count + 1);
    if (!areas || !lines)
        return ERR_LIMIT;
    enum err err = cover_find(c, now, scratch, &ledger);
    if (err)
        return err;
    count_idle(c);
    sum_areas(c, areas, &ledger.all);
    err = weigh_units(c, now->unit_count, arena, lines);
    ledger.areas = areas;
    ledger.lines = lines;
    if (!err)
        *ret_ledger = ledger;
    return err;
}

/* ------------------------------------------------------- what sending several costs */

/* One idle unit less, or again one more, along a reach; what turns from some to none is added. */
static void step(struct cover *c, const struct cover_reach *reach, bool is_back, uint64_t *lost)
{
    for (size_t k = 0; k < reach->count; k++) {
        const uint32_t point = reach->held[k].point;
        uint32_t *idle = &c->idle[point * c->limit_count];
        for (size_t l = reach->held[k].limit; l < c->limit_count; l++) {
            idle[l] += is_back ? 1 : UINT32_MAX;
            lost[l] += !is_back && idle[l] == 0 ? c->points[point].weight : 0;
        }
    }
}

void cover_loss(struct cover *c, const struct unit_id *sent, size_t count,
                uint64_t ret_lost[ROAD_MAX_LIMITS])
{
    memset(ret_lost, 0, ROAD_MAX_LIMITS * sizeof *ret_lost);
    for (int is_back = 0; is_back < 2; is_back++) {
        for (size_t i = 0; i < count; i++) {
            uint32_t at;
            if (map_get(&c->by_unit, sent[i].v, &at) && c->taken[at].is_idle &&
                c->taken[at].reach != ROAD_NONE)
                step(c, &c->reaches[c->taken[at].reach], is_back == 1, ret_lost);
        }
    }
}
