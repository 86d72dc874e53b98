#include "main/monitor.h"

#include "base/log.h"
#include "main/process.h"
#include "net/child.h"

#include <assert.h>
#include <libgen.h>
#include <signal.h>
#include <unistd.h>

#define MAX_ARGS 48
#define STOP_GRACE_MS 4000

struct member {
    struct monitor *monitor;
    enum process_kind kind;
    struct child *child;
    struct channel *control;
    int child_end; /* of the control pair, between prepare and started; -1 */
    int listen_fd; /* open for as long as the monitor runs, so a restart loses no connection; -1 */
    bool is_ready, is_wanted;
    char program[SETTINGS_PATH_CAP];
    const char *argv[MAX_ARGS];
};

struct monitor {
    struct loop *loop;
    const struct monitor_options *options;
    struct member members[PROCESS_COUNT];
    bool is_announced, is_stopping;
    int status;
};

/* The two ends go to two processes that both run; either may already know an older channel. */
static void link_pair(struct member *a, struct member *b)
{
    int fds[2];
    struct frame_connect to_a = {0}, to_b = {0};
    if (!a->control || !b->control || channel_pair(fds) != OK)
        return;
    to_a.peer = b->kind;
    to_b.peer = a->kind;
    SET_HAS(frame_connect, &to_a, peer);
    SET_HAS(frame_connect, &to_b, peer);
    if (process_channel_send(a->control, FRAME_connect, 0, &to_a, fds[0]) != OK ||
        process_channel_send(b->control, FRAME_connect, 0, &to_b, fds[1]) != OK)
        LOG_WARN("monitor.link", "a=%s b=%s", process_name(a->kind), process_name(b->kind));
}

static void start_member(struct member *member);

static void start_others(struct monitor *monitor)
{
    for (int i = PROCESS_core + 1; i < PROCESS_COUNT; i++) {
        if (monitor->members[i].is_wanted && !monitor->members[i].child)
            start_member(&monitor->members[i]);
    }
}

static void control_frame(void *ctx, struct channel *channel, const struct frame *frame, int fd)
{
    struct member *member = ctx;
    struct monitor *monitor = member->monitor;
    (void)channel;
    if (fd >= 0)
        (void)close(fd);
    if (frame->type != FRAME_ready)
        return;
    member->is_ready = true;
    if (member->kind == PROCESS_core)
        start_others(monitor);
    for (int i = 1; i < PROCESS_COUNT; i++) {
        if (monitor->members[i].is_wanted && !monitor->members[i].is_ready)
            return;
    }
    if (!monitor->is_announced) {
        monitor->is_announced = true;
        if (monitor->options->serving)
            monitor->options->serving(monitor->options->ctx);
    }
}

static void control_closed(void *ctx, struct channel *channel, enum err why)
{
    struct member *member = ctx;
    (void)why;
    channel_free(channel);
    if (member->control == channel)
        member->control = NULL;
}

static size_t prepare(void *ctx, struct child *child, int ret_fds[CHILD_MAX_FDS])
{
    static const struct channel_calls calls = {control_frame, NULL, control_closed};
    struct member *member = ctx;
    int fds[2];
    (void)child;
    channel_free(member->control);
    member->control = NULL;
    member->is_ready = false;
    if (channel_pair(fds) != OK)
        return 0;
    member->control =
        channel_new(member->monitor->loop, fds[0], &channel_limits_default, &calls, member);
    member->child_end = fds[1];
    ret_fds[0] = fds[1];
    if (member->listen_fd >= 0)
        ret_fds[1] = member->listen_fd;
    return member->listen_fd >= 0 ? 2 : 1;
}

static void started(void *ctx, struct child *child, int64_t pid)
{
    struct member *member = ctx;
    struct monitor *monitor = member->monitor;
    (void)child;
    LOG_INFO("monitor.started", "process=%s pid=%lld", process_name(member->kind), (long long)pid);
    if (member->child_end >= 0)
        (void)close(member->child_end);
    member->child_end = -1;
    for (size_t i = 0; i < process_link_count; i++) {
        const struct process_link *link = &process_links[i];
        if (link->a == member->kind || link->b == member->kind)
            link_pair(&monitor->members[link->a], &monitor->members[link->b]);
    }
}

static void stop_next(struct monitor *monitor);

static void ended(void *ctx, struct child *child, int64_t status, int signal_number)
{
    struct member *member = ctx;
    (void)child;
    channel_free(member->control);
    member->control = NULL;
    if (member->monitor->is_stopping) {
        member->is_wanted = false;
        stop_next(member->monitor);
        return;
    }
    LOG_ERROR("monitor.ended", "process=%s status=%lld signal=%d", process_name(member->kind),
              (long long)status, signal_number);
}

/* True if it runs, so that `ended` will come; one that waits for its next start has ended. */
static bool stop_member(struct member *member)
{
    const bool is_running = member->child && child_pid(member->child) != 0;
    if (member->child)
        child_stop(member->child, STOP_GRACE_MS);
    return is_running;
}

/* Ends the outer processes first, so that core can still commit what they sent; core last. */
static void stop_next(struct monitor *monitor)
{
    bool is_outer_left = false;
    for (int i = PROCESS_COUNT - 1; i > PROCESS_core; i--)
        is_outer_left = is_outer_left || monitor->members[i].is_wanted;
    if (is_outer_left)
        return;
    if (!monitor->members[PROCESS_core].is_wanted || !stop_member(&monitor->members[PROCESS_core]))
        loop_stop(monitor->loop);
}

static void on_stop(void *ctx, int signal_number)
{
    struct monitor *monitor = ctx;
    (void)signal_number;
    if (monitor->is_stopping) {
        loop_stop(monitor->loop);
        return;
    }
    monitor->is_stopping = true;
    for (int i = PROCESS_COUNT - 1; i > PROCESS_core; i--) {
        if (!stop_member(&monitor->members[i]))
            monitor->members[i].is_wanted = false;
    }
    stop_next(monitor);
}

/* SIGHUP to the monitor reaches both doors: they read their certificate files again. */
static void on_reload(void *ctx, int signal_number)
{
    struct monitor *monitor = ctx;
    if (monitor->members[PROCESS_edge].child)
        child_signal(monitor->members[PROCESS_edge].child, signal_number);
    if (monitor->members[PROCESS_portal].child)
        child_signal(monitor->members[PROCESS_portal].child, signal_number);
}

/* `anwang process NAME --dir DIR [--set k=v ...]`; media is a program of its own beside it. */
static void plan_member(struct member *member, const char *self_path)
{
    const struct monitor_options *options = member->monitor->options;
    char folder[SETTINGS_PATH_CAP];
    size_t n = 0;
    (void)snprintf(folder, sizeof folder, "%s", self_path);
    if (member->kind == PROCESS_media)
        (void)snprintf(member->program, sizeof member->program, "%s/anwang-media", dirname(folder));
    else
        (void)snprintf(member->program, sizeof member->program, "%s", self_path);
    member->argv[n++] = member->kind == PROCESS_media ? "anwang-media" : "anwang";
    if (member->kind != PROCESS_media) {
        member->argv[n++] = "process";
        member->argv[n++] = process_name(member->kind);
        member->argv[n++] = "--dir";
        member->argv[n++] = options->dir;
    }
    for (size_t i = 0; member->kind != PROCESS_media && i < options->override_count; i++) {
        if (n + 3 > MAX_ARGS)
            break;
        member->argv[n++] = "--set";
        member->argv[n++] = options->overrides[i];
    }
    member->argv[n] = NULL;
}

static void start_member(struct member *member)
{
    static const struct child_calls calls = {prepare, started, ended};
    /* A desk waits for core: it never stays away for long. */
    const int32_t longest_ms = member->kind == PROCESS_core ? 500 : 5000;
    const struct child_plan plan = {member->program, member->argv, 50, longest_ms};
    member->child = child_new(member->monitor->loop, &plan, &calls, member);
}

/* Core alone first: it makes keys and database, which the doors open. */
static void plan_members(struct monitor *monitor, const char *self_path)
{
    for (int i = 1; i < PROCESS_COUNT; i++) {
        struct member *member = &monitor->members[i];
        member->monitor = monitor;
        member->kind = (enum process_kind)i;
        member->child_end = -1;
        member->listen_fd = i == PROCESS_edge     ? monitor->options->edge_fd
                            : i == PROCESS_portal ? monitor->options->portal_fd
                                                  : -1;
        member->is_wanted = i != PROCESS_portal || monitor->options->settings->is_public_open;
        plan_member(member, self_path);
    }
}

int monitor_run(const struct monitor_options *options)
{
    struct monitor monitor = {.options = options};
    char self_path[SETTINGS_PATH_CAP];
    ssize_t n = readlink("/proc/self/exe", self_path, sizeof self_path - 1);
    if (n <= 0) {
        LOG_ERROR("monitor.self", "cannot find the program's own file");
        return 1;
    }
    self_path[n] = '\0';
    monitor.loop = loop_new();
    if (loop_on_signal(monitor.loop, SIGTERM, on_stop, &monitor) != OK ||
        loop_on_signal(monitor.loop, SIGINT, on_stop, &monitor) != OK ||
        loop_on_signal(monitor.loop, SIGHUP, on_reload, &monitor) != OK) {
        loop_free(monitor.loop);
        return 1;
    }
    plan_members(&monitor, self_path);
    start_member(&monitor.members[PROCESS_core]);
    loop_run(monitor.loop);
    for (int i = 1; i < PROCESS_COUNT; i++) {
        child_free(monitor.members[i].child);
        channel_free(monitor.members[i].control);
    }
    loop_free(monitor.loop);
    return monitor.status;
}
