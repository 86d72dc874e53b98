/* Bounded search: another engine's circles to the millisecond and the post; and small random graphs
 * with arcs longer than the ring, late seeds and ties, against relaxing until nothing changes. */
#include "anchor_graph.h"
#include "base/rand.h"
#include "road/reach_ring_priv.h"

struct lists { /* hops by vertex */
    uint32_t *first;
    struct metric_hop *hops;
    struct ring_graph graph;
};

static struct lists lists_new(uint32_t vertices, uint32_t count, const uint32_t *tail,
                              const uint32_t *head, const uint32_t *ms)
{
    struct lists lists = {calloc(vertices + 2ul, sizeof(uint32_t)),
                          calloc(count + 1ul, sizeof(struct metric_hop)),
                          {0}};
    for (uint32_t i = 0; i < count; i++)
        lists.first[tail[i] + 2]++;
    for (uint32_t i = 2; i <= vertices + 1; i++)
        lists.first[i] += lists.first[i - 1];
    for (uint32_t i = 0; i < count; i++)
        lists.hops[lists.first[tail[i] + 1]++] = (struct metric_hop){head[i], ms[i]};
    lists.graph = (struct ring_graph){vertices, lists.first, lists.hops};
    return lists;
}

static void lists_free(struct lists *lists)
{
    free(lists->first);
    free(lists->hops);
}

static void circles_are_as_the_other_engine_has_them(const char *city, uint32_t expected)
{
    struct anchor_graph graph = anchor_graph_load(city);
    struct lists lists =
        lists_new(graph.vertices, graph.hops.count, graph.hop_tail, graph.hop_head, graph.hop_ms);
    uint32_t(*circle)[3], count = anchor_rows(city, "circle.csv", &circle);
    uint32_t *posts = anchor_column(city, "posts.csv");
    struct reach_ring ring;
    assert_int_equal(count, expected);
    assert_ok(reach_ring_init(&ring, graph.vertices, graph.hops.count, 85));
    for (int again = 0; again < 2; again++) { /* the second finds nothing of the first */
        reach_ring_begin(&ring);
        for (uint32_t i = 0; i < 85; i++)
            assert_ok(reach_ring_seed(&ring, graph.rank[posts[i]], ring_label(0, i)));
        assert_ok(reach_ring_run(&ring, &lists.graph, 300000));
        assert_int_equal(ring.touched.count, count);
        for (uint32_t i = 0; i < count; i++)
            assert_int_equal(ring.labels[graph.rank[circle[i][0]]],
                             ring_label(circle[i][1], circle[i][2]));
    }
    reach_ring_done(&ring);
    free(posts);
    free(circle);
    lists_free(&lists);
    anchor_graph_free(&graph);
}

static void nyc_circles(void **state)
{
    (void)state;
    circles_are_as_the_other_engine_has_them("anchor-nyc", 86275);
}

static void porto_circles(void **state)
{
    (void)state;
    circles_are_as_the_other_engine_has_them("anchor-porto", 41602);
}

#define SMALL 60u
#define SMALL_HOPS 150u

static void relax_all(const struct lists *lists, uint64_t labels[SMALL], uint32_t limit_ms)
{
    for (uint32_t round = 0; round < SMALL; round++) {
        for (uint32_t v = 0; v < SMALL; v++) {
            for (uint32_t i = lists->first[v]; i < lists->first[v + 1]; i++) {
                struct metric_hop hop = lists->hops[i];
                if (labels[v] == RING_NO_LABEL || hop.ms >= ROAD_INF)
                    continue;
                uint64_t label = labels[v] + ring_label(hop.ms, 0);
                if (ring_ms(label) <= limit_ms && label < labels[hop.vertex])
                    labels[hop.vertex] = label;
            }
        }
    }
}

static uint32_t random_ms(struct rand *r)
{
    static const uint32_t most[] = {1, 40, 2000, 600000, 5000000};
    return rand_below(r, 20) == 0 ? ROAD_INF : rand_below(r, most[rand_below(r, 5)]);
}

static void small_graphs_agree_with_relaxing(void **state)
{
    (void)state;
    struct reach_ring ring;
    struct rand r;
    rand_seed(&r, 11);
    assert_ok(reach_ring_init(&ring, SMALL, 0, 0));
    for (int round = 0; round < 2000; round++) {
        uint32_t tail[SMALL_HOPS], head[SMALL_HOPS], ms[SMALL_HOPS];
        uint32_t limit_ms = round % 2 ? ROAD_INF - 1 : rand_below(&r, 6000000), reached = 0;
        uint64_t labels[SMALL];
        for (uint32_t i = 0; i < SMALL_HOPS; i++) {
            tail[i] = rand_below(&r, SMALL);
            head[i] = rand_below(&r, SMALL);
            ms[i] = random_ms(&r);
        }
        struct lists lists = lists_new(SMALL, SMALL_HOPS, tail, head, ms);
        memset(labels, 0xff, sizeof labels);
        reach_ring_begin(&ring);
        for (uint32_t i = 0; i < 4; i++) {
            uint32_t vertex = rand_below(&r, SMALL), delay = i ? random_ms(&r) : 0;
            if (delay > limit_ms || delay >= ROAD_INF)
                continue;
            uint64_t label = ring_label(delay, i);
            labels[vertex] = label < labels[vertex] ? label : labels[vertex];
            assert_ok(reach_ring_seed(&ring, vertex, label));
        }
        relax_all(&lists, labels, limit_ms);
        assert_ok(reach_ring_run(&ring, &lists.graph, limit_ms));
        for (uint32_t v = 0; v < SMALL; v++) {
            assert_int_equal(ring.labels[v], labels[v]);
            reached += labels[v] != RING_NO_LABEL;
        }
        assert_int_equal(ring.touched.count, reached);
        lists_free(&lists);
    }
    reach_ring_done(&ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nyc_circles),
        cmocka_unit_test(porto_circles),
        cmocka_unit_test(small_graphs_agree_with_relaxing),
    };
    return RUN(tests);
}
