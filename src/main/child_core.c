/* child_core.c - the core process: frames from its channels, the store's wake-ups, the clock. */
#include "base/log.h"
#include "main/child.h"
#include "main/open.h"
#include "main/process.h"

#include <assert.h>

#define TICK_MS 100
#define HEALTH_TICKS 10

struct host {
    struct loop *loop;
    struct process *process;
    struct core *core;
    struct loop_wake *wake;
    uint64_t ticks;
};

static const enum process_kind channel_process[CORE_CHANNEL_COUNT] = {
    [CORE_EDGE] = PROCESS_edge,
    [CORE_PORTAL] = PROCESS_portal,
    [CORE_FEED] = PROCESS_feed,
    [CORE_MEDIA] = PROCESS_media,
};

static enum core_channel channel_of(enum process_kind peer)
{
    int i = 0;
    while (i < CORE_CHANNEL_COUNT && channel_process[i] != peer)
        i++;
    return (enum core_channel)i;
}

/* A reply that cannot be handed over is lost with its peer; the asker repeats it with its key. */
static void send_frame(void *ctx, enum core_channel channel, enum frame_type type,
                       uint64_t correlation, const void *record, int fd)
{
    struct host *host = ctx;
    enum err err =
        process_send_fd(host->process, channel_process[channel], type, correlation, record, fd);
    if (err && err != ERR_IO)
        LOG_WARN("core.send", "peer=%s err=%s", process_name(channel_process[channel]),
                 err_text(err));
}

static void latest_frame(void *ctx, enum core_channel channel, enum frame_type type,
                         const void *record, uint64_t key)
{
    struct host *host = ctx;
    (void)process_latest(host->process, channel_process[channel], type, record, key);
}

struct work {
    struct host *host;
    struct core_job *job;
};

static void work_run(void *ctx)
{
    core_job_run(((struct work *)ctx)->job);
}

static void work_done(void *ctx)
{
    struct work *work = ctx;
    core_job_done(work->host->core, work->job, net_now_utc_us());
    free(work);
}

static enum err run_job(void *ctx, struct core_job *job)
{
    struct work *work = calloc(1, sizeof *work);
    assert(work);
    *work = (struct work){ctx, job};
    enum err err = loop_work(work->host->loop, work_run, work_done, work);
    if (err)
        free(work);
    return err;
}

/* Nothing may be acknowledged after a failed write: the process ends and the monitor starts anew.
 */
static void stop_if_dead(struct host *host)
{
    if (core_is_dead(host->core)) {
        LOG_ERROR("core.dead", "the store failed: ending without further acknowledgements");
        loop_stop(host->loop);
    }
}

static void peer_up(void *ctx, enum process_kind peer)
{
    struct host *host = ctx;
    if (channel_of(peer) < CORE_CHANNEL_COUNT && host->core)
        core_hello(host->core, channel_of(peer));
}

static void peer_frame(void *ctx, enum process_kind peer, const struct frame *frame, int fd)
{
    struct host *host = ctx;
    enum core_channel channel = channel_of(peer);
    if (channel < CORE_CHANNEL_COUNT)
        core_frame(host->core, channel, (enum frame_type)frame->type, frame->correlation,
                   frame->body, fd, net_now_utc_us());
}

static void on_wake(void *ctx)
{
    struct host *host = ctx;
    if (!host->core)
        return;
    core_drain(host->core, net_now_utc_us());
    stop_if_dead(host);
}

static void send_health(struct host *host)
{
    struct out json;
    struct frame_health frame = {0};
    out_init(&json, 16384);
    core_health_json(host->core, &json);
    frame.json = out_view(&json);
    SET_HAS(frame_health, &frame, json);
    (void)process_latest(host->process, PROCESS_edge, FRAME_health, &frame, 1);
    (void)process_latest(host->process, PROCESS_portal, FRAME_health, &frame, 1);
    out_done(&json);
}

static void on_tick(void *ctx)
{
    struct host *host = ctx;
    core_tick(host->core, net_now_utc_us());
    stop_if_dead(host);
    if (host->ticks++ % HEALTH_TICKS == 0)
        send_health(host);
}

static void wake_store(void *ctx)
{
    loop_wake_send(((struct host *)ctx)->wake);
}

int child_core(const char *dir, const struct settings *settings)
{
    static const struct process_calls calls = {peer_up, NULL, peer_frame};
    struct host host = {0};
    struct opened opened = {0};
    struct fault fault = {0};
    int status = 1;
    host.loop = loop_new();
    host.wake = loop_wake_new(host.loop, on_wake, &host);
    enum err err = open_core_parts(dir, settings, wake_store, &host, &opened, &fault);
    if (!err) {
        struct core_options options = open_core_options(settings, &opened);
        options.calls = (struct core_calls){send_frame, latest_frame, run_job};
        options.ctx = &host;
        host.process = process_new(host.loop, PROCESS_core, &calls, &host);
        err = core_new(&options, net_now_utc_us(), &host.core, &fault);
    }
    if (err) {
        LOG_ERROR("core.start", "err=%s what=%s %s", err_text(err), fault.field ? fault.field : "",
                  fault.text ? fault.text : "");
    } else {
        struct loop_timer *tick = loop_timer_new(host.loop, on_tick, &host);
        loop_timer_start(tick, TICK_MS, TICK_MS);
        process_ready(host.process);
        LOG_INFO("core.ready", "seq=%llu", (unsigned long long)core_seq(host.core));
        loop_run(host.loop);
        status = core_is_dead(host.core) ? 1 : 0;
        loop_timer_free(tick);
        if (status == 0) {
            store_flush(opened.store);
            core_drain(host.core, net_now_utc_us());
        }
    }
    core_free(host.core);
    process_free(host.process);
    open_done(&opened);
    loop_wake_free(host.wake);
    loop_free(host.loop);
    return status;
}
