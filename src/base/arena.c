#include "base/arena.h"

#define ARENA_BLOCK_BYTES 16384
#define ARENA_ALIGN 16

struct arena_block {
    struct arena_block *next;
    size_t cap, len;
    _Alignas(ARENA_ALIGN) uint8_t bytes[];
};

void arena_init(struct arena *arena, size_t max_bytes)
{
    *arena = (struct arena){.max_bytes = max_bytes};
}

void arena_done(struct arena *arena)
{
    for (struct arena_block *block = arena->first, *next; block; block = next) {
        next = block->next;
        free(block);
    }
    *arena = (struct arena){.max_bytes = arena->max_bytes};
}

void arena_reset(struct arena *arena)
{
    for (struct arena_block *block = arena->first; block; block = block->next)
        block->len = 0;
    arena->current = arena->first;
    arena->used_bytes = 0;
}

/* A new block behind the current one. */
static struct arena_block *block_new(struct arena *arena, size_t n_bytes)
{
    size_t cap = n_bytes > ARENA_BLOCK_BYTES ? n_bytes : ARENA_BLOCK_BYTES;
    struct arena_block *block = malloc(sizeof *block + cap);
    if (!block)
        abort();
    struct arena_block **link = arena->current ? &arena->current->next : &arena->first;
    *block = (struct arena_block){.next = *link, .cap = cap};
    *link = block;
    return block;
}

void *arena_alloc(struct arena *arena, size_t n, size_t size)
{
    size_t n_bytes;
    if (__builtin_mul_overflow(n, size, &n_bytes) || n_bytes > SIZE_MAX / 2)
        return NULL;
    n_bytes = (n_bytes + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
    if (n_bytes > arena->max_bytes - arena->used_bytes)
        return NULL;
    struct arena_block *block = arena->current;
    while (block && n_bytes > block->cap - block->len)
        block = block->next;
    if (!block)
        block = block_new(arena, n_bytes);
    arena->current = block;
    void *p = block->bytes + block->len;
    block->len += n_bytes;
    arena->used_bytes += n_bytes;
    return memset(p, 0, n_bytes);
}

struct str arena_dup(struct arena *arena, struct str s)
{
    char *copy = s.len < SIZE_MAX ? arena_alloc(arena, s.len + 1, 1) : NULL;
    if (!copy)
        return (struct str){0};
    if (s.len)
        memcpy(copy, s.p, s.len);
    return (struct str){copy, s.len};
}

struct str arena_printf(struct arena *arena, const char *fmt, ...)
{
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    char *text = n < 0 ? NULL : arena_alloc(arena, (size_t)n + 1, 1);
    if (text)
        (void)vsnprintf(text, (size_t)n + 1, fmt, again);
    va_end(again);
    return text ? (struct str){text, (size_t)n} : (struct str){0};
}
