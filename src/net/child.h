/* child.h - a child process that is kept running: spawn with inherited sockets, notice, restart.
 * Layer: net. Threads: the loop's own. For the monitor process.
 * The child sees the given fds as 3, 4, 5 ...; all of ours are close-on-exec otherwise. */
#ifndef NET_CHILD_H
#define NET_CHILD_H
#include "net/loop.h"

#define CHILD_MAX_FDS 16

struct child;
struct child_calls {
    /* Before each start. Fills ret_fds with what the child inherits as fd 3 and up and returns the
     * count; the fds stay the caller's and may be closed in `started`. NULL: no fds. */
    size_t (*prepare)(void *ctx, struct child *child, int ret_fds[CHILD_MAX_FDS]);
    void (*started)(void *ctx, struct child *child, int64_t pid); /* may be NULL */
    /* After each end: exit status, or the signal that ended it (0 = none). May be NULL. Called
     * also (status 127) when the program could not be started. */
    void (*ended)(void *ctx, struct child *child, int64_t status, int signal_number);
};
struct child_plan {
    const char *file;        /* path of the program */
    const char *const *argv; /* NULL-ended, argv[0] included; must live as long as the child */
    int32_t restart_min_ms;  /* wait before a restart; doubles up to restart_max_ms while the */
    int32_t restart_max_ms;  /*   child lives less than ten seconds. 0 = never restart */
};

/* Starts at once. */
struct child *child_new(struct loop *loop, const struct child_plan *plan,
                        const struct child_calls *calls, void *ctx);
int64_t child_pid(const struct child *child); /* 0 while it is not running */
uint32_t child_start_count(const struct child *child);
void child_signal(struct child *child, int signal_number);
/* Ends it for good: SIGTERM now, SIGKILL after grace_ms; `ended` comes if it was running, and no
 * restart. */
void child_stop(struct child *child, int64_t grace_ms);
void child_free(struct child *child); /* kills it if it still runs; no further calls */
/* For the child's own main: SIGTERM when the process that started it dies. */
void child_die_with_parent(void);
#endif
