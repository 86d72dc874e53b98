#include "job/pbf_write.h"
#include "base/digest.h"
#include <assert.h>
#include <zlib.h>

#define BLOCK_OBJECTS 8000u
#define MAX_BLOCK_BYTES (30u << 20) /* the format's limit is 32 MiB */

static void put_bytes(struct out *out, uint32_t field, struct str bytes)
{
    out_varint(out, field << 3 | 2);
    out_varint(out, bytes.len);
    out_str(out, bytes);
}

static void put_number(struct out *out, uint32_t field, uint64_t value)
{
    out_varint(out, field << 3);
    out_varint(out, value);
}

static void put_frame(struct out *out, const char *type, struct str raw)
{
    struct out header, blob;
    uLongf length = compressBound(raw.len);
    uint8_t *packed = malloc(length);
    out_init(&header, 1u << 10);
    out_init(&blob, 64u << 20);
    if (!packed || compress(packed, &length, (const Bytef *)raw.p, raw.len) != Z_OK) {
        out->err = out->err ? out->err : ERR_LIMIT;
    } else {
        put_number(&blob, 2, raw.len);
        put_bytes(&blob, 3, (struct str){(const char *)packed, length});
        put_bytes(&header, 1, str_of(type));
        put_number(&header, 3, blob.len);
        for (int shift = 24; shift >= 0; shift -= 8)
            out_byte(out, (uint8_t)(header.len >> shift));
        out_str(out, out_view(&header));
        out_str(out, out_view(&blob));
    }
    free(packed);
    out_done(&header);
    out_done(&blob);
}

static void begin_block(struct pbf_writer *w)
{
    struct out *const parts[] = {&w->group, &w->strings, &w->ids, &w->lats, &w->lons};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        out_reset(parts[i]);
    map_done(&w->string_of);
    put_bytes(&w->strings, 1, STR("")); /* number 0 is no text */
    w->last_id = w->last_lat = w->last_lon = 0;
    w->count = 0;
}

static void end_block(struct pbf_writer *w)
{
    struct out block;
    out_init(&block, MAX_BLOCK_BYTES);
    if (w->count == 0)
        return;
    if (!w->has_ways) {
        struct out dense;
        out_init(&dense, MAX_BLOCK_BYTES);
        put_bytes(&dense, 1, out_view(&w->ids));
        put_bytes(&dense, 8, out_view(&w->lats));
        put_bytes(&dense, 9, out_view(&w->lons));
        put_bytes(&w->group, 2, out_view(&dense));
        out_done(&dense);
    }
    put_bytes(&block, 1, out_view(&w->strings));
    put_bytes(&block, 2, out_view(&w->group));
    put_frame(w->out, "OSMData", out_view(&block));
    out_done(&block);
    begin_block(w);
}

void pbf_writer_init(struct pbf_writer *w, struct out *out)
{
    struct out header;
    *w = (struct pbf_writer){.out = out};
    struct out *const parts[] = {&w->group, &w->strings, &w->ids, &w->lats, &w->lons};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        out_init(parts[i], MAX_BLOCK_BYTES);
    map_init(&w->string_of, BLOCK_OBJECTS * 8);
    out_init(&header, 1u << 10);
    put_bytes(&header, 4, STR("OsmSchema-V0.6"));
    put_bytes(&header, 4, STR("DenseNodes"));
    put_frame(out, "OSMHeader", out_view(&header));
    out_done(&header);
    begin_block(w);
}

void pbf_writer_node(struct pbf_writer *w, int64_t id, struct place place)
{
    assert(!w->has_ways);
    out_zigzag(&w->ids, id - w->last_id);
    out_zigzag(&w->lats, place.lat_e7 - w->last_lat);
    out_zigzag(&w->lons, place.lon_e7 - w->last_lon);
    w->last_id = id;
    w->last_lat = place.lat_e7;
    w->last_lon = place.lon_e7;
    if (++w->count == BLOCK_OBJECTS)
        end_block(w);
}

static uint32_t string_number(struct pbf_writer *w, struct str text)
{
    uint64_t digest = digest_u64(text.p, text.len);
    uint32_t number = w->string_of.count + 1;
    if (map_get(&w->string_of, digest, &number))
        return number;
    put_bytes(&w->strings, 1, text);
    if (map_put(&w->string_of, digest, number) != OK)
        w->out->err = w->out->err ? w->out->err : ERR_LIMIT;
    return number;
}

void pbf_writer_way(struct pbf_writer *w, int64_t id, const int64_t *refs, size_t ref_count,
                    const struct pbf_pair *tags, size_t tag_count)
{
    struct out way, part;
    if (!w->has_ways)
        end_block(w);
    w->has_ways = true;
    out_init(&way, 1u << 20);
    out_init(&part, 1u << 20);
    put_number(&way, 1, (uint64_t)id);
    for (size_t i = 0; i < tag_count; i++)
        out_varint(&part, string_number(w, tags[i].key));
    put_bytes(&way, 2, out_view(&part));
    out_reset(&part);
    for (size_t i = 0; i < tag_count; i++)
        out_varint(&part, string_number(w, tags[i].value));
    put_bytes(&way, 3, out_view(&part));
    out_reset(&part);
    for (size_t i = 0; i < ref_count; i++)
        out_zigzag(&part, refs[i] - (i ? refs[i - 1] : 0));
    put_bytes(&way, 8, out_view(&part));
    put_bytes(&w->group, 3, out_view(&way));
    out_done(&way);
    out_done(&part);
    if (++w->count == BLOCK_OBJECTS)
        end_block(w);
}

enum err pbf_writer_done(struct pbf_writer *w)
{
    struct out *const parts[] = {&w->group, &w->strings, &w->ids, &w->lats, &w->lons};
    end_block(w);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (parts[i]->err && !w->out->err)
            w->out->err = parts[i]->err;
        out_done(parts[i]);
    }
    map_done(&w->string_of);
    return w->out->err;
}
