/* automaton.c - forbidden sequences of arcs as a trie with failure links (Aho, Corasick: CACM 18,
 * 1975). A state stands for the arcs taken last, as far as they begin a forbidden sequence. */
#include "road/automaton_priv.h"

static bool child_of(const struct automaton *a, uint32_t state, uint32_t arc, uint32_t *ret_child)
{
    return map_get(&a->children, (uint64_t)state << 32 | arc, ret_child);
}

uint32_t automaton_next(const struct automaton *a, uint32_t state, uint32_t arc)
{
    uint32_t child = 0;
    while (!child_of(a, state, arc, &child) && state)
        state = a->states[state].fail;
    return child;
}

static enum err add_child(struct automaton *a, uint32_t parent, uint32_t arc, uint32_t *ret_child)
{
    struct state *states = a->states;
    uint32_t child = a->count;
    if (child_of(a, parent, arc, ret_child))
        return OK;
    if (map_put(&a->children, (uint64_t)parent << 32 | arc, child))
        return ERR_LIMIT;
    states[child] = (struct state){.arc = arc, .parent = parent, .depth = states[parent].depth + 1};
    states[parent].is_inner = true;
    a->count++;
    *ret_child = child;
    return OK;
}

/* A state's fall-back is shorter than it: so by depth. */
static void link_depth(struct automaton *a, uint32_t depth)
{
    for (uint32_t i = 1; i < a->count; i++) {
        struct state *state = &a->states[i];
        if (state->depth != depth)
            continue;
        if (depth > 1)
            state->fail = automaton_next(a, a->states[state->parent].fail, state->arc);
        state->profiles |= a->states[state->fail].profiles;
    }
}

enum err automaton_make(struct automaton *a, const struct forbidden *list, size_t count,
                        const uint32_t *arcs, size_t arc_count)
{
    uint32_t depth = 0;
    *a = (struct automaton){.count = 1};
    map_init(&a->children, ROAD_MAX_SEQUENCE_ARCS);
    a->states = calloc(arc_count + 1, sizeof *a->states);
    if (!a->states)
        return ERR_LIMIT;
    for (size_t i = 0; i < count; i++) {
        uint32_t state = 0;
        for (uint32_t k = 0; k < list[i].count; k++) {
            enum err err = add_child(a, state, arcs[list[i].first + k], &state);
            if (err)
                return err;
        }
        a->states[state].profiles |= list[i].profiles;
        depth = list[i].count > depth ? list[i].count : depth;
    }
    for (uint32_t i = 1; i <= depth; i++)
        link_depth(a, i);
    return OK;
}

void automaton_done(struct automaton *a)
{
    if (a->states)
        map_done(&a->children);
    free(a->states);
}

uint32_t automaton_inner(const struct automaton *a, uint32_t state)
{
    while (state && !a->states[state].is_inner)
        state = a->states[state].fail;
    return state;
}
