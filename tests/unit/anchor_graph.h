/* anchor_graph.h - for tests: the graphs of another engine with their orders and answers, see
 * tests/data/roads/README.md. Hops are its arcs between ranks. */
#ifndef TESTS_UNIT_ANCHOR_GRAPH_H
#define TESTS_UNIT_ANCHOR_GRAPH_H
#include "road/cch_priv.h"
#include "test.h"
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#define ANCHOR_PAIRS 10000

struct anchor_graph {
    uint32_t vertices, arcs;
    uint32_t *first_out, *head, *ms, *order; /* of the other engine's numbers */
    uint32_t *rank;                          /* order[rank[node]] = node */
    uint32_t *hop_tail, *hop_head, *hop_ms;  /* ranks; arcs that are no loops */
    struct cch_hops hops;
};

static inline uint8_t *anchor_bytes(const char *city, const char *name, size_t *ret_size)
{
    char path[512];
    size_t size = 0, cap = 1u << 24;
    uint8_t *bytes = malloc(cap);
    (void)snprintf(path, sizeof path, "%s/roads/%s/%s.gz", getenv("ANWANG_TEST_DATA"), city, name);
    gzFile file = gzopen(path, "rb");
    assert_non_null(file);
    assert_non_null(bytes);
    for (int got; (got = gzread(file, bytes + size, (unsigned)(cap - size))) > 0;)
        size += (size_t)got;
    assert_in_range(size, 1, cap - 1);
    assert_int_equal(gzclose(file), Z_OK);
    bytes[size] = 0;
    *ret_size = size;
    return bytes;
}

static inline uint32_t *anchor_array(const char *city, const char *name, uint32_t *ret_count)
{
    size_t size;
    uint32_t *values = (void *)anchor_bytes(city, name, &size);
    *ret_count = (uint32_t)(size / sizeof *values);
    return values;
}

/* `city` as in "anchor-nyc". */
static inline struct anchor_graph anchor_graph_load(const char *city)
{
    struct anchor_graph graph = {0};
    uint32_t count;
    graph.first_out = anchor_array(city, "first_out", &count);
    graph.order = anchor_array(city, "ifc_order", &graph.vertices);
    assert_int_equal(count, graph.vertices + 1);
    graph.head = anchor_array(city, "head", &graph.arcs);
    graph.ms = anchor_array(city, "travel_time", &count);
    assert_int_equal(count, graph.arcs);
    graph.rank = malloc((graph.vertices + 1) * sizeof(uint32_t));
    graph.hop_tail = malloc((graph.arcs + 1) * sizeof(uint32_t));
    graph.hop_head = malloc((graph.arcs + 1) * sizeof(uint32_t));
    graph.hop_ms = malloc((graph.arcs + 1) * sizeof(uint32_t));
    graph.hops = (struct cch_hops){graph.vertices, 0, graph.hop_tail, graph.hop_head};
    for (uint32_t i = 0; i < graph.vertices; i++)
        graph.rank[graph.order[i]] = i;
    for (uint32_t v = 0; v < graph.vertices; v++) {
        for (uint32_t i = graph.first_out[v]; i < graph.first_out[v + 1]; i++) {
            if (graph.head[i] == v)
                continue;
            graph.hop_tail[graph.hops.count] = graph.rank[v];
            graph.hop_head[graph.hops.count] = graph.rank[graph.head[i]];
            graph.hop_ms[graph.hops.count++] = graph.ms[i];
        }
    }
    return graph;
}

static inline void anchor_graph_free(struct anchor_graph *graph)
{
    uint32_t *const all[] = {graph->first_out, graph->head,     graph->ms,       graph->order,
                             graph->rank,      graph->hop_tail, graph->hop_head, graph->hop_ms};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]);
}

/* Lines of three numbers after one of names, as in pairs.csv; returns how many. */
static inline uint32_t anchor_rows(const char *city, const char *name, uint32_t (**ret_rows)[3])
{
    size_t size;
    uint32_t count = 0, cap = 1;
    char *text = (char *)anchor_bytes(city, name, &size), *at = strchr(text, '\n');
    for (size_t i = 0; i < size; i++)
        cap += text[i] == '\n';
    uint32_t(*rows)[3] = calloc(cap, sizeof *rows);
    for (at++; *at && count < cap; count++) {
        for (size_t i = 0; i < 3; i++, at++)
            rows[count][i] = (uint32_t)strtoul(at, &at, 10);
    }
    free(text);
    *ret_rows = rows;
    return count;
}

/* The numbers under the one name of posts.csv or targets.csv. */
static inline uint32_t *anchor_column(const char *city, const char *name)
{
    size_t size, count = 0;
    char *text = (char *)anchor_bytes(city, name, &size), *at = strchr(text, '\n');
    uint32_t *values = calloc(size + 1, sizeof *values);
    for (at++; *at; at++)
        values[count++] = (uint32_t)strtoul(at, &at, 10);
    free(text);
    return values;
}

static inline enum err anchor_customize(const struct cch *cch, const uint32_t *ms,
                                        struct cch_weight *ret_weights)
{
    struct cch_plan *plan = NULL;
    enum err err = cch_plan_new(cch, &plan);
    if (!err)
        err = cch_customize(plan, ms, 1, ret_weights);
    cch_plan_free(plan);
    return err;
}
#endif
