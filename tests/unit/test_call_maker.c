/* The demo city and its made-up calls: four levels that nest, and calls with the known changes. */
#include "base/file.h"
#include "base/utc.h"
#include "job/call_maker.h"
#include "test.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct fixture {
    struct arena arena;
    struct out file[3];
    struct json cities, kinds, table;
    struct road *road;
    struct city_input input;
    struct city city;
    char road_path[64];
};

static struct json table_read(struct fixture *f, size_t n, const char *name)
{
    char path[512];
    struct json root = {NULL};
    (void)snprintf(path, sizeof path, "%s/%s", getenv("ANWANG_DATA"), name);
    out_init(&f->file[n], 1u << 20);
    assert_ok(file_read(path, &f->file[n]));
    assert_ok(json_read(out_view(&f->file[n]), &root, NULL));
    return root;
}

static int fixture_make(void **state)
{
    static struct fixture f;
    char pbf[512], profiles[512];
    arena_init(&f.arena, 1u << 30);
    f.cities = table_read(&f, 0, "demo/cities.json");
    f.kinds = table_read(&f, 1, "demo/unit-kinds.json");
    f.table = table_read(&f, 2, "demo/police-calls.json");
    (void)snprintf(pbf, sizeof pbf, "%s/osm/shanghai-centre.osm.pbf", getenv("ANWANG_DATA"));
    (void)snprintf(profiles, sizeof profiles, "%s/road/profiles.csv", getenv("ANWANG_DATA"));
    (void)snprintf(f.road_path, sizeof f.road_path, "/tmp/anwang-test-%d.road", (int)getpid());
    const char *const inputs[] = {pbf};
    struct road_import job = {
        .inputs = inputs, .input_count = 1, .profiles = profiles, .output = f.road_path};
    struct road_report report;
    assert_ok(utc_zone_set("Asia/Shanghai"));
    assert_ok(road_import(&job, &report, NULL));
    assert_ok(road_open(f.road_path, &f.road, NULL));
    f.input = (struct city_input){json_get(f.cities, "shanghai"), f.kinds, f.road, NULL};
    assert_ok(city_make(&f.input, &f.arena, &f.city, NULL));
    *state = &f;
    return 0;
}

static int fixture_end(void **state)
{
    struct fixture *f = *state;
    road_close(f->road);
    (void)unlink(f->road_path);
    json_free(f->cities);
    json_free(f->kinds);
    json_free(f->table);
    for (size_t i = 0; i < 3; i++) {
        out_done(&f->file[i]);
    }
    arena_done(&f->arena);
    return 0;
}

static bool holds(const struct city_area *area, struct place place)
{
    for (size_t i = 0; i < area->polygon_count; i++) {
        if (polygon_holds(area->polygons[i], place)) {
            return true;
        }
    }
    return false;
}

static void every_post_has_its_four_areas(void **state)
{
    const struct fixture *f = *state;
    for (uint32_t p = 0; p < f->city.post_count; p++) {
        uint32_t count[CITY_VILLAGE + 1] = {0}, village = 0;
        for (uint32_t a = 0; a < f->city.area_count; a++) {
            if (holds(&f->city.areas[a], f->city.posts[p].place)) {
                count[f->city.areas[a].level]++;
                village = f->city.areas[a].level == CITY_VILLAGE ? a : village;
            }
        }
        for (int level = CITY_CITY; level <= CITY_VILLAGE; level++) {
            assert_int_equal(count[level], 1);
        }
        uint32_t township = f->city.areas[village].parent;
        assert_true(holds(&f->city.areas[township], f->city.posts[p].place));
        assert_int_equal(strncmp(f->city.areas[village].code, f->city.areas[township].code, 9), 0);
    }
}

static void calls_change_as_the_table_says(void **state)
{
    const struct fixture *f = *state;
    struct out text, again;
    int64_t first = 0;
    assert_ok(utc_parse(STR("2024-11-01T04:00:00Z"), &first));
    struct call_maker maker = {f->table, &f->city, "shanghai", first, 730, 7};
    out_init(&text, 512u << 20);
    assert_ok(calls_make(&maker, &text, NULL));
    struct arena arena;
    struct dispatch_log log;
    struct fault fault = {0};
    arena_init(&arena, 2048ull << 20);
    assert_ok(dispatch_log_read(out_view(&text), &arena, &log, &fault));
    assert_true(log.call_count > 730 * 120);
    double year[2] = {0}; /* theft is a criminal type */
    for (size_t i = 0; i < log.call_count; i++) {
        if (str_eq_c(log.calls[i].type, "theft")) {
            year[log.calls[i].received_us >= first + 365 * US_PER_DAY]++;
        }
        assert_true(str_starts(log.calls[i].number, STR("SIM")));
    }
    assert_true(year[1] / year[0] > 0.74 && year[1] / year[0] < 0.83); /* 0.7844 */
    assert_int_equal(log.dirt_count[DISPATCH_DIRT_BACKWARDS], 0);
    assert_int_equal(log.dirt_count[DISPATCH_DIRT_OVERLAP], 0);
    arena_done(&arena);
    maker.days = 3;
    out_reset(&text);
    out_init(&again, 64u << 20);
    assert_ok(calls_make(&maker, &text, NULL));
    assert_ok(calls_make(&maker, &again, NULL));
    assert_int_equal(text.len, again.len);
    assert_memory_equal(text.p, again.p, text.len);
    out_done(&text);
    out_done(&again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_post_has_its_four_areas),
        cmocka_unit_test(calls_change_as_the_table_says),
    };
    return cmocka_run_group_tests(tests, fixture_make, fixture_end);
}
