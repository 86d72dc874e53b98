/* Online copies: SQLite's own page copier for the database, plain files for keys and photos. */
#include "store/backup.h"

#include "base/file.h"
#include "store/audit.h"
#include "store/store_priv.h"

#include <dirent.h>
#include <errno.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGES_A_STEP 4096
#define MAX_FILE_BYTES (64u << 20)
#define BUSY_WAIT_MS 20
#define MAX_BUSY 500 /* ten seconds without a page */

static enum err copy_pages(struct sqlite3_backup *backup, backup_progress_fn progress, void *ctx)
{
    int busy = 0;
    for (;;) {
        int rc = sqlite3_backup_step(backup, PAGES_A_STEP);
        uint64_t all = (uint64_t)sqlite3_backup_pagecount(backup);
        if (progress)
            progress(ctx, all - (uint64_t)sqlite3_backup_remaining(backup), all);
        if (rc == SQLITE_DONE)
            return OK;
        bool is_busy = rc == SQLITE_BUSY || rc == SQLITE_LOCKED;
        if (rc != SQLITE_OK && (!is_busy || ++busy > MAX_BUSY))
            return db_err(rc);
        if (is_busy)
            (void)sqlite3_sleep(BUSY_WAIT_MS);
    }
}

/* The copier starts again whenever another process writes, so under steady load it might never end:
 * the source is read inside one transaction, which is one state of the log. */
static enum err copy_db(const char *from, const char *to, backup_progress_fn progress, void *ctx)
{
    struct db source = {0}, target = {0};
    int64_t unused;
    enum err err = db_open(&source, from, DB_READ, NULL);
    if (!err)
        err = db_run(&source, SQL_BEGIN_READ);
    if (!err)
        err = db_number(&source, SQL_EVENT_LAST, &unused);
    if (!err)
        err = db_make_private(to);
    if (!err)
        err = db_err(sqlite3_open_v2(to, &target.handle, SQLITE_OPEN_READWRITE, NULL));
    struct sqlite3_backup *backup =
        err ? NULL : sqlite3_backup_init(target.handle, "main", source.handle, "main");
    if (!err)
        err = backup ? copy_pages(backup, progress, ctx) : ERR_IO;
    if (backup) {
        enum err finished = db_err(sqlite3_backup_finish(backup));
        err = err ? err : finished;
    }
    if (!err)
        err = db_exec(&target, sql_copy_settings);
    db_close(&target);
    db_close(&source);
    return err;
}

static enum err check_db(const char *path, struct backup_report *report, struct fault *ret_fault)
{
    struct db db;
    struct sqlite3_stmt *st;
    struct stat st_file;
    int64_t last_seq = 0;
    uint32_t version;
    if (access(path, R_OK) != 0)
        return fault_set(ret_fault, ERR_NOT_FOUND, 0, "there is no database in the folder");
    enum err err = db_open(&db, path, DB_READ, NULL);
    if (err)
        return fault_set(ret_fault, err, 0, "the database cannot be opened");
    err = db_use(&db, SQL_CHECK_PAGES, &st);
    if (!err)
        err = db_step(st);
    if (!err && !str_eq_c(col_str(st, 0), "ok"))
        err = ERR_CORRUPT;
    if (!err)
        db_reset(st);
    if (!err)
        err = schema_version(&db, &version);
    if (!err && version > STORE_SCHEMA_VERSION)
        err = fault_set(ret_fault, ERR_UNSUPPORTED, version, "made by a newer version");
    if (!err)
        err = db_number(&db, SQL_EVENT_LAST, &last_seq);
    db_close(&db);
    if (err == ERR_CORRUPT)
        (void)fault_set(ret_fault, err, 0, "the pages of the database do not fit together");
    report->last_seq = (uint64_t)last_seq;
    report->bytes = stat(path, &st_file) == 0 ? (uint64_t)st_file.st_size : 0;
    return err;
}

/* Backed up and restored as they are. public.db is made anew, the lock belongs to a process. */
static bool is_kept(const char *name)
{
    static const char *const left[] = {"anwang.db",     "anwang.db-wal", "anwang.db-shm",
                                       "public.db",     "public.db-wal", "public.db-shm",
                                       "public.db.new", "lock"};
    if (name[0] == '.')
        return false;
    for (size_t i = 0; i < sizeof left / sizeof left[0]; i++) {
        if (strcmp(name, left[i]) == 0)
            return false;
    }
    return true;
}

static enum err copy_file(const char *from, const char *to, unsigned mode)
{
    struct out bytes;
    out_init(&bytes, MAX_FILE_BYTES);
    enum err err = file_read(from, &bytes);
    if (!err)
        err = io_replace(&io_system, to, out_view(&bytes), mode);
    out_done(&bytes);
    return err;
}

static enum err copy_files(const char *from, const char *to, int depth); /* two levels: blobs */

/* NOLINTNEXTLINE(misc-no-recursion): with copy_files, whose depth counts down from two */
static enum err copy_entry(const char *from, const char *to, const char *name, int depth)
{
    char source[STORE_MAX_PATH], target[STORE_MAX_PATH];
    struct stat st;
    int n = snprintf(source, sizeof source, "%s/%s", from, name);
    int m = snprintf(target, sizeof target, "%s/%s", to, name);
    if (n < 0 || m < 0 || (size_t)n >= sizeof source || (size_t)m >= sizeof target)
        return ERR_LIMIT;
    if (lstat(source, &st) != 0)
        return OK; /* retention took it meanwhile */
    if (S_ISDIR(st.st_mode)) {
        enum err err = depth > 0 ? file_mkdirs(target, 0700) : OK;
        return err || depth == 0 ? err : copy_files(source, target, depth - 1);
    }
    enum err err = S_ISREG(st.st_mode) ? copy_file(source, target, st.st_mode & 0777) : OK;
    return err == ERR_NOT_FOUND ? OK : err;
}

/* NOLINTNEXTLINE(misc-no-recursion): depth counts down from two */
static enum err copy_files(const char *from, const char *to, int depth)
{
    DIR *folder = opendir(from);
    struct dirent *entry;
    enum err err = folder ? OK : ERR_IO;
    while (!err && (entry = readdir(folder)))
        err = is_kept(entry->d_name) ? copy_entry(from, to, entry->d_name, depth) : OK;
    if (folder)
        (void)closedir(folder);
    return err;
}

static void remove_made(const char *dir)
{
    char path[STORE_MAX_PATH];
    (void)snprintf(path, sizeof path, "%s/anwang.db", dir);
    (void)unlink(path);
}

static enum err make_folder(const char *dir, struct fault *ret_fault)
{
    if (mkdir(dir, 0700) == 0)
        return OK;
    return errno == EEXIST ? fault_set(ret_fault, ERR_EXISTS, 0,
                                       "the target is there already; nothing was changed")
                           : fault_set(ret_fault, ERR_IO, 0, "the target folder cannot be made");
}

static enum err copy_all(const char *dir, const char *target, backup_progress_fn progress,
                         void *ctx, struct backup_report *report, struct fault *ret_fault)
{
    char from[STORE_MAX_PATH], to[STORE_MAX_PATH];
    (void)snprintf(from, sizeof from, "%s/anwang.db", dir);
    (void)snprintf(to, sizeof to, "%s/anwang.db", target);
    if (access(from, R_OK) != 0)
        return fault_set(ret_fault, ERR_NOT_FOUND, 0, "there is no store in the folder");
    enum err err = make_folder(target, ret_fault);
    if (err)
        return err;
    err = copy_db(from, to, progress, ctx);
    if (err)
        (void)fault_set(ret_fault, err, 0, "the database could not be copied");
    if (!err)
        err = check_db(to, report, ret_fault);
    if (!err && (err = copy_files(dir, target, 2)) != OK)
        (void)fault_set(ret_fault, err, 0, "keys or photos could not be copied");
    if (err)
        remove_made(target);
    return err;
}

enum err store_backup(const char *dir, const char *target, backup_progress_fn progress, void *ctx,
                      struct backup_report *ret_report, struct fault *ret_fault)
{
    struct backup_report report = {0};
    enum err err = copy_all(dir, target, progress, ctx, &report, ret_fault);
    if (!err)
        *ret_report = report;
    return err;
}

enum err store_restore(const char *copy, const char *dir, struct backup_report *ret_report,
                       struct fault *ret_fault)
{
    char path[STORE_MAX_PATH];
    struct backup_report report = {0};
    struct audit_report audit;
    (void)snprintf(path, sizeof path, "%s/anwang.db", copy);
    enum err err = check_db(path, &report, ret_fault);
    if (!err && (err = audit_verify(copy, NULL, NULL, &audit)) == ERR_CORRUPT)
        (void)fault_set(ret_fault, err, audit.bad_line, audit.reason);
    if (!err)
        err = copy_all(copy, dir, NULL, NULL, &report, ret_fault);
    if (!err)
        *ret_report = report;
    return err;
}
