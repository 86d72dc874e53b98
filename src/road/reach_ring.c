#include "road/reach_ring_priv.h"
#include <string.h>

struct ring_item {
    uint32_t vertex, ms, next;
};

enum err reach_ring_init(struct reach_ring *ring, uint32_t vertices, size_t hops, size_t seeds)
{
    *ring = (struct reach_ring){0};
    ring->labels = malloc(((size_t)vertices + 1) * sizeof *ring->labels);
    if (!ring->labels || vec_room(&ring->touched, (size_t)vertices + 1, sizeof(uint32_t)) ||
        vec_room(&ring->items, 2 * hops + seeds + 1, sizeof(struct ring_item)) ||
        vec_room(&ring->parked, vertices + seeds, sizeof(struct ring_item))) {
        reach_ring_done(ring);
        return ERR_LIMIT;
    }
    for (uint32_t i = 0; i < vertices; i++)
        ring->labels[i] = RING_NO_LABEL;
    for (uint32_t i = 0; i < RING_BUCKETS; i++)
        ring->bucket[i] = ROAD_NONE;
    return OK;
}

void reach_ring_done(struct reach_ring *ring)
{
    free(ring->labels);
    vec_done(&ring->touched);
    vec_done(&ring->items);
    vec_done(&ring->parked);
    *ring = (struct reach_ring){0};
}

void reach_ring_begin(struct reach_ring *ring)
{
    const uint32_t *touched = ring->touched.p;
    for (size_t i = 0; i < ring->touched.count; i++)
        ring->labels[touched[i]] = RING_NO_LABEL;
    memset(ring->bucket, 0xff, sizeof ring->bucket); /* as a search leaves them that comes to its */
    memset(ring->filled, 0, sizeof ring->filled);    /* end */
    ring->touched.count = ring->items.count = ring->parked.count = 0;
}

static enum err park(struct reach_ring *ring, uint32_t vertex, uint32_t ms)
{
    return VEC_PUSH(&ring->parked, struct ring_item, (struct ring_item){vertex, ms, ROAD_NONE});
}

enum err reach_ring_seed(struct reach_ring *ring, uint32_t vertex, uint64_t label)
{
    if (label >= ring->labels[vertex])
        return OK;
    if (ring->labels[vertex] == RING_NO_LABEL)
        VEC(&ring->touched, uint32_t)[ring->touched.count++] = vertex;
    ring->labels[vertex] = label;
    return park(ring, vertex, ring_ms(label));
}

/* Makes an item and forgets it again where it is not wanted: a branch that nobody can foresee would
 * cost more. There is room for it; its bucket lies on the ring. */
static inline void put(struct reach_ring *ring, uint32_t vertex, uint32_t ms, bool is_wanted)
{
    struct ring_item *items = ring->items.p;
    uint32_t item = (uint32_t)ring->items.count, bucket = (ms >> RING_SHIFT) % RING_BUCKETS;
    items[item] = (struct ring_item){vertex, ms, ring->bucket[bucket]};
    ring->bucket[bucket] ^= (item ^ ring->bucket[bucket]) & (0u - is_wanted);
    ring->filled[bucket / 64] |= (uint64_t)is_wanted << bucket % 64;
    ring->items.count += is_wanted;
}

static inline bool is_on_ring(const struct reach_ring *ring, uint32_t ms)
{
    return (ms >> RING_SHIFT) - ring->now < RING_BUCKETS;
}

/* Takes an item; asks the memory for what the next of its bucket will need. */
static inline struct ring_item take(struct reach_ring *ring, const struct ring_graph *graph,
                                    uint32_t bucket)
{
    const struct ring_item *items = ring->items.p;
    struct ring_item taken = items[ring->bucket[bucket]];
    ring->bucket[bucket] = taken.next;
    if (taken.next != ROAD_NONE) {
        uint32_t vertex = items[taken.next].vertex;
        __builtin_prefetch(&graph->hops[graph->first[vertex]]);
        __builtin_prefetch(&ring->labels[vertex]);
    }
    return taken;
}

static inline enum err relax(struct reach_ring *ring, const struct ring_graph *graph,
                             uint32_t vertex, uint32_t limit_ms)
{
    const struct metric_hop *hop = graph->hops + graph->first[vertex];
    const struct metric_hop *end = graph->hops + graph->first[vertex + 1];
    uint64_t *labels = ring->labels, from = labels[vertex];
    uint32_t *touched = ring->touched.p;
    if (vec_room(&ring->items, (size_t)(end - hop) + 1, sizeof(struct ring_item)))
        return ERR_LIMIT;
    for (; hop < end; hop++) {
        uint64_t label = from + ((uint64_t)hop->ms << 32), old = labels[hop->vertex];
        bool is_better = (label < old) & (ring_ms(label) <= limit_ms);
        touched[ring->touched.count] = hop->vertex;
        ring->touched.count += is_better & (old == RING_NO_LABEL);
        labels[hop->vertex] = old ^ ((old ^ label) & (0ull - is_better));
        __builtin_prefetch(&graph->first[hop->vertex]);
        if (is_on_ring(ring, ring_ms(label)))
            put(ring, hop->vertex, ring_ms(label), is_better);
        else if (is_better && park(ring, hop->vertex, ring_ms(label)))
            return ERR_LIMIT;
    }
    ring->settled++;
    return OK;
}

static enum err empty_bucket(struct reach_ring *ring, const struct ring_graph *graph,
                             uint32_t limit_ms)
{
    uint32_t bucket = ring->now % RING_BUCKETS;
    while (ring->bucket[bucket] != ROAD_NONE) {
        struct ring_item taken = take(ring, graph, bucket);
        if (ring_ms(ring->labels[taken.vertex]) != taken.ms) /* it was reached earlier */
            continue;
        enum err err = relax(ring, graph, taken.vertex, limit_ms);
        if (err)
            return err;
    }
    ring->filled[bucket / 64] &= ~(1ull << bucket % 64);
    return OK;
}

/* Takes in what was parked for the turn that begins; turns for which there is nothing are left out.
 * *ret_more false: there is nothing at all. */
static enum err begin_turn(struct reach_ring *ring, bool *ret_more)
{
    struct ring_item *parked = ring->parked.p;
    size_t count = ring->parked.count;
    uint32_t first = ROAD_NONE;
    uint64_t filled = 0;
    for (size_t i = 0; i < RING_BUCKETS / 64; i++)
        filled |= ring->filled[i];
    for (size_t i = 0; i < count; i++)
        first = parked[i].ms >> RING_SHIFT < first ? parked[i].ms >> RING_SHIFT : first;
    *ret_more = filled || count;
    if (!filled && count)
        ring->turn = first / RING_BUCKETS * RING_BUCKETS;
    ring->now = ring->turn;
    ring->parked.count = 0;
    if (vec_room(&ring->items, count + 1, sizeof(struct ring_item)))
        return ERR_LIMIT;
    for (size_t i = 0; i < count; i++) {
        bool is_stale = ring_ms(ring->labels[parked[i].vertex]) != parked[i].ms;
        if (is_on_ring(ring, parked[i].ms))
            put(ring, parked[i].vertex, parked[i].ms, !is_stale);
        else if (!is_stale)
            parked[ring->parked.count++] = parked[i];
    }
    return OK;
}

/* The next filled bucket of this turn from `at` on; RING_BUCKETS: none. Those behind belong to the
 * next turn. */
static uint32_t next_bucket(const struct reach_ring *ring, uint32_t at)
{
    for (uint32_t word = at / 64; word < RING_BUCKETS / 64; word++) {
        uint64_t bits = ring->filled[word] & (word == at / 64 ? ~0ull << at % 64 : ~0ull);
        if (bits)
            return word * 64 + (uint32_t)__builtin_ctzll(bits);
    }
    return RING_BUCKETS;
}

enum err reach_ring_run(struct reach_ring *ring, const struct ring_graph *graph, uint32_t limit_ms)
{
    bool is_more = false;
    enum err err;
    for (ring->turn = 0; !(err = begin_turn(ring, &is_more)) && is_more;
         ring->turn += RING_BUCKETS) {
        uint32_t at = next_bucket(ring, 0);
        for (; at < RING_BUCKETS && !err; at = next_bucket(ring, at)) {
            ring->now = ring->turn + at;
            err = empty_bucket(ring, graph, limit_ms);
        }
        if (err)
            return err;
    }
    return err;
}
