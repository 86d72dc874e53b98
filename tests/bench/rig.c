#include "rig.h"
#include "base/file.h"
#include "base/json.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define READY_S 120

/* ./bench says which build; alone, the release build of ./run. */
const char *rig_program(const char *name)
{
    static char path[RIG_PATH_CAP];
    const char *folder = getenv("ANWANG_BUILD");
    (void)snprintf(path, sizeof path, "%s/%s", folder ? folder : "build", name);
    return path;
}

static void die(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));
static void die(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    (void)vfprintf(stderr, fmt, args);
    va_end(args);
    (void)fputc('\n', stderr);
    exit(1);
}

bool rig_bar(const char *name, double value, const char *unit, double goal, bool higher)
{
    const bool good = higher ? value >= goal : value <= goal;
    (void)printf("BAR %s %.6g %s %s%.6g %s\n", name, value, unit, higher ? ">=" : "<=", goal,
                 good ? "ok" : "short");
    (void)fflush(stdout);
    return good;
}

static int64_t spawn(const char *const *argv, const char *log)
{
    pid_t pid = fork();
    if (pid == 0) {
        int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        if (fd >= 0) {
            (void)dup2(fd, 1);
            (void)dup2(fd, 2);
        }
        (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
        (void)execv(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    return pid;
}

int rig_run_into(const char *const *argv, const char *log)
{
    int status = 0;
    pid_t pid = (pid_t)spawn(argv, log);
    if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
        return -1;
    return WEXITSTATUS(status);
}

bool rig_run(const char *const *argv)
{
    if (rig_run_into(argv, "var/bench/last.log") == 0)
        return true;
    (void)fprintf(stderr, "%s failed; see var/bench/last.log\n", argv[0]);
    return false;
}

/* Made by this very program: an older one may have made another folder. */
static bool is_fresh(const char *made, const char *program)
{
    struct stat a, b;
    return stat(made, &a) == 0 && stat(program, &b) == 0 && a.st_mtime >= b.st_mtime;
}

static bool is_free(uint16_t port)
{
    const struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_ANY)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool is_ours = fd >= 0 && bind(fd, (const struct sockaddr *)&at, sizeof at) == 0;
    if (fd >= 0)
        (void)close(fd);
    return is_ours;
}

/* `serve --port` takes the next one for the public door. Below the range of client ports. */
static uint16_t free_port(void)
{
    for (uint16_t port = 18500; port < 28500; port = (uint16_t)(port + 2)) {
        if (is_free(port) && is_free((uint16_t)(port + 1)))
            return port;
    }
    die("no free port");
}

void rig_make(struct rig *rig, const char *name)
{
    static const char source[] = "var/bench/city";
    const char *const make[] = {
        rig_program("src/main/anwang"), "demo", "make", "--city", "sf", "--dir", source, NULL};
    *rig = (struct rig){.port = free_port()};
    (void)snprintf(rig->dir, sizeof rig->dir, "var/bench/%s", name);
    const char *const clear[] = {"/bin/rm", "-rf", rig->dir, NULL};
    const char *const copy[] = {"/bin/cp", "-a", source, rig->dir, NULL};
    if (file_mkdirs("var/bench", 0700) != OK)
        die("var/bench cannot be made");
    if (!is_fresh("var/bench/city/accounts.txt", make[0])) {
        const char *const half[] = {"/bin/rm", "-rf", source, NULL};
        (void)fprintf(stderr, "# making the demo city ...\n");
        if (!rig_run(half) || !rig_run(make))
            die("the demo city cannot be made");
    }
    if (!rig_run(clear) || !rig_run(copy))
        die("the demo city cannot be copied");
    rig->loop = loop_new();
}

struct http_client *rig_client(const struct rig *rig)
{
    const struct http_client_plan plan = {.address = "127.0.0.1",
                                          .port = rig->port,
                                          .host = "localhost",
                                          .tls = rig->tls,
                                          .max_in_flight = 20000,
                                          .timeout_ms = 30000};
    return http_client_new(rig->loop, &plan);
}

struct call {
    bool is_done;
    int status;
    struct out *body;
    char cookie[512];
};

static void answered(void *ctx, const struct http_client_answer *answer)
{
    struct call *call = ctx;
    call->is_done = true;
    call->status = answer->status;
    (void)str_copy(http_client_header(answer, "Set-Cookie"), call->cookie, sizeof call->cookie);
    if (call->body)
        out_str(call->body, answer->body);
}

static void call_and_wait(const struct rig *rig, struct http_client *client,
                          enum http_method method, const char *target, const char *token,
                          const char *key, struct str body, struct call *call)
{
    char bearer[RIG_TOKEN_CAP + 16];
    struct http_field fields[3];
    size_t count = 0;
    (void)snprintf(bearer, sizeof bearer, "Bearer %s", token ? token : "");
    if (token)
        fields[count++] = (struct http_field){STR("Authorization"), str_of(bearer)};
    if (key)
        fields[count++] = (struct http_field){STR("Idempotency-Key"), str_of(key)};
    if (body.len)
        fields[count++] = (struct http_field){STR("Content-Type"), STR("application/json")};
    const struct http_client_request request = {method, str_of(target), fields, count, body};
    if (http_client_send(client, &request, answered, call) != OK)
        return;
    while (!call->is_done)
        loop_turn(rig->loop, 100);
}

int rig_call(const struct rig *rig, struct http_client *client, enum http_method method,
             const char *target, const char *token, const char *key, struct str body,
             struct out *ret_body)
{
    struct call call = {.body = ret_body};
    call_and_wait(rig, client, method, target, token, key, body, &call);
    return call.status;
}

/* accounts.txt: a line an account, login and password among its words. */
void rig_password(const struct rig *rig, const char *login, char *buf, size_t cap)
{
    char path[RIG_PATH_CAP + 20];
    struct out text;
    bool found = false;
    out_init(&text, 1 << 20);
    (void)snprintf(path, sizeof path, "%s/accounts.txt", rig->dir);
    if (file_read(path, &text) != OK)
        die("%s cannot be read", path);
    struct str rest = out_view(&text);
    while (rest.len > 0 && !found) {
        struct str line = str_trim(str_cut(&rest, '\n'));
        struct str first = str_cut(&line, ' ');
        line = str_trim(line);
        if (str_eq_c(first, login))
            found = str_copy(str_cut(&line, ' '), buf, cap);
    }
    out_done(&text);
    if (!found)
        die("no password of %s in accounts.txt", login);
}

bool rig_login(const struct rig *rig, struct http_client *client, const char *login,
               char ret_token[RIG_TOKEN_CAP])
{
    char password[128], body[256];
    struct call call = {0};
    rig_password(rig, login, password, sizeof password);
    (void)snprintf(body, sizeof body, "{\"login\":\"%s\",\"password\":\"%s\"}", login, password);
    call_and_wait(rig, client, HTTP_METHOD_POST, "/api/v1/session", NULL, NULL, str_of(body),
                  &call);
    const char *from = strchr(call.cookie, '=');
    const char *end = from ? strchr(from, ';') : NULL;
    if (call.status != 200 || !end || (size_t)(end - from) > RIG_TOKEN_CAP)
        return false;
    return str_copy((struct str){from + 1, (size_t)(end - from - 1)}, ret_token, RIG_TOKEN_CAP);
}

double rig_start(struct rig *rig)
{
    char port[8], log[RIG_PATH_CAP + 20], ca[RIG_PATH_CAP + 20];
    const char *const argv[] = {
        rig_program("src/main/anwang"), "serve", "--dir", rig->dir, "--port", port, NULL};
    const int64_t from_us = net_mono_us();
    (void)snprintf(port, sizeof port, "%u", (unsigned)rig->port);
    (void)snprintf(log, sizeof log, "%s/serve.log", rig->dir);
    (void)snprintf(ca, sizeof ca, "%s/tls/ca.pem", rig->dir);
    rig->pid = spawn(argv, log);
    while (net_mono_us() - from_us < READY_S * 1000000LL) {
        struct http_client *client;
        if (waitpid((pid_t)rig->pid, NULL, WNOHANG) == rig->pid)
            die("the server ended; see %s", log);
        if (!rig->tls && tls_client_new(ca, &rig->tls) != OK) {
            (void)usleep(20000);
            continue;
        }
        client = rig_client(rig);
        int status =
            rig_call(rig, client, HTTP_METHOD_GET, "/healthz", NULL, NULL, (struct str){0}, NULL);
        http_client_free(client);
        if (status == 200)
            return (double)(net_mono_us() - from_us) / 1e6;
        (void)usleep(20000);
    }
    die("the server did not get ready; see %s", log);
}

void rig_stop(struct rig *rig)
{
    if (rig->pid > 0) {
        (void)kill((pid_t)rig->pid, SIGTERM);
        (void)waitpid((pid_t)rig->pid, NULL, 0);
    }
    rig->pid = 0;
}

void rig_done(struct rig *rig)
{
    rig_stop(rig);
    tls_free(rig->tls);
    loop_free(rig->loop);
    *rig = (struct rig){0};
}

/* Second word "process", third the name, somewhere behind it our folder. */
static bool is_process(const char *pid, const char *dir, const char *name)
{
    char path[300], text[2048] = "";
    (void)snprintf(path, sizeof path, "/proc/%s/cmdline", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        (void)close(fd);
    const struct str all = {text, n > 0 ? (size_t)n : 0};
    struct str rest = all;
    (void)str_cut(&rest, '\0');
    const struct str second = str_cut(&rest, '\0');
    const struct str third = str_cut(&rest, '\0');
    return all.len > 0 && memmem(all.p, all.len, dir, strlen(dir)) &&
           (!name || (str_eq_c(second, "process") && str_eq_c(third, name)));
}

int64_t rig_process(const struct rig *rig, const char *name)
{
    DIR *proc = opendir("/proc");
    struct dirent *entry;
    int64_t pid = 0;
    while (proc && pid == 0 && (entry = readdir(proc)) != NULL) {
        if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9' &&
            is_process(entry->d_name, rig->dir, name))
            (void)str_i64(str_of(entry->d_name), &pid);
    }
    if (proc)
        (void)closedir(proc);
    return pid;
}

static double resident_mib(int64_t pid)
{
    char path[64], text[256] = "";
    unsigned pages = 0;
    (void)snprintf(path, sizeof path, "/proc/%lld/statm", (long long)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        ssize_t n = read(fd, text, sizeof text - 1);
        struct str rest = {text, n > 0 ? (size_t)n : 0};
        (void)str_cut(&rest, ' ');
        (void)str_u32(str_cut(&rest, ' '), &pages);
        (void)close(fd);
    }
    return (double)pages * 4096.0 / 1048576.0;
}

double rig_memory_mib(const struct rig *rig)
{
    static const char *const names[] = {"core", "edge", "portal", "feed"};
    double sum = resident_mib(rig->pid);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const int64_t pid = rig_process(rig, names[i]);
        sum += pid ? resident_mib(pid) : 0;
    }
    return sum;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

double rig_percentile(double *values, size_t count, double share)
{
    if (count == 0)
        return 0;
    qsort(values, count, sizeof *values, compare);
    size_t at = (size_t)(share * (double)count);
    return values[at < count ? at : count - 1];
}
