#include "net/memfd.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define ALL_SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

enum err memfd_open(int *ret_fd)
{
    int fd = memfd_create("anwang", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0)
        return ERR_IO;
    *ret_fd = fd;
    return OK;
}

enum err memfd_append(int fd, const void *p, size_t n_bytes)
{
    const char *at = p;
    while (n_bytes) {
        ssize_t n = write(fd, at, n_bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return ERR_IO;
        at += n;
        n_bytes -= (size_t)n;
    }
    return OK;
}

enum err memfd_seal(int fd)
{
    return fcntl(fd, F_ADD_SEALS, ALL_SEALS) == 0 ? OK : ERR_IO;
}

enum err memfd_of(struct str bytes, int *ret_fd)
{
    int fd = -1;
    enum err err = memfd_open(&fd);
    if (err)
        return err;
    err = memfd_append(fd, bytes.p, bytes.len);
    if (!err)
        err = memfd_seal(fd);
    if (err)
        (void)close(fd);
    else
        *ret_fd = fd;
    return err;
}

enum err memfd_map(int fd, size_t max_bytes, struct str *ret_bytes)
{
    struct stat st;
    if (fcntl(fd, F_GET_SEALS) != ALL_SEALS)
        return ERR_DENIED;
    if (fstat(fd, &st) != 0)
        return ERR_IO;
    size_t size = (size_t)st.st_size;
    if (size > max_bytes)
        return ERR_LIMIT;
    if (size == 0) {
        *ret_bytes = (struct str){"", 0};
        return OK;
    }
    void *p = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (p == MAP_FAILED)
        return ERR_IO;
    *ret_bytes = (struct str){p, size};
    return OK;
}

void memfd_unmap(struct str bytes)
{
    union {
        const char *in;
        void *out;
    } p = {.in = bytes.p};
    if (bytes.len)
        (void)munmap(p.out, bytes.len);
}
