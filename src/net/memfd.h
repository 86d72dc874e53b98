/* memfd.h - large bodies as anonymous sealed files, to be passed between processes without a copy.
 * Layer: net. Threads: any. A sealed memfd cannot change or shrink under its reader. */
#ifndef NET_MEMFD_H
#define NET_MEMFD_H
#include "base/str.h"

enum err memfd_open(int *ret_fd); /* empty, not sealed. ERR_IO */
enum err memfd_append(int fd, const void *p, size_t n_bytes);
enum err memfd_seal(int fd);                      /* no writing, growing or shrinking from here */
enum err memfd_of(struct str bytes, int *ret_fd); /* all three in one */
/* Maps a sealed memfd of at most max_bytes read-only; unmap with memfd_unmap. ERR_DENIED: not
 * fully sealed, so the sender could pull it away. ERR_LIMIT, ERR_IO. An empty one gives len 0. */
enum err memfd_map(int fd, size_t max_bytes, struct str *ret_bytes);
void memfd_unmap(struct str bytes);
#endif
