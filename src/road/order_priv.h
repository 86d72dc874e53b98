/* order_priv.h - the elimination order: nested dissection of a street graph.
 * Layer: road, inside only. Knows nothing of weights, so an order holds as long as the topology.
 *
 * Trees and chains that hang on the core are eliminated first; the core is cut again and again by
 * small balanced vertex separators (inertial flow in several directions, then balance refinement);
 * a separator comes after both of its sides. Good orders make few shortcuts: see cch_priv.h. */
#ifndef ROAD_ORDER_PRIV_H
#define ROAD_ORDER_PRIV_H
#include "road/road.h"

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
 * Connected pieces follow each other, the vertices of one separator stand together. ERR_LIMIT: no
 * memory. ERR_STATE: progress said stop. */
enum err order_make(const struct order_job *job, uint32_t *ret_order);
#endif
