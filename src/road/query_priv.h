/* query_priv.h - what the queries share: scratch, and how points on streets meet the hierarchy.
 * Layer: road, inside only.
 *
 * A point lies inside an arc of either direction. Who starts there leaves by the end of the arc, at
 * the vertex to which the arc's hop from its main vertex leads. Who ends there has come over any
 * hop of the arc, from the hop's tail, and has paid for the turn. Two points on one street may also
 * be joined straight along it. */
#ifndef ROAD_QUERY_PRIV_H
#define ROAD_QUERY_PRIV_H
#include "road/reach_ring_priv.h"
#include "road/table_priv.h"
#include "road/traffic_priv.h"

struct label { /* ms ROAD_INF: none */
    uint32_t ms, seed;
};
struct road_scratch {
    const struct road *road;
    struct climb_sides sides; /* its labels */
    struct climb_path path;
    struct table table;
    struct reach_ring ring;
    struct vec from, to;                                 /* struct climb_start */
    struct vec from_first, to_first;                     /* uint32_t, see table_points */
    struct vec keys;                                     /* uint64_t, whatever a query sorts */
    struct vec standers;                                 /* uint64_t: edge << 32 | source, sorted */
    struct vec times;                                    /* uint32_t */
    struct vec arcs, prices;                             /* uint32_t of a route */
    struct vec borders;                                  /* uint32_t of a street */
    struct vec forward, backward;                        /* struct label of its stretches */
    struct vec places, legs, spans, marked, nodes, hits; /* results */
    uint64_t *edge_bits;
    uint64_t *copied;  /* bit by vertex: its node has several */
    uint32_t *node_at; /* by node: 1 + its place in `nodes`, 0 = not there */
};

/* Where a point joins the search graph: out = leaving it, in = coming to it; appended, sorted. What
 * cannot move at all adds nothing. ERR_LIMIT. */
enum err query_starts(const struct road_metric *metric, struct road_source source,
                      enum climb_side side, struct vec *starts);
/* Along the one street on which both lie; ROAD_INF when they do not or one may not. */
uint32_t query_straight_ms(const struct road_metric *metric, struct road_point from,
                           struct road_point to);
/* The hop of an arc from the main vertex of its tail; ROAD_NONE: it would lead to itself. */
uint32_t query_main_hop(const struct road *road, uint32_t arc);
/* The vertex at which an arc's hop ends when nothing was driven before it. */
uint32_t query_arc_end(const struct road *road, uint32_t arc);
/* What leaving a vertex costs where a barrier stands on its node. */
uint32_t query_gate_ms(const struct road_metric *metric, uint32_t vertex);
uint32_t query_copy_of(const struct road *road, uint32_t hop); /* the vertex that a hop leaves */
static inline uint32_t query_hop_tail(const struct road *road, uint32_t arc, uint32_t hop)
{
    uint32_t main = road->node_vertex[arc_tail(road, arc)];
    bool is_main = hop >= road->hop_first[main] && hop < road->hop_first[main + 1];
    return is_main ? main : query_copy_of(road, hop);
}
/* Fills scratch->standers. ERR_LIMIT. */
enum err query_find_standers(struct road_scratch *scratch, struct road_sources sources);
/* Those that stand on an edge. */
const uint64_t *query_standers_on(const struct road_scratch *scratch, uint32_t edge,
                                  size_t *ret_count);
/* Ascending, in place, without memory of its own. */
void query_sort(uint64_t *keys, size_t count);

struct query_way { /* between two points */
    struct climb_chain ends[2];
    struct climb_meeting meeting;
    uint32_t ms;      /* ROAD_INF: none */
    bool is_straight; /* along one street, the rest is unset */
};
/* Labels lie in scratch as climb_path_find wants them. */
enum err query_find_way(const struct road_metric *metric, struct road_scratch *scratch,
                        struct road_point from, struct road_point to, struct query_way *ret_way);

static inline uint32_t query_sum(uint32_t a, uint32_t b) /* both at most ROAD_INF */
{
    return a + b < ROAD_INF ? a + b : ROAD_INF;
}
#endif
