/* circles.h - rapid-response circles: the streets that posts reach in 1, 3 and 5 minutes.
 * Layer: plan. Threads: pure; one scratch and one arena a thread.
 * By road travel time, so they move when a road closes or a post has no unit free (leave it out).
 */
#ifndef PLAN_CIRCLES_H
#define PLAN_CIRCLES_H
#include "base/arena.h"
#include "geo/tile.h"
#include "model/ids.h"
#include "road/road.h"

#define CIRCLES_MAX_POSTS 10000
#define CIRCLES_SNAP_M 500.0

struct circles_post {
    struct post_id post;
    struct str
        name; /* written instead of the id where it is not empty: a file's own posts, units */
    struct place place;
    uint32_t start_delay_ms;
};
struct circles_posts {
    const struct circles_post *at;
    size_t count;
};
struct circles {
    const struct road *road;
    struct road_reach reach; /* source = index into posts */
    struct circles_posts posts;
    struct road_limits limits;
    const struct road_source *sources; /* beside the posts */
    size_t off_road; /* posts without a road within CIRCLES_SNAP_M: they reach nothing */
};

/* Limits as in {60000, 180000, 300000}. *ret_circles lies in arena and scratch and borrows posts
 * and limits. ERR_RANGE, ERR_LIMIT. */
enum err circles_reach(const struct road_metric *metric, struct road_scratch *scratch,
                       struct circles_posts posts, struct road_limits limits, struct arena *arena,
                       struct circles *ret_circles);
/* A FeatureCollection: one MultiLineString for each post and limit, with post, limit_s, length_m.
 * Stretches of a street that follow each other are joined. ERR_LIMIT: out is full. */
enum err circles_geojson(const struct circles *circles, uint32_t realm, struct out *out);
/* The same as polygons, see road_outline. Features with limit_s, area_m2, holes, hole_m2 and
 * `near`, how many junctions on or under a reached street lie inside without being reached. */
struct circles_areas {
    struct road_outliner *outliner; /* of the metric's road and profile */
    bool is_each;                   /* every post for itself, with its id; else all together */
    double min_hole_m2;             /* smaller holes are filled; 0 fills none */
    size_t page_bytes;              /* of is_each: as many posts as fit into that; 0: all */
};
/* A page that is not the last has a member `next` beside its features: the last post that is in it.
 * ERR_RANGE; ERR_LIMIT: not one post fits, or out is full. */
enum err circles_areas_geojson(const struct road_metric *metric, struct road_scratch *scratch,
                               const struct circles *circles, const struct circles_areas *areas,
                               uint32_t realm, struct out *out);
/* Layer "circles" of a vector tile: lines with limit_s and post. Empty tile: no bytes. ERR_LIMIT.
 */
enum err circles_mvt(const struct circles *circles, struct tile tile, struct out *out);
#endif
