#include "net/http_client.h"

#include "net/http_reader.h"
#include "net/loop_priv.h"
#include "net/tls_priv.h"
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_BYTES 65536
#define MAX_WIRE_BYTES (64u << 20)
#define KEPT_WIRE_BYTES 4096

struct pending {
    http_client_fn fn;
    http_event_fn event; /* not NULL: a subscription */
    void *ctx;
    int64_t deadline_ms;
    bool is_head;
};

/* One connection; a new one for each connect, because closing takes a turn of the loop. */
struct link {
    uv_poll_t poll;
    struct http_client *client; /* NULL once given up */
    SSL *ssl;
    int fd, events;
    bool is_connected;
};

struct http_client {
    struct loop *loop;
    struct loop_flush flush;
    uv_timer_t timer;
    char *address, *host;
    uint16_t port;
    struct tls *tls;
    uint32_t max_in_flight, timeout_ms;
    struct link *link;
    struct out wire; /* to be sent from wire_sent on */
    size_t wire_sent;
    struct pending *pending; /* ring */
    uint32_t pending_from, pending_count;
    struct http_reader reader;
    bool is_freed;
    struct http_events events;
};

/* -- Answers ----------------------------------------------------------------------------------- */

static struct pending *first(struct http_client *c)
{
    return c->pending_count ? &c->pending[c->pending_from] : NULL;
}

static enum http_expected expected(void *ctx)
{
    struct http_client *c = ctx;
    const struct pending *p = first(c);
    if (!p)
        return HTTP_EXPECTED_NOTHING;
    if (p->event)
        return HTTP_EXPECTED_EVENTS;
    return p->is_head ? HTTP_EXPECTED_HEAD : HTTP_EXPECTED_BODY;
}

static void streaming(void *ctx)
{
    struct http_client *c = ctx;
    (void)uv_timer_stop(&c->timer);
}

static void on_event(void *ctx, const struct http_event *event)
{
    struct http_client *c = ctx;
    if (!c->is_freed) /* by an event before it in the same piece */
        first(c)->event(first(c)->ctx, event);
}

static enum err part(void *ctx, struct str bytes)
{
    struct http_client *c = ctx;
    return http_events_feed(&c->events, bytes, on_event, c);
}

static void pop_and_call(struct http_client *c, const struct http_client_answer *answer)
{
    struct pending p = *first(c);
    c->pending_from = (c->pending_from + 1) % c->max_in_flight;
    c->pending_count--;
    p.fn(p.ctx, answer);
}

static bool answer_came(void *ctx, const struct http_client_answer *answer)
{
    struct http_client *c = ctx;
    pop_and_call(c, answer);
    return !c->is_freed;
}

static const struct http_reader_calls reader_calls = {expected, streaming, part, answer_came};

/* -- Connection -------------------------------------------------------------------------------- */

static void on_poll(uv_poll_t *handle, int status, int events);

static void link_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void drop_link(struct http_client *c)
{
    struct link *link = c->link;
    if (!link)
        return;
    c->link = NULL;
    link->client = NULL;
    if (link->ssl) {
        tls_goodbye(link->ssl);
        tls_session_free(link->ssl);
    }
    uv_close((uv_handle_t *)&link->poll, link_closed);
    (void)close(link->fd);
}

static void wait_for(struct link *link, int events)
{
    if (link->events == events)
        return;
    link->events = events;
    (void)uv_poll_start(&link->poll, events, on_poll);
}

/* The connection is over: everybody who waits is told. */
static void fail(struct http_client *c, enum err why)
{
    struct http_client_answer answer = {.err = why};
    uint32_t count = c->pending_count; /* callbacks may send anew */
    drop_link(c);
    out_done(&c->wire);
    c->wire_sent = 0;
    c->reader.is_streaming = false;
    (void)uv_timer_stop(&c->timer);
    while (count-- && !c->is_freed)
        pop_and_call(c, &answer);
}

static int open_socket(const char *address, uint16_t port)
{
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    bool is_four = inet_pton(AF_INET, address, &four.sin_addr) == 1;
    const void *to = is_four ? (const void *)&four : (const void *)&six;
    int one = 1;
    if (!is_four && inet_pton(AF_INET6, address, &six.sin6_addr) != 1)
        return -1;
    int fd = socket(is_four ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(fd, to, is_four ? sizeof four : sizeof six) == 0 || errno == EINPROGRESS)
        return fd;
    (void)close(fd);
    return -1;
}

static bool open_link(struct http_client *c)
{
    int fd = open_socket(c->address, c->port);
    if (fd < 0)
        return false;
    struct link *link = net_new(1, sizeof *link);
    link->client = c;
    link->fd = fd;
    if (c->tls && !(link->ssl = tls_connect(c->tls, fd, c->host)))
        abort();
    if (uv_poll_init(loop_uv(c->loop), &link->poll, fd))
        abort();
    link->poll.data = link;
    c->link = link;
    http_reader_restart(&c->reader);
    wait_for(link, UV_WRITABLE);
    return true;
}

static enum err tls_failure(const struct link *link)
{
    return tls_is_up(link->ssl) || tls_is_trusted(link->ssl) ? ERR_IO : ERR_DENIED;
}

/* OK with *ret_n 0: blocked. */
static enum err send_some(struct link *link, struct str bytes, size_t *ret_n)
{
    *ret_n = 0;
    if (!link->ssl) {
        ssize_t n = send(link->fd, bytes.p, bytes.len, MSG_NOSIGNAL);
        if (n < 0)
            return errno == EAGAIN || errno == EINTR ? OK : ERR_IO;
        *ret_n = (size_t)n;
        return OK;
    }
    enum tls_wait wait = tls_write(link->ssl, bytes.p, bytes.len, ret_n);
    return wait == TLS_EOF || wait == TLS_FAILED ? tls_failure(link) : OK;
}

static void write_out(struct http_client *c)
{
    struct link *link = c->link;
    while (c->wire_sent < c->wire.len) {
        size_t n = 0;
        enum err err = send_some(link, str_from(out_view(&c->wire), c->wire_sent), &n);
        if (err) {
            fail(c, err);
            return;
        }
        if (n == 0) {
            wait_for(link, UV_READABLE | (link->ssl && !tls_is_up(link->ssl) ? 0 : UV_WRITABLE));
            return;
        }
        c->wire_sent += n;
    }
    c->wire_sent = 0;
    if (c->wire.cap > KEPT_WIRE_BYTES)
        out_done(&c->wire);
    else
        out_reset(&c->wire);
    wait_for(link, UV_READABLE);
}

static void on_flush(struct loop_flush *flush)
{
    struct http_client *c = (void *)((char *)flush - offsetof(struct http_client, flush));
    if (c->wire_sent == c->wire.len && !c->wire.err)
        return;
    if (c->wire.err || (!c->link && !open_link(c))) {
        fail(c, c->wire.err ? ERR_LIMIT : ERR_IO);
        return;
    }
    if (c->link->is_connected)
        write_out(c);
}

/* -1: end, 0: blocked. */
static ssize_t receive(struct link *link, char *buf, enum err *ret_why)
{
    *ret_why = ERR_IO;
    if (!link->ssl) {
        ssize_t n = recv(link->fd, buf, READ_BYTES, 0);
        return n > 0 ? n : n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
    }
    size_t n = 0;
    enum tls_wait wait = tls_read(link->ssl, buf, READ_BYTES, &n);
    if (wait == TLS_DONE)
        return (ssize_t)n;
    if (wait == TLS_FAILED)
        *ret_why = tls_failure(link);
    return wait == TLS_WANTS_READ || wait == TLS_WANTS_WRITE ? 0 : -1;
}

/* True: more has left the socket and waits. */
static bool read_some(struct http_client *c)
{
    static _Thread_local char buf[READ_BYTES];
    struct link *link = c->link;
    enum err why = OK;
    ssize_t n = receive(link, buf, &why);
    if (n == 0)
        return false;
    if (n < 0) {
        http_reader_eof(&c->reader);
        if (!c->is_freed)
            fail(c, why);
        return false;
    }
    why = http_reader_feed(&c->reader, buf, (size_t)n);
    if (why && !c->is_freed)
        fail(c, why);
    return !c->is_freed && c->link == link && link->ssl && tls_has_ahead(link->ssl);
}

/* All that one look at the socket brought, and what joins its last record. */
static void read_in(struct http_client *c)
{
    while (read_some(c))
        ;
}

static void on_poll(uv_poll_t *handle, int status, int events)
{
    struct link *link = handle->data;
    struct http_client *c = link->client;
    (void)status;
    if (!c)
        return;
    if (!link->is_connected) {
        int error = 0;
        socklen_t len = sizeof error;
        if (getsockopt(link->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0 || error) {
            fail(c, ERR_IO);
            return;
        }
        link->is_connected = true;
        write_out(c);
        return;
    }
    if (status < 0 || (events & UV_READABLE))
        read_in(c);
    if (!c->is_freed && c->link == link && c->wire_sent < c->wire.len)
        write_out(c);
}

/* -- Deadlines --------------------------------------------------------------------------------- */

static void on_timer(uv_timer_t *timer)
{
    struct http_client *c = timer->data;
    const struct pending *p = first(c);
    if (!p || c->reader.is_streaming)
        return;
    int64_t left_ms = p->deadline_ms - loop_now_ms(c->loop);
    if (left_ms <= 0)
        fail(c, ERR_IO);
    else
        (void)uv_timer_start(timer, on_timer, (uint64_t)left_ms, 0);
}

/* -- Requests ---------------------------------------------------------------------------------- */

static void put_request(struct http_client *c, const struct http_client_request *request)
{
    struct out *out = &c->wire;
    bool is_bare_six = strchr(c->host, ':') != NULL;
    out_c(out, http_method_text(request->method));
    out_byte(out, ' ');
    out_str(out, request->target);
    out_printf(out, " HTTP/1.1\r\nHost: %s%s%s:%u\r\n", is_bare_six ? "[" : "", c->host,
               is_bare_six ? "]" : "", (unsigned)c->port);
    for (size_t i = 0; i < request->field_count; i++) {
        out_str(out, request->fields[i].name);
        out_c(out, ": ");
        out_str(out, request->fields[i].value);
        out_c(out, "\r\n");
    }
}

static void push(struct http_client *c, const struct pending *p)
{
    c->pending[(c->pending_from + c->pending_count++) % c->max_in_flight] = *p;
    if (!uv_is_active((uv_handle_t *)&c->timer))
        (void)uv_timer_start(&c->timer, on_timer, c->timeout_ms, 0);
    loop_flush_later(c->loop, &c->flush);
}

enum err http_client_send(struct http_client *c, const struct http_client_request *request,
                          http_client_fn fn, void *ctx)
{
    enum http_method method = request->method;
    struct str body = request->body;
    if (c->pending_count == c->max_in_flight || c->reader.is_streaming)
        return ERR_BUSY;
    bool may_have_body =
        method == HTTP_METHOD_POST || method == HTTP_METHOD_PUT || method == HTTP_METHOD_PATCH;
    put_request(c, request);
    if (may_have_body || body.len)
        out_printf(&c->wire, "Content-Length: %zu\r\n", body.len);
    out_c(&c->wire, "\r\n");
    out_str(&c->wire, body);
    struct pending p = {.fn = fn,
                        .ctx = ctx,
                        .deadline_ms = loop_now_ms(c->loop) + c->timeout_ms,
                        .is_head = method == HTTP_METHOD_HEAD};
    push(c, &p);
    return OK;
}

enum err http_client_events(struct http_client *c, const struct http_client_request *request,
                            http_event_fn event, http_client_fn end, void *ctx)
{
    struct http_client_request get = *request;
    get.method = HTTP_METHOD_GET;
    if (c->pending_count)
        return ERR_BUSY;
    put_request(c, &get);
    out_c(&c->wire, "Accept: text/event-stream\r\n\r\n");
    http_events_done(&c->events);
    http_events_init(&c->events, c->reader.body.max_bytes);
    struct pending p = {
        .fn = end, .event = event, .ctx = ctx, .deadline_ms = loop_now_ms(c->loop) + c->timeout_ms};
    push(c, &p);
    return OK;
}

uint32_t http_client_in_flight(const struct http_client *c)
{
    return c->pending_count;
}

struct str http_client_header(const struct http_client_answer *answer, const char *name)
{
    for (size_t i = 0; i < answer->field_count; i++)
        if (str_ieq_c(answer->fields[i].name, name))
            return answer->fields[i].value;
    return (struct str){NULL, 0};
}

/* -- Life -------------------------------------------------------------------------------------- */

struct http_client *http_client_new(struct loop *loop, const struct http_client_plan *plan)
{
    struct http_client *c = net_new(1, sizeof *c);
    uint32_t answer_bytes = plan->answer_bytes ? plan->answer_bytes : 16u << 20;
    c->loop = loop;
    c->flush.fn = on_flush;
    c->address = strdup(plan->address);
    c->host = strdup(plan->host ? plan->host : plan->address);
    if (!c->address || !c->host)
        abort();
    c->port = plan->port;
    c->tls = plan->tls;
    c->max_in_flight = plan->max_in_flight ? plan->max_in_flight : 1024;
    c->timeout_ms = plan->timeout_ms ? plan->timeout_ms : 30000;
    c->pending = net_new(c->max_in_flight, sizeof *c->pending);
    out_init(&c->wire, MAX_WIRE_BYTES);
    http_reader_init(&c->reader, answer_bytes, &reader_calls, c);
    http_events_init(&c->events, answer_bytes);
    (void)uv_timer_init(loop_uv(loop), &c->timer);
    c->timer.data = c;
    return c;
}

static void client_closed(uv_handle_t *handle)
{
    struct http_client *c = handle->data;
    out_done(&c->wire);
    http_reader_done(&c->reader);
    http_events_done(&c->events);
    free(c->pending);
    free(c->address);
    free(c->host);
    free(c);
}

void http_client_free(struct http_client *c)
{
    if (!c || c->is_freed)
        return;
    c->is_freed = true;
    loop_flush_cancel(&c->flush);
    drop_link(c);
    uv_close((uv_handle_t *)&c->timer, client_closed);
}
