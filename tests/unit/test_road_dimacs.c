/* Graphs as text, in the format of the 9th DIMACS challenge: read here, searched here plainly, and
 * compared with the engine's order, hierarchy and climbs over the same arcs. One of each three
 * streets is made a one-way, for the graph as it is hides a mistaken direction. */
#include "base/rand.h"
#include "road/climb_priv.h"
#include "road/order_priv.h"
#include "test.h"
#include <stdio.h>
#include <string.h>

#define MAX_NODES 4000u
#define MAX_ARCS 16000u
#define SOURCES 40

struct graph {
    uint32_t nodes, arcs;
    uint32_t tail[MAX_ARCS], head[MAX_ARCS], ms[MAX_ARCS];
    struct place places[MAX_NODES];
};

static FILE *open_text(const char *name)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/roads/%s", getenv("ANWANG_TEST_DATA"), name);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    return f;
}

/* The numbers of a line behind its letter. */
static void read_numbers(const char *line, long ret[3])
{
    char *at = (char *)(uintptr_t)line + 1;
    for (size_t i = 0; i < 3; i++)
        ret[i] = strtol(at, &at, 10);
}

/* "a TAIL HEAD TIME" with nodes from 1, "v NODE LONGITUDE LATITUDE" in millionths. */
static void read_graph(struct graph *graph)
{
    char line[128];
    long n[3];
    FILE *f = open_text("dimacs-part.co");
    *graph = (struct graph){0};
    while (fgets(line, sizeof line, f)) {
        read_numbers(line, n);
        if (line[0] == 'v')
            graph->places[n[0] - 1] = (struct place){(int32_t)n[2] * 10, (int32_t)n[1] * 10};
        graph->nodes += line[0] == 'v';
    }
    (void)fclose(f);
    f = open_text("dimacs-part.gr");
    while (fgets(line, sizeof line, f)) {
        read_numbers(line, n);
        if (line[0] != 'a')
            continue;
        assert_true(graph->arcs < MAX_ARCS);
        graph->tail[graph->arcs] = (uint32_t)n[0] - 1;
        graph->head[graph->arcs] = (uint32_t)n[1] - 1;
        graph->ms[graph->arcs++] = (uint32_t)n[2];
    }
    (void)fclose(f);
    assert_true(graph->nodes > 1000 && graph->nodes <= MAX_NODES);
}

/* Of one street in three only one direction stays. */
static void make_one_ways(struct graph *graph)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < graph->arcs; i++) {
        uint32_t low = graph->tail[i] < graph->head[i] ? graph->tail[i] : graph->head[i];
        uint32_t high = graph->tail[i] + graph->head[i] - low;
        uint32_t street = (low * 2654435761u ^ high * 40503u) >> 8;
        if (graph->tail[i] == graph->head[i] ||
            (street % 3 == 0 && (graph->tail[i] < graph->head[i]) == (street / 3 % 2)))
            continue;
        graph->tail[kept] = graph->tail[i];
        graph->head[kept] = graph->head[i];
        graph->ms[kept++] = graph->ms[i];
    }
    assert_true(kept < graph->arcs);
    graph->arcs = kept;
}

/* Bellman and Ford: no queue that could be wrong. */
static void search(const struct graph *graph, uint32_t from, uint32_t ret_ms[MAX_NODES])
{
    bool has_changed = true;
    for (uint32_t i = 0; i < graph->nodes; i++)
        ret_ms[i] = i == from ? 0 : ROAD_INF;
    while (has_changed) {
        has_changed = false;
        for (uint32_t i = 0; i < graph->arcs; i++) {
            uint32_t ms = ret_ms[graph->tail[i]] + graph->ms[i];
            if (ms < ret_ms[graph->head[i]]) {
                ret_ms[graph->head[i]] = ms;
                has_changed = true;
            }
        }
    }
}

struct engine {
    uint32_t rank[MAX_NODES];
    struct cch cch;
    struct climb climb;
    struct cch_weight *weights;
    struct climb_sides sides;
};

/* The engine's own order over the undirected graph. */
static void find_ranks(const struct graph *graph, uint32_t rank[MAX_NODES])
{
    static uint32_t first[MAX_NODES + 1], head[2 * MAX_ARCS], order[MAX_NODES];
    static bool is_linked[MAX_NODES];
    uint32_t count = 0;
    for (uint32_t v = 0; v < graph->nodes; v++) {
        first[v] = count;
        for (uint32_t i = 0; i < graph->arcs; i++) {
            bool is_out = graph->tail[i] == v;
            uint32_t other = is_out ? graph->head[i] : graph->tail[i];
            if ((is_out || graph->head[i] == v) && !is_linked[other]) {
                is_linked[other] = true;
                head[count++] = other;
            }
        }
        for (uint32_t i = first[v]; i < count; i++)
            is_linked[head[i]] = false;
    }
    first[graph->nodes] = count;
    struct order_job job = {.graph = {graph->nodes, first, head, graph->places}, .threads = 1};
    assert_ok(order_make(&job, order));
    for (uint32_t i = 0; i < graph->nodes; i++)
        rank[order[i]] = i;
}

static void engine_init(struct engine *e, const struct graph *graph)
{
    static uint32_t tail[MAX_ARCS], head[MAX_ARCS];
    struct cch_plan *plan;
    find_ranks(graph, e->rank);
    for (uint32_t i = 0; i < graph->arcs; i++) {
        tail[i] = e->rank[graph->tail[i]];
        head[i] = e->rank[graph->head[i]];
    }
    assert_ok(cch_build(&(struct cch_hops){graph->nodes, graph->arcs, tail, head}, &e->cch));
    assert_ok(climb_init(&e->climb, &e->cch));
    e->weights = calloc(e->cch.arcs + 1, sizeof *e->weights);
    assert_ok(cch_plan_new(&e->cch, &plan));
    assert_ok(cch_customize(plan, graph->ms, 1, e->weights));
    cch_plan_free(plan);
    e->sides = (struct climb_sides){
        &e->climb, e->weights, {climb_labels_new(&e->climb), climb_labels_new(&e->climb)}};
}

static void engine_done(struct engine *e)
{
    free(e->sides.labels[0]);
    free(e->sides.labels[1]);
    free(e->weights);
    climb_done(&e->climb);
    cch_done(&e->cch);
}

/* How many times differ from the plain search over `text`. */
static uint32_t differing(const struct engine *e, const struct graph *text)
{
    static uint32_t ms[MAX_NODES];
    uint32_t count = 0;
    struct rand r;
    rand_seed(&r, 42);
    for (uint32_t n = 0; n < SOURCES; n++) {
        uint32_t from = rand_below(&r, text->nodes);
        search(text, from, ms);
        for (uint32_t to = 0; to < text->nodes; to++) {
            struct climb_start a = {.vertex = e->rank[from]}, b = {.vertex = e->rank[to]};
            uint32_t found = climb_meet(&e->sides, (struct climb_chain){&a, 1},
                                        (struct climb_chain){&b, 1}, ROAD_INF)
                                 .ms;
            count += found != ms[to];
        }
    }
    return count;
}

static void times_are_those_of_the_text(void **state)
{
    (void)state;
    static struct graph text;
    struct engine e;
    read_graph(&text);
    engine_init(&e, &text);
    assert_int_equal(differing(&e, &text), 0);
    engine_done(&e);
    make_one_ways(&text);
    engine_init(&e, &text);
    assert_int_equal(differing(&e, &text), 0);
    engine_done(&e);
}

static void a_reversed_one_way_is_seen(void **state)
{
    (void)state;
    static struct graph text, wrong;
    struct engine e;
    uint32_t seen = 0;
    read_graph(&text);
    make_one_ways(&text);
    for (uint32_t at = 0; at < 5; at++) {
        uint32_t i = at * (text.arcs / 5);
        wrong = text;
        for (bool is_one_way = false; !is_one_way; i++) {
            is_one_way = true;
            for (uint32_t k = 0; k < text.arcs; k++)
                is_one_way &= text.tail[k] != text.head[i] || text.head[k] != text.tail[i];
        }
        wrong.tail[i - 1] = text.head[i - 1];
        wrong.head[i - 1] = text.tail[i - 1];
        engine_init(&e, &wrong);
        seen += differing(&e, &text) > 0;
        engine_done(&e);
    }
    assert_int_equal(seen, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_those_of_the_text),
        cmocka_unit_test(a_reversed_one_way_is_seen),
    };
    return RUN(tests);
}
