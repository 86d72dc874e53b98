/* Positions from the field: the newest a unit and second, jumps counted and not believed at once.
 */
#include "feed/fixes.h"
#include "test.h"

struct heard {
    int count;
    struct frame_position last;
};

static void hear(void *ctx, const struct frame_position *fix)
{
    struct heard *heard = ctx;
    heard->count++;
    heard->last = *fix;
}

static struct frame_position fix_at(uint32_t unit, int32_t lat_e7, int64_t at_us)
{
    return (struct frame_position){.unit = {unit}, .place = {lat_e7, -1224000000}, .at_us = at_us};
}

static void test_newest_once_a_second(void **state)
{
    struct fixes *fixes = fixes_new();
    struct heard heard = {0};
    (void)state;
    for (int i = 1; i <= 5; i++) {
        struct frame_position fix = fix_at(7, 377000000 + i * 100, i * 100000);
        assert_ok(fixes_add(fixes, &fix, i * 100000));
    }
    fixes_due(fixes, 1500000, hear, &heard);
    assert_int_equal(heard.count, 1);
    assert_int_equal(heard.last.at_us, 500000);
    struct frame_position next = fix_at(7, 377000700, 1600000);
    assert_ok(fixes_add(fixes, &next, 1600000));
    fixes_due(fixes, 1700000, hear, &heard); /* too soon */
    assert_int_equal(heard.count, 1);
    fixes_due(fixes, 2500000, hear, &heard);
    assert_int_equal(heard.count, 2);
    fixes_due(fixes, 9000000, hear, &heard); /* nothing new */
    assert_int_equal(heard.count, 2);
    fixes_free(fixes);
}

static void test_old_and_impossible(void **state)
{
    struct fixes *fixes = fixes_new();
    struct frame_position first = fix_at(3, 377000000, 5000000);
    struct frame_position old = fix_at(3, 377000000, 4000000);
    struct frame_position nobody = fix_at(0, 377000000, 4000000);
    (void)state;
    assert_ok(fixes_add(fixes, &first, 5000000));
    assert_int_equal(fixes_add(fixes, &old, 5000000), ERR_RANGE);
    assert_int_equal(fixes_add(fixes, &nobody, 5000000), ERR_RANGE);
    /* 11 km in a second is a jump, until five fixes in a row say so */
    for (int i = 1; i < FIXES_JUMPS_BELIEVED; i++) {
        struct frame_position far = fix_at(3, 378000000 + i, 5000000 + i * 1000000);
        assert_int_equal(fixes_add(fixes, &far, far.at_us), ERR_RANGE);
    }
    struct frame_position there = fix_at(3, 378000009, 11000000);
    assert_ok(fixes_add(fixes, &there, there.at_us));
    assert_int_equal(fixes_dropped(fixes), 2 + FIXES_JUMPS_BELIEVED - 1);
    fixes_free(fixes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_newest_once_a_second),
                                       cmocka_unit_test(test_old_and_impossible)};
    return RUN(tests);
}
