/* Channels: order, back-pressure, latest-wins, fd passing, peer death, freeing from inside. */
#include "net/channel.h"
#include "net/memfd.h"
#include "test.h"
#include <sys/socket.h>
#include <unistd.h>

#define MAX_GOT 10000
#define TURNS 2000

struct side {
    struct channel *channel;
    uint64_t got[MAX_GOT]; /* correlation ids in order */
    char last_body[64];
    size_t got_count, got_bytes;
    int got_fd;
    int writable_count, closed_count;
    enum err why;
    bool frees_on_frame, pauses_on_frame;
};

struct pair {
    struct loop *loop;
    struct side a, b;
};

static void on_frame(void *ctx, struct channel *channel, const struct frame *frame, int fd)
{
    struct side *side = ctx;
    assert_ptr_equal(channel, side->channel);
    assert_in_range(side->got_count, 0, MAX_GOT - 1);
    side->got[side->got_count++] = frame->correlation;
    side->got_bytes += frame->body.len;
    (void)str_copy(frame->body, side->last_body, sizeof side->last_body);
    if (fd >= 0)
        side->got_fd = fd;
    if (side->pauses_on_frame)
        channel_pause(channel, true);
    if (side->frees_on_frame) {
        channel_free(channel);
        side->channel = NULL;
    }
}

static void on_writable(void *ctx, struct channel *channel)
{
    struct side *side = ctx;
    (void)channel;
    side->writable_count++;
}

static void on_closed(void *ctx, struct channel *channel, enum err why)
{
    struct side *side = ctx;
    side->closed_count++;
    side->why = why;
    channel_free(channel);
    side->channel = NULL;
}

static const struct channel_calls calls = {on_frame, on_writable, on_closed};

static struct pair *open_pair(const struct channel_limits *limits)
{
    struct pair *pair = calloc(1, sizeof *pair);
    int fds[2] = {-1, -1};
    assert_non_null(pair);
    pair->loop = loop_new();
    pair->a.got_fd = pair->b.got_fd = -1;
    assert_int_equal(channel_pair(fds), OK);
    pair->a.channel = channel_new(pair->loop, fds[0], limits, &calls, &pair->a);
    pair->b.channel = channel_new(pair->loop, fds[1], limits, &calls, &pair->b);
    return pair;
}

static void close_pair(struct pair *pair)
{
    channel_free(pair->a.channel);
    channel_free(pair->b.channel);
    loop_free(pair->loop);
    free(pair);
}

static void turns(struct pair *pair, int count)
{
    for (int i = 0; i < count; i++)
        loop_turn(pair->loop, 0);
}

static void test_order_and_large(void **state)
{
    struct pair *pair = open_pair(NULL);
    size_t body_bytes = 300000;
    char *body = calloc(1, body_bytes);
    (void)state;
    for (uint64_t i = 0; i < 20; i++) {
        struct frame frame = {
            .type = 1, .correlation = i, .body = {body, i % 5 == 4 ? body_bytes : (size_t)i}};
        assert_int_equal(channel_send(pair->a.channel, &frame), OK);
    }
    for (int i = 0; i < TURNS && pair->b.got_count < 20; i++)
        loop_turn(pair->loop, 10);
    assert_int_equal(pair->b.got_count, 20);
    for (uint64_t i = 0; i < 20; i++)
        assert_int_equal(pair->b.got[i], i);
    assert_int_equal(channel_queued_bytes(pair->a.channel), 0);
    free(body);
    close_pair(pair);
}

static void test_back_pressure(void **state)
{
    struct channel_limits limits = {.body_bytes = 1000, .queue_bytes = 600000, .latest_count = 4};
    struct pair *pair = open_pair(&limits);
    char body[1001] = {0};
    struct frame frame = {.type = 1, .body = {body, 1001}};
    size_t sent = 0;
    enum err err = OK;
    (void)state;
    assert_int_equal(channel_send(pair->a.channel, &frame), ERR_LIMIT);
    frame.body.len = 1000;
    channel_pause(pair->b.channel, true);
    while ((err = channel_send(pair->a.channel, &frame)) == OK) {
        sent++;
        frame.correlation = sent;
    }
    assert_int_equal(err, ERR_BUSY);
    assert_int_equal(sent, 600000 / 1016);
    turns(pair, 5);
    assert_int_equal(pair->b.got_count, 0);
    channel_pause(pair->b.channel, false);
    for (int i = 0; i < TURNS && pair->b.got_count < sent; i++)
        loop_turn(pair->loop, 10);
    assert_int_equal(pair->b.got_count, sent);
    assert_int_equal(pair->a.writable_count, 1);
    close_pair(pair);
}

static void test_latest_wins(void **state)
{
    struct channel_limits limits = {.body_bytes = 100, .queue_bytes = 10000, .latest_count = 3};
    struct pair *pair = open_pair(&limits);
    struct frame frame = {.type = 2};
    (void)state;
    for (uint64_t round = 0; round < 10; round++) {
        for (uint64_t key = 0; key < 3; key++) {
            frame.correlation = round * 10 + key;
            assert_int_equal(channel_latest(pair->a.channel, &frame, key), OK);
        }
    }
    assert_int_equal(channel_latest(pair->a.channel, &frame, 77), ERR_BUSY);
    struct frame first = {.type = 1, .correlation = 1000};
    assert_int_equal(channel_send(pair->a.channel, &first), OK);
    turns(pair, 5);
    assert_int_equal(pair->b.got_count, 4);
    assert_int_equal(pair->b.got[0], 1000); /* the ordered class goes first */
    for (uint64_t key = 0; key < 3; key++)
        assert_int_equal(pair->b.got[1 + key], 90 + key);
    close_pair(pair);
}

static void test_fd(void **state)
{
    struct pair *pair = open_pair(NULL);
    int fd = -1;
    struct str view;
    (void)state;
    assert_int_equal(memfd_of(STR("a photo"), &fd), OK);
    struct frame before = {.type = 1, .correlation = 1, .body = STR("before")};
    struct frame photo = {.type = 2, .correlation = 2, .body = STR("photo")};
    assert_int_equal(channel_send(pair->a.channel, &before), OK);
    assert_int_equal(channel_send_fd(pair->a.channel, &photo, fd), OK);
    turns(pair, 5);
    assert_int_equal(pair->b.got_count, 2);
    assert_string_equal(pair->b.last_body, "photo");
    assert_true(pair->b.got_fd >= 0);
    assert_int_equal(memfd_map(pair->b.got_fd, 3, &view), ERR_LIMIT);
    assert_int_equal(memfd_map(pair->b.got_fd, 100, &view), OK);
    assert_true(str_eq_c(view, "a photo"));
    memfd_unmap(view);
    assert_int_equal(write(pair->b.got_fd, "x", 1), -1);
    (void)close(pair->b.got_fd);
    assert_int_equal(memfd_open(&fd), OK);
    assert_int_equal(memfd_map(fd, 100, &view), ERR_DENIED);
    (void)close(fd);
    close_pair(pair);
}

static void test_frame_without_its_fd(void **state)
{
    struct loop *loop = loop_new();
    struct side side = {.got_fd = -1};
    int fds[2];
    uint8_t head[FRAME_HEAD_BYTES];
    struct frame frame = {.type = 1, .flags = FRAME_WITH_FD};
    (void)state;
    assert_int_equal(channel_pair(fds), OK);
    side.channel = channel_new(loop, fds[0], NULL, &calls, &side);
    frame_head(&frame, head);
    assert_int_equal(send(fds[1], head, sizeof head, 0), sizeof head);
    loop_turn(loop, 100);
    assert_int_equal(side.closed_count, 1);
    assert_int_equal(side.why, ERR_CORRUPT);
    (void)close(fds[1]);
    loop_free(loop);
}

static void test_peer_death(void **state)
{
    struct pair *pair = open_pair(NULL);
    struct frame frame = {.type = 1, .correlation = 5};
    (void)state;
    assert_int_equal(channel_send(pair->a.channel, &frame), OK);
    channel_free(pair->a.channel); /* writes out what waits */
    pair->a.channel = NULL;
    turns(pair, 5);
    assert_int_equal(pair->b.got_count, 1);
    assert_int_equal(pair->b.closed_count, 1);
    assert_int_equal(pair->b.why, ERR_IO);
    close_pair(pair);
}

static void test_oversize_from_peer(void **state)
{
    struct channel_limits limits = {.body_bytes = 10, .queue_bytes = 1000, .latest_count = 4};
    struct loop *loop = loop_new();
    struct side small = {.got_fd = -1}, large = {.got_fd = -1};
    struct frame frame = {.type = 1, .body = STR("eleven bytes")};
    int fds[2];
    (void)state;
    assert_int_equal(channel_pair(fds), OK);
    small.channel = channel_new(loop, fds[0], &limits, &calls, &small);
    large.channel = channel_new(loop, fds[1], NULL, &calls, &large);
    assert_int_equal(channel_send(large.channel, &frame), OK);
    for (int i = 0; i < 5; i++)
        loop_turn(loop, 0);
    assert_int_equal(small.closed_count, 1);
    assert_int_equal(small.why, ERR_LIMIT);
    assert_int_equal(large.closed_count, 1);
    loop_free(loop);
}

static void test_free_and_pause_from_inside(void **state)
{
    struct pair *pair = open_pair(NULL);
    struct frame frame = {.type = 1};
    (void)state;
    pair->b.pauses_on_frame = true;
    for (uint64_t i = 0; i < 3; i++) {
        frame.correlation = i;
        assert_int_equal(channel_send(pair->a.channel, &frame), OK);
    }
    turns(pair, 5);
    assert_int_equal(pair->b.got_count, 1);
    channel_pause(pair->b.channel, false);
    turns(pair, 5);
    assert_int_equal(pair->b.got_count, 2);
    pair->b.pauses_on_frame = false;
    pair->b.frees_on_frame = true;
    channel_pause(pair->b.channel, false);
    turns(pair, 5);
    assert_int_equal(pair->b.got_count, 3);
    assert_int_equal(pair->a.closed_count, 1);
    close_pair(pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_and_large),
        cmocka_unit_test(test_back_pressure),
        cmocka_unit_test(test_latest_wins),
        cmocka_unit_test(test_fd),
        cmocka_unit_test(test_frame_without_its_fd),
        cmocka_unit_test(test_peer_death),
        cmocka_unit_test(test_oversize_from_peer),
        cmocka_unit_test(test_free_and_pause_from_inside),
    };
    return RUN(tests);
}
