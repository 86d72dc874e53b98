/* turns.c - from the members of turn restrictions to forbidden sequences of arcs.
 *
 * A restriction names ways; they are cut at every crossing, so its sequence is the last arc of the
 * from way before the via node, or the arcs of the via ways from end to end, and the first arc of
 * the to way. It is kept only where there is exactly one such sequence that follows the one-ways.
 * only_x forbids every other arc out of the same node, turning round too. */
#include "road/build_priv.h"

#define MAX_ARCS 64u /* of a sequence, and at a node where one is bound */

struct chain { /* a sequence while it is sought */
    uint32_t arcs[MAX_ARCS + 2], count;
    uint32_t found; /* how many complete ones there were; the first is kept */
    uint32_t first[MAX_ARCS + 2], first_count;
};
struct way_at { /* of one way id: its pieces in the order of the drawing */
    const struct raw_way *way;
    uint32_t first_part, part_count;
};

static uint32_t node_tail(const struct build *b, uint32_t arc)
{
    return arc & 1 ? edge_in(b, arc >> 1)->head : edge_in(b, arc >> 1)->tail;
}

static uint32_t node_head(const struct build *b, uint32_t arc)
{
    return node_tail(b, arc ^ 1);
}

static const struct part *part_in(const struct build *b, uint32_t i)
{
    return &VEC(&b->parts, struct part)[i];
}

static bool is_legal(const struct raw_way *way, bool is_reversed)
{
    return !(way->flags & (is_reversed ? WAY_ONEWAY : WAY_ONEWAY_REVERSED));
}

/* Ways are in the order of their ids, parts in the order of their ways. */
static bool find_way(const struct build *b, int64_t id, struct way_at *ret_way)
{
    const struct raw_way *ways = b->map->ways.p;
    uint32_t low = 0, high = (uint32_t)b->map->ways.count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (ways[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == b->map->ways.count || ways[low].id != id)
        return false;
    uint32_t raw = low, end;
    low = 0;
    high = (uint32_t)b->parts.count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (part_in(b, middle)->raw < raw)
            low = middle + 1;
        else
            high = middle;
    }
    for (end = low; end < b->parts.count && part_in(b, end)->raw == raw;)
        end++;
    *ret_way = (struct way_at){&ways[raw], low, end - low};
    return end > low;
}

/* Legal arcs of a way into a node (is_out: out of it). Returns how many there are; the first few
 * are given. */
static uint32_t arcs_at(const struct build *b, const struct way_at *way, uint32_t node, bool is_out,
                        uint32_t ret_arcs[2])
{
    const struct part *last = part_in(b, way->first_part + way->part_count - 1);
    uint32_t first = part_in(b, way->first_part)->edges, end = last->edges + last->edge_count;
    uint32_t count = 0;
    for (uint32_t arc = 2 * first; arc < 2 * end; arc++) {
        uint32_t at = is_out ? node_tail(b, arc) : node_head(b, arc);
        if (at != node || !is_legal(way->way, arc & 1))
            continue;
        if (count < 2)
            ret_arcs[count] = arc;
        count++;
    }
    return count;
}

/* ------------------------------------------------------- sequences */

static uint32_t profiles_of(const struct build *b, uint32_t modes)
{
    uint32_t profiles = 0;
    for (uint32_t i = 0; i < b->map->profile_count; i++)
        profiles |= (modes >> b->map->profiles[i].mode & 1) << i;
    return profiles;
}

static enum err forbid(struct build *b, const uint32_t *arcs, uint32_t count, uint32_t last,
                       uint32_t profiles)
{
    struct forbidden forbidden = {(uint32_t)b->sequence_arcs.count, count + 1, profiles};
    if (profiles == 0)
        return OK;
    if (vec_room(&b->sequence_arcs, count + 1ull, sizeof(uint32_t)))
        return ERR_LIMIT;
    uint32_t *at = VEC(&b->sequence_arcs, uint32_t) + b->sequence_arcs.count;
    memcpy(at, arcs, count * sizeof *at);
    at[count] = last;
    b->sequence_arcs.count += count + 1;
    return VEC_PUSH(&b->forbidden, struct forbidden, forbidden);
}

/* `arcs` ends with the arc to. */
static enum err bind(struct build *b, const struct raw_turn *turn, const uint32_t *arcs,
                     uint32_t count)
{
    uint32_t to = arcs[count - 1], node = node_tail(b, to);
    uint32_t only = profiles_of(b, turn->only_modes);
    enum err err = forbid(b, arcs, count - 1, to, profiles_of(b, turn->no_modes));
    for (uint32_t i = b->out_first[node]; i < b->out_first[node + 1] && !err && only; i++) {
        if (b->out[i] != to)
            err = forbid(b, arcs, count - 1, b->out[i], only);
    }
    return err;
}

static bool is_crowded(const struct build *b, uint32_t node)
{
    return b->out_first[node + 1] - b->out_first[node] > MAX_ARCS;
}

/* ------------------------------------------------------- through ways */

/* Ends the chain with the to way; counts what is complete. */
static void end_chain(const struct build *b, struct chain *chain, const struct way_at *to,
                      uint32_t node)
{
    uint32_t arcs[2];
    uint32_t count = arcs_at(b, to, node, true, arcs);
    if (count && chain->found == 0) {
        chain->arcs[chain->count] = arcs[0];
        chain->first_count = chain->count + 1;
        memcpy(chain->first, chain->arcs, chain->first_count * sizeof *chain->arcs);
    }
    chain->found += count;
}

/* Adds a via way from end to end, from the node on; false when that cannot be. */
static bool add_via(const struct build *b, struct chain *chain, const struct way_at *via,
                    uint32_t *io_node)
{
    const struct part *part = part_in(b, via->first_part);
    uint32_t first = edge_in(b, part->edges)->tail;
    uint32_t last = edge_in(b, part->edges + part->edge_count - 1)->head;
    bool is_reversed = *io_node != first;
    if ((is_reversed && *io_node != last) || !is_legal(via->way, is_reversed) ||
        chain->count + part->edge_count > MAX_ARCS)
        return false;
    for (uint32_t i = 0; i < part->edge_count; i++) {
        uint32_t arc =
            is_reversed ? 2 * (part->edges + part->edge_count - 1 - i) + 1 : 2 * (part->edges + i);
        if (is_crowded(b, node_head(b, arc)))
            return false;
        chain->arcs[chain->count++] = arc;
    }
    *io_node = is_reversed ? first : last;
    return true;
}

struct via_ways {
    struct way_at from, to;
    const int64_t *ids;
    uint32_t count;
};

/* All chains that begin with the from way's arcs into this end of the first via way. */
static void follow(const struct build *b, struct chain *chain, const struct via_ways *ways,
                   uint32_t node)
{
    uint32_t arcs[2];
    uint32_t count = arcs_at(b, &ways->from, node, false, arcs);
    if (count == 0 || is_crowded(b, node))
        return;
    chain->arcs[0] = arcs[0];
    chain->count = 1;
    for (uint32_t i = 0; i < ways->count; i++) {
        struct way_at via;
        if (!find_way(b, ways->ids[i], &via) || !add_via(b, chain, &via, &node))
            return;
    }
    uint32_t before = chain->found;
    end_chain(b, chain, &ways->to, node);
    chain->found = before + (chain->found - before) * count;
}

static enum road_turn_drop through_ways(const struct build *b, const struct via_ways *ways,
                                        struct chain *chain)
{
    uint32_t edges = 2;
    for (uint32_t i = 0; i < ways->count; i++) {
        struct way_at via;
        if (!find_way(b, ways->ids[i], &via))
            return ROAD_TURN_DROP_MISSING;
        const struct part *part = part_in(b, via.first_part);
        uint32_t first = edge_in(b, part->edges)->tail;
        uint32_t last = edge_in(b, part->edges + part->edge_count - 1)->head;
        if (via.part_count > 1 || first == last)
            return ROAD_TURN_DROP_AMBIGUOUS;
        edges += part->edge_count;
        if (edges > MAX_ARCS)
            return ROAD_TURN_DROP_LONG;
        if (i == 0) {
            follow(b, chain, ways, first);
            follow(b, chain, ways, last);
        }
    }
    return chain->found == 1  ? ROAD_TURN_DROP_COUNT
           : chain->found > 1 ? ROAD_TURN_DROP_AMBIGUOUS
                              : ROAD_TURN_DROP_APART;
}

/* ------------------------------------------------------- at a node */

static bool find_node(const struct build *b, const struct way_at *way, int64_t id,
                      uint32_t *ret_node)
{
    const struct part *last = part_in(b, way->first_part + way->part_count - 1);
    uint32_t end = last->edges + last->edge_count;
    for (uint32_t i = part_in(b, way->first_part)->edges; i < end; i++) {
        const uint32_t nodes[] = {edge_in(b, i)->tail, edge_in(b, i)->head};
        for (size_t k = 0; k < 2; k++) {
            *ret_node = nodes[k];
            if (b->id_of[nodes[k]] == id)
                return true;
        }
    }
    return false;
}

/* Turning round on the same way is clear even where the way passes through the node. */
static enum err bind_u_turn(struct build *b, const struct raw_turn *turn, const struct way_at *way,
                            uint32_t node, enum road_turn_drop *ret_drop)
{
    uint32_t arcs[2];
    uint32_t count = arcs_at(b, way, node, false, arcs);
    *ret_drop = count == 0  ? ROAD_TURN_DROP_APART
                : count > 2 ? ROAD_TURN_DROP_AMBIGUOUS
                            : ROAD_TURN_DROP_COUNT;
    enum err err = OK;
    for (uint32_t i = 0; i < count && count <= 2 && !err; i++) {
        const uint32_t round[] = {arcs[i], arcs[i] ^ 1};
        err = bind(b, turn, round, 2);
    }
    return err;
}

static enum err at_node(struct build *b, const struct raw_turn *turn, const struct way_at *from,
                        const struct way_at *to, enum road_turn_drop *ret_drop)
{
    int64_t id = VEC(&b->map->members, int64_t)[turn->first_member + turn->from_count];
    uint32_t node, in[2], out[2];
    *ret_drop = ROAD_TURN_DROP_APART;
    if (!find_node(b, from, id, &node))
        return OK;
    if (is_crowded(b, node)) {
        *ret_drop = ROAD_TURN_DROP_LONG;
        return OK;
    }
    if (turn->is_u_turn && from->way == to->way)
        return bind_u_turn(b, turn, from, node, ret_drop);
    uint32_t ins = arcs_at(b, from, node, false, in), outs = arcs_at(b, to, node, true, out);
    if (ins == 0 || outs == 0)
        return OK;
    if (ins > 1 || outs > 1) {
        *ret_drop = ROAD_TURN_DROP_AMBIGUOUS;
        return OK;
    }
    const uint32_t arcs[] = {in[0], out[0]};
    *ret_drop = ROAD_TURN_DROP_COUNT;
    return bind(b, turn, arcs, 2);
}

/* ------------------------------------------------------- all */

static enum err resolve(struct build *b, const struct raw_turn *turn, int64_t from_id,
                        int64_t to_id, enum road_turn_drop *ret_drop)
{
    const int64_t *via = VEC(&b->map->members, int64_t) + turn->first_member + turn->from_count;
    struct via_ways ways = {.ids = via, .count = turn->via_count};
    *ret_drop = ROAD_TURN_DROP_MISSING;
    if (!find_way(b, from_id, &ways.from) || !find_way(b, to_id, &ways.to))
        return OK;
    if (turn->has_via_node)
        return at_node(b, turn, &ways.from, &ways.to, ret_drop);
    struct chain chain = {.found = 0};
    *ret_drop = through_ways(b, &ways, &chain);
    return *ret_drop == ROAD_TURN_DROP_COUNT ? bind(b, turn, chain.first, chain.first_count) : OK;
}

/* Several from or to ways (no_entry, no_exit): each with each. Kept if any of them is. */
static enum err resolve_turn(struct build *b, const struct raw_turn *turn)
{
    const int64_t *from = VEC(&b->map->members, int64_t) + turn->first_member;
    const int64_t *to = from + turn->from_count + turn->via_count;
    enum road_turn_drop drop = ROAD_TURN_DROP_AMBIGUOUS, kept = ROAD_TURN_DROP_AMBIGUOUS;
    enum err err = OK;
    if (turn->only_modes && (turn->from_count > 1 || turn->to_count > 1)) {
        b->report->turns_dropped[drop]++;
        return OK;
    }
    for (uint32_t i = 0; i < turn->from_count && !err; i++) {
        for (uint32_t k = 0; k < turn->to_count && !err; k++) {
            err = resolve(b, turn, from[i], to[k], &drop);
            kept = kept == ROAD_TURN_DROP_COUNT ? kept : drop;
        }
    }
    if (kept == ROAD_TURN_DROP_COUNT)
        b->report->turns_kept++;
    else
        b->report->turns_dropped[kept]++;
    return err;
}

static enum err list_out_arcs(struct build *b)
{
    uint32_t arcs = 2 * (uint32_t)b->edges.count;
    b->out_first = calloc(b->node_count + 1ull, sizeof *b->out_first);
    b->out = malloc((arcs + 1ull) * sizeof *b->out);
    if (!b->out_first || !b->out)
        return ERR_LIMIT;
    for (uint32_t arc = 0; arc < arcs; arc++)
        b->out_first[node_tail(b, arc) + 1]++;
    groups_start(b->out_first, b->node_count);
    for (uint32_t arc = 0; arc < arcs; arc++)
        b->out[b->out_first[node_tail(b, arc)]++] = arc;
    groups_filled(b->out_first, b->node_count);
    return OK;
}

enum err build_turns(struct build *b)
{
    size_t count = b->map->turns.count;
    enum err err = count ? list_out_arcs(b) : OK;
    for (size_t i = 0; i < count && !err; i++)
        err = resolve_turn(b, &VEC(&b->map->turns, struct raw_turn)[i]);
    if (!err && b->sequence_arcs.count > ROAD_MAX_SEQUENCE_ARCS) {
        b->text = "too many turn restrictions";
        err = ERR_LIMIT;
    }
    return err;
}
