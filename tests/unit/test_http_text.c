/* Texts of HTTP and the reader of server-sent events. */
#include "net/http.h"
#include "net/http_event.h"
#include "test.h"

static void headers_and_cookies(void **state)
{
    const struct http_field fields[] = {
        {STR("Accept"), STR("a")},
        {STR("COOKIE"), STR("x=1; __Host-s=abc=; y")},
        {STR("accept"), STR("b")},
        {STR("cookie"), STR("z=9")},
    };
    struct http_request request = {.fields = fields, .field_count = 4};
    (void)state;
    assert_str(http_header(&request, "ACCEPT"), "a");
    assert_null(http_header(&request, "Accep").p);
    assert_str(http_cookie(&request, "__Host-s"), "abc=");
    assert_str(http_cookie(&request, "z"), "9");
    assert_str(http_cookie(&request, "y"), "");
    assert_null(http_cookie(&request, "Host-s").p);
}

static void parameters(void **state)
{
    struct http_request request = {
        .query = STR("a=1&b=x%20y+z&c&d=%E8%AD%A6&a2=%zz&e=&f=%00&g=%ff&h=1&h=2")};
    char buf[8];
    struct str v = STR("untouched");
    (void)state;
    assert_ok(http_param(&request, "a", buf, sizeof buf, &v));
    assert_str(v, "1");
    assert_ok(http_param(&request, "b", buf, sizeof buf, &v));
    assert_str(v, "x y z");
    assert_ok(http_param(&request, "c", buf, sizeof buf, &v));
    assert_str(v, "");
    assert_ok(http_param(&request, "d", buf, sizeof buf, &v));
    assert_str(v, "警");
    assert_int_equal(http_param(&request, "a2", buf, sizeof buf, &v), ERR_SYNTAX);
    assert_int_equal(http_param(&request, "f", buf, sizeof buf, &v), ERR_SYNTAX);
    assert_int_equal(http_param(&request, "g", buf, sizeof buf, &v), ERR_SYNTAX);
    assert_int_equal(http_param(&request, "h", buf, sizeof buf, &v), ERR_SYNTAX);
    assert_int_equal(http_param(&request, "b", buf, 4, &v), ERR_LIMIT);
    v = STR("untouched");
    assert_int_equal(http_param(&request, "i", buf, sizeof buf, &v), ERR_NOT_FOUND);
    assert_str(v, "untouched");
    assert_ok(http_unescape(STR("a+b%2f"), false, buf, sizeof buf, &v));
    assert_str(v, "a+b/");
    assert_int_equal(http_unescape(STR("a%2"), false, buf, sizeof buf, &v), ERR_SYNTAX);
    assert_int_equal(http_unescape(STR("%"), false, buf, sizeof buf, &v), ERR_SYNTAX);
}

static void names(void **state)
{
    (void)state;
    assert_string_equal(http_method_text(HTTP_METHOD_PATCH), "PATCH");
    assert_string_equal(http_status_text(431), "Request Header Fields Too Large");
    assert_string_equal(http_status_text(299), "Unknown");
}

/* -- Events ------------------------------------------------------------------------------------ */

static void note(void *ctx, const struct http_event *event)
{
    out_printf(ctx, "[" STR_FMT "|" STR_FMT "|" STR_FMT "]", STR_ARG(event->type),
               STR_ARG(event->id), STR_ARG(event->data));
}

static void events_in_any_split(void **state)
{
    struct str stream = STR(": hello\n\nid: 7\nevent: unit\ndata: {\"a\":1}\n\n"
                            "data\r\ndata:  two\r\n\r\nretry: 5\nevent: lost\n\n"
                            "id\rdata:x\r\rdata: unfinished");
    const char *want = "[unit|7|{\"a\":1}][message|7|\n two][message||x]";
    (void)state;
    for (size_t step = 1; step <= stream.len; step++) {
        struct http_events events;
        struct out got;
        http_events_init(&events, 1000);
        out_init(&got, 1000);
        for (size_t at = 0; at < stream.len; at += step) {
            struct str part = str_from(stream, at);
            part.len = part.len < step ? part.len : step;
            assert_ok(http_events_feed(&events, part, note, &got));
        }
        assert_str(out_view(&got), want);
        http_events_done(&events);
        out_done(&got);
    }
}

static void events_are_bounded(void **state)
{
    struct http_events events;
    struct out got;
    enum err err = OK;
    (void)state;
    http_events_init(&events, 100);
    out_init(&got, 1000);
    for (int i = 0; i < 20 && !err; i++)
        err = http_events_feed(&events, STR("data: 0123456789\n"), note, &got);
    assert_int_equal(err, ERR_LIMIT);
    assert_int_equal(got.len, 0);
    http_events_done(&events);
    out_done(&got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_and_cookies),
        cmocka_unit_test(parameters),
        cmocka_unit_test(names),
        cmocka_unit_test(events_in_any_split),
        cmocka_unit_test(events_are_bounded),
    };
    return RUN(tests);
}
