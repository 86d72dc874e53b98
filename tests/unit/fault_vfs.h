/* fault_vfs.h - a disk for tests, laid over the system's: its n-th writing call fails, tears or is
 * the last one that ever works. For SQLite as a VFS named "fault", for plain files as a struct io.
 * Syncs are counted and not done: what these tests ask is what is tried, in which order. */
#ifndef TESTS_UNIT_FAULT_VFS_H
#define TESTS_UNIT_FAULT_VFS_H
#include "store/io.h"

#include <sqlite3.h>
#include <unistd.h>

enum fault_mode {
    FAULT_NONE, /* only counts */
    FAULT_ONCE, /* the n-th call fails, later ones work again */
    FAULT_TEAR, /* the n-th write is half done and fails; nothing works after it */
    FAULT_STOP  /* nothing works from the n-th call on: the process is dead */
};
static struct {
    enum fault_mode mode;
    uint32_t at, calls;
    bool has_struck;
} fault;

__attribute__((unused)) static void fault_set_at(enum fault_mode mode, uint32_t at)
{
    fault.mode = mode;
    fault.at = at;
    fault.calls = 0;
    fault.has_struck = false;
}

/* True: this call must not work. */
static bool fault_strikes(void)
{
    fault.calls++;
    if (fault.mode == FAULT_NONE)
        return false;
    bool is_now = fault.calls == fault.at || (fault.mode != FAULT_ONCE && fault.calls > fault.at);
    fault.has_struck = fault.has_struck || is_now;
    return is_now;
}

static bool fault_tears(void)
{
    return fault.mode == FAULT_TEAR && fault.calls == fault.at;
}

/* ---- SQLite ---- */

struct fault_file {
    sqlite3_file base;
    sqlite3_file *real; /* behind this struct */
};

static sqlite3_file *fault_real(sqlite3_file *file)
{
    return ((struct fault_file *)(void *)file)->real;
}

static int fault_close(sqlite3_file *f)
{
    return fault_real(f)->pMethods->xClose(fault_real(f));
}
static int fault_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at)
{
    return fault_real(f)->pMethods->xRead(fault_real(f), p, n, at);
}
static int fault_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
    if (fault_strikes()) {
        if (fault_tears())
            (void)fault_real(f)->pMethods->xWrite(fault_real(f), p, n / 2, at);
        return SQLITE_IOERR_WRITE;
    }
    return fault_real(f)->pMethods->xWrite(fault_real(f), p, n, at);
}
static int fault_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    if (fault_strikes())
        return SQLITE_IOERR_TRUNCATE;
    return fault_real(f)->pMethods->xTruncate(fault_real(f), size);
}
static int fault_sync(sqlite3_file *f, int flags)
{
    (void)f;
    (void)flags;
    return fault_strikes() ? SQLITE_IOERR_FSYNC : SQLITE_OK;
}
static int fault_size(sqlite3_file *f, sqlite3_int64 *size)
{
    return fault_real(f)->pMethods->xFileSize(fault_real(f), size);
}
static int fault_lock(sqlite3_file *f, int lock)
{
    return fault_real(f)->pMethods->xLock(fault_real(f), lock);
}
static int fault_unlock(sqlite3_file *f, int lock)
{
    return fault_real(f)->pMethods->xUnlock(fault_real(f), lock);
}
static int fault_reserved(sqlite3_file *f, int *is_reserved)
{
    return fault_real(f)->pMethods->xCheckReservedLock(fault_real(f), is_reserved);
}
static int fault_control(sqlite3_file *f, int op, void *arg)
{
    return fault_real(f)->pMethods->xFileControl(fault_real(f), op, arg);
}
static int fault_sector(sqlite3_file *f)
{
    return fault_real(f)->pMethods->xSectorSize(fault_real(f));
}
static int fault_traits(sqlite3_file *f)
{
    return fault_real(f)->pMethods->xDeviceCharacteristics(fault_real(f));
}
static int fault_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **p)
{
    return fault_real(f)->pMethods->xShmMap(fault_real(f), page, size, extend, p);
}
static int fault_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
    return fault_real(f)->pMethods->xShmLock(fault_real(f), offset, n, flags);
}
static void fault_shm_barrier(sqlite3_file *f)
{
    fault_real(f)->pMethods->xShmBarrier(fault_real(f));
}
static int fault_shm_unmap(sqlite3_file *f, int is_delete)
{
    return fault_real(f)->pMethods->xShmUnmap(fault_real(f), is_delete);
}

static const sqlite3_io_methods fault_methods = {
    .iVersion = 2,
    .xClose = fault_close,
    .xRead = fault_read,
    .xWrite = fault_write,
    .xTruncate = fault_truncate,
    .xSync = fault_sync,
    .xFileSize = fault_size,
    .xLock = fault_lock,
    .xUnlock = fault_unlock,
    .xCheckReservedLock = fault_reserved,
    .xFileControl = fault_control,
    .xSectorSize = fault_sector,
    .xDeviceCharacteristics = fault_traits,
    .xShmMap = fault_shm_map,
    .xShmLock = fault_shm_lock,
    .xShmBarrier = fault_shm_barrier,
    .xShmUnmap = fault_shm_unmap,
};

static sqlite3_vfs fault_vfs, *fault_system;

static int fault_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *ret)
{
    struct fault_file *f = (struct fault_file *)(void *)file;
    (void)vfs;
    f->real = (sqlite3_file *)(void *)(f + 1);
    int rc = fault_system->xOpen(fault_system, name, f->real, flags, ret);
    f->base.pMethods = rc == SQLITE_OK ? &fault_methods : NULL;
    return rc;
}

static int fault_delete(sqlite3_vfs *vfs, const char *name, int sync_folder)
{
    (void)vfs;
    (void)sync_folder;
    if (fault_strikes())
        return SQLITE_IOERR_DELETE;
    return fault_system->xDelete(fault_system, name, 0);
}

__attribute__((unused)) static void fault_register(void)
{
    fault_system = sqlite3_vfs_find(NULL);
    fault_vfs = *fault_system;
    fault_vfs.zName = "fault";
    fault_vfs.szOsFile = (int)sizeof(struct fault_file) + fault_system->szOsFile;
    fault_vfs.xOpen = fault_open;
    fault_vfs.xDelete = fault_delete;
    (void)sqlite3_vfs_register(&fault_vfs, 0);
}

/* ---- plain files ---- */

static enum err fault_io_create(void *ctx, const char *path, unsigned mode, bool is_append, int *fd)
{
    (void)ctx;
    return fault_strikes() ? ERR_IO : io_system.create(NULL, path, mode, is_append, fd);
}
static enum err fault_io_write(void *ctx, int fd, struct str bytes)
{
    (void)ctx;
    if (!fault_strikes())
        return io_system.write(NULL, fd, bytes);
    if (fault_tears())
        (void)io_system.write(NULL, fd, (struct str){bytes.p, bytes.len / 2});
    return ERR_IO;
}
static enum err fault_io_sync(void *ctx, int fd)
{
    (void)ctx;
    (void)fd;
    return fault_strikes() ? ERR_IO : OK;
}
static enum err fault_io_close(void *ctx, int fd)
{
    (void)ctx;
    return io_system.close(NULL, fd);
}
static enum err fault_io_rename(void *ctx, const char *from, const char *to)
{
    (void)ctx;
    return fault_strikes() ? ERR_IO : io_system.rename(NULL, from, to);
}
static enum err fault_io_sync_folder(void *ctx, const char *folder)
{
    (void)ctx;
    (void)folder;
    return fault_strikes() ? ERR_IO : OK;
}
__attribute__((unused)) static const struct io fault_io = {
    NULL,           fault_io_create, fault_io_write,      fault_io_sync,
    fault_io_close, fault_io_rename, fault_io_sync_folder};
#endif
