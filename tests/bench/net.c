/* The net layer alone: small answers on one thread, and server-sent events to many subscribers.
 * The clients run in a process of their own. Prints BAR lines; ends with 1 when one is short. */
#include "net/http_client.h"
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define GET_SECONDS 4
#define GET_CLIENTS 64
#define SUBSCRIBERS 10000
#define ROUNDS 20
#define ROUND_MS 500
#define MAX_WAIT_MS 60000

/* What both processes see. */
struct shared {
    int64_t answers, broken;
    int64_t events, late_us[ROUNDS * (int64_t)SUBSCRIBERS];
};

struct bench {
    struct loop *loop;
    struct http_server *server;
    struct shared *shared;
    struct http_stream *streams[SUBSCRIBERS];
    size_t stream_count, dropped;
    int rounds;
    struct loop_timer *timer;
    uint16_t port;
    pid_t child;
};

static bool bar(const char *name, double value, const char *unit, double goal, bool higher)
{
    bool is_ok = higher ? value >= goal : value <= goal;
    printf("BAR %s %.3f %s %.3f %s\n", name, value, unit, goal, is_ok ? "ok" : "short");
    return is_ok;
}

static int64_t rss_kib(void)
{
    int64_t pages = 0, ignored = 0;
    char text[100] = "";
    FILE *f = fopen("/proc/self/statm", "r");
    if (!f)
        return 0;
    size_t n = fread(text, 1, sizeof text - 1, f);
    (void)fclose(f);
    struct str rest = {text, n};
    struct str size = str_cut(&rest, ' '), resident = str_cut(&rest, ' ');
    (void)!str_i64(size, &ignored);
    (void)!str_i64(resident, &pages);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

/* -- Server ------------------------------------------------------------------------------------ */

static void on_closed(void *ctx)
{
    struct bench *b = ctx;
    b->dropped++;
}

static void on_request(void *ctx, struct http_exchange *ex, const struct http_request *request)
{
    struct bench *b = ctx;
    static const struct http_stream_calls calls = {.closed = on_closed};
    struct http_answer answer = {
        .status = 200,
        .type = "application/json",
        .body =
            STR("{\"id\":\"unit-1-77\",\"state\":\"available\",\"kind\":\"car\",\"at\":[37.7793,"
                "-122.4193],\"age_s\":3,\"crew\":[\"p-1-5\",\"p-1-9\"],\"station\":\"st-1-3\"}")};
    if (str_eq_c(request->path, "/events")) {
        answer.type = "text/event-stream";
        b->streams[b->stream_count++] = http_stream_start(ex, &answer, &calls, b);
    } else {
        http_answer(ex, &answer);
    }
}

static void on_term(void *ctx, int signal_number)
{
    struct bench *b = ctx;
    (void)signal_number;
    loop_stop(b->loop);
}

static void broadcast(void *ctx)
{
    struct bench *b = ctx;
    struct out text;
    if (b->stream_count < SUBSCRIBERS || b->dropped)
        return;
    if (b->rounds++ == ROUNDS) {
        loop_stop(b->loop);
        return;
    }
    out_init(&text, 1000);
    out_printf(&text,
               "event: tick\ndata: %lld {\"changed\":[{\"id\":\"unit-1-77\",\"state\":\"en route\","
               "\"at\":[37.7793,-122.4193]}]}\n\n",
               (long long)net_mono_us());
    struct http_bytes *event = http_bytes_new(out_view(&text));
    for (size_t i = 0; i < b->stream_count; i++)
        (void)!http_stream_send(b->streams[i], event);
    http_bytes_unref(event);
    out_done(&text);
}

/* -- Clients ----------------------------------------------------------------------------------- */

struct getter {
    struct http_client *client;
    struct shared *shared;
};

static void ask(struct getter *g);

static void on_answer(void *ctx, const struct http_client_answer *answer)
{
    struct getter *g = ctx;
    if (answer->status == 200)
        g->shared->answers++;
    else
        g->shared->broken++;
    ask(g);
}

static void ask(struct getter *g)
{
    struct http_client_request request = {.method = HTTP_METHOD_GET, .target = STR("/unit")};
    (void)!http_client_send(g->client, &request, on_answer, g);
}

static void run_getters(struct bench *b)
{
    struct http_client_plan plan = {.address = "127.0.0.1", .port = b->port, .max_in_flight = 4};
    struct loop *loop = loop_new();
    for (int i = 0; i < GET_CLIENTS; i++) {
        struct getter *g = calloc(1, sizeof *g);
        *g = (struct getter){http_client_new(loop, &plan), b->shared};
        ask(g);
    }
    loop_run(loop); /* until it is killed */
}

static void on_event(void *ctx, const struct http_event *event)
{
    struct shared *shared = ctx;
    int64_t sent_us = 0;
    struct str rest = event->data;
    if (str_i64(str_cut(&rest, ' '), &sent_us) == OK && shared->events < ROUNDS * SUBSCRIBERS)
        shared->late_us[shared->events++] = net_mono_us() - sent_us;
}

static void on_end(void *ctx, const struct http_client_answer *answer)
{
    struct shared *shared = ctx;
    (void)answer;
    shared->broken++;
}

static void run_subscribers(struct bench *b)
{
    struct http_client_plan plan = {
        .address = "127.0.0.1", .port = b->port, .max_in_flight = 1, .timeout_ms = MAX_WAIT_MS};
    struct loop *loop = loop_new();
    for (int i = 0; i < SUBSCRIBERS; i++) {
        struct http_client *client = http_client_new(loop, &plan);
        struct http_client_request request = {.target = STR("/events")};
        (void)!http_client_events(client, &request, on_event, on_end, b->shared);
        if (i % 50 == 0)
            loop_turn(loop, 1);
    }
    loop_run(loop);
}

/* -- Runs -------------------------------------------------------------------------------------- */

static void open_server(struct bench *b)
{
    struct http_limits limits = http_limits_default;
    struct http_calls calls = {.request = on_request};
    int fd = -1;
    limits.connections_per_address = 0;
    b->loop = loop_new();
    b->server = http_server_new(b->loop, &limits, &calls, b);
    if (http_socket_open("127.0.0.1", 0, false, &fd) != OK)
        exit(1);
    b->port = http_socket_port(fd);
    if (http_server_listen(b->server, fd, NULL) != OK ||
        loop_on_signal(b->loop, SIGTERM, on_term, b) != OK)
        exit(1);
}

/* Forks before the loop exists: libuv's does not survive it. */
static void fork_clients(struct bench *b, void (*run)(struct bench *b))
{
    int port_pipe[2];
    if (pipe(port_pipe) != 0)
        exit(1);
    b->child = fork();
    if (b->child == 0) {
        if (read(port_pipe[0], &b->port, sizeof b->port) == sizeof b->port)
            run(b);
        _exit(0);
    }
    open_server(b);
    if (write(port_pipe[1], &b->port, sizeof b->port) != sizeof b->port)
        exit(1);
    (void)close(port_pipe[0]);
    (void)close(port_pipe[1]);
}

static void end(struct bench *b)
{
    (void)kill(b->child, SIGKILL);
    (void)waitpid(b->child, NULL, 0);
    loop_timer_free(b->timer);
    http_server_free(b->server);
    loop_free(b->loop);
}

static void stop_loop(void *ctx)
{
    struct bench *b = ctx;
    loop_stop(b->loop);
}

static bool bench_get(struct shared *shared)
{
    struct bench *b = calloc(1, sizeof *b);
    b->shared = shared;
    fork_clients(b, run_getters);
    b->timer = loop_timer_new(b->loop, stop_loop, b);
    loop_timer_start(b->timer, GET_SECONDS * 1000, 0);
    clock_t cpu = clock();
    loop_run(b->loop);
    double cpu_us = (double)(clock() - cpu) * 1e6 / CLOCKS_PER_SEC;
    uint64_t requests = http_server_counters(b->server)->requests;
    end(b);
    free(b);
    bool is_ok = bar("net_get", (double)requests / GET_SECONDS, "req/s", 50000, true);
    is_ok &= bar("net_get_cpu", cpu_us / (double)requests, "us/req", 10, false);
    return is_ok & bar("net_get_broken", (double)shared->broken, "requests", 0, false);
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static bool bench_events(struct shared *shared)
{
    struct bench *b = calloc(1, sizeof *b);
    b->shared = shared;
    fork_clients(b, run_subscribers);
    b->timer = loop_timer_new(b->loop, broadcast, b);
    int64_t before_kib = rss_kib(), from_us = net_mono_us();
    while (b->stream_count < SUBSCRIBERS && net_mono_us() - from_us < MAX_WAIT_MS * 1000LL)
        loop_turn(b->loop, 100);
    double each_kib = (double)(rss_kib() - before_kib) / (double)SUBSCRIBERS;
    loop_timer_start(b->timer, ROUND_MS, ROUND_MS);
    if (b->stream_count == SUBSCRIBERS)
        loop_run(b->loop);
    size_t dropped = b->dropped, subscribed = b->stream_count;
    end(b);
    free(b);
    size_t n = (size_t)shared->events;
    qsort(shared->late_us, n, sizeof *shared->late_us, by_value);
    size_t later = n / 100; /* than the 99th percentile */
    double late_ms = n ? (double)shared->late_us[n - 1 - later] / 1000.0 : 1e9;
    bool is_ok = bar("net_sse_subscribers", (double)subscribed, "streams", SUBSCRIBERS, true);
    is_ok &= bar("net_sse_dropped", (double)dropped, "streams", 0, false);
    is_ok &= bar("net_sse_delivered", (double)n, "events", ROUNDS * (double)SUBSCRIBERS, true);
    is_ok &= bar("net_sse_p99", late_ms, "ms", 250, false);
    return is_ok & bar("net_sse_memory", each_kib, "KiB/stream", 4, false);
}

int main(void)
{
    void *p = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                   -1, 0);
    if (p == MAP_FAILED)
        return 1;
    struct shared *shared = p;
    bool is_ok = bench_get(shared);
    shared->broken = 0;
    is_ok &= bench_events(shared);
    return is_ok ? 0 : 1;
}
