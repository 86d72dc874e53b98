/* number.c - numbers for nodes, edges and hops: along a curve first, by rank in
 * the end. */
#include "road/build_priv.h"

void groups_start(uint32_t *first, size_t groups)
{
    for (size_t i = 0; i < groups; i++)
        first[i + 1] += first[i];
}

void groups_filled(uint32_t *first, size_t groups)
{
    memmove(first + 1, first, groups * sizeof *first);
    first[0] = 0;
}

/* ------------------------------------------------------- along a curve */

/* Distance along a Hilbert curve over 2^16 x 2^16 cells (Warren, Hacker's
 * Delight, 16-1). */
static uint32_t hilbert(uint32_t x, uint32_t y)
{
    uint32_t d = 0;
    for (uint32_t bit = 16; bit-- > 0;) { /* without a branch: bits are as good as random */
        uint32_t rx = x >> bit & 1, ry = y >> bit & 1;
        uint32_t is_turned = ry - 1, is_flipped = is_turned & (0 - rx) & 65535;
        d += ((3 * rx) ^ ry) << 2 * bit;
        x ^= is_flipped;
        y ^= is_flipped;
        uint32_t both = (x ^ y) & is_turned;
        x ^= both;
        y ^= both;
    }
    return d;
}

/* Keys of the ids that `node_of` marks: place on the curve, then index. */
static uint32_t curve_keys(const struct build *b, const uint32_t *node_of, uint64_t *keys)
{
    const struct place *places = b->map->places;
    struct box box = BOX_EMPTY;
    uint32_t count = 0;
    for (uint32_t id = 0; id < b->map->id_count; id++) {
        if (node_of[id] != ROAD_NONE)
            box_add(&box, places[id]);
    }
    double width = (double)box.max.lon_e7 - box.min.lon_e7 + 1;
    double height = (double)box.max.lat_e7 - box.min.lat_e7 + 1;
    for (uint32_t id = 0; id < b->map->id_count; id++) {
        if (node_of[id] == ROAD_NONE)
            continue;
        double x = ((double)places[id].lon_e7 - box.min.lon_e7) / width * 65536;
        double y = ((double)places[id].lat_e7 - box.min.lat_e7) / height * 65536;
        keys[count++] = (uint64_t)hilbert((uint32_t)x, (uint32_t)y) << 32 | id;
    }
    return count;
}

enum err build_number_nodes(struct build *b)
{
    uint64_t *keys = calloc(b->map->id_count + 1ull, sizeof *keys);
    uint32_t *node_of = malloc((b->map->id_count + 1ull) * sizeof *node_of);
    enum err err = keys && node_of ? OK : ERR_LIMIT;
    if (err)
        goto out;
    memset(node_of, 0xFF, b->map->id_count * sizeof *node_of);
    for (size_t i = 0; i < b->edges.count; i++)
        node_of[edge_in(b, i)->tail] = node_of[edge_in(b, i)->head] = 0;
    b->node_count = curve_keys(b, node_of, keys);
    err = sort_u64_by(keys, b->node_count, 32); /* ids ascend already */
    b->id_of = calloc(b->node_count + 1ull, sizeof *b->id_of);
    if (err || !b->id_of) {
        err = ERR_LIMIT;
        goto out;
    }
    for (uint32_t node = 0; node < b->node_count; node++) {
        b->id_of[node] = (uint32_t)keys[node];
        node_of[b->id_of[node]] = node;
    }
    for (size_t i = 0; i < b->edges.count; i++) {
        edge_in(b, i)->tail = node_of[edge_in(b, i)->tail];
        edge_in(b, i)->head = node_of[edge_in(b, i)->head];
    }
out:
    free(keys);
    free(node_of);
    return err;
}

/* ------------------------------------------------------- by rank */

/* Nodes in the order of their main vertices: `number_of` each, and the sections
 * of both. */
static enum err rank_nodes(struct build *b, uint32_t *number_of)
{
    uint32_t vertex_count = (uint32_t)b->vertices.count, count = 0;
    uint32_t *at = malloc((vertex_count + 1ull) * sizeof *at);
    uint32_t *id_of = malloc((b->node_count + 1ull) * sizeof *id_of);
    if (!at || !id_of || SECTION_NEW(&b->sections, node_vertex, b->node_count) ||
        SECTION_NEW(&b->sections, vertex_node, vertex_count)) {
        free(at);
        free(id_of);
        return ERR_LIMIT;
    }
    for (uint32_t vertex = 0; vertex < vertex_count; vertex++)
        at[b->rank_of[vertex]] = vertex;
    for (uint32_t rank = 0; rank < vertex_count; rank++) {
        if (at[rank] >= b->node_count)
            continue;
        number_of[at[rank]] = count;
        id_of[count] = b->id_of[at[rank]];
        b->sections.node_vertex.at[count++] = rank;
    }
    for (uint32_t rank = 0; rank < vertex_count; rank++)
        b->sections.vertex_node.at[rank] = number_of[VEC(&b->vertices, uint32_t)[at[rank]]];
    free(at);
    free(b->id_of);
    b->id_of = id_of;
    return OK;
}

static enum err rank_edges(struct build *b, const uint32_t *number_of)
{
    uint32_t count = (uint32_t)b->edges.count;
    uint32_t *first = calloc(b->node_count + 1ull, sizeof *first);
    b->edge_at = malloc((count + 1ull) * sizeof *b->edge_at);
    b->edge_of = malloc((count + 1ull) * sizeof *b->edge_of);
    if (!first || !b->edge_at || !b->edge_of) {
        free(first);
        return ERR_LIMIT;
    }
    for (uint32_t i = 0; i < count; i++) {
        struct new_edge *edge = edge_in(b, i);
        edge->tail = number_of[edge->tail];
        edge->head = number_of[edge->head];
        first[edge->tail + 1]++;
    }
    groups_start(first, b->node_count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t edge = first[edge_in(b, i)->tail]++;
        b->edge_at[edge] = i;
        b->edge_of[i] = edge;
    }
    free(first);
    return OK;
}

/* Hops by arc, arcs ascending: grouping them by tail afterwards keeps that
 * within a tail. */
static enum err rank_hops(struct build *b)
{
    size_t count = b->hops.count, arcs = 2 * b->edges.count;
    uint32_t *first = calloc(arcs + 1, sizeof *first);
    struct new_hop *sorted = malloc((count + 1) * sizeof *sorted), *hops = b->hops.p;
    if (!first || !sorted) {
        free(first);
        free(sorted);
        return ERR_LIMIT;
    }
    for (size_t i = 0; i < count; i++) {
        hops[i] = (struct new_hop){.tail = b->rank_of[hops[i].tail],
                                   .head = b->rank_of[hops[i].head],
                                   .arc = 2 * b->edge_of[hops[i].arc >> 1] | (hops[i].arc & 1),
                                   .turn = hops[i].turn};
        first[hops[i].arc + 1]++;
    }
    groups_start(first, arcs);
    for (size_t i = 0; i < count; i++)
        sorted[first[hops[i].arc]++] = hops[i];
    free(first);
    free(hops);
    b->hops = (struct vec){sorted, count, count + 1};
    return OK;
}

enum err build_rank(struct build *b)
{
    uint32_t *number_of = malloc((b->node_count + 1ull) * sizeof *number_of);
    enum err err = number_of ? rank_nodes(b, number_of) : ERR_LIMIT;
    if (!err)
        err = rank_edges(b, number_of);
    if (!err)
        err = rank_hops(b);
    free(number_of);
    return err;
}
