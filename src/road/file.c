#include "base/file.h"
#include "road/road_priv.h"
#include <sys/mman.h>

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "city.road is mapped as it lies");

/* Points the road at the sections of a file, whose place and size are checked.
 */
static enum err attach(struct road *road, struct str bytes, const struct file_header *header)
{
#define ATTACH(name, type)                                                                         \
    if (header->sections[SECTION_##name].count >                                                   \
            (bytes.len - header->sections[SECTION_##name].offset) / sizeof(type) ||                \
        header->sections[SECTION_##name].count > INT32_MAX)                                        \
        return ERR_CORRUPT;                                                                        \
    road->name = (const void *)(bytes.p + header->sections[SECTION_##name].offset);
    ROAD_SECTIONS(ATTACH)
#undef ATTACH
    road->bytes = bytes;
    memcpy(road->digest, header->digest, sizeof road->digest);
    return OK;
}

/* Takes the counts from the table; they must agree with each other. */
static enum err take_counts(struct road *road, const struct file_header *header)
{
    uint64_t n[SECTION_COUNT], arcs = header->sections[SECTION_cch_up_head].count;
    for (size_t i = 0; i < SECTION_COUNT; i++)
        n[i] = header->sections[i].count;
    if (n[SECTION_grid] != 1 || n[SECTION_edges] == 0 || n[SECTION_ways] == 0)
        return ERR_CORRUPT;
    road->profile_count = (uint32_t)n[SECTION_profiles];
    road->node_count = (uint32_t)n[SECTION_nodes];
    road->edge_count = (uint32_t)n[SECTION_edges] - 1;
    road->way_count = (uint32_t)n[SECTION_ways] - 1;
    road->shape_count = (uint32_t)n[SECTION_shapes];
    road->names_count = (uint32_t)n[SECTION_names];
    road->cell_count = (uint32_t)n[SECTION_cell_first] - 1;
    road->cell_edge_count = (uint32_t)n[SECTION_cell_edges];
    road->vertex_count = (uint32_t)n[SECTION_vertex_node];
    road->hop_count = (uint32_t)n[SECTION_hops];
    road->step_count = (uint32_t)n[SECTION_climb_steps];
    road->pull_count = (uint32_t)n[SECTION_plan_pulls];
    road->push_count = (uint32_t)n[SECTION_plan_pushes];
    bool fits_map = road->profile_count >= 1 && road->profile_count <= ROAD_MAX_PROFILES &&
                    n[SECTION_node_main] == road->node_count &&
                    n[SECTION_out_first] == road->node_count + 1ull &&
                    n[SECTION_out] == 2ull * road->edge_count &&
                    n[SECTION_way_edges] == road->edge_count && road->names_count >= 1 &&
                    n[SECTION_cell_first] == (uint64_t)road->grid->columns * road->grid->rows + 1;
    bool fits_search = n[SECTION_node_vertex] == road->node_count &&
                       n[SECTION_hop_first] == road->vertex_count + 1ull &&
                       n[SECTION_in_first] == road->vertex_count + 1ull &&
                       n[SECTION_in_hops] == road->hop_count &&
                       n[SECTION_arc_first_hop] == 2ull * road->edge_count + 1 &&
                       n[SECTION_arc_hops] == road->hop_count;
    bool fits_cch = n[SECTION_cch_up_first] == road->vertex_count + 1ull &&
                    n[SECTION_cch_down_first] == road->vertex_count + 1ull &&
                    n[SECTION_cch_down] == arcs && n[SECTION_cch_input_arc] == road->hop_count &&
                    n[SECTION_cch_arc_first] == arcs + 1 &&
                    n[SECTION_cch_arc_inputs] == road->hop_count;
    bool fits_derived = n[SECTION_climb_vertices] == road->vertex_count + 1ull &&
                        n[SECTION_plan_turns] == road->vertex_count + 1ull &&
                        n[SECTION_plan_does_push] == road->vertex_count &&
                        n[SECTION_plan_task_first] >= 2 &&
                        n[SECTION_plan_task_push] == n[SECTION_plan_task_first];
    return fits_map && fits_search && fits_cch && fits_derived ? OK : ERR_CORRUPT;
}

/* The hierarchy and what is derived of it, as their sections lie. */
static void take_hierarchy(struct road *road, const struct file_header *header)
{
    road->cch = (struct cch){.vertices = road->vertex_count,
                             .arcs = (uint32_t)header->sections[SECTION_cch_up_head].count,
                             .inputs = road->hop_count,
                             .up_first = road->cch_up_first,
                             .up_head = road->cch_up_head,
                             .down_first = road->cch_down_first,
                             .down = road->cch_down,
                             .input_arc = road->cch_input_arc,
                             .arc_first = road->cch_arc_first,
                             .arc_inputs = road->cch_arc_inputs};
    road->climb = (struct climb){
        .cch = &road->cch, .vertices = road->climb_vertices, .steps = road->climb_steps};
    climb_choose(&road->climb);
    road->plan =
        (struct cch_plan){.cch = &road->cch,
                          .tasks = (uint32_t)header->sections[SECTION_plan_task_first].count - 2,
                          .turns = road->plan_turns,
                          .task_first = road->plan_task_first,
                          .task_push = road->plan_task_push,
                          .pulls = road->plan_pulls,
                          .pushes = road->plan_pushes,
                          .does_push = road->plan_does_push};
    if (road->vertex_count) /* the last is a root */
        road->climb.slots = road->climb_vertices[road->vertex_count - 1].slot + 1u;
}

static enum err read_header(struct str bytes, struct file_header *ret_header)
{
    const size_t magic = offsetof(struct file_header, section_count);
    if (bytes.len < magic || (uintptr_t)bytes.p % 8 != 0)
        return ERR_CORRUPT;
    memcpy(ret_header, bytes.p, magic);
    if (memcmp(ret_header->magic, ROAD_MAGIC, sizeof ret_header->magic) != 0)
        return ERR_CORRUPT;
    if (ret_header->version != ROAD_FILE_VERSION)
        return ERR_UNSUPPORTED;
    if (bytes.len < sizeof *ret_header)
        return ERR_CORRUPT;
    memcpy(ret_header, bytes.p, sizeof *ret_header);
    if (ret_header->section_count != SECTION_COUNT ||
        ret_header->sum != file_header_sum(ret_header) || !file_is_in_order(ret_header, bytes.len))
        return ERR_CORRUPT;
    for (size_t i = 0; i < SECTION_COUNT; i++) {
        if (ret_header->sections[i].sum != file_section_sum(bytes, ret_header, i))
            return ERR_CORRUPT;
    }
    return OK;
}

static void add_places(struct box *box, const struct place *places, uint32_t count)
{
    struct place min = box->min, max = box->max;
    for (uint32_t i = 0; i < count; i++) {
        struct place at = places[i];
        min.lat_e7 = at.lat_e7 < min.lat_e7 ? at.lat_e7 : min.lat_e7;
        min.lon_e7 = at.lon_e7 < min.lon_e7 ? at.lon_e7 : min.lon_e7;
        max.lat_e7 = at.lat_e7 > max.lat_e7 ? at.lat_e7 : max.lat_e7;
        max.lon_e7 = at.lon_e7 > max.lon_e7 ? at.lon_e7 : max.lon_e7;
    }
    *box = (struct box){min, max};
}

void road_find_box(struct road *road)
{
    struct box box = BOX_EMPTY;
    add_places(&box, road->nodes, road->node_count);
    add_places(&box, road->shapes, road->shape_count);
    road->min = box.min;
    road->max = box.max;
}

enum err road_open_bytes(struct str bytes, struct road **ret_road, struct fault *ret_fault)
{
    struct file_header header;
    struct road *road = calloc(1, sizeof *road);
    if (!road)
        return ERR_LIMIT;
    enum err err = read_header(bytes, &header);
    if (!err)
        err = attach(road, bytes, &header);
    if (!err)
        err = take_counts(road, &header);
    if (!err) {
        take_hierarchy(road, &header);
        road_find_box(road);
        err = file_check(road);
    }
    if (err) {
        free(road);
        return fault_set(ret_fault, err, 0,
                         err == ERR_UNSUPPORTED ? "road file of another version: import it again"
                         : err == ERR_LIMIT     ? err_text(ERR_LIMIT)
                                                : "not a road file, or damaged");
    }
    road->plan.triangles = cch_triangles(&road->cch);
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
    if (err) {
        file_unmap(bytes);
        return err;
    }
    (*ret_road)->is_mapped = true;
    road_give_back_pages(*ret_road); /* the checks have touched every one */
    return OK;
}

void road_give_back_pages(const struct road *road)
{
    if (road->is_mapped)
        (void)madvise((void *)(uintptr_t)road->bytes.p, road->bytes.len, MADV_DONTNEED);
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
