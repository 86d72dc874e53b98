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

static struct cch_weight *customized(const struct cch *cch, const uint32_t *input)
{
    struct cch_weight *weights = malloc((cch->arcs + (size_t)1) * sizeof *weights);
    assert_ok(anchor_customize(cch, input, weights));
    return weights;
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
    struct cch_weight *weights = customized(&cch, graph.hop_ms);
    struct climber climber = climber_new(cch.vertices);
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
    assert_ok(cch_build(&(struct cch_hops){0}, &cch));
    free(customized(&cch, NULL));
    cch_done(&cch);
    assert_ok(cch_build(&(struct cch_hops){1, 0, NULL, NULL}, &cch));
    assert_int_equal(cch_measure(&cch).max_depth, 1);
    cch_done(&cch);
    assert_ok(cch_build(&(struct cch_hops){4, 5, tail, head}, &cch));
    assert_int_equal(cch.arcs, 2);
    struct cch_weight *weights = customized(&cch, ms);
    assert_int_equal(weights[0].up, 5);
    assert_int_equal(weights[0].down, 4);
    assert_int_equal(weights[1].up, ROAD_INF);
    assert_int_equal(weights[1].down, 3);
    free(weights);
    cch_done(&cch);
}

/* The definition, word for word: no plan, no panels, no tasks. */
static void customize_by_definition(const struct cch *cch, const uint32_t *input,
                                    struct cch_weight *weights)
{
    for (uint32_t i = 0; i < cch->arcs; i++)
        weights[i] = (struct cch_weight){ROAD_INF, ROAD_INF};
    for (uint32_t i = 0; i < cch->inputs; i++) {
        struct cch_weight *at = &weights[cch->input_arc[i] >> 1];
        uint32_t *ms = cch->input_arc[i] & 1 ? &at->down : &at->up;
        *ms = input[i] < *ms ? input[i] : *ms;
    }
    for (uint32_t x = 0; x < cch->vertices; x++) {
        for (uint32_t a = cch->up_first[x]; a < cch->up_first[x + 1]; a++) {
            for (uint32_t b = a + 1; b < cch->up_first[x + 1]; b++) {
                struct cch_weight low = weights[a], high = weights[b];
                struct cch_weight *at = &weights[cch_arc(cch, cch->up_head[a], cch->up_head[b])];
                at->up = low.down + high.up < at->up ? low.down + high.up : at->up;
                at->down = high.down + low.up < at->down ? high.down + low.up : at->down;
            }
        }
    }
}

/* A metric that goes through changes, each a few hops of one seed. */
struct walk {
    struct anchor_graph graph;
    struct cch cch;
    struct cch_plan *plan;
    struct cch_queue *queue;
    struct cch_weight *weights, *full;
    uint32_t *input;
};

static void walk_init(struct walk *walk, const char *city)
{
    walk->graph = anchor_graph_load(city);
    assert_ok(cch_build(&walk->graph.hops, &walk->cch));
    assert_ok(cch_plan_new(&walk->cch, &walk->plan));
    assert_ok(cch_queue_new(walk->plan, &walk->queue));
    walk->weights = malloc(walk->cch.arcs * sizeof *walk->weights);
    walk->full = malloc(walk->cch.arcs * sizeof *walk->full);
    walk->input = malloc(walk->cch.inputs * sizeof *walk->input);
}

static void walk_done(struct walk *walk)
{
    free(walk->weights);
    free(walk->full);
    free(walk->input);
    cch_queue_free(walk->queue);
    cch_plan_free(walk->plan);
    cch_done(&walk->cch);
    anchor_graph_free(&walk->graph);
}

#define STEP_HOPS 900

/* Closes, opens, slows or speeds up 1 to STEP_HOPS hops, near each other or anywhere. */
static size_t change_inputs(struct walk *walk, uint64_t seed, uint32_t hops[STEP_HOPS])
{
    struct rand r;
    rand_seed(&r, seed);
    uint32_t count = rand_below(&r, 4) ? 1 + rand_below(&r, 20) : 1 + rand_below(&r, STEP_HOPS);
    uint32_t kind = rand_below(&r, 4), start = rand_below(&r, walk->cch.inputs);
    bool is_near = rand_below(&r, 2), is_mixed = rand_below(&r, 2);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t hop = is_near ? (start + i) % walk->cch.inputs : rand_below(&r, walk->cch.inputs);
        uint32_t base = walk->graph.hop_ms[hop];
        const uint32_t ms[4] = {ROAD_INF, base, base * 3 + 1, base / 2};
        walk->input[hop] = ms[is_mixed ? rand_below(&r, 4) : kind];
        hops[i] = hop;
    }
    return count;
}

/* Goes through the steps not skipped; false where the arrays are not those of a full run. */
static bool walk_holds(struct walk *walk, const uint64_t *seeds, const bool *skips, size_t count)
{
    uint32_t hops[STEP_HOPS];
    memcpy(walk->input, walk->graph.hop_ms, walk->cch.inputs * sizeof *walk->input);
    assert_ok(cch_customize(walk->plan, walk->input, 1, walk->weights));
    for (size_t i = 0; i < count; i++) {
        if (skips[i])
            continue;
        size_t changed = change_inputs(walk, seeds[i], hops);
        assert_ok(cch_update(walk->queue, walk->input, hops, changed, walk->weights));
        assert_ok(cch_customize(walk->plan, walk->input, 1, walk->full));
        if (memcmp(walk->weights, walk->full, walk->cch.arcs * sizeof *walk->full) != 0)
            return false;
    }
    return true;
}

#define WALK_STEPS 150

/* Partial updates are full ones bit for bit; a failure is shrunk to the steps that it takes. */
static void an_update_is_a_full_run(void **state)
{
    (void)state;
    struct walk walk;
    walk_init(&walk, "anchor-porto");
    uint64_t seeds[WALK_STEPS];
    bool skips[WALK_STEPS] = {0};
    for (size_t i = 0; i < WALK_STEPS; i++)
        seeds[i] = 7000 + i;
    bool holds = walk_holds(&walk, seeds, skips, WALK_STEPS);
    for (size_t i = 0; i < WALK_STEPS && !holds; i++) {
        skips[i] = true;
        if (walk_holds(&walk, seeds, skips, WALK_STEPS))
            skips[i] = false;
    }
    for (size_t i = 0; i < WALK_STEPS && !holds; i++) {
        if (!skips[i])
            print_message("# step of seed %llu is needed\n", (unsigned long long)seeds[i]);
    }
    assert_true(holds);
    walk_done(&walk);
}

/* What it names as changed is all that differs, each once. */
static void an_update_names_what_it_changed(void **state)
{
    (void)state;
    struct walk walk;
    walk_init(&walk, "anchor-porto");
    uint32_t hops[STEP_HOPS];
    bool *is_named = calloc(walk.cch.arcs, sizeof *is_named);
    size_t partial = 0;
    memcpy(walk.input, walk.graph.hop_ms, walk.cch.inputs * sizeof *walk.input);
    assert_ok(cch_customize(walk.plan, walk.input, 1, walk.weights));
    for (uint64_t seed = 1; seed <= 60; seed++) {
        size_t count = change_inputs(&walk, seed, hops), named;
        memcpy(walk.full, walk.weights, walk.cch.arcs * sizeof *walk.full);
        assert_ok(cch_update(walk.queue, walk.input, hops, count, walk.weights));
        const uint32_t *arcs = cch_queue_changed(walk.queue, &named);
        if (!arcs)
            continue;
        partial++;
        for (size_t i = 0; i < named; i++) {
            assert_false(is_named[arcs[i]]);
            is_named[arcs[i]] = true;
        }
        for (uint32_t i = 0; i < walk.cch.arcs; i++)
            assert_int_equal(is_named[i],
                             memcmp(&walk.full[i], &walk.weights[i], sizeof *walk.full) != 0);
        for (size_t i = 0; i < named; i++)
            is_named[arcs[i]] = false;
    }
    assert_in_range(partial, 30, 59); /* both ways were gone */
    free(is_named);
    walk_done(&walk);
}

static void threads_and_the_definition_agree(void **state)
{
    (void)state;
    static const char *const cities[] = {"anchor-nyc", "anchor-porto"};
    for (size_t i = 0; i < 2; i++) {
        struct walk walk;
        walk_init(&walk, cities[i]);
        size_t bytes = walk.cch.arcs * sizeof *walk.weights;
        for (uint32_t k = 0; k < walk.cch.inputs; k++)
            walk.input[k] = k % 7 ? walk.graph.hop_ms[k] : ROAD_INF;
        customize_by_definition(&walk.cch, walk.input, walk.full);
        for (unsigned threads = 1; threads <= 3; threads++) {
            memset(walk.weights, 0, bytes);
            assert_ok(cch_customize(walk.plan, walk.input, threads, walk.weights));
            assert_memory_equal(walk.weights, walk.full, bytes);
        }
        walk_done(&walk);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nyc_is_as_the_other_engine_has_it),
        cmocka_unit_test(porto_is_as_the_other_engine_has_it),
        cmocka_unit_test(the_topology_is_chordal_and_sorted),
        cmocka_unit_test(small_graphs_work),
        cmocka_unit_test(threads_and_the_definition_agree),
        cmocka_unit_test(an_update_is_a_full_run),
        cmocka_unit_test(an_update_names_what_it_changed),
    };
    return RUN(tests);
}
