/* order.c - recursive coordinate bisection: each part is cut at the median of its longer axis, the
 * vertices of the lower half that touch the upper half are the separator. */
#include "road/order_priv.h"
#include <stdlib.h>

#define ORDER_LEAF 8u
#define ORDER_MAX_STACK 64u /* a part is at most half of its parent, the larger one waits */

struct range {
    uint32_t from, to;
};
struct bisection {
    const struct order_job *job;
    uint32_t *order;
    uint32_t *part; /* by vertex: 1 + where its upper half starts, 0 elsewhere */
    uint32_t *kept;
};

static int32_t axis(const struct bisection *b, uint32_t vertex, bool is_lat)
{
    const struct place *place = &b->job->graph.places[vertex];
    return is_lat ? place->lat_e7 : place->lon_e7;
}

static bool is_before(const struct bisection *b, uint32_t u, uint32_t v, bool is_lat)
{
    int32_t x = axis(b, u, is_lat), y = axis(b, v, is_lat);
    return x != y ? x < y : u < v;
}

static bool longer_axis(const struct bisection *b, struct range range)
{
    struct place min = b->job->graph.places[b->order[range.from]], max = min;
    for (uint32_t i = range.from; i < range.to; i++) {
        struct place p = b->job->graph.places[b->order[i]];
        min.lat_e7 = p.lat_e7 < min.lat_e7 ? p.lat_e7 : min.lat_e7;
        max.lat_e7 = p.lat_e7 > max.lat_e7 ? p.lat_e7 : max.lat_e7;
        min.lon_e7 = p.lon_e7 < min.lon_e7 ? p.lon_e7 : min.lon_e7;
        max.lon_e7 = p.lon_e7 > max.lon_e7 ? p.lon_e7 : max.lon_e7;
    }
    return (int64_t)max.lat_e7 - min.lat_e7 > (int64_t)max.lon_e7 - min.lon_e7;
}

/* Puts the `middle`th of the range in its place, the lower ones before it (Hoare's selection). */
static void select_middle(struct bisection *b, struct range range, uint32_t middle, bool is_lat)
{
    while (range.to - range.from > 1) {
        uint32_t pivot = b->order[range.from + (range.to - range.from - 1) / 2];
        int64_t low = (int64_t)range.from - 1, high = range.to;
        for (;;) {
            do
                low++;
            while (is_before(b, b->order[low], pivot, is_lat));
            do
                high--;
            while (is_before(b, pivot, b->order[high], is_lat));
            if (low >= high)
                break;
            uint32_t swap = b->order[low];
            b->order[low] = b->order[high];
            b->order[high] = swap;
        }
        if (middle <= high)
            range.to = (uint32_t)high + 1;
        else
            range.from = (uint32_t)high + 1;
    }
}

static bool touches(const struct bisection *b, uint32_t vertex, uint32_t part)
{
    const struct order_graph *graph = &b->job->graph;
    for (uint32_t i = graph->first[vertex]; i < graph->first[vertex + 1]; i++) {
        if (b->part[graph->head[i]] == part)
            return true;
    }
    return false;
}

/* Leaves lower rest, upper half, separator in this order. */
static void cut(struct bisection *b, struct range range, struct range ret_parts[2])
{
    uint32_t middle = range.from + (range.to - range.from) / 2, kept = 0, at = range.from;
    bool is_lat = longer_axis(b, range);
    select_middle(b, range, middle, is_lat);
    for (uint32_t i = middle; i < range.to; i++)
        b->part[b->order[i]] = middle + 1;
    for (uint32_t i = range.from; i < middle; i++) {
        if (touches(b, b->order[i], middle + 1))
            b->kept[kept++] = b->order[i];
        else
            b->order[at++] = b->order[i];
    }
    ret_parts[0] = (struct range){range.from, at};
    for (uint32_t i = middle; i < range.to; i++) {
        b->part[b->order[i]] = 0;
        b->order[at++] = b->order[i];
    }
    ret_parts[1] = (struct range){ret_parts[0].to, at};
    for (uint32_t i = 0; i < kept; i++)
        b->order[at++] = b->kept[i];
}

static enum err bisect(struct bisection *b)
{
    struct range stack[ORDER_MAX_STACK], parts[2];
    size_t depth = 0;
    uint32_t total = b->job->graph.vertices;
    stack[depth++] = (struct range){0, total};
    while (depth) {
        struct range range = stack[--depth];
        if (b->job->progress && !b->job->progress(b->job->user, "order", total - range.to, total))
            return ERR_STATE;
        if (range.to - range.from <= ORDER_LEAF)
            continue;
        cut(b, range, parts);
        bool is_upper_larger = parts[1].to - parts[1].from > parts[0].to - parts[0].from;
        stack[depth++] = parts[is_upper_larger];
        stack[depth++] = parts[!is_upper_larger];
    }
    return OK;
}

enum err order_make(const struct order_job *job, uint32_t *ret_order)
{
    uint32_t n = job->graph.vertices;
    enum err err = ERR_LIMIT;
    struct bisection b = {.job = job, .order = ret_order};
    if (n == 0)
        return OK;
    b.part = calloc(n, sizeof *b.part);
    b.kept = calloc(n, sizeof *b.kept);
    if (b.part && b.kept) {
        for (uint32_t i = 0; i < n; i++)
            ret_order[i] = i;
        err = bisect(&b);
    }
    free(b.part);
    free(b.kept);
    return err;
}
