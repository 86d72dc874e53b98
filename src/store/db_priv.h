/* db_priv.h - one SQLite connection with its prepared statements, and nothing that knows a table.
 * Layer: store. Threads: a connection belongs to one thread. */
#ifndef STORE_DB_PRIV_H
#define STORE_DB_PRIV_H
#include "store/sql_priv.h"

struct sqlite3;
struct sqlite3_stmt;

struct db {
    struct sqlite3 *handle;
    struct sqlite3_stmt *prepared[SQL_COUNT];
    int log_pages; /* DB_WRITE: in the log since it was last moved */
};
enum db_mode { DB_WRITE, DB_READ, DB_PUBLIC }; /* DB_PUBLIC: writes the derived file */

/* Makes the file, empty, for its owner alone: SQLite gives its log and index the same rights. */
enum err db_make_private(const char *path);
/* DB_WRITE: makes the file, WAL, full sync, no checkpoint by itself. ERR_IO, ERR_CORRUPT, ERR_BUSY.
 */
enum err db_open(struct db *db, const char *path, enum db_mode mode, const char *vfs);
void db_close(struct db *db);
enum err db_err(int rc); /* of SQLite's result code */

/* Runs one or more statements without rows. */
enum err db_exec(struct db *db, const char *sql);
enum err db_run(struct db *db, enum sql sql);
/* A prepared statement, reset and unbound; lent. ERR_CORRUPT: the tables are not as expected. */
enum err db_use(struct db *db, enum sql sql, struct sqlite3_stmt **ret_st);
/* A statement of its own; free with db_drop. */
enum err db_prepare(struct db *db, struct str sql, struct sqlite3_stmt **ret_st);
void db_drop(struct sqlite3_stmt *st);

/* Values stand from 1; texts are borrowed until the statement has run. */
void bind_i64(struct sqlite3_stmt *st, int at, int64_t v);
void bind_u64(struct sqlite3_stmt *st, int at, uint64_t v);
void bind_text(struct sqlite3_stmt *st, int at, struct str v);
void bind_blob(struct sqlite3_stmt *st, int at, struct str v);

/* OK: a row is there. ERR_NOT_FOUND: no more, the statement is reset. Else it failed and is reset.
 */
enum err db_step(struct sqlite3_stmt *st);
/* Runs a statement that gives no rows. */
enum err db_done(struct sqlite3_stmt *st);
void db_reset(struct sqlite3_stmt *st);
/* Columns stand from 0; texts are lent until the next step. */
int64_t col_i64(struct sqlite3_stmt *st, int at);
uint32_t col_u32(struct sqlite3_stmt *st, int at);
uint64_t col_u64(struct sqlite3_stmt *st, int at);
struct str col_str(struct sqlite3_stmt *st, int at);
uint64_t db_changes(const struct db *db); /* rows that the last statement changed */

/* Moves the log into the file and syncs it; `is_whole` waits for readers up to 200 ms, then empties
 * the log. ERR_BUSY: readers kept it from being whole, which is no failure. */
enum err db_checkpoint(struct db *db, bool is_whole);
/* First column of a one-row statement without parameters; 0 when there is none. */
enum err db_number(struct db *db, enum sql sql, int64_t *ret);
#endif
