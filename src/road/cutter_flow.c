/* cutter_flow.c - flow between two sides with vertex capacities: breadth-first levels from one
 * side, then as many disjoint descents along them as there are (Dinic 1970). */
#include "road/cutter_priv.h"
#include <assert.h>
#include <string.h>

static bool has_flow(const struct cutter *cutter, uint32_t vertex)
{
    return cutter->sides[0].link[vertex] != FLOW_NONE;
}

void flow_init(struct cutter *cutter, const struct order_graph *graph)
{
    size_t n = graph->vertices;
    cutter->graph = graph;
    cutter->flow = cutter->start_count = 0;
    memset(cutter->member, 0, n);
    for (unsigned s = 0; s < 2; s++) {
        struct flow_side *side = &cutter->sides[s];
        side->member_count = side->border_count = side->queued = side->next = side->far_count = 0;
        memset(side->level, 0, sizeof *side->level * 2 * n);
        memset(side->link, 0xff, sizeof *side->link * n);
    }
}

static void push(struct flow_side *side, uint32_t state)
{
    side->queue[side->queued++] = state;
    side->far_count += state & 1;
}

/* Without flow the far half follows at once and stands for both in the queue. */
static void reach_near(struct flow_side *side, uint32_t vertex, uint32_t level)
{
    uint32_t *own = &side->level[flow_near(vertex)];
    if (own[0])
        return;
    own[0] = level;
    if (side->link[vertex] != FLOW_NONE) {
        push(side, flow_near(vertex));
    } else {
        own[1] = level + 1;
        push(side, flow_far(vertex));
    }
}

/* True when it touches a member of the other side. */
static bool expand_far(struct cutter *cutter, unsigned s, uint32_t vertex, uint32_t level)
{
    struct flow_side *side = &cutter->sides[s];
    const struct order_graph *graph = cutter->graph;
    bool is_start = false;
    for (uint32_t i = graph->first[vertex]; i < graph->first[vertex + 1]; i++) {
        uint32_t head = graph->head[i];
        if (side->level[flow_near(head)])
            continue;
        if (!cutter->member[head])
            reach_near(side, head, level);
        else if (cutter->member[head] == 2 - s)
            is_start = true;
    }
    if (side->link[vertex] != FLOW_NONE)
        reach_near(side, vertex, level);
    return is_start;
}

/* Of a vertex with flow. */
static void expand_near(struct cutter *cutter, unsigned s, uint32_t vertex, uint32_t level)
{
    struct flow_side *side = &cutter->sides[s];
    uint32_t to = side->link[vertex];
    if (to == FLOW_TERMINAL || cutter->member[to] || side->level[flow_far(to)])
        return;
    side->level[flow_far(to)] = level;
    push(side, flow_far(to));
}

bool flow_reach(struct cutter *cutter, unsigned s)
{
    struct flow_side *side = &cutter->sides[s];
    cutter->start_count = 0;
    while (side->next < side->queued) {
        uint32_t state = side->queue[side->next++], level = side->level[state] + 1;
        if (!(state & 1))
            expand_near(cutter, s, state >> 1, level);
        else if (expand_far(cutter, s, state >> 1, level))
            cutter->starts[cutter->start_count++] = state >> 1;
    }
    return cutter->start_count > 0;
}

void flow_reset(struct cutter *cutter, unsigned s)
{
    struct flow_side *side = &cutter->sides[s];
    for (uint32_t i = 0; i < side->queued; i++) {
        uint32_t *own = &side->level[side->queue[i] & ~1u];
        own[0] = own[1] = 0;
    }
    side->queued = side->next = side->far_count = 0;
    for (uint32_t i = 0; i < side->border_count; i++) {
        if (!cutter->member[side->border[i]])
            reach_near(side, side->border[i], 1);
    }
}

void flow_join(struct cutter *cutter, unsigned s, uint32_t vertex)
{
    struct flow_side *side = &cutter->sides[s];
    const struct order_graph *graph = cutter->graph;
    cutter->member[vertex] = (uint8_t)(1 + s);
    side->members[side->member_count++] = vertex;
    for (uint32_t i = graph->first[vertex]; i < graph->first[vertex + 1]; i++) {
        uint32_t head = graph->head[i];
        if (cutter->member[head] || side->level[flow_near(head)])
            continue;
        side->border[side->border_count++] = head;
        reach_near(side, head, 1);
    }
}

void flow_swallow(struct cutter *cutter, unsigned s)
{
    struct flow_side *side = &cutter->sides[s];
    uint32_t queued = side->queued;
    side->border_count = side->queued = 0;
    for (uint32_t i = 0; i < queued; i++) {
        uint32_t state = side->queue[i], vertex = state >> 1;
        if (cutter->member[vertex])
            continue;
        if (state & 1) {
            cutter->member[vertex] = (uint8_t)(1 + s);
            side->members[side->member_count++] = vertex;
        } else if (!side->level[flow_far(vertex)]) {
            side->level[state] = 1;
            side->border[side->border_count++] = vertex;
            side->queue[side->queued++] = state;
        }
    }
    side->next = side->queued;
    side->far_count = 0;
}

/* The state below `state` in the levels of `side` that no path has used, as the walker from the
 * other side steps; FLOW_NONE: none; FLOW_TERMINAL: a member of `side`. Halves are named as `side`
 * sees them. *arc: how far the neighbours were tried. */
static uint32_t step(const struct cutter *cutter, unsigned s, uint32_t state, uint32_t level,
                     uint32_t *arc)
{
    const struct flow_side *side = &cutter->sides[s];
    const struct order_graph *graph = cutter->graph;
    uint32_t vertex = state >> 1, to = vertex;
    if (state & 1) { /* the walker's near half */
        if (has_flow(cutter, vertex))
            to = cutter->sides[1 - s].link[vertex];
        if (to == FLOW_TERMINAL || side->level[flow_near(to)] != level - 1)
            return FLOW_NONE;
        return flow_near(to);
    }
    for (; *arc < graph->first[vertex + 1]; ++*arc) {
        uint32_t head = graph->head[*arc];
        if (cutter->member[head] == 1 + s)
            return FLOW_TERMINAL;
        if (side->level[flow_far(head)] == level - 1 && level > 1)
            return flow_far(head);
    }
    if (has_flow(cutter, vertex) && level > 1 && side->level[flow_far(vertex)] == level - 1)
        return flow_far(vertex);
    return FLOW_NONE;
}

/* The path's states alternate between the two halves. */
static void apply(struct cutter *cutter, unsigned s, uint32_t count)
{
    uint32_t *to_walker = cutter->sides[1 - s].link, *to_side = cutter->sides[s].link;
    uint32_t behind = FLOW_TERMINAL;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t vertex = cutter->path[i] >> 1;
        if (!(cutter->path[i] & 1))
            continue;
        uint32_t before = to_walker[vertex];
        if (vertex == behind) { /* its flow is taken back */
            to_walker[vertex] = to_side[vertex] = FLOW_NONE;
            behind = before;
            continue;
        }
        bool had_flow = has_flow(cutter, vertex);
        to_walker[vertex] = behind;
        if (behind != FLOW_TERMINAL)
            to_side[behind] = vertex;
        if (had_flow) {
            behind = before;
        } else {
            to_side[vertex] = FLOW_TERMINAL; /* until the path goes on */
            behind = vertex;
        }
    }
    assert(behind != FLOW_TERMINAL);
    to_side[behind] = FLOW_TERMINAL;
    cutter->flow++;
}

/* Each state is entered once: it carries one path, or leads nowhere. */
static void descend(struct cutter *cutter, unsigned s, uint32_t start)
{
    struct flow_side *side = &cutter->sides[s];
    uint32_t depth = 0, state = flow_far(start);
    uint32_t level = side->level[state];
    if (level == 0)
        return;
    for (;;) {
        if (state != FLOW_NONE) {
            side->level[state] = 0;
            cutter->path[depth] = state;
            cutter->path_arc[depth++] = cutter->graph->first[state >> 1];
        }
        state = step(cutter, s, cutter->path[depth - 1], level - (depth - 1),
                     &cutter->path_arc[depth - 1]);
        if (state == FLOW_TERMINAL) {
            apply(cutter, s, depth);
            return;
        }
        if (state == FLOW_NONE && --depth == 0)
            return;
    }
}

void flow_augment(struct cutter *cutter, unsigned s)
{
    for (uint32_t i = 0; i < cutter->start_count; i++)
        descend(cutter, s, cutter->starts[i]);
}

void flow_fill(struct cutter *cutter, unsigned s)
{
    flow_reset(cutter, s);
    while (flow_reach(cutter, s)) {
        flow_augment(cutter, s);
        flow_reset(cutter, s);
    }
}
