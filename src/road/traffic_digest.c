/* traffic_digest.c - metrics as numbers to compare. */
#include "road/traffic_priv.h"

static int compare_arcs(const void *a, const void *b)
{
    const struct arc_pieces *const *left = a, *const *right = b;
    return (*left)->arc < (*right)->arc ? -1 : (*left)->arc > (*right)->arc;
}

/* Weights, and where they change inside an arc: field by field, for structs have gaps. */
static uint64_t digest_weights(const struct road *road, const uint32_t *weights,
                               const struct piece_map *pieces)
{
    size_t bytes = 2 * (size_t)road->edge_count * sizeof *weights, count = 0;
    uint64_t digest = digest_u64(weights, bytes);
    const struct arc_pieces **all = calloc(pieces->count + (size_t)1, sizeof *all);
    assert(all);
    for (uint32_t i = 0; i < pieces->cap; i++) {
        if (pieces->slots[i])
            all[count++] = pieces->slots[i];
    }
    qsort(all, count, sizeof *all, compare_arcs);
    for (size_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < all[i]->count; k++) {
            const struct piece *piece = &all[i]->at[k];
            const uint64_t words[] = {digest,    all[i]->arc,     all[i]->base,     piece->from,
                                      piece->to, piece->permille, piece->is_closed, piece->extra};
            digest = digest_u64(words, sizeof words);
        }
    }
    free(all);
    return digest;
}

uint64_t road_metric_digest(const struct road_metric *metric)
{
    return digest_weights(metric->road, metric->weights, metric->pieces);
}

enum err pieces_make_all(struct piece_maker *maker, uint32_t profile, struct piece_map *map)
{
    enum err err = OK;
    for (uint32_t arc = 0; arc < 2 * maker->road->edge_count && !err; arc++) {
        struct arc_pieces *pieces = NULL;
        if (maker->lists->first[arc >> 1] == ROAD_NONE)
            continue;
        err = pieces_make(maker, profile, arc, &pieces);
        if (!err && pieces)
            err = piece_map_room(map, 1);
        if (!err && pieces)
            piece_map_set(map, arc, pieces);
        else
            free(pieces);
    }
    return err;
}

enum err pieces_digest(const struct piece_maker *maker, uint32_t profile,
                       const struct piece_map *pieces, uint64_t *ret_digest)
{
    const struct road *road = maker->road;
    uint32_t *weights = malloc((2 * (size_t)road->edge_count + 1) * sizeof *weights);
    if (!weights)
        return ERR_LIMIT;
    for (uint32_t arc = 0; arc < 2 * road->edge_count; arc++) {
        const struct arc_pieces *changed = piece_map_get(pieces, arc);
        weights[arc] = changed ? changed->ms : pace_ms(&maker->pace, road, profile, arc);
    }
    *ret_digest = digest_weights(road, weights, pieces);
    free(weights);
    return OK;
}
