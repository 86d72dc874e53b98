#include "desk/pool.h"

#include "base/digest.h"
#include <assert.h>

#define CHUNK_SLOTS 128
#define SLOT_HEAD_BYTES ((sizeof(struct slot) + 15) / 16 * 16)

/* Which field of an object is its code. CHARS, or none. */
static const char *const code_fields[OBJECT_KIND_COUNT] = {
    [OBJECT_unit] = "callsign",    [OBJECT_call] = "external_ref", [OBJECT_post] = "code",
    [OBJECT_area] = "code",        [OBJECT_body] = "code",         [OBJECT_type] = "code",
    [OBJECT_plan] = "code",        [OBJECT_user] = "login",        [OBJECT_session] = "token_hash",
    [OBJECT_hazard_kind] = "code",
};

static const uint32_t preset_max[OBJECT_KIND_COUNT] = {
    [OBJECT_signal] = 50000,   [OBJECT_incident] = 50000,  [OBJECT_assignment] = 100000,
    [OBJECT_unit] = 20000,     [OBJECT_call] = 50000,      [OBJECT_post] = 10000,
    [OBJECT_area] = 50000,     [OBJECT_body] = 5000,       [OBJECT_type] = 2000,
    [OBJECT_plan] = 2000,      [OBJECT_user] = 50000,      [OBJECT_session] = 50000,
    [OBJECT_closure] = 10000,  [OBJECT_roster] = 10000,    [OBJECT_handover] = 5000,
    [OBJECT_timing] = 1,       [OBJECT_hazard_kind] = 200, [OBJECT_hazard] = 50000,
    [OBJECT_emergency] = 5000, [OBJECT_notice] = 5000,
};

void desk_settings_preset(struct desk_settings *settings)
{
    memset(settings, 0, sizeof *settings);
    settings->realm = 1;
    memcpy(settings->max_objects, preset_max, sizeof preset_max);
}

static void *must(void *p)
{
    if (!p)
        abort();
    return p;
}

struct desk *desk_new(const struct desk_settings *settings)
{
    struct desk *desk = must(calloc(1, sizeof *desk));
    desk->settings = *settings;
    for (unsigned k = 1; k < OBJECT_KIND_COUNT; k++) {
        struct pool *pool = &desk->pools[k];
        pool->record = object_record((enum object_kind)k);
        pool->max = settings->max_objects[k] ? settings->max_objects[k] : preset_max[k];
        pool->stride_bytes = SLOT_HEAD_BYTES + (pool->record->size + 15u) / 16u * 16u;
        pool->chunks = must(calloc(pool->max / CHUNK_SLOTS + 1, sizeof pool->chunks[0]));
        pool->free_slots = must(calloc(pool->max, sizeof pool->free_slots[0]));
        map_init(&pool->by_number, pool->max);
        map_init(&pool->by_code, pool->max);
    }
    return desk;
}

static struct slot *slot_at(const struct pool *pool, uint32_t i)
{
    return (struct slot *)(void *)(pool->chunks[i / CHUNK_SLOTS] +
                                   (i % CHUNK_SLOTS) * pool->stride_bytes);
}

void *slot_object(struct slot *slot)
{
    return (unsigned char *)slot + SLOT_HEAD_BYTES;
}

static bool is_owned_text(const struct field *f)
{
    return f->type == FIELD_TEXT || f->type == FIELD_JSON || f->type == FIELD_BYTES;
}

static void text_free(struct str *text)
{
    free((void *)(uintptr_t)text->p);
    *text = (struct str){0};
}

void pool_text(struct str *io_text, struct str value)
{
    struct str copy = {0};
    if (value.len > 0) {
        char *p = must(malloc(value.len));
        memcpy(p, value.p, value.len);
        copy = (struct str){p, value.len};
    }
    text_free(io_text);
    *io_text = copy;
}

static void slot_done(struct pool *pool, struct slot *slot)
{
    for (uint32_t i = 0; i < pool->record->field_count; i++) {
        const struct field *f = &pool->record->fields[i];
        if (is_owned_text(f))
            text_free((struct str *)(void *)((char *)slot_object(slot) + f->offset));
    }
    json_free(slot->document);
    memset(slot, 0, pool->stride_bytes);
}

void desk_free(struct desk *desk)
{
    if (!desk)
        return;
    for (unsigned k = 1; k < OBJECT_KIND_COUNT; k++) {
        struct pool *pool = &desk->pools[k];
        for (uint32_t i = 0; i < pool->high; i++)
            slot_done(pool, slot_at(pool, i));
        for (uint32_t i = 0; i <= pool->max / CHUNK_SLOTS; i++)
            free(pool->chunks[i]);
        free(pool->chunks);
        free(pool->free_slots);
        map_done(&pool->by_number);
        map_done(&pool->by_code);
    }
    free(desk);
}

struct slot *pool_find(const struct pool *pool, uint32_t number)
{
    uint32_t i;
    return number != 0 && map_get(&pool->by_number, number, &i) ? slot_at(pool, i) : NULL;
}

struct slot *pool_make(struct desk *desk, enum object_kind kind, uint32_t number)
{
    struct pool *pool = &desk->pools[kind];
    uint32_t i;
    assert(pool->count < pool->max && number != 0);
    if (pool->free_count > 0) {
        i = pool->free_slots[--pool->free_count];
    } else {
        i = pool->high++;
        if (!pool->chunks[i / CHUNK_SLOTS])
            pool->chunks[i / CHUNK_SLOTS] = must(calloc(CHUNK_SLOTS, pool->stride_bytes));
    }
    if (map_put(&pool->by_number, number, i) != OK)
        abort();
    struct slot *slot = slot_at(pool, i);
    slot->number = number;
    pool->count++;
    if (number > pool->last)
        pool->last = number;
    return slot;
}

static struct str code_of(enum object_kind kind, struct slot *slot)
{
    const struct field *f =
        code_fields[kind] ? record_field(object_record(kind), str_of(code_fields[kind])) : NULL;
    return f ? str_of((const char *)slot_object(slot) + f->offset) : (struct str){0};
}

void pool_index(struct desk *desk, enum object_kind kind, struct slot *slot)
{
    struct pool *pool = &desk->pools[kind];
    struct str code = code_of(kind, slot);
    uint32_t other;
    if (code.len > 0) {
        uint64_t key = digest_u64(code.p, code.len);
        if ((!map_get(&pool->by_code, key, &other) || other < slot->number) &&
            map_put(&pool->by_code, key, slot->number) != OK)
            abort();
    }
    if (kind == OBJECT_type || kind == OBJECT_plan) {
        const struct field *f = record_field(pool->record, STR("document"));
        struct str text = *(struct str *)(void *)((char *)slot_object(slot) + f->offset);
        json_free(slot->document);
        slot->document = (struct json){0};
        if (json_read(text, &slot->document, NULL) != OK)
            slot->document = (struct json){0};
    }
}

enum err desk_load(struct desk *desk, enum object_kind kind, uint32_t number, struct str row,
                   uint64_t seq)
{
    struct pool *pool = &desk->pools[kind];
    if (pool_find(pool, number))
        return ERR_EXISTS;
    if (pool->count >= pool->max)
        return ERR_LIMIT;
    void *read = must(calloc(1, pool->record->size));
    if (number == 0 || record_read(pool->record, row, read) != OK) {
        free(read);
        return ERR_CORRUPT;
    }
    for (uint32_t i = 0; i < pool->record->field_count; i++) {
        const struct field *f = &pool->record->fields[i];
        struct str *text = (struct str *)(void *)((char *)read + f->offset);
        struct str borrowed = is_owned_text(f) ? *text : (struct str){0};
        if (is_owned_text(f)) {
            *text = (struct str){0};
            pool_text(text, borrowed);
        }
    }
    struct slot *slot = pool_make(desk, kind, number);
    memcpy(slot_object(slot), read, pool->record->size);
    free(read);
    slot->seq = seq;
    pool_index(desk, kind, slot);
    return OK;
}

bool desk_evict(struct desk *desk, enum object_kind kind, uint32_t number)
{
    struct pool *pool = &desk->pools[kind];
    struct slot *slot = pool_find(pool, number);
    uint32_t i, other;
    if (!slot || desk_is_live(desk, kind, number))
        return false;
    struct str code = code_of(kind, slot);
    uint64_t key = digest_u64(code.p, code.len);
    if (code.len > 0 && map_get(&pool->by_code, key, &other) && other == number)
        (void)map_remove(&pool->by_code, key);
    (void)map_get(&pool->by_number, number, &i);
    (void)map_remove(&pool->by_number, number);
    slot_done(pool, slot);
    pool->free_slots[pool->free_count++] = i;
    pool->count--;
    return true;
}

void desk_last_set(struct desk *desk, enum object_kind kind, uint32_t number)
{
    if (number > desk->pools[kind].last)
        desk->pools[kind].last = number;
}

uint32_t desk_last(const struct desk *desk, enum object_kind kind)
{
    return desk->pools[kind].last;
}

uint64_t desk_seq(const struct desk *desk, enum object_kind kind, uint32_t number)
{
    struct slot *slot = pool_find(&desk->pools[kind], number);
    return slot ? slot->seq : 0;
}

const void *desk_object(const struct desk *desk, enum object_kind kind, uint32_t number)
{
    struct slot *slot = pool_find(&desk->pools[kind], number);
    return slot ? slot_object(slot) : NULL;
}

uint32_t desk_by_code(const struct desk *desk, enum object_kind kind, struct str code)
{
    uint32_t number;
    if (code.len == 0 ||
        !map_get(&desk->pools[kind].by_code, digest_u64(code.p, code.len), &number))
        return 0;
    struct slot *slot = pool_find(&desk->pools[kind], number);
    return slot && str_eq(code_of(kind, slot), code) ? number : 0;
}

uint32_t desk_next(const struct desk *desk, enum object_kind kind, uint32_t *io_pos)
{
    const struct pool *pool = &desk->pools[kind];
    while (*io_pos < pool->high) {
        uint32_t number = slot_at(pool, (*io_pos)++)->number;
        if (number != 0)
            return number;
    }
    return 0;
}

uint32_t desk_count(const struct desk *desk, enum object_kind kind)
{
    return desk->pools[kind].count;
}

uint32_t desk_realm(const struct desk *desk)
{
    return desk->settings.realm;
}

enum err desk_state_write(const struct desk *desk, enum object_kind kind, uint32_t number,
                          struct out *out)
{
    const void *object = desk_object(desk, kind, number);
    if (!object)
        return ERR_NOT_FOUND;
    record_write(desk->pools[kind].record, object, RECORD_STORED, out);
    return out->err;
}
