/* reach.c - circles: what is reached within limits, with exact ends inside the streets.
 *
 * A search labels the vertices within the largest limit. Then each street that touches one is swept
 * twice: forward with the label with which it is entered at its tail, backward with that at its
 * head, both picking up the sources that stand on it. Its borders (ends, sources, changes of speed)
 * make intervals; in each, the forward time grows with x and the backward time falls, so the
 * earlier of the two changes hands once, found by bisection over the 65,536 fractions. The same
 * bisection finds where a limit is passed. */
#include "road/query_priv.h"

struct reacher {
    const struct road_metric *metric;
    struct road_scratch *s;
    struct road_sources sources;
    struct road_limits limits;
    bool is_reverse;
    const struct road_marks *marks;
    struct road_reach reach;
};
struct standing { /* sources on the present street, see query_standers_on */
    const uint64_t *at;
    size_t count;
};

static uint32_t last_limit(const struct reacher *r)
{
    return r->limits.ms[r->limits.count - 1];
}

static bool is_better(struct label a, struct label b)
{
    return a.ms < b.ms || (a.ms == b.ms && a.seed < b.seed);
}

/* ------------------------------------------------------- borders and sweeps */

/* The arc by which a sweep's travellers go: against the sweep when they come to the sources. */
static uint32_t travelled(const struct reacher *r, uint32_t arc)
{
    return r->is_reverse ? arc ^ 1 : arc;
}

/* Between x, nearer to the sources, and y. */
static uint32_t travel_ms(const struct reacher *r, uint32_t arc, uint32_t x, uint32_t y)
{
    struct move move = {.arc = travelled(r, arc),
                        .x = r->is_reverse ? y : x,
                        .y = r->is_reverse ? x : y,
                        .may_leave = true,
                        .may_enter = true};
    return metric_move_ms(r->metric, move);
}

static struct label label_of(uint64_t label)
{
    return ring_ms(label) < ROAD_INF ? (struct label){ring_ms(label), (uint32_t)label}
                                     : (struct label){ROAD_INF, ROAD_NONE};
}

/* The label with which the sweep of an arc begins at its tail. */
static struct label first_label(const struct reacher *r, uint32_t arc)
{
    const struct road *road = r->s->road;
    const uint64_t *labels = r->s->ring.labels;
    struct label best = {ROAD_INF, ROAD_NONE};
    if (r->is_reverse)
        return label_of(labels[query_arc_end(road, arc ^ 1)]);
    bool has_main = false;
    uint32_t main = road->node_vertex[arc_tail(road, arc)];
    for (uint32_t i = road->arc_first_hop[arc]; i < road->arc_first_hop[arc + 1]; i++) {
        uint32_t hop = road->arc_hops[i];
        uint32_t tail = query_hop_tail(road, arc, hop);
        struct label label = label_of(labels[tail]);
        uint32_t price = hop_price_ms(road, r->metric->profile, &road->hops[hop]);
        label.ms = query_sum(label.ms, price);
        has_main |= tail == main;
        if (label.ms < ROAD_INF && is_better(label, best))
            best = label;
    }
    if (has_main)
        return best;
    struct label round = label_of(labels[main]); /* by a street that ends where it begins */
    round.ms = query_sum(round.ms, query_gate_ms(r->metric, main));
    return is_better(best, round) ? best : round;
}

static enum err add_piece_borders(struct reacher *r, uint32_t arc)
{
    size_t count = 0;
    const struct piece *pieces = metric_pieces(r->metric, arc, &count);
    for (size_t i = 1; i < count; i++) {
        if (VEC_PUSH(&r->s->borders, uint32_t, pieces[i].from))
            return ERR_LIMIT;
    }
    return OK;
}

static enum err find_borders(struct reacher *r, uint32_t edge, struct standing on)
{
    struct vec *vec = &r->s->borders;
    vec->count = 0;
    if (vec_room(vec, on.count + 2, sizeof(uint32_t)))
        return ERR_LIMIT;
    uint32_t *borders = vec->p;
    borders[vec->count++] = 0;
    borders[vec->count++] = ROAD_FRAC_ONE;
    for (size_t i = 0; i < on.count; i++)
        borders[vec->count++] = r->sources.at[(uint32_t)on.at[i]].point.frac;
    enum err err = add_piece_borders(r, 2 * edge);
    if (!err)
        err = add_piece_borders(r, 2 * edge + 1);
    if (err)
        return err;
    borders = vec->p;
    size_t kept = 1;
    for (size_t i = 1; i < vec->count; i++) { /* few: each to its place, twins left out */
        size_t at = kept;
        uint32_t border = borders[i];
        while (borders[at - 1] > border)
            at--;
        if (borders[at - 1] == border)
            continue;
        memmove(borders + at + 1, borders + at, (kept - at) * sizeof *borders);
        borders[at] = border;
        kept++;
    }
    vec->count = kept;
    return OK;
}

static bool is_closed_between(const struct reacher *r, uint32_t arc, uint32_t from, uint32_t to)
{
    size_t count = 0;
    const struct piece *pieces = metric_pieces(r->metric, arc, &count);
    for (size_t i = 0; i < count; i++) {
        if (pieces[i].from <= from && to <= pieces[i].to)
            return pieces[i].is_closed;
    }
    return false;
}

static struct label best_stander(const struct reacher *r, struct standing on, uint32_t frac)
{
    struct label best = {ROAD_INF, ROAD_NONE};
    for (size_t i = 0; i < on.count; i++) {
        uint32_t index = (uint32_t)on.at[i];
        struct label label = {r->sources.at[index].delay_ms, index};
        if (r->sources.at[index].point.frac == frac && is_better(label, best))
            best = label;
    }
    return best;
}

/* Fills the label with which each interval is entered by the arc: at its lower border forward, at
 * its upper border backward. A closed stretch is entered by nobody; who stands inside may leave it.
 */
static void sweep(struct reacher *r, uint32_t arc, struct standing on, struct label *ret_labels)
{
    const uint32_t *borders = r->s->borders.p;
    size_t intervals = r->s->borders.count - 1;
    bool is_backward = arc & 1, was_closed = false;
    struct label carried = first_label(r, arc);
    for (size_t k = 0; k < intervals; k++) {
        size_t i = is_backward ? intervals - 1 - k : k;
        uint32_t x = borders[is_backward ? i + 1 : i], y = borders[is_backward ? i : i + 1];
        bool is_closed = is_closed_between(r, travelled(r, arc), borders[i], borders[i + 1]);
        struct label here = best_stander(r, on, x);
        if (is_better(here, carried))
            carried = here;
        if (is_closed && !was_closed)
            carried = (struct label){ROAD_INF, ROAD_NONE};
        ret_labels[i] = carried;
        was_closed = is_closed;
        if (carried.ms == ROAD_INF)
            continue;
        uint32_t ms = travel_ms(r, arc, x, y);
        if (ms == ROAD_INF)
            ret_labels[i] = (struct label){ROAD_INF, ROAD_NONE};
        carried.ms = query_sum(carried.ms, ms);
        carried.seed = carried.ms == ROAD_INF ? ROAD_NONE : carried.seed;
    }
}

/* ------------------------------------------------------- one interval */

struct ray { /* a label on its way over an interval, from x towards y */
    uint32_t arc, x, y;
    struct label label;
    bool is_plain;
    uint32_t ms; /* of the whole arc, where it is plain: no layer touches it */
};

static inline struct label ray_at(const struct reacher *r, const struct ray *ray, uint32_t at)
{
    uint32_t ms;
    if (ray->label.ms == ROAD_INF)
        return ray->label;
    if (ray->is_plain) { /* as metric_move_ms has it */
        uint32_t x = (uint32_t)((uint64_t)ray->ms * ray->x / ROAD_FRAC_ONE);
        uint32_t y = (uint32_t)((uint64_t)ray->ms * at / ROAD_FRAC_ONE);
        ms = x < y ? y - x : x - y;
    } else {
        ms = travel_ms(r, ray->arc, ray->x, at);
    }
    if (ms >= ROAD_INF - ray->label.ms)
        return (struct label){ROAD_INF, ROAD_NONE};
    return (struct label){ray->label.ms + ms, ray->label.seed};
}

static inline uint32_t ray_place(const struct ray *ray, uint32_t step)
{
    return ray->x < ray->y ? ray->x + step : ray->x - step;
}

/* Whether the ray, after so many fractions, is within the limit and beats the other one (NULL: no
 * other). If it does not, it does not farther on either. */
static inline bool ray_holds(const struct reacher *r, const struct ray *ray,
                             const struct ray *other, uint32_t limit, uint32_t step)
{
    uint32_t at = ray_place(ray, step);
    struct label mine = ray_at(r, ray, at);
    return mine.ms <= limit && (!other || !is_better(ray_at(r, other, at), mine));
}

/* Where it would end if times grew evenly, which they nearly do. */
static uint32_t guess(const struct reacher *r, const struct ray *ray, const struct ray *other,
                      uint32_t limit, uint32_t width)
{
    uint64_t first = ray->label.ms, last = ray_at(r, ray, ray->y).ms, best = width;
    if (last > limit && last > first)
        best = (limit - first) * width / (last - first);
    if (other) {
        uint64_t other_first = ray_at(r, other, ray->x).ms,
                 other_last = ray_at(r, other, ray->y).ms;
        uint64_t lead = other_first > first ? other_first - first : 0;
        uint64_t lag = last > other_last ? last - other_last : 0;
        uint64_t meet = lead + lag ? lead * width / (lead + lag) : width;
        best = meet < best ? meet : best;
    }
    return (uint32_t)best;
}

/* How far (fractions from ray->x) the ray holds. UINT32_MAX: not even at its start. */
static uint32_t ray_extent(const struct reacher *r, const struct ray *ray, const struct ray *other,
                           uint32_t limit)
{
    uint32_t width = ray->x < ray->y ? ray->y - ray->x : ray->x - ray->y;
    if (ray->label.ms > limit)
        return UINT32_MAX;
    if (ray_holds(r, ray, other, limit, width))
        return width;
    uint32_t low = 0, high = width; /* the answer + 1 lies in low..high */
    uint32_t step = guess(r, ray, other, limit, width), stride = 4;
    step = step < width ? step : width - 1;
    if (ray_holds(r, ray, other, limit, step)) {
        for (low = step + 1; low + stride < high; low += stride, stride *= 2) {
            if (!ray_holds(r, ray, other, limit, low + stride - 1)) {
                high = low + stride - 1;
                break;
            }
        }
    } else {
        for (high = step; low + stride < high; high -= stride, stride *= 2) {
            if (ray_holds(r, ray, other, limit, high - stride)) {
                low = high - stride + 1;
                break;
            }
        }
    }
    while (low < high) {
        step = low + (high - low) / 2;
        if (ray_holds(r, ray, other, limit, step))
            low = step + 1;
        else
            high = step;
    }
    return low - 1; /* 0 - 1 = UINT32_MAX */
}

/* Cuts a stretch of `extent` from the ray's start at the limits. */
static enum err add_spans(struct reacher *r, const struct ray *ray, uint32_t extent)
{
    uint32_t done = 0;
    for (size_t i = 0; i < r->limits.count && done < extent; i++) {
        bool is_last = i + 1 == r->limits.count; /* the extent is by that one */
        uint32_t within = is_last ? extent : ray_extent(r, ray, NULL, r->limits.ms[i]);
        uint32_t to = within == UINT32_MAX ? 0 : within < extent ? within : extent;
        if (to <= done)
            continue;
        uint32_t a = ray->x < ray->y ? ray->x + done : ray->x - done;
        uint32_t b = ray->x < ray->y ? ray->x + to : ray->x - to;
        struct road_span span = {.edge = ray->arc >> 1,
                                 .from = a,
                                 .to = b,
                                 .from_ms = ray_at(r, ray, a).ms,
                                 .to_ms = ray_at(r, ray, b).ms,
                                 .source = ray->label.seed,
                                 .limit = (uint32_t)i};
        if (VEC_PUSH(&r->s->spans, struct road_span, span))
            return ERR_LIMIT;
        uint64_t whole = r->s->road->edges[ray->arc >> 1].length_mm;
        uint64_t length = whole * (a < b ? b : a) / ROAD_FRAC_ONE -
                          whole * (a < b ? a : b) / ROAD_FRAC_ONE; /* so that lengths add up */
        for (size_t k = i; k < r->limits.count; k++)
            r->reach.length_mm[k] += length;
        done = to;
    }
    return OK;
}

static enum err add_interval(struct reacher *r, struct ray forward, struct ray backward)
{
    uint32_t limit = last_limit(r), width = forward.y - forward.x;
    const struct ray *other = backward.label.ms == ROAD_INF ? NULL : &backward;
    uint32_t ahead = ray_extent(r, &forward, other, limit);
    ahead = ahead == UINT32_MAX ? 0 : ahead;
    uint32_t behind = ahead < width ? ray_extent(r, &backward, NULL, limit) : 0;
    behind = behind == UINT32_MAX ? 0 : behind;
    if (behind > width - ahead)
        behind = width - ahead;
    enum err err = add_spans(r, &forward, ahead);
    return err ? err : add_spans(r, &backward, behind);
}

/* The two rays of a street on which nobody stands and that no layer touches. */
static void plain_rays(const struct reacher *r, uint32_t edge, struct ray *forward,
                       struct ray *backward)
{
    const uint32_t *weights = r->metric->weights;
    *forward = (struct ray){2 * edge,      0,
                            ROAD_FRAC_ONE, first_label(r, 2 * edge),
                            true,          weights[travelled(r, 2 * edge)]};
    *backward = (struct ray){2 * edge + 1,
                             ROAD_FRAC_ONE,
                             0,
                             first_label(r, 2 * edge + 1),
                             true,
                             weights[travelled(r, 2 * edge + 1)]};
    forward->label.ms = forward->ms == ROAD_INF ? ROAD_INF : forward->label.ms;
    backward->label.ms = backward->ms == ROAD_INF ? ROAD_INF : backward->label.ms;
}

static bool is_plain(const struct reacher *r, uint32_t edge, struct standing on)
{
    size_t pieces;
    return on.count == 0 && !metric_pieces(r->metric, 2 * edge, &pieces) &&
           !metric_pieces(r->metric, 2 * edge + 1, &pieces);
}

static enum err add_edge(struct reacher *r, uint32_t edge, struct standing on)
{
    if (is_plain(r, edge, on)) { /* one interval */
        struct ray forward, backward;
        plain_rays(r, edge, &forward, &backward);
        return add_interval(r, forward, backward);
    }
    enum err err = find_borders(r, edge, on);
    if (err)
        return err;
    size_t intervals = r->s->borders.count - 1;
    if (vec_room(&r->s->forward, intervals, sizeof(struct label)) ||
        vec_room(&r->s->backward, intervals, sizeof(struct label)))
        return ERR_LIMIT;
    sweep(r, 2 * edge, on, r->s->forward.p);
    sweep(r, 2 * edge + 1, on, r->s->backward.p);
    const uint32_t *borders = r->s->borders.p;
    for (size_t i = 0; i < intervals && !err; i++) {
        struct ray forward = {.arc = 2 * edge,
                              .x = borders[i],
                              .y = borders[i + 1],
                              .label = VEC(&r->s->forward, struct label)[i]};
        struct ray backward = {.arc = 2 * edge + 1,
                               .x = borders[i + 1],
                               .y = borders[i],
                               .label = VEC(&r->s->backward, struct label)[i]};
        err = add_interval(r, forward, backward);
    }
    return err;
}

/* ------------------------------------------------------- marks */

static enum err mark(struct reacher *r, uint32_t point, uint32_t limit)
{
    return VEC_PUSH(&r->s->marked, struct road_marked, (struct road_marked){point, limit});
}

/* Where layers touch the street, or somebody stands on it, its stretches say what is reached. */
static enum err mark_by_spans(struct reacher *r, uint32_t edge, struct standing on)
{
    const uint32_t first = r->marks->first[edge], end = r->marks->first[edge + 1];
    r->s->spans.count = 0;
    enum err err = add_edge(r, edge, on);
    for (uint32_t i = first; i < end && !err; i++) {
        const uint32_t frac = r->marks->fracs[i];
        uint32_t limit = ROAD_NONE;
        for (size_t k = 0; k < r->s->spans.count; k++) {
            const struct road_span *span = &VEC(&r->s->spans, struct road_span)[k];
            const bool is_held = span->from < span->to ? span->from <= frac && frac <= span->to
                                                       : span->to <= frac && frac <= span->from;
            limit = is_held && span->limit < limit ? span->limit : limit;
        }
        err = limit == ROAD_NONE ? OK : mark(r, i, limit);
    }
    r->s->spans.count = 0;
    return err;
}

static enum err mark_points(struct reacher *r, uint32_t edge, struct standing on)
{
    const uint32_t first = r->marks->first[edge], end = r->marks->first[edge + 1];
    struct ray forward, backward;
    enum err err = OK;
    if (!is_plain(r, edge, on))
        return mark_by_spans(r, edge, on);
    plain_rays(r, edge, &forward, &backward);
    for (uint32_t i = first; i < end && !err; i++) {
        const uint32_t ahead = ray_at(r, &forward, r->marks->fracs[i]).ms;
        const uint32_t behind = ray_at(r, &backward, r->marks->fracs[i]).ms;
        const uint32_t ms = ahead < behind ? ahead : behind;
        uint32_t limit = 0;
        while (limit < r->limits.count && ms > r->limits.ms[limit])
            limit++;
        err = limit == r->limits.count ? OK : mark(r, i, limit);
    }
    return err;
}

/* ------------------------------------------------------- the whole */

static void mark_edge(struct road_scratch *s, uint32_t edge)
{
    s->edge_bits[edge / 64] |= 1ull << edge % 64;
}

/* The streets of every node that was reached, and those on which a source stands. */
static void mark_edges(const struct reacher *r)
{
    const struct road *road = r->s->road;
    const uint32_t *touched = r->s->ring.touched.p;
    for (size_t i = 0; i < r->s->ring.touched.count; i++) {
        uint32_t node = road->vertex_node[touched[i]];
        for (uint32_t k = road->out_first[node]; k < road->out_first[node + 1]; k++)
            mark_edge(r->s, road->out[k].arc >> 1);
    }
    for (size_t i = 0; i < r->sources.count; i++) {
        if (r->sources.at[i].delay_ms <= last_limit(r))
            mark_edge(r->s, r->sources.at[i].point.edge);
    }
}

/* Takes the marked edges in ascending order and clears the marks. */
static enum err add_edges(struct reacher *r)
{
    const uint64_t *standers = r->s->standers.p;
    size_t at = 0, count = r->s->standers.count, words = r->s->road->edge_count / 64 + 1;
    enum err err = OK;
    for (size_t word = 0; word < words; word++) {
        uint64_t bits = r->s->edge_bits[word] & (r->marks ? r->marks->edges[word] : UINT64_MAX);
        r->s->edge_bits[word] = 0;
        for (; bits; bits &= bits - 1) {
            uint32_t edge = (uint32_t)(word * 64) + (uint32_t)__builtin_ctzll(bits);
            while (at < count && standers[at] >> 32 < edge)
                at++;
            struct standing on = {standers + at, 0};
            while (at < count && standers[at] >> 32 == edge) {
                at++;
                on.count++;
            }
            if (!err)
                err = r->marks ? mark_points(r, edge, on) : add_edge(r, edge, on);
        }
    }
    return err;
}

static bool limits_are_sound(struct road_limits limits)
{
    bool is_sound = limits.count > 0 && limits.count <= ROAD_MAX_LIMITS;
    for (size_t i = 0; i < limits.count && is_sound; i++)
        is_sound = limits.ms[i] < ROAD_INF && (i == 0 || limits.ms[i] > limits.ms[i - 1]);
    return is_sound;
}

/* Labels every vertex that the sources reach, or that reaches them, within the limit. */
static enum err label_vertices(const struct road_metric *metric, struct road_scratch *s,
                               struct road_sources sources, uint32_t limit_ms, bool is_reverse)
{
    const struct road *road = s->road;
    struct ring_graph graph = {road->vertex_count, is_reverse ? road->in_first : road->hop_first,
                               is_reverse ? metric->backward : metric->forward};
    enum err err = OK;
    assert(road == metric->road);
    reach_ring_begin(&s->ring);
    for (uint32_t i = 0; i < sources.count && !err; i++) {
        s->from.count = 0;
        err = query_starts(metric, sources.at[i], is_reverse ? CLIMB_IN : CLIMB_OUT, &s->from);
        for (size_t k = 0; k < s->from.count && !err; k++) {
            struct climb_start start = VEC(&s->from, struct climb_start)[k];
            if (start.ms <= limit_ms)
                err = reach_ring_seed(&s->ring, start.vertex, ring_label(start.ms, i));
        }
    }
    return err ? err : reach_ring_run(&s->ring, &graph, limit_ms);
}

/* Of the vertices labelled the nodes, each once. */
static enum err collect_nodes(struct road_scratch *s, struct road_ball *ret_ball)
{
    s->nodes.count = 0;
    if (vec_room(&s->nodes, s->ring.touched.count + 1, sizeof(struct road_reached)))
        return ERR_LIMIT;
    const uint32_t *touched = s->ring.touched.p;
    struct road_reached *nodes = s->nodes.p;
    for (size_t i = 0; i < s->ring.touched.count; i++) {
        uint32_t vertex = touched[i], node = s->road->vertex_node[vertex];
        struct label label = label_of(s->ring.labels[vertex]);
        size_t at = s->nodes.count;
        if (s->copied[vertex / 64] >> vertex % 64 & 1) { /* the best of its vertices counts */
            at = s->node_at[node] ? s->node_at[node] - 1 : at;
            s->node_at[node] = (uint32_t)at + 1;
        }
        if (at < s->nodes.count &&
            !is_better(label, (struct label){nodes[at].ms, nodes[at].source}))
            continue;
        nodes[at] = (struct road_reached){node, label.ms, label.seed};
        s->nodes.count += at == s->nodes.count;
    }
    for (size_t i = 0; i < s->ring.touched.count; i++) {
        if (s->copied[touched[i] / 64] >> touched[i] % 64 & 1)
            s->node_at[s->road->vertex_node[touched[i]]] = 0;
    }
    *ret_ball = (struct road_ball){nodes, s->nodes.count};
    return OK;
}

enum err road_reach(const struct road_metric *metric, struct road_scratch *scratch,
                    const struct road_reach_query *query, struct road_reach *ret_reach)
{
    struct reacher r = {.metric = metric,
                        .s = scratch,
                        .sources = query->sources,
                        .limits = query->limits,
                        .is_reverse = query->is_reverse,
                        .marks = query->marks};
    if (!limits_are_sound(query->limits))
        return ERR_RANGE;
    scratch->spans.count = scratch->marked.count = 0;
    enum err err =
        label_vertices(metric, scratch, query->sources, last_limit(&r), query->is_reverse);
    if (!err && query->ret_ball)
        err = collect_nodes(scratch, query->ret_ball);
    if (!err)
        err = query_find_standers(scratch, query->sources);
    if (!err) {
        mark_edges(&r);
        err = add_edges(&r);
    }
    if (err)
        return err;
    r.reach.spans = scratch->spans.p;
    r.reach.span_count = scratch->spans.count;
    r.reach.marked = scratch->marked.p;
    r.reach.marked_count = scratch->marked.count;
    *ret_reach = r.reach;
    return OK;
}

enum err road_ball(const struct road_metric *metric, struct road_scratch *scratch,
                   const struct road_ball_query *query, struct road_ball *ret_ball)
{
    if (query->limit_ms >= ROAD_INF)
        return ERR_RANGE;
    const enum err err =
        label_vertices(metric, scratch, query->sources, query->limit_ms, query->is_reverse);
    return err ? err : collect_nodes(scratch, ret_ball);
}
