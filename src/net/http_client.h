/* http_client.h - a small HTTP/1.1 client for our own tools, load generator and tests.
 * Layer: net. Threads: the loop's own. One connection per object; thousands fit in one process.
 * Requests may be sent before earlier ones are answered (open loop); answers come in order. */
#ifndef NET_HTTP_CLIENT_H
#define NET_HTTP_CLIENT_H
#include "net/http.h"
#include "net/http_event.h"

struct http_client;
struct http_client_answer {
    int status;   /* 0: no answer; the connection failed, see `err` */
    enum err err; /* OK, ERR_IO, ERR_DENIED (certificate), ERR_SYNTAX, ERR_LIMIT */
    const struct http_field *fields; /* borrowed for the call */
    size_t field_count;
    struct str body; /* borrowed for the call */
};
typedef void (*http_client_fn)(void *ctx, const struct http_client_answer *answer);

struct http_client_plan {
    const char *address; /* numeric, IPv4 or IPv6 */
    uint16_t port;
    const char *host;       /* name to send and to check in the certificate; NULL = address */
    struct tls *tls;        /* from tls_client_new; NULL = plain */
    uint32_t answer_bytes;  /* largest answer body; 0 = 16 MiB */
    uint32_t max_in_flight; /* unanswered requests; 0 = 1024 */
    uint32_t timeout_ms;    /* connect, and each answer; 0 = 30 s */
};

/* Connects in the background, and again by itself when the next request finds it closed. The
 * strings of the plan are copied. */
struct http_client *http_client_new(struct loop *loop, const struct http_client_plan *plan);
/* Host and Content-Length are added by the client. */
struct http_client_request {
    enum http_method method;
    struct str target;               /* path and query, escaped */
    const struct http_field *fields; /* may be NULL */
    size_t field_count;
    struct str body;
};
/* Copies the request; it leaves at the end of this turn of the loop. fn is called exactly once,
 * never from inside. ERR_BUSY: max_in_flight. */
enum err http_client_send(struct http_client *client, const struct http_client_request *request,
                          http_client_fn fn, void *ctx);
/* Subscribes to server-sent events with a GET (Accept is added): the connection is used up by it.
 * `end` is called once, when the stream ends (status 200), breaks (status 0) or the answer is not
 * 200 with text/event-stream (status and body say what). ERR_BUSY: requests are in flight. */
enum err http_client_events(struct http_client *client, const struct http_client_request *request,
                            http_event_fn event, http_client_fn end, void *ctx);
uint32_t http_client_in_flight(const struct http_client *client);
struct str http_client_header(const struct http_client_answer *answer, const char *name);
/* Closes; outstanding requests are not called any more. */
void http_client_free(struct http_client *client);
#endif
