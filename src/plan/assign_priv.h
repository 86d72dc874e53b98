/* assign_priv.h - slots and units brought together: as many slots as possible, then the earliest
 * latest arrival, then the least sum, then lower units. Layer: plan, inside only. Threads: pure.
 *
 * Two steps. The latest arrival: bisection over the costs, each tried by augmenting paths (Kuhn).
 * The sum: the Hungarian method in its shortest-path form (Jonker and Volgenant 1987) over the
 * pairs that keep within it, with a spare column per slot for "nobody". Cost: slots^2 x units. */
#ifndef PLAN_ASSIGN_PRIV_H
#define PLAN_ASSIGN_PRIV_H
#include "base/arena.h"

#define ASSIGN_NEVER (1u << 26) /* ms, 18 hours: costs are below it */
#define ASSIGN_NOBODY UINT32_MAX
#define ASSIGN_MAX_SLOTS 64
#define ASSIGN_MAX_UNITS 20000

struct assign {
    size_t slot_count, unit_count;
    uint32_t *costs;   /* slot * unit_count + unit; ASSIGN_NEVER = cannot */
    uint32_t *unit_of; /* result, by slot */
};
/* ERR_LIMIT: the arena is full. */
enum err assign_solve(struct assign *job, struct arena *arena);
#endif
