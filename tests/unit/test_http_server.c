/* Server and client over loopback: plain and TLS, late answers, streams, drain, redirect. */
#include "net/ca.h"
#include "net/http_client.h"
#include "test.h"
#include <unistd.h>

#define SUBSCRIBERS 50
#define MAX_TURNS 3000

struct world {
    struct loop *loop;
    struct http_server *server;
    struct tls *tls, *client_tls;
    struct http_client *client;
    char folder[64], chain[128], key[128], authority[128];
    uint16_t port;
    struct loop_timer *later;
    struct http_exchange *kept;
    struct http_stream *streams[SUBSCRIBERS];
    size_t stream_count, closed_count;
    /* what the client saw */
    int answers, last_status, events, ends, end_status, drained;
    enum err last_err;
    struct out bodies;
    char location[200];
};

/* -- Server side ------------------------------------------------------------------------------- */

static void answer_later(void *ctx)
{
    struct world *w = ctx;
    struct http_answer answer = {.status = 202, .body = STR("late;")};
    struct http_exchange *ex = w->kept;
    w->kept = NULL;
    http_answer(ex, &answer);
}

static void on_closed(void *ctx)
{
    struct world *w = ctx;
    w->closed_count++;
}

static void on_request(void *ctx, struct http_exchange *ex, const struct http_request *request)
{
    struct world *w = ctx;
    struct http_answer answer = {.status = 200, .type = "text/plain", .body = request->body};
    static const struct http_stream_calls calls = {.closed = on_closed};
    if (str_eq_c(request->path, "/events")) {
        answer.type = "text/event-stream";
        w->streams[w->stream_count++] = http_stream_start(ex, &answer, &calls, w);
    } else if (str_eq_c(request->path, "/late")) {
        w->kept = ex;
        loop_timer_start(w->later, 20, 0);
    } else if (str_eq_c(request->path, "/never")) {
        w->kept = ex;
    } else if (str_eq_c(request->path, "/close")) {
        answer.is_last = true;
        answer.body = STR("bye;");
        http_answer(ex, &answer);
    } else if (str_eq_c(request->path, "/problem")) {
        http_problem(ex, 409, "Not so", "it is closed");
    } else {
        http_answer(ex, &answer);
    }
}

/* -- Client side ------------------------------------------------------------------------------- */

static const struct http_client_request subscription = {.target = {"/events", 7}};

static void on_answer(void *ctx, const struct http_client_answer *answer)
{
    struct world *w = ctx;
    w->answers++;
    w->last_status = answer->status;
    w->last_err = answer->err;
    out_str(&w->bodies, answer->body);
    (void)str_copy(http_client_header(answer, "location"), w->location, sizeof w->location);
}

static void on_event(void *ctx, const struct http_event *event)
{
    struct world *w = ctx;
    assert_str(event->type, "unit");
    assert_str(event->data, "{\"n\":1}");
    w->events++;
}

static void on_end(void *ctx, const struct http_client_answer *answer)
{
    struct world *w = ctx;
    w->ends++;
    w->end_status = answer->status;
}

static void turn_until(struct world *w, const int *counter, int target)
{
    for (int i = 0; i < MAX_TURNS && *counter < target; i++)
        loop_turn(w->loop, 10);
    assert_int_equal(*counter, target);
}

static void send_one(struct world *w, enum http_method method, const char *target, struct str body)
{
    struct http_client_request request = {.method = method, .target = str_of(target), .body = body};
    assert_ok(http_client_send(w->client, &request, on_answer, w));
}

/* -- Setting up -------------------------------------------------------------------------------- */

static void path_in(char path[128], const char *folder, const char *name)
{
    (void)snprintf(path, 128, "%s/%s", folder, name);
}

static void make_tls(struct world *w)
{
    (void)snprintf(w->folder, sizeof w->folder, "/tmp/test_http.XXXXXX");
    assert_non_null(mkdtemp(w->folder));
    path_in(w->chain, w->folder, CA_CHAIN_FILE);
    path_in(w->key, w->folder, CA_KEY_FILE);
    path_in(w->authority, w->folder, CA_AUTHORITY_FILE);
    assert_ok(ca_ensure(w->folder, NULL, 0, net_now_utc_us(), NULL));
    assert_ok(tls_server_new(w->chain, w->key, &w->tls));
    assert_ok(tls_client_new(w->authority, &w->client_tls));
}

static struct world *open_world(bool is_tls)
{
    struct world *w = calloc(1, sizeof *w);
    struct http_calls calls = {.request = on_request};
    int fd = -1;
    assert_non_null(w);
    w->loop = loop_new();
    w->server = http_server_new(w->loop, NULL, &calls, w);
    w->later = loop_timer_new(w->loop, answer_later, w);
    out_init(&w->bodies, 64u << 20);
    if (is_tls)
        make_tls(w);
    assert_ok(http_socket_open("127.0.0.1", 0, false, &fd));
    w->port = http_socket_port(fd);
    assert_ok(http_server_listen(w->server, fd, w->tls));
    struct http_client_plan plan = {
        .address = "127.0.0.1", .port = w->port, .tls = w->client_tls, .timeout_ms = 20000};
    w->client = http_client_new(w->loop, &plan);
    return w;
}

static void close_world(struct world *w)
{
    char path[128];
    http_client_free(w->client);
    http_server_free(w->server);
    loop_timer_free(w->later);
    if (w->kept)
        http_problem(w->kept, 503, NULL, NULL);
    tls_free(w->tls);
    tls_free(w->client_tls);
    loop_free(w->loop);
    out_done(&w->bodies);
    if (w->folder[0]) {
        (void)unlink(w->chain), (void)unlink(w->key), (void)unlink(w->authority);
        path_in(path, w->folder, "ca.key");
        (void)unlink(path);
        (void)rmdir(w->folder);
    }
    free(w);
}

/* -- Tests ------------------------------------------------------------------------------------- */

static void talk(struct world *w)
{
    size_t large = 900000;
    char *body = calloc(1, large);
    assert_non_null(body);
    send_one(w, HTTP_METHOD_POST, "/echo", STR("a;"));
    send_one(w, HTTP_METHOD_GET, "/late", STR(""));
    send_one(w, HTTP_METHOD_PUT, "/echo?x=y", STR("b;"));
    send_one(w, HTTP_METHOD_HEAD, "/echo", STR(""));
    send_one(w, HTTP_METHOD_GET, "/close", STR(""));
    turn_until(w, &w->answers, 5);
    assert_str(out_view(&w->bodies), "a;late;b;bye;");
    assert_int_equal(w->last_status, 200);
    /* comes back by itself after the server has closed */
    out_reset(&w->bodies);
    send_one(w, HTTP_METHOD_POST, "/echo", (struct str){body, large});
    send_one(w, HTTP_METHOD_GET, "/problem", STR(""));
    turn_until(w, &w->answers, 7);
    assert_str(str_from(out_view(&w->bodies), large),
               "{\"type\":\"about:blank\",\"title\":\"Not so\",\"status\":409,"
               "\"detail\":\"it is closed\"}");
    assert_int_equal(w->last_status, 409);
    assert_int_equal(http_server_counters(w->server)->requests, 7);
    assert_int_equal(http_server_counters(w->server)->accepted, 2);
    free(body);
}

static void talks_plain(void **state)
{
    struct world *w = open_world(false);
    (void)state;
    talk(w);
    close_world(w);
}

static void talks_tls(void **state)
{
    struct world *w = open_world(true);
    (void)state;
    talk(w);
    close_world(w);
}

static void distrusts(void **state)
{
    struct world *w = open_world(true), *other = open_world(true);
    (void)state;
    /* another authority */
    struct http_client_plan plan = {
        .address = "127.0.0.1", .port = w->port, .tls = other->client_tls};
    http_client_free(w->client);
    w->client = http_client_new(w->loop, &plan);
    send_one(w, HTTP_METHOD_GET, "/echo", STR(""));
    turn_until(w, &w->answers, 1);
    assert_int_equal(w->last_err, ERR_DENIED);
    /* another name */
    plan.tls = w->client_tls;
    plan.host = "desk.local";
    http_client_free(w->client);
    w->client = http_client_new(w->loop, &plan);
    send_one(w, HTTP_METHOD_GET, "/echo", STR(""));
    turn_until(w, &w->answers, 2);
    assert_int_equal(w->last_err, ERR_DENIED);
    plan.host = "localhost";
    http_client_free(w->client);
    w->client = http_client_new(w->loop, &plan);
    send_one(w, HTTP_METHOD_GET, "/echo", STR(""));
    turn_until(w, &w->answers, 3);
    assert_int_equal(w->last_status, 200);
    assert_int_equal(http_server_counters(w->server)->requests, 1);
    /* a reload takes effect for the next connection */
    assert_ok(tls_server_reload(w->tls, other->chain, other->key));
    send_one(w, HTTP_METHOD_GET, "/close", STR(""));
    turn_until(w, &w->answers, 4);
    assert_int_equal(w->last_status, 200);
    send_one(w, HTTP_METHOD_GET, "/echo", STR(""));
    turn_until(w, &w->answers, 5);
    assert_int_equal(w->last_err, ERR_DENIED);
    close_world(other);
    close_world(w);
}

static void fan_out(bool is_tls)
{
    struct world *w = open_world(is_tls);
    struct http_client *clients[SUBSCRIBERS];
    struct http_client_plan plan = {.address = "127.0.0.1", .port = w->port, .tls = w->client_tls};
    struct http_bytes *event = http_bytes_new(STR("event: unit\ndata: {\"n\":1}\n\n"));
    for (int i = 0; i < SUBSCRIBERS; i++) {
        clients[i] = http_client_new(w->loop, &plan);
        assert_ok(http_client_events(clients[i], &subscription, on_event, on_end, w));
    }
    for (int i = 0; i < MAX_TURNS && w->stream_count < SUBSCRIBERS; i++)
        loop_turn(w->loop, 10);
    assert_int_equal(w->stream_count, SUBSCRIBERS);
    for (int round = 0; round < 3; round++)
        for (int i = 0; i < SUBSCRIBERS; i++)
            assert_ok(http_stream_send(w->streams[i], event));
    http_bytes_unref(event);
    turn_until(w, &w->events, 3 * SUBSCRIBERS);
    assert_int_equal(http_server_counters(w->server)->streams, SUBSCRIBERS);
    for (int i = 0; i < SUBSCRIBERS / 2; i++)
        http_client_free(clients[i]);
    for (int i = 0; i < MAX_TURNS && w->closed_count < SUBSCRIBERS / 2; i++)
        loop_turn(w->loop, 10);
    assert_int_equal(w->closed_count, SUBSCRIBERS / 2);
    for (int i = 0; i < SUBSCRIBERS / 2; i++) /* gone in the order of the clients */
        w->streams[i] = NULL;
    assert_int_equal(http_server_counters(w->server)->streams, SUBSCRIBERS - SUBSCRIBERS / 2);
    assert_int_equal(w->ends, 0);
    for (int i = SUBSCRIBERS / 2; i < SUBSCRIBERS; i++)
        http_client_free(clients[i]);
    close_world(w);
}

static void fans_out(void **state)
{
    (void)state;
    fan_out(false);
    fan_out(true);
}

static void on_drained(void *ctx)
{
    struct world *w = ctx;
    w->drained++;
}

static void drains(void **state)
{
    struct world *w = open_world(false);
    struct http_client_plan plan = {.address = "127.0.0.1", .port = w->port};
    struct http_client *subscriber = http_client_new(w->loop, &plan);
    struct http_client *idle = http_client_new(w->loop, &plan);
    (void)state;
    struct http_client_request echo = {.method = HTTP_METHOD_GET, .target = STR("/echo")};
    assert_ok(http_client_events(subscriber, &subscription, on_event, on_end, w));
    assert_ok(http_client_send(idle, &echo, on_answer, w));
    turn_until(w, &w->answers, 1);
    send_one(w, HTTP_METHOD_GET, "/late", STR(""));
    for (int i = 0; i < MAX_TURNS && (!w->kept || !w->stream_count); i++)
        loop_turn(w->loop, 10);
    http_server_drain(w->server, 5000, on_drained, w);
    turn_until(w, &w->drained, 1);
    assert_int_equal(w->answers, 2); /* the running request was answered */
    assert_str(out_view(&w->bodies), "late;");
    turn_until(w, &w->ends, 1);
    assert_int_equal(w->end_status, 200);
    assert_int_equal(w->closed_count, 1);
    send_one(w, HTTP_METHOD_GET, "/echo", STR(""));
    turn_until(w, &w->answers, 3);
    assert_int_equal(w->last_err, ERR_IO);
    http_client_free(subscriber);
    http_client_free(idle);
    close_world(w);
}

static void cuts_what_does_not_drain(void **state)
{
    struct world *w = open_world(false);
    (void)state;
    send_one(w, HTTP_METHOD_GET, "/never", STR(""));
    for (int i = 0; i < MAX_TURNS && !w->kept; i++)
        loop_turn(w->loop, 10);
    http_server_drain(w->server, 100, on_drained, w);
    turn_until(w, &w->drained, 1);
    turn_until(w, &w->answers, 1);
    assert_int_equal(w->last_status, 0);
    assert_false(http_is_alive(w->kept));
    close_world(w); /* answers what was kept, after the server is gone */
}

static void redirects(void **state)
{
    struct world *w = open_world(false);
    int fd = -1;
    (void)state;
    assert_ok(http_socket_open("::1", 0, false, &fd));
    struct http_client_plan plan = {.address = "::1", .port = http_socket_port(fd)};
    struct http_server *redirect = http_redirect_new(w->loop, fd, 8443);
    http_client_free(w->client);
    w->client = http_client_new(w->loop, &plan);
    send_one(w, HTTP_METHOD_GET, "/a?b=c", STR(""));
    turn_until(w, &w->answers, 1);
    assert_int_equal(w->last_status, 308);
    assert_string_equal(w->location, "https://[::1]:8443/a?b=c");
    http_server_free(redirect);
    close_world(w);
}

static void sockets(void **state)
{
    int fd = -1, again = -1;
    (void)state;
    assert_int_equal(http_socket_open("localhost", 0, false, &fd), ERR_SYNTAX);
    assert_ok(http_socket_open("127.0.0.1", 0, true, &fd));
    uint16_t port = http_socket_port(fd);
    assert_int_equal(http_socket_open("127.0.0.1", port, false, &again), ERR_EXISTS);
    assert_ok(http_socket_open("127.0.0.1", port, true, &again));
    (void)close(fd);
    (void)close(again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(talks_plain), cmocka_unit_test(talks_tls),
        cmocka_unit_test(distrusts),   cmocka_unit_test(fans_out),
        cmocka_unit_test(drains),      cmocka_unit_test(cuts_what_does_not_drain),
        cmocka_unit_test(redirects),   cmocka_unit_test(sockets),
    };
    return RUN(tests);
}
