#include "base/str.h"
#include "test.h"
#include <float.h>
#include <math.h>

static void compares_and_cuts(void **state)
{
    (void)state;
    assert_true(str_eq(STR("a"), STR("a")));
    assert_true(str_eq(str_of(NULL), STR("")));
    assert_false(str_eq_c(STR("ab"), "a"));
    assert_true(str_ieq_c(STR("Content-TYPE"), "content-type"));
    assert_false(str_ieq_c(STR("a["), "a{")); /* 0x5B and 0x7B are no letters */
    assert_true(str_cmp(STR("a"), STR("ab")) < 0);
    assert_true(str_cmp(STR("\xE4"), STR("z")) > 0); /* bytes are unsigned */
    assert_int_equal(str_cmp(str_of(NULL), STR("")), 0);
    assert_true(str_starts(STR("abc"), STR("ab")));
    assert_false(str_starts(STR("a"), STR("ab")));
    assert_str(str_trim(STR(" \t\r\n x y\v\f ")), "x y");
    assert_str(str_trim(STR(" \n ")), "");

    struct str rest = STR("a,,b");
    assert_str(str_cut(&rest, ','), "a");
    assert_str(str_cut(&rest, ','), "");
    assert_str(str_cut(&rest, ','), "b");
    assert_int_equal(rest.len, 0);
    assert_str(str_cut(&rest, ','), "");
    assert_str(str_from(STR("abc"), 2), "c");
    assert_str(str_from(STR("abc"), 9), "");
}

static void reads_whole_numbers(void **state)
{
    (void)state;
    uint64_t u = 7;
    int64_t i = 7;
    uint32_t n = 7;
    assert_ok(str_u64(STR("18446744073709551615"), &u));
    assert_true(u == UINT64_MAX);
    assert_int_equal(str_u64(STR("18446744073709551616"), &u), ERR_RANGE);
    assert_int_equal(str_u64(STR("99999999999999999999x"), &u), ERR_SYNTAX);
    assert_true(u == UINT64_MAX); /* a failed call leaves the result alone */
    assert_ok(str_i64(STR("-9223372036854775808"), &i));
    assert_true(i == INT64_MIN);
    assert_ok(str_i64(STR("+12"), &i));
    assert_int_equal(i, 12);
    assert_int_equal(str_i64(STR("9223372036854775808"), &i), ERR_RANGE);
    assert_int_equal(str_i64(STR("-9223372036854775809"), &i), ERR_RANGE);
    assert_ok(str_u32(STR("4294967295"), &n));
    assert_int_equal(str_u32(STR("4294967296"), &n), ERR_RANGE);
    static const char *const bad[] = {"", " 1", "1 ", "-", "+", "--1", "0x1", "1.0", "1e3"};
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        assert_int_equal(str_i64(str_of(bad[k]), &i), ERR_SYNTAX);
        assert_int_equal(str_u64(str_of(bad[k]), &u), ERR_SYNTAX);
    }
    assert_int_equal(str_u64(STR("-1"), &u), ERR_SYNTAX);
}

static void reads_fixed_point(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int digits;
        int64_t value;
    } good[] = {
        {"1.25", 1, 13},
        {"-1.25", 1, -13},
        {"1.24999", 1, 12},
        {"0.05", 1, 1},
        {"-0.04", 1, 0},
        {"7", 3, 7000},
        {".5", 0, 1},
        {"5.", 1, 50},
        {"37.7749", 7, 377749000},
        {"-122.41941555", 7, -1224194156},
        {"9223372036854775807", 0, INT64_MAX},
        {"-9223372036854775808", 0, INT64_MIN},
    };
    int64_t v = 99;
    for (size_t k = 0; k < sizeof good / sizeof *good; k++) {
        assert_ok(str_fixed(str_of(good[k].text), good[k].digits, &v));
        assert_int_equal(v, good[k].value);
    }
    static const char *const bad[] = {"", ".", "-", "-.", "1e3", "1.2.3", "1,5", " 1", "nan", "1-"};
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++)
        assert_int_equal(str_fixed(str_of(bad[k]), 3, &v), ERR_SYNTAX);
    assert_int_equal(str_fixed(STR("9223372036854775807.5"), 0, &v), ERR_RANGE);
    assert_int_equal(str_fixed(STR("922337203685477580.8"), 1, &v), ERR_RANGE);
    assert_int_equal(str_fixed(STR("99999999999999999999999"), 0, &v), ERR_RANGE);
}

static void reads_doubles(void **state)
{
    (void)state;
    double v = 0;
    assert_ok(str_double(STR("-1.5e-3"), &v));
    assert_true(fabs(v + 0.0015) < DBL_EPSILON);
    assert_ok(str_double(STR(".5"), &v));
    assert_ok(str_double(STR("1e-999"), &v));
    assert_int_equal(str_double(STR("1e999"), &v), ERR_RANGE);
    static const char *const bad[] = {"",   ".",  "inf",  "nan",   "0x1p3", "1e", "1e+",
                                      "1 ", " 1", "1..2", "1.5.2", "1e2.5", "-",  "e5"};
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++)
        assert_int_equal(str_double(str_of(bad[k]), &v), ERR_SYNTAX);
}

static void copies_at_character_bounds(void **state)
{
    (void)state;
    char buf[6];
    assert_true(str_copy(STR("hello"), buf, sizeof buf));
    assert_string_equal(buf, "hello");
    assert_false(str_copy(STR("安网x"), buf, sizeof buf)); /* 3 + 3 + 1 bytes into 5 */
    assert_string_equal(buf, "安");
    assert_false(str_copy(STR("a"), buf, 1));
    assert_string_equal(buf, "");
    assert_false(str_copy(STR("a"), buf, 0));
    assert_true(str_copy(str_of(NULL), buf, 1));
}

static void checks_utf8(void **state)
{
    (void)state;
    static const char *const good[] = {"",
                                       "abc",
                                       "安网",
                                       "\xF0\x9F\x9A\x93",
                                       "\xF4\x8F\xBF\xBF",
                                       "\xEF\xBF\xBD",
                                       "\xED\x9F\xBF",
                                       "\xEE\x80\x80"};
    static const char *const bad[] = {
        "\x80",
        "\xC0\x80",
        "\xC1\xBF",
        "\xE0\x9F\xBF",
        "\xED\xA0\x80",
        "\xED\xBF\xBF",
        "\xF0\x8F\xBF\xBF",
        "\xF4\x90\x80\x80",
        "\xF5\x80\x80\x80",
        "\xE5\xAE",
        "a\xE5",
        "\xFF",
        "\xC3(",
    };
    for (size_t k = 0; k < sizeof good / sizeof *good; k++)
        assert_true(str_is_utf8(str_of(good[k])));
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++)
        assert_false(str_is_utf8(str_of(bad[k])));
    assert_false(str_is_utf8((struct str){"a\0b", 3}));

    size_t pos = 0;
    struct str mixed = STR("a\xFF安\xE5");
    assert_int_equal(str_utf8_next(mixed, &pos), 'a');
    assert_int_equal(str_utf8_next(mixed, &pos), 0xFFFD);
    assert_int_equal(str_utf8_next(mixed, &pos), 0x5B89);
    assert_int_equal(str_utf8_next(mixed, &pos), 0xFFFD);
    assert_int_equal(pos, mixed.len);
}

static void reads_and_writes_hex(void **state)
{
    (void)state;
    uint8_t bytes[3] = {0};
    char hex[7];
    assert_ok(str_unhex(STR("00fFa5"), bytes, 3));
    str_hex(bytes, 3, hex);
    assert_string_equal(hex, "00ffa5");
    assert_int_equal(str_unhex(STR("00ff"), bytes, 3), ERR_SYNTAX);
    assert_int_equal(str_unhex(STR("00ffa"), bytes, 2), ERR_SYNTAX);
    assert_int_equal(str_unhex(STR("00fg"), bytes, 2), ERR_SYNTAX);
    assert_int_equal(bytes[1], 0xFF);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compares_and_cuts),          cmocka_unit_test(reads_whole_numbers),
        cmocka_unit_test(reads_fixed_point),          cmocka_unit_test(reads_doubles),
        cmocka_unit_test(copies_at_character_bounds), cmocka_unit_test(checks_utf8),
        cmocka_unit_test(reads_and_writes_hex),
    };
    return RUN(tests);
}
