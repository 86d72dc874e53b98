#include "store/tiles.h"

#include <sqlite3.h>
#include <unistd.h>

#define MAX_ZOOM 24

struct tiles_reader {
    sqlite3 *handle;
    sqlite3_stmt *tile, *meta;
};

static enum err prepare(struct tiles_reader *reader)
{
    static const char tile[] = "SELECT tile_data FROM tiles "
                               "WHERE zoom_level = ?1 AND tile_column = ?2 AND tile_row = ?3";
    static const char meta[] = "SELECT value FROM metadata WHERE name = ?1";
    if (sqlite3_prepare_v2(reader->handle, tile, -1, &reader->tile, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(reader->handle, meta, -1, &reader->meta, NULL) != SQLITE_OK)
        return ERR_CORRUPT;
    return OK;
}

enum err tiles_open(const char *path, struct tiles_reader **ret_reader)
{
    if (access(path, R_OK) != 0)
        return ERR_NOT_FOUND;
    struct tiles_reader *reader = calloc(1, sizeof *reader);
    if (!reader)
        abort();
    enum err err = ERR_IO;
    if (sqlite3_open_v2(path, &reader->handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) ==
        SQLITE_OK)
        err = prepare(reader);
    if (err == OK)
        *ret_reader = reader;
    else
        tiles_close(reader);
    return err;
}

void tiles_close(struct tiles_reader *reader)
{
    if (!reader)
        return;
    (void)sqlite3_finalize(reader->tile);
    (void)sqlite3_finalize(reader->meta);
    (void)sqlite3_close(reader->handle);
    free(reader);
}

/* First column of the first row, lent until the statement is used again. */
static enum err first(sqlite3_stmt *st, struct str *ret_bytes)
{
    int rc = sqlite3_step(st);
    if (rc == SQLITE_DONE)
        return ERR_NOT_FOUND;
    if (rc != SQLITE_ROW)
        return rc == SQLITE_CORRUPT || rc == SQLITE_NOTADB ? ERR_CORRUPT : ERR_IO;
    const void *p = sqlite3_column_blob(st, 0);
    *ret_bytes = (struct str){p ? p : "", (size_t)sqlite3_column_bytes(st, 0)};
    return OK;
}

enum err tiles_get(struct tiles_reader *reader, uint32_t z, uint32_t x, uint32_t y,
                   struct str *ret_bytes)
{
    if (z > MAX_ZOOM || x >> z != 0 || y >> z != 0)
        return ERR_RANGE;
    (void)sqlite3_reset(reader->tile);
    (void)sqlite3_bind_int64(reader->tile, 1, z);
    (void)sqlite3_bind_int64(reader->tile, 2, x);
    (void)sqlite3_bind_int64(reader->tile, 3, (sqlite3_int64)((INT64_C(1) << z) - 1 - y));
    return first(reader->tile, ret_bytes);
}

enum err tiles_meta(struct tiles_reader *reader, const char *name, struct str *ret_value)
{
    (void)sqlite3_reset(reader->meta);
    (void)sqlite3_bind_text(reader->meta, 1, name, -1, SQLITE_STATIC);
    return first(reader->meta, ret_value);
}
