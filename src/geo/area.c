#include "geo/area.h"
#include "base/map.h"

struct area {
    uint32_t id, parent; /* parent: index, AREA_NONE = top */
    uint64_t code;
    uint32_t depth;
    struct box box;
    struct polygon *polygons; /* one block of memory: polygons, rings, places */
    size_t polygon_count;
};
struct area_index {
    struct area *areas;
    size_t count, cap;
    struct map at_id;
};

struct area_index *area_index_new(void)
{
    struct area_index *index = calloc(1, sizeof *index);
    if (!index)
        abort();
    map_init(&index->at_id, AREA_MAX);
    return index;
}

void area_index_free(struct area_index *index)
{
    if (!index)
        return;
    for (size_t i = 0; i < index->count; i++)
        free(index->areas[i].polygons);
    free(index->areas);
    map_done(&index->at_id);
    free(index);
}

size_t area_index_count(const struct area_index *index)
{
    return index->count;
}

/* Copies polygons, rings and places into one block. ERR_RANGE: a ring of fewer than three corners.
 */
static enum err copy_shape(const struct area_spec *spec, struct polygon **ret_polygons)
{
    size_t rings = 0, places = 0;
    for (size_t i = 0; i < spec->polygon_count; i++) {
        for (size_t k = 0; k < spec->polygons[i].count; k++) {
            if (spec->polygons[i].rings[k].count < 3)
                return ERR_RANGE;
            rings++;
            places += spec->polygons[i].rings[k].count;
        }
    }
    struct polygon *polygons =
        malloc(spec->polygon_count * sizeof(struct polygon) + rings * sizeof(struct ring) +
               places * sizeof(struct place) + 1);
    if (!polygons)
        abort();
    struct ring *ring = (struct ring *)(void *)(polygons + spec->polygon_count);
    struct place *place = (struct place *)(void *)(ring + rings);
    for (size_t i = 0; i < spec->polygon_count; i++) {
        polygons[i] = (struct polygon){ring, spec->polygons[i].count};
        for (size_t k = 0; k < polygons[i].count; k++) {
            struct ring from = spec->polygons[i].rings[k];
            memcpy(place, from.places, from.count * sizeof *place);
            *ring++ = (struct ring){place, from.count};
            place += from.count;
        }
    }
    *ret_polygons = polygons;
    return OK;
}

static void grow(struct area_index *index)
{
    if (index->count < index->cap)
        return;
    index->cap = index->cap ? 2 * index->cap : 64;
    index->areas = reallocarray(index->areas, index->cap, sizeof *index->areas);
    if (!index->areas)
        abort();
}

enum err area_index_add(struct area_index *index, const struct area_spec *spec)
{
    struct area area = {.id = spec->id, .parent = AREA_NONE, .code = spec->code, .box = BOX_EMPTY};
    uint32_t at;
    if (spec->id == 0)
        return ERR_RANGE;
    if (map_get(&index->at_id, spec->id, &at))
        return ERR_EXISTS;
    if (spec->parent_id && !map_get(&index->at_id, spec->parent_id, &area.parent))
        return ERR_NOT_FOUND;
    if (area.parent != AREA_NONE)
        area.depth = index->areas[area.parent].depth + 1;
    if (index->count == AREA_MAX || area.depth >= AREA_MAX_DEPTH)
        return ERR_LIMIT;
    enum err err = copy_shape(spec, &area.polygons);
    if (err)
        return err;
    area.polygon_count = spec->polygon_count;
    for (size_t i = 0; i < area.polygon_count; i++) {
        struct box box = polygon_box(area.polygons[i]);
        if (area.polygons[i].count == 0)
            continue;
        box_add(&area.box, box.min);
        box_add(&area.box, box.max);
    }
    grow(index);
    index->areas[index->count] = area;
    return map_put(&index->at_id, spec->id, (uint32_t)index->count++);
}

static bool area_holds(const struct area *area, struct place place)
{
    bool is_inside = false;
    if (!box_holds(area->box, place))
        return false;
    for (size_t i = 0; i < area->polygon_count && !is_inside; i++)
        is_inside = polygon_holds(area->polygons[i], place);
    return is_inside;
}

/* The deeper first, then the lower code. */
static bool comes_before(const struct area *a, const struct area *b)
{
    return a->depth != b->depth ? a->depth > b->depth : a->code < b->code;
}

static const struct area *find(const struct area_index *index, struct place place)
{
    const struct area *best = NULL;
    for (size_t i = 0; i < index->count; i++) {
        const struct area *area = &index->areas[i];
        if ((!best || comes_before(area, best)) && area_holds(area, place))
            best = area;
    }
    return best;
}

uint32_t area_find(const struct area_index *index, struct place place)
{
    const struct area *area = find(index, place);
    return area ? area->id : 0;
}

size_t area_chain(const struct area_index *index, uint32_t id, uint32_t *ret_ids, size_t cap)
{
    uint32_t at;
    size_t count = 0;
    if (!map_get(&index->at_id, id, &at))
        return 0;
    for (; at != AREA_NONE && count < cap; at = index->areas[at].parent)
        ret_ids[count++] = index->areas[at].id;
    return count;
}

bool area_within(const struct area_index *index, uint32_t id, uint32_t ancestor)
{
    uint32_t chain[AREA_MAX_DEPTH];
    size_t count = area_chain(index, id, chain, AREA_MAX_DEPTH);
    for (size_t i = 0; i < count; i++) {
        if (chain[i] == ancestor)
            return true;
    }
    return false;
}

uint32_t area_parent(const struct area_index *index, uint32_t id)
{
    uint32_t at;
    if (!map_get(&index->at_id, id, &at) || index->areas[at].parent == AREA_NONE)
        return 0;
    return index->areas[index->areas[at].parent].id;
}

static double border_m(const struct area *area, struct place place)
{
    double best = 1e12;
    for (size_t i = 0; i < area->polygon_count; i++) {
        double away = polygon_border_m(area->polygons[i], place);
        best = away < best ? away : best;
    }
    return best;
}

struct neighbour {
    double away_m;
    const struct area *area;
};

static int compare_neighbours(const void *a, const void *b)
{
    const struct neighbour *l = a, *r = b;
    if (l->away_m < r->away_m || l->away_m > r->away_m)
        return l->away_m < r->away_m ? -1 : 1;
    return l->area->code < r->area->code ? -1 : l->area->code > r->area->code;
}

size_t area_near(const struct area_index *index, struct place place, double near_m,
                 uint32_t *ret_ids, size_t cap)
{
    const struct area *own = find(index, place);
    struct neighbour *found = calloc(index->count + 1, sizeof *found);
    size_t count = 0;
    if (!found)
        abort();
    for (size_t i = 0; i < index->count; i++) {
        const struct area *area = &index->areas[i];
        if (area == own || (own && area->depth != own->depth))
            continue;
        double away = border_m(area, place);
        if (away <= near_m)
            found[count++] = (struct neighbour){away, area};
    }
    qsort(found, count, sizeof *found, compare_neighbours);
    count = count < cap ? count : cap;
    for (size_t i = 0; i < count; i++)
        ret_ids[i] = found[i].area->id;
    free(found);
    return count;
}
