/* loop_priv.h - what the other files of net may know of a loop. Layer: net. */
#ifndef NET_LOOP_PRIV_H
#define NET_LOOP_PRIV_H
#include "net/loop.h"
#include <uv.h>

/* Something with output to write once all input of this turn has been handled, right before the
 * loop sleeps: everything that one turn produced leaves in one system call per socket. */
struct loop_flush {
    void (*fn)(struct loop_flush *flush);
    struct loop_flush *next, *prev; /* NULL while it is not queued */
};

uv_loop_t *loop_uv(struct loop *loop);
void loop_flush_later(struct loop *loop, struct loop_flush *flush);
void loop_flush_cancel(struct loop_flush *flush);
int64_t loop_now_ms(struct loop *loop); /* monotonic, as of the start of this turn */
/* calloc that aborts: net's objects are bounded by limits before they are made. */
void *net_new(size_t n, size_t size);
#endif
