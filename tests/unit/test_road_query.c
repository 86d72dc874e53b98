/* Every road query against the plain oracle: on seeded random cities, with and without closures,
 * and on San Francisco and Shanghai. Equal, not close. */
#include "city_files.h"
#include "random_road.h"
#include "road_oracle.h"

#define SEEDS 60
#define POINTS 40

struct bench { /* one road with its traffic, an oracle and a scratch */
    struct road *road;
    struct road_traffic *traffic;
    struct road_scratch *scratch;
    const struct road_metric *metric; /* as it is now */
    struct oracle oracle;
    uint32_t profile;
};

static void take_metric(struct bench *b)
{
    road_metric_unref(b->metric);
    b->metric = road_metric_ref(b->traffic, b->profile);
}

static void bench_init(struct bench *b, struct road *road, const char *profile)
{
    *b = (struct bench){.road = road, .profile = road_profile(road, profile)};
    assert_int_not_equal(b->profile, ROAD_NONE);
    assert_ok(road_traffic_new(road, &b->traffic));
    assert_ok(road_scratch_new(road, &b->scratch));
    take_metric(b);
    oracle_init(&b->oracle, b->metric);
}

static void bench_done(struct bench *b)
{
    road_metric_unref(b->metric);
    road_scratch_free(b->scratch);
    oracle_done(&b->oracle);
    road_traffic_free(b->traffic);
}

/* Closes a random stretch of a random way, here and in the oracle's own list. */
static void close_random(struct bench *b, struct rand *r, uint32_t number)
{
    struct road_way way = road_way(b->road, rand_below(r, road_way_count(b->road)));
    uint32_t from = rand_below(r, ROAD_WAY_ONE), to = from + 1 + rand_below(r, ROAD_WAY_ONE - from);
    struct road_change change = {.way_id = way.id, .from = from, .to = to, .profiles = UINT32_MAX};
    char name[32];
    uint32_t unmatched;
    (void)snprintf(name, sizeof name, "closure-%u", number);
    assert_ok(road_traffic_put(b->traffic, name, &change, 1, &unmatched));
    assert_int_equal(unmatched, 0);
    oracle_close(&b->oracle, &change);
    take_metric(b);
}

static void check_arrivals(struct bench *b, struct rand *r, size_t source_count)
{
    struct road_source sources[8];
    struct road_point points[POINTS];
    uint32_t ms[POINTS], who[POINTS];
    for (size_t i = 0; i < source_count; i++)
        sources[i] = (struct road_source){random_point(r, b->oracle.edges), rand_below(r, 60000)};
    for (size_t i = 0; i < POINTS; i++)
        points[i] = i % 5 ? random_point(r, b->oracle.edges)
                          : sources[rand_below(r, (uint32_t)source_count)].point;
    assert_ok(road_arrivals(b->metric, b->scratch, (struct road_sources){sources, source_count},
                            (struct road_points){points, POINTS}, ms, who));
    oracle_run(&b->oracle, sources, source_count);
    for (size_t i = 0; i < POINTS; i++) {
        uint32_t expected_who,
            expected = oracle_at(&b->oracle, sources, source_count, points[i], &expected_who);
        assert_int_equal(ms[i], expected);
        if (expected < ROAD_INF)
            assert_int_equal(who[i], expected_who);
        /* Several sources are the least of each alone. */
        uint32_t least = ROAD_INF;
        for (size_t k = 0; k < source_count; k++) {
            uint32_t alone;
            assert_ok(road_arrivals(b->metric, b->scratch, (struct road_sources){&sources[k], 1},
                                    (struct road_points){&points[i], 1}, &alone, NULL));
            least = alone < least ? alone : least;
        }
        assert_int_equal(ms[i], least);
    }
}

static void check_nearest(struct bench *b, struct rand *r)
{
    struct road_source units[POINTS];
    struct road_hit hits[POINTS];
    struct road_hits found;
    uint32_t reached = 0;
    struct road_point to = random_point(r, b->oracle.edges);
    for (size_t i = 0; i < POINTS; i++)
        units[i] = (struct road_source){random_point(r, b->oracle.edges), rand_below(r, 3) * 30000};
    assert_ok(road_nearest(b->metric, b->scratch, to, (struct road_sources){units, POINTS}, POINTS,
                           &found));
    size_t count = found.count;
    memcpy(hits, found.at, count * sizeof *hits);
    for (size_t i = 0; i < POINTS; i++) {
        oracle_run(&b->oracle, &units[i], 1);
        uint32_t expected = oracle_at(&b->oracle, &units[i], 1, to, NULL), got = ROAD_INF;
        for (size_t k = 0; k < count; k++)
            got = hits[k].source == i ? hits[k].ms : got;
        assert_int_equal(got, expected);
        reached += expected < ROAD_INF;
    }
    assert_int_equal(count, reached);
    for (size_t i = 1; i < count; i++)
        assert_true(hits[i - 1].ms < hits[i].ms ||
                    (hits[i - 1].ms == hits[i].ms && hits[i - 1].source < hits[i].source));
    assert_ok(
        road_nearest(b->metric, b->scratch, to, (struct road_sources){units, POINTS}, 3, &found));
    assert_int_equal(found.count, count < 3 ? count : 3);
    for (size_t i = 0; i < found.count; i++) {
        assert_int_equal(found.at[i].source, hits[i].source);
        assert_int_equal(found.at[i].ms, hits[i].ms);
    }
}

/* What a way costs that begins in `vertex` and goes on by arcs[1], arcs[2] ... to `to`, every hop
 * paid for; ROAD_INF when there is no such hop or it is closed. */
static uint32_t walk_ms(const struct bench *b, const struct road_route *route, uint32_t first,
                        uint32_t vertex, struct road_point to)
{
    const struct road *road = b->road;
    uint32_t ms = 0;
    for (uint32_t i = first; i < route->arc_count; i++) {
        uint32_t arc = route->arcs[i], x = arc & 1 ? ROAD_FRAC_ONE : 0, hop = ROAD_NONE;
        bool is_last =
            i + 1 == route->arc_count && arc >> 1 == to.edge; /* or it ends at a corner */
        for (uint32_t k = road->hop_first[vertex]; k < road->hop_first[vertex + 1]; k++)
            hop = road->hops[k].arc == arc ? k : hop;
        if (hop == ROAD_NONE)
            return ROAD_INF;
        ms = oracle_sum(ms, hop_price_ms(road, b->profile, &road->hops[hop]));
        ms = oracle_sum(ms, oracle_move(&b->oracle, arc, x, is_last ? to.frac : ROAD_FRAC_ONE - x,
                                        false, is_last));
        vertex = road->hops[hop].head;
    }
    return ms;
}

/* The arcs are hops that follow each other, and together they cost what the way is said to. */
static void check_hops(const struct bench *b, const struct road_route *route,
                       struct road_point from, struct road_point to)
{
    uint32_t best = ROAD_INF;
    for (uint32_t side = 0; side < 2; side++) { /* leaving the first street at either end */
        uint32_t arc = 2 * from.edge + side, end = oracle_arc_end(&b->oracle, arc);
        uint32_t ms =
            oracle_move(&b->oracle, arc, from.frac, side ? 0 : ROAD_FRAC_ONE, true, false);
        uint32_t rest = walk_ms(b, route, route->arcs[0] == arc, end, to);
        best = oracle_sum(ms, rest) < best ? oracle_sum(ms, rest) : best;
    }
    assert_int_equal(best, route->ms);
}

/* A way is whole: its arcs follow each other, its times and lengths add up, its line joins the
 * ends. */
static void check_route(struct bench *b, struct rand *r)
{
    struct road_source from = {random_point(r, b->oracle.edges), 0};
    struct road_point to = random_point(r, b->oracle.edges);
    struct road_route route;
    uint64_t ms = 0, length_mm = 0;
    oracle_run(&b->oracle, &from, 1);
    uint32_t expected = oracle_at(&b->oracle, &from, 1, to, NULL);
    enum err err = road_route(b->metric, b->scratch, from.point, to, &route);
    assert_int_equal(err, expected < ROAD_INF ? OK : ERR_NOT_FOUND);
    if (err)
        return;
    assert_int_equal(route.ms, expected);
    bool is_round = b->oracle.edge[to.edge].tail == b->oracle.edge[to.edge].head; /* no hop */
    if (!is_round && (route.arc_count > 1 || route.arcs[0] >> 1 != from.point.edge))
        check_hops(b, &route, from.point, to);
    for (uint32_t i = 1; i < route.arc_count; i++)
        assert_int_equal(oracle_tail(&b->oracle, route.arcs[i]),
                         oracle_tail(&b->oracle, route.arcs[i - 1] ^ 1));
    for (uint32_t i = 0; i < route.leg_count; i++) {
        ms += route.legs[i].ms;
        length_mm += route.legs[i].length_mm;
        assert_true(route.legs[i].first_place + route.legs[i].place_count <= route.place_count);
    }
    assert_int_equal(ms, expected);
    assert_int_equal(length_mm, route.length_mm);
    struct place start = road_point_place(b->road, from.point), end = road_point_place(b->road, to);
    assert_true(place_eq(route.places[0], start));
    assert_true(place_eq(route.places[route.place_count - 1], end));
    double line_m = 0;
    for (uint32_t i = 1; i < route.place_count; i++)
        line_m += place_distance_m(route.places[i - 1], route.places[i]);
    assert_true(line_m > (double)length_mm / 1000 - 2 && line_m < (double)length_mm / 1000 + 2);
}

static bool is_closed_at(const struct oracle *o, struct road_point p)
{
    for (size_t i = 0; i < o->closure_count; i++) {
        if (o->closures[i].edge == p.edge && o->closures[i].from <= p.frac &&
            p.frac <= o->closures[i].to)
            return true;
    }
    return false;
}

/* The limit within which a point is drawn, `count` = none. */
static size_t drawn_limit(const struct road_reach *reach, struct road_point p, size_t count)
{
    size_t best = count;
    for (size_t i = 0; i < reach->span_count; i++) {
        const struct road_span *s = &reach->spans[i];
        uint32_t low = s->from < s->to ? s->from : s->to, high = s->from < s->to ? s->to : s->from;
        if (s->edge == p.edge && low <= p.frac && p.frac <= high && s->limit < best)
            best = s->limit;
    }
    return best;
}

static void check_reach(struct bench *b, struct rand *r, const uint32_t limits[3])
{
    struct road_source sources[4];
    struct road_reach reach;
    for (size_t i = 0; i < 4; i++)
        sources[i] =
            (struct road_source){random_point(r, b->oracle.edges), rand_below(r, 3) * 5000};
    assert_ok(road_reach(b->metric, b->scratch,
                         &(struct road_reach_query){.sources = {sources, 4}, .limits = {limits, 3}},
                         &reach));
    oracle_run(&b->oracle, sources, 4);
    for (size_t i = 0; i < 300; i++) {
        struct road_point p = random_point(r, b->oracle.edges);
        if (reach.span_count && i % 3 == 0) { /* at an end of a stretch, and one fraction beyond */
            const struct road_span *s = &reach.spans[rand_below(r, (uint32_t)reach.span_count)];
            int64_t beyond = (int64_t)s->to + (s->from < s->to ? 1 : -1) * (int64_t)(i % 2);
            p = (struct road_point){s->edge, (uint32_t)(beyond < 0               ? 0
                                                        : beyond > ROAD_FRAC_ONE ? ROAD_FRAC_ONE
                                                                                 : beyond)};
        }
        if (is_closed_at(&b->oracle, p))
            continue; /* who may enter a closure at the end of his way does not make it a circle */
        uint32_t ms = oracle_at(&b->oracle, sources, 4, p, NULL);
        size_t expected = 3;
        for (size_t k = 3; k-- > 0;)
            expected = ms <= limits[k] ? k : expected;
        size_t drawn = drawn_limit(&reach, p, 3);
        /* A corner, or a source, that is reached just at the limit need not have a stretch. */
        bool is_corner = p.frac == 0 || p.frac == ROAD_FRAC_ONE;
        for (size_t k = 0; k < 4; k++)
            is_corner |= sources[k].point.edge == p.edge && sources[k].point.frac == p.frac;
        if (!(is_corner && expected < 3))
            assert_int_equal(drawn, expected);
    }
    for (size_t i = 0; i < reach.span_count; i++) {
        const struct road_span *s = &reach.spans[i];
        uint32_t who;
        assert_true(s->from_ms <= s->to_ms && s->to_ms <= limits[s->limit]);
        struct road_point middle = {s->edge, (s->from + s->to) / 2};
        uint32_t ms = oracle_at(&b->oracle, sources, 4, middle, &who);
        if (is_closed_at(&b->oracle, middle))
            continue;
        assert_true(s->from_ms <= ms && ms <= s->to_ms);
        assert_int_equal(who, s->source);
        /* At its end the other stretch, or a source that stands there, may be as early or earlier.
         */
        struct road_point end = {s->edge, s->to};
        assert_true(oracle_at(&b->oracle, sources, 4, end, NULL) <= s->to_ms);
    }
    assert_true(reach.length_mm[0] <= reach.length_mm[1] &&
                reach.length_mm[1] <= reach.length_mm[2]);
}

/* Nodes within a limit, each once, with who comes first: the least over the node's vertices. */
static void check_ball(struct bench *b, struct rand *r, uint32_t limit_ms)
{
    struct road_source sources[4];
    struct road_ball ball;
    struct oracle_best *best = calloc(b->oracle.nodes, sizeof *best);
    size_t within = 0;
    for (size_t i = 0; i < 4; i++)
        sources[i] =
            (struct road_source){random_point(r, b->oracle.edges), rand_below(r, 3) * 5000};
    const struct road_ball_query query = {.sources = {sources, 4}, .limit_ms = limit_ms};
    assert_ok(road_ball(b->metric, b->scratch, &query, &ball));
    oracle_run(&b->oracle, sources, 4);
    for (uint32_t i = 0; i < b->oracle.nodes; i++)
        best[i] = (struct oracle_best){ROAD_INF, UINT32_MAX};
    for (uint32_t v = 0; v < b->oracle.vertices; v++)
        oracle_offer(&best[b->road->vertex_node[v]], b->oracle.dist[v], b->oracle.who[v]);
    for (uint32_t i = 0; i < b->oracle.nodes; i++)
        within += best[i].ms <= limit_ms;
    assert_int_equal(ball.count, within);
    for (size_t i = 0; i < ball.count; i++) {
        assert_int_equal(ball.at[i].ms, best[ball.at[i].node].ms);
        assert_int_equal(ball.at[i].source, best[ball.at[i].node].who);
        best[ball.at[i].node].ms = ROAD_INF; /* not twice */
    }
    free(best);
}

/* Who reaches the sources: asked of each place by itself, forward. */
static void check_reverse(struct bench *b, struct rand *r, const uint32_t limits[3])
{
    struct road_source sources[3];
    struct road_reach reach;
    for (size_t i = 0; i < 3; i++)
        sources[i] =
            (struct road_source){random_point(r, b->oracle.edges), rand_below(r, 3) * 5000};
    const struct road_reach_query query = {
        .sources = {sources, 3}, .limits = {limits, 3}, .is_reverse = true};
    assert_ok(road_reach(b->metric, b->scratch, &query, &reach));
    for (size_t i = 0; i < 60; i++) {
        struct road_source from = {random_point(r, b->oracle.edges), 0};
        if (reach.span_count && i % 3 == 0) {
            const struct road_span *s = &reach.spans[rand_below(r, (uint32_t)reach.span_count)];
            from.point = (struct road_point){s->edge, (s->from + s->to) / 2};
        }
        struct oracle_best best = {ROAD_INF, UINT32_MAX};
        oracle_run(&b->oracle, &from, 1);
        for (uint32_t k = 0; k < 3; k++) {
            uint32_t ms = oracle_at(&b->oracle, &from, 1, sources[k].point, NULL);
            oracle_offer(&best, oracle_sum(ms, sources[k].delay_ms), k);
        }
        size_t expected = 3;
        for (size_t k = 3; k-- > 0;)
            expected = best.ms <= limits[k] ? k : expected;
        bool is_corner = from.point.frac == 0 || from.point.frac == ROAD_FRAC_ONE;
        for (size_t k = 0; k < 3; k++)
            is_corner |= sources[k].point.edge == from.point.edge; /* a stretch of no length */
        if (!is_closed_at(&b->oracle, from.point) && !(is_corner && expected < 3))
            assert_int_equal(drawn_limit(&reach, from.point, 3), expected);
        for (size_t k = 0; k < reach.span_count && !is_corner; k++) {
            const struct road_span *s = &reach.spans[k];
            uint32_t low = s->from < s->to ? s->from : s->to;
            uint32_t high = s->from < s->to ? s->to : s->from;
            if (s->edge != from.point.edge || from.point.frac <= low || from.point.frac >= high)
                continue;
            assert_true(s->from_ms <= best.ms && best.ms <= s->to_ms);
            assert_int_equal(s->source, best.who);
        }
    }
}

/* A table is what its cells are one by one; the nearest is the least of a column. */
static void check_table(struct bench *b, struct rand *r)
{
    struct road_source sources[20];
    struct road_point targets[7];
    uint32_t table[20 * 7], ms;
    struct road_hits hits;
    for (size_t i = 0; i < 20; i++)
        sources[i] = (struct road_source){random_point(r, b->oracle.edges), rand_below(r, 9000)};
    for (size_t i = 0; i < 7; i++)
        targets[i] = i ? random_point(r, b->oracle.edges) : sources[3].point;
    assert_ok(road_table(b->metric, b->scratch, (struct road_sources){sources, 20},
                         (struct road_points){targets, 7}, table));
    for (size_t t = 0; t < 7; t++) {
        uint32_t least = ROAD_INF;
        for (size_t i = 0; i < 20; i++) {
            assert_ok(road_time(b->metric, b->scratch, sources[i].point, targets[t], &ms));
            assert_int_equal(table[i * 7 + t], oracle_sum(ms, sources[i].delay_ms));
            least = table[i * 7 + t] < least ? table[i * 7 + t] : least;
        }
        assert_ok(road_nearest(b->metric, b->scratch, targets[t],
                               (struct road_sources){sources, 20}, 1, &hits));
        assert_int_equal(hits.count, least < ROAD_INF);
        if (hits.count)
            assert_int_equal(hits.at[0].ms, least);
    }
}

/* Marks are held by the stretches that would be drawn, to the fraction; the ball is the same. */
static void check_marks(struct bench *b, struct rand *r, const uint32_t limits[3])
{
    const uint32_t edges = b->oracle.edges;
    struct road_source sources[3];
    struct road_reach reach;
    struct road_ball ball, alone;
    uint64_t *bits = calloc(edges / 64 + 2, sizeof *bits);
    uint32_t *first = calloc(edges + 1, sizeof *first), *fracs = calloc(3 * edges, sizeof *fracs);
    uint32_t *limit_of = calloc(3 * edges, sizeof *limit_of);
    for (uint32_t edge = 0, count = 0; edge < edges; edge++) {
        const uint32_t marks = rand_below(r, 4);
        bits[edge / 64] |= (uint64_t)(marks > 0) << edge % 64;
        for (uint32_t i = 0; i < marks; i++)
            fracs[count++] = rand_below(r, ROAD_FRAC_ONE - 1) + 1;
        first[edge + 1] = count;
    }
    for (size_t i = 0; i < 3; i++)
        sources[i] = (struct road_source){random_point(r, edges), rand_below(r, 3) * 5000};
    struct road_reach_query query = {
        .sources = {sources, 3}, .limits = {limits, 3}, .is_reverse = rand_below(r, 2) == 0};
    assert_ok(road_reach(b->metric, b->scratch, &query, &reach));
    for (uint32_t i = 0; i < first[edges]; i++)
        limit_of[i] = 3;
    for (size_t k = 0; k < reach.span_count; k++) {
        const struct road_span *s = &reach.spans[k];
        const uint32_t low = s->from < s->to ? s->from : s->to;
        const uint32_t high = s->from < s->to ? s->to : s->from;
        for (uint32_t i = first[s->edge]; i < first[s->edge + 1]; i++) {
            if (fracs[i] >= low && fracs[i] <= high && s->limit < limit_of[i])
                limit_of[i] = s->limit;
        }
    }
    const struct road_marks marks = {bits, first, fracs};
    query.marks = &marks;
    query.ret_ball = &ball;
    assert_ok(road_reach(b->metric, b->scratch, &query, &reach));
    assert_int_equal(reach.span_count, 0);
    for (size_t i = 0; i < reach.marked_count; i++) {
        assert_int_equal(reach.marked[i].limit, limit_of[reach.marked[i].mark]);
        limit_of[reach.marked[i].mark] = 3; /* not twice */
    }
    for (uint32_t i = 0; i < first[edges]; i++)
        assert_int_equal(limit_of[i], 3);
    const size_t nodes = ball.count;
    assert_ok(road_ball(b->metric, b->scratch,
                        &(struct road_ball_query){{sources, 3}, limits[2], query.is_reverse},
                        &alone));
    assert_int_equal(nodes, alone.count);
    free(bits);
    free(first);
    free(fracs);
    free(limit_of);
}

static const uint32_t small_limits[3] = {10000, 30000, 50000};

static void check_all(struct bench *b, struct rand *r, const uint32_t limits[3])
{
    check_arrivals(b, r, 1 + rand_below(r, 4));
    check_nearest(b, r);
    for (int i = 0; i < 10; i++)
        check_route(b, r);
    check_reach(b, r, limits);
    check_reverse(b, r, limits);
    check_marks(b, r, limits);
    check_ball(b, r, limits[1]);
    check_table(b, r);
}

static void random_cities_agree_with_the_oracle(void **state)
{
    (void)state;
    static const char *const profiles[] = {"response", "car", "foot"};
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct random_road made = random_road_new(seed, 8, 90, 0);
        struct rand r;
        struct bench b;
        rand_seed(&r, seed);
        bench_init(&b, made.road, profiles[seed % 3]);
        check_all(&b, &r, small_limits);
        for (uint32_t i = 0; i < 12; i++)
            close_random(&b, &r, i);
        check_all(&b, &r, small_limits);
        bench_done(&b);
        random_road_free(&made);
    }
}

static void turn_restrictions_and_gates_hold(void **state)
{
    (void)state;
    static const char *const profiles[] = {"response", "car", "motorcycle"};
    uint32_t copies = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct raw_map map = random_turns_map(seed, 6, 70, 30);
        struct random_road made = random_map_build(&map);
        struct rand r;
        struct bench b;
        rand_seed(&r, seed);
        copies += made.road->vertex_count - made.road->node_count;
        bench_init(&b, made.road, profiles[seed % 3]);
        check_all(&b, &r, small_limits);
        for (uint32_t i = 0; i < 8; i++)
            close_random(&b, &r, i);
        check_all(&b, &r, small_limits);
        bench_done(&b);
        random_road_free(&made);
        random_map_free(&map);
    }
    assert_true(copies > SEEDS); /* or there was nothing to see */
}

/* The control: the same check on a city with one one-way street turned round must not pass. */
static void a_turned_one_way_is_seen(void **state)
{
    (void)state;
    size_t seen = 0, tried = 0;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        struct random_road right = random_road_new(seed, 8, 90, 0);
        struct bench b;
        bench_init(&b, right.road, "car");
        for (int64_t way = 10; way <= 900 && tried < 100; way += 10) {
            struct random_road wrong = random_road_new(seed, 8, 90, way);
            struct bench c;
            size_t engine = 0, truth = 0;
            bench_init(&c, wrong.road, "car");
            bool is_turned = memcmp(b.oracle.base, c.oracle.base,
                                    2 * (size_t)b.oracle.edges * sizeof *b.oracle.base) != 0;
            for (uint32_t edge = 0; is_turned && edge < b.oracle.edges; edge++) {
                struct road_source from = {{edge, 0}, 0};
                struct road_point to = {edge, ROAD_FRAC_ONE};
                uint32_t ms, right_ms, wrong_ms;
                oracle_run(&b.oracle, &from, 1);
                right_ms = oracle_at(&b.oracle, &from, 1, to, NULL);
                oracle_run(&c.oracle, &from, 1);
                wrong_ms = oracle_at(&c.oracle, &from, 1, to, NULL);
                assert_ok(road_time(c.metric, c.scratch, from.point, to, &ms));
                engine += ms != right_ms;
                truth += wrong_ms != right_ms;
            }
            assert_int_equal(engine, truth);
            seen += engine > 0; /* some streets have a twin that is as fast */
            tried += is_turned;
            bench_done(&c);
            random_road_free(&wrong);
        }
        bench_done(&b);
        random_road_free(&right);
    }
    assert_true(tried >= 90);
    assert_true(seen >= 50);
}

static void check_city(const char *extract, const char *profile)
{
    static const uint32_t limits[3] = {60000, 180000, 300000};
    struct road_report report;
    struct road *road = import_city(extract, &report);
    struct bench b;
    struct rand r;
    rand_seed(&r, 7);
    bench_init(&b, road, profile);
    check_all(&b, &r, limits);
    for (uint32_t i = 0; i < 40; i++)
        close_random(&b, &r, i);
    check_all(&b, &r, limits);
    bench_done(&b);
    road_close(road);
}

static void san_francisco_agrees_with_the_oracle(void **state)
{
    (void)state;
    check_city("osm/san-francisco.osm.pbf", "response");
    check_city("osm/san-francisco.osm.pbf", "car");
}

static void shanghai_agrees_with_the_oracle(void **state)
{
    (void)state;
    check_city("osm/shanghai-centre.osm.pbf", "car");
    check_city("osm/shanghai-centre.osm.pbf", "bicycle");
}

/* From a hundred places to a place on every street. */
static void sao_paulo_agrees_street_by_street(void **state)
{
    (void)state;
    struct road_report report;
    struct road *road = import_test_city("roads/sao-paulo-centre.osm.pbf", &report);
    struct bench b;
    struct rand r;
    rand_seed(&r, 100);
    bench_init(&b, road, "car");
    struct road_point *points = calloc(b.oracle.edges, sizeof *points);
    uint32_t *ms = calloc(b.oracle.edges, sizeof *ms);
    for (uint32_t i = 0; i < b.oracle.edges; i++)
        points[i] = (struct road_point){i, rand_below(&r, ROAD_FRAC_ONE + 1)};
    for (int i = 0; i < 100; i++) {
        struct road_source source = {random_point(&r, b.oracle.edges), rand_below(&r, 1000)};
        if (i % 10 == 9)
            close_random(&b, &r, (uint32_t)i);
        assert_ok(road_table(b.metric, b.scratch, (struct road_sources){&source, 1},
                             (struct road_points){points, b.oracle.edges}, ms));
        oracle_run(&b.oracle, &source, 1);
        for (uint32_t k = 0; k < b.oracle.edges; k++)
            assert_int_equal(ms[k], oracle_at(&b.oracle, &source, 1, points[k], NULL));
    }
    free(points);
    free(ms);
    bench_done(&b);
    road_close(road);
}

/* Closing never makes a way shorter, opening again brings back what was. */
static void closing_never_shortens(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct raw_map map = random_turns_map(seed, 6, 70, 30);
        struct random_road made = random_map_build(&map);
        struct road_source sources[10];
        struct road_point targets[10];
        uint32_t open[100], closed[100];
        struct rand r;
        struct bench b;
        rand_seed(&r, seed);
        bench_init(&b, made.road, seed % 2 ? "car" : "response");
        for (size_t i = 0; i < 10; i++) {
            sources[i] = (struct road_source){random_point(&r, b.oracle.edges), 0};
            targets[i] = random_point(&r, b.oracle.edges);
        }
        const struct road_sources from = {sources, 10};
        const struct road_points to = {targets, 10};
        assert_ok(road_table(b.metric, b.scratch, from, to, open));
        for (uint32_t i = 0; i < 6; i++)
            close_random(&b, &r, i);
        assert_ok(road_table(b.metric, b.scratch, from, to, closed));
        for (size_t i = 0; i < 100; i++)
            assert_true(closed[i] >= open[i]);
        for (uint32_t i = 0; i < 6; i++) {
            char name[32];
            (void)snprintf(name, sizeof name, "closure-%u", i);
            assert_ok(road_traffic_remove(b.traffic, name));
        }
        take_metric(&b);
        assert_ok(road_table(b.metric, b.scratch, from, to, closed));
        assert_memory_equal(open, closed, sizeof open);
        bench_done(&b);
        random_road_free(&made);
        random_map_free(&map);
    }
}

static void a_table_is_its_rows(void **state)
{
    (void)state;
    struct random_road made = random_road_new(3, 8, 90, 0);
    struct rand r;
    struct bench b;
    struct road_source sources[6];
    struct road_point targets[9];
    uint32_t table[54];
    rand_seed(&r, 3);
    bench_init(&b, made.road, "response");
    for (size_t i = 0; i < 6; i++)
        sources[i] = (struct road_source){random_point(&r, b.oracle.edges), (uint32_t)i * 1000};
    for (size_t i = 0; i < 9; i++)
        targets[i] = random_point(&r, b.oracle.edges);
    assert_ok(road_table(b.metric, b.scratch, (struct road_sources){sources, 6},
                         (struct road_points){targets, 9}, table));
    for (size_t i = 0; i < 6; i++) {
        oracle_run(&b.oracle, &sources[i], 1);
        for (size_t k = 0; k < 9; k++)
            assert_int_equal(table[i * 9 + k],
                             oracle_at(&b.oracle, &sources[i], 1, targets[k], NULL));
    }
    bench_done(&b);
    random_road_free(&made);
}

/* However many units there are, no vertex is looked at twice: counted, not timed. */
static void the_nearest_are_found_in_one_sweep(void **state)
{
    (void)state;
    struct road_report report;
    struct road *road = import_city("osm/san-francisco.osm.pbf", &report);
    struct road_source units[1000];
    struct road_hits hits;
    struct rand r;
    struct bench b;
    rand_seed(&r, 31);
    bench_init(&b, road, "response");
    for (size_t i = 0; i < 1000; i++)
        units[i] = (struct road_source){random_point(&r, b.oracle.edges), 0};
    struct road_point to = random_point(&r, b.oracle.edges);
    assert_ok(road_nearest(b.metric, b.scratch, to, (struct road_sources){units, 20}, 5, &hits));
    assert_int_equal(hits.count, 5);
    uint64_t few = road_scratch_settled(b.scratch);
    assert_true(few < road->vertex_count / 10);
    assert_ok(
        road_nearest(b.metric, b.scratch, to, (struct road_sources){units, 1000}, 1000, &hits));
    assert_true(road_scratch_settled(b.scratch) - few <= road->vertex_count);
    bench_done(&b);
    road_close(road);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_cities_agree_with_the_oracle),
        cmocka_unit_test(turn_restrictions_and_gates_hold),
        cmocka_unit_test(a_turned_one_way_is_seen),
        cmocka_unit_test(sao_paulo_agrees_street_by_street),
        cmocka_unit_test(closing_never_shortens),
        cmocka_unit_test(a_table_is_its_rows),
        cmocka_unit_test(the_nearest_are_found_in_one_sweep),
        cmocka_unit_test(san_francisco_agrees_with_the_oracle),
        cmocka_unit_test(shanghai_agrees_with_the_oracle),
    };
    return RUN(tests);
}
