/* host.h - the real core over a real store in one folder, without its process: frames in, frames
 * out. What main's process does around core is done here by whoever calls. */
#ifndef TESTS_DURABILITY_HOST_H
#define TESTS_DURABILITY_HOST_H
#include "core/core.h"
#include "desk/desk.h"

#define HOST_REALM 1
#define HOST_START_US 1790000000000000LL
#define HOST_UNITS 6
#define HOST_TYPE "lost"
#define HOST_DISPOSITION "done"

struct host;
struct host_plan {
    char dir[400];
    const char *vfs;     /* NULL: the system's disk */
    const struct io *io; /* NULL: the same */
    bool is_sync;        /* no writer thread */
    void (*wake)(void *ctx);
    void (*said)(void *ctx, enum core_channel channel, enum frame_type type, uint64_t correlation,
                 struct str body);
    void *ctx;
};

/* A folder with an area, a body, a type, HOST_UNITS units on duty, and a session of each role that
 * has one. */
void host_city(const char *dir);
bool host_has_session(enum role role);
/* The token hash of that session. */
void host_token(enum role role, uint8_t ret_token[TOKEN_HASH_BYTES]);
/* NULL: it does not start; *ret_fault says why. */
struct host *host_start(const struct host_plan *plan, int64_t now_us, struct fault *ret_fault);
void host_stop(struct host *host);
void host_hello(struct host *host); /* edge, portal and feed are there (again) */
void host_hear(struct host *host, enum core_channel channel, enum frame_type type,
               uint64_t correlation, struct str body, int64_t now_us);
void host_turn(struct host *host, int64_t now_us);  /* time passes: timers, retention */
void host_drain(struct host *host, int64_t now_us); /* what the store has finished */
bool host_is_dead(const struct host *host);
const struct desk *host_desk(const struct host *host); /* for its invariants */
#endif
