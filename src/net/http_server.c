/* The HTTP server: listening, accepting, deadlines, the end. Sockets are in http_sock.c.
 *
 * Deadlines stand in an array of their own, so that ten thousand of them are looked through ten
 * times a second for a few microseconds. */
#include "net/http_server_priv.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#define ACCEPTS_PER_TURN 64
#define TICK_MS 100

void http_server_release(struct http_server *server)
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

void http_server_count_address(struct http_server *server, uint64_t key, bool is_new)
{
    uint32_t n = 0;
    (void)map_get(&server->by_address, key, &n);
    n = is_new ? n + 1 : n - 1;
    if (n)
        (void)map_put(&server->by_address, key, n);
    else
        (void)map_remove(&server->by_address, key);
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
    SSL *ssl = NULL;
    if (!has_room(server, key) || (listener->tls && !(ssl = tls_accept(listener->tls, fd)))) {
        (void)close(fd);
        return;
    }
    address_text(address, peer);
    http_sock_open(server, fd, ssl, key, peer);
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
    http_server_release(listener->server);
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
        http_sock_end(server->socks[server->sock_count - 1]);
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
            http_sock_end(s);
            continue;
        }
        http_conn_overdue(s->conn);
        server->deadlines_ms[i] = now_ms + TICK_MS;
        http_sock_wake(s);
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
        http_sock_wake(server->socks[i]);
}

/* -- Server ------------------------------------------------------------------------------------ */

struct http_server *http_server_new(struct loop *loop, const struct http_limits *limits,
                                    const struct http_calls *calls, void *ctx)
{
    struct http_server *server = net_new(1, sizeof *server);
    server->loop = loop;
    server->host = http_host_new(limits, calls, ctx, http_sock_wake);
    uint32_t max_count = server->host->limits.connection_count;
    server->socks = net_new(max_count, sizeof(struct sock *));
    server->deadlines_ms = net_new(max_count, sizeof *server->deadlines_ms);
    server->read_buf = net_new(1, HTTP_READ_BYTES);
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
    if (server->listener_count == HTTP_MAX_LISTENERS)
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
    http_server_release(handle->data);
}

void http_server_free(struct http_server *server)
{
    if (!server || server->is_freed)
        return;
    server->is_freed = true;
    stop_listening(server);
    while (server->sock_count)
        http_sock_end(server->socks[server->sock_count - 1]);
    if (server->spare_fd >= 0)
        (void)close(server->spare_fd);
    uv_close((uv_handle_t *)&server->tick, tick_closed);
}
