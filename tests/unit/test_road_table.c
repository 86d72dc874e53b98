/* Sweeps against another engine's table and against climbing for each pair, with AVX2 and without.
 */
#include "anchor_graph.h"
#include "base/rand.h"
#include "road/table_priv.h"
#include <string.h>

#define POSTS 85u
#define TARGETS 1000u

struct city {
    struct anchor_graph graph;
    struct cch cch;
    struct climb climb;
    struct cch_weight *weights;
    struct table table;
    struct climb_start posts[POSTS], targets[TARGETS];
    uint32_t first[TARGETS + 1]; /* one start each */
    struct table_points from, to;
};

static void city_init(struct city *city, const char *name)
{
    *city = (struct city){.graph = anchor_graph_load(name)};
    uint32_t *posts = anchor_column(name, "posts.csv");
    uint32_t *targets = anchor_column(name, "targets.csv");
    assert_ok(cch_build(&city->graph.hops, &city->cch));
    assert_ok(climb_init(&city->climb, &city->cch));
    city->weights = malloc((city->cch.arcs + 1) * sizeof *city->weights);
    assert_ok(anchor_customize(&city->cch, city->graph.hop_ms, city->weights));
    assert_ok(table_init(&city->table, &city->climb));
    for (uint32_t i = 0; i < POSTS; i++)
        city->posts[i] = (struct climb_start){.vertex = city->graph.rank[posts[i]]};
    for (uint32_t i = 0; i < TARGETS; i++)
        city->targets[i] = (struct climb_start){.vertex = city->graph.rank[targets[i]]};
    for (uint32_t i = 0; i <= TARGETS; i++)
        city->first[i] = i;
    city->from = (struct table_points){city->posts, city->first, POSTS};
    city->to = (struct table_points){city->targets, city->first, TARGETS};
    free(posts);
    free(targets);
}

static void city_done(struct city *city)
{
    table_done(&city->table);
    climb_done(&city->climb);
    cch_done(&city->cch);
    free(city->weights);
    anchor_graph_free(&city->graph);
}

static void check_city(const char *name, uint64_t expected)
{
    struct city *city = malloc(sizeof *city);
    uint32_t *ms = malloc(sizeof *ms * POSTS * TARGETS), towards[POSTS];
    uint64_t *first = malloc(sizeof *first * TARGETS), sum = 0;
    city_init(city, name);
    assert_ok(table_fill(&city->table, city->weights, &city->from, &city->to, ms));
    for (uint32_t i = 0; i < POSTS * TARGETS; i++)
        sum += ms[i];
    assert_int_equal(sum, expected);
    assert_ok(table_first(&city->table, city->weights, &city->from, &city->to, first));
    for (uint32_t t = 0; t < TARGETS; t++) {
        uint64_t least = TABLE_NO_LABEL;
        for (uint32_t s = 0; s < POSTS; s++) {
            uint64_t label = (uint64_t)ms[s * TARGETS + t] << 32 | s;
            least = label < least ? label : least;
        }
        assert_int_equal(first[t], least);
    }
    for (uint32_t t = 0; t < TARGETS; t += 100) {
        struct table_points to = {city->targets + t, city->first, 1};
        assert_ok(table_towards(&city->table, city->weights, &city->from, &to, towards));
        for (uint32_t s = 0; s < POSTS; s++)
            assert_int_equal(towards[s], ms[s * TARGETS + t]);
    }
    city_done(city);
    free(city);
    free(ms);
    free(first);
}

static void nyc_table(void **state)
{
    (void)state;
    check_city("anchor-nyc", 204197181396);
}

static void porto_table(void **state)
{
    (void)state;
    check_city("anchor-porto", 115475596739);
}

#define ROWS 60u

static void both_sweeps_do_the_same(void **state)
{
    (void)state;
    _Alignas(64) uint32_t wide[ROWS * TABLE_LANES], plain[ROWS * TABLE_LANES];
    struct table_arc arcs[ROWS * 4];
    uint32_t first[ROWS + 1], made = 0;
    struct rand r;
    rand_seed(&r, 3);
    for (int round = 0; round < 200; round++) {
        made = 0;
        for (uint32_t i = 0; i < ROWS; i++) {
            first[i] = made;
            for (uint32_t k = rand_below(&r, 5); k && i; k--)
                arcs[made++] = (struct table_arc){
                    rand_below(&r, i), rand_below(&r, 3) ? rand_below(&r, 100000) : ROAD_INF};
        }
        first[ROWS] = made;
        for (uint32_t i = 0; i < ROWS * TABLE_LANES; i++)
            wide[i] = plain[i] = rand_below(&r, 4) ? ROAD_INF : rand_below(&r, ROAD_INF);
        table_sweep(first, arcs, ROWS, wide);
        table_sweep_plain(first, arcs, ROWS, plain);
        assert_memory_equal(wide, plain, sizeof wide);
    }
}

static void no_points_are_no_trouble(void **state)
{
    (void)state;
    struct city *city = malloc(sizeof *city);
    uint32_t none[1] = {0}, ms[2] = {7, 7}, empty[3] = {0, 0, 1};
    uint64_t label = 0;
    city_init(city, "anchor-porto");
    struct table_points nobody = {city->posts, none, 0}, lost = {city->posts, empty, 2};
    struct table_points one = {city->targets, city->first, 1};
    assert_ok(table_fill(&city->table, city->weights, &nobody, &city->to, NULL));
    assert_ok(table_fill(&city->table, city->weights, &city->from, &nobody, NULL));
    assert_ok(table_fill(&city->table, city->weights, &lost, &one, ms));
    assert_int_equal(ms[0], ROAD_INF); /* the first of the lost stands nowhere */
    assert_true(ms[1] < ROAD_INF);
    assert_ok(table_first(&city->table, city->weights, &nobody, &one, &label));
    assert_true(label == TABLE_NO_LABEL);
    city_done(city);
    free(city);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nyc_table),
        cmocka_unit_test(porto_table),
        cmocka_unit_test(both_sweeps_do_the_same),
        cmocka_unit_test(no_points_are_no_trouble),
    };
    return RUN(tests);
}
