/* vertices.c - the search graph: which vertices there are and which hops lead
 * where, and the order in which they are eliminated. */
#include "road/automaton_priv.h"
#include "road/order_priv.h"

/* What stands at the nodes, by node. */
static enum err barriers_of_nodes(const struct build *b, uint32_t **ret_barriers)
{
    const struct raw_barrier *list = b->map->barriers.p;
    uint32_t *by_id = calloc(b->map->id_count + 1ull, sizeof *by_id);
    uint32_t *by_node = calloc(b->node_count + 1ull, sizeof *by_node);
    if (!by_id || !by_node) {
        free(by_id);
        free(by_node);
        return ERR_LIMIT;
    }
    for (size_t i = 0; i < b->map->barriers.count; i++)
        by_id[list[i].at] = list[i].barrier;
    for (uint32_t node = 0; node < b->node_count; node++) {
        by_node[node] = by_id[b->id_of[node]];
        b->report->barriers += by_node[node] != 0;
    }
    free(by_id);
    *ret_barriers = by_node;
    return OK;
}

struct growth {
    struct build *b;
    struct automaton automaton;
    uint32_t *barriers; /* by node; NULL: none */
};

/* An arc taken from a vertex in a state. One that leads the vertex to itself never helps. */
static enum err add_hop(struct growth *g, uint32_t vertex, uint32_t state, uint32_t arc)
{
    struct build *b = g->b;
    const struct new_edge *edge = edge_in(b, arc >> 1);
    uint32_t tail = arc & 1 ? edge->head : edge->tail, head = arc & 1 ? edge->tail : edge->head;
    uint32_t next = automaton_next(&g->automaton, state, arc);
    uint32_t inner = automaton_inner(&g->automaton, next);
    uint32_t to = inner ? g->automaton.states[inner].vertex : head;
    uint32_t turn = g->automaton.states[next].profiles;
    if (g->barriers)
        turn |= g->barriers[tail] << ROAD_MAX_PROFILES;
    if (vertex == to)
        return OK;
    return VEC_PUSH(&b->hops, struct new_hop, (struct new_hop){vertex, to, arc, turn});
}

static enum err add_vertices(struct growth *g)
{
    struct build *b = g->b;
    enum err err = vec_room(&b->vertices, b->node_count, sizeof(uint32_t));
    for (uint32_t node = 0; node < b->node_count && !err; node++)
        err = VEC_PUSH(&b->vertices, uint32_t, node);
    for (uint32_t i = 1; i < g->automaton.count && !err; i++) {
        struct state *state = &g->automaton.states[i];
        const struct new_edge *edge = edge_in(b, state->arc >> 1);
        if (!state->is_inner)
            continue;
        state->vertex = (uint32_t)b->vertices.count;
        err = VEC_PUSH(&b->vertices, uint32_t, state->arc & 1 ? edge->tail : edge->head);
    }
    return err;
}

static enum err add_hops(struct growth *g)
{
    struct build *b = g->b;
    enum err err = vec_room(&b->hops, 2 * b->edges.count, sizeof(struct new_hop));
    for (uint32_t i = 0; i < b->edges.count && !err; i++) {
        err = add_hop(g, edge_in(b, i)->tail, 0, 2 * i);
        if (!err)
            err = add_hop(g, edge_in(b, i)->head, 0, 2 * i + 1);
    }
    for (uint32_t i = 1; i < g->automaton.count && !err; i++) {
        const struct state *state = &g->automaton.states[i];
        if (!state->is_inner)
            continue;
        uint32_t node = VEC(&b->vertices, uint32_t)[state->vertex];
        for (uint32_t k = b->out_first[node]; k < b->out_first[node + 1] && !err; k++)
            err = add_hop(g, state->vertex, i, b->out[k]);
    }
    return err;
}

enum err build_vertices(struct build *b)
{
    struct growth g = {.b = b};
    enum err err = automaton_make(&g.automaton, b->forbidden.p, b->forbidden.count,
                                  b->sequence_arcs.p, b->sequence_arcs.count);
    if (!err && b->map->barriers.count)
        err = barriers_of_nodes(b, &g.barriers);
    if (!err)
        err = add_vertices(&g);
    if (!err)
        err = add_hops(&g);
    automaton_done(&g.automaton);
    free(g.barriers);
    return err;
}

/* ------------------------------------------------------- order */

struct links { /* the undirected graph under the hops */
    uint32_t *first, *head;
    struct place *places;
};

static void links_done(struct links *links)
{
    free(links->first);
    free(links->head);
    free(links->places);
}

/* Sorts a short list and drops what stands twice; returns how many stay. */
static uint32_t sort_unique(uint32_t *list, uint32_t count)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t value = list[i], at = kept;
        while (at > 0 && list[at - 1] > value)
            at--;
        if (at > 0 && list[at - 1] == value)
            continue;
        memmove(list + at + 1, list + at, (kept - at) * sizeof *list);
        list[at] = value;
        kept++;
    }
    return kept;
}

static enum err make_links(const struct build *b, struct links *links)
{
    const struct new_hop *hops = b->hops.p;
    size_t vertices = b->vertices.count, count = b->hops.count;
    links->first = calloc(vertices + 1, sizeof *links->first);
    links->head = malloc((2 * count + 1) * sizeof *links->head);
    links->places = malloc((vertices + 1) * sizeof *links->places);
    if (!links->first || !links->head || !links->places)
        return ERR_LIMIT;
    for (size_t i = 0; i < count; i++) {
        links->first[hops[i].tail + 1]++;
        links->first[hops[i].head + 1]++;
    }
    groups_start(links->first, vertices);
    for (size_t i = 0; i < count; i++) {
        links->head[links->first[hops[i].tail]++] = hops[i].head;
        links->head[links->first[hops[i].head]++] = hops[i].tail;
    }
    groups_filled(links->first, vertices);
    uint32_t kept = 0;
    for (size_t v = 0; v < vertices; v++) {
        uint32_t from = links->first[v], n = links->first[v + 1] - from;
        n = sort_unique(links->head + from, n);
        memmove(links->head + kept, links->head + from, n * sizeof *links->head);
        links->first[v] = kept;
        kept += n;
        links->places[v] = id_place(b, VEC(&b->vertices, uint32_t)[v]);
    }
    links->first[vertices] = kept;
    return OK;
}

enum err build_order(struct build *b)
{
    const struct road_import *job = b->map->steps ? b->map->steps->job : NULL;
    uint32_t count = (uint32_t)b->vertices.count;
    struct links links = {0};
    uint32_t *order = malloc((count + 1ull) * sizeof *order);
    b->rank_of = malloc((count + 1ull) * sizeof *b->rank_of);
    enum err err = order && b->rank_of ? make_links(b, &links) : ERR_LIMIT;
    if (!err) {
        struct order_job work = {.graph = {count, links.first, links.head, links.places},
                                 .threads = job && job->threads ? job->threads : 1,
                                 .progress = job ? job->progress : NULL,
                                 .user = job ? job->user : NULL};
        err = order_make(&work, order);
    }
    for (uint32_t rank = 0; rank < count && !err; rank++)
        b->rank_of[order[rank]] = rank;
    links_done(&links);
    free(order);
    return err;
}
