#include "net/http_client.h"

#include "net/loop_priv.h"
#include "net/tls_priv.h"
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <llhttp.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_BYTES 65536
#define MAX_FIELDS 64
#define MAX_HEAD_BYTES 65536u
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
    /* The answer that is being read. */
    llhttp_t parser;
    struct out text, body; /* names and values one after the other */
    struct {
        uint32_t name, name_len, value, value_len;
    } spans[MAX_FIELDS];
    struct http_field fields[MAX_FIELDS];
    size_t field_count;
    bool is_in_value, is_streaming, is_freed;
    enum err refusal; /* why a parser callback stopped */
    struct http_events events;
};

/* -- Parsing answers --------------------------------------------------------------------------- */

static int stop(struct http_client *c, enum err why)
{
    c->refusal = why;
    return HPE_USER;
}

static int on_begin(llhttp_t *parser)
{
    struct http_client *c = parser->data;
    out_reset(&c->text);
    out_reset(&c->body);
    c->field_count = 0;
    c->is_in_value = true;
    return 0;
}

static int on_name(llhttp_t *parser, const char *at, size_t len)
{
    struct http_client *c = parser->data;
    if (c->is_in_value) {
        if (c->field_count == MAX_FIELDS)
            return stop(c, ERR_LIMIT);
        c->spans[c->field_count].name = (uint32_t)c->text.len;
        c->spans[c->field_count].name_len = c->spans[c->field_count].value_len = 0;
        c->field_count++;
        c->is_in_value = false;
    }
    c->spans[c->field_count - 1].name_len += (uint32_t)len;
    out_bytes(&c->text, at, len);
    return c->text.err ? stop(c, ERR_LIMIT) : 0;
}

static int on_value(llhttp_t *parser, const char *at, size_t len)
{
    struct http_client *c = parser->data;
    if (c->field_count == 0)
        return 0;
    if (!c->is_in_value)
        c->spans[c->field_count - 1].value = (uint32_t)c->text.len;
    c->is_in_value = true;
    c->spans[c->field_count - 1].value_len += (uint32_t)len;
    out_bytes(&c->text, at, len);
    return c->text.err ? stop(c, ERR_LIMIT) : 0;
}

static struct http_client_answer answer_of(struct http_client *c)
{
    for (size_t i = 0; i < c->field_count; i++) {
        const char *text = (const char *)c->text.p;
        c->fields[i].name = (struct str){text + c->spans[i].name, c->spans[i].name_len};
        struct str value = {text + c->spans[i].value, c->spans[i].value_len};
        c->fields[i].value = value.len ? str_trim(value) : STR("");
    }
    return (struct http_client_answer){.status = c->parser.status_code,
                                       .fields = c->fields,
                                       .field_count = c->field_count,
                                       .body = out_view(&c->body)};
}

static struct pending *first(struct http_client *c)
{
    return c->pending_count ? &c->pending[c->pending_from] : NULL;
}

static int on_headers(llhttp_t *parser)
{
    struct http_client *c = parser->data;
    struct pending *p = first(c);
    if (!p)
        return stop(c, ERR_SYNTAX); /* an answer that nobody asked for */
    if (!c->is_in_value)            /* the last field had no value */
        c->is_in_value = true;
    if (p->event && parser->status_code == 200) {
        struct http_client_answer answer = answer_of(c);
        struct str type = http_client_header(&answer, "Content-Type");
        c->is_streaming = str_starts(type, STR("text/event-stream"));
        if (c->is_streaming)
            (void)uv_timer_stop(&c->timer);
    }
    return p->is_head ? 1 : 0;
}

static void on_event(void *ctx, const struct http_event *event)
{
    struct http_client *c = ctx;
    if (!c->is_freed) /* by an event before it in the same piece */
        first(c)->event(first(c)->ctx, event);
}

static int on_body(llhttp_t *parser, const char *at, size_t len)
{
    struct http_client *c = parser->data;
    enum err err = OK;
    if (c->is_streaming) {
        err = http_events_feed(&c->events, (struct str){at, len}, on_event, c);
    } else {
        out_bytes(&c->body, at, len);
        err = c->body.err;
    }
    if (c->is_freed)
        return HPE_USER;
    return err ? stop(c, err) : 0;
}

static void pop_and_call(struct http_client *c, const struct http_client_answer *answer)
{
    struct pending p = *first(c);
    c->pending_from = (c->pending_from + 1) % c->max_in_flight;
    c->pending_count--;
    p.fn(p.ctx, answer);
}

static int on_complete(llhttp_t *parser)
{
    struct http_client *c = parser->data;
    if (parser->status_code >= 100 && parser->status_code < 200)
        return 0;
    struct http_client_answer answer = answer_of(c);
    bool is_last = !llhttp_should_keep_alive(parser);
    c->is_streaming = false;
    pop_and_call(c, &answer);
    if (c->is_freed)
        return HPE_USER;
    return is_last ? stop(c, ERR_IO) : 0;
}

static const llhttp_settings_t settings = {
    .on_message_begin = on_begin,
    .on_header_field = on_name,
    .on_header_value = on_value,
    .on_headers_complete = on_headers,
    .on_body = on_body,
    .on_message_complete = on_complete,
};

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
    c->is_streaming = false;
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
    llhttp_init(&c->parser, HTTP_RESPONSE, &settings);
    c->parser.data = c;
    c->refusal = OK;
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

static void read_in(struct http_client *c)
{
    static _Thread_local char buf[READ_BYTES];
    enum err why = OK;
    ssize_t n = receive(c->link, buf, &why);
    if (n == 0)
        return;
    if (n < 0) {
        (void)llhttp_finish(&c->parser); /* an answer may end with the connection */
        if (!c->is_freed)
            fail(c, why);
        return;
    }
    llhttp_errno_t rc = llhttp_execute(&c->parser, buf, (size_t)n);
    if (rc != HPE_OK && !c->is_freed)
        fail(c, c->refusal ? c->refusal : ERR_SYNTAX);
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
    if (!p || c->is_streaming)
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
    if (c->pending_count == c->max_in_flight || c->is_streaming)
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
    http_events_init(&c->events, c->body.max_bytes);
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
    out_init(&c->text, MAX_HEAD_BYTES);
    out_init(&c->body, answer_bytes);
    http_events_init(&c->events, answer_bytes);
    (void)uv_timer_init(loop_uv(loop), &c->timer);
    c->timer.data = c;
    return c;
}

static void client_closed(uv_handle_t *handle)
{
    struct http_client *c = handle->data;
    out_done(&c->wire);
    out_done(&c->text);
    out_done(&c->body);
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
