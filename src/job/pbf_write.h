/* pbf_write.h - writes OpenStreetMap PBF: dense nodes, then ways, in zlib blocks.
 * Layer: job. Threads: one owner. Source: wiki.openstreetmap.org/wiki/PBF_Format. */
#ifndef JOB_PBF_WRITE_H
#define JOB_PBF_WRITE_H
#include "base/map.h"
#include "base/out.h"
#include "geo/place.h"

struct pbf_pair {
    struct str key, value;
};
struct pbf_writer {
    struct out *out;
    struct out group, strings;  /* of the block under way */
    struct out ids, lats, lons; /* of dense nodes */
    struct map string_of;       /* digest of a text -> its number in the block */
    int64_t last_id, last_lat, last_lon;
    uint32_t count;
    bool has_ways;
};
/* Writes the header block to `out`, which is borrowed until pbf_writer_done. */
void pbf_writer_init(struct pbf_writer *writer, struct out *out);
void pbf_writer_node(struct pbf_writer *writer, int64_t id, struct place place);
/* After the first way no more nodes. */
void pbf_writer_way(struct pbf_writer *writer, int64_t id, const int64_t *refs, size_t ref_count,
                    const struct pbf_pair *tags, size_t tag_count);
/* Writes what is left and frees the writer. The error is the one of `out`. */
enum err pbf_writer_done(struct pbf_writer *writer);
#endif
