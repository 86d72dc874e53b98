/* push_positions.c - once a second: the places that changed, cut to each subscriber's viewport.
 * Each place is written once; subscribers without a viewport share one message a group. */
#include "edge/push_priv.h"

struct moved {
    uint32_t number;
    bool is_changed;
    uint32_t start, len; /* its JSON in the text */
};

struct moves {
    struct moved *items;
    uint32_t count;
    struct out text;
};

static void collect(const struct edge *edge, struct moves *moves)
{
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
static void write_message(const struct push *push, const struct moves *moves,
                          const struct subscriber *s, bool with_all, struct out *out)
{
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

static void send_text(struct push *push, struct subscriber *s, struct http_bytes *shared)
{
    struct http_bytes *bytes = shared;
    if (!bytes && push->text.len == 0)
        return;
    if (!bytes)
        bytes = http_bytes_new(out_view(&push->text));
    push->figures.sent_bytes += http_bytes_view(bytes).len;
    (void)!http_stream_send(s->stream, bytes);
    if (!shared)
        http_bytes_unref(bytes);
}

/* Members without a viewport that are up to date: one message for all of them. */
static void send_group(struct push *push, const struct moves *moves, struct group *group)
{
    struct http_bytes *shared = NULL;
    for (struct subscriber *s = push->subscribers; s; s = s->next) {
        if (s->group != group || !s->wants_positions || s->has_box || s->needs_all)
            continue;
        if (!shared) {
            write_message(push, moves, s, false, &push->text);
            if (push->text.len == 0)
                return;
            shared = http_bytes_new(out_view(&push->text));
        }
        send_text(push, s, shared);
    }
    http_bytes_unref(shared);
}

void push_positions(struct push *push)
{
    struct edge *edge = push->edge;
    struct moves moves = {0};
    if (!push->subscribers || edge->position_end == 0)
        return;
    moves.items = calloc(edge->position_end, sizeof *moves.items);
    if (!moves.items)
        abort();
    out_init(&moves.text, SITE_ANSWER_BYTES);
    collect(edge, &moves);
    for (struct group *g = push->groups; g; g = g->next)
        send_group(push, &moves, g);
    for (struct subscriber *s = push->subscribers; s; s = s->next) {
        if (!s->wants_positions || (!s->has_box && !s->needs_all))
            continue;
        write_message(push, &moves, s, s->needs_all, &push->text);
        s->needs_all = false;
        send_text(push, s, NULL);
    }
    out_done(&moves.text);
    free(moves.items);
}
