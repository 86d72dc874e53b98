/* scc.c - strongly connected parts, by Tarjan's algorithm with a stack of its own (Tarjan 1972). */
#include "road/road_priv.h"

struct tarjan {
    const struct road *road;
    const uint16_t *uses; /* by edge */
    uint32_t profile;
    uint32_t *number;             /* order of discovery + 1, 0 = unseen */
    uint32_t *low;                /* lowest number reachable; UINT32_MAX once its part is known */
    uint32_t *next;               /* next entry of the adjacency list to look at */
    uint32_t *path, path_count;   /* the walk from the root */
    uint32_t *stack, stack_count; /* seen, part not known yet */
    uint32_t seen;
    uint32_t *part, part_count; /* part of each node */
};

static void enter(struct tarjan *t, uint32_t node)
{
    t->number[node] = t->low[node] = ++t->seen;
    t->next[node] = t->road->out_first[node];
    t->path[t->path_count++] = node;
    t->stack[t->stack_count++] = node;
}

static void leave(struct tarjan *t, uint32_t node)
{
    t->path_count--;
    if (t->path_count) {
        uint32_t up = t->path[t->path_count - 1];
        if (t->low[node] < t->low[up])
            t->low[up] = t->low[node];
    }
    if (t->low[node] != t->number[node])
        return;
    uint32_t member;
    do {
        member = t->stack[--t->stack_count];
        t->low[member] = UINT32_MAX;
        t->part[member] = t->part_count;
    } while (member != node);
    t->part_count++;
}

static void walk(struct tarjan *t, uint32_t root)
{
    enter(t, root);
    while (t->path_count) {
        uint32_t node = t->path[t->path_count - 1];
        if (t->next[node] == t->road->out_first[node + 1]) {
            leave(t, node);
            continue;
        }
        struct file_out out = t->road->out[t->next[node]++];
        if (!(t->uses[out.arc >> 1] >> (t->profile + (out.arc & 1) * ROAD_MAX_PROFILES) & 1))
            continue;
        if (t->number[out.head] == 0)
            enter(t, out.head);
        else if (t->low[out.head] != UINT32_MAX && t->number[out.head] < t->low[node])
            t->low[node] = t->number[out.head];
    }
}

static uint32_t mark_largest(const struct tarjan *t, uint32_t bits, uint32_t *sizes,
                             uint32_t *node_main)
{
    uint32_t best = 0;
    memset(sizes, 0, sizeof *sizes * t->part_count);
    for (uint32_t node = 0; node < t->road->node_count; node++)
        sizes[t->part[node]]++;
    for (uint32_t i = 1; i < t->part_count; i++) {
        if (sizes[i] > sizes[best])
            best = i;
    }
    for (uint32_t node = 0; node < t->road->node_count; node++) {
        if (t->part[node] == best)
            node_main[node] |= bits;
    }
    return sizes[best];
}

enum err scc_mark(const struct road *graph, const uint16_t *uses, uint32_t profile, uint32_t bits,
                  uint32_t *node_main, uint32_t *ret_nodes)
{
    size_t n = graph->node_count;
    uint32_t *memory = calloc(n + 1, 6 * sizeof *memory);
    if (!memory)
        return ERR_LIMIT;
    struct tarjan t = {.road = graph,
                       .uses = uses,
                       .profile = profile,
                       .number = memory,
                       .low = memory + n,
                       .next = memory + 2 * n,
                       .path = memory + 3 * n,
                       .stack = memory + 4 * n,
                       .part = memory + 5 * n};
    for (uint32_t node = 0; node < n; node++) {
        if (t.number[node] == 0)
            walk(&t, node);
    }
    *ret_nodes = n ? mark_largest(&t, bits, t.path, node_main) : 0;
    free(memory);
    return OK;
}
