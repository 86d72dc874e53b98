#include "road/cch_priv.h"
#include <stdlib.h>

static void set_inputs(const struct cch *cch, const uint32_t *input, struct cch_weight *weights)
{
    for (uint32_t arc = 0; arc < cch->arcs; arc++)
        weights[arc] = (struct cch_weight){ROAD_INF, ROAD_INF};
    for (uint32_t i = 0; i < cch->inputs; i++) {
        struct cch_weight *weight = &weights[cch->input_arc[i] >> 1];
        uint32_t *ms = cch->input_arc[i] & 1 ? &weight->down : &weight->up;
        *ms = input[i] < *ms ? input[i] : *ms;
    }
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* All lower triangles of the arcs that leave v upwards; `row` has room for every vertex. */
static void customize_vertex(const struct cch *cch, uint32_t v, struct cch_weight *row,
                             struct cch_weight *weights)
{
    uint32_t from = cch->up_first[v], end = cch->up_first[v + 1];
    for (uint32_t i = from; i < end; i++)
        row[cch->up_head[i]] = weights[i];
    for (uint32_t i = cch->down_first[v]; i < cch->down_first[v + 1]; i++) {
        struct cch_down down = cch->down[i];
        struct cch_weight low = weights[down.arc];
        for (uint32_t k = down.arc + 1; k < cch->up_first[down.tail + 1]; k++) {
            struct cch_weight *at = &row[cch->up_head[k]];
            at->up = least(at->up, low.down + weights[k].up);
            at->down = least(at->down, weights[k].down + low.up);
        }
    }
    for (uint32_t i = from; i < end; i++)
        weights[i] = row[cch->up_head[i]];
}

enum err cch_customize(const struct cch *cch, const uint32_t *input, unsigned threads,
                       struct cch_weight *ret_weights)
{
    struct cch_weight *row = malloc(((size_t)cch->vertices + 1) * sizeof *row);
    (void)threads;
    if (!row)
        return ERR_LIMIT;
    set_inputs(cch, input, ret_weights);
    for (uint32_t v = 0; v < cch->vertices; v++)
        customize_vertex(cch, v, row, ret_weights);
    free(row);
    return OK;
}
