/* cut.c - a way ends at each missing node; its parts are cut into edges at every node that is an
 * end, is used twice or has a barrier. */
#include "road/build_priv.h"
#include <math.h>

static uint32_t ref_at(const struct build *b, uint32_t i)
{
    return (uint32_t)VEC(&b->map->refs, int64_t)[i];
}

static bool is_missing(const struct build *b, uint32_t ref)
{
    return place_eq(b->map->places[ref_at(b, ref)], PLACE_NONE);
}

static void count_use(struct build *b, uint32_t ref, uint32_t by)
{
    uint8_t *uses = &b->uses[ref_at(b, ref)];
    *uses = (uint8_t)(*uses + by > 2 ? 2 : *uses + by);
}

/* [first, end) are refs without a missing node or an immediate repeat at their
 * start. */
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
        part.edge_count++;
        tail = i;
        length_m = 0;
    }
    return part.edge_count ? VEC_PUSH(&b->parts, struct part, part) : OK;
}

/* Walks the parts of a way between missing nodes: counts their nodes, or cuts
 * them into edges. */
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

enum err build_cut(struct build *b)
{
    uint32_t count = (uint32_t)b->map->ways.count;
    enum err err = OK;
    b->uses = calloc(b->map->id_count + 1, sizeof *b->uses);
    b->way_mm = calloc(count + 1, sizeof *b->way_mm);
    if (!b->uses || !b->way_mm)
        return ERR_LIMIT;
    for (size_t i = 0; i < b->map->barriers.count; i++)
        b->uses[VEC(&b->map->barriers, struct raw_barrier)[i].at] = 2;
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
