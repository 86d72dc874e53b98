#include "base/out.h"
#include <assert.h>
#include <stdarg.h>

#define OUT_FIRST_BYTES 256

void out_init(struct out *out, size_t max_bytes)
{
    *out = (struct out){.max_bytes = max_bytes};
}

void out_done(struct out *out)
{
    free(out->p);
    *out = (struct out){.max_bytes = out->max_bytes};
}

void out_reset(struct out *out)
{
    out->len = 0;
    out->err = OK;
}

/* Room for n more bytes, and one for vsnprintf's NUL; NULL when the limit is passed. */
static uint8_t *out_room(struct out *out, size_t n)
{
    if (out->err || n > out->max_bytes - out->len) {
        out->err = ERR_LIMIT;
        return NULL;
    }
    if (n >= out->cap - out->len) {
        size_t cap = out->cap ? out->cap : OUT_FIRST_BYTES;
        while (n >= cap - out->len)
            cap *= 2;
        out->p = realloc(out->p, cap);
        if (!out->p)
            abort();
        out->cap = cap;
    }
    return out->p + out->len;
}

void out_bytes(struct out *out, const void *p, size_t n)
{
    uint8_t *to = n ? out_room(out, n) : NULL;
    if (!to)
        return;
    memcpy(to, p, n);
    out->len += n;
}

void out_str(struct out *out, struct str s)
{
    out_bytes(out, s.p, s.len);
}

void out_c(struct out *out, const char *s)
{
    out_bytes(out, s, strlen(s));
}

void out_byte(struct out *out, uint8_t b)
{
    out_bytes(out, &b, 1);
}

/* Digits of v at the end of buf, at least min_digits of them; returns where they begin. */
static char *decimal(uint64_t v, int min_digits, char buf[24])
{
    char *p = buf + 24;
    for (; v || min_digits > 0; v /= 10, min_digits--)
        *--p = (char)('0' + v % 10);
    return p;
}

void out_u64(struct out *out, uint64_t v)
{
    char buf[24];
    char *p = decimal(v, 1, buf);
    out_bytes(out, p, (size_t)(buf + sizeof buf - p));
}

static uint64_t magnitude_of(int64_t v)
{
    return v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
}

void out_i64(struct out *out, int64_t v)
{
    if (v < 0)
        out_byte(out, '-');
    out_u64(out, magnitude_of(v));
}

void out_fixed(struct out *out, int64_t v, int digits)
{
    assert(digits >= 0 && digits <= 18);
    char buf[24];
    char *p = decimal(magnitude_of(v), digits + 1, buf);
    char *point = buf + sizeof buf - digits;
    if (v < 0)
        out_byte(out, '-');
    out_bytes(out, p, (size_t)(point - p));
    if (digits)
        out_byte(out, '.');
    out_bytes(out, point, (size_t)digits);
}

void out_printf(struct out *out, const char *fmt, ...)
{
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    assert(n >= 0);
    uint8_t *to = out_room(out, (size_t)n);
    if (to) {
        (void)vsnprintf((char *)to, (size_t)n + 1, fmt, again);
        out->len += (size_t)n;
    }
    va_end(again);
}

void out_le(struct out *out, uint64_t v, int n_bytes)
{
    uint8_t buf[8];
    assert(n_bytes > 0 && n_bytes <= 8);
    for (int i = 0; i < n_bytes; i++, v >>= 8)
        buf[i] = (uint8_t)v;
    out_bytes(out, buf, (size_t)n_bytes);
}

void out_varint(struct out *out, uint64_t v)
{
    uint8_t buf[10];
    size_t n = 0;
    for (; v >= 0x80; v >>= 7)
        buf[n++] = (uint8_t)(v | 0x80);
    buf[n++] = (uint8_t)v;
    out_bytes(out, buf, n);
}

void out_zigzag(struct out *out, int64_t v)
{
    out_varint(out, (uint64_t)v << 1 ^ (v < 0 ? UINT64_MAX : 0));
}

struct str out_view(const struct out *out)
{
    return (struct str){(const char *)out->p, out->len};
}
