/* Names to places: a small street map by hand, San Francisco's dispatch log against its streets,
 * and Shanghai's names by characters, pinyin and initials. */
#include "base/file.h"
#include "city_files.h"
#include "gazetteer/gazetteer.h"
#include "job/dispatch_log.h"
#include "job/gunzip.h"
#include "job/import_roads.h"

#define NEAR_M 100.0
#define MAX_BYTES (64u << 20)

static struct gazetteer *names_of(const struct road *road, struct out *bytes)
{
    char path[CITY_PATH_CAP];
    struct gazetteer *gazetteer = NULL;
    struct fault fault = {0};
    struct out pinyin;
    out_init(&pinyin, MAX_BYTES);
    out_init(bytes, MAX_BYTES);
    data_path("pinyin/pinyin.txt", path);
    assert_ok(file_read(path, &pinyin));
    assert_ok(import_names(road, out_view(&pinyin), bytes, &fault));
    assert_ok(gazetteer_open_bytes(out_view(bytes), &gazetteer, &fault));
    out_done(&pinyin);
    return gazetteer;
}

static struct gazetteer_hit resolve(const struct gazetteer *gazetteer, const char *text)
{
    struct gazetteer_hit hit = {.score = 0};
    enum err err = gazetteer_resolve(gazetteer, str_of(text), PLACE_NONE, &hit);
    if (err)
        fail_msg("%s: %s", text, err_text(err));
    return hit;
}

static void assert_resolves(const struct gazetteer *gazetteer, const char *text, const char *name)
{
    struct gazetteer_hit hit = resolve(gazetteer, text);
    if (strcmp(hit.name, name) != 0)
        fail_msg("%s gives %s, not %s", text, hit.name, name);
}

/* ------------------------------------------------------- a map by hand */

struct corner {
    uint32_t number;
    struct place place;
};
static const struct corner corners[] = {{1, {377600000, -1224200000}},
                                        {2, {377600000, -1224190000}},
                                        {3, {377600000, -1224180000}},
                                        {4, {377610000, -1224190000}},
                                        {5, {377590000, -1224190000}}};

static void add(struct gazetteer_builder *builder, const char *name, uint32_t from, uint32_t to,
                uint32_t low, uint32_t high)
{
    struct place places[2] = {corners[from - 1].place, corners[to - 1].place};
    struct gazetteer_stretch stretch = {.name = str_of(name),
                                        .places = places,
                                        .place_count = 2,
                                        .tail = from,
                                        .head = to,
                                        .left_from = low,
                                        .left_to = high - 1,
                                        .right_from = low + 1,
                                        .right_to = high};
    assert_ok(gazetteer_builder_add(builder, &stretch));
}

static struct gazetteer *small_map(struct out *bytes)
{
    struct gazetteer_builder *builder = NULL;
    struct gazetteer *gazetteer = NULL;
    struct fault fault = {0};
    assert_ok(gazetteer_builder_new(STR("dong 东\nlu 路\nnan 南\njing 京\n"), &builder, &fault));
    add(builder, "04TH ST", 1, 2, 101, 200);
    add(builder, "04TH ST", 2, 3, 201, 300);
    add(builder, "HARRISON AVE", 4, 2, 1, 100);
    add(builder, "HARRISON AVE", 2, 5, 101, 200);
    add(builder, "HARRISON ST", 5, 1, 1, 100);
    add(builder, "永和路", 4, 3, 1, 100);
    assert_ok(gazetteer_builder_point(builder, STR("Ferry Building"), STR(""), corners[2].place));
    out_init(bytes, MAX_BYTES);
    assert_ok(gazetteer_builder_finish(builder, bytes));
    gazetteer_builder_free(builder);
    assert_ok(gazetteer_open_bytes(out_view(bytes), &gazetteer, &fault));
    assert_int_equal(gazetteer_street_count(gazetteer), 4);
    return gazetteer;
}

static void spellings_are_folded(void **state)
{
    (void)state;
    struct out bytes;
    struct gazetteer *g = small_map(&bytes);
    assert_resolves(g, "4TH ST", "04TH ST");
    assert_resolves(g, "4th Street", "04TH ST");
    assert_resolves(g, "fourth st", "04TH ST");
    assert_resolves(g, "Harrison Av", "HARRISON AVE");
    assert_resolves(g, "harrison street", "HARRISON ST");
    assert_resolves(g, "HARISON AVENUE", "HARRISON AVE");
    assert_resolves(g, "Ferry Buildnig", "Ferry Building");
    assert_resolves(g, "harr", "HARRISON AVE");
    assert_resolves(g, "永和路", "永和路"); /* 和 may stand between names and in one */
    assert_resolves(g, "永和", "永和路");
    assert_resolves(g, "永和路和4TH ST", "永和路 / 04TH ST");
    struct gazetteer_hit hit;
    assert_int_equal(gazetteer_resolve(g, STR("Folsom"), PLACE_NONE, &hit), ERR_NOT_FOUND);
    assert_int_equal(gazetteer_resolve(g, STR("CALL BOX:"), PLACE_NONE, &hit), ERR_NOT_FOUND);
    assert_int_equal(gazetteer_resolve(g, STR("  "), PLACE_NONE, &hit), ERR_RANGE);
    assert_int_equal(gazetteer_resolve(g, STR("\xFF"), PLACE_NONE, &hit), ERR_RANGE);
    gazetteer_close(g);
    out_done(&bytes);
}

static void crossings_and_numbers_have_their_place(void **state)
{
    (void)state;
    struct out bytes;
    struct gazetteer *g = small_map(&bytes);
    struct gazetteer_hit hit = resolve(g, "HARRISON AVE/4TH ST,SF");
    assert_int_equal(hit.kind, GAZETTEER_CROSSING);
    assert_string_equal(hit.name, "HARRISON AVE / 04TH ST");
    assert_true(place_eq(hit.place, corners[1].place));
    hit = resolve(g, "4th & Harrison St");
    assert_true(place_eq(hit.place, corners[0].place));
    hit = resolve(g, "100 Block of 4TH ST");
    assert_int_equal(hit.kind, GAZETTEER_BLOCK);
    assert_true(place_distance_m(hit.place, (struct place){377600000, -1224195000}) < 1);
    hit = resolve(g, "250 4TH ST");
    assert_int_equal(hit.kind, GAZETTEER_NUMBER);
    assert_true(place_distance_m(hit.place, (struct place){377600000, -1224185000}) < 10);
    /* Even numbers stand on the right of the drawing, which runs east: south of the line. */
    assert_true(hit.place.lat_e7 < 377600000);
    assert_true(resolve(g, "251 4TH ST").place.lat_e7 > 377600000);
    hit = resolve(g, "4000 4TH ST"); /* no such number: told by score and accuracy */
    assert_true(hit.score < 800 && hit.accuracy_m > 1000);
    gazetteer_close(g);
    out_done(&bytes);
}

static void a_damaged_file_is_refused(void **state)
{
    (void)state;
    struct out bytes;
    struct gazetteer *g = small_map(&bytes), *other = NULL;
    struct fault fault = {0};
    gazetteer_close(g);
    for (size_t at = 0; at < bytes.len; at += 7) {
        bytes.p[at] ^= 0x40;
        enum err err = gazetteer_open_bytes(out_view(&bytes), &other, &fault);
        assert_true(err == ERR_CORRUPT || err == ERR_UNSUPPORTED);
        bytes.p[at] ^= 0x40;
    }
    for (size_t length = 0; length < bytes.len; length += 11)
        assert_int_equal(
            gazetteer_open_bytes((struct str){(const char *)bytes.p, length}, &other, &fault),
            ERR_CORRUPT);
    struct gazetteer_builder *builder = NULL;
    assert_int_equal(gazetteer_builder_new(STR("# x\nLU 路\n"), &builder, &fault), ERR_SYNTAX);
    assert_int_equal(fault.line, 2);
    out_done(&bytes);
}

/* ------------------------------------------------------- San Francisco */

static void the_logs_addresses_are_found(void **state)
{
    (void)state;
    char path[CITY_PATH_CAP];
    struct road_report report;
    struct dispatch_log log;
    struct fault fault = {0};
    struct arena arena;
    struct out text, bytes;
    size_t near = 0, far = 0, none = 0;
    struct road *road = import_city("osm/san-francisco.osm.pbf", &report);
    struct gazetteer *g = names_of(road, &bytes);
    arena_init(&arena, 256u << 20);
    out_init(&text, MAX_BYTES);
    data_path("incidents/sf_fire_cad_2020-04-07_20.csv.gz", path);
    assert_ok(gunzip_file(path, &text, &fault));
    assert_ok(dispatch_log_read(out_view(&text), &arena, &log, &fault));
    for (size_t i = 0; i < log.call_count; i++) {
        struct gazetteer_hit hit;
        enum err err = gazetteer_resolve(g, log.calls[i].address, PLACE_NONE, &hit);
        bool is_near = !err && place_distance_m(hit.place, log.calls[i].place) <= NEAR_M;
        near += is_near;
        far += !err && !is_near;
        none += err != OK;
        if (!is_near && getenv("ANWANG_SHOW_MISSES"))
            print_message("# %s | " STR_FMT " | %s %u m\n", err ? "none" : "far",
                          STR_ARG(log.calls[i].address), err ? "" : hit.name,
                          err ? 0 : (unsigned)place_distance_m(hit.place, log.calls[i].place));
    }
    print_message(
        "# %zu of %zu addresses within 100 m of the recorded place, %zu farther, %zu not found\n",
        near, log.call_count, far, none);
    assert_int_equal(log.call_count, 5292);
    assert_true(near >= 5055); /* plain comparison of names has the street nearby for 5,006 */
    arena_done(&arena);
    out_done(&text);
    gazetteer_close(g);
    out_done(&bytes);
    road_close(road);
}

/* ------------------------------------------------------- Shanghai */

static bool has_hit(const struct gazetteer *g, const char *text, const char *name)
{
    struct gazetteer_hit hits[GAZETTEER_MAX_HITS];
    size_t count;
    assert_ok(gazetteer_search(g, str_of(text), PLACE_NONE, hits, GAZETTEER_MAX_HITS, &count));
    for (size_t i = 0; i < count && i < 10; i++) {
        if (strcmp(hits[i].name, name) == 0)
            return true;
    }
    return false;
}

static void chinese_names_are_found_by_their_sounds(void **state)
{
    (void)state;
    struct road_report report;
    struct out bytes;
    struct road *road = import_city("osm/shanghai-centre.osm.pbf", &report);
    struct gazetteer *g = names_of(road, &bytes);
    assert_resolves(g, "浦东南路", "浦东南路");
    assert_resolves(g, "pudongnanlu", "浦东南路");
    assert_resolves(g, "pu dong nan lu", "浦东南路");
    assert_resolves(g, "South Pudong Road", "浦东南路");
    assert_true(has_hit(g, "pdnl", "浦东南路"));
    assert_true(has_hit(g, "pudongn", "浦东南路"));
    assert_true(has_hit(g, "浦东", "浦东南路"));
    /* A character with several readings is found by the right one: 长 is chang and zhang. */
    assert_true(has_hit(g, "changninglu", "长宁路") == has_hit(g, "长宁路", "长宁路"));
    struct gazetteer_hit a = resolve(g, "浦东南路/张杨路"), b = resolve(g, "张杨路与浦东南路");
    assert_int_equal(a.kind, GAZETTEER_CROSSING);
    assert_true(place_distance_m(a.place, b.place) < 100);
    assert_int_equal(resolve(g, "浦东南路张杨路口").kind, GAZETTEER_CROSSING);
    assert_resolves(g, "河南中路和北京东路", "河南中路 / 北京东路");
    /* The extract has no house numbers: the street is given, and its score says that it is a guess.
     */
    struct gazetteer_hit numbered = resolve(g, "浦东南路100号");
    assert_int_equal(numbered.kind, GAZETTEER_STREET);
    assert_true(numbered.score <= 800);
    gazetteer_close(g);
    out_done(&bytes);
    road_close(road);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spellings_are_folded),
        cmocka_unit_test(crossings_and_numbers_have_their_place),
        cmocka_unit_test(a_damaged_file_is_refused),
        cmocka_unit_test(the_logs_addresses_are_found),
        cmocka_unit_test(chinese_names_are_found_by_their_sounds),
    };
    return RUN(tests);
}
