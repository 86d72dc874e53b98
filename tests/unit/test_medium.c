/* Ways over air and water: round no-go zones, along shores, through channels, and not at all. */
#include "base/rand.h"
#include "road/medium.h"
#include "test.h"
#include <math.h>
#include <string.h>

#define CORNER(lon, lat)                                                                           \
    {                                                                                              \
        (lat), (lon)                                                                               \
    }
#define PLACE(lon, lat) ((struct place)CORNER(lon, lat))
static const struct craft DRONE = {.speed_mm_s = 15000};

struct world {
    struct arena arena;
    struct medium *medium;
};

static struct ring ring_of(const struct place *corners, size_t count)
{
    return (struct ring){corners, count};
}

static void world_init(struct world *w, enum medium_kind kind, const struct ring *rings,
                       size_t count)
{
    struct polygon polygons[8];
    arena_init(&w->arena, 64u << 20);
    for (size_t i = 0; i < count; i++)
        polygons[i] = (struct polygon){&rings[i], 1};
    assert_ok(medium_new(kind, polygons, count, &w->medium));
}

static void world_done(struct world *w)
{
    medium_free(w->medium);
    arena_done(&w->arena);
}

static struct passage path(struct world *w, struct place from, struct place to)
{
    struct passage p;
    struct fault fault;
    assert_ok(medium_path(w->medium, &(struct voyage){from, to, DRONE}, &w->arena, &p, &fault));
    assert_true(place_eq(p.places[0], from));
    assert_true(place_eq(p.places[p.place_count - 1], to));
    return p;
}

static const struct place SQUARE[] = {CORNER(10000, -10000), CORNER(20000, -10000),
                                      CORNER(20000, 10000), CORNER(10000, 10000)};

static void test_free_air_is_straight(void **state)
{
    (void)state;
    struct world w;
    world_init(&w, MEDIUM_AIR, NULL, 0);
    struct passage p = path(&w, PLACE(0, 0), PLACE(100000, 0));
    assert_int_equal(p.place_count, 2);
    assert_true(fabs(p.length_m - place_distance_m(PLACE(0, 0), PLACE(100000, 0))) < 1e-6);
    assert_int_equal(p.ms, (uint32_t)ceil(p.length_m / 15 * 1000));
    world_done(&w);
}

static void test_zone_is_flown_round(void **state)
{
    (void)state;
    struct world w;
    struct ring rings[] = {ring_of(SQUARE, 4)};
    world_init(&w, MEDIUM_AIR, rings, 1);
    struct passage p = path(&w, PLACE(0, 2000), PLACE(30000, 2000));
    assert_int_equal(p.place_count, 4); /* the nearer pair of corners, the upper one */
    assert_int_equal(p.places[1].lat_e7, 10000);
    assert_int_equal(p.places[2].lat_e7, 10000);
    /* Control: beside the zone nothing bends. */
    assert_int_equal(path(&w, PLACE(0, 20000), PLACE(30000, 20000)).place_count, 2);
    /* Along its border is allowed. */
    assert_int_equal(path(&w, PLACE(0, 10000), PLACE(30000, 10000)).place_count, 2);
    world_done(&w);
}

/* Two zones that touch leave no corridor between them; a gap does. */
static void test_touching_zones_are_a_wall(void **state)
{
    (void)state;
    static const struct place upper[] = {CORNER(10000, 0), CORNER(20000, 0), CORNER(20000, 50000),
                                         CORNER(10000, 50000)};
    static const struct place lower[] = {CORNER(10000, -50000), CORNER(20000, -50000),
                                         CORNER(20000, 0), CORNER(10000, 0)};
    static const struct place gap[] = {CORNER(10000, -50000), CORNER(20000, -50000),
                                       CORNER(20000, -100), CORNER(10000, -100)};
    struct world w;
    struct ring wall[] = {ring_of(upper, 4), ring_of(lower, 4)};
    struct ring open[] = {ring_of(upper, 4), ring_of(gap, 4)};
    world_init(&w, MEDIUM_AIR, wall, 2);
    assert_true(path(&w, PLACE(0, 0), PLACE(30000, 0)).length_m > 1000);
    world_done(&w);
    world_init(&w, MEDIUM_AIR, open, 2);
    assert_true(path(&w, PLACE(0, -50), PLACE(30000, -50)).length_m < 400);
    world_done(&w);
}

/* A river of two pieces with an island: pieces that touch are one water. */
static void test_boat_stays_on_water(void **state)
{
    (void)state;
    static const struct place west[] = {CORNER(0, 0), CORNER(50000, 0), CORNER(50000, 10000),
                                        CORNER(0, 10000)};
    static const struct place east[] = {CORNER(50000, 0),      CORNER(100000, 0),
                                        CORNER(100000, 60000), CORNER(90000, 60000),
                                        CORNER(90000, 10000),  CORNER(50000, 10000)};
    static const struct place island[] = {CORNER(20000, 2000), CORNER(30000, 2000),
                                          CORNER(30000, 9000), CORNER(20000, 9000)};
    const struct ring west_rings[] = {ring_of(west, 4), ring_of(island, 4)};
    const struct ring east_rings[] = {ring_of(east, 6)};
    const struct polygon water[] = {{west_rings, 2}, {east_rings, 1}};
    struct world w;
    struct passage p;
    struct fault fault;
    arena_init(&w.arena, 64u << 20);
    assert_ok(medium_new(MEDIUM_WATER, water, 2, &w.medium));
    p = path(&w, PLACE(1000, 5000), PLACE(95000, 55000));
    assert_true(p.length_m > place_distance_m(PLACE(1000, 5000), PLACE(95000, 55000)));
    for (size_t i = 1; i + 1 < p.place_count; i++)
        assert_true(p.places[i].lat_e7 <= 10000);
    assert_int_equal(medium_path(w.medium, &(struct voyage){PLACE(25000, 5000), PLACE(1, 1), DRONE},
                                 &w.arena, &p, &fault),
                     ERR_RANGE);
    assert_string_equal(fault.field, "from");
    assert_int_equal(medium_path(w.medium,
                                 &(struct voyage){PLACE(1, 1), PLACE(60000, 40000), DRONE},
                                 &w.arena, &p, &fault),
                     ERR_RANGE);
    assert_string_equal(fault.field, "to");
    world_done(&w);
}

static void test_two_lakes_are_not_joined(void **state)
{
    (void)state;
    static const struct place west[] = {CORNER(0, 0), CORNER(10000, 0), CORNER(10000, 10000),
                                        CORNER(0, 10000)};
    static const struct place east[] = {CORNER(10100, 0), CORNER(20000, 0), CORNER(20000, 10000),
                                        CORNER(10100, 10000)};
    struct ring rings[] = {ring_of(west, 4), ring_of(east, 4)};
    struct world w;
    struct passage p;
    world_init(&w, MEDIUM_WATER, rings, 2);
    assert_int_equal(medium_path(w.medium,
                                 &(struct voyage){PLACE(5000, 5000), PLACE(15000, 5000), DRONE},
                                 &w.arena, &p, NULL),
                     ERR_NOT_FOUND);
    world_done(&w);
}

static void test_endurance_counts_the_way_back(void **state)
{
    (void)state;
    struct world w;
    struct passage p;
    struct craft craft = {.speed_mm_s = 10000, .endurance_ms = 150000};
    world_init(&w, MEDIUM_AIR, NULL, 0);
    assert_ok(medium_path(w.medium, &(struct voyage){PLACE(0, 0), PLACE(90000, 0), craft}, &w.arena,
                          &p, NULL));
    assert_false(p.is_beyond_endurance); /* 1,001 m, 100 s */
    craft.must_return = true;
    assert_ok(medium_path(w.medium, &(struct voyage){PLACE(0, 0), PLACE(90000, 0), craft}, &w.arena,
                          &p, NULL));
    assert_true(p.is_beyond_endurance);
    craft.speed_mm_s = 0;
    assert_int_equal(medium_path(w.medium, &(struct voyage){PLACE(0, 0), PLACE(1, 0), craft},
                                 &w.arena, &p, NULL),
                     ERR_RANGE);
    world_done(&w);
}

static void test_limit_is_told(void **state)
{
    (void)state;
    static struct place many[MEDIUM_MAX_CORNERS + 1];
    const struct ring ring = {many, MEDIUM_MAX_CORNERS + 1};
    const struct polygon polygon = {&ring, 1};
    struct medium *medium = NULL;
    assert_int_equal(medium_new(MEDIUM_AIR, &polygon, 1, &medium), ERR_LIMIT);
    assert_null(medium);
}

/* Boxes at random: the way never crosses one (looked at every metre), is never shorter than the
 * straight line, and is the same length back. */
static void test_random_zones(void **state)
{
    (void)state;
    struct rand r;
    rand_seed(&r, 20261123);
    for (int round = 0; round < 60; round++) {
        struct place corners[8][4];
        struct ring rings[8];
        for (size_t i = 0; i < 8; i++) {
            int32_t x = (int32_t)rand_below(&r, 80000), y = (int32_t)rand_below(&r, 80000);
            int32_t wide = 1000 + (int32_t)rand_below(&r, 30000);
            int32_t high = 1000 + (int32_t)rand_below(&r, 30000);
            const struct place box[] = {CORNER(x, y), CORNER(x + wide, y),
                                        CORNER(x + wide, y + high), CORNER(x, y + high)};
            memcpy(corners[i], box, sizeof box);
            rings[i] = ring_of(corners[i], 4);
        }
        struct world w;
        world_init(&w, MEDIUM_AIR, rings, 8);
        struct place from = PLACE(-1000, -1000 - (int32_t)rand_below(&r, 5000));
        struct place to = PLACE(120000, 115000 + (int32_t)rand_below(&r, 5000));
        struct passage there = path(&w, from, to), back = path(&w, to, from);
        assert_true(fabs(there.length_m - back.length_m) < 1e-3);
        assert_true(there.length_m >= place_distance_m(from, to) - 1e-6);
        for (size_t i = 1; i < there.place_count; i++) {
            for (int k = 1; k < 1000; k++) {
                struct place a = there.places[i - 1], b = there.places[i];
                double x = a.lon_e7 + ((double)b.lon_e7 - a.lon_e7) * k / 1000;
                double y = a.lat_e7 + ((double)b.lat_e7 - a.lat_e7) * k / 1000;
                for (size_t z = 0; z < 8; z++)
                    assert_false(x > corners[z][0].lon_e7 + 4 && x < corners[z][2].lon_e7 - 4 &&
                                 y > corners[z][0].lat_e7 + 4 && y < corners[z][2].lat_e7 - 4);
            }
        }
        world_done(&w);
    }
}

static void test_craft_table(void **state)
{
    (void)state;
    struct craft_row rows[CRAFT_MAX_ROWS];
    struct fault fault;
    size_t count = 0;
#define HEAD "# words\nname,medium,speed_kmh,endurance_min,must_return\n"
    assert_ok(
        crafts_parse(STR(HEAD "drone,air,54,30,1\nboat,water,36,0,0\n"), rows, &count, &fault));
    assert_int_equal(count, 2);
    assert_int_equal(rows[0].craft.speed_mm_s, 15000);
    assert_int_equal(rows[0].craft.endurance_ms, 1800000);
    assert_true(rows[0].kind == MEDIUM_AIR && rows[0].craft.must_return);
    assert_true(rows[1].kind == MEDIUM_WATER && rows[1].craft.speed_mm_s == 10000);
    static const char *const bad[] = {"",
                                      "name,medium\n",
                                      HEAD,
                                      HEAD "drone,sea,54,30,1\n",
                                      HEAD "drone,air,0,30,1\n",
                                      HEAD "drone,air,54,30,2\n",
                                      HEAD "drone,air,54\n",
                                      HEAD "drone,air,54,30,1\ndrone,air,54,30,1\n"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(crafts_parse(str_of(bad[i]), rows, &count, &fault), ERR_SYNTAX);
    assert_int_equal(fault.line, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_free_air_is_straight),
        cmocka_unit_test(test_zone_is_flown_round),
        cmocka_unit_test(test_touching_zones_are_a_wall),
        cmocka_unit_test(test_boat_stays_on_water),
        cmocka_unit_test(test_two_lakes_are_not_joined),
        cmocka_unit_test(test_endurance_counts_the_way_back),
        cmocka_unit_test(test_limit_is_told),
        cmocka_unit_test(test_random_zones),
        cmocka_unit_test(test_craft_table),
    };
    return RUN(tests);
}
