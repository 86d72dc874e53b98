/* reach.c - circles: what is reached within limits, with exact ends inside the streets.
 *
 * A search labels the nodes within the largest limit. Then each street that touches one is swept
 * twice: forward with the label of its tail, backward with that of its head, both picking up the
 * sources that stand on it. Its borders (ends, sources, changes of speed) make intervals; in each,
 * the forward time grows with x and the backward time falls, so the earlier of the two changes
 * hands once, found by bisection over the 65,536 fractions. The same bisection finds where a limit
 * is passed. */
#include "road/search_priv.h"

struct stander { /* a source by the edge on which it stands */
    uint32_t edge, frac, index;
};
struct reacher {
    const struct road_metric *metric;
    struct road_scratch *s;
    struct road_sources sources;
    struct road_limits limits;
    struct vec standers;          /* struct stander, sorted */
    struct vec borders;           /* uint32_t of the present edge */
    struct vec forward, backward; /* struct label at the start of each interval's sweep */
    struct road_reach reach;
};

static uint32_t last_limit(const struct reacher *r)
{
    return r->limits.ms[r->limits.count - 1];
}

static bool is_better(struct label a, struct label b)
{
    return a.ms < b.ms || (a.ms == b.ms && a.seed < b.seed);
}

static int compare_standers(const void *a, const void *b)
{
    const struct stander *l = a, *r = b;
    if (l->edge != r->edge)
        return l->edge < r->edge ? -1 : 1;
    if (l->frac != r->frac)
        return l->frac < r->frac ? -1 : 1;
    return l->index < r->index ? -1 : l->index > r->index;
}

/* ------------------------------------------------------- borders and sweeps */

static int compare_u32(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return left < right ? -1 : left > right;
}

static enum err add_piece_borders(struct reacher *r, uint32_t arc)
{
    size_t count = 0;
    const struct piece *pieces = metric_pieces(r->metric, arc, &count);
    for (size_t i = 1; i < count; i++) {
        if (VEC_PUSH(&r->borders, uint32_t, pieces[i].from))
            return ERR_LIMIT;
    }
    return OK;
}

static enum err find_borders(struct reacher *r, uint32_t edge, const struct stander *on,
                             size_t on_count)
{
    r->borders.count = 0;
    if (vec_room(&r->borders, on_count + 2, sizeof(uint32_t)))
        return ERR_LIMIT;
    uint32_t *borders = r->borders.p;
    borders[r->borders.count++] = 0;
    borders[r->borders.count++] = ROAD_FRAC_ONE;
    for (size_t i = 0; i < on_count; i++)
        borders[r->borders.count++] = on[i].frac;
    enum err err = add_piece_borders(r, 2 * edge);
    if (!err)
        err = add_piece_borders(r, 2 * edge + 1);
    if (err)
        return err;
    borders = r->borders.p;
    qsort(borders, r->borders.count, sizeof *borders, compare_u32);
    size_t kept = 1;
    for (size_t i = 1; i < r->borders.count; i++) {
        if (borders[i] != borders[kept - 1])
            borders[kept++] = borders[i];
    }
    r->borders.count = kept;
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

static struct label best_stander(const struct reacher *r, const struct stander *on, size_t on_count,
                                 uint32_t frac)
{
    struct label best = {ROAD_INF, ROAD_NONE};
    for (size_t i = 0; i < on_count; i++) {
        struct label label = {r->sources.at[on[i].index].delay_ms, on[i].index};
        if (on[i].frac == frac && is_better(label, best))
            best = label;
    }
    return best;
}

/* Fills the label with which each interval is entered by the arc: at its lower border forward, at
 * its upper border backward. A closed stretch is entered by nobody; who stands inside may leave it.
 */
static void sweep(struct reacher *r, uint32_t arc, const struct stander *on, size_t on_count,
                  struct label *ret_labels)
{
    const uint32_t *borders = r->borders.p;
    size_t intervals = r->borders.count - 1;
    bool is_backward = arc & 1, was_closed = false;
    struct label carried = r->s->labels[arc_tail(r->s->road, arc)];
    for (size_t k = 0; k < intervals; k++) {
        size_t i = is_backward ? intervals - 1 - k : k;
        uint32_t x = borders[is_backward ? i + 1 : i], y = borders[is_backward ? i : i + 1];
        bool is_closed = is_closed_between(r, arc, borders[i], borders[i + 1]);
        struct label here = best_stander(r, on, on_count, x);
        if (is_better(here, carried))
            carried = here;
        if (is_closed && !was_closed)
            carried = (struct label){ROAD_INF, ROAD_NONE};
        ret_labels[i] = carried;
        was_closed = is_closed;
        if (carried.ms == ROAD_INF)
            continue;
        struct move move = {.arc = arc, .x = x, .y = y, .may_leave = true, .may_enter = true};
        uint32_t ms = metric_move_ms(r->metric, move);
        if (ms == ROAD_INF)
            ret_labels[i] = (struct label){ROAD_INF, ROAD_NONE};
        carried.ms = ms < ROAD_INF - carried.ms ? carried.ms + ms : ROAD_INF;
        carried.seed = carried.ms == ROAD_INF ? ROAD_NONE : carried.seed;
    }
}

/* ------------------------------------------------------- one interval */

struct ray { /* a label on its way over an interval, from x towards y */
    uint32_t arc, x, y;
    struct label label;
};

static struct label ray_at(const struct reacher *r, const struct ray *ray, uint32_t at)
{
    struct move move = {
        .arc = ray->arc, .x = ray->x, .y = at, .may_leave = true, .may_enter = true};
    if (ray->label.ms == ROAD_INF)
        return ray->label;
    uint32_t ms = metric_move_ms(r->metric, move);
    if (ms >= ROAD_INF - ray->label.ms)
        return (struct label){ROAD_INF, ROAD_NONE};
    return (struct label){ray->label.ms + ms, ray->label.seed};
}

/* How far (fractions from ray->x) the ray gets while it is within the limit and beats the other one
 * (NULL: no other). UINT32_MAX: not even at its start. */
static bool ray_holds(const struct reacher *r, const struct ray *ray, const struct ray *other,
                      uint32_t limit, uint32_t step)
{
    uint32_t at = ray->x < ray->y ? ray->x + step : ray->x - step;
    struct label mine = ray_at(r, ray, at);
    return mine.ms <= limit && (!other || !is_better(ray_at(r, other, at), mine));
}

static uint32_t ray_extent(const struct reacher *r, const struct ray *ray, const struct ray *other,
                           uint32_t limit)
{
    uint32_t width = ray->x < ray->y ? ray->y - ray->x : ray->x - ray->y;
    uint32_t low = 0, high = width; /* the answer + 1 lies in low..high */
    if (ray->label.ms > limit)
        return UINT32_MAX;
    if (ray_holds(r, ray, other, limit, width))
        return width;
    while (low < high) {
        uint32_t step = low + (high - low) / 2;
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
        uint32_t within = ray_extent(r, ray, NULL, r->limits.ms[i]);
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
        uint64_t length =
            (uint64_t)r->s->road->edges[ray->arc >> 1].length_mm * (to - done) / ROAD_FRAC_ONE;
        for (size_t k = i; k < r->limits.count; k++)
            r->reach.length_mm[k] += length;
        done = to;
    }
    return OK;
}

static enum err add_interval(struct reacher *r, struct ray forward, struct ray backward)
{
    uint32_t limit = last_limit(r), width = forward.y - forward.x;
    uint32_t ahead = ray_extent(r, &forward, &backward, limit);
    ahead = ahead == UINT32_MAX ? 0 : ahead;
    uint32_t behind = ray_extent(r, &backward, NULL, limit);
    behind = behind == UINT32_MAX ? 0 : behind;
    if (behind > width - ahead)
        behind = width - ahead;
    enum err err = add_spans(r, &forward, ahead);
    return err ? err : add_spans(r, &backward, behind);
}

static enum err add_edge(struct reacher *r, uint32_t edge, const struct stander *on,
                         size_t on_count)
{
    enum err err = find_borders(r, edge, on, on_count);
    if (err)
        return err;
    size_t intervals = r->borders.count - 1;
    if (vec_room(&r->forward, intervals, sizeof(struct label)) ||
        vec_room(&r->backward, intervals, sizeof(struct label)))
        return ERR_LIMIT;
    sweep(r, 2 * edge, on, on_count, r->forward.p);
    sweep(r, 2 * edge + 1, on, on_count, r->backward.p);
    const uint32_t *borders = r->borders.p;
    for (size_t i = 0; i < intervals && !err; i++) {
        struct ray forward = {2 * edge, borders[i], borders[i + 1],
                              VEC(&r->forward, struct label)[i]};
        struct ray backward = {2 * edge + 1, borders[i + 1], borders[i],
                               VEC(&r->backward, struct label)[i]};
        err = add_interval(r, forward, backward);
    }
    return err;
}

/* ------------------------------------------------------- the whole */

static enum err find_standers(struct reacher *r)
{
    size_t count = r->sources.count;
    if (vec_room(&r->standers, count, sizeof(struct stander)))
        return ERR_LIMIT;
    for (size_t i = 0; i < count; i++) {
        struct road_point point = r->sources.at[i].point;
        if (r->sources.at[i].delay_ms > last_limit(r))
            continue;
        VEC(&r->standers, struct stander)
        [r->standers.count++] = (struct stander){point.edge, point.frac, (uint32_t)i};
        r->s->edge_bits[point.edge / 64] |= 1ull << point.edge % 64;
    }
    if (r->standers.count)
        qsort(r->standers.p, r->standers.count, sizeof(struct stander), compare_standers);
    return OK;
}

static enum err label_nodes(struct reacher *r)
{
    struct search search = {.metric = r->metric,
                            .scratch = r->s,
                            .seeds = r->sources.at,
                            .seed_count = r->sources.count,
                            .limit_ms = last_limit(r)};
    uint32_t node;
    enum err err = search_begin(&search, NULL, 0);
    if (!err)
        err = search_seed(&search);
    while (!err)
        err = search_next(&search, &node);
    return err == ERR_NOT_FOUND ? OK : err;
}

static void mark_edges(const struct reacher *r)
{
    const struct road *road = r->s->road;
    for (size_t i = 0; i < r->s->touched.count; i++) {
        uint32_t node = VEC(&r->s->touched, uint32_t)[i];
        for (uint32_t k = road->out_first[node]; k < road->out_first[node + 1]; k++) {
            uint32_t edge = road->out[k].arc >> 1;
            r->s->edge_bits[edge / 64] |= 1ull << edge % 64;
        }
    }
}

/* Takes the marked edges in ascending order and clears the marks. */
static enum err add_edges(struct reacher *r)
{
    const struct stander *on = r->standers.p;
    size_t left = r->standers.count, words = r->s->road->edge_count / 64 + 1;
    enum err err = OK;
    for (size_t word = 0; word < words; word++) {
        uint64_t bits = r->s->edge_bits[word];
        r->s->edge_bits[word] = 0;
        for (; bits; bits &= bits - 1) {
            uint32_t edge = (uint32_t)(word * 64) + (uint32_t)__builtin_ctzll(bits);
            size_t on_count = 0;
            while (on_count < left && on[on_count].edge == edge)
                on_count++;
            if (!err)
                err = add_edge(r, edge, on, on_count);
            on += on_count;
            left -= on_count;
        }
    }
    return err;
}

enum err road_reach(const struct road_metric *metric, struct road_scratch *scratch,
                    struct road_sources sources, struct road_limits limits,
                    struct road_reach *ret_reach)
{
    struct reacher r = {.metric = metric, .s = scratch, .sources = sources, .limits = limits};
    if (limits.count == 0 || limits.count > ROAD_MAX_LIMITS)
        return ERR_RANGE;
    for (size_t i = 0; i < limits.count; i++) {
        if (limits.ms[i] >= ROAD_INF || (i > 0 && limits.ms[i] <= limits.ms[i - 1]))
            return ERR_RANGE;
    }
    scratch->spans.count = 0;
    enum err err = label_nodes(&r);
    if (!err)
        err = find_standers(&r);
    if (!err) {
        mark_edges(&r);
        err = add_edges(&r);
    }
    vec_done(&r.standers);
    vec_done(&r.borders);
    vec_done(&r.forward);
    vec_done(&r.backward);
    if (err)
        return err;
    r.reach.spans = scratch->spans.p;
    r.reach.span_count = scratch->spans.count;
    *ret_reach = r.reach;
    return OK;
}
