/* cursor.h - bounded reading of binary and line formats.
 * Layer: base. Threads: pure. Bounds are checked as n > left. The first failure sticks in `err`,
 * every later read gives 0, so a reader checks once at the end of a record. */
#ifndef BASE_CURSOR_H
#define BASE_CURSOR_H
#include "base/str.h"

struct cursor {
    const uint8_t *p;
    size_t left;
    enum err err; /* OK, ERR_MORE (cut short), ERR_SYNTAX (varint over 64 bit) */
};

struct cursor cursor_of(const void *p, size_t n_bytes);
uint8_t cursor_u8(struct cursor *c);
uint64_t cursor_le(struct cursor *c, int n_bytes);
uint32_t cursor_be32(struct cursor *c);
uint64_t cursor_varint(struct cursor *c);
int64_t cursor_zigzag(struct cursor *c);
struct str cursor_take(struct cursor *c, size_t n_bytes); /* empty on failure */
struct str
cursor_line(struct cursor *c); /* up to and without LF, CR trimmed; last line may lack it */
#endif
