/* order_reduce.c - trees and chains go first: a vertex with one neighbour leaves nothing behind,
 * one with two leaves an edge between them, so neither makes the graph larger. */
#include "road/order_steps_priv.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define REDUCE_MAX_LIST 64u /* longer lists are not searched: hubs stay in the core */

struct reduce {
    uint32_t n, *first, *head; /* lists of neighbours; eliminated ones may still stand in them */
    uint32_t *degree;          /* neighbours left; UINT32_MAX once eliminated */
    uint32_t *touched;         /* the round in which a neighbour went */
    uint32_t *queued;          /* the last round for which it was a candidate */
    uint32_t *now, *later;     /* candidates of this round and of the next */
    uint32_t now_count, later_count, round;
};

static bool is_gone(const struct reduce *r, uint32_t vertex)
{
    return r->degree[vertex] == UINT32_MAX;
}

static uint32_t list_length(const struct reduce *r, uint32_t vertex)
{
    return r->first[vertex + 1] - r->first[vertex];
}

/* Puts `with` in the place of `gone`, or nothing when they are neighbours already. */
static bool replace(struct reduce *r, uint32_t vertex, uint32_t gone, uint32_t with)
{
    uint32_t *slot = NULL;
    for (uint32_t i = r->first[vertex]; i < r->first[vertex + 1]; i++) {
        if (r->head[i] == with)
            return false;
        if (r->head[i] == gone)
            slot = &r->head[i];
    }
    assert(slot);
    *slot = with;
    return true;
}

static void wait_a_round(struct reduce *r, uint32_t vertex)
{
    if (r->queued[vertex] == r->round + 1)
        return;
    r->queued[vertex] = r->round + 1;
    r->later[r->later_count++] = vertex;
}

static void lower(struct reduce *r, uint32_t vertex)
{
    if (--r->degree[vertex] <= 2)
        wait_a_round(r, vertex);
}

/* Eliminates the vertex if its neighbours' lists are short enough. */
static bool eliminate(struct reduce *r, uint32_t vertex)
{
    uint32_t left[2], count = 0;
    for (uint32_t i = r->first[vertex]; i < r->first[vertex + 1] && count < 2; i++) {
        if (!is_gone(r, r->head[i]))
            left[count++] = r->head[i];
    }
    if (count == 2) {
        if (list_length(r, left[0]) > REDUCE_MAX_LIST || list_length(r, left[1]) > REDUCE_MAX_LIST)
            return false;
        if (!replace(r, left[0], vertex, left[1])) {
            lower(r, left[0]);
            lower(r, left[1]);
        } else {
            (void)replace(r, left[1], vertex, left[0]);
        }
    } else if (count == 1) {
        lower(r, left[0]);
    }
    for (uint32_t i = 0; i < count; i++)
        r->touched[left[i]] = r->round;
    r->degree[vertex] = UINT32_MAX;
    return true;
}

static uint32_t run(struct reduce *r, uint32_t *ret_order)
{
    uint32_t count = 0;
    while (r->now_count) {
        uint32_t *swap = r->now;
        r->round++;
        r->later_count = 0;
        for (uint32_t i = 0; i < r->now_count; i++) {
            uint32_t vertex = r->now[i];
            if (r->touched[vertex] == r->round)
                wait_a_round(r, vertex);
            else if (eliminate(r, vertex))
                ret_order[count++] = vertex;
        }
        r->now = r->later;
        r->later = swap;
        r->now_count = r->later_count;
    }
    return count;
}

/* What is left, renumbered without gaps. */
static enum err take_core(const struct reduce *r, const struct place *places, uint32_t count,
                          struct order_core *ret_core)
{
    uint32_t *number = r->now, kept = 0, edges = 0;
    for (uint32_t v = 0; v < r->n; v++)
        edges += is_gone(r, v) ? 0 : r->degree[v];
    uint32_t *first = calloc((size_t)count + 1, sizeof *first);
    uint32_t *head = calloc((size_t)edges + 1, sizeof *head);
    struct place *own = calloc((size_t)count + 1, sizeof *own);
    uint32_t *vertex = calloc((size_t)count + 1, sizeof *vertex);
    *ret_core = (struct order_core){{count, first, head, own}, first, head, vertex, own};
    if (!first || !head || !own || !vertex) {
        order_core_done(ret_core);
        return ERR_LIMIT;
    }
    for (uint32_t v = 0; v < r->n; v++) {
        if (is_gone(r, v))
            continue;
        number[v] = kept;
        own[kept] = places[v];
        vertex[kept++] = v;
    }
    edges = 0;
    for (uint32_t k = 0; k < count; k++) {
        uint32_t v = vertex[k];
        for (uint32_t i = r->first[v]; i < r->first[v + 1]; i++) {
            if (!is_gone(r, r->head[i]))
                head[edges++] = number[r->head[i]];
        }
        first[k + 1] = edges;
    }
    return OK;
}

enum err order_reduce(const struct order_graph *graph, uint32_t *ret_order,
                      struct order_core *ret_core)
{
    size_t n = graph->vertices, slots = graph->vertices ? graph->first[n] : 0;
    uint32_t *memory = calloc(7 * (n + 1) + slots, sizeof *memory);
    if (!memory)
        return ERR_LIMIT;
    struct reduce r = {.n = graph->vertices, .first = memory};
    r.degree = r.first + n + 1;
    r.touched = r.degree + n + 1;
    r.queued = r.touched + n + 1;
    r.now = r.queued + n + 1;
    r.later = r.now + n + 1;
    r.head = r.later + n + 1;
    if (n)
        memcpy(r.first, graph->first, (n + 1) * sizeof *r.first);
    if (slots)
        memcpy(r.head, graph->head, slots * sizeof *r.head);
    for (uint32_t v = 0; v < n; v++) {
        r.degree[v] = list_length(&r, v);
        if (r.degree[v] <= 2)
            r.now[r.now_count++] = v;
    }
    uint32_t gone = run(&r, ret_order);
    enum err err = take_core(&r, graph->places, r.n - gone, ret_core);
    free(memory);
    return err;
}

void order_core_done(struct order_core *core)
{
    free(core->first);
    free(core->head);
    free(core->places);
    free(core->vertex);
    *core = (struct order_core){0};
}
