/* separator_priv.h - a small balanced vertex separator of a connected street graph.
 * Layer: road, inside only. Threads: one scratch a thread.
 *
 * FlowCutter (Hamann, Strasser: ACM JEA 23, 2018) started from the extremes of eight directions
 * (Gottesbueren, Hamann, Uhl, Wagner: Algorithms 12, 2019), here on vertex capacities. Two sides
 * grow towards each other: all vertices have capacity one but the members of a side, and the flow
 * between the sides is kept at its maximum. The vertices where the search from one side is stuck
 * are a smallest separator; the smaller side swallows what it reaches, then pierces one of the
 * separator's vertices and goes on, so that the separators found are ever better balanced and ever
 * larger.
 *
 * Flow is a set of vertex-disjoint paths, so two links a vertex hold it: towards either side. For
 * the search each vertex has two halves, near (entered from the searching side) and far (left
 * towards the other); what is near for one side is far for the other. From the near half of a
 * vertex without flow one goes on to its far half; with flow, back along its link to the far half
 * of the vertex before it. From the far half to the near halves of all neighbours, and with flow
 * to its own near half. */
#ifndef ROAD_SEPARATOR_PRIV_H
#define ROAD_SEPARATOR_PRIV_H
#include "road/order_priv.h"

enum cut_label { CUT_FIRST, CUT_SECOND, CUT_SEPARATOR };

struct cut; /* scratch */
/* For graphs of up to so many vertices. ERR_LIMIT. */
enum err cut_new(uint32_t max_vertices, struct cut **ret_cut);
void cut_free(struct cut *cut);

/* Labels every vertex; no edge joins the first to the second, neither of them is empty. False:
 * nothing smaller than a third of the graph separates it. */
bool cut_find(struct cut *cut, const struct order_graph *graph, uint8_t *ret_labels);

/* ---------------------------------------------- flow, separator_flow.c */

#define CUT_NONE UINT32_MAX           /* no flow here */
#define CUT_TERMINAL (UINT32_MAX - 1) /* the flow begins or ends here, at a side */

struct cut_side {
    uint32_t *members, member_count; /* in the order in which they joined */
    uint32_t *border, border_count;  /* neighbours of members */
    uint32_t *queue, queued, next;   /* states reached, those before `next` were expanded */
    uint32_t *level;                 /* by state, 0 = not reached, 1 = next to a member */
    uint32_t *link;                  /* by vertex: the flow's next vertex towards this side */
    uint32_t far_count;              /* vertices reached whole, members not counted */
};
struct cut {
    const struct order_graph *graph;
    struct cut_side sides[2];
    uint8_t *member;  /* by vertex: 1 + side */
    uint32_t *starts; /* near the other side, reached by the last search */
    uint32_t start_count;
    uint32_t *path, *path_arc; /* states and the next neighbour to try */
    int64_t *key, *select;     /* projections */
    uint32_t flow;
    uint32_t *best_members, best_count; /* the best cut's smaller side */
    void *memory;
};

/* A state: a half of a vertex as one side sees it. */
static inline uint32_t cut_near(uint32_t vertex)
{
    return vertex << 1;
}
static inline uint32_t cut_far(uint32_t vertex)
{
    return vertex << 1 | 1;
}
static inline bool cut_has_flow(const struct cut *cut, uint32_t vertex)
{
    return cut->sides[0].link[vertex] != CUT_NONE;
}

/* Searches on from what is queued; true when the other side's members were met (cut->starts). */
bool cut_reach(struct cut *cut, unsigned side);
/* The search of a side begins anew from its border. */
void cut_reset(struct cut *cut, unsigned side);
/* Adds a vertex and what it touches to the side and to its search. */
void cut_join(struct cut *cut, unsigned side, uint32_t vertex);
/* Sends all flow that fits from the starts down the levels of `side`, whose search is then
 * stale. */
void cut_augment(struct cut *cut, unsigned side);
#endif
