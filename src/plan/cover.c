/* cover.c - what a unit reaches is a list of demand points, each with the smallest limit that holds
 * it. Points are numbered along the streets, so a stretch of street holds a run of them. For each
 * point and limit the idle units that reach it are counted; a count of one is what a unit is worth.
 * Cost of counting: the lists' lengths times the limits.
 *
 * When the roads have changed, only units near a changed street are searched again. A street whose
 * time is another than before counts as changed, and one that a closure or a slow stretch touches
 * or touched. A unit that reached neither
 * end of it and does not stand on it cannot be concerned: any way to it would pass an end first, by
 * streets that have not changed. Which nodes a unit reached is kept as bits by hash; a false one
 * costs a search and nothing else. */
#include "plan/cover.h"

#include "base/map.h"
#include <stdlib.h>
#include <string.h>

struct point {
    uint32_t edge, frac;
    uint32_t area; /* index */
    uint32_t weight;
};
struct held {
    uint32_t point, limit;
};
#define NEAR_BITS (1u << 17)

struct unit_reach { /* as it was found last */
    struct place place;
    uint32_t profile, start_delay_ms, version;
    bool is_known;
    struct held *held;
    size_t count, cap;
    uint64_t *near; /* NEAR_BITS: nodes reached, and the ends of its own street */
    uint32_t edge;  /* that it stands on, ROAD_NONE = none */
};
struct changes {     /* of one profile */
    uint32_t *times; /* by arc, at that version */
    uint32_t *edges;
    size_t count, cap; /* edges that stretches touch at that version */
    uint32_t version;
    bool is_known;
};
struct cover {
    const struct road *road;
    uint32_t limits_ms[ROAD_MAX_LIMITS];
    size_t limit_count;
    struct point *points; /* by edge, then fraction */
    size_t point_count;
    uint32_t *edge_first; /* by edge; one more */
    uint32_t *node_first; /* by node, one more: of node_points, what lies on a street's very end */
    uint32_t *node_points;
    uint32_t *marks; /* by point: its index + 1 in the list that is being made */
    uint32_t *areas; /* ascending */
    size_t area_count;
    uint64_t off_road;
    struct map by_unit; /* unit number -> index of reaches */
    struct unit_reach *reaches;
    size_t reach_count, reach_cap;
    uint32_t *idle; /* by point and limit: idle units that reach it */
    struct changes changes[ROAD_MAX_PROFILES];
};

static int compare_points(const void *a, const void *b)
{
    const struct point *l = a, *r = b;
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
        struct point *to = &c->points[i];
        *to = (struct point){edges, 0, area_index(c, demand[i].area), demand[i].weight};
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
static uint32_t node_of(const struct cover *c, const struct point *point)
{
    if (point->edge == road_info(c->road).edges)
        return ROAD_NONE;
    if (point->frac == 0)
        return road_edge(c->road, point->edge).tail;
    return point->frac == ROAD_FRAC_ONE ? road_edge(c->road, point->edge).head : ROAD_NONE;
}

static void find_nodes(struct cover *c)
{
    const uint32_t nodes = road_info(c->road).nodes;
    for (uint32_t i = 0; i < c->point_count; i++) {
        const uint32_t node = node_of(c, &c->points[i]);
        if (node != ROAD_NONE)
            c->node_first[node + 2]++;
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
    c->points = calloc(count + 1, sizeof *c->points);
    c->areas = calloc(count + 1, sizeof *c->areas);
    c->edge_first = calloc((size_t)info.edges + 2, sizeof *c->edge_first);
    c->idle = calloc(count * limits.count + 1, sizeof *c->idle);
    c->node_first = calloc((size_t)info.nodes + 2, sizeof *c->node_first);
    c->node_points = calloc(count + 1, sizeof *c->node_points);
    c->marks = calloc(count + 1, sizeof *c->marks);
    if (!c->points || !c->areas || !c->edge_first || !c->idle || !c->node_first ||
        !c->node_points || !c->marks) {
        cover_free(c);
        return ERR_LIMIT;
    }
    find_areas(c, demand, count);
    find_points(c, profile, demand, count);
    find_nodes(c);
    *ret_cover = c;
    return OK;
}

void cover_free(struct cover *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < c->reach_count; i++) {
        free(c->reaches[i].held);
        free(c->reaches[i].near);
    }
    for (size_t i = 0; i < ROAD_MAX_PROFILES; i++) {
        free(c->changes[i].times);
        free(c->changes[i].edges);
    }
    free(c->reaches);
    free(c->points);
    free(c->areas);
    free(c->edge_first);
    free(c->idle);
    free(c->node_first);
    free(c->node_points);
    free(c->marks);
    map_done(&c->by_unit);
    free(c);
}

/* ------------------------------------------------------- what a unit reaches */

static enum err reach_of(struct cover *c, struct unit_id unit, struct unit_reach **ret_reach)
{
    uint32_t index;
    if (!map_get(&c->by_unit, unit.v, &index)) {
        if (c->reach_count == c->reach_cap) {
            const size_t cap = c->reach_cap ? 2 * c->reach_cap : 64;
            struct unit_reach *reaches = reallocarray(c->reaches, cap, sizeof *reaches);
            if (!reaches)
                return ERR_LIMIT;
            c->reaches = reaches;
            c->reach_cap = cap;
        }
        if (map_put(&c->by_unit, unit.v, (uint32_t)c->reach_count))
            return ERR_LIMIT;
        c->reaches[c->reach_count] =
            (struct unit_reach){.near = calloc(NEAR_BITS / 64, sizeof(uint64_t))};
        if (!c->reaches[c->reach_count++].near)
            return ERR_LIMIT;
        index = (uint32_t)c->reach_count - 1;
    }
    *ret_reach = &c->reaches[index];
    return OK;
}

static enum err hold(const struct cover *c, struct unit_reach *reach, struct held held)
{
    uint32_t *mark = &c->marks[held.point];
    if (*mark) {
        struct held *known = &reach->held[*mark - 1];
        known->limit = held.limit < known->limit ? held.limit : known->limit;
        return OK;
    }
    if (reach->count == reach->cap) {
        const size_t cap = reach->cap ? 2 * reach->cap : 256;
        struct held *list = reallocarray(reach->held, cap, sizeof *list);
        if (!list)
            return ERR_LIMIT;
        reach->held = list;
        reach->cap = cap;
    }
    reach->held[reach->count++] = held;
    *mark = (uint32_t)reach->count;
    return OK;
}

static uint32_t near_bit(uint32_t node)
{
    return (node * 0x9E3779B1u) >> 15;
}

static bool is_near(const struct unit_reach *reach, uint32_t node)
{
    return reach->near[near_bit(node) / 64] >> near_bit(node) % 64 & 1;
}

static void set_near(struct unit_reach *reach, uint32_t node)
{
    reach->near[near_bit(node) / 64] |= 1ull << near_bit(node) % 64;
}

/* What lies on the very end of some street at the node, where a stretch touches it. */
static enum err hold_node(const struct cover *c, struct unit_reach *reach, uint32_t node,
                          uint32_t limit)
{
    enum err err = OK;
    set_near(reach, node);
    for (uint32_t i = c->node_first[node]; i < c->node_first[node + 1] && !err; i++)
        err = hold(c, reach, (struct held){c->node_points[i], limit});
    return err;
}

static enum err hold_span(const struct cover *c, struct unit_reach *reach,
                          const struct road_span *span)
{
    const uint32_t low = span->from < span->to ? span->from : span->to;
    const uint32_t high = span->from < span->to ? span->to : span->from;
    enum err err = OK;
    for (uint32_t i = c->edge_first[span->edge]; i < c->edge_first[span->edge + 1] && !err; i++) {
        if (c->points[i].frac >= low && c->points[i].frac <= high)
            err = hold(c, reach, (struct held){i, span->limit});
    }
    if (!err && low == 0)
        err = hold_node(c, reach, road_edge(c->road, span->edge).tail, span->limit);
    if (!err && high == ROAD_FRAC_ONE)
        err = hold_node(c, reach, road_edge(c->road, span->edge).head, span->limit);
    return err;
}

static enum err search(const struct cover *c, const struct cover_unit *unit,
                       const struct road_metric *metric, struct road_scratch *scratch,
                       struct unit_reach *reach)
{
    struct road_snap snap;
    struct road_reach found;
    reach->edge = ROAD_NONE;
    memset(reach->near, 0, NEAR_BITS / 8);
    if (road_snap(c->road, unit->profile, unit->place, COVER_SNAP_M, &snap) != OK)
        return OK;
    reach->edge = snap.point.edge;
    set_near(reach, road_edge(c->road, reach->edge).tail);
    set_near(reach, road_edge(c->road, reach->edge).head);
    const struct road_source source = {snap.point, unit->start_delay_ms};
    enum err err = road_reach(metric, scratch,
                              &(struct road_reach_query){.sources = {&source, 1},
                                                         .limits = {c->limits_ms, c->limit_count}},
                              &found);
    for (size_t i = 0; !err && i < found.span_count; i++)
        err = hold_span(c, reach, &found.spans[i]);
    for (size_t i = 0; i < reach->count; i++)
        c->marks[reach->held[i].point] = 0;
    return err;
}

/* ------------------------------------------------------- what changes of the roads concern */

static void note_times(struct changes *changes, const struct road_metric *metric, uint32_t edge)
{
    changes->times[2 * (size_t)edge] = road_metric_arc_ms(metric, 2 * edge);
    changes->times[2 * (size_t)edge + 1] = road_metric_arc_ms(metric, 2 * edge + 1);
}

static bool has_other_times(const struct changes *changes, const struct road_metric *metric,
                            uint32_t edge)
{
    return changes->times[2 * (size_t)edge] != road_metric_arc_ms(metric, 2 * edge) ||
           changes->times[2 * (size_t)edge + 1] != road_metric_arc_ms(metric, 2 * edge + 1);
}

static enum err note_change(struct changes *changes, uint32_t edge)
{
    if (changes->count == changes->cap) {
        const size_t cap = changes->cap ? 2 * changes->cap : 256;
        uint32_t *edges = reallocarray(changes->edges, cap, sizeof *edges);
        if (!edges)
            return ERR_LIMIT;
        changes->edges = edges;
        changes->cap = cap;
    }
    changes->edges[changes->count++] = edge;
    return OK;
}

static bool is_concerned(const struct cover *c, const struct unit_reach *reach, uint32_t edge)
{
    const struct road_edge e = road_edge(c->road, edge);
    return reach->edge == edge || is_near(reach, e.tail) || is_near(reach, e.head);
}

/* Units of the profile that none of the changed streets concerns are as good as searched. */
static void spare_units(struct cover *c, uint32_t profile, uint32_t version)
{
    const struct changes *changes = &c->changes[profile];
    for (size_t i = 0; i < c->reach_count; i++) {
        struct unit_reach *reach = &c->reaches[i];
        bool is_spared =
            reach->is_known && reach->profile == profile && reach->version == changes->version;
        for (size_t k = 0; k < changes->count && is_spared; k++)
            is_spared = !is_concerned(c, reach, changes->edges[k]);
        if (is_spared)
            reach->version = version;
    }
}

/* What has changed: streets whose times are others now, and those that a closure or a slow stretch
 * touches or touched, for it may have moved within one. Only the latter are kept for next time. */
static enum err follow(struct cover *c, const struct road_metric *metric)
{
    const uint32_t profile = road_metric_profile(metric), version = road_metric_version(metric);
    const uint32_t edges = road_info(c->road).edges;
    struct changes *changes = &c->changes[profile];
    enum err err = OK;
    if (!changes->times)
        changes->times = calloc(2 * (size_t)edges + 1, sizeof *changes->times);
    if (!changes->times)
        return ERR_LIMIT;
    if (changes->version == version && changes->is_known)
        return OK;
    const size_t before = changes->count;
    size_t kept = 0;
    for (uint32_t edge = 0; edge < edges && !err; edge++) {
        if (road_metric_is_touched(metric, edge) || has_other_times(changes, metric, edge))
            err = note_change(changes, edge);
    }
    if (err) {
        changes->count = before;
        return err;
    }
    spare_units(c, profile, version);
    for (size_t i = before; i < changes->count; i++) {
        const uint32_t edge = changes->edges[i];
        note_times(changes, metric, edge);
        if (road_metric_is_touched(metric, edge))
            changes->edges[kept++] = edge;
    }
    changes->count = kept;
    changes->version = version;
    changes->is_known = true;
    return OK;
}

static enum err refresh(struct cover *c, const struct cover_now *now, struct road_scratch *scratch,
                        struct cover_ledger *ledger)
{
    enum err err = OK;
    for (uint32_t i = 0; i < road_info(c->road).profiles && !err; i++)
        err = now->metrics[i] ? follow(c, now->metrics[i]) : OK;
    for (size_t i = 0; i < now->unit_count && !err; i++) {
        const struct cover_unit *unit = &now->units[i];
        struct unit_reach *reach;
        const bool is_mapped = unit->profile != ROAD_NONE && place_is_valid(unit->place);
        const struct road_metric *metric = is_mapped ? now->metrics[unit->profile] : NULL;
        const uint32_t version = metric ? road_metric_version(metric) : 0;
        err = reach_of(c, unit->unit, &reach);
        if (err)
            break;
        ledger->road_version = version ? version : ledger->road_version;
        if (reach->is_known && place_eq(reach->place, unit->place) &&
            reach->profile == unit->profile && reach->version == version &&
            reach->start_delay_ms == unit->start_delay_ms)
            continue;
        reach->count = 0;
        if (metric)
            err = search(c, unit, metric, scratch, reach);
        ledger->searched += metric != NULL;
        reach->place = unit->place;
        reach->profile = unit->profile;
        reach->version = version;
        reach->start_delay_ms = unit->start_delay_ms;
        reach->is_known = err == OK;
    }
    return err;
}

/* ------------------------------------------------------- counting */

static const struct unit_reach *known(const struct cover *c, struct unit_id unit)
{
    uint32_t index = 0;
    (void)map_get(&c->by_unit, unit.v, &index); /* refresh has seen to it */
    return &c->reaches[index];
}

static void count_idle(struct cover *c, const struct cover_now *now)
{
    memset(c->idle, 0, c->point_count * c->limit_count * sizeof *c->idle);
    for (size_t i = 0; i < now->unit_count; i++) {
        const struct unit_reach *reach = known(c, now->units[i].unit);
        for (size_t k = 0; k < reach->count && now->units[i].is_idle; k++) {
            uint32_t *idle = &c->idle[reach->held[k].point * c->limit_count];
            for (size_t l = reach->held[k].limit; l < c->limit_count; l++)
                idle[l]++;
        }
    }
}

static void sum_areas(const struct cover *c, struct cover_area *areas, struct cover_sums *all)
{
    for (size_t i = 0; i < c->area_count; i++)
        areas[i].area = c->areas[i];
    for (size_t i = 0; i < c->point_count; i++) {
        const struct point *p = &c->points[i];
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

static void weigh_units(const struct cover *c, const struct cover_now *now,
                        struct cover_line *lines)
{
    for (size_t i = 0; i < now->unit_count; i++) {
        const struct unit_reach *reach = known(c, now->units[i].unit);
        const uint32_t alone = now->units[i].is_idle ? 1 : 0;
        for (size_t k = 0; k < reach->count; k++) {
            const uint32_t point = reach->held[k].point;
            const uint32_t *idle = &c->idle[point * c->limit_count];
            for (size_t l = reach->held[k].limit; l < c->limit_count; l++)
                lines[i].worth[l] += idle[l] == alone ? c->points[point].weight : 0;
        }
    }
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
    const enum err err = refresh(c, now, scratch, &ledger);
    if (err)
        return err;
    count_idle(c, now);
    sum_areas(c, areas, &ledger.all);
    weigh_units(c, now, lines);
    ledger.areas = areas;
    ledger.lines = lines;
    *ret_ledger = ledger;
    return OK;
}
