/* http_server_priv.h - the server and its sockets, shared by http_server.c and http_sock.c.
 * Layer: net. */
#ifndef NET_HTTP_SERVER_PRIV_H
#define NET_HTTP_SERVER_PRIV_H
#include "base/map.h"
#include "net/http_conn.h"
#include "net/loop_priv.h"
#include "net/tls_priv.h"

#define HTTP_MAX_LISTENERS 8
#define HTTP_READ_BYTES 65536

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
    struct listener listeners[HTTP_MAX_LISTENERS];
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

/* http_sock.c. Takes over fd and ssl; the caller has made sure that there is room. */
void http_sock_open(struct http_server *server, int fd, SSL *ssl, uint64_t address_key,
                    const char *peer);
void http_sock_end(struct sock *sock);
void http_sock_wake(void *sock);
/* http_server.c */
void http_server_release(struct http_server *server); /* one of its handles has closed */
void http_server_count_address(struct http_server *server, uint64_t key, bool is_new);
#endif
