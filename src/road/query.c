#include "road/search_priv.h"

/* Runs until `wanted` targets have come out, or no more will; notes them in scratch->hits. */
static enum err run(struct search *search, struct road_sources targets, size_t wanted)
{
    struct road_scratch *s = search->scratch;
    uint32_t item;
    enum err err = search_begin(search, targets.at, targets.count);
    s->hits.count = 0;
    if (!err)
        err = search_seed(search);
    while (!err && s->hits.count < wanted) {
        err = search_next(search, &item);
        if (err || item < s->road->node_count)
            continue;
        uint32_t index = item - s->road->node_count;
        struct road_hit hit = {index, VEC(&s->targets, struct target)[index].label.ms};
        err = VEC_PUSH(&s->hits, struct road_hit, hit);
    }
    return err == ERR_NOT_FOUND ? OK : err;
}

enum err road_nearest(const struct road_metric *metric, struct road_scratch *scratch,
                      struct road_point to, struct road_sources sources, size_t k,
                      struct road_hits *ret_hits)
{
    struct road_source seed = {.point = to};
    struct search search = {.metric = metric,
                            .scratch = scratch,
                            .is_reverse = true,
                            .seeds = &seed,
                            .seed_count = 1,
                            .limit_ms = ROAD_INF - 1};
    enum err err = run(&search, sources, k < sources.count ? k : sources.count);
    if (!err)
        *ret_hits = (struct road_hits){scratch->hits.p, scratch->hits.count};
    return err;
}

enum err road_arrivals(const struct road_metric *metric, struct road_scratch *scratch,
                       struct road_sources sources, struct road_points points, uint32_t *ret_ms,
                       uint32_t *ret_who)
{
    struct search search = {.metric = metric,
                            .scratch = scratch,
                            .seeds = sources.at,
                            .seed_count = sources.count,
                            .limit_ms = ROAD_INF - 1};
    scratch->points.count = 0;
    if (vec_room(&scratch->points, points.count, sizeof(struct road_source)))
        return ERR_LIMIT;
    struct road_source *targets = scratch->points.p;
    for (size_t i = 0; i < points.count; i++)
        targets[i] = (struct road_source){.point = points.at[i]};
    enum err err = run(&search, (struct road_sources){targets, points.count}, points.count);
    for (size_t i = 0; i < points.count && !err; i++) {
        struct label label = VEC(&scratch->targets, struct target)[i].label;
        ret_ms[i] = label.ms;
        if (ret_who)
            ret_who[i] = label.seed;
    }
    return err;
}

enum err road_time(const struct road_metric *metric, struct road_scratch *scratch,
                   struct road_point from, struct road_point to, uint32_t *ret_ms)
{
    struct road_source source = {.point = from};
    return road_arrivals(metric, scratch, (struct road_sources){&source, 1},
                         (struct road_points){&to, 1}, ret_ms, NULL);
}

enum err road_table(const struct road_metric *metric, struct road_scratch *scratch,
                    struct road_sources sources, struct road_points targets, uint32_t *ret_ms)
{
    for (size_t i = 0; i < sources.count; i++) {
        struct road_sources one = {&sources.at[i], 1};
        enum err err =
            road_arrivals(metric, scratch, one, targets, ret_ms + i * targets.count, NULL);
        if (err)
            return err;
    }
    return OK;
}

/* ------------------------------------------------------- route */

/* Arcs from the target back to its seed, turned round; empty when it runs along one edge only. */
static enum err collect_arcs(struct road_scratch *s, const struct target *target)
{
    s->arcs.count = 0;
    for (uint32_t arc = target->via; arc != ROAD_NONE; arc = s->via[arc_tail(s->road, arc)]) {
        if (VEC_PUSH(&s->arcs, uint32_t, arc))
            return ERR_LIMIT;
    }
    for (size_t i = 0, k = s->arcs.count; i + 1 < k; i++) {
        uint32_t swap = VEC(&s->arcs, uint32_t)[i];
        VEC(&s->arcs, uint32_t)[i] = VEC(&s->arcs, uint32_t)[--k];
        VEC(&s->arcs, uint32_t)[k] = swap;
    }
    return OK;
}

/* The first piece of the way, from the start to the node where the first arc begins: the arc of the
 * start's edge that ends there, ROAD_NONE when the start is that node. */
static uint32_t first_arc(const struct road_metric *metric, struct road_point from, uint32_t node,
                          uint32_t ms)
{
    for (uint32_t arc = 2 * from.edge; arc <= 2 * from.edge + 1; arc++) {
        struct move move = {
            .arc = arc, .x = from.frac, .y = arc & 1 ? 0 : ROAD_FRAC_ONE, .may_leave = true};
        if (arc_head(metric->road, arc) == node && metric_move_ms(metric, move) == ms)
            return move.x == move.y ? ROAD_NONE : arc;
    }
    assert(!"a seed's node lies at an end of its edge");
    return ROAD_NONE;
}

static enum err insert_first(struct road_scratch *s, uint32_t arc)
{
    if (arc == ROAD_NONE)
        return OK;
    if (vec_room(&s->arcs, 1, sizeof arc))
        return ERR_LIMIT;
    uint32_t *arcs = s->arcs.p;
    memmove(arcs + 1, arcs, s->arcs.count * sizeof *arcs);
    arcs[0] = arc;
    s->arcs.count++;
    return OK;
}

struct way_builder {
    struct road_scratch *scratch;
    const struct road_metric *metric;
    bool starts_inside; /* the first arc is travelled from the start point, not from its tail */
    struct road_route route;
};

static enum err add_place(struct road_scratch *s, struct place place)
{
    const struct place *places = s->places.p;
    if (s->places.count && place_eq(places[s->places.count - 1], place))
        return OK;
    return VEC_PUSH(&s->places, struct place, place);
}

static enum err add_shape(struct road_scratch *s, uint32_t edge, uint32_t from, uint32_t to)
{
    uint32_t count = road_span_shape(s->road, edge, from, to, NULL, 0);
    if (vec_room(&s->places, count, sizeof(struct place)))
        return ERR_LIMIT;
    struct place *at = VEC(&s->places, struct place) + s->places.count;
    (void)road_span_shape(s->road, edge, from, to, at, count);
    for (uint32_t i = 0; i < count; i++) {
        enum err err = add_place(s, at[i]);
        if (err)
            return err;
    }
    return OK;
}

/* Starts a new leg when the name changes; adds a stretch to it. */
static enum err add_stretch(struct way_builder *b, struct move move)
{
    struct road_scratch *s = b->scratch;
    uint32_t edge = move.arc >> 1;
    struct road_edge facts = road_edge(s->road, edge);
    struct road_leg *leg =
        s->legs.count ? VEC(&s->legs, struct road_leg) + s->legs.count - 1 : NULL;
    if (!leg || !str_eq(leg->name, facts.name)) {
        uint32_t first = s->places.count ? (uint32_t)s->places.count - 1 : 0;
        struct road_leg new = {.name = facts.name, .first_place = first};
        if (VEC_PUSH(&s->legs, struct road_leg, new))
            return ERR_LIMIT;
        leg = VEC(&s->legs, struct road_leg) + s->legs.count - 1;
    }
    uint32_t share = move.x < move.y ? move.y - move.x : move.x - move.y;
    uint32_t length_mm =
        (uint32_t)(((uint64_t)facts.length_mm * share + ROAD_FRAC_ONE / 2) / ROAD_FRAC_ONE);
    leg->ms += metric_move_ms(b->metric, move);
    leg->length_mm += length_mm;
    b->route.length_mm += length_mm;
    enum err err = add_shape(s, edge, move.x, move.y);
    leg->place_count = (uint32_t)s->places.count - leg->first_place;
    return err;
}

static enum err add_stretches(struct way_builder *b, struct road_point from, struct road_point to)
{
    const struct road_scratch *s = b->scratch;
    for (size_t i = 0; i < s->arcs.count; i++) {
        uint32_t arc = VEC(&s->arcs, uint32_t)[i];
        struct move move = {.arc = arc,
                            .x = arc & 1 ? ROAD_FRAC_ONE : 0,
                            .y = arc & 1 ? 0 : ROAD_FRAC_ONE,
                            .may_leave = true,
                            .may_enter = true};
        if (i == 0 && b->starts_inside)
            move.x = from.frac;
        if (i + 1 == s->arcs.count)
            move.y = to.frac;
        enum err err = add_stretch(b, move);
        if (err)
            return err;
    }
    return OK;
}

/* All arcs of the way; see way_builder.starts_inside. */
static enum err find_arcs(const struct road_metric *metric, struct road_scratch *s,
                          const struct target *target, struct road_point from,
                          bool *ret_starts_inside)
{
    *ret_starts_inside = true;
    if (target->via == ROAD_NONE) {
        s->arcs.count = 0;
        return VEC_PUSH(&s->arcs, uint32_t, 2 * from.edge + (from.frac > target->point.frac));
    }
    enum err err = collect_arcs(s, target);
    if (err)
        return err;
    uint32_t node = arc_tail(s->road, VEC(&s->arcs, uint32_t)[0]);
    uint32_t arc = first_arc(metric, from, node, s->labels[node].ms);
    *ret_starts_inside = arc != ROAD_NONE;
    return insert_first(s, arc);
}

enum err road_route(const struct road_metric *metric, struct road_scratch *scratch,
                    struct road_point from, struct road_point to, struct road_route *ret_route)
{
    struct way_builder b = {.scratch = scratch, .metric = metric};
    uint32_t ms;
    enum err err = road_time(metric, scratch, from, to, &ms);
    if (err || ms == ROAD_INF)
        return err ? err : ERR_NOT_FOUND;
    err = find_arcs(metric, scratch, scratch->targets.p, from, &b.starts_inside);
    if (err)
        return err;
    scratch->places.count = scratch->legs.count = 0;
    err = add_place(scratch, road_point_place(metric->road, from));
    if (!err)
        err = add_stretches(&b, from, to);
    if (!err && scratch->places.count == 1) /* start and end are one: still a line to draw */
        err = VEC_PUSH(&scratch->places, struct place, road_point_place(metric->road, to));
    if (err)
        return err;
    b.route.ms = ms;
    b.route.starts_in_closure = metric_is_closed_at(metric, from);
    b.route.ends_in_closure = metric_is_closed_at(metric, to);
    b.route.arcs = scratch->arcs.p;
    b.route.arc_count = (uint32_t)scratch->arcs.count;
    b.route.places = scratch->places.p;
    b.route.place_count = (uint32_t)scratch->places.count;
    b.route.legs = scratch->legs.p;
    b.route.leg_count = (uint32_t)scratch->legs.count;
    *ret_route = b.route;
    return OK;
}
