/* demo_history.h - what happened before: a made-up log told to the desk as commands with their own
 * times, many of them in one commit. Layer: main. Blocking; prints its progress. */
#ifndef MAIN_DEMO_HISTORY_H
#define MAIN_DEMO_HISTORY_H
#include "job/dispatch_log.h"
#include "main/seed.h"

/* A live stream that follows begins with the calls of the last two hours: history ends there. */
#define DEMO_QUIET_US (2 * US_PER_HOUR)

/* Gives the whole life of every call of the log that was over at until_us; types, outcomes and
 * units are named in the log as in the realm. Prints what is refused and stops there. */
enum err demo_history_give(struct seed *seed, const struct dispatch_log *log, int64_t until_us);
#endif
