/* area.h - a tree of areas (jurisdictions): which is the deepest one that holds a place.
 * Layer: geo. Threads: built by one, then read-only, any.
 * Polygons are whole numbers and half-open (geo/polygon.h), so that of two areas which share a
 * border line exactly one holds a place on it. Where areas overlap the deeper one counts, then the
 * lower code. */
#ifndef GEO_AREA_H
#define GEO_AREA_H
#include "geo/polygon.h"

#define AREA_MAX 65536
#define AREA_MAX_DEPTH 16
#define AREA_NONE UINT32_MAX

struct area_index;

struct area_spec {
    uint32_t id;                    /* the caller's, not 0 */
    uint32_t parent_id;             /* 0 = top; must have been added before */
    uint64_t code;                  /* breaks ties: GB/T 2260 or division code */
    const struct polygon *polygons; /* copied; none = the area has no shape and never matches */
    size_t polygon_count;
};

struct area_index *area_index_new(void);
void area_index_free(struct area_index *index);
/* ERR_EXISTS id, ERR_NOT_FOUND parent, ERR_RANGE shape (fewer than 3 corners) or id, ERR_LIMIT. */
enum err area_index_add(struct area_index *index, const struct area_spec *spec);
size_t area_index_count(const struct area_index *index);

/* The deepest area that holds the place, 0 = none ("unassigned"). */
uint32_t area_find(const struct area_index *index, struct place place);
/* Its chain from the deepest up to the top; writes at most cap ids, returns how many were written.
 */
size_t area_chain(const struct area_index *index, uint32_t id, uint32_t *ret_ids, size_t cap);
/* True if `id` is `ancestor` or lies below it. */
bool area_within(const struct area_index *index, uint32_t id, uint32_t ancestor);
uint32_t area_parent(const struct area_index *index, uint32_t id); /* 0 = none */
/* Areas of the deepest one's depth whose border is within near_m of the place, other than the one
 * that area_find gives: near a border both are shown. Sorted by distance, then code. */
size_t area_near(const struct area_index *index, struct place place, double near_m,
                 uint32_t *ret_ids, size_t cap);
#endif
