/* cutter_priv.h - a small balanced vertex separator of a connected street graph.
 * Layer: road, inside only. Threads: one cutter a thread.
 *
 * FlowCutter (Hamann, Strasser: ACM JEA 23, 2018) started from the extremes of several directions
 * (Gottesbueren, Hamann, Uhl, Wagner: Algorithms 12, 2019), here on vertex capacities. Two sides
 * grow towards each other: all vertices have capacity one but the members of a side, and the flow
 * between the sides is kept at its maximum. The vertices at which the search from a side is stuck
 * are a least separator of the two. The smaller side swallows what it reaches, then pierces its
 * separator and goes on, so that the separators found are ever better balanced and ever larger.
 *
 * Flow is a set of vertex-disjoint paths, so two links a vertex hold it, one towards either side.
 * For a search each vertex has two halves, *near* (entered from the searching side) and *far* (left
 * towards the other); what is near for one side is far for the other. From the near half of a
 * vertex without flow one goes to its far half; with flow, along its link back to the far half of
 * the vertex before it. From the far half one goes to the near halves of all neighbours and, with
 * flow, to its own. */
#ifndef ROAD_CUTTER_PRIV_H
#define ROAD_CUTTER_PRIV_H
#include "road/order_priv.h"

enum cutter_label { CUTTER_FIRST, CUTTER_SECOND, CUTTER_SEPARATOR };

struct cutter;
/* For graphs of up to so many vertices: 97 bytes for each. ERR_LIMIT. */
enum err cutter_new(uint32_t max_vertices, struct cutter **ret_cutter);
void cutter_free(struct cutter *cutter);

/* Labels every vertex; no edge joins the first to the second, neither of them is empty. False:
 * nothing small does, that is less than a third of the graph and 8 * its root. The same graph gives
 * the same labels. */
bool cutter_find(struct cutter *cutter, const struct order_graph *graph, uint8_t *ret_labels);

/* ------------------------------------------------------------------ flow: cutter_flow.c */

#define FLOW_NONE UINT32_MAX           /* no flow here */
#define FLOW_TERMINAL (UINT32_MAX - 1) /* the flow begins or ends here, at a side */

struct flow_side {
    uint32_t *members, member_count; /* in the order in which they joined */
    uint32_t *border, border_count;  /* neighbours of members */
    uint32_t *queue, queued, next;   /* states reached; those before `next` were expanded */
    uint32_t *level;                 /* by state, 0 = not reached, 1 = next to a member */
    uint32_t *link;                  /* by vertex: the flow's next vertex towards this side */
    uint32_t far_count;              /* vertices reached whole, members not counted */
};
struct cutter {
    const struct order_graph *graph;
    struct flow_side sides[2];
    uint8_t *member;               /* by vertex: 1 + side */
    uint32_t *starts, start_count; /* reached by the last search and next to the other side */
    uint32_t *path, *path_arc;     /* states of a descent and the next neighbour of each to try */
    uint32_t flow;
    int64_t *key, *select; /* positions along the direction at hand */
    uint32_t *best;        /* members of the best separator's side */
};

/* A state: a half of a vertex as one side sees it. */
static inline uint32_t flow_near(uint32_t vertex)
{
    return vertex << 1;
}
static inline uint32_t flow_far(uint32_t vertex)
{
    return vertex << 1 | 1;
}

/* No flow, no members. */
void flow_init(struct cutter *cutter, const struct order_graph *graph);
/* Adds a vertex and what it touches to the side and to its search. */
void flow_join(struct cutter *cutter, unsigned side, uint32_t vertex);
/* Searches on from what is queued; true when members of the other side were met: cutter->starts. */
bool flow_reach(struct cutter *cutter, unsigned side);
/* The search of a side begins anew, from its border. */
void flow_reset(struct cutter *cutter, unsigned side);
/* All that the side has reached whole joins it; what it reached in half is its separator, and from
 * now on its border. */
void flow_swallow(struct cutter *cutter, unsigned side);
/* Sends what flow fits from the starts down the levels of `side`, whose search is stale then. */
void flow_augment(struct cutter *cutter, unsigned side);
/* Until no more fits and the search of `side` is complete. */
void flow_fill(struct cutter *cutter, unsigned side);
#endif
