/* Keys of stored files: found by what the event or the row says of the file, never shown as JSON.
 */
#include "store/reader.h"

#include "store/reader_priv.h"

/* The payload that holds the key of this incident's file; 0: none. */
static enum err find_attached(struct reader *r, uint32_t incident, struct str blob,
                              uint64_t *ret_payload)
{
    struct sqlite3_stmt *st;
    enum err err = db_use(&r->db, SQL_EVENT_OF_OBJECT, &st);
    if (err)
        return err;
    bind_i64(st, 1, 0);
    bind_i64(st, 2, INT64_MAX);
    bind_i64(st, 3, INT64_MAX);
    bind_i64(st, 4, OBJECT_incident);
    bind_i64(st, 5, incident);
    while ((err = db_step(st)) == OK) {
        struct event event;
        struct str body;
        if (col_u32(st, 1) != EVENT_incident_attached)
            continue;
        err = rows_event(st, r->realm, r->room, &event, &body);
        const struct incident_attach *f = event.fields;
        if (!err && str_eq(f->blob, blob))
            *ret_payload = f->key.payload;
        if (err || *ret_payload)
            break;
    }
    if (err != ERR_NOT_FOUND)
        db_reset(st);
    return err == ERR_NOT_FOUND ? OK : err;
}

static enum err find_reported(struct reader *r, uint32_t signal, struct str blob,
                              uint64_t *ret_payload)
{
    struct arena arena;
    const void *object;
    uint64_t seq;
    arena_init(&arena, 1u << 16);
    enum err err = reader_record(r, OBJECT_signal, signal, &arena, &object, &seq);
    const struct signal_object *s = object;
    if (!err && str_eq_c(blob, s->blob))
        *ret_payload = s->blob_key.payload;
    arena_done(&arena);
    return err;
}

enum err reader_blob_key(struct reader *reader, enum object_kind kind, uint32_t number,
                         struct str blob, struct out *key)
{
    struct sqlite3_stmt *st;
    uint64_t payload = 0;
    enum err err = kind == OBJECT_incident ? find_attached(reader, number, blob, &payload)
                   : kind == OBJECT_signal ? find_reported(reader, number, blob, &payload)
                                           : ERR_NOT_FOUND;
    if (!err && payload == 0)
        err = ERR_NOT_FOUND;
    if (!err)
        err = db_use(&reader->db, SQL_PAYLOAD_GET, &st);
    if (err)
        return err;
    bind_u64(st, 1, payload);
    err = db_step(st);
    if (err)
        return err;
    out_str(key, col_str(st, 0));
    db_reset(st);
    return key->err;
}
