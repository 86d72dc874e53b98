#include "job/gunzip.h"
#include "base/file.h"
#include <zlib.h>

#define CHUNK_BYTES (64u << 10)
#define GZIP_WINDOW (15 + 16) /* 32 KiB window, gzip header */

enum err gunzip_bytes(struct str bytes, struct out *out, struct fault *ret_fault)
{
    if (!str_starts(bytes, STR("\x1f\x8b"))) {
        out_str(out, bytes);
        return out->err;
    }
    z_stream z = {.next_in = (z_const Bytef *)(uintptr_t)bytes.p, .avail_in = (uInt)bytes.len};
    if (bytes.len > UINT32_MAX) {
        return fault_set(ret_fault, ERR_LIMIT, 0, "file is too large");
    }
    if (inflateInit2(&z, GZIP_WINDOW) != Z_OK) {
        return ERR_LIMIT;
    }
    enum err err = OK;
    int state = Z_OK;
    static _Thread_local uint8_t chunk[CHUNK_BYTES];
    while (err == OK && state != Z_STREAM_END) {
        z.next_out = chunk;
        z.avail_out = sizeof chunk;
        state = inflate(&z, Z_NO_FLUSH);
        if (state != Z_OK && state != Z_STREAM_END) {
            err = fault_set(ret_fault, ERR_CORRUPT, z.total_in,
                            state == Z_BUF_ERROR ? "gzip data is cut short" : "damaged gzip data");
            break;
        }
        out_bytes(out, chunk, sizeof chunk - z.avail_out);
        err = out->err;
        if (state == Z_STREAM_END && z.avail_in > 0) { /* members may follow each other */
            state = inflateReset(&z);
        }
    }
    (void)inflateEnd(&z);
    return err;
}

enum err gunzip_file(const char *path, struct out *out, struct fault *ret_fault)
{
    struct str bytes;
    enum err err = file_map(path, &bytes);
    if (err != OK) {
        return err;
    }
    err = gunzip_bytes(bytes, out, ret_fault);
    file_unmap(bytes);
    return err;
}
