/* map.h - hash map from u64 keys to u32 values, for ids to slots.
 * Layer: base. Threads: one owner. Open addressing, grows up to max_count, then ERR_LIMIT. */
#ifndef BASE_MAP_H
#define BASE_MAP_H
#include "base/err.h"
#include <stdbool.h>

struct map {
    uint64_t *keys;
    uint32_t *values;
    uint8_t *used;
    uint32_t cap, count, max_count;
};

void map_init(struct map *map, uint32_t max_count);
void map_done(struct map *map);
enum err map_put(struct map *map, uint64_t key, uint32_t value); /* replaces */
bool map_get(const struct map *map, uint64_t key, uint32_t *ret_value);
bool map_remove(struct map *map, uint64_t key);
#endif
