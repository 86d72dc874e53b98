#include "store/io.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define IO_MAX_PATH 4096

static enum err sys_create(void *ctx, const char *path, unsigned mode, bool is_append, int *ret_fd)
{
    (void)ctx;
    int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | (is_append ? O_APPEND : O_TRUNC);
    int fd = open(path, flags, (mode_t)mode);
    if (fd < 0)
        return ERR_IO;
    *ret_fd = fd;
    return OK;
}

static enum err sys_write(void *ctx, int fd, struct str bytes)
{
    (void)ctx;
    while (bytes.len > 0) {
        ssize_t n = write(fd, bytes.p, bytes.len);
        if (n < 0 && errno != EINTR)
            return ERR_IO;
        if (n > 0)
            bytes = str_from(bytes, (size_t)n);
    }
    return OK;
}

static enum err sys_sync(void *ctx, int fd)
{
    (void)ctx;
    return fsync(fd) == 0 ? OK : ERR_IO;
}

static enum err sys_close(void *ctx, int fd)
{
    (void)ctx;
    return close(fd) == 0 ? OK : ERR_IO;
}

static enum err sys_rename(void *ctx, const char *from, const char *to)
{
    (void)ctx;
    return rename(from, to) == 0 ? OK : ERR_IO;
}

static enum err sys_sync_folder(void *ctx, const char *folder)
{
    (void)ctx;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return ERR_IO;
    enum err err = fsync(fd) == 0 ? OK : ERR_IO;
    return close(fd) == 0 ? err : ERR_IO;
}

const struct io io_system = {NULL,      sys_create, sys_write,      sys_sync,
                             sys_close, sys_rename, sys_sync_folder};

static enum err write_file(const struct io *io, const char *path, struct str bytes, unsigned mode,
                           bool is_append)
{
    int fd;
    enum err err = io->create(io->ctx, path, mode, is_append, &fd);
    if (err)
        return err;
    err = io->write(io->ctx, fd, bytes);
    if (!err)
        err = io->sync(io->ctx, fd);
    enum err closed = io->close(io->ctx, fd);
    return err ? err : closed;
}

/* A new name is durable once its folder is. */
static enum err sync_folder_of(const struct io *io, const char *path)
{
    char folder[IO_MAX_PATH];
    const char *slash = strrchr(path, '/');
    struct str name = slash ? (struct str){path, (size_t)(slash - path)} : STR(".");
    if (slash == path)
        name = STR("/");
    if (!str_copy(name, folder, sizeof folder))
        return ERR_LIMIT;
    return io->sync_folder(io->ctx, folder);
}

enum err io_replace(const struct io *io, const char *path, struct str bytes, unsigned mode)
{
    char temp[IO_MAX_PATH];
    int n = snprintf(temp, sizeof temp, "%s.new", path);
    if (n < 0 || (size_t)n >= sizeof temp)
        return ERR_LIMIT;
    enum err err = write_file(io, temp, bytes, mode, false);
    if (!err)
        err = io->rename(io->ctx, temp, path);
    return err ? err : sync_folder_of(io, path);
}

enum err io_append(const struct io *io, const char *path, struct str bytes, unsigned mode)
{
    struct stat st;
    bool is_new = stat(path, &st) != 0;
    enum err err = write_file(io, path, bytes, mode, true);
    return err || !is_new ? err : sync_folder_of(io, path);
}
