/* http_priv.h - the insides of connections, exchanges and shared bytes. Layer: net. */
#ifndef NET_HTTP_PRIV_H
#define NET_HTTP_PRIV_H
#include "net/http_conn.h"
#include <llhttp.h>

#define HTTP_CHUNK_HEAD_BYTES 10 /* eight hex digits, CR LF */

struct http_bytes {
    uint32_t ref_count;
    uint32_t len;
    uint32_t chunk_from; /* offset in store where the chunk head begins */
    char store[];        /* chunk head right-aligned in HTTP_CHUNK_HEAD_BYTES, data, CR LF */
};

struct http_exchange {
    struct http_conn *conn; /* NULL once it is gone */
    struct http_host *host;
    struct http_request request;
    struct http_body_rule rule;
    struct out body;
    uint64_t body_counted; /* bytes in host->counters.body_bytes */
    uint64_t content_length;
    bool is_1_0, is_chunked, has_body, expects_continue, keeps_alive;
    char peer[NET_ADDRESS_CAP];
    char *head; /* own copy; fields and target point into it */
    size_t head_len;
    size_t field_cap;
    struct http_field fields[];
};

enum http_conn_state { CONN_HEAD, CONN_BODY, CONN_HANDLER, CONN_STREAM, CONN_CLOSING, CONN_DEAD };

/* Progress of the search for the end of a head. */
struct http_scan {
    size_t line_from, seen;
    uint32_t line_count;
};

struct segment {
    struct http_bytes *bytes;
    uint32_t from, to; /* of bytes->store */
};

struct http_conn {
    struct http_host *host;
    void *io;
    enum http_conn_state state;
    bool is_tls, is_fresh, is_eof, is_overfull, has_head_begun, skipped_blank;
    struct http_exchange *exchange; /* from the end of its head to its answer */
    struct http_stream *stream;
    struct http_scan scan;
    llhttp_t parser;
    bool is_message_complete;
    int refuse_status; /* set by a parser callback that stops the parser */
    const char *refuse_detail;
    int64_t deadline_ms, body_from_ms;
    uint64_t body_wire_bytes;
    bool is_stuck; /* input waits until output has left */
    struct out in; /* received, not yet used */
    struct segment *queue;
    uint32_t queue_from, queue_count, queue_cap;
    size_t queue_bytes;
    int64_t out_from_ms, out_progress_ms; /* of the output that waits */
    uint64_t out_sent_bytes;
    char peer[NET_ADDRESS_CAP];
};

struct http_stream {
    struct http_conn *conn; /* NULL once closed */
    struct http_stream_calls calls;
    void *ctx;
    bool is_chunked, keeps_alive;
};

/* http_head.c: heads and bodies. */
/* OK: *ret_bytes is the length of the head, blank line included. ERR_MORE. ERR_SYNTAX: NUL, other
 * control characters, bare CR or LF, folded line. ERR_LIMIT: too many lines. */
enum err http_head_scan(struct http_scan *scan, struct str bytes, uint32_t max_lines,
                        size_t *ret_bytes);
/* Makes conn->exchange. 0, or the status to refuse with and why. */
int http_head_parse(struct http_conn *conn, struct str head, uint32_t line_count,
                    const char **ret_detail);
/* Parses a piece of body. 0, or the status to refuse with; conn->is_message_complete says the end,
 * *ret_used how much belonged to it. */
int http_body_parse(struct http_conn *conn, struct str bytes, size_t *ret_used,
                    const char **ret_detail);
/* http_answer.c */
void http_exchange_free(struct http_exchange *exchange);
void http_conn_refuse(struct http_conn *conn, int status, const char *detail);
void http_conn_queue(struct http_conn *conn, struct http_bytes *bytes, uint32_t from, uint32_t to);
void http_conn_queue_text(struct http_conn *conn, struct str text);
void http_stream_close(struct http_conn *conn); /* tells its owner */
/* http_conn.c */
void http_conn_next(struct http_conn *conn, bool keeps_alive); /* after an answer */
#endif
