/* push_priv.h - groups of subscribers that see the same, and what is written to them.
 * Layer: edge, private. */
#ifndef EDGE_PUSH_PRIV_H
#define EDGE_PUSH_PRIV_H
#include "edge/edge_priv.h"

#define PUSH_MAX_SUBSCRIBERS 20000
#define PUSH_MAX_BEHIND 10000         /* further back: resync */
#define PUSH_MAX_STEP 2000            /* events a tick */
#define PUSH_MAX_FORMER 65536         /* objects whose last envelope is remembered */
#define PUSH_GROUP_BYTES (512u << 10) /* a batch or catch-up of more: resync */
#define PUSH_SLICE 48 /* sends in one turn of the loop: requests wait no longer than that */
#define PUSH_MISSED_US INT64_C(30000000) /* catch-ups are kept for so long */
#define PUSH_TICK_US INT64_C(15000000)
#define PUSH_POSITION_US INT64_C(1000000)
#define PUSH_COVER_US INT64_C(500000) /* between two ledgers of cover */

/* All that decides what one sees, so that a row is filtered and written once for everybody alike.
 */
struct group {
    uint64_t key;
    struct scope rows[OBJECT_KIND_COUNT];
    struct scope log, positions;
    struct out out; /* this tick's messages */
    /* What members who were cut off at missed_after have missed up to missed_until: when many come
     * back at once they were mostly cut off at the same seq. */
    struct out missed;
    uint64_t missed_after, missed_until;
    int64_t missed_us; /* last asked for */
    uint32_t member_count;
    struct http_bytes *batch; /* on its way to the members of this round */
    struct http_bytes *positions_batch;
    struct http_bytes *cover; /* the last ledger as they may see it; NULL: not written yet */
    struct group *next;
};

struct subscriber {
    struct push *push;
    struct http_stream *stream;
    struct group *group;
    struct session_id session;
    struct user_id user;
    int64_t expires_us, ticked_us;
    bool wants_positions, has_box, needs_all, wants_cover;
    struct box box;
    struct subscriber *next, *prev;
};

struct former {
    struct envelope envelope;
};

/* One place that is told in a round of positions. */
struct moved {
    uint32_t number;
    bool is_changed;
    uint32_t start, len; /* its JSON in the text */
};
struct moves {
    struct moved *items;
    uint32_t count;
    struct out text;
};

struct push {
    struct edge *edge;
    uint64_t seq; /* everybody has been told up to here */
    struct group *groups;
    struct subscriber *subscribers;
    struct map former_of; /* kind and number -> index into formers */
    struct former *formers;
    uint32_t former_count;
    uint32_t known_numbers[OBJECT_KIND_COUNT]; /* highest that was there when the edge started */
    int64_t positions_us;
    /* Rounds over the subscribers, a slice a turn of the loop: who comes next, NULL = no round. */
    struct subscriber *rows_next, *positions_next, *cover_next;
    struct loop_wake *turn;
    struct out cover, cover_units; /* the last ledger, as core sent it; empty: none came yet */
    bool is_cover_new;
    int64_t cover_us; /* when the last round of it began */
    struct moves moves;
    struct out text; /* one row or log item, written once */
    /* ended at the end of the tick */
    uint32_t revoked_users[64], revoked_sessions[64];
    uint32_t revoked_user_count, revoked_session_count;
    bool are_all_revoked; /* more than fit: everybody logs on again */
    struct push_figures figures;
};

/* push_cover.c: the live ledger, a message a group. */
void push_cover_tick(struct push *push, int64_t now_us);
void push_cover_slice(struct push *push, uint32_t count);
void push_cover_send(struct subscriber *s); /* the last one, to who has just come */

/* Kinds whose rows are pushed: all but accounts and sessions. */
bool push_kind(enum object_kind kind);
/* Tells `only` (or all groups when NULL) what changed at after < seq <= until. With `only` it is a
 * catch-up and nothing is remembered or revoked. */
enum err push_rows(struct push *push, uint64_t after, uint64_t until, struct group *only);
enum err push_log(struct push *push, uint64_t after, uint64_t until, struct group *only);
void push_id(struct push *push, uint64_t seq, struct out *out);
/* Remembers what the newest rows look like now, so that leaving a scope is seen. */
void push_remember(struct push *push, uint64_t after, uint64_t until);
/* Starts a round: collects what is to be told. No round if nobody listens. */
void push_positions(struct push *push);
/* Tells the next subscribers, at most `count` sends. */
void push_positions_slice(struct push *push, uint32_t count);
#endif
