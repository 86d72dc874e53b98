/* The topology is the symbolic factorization of sparse Cholesky (George, Liu 1981): the upper
 * neighbours of a vertex are its own and those of its children in the elimination tree. Sorting is
 * two transpositions, so all is linear in arcs and hops. */
#include "road/cch_priv.h"
#include "road/vec_priv.h"
#include <assert.h>
#include <string.h>

static uint32_t lower_of(const struct cch_hops *hops, uint32_t hop)
{
    return hops->tail[hop] < hops->head[hop] ? hops->tail[hop] : hops->head[hop];
}

static uint32_t upper_of(const struct cch_hops *hops, uint32_t hop)
{
    return hops->tail[hop] < hops->head[hop] ? hops->head[hop] : hops->tail[hop];
}

/* Turns counts into where each group begins; first[count] is their sum. */
static void starts_of_counts(uint32_t *first, size_t count)
{
    uint32_t sum = 0;
    for (size_t i = 0; i <= count; i++) {
        uint32_t n = first[i];
        first[i] = sum;
        sum += n;
    }
}

static uint32_t *zeros(size_t count)
{
    return calloc(count + 1, sizeof(uint32_t));
}

static uint32_t *room(size_t count)
{
    return malloc((count + 1) * sizeof(uint32_t));
}

/* Groups the hops by their lower end. */
static enum err group_hops(const struct cch_hops *hops, uint32_t **ret_first, uint32_t **ret_upper)
{
    uint32_t *first = zeros((size_t)hops->vertices + 1), *upper = room(hops->count);
    if (!first || !upper) {
        free(first);
        free(upper);
        return ERR_LIMIT;
    }
    for (uint32_t i = 0; i < hops->count; i++)
        first[lower_of(hops, i) + 1]++;
    starts_of_counts(first + 1, hops->vertices);
    for (uint32_t i = 0; i < hops->count; i++)
        upper[first[lower_of(hops, i) + 1]++] = upper_of(hops, i);
    *ret_first = first;
    *ret_upper = upper;
    return OK;
}

struct tree { /* while it grows; ROAD_NONE ends a list */
    uint32_t *mark, *first_child, *next_child;
    const uint32_t *hop_first, *hop_upper;
    uint32_t *up_first;
    struct vec up_head;
};

static enum err add_heads(struct tree *tree, uint32_t v, const uint32_t *heads, size_t count)
{
    if (vec_room(&tree->up_head, count, sizeof(uint32_t)))
        return ERR_LIMIT;
    uint32_t *at = tree->up_head.p;
    for (size_t i = 0; i < count; i++) {
        if (tree->mark[heads[i]] != v) {
            tree->mark[heads[i]] = v;
            at[tree->up_head.count++] = heads[i];
        }
    }
    return OK;
}

/* Upper neighbours of v, unsorted, once those of all lower vertices stand. */
static enum err eliminate(struct tree *tree, uint32_t v)
{
    uint32_t from = tree->hop_first[v], parent = ROAD_NONE;
    tree->up_first[v] = (uint32_t)tree->up_head.count;
    tree->mark[v] = v;
    enum err err = add_heads(tree, v, tree->hop_upper + from, tree->hop_first[v + 1] - from);
    for (uint32_t c = tree->first_child[v]; c != ROAD_NONE && !err; c = tree->next_child[c]) {
        size_t count = tree->up_first[c + 1] - tree->up_first[c];
        err = vec_room(&tree->up_head, count, sizeof(uint32_t)); /* before its address is taken */
        if (!err)
            err = add_heads(tree, v, VEC(&tree->up_head, uint32_t) + tree->up_first[c], count);
    }
    if (err || tree->up_head.count >= ROAD_INF)
        return ERR_LIMIT;
    tree->up_first[v + 1] = (uint32_t)tree->up_head.count;
    for (uint32_t i = tree->up_first[v]; i < tree->up_first[v + 1]; i++) {
        uint32_t head = VEC(&tree->up_head, uint32_t)[i];
        parent = head < parent ? head : parent;
    }
    if (parent != ROAD_NONE) {
        tree->next_child[v] = tree->first_child[parent];
        tree->first_child[parent] = v;
    }
    return OK;
}

static enum err grow_tree(const struct cch_hops *hops, struct tree *tree)
{
    uint32_t *first = NULL, *upper = NULL;
    enum err err = group_hops(hops, &first, &upper);
    tree->mark = room(hops->vertices);
    tree->first_child = room(hops->vertices);
    tree->next_child = room(hops->vertices);
    tree->up_first = zeros((size_t)hops->vertices + 1);
    if (!tree->mark || !tree->first_child || !tree->next_child || !tree->up_first)
        err = ERR_LIMIT;
    tree->hop_first = first;
    tree->hop_upper = upper;
    for (uint32_t v = 0; v < hops->vertices && !err; v++)
        tree->mark[v] = tree->first_child[v] = tree->next_child[v] = ROAD_NONE;
    for (uint32_t v = 0; v < hops->vertices && !err; v++)
        err = eliminate(tree, v);
    if (!err) /* an address even where there is no arc */
        err = vec_room(&tree->up_head, 1, sizeof(uint32_t));
    free(tree->mark);
    free(tree->first_child);
    free(tree->next_child);
    free(first);
    free(upper);
    return err;
}

/* Down lists from the up lists, then the heads again from those: now ascending. */
static enum err transpose(uint32_t vertices, const uint32_t *up_first, uint32_t *up_head,
                          struct cch *cch)
{
    uint32_t arcs = up_first[vertices];
    uint32_t *first = zeros((size_t)vertices + 1), *next = room(vertices);
    struct cch_down *down = malloc(((size_t)arcs + 1) * sizeof *down);
    cch->down_first = first;
    cch->down = down;
    if (!first || !next || !down) {
        free(next);
        return ERR_LIMIT;
    }
    for (uint32_t i = 0; i < arcs; i++)
        first[up_head[i] + 1]++;
    starts_of_counts(first + 1, vertices);
    for (uint32_t v = 0; v < vertices; v++) {
        for (uint32_t i = up_first[v]; i < up_first[v + 1]; i++)
            down[first[up_head[i] + 1]++].tail = v;
    }
    memcpy(next, up_first, vertices * sizeof *next);
    for (uint32_t h = 0; h < vertices; h++) {
        for (uint32_t i = first[h]; i < first[h + 1]; i++) {
            down[i].arc = next[down[i].tail]++;
            up_head[down[i].arc] = h;
        }
    }
    free(next);
    return OK;
}

static enum err place_inputs(const struct cch_hops *hops, struct cch *cch)
{
    uint32_t *input_arc = room(hops->count), *arc_inputs = room(hops->count);
    uint32_t *arc_first = zeros((size_t)cch->arcs + 1);
    cch->input_arc = input_arc;
    cch->arc_inputs = arc_inputs;
    cch->arc_first = arc_first;
    if (!input_arc || !arc_inputs || !arc_first)
        return ERR_LIMIT;
    for (uint32_t i = 0; i < hops->count; i++) {
        uint32_t arc = cch_arc(cch, lower_of(hops, i), upper_of(hops, i));
        assert(arc != ROAD_NONE);
        input_arc[i] = arc << 1 | (hops->tail[i] > hops->head[i]);
        arc_first[arc + 1]++;
    }
    starts_of_counts(arc_first + 1, cch->arcs);
    for (uint32_t i = 0; i < hops->count; i++)
        arc_inputs[arc_first[(input_arc[i] >> 1) + 1]++] = i;
    return OK;
}

enum err cch_build(const struct cch_hops *hops, struct cch *ret_cch)
{
    struct tree tree = {0};
    struct cch cch = {.vertices = hops->vertices, .inputs = hops->count};
    enum err err = hops->vertices < ROAD_INF && hops->count < ROAD_INF ? OK : ERR_LIMIT;
    for (uint32_t i = 0; i < hops->count && !err; i++) {
        assert(hops->tail[i] != hops->head[i]);
        assert(upper_of(hops, i) < hops->vertices);
    }
    if (!err)
        err = grow_tree(hops, &tree);
    cch.up_first = tree.up_first;
    cch.up_head = tree.up_head.p;
    if (!err) {
        cch.arcs = tree.up_first[cch.vertices];
        err = transpose(cch.vertices, tree.up_first, tree.up_head.p, &cch);
    }
    if (!err)
        err = place_inputs(hops, &cch);
    if (err)
        cch_done(&cch);
    else
        *ret_cch = cch;
    return err;
}

static void free_const(const void *p)
{
    free((void *)(uintptr_t)p);
}

void cch_done(struct cch *cch)
{
    if (!cch)
        return;
    free_const(cch->up_first);
    free_const(cch->up_head);
    free_const(cch->down_first);
    free_const(cch->down);
    free_const(cch->input_arc);
    free_const(cch->arc_first);
    free_const(cch->arc_inputs);
    *cch = (struct cch){0};
}

uint32_t cch_arc(const struct cch *cch, uint32_t lower, uint32_t upper)
{
    const uint32_t *at = cch->up_head + cch->up_first[lower];
    uint32_t count = cch->up_first[lower + 1] - cch->up_first[lower];
    if (count == 0)
        return ROAD_NONE;
    while (count > 1) { /* no branch depends on what is found */
        uint32_t half = count / 2;
        at += (at[half - 1] < upper) * half;
        count -= half;
    }
    return *at == upper ? (uint32_t)(at - cch->up_head) : ROAD_NONE;
}

uint64_t cch_triangles(const struct cch *cch)
{
    uint64_t triangles = 0;
    for (uint32_t v = 0; v < cch->vertices; v++) {
        uint64_t heads = cch->up_first[v + 1] - cch->up_first[v];
        triangles += heads * (heads - 1) / 2; /* 0 of none, for it is even */
    }
    return triangles;
}

struct cch_measure cch_measure(const struct cch *cch)
{
    struct cch_measure measure = {.triangles = cch_triangles(cch)};
    uint32_t *depth = zeros(cch->vertices);
    double sum = 0;
    for (uint32_t v = cch->vertices; v-- > 0;) {
        uint64_t heads = cch->up_first[v + 1] - cch->up_first[v];
        if (!depth)
            continue;
        depth[v] = heads ? depth[cch->up_head[cch->up_first[v]]] + 1 : 1;
        measure.max_depth = depth[v] > measure.max_depth ? depth[v] : measure.max_depth;
        sum += depth[v];
    }
    measure.mean_depth = cch->vertices ? sum / cch->vertices : 0;
    free(depth);
    return measure;
}
