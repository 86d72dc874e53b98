#include "base/cursor.h"
#include "base/out.h"
#include "base/rand.h"
#include "test.h"

static void reads_what_out_wrote(void **state)
{
    (void)state;
    struct rand r;
    rand_seed(&r, 1);
    struct out out;
    out_init(&out, 1 << 20);
    uint64_t values[2000];
    for (size_t i = 0; i < 2000; i++) {
        uint64_t bits = (uint64_t)rand_u32(&r) << 32 | rand_u32(&r);
        values[i] = i == 0 ? UINT64_MAX : i == 1 ? 0 : bits >> rand_below(&r, 64);
        out_varint(&out, values[i]);
        out_zigzag(&out, (int64_t)values[i]);
        out_le(&out, values[i], (int)(i % 8) + 1);
    }
    struct cursor c = cursor_of(out.p, out.len);
    for (size_t i = 0; i < 2000; i++) {
        int n_bytes = (int)(i % 8) + 1;
        uint64_t mask = n_bytes == 8 ? UINT64_MAX : (1ull << 8 * n_bytes) - 1;
        assert_true(cursor_varint(&c) == values[i]);
        assert_true(cursor_zigzag(&c) == (int64_t)values[i]);
        assert_true(cursor_le(&c, n_bytes) == (values[i] & mask));
    }
    assert_int_equal(c.err, OK);
    assert_int_equal(c.left, 0);
    out_done(&out);
}

static void the_first_failure_sticks(void **state)
{
    (void)state;
    struct cursor c = cursor_of("\x01\x02\x03", 3);
    assert_int_equal(cursor_be32(&c), 0);
    assert_int_equal(c.err, ERR_MORE);
    assert_int_equal(c.left, 3);
    assert_int_equal(cursor_u8(&c), 0);
    assert_int_equal(cursor_take(&c, 1).len, 0);
    assert_int_equal(cursor_line(&c).len, 0);
    assert_int_equal(c.err, ERR_MORE);

    c = cursor_of("\x01\x02\x03\x04\x05", 5);
    assert_int_equal(cursor_be32(&c), 0x01020304);
    assert_int_equal(cursor_u8(&c), 5);
    assert_int_equal(c.err, OK);
    assert_int_equal(cursor_take(&c, SIZE_MAX).len, 0);
    assert_int_equal(c.err, ERR_MORE);
}

static void refuses_long_varints(void **state)
{
    (void)state;
    struct cursor c = cursor_of("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", 10);
    assert_true(cursor_varint(&c) == UINT64_MAX);
    assert_int_equal(c.err, OK);
    c = cursor_of("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02", 10);
    assert_true(cursor_varint(&c) == 0);
    assert_int_equal(c.err, ERR_SYNTAX);
    c = cursor_of("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00", 11);
    (void)cursor_varint(&c);
    assert_int_equal(c.err, ERR_SYNTAX);
    c = cursor_of("\x80\x80", 2);
    (void)cursor_varint(&c);
    assert_int_equal(c.err, ERR_MORE);
}

static void reads_lines(void **state)
{
    (void)state;
    static const char text[] = "one\r\n\ntwo\r\r\nlast";
    struct cursor c = cursor_of(text, sizeof text - 1);
    assert_str(cursor_line(&c), "one");
    assert_str(cursor_line(&c), "");
    assert_str(cursor_line(&c), "two\r");
    assert_str(cursor_line(&c), "last");
    assert_int_equal(c.err, OK);
    assert_int_equal(c.left, 0);
    (void)cursor_line(&c);
    assert_int_equal(c.err, ERR_MORE);
    c = cursor_of(NULL, 0);
    (void)cursor_line(&c);
    assert_int_equal(c.err, ERR_MORE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_out_wrote),
        cmocka_unit_test(the_first_failure_sticks),
        cmocka_unit_test(refuses_long_varints),
        cmocka_unit_test(reads_lines),
    };
    return RUN(tests);
}
