/* Turn restrictions and barriers: times over hops against a search that follows every restriction
 * by hand, arc by arc. */
#include "random_road.h"

#define MAX_RULES 64
#define MAX_STATES 20000

/* One restriction that can be read in just one way: from this arc over these to that one. */
struct rule {
    uint32_t arcs[8], count;
    bool is_only;
    uint32_t modes;
};
struct oracle {
    const struct road *road;
    uint32_t profile;
    struct rule rules[MAX_RULES];
    uint32_t rule_count;
    const uint32_t *barriers; /* by node */
};

static int64_t way_of(const struct road *road, uint32_t arc)
{
    return file_way_id(&road->ways[road->edges[arc >> 1].way]);
}

static bool is_legal(const struct road *road, uint32_t arc)
{
    uint32_t flags = road->ways[road->edges[arc >> 1].way].flags;
    return !(flags & (arc & 1 ? WAY_ONEWAY : WAY_ONEWAY_REVERSED));
}

/* From one end of a way to the other: all its edges, each once. */
static bool covers_way(const struct road *road, const uint32_t *arcs, uint32_t count, int64_t id)
{
    uint32_t edges = 0;
    for (uint32_t e = 0; e < road->edge_count; e++)
        edges += way_of(road, 2 * e) == id;
    for (uint32_t i = 0; i < count; i++) {
        if (way_of(road, arcs[i]) != id || (arcs[i] & 1) != (arcs[0] & 1))
            return false;
        for (uint32_t k = 0; k < i; k++) {
            if (arcs[k] >> 1 == arcs[i] >> 1)
                return false;
        }
    }
    return count == edges && arc_tail(road, arcs[0]) != arc_head(road, arcs[count - 1]);
}

struct reading { /* walks that a restriction may mean */
    const struct road *road;
    const struct raw_turn *turn;
    const int64_t *members;
    uint32_t via_node, found;
    struct rule rule;
};

static void look(struct reading *r, const uint32_t *walk, uint32_t count)
{
    const struct road *road = r->road;
    if (way_of(road, walk[0]) != r->members[0] || way_of(road, walk[count - 1]) != r->members[2])
        return;
    bool fits = r->turn->has_via_node
                    ? count == 2 && arc_head(road, walk[0]) == r->via_node
                    : count > 2 && covers_way(road, walk + 1, count - 2, r->members[1]);
    if (!fits)
        return;
    memcpy(r->rule.arcs, walk, count * sizeof *walk);
    r->rule.count = count;
    r->found++;
}

/* NOLINTNEXTLINE(misc-no-recursion): four arcs deep */
static void walk_on(struct reading *r, uint32_t *walk, uint32_t count)
{
    if (count >= 2)
        look(r, walk, count);
    if (count == 4)
        return;
    uint32_t node = arc_head(r->road, walk[count - 1]);
    for (uint32_t i = r->road->out_first[node]; i < r->road->out_first[node + 1]; i++) {
        walk[count] = r->road->out[i].arc;
        if (is_legal(r->road, walk[count]))
            walk_on(r, walk, count + 1);
    }
}

static void read_rules(struct oracle *oracle, const struct raw_map *map)
{
    const struct road *road = oracle->road;
    for (size_t i = 0; i < map->turns.count; i++) {
        const struct raw_turn *turn = &VEC(&map->turns, struct raw_turn)[i];
        struct reading r = {.road = road,
                            .turn = turn,
                            .members = VEC(&map->members, int64_t) + turn->first_member,
                            .via_node = ROAD_NONE};
        for (uint32_t node = 0; node < road->node_count && turn->has_via_node; node++) {
            if (place_eq(road->nodes[node], map->places[r.members[1]]))
                r.via_node = node;
        }
        for (uint32_t arc = 0; arc < 2 * road->edge_count; arc++) {
            uint32_t walk[5] = {arc};
            if (is_legal(road, arc))
                walk_on(&r, walk, 1);
        }
        if (r.found != 1)
            continue;
        r.rule.is_only = turn->only_modes;
        r.rule.modes = turn->only_modes | turn->no_modes;
        assert_true(oracle->rule_count < MAX_RULES);
        oracle->rules[oracle->rule_count++] = r.rule;
    }
}

/* ------------------------------------------------------- the oracle's search */

struct walker { /* an arc, and how far each rule is followed: bit i * 4 + k of 256 */
    uint32_t arc;
    uint64_t followed[4];
    uint32_t ms;
    bool is_settled;
};

static bool bit(const uint64_t *bits, uint32_t i)
{
    return bits[i / 64] >> i % 64 & 1;
}

/* What taking an arc does to the rules; true when one that binds the profile is broken. */
static bool follow(const struct oracle *o, const struct walker *from, uint32_t arc,
                   uint64_t ret_followed[4])
{
    bool is_broken = false;
    memset(ret_followed, 0, 4 * sizeof *ret_followed);
    for (uint32_t i = 0; i < o->rule_count; i++) {
        const struct rule *rule = &o->rules[i];
        for (uint32_t k = 0; k + 1 < rule->count; k++) {
            bool was_here = k == 0 || (from && bit(from->followed, i * 4 + k - 1));
            if (was_here && rule->arcs[k] == arc)
                ret_followed[(i * 4 + k) / 64] |= 1ull << (i * 4 + k) % 64;
        }
        bool is_last = from && bit(from->followed, i * 4 + rule->count - 2);
        if (is_last && rule->modes >> o->road->profiles[o->profile].mode & 1)
            is_broken |= (rule->arcs[rule->count - 1] == arc) != rule->is_only;
    }
    return is_broken;
}

static uint32_t price_of(const struct oracle *o, uint32_t node, bool is_broken)
{
    const struct file_profile *profile = &o->road->profiles[o->profile];
    uint32_t ms = barrier_price_ms(profile, o->barriers[node]);
    return ms + (is_broken ? profile->turn_price_ms : 0);
}

static void relax(const struct oracle *o, struct walker *walkers, uint32_t *io_count, uint32_t node,
                  const struct walker *from)
{
    for (uint32_t i = o->road->out_first[node]; i < o->road->out_first[node + 1]; i++) {
        struct walker next = {.arc = o->road->out[i].arc};
        bool is_broken = follow(o, from, next.arc, next.followed);
        uint64_t ms = (from ? from->ms : 0) + (uint64_t)price_of(o, node, is_broken) +
                      road_base_ms(o->road, o->profile, next.arc);
        uint32_t at = 0;
        if (ms >= ROAD_INF)
            continue;
        next.ms = (uint32_t)ms;
        while (at < *io_count && (walkers[at].arc != next.arc ||
                                  memcmp(walkers[at].followed, next.followed, 32) != 0))
            at++;
        assert_true(at < MAX_STATES);
        if (at == *io_count)
            walkers[(*io_count)++] = next;
        else if (next.ms < walkers[at].ms)
            walkers[at] = next;
    }
}

static void oracle_times(const struct oracle *o, uint32_t source, uint32_t *ret_ms)
{
    static struct walker walkers[MAX_STATES];
    uint32_t count = 0;
    for (uint32_t i = 0; i < o->road->node_count; i++)
        ret_ms[i] = i == source ? 0 : ROAD_INF;
    relax(o, walkers, &count, source, NULL);
    for (;;) {
        uint32_t best = ROAD_NONE;
        for (uint32_t i = 0; i < count; i++) {
            if (!walkers[i].is_settled && (best == ROAD_NONE || walkers[i].ms < walkers[best].ms))
                best = i;
        }
        if (best == ROAD_NONE)
            return;
        walkers[best].is_settled = true;
        struct walker settled = walkers[best];
        uint32_t node = arc_head(o->road, settled.arc);
        ret_ms[node] = settled.ms < ret_ms[node] ? settled.ms : ret_ms[node];
        relax(o, walkers, &count, node, &settled);
    }
}

/* ------------------------------------------------------- the search graph */

static void hop_times(const struct road *road, uint32_t profile, uint32_t source, uint32_t *ret_ms)
{
    uint32_t *ms = malloc(road->vertex_count * sizeof *ms);
    bool is_changing = true;
    for (uint32_t i = 0; i < road->vertex_count; i++)
        ms[i] = i == road->node_vertex[source] ? 0 : ROAD_INF;
    while (is_changing) {
        is_changing = false;
        for (uint32_t tail = 0; tail < road->vertex_count; tail++) {
            for (uint32_t i = road->hop_first[tail]; i < road->hop_first[tail + 1]; i++) {
                const struct file_hop *hop = &road->hops[i];
                uint64_t to = ms[tail] + (uint64_t)hop_price_ms(road, profile, hop) +
                              road_base_ms(road, profile, hop->arc);
                if (to >= ms[hop->head])
                    continue;
                ms[hop->head] = (uint32_t)to;
                is_changing = true;
            }
        }
    }
    for (uint32_t i = 0; i < road->node_count; i++)
        ret_ms[i] = ROAD_INF;
    for (uint32_t i = 0; i < road->vertex_count; i++) {
        uint32_t node = road->vertex_node[i];
        ret_ms[node] = ms[i] < ret_ms[node] ? ms[i] : ret_ms[node];
    }
    free(ms);
}

static uint32_t *barriers_by_node(const struct road *road, const struct raw_map *map)
{
    uint32_t *barriers = calloc(road->node_count, sizeof *barriers);
    for (size_t i = 0; i < map->barriers.count; i++) {
        struct raw_barrier raw = VEC(&map->barriers, struct raw_barrier)[i];
        for (uint32_t node = 0; node < road->node_count; node++) {
            if (place_eq(road->nodes[node], map->places[raw.at]))
                barriers[node] = raw.barrier;
        }
    }
    return barriers;
}

/* How many times differ when `is_blind` oracles do not know the restrictions. */
static uint32_t compare(uint64_t seed, bool is_blind, uint32_t *ret_rules)
{
    struct raw_map map = random_turns_map(seed, 5, 60, 24);
    struct random_road made = random_map_build(&map);
    static struct oracle oracle;
    uint32_t different = 0;
    oracle = (struct oracle){.road = made.road};
    uint32_t *barriers = barriers_by_node(made.road, &map);
    oracle.barriers = barriers;
    read_rules(&oracle, &map);
    assert_int_equal(made.report.turns_kept, oracle.rule_count);
    *ret_rules += oracle.rule_count;
    if (is_blind)
        oracle.rule_count = 0;
    uint32_t count = made.road->node_count, *a = malloc(count * sizeof *a),
             *b = malloc(count * sizeof *b);
    for (oracle.profile = 0; oracle.profile < 2; oracle.profile++) {
        for (uint32_t source = 0; source < count; source++) {
            oracle_times(&oracle, source, a);
            hop_times(made.road, oracle.profile, source, b);
            for (uint32_t i = 0; i < count; i++)
                different += a[i] != b[i];
        }
    }
    free(a);
    free(b);
    free(barriers);
    random_map_free(&map);
    random_road_free(&made);
    return different;
}

static void times_over_hops_obey_every_restriction(void **state)
{
    (void)state;
    uint32_t rules = 0, blind = 0;
    for (uint64_t seed = 1; seed <= 25; seed++) {
        uint32_t different = compare(seed, false, &rules);
        if (different)
            print_message("seed %llu\n", (unsigned long long)seed);
        assert_int_equal(different, 0);
    }
    assert_true(rules > 150);
    for (uint64_t seed = 1; seed <= 5; seed++)
        blind += compare(seed, true, &rules);
    assert_true(blind > 0); /* the restrictions matter, or the test says nothing */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_over_hops_obey_every_restriction),
    };
    return RUN(tests);
}
