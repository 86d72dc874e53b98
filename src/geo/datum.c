/* datum.c - the series that everybody uses for GCJ-02: an offset in metres, as sines of longitude
 * and latitude relative to 105 E, 35 N, turned into degrees on the Krasovsky 1940 ellipsoid. */
#include "geo/datum.h"
#include <math.h>

#define KRASOVSKY_A 6378245.0
#define KRASOVSKY_E2 0.00669342162296594323
#define ITERATIONS 8

struct degrees {
    double lat, lon;
};

static bool is_in_china(struct degrees p)
{
    return p.lon >= 72.004 && p.lon <= 137.8347 && p.lat >= 0.8293 && p.lat <= 55.8271;
}

/* Waves of 2, 6, 24 and 60 degrees; the last two differ between the offsets. */
static double waves(double v, double second, double third)
{
    double sum = 20 * sin(v * M_PI) + 40 * sin(v / 3 * M_PI);
    return (sum + second * sin(v / 12 * M_PI) + third * sin(v / 30 * M_PI)) * 2 / 3;
}

static double offset_lat(double x, double y)
{
    double fine = (20 * sin(6 * x * M_PI) + 20 * sin(2 * x * M_PI)) * 2 / 3;
    double plain = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(fabs(x));
    return plain + fine + waves(y, 160, 320);
}

static double offset_lon(double x, double y)
{
    double fine = (20 * sin(6 * x * M_PI) + 20 * sin(2 * x * M_PI)) * 2 / 3;
    double plain = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(fabs(x));
    return plain + fine + waves(x, 150, 300);
}

static struct degrees shifted(struct degrees p)
{
    if (!is_in_china(p))
        return p;
    double x = p.lon - 105, y = p.lat - 35, lat = p.lat * M_PI / 180;
    double magic = 1 - KRASOVSKY_E2 * sin(lat) * sin(lat);
    double meridian_m = KRASOVSKY_A * (1 - KRASOVSKY_E2) / (magic * sqrt(magic)) * M_PI / 180;
    double parallel_m = KRASOVSKY_A / sqrt(magic) * cos(lat) * M_PI / 180;
    return (struct degrees){p.lat + offset_lat(x, y) / meridian_m,
                            p.lon + offset_lon(x, y) / parallel_m};
}

struct place datum_gcj02_of_wgs84(struct place wgs84)
{
    struct degrees p = shifted((struct degrees){place_lat_deg(wgs84), place_lon_deg(wgs84)});
    return place_from_deg(p.lat, p.lon);
}

/* Fixed point of p = gcj - (shift(p) - p); the shift changes by 1e-4 of a step, so eight are
 * plenty. */
struct place datum_wgs84_of_gcj02(struct place gcj02)
{
    struct degrees want = {place_lat_deg(gcj02), place_lon_deg(gcj02)}, p = want;
    if (!is_in_china(want))
        return gcj02;
    for (int i = 0; i < ITERATIONS; i++) {
        struct degrees there = shifted(p);
        p.lat += want.lat - there.lat;
        p.lon += want.lon - there.lon;
    }
    return place_from_deg(p.lat, p.lon);
}

struct place datum_to_wgs84(enum datum datum, struct place place)
{
    return datum == DATUM_GCJ02 ? datum_wgs84_of_gcj02(place) : place;
}

enum err datum_parse(struct str name, enum datum *ret_datum)
{
    if (str_ieq_c(name, "wgs84"))
        *ret_datum = DATUM_WGS84;
    else if (str_ieq_c(name, "gcj02"))
        *ret_datum = DATUM_GCJ02;
    else
        return ERR_NOT_FOUND;
    return OK;
}
