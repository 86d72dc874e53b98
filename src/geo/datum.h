/* datum.h - WGS-84 and GCJ-02, the shifted datum of published Chinese maps.
 * Layer: geo. Threads: pure. Everything inside is WGS-84; imports and exports name their datum.
 * GCJ-02 has no published definition; this is the formula in general use, which reproduces
 * published pairs within a metre. Outside China's box it changes nothing. The way back is by
 * iteration, so that there and back is exact to 0.1 m. */
#ifndef GEO_DATUM_H
#define GEO_DATUM_H
#include "geo/place.h"

enum datum { DATUM_WGS84, DATUM_GCJ02 };
struct place datum_gcj02_of_wgs84(struct place wgs84);
struct place datum_wgs84_of_gcj02(struct place gcj02);
struct place datum_to_wgs84(enum datum datum, struct place place);
/* "wgs84", "gcj02". ERR_NOT_FOUND. */
enum err datum_parse(struct str name, enum datum *ret_datum);
#endif
