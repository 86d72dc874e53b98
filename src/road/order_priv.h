/* order_priv.h - the elimination order: nested dissection of a street graph.
 * Layer: road, inside only. Knows nothing of weights, so an order holds as long as the topology.
 *
 * Trees and chains go first (order_reduce.c). The core that is left is cut again and again by small
 * balanced vertex separators (cutter_priv.h), a separator comes after what it parts
 * (order_dissect.c). Separators and the small parts at the end are ordered inside by least fill
 * (order_settle.c). At last all is renumbered along the elimination tree (order_walk.c). Good
 * orders make few shortcuts: see cch_priv.h. */
#ifndef ROAD_ORDER_PRIV_H
#define ROAD_ORDER_PRIV_H
#include "road/road.h"

#define ORDER_MAX_VERTICES (1u << 30)

/* Undirected: every edge stands at both of its ends; no loops, no doubles; may be disconnected. */
struct order_graph {
    uint32_t vertices;
    const uint32_t *first; /* vertices + 1 */
    const uint32_t *head;
    const struct place *places; /* by vertex */
};
struct order_job {
    struct order_graph graph;
    unsigned threads;           /* 1 or more; the order does not depend on it */
    road_progress_fn *progress; /* NULL: none */
    void *user;
};
/* ret_order[rank] = vertex, a permutation; the same input gives the same order on every machine.
 * Each subtree of the elimination tree has consecutive ranks, its root the last; so connected
 * pieces follow each other, and what a separator parts stands before it. About 4 s of one core for
 * 234,000 vertices. Memory: about 250 bytes a vertex and thread at worst, no recursion. ERR_LIMIT:
 * no memory, or more than ORDER_MAX_VERTICES. ERR_STATE: progress said stop; it is called by the
 * calling thread only, before each cut. */
enum err order_make(const struct order_job *job, uint32_t *ret_order);
#endif
