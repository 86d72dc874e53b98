/* pbf_priv.h - reads OpenStreetMap PBF: framing, zlib, protobuf wire form.
 * Layer: road, inside only. Threads: pure but for the handler's calls.
 * Source: wiki.openstreetmap.org/wiki/PBF_Format; fileformat.proto, osmformat.proto.
 *
 *   file      { u32be n | BlobHeader n bytes | Blob datasize bytes } ...
 *   Blob      raw bytes or zlib_data + raw_size -> HeaderBlock (once, first) or PrimitiveBlock
 *   block     string table, granularity, offsets, groups of plain nodes, dense nodes, ways
 *
 * One block is in memory at a time; the spec caps it at 32 MiB. */
#ifndef ROAD_PBF_PRIV_H
#define ROAD_PBF_PRIV_H
#include "base/cursor.h"
#include "geo/place.h"

#define PBF_MAX_HEADER_BYTES (64u << 10)
#define PBF_MAX_BLOB_BYTES (32u << 20)

struct pbf_tag {
    struct str key, value;
};
struct pbf_way { /* lies in the reader's memory until the handler returns */
    int64_t id;
    const int64_t *refs;
    size_t ref_count;
    const struct pbf_tag *tags;
    size_t tag_count;
};
struct pbf_handler {
    void *user;
    enum err (*node)(void *user, int64_t id, struct place place); /* NULL: nodes are passed over */
    enum err (*way)(void *user, const struct pbf_way *way);       /* NULL: ways are passed over */
    enum err (*block)(void *user, size_t bytes_done); /* before each block; may be NULL */
};

/* Reads a whole file. An error of a handler ends it and is returned. ret_fault->offset is where the
 * block starts. ERR_CORRUPT, ERR_UNSUPPORTED (history, other compression), ERR_RANGE (coordinate),
 * ERR_LIMIT (memory, sizes over the spec's). */
enum err pbf_read(struct str bytes, const struct pbf_handler *handler, struct fault *ret_fault);
#endif
