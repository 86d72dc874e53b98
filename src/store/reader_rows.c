/* Rows and events as JSON and as structs: what lists, single objects, log and push share. */
#include "store/reader.h"

#include "store/reader_priv.h"

#define OBJECT_MEMBER(number, name) struct name##_object name;
union any_object {
    OBJECT_KINDS(OBJECT_MEMBER)
};
#undef OBJECT_MEMBER
#define FIELDS_MEMBER(number, name, object, rec, version) struct rec name;
union any_fields {
    EVENTS(FIELDS_MEMBER)
};
#undef FIELDS_MEMBER

static enum err payload_text(struct reader *r, uint64_t id, struct str *ret_text)
{
    struct sqlite3_stmt *st;
    enum err err = db_use(&r->db, SQL_PAYLOAD_GET, &st);
    if (err)
        return err;
    bind_u64(st, 1, id);
    err = db_step(st);
    if (err) { /* retention took it: null */
        *ret_text = (struct str){0};
        return err == ERR_NOT_FOUND ? OK : err;
    }
    *ret_text = arena_dup(&r->arena, col_str(st, 0));
    db_reset(st);
    return ret_text->p ? OK : ERR_LIMIT;
}

/* Takes secrets out, and personal values too unless their texts are wanted. */
static enum err open_personal(struct reader *r, const struct record *rec, void *object,
                              bool with_personal)
{
    enum err err = OK;
    for (uint32_t i = 0; i < rec->field_count && !err; i++) {
        const struct field *f = &rec->fields[i];
        if (f->data_class != DATA_PERSONAL && f->data_class != DATA_SECRET)
            continue;
        if (f->data_class == DATA_SECRET || !with_personal) {
            record_set_has(rec, object, f->offset, false);
        } else if (f->type == FIELD_PERSONAL && record_has(rec, object, f->offset)) {
            struct personal *p = (struct personal *)(void *)((char *)object + f->offset);
            err = payload_text(r, p->payload, &p->text);
        }
    }
    return err;
}

static void write_row(uint32_t realm, const struct reader_row *row, const void *object,
                      struct json_out *j)
{
    char id[ID_TEXT_CAP];
    id_text(row->kind, realm, row->number, id);
    json_obj(j);
    record_json_write(object_record(row->kind), object, realm, j);
    json_kc(j, "id", id);
    json_ku64(j, "seq", row->seq);
    json_obj_end(j);
}

enum err reader_write_object(struct reader *r, const struct store_row *row, bool with_personal,
                             struct json_out *j)
{
    const struct reader_row found = {row->kind, row->number, row->seq, r->room};
    enum err err = open_personal(r, object_record(row->kind), r->room, with_personal);
    if (!err)
        write_row(r->realm, &found, r->room, j);
    return err;
}

void reader_row_json(uint32_t realm, const struct reader_row *row, struct json_out *j)
{
    const struct record *rec = object_record(row->kind);
    union any_object copy;
    memcpy(&copy, row->object, rec->size);
    for (uint32_t i = 0; i < rec->field_count; i++) {
        enum data_class data_class = rec->fields[i].data_class;
        if (data_class == DATA_PERSONAL || data_class == DATA_SECRET)
            record_set_has(rec, &copy, rec->fields[i].offset, false);
    }
    write_row(realm, row, &copy, j);
}

static enum err read_state(struct reader *r, enum object_kind kind, uint32_t number, void *room,
                           struct arena *arena, uint64_t *ret_seq)
{
    struct sqlite3_stmt *st;
    struct store_row row;
    enum err err = db_use(&r->db, SQL_STATE_GET, &st);
    if (err)
        return err;
    bind_i64(st, 1, STATE_ID(kind, number));
    err = db_step(st);
    if (err)
        return err;
    err = rows_state(st, &row);
    if (!err) {
        row.bytes = arena_dup(arena, row.bytes);
        err = row.bytes.p ? rows_object(&row, room) : ERR_LIMIT;
    }
    db_reset(st);
    if (!err && ret_seq)
        *ret_seq = row.seq;
    return err;
}

enum err reader_record(struct reader *reader, enum object_kind kind, uint32_t number,
                       struct arena *arena, const void **ret_object, uint64_t *ret_seq)
{
    const struct record *rec = object_record(kind);
    void *room = rec ? arena_alloc(arena, 1, rec->size) : NULL;
    if (!room)
        return rec ? ERR_LIMIT : ERR_NOT_FOUND;
    enum err err = read_state(reader, kind, number, room, arena, ret_seq);
    if (!err)
        *ret_object = room;
    return err;
}

enum err reader_session(struct reader *reader, struct str token_hash,
                        struct reader_session *ret_session)
{
    struct sqlite3_stmt *st;
    struct reader_session found;
    enum err err = db_use(&reader->db, SQL_SESSION_OF_TOKEN, &st);
    if (err)
        return err;
    if (token_hash.len == 0)
        return ERR_NOT_FOUND;
    arena_reset(&reader->arena);
    bind_text(st, 1, token_hash);
    err = db_step(st);
    if (err)
        return err;
    found.session.v = col_u32(st, 0);
    found.id.v = col_u32(st, 1);
    found.expires_us = col_i64(st, 2);
    db_reset(st);
    err = read_state(reader, OBJECT_user, found.id.v, &found.user, &reader->arena, NULL);
    if (!err && found.user.is_disabled)
        err = ERR_NOT_FOUND;
    if (!err)
        *ret_session = found;
    return err;
}

enum err reader_rows_after(struct reader *reader, uint64_t after_seq, uint64_t until_seq,
                           uint32_t max_count, reader_row_fn fn, void *ctx)
{
    struct sqlite3_stmt *st;
    uint64_t last_seq = after_seq;
    uint32_t count = 0;
    enum err err = db_use(&reader->db, SQL_STATE_AFTER, &st);
    if (err)
        return err;
    bind_u64(st, 1, after_seq);
    bind_u64(st, 2, until_seq);
    while ((err = db_step(st)) == OK) {
        struct store_row row;
        err = rows_state(st, &row);
        if (!err && count >= max_count && row.seq != last_seq)
            break;
        if (!err)
            err = rows_object(&row, reader->room);
        struct reader_row found = {row.kind, row.number, row.seq, reader->room};
        if (!err)
            err = fn(ctx, &found);
        if (err)
            break;
        last_seq = row.seq;
        count++;
    }
    if (err != ERR_NOT_FOUND)
        db_reset(st);
    return err == ERR_NOT_FOUND ? OK : err;
}

enum err reader_events_after(struct reader *reader, uint64_t after_seq, uint32_t max_count,
                             reader_event_fn fn, void *ctx)
{
    struct sqlite3_stmt *st;
    enum err err = db_use(&reader->db, SQL_EVENT_RANGE, &st);
    if (err)
        return err;
    arena_reset(&reader->arena);
    bind_u64(st, 1, after_seq + 1);
    bind_i64(st, 2, INT64_MAX);
    bind_i64(st, 3, max_count);
    while ((err = db_step(st)) == OK) {
        struct event event;
        struct str body;
        err = rows_event(st, reader->realm, reader->room, &event, &body);
        if (!err)
            err = fn(ctx, &event);
        if (err)
            break;
    }
    if (err != ERR_NOT_FOUND)
        db_reset(st);
    return err == ERR_NOT_FOUND ? OK : err;
}

static enum err actor_name(struct reader *r, struct user_id actor, char buf[MAX_NAME_BYTES + 1])
{
    struct sqlite3_stmt *st;
    struct store_row row;
    struct user_object user;
    enum err err = db_use(&r->db, SQL_STATE_GET, &st);
    if (err)
        return err;
    bind_i64(st, 1, STATE_ID(OBJECT_user, actor.v));
    err = db_step(st);
    if (err)
        return err;
    err = rows_state(st, &row);
    if (!err)
        err = rows_object(&row, &user);
    db_reset(st);
    if (!err)
        (void)str_copy(str_of(user.name), buf, MAX_NAME_BYTES + 1);
    return err;
}

static enum err write_actor(struct reader *r, struct user_id actor, struct json_out *j)
{
    char id[ID_TEXT_CAP], name[MAX_NAME_BYTES + 1];
    json_key(j, "actor");
    if (actor.v == 0) {
        json_nil(j);
        return OK;
    }
    enum err err = actor_name(r, actor, name);
    id_text(OBJECT_user, r->realm, actor.v, id);
    json_obj(j);
    json_kc(j, "id", id);
    if (!err)
        json_kc(j, "name", name);
    json_obj_end(j);
    return err == ERR_NOT_FOUND ? OK : err;
}

static void write_time(struct json_out *j, const char *key, int64_t utc_us)
{
    char text[UTC_ISO_CAP];
    utc_iso(utc_us, text);
    json_kc(j, key, text);
}

static bool is_hidden(enum event_kind kind)
{
    const enum event_kind *without = view_get(VIEW_log)->without;
    while (*without != EVENT_NONE && *without != kind)
        without++;
    return *without == kind;
}

enum err reader_event_json(struct reader *reader, const struct event *event, bool with_personal,
                           struct json_out *j)
{
    const struct event_def *def = event_def(event->kind);
    union any_fields fields;
    char object[ID_TEXT_CAP];
    if (is_hidden(event->kind))
        return ERR_NOT_FOUND;
    memcpy(&fields, event->fields, def->fields->size);
    enum err err = open_personal(reader, def->fields, &fields, with_personal);
    if (err)
        return err;
    id_text(def->object_kind, reader->realm, event->object, object);
    json_obj(j);
    json_ku64(j, "seq", event->seq);
    json_kc(j, "event", def->name);
    json_kc(j, "object", object);
    write_time(j, "at", event->at_us);
    write_time(j, "recorded", event->recorded_us);
    json_kc(j, "at_source", enum_wire(&enum_clock_source, event->at_source));
    err = write_actor(reader, event->actor, j);
    json_kc(j, "role", enum_wire(&enum_role, event->role));
    json_key(j, "fields");
    json_obj(j);
    record_json_write(def->fields, &fields, reader->realm, j);
    json_obj_end(j);
    json_obj_end(j);
    return err;
}
