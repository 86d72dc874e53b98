/* A dispatch log as steps in time. */
#include "job/history.h"
#include "test.h"
#include <string.h>

#define S 1000000LL

static const struct dispatch_row rows[] = {
    {.call = 0, .unit = 0, .at_us = {1 * S, 2 * S, 10 * S, 11 * S, 20 * S, 0, 0, 50 * S}},
    {.call = 0, .unit = 1, .at_us = {1 * S, 2 * S, 10 * S, 10 * S, 30 * S, 0, 0, 40 * S}},
    /* never on scene, marked: left out */
    {.call = 0, .unit = 2, .dirt = 1, .at_us = {1 * S, 2 * S, 10 * S, 10 * S, 0, 0, 0, 90 * S}},
    {.call = 1, .unit = 2, .at_us = {5 * S, 5 * S, 6 * S, 7 * S, 8 * S, 0, 0, 200 * S}},
    {.call = 2,
     .unit = 0,
     .dirt = 2,
     .at_us = {6 * S, 6 * S, 60 * S, 60 * S, 61 * S, 0, 0, 62 * S}},
};
static const struct dispatch_call calls[] = {
    {.received_us = 1 * S, .entry_us = 2 * S, .first_row = 0, .row_count = 3},
    {.received_us = 5 * S, .entry_us = 5 * S, .first_row = 3, .row_count = 1},
    {.received_us = 6 * S, .entry_us = 6 * S, .first_row = 4, .row_count = 1},
};
static const struct dispatch_log a_log = {
    .calls = calls, .call_count = 3, .rows = rows, .row_count = 5, .first_us = S};

static void a_call_lives_in_order(void **state)
{
    (void)state;
    static const struct {
        enum history_move move;
        uint32_t row;
        int64_t at_s;
    } wanted[] = {{HISTORY_CREATE, 0, 1},    {HISTORY_ENTER, 0, 2},   {HISTORY_DISPATCH, 0, 10},
                  {HISTORY_DISPATCH, 1, 10}, {HISTORY_DEPART, 1, 10}, {HISTORY_DEPART, 0, 11},
                  {HISTORY_ARRIVE, 0, 20},   {HISTORY_ARRIVE, 1, 30}, {HISTORY_CLEAR, 1, 40},
                  {HISTORY_CLEAR, 0, 50},    {HISTORY_CLOSE, 0, 50}};
    struct arena arena;
    struct history h;
    arena_init(&arena, 1 << 20);
    assert_ok(history_of(&a_log, S, 100 * S, &arena, &h));
    assert_int_equal(h.call_count, 1); /* the second one is not over, the third has no clean row */
    assert_int_equal(h.step_count, sizeof wanted / sizeof wanted[0]);
    for (size_t i = 0; i < h.step_count; i++) {
        assert_int_equal(h.steps[i].move, wanted[i].move);
        assert_int_equal(h.steps[i].row, wanted[i].row);
        assert_int_equal(h.steps[i].at_us, wanted[i].at_s * S);
        assert_int_equal(h.steps[i].call, 0);
    }
    arena_done(&arena);
}

static void the_call_back_comes_when_its_time_has_come(void **state)
{
    (void)state;
    struct arena arena;
    struct history h;
    arena_init(&arena, 1 << 20);
    assert_ok(history_of(&a_log, S, 50 * S + HISTORY_REVIEW_US, &arena, &h));
    assert_int_equal(h.call_count, 2);
    assert_int_equal(h.steps[h.step_count - 1].move, HISTORY_REVIEW);
    assert_int_equal(h.steps[h.step_count - 1].call, 0);
    assert_int_equal(h.steps[h.step_count - 2].move, HISTORY_CLOSE);
    assert_ok(history_of(&a_log, 2 * S, 50 * S + HISTORY_REVIEW_US, &arena, &h));
    assert_int_equal(h.call_count, 1); /* received before the span */
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_lives_in_order),
        cmocka_unit_test(the_call_back_comes_when_its_time_has_come),
    };
    return RUN(tests);
}
