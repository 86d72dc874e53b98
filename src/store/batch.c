/* Batches: what one command commits, collected on the loop as a list of operations in one arena. */
#include "store/store_priv.h"

#include <assert.h>

struct store_batch *store_batch_new(struct store *store, int64_t now_us)
{
    struct store_batch *batch = calloc(1, sizeof *batch);
    if (!batch)
        abort();
    batch->store = store;
    batch->now_us = now_us;
    arena_init(&batch->arena, STORE_MAX_BATCH_BYTES);
    return batch;
}

void store_batch_free(struct store_batch *batch)
{
    if (!batch)
        return;
    arena_done(&batch->arena);
    free(batch);
}

/* NULL once the batch is over its limit; store_submit refuses it then. */
static struct op *add_op(struct store_batch *batch, enum op_kind kind)
{
    struct op *op = batch->err ? NULL : ARENA_NEW(&batch->arena, struct op, 1);
    if (!op) {
        batch->err = ERR_LIMIT;
        return NULL;
    }
    op->kind = kind;
    if (batch->last)
        batch->last->next = op;
    else
        batch->first = op;
    batch->last = op;
    return op;
}

static struct str keep(struct store_batch *batch, struct str text)
{
    struct str copy = arena_dup(&batch->arena, text);
    if (!copy.p) {
        batch->err = ERR_LIMIT;
        return STR("");
    }
    return copy;
}

void store_batch_event(struct store_batch *batch, const struct event *event)
{
    struct op *op = add_op(batch, OP_EVENT);
    struct out body;
    if (!op)
        return;
    assert(event->seq != 0);
    out_init(&body, STORE_MAX_BATCH_BYTES);
    record_write(event_def(event->kind)->fields, event->fields, RECORD_STORED, &body);
    op->event.event = *event;
    op->event.event.fields = NULL;
    op->event.incident = view_event_incident(event, NULL);
    op->event.body = keep(batch, out_view(&body));
    if (body.err)
        batch->err = body.err;
    out_done(&body);
}

void store_batch_state(struct store_batch *batch, const struct store_row *row)
{
    struct op *op = add_op(batch, OP_STATE);
    if (!op)
        return;
    op->state = *row;
    op->state.bytes = keep(batch, row->bytes);
}

void store_batch_due(struct store_batch *batch, enum object_kind kind, uint32_t number,
                     int64_t at_us)
{
    struct op *op = add_op(batch, OP_DUE);
    if (!op)
        return;
    op->due.id = STATE_ID(kind, number);
    op->due.at_us = at_us;
}

void store_batch_payload(struct store_batch *batch, uint64_t id, enum data_class data_class,
                         int64_t expires_us, struct str text)
{
    struct op *op = add_op(batch, OP_PAYLOAD);
    if (!op)
        return;
    op->payload.id = id;
    op->payload.data_class = data_class;
    op->payload.expires_us = expires_us;
    op->payload.text = keep(batch, text);
}

void store_batch_key(struct store_batch *batch, uint32_t actor, struct str key,
                     const uint8_t request_hash[STORE_REQUEST_HASH_BYTES], struct str outcome)
{
    struct op *op = add_op(batch, OP_KEY);
    if (!op)
        return;
    if (outcome.len > STORE_MAX_OUTCOME_BYTES)
        batch->err = ERR_LIMIT;
    op->key.actor = actor;
    op->key.name = keep(batch, key);
    op->key.hash = keep(batch, (struct str){(const char *)request_hash, STORE_REQUEST_HASH_BYTES});
    op->key.outcome = keep(batch, outcome);
}

uint64_t store_batch_outbox(struct store_batch *batch, struct str channel, struct str bytes)
{
    struct op *op = add_op(batch, OP_OUTBOX);
    if (!op)
        return 0;
    if (channel.len > STORE_MAX_CHANNEL_BYTES)
        batch->err = ERR_LIMIT;
    op->outbox.id = ++batch->store->next_outbox;
    op->outbox.channel = keep(batch, channel);
    op->outbox.bytes = keep(batch, bytes);
    return op->outbox.id;
}

void store_batch_delivered(struct store_batch *batch, uint64_t outbox_id)
{
    struct op *op = add_op(batch, OP_DELIVERED);
    if (op)
        op->outbox.id = outbox_id;
}

void store_batch_lookup(struct store_batch *batch, const struct store_lookup *lookup)
{
    struct op *op = add_op(batch, OP_LOOKUP);
    if (!op)
        return;
    if (lookup->what.len > STORE_MAX_CHANNEL_BYTES)
        batch->err = ERR_LIMIT;
    op->lookup = *lookup;
    op->lookup.what = keep(batch, lookup->what);
}

void store_batch_track(struct store_batch *batch, const struct store_track *track)
{
    struct op *op = add_op(batch, OP_TRACK);
    if (op)
        op->track = *track;
}

void store_batch_expire(struct store_batch *batch, int64_t track_keep_us)
{
    struct op *op = add_op(batch, OP_EXPIRE);
    if (op)
        op->track_keep_us = track_keep_us;
}
