/* Brings a file to this program's schema and views, or refuses it in words. */
#include "store/search_priv.h"
#include "store/store_priv.h"

enum err meta_get(struct db *db, const char *name, char *buf, size_t cap)
{
    struct sqlite3_stmt *st;
    enum err err = db_use(db, SQL_META_GET, &st);
    if (err)
        return err;
    bind_text(st, 1, str_of(name));
    err = db_step(st);
    if (err)
        return err;
    bool is_whole = str_copy(col_str(st, 0), buf, cap);
    db_reset(st);
    return is_whole ? OK : ERR_CORRUPT;
}

enum err meta_put(struct db *db, const char *name, struct str value)
{
    struct sqlite3_stmt *st;
    enum err err = db_use(db, SQL_META_PUT, &st);
    if (err)
        return err;
    bind_text(st, 1, str_of(name));
    bind_text(st, 2, value);
    return db_done(st);
}

enum err counter_get(struct db *db, const char *name, uint64_t *ret)
{
    struct sqlite3_stmt *st;
    enum err err = db_use(db, SQL_COUNTER_GET, &st);
    if (err)
        return err;
    bind_text(st, 1, str_of(name));
    err = db_step(st);
    *ret = 0;
    if (err)
        return err == ERR_NOT_FOUND ? OK : err;
    *ret = col_u64(st, 0);
    db_reset(st);
    return OK;
}

enum err counter_put(struct db *db, const char *name, uint64_t value)
{
    struct sqlite3_stmt *st;
    enum err err = db_use(db, SQL_COUNTER_PUT, &st);
    if (err)
        return err;
    bind_text(st, 1, str_of(name));
    bind_u64(st, 2, value);
    return db_done(st);
}

static enum err put_number(struct db *db, const char *name, uint64_t value)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%llu", (unsigned long long)value);
    return meta_put(db, name, str_of(text));
}

enum err meta_number(struct db *db, const char *name, uint32_t *ret)
{
    char text[24];
    enum err err = meta_get(db, name, text, sizeof text);
    if (err)
        return err;
    return str_u32(str_of(text), ret) == OK ? OK : ERR_CORRUPT;
}

static uint32_t wanted_version(const struct store_options *options)
{
    return STORE_SCHEMA_VERSION + (options->next_step ? 1 : 0);
}

static enum err migrate(struct db *db, uint32_t from, const struct store_options *options)
{
    for (uint32_t v = from + 1; v <= wanted_version(options); v++) {
        struct sqlite3_stmt *st;
        enum err err =
            db_exec(db, v > STORE_SCHEMA_VERSION ? options->next_step : sql_migration(v));
        if (!err)
            err = db_use(db, SQL_MIGRATION_PUT, &st);
        if (err)
            return err;
        bind_i64(st, 1, v);
        bind_i64(st, 2, options->now_us);
        err = db_done(st);
        if (!err)
            err = put_number(db, "schema", v);
        if (err)
            return err;
    }
    return OK;
}

/* What the file's views were made from: a changed view table or projection makes them anew. */
#define PROJECTION_VERSION 2

static void views_name(struct out *make, char ret_hex[2 * DIGEST_BYTES + 1])
{
    uint8_t digest[DIGEST_BYTES];
    out_byte(make, PROJECTION_VERSION);
    digest_of(make->p, make->len, digest);
    str_hex(digest, DIGEST_BYTES, ret_hex);
    make->len--;
}

static enum err fill_views(struct writer *w)
{
    struct sqlite3_stmt *st;
    enum err err = db_use(&w->db, SQL_STATE_RANGE, &st);
    if (err)
        return err;
    bind_i64(st, 1, 0);
    bind_i64(st, 2, STATE_ID(OBJECT_KIND_COUNT, 0));
    while ((err = db_step(st)) == OK) {
        struct store_row row;
        err = rows_state(st, &row);
        if (!err)
            err = rows_object(&row, w->object);
        struct view_object object = {row.kind, row.number, row.seq, w->object};
        if (!err)
            err = apply_view(w, &object);
        if (err)
            break;
    }
    if (err != ERR_NOT_FOUND)
        db_reset(st);
    return err == ERR_NOT_FOUND ? OK : err;
}

static enum err make_views(struct writer *w)
{
    struct out make;
    char want[2 * DIGEST_BYTES + 1], have[2 * DIGEST_BYTES + 1];
    out_init(&make, 1u << 16);
    sql_views_make(&make);
    views_name(&make, want);
    enum err err = meta_get(&w->db, "views", have, sizeof have);
    if (!err && str_eq_c(str_of(have), want)) {
        out_done(&make);
        return OK;
    }
    if (err == ERR_NOT_FOUND)
        err = OK;
    struct out drop;
    out_init(&drop, 1u << 14);
    sql_views_drop(&drop);
    out_byte(&drop, 0);
    out_byte(&make, 0);
    if (!err)
        err = db_exec(&w->db, (const char *)drop.p);
    if (!err)
        err = db_exec(&w->db, (const char *)make.p);
    if (!err)
        err = fill_views(w);
    if (!err)
        err = meta_put(&w->db, "views", str_of(want));
    out_done(&drop);
    out_done(&make);
    return err;
}

static enum err check_realm(struct db *db, uint32_t realm, struct fault *ret_fault)
{
    uint32_t have;
    enum err err = meta_number(db, "realm", &have);
    if (err == ERR_NOT_FOUND)
        return put_number(db, "realm", realm);
    if (!err && have != realm)
        return fault_set(ret_fault, ERR_STATE, 0, "the folder belongs to another realm");
    return err;
}

enum err schema_version(struct db *db, uint32_t *ret_version)
{
    int64_t has_meta = 0;
    enum err err = db_number(db, SQL_HAS_META, &has_meta);
    *ret_version = 0;
    return err || !has_meta ? err : meta_number(db, "schema", ret_version);
}

static enum err bring_up(struct writer *w, const struct store_options *options,
                         struct fault *ret_fault)
{
    uint32_t version;
    enum err err = schema_version(&w->db, &version);
    if (!err && version > wanted_version(options))
        return fault_set(ret_fault, ERR_UNSUPPORTED, version,
                         "the store was written by a newer version of this program; use that "
                         "version, or restore a backup made before the upgrade");
    if (!err)
        err = migrate(&w->db, version, options);
    if (!err)
        err = check_realm(&w->db, options->realm, ret_fault);
    return err ? err : make_views(w);
}

enum err schema_open(struct writer *w, const struct store_options *options, struct fault *ret_fault)
{
    enum err err = db_run(&w->db, SQL_BEGIN_WRITE);
    if (err)
        return err;
    err = bring_up(w, options, ret_fault);
    if (!err)
        return db_run(&w->db, SQL_COMMIT);
    (void)db_run(&w->db, SQL_ROLLBACK);
    return err;
}
