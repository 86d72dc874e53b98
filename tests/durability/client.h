/* client.h - the other side: writers of every verb with a journal that outlives the server, and the
 * checker of what the server promised.
 *
 * The journal has a line for each request, in one of these states:
 *     sent      no answer yet
 *     kept      acknowledged: OK after the whole answer, with its seq
 *     refused   answered that it was not done
 *     unknown   the server went away, or said that it could not store it
 *
 * What must hold after a restart (the numbers are those of docs/durability.md):
 *  1 a kept request is there once, under its own seq, and its key answers as before
 *  2 an unknown one is wholly there or wholly absent: event, rows, payload, key, audit line, order
 *  3 an unknown one that is sent again is done, and is there once
 *  4 seq rises by one, without a hole
 *  5 nothing was announced as committed that is not there
 *  6 no order left that is not committed, and every committed order leaves
 *  7 the file is sound, the audit chain holds, rows equal a replay, the desk's invariants hold
 *  8 it is ready again in time */
#ifndef TESTS_DURABILITY_CLIENT_H
#define TESTS_DURABILITY_CLIENT_H
#include "base/map.h"
#include "base/rand.h"
#include "host.h"

#define CLIENT_MAX_REQUESTS 20000
#define CLIENT_MAX_ORDERS 20000
#define CLIENT_READY_US (2 * US_PER_S)

enum request_state { REQUEST_SENT, REQUEST_KEPT, REQUEST_REFUSED, REQUEST_UNKNOWN };

struct written {
    enum core_channel channel;
    enum frame_type type;
    enum command_kind kind; /* of a command frame */
    enum request_state state;
    char key[24];
    char *body;
    size_t body_len;
    uint64_t correlation, seq;
    uint32_t object_kind, object; /* that the answer named */
    uint32_t found;               /* events that carry its words */
    enum err err;                 /* of the last answer */
    bool has_words, is_replayed;
};

struct client {
    struct rand rand;
    struct written *all;
    uint32_t count, settled; /* before `settled` all was checked */
    uint64_t correlation;    /* last that was given out */
    struct map by_correlation;
    uint32_t last[OBJECT_KIND_COUNT];   /* highest number seen of a kind */
    uint64_t announced;                 /* highest seq that was committed, as the server said */
    uint64_t orders[CLIENT_MAX_ORDERS]; /* digest of each that left, by id */
    uint64_t lookups_kept, lookups_unknown;
    uint32_t by_verb[COMMAND_KIND_COUNT], kept;
    char reason[200]; /* first rule that was broken; empty: none */
};

struct message {
    enum core_channel channel;
    enum frame_type type;
    uint64_t correlation;
    const char *body; /* borrowed from the journal, or from the client until the next call */
    size_t body_len;
};

struct client *client_new(uint64_t seed);
void client_free(struct client *client);
/* Writes the next request into the journal. False: it wants to send nothing now. */
bool client_next(struct client *client, int64_t now_us, struct message *ret_message);
/* A frame came. Returns true when the order in it must be reported as gone: *ret_message. */
bool client_heard(struct client *client, enum core_channel channel, enum frame_type type,
                  uint64_t correlation, struct str body, struct message *ret_message);
/* The server is gone: what had no answer is unknown. */
void client_cut_off(struct client *client);
/* Starts a server on the folder, checks all rules, settles what is unknown, ends the server.
 * Returns NULL, or the rule that is broken, in words. */
const char *client_check(struct client *client, const struct host_plan *plan, int64_t now_us);
/* Digest over every event and state row of the folder: equal for equal histories. */
uint64_t client_digest(const char *dir);
#endif
