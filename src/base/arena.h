/* arena.h - memory of one message: many allocations, one reset.
 * Layer: base. Threads: one owner. Blocks are kept over a reset, so a warm arena does not malloc.
 * Out of memory aborts; the arena's own limit is reported as NULL (ERR_LIMIT by the caller). */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H
#include "base/str.h"
#include <stdarg.h>

struct arena_block;
struct arena {
    struct arena_block *first, *current;
    size_t used_bytes, max_bytes;
};

void arena_init(struct arena *arena, size_t max_bytes);
void arena_done(struct arena *arena);
void arena_reset(struct arena *arena);
/* Zeroed, aligned to 16. NULL only when max_bytes would be passed or n * size overflows. */
void *arena_alloc(struct arena *arena, size_t n, size_t size);
#define ARENA_NEW(arena, type, n) ((type *)arena_alloc((arena), (n), sizeof(type)))
struct str arena_dup(struct arena *arena, struct str s); /* NUL behind it; p NULL at the limit */
struct str arena_printf(struct arena *arena, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
#endif
