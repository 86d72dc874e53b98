#include "job/import_roads.h"
#include "base/file.h"
#include "gazetteer/gazetteer.h"

#define MAX_PINYIN_BYTES (4u << 20)
#define MAX_NAMES_BYTES (512u << 20)

/* One stretch an edge: house numbers are given for a whole way, so only a way of one edge has them
 * exactly; on others each edge takes its share by length. */
static uint32_t share_number(uint32_t from, uint32_t to, uint64_t at_mm, uint64_t whole_mm)
{
    if (from == 0 || to == 0 || whole_mm == 0)
        return 0;
    int64_t number = from + ((int64_t)to - from) * (int64_t)at_mm / (int64_t)whole_mm;
    return (uint32_t)(number + ((number ^ from) & 1)); /* stays on its side of the street */
}

static enum err add_edge(struct gazetteer_builder *builder, const struct road *road,
                         const struct road_way *way, uint32_t edge, uint64_t at_mm,
                         uint64_t whole_mm)
{
    struct road_edge facts = road_edge(road, edge);
    uint32_t count = road_edge_shape(road, edge, NULL, 0);
    struct place *places = calloc(count, sizeof *places);
    uint64_t end_mm = at_mm + facts.length_mm;
    if (!places)
        return ERR_LIMIT;
    (void)road_edge_shape(road, edge, places, count);
    struct gazetteer_stretch stretch = {
        .name = way->name,
        .name_alt = way->name_alt,
        .places = places,
        .place_count = count,
        .tail = facts.tail,
        .head = facts.head,
        .left_from = share_number(way->left_from, way->left_to, at_mm, whole_mm),
        .left_to = share_number(way->left_from, way->left_to, end_mm, whole_mm),
        .right_from = share_number(way->right_from, way->right_to, at_mm, whole_mm),
        .right_to = share_number(way->right_from, way->right_to, end_mm, whole_mm)};
    enum err err = gazetteer_builder_add(builder, &stretch);
    free(places);
    return err;
}

static enum err add_way(struct gazetteer_builder *builder, const struct road *road, uint32_t index)
{
    struct road_way way = road_way(road, index);
    uint64_t whole_mm = 0, at_mm = 0;
    enum err err = OK;
    for (uint32_t i = 0; i < way.edge_count; i++)
        whole_mm += road_edge(road, way.edges[i]).length_mm;
    for (uint32_t i = 0; i < way.edge_count && !err; i++) {
        err = add_edge(builder, road, &way, way.edges[i], at_mm, whole_mm);
        at_mm += road_edge(road, way.edges[i]).length_mm;
    }
    return err;
}

enum err import_names(const struct road *road, struct str pinyin, struct out *out,
                      struct fault *ret_fault)
{
    struct gazetteer_builder *builder;
    enum err err = gazetteer_builder_new(pinyin, &builder, ret_fault);
    if (err)
        return err;
    for (uint32_t i = 0; i < road_way_count(road) && !err; i++)
        err = add_way(builder, road, i);
    if (!err)
        err = gazetteer_builder_finish(builder, out);
    gazetteer_builder_free(builder);
    return err ? fault_set(ret_fault, err, 0, "the names could not be made") : OK;
}

static enum err count_streets(struct str bytes, uint32_t *ret_streets, struct fault *ret_fault)
{
    struct gazetteer *gazetteer;
    enum err err = gazetteer_open_bytes(bytes, &gazetteer, ret_fault);
    if (err)
        return err;
    *ret_streets = gazetteer_street_count(gazetteer);
    gazetteer_close(gazetteer);
    return OK;
}

static enum err write_names(const struct import_roads *job, const struct road *road,
                            struct out *pinyin, struct out *names, uint32_t *ret_streets,
                            struct fault *ret_fault)
{
    enum err err = job->pinyin ? file_read(job->pinyin, pinyin) : OK;
    if (!err)
        err = import_names(road, out_view(pinyin), names, ret_fault);
    if (err)
        return fault_field(ret_fault, err, job->pinyin, "the pinyin table cannot be used");
    err = count_streets(out_view(names), ret_streets, ret_fault);
    if (!err)
        err = file_replace(job->out_names, out_view(names), 0644);
    return err ? fault_field(ret_fault, err, job->out_names, "the names file cannot be written")
               : OK;
}

enum err import_roads(const struct import_roads *job, struct import_roads_result *ret_result,
                      struct fault *ret_fault)
{
    struct import_roads_result result = {.streets = 0};
    struct road_import roads = {.inputs = job->inputs,
                                .input_count = job->input_count,
                                .profiles = job->profiles,
                                .output = job->out_road,
                                .threads = job->threads,
                                .progress = job->progress,
                                .clock_us = job->clock_us,
                                .user = job->user};
    struct road *road = NULL;
    struct out pinyin, names;
    out_init(&pinyin, MAX_PINYIN_BYTES);
    out_init(&names, MAX_NAMES_BYTES);
    enum err err = road_import(&roads, &result.report, ret_fault);
    if (!err)
        err = road_open(job->out_road, &road, ret_fault);
    if (!err)
        err = write_names(job, road, &pinyin, &names, &result.streets, ret_fault);
    road_close(road);
    out_done(&pinyin);
    out_done(&names);
    if (!err)
        *ret_result = result;
    return err;
}

void import_roads_report(const struct import_roads_result *result, const struct road *road,
                         struct out *out)
{
    const struct road_report *r = &result->report;
    out_printf(out, "read     %llu ways, %llu nodes\n", (unsigned long long)r->ways_read,
               (unsigned long long)r->nodes_read);
    out_printf(out, "kept     %u ways, %u of them cut where a node is missing\n", r->ways_kept,
               r->ways_cut);
    for (unsigned i = 0; i < ROAD_DROP_COUNT; i++) {
        if (r->ways_dropped[i])
            out_printf(out, "dropped  %u ways: %s\n", r->ways_dropped[i],
                       road_drop_text((enum road_drop)i));
    }
    if (r->turns_read)
        out_printf(out, "turns    %u restrictions read, %u kept\n", r->turns_read, r->turns_kept);
    for (unsigned i = 0; i < ROAD_TURN_DROP_COUNT; i++) {
        if (r->turns_dropped[i])
            out_printf(out, "dropped  %u turn restrictions: %s\n", r->turns_dropped[i],
                       road_turn_drop_text((enum road_turn_drop)i));
    }
    out_printf(out, "barriers %u\n", r->barriers);
    out_printf(out, "graph    %u nodes, %u edges, %llu km\n", r->nodes, r->edges,
               (unsigned long long)(r->length_m / 1000));
    out_printf(out, "islands  %u pieces, %u edges outside the largest\n", r->islands,
               r->edges - r->main_edges);
    for (uint32_t i = 0; i < road_info(road).profiles; i++)
        out_printf(out, "profile  %s: %u nodes can reach each other\n", road_profile_name(road, i),
                   r->main_nodes[i]);
    out_printf(out, "names    %u streets\n", result->streets);
    out_printf(out, "search   %u vertices, %u hops, %u arcs in the hierarchy\n", r->vertices,
               r->hops, r->shortcuts);
    out_printf(out, "file     %llu bytes\n", (unsigned long long)r->file_bytes);
    uint64_t sum_us = 0;
    for (unsigned i = 0; i < ROAD_STEP_COUNT; i++)
        sum_us += r->step_us[i];
    for (unsigned i = 0; i < ROAD_STEP_COUNT && sum_us; i++)
        out_printf(out, "seconds  %.3f %s\n", (double)r->step_us[i] / 1e6,
                   road_step_text((enum road_step)i));
}
