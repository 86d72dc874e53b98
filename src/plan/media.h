/* media.h - how craft travel in one city: what flies, what swims, where it may, and from where.
 * Layer: plan. Threads: read-only once made; each call has its own arena.
 *
 * A drone flies straight but round the no-go zones; a boat keeps to the water. Where a boat lies,
 * or is wanted, on land, it starts or lands at the nearest launch point within MEDIA_LAUNCH_M, and
 * its crew walks that straight line at MEDIA_WALK_MM_S. The way itself is medium_path's. */
#ifndef PLAN_MEDIA_H
#define PLAN_MEDIA_H
#include "road/medium.h"

#define MEDIA_LAUNCH_M 500.0
#define MEDIA_WALK_MM_S 1400u
#define MEDIA_MAX_LAUNCHES 4096u
#define MEDIA_FILE_BYTES (16u << 20)
/* Files of a data folder, each of which may be missing. */
#define MEDIA_CRAFTS_FILE "city.crafts" /* table as data/road/crafts.csv */
#define MEDIA_AIR_FILE "city.air"       /* GeoJSON polygons: no-go zones */
#define MEDIA_WATER_FILE "city.water"   /* GeoJSON polygons: water; points: launch points */

struct media;
/* What the texts say; an empty text is a missing file: no craft are known, nothing is barred to
 * what flies, no water is mapped. ret_fault->field names the file. ERR_SYNTAX, ERR_RANGE (degrees),
 * ERR_LIMIT. */
struct media_texts {
    struct str crafts, air, water;
};
enum err media_new(const struct media_texts *texts, struct media **ret_media,
                   struct fault *ret_fault);
/* The same from the files of a folder. ERR_IO too. */
enum err media_open(const char *dir, struct media **ret_media, struct fault *ret_fault);
void media_free(struct media *media);
/* The row of that name, NULL: there is no such craft. */
const struct craft_row *media_craft(const struct media *media, struct str name);
struct media_counts {
    size_t crafts, zones, waters, launches;
};
struct media_counts media_counts(const struct media *media);

struct media_way {
    uint32_t ms;            /* with what is walked */
    struct passage passage; /* of the craft alone */
};
/* *ret_way lies in the arena; `from` and `to` as they are, not as launch points. ERR_UNSUPPORTED:
 * no water is mapped; ERR_RANGE: the start or the end is barred, ret_fault->field says "from" or
 * "to"; ERR_NOT_FOUND: nothing joins them; ERR_LIMIT. A way beyond the craft's endurance is a way,
 * and says so. */
enum err media_path(const struct media *media, const struct craft_row *row, struct place from,
                    struct place to, struct arena *arena, struct media_way *ret_way,
                    struct fault *ret_fault);

/* All polygons and points of a GeoJSON text, in the arena. ERR_SYNTAX, ERR_RANGE, ERR_LIMIT. */
struct media_shapes {
    const struct polygon *polygons;
    size_t polygon_count;
    const struct place *points;
    size_t point_count;
};
enum err media_shapes(struct str text, struct arena *arena, struct media_shapes *ret_shapes,
                      struct fault *ret_fault);
#endif
