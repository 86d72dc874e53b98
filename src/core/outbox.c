/* outbox.c - what leaves: orders to units. A row of the same commit as its event, handed to feed in
 * order once committed, again after every reconnection, until feed says that it left. */
#include "core/core_priv.h"

#include "base/json_out.h"

static bool is_order(enum assignment_stage stage)
{
    return stage == ASSIGNMENT_SENT || stage == ASSIGNMENT_CANCELLED ||
           stage == ASSIGNMENT_PREEMPTED;
}

static void write_order(struct core *core, const struct event *event,
                        const struct assignment_object *assignment, struct out *out)
{
    struct json_out j = json_out_of(out);
    char text[ID_TEXT_CAP], at[UTC_ISO_CAP];
    const uint32_t realm = core->options.realm;
    json_obj(&j);
    id_text(OBJECT_assignment, realm, event->object, text);
    json_kc(&j, "order", text);
    id_text(OBJECT_incident, realm, assignment->incident.v, text);
    json_kc(&j, "incident", text);
    id_text(OBJECT_unit, realm, assignment->unit.v, text);
    json_kc(&j, "unit", text);
    json_kc(&j, "stage", enum_wire(&enum_assignment_stage, assignment->stage));
    utc_iso(event->at_us, at);
    json_kc(&j, "at", at);
    json_ku64(&j, "seq", event->seq);
    json_obj_end(&j);
}

void core_outbox_event(struct core *core, struct request *request, const struct event *event)
{
    char channel[STORE_MAX_CHANNEL_BYTES], unit[ID_TEXT_CAP];
    struct out bytes;
    if (event->kind != EVENT_assignment_made && event->kind != EVENT_assignment_moved)
        return;
    const struct assignment_object *assignment =
        desk_assignment(core->desk, (struct assignment_id){event->object});
    if (!assignment || !is_order(assignment->stage))
        return;
    out_init(&bytes, 4096);
    write_order(core, event, assignment, &bytes);
    id_text(OBJECT_unit, core->options.realm, assignment->unit.v, unit);
    (void)snprintf(channel, sizeof channel, "order:%s", unit);
    (void)store_batch_outbox(request->batch, str_of(channel), out_view(&bytes));
    out_done(&bytes);
    core->is_outbox_due = true;
}

static enum err hand_over(void *ctx, const struct store_outbox *row)
{
    struct core *core = ctx;
    struct frame_deliver frame = {0};
    frame.id = (int64_t)row->id;
    frame.channel = row->channel;
    frame.bytes = row->bytes;
    SET_HAS(frame_deliver, &frame, id);
    SET_HAS(frame_deliver, &frame, channel);
    SET_HAS(frame_deliver, &frame, bytes);
    core->options.calls.send(core->options.ctx, CORE_FEED, FRAME_deliver, 0, &frame, -1);
    core->outbox_sent = row->id;
    return OK;
}

void core_outbox_committed(struct core *core)
{
    if (!core->is_outbox_due || !core->is_outbox_up)
        return;
    core->is_outbox_due = false;
    if (store_each_outbox(core->options.store, core->outbox_sent, 256, hand_over, core) != OK)
        core->is_outbox_due = true;
}

void core_outbox_delivered(struct core *core, const struct frame_delivered *frame, int64_t now_us)
{
    struct store_batch *batch;
    if (frame->err != OK) {
        core->drops++;
        return;
    }
    batch = store_batch_new(core->options.store, now_us);
    store_batch_delivered(batch, (uint64_t)frame->id);
    core_pending_submit_silent(core, batch);
}
