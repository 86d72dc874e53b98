/* GeoJSON in and out: geojsonhint's samples, round trips, and the boundaries of Cangzhou. */
#include "base/file.h"
#include "geo/geojson.h"
#include "test.h"
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#define MAX_BYTES (8u << 20)

static enum err read_features(struct str text, struct arena *arena, struct json *ret_root,
                              struct geojson_feature **ret_features, size_t *ret_count)
{
    struct fault fault = {0};
    enum err err = json_read(text, ret_root, &fault);
    if (!err) {
        err = geojson_features(*ret_root, arena, ret_features, ret_count, &fault);
        assert_true(err == OK || (fault.field && fault.text));
    }
    return err;
}

static enum err read_file(const char *path)
{
    struct out text;
    struct arena arena;
    struct json root = {0};
    struct geojson_feature *features = NULL;
    size_t count;
    out_init(&text, MAX_BYTES);
    arena_init(&arena, MAX_BYTES);
    assert_ok(file_read(path, &text));
    enum err err = read_features(out_view(&text), &arena, &root, &features, &count);
    json_free(root);
    arena_done(&arena);
    out_done(&text);
    return err;
}

/* Complaints about style, which a reader passes over. */
static bool is_style(const char *path)
{
    static const char *const names[] = {"bbox-4or6elements",          "bbox-contains-string",
                                        "geometry_changed_semantics", "geometrycollection_nested",
                                        "geometrycollection_single",  "polygon_winding_order"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strstr(path, names[i]))
            return true;
    }
    return false;
}

static void samples_are_judged_as_they_should(void **state)
{
    (void)state;
    char pattern[512];
    glob_t found;
    size_t good = 0, bad = 0;
    (void)snprintf(pattern, sizeof pattern, "%s/geojson/*/*.geojson", getenv("ANWANG_TEST_DATA"));
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        const char *path = found.gl_pathv[i];
        bool is_good = strstr(path, "/good/") || is_style(path);
        enum err err = read_file(path);
        if ((err == OK) != is_good)
            fail_msg("%s: %s", path, err_text(err));
        good += is_good;
        bad += !is_good;
    }
    assert_int_equal(good, 12);
    assert_int_equal(bad, 11);
    globfree(&found);
}

static void what_is_written_is_read_again(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{\"type\":\"Point\",\"coordinates\":[116.8388346,38.3044671]}",
        "{\"type\":\"MultiPoint\",\"coordinates\":[[1.0000000,2.0000000],[-3.5000000,4.0000000]]}",
        "{\"type\":\"LineString\",\"coordinates\":[[0.0000000,0.0000000],[1.0000000,1.0000000]]}",
        "{\"type\":\"MultiLineString\",\"coordinates\":[[[0.0000000,0.0000000],[1.0000000,1."
        "0000000]]]}",
        "{\"type\":\"Polygon\",\"coordinates\":[[[0.0000000,0.0000000],[9.0000000,0.0000000],[9."
        "0000000,"
        "9.0000000],[0.0000000,0.0000000]],[[5.0000000,2.0000000],[6.0000000,3.0000000],[6.0000000,"
        "2.0000000],[5.0000000,2.0000000]]]}",
        "{\"type\":\"GeometryCollection\",\"geometries\":[{\"type\":\"Point\",\"coordinates\":[1."
        "0000000,"
        "2.0000000]},null]}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct arena arena;
        struct json root = {0};
        struct geojson geometry;
        struct fault fault = {0};
        struct out out;
        arena_init(&arena, MAX_BYTES);
        out_init(&out, MAX_BYTES);
        assert_ok(json_read(str_of(texts[i]), &root, &fault));
        assert_ok(geojson_geometry(root, &arena, &geometry, &fault));
        struct json_out j = json_out_of(&out);
        geojson_write(&j, &geometry);
        assert_str(out_view(&out), texts[i]);
        json_free(root);
        arena_done(&arena);
        out_done(&out);
    }
}

static void rings_are_turned_as_the_standard_asks(void **state)
{
    (void)state;
    static const struct place clockwise[] = {
        {0, 0}, {10000000, 0}, {10000000, 10000000}, {0, 10000000}};
    struct ring ring = {clockwise, 4};
    struct polygon polygon = {&ring, 1};
    struct out out;
    out_init(&out, 1000);
    struct json_out j = json_out_of(&out);
    geojson_write_polygons(&j, &polygon, 1);
    assert_str(
        out_view(&out),
        "{\"type\":\"Polygon\",\"coordinates\":[[[0.0000000,0.0000000],[1.0000000,0.0000000],"
        "[1.0000000,1.0000000],[0.0000000,1.0000000],[0.0000000,0.0000000]]]}");
    out_done(&out);
}

static void limits_hold(void **state)
{
    (void)state;
    struct arena arena;
    struct json root = {0};
    struct geojson_feature *features = NULL;
    struct out deep;
    size_t count;
    arena_init(&arena, MAX_BYTES);
    out_init(&deep, MAX_BYTES);
    for (int i = 0; i < 6; i++)
        out_c(&deep, "{\"type\":\"GeometryCollection\",\"geometries\":[");
    for (int i = 0; i < 6; i++)
        out_c(&deep, "]}");
    assert_int_equal(read_features(out_view(&deep), &arena, &root, &features, &count), ERR_LIMIT);
    json_free(root);
    root = (struct json){0};
    struct str far = STR("{\"type\":\"Point\",\"coordinates\":[181,0]}");
    assert_int_equal(read_features(far, &arena, &root, &features, &count), ERR_RANGE);
    json_free(root);
    arena_done(&arena);
    out_done(&deep);
}

static void cangzhou_is_read_whole(void **state)
{
    (void)state;
    char path[512];
    struct out text;
    struct arena arena;
    struct json root = {0};
    struct geojson_feature *features = NULL;
    size_t count;
    double area_km2 = 0;
    (void)snprintf(path, sizeof path, "%s/admin/boundary_cangzhou_wgs84coarse.geojson",
                   getenv("ANWANG_DATA"));
    out_init(&text, MAX_BYTES);
    arena_init(&arena, MAX_BYTES);
    assert_ok(file_read(path, &text));
    assert_ok(read_features(out_view(&text), &arena, &root, &features, &count));
    assert_int_equal(count, 16);
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < features[i].geometry.polygon_count; k++)
            area_km2 += polygon_area_m2(features[i].geometry.polygons[k]) / 1e6;
    }
    /* The city's own figure is 14,000 km2; the outlines are coarse. */
    assert_true(area_km2 > 13000 && area_km2 < 15000);
    json_free(root);
    arena_done(&arena);
    out_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_are_judged_as_they_should),
        cmocka_unit_test(what_is_written_is_read_again),
        cmocka_unit_test(rings_are_turned_as_the_standard_asks),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(cangzhou_is_read_whole),
    };
    return RUN(tests);
}
