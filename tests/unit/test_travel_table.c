#include "learn/travel_table.h"
#include "test.h"
#include <string.h>

static void quantiles_lie_between_neighbours(void **state)
{
    (void)state;
    static const uint32_t values[] = {10, 20, 30, 40};
    assert_true(travel_quantile(values, 4, 0.5) == 25);
    assert_true(travel_quantile(values, 4, 0) == 10);
    assert_true(travel_quantile(values, 4, 1) == 40);
    assert_true(travel_quantile(values, 1, 0.9) == 10);
    assert_true(travel_quantile(values, 0, 0.5) == 0);
}

static void a_line_for_all_each_kind_and_each_hour(void **state)
{
    (void)state;
    struct travel_sample samples[] = {
        {STR("TRUCK"), 3, 200, 100}, {STR("ENGINE"), 3, 100, 100}, {STR("ENGINE"), 4, 300, 150}};
    struct out out;
    out_init(&out, 1 << 16);
    assert_ok(travel_table_write(samples, 3, &out));
    out_byte(&out, 0);
    const char *text = (const char *)out.p;
    assert_non_null(strstr(text, "all                    3      200"));
    assert_non_null(strstr(text, "ENGINE                 2      200      280      125"));
    assert_non_null(
        strstr(text, "TRUCK                  1      200      200      100      100    0.50"));
    assert_non_null(strstr(text, "03:00-03:59            2      150"));
    assert_non_null(strstr(text, "04:00-04:59            1"));
    assert_null(strstr(text, "05:00"));
    out_done(&out);
}

/* Figures worked out by hand. */
static void a_line_for_each_band(void **state)
{
    (void)state;
    static const struct travel_pair pairs[] = {
        {500, 100, 40}, {999, 80, 100}, {1000, 200, 150}, {9000, 600, 700}};
    struct travel_error e;
    assert_ok(travel_error_of(pairs, 4, 0, 1000, &e));
    assert_int_equal(e.count, 2);
    assert_true(e.recorded_median == 90 && e.modelled_median == 70);
    assert_true(e.bias == -20 && e.mae == 40);
    assert_true(e.size_p90 > 55.9 && e.size_p90 < 56.1);
    assert_ok(travel_error_of(pairs, 4, 20000, 30000, &e));
    assert_int_equal(e.count, 0);
    struct out out;
    out_init(&out, 1 << 16);
    assert_ok(travel_bands_write(pairs, 4, &out));
    out_byte(&out, 0);
    const char *text = (const char *)out.p;
    assert_non_null(strstr(text, "0-1 km                 2        90        70     -20.0"));
    assert_non_null(strstr(text, "1-2 km                 1       200       150     -50.0"));
    assert_non_null(strstr(text, "4 km and more          1       600       700    +100.0"));
    assert_non_null(strstr(text, "all                    4"));
    assert_null(strstr(text, "2-4 km")); /* a band without a run has no line */
    out_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_lie_between_neighbours),
        cmocka_unit_test(a_line_for_all_each_kind_and_each_hour),
        cmocka_unit_test(a_line_for_each_band),
    };
    return RUN(tests);
}
