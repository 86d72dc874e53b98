#include "main/process.h"

#include "base/log.h"

#include <assert.h>
#include <signal.h>
#include <unistd.h>

const struct process_link process_links[] = {
    {PROCESS_core, PROCESS_edge},  {PROCESS_core, PROCESS_portal}, {PROCESS_core, PROCESS_feed},
    {PROCESS_core, PROCESS_media}, {PROCESS_edge, PROCESS_media},  {PROCESS_portal, PROCESS_media},
    {PROCESS_edge, PROCESS_feed},
};
const size_t process_link_count = sizeof process_links / sizeof process_links[0];

const char *process_name(enum process_kind kind)
{
#define PROCESS_NAME(number, name) [number] = #name,
    static const char *const names[PROCESS_COUNT] = {PROCESSES(PROCESS_NAME)};
#undef PROCESS_NAME
    return names[kind];
}

/* Answers of long questions are the largest frames. */
static const struct channel_limits limits = {MAX_FRAME_BODY_BYTES, 4 * MAX_FRAME_BODY_BYTES, 4096};

struct peer {
    struct process *process;
    enum process_kind kind;
    struct channel *channel; /* NULL while it is away */
};

struct process {
    struct loop *loop;
    enum process_kind self;
    struct process_calls calls;
    void *ctx;
    struct peer peers[PROCESS_COUNT];
};

static void peer_frame(void *ctx, struct channel *channel, const struct frame *frame, int fd)
{
    struct peer *peer = ctx;
    (void)channel;
    peer->process->calls.frame(peer->process->ctx, peer->kind, frame, fd);
}

static void peer_closed(void *ctx, struct channel *channel, enum err why)
{
    struct peer *peer = ctx;
    struct process *process = peer->process;
    channel_free(channel);
    peer->channel = NULL;
    if (peer->kind == PROCESS_monitor) {
        loop_stop(process->loop);
        return;
    }
    LOG_INFO("process.peer_away", "peer=%s why=%s", process_name(peer->kind), err_text(why));
    if (process->calls.down)
        process->calls.down(process->ctx, peer->kind);
}

static const struct channel_calls peer_calls = {peer_frame, NULL, peer_closed};

static void take_peer(struct process *process, uint32_t number, int fd)
{
    if (number == 0 || number >= PROCESS_COUNT || fd < 0) {
        if (fd >= 0)
            (void)close(fd);
        return;
    }
    struct peer *peer = &process->peers[number];
    if (peer->channel) {
        channel_free(peer->channel);
        if (process->calls.down)
            process->calls.down(process->ctx, peer->kind);
    }
    peer->channel = channel_new(process->loop, fd, &limits, &peer_calls, peer);
    if (process->calls.up)
        process->calls.up(process->ctx, peer->kind);
}

static void control_frame(void *ctx, struct channel *channel, const struct frame *frame, int fd)
{
    struct peer *monitor = ctx;
    struct frame_connect connect;
    (void)channel;
    if (frame->type == FRAME_connect &&
        record_read(&record_frame_connect, frame->body, &connect) == OK)
        take_peer(monitor->process, connect.peer, fd);
    else if (fd >= 0)
        (void)close(fd);
}

static void on_term(void *ctx, int signal_number)
{
    (void)signal_number;
    loop_stop(((struct process *)ctx)->loop);
}

struct process *process_new(struct loop *loop, enum process_kind self,
                            const struct process_calls *calls, void *ctx)
{
    static const struct channel_calls control_calls = {control_frame, NULL, peer_closed};
    struct process *process = calloc(1, sizeof *process);
    assert(process);
    process->loop = loop;
    process->self = self;
    process->calls = *calls;
    process->ctx = ctx;
    for (int i = 0; i < PROCESS_COUNT; i++) {
        process->peers[i].process = process;
        process->peers[i].kind = (enum process_kind)i;
    }
    process->peers[PROCESS_monitor].channel = channel_new(
        loop, PROCESS_CONTROL_FD, &limits, &control_calls, &process->peers[PROCESS_monitor]);
    if (loop_on_signal(loop, SIGTERM, on_term, process) != OK)
        LOG_WARN("process.signal", "SIGTERM is not handled");
    return process;
}

void process_free(struct process *process)
{
    if (!process)
        return;
    for (int i = 0; i < PROCESS_COUNT; i++)
        channel_free(process->peers[i].channel);
    free(process);
}

bool process_is_up(const struct process *process, enum process_kind peer)
{
    return process->peers[peer].channel != NULL;
}

/* Encodes and hands over; *io_fd is taken in any case. */
static enum err encode_send(struct channel *channel, enum frame_type type, uint64_t correlation,
                            const void *record, int fd, const uint64_t *latest_key)
{
    struct out out;
    out_init(&out, MAX_FRAME_BODY_BYTES);
    record_write(frame_record(type), record, RECORD_WIRE, &out);
    enum err err = out.err;
    struct frame frame = {
        .type = (uint16_t)type, .correlation = correlation, .body = out_view(&out)};
    if (!err && latest_key)
        err = channel_latest(channel, &frame, *latest_key);
    else if (!err && fd >= 0)
        err = channel_send_fd(channel, &frame, fd);
    else if (!err)
        err = channel_send(channel, &frame);
    else if (fd >= 0)
        (void)close(fd);
    out_done(&out);
    return err;
}

enum err process_channel_send(struct channel *channel, enum frame_type type, uint64_t correlation,
                              const void *record, int fd)
{
    if (!channel) {
        if (fd >= 0)
            (void)close(fd);
        return ERR_IO;
    }
    return encode_send(channel, type, correlation, record, fd, NULL);
}

enum err process_send(struct process *process, enum process_kind peer, enum frame_type type,
                      uint64_t correlation, const void *record)
{
    return process_channel_send(process->peers[peer].channel, type, correlation, record, -1);
}

enum err process_send_fd(struct process *process, enum process_kind peer, enum frame_type type,
                         uint64_t correlation, const void *record, int fd)
{
    return process_channel_send(process->peers[peer].channel, type, correlation, record, fd);
}

enum err process_latest(struct process *process, enum process_kind peer, enum frame_type type,
                        const void *record, uint64_t key)
{
    struct channel *channel = process->peers[peer].channel;
    return channel ? encode_send(channel, type, 0, record, -1, &key) : ERR_IO;
}

void process_ready(struct process *process)
{
    struct frame_ready ready = {0};
    ready.process = str_of(process_name(process->self));
    SET_HAS(frame_ready, &ready, process);
    if (process_send(process, PROCESS_monitor, FRAME_ready, 0, &ready) != OK)
        LOG_WARN("process.ready", "the monitor did not take it");
}
