#include "base/cursor.h"
#include <assert.h>

struct cursor cursor_of(const void *p, size_t n_bytes)
{
    return (struct cursor){.p = p, .left = n_bytes};
}

/* The next n bytes, NULL when they are not there. */
static const uint8_t *advance(struct cursor *c, size_t n)
{
    if (c->err)
        return NULL;
    if (n > c->left) {
        c->err = ERR_MORE;
        return NULL;
    }
    const uint8_t *at = c->p;
    c->p += n;
    c->left -= n;
    return at;
}

uint8_t cursor_u8(struct cursor *c)
{
    const uint8_t *at = advance(c, 1);
    return at ? *at : 0;
}

uint64_t cursor_le(struct cursor *c, int n_bytes)
{
    assert(n_bytes > 0 && n_bytes <= 8);
    const uint8_t *at = advance(c, (size_t)n_bytes);
    uint64_t v = 0;
    for (int i = n_bytes; at && i-- > 0;)
        v = v << 8 | at[i];
    return v;
}

uint32_t cursor_be32(struct cursor *c)
{
    const uint8_t *at = advance(c, 4);
    return at ? (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3] : 0;
}

uint64_t cursor_varint(struct cursor *c)
{
    uint64_t v = 0;
    for (int shift = 0; shift < 64; shift += 7) {
        uint8_t b = cursor_u8(c);
        if (c->err)
            return 0;
        if (shift == 63 && b > 1)
            break;
        v |= (uint64_t)(b & 0x7F) << shift;
        if (b < 0x80)
            return v;
    }
    c->err = ERR_SYNTAX;
    return 0;
}

int64_t cursor_zigzag(struct cursor *c)
{
    uint64_t v = cursor_varint(c);
    return (int64_t)(v >> 1 ^ (0 - (v & 1)));
}

struct str cursor_take(struct cursor *c, size_t n_bytes)
{
    const uint8_t *at = advance(c, n_bytes);
    return at ? (struct str){(const char *)at, n_bytes} : (struct str){0};
}

struct str cursor_line(struct cursor *c)
{
    if (c->left == 0 && !c->err)
        c->err = ERR_MORE;
    if (c->err)
        return (struct str){0};
    const uint8_t *end = memchr(c->p, '\n', c->left);
    size_t n = end ? (size_t)(end - c->p) : c->left;
    struct str line = cursor_take(c, n);
    if (end)
        (void)advance(c, 1);
    if (line.len && line.p[line.len - 1] == '\r')
        line.len--;
    return line;
}
