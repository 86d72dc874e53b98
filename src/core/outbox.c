/* outbox.c - what leaves: orders to units, and a text for a gateway to radio or text messages about
 * an order that nobody has seen. A row of the same commit as its event, handed to feed in order
 * once committed, again after every reconnection, until feed says that it left. */
#include "core/core_priv.h"

#include "base/json_out.h"
#include "desk/types.h"

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

/* The text to send out, in one language: priority, kind and place, and no word of the caller's. */
static void write_text(struct json_out *j, const char *language, const char *order,
                       const struct incident_object *incident, struct json type)
{
    char text[MAX_REASON_BYTES * 2];
    struct str name = json_text(json_get(json_get(type, "name"), language));
    const char *place = incident->address[0] ? incident->address : incident->suggested_text;
    const char *ask = strcmp(language, "zh") == 0 ? "指令未签收，请立即签收或电台应答"
                                                  : "Order not seen: acknowledge or call in";
    (void)snprintf(text, sizeof text, "%s. %s %s " STR_FMT " %s", ask, order,
                   enum_wire(&enum_priority, incident->priority), STR_ARG(name), place);
    json_kc(j, language, text);
}

static void write_unseen(struct core *core, const struct event *event,
                         const struct assignment_object *assignment, struct out *out)
{
    const struct incident_object *incident = desk_incident(core->desk, assignment->incident);
    const struct unit_object *unit = desk_unit(core->desk, assignment->unit);
    struct json type = desk_type_document(core->desk, str_of(incident->type));
    struct json_out j = json_out_of(out);
    char text[ID_TEXT_CAP], order[ID_TEXT_CAP], at[UTC_ISO_CAP];
    json_obj(&j);
    json_kc(&j, "message", "order_unseen");
    id_text(OBJECT_assignment, core->options.realm, event->object, order);
    json_kc(&j, "order", order);
    id_text(OBJECT_unit, core->options.realm, assignment->unit.v, text);
    json_kc(&j, "unit", text);
    json_kc(&j, "callsign", unit->callsign);
    id_text(OBJECT_incident, core->options.realm, assignment->incident.v, text);
    json_kc(&j, "incident", text);
    json_key(&j, "text");
    json_obj(&j);
    write_text(&j, "zh", order, incident, type);
    write_text(&j, "en", order, incident, type);
    json_obj_end(&j);
    utc_iso(event->at_us, at);
    json_kc(&j, "at", at);
    json_ku64(&j, "seq", event->seq);
    json_obj_end(&j);
}

void core_outbox_event(struct core *core, struct request *request, const struct event *event)
{
    char channel[STORE_MAX_CHANNEL_BYTES], unit[ID_TEXT_CAP];
    const bool is_unseen = event->kind == EVENT_assignment_flagged;
    struct out bytes;
    if (!is_unseen && event->kind != EVENT_assignment_made && event->kind != EVENT_assignment_moved)
        return;
    const struct assignment_object *assignment =
        desk_assignment(core->desk, (struct assignment_id){event->object});
    if (!assignment || !is_order(assignment->stage))
        return;
    out_init(&bytes, 4096);
    if (is_unseen)
        write_unseen(core, event, assignment, &bytes);
    else
        write_order(core, event, assignment, &bytes);
    id_text(OBJECT_unit, core->options.realm, assignment->unit.v, unit);
    (void)snprintf(channel, sizeof channel, "%s:%s", is_unseen ? "gateway" : "order", unit);
    (void)store_batch_outbox(request->batch, str_of(channel), out_view(&bytes));
    out_done(&bytes);
    core->is_outbox_due = true;
    core->outbox_seq = event->seq;
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
    core->is_outbox_due = core->committed < core->outbox_seq; /* still on its way to the disk */
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
