/* harvest.c - what one block gives. Any thread, each with a harvest of its own. */
#include "road/import_priv.h"
#include "road/tags_priv.h"

#define MAX_TURN_MEMBERS 64u

void harvest_reset(struct harvest *h, const struct raw_map *map, const struct ids *ids)
{
    struct vec *const lists[] = {&h->ways,    &h->refs,  &h->names,   &h->turns,
                                 &h->members, &h->nodes, &h->barriers};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        lists[i]->count = 0;
    h->counts = (struct road_report){0};
    h->map = map;
    h->ids = ids;
    h->hint = 0;
}

void harvest_done(struct harvest *h)
{
    struct vec *const lists[] = {&h->ways,    &h->refs,  &h->names,   &h->turns,
                                 &h->members, &h->nodes, &h->barriers};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        vec_done(lists[i]);
}

/* ------------------------------------------------------- ways */

static bool is_used_by_any(const struct raw_map *map, uint32_t road_class)
{
    for (uint32_t i = 0; i < map->profile_count; i++) {
        if (map->profiles[i].speed_mm_s[road_class])
            return true;
    }
    return false;
}

static enum err keep_text(struct harvest *h, struct str text, uint32_t *ret_at)
{
    *ret_at = 0;
    if (h->names.count == 0 && VEC_PUSH(&h->names, char, '\0'))
        return ERR_LIMIT;
    if (text.len == 0)
        return OK;
    if (vec_room(&h->names, text.len + 1, 1))
        return ERR_LIMIT;
    *ret_at = (uint32_t)h->names.count;
    memcpy(VEC(&h->names, char) + *ret_at, text.p, text.len);
    VEC(&h->names, char)[*ret_at + text.len] = '\0';
    h->names.count += text.len + 1;
    return OK;
}

enum err harvest_way(void *harvest, const struct pbf_way *way)
{
    struct harvest *h = harvest;
    struct way_tags tags = tags_of_way(way->tags);
    h->counts.ways_read++;
    if (tags.is_kept && !is_used_by_any(h->map, tags.road_class))
        tags = (struct way_tags){.drop = ROAD_DROP_CLASS};
    else if (tags.is_kept && way->ref_count < 2)
        tags = (struct way_tags){.drop = ROAD_DROP_SHORT};
    if (!tags.is_kept) {
        h->counts.ways_dropped[tags.drop]++;
        return OK;
    }
    struct raw_way raw = {.id = way->id,
                          .first_ref = (uint32_t)h->refs.count,
                          .ref_count = (uint32_t)way->ref_count,
                          .road_class = tags.road_class,
                          .flags = tags.flags,
                          .maxspeed_kmh = tags.maxspeed_kmh,
                          .duration_s = tags.duration_s,
                          .left_from = tags.left_from,
                          .left_to = tags.left_to,
                          .right_from = tags.right_from,
                          .right_to = tags.right_to};
    if (vec_room(&h->refs, way->ref_count, sizeof(int64_t)))
        return ERR_LIMIT;
    memcpy(VEC(&h->refs, int64_t) + h->refs.count, way->refs, way->ref_count * sizeof *way->refs);
    h->refs.count += way->ref_count;
    enum err err = keep_text(h, tags.name, &raw.name);
    if (!err)
        err = keep_text(h, tags.name_alt, &raw.name_alt);
    if (!err)
        err = VEC_PUSH(&h->ways, struct raw_way, raw);
    return err;
}

/* ------------------------------------------------------- turn restrictions */

/* Appends the members of a role; how many there are, ways (or one node as via). */
static enum err keep_role(struct harvest *h, const struct pbf_relation *relation, const char *role,
                          uint32_t kind, uint32_t *ret_count)
{
    *ret_count = 0;
    for (size_t i = 0; i < relation->member_count; i++) {
        const struct pbf_member *member = &relation->members[i];
        if (member->kind != kind || !str_eq_c(member->role, role))
            continue;
        if (VEC_PUSH(&h->members, int64_t, member->ref))
            return ERR_LIMIT;
        ++*ret_count;
    }
    return OK;
}

static enum err keep_members(struct harvest *h, const struct pbf_relation *relation,
                             struct raw_turn *turn)
{
    uint32_t via_nodes = 0;
    turn->first_member = (uint32_t)h->members.count;
    enum err err = keep_role(h, relation, "from", PBF_WAY, &turn->from_count);
    if (!err)
        err = keep_role(h, relation, "via", PBF_NODE, &via_nodes);
    if (!err)
        err = keep_role(h, relation, "via", PBF_WAY, &turn->via_count);
    if (!err)
        err = keep_role(h, relation, "to", PBF_WAY, &turn->to_count);
    turn->has_via_node = via_nodes == 1 && turn->via_count == 0;
    turn->via_count += via_nodes;
    if (via_nodes > 1 || (via_nodes && !turn->has_via_node))
        turn->via_count = 0; /* neither a node nor ways */
    return err;
}

enum err harvest_turn(void *harvest, const struct pbf_relation *relation)
{
    struct harvest *h = harvest;
    struct turn_tags tags = tags_of_turn(relation->tags);
    struct raw_turn turn = {.id = relation->id,
                            .is_u_turn = tags.is_u_turn,
                            .no_modes = tags.no_modes,
                            .only_modes = tags.only_modes};
    size_t before = h->members.count;
    if (!tags.is_turn)
        return OK;
    h->counts.turns_read++;
    enum err err = OK;
    if (tags.drop == ROAD_TURN_DROP_COUNT) {
        err = keep_members(h, relation, &turn);
        if (!turn.from_count || !turn.via_count || !turn.to_count)
            tags.drop = ROAD_TURN_DROP_MEMBERS;
        else if (h->members.count - before > MAX_TURN_MEMBERS)
            tags.drop = ROAD_TURN_DROP_LONG;
    }
    if (err)
        return err;
    if (tags.drop == ROAD_TURN_DROP_COUNT)
        return VEC_PUSH(&h->turns, struct raw_turn, turn);
    h->members.count = before;
    h->counts.turns_dropped[tags.drop]++;
    return OK;
}

/* ------------------------------------------------------- nodes */

/* Barriers that cost no profile anything are as good as absent. */
static bool is_felt(const struct raw_map *map, uint32_t barrier)
{
    for (uint32_t i = 0; i < map->profile_count; i++) {
        if (barrier_price_ms(&map->profiles[i], barrier))
            return true;
    }
    return false;
}

enum err harvest_node(void *harvest, const struct pbf_node *node)
{
    struct harvest *h = harvest;
    h->counts.nodes_read++;
    uint32_t at = ids_find(h->ids, node->id, h->hint);
    if (at == ROAD_NONE)
        return OK;
    h->hint = at + 1;
    uint32_t barrier = tags_of_barrier(node->tags);
    struct raw_barrier raw = {at, barrier};
    if (barrier && is_felt(h->map, barrier) && VEC_PUSH(&h->barriers, struct raw_barrier, raw))
        return ERR_LIMIT;
    return VEC_PUSH(&h->nodes, struct seen_node, (struct seen_node){at, node->place});
}
