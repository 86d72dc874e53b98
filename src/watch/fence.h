/* fence.h - electronic fences: which moving objects are inside which zones, and what follows.
 * Layer: watch. Threads: one owner. No clock: every answer comes from the fixes and their times, so
 * live and replay give the same events whatever the size of a batch.
 *
 * A fix moves its object along the straight line from its last one; fences that the line only
 * crosses are entered and left at the interpolated times. Per object fixes are taken in the order
 * of their own times: a later one that tells an earlier time is counted and dropped, a fix at 0,0
 * too. A fix that would need more than max_speed is held back once: if the next one agrees with it,
 * the object was there after all (it has APPEARED), else it was a jump and is counted. After a
 * silence of more than max_gap nothing is said about the way between.
 *
 * Index: cells of 0.001 x 4^level degrees, the level by the fence's size; a cell knows the fences
 * that cover it and those whose border runs through it. A fix inside one cell without borders costs
 * one look-up; else the exact integer test of geo/polygon.h decides. */
#ifndef WATCH_FENCE_H
#define WATCH_FENCE_H
#include "base/out.h"
#include "geo/polygon.h"

#define FENCE_MAX_FENCES 50000
#define FENCE_MAX_CORNERS 20000 /* of one fence */
#define FENCE_MAX_MOVING 64     /* fences that move with an object */
#define FENCE_MAX_INSIDE 256    /* fences an object may be in at once */
#define FENCE_MAX_OBJECTS 1000000

struct fence {
    uint32_t id;    /* > 0 */
    uint32_t kinds; /* a bit for each kind of object that it looks at */
    struct polygon shape;
    uint64_t anchor; /* instead of a shape: moves with this object, radius_m round it */
    uint32_t radius_m;
    int64_t from_us, until_us; /* in force; 0 = no bound */
    uint32_t margin_m;         /* left only farther out than that: no flutter at the border */
    uint32_t dwell_s;          /* 0 = never said */
    uint32_t speed_mm_s;       /* 0 = no limit */
};

#define FENCE_EVENT_LIST(X)                                                                        \
    X(FENCE_ENTERED, "entered")                                                                    \
    X(FENCE_LEFT, "left")                                                                          \
    X(FENCE_APPEARED, "appeared inside") /* first fix, after a gap, or the fence is new */         \
    X(FENCE_DWELLS, "stays inside")                                                                \
    X(FENCE_SPEEDS, "faster than its limit")                                                       \
    X(FENCE_ENDED, "inside when it ended") /* the fence is no longer in force */
#define FENCE_EVENT_ENUM(name, text) name,
enum fence_event_kind { FENCE_EVENT_LIST(FENCE_EVENT_ENUM) FENCE_EVENT_COUNT };
#undef FENCE_EVENT_ENUM
const char *fence_event_text(enum fence_event_kind kind);

struct fence_event {
    enum fence_event_kind kind;
    uint32_t fence;
    uint64_t object;
    int64_t at_us; /* when it happened, not when it was heard */
    struct place place;
};
typedef void fence_event_fn(void *user, const struct fence_event *event);

struct fix {
    uint64_t object;
    uint32_t kind; /* number of its bit in struct fence.kinds */
    struct place place;
    int64_t at_us;
    bool has_speed;
    uint32_t speed_mm_s;
};

struct fences;
struct fences_options {
    uint32_t max_objects;
    uint32_t max_speed_mm_s; /* beyond it a fix is a jump; 0 = 150 m/s */
    uint32_t max_gap_s;      /* 0 = 120 s */
    fence_event_fn *event;   /* events of one fix come by time, then fence */
    void *user;
};
struct fences_counts {
    uint64_t fixes, late, zero, jumps, refused; /* refused: a limit was reached */
};

struct fences *fences_new(const struct fences_options *options);
void fences_free(struct fences *fences);
/* Copies the fence; one with the same id is replaced and those inside stay inside. ERR_RANGE: no
 * id, no shape or anchor, fewer than three corners, or across the 180th meridian; ERR_LIMIT. */
enum err fences_put(struct fences *fences, const struct fence *fence);
/* ENDED for everybody inside. ERR_NOT_FOUND. */
enum err fences_remove(struct fences *fences, uint32_t id, int64_t now_us);
/* ERR_LIMIT: too many objects, the fix is counted as refused. Other bad fixes are counted: OK. */
enum err fences_fix(struct fences *fences, const struct fix *fix);
/* Says ENDED where a fence's time is over and nobody moved. */
void fences_tick(struct fences *fences, int64_t now_us);
void fences_forget(struct fences *fences, uint64_t object); /* signed off; no event */
bool fences_is_inside(const struct fences *fences, uint64_t object, uint32_t fence);
struct fences_counts fences_counts(const struct fences *fences);
/* Objects and what they are inside of; fences are put anew by their owner before loading.
 * ERR_CORRUPT. What is inside a fence that is not there any more is dropped. */
void fences_save(const struct fences *fences, struct out *out);
enum err fences_load(struct fences *fences, struct str bytes);
#endif
