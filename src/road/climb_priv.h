/* climb_priv.h - searches up the elimination tree. Layer: road, inside only.
 *
 * Every upper neighbour of a vertex is its ancestor (cch_priv.h), so the whole search space of a
 * vertex is its path to the root, and labels are kept by *slot*: the place on that path, counted so
 * that every root has the last slot and a vertex stands below its parent. No label needs a vertex
 * number, and a search forgets its labels by overwriting a few hundred of them.
 *
 * The upper neighbours of a vertex stand in long runs of slots, for separators are cliques. So the
 * relaxation of a vertex is cut into *steps*: eight slots each, a mask of those that are
 * neighbours, and as many weights in the order of the arcs. With AVX2 a step is one permuted load,
 * one addition and one minimum.
 *
 * Cost: New York (264,346 places, path of 131 vertices, 4,114 arcs): 744 steps from one vertex. */
#ifndef ROAD_CLIMB_PRIV_H
#define ROAD_CLIMB_PRIV_H
#include "road/cch_priv.h"
#include "road/vec_priv.h"

#define CLIMB_BLOCK 8u         /* slots of a step */
#define CLIMB_MAX_SLOTS 65528u /* of a path */

struct metric_hop { /* of a metric: where a hop leads, or comes from, and its time */
    uint32_t vertex, ms;
};
struct climb_vertex {
    uint32_t parent; /* ROAD_NONE: a root */
    uint32_t arc;    /* first of its arcs up */
    uint32_t step;   /* first of its steps */
    uint16_t slot, steps;
};
struct climb_step {
    uint16_t block;
    uint8_t mask, count; /* slots of the block; how many */
};
enum climb_side { CLIMB_OUT, CLIMB_IN }; /* away from the starts, by up weights; towards them */

struct climb;
/* Relaxes `from`, its parent and so on, as long as they are below `stop`. Returns the first that is
 * not, ROAD_NONE above the root. */
typedef uint32_t climb_to_fn(const struct climb *climb, const struct cch_weight *weights,
                             uint32_t *labels, uint32_t from, uint32_t stop);
struct climb {
    const struct cch *cch;
    uint32_t slots;                      /* a multiple of CLIMB_BLOCK */
    const struct climb_vertex *vertices; /* one more, whose arc and step are the ends */
    const struct climb_step *steps;
    climb_to_fn *to[2]; /* by side: the best that this machine can do */
};
/* Makes vertices and steps; borrows the topology. ERR_LIMIT: no memory, or a path longer than
 * CLIMB_MAX_SLOTS. */
enum err climb_init(struct climb *climb, const struct cch *cch);
void climb_done(struct climb *climb); /* of climb_init only, never of a mapped one */
/* climb_to.c: chooses the functions, and the plain ones that need no special machine. */
void climb_choose(struct climb *climb);
climb_to_fn climb_to_plain_out, climb_to_plain_in;

struct climb_start { /* where a side may begin, and how late; `arc` is the caller's */
    uint32_t vertex, ms, arc;
};
struct climb_chain { /* sorted starts that lie on one path, at least one */
    const struct climb_start *at;
    size_t count;
};
/* Ascending by vertex, of twins the earlier stays. Returns how many are left. */
size_t climb_sort_starts(struct climb_start *starts, size_t count);
/* How many of the sorted starts, the first included, lie on the path of the first; they are moved
 * to the front, both parts stay sorted. */
size_t climb_first_chain(const struct climb *climb, struct climb_start *starts, size_t count);

/* Labels of one side, by slot; those below the lowest start hold what they held. */
uint32_t *climb_labels_new(const struct climb *climb); /* NULL: no memory; free() */
/* Sets the labels of a path to those of its starts alone. */
void climb_seed(const struct climb *climb, struct climb_chain chain, uint32_t *labels);

struct climb_sides {
    const struct climb *climb;
    const struct cch_weight *weights;
    uint32_t *labels[2];
};
struct climb_meeting { /* ms >= ROAD_INF: none */
    uint32_t ms, vertex;
};
/* The fastest way from any start of one chain to any of another that takes less than `below`; ms is
 * `below` when there is none. */
struct climb_meeting climb_meet(const struct climb_sides *sides, struct climb_chain from,
                                struct climb_chain to, uint32_t below);

/* climb_path.c: the way itself, right after climb_meet with the same starts. */
struct climb_path {
    struct climb_start from, to; /* the starts that it runs between */
    struct vec hops;             /* uint32_t, in order of travel */
    struct vec stack;            /* its own */
};
/* Room for the longest way that there can be. ERR_LIMIT. */
enum err climb_path_room(struct climb_path *path, const struct climb *climb);
/* `hops` by their index. ERR_LIMIT; ERR_CORRUPT: the weights are not those of the hops, as when the
 * file was forged. */
enum err climb_path_find(const struct climb_sides *sides, const struct metric_hop *hops,
                         const struct climb_chain ends[2], struct climb_meeting meeting,
                         struct climb_path *path);
#endif
