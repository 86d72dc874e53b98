#include "model/record.h"

#include <assert.h>

static const void *member(const void *obj, const struct field *f)
{
    return (const char *)obj + f->offset;
}

static void *member_mut(void *obj, const struct field *f)
{
    return (char *)obj + f->offset;
}

static uint32_t field_index(const struct record *rec, size_t offset)
{
    for (uint32_t i = 0; i < rec->field_count; i++) {
        if (rec->fields[i].offset == offset)
            return i;
    }
    assert(!"offset is not of a field of this record");
    return 0;
}

bool record_has(const struct record *rec, const void *obj, size_t offset)
{
    uint64_t has;
    memcpy(&has, obj, sizeof has);
    return (has >> field_index(rec, offset)) & 1;
}

void record_set_has(const struct record *rec, void *obj, size_t offset, bool is_present)
{
    uint64_t has;
    uint64_t bit = 1ull << field_index(rec, offset);
    memcpy(&has, obj, sizeof has);
    has = is_present ? has | bit : has & ~bit;
    memcpy(obj, &has, sizeof has);
}

const struct field *record_field(const struct record *rec, struct str name)
{
    for (uint32_t i = 0; i < rec->field_count; i++) {
        if (str_eq_c(name, rec->fields[i].name))
            return &rec->fields[i];
    }
    return NULL;
}

static void put_bytes(struct out *out, struct str s)
{
    out_varint(out, s.len);
    out_str(out, s);
}

static void put_personal(struct out *out, const struct personal *p, enum record_form form)
{
    out_varint(out, 8 + PERSONAL_HASH_BYTES + (form == RECORD_WIRE ? p->text.len : 0));
    out_le(out, p->payload, 8);
    out_bytes(out, p->hash, PERSONAL_HASH_BYTES);
    if (form == RECORD_WIRE)
        out_str(out, p->text);
}

static bool is_bytes(enum field_type type)
{
    switch (type) {
    case FIELD_U32:
    case FIELD_I64:
    case FIELD_TIME:
    case FIELD_BOOL:
    case FIELD_ENUM:
    case FIELD_REF:
        return false;
    case FIELD_PLACE:
    case FIELD_REFS:
    case FIELD_TEXT:
    case FIELD_CHARS:
    case FIELD_PERSONAL:
    case FIELD_JSON:
    case FIELD_BYTES:
        return true;
    }
    return true;
}

static void put_value(const struct field *f, const void *v, enum record_form form, struct out *out)
{
    switch (f->type) {
    case FIELD_U32:
    case FIELD_ENUM:
    case FIELD_REF:
        out_varint(out, *(const uint32_t *)v);
        return;
    case FIELD_I64:
    case FIELD_TIME:
        out_zigzag(out, *(const int64_t *)v);
        return;
    case FIELD_BOOL:
        out_varint(out, *(const bool *)v ? 1 : 0);
        return;
    case FIELD_PLACE: {
        const struct place *p = v;
        out_varint(out, 8);
        out_le(out, (uint32_t)p->lat_e7, 4);
        out_le(out, (uint32_t)p->lon_e7, 4);
        return;
    }
    case FIELD_REFS: {
        const struct refs *r = v;
        assert(r->count <= MAX_REFS);
        out_varint(out, (uint64_t)r->count * 4);
        for (uint32_t i = 0; i < r->count; i++)
            out_le(out, r->v[i], 4);
        return;
    }
    case FIELD_CHARS:
        put_bytes(out, str_of(v));
        return;
    case FIELD_TEXT:
    case FIELD_JSON:
    case FIELD_BYTES:
        put_bytes(out, *(const struct str *)v);
        return;
    case FIELD_PERSONAL:
        put_personal(out, v, form);
        return;
    }
}

void record_write(const struct record *rec, const void *obj, enum record_form form, struct out *out)
{
    uint64_t has;
    memcpy(&has, obj, sizeof has);
    for (uint32_t i = 0; i < rec->field_count; i++) {
        const struct field *f = &rec->fields[i];
        if (!((has >> i) & 1))
            continue;
        out_varint(out, ((uint64_t)f->number << 1) | (is_bytes(f->type) ? 1 : 0));
        put_value(f, member(obj, f), form, out);
    }
}

static enum err get_scalar(const struct field *f, struct cursor *c, void *v)
{
    if (f->type == FIELD_I64 || f->type == FIELD_TIME) {
        *(int64_t *)v = cursor_zigzag(c);
        return c->err;
    }
    uint64_t n = cursor_varint(c);
    if (c->err)
        return c->err;
    if (n > UINT32_MAX || (f->type == FIELD_BOOL && n > 1) ||
        (f->type == FIELD_ENUM && (n == 0 || n >= f->values->count)) ||
        (f->type == FIELD_U32 && f->max && n > f->max))
        return ERR_RANGE;
    if (f->type == FIELD_BOOL)
        *(bool *)v = n == 1;
    else
        *(uint32_t *)v = (uint32_t)n;
    return OK;
}

static enum err get_refs(struct str s, struct refs *refs)
{
    struct cursor c = cursor_of(s.p, s.len);
    if (s.len % 4 != 0 || s.len / 4 > MAX_REFS)
        return ERR_RANGE;
    refs->count = (uint32_t)(s.len / 4);
    for (uint32_t i = 0; i < refs->count; i++)
        refs->v[i] = (uint32_t)cursor_le(&c, 4);
    return OK;
}

static enum err get_personal(const struct field *f, struct str s, struct personal *p)
{
    struct cursor c = cursor_of(s.p, s.len);
    p->payload = cursor_le(&c, 8);
    struct str hash = cursor_take(&c, PERSONAL_HASH_BYTES);
    if (c.err || c.left > f->max)
        return ERR_RANGE;
    memcpy(p->hash, hash.p, PERSONAL_HASH_BYTES);
    p->text = cursor_take(&c, c.left);
    return OK;
}

static enum err get_bytes(const struct field *f, struct str s, void *v)
{
    switch (f->type) {
    case FIELD_PLACE: {
        struct cursor c = cursor_of(s.p, s.len);
        struct place *p = v;
        p->lat_e7 = (int32_t)cursor_le(&c, 4);
        p->lon_e7 = (int32_t)cursor_le(&c, 4);
        return c.err || c.left || !place_is_valid(*p) ? ERR_RANGE : OK;
    }
    case FIELD_REFS:
        return get_refs(s, v);
    case FIELD_CHARS:
        return s.len < f->max && str_copy(s, v, f->max) ? OK : ERR_RANGE;
    case FIELD_PERSONAL:
        return get_personal(f, s, v);
    case FIELD_TEXT:
    case FIELD_JSON:
    case FIELD_BYTES:
        if (f->max && s.len > f->max)
            return ERR_RANGE;
        *(struct str *)v = s;
        return OK;
    case FIELD_U32:
    case FIELD_I64:
    case FIELD_TIME:
    case FIELD_BOOL:
    case FIELD_ENUM:
    case FIELD_REF:
        break;
    }
    return ERR_SYNTAX;
}

/* Fields come in table order, so the search for the next number goes on from the last hit. */
static const struct field *find_number(const struct record *rec, uint64_t number, uint32_t *io_at)
{
    for (uint32_t n = 0; n < rec->field_count; n++) {
        uint32_t i = (*io_at + n) % rec->field_count;
        if (rec->fields[i].number == number) {
            *io_at = i;
            return &rec->fields[i];
        }
    }
    return NULL;
}

enum err record_read(const struct record *rec, struct str bytes, void *ret_obj)
{
    struct cursor c = cursor_of(bytes.p, bytes.len);
    uint64_t has = 0;
    uint32_t at = 0;
    memset(ret_obj, 0, rec->size);
    while (c.left > 0) {
        uint64_t tag = cursor_varint(&c);
        const struct field *f = find_number(rec, tag >> 1, &at);
        enum err err = OK;
        if (f && is_bytes(f->type) != ((tag & 1) == 1))
            return ERR_SYNTAX;
        if (tag & 1) {
            uint64_t n = cursor_varint(&c);
            if (c.err || n > c.left)
                return ERR_MORE;
            struct str s = cursor_take(&c, (size_t)n);
            if (f)
                err = get_bytes(f, s, member_mut(ret_obj, f));
        } else if (f) {
            err = get_scalar(f, &c, member_mut(ret_obj, f));
        } else {
            (void)cursor_varint(&c);
        }
        if (c.err)
            return c.err;
        if (err)
            return err;
        if (f)
            has |= 1ull << (f - rec->fields);
    }
    memcpy(ret_obj, &has, sizeof has);
    return OK;
}
