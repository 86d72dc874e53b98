/* Lines with chainage, and the two datums. */
#include "base/rand.h"
#include "geo/datum.h"
#include "geo/line.h"
#include "test.h"
#include <math.h>
#include <string.h>

/* A degree of a great circle on the mean sphere. */
static const struct place corners[3] = {{0, 0}, {0, 10000000}, {10000000, 10000000}};
static const struct line corner = {corners, 3};
#define DEGREE_M 111195.0797

static void chainage_runs_along_the_line(void **state)
{
    (void)state;
    struct line_hit hit;
    assert_true(fabs(line_length_m(corner) - 2 * DEGREE_M) < 1);
    assert_ok(line_nearest(corner, (struct place){1000, 5000000}, &hit));
    assert_true(fabs(hit.chainage_m - DEGREE_M / 2) < 0.1);
    assert_true(fabs(hit.away_m - 11.12) < 0.01);
    assert_int_equal(hit.piece, 0);
    assert_ok(line_nearest(corner, (struct place){5000000, 10001000}, &hit));
    assert_true(fabs(hit.chainage_m - DEGREE_M * 1.5) < 2);
    assert_int_equal(hit.piece, 1);
    assert_true(place_eq(line_at(corner, -5), corners[0]));
    assert_true(place_eq(line_at(corner, 1e9), corners[2]));
    assert_true(place_distance_m(line_at(corner, DEGREE_M), corners[1]) < 0.1);
    assert_int_equal(line_nearest((struct line){NULL, 0}, corners[0], &hit), ERR_RANGE);
    assert_true(place_eq(line_at((struct line){NULL, 0}, 3), PLACE_NONE));
    assert_true(box_holds(line_box(corner), (struct place){5000000, 5000000}));
}

static void a_place_and_its_chainage_are_one(void **state)
{
    (void)state;
    struct place places[40];
    struct rand r;
    rand_seed(&r, 6);
    for (int i = 0; i < 40; i++)
        places[i] = (struct place){380000000 + i * 3000 + (int32_t)rand_below(&r, 2000),
                                   1168000000 + i * 4000};
    struct line line = {places, 40};
    double length = line_length_m(line);
    for (int i = 0; i <= 200; i++) {
        double chainage = length * i / 200;
        struct line_hit hit;
        assert_ok(line_nearest(line, line_at(line, chainage), &hit));
        assert_true(hit.away_m < 0.02 && fabs(hit.chainage_m - chainage) < 0.05);
    }
}

/* Pairs published with googollee/eviltransform (MIT): WGS-84, GCJ-02. */
static void published_pairs_are_met(void **state)
{
    (void)state;
    static const double pairs[][4] = {
        {31.1774276, 121.5272106, 31.17530398364597, 121.531541859215},
        {22.543847, 113.912316, 22.540796131694766, 113.9171764808363},
        {39.911954, 116.377817, 39.91334545536069, 116.38404722455657},
    };
    for (size_t i = 0; i < 3; i++) {
        struct place wgs = place_from_deg(pairs[i][0], pairs[i][1]);
        struct place gcj = place_from_deg(pairs[i][2], pairs[i][3]);
        assert_true(place_distance_m(datum_gcj02_of_wgs84(wgs), gcj) < 0.05);
        assert_true(place_distance_m(datum_wgs84_of_gcj02(gcj), wgs) < 0.05);
    }
}

static void there_and_back_is_exact(void **state)
{
    (void)state;
    struct rand r;
    rand_seed(&r, 8);
    for (int i = 0; i < 5000; i++) {
        struct place p = {200000000 + (int32_t)rand_below(&r, 300000000),
                          800000000 + (int32_t)rand_below(&r, 500000000)};
        struct place there = datum_gcj02_of_wgs84(p);
        double shift = place_distance_m(p, there);
        assert_true(shift > 1 && shift < 2500);
        assert_true(place_distance_m(datum_wgs84_of_gcj02(there), p) < 0.1);
    }
    struct place paris = place_from_deg(48.8566, 2.3522);
    assert_true(place_eq(datum_gcj02_of_wgs84(paris), paris));
    enum datum datum;
    assert_ok(datum_parse(STR("GCJ02"), &datum));
    assert_int_equal(datum, DATUM_GCJ02);
    assert_true(place_eq(datum_to_wgs84(DATUM_WGS84, paris), paris));
    assert_int_equal(datum_parse(STR("bd09"), &datum), ERR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chainage_runs_along_the_line),
        cmocka_unit_test(a_place_and_its_chainage_are_one),
        cmocka_unit_test(published_pairs_are_met),
        cmocka_unit_test(there_and_back_is_exact),
    };
    return RUN(tests);
}
