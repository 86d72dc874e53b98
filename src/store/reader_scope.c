/* Trees and envelopes: what scope_holds needs to say of a row what the SQL says of it. */
#include "store/reader_priv.h"

static enum err load_tree(struct reader *r, enum sql sql, struct arena *arena,
                          struct scope_tree *ret_tree)
{
    struct sqlite3_stmt *st;
    uint32_t *parents = NULL, count = 0;
    enum err err = db_use(&r->db, sql, &st);
    if (err)
        return err;
    while ((err = db_step(st)) == OK) {
        uint32_t number = col_u32(st, 0);
        if (!parents) { /* the highest number comes first */
            count = number + 1;
            parents = ARENA_NEW(arena, uint32_t, count);
        }
        if (!parents) {
            err = ERR_LIMIT;
            break;
        }
        parents[number] = col_u32(st, 1);
    }
    db_reset(st);
    if (err != ERR_NOT_FOUND)
        return err;
    *ret_tree = (struct scope_tree){parents, count};
    return OK;
}

enum err reader_trees(struct reader *reader, struct arena *arena, struct scope_trees *ret_trees)
{
    struct scope_trees trees = {0};
    enum err err = load_tree(reader, SQL_AREA_PARENTS, arena, &trees.areas);
    if (!err)
        err = load_tree(reader, SQL_BODY_PARENTS, arena, &trees.bodies);
    if (!err)
        *ret_trees = trees;
    return err;
}

static enum err units_of_incident(struct reader *r, uint32_t incident, struct refs *units)
{
    struct sqlite3_stmt *st;
    enum err err = db_use(&r->db, SQL_UNITS_OF_INCIDENT, &st);
    if (err)
        return err;
    bind_i64(st, 1, incident);
    bind_i64(st, 2, MAX_REFS);
    while ((err = db_step(st)) == OK && units->count < MAX_REFS)
        units->v[units->count++] = col_u32(st, 0);
    db_reset(st);
    return err == ERR_NOT_FOUND ? OK : err;
}

enum err reader_envelope(struct reader *reader, const struct reader_row *row,
                         enum data_class data_class, struct envelope *ret_envelope)
{
    struct view_object object = {row->kind, row->number, row->seq, row->object};
    enum err err = OK;
    view_envelope(&object, ret_envelope);
    ret_envelope->data_class = data_class;
    if (row->kind == OBJECT_incident)
        err = units_of_incident(reader, row->number, &ret_envelope->units);
    else if (row->kind == OBJECT_emergency) /* its own unit is there already */
        err = units_of_incident(reader, ((const struct emergency_object *)row->object)->incident.v,
                                &ret_envelope->units);
    return err;
}

static enum err incident_of(struct reader *r, uint64_t seq, uint32_t *ret_incident)
{
    struct sqlite3_stmt *st;
    enum err err = db_use(&r->db, SQL_EVENT_INCIDENT, &st);
    if (err)
        return err;
    bind_u64(st, 1, seq);
    err = db_step(st);
    if (!err)
        *ret_incident = col_u32(st, 0);
    db_reset(st);
    return err;
}

/* The body that an object belongs to now; kinds that belong to none are not looked at. */
static enum err body_of_object(struct reader *r, enum object_kind kind, uint32_t number,
                               struct body_id *ret_body)
{
    struct arena arena;
    struct view_object object = {kind, number, 0, NULL};
    struct envelope e;
    if (!view_column(view_get((enum view_id)kind), STR("body")))
        return OK;
    arena_init(&arena, 1u << 20);
    enum err err = reader_record(r, kind, number, &arena, &object.object, &object.seq);
    if (!err) {
        view_envelope(&object, &e);
        *ret_body = e.body;
    }
    arena_done(&arena);
    return err;
}

enum err reader_event_envelope(struct reader *reader, const struct event *event,
                               struct envelope *ret_envelope)
{
    const struct event_def *def = event_def(event->kind);
    struct envelope e = {.kind = def->object_kind,
                         .number = event->object,
                         .area = event->area,
                         .data_class = DATA_DUTY,
                         .is_open = true};
    uint32_t incident = 0;
    enum err err = incident_of(reader, event->seq, &incident);
    if (!err)
        err = body_of_object(reader, def->object_kind, event->object, &e.body);
    if (def->object_kind == OBJECT_unit)
        e.units = (struct refs){1, {event->object}};
    else if (!err && incident != 0)
        err = units_of_incident(reader, incident, &e.units);
    if (!err)
        *ret_envelope = e;
    return err;
}
