/* Named layers of closures: what they do to circles and times, and that they leave no trace. */
#include "city_files.h"
#include "random_road.h"
#include "road/traffic_priv.h"
#include "road_oracle.h"

#define LAYERS 25

static struct road_change random_change(const struct road *road, struct rand *r)
{
    struct road_way way = road_way(road, rand_below(r, road_way_count(road)));
    uint32_t from = rand_below(r, ROAD_WAY_ONE);
    return (struct road_change){.way_id = way.id,
                                .from = from,
                                .to = from + 1 + rand_below(r, ROAD_WAY_ONE - from),
                                .direction = (enum road_direction)rand_below(r, 3),
                                .speed_permille = rand_below(r, 2) ? 0 : 1 + rand_below(r, 1000),
                                .profiles = rand_below(r, 32)};
}

static void layer_name(char name[32], size_t i)
{
    (void)snprintf(name, 32, "layer-%zu", i);
}

static uint64_t digest_of_all(struct road_traffic *traffic, const struct road *road)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < road_info(road).profiles; i++) {
        const struct road_metric *metric = road_metric_ref(traffic, i);
        sum = sum * 31 + road_metric_digest(metric);
        road_metric_unref(metric);
    }
    return sum;
}

static void a_removed_layer_leaves_no_trace(void **state)
{
    (void)state;
    struct random_road made = random_road_new(5, 8, 90, 0);
    struct road_traffic *traffic = NULL;
    struct rand r;
    uint64_t digests[LAYERS + 1];
    struct road_change changes[LAYERS];
    char name[32];
    assert_ok(road_traffic_new(made.road, &traffic));
    rand_seed(&r, 5);
    digests[0] = digest_of_all(traffic, made.road);
    for (size_t i = 0; i < LAYERS; i++) {
        changes[i] = random_change(made.road, &r);
        layer_name(name, i);
        assert_ok(road_traffic_put(traffic, name, &changes[i], 1, NULL));
        digests[i + 1] = digest_of_all(traffic, made.road);
    }
    uint64_t full = digests[LAYERS];
    assert_int_not_equal(full, digests[0]);
    assert_int_equal(road_traffic_version(traffic), LAYERS);
    for (size_t i = LAYERS; i-- > 0;) { /* in reverse order: back through the very same states */
        layer_name(name, i);
        assert_ok(road_traffic_remove(traffic, name));
        assert_int_equal(digest_of_all(traffic, made.road), digests[i]);
    }
    for (size_t i = LAYERS; i-- > 0;) { /* another order of coming, twice the same layer */
        layer_name(name, i);
        assert_ok(road_traffic_put(traffic, name, &changes[(i + 7) % LAYERS], 1, NULL));
        assert_ok(road_traffic_put(traffic, name, &changes[i], 1, NULL));
    }
    assert_int_equal(digest_of_all(traffic, made.road), full);
    layer_name(name, 3);
    assert_ok(road_traffic_put(traffic, name, NULL, 0, NULL)); /* an empty layer is none */
    assert_ok(road_traffic_remove(traffic, name));
    assert_int_equal(road_traffic_remove(traffic, name), ERR_NOT_FOUND);
    road_traffic_free(traffic);
    random_road_free(&made);
}

static void bad_changes_change_nothing(void **state)
{
    (void)state;
    struct random_road made = random_road_new(6, 8, 90, 0);
    struct road_traffic *traffic = NULL;
    assert_ok(road_traffic_new(made.road, &traffic));
    uint64_t before = digest_of_all(traffic, made.road);
    struct road_change good = {.way_id = 10, .to = ROAD_WAY_ONE, .profiles = 31};
    struct road_change bad[5] = {good, good, good, good, good};
    uint32_t unmatched = 7;
    bad[0].from = bad[0].to;
    bad[1].to = ROAD_WAY_ONE + 1;
    bad[2].speed_permille = 1001;
    bad[3].direction = (enum road_direction)3;
    for (size_t i = 0; i < 4; i++) {
        struct road_change two[2] = {good, bad[i]};
        assert_int_equal(road_traffic_put(traffic, "x", two, 2, &unmatched), ERR_RANGE);
    }
    assert_int_equal(road_traffic_put(traffic, "", &good, 1, NULL), ERR_RANGE);
    assert_int_equal(
        road_traffic_put(traffic,
                         "a name that is longer than the sixty-three bytes that a layer may have",
                         &good, 1, NULL),
        ERR_RANGE);
    assert_int_equal(unmatched, 7);
    assert_int_equal(digest_of_all(traffic, made.road), before);
    assert_int_equal(road_traffic_version(traffic), 0);
    good.way_id = 12345;
    assert_ok(road_traffic_put(traffic, "elsewhere", &good, 1, &unmatched));
    assert_int_equal(unmatched, 1);
    assert_int_equal(digest_of_all(traffic, made.road), before);
    road_traffic_free(traffic);
    random_road_free(&made);
}

/* Adding layers one by one, whole circles and single times never get better; circles nest. */
static void a_layer_never_enlarges(void **state)
{
    (void)state;
    static const uint32_t limits[3] = {60000, 180000, 300000};
    struct road_report report;
    struct road *road = import_city("osm/san-francisco.osm.pbf", &report);
    uint32_t car = road_profile(road, "car");
    struct road_traffic *traffic = NULL;
    struct road_scratch *scratch = NULL;
    struct road_source sources[10];
    struct road_point points[200];
    struct road_reach reach;
    struct rand r;
    uint32_t ms[200], before[200] = {0};
    uint64_t length[3] = {UINT64_MAX, UINT64_MAX, UINT64_MAX};
    assert_ok(road_traffic_new(road, &traffic));
    assert_ok(road_scratch_new(road, &scratch));
    rand_seed(&r, 11);
    for (size_t i = 0; i < 10; i++)
        sources[i] = (struct road_source){random_point(&r, road_info(road).edges), 0};
    for (size_t i = 0; i < 200; i++)
        points[i] = random_point(&r, road_info(road).edges);
    for (size_t layer = 0; layer < 30; layer++) {
        char name[32];
        struct road_change changes[20];
        const struct road_metric *metric = road_metric_ref(traffic, car);
        assert_ok(road_reach(
            metric, scratch,
            &(struct road_reach_query){.sources = {sources, 10}, .limits = {limits, 3}}, &reach));
        for (size_t k = 0; k < 3; k++) {
            assert_true(k == 0 || reach.length_mm[k] >= reach.length_mm[k - 1]);
            assert_true(reach.length_mm[k] <= length[k]);
            length[k] = reach.length_mm[k];
        }
        assert_ok(road_arrivals(metric, scratch, (struct road_sources){sources, 10},
                                (struct road_points){points, 200}, ms, NULL));
        for (size_t i = 0; i < 200; i++) {
            assert_true(ms[i] >= before[i]);
            before[i] = ms[i];
        }
        road_metric_unref(metric);
        for (size_t i = 0; i < 20; i++) {
            changes[i] = random_change(road, &r);
            changes[i].speed_permille = 0;
        }
        layer_name(name, layer);
        assert_ok(road_traffic_put(traffic, name, changes, 20, NULL));
    }
    road_scratch_free(scratch);
    road_traffic_free(traffic);
    road_close(road);
}

/* One street of 1,000 m, drawn west to east. */
static void the_rules_of_a_closure_hold(void **state)
{
    (void)state;
    struct random_road made = random_road_new(1, 8, 90, 0);
    struct road_traffic *traffic = NULL;
    struct road_scratch *scratch = NULL;
    uint32_t car = road_profile(made.road, "car"), siren = road_profile(made.road, "response");
    assert_ok(road_traffic_new(made.road, &traffic));
    assert_ok(road_scratch_new(made.road, &scratch));
    const struct road_metric *open = road_metric_ref(traffic, car);
    const struct road_metric *siren_open = road_metric_ref(traffic, siren);
    uint32_t edge = 0;
    while (road_metric_arc_ms(open, 2 * edge) == ROAD_INF ||
           road_metric_arc_ms(open, 2 * edge + 1) == ROAD_INF ||
           road_way(made.road, road_edge(made.road, edge).way).edge_count != 1)
        edge++;
    struct road_way way = road_way(made.road, road_edge(made.road, edge).way);
    struct road_change middle = {
        .way_id = way.id, .from = 250000, .to = 750000, .profiles = 1u << car};
    assert_ok(road_traffic_put(traffic, "works", &middle, 1, NULL));
    const struct road_metric *closed = road_metric_ref(traffic, car);
    const struct road_metric *siren_price = road_metric_ref(traffic, siren);
    uint32_t whole = road_metric_arc_ms(siren_open, 2 * edge);
    /* Not bound: half of the way at 30 % of the speed. */
    assert_in_range(road_metric_arc_ms(siren_price, 2 * edge), whole / 2 + whole * 10 / 6 - 2,
                    whole / 2 + whole * 10 / 6 + 3);
    assert_int_equal(road_metric_arc_ms(closed, 2 * edge), ROAD_INF);
    struct road_point before = {edge, 10000}, inside = {edge, 32768}, behind = {edge, 60000};
    struct road_route route;
    uint32_t ms;
    assert_ok(road_time(closed, scratch, before, (struct road_point){edge, 16000}, &ms));
    assert_int_equal(ms, (uint64_t)road_metric_arc_ms(open, 2 * edge) * 16000 / ROAD_FRAC_ONE -
                             (uint64_t)road_metric_arc_ms(open, 2 * edge) * 10000 / ROAD_FRAC_ONE);
    assert_ok(
        road_route(closed, scratch, before, inside, &route)); /* the last metres are allowed */
    assert_true(route.ends_in_closure && !route.starts_in_closure);
    assert_ok(road_route(closed, scratch, inside, behind, &route));
    assert_true(route.starts_in_closure && !route.ends_in_closure);
    assert_ok(road_time(open, scratch, before, behind, &ms));
    enum err err = road_route(closed, scratch, before, behind, &route);
    assert_true(err == ERR_NOT_FOUND || (err == OK && route.ms > ms));
    const struct road_metric *const all[] = {open, siren_open, closed, siren_price};
    for (size_t i = 0; i < 4; i++)
        road_metric_unref(all[i]);
    road_scratch_free(scratch);
    road_traffic_free(traffic);
    random_road_free(&made);
}

static void a_point_and_its_way_are_one_place(void **state)
{
    (void)state;
    struct road_report report;
    struct road *road = import_city("osm/shanghai-centre.osm.pbf", &report);
    struct rand r;
    rand_seed(&r, 2);
    for (size_t i = 0; i < 2000; i++) {
        struct road_point point = random_point(&r, road_info(road).edges), again;
        int64_t way;
        uint32_t fraction;
        road_point_way(road, point, &way, &fraction);
        assert_ok(road_way_point(road, way, fraction, &again));
        assert_true(place_distance_m(road_point_place(road, point), road_point_place(road, again)) <
                    0.5);
    }
    struct road_point point;
    assert_int_equal(road_way_point(road, 1, 0, &point), ERR_NOT_FOUND);
    road_close(road);
}

/* The nearest street by looking at every one. */
static void snapping_finds_the_nearest_street(void **state)
{
    (void)state;
    struct road_report report;
    struct road *road = import_city("osm/shanghai-centre.osm.pbf", &report);
    struct road_info info = road_info(road);
    struct rand r;
    rand_seed(&r, 4);
    for (size_t i = 0; i < 60; i++) {
        struct place place = {
            info.min.lat_e7 +
                (int32_t)rand_below(&r, (uint32_t)(info.max.lat_e7 - info.min.lat_e7)),
            info.min.lon_e7 +
                (int32_t)rand_below(&r, (uint32_t)(info.max.lon_e7 - info.min.lon_e7))};
        struct road_snap snap;
        double best = 1e9;
        assert_ok(road_snap(road, 0, place, 5000, &snap));
        for (uint32_t edge = 0; edge < info.edges; edge++) {
            for (uint32_t frac = 0; frac <= ROAD_FRAC_ONE; frac += ROAD_FRAC_ONE / 8) {
                double away = place_distance_m(
                    place, road_point_place(road, (struct road_point){edge, frac}));
                best = away < best ? away : best;
            }
        }
        assert_true(snap.away_m <= best + ROAD_SNAP_DETOUR_M + 0.01);
        assert_true(place_distance_m(place, snap.place) < snap.away_m + 0.5 + snap.away_m * 0.002);
        assert_int_equal(road_snap(road, 0, place, snap.away_m / 3, &snap),
                         snap.away_m > 0 ? ERR_NOT_FOUND : OK);
    }
    struct road_snap snap;
    assert_int_equal(road_snap(road, 0, (struct place){0, 0}, 50000, &snap), ERR_NOT_FOUND);
    assert_int_equal(road_snap(road, 0, PLACE_NONE, 50000, &snap), ERR_NOT_FOUND);
    road_close(road);
}

/* ------------------------------------------------------- histories */

#define HISTORY_LAYERS 12
#define HISTORY_CHANGES 30
#define HISTORY_HELD 10

struct history { /* layers as they should be */
    struct road_change changes[HISTORY_LAYERS][HISTORY_CHANGES];
    size_t count[HISTORY_LAYERS]; /* 0: not there */
};

/* Puts a layer anew, few changes more often than many, or takes it away. */
static void step(struct history *history, struct road_traffic *traffic, const struct road *road,
                 struct rand *r)
{
    char name[32];
    size_t i = rand_below(r, HISTORY_LAYERS);
    layer_name(name, i);
    if (history->count[i] && rand_below(r, 3) == 0) {
        history->count[i] = 0;
        assert_ok(road_traffic_remove(traffic, name));
        return;
    }
    history->count[i] = rand_below(r, 4) ? 1 + rand_below(r, 2) : HISTORY_CHANGES;
    for (size_t k = 0; k < history->count[i]; k++)
        history->changes[i][k] = random_change(road, r);
    assert_ok(road_traffic_put(traffic, name, history->changes[i], history->count[i], NULL));
}

/* The same layers in one go, the last first: what any history must have led to. */
static struct road_traffic *retold(const struct history *history, const struct road *road)
{
    struct road_traffic *traffic = NULL;
    char name[32];
    assert_ok(road_traffic_new(road, &traffic));
    for (size_t i = HISTORY_LAYERS; i-- > 0;) {
        layer_name(name, i);
        if (history->count[i])
            assert_ok(
                road_traffic_put(traffic, name, history->changes[i], history->count[i], NULL));
    }
    return traffic;
}

static void assert_metrics_equal(const struct road_metric *a, const struct road_metric *b)
{
    const struct road *road = a->road;
    size_t hops = road->hop_count * sizeof *a->forward;
    assert_int_equal(road_metric_digest(a), road_metric_digest(b));
    assert_memory_equal(a->weights, b->weights, 2 * road->edge_count * sizeof *a->weights);
    assert_memory_equal(a->forward, b->forward, hops);
    assert_memory_equal(a->backward, b->backward, hops);
    assert_memory_equal(a->cch, b->cch, road->cch.arcs * sizeof *a->cch);
}

/* Hops hold their arcs and prices, in both orders; the hierarchy is that of a full run. */
static void assert_metric_sound(const struct road_metric *metric)
{
    const struct road *road = metric->road;
    struct cch_plan *plan = NULL;
    struct cch_weight *full = malloc((road->cch.arcs + (size_t)1) * sizeof *full);
    uint32_t *input = malloc((road->hop_count + (size_t)1) * sizeof *input);
    for (uint32_t v = 0; v < road->vertex_count; v++) {
        for (uint32_t i = road->in_first[v]; i < road->in_first[v + 1]; i++) {
            uint32_t hop = road->in_hops[i], tail = metric->backward[i].vertex;
            assert_in_range(hop, road->hop_first[tail], road->hop_first[tail + 1] - 1);
            assert_int_equal(metric->backward[i].ms, metric->forward[hop].ms);
            assert_int_equal(metric->forward[hop].vertex, v);
        }
    }
    for (uint32_t hop = 0; hop < road->hop_count; hop++) {
        uint32_t ms = metric->weights[road->hops[hop].arc] +
                      hop_price_ms(road, metric->profile, &road->hops[hop]);
        input[hop] = ms < ROAD_INF ? ms : ROAD_INF;
        assert_int_equal(metric->forward[hop].ms, input[hop]);
    }
    assert_ok(cch_plan_new(&road->cch, &plan));
    assert_ok(cch_customize(plan, input, 2, full));
    assert_memory_equal(metric->cch, full, road->cch.arcs * sizeof *full);
    cch_plan_free(plan);
    free(input);
    free(full);
}

/* Core and edge agree, whatever came before; metrics that readers hold do not move meanwhile. */
static void any_history_leads_to_the_same_metric(void **state)
{
    (void)state;
    struct road_report report;
    struct road *road = import_city("osm/san-francisco.osm.pbf", &report);
    struct road_traffic *traffic = NULL;
    struct history history = {0};
    const struct road_metric *held[HISTORY_HELD] = {NULL};
    uint64_t digests[HISTORY_HELD] = {0};
    const uint32_t profiles[] = {road_profile(road, "car"), road_profile(road, "response")};
    struct rand r;
    rand_seed(&r, 31);
    assert_ok(road_traffic_new(road, &traffic));
    for (uint32_t i = 0; i < 120; i++) {
        size_t at = rand_below(&r, HISTORY_HELD);
        step(&history, traffic, road, &r);
        if (held[at])
            assert_int_equal(road_metric_digest(held[at]), digests[at]);
        road_metric_unref(held[at]);
        /* now and then so many that there is no buffer to write to */
        held[at] = i % 40 < 30 ? NULL : road_metric_ref(traffic, profiles[i % 2]);
        digests[at] = held[at] ? road_metric_digest(held[at]) : 0;
        if (i % 15 != 14)
            continue;
        struct road_traffic *other = retold(&history, road);
        for (size_t k = 0; k < 2; k++) {
            const struct road_metric *a = road_metric_ref(traffic, profiles[k]);
            uint64_t digest = 0; /* also where no metric was made */
            assert_ok(road_traffic_digest(other, profiles[k], &digest));
            assert_int_equal(digest, road_metric_digest(a));
            const struct road_metric *b = road_metric_ref(other, profiles[k]);
            assert_int_equal(road_metric_version(a), i + 1);
            assert_metrics_equal(a, b);
            assert_metric_sound(a);
            road_metric_unref(a);
            road_metric_unref(b);
        }
        road_traffic_free(other);
    }
    for (size_t i = 0; i < HISTORY_HELD; i++)
        road_metric_unref(held[i]);
    road_traffic_free(traffic);
    road_close(road);
}

/* ------------------------------------------------------- layers of five kinds */

enum { KIND_HOUR, KIND_CALIBRATION, KIND_CLOSURE, KIND_INCIDENT, KIND_COUNT };
static const char *const kind_names[KIND_COUNT] = {"hour", "calibration", "closure", "incident"};

struct stack { /* beside the base, which is no layer */
    struct road_speeds speeds[2];
    struct road_change changes[KIND_COUNT][HISTORY_CHANGES];
};

static struct road_speeds random_speeds(struct rand *r)
{
    struct road_speeds speeds = road_speeds_plain();
    for (size_t p = 0; p < ROAD_MAX_PROFILES; p++) {
        for (size_t c = 0; c < ROAD_MAX_CLASSES; c++)
            speeds.permille[p][c] =
                (uint16_t)(ROAD_MIN_SPEED_PERMILLE +
                           rand_below(r, ROAD_MAX_SPEED_PERMILLE - ROAD_MIN_SPEED_PERMILLE + 1));
    }
    return speeds;
}

static void stack_make(struct stack *stack, const struct road *road, struct rand *r)
{
    for (size_t i = 0; i < 2; i++)
        stack->speeds[i] = random_speeds(r);
    for (size_t i = 0; i < HISTORY_CHANGES; i++) {
        stack->changes[KIND_CLOSURE][i] = random_change(road, r);
        stack->changes[KIND_CLOSURE][i].speed_permille = 0;
        stack->changes[KIND_INCIDENT][i] = random_change(road, r);
    }
}

static void stack_put(const struct stack *stack, struct road_traffic *traffic, size_t kind)
{
    if (kind <= KIND_CALIBRATION)
        assert_ok(road_traffic_put_speeds(traffic, kind_names[kind], &stack->speeds[kind]));
    else
        assert_ok(road_traffic_put(traffic, kind_names[kind], stack->changes[kind], HISTORY_CHANGES,
                                   NULL));
}

/* The layers of the mask, put in one go on roads of their own. */
static struct road_traffic *stack_retold(const struct stack *stack, const struct road *road,
                                         uint32_t mask)
{
    struct road_traffic *traffic = NULL;
    assert_ok(road_traffic_new(road, &traffic));
    for (size_t kind = KIND_COUNT; kind-- > 0;) {
        if (mask >> kind & 1)
            stack_put(stack, traffic, kind);
    }
    return traffic;
}

/* Base, hour, calibration, closure and incident come and go in any order: what holds depends on
 * which are there and on nothing else, and without any the times are those of the file. */
static void five_kinds_of_layers_leave_no_trace(void **state)
{
    (void)state;
    struct random_road made = random_road_new(15, 12, 160, 0);
    struct road_traffic *traffic = NULL;
    struct stack stack;
    struct rand r;
    const uint32_t profiles[] = {road_profile(made.road, "car"),
                                 road_profile(made.road, "response")};
    uint32_t mask = 0, seen = 1, agreed = 0;
    rand_seed(&r, 15);
    stack_make(&stack, made.road, &r);
    assert_ok(road_traffic_new(made.road, &traffic));
    for (uint32_t i = 0; i < 160 || mask != 0; i++) {
        const size_t kind = rand_below(&r, KIND_COUNT);
        if (mask >> kind & 1)
            assert_ok(road_traffic_remove(traffic, kind_names[kind]));
        else
            stack_put(&stack, traffic, kind);
        mask ^= 1u << kind;
        seen |= 1u << mask;
        struct road_traffic *other = stack_retold(&stack, made.road, mask);
        for (size_t k = 0; k < 2; k++) {
            uint64_t digest = 0;
            const struct road_metric *a = road_metric_ref(traffic, profiles[k]);
            assert_ok(road_traffic_digest(other, profiles[k], &digest));
            assert_int_equal(digest, road_metric_digest(a));
            const struct road_metric *b = road_metric_ref(other, profiles[k]);
            assert_metrics_equal(a, b);
            assert_metric_sound(a);
            road_metric_unref(a);
            road_metric_unref(b);
        }
        road_traffic_free(other);
    }
    assert_int_equal(seen, 0xFFFF); /* every stack has stood once */
    for (uint32_t arc = 0; arc < 2 * road_info(made.road).edges; arc++) {
        const struct road_metric *metric = road_metric_ref(traffic, profiles[0]);
        agreed += road_metric_arc_ms(metric, arc) == road_base_ms(made.road, profiles[0], arc);
        road_metric_unref(metric);
    }
    assert_int_equal(agreed, 2 * road_info(made.road).edges);

    uint64_t digest = 0, other_digest = 0; /* control: one factor a thousandth off is seen */
    stack_put(&stack, traffic, KIND_HOUR);
    assert_ok(road_traffic_digest(traffic, profiles[0], &digest));
    for (size_t c = 0; c < ROAD_MAX_CLASSES; c++)
        stack.speeds[KIND_HOUR].permille[profiles[0]][c] ^= 1;
    struct road_traffic *other = stack_retold(&stack, made.road, 1u << KIND_HOUR);
    assert_ok(road_traffic_digest(other, profiles[0], &other_digest));
    assert_int_not_equal(digest, other_digest);
    road_traffic_free(other);
    road_traffic_free(traffic);
    random_road_free(&made);
}

/* Against plain arithmetic, arc by arc; faster too, and a closure stays one at any speed. */
static void speeds_multiply_and_may_be_faster(void **state)
{
    (void)state;
    struct random_road made = random_road_new(21, 10, 120, 0);
    struct road_traffic *traffic = NULL;
    struct rand r;
    const uint32_t car = road_profile(made.road, "car");
    uint32_t faster = 0, slower = 0;
    rand_seed(&r, 21);
    assert_ok(road_traffic_new(made.road, &traffic));
    const struct road_speeds hour = random_speeds(&r), calibration = random_speeds(&r);
    assert_ok(road_traffic_put_speeds(traffic, "hour", &hour));
    assert_ok(road_traffic_put_speeds(traffic, "calibration", &calibration));
    const struct road_metric *metric = road_metric_ref(traffic, car);
    for (uint32_t arc = 0; arc < 2 * road_info(made.road).edges; arc++) {
        const uint32_t base = road_base_ms(made.road, car, arc), now = metric->weights[arc];
        const uint32_t class = road_way(made.road, road_edge(made.road, arc / 2).way).road_class;
        const double factor =
            hour.permille[car][class] / 1000.0 * (calibration.permille[car][class] / 1000.0);
        if (base == ROAD_INF) {
            assert_int_equal(now, ROAD_INF);
            continue;
        }
        assert_true(now >= 1 && now >= base / factor * 0.9999 - 1 &&
                    now <= base / factor * 1.0001 + 1);
        faster += now < base;
        slower += now > base;
    }
    assert_true(faster > 20 && slower > 20);
    road_metric_unref(metric);
    struct road_change shut[100];
    for (size_t i = 0; i < 100; i++)
        shut[i] = (struct road_change){
            .way_id = 10 * (int64_t)(i + 1), .to = ROAD_WAY_ONE, .profiles = 1u << car};
    assert_ok(road_traffic_put(traffic, "closure", shut, 100, NULL));
    metric = road_metric_ref(traffic, car);
    for (uint32_t edge = 0; edge < road_info(made.road).edges; edge++) {
        if (road_way(made.road, road_edge(made.road, edge).way).id <= 1000) {
            assert_int_equal(road_metric_arc_ms(metric, 2 * edge), ROAD_INF);
            assert_true(road_metric_is_touched(metric, edge) ||
                        road_base_ms(made.road, car, 2 * edge) == ROAD_INF ||
                        road_base_ms(made.road, car, 2 * edge + 1) == ROAD_INF);
        }
    }
    road_metric_unref(metric);
    road_traffic_free(traffic);
    random_road_free(&made);
}

static void speeds_have_bounds(void **state)
{
    (void)state;
    struct random_road made = random_road_new(6, 8, 90, 0);
    struct road_traffic *traffic = NULL;
    struct road_speeds speeds = road_speeds_plain();
    static const char *const names[] = {"a", "b", "c", "d", "e"};
    assert_ok(road_traffic_new(made.road, &traffic));
    const uint64_t before = digest_of_all(traffic, made.road);
    speeds.permille[1][2] = ROAD_MIN_SPEED_PERMILLE - 1;
    assert_int_equal(road_traffic_put_speeds(traffic, "hour", &speeds), ERR_RANGE);
    speeds.permille[1][2] = ROAD_MAX_SPEED_PERMILLE + 1;
    assert_int_equal(road_traffic_put_speeds(traffic, "hour", &speeds), ERR_RANGE);
    speeds.permille[1][2] = 1000;
    assert_int_equal(road_traffic_put_speeds(traffic, "", &speeds), ERR_RANGE);
    for (size_t i = 0; i < ROAD_MAX_SPEED_LAYERS; i++)
        assert_ok(road_traffic_put_speeds(traffic, names[i], &speeds));
    assert_int_equal(road_traffic_put_speeds(traffic, names[ROAD_MAX_SPEED_LAYERS], &speeds),
                     ERR_LIMIT);
    assert_int_equal(digest_of_all(traffic, made.road), before); /* plain ones change nothing */
    const struct road_change shut = {.way_id = 10, .to = ROAD_WAY_ONE, .profiles = 31};
    assert_ok(road_traffic_put(traffic, "a", &shut, 1, NULL)); /* a name stands for the last */
    assert_ok(road_traffic_put_speeds(traffic, "e", &speeds));
    assert_ok(road_traffic_remove(traffic, "a"));
    assert_int_equal(digest_of_all(traffic, made.road), before);
    road_traffic_free(traffic);
    random_road_free(&made);
}

/* With every buffer held a change is refused and leaves no trace; one given back lets it through.
 */
static void a_change_without_a_buffer_is_refused(void **state)
{
    (void)state;
    struct random_road made = random_road_new(5, 8, 90, 0);
    struct road_traffic *traffic = NULL;
    const struct road_metric *held[ROAD_MAX_BUFFERS];
    struct rand r;
    uint32_t version = 0;
    char name[32];
    rand_seed(&r, 17);
    assert_ok(road_traffic_new(made.road, &traffic));
    for (size_t i = 0; i < ROAD_MAX_BUFFERS; i++) {
        held[i] = road_metric_ref(traffic, 0);
        uint64_t digest = road_metric_digest(held[i]);
        while (i + 1 < ROAD_MAX_BUFFERS) { /* until one matters to the profile */
            struct road_change change = random_change(made.road, &r);
            change.profiles = 1;
            layer_name(name, version++);
            assert_ok(road_traffic_put(traffic, name, &change, 1, NULL));
            const struct road_metric *now = road_metric_ref(traffic, 0);
            bool is_new = road_metric_digest(now) != digest;
            road_metric_unref(now);
            if (is_new)
                break;
        }
    }
    uint64_t before = road_metric_digest(held[ROAD_MAX_BUFFERS - 1]);
    assert_int_equal(road_traffic_remove(traffic, name), ERR_BUSY);
    assert_int_equal(road_traffic_version(traffic), version);
    const struct road_metric *same = road_metric_ref(traffic, 0);
    assert_int_equal(road_metric_digest(same), before);
    road_metric_unref(same);
    road_metric_unref(held[0]);
    assert_ok(road_traffic_remove(traffic, name));
    same = road_metric_ref(traffic, 0);
    assert_int_not_equal(road_metric_digest(same), before);
    assert_metric_sound(same);
    road_metric_unref(same);
    for (size_t i = 1; i < ROAD_MAX_BUFFERS; i++)
        road_metric_unref(held[i]);
    road_traffic_free(traffic);
    random_road_free(&made);
}

/* ------------------------------------------------------- threads */

struct reader {
    struct road_traffic *traffic;
    const struct road *road;
    atomic_bool *is_over;
    size_t queries, agreed;
};

static void *read_on(void *user)
{
    struct reader *reader = user;
    struct road_scratch *scratch = NULL;
    if (road_scratch_new(reader->road, &scratch))
        return NULL;
    for (uint32_t i = 0; !atomic_load(reader->is_over); i++) {
        /* two threads meet at the first use of each profile */
        const struct road_metric *metric =
            road_metric_ref(reader->traffic, i % road_info(reader->road).profiles);
        uint64_t digest = road_metric_digest(metric);
        uint32_t first, second;
        struct road_point from = {1, 100}, to = {40, 60000};
        enum err err = road_time(metric, scratch, from, to, &first);
        if (!err)
            err = road_time(metric, scratch, from, to, &second);
        /* one metric, one truth */
        reader->queries += 1;
        reader->agreed += !err && first == second && road_metric_digest(metric) == digest;
        road_metric_unref(metric);
        if (err)
            break;
    }
    road_scratch_free(scratch);
    return NULL;
}

static void readers_never_wait_for_the_writer(void **state)
{
    (void)state;
    struct random_road made = random_road_new(9, 8, 90, 0);
    struct road_traffic *traffic = NULL;
    struct rand r;
    atomic_bool is_over = false;
    pthread_t threads[2];
    struct reader readers[2];
    assert_ok(road_traffic_new(made.road, &traffic));
    rand_seed(&r, 9);
    for (size_t i = 0; i < 2; i++) {
        readers[i] = (struct reader){traffic, made.road, &is_over, 0, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, read_on, &readers[i]), 0);
    }
    for (size_t i = 0; i < 300; i++) {
        char name[32];
        struct road_change change = random_change(made.road, &r);
        layer_name(name, i % 10);
        enum err err = i % 3 == 2 ? road_traffic_remove(traffic, name)
                                  : road_traffic_put(traffic, name, &change, 1, NULL);
        assert_true(err == OK || err == ERR_NOT_FOUND);
    }
    atomic_store(&is_over, true);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(readers[i].agreed, readers[i].queries);
    }
    road_traffic_free(traffic);
    random_road_free(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_removed_layer_leaves_no_trace),
        cmocka_unit_test(bad_changes_change_nothing),
        cmocka_unit_test(a_layer_never_enlarges),
        cmocka_unit_test(the_rules_of_a_closure_hold),
        cmocka_unit_test(a_point_and_its_way_are_one_place),
        cmocka_unit_test(snapping_finds_the_nearest_street),
        cmocka_unit_test(any_history_leads_to_the_same_metric),
        cmocka_unit_test(five_kinds_of_layers_leave_no_trace),
        cmocka_unit_test(speeds_multiply_and_may_be_faster),
        cmocka_unit_test(speeds_have_bounds),
        cmocka_unit_test(a_change_without_a_buffer_is_refused),
        cmocka_unit_test(readers_never_wait_for_the_writer),
    };
    return RUN(tests);
}
