#include "store/db_priv.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#define READ_WAIT_MS 2000
#define WHOLE_WAIT_MS 200

enum err db_err(int rc)
{
    switch (rc & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return OK;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ERR_BUSY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return ERR_CORRUPT;
    case SQLITE_CONSTRAINT:
        return ERR_EXISTS;
    case SQLITE_NOMEM:
    case SQLITE_FULL:
        return ERR_LIMIT;
    default:
        return ERR_IO;
    }
}

enum err db_make_private(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    return fd >= 0 && close(fd) == 0 ? OK : ERR_IO;
}

static int count_pages(void *db, sqlite3 *handle, const char *name, int pages)
{
    (void)handle;
    (void)name;
    ((struct db *)db)->log_pages = pages;
    return SQLITE_OK;
}

enum err db_open(struct db *db, const char *path, enum db_mode mode, const char *vfs)
{
    int flags =
        SQLITE_OPEN_NOMUTEX |
        (mode == DB_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    memset(db, 0, sizeof *db);
    enum err err = db_err(sqlite3_open_v2(path, &db->handle, flags, vfs));
    if (!err) {
        /* The log and its index stay when the last one closes: a reader may open at any time. */
        int on = 1;
        (void)sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_PERSIST_WAL, &on);
        (void)sqlite3_busy_timeout(db->handle, READ_WAIT_MS);
        err = db_exec(db, mode == DB_WRITE  ? sql_writer_settings
                          : mode == DB_READ ? sql_reader_settings
                                            : sql_public_settings);
    }
    if (!err && mode == DB_WRITE)
        (void)sqlite3_wal_hook(db->handle, count_pages, db);
    if (err)
        db_close(db);
    return err;
}

void db_close(struct db *db)
{
    for (int i = 0; i < SQL_COUNT; i++)
        (void)sqlite3_finalize(db->prepared[i]);
    (void)sqlite3_close(db->handle);
    memset(db, 0, sizeof *db);
}

enum err db_exec(struct db *db, const char *sql)
{
    return db_err(sqlite3_exec(db->handle, sql, NULL, NULL, NULL));
}

enum err db_run(struct db *db, enum sql sql)
{
    struct sqlite3_stmt *st;
    enum err err = db_use(db, sql, &st);
    return err ? err : db_done(st);
}

enum err db_use(struct db *db, enum sql sql, struct sqlite3_stmt **ret_st)
{
    struct sqlite3_stmt **st = &db->prepared[sql];
    if (!*st) {
        int rc =
            sqlite3_prepare_v3(db->handle, sql_text(sql), -1, SQLITE_PREPARE_PERSISTENT, st, NULL);
        if (rc != SQLITE_OK)
            return rc == SQLITE_ERROR ? ERR_CORRUPT : db_err(rc);
    }
    db_reset(*st);
    *ret_st = *st;
    return OK;
}

enum err db_prepare(struct db *db, struct str sql, struct sqlite3_stmt **ret_st)
{
    int rc = sqlite3_prepare_v2(db->handle, sql.p, (int)sql.len, ret_st, NULL);
    return rc == SQLITE_ERROR ? ERR_CORRUPT : db_err(rc);
}

void db_drop(struct sqlite3_stmt *st)
{
    (void)sqlite3_finalize(st);
}

void bind_i64(struct sqlite3_stmt *st, int at, int64_t v)
{
    (void)sqlite3_bind_int64(st, at, v);
}

void bind_u64(struct sqlite3_stmt *st, int at, uint64_t v)
{
    (void)sqlite3_bind_int64(st, at, (int64_t)v);
}

void bind_text(struct sqlite3_stmt *st, int at, struct str v)
{
    (void)sqlite3_bind_text(st, at, v.p ? v.p : "", (int)v.len, SQLITE_STATIC);
}

void bind_blob(struct sqlite3_stmt *st, int at, struct str v)
{
    (void)sqlite3_bind_blob(st, at, v.p ? v.p : "", (int)v.len, SQLITE_STATIC);
}

enum err db_step(struct sqlite3_stmt *st)
{
    int rc = sqlite3_step(st);
    if (rc == SQLITE_ROW)
        return OK;
    db_reset(st);
    return rc == SQLITE_DONE ? ERR_NOT_FOUND : db_err(rc);
}

enum err db_done(struct sqlite3_stmt *st)
{
    enum err err = db_step(st);
    if (!err)
        db_reset(st);
    return err == ERR_NOT_FOUND ? OK : err;
}

void db_reset(struct sqlite3_stmt *st)
{
    (void)sqlite3_reset(st);
    (void)sqlite3_clear_bindings(st);
}

int64_t col_i64(struct sqlite3_stmt *st, int at)
{
    return sqlite3_column_int64(st, at);
}

uint32_t col_u32(struct sqlite3_stmt *st, int at)
{
    return (uint32_t)sqlite3_column_int64(st, at);
}

uint64_t col_u64(struct sqlite3_stmt *st, int at)
{
    return (uint64_t)sqlite3_column_int64(st, at);
}

struct str col_str(struct sqlite3_stmt *st, int at)
{
    const char *p = sqlite3_column_blob(st, at);
    return (struct str){p ? p : "", (size_t)sqlite3_column_bytes(st, at)};
}

uint64_t db_changes(const struct db *db)
{
    return (uint64_t)sqlite3_changes64(db->handle);
}

enum err db_checkpoint(struct db *db, bool is_whole)
{
    int mode = is_whole ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
    (void)sqlite3_busy_timeout(db->handle, WHOLE_WAIT_MS);
    int rc = sqlite3_wal_checkpoint_v2(db->handle, NULL, mode, NULL, NULL);
    (void)sqlite3_busy_timeout(db->handle, READ_WAIT_MS);
    if (rc == SQLITE_OK)
        db->log_pages = 0;
    return db_err(rc);
}

enum err db_number(struct db *db, enum sql sql, int64_t *ret)
{
    struct sqlite3_stmt *st;
    enum err err = db_use(db, sql, &st);
    if (!err)
        err = db_step(st);
    if (err == ERR_NOT_FOUND) {
        *ret = 0;
        return OK;
    }
    if (!err) {
        *ret = col_i64(st, 0);
        db_reset(st);
    }
    return err;
}
