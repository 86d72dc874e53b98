/* separator.c - which separator to take: FlowCutter from eight directions, the least vertices for
 * what they part. */
#include "road/separator_priv.h"
#include <stdlib.h>
#include <string.h>

#define CUT_DIRECTIONS 8u
#define CUT_MAX_PIERCE 0
#ifndef SEED
#define SEED 5
#endif
#ifndef CAPBAL
#define CAPBAL 50
#endif
#ifndef MINBAL
#define MINBAL 20
#endif

struct score { /* smaller is better */
    uint64_t flow, part;
};

/* flow / part, where parts of more than 2/5 of the graph gain nothing more */
static struct score score_of(const struct cut *cut, uint32_t flow, uint32_t part)
{
    uint32_t n = cut->graph->vertices, cap = (uint32_t)((uint64_t)n * CAPBAL / 100);
    uint32_t rest = n - flow - part;
    part = part < rest ? part : rest;
    uint64_t p = part < cap ? part : cap;
    if (part < (uint64_t)n * MINBAL / 100)
        p /= 4;
    return (struct score){flow, p};
}
static bool is_better(struct score a, struct score b)
{
#ifdef SQ
    return a.flow * a.flow * b.part < b.flow * b.flow * a.part;
#else
    return a.flow * b.part < b.flow * a.part;
#endif
}

static void init(struct cut *cut, const struct order_graph *graph)
{
    uint32_t n = graph->vertices;
    cut->graph = graph;
    cut->flow = cut->start_count = 0;
    memset(cut->member, 0, n);
    for (unsigned s = 0; s < 2; s++) {
        struct cut_side *side = &cut->sides[s];
        side->member_count = side->border_count = side->queued = side->next = side->far_count = 0;
        memset(side->level, 0, sizeof *side->level * 2 * n);
        memset(side->link, 0xff, sizeof *side->link * n);
    }
}

/* The k-th smallest key. */
static int64_t select_key(int64_t *keys, uint32_t count, uint32_t k)
{
    uint32_t from = 0, to = count;
    while (to - from > 1) {
        int64_t pivot = keys[from + (to - from - 1) / 2];
        int64_t low = (int64_t)from - 1, high = to;
        for (;;) {
            do
                low++;
            while (keys[low] < pivot);
            do
                high--;
            while (keys[high] > pivot);
            if (low >= high)
                break;
            int64_t swap = keys[low];
            keys[low] = keys[high];
            keys[high] = swap;
        }
        if (k <= high)
            to = (uint32_t)high + 1;
        else
            from = (uint32_t)high + 1;
    }
    return keys[k];
}

static void project(struct cut *cut, unsigned direction)
{
    static const int8_t axes[CUT_DIRECTIONS][2] = {{1, 0}, {0, 1}, {1, 1},  {1, -1},
                                                   {2, 1}, {1, 2}, {2, -1}, {1, -2}};
    const struct order_graph *graph = cut->graph;
    int64_t lat = graph->places[0].lat_e7,
            scale = 1024 - lat / 1000000 * (lat / 1000000) * 1024 / 810000;
    for (uint32_t v = 0; v < graph->vertices; v++) {
        cut->key[v] = graph->places[v].lon_e7 * scale * axes[direction][0] +
                      graph->places[v].lat_e7 * INT64_C(1024) * axes[direction][1];
        cut->select[v] = cut->key[v];
    }
}

static bool touches(const struct cut *cut, uint32_t vertex, unsigned s)
{
    for (uint32_t i = cut->graph->first[vertex]; i < cut->graph->first[vertex + 1]; i++) {
        if (cut->member[cut->graph->head[i]] == 1 + s)
            return true;
    }
    return false;
}

static void seed(struct cut *cut)
{
    uint32_t n = cut->graph->vertices, count = n * SEED / 100;
    count = count ? count : 1;
    int64_t low = select_key(cut->select, n, count - 1);
    int64_t high = select_key(cut->select, n, n - count);
    for (uint32_t v = 0, k = 0; v < n && k < count; v++) {
        if (cut->key[v] <= low) {
            cut_join(cut, 0, v);
            k++;
        }
    }
    for (uint32_t v = n, k = 0; v-- > 0 && k < count;) {
        if (cut->key[v] >= high && !cut->member[v] && !touches(cut, v, 0)) {
            cut_join(cut, 1, v);
            k++;
        }
    }
    cut_reset(cut, 0);
    cut_reset(cut, 1);
}

static void swallow(struct cut *cut, unsigned s)
{
    struct cut_side *side = &cut->sides[s];
    uint32_t queued = side->queued;
    side->border_count = side->queued = 0;
    for (uint32_t i = 0; i < queued; i++) {
        uint32_t state = side->queue[i], vertex = state >> 1;
        if (state & 1) {
            cut->member[vertex] = (uint8_t)(1 + s);
            side->members[side->member_count++] = vertex;
        } else if (!side->level[cut_far(vertex)]) {
            side->level[state] = 1;
            side->border[side->border_count++] = vertex;
            side->queue[side->queued++] = state;
        }
    }
    side->next = side->queued;
    side->far_count = 0;
}

/* The best vertex of the border to go on with: one that lets no more flow through, if there is
 * one; then the one nearest to this side's seed. */
static uint32_t pierce_choose(const struct cut *cut, unsigned s, bool *ret_is_open)
{
    const struct cut_side *side = &cut->sides[s], *other = &cut->sides[1 - s];
    uint32_t best = CUT_NONE;
    bool is_best_open = true;
    for (uint32_t i = 0; i < side->border_count; i++) {
        uint32_t v = side->border[i];
        if (cut->member[v])
            continue;
        bool is_open = other->level[cut_near(v)] != 0;
        if (is_open && (!is_best_open || touches(cut, v, 1 - s)))
            continue;
        if (best == CUT_NONE || (is_best_open && !is_open) ||
            (s == 0 ? cut->key[v] < cut->key[best] : cut->key[v] > cut->key[best])) {
            best = v;
            is_best_open = is_open;
        }
    }
    *ret_is_open = is_best_open;
    return best;
}

static void pierce(struct cut *cut, unsigned s, uint32_t vertex, bool is_open)
{
    struct cut_side *other = &cut->sides[1 - s];
    cut_join(cut, s, vertex);
    if (is_open) {
        const struct order_graph *graph = cut->graph;
        cut->start_count = 0;
        other->level[cut_near(vertex)] = other->level[cut_far(vertex)] = 0;
        for (uint32_t i = graph->first[vertex]; i < graph->first[vertex + 1]; i++) {
            if (!cut->member[graph->head[i]] && other->level[cut_far(graph->head[i])])
                cut->starts[cut->start_count++] = graph->head[i];
        }
        do {
            cut_augment(cut, 1 - s);
            cut_reset(cut, 1 - s);
        } while (cut_reach(cut, 1 - s));
    }
    cut_reach(cut, s);
}

static void run(struct cut *cut, struct score *best)
{
    uint32_t n = cut->graph->vertices;
    while (cut_reach(cut, 1)) {
        cut_augment(cut, 1);
        cut_reset(cut, 1);
    }
    cut_reach(cut, 0);
    for (;;) {
        uint32_t size[2];
        for (unsigned s = 0; s < 2; s++)
            size[s] = cut->sides[s].member_count + cut->sides[s].far_count;
        unsigned s = size[1] < size[0];
        swallow(cut, s);
        struct score score = score_of(cut, cut->flow, size[s]);
        if (is_better(score, *best)) {
            *best = score;
            cut->best_count = size[s];
            memcpy(cut->best_members, cut->sides[s].members, sizeof *cut->best_members * size[s]);
        }
        if (size[s] * 2ull >= n - cut->flow ||
            !is_better(score_of(cut, cut->flow, (n - cut->flow) / 2), *best))
            break;
        bool is_open;
        uint32_t vertex = pierce_choose(cut, s, &is_open);
        if (vertex == CUT_NONE)
            break;
        pierce(cut, s, vertex, is_open);
    }
}

bool cut_find(struct cut *cut, const struct order_graph *graph, uint8_t *ret_labels)
{
    struct score best = {1, 0};
    cut->best_count = 0;
    for (unsigned direction = 0; direction < CUT_DIRECTIONS; direction++) {
        init(cut, graph);
        project(cut, direction);
        seed(cut);
        if (cut->sides[1].member_count)
            run(cut, &best);
    }
    if (best.part == 0 || best.flow > graph->vertices / 3)
        return false;
    memset(ret_labels, CUT_SECOND, graph->vertices);
    for (uint32_t i = 0; i < cut->best_count; i++)
        ret_labels[cut->best_members[i]] = CUT_FIRST;
    for (uint32_t i = 0; i < cut->best_count; i++) {
        uint32_t v = cut->best_members[i];
        for (uint32_t k = graph->first[v]; k < graph->first[v + 1]; k++) {
            if (ret_labels[graph->head[k]] == CUT_SECOND)
                ret_labels[graph->head[k]] = CUT_SEPARATOR;
        }
    }
    return true;
}

enum err cut_new(uint32_t n, struct cut **ret_cut)
{
    struct cut *cut = calloc(1, sizeof *cut);
    /* words of n: 13 a side, starts, 2 paths of 2, best, 2 keys of 2, members' bytes */
    size_t words = ((size_t)n + 1) * (2 * 8 + 1 + 4 + 1 + 4 + 1);
    uint32_t *at = cut ? malloc(words * sizeof *at) : NULL;
    if (!at) {
        free(cut);
        return ERR_LIMIT;
    }
    size_t m = (size_t)n + 1;
    cut->memory = at;
    cut->key = (int64_t *)(void *)at, at += 2 * m;
    cut->select = (int64_t *)(void *)at, at += 2 * m;
    for (unsigned s = 0; s < 2; s++) {
        struct cut_side *side = &cut->sides[s];
        side->members = at, at += m;
        side->border = at, at += m;
        side->queue = at, at += 2 * m;
        side->level = at, at += 2 * m;
        side->link = at, at += m;
    }
    cut->starts = at, at += m;
    cut->path = at, at += 2 * m;
    cut->path_arc = at, at += 2 * m;
    cut->best_members = at, at += m;
    cut->member = (uint8_t *)at;
    *ret_cut = cut;
    return OK;
}

void cut_free(struct cut *cut)
{
    if (!cut)
        return;
    free(cut->memory);
    free(cut);
}
