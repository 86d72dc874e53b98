#include "base/file.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX_PATH 4096
#define FILE_CHUNK_BYTES 65536

static enum err err_of_errno(void)
{
    return errno == ENOENT || errno == ENOTDIR ? ERR_NOT_FOUND : ERR_IO;
}

enum err file_read(const char *path, struct out *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_of_errno();
    char chunk[FILE_CHUNK_BYTES];
    ssize_t n;
    while ((n = read(fd, chunk, sizeof chunk)) != 0 && !out->err) {
        if (n > 0)
            out_bytes(out, chunk, (size_t)n);
        else if (errno != EINTR)
            break;
    }
    (void)close(fd);
    return n < 0 ? ERR_IO : out->err;
}

static bool write_all(int fd, struct str bytes)
{
    while (bytes.len) {
        ssize_t n = write(fd, bytes.p, bytes.len);
        if (n < 0 && errno != EINTR)
            return false;
        if (n > 0)
            bytes = str_from(bytes, (size_t)n);
    }
    return true;
}

/* A rename is durable once its folder is. */
static bool sync_folder_of(const char *path)
{
    char folder[FILE_MAX_PATH];
    const char *slash = strrchr(path, '/');
    struct str name = slash == path ? STR("/") : STR(".");
    if (slash && slash != path)
        name = (struct str){path, (size_t)(slash - path)};
    if (!str_copy(name, folder, sizeof folder))
        return false;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool is_synced = fsync(fd) == 0;
    return close(fd) == 0 && is_synced;
}

enum err file_replace(const char *path, struct str bytes, unsigned mode)
{
    return file_replace_parts(path, &bytes, 1, mode);
}

enum err file_replace_parts(const char *path, const struct str *parts, size_t count, unsigned mode)
{
    char temp[FILE_MAX_PATH];
    int n = snprintf(temp, sizeof temp, "%s.new", path);
    if (n < 0 || (size_t)n >= sizeof temp)
        return ERR_LIMIT;
    int fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, (mode_t)mode);
    if (fd < 0)
        return err_of_errno();
    bool is_written = fchmod(fd, (mode_t)mode) == 0;
    for (size_t i = 0; i < count && is_written; i++)
        is_written = write_all(fd, parts[i]);
    is_written = is_written && fsync(fd) == 0;
    is_written = close(fd) == 0 && is_written;
    if (is_written && rename(temp, path) == 0)
        return sync_folder_of(path) ? OK : ERR_IO;
    (void)unlink(temp);
    return ERR_IO;
}

enum err file_mkdirs(const char *path, unsigned mode)
{
    char part[FILE_MAX_PATH];
    if (!str_copy(str_of(path), part, sizeof part))
        return ERR_LIMIT;
    for (char *p = part + 1; part[0]; p++) {
        if (*p != '/' && *p != 0)
            continue;
        char end = *p;
        *p = 0;
        if (mkdir(part, (mode_t)mode) != 0 && errno != EEXIST)
            return ERR_IO;
        *p = end;
        if (end == 0)
            break;
    }
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode) ? OK : ERR_IO;
}

enum err file_map(const char *path, struct str *ret_bytes)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_of_errno();
    struct stat st;
    enum err err = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? OK : ERR_IO;
    struct str bytes = STR("");
    if (err == OK && st.st_size > 0) {
        void *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
        err = p == MAP_FAILED ? ERR_IO : OK;
        bytes = (struct str){p, (size_t)st.st_size};
    }
    (void)close(fd);
    if (err == OK)
        *ret_bytes = bytes;
    return err;
}

void file_unmap(struct str bytes)
{
    if (bytes.len)
        (void)munmap((void *)(uintptr_t)bytes.p, bytes.len);
}
