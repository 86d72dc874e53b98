/* serve.c - `anwang serve`: ports, demo certificates, the monitor; and the processes it starts. */
#include "base/file.h"
#include "base/log.h"
#include "base/utc.h"
#include "main/child.h"
#include "main/commands.h"
#include "main/monitor.h"
#include "main/options.h"
#include "main/speed_files.h"
#include "net/ca.h"
#include "net/child.h"
#include "net/http.h"

#include <errno.h>
#include <fcntl.h>
#include <qrencode.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_OVERRIDES 16
#define MAX_NAMES 16

struct announcement {
    const char *dir;
    const struct settings *settings;
    char address[NET_ADDRESS_CAP]; /* that a phone on the same network reaches */
    uint16_t port, portal_port;
};

/* Two rows of the code in one line of text, dark on light with a quiet zone. */
static void print_qr(const char *text)
{
    static const char *const halves[] = {"\xE2\x96\x88", "\xE2\x96\x80", "\xE2\x96\x84", " "};
    QRcode *code = QRcode_encodeString(text, 0, QR_ECLEVEL_L, QR_MODE_8, 1);
    if (!code)
        return;
    for (int y = -2; y < code->width + 2; y += 2) {
        (void)printf("    ");
        for (int x = -2; x < code->width + 2; x++) {
            int dark = 0;
            for (int row = 0; row < 2; row++) {
                const bool inside =
                    x >= 0 && y + row >= 0 && x < code->width && y + row < code->width;
                dark |=
                    inside && (code->data[(y + row) * code->width + x] & 1) ? 1 << (1 - row) : 0;
            }
            (void)printf("%s", halves[dark == 0 ? 0 : dark == 1 ? 1 : dark == 2 ? 2 : 3]);
        }
        (void)printf("\n");
    }
    QRcode_free(code);
}

static void print_accounts(const char *dir)
{
    char path[SETTINGS_PATH_CAP];
    struct out text;
    out_init(&text, 1 << 16);
    if (settings_path(dir, "accounts.txt", path) == OK && file_read(path, &text) == OK) {
        (void)printf("\n  Accounts of this demo / 演示账号（%s）\n\n", path);
        (void)fwrite(text.p, 1, text.len, stdout);
    }
    out_done(&text);
}

static void announce(const void *ctx)
{
    const struct announcement *a = ctx;
    char url[128];
    (void)printf("\n  Anwang 安网 is ready / 已就绪\n\n");
    (void)printf("  console 指挥台       https://localhost:%u/\n", a->port);
    if (a->address[0]) {
        (void)snprintf(url, sizeof url, "https://%s:%u/field", a->address, a->port);
        (void)printf("  field page 处警终端  %s\n", url);
        print_qr(url);
    }
    if (a->settings->is_public_open)
        (void)printf("  public site 群众端   https://localhost:%u/\n", a->portal_port);
    (void)printf(
        "\n  The browser warns once: the certificate is this machine's own (%s/tls/ca.pem).\n"
        "  浏览器首次会提示证书：它由本机签发。\n",
        a->dir);
    print_accounts(a->dir);
    char key[SETTINGS_PATH_CAP];
    if (settings_path(a->dir, "secret/contact.key", key) == OK && access(key, F_OK) == 0)
        (void)printf("\n  Keep %s elsewhere: it opens reporters' contacts.\n"
                     "  请将该文件移出本机另行保管：它能解开举报人联系方式。\n",
                     key);
    (void)printf("\n  Stop with Ctrl-C. 按 Ctrl-C 停止。\n");
    (void)fflush(stdout);
}

static enum err make_certificates(const char *dir, struct announcement *a)
{
    char folder[SETTINGS_PATH_CAP];
    char texts[MAX_NAMES][NET_ADDRESS_CAP];
    const char *names[MAX_NAMES];
    size_t count = net_own_addresses(texts, MAX_NAMES);
    for (size_t i = 0; i < count; i++)
        names[i] = texts[i];
    if (count > 0)
        (void)snprintf(a->address, sizeof a->address, "%s", texts[0]);
    enum err err = settings_path(dir, "tls", folder);
    if (!err)
        err = file_mkdirs(folder, 0700);
    if (!err)
        err = ca_ensure(folder, names, count, net_now_utc_us(), NULL);
    if (err == ERR_RANGE) /* an address outside the private ranges: serve the local names only */
        err = ca_ensure(folder, NULL, 0, net_now_utc_us(), NULL);
    if (err)
        LOG_ERROR("serve.tls", "err=%s", err_text(err));
    return err;
}

static enum err open_ports(const struct settings *settings, struct monitor_options *options)
{
    options->portal_fd = -1;
    enum err err =
        http_socket_open(settings->listen, (uint16_t)settings->port, false, &options->edge_fd);
    if (err) {
        (void)fprintf(stderr, "anwang: port %lld cannot be opened: is another server running?\n",
                      (long long)settings->port);
        return err;
    }
    if (settings->is_public_open)
        err = http_socket_open(settings->listen, (uint16_t)settings->portal_port, false,
                               &options->portal_fd);
    if (err)
        (void)fprintf(stderr, "anwang: port %lld cannot be opened\n",
                      (long long)settings->portal_port);
    return err;
}

/* clock = replay:START,SPEED makes another now, the same in every process. */
static enum err set_clock(const struct settings *settings)
{
    struct str text = str_of(settings->clock);
    int64_t start_us, speed = 1, origin_us = net_mono_us();
    if (text.len == 0)
        return OK;
    if (!str_starts(text, STR("replay:")))
        return ERR_SYNTAX;
    text = str_from(text, 7);
    const struct str start = str_cut(&text, ',');
    const struct str speed_text = str_cut(&text, ',');
    enum err err = utc_parse(start, &start_us);
    if (!err && speed_text.len > 0)
        err = str_i64(speed_text, &speed);
    if (!err && text.len > 0)
        err = str_i64(text, &origin_us);
    if (!err)
        net_clock_replay(start_us, speed, origin_us);
    return err;
}

struct serve_options {
    const char *dir, *port, *portal_port;
    const char *sets[MAX_OVERRIDES + 4];
    size_t set_count;
    char port_set[32], portal_set[32], clock_set[96];
};

static bool has_set(const struct serve_options *o, struct str prefix)
{
    for (size_t i = 0; i < o->set_count; i++) {
        if (str_starts(str_of(o->sets[i]), prefix))
            return true;
    }
    return false;
}

static bool read_options(int argc, char **argv, struct serve_options *o)
{
    const struct option_def defs[] = {
        {"--dir", true, &o->dir, 1, NULL},
        {"--port", true, &o->port, 1, NULL},
        {"--portal-port", true, &o->portal_port, 1, NULL},
        {"--set", true, o->sets, MAX_OVERRIDES, &o->set_count},
    };
    if (!options_read(argc, argv, defs, sizeof defs / sizeof defs[0], NULL, NULL))
        return false;
    if (!o->dir) {
        (void)fprintf(stderr, "anwang %s: --dir DIR is needed\n", argv[0]);
        return false;
    }
    if (o->port) {
        uint32_t port = 0;
        (void)snprintf(o->port_set, sizeof o->port_set, "port=%s", o->port);
        o->sets[o->set_count++] = o->port_set;
        if (!o->portal_port && !has_set(o, STR("portal_port=")) &&
            str_u32(str_of(o->port), &port) == OK) {
            (void)snprintf(o->portal_set, sizeof o->portal_set, "portal_port=%u", port + 1);
            o->sets[o->set_count++] = o->portal_set;
        }
    }
    if (o->portal_port) {
        (void)snprintf(o->portal_set, sizeof o->portal_set, "portal_port=%s", o->portal_port);
        o->sets[o->set_count++] = o->portal_set;
    }
    return true;
}

/* Every process must agree on the faked now: hand on the origin that this one uses. */
static void pin_clock(struct serve_options *o, struct settings *settings)
{
    if (settings->clock[0] == '\0')
        return;
    (void)snprintf(o->clock_set, sizeof o->clock_set, "clock=%s,%lld", settings->clock,
                   (long long)net_mono_us());
    o->sets[o->set_count++] = o->clock_set;
}

/* One realm has one writer: a second server on the folder is refused. The lock ends with us. */
static int lock_folder(const char *dir)
{
    char path[SETTINGS_PATH_CAP];
    if (settings_path(dir, "serve.lock", path) != OK)
        return -1;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
        return fd;
    (void)fprintf(stderr, "anwang serve: %s: %s\n", path,
                  fd >= 0 && errno == EWOULDBLOCK ? "another server works on this folder"
                                                  : strerror(errno));
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

/* What a person has put into the folder is looked at before any process starts; what is wrong is
 * said. A road file that cannot be opened is told by the processes that need it. */
static bool are_tables_good(const char *dir)
{
    char path[SETTINGS_PATH_CAP];
    struct road *road = NULL;
    struct speed_files files;
    if (settings_path(dir, "city.road", path) != OK || road_open(path, &road, NULL) != OK)
        return true;
    const enum err err = speed_files_open(dir, road, &files);
    speed_files_done(&files);
    road_close(road);
    return err == OK;
}

int serve_main(int argc, char **argv)
{
    struct serve_options o = {0};
    struct settings settings;
    struct monitor_options options = {.edge_fd = -1, .portal_fd = -1};
    if (!read_options(argc, argv, &o))
        return 2;
    log_init("monitor", LOG_INFO_LEVEL);
    char *const *sets = (char *const *)(uintptr_t)o.sets;
    if (settings_read(o.dir, sets, o.set_count, &settings) != OK)
        return 1;
    pin_clock(&o, &settings);
    if (set_clock(&settings) != OK) {
        (void)fprintf(stderr, "anwang: clock must be as replay:2020-04-07T00:00:00Z,60\n");
        return 1;
    }
    struct announcement a = {.dir = o.dir,
                             .settings = &settings,
                             .port = (uint16_t)settings.port,
                             .portal_port = (uint16_t)settings.portal_port};
    if (!are_tables_good(o.dir))
        return 1;
    (void)umask(077);
    const int lock = lock_folder(o.dir);
    if (lock < 0 || make_certificates(o.dir, &a) != OK || open_ports(&settings, &options) != OK)
        return 1;
    options.dir = o.dir;
    options.settings = &settings;
    options.overrides = sets;
    options.override_count = o.set_count;
    options.serving = announce;
    options.ctx = &a;
    int status = monitor_run(&options);
    (void)close(options.edge_fd);
    if (options.portal_fd >= 0)
        (void)close(options.portal_fd);
    (void)close(lock);
    return status;
}

int process_main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(const char *dir, const struct settings *settings);
    } children[] = {
        {"core", child_core}, {"edge", child_edge}, {"portal", child_portal}, {"feed", child_feed}};
    struct serve_options o = {0};
    struct settings settings;
    if (argc < 3 || !read_options(argc - 1, argv + 1, &o))
        return 2;
    child_die_with_parent();
    (void)umask(077);
    log_init(argv[1], LOG_INFO_LEVEL);
    if (settings_read(o.dir, (char *const *)(uintptr_t)o.sets, o.set_count, &settings) != OK ||
        set_clock(&settings) != OK)
        return 1;
    for (size_t i = 0; i < sizeof children / sizeof children[0]; i++) {
        if (str_eq_c(str_of(argv[1]), children[i].name))
            return children[i].run(o.dir, &settings);
    }
    return 2;
}
