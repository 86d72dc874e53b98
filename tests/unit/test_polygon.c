/* Polygons of whole numbers and the tree of areas over them: no place in two neighbours, none in
 * neither. */
#include "base/rand.h"
#include "geo/area.h"
#include "geo/polygon.h"
#include "test.h"
#include <string.h>

#define SIDE 12 /* cells a side of the torn map */

static struct polygon square(const struct place places[4], struct ring *ring)
{
    *ring = (struct ring){places, 4};
    return (struct polygon){ring, 1};
}

static void borders_belong_to_one_side(void **state)
{
    (void)state;
    static const struct place corners[4] = {{0, 0}, {0, 100}, {100, 100}, {100, 0}};
    struct ring ring;
    struct polygon p = square(corners, &ring);
    assert_true(polygon_holds(p, (struct place){50, 50}));
    assert_true(polygon_holds(p, (struct place){0, 0}));
    assert_true(polygon_holds(p, (struct place){0, 50}));    /* lower border */
    assert_true(polygon_holds(p, (struct place){50, 0}));    /* left border */
    assert_false(polygon_holds(p, (struct place){100, 50})); /* upper */
    assert_false(polygon_holds(p, (struct place){50, 100})); /* right */
    assert_false(polygon_holds(p, (struct place){100, 100}));
    assert_false(polygon_holds(p, (struct place){50, 101}));
}

static void a_hole_is_outside(void **state)
{
    (void)state;
    static const struct place outer[4] = {{0, 0}, {0, 100}, {100, 100}, {100, 0}};
    static const struct place hole[4] = {{20, 20}, {80, 20}, {80, 80}, {20, 80}};
    const struct ring rings[2] = {{outer, 4}, {hole, 4}};
    struct polygon p = {rings, 2};
    assert_true(polygon_holds(p, (struct place){10, 50}));
    assert_false(polygon_holds(p, (struct place){50, 50}));
    assert_true(polygon_holds(p, (struct place){80, 50})); /* the hole's upper border is ours */
    struct place label = polygon_label(p);
    assert_true(polygon_holds(p, label));
}

/* The largest coordinates do not overflow. */
static void the_whole_earth_is_held(void **state)
{
    (void)state;
    static const struct place corners[4] = {{-900000000, -1800000000},
                                            {-900000000, 1800000000},
                                            {900000000, 1800000000},
                                            {900000000, -1800000000}};
    struct ring ring;
    struct polygon p = square(corners, &ring);
    assert_true(polygon_holds(p, (struct place){-900000000, -1800000000}));
    assert_true(polygon_holds(p, (struct place){899999999, 1799999999}));
    assert_false(polygon_holds(p, (struct place){900000000, 0}));
    /* 510.1 million km2 (IUGG mean radius). */
    assert_true(polygon_area_m2(p) > 5.1e14 && polygon_area_m2(p) < 5.102e14);
}

/* A map torn into crooked quadrilaterals with common corners: every place lies in exactly one. */
static void neighbours_share_no_place_and_leave_none(void **state)
{
    (void)state;
    struct place grid[SIDE + 1][SIDE + 1];
    struct rand r;
    rand_seed(&r, 1);
    for (int y = 0; y <= SIDE; y++) {
        for (int x = 0; x <= SIDE; x++) {
            bool is_rim = x == 0 || y == 0 || x == SIDE || y == SIDE;
            int32_t dy = is_rim ? 0 : (int32_t)rand_below(&r, 7) - 3;
            int32_t dx = is_rim ? 0 : (int32_t)rand_below(&r, 7) - 3;
            grid[y][x] = (struct place){10 * y + dy, 10 * x + dx};
        }
    }
    for (int32_t lat = 0; lat < 10 * SIDE; lat++) {
        for (int32_t lon = 0; lon < 10 * SIDE; lon++) {
            int held = 0;
            for (int y = 0; y < SIDE; y++) {
                for (int x = 0; x < SIDE; x++) {
                    const struct place corners[4] = {grid[y][x], grid[y][x + 1], grid[y + 1][x + 1],
                                                     grid[y + 1][x]};
                    struct ring ring;
                    held += polygon_holds(square(corners, &ring), (struct place){lat, lon});
                }
            }
            assert_int_equal(held, 1);
        }
    }
}

static void add_square(struct area_index *index, uint32_t id, uint32_t parent, uint64_t code,
                       int32_t low, int32_t high)
{
    const struct place corners[4] = {{low, low}, {low, high}, {high, high}, {high, low}};
    struct ring ring;
    struct polygon polygon = square(corners, &ring);
    struct area_spec spec = {id, parent, code, &polygon, 1};
    assert_ok(area_index_add(index, &spec));
}

static void the_deepest_area_is_found(void **state)
{
    (void)state;
    struct area_index *index = area_index_new();
    uint32_t chain[AREA_MAX_DEPTH];
    add_square(index, 1, 0, 130900, 0, 1000000);
    add_square(index, 2, 1, 130902, 0, 500000);
    add_square(index, 3, 1, 130903, 500000, 1000000);
    add_square(index, 4, 2, 130902001, 100000, 400000);
    add_square(index, 9, 1, 130901, 400000, 500000); /* overlaps 2: the lower code wins */
    assert_int_equal(area_find(index, (struct place){200000, 200000}), 4);
    assert_int_equal(area_find(index, (struct place){50000, 50000}), 2);
    assert_int_equal(area_find(index, (struct place){450000, 450000}), 9);
    assert_int_equal(area_find(index, (struct place){500000, 500000}), 3);
    assert_int_equal(area_find(index, (struct place){50000, 700000}), 1);
    assert_int_equal(area_find(index, (struct place){1000000, 1000000}), 0);
    assert_int_equal(area_chain(index, 4, chain, AREA_MAX_DEPTH), 3);
    assert_int_equal(chain[0], 4);
    assert_int_equal(chain[1], 2);
    assert_int_equal(chain[2], 1);
    assert_true(area_within(index, 4, 1) && area_within(index, 4, 4));
    assert_false(area_within(index, 2, 4));
    assert_int_equal(area_parent(index, 3), 1);
    assert_int_equal(area_parent(index, 1), 0);
    /* Twenty metres from the corner where 9 and 3 meet, both are shown. */
    uint32_t near[4];
    assert_int_equal(area_find(index, (struct place){499000, 499000}), 9);
    assert_int_equal(area_near(index, (struct place){499000, 499000}, 20, near, 4), 2);
    assert_int_equal(near[0],
                     2); /* its own corner touches too, with the lower code first at a tie */
    assert_int_equal(near[1], 3);
    struct area_spec again = {.id = 4, .parent_id = 1};
    assert_int_equal(area_index_add(index, &again), ERR_EXISTS);
    again = (struct area_spec){.id = 7, .parent_id = 77};
    assert_int_equal(area_index_add(index, &again), ERR_NOT_FOUND);
    again = (struct area_spec){.id = 0};
    assert_int_equal(area_index_add(index, &again), ERR_RANGE);
    again = (struct area_spec){.id = 8, .parent_id = 4}; /* a village without a shape */
    assert_ok(area_index_add(index, &again));
    assert_int_equal(area_index_count(index), 6);
    area_index_free(index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(borders_belong_to_one_side),
        cmocka_unit_test(a_hole_is_outside),
        cmocka_unit_test(the_whole_earth_is_held),
        cmocka_unit_test(neighbours_share_no_place_and_leave_none),
        cmocka_unit_test(the_deepest_area_is_found),
    };
    return RUN(tests);
}
