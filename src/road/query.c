#include "road/query_priv.h"

/* ------------------------------------------------------- scratch */

/* What the queries will need, as long as no list is longer than ROAD_SCRATCH_POINTS. It is address
 * space: memory is taken with the first use of each page. */
static enum err take_room(struct road_scratch *s)
{
    const struct road *road = s->road;
    const size_t points = ROAD_SCRATCH_POINTS + 1, edges = road->edge_count;
    const size_t shapes = (size_t)road->shape_count + road->node_count;
    const struct {
        struct vec *vec;
        size_t count, size;
    } needs[] = {
        {&s->from, 8 * points, sizeof(struct climb_start)},
        {&s->to, 8 * points, sizeof(struct climb_start)},
        {&s->from_first, points, sizeof(uint32_t)},
        {&s->to_first, points, sizeof(uint32_t)},
        {&s->keys, points, sizeof(uint64_t)},
        {&s->standers, points, sizeof(uint64_t)},
        {&s->times, points, sizeof(uint32_t)},
        {&s->hits, points, sizeof(struct road_hit)},
        {&s->borders, 2 * points, sizeof(uint32_t)},
        {&s->forward, 2 * points, sizeof(struct label)},
        {&s->backward, 2 * points, sizeof(struct label)},
        {&s->arcs, road->vertex_count + 2, sizeof(uint32_t)},
        {&s->prices, road->vertex_count + 2, sizeof(uint32_t)},
        {&s->legs, road->vertex_count + 2, sizeof(struct road_leg)},
        {&s->places, shapes + 2, sizeof(struct place)},
        {&s->nodes, road->vertex_count + (size_t)1, sizeof(struct road_reached)},
        {&s->spans, 2 * edges + 2 * points, sizeof(struct road_span)},
    };
    for (size_t i = 0; i < sizeof needs / sizeof *needs; i++) {
        if (vec_room(needs[i].vec, needs[i].count, needs[i].size))
            return ERR_LIMIT;
    }
    return climb_path_room(&s->path, &road->climb);
}

enum err road_scratch_new(const struct road *road, struct road_scratch **ret_scratch)
{
    struct road_scratch *s = calloc(1, sizeof *s);
    if (!s)
        return ERR_LIMIT;
    s->road = road;
    s->sides.climb = &road->climb;
    s->sides.labels[CLIMB_OUT] = climb_labels_new(&road->climb);
    s->sides.labels[CLIMB_IN] = climb_labels_new(&road->climb);
    s->edge_bits = calloc(road->edge_count / 64 + 1, sizeof *s->edge_bits);
    s->node_at = calloc(road->node_count + 1ull, sizeof *s->node_at);
    s->copied = calloc(road->vertex_count / 64 + 1, sizeof *s->copied);
    if (!s->sides.labels[CLIMB_OUT] || !s->sides.labels[CLIMB_IN] || !s->edge_bits || !s->node_at ||
        table_init(&s->table, &road->climb) ||
        reach_ring_init(&s->ring, road->vertex_count, road->hop_count, 8 * ROAD_SCRATCH_POINTS) ||
        take_room(s)) {
        road_scratch_free(s);
        return ERR_LIMIT;
    }
    for (uint32_t v = 0; v < road->vertex_count; v++) {
        uint32_t main = road->node_vertex[road->vertex_node[v]];
        if (main != v) {
            s->copied[v / 64] |= 1ull << v % 64;
            s->copied[main / 64] |= 1ull << main % 64;
        }
    }
    *ret_scratch = s;
    return OK;
}

void road_scratch_free(struct road_scratch *s)
{
    if (!s)
        return;
    struct vec *const vecs[] = {&s->path.hops,  &s->path.stack, &s->from,   &s->to,
                                &s->from_first, &s->to_first,   &s->keys,   &s->standers,
                                &s->times,      &s->arcs,       &s->prices, &s->borders,
                                &s->forward,    &s->backward,   &s->places, &s->legs,
                                &s->spans,      &s->marked,     &s->nodes,  &s->hits};
    for (size_t i = 0; i < sizeof vecs / sizeof *vecs; i++)
        vec_done(vecs[i]);
    free(s->sides.labels[CLIMB_OUT]);
    free(s->sides.labels[CLIMB_IN]);
    free(s->edge_bits);
    free(s->node_at);
    free(s->copied);
    table_done(&s->table);
    reach_ring_done(&s->ring);
    free(s);
}

uint64_t road_scratch_settled(const struct road_scratch *scratch)
{
    return scratch->ring.settled + scratch->table.settled;
}

static void sift(uint64_t *keys, size_t at, size_t count)
{
    uint64_t key = keys[at];
    for (size_t child = 2 * at + 1; child < count; child = 2 * at + 1) {
        child += child + 1 < count && keys[child + 1] > keys[child];
        if (keys[child] <= key)
            break;
        keys[at] = keys[child];
        at = child;
    }
    keys[at] = key;
}

void query_sort(uint64_t *keys, size_t count)
{
    for (size_t i = count / 2; i-- > 0;)
        sift(keys, i, count);
    for (size_t end = count; end-- > 1;) {
        uint64_t last = keys[end];
        keys[end] = keys[0];
        keys[0] = last;
        sift(keys, 0, end);
    }
}

/* ------------------------------------------------------- points */

uint32_t query_main_hop(const struct road *road, uint32_t arc)
{
    uint32_t vertex = road->node_vertex[arc_tail(road, arc)];
    for (uint32_t hop = road->hop_first[vertex]; hop < road->hop_first[vertex + 1]; hop++) {
        if (road->hops[hop].arc == arc)
            return hop;
    }
    return ROAD_NONE;
}

uint32_t query_arc_end(const struct road *road, uint32_t arc)
{
    uint32_t hop = query_main_hop(road, arc);
    return hop == ROAD_NONE ? road->node_vertex[arc_head(road, arc)] : road->hops[hop].head;
}

uint32_t query_gate_ms(const struct road_metric *metric, uint32_t vertex)
{
    const struct road *road = metric->road;
    uint32_t hop = road->hop_first[vertex];
    if (hop == road->hop_first[vertex + 1])
        return 0;
    return barrier_price_ms(&road->profiles[metric->profile],
                            road->hops[hop].turn >> ROAD_MAX_PROFILES);
}

uint32_t query_copy_of(const struct road *road, uint32_t hop)
{
    uint32_t low = 0, high = road->vertex_count - 1;
    while (low < high) {
        uint32_t middle = low + (high - low + 1) / 2;
        if (road->hop_first[middle] <= hop)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

static enum err add_out(const struct road_metric *metric, struct road_source source, uint32_t arc,
                        struct vec *starts)
{
    struct move move = {
        .arc = arc, .x = source.point.frac, .y = arc & 1 ? 0 : ROAD_FRAC_ONE, .may_leave = true};
    uint32_t ms = query_sum(metric_move_ms(metric, move), source.delay_ms);
    if (ms == ROAD_INF)
        return OK;
    struct climb_start start = {query_arc_end(metric->road, arc), ms, arc};
    return VEC_PUSH(starts, struct climb_start, start);
}

static enum err add_in(const struct road_metric *metric, struct road_source source, uint32_t arc,
                       struct vec *starts)
{
    const struct road *road = metric->road;
    uint32_t main = road->node_vertex[arc_tail(road, arc)];
    bool has_main = false;
    enum err err = OK;
    struct move move = {
        .arc = arc, .x = arc & 1 ? ROAD_FRAC_ONE : 0, .y = source.point.frac, .may_enter = true};
    uint32_t ms = query_sum(metric_move_ms(metric, move), source.delay_ms);
    for (uint32_t i = road->arc_first_hop[arc]; i < road->arc_first_hop[arc + 1] && !err; i++) {
        uint32_t hop = road->arc_hops[i], tail = query_hop_tail(road, arc, hop);
        uint32_t price = hop_price_ms(road, metric->profile, &road->hops[hop]);
        struct climb_start start = {tail, query_sum(ms, price), arc};
        has_main |= tail == main;
        if (start.ms < ROAD_INF)
            err = VEC_PUSH(starts, struct climb_start, start);
    }
    struct climb_start round = {main, query_sum(ms, query_gate_ms(metric, main)), arc};
    if (!err && !has_main && round.ms < ROAD_INF) /* a street that ends where it begins */
        err = VEC_PUSH(starts, struct climb_start, round);
    return err;
}

enum err query_starts(const struct road_metric *metric, struct road_source source,
                      enum climb_side side, struct vec *starts)
{
    size_t before = starts->count;
    uint32_t arc = 2 * source.point.edge;
    assert(source.point.edge < metric->road->edge_count && source.point.frac <= ROAD_FRAC_ONE);
    if (vec_room(starts, 2, sizeof(struct climb_start))) /* an address even for nothing */
        return ERR_LIMIT;
    if (source.delay_ms >= ROAD_INF)
        return OK;
    enum err err = side == CLIMB_OUT ? add_out(metric, source, arc, starts)
                                     : add_in(metric, source, arc, starts);
    if (!err)
        err = side == CLIMB_OUT ? add_out(metric, source, arc + 1, starts)
                                : add_in(metric, source, arc + 1, starts);
    if (!err)
        starts->count = before + climb_sort_starts(VEC(starts, struct climb_start) + before,
                                                   starts->count - before);
    return err;
}

uint32_t query_straight_ms(const struct road_metric *metric, struct road_point from,
                           struct road_point to)
{
    struct move move = {.arc = 2 * from.edge + (from.frac > to.frac),
                        .x = from.frac,
                        .y = to.frac,
                        .may_leave = true,
                        .may_enter = true};
    return from.edge == to.edge ? metric_move_ms(metric, move) : ROAD_INF;
}

enum err query_find_standers(struct road_scratch *scratch, struct road_sources sources)
{
    scratch->standers.count = 0;
    if (vec_room(&scratch->standers, sources.count + 1, sizeof(uint64_t)))
        return ERR_LIMIT;
    uint64_t *standers = scratch->standers.p;
    for (size_t i = 0; i < sources.count; i++) {
        if (sources.at[i].delay_ms < ROAD_INF)
            standers[scratch->standers.count++] = (uint64_t)sources.at[i].point.edge << 32 | i;
    }
    query_sort(standers, scratch->standers.count);
    return OK;
}

const uint64_t *query_standers_on(const struct road_scratch *scratch, uint32_t edge,
                                  size_t *ret_count)
{
    const uint64_t *standers = scratch->standers.p;
    size_t low = 0, high = scratch->standers.count, count = 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (standers[middle] >> 32 < edge)
            low = middle + 1;
        else
            high = middle;
    }
    while (low + count < scratch->standers.count && standers[low + count] >> 32 == edge)
        count++;
    *ret_count = count;
    return standers + low;
}

/* ------------------------------------------------------- one to one */

enum err query_find_way(const struct road_metric *metric, struct road_scratch *scratch,
                        struct road_point from, struct road_point to, struct query_way *ret_way)
{
    struct query_way way = {.ms = query_straight_ms(metric, from, to)};
    assert(scratch->road == metric->road);
    scratch->from.count = scratch->to.count = 0;
    scratch->sides.weights = metric->cch;
    enum err err =
        query_starts(metric, (struct road_source){.point = from}, CLIMB_OUT, &scratch->from);
    if (!err)
        err = query_starts(metric, (struct road_source){.point = to}, CLIMB_IN, &scratch->to);
    if (err)
        return err;
    const struct climb *climb = scratch->sides.climb;
    struct climb_start *a = scratch->from.p, *a_end = a + scratch->from.count;
    bool is_last = true;
    way.is_straight = true;
    for (size_t n; a < a_end; a += n) {
        struct climb_start *b = scratch->to.p, *b_end = b + scratch->to.count;
        n = climb_first_chain(climb, a, (size_t)(a_end - a));
        for (size_t m; b < b_end; b += m) {
            m = climb_first_chain(climb, b, (size_t)(b_end - b));
            const struct climb_chain ends[2] = {{a, n}, {b, m}};
            struct climb_meeting met = climb_meet(&scratch->sides, ends[0], ends[1], way.ms);
            is_last = met.vertex != ROAD_NONE;
            if (is_last)
                way = (struct query_way){{ends[0], ends[1]}, met, met.ms, false};
        }
    }
    if (!is_last && !way.is_straight) /* the labels are those of a later pair */
        way.meeting =
            climb_meet(&scratch->sides, way.ends[CLIMB_OUT], way.ends[CLIMB_IN], way.ms + 1);
    *ret_way = way;
    return OK;
}

enum err road_time(const struct road_metric *metric, struct road_scratch *scratch,
                   struct road_point from, struct road_point to, uint32_t *ret_ms)
{
    struct query_way way;
    enum err err = query_find_way(metric, scratch, from, to, &way);
    if (!err)
        *ret_ms = way.ms;
    return err;
}

/* ------------------------------------------------------- many */

/* Where each of the sources joins the search graph. */
static enum err gather(const struct road_metric *metric, struct road_sources sources,
                       enum climb_side side, struct vec *starts, struct vec *first)
{
    starts->count = first->count = 0;
    if (sources.count > INT32_MAX / 64 || vec_room(starts, 1, sizeof(struct climb_start)) ||
        vec_room(first, sources.count + 1, sizeof(uint32_t)))
        return ERR_LIMIT;
    VEC(first, uint32_t)[0] = 0;
    for (size_t i = 0; i < sources.count; i++) {
        enum err err = query_starts(metric, sources.at[i], side, starts);
        if (err)
            return err;
        VEC(first, uint32_t)[i + 1] = (uint32_t)starts->count;
    }
    return OK;
}

static enum err gather_points(const struct road_metric *metric, struct road_points points,
                              struct vec *starts, struct vec *first)
{
    starts->count = first->count = 0;
    if (points.count > INT32_MAX / 64 || vec_room(starts, 1, sizeof(struct climb_start)) ||
        vec_room(first, points.count + 1, sizeof(uint32_t)))
        return ERR_LIMIT;
    VEC(first, uint32_t)[0] = 0;
    for (size_t i = 0; i < points.count; i++) {
        struct road_source point = {.point = points.at[i]};
        enum err err = query_starts(metric, point, CLIMB_IN, starts);
        if (err)
            return err;
        VEC(first, uint32_t)[i + 1] = (uint32_t)starts->count;
    }
    return OK;
}

static struct table_points points_of(const struct vec *starts, const struct vec *first,
                                     size_t count)
{
    return (struct table_points){starts->p, first->p, count};
}

/* Where both join the search graph, and which sources stand on which street. */
static enum err gather_both(const struct road_metric *metric, struct road_scratch *s,
                            struct road_sources sources, struct road_points targets)
{
    assert(s->road == metric->road);
    enum err err = gather(metric, sources, CLIMB_OUT, &s->from, &s->from_first);
    if (!err)
        err = gather_points(metric, targets, &s->to, &s->to_first);
    return err ? err : query_find_standers(s, sources);
}

enum err road_table(const struct road_metric *metric, struct road_scratch *scratch,
                    struct road_sources sources, struct road_points targets, uint32_t *ret_ms)
{
    struct road_scratch *s = scratch;
    enum err err = gather_both(metric, s, sources, targets);
    if (err)
        return err;
    struct table_points from = points_of(&s->from, &s->from_first, sources.count);
    struct table_points to = points_of(&s->to, &s->to_first, targets.count);
    err = table_fill(&s->table, metric->cch, &from, &to, ret_ms);
    for (size_t t = 0, count; t < targets.count && !err; t++) {
        const uint64_t *on = query_standers_on(s, targets.at[t].edge, &count);
        for (size_t i = 0; i < count; i++) {
            struct road_source source = sources.at[(uint32_t)on[i]];
            uint32_t *at = &ret_ms[(uint32_t)on[i] * targets.count + t];
            uint32_t ms =
                query_sum(query_straight_ms(metric, source.point, targets.at[t]), source.delay_ms);
            *at = ms < *at ? ms : *at;
        }
    }
    return err;
}

enum err road_arrivals(const struct road_metric *metric, struct road_scratch *scratch,
                       struct road_sources sources, struct road_points points, uint32_t *ret_ms,
                       uint32_t *ret_who)
{
    struct road_scratch *s = scratch;
    enum err err = gather_both(metric, s, sources, points);
    s->keys.count = 0;
    if (err || vec_room(&s->keys, points.count + 1, sizeof(uint64_t)))
        return ERR_LIMIT;
    struct table_points from = points_of(&s->from, &s->from_first, sources.count);
    struct table_points to = points_of(&s->to, &s->to_first, points.count);
    uint64_t *labels = s->keys.p;
    err = table_first(&s->table, metric->cch, &from, &to, labels);
    for (size_t t = 0, count; t < points.count && !err; t++) {
        const uint64_t *on = query_standers_on(s, points.at[t].edge, &count);
        for (size_t i = 0; i < count; i++) {
            struct road_source source = sources.at[(uint32_t)on[i]];
            uint64_t ms =
                query_sum(query_straight_ms(metric, source.point, points.at[t]), source.delay_ms);
            uint64_t label = ms << 32 | (uint32_t)on[i];
            labels[t] = label < labels[t] ? label : labels[t];
        }
        bool is_reached = labels[t] < TABLE_NO_LABEL;
        ret_ms[t] = is_reached ? (uint32_t)(labels[t] >> 32) : ROAD_INF;
        if (ret_who)
            ret_who[t] = is_reached ? (uint32_t)labels[t] : ROAD_NONE;
    }
    return err;
}

enum err road_nearest(const struct road_metric *metric, struct road_scratch *scratch,
                      struct road_point to, struct road_sources sources, size_t k,
                      struct road_hits *ret_hits)
{
    struct road_scratch *s = scratch;
    assert(s->road == metric->road);
    enum err err = gather(metric, sources, CLIMB_OUT, &s->from, &s->from_first);
    if (!err)
        err = gather_points(metric, (struct road_points){&to, 1}, &s->to, &s->to_first);
    s->times.count = s->keys.count = s->hits.count = 0;
    if (err || vec_room(&s->times, sources.count + 1, sizeof(uint32_t)) ||
        vec_room(&s->keys, sources.count + 1, sizeof(uint64_t)) ||
        vec_room(&s->hits, sources.count + 1, sizeof(struct road_hit)))
        return ERR_LIMIT;
    struct table_points starts = points_of(&s->from, &s->from_first, sources.count);
    struct table_points ends = points_of(&s->to, &s->to_first, 1);
    uint32_t *times = s->times.p;
    uint64_t *keys = s->keys.p;
    err = table_towards(&s->table, metric->cch, &starts, &ends, times);
    if (err)
        return err;
    for (size_t i = 0; i < sources.count; i++) {
        struct road_source source = sources.at[i];
        uint32_t straight = query_straight_ms(metric, source.point, to);
        uint32_t ms = source.delay_ms < ROAD_INF ? query_sum(straight, source.delay_ms) : ROAD_INF;
        ms = ms < times[i] ? ms : times[i];
        if (ms < ROAD_INF)
            keys[s->keys.count++] = (uint64_t)ms << 32 | i;
    }
    query_sort(keys, s->keys.count);
    for (size_t i = 0; i < s->keys.count && i < k; i++)
        VEC(&s->hits, struct road_hit)
    [s->hits.count++] = (struct road_hit){(uint32_t)keys[i], (uint32_t)(keys[i] >> 32)};
    *ret_hits = (struct road_hits){s->hits.p, s->hits.count};
    return OK;
}
