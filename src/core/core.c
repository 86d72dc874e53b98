#include "core/ask.h"

#include "base/log.h"

#include <unistd.h>

static enum err load_row(void *ctx, const struct store_row *row)
{
    struct core *core = ctx;
    return desk_load(core->desk, row->kind, row->number, row->bytes, row->seq);
}

static enum err load_desk(struct core *core, struct fault *ret_fault)
{
    struct desk_settings settings;
    struct store_ends ends;
    enum err err = store_ends(core->options.store, &ends);
    if (err)
        return fault_set(ret_fault, err, 0, "the store cannot be read");
    desk_settings_preset(&settings);
    settings.realm = core->options.realm;
    core->desk = desk_new(&settings);
    core->seq = core->committed = ends.last_seq;
    core->payload = ends.last_payload;
    for (unsigned kind = 1; kind < OBJECT_KIND_COUNT; kind++)
        desk_last_set(core->desk, (enum object_kind)kind, ends.last_number[kind]);
    err = store_each_open(core->options.store, load_row, core);
    return err ? fault_set(ret_fault, err, 0, "a state row cannot be read") : OK;
}

static void make_pending(struct core *core)
{
    core->pending = calloc(CORE_MAX_IN_FLIGHT, sizeof *core->pending);
    core->places = calloc(CORE_MAX_UNITS, sizeof *core->places);
    core->limiter = calloc(1, sizeof *core->limiter);
    core->photos = calloc(CORE_MAX_PHOTOS, sizeof *core->photos);
    core->evictable = calloc(CORE_MAX_EVICTABLE, sizeof *core->evictable);
    if (!core->pending || !core->places || !core->limiter || !core->evictable || !core->photos)
        abort();
    for (size_t i = CORE_MAX_IN_FLIGHT; i > 0; i--) {
        core->pending[i - 1].next = core->free_pending;
        core->free_pending = &core->pending[i - 1];
    }
    map_init(&core->keys, CORE_MAX_IN_FLIGHT);
}

enum err core_new(const struct core_options *options, int64_t now_us, struct core **ret_core,
                  struct fault *ret_fault)
{
    struct core *core = calloc(1, sizeof *core);
    uint32_t pos = 0, number;
    if (!core)
        abort();
    core->options = *options;
    arena_init(&core->arena, CORE_ARENA_BYTES);
    make_pending(core);
    core_ledger_init(core);
    enum err err = load_desk(core, ret_fault);
    if (!err)
        core_place_load(core);
    for (size_t i = 0; i < options->cell_count && !err; i++)
        options->cells[i].area = area_find(core->areas, options->cells[i].place);
    if (!err && options->road)
        err = road_traffic_new(options->road, &core->traffic);
    if (!err && options->road)
        err = core_roads_start(core, now_us);
    if (!err && options->road)
        core->asking = ask_shared_new();
    if (err) {
        core_free(core);
        return err;
    }
    core_closure_load_all(core, now_us);
    while ((number = desk_next(core->desk, OBJECT_unit, &pos)) != 0)
        core_place_unit_changed(core, number);
    core->expire_due_us = now_us + CORE_EXPIRE_EVERY_US;
    core->is_outbox_due = true;
    *ret_core = core;
    return OK;
}

void core_free(struct core *core)
{
    if (!core)
        return;
    desk_free(core->desk);
    ask_shared_free(core->asking);
    area_index_free(core->areas);
    if (core->traffic)
        road_traffic_free(core->traffic);
    arena_done(&core->arena);
    map_done(&core->keys);
    free(core->area_parents);
    free(core->body_parents);
    free(core->pending);
    free(core->places);
    free(core->ledger_places);
    free(core->limiter);
    free(core->photos);
    free(core->evictable);
    free(core);
}

bool core_is_dead(const struct core *core)
{
    return core->is_dead;
}

uint64_t core_seq(const struct core *core)
{
    return core->seq;
}

/* Which frames may come from which channel; all others are dropped. */
static const uint32_t allowed[CORE_CHANNEL_COUNT] = {
    [CORE_EDGE] = 1u << FRAME_command | 1u << FRAME_ask | 1u << FRAME_audit | 1u << FRAME_login,
    [CORE_PORTAL] = 1u << FRAME_command,
    [CORE_FEED] = 1u << FRAME_command | 1u << FRAME_position | 1u << FRAME_delivered,
    [CORE_MEDIA] = 1u << FRAME_image,
};

union any_frame {
    struct frame_command command;
    struct frame_ask ask;
    struct frame_audit audit;
    struct frame_login login;
    struct frame_position position;
    struct frame_delivered delivered;
    struct frame_image image;
};

/* NOLINTNEXTLINE(readability-function-size): the parts of a frame */
static void dispatch(struct core *core, enum core_channel channel, enum frame_type type,
                     uint64_t correlation, const union any_frame *frame, int fd, int64_t now_us)
{
    if (type == FRAME_command)
        core_command_frame(core, channel, correlation, &frame->command, now_us);
    else if (type == FRAME_ask)
        core_ask_frame(core, correlation, &frame->ask, now_us);
    else if (type == FRAME_audit)
        core_session_audit(core, correlation, &frame->audit, now_us);
    else if (type == FRAME_login)
        core_session_login(core, correlation, &frame->login, now_us);
    else if (type == FRAME_position)
        core_place_position(core, channel, &frame->position, now_us);
    else if (type == FRAME_delivered)
        core_outbox_delivered(core, &frame->delivered, now_us);
    else if (type == FRAME_image)
        core_image_frame(core, correlation, &frame->image, fd, now_us);
}

/* NOLINTNEXTLINE(readability-function-size): the parts of a frame */
void core_frame(struct core *core, enum core_channel channel, enum frame_type type,
                uint64_t correlation, struct str body, int fd, int64_t now_us)
{
    union any_frame frame;
    const struct record *rec = frame_record(type);
    bool is_allowed = (unsigned)type < FRAME_TYPE_COUNT && (allowed[channel] >> type & 1);
    arena_reset(&core->arena);
    if (!is_allowed || !rec || record_read(rec, body, &frame) != OK) {
        core->drops++;
        if (is_allowed && correlation)
            core_pending_refuse(core, channel, correlation, ERR_SYNTAX, NULL,
                                STR("the frame cannot be read"), (struct str){0}, 0);
        if (fd >= 0)
            (void)close(fd);
        return;
    }
    if (type != FRAME_image && fd >= 0)
        (void)close(fd);
    dispatch(core, channel, type, correlation, &frame, type == FRAME_image ? fd : -1, now_us);
}

static void send_committed(struct core *core, enum core_channel channel)
{
    struct frame_committed frame = {0};
    frame.seq = (int64_t)core->committed;
    SET_HAS(frame_committed, &frame, seq);
    core->options.calls.latest(core->options.ctx, channel, FRAME_committed, &frame, 0);
}

void core_hello(struct core *core, enum core_channel channel)
{
    send_committed(core, channel);
    if (channel == CORE_EDGE) {
        core_place_send(core, true);
        core_ledger_due(core);
    }
    if (channel == CORE_FEED) {
        core->outbox_sent = 0; /* all that was never reported as left goes again */
        core->is_outbox_up = core->is_outbox_due = true;
        core_outbox_committed(core);
    }
}

/* Objects that ended leave memory once their rows are on disk: the newest row, since a closed
 * incident may have had another note meanwhile that is still on its way there. */
static void evict_committed(struct core *core)
{
    size_t kept = 0;
    for (size_t i = 0; i < core->evictable_count; i++) {
        const struct object_ref ref = core->evictable[i];
        if (desk_seq(core->desk, ref.kind, ref.number) > core->committed)
            core->evictable[kept++] = ref;
        else
            (void)desk_evict(core->desk, ref.kind, ref.number);
    }
    core->evictable_count = kept;
}

void core_drain(struct core *core, int64_t now_us)
{
    uint64_t before = core->committed;
    store_drain(core->options.store, core_pending_done, core);
    if (store_health(core->options.store) != OK)
        core->is_dead = true;
    if (core->committed == before || core->is_dead)
        return;
    send_committed(core, CORE_EDGE);
    send_committed(core, CORE_PORTAL);
    evict_committed(core);
    core_outbox_committed(core);
    for (size_t i = 0; i < core->auto_count; i++)
        core_auto_send(core, core->auto_incidents[i], now_us);
    core->auto_count = 0;
    core_ledger_run(core, now_us);
}

/* One due object: the desk says which command; a refusal would come again for ever, so its due time
 * is taken away and the fact is logged. */
static enum err run_due(void *ctx, enum object_kind kind, uint32_t number, int64_t at_us)
{
    struct core *core = ctx;
    struct command command;
    (void)at_us;
    arena_reset(&core->arena);
    if (!core_command_load(core, NULL, (struct object_ref){kind, number}))
        return OK;
    const int64_t due_us = desk_due(core->desk, kind, number);
    if (due_us == 0 || due_us > core->tick_us ||
        !desk_due_command(core->desk, kind, number, &command))
        return OK; /* settled by a batch that is still on its way to the disk */
    core_command_own(core, command.kind, number, command.fields, core->tick_us);
    if (desk_object(core->desk, kind, number) && desk_due(core->desk, kind, number) == due_us) {
        struct store_batch *batch = store_batch_new(core->options.store, core->tick_us);
        LOG_WARN("core.timer_refused", "kind=%s number=%u", object_kind_name(kind), number);
        store_batch_due(batch, kind, number, 0);
        core_pending_submit_silent(core, batch);
    }
    return OK;
}

void core_tick(struct core *core, int64_t now_us)
{
    int64_t next_us;
    core->tick_us = now_us;
    if (store_next_due(core->options.store, &next_us) == OK && next_us <= now_us &&
        store_each_due(core->options.store, now_us, CORE_DUE_BATCH, run_due, core) != OK)
        core->drops++;
    core_closure_tick(core, now_us);
    core_place_tick(core, now_us);
    core_image_tick(core, now_us);
    core_roads_tick(core, now_us);
    core_ledger_run(core, now_us);
    if (now_us >= core->expire_due_us) {
        struct store_batch *batch = store_batch_new(core->options.store, now_us);
        core->expire_due_us = now_us + CORE_EXPIRE_EVERY_US;
        store_batch_expire(batch, CORE_TRACK_KEEP_US);
        core_pending_submit_silent(core, batch);
    }
    core_outbox_committed(core);
}

void core_health_json(const struct core *core, struct out *out)
{
    struct json_out j = json_out_of(out);
    json_obj(&j);
    json_ku64(&j, "seq", core->seq);
    json_ku64(&j, "committed", core->committed);
    json_ku64(&j, "commands", core->commands);
    json_ku64(&j, "refusals", core->refusals);
    json_ku64(&j, "drops", core->drops);
    json_ku64(&j, "units", desk_count(core->desk, OBJECT_unit));
    json_ku64(&j, "incidents_open", desk_count(core->desk, OBJECT_incident));
    json_kbool(&j, "is_dead", core->is_dead);
    json_kbool(&j, "is_audit_signed", store_checkpoint_health(core->options.store) == OK);
    json_ku64(&j, "road_version", core->traffic ? road_traffic_version(core->traffic) : 0);
    core_roads_json(core, &j);
    json_obj_end(&j);
}
