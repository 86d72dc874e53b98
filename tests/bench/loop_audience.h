/* loop_audience.h - a thousand consoles beside the desks that write: they listen to /push in a
 * thread of their own, as they are machines of their own, so that reading what is pushed holds up
 * nobody's answer. */
#ifndef TESTS_BENCH_LOOP_AUDIENCE_H
#define TESTS_BENCH_LOOP_AUDIENCE_H
#include "rig.h"

struct audience_plan {
    const struct rig *rig;         /* running */
    char (*tokens)[RIG_TOKEN_CAP]; /* of sessions, used in turn */
    uint32_t token_count, subscriber_count;
    uint64_t first_seq; /* what is heard is noted from here on, ... */
    uint32_t seq_cap;   /* ... for so many */
};

/* Who has heard of a seq, and when the last of them did. */
struct audience_heard {
    uint32_t count;
    int64_t last_us;
};

struct audience;
/* Returns when all listen, after 25 s. The plan is copied, what it points to is borrowed. */
struct audience *audience_open(const struct audience_plan *plan);
/* Ends listening. From here on the results hold. */
void audience_end(struct audience *audience);
uint32_t audience_lost(const struct audience *audience); /* streams that ended early */
struct audience_heard audience_heard(const struct audience *audience, uint64_t seq);
void audience_free(struct audience *audience);
#endif
