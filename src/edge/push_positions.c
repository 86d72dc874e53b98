/* push_positions.c - once a second: the places that changed, cut to each subscriber's viewport.
 * Each place is written once; subscribers without a viewport share one message a group. */
#include "edge/push_priv.h"

static void collect(const struct edge *edge, struct moves *moves)
{
    moves->items = calloc(edge->position_end, sizeof *moves->items);
    if (!moves->items)
        abort();
    for (uint32_t n = 1; n < edge->position_end; n++) {
        struct unit_position *p = &edge->positions[n];
        if (!p->is_placed)
            continue;
        struct moved *m = &moves->items[moves->count++];
        struct json_out j = json_out_of(&moves->text);
        m->number = n;
        m->is_changed = p->is_changed;
        m->start = (uint32_t)moves->text.len;
        position_write(edge, n, &j);
        m->len = (uint32_t)moves->text.len - m->start;
        p->is_changed = false;
    }
}

/* One message in *out; empty when nothing of it is for them. */
static void write_message(const struct push *push, const struct subscriber *s, bool with_all,
                          struct out *out)
{
    const struct moves *moves = &push->moves;
    const struct edge *edge = push->edge;
    bool is_first = true;
    out_reset(out);
    for (uint32_t i = 0; i < moves->count; i++) {
        const struct moved *m = &moves->items[i];
        if ((!with_all && !m->is_changed) ||
            (s->has_box && !box_holds(s->box, edge->positions[m->number].place)) ||
            !position_is_seen(edge, &s->group->positions, m->number))
            continue;
        out_c(out, is_first ? "event: positions\ndata: {\"items\":[" : ",");
        out_bytes(out, moves->text.p + m->start, m->len);
        is_first = false;
    }
    if (!is_first)
        out_c(out, "]}\n\n");
}

static void send(struct push *push, struct subscriber *s, struct http_bytes *bytes)
{
    push->figures.sent_bytes += http_bytes_view(bytes).len;
    (void)!http_stream_send(s->stream, bytes);
}

/* Members without a viewport that are up to date share one message of their group. */
static void tell(struct push *push, struct subscriber *s)
{
    const bool is_shared = !s->has_box && !s->needs_all;
    struct http_bytes *bytes = is_shared ? s->group->positions_batch : NULL;
    if (!bytes) {
        write_message(push, s, s->needs_all, &push->text);
        s->needs_all = false;
        if (push->text.len == 0)
            return;
        bytes = http_bytes_new(out_view(&push->text));
        if (is_shared)
            s->group->positions_batch = http_bytes_ref(bytes);
    } else {
        bytes = http_bytes_ref(bytes);
    }
    send(push, s, bytes);
    http_bytes_unref(bytes);
}

static void end_round(struct push *push)
{
    for (struct group *g = push->groups; g; g = g->next) {
        http_bytes_unref(g->positions_batch);
        g->positions_batch = NULL;
    }
    free(push->moves.items);
    push->moves.items = NULL;
    push->moves.count = 0;
    out_reset(&push->moves.text);
}

void push_positions_slice(struct push *push, uint32_t count)
{
    while (push->positions_next && count > 0) {
        struct subscriber *s = push->positions_next;
        push->positions_next = s->next;
        if (!s->wants_positions)
            continue;
        tell(push, s);
        count--;
    }
    if (!push->positions_next && push->moves.items)
        end_round(push);
}

void push_positions(struct push *push)
{
    if (!push->subscribers || push->edge->position_end == 0 || push->moves.items)
        return;
    collect(push->edge, &push->moves);
    push->positions_next = push->subscribers;
}
