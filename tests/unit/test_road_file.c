/* city.road as a file: what was derived at import is what would be made anew, and neither damage
 * nor forgery lets a query leave it. */
#include "base/file.h"
#include "random_road.h"
#include "road/traffic_priv.h"
#include "road_seal.h"

static void bytes_of_streets(struct out *bytes)
{
    char input[CITY_PATH_CAP], profiles[CITY_PATH_CAP], output[CITY_PATH_CAP];
    const char *inputs[] = {input};
    struct road_report report;
    struct fault fault = {0};
    out_init(bytes, 8u << 20);
    (void)snprintf(input, sizeof input, "%s/pbf/streets-dense.osm.pbf", getenv("ANWANG_TEST_DATA"));
    data_path("road/profiles.csv", profiles);
    temp_path("sealed.road", output);
    struct road_import job = {
        .inputs = inputs, .input_count = 1, .profiles = profiles, .output = output};
    assert_ok(road_import(&job, &report, &fault));
    assert_ok(file_read(output, bytes));
    assert_int_equal(unlink(output), 0);
}

static void a_damaged_road_file_is_refused(void **state)
{
    (void)state;
    struct fault fault = {0};
    struct out bytes;
    struct road *road = NULL;
    bytes_of_streets(&bytes);
    for (size_t at = 0; at < bytes.len; at++) {
        bytes.p[at] ^= 0x10;
        enum err err = road_open_bytes(out_view(&bytes), &road, &fault);
        assert_true(err == ERR_CORRUPT || err == ERR_UNSUPPORTED);
        bytes.p[at] ^= 0x10;
    }
    for (size_t length = 0; length < bytes.len; length++)
        assert_int_equal(
            road_open_bytes((struct str){(const char *)bytes.p, length}, &road, &fault),
            ERR_CORRUPT);
    assert_ok(road_open_bytes(out_view(&bytes), &road, &fault));
    road_close(road);
    assert_int_equal(road_open("/nonexistent/city.road", &road, &fault), ERR_NOT_FOUND);
    out_done(&bytes);
}

/* Sums are no shield against a file that was made so: every index is looked at.
 */
static void an_index_that_leads_out_of_the_file_is_refused(void **state)
{
    (void)state;
    static const enum road_section lists[] = {
        SECTION_out_first,      SECTION_out,           SECTION_edges,
        SECTION_way_edges,      SECTION_cell_first,    SECTION_cell_edges,
        SECTION_node_vertex,    SECTION_vertex_node,   SECTION_hop_first,
        SECTION_hops,           SECTION_in_first,      SECTION_in_hops,
        SECTION_arc_hops,       SECTION_arc_first_hop, SECTION_cch_up_first,
        SECTION_cch_up_head,    SECTION_cch_down,      SECTION_cch_down_first,
        SECTION_cch_input_arc,  SECTION_cch_arc_first, SECTION_cch_arc_inputs,
        SECTION_climb_vertices, SECTION_plan_turns,    SECTION_plan_task_first,
        SECTION_plan_task_push, SECTION_plan_pushes};
    struct out bytes;
    struct file_header header;
    struct road *road = NULL;
    struct fault fault = {0};
    bytes_of_streets(&bytes);
    memcpy(&header, bytes.p, sizeof header);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        uint32_t old, wrong[] = {UINT32_MAX, INT32_MAX};
        uint8_t *at = bytes.p + header.sections[lists[i]].offset + sizeof old;
        memcpy(&old, at, sizeof old);
        for (size_t k = 0; k < 2; k++) {
            memcpy(at, &wrong[k], sizeof old);
            assert_true(road_seal(bytes.p, bytes.len));
            assert_int_equal(road_open_bytes(out_view(&bytes), &road, &fault), ERR_CORRUPT);
        }
        memcpy(at, &old, sizeof old);
    }
    assert_true(road_seal(bytes.p, bytes.len));
    assert_ok(road_open_bytes(out_view(&bytes), &road, &fault));
    road_close(road);
    out_done(&bytes);
}

static void an_older_file_asks_for_a_new_import(void **state)
{
    (void)state;
    struct out bytes;
    struct road *road = NULL;
    struct fault fault = {0};
    bytes_of_streets(&bytes);
    bytes.p[8] = 1;
    bytes.len = 300; /* the first version's header was shorter */
    assert_int_equal(road_open_bytes(out_view(&bytes), &road, &fault), ERR_UNSUPPORTED);
    assert_non_null(strstr(fault.text, "import it again"));
    out_done(&bytes);
}

/* ------------------------------------------------------- derived sections */

static void what_is_derived_lies_in_the_file(void **state)
{
    (void)state;
    struct raw_map map = random_turns_map(7, 20, 500, 60);
    struct random_road made = random_map_build(&map);
    const struct road *road = made.road;
    struct climb climb;
    struct cch_plan *plan;
    uint32_t vertices = road->vertex_count;
    assert_ok(climb_init(&climb, &road->cch));
    assert_int_equal(road->climb.slots, climb.slots);
    assert_memory_equal(road->climb.vertices, climb.vertices,
                        (vertices + 1) * sizeof *climb.vertices);
    assert_memory_equal(road->climb.steps, climb.steps, road->step_count * sizeof *climb.steps);
    climb_done(&climb);
    assert_ok(cch_plan_new(&road->cch, &plan));
    assert_int_equal(road->plan.triangles, plan->triangles);
    assert_int_equal(road->plan.tasks, plan->tasks);
    assert_memory_equal(road->plan.turns, plan->turns, (vertices + 1) * sizeof *plan->turns);
    assert_memory_equal(road->plan.pulls, plan->pulls, road->pull_count * sizeof *plan->pulls);
    assert_memory_equal(road->plan.pushes, plan->pushes, road->push_count * sizeof *plan->pushes);
    assert_memory_equal(road->plan.does_push, plan->does_push, vertices);
    cch_plan_free(plan);
    random_map_free(&map);
    random_road_free(&made);
}

/* ------------------------------------------------------- forgery */

/* Answers may be wrong, but come, and nothing outside the file is read (the sanitizers watch). */
static void ask_all(const struct road *road, struct rand *r)
{
    struct road_traffic *traffic;
    struct road_scratch *scratch;
    struct road_fleet *fleet;
    uint32_t profile = rand_below(r, road->profile_count), ms[4], minute = 60000;
    struct road_point points[2];
    struct road_source sources[2];
    for (size_t i = 0; i < 2; i++) {
        points[i] = (struct road_point){rand_below(r, road->edge_count), rand_below(r, 65537)};
        sources[i] = (struct road_source){{rand_below(r, road->edge_count), 30000}, 0};
    }
    assert_ok(road_traffic_new(road, &traffic));
    assert_ok(road_scratch_new(road, &scratch));
    assert_ok(road_fleet_new(road, profile, 2, &fleet));
    const struct road_metric *metric = road_metric_ref(traffic, profile);
    assert_non_null(metric);
    assert_ok(road_table(metric, scratch, (struct road_sources){sources, 2},
                         (struct road_points){points, 2}, ms));
    for (uint32_t i = 0; i < 2; i++) {
        struct road_route route;
        struct road_reach reach;
        struct road_hits hits;
        const struct road_reach_query reach_query = {
            .sources = {&sources[i], 1}, .limits = {&minute, 1}, .is_reverse = i == 1};
        enum err err = road_route(metric, scratch, sources[0].point, points[i], &route);
        assert_true(err == OK || err == ERR_NOT_FOUND || err == ERR_CORRUPT);
        assert_ok(road_reach(metric, scratch, &reach_query, &reach));
        assert_ok(road_fleet_put(fleet, metric, i, sources[i]));
        struct road_fleet_query query = {.to = points[i], .k = 2};
        assert_ok(road_fleet_nearest(fleet, metric, scratch, &query, &hits));
    }
    struct road_change close = {road_way(road, rand_below(r, road->way_count)).id,
                                0,
                                ROAD_WAY_ONE,
                                ROAD_BOTH,
                                0,
                                UINT32_MAX};
    assert_ok(road_traffic_put(traffic, "forged", &close, 1, NULL));
    road_metric_unref(metric);
    road_fleet_free(fleet);
    road_scratch_free(scratch);
    road_traffic_free(traffic);
}

#define FORGERIES 250

/* A word of a section takes the value of another one there, and the sums are put right. */
static void forge(struct out *bytes, const struct file_section *section, struct rand *r)
{
    const struct file_section *next = section + 1;
    uint64_t words = (next->offset - section->offset) / sizeof(uint32_t);
    uint32_t from = rand_below(r, (uint32_t)words), to = rand_below(r, (uint32_t)words), value;
    uint8_t *at = bytes->p + section->offset;
    memcpy(&value, at + from * sizeof value, sizeof value);
    value += rand_below(r, 3) == 0;
    memcpy(at + to * sizeof value, &value, sizeof value);
}

static void a_forged_file_is_refused_or_answers(void **state)
{
    (void)state;
    struct raw_map map = random_turns_map(11, 12, 160, 30);
    struct random_road made = random_map_build(&map);
    struct str whole = made.road->bytes;
    struct file_header header;
    struct out copy;
    struct rand r;
    uint32_t opened = 0, refused = 0;
    rand_seed(&r, 3);
    out_init(&copy, whole.len);
    memcpy(&header, whole.p, sizeof header);
    for (size_t section = SECTION_nodes; section + 1 < SECTION_COUNT; section++) {
        if (header.sections[section].count == 0)
            continue;
        for (int i = 0; i < FORGERIES; i++) {
            struct road *road = NULL;
            struct fault fault = {0};
            copy.len = 0;
            out_bytes(&copy, whole.p, whole.len);
            for (uint32_t n = 1 + rand_below(&r, 2); n > 0; n--)
                forge(&copy, &header.sections[section], &r);
            assert_true(road_seal(copy.p, copy.len));
            enum err err = road_open_bytes(out_view(&copy), &road, &fault);
            opened += err == OK;
            refused += err != OK;
            if (err == OK)
                ask_all(road, &r);
            road_close(road);
        }
    }
    assert_true(opened > 500 && refused > 500);
    out_done(&copy);
    random_map_free(&map);
    random_road_free(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_damaged_road_file_is_refused),
        cmocka_unit_test(an_index_that_leads_out_of_the_file_is_refused),
        cmocka_unit_test(an_older_file_asks_for_a_new_import),
        cmocka_unit_test(what_is_derived_lies_in_the_file),
        cmocka_unit_test(a_forged_file_is_refused_or_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
