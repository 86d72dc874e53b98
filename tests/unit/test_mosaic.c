#include "base/rand.h"
#include "job/mosaic.h"
#include "job/points.h"
#include "test.h"
#include <math.h>
#include <string.h>

#define WIDTH 120u
#define HEIGHT 90u
#define STEP_E7 3000
#define LABELS 24u
#define GROUPS 5u

struct fixture {
    struct arena arena;
    uint16_t labels[WIDTH * HEIGHT];
    struct mosaic_map map;
    struct mosaic *mosaic;
    uint32_t self[LABELS + 1], group_of[LABELS + 1];
};

/* Cells of the nearest of some points inside a disc, so that there is an outside with round coasts.
 */
static void fixture_make(struct fixture *f, uint64_t seed)
{
    struct rand rand;
    rand_seed(&rand, seed);
    struct point_m middles[LABELS];
    for (size_t i = 0; i < LABELS; i++) {
        middles[i] = (struct point_m){rand_unit(&rand) * WIDTH, rand_unit(&rand) * HEIGHT};
        f->self[i + 1] = (uint32_t)i + 1;
        f->group_of[i + 1] = 1 + rand_below(&rand, GROUPS);
    }
    f->self[0] = f->group_of[0] = 0;
    for (uint32_t y = 0; y < HEIGHT; y++) {
        for (uint32_t x = 0; x < WIDTH; x++) {
            struct point_m at = {x + 0.5, y + 0.5};
            size_t best = 0;
            for (size_t i = 1; i < LABELS; i++) {
                best = point_distance_m(at, middles[i]) < point_distance_m(at, middles[best])
                           ? i
                           : best;
            }
            bool is_out = hypot((x - 60.0) / 58, (y - 45.0) / 43) > 1 ||
                          hypot(x - 70.0, y - 50.0) < 4; /* a lake, to be filled */
            f->labels[y * WIDTH + x] = is_out ? 0 : (uint16_t)(best + 1);
        }
    }
    arena_init(&f->arena, 64u << 20);
    f->map =
        (struct mosaic_map){{311788000, 1214092000}, STEP_E7, STEP_E7, WIDTH, HEIGHT, f->labels};
    assert_ok(mosaic_tidy(&f->map, 30, &f->arena));
    assert_ok(mosaic_new(&f->map, 0.8, &f->arena, &f->mosaic));
}

static bool holds(const struct polygon *polygons, size_t count, struct place place)
{
    for (size_t i = 0; i < count; i++) {
        if (polygon_holds(polygons[i], place)) {
            return true;
        }
    }
    return false;
}

static void polygons_tile_the_plane(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 8; seed++) {
        static struct fixture f;
        fixture_make(&f, seed);
        struct polygon *of_label[LABELS + 1], *of_group[GROUPS + 1];
        size_t label_count[LABELS + 1], group_count[GROUPS + 1];
        for (uint32_t l = 1; l <= LABELS; l++) {
            assert_ok(mosaic_polygons(f.mosaic, f.self, l, &of_label[l], &label_count[l]));
        }
        for (uint32_t g = 1; g <= GROUPS; g++) {
            assert_ok(mosaic_polygons(f.mosaic, f.group_of, g, &of_group[g], &group_count[g]));
        }
        uint32_t right = 0, asked = 0;
        for (uint32_t y = 0; y < HEIGHT; y++) {
            for (uint32_t x = 0; x < WIDTH; x++) {
                struct place at = {f.map.origin.lat_e7 + (int32_t)y * STEP_E7 + STEP_E7 / 2,
                                   f.map.origin.lon_e7 + (int32_t)x * STEP_E7 + STEP_E7 / 2};
                uint32_t label = 0;
                for (uint32_t l = 1; l <= LABELS; l++) {
                    if (holds(of_label[l], label_count[l], at)) {
                        assert_int_equal(label, 0); /* no overlap */
                        label = l;
                    }
                }
                uint32_t group = 0;
                for (uint32_t g = 1; g <= GROUPS; g++) {
                    if (holds(of_group[g], group_count[g], at)) {
                        assert_int_equal(group, 0);
                        group = g;
                    }
                }
                assert_int_equal(group, f.group_of[label]); /* groups are exactly their parts */
                right += label == f.labels[y * WIDTH + x];
                asked++;
            }
        }
        assert_true(right > asked * 97 / 100); /* borders moved by less than a square */
        arena_done(&f.arena);
    }
}

static void tidy_leaves_no_lake_and_no_crumb(void **state)
{
    (void)state;
    static struct fixture f;
    fixture_make(&f, 3);
    assert_int_not_equal(f.labels[50 * WIDTH + 70], 0);
    arena_done(&f.arena);
}

static void holes_belong_to_what_surrounds_them(void **state)
{
    (void)state;
    uint16_t labels[10 * 10];
    for (int i = 0; i < 100; i++) {
        int x = i % 10, y = i / 10;
        labels[i] = x >= 4 && x < 7 && y >= 4 && y < 7 ? 2 : 1;
    }
    labels[0] = 0;
    struct mosaic_map map = {{0, 0}, 1000, 1000, 10, 10, labels};
    struct arena arena;
    arena_init(&arena, 1 << 20);
    struct mosaic *mosaic = NULL;
    assert_ok(mosaic_new(&map, 0, &arena, &mosaic));
    static const uint32_t self[] = {0, 1, 2}, both[] = {0, 1, 1};
    struct polygon *polygons = NULL;
    size_t count = 0;
    assert_ok(mosaic_polygons(mosaic, self, 1, &polygons, &count));
    assert_int_equal(count, 1);
    assert_int_equal(polygons[0].count, 2);
    assert_false(polygon_holds(polygons[0], (struct place){5500, 5500}));
    assert_true(polygon_holds(polygons[0], (struct place){5500, 1500}));
    assert_ok(mosaic_polygons(mosaic, both, 1, &polygons, &count));
    assert_int_equal(polygons[0].count, 1);
    assert_true(polygon_holds(polygons[0], (struct place){5500, 5500}));
    assert_ok(mosaic_polygons(mosaic, self, 3, &polygons, &count));
    assert_int_equal(count, 0);
    arena_done(&arena);
}

static void groups_are_compact_and_the_same_each_time(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 16u << 20);
    enum { COUNT = 2000, K = 7 };
    static struct point_m all[COUNT];
    static double weights[COUNT];
    static uint32_t group[COUNT], again[COUNT];
    struct point_m middles[K];
    struct rand rand;
    rand_seed(&rand, 5);
    for (size_t i = 0; i < COUNT; i++) {
        all[i] = (struct point_m){rand_unit(&rand) * 5000, rand_unit(&rand) * 5000};
        weights[i] = 1 + rand_unit(&rand);
    }
    assert_ok(points_group(&arena, all, weights, COUNT, K, group, middles));
    assert_ok(points_group(&arena, all, weights, COUNT, K, again, middles));
    assert_memory_equal(group, again, sizeof group);
    for (size_t i = 0; i < COUNT; i++) {
        for (size_t k = 0; k < K; k++) {
            assert_true(point_distance_m(all[i], middles[group[i]]) <=
                        point_distance_m(all[i], middles[k]) + 60);
        }
    }
    assert_int_equal(points_group(&arena, all, weights, 3, 4, group, middles), ERR_RANGE);
    arena_done(&arena);
}

static void nearest_equals_looking_at_all(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 16u << 20);
    enum { COUNT = 500, K = 5 };
    static struct point_m all[COUNT];
    struct rand rand;
    rand_seed(&rand, 9);
    for (size_t i = 0; i < COUNT; i++) {
        all[i] = (struct point_m){rand_unit(&rand) * 3000, rand_unit(&rand) * 1000};
    }
    struct points *points = points_new(&arena, all, COUNT, 80);
    assert_non_null(points);
    for (int q = 0; q < 300; q++) {
        struct point_m at = {rand_unit(&rand) * 4000 - 500, rand_unit(&rand) * 2000 - 500};
        uint32_t found[POINTS_MAX_NEAREST];
        double max_m = q % 2 == 0 ? 120 : 1e9;
        size_t n = points_nearest(points, at, max_m, K, found);
        size_t within = 0;
        for (size_t i = 0; i < COUNT; i++) {
            double away = point_distance_m(at, all[i]);
            within += away <= max_m;
            bool is_found = false;
            for (size_t k = 0; k < n; k++) {
                is_found |= found[k] == i;
            }
            assert_true(is_found || away > max_m ||
                        away >= point_distance_m(at, all[found[n - 1]]));
        }
        assert_int_equal(n, within < K ? within : K);
    }
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(polygons_tile_the_plane),
        cmocka_unit_test(tidy_leaves_no_lake_and_no_crumb),
        cmocka_unit_test(holes_belong_to_what_surrounds_them),
        cmocka_unit_test(groups_are_compact_and_the_same_each_time),
        cmocka_unit_test(nearest_equals_looking_at_all),
    };
    return RUN(tests);
}
