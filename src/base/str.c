#include "base/str.h"

struct str str_of(const char *c_string)
{
    return (struct str){c_string, c_string ? strlen(c_string) : 0};
}

int str_cmp(struct str a, struct str b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int order = n ? memcmp(a.p, b.p, n) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

bool str_eq(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

bool str_eq_c(struct str a, const char *b)
{
    return str_eq(a, str_of(b));
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool str_ieq_c(struct str a, const char *b)
{
    struct str other = str_of(b);
    if (a.len != other.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.p[i]) != lower(other.p[i]))
            return false;
    return true;
}

bool str_starts(struct str s, struct str prefix)
{
    return s.len >= prefix.len && (prefix.len == 0 || memcmp(s.p, prefix.p, prefix.len) == 0);
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str str_trim(struct str s)
{
    while (s.len && is_space(s.p[0])) {
        s.p++;
        s.len--;
    }
    while (s.len && is_space(s.p[s.len - 1]))
        s.len--;
    return s;
}

struct str str_cut(struct str *rest, char sep)
{
    const char *found = rest->len ? memchr(rest->p, sep, rest->len) : NULL;
    struct str field = *rest;
    if (found) {
        field.len = (size_t)(found - rest->p);
        *rest = str_from(*rest, field.len + 1);
    } else {
        *rest = str_from(*rest, rest->len);
    }
    return field;
}

struct str str_from(struct str s, size_t offset)
{
    if (offset > s.len)
        offset = s.len;
    return (struct str){s.p ? s.p + offset : NULL, s.len - offset};
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

enum err str_u64(struct str s, uint64_t *ret_value)
{
    uint64_t value = 0;
    enum err err = s.len ? OK : ERR_SYNTAX;
    for (size_t i = 0; i < s.len; i++) {
        if (!is_digit(s.p[i]))
            return ERR_SYNTAX;
        if (__builtin_mul_overflow(value, 10u, &value) ||
            __builtin_add_overflow(value, (uint64_t)(s.p[i] - '0'), &value))
            err = ERR_RANGE; /* go on: a later letter makes it ERR_SYNTAX */
    }
    if (err == OK)
        *ret_value = value;
    return err;
}

/* Takes one leading sign off *s. */
static bool take_minus(struct str *s)
{
    bool is_minus = s->len && s->p[0] == '-';
    if (is_minus || (s->len && s->p[0] == '+'))
        *s = str_from(*s, 1);
    return is_minus;
}

static enum err signed_value(bool is_minus, uint64_t magnitude, int64_t *ret_value)
{
    if (magnitude > (uint64_t)INT64_MAX + (is_minus ? 1 : 0))
        return ERR_RANGE;
    *ret_value = is_minus ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
    return OK;
}

enum err str_i64(struct str s, int64_t *ret_value)
{
    bool is_minus = take_minus(&s);
    uint64_t magnitude = 0;
    enum err err = str_u64(s, &magnitude);
    return err ? err : signed_value(is_minus, magnitude, ret_value);
}

enum err str_u32(struct str s, uint32_t *ret_value)
{
    uint64_t value = 0;
    enum err err = str_u64(s, &value);
    if (err)
        return err;
    if (value > UINT32_MAX)
        return ERR_RANGE;
    *ret_value = (uint32_t)value;
    return OK;
}

enum err str_fixed(struct str s, int digits, int64_t *ret_value)
{
    bool is_minus = take_minus(&s);
    struct str fraction = s;
    struct str whole = str_cut(&fraction, '.');
    if (whole.len + fraction.len == 0)
        return ERR_SYNTAX;
    uint64_t value = 0;
    enum err err = whole.len ? str_u64(whole, &value) : OK;
    if (err == ERR_SYNTAX)
        return err;
    for (size_t i = 0; i < fraction.len; i++)
        if (!is_digit(fraction.p[i]))
            return ERR_SYNTAX;
    for (int i = 0; i < digits; i++) {
        uint64_t digit = (size_t)i < fraction.len ? (uint64_t)(fraction.p[i] - '0') : 0;
        if (__builtin_mul_overflow(value, 10u, &value) ||
            __builtin_add_overflow(value, digit, &value))
            err = ERR_RANGE;
    }
    if (digits >= 0 && (size_t)digits < fraction.len && fraction.p[digits] >= '5' &&
        __builtin_add_overflow(value, 1u, &value))
        err = ERR_RANGE;
    return err ? err : signed_value(is_minus, value, ret_value);
}

/* Decimal digits with at most one point, and an optional exponent: what strtod must take whole. */
static bool looks_like_double(struct str s)
{
    (void)take_minus(&s);
    size_t i = 0, digit_count = 0;
    for (bool has_point = false; i < s.len && (is_digit(s.p[i]) || (s.p[i] == '.' && !has_point));
         i++) {
        has_point = has_point || s.p[i] == '.';
        digit_count += is_digit(s.p[i]);
    }
    if (digit_count == 0)
        return false;
    if (i == s.len)
        return true;
    if (lower(s.p[i]) != 'e')
        return false;
    struct str exponent = str_from(s, i + 1);
    (void)take_minus(&exponent);
    for (i = 0; i < exponent.len; i++)
        if (!is_digit(exponent.p[i]))
            return false;
    return exponent.len > 0;
}

enum err str_double(struct str s, double *ret_value)
{
    char text[128]; /* longer numbers say nothing more in a double */
    if (!looks_like_double(s))
        return ERR_SYNTAX;
    if (!str_copy(s, text, sizeof text))
        return ERR_RANGE;
    double value = strtod(text, NULL); /* the program never leaves the "C" locale */
    if (value > __DBL_MAX__ || value < -__DBL_MAX__)
        return ERR_RANGE;
    *ret_value = value;
    return OK;
}

bool str_copy(struct str s, char *buf, size_t cap)
{
    if (cap == 0)
        return false;
    size_t n = s.len;
    bool is_whole = n < cap;
    if (!is_whole) {
        n = cap - 1;
        while (n && ((uint8_t)s.p[n] & 0xC0) == 0x80)
            n--;
    }
    if (n)
        memcpy(buf, s.p, n);
    buf[n] = 0;
    return is_whole;
}

/* Decodes the sequence at p. Returns its length, 0 if it is not well formed (Unicode 15, table
 * 3-7). */
static size_t utf8_decode(const uint8_t *p, size_t left, uint32_t *ret_code)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    if (p[0] < 0x80) {
        *ret_code = p[0];
        return 1;
    }
    size_t n = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
    if (p[0] < 0xC2 || p[0] > 0xF4 || n > left)
        return 0;
    uint32_t code = p[0] & (0x7Fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return 0;
        code = code << 6 | (p[i] & 0x3F);
    }
    if (code < least[n] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
        return 0;
    *ret_code = code;
    return n;
}

bool str_is_utf8(struct str s)
{
    uint32_t code = 0;
    for (size_t i = 0; i < s.len;) {
        size_t n = utf8_decode((const uint8_t *)s.p + i, s.len - i, &code);
        if (n == 0 || code == 0)
            return false;
        i += n;
    }
    return true;
}

uint32_t str_utf8_next(struct str s, size_t *io_pos)
{
    uint32_t code = 0xFFFD;
    size_t n = utf8_decode((const uint8_t *)s.p + *io_pos, s.len - *io_pos, &code);
    *io_pos += n ? n : 1;
    return code;
}

void str_hex(const uint8_t *bytes, size_t n_bytes, char *ret_hex)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < n_bytes; i++) {
        ret_hex[2 * i] = digits[bytes[i] >> 4];
        ret_hex[2 * i + 1] = digits[bytes[i] & 15];
    }
    ret_hex[2 * n_bytes] = 0;
}

/* 16 for what is no digit. */
static unsigned hex_digit(char c)
{
    c = lower(c);
    if (is_digit(c))
        return (unsigned)(c - '0');
    return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 16;
}

enum err str_unhex(struct str hex, uint8_t *ret_bytes, size_t n_bytes)
{
    if (hex.len % 2 || hex.len / 2 != n_bytes)
        return ERR_SYNTAX;
    for (size_t i = 0; i < hex.len; i++)
        if (hex_digit(hex.p[i]) > 15)
            return ERR_SYNTAX;
    for (size_t i = 0; i < n_bytes; i++)
        ret_bytes[i] = (uint8_t)(hex_digit(hex.p[2 * i]) << 4 | hex_digit(hex.p[2 * i + 1]));
    return OK;
}
