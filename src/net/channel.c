#include "net/channel.h"

#include "net/loop_priv.h"
#include <assert.h>
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_BYTES (64u * 1024)
#define MAX_IOV 64
#define MAX_FDS_PER_READ 8
#define MAX_FDS_WAITING 32

const struct channel_limits channel_limits_default = {
    .body_bytes = 1u << 20, .queue_bytes = 8u << 20, .latest_count = 4096};

/* One frame on its way out: head and body in one block. */
struct item {
    struct item *next, *prev; /* ring of its queue */
    struct item *chain;       /* bucket of `latest` */
    uint64_t key;
    uint16_t type;
    int fd; /* -1 = none; closed once the first byte has left */
    size_t size, sent;
    uint8_t *bytes; /* behind the struct */
};

struct channel {
    uv_poll_t poll;
    struct loop *loop;
    struct loop_flush flush;
    struct channel_limits limits;
    struct channel_calls calls;
    void *ctx;
    int fd;
    int events; /* what the poll handle waits for */
    bool is_paused, is_dead, is_freed, is_refusing;
    struct item queue, latest; /* ring heads */
    size_t queue_bytes;
    struct item **buckets; /* latest by key; made at first use */
    uint32_t bucket_count, latest_count;
    uint8_t *in;
    size_t in_len, in_cap;
    int fds[MAX_FDS_WAITING]; /* received, their frames still to come */
    size_t fd_count;
};

enum err channel_pair(int ret_fds[2])
{
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) != 0)
        return ERR_IO;
    ret_fds[0] = fds[0];
    ret_fds[1] = fds[1];
    return OK;
}

static void ring_append(struct item *head, struct item *item)
{
    item->prev = head->prev;
    item->next = head;
    head->prev->next = item;
    head->prev = item;
}

static void ring_remove(struct item *item)
{
    item->prev->next = item->next;
    item->next->prev = item->prev;
}

static void item_free(struct item *item)
{
    if (item->fd >= 0)
        (void)close(item->fd);
    free(item);
}

static void ring_free(struct item *head)
{
    while (head->next != head) {
        struct item *item = head->next;
        ring_remove(item);
        item_free(item);
    }
}

static struct item *item_new(const struct frame *frame, uint16_t extra_flags, int fd)
{
    struct frame whole = *frame;
    struct item *item = net_new(1, sizeof *item + FRAME_HEAD_BYTES + frame->body.len);
    whole.flags = (uint16_t)((frame->flags & ~FRAME_WITH_FD) | extra_flags);
    item->bytes = (uint8_t *)(item + 1);
    item->type = frame->type;
    item->fd = fd;
    item->size = FRAME_HEAD_BYTES + frame->body.len;
    frame_head(&whole, item->bytes);
    if (frame->body.len)
        memcpy(item->bytes + FRAME_HEAD_BYTES, frame->body.p, frame->body.len);
    return item;
}

/* -- Waiting for the socket -------------------------------------------------------------------- */

static void on_poll(uv_poll_t *handle, int status, int events);

static void wait_for(struct channel *ch, int events)
{
    if (events == ch->events)
        return;
    ch->events = events;
    if (events)
        (void)uv_poll_start(&ch->poll, events, on_poll);
    else
        (void)uv_poll_stop(&ch->poll);
}

static void update_wait(struct channel *ch, bool is_blocked)
{
    wait_for(ch, (ch->is_paused ? 0 : UV_READABLE) | (is_blocked ? UV_WRITABLE : 0));
}

static void die(struct channel *ch, enum err why)
{
    if (ch->is_dead || ch->is_freed)
        return;
    ch->is_dead = true;
    wait_for(ch, 0);
    loop_flush_cancel(&ch->flush);
    ch->calls.closed(ch->ctx, ch, why);
}

/* -- Sending ----------------------------------------------------------------------------------- */

static struct item **bucket_of(struct channel *ch, uint16_t type, uint64_t key)
{
    uint64_t h = (key ^ ((uint64_t)type << 47)) * 0x9e3779b97f4a7c15u;
    return &ch->buckets[(h >> 32) & (ch->bucket_count - 1)];
}

static struct item **latest_find(struct channel *ch, uint16_t type, uint64_t key)
{
    struct item **at = bucket_of(ch, type, key);
    while (*at && ((*at)->key != key || (*at)->type != type))
        at = &(*at)->chain;
    return at;
}

/* The next few lossy frames become ordinary ones once nothing else waits. */
static void promote_latest(struct channel *ch)
{
    for (int n = 0; n < MAX_IOV && ch->latest.next != &ch->latest; n++) {
        struct item *item = ch->latest.next;
        *latest_find(ch, item->type, item->key) = item->chain;
        ring_remove(item);
        ring_append(&ch->queue, item);
        ch->queue_bytes += item->size;
        ch->latest_count--;
    }
}

static size_t gather(struct channel *ch, struct iovec iov[MAX_IOV])
{
    size_t n = 0;
    for (struct item *i = ch->queue.next; i != &ch->queue && n < MAX_IOV; i = i->next) {
        if (n && i->fd >= 0) /* a descriptor leaves with the first byte of its own frame */
            break;
        iov[n++] = (struct iovec){i->bytes + i->sent, i->size - i->sent};
    }
    return n;
}

static ssize_t send_some(struct channel *ch)
{
    struct iovec iov[MAX_IOV];
    union {
        struct cmsghdr head;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {.bytes = {0}};
    struct msghdr msg = {.msg_iov = iov, .msg_iovlen = gather(ch, iov)};
    int fd = ch->queue.next->fd;
    if (fd >= 0) {
        msg.msg_control = control.bytes;
        msg.msg_controllen = sizeof control.bytes;
        control.head.cmsg_level = SOL_SOCKET;
        control.head.cmsg_type = SCM_RIGHTS;
        control.head.cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(&control.head), &fd, sizeof fd);
    }
    ssize_t n;
    do
        n = sendmsg(ch->fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (n < 0 && errno == EINTR);
    return n;
}

static void sent(struct channel *ch, size_t n)
{
    ch->queue_bytes -= n;
    while (n) {
        struct item *item = ch->queue.next;
        size_t part = item->size - item->sent < n ? item->size - item->sent : n;
        if (item->fd >= 0)
            (void)close(item->fd);
        item->fd = -1;
        item->sent += part;
        n -= part;
        if (item->sent < item->size)
            break;
        ring_remove(item);
        free(item);
    }
}

/* False: the socket is broken. */
static bool write_out(struct channel *ch)
{
    for (;;) {
        if (ch->queue.next == &ch->queue)
            promote_latest(ch);
        if (ch->queue.next == &ch->queue) {
            update_wait(ch, false);
            return true;
        }
        ssize_t n = send_some(ch);
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            update_wait(ch, true);
            return true;
        }
        if (n < 0)
            return false;
        sent(ch, (size_t)n);
    }
}

static void deliver(struct channel *ch);

static void on_flush(struct loop_flush *flush)
{
    struct channel *ch = (void *)((char *)flush - offsetof(struct channel, flush));
    if (!ch->is_paused)
        deliver(ch);
    if (ch->is_dead || ch->is_freed)
        return;
    if (!write_out(ch)) {
        die(ch, ERR_IO);
        return;
    }
    if (ch->is_refusing && ch->queue_bytes <= ch->limits.queue_bytes / 2) {
        ch->is_refusing = false;
        if (ch->calls.writable)
            ch->calls.writable(ch->ctx, ch);
    }
}

enum err channel_send_fd(struct channel *ch, const struct frame *frame, int fd)
{
    enum err err = OK;
    if (ch->is_dead || ch->is_freed)
        err = ERR_IO;
    else if (frame->body.len > ch->limits.body_bytes)
        err = ERR_LIMIT;
    else if (ch->queue_bytes + FRAME_HEAD_BYTES + frame->body.len > ch->limits.queue_bytes)
        err = ERR_BUSY;
    if (err == ERR_BUSY)
        ch->is_refusing = true;
    if (err) {
        if (fd >= 0)
            (void)close(fd);
        return err;
    }
    struct item *item = item_new(frame, fd >= 0 ? FRAME_WITH_FD : 0, fd);
    ring_append(&ch->queue, item);
    ch->queue_bytes += item->size;
    loop_flush_later(ch->loop, &ch->flush);
    return OK;
}

enum err channel_send(struct channel *ch, const struct frame *frame)
{
    return channel_send_fd(ch, frame, -1);
}

enum err channel_latest(struct channel *ch, const struct frame *frame, uint64_t key)
{
    if (ch->is_dead || ch->is_freed)
        return ERR_IO;
    if (frame->body.len > ch->limits.body_bytes)
        return ERR_LIMIT;
    if (!ch->buckets) {
        ch->bucket_count = 16;
        while (ch->bucket_count < ch->limits.latest_count)
            ch->bucket_count *= 2;
        ch->buckets = net_new(ch->bucket_count, sizeof *ch->buckets);
    }
    struct item **at = latest_find(ch, frame->type, key);
    struct item *old = *at;
    if (!old && ch->latest_count >= ch->limits.latest_count)
        return ERR_BUSY;
    struct item *item = item_new(frame, 0, -1);
    item->key = key;
    *at = item;
    if (old) { /* takes its turn, so that a busy key is not put off for ever */
        item->chain = old->chain;
        ring_append(old->next, item);
        ring_remove(old);
        item_free(old);
    } else {
        ring_append(&ch->latest, item);
        ch->latest_count++;
    }
    loop_flush_later(ch->loop, &ch->flush);
    return OK;
}

size_t channel_queued_bytes(const struct channel *ch)
{
    return ch->queue_bytes;
}

/* -- Receiving --------------------------------------------------------------------------------- */

static void reserve(struct channel *ch, size_t size)
{
    if (ch->in_cap >= size)
        return;
    ch->in = realloc(ch->in, size);
    if (!ch->in)
        abort();
    ch->in_cap = size;
}

static bool take_fds(struct channel *ch, struct msghdr *msg)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < n; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
            if (ch->fd_count == MAX_FDS_WAITING)
                (void)close(fd);
            else
                ch->fds[ch->fd_count++] = fd;
        }
    }
    return !(msg->msg_flags & MSG_CTRUNC) && ch->fd_count < MAX_FDS_WAITING;
}

static int next_fd(struct channel *ch)
{
    if (ch->fd_count == 0)
        return -1;
    int fd = ch->fds[0];
    ch->fd_count--;
    memmove(ch->fds, ch->fds + 1, ch->fd_count * sizeof fd);
    return fd;
}

/* Hands over the whole frames that wait in `in`. Each call may pause or free the channel. */
static void deliver(struct channel *ch)
{
    size_t at = 0;
    while (!ch->is_paused && !ch->is_freed) {
        struct frame frame;
        size_t used = 0, need = 0;
        struct str rest = str_from((struct str){(const char *)ch->in, ch->in_len}, at);
        enum err err = frame_read(rest, ch->limits.body_bytes, &frame, &used, &need);
        if (err == ERR_MORE) {
            if (at)
                memmove(ch->in, ch->in + at, ch->in_len - at);
            ch->in_len -= at;
            reserve(ch, need);
            return;
        }
        int fd = -1;
        if (!err && (frame.flags & FRAME_WITH_FD) && (fd = next_fd(ch)) < 0)
            err = ERR_CORRUPT;
        if (err) {
            die(ch, err);
            return;
        }
        at += used;
        frame.flags = (uint16_t)(frame.flags & ~FRAME_WITH_FD);
        ch->calls.frame(ch->ctx, ch, &frame, fd);
    }
    if (!ch->is_freed) {
        memmove(ch->in, ch->in + at, ch->in_len - at);
        ch->in_len -= at;
    }
}

static void read_in(struct channel *ch)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(MAX_FDS_PER_READ * sizeof(int))];
    } control;
    reserve(ch, READ_BYTES);
    if (ch->in_len == ch->in_cap) /* whole frames left over from a pause */
        reserve(ch, 2 * ch->in_cap);
    struct iovec iov = {ch->in + ch->in_len, ch->in_cap - ch->in_len};
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = control.bytes,
                         .msg_controllen = sizeof control.bytes};
    ssize_t n = recvmsg(ch->fd, &msg, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        return;
    if (n > 0 && !take_fds(ch, &msg)) {
        die(ch, ERR_CORRUPT);
        return;
    }
    if (n <= 0) {
        die(ch, ERR_IO);
        return;
    }
    ch->in_len += (size_t)n;
    deliver(ch);
    if (!ch->is_freed && ch->in_len == 0 && ch->in_cap > 4 * READ_BYTES) {
        free(ch->in);
        ch->in = NULL;
        ch->in_cap = 0;
    }
}

static void on_poll(uv_poll_t *handle, int status, int events)
{
    struct channel *ch = handle->data;
    if (status < 0)
        events = UV_READABLE | UV_WRITABLE;
    if ((events & UV_READABLE) && !ch->is_paused)
        read_in(ch);
    if ((events & UV_WRITABLE) && !ch->is_dead && !ch->is_freed)
        loop_flush_later(ch->loop, &ch->flush);
}

void channel_pause(struct channel *ch, bool is_paused)
{
    if (ch->is_paused == is_paused || ch->is_dead || ch->is_freed)
        return;
    ch->is_paused = is_paused;
    update_wait(ch, (ch->events & UV_WRITABLE) != 0);
    if (!is_paused)
        loop_flush_later(ch->loop, &ch->flush);
}

/* -- Life -------------------------------------------------------------------------------------- */

struct channel *channel_new(struct loop *loop, int fd, const struct channel_limits *limits,
                            const struct channel_calls *calls, void *ctx)
{
    struct channel *ch = net_new(1, sizeof *ch);
    ch->loop = loop;
    ch->fd = fd;
    ch->limits = limits ? *limits : channel_limits_default;
    ch->calls = *calls;
    ch->ctx = ctx;
    ch->flush.fn = on_flush;
    ch->queue.next = ch->queue.prev = &ch->queue;
    ch->latest.next = ch->latest.prev = &ch->latest;
    if (uv_poll_init(loop_uv(loop), &ch->poll, fd)) /* only for an fd that is not a socket */
        abort();
    ch->poll.data = ch;
    update_wait(ch, false);
    return ch;
}

static void on_closed(uv_handle_t *handle)
{
    struct channel *ch = handle->data;
    ring_free(&ch->queue);
    ring_free(&ch->latest);
    for (size_t i = 0; i < ch->fd_count; i++)
        (void)close(ch->fds[i]);
    free(ch->buckets);
    free(ch->in);
    free(ch);
}

void channel_free(struct channel *ch)
{
    if (!ch || ch->is_freed)
        return;
    if (!ch->is_dead)
        (void)write_out(ch);
    ch->is_freed = true;
    loop_flush_cancel(&ch->flush);
    uv_close((uv_handle_t *)&ch->poll, on_closed);
    (void)close(ch->fd);
}
