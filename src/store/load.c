/* What core reads: at start, and rows of objects that are not in its memory. */
#include "store/store_priv.h"

static enum err each_row(struct sqlite3_stmt *st, store_row_fn fn, void *ctx)
{
    enum err err;
    while ((err = db_step(st)) == OK) {
        struct store_row row;
        err = rows_state(st, &row);
        if (!err)
            err = fn(ctx, &row);
        if (err) {
            db_reset(st);
            return err;
        }
    }
    return err == ERR_NOT_FOUND ? OK : err;
}

enum err store_ends(struct store *store, struct store_ends *ret_ends)
{
    struct store_ends ends = {0};
    int64_t last_seq = 0;
    enum err err = db_number(&store->db, SQL_EVENT_LAST, &last_seq);
    if (!err)
        err = counter_get(&store->db, "payload", &ends.last_payload);
    for (unsigned kind = 1; kind < OBJECT_KIND_COUNT && !err; kind++) {
        struct sqlite3_stmt *st;
        err = db_use(&store->db, SQL_STATE_LAST, &st);
        if (err)
            break;
        bind_i64(st, 1, STATE_ID(kind, 0));
        bind_i64(st, 2, STATE_ID(kind + 1, 0));
        err = db_step(st);
        if (err)
            break;
        ends.last_number[kind] = STATE_NUMBER(col_i64(st, 0));
        db_reset(st);
    }
    ends.last_seq = (uint64_t)last_seq;
    if (!err)
        *ret_ends = ends;
    return err;
}

enum err store_each_open(struct store *store, store_row_fn fn, void *ctx)
{
    struct sqlite3_stmt *st;
    enum err err = db_use(&store->db, SQL_STATE_OPEN, &st);
    return err ? err : each_row(st, fn, ctx);
}

enum err store_row(struct store *store, enum object_kind kind, uint32_t number, struct arena *arena,
                   struct store_row *ret_row)
{
    struct sqlite3_stmt *st;
    struct store_row row;
    enum err err = db_use(&store->db, SQL_STATE_GET, &st);
    if (err)
        return err;
    bind_i64(st, 1, STATE_ID(kind, number));
    err = db_step(st);
    if (err)
        return err;
    err = rows_state(st, &row);
    if (!err) {
        row.bytes = arena_dup(arena, row.bytes);
        err = row.bytes.p ? OK : ERR_LIMIT;
    }
    db_reset(st);
    if (!err)
        *ret_row = row;
    return err;
}

enum err store_each_event(struct store *store, const struct store_events *which, store_event_fn fn,
                          void *ctx)
{
    struct sqlite3_stmt *st;
    bool is_all = which->object_kind == OBJECT_NONE;
    enum err err = db_use(&store->db, is_all ? SQL_EVENT_RANGE : SQL_EVENT_OF_OBJECT, &st);
    if (err)
        return err;
    bind_u64(st, 1, which->from_seq);
    bind_i64(st, 2, which->until_seq ? (int64_t)which->until_seq : INT64_MAX);
    bind_i64(st, 3, INT64_MAX);
    if (!is_all) {
        bind_i64(st, 4, which->object_kind);
        bind_i64(st, 5, which->object);
    }
    while ((err = db_step(st)) == OK) {
        struct event event;
        struct str body;
        err = rows_event(st, store->realm, store->fields, &event, &body);
        if (!err)
            err = fn(ctx, &event);
        if (err) {
            db_reset(st);
            return err;
        }
    }
    return err == ERR_NOT_FOUND ? OK : err;
}

enum err store_each_due(struct store *store, int64_t until_us, uint32_t max_count, store_due_fn fn,
                        void *ctx)
{
    struct sqlite3_stmt *st;
    enum err err = db_use(&store->db, SQL_DUE_UNTIL, &st);
    if (err)
        return err;
    bind_i64(st, 1, until_us);
    bind_i64(st, 2, max_count);
    while ((err = db_step(st)) == OK) {
        int64_t id = col_i64(st, 0);
        err = fn(ctx, STATE_KIND(id), STATE_NUMBER(id), col_i64(st, 1));
        if (err) {
            db_reset(st);
            return err;
        }
    }
    return err == ERR_NOT_FOUND ? OK : err;
}

enum err store_next_due(struct store *store, int64_t *ret_at_us)
{
    struct sqlite3_stmt *st;
    enum err err = db_use(&store->db, SQL_DUE_UNTIL, &st);
    if (err)
        return err;
    bind_i64(st, 1, INT64_MAX);
    bind_i64(st, 2, 1);
    err = db_step(st);
    if (err)
        return err;
    *ret_at_us = col_i64(st, 1);
    db_reset(st);
    return OK;
}

enum err store_each_outbox(struct store *store, uint64_t after_id, uint32_t max_count,
                           store_outbox_fn fn, void *ctx)
{
    struct sqlite3_stmt *st;
    enum err err = db_use(&store->db, SQL_OUTBOX_WAITING, &st);
    if (err)
        return err;
    bind_u64(st, 1, after_id);
    bind_i64(st, 2, max_count);
    while ((err = db_step(st)) == OK) {
        struct store_outbox row = {col_u64(st, 0), col_i64(st, 1), col_str(st, 2), col_str(st, 3)};
        err = fn(ctx, &row);
        if (err) {
            db_reset(st);
            return err;
        }
    }
    return err == ERR_NOT_FOUND ? OK : err;
}

enum err store_payload(struct store *store, uint64_t id, struct out *out)
{
    struct sqlite3_stmt *st;
    enum err err = db_use(&store->db, SQL_PAYLOAD_GET, &st);
    if (err)
        return err;
    bind_u64(st, 1, id);
    err = db_step(st);
    if (err)
        return err;
    out_str(out, col_str(st, 0));
    db_reset(st);
    return out->err;
}

enum err store_find_key(struct store *store, uint32_t actor, struct str key,
                        const uint8_t request_hash[STORE_REQUEST_HASH_BYTES], int64_t now_us,
                        struct out *out)
{
    struct sqlite3_stmt *st;
    enum err err = db_use(&store->db, SQL_KEY_GET, &st);
    if (err)
        return err;
    bind_i64(st, 1, actor);
    bind_text(st, 2, key);
    err = db_step(st);
    if (err)
        return err;
    struct str hash = {(const char *)request_hash, STORE_REQUEST_HASH_BYTES};
    if (col_i64(st, 0) < now_us - STORE_KEY_DAYS * US_PER_DAY) {
        err = ERR_NOT_FOUND;
    } else if (!str_eq(col_str(st, 1), hash)) {
        err = ERR_STATE;
    } else {
        out_str(out, col_str(st, 2));
        err = out->err;
    }
    db_reset(st);
    return err;
}
