/* gunzip.h - whole files, plain or gzip (RFC 1952), told apart by their first bytes.
 * Layer: job. Blocking. */
#ifndef JOB_GUNZIP_H
#define JOB_GUNZIP_H
#include "base/out.h"
/* Appends the file's contents, unpacked, to `out`. ERR_NOT_FOUND, ERR_IO, ERR_LIMIT (out is full),
 * ERR_CORRUPT: damaged gzip data, ret_fault->offset is where in the file. */
enum err gunzip_file(const char *path, struct out *out, struct fault *ret_fault);
/* The same over bytes. */
enum err gunzip_bytes(struct str bytes, struct out *out, struct fault *ret_fault);
#endif
