/* process.h - the processes of `anwang serve` and the channels between them.
 * Layer: main. Threads: the loop's own.
 * The monitor starts each process with one control channel (fd 3). Whenever a process starts, the
 * monitor makes a socketpair for each of its links and hands one end to either side in a `connect`
 * frame. When a peer dies its channel closes; a new one comes when the monitor has restarted it. */
#ifndef MAIN_PROCESS_H
#define MAIN_PROCESS_H
#include "model/frames.h"
#include "net/channel.h"

/* X(number, name) */
#define PROCESSES(X)                                                                               \
    X(0, monitor)                                                                                  \
    X(1, core)                                                                                     \
    X(2, edge)                                                                                     \
    X(3, portal)                                                                                   \
    X(4, feed)                                                                                     \
    X(5, media)
#define PROCESS_ENUM(number, name) PROCESS_##name = number,
enum process_kind { PROCESSES(PROCESS_ENUM) };
#undef PROCESS_ENUM
#define PROCESS_COUNT 6
#define PROCESS_CONTROL_FD 3

/* Who talks to whom; the control channels to the monitor are not listed. */
struct process_link {
    enum process_kind a, b;
};
extern const struct process_link process_links[];
extern const size_t process_link_count;
const char *process_name(enum process_kind kind);

struct process;
struct process_calls {
    /* A channel to this peer is there (again). May be NULL. */
    void (*up)(void *ctx, enum process_kind peer);
    void (*down)(void *ctx, enum process_kind peer);
    /* One frame; body borrowed. fd is -1 or the callee's. */
    void (*frame)(void *ctx, enum process_kind peer, const struct frame *frame, int fd);
};

/* In a child of the monitor: takes over the control channel. SIGTERM ends the loop. */
struct process *process_new(struct loop *loop, enum process_kind self,
                            const struct process_calls *calls, void *ctx);
void process_free(struct process *process);
bool process_is_up(const struct process *process, enum process_kind peer);
/* Sends one record of the frame's table. ERR_IO: the peer is away; ERR_BUSY: its queue is full. */
enum err process_send(struct process *process, enum process_kind peer, enum frame_type type,
                      uint64_t correlation, const void *record);
/* The same with a descriptor, which is given away also on failure. */
enum err process_send_fd(struct process *process, enum process_kind peer, enum frame_type type,
                         uint64_t correlation, const void *record, int fd);
/* Lossy: the newest of each key. */
enum err process_latest(struct process *process, enum process_kind peer, enum frame_type type,
                        const void *record, uint64_t key);
/* Tells the monitor that this process serves. */
void process_ready(struct process *process);
/* Encodes a record and sends it on any channel; the monitor uses it too. Takes fd (-1: none). */
enum err process_channel_send(struct channel *channel, enum frame_type type, uint64_t correlation,
                              const void *record, int fd);
#endif
