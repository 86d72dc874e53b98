/* pbf_block.c - one blob: unpacked, and its nodes, ways and relations given to the handler. */
#include "road/pbf_priv.h"
#include <libdeflate.h>
#include <string.h>

enum err pbf_refuse(struct pbf_reader *r, enum err err, const char *text)
{
    r->text = text;
    return err;
}

void pbf_reader_done(struct pbf_reader *r)
{
    vec_done(&r->strings);
    vec_done(&r->keys);
    vec_done(&r->refs);
    vec_done(&r->tags);
    vec_done(&r->members);
    free(r->inflated);
    if (r->inflater)
        libdeflate_free_decompressor(r->inflater);
}

/* ------------------------------------------------------- tags */

static enum err add_tag(struct pbf_reader *r, uint64_t k, uint64_t v)
{
    if (k >= r->strings.count || v >= r->strings.count)
        return pbf_refuse(r, ERR_CORRUPT, "a tag is not in the string table");
    uint8_t *code = &VEC(&r->keys, uint8_t)[k];
    if (*code == PBF_KEY_UNKNOWN)
        *code = r->handler->key(VEC(&r->strings, struct str)[k]);
    if (*code == 0)
        return OK;
    struct pbf_tag tag = {*code, VEC(&r->strings, struct str)[v]};
    return VEC_PUSH(&r->tags, struct pbf_tag, tag);
}

static enum err read_tags(struct pbf_reader *r, struct cursor keys, struct cursor values)
{
    enum err err = OK;
    r->tags.count = 0;
    while ((keys.left || values.left) && !err) {
        uint64_t k = wire_varint(&keys), v = wire_varint(&values);
        if (keys.err || values.err)
            return pbf_refuse(r, ERR_CORRUPT, "damaged tags");
        err = add_tag(r, k, v);
    }
    return err;
}

static struct pbf_tags tags_of(const struct pbf_reader *r)
{
    return (struct pbf_tags){r->tags.p, r->tags.count};
}

/* ------------------------------------------------------- nodes */

static bool e7_of(const struct pbf_reader *r, int64_t offset, int64_t v, int32_t limit,
                  int32_t *ret_e7)
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

static enum err give_node(struct pbf_reader *r, int64_t id, int64_t lat, int64_t lon)
{
    struct pbf_node node = {.id = id, .tags = tags_of(r)};
    if (!e7_of(r, r->lat_offset, lat, 900000000, &node.place.lat_e7) ||
        !e7_of(r, r->lon_offset, lon, 1800000000, &node.place.lon_e7))
        return pbf_refuse(r, ERR_RANGE, "a node lies outside the Earth's degrees");
    return r->handler->node(r->harvest, &node);
}

static enum err read_node(struct pbf_reader *r, struct str bytes)
{
    struct cursor c = wire_cursor(bytes), keys = {0}, values = {0};
    struct wire field;
    int64_t id = 0, lat = 0, lon = 0;
    while (wire_next(&c, &field)) {
        int64_t value = (int64_t)(field.value >> 1 ^ (0 - (field.value & 1)));
        if (wire_is_varint(&field, 1))
            id = value;
        else if (wire_is_bytes(&field, 2))
            keys = wire_cursor(field.bytes);
        else if (wire_is_bytes(&field, 3))
            values = wire_cursor(field.bytes);
        else if (wire_is_varint(&field, 8))
            lat = value;
        else if (wire_is_varint(&field, 9))
            lon = value;
    }
    if (c.err)
        return pbf_refuse(r, ERR_CORRUPT, "damaged node");
    enum err err = read_tags(r, keys, values);
    return err ? err : give_node(r, id, lat, lon);
}

/* Tags of one dense node: key, value, ... 0. */
static enum err read_dense_tags(struct pbf_reader *r, struct cursor *tags)
{
    enum err err = OK;
    r->tags.count = 0;
    while (tags->left && !err) {
        uint64_t k = wire_varint(tags);
        if (k == 0 && !tags->err)
            return OK;
        uint64_t v = wire_varint(tags);
        if (tags->err)
            return pbf_refuse(r, ERR_CORRUPT, "damaged tags of dense nodes");
        err = add_tag(r, k, v);
    }
    return err;
}

static enum err read_dense(struct pbf_reader *r, struct str bytes)
{
    struct cursor c = wire_cursor(bytes), ids = {0}, lats = {0}, lons = {0}, tags = {0};
    struct wire field;
    int64_t id = 0, lat = 0, lon = 0;
    while (wire_next(&c, &field)) {
        if (wire_is_bytes(&field, 1))
            ids = wire_cursor(field.bytes);
        else if (wire_is_bytes(&field, 8))
            lats = wire_cursor(field.bytes);
        else if (wire_is_bytes(&field, 9))
            lons = wire_cursor(field.bytes);
        else if (wire_is_bytes(&field, 10))
            tags = wire_cursor(field.bytes);
    }
    while (!c.err && ids.left) {
        bool is_over = __builtin_add_overflow(id, wire_zigzag(&ids), &id) ||
                       __builtin_add_overflow(lat, wire_zigzag(&lats), &lat) ||
                       __builtin_add_overflow(lon, wire_zigzag(&lons), &lon);
        if (is_over || ids.err || lats.err || lons.err)
            return pbf_refuse(r, ERR_CORRUPT, "damaged dense nodes");
        enum err err = read_dense_tags(r, &tags);
        if (!err)
            err = give_node(r, id, lat, lon);
        if (err)
            return err;
    }
    if (c.err || lats.left || lons.left)
        return pbf_refuse(r, ERR_CORRUPT, "damaged dense nodes");
    return OK;
}

/* ------------------------------------------------------- ways and relations */

static enum err read_refs(struct pbf_reader *r, struct cursor refs)
{
    int64_t ref = 0;
    r->refs.count = 0;
    if (vec_room(&r->refs, refs.left, sizeof ref)) /* each takes a byte at least */
        return ERR_LIMIT;
    int64_t *at = r->refs.p;
    while (refs.left) {
        if (__builtin_add_overflow(ref, wire_zigzag(&refs), &ref) || refs.err)
            return pbf_refuse(r, ERR_CORRUPT, "damaged list of members");
        at[r->refs.count++] = ref;
    }
    return OK;
}

struct parts { /* of a way or a relation */
    int64_t id;
    struct cursor keys, values, way_refs, roles, refs, kinds;
};

static enum err read_parts(struct pbf_reader *r, struct str bytes, struct parts *ret_parts)
{
    struct cursor c = wire_cursor(bytes);
    struct wire field;
    while (wire_next(&c, &field)) {
        if (wire_is_varint(&field, 1))
            ret_parts->id = (int64_t)field.value;
        else if (wire_is_bytes(&field, 2))
            ret_parts->keys = wire_cursor(field.bytes);
        else if (wire_is_bytes(&field, 3))
            ret_parts->values = wire_cursor(field.bytes);
        else if (wire_is_bytes(&field, 8))
            ret_parts->way_refs = ret_parts->roles = wire_cursor(field.bytes);
        else if (wire_is_bytes(&field, 9))
            ret_parts->refs = wire_cursor(field.bytes);
        else if (wire_is_bytes(&field, 10))
            ret_parts->kinds = wire_cursor(field.bytes);
    }
    if (c.err)
        return pbf_refuse(r, ERR_CORRUPT, "damaged way or relation");
    return read_tags(r, ret_parts->keys, ret_parts->values);
}

static enum err read_way(struct pbf_reader *r, struct str bytes)
{
    struct parts parts = {0};
    enum err err = read_parts(r, bytes, &parts);
    if (!err)
        err = read_refs(r, parts.way_refs);
    if (err)
        return err;
    struct pbf_way way = {parts.id, r->refs.p, r->refs.count, tags_of(r)};
    return r->handler->way(r->harvest, &way);
}

static enum err read_relation(struct pbf_reader *r, struct str bytes)
{
    struct parts parts = {0};
    enum err err = read_parts(r, bytes, &parts);
    if (!err)
        err = read_refs(r, parts.refs);
    r->members.count = 0;
    for (size_t i = 0; i < r->refs.count && !err; i++) {
        uint64_t role = wire_varint(&parts.roles), kind = wire_varint(&parts.kinds);
        if (parts.roles.err || parts.kinds.err || role >= r->strings.count || kind > PBF_RELATION)
            return pbf_refuse(r, ERR_CORRUPT, "damaged members of a relation");
        struct pbf_member member = {VEC(&r->refs, int64_t)[i], (uint32_t)kind,
                                    VEC(&r->strings, struct str)[role]};
        err = VEC_PUSH(&r->members, struct pbf_member, member);
    }
    if (err)
        return err;
    struct pbf_relation relation = {parts.id, r->members.p, r->members.count, tags_of(r)};
    return r->handler->relation(r->harvest, &relation);
}

/* ------------------------------------------------------- blocks */

static enum err read_group(struct pbf_reader *r, struct str bytes)
{
    static const uint8_t kinds[] = {0, 1u << PBF_NODE, 1u << PBF_NODE, 1u << PBF_WAY,
                                    1u << PBF_RELATION};
    const struct pbf_handler *handler = r->handler;
    struct cursor c = wire_cursor(bytes);
    struct wire field;
    while (wire_next(&c, &field)) {
        enum err err = OK;
        if (field.type == WIRE_BYTES && field.number < sizeof kinds)
            r->kinds |= kinds[field.number];
        if (wire_is_bytes(&field, 1) && handler->node)
            err = read_node(r, field.bytes);
        else if (wire_is_bytes(&field, 2) && handler->node)
            err = read_dense(r, field.bytes);
        else if (wire_is_bytes(&field, 3) && handler->way)
            err = read_way(r, field.bytes);
        else if (wire_is_bytes(&field, 4) && handler->relation)
            err = read_relation(r, field.bytes);
        if (err)
            return err;
    }
    return c.err ? pbf_refuse(r, ERR_CORRUPT, "damaged group") : OK;
}

static enum err read_strings(struct pbf_reader *r, struct str bytes)
{
    struct cursor c = wire_cursor(bytes);
    struct wire field;
    while (wire_next(&c, &field)) {
        if (wire_is_bytes(&field, 1) && VEC_PUSH(&r->strings, struct str, field.bytes))
            return ERR_LIMIT;
    }
    return c.err ? pbf_refuse(r, ERR_CORRUPT, "damaged string table") : OK;
}

static enum err read_frame(struct pbf_reader *r, struct str bytes)
{
    struct cursor c = wire_cursor(bytes);
    struct wire field;
    enum err err = OK;
    r->strings.count = 0;
    r->granularity = 100;
    r->lat_offset = r->lon_offset = 0;
    while (!err && wire_next(&c, &field)) {
        if (wire_is_bytes(&field, 1))
            err = read_strings(r, field.bytes);
        else if (wire_is_varint(&field, 17))
            r->granularity = (int32_t)field.value;
        else if (wire_is_varint(&field, 19))
            r->lat_offset = (int64_t)field.value;
        else if (wire_is_varint(&field, 20))
            r->lon_offset = (int64_t)field.value;
    }
    if (!err && c.err)
        err = pbf_refuse(r, ERR_CORRUPT, "damaged block");
    if (!err && r->granularity <= 0)
        err = pbf_refuse(r, ERR_RANGE, "granularity is not positive");
    r->keys.count = 0;
    if (!err && vec_room(&r->keys, r->strings.count, 1))
        err = ERR_LIMIT;
    if (!err && r->strings.count)
        memset(r->keys.p, PBF_KEY_UNKNOWN, r->strings.count);
    return err;
}

/* ------------------------------------------------------- blobs */

static enum err inflate_blob(struct pbf_reader *r, struct str packed, uint64_t raw_size,
                             struct str *ret_raw)
{
    size_t got = 0;
    if (raw_size > PBF_MAX_BLOB_BYTES)
        return pbf_refuse(r, ERR_LIMIT, "a block is larger than 32 MiB");
    if (raw_size + 1 > r->inflated_cap) {
        free(r->inflated);
        r->inflated_cap = 0;
        r->inflated = malloc(raw_size + 1);
        if (!r->inflated)
            return ERR_LIMIT;
        r->inflated_cap = raw_size + 1;
    }
    if (!r->inflater)
        r->inflater = libdeflate_alloc_decompressor();
    if (!r->inflater)
        return ERR_LIMIT;
    if (libdeflate_zlib_decompress(r->inflater, packed.p, packed.len, r->inflated, raw_size,
                                   &got) != LIBDEFLATE_SUCCESS ||
        got != raw_size)
        return pbf_refuse(r, ERR_CORRUPT, "compressed data is damaged");
    *ret_raw = (struct str){(const char *)r->inflated, raw_size};
    return OK;
}

static enum err open_blob(struct pbf_reader *r, struct str blob, struct str *ret_raw)
{
    struct cursor c = wire_cursor(blob);
    struct wire field;
    struct str raw = {0}, packed = {0};
    uint64_t raw_size = 0;
    bool is_raw = false, is_packed = false, is_foreign = false;
    while (wire_next(&c, &field)) {
        if (wire_is_bytes(&field, 1)) {
            raw = field.bytes;
            is_raw = true;
        } else if (wire_is_varint(&field, 2)) {
            raw_size = field.value;
        } else if (wire_is_bytes(&field, 3)) {
            packed = field.bytes;
            is_packed = true;
        } else if (field.number >= 4 && field.number <= 7) {
            is_foreign = true;
        }
    }
    if (c.err)
        return pbf_refuse(r, ERR_CORRUPT, "damaged blob");
    if (is_packed)
        return inflate_blob(r, packed, raw_size, ret_raw);
    if (!is_raw)
        return is_foreign ? pbf_refuse(r, ERR_UNSUPPORTED, "compression other than zlib")
                          : pbf_refuse(r, ERR_CORRUPT, "blob without data");
    *ret_raw = raw;
    return OK;
}

/* Two passes over the block's fields: the string table and the scale may follow the groups. */
enum err pbf_read_block(struct pbf_reader *r, struct str blob)
{
    struct str bytes;
    struct wire field;
    r->text = NULL;
    r->kinds = 0;
    r->tags.count = 0;
    enum err err = open_blob(r, blob, &bytes);
    if (!err)
        err = read_frame(r, bytes);
    if (err)
        return err;
    struct cursor c = wire_cursor(bytes);
    while (!err && wire_next(&c, &field)) {
        if (wire_is_bytes(&field, 2))
            err = read_group(r, field.bytes);
    }
    return err;
}

enum err pbf_read_header(struct pbf_reader *r, struct str blob)
{
    static const char *const known[] = {"OsmSchema-V0.6", "DenseNodes"};
    struct str bytes;
    struct wire field;
    enum err err = open_blob(r, blob, &bytes);
    if (err)
        return err;
    struct cursor c = wire_cursor(bytes);
    while (wire_next(&c, &field)) {
        if (!wire_is_bytes(&field, 4)) /* required_features */
            continue;
        if (!str_eq_c(field.bytes, known[0]) && !str_eq_c(field.bytes, known[1]))
            return pbf_refuse(r, ERR_UNSUPPORTED,
                              "needs a feature that is not read (history files ...)");
    }
    return c.err ? pbf_refuse(r, ERR_CORRUPT, "damaged file header") : OK;
}
