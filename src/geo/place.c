#include "geo/place.h"
#include <math.h>

#define EARTH_RADIUS_M 6371008.8
#define E7_PER_DEG 10000000

bool place_is_valid(struct place p)
{
    return p.lat_e7 >= -90 * E7_PER_DEG && p.lat_e7 <= 90 * E7_PER_DEG &&
           p.lon_e7 >= -180 * E7_PER_DEG && p.lon_e7 <= 180 * E7_PER_DEG;
}

bool place_eq(struct place a, struct place b)
{
    return a.lat_e7 == b.lat_e7 && a.lon_e7 == b.lon_e7;
}

static double radians(int64_t e7)
{
    return (double)e7 * (M_PI / 180 / E7_PER_DEG);
}

/* Haversine: good to the rounding of doubles also for points close together. */
double place_distance_m(struct place a, struct place b)
{
    double half_lat = sin(radians((int64_t)b.lat_e7 - a.lat_e7) / 2);
    double half_lon = sin(radians((int64_t)b.lon_e7 - a.lon_e7) / 2);
    double h =
        half_lat * half_lat + cos(radians(a.lat_e7)) * cos(radians(b.lat_e7)) * half_lon * half_lon;
    return 2 * EARTH_RADIUS_M * asin(sqrt(fmin(h, 1)));
}

double place_bearing_deg(struct place a, struct place b)
{
    double lat_a = radians(a.lat_e7), lat_b = radians(b.lat_e7);
    double lon = radians((int64_t)b.lon_e7 - a.lon_e7);
    double east = sin(lon) * cos(lat_b);
    double north = cos(lat_a) * sin(lat_b) - sin(lat_a) * cos(lat_b) * cos(lon);
    double bearing = atan2(east, north) * (180 / M_PI);
    bearing = bearing < 0 ? bearing + 360 : bearing;
    return bearing < 360 ? bearing : 0; /* a tiny negative one rounds up to 360 */
}

struct place place_from_deg(double lat_deg, double lon_deg)
{
    if (!(fabs(lat_deg) <= 90 && fabs(lon_deg) <= 180))
        return PLACE_NONE;
    return (struct place){(int32_t)lround(lat_deg * E7_PER_DEG),
                          (int32_t)lround(lon_deg * E7_PER_DEG)};
}

double place_lat_deg(struct place p)
{
    return (double)p.lat_e7 / E7_PER_DEG;
}

double place_lon_deg(struct place p)
{
    return (double)p.lon_e7 / E7_PER_DEG;
}
