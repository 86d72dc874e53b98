/* fixes.h - positions from the field: one a unit and second goes on, the newest; jumps are counted.
 * Layer: feed. Threads: one owner. Whether the unit is enrolled and on duty is core's to say. */
#ifndef FEED_FIXES_H
#define FEED_FIXES_H
#include "model/frames.h"

#define FIXES_MAX_UNITS 20000
#define FIXES_EVERY_US 1000000LL
#define FIXES_MAX_MM_S 120000u /* faster than this between two fixes is a jump, not a journey */
#define FIXES_JUMPS_BELIEVED 5 /* so many in a row agree: the unit is there after all */

struct fixes;
struct fixes *fixes_new(void);
void fixes_free(struct fixes *fixes);
/* ERR_RANGE: unit number, older than the last one, or a jump. The newest waits for fixes_due. */
enum err fixes_add(struct fixes *fixes, const struct frame_position *fix, int64_t now_us);
typedef void (*fixes_fn)(void *ctx, const struct frame_position *fix);
/* Hands on the newest fix of each unit that has not been heard of for FIXES_EVERY_US. */
void fixes_due(struct fixes *fixes, int64_t now_us, fixes_fn fn, void *ctx);
uint64_t fixes_dropped(const struct fixes *fixes);
#endif
