#include "base/utc.h"
#include "test.h"

static int64_t parsed(const char *text)
{
    int64_t utc_us = -1;
    assert_ok(utc_parse(str_of(text), &utc_us));
    return utc_us;
}

static void prints_and_reads_instants(void **state)
{
    (void)state;
    static const struct {
        int64_t utc_us;
        const char *iso;
    } known[] = {
        {0, "1970-01-01T00:00:00.000000Z"},
        {-1, "1969-12-31T23:59:59.999999Z"},
        {951782400 * US_PER_S, "2000-02-29T00:00:00.000000Z"},
        {1795455152 * US_PER_S + 42, "2026-11-23T17:32:32.000042Z"},
        {-62135596800 * US_PER_S, "0001-01-01T00:00:00.000000Z"},
        {253402300799 * US_PER_S, "9999-12-31T23:59:59.000000Z"},
    };
    char buf[UTC_ISO_CAP];
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        utc_iso(known[i].utc_us, buf);
        assert_string_equal(buf, known[i].iso);
        assert_true(parsed(known[i].iso) == known[i].utc_us);
    }
    utc_iso(INT64_MAX, buf); /* the widest dates still fit */
    utc_iso(INT64_MIN, buf);
    assert_string_equal(buf, "-290308-12-21T19:59:05.224192Z");
}

static void reads_what_rfc_3339_allows(void **state)
{
    (void)state;
    assert_true(parsed("2026-11-24T01:32:32+08:00") == parsed("2026-11-23T17:32:32Z"));
    assert_true(parsed("2026-11-23t10:02:32.5-07:30") == parsed("2026-11-23 17:32:32.500z"));
    assert_true(parsed("2016-12-31T23:59:60Z") == parsed("2017-01-01T00:00:00Z"));
    assert_true(parsed("2017-01-01T07:59:60+08:00") == parsed("2017-01-01T00:00:00Z"));
    static const char *const broken[] = {"",
                                         "2026-11-23",
                                         "2026-11-23T17:32Z",
                                         "2026-11-23T17:32:32",
                                         "T17:32:32Z",
                                         "2026-11-23T17:32:32.Z",
                                         "26-11-23T17:32:32Z",
                                         "2026-11-23T17:32:32.1234567Z",
                                         "2026-11-23T17:32:32Zx",
                                         "2026-11-23T17:32:32+08",
                                         "2026-1-23T17:32:32Z",
                                         "2026-11-23T17:32:32+0800",
                                         "2026-11-23T17:32: 2Z",
                                         "+026-11-23T17:32:32Z"};
    static const char *const impossible[] = {
        "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",     "2026-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z", "2026-04-31T00:00:00Z",     "2026-01-00T00:00:00Z",
        "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z",     "2026-01-01T00:00:61Z",
        "2026-01-01T12:00:60Z", "2026-01-01T00:00:00+24:00"};
    int64_t utc_us = 7;
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
        assert_int_equal(utc_parse(str_of(broken[i]), &utc_us), ERR_SYNTAX);
    for (size_t i = 0; i < sizeof impossible / sizeof *impossible; i++)
        assert_int_equal(utc_parse(str_of(impossible[i]), &utc_us), ERR_RANGE);
    assert_int_equal(utc_us, 7);
}

/* Every day of 1600 to 2400 against a calendar that only counts. */
static void agrees_with_counting(void **state)
{
    (void)state;
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t day_us = parsed("1600-01-01T00:00:00Z");
    int32_t weekday = 6; /* a Saturday */
    for (int32_t year = 1600; year < 2400; year++) {
        bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        for (int32_t month = 1; month <= 12; month++) {
            int32_t length = lengths[month - 1] + (month == 2 && is_leap);
            for (int32_t day = 1; day <= length; day++, day_us += US_PER_DAY) {
                struct civil c = utc_civil(day_us + US_PER_DAY - 1);
                assert_true(c.year == year && c.month == month && c.day == day);
                assert_true(c.hour == 23 && c.minute == 59 && c.second == 59);
                assert_int_equal(c.weekday, weekday);
                assert_true(utc_from_civil(c) == day_us + US_PER_DAY - US_PER_S);
                weekday = (weekday + 1) % 7;
            }
        }
    }
}

static void assert_local(const char *utc, int32_t hour, int32_t minute)
{
    struct civil c = utc_local(parsed(utc));
    assert_int_equal(c.hour, hour);
    assert_int_equal(c.minute, minute);
}

static void assert_from_local(struct civil local, const char *utc)
{
    char buf[UTC_ISO_CAP];
    utc_iso(utc_from_local(local), buf);
    assert_string_equal(buf, utc);
}

static void knows_one_zone(void **state)
{
    (void)state;
    assert_local("2026-07-01T12:00:00Z", 12, 0); /* UTC until set */
    assert_int_equal(utc_zone_set("Nowhere/Land"), ERR_NOT_FOUND);
    assert_int_equal(utc_zone_set("../../etc/passwd"), ERR_NOT_FOUND);
    assert_int_equal(utc_zone_set("/etc/localtime"), ERR_NOT_FOUND);
    assert_int_equal(utc_zone_set("tzdata.zi"), ERR_NOT_FOUND);
    assert_int_equal(utc_zone_set(""), ERR_NOT_FOUND);
    assert_ok(utc_zone_set("Asia/Shanghai"));
    assert_local("2026-07-01T20:00:00Z", 4, 0);
    assert_from_local((struct civil){2026, 7, 2, 4, 0, 0, 0}, "2026-07-01T20:00:00.000000Z");
    assert_ok(utc_zone_set("Asia/Kathmandu"));
    assert_local("2026-07-01T20:00:00Z", 1, 45);
    assert_from_local((struct civil){2026, 7, 2, 1, 45, 0, 0}, "2026-07-01T20:00:00.000000Z");
}

static void is_right_in_gaps_and_folds(void **state)
{
    (void)state;
    assert_ok(utc_zone_set("America/Los_Angeles"));
    /* 2026-03-08: 02:00 becomes 03:00 at 10:00 UTC. */
    assert_from_local((struct civil){2026, 3, 8, 1, 59, 59, 0}, "2026-03-08T09:59:59.000000Z");
    assert_from_local((struct civil){2026, 3, 8, 2, 0, 0, 0}, "2026-03-08T10:00:00.000000Z");
    assert_from_local((struct civil){2026, 3, 8, 2, 59, 59, 0}, "2026-03-08T10:00:00.000000Z");
    assert_from_local((struct civil){2026, 3, 8, 3, 0, 0, 0}, "2026-03-08T10:00:00.000000Z");
    assert_from_local((struct civil){2026, 3, 8, 3, 0, 1, 0}, "2026-03-08T10:00:01.000000Z");
    /* 2026-11-01: 02:00 becomes 01:00 at 09:00 UTC; the first 01:30 is meant. */
    assert_from_local((struct civil){2026, 11, 1, 1, 30, 0, 0}, "2026-11-01T08:30:00.000000Z");
    assert_from_local((struct civil){2026, 11, 1, 2, 0, 0, 0}, "2026-11-01T10:00:00.000000Z");
    assert_local("2026-11-01T08:30:00Z", 1, 30);
    assert_local("2026-11-01T09:30:00Z", 1, 30);
    /* Lord Howe moves by half an hour: on 2026-10-04 02:00 becomes 02:30 at 15:30 UTC. */
    assert_ok(utc_zone_set("Australia/Lord_Howe"));
    assert_from_local((struct civil){2026, 10, 4, 2, 10, 0, 0}, "2026-10-03T15:30:00.000000Z");
    /* Samoa left out 2011-12-30. */
    assert_ok(utc_zone_set("Pacific/Apia"));
    assert_from_local((struct civil){2011, 12, 30, 12, 0, 0, 0}, "2011-12-30T10:00:00.000000Z");
}

/* Local time and back is the same instant, but for the second pass of a fold. */
static void returns_through_local_time(void **state)
{
    (void)state;
    static const char *const zones[] = {"America/Los_Angeles", "Asia/Shanghai", "Europe/Dublin",
                                        "Australia/Lord_Howe"};
    for (size_t z = 0; z < sizeof zones / sizeof *zones; z++) {
        assert_ok(utc_zone_set(zones[z]));
        int64_t last = INT64_MIN;
        for (int64_t t = parsed("1985-12-31T00:00:00Z"); t < parsed("1992-01-01T00:00:00Z");
             t += 15 * US_PER_MIN) {
            int64_t back = utc_from_local(utc_local(t));
            assert_true(back == t || t - back == US_PER_HOUR || t - back == US_PER_HOUR / 2);
            assert_true(back == t || back <= last);
            last = back > last ? back : last;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prints_and_reads_instants),  cmocka_unit_test(reads_what_rfc_3339_allows),
        cmocka_unit_test(agrees_with_counting),       cmocka_unit_test(knows_one_zone),
        cmocka_unit_test(is_right_in_gaps_and_folds), cmocka_unit_test(returns_through_local_time),
    };
    return RUN(tests);
}
