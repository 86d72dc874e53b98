/* random_road.h - seeded little cities for the road tests, straight through the importer's second
 * half. */
#ifndef TESTS_UNIT_RANDOM_ROAD_H
#define TESTS_UNIT_RANDOM_ROAD_H
#include "base/file.h"
#include "base/rand.h"
#include "city_files.h"
#include "road/road_priv.h"

struct random_road {
    uint8_t *bytes;
    struct road *road;
    struct road_report report;
};

/* The same for all that has a motor. */
#define RANDOM_ACCESS(access)                                                                      \
    ((uint32_t)(access) << WAY_ACCESS_SHIFT(MODE_MOTORCAR) |                                       \
     (uint32_t)(access) << WAY_ACCESS_SHIFT(MODE_MOTORCYCLE) |                                     \
     (uint32_t)(access) << WAY_ACCESS_SHIFT(MODE_EMERGENCY))

/* A walk of up to `more` steps over the grid. */
static inline void random_way(struct raw_map *map, struct rand *r, uint32_t side, int64_t id,
                              uint32_t more)
{
    uint32_t at = rand_below(r, side * side), count = 2 + rand_below(r, more), refs = 0;
    struct raw_way way = {.id = id, .first_ref = (uint32_t)map->refs.count};
    static const uint32_t classes[] = {ROAD_CLASS_primary, ROAD_CLASS_residential,
                                       ROAD_CLASS_service, ROAD_CLASS_footway};
    static const uint32_t flags[] = {0,
                                     0,
                                     0,
                                     WAY_ONEWAY,
                                     WAY_ONEWAY,
                                     WAY_ONEWAY_REVERSED,
                                     RANDOM_ACCESS(ACCESS_PRIVATE),
                                     RANDOM_ACCESS(ACCESS_NO)};
    way.road_class = classes[rand_below(r, 4)];
    way.flags = flags[rand_below(r, 8)];
    for (; refs < count; refs++) {
        assert_ok(VEC_PUSH(&map->refs, int64_t, at));
        uint32_t x = at % side, y = at / side, step = rand_below(r, 4);
        x = step == 0 && x + 1 < side ? x + 1 : step == 1 && x > 0 ? x - 1 : x;
        y = step == 2 && y + 1 < side ? y + 1 : step == 3 && y > 0 ? y - 1 : y;
        at = y * side + x;
    }
    way.ref_count = refs;
    assert_ok(VEC_PUSH(&map->ways, struct raw_way, way));
}

/* The profiles and the grid of nodes, jittered; no ways yet. */
static inline struct raw_map random_map_new(struct rand *r, uint32_t side)
{
    struct raw_map map = {0};
    struct fault fault = {0};
    struct out table;
    char path[CITY_PATH_CAP];
    out_init(&table, 1u << 20);
    data_path("road/profiles.csv", path);
    assert_ok(file_read(path, &table));
    assert_ok(profile_parse(out_view(&table), map.profiles, &map.profile_count, &fault));
    out_done(&table);
    map.id_count = side * side;
    map.places = calloc(map.id_count, sizeof *map.places);
    for (uint32_t i = 0; i < map.id_count; i++)
        map.places[i] =
            (struct place){377600000 + (int32_t)(i / side * 10000 + rand_below(r, 5000)),
                           -1224200000 + (int32_t)(i % side * 12000 + rand_below(r, 6000))};
    assert_ok(VEC_PUSH(&map.names, char, '\0'));
    return map;
}

static inline struct random_road random_map_build(struct raw_map *map)
{
    struct random_road made = {0};
    struct fault fault = {0};
    struct sections sections;
    struct file_parts parts;
    size_t size = 0;
    assert_ok(build_file(map, &made.report, &sections, &fault));
    assert_ok(file_parts_make(&sections, &parts));
    made.bytes = malloc(parts.bytes);
    for (size_t i = 0; i < parts.count; size += parts.at[i++].len) {
        if (parts.at[i].len)
            memcpy(made.bytes + size, parts.at[i].p, parts.at[i].len);
    }
    sections_done(&sections);
    assert_ok(road_open_bytes((struct str){(const char *)made.bytes, size}, &made.road, &fault));
    return made;
}

static inline void random_map_free(struct raw_map *map)
{
    vec_done(&map->ways);
    vec_done(&map->refs);
    vec_done(&map->names);
    vec_done(&map->barriers);
    vec_done(&map->turns);
    vec_done(&map->members);
    free(map->places);
}

/* Way ids are 10, 20, 30 ...; `turned` (0 = none) is a way whose one-way is turned round. */
static inline struct random_road random_road_new(uint64_t seed, uint32_t side, uint32_t ways,
                                                 int64_t turned)
{
    struct rand r;
    rand_seed(&r, seed);
    struct raw_map map = random_map_new(&r, side);
    for (uint32_t i = 0; i < ways; i++)
        random_way(&map, &r, side, 10 * (int64_t)(i + 1), 4);
    for (size_t i = 0; i < map.ways.count && turned; i++) {
        struct raw_way *way = &VEC(&map.ways, struct raw_way)[i];
        if (way->id == turned && way->flags & (WAY_ONEWAY | WAY_ONEWAY_REVERSED))
            way->flags ^= WAY_ONEWAY | WAY_ONEWAY_REVERSED;
    }
    struct random_road made = random_map_build(&map);
    random_map_free(&map);
    return made;
}

/* One random turn restriction at the end of a way: no_ or only_, over a node or a way. */
static inline void random_turn(struct raw_map *map, struct rand *r, int64_t id)
{
    const struct raw_way *ways = map->ways.p;
    const int64_t *refs = map->refs.p;
    uint32_t ways_count = (uint32_t)map->ways.count;
    struct raw_turn turn = {.id = id, .first_member = (uint32_t)map->members.count};
    uint32_t modes = 1u << MODE_MOTORCAR | 1u << MODE_MOTORCYCLE | 1u << MODE_EMERGENCY;
    bool is_only = rand_below(r, 3) == 0;
    turn.no_modes = is_only ? 0 : modes;
    turn.only_modes = is_only ? modes : 0;
    turn.from_count = turn.via_count = turn.to_count = 1;
    turn.has_via_node = rand_below(r, 2) == 0;
    uint32_t from = rand_below(r, ways_count), via = rand_below(r, ways_count),
             to = rand_below(r, ways_count);
    /* Ways that meet are few: look for some. */
    for (uint32_t tries = 0; tries < 400; tries++) {
        int64_t out = refs[ways[from].first_ref + ways[from].ref_count - 1];
        via = rand_below(r, ways_count);
        to = rand_below(r, ways_count);
        int64_t far = turn.has_via_node ? out : refs[ways[via].first_ref + ways[via].ref_count - 1];
        if ((turn.has_via_node || refs[ways[via].first_ref] == out) &&
            refs[ways[to].first_ref] == far)
            break;
    }
    int64_t node = refs[ways[from].first_ref + ways[from].ref_count - 1];
    assert_ok(VEC_PUSH(&map->members, int64_t, ways[from].id));
    assert_ok(VEC_PUSH(&map->members, int64_t, turn.has_via_node ? node : ways[via].id));
    assert_ok(VEC_PUSH(&map->members, int64_t, ways[to].id));
    assert_ok(VEC_PUSH(&map->turns, struct raw_turn, turn));
}

/* A city with turn restrictions and gates, for those who search over hops. */
static inline struct raw_map random_turns_map(uint64_t seed, uint32_t side, uint32_t ways,
                                              uint32_t turns)
{
    struct rand r;
    rand_seed(&r, seed);
    struct raw_map map = random_map_new(&r, side);
    for (uint32_t i = 0; i < ways; i++)
        random_way(&map, &r, side, 10 * (int64_t)(i + 1), 2);
    for (uint32_t i = 0; i < turns; i++)
        random_turn(&map, &r, 1 + (int64_t)i);
    for (uint32_t i = 0; i < turns / 2; i++) {
        static const uint32_t kinds[] = {BARRIER_gate, BARRIER_bollard, BARRIER_block};
        uint32_t barrier = kinds[rand_below(&r, 3)];
        for (uint32_t mode = 0; mode < MODE_COUNT; mode++)
            barrier |= rand_below(&r, 4) << BARRIER_ACCESS_SHIFT(mode);
        struct raw_barrier raw = {rand_below(&r, map.id_count), barrier};
        assert_ok(VEC_PUSH(&map.barriers, struct raw_barrier, raw));
    }
    return map;
}

static inline void random_road_free(struct random_road *made)
{
    road_close(made->road);
    free(made->bytes);
}
#endif
