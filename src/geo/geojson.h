/* geojson.h - GeoJSON (RFC 7946) geometries, in and out.
 * Layer: geo. Threads: pure. Positions are longitude, latitude in degrees, WGS-84; a third number
 * is read and dropped. Written with 7 digits. */
#ifndef GEO_GEOJSON_H
#define GEO_GEOJSON_H
#include "base/arena.h"
#include "base/json.h"
#include "base/json_out.h"
#include "geo/line.h"

#define GEOJSON_MAX_PLACES 2000000
#define GEOJSON_MAX_DEPTH 4 /* of geometry collections */

enum geojson_type {
    GEOJSON_NONE, /* null geometry */
    GEOJSON_POINT,
    GEOJSON_MULTI_POINT,
    GEOJSON_LINE,
    GEOJSON_MULTI_LINE,
    GEOJSON_POLYGON,
    GEOJSON_MULTI_POLYGON,
    GEOJSON_COLLECTION
};
struct geojson {
    enum geojson_type type;
    const struct place *points; /* point, multi-point */
    size_t point_count;
    const struct line *lines; /* line, multi-line */
    size_t line_count;
    const struct polygon *polygons; /* polygon, multi-polygon; rings without the repeated corner */
    size_t polygon_count;
    const struct geojson *parts; /* collection */
    size_t part_count;
};
struct geojson_feature {
    struct geojson geometry;
    struct json properties; /* map or absent; borrowed from the tree */
    struct json id;
};

/* One geometry object. ERR_SYNTAX (with field), ERR_RANGE (degrees), ERR_LIMIT. Lies in the arena.
 */
enum err geojson_geometry(struct json value, struct arena *arena, struct geojson *ret_geometry,
                          struct fault *ret_fault);
/* A FeatureCollection, a Feature or a bare geometry as a list of features. */
enum err geojson_features(struct json root, struct arena *arena,
                          struct geojson_feature **ret_features, size_t *ret_count,
                          struct fault *ret_fault);

/* Written as a value into an open writer. Outer rings counter-clockwise, as the RFC asks. */
void geojson_write_point(struct json_out *j, struct place place);
void geojson_write_line(struct json_out *j, struct line line);
void geojson_write_lines(struct json_out *j, const struct line *lines, size_t count);
void geojson_write_polygons(struct json_out *j, const struct polygon *polygons, size_t count);
void geojson_write(struct json_out *j, const struct geojson *geometry);
void geojson_write_place(struct json_out *j, struct place place); /* just [lon, lat] */
#endif
