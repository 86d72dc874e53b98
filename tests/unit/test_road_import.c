/* From OpenStreetMap files to city.road: what is kept, what is dropped and why,
 * directions and speeds, and damaged files, which change nothing. */
#include "base/file.h"
#include "city_files.h"
#include "road/pbf_priv.h"
#include "road/road_priv.h"
#include <stdbool.h>
#include <sys/stat.h>

static void pbf_path(const char *name, char path[CITY_PATH_CAP])
{
    (void)snprintf(path, CITY_PATH_CAP, "%s/pbf/%s", getenv("ANWANG_TEST_DATA"), name);
}

static enum err import_to(const char *input, const char *output, struct road_report *report,
                          struct fault *fault)
{
    char profiles[CITY_PATH_CAP];
    const char *inputs[] = {input};
    data_path("road/profiles.csv", profiles);
    struct road_import job = {
        .inputs = inputs, .input_count = 1, .profiles = profiles, .output = output};
    return road_import(&job, report, fault);
}

static struct road *open_streets(const char *name, struct road_report *report)
{
    char input[CITY_PATH_CAP], output[CITY_PATH_CAP];
    struct road *road = NULL;
    struct fault fault = {0};
    pbf_path(name, input);
    temp_path("streets.road", output);
    assert_ok(import_to(input, output, report, &fault));
    assert_ok(road_open(output, &road, &fault));
    assert_int_equal(unlink(output), 0);
    return road;
}

static uint32_t ms_of(const struct road_metric *metric, int64_t way, bool is_backward)
{
    const struct road *road = road_metric_road(metric);
    for (uint32_t i = 0; i < road_way_count(road); i++) {
        struct road_way w = road_way(road, i);
        if (w.id == way)
            return road_metric_arc_ms(metric, 2 * w.edges[0] + is_backward);
    }
    fail_msg("way %lld is not there", (long long)way);
    return 0;
}

static void ways_are_kept_and_dropped_for_stated_reasons(void **state)
{
    (void)state;
    static const char *const names[] = {"streets-dense.osm.pbf", "streets-plain.osm.pbf"};
    uint8_t digests[2][DIGEST_BYTES];
    for (size_t i = 0; i < 2; i++) {
        struct road_report r;
        struct road *road = open_streets(names[i], &r);
        assert_int_equal(r.ways_read, 16);
        assert_int_equal(r.nodes_read, 10);
        assert_int_equal(r.ways_kept, 11);
        assert_int_equal(r.ways_cut, 1);
        assert_int_equal(r.ways_dropped[ROAD_DROP_NOT_ROAD], 1);
        assert_int_equal(r.ways_dropped[ROAD_DROP_CLASS], 1);
        assert_int_equal(r.ways_dropped[ROAD_DROP_AREA], 1);
        assert_int_equal(r.ways_dropped[ROAD_DROP_SHORT], 1);
        assert_int_equal(r.ways_dropped[ROAD_DROP_NODES], 1);
        assert_int_equal(r.islands, 1);
        /* The torn way is two parts of one id: 8000000000000-9 and 10-1. */
        size_t parts = 0;
        for (uint32_t k = 0; k < road_way_count(road); k++)
            parts += road_way(road, k).id == 8;
        assert_int_equal(parts, 2);
        memcpy(digests[i], road_info(road).digest, DIGEST_BYTES);
        road_close(road);
    }
    assert_memory_equal(digests[0], digests[1], DIGEST_BYTES);
}

static void directions_and_access_are_obeyed(void **state)
{
    (void)state;
    struct road_report report;
    struct road *road = open_streets("streets-dense.osm.pbf", &report);
    struct road_traffic *traffic = NULL;
    assert_ok(road_traffic_new(road, &traffic));
    const struct road_metric *car = road_metric_ref(traffic, road_profile(road, "car"));
    const struct road_metric *siren = road_metric_ref(traffic, road_profile(road, "response"));
    const struct road_metric *bicycle = road_metric_ref(traffic, road_profile(road, "bicycle"));
    const struct road_metric *foot = road_metric_ref(traffic, road_profile(road, "foot"));
    assert_int_equal(ms_of(car, 1, false), ms_of(car, 1, true));
    assert_true(ms_of(car, 2, false) < ROAD_INF); /* oneway=yes */
    assert_int_equal(ms_of(car, 2, true), ROAD_INF);
    assert_int_equal(ms_of(car, 3, false), ROAD_INF); /* oneway=-1 */
    assert_true(ms_of(car, 3, true) < ROAD_INF);
    assert_true(ms_of(car, 4, false) < ROAD_INF); /* roundabout */
    assert_int_equal(ms_of(car, 4, true), ROAD_INF);
    assert_int_equal(ms_of(bicycle, 2, true), ROAD_INF);
    assert_int_equal(ms_of(bicycle, 5, true), ms_of(bicycle, 5, false)); /* oneway:bicycle=no */
    assert_int_equal(ms_of(car, 15, true), ROAD_INF); /* a motorway is one-way without saying so */
    /* Lights and siren pass a one-way the wrong way at a quarter of the speed;
     * feet do not care. */
    assert_in_range(ms_of(siren, 2, true), 4 * ms_of(siren, 2, false) - 8,
                    4 * ms_of(siren, 2, false) + 8);
    assert_int_equal(ms_of(foot, 2, true), ms_of(foot, 2, false));
    /* 30 mph is 48 km/h, driven at nine tenths: 71.6 m in 5.97 s. */
    assert_in_range(ms_of(car, 6, false), 5930, 6010);
    assert_true(ms_of(car, 7, false) < ROAD_INF); /* private: dear, but the way home */
    assert_int_equal(ms_of(car, 12, false), ROAD_INF);
    assert_true(ms_of(foot, 12, false) < ROAD_INF);
    assert_int_equal(ms_of(car, 16, false), ROAD_INF); /* access=no, foot=yes */
    assert_true(ms_of(siren, 16, false) < ROAD_INF);
    assert_int_equal(ms_of(bicycle, 16, false), ROAD_INF);
    assert_true(ms_of(foot, 16, false) < ROAD_INF);
    const struct road_metric *const all[] = {car, siren, bicycle, foot};
    for (size_t i = 0; i < 4; i++)
        road_metric_unref(all[i]);
    road_traffic_free(traffic);
    road_close(road);
}

static void foreign_samples_do_no_harm(void **state)
{
    (void)state;
    char path[CITY_PATH_CAP], output[CITY_PATH_CAP];
    struct road_report report;
    struct fault fault = {0};
    temp_path("foreign.road", output);
    pbf_path("libosmium_deleted_nodes.osh.pbf", path);
    assert_int_equal(import_to(path, output, &report, &fault), ERR_UNSUPPORTED);
    assert_string_equal(fault.field, path);
    pbf_path("libosmium_data_pbf_version-1-densenodes.osm.pbf", path);
    assert_int_equal(import_to(path, output, &report, &fault), ERR_NOT_FOUND); /* no roads in it */
    pbf_path("libosmium_data_pbf_version-1.osm.pbf", path);
    assert_int_equal(import_to(path, output, &report, &fault), ERR_NOT_FOUND);
    pbf_path("absent.osm.pbf", path);
    assert_int_equal(import_to(path, output, &report, &fault), ERR_NOT_FOUND);
    assert_int_equal(access(output, F_OK), -1);
}

static void a_damaged_file_is_refused_and_the_old_road_stays(void **state)
{
    (void)state;
    char input[CITY_PATH_CAP], damaged[CITY_PATH_CAP], output[CITY_PATH_CAP];
    struct road_report report;
    struct fault fault = {0};
    struct out bytes, before, after;
    out_init(&bytes, 8u << 20);
    out_init(&before, 8u << 20);
    out_init(&after, 8u << 20);
    data_path("osm/san-francisco.osm.pbf", input);
    temp_path("damaged.osm.pbf", damaged);
    temp_path("kept.road", output);
    assert_ok(import_to(input, output, &report, &fault));
    assert_ok(file_read(output, &before));
    assert_ok(file_read(input, &bytes));
    const struct {
        size_t at, cut;
    } wounds[] = {{20, 0}, {300, 0}, {100000, 0}, {400000, 0}, {690000, 0}, {0, 1}, {0, 5000}};
    for (size_t i = 0; i < sizeof wounds / sizeof *wounds; i++) {
        struct str copy = out_view(&bytes);
        bytes.p[wounds[i].at] ^= wounds[i].cut ? 0 : 0x55;
        copy.len -= wounds[i].cut;
        assert_ok(file_replace(damaged, copy, 0600));
        bytes.p[wounds[i].at] ^= wounds[i].cut ? 0 : 0x55;
        fault = (struct fault){0};
        enum err err = import_to(damaged, output, &report, &fault);
        assert_true(err == ERR_CORRUPT || err == ERR_UNSUPPORTED || err == ERR_LIMIT);
        assert_string_equal(fault.field, damaged);
        assert_non_null(fault.text);
        assert_true(fault.offset <= (wounds[i].cut ? copy.len : wounds[i].at));
    }
    assert_ok(file_read(output, &after));
    assert_int_equal(after.len, before.len);
    assert_memory_equal(after.p, before.p, before.len);
    /* Equal input, equal bytes. */
    assert_ok(import_to(input, output, &report, &fault));
    out_reset(&after);
    assert_ok(file_read(output, &after));
    assert_memory_equal(after.p, before.p, before.len);
    (void)unlink(damaged);
    (void)unlink(output);
    out_done(&bytes);
    out_done(&before);
    out_done(&after);
}

/* Without turn restrictions the search graph is the map: one vertex a node, one
 * hop an arc. */
static void the_search_graph_is_the_map(void **state)
{
    (void)state;
    struct road_report report;
    struct road *road = import_city("osm/shanghai-centre.osm.pbf", &report);
    uint32_t loops = 0;
    assert_int_equal(road->vertex_count, road->node_count);
    for (uint32_t i = 0; i < road->node_count; i++)
        assert_int_equal(road->node_vertex[i], i);
    for (uint32_t i = 0; i < road->edge_count; i++)
        loops += road->edges[i].tail == road->edges[i].head;
    assert_int_equal(road->hop_count, 2 * (road->edge_count - loops));
    for (uint32_t tail = 0; tail < road->vertex_count; tail++) {
        for (uint32_t i = road->hop_first[tail]; i < road->hop_first[tail + 1]; i++) {
            assert_int_equal(arc_tail(road, road->hops[i].arc), tail);
            assert_int_equal(arc_head(road, road->hops[i].arc), road->hops[i].head);
        }
    }
    road_close(road);
}

static uint64_t count_calls(void *user)
{
    return ++*(uint64_t *)user;
}

static void each_step_has_its_time(void **state)
{
    (void)state;
    char input[CITY_PATH_CAP], profiles[CITY_PATH_CAP], output[CITY_PATH_CAP];
    const char *inputs[] = {input};
    struct road_report report;
    struct fault fault = {0};
    uint64_t calls = 0;
    pbf_path("streets-dense.osm.pbf", input);
    data_path("road/profiles.csv", profiles);
    temp_path("timed.road", output);
    struct road_import job = {.inputs = inputs,
                              .input_count = 1,
                              .profiles = profiles,
                              .output = output,
                              .clock_us = count_calls,
                              .user = &calls};
    assert_ok(road_import(&job, &report, &fault));
    for (unsigned i = 0; i < ROAD_STEP_COUNT; i++)
        assert_true(report.step_us[i] > 0);
    assert_int_equal(unlink(output), 0);
}

static bool stop_at_nodes(void *user, const char *step, uint64_t done, uint64_t total)
{
    size_t *calls = user;
    assert_true(done <= total);
    ++*calls;
    return strcmp(step, "nodes") != 0;
}

static void progress_is_told_and_may_stop_it(void **state)
{
    (void)state;
    char input[CITY_PATH_CAP], profiles[CITY_PATH_CAP], output[CITY_PATH_CAP];
    const char *inputs[] = {input};
    struct road_report report;
    struct fault fault = {0};
    size_t calls = 0;
    data_path("osm/san-francisco.osm.pbf", input);
    data_path("road/profiles.csv", profiles);
    temp_path("stopped.road", output);
    struct road_import job = {.inputs = inputs,
                              .input_count = 1,
                              .profiles = profiles,
                              .output = output,
                              .progress = stop_at_nodes,
                              .user = &calls};
    assert_int_equal(road_import(&job, &report, &fault), ERR_STATE);
    assert_true(calls >= 3);
    assert_int_equal(access(output, F_OK), -1);
    job.profiles = input; /* not a profile table */
    assert_int_equal(road_import(&job, &report, &fault), ERR_SYNTAX);
    assert_string_equal(fault.field, input);
}

static void real_cities_are_connected(void **state)
{
    (void)state;
    struct road_report report;
    struct road *road = import_city("osm/san-francisco.osm.pbf", &report);
    assert_int_equal(report.ways_kept, 15602);
    assert_int_equal(report.islands, 16);
    assert_int_equal(report.main_edges, 15579);
    assert_int_equal(report.names, 2476);
    assert_true(report.main_nodes[road_profile(road, "response")] > 9300);
    road_close(road);
    road = import_city("osm/shanghai-centre.osm.pbf", &report);
    assert_int_equal(report.ways_read, 4701);
    assert_true(report.main_nodes[road_profile(road, "car")] > 4400);
    road_close(road);
    road = import_city("osm/jinan.osm.pbf", &report);
    assert_int_equal(report.ways_read, 18118);
    road_close(road);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ways_are_kept_and_dropped_for_stated_reasons),
        cmocka_unit_test(directions_and_access_are_obeyed),
        cmocka_unit_test(foreign_samples_do_no_harm),
        cmocka_unit_test(a_damaged_file_is_refused_and_the_old_road_stays),
        cmocka_unit_test(the_search_graph_is_the_map),
        cmocka_unit_test(each_step_has_its_time),
        cmocka_unit_test(progress_is_told_and_may_stop_it),
        cmocka_unit_test(real_cities_are_connected),
    };
    return RUN(tests);
}
