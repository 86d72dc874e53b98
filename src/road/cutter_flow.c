/* separator_flow.c - flow between two sides with vertex capacities: breadth-first levels from one
 * side, then as many disjoint descents along them as there are (Dinic 1970). */
#include "road/separator_priv.h"
#include <assert.h>

static void push(struct cut_side *side, uint32_t state, uint32_t level)
{
    if (side->level[state])
        return;
    side->level[state] = level;
    side->queue[side->queued++] = state;
    side->far_count += state & 1;
}

static bool expand_far(struct cut *cut, unsigned s, uint32_t vertex, uint32_t level)
{
    struct cut_side *side = &cut->sides[s];
    const struct order_graph *graph = cut->graph;
    bool is_start = false;
    for (uint32_t i = graph->first[vertex]; i < graph->first[vertex + 1]; i++) {
        uint32_t head = graph->head[i];
        if (!cut->member[head])
            push(side, cut_near(head), level);
        else if (cut->member[head] == 2 - s)
            is_start = true;
    }
    if (cut_has_flow(cut, vertex))
        push(side, cut_near(vertex), level);
    return is_start;
}

static void expand_near(struct cut *cut, unsigned s, uint32_t vertex, uint32_t level)
{
    struct cut_side *side = &cut->sides[s];
    uint32_t to = vertex;
    if (cut_has_flow(cut, vertex)) {
        to = side->link[vertex];
        if (to == CUT_TERMINAL || cut->member[to])
            return;
    }
    push(side, cut_far(to), level);
}

bool cut_reach(struct cut *cut, unsigned s)
{
    struct cut_side *side = &cut->sides[s];
    cut->start_count = 0;
    while (side->next < side->queued) {
        uint32_t state = side->queue[side->next++], level = side->level[state] + 1;
        if (!(state & 1))
            expand_near(cut, s, state >> 1, level);
        else if (expand_far(cut, s, state >> 1, level))
            cut->starts[cut->start_count++] = state >> 1;
    }
    return cut->start_count > 0;
}

void cut_reset(struct cut *cut, unsigned s)
{
    struct cut_side *side = &cut->sides[s];
    for (uint32_t i = 0; i < side->queued; i++)
        side->level[side->queue[i]] = 0;
    side->queued = side->next = side->far_count = 0;
    for (uint32_t i = 0; i < side->border_count; i++) {
        if (!cut->member[side->border[i]])
            push(side, cut_near(side->border[i]), 1);
    }
}

void cut_join(struct cut *cut, unsigned s, uint32_t vertex)
{
    struct cut_side *side = &cut->sides[s];
    const struct order_graph *graph = cut->graph;
    cut->member[vertex] = (uint8_t)(1 + s);
    side->members[side->member_count++] = vertex;
    for (uint32_t i = graph->first[vertex]; i < graph->first[vertex + 1]; i++) {
        uint32_t head = graph->head[i];
        if (cut->member[head] || side->level[cut_near(head)] == 1)
            continue;
        side->border[side->border_count++] = head;
        push(side, cut_near(head), 1);
    }
}

/* The state below `state` in the levels of `side` that no path has used, as the walker from the
 * other side steps; CUT_NONE: none; CUT_TERMINAL: a member of `side`. Halves are named as `side`
 * sees them. *arc: how far the neighbours were tried. */
static uint32_t step(const struct cut *cut, unsigned s, uint32_t state, uint32_t level,
                     uint32_t *arc)
{
    const struct cut_side *side = &cut->sides[s];
    const struct order_graph *graph = cut->graph;
    uint32_t vertex = state >> 1, to = vertex;
    if (state & 1) { /* the walker's near half */
        if (cut_has_flow(cut, vertex))
            to = cut->sides[1 - s].link[vertex];
        if (to == CUT_TERMINAL || side->level[cut_near(to)] != level - 1)
            return CUT_NONE;
        return cut_near(to);
    }
    for (; *arc < graph->first[vertex + 1]; ++*arc) {
        uint32_t head = graph->head[*arc];
        if (cut->member[head] == 1 + s)
            return CUT_TERMINAL;
        if (side->level[cut_far(head)] == level - 1 && level > 1)
            return cut_far(head);
    }
    if (cut_has_flow(cut, vertex) && level > 1 && side->level[cut_far(vertex)] == level - 1)
        return cut_far(vertex);
    return CUT_NONE;
}

/* The path's states alternate between the two halves. */
static void apply(struct cut *cut, unsigned s, uint32_t count)
{
    uint32_t *to_walker = cut->sides[1 - s].link, *to_side = cut->sides[s].link;
    uint32_t behind = CUT_TERMINAL;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t vertex = cut->path[i] >> 1;
        if (!(cut->path[i] & 1))
            continue;
        uint32_t before = to_walker[vertex];
        if (vertex == behind) { /* its flow is taken back */
            to_walker[vertex] = to_side[vertex] = CUT_NONE;
            behind = before;
            continue;
        }
        bool had_flow = cut_has_flow(cut, vertex);
        to_walker[vertex] = behind;
        if (behind != CUT_TERMINAL)
            to_side[behind] = vertex;
        if (had_flow) {
            behind = before;
        } else {
            to_side[vertex] = CUT_TERMINAL; /* until the path goes on */
            behind = vertex;
        }
    }
    assert(behind != CUT_TERMINAL);
    to_side[behind] = CUT_TERMINAL;
    cut->flow++;
}

/* Each state is entered once: it carries one path, or leads nowhere. */
static void descend(struct cut *cut, unsigned s, uint32_t start)
{
    struct cut_side *side = &cut->sides[s];
    uint32_t depth = 0, state = cut_far(start);
    uint32_t level = side->level[state];
    if (level == 0)
        return;
    for (;;) {
        if (state != CUT_NONE) {
            side->level[state] = 0;
            cut->path[depth] = state;
            cut->path_arc[depth++] = cut->graph->first[state >> 1];
        }
        state = step(cut, s, cut->path[depth - 1], level - (depth - 1), &cut->path_arc[depth - 1]);
        if (state == CUT_TERMINAL) {
            apply(cut, s, depth);
            return;
        }
        if (state == CUT_NONE && --depth == 0)
            return;
    }
}

void cut_augment(struct cut *cut, unsigned s)
{
    for (uint32_t i = 0; i < cut->start_count; i++)
        descend(cut, s, cut->starts[i]);
}
