/* Answers: shared bytes, heads, problems, streams. They end in the output queue of the connection,
 * as references to immutable bytes, so that one event can wait in ten thousand queues at once. */
#include "net/http_priv.h"

#include "base/json_out.h"
#include "base/utc.h"
#include "net/loop_priv.h"
#include <assert.h>
#include <unistd.h>

#define MAX_HEAD_BYTES 65536u
#define COPY_BODY_BYTES 16384u /* up to here head and body go into one block */

/* -- Shared bytes ------------------------------------------------------------------------------ */

struct http_bytes *http_bytes_new(struct str bytes)
{
    assert(bytes.len < UINT32_MAX / 2);
    struct http_bytes *b = net_new(1, sizeof *b + HTTP_CHUNK_HEAD_BYTES + bytes.len + 2);
    char hex[HTTP_CHUNK_HEAD_BYTES + 1];
    int n = snprintf(hex, sizeof hex, "%x\r\n", (unsigned)bytes.len);
    b->ref_count = 1;
    b->len = (uint32_t)bytes.len;
    b->chunk_from = HTTP_CHUNK_HEAD_BYTES - (uint32_t)n;
    memcpy(b->store + b->chunk_from, hex, (size_t)n);
    if (bytes.len)
        memcpy(b->store + HTTP_CHUNK_HEAD_BYTES, bytes.p, bytes.len);
    memcpy(b->store + HTTP_CHUNK_HEAD_BYTES + bytes.len, "\r\n", 2);
    return b;
}

struct http_bytes *http_bytes_ref(struct http_bytes *bytes)
{
    bytes->ref_count++;
    return bytes;
}

void http_bytes_unref(struct http_bytes *bytes)
{
    if (bytes && --bytes->ref_count == 0)
        free(bytes);
}

struct str http_bytes_view(const struct http_bytes *bytes)
{
    return (struct str){bytes->store + HTTP_CHUNK_HEAD_BYTES, bytes->len};
}

/* -- Output queue ------------------------------------------------------------------------------ */

void http_conn_queue(struct http_conn *conn, struct http_bytes *bytes, uint32_t from, uint32_t to)
{
    if (from == to)
        return;
    if (conn->queue_from + conn->queue_count == conn->queue_cap) {
        if (conn->queue_from) {
            memmove(conn->queue, conn->queue + conn->queue_from,
                    conn->queue_count * sizeof *conn->queue);
            conn->queue_from = 0;
        } else {
            conn->queue_cap = conn->queue_cap ? conn->queue_cap * 2 : 4;
            conn->queue = realloc(conn->queue, conn->queue_cap * sizeof *conn->queue);
            if (!conn->queue)
                abort();
        }
    }
    if (conn->queue_count == 0) {
        conn->out_from_ms = conn->out_progress_ms = conn->host->now_ms;
        conn->out_sent_bytes = 0;
    }
    conn->queue[conn->queue_from + conn->queue_count++] =
        (struct segment){http_bytes_ref(bytes), from, to};
    conn->queue_bytes += to - from;
}

static void queue_view(struct http_conn *conn, struct http_bytes *bytes)
{
    http_conn_queue(conn, bytes, HTTP_CHUNK_HEAD_BYTES, HTTP_CHUNK_HEAD_BYTES + bytes->len);
}

void http_conn_queue_text(struct http_conn *conn, struct str text)
{
    struct http_bytes *bytes = http_bytes_new(text);
    queue_view(conn, bytes);
    http_bytes_unref(bytes);
}

/* -- Heads ------------------------------------------------------------------------------------- */

static void count_status(struct http_counters *counters, int status)
{
    if (status < 300)
        counters->answers_2xx++;
    else if (status < 400)
        counters->answers_3xx++;
    else if (status < 500)
        counters->answers_4xx++;
    else
        counters->answers_5xx++;
}

/* IMF-fixdate (RFC 9110 5.6.7), made once a second. */
static const char *date_text(struct http_host *host)
{
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    int64_t now_s = (int64_t)time(NULL);
    if (now_s != host->date_s) {
        struct civil c = utc_civil(now_s * US_PER_S);
        host->date_s = now_s;
        (void)snprintf(host->date, sizeof host->date, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT",
                       days + (c.weekday % 7) * 3, (int)c.day, months + ((c.month - 1) % 12) * 3,
                       (int)c.year, (int)c.hour, (int)c.minute, (int)c.second);
    }
    return host->date;
}

static void put_field(struct out *out, struct str name, struct str value)
{
    out_str(out, name);
    out_c(out, ": ");
    size_t from = out->len;
    out_str(out, value);
    for (size_t i = from; i < out->len; i++) /* no way to smuggle a line into an answer */
        if (out->p[i] < 0x20 || out->p[i] == 0x7f)
            out->p[i] = ' ';
    out_c(out, "\r\n");
}

static void put_head(struct http_host *host, const struct http_answer *answer, bool is_last)
{
    struct out *out = &host->scratch;
    out_reset(out);
    out_c(out, "HTTP/1.1 ");
    out_u64(out, (uint64_t)answer->status);
    out_byte(out, ' ');
    out_c(out, http_status_text(answer->status));
    out_c(out, "\r\nDate: ");
    out_c(out, date_text(host));
    out_c(out, "\r\n");
    if (answer->type)
        put_field(out, STR("Content-Type"), str_of(answer->type));
    for (size_t i = 0; i < answer->field_count; i++)
        put_field(out, answer->fields[i].name, answer->fields[i].value);
    if (is_last)
        out_c(out, "Connection: close\r\n");
    count_status(&host->counters, answer->status);
}

/* -- Answering --------------------------------------------------------------------------------- */

static void send_answer(struct http_conn *conn, const struct http_answer *answer, bool is_last,
                        bool is_head_request)
{
    struct out *out = &conn->host->scratch;
    struct str body = answer->shared ? http_bytes_view(answer->shared) : answer->body;
    bool has_body = answer->status != 204 && answer->status != 304;
    bool is_copied = !answer->shared && body.len <= COPY_BODY_BYTES;
    put_head(conn->host, answer, is_last);
    if (has_body) {
        out_c(out, "Content-Length: ");
        out_u64(out, body.len);
        out_c(out, "\r\n");
    }
    out_c(out, "\r\n");
    assert(out->err == OK && "headers of an answer over MAX_HEAD_BYTES");
    has_body = has_body && !is_head_request && body.len;
    if (has_body && is_copied)
        out_str(out, body);
    http_conn_queue_text(conn, out_view(out));
    if (has_body && answer->shared)
        queue_view(conn, answer->shared);
    else if (has_body && !is_copied)
        http_conn_queue_text(conn, body);
}

void http_exchange_free(struct http_exchange *ex)
{
    if (!ex)
        return;
    if (ex->request.body_fd >= 0)
        (void)close(ex->request.body_fd);
    ex->host->counters.body_bytes -= ex->body_counted;
    http_host_unref(ex->host);
    out_done(&ex->body);
    free(ex);
}

/* Whether another request may follow on the connection. */
static bool keeps_alive(const struct http_conn *conn, const struct http_answer *answer)
{
    bool has_next = !conn->is_eof || conn->in.len;
    return conn->exchange->keeps_alive && !answer->is_last && !conn->host->is_draining && has_next;
}

void http_answer(struct http_exchange *ex, const struct http_answer *answer)
{
    struct http_conn *conn = ex->conn;
    assert(answer->status >= 200 && answer->status < 600);
    if (conn) {
        bool keeps = keeps_alive(conn, answer);
        /* HTTP/1.0 needs to be told that the connection stays; we rather close it. */
        keeps = keeps && !ex->is_1_0;
        send_answer(conn, answer, !keeps, ex->request.method == HTTP_METHOD_HEAD);
        conn->exchange = NULL;
        http_conn_next(conn, keeps);
    }
    http_exchange_free(ex);
}

static void problem_body(struct out *out, int status, const char *title, const char *detail)
{
    struct json_out j = json_out_of(out);
    json_obj(&j);
    json_kc(&j, "type", "about:blank");
    json_kc(&j, "title", title ? title : http_status_text(status));
    json_ki64(&j, "status", status);
    if (detail)
        json_kc(&j, "detail", detail);
    json_obj_end(&j);
}

void http_problem(struct http_exchange *ex, int status, const char *title, const char *detail)
{
    struct out body;
    out_init(&body, MAX_HEAD_BYTES);
    problem_body(&body, status, title, detail);
    struct http_answer answer = {
        .status = status, .type = "application/problem+json", .body = out_view(&body)};
    http_answer(ex, &answer);
    out_done(&body);
}

/* Answers a request that no handler may see, or no longer, and ends the connection. */
void http_conn_refuse(struct http_conn *conn, int status, const char *detail)
{
    struct out body;
    out_init(&body, MAX_HEAD_BYTES);
    problem_body(&body, status, NULL, detail);
    struct http_answer answer = {
        .status = status, .type = "application/problem+json", .body = out_view(&body)};
    send_answer(conn, &answer, true, false);
    out_done(&body);
    http_conn_next(conn, false);
}

bool http_is_alive(const struct http_exchange *ex)
{
    return ex->conn != NULL;
}

const struct http_request *http_request_of(const struct http_exchange *ex)
{
    return &ex->request;
}

int http_take_body_fd(struct http_exchange *ex)
{
    int fd = ex->request.body_fd;
    ex->request.body_fd = -1;
    return fd;
}

/* -- Streams ----------------------------------------------------------------------------------- */

struct http_stream *http_stream_start(struct http_exchange *ex, const struct http_answer *head,
                                      const struct http_stream_calls *calls, void *ctx)
{
    struct http_conn *conn = ex->conn;
    if (!conn || ex->request.method == HTTP_METHOD_HEAD) {
        struct http_answer empty = *head;
        empty.is_last = true;
        http_answer(ex, &empty);
        return NULL;
    }
    struct http_stream *stream = net_new(1, sizeof *stream);
    *stream = (struct http_stream){.conn = conn, .calls = *calls, .ctx = ctx};
    stream->is_chunked = !ex->is_1_0;
    stream->keeps_alive = stream->is_chunked && keeps_alive(conn, head);
    put_head(conn->host, head, !stream->keeps_alive);
    out_c(&conn->host->scratch, stream->is_chunked ? "Transfer-Encoding: chunked\r\n\r\n" : "\r\n");
    http_conn_queue_text(conn, out_view(&conn->host->scratch));
    conn->exchange = NULL;
    conn->stream = stream;
    conn->state = CONN_STREAM;
    conn->host->counters.streams++;
    conn->host->wake(conn->io);
    http_exchange_free(ex);
    return stream;
}

enum err http_stream_send(struct http_stream *stream, struct http_bytes *bytes)
{
    struct http_conn *conn = stream->conn;
    assert(bytes->len > 0); /* an empty chunk would end the answer */
    if (!conn || conn->state != CONN_STREAM || conn->is_overfull)
        return ERR_IO;
    if (conn->queue_bytes + bytes->len > conn->host->limits.queue_bytes) {
        conn->is_overfull = true;
        conn->host->wake(conn->io);
        return ERR_LIMIT;
    }
    if (stream->is_chunked)
        http_conn_queue(conn, bytes, bytes->chunk_from, HTTP_CHUNK_HEAD_BYTES + bytes->len + 2);
    else
        queue_view(conn, bytes);
    conn->host->wake(conn->io);
    return OK;
}

size_t http_stream_queued_bytes(const struct http_stream *stream)
{
    return stream->conn ? stream->conn->queue_bytes : 0;
}

static struct http_stream *detach(struct http_conn *conn)
{
    struct http_stream *stream = conn->stream;
    conn->stream = NULL;
    conn->host->counters.streams--;
    stream->conn = NULL;
    return stream;
}

void http_stream_end(struct http_stream *stream)
{
    struct http_conn *conn = stream->conn;
    if (!conn) /* from inside its own `closed` */
        return;
    (void)detach(conn);
    if (stream->is_chunked)
        http_conn_queue_text(conn, STR("0\r\n\r\n"));
    http_conn_next(conn, stream->keeps_alive && !conn->is_eof && !conn->host->is_draining);
    free(stream);
}

void http_stream_close(struct http_conn *conn)
{
    if (!conn->stream)
        return;
    struct http_stream *stream = detach(conn);
    stream->calls.closed(stream->ctx);
    free(stream);
}
