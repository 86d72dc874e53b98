/* channel.h - frames over one end of a socketpair, with back-pressure, fd passing and peer death.
 * Layer: net. Threads: the loop's own.
 * Frames queued in one turn of the loop leave in one write. Two classes: `send` keeps every frame
 * in order and refuses when the queue is full; `latest` keeps only the newest of each key (for
 * positions) and never refuses a key that is waiting. `latest` frames yield to `send` frames. */
#ifndef NET_CHANNEL_H
#define NET_CHANNEL_H
#include "net/frame.h"
#include "net/loop.h"

struct channel;
struct channel_limits {
    uint32_t body_bytes;   /* largest frame in either direction; the peer must not exceed it */
    uint32_t queue_bytes;  /* waiting `send` frames, heads included */
    uint32_t latest_count; /* waiting `latest` keys */
};
extern const struct channel_limits channel_limits_default; /* 1 MiB, 8 MiB, 4096 */

struct channel_calls {
    /* One frame; body borrowed for the call. `fd` is -1 or a descriptor that is now the callee's.
     */
    void (*frame)(void *ctx, struct channel *channel, const struct frame *frame, int fd);
    /* After a refused send: the queue is below half again. May be NULL. */
    void (*writable)(void *ctx, struct channel *channel);
    /* The peer is gone or broke the rules (ERR_IO, ERR_LIMIT, ERR_CORRUPT). Called once, never from
     * inside a send; frames that arrived whole before were delivered. Then channel_free it. */
    void (*closed)(void *ctx, struct channel *channel, enum err why);
};

/* Two connected ends, close-on-exec. ERR_IO. */
enum err channel_pair(int ret_fds[2]);
/* Takes over fd. */
struct channel *channel_new(struct loop *loop, int fd, const struct channel_limits *limits,
                            const struct channel_calls *calls, void *ctx);
/* Copies the body. ERR_BUSY: full, `writable` will follow. ERR_LIMIT: body too large. ERR_IO: dead.
 */
enum err channel_send(struct channel *channel, const struct frame *frame);
/* The same, and passes fd, which is the channel's from here on (closed also on failure). */
enum err channel_send_fd(struct channel *channel, const struct frame *frame, int fd);
/* Replaces a waiting frame of the same (type, key), else queues. ERR_BUSY: latest_count keys wait.
 */
enum err channel_latest(struct channel *channel, const struct frame *frame, uint64_t key);
size_t channel_queued_bytes(const struct channel *channel);
/* Stops and starts reading: back-pressure on the peer. */
void channel_pause(struct channel *channel, bool is_paused);
/* Tries to write out what waits, then closes without calling `closed`. NULL is fine. */
void channel_free(struct channel *channel);
#endif
