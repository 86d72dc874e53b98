/* order_settle.c - inside a block any order is a good dissection; here the one of least fill is
 * taken. The blocks below have been eliminated by then: each connected heap of them is an
 * *element*, the list of the vertices above that it touches, which elimination has joined to one
 * another (George, Liu 1989, the quotient graph). Inside the block neighbours are sets of bits, the
 * block's own vertices first. */
#include "road/order_steps_priv.h"
#include "road/vec_priv.h"
#include <assert.h>
#include <string.h>

#define SETTLE_MAX_FILL 150u        /* larger blocks go by degree */
#define SETTLE_MAX_WORDS (1u << 20) /* larger blocks stay as they are: 8 MiB of bits */

struct element {
    uint32_t first, count; /* in settle.touched */
    uint32_t next;         /* of the same block, ROAD_NONE ends */
};
struct settle {
    const struct order_graph *core;
    uint32_t *order, *block;      /* by rank; by vertex: where its block begins */
    uint32_t *element;            /* by rank of a block's beginning: its first element */
    struct vec elements, touched; /* struct element; uint32_t */
    uint32_t *local;              /* by vertex: index in the block at hand, or ROAD_NONE */
    struct vec locals;            /* uint32_t: vertex by local index */
    struct vec rows;              /* uint64_t: bits of the block's own vertices */
    struct vec degrees;           /* uint32_t: of own vertices; ROAD_NONE once eliminated */
    uint32_t own, words;
};

static enum err number(struct settle *s, uint32_t vertex)
{
    if (s->local[vertex] != ROAD_NONE)
        return OK;
    s->local[vertex] = (uint32_t)s->locals.count;
    return VEC_PUSH(&s->locals, uint32_t, vertex);
}

static struct element element_at(const struct settle *s, uint32_t element)
{
    assert(element < s->elements.count);
    return VEC(&s->elements, struct element)[element];
}

/* Numbers the block's vertices and all that they touch above. */
static enum err number_block(struct settle *s, uint32_t from, uint32_t to)
{
    const struct order_graph *core = s->core;
    enum err err = OK;
    s->locals.count = 0;
    for (uint32_t rank = from; err == OK && rank < to; rank++)
        err = number(s, s->order[rank]);
    for (uint32_t rank = from; rank < to; rank++) {
        uint32_t v = s->order[rank];
        for (uint32_t i = core->first[v]; err == OK && i < core->first[v + 1]; i++) {
            if (s->block[core->head[i]] > from)
                err = number(s, core->head[i]);
        }
    }
    struct element element;
    for (uint32_t e = s->element[from]; e != ROAD_NONE; e = element.next) {
        element = element_at(s, e);
        for (uint32_t i = 0; err == OK && i < element.count; i++)
            err = number(s, VEC(&s->touched, uint32_t)[element.first + i]);
    }
    return err;
}

static uint64_t *row(const struct settle *s, uint32_t own)
{
    return VEC(&s->rows, uint64_t) + (size_t)own * s->words;
}
static void bit_set(uint64_t *bits, uint32_t i)
{
    bits[i / 64] |= UINT64_C(1) << i % 64;
}
static void bit_clear(uint64_t *bits, uint32_t i)
{
    bits[i / 64] &= ~(UINT64_C(1) << i % 64);
}
static bool bit_get(const uint64_t *bits, uint32_t i)
{
    return bits[i / 64] >> i % 64 & 1;
}

static void count_degree(struct settle *s, uint32_t own)
{
    const uint64_t *bits = row(s, own);
    uint32_t count = 0;
    for (uint32_t i = 0; i < s->words; i++)
        count += (uint32_t)__builtin_popcountll(bits[i]);
    VEC(&s->degrees, uint32_t)[own] = count;
}

static enum err fill_rows(struct settle *s, uint32_t from, uint32_t to)
{
    const struct order_graph *core = s->core;
    size_t words = (size_t)s->own * s->words;
    s->rows.count = s->degrees.count = 0;
    if (vec_room(&s->rows, words + s->words, sizeof(uint64_t)) != OK ||
        vec_room(&s->degrees, s->own, sizeof(uint32_t)) != OK)
        return ERR_LIMIT;
    memset(s->rows.p, 0, (words + s->words) * sizeof(uint64_t));
    for (uint32_t rank = from; rank < to; rank++) {
        uint32_t v = s->order[rank];
        for (uint32_t i = core->first[v]; i < core->first[v + 1]; i++) {
            if (s->local[core->head[i]] != ROAD_NONE)
                bit_set(row(s, rank - from), s->local[core->head[i]]);
        }
    }
    uint64_t *all = row(s, s->own);
    struct element element;
    for (uint32_t e = s->element[from]; e != ROAD_NONE; e = element.next) {
        element = element_at(s, e);
        const uint32_t *touched = VEC(&s->touched, uint32_t) + element.first;
        memset(all, 0, s->words * sizeof *all);
        for (uint32_t i = 0; i < element.count; i++)
            bit_set(all, s->local[touched[i]]);
        for (uint32_t i = 0; i < element.count; i++) {
            uint32_t own = s->local[touched[i]];
            for (uint32_t k = 0; own < s->own && k < s->words; k++)
                row(s, own)[k] |= all[k];
        }
    }
    for (uint32_t own = 0; own < s->own; own++) {
        bit_clear(row(s, own), own);
        count_degree(s, own);
    }
    return OK;
}

/* The bits of word k that are the block's own vertices. */
static uint64_t own_bits(const struct settle *s, uint32_t k)
{
    uint32_t left = s->own > 64 * k ? s->own - 64 * k : 0;
    return left >= 64 ? UINT64_MAX : (UINT64_C(1) << left) - 1;
}

/* Twice the neighbours that elimination would join anew; those of two own vertices are met at both
 * ends. What lies above is joined by the block's last vertex anyway. */
static uint32_t count_fill(const struct settle *s, uint32_t pivot)
{
    const uint64_t *bits = row(s, pivot);
    uint32_t fill = 0;
    for (uint32_t i = 0; i < s->own; i++) {
        const uint64_t *other = row(s, i);
        if (!bit_get(bits, i))
            continue;
        for (uint32_t k = 0; k < s->words; k++) {
            uint64_t missing = bits[k] & ~other[k], own = own_bits(s, k);
            fill += (uint32_t)__builtin_popcountll(missing & own);
            fill += 2 * (uint32_t)__builtin_popcountll(missing & ~own);
        }
        fill--; /* itself */
    }
    return fill;
}

/* The vertex of least fill, then of least degree; in large blocks of least degree. */
static uint32_t least(const struct settle *s)
{
    const uint32_t *degrees = VEC(&s->degrees, uint32_t);
    uint32_t best = ROAD_NONE;
    uint64_t best_cost = UINT64_MAX;
    for (uint32_t i = 0; i < s->own; i++) {
        if (degrees[i] == ROAD_NONE)
            continue;
        uint64_t fill = s->own <= SETTLE_MAX_FILL ? count_fill(s, i) : 0;
        uint64_t cost = fill << 32 | degrees[i];
        if (cost < best_cost) {
            best_cost = cost;
            best = i;
        }
    }
    return best;
}

/* Joins the vertex's neighbours in the block; true when there are none. */
static bool eliminate(struct settle *s, uint32_t pivot)
{
    const uint64_t *bits = row(s, pivot);
    bool is_last = true;
    VEC(&s->degrees, uint32_t)[pivot] = ROAD_NONE;
    for (uint32_t i = 0; i < s->own; i++) {
        if (!bit_get(bits, i))
            continue;
        is_last = false;
        for (uint32_t k = 0; k < s->words; k++)
            row(s, i)[k] |= bits[k];
        bit_clear(row(s, i), i);
        bit_clear(row(s, i), pivot);
        count_degree(s, i);
    }
    return is_last;
}

/* A new element: what the vertex still touches. It belongs to the first block among them. */
static enum err add_element(struct settle *s, const uint64_t *bits)
{
    struct element element = {.first = (uint32_t)s->touched.count};
    uint32_t block = ROAD_NONE;
    for (uint32_t i = s->own; i < s->locals.count; i++) {
        uint32_t vertex = VEC(&s->locals, uint32_t)[i];
        if (!bit_get(bits, i))
            continue;
        block = s->block[vertex] < block ? s->block[vertex] : block;
        element.count++;
        if (VEC_PUSH(&s->touched, uint32_t, vertex) != OK)
            return ERR_LIMIT;
    }
    if (block == ROAD_NONE)
        return OK;
    element.next = s->element[block];
    s->element[block] = (uint32_t)s->elements.count;
    return VEC_PUSH(&s->elements, struct element, element);
}

/* Too large for bits: one element of everything above that it touches. */
static enum err keep(struct settle *s)
{
    size_t words = s->locals.count / 64 + 1;
    s->rows.count = 0;
    if (vec_room(&s->rows, words, sizeof(uint64_t)) != OK)
        return ERR_LIMIT;
    memset(s->rows.p, 0xff, words * sizeof(uint64_t));
    return add_element(s, s->rows.p);
}

static enum err settle_block(struct settle *s, uint32_t from, uint32_t to)
{
    enum err err = number_block(s, from, to);
    s->own = to - from;
    s->words = (uint32_t)(s->locals.count + 63) / 64;
    if (err == OK && (uint64_t)s->own * s->words > SETTLE_MAX_WORDS) {
        err = keep(s);
    } else if (err == OK) {
        err = fill_rows(s, from, to);
        for (uint32_t rank = from; err == OK && rank < to; rank++) {
            uint32_t pivot = least(s);
            s->order[rank] = VEC(&s->locals, uint32_t)[pivot];
            if (eliminate(s, pivot))
                err = add_element(s, row(s, pivot));
        }
    }
    for (size_t i = 0; i < s->locals.count; i++)
        s->local[VEC(&s->locals, uint32_t)[i]] = ROAD_NONE;
    return err;
}

static enum err settle_all(struct settle *s, const uint8_t *is_first)
{
    uint32_t n = s->core->vertices, from = 0;
    enum err err = OK;
    for (uint32_t rank = 0; rank < n; rank++) {
        from = is_first[rank] ? rank : from;
        s->block[s->order[rank]] = from;
    }
    for (from = 0; err == OK && from < n;) {
        uint32_t to = from + 1;
        while (to < n && !is_first[to])
            to++;
        err = settle_block(s, from, to);
        from = to;
    }
    return err;
}

enum err order_settle(const struct order_graph *core, const uint8_t *is_first, uint32_t *order)
{
    size_t n = core->vertices;
    struct settle s = {.core = core};
    enum err err = ERR_LIMIT;
    s.order = order;
    s.block = malloc((n + 1) * 3 * sizeof *s.block);
    if (s.block) {
        memset(s.block, 0xff, (n + 1) * 3 * sizeof *s.block);
        s.element = s.block + n + 1;
        s.local = s.element + n + 1;
        err = settle_all(&s, is_first);
    }
    free(s.block);
    vec_done(&s.elements);
    vec_done(&s.touched);
    vec_done(&s.locals);
    vec_done(&s.rows);
    vec_done(&s.degrees);
    return err;
}
