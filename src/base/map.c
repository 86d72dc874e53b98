/* Linear probing over a power of two of slots, at most 3/4 full; a removal moves later keys of the
 * run back, so there are no tombstones and look-ups stay short. */
#include "base/map.h"

#define MAP_FIRST_CAP 16

void map_init(struct map *map, uint32_t max_count)
{
    *map = (struct map){.max_count = max_count};
}

void map_done(struct map *map)
{
    free(map->keys);
    free(map->values);
    free(map->used);
    *map = (struct map){.max_count = map->max_count};
}

/* The mixer of SplitMix64 (Steele, Lea, Flood 2014): ids are consecutive, slots shall not be. */
static uint32_t home_slot(const struct map *map, uint64_t key)
{
    key = (key ^ key >> 30) * 0xBF58476D1CE4E5B9u;
    key = (key ^ key >> 27) * 0x94D049BB133111EBu;
    return (uint32_t)(key ^ key >> 31) & (map->cap - 1);
}

/* The key's slot, or the free slot where it would go. */
static uint32_t find_slot(const struct map *map, uint64_t key)
{
    uint32_t slot = home_slot(map, key);
    while (map->used[slot] && map->keys[slot] != key)
        slot = (slot + 1) & (map->cap - 1);
    return slot;
}

static void place_key(struct map *map, uint32_t slot, uint64_t key, uint32_t value)
{
    map->keys[slot] = key;
    map->values[slot] = value;
    map->used[slot] = 1;
}

static void grow(struct map *map)
{
    struct map old = *map;
    map->cap = old.cap ? old.cap * 2 : MAP_FIRST_CAP;
    map->keys = calloc(map->cap, sizeof *map->keys);
    map->values = calloc(map->cap, sizeof *map->values);
    map->used = calloc(map->cap, sizeof *map->used);
    if (!map->keys || !map->values || !map->used)
        abort();
    for (uint32_t i = 0; i < old.cap; i++)
        if (old.used[i])
            place_key(map, find_slot(map, old.keys[i]), old.keys[i], old.values[i]);
    map_done(&old);
}

enum err map_put(struct map *map, uint64_t key, uint32_t value)
{
    uint32_t slot = map->cap ? find_slot(map, key) : 0;
    if (map->cap && map->used[slot]) {
        map->values[slot] = value;
        return OK;
    }
    if (map->count >= map->max_count || map->count >= UINT32_MAX / 4)
        return ERR_LIMIT;
    if (map->count >= map->cap - map->cap / 4) {
        grow(map);
        slot = find_slot(map, key);
    }
    place_key(map, slot, key, value);
    map->count++;
    return OK;
}

bool map_get(const struct map *map, uint64_t key, uint32_t *ret_value)
{
    if (!map->cap)
        return false;
    uint32_t slot = find_slot(map, key);
    if (!map->used[slot])
        return false;
    *ret_value = map->values[slot];
    return true;
}

bool map_remove(struct map *map, uint64_t key)
{
    if (!map->cap)
        return false;
    uint32_t mask = map->cap - 1, hole = find_slot(map, key);
    if (!map->used[hole])
        return false;
    for (uint32_t i = (hole + 1) & mask; map->used[i]; i = (i + 1) & mask) {
        /* A key may move back into the hole unless its home lies behind the hole. */
        if (((i - home_slot(map, map->keys[i])) & mask) >= ((i - hole) & mask)) {
            place_key(map, hole, map->keys[i], map->values[i]);
            hole = i;
        }
    }
    map->used[hole] = 0;
    map->count--;
    return true;
}
