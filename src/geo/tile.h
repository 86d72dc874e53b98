/* tile.h - slippy map tiles: Web Mercator (EPSG:3857), z/x/y, y from the north.
 * Layer: geo. Threads: pure. Source: OGC Two Dimensional Tile Matrix Set 17-083r4, WebMercatorQuad.
 */
#ifndef GEO_TILE_H
#define GEO_TILE_H
#include "geo/polygon.h"

#define TILE_MAX_ZOOM 24
#define TILE_MAX_LAT_DEG 85.0511287798066
#define TILE_EXTENT 4096 /* units across a vector tile */
#define TILE_BUFFER 64   /* drawn beyond its edges, so that lines join */

struct tile {
    uint32_t z, x, y;
};
struct tile_point {
    int32_t x, y; /* in tile units, y down; outside 0..TILE_EXTENT is outside the tile */
};

bool tile_is_valid(struct tile tile);
struct tile tile_at(struct place place, uint32_t z);
struct box tile_box(struct tile tile);          /* rounded outwards to e7 */
struct box tile_box_buffered(struct tile tile); /* with TILE_BUFFER round it */
struct tile_point tile_project(struct tile tile, struct place place); /* clamped to +-2^28 */
struct place tile_unproject(struct tile tile, struct tile_point point);
#endif
