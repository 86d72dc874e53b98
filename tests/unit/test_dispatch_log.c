/* The San Francisco log as it is, with the dirt that is known of it, and damaged logs. */
#include "base/utc.h"
#include "job/dispatch_log.h"
#include "job/gunzip.h"
#include "test.h"
#include <stdlib.h>

#define ARENA_BYTES (256u << 20)
#define HEADING                                                                                    \
    "Call Number,Unit ID,Call Type,Received DtTm,Entry DtTm,Dispatch DtTm,Response DtTm,On Scene " \
    "DtTm,Transport DtTm,Hospital DtTm,Call Final Disposition,Available DtTm,Address,Battalion,"   \
    "Station Area,Final Priority,Unit Type,Neighborhooods - Analysis Boundaries,Location\n"
#define ROW(number, unit, dispatch, scene, place)                                                  \
    number "," unit ",Alarms,04/07/2020 11:53:08 PM,04/07/2020 11:55:30 PM," dispatch              \
           ",04/07/2020 11:58:22 PM," scene ",,,Other,04/08/2020 12:15:40 AM,X ST,B06,32,3,"       \
           "ENGINE,Mission,\"" place "\"\n"

static void the_shared_log_is_kept_whole(void **state)
{
    (void)state;
    assert_ok(utc_zone_set("America/Los_Angeles"));
    char path[512];
    (void)snprintf(path, sizeof path, "%s/incidents/sf_fire_cad_2020-04-07_20.csv.gz",
                   getenv("ANWANG_DATA"));
    struct out text;
    out_init(&text, 64u << 20);
    struct arena arena;
    arena_init(&arena, ARENA_BYTES);
    struct dispatch_log log;
    struct fault fault = {0};
    assert_ok(gunzip_file(path, &text, &fault));
    assert_ok(dispatch_log_read(out_view(&text), &arena, &log, &fault));
    assert_int_equal(log.row_count, 10410);
    assert_int_equal(log.call_count, 5292);
    assert_int_equal(log.unit_count, 199);
    assert_int_equal(log.dirt_count[DISPATCH_DIRT_BACKWARDS], 17);
    /* 16 begin before the unit's preceding one ended; one more, of T09, within an older one. */
    assert_int_equal(log.dirt_count[DISPATCH_DIRT_OVERLAP], 17);
    assert_int_equal(log.dirt_count[DISPATCH_DIRT_NO_SCENE], 1716);
    assert_int_equal(log.dirt_count[DISPATCH_DIRT_NO_RESPONSE], 203);
    assert_int_equal(log.dirt_count[DISPATCH_DIRT_NO_END], 2);
    size_t rows = 0;
    for (size_t i = 0; i < log.call_count; i++) {
        const struct dispatch_call *call = &log.calls[i];
        assert_true(i == 0 || call->received_us >= log.calls[i - 1].received_us);
        assert_int_equal(call->first_row, rows);
        assert_true(call->row_count > 0);
        rows += call->row_count;
        assert_true(call->place.lat_e7 > 377000000 && call->place.lat_e7 < 379000000);
    }
    assert_int_equal(rows, log.row_count);
    arena_done(&arena);
    out_done(&text);
}

static enum err read_text(const char *text, struct dispatch_log *ret_log, struct arena *arena,
                          struct fault *ret_fault)
{
    return dispatch_log_read(str_of(text), arena, ret_log, ret_fault);
}

static void times_are_local(void **state)
{
    (void)state;
    assert_ok(utc_zone_set("America/Los_Angeles"));
    struct arena arena;
    arena_init(&arena, ARENA_BYTES);
    struct dispatch_log log;
    assert_ok(read_text(HEADING ROW("7", "E1", "04/07/2020 11:56:00 PM", "04/08/2020 12:00:00 AM",
                                    "(37.5, -122.25)"),
                        &log, &arena, NULL));
    int64_t expected = 0;
    assert_ok(utc_parse(STR("2020-04-08T00:00:00-07:00"), &expected));
    assert_true(log.rows[0].at_us[DISPATCH_on_scene] == expected);
    assert_int_equal(log.rows[0].dirt, 0);
    assert_int_equal(dispatch_row_travel_s(&log.rows[0]), 98);
    assert_int_equal(log.calls[0].place.lon_e7, -1222500000);
    arena_done(&arena);
}

static void dirt_is_marked(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, ARENA_BYTES);
    struct dispatch_log log;
    assert_ok(read_text(
        HEADING ROW("7", "E1", "04/07/2020 11:56:00 PM", "04/08/2020 12:00:00 AM", "(37.5, -122)")
            ROW("8", "E1", "04/07/2020 11:57:00 PM", "04/07/2020 11:58:00 PM", "(37.5, -122)")
                ROW("9", "E2", "04/07/2020 11:57:00 PM", "", "(37.5, -122)"),
        &log, &arena, NULL));
    assert_int_equal(log.rows[0].dirt, 0);
    assert_int_equal(log.rows[1].dirt, 1 << DISPATCH_DIRT_BACKWARDS | 1 << DISPATCH_DIRT_OVERLAP);
    assert_int_equal(log.rows[2].dirt, 1 << DISPATCH_DIRT_NO_SCENE);
    arena_done(&arena);
}

static void damaged_logs_are_refused_with_their_line(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum err err;
        uint32_t line;
    } bad[] = {
        {"", ERR_SYNTAX, 1},
        {"Call Number,Unit ID\n1,E1\n", ERR_NOT_FOUND, 1},
        {HEADING ROW("7", "E1", "04/07/2020 23:56:00 PM", "", "(37.5, -122)"), ERR_RANGE, 2},
        {HEADING ROW("7", "E1", "04/31/2020 11:56:00 PM", "", "(37.5, -122)"), ERR_RANGE, 2},
        {HEADING ROW("7", "E1", "2020-04-07T23:56:00", "", "(37.5, -122)"), ERR_SYNTAX, 2},
        {HEADING ROW("7", "E1", "", "", "(37.5, -122)"), ERR_SYNTAX, 2},
        {HEADING ROW("7", "E1", "04/07/2020 11:56:00 PM", "", "(97.5, -122)"), ERR_RANGE, 2},
        {HEADING ROW("7", "E1", "04/07/2020 11:56:00 PM", "", "37.5, -122"), ERR_SYNTAX, 2},
        {HEADING ROW("7", "E1", "04/07/2020 11:56:00 PM", "", "(37.5, -122)") "8,E2,cut sho",
         ERR_SYNTAX, 3},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct arena arena;
        arena_init(&arena, ARENA_BYTES);
        struct dispatch_log log;
        struct fault fault = {0};
        assert_int_equal(read_text(bad[i].text, &log, &arena, &fault), bad[i].err);
        assert_int_equal(fault.line, bad[i].line);
        arena_done(&arena);
    }
}

static void damaged_gzip_is_refused(void **state)
{
    (void)state;
    struct out out;
    out_init(&out, 1 << 20);
    struct fault fault = {0};
    assert_int_equal(gunzip_bytes(STR("\x1f\x8b\x08\0\0\0\0\0\0\3"), &out, &fault), ERR_CORRUPT);
    assert_int_equal(gunzip_bytes(STR("\x1f\x8b\x08\0\0\0\0\0\0\3\xff\xff\xff"), &out, &fault),
                     ERR_CORRUPT);
    assert_ok(gunzip_bytes(STR("plain"), &out, &fault));
    assert_str(out_view(&out), "plain");
    out_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_shared_log_is_kept_whole),
        cmocka_unit_test(times_are_local),
        cmocka_unit_test(dirt_is_marked),
        cmocka_unit_test(damaged_logs_are_refused_with_their_line),
        cmocka_unit_test(damaged_gzip_is_refused),
    };
    return RUN(tests);
}
