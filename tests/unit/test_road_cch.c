/* The hierarchy against another engine's graphs: its counts, its distances. */
#include "anchor_graph.h"
#include "base/rand.h"
#include <string.h>

/* Distances from a vertex to all of its ancestors, by climbing; then the best meeting. */
static void climb(const struct cch *cch, const struct cch_weight *weights, uint32_t v, bool is_down,
                  uint32_t *dist)
{
    dist[v] = 0;
    for (uint32_t x = v, i; (i = cch->up_first[x]) < cch->up_first[x + 1]; x = cch->up_head[i]) {
        for (uint32_t k = i; k < cch->up_first[x + 1]; k++) {
            uint32_t ms = dist[x] + (is_down ? weights[k].down : weights[k].up);
            uint32_t *at = &dist[cch->up_head[k]];
            *at = ms < *at ? ms : *at;
        }
    }
}

static uint32_t parent_of(const struct cch *cch, uint32_t v)
{
    uint32_t i = cch->up_first[v];
    return i < cch->up_first[v + 1] ? cch->up_head[i] : ROAD_NONE;
}

struct climber {
    uint32_t *out, *in; /* ROAD_INF everywhere between queries */
};

static struct climber climber_new(uint32_t vertices)
{
    struct climber climber = {malloc(vertices * sizeof(uint32_t)),
                              malloc(vertices * sizeof(uint32_t))};
    for (uint32_t i = 0; i < vertices; i++)
        climber.out[i] = climber.in[i] = ROAD_INF;
    return climber;
}

static void climber_free(struct climber *climber)
{
    free(climber->out);
    free(climber->in);
}

static uint32_t distance(const struct cch *cch, const struct cch_weight *weights,
                         struct climber *climber, uint32_t from, uint32_t to)
{
    uint32_t best = ROAD_INF;
    climb(cch, weights, from, false, climber->out);
    climb(cch, weights, to, true, climber->in);
    for (uint32_t v = from; v != ROAD_NONE; v = parent_of(cch, v)) {
        uint32_t ms = climber->out[v] + climber->in[v];
        best = ms < best ? ms : best;
        climber->out[v] = ROAD_INF;
    }
    for (uint32_t v = to; v != ROAD_NONE; v = parent_of(cch, v))
        climber->in[v] = ROAD_INF;
    return best;
}

struct expected {
    const char *city;
    uint32_t arcs;
    uint64_t triangles, sum_ms;
    uint32_t mean_depth;
};

static void a_city_is_as_the_other_engine_has_it(const struct expected *expected)
{
    struct anchor_graph graph = anchor_graph_load(expected->city);
    struct cch cch;
    uint32_t(*pairs)[3];
    uint64_t sum = 0;
    assert_ok(cch_build(&graph.hops, &cch));
    struct cch_measure measure = cch_measure(&cch);
    assert_int_equal(cch.arcs, expected->arcs);
    assert_in_range(measure.triangles, expected->triangles - 5000, expected->triangles + 5000);
    assert_in_range((uint32_t)measure.mean_depth, expected->mean_depth - 1,
                    expected->mean_depth + 1);
    struct cch_weight *weights = malloc(cch.arcs * sizeof *weights);
    struct climber climber = climber_new(cch.vertices);
    assert_ok(cch_customize(&cch, graph.hop_ms, 1, weights));
    uint32_t count = anchor_rows(expected->city, "pairs.csv", &pairs);
    assert_int_equal(count, ANCHOR_PAIRS);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t ms =
            distance(&cch, weights, &climber, graph.rank[pairs[i][0]], graph.rank[pairs[i][1]]);
        assert_int_equal(ms, pairs[i][2]);
        sum += ms;
    }
    assert_int_equal(sum, expected->sum_ms);
    free(pairs);
    free(weights);
    climber_free(&climber);
    cch_done(&cch);
    anchor_graph_free(&graph);
}

static void nyc_is_as_the_other_engine_has_it(void **state)
{
    (void)state;
    a_city_is_as_the_other_engine_has_it(
        &(struct expected){"anchor-nyc", 1140334, 6770000, 23843134026, 131});
}

static void porto_is_as_the_other_engine_has_it(void **state)
{
    (void)state;
    a_city_is_as_the_other_engine_has_it(
        &(struct expected){"anchor-porto", 252980, 1130000, 13657268199, 114});
}

/* The invariants that every reader leans on. */
static void the_topology_is_chordal_and_sorted(void **state)
{
    (void)state;
    struct anchor_graph graph = anchor_graph_load("anchor-porto");
    struct cch cch;
    assert_ok(cch_build(&graph.hops, &cch));
    for (uint32_t v = 0; v < cch.vertices; v++) {
        for (uint32_t i = cch.up_first[v]; i < cch.up_first[v + 1]; i++) {
            assert_true(cch.up_head[i] > (i > cch.up_first[v] ? cch.up_head[i - 1] : v));
            assert_int_equal(cch_arc(&cch, v, cch.up_head[i]), i);
            if (i > cch.up_first[v])
                assert_int_not_equal(cch_arc(&cch, parent_of(&cch, v), cch.up_head[i]), ROAD_NONE);
        }
        for (uint32_t i = cch.down_first[v]; i < cch.down_first[v + 1]; i++) {
            assert_int_equal(cch.up_head[cch.down[i].arc], v);
            assert_int_equal(cch_arc(&cch, cch.down[i].tail, v), cch.down[i].arc);
            assert_true(i == cch.down_first[v] || cch.down[i].tail > cch.down[i - 1].tail);
        }
    }
    for (uint32_t i = 0; i < cch.inputs; i++) {
        uint32_t tail = graph.hop_tail[i], head = graph.hop_head[i], is_down = tail > head;
        uint32_t arc = cch_arc(&cch, is_down ? head : tail, is_down ? tail : head), found = 0;
        assert_int_equal(cch.input_arc[i], arc << 1 | is_down);
        for (uint32_t k = cch.arc_first[arc]; k < cch.arc_first[arc + 1]; k++)
            found += cch.arc_inputs[k] == i;
        assert_int_equal(found, 1);
    }
    assert_int_equal(cch.arc_first[cch.arcs], cch.inputs);
    cch_done(&cch);
    anchor_graph_free(&graph);
}

/* Nothing, one vertex, two pieces, parallel hops. */
static void small_graphs_work(void **state)
{
    (void)state;
    static const uint32_t tail[] = {0, 1, 0, 3, 3}, head[] = {1, 0, 1, 2, 2};
    static const uint32_t ms[] = {7, 4, 5, 9, 3};
    struct cch cch;
    struct cch_weight weights[2];
    assert_ok(cch_build(&(struct cch_hops){0}, &cch));
    assert_ok(cch_customize(&cch, NULL, 1, weights));
    cch_done(&cch);
    assert_ok(cch_build(&(struct cch_hops){1, 0, NULL, NULL}, &cch));
    assert_int_equal(cch_measure(&cch).max_depth, 1);
    cch_done(&cch);
    assert_ok(cch_build(&(struct cch_hops){4, 5, tail, head}, &cch));
    assert_int_equal(cch.arcs, 2);
    assert_ok(cch_customize(&cch, ms, 1, weights));
    assert_int_equal(weights[0].up, 5);
    assert_int_equal(weights[0].down, 4);
    assert_int_equal(weights[1].up, ROAD_INF);
    assert_int_equal(weights[1].down, 3);
    cch_done(&cch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nyc_is_as_the_other_engine_has_it),
        cmocka_unit_test(porto_is_as_the_other_engine_has_it),
        cmocka_unit_test(the_topology_is_chordal_and_sorted),
        cmocka_unit_test(small_graphs_work),
    };
    return RUN(tests);
}
