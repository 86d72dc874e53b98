/* child_feed.c - the feed process: phone fixes in, orders out. It has no store. */
#include "base/file.h"
#include "base/log.h"
#include "feed/fixes.h"
#include "feed/spool.h"
#include "main/child.h"
#include "main/process.h"

#include <unistd.h>

#define TICK_MS 200

struct post_office {
    struct loop *loop;
    struct process *process;
    struct fixes *fixes;
    struct spool *spool;
};

static void hand_on(void *ctx, const struct frame_position *fix)
{
    struct post_office *office = ctx;
    (void)process_latest(office->process, PROCESS_core, FRAME_position, fix, fix->unit.v);
}

static void on_tick(void *ctx)
{
    struct post_office *office = ctx;
    fixes_due(office->fixes, net_now_utc_us(), hand_on, office);
}

static void left(void *ctx, uint64_t id, enum err why)
{
    struct post_office *office = ctx;
    struct frame_delivered frame = {0};
    frame.id = (int64_t)id;
    frame.err = why;
    SET_HAS(frame_delivered, &frame, id);
    SET_HAS(frame_delivered, &frame, err);
    if (process_send(office->process, PROCESS_core, FRAME_delivered, 0, &frame) != OK)
        LOG_INFO("feed.delivered", "core is away; it will hand the row over again");
}

static void deliver(struct post_office *office, const struct frame *frame)
{
    struct frame_deliver row;
    if (record_read(&record_frame_deliver, frame->body, &row) != OK)
        return;
    if (spool_add(office->spool, (uint64_t)row.id, row.channel, row.bytes) != OK)
        left(office, (uint64_t)row.id, ERR_LIMIT);
}

static void peer_frame(void *ctx, enum process_kind peer, const struct frame *frame, int fd)
{
    struct post_office *office = ctx;
    struct frame_position fix;
    if (fd >= 0)
        (void)close(fd);
    if (peer == PROCESS_core && frame->type == FRAME_deliver)
        deliver(office, frame);
    else if (peer == PROCESS_edge && frame->type == FRAME_position &&
             record_read(&record_frame_position, frame->body, &fix) == OK)
        (void)fixes_add(office->fixes, &fix, net_now_utc_us()); /* drops are counted there */
}

int child_feed(const char *dir, const struct settings *settings)
{
    static const struct process_calls calls = {NULL, NULL, peer_frame};
    struct post_office office = {0};
    char folder[SETTINGS_PATH_CAP], path[SETTINGS_PATH_CAP];
    (void)settings;
    if (settings_path(dir, "feed", folder) != OK ||
        settings_path(dir, "feed/orders.jsonl", path) != OK || file_mkdirs(folder, 0700) != OK) {
        LOG_ERROR("feed.start", "the folder cannot be made");
        return 1;
    }
    office.loop = loop_new();
    office.fixes = fixes_new();
    office.spool = spool_new(office.loop, path, left, &office);
    office.process = process_new(office.loop, PROCESS_feed, &calls, &office);
    struct loop_timer *tick = loop_timer_new(office.loop, on_tick, &office);
    loop_timer_start(tick, TICK_MS, TICK_MS);
    process_ready(office.process);
    loop_run(office.loop);
    loop_timer_free(tick);
    process_free(office.process);
    spool_free(office.spool);
    fixes_free(office.fixes);
    loop_free(office.loop);
    return 0;
}
