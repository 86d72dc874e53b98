/* outline_fans.c - the finished triangles, laid out for those who walk over them.
 *
 * Corners get new numbers along a Z-curve, so that neighbours on the ground are neighbours in
 * memory. The half-edges that leave a corner stand side by side, counter-clockwise: a look round a
 * corner reads one short run, and only a step to the next corner needs a twin. */
#include "road/outline_priv.h"

/* The lower 16 bits, each with a gap behind it. */
static uint32_t with_gaps(uint32_t x)
{
    x &= 0xffff;
    x = (x | x << 8) & 0x00ff00ff;
    x = (x | x << 4) & 0x0f0f0f0f;
    x = (x | x << 2) & 0x33333333;
    return (x | x << 1) & 0x55555555;
}

/* Old corners by their new numbers. NULL: no memory. */
static uint32_t *corners_in_order(const struct mesh *mesh)
{
    const size_t count = mesh->spots.count;
    const struct spot min = mesh_spot(mesh, 0), max = mesh_spot(mesh, 2);
    const uint64_t width = (uint64_t)((int64_t)max.x - min.x),
                   height = (uint64_t)((int64_t)max.y - min.y);
    uint64_t *keys = malloc((count + 1) * sizeof *keys);
    uint32_t *order = malloc((count + 1) * sizeof *order);
    for (size_t i = 0; i < count && keys; i++) {
        const struct spot at = mesh_spot(mesh, (uint32_t)i);
        const uint64_t x = (uint64_t)((int64_t)at.x - min.x) * 0xffff / (width + 1);
        const uint64_t y = (uint64_t)((int64_t)at.y - min.y) * 0xffff / (height + 1);
        keys[i] = (uint64_t)(with_gaps((uint32_t)x) | with_gaps((uint32_t)y) << 1) << 32 | i;
    }
    const bool is_sorted = keys && order && sort_u64(keys, count) == OK;
    for (size_t i = 0; i < count && is_sorted; i++)
        order[i] = (uint32_t)keys[i];
    free(keys);
    if (!is_sorted) {
        free(order);
        order = NULL;
    }
    return order;
}

/* The half-edges of a corner get their numbers, counter-clockwise; returns the next one. */
static uint32_t number_fan(const struct mesh *mesh, uint32_t corner, uint32_t next,
                           uint32_t *number)
{
    const uint32_t *twin = mesh->twin.p, leave = VEC(&mesh->leave, uint32_t)[corner];
    uint32_t first = leave;
    /* on the frame the fan is open: it begins where nothing lies clockwise */
    while (twin[first] != ROAD_NONE && (first = mesh_next(twin[first])) != leave)
        ;
    uint32_t half = first;
    do {
        number[half] = next++;
        half = twin[mesh_prev(half)];
    } while (half != first && half != ROAD_NONE);
    return next;
}

static enum err take_memory(struct road_mesh *made)
{
    made->spots = malloc(((size_t)made->corners + 1) * sizeof *made->spots);
    made->first = malloc(((size_t)made->corners + 1) * sizeof *made->first);
    made->head = malloc(((size_t)made->halves + 1) * sizeof *made->head);
    made->twin = malloc(((size_t)made->halves + 1) * sizeof *made->twin);
    made->fixed = malloc((size_t)made->halves + 1);
    return made->spots && made->first && made->head && made->twin && made->fixed ? OK : ERR_LIMIT;
}

/* `half_number`: room for every half-edge. */
static void lay_out(const struct mesh *mesh, struct road_mesh *made, const uint32_t *order,
                    const uint32_t *number, uint32_t *half_number)
{
    const uint32_t *from = mesh->from.p, *twin = mesh->twin.p;
    uint32_t next = 0;
    for (uint32_t i = 0; i < made->corners; i++) {
        made->spots[i] = mesh_spot(mesh, order[i]);
        made->first[i] = next;
        next = number_fan(mesh, order[i], next, half_number);
    }
    made->first[made->corners] = next;
    for (uint32_t half = 0; half < made->halves; half++) {
        const uint32_t at = half_number[half];
        made->head[at] = number[from[mesh_next(half)]];
        made->twin[at] = twin[half] == ROAD_NONE ? ROAD_NONE : half_number[twin[half]];
        made->fixed[at] = VEC(&mesh->fixed, uint8_t)[half];
    }
}

enum err mesh_fans(const struct mesh *mesh, struct road_mesh *made, uint32_t **ret_number)
{
    made->corners = (uint32_t)mesh->spots.count;
    made->halves = (uint32_t)mesh->from.count;
    uint32_t *order = corners_in_order(mesh);
    uint32_t *number = malloc(((size_t)made->corners + 1) * sizeof *number);
    uint32_t *half_number = malloc(((size_t)made->halves + 1) * sizeof *half_number);
    const enum err err = order && number && half_number ? take_memory(made) : ERR_LIMIT;
    if (!err) {
        for (uint32_t i = 0; i < made->corners; i++)
            number[order[i]] = i;
        lay_out(mesh, made, order, number, half_number);
        *ret_number = number;
    } else {
        free(number);
    }
    free(order);
    free(half_number);
    return err;
}
