/* file.h - whole files: bounded read, and durable replace (write, sync, rename, sync folder).
 * Layer: base. Blocking: never on an event loop after start. */
#ifndef BASE_FILE_H
#define BASE_FILE_H
#include "base/out.h"
enum err file_read(const char *path, struct out *out); /* ERR_NOT_FOUND, ERR_IO, ERR_LIMIT */
enum err file_replace(const char *path, struct str bytes, unsigned mode);
/* The same with the parts of the contents one after the other. */
enum err file_replace_parts(const char *path, const struct str *parts, size_t count, unsigned mode);
enum err file_mkdirs(const char *path, unsigned mode);
/* Maps a file read-only. ERR_NOT_FOUND, ERR_IO. Unmap with file_unmap. */
enum err file_map(const char *path, struct str *ret_bytes);
void file_unmap(struct str bytes);
#endif
