/* file_make.c - the sections of a road, made one by one in memory of their own,
 * become a file. */
#include "road/road_priv.h"
#ifdef __x86_64__
#include <xxh_x86dispatch.h> /* the same sums, by the widest vectors of the machine */
#else
#include <xxhash.h>
#endif

#define ALIGN 64u

void sections_done(struct sections *sections)
{
#define SECTION_DONE(section, type)                                                                \
    free(sections->section.at);                                                                    \
    sections->section.at = NULL;
    ROAD_SECTIONS(SECTION_DONE)
#undef SECTION_DONE
}

struct road sections_view(const struct sections *sections)
{
    struct road road = {0};
#define SECTION_VIEW(name, type) road.name = sections->name.at;
    ROAD_SECTIONS(SECTION_VIEW)
#undef SECTION_VIEW
    road.profile_count = (uint32_t)sections->profiles.count;
    road.node_count = (uint32_t)sections->nodes.count;
    road.edge_count = sections->edges.count ? (uint32_t)sections->edges.count - 1 : 0;
    road.way_count = sections->ways.count ? (uint32_t)sections->ways.count - 1 : 0;
    road.shape_count = (uint32_t)sections->shapes.count;
    road.vertex_count = (uint32_t)sections->vertex_node.count;
    road.hop_count = (uint32_t)sections->hops.count;
    return road;
}

static uint64_t aligned(uint64_t bytes)
{
    return (bytes + ALIGN - 1) / ALIGN * ALIGN;
}

/* Their digests are digested; their own bytes only, not what fills up. */
static void take_digest(const struct sections *sections, struct file_header *header)
{
    uint8_t digests[SECTION_COUNT][DIGEST_BYTES];
#define TAKE_DIGEST(name, type)                                                                    \
    digest_of(sections->name.at, sections->name.count * sizeof(type), digests[SECTION_##name]);
    ROAD_SECTIONS(TAKE_DIGEST)
#undef TAKE_DIGEST
    digest_of(digests, sizeof digests, header->digest);
}

static void add_part(struct file_parts *parts, const void *p, uint64_t bytes)
{
    parts->at[parts->count++] = (struct str){p, bytes};
    parts->bytes += bytes;
}

/* A section and what fills up behind it; its sum takes in both. */
static void add_section(struct file_parts *parts, XXH3_state_t *sum, const void *p, uint64_t bytes,
                        uint64_t *ret_sum)
{
    static const char zeros[ALIGN];
    uint64_t fill = aligned(parts->bytes + bytes) - parts->bytes - bytes;
    add_part(parts, p, bytes);
    add_part(parts, zeros, fill);
    (void)XXH3_64bits_update(sum, p, bytes);
    (void)XXH3_64bits_update(sum, zeros, fill);
    *ret_sum = XXH3_64bits_digest(sum);
    (void)XXH3_64bits_reset(sum);
}

enum err file_parts_make(const struct sections *sections, struct file_parts *ret_parts)
{
    static const char zeros[ALIGN];
    struct file_header *header = &ret_parts->header;
    XXH3_state_t *sum = XXH3_createState();
    if (!sum)
        return ERR_LIMIT;
    (void)XXH3_64bits_reset(sum);
    *ret_parts = (struct file_parts){0};
    memcpy(header->magic, ROAD_MAGIC, sizeof header->magic);
    header->version = ROAD_FILE_VERSION;
    header->section_count = SECTION_COUNT;
    take_digest(sections, header);
    add_part(ret_parts, header, sizeof *header);
    add_part(ret_parts, zeros, aligned(sizeof *header) - sizeof *header);
    (void)XXH3_64bits_update(sum, zeros, ret_parts->bytes - sizeof *header);
#define ADD_SECTION(name, type)                                                                    \
    header->sections[SECTION_##name].offset = ret_parts->bytes;                                    \
    header->sections[SECTION_##name].count = sections->name.count;                                 \
    add_section(ret_parts, sum, sections->name.at, sections->name.count * sizeof(type),            \
                &header->sections[SECTION_##name].sum);
    ROAD_SECTIONS(ADD_SECTION)
#undef ADD_SECTION
    header->sum = file_header_sum(header);
    (void)XXH3_freeState(sum);
    return OK;
}

uint64_t file_section_sum(struct str bytes, const struct file_header *header, size_t section)
{
    uint64_t from = section ? header->sections[section].offset : sizeof *header;
    uint64_t to = section + 1 < SECTION_COUNT ? header->sections[section + 1].offset : bytes.len;
    return XXH3_64bits(bytes.p + from, to - from);
}

uint64_t file_header_sum(const struct file_header *header)
{
    return XXH3_64bits(header, offsetof(struct file_header, sum));
}

bool file_is_in_order(const struct file_header *header, uint64_t size)
{
    uint64_t at = sizeof *header;
    for (size_t i = 0; i < SECTION_COUNT; i++) {
        if (header->sections[i].offset < at || header->sections[i].offset % 8 != 0 ||
            header->sections[i].offset > size)
            return false;
        at = header->sections[i].offset;
    }
    return true;
}
