/* reach_ring_priv.h - bounded search: every vertex that some seed reaches within a limit, by which
 * seed, and when. Layer: road, inside only.
 *
 * Labels are time << 32 | seed, so the lesser label is the earlier, then the lower seed. The queue
 * is a ring of buckets of half a second; inside a bucket labels are corrected, not ordered. What
 * lies beyond the ring is parked and comes in when the ring has turned that far. What was touched
 * is kept in a list, and the next search resets only that. */
#ifndef ROAD_REACH_RING_PRIV_H
#define ROAD_REACH_RING_PRIV_H
#include "road/climb_priv.h"

#define RING_BUCKETS 512u
#define RING_SHIFT 9u /* a bucket holds 512 ms */
#define RING_NO_LABEL UINT64_MAX

struct ring_graph { /* hops by vertex, towards where they lead or whence they come */
    uint32_t vertices;
    const uint32_t *first;
    const struct metric_hop *hops;
};
struct reach_ring {
    uint64_t *labels;         /* by vertex */
    struct vec touched;       /* uint32_t, the vertices that have a label; room for all and one */
    struct vec items, parked; /* struct ring_item */
    uint32_t bucket[RING_BUCKETS]; /* first item */
    uint64_t filled[RING_BUCKETS / 64];
    uint32_t turn;    /* first bucket of the present turn, a multiple of RING_BUCKETS */
    uint32_t now;     /* present bucket */
    uint64_t settled; /* vertices relaxed since it was made */
};
static inline uint64_t ring_label(uint32_t ms, uint32_t seed)
{
    return (uint64_t)ms << 32 | seed;
}
static inline uint32_t ring_ms(uint64_t label)
{
    return (uint32_t)(label >> 32);
}

/* Room for two labels a hop of the graph, far more than searches set, and for so many seeds; it
 * grows where that should not do. ERR_LIMIT. */
enum err reach_ring_init(struct reach_ring *ring, uint32_t vertices, size_t hops, size_t seeds);
void reach_ring_done(struct reach_ring *ring);
/* Forgets the last search. */
void reach_ring_begin(struct reach_ring *ring);
/* Offers a label from which the search goes on. ERR_LIMIT. */
enum err reach_ring_seed(struct reach_ring *ring, uint32_t vertex, uint64_t label);
/* Reaches all that is no later than limit_ms, which no seed may exceed. ERR_LIMIT. */
enum err reach_ring_run(struct reach_ring *ring, const struct ring_graph *graph, uint32_t limit_ms);
#endif
