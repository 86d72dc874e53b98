/* Population cells: tables and maps, what is left out and why, sums that stay right, and what the
 * data folder keeps reads back as it was. */
#include "base/rand.h"
#include "job/import_cells.h"
#include "test.h"
#include <stdlib.h>
#include <string.h>

static struct cells_report read(const char *text)
{
    struct cells_report report = {0};
    struct fault fault = {0};
    const enum err err = import_cells(str_of(text), DATUM_WGS84, &report, &fault);
    if (err)
        print_message("%s %s\n", err_text(err), fault.text ? fault.text : "");
    assert_ok(err);
    return report;
}

static void a_table_is_read_and_what_is_bad_is_counted(void **state)
{
    struct cells_report r = read("id,lon,lat,population,jobs\n"
                                 "a,121.5,31.25,120,3\n"
                                 "b,-51.1582459466033,-30.0538460280879,80,0\n"
                                 "c,east,31.2,5,0\n"
                                 "d,13524000.5,3662000.1,5,0\n"
                                 "e,121.6,31.3,many,0\n"
                                 "f,121.6,31.3,-4,0\n"
                                 "g,121.6,31.3,20000000,0\n"
                                 "h,121.6,31.3,0,0\n"
                                 "i,121.5,31.25,30,0\n");
    struct out text;
    (void)state;
    assert_int_equal(r.count, 2);
    assert_int_equal(r.people, 230);
    assert_int_equal(r.joined, 1);
    assert_true(place_eq(r.cells[0].place, (struct place){-300538460, -511582459}));
    assert_int_equal(r.cells[1].weight, 150);
    assert_int_equal(r.left_out[CELLS_NO_PLACE], 1);
    assert_int_equal(r.left_out[CELLS_NOT_DEGREES], 1);
    assert_int_equal(r.left_out[CELLS_NO_PEOPLE], 1);
    assert_int_equal(r.left_out[CELLS_NEGATIVE], 2);
    assert_int_equal(r.left_out[CELLS_EMPTY], 1);
    out_init(&text, 1 << 12);
    import_cells_report(&r, &text);
    out_byte(&text, 0);
    assert_non_null(strstr((const char *)text.p, "2 cells, 230 people"));
    assert_non_null(strstr((const char *)text.p, "1 rows left out: no place that can be read"));
    out_done(&text);
    free(r.cells);
    r = read("y,x,people\n31.25,121.5,7\n"); /* the other names */
    assert_int_equal(r.cells[0].place.lon_e7, 1215000000);
    assert_int_equal(r.people, 7);
    free(r.cells);
}

static void a_map_is_read(void **state)
{
    (void)state;
    struct cells_report r = read(
        "{\"type\":\"FeatureCollection\",\"features\":["
        "{\"type\":\"Feature\",\"properties\":{\"people\":12},"
        "\"geometry\":{\"type\":\"Point\",\"coordinates\":[121.5,31.2]}},"
        "{\"type\":\"Feature\",\"properties\":{\"population\":40.0},\"geometry\":{\"type\":"
        "\"Polygon\","
        "\"coordinates\":[[[121.0,31.0],[121.2,31.0],[121.2,31.2],[121.0,31.2],[121.0,31.0]]]}},"
        "{\"type\":\"Feature\",\"properties\":{\"people\":\"12\"},"
        "\"geometry\":{\"type\":\"Point\",\"coordinates\":[121.5,31.2]}},"
        "{\"type\":\"Feature\",\"properties\":{\"people\":9},\"geometry\":null}]}");
    assert_int_equal(r.count, 2);
    assert_int_equal(r.people, 52);
    assert_in_range(r.cells[0].place.lat_e7, 310000000, 312000000);
    assert_in_range(r.cells[0].place.lon_e7, 1210000000, 1212000000);
    assert_int_equal(r.left_out[CELLS_NO_PEOPLE], 1);
    assert_int_equal(r.left_out[CELLS_NO_PLACE], 1);
    free(r.cells);
}

/* Rounded one by one these would be nobody; carried on they are as many as they are. */
static void fractions_are_carried_on(void **state)
{
    struct out text;
    struct rand r;
    uint64_t milli = 0;
    (void)state;
    out_init(&text, 1 << 20);
    rand_seed(&r, 9);
    out_c(&text, "lon,lat,people\n");
    for (uint32_t i = 0; i < 5000; i++) {
        const uint32_t m = rand_below(&r, 500) + 1;
        out_printf(&text, "%u.%04u,30,0.%03u\n", 100 + i / 1000, i % 1000, m);
        milli += m;
    }
    out_byte(&text, 0);
    struct cells_report report = read((const char *)text.p);
    assert_in_range(report.people, milli / 1000, milli / 1000 + 1);
    for (size_t i = 0; i < report.count; i++)
        assert_int_equal(report.cells[i].weight, 1);
    free(report.cells);
    out_done(&text);
}

static void what_is_no_list_of_cells_is_refused(void **state)
{
    static const struct {
        const char *text;
        enum err err;
    } bad[] = {{"", ERR_SYNTAX},
               {"lon,lat\n1,2\n", ERR_NOT_FOUND},
               {"a,b,people\n1,2,3\n", ERR_NOT_FOUND},
               {"lon,lat,people\n1,2\n", ERR_SYNTAX},
               {"{\"type\":", ERR_SYNTAX},
               {"{\"type\":\"Sphere\"}", ERR_SYNTAX}};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct cells_report report = {0};
        struct fault fault = {0};
        assert_int_equal(import_cells(str_of(bad[i].text), DATUM_WGS84, &report, &fault),
                         bad[i].err);
        assert_null(report.cells);
    }
    struct cells_report none = read("lon,lat,people\n"); /* no rows are no fault of the table */
    assert_int_equal(none.count, 0);
    free(none.cells);
}

static void the_datum_is_turned(void **state)
{
    struct cells_report plain = {0}, shifted = {0};
    const struct str text = STR("lon,lat,people\n121.47,31.23,5\n");
    (void)state;
    assert_ok(import_cells(text, DATUM_WGS84, &plain, NULL));
    assert_ok(import_cells(text, DATUM_GCJ02, &shifted, NULL));
    const double m = place_distance_m(plain.cells[0].place, shifted.cells[0].place);
    assert_true(m > 300 && m < 800);
    free(plain.cells);
    free(shifted.cells);
}

static void what_is_kept_reads_back(void **state)
{
    struct cover_demand *cells = NULL;
    size_t count = 0;
    struct fault fault = {0};
    struct out text;
    struct cells_report r = read("lon,lat,people\n121.5000001,31.25,120\n-0.5,-30,80\n");
    (void)state;
    out_init(&text, 1 << 12);
    assert_ok(cells_write(r.cells, r.count, &text));
    assert_ok(cells_parse(out_view(&text), &cells, &count, &fault));
    assert_int_equal(count, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_true(place_eq(cells[i].place, r.cells[i].place));
        assert_int_equal(cells[i].weight, r.cells[i].weight);
    }
    free(cells);
    static const char *const bad[] = {"", "lon,lat,people\n1,2,3\n", "lat,lon,people\n91,2,3\n",
                                      "lat,lon,people\n1,2,0\n", "lat,lon,people\n1,2,3\n1,2\n"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(cells_parse(str_of(bad[i]), &cells, &count, &fault), ERR_SYNTAX);
    assert_int_equal(fault.line, 3);
    out_done(&text);
    free(r.cells);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_is_read_and_what_is_bad_is_counted),
        cmocka_unit_test(a_map_is_read),
        cmocka_unit_test(fractions_are_carried_on),
        cmocka_unit_test(what_is_no_list_of_cells_is_refused),
        cmocka_unit_test(the_datum_is_turned),
        cmocka_unit_test(what_is_kept_reads_back),
    };
    return RUN(tests);
}
