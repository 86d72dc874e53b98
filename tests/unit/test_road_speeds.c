/* Tables of speeds: what is shipped is read, what is wrong is refused with its line, what is
 * written is read back. */
#include "base/file.h"
#include "random_road.h"
#include "road/speeds.h"

struct tables {
    struct random_road made;
    struct road_hours hours;
    struct road_calibration calibration;
};

static int setup(void **state)
{
    struct tables *t = calloc(1, sizeof *t);
    t->made = random_road_new(3, 8, 60, 0);
    *state = t;
    return 0;
}

static int teardown(void **state)
{
    struct tables *t = *state;
    random_road_free(&t->made);
    free(t);
    return 0;
}

#define HEADING                                                                                    \
    "profiles,classes,days,00,01,02,03,04,05,06,07,08,09,10,11,12,13,14,15,16,17,18,19,20,21,22,"  \
    "23\n"
#define DAY_OF(first) first ",1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23"
#define NINES                                                                                      \
    "900,901,902,903,904,905,906,907,908,909,910,911,912,913,914,915,916,917,918,919,920,921,"     \
    "922,923"

static void the_shipped_table_is_read(void **state)
{
    struct tables *t = *state;
    struct out text;
    struct fault fault = {0};
    char path[CITY_PATH_CAP];
    const uint32_t car = road_profile(t->made.road, "car");
    const uint32_t siren = road_profile(t->made.road, "response");
    const uint32_t foot = road_profile(t->made.road, "foot");
    uint32_t rush, night;
    out_init(&text, ROAD_SPEEDS_MAX_BYTES);
    data_path("road/hours.csv", path);
    assert_ok(file_read(path, &text));
    assert_ok(road_hours_read(t->made.road, out_view(&text), &t->hours, &fault));
    out_done(&text);
    assert_ok(road_hour_read(STR("mon-17"), &rush));
    assert_ok(road_hour_read(STR("tue-03"), &night));
    const struct road_speeds *at_rush = &t->hours.at[rush], *at_night = &t->hours.at[night];
    assert_true(at_rush->permille[car][ROAD_CLASS_primary] < 1000);
    assert_true(at_night->permille[car][ROAD_CLASS_primary] > 1000);
    assert_int_equal(at_rush->permille[foot][ROAD_CLASS_primary], 1000);
    for (uint32_t at = 0; at < ROAD_WEEK_HOURS; at++) {
        for (uint32_t c = 0; c < ROAD_CLASS_COUNT; c++) { /* lights and siren are held up less */
            const int drive = t->hours.at[at].permille[car][c] - 1000;
            const int race = t->hours.at[at].permille[siren][c] - 1000;
            assert_true(abs(race) <= abs(drive));
        }
    }
}

static void hours_have_names(void **state)
{
    (void)state;
    char text[ROAD_HOUR_CAP];
    for (uint32_t at = 0; at < ROAD_WEEK_HOURS; at++) {
        uint32_t again = ROAD_NONE;
        road_hour_text(at, text);
        assert_ok(road_hour_read(str_of(text), &again));
        assert_int_equal(again, at);
    }
    assert_int_equal(road_week_hour(1, 0), 0);    /* Monday */
    assert_int_equal(road_week_hour(0, 23), 167); /* Sunday */
    road_hour_text(road_week_hour(5, 17), text);
    assert_string_equal(text, "fri-17");
    uint32_t at;
    static const char *const bad[] = {"",       "fri",    "fri-",    "fri-7",
                                      "fri-24", "Fri-17", "fri-017", "-17"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(road_hour_read(str_of(bad[i]), &at), ERR_SYNTAX);
}

static void a_row_sets_what_it_names(void **state)
{
    struct tables *t = *state;
    struct fault fault = {0};
    const uint32_t car = road_profile(t->made.road, "car");
    assert_ok(road_hours_read(t->made.road,
                              STR("# a note\n" HEADING "\ncar foot,primary steps,sat sun," NINES
                                  "\ncar,primary,mon," NINES "\n"),
                              &t->hours, &fault));
    uint32_t set = 0;
    for (uint32_t at = 0; at < ROAD_WEEK_HOURS; at++) {
        for (uint32_t i = 0; i < ROAD_MAX_PROFILES * ROAD_MAX_CLASSES; i++)
            set += t->hours.at[at].permille[i / ROAD_MAX_CLASSES][i % ROAD_MAX_CLASSES] != 1000;
    }
    assert_int_equal(set, 2 * 2 * 48 + 24);
    assert_int_equal(t->hours.at[road_week_hour(6, 5)].permille[car][ROAD_CLASS_steps], 905);
}

static void wrong_tables_are_refused(void **state)
{
    struct tables *t = *state;
    static const struct {
        const char *text;
        enum err err;
        uint32_t line;
    } cases[] = {
        {"", ERR_SYNTAX, 0},
        {"profiles,classes\n", ERR_SYNTAX, 1},
        {HEADING "tram,primary,mon," NINES, ERR_NOT_FOUND, 2},
        {HEADING "car,alley,mon," NINES, ERR_NOT_FOUND, 2},
        {HEADING "car,primary,monday," NINES, ERR_NOT_FOUND, 2},
        {HEADING "car,primary,," NINES, ERR_SYNTAX, 2},
        {HEADING "car,primary,mon,900", ERR_SYNTAX, 2},
        {HEADING "car,primary,mon," NINES ",900", ERR_SYNTAX, 2},
        {HEADING "\n\ncar,primary,mon," DAY_OF("900"), ERR_RANGE, 4},
        {HEADING "car,primary,mon," NINES "\ncar foot,primary,sun mon," NINES, ERR_EXISTS, 3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fault fault = {0};
        assert_int_equal(road_hours_read(t->made.road, str_of(cases[i].text), &t->hours, &fault),
                         cases[i].err);
        assert_int_equal(fault.line, cases[i].line);
        assert_non_null(fault.text);
    }
    static const struct {
        const char *text;
        enum err err;
    } others[] = {
        {"", ERR_SYNTAX},
        {"name,a\n", ERR_SYNTAX},
        {"name,a\nversion,1\nname,b\n", ERR_EXISTS},
        {"name,a\nversion,\n", ERR_RANGE},
        {"name,a\nversion,\x01\n", ERR_RANGE},
        {"name,a\nversion,1\nspeed,car,primary,199\n", ERR_RANGE},
        {"name,a\nversion,1\nspeed,car,primary,2001\n", ERR_RANGE},
        {"name,a\nversion,1\nspeed,car,primary,900,1\n", ERR_SYNTAX},
        {"name,a\nversion,1\nspeed,car,primary,900\nspeed,car,steps primary,900\n", ERR_EXISTS},
        {"name,a\nversion,1\nfixed_s,car,601\n", ERR_RANGE},
        {"name,a\nversion,1\nfixed_s,car,10\nfixed_s,car,11\n", ERR_EXISTS},
        {"name,a\nversion,1\nslow,car,primary,900\n", ERR_SYNTAX},
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct fault fault = {0};
        assert_int_equal(
            road_calibration_read(t->made.road, str_of(others[i].text), &t->calibration, &fault),
            others[i].err);
        assert_non_null(fault.text);
    }
}

static void a_calibration_is_read_as_it_was_written(void **state)
{
    struct tables *t = *state;
    struct road_calibration c = {.name = "san-francisco", .version = "2020-04-16"};
    struct fault fault = {0};
    struct out text;
    struct rand r;
    rand_seed(&r, 8);
    c.speeds = road_speeds_plain();
    for (uint32_t p = 0; p < road_info(t->made.road).profiles; p++) {
        c.fixed_s[p] = rand_below(&r, ROAD_MAX_FIXED_S + 1);
        for (uint32_t i = 0; i < ROAD_CLASS_COUNT; i += 2)
            c.speeds.permille[p][i] =
                (uint16_t)(ROAD_MIN_SPEED_PERMILLE +
                           rand_below(&r, ROAD_MAX_SPEED_PERMILLE - ROAD_MIN_SPEED_PERMILLE));
    }
    out_init(&text, ROAD_SPEEDS_MAX_BYTES);
    assert_ok(road_calibration_write(t->made.road, &c, STR("two\nlines"), &text));
    assert_ok(road_calibration_read(t->made.road, out_view(&text), &t->calibration, &fault));
    assert_true(str_starts(out_view(&text), STR("# two\n# lines\nname,san-francisco\n")));
    assert_memory_equal(&t->calibration.speeds, &c.speeds, sizeof c.speeds);
    assert_memory_equal(t->calibration.fixed_s, c.fixed_s, sizeof c.fixed_s);
    assert_string_equal(t->calibration.name, c.name);
    assert_string_equal(t->calibration.version, c.version);
    out_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_shipped_table_is_read, setup, teardown),
        cmocka_unit_test(hours_have_names),
        cmocka_unit_test_setup_teardown(a_row_sets_what_it_names, setup, teardown),
        cmocka_unit_test_setup_teardown(wrong_tables_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_calibration_is_read_as_it_was_written, setup, teardown),
    };
    return RUN(tests);
}
