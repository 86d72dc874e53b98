#include "desk/draft.h"

#include <assert.h>
#include <stdarg.h>

void *draft_alloc(struct draft *d, size_t n, size_t size)
{
    void *p = arena_alloc(d->arena, n, size);
    assert(p && "desk_decide has seen to it that DESK_ARENA_BYTES are left");
    return p;
}

static struct overlay *overlay_find(const struct draft *d, enum object_kind kind, uint32_t number)
{
    for (uint32_t i = 0; i < d->overlay_count; i++) {
        if (d->overlays[i].ref.number == number && d->overlays[i].ref.kind == kind)
            return &d->overlays[i];
    }
    return NULL;
}

static void *overlay_add(struct draft *d, enum object_kind kind, uint32_t number)
{
    assert(d->overlay_count < MAX_TOUCHED);
    struct overlay *o = &d->overlays[d->overlay_count++];
    o->ref = (struct object_ref){kind, number};
    o->object = draft_alloc(d, 1, object_record(kind)->size);
    return o->object;
}

const void *draft_object(const struct draft *d, enum object_kind kind, uint32_t number)
{
    const struct overlay *o = overlay_find(d, kind, number);
    return o ? o->object : desk_object(d->desk, kind, number);
}

static void touch(struct ground *g, enum object_kind kind, uint32_t number)
{
    for (uint32_t i = 0; i < g->touched_count; i++) {
        if (g->touched[i].number == number && g->touched[i].kind == kind)
            return;
    }
    assert(g->touched_count < MAX_TOUCHED_AT_ONCE);
    g->touched[g->touched_count++] = (struct object_ref){kind, number};
}

void *ground_make(struct ground *g, enum object_kind kind, uint32_t number)
{
    touch(g, kind, number);
    if (g->draft) {
        g->draft->made[kind]++;
        return overlay_add(g->draft, kind, number);
    }
    return slot_object(pool_make(g->desk, kind, number));
}

void *ground_edit(struct ground *g, enum object_kind kind, uint32_t number)
{
    touch(g, kind, number);
    if (g->draft) {
        struct overlay *o = overlay_find(g->draft, kind, number);
        if (o)
            return o->object;
        const void *object = desk_object(g->draft->desk, kind, number);
        assert(object);
        return memcpy(overlay_add(g->draft, kind, number), object, object_record(kind)->size);
    }
    struct slot *slot = pool_find(&g->desk->pools[kind], number);
    assert(slot && "the objects of an event are in memory");
    return slot_object(slot);
}

const void *ground_look(const struct ground *g, enum object_kind kind, uint32_t number)
{
    return g->draft ? draft_object(g->draft, kind, number) : desk_object(g->desk, kind, number);
}

const struct desk *ground_desk(const struct ground *g)
{
    return g->draft ? g->draft->desk : g->desk;
}

void ground_text(struct ground *g, struct str *io_text, struct str value)
{
    if (g->draft)
        *io_text = value;
    else
        pool_text(io_text, value);
}

static size_t plain_size(const struct field *f)
{
    switch (f->type) {
    case FIELD_U32:
    case FIELD_ENUM:
    case FIELD_REF:
        return sizeof(uint32_t);
    case FIELD_I64:
    case FIELD_TIME:
        return sizeof(int64_t);
    case FIELD_BOOL:
        return sizeof(bool);
    case FIELD_PLACE:
        return sizeof(struct place);
    case FIELD_REFS:
        return sizeof(struct refs);
    case FIELD_PERSONAL:
        return sizeof(struct personal);
    case FIELD_TEXT:
    case FIELD_CHARS:
    case FIELD_JSON:
    case FIELD_BYTES:
        return 0;
    }
    return 0;
}

/* False when the two do not mean the same. */
static bool copy_field(struct ground *g, const struct field *a, const void *from,
                       const struct field *b, void *to)
{
    const void *src = (const char *)from + a->offset;
    void *dst = (char *)to + b->offset;
    if (a->type == FIELD_TEXT && b->type == FIELD_CHARS) {
        chars_set(dst, b->max, *(const struct str *)src);
        return true;
    }
    if (a->type != b->type || a->refers != b->refers)
        return false;
    if (a->type == FIELD_JSON)
        ground_text(g, dst, *(const struct str *)src);
    else
        memcpy(dst, src, plain_size(a));
    if (a->type == FIELD_PERSONAL)
        ((struct personal *)dst)->text = (struct str){0};
    return true;
}

void ground_copy(struct ground *g, const struct record *from_rec, const void *from,
                 const struct record *to_rec, void *to)
{
    for (uint32_t i = 0; i < from_rec->field_count; i++) {
        const struct field *a = &from_rec->fields[i];
        if (!record_has(from_rec, from, a->offset))
            continue;
        const struct field *b = record_field(to_rec, str_of(a->name));
        if (b && copy_field(g, a, from, b, to))
            record_set_has(to_rec, to, b->offset, true);
    }
}

/* An event is as sensitive as the most sensitive field in it. */
static enum data_class class_of(const struct record *rec, const void *fields)
{
    enum data_class highest = DATA_DUTY;
    for (uint32_t i = 0; i < rec->field_count; i++) {
        if (rec->fields[i].data_class > highest && record_has(rec, fields, rec->fields[i].offset))
            highest = rec->fields[i].data_class;
    }
    return highest;
}

void draft_emit(struct draft *d, enum event_kind kind, uint32_t object, const void *fields,
                struct area_id area)
{
    const struct event_def *def = event_def(kind);
    if (d->out.event_count == d->event_cap) {
        uint32_t cap = d->event_cap ? 2 * d->event_cap : 8;
        struct event *more = draft_alloc(d, cap, sizeof *more);
        if (d->event_cap)
            memcpy(more, d->out.events, d->event_cap * sizeof *more);
        d->out.events = more;
        d->event_cap = cap;
    }
    assert(d->out.event_count < MAX_DECISION_EVENTS);
    struct event *e = &d->out.events[d->out.event_count++];
    *e = (struct event){
        .realm = d->desk->settings.realm,
        .kind = kind,
        .version = def->version,
        .object = object,
        .actor = d->cmd->actor.user,
        .role = d->cmd->actor.role,
        .at_us = d->at_us,
        .at_source = d->cmd->at_source != CLOCK_NONE ? d->cmd->at_source : CLOCK_CORE,
        .recorded_us = d->now_us,
        .area = area,
        .data_class = class_of(def->fields, fields),
        .fields = fields,
    };
    struct ground g = {.draft = d};
    desk_apply_fns[kind](&g, e);
}

enum err draft_number(struct draft *d, enum object_kind kind, uint32_t *ret_number)
{
    const struct pool *pool = &d->desk->pools[kind];
    if (pool->count + d->made[kind] >= pool->max || pool->last > UINT32_MAX - MAX_TOUCHED)
        return draft_refuse(d, ERR_LIMIT, NULL, "no room for another %s", object_kind_name(kind));
    *ret_number = pool->last + d->made[kind] + 1;
    return OK;
}

void *draft_copy_fields(struct draft *d)
{
    const struct record *rec = command_def(d->cmd->kind)->fields;
    return memcpy(draft_alloc(d, 1, rec->size), d->cmd->fields, rec->size);
}

enum err draft_refuse(struct draft *d, enum err err, const char *field, const char *fmt, ...)
{
    char buf[400];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(buf, sizeof buf, fmt, args);
    va_end(args);
    d->out.err = err;
    d->out.field = field;
    d->out.detail =
        arena_dup(d->arena, (struct str){buf, n < (int)sizeof buf ? (size_t)n : sizeof buf - 1});
    d->out.legal = (struct str){0};
    return err;
}

struct area_id draft_area_of(const struct draft *d, enum object_kind kind, uint32_t number)
{
    const void *object = draft_object(d, kind, number);
    const struct field *f = record_field(object_record(kind), STR("area"));
    struct area_id area = {0};
    if (object && f && f->type == FIELD_REF)
        memcpy(&area, (const char *)object + f->offset, sizeof area);
    return area;
}

const char *draft_id(struct draft *d, enum object_kind kind, uint32_t number)
{
    char *buf = draft_alloc(d, 1, ID_TEXT_CAP);
    id_text(kind, d->desk->settings.realm, number, buf);
    return buf;
}

enum err draft_must_have(struct draft *d, enum object_kind kind, uint32_t number, const char *field)
{
    if (draft_object(d, kind, number))
        return OK;
    return draft_refuse(d, ERR_NOT_FOUND, field, "there is no %s",
                        number ? draft_id(d, kind, number) : object_kind_name(kind));
}

void chars_set(char *buf, size_t cap_bytes, struct str text)
{
    memset(buf, 0, cap_bytes);
    (void)str_copy(text, buf, cap_bytes);
}

bool refs_has(const struct refs *refs, uint32_t number)
{
    for (uint32_t i = 0; i < refs->count; i++) {
        if (refs->v[i] == number)
            return true;
    }
    return false;
}

void refs_add(struct refs *refs, uint32_t number)
{
    assert(refs->count < MAX_REFS);
    if (!refs_has(refs, number))
        refs->v[refs->count++] = number;
}

void refs_remove(struct refs *refs, uint32_t number)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < refs->count; i++) {
        if (refs->v[i] != number)
            refs->v[n++] = refs->v[i];
    }
    for (uint32_t i = n; i < refs->count; i++)
        refs->v[i] = 0;
    refs->count = n;
}
