/* road_oracle.h - an independent, plain and slow answer to every road query, for tests.
 * It knows the edges, the open base times of their arcs (from a traffic without layers), and the
 * hops of the file with what their turns cost: test_road_turns compares these with the turn
 * restrictions themselves. Closures are kept here as a list of its own. */
#ifndef TESTS_UNIT_ROAD_ORACLE_H
#define TESTS_UNIT_ROAD_ORACLE_H
#include "base/rand.h"
#include "road/road_priv.h"
#include "test.h"
#include <stdlib.h>
#include <string.h>

struct oracle_closure {
    uint32_t edge, from, to; /* fractions, both directions */
};
struct oracle {
    const struct road *road;
    uint32_t nodes, edges, vertices, profile;
    struct road_edge *edge; /* by edge */
    uint32_t *base;         /* by arc */
    uint32_t *first, *at;   /* vertices of each node */
    struct oracle_closure closures[256];
    size_t closure_count;
    uint32_t *dist; /* of the last run, by vertex */
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
    o->profile = road_metric_profile(open);
    o->nodes = road_info(o->road).nodes;
    o->edges = road_info(o->road).edges;
    o->vertices = o->road->vertex_count;
    o->edge = calloc(o->edges, sizeof *o->edge);
    o->base = calloc(2 * (size_t)o->edges, sizeof *o->base);
    o->dist = calloc(o->vertices, sizeof *o->dist);
    o->who = calloc(o->vertices, sizeof *o->who);
    for (uint32_t i = 0; i < o->edges; i++)
        o->edge[i] = road_edge(o->road, i);
    for (uint32_t arc = 0; arc < 2 * o->edges; arc++)
        o->base[arc] = road_metric_arc_ms(open, arc);
    o->first = calloc(o->nodes + 2, sizeof *o->first);
    o->at = calloc(o->vertices, sizeof *o->at);
    for (uint32_t v = 0; v < o->vertices; v++)
        o->first[o->road->vertex_node[v] + 2]++;
    for (uint32_t i = 2; i <= o->nodes + 1; i++)
        o->first[i] += o->first[i - 1];
    for (uint32_t v = 0; v < o->vertices; v++)
        o->at[o->first[o->road->vertex_node[v] + 1]++] = v;
}

static inline void oracle_done(struct oracle *o)
{
    free(o->edge);
    free(o->base);
    free(o->first);
    free(o->at);
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

/* A way's stretch is closed in both directions, for this profile and all others. */
static inline void oracle_close(struct oracle *o, const struct road_change *change)
{
    uint64_t whole = 0, start = 0;
    for (uint32_t i = 0; i < road_way_count(o->road); i++) {
        const struct road_way way = road_way(o->road, i);
        for (uint32_t k = 0; k < way.edge_count && way.id == change->way_id; k++)
            whole += o->edge[way.edges[k]].length_mm;
    }
    uint64_t low = change->from * whole / ROAD_WAY_ONE;
    uint64_t high = (change->to * whole + ROAD_WAY_ONE - 1) / ROAD_WAY_ONE;
    for (uint32_t i = 0; i < road_way_count(o->road); i++) {
        const struct road_way way = road_way(o->road, i);
        for (uint32_t k = 0; k < way.edge_count && way.id == change->way_id; k++) {
            uint64_t length = o->edge[way.edges[k]].length_mm, end = start + length;
            uint64_t a = low > start ? low : start, z = high < end ? high : end;
            if (a < z)
                o->closures[o->closure_count++] = (struct oracle_closure){
                    way.edges[k], (uint32_t)((a - start) * ROAD_FRAC_ONE / length),
                    (uint32_t)(((z - start) * ROAD_FRAC_ONE + length - 1) / length)};
            start = end;
        }
    }
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

static inline void oracle_label(struct oracle *o, uint32_t vertex, uint32_t ms, uint32_t who)
{
    if (ms < ROAD_INF &&
        (ms < o->dist[vertex] || (ms == o->dist[vertex] && who < o->who[vertex]))) {
        o->dist[vertex] = ms;
        o->who[vertex] = who;
        oracle_push(o, ms, vertex);
    }
}

static inline uint32_t oracle_sum(uint32_t a, uint32_t b)
{
    return a >= ROAD_INF || b >= ROAD_INF || a + b >= ROAD_INF ? ROAD_INF : a + b;
}

/* Where one is at the end of an arc that one has not come to by another. A street that ends where
 * it begins has no hop of its own. */
static inline uint32_t oracle_arc_end(const struct oracle *o, uint32_t arc)
{
    uint32_t main = o->road->node_vertex[oracle_tail(o, arc)];
    for (uint32_t i = o->road->hop_first[main]; i < o->road->hop_first[main + 1]; i++) {
        if (o->road->hops[i].arc == arc)
            return o->road->hops[i].head;
    }
    return o->road->node_vertex[oracle_tail(o, arc ^ 1)];
}

/* Earliest time at every vertex from the sources, forward. */
static inline void oracle_run(struct oracle *o, const struct road_source *sources, size_t count)
{
    const struct road *road = o->road;
    for (uint32_t i = 0; i < o->vertices; i++) {
        o->dist[i] = ROAD_INF;
        o->who[i] = UINT32_MAX;
    }
    for (uint32_t i = 0; i < count; i++) {
        struct road_point p = sources[i].point;
        uint32_t ahead = oracle_move(o, 2 * p.edge, p.frac, ROAD_FRAC_ONE, true, false);
        uint32_t back = oracle_move(o, 2 * p.edge + 1, p.frac, 0, true, false);
        oracle_label(o, oracle_arc_end(o, 2 * p.edge), oracle_sum(ahead, sources[i].delay_ms), i);
        oracle_label(o, oracle_arc_end(o, 2 * p.edge + 1), oracle_sum(back, sources[i].delay_ms),
                     i);
    }
    while (o->heap_count) {
        uint64_t key = oracle_pop(o);
        uint32_t vertex = (uint32_t)key, ms = (uint32_t)(key >> 32);
        if (ms != o->dist[vertex])
            continue;
        for (uint32_t i = road->hop_first[vertex]; i < road->hop_first[vertex + 1]; i++) {
            const struct file_hop *hop = &road->hops[i];
            uint32_t x = hop->arc & 1 ? ROAD_FRAC_ONE : 0;
            uint32_t cost = oracle_move(o, hop->arc, x, ROAD_FRAC_ONE - x, false, false);
            cost = oracle_sum(cost, hop_price_ms(road, o->profile, hop));
            oracle_label(o, hop->head, oracle_sum(ms, cost), o->who[vertex]);
        }
    }
}

struct oracle_best {
    uint32_t ms, who;
};
static inline void oracle_offer(struct oracle_best *best, uint32_t ms, uint32_t who)
{
    if (ms < best->ms || (ms == best->ms && ms < ROAD_INF && who < best->who))
        *best = (struct oracle_best){ms, who};
}

/* Into an arc from any vertex of its tail, `part` along it. */
static inline void oracle_enter(const struct oracle *o, uint32_t arc, uint32_t part,
                                struct oracle_best *best)
{
    const struct road *road = o->road;
    uint32_t node = oracle_tail(o, arc), main = road->node_vertex[node], gate = 0;
    bool has_main = false;
    for (uint32_t k = o->first[node]; k < o->first[node + 1]; k++) {
        uint32_t v = o->at[k];
        for (uint32_t i = road->hop_first[v]; i < road->hop_first[v + 1]; i++) {
            const struct file_hop *hop = &road->hops[i];
            gate = hop->turn >> ROAD_MAX_PROFILES;
            if (hop->arc != arc)
                continue;
            uint32_t price = hop_price_ms(road, o->profile, hop);
            oracle_offer(best, oracle_sum(o->dist[v], oracle_sum(price, part)), o->who[v]);
            has_main |= v == main;
        }
    }
    uint32_t price = barrier_price_ms(&road->profiles[o->profile], gate);
    if (!has_main)
        oracle_offer(best, oracle_sum(o->dist[main], oracle_sum(price, part)), o->who[main]);
}

/* After oracle_run with the same sources: earliest time at a point and whose it is. */
static inline uint32_t oracle_at(const struct oracle *o, const struct road_source *sources,
                                 size_t count, struct road_point to, uint32_t *ret_who)
{
    struct oracle_best best = {ROAD_INF, UINT32_MAX};
    for (uint32_t side = 0; side < 2; side++)
        oracle_enter(
            o, 2 * to.edge + side,
            oracle_move(o, 2 * to.edge + side, side ? ROAD_FRAC_ONE : 0, to.frac, false, true),
            &best);
    for (uint32_t i = 0; i < count; i++) {
        struct road_point from = sources[i].point;
        if (from.edge != to.edge)
            continue;
        uint32_t cost =
            oracle_move(o, 2 * to.edge + (from.frac > to.frac), from.frac, to.frac, true, true);
        oracle_offer(&best, oracle_sum(sources[i].delay_ms, cost), i);
    }
    if (ret_who)
        *ret_who = best.who;
    return best.ms;
}

static inline struct road_point random_point(struct rand *r, uint32_t edges)
{
    static const uint32_t marks[] = {0, 1, ROAD_FRAC_ONE / 2, ROAD_FRAC_ONE - 1, ROAD_FRAC_ONE};
    uint32_t frac = rand_below(r, 4) ? rand_below(r, ROAD_FRAC_ONE + 1) : marks[rand_below(r, 5)];
    return (struct road_point){rand_below(r, edges), frac};
}
#endif
