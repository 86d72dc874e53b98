/* Made-up cities: as many junctions as asked for, hanging together, the same every time. */
#include "base/file.h"
#include "city_files.h"
#include "job/street_maker.h"

static void make(uint32_t junctions, uint64_t seed, struct out *out,
                 struct street_maker_result *result)
{
    struct street_maker job = {
        .junctions = junctions, .seed = seed, .centre = {383000000, 1168500000}};
    out_init(out, 64u << 20);
    assert_ok(street_maker_write(&job, out, result));
}

static void a_city_is_as_large_as_asked_for(void **state)
{
    (void)state;
    char path[CITY_PATH_CAP], output[CITY_PATH_CAP], profiles[CITY_PATH_CAP];
    const char *const inputs[] = {path};
    temp_path("made.osm.pbf", path);
    temp_path("made.road", output);
    data_path("road/profiles.csv", profiles);
    for (uint32_t junctions = 500; junctions <= 8000; junctions *= 4) {
        struct out file;
        struct street_maker_result result;
        struct road_report report;
        struct fault fault = {0};
        struct road *road = NULL;
        make(junctions, 7, &file, &result);
        assert_ok(file_replace(path, out_view(&file), 0600));
        struct road_import job = {
            .inputs = inputs, .input_count = 1, .profiles = profiles, .output = output};
        assert_ok(road_import(&job, &report, &fault));
        assert_ok(road_open(output, &road, &fault));
        assert_int_equal(report.ways_kept, result.ways);
        assert_in_range(report.nodes, junctions * 9 / 10, junctions * 11 / 10);
        assert_true(report.main_edges > report.edges * 9 / 10);
        uint32_t car = report.main_nodes[road_profile(road, "car")];
        assert_true(car > report.nodes * 8 / 10); /* one-ways close some corners */
        assert_true(car < report.main_nodes[road_profile(road, "response")]);
        assert_true(result.bridges > 0);
        road_close(road);
        out_done(&file);
    }
    assert_int_equal(unlink(path), 0);
    assert_int_equal(unlink(output), 0);
}

static void a_seed_is_a_city(void **state)
{
    (void)state;
    struct out first, again, other;
    struct street_maker_result result;
    struct street_maker job = {.junctions = 10, .centre = {0, 0}};
    make(2000, 1, &first, &result);
    make(2000, 1, &again, &result);
    make(2000, 2, &other, &result);
    assert_int_equal(first.len, again.len);
    assert_memory_equal(first.p, again.p, first.len);
    assert_true(first.len != other.len || memcmp(first.p, other.p, first.len) != 0);
    assert_int_equal(street_maker_write(&job, &again, &result), ERR_RANGE);
    job.junctions = 1000000;
    job.centre.lat_e7 = 850000000;
    assert_int_equal(street_maker_write(&job, &again, &result), ERR_RANGE);
    out_done(&first);
    out_done(&again);
    out_done(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_city_is_as_large_as_asked_for),
        cmocka_unit_test(a_seed_is_a_city),
    };
    return RUN(tests);
}
