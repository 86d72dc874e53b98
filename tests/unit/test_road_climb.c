/* Searches up the elimination tree against another engine's distances, with AVX2 and without, and
 * against a plain search on the ways themselves. */
#include "anchor_graph.h"
#include "base/rand.h"
#include "road/climb_priv.h"
#include <string.h>

struct city {
    struct anchor_graph graph;
    struct cch cch;
    struct climb climb;
    struct cch_weight *weights;
    struct metric_hop *hops;
    struct climb_sides sides;
};

static void city_init(struct city *city, const char *name)
{
    *city = (struct city){.graph = anchor_graph_load(name)};
    assert_ok(cch_build(&city->graph.hops, &city->cch));
    assert_ok(climb_init(&city->climb, &city->cch));
    city->weights = malloc((city->cch.arcs + 1) * sizeof *city->weights);
    assert_ok(anchor_customize(&city->cch, city->graph.hop_ms, city->weights));
    city->hops = malloc((city->graph.hops.count + 1) * sizeof *city->hops);
    for (uint32_t i = 0; i < city->graph.hops.count; i++)
        city->hops[i] = (struct metric_hop){city->graph.hop_head[i], city->graph.hop_ms[i]};
    city->sides = (struct climb_sides){
        .climb = &city->climb,
        .weights = city->weights,
        .labels = {climb_labels_new(&city->climb), climb_labels_new(&city->climb)}};
    assert_non_null(city->sides.labels[0]);
    assert_non_null(city->sides.labels[1]);
}

static void city_done(struct city *city)
{
    free(city->sides.labels[0]);
    free(city->sides.labels[1]);
    free(city->hops);
    free(city->weights);
    climb_done(&city->climb);
    cch_done(&city->cch);
    anchor_graph_free(&city->graph);
}

static struct climb_meeting meet(const struct city *city, uint32_t from, uint32_t to,
                                 uint32_t below)
{
    struct climb_start a = {.vertex = from}, b = {.vertex = to};
    return climb_meet(&city->sides, (struct climb_chain){&a, 1}, (struct climb_chain){&b, 1},
                      below);
}

static uint64_t sum_of_pairs(const struct city *city, const char *name)
{
    uint32_t(*pairs)[3], count = anchor_rows(name, "pairs.csv", &pairs);
    uint64_t sum = 0;
    assert_int_equal(count, ANCHOR_PAIRS);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t from = city->graph.rank[pairs[i][0]], to = city->graph.rank[pairs[i][1]];
        uint32_t ms = meet(city, from, to, ROAD_INF).ms;
        assert_int_equal(ms, pairs[i][2]);
        if (i % 16 == 0) { /* just below, and nothing is found */
            assert_int_equal(meet(city, from, to, ms).vertex, ROAD_NONE);
            assert_int_equal(meet(city, from, to, ms + 1).ms, ms);
        }
        sum += ms;
    }
    free(pairs);
    return sum;
}

static void distances_are_as_the_other_engine_has_them(const char *name, uint64_t sum)
{
    struct city city;
    city_init(&city, name);
    assert_int_equal(sum_of_pairs(&city, name), sum);
    city.climb.to[CLIMB_OUT] = climb_to_plain_out;
    city.climb.to[CLIMB_IN] = climb_to_plain_in;
    assert_int_equal(sum_of_pairs(&city, name), sum);
    city_done(&city);
}

static void nyc_distances(void **state)
{
    (void)state;
    distances_are_as_the_other_engine_has_them("anchor-nyc", 23843134026);
}

static void porto_distances(void **state)
{
    (void)state;
    distances_are_as_the_other_engine_has_them("anchor-porto", 13657268199);
}

/* Several late starts on each side, wherever they lie: the least over all pairs. */
static uint32_t meet_all(const struct city *city, struct climb_start *from, size_t from_count,
                         struct climb_start *to, size_t to_count)
{
    uint32_t best = ROAD_INF;
    from_count = climb_sort_starts(from, from_count);
    to_count = climb_sort_starts(to, to_count);
    for (size_t i = 0, n; i < from_count; i += n) {
        n = climb_first_chain(&city->climb, from + i, from_count - i);
        for (size_t k = 0, m; k < to_count; k += m) {
            m = climb_first_chain(&city->climb, to + k, to_count - k);
            best = climb_meet(&city->sides, (struct climb_chain){from + i, n},
                              (struct climb_chain){to + k, m}, best)
                       .ms;
        }
    }
    return best;
}

static void many_starts_are_the_least_of_their_pairs(void **state)
{
    (void)state;
    struct city city;
    struct rand r;
    rand_seed(&r, 5);
    city_init(&city, "anchor-porto");
    for (int round = 0; round < 500; round++) {
        struct climb_start from[6], to[6];
        size_t from_count = 1 + rand_below(&r, 6), to_count = 1 + rand_below(&r, 6);
        uint32_t least = ROAD_INF;
        for (size_t i = 0; i < 6; i++) {
            uint32_t near = rand_below(&r, city.graph.hops.count);
            from[i] =
                (struct climb_start){rand_below(&r, city.cch.vertices), rand_below(&r, 100000), 0};
            to[i] =
                (struct climb_start){rand_below(&r, city.cch.vertices), rand_below(&r, 100000), 0};
            if (i == 1) { /* the two ends of a street */
                from[0].vertex = city.graph.hop_tail[near];
                from[1].vertex = city.graph.hop_head[near];
            }
        }
        for (size_t i = 0; i < from_count; i++) {
            for (size_t k = 0; k < to_count; k++) {
                uint32_t ms =
                    meet(&city, from[i].vertex, to[k].vertex, ROAD_INF).ms + from[i].ms + to[k].ms;
                least = ms < least ? ms : least;
            }
        }
        assert_int_equal(meet_all(&city, from, from_count, to, to_count), least);
    }
    city_done(&city);
}

static void check_path(const struct city *city, uint32_t from, uint32_t to, struct climb_path *path)
{
    struct climb_start a = {from, 7, 1}, b = {to, 9, 2};
    const struct climb_chain ends[2] = {{&a, 1}, {&b, 1}};
    struct climb_meeting meeting = climb_meet(&city->sides, ends[0], ends[1], ROAD_INF);
    uint32_t at = from, ms = 0;
    assert_ok(climb_path_find(&city->sides, city->hops, ends, meeting, path));
    assert_int_equal(path->from.vertex, from);
    assert_int_equal(path->to.vertex, to);
    for (size_t i = 0; i < path->hops.count; i++) {
        uint32_t hop = VEC(&path->hops, uint32_t)[i];
        assert_int_equal(city->graph.hop_tail[hop], at);
        at = city->graph.hop_head[hop];
        ms += city->graph.hop_ms[hop];
    }
    assert_int_equal(at, to);
    assert_int_equal(ms + 16, meeting.ms);
}

static void hops_of_a_way_add_up(void **state)
{
    (void)state;
    struct city city;
    struct climb_path path = {0};
    uint32_t(*pairs)[3], count = anchor_rows("anchor-nyc", "pairs.csv", &pairs);
    city_init(&city, "anchor-nyc");
    for (uint32_t i = 0; i < count; i += 5)
        check_path(&city, city.graph.rank[pairs[i][0]], city.graph.rank[pairs[i][1]], &path);
    check_path(&city, 3, 3, &path);
    assert_int_equal(path.hops.count, 0);
    vec_done(&path.hops);
    vec_done(&path.stack);
    free(pairs);
    city_done(&city);
}

/* Two pieces, a one-way street, and fewer arcs than the wide code loads at once. */
static void small_graphs_work(void **state)
{
    (void)state;
    static const uint32_t tail[] = {0, 1, 3}, head[] = {1, 2, 4}, ms[] = {5, 6, 7};
    const struct cch_hops hops = {5, 3, tail, head};
    struct city city = {0};
    struct cch_weight weights[8];
    assert_ok(cch_build(&hops, &city.cch));
    assert_ok(climb_init(&city.climb, &city.cch));
    assert_ok(anchor_customize(&city.cch, ms, weights));
    city.weights = weights;
    city.sides = (struct climb_sides){
        .climb = &city.climb,
        .weights = weights,
        .labels = {climb_labels_new(&city.climb), climb_labels_new(&city.climb)}};
    assert_int_equal(meet(&city, 0, 2, ROAD_INF).ms, 11);
    assert_int_equal(meet(&city, 2, 0, ROAD_INF).ms, ROAD_INF);
    assert_int_equal(meet(&city, 3, 4, ROAD_INF).ms, 7);
    assert_int_equal(meet(&city, 0, 4, ROAD_INF).ms, ROAD_INF);
    assert_int_equal(meet(&city, 4, 4, ROAD_INF).ms, 0);
    free(city.sides.labels[0]);
    free(city.sides.labels[1]);
    climb_done(&city.climb);
    cch_done(&city.cch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nyc_distances),
        cmocka_unit_test(porto_distances),
        cmocka_unit_test(many_starts_are_the_least_of_their_pairs),
        cmocka_unit_test(hops_of_a_way_add_up),
        cmocka_unit_test(small_graphs_work),
    };
    return RUN(tests);
}
