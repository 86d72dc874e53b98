#include "store/public.h"

#include "base/utc.h"
#include "store/db_priv.h"

#include <sys/stat.h>

struct public_reader {
    char path[1100];
    ino_t inode; /* of the file that is open: core makes a new one at each start */
    struct db db;
};

static enum err refresh(struct public_reader *r)
{
    struct stat st;
    if (stat(r->path, &st) != 0) {
        db_close(&r->db);
        r->inode = 0;
        return ERR_NOT_FOUND;
    }
    if (r->db.handle && st.st_ino == r->inode)
        return OK;
    db_close(&r->db);
    r->inode = st.st_ino;
    return db_open(&r->db, r->path, DB_READ, NULL);
}

enum err public_open(const char *dir, struct public_reader **ret_reader)
{
    struct public_reader *r = calloc(1, sizeof *r);
    if (!r)
        abort();
    int n = snprintf(r->path, sizeof r->path, "%s/public.db", dir);
    if (n < 0 || (size_t)n >= sizeof r->path) {
        free(r);
        return ERR_LIMIT;
    }
    *ret_reader = r;
    return OK;
}

void public_close(struct public_reader *reader)
{
    if (!reader)
        return;
    db_close(&reader->db);
    free(reader);
}

enum err public_answer(struct public_reader *reader, struct str code_hash, struct json_out *j)
{
    struct sqlite3_stmt *st;
    char hour[UTC_ISO_CAP];
    enum err err = refresh(reader);
    if (!err)
        err = db_use(&reader->db, SQL_ANSWER_GET, &st);
    if (err)
        return err;
    bind_text(st, 1, code_hash);
    err = db_step(st);
    if (err)
        return err;
    utc_iso(col_i64(st, 2), hour);
    json_obj(j);
    json_kstr(j, "stage", col_str(st, 0));
    json_kc(j, "updated_hour", hour);
    if (col_str(st, 1).len > 0)
        json_kstr(j, "answer", col_str(st, 1));
    json_obj_end(j);
    db_reset(st);
    return OK;
}

enum err public_notices(struct public_reader *reader, struct json_out *j)
{
    struct sqlite3_stmt *st;
    enum err err = refresh(reader);
    if (!err)
        err = db_use(&reader->db, SQL_NOTICES_GET, &st);
    if (err)
        return err;
    bind_i64(st, 1, PUBLIC_MAX_NOTICES);
    json_arr(j);
    while ((err = db_step(st)) == OK) {
        json_obj(j);
        json_kstr(j, "type", col_str(st, 0));
        json_kstr(j, "text", col_str(st, 1));
        json_kstr(j, "day", col_str(st, 2));
        json_obj_end(j);
    }
    json_arr_end(j);
    return err == ERR_NOT_FOUND ? OK : err;
}

enum err public_counts(struct public_reader *reader, struct json_out *j)
{
    struct sqlite3_stmt *st;
    enum err err = refresh(reader);
    if (!err)
        err = db_use(&reader->db, SQL_COUNTS_GET, &st);
    if (err)
        return err;
    json_arr(j);
    while ((err = db_step(st)) == OK) {
        json_obj(j);
        json_kstr(j, "month", col_str(st, 0));
        json_kstr(j, "type", col_str(st, 1));
        json_ki64(j, "count", col_i64(st, 2));
        json_obj_end(j);
    }
    json_arr_end(j);
    return err == ERR_NOT_FOUND ? OK : err;
}
