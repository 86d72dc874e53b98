/* climb_path.c - the hops of a way, from the labels of both climbs.
 *
 * A label that is no start's own came over an arc from a vertex lower on the same path whose label
 * and weight add up to it. An arc is a hop as long as it, or the two arcs of a lower triangle; what
 * is still to be unpacked lies on a stack of our own, which the depth of the tree bounds. A file
 * that was forged may promise times that no hops make up: then there is no such way to be told. */
#include "road/climb_priv.h"

struct part { /* of the way: an arc of the hierarchy in one direction */
    uint32_t lower, upper, arc;
    bool is_up; /* travelled from lower to upper */
};

static uint32_t part_ms(const struct climb_sides *sides, const struct part *part)
{
    const struct cch_weight *weight = &sides->weights[part->arc];
    return part->is_up ? weight->up : weight->down;
}

/* The hop that is the part itself; ROAD_NONE: it is a shortcut. */
static uint32_t own_hop(const struct climb_sides *sides, const struct metric_hop *hops,
                        const struct part *part)
{
    const struct cch *cch = sides->climb->cch;
    uint32_t ms = part_ms(sides, part);
    for (uint32_t i = cch->arc_first[part->arc]; i < cch->arc_first[part->arc + 1]; i++) {
        uint32_t hop = cch->arc_inputs[i];
        bool is_up = !(cch->input_arc[hop] & 1);
        if (is_up == part->is_up && hops[hop].ms == ms)
            return hop;
    }
    return ROAD_NONE;
}

/* The two halves of a shortcut, first and second as travelled. */
static bool split(const struct climb_sides *sides, const struct part *part, struct part ret[2])
{
    const struct cch *cch = sides->climb->cch;
    const struct cch_down *low = cch->down + cch->down_first[part->lower];
    const struct cch_down *low_end = cch->down + cch->down_first[part->lower + 1];
    const struct cch_down *high = cch->down + cch->down_first[part->upper];
    const struct cch_down *high_end = cch->down + cch->down_first[part->upper + 1];
    uint32_t ms = part_ms(sides, part);
    while (low < low_end && high < high_end) {
        if (low->tail != high->tail) {
            if (low->tail < high->tail)
                low++;
            else
                high++;
            continue;
        }
        struct part to_lower = {low->tail, part->lower, low->arc, !part->is_up};
        struct part to_upper = {high->tail, part->upper, high->arc, part->is_up};
        if (part_ms(sides, &to_lower) + part_ms(sides, &to_upper) == ms) {
            ret[0] = part->is_up ? to_lower : to_upper;
            ret[1] = part->is_up ? to_upper : to_lower;
            return true;
        }
        low++;
        high++;
    }
    return false;
}

/* Appends the hops of one part. */
static enum err unpack(const struct climb_sides *sides, const struct metric_hop *hops,
                       struct part part, struct climb_path *path)
{
    size_t bottom = path->stack.count;
    for (;;) {
        uint32_t hop = own_hop(sides, hops, &part);
        struct part halves[2];
        if (hop == ROAD_NONE) {
            if (!split(sides, &part, halves)) /* it is neither a hop nor a triangle */
                return ERR_CORRUPT;
            if (VEC_PUSH(&path->stack, struct part, halves[1]))
                return ERR_LIMIT;
            part = halves[0];
            continue;
        }
        if (path->hops.count == sides->climb->cch->inputs) /* none is taken twice */
            return ERR_CORRUPT;
        if (VEC_PUSH(&path->hops, uint32_t, hop))
            return ERR_LIMIT;
        if (path->stack.count == bottom)
            return OK;
        part = VEC(&path->stack, struct part)[--path->stack.count];
    }
}

/* The part by which `vertex` got its label, or *ret_start where it is a start's own. */
static enum err trace(const struct climb_sides *sides, enum climb_side side,
                      struct climb_chain starts, uint32_t vertex, struct part *ret_part,
                      const struct climb_start **ret_start)
{
    const struct climb *climb = sides->climb;
    const uint32_t *labels = sides->labels[side];
    uint32_t ms = labels[climb->vertices[vertex].slot];
    for (size_t i = 0; i < starts.count; i++) {
        if (starts.at[i].vertex == vertex && starts.at[i].ms == ms) {
            *ret_start = &starts.at[i];
            return OK;
        }
    }
    for (uint32_t v = starts.at[0].vertex; v < vertex; v = climb->vertices[v].parent) {
        uint32_t label = labels[climb->vertices[v].slot];
        uint32_t arc = label > ms ? ROAD_NONE : cch_arc(climb->cch, v, vertex);
        struct part part = {v, vertex, arc, side == CLIMB_OUT};
        if (arc != ROAD_NONE && label + part_ms(sides, &part) == ms) {
            *ret_part = part;
            return OK;
        }
    }
    return ERR_CORRUPT; /* a label comes from a start */
}

/* Down from the meeting to a start. On the way out the parts are gathered, for they are found last
 * one first; on the way in they are unpacked as they come. */
static enum err descend(const struct climb_sides *sides, const struct metric_hop *hops,
                        enum climb_side side, struct climb_chain starts, uint32_t vertex,
                        struct climb_path *path)
{
    const struct climb_start *start = NULL;
    for (;;) {
        struct part part;
        enum err err = trace(sides, side, starts, vertex, &part, &start);
        if (err)
            return err;
        if (start)
            break;
        if (side == CLIMB_IN)
            err = unpack(sides, hops, part, path);
        else if (VEC_PUSH(&path->stack, struct part, part))
            err = ERR_LIMIT;
        if (err)
            return err;
        vertex = part.lower;
    }
    *(side == CLIMB_OUT ? &path->from : &path->to) = *start;
    return OK;
}

/* No vertex comes twice; of what is still to be unpacked at most two parts a slot wait. */
enum err climb_path_room(struct climb_path *path, const struct climb *climb)
{
    if (vec_room(&path->hops, climb->cch->vertices, sizeof(uint32_t)))
        return ERR_LIMIT;
    return vec_room(&path->stack, 2 * (size_t)climb->slots, sizeof(struct part));
}

enum err climb_path_find(const struct climb_sides *sides, const struct metric_hop *hops,
                         const struct climb_chain ends[2], struct climb_meeting meeting,
                         struct climb_path *path)
{
    path->hops.count = path->stack.count = 0;
    enum err err = descend(sides, hops, CLIMB_OUT, ends[CLIMB_OUT], meeting.vertex, path);
    while (path->stack.count && !err) {
        struct part part = VEC(&path->stack, struct part)[--path->stack.count];
        err = unpack(sides, hops, part, path);
    }
    return err ? err : descend(sides, hops, CLIMB_IN, ends[CLIMB_IN], meeting.vertex, path);
}
