/* Texts of HTTP: names of methods and statuses, headers, cookies, query parameters, escapes. */
#include "net/http.h"

const char *http_method_text(enum http_method method)
{
    static const char *const texts[HTTP_METHOD_COUNT] = {
        [HTTP_METHOD_GET] = "GET",        [HTTP_METHOD_HEAD] = "HEAD",
        [HTTP_METHOD_POST] = "POST",      [HTTP_METHOD_PUT] = "PUT",
        [HTTP_METHOD_PATCH] = "PATCH",    [HTTP_METHOD_DELETE] = "DELETE",
        [HTTP_METHOD_OPTIONS] = "OPTIONS"};
    return texts[method];
}

const char *http_status_text(int status)
{
    static const struct {
        int status;
        const char *text;
    } texts[] = {
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {204, "No Content"},
        {206, "Partial Content"},
        {301, "Moved Permanently"},
        {302, "Found"},
        {303, "See Other"},
        {304, "Not Modified"},
        {307, "Temporary Redirect"},
        {308, "Permanent Redirect"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {406, "Not Acceptable"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {410, "Gone"},
        {411, "Length Required"},
        {412, "Precondition Failed"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {416, "Range Not Satisfiable"},
        {417, "Expectation Failed"},
        {421, "Misdirected Request"},
        {422, "Unprocessable Content"},
        {428, "Precondition Required"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
        {505, "HTTP Version Not Supported"},
        {507, "Insufficient Storage"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i].status == status)
            return texts[i].text;
    return "Unknown";
}

struct str http_header(const struct http_request *request, const char *name)
{
    for (size_t i = 0; i < request->field_count; i++)
        if (str_ieq_c(request->fields[i].name, name))
            return request->fields[i].value;
    return (struct str){NULL, 0};
}

struct str http_cookie(const struct http_request *request, const char *name)
{
    for (size_t i = 0; i < request->field_count; i++) {
        struct str rest = request->fields[i].value;
        if (!str_ieq_c(request->fields[i].name, "Cookie"))
            continue;
        while (rest.len) {
            struct str value = str_trim(str_cut(&rest, ';'));
            if (str_eq_c(str_cut(&value, '='), name))
                return value;
        }
    }
    return (struct str){NULL, 0};
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

enum err http_unescape(struct str escaped, bool is_query, char *buf, size_t cap_bytes,
                       struct str *ret_text)
{
    size_t len = 0;
    for (size_t i = 0; i < escaped.len; i++) {
        char c = escaped.p[i];
        if (c == '%') {
            int high = escaped.len - i > 2 ? hex_digit(escaped.p[i + 1]) : -1;
            int low = escaped.len - i > 2 ? hex_digit(escaped.p[i + 2]) : -1;
            if (high < 0 || low < 0)
                return ERR_SYNTAX;
            c = (char)(uint8_t)(high * 16 + low);
            i += 2;
        } else if (c == '+' && is_query) {
            c = ' ';
        }
        if (len == cap_bytes)
            return ERR_LIMIT;
        buf[len++] = c;
    }
    struct str text = {buf, len};
    if (!str_is_utf8(text))
        return ERR_SYNTAX;
    *ret_text = text;
    return OK;
}

enum err http_param(const struct http_request *request, const char *name, char *buf,
                    size_t cap_bytes, struct str *ret_value)
{
    struct str rest = request->query, found = {NULL, 0};
    while (rest.len) {
        struct str value = str_cut(&rest, '&');
        struct str key = str_cut(&value, '=');
        if (!str_eq_c(key, name))
            continue;
        if (found.p)
            return ERR_SYNTAX;
        found = value.p ? value : STR("");
    }
    if (!found.p)
        return ERR_NOT_FOUND;
    return http_unescape(found, true, buf, cap_bytes, ret_value);
}
