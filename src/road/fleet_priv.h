/* fleet_priv.h - labels of moving units on their paths to the root. Layer: road, inside only.
 *
 * A unit has climbed once for the place where it stands. A place that asks climbs once too, and the
 * time between them is the least sum of both labels over the slots where their paths are one: from
 * their lowest common ancestor up to the root. A unit that moves costs one climb and nothing else.
 *
 * Most units are too far to matter, and a *row* says so at a glance: it keeps the least label of
 * each block of eight slots and the vertex on the block's top slot. Only where the least labels add
 * up to less than the bound, and the paths are one at the top of the block, are its slots read. */
#ifndef ROAD_FLEET_PRIV_H
#define ROAD_FLEET_PRIV_H
#include "road/climb_priv.h"

#define FLEET_GROUP 8u /* blocks that are looked at together */

struct fleet_row {
    uint32_t *low, *top;     /* by block; above the last: ROAD_INF */
    uint32_t *labels, *path; /* by slot, from the block of the lowest slot on */
    uint32_t lowest;         /* slot */
};
/* Rows in a piece of memory aligned to 64: how many bytes each takes, and one of them. */
size_t fleet_row_bytes(const struct climb *climb);
struct fleet_row fleet_row_at(const struct climb *climb, void *memory, size_t index);
/* Climbs from a chain. */
void fleet_row_climb(struct fleet_row *row, const struct climb *climb,
                     const struct cch_weight *weights, enum climb_side side,
                     struct climb_chain chain);
/* The least sum over the slots at which both paths are one, or `bound` if none is less. */
typedef uint32_t fleet_meet_fn(const struct fleet_row *a, const struct fleet_row *b, uint32_t slots,
                               uint32_t bound);
fleet_meet_fn *fleet_meet_choose(void);
fleet_meet_fn fleet_meet_plain; /* needs no special machine */
#endif
