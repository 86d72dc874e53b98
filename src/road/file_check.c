/* file_check.c - what a road file is held to, once when it is opened: nothing that a query does
 * with it later can leave the file or go on for ever.
 *
 * So every index is in its range, what cuts a list into groups ascends, and the hierarchy is one:
 * rows ascend, the lists from above are those from below, and it is chordal, which loops rely on.
 * What the parts say of each other beyond that is not compared. Damage is found by the sums, and
 * who forges a file can lie in its speeds as well; where such a lie makes a way impossible to tell,
 * the query says ERR_CORRUPT.
 *
 * A city has millions of items, so loops run over items and not over groups where they can, and
 * take no branch that depends on what they find. Cost: New York, 71 MB, some 15 ms. */
#include "road/cch_plan_priv.h"
#include "road/grid_priv.h"
#include "road/road_priv.h"

/* Whether `first` cuts 0..total into groups in order. */
static bool groups_are_sound(const uint32_t *first, uint32_t groups, uint32_t total)
{
    uint32_t is_falling = 0;
    for (uint32_t i = 0; i < groups; i++)
        is_falling |= first[i] > first[i + 1];
    return first[0] == 0 && first[groups] == total && !is_falling;
}

static bool all_below(const uint32_t *list, uint32_t count, uint32_t limit)
{
    uint32_t is_over = 0;
    for (uint32_t i = 0; i < count; i++)
        is_over |= list[i] >= limit;
    return !is_over;
}

/* ------------------------------------------------------- map */

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

static bool ways_are_sound(const struct road *road)
{
    if (road->names[0] != '\0' || road->names[road->names_count - 1] != '\0' ||
        road->ways[0].edges != 0 || road->ways[road->way_count].edges != road->edge_count)
        return false;
    for (uint32_t i = 0; i < road->way_count; i++) {
        const struct file_way *w = &road->ways[i];
        if (w->road_class >= ROAD_CLASS_COUNT || w->name >= road->names_count ||
            w->name_alt >= road->names_count || w->edges > w[1].edges || w->maxspeed_kmh > 200 ||
            w->way_mm == 0 || (i > 0 && file_way_id(w) < file_way_id(w - 1)))
            return false;
    }
    return all_below(road->way_edges, road->edge_count, road->edge_count);
}

static bool edges_are_sound(const struct road *road)
{
    for (uint32_t i = 0; i < road->edge_count; i++) {
        const struct file_edge *e = &road->edges[i];
        if ((e->tail >= road->node_count) | (e->head >= road->node_count) |
            (e->way >= road->way_count) | (e->shape > e[1].shape) | (e->length_mm == 0))
            return false;
        if ((uint64_t)e->way_mm + e->length_mm > road->ways[e->way].way_mm)
            return false;
    }
    return road->edges[0].shape == 0 && road->edges[road->edge_count].shape == road->shape_count;
}

static bool adjacency_is_sound(const struct road *road)
{
    uint32_t arcs = 2 * road->edge_count, is_bad = 0;
    for (uint32_t i = 0; i < arcs; i++)
        is_bad |= (road->out[i].arc >= arcs) | (road->out[i].head >= road->node_count);
    return groups_are_sound(road->out_first, road->node_count, arcs) && !is_bad;
}

static bool grid_is_sound(const struct road *road)
{
    const struct file_grid *grid = road->grid;
    return grid->cell_lat_e7 >= GRID_MIN_CELL_E7 && grid->cell_lon_e7 >= GRID_MIN_CELL_E7 &&
           grid->columns != 0 && grid->rows != 0 && place_is_valid(grid->min) &&
           groups_are_sound(road->cell_first, road->cell_count, road->cell_edge_count) &&
           all_below(road->cell_edges, road->cell_edge_count, road->edge_count);
}

static bool map_is_sound(const struct road *road)
{
    return profiles_are_sound(road) && place_is_valid(road->min) && place_is_valid(road->max) &&
           ways_are_sound(road) && edges_are_sound(road) && adjacency_is_sound(road) &&
           grid_is_sound(road);
}

/* ------------------------------------------------------- search graph */

static bool vertices_are_sound(const struct road *road)
{
    uint32_t is_bad = 0;
    if (!all_below(road->vertex_node, road->vertex_count, road->node_count) ||
        !all_below(road->node_vertex, road->node_count, road->vertex_count))
        return false;
    for (uint32_t i = 0; i < road->node_count; i++)
        is_bad |= road->vertex_node[road->node_vertex[i]] != i;
    return !is_bad;
}

static bool hops_are_sound(const struct road *road)
{
    uint32_t arcs = 2 * road->edge_count, hops = road->hop_count, is_bad = 0;
    for (uint32_t i = 0; i < hops; i++)
        is_bad |= (road->hops[i].head >= road->vertex_count) | (road->hops[i].arc >= arcs);
    return !is_bad && groups_are_sound(road->hop_first, road->vertex_count, hops) &&
           groups_are_sound(road->in_first, road->vertex_count, hops) &&
           groups_are_sound(road->arc_first_hop, arcs, hops) &&
           all_below(road->in_hops, hops, hops) && all_below(road->arc_hops, hops, hops);
}

/* ------------------------------------------------------- hierarchy */

/* Heads ascend within a row when they fall nowhere but where a row begins. */
static bool up_is_sound(const struct cch *cch)
{
    uint32_t is_bad = 0, falls = 0, falls_at_first = 0;
    if (!groups_are_sound(cch->up_first, cch->vertices, cch->arcs) ||
        !all_below(cch->up_head, cch->arcs, cch->vertices))
        return false;
    for (uint32_t i = 1; i < cch->arcs; i++)
        falls += cch->up_head[i] <= cch->up_head[i - 1];
    for (uint32_t v = 0; v < cch->vertices && cch->arcs; v++) {
        uint32_t first = cch->up_first[v], has_any = cch->up_first[v + 1] > first;
        uint32_t at = has_any ? first : 0, before = at > 0 ? at - 1 : 0;
        is_bad |= has_any & (cch->up_head[at] <= v);
        falls_at_first += has_any & (at > 0) & (cch->up_head[at] <= cch->up_head[before]);
    }
    return !is_bad && falls == falls_at_first;
}

/* The lists from above hold each arc, where it belongs: they ascend by head and tail. And what a
 * vertex has above its parent its parent has too: of the lower neighbours of a vertex each has its
 * parent among them, or the vertex is its parent. Parents stand behind their children, so they are
 * marked already where the lists are read backwards. */
static bool down_is_sound(const struct cch *cch, uint32_t *mark)
{
    uint64_t last = UINT64_MAX;
    if (!groups_are_sound(cch->down_first, cch->vertices, cch->arcs))
        return false;
    for (uint32_t i = cch->arcs; i-- > 0;) {
        uint32_t tail = cch->down[i].tail, arc = cch->down[i].arc;
        if ((arc >= cch->arcs) | (tail >= cch->vertices))
            return false;
        uint32_t head = cch->up_head[arc], first = cch->up_first[tail];
        uint64_t pair = (uint64_t)head << 32 | tail;
        if ((arc < first) | (arc >= cch->up_first[tail + 1]) | (i < cch->down_first[head]) |
            (i >= cch->down_first[head + 1]) | (pair >= last))
            return false;
        uint32_t parent = cch->up_head[first];
        if ((parent != head) & (mark[parent] != head))
            return false;
        mark[tail] = head;
        last = pair;
    }
    return true;
}

static enum err hierarchy_check(const struct cch *cch)
{
    uint32_t *mark = calloc((size_t)cch->vertices + 1, sizeof *mark); /* 0 is nobody's head */
    if (!mark)
        return ERR_LIMIT;
    bool is_sound = up_is_sound(cch) && down_is_sound(cch, mark) &&
                    all_below(cch->input_arc, cch->inputs, 2 * cch->arcs) &&
                    groups_are_sound(cch->arc_first, cch->arcs, cch->inputs) &&
                    all_below(cch->arc_inputs, cch->inputs, cch->inputs);
    free(mark);
    return is_sound ? OK : ERR_CORRUPT;
}

/* ------------------------------------------------------- what is derived of the hierarchy */

static uint32_t bits_of(uint32_t mask) /* of a byte */
{
    mask -= mask >> 1 & 0x55;
    mask = (mask & 0x33) + (mask >> 2 & 0x33);
    return (mask + (mask >> 4)) & 15;
}

/* Steps of a vertex take as many weights as it has arcs, within the slots. */
static bool steps_are_sound(const struct climb *climb)
{
    const struct climb_vertex *vertices = climb->vertices;
    uint32_t blocks = climb->slots / CLIMB_BLOCK, arc = 0;
    for (uint32_t v = 0; v < climb->cch->vertices; v++) {
        const struct climb_step *step = &climb->steps[vertices[v].step];
        if (vertices[v].arc != arc)
            return false;
        for (uint32_t n = vertices[v].steps; n > 0; n--, step++) {
            if ((step->block >= blocks) | (step->count != bits_of(step->mask)))
                return false;
            arc += step->count;
        }
    }
    return arc == climb->cch->arcs;
}

/* A vertex stands one slot below its parent, a root has the last. */
static bool climb_is_sound(const struct climb *climb, uint32_t step_count)
{
    const struct climb_vertex *vertices = climb->vertices;
    const struct cch *cch = climb->cch;
    uint32_t is_bad = vertices[0].step != 0;
    for (uint32_t v = 0; v < cch->vertices; v++) {
        uint32_t first = cch->up_first[v], is_root = first == cch->up_first[v + 1];
        uint32_t parent = is_root ? ROAD_NONE : cch->up_head[first];
        uint32_t above = is_root ? climb->slots : vertices[parent].slot;
        is_bad |= (vertices[v].parent != parent) | (vertices[v].slot + 1u != above) |
                  (vertices[v].arc != first) |
                  ((uint64_t)vertices[v].step + vertices[v].steps != vertices[v + 1].step);
    }
    return !is_bad && vertices[cch->vertices].arc == cch->arcs &&
           vertices[cch->vertices].step == step_count && steps_are_sound(climb);
}

/* The rows that a pull reads end within the arcs. */
static bool pulls_are_sound(const struct cch_plan *plan, uint32_t pull_count)
{
    uint64_t is_bad = 0;
    for (uint32_t i = 0; i < pull_count; i++) {
        struct cch_pull pull = plan->pulls[i];
        uint64_t more = pull.members - 1ull; /* none at all is a very large number */
        uint64_t last = pull.arc + more * pull.step - more * (more - 1) / 2;
        is_bad |= (pull.members == 0) | (pull.step < more) | (last + pull.count >= plan->cch->arcs);
    }
    return !is_bad;
}

static bool plan_is_sound(const struct cch_plan *plan, uint32_t pull_count, uint32_t push_count)
{
    const struct cch *cch = plan->cch;
    uint32_t next_pull = 0;
    if (!groups_are_sound(plan->task_first, plan->tasks + 1, cch->vertices) ||
        !groups_are_sound(plan->task_push, plan->tasks + 1, push_count) ||
        plan->turns[cch->vertices].first_pull != pull_count)
        return false;
    for (uint32_t t = 0; t <= plan->tasks; t++) {
        uint64_t pushes = 0;
        for (uint32_t i = plan->task_first[t]; i < plan->task_first[t + 1]; i++) {
            uint32_t v = plan->turns[i].vertex, first_pull = plan->turns[i].first_pull;
            if ((v >= cch->vertices) | (first_pull < next_pull) | (first_pull > pull_count))
                return false;
            uint64_t heads = cch->up_first[v + 1] - cch->up_first[v];
            pushes += plan->does_push[v] && heads ? heads * (heads - 1) / 2 : 0;
            next_pull = first_pull;
        }
        if (pushes != plan->task_push[t + 1] - plan->task_push[t])
            return false;
    }
    return all_below(plan->pushes, push_count, cch->arcs) && pulls_are_sound(plan, pull_count);
}

enum err file_check(const struct road *road)
{
    if (!map_is_sound(road) || !vertices_are_sound(road) || !hops_are_sound(road))
        return ERR_CORRUPT;
    enum err err = hierarchy_check(&road->cch);
    if (err)
        return err;
    return climb_is_sound(&road->climb, road->step_count) &&
                   plan_is_sound(&road->plan, road->pull_count, road->push_count)
               ? OK
               : ERR_CORRUPT;
}
