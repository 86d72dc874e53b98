#include "net/child.h"

#include "net/loop_priv.h"
#include <assert.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#define LIVED_LONG_US (10 * 1000000LL)

struct child {
    uv_process_t process;
    uv_timer_t timer; /* restart, or the grace of a stop */
    struct loop *loop;
    struct child_plan plan;
    struct child_calls calls;
    void *ctx;
    int64_t pid, started_us;
    int32_t wait_ms;
    uint32_t start_count;
    bool is_stopping, is_freed;
    int open_handles;
};

static void start(struct child *child);

static void on_timer(uv_timer_t *timer)
{
    struct child *child = timer->data;
    if (child->is_stopping)
        child_signal(child, SIGKILL);
    else
        start(child);
}

static void handle_closed(uv_handle_t *handle)
{
    struct child *child = handle->data;
    if (--child->open_handles == 0 && child->is_freed)
        free(child);
}

static void over(struct child *child, int64_t status, int signal_number)
{
    (void)uv_timer_stop(&child->timer);
    if (child->calls.ended)
        child->calls.ended(child->ctx, child, status, signal_number);
    if (child->is_stopping || child->is_freed || child->plan.restart_max_ms == 0)
        return;
    if (net_mono_us() - child->started_us >= LIVED_LONG_US)
        child->wait_ms = child->plan.restart_min_ms;
    (void)uv_timer_start(&child->timer, on_timer, (uint64_t)child->wait_ms, 0);
    child->wait_ms = child->wait_ms * 2 < child->plan.restart_max_ms ? child->wait_ms * 2
                                                                     : child->plan.restart_max_ms;
}

static void on_exit_of_child(uv_process_t *process, int64_t status, int signal_number)
{
    struct child *child = process->data;
    child->pid = 0;
    uv_close((uv_handle_t *)process, handle_closed);
    if (!child->is_freed)
        over(child, status, signal_number);
}

static void on_failed_start(uv_timer_t *timer)
{
    over(timer->data, 127, 0);
}

static void start(struct child *child)
{
    int fds[CHILD_MAX_FDS];
    uv_stdio_container_t stdio[3 + CHILD_MAX_FDS];
    size_t fd_count = child->calls.prepare ? child->calls.prepare(child->ctx, child, fds) : 0;
    assert(fd_count <= CHILD_MAX_FDS);
    for (int i = 0; i < 3; i++)
        stdio[i] = (uv_stdio_container_t){.flags = UV_INHERIT_FD, .data.fd = i};
    for (size_t i = 0; i < fd_count; i++)
        stdio[3 + i] = (uv_stdio_container_t){.flags = UV_INHERIT_FD, .data.fd = fds[i]};
    union { /* libuv's argv is not const, and is not written to */
        const char *const *in;
        char **out;
    } argv = {.in = child->plan.argv};
    uv_process_options_t options = {.exit_cb = on_exit_of_child,
                                    .file = child->plan.file,
                                    .args = argv.out,
                                    .stdio = stdio,
                                    .stdio_count = 3 + (int)fd_count};
    child->start_count++;
    child->started_us = net_mono_us();
    child->process.data = child;
    child->open_handles++;
    if (uv_spawn(loop_uv(child->loop), &child->process, &options)) {
        uv_close((uv_handle_t *)&child->process, handle_closed);
        (void)uv_timer_start(&child->timer, on_failed_start, 0, 0);
        return;
    }
    child->pid = child->process.pid;
    if (child->calls.started)
        child->calls.started(child->ctx, child, child->pid);
}

struct child *child_new(struct loop *loop, const struct child_plan *plan,
                        const struct child_calls *calls, void *ctx)
{
    struct child *child = net_new(1, sizeof *child);
    assert(plan->restart_min_ms <= plan->restart_max_ms);
    child->loop = loop;
    child->plan = *plan;
    child->calls = *calls;
    child->ctx = ctx;
    child->wait_ms = plan->restart_min_ms;
    (void)uv_timer_init(loop_uv(loop), &child->timer);
    child->timer.data = child;
    child->open_handles = 1;
    start(child);
    return child;
}

int64_t child_pid(const struct child *child)
{
    return child->pid;
}

uint32_t child_start_count(const struct child *child)
{
    return child->start_count;
}

void child_signal(struct child *child, int signal_number)
{
    if (child->pid)
        (void)uv_process_kill(&child->process, signal_number);
}

void child_stop(struct child *child, int64_t grace_ms)
{
    child->is_stopping = true;
    (void)uv_timer_stop(&child->timer);
    if (!child->pid)
        return;
    child_signal(child, SIGTERM);
    (void)uv_timer_start(&child->timer, on_timer, (uint64_t)grace_ms, 0);
}

void child_free(struct child *child)
{
    if (!child || child->is_freed)
        return;
    child->is_freed = true;
    child_signal(child, SIGKILL);
    uv_close((uv_handle_t *)&child->timer, handle_closed);
}

void child_die_with_parent(void)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
}
