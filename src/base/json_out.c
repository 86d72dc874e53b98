#include "base/json_out.h"
#include <assert.h>
#include <math.h>

struct json_out json_out_of(struct out *out)
{
    return (struct json_out){.out = out};
}

/* The comma before an item, where one is due. */
static void item(struct json_out *j)
{
    uint64_t bit = 1ull << j->depth;
    if (j->has_item & bit)
        out_byte(j->out, ',');
    j->has_item |= bit;
}

static void begin(struct json_out *j, uint8_t bracket)
{
    item(j);
    out_byte(j->out, bracket);
    j->depth++;
    assert(j->depth < JSON_OUT_DEPTH);
    j->has_item &= ~(1ull << j->depth);
}

static void end(struct json_out *j, uint8_t bracket)
{
    assert(j->depth > 0);
    j->depth--;
    out_byte(j->out, bracket);
}

void json_obj(struct json_out *j)
{
    begin(j, '{');
}

void json_obj_end(struct json_out *j)
{
    end(j, '}');
}

void json_arr(struct json_out *j)
{
    begin(j, '[');
}

void json_arr_end(struct json_out *j)
{
    end(j, ']');
}

static void escape(struct out *out, uint8_t c)
{
    static const char short_names[] = "\bb\ff\nn\rr\tt\"\"\\\\";
    for (const char *p = short_names; *p; p += 2) {
        if ((uint8_t)p[0] == c) {
            out_byte(out, '\\');
            out_byte(out, (uint8_t)p[1]);
            return;
        }
    }
    out_printf(out, "\\u%04x", c);
}

static void quoted(struct out *out, struct str s)
{
    out_byte(out, '"');
    size_t clean = 0; /* where the run that needs no change begins */
    for (size_t i = 0; i < s.len;) {
        uint8_t c = (uint8_t)s.p[i];
        size_t next = i;
        uint32_t code = str_utf8_next(s, &next);
        bool is_bad = code == 0xFFFD && next - i == 1;
        if (is_bad || c < 0x20 || c == '"' || c == '\\') {
            out_bytes(out, s.p + clean, i - clean);
            if (is_bad)
                out_c(out, "\xEF\xBF\xBD");
            else
                escape(out, c);
            clean = next;
        }
        i = next;
    }
    if (s.len)
        out_bytes(out, s.p + clean, s.len - clean);
    out_byte(out, '"');
}

void json_key(struct json_out *j, const char *key)
{
    item(j);
    quoted(j->out, str_of(key));
    out_byte(j->out, ':');
    j->has_item &= ~(1ull << j->depth); /* the value needs no comma, the next key does */
}

void json_str(struct json_out *j, struct str s)
{
    item(j);
    quoted(j->out, s);
}

void json_c(struct json_out *j, const char *s)
{
    if (s)
        json_str(j, str_of(s));
    else
        json_nil(j);
}

void json_i64(struct json_out *j, int64_t v)
{
    item(j);
    out_i64(j->out, v);
}

void json_u64(struct json_out *j, uint64_t v)
{
    item(j);
    out_u64(j->out, v);
}

void json_bool(struct json_out *j, bool v)
{
    item(j);
    out_c(j->out, v ? "true" : "false");
}

void json_fixed(struct json_out *j, int64_t v, int digits)
{
    item(j);
    out_fixed(j->out, v, digits);
}

void json_double(struct json_out *j, double v, int digits)
{
    if (!isfinite(v)) {
        json_nil(j);
        return;
    }
    item(j);
    out_printf(j->out, "%.*f", digits, v);
}

void json_nil(struct json_out *j)
{
    item(j);
    out_c(j->out, "null");
}

void json_raw(struct json_out *j, struct str s)
{
    item(j);
    out_str(j->out, s);
}

void json_kstr(struct json_out *j, const char *key, struct str s)
{
    json_key(j, key);
    json_str(j, s);
}

void json_kc(struct json_out *j, const char *key, const char *s)
{
    json_key(j, key);
    json_c(j, s);
}

void json_ki64(struct json_out *j, const char *key, int64_t v)
{
    json_key(j, key);
    json_i64(j, v);
}

void json_ku64(struct json_out *j, const char *key, uint64_t v)
{
    json_key(j, key);
    json_u64(j, v);
}

void json_kbool(struct json_out *j, const char *key, bool v)
{
    json_key(j, key);
    json_bool(j, v);
}
