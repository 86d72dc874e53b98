/* build.c - the sections of `city.road`, from numbered nodes, edges and hops.
 */
#include "road/build_priv.h"
#include "road/grid_priv.h"

static enum err make_map(struct build *b)
{
    struct sections *s = &b->sections;
    uint32_t count = (uint32_t)b->edges.count, shape = 0;
    for (uint32_t i = 0; i < count; i++)
        shape += edge_in(b, i)->ref_count - 2;
    if (SECTION_NEW(s, profiles, b->map->profile_count) || SECTION_NEW(s, nodes, b->node_count) ||
        SECTION_NEW(s, edges, count + 1ull) || SECTION_NEW(s, shapes, shape))
        return ERR_LIMIT;
    memcpy(s->profiles.at, b->map->profiles, b->map->profile_count * sizeof *s->profiles.at);
    for (uint32_t node = 0; node < b->node_count; node++)
        s->nodes.at[node] = id_place(b, node);
    shape = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct new_edge *edge = edge_in(b, b->edge_at[i]);
        s->edges.at[i] = (struct file_edge){.tail = edge->tail,
                                            .head = edge->head,
                                            .way = edge->part,
                                            .shape = shape,
                                            .length_mm = edge->length_mm,
                                            .way_mm = edge->way_mm};
        for (uint32_t k = 1; k + 1 < edge->ref_count; k++) {
            int64_t id = VEC(&b->map->refs, int64_t)[edge->first_ref + k];
            s->shapes.at[shape++] = b->map->places[id];
        }
    }
    s->edges.at[count] = (struct file_edge){.shape = shape};
    return OK;
}

static enum err make_ways(struct build *b)
{
    struct sections *s = &b->sections;
    uint32_t count = (uint32_t)b->parts.count;
    if (SECTION_NEW(s, ways, count + 1ull) || SECTION_NEW(s, way_edges, b->edges.count) ||
        SECTION_NEW(s, names, b->map->names.count))
        return ERR_LIMIT;
    memcpy(s->names.at, b->map->names.p, b->map->names.count);
    for (uint32_t i = 0; i < count; i++) {
        const struct part *part = &VEC(&b->parts, struct part)[i];
        const struct raw_way *raw = &VEC(&b->map->ways, struct raw_way)[part->raw];
        s->ways.at[i] = (struct file_way){.id_low = (uint32_t)raw->id,
                                          .id_high = (uint32_t)((uint64_t)raw->id >> 32),
                                          .road_class = raw->road_class,
                                          .flags = raw->flags,
                                          .maxspeed_kmh = raw->maxspeed_kmh,
                                          .duration_s = raw->duration_s,
                                          .name = raw->name,
                                          .name_alt = raw->name_alt,
                                          .left_from = raw->left_from,
                                          .left_to = raw->left_to,
                                          .right_from = raw->right_from,
                                          .right_to = raw->right_to,
                                          .edges = part->edges,
                                          .way_mm = (uint32_t)b->way_mm[part->raw]};
        for (uint32_t k = 0; k < part->edge_count; k++)
            s->way_edges.at[part->edges + k] = b->edge_of[part->edges + k];
    }
    s->ways.at[count] = (struct file_way){.edges = (uint32_t)b->edges.count};
    return OK;
}

/* Walks edges in ascending order, so that the arcs of a node ascend. */
static enum err make_adjacency(struct build *b)
{
    struct sections *s = &b->sections;
    struct road road = sections_view(s);
    uint32_t arcs = 2 * road.edge_count;
    if (SECTION_NEW(s, out_first, road.node_count + 1ull) || SECTION_NEW(s, out, arcs))
        return ERR_LIMIT;
    uint32_t *first = s->out_first.at;
    for (uint32_t arc = 0; arc < arcs; arc++)
        first[arc_tail(&road, arc) + 1]++;
    groups_start(first, road.node_count);
    for (uint32_t arc = 0; arc < arcs; arc++)
        s->out.at[first[arc_tail(&road, arc)]++] = (struct file_out){arc_head(&road, arc), arc};
    groups_filled(first, road.node_count);
    return OK;
}

/* The hops come by arc and are grouped by tail; `in_hops` and `arc_hops` are in
 * their order. */
static enum err make_hops(struct build *b)
{
    struct sections *s = &b->sections;
    const struct new_hop *hops = b->hops.p;
    size_t count = b->hops.count, vertices = b->vertices.count, arcs = 2 * b->edges.count;
    if (SECTION_NEW(s, hop_first, vertices + 1) || SECTION_NEW(s, hops, count) ||
        SECTION_NEW(s, in_first, vertices + 1) || SECTION_NEW(s, in_hops, count) ||
        SECTION_NEW(s, arc_first_hop, arcs + 1) || SECTION_NEW(s, arc_hops, count))
        return ERR_LIMIT;
    for (size_t i = 0; i < count; i++) {
        s->hop_first.at[hops[i].tail + 1]++;
        s->in_first.at[hops[i].head + 1]++;
        s->arc_first_hop.at[hops[i].arc + 1]++;
    }
    groups_start(s->hop_first.at, vertices);
    groups_start(s->in_first.at, vertices);
    groups_start(s->arc_first_hop.at, arcs);
    for (size_t i = 0; i < count; i++)
        s->hops.at[s->hop_first.at[hops[i].tail]++] =
            (struct file_hop){hops[i].head, hops[i].arc, hops[i].turn};
    groups_filled(s->hop_first.at, vertices);
    for (uint32_t i = 0; i < count; i++) {
        struct file_hop hop = s->hops.at[i];
        s->in_hops.at[s->in_first.at[hop.head]++] = i;
        s->arc_hops.at[s->arc_first_hop.at[hop.arc]++] = i;
    }
    groups_filled(s->in_first.at, vertices);
    groups_filled(s->arc_first_hop.at, arcs);
    return OK;
}

/* ------------------------------------------------------- hierarchy */

/* The file's section takes over an array, which its maker names const for its readers. */
#define TAKE(sections, kind, from, name, n)                                                        \
    ((sections)->kind##_##name.at = (void *)(uintptr_t)(from)->name,                               \
     (sections)->kind##_##name.count = (n), (from)->name = NULL)

/* What climbs and customization look up. */
static enum err derive(struct sections *s, const struct cch *cch)
{
    struct climb climb = {0};
    struct cch_plan *plan = NULL;
    enum err err = climb_init(&climb, cch);
    if (err)
        return err;
    uint32_t steps = climb.vertices[cch->vertices].step;
    TAKE(s, climb, &climb, vertices, cch->vertices + 1ull);
    TAKE(s, climb, &climb, steps, steps);
    err = cch_plan_new(cch, &plan);
    if (err)
        return err;
    uint32_t pulls = plan->turns[cch->vertices].first_pull;
    uint32_t pushes = plan->task_push[plan->tasks + 1];
    TAKE(s, plan, plan, turns, cch->vertices + 1ull);
    TAKE(s, plan, plan, task_first, plan->tasks + 2ull);
    TAKE(s, plan, plan, task_push, plan->tasks + 2ull);
    TAKE(s, plan, plan, pulls, pulls);
    TAKE(s, plan, plan, pushes, pushes);
    TAKE(s, plan, plan, does_push, cch->vertices);
    cch_plan_free(plan);
    return OK;
}

static enum err make_hierarchy(struct build *b)
{
    struct sections *s = &b->sections;
    struct cch cch = {0};
    uint32_t count = (uint32_t)s->hops.count;
    uint32_t *tail = malloc((count + 1ull) * sizeof *tail);
    uint32_t *head = malloc((count + 1ull) * sizeof *head);
    enum err err = tail && head ? OK : ERR_LIMIT;
    for (uint32_t vertex = 0; vertex < s->vertex_node.count && !err; vertex++) {
        for (uint32_t i = s->hop_first.at[vertex]; i < s->hop_first.at[vertex + 1]; i++) {
            tail[i] = vertex;
            head[i] = s->hops.at[i].head;
        }
    }
    if (!err) {
        struct cch_hops hops = {(uint32_t)s->vertex_node.count, count, tail, head};
        err = cch_build(&hops, &cch);
    }
    free(tail);
    free(head);
    if (err)
        return err;
    b->report->shortcuts = cch.arcs;
    err = derive(s, &cch);
    TAKE(s, cch, &cch, up_first, cch.vertices + 1ull);
    TAKE(s, cch, &cch, up_head, cch.arcs);
    TAKE(s, cch, &cch, down_first, cch.vertices + 1ull);
    TAKE(s, cch, &cch, down, cch.arcs);
    TAKE(s, cch, &cch, input_arc, cch.inputs);
    TAKE(s, cch, &cch, arc_first, cch.arcs + 1ull);
    TAKE(s, cch, &cch, arc_inputs, cch.inputs);
    return err;
}

/* ------------------------------------------------------- what is learnt from
 * the map */

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

/* Which profiles may use a way: bit p as drawn, bit p + ROAD_MAX_PROFILES against it. */
static uint16_t uses_of_way(const struct road *road, const struct file_way *way)
{
    uint32_t uses = 0;
    for (uint32_t p = 0; p < road->profile_count; p++) {
        const struct file_profile *profile = &road->profiles[p];
        uses |= (uint32_t)(profile_speed_mm_s(profile, way, false) != 0) << p;
        uses |= (uint32_t)(profile_speed_mm_s(profile, way, true) != 0) << (p + ROAD_MAX_PROFILES);
    }
    return (uint16_t)uses;
}

/* By edge. Streets are mostly used as the one before. */
static uint16_t *uses_of_edges(const struct road *road)
{
    uint16_t *uses = malloc((road->edge_count + 1ull) * sizeof *uses);
    struct file_way last = {0};
    uint16_t last_uses = uses_of_way(road, &last);
    for (uint32_t w = 0; w < road->way_count && uses; w++) {
        const struct file_way *way = &road->ways[w];
        if (way->road_class != last.road_class || way->flags != last.flags || way->duration_s ||
            last.duration_s || way->maxspeed_kmh != last.maxspeed_kmh) {
            last = *way;
            last_uses = uses_of_way(road, way);
        }
        for (uint32_t i = way->edges; i < way[1].edges; i++)
            uses[road->way_edges[i]] = last_uses;
    }
    return uses;
}

/* Bits of the profiles that may use the same streets as this one, itself included. */
static uint32_t equals_of(const struct road *road, const uint16_t *uses, uint32_t profile)
{
    uint32_t both = 1u | 1u << ROAD_MAX_PROFILES, differ = 0;
    for (uint32_t i = 0; i < road->edge_count; i++)
        differ |= uses[i] ^ (uses[i] >> profile & both) * ((1u << ROAD_MAX_PROFILES) - 1);
    differ |= differ >> ROAD_MAX_PROFILES;
    return ~differ & ((1u << road->profile_count) - 1);
}

/* Profiles that may use the same streets have the same parts. */
static enum err make_main(struct build *b)
{
    struct road road = sections_view(&b->sections);
    uint16_t *uses = uses_of_edges(&road);
    enum err err = uses ? SECTION_NEW(&b->sections, node_main, b->node_count) : ERR_LIMIT;
    if (!err)
        err = count_islands(&road, b->report);
    for (uint32_t p = 0, done = 0, nodes; p < road.profile_count && !err; p++) {
        uint32_t bits = equals_of(&road, uses, p);
        if (done >> p & 1)
            continue;
        err = scc_mark(&road, uses, p, bits, b->sections.node_main.at, &nodes);
        for (uint32_t k = p; k < road.profile_count && !err; k++)
            b->report->main_nodes[k] = bits >> k & 1 ? nodes : b->report->main_nodes[k];
        done |= bits;
    }
    free(uses);
    return err;
}

static enum err make_grid(struct build *b)
{
    struct sections *s = &b->sections;
    struct road road = sections_view(s);
    struct grid_job grid = {.road = &road};
    road_find_box(&road);
    enum err err = SECTION_NEW(s, grid, 1);
    if (!err)
        err = grid_make(&grid);
    if (err) {
        grid_done(&grid);
        return err;
    }
    *s->grid.at = grid.grid;
    uint64_t cells = (uint64_t)grid.grid.columns * grid.grid.rows;
    s->cell_first.at = grid.cell_first;
    s->cell_first.count = cells + 1;
    s->cell_edges.at = grid.cell_edges;
    s->cell_edges.count = grid.cell_first[cells];
    vec_done(&grid.found);
    return OK;
}

static void fill_report(const struct build *b)
{
    struct road_report *report = b->report;
    uint64_t length_mm = 0;
    for (size_t i = 0; i < b->edges.count; i++)
        length_mm += edge_in(b, i)->length_mm;
    report->nodes = b->node_count;
    report->edges = (uint32_t)b->edges.count;
    report->vertices = (uint32_t)b->vertices.count;
    report->hops = (uint32_t)b->hops.count;
    report->length_m = length_mm / 1000;
    for (size_t i = 1; i < b->map->names.count; i++)
        report->names += VEC(&b->map->names, char)[i] == '\0';
}

/* ------------------------------------------------------- the whole */

typedef enum err build_fn(struct build *b);

static enum err run_step(struct build *b, enum road_step step, build_fn *const *fns)
{
    enum err err = b->map->steps ? import_step(b->map->steps, step) : OK;
    for (; *fns && !err; fns++)
        err = (*fns)(b);
    return err;
}

static enum err run_steps(struct build *b)
{
    static build_fn *const graph[] = {build_cut, build_number_nodes, build_turns, build_vertices,
                                      NULL};
    static build_fn *const order[] = {build_order, NULL};
    static build_fn *const sections[] = {build_rank, make_map,  make_ways, make_adjacency,
                                         make_hops,  make_main, make_grid, NULL};
    enum err err = run_step(b, ROAD_STEP_GRAPH, graph);
    if (!err)
        err = run_step(b, ROAD_STEP_ORDER, order);
    if (!err)
        err = run_step(b, ROAD_STEP_GRAPH, sections);
    if (!err)
        fill_report(b);
    return err;
}

/* What the sections hold is not needed twice. */
static void forget(struct build *b)
{
    vec_done(&b->edges);
    vec_done(&b->parts);
    vec_done(&b->forbidden);
    vec_done(&b->sequence_arcs);
    vec_done(&b->vertices);
    vec_done(&b->hops);
    free(b->id_of);
    free(b->out_first);
    free(b->out);
    free(b->rank_of);
    free(b->edge_at);
    free(b->edge_of);
    free(b->way_mm);
    free(b->uses);
}

enum err build_file(struct raw_map *map, struct road_report *report, struct sections *ret_sections,
                    struct fault *ret_fault)
{
    static build_fn *const hierarchy[] = {make_hierarchy, NULL}, *const none[] = {NULL};
    struct build b = {.map = map, .report = report};
    enum err err = run_steps(&b);
    forget(&b);
    if (!err)
        err = run_step(&b, ROAD_STEP_HIERARCHY, hierarchy);
    if (!err)
        err = run_step(&b, ROAD_STEP_FILE, none);
    *ret_sections = b.sections;
    return err ? fault_set(ret_fault, err, 0, b.text ? b.text : err_text(err)) : OK;
}
