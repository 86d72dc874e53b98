/* out.h - growing byte buffer with a named limit; JSON is written with json_out.h on top of it.
 * Layer: base. Threads: one owner. The first failure sticks: check `err` once at the end. */
#ifndef BASE_OUT_H
#define BASE_OUT_H
#include "base/str.h"

struct out {
    uint8_t *p;
    size_t len, cap, max_bytes;
    enum err err; /* OK or ERR_LIMIT */
};

void out_init(struct out *out, size_t max_bytes);
void out_done(struct out *out);
void out_reset(struct out *out); /* keeps the memory */
void out_bytes(struct out *out, const void *p, size_t n);
void out_str(struct out *out, struct str s);
void out_c(struct out *out, const char *s);
void out_byte(struct out *out, uint8_t b);
void out_u64(struct out *out, uint64_t v); /* decimal */
void out_i64(struct out *out, int64_t v);
void out_fixed(struct out *out, int64_t v, int digits); /* 375 at 2 digits = "3.75" */
void out_printf(struct out *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Binary, little endian. */
void out_le(struct out *out, uint64_t v, int n_bytes);
void out_varint(struct out *out, uint64_t v); /* LEB128 */
void out_zigzag(struct out *out, int64_t v);
struct str out_view(const struct out *out); /* valid until the next write */
#endif
