/* Hostile requests over real sockets: each must end in a refusal or a hang-up in bounded time, no
 * handler may see it, and a well-behaved client must be served right after. The machine-level rows
 * are in tests/unit/test_http_conn.c; here are those of the deps study and whatever needs time,
 * sockets or TLS. */
#include "../unit/test.h"
#include "net/ca.h"
#include "net/child.h"
#include "net/http.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEAD_MS 600
#define BIG_BYTES (4u << 20)
#define GOOD "GET /good HTTP/1.1\r\nHost: a\r\n\r\n"

struct server {
    pthread_t thread;
    struct loop *loop;
    struct http_server *http;
    struct loop_wake *stop;
    struct tls *tls;
    struct http_bytes *big;
    char folder[64];
    uint16_t port, tls_port;
    atomic_int bad_requests; /* a handler saw what it must not see */
};

static void on_request(void *ctx, struct http_exchange *ex, const struct http_request *request)
{
    struct server *server = ctx;
    struct http_answer answer = {.status = 200, .type = "text/plain", .body = STR("good")};
    if (str_eq_c(request->path, "/big")) {
        answer.body = STR("");
        answer.shared = server->big;
    } else if (!str_eq_c(request->path, "/good")) {
        server->bad_requests++;
    }
    http_answer(ex, &answer);
}

static void on_stop(void *ctx)
{
    struct server *server = ctx;
    loop_stop(server->loop);
}

static void *serve(void *ctx)
{
    struct server *server = ctx;
    loop_run(server->loop);
    return NULL;
}

static const char *in(const struct server *server, const char *name, char path[128])
{
    (void)snprintf(path, 128, "%s/%s", server->folder, name);
    return path;
}

static void open_tls(struct server *server)
{
    char chain[128], key[128];
    (void)snprintf(server->folder, sizeof server->folder, "/tmp/hostile.XXXXXX");
    assert_non_null(mkdtemp(server->folder));
    assert_ok(ca_ensure(server->folder, NULL, 0, net_now_utc_us(), NULL));
    assert_ok(tls_server_new(in(server, CA_CHAIN_FILE, chain), in(server, CA_KEY_FILE, key),
                             &server->tls));
}

static int start(void **state)
{
    struct server *server = calloc(1, sizeof *server);
    struct http_calls calls = {.request = on_request};
    struct http_limits limits = http_limits_default;
    char *big = calloc(1, BIG_BYTES);
    int fd = -1, tls_fd = -1;
    limits.head_ms = HEAD_MS;
    limits.body_ms = 1500;
    limits.idle_ms = 800;
    limits.write_ms = 700;
    limits.linger_ms = 300;
    limits.connections_per_address = 40;
    server->loop = loop_new();
    server->http = http_server_new(server->loop, &limits, &calls, server);
    server->stop = loop_wake_new(server->loop, on_stop, server);
    server->big = http_bytes_new((struct str){big, BIG_BYTES});
    free(big);
    open_tls(server);
    assert_ok(http_socket_open("127.0.0.1", 0, false, &fd));
    assert_ok(http_socket_open("127.0.0.1", 0, false, &tls_fd));
    server->port = http_socket_port(fd);
    server->tls_port = http_socket_port(tls_fd);
    assert_ok(http_server_listen(server->http, fd, NULL));
    assert_ok(http_server_listen(server->http, tls_fd, server->tls));
    *state = server;
    return pthread_create(&server->thread, NULL, serve, server);
}

static int stop(void **state)
{
    static const char *const files[] = {"ca.pem", "ca.key", "server.pem", "server.key"};
    struct server *server = *state;
    char path[128];
    loop_wake_send(server->stop);
    (void)pthread_join(server->thread, NULL);
    http_server_free(server->http);
    loop_wake_free(server->stop);
    loop_free(server->loop);
    tls_free(server->tls);
    http_bytes_unref(server->big);
    for (size_t i = 0; i < 4; i++)
        (void)unlink(in(server, files[i], path));
    (void)rmdir(server->folder);
    int bad = server->bad_requests;
    free(server);
    return bad;
}

/* -- A raw client ------------------------------------------------------------------------------ */

static int dial(uint16_t port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct timeval patience = {.tv_sec = 5};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

static bool put(int fd, struct str bytes)
{
    return send(fd, bytes.p, bytes.len, MSG_NOSIGNAL) == (ssize_t)bytes.len;
}

/* Reads until the server hangs up. The first status, 0 for none; -1: it did not hang up. */
static int read_to_end(int fd)
{
    char text[65536];
    size_t len = 0;
    uint32_t status = 0;
    for (;;) {
        ssize_t n = recv(fd, text + len, sizeof text - len, 0);
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return -1;
        if (n <= 0)
            break;
        if (len < 1000)
            len += (size_t)n < sizeof text - len ? (size_t)n : 0;
    }
    if (len >= 12 && memcmp(text, "HTTP/1.1 ", 9) == 0)
        (void)!str_u32((struct str){text + 9, 3}, &status);
    return (int)status;
}

static void good_client_is_served(const struct server *server)
{
    char text[1000];
    int fd = dial(server->port);
    assert_true(put(fd, STR(GOOD)));
    ssize_t n = recv(fd, text, sizeof text, 0);
    assert_true(n > 12 && memcmp(text, "HTTP/1.1 200", 12) == 0);
    (void)close(fd);
}

/* -- Rows -------------------------------------------------------------------------------------- */

static void table_of_the_study(void **state)
{
    const struct server *server = *state;
    const struct {
        int status;
        const char *name;
        struct str request;
    } rows[] = {
        {400, "Content-Length and Transfer-Encoding",
         STR("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: "
             "chunked\r\n\r\nabcd")},
        {400, "two Content-Lengths",
         STR("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcd")},
        {400, "Content-Length: +4",
         STR("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +4\r\n\r\nabcd")},
        {400, "xchunked",
         STR("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n")},
        {400, "space before colon", STR("GET / HTTP/1.1\r\nHost : a\r\n\r\n")},
        {400, "lone CR", STR("GET / HTTP/1.1\r\nHost: a\r\nX: b\rY: c\r\n\r\n")},
        {400, "NUL", STR("GET / HTTP/1.1\r\nHost: a\r\nX: b\0c\r\n\r\n")},
        {400, "bare LF", STR("GET / HTTP/1.1\nHost: a\n\n")},
        {400, "folded line", STR("GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n")},
        {400, "no Host", STR("GET / HTTP/1.1\r\n\r\n")},
        {400, "two Hosts", STR("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")},
        {400, "Transfer-Encoding in 1.0",
         STR("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")},
        {413, "10 GB announced",
         STR("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000000\r\n\r\n")},
        {400, "TLS on the plain port", STR("\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03")},
        {501, "proxy request",
         STR("CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n")},
        {505, "HTTP/2 preface", STR("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")},
        {408, "half a head", STR("GET / HTTP/1.1\r\nHost: a\r\n")},
        {408, "half a body", STR("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab")},
        {408, "half a chunk",
         STR("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nab")},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int fd = dial(server->port);
        assert_true(put(fd, rows[i].request));
        int status = read_to_end(fd);
        if (status != rows[i].status &&
            !(strcmp(rows[i].name, "HTTP/2 preface") == 0 && status == 400)) {
            print_error("%s: %d\n", rows[i].name, status);
            assert_int_equal(status, rows[i].status);
        }
        (void)close(fd);
        good_client_is_served(server);
    }
}

/* A byte each 50 ms: the deadline is absolute. */
static void slowloris(void **state)
{
    const struct server *server = *state;
    const char *text = "GET /slow HTTP/1.1\r\nHost: a\r\nX: and so on and so on and so on";
    int fd = dial(server->port);
    int64_t from_us = net_mono_us();
    for (size_t i = 0; text[i] && put(fd, (struct str){text + i, 1}); i++)
        (void)usleep(50000);
    int status = read_to_end(fd);
    assert_true(status == 408 || status == 0); /* 0: reset while it was still sending */
    assert_in_range((net_mono_us() - from_us) / 1000, HEAD_MS - 100, HEAD_MS + 3500);
    (void)close(fd);
    good_client_is_served(server);
}

static void slow_body(void **state)
{
    const struct server *server = *state;
    int fd = dial(server->port);
    int64_t from_us = net_mono_us();
    assert_true(put(fd, STR("POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n")));
    while (put(fd, STR("x")) && net_mono_us() - from_us < 4000000)
        (void)usleep(50000);
    assert_in_range((net_mono_us() - from_us) / 1000, 1400, 3500);
    int status = read_to_end(fd);
    assert_true(status == 408 || status == 0);
    (void)close(fd);
    good_client_is_served(server);
}

static void says_nothing(void **state)
{
    const struct server *server = *state;
    int fd = dial(server->port), tls_fd = dial(server->tls_port);
    assert_int_equal(read_to_end(fd), 0);
    assert_int_equal(read_to_end(tls_fd), 0); /* and no handshake */
    (void)close(fd);
    (void)close(tls_fd);
}

static void plain_on_the_tls_port(void **state)
{
    const struct server *server = *state;
    int fd = dial(server->tls_port);
    assert_true(put(fd, STR(GOOD)));
    assert_int_equal(read_to_end(fd), 0);
    (void)close(fd);
}

/* Asks for much and never reads: the output may wait so long and no longer. */
static void never_reads(void **state)
{
    const struct server *server = *state;
    int fd = dial(server->port), small = 4096;
    char byte = 0;
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    for (int i = 0; i < 20; i++)
        (void)put(fd, STR("GET /big HTTP/1.1\r\nHost: a\r\n\r\n"));
    for (int i = 0; i < 100 && send(fd, &byte, 1, MSG_NOSIGNAL) == 1; i++)
        (void)usleep(50000); /* until the reset arrives */
    assert_true(send(fd, &byte, 1, MSG_NOSIGNAL) < 0);
    (void)close(fd);
    good_client_is_served(server);
}

static void endless_header(void **state)
{
    const struct server *server = *state;
    char junk[4096];
    memset(junk, 'a', sizeof junk);
    int fd = dial(server->port), sent = 0;
    assert_true(put(fd, STR("GET / HTTP/1.1\r\nHost: a\r\nX: ")));
    while (sent < 1000 && put(fd, (struct str){junk, sizeof junk}))
        sent++;
    int status = read_to_end(fd);
    assert_true(status == 431 || status == 0);
    (void)close(fd);
    fd = dial(server->port);
    assert_true(put(fd, STR("GET / HTTP/1.1\r\nHost: a\r\n")));
    for (sent = 0; sent < 100 && put(fd, STR("X: y\r\n")); sent++)
        ;
    status = read_to_end(fd);
    assert_true(status == 431 || status == 0);
    (void)close(fd);
    good_client_is_served(server);
}

static void too_many_from_one_address(void **state)
{
    const struct server *server = *state;
    int fds[60], refused = 0;
    for (int i = 0; i < 60; i++) {
        fds[i] = dial(server->port);
        (void)put(fds[i], STR(GOOD));
    }
    for (int i = 0; i < 60; i++) {
        char text[500];
        refused += recv(fds[i], text, sizeof text, 0) <= 0;
        (void)close(fds[i]);
    }
    assert_in_range(refused, 20, 30);
    (void)usleep(200000); /* the server sees them go */
    good_client_is_served(server);
}

static void resets(void **state)
{
    const struct server *server = *state;
    struct linger hard = {.l_onoff = 1};
    static const char *const parts[] = {
        "", "GET", "GET /big HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /good HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab"};
    for (int i = 0; i < 40; i++) {
        int fd = dial(i % 8 == 7 ? server->tls_port : server->port);
        (void)put(fd, str_of(parts[i % 4]));
        (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
        (void)close(fd);
    }
    good_client_is_served(server);
}

/* -- Out of descriptors ------------------------------------------------------------------------ */

#define FEW_DESCRIPTORS 40

/* The program again, as a server that may open few descriptors; writes its port to fd 3. */
static int serve_with_few(void)
{
    struct rlimit few = {FEW_DESCRIPTORS, FEW_DESCRIPTORS};
    struct server server = {.folder = ""};
    struct http_calls calls = {.request = on_request};
    int fd = -1;
    (void)setrlimit(RLIMIT_NOFILE, &few);
    server.loop = loop_new();
    server.http = http_server_new(server.loop, NULL, &calls, &server);
    if (http_socket_open("127.0.0.1", 0, false, &fd) != OK)
        return 1;
    server.port = http_socket_port(fd);
    if (http_server_listen(server.http, fd, NULL) != OK ||
        write(3, &server.port, sizeof server.port) != sizeof server.port)
        return 1;
    loop_run(server.loop); /* until it is killed */
    return 0;
}

static int64_t cpu_ticks(int64_t pid)
{
    char path[64], text[1000] = "";
    int64_t user = 0, kernel = 0;
    (void)snprintf(path, sizeof path, "/proc/%lld/stat", (long long)pid);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    struct str rest = {text, fread(text, 1, sizeof text - 1, f)};
    (void)fclose(f);
    for (int i = 0; i < 13; i++) /* the name has no blank */
        (void)str_cut(&rest, ' ');
    assert_ok(str_i64(str_cut(&rest, ' '), &user));
    assert_ok(str_i64(str_cut(&rest, ' '), &kernel));
    return user + kernel;
}

static size_t give_fd(void *ctx, struct child *child, int ret_fds[CHILD_MAX_FDS])
{
    const int *fd = ctx;
    (void)child;
    ret_fds[0] = *fd;
    return 1;
}

/* Newcomers are hung up on at once, those inside are served, and the loop does not spin. */
static void out_of_descriptors(void **state)
{
    static const char *const argv[] = {"hostile", "few", NULL};
    struct server other = {.port = 0};
    struct child_plan plan = {.file = "/proc/self/exe", .argv = argv};
    struct child_calls calls = {.prepare = give_fd};
    int port_pipe[2], fds[2 * FEW_DESCRIPTORS], refused = 0;
    (void)state;
    assert_int_equal(pipe(port_pipe), 0);
    struct loop *loop = loop_new();
    struct child *child = child_new(loop, &plan, &calls, &port_pipe[1]);
    assert_int_equal(read(port_pipe[0], &other.port, sizeof other.port), sizeof other.port);
    for (int i = 0; i < 2 * FEW_DESCRIPTORS; i++)
        fds[i] = dial(other.port);
    (void)usleep(200000);
    int64_t ticks = cpu_ticks(child_pid(child));
    (void)usleep(500000);
    assert_true(cpu_ticks(child_pid(child)) - ticks < sysconf(_SC_CLK_TCK) / 5);
    for (int i = 0; i < 2 * FEW_DESCRIPTORS; i++) {
        char text[500];
        (void)put(fds[i], STR(GOOD));
        refused += recv(fds[i], text, sizeof text, 0) <= 0;
        (void)close(fds[i]);
    }
    assert_in_range(refused, FEW_DESCRIPTORS, 2 * FEW_DESCRIPTORS - 10);
    (void)usleep(200000);
    good_client_is_served(&other);
    child_free(child);
    loop_free(loop);
    (void)close(port_pipe[0]);
    (void)close(port_pipe[1]);
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "few") == 0)
        return serve_with_few();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_of_the_study),
        cmocka_unit_test(slowloris),
        cmocka_unit_test(slow_body),
        cmocka_unit_test(says_nothing),
        cmocka_unit_test(plain_on_the_tls_port),
        cmocka_unit_test(never_reads),
        cmocka_unit_test(endless_header),
        cmocka_unit_test(too_many_from_one_address),
        cmocka_unit_test(resets),
        cmocka_unit_test(out_of_descriptors),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
