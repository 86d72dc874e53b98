/* search_priv.h - the one search under all queries. Layer: road, inside only.
 *
 * Dijkstra over nodes from seeds (points on edges), forward or reverse, with labels (time, seed):
 * the earlier time wins, then the lower seed. Targets (points on edges) are nodes n, n + 1 ... of
 * the same queue, so they come out in the order of their times, ties by index, and are final when
 * they come out. Queue: 4-ary heap of time << 32 | node, stale entries dropped when they surface.
 */
#ifndef ROAD_SEARCH_PRIV_H
#define ROAD_SEARCH_PRIV_H
#include "road/traffic_priv.h"

struct label {
    uint32_t ms, seed;
};
struct target {
    struct road_point point;
    uint32_t next;     /* another target on the same edge, ROAD_NONE = last */
    uint32_t delay_ms; /* added when it is reached */
    struct label label;
    uint32_t
        via; /* arc by which it was reached from a node, ROAD_NONE = straight along its own edge */
};
struct road_scratch {
    const struct road *road;
    uint64_t settled;
    struct label *labels; /* by node */
    uint32_t *via;        /* by node: arc it was reached by, ROAD_NONE = from a seed */
    uint32_t *on_edge;    /* by edge: its first target */
    struct vec touched;   /* uint32_t nodes whose label is set */
    struct vec heap;      /* uint64_t */
    struct vec targets;   /* struct target */
    /* results of queries */
    struct vec arcs, places, legs, spans, points, hits;
    uint64_t *edge_bits;
};

struct search {
    const struct road_metric *metric;
    struct road_scratch *scratch;
    bool is_reverse; /* times are from the node to the seeds */
    const struct road_source *seeds;
    size_t seed_count;
    uint32_t limit_ms; /* later labels are not made; ROAD_INF - 1 = none */
};

/* Forgets the last search and takes the targets. */
enum err search_begin(struct search *search, const struct road_source *targets, size_t count);
/* Puts the seeds in: after search_begin. */
enum err search_seed(struct search *search);
/* Settles the next node (*ret_item < node count) or target (node count + index). ERR_NOT_FOUND:
 * done. */
enum err search_next(struct search *search, uint32_t *ret_item);
#endif
