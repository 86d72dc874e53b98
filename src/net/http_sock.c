/* The socket of one HTTP connection: read as it comes, written once a turn, lingering at the end.
 *
 * Everything that happens to a connection in one turn of the loop is answered in one flush before
 * the loop sleeps. */
#include "net/http_server_priv.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_IOV 64
#define WRITES_PER_TURN 16

static void on_sock(uv_poll_t *handle, int status, int events);

static void sock_closed(uv_handle_t *handle)
{
    struct sock *s = handle->data;
    http_server_release(s->server);
    free(s);
}

void http_sock_end(struct sock *s)
{
    struct http_server *server = s->server;
    struct sock *last = server->socks[--server->sock_count];
    server->socks[s->index] = last;
    server->deadlines_ms[s->index] = server->deadlines_ms[last->index];
    last->index = s->index;
    http_server_count_address(server, s->address_key, false);
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

void http_sock_wake(void *io)
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
        ssize_t n = recv(s->fd, server->read_buf, HTTP_READ_BYTES, 0);
        if (n > 0) {
            *ret_n = (size_t)n;
            return IO_MOVED;
        }
        if (n == 0)
            return IO_EOF;
        return errno == EAGAIN || errno == EINTR ? IO_BLOCKED : IO_BROKEN;
    }
    switch (tls_read(s->ssl, server->read_buf, HTTP_READ_BYTES, ret_n)) {
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
            http_sock_end(s);
            return;
        }
        http_conn_eof(s->conn);
        wait_for(s, 0);
        break;
    case IO_BROKEN:
        http_sock_end(s);
        return;
    }
    http_sock_wake(s);
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

/* What goes into the next record: small pieces are joined, what fills it alone stays where it is. A
 * record that blocked is offered again with the same first bytes, since the queue only grows at its
 * end. */
static const void *next_record(const struct sock *s, size_t *ret_len)
{
    struct iovec iov[MAX_IOV];
    size_t count = http_conn_output(s->conn, iov, MAX_IOV), len = 0;
    uint8_t *record = s->server->read_buf;
    if (count == 1 || iov[0].iov_len >= TLS_RECORD_BYTES) {
        *ret_len = iov[0].iov_len < TLS_RECORD_BYTES ? iov[0].iov_len : TLS_RECORD_BYTES;
        return iov[0].iov_base;
    }
    for (size_t i = 0; i < count && len < TLS_RECORD_BYTES; i++) {
        size_t room = TLS_RECORD_BYTES - len;
        size_t part = iov[i].iov_len < room ? iov[i].iov_len : room;
        memcpy(record + len, iov[i].iov_base, part);
        len += part;
    }
    *ret_len = len;
    return record;
}

static enum io_result send_tls(struct sock *s, size_t *ret_n)
{
    size_t len;
    const void *record = next_record(s, &len);
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
            http_sock_end(s);
            return;
        }
    } while (http_conn_can_step(s->conn));
    switch (http_conn_fate(s->conn)) {
    case HTTP_CONN_ENDS:
        http_sock_end(s);
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
        http_sock_wake(s);
}

void http_sock_open(struct http_server *server, int fd, SSL *ssl, uint64_t key, const char *peer)
{
    int one = 1;
    struct sock *s = net_new(1, sizeof *s);
    s->server = server;
    s->ssl = ssl;
    s->fd = fd;
    s->flush.fn = sock_flush;
    s->address_key = key;
    s->index = server->sock_count++;
    server->socks[s->index] = s;
    http_server_count_address(server, key, true);
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
