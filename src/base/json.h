/* json.h - capped reading of untrusted JSON (jansson behind it).
 * Layer: base. Threads: pure. Refused: over JSON_MAX_BYTES, deeper than JSON_MAX_DEPTH, duplicate
 * keys, bad UTF-8, NUL, numbers outside int64 or double, trailing bytes.
 * A struct json is a borrowed view of a node; the tree lives until json_free of its root. */
#ifndef BASE_JSON_H
#define BASE_JSON_H
#include "base/out.h"

#define JSON_MAX_BYTES (8u << 20)
#define JSON_MAX_DEPTH 32

struct json {
    void *node; /* json_t, NULL = absent */
};
enum json_type {
    JSON_ABSENT,
    JSON_NULL,
    JSON_BOOL,
    JSON_INT,
    JSON_REAL,
    JSON_TEXT,
    JSON_LIST,
    JSON_MAP
};

/* ERR_SYNTAX with offset and line in *ret_fault, ERR_LIMIT. Free *ret_root with json_free. */
enum err json_read(struct str text, struct json *ret_root, struct fault *ret_fault);
void json_free(struct json root);
enum json_type json_type(struct json v);
struct json json_get(struct json map, const char *key);
struct json json_at(struct json list, size_t i);
size_t json_count(struct json list_or_map);
struct str json_text(struct json v); /* empty unless text */
int64_t json_int(struct json v);     /* 0 unless an integer */
double json_number(struct json v);   /* 0 unless a number */
bool json_is_true(struct json v);    /* JSON true only */
/* Iteration over a map: for (struct json_iter it = json_iter(m); it.key; json_next(&it)) */
struct json_iter {
    struct json map, value;
    const char *key;
    void *pos;
};
struct json_iter json_iter(struct json map);
void json_next(struct json_iter *it);
/* Keys sorted, no white space, shortest escapes: the same value has the same bytes. */
enum err json_canonical(struct json v, struct out *out);
#endif
