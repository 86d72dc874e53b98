#include "net/http_reader.h"

#define MAX_HEAD_BYTES 65536u

static int stop(struct http_reader *r, enum err why)
{
    r->refusal = why;
    return HPE_USER;
}

static int on_begin(llhttp_t *parser)
{
    struct http_reader *r = parser->data;
    out_reset(&r->text);
    out_reset(&r->body);
    r->field_count = 0;
    r->is_in_value = true;
    return 0;
}

static int on_name(llhttp_t *parser, const char *at, size_t len)
{
    struct http_reader *r = parser->data;
    if (r->is_in_value) {
        if (r->field_count == HTTP_READER_MAX_FIELDS)
            return stop(r, ERR_LIMIT);
        r->spans[r->field_count].name = (uint32_t)r->text.len;
        r->spans[r->field_count].name_len = r->spans[r->field_count].value_len = 0;
        r->field_count++;
        r->is_in_value = false;
    }
    r->spans[r->field_count - 1].name_len += (uint32_t)len;
    out_bytes(&r->text, at, len);
    return r->text.err ? stop(r, ERR_LIMIT) : 0;
}

static int on_value(llhttp_t *parser, const char *at, size_t len)
{
    struct http_reader *r = parser->data;
    if (r->field_count == 0)
        return 0;
    if (!r->is_in_value)
        r->spans[r->field_count - 1].value = (uint32_t)r->text.len;
    r->is_in_value = true;
    r->spans[r->field_count - 1].value_len += (uint32_t)len;
    out_bytes(&r->text, at, len);
    return r->text.err ? stop(r, ERR_LIMIT) : 0;
}

static int on_value_end(llhttp_t *parser)
{
    struct http_reader *r = parser->data;
    r->is_in_value = true; /* an empty value has no span of its own */
    return 0;
}

static struct http_client_answer answer_of(struct http_reader *r)
{
    for (size_t i = 0; i < r->field_count; i++) {
        const char *text = r->text.p ? (const char *)r->text.p : "";
        struct str value = STR("");
        r->fields[i].name = (struct str){text + r->spans[i].name, r->spans[i].name_len};
        if (r->spans[i].value_len)
            value = str_trim((struct str){text + r->spans[i].value, r->spans[i].value_len});
        r->fields[i].value = value;
    }
    return (struct http_client_answer){.status = r->parser.status_code,
                                       .fields = r->fields,
                                       .field_count = r->field_count,
                                       .body = out_view(&r->body)};
}

static int on_headers(llhttp_t *parser)
{
    struct http_reader *r = parser->data;
    enum http_expected expected = r->calls.expected(r->ctx);
    if (expected == HTTP_EXPECTED_NOTHING)
        return stop(r, ERR_SYNTAX);
    if (expected == HTTP_EXPECTED_EVENTS && parser->status_code == 200) {
        struct http_client_answer answer = answer_of(r);
        struct str type = http_client_header(&answer, "Content-Type");
        r->is_streaming = str_starts(type, STR("text/event-stream"));
        if (r->is_streaming)
            r->calls.streaming(r->ctx);
    }
    return expected == HTTP_EXPECTED_HEAD ? 1 : 0;
}

static int on_body(llhttp_t *parser, const char *at, size_t len)
{
    struct http_reader *r = parser->data;
    enum err err = OK;
    if (r->is_streaming) {
        err = r->calls.part(r->ctx, (struct str){at, len});
    } else {
        out_bytes(&r->body, at, len);
        err = r->body.err;
    }
    return err ? stop(r, err) : 0;
}

static int on_complete(llhttp_t *parser)
{
    struct http_reader *r = parser->data;
    if (parser->status_code >= 100 && parser->status_code < 200)
        return 0;
    struct http_client_answer answer = answer_of(r);
    r->was_last = !llhttp_should_keep_alive(parser);
    r->is_streaming = false;
    if (!r->calls.answer(r->ctx, &answer)) {
        r->is_stopped = true;
        return HPE_USER;
    }
    return r->was_last ? stop(r, ERR_IO) : 0;
}

static const llhttp_settings_t settings = {
    .on_message_begin = on_begin,
    .on_header_field = on_name,
    .on_header_value = on_value,
    .on_header_value_complete = on_value_end,
    .on_headers_complete = on_headers,
    .on_body = on_body,
    .on_message_complete = on_complete,
};

void http_reader_init(struct http_reader *r, uint32_t max_body_bytes,
                      const struct http_reader_calls *calls, void *ctx)
{
    *r = (struct http_reader){.calls = *calls, .ctx = ctx};
    out_init(&r->text, MAX_HEAD_BYTES);
    out_init(&r->body, max_body_bytes);
    http_reader_restart(r);
}

void http_reader_done(struct http_reader *r)
{
    out_done(&r->text);
    out_done(&r->body);
}

void http_reader_restart(struct http_reader *r)
{
    llhttp_init(&r->parser, HTTP_RESPONSE, &settings);
    r->parser.data = r;
    r->is_streaming = r->is_stopped = r->was_last = false;
    r->refusal = OK;
}

enum err http_reader_feed(struct http_reader *r, const void *p, size_t n_bytes)
{
    llhttp_errno_t rc = llhttp_execute(&r->parser, p, n_bytes);
    if (rc == HPE_OK || r->is_stopped)
        return OK;
    return r->refusal ? r->refusal : ERR_SYNTAX;
}

void http_reader_eof(struct http_reader *r)
{
    (void)llhttp_finish(&r->parser);
}
