/* push_cover.c - the live ledger of cover: core's newest, at most one in PUSH_COVER_US, to all who
 * may ask for it; its units to whom they are in scope, so one message a group. It is no event and
 * has no id: who missed one gets the next. */
#include "edge/push_priv.h"

#include "base/cursor.h"

void push_cover(struct push *push, const struct frame_cover *frame)
{
    if (frame->json.len < 2 || (str_eq(out_view(&push->cover), frame->json) &&
                                str_eq(out_view(&push->cover_units), frame->units)))
        return;
    out_reset(&push->cover);
    out_str(&push->cover, frame->json);
    out_reset(&push->cover_units);
    out_str(&push->cover_units, frame->units);
    for (struct group *g = push->groups; g; g = g->next) {
        http_bytes_unref(g->cover);
        g->cover = NULL;
    }
    push->is_cover_new = true;
}

static void write_units(const struct push *push, const struct group *group, struct out *out)
{
    struct cursor c = cursor_of(push->cover_units.p, push->cover_units.len);
    bool is_first = true;
    while (c.left > 0 && !c.err) {
        const uint32_t number = (uint32_t)cursor_le(&c, 4);
        const struct envelope envelope = {.kind = OBJECT_unit,
                                          .number = number,
                                          .body = {(uint32_t)cursor_le(&c, 4)},
                                          .data_class = DATA_DUTY,
                                          .is_open = true,
                                          .units = {1, {number}}};
        const struct str json = cursor_take(&c, (size_t)cursor_le(&c, 4));
        if (c.err || !scope_holds(&group->rows[OBJECT_unit], &push->edge->atlas.trees, &envelope))
            continue;
        out_c(out, is_first ? "" : ",");
        out_str(out, json);
        is_first = false;
    }
}

/* The members of core's object, and the units that the group may see. */
static void write_message(struct push *push, struct group *group)
{
    struct out *out = &push->text;
    const struct str head = out_view(&push->cover);
    out_reset(out);
    out_c(out, "event: cover\ndata: ");
    out_str(out, (struct str){head.p, head.len - 1});
    out_c(out, ",\"units\":[");
    write_units(push, group, out);
    out_c(out, "]}\n\n");
    group->cover = http_bytes_new(out_view(out));
}

void push_cover_send(struct subscriber *s)
{
    if (!s->wants_cover || s->push->cover.len == 0)
        return;
    if (!s->group->cover)
        write_message(s->push, s->group);
    s->push->figures.sent_bytes += http_bytes_view(s->group->cover).len;
    (void)!http_stream_send(s->stream, s->group->cover);
}

/* A ledger that comes while a round is under way goes to those who are left, and has a round of its
 * own afterwards. */
void push_cover_slice(struct push *push, uint32_t count)
{
    while (push->cover_next && count > 0) {
        struct subscriber *s = push->cover_next;
        push->cover_next = s->next;
        count -= s->wants_cover;
        push_cover_send(s);
    }
}

void push_cover_tick(struct push *push, int64_t now_us)
{
    if (!push->is_cover_new || push->cover_next || now_us < push->cover_us + PUSH_COVER_US)
        return;
    push->is_cover_new = false;
    push->cover_us = now_us;
    push->cover_next = push->subscribers;
    if (push->cover_next)
        loop_wake_send(push->turn);
}
