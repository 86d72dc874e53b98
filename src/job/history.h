/* history.h - a dispatch log as the life of each call, step by step in the order of time: what a
 * desk would have been told while it happened. Layer: job. Threads: pure.
 *
 * A call: create, enter, per unit (dispatch, depart, arrive, clear), close, review. Steps of one
 * moment keep this order, so that a call is closed after its last unit is clear. Calls that the
 * span does not hold whole are left out, so no step of another one waits for them. */
#ifndef JOB_HISTORY_H
#define JOB_HISTORY_H
#include "job/dispatch_log.h"

#define HISTORY_REVIEW_US (2 * 86400000000LL) /* the call-back comes so long after the close */

enum history_move {
    HISTORY_CREATE,
    HISTORY_ENTER,
    HISTORY_DISPATCH,
    HISTORY_DEPART,
    HISTORY_ARRIVE,
    HISTORY_CLEAR,
    HISTORY_CLOSE,
    HISTORY_REVIEW
};
struct history_step {
    int64_t at_us;
    uint32_t call, row; /* row: of the log, for moves of a unit */
    enum history_move move;
};
struct history {
    struct history_step *steps; /* in the arena */
    size_t step_count, call_count;
};
/* Calls received at from_us or later and closed at until_us or before. Rows that the log marks as
 * dirty are left out, and calls that then have none. ERR_LIMIT: the arena is full. */
enum err history_of(const struct dispatch_log *log, int64_t from_us, int64_t until_us,
                    struct arena *arena, struct history *ret_history);
#endif
