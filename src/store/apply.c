/* Writes the operations of one batch inside the open transaction: rows, view rows, search, audit.
 */
#include "store/search_priv.h"
#include "store/store_priv.h"

#define NIGHT_HOUR 4

static enum err put_values(struct sqlite3_stmt *st, const struct view_row *row)
{
    const struct envelope *e = &row->envelope;
    bind_i64(st, 1, row->key);
    bind_u64(st, 2, row->seq);
    bind_i64(st, 3, e->area.v);
    bind_i64(st, 4, e->body.v);
    bind_i64(st, 5, e->user.v);
    bind_i64(st, 6, e->is_open);
    for (uint32_t i = 0; i < row->view->column_count; i++) {
        int at = SQL_VIEW_FIXED + 1 + (int)i;
        if (view_column_is_text(&row->view->columns[i]))
            bind_text(st, at, row->values[i].text);
        else
            bind_i64(st, at, row->values[i].number);
    }
    return db_done(st);
}

/* The search keeps its text, so an object that changed in other ways costs one read. */
static enum err put_search(struct writer *w, const struct view_object *object)
{
    struct sqlite3_stmt *st;
    int64_t id = STATE_ID(object->kind, object->number);
    out_reset(&w->text);
    out_reset(&w->search);
    view_search_text(object, &w->text);
    search_words(out_view(&w->text), &w->search);
    enum err err = db_use(&w->db, SQL_SEARCH_GET, &st);
    if (err)
        return err;
    bind_i64(st, 1, id);
    err = db_step(st);
    if (err && err != ERR_NOT_FOUND)
        return err;
    bool is_there = !err;
    bool is_same = is_there ? str_eq(col_str(st, 0), out_view(&w->search)) : w->search.len == 0;
    db_reset(st);
    if (is_same)
        return OK;
    if (is_there) {
        err = db_use(&w->db, SQL_SEARCH_DROP, &st);
        if (err)
            return err;
        bind_i64(st, 1, id);
        err = db_done(st);
        if (err)
            return err;
    }
    err = db_use(&w->db, SQL_SEARCH_PUT, &st);
    if (err)
        return err;
    bind_i64(st, 1, id);
    bind_text(st, 2, out_view(&w->search));
    return db_done(st);
}

enum err apply_view(struct writer *w, const struct view_object *object)
{
    struct view_row row;
    struct sqlite3_stmt **put = &w->view_put[object->kind];
    view_project(object, &row);
    if (!*put) {
        out_reset(&w->text);
        sql_view_put(row.view, &w->text);
        enum err err = db_prepare(&w->db, out_view(&w->text), put);
        if (err)
            return err;
    }
    db_reset(*put);
    enum err err = put_values(*put, &row);
    return err ? err : put_search(w, object);
}

static enum err put_state(struct writer *w, const struct store_row *row)
{
    struct sqlite3_stmt *st;
    enum err err = db_use(&w->db, SQL_STATE_PUT, &st);
    if (err)
        return err;
    bind_i64(st, 1, STATE_ID(row->kind, row->number));
    bind_u64(st, 2, row->seq);
    bind_i64(st, 3, row->is_open);
    bind_blob(st, 4, row->bytes);
    err = db_done(st);
    if (!err)
        err = rows_object(row, w->object);
    if (err)
        return err;
    if (row->kind == OBJECT_signal || row->kind == OBJECT_incident)
        out_le(&w->touched, (uint64_t)STATE_ID(row->kind, row->number), 8);
    struct view_object object = {row->kind, row->number, row->seq, w->object};
    return apply_view(w, &object);
}

/* A move of an assignment says its incident only in the assignment's row, which is in the batch. */
static enum err incident_of(struct writer *w, const struct store_batch *batch, const struct op *op,
                            uint32_t *ret_incident)
{
    *ret_incident = op->event.incident;
    if (event_def(op->event.event.kind)->object_kind != OBJECT_assignment || *ret_incident != 0)
        return OK;
    for (const struct op *o = batch->first; o; o = o->next) {
        if (o->kind != OP_STATE || o->state.kind != OBJECT_assignment ||
            o->state.number != op->event.event.object)
            continue;
        enum err err = rows_object(&o->state, w->object);
        struct view_object after = {o->state.kind, o->state.number, o->state.seq, w->object};
        if (!err)
            *ret_incident = view_event_incident(&op->event.event, &after);
        return err;
    }
    return OK;
}

static enum err put_event(struct writer *w, const struct store_batch *batch, const struct op *op)
{
    const struct event *e = &op->event.event;
    struct sqlite3_stmt *st;
    uint32_t incident;
    enum err err = incident_of(w, batch, op, &incident);
    if (!err)
        err = db_use(&w->db, SQL_EVENT_PUT, &st);
    if (err)
        return err;
    bind_u64(st, 1, e->seq);
    bind_i64(st, 2, e->kind);
    bind_i64(st, 3, e->version);
    bind_i64(st, 4, e->object);
    bind_i64(st, 5, e->actor.v);
    bind_i64(st, 6, e->role);
    bind_i64(st, 7, e->at_us);
    bind_i64(st, 8, e->at_source);
    bind_i64(st, 9, e->recorded_us);
    bind_i64(st, 10, e->area.v);
    bind_i64(st, 11, e->data_class);
    bind_blob(st, 12, op->event.body);
    bind_i64(st, 13, event_def(e->kind)->object_kind);
    bind_i64(st, 14, incident);
    err = db_done(st);
    if (err)
        return err;
    struct audit_line line = {.at_us = e->recorded_us,
                              .kind = AUDIT_EVENT,
                              .seq = e->seq,
                              .actor = e->actor.v,
                              .role = e->role,
                              .object_kind = event_def(e->kind)->object_kind,
                              .object = e->object,
                              .what = str_of(event_def(e->kind)->name)};
    audit_event_digest(e->realm, e, op->event.body, &w->text, line.digest);
    return audit_put(&w->db, &w->chain, &line, &w->text);
}

static enum err put_lookup(struct writer *w, const struct store_lookup *lookup)
{
    struct audit_line line = {.at_us = w->now_us,
                              .kind = AUDIT_LOOKUP,
                              .actor = lookup->actor.v,
                              .role = lookup->role,
                              .purpose = lookup->purpose,
                              .object_kind = lookup->kind,
                              .object = lookup->number,
                              .what = lookup->what};
    return audit_put(&w->db, &w->chain, &line, &w->text);
}

static enum err put_due(struct writer *w, const struct op *op)
{
    struct sqlite3_stmt *st;
    enum err err = db_use(&w->db, op->due.at_us ? SQL_DUE_PUT : SQL_DUE_DROP, &st);
    if (err)
        return err;
    bind_i64(st, 1, op->due.id);
    if (op->due.at_us)
        bind_i64(st, 2, op->due.at_us);
    return db_done(st);
}

static enum err put_payload(struct writer *w, const struct op *op)
{
    struct sqlite3_stmt *st;
    enum err err = db_use(&w->db, SQL_PAYLOAD_PUT, &st);
    if (err)
        return err;
    bind_u64(st, 1, op->payload.id);
    bind_i64(st, 2, op->payload.data_class);
    bind_i64(st, 3, op->payload.expires_us);
    bind_blob(st, 4, op->payload.text);
    if (op->payload.id > w->last_payload)
        w->last_payload = op->payload.id;
    return db_done(st);
}

static enum err put_key(struct writer *w, const struct op *op)
{
    struct sqlite3_stmt *st;
    enum err err = db_use(&w->db, SQL_KEY_PUT, &st);
    if (err)
        return err;
    bind_i64(st, 1, op->key.actor);
    bind_text(st, 2, op->key.name);
    bind_i64(st, 3, w->now_us);
    bind_blob(st, 4, op->key.hash);
    bind_blob(st, 5, op->key.outcome);
    return db_done(st);
}

static enum err put_outbox(struct writer *w, const struct op *op)
{
    struct sqlite3_stmt *st;
    enum err err = db_use(&w->db, SQL_OUTBOX_PUT, &st);
    if (err)
        return err;
    bind_u64(st, 1, op->outbox.id);
    bind_i64(st, 2, w->now_us);
    bind_text(st, 3, op->outbox.channel);
    bind_blob(st, 4, op->outbox.bytes);
    if (op->outbox.id > w->last_outbox)
        w->last_outbox = op->outbox.id;
    return db_done(st);
}

static enum err put_delivered(struct writer *w, const struct op *op)
{
    struct sqlite3_stmt *st;
    enum err err = db_use(&w->db, SQL_OUTBOX_DELIVERED, &st);
    if (err)
        return err;
    bind_i64(st, 1, w->now_us);
    bind_u64(st, 2, op->outbox.id);
    return db_done(st);
}

static enum err put_track(struct writer *w, const struct store_track *track)
{
    struct sqlite3_stmt *st;
    enum err err = db_use(&w->db, SQL_TRACK_PUT, &st);
    if (err)
        return err;
    bind_i64(st, 1, track->unit.v);
    bind_i64(st, 2, track->at_us);
    bind_i64(st, 3, track->place.lat_e7);
    bind_i64(st, 4, track->place.lon_e7);
    bind_i64(st, 5, track->speed_mm_s);
    bind_i64(st, 6, track->course_cdeg);
    return db_done(st);
}

static enum err drop_before(struct writer *w, enum sql sql, int64_t limit_us, uint64_t *ret_count)
{
    struct sqlite3_stmt *st;
    enum err err = db_use(&w->db, sql, &st);
    if (err)
        return err;
    bind_i64(st, 1, limit_us);
    err = db_done(st);
    *ret_count = db_changes(&w->db);
    return err;
}

/* Once a local day, when the desk is quietest. */
static void note_night(struct writer *w)
{
    struct civil local = utc_local(w->now_us);
    int32_t day = (local.year * 16 + local.month) * 32 + local.day;
    if (local.hour < NIGHT_HOUR || day == w->night)
        return;
    w->is_night_due = w->night != 0 || local.hour == NIGHT_HOUR;
    w->night = day;
}

static enum err expire(struct writer *w, int64_t track_keep_us)
{
    int64_t keys_us = w->now_us - STORE_KEY_DAYS * US_PER_DAY;
    uint64_t payloads = 0, tracks = 0, keys = 0, deliveries = 0;
    char what[120];
    note_night(w);
    enum err err = drop_before(w, SQL_PAYLOAD_EXPIRE, w->now_us, &payloads);
    if (!err)
        err = drop_before(w, SQL_TRACK_EXPIRE, w->now_us - track_keep_us, &tracks);
    if (!err)
        err = drop_before(w, SQL_KEY_EXPIRE, keys_us, &keys);
    if (!err)
        err = drop_before(w, SQL_OUTBOX_EXPIRE, keys_us, &deliveries);
    if (err || payloads + tracks + keys + deliveries == 0)
        return err;
    w->is_truncate_due = true;
    (void)snprintf(what, sizeof what, "payloads=%llu tracks=%llu keys=%llu outbox=%llu",
                   (unsigned long long)payloads, (unsigned long long)tracks,
                   (unsigned long long)keys, (unsigned long long)deliveries);
    struct audit_line line = {
        .at_us = w->now_us, .kind = AUDIT_DELETION, .role = ROLE_TIMER, .what = str_of(what)};
    return audit_put(&w->db, &w->chain, &line, &w->text);
}

static enum err apply_op(struct writer *w, const struct store_batch *batch, const struct op *op)
{
    switch (op->kind) {
    case OP_STATE:
        return put_state(w, &op->state);
    case OP_EVENT:
        return put_event(w, batch, op);
    case OP_DUE:
        return put_due(w, op);
    case OP_PAYLOAD:
        return put_payload(w, op);
    case OP_KEY:
        return put_key(w, op);
    case OP_OUTBOX:
        return put_outbox(w, op);
    case OP_DELIVERED:
        return put_delivered(w, op);
    case OP_LOOKUP:
        return put_lookup(w, &op->lookup);
    case OP_TRACK:
        return put_track(w, &op->track);
    case OP_EXPIRE:
        return expire(w, op->track_keep_us);
    }
    return ERR_UNSUPPORTED;
}

enum err apply_batch(struct writer *w, const struct store_batch *batch)
{
    enum err err = OK;
    w->now_us = batch->now_us;
    for (const struct op *op = batch->first; op && !err; op = op->next)
        err = apply_op(w, batch, op);
    return err;
}
