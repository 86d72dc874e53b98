#include "geo/place.h"
#include <math.h>

#define EARTH_RADIUS_M 6371008.8
#define RAD_PER_E7 (M_PI / 180.0 / 1e7)

bool place_is_valid(struct place p)
{
    return p.lat_e7 >= -900000000 && p.lat_e7 <= 900000000 && p.lon_e7 >= -1800000000 &&
           p.lon_e7 <= 1800000000;
}

bool place_eq(struct place a, struct place b)
{
    return a.lat_e7 == b.lat_e7 && a.lon_e7 == b.lon_e7;
}

/* Haversine: exact enough at metres, where the law of cosines loses its digits. */
double place_distance_m(struct place a, struct place b)
{
    double lat_a = a.lat_e7 * RAD_PER_E7, lat_b = b.lat_e7 * RAD_PER_E7;
    double half_lat = sin((lat_b - lat_a) / 2);
    double half_lon = sin(((double)b.lon_e7 - a.lon_e7) * RAD_PER_E7 / 2);
    double h = half_lat * half_lat + cos(lat_a) * cos(lat_b) * half_lon * half_lon;
    return 2 * EARTH_RADIUS_M * asin(fmin(1.0, sqrt(h)));
}

double place_bearing_deg(struct place a, struct place b)
{
    double lat_a = a.lat_e7 * RAD_PER_E7, lat_b = b.lat_e7 * RAD_PER_E7;
    double d_lon = ((double)b.lon_e7 - a.lon_e7) * RAD_PER_E7;
    double y = sin(d_lon) * cos(lat_b);
    double x = cos(lat_a) * sin(lat_b) - sin(lat_a) * cos(lat_b) * cos(d_lon);
    double deg = atan2(y, x) * 180.0 / M_PI;
    if (deg < 0)
        deg += 360.0;
    return deg >= 360.0 ? 0.0 : deg;
}

static int32_t e7_of(double deg, double limit)
{
    if (!(deg >= -limit))
        deg = -limit; /* NaN too */
    if (deg > limit)
        deg = limit;
    return (int32_t)lround(deg * 1e7);
}

struct place place_from_deg(double lat_deg, double lon_deg)
{
    return (struct place){e7_of(lat_deg, 90.0), e7_of(lon_deg, 180.0)};
}

double place_lat_deg(struct place p)
{
    return p.lat_e7 / 1e7;
}

double place_lon_deg(struct place p)
{
    return p.lon_e7 / 1e7;
}
