/* push_rows.c - from committed rows and events to messages, each written once for every group. */
#include "edge/push_priv.h"

bool push_kind(enum object_kind kind)
{
    return kind != OBJECT_user && kind != OBJECT_session;
}

void push_id(struct push *push, uint64_t seq, struct out *out)
{
    out_c(out, "id: ");
    out_u64(out, push->edge->site.config.realm);
    out_c(out, "-");
    out_u64(out, seq);
    out_c(out, "\n\n");
}

static uint64_t former_key(enum object_kind kind, uint32_t number)
{
    return (uint64_t)kind << 32 | number;
}

static const struct envelope *former_get(const struct push *push, enum object_kind kind,
                                         uint32_t number)
{
    uint32_t i;
    return map_get(&push->former_of, former_key(kind, number), &i) ? &push->formers[i].envelope
                                                                   : NULL;
}

static void former_set(struct push *push, const struct envelope *envelope)
{
    uint64_t key = former_key(envelope->kind, envelope->number);
    uint32_t i;
    if (!map_get(&push->former_of, key, &i)) {
        if (push->former_count == PUSH_MAX_FORMER) { /* start over: unknown is the safe answer */
            map_done(&push->former_of);
            map_init(&push->former_of, PUSH_MAX_FORMER);
            push->former_count = 0;
        }
        i = push->former_count++;
        if (map_put(&push->former_of, key, i) != OK)
            return;
    }
    push->formers[i].envelope = *envelope;
}

/* ---- what rows mean to the edge itself ---- */

static void revoke(uint32_t *list, uint32_t *count, uint32_t number, bool *is_full)
{
    if (*count == 64)
        *is_full = true;
    else
        list[(*count)++] = number;
}

static void notice(struct push *push, const struct reader_row *row)
{
    struct edge *edge = push->edge;
    if (row->kind == OBJECT_session && ((const struct session_object *)row->object)->is_closed)
        revoke(push->revoked_sessions, &push->revoked_session_count, row->number,
               &push->are_all_revoked);
    else if (row->kind == OBJECT_user)
        revoke(push->revoked_users, &push->revoked_user_count, row->number, &push->are_all_revoked);
    else if (row->kind == OBJECT_unit)
        position_unit_row(edge, row->number, row->object);
    else if (row->kind == OBJECT_hazard)
        hazard_row(edge->hazards, row->number, row->object);
    else if (row->kind == OBJECT_hazard_kind)
        hazard_kind_row(edge->hazards, row->number, row->object);
    else if (row->kind == OBJECT_closure)
        edge->are_closures_stale = true;
    else if (row->kind == OBJECT_area || row->kind == OBJECT_body || row->kind == OBJECT_post)
        edge->is_atlas_stale = true;
}

/* ---- messages ---- */

struct step {
    struct push *push;
    struct group *only;
    uint64_t until;
};

static void write_row(struct push *push, const struct reader_row *row)
{
    const uint32_t realm = push->edge->site.config.realm;
    char id[ID_TEXT_CAP];
    id_text(row->kind, realm, row->number, id);
    out_reset(&push->text);
    out_c(&push->text, "event: row\ndata: ");
    struct json_out j = json_out_of(&push->text);
    json_obj(&j);
    json_kc(&j, "kind", object_kind_name(row->kind));
    json_kc(&j, "id", id);
    json_ku64(&j, "seq", row->seq);
    json_key(&j, "row");
    reader_row_json(realm, row, &j);
    json_obj_end(&j);
    out_c(&push->text, "\n\n");
}

static void write_gone(struct push *push, const struct reader_row *row, struct out *out)
{
    char id[ID_TEXT_CAP];
    id_text(row->kind, push->edge->site.config.realm, row->number, id);
    out_printf(out, "event: gone\ndata: {\"kind\":\"%s\",\"id\":\"%s\"}\n\n",
               object_kind_name(row->kind), id);
}

/* True if the group may have this object on its screen: it was in scope before, or nobody knows. */
static bool had(const struct push *push, const struct group *group, const struct reader_row *row,
                const struct envelope *former)
{
    if (!former)
        return row->number <= push->known_numbers[row->kind];
    return scope_holds(&group->rows[row->kind], &push->edge->atlas.trees, former);
}

static void tell(struct push *push, struct group *group, const struct reader_row *row,
                 const struct envelope *now, const struct envelope *former, bool *io_is_written)
{
    const struct scope *scope = &group->rows[row->kind];
    if (scope->is_none)
        return;
    if (scope_holds(scope, &push->edge->atlas.trees, now)) {
        if (!*io_is_written)
            write_row(push, row);
        *io_is_written = true;
        out_str(&group->out, out_view(&push->text));
    } else if (had(push, group, row, former)) {
        write_gone(push, row, &group->out);
    }
}

static enum err on_row(void *ctx, const struct reader_row *row)
{
    const struct step *step = ctx;
    struct push *push = step->push;
    struct envelope now;
    bool is_written = false;
    if (!step->only) {
        notice(push, row);
        push->figures.rows++;
    }
    if (!push_kind(row->kind) || reader_envelope(push->edge->reader, row, DATA_DUTY, &now) != OK)
        return OK;
    const struct envelope *former = former_get(push, row->kind, row->number);
    if (step->only) {
        tell(push, step->only, row, &now, former, &is_written);
        return step->only->out.err; /* full: no use going on */
    }
    for (struct group *g = push->groups; g; g = g->next)
        tell(push, g, row, &now, former, &is_written);
    former_set(push, &now);
    return OK;
}

enum err push_rows(struct push *push, uint64_t after, uint64_t until, struct group *only)
{
    struct step step = {push, only, until};
    return reader_rows_after(push->edge->reader, after, until, UINT32_MAX, on_row, &step);
}

static enum err on_old_row(void *ctx, const struct reader_row *row)
{
    struct push *push = ctx;
    struct envelope now;
    if (row->kind == OBJECT_unit)
        position_unit_row(push->edge, row->number, row->object);
    if (push_kind(row->kind) && reader_envelope(push->edge->reader, row, DATA_DUTY, &now) == OK)
        former_set(push, &now);
    return OK;
}

void push_remember(struct push *push, uint64_t after, uint64_t until)
{
    (void)!reader_rows_after(push->edge->reader, after, until, UINT32_MAX, on_old_row, push);
}

/* ---- log items ---- */

static bool anybody_reads(const struct push *push, const struct group *only)
{
    if (only)
        return !only->log.is_none;
    for (const struct group *g = push->groups; g; g = g->next) {
        if (!g->log.is_none)
            return true;
    }
    return false;
}

static bool write_item(struct push *push, const struct event *event)
{
    out_reset(&push->text);
    out_c(&push->text, "event: log\ndata: ");
    struct json_out j = json_out_of(&push->text);
    if (reader_event_json(push->edge->reader, event, false, &j) != OK)
        return false;
    out_c(&push->text, "\n\n");
    return true;
}

static enum err on_event(void *ctx, const struct event *event)
{
    const struct step *step = ctx;
    struct push *push = step->push;
    struct envelope envelope;
    if (event->seq > step->until)
        return ERR_MORE; /* enough */
    if (reader_event_envelope(push->edge->reader, event, &envelope) != OK ||
        !write_item(push, event))
        return OK;
    for (struct group *g = step->only ? step->only : push->groups; g;
         g = step->only ? NULL : g->next) {
        if (scope_holds(&g->log, &push->edge->atlas.trees, &envelope))
            out_str(&g->out, out_view(&push->text));
    }
    return step->only ? step->only->out.err : OK;
}

enum err push_log(struct push *push, uint64_t after, uint64_t until, struct group *only)
{
    struct step step = {push, only, until};
    if (!anybody_reads(push, only))
        return OK;
    enum err err =
        reader_events_after(push->edge->reader, after, (uint32_t)(until - after), on_event, &step);
    return err == ERR_MORE ? OK : err;
}
