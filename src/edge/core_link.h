/* core_link.h - how the edge and the portal speak with the other processes: frames out, frames in.
 * Layer: edge. Threads: the loop's own.
 * The process code gives the way out and hands in what arrives (edge_frame, portal_frame), so the
 * same edge runs over socketpairs and inside one process. */
#ifndef EDGE_CORE_LINK_H
#define EDGE_CORE_LINK_H
#include "model/frames.h"

struct core_link {
    void *ctx;
    /* Sends one record of the frame's table: position to feed, image to media, all else to core.
     * fd is -1 or given away, also on failure. ERR_IO: the peer is away; ERR_BUSY: queue full.
     * With correlation != 0 one `reply` frame of that correlation comes back, unless the peer dies.
     */
    enum err (*send)(void *ctx, enum frame_type type, uint64_t correlation, const void *record,
                     int fd);
};
#endif
