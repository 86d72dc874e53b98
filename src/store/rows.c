/* Rows of tables as structs. */
#include "store/store_priv.h"

static size_t widest(void)
{
    size_t most = 0;
    for (unsigned i = 1; i < OBJECT_KIND_COUNT; i++) {
        if (object_record((enum object_kind)i)->size > most)
            most = object_record((enum object_kind)i)->size;
    }
    for (unsigned i = 1; i < EVENT_KIND_COUNT; i++) {
        const struct event_def *def = event_def((enum event_kind)i);
        if (def && def->fields->size > most)
            most = def->fields->size;
    }
    return most;
}

void *rows_room(void)
{
    void *room = calloc(1, widest());
    if (!room)
        abort();
    return room;
}

enum err rows_event(struct sqlite3_stmt *st, uint32_t realm, void *room, struct event *ret_event,
                    struct str *ret_body)
{
    const struct event_def *def = event_def((enum event_kind)col_u32(st, 1));
    if (!def)
        return ERR_CORRUPT;
    *ret_event = (struct event){.realm = realm,
                                .seq = col_u64(st, 0),
                                .kind = (enum event_kind)col_u32(st, 1),
                                .version = (uint16_t)col_u32(st, 2),
                                .object = col_u32(st, 3),
                                .actor = {col_u32(st, 4)},
                                .role = (enum role)col_u32(st, 5),
                                .at_us = col_i64(st, 6),
                                .at_source = (enum clock_source)col_u32(st, 7),
                                .recorded_us = col_i64(st, 8),
                                .area = {col_u32(st, 9)},
                                .data_class = (enum data_class)col_u32(st, 10),
                                .fields = room};
    *ret_body = col_str(st, 11);
    return record_read(def->fields, *ret_body, room) == OK ? OK : ERR_CORRUPT;
}

enum err rows_state(struct sqlite3_stmt *st, struct store_row *ret_row)
{
    int64_t id = col_i64(st, 0);
    *ret_row = (struct store_row){.kind = STATE_KIND(id),
                                  .number = STATE_NUMBER(id),
                                  .seq = col_u64(st, 1),
                                  .is_open = col_i64(st, 2) != 0,
                                  .bytes = col_str(st, 3)};
    return object_record(ret_row->kind) ? OK : ERR_CORRUPT;
}

enum err rows_object(const struct store_row *row, void *room)
{
    return record_read(object_record(row->kind), row->bytes, room) == OK ? OK : ERR_CORRUPT;
}
