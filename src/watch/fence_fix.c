#include "watch/fence_priv.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_CROSSINGS 64

struct move { /* from the last fix to this one */
    struct place a, b;
    int64_t a_us, b_us;
    bool is_swept; /* false: nothing is known of the way between */
};

/* ------------------------------------------------------- events of one fix */

static void say(struct fences *f, const struct fence_event *event)
{
    uint32_t at = f->event_count;
    if (at == sizeof f->events / sizeof *f->events) {
        f->counts.refused++;
        return;
    }
    while (at > 0 &&
           (f->events[at - 1].at_us > event->at_us ||
            (f->events[at - 1].at_us == event->at_us && f->events[at - 1].fence > event->fence)))
        at--;
    memmove(f->events + at + 1, f->events + at, (f->event_count - at) * sizeof *f->events);
    f->events[at] = *event;
    f->event_count++;
}

static void say_all(struct fences *f)
{
    for (uint32_t i = 0; i < f->event_count; i++)
        f->options.event(f->options.user, &f->events[i]);
    f->event_count = 0;
}

static void say_at(struct fences *f, const struct object *object, uint32_t slot,
                   enum fence_event_kind kind, int64_t at_us)
{
    struct fence_event event = {.kind = kind,
                                .fence = f->slots[slot].fence.id,
                                .object = object->id,
                                .at_us = at_us,
                                .place = object->place};
    say(f, &event);
}

/* ------------------------------------------------------- geometry */

static int64_t turn_of(struct place a, struct place b, struct place p)
{
    __extension__ typedef __int128 wide;
    wide cross = (wide)((int64_t)b.lon_e7 - a.lon_e7) * ((int64_t)p.lat_e7 - a.lat_e7) -
                 (wide)((int64_t)p.lon_e7 - a.lon_e7) * ((int64_t)b.lat_e7 - a.lat_e7);
    return (cross > 0) - (cross < 0);
}

static double area_of(struct place a, struct place b, struct place p)
{
    return ((double)b.lon_e7 - a.lon_e7) * ((double)p.lat_e7 - a.lat_e7) -
           ((double)p.lon_e7 - a.lon_e7) * ((double)b.lat_e7 - a.lat_e7);
}

static int compare_doubles(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return left < right ? -1 : left > right;
}

/* Shares of the line at which it meets the border, ascending; 0 when it does not. */
static size_t crossings(struct polygon shape, struct place a, struct place b,
                        double ret_shares[MAX_CROSSINGS])
{
    size_t count = 0;
    for (size_t r = 0; r < shape.count; r++) {
        struct ring ring = shape.rings[r];
        for (size_t i = 0, k = ring.count - 1; i < ring.count; k = i++) {
            struct place c = ring.places[k], d = ring.places[i];
            if (turn_of(a, b, c) * turn_of(a, b, d) > 0 || turn_of(c, d, a) * turn_of(c, d, b) > 0)
                continue;
            double from = area_of(c, d, a), to = area_of(c, d, b);
            if (from != to && count < MAX_CROSSINGS)
                ret_shares[count++] = from / (from - to);
        }
    }
    qsort(ret_shares, count, sizeof *ret_shares, compare_doubles);
    return count;
}

static int64_t time_at(const struct move *move, double share)
{
    return move->a_us + llround(share * (double)(move->b_us - move->a_us));
}

static struct place between(const struct move *move, double share)
{
    return (struct place){
        (int32_t)lround(move->a.lat_e7 + share * ((double)move->b.lat_e7 - move->a.lat_e7)),
        (int32_t)lround(move->a.lon_e7 + share * ((double)move->b.lon_e7 - move->a.lon_e7))};
}

/* Is some stretch between two meetings inside? */
static bool passes_inside(struct polygon shape, const struct move *move, const double *shares,
                          size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (shares[i] > shares[i - 1] &&
            polygon_holds(shape, between(move, (shares[i] + shares[i - 1]) / 2)))
            return true;
    }
    return false;
}

static const struct object *object_by(const struct fences *f, uint64_t id)
{
    uint32_t at;
    return map_get(&f->object_of, id, &at) ? &f->objects[at] : NULL;
}

static bool is_in_force(const struct fence *fence, int64_t at_us)
{
    return (fence->from_us == 0 || at_us >= fence->from_us) &&
           (fence->until_us == 0 || at_us < fence->until_us);
}

static bool holds(const struct fences *f, const struct slot *slot, struct place place)
{
    if (slot->fence.anchor == 0)
        return box_holds(slot->box, place) && polygon_holds(slot->fence.shape, place);
    const struct object *anchor = object_by(f, slot->fence.anchor);
    return anchor && place_distance_m(anchor->place, place) <= slot->fence.radius_m;
}

/* Still within the margin outside? */
static bool is_near(const struct fences *f, const struct slot *slot, struct place place)
{
    if (slot->fence.margin_m == 0)
        return false;
    if (slot->fence.anchor == 0)
        return polygon_border_m(slot->fence.shape, place) <= slot->fence.margin_m;
    const struct object *anchor = object_by(f, slot->fence.anchor);
    return anchor && place_distance_m(anchor->place, place) <=
                         (double)slot->fence.radius_m + slot->fence.margin_m;
}

/* ------------------------------------------------------- one object and one fence */

struct inside *fences_find_inside(const struct object *object, uint32_t slot)
{
    for (uint32_t i = 0; i < object->inside_count; i++) {
        if (object->inside[i].slot == slot)
            return &object->inside[i];
    }
    return NULL;
}

static void go_out(struct object *object, struct inside *inside)
{
    *inside = object->inside[--object->inside_count];
}

struct inside *fences_go_in(struct fences *f, struct object *object, uint32_t slot,
                            int64_t since_us)
{
    if (object->inside_count == FENCE_MAX_INSIDE) {
        f->counts.refused++;
        return NULL;
    }
    if (object->inside_count == object->inside_cap) {
        uint32_t cap = object->inside_cap ? 2 * object->inside_cap : 4;
        struct inside *inside = reallocarray(object->inside, cap, sizeof *inside);
        if (!inside)
            abort();
        object->inside = inside;
        object->inside_cap = cap;
    }
    struct inside *inside = &object->inside[object->inside_count++];
    *inside = (struct inside){.slot = slot, .since_us = since_us};
    return inside;
}

/* Dwelling and speed of somebody inside. */
static void look_inside(struct fences *f, const struct object *object, struct inside *inside,
                        const struct fix *fix)
{
    const struct fence *fence = &f->slots[inside->slot].fence;
    int64_t due_us = inside->since_us + fence->dwell_s * US_PER_S;
    if (fence->dwell_s && !inside->has_dwelt && fix->at_us >= due_us) {
        inside->has_dwelt = true;
        say_at(f, object, inside->slot, FENCE_DWELLS, due_us);
    }
    if (fence->speed_mm_s == 0 || !fix->has_speed)
        return;
    if (!inside->is_speeding && fix->speed_mm_s > fence->speed_mm_s) {
        inside->is_speeding = true;
        say_at(f, object, inside->slot, FENCE_SPEEDS, fix->at_us);
    } else if (fix->speed_mm_s <= fence->speed_mm_s - fence->speed_mm_s / 10) {
        inside->is_speeding = false;
    }
}

static void come_in(struct fences *f, struct object *object, uint32_t at, const struct move *move,
                    const struct fix *fix)
{
    double shares[MAX_CROSSINGS];
    const struct slot *slot = &f->slots[at];
    size_t count = 0;
    bool was_there = !move->is_swept || slot->fence.anchor || holds(f, slot, move->a);
    if (!was_there)
        count = crossings(slot->fence.shape, move->a, move->b, shares);
    int64_t since_us = count ? time_at(move, shares[0]) : move->b_us;
    if (slot->fence.from_us > since_us)
        since_us = slot->fence.from_us;
    say_at(f, object, at, was_there ? FENCE_APPEARED : FENCE_ENTERED, since_us);
    struct inside *inside = fences_go_in(f, object, at, since_us);
    if (inside)
        look_inside(f, object, inside, fix);
}

static void come_out(struct fences *f, struct object *object, struct inside *inside,
                     const struct move *move)
{
    double shares[MAX_CROSSINGS];
    const struct slot *slot = &f->slots[inside->slot];
    size_t count = 0;
    if (move->is_swept && slot->fence.anchor == 0)
        count = crossings(slot->fence.shape, move->a, move->b, shares);
    say_at(f, object, inside->slot, FENCE_LEFT,
           count ? time_at(move, shares[count - 1]) : move->b_us);
    go_out(object, inside);
}

static void cross(struct fences *f, struct object *object, uint32_t at, const struct move *move)
{
    double shares[MAX_CROSSINGS];
    const struct fence *fence = &f->slots[at].fence;
    if (!move->is_swept || fence->anchor)
        return;
    size_t count = crossings(fence->shape, move->a, move->b, shares);
    if (count < 2 || !passes_inside(fence->shape, move, shares, count))
        return;
    say_at(f, object, at, FENCE_ENTERED, time_at(move, shares[0]));
    say_at(f, object, at, FENCE_LEFT, time_at(move, shares[count - 1]));
}

/* Everything that a move can mean to one fence. */
static void judge(struct fences *f, struct object *object, uint32_t at, const struct move *move,
                  const struct fix *fix)
{
    const struct slot *slot = &f->slots[at];
    struct inside *inside = fences_find_inside(object, at);
    if (slot->fence.id == 0 || !(slot->fence.kinds >> (fix->kind & 31) & 1) ||
        slot->fence.anchor == object->id)
        return;
    if (!is_in_force(&slot->fence, fix->at_us)) {
        if (inside) {
            say_at(f, object, at, FENCE_ENDED, slot->fence.until_us);
            go_out(object, inside);
        }
        return;
    }
    bool is_in = holds(f, slot, move->b);
    if (inside && !is_in && !is_near(f, slot, move->b))
        come_out(f, object, inside, move);
    else if (inside)
        look_inside(f, object, inside, fix);
    else if (is_in)
        come_in(f, object, at, move, fix);
    else
        cross(f, object, at, move);
}

/* ------------------------------------------------------- one fix */

static void touch(struct fences *f, uint32_t slot)
{
    if (f->seen[slot] == f->turn)
        return;
    f->seen[slot] = f->turn;
    if (f->touched_count == MAX_TOUCHED)
        f->counts.refused++;
    else
        f->touched[f->touched_count++] = slot;
}

static void touch_cell(struct fences *f, const struct grid_cell *cell, bool with_covers)
{
    for (uint32_t i = 0; cell && i < cell->count; i++) {
        if (with_covers || !cell->entries[i].is_cover)
            touch(f, cell->entries[i].slot);
    }
}

/* The fences that this move can concern: those one is in, those of the cells on the way. */
static void gather(struct fences *f, const struct object *object, const struct move *move)
{
    f->turn++;
    f->touched_count = 0;
    for (uint32_t i = 0; i < object->inside_count; i++)
        touch(f, object->inside[i].slot);
    for (uint32_t i = 0; i < f->moving_count; i++)
        touch(f, f->moving[i]);
    for (uint32_t level = 0; level < GRID_LEVELS; level++) {
        const struct grid_cell *cell;
        if (f->grid.used[level] == 0)
            continue;
        struct grid_walk walk =
            grid_walk(&f->grid, level, move->is_swept ? move->a : move->b, move->b);
        while (grid_walk_next(&walk, &cell))
            touch_cell(f, cell, false);
        touch_cell(f, grid_cell_at(&f->grid, level, move->b), true);
    }
}

static void judge_all(struct fences *f, struct object *object, const struct move *move,
                      const struct fix *fix)
{
    gather(f, object, move);
    object->place = fix->place;
    object->at_us = fix->at_us;
    for (uint32_t i = 0; i < f->touched_count; i++)
        judge(f, object, f->touched[i], move, fix);
}

/* A moving fence came along: what does it mean to everybody else? They stand still meanwhile. */
static void judge_anchor(struct fences *f, uint64_t id, int64_t at_us)
{
    for (uint32_t m = 0; m < f->moving_count; m++) {
        if (f->slots[f->moving[m]].fence.anchor != id)
            continue;
        for (uint32_t i = 0; i < f->object_count; i++) {
            struct object *object = &f->objects[i];
            struct move move = {object->place, object->place, at_us, at_us, false};
            struct fix fix = {.kind = object->kind, .place = object->place, .at_us = at_us};
            judge(f, object, f->moving[m], &move, &fix);
        }
    }
}

static bool is_jump(const struct fences *f, struct place a, int64_t a_us, const struct fix *fix)
{
    double seconds = (double)(fix->at_us - a_us) / (double)US_PER_S;
    return place_distance_m(a, fix->place) * 1000 >
           (double)f->options.max_speed_mm_s * fmax(seconds, 1);
}

struct object *fences_find_object(struct fences *f, const struct fix *fix, bool *ret_is_new)
{
    uint32_t at;
    *ret_is_new = !map_get(&f->object_of, fix->object, &at);
    if (!*ret_is_new)
        return &f->objects[at];
    if (f->object_count == f->options.max_objects)
        return NULL;
    if (f->object_count == f->object_cap) {
        uint32_t cap = f->object_cap ? 2 * f->object_cap : 1024;
        struct object *objects = reallocarray(f->objects, cap, sizeof *objects);
        if (!objects)
            abort();
        f->objects = objects;
        f->object_cap = cap;
    }
    if (map_put(&f->object_of, fix->object, f->object_count) != OK)
        return NULL;
    f->objects[f->object_count] = (struct object){.id = fix->object, .kind = fix->kind};
    return &f->objects[f->object_count++];
}

/* A fix beyond belief is held back; the next one tells. True: there is nothing to judge yet. */
static bool hold_jump(struct fences *f, struct object *object, const struct fix *fix,
                      struct move *move)
{
    if (!is_jump(f, object->place, object->at_us, fix)) {
        f->counts.jumps += object->held_us != 0;
        object->held_us = 0;
        return false;
    }
    if (object->held_us && !is_jump(f, object->held, object->held_us, fix)) {
        object->held_us = 0;
        move->is_swept = false;
        return false;
    }
    f->counts.jumps += object->held_us != 0;
    object->held = fix->place;
    object->held_us = fix->at_us;
    return true;
}

enum err fences_fix(struct fences *f, const struct fix *fix)
{
    bool is_new;
    f->counts.fixes++;
    if (!place_is_valid(fix->place) || (fix->place.lat_e7 == 0 && fix->place.lon_e7 == 0)) {
        f->counts.zero++;
        return OK;
    }
    struct object *object = fences_find_object(f, fix, &is_new);
    if (!object) {
        f->counts.refused++;
        return ERR_LIMIT;
    }
    struct move move = {object->place, fix->place, object->at_us, fix->at_us, !is_new};
    object->kind = fix->kind;
    if (!is_new && fix->at_us <= object->at_us) {
        f->counts.late++;
        return OK;
    }
    if (!is_new && fix->at_us - object->at_us > f->options.max_gap_s * US_PER_S)
        move.is_swept = false;
    if (!is_new && hold_jump(f, object, fix, &move))
        return OK;
    judge_all(f, object, &move, fix);
    if (f->moving_count)
        judge_anchor(f, fix->object, fix->at_us);
    say_all(f);
    return OK;
}

void fences_end(struct fences *f, uint32_t slot, int64_t at_us)
{
    for (uint32_t i = 0; i < f->object_count; i++) {
        struct inside *inside = fences_find_inside(&f->objects[i], slot);
        if (!inside)
            continue;
        say_at(f, &f->objects[i], slot, FENCE_ENDED, at_us);
        go_out(&f->objects[i], inside);
        say_all(f);
    }
}
