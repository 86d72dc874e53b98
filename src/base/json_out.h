/* json_out.h - append-only JSON writer without a tree. Commas are put by itself.
 * Layer: base. Threads: one owner. Nesting up to JSON_OUT_DEPTH, asserted: it is our own data. */
#ifndef BASE_JSON_OUT_H
#define BASE_JSON_OUT_H
#include "base/out.h"

#define JSON_OUT_DEPTH 48
struct json_out {
    struct out *out;
    uint64_t has_item; /* bit per open level: a comma is due */
    int depth;
};

struct json_out json_out_of(struct out *out);
void json_obj(struct json_out *j); /* { as a value */
void json_obj_end(struct json_out *j);
void json_arr(struct json_out *j);
void json_arr_end(struct json_out *j);
void json_key(struct json_out *j, const char *key);
void json_str(struct json_out *j, struct str s); /* bad UTF-8 bytes become U+FFFD */
void json_c(struct json_out *j, const char *s);  /* NULL writes null */
void json_i64(struct json_out *j, int64_t v);
void json_u64(struct json_out *j, uint64_t v);
void json_bool(struct json_out *j, bool v);
void json_fixed(struct json_out *j, int64_t v, int digits);
void json_double(struct json_out *j, double v, int digits); /* NaN and infinity write null */
void json_nil(struct json_out *j);               /* null; not json_null, which jansson exports */
void json_raw(struct json_out *j, struct str s); /* s is valid JSON already */
/* Key and value in one. */
void json_kstr(struct json_out *j, const char *key, struct str s);
void json_kc(struct json_out *j, const char *key, const char *s);
void json_ki64(struct json_out *j, const char *key, int64_t v);
void json_ku64(struct json_out *j, const char *key, uint64_t v);
void json_kbool(struct json_out *j, const char *key, bool v);
#endif
