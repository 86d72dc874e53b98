/* http_conn.h - one HTTP/1.1 connection as a machine without sockets or clock: bytes in, requests
 * to the handler, bytes out. http_server.c joins it to sockets; tests and fuzzers feed it directly.
 * Layer: net. Threads: one owner.
 *
 *   HEAD --> BODY --> HANDLER --> HEAD (keep-alive) or CLOSING --> ended
 *      \________________^  \----> STREAM --> HEAD or CLOSING
 *   any refusal --> CLOSING, with the rest of the input thrown away */
#ifndef NET_HTTP_CONN_H
#define NET_HTTP_CONN_H
#include "net/http.h"
#include <sys/uio.h>

struct http_conn;
/* What the connections of one server share. Counted, because exchanges may outlive the server. */
struct http_host {
    struct http_limits limits;
    struct http_calls calls;
    void *ctx;
    struct http_counters counters;
    /* The connection has output or can go on: call http_conn_step and write, soon, not from here.
     */
    void (*wake)(void *io);
    int64_t now_ms; /* the owner sets it before it calls anything below */
    bool is_draining;
    uint32_t ref_count;
    struct out scratch; /* answer heads are put together here */
    int64_t date_s;
    char date[32];
};
struct http_host *http_host_new(const struct http_limits *limits, const struct http_calls *calls,
                                void *ctx, void (*wake)(void *io));
void http_host_unref(struct http_host *host);

enum http_conn_fate {
    HTTP_CONN_STAYS,
    HTTP_CONN_LINGERS, /* all is written: send end-of-file, discard input until the peer's */
    HTTP_CONN_ENDS     /* cut it */
};

/* `io` is passed to wake. */
struct http_conn *http_conn_new(struct http_host *host, struct str peer, bool is_tls, void *io);
void http_conn_free(struct http_conn *conn);
void http_conn_input(struct http_conn *conn, const void *p, size_t n_bytes);
void http_conn_eof(struct http_conn *conn); /* the peer will send no more */
bool http_conn_has_eof(const struct http_conn *conn);
/* False while a pipelined rest waits that is as large as it may be. */
bool http_conn_wants_input(const struct http_conn *conn);
/* Goes on after an answer that came later, and after a drain was asked for. */
void http_conn_step(struct http_conn *conn);
/* Input that had to wait for output to leave can be used now. */
bool http_conn_can_step(const struct http_conn *conn);
size_t http_conn_output(const struct http_conn *conn, struct iovec *ret_iov, size_t max_count);
void http_conn_sent(struct http_conn *conn, size_t n_bytes);
enum http_conn_fate http_conn_fate(const struct http_conn *conn);
int64_t http_conn_deadline_ms(const struct http_conn *conn);
void http_conn_overdue(struct http_conn *conn); /* its deadline has passed */
#endif
