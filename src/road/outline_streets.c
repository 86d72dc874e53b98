/* outline_streets.c - the streets of one profile as lines of a mesh.
 *
 * Every corner of a street is a corner of the mesh, and every piece between two of them a side, cut
 * where streets cross: on a bridge too, for the border of what is reached is drawn on the ground.
 * A crossing is rounded to a whole unit (1 cm), which bends the streets by as much. Where no
 * street is near (a park, water, beyond the edge of the city) points of a coarse grid are put in
 * that nothing ever reaches: so large blocks become holes, and every border closes. */
#include "road/outline_priv.h"

#include "base/map.h"
#include <math.h>

#define M_PER_UNIT 0.01113194908 /* of latitude */
#define MAX_RASTER 16000000
#define MAX_BITS (1u << 28)

struct bit { /* a part of a street's piece, between two corners of the mesh */
    uint32_t a, b;
    uint32_t next; /* further along the piece, ROAD_NONE = last */
    uint32_t same; /* another one on the same side of the mesh */
};
struct raster { /* where streets are */
    double cell_x, cell_y;
    int64_t columns, rows;
    struct spot min;
    uint8_t *cells;
};
struct builder {
    struct road_mesh *made;
    const struct road *road;
    struct mesh mesh;
    struct raster raster;
    uint32_t *node_corner;  /* by node, ROAD_NONE = not of this profile */
    uint32_t *shape_corner; /* by place of the shapes */
    uint32_t *piece_first;  /* by edge: its first piece; one more */
    uint32_t *number;       /* by corner: its number in the finished mesh */
    struct vec bits;        /* struct bit; the first ones are the pieces, by number */
    struct vec todo;        /* uint32_t bits that are not sides yet */
    struct map sides;       /* corners a < b -> first bit there */
};

static bool is_used(const struct builder *b, uint32_t edge)
{
    return road_base_ms(b->road, b->made->profile, 2 * edge) < ROAD_INF ||
           road_base_ms(b->road, b->made->profile, 2 * edge + 1) < ROAD_INF;
}

static struct spot spot_of(const struct builder *b, struct place place)
{
    return (struct spot){place.lon_e7 - b->made->origin.lon_e7,
                         place.lat_e7 - b->made->origin.lat_e7};
}

/* ------------------------------------------------------- sides and the bits on them */

static uint64_t side_key(uint32_t a, uint32_t b)
{
    return a < b ? (uint64_t)a << 32 | b : (uint64_t)b << 32 | a;
}

static enum err add_side(struct builder *b, uint32_t index)
{
    struct bit *bit = &VEC(&b->bits, struct bit)[index];
    const uint64_t key = side_key(bit->a, bit->b);
    uint32_t before = ROAD_NONE;
    (void)map_get(&b->sides, key, &before);
    bit->same = before;
    return map_put(&b->sides, key, index);
}

static enum err split_bit(struct builder *b, uint32_t index, uint32_t corner)
{
    const struct bit old = VEC(&b->bits, struct bit)[index];
    const uint32_t added = (uint32_t)b->bits.count;
    if (added >= MAX_BITS ||
        VEC_PUSH(&b->bits, struct bit, (struct bit){corner, old.b, old.next, ROAD_NONE}) ||
        VEC_PUSH(&b->todo, uint32_t, added) || VEC_PUSH(&b->todo, uint32_t, index))
        return ERR_LIMIT;
    VEC(&b->bits, struct bit)[index].b = corner;
    VEC(&b->bits, struct bit)[index].next = added;
    return OK;
}

/* The bits on a side that has got a corner in between. */
static enum err split_side(struct builder *b, struct mesh_split split)
{
    const uint64_t key = side_key(split.a, split.b);
    uint32_t index;
    enum err err = OK;
    if (!map_get(&b->sides, key, &index))
        return OK;
    (void)map_remove(&b->sides, key);
    while (index != ROAD_NONE && !err) {
        const uint32_t next = VEC(&b->bits, struct bit)[index].same;
        err = split_bit(b, index, split.at);
        index = next;
    }
    return err;
}

static struct spot crossing_of(struct spot a, struct spot b, struct spot c, struct spot d)
{
    const double abx = (double)b.x - a.x, aby = (double)b.y - a.y;
    const double cdx = (double)d.x - c.x, cdy = (double)d.y - c.y;
    const double acx = (double)c.x - a.x, acy = (double)c.y - a.y;
    const double share = (acx * cdy - acy * cdx) / (abx * cdy - aby * cdx);
    return (struct spot){(int32_t)lround(a.x + share * abx), (int32_t)lround(a.y + share * aby)};
}

/* A bit meets the fixed side c-d: both get a corner where they cross. */
static enum err cross_side(struct builder *b, uint32_t index, const struct mesh_obstacle *side)
{
    const struct bit bit = VEC(&b->bits, struct bit)[index];
    uint32_t corner;
    const struct spot at = crossing_of(mesh_spot(&b->mesh, bit.a), mesh_spot(&b->mesh, bit.b),
                                       mesh_spot(&b->mesh, side->a), mesh_spot(&b->mesh, side->b));
    mesh_unfix(&b->mesh, side->a, side->b);
    enum err err = mesh_insert(&b->mesh, at, &corner);
    if (!err && corner != side->a && corner != side->b) {
        err = split_side(b, (struct mesh_split){side->a, side->b, corner});
    } else if (!err) { /* it crosses at the very end: that side stays */
        struct mesh_obstacle none;
        if (mesh_fix(&b->mesh, side->a, side->b, &none) != MESH_FIXED)
            err = ERR_LIMIT;
    }
    if (err)
        return err;
    if (corner == bit.a || corner == bit.b)
        return VEC_PUSH(&b->todo, uint32_t, index);
    return split_bit(b, index, corner);
}

static enum err place_bit(struct builder *b, uint32_t index)
{
    const struct bit bit = VEC(&b->bits, struct bit)[index];
    struct mesh_obstacle obstacle;
    if (bit.a == bit.b)
        return OK;
    switch (mesh_fix(&b->mesh, bit.a, bit.b, &obstacle)) {
    case MESH_FIXED:
        return add_side(b, index);
    case MESH_HITS_CORNER:
        return split_bit(b, index, obstacle.at);
    case MESH_CROSSES:
        return cross_side(b, index, &obstacle);
    case MESH_FULL:
        break;
    }
    return ERR_LIMIT;
}

static enum err place_bits(struct builder *b)
{
    enum err err = OK;
    while (b->todo.count > 0 && !err) {
        err = place_bit(b, VEC(&b->todo, uint32_t)[--b->todo.count]);
        for (size_t i = 0; i < b->mesh.splits.count && !err; i++)
            err = split_side(b, VEC(&b->mesh.splits, struct mesh_split)[i]);
        b->mesh.splits.count = 0;
    }
    return err;
}

/* ------------------------------------------------------- corners */

static void mark_cell(struct raster *r, double x, double y)
{
    const int64_t column = (int64_t)((x - r->min.x) / r->cell_x);
    const int64_t row = (int64_t)((y - r->min.y) / r->cell_y);
    if (column >= 0 && column < r->columns && row >= 0 && row < r->rows)
        r->cells[row * r->columns + column] = 1;
}

static void mark_piece(struct raster *r, struct spot a, struct spot b)
{
    const double dx = (double)b.x - a.x, dy = (double)b.y - a.y;
    const int steps = 1 + (int)(2 * fmax(fabs(dx) / r->cell_x, fabs(dy) / r->cell_y));
    for (int i = 0; i <= steps; i++)
        mark_cell(r, a.x + dx * i / steps, a.y + dy * i / steps);
}

static enum err add_node(struct builder *b, uint32_t node)
{
    if (b->node_corner[node] != ROAD_NONE)
        return OK;
    return mesh_insert(&b->mesh, spot_of(b, b->road->nodes[node]), &b->node_corner[node]);
}

static uint32_t corner_of(const struct builder *b, uint32_t edge, uint32_t i)
{
    const struct file_edge *e = &b->road->edges[edge];
    const uint32_t inner = e[1].shape - e->shape;
    return i == 0      ? b->node_corner[e->tail]
           : i > inner ? b->node_corner[e->head]
                       : b->shape_corner[e->shape + i - 1];
}

static enum err add_edge(struct builder *b, uint32_t edge)
{
    const struct file_edge *e = &b->road->edges[edge];
    const uint32_t inner = e[1].shape - e->shape;
    enum err err = add_node(b, e->tail);
    for (uint32_t i = 0; i < inner && !err; i++)
        err = mesh_insert(&b->mesh, spot_of(b, b->road->shapes[e->shape + i]),
                          &b->shape_corner[e->shape + i]);
    if (!err)
        err = add_node(b, e->head);
    for (uint32_t i = 0; i <= inner && !err; i++) {
        const uint32_t from = corner_of(b, edge, i), to = corner_of(b, edge, i + 1);
        mark_piece(&b->raster, mesh_spot(&b->mesh, from), mesh_spot(&b->mesh, to));
        err = VEC_PUSH(&b->bits, struct bit, (struct bit){from, to, ROAD_NONE, ROAD_NONE});
    }
    return err;
}

static enum err add_edges(struct builder *b)
{
    enum err err = OK;
    for (uint32_t edge = 0; edge < b->road->edge_count && !err; edge++) {
        b->piece_first[edge] = (uint32_t)b->bits.count;
        if (is_used(b, edge))
            err = add_edge(b, edge);
    }
    b->piece_first[b->road->edge_count] = (uint32_t)b->bits.count;
    return err;
}

/* Whether a street runs through a cell no further away than `far` cells. */
static bool is_street_near(const struct raster *r, int64_t column, int64_t row, int64_t far)
{
    for (int64_t y = row - far; y <= row + far; y++) {
        for (int64_t x = column - far; x <= column + far; x++) {
            if (x >= 0 && x < r->columns && y >= 0 && y < r->rows && r->cells[y * r->columns + x])
                return true;
        }
    }
    return false;
}

/* One point in each cell that is not next to a street, but next to such a one. */
static enum err add_far_points(struct builder *b)
{
    const struct raster *r = &b->raster;
    enum err err = OK;
    uint32_t corner;
    for (int64_t row = 0; row < r->rows && !err; row++) {
        for (int64_t i = 0; i < r->columns && !err; i++) {
            const int64_t column = row % 2 ? r->columns - 1 - i : i;
            if (is_street_near(r, column, row, 1) || !is_street_near(r, column, row, 2))
                continue;
            const struct spot spot = {(int32_t)(r->min.x + ((double)column + 0.5) * r->cell_x),
                                      (int32_t)(r->min.y + ((double)row + 0.5) * r->cell_y)};
            err = mesh_insert(&b->mesh, spot, &corner);
        }
    }
    return err;
}

/* ------------------------------------------------------- the result */

static struct place shape_place(const struct road *road, uint32_t edge, uint32_t i)
{
    const struct file_edge *e = &road->edges[edge];
    const uint32_t inner = e[1].shape - e->shape;
    return i == 0      ? road->nodes[e->tail]
           : i > inner ? road->nodes[e->head]
                       : road->shapes[e->shape + i - 1];
}

struct lie { /* of a piece on its edge, 0..CHAIN_ONE */
    double low, high;
};

/* The corners of a piece, by their distance from its start: their share of it. Returns how many. */
static uint32_t fill_piece(const struct builder *b, uint32_t piece, struct spot start,
                           struct spot end, struct lie on, struct chain_corner *to)
{
    const struct bit *bits = b->bits.p;
    const double whole = hypot((double)end.x - start.x, (double)end.y - start.y);
    uint32_t count = 0, before = (uint32_t)on.low;
    for (uint32_t k = piece; k != ROAD_NONE; k = bits[k].next) {
        const struct spot at = mesh_spot(&b->mesh, bits[k].a);
        const double gone = hypot((double)at.x - start.x, (double)at.y - start.y);
        const double share = whole > 0 ? fmin(1, gone / whole) : 0;
        const uint32_t place = (uint32_t)(on.low + (on.high - on.low) * share);
        before = place > before ? place : before;
        to[count++] = (struct chain_corner){b->number[bits[k].a], before};
    }
    return count;
}

/* Where the corners of an edge lie on it, as fractions of edges are measured: by the length of the
 * street. */
static uint32_t fill_chain(const struct builder *b, uint32_t edge, struct chain_corner *to)
{
    const uint32_t first = b->piece_first[edge], pieces = b->piece_first[edge + 1] - first;
    double total_m = 0, gone_m = 0;
    uint32_t count = 0;
    for (uint32_t i = 0; i < pieces; i++)
        total_m +=
            place_distance_m(shape_place(b->road, edge, i), shape_place(b->road, edge, i + 1));
    const double scale = total_m > 0 ? CHAIN_ONE / total_m : 0;
    for (uint32_t i = 0; i < pieces; i++) {
        const struct place from = shape_place(b->road, edge, i);
        const struct place until = shape_place(b->road, edge, i + 1);
        const struct spot start = spot_of(b, from), end = spot_of(b, until);
        const double length_m = place_distance_m(from, until);
        const struct lie on = {gone_m * scale, (gone_m + length_m) * scale};
        count += fill_piece(b, first + i, start, end, on, to + count);
        gone_m += length_m;
    }
    const uint32_t head = b->road->edges[edge].head;
    if (pieces > 0)
        to[count++] = (struct chain_corner){b->number[b->node_corner[head]], CHAIN_ONE};
    return count;
}

static enum err take_chains(struct builder *b)
{
    struct road_mesh *made = b->made;
    uint32_t count = 0;
    made->chain_first = calloc((size_t)b->road->edge_count + 1, sizeof(uint32_t));
    made->chains = calloc(b->bits.count + b->road->edge_count + 1, sizeof *made->chains);
    if (!made->chain_first || !made->chains)
        return ERR_LIMIT;
    for (uint32_t edge = 0; edge < b->road->edge_count; edge++) {
        made->chain_first[edge] = count;
        count += fill_chain(b, edge, made->chains + count);
    }
    made->chain_first[b->road->edge_count] = count;
    return OK;
}

static enum err take_nodes(struct builder *b)
{
    struct road_mesh *made = b->made;
    made->corner_node = malloc((b->mesh.spots.count + 1) * sizeof(uint32_t));
    made->next_node = malloc(((size_t)b->road->node_count + 1) * sizeof(uint32_t));
    if (!made->corner_node || !made->next_node)
        return ERR_LIMIT;
    for (size_t i = 0; i < b->mesh.spots.count; i++)
        made->corner_node[i] = ROAD_NONE;
    for (uint32_t node = b->road->node_count; node-- > 0;) {
        const uint32_t old = b->node_corner[node];
        const uint32_t corner = old == ROAD_NONE ? ROAD_NONE : b->number[old];
        made->next_node[node] = corner == ROAD_NONE ? ROAD_NONE : made->corner_node[corner];
        if (corner != ROAD_NONE)
            made->corner_node[corner] = node;
    }
    return OK;
}

/* ------------------------------------------------------- the whole */

static enum err prepare(struct builder *b)
{
    const struct road *road = b->road;
    struct road_mesh *made = b->made;
    struct raster *r = &b->raster;
    const int64_t width = (int64_t)road->max.lon_e7 - road->min.lon_e7;
    const int64_t height = (int64_t)road->max.lat_e7 - road->min.lat_e7;
    if (road->node_count == 0)
        return ERR_NOT_FOUND;
    if (width > MESH_MAX_SIDE || height > MESH_MAX_SIDE)
        return ERR_RANGE;
    made->origin = road->min;
    made->m_per_y = M_PER_UNIT;
    made->east_scale =
        fmax(0.01, cos((place_lat_deg(road->min) + place_lat_deg(road->max)) / 2 * M_PI / 180));
    r->cell_y = ROAD_MESH_CELL_M / M_PER_UNIT;
    r->cell_x = r->cell_y / made->east_scale;
    const double cells = ((double)width / r->cell_x + 8) * ((double)height / r->cell_y + 8);
    const double coarser = cells > MAX_RASTER ? sqrt(cells / MAX_RASTER) : 1;
    r->cell_x *= coarser;
    r->cell_y *= coarser;
    r->min = (struct spot){(int32_t)(-4 * r->cell_x), (int32_t)(-4 * r->cell_y)};
    r->columns = (int64_t)((double)width / r->cell_x) + 9;
    r->rows = (int64_t)((double)height / r->cell_y) + 9;
    const struct spot max = {(int32_t)(r->min.x + (double)(r->columns + 1) * r->cell_x),
                             (int32_t)(r->min.y + (double)(r->rows + 1) * r->cell_y)};
    r->cells = calloc((size_t)(r->columns * r->rows), 1);
    b->node_corner = malloc(((size_t)road->node_count + 1) * sizeof(uint32_t));
    b->shape_corner = malloc(((size_t)road->shape_count + 1) * sizeof(uint32_t));
    b->piece_first = malloc(((size_t)road->edge_count + 1) * sizeof(uint32_t));
    if (!r->cells || !b->node_corner || !b->shape_corner || !b->piece_first)
        return ERR_LIMIT;
    memset(b->node_corner, 0xff, road->node_count * sizeof(uint32_t));
    return mesh_init(&b->mesh, (struct spot){r->min.x - 1, r->min.y - 1}, max);
}

static enum err build(struct builder *b)
{
    enum err err = prepare(b);
    if (!err)
        err = add_edges(b);
    if (!err)
        err = add_far_points(b);
    for (size_t i = b->bits.count; i-- > 0 && !err;) /* from the stack they come in order */
        err = VEC_PUSH(&b->todo, uint32_t, (uint32_t)i);
    if (!err)
        err = place_bits(b);
    if (!err)
        err = mesh_fans(&b->mesh, b->made, &b->number);
    if (!err)
        err = take_chains(b);
    if (!err)
        err = take_nodes(b);
    return err;
}

enum err road_mesh_new(const struct road *road, uint32_t profile, struct road_mesh **ret_mesh)
{
    struct builder b = {.road = road, .made = calloc(1, sizeof *b.made)};
    if (!b.made)
        return ERR_LIMIT;
    if (profile >= road->profile_count) {
        free(b.made);
        return ERR_RANGE;
    }
    b.made->road = road;
    b.made->profile = profile;
    map_init(&b.sides, UINT32_MAX / 2);
    const enum err err = build(&b);
    mesh_done(&b.mesh);
    free(b.raster.cells);
    free(b.node_corner);
    free(b.shape_corner);
    free(b.piece_first);
    free(b.number);
    vec_done(&b.bits);
    vec_done(&b.todo);
    map_done(&b.sides);
    if (err)
        road_mesh_free(b.made);
    else
        *ret_mesh = b.made;
    return err;
}

void road_mesh_free(struct road_mesh *mesh)
{
    if (!mesh)
        return;
    free(mesh->spots);
    free(mesh->first);
    free(mesh->head);
    free(mesh->twin);
    free(mesh->fixed);
    free(mesh->chain_first);
    free(mesh->chains);
    free(mesh->corner_node);
    free(mesh->next_node);
    free(mesh);
}
