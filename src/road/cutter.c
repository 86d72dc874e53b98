/* cutter.c - which separator to take: sides are seeded with the extremes of four directions, few
 * and many, and of all separators on the way the one that costs least for what it parts is kept. */
#include "road/cutter_priv.h"
#include <stdlib.h>
#include <string.h>

#define CUTTER_DIRECTIONS 4u
#define CUTTER_MIN_PART 5u    /* parts below 1 / so much of the graph count for a quarter */
#define CUTTER_MAX_FLOW 8u    /* times the root of the vertices: no map needs as much */
#define CUTTER_LARGE_FLOW 64u /* from here on several vertices are pierced at once */

static const uint32_t seed_percents[] = {15, 4};
#define CUTTER_SEEDS (sizeof seed_percents / sizeof *seed_percents)

struct score {
    uint32_t flow, part; /* vertices of the separator and of the smaller part */
};
struct best {
    struct score score;
    unsigned side;
    uint32_t count; /* of the side's members, as they joined */
    bool is_new;    /* they are not in cutter->best yet */
};

static struct score score_of(const struct cutter *cutter, uint32_t part)
{
    uint32_t n = cutter->graph->vertices, rest = n - cutter->flow - part;
    part = part < rest ? part : rest;
    return (struct score){cutter->flow, part < n / CUTTER_MIN_PART ? part / 4 : part};
}

/* The separator becomes a clique, hence its square, shared by what it parts. */
static bool is_better(struct score a, struct score b)
{
    return (double)a.flow * a.flow * b.part < (double)b.flow * b.flow * a.part;
}

/* ------------------------------------------------------------------ seeds */

/* The k-th smallest (Hoare's selection). */
static int64_t select_key(int64_t *keys, uint32_t count, uint32_t k)
{
    int64_t from = 0, to = count;
    while (to - from > 1) {
        int64_t pivot = keys[from + (to - from - 1) / 2], low = from - 1, high = to;
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
            to = high + 1;
        else
            from = high + 1;
    }
    return keys[k];
}

/* Whole numbers throughout: the same on every machine. The cosine of the latitude is taken as
 * 1 - (degrees / 90) ^ 2, near enough for a direction. */
static void project(struct cutter *cutter, unsigned direction)
{
    static const int8_t axes[CUTTER_DIRECTIONS][2] = {{1, 0}, {0, 1}, {1, 1}, {1, -1}};
    const struct order_graph *graph = cutter->graph;
    int64_t degrees = graph->places[0].lat_e7 / 10000000;
    int64_t scale = 1024 - degrees * degrees * 1024 / 8100;
    for (uint32_t v = 0; v < graph->vertices; v++) {
        cutter->key[v] = graph->places[v].lon_e7 * scale * axes[direction][0] +
                         graph->places[v].lat_e7 * INT64_C(1024) * axes[direction][1];
    }
}

static bool touches(const struct cutter *cutter, uint32_t vertex, unsigned s)
{
    const struct order_graph *graph = cutter->graph;
    for (uint32_t i = graph->first[vertex]; i < graph->first[vertex + 1]; i++) {
        if (cutter->member[graph->head[i]] == 1 + s)
            return true;
    }
    return false;
}

/* Between equal keys the lower vertices go to the first side, the higher ones to the second. A
 * vertex that touches the first side cannot be in the second. */
static void seed(struct cutter *cutter, uint32_t percent)
{
    uint32_t n = cutter->graph->vertices;
    uint32_t count = (uint32_t)((uint64_t)n * percent / 100), k = 0;
    count = count ? count : 1;
    memcpy(cutter->select, cutter->key, sizeof *cutter->select * n);
    int64_t low = select_key(cutter->select, n, count - 1);
    int64_t high = select_key(cutter->select, n, n - count);
    for (uint32_t v = 0; v < n && k < count; v++) {
        if (cutter->key[v] <= low) {
            flow_join(cutter, 0, v);
            k++;
        }
    }
    k = 0;
    for (uint32_t v = n; v-- > 0 && k < count;) {
        if (cutter->key[v] >= high && !cutter->member[v] && !touches(cutter, v, 0)) {
            flow_join(cutter, 1, v);
            k++;
        }
    }
}

/* ------------------------------------------------------------------ growing the sides */

static uint32_t side_size(const struct cutter *cutter, unsigned s)
{
    return cutter->sides[s].member_count + cutter->sides[s].far_count;
}

static void note(const struct cutter *cutter, unsigned s, struct best *best)
{
    uint32_t size = side_size(cutter, s);
    struct score score = score_of(cutter, size);
    if (is_better(score, best->score))
        *best = (struct best){score, s, size, true};
}

/* Goes on through vertices of the border from which the other side cannot be reached: that makes
 * the separator no larger. Stops when the side has become the larger one. False: there are none. */
static bool pierce_closed(struct cutter *cutter, unsigned s, struct best *best)
{
    struct flow_side *side = &cutter->sides[s];
    const struct flow_side *other = &cutter->sides[1 - s];
    uint32_t count = 0, limit = side_size(cutter, 1 - s);
    uint32_t *todo = cutter->path;
    for (uint32_t i = 0; i < side->border_count; i++) {
        if (!other->level[flow_near(side->border[i])])
            todo[count++] = side->border[i];
    }
    for (uint32_t i = 0; i < count && side_size(cutter, s) <= limit; i++) {
        if (side->level[flow_far(todo[i])])
            continue;
        flow_join(cutter, s, todo[i]);
        (void)flow_reach(cutter, s);
        note(cutter, s, best);
    }
    flow_swallow(cutter, s);
    return count > 0;
}

/* The vertex of the border nearest to the side's extreme that does not touch the other side. */
static uint32_t choose_open(const struct cutter *cutter, unsigned s)
{
    const struct flow_side *side = &cutter->sides[s];
    uint32_t best = FLOW_NONE;
    for (uint32_t i = 0; i < side->border_count; i++) {
        uint32_t v = side->border[i];
        bool is_nearer = best == FLOW_NONE || (s == 0 ? cutter->key[v] < cutter->key[best]
                                                      : cutter->key[v] > cutter->key[best]);
        if (is_nearer && !cutter->member[v] && !touches(cutter, v, 1 - s))
            best = v;
    }
    return best;
}

/* Goes on through a vertex that lets more flow pass, through several at once where the flow is so
 * large that it would take long to raise it by one and one. False: there is none. */
static bool pierce_open(struct cutter *cutter, unsigned s)
{
    struct flow_side *other = &cutter->sides[1 - s];
    const struct order_graph *graph = cutter->graph;
    uint32_t steep = cutter->flow / CUTTER_LARGE_FLOW, times = 1 + steep * steep, done = 0;
    for (; done < times; done++) {
        uint32_t vertex = choose_open(cutter, s);
        if (vertex == FLOW_NONE)
            break;
        flow_join(cutter, s, vertex);
        other->level[flow_near(vertex)] = other->level[flow_far(vertex)] = 0;
        cutter->start_count = 0;
        for (uint32_t i = graph->first[vertex]; i < graph->first[vertex + 1]; i++) {
            uint32_t head = graph->head[i];
            if (!cutter->member[head] && other->level[flow_far(head)])
                cutter->starts[cutter->start_count++] = head;
        }
        flow_augment(cutter, 1 - s);
    }
    flow_fill(cutter, 1 - s);
    flow_fill(cutter, s);
    return done > 0;
}

static void grow(struct cutter *cutter, struct best *best)
{
    uint32_t n = cutter->graph->vertices;
    flow_fill(cutter, 1);
    flow_fill(cutter, 0);
    for (;;) {
        unsigned s = side_size(cutter, 1) < side_size(cutter, 0);
        note(cutter, s, best);
        flow_swallow(cutter, s);
        uint32_t half = (n - cutter->flow) / 2;
        if ((uint64_t)cutter->flow * cutter->flow > CUTTER_MAX_FLOW * CUTTER_MAX_FLOW * (64ull + n))
            break;
        if (side_size(cutter, s) >= half || !is_better(score_of(cutter, half), best->score))
            break;
        if (!pierce_closed(cutter, s, best) && !pierce_open(cutter, s))
            break;
    }
}

bool cutter_find(struct cutter *cutter, const struct order_graph *graph, uint8_t *ret_labels)
{
    struct best best = {.score = {1, 0}};
    for (unsigned i = 0; i < CUTTER_DIRECTIONS * CUTTER_SEEDS; i++) {
        flow_init(cutter, graph);
        project(cutter, i % CUTTER_DIRECTIONS);
        seed(cutter, seed_percents[i / CUTTER_DIRECTIONS]);
        if (cutter->sides[1].member_count)
            grow(cutter, &best);
        if (best.is_new)
            memcpy(cutter->best, cutter->sides[best.side].members,
                   best.count * sizeof *cutter->best);
        best.is_new = false;
    }
    if (best.score.part == 0 || best.score.flow > graph->vertices / 3)
        return false;
    memset(ret_labels, CUTTER_SECOND, graph->vertices);
    for (uint32_t i = 0; i < best.count; i++)
        ret_labels[cutter->best[i]] = CUTTER_FIRST;
    for (uint32_t i = 0; i < best.count; i++) {
        uint32_t v = cutter->best[i];
        for (uint32_t k = graph->first[v]; k < graph->first[v + 1]; k++) {
            if (ret_labels[graph->head[k]] == CUTTER_SECOND)
                ret_labels[graph->head[k]] = CUTTER_SEPARATOR;
        }
    }
    return true;
}

/* ------------------------------------------------------------------ memory */

/* One block: the cutter, the keys, then 32-bit arrays, then bytes. */
enum err cutter_new(uint32_t max_vertices, struct cutter **ret_cutter)
{
    size_t n = (size_t)max_vertices + 1;
    struct cutter *cutter =
        calloc(1, sizeof *cutter + n * (2 * sizeof(int64_t) + 20 * sizeof(uint32_t) + 1));
    if (!cutter)
        return ERR_LIMIT;
    cutter->key = (int64_t *)(void *)(cutter + 1);
    cutter->select = cutter->key + n;
    uint32_t *at = (uint32_t *)(void *)(cutter->select + n);
    for (unsigned s = 0; s < 2; s++) {
        struct flow_side *side = &cutter->sides[s];
        side->members = at;
        side->border = at + n;
        side->queue = at + 2 * n;
        side->level = at + 4 * n;
        side->link = at + 6 * n;
        at += 7 * n;
    }
    cutter->starts = at;
    cutter->path = at + n;
    cutter->path_arc = at + 3 * n;
    cutter->best = at + 5 * n;
    cutter->member = (uint8_t *)(at + 6 * n);
    *ret_cutter = cutter;
    return OK;
}

void cutter_free(struct cutter *cutter)
{
    free(cutter);
}
