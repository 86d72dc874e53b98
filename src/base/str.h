/* str.h - text as pointer and length; locale-free parsing of numbers; UTF-8 checks.
 * Layer: base. Threads: pure, any. A struct str never owns what it points to. */
#ifndef BASE_STR_H
#define BASE_STR_H
#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct str {
    const char *p;
    size_t len;
};

#define STR(lit) ((struct str){"" lit, sizeof(lit) - 1})
#define STR_FMT "%.*s"
#define STR_ARG(s) (int)(s).len, (s).p ? (s).p : ""

struct str str_of(const char *c_string); /* NULL gives the empty str */
bool str_eq(struct str a, struct str b);
bool str_eq_c(struct str a, const char *b);
bool str_ieq_c(struct str a, const char *b); /* ASCII case folded */
int str_cmp(struct str a, struct str b);     /* byte order */
bool str_starts(struct str s, struct str prefix);
struct str str_trim(struct str s);              /* ASCII white space */
struct str str_cut(struct str *rest, char sep); /* next field up to sep; *rest moves behind it */
struct str str_from(struct str s, size_t offset);

/* Whole text must be the number. ERR_SYNTAX, ERR_RANGE. */
enum err str_u64(struct str s, uint64_t *ret_value);
enum err str_i64(struct str s, int64_t *ret_value);
enum err str_u32(struct str s, uint32_t *ret_value);
/* Decimal with optional fraction and sign, no exponent, scaled by 10^digits and rounded half away
 * from zero: str_fixed("1.25", 1) = 13. Used for degrees (7 digits). ERR_SYNTAX, ERR_RANGE. */
enum err str_fixed(struct str s, int digits, int64_t *ret_value);
enum err str_double(struct str s, double *ret_value);

/* Copies at most cap - 1 bytes, cut at a UTF-8 boundary, and ends with NUL. False if cut. */
bool str_copy(struct str s, char *buf, size_t cap_bytes);
/* True for well-formed UTF-8 without NUL; surrogates and overlong forms are not well formed. */
bool str_is_utf8(struct str s);
/* Reads one code point at *io_pos and moves on; U+FFFD for a bad byte. *io_pos < s.len required. */
uint32_t str_utf8_next(struct str s, size_t *io_pos);
/* Lower-case hex, 2 * n_bytes digits and NUL. */
void str_hex(const uint8_t *bytes, size_t n_bytes, char *ret_hex);
enum err str_unhex(struct str hex, uint8_t *ret_bytes, size_t n_bytes);
#endif
