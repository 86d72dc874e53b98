/* Moving units: their rows against another engine's table, with AVX2 and without; and fleets that
 * move, leave, wait and are closed in, against asking for each unit. */
#include "anchor_graph.h"
#include "random_road.h"
#include "road/fleet_priv.h"
#include "road/query_priv.h"

#define POSTS 85u
#define TARGETS 1000u

/* The least arrival of any row, climbing block by block; ROAD_INF: none within the bound. */
static uint32_t ask(const struct fleet_rows *rows, struct fleet_asker *asker,
                    const struct fleet_kernels *kernels, struct climb_start *start,
                    const struct cch_weight *weights, uint32_t bound)
{
    uint32_t best = ROAD_INF, slots = rows->climb->slots;
    struct fleet_block block;
    fleet_asker_begin(asker, weights, (struct climb_chain){start, 1});
    while (fleet_asker_climb(asker, bound, &block)) {
        for (size_t at = 0; at < rows->columns && block.low <= bound; at += FLEET_LOOK) {
            const size_t first = block.index * rows->columns + at;
            uint64_t bits =
                kernels->look(rows->low + first, rows->top + first, block.top, block.low, bound);
            assert_true(bits == fleet_kernels_plain.look(rows->low + first, rows->top + first,
                                                         block.top, block.low, bound));
            for (; bits; bits &= bits - 1) {
                size_t slot = (at + (size_t)__builtin_ctzll(bits)) * slots +
                              (size_t)block.index * CLIMB_BLOCK;
                struct fleet_side side = {rows->labels + slot, rows->path + slot};
                uint32_t ms = kernels->meet(side, block.side);
                if (ms < ROAD_INF)
                    assert_int_equal(fleet_kernels_plain.meet(side, block.side), ms);
                best = ms <= bound && ms < best ? ms : best;
            }
        }
    }
    return best;
}

static uint64_t sum_of_table(const struct anchor_graph *graph, const struct climb *climb,
                             const struct cch_weight *weights, const char *city)
{
    uint32_t *posts = anchor_column(city, "posts.csv"),
             *targets = anchor_column(city, "targets.csv");
    const struct fleet_kernels kernels = fleet_kernels_choose();
    struct fleet_rows rows;
    struct fleet_asker asker = {0};
    uint64_t sum = 0;
    for (uint32_t i = 0; i < POSTS; i++) {
        struct climb_start start = {.vertex = graph->rank[posts[i]]};
        assert_ok(fleet_rows_init(&rows, climb, FLEET_LOOK));
        assert_ok(fleet_asker_init(&asker, climb));
        fleet_rows_climb(&rows, i % FLEET_LOOK, weights, (struct climb_chain){&start, 1});
        for (uint32_t t = 0; t < TARGETS; t++) {
            struct climb_start to = {.vertex = graph->rank[targets[t]]};
            uint32_t ms = ask(&rows, &asker, &kernels, &to, weights, ROAD_INF - 1);
            sum += ms;
            if (t % 16)
                continue;
            assert_int_equal(ask(&rows, &asker, &kernels, &to, weights, ms), ms);
            assert_int_equal(ask(&rows, &asker, &kernels, &to, weights, ms - 1), ROAD_INF);
        }
        free(asker.labels);
        free(asker.path);
        fleet_rows_done(&rows);
    }
    free(posts);
    free(targets);
    return sum;
}

static void rows_are_as_the_other_engine_has_them(void **state)
{
    (void)state;
    static const char *const cities[] = {"anchor-nyc", "anchor-porto"};
    static const uint64_t sums[] = {204197181396, 115475596739};
    for (size_t i = 0; i < 2; i++) {
        struct anchor_graph graph = anchor_graph_load(cities[i]);
        struct cch cch;
        struct climb climb;
        assert_ok(cch_build(&graph.hops, &cch));
        assert_ok(climb_init(&climb, &cch));
        struct cch_weight *weights = malloc((cch.arcs + 1) * sizeof *weights);
        assert_ok(anchor_customize(&cch, graph.hop_ms, weights));
        assert_int_equal(sum_of_table(&graph, &climb, weights, cities[i]), sums[i]);
        free(weights);
        climb_done(&climb);
        cch_done(&cch);
        anchor_graph_free(&graph);
    }
}

/* ------------------------------------------------------- fleets */

#define UNITS 70u

struct town {
    struct random_road made;
    struct road_traffic *traffic;
    struct road_scratch *scratch;
    const struct road_metric *metric;
    struct road_fleet *fleet;
    struct road_source units[UNITS];
    bool is_there[UNITS];
};

static bool may_odd(void *user, uint32_t unit)
{
    (void)user;
    return unit % 2;
}

/* Against the time of each unit by itself. */
static void check_nearest(struct town *town, struct road_point to, size_t k, bool is_odd_only)
{
    struct road_fleet_query query = {.to = to, .k = k, .may = is_odd_only ? may_odd : NULL};
    uint64_t keys[UNITS];
    size_t count = 0;
    struct road_hits hits;
    for (uint32_t i = 0; i < UNITS; i++) {
        uint32_t ms = ROAD_INF;
        if (!town->is_there[i] || (is_odd_only && i % 2 == 0))
            continue;
        assert_ok(road_time(town->metric, town->scratch, town->units[i].point, to, &ms));
        ms = query_sum(ms, town->units[i].delay_ms);
        if (ms < ROAD_INF)
            keys[count++] = (uint64_t)ms << 32 | i;
    }
    query_sort(keys, count);
    assert_ok(road_fleet_nearest(town->fleet, town->metric, town->scratch, &query, &hits));
    assert_int_equal(hits.count, count < k ? count : k);
    for (size_t i = 0; i < hits.count; i++) {
        assert_int_equal(hits.at[i].source, (uint32_t)keys[i]);
        assert_int_equal(hits.at[i].ms, keys[i] >> 32);
    }
}

static void move_some(struct town *town, struct rand *r)
{
    uint32_t edges = town->made.road->edge_count;
    for (int i = 0; i < 20; i++) {
        uint32_t unit = rand_below(r, UNITS);
        town->is_there[unit] = rand_below(r, 4) != 0;
        town->units[unit] = (struct road_source){
            {rand_below(r, edges), rand_below(r, 5) ? rand_below(r, ROAD_FRAC_ONE + 1) : 0},
            rand_below(r, 3) * 2000};
        if (town->is_there[unit])
            assert_ok(road_fleet_put(town->fleet, town->metric, unit, town->units[unit]));
        else
            road_fleet_remove(town->fleet, unit);
    }
}

static void close_some(struct town *town, struct rand *r)
{
    struct road_way way = road_way(town->made.road, rand_below(r, road_way_count(town->made.road)));
    struct road_change change = {.way_id = way.id, .to = ROAD_WAY_ONE, .profiles = UINT32_MAX};
    assert_ok(road_traffic_put(town->traffic, rand_below(r, 2) ? "a" : "b", &change, 1, NULL));
    road_metric_unref(town->metric);
    town->metric = road_metric_ref(town->traffic, 0);
}

static void fleets_agree_with_each_unit_alone(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct town town = {.made = random_road_new(seed, 8, 90, 0)};
        struct rand r;
        rand_seed(&r, seed);
        assert_ok(road_traffic_new(town.made.road, &town.traffic));
        assert_ok(road_scratch_new(town.made.road, &town.scratch));
        assert_ok(road_fleet_new(town.made.road, 0, UNITS, &town.fleet));
        town.metric = road_metric_ref(town.traffic, 0);
        for (int round = 0; round < 12; round++) {
            move_some(&town, &r);
            if (round % 3 == 2)
                close_some(&town, &r);
            for (int i = 0; i < 4; i++) {
                struct road_point to = {rand_below(&r, town.made.road->edge_count),
                                        rand_below(&r, ROAD_FRAC_ONE + 1)};
                if (i == 3)
                    to = town.units[rand_below(&r, UNITS)].point;
                check_nearest(&town, to, (size_t[]){1, 3, UNITS, 2 * UNITS}[i], i % 2);
            }
        }
        road_metric_unref(town.metric);
        road_fleet_free(town.fleet);
        road_scratch_free(town.scratch);
        road_traffic_free(town.traffic);
        random_road_free(&town.made);
    }
}

static void wrong_calls_are_refused(void **state)
{
    (void)state;
    struct random_road made = random_road_new(1, 4, 20, 0);
    struct road_traffic *traffic;
    struct road_scratch *scratch;
    struct road_fleet *fleet = NULL;
    struct road_hits hits;
    assert_ok(road_traffic_new(made.road, &traffic));
    assert_ok(road_scratch_new(made.road, &scratch));
    const struct road_metric *metric = road_metric_ref(traffic, 0);
    assert_int_equal(road_fleet_new(made.road, 0, 0, &fleet), ERR_LIMIT);
    assert_int_equal(road_fleet_new(made.road, 0, ROAD_MAX_FLEET + 1, &fleet), ERR_LIMIT);
    assert_null(fleet);
    assert_ok(road_fleet_new(made.road, 0, 3, &fleet));
    assert_int_equal(road_fleet_put(fleet, metric, 3, (struct road_source){0}), ERR_RANGE);
    road_fleet_remove(fleet, 3);
    assert_ok(road_fleet_put(fleet, metric, 2, (struct road_source){.delay_ms = ROAD_INF}));
    const struct road_fleet_query query = {.k = 5}, none = {.k = 0};
    assert_ok(road_fleet_nearest(fleet, metric, scratch, &query, &hits));
    assert_int_equal(hits.count, 0); /* who never starts arrives nowhere */
    assert_ok(road_fleet_put(fleet, metric, 0, (struct road_source){0}));
    assert_ok(road_fleet_nearest(fleet, metric, scratch, &query, &hits));
    assert_int_equal(hits.count, 1);
    assert_ok(road_fleet_nearest(fleet, metric, scratch, &none, &hits));
    assert_int_equal(hits.count, 0);
    road_metric_unref(metric);
    road_fleet_free(fleet);
    road_fleet_free(NULL);
    road_scratch_free(scratch);
    road_traffic_free(traffic);
    random_road_free(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_as_the_other_engine_has_them),
        cmocka_unit_test(fleets_agree_with_each_unit_alone),
        cmocka_unit_test(wrong_calls_are_refused),
    };
    return RUN(tests);
}
