/* mosaic.h - a map of labelled squares turned into polygons that fit together without gap or
 * overlap. Layer: job. Threads: pure; lies in one arena.
 *
 * The border between two labels is walked once, as an *arc* from a place where three or more labels
 * meet to the next, and straightened (Douglas-Peucker 1973). Polygons are put together from arcs,
 * so neighbours share the very same corners, and so do a group of labels and the parts that it is
 * made of: counties from townships, townships from villages. Corners are whole e7 degrees. */
#ifndef JOB_MOSAIC_H
#define JOB_MOSAIC_H
#include "base/arena.h"
#include "geo/polygon.h"

#define MOSAIC_MAX_SQUARES (1u << 24)
#define MOSAIC_MAX_LABEL 65535u

struct mosaic_map {
    struct place origin;              /* south-west corner of the square at column 0, line 0 */
    int32_t step_lat_e7, step_lon_e7; /* size of a square */
    uint32_t width, height;
    uint16_t *labels; /* height lines from the south, width columns from the west; 0 = outside */
};

struct mosaic;
/* `tolerance` is how far a border may be moved, in squares; up to 0.9 keeps arcs apart. The map is
 * borrowed. ERR_RANGE: size; ERR_LIMIT. */
enum err mosaic_new(const struct mosaic_map *map, double tolerance, struct arena *arena,
                    struct mosaic **ret_mosaic);
/* The polygons of a group: all labels l with group_of[l] == group (group_of has an entry for each
 * label up to the highest; entry 0 must differ from group). Outer rings counter-clockwise, holes
 * behind their outer ring. Largest polygon first. *ret_count 0: nothing has this group. */
enum err mosaic_polygons(struct mosaic *mosaic, const uint32_t *group_of, uint32_t group,
                         struct polygon **ret_polygons, size_t *ret_count);

/* Gives each piece of a label that hangs together by fewer than `least` squares to the neighbour
 * with which it shares most of its border, and fills enclosed outside pieces of any size. */
enum err mosaic_tidy(struct mosaic_map *map, uint32_t least, struct arena *arena);
#endif
