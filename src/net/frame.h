/* frame.h - typed, bounded frames between processes: the bytes. The transport is channel.h.
 * Layer: net. Threads: pure, any.
 *
 *   0        4      6      8                16
 *   | length | type | flags| correlation id | body ...      all little endian; length = body bytes
 *
 * Any split of the input gives the same frames. */
#ifndef NET_FRAME_H
#define NET_FRAME_H
#include "base/str.h"

#define FRAME_HEAD_BYTES 16
#define FRAME_WITH_FD 0x8000u /* set by the channel only: a file descriptor travels with it */

struct frame {
    uint16_t type;        /* meaning: model's table of frames */
    uint16_t flags;       /* free for the sender below FRAME_WITH_FD */
    uint64_t correlation; /* pairs a reply with its command; 0 = none */
    struct str body;
};

/* Reads one frame from the start of `bytes`; *ret_frame borrows them. *ret_used is set on OK.
 * ERR_MORE: not whole yet; *ret_need is the size in bytes that it will have once the head is there
 * (FRAME_HEAD_BYTES before). ERR_LIMIT: body over max_body_bytes, the stream is lost. */
enum err frame_read(struct str bytes, size_t max_body_bytes, struct frame *ret_frame,
                    size_t *ret_used, size_t *ret_need);
void frame_head(const struct frame *frame, uint8_t ret_head[FRAME_HEAD_BYTES]);
#endif
