/* http.h - an HTTP/1.1 server on the loop: requests in, answers out, now or later.
 * Layer: net. Threads: the loop's own; one server per loop, several loops may share a port.
 * Spec: RFC 9110, 9112; error bodies RFC 9457. libuv, llhttp and OpenSSL are behind this header.
 *
 * A request reaches the handler whole: head checked, body complete and within its limit. What is
 * malformed, ambiguous, too large or too slow is answered 4xx and closed before any handler sees
 * it: NUL, bare CR or LF, folded lines, missing or double Host, Content-Length beside
 * Transfer-Encoding, chunk extensions, trailers, and so on; tests/system/hostile.c has them.
 *
 * The handler owns the exchange until it answers it: exactly one http_answer or http_stream_start,
 * at once or later. The connection may die meanwhile; answering is then harmless and still due.
 * Pipelined requests are handled one after the other. */
#ifndef NET_HTTP_H
#define NET_HTTP_H
#include "base/out.h"
#include "net/loop.h"
#include "net/tls.h"

/* -- Limits ------------------------------------------------------------------------------------ */
struct http_limits {
    uint32_t head_bytes;   /* request line and headers */
    uint32_t target_bytes; /* 414 above */
    uint32_t header_count;
    uint32_t body_bytes;         /* unless the route's http_body_rule says otherwise */
    uint32_t bodies_total_bytes; /* of all connections together, memfds included; 503 above */
    uint32_t connection_count;
    uint32_t connections_per_address; /* IPv6: per /64. 0 = no limit */
    uint32_t queue_bytes;      /* waiting output of a stream; above, the subscriber is dropped */
    uint32_t head_ms;          /* first byte (or connect, with TLS) to end of head, absolute */
    uint32_t body_ms;          /* end of head to end of body, absolute */
    uint32_t body_bytes_per_s; /* slowest average, after the first ten seconds */
    uint32_t idle_ms;          /* between requests */
    uint32_t answer_ms;        /* handler's time; then 503 */
    uint32_t write_ms;         /* no byte taken by the peer for so long: closed */
    uint32_t linger_ms;        /* after a refusal, so that the peer can read it */
};
extern const struct http_limits http_limits_default;

/* -- Requests ---------------------------------------------------------------------------------- */
enum http_method {
    HTTP_METHOD_GET,
    HTTP_METHOD_HEAD,
    HTTP_METHOD_POST,
    HTTP_METHOD_PUT,
    HTTP_METHOD_PATCH,
    HTTP_METHOD_DELETE,
    HTTP_METHOD_OPTIONS, /* any other is answered 501 */
    HTTP_METHOD_COUNT
};
const char *http_method_text(enum http_method method);

struct http_field {
    struct str name, value; /* value without outer white space */
};

/* Plain facts, valid until the exchange is answered. */
struct http_request {
    enum http_method method;
    struct str target; /* as sent: path and query, visible ASCII only */
    struct str path;   /* up to '?', begins with '/', still escaped; or "*" */
    struct str query;  /* behind '?', still escaped */
    struct str host;   /* Host header: name or address and port; may be empty in 1.0 */
    const struct http_field *fields; /* in the order sent */
    size_t field_count;
    struct str body;     /* empty if it went into body_fd */
    int body_fd;         /* sealed memfd, or -1; see http_take_body_fd */
    uint64_t body_bytes; /* in either place; in `head` calls the announced length or 0 */
    struct str peer;     /* address text without port */
    bool is_tls;
};

/* First field of this name, ASCII case ignored; p is NULL if there is none. */
struct str http_header(const struct http_request *request, const char *name);
struct str http_cookie(const struct http_request *request, const char *name);
/* Parameter of the query, unescaped into buf ('+' is a space). ERR_NOT_FOUND, ERR_SYNTAX (bad
 * escape, not UTF-8, given twice), ERR_LIMIT (over cap). */
enum err http_param(const struct http_request *request, const char *name, char *buf,
                    size_t cap_bytes, struct str *ret_value);
/* Unescapes %XX. ERR_SYNTAX (also for NUL and bad UTF-8), ERR_LIMIT. */
enum err http_unescape(struct str escaped, bool is_query, char *buf, size_t cap_bytes,
                       struct str *ret_text);

/* -- Handlers ---------------------------------------------------------------------------------- */
/* What the route says about a body, before the first byte of it is read. */
struct http_body_rule {
    uint32_t max_bytes;        /* preset to limits.body_bytes */
    bool is_memfd;             /* body into a sealed memfd instead of memory (photos, imports) */
    int refuse_status;         /* not 0: answer this and close, body unread */
    const char *refuse_detail; /* static */
};

struct http_exchange;
struct http_calls {
    /* After a good head, before the body; only for requests that have one. May be NULL. */
    void (*head)(void *ctx, const struct http_request *request, struct http_body_rule *rule);
    /* The whole request. */
    void (*request)(void *ctx, struct http_exchange *exchange, const struct http_request *request);
};

/* -- Shared bytes ------------------------------------------------------------------------------ */
/* Immutable, reference counted (one thread), sent without a copy to any number of connections,
 * as a body or as one chunk of a stream. */
struct http_bytes;
struct http_bytes *http_bytes_new(struct str bytes); /* one reference */
struct http_bytes *http_bytes_ref(struct http_bytes *bytes);
void http_bytes_unref(struct http_bytes *bytes); /* NULL is fine */
struct str http_bytes_view(const struct http_bytes *bytes);

/* -- Answers ----------------------------------------------------------------------------------- */
struct http_answer {
    int status;                      /* 200 .. 599 */
    const char *type;                /* Content-Type, NULL = none */
    const struct http_field *fields; /* further headers; control characters become spaces */
    size_t field_count;
    struct str body;           /* copied */
    struct http_bytes *shared; /* instead of body: a reference is taken; may be NULL */
    bool is_last;              /* close the connection behind it */
};
/* Date, Content-Length and Connection are added; HEAD, 204 and 304 send no body (HEAD and its
 * length as GET would). Ends the exchange: neither it nor its request may be used afterwards. */
void http_answer(struct http_exchange *exchange, const struct http_answer *answer);
/* application/problem+json {"type":"about:blank","title","status","detail"}. title NULL: the
 * status text; detail may be NULL. For members of your own write the body yourself. */
void http_problem(struct http_exchange *exchange, int status, const char *title,
                  const char *detail);
const char *http_status_text(int status);
/* False once the connection is gone: work for it can be given up. An answer is still due. */
bool http_is_alive(const struct http_exchange *exchange);
const struct http_request *http_request_of(const struct http_exchange *exchange);
/* The sealed memfd of the body is the caller's from here on; -1 if there is none. */
int http_take_body_fd(struct http_exchange *exchange);

/* -- Streams (server-sent events, long downloads) ------------------------------------------------
 */
struct http_stream;
struct http_stream_calls {
    /* All that was queued has been taken by the kernel: room for the next merged message or the
     * next part. May be NULL. */
    void (*drained)(void *ctx, struct http_stream *stream);
    /* Peer gone, over queue_bytes, too slow, or server drained: the stream is invalid on return.
     * Called once, never from inside http_stream_send; not after http_stream_end. */
    void (*closed)(void *ctx);
};
/* Sends the head and keeps the answer open; ends the exchange. No Content-Length is sent; HTTP/1.1
 * gets chunks. NULL (and no calls) if the connection is gone or the method is HEAD, which ends it.
 */
struct http_stream *http_stream_start(struct http_exchange *exchange,
                                      const struct http_answer *head,
                                      const struct http_stream_calls *calls, void *ctx);
/* Queues one part, not empty, by reference. ERR_LIMIT: over queue_bytes, `closed` will come.
 * ERR_IO: closing already. */
enum err http_stream_send(struct http_stream *stream, struct http_bytes *bytes);
size_t http_stream_queued_bytes(const struct http_stream *stream);
/* Ends it well; the stream is gone on return. */
void http_stream_end(struct http_stream *stream);

/* -- Server ------------------------------------------------------------------------------------ */
/* Counters since start, for /metrics. X(name, help) */
#define HTTP_COUNTERS(X)                                                                           \
    X(accepted, "connections accepted")                                                            \
    X(refused_full, "connections refused: connection_count or no descriptors")                     \
    X(refused_address, "connections refused: connections_per_address")                             \
    X(tls_failed, "TLS handshakes that failed")                                                    \
    X(requests, "requests handed to a handler")                                                    \
    X(malformed, "requests refused as malformed or over a limit")                                  \
    X(timeouts, "connections closed by a deadline")                                                \
    X(unanswered, "requests that the handler did not answer in time")                              \
    X(streams_dropped, "streams dropped for a full queue or a stalled reader")                     \
    X(answers_2xx, "answers 200 to 299")                                                           \
    X(answers_3xx, "answers 300 to 399")                                                           \
    X(answers_4xx, "answers 400 to 499")                                                           \
    X(answers_5xx, "answers 500 to 599")                                                           \
    X(bytes_in, "bytes received")                                                                  \
    X(bytes_out, "bytes sent")
struct http_counters {
#define HTTP_COUNTER_FIELD(name, help) uint64_t name;
    HTTP_COUNTERS(HTTP_COUNTER_FIELD)
#undef HTTP_COUNTER_FIELD
    uint32_t connections, streams; /* now */
    uint64_t body_bytes;           /* held now, of all requests */
};

struct http_server;
/* limits NULL: the default. calls and limits are copied. */
struct http_server *http_server_new(struct loop *loop, const struct http_limits *limits,
                                    const struct http_calls *calls, void *ctx);
/* Opens and binds a listening socket: address "127.0.0.1", "::", "0.0.0.0"; port 0 = any free one.
 * is_shared: SO_REUSEPORT, for several loops. The monitor opens ports with this and hands the fd
 * down. ERR_SYNTAX (address), ERR_EXISTS (port taken), ERR_DENIED, ERR_IO. */
enum err http_socket_open(const char *address, uint16_t port, bool is_shared, int *ret_fd);
uint16_t http_socket_port(int fd); /* 0 if it has none */
/* Accepts on fd, which is the server's from here on, until it is freed. tls NULL: plain HTTP. The
 * tls object must outlive the server. ERR_IO, ERR_LIMIT (8 listeners). */
enum err http_server_listen(struct http_server *server, int fd, struct tls *tls);
const struct http_counters *http_server_counters(const struct http_server *server);
/* Graceful end: stops accepting, closes idle connections, ends streams (`closed`), lets running
 * requests be answered; `done` is called when no connection is left, at the latest after max_ms,
 * when what remains is cut. */
void http_server_drain(struct http_server *server, int64_t max_ms, loop_fn done, void *ctx);
/* Cuts what is left; not from inside one of its own callbacks but `done`. Exchanges that are still
 * unanswered stay valid and must be answered. */
void http_server_free(struct http_server *server);

/* A server that answers every request 308 to https on the same host and this port. Takes fd over;
 * NULL if it is no listening socket. */
struct http_server *http_redirect_new(struct loop *loop, int fd, uint16_t https_port);
#endif
