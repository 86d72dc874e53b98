/* order_steps_priv.h - the steps of order_make, one file each.
 * Layer: road, inside only. */
#ifndef ROAD_ORDER_STEPS_PRIV_H
#define ROAD_ORDER_STEPS_PRIV_H
#include "road/order_priv.h"

/* The graph that is left when vertices of degree two and less have been eliminated again and
 * again, neighbours being joined as elimination does. All parts are malloc'd. */
struct order_core {
    struct order_graph graph;        /* of the arrays below */
    uint32_t *first, *head, *vertex; /* vertex: of the whole graph, by core vertex */
    struct place *places;
};
/* Writes the eliminated vertices to ret_order, in order; vertices - ret_core->graph.vertices of
 * them. Of neighbours in a chain only every second goes in one round, so that depth stays low. */
enum err order_reduce(const struct order_graph *graph, uint32_t *ret_order,
                      struct order_core *ret_core);
void order_core_done(struct order_core *core);

/* Nested dissection of the core: ret_order[rank] = core vertex; ret_is_first[rank]: here begins a
 * block, a separator or a part too small to cut. */
enum err order_dissect(const struct order_job *job, const struct order_graph *core,
                       uint32_t *ret_order, uint8_t *ret_is_first);

/* Orders each block anew by least fill in what elimination has made of the graph by then. */
enum err order_settle(const struct order_graph *core, const uint8_t *is_first, uint32_t *order);

/* Renumbers by a walk of the elimination tree, which changes neither arcs nor depth: each subtree
 * takes consecutive ranks, the largest one last. */
enum err order_walk(const struct order_graph *graph, uint32_t *order);
#endif
