#include "job/travel_table.h"
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_lie_between_neighbours),
        cmocka_unit_test(a_line_for_all_each_kind_and_each_hour),
    };
    return RUN(tests);
}
