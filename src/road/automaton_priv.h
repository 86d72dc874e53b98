/* automaton_priv.h - forbidden sequences of arcs, met one arc at a time.
 * Layer: road, inside only. */
#ifndef ROAD_AUTOMATON_PRIV_H
#define ROAD_AUTOMATON_PRIV_H
#include "base/map.h"
#include "road/build_priv.h"

struct state {    /* 0 is the root: nothing begun */
    uint32_t arc; /* taken last */
    uint32_t parent, depth;
    uint32_t fail;     /* the longest other state that the arcs taken last are */
    uint32_t profiles; /* bound by a sequence that ends here */
    uint32_t vertex;   /* of an inner one */
    bool is_inner;     /* some sequence goes on from here */
};
struct automaton {
    struct state *states;
    uint32_t count;
    struct map children; /* state << 32 | arc -> state */
};
/* ERR_LIMIT. automaton_done afterwards in any case. */
enum err automaton_make(struct automaton *automaton, const struct forbidden *list, size_t count,
                        const uint32_t *arcs, size_t arc_count);
void automaton_done(struct automaton *automaton);
uint32_t automaton_next(const struct automaton *automaton, uint32_t state, uint32_t arc);
/* The state, or the longest fall-back of it, from which some sequence goes on; 0 = none. */
uint32_t automaton_inner(const struct automaton *automaton, uint32_t state);
#endif
