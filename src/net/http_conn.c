#include "net/http_conn.h"

#include "net/http_priv.h"
#include "net/loop_priv.h"
#include <assert.h>

#define BODY_GRACE_MS 10000
#define SCRATCH_BYTES (128u * 1024)

const struct http_limits http_limits_default = {
    .head_bytes = 16384,
    .target_bytes = 8192,
    .header_count = 64,
    .body_bytes = 1u << 20,
    .bodies_total_bytes = 256u << 20,
    .connection_count = 16000,
    .connections_per_address = 1024,
    .queue_bytes = 256u << 10,
    .head_ms = 10000,
    .body_ms = 300000,
    .body_bytes_per_s = 2048,
    .idle_ms = 75000,
    .answer_ms = 30000,
    .write_ms = 20000,
    .linger_ms = 1000,
};

struct http_host *http_host_new(const struct http_limits *limits, const struct http_calls *calls,
                                void *ctx, void (*wake)(void *io))
{
    struct http_host *host = net_new(1, sizeof *host);
    host->limits = limits ? *limits : http_limits_default;
    host->calls = *calls;
    host->ctx = ctx;
    host->wake = wake;
    host->ref_count = 1;
    out_init(&host->scratch, SCRATCH_BYTES);
    return host;
}

void http_host_unref(struct http_host *host)
{
    if (--host->ref_count)
        return;
    out_done(&host->scratch);
    free(host);
}

struct http_conn *http_conn_new(struct http_host *host, struct str peer, bool is_tls, void *io)
{
    struct http_conn *conn = net_new(1, sizeof *conn);
    conn->host = host;
    conn->io = io;
    conn->is_tls = is_tls;
    conn->is_fresh = true;
    conn->deadline_ms = host->now_ms + host->limits.head_ms;
    (void)str_copy(peer, conn->peer, sizeof conn->peer);
    out_init(&conn->in, 2 * (size_t)host->limits.head_bytes + (256u << 10));
    host->counters.connections++;
    return conn;
}

static void drop_queue(struct http_conn *conn)
{
    for (uint32_t i = 0; i < conn->queue_count; i++)
        http_bytes_unref(conn->queue[conn->queue_from + i].bytes);
    conn->queue_count = 0;
    conn->queue_bytes = 0;
}

/* The handler keeps what it owns; the connection forgets it. */
static void let_go(struct http_conn *conn)
{
    struct http_exchange *ex = conn->exchange;
    conn->exchange = NULL;
    if (ex && conn->state == CONN_HANDLER)
        ex->conn = NULL;
    else
        http_exchange_free(ex);
    http_stream_close(conn);
}

void http_conn_free(struct http_conn *conn)
{
    if (!conn)
        return;
    let_go(conn);
    drop_queue(conn);
    free(conn->queue);
    out_done(&conn->in);
    conn->host->counters.connections--;
    free(conn);
}

/* -- Input ------------------------------------------------------------------------------------- */

/* Frees what the peer sent in vain and takes no more. */
static void refuse(struct http_conn *conn, int status, const char *detail)
{
    conn->host->counters.malformed++;
    let_go(conn);
    http_conn_refuse(conn, status, detail);
}

void http_conn_next(struct http_conn *conn, bool keeps_alive)
{
    const struct http_limits *limits = &conn->host->limits;
    conn->state = keeps_alive ? CONN_HEAD : CONN_CLOSING;
    conn->scan = (struct http_scan){0};
    conn->is_fresh = conn->has_head_begun = conn->skipped_blank = false;
    conn->deadline_ms = conn->host->now_ms + (keeps_alive ? limits->idle_ms : limits->write_ms);
    conn->host->wake(conn->io);
}

static void hand_over(struct http_conn *conn)
{
    struct http_exchange *ex = conn->exchange;
    struct http_host *host = conn->host;
    conn->state = CONN_HANDLER;
    conn->deadline_ms = host->now_ms + host->limits.answer_ms;
    host->counters.requests++;
    host->calls.request(host->ctx, ex, &ex->request);
}

/* Absolute end, and the slowest average that the bytes so far allow. */
static int64_t body_deadline(const struct http_conn *conn)
{
    const struct http_limits *limits = &conn->host->limits;
    int64_t end = conn->body_from_ms + limits->body_ms;
    if (limits->body_bytes_per_s == 0)
        return end;
    uint64_t earned_ms = conn->body_wire_bytes * 1000 / limits->body_bytes_per_s;
    int64_t slow = conn->body_from_ms + BODY_GRACE_MS + (int64_t)earned_ms;
    return slow < end ? slow : end;
}

static size_t take_body(struct http_conn *conn, struct str bytes)
{
    size_t used = 0;
    const char *detail = NULL;
    int status = http_body_parse(conn, bytes, &used, &detail);
    if (status) {
        refuse(conn, status, detail);
        return bytes.len;
    }
    conn->deadline_ms = body_deadline(conn);
    if (conn->is_message_complete)
        hand_over(conn);
    return used;
}

/* The head is whole. */
static void take_head(struct http_conn *conn, struct str head, bool has_more)
{
    const char *detail = NULL;
    int status = http_head_parse(conn, head, conn->scan.line_count, &detail);
    if (status) {
        refuse(conn, status, detail);
        return;
    }
    if (!conn->exchange->has_body) {
        hand_over(conn);
        return;
    }
    if (conn->exchange->expects_continue && !has_more)
        http_conn_queue_text(conn, STR("HTTP/1.1 100 Continue\r\n\r\n"));
    conn->state = CONN_BODY;
    conn->body_from_ms = conn->host->now_ms;
    conn->body_wire_bytes = 0;
    conn->deadline_ms = body_deadline(conn);
}

/* What can be said about a head before its end. 0 = nothing yet. */
static int check_partial(const struct http_conn *conn, struct str bytes)
{
    const struct http_limits *limits = &conn->host->limits;
    if (bytes.p[0] < 'A' || bytes.p[0] > 'Z')
        return 400;
    if (conn->scan.line_count == 0 && bytes.len > limits->target_bytes + 32u)
        return 414;
    return bytes.len > limits->head_bytes ? 431 : 0;
}

static size_t find_head(struct http_conn *conn, struct str bytes)
{
    const struct http_limits *limits = &conn->host->limits;
    size_t head_bytes = 0;
    if (!conn->skipped_blank && bytes.p[0] == '\r') { /* one empty line before it (9112 2.2) */
        if (bytes.len < 2)
            return 0;
        conn->skipped_blank = true;
        if (bytes.p[1] == '\n')
            return 2;
    }
    if (!conn->has_head_begun) {
        conn->has_head_begun = true;
        if (!conn->is_fresh) /* a first head is counted from accept */
            conn->deadline_ms = conn->host->now_ms + limits->head_ms;
    }
    enum err err = http_head_scan(&conn->scan, bytes, limits->header_count + 1, &head_bytes);
    int status = err == ERR_SYNTAX ? 400 : err == ERR_LIMIT ? 431 : 0;
    if (!status) {
        struct str so_far = {bytes.p, err == OK ? head_bytes : bytes.len};
        status = check_partial(conn, so_far);
    }
    if (status) {
        refuse(conn, status, "the request is malformed or too long");
        return bytes.len;
    }
    if (err == ERR_MORE)
        return 0;
    take_head(conn, (struct str){bytes.p, head_bytes}, bytes.len > head_bytes);
    return head_bytes;
}

/* Uses what it can; returns how much. */
static size_t consume(struct http_conn *conn, struct str bytes)
{
    size_t at = 0;
    while (at < bytes.len) {
        struct str rest = str_from(bytes, at);
        size_t used = 0;
        switch (conn->state) {
        case CONN_HEAD:
            /* a peer that does not read its answers gets no more of them */
            conn->is_stuck = conn->queue_bytes > conn->host->limits.queue_bytes;
            if (!conn->is_stuck)
                used = find_head(conn, rest);
            break;
        case CONN_BODY:
            used = take_body(conn, rest);
            break;
        case CONN_HANDLER:
        case CONN_STREAM:
            break; /* pipelined: waits */
        case CONN_CLOSING:
        case CONN_DEAD:
            used = rest.len;
            break;
        }
        if (used == 0)
            break;
        at += used;
    }
    return at;
}

static void use_buffered(struct http_conn *conn)
{
    struct out *in = &conn->in;
    size_t used = consume(conn, out_view(in));
    memmove(in->p, in->p + used, in->len - used);
    in->len -= used;
    if (in->len == 0)
        out_done(in);
}

void http_conn_input(struct http_conn *conn, const void *p, size_t n_bytes)
{
    struct str bytes = {p, n_bytes};
    conn->host->counters.bytes_in += n_bytes;
    if (conn->in.len == 0) {
        size_t used = consume(conn, bytes);
        bytes = str_from(bytes, used);
        out_str(&conn->in, bytes);
    } else {
        out_str(&conn->in, bytes);
        use_buffered(conn);
    }
    if (conn->in.err) /* cannot happen to a caller that asks http_conn_wants_input */
        conn->state = conn->state == CONN_DEAD ? CONN_DEAD : CONN_CLOSING;
}

bool http_conn_wants_input(const struct http_conn *conn)
{
    if (conn->state == CONN_HEAD)
        return conn->queue_bytes <= conn->host->limits.queue_bytes;
    return conn->in.len < conn->host->limits.head_bytes;
}

void http_conn_eof(struct http_conn *conn)
{
    conn->is_eof = true;
    switch (conn->state) {
    case CONN_HEAD:
    case CONN_BODY:
    case CONN_STREAM:
        let_go(conn);
        conn->state = conn->queue_count ? CONN_CLOSING : CONN_DEAD;
        break;
    case CONN_HANDLER: /* it may still be reading */
    case CONN_CLOSING:
    case CONN_DEAD:
        break;
    }
}

bool http_conn_has_eof(const struct http_conn *conn)
{
    return conn->is_eof;
}

static void drain(struct http_conn *conn)
{
    if (conn->state == CONN_HEAD && !conn->has_head_begun && conn->queue_count == 0)
        conn->state = CONN_DEAD;
    if (conn->state != CONN_STREAM)
        return;
    bool is_chunked = conn->stream->is_chunked;
    http_stream_close(conn);
    if (is_chunked)
        http_conn_queue_text(conn, STR("0\r\n\r\n"));
    http_conn_next(conn, false);
}

bool http_conn_can_step(const struct http_conn *conn)
{
    return conn->is_stuck && conn->queue_bytes <= conn->host->limits.queue_bytes;
}

void http_conn_step(struct http_conn *conn)
{
    if (conn->is_overfull && conn->state == CONN_STREAM) {
        conn->host->counters.streams_dropped++;
        conn->state = CONN_DEAD;
        let_go(conn);
        return;
    }
    conn->is_stuck = false;
    if (conn->in.len)
        use_buffered(conn);
    if (conn->is_eof && conn->state == CONN_HEAD)
        conn->state = CONN_CLOSING;
    if (conn->host->is_draining)
        drain(conn);
}

/* -- Output ------------------------------------------------------------------------------------ */

size_t http_conn_output(const struct http_conn *conn, struct iovec *ret_iov, size_t max_count)
{
    size_t n = 0;
    for (; n < conn->queue_count && n < max_count; n++) {
        const struct segment *s = &conn->queue[conn->queue_from + n];
        ret_iov[n] = (struct iovec){s->bytes->store + s->from, s->to - s->from};
    }
    return n;
}

void http_conn_sent(struct http_conn *conn, size_t n_bytes)
{
    assert(n_bytes <= conn->queue_bytes);
    conn->queue_bytes -= n_bytes;
    conn->out_sent_bytes += n_bytes;
    conn->out_progress_ms = conn->host->now_ms;
    conn->host->counters.bytes_out += n_bytes;
    while (n_bytes) {
        struct segment *s = &conn->queue[conn->queue_from];
        size_t part = s->to - s->from < n_bytes ? s->to - s->from : n_bytes;
        s->from += (uint32_t)part;
        n_bytes -= part;
        if (s->from < s->to)
            break;
        http_bytes_unref(s->bytes);
        conn->queue_from++;
        conn->queue_count--;
    }
    if (conn->queue_count)
        return;
    conn->queue_from = 0;
    if (conn->queue_cap > 16) {
        free(conn->queue);
        conn->queue = NULL;
        conn->queue_cap = 0;
    }
    if (conn->state == CONN_HEAD && !conn->has_head_begun)
        conn->deadline_ms = conn->host->now_ms + conn->host->limits.idle_ms;
    if (conn->stream && conn->stream->calls.drained)
        conn->stream->calls.drained(conn->stream->ctx, conn->stream);
}

/* -- Life -------------------------------------------------------------------------------------- */

enum http_conn_fate http_conn_fate(const struct http_conn *conn)
{
    if (conn->state == CONN_DEAD)
        return HTTP_CONN_ENDS;
    if (conn->state != CONN_CLOSING || conn->queue_count)
        return HTTP_CONN_STAYS;
    return conn->is_eof ? HTTP_CONN_ENDS : HTTP_CONN_LINGERS;
}

/* Output must move, and on the average not slower than a body must come in. */
static int64_t output_deadline(const struct http_conn *conn)
{
    const struct http_limits *limits = &conn->host->limits;
    int64_t stalled = conn->out_progress_ms + limits->write_ms;
    if (conn->stream || limits->body_bytes_per_s == 0)
        return stalled;
    uint64_t earned_ms = conn->out_sent_bytes * 1000 / limits->body_bytes_per_s;
    int64_t slow = conn->out_from_ms + limits->write_ms + (int64_t)earned_ms;
    return slow < stalled ? slow : stalled;
}

int64_t http_conn_deadline_ms(const struct http_conn *conn)
{
    bool is_only_output = conn->state == CONN_STREAM ||
                          (conn->queue_count && conn->state == CONN_CLOSING) ||
                          (conn->queue_count && conn->state == CONN_HEAD && !conn->has_head_begun);
    int64_t deadline = is_only_output ? INT64_MAX : conn->deadline_ms;
    if (conn->queue_count) {
        int64_t output = output_deadline(conn);
        deadline = output < deadline ? output : deadline;
    }
    return deadline;
}

void http_conn_overdue(struct http_conn *conn)
{
    struct http_counters *counters = &conn->host->counters;
    bool is_stalled = conn->queue_count && output_deadline(conn) <= conn->host->now_ms;
    counters->timeouts++;
    if (is_stalled && conn->state == CONN_STREAM)
        counters->streams_dropped++;
    if (is_stalled || conn->state == CONN_STREAM || conn->state == CONN_CLOSING ||
        conn->state == CONN_DEAD || (conn->state == CONN_HEAD && !conn->has_head_begun)) {
        let_go(conn); /* nobody to tell */
        conn->state = CONN_DEAD;
        return;
    }
    if (conn->state == CONN_HANDLER) {
        counters->unanswered++;
        let_go(conn);
        http_conn_refuse(conn, 503, "no answer in time");
        return;
    }
    let_go(conn);
    http_conn_refuse(conn, 408, "the request came too slowly");
}
