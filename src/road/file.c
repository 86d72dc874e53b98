#include "base/file.h"
#include "road/grid_priv.h"

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "city.road is mapped as it lies");

/* Points the road at the sections of a file; their sizes are checked, not yet what is in them. */
static enum err attach(struct road *road, struct str bytes)
{
    struct file_header header;
    uint64_t counts[SECTION_COUNT];
    if (bytes.len < sizeof header || (uintptr_t)bytes.p % 8 != 0)
        return ERR_CORRUPT;
    memcpy(&header, bytes.p, sizeof header);
    if (memcmp(header.magic, ROAD_MAGIC, sizeof header.magic) != 0)
        return ERR_CORRUPT;
    if (header.version != ROAD_FILE_VERSION || header.section_count != SECTION_COUNT)
        return ERR_UNSUPPORTED;
#define ATTACH(section, type)                                                                      \
    counts[SECTION_##section] = header.sections[SECTION_##section].count;                          \
    if (header.sections[SECTION_##section].offset % 8 != 0 ||                                      \
        header.sections[SECTION_##section].offset > bytes.len ||                                   \
        counts[SECTION_##section] >                                                                \
            (bytes.len - header.sections[SECTION_##section].offset) / sizeof(type) ||              \
        counts[SECTION_##section] > INT32_MAX)                                                     \
        return ERR_CORRUPT;                                                                        \
    road->section = (const void *)(bytes.p + header.sections[SECTION_##section].offset);
    ROAD_SECTIONS(ATTACH)
#undef ATTACH
    if (counts[SECTION_grid] != 1 || counts[SECTION_edges] == 0 || counts[SECTION_ways] == 0)
        return ERR_CORRUPT;
    road->bytes = bytes;
    road->profile_count = (uint32_t)counts[SECTION_profiles];
    road->node_count = (uint32_t)counts[SECTION_nodes];
    road->edge_count = (uint32_t)counts[SECTION_edges] - 1;
    road->way_count = (uint32_t)counts[SECTION_ways] - 1;
    road->shape_count = (uint32_t)counts[SECTION_shapes];
    road->names_count = (uint32_t)counts[SECTION_names];
    road->cell_count = (uint32_t)counts[SECTION_cell_first] - 1;
    road->cell_edge_count = (uint32_t)counts[SECTION_cell_edges];
    memcpy(road->digest, header.digest, sizeof road->digest);
    bool fits = road->profile_count >= 1 && road->profile_count <= ROAD_MAX_PROFILES &&
                counts[SECTION_node_main] == road->node_count &&
                counts[SECTION_out_first] == road->node_count + 1ull &&
                counts[SECTION_out] == 2ull * road->edge_count &&
                counts[SECTION_way_edges] == road->edge_count && road->names_count >= 1 &&
                counts[SECTION_cell_first] == (uint64_t)road->grid->columns * road->grid->rows + 1;
    return fits ? OK : ERR_CORRUPT;
}

void file_digest(struct str bytes, uint8_t ret_digest[DIGEST_BYTES])
{
    size_t from = offsetof(struct file_header, sections);
    digest_of(bytes.p + from, bytes.len - from, ret_digest);
}

/* ------------------------------------------------------- every index, once at open */

static bool profiles_are_sound(const struct road *road)
{
    for (uint32_t i = 0; i < road->profile_count; i++) {
        const struct file_profile *p = &road->profiles[i];
        const uint32_t shares[] = {p->against_oneway, p->private_ground, p->forbidden,
                                   p->pass_closed, p->maxspeed};
        if (memchr(p->name, '\0', sizeof p->name) == NULL || p->mode >= MODE_COUNT)
            return false;
        for (size_t k = 0; k < sizeof shares / sizeof *shares; k++) {
            if (shares[k] > 4000)
                return false;
        }
        for (size_t k = 0; k < ROAD_MAX_CLASSES; k++) {
            if (p->speed_mm_s[k] > 100000)
                return false;
        }
    }
    return true;
}

static bool places_are_sound(const struct place *places, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!place_is_valid(places[i]))
            return false;
    }
    return true;
}

static bool edges_are_sound(const struct road *road)
{
    for (uint32_t i = 0; i < road->edge_count; i++) {
        const struct file_edge *e = &road->edges[i];
        if (e->tail >= road->node_count || e->head >= road->node_count ||
            e->way >= road->way_count || e->shape > e[1].shape || e->length_mm == 0 ||
            (uint64_t)e->way_mm + e->length_mm > road->ways[e->way].way_mm)
            return false;
    }
    return road->edges[0].shape == 0 && road->edges[road->edge_count].shape == road->shape_count;
}

/* Arcs ascend within a node and each leaves the node it stands at: so each stands there once. */
static bool adjacency_is_sound(const struct road *road)
{
    if (road->out_first[0] != 0 || road->out_first[road->node_count] != 2 * road->edge_count)
        return false;
    for (uint32_t node = 0; node < road->node_count; node++) {
        uint32_t from = road->out_first[node], to = road->out_first[node + 1];
        if (from > to || to > 2 * road->edge_count)
            return false;
        for (uint32_t i = from; i < to; i++) {
            struct file_out out = road->out[i];
            if (out.arc >= 2 * road->edge_count || (i > from && out.arc <= road->out[i - 1].arc) ||
                arc_tail(road, out.arc) != node || arc_head(road, out.arc) != out.head)
                return false;
        }
    }
    return true;
}

static bool ways_are_sound(const struct road *road)
{
    if (road->names[0] != '\0' || road->names[road->names_count - 1] != '\0' ||
        road->ways[0].edges != 0 || road->ways[road->way_count].edges != road->edge_count)
        return false;
    for (uint32_t i = 0; i < road->way_count; i++) {
        const struct file_way *w = &road->ways[i];
        if (w->road_class >= ROAD_CLASS_COUNT || w->name >= road->names_count ||
            w->name_alt >= road->names_count || w->edges > w[1].edges ||
            w[1].edges > road->edge_count || w->maxspeed_kmh > 200 ||
            (i > 0 && file_way_id(w) < file_way_id(w - 1)))
            return false;
        for (uint32_t k = w->edges; k < w[1].edges; k++) {
            if (road->way_edges[k] >= road->edge_count || road->edges[road->way_edges[k]].way != i)
                return false;
        }
    }
    return true;
}

static bool grid_is_sound(const struct road *road)
{
    if (road->grid->cell_lat_e7 < GRID_MIN_CELL_E7 || road->grid->cell_lon_e7 < GRID_MIN_CELL_E7 ||
        road->grid->columns == 0 || road->grid->rows == 0 || !place_is_valid(road->grid->min) ||
        road->cell_first[0] != 0 || road->cell_first[road->cell_count] != road->cell_edge_count)
        return false;
    for (uint32_t i = 0; i < road->cell_count; i++) {
        if (road->cell_first[i] > road->cell_first[i + 1])
            return false;
    }
    for (uint32_t i = 0; i < road->cell_edge_count; i++) {
        if (road->cell_edges[i] >= road->edge_count)
            return false;
    }
    return true;
}

void road_find_box(struct road *road)
{
    struct box box = BOX_EMPTY;
    for (uint32_t i = 0; i < road->node_count; i++)
        box_add(&box, road->nodes[i]);
    for (uint32_t i = 0; i < road->shape_count; i++)
        box_add(&box, road->shapes[i]);
    road->min = box.min;
    road->max = box.max;
}

enum err road_open_bytes(struct str bytes, struct road **ret_road, struct fault *ret_fault)
{
    uint8_t digest[DIGEST_BYTES];
    struct road *road = calloc(1, sizeof *road);
    if (!road)
        return ERR_LIMIT;
    enum err err = attach(road, bytes);
    if (!err) {
        file_digest(bytes, digest);
        if (memcmp(digest, road->digest, sizeof digest) != 0)
            err = ERR_CORRUPT;
    }
    if (!err && !(profiles_are_sound(road) && places_are_sound(road->nodes, road->node_count) &&
                  places_are_sound(road->shapes, road->shape_count) && edges_are_sound(road) &&
                  adjacency_is_sound(road) && ways_are_sound(road) && grid_is_sound(road)))
        err = ERR_CORRUPT;
    if (err) {
        free(road);
        return fault_set(ret_fault, err, 0,
                         err == ERR_UNSUPPORTED ? "road file of another version: import it again"
                                                : "not a road file, or damaged");
    }
    road_find_box(road);
    *ret_road = road;
    return OK;
}

enum err road_open(const char *path, struct road **ret_road, struct fault *ret_fault)
{
    struct str bytes;
    enum err err = file_map(path, &bytes);
    if (err)
        return fault_set(ret_fault, err, 0, "the road file cannot be opened");
    err = road_open_bytes(bytes, ret_road, ret_fault);
    if (err)
        file_unmap(bytes);
    else
        (*ret_road)->is_mapped = true;
    return err;
}

void road_close(struct road *road)
{
    if (road && road->is_mapped)
        file_unmap(road->bytes);
    free(road);
}

/* ------------------------------------------------------- what it holds */

struct road_info road_info(const struct road *road)
{
    struct road_info info = {.nodes = road->node_count,
                             .edges = road->edge_count,
                             .ways = road->way_count,
                             .profiles = road->profile_count,
                             .min = road->min,
                             .max = road->max};
    memcpy(info.digest, road->digest, sizeof info.digest);
    return info;
}

uint32_t road_profile(const struct road *road, const char *name)
{
    for (uint32_t i = 0; i < road->profile_count; i++) {
        if (strcmp(road->profiles[i].name, name) == 0)
            return i;
    }
    return ROAD_NONE;
}

const char *road_profile_name(const struct road *road, uint32_t profile)
{
    assert(profile < road->profile_count);
    return road->profiles[profile].name;
}

static struct str name_at(const struct road *road, uint32_t at)
{
    return str_of(road->names + at);
}

struct road_edge road_edge(const struct road *road, uint32_t edge)
{
    assert(edge < road->edge_count);
    const struct file_edge *e = &road->edges[edge];
    const struct file_way *way = &road->ways[e->way];
    return (struct road_edge){.tail = e->tail,
                              .head = e->head,
                              .way = e->way,
                              .length_mm = e->length_mm,
                              .name = name_at(road, way->name),
                              .name_alt = name_at(road, way->name_alt)};
}

uint32_t road_edge_shape(const struct road *road, uint32_t edge, struct place *ret_places,
                         uint32_t cap)
{
    assert(edge < road->edge_count);
    const struct file_edge *e = &road->edges[edge];
    uint32_t inner = e[1].shape - e->shape;
    for (uint32_t i = 0; i < inner + 2 && i < cap; i++) {
        ret_places[i] = i == 0           ? road->nodes[e->tail]
                        : i == inner + 1 ? road->nodes[e->head]
                                         : road->shapes[e->shape + i - 1];
    }
    return inner + 2;
}

struct place road_node_place(const struct road *road, uint32_t node)
{
    assert(node < road->node_count);
    return road->nodes[node];
}

uint32_t road_way_count(const struct road *road)
{
    return road->way_count;
}

int64_t file_way_id(const struct file_way *way)
{
    return (int64_t)((uint64_t)way->id_high << 32 | way->id_low);
}

struct road_way road_way(const struct road *road, uint32_t way)
{
    assert(way < road->way_count);
    const struct file_way *w = &road->ways[way];
    return (struct road_way){.id = file_way_id(w),
                             .road_class = w->road_class,
                             .name = name_at(road, w->name),
                             .name_alt = name_at(road, w->name_alt),
                             .left_from = w->left_from,
                             .left_to = w->left_to,
                             .right_from = w->right_from,
                             .right_to = w->right_to,
                             .edges = road->way_edges + w->edges,
                             .edge_count = w[1].edges - w->edges};
}

bool road_find_way(const struct road *road, int64_t way_id, uint32_t *ret_first,
                   uint32_t *ret_count)
{
    uint32_t low = 0, high = road->way_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (file_way_id(&road->ways[middle]) < way_id)
            low = middle + 1;
        else
            high = middle;
    }
    uint32_t end = low;
    while (end < road->way_count && file_way_id(&road->ways[end]) == way_id)
        end++;
    *ret_first = low;
    *ret_count = end - low;
    return end > low;
}

uint32_t road_base_ms(const struct road *road, uint32_t profile, uint32_t arc)
{
    const struct file_edge *e = &road->edges[arc >> 1];
    uint32_t speed = profile_speed_mm_s(&road->profiles[profile], &road->ways[e->way], arc & 1);
    return profile_ms(e->length_mm, speed);
}
