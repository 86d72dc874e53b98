#include "geo/mvt.h"
#include <math.h>

enum { TYPE_POINT = 1, TYPE_LINE = 2, TYPE_POLYGON = 3 };
enum { MOVE_TO = 1, LINE_TO = 2, CLOSE_PATH = 7 };
enum { WIRE_VARINT = 0, WIRE_BYTES = 2 };
#define LOW (-(double)TILE_BUFFER)
#define HIGH ((double)(TILE_EXTENT + TILE_BUFFER))

void mvt_init(struct mvt *mvt, struct tile tile, size_t max_bytes)
{
    *mvt = (struct mvt){.tile = tile, .max_bytes = max_bytes};
    struct out *const all[] = {&mvt->bytes, &mvt->features, &mvt->values, &mvt->value_ends,
                               &mvt->tags,  &mvt->geometry, &mvt->points, &mvt->clipped};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        out_init(all[i], max_bytes);
}

void mvt_done(struct mvt *mvt)
{
    struct out *const all[] = {&mvt->bytes, &mvt->features, &mvt->values, &mvt->value_ends,
                               &mvt->tags,  &mvt->geometry, &mvt->points, &mvt->clipped};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        out_done(all[i]);
}

static void put_key(struct out *out, uint32_t number, uint32_t wire)
{
    out_varint(out, (uint64_t)number << 3 | wire);
}

static void put_bytes(struct out *out, uint32_t number, struct str bytes)
{
    put_key(out, number, WIRE_BYTES);
    out_varint(out, bytes.len);
    out_str(out, bytes);
}

static void put_u64(struct out *out, uint32_t number, uint64_t value)
{
    put_key(out, number, WIRE_VARINT);
    out_varint(out, value);
}

/* ------------------------------------------------------- geometry */

static void put_command(struct mvt *mvt, uint32_t command, uint32_t count)
{
    out_varint(&mvt->geometry, command | count << 3);
}

static void put_point(struct mvt *mvt, struct tile_point point)
{
    out_zigzag(&mvt->geometry, point.x - mvt->pen.x);
    out_zigzag(&mvt->geometry, point.y - mvt->pen.y);
    mvt->pen = point;
}

static struct tile_point *points_of(const struct out *out)
{
    return (struct tile_point *)(void *)out->p;
}

static size_t point_count(const struct out *out)
{
    return out->len / sizeof(struct tile_point);
}

/* Appends a corner unless it repeats the last one. */
static void add_point(struct out *out, struct tile_point point)
{
    size_t count = point_count(out);
    if (count) {
        struct tile_point last = points_of(out)[count - 1];
        if (last.x == point.x && last.y == point.y)
            return;
    }
    out_bytes(out, &point, sizeof point);
}

static void open_feature(struct mvt *mvt, uint64_t id, uint32_t type)
{
    out_reset(&mvt->geometry);
    out_reset(&mvt->tags);
    mvt->pen = (struct tile_point){0, 0};
    mvt->id = id;
    mvt->type = type;
}

void mvt_point(struct mvt *mvt, uint64_t id, struct place place)
{
    struct tile_point p = tile_project(mvt->tile, place);
    open_feature(mvt, id, TYPE_POINT);
    if (p.x < LOW || p.y < LOW || p.x > HIGH || p.y > HIGH)
        return;
    put_command(mvt, MOVE_TO, 1);
    put_point(mvt, p);
}

static void flush_line(struct mvt *mvt)
{
    size_t count = point_count(&mvt->points);
    const struct tile_point *points = points_of(&mvt->points);
    if (count >= 2) {
        put_command(mvt, MOVE_TO, 1);
        put_point(mvt, points[0]);
        put_command(mvt, LINE_TO, (uint32_t)count - 1);
        for (size_t i = 1; i < count; i++)
            put_point(mvt, points[i]);
    }
    out_reset(&mvt->points);
}

/* One side of Liang and Barsky's clipping: t in [*from, *to] stays where p t <= q. */
static bool clip_side(double p, double q, double *from, double *to)
{
    if (p < 0)
        *from = fmax(*from, q / p);
    else if (p > 0)
        *to = fmin(*to, q / p);
    else if (q < 0)
        return false;
    return *from <= *to;
}

static struct tile_point point_at(struct tile_point a, struct tile_point b, double share)
{
    return (struct tile_point){(int32_t)nearbyint(a.x + ((double)b.x - a.x) * share),
                               (int32_t)nearbyint(a.y + ((double)b.y - a.y) * share)};
}

static void add_segment(struct mvt *mvt, struct tile_point a, struct tile_point b)
{
    double from = 0, to = 1, dx = (double)b.x - a.x, dy = (double)b.y - a.y;
    bool is_in = clip_side(-dx, a.x - LOW, &from, &to) && clip_side(dx, HIGH - a.x, &from, &to) &&
                 clip_side(-dy, a.y - LOW, &from, &to) && clip_side(dy, HIGH - a.y, &from, &to);
    if (!is_in) {
        flush_line(mvt);
        return;
    }
    if (from > 0)
        flush_line(mvt);
    add_point(&mvt->points, point_at(a, b, from));
    add_point(&mvt->points, point_at(a, b, to));
    if (to < 1)
        flush_line(mvt);
}

void mvt_line_add(struct mvt *mvt, const struct place *places, size_t count)
{
    out_reset(&mvt->points);
    for (size_t i = 1; i < count; i++)
        add_segment(mvt, tile_project(mvt->tile, places[i - 1]),
                    tile_project(mvt->tile, places[i]));
    flush_line(mvt);
}

void mvt_line(struct mvt *mvt, uint64_t id, const struct place *places, size_t count)
{
    open_feature(mvt, id, TYPE_LINE);
    mvt_line_add(mvt, places, count);
}

/* How far a corner lies inside one of the four sides; negative: outside. */
static double inside_by(struct tile_point p, int side)
{
    return side == 0 ? p.x - LOW : side == 1 ? HIGH - p.x : side == 2 ? p.y - LOW : HIGH - p.y;
}

/* Sutherland and Hodgman: cuts the ring in `points` at one side. */
static void clip_ring(struct mvt *mvt, int side)
{
    size_t count = point_count(&mvt->points);
    const struct tile_point *points = points_of(&mvt->points);
    out_reset(&mvt->clipped);
    for (size_t i = 0, k = count - 1; i < count; k = i++) {
        double before = inside_by(points[k], side), now = inside_by(points[i], side);
        if ((before < 0) != (now < 0))
            add_point(&mvt->clipped, point_at(points[k], points[i], before / (before - now)));
        if (now >= 0)
            add_point(&mvt->clipped, points[i]);
    }
    struct out swap = mvt->points;
    mvt->points = mvt->clipped;
    mvt->clipped = swap;
}

/* Twice the area, positive when clockwise on the screen (y runs down). */
static int64_t ring_area2(const struct tile_point *points, size_t count)
{
    int64_t sum = 0;
    for (size_t i = 0, k = count - 1; i < count; k = i++)
        sum += (int64_t)points[k].x * points[i].y - (int64_t)points[i].x * points[k].y;
    return sum;
}

/* False: nothing of the ring is left in the tile. Spec 4.3.3.3: outer clockwise, holes the other
 * way. */
static bool add_ring(struct mvt *mvt, struct ring ring, bool is_outer)
{
    out_reset(&mvt->points);
    for (size_t i = 0; i < ring.count; i++)
        add_point(&mvt->points, tile_project(mvt->tile, ring.places[i]));
    for (int side = 0; side < 4; side++)
        clip_ring(mvt, side);
    struct tile_point *points = points_of(&mvt->points);
    size_t count = point_count(&mvt->points);
    if (count > 1 && points[0].x == points[count - 1].x && points[0].y == points[count - 1].y)
        count--;
    int64_t area = count >= 3 ? ring_area2(points, count) : 0;
    if (area == 0)
        return false;
    bool is_turned = (area > 0) != is_outer;
    put_command(mvt, MOVE_TO, 1);
    put_point(mvt, points[0]);
    put_command(mvt, LINE_TO, (uint32_t)count - 1);
    for (size_t i = 1; i < count; i++)
        put_point(mvt, points[is_turned ? count - i : i]);
    put_command(mvt, CLOSE_PATH, 1);
    return true;
}

void mvt_polygon(struct mvt *mvt, uint64_t id, struct polygon polygon)
{
    open_feature(mvt, id, TYPE_POLYGON);
    for (size_t i = 0; i < polygon.count; i++) {
        if (!add_ring(mvt, polygon.rings[i], i == 0) && i == 0)
            break;
    }
}

/* ------------------------------------------------------- tags */

static void add_tag(struct mvt *mvt, const char *key, struct str value)
{
    const uint32_t *ends = (const uint32_t *)(const void *)mvt->value_ends.p;
    uint32_t k = 0, v = 0, start = 0;
    while (k < mvt->key_count && strcmp(mvt->keys[k], key) != 0)
        k++;
    for (; v < mvt->value_count; start = ends[v++]) {
        if (ends[v] - start == value.len && memcmp(mvt->values.p + start, value.p, value.len) == 0)
            break;
    }
    if (k == MVT_MAX_KEYS || v == MVT_MAX_VALUES) {
        mvt->err = ERR_LIMIT;
        return;
    }
    if (k == mvt->key_count)
        mvt->keys[mvt->key_count++] = key;
    if (v == mvt->value_count) {
        out_str(&mvt->values, value);
        uint32_t end = (uint32_t)mvt->values.len;
        out_bytes(&mvt->value_ends, &end, sizeof end);
        mvt->value_count++;
    }
    out_varint(&mvt->tags, k);
    out_varint(&mvt->tags, v);
}

void mvt_tag_str(struct mvt *mvt, const char *key, struct str value)
{
    out_reset(&mvt->points);
    put_bytes(&mvt->points, 1, value);
    add_tag(mvt, key, out_view(&mvt->points));
}

void mvt_tag_i64(struct mvt *mvt, const char *key, int64_t value)
{
    out_reset(&mvt->points);
    put_key(&mvt->points, 6, WIRE_VARINT);
    out_zigzag(&mvt->points, value);
    add_tag(mvt, key, out_view(&mvt->points));
}

void mvt_tag_bool(struct mvt *mvt, const char *key, bool value)
{
    out_reset(&mvt->points);
    put_u64(&mvt->points, 7, value);
    add_tag(mvt, key, out_view(&mvt->points));
}

void mvt_feature_end(struct mvt *mvt)
{
    if (mvt->geometry.len && mvt->type) {
        out_reset(&mvt->points);
        if (mvt->id)
            put_u64(&mvt->points, 1, mvt->id);
        if (mvt->tags.len)
            put_bytes(&mvt->points, 2, out_view(&mvt->tags));
        put_u64(&mvt->points, 3, mvt->type);
        put_bytes(&mvt->points, 4, out_view(&mvt->geometry));
        put_bytes(&mvt->features, 2, out_view(&mvt->points));
    }
    mvt->type = 0;
}

/* ------------------------------------------------------- layers */

void mvt_layer(struct mvt *mvt, const char *name)
{
    out_reset(&mvt->features);
    out_reset(&mvt->values);
    out_reset(&mvt->value_ends);
    mvt->key_count = mvt->value_count = 0;
    mvt->name = name;
}

void mvt_layer_end(struct mvt *mvt)
{
    struct out layer;
    if (mvt->features.len == 0)
        return;
    out_init(&layer, mvt->max_bytes);
    put_u64(&layer, 15, 2);
    put_bytes(&layer, 1, str_of(mvt->name));
    out_str(&layer, out_view(&mvt->features));
    for (uint32_t i = 0; i < mvt->key_count; i++)
        put_bytes(&layer, 3, str_of(mvt->keys[i]));
    const uint32_t *ends = (const uint32_t *)(const void *)mvt->value_ends.p;
    for (uint32_t i = 0, start = 0; i < mvt->value_count; start = ends[i++])
        put_bytes(&layer, 4, (struct str){(const char *)mvt->values.p + start, ends[i] - start});
    put_u64(&layer, 5, TILE_EXTENT);
    put_bytes(&mvt->bytes, 3, out_view(&layer));
    if (layer.err || mvt->features.err)
        mvt->err = ERR_LIMIT;
    out_done(&layer);
}

enum err mvt_err(const struct mvt *mvt)
{
    bool is_full = mvt->bytes.err || mvt->features.err || mvt->values.err || mvt->geometry.err ||
                   mvt->points.err || mvt->tags.err;
    return is_full ? ERR_LIMIT : mvt->err;
}

struct str mvt_view(const struct mvt *mvt)
{
    return out_view(&mvt->bytes);
}
