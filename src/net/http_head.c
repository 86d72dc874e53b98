/* Request heads and bodies: what llhttp accepts and what it leaves to us.
 *
 * A head is collected whole, scanned once for what parsers disagree about (control characters, bare
 * CR or LF, folded lines), parsed in one call so that every name and value is one piece of memory,
 * and then held against the rules that llhttp does not know. The rest of the message goes through
 * llhttp as it comes. */
#include "net/http_priv.h"

#include "net/loop_priv.h"
#include "net/memfd.h"
#include <unistd.h>

/* -- Scan -------------------------------------------------------------------------------------- */

static bool has_control(const char *p, size_t n_bytes)
{
    unsigned bad = 0;
    for (size_t i = 0; i < n_bytes; i++) {
        uint8_t c = (uint8_t)p[i];
        bad |= (unsigned)((c < 0x20) & (c != '\t')) | (unsigned)(c == 0x7f);
    }
    return bad != 0;
}

/* tchar of RFC 9110 5.6.2, a bit per ASCII character. */
static bool is_token(char c)
{
    static const uint64_t bits[2] = {0x03FF6CFA00000000u, 0x57FFFFFFC7FFFFFEu};
    uint8_t u = (uint8_t)c;
    return u < 0x80 && (bits[u >> 6] >> (u & 63) & 1);
}

/* "name:" with nothing before the colon that is no name. llhttp takes an empty one. */
static bool is_field(const char *line, size_t len)
{
    size_t n = 0;
    while (n < len && is_token(line[n]))
        n++;
    return n > 0 && n < len && line[n] == ':';
}

enum err http_head_scan(struct http_scan *scan, struct str bytes, uint32_t max_lines,
                        size_t *ret_bytes)
{
    for (;;) {
        const char *line = bytes.p + scan->line_from;
        const char *lf = memchr(bytes.p + scan->seen, '\n', bytes.len - scan->seen);
        if (!lf) {
            scan->seen = bytes.len;
            return ERR_MORE;
        }
        size_t len = (size_t)(lf - line);
        if (len == 0 || line[len - 1] != '\r' || has_control(line, len - 1))
            return ERR_SYNTAX;
        if (scan->line_count && len > 1 && !is_field(line, len))
            return ERR_SYNTAX; /* a folded line among others */
        scan->line_from = scan->seen = (size_t)(lf + 1 - bytes.p);
        if (len == 1) {
            *ret_bytes = scan->seen;
            return scan->line_count ? OK : ERR_SYNTAX;
        }
        if (++scan->line_count > max_lines)
            return ERR_LIMIT;
    }
}

/* -- llhttp ------------------------------------------------------------------------------------ */

static int stop(struct http_conn *conn, int status, const char *detail)
{
    conn->refuse_status = status;
    conn->refuse_detail = detail;
    return HPE_USER;
}

static int on_url(llhttp_t *parser, const char *at, size_t len)
{
    struct http_conn *conn = parser->data;
    conn->exchange->request.target = (struct str){at, len};
    return 0;
}

static int on_field(llhttp_t *parser, const char *at, size_t len)
{
    struct http_conn *conn = parser->data;
    struct http_exchange *ex = conn->exchange;
    if (conn->state == CONN_BODY)
        return stop(conn, 400, "trailers are not accepted");
    if (ex->request.field_count == ex->field_cap)
        return stop(conn, 431, "too many header fields");
    ex->fields[ex->request.field_count++].name = (struct str){at, len};
    return 0;
}

static int on_value(llhttp_t *parser, const char *at, size_t len)
{
    struct http_conn *conn = parser->data;
    struct http_exchange *ex = conn->exchange;
    if (ex->request.field_count)
        ex->fields[ex->request.field_count - 1].value = (struct str){at, len};
    return 0;
}

static int on_headers(llhttp_t *parser)
{
    parser->upgrade = 0; /* offers to change the protocol are not taken up (RFC 9110 7.8) */
    return 0;
}

static int on_complete(llhttp_t *parser)
{
    struct http_conn *conn = parser->data;
    conn->is_message_complete = true;
    conn->exchange->keeps_alive = llhttp_should_keep_alive(parser) != 0;
    return HPE_PAUSED;
}

static int on_chunk_extension(llhttp_t *parser, const char *at, size_t len)
{
    (void)at, (void)len;
    return stop(parser->data, 400, "chunk extensions are not accepted");
}

static int on_body(llhttp_t *parser, const char *at, size_t len)
{
    struct http_conn *conn = parser->data;
    struct http_exchange *ex = conn->exchange;
    struct http_host *host = ex->host;
    if (len > ex->rule.max_bytes - ex->request.body_bytes)
        return stop(conn, 413, "the body is larger than this resource takes");
    if (host->counters.body_bytes + len > host->limits.bodies_total_bytes)
        return stop(conn, 503, "too many large requests at a time");
    ex->request.body_bytes += len;
    ex->body_counted += len;
    host->counters.body_bytes += len;
    if (!ex->rule.is_memfd)
        out_bytes(&ex->body, at, len);
    else if (memfd_append(ex->request.body_fd, at, len) != OK)
        return stop(conn, 503, "no room for the body");
    return 0;
}

static const llhttp_settings_t settings = {
    .on_url = on_url,
    .on_header_field = on_field,
    .on_header_value = on_value,
    .on_headers_complete = on_headers,
    .on_body = on_body,
    .on_message_complete = on_complete,
    .on_chunk_extension_name = on_chunk_extension,
};

/* Runs the parser. 0, or the status to refuse with. */
static int parse(struct http_conn *conn, struct str bytes, size_t *ret_used,
                 const char **ret_detail)
{
    llhttp_errno_t rc = llhttp_execute(&conn->parser, bytes.p, bytes.len);
    if (rc == HPE_OK) {
        *ret_used = bytes.len;
        return 0;
    }
    if (rc == HPE_PAUSED && conn->is_message_complete) {
        *ret_used = (size_t)(llhttp_get_error_pos(&conn->parser) - bytes.p);
        return 0;
    }
    *ret_detail =
        conn->refuse_status ? conn->refuse_detail : llhttp_get_error_reason(&conn->parser);
    return conn->refuse_status ? conn->refuse_status : 400;
}

/* -- Rules of the head ------------------------------------------------------------------------- */

static bool is_visible(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.p[i] <= 0x20 || s.p[i] >= 0x7f || s.p[i] == '#')
            return false;
    return s.len > 0;
}

static bool is_host(struct str host)
{
    for (size_t i = 0; i < host.len; i++) {
        char c = host.p[i], low = (char)(c | 0x20);
        if (!((low >= 'a' && low <= 'z') || (c >= '0' && c <= '9') || strchr(".-_:[]", c)))
            return false;
    }
    return host.len > 0 && host.len < 262;
}

/* "http://host/path" is as good as "/path", if it names the same host (RFC 9112 3.2.2). */
static bool strip_origin(struct http_request *request, struct str *target)
{
    struct str rest = *target;
    if (str_starts(rest, STR("http://")))
        rest = str_from(rest, 7);
    else if (str_starts(rest, STR("https://")))
        rest = str_from(rest, 8);
    else
        return false;
    size_t n = 0;
    while (n < rest.len && rest.p[n] != '/' && rest.p[n] != '?')
        n++;
    struct str host = {rest.p, n};
    if (!str_eq(host, request->host))
        return false;
    *target = str_from(rest, n);
    return target->len && target->p[0] == '/';
}

static int check_target(struct http_exchange *ex, const char **ret_detail)
{
    struct http_request *request = &ex->request;
    struct str target = request->target;
    bool is_star = request->method == HTTP_METHOD_OPTIONS && str_eq_c(target, "*");
    *ret_detail = "the request target is too long";
    if (target.len > ex->host->limits.target_bytes)
        return 414;
    *ret_detail = "the request target is not a path";
    if (!is_visible(target))
        return 400;
    if (!is_star && target.p[0] != '/' && !strip_origin(request, &target))
        return 400;
    request->target = target;
    request->query = target;
    request->path = str_cut(&request->query, '?');
    if (!request->query.p)
        request->query = STR("");
    return 0;
}

/* What the framing of a message rests on, collected in one pass. */
struct framing {
    int hosts, lengths, encodings, expects;
    struct str host, length, encoding, expect;
};

static void collect(struct http_exchange *ex, struct framing *f)
{
    for (size_t i = 0; i < ex->request.field_count; i++) {
        struct http_field *field = &ex->fields[i];
        field->value = field->value.len ? str_trim(field->value) : STR("");
        if (field->name.len == 4 && str_ieq_c(field->name, "Host"))
            f->hosts++, f->host = field->value;
        else if (field->name.len == 14 && str_ieq_c(field->name, "Content-Length"))
            f->lengths++, f->length = field->value;
        else if (field->name.len == 17 && str_ieq_c(field->name, "Transfer-Encoding"))
            f->encodings++, f->encoding = field->value;
        else if (field->name.len == 6 && str_ieq_c(field->name, "Expect"))
            f->expects++, f->expect = field->value;
    }
}

static int check_framing(struct http_exchange *ex, const struct framing *f, const char **ret_detail)
{
    *ret_detail = "exactly one good Host is needed";
    if (f->hosts > 1 || (f->hosts == 0 && !ex->is_1_0) || (f->hosts && !is_host(f->host)))
        return 400;
    *ret_detail = "the length of the body is ambiguous";
    if (f->lengths > 1 || f->encodings > 1 || (f->lengths && f->encodings))
        return 400;
    if (f->lengths && str_u64(f->length, &ex->content_length) != OK)
        return 400;
    *ret_detail = "chunked is the only transfer encoding, and only in HTTP/1.1";
    if (f->encodings && (ex->is_1_0 || !str_ieq_c(f->encoding, "chunked")))
        return 400;
    *ret_detail = "100-continue is the only expectation";
    if (f->expects && !ex->is_1_0 && !str_ieq_c(f->expect, "100-continue"))
        return 417;
    ex->is_chunked = f->encodings != 0;
    ex->has_body = ex->is_chunked || ex->content_length > 0;
    ex->expects_continue = f->expects && !ex->is_1_0 && ex->has_body;
    ex->request.host = f->host.p ? f->host : STR("");
    return 0;
}

static bool method_of(uint8_t parsed, enum http_method *ret_method)
{
    static const uint8_t methods[HTTP_METHOD_COUNT] = {
        [HTTP_METHOD_GET] = HTTP_GET,        [HTTP_METHOD_HEAD] = HTTP_HEAD,
        [HTTP_METHOD_POST] = HTTP_POST,      [HTTP_METHOD_PUT] = HTTP_PUT,
        [HTTP_METHOD_PATCH] = HTTP_PATCH,    [HTTP_METHOD_DELETE] = HTTP_DELETE,
        [HTTP_METHOD_OPTIONS] = HTTP_OPTIONS};
    for (int i = 0; i < HTTP_METHOD_COUNT; i++) {
        if (methods[i] == parsed) {
            *ret_method = (enum http_method)i;
            return true;
        }
    }
    return false;
}

/* METHOD SP target SP HTTP/x.y, single spaces. */
static bool is_strict_line(const struct http_exchange *ex)
{
    struct str target = ex->request.target;
    size_t before = strlen(http_method_text(ex->request.method)) + 1;
    return target.p == ex->head + before && memcmp(target.p + target.len, " HTTP/", 6) == 0;
}

static int check_head(struct http_conn *conn, const char **ret_detail)
{
    struct http_exchange *ex = conn->exchange;
    struct framing framing = {0};
    *ret_detail = "HTTP/1.1 or HTTP/1.0 is needed";
    if (conn->parser.http_major != 1 || conn->parser.http_minor > 1)
        return 505;
    ex->is_1_0 = conn->parser.http_minor == 0;
    *ret_detail = "this method is not known here";
    if (!method_of(conn->parser.method, &ex->request.method))
        return 501;
    *ret_detail = "the head is malformed";
    if (!is_strict_line(ex) || ex->request.field_count != ex->field_cap)
        return 400;
    collect(ex, &framing);
    int status = check_framing(ex, &framing, ret_detail);
    return status ? status : check_target(ex, ret_detail);
}

/* -- Body rule --------------------------------------------------------------------------------- */

static int ask_rule(struct http_conn *conn, const char **ret_detail)
{
    struct http_exchange *ex = conn->exchange;
    struct http_host *host = conn->host;
    ex->rule = (struct http_body_rule){.max_bytes = host->limits.body_bytes};
    ex->request.body_bytes = ex->content_length;
    if (host->calls.head)
        host->calls.head(host->ctx, &ex->request, &ex->rule);
    ex->request.body_bytes = 0;
    *ret_detail = ex->rule.refuse_detail;
    if (ex->rule.refuse_status)
        return ex->rule.refuse_status;
    *ret_detail = "the body is larger than this resource takes";
    if (ex->content_length > ex->rule.max_bytes)
        return 413;
    *ret_detail = "too many large requests at a time";
    if (host->counters.body_bytes + ex->content_length > host->limits.bodies_total_bytes)
        return 503;
    out_init(&ex->body, ex->rule.max_bytes);
    if (ex->rule.is_memfd && memfd_open(&ex->request.body_fd) != OK)
        return 503;
    return 0;
}

/* -- Entry points ------------------------------------------------------------------------------ */

static struct http_exchange *exchange_new(struct http_conn *conn, struct str head, size_t field_cap)
{
    size_t fields_bytes = field_cap * sizeof(struct http_field);
    struct http_exchange *ex = net_new(1, sizeof *ex + fields_bytes + head.len);
    ex->conn = conn;
    ex->host = conn->host;
    ex->host->ref_count++;
    ex->field_cap = field_cap;
    ex->head = (char *)ex->fields + fields_bytes;
    ex->head_len = head.len;
    memcpy(ex->head, head.p, head.len);
    memcpy(ex->peer, conn->peer, sizeof ex->peer);
    ex->request.fields = ex->fields;
    ex->request.body_fd = -1;
    ex->request.body = STR("");
    ex->request.peer = str_of(ex->peer);
    ex->request.is_tls = conn->is_tls;
    return ex;
}

int http_head_parse(struct http_conn *conn, struct str head, uint32_t line_count,
                    const char **ret_detail)
{
    size_t used = 0;
    struct http_exchange *ex = exchange_new(conn, head, line_count - 1);
    conn->exchange = ex;
    conn->is_message_complete = false;
    conn->refuse_status = 0;
    llhttp_init(&conn->parser, HTTP_REQUEST, &settings);
    conn->parser.data = conn;
    int status = parse(conn, (struct str){ex->head, ex->head_len}, &used, ret_detail);
    if (!status)
        status = check_head(conn, ret_detail);
    *ret_detail = status || used == head.len ? *ret_detail : "the head ends early";
    if (!status && used != head.len)
        status = 400;
    if (!status && conn->is_message_complete == ex->has_body) {
        *ret_detail = "the length of the body is ambiguous"; /* llhttp and we do not agree */
        status = 400;
    }
    if (!status && ex->has_body)
        status = ask_rule(conn, ret_detail);
    return status;
}

int http_body_parse(struct http_conn *conn, struct str bytes, size_t *ret_used,
                    const char **ret_detail)
{
    struct http_exchange *ex = conn->exchange;
    int status = parse(conn, bytes, ret_used, ret_detail);
    if (status)
        return status;
    conn->body_wire_bytes += *ret_used;
    *ret_detail = "the chunks are too small";
    if (conn->body_wire_bytes > 16384 + 8 * ex->request.body_bytes)
        return 400;
    if (!conn->is_message_complete)
        return 0;
    *ret_detail = "no room for the body";
    if (ex->rule.is_memfd && memfd_seal(ex->request.body_fd) != OK)
        return 503;
    if (!ex->rule.is_memfd)
        ex->request.body = out_view(&ex->body);
    return 0;
}
