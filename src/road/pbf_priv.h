/* pbf_priv.h - reads OpenStreetMap PBF: framing, zlib, protobuf wire form.
 * Layer: road, inside only. Source: wiki.openstreetmap.org/wiki/PBF_Format; fileformat.proto,
 * osmformat.proto.
 *
 *   file      { u32be n | BlobHeader n bytes | Blob datasize bytes } ...
 *   Blob      raw bytes or zlib_data + raw_size -> HeaderBlock (once, first) or PrimitiveBlock
 *   block     string table, granularity, offsets, groups of plain nodes, dense nodes, ways,
 *             relations
 *
 * Blocks stand alone, so several are unpacked at once, each by one thread into a *harvest* of the
 * caller's. Harvests are reaped by the calling thread in the order of the file, so the result does
 * not depend on the number of threads. In memory are at most two blocks a thread; the spec caps a
 * block at 32 MiB. */
#ifndef ROAD_PBF_PRIV_H
#define ROAD_PBF_PRIV_H
#include "base/cursor.h"
#include "geo/place.h"
#include "road/vec_priv.h"

#define PBF_MAX_HEADER_BYTES (64u << 10)
#define PBF_MAX_BLOB_BYTES (32u << 20)
#define PBF_MAX_THREADS 16u
#define PBF_SLOTS_PER_THREAD 2u

/* What lies in the reader's memory until a handler returns. */
struct pbf_tag {
    uint8_t key; /* code of the handler's key function; keys of code 0 are left out */
    struct str value;
};
struct pbf_tags {
    const struct pbf_tag *at;
    size_t count;
};
struct pbf_node {
    int64_t id;
    struct place place;
    struct pbf_tags tags;
};
struct pbf_way {
    int64_t id;
    const int64_t *refs;
    size_t ref_count;
    struct pbf_tags tags;
};
enum pbf_kind { PBF_NODE = 0, PBF_WAY = 1, PBF_RELATION = 2 }; /* as in the format */
struct pbf_member {
    int64_t ref;
    uint32_t kind;
    struct str role;
};
struct pbf_relation {
    int64_t id;
    const struct pbf_member *members;
    size_t member_count;
    struct pbf_tags tags;
};
struct pbf_handler {
    void *user;
    uint8_t (*key)(struct str key); /* any thread */
    /* Any thread, one at a time for each harvest. NULL: of no interest. */
    enum err (*node)(void *harvest, const struct pbf_node *node);
    enum err (*way)(void *harvest, const struct pbf_way *way);
    enum err (*relation)(void *harvest, const struct pbf_relation *relation);
    /* The calling thread. An empty harvest for this slot, below PBF_MAX_THREADS *
     * PBF_SLOTS_PER_THREAD; it is the slot's until it is reaped. */
    void *(*harvest)(void *user, unsigned slot);
    /* After each block, `bytes_done` of the file are read. */
    enum err (*reap)(void *user, void *harvest, size_t bytes_done);
};
struct pbf_file {
    struct str bytes;
    unsigned threads; /* 0 is 1; at most PBF_MAX_THREADS are used */
    /* Which kinds each block holds, a bit for each: learnt by the first reading, after which blocks
     * of no interest are not unpacked. Ends with vec_done. */
    struct vec kinds;
};

/* Reads a whole file. An error of a handler ends it and is returned. ret_fault->offset is where the
 * block starts. ERR_CORRUPT, ERR_UNSUPPORTED (history, other compression), ERR_RANGE (coordinate),
 * ERR_LIMIT (memory, sizes over the spec's). */
enum err pbf_read(struct pbf_file *file, const struct pbf_handler *handler,
                  struct fault *ret_fault);

/* pbf_block.c: one blob, by one thread at a time. */
struct pbf_reader {
    const struct pbf_handler *handler;
    struct libdeflate_decompressor *inflater;
    struct vec strings; /* struct str */
    struct vec keys;    /* uint8_t: code of each string as a key, PBF_KEY_UNKNOWN = not asked yet */
    struct vec refs, tags, members;
    uint8_t *inflated; /* of the present blob */
    size_t inflated_cap;
    int64_t granularity, lat_offset, lon_offset; /* nanodegrees */
    void *harvest;
    uint8_t kinds;    /* that the block holds */
    const char *text; /* why it was refused */
};
#define PBF_KEY_UNKNOWN 255u
void pbf_reader_done(struct pbf_reader *reader);
enum err pbf_read_header(struct pbf_reader *reader, struct str blob);
enum err pbf_read_block(struct pbf_reader *reader, struct str blob);
enum err pbf_refuse(struct pbf_reader *reader, enum err err, const char *text);

/* pbf_wire.c: protobuf's wire form. */
enum wire_type { WIRE_VARINT = 0, WIRE_I64 = 1, WIRE_BYTES = 2, WIRE_I32 = 5 };
struct wire {
    uint32_t number;
    enum wire_type type;
    uint64_t value;   /* varint and fixed */
    struct str bytes; /* WIRE_BYTES */
};
/* The next field of a message; false at its end or on damage, which stays in c->err. */
bool wire_next(struct cursor *c, struct wire *ret_field);

static inline bool wire_is_bytes(const struct wire *field, uint32_t number)
{
    return field->number == number && field->type == WIRE_BYTES;
}
static inline bool wire_is_varint(const struct wire *field, uint32_t number)
{
    return field->number == number && field->type == WIRE_VARINT;
}
/* One byte is most of them. */
static inline uint64_t wire_varint(struct cursor *c)
{
    if (c->left && *c->p < 0x80 && !c->err) {
        c->left--;
        return *c->p++;
    }
    return cursor_varint(c);
}
static inline int64_t wire_zigzag(struct cursor *c)
{
    uint64_t value = wire_varint(c);
    return (int64_t)(value >> 1 ^ (0 - (value & 1)));
}
static inline struct cursor wire_cursor(struct str s)
{
    return cursor_of(s.p, s.len);
}
#endif
