/* cch_plan_priv.h - what customization looks up. Layer: road, inside only.
 *
 * Two ways to relax a triangle x < v < h. A vertex x with few upper neighbours *pushes*, once its
 * own weights stand: the arcs (v, h) in the order of two nested loops over its row are listed, so
 * there is nothing to search. Of a vertex x with many, the upper vertex v *pulls*: it spreads its
 * row over an array by vertex, folds in the part of x's row above v, and gathers it again. Lower
 * vertices in a row that have the same upper neighbours (a panel, the supernodes of sparse
 * Cholesky) are folded together, which reads their rows straight and spreads only once.
 *
 * Elimination subtrees with a bounded share of the triangles are tasks that need nothing of each
 * other; what lies above them (the top) comes last. A push out of a task would meet the pushes of
 * other tasks, so such vertices are pulled. */
#ifndef ROAD_CCH_PLAN_PRIV_H
#define ROAD_CCH_PLAN_PRIV_H
#include "road/cch_priv.h"

#define CCH_PUSH_DEGREE 12 /* up to so many upper neighbours a vertex pushes */
#define CCH_TASK_SHARE 16  /* a task has at most 1/16 of all triangles */

struct cch_pull {
    uint32_t arc;   /* from the panel's first vertex to the one that pulls */
    uint32_t step;  /* to the next vertex's arc, one less each time */
    uint16_t count; /* neighbours above, the same for the whole panel */
    uint16_t members;
};
struct cch_turn {                /* of a vertex, in the order of the run */
    uint32_t vertex, first_pull; /* the next turn's is the end */
};
struct cch_plan { /* the arrays lie in city.road: what is changed here needs a new version of it */
    const struct cch *cch;
    uint64_t triangles;
    uint32_t tasks;
    const struct cch_turn *turns; /* vertices + 1, the top's last */
    const uint32_t *task_first;   /* turns of each task; [tasks] the top's, [tasks + 1] the end */
    const uint32_t *task_push;    /* first push of each task, [tasks] the top's, and the end */
    const struct cch_pull *pulls;
    const uint32_t *pushes;   /* arcs */
    const uint8_t *does_push; /* by vertex */
};
#endif
