/* outline.c - the border between what is reached and what is not.
 *
 * Corners of the mesh are reached or not. A side between the two kinds is crossed by the border
 * once, a triangle by one stroke between two of its sides; followed from triangle to triangle, with
 * what is reached on the left, the strokes close to rings (marching triangles). On a street that
 * is reached in part the crossing lies just beyond its end. A street of which only an inner part is
 * reached has no reached corner: it gets a narrow ring of its own.
 *
 * Cost: the corners reached and the sides that leave them. Marks are wiped by the lists of what was
 * marked, so memory is touched only where something is reached. */
#include "road/outline_priv.h"

#include <math.h>

#define BEYOND_M 1.0
#define CLEAR_E10 4.0 /* a crossing keeps this far from the corners of its side */
#define FIRST_SLOTS 1024u

struct part { /* of the side u-v, reached from `low` to `high` of it (u = 0); slots by u, v */
    uint32_t u, v;
    double low, high;
};
struct ring_mark {
    uint32_t first, count; /* corners */
    uint32_t start;        /* reached corner where its tracing began; ROAD_NONE = a narrow ring */
    uint32_t owner;        /* the outer ring that it lies in */
    double area_m2;
};
struct extent {
    uint32_t low, high;
};
struct road_outliner {
    const struct road_mesh *mesh;
    uint8_t *is_reached; /* by corner */
    uint8_t *is_node_reached;
    uint64_t *is_crossed; /* bit by half-edge */
    struct vec reached;   /* uint32_t corners */
    struct vec nodes;     /* uint32_t reached */
    struct vec crossed;   /* uint32_t half-edges */
    struct vec parts;     /* struct part: by table below */
    struct vec inner;     /* struct part: u < v, neither reached when it was noted */
    uint32_t *slots;      /* part + 1 by hash of u, v */
    uint32_t slot_count;
    struct vec extents; /* struct extent of one edge */
    struct vec marks;   /* struct ring_mark */
    struct vec corners; /* struct road_corner */
    struct vec rings, polygons, near, queue;
    uint32_t *owner; /* by corner, while rings are told apart; else ROAD_NONE */
};

/* ------------------------------------------------------- what is reached */

static enum err mark_corner(struct road_outliner *o, uint32_t corner)
{
    if (o->is_reached[corner])
        return OK;
    o->is_reached[corner] = 1;
    return VEC_PUSH(&o->reached, uint32_t, corner);
}

static enum err mark_node(struct road_outliner *o, uint32_t node)
{
    if (o->is_node_reached[node])
        return OK;
    o->is_node_reached[node] = 1;
    return VEC_PUSH(&o->nodes, uint32_t, node);
}

static uint32_t slot_of(const struct road_outliner *o, uint32_t u, uint32_t v)
{
    const uint64_t hash = ((uint64_t)u << 32 | v) * 0x9E3779B97F4A7C15u;
    uint32_t slot = (uint32_t)(hash >> 32) & (o->slot_count - 1);
    while (o->slots[slot]) {
        const struct part *part = &VEC(&o->parts, struct part)[o->slots[slot] - 1];
        if (part->u == u && part->v == v)
            break;
        slot = (slot + 1) & (o->slot_count - 1);
    }
    return slot;
}

static enum err grow_slots(struct road_outliner *o)
{
    uint32_t *slots = calloc((size_t)o->slot_count * 2, sizeof *slots);
    if (!slots)
        return ERR_LIMIT;
    free(o->slots);
    o->slots = slots;
    o->slot_count *= 2;
    for (uint32_t i = 0; i < o->parts.count; i++) {
        const struct part *part = &VEC(&o->parts, struct part)[i];
        o->slots[slot_of(o, part->u, part->v)] = i + 1;
    }
    return OK;
}

/* The side from u towards v is reached up to `share`. */
static enum err note_part(struct road_outliner *o, uint32_t u, uint32_t v, double share)
{
    if (2 * o->parts.count >= o->slot_count && grow_slots(o))
        return ERR_LIMIT;
    const uint32_t slot = slot_of(o, u, v);
    if (!o->slots[slot]) {
        if (VEC_PUSH(&o->parts, struct part, (struct part){u, v, 0, share}))
            return ERR_LIMIT;
        o->slots[slot] = (uint32_t)o->parts.count;
    }
    struct part *part = &VEC(&o->parts, struct part)[o->slots[slot] - 1];
    part->high = fmax(part->high, share);
    return OK;
}

static double share_of(struct chain_corner from, struct chain_corner to, uint32_t place)
{
    if (from.place == to.place)
        return 0;
    return ((double)place - from.place) / ((double)to.place - from.place);
}

/* An edge is reached from low to high (places on it). */
static enum err mark_extent(struct road_outliner *o, uint32_t edge, struct extent extent)
{
    const struct road_mesh *mesh = o->mesh;
    const struct file_edge *e = &mesh->road->edges[edge];
    const struct chain_corner *chain = mesh->chains + mesh->chain_first[edge];
    const uint32_t count = mesh->chain_first[edge + 1] - mesh->chain_first[edge];
    uint32_t first = 0, end;
    enum err err = OK;
    while (first < count && chain[first].place < extent.low)
        first++;
    for (end = first; end < count && chain[end].place <= extent.high && !err; end++)
        err = mark_corner(o, chain[end].corner);
    if (!err && extent.low == 0)
        err = mark_node(o, e->tail);
    if (!err && extent.high == CHAIN_ONE)
        err = mark_node(o, e->head);
    if (err || count == 0)
        return err;
    if (first == end) { /* between two corners; there is one on either side, the edge's ends */
        const struct chain_corner u = chain[first - 1], v = chain[first];
        const struct part part = {u.corner, v.corner, share_of(u, v, extent.low),
                                  share_of(u, v, extent.high)};
        const struct part turned = {v.corner, u.corner, 1 - part.high, 1 - part.low};
        return VEC_PUSH(&o->inner, struct part, u.corner < v.corner ? part : turned);
    }
    if (end < count)
        err = note_part(o, chain[end - 1].corner, chain[end].corner,
                        share_of(chain[end - 1], chain[end], extent.high));
    if (!err && first > 0)
        err = note_part(o, chain[first].corner, chain[first - 1].corner,
                        share_of(chain[first], chain[first - 1], extent.low));
    return err;
}

static int compare_extents(const void *a, const void *b)
{
    const struct extent *l = a, *r = b;
    return l->low != r->low    ? (l->low < r->low ? -1 : 1)
           : l->high < r->high ? -1
                               : l->high > r->high;
}

/* The spans of one edge, joined where they meet. */
static enum err mark_edge(struct road_outliner *o, uint32_t edge)
{
    struct extent *extents = o->extents.p;
    const size_t count = o->extents.count;
    enum err err = OK;
    o->extents.count = 0;
    if (count > 1)
        qsort(extents, count, sizeof *extents, compare_extents);
    for (size_t i = 0, k; i < count && !err; i = k) {
        struct extent all = extents[i];
        for (k = i + 1; k < count && extents[k].low <= all.high; k++)
            all.high = extents[k].high > all.high ? extents[k].high : all.high;
        err = mark_extent(o, edge, all);
    }
    return err;
}

static enum err mark_spans(struct road_outliner *o, const struct road_outline_query *query)
{
    enum err err = OK;
    for (size_t i = 0; i < query->span_count && !err; i++) {
        const struct road_span *span = &query->spans[i];
        const struct extent extent = {
            (span->from < span->to ? span->from : span->to) << CHAIN_SHIFT,
            (span->from < span->to ? span->to : span->from) << CHAIN_SHIFT};
        if (span->limit <= query->limit &&
            (query->source == ROAD_NONE || span->source == query->source))
            err = VEC_PUSH(&o->extents, struct extent, extent);
        if (!err && o->extents.count > 0 &&
            (i + 1 == query->span_count || query->spans[i + 1].edge != span->edge))
            err = mark_edge(o, span->edge);
    }
    return err;
}

/* ------------------------------------------------------- crossings */

static double length_m(const struct road_mesh *mesh, struct spot a, struct spot b)
{
    const double dx = ((double)b.x - a.x) * mesh->east_scale, dy = (double)b.y - a.y;
    return sqrt(dx * dx + dy * dy) * mesh->m_per_y;
}

static struct road_corner corner_at(const struct road_mesh *mesh, double x, double y)
{
    const int64_t north = (int64_t)(y * 1000 + (y < 0 ? -0.5 : 0.5));
    const int64_t east = (int64_t)(x * 1000 + (x < 0 ? -0.5 : 0.5));
    return (struct road_corner){(int64_t)mesh->origin.lat_e7 * 1000 + north,
                                (int64_t)mesh->origin.lon_e7 * 1000 + east};
}

struct point {
    double x, y;
};
static struct point between(struct spot a, struct spot b, double share)
{
    return (struct point){a.x + ((double)b.x - a.x) * share, a.y + ((double)b.y - a.y) * share};
}

static double lesser(double a, double b)
{
    return a < b ? a : b;
}

/* Where the border crosses a half-edge that leads from a reached corner, u, to one that is not. */
static struct point crossing(const struct road_outliner *o, uint32_t u, uint32_t half)
{
    const struct road_mesh *mesh = o->mesh;
    const uint32_t v = mesh->head[half];
    const struct spot a = mesh->spots[u], b = mesh->spots[v];
    const double whole_m = length_m(mesh, a, b);
    double share = lesser(0.5, ROAD_OUTLINE_FAR_M / whole_m);
    if (mesh->fixed[half]) {
        const uint32_t slot = o->slots[slot_of(o, u, v)];
        const double reached = slot ? VEC(&o->parts, struct part)[slot - 1].high : 0;
        if (slot)
            share = reached + lesser(BEYOND_M / whole_m, (1 - reached) / 2);
    }
    const double dx = fabs((double)b.x - a.x), dy = fabs((double)b.y - a.y);
    const double clear = lesser(0.25, CLEAR_E10 / 1000 / (dx > dy ? dx : dy));
    return between(a, b, share < clear ? clear : lesser(share, 1 - clear));
}

static enum err push_corner(struct road_outliner *o, struct point at)
{
    return VEC_PUSH(&o->corners, struct road_corner, corner_at(o->mesh, at.x, at.y));
}

static double ring_area_m2(const struct road_outliner *o, uint32_t first, uint32_t count)
{
    const struct road_corner *at = VEC(&o->corners, struct road_corner) + first;
    double twice = 0;
    for (uint32_t i = 1; i + 1 < count; i++) {
        const double ax = (double)(at[i].lon_e10 - at[0].lon_e10);
        const double ay = (double)(at[i].lat_e10 - at[0].lat_e10);
        const double bx = (double)(at[i + 1].lon_e10 - at[0].lon_e10);
        const double by = (double)(at[i + 1].lat_e10 - at[0].lat_e10);
        twice += ax * by - ay * bx;
    }
    const double m = o->mesh->m_per_y / 1000;
    const double lat = count ? (double)at[0].lat_e10 / 1e10 * M_PI / 180 : 0;
    return twice / 2 * m * m * cos(lat);
}

static enum err end_ring(struct road_outliner *o, uint32_t first, uint32_t start)
{
    const uint32_t count = (uint32_t)o->corners.count - first;
    const double area_m2 = ring_area_m2(o, first, count);
    return VEC_PUSH(&o->marks, struct ring_mark,
                    (struct ring_mark){first, count, start, ROAD_NONE, area_m2});
}

/* Follows the border from a half-edge that it crosses, and that leaves u, until it is there
 * again. */
static enum err trace(struct road_outliner *o, uint32_t u, uint32_t start)
{
    const struct road_mesh *mesh = o->mesh;
    const uint32_t first = (uint32_t)o->corners.count, from = u;
    uint32_t half = start;
    enum err err = OK;
    do {
        o->is_crossed[half / 64] |= 1ull << half % 64;
        err = VEC_PUSH(&o->crossed, uint32_t, half);
        if (!err)
            err = push_corner(o, crossing(o, u, half));
        half = fan_next(mesh, u, half);
        const uint32_t apex = mesh->head[half];
        if (o->is_reached[apex]) { /* on over the side that leads from there to the same corner */
            half = fan_next(mesh, apex, mesh->twin[half]);
            u = apex;
        }
    } while (half != start && !err);
    return err ? err : end_ring(o, first, from);
}

static enum err trace_all(struct road_outliner *o)
{
    const struct road_mesh *mesh = o->mesh;
    enum err err = OK;
    for (size_t i = 0; i < o->reached.count && !err; i++) {
        const uint32_t corner = VEC(&o->reached, uint32_t)[i], end = mesh->first[corner + 1];
        for (uint32_t half = mesh->first[corner]; half < end && !err; half++) {
            if (!o->is_reached[mesh->head[half]] && !(o->is_crossed[half / 64] >> half % 64 & 1))
                err = trace(o, corner, half);
        }
    }
    return err;
}

/* ------------------------------------------------------- narrow rings */

/* The half-edge from u to v, which are joined. */
static uint32_t find_half(const struct road_mesh *mesh, uint32_t u, uint32_t v)
{
    uint32_t half = mesh->first[u];
    while (mesh->head[half] != v)
        half++;
    return half;
}

/* A point on the way from the middle of the side u-v to the corner opposite on its left: a metre
 * off, and no further than half way to the border, if that runs between. */
static struct point tip(const struct road_outliner *o, uint32_t u, uint32_t v, struct point middle)
{
    const struct road_mesh *mesh = o->mesh;
    const uint32_t to_apex = fan_next(mesh, u, find_half(mesh, u, v));
    const uint32_t corner = mesh->head[to_apex], to_u = mesh->twin[to_apex];
    const struct spot apex = mesh->spots[corner];
    const double dx = apex.x - middle.x, dy = apex.y - middle.y;
    const double away_m = hypot(dx * mesh->east_scale, dy) * mesh->m_per_y;
    double share = lesser(0.5, BEYOND_M / away_m);
    if (o->is_reached[corner]) {
        const struct point p = crossing(o, corner, to_u);
        const struct point q = crossing(o, corner, fan_next(mesh, corner, to_u));
        const double turn = dx * (q.y - p.y) - dy * (q.x - p.x);
        const double at = ((p.x - middle.x) * (q.y - p.y) - (p.y - middle.y) * (q.x - p.x)) / turn;
        share = lesser(share, at / 2);
    }
    return (struct point){middle.x + dx * share, middle.y + dy * share};
}

static enum err add_narrow(struct road_outliner *o, const struct part *part)
{
    const struct road_mesh *mesh = o->mesh;
    const struct spot a = mesh->spots[part->u], b = mesh->spots[part->v];
    const uint32_t first = (uint32_t)o->corners.count;
    const double beyond = BEYOND_M / length_m(mesh, a, b);
    const double low = part->low - lesser(beyond, part->low / 2);
    const double high = part->high + lesser(beyond, (1 - part->high) / 2);
    const struct point middle = between(a, b, (low + high) / 2);
    enum err err = push_corner(o, between(a, b, low)); /* u-v has its triangle on the left */
    if (!err)
        err = push_corner(o, tip(o, part->v, part->u, middle));
    if (!err)
        err = push_corner(o, between(a, b, high));
    if (!err)
        err = push_corner(o, tip(o, part->u, part->v, middle));
    return err ? err : end_ring(o, first, ROAD_NONE);
}

static int compare_parts(const void *a, const void *b)
{
    const struct part *l = a, *r = b;
    if (l->u != r->u)
        return l->u < r->u ? -1 : 1;
    if (l->v != r->v)
        return l->v < r->v ? -1 : 1;
    return l->low < r->low ? -1 : l->low > r->low;
}

/* Inner parts whose side has a reached end after all widen what is reached from there; the others,
 * joined by side, become narrow rings after the border is traced. */
static enum err settle_inner(struct road_outliner *o)
{
    struct part *inner = o->inner.p;
    size_t kept = 0;
    enum err err = OK;
    if (o->inner.count > 1)
        qsort(inner, o->inner.count, sizeof *inner, compare_parts);
    for (size_t i = 0; i < o->inner.count && !err; i++) {
        const struct part part = inner[i];
        const bool is_u = o->is_reached[part.u], is_v = o->is_reached[part.v];
        if (is_u && !is_v)
            err = note_part(o, part.u, part.v, part.high);
        else if (is_v && !is_u)
            err = note_part(o, part.v, part.u, 1 - part.low);
        else if (!is_u && kept > 0 && inner[kept - 1].u == part.u && inner[kept - 1].v == part.v)
            inner[kept - 1].high = fmax(inner[kept - 1].high, part.high);
        else if (!is_u)
            inner[kept++] = part;
    }
    o->inner.count = kept;
    return err;
}

/* ------------------------------------------------------- polygons of the rings */

/* All reached corners that hang together with an outer ring's first belong to it. */
static enum err flood(struct road_outliner *o, uint32_t start, uint32_t owner)
{
    const struct road_mesh *mesh = o->mesh;
    enum err err = VEC_PUSH(&o->queue, uint32_t, start);
    o->owner[start] = owner;
    while (o->queue.count > 0 && !err) {
        const uint32_t corner = VEC(&o->queue, uint32_t)[--o->queue.count];
        const uint32_t end = mesh->first[corner + 1];
        for (uint32_t half = mesh->first[corner]; half < end && !err; half++) {
            const uint32_t other = mesh->head[half];
            if (o->is_reached[other] && o->owner[other] == ROAD_NONE) {
                o->owner[other] = owner;
                err = VEC_PUSH(&o->queue, uint32_t, other);
            }
        }
    }
    return err;
}

static enum err find_owners(struct road_outliner *o)
{
    struct ring_mark *marks = o->marks.p;
    uint32_t outer = 0, only = 0;
    enum err err = OK;
    for (uint32_t i = 0; i < o->marks.count; i++) {
        if (marks[i].area_m2 > 0 && marks[i].start != ROAD_NONE) {
            outer++;
            only = i;
        }
        if (marks[i].area_m2 > 0)
            marks[i].owner = i;
    }
    for (uint32_t i = 0; i < o->marks.count && outer > 1 && !err; i++) {
        if (marks[i].area_m2 > 0 && marks[i].start != ROAD_NONE)
            err = flood(o, marks[i].start, i);
    }
    for (uint32_t i = 0; i < o->marks.count && !err; i++) {
        if (marks[i].owner == ROAD_NONE)
            marks[i].owner = outer > 1 ? o->owner[marks[i].start] : only;
    }
    for (size_t i = 0; i < o->reached.count && outer > 1; i++)
        o->owner[VEC(&o->reached, uint32_t)[i]] = ROAD_NONE;
    return err;
}

static int compare_marks(const void *a, const void *b)
{
    const struct ring_mark *l = a, *r = b;
    if (l->owner != r->owner)
        return l->owner < r->owner ? -1 : 1;
    if ((l->area_m2 > 0) != (r->area_m2 > 0))
        return l->area_m2 > 0 ? -1 : 1;
    return l->first < r->first ? -1 : l->first > r->first;
}

static enum err write_polygons(struct road_outliner *o, struct road_outline *outline)
{
    struct ring_mark *marks = o->marks.p;
    if (vec_room(&o->rings, o->marks.count + 1, sizeof(struct road_ring)) ||
        vec_room(&o->polygons, o->marks.count + 1, sizeof(struct road_polygon)))
        return ERR_LIMIT;
    if (o->marks.count > 0)
        qsort(marks, o->marks.count, sizeof *marks, compare_marks);
    for (size_t i = 0; i < o->marks.count; i++) {
        struct road_ring *ring = &VEC(&o->rings, struct road_ring)[o->rings.count++];
        struct road_polygon *polygons = o->polygons.p;
        ring->corners = VEC(&o->corners, struct road_corner) + marks[i].first;
        ring->count = marks[i].count;
        ring->area_m2 = fabs(marks[i].area_m2);
        outline->area_m2 += marks[i].area_m2;
        if (marks[i].area_m2 > 0) {
            polygons[o->polygons.count++] = (struct road_polygon){ring, 1};
            continue;
        }
        polygons[o->polygons.count - 1].ring_count++;
        outline->hole_count++;
        outline->hole_m2 += ring->area_m2;
    }
    outline->polygons = o->polygons.p;
    outline->polygon_count = (uint32_t)o->polygons.count;
    return OK;
}

static enum err list_near(struct road_outliner *o)
{
    const struct road_mesh *mesh = o->mesh;
    enum err err = OK;
    for (size_t i = 0; i < o->reached.count && !err; i++) {
        uint32_t node = mesh->corner_node[VEC(&o->reached, uint32_t)[i]];
        for (; node != ROAD_NONE && !err; node = mesh->next_node[node]) {
            if (!o->is_node_reached[node])
                err = VEC_PUSH(&o->near, uint32_t, node);
        }
    }
    return err;
}

/* ------------------------------------------------------- the whole */

static void forget(struct road_outliner *o)
{
    for (size_t i = 0; i < o->reached.count; i++)
        o->is_reached[VEC(&o->reached, uint32_t)[i]] = 0;
    for (size_t i = 0; i < o->nodes.count; i++)
        o->is_node_reached[VEC(&o->nodes, uint32_t)[i]] = 0;
    for (size_t i = 0; i < o->crossed.count; i++)
        o->is_crossed[VEC(&o->crossed, uint32_t)[i] / 64] = 0;
    if (o->parts.count > 0)
        memset(o->slots, 0, o->slot_count * sizeof *o->slots);
    o->reached.count = o->nodes.count = o->crossed.count = o->parts.count = o->inner.count = 0;
    o->extents.count = o->marks.count = o->corners.count = o->rings.count = 0;
    o->polygons.count = o->near.count = o->queue.count = 0;
}

enum err road_outline(struct road_outliner *o, const struct road_outline_query *query,
                      struct road_outline *ret_outline)
{
    struct road_outline outline = {0};
    forget(o);
    enum err err = mark_spans(o, query);
    if (!err)
        err = settle_inner(o);
    if (!err)
        err = trace_all(o);
    for (size_t i = 0; i < o->inner.count && !err; i++)
        err = add_narrow(o, &VEC(&o->inner, struct part)[i]);
    if (!err)
        err = find_owners(o);
    if (!err)
        err = write_polygons(o, &outline);
    if (!err)
        err = list_near(o);
    if (err)
        return err;
    outline.near = o->near.p;
    outline.near_count = (uint32_t)o->near.count;
    *ret_outline = outline;
    return OK;
}

enum err road_outliner_new(const struct road_mesh *mesh, struct road_outliner **ret_outliner)
{
    struct road_outliner *o = calloc(1, sizeof *o);
    if (!o)
        return ERR_LIMIT;
    o->mesh = mesh;
    o->slot_count = FIRST_SLOTS;
    o->is_reached = calloc((size_t)mesh->corners + 1, 1);
    o->is_node_reached = calloc((size_t)mesh->road->node_count + 1, 1);
    o->is_crossed = calloc((size_t)mesh->halves / 64 + 1, sizeof *o->is_crossed);
    o->slots = calloc(o->slot_count, sizeof *o->slots);
    o->owner = malloc(((size_t)mesh->corners + 1) * sizeof *o->owner);
    if (!o->is_reached || !o->is_node_reached || !o->is_crossed || !o->slots || !o->owner) {
        road_outliner_free(o);
        return ERR_LIMIT;
    }
    memset(o->owner, 0xff, mesh->corners * sizeof *o->owner);
    *ret_outliner = o;
    return OK;
}

void road_outliner_free(struct road_outliner *o)
{
    if (!o)
        return;
    struct vec *lists[] = {&o->reached, &o->nodes,    &o->crossed, &o->parts,
                           &o->inner,   &o->extents,  &o->marks,   &o->corners,
                           &o->rings,   &o->polygons, &o->near,    &o->queue};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        vec_done(lists[i]);
    free(o->is_reached);
    free(o->is_node_reached);
    free(o->is_crossed);
    free(o->slots);
    free(o->owner);
    free(o);
}
