#include "watch/fence.h"
#include "base/cursor.h"
#include "watch/fence_priv.h"
#include <stdlib.h>
#include <string.h>

#define MAX_SPEED_MM_S 150000
#define MAX_GAP_S 120
#define SAVE_VERSION 1

#define FENCE_EVENT_TEXT(name, text) text,
static const char *const EVENT_TEXTS[] = {FENCE_EVENT_LIST(FENCE_EVENT_TEXT)};
#undef FENCE_EVENT_TEXT

const char *fence_event_text(enum fence_event_kind kind)
{
    return EVENT_TEXTS[kind];
}

/* ------------------------------------------------------- fences */

struct fences *fences_new(const struct fences_options *options)
{
    struct fences *f = calloc(1, sizeof *f);
    if (!f)
        abort();
    f->options = *options;
    if (f->options.max_speed_mm_s == 0)
        f->options.max_speed_mm_s = MAX_SPEED_MM_S;
    if (f->options.max_gap_s == 0)
        f->options.max_gap_s = MAX_GAP_S;
    if (f->options.max_objects == 0 || f->options.max_objects > FENCE_MAX_OBJECTS)
        f->options.max_objects = FENCE_MAX_OBJECTS;
    map_init(&f->slot_of, FENCE_MAX_FENCES);
    map_init(&f->object_of, f->options.max_objects);
    grid_init(&f->grid);
    return f;
}

static void slot_clear(struct slot *slot)
{
    free(slot->rings);
    free(slot->places);
    memset(slot, 0, sizeof *slot);
}

void fences_free(struct fences *f)
{
    if (!f)
        return;
    for (uint32_t i = 0; i < f->slot_count; i++)
        slot_clear(&f->slots[i]);
    for (uint32_t i = 0; i < f->object_count; i++)
        free(f->objects[i].inside);
    free(f->slots);
    free(f->objects);
    free(f->seen);
    map_done(&f->slot_of);
    map_done(&f->object_of);
    grid_done(&f->grid);
    free(f);
}

static enum err check_fence(const struct fence *fence)
{
    size_t corners = 0;
    if (fence->id == 0 || (fence->anchor == 0) == (fence->shape.count == 0) ||
        (fence->anchor && fence->radius_m == 0))
        return ERR_RANGE;
    for (size_t i = 0; i < fence->shape.count; i++) {
        struct ring ring = fence->shape.rings[i];
        corners += ring.count;
        if (ring.count < 3)
            return ERR_RANGE;
        for (size_t k = 0; k < ring.count; k++) {
            int64_t step = (int64_t)ring.places[k].lon_e7 - ring.places[k ? k - 1 : 0].lon_e7;
            if (!place_is_valid(ring.places[k]) || step > 1800000000 || step < -1800000000)
                return ERR_RANGE;
        }
    }
    return corners > FENCE_MAX_CORNERS ? ERR_LIMIT : OK;
}

static enum err copy_fence(const struct fence *fence, struct slot *ret_slot)
{
    size_t corners = 0;
    struct slot slot = {.fence = *fence};
    for (size_t i = 0; i < fence->shape.count; i++)
        corners += fence->shape.rings[i].count;
    slot.rings = calloc(fence->shape.count + 1, sizeof *slot.rings);
    slot.places = calloc(corners + 1, sizeof *slot.places);
    if (!slot.rings || !slot.places) {
        slot_clear(&slot);
        return ERR_LIMIT;
    }
    for (size_t i = 0, at = 0; i < fence->shape.count; i++) {
        struct ring ring = fence->shape.rings[i];
        memcpy(slot.places + at, ring.places, ring.count * sizeof *slot.places);
        slot.rings[i] = (struct ring){slot.places + at, ring.count};
        at += ring.count;
    }
    slot.fence.shape.rings = slot.rings;
    slot.box = polygon_box(slot.fence.shape);
    *ret_slot = slot;
    return OK;
}

static enum err find_slot(struct fences *f, uint32_t id, uint32_t *ret_slot)
{
    if (map_get(&f->slot_of, id, ret_slot))
        return OK;
    for (uint32_t i = 0; i < f->slot_count; i++) {
        if (f->slots[i].fence.id == 0) {
            *ret_slot = i;
            return map_put(&f->slot_of, id, i);
        }
    }
    if (f->slot_count == f->slot_cap) {
        uint32_t cap = f->slot_cap ? 2 * f->slot_cap : 256;
        struct slot *slots = reallocarray(f->slots, cap, sizeof *slots);
        if (slots)
            f->slots = slots;
        uint64_t *seen = reallocarray(f->seen, cap, sizeof *seen);
        if (seen)
            f->seen = seen;
        if (!slots || !seen)
            return ERR_LIMIT;
        f->slot_cap = cap;
    }
    enum err err = map_put(&f->slot_of, id, f->slot_count);
    if (err)
        return err;
    f->seen[f->slot_count] = 0;
    memset(&f->slots[f->slot_count], 0, sizeof *f->slots);
    *ret_slot = f->slot_count++;
    return OK;
}

static void drop_moving(struct fences *f, uint32_t slot)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < f->moving_count; i++) {
        if (f->moving[i] != slot)
            f->moving[kept++] = f->moving[i];
    }
    f->moving_count = kept;
}

static void unindex(struct fences *f, uint32_t at)
{
    if (f->slots[at].fence.id == 0)
        return;
    if (f->slots[at].fence.anchor)
        drop_moving(f, at);
    else
        grid_remove(&f->grid, at, f->slots[at].fence.shape);
}

enum err fences_put(struct fences *f, const struct fence *fence)
{
    struct slot slot;
    uint32_t at;
    enum err err = check_fence(fence);
    if (!err && fence->anchor && f->moving_count == FENCE_MAX_MOVING)
        err = ERR_LIMIT;
    if (!err)
        err = copy_fence(fence, &slot);
    if (err)
        return err;
    err = find_slot(f, fence->id, &at);
    if (!err && !fence->anchor) {
        bool is_new = f->slots[at].fence.id == 0;
        unindex(f, at);
        err = grid_add(&f->grid, at, slot.fence.shape);
        if (err && is_new)
            (void)map_remove(&f->slot_of, fence->id);
        else if (err)
            err = grid_add(&f->grid, at, f->slots[at].fence.shape) ? ERR_LIMIT : err;
    } else if (!err) {
        unindex(f, at);
        f->moving[f->moving_count++] = at;
    }
    if (err) {
        slot_clear(&slot);
        return err;
    }
    slot_clear(&f->slots[at]);
    f->slots[at] = slot;
    return OK;
}

/* ------------------------------------------------------- the rest */

enum err fences_remove(struct fences *f, uint32_t id, int64_t now_us)
{
    uint32_t at;
    if (!map_get(&f->slot_of, id, &at))
        return ERR_NOT_FOUND;
    fences_end(f, at, now_us);
    unindex(f, at);
    slot_clear(&f->slots[at]);
    (void)map_remove(&f->slot_of, id);
    return OK;
}

void fences_tick(struct fences *f, int64_t now_us)
{
    for (uint32_t i = 0; i < f->slot_count; i++) {
        const struct fence *fence = &f->slots[i].fence;
        if (fence->id && fence->until_us && fence->until_us <= now_us)
            fences_end(f, i, fence->until_us);
    }
}

void fences_forget(struct fences *f, uint64_t id)
{
    uint32_t at;
    if (!map_get(&f->object_of, id, &at))
        return;
    free(f->objects[at].inside);
    (void)map_remove(&f->object_of, id);
    f->objects[at] = f->objects[--f->object_count];
    if (at < f->object_count)
        (void)map_put(&f->object_of, f->objects[at].id, at);
}

bool fences_is_inside(const struct fences *f, uint64_t id, uint32_t fence)
{
    uint32_t slot, at;
    return map_get(&f->object_of, id, &at) && map_get(&f->slot_of, fence, &slot) &&
           fences_find_inside(&f->objects[at], slot);
}

struct fences_counts fences_counts(const struct fences *f)
{
    return f->counts;
}

void fences_save(const struct fences *f, struct out *out)
{
    out_varint(out, SAVE_VERSION);
    out_varint(out, f->object_count);
    for (uint32_t i = 0; i < f->object_count; i++) {
        const struct object *object = &f->objects[i];
        out_varint(out, object->id);
        out_varint(out, object->kind);
        out_zigzag(out, object->place.lat_e7);
        out_zigzag(out, object->place.lon_e7);
        out_zigzag(out, object->at_us);
        out_zigzag(out, object->held.lat_e7);
        out_zigzag(out, object->held.lon_e7);
        out_zigzag(out, object->held_us);
        out_varint(out, object->inside_count);
        for (uint32_t k = 0; k < object->inside_count; k++) {
            const struct inside *inside = &object->inside[k];
            out_varint(out, f->slots[inside->slot].fence.id);
            out_varint(out, (uint64_t)inside->has_dwelt | (uint64_t)inside->is_speeding << 1);
            out_zigzag(out, inside->since_us);
        }
    }
}

static struct place read_place(struct cursor *c)
{
    int64_t lat = cursor_zigzag(c), lon = cursor_zigzag(c);
    return (struct place){(int32_t)lat, (int32_t)lon};
}

static enum err load_object(struct fences *f, struct cursor *c)
{
    struct fix fix = {.object = cursor_varint(c), .kind = (uint32_t)cursor_varint(c)};
    bool is_new;
    if (c->err)
        return ERR_CORRUPT;
    struct object *object = fences_find_object(f, &fix, &is_new);
    if (!object || !is_new)
        return ERR_CORRUPT;
    object->place = read_place(c);
    object->at_us = cursor_zigzag(c);
    object->held = read_place(c);
    object->held_us = cursor_zigzag(c);
    uint64_t count = cursor_varint(c);
    for (uint64_t i = 0; i < count && !c->err; i++) {
        uint32_t slot;
        uint64_t id = cursor_varint(c), flags = cursor_varint(c);
        int64_t since_us = cursor_zigzag(c);
        struct inside *inside = !c->err && map_get(&f->slot_of, id, &slot)
                                    ? fences_go_in(f, object, slot, since_us)
                                    : NULL;
        if (inside) {
            inside->has_dwelt = flags & 1;
            inside->is_speeding = flags >> 1 & 1;
        }
    }
    return c->err ? ERR_CORRUPT : OK;
}

enum err fences_load(struct fences *f, struct str bytes)
{
    struct cursor c = cursor_of(bytes.p, bytes.len);
    enum err err = cursor_varint(&c) == SAVE_VERSION ? OK : ERR_CORRUPT;
    uint64_t count = cursor_varint(&c);
    for (uint64_t i = 0; i < count && !err && !c.err; i++)
        err = load_object(f, &c);
    return err ? err : c.err || c.left ? ERR_CORRUPT : OK;
}
