/* http_rig.h - a connection without sockets for tests and fuzzers: bytes in, what the handler saw
 * and what came out. The handler echoes: it answers 200 with method, target and body, or keeps the
 * exchange when `defers` is set. */
#ifndef TESTS_UNIT_HTTP_RIG_H
#define TESTS_UNIT_HTTP_RIG_H
#include "net/http_conn.h"

struct rig {
    struct http_host *host;
    struct http_conn *conn; /* NULL once it ended */
    struct out output;
    struct out seen; /* "METHOD target body\n" per request */
    struct http_exchange *kept;
    int request_count, wake_count;
    bool defers, ends, lingers;
};

static void rig_request(void *ctx, struct http_exchange *ex, const struct http_request *request)
{
    struct rig *rig = ctx;
    struct out line;
    rig->request_count++;
    out_init(&line, 1u << 20);
    out_c(&line, http_method_text(request->method));
    out_byte(&line, ' ');
    out_str(&line, request->target);
    out_byte(&line, ' ');
    out_str(&line, request->body);
    out_byte(&line, '\n');
    out_str(&rig->seen, out_view(&line));
    struct http_answer answer = {.status = 200, .type = "text/plain", .body = out_view(&line)};
    if (rig->defers)
        rig->kept = ex;
    else
        http_answer(ex, &answer);
    out_done(&line);
}

static void rig_wake(void *io)
{
    struct rig *rig = io;
    rig->wake_count++;
}

static void rig_open(struct rig *rig, const struct http_limits *limits)
{
    struct http_calls calls = {.request = rig_request};
    *rig = (struct rig){.request_count = 0};
    rig->host = http_host_new(limits, &calls, rig, rig_wake);
    rig->host->now_ms = 1000;
    rig->conn = http_conn_new(rig->host, STR("192.0.2.7"), false, rig);
    out_init(&rig->output, 8u << 20);
    out_init(&rig->seen, 8u << 20);
}

/* What a server does at the end of a turn, with a socket that takes all. */
static void rig_flush(struct rig *rig)
{
    struct iovec iov[3];
    if (!rig->conn)
        return;
    do {
        http_conn_step(rig->conn);
        for (size_t n; (n = http_conn_output(rig->conn, iov, 3)) > 0;) {
            size_t sent = 0;
            for (size_t i = 0; i < n; i++) {
                out_bytes(&rig->output, iov[i].iov_base, iov[i].iov_len);
                sent += iov[i].iov_len;
            }
            http_conn_sent(rig->conn, sent);
        }
    } while (http_conn_can_step(rig->conn));
    enum http_conn_fate fate = http_conn_fate(rig->conn);
    rig->lingers = rig->lingers || fate == HTTP_CONN_LINGERS;
    rig->ends = rig->ends || fate == HTTP_CONN_ENDS;
    if (fate == HTTP_CONN_STAYS)
        return;
    http_conn_free(rig->conn);
    rig->conn = NULL;
}

static void rig_feed(struct rig *rig, struct str bytes)
{
    if (!rig->conn)
        return;
    if (http_conn_wants_input(rig->conn))
        http_conn_input(rig->conn, bytes.p, bytes.len);
    rig_flush(rig);
}

static void rig_close(struct rig *rig)
{
    http_conn_free(rig->conn);
    if (rig->kept)
        http_problem(rig->kept, 503, NULL, NULL);
    http_host_unref(rig->host);
    out_done(&rig->output);
    out_done(&rig->seen);
}
#endif
