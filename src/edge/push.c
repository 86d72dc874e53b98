/* push.c - server-sent events. Every 100 ms the rows of the new commits are read once, filtered
 * once per group of subscribers that see the same, written once per group into shared bytes, and
 * queued to each member without a copy. The last message of a batch carries `id: realm-seq`, the
 * last seq that was considered, also when nothing of it was in scope. Cost: rows x groups scope
 * tests, rows written once each, one send a member and tick. */
#include "edge/push_priv.h"

#include "base/utc.h"

static void take_turn(void *ctx);

struct push *push_new(struct edge *edge)
{
    struct push *push = calloc(1, sizeof *push);
    if (!push)
        abort();
    push->edge = edge;
    push->formers = calloc(PUSH_MAX_FORMER, sizeof *push->formers);
    if (!push->formers)
        abort();
    map_init(&push->former_of, PUSH_MAX_FORMER);
    out_init(&push->text, SITE_ANSWER_BYTES);
    out_init(&push->moves.text, SITE_ANSWER_BYTES);
    out_init(&push->cover, SITE_ANSWER_BYTES);
    out_init(&push->cover_units, SITE_ANSWER_BYTES);
    push->turn = loop_wake_new(edge->site.loop, take_turn, push);
    if (reader_last_seq(edge->reader, &push->seq) != OK)
        push->seq = 0;
    for (unsigned kind = 1; kind < OBJECT_KIND_COUNT; kind++)
        push->known_numbers[kind] = atlas_end(edge->reader, (enum object_kind)kind) - 1;
    push_remember(push, push->seq > PUSH_MAX_BEHIND ? push->seq - PUSH_MAX_BEHIND : 0, push->seq);
    return push;
}

/* ---- groups ---- */

static void group_scopes(struct group *group, const struct actor *actor,
                         const struct scope_trees *trees)
{
    for (unsigned k = 0; k < OBJECT_KIND_COUNT; k++) {
        enum object_kind kind = (enum object_kind)k;
        group->rows[k] = (struct scope){.is_none = true};
        if (object_kind_name(kind) && push_kind(kind))
            group->rows[k] = access_scope(actor, access_of_read(kind), PURPOSE_NONE, trees);
    }
    group->log = access_scope(actor, ACTION_log_read, PURPOSE_NONE, trees);
    group->positions = access_scope(actor, ACTION_position_read, PURPOSE_NONE, trees);
}

static uint64_t group_key(const struct group *group)
{
    uint64_t digests[OBJECT_KIND_COUNT + 2];
    for (unsigned k = 0; k < OBJECT_KIND_COUNT; k++)
        digests[k] = scope_digest(&group->rows[k]);
    digests[OBJECT_KIND_COUNT] = scope_digest(&group->log);
    digests[OBJECT_KIND_COUNT + 1] = scope_digest(&group->positions);
    return digest_u64(digests, sizeof digests);
}

static struct group *group_take(struct push *push, const struct actor *actor, bool with_log)
{
    struct group wanted = {0};
    group_scopes(&wanted, actor, &push->edge->atlas.trees);
    if (!with_log)
        wanted.log = (struct scope){.is_none = true};
    wanted.key = group_key(&wanted);
    for (struct group *g = push->groups; g; g = g->next) {
        if (g->key == wanted.key) {
            g->member_count++;
            return g;
        }
    }
    struct group *group = malloc(sizeof *group);
    if (!group)
        abort();
    *group = wanted;
    out_init(&group->out, PUSH_GROUP_BYTES);
    out_init(&group->missed, PUSH_GROUP_BYTES);
    group->member_count = 1;
    group->next = push->groups;
    push->groups = group;
    push->figures.groups++;
    return group;
}

static void group_leave(struct push *push, struct group *group)
{
    if (--group->member_count > 0)
        return;
    struct group **at = &push->groups;
    while (*at != group)
        at = &(*at)->next;
    *at = group->next;
    push->figures.groups--;
    http_bytes_unref(group->batch);
    http_bytes_unref(group->positions_batch);
    http_bytes_unref(group->cover);
    out_done(&group->out);
    out_done(&group->missed);
    free(group);
}

/* ---- subscribers ---- */

static void subscriber_free(struct subscriber *s)
{
    struct push *push = s->push;
    if (push->rows_next == s)
        push->rows_next = s->next;
    if (push->positions_next == s)
        push->positions_next = s->next;
    if (push->cover_next == s)
        push->cover_next = s->next;
    if (s->prev)
        s->prev->next = s->next;
    else
        push->subscribers = s->next;
    if (s->next)
        s->next->prev = s->prev;
    push->figures.subscribers--;
    group_leave(push, s->group);
    free(s);
}

static void on_closed(void *ctx)
{
    subscriber_free(ctx);
}

static void end(struct subscriber *s)
{
    http_stream_end(s->stream);
    subscriber_free(s);
}

static void queue(struct subscriber *s, struct http_bytes *bytes)
{
    s->push->figures.sent_bytes += http_bytes_view(bytes).len;
    (void)!http_stream_send(s->stream, bytes); /* over its queue: on_closed follows */
}

static void queue_text(struct subscriber *s, struct str text)
{
    struct http_bytes *bytes = http_bytes_new(text);
    queue(s, bytes);
    http_bytes_unref(bytes);
}

/* Last-Event-ID: realm-seq. False: none, of another realm, or not to be caught up with. */
static bool last_seq(const struct visit *visit, uint64_t now, uint64_t *ret_seq, bool *ret_is_asked)
{
    struct str text = visit_header(visit, "Last-Event-ID");
    uint32_t realm;
    *ret_is_asked = text.p != NULL;
    return text.p && str_u32(str_cut(&text, '-'), &realm) == OK &&
           realm == visit->site->config.realm && str_u64(text, ret_seq) == OK && *ret_seq <= now &&
           now - *ret_seq <= PUSH_MAX_BEHIND;
}

static bool is_wanted(const struct visit *visit, const char *param)
{
    const struct query_value *v = visit_query(visit, param);
    return !v || !str_eq_c(v->value, "no");
}

/* Writes into group->missed what changed since `after`; goes on where the last one stopped if that
 * one began there too. False: too much to tell. */
static bool write_missed(struct push *push, struct group *group, uint64_t after, int64_t now_us)
{
    if (group->missed_us == 0 || group->missed_after != after || group->missed.err != OK) {
        out_reset(&group->missed);
        group->missed_after = group->missed_until = after;
    }
    group->missed_us = now_us;
    if (push->seq > group->missed_until) {
        enum err err = push_rows(push, group->missed_until, push->seq, group);
        if (err == OK)
            err = push_log(push, group->missed_until, push->seq, group);
        out_str(&group->missed, out_view(&group->out));
        out_reset(&group->out);
        if (err != OK)
            group->missed.err = err;
        group->missed_until = push->seq;
    }
    return group->missed.err == OK;
}

/* First message: what was missed, or `resync`, and where the stream stands. */
static void catch_up(struct subscriber *s, bool is_asked, bool is_known, uint64_t after,
                     int64_t now_us)
{
    struct push *push = s->push;
    out_reset(&push->text);
    if (is_known && write_missed(push, s->group, after, now_us)) {
        out_reset(&push->text); /* the rows were written there */
        out_str(&push->text, out_view(&s->group->missed));
    } else if (is_asked) {
        out_reset(&push->text);
        out_c(&push->text, "event: resync\ndata: {}\n\n");
        push->figures.resyncs++;
    }
    push_id(push, push->seq, &push->text);
    queue_text(s, out_view(&push->text));
}

void push_open(struct visit *visit)
{
    static const struct http_stream_calls calls = {.closed = on_closed};
    struct push *push = edge_of(visit)->push;
    const struct query_value *box = visit_query(visit, "bbox");
    const int64_t now_us = visit->now_us; /* the visit ends when its stream starts */
    uint64_t after = 0;
    bool is_asked, is_known = last_seq(visit, push->seq, &after, &is_asked);
    if (push->figures.subscribers >= PUSH_MAX_SUBSCRIBERS) {
        visit_problem(visit, 503, "too many subscribers", NULL);
        return;
    }
    struct subscriber *s = calloc(1, sizeof *s);
    if (!s)
        abort();
    *s = (struct subscriber){.push = push,
                             .group = group_take(push, &visit->actor, is_wanted(visit, "log")),
                             .session = visit->session,
                             .user = visit->actor.user,
                             .expires_us = visit->expires_us,
                             .ticked_us = visit->now_us,
                             .needs_all = true,
                             .next = push->subscribers};
    s->wants_cover = access_has(visit->actor.role, ACTION_circles_ask) && is_wanted(visit, "cover");
    s->wants_positions = !s->group->positions.is_none && is_wanted(visit, "positions");
    if (box) {
        s->has_box = true;
        s->box = (struct box){box->places[0], box->places[1]};
    }
    if (push->subscribers)
        push->subscribers->prev = s;
    push->subscribers = s;
    push->figures.subscribers++;
    s->stream = visit_stream(visit, &calls, s);
    if (!s->stream) {
        subscriber_free(s);
        return;
    }
    catch_up(s, is_asked, is_known, after, now_us);
    push_cover_send(s);
}

void push_free(struct push *push)
{
    if (!push)
        return;
    while (push->subscribers)
        end(push->subscribers);
    out_done(&push->cover);
    out_done(&push->cover_units);
    map_done(&push->former_of);
    free(push->formers);
    out_done(&push->text);
    out_done(&push->moves.text);
    free(push->moves.items);
    loop_wake_free(push->turn);
    free(push);
}

struct push_figures push_figures(const struct push *push)
{
    return push->figures;
}

/* ---- the tick ---- */

static bool is_listed(const uint32_t *list, uint32_t count, uint32_t number)
{
    for (uint32_t i = 0; i < count; i++) {
        if (list[i] == number)
            return true;
    }
    return false;
}

static void end_revoked(struct push *push, int64_t now_us)
{
    struct subscriber *next;
    for (struct subscriber *s = push->subscribers; s; s = next) {
        next = s->next;
        if (!push->are_all_revoked && s->expires_us > now_us &&
            !is_listed(push->revoked_users, push->revoked_user_count, s->user.v) &&
            !is_listed(push->revoked_sessions, push->revoked_session_count, s->session.v))
            continue;
        push->figures.revoked++;
        end(s);
    }
    push->revoked_user_count = 0;
    push->revoked_session_count = 0;
    push->are_all_revoked = false;
}

/* A group whose messages did not fit is told to read its lists again. */
static struct http_bytes *group_bytes(struct push *push, struct group *group, uint64_t until)
{
    if (group->out.len == 0 && group->out.err == OK)
        return NULL;
    if (group->out.err != OK) {
        out_reset(&group->out);
        out_c(&group->out, "event: resync\ndata: {}\n\n");
        push->figures.resyncs++;
    }
    group->out.len--; /* the id joins the last message */
    push_id(push, until, &group->out);
    struct http_bytes *bytes = http_bytes_new(out_view(&group->out));
    out_reset(&group->out);
    return bytes;
}

static void rows_slice(struct push *push, uint32_t count)
{
    while (push->rows_next && count > 0) {
        struct subscriber *s = push->rows_next;
        push->rows_next = s->next;
        if (!s->group->batch)
            continue;
        queue(s, s->group->batch);
        count--;
    }
    if (push->rows_next)
        return;
    for (struct group *g = push->groups; g; g = g->next) {
        http_bytes_unref(g->batch);
        g->batch = NULL;
    }
}

/* A thousand sends at once would keep every request waiting for as long: they go out by slices, and
 * between two the loop does what else has come. */
static void take_turn(void *ctx)
{
    struct push *push = ctx;
    if (push->rows_next)
        rows_slice(push, PUSH_SLICE);
    else if (push->cover_next)
        push_cover_slice(push, PUSH_SLICE);
    else
        push_positions_slice(push, PUSH_SLICE);
    if (push->rows_next || push->cover_next || push->positions_next || push->moves.items)
        loop_wake_send(push->turn);
}

static void start_rows(struct push *push, uint64_t until)
{
    bool has_any = false;
    for (struct group *g = push->groups; g; g = g->next) {
        g->batch = group_bytes(push, g, until);
        has_any = has_any || g->batch;
    }
    push->seq = until;
    if (has_any) {
        push->rows_next = push->subscribers;
        take_turn(push);
    }
}

static void forget_missed(struct push *push, int64_t now_us)
{
    for (struct group *g = push->groups; g; g = g->next) {
        if (g->missed_us != 0 && now_us - g->missed_us > PUSH_MISSED_US) {
            out_done(&g->missed);
            out_init(&g->missed, PUSH_GROUP_BYTES);
            g->missed_us = 0;
        }
    }
}

static void send_ticks(struct push *push, int64_t now_us)
{
    char now[UTC_ISO_CAP];
    struct http_bytes *bytes = NULL;
    uint32_t count = PUSH_SLICE;
    for (struct subscriber *s = push->subscribers; s && count > 0; s = s->next) {
        if (now_us - s->ticked_us < PUSH_TICK_US)
            continue;
        count--;
        if (!bytes) {
            utc_iso(now_us, now);
            out_reset(&push->text);
            out_printf(&push->text, "event: tick\ndata: {\"now\":\"%s\"}\n", now);
            push_id(push, push->seq, &push->text);
            bytes = http_bytes_new(out_view(&push->text));
        }
        s->ticked_us = now_us;
        queue(s, bytes);
    }
    http_bytes_unref(bytes);
}

/* While a round of rows is under way the next one waits, and takes all that came meanwhile. */
static void read_rows(struct push *push)
{
    uint64_t until = push->edge->site.committed;
    if (until <= push->seq || push->rows_next)
        return;
    if (until - push->seq > PUSH_MAX_STEP)
        until = push->seq + PUSH_MAX_STEP;
    if (push_rows(push, push->seq, until, NULL) == OK &&
        push_log(push, push->seq, until, NULL) == OK) {
        start_rows(push, until);
        return;
    }
    for (struct group *g = push->groups; g; g = g->next) /* tried again with the next tick */
        out_reset(&g->out);
}

void push_tick(struct push *push, int64_t now_us)
{
    if (!push->rows_next) /* its id must not run ahead of a batch that is still going out */
        send_ticks(push, now_us);
    read_rows(push);
    end_revoked(push, now_us);
    push_cover_tick(push, now_us);
    if (now_us - push->positions_us >= PUSH_POSITION_US) {
        push->positions_us = now_us;
        forget_missed(push, now_us);
        push_positions(push);
        if (push->positions_next)
            loop_wake_send(push->turn);
    }
}
