/* traffic_priv.h - metrics inside. Layer: road, inside only.
 *
 * The time to come from an edge's tail to fraction x by one of its arcs is
 *     C(x) = floor(w x / ONE) + floor(extra(x) / ONE)
 * where w is the arc's whole base time and extra() what slow stretches add, in 1/ONE ms. A move
 * from x to y costs |C(y) - C(x)|: moves along one arc add up exactly, a slow layer never makes one
 * cheaper, and closing leaves the times of what stays open untouched. */
#ifndef ROAD_TRAFFIC_PRIV_H
#define ROAD_TRAFFIC_PRIV_H
#include "road/road_priv.h"
#include <pthread.h>
#include <stdatomic.h>

struct piece { /* of an arc that some layer touches; its pieces cover 0..ONE */
    uint32_t from, to;
    uint32_t permille; /* of the base speed, 1..1000; under a closure: beneath it */
    bool is_closed;
    uint64_t extra; /* at `from` */
};
struct touched_arc {
    uint32_t arc, first_piece; /* the next one's is the end */
};
struct road_metric {
    atomic_uint refs;
    const struct road *road;
    uint32_t profile, version;
    uint32_t *weights;       /* by arc */
    const uint32_t *base;    /* by arc, without layers; the traffic's */
    struct vec arcs, pieces; /* struct touched_arc with a sentinel, struct piece */
};

/* Cost of going along an arc from fraction x to fraction y (both measured tail to head of the
 * edge). A closed run that strictly holds the start may be left if may_leave, one that strictly
 * holds the end may be entered if may_enter. ROAD_INF: cannot. */
struct move {
    uint32_t arc, x, y;
    bool may_leave, may_enter;
};
uint32_t metric_move_ms(const struct road_metric *metric, struct move move);
/* Strictly inside a closed stretch of either arc of its edge. */
bool metric_is_closed_at(const struct road_metric *metric, struct road_point point);
/* Pieces of an arc; NULL when no layer touches it. */
const struct piece *metric_pieces(const struct road_metric *metric, uint32_t arc,
                                  size_t *ret_count);
#endif
