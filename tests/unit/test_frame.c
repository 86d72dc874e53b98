/* Frames: any split gives the same frames, limits hold, what is written is read back. */
#include "base/out.h"
#include "base/rand.h"
#include "net/frame.h"
#include "test.h"

#define FRAME_COUNT 200
#define MAX_BODY 300

static void put(struct out *out, const struct frame *frame)
{
    uint8_t head[FRAME_HEAD_BYTES];
    frame_head(frame, head);
    out_bytes(out, head, sizeof head);
    out_str(out, frame->body);
}

static void test_layout(void **state)
{
    struct out out;
    struct frame frame = {
        .type = 0x0102, .flags = 3, .correlation = 0x1122334455667788u, .body = STR("hello")};
    static const uint8_t want[] = {5,    0,    0,    0,    2,    1,   3,   0,   0x88, 0x77, 0x66,
                                   0x55, 0x44, 0x33, 0x22, 0x11, 'h', 'e', 'l', 'l',  'o'};
    (void)state;
    out_init(&out, 100);
    put(&out, &frame);
    assert_int_equal(out.len, sizeof want);
    assert_memory_equal(out.p, want, sizeof want);
    out_done(&out);
}

static void test_needs_more_byte_by_byte(void **state)
{
    struct out out;
    struct frame frame = {.type = 7, .correlation = 9, .body = STR("0123456789")}, got;
    size_t used = 99, need = 0;
    (void)state;
    out_init(&out, 100);
    put(&out, &frame);
    for (size_t n = 0; n < out.len; n++) {
        struct str part = {(const char *)out.p, n};
        assert_int_equal(frame_read(part, 10, &got, &used, &need), ERR_MORE);
        assert_int_equal(used, 99);
        assert_int_equal(need, n < FRAME_HEAD_BYTES ? FRAME_HEAD_BYTES : out.len);
    }
    assert_int_equal(frame_read(out_view(&out), 10, &got, &used, &need), OK);
    assert_int_equal(used, out.len);
    assert_int_equal(got.type, 7);
    assert_int_equal(got.correlation, 9);
    assert_true(str_eq_c(got.body, "0123456789"));
    assert_int_equal(frame_read(out_view(&out), 9, &got, &used, &need), ERR_LIMIT);
    out_done(&out);
}

/* Feeds `bytes` in random pieces to a reader that keeps the unread rest, as the channel does. */
static void check_split(struct rand *rand, struct str bytes, const uint32_t *sizes)
{
    struct out rest;
    size_t at = 0, count = 0;
    out_init(&rest, 1u << 20);
    while (at < bytes.len) {
        size_t piece = 1 + rand_below(rand, 400);
        if (piece > bytes.len - at)
            piece = bytes.len - at;
        out_bytes(&rest, bytes.p + at, piece);
        at += piece;
        struct frame frame;
        size_t used = 0, need = 0, from = 0;
        while (frame_read(str_from(out_view(&rest), from), MAX_BODY, &frame, &used, &need) == OK) {
            assert_int_equal(frame.correlation, count);
            assert_int_equal(frame.type, count % 11);
            assert_int_equal(frame.body.len, sizes[count]);
            for (size_t i = 0; i < frame.body.len; i++)
                assert_int_equal((uint8_t)frame.body.p[i], (uint8_t)(count + i));
            count++;
            from += used;
        }
        memmove(rest.p, rest.p + from, rest.len - from);
        rest.len -= from;
    }
    assert_int_equal(count, FRAME_COUNT);
    assert_int_equal(rest.len, 0);
    out_done(&rest);
}

static void test_any_split(void **state)
{
    struct rand rand;
    struct out out;
    uint32_t sizes[FRAME_COUNT];
    (void)state;
    rand_seed(&rand, 20261123);
    out_init(&out, 1u << 20);
    for (uint32_t n = 0; n < FRAME_COUNT; n++) {
        char body[MAX_BODY];
        sizes[n] = rand_below(&rand, 4) ? rand_below(&rand, MAX_BODY + 1) : 0;
        for (uint32_t i = 0; i < sizes[n]; i++)
            body[i] = (char)(uint8_t)(n + i);
        struct frame frame = {
            .type = (uint16_t)(n % 11), .correlation = n, .body = {body, sizes[n]}};
        put(&out, &frame);
    }
    for (int round = 0; round < 50; round++)
        check_split(&rand, out_view(&out), sizes);
    out_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layout),
        cmocka_unit_test(test_needs_more_byte_by_byte),
        cmocka_unit_test(test_any_split),
    };
    return RUN(tests);
}
