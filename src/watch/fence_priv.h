/* fence_priv.h - the state behind fence.h. Layer: watch, for fence.c and fence_fix.c only. */
#ifndef WATCH_FENCE_PRIV_H
#define WATCH_FENCE_PRIV_H
#include "base/map.h"
#include "watch/fence.h"
#include "watch/fence_grid.h"

#define US_PER_S INT64_C(1000000)
#define MAX_TOUCHED 512 /* fences looked at for one fix */

struct slot {
    struct fence fence; /* id 0: free */
    struct box box;
    struct ring *rings;
    struct place *places;
};
struct inside {
    uint32_t slot;
    bool has_dwelt, is_speeding;
    int64_t since_us;
};
struct object {
    uint64_t id;
    uint32_t kind;
    struct place place;
    int64_t at_us;
    struct place held; /* a fix that looked like a jump */
    int64_t held_us;   /* 0: none */
    struct inside *inside;
    uint32_t inside_count, inside_cap;
};
struct fences {
    struct fences_options options;
    struct fences_counts counts;
    struct slot *slots;
    uint32_t slot_count, slot_cap;
    struct map slot_of; /* fence id -> slot */
    uint32_t moving[FENCE_MAX_MOVING], moving_count;
    struct grid grid;
    struct object *objects;
    uint32_t object_count, object_cap;
    struct map object_of;
    /* of the fix at hand */
    uint32_t touched[MAX_TOUCHED], touched_count;
    uint64_t *seen; /* by slot: number of the fix that last touched it */
    uint64_t turn;
    struct fence_event events[2 * MAX_TOUCHED];
    uint32_t event_count;
};

/* fence_fix.c */
/* A new one gets the fix's id and kind only. NULL: no room. */
struct object *fences_find_object(struct fences *f, const struct fix *fix, bool *ret_is_new);
struct inside *fences_find_inside(const struct object *object, uint32_t slot);
/* NULL: in as many as it may be, counted. */
struct inside *fences_go_in(struct fences *f, struct object *object, uint32_t slot,
                            int64_t since_us);
/* Everybody inside has been inside when it ended. */
void fences_end(struct fences *f, uint32_t slot, int64_t at_us);
#endif
