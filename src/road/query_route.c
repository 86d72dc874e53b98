/* query_route.c - the way itself: its arcs, its line, its legs. */
#include "road/query_priv.h"

struct way_builder {
    struct road_scratch *scratch;
    const struct road_metric *metric;
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
static enum err add_stretch(struct way_builder *b, struct move move, uint32_t price_ms)
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
    leg->ms += metric_move_ms(b->metric, move) + price_ms;
    leg->length_mm += length_mm;
    b->route.length_mm += length_mm;
    enum err err = add_shape(s, edge, move.x, move.y);
    leg->place_count = (uint32_t)s->places.count - leg->first_place;
    return err;
}

static enum err add_arc(struct road_scratch *s, uint32_t arc, uint32_t price_ms)
{
    if (VEC_PUSH(&s->arcs, uint32_t, arc))
        return ERR_LIMIT;
    return VEC_PUSH(&s->prices, uint32_t, price_ms);
}

/* All arcs of a way, and what the turn into each costs. */
static enum err find_arcs(const struct road_metric *metric, struct road_scratch *s,
                          const struct query_way *way, struct road_point from, struct road_point to)
{
    s->arcs.count = s->prices.count = 0;
    if (way->is_straight) {
        uint32_t is_back = from.frac > to.frac;
        return add_arc(s, 2 * from.edge + is_back, 0);
    }
    enum err err = climb_path_find(&s->sides, metric->forward, way->ends, way->meeting, &s->path);
    if (!err)
        err = add_arc(s, s->path.from.arc, 0);
    for (size_t i = 0; i < s->path.hops.count && !err; i++) {
        const struct file_hop *hop = &s->road->hops[VEC(&s->path.hops, uint32_t)[i]];
        err = add_arc(s, hop->arc, hop_price_ms(s->road, metric->profile, hop));
    }
    uint32_t last = s->path.to.arc;
    struct move move = {
        .arc = last, .x = last & 1 ? ROAD_FRAC_ONE : 0, .y = to.frac, .may_enter = true};
    return err ? err : add_arc(s, last, s->path.to.ms - metric_move_ms(metric, move));
}

static enum err add_stretches(struct way_builder *b, struct road_point from, struct road_point to)
{
    struct road_scratch *s = b->scratch;
    size_t kept = 0;
    for (size_t i = 0; i < s->arcs.count; i++) {
        uint32_t arc = VEC(&s->arcs, uint32_t)[i];
        struct move move = {.arc = arc,
                            .x = arc & 1 ? ROAD_FRAC_ONE : 0,
                            .y = arc & 1 ? 0 : ROAD_FRAC_ONE,
                            .may_leave = true,
                            .may_enter = true};
        if (i == 0)
            move.x = from.frac;
        if (i + 1 == s->arcs.count)
            move.y = to.frac;
        /* Who starts at a corner, or ends there, does not travel the street beside it. */
        uint32_t price_ms = VEC(&s->prices, uint32_t)[i];
        bool is_only = kept == 0 && i + 1 == s->arcs.count;
        if (move.x == move.y && price_ms == 0 && !is_only)
            continue;
        VEC(&s->arcs, uint32_t)[kept++] = arc;
        enum err err = add_stretch(b, move, price_ms);
        if (err)
            return err;
    }
    s->arcs.count = kept;
    return OK;
}

enum err road_route(const struct road_metric *metric, struct road_scratch *scratch,
                    struct road_point from, struct road_point to, struct road_route *ret_route)
{
    struct way_builder b = {.scratch = scratch, .metric = metric};
    struct query_way way;
    enum err err = query_find_way(metric, scratch, from, to, &way);
    if (err || way.ms == ROAD_INF)
        return err ? err : ERR_NOT_FOUND;
    err = find_arcs(metric, scratch, &way, from, to);
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
    b.route.ms = way.ms;
    b.route.starts_in_closure = road_metric_is_closed(metric, from);
    b.route.ends_in_closure = road_metric_is_closed(metric, to);
    b.route.arcs = scratch->arcs.p;
    b.route.arc_count = (uint32_t)scratch->arcs.count;
    b.route.places = scratch->places.p;
    b.route.place_count = (uint32_t)scratch->places.count;
    b.route.legs = scratch->legs.p;
    b.route.leg_count = (uint32_t)scratch->legs.count;
    *ret_route = b.route;
    return OK;
}
