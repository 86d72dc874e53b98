/* order.c - the steps in their order. */
#include "road/order_steps_priv.h"
#include <stdlib.h>

static enum err order_core_part(const struct order_job *job, struct order_core *core,
                                uint32_t *ret_order)
{
    uint32_t n = core->graph.vertices;
    uint32_t *order = calloc((size_t)n + 1, sizeof *order);
    uint8_t *is_first = calloc((size_t)n + 1, 1);
    enum err err = order && is_first ? OK : ERR_LIMIT;
    if (err == OK)
        err = order_dissect(job, &core->graph, order, is_first);
    if (err == OK)
        err = order_settle(&core->graph, is_first, order);
    for (uint32_t i = 0; err == OK && i < n; i++)
        ret_order[i] = core->vertex[order[i]];
    free(order);
    free(is_first);
    return err;
}

enum err order_make(const struct order_job *job, uint32_t *ret_order)
{
    struct order_core core;
    if (job->graph.vertices > ORDER_MAX_VERTICES)
        return ERR_LIMIT;
    enum err err = order_reduce(&job->graph, ret_order, &core);
    if (err != OK)
        return err;
    err = order_core_part(job, &core, ret_order + (job->graph.vertices - core.graph.vertices));
    order_core_done(&core);
    return err == OK ? order_walk(&job->graph, ret_order) : err;
}
