/* The elimination order: always a permutation, the same on any number of threads, few arcs. */
#include "anchor_graph.h"
#include "base/rand.h"
#include "road/cutter_priv.h"
#include "road/order_priv.h"
#include <math.h>

/* ------------------------------------------------------------------ graphs */

struct graph {
    uint32_t vertices, edges, cap;
    uint64_t *ends; /* tail << 32 | head, both ways */
    uint32_t *first, *head;
    struct place *places;
};

static void join(struct graph *graph, uint32_t a, uint32_t b)
{
    if (graph->edges + 2 > graph->cap) {
        graph->cap = graph->cap ? 2 * graph->cap : 1024;
        graph->ends = reallocarray(graph->ends, graph->cap, sizeof *graph->ends);
        assert_non_null(graph->ends);
    }
    graph->ends[graph->edges++] = (uint64_t)a << 32 | b;
    graph->ends[graph->edges++] = (uint64_t)b << 32 | a;
}

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static struct graph graph_new(uint32_t vertices)
{
    struct graph graph = {.vertices = vertices};
    graph.places = calloc((size_t)vertices + 1, sizeof *graph.places);
    return graph;
}

/* Sorted, without loops and doubles. */
static struct order_graph graph_made(struct graph *graph)
{
    uint32_t count = 0;
    if (graph->edges)
        qsort(graph->ends, graph->edges, sizeof *graph->ends, by_value);
    graph->first = calloc(graph->vertices + 1u, sizeof *graph->first);
    graph->head = calloc(graph->edges + 1u, sizeof *graph->head);
    for (uint32_t i = 0; i < graph->edges; i++) {
        uint32_t tail = (uint32_t)(graph->ends[i] >> 32), head = (uint32_t)graph->ends[i];
        if (tail == head || (i && graph->ends[i] == graph->ends[i - 1]))
            continue;
        graph->head[count++] = head;
        graph->first[tail + 1]++;
    }
    for (uint32_t v = 0; v < graph->vertices; v++)
        graph->first[v + 1] += graph->first[v];
    return (struct order_graph){graph->vertices, graph->first, graph->head, graph->places};
}

static void graph_free(struct graph *graph)
{
    free(graph->ends);
    free(graph->first);
    free(graph->head);
    free(graph->places);
}

static void add_grid(struct graph *graph, uint32_t from, uint32_t width, uint32_t height,
                     int32_t lon)
{
    for (uint32_t i = 0; i < width * height; i++) {
        uint32_t x = i % width, y = i / width;
        graph->places[from + i] =
            (struct place){.lat_e7 = (int32_t)y * 10000, .lon_e7 = lon + (int32_t)x * 10000};
        if (x + 1 < width)
            join(graph, from + i, from + i + 1);
        if (y + 1 < height)
            join(graph, from + i, from + i + width);
    }
}

static struct graph grid(uint32_t width, uint32_t height)
{
    struct graph graph = graph_new(width * height);
    add_grid(&graph, 0, width, height, 0);
    return graph;
}

static struct graph anchor(const char *city)
{
    uint32_t vertices, count, *first, *head;
    size_t size;
    first = anchor_array(city, "first_out", &vertices);
    head = anchor_array(city, "head", &count);
    float *lat = (void *)anchor_bytes(city, "latitude", &size);
    float *lon = (void *)anchor_bytes(city, "longitude", &size);
    struct graph graph = graph_new(--vertices);
    for (uint32_t v = 0; v < vertices; v++) {
        graph.places[v] = (struct place){.lat_e7 = (int32_t)lrint((double)lat[v] * 1e7),
                                         .lon_e7 = (int32_t)lrint((double)lon[v] * 1e7)};
        for (uint32_t i = first[v]; i < first[v + 1]; i++)
            join(&graph, v, head[i]);
    }
    free(first);
    free(head);
    free(lat);
    free(lon);
    return graph;
}

/* ------------------------------------------------------------------ checks */

static uint32_t *ordered(const struct order_graph *graph, unsigned threads)
{
    struct order_job job = {.graph = *graph, .threads = threads};
    uint32_t *order = malloc((graph->vertices + 1u) * sizeof *order);
    assert_non_null(order);
    assert_ok(order_make(&job, order));
    return order;
}

static struct cch contracted(const struct order_graph *graph, const uint32_t *order)
{
    uint32_t n = graph->vertices, ends = n ? graph->first[n] : 0;
    uint32_t *rank = malloc((n + 1u) * sizeof *rank), *tail = malloc((ends + 1u) * sizeof *tail);
    uint32_t *head = malloc((ends + 1u) * sizeof *head);
    struct cch cch;
    memset(rank, 0xff, (n + 1u) * sizeof *rank);
    for (uint32_t i = 0; i < n; i++) {
        assert_in_range(order[i], 0, n - 1);
        assert_int_equal(rank[order[i]], UINT32_MAX); /* or it is no permutation */
        rank[order[i]] = i;
    }
    for (uint32_t v = 0; v < n; v++) {
        for (uint32_t i = graph->first[v]; i < graph->first[v + 1]; i++) {
            tail[i] = rank[v];
            head[i] = rank[graph->head[i]];
        }
    }
    struct cch_hops hops = {n, ends, tail, head};
    assert_ok(cch_build(&hops, &cch));
    free(rank);
    free(tail);
    free(head);
    return cch;
}

/* Every subtree has consecutive ranks, so pieces and what a separator parts hang together. */
static bool subtrees_are_whole(const struct cch *cch)
{
    uint32_t *size = calloc(cch->vertices + 1u, sizeof *size);
    uint32_t *lowest = calloc(cch->vertices + 1u, sizeof *lowest);
    bool is_whole = true;
    for (uint32_t v = 0; v < cch->vertices; v++)
        lowest[v] = v;
    for (uint32_t v = 0; v < cch->vertices; v++) {
        uint32_t i = cch->up_first[v];
        is_whole = is_whole && v - lowest[v] == size[v];
        if (i == cch->up_first[v + 1])
            continue;
        uint32_t parent = cch->up_head[i];
        size[parent] += size[v] + 1;
        lowest[parent] = lowest[v] < lowest[parent] ? lowest[v] : lowest[parent];
    }
    free(size);
    free(lowest);
    return is_whole;
}

/* Returns the arcs. */
static uint32_t check(struct graph *graph)
{
    struct order_graph made = graph_made(graph);
    uint32_t *order = ordered(&made, 1);
    struct cch cch = contracted(&made, order);
    uint32_t arcs = cch.arcs;
    assert_true(subtrees_are_whole(&cch));
    cch_done(&cch);
    free(order);
    graph_free(graph);
    return arcs;
}

/* ------------------------------------------------------------------ tests */

static void small_and_odd_graphs(void **state)
{
    (void)state;
    for (uint32_t n = 0; n < 3; n++) {
        struct graph lone = graph_new(n);
        assert_int_equal(check(&lone), 0);
    }
    enum { N = 1000 };
    struct graph star = graph_new(N), path = graph_new(N), ring = graph_new(N);
    struct graph two_hubs = graph_new(N), paths = graph_new(N);
    for (uint32_t v = 1; v < N; v++) {
        join(&star, 0, v);
        join(&path, v - 1, v);
        join(&ring, v - 1, v);
        join(&two_hubs, 0, v);
        join(&two_hubs, 1, v);
        if (v % 10)
            join(&paths, v - 1, v);
    }
    join(&ring, N - 1, 0);
    assert_int_equal(check(&star), N - 1);
    assert_in_range(check(&path), N - 1, 2 * N);
    assert_in_range(check(&ring), N, 2 * N);
    assert_in_range(check(&two_hubs), N, 3 * N);
    assert_in_range(check(&paths), N - N / 10, 2 * N);
    for (uint32_t n = 2; n <= 130; n += 16) {
        struct graph clique = graph_new(n);
        for (uint32_t v = 1; v < n; v++) {
            for (uint32_t u = 0; u < v; u++)
                join(&clique, u, v);
        }
        assert_int_equal(check(&clique), n * (n - 1) / 2);
    }
}

/* Sparse and dense, in one piece and in many, with places that say nothing. */
static void random_graphs(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct rand r;
        rand_seed(&r, seed);
        uint32_t n = 1 + rand_below(&r, 400);
        struct graph graph = graph_new(n);
        for (uint32_t i = n * rand_below(&r, 40) / 10; i-- > 0;)
            join(&graph, rand_below(&r, n), rand_below(&r, n));
        for (uint32_t v = 0; v < n && seed % 3; v++)
            graph.places[v] = (struct place){.lat_e7 = (int32_t)rand_below(&r, 1000),
                                             .lon_e7 = (int32_t)rand_below(&r, 1000)};
        (void)check(&graph);
    }
}

static void a_grid_is_far_from_random(void **state)
{
    (void)state;
    struct graph graph = grid(40, 40);
    struct order_graph made = graph_made(&graph);
    struct rand r;
    uint32_t *order = ordered(&made, 1);
    struct cch cch = contracted(&made, order);
    struct cch_measure measure = cch_measure(&cch);
    assert_in_range(cch.arcs, 1, 19000);
    assert_in_range(measure.max_depth, 1, 130);
    cch_done(&cch);
    rand_seed(&r, 7); /* the control: an order drawn by lot breaks both bounds */
    for (uint32_t i = made.vertices; i-- > 1;) {
        uint32_t k = rand_below(&r, i + 1), swap = order[i];
        order[i] = order[k];
        order[k] = swap;
    }
    cch = contracted(&made, order);
    measure = cch_measure(&cch);
    assert_true(cch.arcs > 100000 && measure.max_depth > 400);
    assert_false(subtrees_are_whole(&cch));
    cch_done(&cch);
    free(order);
    graph_free(&graph);
}

static void separators_part_and_are_least(void **state)
{
    (void)state;
    enum { W = 24, H = 20, BRIDGES = 3 };
    struct graph graph = graph_new(2 * W * H);
    add_grid(&graph, 0, W, H, 0);
    add_grid(&graph, W * H, W, H, 100 * 10000);
    for (uint32_t i = 0; i < BRIDGES; i++) /* across the river */
        join(&graph, (3 + 6 * i) * W + W - 1, W * H + (5 + 4 * i) * W);
    struct order_graph made = graph_made(&graph);
    struct cutter *cutter = NULL;
    uint8_t labels[2 * W * H];
    uint32_t counts[3] = {0};
    assert_ok(cutter_new(made.vertices, &cutter));
    assert_true(cutter_find(cutter, &made, labels));
    for (uint32_t v = 0; v < made.vertices; v++) {
        counts[labels[v]]++;
        for (uint32_t i = made.first[v]; i < made.first[v + 1]; i++)
            assert_true(labels[v] + labels[made.head[i]] != CUTTER_FIRST + CUTTER_SECOND ||
                        labels[v] == labels[made.head[i]]);
    }
    assert_int_equal(counts[CUTTER_SEPARATOR], BRIDGES);
    assert_in_range(counts[CUTTER_FIRST], W * H - BRIDGES, W * H);
    assert_in_range(counts[CUTTER_SECOND], W * H - BRIDGES, W * H);
    cutter_free(cutter);
    graph_free(&graph);
}

struct bounds {
    const char *city;
    uint32_t arcs, triangles, mean_depth;
};
static void check_city(const struct bounds *bounds)
{
    struct graph graph = anchor(bounds->city);
    struct order_graph made = graph_made(&graph);
    uint32_t *order = ordered(&made, 2);
    struct cch cch = contracted(&made, order);
    struct cch_measure measure = cch_measure(&cch);
    print_message("# %s: %u arcs, %llu triangles, mean depth %.1f\n", bounds->city, cch.arcs,
                  (unsigned long long)measure.triangles, measure.mean_depth);
    assert_in_range(cch.arcs, 1, bounds->arcs);
    assert_in_range(measure.triangles, 1, bounds->triangles);
    assert_in_range((uint32_t)measure.mean_depth, 1, bounds->mean_depth);
    assert_true(subtrees_are_whole(&cch));
    cch_done(&cch);
    free(order);
    graph_free(&graph);
}

/* What the engine's speed rests on, and a little under what this order reaches. */
static void nyc_is_within_its_limits(void **state)
{
    (void)state;
    check_city(&(struct bounds){"anchor-nyc", 1085000, 6300000, 134});
}
static void porto_is_within_its_limits(void **state)
{
    (void)state;
    check_city(&(struct bounds){"anchor-porto", 241000, 1040000, 117});
}

static void threads_and_repetition_change_nothing(void **state)
{
    (void)state;
    struct graph graph = anchor("anchor-porto");
    struct order_graph made = graph_made(&graph);
    uint32_t *one = ordered(&made, 1);
    for (unsigned threads = 1; threads <= 3; threads++) {
        uint32_t *other = ordered(&made, threads);
        assert_memory_equal(one, other, made.vertices * sizeof *one);
        free(other);
    }
    free(one);
    graph_free(&graph);
}

struct watch {
    uint64_t done, calls, stop_after;
};
static bool watch_step(void *user, const char *step, uint64_t done, uint64_t total)
{
    struct watch *watch = user;
    assert_non_null(step);
    assert_in_range(done, watch->done, total);
    watch->done = done;
    return ++watch->calls < watch->stop_after;
}

static void progress_grows_and_can_stop(void **state)
{
    (void)state;
    struct graph graph = grid(60, 60);
    struct order_graph made = graph_made(&graph);
    uint32_t *order = calloc((size_t)made.vertices + 1, sizeof *order);
    struct watch watch = {.stop_after = UINT64_MAX}, hasty = {.stop_after = 3};
    struct order_job job = {made, 1, watch_step, &watch};
    assert_ok(order_make(&job, order));
    assert_in_range(watch.calls, 4, made.vertices);
    job.user = &hasty;
    assert_int_equal(order_make(&job, order), ERR_STATE);
    assert_int_equal(hasty.calls, 3);
    struct order_job huge = {.graph = {.vertices = ORDER_MAX_VERTICES + 1}, .threads = 1};
    assert_int_equal(order_make(&huge, order), ERR_LIMIT);
    free(order);
    graph_free(&graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_and_odd_graphs),
        cmocka_unit_test(random_graphs),
        cmocka_unit_test(a_grid_is_far_from_random),
        cmocka_unit_test(separators_part_and_are_least),
        cmocka_unit_test(nyc_is_within_its_limits),
        cmocka_unit_test(porto_is_within_its_limits),
        cmocka_unit_test(threads_and_repetition_change_nothing),
        cmocka_unit_test(progress_grows_and_can_stop),
    };
    return RUN(tests);
}
