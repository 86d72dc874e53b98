/* pending.c - replies that wait for their commit, and twins that wait for the same reply. */
#include "core/core_priv.h"

uint64_t core_pending_key_hash(uint32_t actor, struct str key)
{
    uint8_t bytes[4 + MAX_COMMAND_KEY_BYTES] = {0};
    if (key.len == 0 || key.len > MAX_COMMAND_KEY_BYTES)
        return 0;
    memcpy(bytes, &actor, 4);
    memcpy(bytes + 4, key.p, key.len);
    uint64_t hash = digest_u64(bytes, 4 + key.len);
    return hash ? hash : 1;
}

struct pending *core_pending_new(struct core *core)
{
    struct pending *pending = core->free_pending;
    if (!pending)
        return NULL;
    core->free_pending = pending->next;
    memset(pending, 0, sizeof *pending);
    return pending;
}

static void pending_free(struct core *core, struct pending *pending)
{
    pending->next = core->free_pending;
    core->free_pending = pending;
}

/* NOLINTNEXTLINE(readability-function-size): the parts of a refusal */
void core_pending_refuse(struct core *core, enum core_channel channel, uint64_t correlation,
                         enum err err, const char *field, struct str detail, struct str legal,
                         uint64_t version)
{
    struct frame_reply reply = {0};
    reply.err = err;
    reply.field = str_of(field);
    reply.detail = detail.len > 400 ? (struct str){detail.p, 400} : detail;
    reply.legal = legal.len > 400 ? (struct str){legal.p, 400} : legal;
    reply.seq = (int64_t)version;
    SET_HAS(frame_reply, &reply, err);
    if (field)
        SET_HAS(frame_reply, &reply, field);
    if (detail.len)
        SET_HAS(frame_reply, &reply, detail);
    if (legal.len)
        SET_HAS(frame_reply, &reply, legal);
    if (version)
        SET_HAS(frame_reply, &reply, seq);
    core->refusals++;
    core->options.calls.send(core->options.ctx, channel, FRAME_reply, correlation, &reply, -1);
}

void core_pending_reply(struct core *core, struct pending *pending, enum err err)
{
    if (pending->is_silent)
        return;
    if (err)
        core_pending_refuse(core, pending->channel, pending->correlation, err, NULL,
                            STR("the change could not be stored"), (struct str){0}, 0);
    else
        core->options.calls.send(core->options.ctx, pending->channel, FRAME_reply,
                                 pending->correlation, &pending->reply, -1);
}

static void reply_twins(struct core *core, struct pending *pending, enum err err)
{
    struct pending *twin = pending->twins;
    while (twin) {
        struct pending *next = twin->next;
        if (memcmp(twin->request, pending->request, sizeof twin->request) != 0) {
            core_pending_refuse(core, twin->channel, twin->correlation, ERR_EXISTS, CORE_KEY_NAME,
                                STR("this key was used for another request"), (struct str){0}, 0);
        } else {
            twin->reply = pending->reply;
            twin->reply.is_replayed = true;
            SET_HAS(frame_reply, &twin->reply, is_replayed);
            core_pending_reply(core, twin, err);
        }
        pending_free(core, twin);
        twin = next;
    }
}

void core_pending_done(void *ctx, void *token, enum err err)
{
    struct core *core = ctx;
    struct pending *pending = token;
    if (err)
        core->is_dead = true;
    else if (pending->seq > core->committed)
        core->committed = pending->seq;
    core_pending_reply(core, pending, err);
    if (pending->key_hash)
        (void)map_remove(&core->keys, pending->key_hash);
    reply_twins(core, pending, err);
    pending_free(core, pending);
}

void core_pending_submit_silent(struct core *core, struct store_batch *batch)
{
    struct pending *pending = core_pending_new(core);
    if (!pending) {
        store_batch_free(batch);
        return;
    }
    pending->is_silent = true;
    if (store_submit(core->options.store, batch, pending) != OK)
        core->is_dead = true;
}
