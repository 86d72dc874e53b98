/* closure.h - a stretch drawn on the map, as changes of the road.
 * Layer: road. Threads: pure.
 * A line closes the parts of the ways that it runs along (each sample within CLOSURE_SNAP_M of a
 * street; a cross street that it only passes is left alone). A polygon closes every stretch of
 * street inside it. Fractions are of the way, so a new road file can be matched again. */
#ifndef ROAD_CLOSURE_H
#define ROAD_CLOSURE_H
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
/* So many times slower, 0 and 1: shut; names of profiles as "car foot", none known: every profile
 * but response. */
struct closure_bind closure_bind_of(const struct road *road, uint32_t factor, struct str profiles);
struct closure_time {
    int64_t from_us, until_us, lifted_us; /* until, lifted: 0 = never */
};
/* Begun, not ended and not lifted at that time. */
bool closure_is_in_force(struct closure_time time, int64_t at_us);
/* Matches a geometry's GeoJSON text and puts it on the roads as a layer. As above, and ERR_SYNTAX,
 * ERR_RANGE: no geometry in degrees; ERR_LIMIT: the layers are full. */
enum err closure_put(struct road_traffic *traffic, const struct road *road, const char *layer,
                     struct str path, struct closure_bind bind, struct arena *arena);
#endif
