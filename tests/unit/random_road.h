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

static inline void random_way(struct raw_map *map, struct rand *r, uint32_t side, int64_t id)
{
    uint32_t at = rand_below(r, side * side), count = 2 + rand_below(r, 4), refs = 0;
    struct raw_way way = {.id = id, .first_ref = (uint32_t)map->refs.count};
    static const uint32_t classes[] = {ROAD_CLASS_primary, ROAD_CLASS_residential,
                                       ROAD_CLASS_service, ROAD_CLASS_footway};
    static const uint32_t flags[] = {0,
                                     0,
                                     0,
                                     WAY_ONEWAY,
                                     WAY_ONEWAY,
                                     WAY_ONEWAY_REVERSED,
                                     (uint32_t)ACCESS_PRIVATE << WAY_ACCESS_SHIFT(MODE_MOTOR),
                                     (uint32_t)ACCESS_NO << WAY_ACCESS_SHIFT(MODE_MOTOR)};
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

/* Way ids are 10, 20, 30 ...; `turned` (0 = none) is a way whose one-way is turned round. */
static inline struct random_road random_road_new(uint64_t seed, uint32_t side, uint32_t ways,
                                                 int64_t turned)
{
    struct random_road made = {0};
    struct raw_map map = {0};
    struct rand r;
    struct fault fault = {0};
    struct out table;
    char path[CITY_PATH_CAP];
    size_t size = 0;
    rand_seed(&r, seed);
    out_init(&table, 1u << 20);
    data_path("road/profiles.csv", path);
    assert_ok(file_read(path, &table));
    assert_ok(profile_parse(out_view(&table), map.profiles, &map.profile_count, &fault));
    map.id_count = side * side;
    map.ids = calloc(map.id_count, sizeof *map.ids);
    map.places = calloc(map.id_count, sizeof *map.places);
    for (uint32_t i = 0; i < map.id_count; i++) {
        map.ids[i] = i;
        map.places[i] =
            (struct place){377600000 + (int32_t)(i / side * 10000 + rand_below(&r, 5000)),
                           -1224200000 + (int32_t)(i % side * 12000 + rand_below(&r, 6000))};
    }
    assert_ok(VEC_PUSH(&map.names, char, '\0'));
    for (uint32_t i = 0; i < ways; i++)
        random_way(&map, &r, side, 10 * (int64_t)(i + 1));
    for (size_t i = 0; i < map.ways.count && turned; i++) {
        struct raw_way *way = &VEC(&map.ways, struct raw_way)[i];
        if (way->id == turned && way->flags & (WAY_ONEWAY | WAY_ONEWAY_REVERSED))
            way->flags ^= WAY_ONEWAY | WAY_ONEWAY_REVERSED;
    }
    assert_ok(build_file(&map, &made.report, &made.bytes, &size, &fault));
    assert_ok(road_open_bytes((struct str){(const char *)made.bytes, size}, &made.road, &fault));
    vec_done(&map.ways);
    vec_done(&map.refs);
    vec_done(&map.names);
    free(map.ids);
    free(map.places);
    out_done(&table);
    return made;
}

static inline void random_road_free(struct random_road *made)
{
    road_close(made->road);
    free(made->bytes);
}
#endif
