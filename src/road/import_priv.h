/* import_priv.h - what the import's two readings gather. Layer: road, inside only. */
#ifndef ROAD_IMPORT_PRIV_H
#define ROAD_IMPORT_PRIV_H
#include "base/map.h"
#include "road/pbf_priv.h"
#include "road/road_priv.h"

/* ids.c: ids in ascending order (negative ones behind: only equality and one order matter) and a
 * directory of them, sized by how many they are. An id costs 8 bytes, and 2 to 8 for the directory.
 */
struct ids {
    uint64_t *at;
    uint32_t count;
    unsigned shift;   /* id - at[0] >> shift is its bucket */
    uint32_t *bucket; /* first of each */
    uint64_t last_bucket;
};
/* Takes the distinct ones of a list. ERR_LIMIT. */
enum err ids_make(struct ids *ids, const int64_t *list, size_t count);
void ids_done(struct ids *ids);
/* Index of an id, ROAD_NONE = absent. Look-ups in ascending order are cheap with the last answer
 * + 1 as a hint. */
uint32_t ids_find(const struct ids *ids, int64_t id, uint32_t hint);

struct seen_node {
    uint32_t at; /* index into the ids */
    struct place place;
};
/* harvest.c: what one block of a file gives; references into its own lists. */
struct harvest {
    const struct raw_map *map; /* profiles */
    const struct ids *ids;     /* in the second reading */
    uint32_t hint;
    struct road_report counts;
    struct vec ways, refs, names; /* as in struct raw_map; names begin with an empty one */
    struct vec turns, members;    /* the same */
    struct vec nodes, barriers;   /* struct seen_node, struct raw_barrier */
};
void harvest_reset(struct harvest *harvest, const struct raw_map *map, const struct ids *ids);
void harvest_done(struct harvest *harvest);
enum err harvest_way(void *harvest, const struct pbf_way *way);
enum err harvest_turn(void *harvest, const struct pbf_relation *relation);
enum err harvest_node(void *harvest, const struct pbf_node *node);
#endif
