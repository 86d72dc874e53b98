/* closure.h - a stretch drawn on the map, as changes of the road.
 * Layer: plan. Threads: pure.
 * A line closes the parts of the ways that it runs along (each sample within CLOSURE_SNAP_M of a
 * street; a cross street that it only passes is left alone). A polygon closes every stretch of
 * street inside it. Fractions are of the way, so a new road file can be matched again. */
#ifndef PLAN_CLOSURE_H
#define PLAN_CLOSURE_H
#include "base/arena.h"
#include "geo/geojson.h"
#include "road/road.h"

#define CLOSURE_SNAP_M 25.0
#define CLOSURE_STEP_M 6.0
#define CLOSURE_MAX_SAMPLES 20000

/* speed_permille 0 = shut; profiles: a bit per profile bound. *ret_changes lies in the arena.
 * ERR_NOT_FOUND: no street there. ERR_LIMIT. ERR_UNSUPPORTED: neither line nor polygon. */
enum err closure_match(const struct road *road, const struct geojson *shape,
                       uint32_t speed_permille, uint32_t profiles, struct arena *arena,
                       struct road_change **ret_changes, size_t *ret_count);

struct closure_bind {
    uint32_t speed_permille, profiles;
};
/* Matches a geometry's GeoJSON text and puts it on the roads as a layer. As above, and ERR_SYNTAX,
 * ERR_RANGE: no geometry in degrees; ERR_LIMIT: the layers are full. */
enum err closure_put(struct road_traffic *traffic, const struct road *road, const char *layer,
                     struct str path, struct closure_bind bind, struct arena *arena);
#endif
