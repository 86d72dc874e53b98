/* fleet_priv.h - labels of moving units on their paths to the root. Layer: road, inside only.
 *
 * A unit has climbed once for the place where it stands, and its *row* keeps the labels by slot
 * and the path that they lie on. A unit that moves costs one climb and nothing else.
 *
 * A place that asks climbs a *block* of eight slots at a time. After each block it looks at the
 * units whose path is one with its own at the top of the block: the least sum of both labels over
 * the block's slots is a time in which the unit arrives, the least over all blocks is its time. For
 * that look the rows' least label of each block and the vertex on its top slot stand side by side,
 * unit by unit, so that sixty-four units are told apart at once.
 *
 * What was found bounds the rest. A label above it is not relaxed, a block above it is not looked
 * at, and when all labels that remain are above it the climb ends. The near units stand low in the
 * tree, so most climbs end soon. */
#ifndef ROAD_FLEET_PRIV_H
#define ROAD_FLEET_PRIV_H
#include "road/climb_priv.h"

#define FLEET_LOOK 64u /* columns that are looked at together */

struct fleet_rows { /* row r is column r of every list below */
    const struct climb *climb;
    size_t columns; /* a multiple of FLEET_LOOK */
    uint32_t *low;  /* by block, then column: the least label; ROAD_INF below the path */
    uint32_t *top; /* by block, then column: the vertex on its top slot; ROAD_NONE below the path */
    uint32_t *labels, *path; /* by column, then slot: from the block of the lowest slot on */
};
/* Rows of which none has climbed. ERR_LIMIT; done with it in any case. */
enum err fleet_rows_init(struct fleet_rows *rows, const struct climb *climb, size_t columns);
void fleet_rows_done(struct fleet_rows *rows);
/* Climbs from a chain, away from it. */
void fleet_rows_climb(struct fleet_rows *rows, size_t column, const struct cch_weight *weights,
                      struct climb_chain chain);

/* Bits of those of FLEET_LOOK columns whose `top` is this one and whose `low` + `plus` is at most
 * `bound`. */
typedef uint64_t fleet_look_fn(const uint32_t *low, const uint32_t *top, uint32_t my_top,
                               uint32_t plus, uint32_t bound);
/* The least sum of labels over those slots of a block at which both paths are one; at least one
 * is. */
struct fleet_side {
    const uint32_t *labels, *path; /* of the block */
};
typedef uint32_t fleet_meet_fn(struct fleet_side a, struct fleet_side b);
struct fleet_kernels {
    fleet_look_fn *look;
    fleet_meet_fn *meet;
};
struct fleet_kernels fleet_kernels_choose(void); /* the best that this machine can do */
extern const struct fleet_kernels fleet_kernels_plain;

/* The climb of a place that asks. */
struct fleet_asker {
    const struct climb *climb;
    const struct cch_weight *weights;
    uint32_t *labels, *path; /* by slot */
    uint32_t vertex;         /* the next to be relaxed; ROAD_NONE: above the root */
};
struct fleet_block { /* that was climbed last */
    uint32_t index;
    uint32_t low, top; /* its least label and the vertex on its top slot */
    struct fleet_side side;
};
/* Labels and path of an asker; free() each. ERR_LIMIT. */
enum err fleet_asker_init(struct fleet_asker *asker, const struct climb *climb);
void fleet_asker_begin(struct fleet_asker *asker, const struct cch_weight *weights,
                       struct climb_chain chain);
/* Climbs the next block; labels above the bound are left as they are. False: there is none, or none
 * that could have a label within the bound. */
bool fleet_asker_climb(struct fleet_asker *asker, uint32_t bound, struct fleet_block *ret_block);
#endif
