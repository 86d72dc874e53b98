#include "base/json.h"
#include "base/json_out.h"
#include <assert.h>
#include <math.h>
/* jansson uses three of our names for its own things. */
#define json_type jansson_type
#define JSON_NULL JANSSON_NULL
#define JSON_REAL JANSSON_REAL
#include <jansson.h>
#undef json_type
#undef JSON_NULL
#undef JSON_REAL
#undef json_is_true

/* Offset of the first bracket that is nested too deep, or text.len. Runs before the parser, so that
 * a deep text costs no memory. Brackets inside strings do not count. */
static size_t too_deep_at(struct str text)
{
    int depth = 0;
    bool is_string = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.p[i];
        if (is_string && c == '\\')
            i++;
        else if (c == '"')
            is_string = !is_string;
        else if (!is_string && (c == '[' || c == '{') && ++depth > JSON_MAX_DEPTH)
            return i;
        else if (!is_string && (c == ']' || c == '}'))
            depth--;
    }
    return text.len;
}

static const char *reason_of(const json_error_t *error)
{
    switch (json_error_code(error)) {
    case json_error_duplicate_key:
        return "a key stands twice in one object";
    case json_error_invalid_utf8:
        return "not UTF-8";
    case json_error_numeric_overflow:
        return "a number is too large";
    case json_error_null_character:
    case json_error_null_byte_in_key:
        return "text holds a NUL character";
    case json_error_premature_end_of_input:
        return "the text ends too early";
    case json_error_end_of_input_expected:
        return "something follows the end of the value";
    default: /* the other codes of a foreign enum */
        return "not JSON";
    }
}

enum err json_read(struct str text, struct json *ret_root, struct fault *ret_fault)
{
    if (text.len > JSON_MAX_BYTES)
        return fault_set(ret_fault, ERR_LIMIT, JSON_MAX_BYTES, "too long");
    size_t deep_at = too_deep_at(text);
    if (deep_at < text.len)
        return fault_set(ret_fault, ERR_LIMIT, deep_at, "nested too deep");
    json_error_t error = {0};
    json_t *root = json_loadb(text.p ? text.p : "", text.len,
                              JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (!root) {
        if (ret_fault)
            ret_fault->line = error.line > 0 ? (uint32_t)error.line : 0;
        return fault_set(ret_fault, ERR_SYNTAX, error.position > 0 ? (size_t)error.position : 0,
                         reason_of(&error));
    }
    ret_root->node = root;
    return OK;
}

void json_free(struct json root)
{
    json_decref(root.node);
}

enum json_type json_type(struct json v)
{
    const json_t *node = v.node;
    if (!node)
        return JSON_ABSENT;
    switch (json_typeof(node)) {
    case JSON_OBJECT:
        return JSON_MAP;
    case JSON_ARRAY:
        return JSON_LIST;
    case JSON_STRING:
        return JSON_TEXT;
    case JSON_INTEGER:
        return JSON_INT;
    case JANSSON_REAL:
        return JSON_REAL;
    case JSON_TRUE:
    case JSON_FALSE:
        return JSON_BOOL;
    case JANSSON_NULL:
        return JSON_NULL;
    }
    return JSON_ABSENT;
}

struct json json_get(struct json map, const char *key)
{
    return (struct json){json_object_get(map.node, key)};
}

struct json json_at(struct json list, size_t i)
{
    return (struct json){json_array_get(list.node, i)};
}

size_t json_count(struct json list_or_map)
{
    return json_array_size(list_or_map.node) + json_object_size(list_or_map.node);
}

struct str json_text(struct json v)
{
    return (struct str){json_string_value(v.node), json_string_length(v.node)};
}

int64_t json_int(struct json v)
{
    return json_integer_value(v.node);
}

double json_number(struct json v)
{
    return json_number_value(v.node);
}

bool json_is_true(struct json v)
{
    const json_t *node = v.node;
    return node && json_typeof(node) == JSON_TRUE;
}

/* Fills key and value for the position; an end gives a NULL key. */
static void iter_show(struct json_iter *it)
{
    it->key = it->pos ? json_object_iter_key(it->pos) : NULL;
    it->value.node = it->pos ? json_object_iter_value(it->pos) : NULL;
}

struct json_iter json_iter(struct json map)
{
    struct json_iter it = {.map = map, .pos = json_object_iter(map.node)};
    iter_show(&it);
    return it;
}

void json_next(struct json_iter *it)
{
    it->pos = json_object_iter_next(it->map.node, it->pos);
    iter_show(it);
}

/* The fewest digits that read back as the same double, always with a mark of being real. */
static void write_real(struct json_out *j, double v)
{
    char text[40];
    for (int digits = 1; digits <= 17; digits++) {
        (void)snprintf(text, sizeof text, "%.*g", digits, v);
        if (strtod(text, NULL) == v)
            break;
    }
    struct str s = str_of(text);
    bool is_marked = memchr(s.p, '.', s.len) || memchr(s.p, 'e', s.len);
    char real[sizeof text + 2];
    (void)snprintf(real, sizeof real, "%s%s", text, is_marked ? "" : ".0");
    json_raw(j, str_of(real));
}

static int compare_keys(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void write_node(struct json_out *j, struct json v);

/* NOLINTNEXTLINE(misc-no-recursion): json_read lets nothing deeper than JSON_MAX_DEPTH in */
static void write_map(struct json_out *j, struct json map)
{
    size_t n = json_count(map), i = 0;
    const char **keys = calloc(n ? n : 1, sizeof *keys);
    if (!keys)
        abort();
    for (struct json_iter it = json_iter(map); it.key; json_next(&it))
        keys[i++] = it.key;
    qsort(keys, n, sizeof *keys, compare_keys);
    json_obj(j);
    for (i = 0; i < n; i++) {
        json_key(j, keys[i]);
        write_node(j, json_get(map, keys[i]));
    }
    json_obj_end(j);
    free(keys);
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as write_map */
static void write_node(struct json_out *j, struct json v)
{
    switch (json_type(v)) {
    case JSON_ABSENT:
    case JSON_NULL:
        json_nil(j);
        break;
    case JSON_BOOL:
        json_bool(j, json_is_true(v));
        break;
    case JSON_INT:
        json_i64(j, json_int(v));
        break;
    case JSON_REAL:
        write_real(j, json_number(v));
        break;
    case JSON_TEXT:
        json_str(j, json_text(v));
        break;
    case JSON_LIST:
        json_arr(j);
        for (size_t i = 0; i < json_count(v); i++)
            write_node(j, json_at(v, i));
        json_arr_end(j);
        break;
    case JSON_MAP:
        write_map(j, v);
        break;
    }
}

enum err json_canonical(struct json v, struct out *out)
{
    struct json_out j = json_out_of(out);
    write_node(&j, v);
    return out->err;
}
