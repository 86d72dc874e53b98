#include "net/loop.h"

#include "net/loop_priv.h"
#include <assert.h>
#include <signal.h>
#include <sys/resource.h>

#define LOOP_MAX_SIGNALS 8

struct loop_signal {
    uv_signal_t handle;
    loop_signal_fn fn;
    void *ctx;
};

struct loop {
    uv_loop_t uv;
    uv_prepare_t before_sleep;
    uv_timer_t turn_limit;
    struct loop_flush flushes; /* head of a ring */
    struct loop_signal signals[LOOP_MAX_SIGNALS];
    size_t signal_count;
    uint32_t work_count;
};

void *net_new(size_t n, size_t size)
{
    void *p = calloc(n, size);
    if (!p)
        abort();
    return p;
}

uv_loop_t *loop_uv(struct loop *loop)
{
    return &loop->uv;
}

int64_t loop_now_ms(struct loop *loop)
{
    return (int64_t)uv_now(&loop->uv);
}

void loop_flush_later(struct loop *loop, struct loop_flush *flush)
{
    struct loop_flush *head = &loop->flushes;
    if (flush->next)
        return;
    flush->prev = head->prev;
    flush->next = head;
    head->prev->next = flush;
    head->prev = flush;
}

void loop_flush_cancel(struct loop_flush *flush)
{
    if (!flush->next)
        return;
    flush->prev->next = flush->next;
    flush->next->prev = flush->prev;
    flush->next = flush->prev = NULL;
}

static void before_sleep(uv_prepare_t *handle)
{
    struct loop *loop = handle->data;
    struct loop_flush *head = &loop->flushes;
    while (head->next != head) {
        struct loop_flush *flush = head->next;
        loop_flush_cancel(flush);
        flush->fn(flush);
    }
}

static void process_once(void)
{
    static bool is_done;
    struct rlimit files;
    if (is_done)
        return;
    is_done = true;
    (void)signal(SIGPIPE, SIG_IGN);
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
}

struct loop *loop_new(void)
{
    struct loop *loop = net_new(1, sizeof *loop);
    process_once();
    if (uv_loop_init(&loop->uv))
        abort();
    loop->flushes.next = loop->flushes.prev = &loop->flushes;
    (void)uv_prepare_init(&loop->uv, &loop->before_sleep);
    loop->before_sleep.data = loop;
    (void)uv_prepare_start(&loop->before_sleep, before_sleep);
    uv_unref((uv_handle_t *)&loop->before_sleep);
    (void)uv_timer_init(&loop->uv, &loop->turn_limit);
    uv_unref((uv_handle_t *)&loop->turn_limit);
    return loop;
}

void loop_free(struct loop *loop)
{
    if (!loop)
        return;
    for (size_t i = 0; i < loop->signal_count; i++)
        uv_close((uv_handle_t *)&loop->signals[i].handle, NULL);
    uv_close((uv_handle_t *)&loop->turn_limit, NULL);
    while (loop->work_count) /* workers hold pointers into the loop */
        (void)uv_run(&loop->uv, UV_RUN_ONCE);
    uv_close((uv_handle_t *)&loop->before_sleep, NULL);
    (void)uv_run(&loop->uv, UV_RUN_DEFAULT);
    int rc = uv_loop_close(&loop->uv);
    assert(rc == 0 && "an object of the loop was not freed before it");
    (void)rc;
    free(loop);
}

void loop_run(struct loop *loop)
{
    (void)uv_run(&loop->uv, UV_RUN_DEFAULT);
}

void loop_stop(struct loop *loop)
{
    uv_stop(&loop->uv);
}

static void turn_over(uv_timer_t *handle)
{
    uv_stop(handle->loop); /* due before the loop slept: then it must not sleep */
}

void loop_turn(struct loop *loop, int64_t wait_ms)
{
    uv_update_time(&loop->uv);
    (void)uv_timer_start(&loop->turn_limit, turn_over, wait_ms > 0 ? (uint64_t)wait_ms : 0, 0);
    uv_ref((uv_handle_t *)&loop->turn_limit);
    (void)uv_run(&loop->uv, UV_RUN_ONCE);
    uv_unref((uv_handle_t *)&loop->turn_limit);
    (void)uv_timer_stop(&loop->turn_limit);
}

/* -- Timers ------------------------------------------------------------------------------------ */

struct loop_timer {
    uv_timer_t handle;
    loop_fn fn;
    void *ctx;
};

static void timer_due(uv_timer_t *handle)
{
    struct loop_timer *timer = handle->data;
    timer->fn(timer->ctx);
}

struct loop_timer *loop_timer_new(struct loop *loop, loop_fn fn, void *ctx)
{
    struct loop_timer *timer = net_new(1, sizeof *timer);
    timer->fn = fn;
    timer->ctx = ctx;
    (void)uv_timer_init(&loop->uv, &timer->handle);
    timer->handle.data = timer;
    return timer;
}

void loop_timer_start(struct loop_timer *timer, int64_t after_ms, int64_t every_ms)
{
    assert(after_ms >= 0 && every_ms >= 0);
    uv_update_time(timer->handle.loop);
    (void)uv_timer_start(&timer->handle, timer_due, (uint64_t)after_ms, (uint64_t)every_ms);
}

void loop_timer_stop(struct loop_timer *timer)
{
    (void)uv_timer_stop(&timer->handle);
}

static void free_handle_owner(uv_handle_t *handle)
{
    free(handle->data);
}

void loop_timer_free(struct loop_timer *timer)
{
    if (timer)
        uv_close((uv_handle_t *)&timer->handle, free_handle_owner);
}

/* -- Wake-ups ---------------------------------------------------------------------------------- */

struct loop_wake {
    uv_async_t handle;
    loop_fn fn;
    void *ctx;
};

static void woken(uv_async_t *handle)
{
    struct loop_wake *wake = handle->data;
    wake->fn(wake->ctx);
}

struct loop_wake *loop_wake_new(struct loop *loop, loop_fn fn, void *ctx)
{
    struct loop_wake *wake = net_new(1, sizeof *wake);
    wake->fn = fn;
    wake->ctx = ctx;
    if (uv_async_init(&loop->uv, &wake->handle, woken))
        abort();
    wake->handle.data = wake;
    return wake;
}

void loop_wake_send(struct loop_wake *wake)
{
    (void)uv_async_send(&wake->handle);
}

void loop_wake_free(struct loop_wake *wake)
{
    if (wake)
        uv_close((uv_handle_t *)&wake->handle, free_handle_owner);
}

/* -- Work -------------------------------------------------------------------------------------- */

struct loop_job {
    uv_work_t request;
    struct loop *loop;
    loop_fn run, done;
    void *job;
};

static void work_run(uv_work_t *request)
{
    struct loop_job *work = request->data;
    work->run(work->job);
}

static void work_done(uv_work_t *request, int status)
{
    struct loop_job *work = request->data;
    (void)status; /* never cancelled */
    work->loop->work_count--;
    work->done(work->job);
    free(work);
}

enum err loop_work(struct loop *loop, loop_fn run, loop_fn done, void *job)
{
    if (loop->work_count >= LOOP_MAX_WORK)
        return ERR_BUSY;
    struct loop_job *work = net_new(1, sizeof *work);
    *work = (struct loop_job){.loop = loop, .run = run, .done = done, .job = job};
    work->request.data = work;
    loop->work_count++;
    (void)uv_queue_work(&loop->uv, &work->request, work_run, work_done);
    return OK;
}

/* -- Signals ----------------------------------------------------------------------------------- */

static void signal_came(uv_signal_t *handle, int signal_number)
{
    struct loop_signal *sig = handle->data;
    sig->fn(sig->ctx, signal_number);
}

enum err loop_on_signal(struct loop *loop, int signal_number, loop_signal_fn fn, void *ctx)
{
    if (loop->signal_count == LOOP_MAX_SIGNALS)
        return ERR_LIMIT;
    struct loop_signal *sig = &loop->signals[loop->signal_count];
    if (uv_signal_init(&loop->uv, &sig->handle))
        return ERR_IO;
    loop->signal_count++;
    sig->fn = fn;
    sig->ctx = ctx;
    sig->handle.data = sig;
    uv_unref((uv_handle_t *)&sig->handle);
    return uv_signal_start(&sig->handle, signal_came, signal_number) ? ERR_IO : OK;
}
