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

static uint64_t lay_out(const struct sections *sections, struct file_header *header)
{
    uint64_t at = aligned(sizeof *header);
    memcpy(header->magic, ROAD_MAGIC, sizeof header->magic);
    header->version = ROAD_FILE_VERSION;
    header->section_count = SECTION_COUNT;
#define LAY_OUT(name, type)                                                                        \
    header->sections[SECTION_##name] =                                                             \
        (struct file_section){.offset = at, .count = sections->name.count};                        \
    at += aligned(sections->name.count * sizeof(type));
    ROAD_SECTIONS(LAY_OUT)
#undef LAY_OUT
    return at;
}

/* Each section's own memory goes as soon as it is copied: the file is never
 * there twice. */
static void move_in(struct sections *sections, const struct file_header *header, uint8_t *bytes)
{
#define MOVE_IN(name, type)                                                                        \
    if (sections->name.count)                                                                      \
        memcpy(bytes + header->sections[SECTION_##name].offset, sections->name.at,                 \
               sections->name.count * sizeof(type));                                               \
    free(sections->name.at);                                                                       \
    sections->name.at = NULL;
    ROAD_SECTIONS(MOVE_IN)
#undef MOVE_IN
}

enum err file_make(struct sections *sections, uint8_t **ret_bytes, size_t *ret_size)
{
    struct file_header header = {0};
    size_t size = lay_out(sections, &header), first = header.sections[0].offset;
    uint8_t *bytes = calloc(1, size);
    if (!bytes)
        return ERR_LIMIT;
    move_in(sections, &header, bytes);
    digest_of(bytes + first, size - first, header.digest);
    memcpy(bytes, &header, sizeof header);
    bool is_sound = file_seal(bytes, size);
    assert(is_sound);
    *ret_bytes = bytes;
    *ret_size = size;
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

bool file_seal(uint8_t *bytes, size_t size)
{
    struct file_header header;
    if (size < sizeof header)
        return false;
    memcpy(&header, bytes, sizeof header);
    if (!file_is_in_order(&header, size))
        return false;
    for (size_t i = 0; i < SECTION_COUNT; i++)
        header.sections[i].sum =
            file_section_sum((struct str){(const char *)bytes, size}, &header, i);
    header.sum = file_header_sum(&header);
    memcpy(bytes, &header, sizeof header);
    return true;
}
