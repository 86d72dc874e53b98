/* build.c - from ways and node places to the bytes of `city.road`.
 *
 *   1 cut      a way ends at each missing node; its parts are cut into edges at every node that is
 * an end or is used twice 2 number   nodes along a Hilbert curve (neighbours in the city are
 * neighbours in memory), edges by the number of their tail, else in the order they were drawn 3
 * write    sections into one buffer; adjacency, connected parts and grid are made on it */
#include "road/grid_priv.h"
#include "road/road_priv.h"
#include <math.h>

struct new_edge {
    uint32_t tail, head; /* index into map->ids */
    uint32_t part;       /* index into parts */
    uint32_t first_ref;  /* its tail's place in map->refs */
    uint32_t ref_count;
    uint32_t length_mm, way_mm;
};
struct part { /* of a way; becomes a file_way */
    uint32_t raw, edges, edge_count;
};
struct build {
    struct raw_map *map;
    struct vec edges, parts;
    uint8_t *uses;     /* of each id: 2 and more is a node of the graph */
    uint32_t *node_of; /* by id index: number in the graph or ROAD_NONE */
    uint32_t *id_of;   /* by node number */
    uint32_t node_count;
    uint32_t *order;   /* by edge number: index into edges */
    uint32_t *edge_of; /* the other way round */
    uint64_t *way_mm;  /* by raw way: length of the whole */
    uint64_t length_mm;
    uint32_t shape_count;
    struct road_report *report;
    const char *text;
};

static uint32_t ref_at(const struct build *b, uint32_t i)
{
    return (uint32_t)VEC(&b->map->refs, int64_t)[i];
}

static bool is_missing(const struct build *b, uint32_t ref)
{
    return place_eq(b->map->places[ref_at(b, ref)], PLACE_NONE);
}

/* ------------------------------------------------------- 1 cut */

static void count_use(struct build *b, uint32_t ref, uint32_t by)
{
    uint8_t *uses = &b->uses[ref_at(b, ref)];
    *uses = (uint8_t)(*uses + by > 2 ? 2 : *uses + by);
}

/* [first, end) are refs without a missing node or an immediate repeat at their start. */
static void count_part(struct build *b, uint32_t first, uint32_t end)
{
    for (uint32_t i = first; i < end; i++) {
        if (i > first && ref_at(b, i) == ref_at(b, i - 1))
            continue;
        count_use(b, i, i == first || i == end - 1 ? 2 : 1);
    }
    count_use(b, end - 1, 2);
}

static enum err cut_part(struct build *b, uint32_t raw, uint32_t first, uint32_t end)
{
    struct part part = {raw, (uint32_t)b->edges.count, 0};
    uint32_t tail = first;
    double length_m = 0;
    for (uint32_t i = first + 1; i < end; i++) {
        if (ref_at(b, i) == ref_at(b, i - 1))
            continue;
        length_m +=
            place_distance_m(b->map->places[ref_at(b, i - 1)], b->map->places[ref_at(b, i)]);
        if (b->uses[ref_at(b, i)] < 2)
            continue;
        double length_mm = fmax(1.0, nearbyint(length_m * 1000));
        if (length_mm + (double)b->way_mm[raw] > UINT32_MAX) {
            b->text = "a way is longer than 4,294 km";
            return ERR_LIMIT;
        }
        struct new_edge edge = {.tail = ref_at(b, tail),
                                .head = ref_at(b, i),
                                .part = (uint32_t)b->parts.count,
                                .first_ref = tail,
                                .ref_count = i - tail + 1,
                                .length_mm = (uint32_t)length_mm,
                                .way_mm = (uint32_t)b->way_mm[raw]};
        if (VEC_PUSH(&b->edges, struct new_edge, edge))
            return ERR_LIMIT;
        b->way_mm[raw] += edge.length_mm;
        b->length_mm += edge.length_mm;
        part.edge_count++;
        tail = i;
        length_m = 0;
    }
    return part.edge_count ? VEC_PUSH(&b->parts, struct part, part) : OK;
}

/* Walks the parts of a way between missing nodes: counts their nodes, or cuts them into edges. */
static enum err each_part(struct build *b, uint32_t raw, bool is_cutting)
{
    const struct raw_way *way = &VEC(&b->map->ways, struct raw_way)[raw];
    uint32_t end = way->first_ref + way->ref_count, parts = 0, i = way->first_ref;
    bool has_hole = false;
    while (i < end) {
        uint32_t first = i;
        while (i < end && !is_missing(b, i))
            i++;
        if (i - first >= 2) {
            parts++;
            enum err err = OK;
            if (is_cutting)
                err = cut_part(b, raw, first, i);
            else
                count_part(b, first, i);
            if (err)
                return err;
        }
        has_hole |= i < end;
        i++;
    }
    if (is_cutting && parts == 0)
        b->report->ways_dropped[ROAD_DROP_NODES]++;
    else if (is_cutting)
        b->report->ways_cut += has_hole;
    return OK;
}

static enum err cut(struct build *b)
{
    uint32_t count = (uint32_t)b->map->ways.count;
    enum err err = OK;
    b->uses = calloc(b->map->id_count + 1, sizeof *b->uses);
    b->way_mm = calloc(count + 1, sizeof *b->way_mm);
    if (!b->uses || !b->way_mm)
        return ERR_LIMIT;
    for (uint32_t i = 0; i < count; i++)
        (void)each_part(b, i, false);
    for (uint32_t i = 0; i < count && !err; i++)
        err = each_part(b, i, true);
    if (!err && b->edges.count == 0) {
        b->text = "no roads in the input";
        err = ERR_NOT_FOUND;
    }
    if (!err && b->edges.count > INT32_MAX / 2)
        err = ERR_LIMIT;
    b->report->ways_kept = count - b->report->ways_dropped[ROAD_DROP_NODES];
    return err;
}

/* ------------------------------------------------------- 2 number */

/* Distance along a Hilbert curve over 2^16 x 2^16 cells (Warren, Hacker's Delight, 16-1). */
static uint32_t hilbert(uint32_t x, uint32_t y)
{
    uint32_t d = 0;
    for (uint32_t s = 1u << 15; s; s >>= 1) {
        uint32_t rx = (x & s) != 0, ry = (y & s) != 0;
        d += s * s * ((3 * rx) ^ ry);
        if (ry == 0) {
            if (rx) {
                x = 65535 - x;
                y = 65535 - y;
            }
            uint32_t swap = x;
            x = y;
            y = swap;
        }
    }
    return d;
}

static int compare_u64(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return left < right ? -1 : left > right;
}

static enum err number_nodes(struct build *b)
{
    struct box box = BOX_EMPTY;
    uint64_t *keys = calloc(b->map->id_count + 1, sizeof *keys);
    b->node_of = calloc(b->map->id_count + 1, sizeof *b->node_of);
    if (!keys || !b->node_of) {
        free(keys);
        return ERR_LIMIT;
    }
    memset(b->node_of, 0xFF, b->map->id_count * sizeof *b->node_of);
    for (size_t i = 0; i < b->edges.count; i++) {
        const struct new_edge *edge = &VEC(&b->edges, struct new_edge)[i];
        box_add(&box, b->map->places[edge->tail]);
        box_add(&box, b->map->places[edge->head]);
        b->node_of[edge->tail] = b->node_of[edge->head] = 0;
    }
    double width = (double)box.max.lon_e7 - box.min.lon_e7 + 1;
    double height = (double)box.max.lat_e7 - box.min.lat_e7 + 1;
    for (uint32_t id = 0; id < b->map->id_count; id++) {
        if (b->node_of[id] == ROAD_NONE)
            continue;
        struct place p = b->map->places[id];
        uint32_t x = (uint32_t)(((double)p.lon_e7 - box.min.lon_e7) / width * 65536);
        uint32_t y = (uint32_t)(((double)p.lat_e7 - box.min.lat_e7) / height * 65536);
        keys[b->node_count++] = (uint64_t)hilbert(x, y) << 32 | id;
    }
    qsort(keys, b->node_count, sizeof *keys, compare_u64);
    b->id_of = calloc(b->node_count, sizeof *b->id_of);
    for (uint32_t node = 0; b->id_of && node < b->node_count; node++) {
        b->id_of[node] = (uint32_t)keys[node];
        b->node_of[b->id_of[node]] = node;
    }
    free(keys);
    return b->id_of ? OK : ERR_LIMIT;
}

static enum err number_edges(struct build *b)
{
    uint32_t count = (uint32_t)b->edges.count;
    uint32_t *first = calloc(b->node_count + 1, sizeof *first);
    b->order = calloc(count, sizeof *b->order);
    b->edge_of = calloc(count, sizeof *b->edge_of);
    enum err err = first && b->order && b->edge_of ? OK : ERR_LIMIT;
    if (err)
        goto out;
    for (uint32_t i = 0; i < count; i++)
        first[b->node_of[VEC(&b->edges, struct new_edge)[i].tail] + 1]++;
    for (uint32_t node = 0; node < b->node_count; node++)
        first[node + 1] += first[node];
    for (uint32_t i = 0; i < count; i++) {
        uint32_t edge = first[b->node_of[VEC(&b->edges, struct new_edge)[i].tail]]++;
        b->order[edge] = i;
        b->edge_of[i] = edge;
        b->shape_count += VEC(&b->edges, struct new_edge)[i].ref_count - 2;
    }
out:
    free(first);
    return err;
}

/* ------------------------------------------------------- 3 write */

static void write_edges(const struct build *b, struct file_edge *edges, struct place *shapes)
{
    uint32_t count = (uint32_t)b->edges.count, shape = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct new_edge *edge = &VEC(&b->edges, struct new_edge)[b->order[i]];
        edges[i] = (struct file_edge){.tail = b->node_of[edge->tail],
                                      .head = b->node_of[edge->head],
                                      .way = edge->part,
                                      .shape = shape,
                                      .length_mm = edge->length_mm,
                                      .way_mm = edge->way_mm};
        for (uint32_t k = 1; k + 1 < edge->ref_count; k++)
            shapes[shape++] = b->map->places[ref_at(b, edge->first_ref + k)];
    }
    edges[count] = (struct file_edge){.shape = shape};
}

static void write_ways(const struct build *b, struct file_way *ways, uint32_t *way_edges)
{
    uint32_t count = (uint32_t)b->parts.count;
    for (uint32_t i = 0; i < count; i++) {
        const struct part *part = &VEC(&b->parts, struct part)[i];
        const struct raw_way *raw = &VEC(&b->map->ways, struct raw_way)[part->raw];
        ways[i] = (struct file_way){.id_low = (uint32_t)raw->id,
                                    .id_high = (uint32_t)((uint64_t)raw->id >> 32),
                                    .road_class = raw->road_class,
                                    .flags = raw->flags,
                                    .maxspeed_kmh = raw->maxspeed_kmh,
                                    .name = raw->name,
                                    .name_alt = raw->name_alt,
                                    .left_from = raw->left_from,
                                    .left_to = raw->left_to,
                                    .right_from = raw->right_from,
                                    .right_to = raw->right_to,
                                    .edges = part->edges,
                                    .way_mm = (uint32_t)b->way_mm[part->raw]};
        for (uint32_t k = 0; k < part->edge_count; k++)
            way_edges[part->edges + k] = b->edge_of[part->edges + k];
    }
    ways[count] = (struct file_way){.edges = (uint32_t)b->edges.count};
}

/* Walks edges in ascending order, so that the arcs of a node ascend. */
static void write_adjacency(const struct road *road, uint32_t *out_first, struct file_out *out)
{
    for (uint32_t arc = 0; arc < 2 * road->edge_count; arc++)
        out_first[arc_tail(road, arc) + 1]++;
    for (uint32_t node = 0; node < road->node_count; node++)
        out_first[node + 1] += out_first[node];
    for (uint32_t arc = 0; arc < 2 * road->edge_count; arc++)
        out[out_first[arc_tail(road, arc)]++] = (struct file_out){arc_head(road, arc), arc};
    memmove(out_first + 1, out_first, road->node_count * sizeof *out_first);
    out_first[0] = 0;
}

static uint32_t root_of(uint32_t *up, uint32_t node)
{
    while (up[node] != node)
        node = up[node] = up[up[node]];
    return node;
}

/* Pieces that hang together when directions are left out of account. */
static enum err count_islands(const struct road *road, struct road_report *report)
{
    uint32_t *up = calloc(road->node_count, 2 * sizeof *up);
    if (!up)
        return ERR_LIMIT;
    uint32_t *edges = up + road->node_count;
    for (uint32_t i = 0; i < road->node_count; i++)
        up[i] = i;
    for (uint32_t i = 0; i < road->edge_count; i++)
        up[root_of(up, road->edges[i].tail)] = root_of(up, road->edges[i].head);
    for (uint32_t i = 0; i < road->edge_count; i++)
        edges[root_of(up, road->edges[i].tail)]++;
    for (uint32_t i = 0; i < road->node_count; i++) {
        report->islands += up[i] == i;
        report->main_edges = edges[i] > report->main_edges ? edges[i] : report->main_edges;
    }
    free(up);
    return OK;
}

static void lay_out(const struct build *b, const struct grid_job *grid, struct file_header *header,
                    size_t *ret_size)
{
    uint64_t edges = b->edges.count;
    uint64_t cells = grid->cell_first ? (uint64_t)grid->grid.columns * grid->grid.rows : 0;
    const uint64_t counts[SECTION_COUNT] = {
        [SECTION_profiles] = b->map->profile_count,
        [SECTION_grid] = 1,
        [SECTION_nodes] = b->node_count,
        [SECTION_node_main] = b->node_count,
        [SECTION_out_first] = b->node_count + 1ull,
        [SECTION_out] = 2 * edges,
        [SECTION_edges] = edges + 1,
        [SECTION_shapes] = b->shape_count,
        [SECTION_ways] = b->parts.count + 1,
        [SECTION_way_edges] = edges,
        [SECTION_names] = b->map->names.count,
        [SECTION_cell_first] = cells + 1,
        [SECTION_cell_edges] = cells ? grid->cell_first[cells] : 0,
    };
    size_t at = (sizeof *header + 7) / 8 * 8;
    memcpy(header->magic, ROAD_MAGIC, sizeof header->magic);
    header->version = ROAD_FILE_VERSION;
    header->section_count = SECTION_COUNT;
#define LAY_OUT(section, type)                                                                     \
    header->sections[SECTION_##section].offset = at;                                               \
    header->sections[SECTION_##section].count = counts[SECTION_##section];                         \
    at += (counts[SECTION_##section] * sizeof(type) + 7) / 8 * 8;
    ROAD_SECTIONS(LAY_OUT)
#undef LAY_OUT
    *ret_size = at;
}

#define SECTION_IN(bytes, header, section, type)                                                   \
    ((type *)(void *)((bytes) + (header)->sections[SECTION_##section].offset))

static enum err write_graph(struct build *b, uint8_t *bytes, const struct file_header *header,
                            struct road *road)
{
    memcpy(bytes, header, sizeof *header);
    memcpy(SECTION_IN(bytes, header, profiles, struct file_profile), b->map->profiles,
           b->map->profile_count * sizeof *b->map->profiles);
    struct place *nodes = SECTION_IN(bytes, header, nodes, struct place);
    for (uint32_t i = 0; i < b->node_count; i++)
        nodes[i] = b->map->places[b->id_of[i]];
    write_edges(b, SECTION_IN(bytes, header, edges, struct file_edge),
                SECTION_IN(bytes, header, shapes, struct place));
    write_ways(b, SECTION_IN(bytes, header, ways, struct file_way),
               SECTION_IN(bytes, header, way_edges, uint32_t));
    memcpy(SECTION_IN(bytes, header, names, char), b->map->names.p, b->map->names.count);
    *road = (struct road){.bytes = {(const char *)bytes, 0},
                          .node_count = b->node_count,
                          .edge_count = (uint32_t)b->edges.count,
                          .way_count = (uint32_t)b->parts.count,
                          .profile_count = b->map->profile_count,
                          .shape_count = b->shape_count};
#define POINT(section, type) road->section = SECTION_IN(bytes, header, section, type);
    ROAD_SECTIONS(POINT)
#undef POINT
    write_adjacency(road, SECTION_IN(bytes, header, out_first, uint32_t),
                    SECTION_IN(bytes, header, out, struct file_out));
    enum err err = count_islands(road, b->report);
    for (uint32_t i = 0; i < road->profile_count && !err; i++)
        err = scc_mark(road, i, SECTION_IN(bytes, header, node_main, uint32_t),
                       &b->report->main_nodes[i]);
    return err;
}

static void fill_report(struct build *b, const struct road *road, size_t size)
{
    struct road_report *report = b->report;
    report->nodes = road->node_count;
    report->edges = road->edge_count;
    report->length_m = b->length_mm / 1000;
    report->file_bytes = size;
    for (size_t i = 1; i < b->map->names.count; i++)
        report->names += VEC(&b->map->names, char)[i] == '\0';
}

/* The grid comes last in the file and is made on what stands before it. */
static enum err write_file(struct build *b, uint8_t **ret_bytes, size_t *ret_size)
{
    struct file_header header = {0};
    struct grid_job grid = {0};
    struct road road;
    size_t size;
    lay_out(b, &grid, &header, &size);
    uint8_t *bytes = calloc(1, size);
    enum err err = bytes ? write_graph(b, bytes, &header, &road) : ERR_LIMIT;
    if (!err) {
        road_find_box(&road);
        grid.road = &road;
        err = grid_make(&grid);
    }
    if (err)
        goto out;
    lay_out(b, &grid, &header, &size);
    uint8_t *grown = realloc(bytes, size);
    if (!grown) {
        err = ERR_LIMIT;
        goto out;
    }
    bytes = grown;
    uint32_t cells = grid.grid.columns * grid.grid.rows;
    size_t tail = header.sections[SECTION_cell_first].offset;
    memset(bytes + tail, 0, size - tail);
    memcpy(SECTION_IN(bytes, &header, grid, struct file_grid), &grid.grid, sizeof grid.grid);
    memcpy(bytes + tail, grid.cell_first, (cells + 1ull) * sizeof *grid.cell_first);
    memcpy(SECTION_IN(bytes, &header, cell_edges, uint32_t), grid.cell_edges,
           grid.cell_first[cells] * sizeof *grid.cell_edges);
    memcpy(bytes, &header, sizeof header);
    file_digest((struct str){(const char *)bytes, size}, header.digest);
    memcpy(bytes, &header, sizeof header);
    fill_report(b, &road, size);
    *ret_bytes = bytes;
    *ret_size = size;
    bytes = NULL;
out:
    free(bytes);
    grid_done(&grid);
    return err;
}

enum err build_file(struct raw_map *map, struct road_report *report, uint8_t **ret_bytes,
                    size_t *ret_size, struct fault *ret_fault)
{
    struct build b = {.map = map, .report = report};
    enum err err = cut(&b);
    if (!err)
        err = number_nodes(&b);
    if (!err)
        err = number_edges(&b);
    if (!err)
        err = write_file(&b, ret_bytes, ret_size);
    vec_done(&b.edges);
    vec_done(&b.parts);
    free(b.uses);
    free(b.node_of);
    free(b.id_of);
    free(b.order);
    free(b.edge_of);
    free(b.way_mm);
    return err ? fault_set(ret_fault, err, 0, b.text ? b.text : err_text(err)) : OK;
}
