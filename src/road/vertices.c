/* vertices.c - the search graph: which vertices there are and which hops lead
 * where, and the order in which they are eliminated. */
#include "road/build_priv.h"
#include "road/order_priv.h"

/* An arc from a vertex to itself never helps. */
static enum err add_hop(struct build *b, struct new_hop hop)
{
    return hop.tail == hop.head ? OK : VEC_PUSH(&b->hops, struct new_hop, hop);
}

enum err build_vertices(struct build *b)
{
    enum err err = vec_room(&b->vertices, b->node_count, sizeof(uint32_t));
    if (!err)
        err = vec_room(&b->hops, 2 * b->edges.count, sizeof(struct new_hop));
    for (uint32_t node = 0; node < b->node_count && !err; node++)
        err = VEC_PUSH(&b->vertices, uint32_t, node);
    for (uint32_t i = 0; i < b->edges.count && !err; i++) {
        const struct new_edge *edge = edge_in(b, i);
        err = add_hop(b, (struct new_hop){edge->tail, edge->head, 2 * i, 0});
        if (!err)
            err = add_hop(b, (struct new_hop){edge->head, edge->tail, 2 * i + 1, 0});
    }
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
