#include "road/pbf_priv.h"
#include "road/vec_priv.h"
#include <zlib.h>

/* ------------------------------------------------------- protobuf wire form */

enum wire_type { WIRE_VARINT = 0, WIRE_I64 = 1, WIRE_BYTES = 2, WIRE_I32 = 5 };

struct wire {
    uint32_t number;
    enum wire_type type;
    uint64_t value;   /* varint and fixed */
    struct str bytes; /* WIRE_BYTES */
};

/* The next field of a message; false at its end or on damage, which stays in c->err. */
static bool wire_next(struct cursor *c, struct wire *ret_field)
{
    if (c->left == 0 || c->err)
        return false;
    uint64_t key = cursor_varint(c);
    *ret_field = (struct wire){.number = (uint32_t)(key >> 3), .type = (enum wire_type)(key & 7)};
    if (key >> 32 || (key >> 3) == 0) {
        c->err = ERR_SYNTAX;
        return false;
    }
    switch (key & 7) {
    case WIRE_VARINT:
        ret_field->value = cursor_varint(c);
        break;
    case WIRE_I64:
        ret_field->value = cursor_le(c, 8);
        break;
    case WIRE_BYTES:
        ret_field->bytes = cursor_take(c, cursor_varint(c));
        break;
    case WIRE_I32:
        ret_field->value = cursor_le(c, 4);
        break;
    default: /* groups are not used by the format */
        c->err = ERR_SYNTAX;
    }
    return c->err == OK;
}

static bool is_bytes(const struct wire *field, uint32_t number)
{
    return field->number == number && field->type == WIRE_BYTES;
}

static bool is_varint(const struct wire *field, uint32_t number)
{
    return field->number == number && field->type == WIRE_VARINT;
}

static struct cursor cursor_of_str(struct str s)
{
    return cursor_of(s.p, s.len);
}

/* A cursor that has read a message to its end: damaged or not. */
static enum err wire_end(const struct cursor *c)
{
    return c->err ? ERR_CORRUPT : OK;
}

/* ------------------------------------------------------- primitive blocks */

struct reader {
    const struct pbf_handler *handler;
    struct vec strings; /* struct str */
    struct vec refs;    /* int64_t */
    struct vec tags;    /* struct pbf_tag */
    uint8_t *inflated;  /* of the present blob */
    size_t inflated_cap;
    int64_t granularity, lat_offset, lon_offset; /* nanodegrees */
    bool had_header;
    const char *text; /* why it was refused */
};

static enum err refuse(struct reader *r, enum err err, const char *text)
{
    r->text = text;
    return err;
}

static bool e7_of(const struct reader *r, int64_t offset, int64_t v, int32_t limit, int32_t *ret_e7)
{
    int64_t nano;
    if (__builtin_mul_overflow(r->granularity, v, &nano) ||
        __builtin_add_overflow(nano, offset, &nano))
        return false;
    int64_t e7 = nano >= 0 ? (nano + 50) / 100 : (nano - 50) / 100;
    if (e7 > limit || e7 < -limit)
        return false;
    *ret_e7 = (int32_t)e7;
    return true;
}

static enum err give_node(struct reader *r, int64_t id, int64_t lat, int64_t lon)
{
    struct place place;
    if (!e7_of(r, r->lat_offset, lat, 900000000, &place.lat_e7) ||
        !e7_of(r, r->lon_offset, lon, 1800000000, &place.lon_e7))
        return refuse(r, ERR_RANGE, "a node lies outside the Earth's degrees");
    return r->handler->node(r->handler->user, id, place);
}

static enum err read_node(struct reader *r, struct str bytes)
{
    struct cursor c = cursor_of_str(bytes);
    struct wire field;
    int64_t id = 0, lat = 0, lon = 0;
    while (wire_next(&c, &field)) {
        int64_t value = (int64_t)(field.value >> 1 ^ (0 - (field.value & 1)));
        if (is_varint(&field, 1))
            id = value;
        else if (is_varint(&field, 8))
            lat = value;
        else if (is_varint(&field, 9))
            lon = value;
    }
    if (c.err)
        return refuse(r, ERR_CORRUPT, "damaged node");
    return give_node(r, id, lat, lon);
}

static enum err read_dense(struct reader *r, struct str bytes)
{
    struct cursor c = cursor_of_str(bytes), ids = {0}, lats = {0}, lons = {0};
    struct wire field;
    int64_t id = 0, lat = 0, lon = 0;
    while (wire_next(&c, &field)) {
        if (is_bytes(&field, 1))
            ids = cursor_of_str(field.bytes);
        else if (is_bytes(&field, 8))
            lats = cursor_of_str(field.bytes);
        else if (is_bytes(&field, 9))
            lons = cursor_of_str(field.bytes);
    }
    while (!c.err && ids.left) {
        bool is_over = __builtin_add_overflow(id, cursor_zigzag(&ids), &id) ||
                       __builtin_add_overflow(lat, cursor_zigzag(&lats), &lat) ||
                       __builtin_add_overflow(lon, cursor_zigzag(&lons), &lon);
        if (is_over || ids.err || lats.err || lons.err)
            return refuse(r, ERR_CORRUPT, "damaged dense nodes");
        enum err err = give_node(r, id, lat, lon);
        if (err)
            return err;
    }
    if (c.err || lats.left || lons.left)
        return refuse(r, ERR_CORRUPT, "damaged dense nodes");
    return OK;
}

static enum err read_tags(struct reader *r, struct cursor keys, struct cursor values)
{
    while (keys.left || values.left) {
        uint64_t k = cursor_varint(&keys), v = cursor_varint(&values);
        if (keys.err || values.err || k >= r->strings.count || v >= r->strings.count)
            return refuse(r, ERR_CORRUPT, "damaged tags of a way");
        struct pbf_tag tag = {VEC(&r->strings, struct str)[k], VEC(&r->strings, struct str)[v]};
        if (VEC_PUSH(&r->tags, struct pbf_tag, tag))
            return ERR_LIMIT;
    }
    return OK;
}

static enum err read_refs(struct reader *r, struct cursor refs)
{
    int64_t ref = 0;
    while (refs.left) {
        if (__builtin_add_overflow(ref, cursor_zigzag(&refs), &ref) || refs.err)
            return refuse(r, ERR_CORRUPT, "damaged node list of a way");
        if (VEC_PUSH(&r->refs, int64_t, ref))
            return ERR_LIMIT;
    }
    return OK;
}

static enum err read_way(struct reader *r, struct str bytes)
{
    struct cursor c = cursor_of_str(bytes), keys = {0}, values = {0}, refs = {0};
    struct wire field;
    struct pbf_way way = {0};
    while (wire_next(&c, &field)) {
        if (is_varint(&field, 1))
            way.id = (int64_t)field.value;
        else if (is_bytes(&field, 2))
            keys = cursor_of_str(field.bytes);
        else if (is_bytes(&field, 3))
            values = cursor_of_str(field.bytes);
        else if (is_bytes(&field, 8))
            refs = cursor_of_str(field.bytes);
    }
    if (c.err)
        return refuse(r, ERR_CORRUPT, "damaged way");
    r->tags.count = 0;
    r->refs.count = 0;
    enum err err = read_tags(r, keys, values);
    if (!err)
        err = read_refs(r, refs);
    if (err)
        return err;
    way.refs = r->refs.p;
    way.ref_count = r->refs.count;
    way.tags = r->tags.p;
    way.tag_count = r->tags.count;
    return r->handler->way(r->handler->user, &way);
}

static enum err read_group(struct reader *r, struct str bytes)
{
    struct cursor c = cursor_of_str(bytes);
    struct wire field;
    while (wire_next(&c, &field)) {
        enum err err = OK;
        if (is_bytes(&field, 1) && r->handler->node)
            err = read_node(r, field.bytes);
        else if (is_bytes(&field, 2) && r->handler->node)
            err = read_dense(r, field.bytes);
        else if (is_bytes(&field, 3) && r->handler->way)
            err = read_way(r, field.bytes);
        if (err)
            return err;
    }
    return c.err ? refuse(r, ERR_CORRUPT, "damaged group") : OK;
}

static enum err read_strings(struct reader *r, struct str bytes)
{
    struct cursor c = cursor_of_str(bytes);
    struct wire field;
    while (wire_next(&c, &field)) {
        if (is_bytes(&field, 1) && VEC_PUSH(&r->strings, struct str, field.bytes))
            return ERR_LIMIT;
    }
    return c.err ? refuse(r, ERR_CORRUPT, "damaged string table") : OK;
}

/* Two passes over the block's fields: the string table and the scale may follow the groups. */
static enum err read_block(struct reader *r, struct str bytes)
{
    struct cursor c = cursor_of_str(bytes);
    struct wire field;
    enum err err = OK;
    r->strings.count = 0;
    r->granularity = 100;
    r->lat_offset = r->lon_offset = 0;
    while (!err && wire_next(&c, &field)) {
        if (is_bytes(&field, 1))
            err = read_strings(r, field.bytes);
        else if (is_varint(&field, 17))
            r->granularity = (int32_t)field.value;
        else if (is_varint(&field, 19))
            r->lat_offset = (int64_t)field.value;
        else if (is_varint(&field, 20))
            r->lon_offset = (int64_t)field.value;
    }
    if (!err && wire_end(&c))
        err = refuse(r, ERR_CORRUPT, "damaged block");
    if (!err && r->granularity <= 0)
        err = refuse(r, ERR_RANGE, "granularity is not positive");
    c = cursor_of_str(bytes);
    while (!err && wire_next(&c, &field)) {
        if (is_bytes(&field, 2))
            err = read_group(r, field.bytes);
    }
    return err;
}

static enum err read_header(struct reader *r, struct str bytes)
{
    struct cursor c = cursor_of_str(bytes);
    struct wire field;
    while (wire_next(&c, &field)) {
        if (!is_bytes(&field, 4))
            continue; /* 4: required_features */
        if (!str_eq_c(field.bytes, "OsmSchema-V0.6") && !str_eq_c(field.bytes, "DenseNodes"))
            return refuse(r, ERR_UNSUPPORTED,
                          "needs a feature that is not read (history files ...)");
    }
    r->had_header = true;
    return c.err ? refuse(r, ERR_CORRUPT, "damaged file header") : OK;
}

/* ------------------------------------------------------- blobs */

static enum err inflate_blob(struct reader *r, struct str packed, uint64_t raw_size,
                             struct str *ret_raw)
{
    if (raw_size > PBF_MAX_BLOB_BYTES)
        return refuse(r, ERR_LIMIT, "a block is larger than 32 MiB");
    if (raw_size > r->inflated_cap) {
        uint8_t *grown = realloc(r->inflated, raw_size);
        if (!grown)
            return ERR_LIMIT;
        r->inflated = grown;
        r->inflated_cap = raw_size;
    }
    uLongf got = raw_size;
    uint8_t none;
    if (uncompress(r->inflated ? r->inflated : &none, &got, (const Bytef *)packed.p, packed.len) !=
            Z_OK ||
        got != raw_size)
        return refuse(r, ERR_CORRUPT, "compressed data is damaged");
    *ret_raw = (struct str){(const char *)r->inflated, raw_size};
    return OK;
}

static enum err open_blob(struct reader *r, struct str blob, struct str *ret_raw)
{
    struct cursor c = cursor_of_str(blob);
    struct wire field;
    struct str raw = {0}, packed = {0};
    uint64_t raw_size = 0;
    bool is_raw = false, is_packed = false, is_foreign = false;
    while (wire_next(&c, &field)) {
        if (is_bytes(&field, 1)) {
            raw = field.bytes;
            is_raw = true;
        } else if (is_varint(&field, 2)) {
            raw_size = field.value;
        } else if (is_bytes(&field, 3)) {
            packed = field.bytes;
            is_packed = true;
        } else if (field.number >= 4 && field.number <= 7) {
            is_foreign = true;
        }
    }
    if (c.err)
        return refuse(r, ERR_CORRUPT, "damaged blob");
    if (is_packed)
        return inflate_blob(r, packed, raw_size, ret_raw);
    if (!is_raw)
        return is_foreign ? refuse(r, ERR_UNSUPPORTED, "compression other than zlib")
                          : refuse(r, ERR_CORRUPT, "blob without data");
    *ret_raw = raw;
    return OK;
}

static enum err read_blob_header(struct reader *r, struct cursor *file, struct str *ret_type,
                                 uint64_t *ret_bytes)
{
    uint32_t n = cursor_be32(file);
    if (!file->err && n > PBF_MAX_HEADER_BYTES)
        return refuse(r, ERR_CORRUPT, "not a PBF block header");
    struct cursor c = cursor_of_str(cursor_take(file, n));
    struct wire field;
    *ret_bytes = UINT64_MAX;
    while (wire_next(&c, &field)) {
        if (is_bytes(&field, 1))
            *ret_type = field.bytes;
        else if (is_varint(&field, 3))
            *ret_bytes = field.value;
    }
    if (file->err)
        return refuse(r, ERR_CORRUPT, "the file ends inside a block header");
    if (c.err || *ret_bytes == UINT64_MAX)
        return refuse(r, ERR_CORRUPT, "not a PBF block header");
    if (*ret_bytes > PBF_MAX_BLOB_BYTES)
        return refuse(r, ERR_LIMIT, "a block is larger than 32 MiB");
    return OK;
}

static enum err read_next(struct reader *r, struct cursor *file)
{
    struct str type = {0}, raw = {0};
    uint64_t n_bytes;
    enum err err = read_blob_header(r, file, &type, &n_bytes);
    if (err)
        return err;
    struct str blob = cursor_take(file, n_bytes);
    if (file->err)
        return refuse(r, ERR_CORRUPT, "the file ends inside a block");
    bool is_header = str_eq_c(type, "OSMHeader");
    if (!is_header && !str_eq_c(type, "OSMData"))
        return OK; /* the format asks readers to skip kinds that they do not know */
    if (!is_header && !r->had_header)
        return refuse(r, ERR_CORRUPT, "data before the file header");
    err = open_blob(r, blob, &raw);
    if (err)
        return err;
    return is_header ? read_header(r, raw) : read_block(r, raw);
}

enum err pbf_read(struct str bytes, const struct pbf_handler *handler, struct fault *ret_fault)
{
    struct reader reader = {.handler = handler};
    struct cursor file = cursor_of_str(bytes);
    enum err err = OK;
    size_t at = 0;
    if (bytes.len == 0)
        err = refuse(&reader, ERR_CORRUPT, "the file is empty");
    while (!err && file.left) {
        at = bytes.len - file.left;
        if (handler->block)
            err = handler->block(handler->user, at);
        if (!err)
            err = read_next(&reader, &file);
    }
    if (!err && !reader.had_header)
        err = refuse(&reader, ERR_CORRUPT, "no file header");
    vec_done(&reader.strings);
    vec_done(&reader.refs);
    vec_done(&reader.tags);
    free(reader.inflated);
    if (err)
        return fault_set(ret_fault, err, at, reader.text ? reader.text : err_text(err));
    return OK;
}
