/* file_check.c - every index of a road file, once when it is opened, so that no
 * query can leave it. */
#include "road/grid_priv.h"
#include "road/road_priv.h"

/* Whether `first` cuts 0..total into groups in order. */
static bool groups_are_sound(const uint32_t *first, uint32_t groups, uint32_t total)
{
    bool is_falling = false;
    for (uint32_t i = 0; i < groups; i++)
        is_falling |= first[i] > first[i + 1];
    return first[0] == 0 && first[groups] == total && !is_falling;
}

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

/* Lists by group, items ascending within each, are checked item by item without regard to where a
 * group ends: an item says its group, must stand among those of it, and the pairs of group and item
 * ascend. So each stands in its own group, and there once. */
static bool stands_well(const uint32_t *first, uint32_t group, uint32_t at)
{
    return (at >= first[group]) & (at < first[group + 1]);
}

static uint64_t pair_of(uint32_t group, uint32_t item)
{
    return (uint64_t)group << 32 | item;
}

static bool adjacency_is_sound(const struct road *road)
{
    uint64_t last = 0; /* a pair and one more */
    if (!groups_are_sound(road->out_first, road->node_count, 2 * road->edge_count))
        return false;
    for (uint32_t i = 0; i < 2 * road->edge_count; i++) {
        struct file_out out = road->out[i];
        if (out.arc >= 2 * road->edge_count || arc_head(road, out.arc) != out.head)
            return false;
        uint32_t node = arc_tail(road, out.arc);
        if (!stands_well(road->out_first, node, i) || pair_of(node, out.arc) < last)
            return false;
        last = pair_of(node, out.arc) + 1;
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

/* ------------------------------------------------------- search graph */

static bool vertices_are_sound(const struct road *road)
{
    for (uint32_t i = 0; i < road->vertex_count; i++) {
        if (road->vertex_node[i] >= road->node_count)
            return false;
    }
    for (uint32_t i = 0; i < road->node_count; i++) {
        uint32_t vertex = road->node_vertex[i];
        if (vertex >= road->vertex_count || road->vertex_node[vertex] != i)
            return false;
    }
    return true;
}

/* Each hop takes an arc from its tail's node to its head's, and none twice. */
static bool hops_are_sound(const struct road *road)
{
    if (!groups_are_sound(road->hop_first, road->vertex_count, road->hop_count))
        return false;
    for (uint32_t tail = 0; tail < road->vertex_count; tail++) {
        uint32_t from = road->hop_first[tail], to = road->hop_first[tail + 1];
        for (uint32_t i = from; i < to; i++) {
            struct file_hop hop = road->hops[i];
            if (hop.head >= road->vertex_count || hop.arc >= 2 * road->edge_count ||
                hop.head == tail || (i > from && hop.arc <= road->hops[i - 1].arc) ||
                arc_tail(road, hop.arc) != road->vertex_node[tail] ||
                arc_head(road, hop.arc) != road->vertex_node[hop.head])
                return false;
        }
    }
    return true;
}

static bool hop_lists_are_sound(const struct road *road)
{
    uint64_t last_in = 0, last_of_arc = 0;
    if (!groups_are_sound(road->in_first, road->vertex_count, road->hop_count) ||
        !groups_are_sound(road->arc_first_hop, 2 * road->edge_count, road->hop_count))
        return false;
    for (uint32_t i = 0; i < road->hop_count; i++) {
        uint32_t in = road->in_hops[i], of_arc = road->arc_hops[i];
        if (in >= road->hop_count || of_arc >= road->hop_count)
            return false;
        uint32_t head = road->hops[in].head, arc = road->hops[of_arc].arc;
        if (!stands_well(road->in_first, head, i) || pair_of(head, in) < last_in ||
            !stands_well(road->arc_first_hop, arc, i) || pair_of(arc, of_arc) < last_of_arc)
            return false;
        last_in = pair_of(head, in) + 1;
        last_of_arc = pair_of(arc, of_arc) + 1;
    }
    return true;
}

/* ------------------------------------------------------- hierarchy */

static bool up_is_sound(const struct cch *cch)
{
    if (!groups_are_sound(cch->up_first, cch->vertices, cch->arcs))
        return false;
    for (uint32_t v = 0; v < cch->vertices; v++) {
        uint32_t last = v;
        for (uint32_t i = cch->up_first[v]; i < cch->up_first[v + 1]; i++) {
            if (cch->up_head[i] <= last || cch->up_head[i] >= cch->vertices)
                return false;
            last = cch->up_head[i];
        }
    }
    return true;
}

/* Chordal: what a vertex has above its parent its parent has too. */
static bool tree_is_sound(const struct cch *cch)
{
    for (uint32_t v = 0; v < cch->vertices; v++) {
        uint32_t i = cch->up_first[v], end = cch->up_first[v + 1];
        if (i == end)
            continue;
        uint32_t parent = cch->up_head[i++];
        uint32_t k = cch->up_first[parent], k_end = cch->up_first[parent + 1];
        if (end - i == k_end - k && /* as inside a clique */
            memcmp(cch->up_head + i, cch->up_head + k, (end - i) * sizeof *cch->up_head) == 0)
            continue;
        for (; i < end; i++) {
            while (k < k_end && cch->up_head[k] < cch->up_head[i])
                k++;
            if (k == k_end || cch->up_head[k] != cch->up_head[i])
                return false;
        }
    }
    return true;
}

static bool down_is_sound(const struct cch *cch)
{
    uint64_t last = 0;
    if (!groups_are_sound(cch->down_first, cch->vertices, cch->arcs))
        return false;
    for (uint32_t i = 0; i < cch->arcs; i++) {
        struct cch_down down = cch->down[i];
        if (down.arc >= cch->arcs || down.tail >= cch->vertices)
            return false;
        uint32_t head = cch->up_head[down.arc];
        if (!stands_well(cch->up_first, down.tail, down.arc) ||
            !stands_well(cch->down_first, head, i) || pair_of(head, down.tail) < last)
            return false;
        last = pair_of(head, down.tail) + 1;
    }
    return true;
}

/* Each hop lies on the arc between its ends. */
static bool inputs_are_sound(const struct road *road)
{
    const struct cch *cch = &road->cch;
    if (!groups_are_sound(cch->arc_first, cch->arcs, cch->inputs))
        return false;
    for (uint32_t tail = 0; tail < road->vertex_count; tail++) {
        for (uint32_t i = road->hop_first[tail]; i < road->hop_first[tail + 1]; i++) {
            uint32_t head = road->hops[i].head, is_down = head < tail;
            uint32_t arc = cch->input_arc[i] >> 1, low = is_down ? head : tail;
            if (arc >= cch->arcs || (cch->input_arc[i] & 1) != is_down ||
                cch->up_head[arc] != (is_down ? tail : head) || arc < cch->up_first[low] ||
                arc >= cch->up_first[low + 1])
                return false;
        }
    }
    uint64_t last = 0;
    for (uint32_t i = 0; i < cch->inputs; i++) {
        uint32_t hop = cch->arc_inputs[i];
        if (hop >= cch->inputs)
            return false;
        uint32_t arc = cch->input_arc[hop] >> 1;
        if (!stands_well(cch->arc_first, arc, i) || pair_of(arc, hop) < last)
            return false;
        last = pair_of(arc, hop) + 1;
    }
    return true;
}

enum err file_check(const struct road *road)
{
    bool is_map_sound =
        profiles_are_sound(road) && places_are_sound(road->nodes, road->node_count) &&
        places_are_sound(road->shapes, road->shape_count) && edges_are_sound(road) &&
        adjacency_is_sound(road) && ways_are_sound(road) && grid_is_sound(road);
    bool is_search_sound = is_map_sound && vertices_are_sound(road) && hops_are_sound(road) &&
                           hop_lists_are_sound(road);
    bool is_cch_sound = is_search_sound && up_is_sound(&road->cch) && tree_is_sound(&road->cch) &&
                        down_is_sound(&road->cch) && inputs_are_sound(road);
    return is_cch_sound ? OK : ERR_CORRUPT;
}
