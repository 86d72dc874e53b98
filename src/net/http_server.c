/* Sockets for HTTP connections: listening, accepting, reading, writing once a turn, deadlines.
 *
 * Everything that happens to a connection in one turn of the loop is answered in one flush before
 * the loop sleeps. Deadlines stand in an array of their own, so that ten thousand of them are
 * looked through ten times a second for a few microseconds. */
#include "base/log.h"
#include "base/map.h"
#include "net/http_conn.h"
#include "net/loop_priv.h"
#include "net/tls_priv.h"
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_LISTENERS 8
#define READ_BYTES 65536
#define MAX_IOV 64
#define ACCEPTS_PER_TURN 64
#define WRITES_PER_TURN 16
#define TICK_MS 100

struct listener {
    uv_poll_t poll;
    struct http_server *server;
    struct tls *tls;
    int fd;
    bool is_open;
};

struct sock {
    uv_poll_t poll;
    struct loop_flush flush;
    struct http_server *server;
    struct http_conn *conn;
    SSL *ssl; /* NULL = plain */
    int fd, events;
    uint32_t index; /* in server->socks */
    bool is_lingering, is_write_blocked, read_wants_write;
    uint64_t address_key;
};

struct http_server {
    struct loop *loop;
    struct http_host *host;
    struct listener listeners[MAX_LISTENERS];
    size_t listener_count;
    struct sock **socks;
    int64_t *deadlines_ms; /* beside socks */
    uint32_t sock_count;
    struct map by_address; /* connections now */
    uv_timer_t tick;
    int spare_fd; /* given up for a moment when descriptors run out */
    uint8_t *read_buf;
    int64_t drain_end_ms; /* 0 = not draining */
    loop_fn drained;
    void *drained_ctx;
    int open_handles;
    bool is_freed;
};

static void on_sock(uv_poll_t *handle, int status, int events);

static void server_release(struct http_server *server)
{
    if (--server->open_handles > 0 || !server->is_freed)
        return;
    http_host_unref(server->host);
    map_done(&server->by_address);
    free(server->socks);
    free(server->deadlines_ms);
    free(server->read_buf);
    free(server);
}

/* -- One connection ---------------------------------------------------------------------------- */

static void sock_closed(uv_handle_t *handle)
{
    struct sock *s = handle->data;
    server_release(s->server);
    free(s);
}

static void count_address(struct http_server *server, uint64_t key, bool is_new)
{
    uint32_t n = 0;
    (void)map_get(&server->by_address, key, &n);
    n = is_new ? n + 1 : n - 1;
    if (n)
        (void)map_put(&server->by_address, key, n);
    else
        (void)map_remove(&server->by_address, key);
}

static void sock_end(struct sock *s)
{
    struct http_server *server = s->server;
    struct sock *last = server->socks[--server->sock_count];
    server->socks[s->index] = last;
    server->deadlines_ms[s->index] = server->deadlines_ms[last->index];
    last->index = s->index;
    count_address(server, s->address_key, false);
    loop_flush_cancel(&s->flush);
    http_conn_free(s->conn);
    loop_flush_cancel(&s->flush); /* a callback may have asked again */
    if (s->ssl)
        tls_session_free(s->ssl);
    uv_close((uv_handle_t *)&s->poll, sock_closed);
    (void)close(s->fd);
}

static void wait_for(struct sock *s, int events)
{
    if (events == s->events)
        return;
    s->events = events;
    if (events)
        (void)uv_poll_start(&s->poll, events, on_sock);
    else
        (void)uv_poll_stop(&s->poll);
}

static void wake(void *io)
{
    struct sock *s = io;
    loop_flush_later(s->server->loop, &s->flush);
}

enum io_result { IO_MOVED, IO_BLOCKED, IO_EOF, IO_BROKEN };

static enum io_result receive(struct sock *s, size_t *ret_n)
{
    struct http_server *server = s->server;
    s->read_wants_write = false;
    if (!s->ssl) {
        ssize_t n = recv(s->fd, server->read_buf, READ_BYTES, 0);
        if (n > 0) {
            *ret_n = (size_t)n;
            return IO_MOVED;
        }
        if (n == 0)
            return IO_EOF;
        return errno == EAGAIN || errno == EINTR ? IO_BLOCKED : IO_BROKEN;
    }
    switch (tls_read(s->ssl, server->read_buf, READ_BYTES, ret_n)) {
    case TLS_DONE:
        return IO_MOVED;
    case TLS_WANTS_WRITE:
        s->read_wants_write = true;
        return IO_BLOCKED;
    case TLS_WANTS_READ:
        return IO_BLOCKED;
    case TLS_EOF:
        return IO_EOF;
    case TLS_FAILED:
        break;
    }
    if (!tls_is_up(s->ssl))
        server->host->counters.tls_failed++;
    return IO_BROKEN;
}

static void sock_read(struct sock *s)
{
    size_t n = 0;
    switch (receive(s, &n)) {
    case IO_MOVED:
        if (!s->is_lingering)
            http_conn_input(s->conn, s->server->read_buf, n);
        break;
    case IO_BLOCKED:
        break;
    case IO_EOF:
        if (s->is_lingering) {
            sock_end(s);
            return;
        }
        http_conn_eof(s->conn);
        wait_for(s, 0);
        break;
    case IO_BROKEN:
        sock_end(s);
        return;
    }
    wake(s);
}

static enum io_result send_plain(struct sock *s, size_t *ret_n)
{
    struct iovec iov[MAX_IOV];
    struct msghdr msg = {.msg_iov = iov, .msg_iovlen = http_conn_output(s->conn, iov, MAX_IOV)};
    ssize_t n = sendmsg(s->fd, &msg, MSG_NOSIGNAL);
    if (n >= 0) {
        *ret_n = (size_t)n;
        return IO_MOVED;
    }
    return errno == EAGAIN || errno == EINTR ? IO_BLOCKED : IO_BROKEN;
}

/* Small pieces are joined to one record. A record that blocked is offered again with the same
 * first bytes, since the queue only grows at its end. */
static enum io_result send_tls(struct sock *s, size_t *ret_n)
{
    struct iovec iov[MAX_IOV];
    size_t count = http_conn_output(s->conn, iov, MAX_IOV), len = 0;
    uint8_t *record = s->server->read_buf;
    for (size_t i = 0; i < count && len < TLS_RECORD_BYTES; i++) {
        size_t room = TLS_RECORD_BYTES - len;
        size_t part = iov[i].iov_len < room ? iov[i].iov_len : room;
        memcpy(record + len, iov[i].iov_base, part);
        len += part;
    }
    switch (tls_write(s->ssl, record, len, ret_n)) {
    case TLS_DONE:
        return IO_MOVED;
    case TLS_WANTS_READ: /* handshake: the reader goes on */
    case TLS_WANTS_WRITE:
        return IO_BLOCKED;
    case TLS_EOF:
    case TLS_FAILED:
        break;
    }
    return IO_BROKEN;
}

/* False: broken. */
static bool write_out(struct sock *s)
{
    struct iovec probe[1];
    s->is_write_blocked = false;
    for (int i = 0; http_conn_output(s->conn, probe, 1); i++) {
        size_t n = 0;
        if (i == WRITES_PER_TURN) { /* others wait too */
            s->is_write_blocked = true;
            return true;
        }
        switch (s->ssl ? send_tls(s, &n) : send_plain(s, &n)) {
        case IO_MOVED:
            http_conn_sent(s->conn, n);
            break;
        case IO_BLOCKED:
            s->is_write_blocked = true;
            return true;
        case IO_EOF:
        case IO_BROKEN:
            return false;
        }
    }
    return true;
}

static void linger(struct sock *s)
{
    struct http_server *server = s->server;
    s->is_lingering = true;
    if (s->ssl)
        tls_goodbye(s->ssl);
    (void)shutdown(s->fd, SHUT_WR);
    server->deadlines_ms[s->index] = server->host->now_ms + server->host->limits.linger_ms;
    wait_for(s, UV_READABLE);
}

static void sock_flush(struct loop_flush *flush)
{
    struct sock *s = (void *)((char *)flush - offsetof(struct sock, flush));
    struct http_server *server = s->server;
    server->host->now_ms = loop_now_ms(server->loop);
    if (s->is_lingering)
        return;
    do {
        http_conn_step(s->conn);
        if (http_conn_fate(s->conn) != HTTP_CONN_ENDS && !write_out(s)) {
            sock_end(s);
            return;
        }
    } while (http_conn_can_step(s->conn));
    switch (http_conn_fate(s->conn)) {
    case HTTP_CONN_ENDS:
        sock_end(s);
        return;
    case HTTP_CONN_LINGERS:
        linger(s);
        return;
    case HTTP_CONN_STAYS:
        break;
    }
    loop_flush_cancel(&s->flush); /* asked for by the answers that have just left */
    server->deadlines_ms[s->index] = http_conn_deadline_ms(s->conn);
    bool is_reading = http_conn_wants_input(s->conn) && !http_conn_has_eof(s->conn);
    wait_for(s, (is_reading ? UV_READABLE : 0) |
                    (s->is_write_blocked || s->read_wants_write ? UV_WRITABLE : 0));
}

static void on_sock(uv_poll_t *handle, int status, int events)
{
    struct sock *s = handle->data;
    s->server->host->now_ms = loop_now_ms(s->server->loop);
    if (status < 0 || (events & UV_READABLE) || s->read_wants_write)
        sock_read(s);
    else
        wake(s);
}

/* -- Accepting --------------------------------------------------------------------------------- */

/* An IPv4 address, or the /64 that an IPv6 customer has. */
static uint64_t address_key(const struct sockaddr_storage *address)
{
    uint64_t key = 0;
    if (address->ss_family == AF_INET) {
        const struct sockaddr_in *four = (const void *)address;
        return 1ull << 32 | ntohl(four->sin_addr.s_addr);
    }
    if (address->ss_family != AF_INET6)
        return 0;
    const struct sockaddr_in6 *six = (const void *)address;
    if (IN6_IS_ADDR_V4MAPPED(&six->sin6_addr)) {
        uint32_t four = 0;
        memcpy(&four, six->sin6_addr.s6_addr + 12, 4);
        return 1ull << 32 | ntohl(four);
    }
    memcpy(&key, six->sin6_addr.s6_addr, 8);
    return key;
}

static void address_text(const struct sockaddr_storage *address, char text[NET_ADDRESS_CAP])
{
    text[0] = '\0';
    if (address->ss_family == AF_INET) {
        const struct sockaddr_in *four = (const void *)address;
        (void)inet_ntop(AF_INET, &four->sin_addr, text, NET_ADDRESS_CAP);
    } else if (address->ss_family == AF_INET6) {
        const struct sockaddr_in6 *six = (const void *)address;
        if (IN6_IS_ADDR_V4MAPPED(&six->sin6_addr))
            (void)inet_ntop(AF_INET, six->sin6_addr.s6_addr + 12, text, NET_ADDRESS_CAP);
        else
            (void)inet_ntop(AF_INET6, &six->sin6_addr, text, NET_ADDRESS_CAP);
    }
}

static bool has_room(struct http_server *server, uint64_t key)
{
    struct http_host *host = server->host;
    uint32_t same = 0;
    if (server->sock_count >= host->limits.connection_count) {
        host->counters.refused_full++;
        return false;
    }
    (void)map_get(&server->by_address, key, &same);
    if (host->limits.connections_per_address && same >= host->limits.connections_per_address) {
        host->counters.refused_address++;
        return false;
    }
    return true;
}

static void accepted(struct listener *listener, int fd, const struct sockaddr_storage *address)
{
    struct http_server *server = listener->server;
    uint64_t key = address_key(address);
    char peer[NET_ADDRESS_CAP];
    int one = 1;
    SSL *ssl = NULL;
    if (!has_room(server, key) || (listener->tls && !(ssl = tls_accept(listener->tls, fd)))) {
        (void)close(fd);
        return;
    }
    struct sock *s = net_new(1, sizeof *s);
    s->server = server;
    s->ssl = ssl;
    s->fd = fd;
    s->flush.fn = sock_flush;
    s->address_key = key;
    s->index = server->sock_count++;
    server->socks[s->index] = s;
    count_address(server, key, true);
    address_text(address, peer);
    s->conn = http_conn_new(server->host, str_of(peer), ssl != NULL, s);
    server->deadlines_ms[s->index] = http_conn_deadline_ms(s->conn);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (uv_poll_init(loop_uv(server->loop), &s->poll, fd))
        abort(); /* only for an fd that is not a socket */
    s->poll.data = s;
    server->open_handles++;
    server->host->counters.accepted++;
    wait_for(s, UV_READABLE);
}

/* Out of descriptors: takes the connection off the backlog with the spare one and hangs up. */
static void accept_and_hang_up(struct listener *listener)
{
    struct http_server *server = listener->server;
    server->host->counters.refused_full++;
    if (server->spare_fd >= 0)
        (void)close(server->spare_fd);
    int fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd >= 0)
        (void)close(fd);
    server->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void on_listener(uv_poll_t *handle, int status, int events)
{
    struct listener *listener = handle->data;
    (void)status, (void)events;
    listener->server->host->now_ms = loop_now_ms(listener->server->loop);
    for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
        struct sockaddr_storage address;
        socklen_t len = sizeof address;
        int fd =
            accept4(listener->fd, (struct sockaddr *)&address, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            accepted(listener, fd, &address);
            continue;
        }
        if (errno == EMFILE || errno == ENFILE)
            accept_and_hang_up(listener);
        else if (errno == EAGAIN || errno == EWOULDBLOCK)
            return;
    }
}

/* -- Deadlines and the end --------------------------------------------------------------------- */

static void listener_closed(uv_handle_t *handle)
{
    struct listener *listener = handle->data;
    server_release(listener->server);
}

static void stop_listening(struct http_server *server)
{
    for (size_t i = 0; i < server->listener_count; i++) {
        struct listener *listener = &server->listeners[i];
        if (!listener->is_open)
            continue;
        listener->is_open = false;
        uv_close((uv_handle_t *)&listener->poll, listener_closed);
        (void)close(listener->fd);
    }
}

static void check_drained(struct http_server *server)
{
    if (!server->drain_end_ms)
        return;
    while (server->sock_count && server->host->now_ms >= server->drain_end_ms)
        sock_end(server->socks[server->sock_count - 1]);
    if (server->sock_count)
        return;
    server->drain_end_ms = 0;
    if (server->drained)
        server->drained(server->drained_ctx);
}

static void on_tick(uv_timer_t *timer)
{
    struct http_server *server = timer->data;
    int64_t now_ms = loop_now_ms(server->loop);
    server->host->now_ms = now_ms;
    for (uint32_t i = server->sock_count; i-- > 0;) {
        if (i >= server->sock_count || server->deadlines_ms[i] > now_ms)
            continue;
        struct sock *s = server->socks[i];
        if (s->is_lingering) {
            sock_end(s);
            continue;
        }
        http_conn_overdue(s->conn);
        server->deadlines_ms[i] = now_ms + TICK_MS;
        wake(s);
    }
    check_drained(server);
}

void http_server_drain(struct http_server *server, int64_t max_ms, loop_fn done, void *ctx)
{
    server->host->now_ms = loop_now_ms(server->loop);
    server->host->is_draining = true;
    server->drain_end_ms = server->host->now_ms + max_ms;
    server->drained = done;
    server->drained_ctx = ctx;
    stop_listening(server);
    for (uint32_t i = 0; i < server->sock_count; i++)
        wake(server->socks[i]);
}

/* -- Server ------------------------------------------------------------------------------------ */

struct http_server *http_server_new(struct loop *loop, const struct http_limits *limits,
                                    const struct http_calls *calls, void *ctx)
{
    struct http_server *server = net_new(1, sizeof *server);
    server->loop = loop;
    server->host = http_host_new(limits, calls, ctx, wake);
    uint32_t max_count = server->host->limits.connection_count;
    server->socks = net_new(max_count, sizeof(struct sock *));
    server->deadlines_ms = net_new(max_count, sizeof *server->deadlines_ms);
    server->read_buf = net_new(1, READ_BYTES);
    server->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    map_init(&server->by_address, max_count + 1);
    (void)uv_timer_init(loop_uv(loop), &server->tick);
    server->tick.data = server;
    (void)uv_timer_start(&server->tick, on_tick, TICK_MS, TICK_MS);
    server->open_handles = 1;
    return server;
}

enum err http_server_listen(struct http_server *server, int fd, struct tls *tls)
{
    enum err err = OK;
    struct listener *listener = &server->listeners[server->listener_count];
    if (server->listener_count == MAX_LISTENERS)
        err = ERR_LIMIT;
    else if (uv_poll_init(loop_uv(server->loop), &listener->poll, fd))
        err = ERR_IO;
    if (err) {
        (void)close(fd);
        return err;
    }
    server->listener_count++;
    server->open_handles++;
    *listener = (struct listener){
        .poll = listener->poll, .server = server, .tls = tls, .fd = fd, .is_open = true};
    listener->poll.data = listener;
    (void)uv_poll_start(&listener->poll, UV_READABLE, on_listener);
    return OK;
}

const struct http_counters *http_server_counters(const struct http_server *server)
{
    return &server->host->counters;
}

static void tick_closed(uv_handle_t *handle)
{
    server_release(handle->data);
}

void http_server_free(struct http_server *server)
{
    if (!server || server->is_freed)
        return;
    server->is_freed = true;
    stop_listening(server);
    while (server->sock_count)
        sock_end(server->socks[server->sock_count - 1]);
    if (server->spare_fd >= 0)
        (void)close(server->spare_fd);
    uv_close((uv_handle_t *)&server->tick, tick_closed);
}
