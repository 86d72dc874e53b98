/* pool.h - the desk's memory: one pool of slots per object kind, found by number and by code.
 * Layer: desk, private. Slots come in chunks and stay where they are until evicted. Texts and JSON
 * of an object are owned by the pool. */
#ifndef DESK_POOL_H
#define DESK_POOL_H
#include "base/map.h"
#include "desk/desk.h"

struct slot {
    uint32_t number; /* 0: free */
    uint64_t seq;
    struct json document; /* parsed, of types and plans */
};

struct pool {
    const struct record *record;
    uint32_t max, count, high; /* high: slots ever used */
    uint32_t last;             /* highest number given out */
    size_t stride_bytes;
    unsigned char **chunks;
    uint32_t *free_slots;
    uint32_t free_count;
    struct map by_number; /* to slot */
    struct map by_code;   /* digest of the code to number, the highest of equal ones */
};

struct desk {
    struct desk_settings settings;
    struct pool pools[OBJECT_KIND_COUNT];
};

struct slot *pool_find(const struct pool *pool, uint32_t number); /* NULL: not in memory */
void *slot_object(struct slot *slot);
/* A zeroed object. The pool has room: the caller has checked. */
struct slot *pool_make(struct desk *desk, enum object_kind kind, uint32_t number);
/* After the object got its code, or a new document. */
void pool_index(struct desk *desk, enum object_kind kind, struct slot *slot);
/* Replaces a text that the object owns. */
void pool_text(struct str *io_text, struct str value);
#endif
