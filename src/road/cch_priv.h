/* cch_priv.h - customizable contraction hierarchy (Dibbelt, Strasser, Wagner: ACM JEA 21, 2016).
 * Layer: road, inside only. Threads: a topology is read-only and shared; weights are the caller's.
 *
 * Vertices are numbered by rank. Contracting them in that order makes the chordal graph: arc v - h
 * (v < h) for every pair that the lower ones connect. The first head of a vertex is its parent in
 * the elimination tree. Each arc has two weights: up (v -> h) and down (h -> v). Customization
 * makes them the shortest time over the two and everything below v: for each lower triangle
 * x < v < h:
 *     up(v,h)   = min(up(v,h),   down(x,v) + up(x,h))
 *     down(v,h) = min(down(v,h), down(x,h) + up(x,v))
 * Inputs are the directed search arcs of the graph (hops, road_priv.h); several may lie on one arc,
 * the least counts. All weights are ms <= ROAD_INF, results are held to ROAD_INF. */
#ifndef ROAD_CCH_PRIV_H
#define ROAD_CCH_PRIV_H
#include "road/road.h"

struct cch_down { /* an arc seen from its upper end */
    uint32_t tail, arc;
};
struct cch {
    uint32_t vertices, arcs, inputs;
    const uint32_t *up_first;    /* vertices + 1 */
    const uint32_t *up_head;     /* arcs, ascending for each vertex */
    const uint32_t *down_first;  /* vertices + 1 */
    const struct cch_down *down; /* arcs, tails ascending for each head */
    const uint32_t *input_arc;   /* inputs: arc << 1 | 1 when it runs down (from higher to lower) */
    const uint32_t *arc_first;   /* arcs + 1 */
    const uint32_t *arc_inputs;  /* inputs of each arc, ascending */
};
struct cch_weight {
    uint32_t up, down;
};
struct cch_hops { /* directed arcs between ranks, no loops */
    uint32_t vertices, count;
    const uint32_t *tail, *head;
};

/* Makes the topology; the arrays are malloc'd one by one and freed by cch_done. ERR_LIMIT. */
enum err cch_build(const struct cch_hops *hops, struct cch *ret_cch);
void cch_done(struct cch *cch); /* of cch_build only, never of a mapped one */
/* The arc between two vertices, ROAD_NONE when there is none. */
uint32_t cch_arc(const struct cch *cch, uint32_t lower, uint32_t upper);
struct cch_measure {
    uint64_t triangles;
    uint32_t max_depth; /* vertices on the longest path of the elimination tree; 0: no memory */
    double mean_depth;
};
struct cch_measure cch_measure(const struct cch *cch);
uint64_t cch_triangles(const struct cch *cch);

/* What customization looks up, derived of the topology alone: shared, read-only, about 10 MB for a
 * city of 230,000 vertices. The topology must outlive it. ERR_LIMIT: no memory, or a vertex with
 * more than 65,535 upper neighbours. */
struct cch_plan;
enum err cch_plan_new(const struct cch *cch, struct cch_plan **ret_plan);
void cch_plan_free(struct cch_plan *plan);

/* All weights anew from `input` (ms by hop). ret_weights has room for all arcs. The result is the
 * same on any number of threads. ERR_LIMIT. */
enum err cch_customize(const struct cch_plan *plan, const uint32_t *input, unsigned threads,
                       struct cch_weight *ret_weights);

/* Scratch of one writer, for all metrics of a plan. */
struct cch_queue;
enum err cch_queue_new(const struct cch_plan *plan, struct cch_queue **ret_queue);
void cch_queue_free(struct cch_queue *queue);
/* After input[hops[i]] have changed: the same weights bit for bit as cch_customize would make.
 * Chooses the full run where it is predicted to be cheaper. ERR_LIMIT: the weights may be half
 * made, customize again. */
enum err cch_update(struct cch_queue *queue, const uint32_t *input, const uint32_t *hops,
                    size_t count, struct cch_weight *weights);
/* Will cch_update make a full run for so many hops? */
bool cch_queue_is_full(const struct cch_queue *queue, size_t count);
/* The arcs whose weights the last cch_update changed, each once; NULL: any of them, it was a full
 * run. Lies in the queue until its next use. */
const uint32_t *cch_queue_changed(const struct cch_queue *queue, size_t *ret_count);
#endif
