/* mvt.h - Mapbox Vector Tile 2.1 writer, for layers that live (units, incidents, circles, areas).
 * Layer: geo. Threads: one owner. Source: github.com/mapbox/vector-tile-spec 2.1.
 *
 *     struct mvt mvt;  mvt_init(&mvt, tile, max_bytes);
 *     mvt_layer(&mvt, "units");
 *     mvt_point(&mvt, id, place);  mvt_tag_str(&mvt, "status", STR("free")); mvt_feature_end(&mvt);
 *     mvt_layer_end(&mvt);
 *     ... mvt_view(&mvt) ...  mvt_done(&mvt);
 *
 * Lines are clipped to the buffered tile, polygons too (Sutherland-Hodgman); a feature that has
 * nothing left inside is dropped together with its tags. Empty layers leave no bytes. */
#ifndef GEO_MVT_H
#define GEO_MVT_H
#include "base/out.h"
#include "geo/tile.h"

#define MVT_MAX_KEYS 64
#define MVT_MAX_VALUES 4096 /* different ones in a layer */

struct mvt {
    struct tile tile;
    size_t max_bytes;
    struct out bytes;                              /* the tile: finished layers */
    struct out features, values, value_ends, tags; /* of the open layer; tags of the open feature */
    struct out geometry, points, clipped;          /* of the open feature */
    const char *name, *keys[MVT_MAX_KEYS];
    uint32_t key_count, value_count;
    struct tile_point pen;
    uint64_t id;
    uint32_t type; /* 1 point, 2 line, 3 polygon; 0 = none open */
    enum err err;
};

void mvt_init(struct mvt *mvt, struct tile tile, size_t max_bytes);
void mvt_done(struct mvt *mvt);
void mvt_layer(struct mvt *mvt, const char *name); /* static text */
void mvt_layer_end(struct mvt *mvt);
/* One feature: a shape, any tags, end. id 0 = none. Keys are static texts. */
void mvt_point(struct mvt *mvt, uint64_t id, struct place place);
void mvt_line(struct mvt *mvt, uint64_t id, const struct place *places, size_t count);
void mvt_line_add(struct mvt *mvt, const struct place *places, size_t count); /* one more part */
void mvt_polygon(struct mvt *mvt, uint64_t id, struct polygon polygon);
void mvt_tag_str(struct mvt *mvt, const char *key, struct str value);
void mvt_tag_i64(struct mvt *mvt, const char *key, int64_t value);
void mvt_tag_bool(struct mvt *mvt, const char *key, bool value);
void mvt_feature_end(struct mvt *mvt);
/* OK or ERR_LIMIT (bytes, keys, values); the tile is valid only when OK. */
enum err mvt_err(const struct mvt *mvt);
struct str mvt_view(const struct mvt *mvt);
#endif
