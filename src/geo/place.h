/* place.h - a point on Earth, WGS-84, and what can be said of two of them.
 * Layer: geo. Threads: pure. */
#ifndef GEO_PLACE_H
#define GEO_PLACE_H
#include "base/str.h"

struct place {
    int32_t lat_e7, lon_e7; /* degrees x 1e7 */
};
#define PLACE_NONE ((struct place){INT32_MIN, INT32_MIN})

bool place_is_valid(struct place p); /* within +-90, +-180 degrees */
bool place_eq(struct place a, struct place b);
/* Great-circle distance on the sphere of radius 6,371,008.8 m (IUGG mean), metres. */
double place_distance_m(struct place a, struct place b);
double place_bearing_deg(struct place a, struct place b); /* 0 = north, clockwise, [0, 360) */
/* PLACE_NONE when a value is out of bounds or no number. */
struct place place_from_deg(double lat_deg, double lon_deg);
double place_lat_deg(struct place p);
double place_lon_deg(struct place p);
#endif
