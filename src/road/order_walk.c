/* order_walk.c - an order that makes the same arcs but has each subtree of the elimination tree in
 * one piece. The tree is found without making the arcs (Liu 1986). */
#include "road/order_steps_priv.h"
#include <stdlib.h>
#include <string.h>

struct walk {
    const struct order_graph *graph;
    const uint32_t *order;
    uint32_t *rank;   /* by vertex */
    uint32_t *parent; /* by rank, ROAD_NONE for roots */
    uint32_t *root;   /* by rank: some ancestor, shortened as it is walked */
    uint32_t *size, *heavy, *free_from;
};

static void find_parents(struct walk *w)
{
    const struct order_graph *graph = w->graph;
    for (uint32_t rank = 0; rank < graph->vertices; rank++) {
        uint32_t v = w->order[rank];
        w->parent[rank] = w->root[rank] = ROAD_NONE;
        for (uint32_t i = graph->first[v]; i < graph->first[v + 1]; i++) {
            uint32_t at = w->rank[graph->head[i]];
            while (at < rank) {
                uint32_t up = w->root[at];
                w->root[at] = rank;
                if (up == ROAD_NONE)
                    w->parent[at] = rank;
                at = up;
            }
        }
    }
}

/* Sizes of subtrees and the largest child of each; between equals the first. */
static void weigh(struct walk *w)
{
    uint32_t n = w->graph->vertices;
    for (uint32_t rank = 0; rank < n; rank++) {
        uint32_t parent = w->parent[rank];
        w->size[rank]++;
        if (parent == ROAD_NONE)
            continue;
        w->size[parent] += w->size[rank];
        if (w->heavy[parent] == ROAD_NONE || w->size[rank] > w->size[w->heavy[parent]])
            w->heavy[parent] = rank;
    }
}

/* From the roots down: a subtree takes the next free ranks of its parent's, the largest the last.
 */
static void place(struct walk *w, uint32_t *ret_order)
{
    uint32_t roots_from = 0;
    for (uint32_t rank = w->graph->vertices; rank-- > 0;) {
        uint32_t parent = w->parent[rank], from;
        if (parent == ROAD_NONE) {
            from = roots_from;
            roots_from += w->size[rank];
        } else if (w->heavy[parent] == rank) {
            from = w->root[parent] - w->size[rank];
        } else {
            from = w->free_from[parent];
            w->free_from[parent] += w->size[rank];
        }
        w->free_from[rank] = from;
        w->root[rank] = from + w->size[rank] - 1; /* its new rank */
        ret_order[w->root[rank]] = w->order[rank];
    }
}

enum err order_walk(const struct order_graph *graph, uint32_t *order)
{
    size_t n = (size_t)graph->vertices + 1;
    uint32_t *memory = calloc(n, 7 * sizeof *memory);
    if (!memory)
        return ERR_LIMIT;
    struct walk w = {.graph = graph, .rank = memory};
    w.parent = w.rank + n;
    w.root = w.parent + n;
    w.size = w.root + n;
    w.heavy = w.size + n;
    w.free_from = w.heavy + n;
    uint32_t *old = w.free_from + n;
    memcpy(old, order, (n - 1) * sizeof *old);
    memset(w.heavy, 0xff, n * sizeof *w.heavy);
    w.order = old;
    for (uint32_t rank = 0; rank < graph->vertices; rank++)
        w.rank[old[rank]] = rank;
    find_parents(&w);
    weigh(&w);
    place(&w, order);
    free(memory);
    return OK;
}
