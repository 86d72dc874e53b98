/* Listening sockets of http.h, and the redirect from plain HTTP to HTTPS. */
#include "net/http.h"

#include "base/out.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 4096
#define MAX_LOCATION_BYTES 16384

static enum err parse_address(const char *text, uint16_t port, struct sockaddr_storage *ret_address,
                              socklen_t *ret_len)
{
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    if (inet_pton(AF_INET, text, &four.sin_addr) == 1) {
        memcpy(ret_address, &four, sizeof four);
        *ret_len = sizeof four;
        return OK;
    }
    if (inet_pton(AF_INET6, text, &six.sin6_addr) == 1) {
        memcpy(ret_address, &six, sizeof six);
        *ret_len = sizeof six;
        return OK;
    }
    return ERR_SYNTAX;
}

static enum err io_error(int number)
{
    if (number == EADDRINUSE)
        return ERR_EXISTS;
    return number == EACCES || number == EPERM ? ERR_DENIED : ERR_IO;
}

enum err http_socket_open(const char *address, uint16_t port, bool is_shared, int *ret_fd)
{
    struct sockaddr_storage at = {0};
    socklen_t len = 0;
    int one = 1, zero = 0;
    enum err err = parse_address(address, port, &at, &len);
    if (err)
        return err;
    int fd = socket(at.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return ERR_IO;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (is_shared)
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
    if (at.ss_family == AF_INET6) /* "::" takes IPv4 too */
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof zero);
    if (bind(fd, (const struct sockaddr *)&at, len) != 0 || listen(fd, BACKLOG) != 0) {
        err = io_error(errno);
        (void)close(fd);
        return err;
    }
    *ret_fd = fd;
    return OK;
}

uint16_t http_socket_port(int fd)
{
    struct sockaddr_storage at;
    socklen_t len = sizeof at;
    if (getsockname(fd, (struct sockaddr *)&at, &len) != 0)
        return 0;
    if (at.ss_family == AF_INET)
        return ntohs(((const struct sockaddr_in *)(const void *)&at)->sin_port);
    if (at.ss_family == AF_INET6)
        return ntohs(((const struct sockaddr_in6 *)(const void *)&at)->sin6_port);
    return 0;
}

/* -- Redirect ---------------------------------------------------------------------------------- */

/* Host without its port; an IPv6 address keeps its brackets. */
static struct str host_name(struct str host)
{
    const char *close = host.len && host.p[0] == '[' ? memchr(host.p, ']', host.len) : NULL;
    if (close)
        return (struct str){host.p, (size_t)(close - host.p) + 1};
    return str_cut(&host, ':');
}

/* The context pointer carries the port: there is nothing to own or free. */
static void redirect(void *ctx, struct http_exchange *ex, const struct http_request *request)
{
    unsigned port = (unsigned)(uintptr_t)ctx;
    struct out location;
    if (request->host.len == 0 || request->path.p[0] != '/') {
        http_problem(ex, 400, NULL, "use HTTPS");
        return;
    }
    out_init(&location, MAX_LOCATION_BYTES);
    out_c(&location, "https://");
    out_str(&location, host_name(request->host));
    if (port != 443)
        out_printf(&location, ":%u", port);
    out_str(&location, request->target);
    struct http_field field = {STR("Location"), out_view(&location)};
    struct http_answer answer = {
        .status = 308, .fields = &field, .field_count = 1, .is_last = true};
    http_answer(ex, &answer);
    out_done(&location);
}

struct http_server *http_redirect_new(struct loop *loop, int fd, uint16_t https_port)
{
    struct http_limits limits = http_limits_default;
    struct http_calls calls = {.request = redirect};
    limits.connection_count = 256;
    limits.body_bytes = 0;
    limits.idle_ms = limits.head_ms = 5000;
    struct http_server *server =
        http_server_new(loop, &limits, &calls, (void *)(uintptr_t)https_port);
    if (http_server_listen(server, fd, NULL) != OK) {
        http_server_free(server);
        return NULL;
    }
    return server;
}
