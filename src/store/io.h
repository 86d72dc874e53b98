/* io.h - the one door for plain files that must survive a crash: photos, keys, checkpoints. Tests
 * put another door in its place, one that fails, tears or stops at the n-th call; SQLite's own
 * files go through a VFS of the same kind (store_options.vfs). Layer: store. Threads: any.
 * Blocking: never on an event loop after start. */
#ifndef STORE_IO_H
#define STORE_IO_H
#include "base/out.h"

/* Each returns OK or ERR_IO and is called in this order; `ctx` is the table's own. */
struct io {
    void *ctx;
    enum err (*create)(void *ctx, const char *path, unsigned mode, bool is_append, int *ret_fd);
    enum err (*write)(void *ctx, int fd, struct str bytes);
    enum err (*sync)(void *ctx, int fd);
    enum err (*close)(void *ctx, int fd);
    enum err (*rename)(void *ctx, const char *from, const char *to);
    enum err (*sync_folder)(void *ctx, const char *folder);
};
extern const struct io io_system;

/* Whole file or nothing: write path.new, sync, rename, sync the folder. */
enum err io_replace(const struct io *io, const char *path, struct str bytes, unsigned mode);
/* Adds at the end and syncs; makes the file when there is none. */
enum err io_append(const struct io *io, const char *path, struct str bytes, unsigned mode);
#endif
