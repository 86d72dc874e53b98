/* The laws of travel, on seeded little cities with turn restrictions: circles nest, a closure never
 * enlarges and a new road never shrinks, bounds are exact, both directions agree, several origins
 * are the least of each, plain Dijkstra finds the same, and so do two threads. What breaks a law is
 * shrunk to the ways, turns, closures, starts and ends that it takes, and printed. For each law a
 * fault is planted in the answers, which must be found and shrunk. */
#include "random_road.h"
#include "road/traffic_priv.h"
#include "road_oracle.h"

#define SIDE 6u
#define WAYS 40u
#define TURNS 12u
#define CLOSURES 6u
#define STARTS 4u
#define ENDS 10u
#define SEEDS 200u

struct spot { /* on a way, so that it stays where it is when other ways go */
    uint32_t way, fraction, delay_ms;
};
enum {
    FIRST_TURN = WAYS,
    FIRST_CLOSURE = FIRST_TURN + TURNS,
    FIRST_START = FIRST_CLOSURE + CLOSURES,
    FIRST_END = FIRST_START + STARTS,
    PARTS = FIRST_END + ENDS
};
struct city_case {
    uint64_t seed;
    bool is_kept[PARTS];
    struct raw_turn turns[TURNS];
    int64_t members[TURNS * 3];
    struct road_change closures[CLOSURES];
    struct spot starts[STARTS], ends[ENDS];
};

static int64_t way_id(uint32_t way)
{
    return 10 * (int64_t)(way + 1);
}

/* Between ways of the whole city, so that they stay what they are when other ways go. */
static void pick_turns(struct city_case *c, struct rand *r)
{
    rand_seed(r, c->seed);
    struct raw_map city = random_map_new(r, SIDE);
    for (uint32_t i = 0; i < WAYS; i++)
        random_way(&city, r, SIDE, way_id(i), 4);
    for (uint32_t i = 0; i < TURNS; i++)
        random_turn(&city, r, 1 + (int64_t)i);
    memcpy(c->turns, city.turns.p, sizeof c->turns);
    memcpy(c->members, city.members.p, sizeof c->members);
    random_map_free(&city);
}

static struct city_case case_new(uint64_t seed)
{
    struct city_case c = {.seed = seed};
    struct rand r;
    pick_turns(&c, &r);
    rand_seed(&r, seed + 1000);
    memset(c.is_kept, true, sizeof c.is_kept);
    for (size_t i = 0; i < CLOSURES; i++) {
        uint32_t from = rand_below(&r, 2) ? 0 : rand_below(&r, ROAD_WAY_ONE);
        uint32_t to =
            rand_below(&r, 2) ? ROAD_WAY_ONE : from + 1 + rand_below(&r, ROAD_WAY_ONE - from);
        c.closures[i] = (struct road_change){
            .way_id = way_id(rand_below(&r, WAYS)), .from = from, .to = to, .profiles = UINT32_MAX};
    }
    for (size_t i = 0; i < STARTS; i++)
        c.starts[i] = (struct spot){rand_below(&r, WAYS), rand_below(&r, ROAD_WAY_ONE + 1),
                                    rand_below(&r, 3) * 2000};
    for (size_t i = 0; i < ENDS; i++)
        c.ends[i] = (struct spot){rand_below(&r, WAYS), rand_below(&r, ROAD_WAY_ONE + 1), 0};
    return c;
}

/* The ways and turns that are kept. `barred` is forbidden to cars, ROAD_NONE: none is. */
static struct raw_map case_map(const struct city_case *c, uint32_t barred)
{
    struct rand r;
    rand_seed(&r, c->seed);
    struct raw_map map = random_map_new(&r, SIDE);
    for (uint32_t i = 0; i < WAYS; i++) {
        random_way(&map, &r, SIDE, way_id(i), 4);
        struct raw_way *way = &VEC(&map.ways, struct raw_way)[map.ways.count - 1];
        if (i == barred)
            way->flags = RANDOM_ACCESS(ACCESS_NO);
        if (c->is_kept[i])
            continue;
        map.refs.count = way->first_ref;
        map.ways.count--;
    }
    for (uint32_t i = 0; i < TURNS; i++) {
        struct raw_turn turn = c->turns[i];
        turn.first_member = (uint32_t)map.members.count;
        if (!c->is_kept[FIRST_TURN + i])
            continue;
        assert_ok(VEC_PUSH(&map.turns, struct raw_turn, turn));
        for (uint32_t k = 0; k < 3; k++)
            assert_ok(VEC_PUSH(&map.members, int64_t, c->members[3 * i + k]));
    }
    return map;
}

/* ------------------------------------------------------- a city to ask */

struct world {
    struct random_road made;
    struct road *road;
    struct road_traffic *traffic;
    struct road_scratch *scratch;
    const struct road_metric *open, *shut; /* without the closures and with them */
    struct road_source starts[STARTS];
    struct road_point ends[ENDS];
    size_t start_count, end_count;
};

/* Starts and ends on `without` are left out. False: nobody is there to ask. */
static bool find_spots(struct world *w, const struct city_case *c, uint32_t without)
{
    for (size_t i = 0; i < STARTS; i++) {
        struct road_source *to = &w->starts[w->start_count];
        if (c->is_kept[FIRST_START + i] && c->starts[i].way != without &&
            road_way_point(w->road, way_id(c->starts[i].way), c->starts[i].fraction, &to->point) ==
                OK) {
            to->delay_ms = c->starts[i].delay_ms;
            w->start_count++;
        }
    }
    for (size_t i = 0; i < ENDS; i++)
        w->end_count += c->is_kept[FIRST_END + i] && c->ends[i].way != without &&
                        road_way_point(w->road, way_id(c->ends[i].way), c->ends[i].fraction,
                                       &w->ends[w->end_count]) == OK;
    return w->start_count > 0 && w->end_count > 0;
}

static void world_done(struct world *w)
{
    road_metric_unref(w->open);
    road_metric_unref(w->shut);
    road_scratch_free(w->scratch);
    road_traffic_free(w->traffic);
    random_road_free(&w->made);
}

/* False: there is nothing to ask, and nothing to free. */
static bool world_init(struct world *w, const struct city_case *c, uint32_t barred,
                       uint32_t without)
{
    *w = (struct world){0};
    struct raw_map map = case_map(c, barred);
    if (map.ways.count == 0) {
        random_map_free(&map);
        return false;
    }
    w->made = random_map_build(&map);
    random_map_free(&map);
    w->road = w->made.road;
    assert_ok(road_traffic_new(w->road, &w->traffic));
    assert_ok(road_scratch_new(w->road, &w->scratch));
    uint32_t car = road_profile(w->road, "car");
    struct road_change closures[CLOSURES];
    size_t count = 0;
    w->open = road_metric_ref(w->traffic, car);
    for (size_t i = 0; i < CLOSURES; i++) {
        if (c->is_kept[FIRST_CLOSURE + i])
            closures[count++] = c->closures[i];
    }
    assert_ok(road_traffic_put(w->traffic, "closures", closures, count, NULL));
    w->shut = road_metric_ref(w->traffic, car);
    bool is_there = find_spots(w, c, without);
    if (!is_there)
        world_done(w);
    return is_there;
}

struct times {
    uint32_t ms[STARTS * ENDS];
};
static struct times times_of(struct world *w, const struct road_metric *metric)
{
    struct times times = {{0}};
    assert_ok(road_table(metric, w->scratch, (struct road_sources){w->starts, w->start_count},
                         (struct road_points){w->ends, w->end_count}, times.ms));
    return times;
}

static bool none_is_less(const struct world *w, const struct times *a, const struct times *b)
{
    for (size_t i = 0; i < w->start_count * w->end_count; i++) {
        if (a->ms[i] < b->ms[i])
            return false;
    }
    return true;
}

/* A reach lies in the scratch until the next, so what is kept of it is copied. */
#define MAX_SPANS 2000u
struct area {
    struct road_span spans[MAX_SPANS];
    size_t count;
    uint64_t length_mm;
};
static void area_of(struct world *w, const struct road_metric *metric,
                    const struct road_reach_query *query, struct area *ret_area)
{
    struct road_reach reach;
    assert_ok(road_reach(metric, w->scratch, query, &reach));
    assert_true(reach.span_count < MAX_SPANS);
    for (size_t i = 0; i < reach.span_count; i++)
        ret_area->spans[i] = reach.spans[i];
    ret_area->count = reach.span_count;
    ret_area->length_mm = reach.length_mm[query->limits.count - 1];
}

static bool holds_point(const struct area *area, struct road_point at)
{
    for (size_t i = 0; i < area->count; i++) {
        const struct road_span *s = &area->spans[i];
        uint32_t low = s->from < s->to ? s->from : s->to, high = s->from < s->to ? s->to : s->from;
        if (s->edge == at.edge && low <= at.frac && at.frac <= high)
            return true;
    }
    return false;
}

static bool holds_area(const struct area *outer, const struct area *inner)
{
    for (size_t i = 0; i < inner->count; i++) {
        const struct road_span *s = &inner->spans[i];
        const uint32_t marks[3] = {s->from, s->from / 2 + s->to / 2, s->to};
        for (size_t k = 0; k < 3; k++) {
            if (!holds_point(outer, (struct road_point){s->edge, marks[k]}))
                return false;
        }
    }
    return outer->length_mm >= inner->length_mm;
}

/* ------------------------------------------------------- the laws */

/* Whether it holds for the case; with a fault planted it need not. */
typedef bool law_fn(const struct city_case *c, bool is_planted);

static bool circles_nest(const struct city_case *c, bool is_planted)
{
    static const uint32_t limits[4] = {2000, 5000, 15000, 60000};
    static struct area areas[4];
    struct world w;
    bool holds = true;
    if (!world_init(&w, c, ROAD_NONE, ROAD_NONE))
        return true;
    for (size_t i = 0; i < 4; i++) {
        const struct road_reach_query query = {.sources = {w.starts, w.start_count},
                                               .limits = {&limits[i], 1}};
        area_of(&w, w.shut, &query, &areas[i]);
        if (is_planted && i == 3 && areas[i].count > 0)
            areas[i].count--; /* the last street is forgotten */
        holds = holds && (i == 0 || holds_area(&areas[i], &areas[i - 1]));
    }
    world_done(&w);
    return holds;
}

static bool a_closure_never_enlarges(const struct city_case *c, bool is_planted)
{
    static const uint32_t limit = 20000;
    static struct area open, shut;
    struct world w;
    if (!world_init(&w, c, ROAD_NONE, ROAD_NONE))
        return true;
    const struct road_metric *without = is_planted ? w.shut : w.open;
    const struct road_metric *with = is_planted ? w.open : w.shut; /* put and removed mixed up */
    const struct road_reach_query query = {.sources = {w.starts, w.start_count},
                                           .limits = {&limit, 1}};
    const struct times before = times_of(&w, without), after = times_of(&w, with);
    area_of(&w, without, &query, &open);
    area_of(&w, with, &query, &shut);
    bool holds = none_is_less(&w, &after, &before) && holds_area(&open, &shut);
    world_done(&w);
    return holds;
}

/* The way is there in both cities, so that streets are cut alike; in one it is forbidden. Turn
 * restrictions that it brings along are left out: "only into the new road" does shrink a reach. */
static bool a_new_road_never_shrinks(const struct city_case *whole, bool is_planted)
{
    static const uint32_t limit = 20000;
    static struct area old_area, new_area;
    struct world old_city, new_city;
    uint32_t way = (uint32_t)(whole->seed % WAYS);
    struct city_case without_its_turns = *whole, *c = &without_its_turns;
    for (size_t i = 0; i < TURNS * 3; i++) {
        bool is_node = i % 3 == 1 && c->turns[i / 3].has_via_node;
        if (!is_node && c->members[i] == way_id(way))
            c->is_kept[FIRST_TURN + i / 3] = false;
    }
    if (!c->is_kept[way] || !world_init(&old_city, c, is_planted ? ROAD_NONE : way, way))
        return true;
    assert_true(world_init(&new_city, c, is_planted ? way : ROAD_NONE, way));
    const struct times before = times_of(&old_city, old_city.shut);
    const struct times after = times_of(&new_city, new_city.shut);
    const struct road_reach_query query = {.sources = {old_city.starts, old_city.start_count},
                                           .limits = {&limit, 1}};
    area_of(&old_city, old_city.shut, &query, &old_area);
    area_of(&new_city, new_city.shut, &query, &new_area);
    bool holds = none_is_less(&old_city, &before, &after) && holds_area(&new_area, &old_area);
    world_done(&old_city);
    world_done(&new_city);
    return holds;
}

/* Who arrives on the full second is within so many seconds, and not within a millisecond less. */
static bool bounds_are_exact(const struct city_case *c, bool is_planted)
{
    static struct area area;
    struct world w;
    bool holds = true;
    if (!world_init(&w, c, ROAD_NONE, ROAD_NONE))
        return true;
    for (size_t i = 0; i < w.start_count * w.end_count && holds; i++) {
        struct road_source start = w.starts[i / w.end_count];
        const struct road_point end = w.ends[i % w.end_count];
        uint32_t ms;
        assert_ok(road_time(w.open, w.scratch, start.point, end, &ms));
        if (ms == ROAD_INF)
            continue;
        start.delay_ms = 1000 - ms % 1000;
        const uint32_t second = ms + start.delay_ms, less = second - 1;
        const uint32_t bound = is_planted ? less : second; /* "before" for "by" */
        struct road_reach_query query = {.sources = {&start, 1}, .limits = {&bound, 1}};
        area_of(&w, w.open, &query, &area);
        holds = holds_point(&area, end);
        query.limits.ms = &less;
        area_of(&w, w.open, &query, &area);
        holds = holds && !holds_point(&area, end);
    }
    world_done(&w);
    return holds;
}

/* From there one is here in exactly the time that one needs from here to there, looking back. */
static bool both_directions_agree(const struct city_case *c, bool is_planted)
{
    static struct area area;
    struct world w;
    bool holds = true;
    if (!world_init(&w, c, ROAD_NONE, ROAD_NONE))
        return true;
    for (size_t i = 0; i < w.start_count * w.end_count && holds; i++) {
        const struct road_point start = w.starts[i / w.end_count].point;
        const struct road_source end = {w.ends[i % w.end_count], 0};
        uint32_t ms;
        assert_ok(road_time(w.open, w.scratch, start, end.point, &ms));
        if (ms == 0 || ms == ROAD_INF)
            continue;
        const uint32_t less = ms - 1;
        struct road_reach_query query = {.sources = {&end, 1},
                                         .limits = {&ms, 1},
                                         .is_reverse = !is_planted /* one-ways forgotten */};
        area_of(&w, w.open, &query, &area);
        holds = holds_point(&area, start);
        query.limits.ms = &less;
        area_of(&w, w.open, &query, &area);
        holds = holds && !holds_point(&area, start);
    }
    world_done(&w);
    return holds;
}

static bool several_origins_are_the_least_of_each(const struct city_case *c, bool is_planted)
{
    struct world w;
    uint32_t ms[ENDS], who[ENDS];
    bool holds = true;
    if (!world_init(&w, c, ROAD_NONE, ROAD_NONE))
        return true;
    size_t asked = is_planted && w.start_count > 1 ? w.start_count - 1 : w.start_count;
    const struct times alone = times_of(&w, w.shut);
    assert_ok(road_arrivals(w.shut, w.scratch, (struct road_sources){w.starts, asked},
                            (struct road_points){w.ends, w.end_count}, ms, who));
    for (size_t i = 0; i < w.end_count && holds; i++) {
        size_t first = 0;
        for (size_t k = 1; k < w.start_count; k++) {
            if (alone.ms[k * w.end_count + i] < alone.ms[first * w.end_count + i])
                first = k;
        }
        uint32_t least = alone.ms[first * w.end_count + i];
        holds = ms[i] == least && (least == ROAD_INF || who[i] == first);
    }
    world_done(&w);
    return holds;
}

static bool plain_dijkstra_finds_the_same(const struct city_case *c, bool is_planted)
{
    struct world w;
    struct oracle oracle;
    bool holds = true;
    if (!world_init(&w, c, ROAD_NONE, ROAD_NONE))
        return true;
    oracle_init(&oracle, w.open);
    for (size_t i = 0; i < CLOSURES && !is_planted; i++) { /* it knows of no closures */
        if (c->is_kept[FIRST_CLOSURE + i])
            oracle_close(&oracle, &c->closures[i]);
    }
    const struct times times = times_of(&w, w.shut);
    for (size_t s = 0; s < w.start_count; s++) {
        oracle_run(&oracle, &w.starts[s], 1);
        for (size_t i = 0; i < w.end_count; i++) {
            uint32_t ms = oracle_at(&oracle, &w.starts[s], 1, w.ends[i], NULL);
            holds = holds && times.ms[s * w.end_count + i] == ms;
        }
    }
    oracle_done(&oracle);
    world_done(&w);
    return holds;
}

static bool two_threads_make_the_same_weights(const struct city_case *c, bool is_planted)
{
    struct world w;
    struct cch_plan *plan;
    if (!world_init(&w, c, ROAD_NONE, ROAD_NONE))
        return true;
    const struct cch *cch = &w.road->cch;
    uint32_t *input = calloc(cch->inputs + (size_t)1, sizeof *input);
    struct cch_weight *one = calloc(cch->arcs + (size_t)1, sizeof *one);
    struct cch_weight *two = calloc(cch->arcs + (size_t)1, sizeof *two);
    for (uint32_t i = 0; i < cch->inputs; i++)
        input[i] = w.shut->forward[i].ms;
    assert_ok(cch_plan_new(cch, &plan));
    assert_ok(cch_customize(plan, input, 1, one));
    assert_ok(cch_customize(plan, input, 2, two));
    if (is_planted && cch->arcs > 0 && two[cch->arcs - 1].up < ROAD_INF)
        two[cch->arcs - 1].up++;
    bool holds = memcmp(one, two, cch->arcs * sizeof *one) == 0 &&
                 memcmp(one, w.shut->cch, cch->arcs * sizeof *one) == 0;
    cch_plan_free(plan);
    free(input);
    free(one);
    free(two);
    world_done(&w);
    return holds;
}

/* ------------------------------------------------------- shrinking */

/* Leaves out what is not needed to break the law: in large pieces first, until nothing can go. */
static void shrink(struct city_case *c, law_fn *law, bool is_planted)
{
    for (size_t size = PARTS / 2; size > 0; size /= 2) {
        for (size_t at = 0; at < PARTS; at += size) {
            struct city_case less = *c;
            for (size_t i = at; i < at + size && i < PARTS; i++)
                less.is_kept[i] = false;
            if (memcmp(less.is_kept, c->is_kept, sizeof less.is_kept) != 0 &&
                !law(&less, is_planted)) {
                *c = less;
                at = size > 1 ? at : 0; /* what was needed before may go now */
            }
        }
    }
}

static void print_case(const struct city_case *c, const char *name)
{
    struct raw_map map = case_map(c, ROAD_NONE);
    const int64_t *refs = map.refs.p;
    print_message("# %s is broken by seed %llu:\n", name, (unsigned long long)c->seed);
    for (size_t i = 0; i < map.ways.count; i++) {
        const struct raw_way *way = &VEC(&map.ways, struct raw_way)[i];
        print_message("#   way %lld, %s, flags %x:", (long long)way->id,
                      road_class_name(way->road_class), way->flags);
        for (uint32_t k = 0; k < way->ref_count; k++)
            print_message(" %lld", (long long)refs[way->first_ref + k]);
        print_message("\n");
    }
    for (size_t i = 0; i < TURNS; i++) {
        const int64_t *members = &c->members[3 * i];
        if (c->is_kept[FIRST_TURN + i])
            print_message("#   %s turn: way %lld, %s %lld, way %lld\n",
                          c->turns[i].no_modes ? "no" : "only", (long long)members[0],
                          c->turns[i].has_via_node ? "node" : "way", (long long)members[1],
                          (long long)members[2]);
    }
    for (size_t i = 0; i < CLOSURES; i++) {
        if (c->is_kept[FIRST_CLOSURE + i])
            print_message("#   closed: way %lld from %u to %u\n", (long long)c->closures[i].way_id,
                          c->closures[i].from, c->closures[i].to);
    }
    for (size_t i = FIRST_START; i < PARTS; i++) {
        const struct spot *at =
            i < FIRST_END ? &c->starts[i - FIRST_START] : &c->ends[i - FIRST_END];
        if (c->is_kept[i])
            print_message("#   %s: way %lld at %u, after %u ms\n", i < FIRST_END ? "start" : "end",
                          (long long)way_id(at->way), at->fraction, at->delay_ms);
    }
    random_map_free(&map);
}

static uint32_t ways_of(const struct city_case *c)
{
    uint32_t count = 0;
    for (size_t i = 0; i < WAYS; i++)
        count += c->is_kept[i];
    return count;
}

#define FEW_WAYS 5u /* that a planted fault is shrunk to */

static void must_hold(law_fn *law, const char *name)
{
    bool is_found = false;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct city_case c = case_new(seed);
        if (law(&c, false))
            continue;
        shrink(&c, law, false);
        print_case(&c, name);
        fail();
    }
    for (uint64_t seed = 1; seed <= SEEDS && !is_found; seed++) {
        struct city_case c = case_new(seed);
        if (law(&c, true))
            continue;
        is_found = true;
        shrink(&c, law, true);
        assert_false(law(&c, true));
        if (ways_of(&c) > FEW_WAYS)
            print_case(&c, name);
        assert_in_range(ways_of(&c), 1, FEW_WAYS);
    }
    assert_true(is_found);
}

#define LAW(name)                                                                                  \
    static void name##_always(void **state)                                                        \
    {                                                                                              \
        (void)state;                                                                               \
        must_hold(name, #name);                                                                    \
    }
LAW(circles_nest)
LAW(a_closure_never_enlarges)
LAW(a_new_road_never_shrinks)
LAW(bounds_are_exact)
LAW(both_directions_agree)
LAW(several_origins_are_the_least_of_each)
LAW(plain_dijkstra_finds_the_same)
LAW(two_threads_make_the_same_weights)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(circles_nest_always),
        cmocka_unit_test(a_closure_never_enlarges_always),
        cmocka_unit_test(a_new_road_never_shrinks_always),
        cmocka_unit_test(bounds_are_exact_always),
        cmocka_unit_test(both_directions_agree_always),
        cmocka_unit_test(several_origins_are_the_least_of_each_always),
        cmocka_unit_test(plain_dijkstra_finds_the_same_always),
        cmocka_unit_test(two_threads_make_the_same_weights_always),
    };
    return RUN(tests);
}
