/* Tiles: the maths against published numbers, and vector tiles read back by a decoder of the test's
 * own. */
#include "base/cursor.h"
#include "base/rand.h"
#include "geo/mvt.h"
#include "test.h"
#include <math.h>
#include <string.h>

static void tiles_are_where_they_should(void **state)
{
    (void)state;
    /* OpenStreetMap wiki, Slippy map tilenames. */
    struct tile tile = tile_at(place_from_deg(35.6590699, 139.7006793), 18);
    assert_int_equal(tile.x, 232798);
    assert_int_equal(tile.y, 103246);
    tile = tile_at(place_from_deg(89.9, -180), 3);
    assert_int_equal(tile.x, 0);
    assert_int_equal(tile.y, 0);
    tile = tile_at(place_from_deg(-89.9, 180), 3);
    assert_int_equal(tile.x, 7);
    assert_int_equal(tile.y, 7);
    struct box world = tile_box((struct tile){0, 0, 0});
    assert_int_equal(world.min.lon_e7, -1800000000);
    assert_int_equal(world.max.lat_e7, 850511288);
    assert_false(tile_is_valid((struct tile){3, 8, 0}));
    assert_false(tile_is_valid((struct tile){25, 0, 0}));
}

static void a_place_and_its_tile_point_are_one(void **state)
{
    (void)state;
    struct rand r;
    rand_seed(&r, 5);
    for (int i = 0; i < 3000; i++) {
        struct place p = {(int32_t)rand_below(&r, 1600000000) - 800000000,
                          (int32_t)((int64_t)rand_below(&r, 1000000000) * 3 - 1500000000)};
        struct tile tile = tile_at(p, 16);
        struct tile_point point = tile_project(tile, p);
        assert_true(point.x >= 0 && point.x <= TILE_EXTENT && point.y >= 0 &&
                    point.y <= TILE_EXTENT);
        assert_true(box_holds(tile_box(tile), p));
        assert_true(place_distance_m(tile_unproject(tile, point), p) < 0.2);
    }
}

/* ------------------------------------------------------- a decoder */

struct field {
    uint32_t number;
    uint64_t value;
    struct str bytes;
};

static bool next_field(struct cursor *c, struct field *field)
{
    if (c->left == 0)
        return false;
    uint64_t key = cursor_varint(c);
    *field = (struct field){.number = (uint32_t)(key >> 3)};
    if ((key & 7) == 2)
        field->bytes = cursor_take(c, cursor_varint(c));
    else
        field->value = cursor_varint(c);
    assert_int_equal(c->err, OK);
    return true;
}

struct feature {
    uint64_t id, type;
    struct tile_point points[200];
    size_t point_count, parts, closes;
    uint64_t tags[20];
    size_t tag_count;
};
struct layer {
    struct str name, keys[8], values[20];
    struct feature features[12];
    size_t key_count, value_count, feature_count;
    uint64_t version, extent;
};

static void read_shape(struct str bytes, struct feature *feature)
{
    struct cursor c = cursor_of(bytes.p, bytes.len);
    struct tile_point pen = {0, 0};
    while (c.left) {
        uint64_t command = cursor_varint(&c);
        uint64_t count = command >> 3;
        if ((command & 7) == 7) {
            feature->closes += count;
            continue;
        }
        feature->parts += (command & 7) == 1 ? count : 0;
        for (uint64_t i = 0; i < count; i++) {
            pen.x += (int32_t)cursor_zigzag(&c);
            pen.y += (int32_t)cursor_zigzag(&c);
            assert_true(feature->point_count < 200);
            feature->points[feature->point_count++] = pen;
        }
    }
    assert_int_equal(c.err, OK);
}

static void read_feature(struct str bytes, struct feature *feature)
{
    struct cursor c = cursor_of(bytes.p, bytes.len);
    struct field field = {0};
    while (next_field(&c, &field)) {
        struct cursor tags = cursor_of(field.bytes.p, field.bytes.len);
        if (field.number == 1)
            feature->id = field.value;
        else if (field.number == 3)
            feature->type = field.value;
        else if (field.number == 4)
            read_shape(field.bytes, feature);
        while (field.number == 2 && tags.left)
            feature->tags[feature->tag_count++] = cursor_varint(&tags);
    }
}

static void read_layer(struct str tile, struct layer *layer)
{
    struct cursor c = cursor_of(tile.p, tile.len);
    struct field field = {0};
    memset(layer, 0, sizeof *layer);
    assert_true(next_field(&c, &field));
    assert_int_equal(field.number, 3);
    c = cursor_of(field.bytes.p, field.bytes.len);
    while (next_field(&c, &field)) {
        if (field.number == 1)
            layer->name = field.bytes;
        else if (field.number == 2)
            read_feature(field.bytes, &layer->features[layer->feature_count++]);
        else if (field.number == 3)
            layer->keys[layer->key_count++] = field.bytes;
        else if (field.number == 4)
            layer->values[layer->value_count++] = field.bytes;
        else if (field.number == 5)
            layer->extent = field.value;
        else if (field.number == 15)
            layer->version = field.value;
    }
}

static const struct tile home = {14, 13720, 6694}; /* Lujiazui */

static struct place at(int32_t x, int32_t y)
{
    return tile_unproject(home, (struct tile_point){x, y});
}

static void features_are_read_back(void **state)
{
    (void)state;
    struct mvt mvt;
    struct layer layer;
    mvt_init(&mvt, home, 100000);
    mvt_layer(&mvt, "units");
    for (uint64_t i = 1; i <= 3; i++) {
        mvt_point(&mvt, i, at(100 * (int32_t)i, 200));
        mvt_tag_str(&mvt, "status", i == 2 ? STR("busy") : STR("free"));
        mvt_tag_i64(&mvt, "age", -5);
        mvt_tag_bool(&mvt, "stale", i == 3);
        mvt_feature_end(&mvt);
    }
    mvt_point(&mvt, 4, at(-5000, 200)); /* outside: dropped with its tags */
    mvt_tag_str(&mvt, "status", STR("free"));
    mvt_feature_end(&mvt);
    mvt_layer_end(&mvt);
    assert_ok(mvt_err(&mvt));
    read_layer(mvt_view(&mvt), &layer);
    assert_str(layer.name, "units");
    assert_int_equal(layer.version, 2);
    assert_int_equal(layer.extent, TILE_EXTENT);
    assert_int_equal(layer.feature_count, 3);
    assert_int_equal(layer.key_count, 3);
    assert_int_equal(layer.value_count, 5); /* free, -5, false, busy, true */
    assert_int_equal(layer.features[1].id, 2);
    assert_int_equal(layer.features[1].type, 1);
    assert_int_equal(layer.features[1].points[0].x, 200);
    assert_int_equal(layer.features[1].points[0].y, 200);
    assert_int_equal(layer.features[2].tags[0], 0); /* status = free, as the first */
    assert_int_equal(layer.features[2].tags[1], 0);
    mvt_done(&mvt);
}

static void lines_are_cut_at_the_border(void **state)
{
    (void)state;
    struct mvt mvt;
    struct layer layer;
    const struct place there_and_back[4] = {at(1000, 1000), at(6000, 1000), at(6000, 2000),
                                            at(1000, 2000)};
    mvt_init(&mvt, home, 100000);
    mvt_layer(&mvt, "roads");
    mvt_line(&mvt, 7, there_and_back, 4);
    mvt_feature_end(&mvt);
    mvt_layer_end(&mvt);
    read_layer(mvt_view(&mvt), &layer);
    const struct feature *f = &layer.features[0];
    assert_int_equal(f->type, 2);
    assert_int_equal(f->parts, 2);
    assert_int_equal(f->point_count, 4);
    assert_int_equal(f->points[1].x, TILE_EXTENT + TILE_BUFFER);
    assert_int_equal(f->points[2].x, TILE_EXTENT + TILE_BUFFER);
    assert_int_equal(f->points[2].y, 2000);
    mvt_done(&mvt);
}

static int64_t area2(const struct tile_point *points, size_t count)
{
    int64_t sum = 0;
    for (size_t i = 0, k = count - 1; i < count; k = i++)
        sum += (int64_t)points[k].x * points[i].y - (int64_t)points[i].x * points[k].y;
    return sum;
}

static void polygons_are_cut_and_turned(void **state)
{
    (void)state;
    struct mvt mvt;
    struct layer layer;
    /* Larger than the tile, with a hole, both drawn the wrong way round. */
    const struct place outer[4] = {at(-9000, -9000), at(-9000, 9000), at(9000, 9000),
                                   at(9000, -9000)};
    const struct place hole[4] = {at(1000, 1000), at(2000, 1000), at(2000, 2000), at(1000, 2000)};
    const struct ring rings[2] = {{outer, 4}, {hole, 4}};
    mvt_init(&mvt, home, 100000);
    mvt_layer(&mvt, "areas");
    mvt_polygon(&mvt, 1, (struct polygon){rings, 2});
    mvt_feature_end(&mvt);
    mvt_polygon(&mvt, 2, (struct polygon){rings + 1, 0});
    mvt_feature_end(&mvt);
    mvt_layer_end(&mvt);
    read_layer(mvt_view(&mvt), &layer);
    assert_int_equal(layer.feature_count, 1);
    const struct feature *f = &layer.features[0];
    assert_int_equal(f->parts, 2);
    assert_int_equal(f->closes, 2);
    assert_int_equal(f->point_count, 8);
    int64_t side = TILE_EXTENT + 2 * TILE_BUFFER;
    assert_int_equal(area2(f->points, 4), 2 * side * side);
    assert_int_equal(area2(f->points + 4, 4), -2 * 1000 * 1000);
    mvt_done(&mvt);
}

static void empty_layers_and_limits(void **state)
{
    (void)state;
    struct mvt mvt;
    mvt_init(&mvt, home, 600);
    mvt_layer(&mvt, "nothing");
    mvt_layer_end(&mvt);
    assert_int_equal(mvt_view(&mvt).len, 0);
    assert_ok(mvt_err(&mvt));
    mvt_layer(&mvt, "much");
    for (uint64_t i = 0; i < 200; i++) {
        mvt_point(&mvt, i, at(1, 1));
        mvt_feature_end(&mvt);
    }
    mvt_layer_end(&mvt);
    assert_int_equal(mvt_err(&mvt), ERR_LIMIT);
    mvt_done(&mvt);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tiles_are_where_they_should),
        cmocka_unit_test(a_place_and_its_tile_point_are_one),
        cmocka_unit_test(features_are_read_back),
        cmocka_unit_test(lines_are_cut_at_the_border),
        cmocka_unit_test(polygons_are_cut_and_turned),
        cmocka_unit_test(empty_layers_and_limits),
    };
    return RUN(tests);
}
