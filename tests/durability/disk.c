/* What was not synced is kept as a list of changes, each with the bytes that were there before and
 * the bytes that were written. A sync forgets the changes of its file. A power cut takes all
 * changes back, newest first, and then does some of them again, oldest first.
 *
 * Making a file and removing one last at once; a rename lasts from the sync of its folder on. */
#include "disk.h"

#include "base/file.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_OPEN 64 /* plain files at a time */

const char *const disk_fault_names[DISK_FAULT_COUNT] = {
    "sound", "stop before", "stop after", "error", "full", "short write", "failed sync", "lie"};

struct change {
    struct change *next, *before; /* newer, older */
    char *path, *from;            /* from: it is a rename of this */
    uint8_t *old, *new;
    int64_t at, old_size; /* size of the file before */
    size_t count, old_count;
    bool is_cut; /* truncated to `at` */
};

static struct {
    enum disk_fault fault;
    uint32_t at, calls, named;
    const char *name;
    int exit_status;
    bool is_weak, is_stopped, has_struck;
    char struck[64];
    struct change *first, *last;
    char *paths[MAX_OPEN]; /* by descriptor of a plain file */
} disk;

/* ---- the list ---- */

static void *copy_of(const void *bytes, size_t count)
{
    void *copy = malloc(count + 1);
    if (!copy)
        abort();
    if (count > 0)
        memcpy(copy, bytes, count);
    ((char *)copy)[count] = '\0';
    return copy;
}

static void drop(struct change *c)
{
    *(c->before ? &c->before->next : &disk.first) = c->next;
    *(c->next ? &c->next->before : &disk.last) = c->before;
    free(c->path);
    free(c->from);
    free(c->old);
    free(c->new);
    free(c);
}

static struct change *note(const char *path)
{
    struct change *c = calloc(1, sizeof *c);
    if (!c)
        abort();
    c->path = copy_of(path, strlen(path));
    c->before = disk.last;
    *(disk.last ? &disk.last->next : &disk.first) = c;
    disk.last = c;
    return c;
}

/* Keeps what stands in [at, at + count) of the file now. */
static void note_old(struct change *c, int64_t at, size_t count)
{
    struct stat st;
    int fd = open(c->path, O_RDONLY | O_CLOEXEC);
    c->at = at;
    if (fd < 0)
        return;
    c->old_size = fstat(fd, &st) == 0 ? st.st_size : 0;
    if (c->old_size > at) {
        const int64_t there = c->old_size - at;
        c->old_count = (int64_t)count < there ? count : (size_t)there;
        c->old = malloc(c->old_count);
        if (!c->old || pread(fd, c->old, c->old_count, at) != (ssize_t)c->old_count)
            abort();
    }
    (void)close(fd);
}

static void note_write(const char *path, const void *bytes, size_t count, int64_t at)
{
    struct change *c = note(path);
    note_old(c, at, count);
    c->new = copy_of(bytes, count);
    c->count = count;
}

static void note_cut(const char *path, int64_t size)
{
    struct change *c = note(path);
    note_old(c, size, INT32_MAX);
    c->is_cut = true;
}

static void note_rename(const char *from, const char *to)
{
    struct change *c = note(to);
    c->from = copy_of(from, strlen(from));
    note_old(c, 0, INT32_MAX);
}

/* The file is as it is: its changes are no longer to be taken back. */
static void forget(const char *path, bool is_rename)
{
    for (struct change *c = disk.first, *next; c; c = next) {
        next = c->next;
        if ((c->from != NULL) == is_rename && (!path || strcmp(c->path, path) == 0))
            drop(c);
    }
}

static void put(const char *path, const void *bytes, size_t count, int64_t at)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || (count > 0 && pwrite(fd, bytes, count, at) != (ssize_t)count))
        abort();
    (void)close(fd);
}

static void take_back(const struct change *c)
{
    if (c->from && rename(c->path, c->from) != 0)
        abort();
    if (c->from && c->old_size == 0)
        return;
    put(c->path, c->old, c->old_count, c->at);
    if (truncate(c->path, c->old_size) != 0)
        abort();
}

static void do_again(const struct change *c, size_t count)
{
    if (c->from) {
        if (rename(c->from, c->path) != 0)
            abort();
    } else if (c->is_cut) {
        if (truncate(c->path, c->at) != 0)
            abort();
    } else {
        put(c->path, c->new, count, c->at);
    }
}

uint32_t disk_power_cut(struct rand *rand)
{
    const uint32_t kept_of_8 = rand_below(rand, 9); /* from nothing to everything */
    uint32_t lost = 0;
    for (const struct change *c = disk.last; c; c = c->before)
        take_back(c);
    while (disk.first) {
        const struct change *c = disk.first;
        size_t count = c->count;
        const bool is_kept = rand_below(rand, 8) < kept_of_8;
        if (is_kept && count > DISK_SECTOR && rand_below(rand, 8) == 0)
            count = rand_below(rand, (uint32_t)(count / DISK_SECTOR)) * DISK_SECTOR;
        lost += !is_kept || count < c->count;
        if (is_kept)
            do_again(c, count);
        drop(disk.first);
    }
    disk_fault_at(DISK_SOUND, 0, NULL);
    return lost;
}

void disk_process_death(void)
{
    while (disk.first)
        drop(disk.first);
    disk_fault_at(DISK_SOUND, 0, NULL);
}

/* ---- faults ---- */

enum effect { GOES, FAILS, FILLS, TEARS, LIES };

static void strike(const char *name)
{
    if (!disk.has_struck)
        (void)snprintf(disk.struck, sizeof disk.struck, "%s %u", name, disk.named);
    disk.has_struck = true;
}

static void stop(void)
{
    disk.is_stopped = true;
    if (disk.exit_status)
        _exit(disk.exit_status);
}

static bool is_called(const char *name, const char *verb)
{
    const size_t n = strlen(name), v = strlen(verb);
    return n > v && strcmp(name + n - v, verb) == 0;
}

/* What becomes of the call that is about to be made. */
static enum effect effect_of(const char *name)
{
    const bool is_sync = is_called(name, ".sync"), is_write = is_called(name, ".write");
    if (disk.is_stopped)
        return FAILS;
    disk.calls++;
    if (disk.name && strcmp(disk.name, name) != 0)
        return GOES;
    disk.named++;
    if (disk.fault == DISK_SOUND || disk.named < disk.at)
        return GOES;
    const bool is_it = disk.named == disk.at;
    enum effect effect = GOES;
    if (disk.fault == DISK_STOP_BEFORE) {
        strike(name);
        stop();
        return FAILS;
    }
    if (disk.fault == DISK_FAIL && is_it)
        effect = FAILS;
    else if (disk.fault == DISK_FULL && is_write)
        effect = FILLS;
    else if (disk.fault == DISK_SHORT && is_write)
        effect = disk.has_struck ? FILLS : TEARS;
    else if (disk.fault == DISK_SYNC_FAIL && is_sync && !disk.has_struck)
        effect = FAILS;
    else if (disk.fault == DISK_LIE && is_sync)
        effect = LIES;
    if (effect != GOES)
        strike(name);
    return effect;
}

/* After a call that was made. */
static void made(const char *name)
{
    if (disk.fault != DISK_STOP_AFTER || disk.named < disk.at || disk.is_stopped ||
        (disk.name && strcmp(disk.name, name) != 0))
        return;
    strike(name);
    stop();
}

void disk_fault_at(enum disk_fault fault, uint32_t n, const char *name)
{
    disk.fault = fault;
    disk.at = n;
    disk.name = name;
    disk.calls = disk.named = 0;
    disk.is_stopped = disk.has_struck = false;
    disk.struck[0] = '\0';
}

void disk_exit_with(int status)
{
    disk.exit_status = status;
}

void disk_weaken(bool is_weak)
{
    disk.is_weak = is_weak;
}

uint32_t disk_calls(void)
{
    return disk.calls;
}

bool disk_has_struck(void)
{
    return disk.has_struck;
}

const char *disk_struck(void)
{
    return disk.struck;
}

/* ---- SQLite: each file has the system's behind it ---- */

struct disk_file {
    sqlite3_file base;
    const char *path; /* SQLite's own, as long as the file is open; NULL: a file without a name */
    const char *kind; /* "db", "wal", "public" */
    sqlite3_file *real;
};

static struct disk_file *file_of(sqlite3_file *file)
{
    return (struct disk_file *)(void *)file;
}

static sqlite3_file *real_of(sqlite3_file *file)
{
    return file_of(file)->real;
}

static const char *name_of(sqlite3_file *file, const char *verb)
{
    static char name[32];
    (void)snprintf(name, sizeof name, "%s.%s", file_of(file)->kind, verb);
    return name;
}

static int on_close(sqlite3_file *f)
{
    return real_of(f)->pMethods->xClose(real_of(f));
}
static int on_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at)
{
    return real_of(f)->pMethods->xRead(real_of(f), p, n, at);
}

static int on_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
    const char *name = name_of(f, "write");
    const enum effect effect = effect_of(name);
    const int count = effect == TEARS ? n / 2 : n;
    if (effect == FAILS)
        return SQLITE_IOERR_WRITE;
    if (effect == FILLS)
        return SQLITE_FULL;
    if (file_of(f)->path)
        note_write(file_of(f)->path, p, (size_t)count, at);
    int rc = real_of(f)->pMethods->xWrite(real_of(f), p, count, at);
    made(name);
    return effect == TEARS ? SQLITE_FULL : rc;
}

static int on_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    const char *name = name_of(f, "truncate");
    if (effect_of(name) == FAILS)
        return SQLITE_IOERR_TRUNCATE;
    if (file_of(f)->path)
        note_cut(file_of(f)->path, size);
    int rc = real_of(f)->pMethods->xTruncate(real_of(f), size);
    made(name);
    return rc;
}

static int on_sync(sqlite3_file *f, int flags)
{
    const char *name = name_of(f, "sync");
    const enum effect effect = effect_of(name);
    if (effect == FAILS)
        return SQLITE_IOERR_FSYNC;
    int rc = real_of(f)->pMethods->xSync(real_of(f), flags);
    if (rc == SQLITE_OK && effect == GOES && file_of(f)->path)
        forget(file_of(f)->path, false);
    made(name);
    return rc;
}

static int on_size(sqlite3_file *f, sqlite3_int64 *size)
{
    return real_of(f)->pMethods->xFileSize(real_of(f), size);
}
static int on_lock(sqlite3_file *f, int lock)
{
    return real_of(f)->pMethods->xLock(real_of(f), lock);
}
static int on_unlock(sqlite3_file *f, int lock)
{
    return real_of(f)->pMethods->xUnlock(real_of(f), lock);
}
static int on_reserved(sqlite3_file *f, int *is_reserved)
{
    return real_of(f)->pMethods->xCheckReservedLock(real_of(f), is_reserved);
}

/* A pragma comes by here with its words, which may be changed before SQLite reads them. */
static int on_control(sqlite3_file *f, int op, void *arg)
{
    char **words = arg;
    if (op == SQLITE_FCNTL_PRAGMA && disk.is_weak && words[2] &&
        sqlite3_stricmp(words[1], "synchronous") == 0 && sqlite3_stricmp(words[2], "full") == 0)
        memcpy(words[2], "1", 2);
    return real_of(f)->pMethods->xFileControl(real_of(f), op, arg);
}

static int on_sector(sqlite3_file *f)
{
    return real_of(f)->pMethods->xSectorSize(real_of(f));
}
static int on_traits(sqlite3_file *f)
{
    return real_of(f)->pMethods->xDeviceCharacteristics(real_of(f));
}
static int on_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **p)
{
    return real_of(f)->pMethods->xShmMap(real_of(f), page, size, extend, p);
}
static int on_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
    return real_of(f)->pMethods->xShmLock(real_of(f), offset, n, flags);
}
static void on_shm_barrier(sqlite3_file *f)
{
    real_of(f)->pMethods->xShmBarrier(real_of(f));
}
static int on_shm_unmap(sqlite3_file *f, int is_delete)
{
    return real_of(f)->pMethods->xShmUnmap(real_of(f), is_delete);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = on_close,
    .xRead = on_read,
    .xWrite = on_write,
    .xTruncate = on_truncate,
    .xSync = on_sync,
    .xFileSize = on_size,
    .xLock = on_lock,
    .xUnlock = on_unlock,
    .xCheckReservedLock = on_reserved,
    .xFileControl = on_control,
    .xSectorSize = on_sector,
    .xDeviceCharacteristics = on_traits,
    .xShmMap = on_shm_map,
    .xShmLock = on_shm_lock,
    .xShmBarrier = on_shm_barrier,
    .xShmUnmap = on_shm_unmap,
};

static sqlite3_vfs vfs, *system_vfs;

static int on_open(sqlite3_vfs *self, const char *path, sqlite3_file *file, int flags, int *ret)
{
    struct disk_file *f = file_of(file);
    (void)self;
    *f = (struct disk_file){.path = path, .real = (sqlite3_file *)(void *)(f + 1)};
    f->kind = flags & SQLITE_OPEN_WAL ? "wal" : flags & SQLITE_OPEN_MAIN_DB ? "db" : "other";
    int rc = system_vfs->xOpen(system_vfs, path, f->real, flags, ret);
    f->base.pMethods = rc == SQLITE_OK ? &methods : NULL;
    return rc;
}

static int on_delete(sqlite3_vfs *self, const char *path, int sync_folder)
{
    (void)self;
    if (effect_of("other.delete") == FAILS)
        return SQLITE_IOERR_DELETE;
    forget(path, false);
    int rc = system_vfs->xDelete(system_vfs, path, sync_folder);
    made("other.delete");
    return rc;
}

void disk_start(void)
{
    disk_process_death();
    if (system_vfs)
        return;
    system_vfs = sqlite3_vfs_find(NULL);
    vfs = *system_vfs;
    vfs.zName = DISK_VFS;
    vfs.szOsFile = (int)sizeof(struct disk_file) + system_vfs->szOsFile;
    vfs.xOpen = on_open;
    vfs.xDelete = on_delete;
    (void)sqlite3_vfs_register(&vfs, 0);
}

/* ---- plain files ---- */

static enum err io_create(void *ctx, const char *path, unsigned mode, bool is_append, int *ret_fd)
{
    (void)ctx;
    if (effect_of("file.create") == FAILS)
        return ERR_IO;
    if (!is_append)
        note_cut(path, 0);
    enum err err = io_system.create(NULL, path, mode, is_append, ret_fd);
    if (!err && *ret_fd < MAX_OPEN) {
        free(disk.paths[*ret_fd]);
        disk.paths[*ret_fd] = copy_of(path, strlen(path));
    }
    made("file.create");
    return err;
}

static const char *path_of(int fd)
{
    return fd >= 0 && fd < MAX_OPEN ? disk.paths[fd] : NULL;
}

static enum err io_write(void *ctx, int fd, struct str bytes)
{
    struct stat st;
    const enum effect effect = effect_of("file.write");
    (void)ctx;
    if (effect == FAILS || effect == FILLS)
        return ERR_IO;
    if (effect == TEARS)
        bytes.len /= 2;
    if (path_of(fd) && fstat(fd, &st) == 0)
        note_write(path_of(fd), bytes.p, bytes.len, st.st_size);
    enum err err = io_system.write(NULL, fd, bytes);
    made("file.write");
    return effect == TEARS ? ERR_IO : err;
}

static enum err io_sync(void *ctx, int fd)
{
    const enum effect effect = effect_of("file.sync");
    (void)ctx;
    if (effect == FAILS)
        return ERR_IO;
    if (effect == GOES && path_of(fd))
        forget(path_of(fd), false);
    made("file.sync");
    return OK;
}

static enum err io_close(void *ctx, int fd)
{
    (void)ctx;
    if (fd >= 0 && fd < MAX_OPEN) {
        free(disk.paths[fd]);
        disk.paths[fd] = NULL;
    }
    return io_system.close(NULL, fd);
}

static enum err io_rename(void *ctx, const char *from, const char *to)
{
    (void)ctx;
    if (effect_of("file.rename") == FAILS)
        return ERR_IO;
    note_rename(from, to);
    enum err err = io_system.rename(NULL, from, to);
    made("file.rename");
    return err;
}

static enum err io_sync_folder(void *ctx, const char *folder)
{
    const enum effect effect = effect_of("folder.sync");
    (void)ctx;
    (void)folder;
    if (effect == FAILS)
        return ERR_IO;
    if (effect == GOES)
        forget(NULL, true);
    made("folder.sync");
    return OK;
}

const struct io disk_io = {NULL, io_create, io_write, io_sync, io_close, io_rename, io_sync_folder};
