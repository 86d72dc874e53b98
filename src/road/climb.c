#include "road/climb_priv.h"
#include <assert.h>
#include <string.h>

/* ------------------------------------------------------- the tree */

/* Vertices of a path above each, the root has 0; returns the largest. */
static uint32_t find_depths(const struct cch *cch, struct climb_vertex *vertices,
                            uint16_t *ret_depth)
{
    uint32_t deepest = 0;
    for (uint32_t v = cch->vertices; v-- > 0 && deepest < CLIMB_MAX_SLOTS;) {
        uint32_t arc = cch->up_first[v];
        bool is_root = arc == cch->up_first[v + 1];
        uint32_t parent = is_root ? ROAD_NONE : cch->up_head[arc];
        uint32_t depth = is_root ? 0 : ret_depth[parent] + 1u;
        vertices[v].parent = parent;
        vertices[v].arc = arc;
        ret_depth[v] = (uint16_t)depth;
        deepest = depth > deepest ? depth : deepest;
    }
    vertices[cch->vertices].arc = cch->arcs;
    return deepest;
}

/* Returns how many steps were made; there is room for one an arc. */
static uint32_t cut_steps(const struct climb *climb, const uint16_t *depth,
                          struct climb_vertex *vertices, struct climb_step *steps)
{
    const struct cch *cch = climb->cch;
    uint32_t made = 0, last = climb->slots - 1;
    for (uint32_t v = 0; v < cch->vertices; v++) {
        struct climb_vertex *vertex = &vertices[v];
        uint32_t block = ROAD_NONE;
        vertex->slot = (uint16_t)(last - depth[v]);
        vertex->step = made;
        for (uint32_t i = cch->up_first[v]; i < cch->up_first[v + 1]; i++) {
            uint32_t slot = last - depth[cch->up_head[i]];
            if (slot / CLIMB_BLOCK != block) {
                block = slot / CLIMB_BLOCK;
                steps[made++] = (struct climb_step){.block = (uint16_t)block};
            }
            steps[made - 1].mask = (uint8_t)(steps[made - 1].mask | 1u << slot % CLIMB_BLOCK);
            steps[made - 1].count++;
        }
        vertex->steps = (uint16_t)(made - vertex->step);
    }
    vertices[cch->vertices].step = made;
    return made;
}

enum err climb_init(struct climb *climb, const struct cch *cch)
{
    *climb = (struct climb){.cch = cch};
    climb_choose(climb);
    struct climb_vertex *vertices = calloc((size_t)cch->vertices + 1, sizeof *vertices);
    struct climb_step *steps = malloc(((size_t)cch->arcs + 1) * sizeof *steps);
    uint16_t *depth = malloc(((size_t)cch->vertices + 1) * sizeof *depth);
    climb->vertices = vertices;
    climb->steps = steps;
    enum err err = vertices && steps && depth ? OK : ERR_LIMIT;
    uint32_t deepest = err ? 0 : find_depths(cch, vertices, depth);
    if (deepest >= CLIMB_MAX_SLOTS)
        err = ERR_LIMIT;
    if (!err) {
        climb->slots = (deepest / CLIMB_BLOCK + 1) * CLIMB_BLOCK;
        size_t made = cut_steps(climb, depth, vertices, steps);
        struct climb_step *fitting = reallocarray(steps, made + 1, sizeof *fitting);
        climb->steps = fitting ? fitting : steps;
    } else {
        climb_done(climb);
    }
    free(depth);
    return err;
}

void climb_done(struct climb *climb)
{
    free((void *)(uintptr_t)climb->vertices);
    free((void *)(uintptr_t)climb->steps);
    *climb = (struct climb){0};
}

/* ------------------------------------------------------- starts */

static int compare_starts(const void *a, const void *b)
{
    const struct climb_start *l = a, *r = b;
    if (l->vertex != r->vertex)
        return l->vertex < r->vertex ? -1 : 1;
    return l->ms < r->ms ? -1 : l->ms > r->ms;
}

size_t climb_sort_starts(struct climb_start *starts, size_t count)
{
    size_t kept = 0;
    if (count > 2)
        qsort(starts, count, sizeof *starts, compare_starts);
    else if (count == 2 && compare_starts(&starts[0], &starts[1]) > 0) {
        struct climb_start first = starts[0];
        starts[0] = starts[1];
        starts[1] = first;
    }
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || starts[kept - 1].vertex != starts[i].vertex)
            starts[kept++] = starts[i];
    }
    return kept;
}

static bool is_above(const struct climb *climb, uint32_t lower, uint32_t upper)
{
    if (cch_arc(climb->cch, lower, upper) != ROAD_NONE) /* as the ends of a street have */
        return true;
    while (lower < upper)
        lower = climb->vertices[lower].parent;
    return lower == upper;
}

size_t climb_first_chain(const struct climb *climb, struct climb_start *starts, size_t count)
{
    size_t on = 1;
    for (size_t i = 1; i < count; i++) {
        struct climb_start start = starts[i];
        if (!is_above(climb, starts[on - 1].vertex, start.vertex))
            continue;
        memmove(starts + on + 1, starts + on, (i - on) * sizeof *starts);
        starts[on++] = start;
    }
    return on;
}

uint32_t *climb_labels_new(const struct climb *climb)
{
    return aligned_alloc(64, ((size_t)climb->slots * sizeof(uint32_t) + 63) / 64 * 64);
}

void climb_seed(const struct climb *climb, struct climb_chain chain, uint32_t *labels)
{
    uint32_t lowest = climb->vertices[chain.at[0].vertex].slot;
    for (uint32_t i = lowest - lowest % CLIMB_BLOCK; i < climb->slots; i++)
        labels[i] = ROAD_INF;
    for (size_t i = 0; i < chain.count; i++)
        labels[climb->vertices[chain.at[i].vertex].slot] = chain.at[i].ms;
}

/* ------------------------------------------------------- meeting */

struct common { /* over the slots that both sides have in common */
    uint32_t out, in, both;
};

static inline uint32_t lesser(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static struct common look_over(const struct climb_sides *sides, uint32_t slot)
{
    const uint32_t *out = sides->labels[CLIMB_OUT], *in = sides->labels[CLIMB_IN];
    struct common least = {ROAD_INF, ROAD_INF, 2 * ROAD_INF};
    for (uint32_t i = slot; i < sides->climb->slots; i++) {
        least.out = lesser(least.out, out[i]);
        least.in = lesser(least.in, in[i]);
        least.both = lesser(least.both, out[i] + in[i]);
    }
    return least;
}

/* From where both paths are one. What is known there bounds the rest: no label above will be less
 * than the least of its side, so a vertex that cannot beat the bound with it is left out. */
static struct climb_meeting meet_above(const struct climb_sides *sides, uint32_t from,
                                       uint32_t below)
{
    const struct climb *climb = sides->climb;
    uint32_t *out = sides->labels[CLIMB_OUT], *in = sides->labels[CLIMB_IN];
    struct common least = look_over(sides, climb->vertices[from].slot);
    struct climb_meeting best = {below, ROAD_NONE};
    uint32_t bound = lesser(below, least.both);
    for (uint32_t v = from; v != ROAD_NONE; v = climb->vertices[v].parent) {
        uint32_t slot = climb->vertices[v].slot, ms = out[slot] + in[slot];
        if (ms < best.ms)
            best = (struct climb_meeting){ms, v};
        bound = lesser(bound, ms);
        if (out[slot] + least.in < bound)
            (void)climb->to[CLIMB_OUT](climb, sides->weights, out, v, v + 1);
        if (in[slot] + least.out < bound)
            (void)climb->to[CLIMB_IN](climb, sides->weights, in, v, v + 1);
    }
    return best;
}

struct climb_meeting climb_meet(const struct climb_sides *sides, struct climb_chain from,
                                struct climb_chain to, uint32_t below)
{
    const struct climb *climb = sides->climb;
    uint32_t *out = sides->labels[CLIMB_OUT], *in = sides->labels[CLIMB_IN];
    uint32_t a = from.at[0].vertex, b = to.at[0].vertex;
    climb_seed(climb, from, out);
    climb_seed(climb, to, in);
    while (a != b) { /* ROAD_NONE is above all */
        if (a < b)
            a = climb->to[CLIMB_OUT](climb, sides->weights, out, a, b);
        else
            b = climb->to[CLIMB_IN](climb, sides->weights, in, b, a);
    }
    return a == ROAD_NONE ? (struct climb_meeting){below, ROAD_NONE} : meet_above(sides, a, below);
}
