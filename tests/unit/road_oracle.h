/* road_oracle.h - an independent, plain and slow answer to every road query, for tests.
 * It knows the road only by its public header: edges, names of arcs and their open base times,
 * taken from a traffic without layers; closures are kept here as a list of its own. */
#ifndef TESTS_UNIT_ROAD_ORACLE_H
#define TESTS_UNIT_ROAD_ORACLE_H
#include "base/rand.h"
#include "road/road.h"
#include "test.h"
#include <stdlib.h>
#include <string.h>

struct oracle_closure {
    uint32_t edge, from, to; /* fractions, both directions */
};
struct oracle {
    const struct road *road;
    uint32_t nodes, edges;
    struct road_edge *edge; /* by edge */
    uint32_t *base;         /* by arc */
    uint32_t *first, *arcs; /* arcs that leave a node */
    struct oracle_closure closures[256];
    size_t closure_count;
    uint32_t *dist; /* of the last run, by node */
    uint32_t *who;
    uint64_t *heap;
    size_t heap_count, heap_cap;
};

static inline uint32_t oracle_tail(const struct oracle *o, uint32_t arc)
{
    return arc & 1 ? o->edge[arc / 2].head : o->edge[arc / 2].tail;
}

/* `open` is a metric without layers. */
static inline void oracle_init(struct oracle *o, const struct road_metric *open)
{
    memset(o, 0, sizeof *o);
    o->road = road_metric_road(open);
    o->nodes = road_info(o->road).nodes;
    o->edges = road_info(o->road).edges;
    o->edge = calloc(o->edges, sizeof *o->edge);
    o->base = calloc(2 * (size_t)o->edges, sizeof *o->base);
    o->first = calloc(o->nodes + 2, sizeof *o->first);
    o->arcs = calloc(2 * (size_t)o->edges, sizeof *o->arcs);
    o->dist = calloc(o->nodes, sizeof *o->dist);
    o->who = calloc(o->nodes, sizeof *o->who);
    for (uint32_t i = 0; i < o->edges; i++)
        o->edge[i] = road_edge(o->road, i);
    for (uint32_t arc = 0; arc < 2 * o->edges; arc++) {
        o->base[arc] = road_metric_arc_ms(open, arc);
        o->first[oracle_tail(o, arc) + 2]++;
    }
    for (uint32_t i = 2; i <= o->nodes + 1; i++)
        o->first[i] += o->first[i - 1];
    for (uint32_t arc = 0; arc < 2 * o->edges; arc++)
        o->arcs[o->first[oracle_tail(o, arc) + 1]++] = arc;
}

static inline void oracle_done(struct oracle *o)
{
    free(o->edge);
    free(o->base);
    free(o->first);
    free(o->arcs);
    free(o->dist);
    free(o->who);
    free(o->heap);
}

/* From fraction x to y by an arc. A closed stretch may be left by who starts strictly inside it and
 * entered by who ends strictly inside; stretches that touch or overlap are one. */
static inline uint32_t oracle_move(const struct oracle *o, uint32_t arc, uint32_t x, uint32_t y,
                                   bool may_leave, bool may_enter)
{
    uint32_t low = x < y ? x : y, high = x < y ? y : x;
    uint64_t base = o->base[arc];
    if (x == y)
        return 0;
    if (base == ROAD_INF)
        return ROAD_INF;
    for (size_t i = 0; i < o->closure_count; i++) {
        if (o->closures[i].edge != arc / 2)
            continue;
        uint32_t from = o->closures[i].from, to = o->closures[i].to;
        for (size_t again = 0; again < o->closure_count; again++) { /* grow to the whole run */
            for (size_t k = 0; k < o->closure_count; k++) {
                const struct oracle_closure *c = &o->closures[k];
                if (c->edge != arc / 2 || c->to < from || c->from > to)
                    continue;
                from = c->from < from ? c->from : from;
                to = c->to > to ? c->to : to;
            }
        }
        if (from >= high || to <= low)
            continue;
        bool starts_inside = from < x && x < to, ends_inside = from < y && y < to;
        if (!(starts_inside && may_leave) && !(ends_inside && may_enter))
            return ROAD_INF;
    }
    return (uint32_t)(base * high / ROAD_FRAC_ONE - base * low / ROAD_FRAC_ONE);
}

static inline void oracle_push(struct oracle *o, uint32_t ms, uint32_t node)
{
    if (o->heap_count == o->heap_cap) {
        o->heap_cap = o->heap_cap ? 2 * o->heap_cap : 1024;
        o->heap = realloc(o->heap, o->heap_cap * sizeof *o->heap);
    }
    size_t at = o->heap_count++;
    uint64_t key = (uint64_t)ms << 32 | node;
    while (at && o->heap[(at - 1) / 2] > key) {
        o->heap[at] = o->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    o->heap[at] = key;
}

static inline uint64_t oracle_pop(struct oracle *o)
{
    uint64_t top = o->heap[0], last = o->heap[--o->heap_count];
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= o->heap_count)
            break;
        if (child + 1 < o->heap_count && o->heap[child + 1] < o->heap[child])
            child++;
        if (o->heap[child] >= last)
            break;
        o->heap[at] = o->heap[child];
        at = child;
    }
    o->heap[at] = last;
    return top;
}

static inline void oracle_label(struct oracle *o, uint32_t node, uint32_t ms, uint32_t who)
{
    if (ms < o->dist[node] || (ms == o->dist[node] && who < o->who[node])) {
        o->dist[node] = ms;
        o->who[node] = who;
        oracle_push(o, ms, node);
    }
}

static inline uint32_t oracle_sum(uint32_t a, uint32_t b)
{
    return a >= ROAD_INF || b >= ROAD_INF || a + b >= ROAD_INF ? ROAD_INF : a + b;
}

/* Earliest time at every node from the sources, forward. */
static inline void oracle_run(struct oracle *o, const struct road_source *sources, size_t count)
{
    for (uint32_t i = 0; i < o->nodes; i++) {
        o->dist[i] = ROAD_INF;
        o->who[i] = UINT32_MAX;
    }
    for (uint32_t i = 0; i < count; i++) {
        struct road_point p = sources[i].point;
        uint32_t ahead = oracle_move(o, 2 * p.edge, p.frac, ROAD_FRAC_ONE, true, false);
        uint32_t back = oracle_move(o, 2 * p.edge + 1, p.frac, 0, true, false);
        ahead = oracle_sum(ahead, sources[i].delay_ms);
        back = oracle_sum(back, sources[i].delay_ms);
        if (ahead < ROAD_INF)
            oracle_label(o, o->edge[p.edge].head, ahead, i);
        if (back < ROAD_INF)
            oracle_label(o, o->edge[p.edge].tail, back, i);
    }
    while (o->heap_count) {
        uint64_t key = oracle_pop(o);
        uint32_t node = (uint32_t)key, ms = (uint32_t)(key >> 32);
        if (ms != o->dist[node])
            continue;
        for (uint32_t i = o->first[node]; i < o->first[node + 1]; i++) {
            uint32_t arc = o->arcs[i];
            uint32_t cost = arc & 1 ? oracle_move(o, arc, ROAD_FRAC_ONE, 0, false, false)
                                    : oracle_move(o, arc, 0, ROAD_FRAC_ONE, false, false);
            if (oracle_sum(ms, cost) < ROAD_INF)
                oracle_label(o, oracle_tail(o, arc ^ 1), ms + cost, o->who[node]);
        }
    }
}

/* After oracle_run with the same sources: earliest time at a point and whose it is. */
static inline uint32_t oracle_at(const struct oracle *o, const struct road_source *sources,
                                 size_t count, struct road_point to, uint32_t *ret_who)
{
    uint32_t ends[2] = {o->edge[to.edge].tail, o->edge[to.edge].head};
    uint32_t best = ROAD_INF, who = UINT32_MAX;
    for (uint32_t side = 0; side < 2; side++) {
        uint32_t cost =
            oracle_move(o, 2 * to.edge + side, side ? ROAD_FRAC_ONE : 0, to.frac, false, true);
        uint32_t ms = oracle_sum(o->dist[ends[side]], cost);
        if (ms < best || (ms == best && ms < ROAD_INF && o->who[ends[side]] < who)) {
            best = ms;
            who = o->who[ends[side]];
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        struct road_point from = sources[i].point;
        if (from.edge != to.edge)
            continue;
        uint32_t cost =
            oracle_move(o, 2 * to.edge + (from.frac > to.frac), from.frac, to.frac, true, true);
        uint32_t ms = oracle_sum(sources[i].delay_ms, cost);
        if (ms < best || (ms == best && ms < ROAD_INF && i < who)) {
            best = ms;
            who = i;
        }
    }
    if (ret_who)
        *ret_who = who;
    return best;
}

static inline struct road_point random_point(struct rand *r, uint32_t edges)
{
    static const uint32_t marks[] = {0, 1, ROAD_FRAC_ONE / 2, ROAD_FRAC_ONE - 1, ROAD_FRAC_ONE};
    uint32_t frac = rand_below(r, 4) ? rand_below(r, ROAD_FRAC_ONE + 1) : marks[rand_below(r, 5)];
    return (struct road_point){rand_below(r, edges), frac};
}
#endif
