/* The loop: timers, wake-ups from a thread, worker jobs, signals, children that come back. */
#include "net/child.h"
#include "net/loop.h"
#include "test.h"
#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

struct counts {
    struct loop *loop;
    struct loop_wake *wake;
    struct loop_timer *timer;
    int timer_count, wake_count, done_count, signal_count, ended_count;
    int64_t status;
    int ended_by;
};

static void on_timer(void *ctx)
{
    struct counts *c = ctx;
    if (++c->timer_count == 3)
        loop_timer_stop(c->timer);
}

static void test_timer(void **state)
{
    struct counts c = {.loop = loop_new()};
    int64_t from_us = net_mono_us();
    (void)state;
    c.timer = loop_timer_new(c.loop, on_timer, &c);
    loop_timer_start(c.timer, 10, 5);
    loop_run(c.loop);
    assert_int_equal(c.timer_count, 3);
    assert_true(net_mono_us() - from_us >= 19000);
    loop_timer_free(c.timer);
    loop_free(c.loop);
}

static void on_wake(void *ctx)
{
    struct counts *c = ctx;
    c->wake_count++;
    loop_stop(c->loop);
}

static void *waker(void *ctx)
{
    struct counts *c = ctx;
    for (int i = 0; i < 100; i++)
        loop_wake_send(c->wake);
    return NULL;
}

static void test_wake(void **state)
{
    struct counts c = {.loop = loop_new()};
    pthread_t thread;
    (void)state;
    c.wake = loop_wake_new(c.loop, on_wake, &c);
    assert_int_equal(pthread_create(&thread, NULL, waker, &c), 0);
    loop_run(c.loop);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_in_range(c.wake_count, 1, 100);
    loop_wake_free(c.wake);
    loop_free(c.loop);
}

struct job {
    struct counts *counts;
    int value;
};

static void job_run(void *ctx)
{
    struct job *job = ctx;
    job->value *= 2;
}

static void job_done(void *ctx)
{
    struct job *job = ctx;
    job->counts->done_count += job->value;
}

static void test_work(void **state)
{
    static struct job jobs[LOOP_MAX_WORK + 1];
    struct counts c = {.loop = loop_new()};
    (void)state;
    for (int i = 0; i < LOOP_MAX_WORK; i++) {
        jobs[i] = (struct job){&c, 1};
        assert_int_equal(loop_work(c.loop, job_run, job_done, &jobs[i]), OK);
    }
    assert_int_equal(loop_work(c.loop, job_run, job_done, &jobs[LOOP_MAX_WORK]), ERR_BUSY);
    loop_run(c.loop);
    assert_int_equal(c.done_count, 2 * LOOP_MAX_WORK);
    assert_int_equal(loop_work(c.loop, job_run, job_done, &jobs[0]), OK);
    loop_free(c.loop); /* waits for what is under way */
    assert_int_equal(c.done_count, 2 * LOOP_MAX_WORK + 4);
}

static void on_signal(void *ctx, int signal_number)
{
    struct counts *c = ctx;
    assert_int_equal(signal_number, SIGUSR1);
    c->signal_count++;
}

static void test_signal(void **state)
{
    struct counts c = {.loop = loop_new()};
    (void)state;
    assert_int_equal(loop_on_signal(c.loop, SIGUSR1, on_signal, &c), OK);
    assert_int_equal(raise(SIGUSR1), 0);
    for (int i = 0; i < 100 && !c.signal_count; i++)
        loop_turn(c.loop, 10);
    assert_int_equal(c.signal_count, 1);
    loop_free(c.loop);
}

static size_t give_pipe(void *ctx, struct child *child, int ret_fds[CHILD_MAX_FDS])
{
    int *write_end = ctx;
    (void)child;
    ret_fds[0] = *write_end;
    return 1;
}

static void test_child_restarts_with_fd(void **state)
{
    static const char *const argv[] = {"sh", "-c", "echo hello >&3; exit 7", NULL};
    int fds[2];
    char text[100] = "";
    size_t len = 0;
    struct loop *loop = loop_new();
    (void)state;
    assert_int_equal(pipe(fds), 0);
    struct child_plan plan = {"/bin/sh", argv, 1, 4};
    struct child_calls calls = {.prepare = give_pipe};
    struct child *child = child_new(loop, &plan, &calls, &fds[1]);
    for (int i = 0; i < 1000 && child_start_count(child) < 4; i++)
        loop_turn(loop, 20);
    assert_int_equal(child_start_count(child), 4);
    child_free(child);
    loop_free(loop);
    len = (size_t)read(fds[0], text, sizeof text - 1);
    assert_true(len >= 18);
    assert_memory_equal(text, "hello\nhello\nhello\n", 18);
    (void)close(fds[0]);
    (void)close(fds[1]);
}

static void on_ended(void *ctx, struct child *child, int64_t status, int signal_number)
{
    struct counts *c = ctx;
    (void)child;
    c->ended_count++;
    c->status = status;
    c->ended_by = signal_number;
}

static void wait_for_end(struct counts *c)
{
    for (int i = 0; i < 500 && !c->ended_count; i++)
        loop_turn(c->loop, 20);
    assert_int_equal(c->ended_count, 1);
}

static void test_child_ends(void **state)
{
    static const char *const deaf[] = {"sh", "-c", "trap '' TERM; while :; do sleep 0.05; done",
                                       NULL};
    static const char *const none[] = {"none", NULL};
    struct counts c = {.loop = loop_new()};
    struct child_calls calls = {.ended = on_ended};
    (void)state;
    struct child_plan plan = {"/nonexistent/program", none, 0, 0};
    struct child *child = child_new(c.loop, &plan, &calls, &c);
    wait_for_end(&c);
    assert_int_equal(c.status, 127);
    assert_int_equal(child_pid(child), 0);
    child_free(child);
    c.ended_count = 0;
    plan = (struct child_plan){"/bin/sh", deaf, 1, 1};
    child = child_new(c.loop, &plan, &calls, &c);
    assert_true(child_pid(child) > 0);
    for (int i = 0; i < 5; i++)
        loop_turn(c.loop, 20);
    child_stop(child, 30);
    wait_for_end(&c);
    assert_int_equal(c.ended_by, SIGKILL);
    assert_int_equal(child_start_count(child), 1);
    child_free(child);
    loop_free(c.loop);
}

static void test_replay_clock(void **state)
{
    int64_t origin_us = net_mono_us();
    (void)state;
    assert_true(net_now_utc_us() > 1700000000LL * 1000000);
    net_clock_replay(1000000, 100, origin_us - 50000);
    assert_in_range(net_now_utc_us(), 1000000 + 5000000, 1000000 + 5000000 + 100000000);
    net_clock_replay(0, 0, 0);
}

static void test_own_addresses(void **state)
{
    char texts[8][NET_ADDRESS_CAP];
    size_t count = net_own_addresses(texts, 8);
    (void)state;
    assert_in_range(count, 0, 8);
    for (size_t i = 0; i < count; i++) {
        uint8_t bytes[16];
        assert_true(inet_pton(AF_INET, texts[i], bytes) == 1 ||
                    inet_pton(AF_INET6, texts[i], bytes) == 1);
        assert_true(strcmp(texts[i], "127.0.0.1") != 0 && strcmp(texts[i], "::1") != 0);
    }
    assert_int_equal(net_own_addresses(texts, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_timer),
        cmocka_unit_test(test_wake),
        cmocka_unit_test(test_work),
        cmocka_unit_test(test_signal),
        cmocka_unit_test(test_child_restarts_with_fd),
        cmocka_unit_test(test_child_ends),
        cmocka_unit_test(test_replay_clock),
        cmocka_unit_test(test_own_addresses),
    };
    return RUN(tests);
}
