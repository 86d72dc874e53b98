/* The schema, as steps that are never changed once released: a new version is a new step. Views and
 * search are no part of it: they are made from state rows whenever their definition changes. */
#include "store/sql_priv.h"

static const char step_1[] =
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);"
    "CREATE TABLE migration (version INTEGER PRIMARY KEY, applied_us INTEGER NOT NULL);"
    "CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL);"

    "CREATE TABLE event (seq INTEGER PRIMARY KEY, kind INTEGER NOT NULL, "
    "version INTEGER NOT NULL, object_kind INTEGER NOT NULL, object INTEGER NOT NULL, "
    "actor INTEGER NOT NULL, role INTEGER NOT NULL, at_us INTEGER NOT NULL, "
    "at_source INTEGER NOT NULL, recorded_us INTEGER NOT NULL, area INTEGER NOT NULL, "
    "class INTEGER NOT NULL, incident INTEGER NOT NULL, body BLOB NOT NULL);"
    "CREATE INDEX event_object ON event (object_kind, object, seq);"
    "CREATE INDEX event_incident ON event (incident, seq);"

    "CREATE TABLE state (id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, "
    "is_open INTEGER NOT NULL, bytes BLOB NOT NULL);"
    "CREATE INDEX state_seq ON state (seq);"
    "CREATE INDEX state_open ON state (id) WHERE is_open = 1;"

    "CREATE TABLE due (id INTEGER PRIMARY KEY, at_us INTEGER NOT NULL);"
    "CREATE INDEX due_at ON due (at_us, id);"

    "CREATE TABLE payload (id INTEGER PRIMARY KEY, class INTEGER NOT NULL, "
    "expires_us INTEGER NOT NULL, text BLOB NOT NULL);"
    "CREATE INDEX payload_expires ON payload (expires_us) WHERE expires_us > 0;"

    "CREATE TABLE request_key (actor INTEGER NOT NULL, name TEXT NOT NULL, "
    "at_us INTEGER NOT NULL, hash BLOB NOT NULL, outcome BLOB NOT NULL, "
    "PRIMARY KEY (actor, name));"
    "CREATE INDEX request_key_at ON request_key (at_us);"

    "CREATE TABLE outbox (id INTEGER PRIMARY KEY, made_us INTEGER NOT NULL, "
    "delivered_us INTEGER NOT NULL, channel TEXT NOT NULL, bytes BLOB NOT NULL);"
    "CREATE INDEX outbox_waiting ON outbox (id) WHERE delivered_us = 0;"

    "CREATE TABLE track (unit INTEGER NOT NULL, at_us INTEGER NOT NULL, "
    "lat_e7 INTEGER NOT NULL, lon_e7 INTEGER NOT NULL, speed_mm_s INTEGER NOT NULL, "
    "course_cdeg INTEGER NOT NULL, PRIMARY KEY (unit, at_us));"
    "CREATE INDEX track_at ON track (at_us);"

    "CREATE TABLE audit (line INTEGER PRIMARY KEY, at_us INTEGER NOT NULL, "
    "kind INTEGER NOT NULL, seq INTEGER NOT NULL, actor INTEGER NOT NULL, "
    "role INTEGER NOT NULL, purpose INTEGER NOT NULL, object_kind INTEGER NOT NULL, "
    "object INTEGER NOT NULL, what TEXT NOT NULL, digest BLOB NOT NULL, chain BLOB NOT NULL);";

static const char *const steps[] = {NULL, step_1};

const char *sql_migration(uint32_t version)
{
    return version < sizeof steps / sizeof steps[0] ? steps[version] : NULL;
}

const char sql_public_schema[] =
    "CREATE TABLE answer (code TEXT PRIMARY KEY, stage TEXT NOT NULL, answer TEXT NOT NULL, "
    "hour_us INTEGER NOT NULL);"
    "CREATE TABLE notice (id INTEGER PRIMARY KEY, category TEXT NOT NULL, text TEXT NOT NULL, "
    "day TEXT NOT NULL);"
    "CREATE TABLE counts (month TEXT NOT NULL, type TEXT NOT NULL, number INTEGER NOT NULL, "
    "PRIMARY KEY (month, type));";

static const char *type_of(const struct view_column *column)
{
    return view_column_is_text(column) ? "TEXT" : "INTEGER";
}

static void make_view(const struct view *view, struct out *out)
{
    out_printf(out,
               "CREATE TABLE view_%s (\"key\" INTEGER PRIMARY KEY, seq INTEGER NOT NULL, "
               "scope_area INTEGER NOT NULL, scope_body INTEGER NOT NULL, "
               "scope_user INTEGER NOT NULL, scope_open INTEGER NOT NULL",
               view->name);
    for (uint32_t i = 0; i < view->column_count; i++)
        out_printf(out, ", \"%s\" %s NOT NULL", view->columns[i].name, type_of(&view->columns[i]));
    out_c(out, ");");
    for (uint32_t i = 0; i < view->column_count; i++) {
        const char *name = view->columns[i].name;
        if (view->columns[i].flags & (COLUMN_ORDER | COLUMN_INDEX))
            out_printf(out, "CREATE INDEX view_%s_%s ON view_%s (\"%s\", \"key\");", view->name,
                       name, view->name, name);
    }
}

void sql_views_make(struct out *out)
{
    for (unsigned i = 1; i < VIEW_COUNT; i++) {
        const struct view *view = view_get((enum view_id)i);
        if (view->kind != OBJECT_NONE)
            make_view(view, out);
    }
    /* A plain table: rows can be deleted; every Chinese character is a word of its own (search.c).
     */
    out_c(out, "CREATE VIRTUAL TABLE search USING fts5 (text, "
               "tokenize = 'unicode61 remove_diacritics 2');");
}

void sql_views_drop(struct out *out)
{
    for (unsigned i = 1; i < VIEW_COUNT; i++) {
        const struct view *view = view_get((enum view_id)i);
        if (view->kind != OBJECT_NONE)
            out_printf(out, "DROP TABLE IF EXISTS view_%s;", view->name);
    }
    out_c(out, "DROP TABLE IF EXISTS search;");
}

void sql_view_put(const struct view *view, struct out *out)
{
    out_printf(out,
               "INSERT INTO view_%s (\"key\", seq, scope_area, scope_body, scope_user, scope_open",
               view->name);
    for (uint32_t i = 0; i < view->column_count; i++)
        out_printf(out, ", \"%s\"", view->columns[i].name);
    out_c(out, ") VALUES (?, ?, ?, ?, ?, ?");
    for (uint32_t i = 0; i < view->column_count; i++)
        out_c(out, ", ?");
    out_c(out, ") ON CONFLICT (\"key\") DO UPDATE SET seq = excluded.seq, "
               "scope_area = excluded.scope_area, scope_body = excluded.scope_body, "
               "scope_user = excluded.scope_user, scope_open = excluded.scope_open");
    for (uint32_t i = 0; i < view->column_count; i++)
        out_printf(out, ", \"%s\" = excluded.\"%s\"", view->columns[i].name, view->columns[i].name);
}
