#include "geo/place.h"
#include "test.h"
#include <math.h>

static void assert_near(double actual, double expected, double tolerance)
{
    if (!(fabs(actual - expected) <= tolerance))
        fail_msg("%.6f is not %.6f", actual, expected);
}

static void keeps_degrees(void **state)
{
    (void)state;
    struct place p = place_from_deg(37.7749, -122.41941555);
    assert_int_equal(p.lat_e7, 377749000);
    assert_int_equal(p.lon_e7, -1224194156);
    assert_near(place_lat_deg(p), 37.7749, 1e-9);
    assert_near(place_lon_deg(p), -122.4194156, 1e-9);
    assert_true(place_eq(p, place_from_deg(37.7749, -122.41941555)));
    assert_false(place_eq(p, (struct place){p.lat_e7, p.lon_e7 + 1}));
}

static void knows_what_is_no_place(void **state)
{
    (void)state;
    assert_true(place_is_valid((struct place){900000000, -1800000000}));
    assert_false(place_is_valid((struct place){900000001, 0}));
    assert_false(place_is_valid((struct place){0, 1800000001}));
    assert_false(place_is_valid(PLACE_NONE));
    assert_false(place_is_valid(place_from_deg(90.1, 0)));
    assert_false(place_is_valid(place_from_deg(0, -180.1)));
    assert_false(place_is_valid(place_from_deg(NAN, 0)));
    assert_false(place_is_valid(place_from_deg(0, INFINITY)));
}

static void measures(void **state)
{
    (void)state;
    struct place equator = {0, 0}, pole = place_from_deg(90, 0), east = place_from_deg(0, 1);
    assert_near(place_distance_m(equator, pole), 6371008.8 * 3.14159265358979 / 2, 0.01);
    assert_near(place_distance_m(equator, east), 111195.08, 0.01);
    assert_near(place_distance_m(east, equator), 111195.08, 0.01);
    assert_near(place_distance_m(place_from_deg(0, 180), place_from_deg(0, -180)), 0, 1e-6);
    assert_near(place_distance_m(equator, place_from_deg(0, 180)), 6371008.8 * 3.14159265358979,
                0.01);
    assert_near(place_distance_m(equator, (struct place){1, 0}), 0.011119508, 1e-8);
    assert_near(place_distance_m(equator, equator), 0, 0);
}

static void points(void **state)
{
    (void)state;
    struct place here = place_from_deg(31.23, 121.47);
    assert_near(place_bearing_deg(here, place_from_deg(32, 121.47)), 0, 1e-9);
    assert_near(place_bearing_deg(here, place_from_deg(30, 121.47)), 180, 1e-9);
    assert_near(place_bearing_deg((struct place){0, 0}, (struct place){0, 1}), 90, 1e-9);
    assert_near(place_bearing_deg((struct place){0, 0}, (struct place){0, -1}), 270, 1e-9);
    for (int lon = -180; lon <= 180; lon += 7) {
        double bearing = place_bearing_deg(here, place_from_deg(80, lon));
        assert_true(bearing >= 0 && bearing < 360);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_degrees),
        cmocka_unit_test(knows_what_is_no_place),
        cmocka_unit_test(measures),
        cmocka_unit_test(points),
    };
    return RUN(tests);
}
