#include "base/utc.h"
#include "model/record.h"

#include <math.h>

static void write_place(struct place p, struct json_out *j)
{
    json_obj(j);
    json_key(j, "lat");
    json_fixed(j, p.lat_e7, 7);
    json_key(j, "lon");
    json_fixed(j, p.lon_e7, 7);
    json_obj_end(j);
}

static void write_id(enum object_kind kind, uint32_t realm, uint32_t number, struct json_out *j)
{
    char text[ID_TEXT_CAP];
    id_text(kind, realm, number, text);
    json_c(j, number ? text : NULL);
}

static void write_time(int64_t utc_us, struct json_out *j)
{
    char text[UTC_ISO_CAP];
    utc_iso(utc_us, text);
    json_c(j, text);
}

static void write_hex(struct str bytes, struct json_out *j)
{
    char pair[3];
    out_c(j->out, "\"");
    for (size_t i = 0; i < bytes.len; i++) {
        str_hex((const uint8_t *)bytes.p + i, 1, pair);
        out_c(j->out, pair);
    }
    out_c(j->out, "\"");
}

static void write_value(const struct field *f, const void *v, uint32_t realm, struct json_out *j)
{
    switch (f->type) {
    case FIELD_U32:
        json_u64(j, *(const uint32_t *)v);
        return;
    case FIELD_I64:
        json_i64(j, *(const int64_t *)v);
        return;
    case FIELD_TIME:
        write_time(*(const int64_t *)v, j);
        return;
    case FIELD_BOOL:
        json_bool(j, *(const bool *)v);
        return;
    case FIELD_ENUM:
        json_c(j, enum_wire(f->values, *(const uint32_t *)v));
        return;
    case FIELD_PLACE:
        write_place(*(const struct place *)v, j);
        return;
    case FIELD_REF:
        write_id(f->refers, realm, *(const uint32_t *)v, j);
        return;
    case FIELD_REFS: {
        const struct refs *r = v;
        json_arr(j);
        for (uint32_t i = 0; i < r->count; i++)
            write_id(f->refers, realm, r->v[i], j);
        json_arr_end(j);
        return;
    }
    case FIELD_TEXT:
        json_str(j, *(const struct str *)v);
        return;
    case FIELD_CHARS:
        json_c(j, v);
        return;
    case FIELD_PERSONAL: {
        struct str text = ((const struct personal *)v)->text;
        if (text.p)
            json_str(j, text);
        else
            json_nil(j);
        return;
    }
    case FIELD_JSON:
        json_raw(j, *(const struct str *)v);
        return;
    case FIELD_BYTES:
        json_raw(j, (struct str){0});
        write_hex(*(const struct str *)v, j);
        return;
    }
}

void record_json_write(const struct record *rec, const void *obj, uint32_t realm,
                       struct json_out *j)
{
    uint64_t has;
    memcpy(&has, obj, sizeof has);
    for (uint32_t i = 0; i < rec->field_count; i++) {
        if (!((has >> i) & 1))
            continue;
        json_key(j, rec->fields[i].name);
        write_value(&rec->fields[i], (const char *)obj + rec->fields[i].offset, realm, j);
    }
}

struct reading {
    uint32_t realm;
    struct arena *arena;
    struct fault *fault;
};

static enum err bad(const struct reading *r, const struct field *f, enum err err, const char *text)
{
    return fault_field(r->fault, err, f->name, text);
}

static enum err read_u32(const struct reading *r, const struct field *f, struct json v,
                         uint32_t *ret)
{
    int64_t n = json_int(v);
    if (json_type(v) != JSON_INT)
        return bad(r, f, ERR_SYNTAX, "must be a whole number");
    if (n < 0 || n > UINT32_MAX || (f->max && n > f->max))
        return bad(r, f, ERR_RANGE, "number is out of range");
    *ret = (uint32_t)n;
    return OK;
}

static enum err read_place(const struct reading *r, const struct field *f, struct json v,
                           struct place *ret)
{
    struct json lat = json_get(v, "lat"), lon = json_get(v, "lon");
    enum json_type lat_type = json_type(lat), lon_type = json_type(lon);
    if (json_type(v) != JSON_MAP || json_count(v) != 2 ||
        (lat_type != JSON_REAL && lat_type != JSON_INT) ||
        (lon_type != JSON_REAL && lon_type != JSON_INT))
        return bad(r, f, ERR_SYNTAX, "must be {\"lat\":degrees,\"lon\":degrees}");
    double lat_deg = json_number(lat), lon_deg = json_number(lon);
    if (!(fabs(lat_deg) <= 90.0) || !(fabs(lon_deg) <= 180.0))
        return bad(r, f, ERR_RANGE, "latitude is within 90, longitude within 180 degrees");
    *ret = place_from_deg(lat_deg, lon_deg);
    return OK;
}

static enum err read_ref(const struct reading *r, const struct field *f, struct json v,
                         uint32_t *ret)
{
    uint32_t realm, number;
    if (json_type(v) != JSON_TEXT || id_parse(json_text(v), f->refers, &realm, &number) != OK)
        return bad(r, f, ERR_SYNTAX, "must be an id of the right kind, as kind-realm-number");
    if (realm != r->realm)
        return bad(r, f, ERR_RANGE, "id is of another realm");
    *ret = number;
    return OK;
}

static enum err read_refs(const struct reading *r, const struct field *f, struct json v,
                          struct refs *ret)
{
    if (json_type(v) != JSON_LIST)
        return bad(r, f, ERR_SYNTAX, "must be a list of ids");
    if (json_count(v) > MAX_REFS)
        return bad(r, f, ERR_RANGE, "too many ids");
    for (size_t i = 0; i < json_count(v); i++) {
        enum err err = read_ref(r, f, json_at(v, i), &ret->v[i]);
        if (err)
            return err;
    }
    ret->count = (uint32_t)json_count(v);
    return OK;
}

static enum err read_text(const struct reading *r, const struct field *f, struct json v,
                          struct str *ret)
{
    struct str s = json_text(v);
    if (json_type(v) != JSON_TEXT)
        return bad(r, f, ERR_SYNTAX, "must be text");
    if (f->max && s.len > f->max)
        return bad(r, f, ERR_RANGE, "text is too long");
    if (f->is_needed && str_trim(s).len == 0)
        return bad(r, f, ERR_RANGE, "must not be empty");
    *ret = s;
    return OK;
}

static enum err read_document(const struct reading *r, const struct field *f, struct json v,
                              struct str *ret)
{
    struct out out;
    out_init(&out, f->max);
    enum err err = json_canonical(v, &out);
    if (!err)
        err = out.err;
    if (!err) {
        *ret = arena_dup(r->arena, out_view(&out));
        err = ret->p ? OK : ERR_LIMIT;
    }
    out_done(&out);
    return err ? bad(r, f, ERR_RANGE, "document is too large") : OK;
}

static enum err read_hex(const struct reading *r, const struct field *f, struct json v,
                         struct str *ret)
{
    struct str s = json_text(v);
    uint8_t *p = ARENA_NEW(r->arena, uint8_t, s.len / 2 + 1);
    if (json_type(v) != JSON_TEXT || s.len % 2 || !p || str_unhex(s, p, s.len / 2) != OK)
        return bad(r, f, ERR_SYNTAX, "must be hex digits");
    *ret = (struct str){(const char *)p, s.len / 2};
    return OK;
}

static enum err read_time(const struct reading *r, const struct field *f, struct json v,
                          int64_t *ret)
{
    if (json_type(v) != JSON_TEXT || utc_parse(json_text(v), ret) != OK)
        return bad(r, f, ERR_SYNTAX, "must be a time as 2026-11-23T08:00:00Z");
    return OK;
}

static enum err read_value(const struct reading *r, const struct field *f, struct json v, void *to)
{
    switch (f->type) {
    case FIELD_U32:
        return read_u32(r, f, v, to);
    case FIELD_I64:
        if (json_type(v) != JSON_INT)
            return bad(r, f, ERR_SYNTAX, "must be a whole number");
        *(int64_t *)to = json_int(v);
        return OK;
    case FIELD_TIME:
        return read_time(r, f, v, to);
    case FIELD_BOOL:
        if (json_type(v) != JSON_BOOL)
            return bad(r, f, ERR_SYNTAX, "must be true or false");
        *(bool *)to = json_is_true(v);
        return OK;
    case FIELD_ENUM: {
        uint32_t n = json_type(v) == JSON_TEXT ? enum_value(f->values, json_text(v)) : 0;
        if (n == 0)
            return bad(r, f, ERR_RANGE, "is not one of the values of this list");
        *(uint32_t *)to = n;
        return OK;
    }
    case FIELD_PLACE:
        return read_place(r, f, v, to);
    case FIELD_REF:
        return read_ref(r, f, v, to);
    case FIELD_REFS:
        return read_refs(r, f, v, to);
    case FIELD_TEXT:
        return read_text(r, f, v, to);
    case FIELD_CHARS: {
        struct str s;
        enum err err = read_text(r, f, v, &s);
        if (!err && !str_copy(s, to, f->max))
            err = bad(r, f, ERR_RANGE, "text is too long");
        return err;
    }
    case FIELD_PERSONAL:
        return read_text(r, f, v, &((struct personal *)to)->text);
    case FIELD_JSON:
        return read_document(r, f, v, to);
    case FIELD_BYTES:
        return read_hex(r, f, v, to);
    }
    return ERR_UNSUPPORTED;
}

enum err record_json_read(const struct record *rec, struct json map, uint32_t realm,
                          struct arena *arena, void *ret_obj, struct fault *ret_fault)
{
    const struct reading r = {realm, arena, ret_fault};
    uint64_t has = 0;
    memset(ret_obj, 0, rec->size);
    if (json_type(map) != JSON_MAP)
        return fault_set(ret_fault, ERR_SYNTAX, 0, "must be a JSON object");
    for (struct json_iter it = json_iter(map); it.key; json_next(&it)) {
        const struct field *f = record_field(rec, str_of(it.key));
        if (!f)
            return fault_field(ret_fault, ERR_SYNTAX, it.key, "there is no such field");
        if (json_type(it.value) == JSON_NULL)
            continue;
        enum err err = read_value(&r, f, it.value, (char *)ret_obj + f->offset);
        if (err)
            return err;
        has |= 1ull << (f - rec->fields);
    }
    for (uint32_t i = 0; i < rec->field_count; i++) {
        if (rec->fields[i].is_needed && !((has >> i) & 1))
            return bad(&r, &rec->fields[i], ERR_SYNTAX, "is needed");
    }
    memcpy(ret_obj, &has, sizeof has);
    return OK;
}

static void schema_of(const struct field *f, struct json_out *j)
{
    static const char *const types[] = {
        [FIELD_U32] = "integer",  [FIELD_I64] = "integer",     [FIELD_TIME] = "string",
        [FIELD_BOOL] = "boolean", [FIELD_ENUM] = "string",     [FIELD_PLACE] = "object",
        [FIELD_REF] = "string",   [FIELD_REFS] = "array",      [FIELD_TEXT] = "string",
        [FIELD_CHARS] = "string", [FIELD_PERSONAL] = "string", [FIELD_JSON] = NULL,
        [FIELD_BYTES] = "string"};
    char pattern[64];
    if (types[f->type])
        json_kc(j, "type", types[f->type]);
    if (f->type == FIELD_U32) {
        json_ki64(j, "minimum", 0);
        json_ki64(j, "maximum", f->max ? f->max : UINT32_MAX);
    } else if (f->type == FIELD_TIME) {
        json_kc(j, "format", "date-time");
    } else if (f->type == FIELD_ENUM) {
        json_key(j, "enum");
        json_arr(j);
        for (uint32_t i = 1; i < f->values->count; i++)
            json_c(j, f->values->names[i]);
        json_arr_end(j);
    } else if (f->type == FIELD_PLACE) {
        json_key(j, "properties");
        json_raw(j, STR("{\"lat\":{\"type\":\"number\",\"minimum\":-90,\"maximum\":90},"
                        "\"lon\":{\"type\":\"number\",\"minimum\":-180,\"maximum\":180}}"));
        json_key(j, "required");
        json_raw(j, STR("[\"lat\",\"lon\"]"));
        json_kbool(j, "additionalProperties", false);
    } else if (f->type == FIELD_REF || f->type == FIELD_REFS) {
        (void)snprintf(pattern, sizeof pattern, "^%s-[0-9]+-[0-9]+$", object_kind_name(f->refers));
        if (f->type == FIELD_REFS) {
            json_ki64(j, "maxItems", MAX_REFS);
            json_key(j, "items");
            json_obj(j);
            json_kc(j, "type", "string");
        }
        json_kc(j, "pattern", pattern);
        if (f->type == FIELD_REFS)
            json_obj_end(j);
    } else if (f->type == FIELD_TEXT || f->type == FIELD_PERSONAL || f->type == FIELD_CHARS) {
        if (f->is_needed)
            json_ki64(j, "minLength", 1);
        if (f->max)
            json_ki64(j, "maxLength", f->max);
    }
}

void record_schema_write(const struct record *rec, struct json_out *j)
{
    json_obj(j);
    json_kc(j, "type", "object");
    json_key(j, "properties");
    json_obj(j);
    for (uint32_t i = 0; i < rec->field_count; i++) {
        const struct field *f = &rec->fields[i];
        json_key(j, f->name);
        json_obj(j);
        schema_of(f, j);
        json_kc(j, "description", f->doc);
        json_obj_end(j);
    }
    json_obj_end(j);
    json_key(j, "required");
    json_arr(j);
    for (uint32_t i = 0; i < rec->field_count; i++) {
        if (rec->fields[i].is_needed)
            json_c(j, rec->fields[i].name);
    }
    json_arr_end(j);
    json_kbool(j, "additionalProperties", false);
    json_obj_end(j);
}
