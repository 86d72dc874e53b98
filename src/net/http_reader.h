/* http_reader.h - the answers on one client connection: bytes in any split, whole answers or
 * pieces of a stream out. Layer: net. Threads: one owner. */
#ifndef NET_HTTP_READER_H
#define NET_HTTP_READER_H
#include "net/http_client.h"
#include <llhttp.h>

#define HTTP_READER_MAX_FIELDS 64

/* What the first unanswered request was. */
enum http_expected {
    HTTP_EXPECTED_NOTHING, /* an answer that nobody asked for: the connection is lost */
    HTTP_EXPECTED_HEAD,    /* no body follows, whatever the head says */
    HTTP_EXPECTED_BODY,
    HTTP_EXPECTED_EVENTS /* 200 with text/event-stream goes to `part` */
};
struct http_reader_calls {
    enum http_expected (*expected)(void *ctx);
    void (*streaming)(void *ctx); /* the head of a stream has come */
    enum err (*part)(void *ctx, struct str bytes);
    /* False: stop reading, the owner is gone. */
    bool (*answer)(void *ctx, const struct http_client_answer *answer);
};

struct http_reader {
    llhttp_t parser;
    struct http_reader_calls calls;
    void *ctx;
    struct out text, body; /* names and values one after the other */
    struct {
        uint32_t name, name_len, value, value_len;
    } spans[HTTP_READER_MAX_FIELDS];
    struct http_field fields[HTTP_READER_MAX_FIELDS];
    size_t field_count;
    bool is_in_value, is_streaming, is_stopped, was_last;
    enum err refusal; /* why a parser callback stopped */
};

void http_reader_init(struct http_reader *reader, uint32_t max_body_bytes,
                      const struct http_reader_calls *calls, void *ctx);
void http_reader_done(struct http_reader *reader);
void http_reader_restart(struct http_reader *reader); /* for a new connection */
/* ERR_IO: this was the last answer of the connection. ERR_SYNTAX. ERR_LIMIT. After `answer` said
 * false: OK, and the reader must not be used any more. */
enum err http_reader_feed(struct http_reader *reader, const void *p, size_t n_bytes);
void http_reader_eof(struct http_reader *reader); /* an answer may end with the connection */
#endif
