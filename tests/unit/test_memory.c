/* arena, out and map: the three that hold memory. */
#include "base/arena.h"
#include "base/map.h"
#include "base/out.h"
#include "base/rand.h"
#include "test.h"

static void arena_is_zeroed_aligned_and_bounded(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 100000);
    for (int round = 0; round < 3; round++) {
        size_t taken = 0;
        for (size_t n = 1; n < 200; n += 7, taken++) {
            uint8_t *p = ARENA_NEW(&arena, uint8_t, n);
            assert_non_null(p);
            assert_int_equal((uintptr_t)p % 16, 0);
            for (size_t i = 0; i < n; i++)
                assert_int_equal(p[i], 0);
            memset(p, 0xAA, n);
        }
        uint8_t *big = arena_alloc(&arena, 1, 70000); /* more than a block */
        assert_non_null(big);
        memset(big, 0xBB, 70000);
        assert_null(arena_alloc(&arena, 1, 100000));
        assert_non_null(arena_alloc(&arena, 1, 16)); /* a refusal spoils nothing */
        assert_true(arena.used_bytes <= 100000);
        arena_reset(&arena);
        assert_int_equal(arena.used_bytes, 0);
    }
    assert_null(arena_alloc(&arena, SIZE_MAX, 2));
    assert_null(arena_alloc(&arena, 1, SIZE_MAX));
    arena_done(&arena);
    arena_done(&arena);
}

static void a_warm_arena_keeps_its_blocks(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 20);
    void *first = arena_alloc(&arena, 1, 10000), *second = arena_alloc(&arena, 1, 10000);
    arena_reset(&arena);
    assert_ptr_equal(arena_alloc(&arena, 1, 10000), first);
    assert_ptr_equal(arena_alloc(&arena, 1, 10000), second);
    arena_done(&arena);
}

static void arena_copies_text(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 64);
    struct str s = arena_dup(&arena, STR("安网"));
    assert_string_equal(s.p, "安网");
    assert_int_equal(arena_dup(&arena, str_of(NULL)).len, 0);
    s = arena_printf(&arena, "%s-%d", "unit", 7);
    assert_string_equal(s.p, "unit-7");
    assert_null(arena_printf(&arena, "%050d", 1).p);
    assert_null(arena_dup(&arena, STR("0123456789012345678901234567890123456789")).p);
    arena_done(&arena);
}

static void out_writes_numbers(void **state)
{
    (void)state;
    struct out out;
    out_init(&out, 4096);
    out_u64(&out, UINT64_MAX);
    out_byte(&out, ' ');
    out_i64(&out, INT64_MIN);
    out_c(&out, " ");
    out_fixed(&out, 375, 2);
    out_c(&out, " ");
    out_fixed(&out, -5, 2);
    out_c(&out, " ");
    out_fixed(&out, 0, 0);
    out_c(&out, " ");
    out_fixed(&out, INT64_MIN, 18);
    out_printf(&out, " %s", "x");
    out_str(&out, STR("y"));
    assert_str(out_view(&out), "18446744073709551615 -9223372036854775808 3.75 -0.05 0 "
                               "-9.223372036854775808 xy");
    out_done(&out);
}

static void out_stops_at_its_limit(void **state)
{
    (void)state;
    struct out out;
    out_init(&out, 300);
    for (int i = 0; i < 300; i++)
        out_printf(&out, "%d", i % 10); /* the NUL of printf needs no room */
    assert_int_equal(out.err, OK);
    assert_int_equal(out.len, 300);
    out_byte(&out, 'x');
    assert_int_equal(out.err, ERR_LIMIT);
    out_bytes(&out, NULL, 0);
    assert_int_equal(out.len, 300);
    out_reset(&out);
    assert_int_equal(out.err, OK);
    out_bytes(&out, "0123456789", 10);
    assert_str(out_view(&out), "0123456789");
    out_printf(&out, "%0300d", 1);
    assert_int_equal(out.err, ERR_LIMIT);
    assert_int_equal(out.len, 10);
    out_c(&out, "a"); /* the first failure sticks, even where this would fit */
    assert_int_equal(out.len, 10);
    out_done(&out);
}

/* Random puts and removals against a plain table of all keys. */
static void map_agrees_with_a_table(void **state)
{
    (void)state;
    enum { KEYS = 500 };
    static uint32_t values[KEYS];
    static bool is_in[KEYS];
    struct rand r;
    rand_seed(&r, 2);
    struct map map;
    map_init(&map, KEYS);
    uint32_t value = 0, count = 0;
    assert_false(map_get(&map, 1, &value));
    assert_false(map_remove(&map, 1));
    for (int step = 0; step < 200000; step++) {
        uint32_t key = rand_below(&r, KEYS);
        uint64_t wide = (uint64_t)key << 40 | key;
        if (rand_below(&r, 2)) {
            assert_ok(map_put(&map, wide, (uint32_t)step));
            count += !is_in[key];
            values[key] = (uint32_t)step;
            is_in[key] = true;
        } else {
            assert_int_equal(map_remove(&map, wide), is_in[key]);
            count -= is_in[key];
            is_in[key] = false;
        }
        key = rand_below(&r, KEYS);
        assert_int_equal(map_get(&map, (uint64_t)key << 40 | key, &value), is_in[key]);
        assert_true(!is_in[key] || value == values[key]);
        assert_int_equal(map.count, count);
    }
    map_done(&map);
}

static void map_stops_at_its_limit(void **state)
{
    (void)state;
    struct map map;
    map_init(&map, 100);
    for (uint64_t key = 0; key < 100; key++)
        assert_ok(map_put(&map, key, (uint32_t)key));
    assert_int_equal(map_put(&map, 100, 1), ERR_LIMIT);
    assert_ok(map_put(&map, 99, 7)); /* replacing takes no place */
    uint32_t value = 0;
    assert_true(map_get(&map, 99, &value));
    assert_int_equal(value, 7);
    assert_false(map_get(&map, 100, &value));
    map_done(&map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_is_zeroed_aligned_and_bounded),
        cmocka_unit_test(a_warm_arena_keeps_its_blocks),
        cmocka_unit_test(arena_copies_text),
        cmocka_unit_test(out_writes_numbers),
        cmocka_unit_test(out_stops_at_its_limit),
        cmocka_unit_test(map_agrees_with_a_table),
        cmocka_unit_test(map_stops_at_its_limit),
    };
    return RUN(tests);
}
