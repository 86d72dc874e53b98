/* cycles [--bars] [MODE...]: the real core with its writer thread in a process of its own, under
 * writers of every verb whose journal is kept by the parent on another file system; the process is
 * ended in every way, and all rules of client.h are looked at.
 *
 * - kill: kill -9 at a random moment
 * - sweep: dies before, and after, the n-th write, sync, truncate of its life; n = 1, 2, 3 ...
 * - point: dies at a named call: ANWANG_CRASH_AT=wal.sync:3 for that one only
 * - error: the n-th call fails, the disk fills up, a write is short, a sync fails
 * - power: its file system is an image; it is frozen, the image copied, the copy is what is left
 * - full: the file system of that image is really full, then has room again
 *
 * Control: with synchronous = NORMAL a power cut must be reported as a loss, or the run fails.
 * `power` and `full` mount an image and so need root; without, they are left out, and said so.
 * ANWANG_LONG makes 5,000 cycles of about 360. */
#include "client.h"
#include "disk.h"
#include "folder.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXIT_STOPPED 77 /* the disk ended the process */
#define EXIT_DEAD 3     /* core ended: a write or sync had failed */
#define MAX_PACKET (192u << 10)
#define MAX_ALIVE_MS 90
#define MAX_FLYING 12
#define RENEW_EVERY                                                                                \
    20 /* cycles, then a new folder: what was checked need not be again and again                  \
        */
#define SWEEP_REQUESTS 14
#define CONTROL_CYCLES 12
#define IMAGE_MIB 24

struct head {
    int64_t now_us;
    uint64_t correlation;
    uint32_t channel, type;
};

struct ending { /* how one life ends */
    enum disk_fault fault;
    uint32_t at;
    const char *name;
    uint32_t requests; /* that many, then it is idle and killed; 0 = until its time is over */
    bool is_cut, is_weak, is_on_disk; /* is_on_disk: the test's own, to fail or to weaken */
};

struct trial {
    struct rand rand;
    struct client *client;
    char dir[FOLDER_CAP], city[FOLDER_CAP], scratch[FOLDER_CAP];
    char image[2][FOLDER_CAP + 20], mount[FOLDER_CAP + 20];
    int image_at; /* that is mounted; -1 none */
    int64_t now_us;
    uint32_t since_new, cycles, broken, struck;
    uint64_t kept;
};

/* ---- the child: core, its store, one socket ---- */

struct child {
    struct host *host;
    int sock, wake;
};

static void child_said(void *ctx, enum core_channel channel, enum frame_type type,
                       uint64_t correlation, struct str body)
{
    static char packet[MAX_PACKET];
    const struct child *c = ctx;
    const struct head head = {0, correlation, channel, type};
    if (body.len > sizeof packet - sizeof head)
        return;
    memcpy(packet, &head, sizeof head);
    if (body.len > 0)
        memcpy(packet + sizeof head, body.p, body.len);
    if (send(c->sock, packet, sizeof head + body.len, MSG_NOSIGNAL) < 0)
        _exit(1); /* the parent is gone */
}

static void child_wake(void *ctx)
{
    const uint64_t one = 1;
    (void)!write(((struct child *)ctx)->wake, &one, sizeof one);
}

static void child_turn(struct child *c, int64_t *io_now_us)
{
    static char packet[MAX_PACKET];
    struct pollfd fds[2] = {{c->sock, POLLIN, 0}, {c->wake, POLLIN, 0}};
    uint64_t woken;
    (void)poll(fds, 2, 20);
    if (fds[1].revents && read(c->wake, &woken, sizeof woken) > 0)
        host_drain(c->host, *io_now_us);
    if (fds[0].revents) {
        struct head head;
        const ssize_t n = recv(c->sock, packet, sizeof packet, MSG_DONTWAIT);
        if (n <= 0)
            _exit(0);
        memcpy(&head, packet, sizeof head);
        *io_now_us = head.now_us;
        host_hear(c->host, (enum core_channel)head.channel, (enum frame_type)head.type,
                  head.correlation, (struct str){packet + sizeof head, (size_t)n - sizeof head},
                  *io_now_us);
    }
    host_turn(c->host, *io_now_us);
}

static void run_child(const struct trial *t, const struct ending *ending, int sock)
{
    struct child c = {.sock = sock, .wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    struct host_plan plan = {.wake = child_wake, .said = child_said, .ctx = &c};
    int64_t now_us = t->now_us;
    folder_quiet();
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)snprintf(plan.dir, sizeof plan.dir, "%s", t->dir);
    if (ending->is_on_disk) {
        disk_start();
        disk_weaken(ending->is_weak);
        disk_exit_with(EXIT_STOPPED);
        disk_fault_at(ending->fault, ending->at, ending->name);
        plan.vfs = DISK_VFS;
        plan.io = &disk_io;
    }
    c.host = host_start(&plan, now_us, NULL);
    if (!c.host)
        _exit(EXIT_DEAD);
    host_hello(c.host);
    while (!host_is_dead(c.host))
        child_turn(&c, &now_us);
    host_drain(c.host, now_us); /* the refusals of what was under way leave, as main does it */
    _exit(EXIT_DEAD);
}

/* ---- the parent: one life ---- */

struct life {
    struct trial *t;
    pid_t pid;
    int sock;
    uint32_t sent;
    int64_t until_us;
    bool is_over;
};

static int64_t mono_us(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * US_PER_S + now.tv_nsec / 1000;
}

static void give(struct life *life, const struct message *m)
{
    static char packet[MAX_PACKET];
    const struct head head = {life->t->now_us, m->correlation, m->channel, m->type};
    memcpy(packet, &head, sizeof head);
    memcpy(packet + sizeof head, m->body, m->body_len);
    if (send(life->sock, packet, sizeof head + m->body_len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 &&
        errno != EAGAIN)
        life->is_over = true;
}

/* What has left the server counts, also what is read after its death. */
static void take_all(struct life *life)
{
    static char packet[MAX_PACKET];
    struct message more;
    struct head head;
    ssize_t n;
    while ((n = recv(life->sock, packet, sizeof packet, MSG_DONTWAIT)) > 0) {
        memcpy(&head, packet, sizeof head);
        if (client_heard(life->t->client, (enum core_channel)head.channel,
                         (enum frame_type)head.type, head.correlation,
                         (struct str){packet + sizeof head, (size_t)n - sizeof head}, &more))
            give(life, &more);
    }
    if (n == 0 || (n < 0 && errno != EAGAIN))
        life->is_over = true;
}

static uint32_t flying(const struct client *c)
{
    uint32_t count = 0;
    for (uint32_t i = c->settled; i < c->count; i++)
        count += c->all[i].state == REQUEST_SENT;
    return count;
}

static void live(struct life *life, const struct ending *ending)
{
    struct trial *t = life->t;
    const int64_t half_us = mono_us() + (life->until_us - mono_us()) / 2;
    bool is_late = false;
    while (!life->is_over && mono_us() < life->until_us) {
        struct pollfd poll_fd = {life->sock, POLLIN, 0};
        struct message message;
        const bool is_done = ending->requests > 0 && life->sent >= ending->requests;
        if (!is_late && (mono_us() > half_us || life->sent * 2 >= ending->requests)) {
            is_late = true; /* an hour goes by: retention works, and the log moves into the file */
            t->now_us += US_PER_HOUR + US_PER_S;
        }
        if (!is_done && flying(t->client) < MAX_FLYING &&
            client_next(t->client, t->now_us, &message)) {
            life->sent++;
            give(life, &message);
        } else if (is_done && flying(t->client) == 0) {
            return;
        } else {
            (void)poll(&poll_fd, 1, 2);
        }
        take_all(life);
    }
}

static void copy_image(struct trial *t)
{
    const char *const argv[] = {"/bin/cp", "--sparse=always", t->image[t->image_at],
                                t->image[1 - t->image_at], NULL};
    pid_t pid = fork();
    if (pid == 0) {
        (void)execv(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    int status = 0;
    if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
        abort();
}

static bool run_quietly(const char *const *argv)
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
        (void)dup2(fd, 1);
        (void)dup2(fd, 2);
        (void)execvp(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static bool image_mount(struct trial *t, int at)
{
    const char *const argv[] = {"mount", "-o", "loop", t->image[at], t->mount, NULL};
    t->image_at = run_quietly(argv) ? at : -1;
    return t->image_at >= 0;
}

static void image_unmount(struct trial *t)
{
    const char *const argv[] = {"umount", t->mount, NULL};
    for (int turn = 0; turn < 50 && t->image_at >= 0; turn++) {
        if (run_quietly(argv))
            t->image_at = -1;
        else
            (void)usleep(20000);
    }
    assert(t->image_at < 0);
}

/* The copy of the frozen machine's disk is the disk from now on. */
static void cut_power(struct life *life)
{
    struct trial *t = life->t;
    const int before = t->image_at;
    (void)kill(life->pid, SIGSTOP);
    int status;
    (void)waitpid(life->pid, &status, WUNTRACED);
    take_all(life);
    copy_image(t);
    (void)kill(life->pid, SIGKILL);
    (void)waitpid(life->pid, NULL, 0);
    life->pid = 0;
    image_unmount(t);
    if (!image_mount(t, 1 - before))
        (void)snprintf(t->client->reason, sizeof t->client->reason,
                       "7: the copy of the disk cannot be mounted");
    folder_forget_index(t->dir);
}

/* True: its end struck, or was due. */
static bool one_life(struct trial *t, const struct ending *ending)
{
    int ends[2], status = 0, size = 1 << 20;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        abort();
    (void)setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    (void)setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    (void)fflush(stdout);
    struct life life = {.t = t, .sock = ends[0], .pid = fork()};
    if (life.pid == 0) {
        (void)close(ends[0]);
        run_child(t, ending, ends[1]);
    }
    (void)close(ends[1]);
    life.until_us =
        mono_us() +
        (ending->requests ? 3000000 : 15000 + rand_below(&t->rand, MAX_ALIVE_MS * 1000));
    live(&life, ending);
    if (ending->is_cut)
        cut_power(&life);
    if (life.pid) {
        if (!life.is_over)
            (void)kill(life.pid, SIGKILL);
        (void)waitpid(life.pid, &status, 0);
        take_all(&life);
    }
    (void)close(life.sock);
    client_cut_off(t->client);
    return WIFEXITED(status) && WEXITSTATUS(status) != 0;
}

static void renew(struct trial *t)
{
    if (t->client)
        t->kept += t->client->kept;
    client_free(t->client);
    folder_remove(t->dir);
    folder_copy(t->city, t->dir);
    int fd = open(t->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || syncfs(fd) != 0) /* the city itself is on the disk */
        abort();
    (void)close(fd);
    t->client = client_new(rand_u32(&t->rand));
    t->since_new = 0;
    t->now_us = HOST_START_US + US_PER_HOUR;
}

/* One life and the look at what it left. NULL, or the rule that is broken. */
static const char *cycle(struct trial *t, const struct ending *ending, bool *ret_has_struck)
{
    struct host_plan plan = {0};
    if (!t->client || t->since_new++ == RENEW_EVERY)
        renew(t);
    const bool has_struck = one_life(t, ending);
    if (ret_has_struck)
        *ret_has_struck = has_struck;
    (void)snprintf(plan.dir, sizeof plan.dir, "%s", t->dir);
    t->now_us += US_PER_MIN;
    return t->client->reason[0] ? t->client->reason : client_check(t->client, &plan, t->now_us);
}

static bool counted(struct trial *t, const char *mode, const struct ending *ending)
{
    bool has_struck = false;
    const char *broken = cycle(t, ending, &has_struck);
    t->cycles++;
    t->struck += has_struck;
    if (broken) {
        (void)printf("%s (%s %s %u): %s\n", mode, disk_fault_names[ending->fault],
                     ending->name ? ending->name : "call", ending->at, broken);
        t->broken++;
        renew(t);
    }
    return has_struck;
}

/* ---- modes ---- */

static void mode_kill(struct trial *t, uint32_t cycles)
{
    for (uint32_t i = 0; i < cycles; i++)
        (void)counted(t, "kill", &(struct ending){0});
}

static void mode_sweep(struct trial *t, uint32_t cycles)
{
    static const enum disk_fault faults[] = {DISK_STOP_BEFORE, DISK_STOP_AFTER};
    for (uint32_t done = 0; done < cycles;) {
        for (int side = 0; side < 2; side++) {
            bool has_struck = true;
            for (uint32_t at = 1; has_struck && at < 2000; at++, done++)
                has_struck = counted(t, "sweep",
                                     &(struct ending){.fault = faults[side],
                                                      .at = at,
                                                      .requests = SWEEP_REQUESTS,
                                                      .is_on_disk = true});
        }
    }
}

static void mode_point(struct trial *t, uint32_t cycles)
{
    static const struct {
        const char *name;
        uint32_t calls; /* that a life of thirty requests mostly has */
    } names[] = {{"wal.write", 20}, {"wal.sync", 4},    {"db.write", 4},  {"db.sync", 1},
                 {"file.write", 1}, {"file.create", 1}, {"file.sync", 1}, {"wal.truncate", 1}};
    const char *wanted = getenv("ANWANG_CRASH_AT");
    char name[32] = "";
    uint32_t at = 0;
    if (wanted) {
        struct str rest = str_of(wanted);
        (void)str_copy(str_cut(&rest, ':'), name, sizeof name);
        if (str_u32(rest, &at) != OK || at == 0) {
            (void)fprintf(stderr, "ANWANG_CRASH_AT is as wal.sync:17\n");
            exit(2);
        }
    }
    for (uint32_t i = 0; i < cycles; i++) {
        const size_t of = i / 2 % (sizeof names / sizeof names[0]);
        const struct ending ending = {.fault = i % 2 ? DISK_STOP_AFTER : DISK_STOP_BEFORE,
                                      .at = at ? at : 1 + rand_below(&t->rand, names[of].calls),
                                      .name = at ? name : names[of].name,
                                      .requests = 30,
                                      .is_on_disk = true};
        (void)counted(t, "point", &ending);
    }
}

static void mode_error(struct trial *t, uint32_t cycles)
{
    static const enum disk_fault faults[] = {DISK_FAIL, DISK_FULL, DISK_SHORT, DISK_SYNC_FAIL};
    for (uint32_t i = 0; i < cycles; i++)
        (void)counted(t, "error",
                      &(struct ending){.fault = faults[i % 4],
                                       .at = 1 + rand_below(&t->rand, 60),
                                       .requests = 30,
                                       .is_on_disk = true});
}

/* From now on the folder lies in the image. False: this machine cannot mount one. */
static bool image_begin(struct trial *t)
{
    char size[16];
    (void)snprintf(t->mount, sizeof t->mount, "%s/mount", t->scratch);
    (void)mkdir(t->mount, 0700);
    for (int i = 0; i < 2; i++)
        (void)snprintf(t->image[i], sizeof t->image[i], "%s/image%d", t->scratch, i);
    (void)snprintf(size, sizeof size, "%dM", IMAGE_MIB);
    const char *const truncate_it[] = {"truncate", "-s", size, t->image[0], NULL};
    const char *const make[] = {"mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,nodiscard",
                                t->image[0], NULL};
    if (geteuid() != 0 || !run_quietly(truncate_it) || !run_quietly(make) || !image_mount(t, 0))
        return false;
    (void)snprintf(t->dir, sizeof t->dir, "%.280s/data", t->mount);
    renew(t);
    return true;
}

static void image_end(struct trial *t)
{
    image_unmount(t);
    (void)snprintf(t->dir, sizeof t->dir, "%.280s/data", t->scratch);
    renew(t);
}

static void mode_power(struct trial *t, uint32_t cycles)
{
    for (uint32_t i = 0; i < cycles; i++)
        (void)counted(t, "power", &(struct ending){.is_cut = true});
}

/* A file takes all the room that is left, but for some pages. */
static void fill_up(const char *path, uint32_t spare_pages)
{
    static const char page[4096];
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    off_t size = 0;
    while (fd >= 0 && write(fd, page, sizeof page) == (ssize_t)sizeof page)
        size += (off_t)sizeof page;
    size -= (off_t)spare_pages * (off_t)sizeof page;
    if (fd < 0 || ftruncate(fd, size > 0 ? size : 0) != 0 || fsync(fd) != 0)
        abort();
    (void)close(fd);
}

static void mode_full(struct trial *t, uint32_t cycles)
{
    char path[FOLDER_CAP + 40];
    (void)snprintf(path, sizeof path, "%s/filler", t->mount);
    for (uint32_t i = 0; i < cycles; i++) {
        struct host_plan plan = {0};
        if (t->since_new++ == RENEW_EVERY)
            renew(t);
        fill_up(path, rand_below(&t->rand, 40));
        t->struck += one_life(t, &(struct ending){.requests = 40});
        (void)unlink(path); /* there is room again */
        (void)snprintf(plan.dir, sizeof plan.dir, "%s", t->dir);
        t->now_us += US_PER_MIN;
        const char *broken = client_check(t->client, &plan, t->now_us);
        t->cycles++;
        if (broken) {
            (void)printf("full: %s\n", broken);
            t->broken++;
            renew(t);
        }
    }
}

/* True: with NORMAL a power cut loses what was acknowledged, and the checker says so. */
static bool control_loses(struct trial *t)
{
    for (uint32_t i = 0; i < CONTROL_CYCLES; i++) {
        const char *broken =
            cycle(t, &(struct ending){.is_cut = true, .is_weak = true, .is_on_disk = true}, NULL);
        if (broken) {
            (void)printf("control: with synchronous = NORMAL cut %u loses: %s\n", i + 1, broken);
            renew(t);
            return true;
        }
    }
    (void)printf("control: with synchronous = NORMAL nothing was lost: the test is blind\n");
    return false;
}

static bool is_wanted(int argc, char **argv, const char *mode)
{
    bool is_any = false;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], mode) == 0)
            return true;
        is_any = is_any || argv[i][0] != '-';
    }
    return !is_any;
}

static const struct {
    const char *name;
    void (*run)(struct trial *t, uint32_t cycles);
    uint32_t cycles, cycles_long;
    bool is_on_image;
} modes[] = {{"kill", mode_kill, 60, 1000, false},  {"sweep", mode_sweep, 1, 1500, false},
             {"point", mode_point, 40, 500, false}, {"error", mode_error, 60, 1000, false},
             {"power", mode_power, 60, 1000, true}, {"full", mode_full, 12, 200, true}};

/* Returns the controls that failed; -1: no image could be mounted. */
static int run_modes(struct trial *t, int argc, char **argv)
{
    const char *is_long = getenv("ANWANG_LONG");
    bool has_image = false, is_tried = false;
    int blind = 0;
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        const uint32_t before = t->cycles, broken = t->broken, struck = t->struck;
        const int64_t from_us = mono_us();
        if (!is_wanted(argc, argv, modes[i].name))
            continue;
        if (modes[i].is_on_image && !is_tried) {
            is_tried = true;
            has_image = image_begin(t);
        }
        if (modes[i].is_on_image && !has_image) {
            (void)printf("%s: left out: no image can be mounted here\n", modes[i].name);
            continue;
        }
        modes[i].run(t, is_long && is_long[0] ? modes[i].cycles_long : modes[i].cycles);
        (void)printf("%s: %u cycles, %u ended by themselves, %u broken, %.1f s\n", modes[i].name,
                     t->cycles - before, t->struck - struck, t->broken - broken,
                     (double)(mono_us() - from_us) / 1e6);
        if (strcmp(modes[i].name, "power") == 0)
            blind += !control_loses(t);
    }
    if (has_image)
        image_end(t);
    return is_tried && !has_image ? -1 : blind;
}

int main(int argc, char **argv)
{
    struct trial t = {.image_at = -1};
    const bool has_bars = argc > 1 && strcmp(argv[1], "--bars") == 0;
    const int64_t from_us = mono_us();
    rand_seed(&t.rand, 20261123);
    folder_make(t.scratch);
    (void)snprintf(t.dir, sizeof t.dir, "%.280s/data", t.scratch);
    (void)snprintf(t.city, sizeof t.city, "%.280s/city", t.scratch);
    host_city(t.city);
    renew(&t);
    const int blind = run_modes(&t, argc, argv);
    renew(&t);
    client_free(t.client);
    folder_remove(t.scratch);
    const double seconds = (double)(mono_us() - from_us) / 1e6;
    (void)printf("%u cycles, %llu acknowledged writes, %u cycles with a loss, a double or a half, "
                 "%.0f s\n",
                 t.cycles, (unsigned long long)t.kept, t.broken, seconds);
    if (has_bars) {
        (void)printf("BAR trust.cycles %u cycles >=300 %s\n", t.cycles,
                     t.cycles >= 300 ? "ok" : "short");
        (void)printf("BAR trust.broken %u cycles <=0 %s\n", t.broken, t.broken ? "short" : "ok");
        (void)printf("BAR trust.cycle_time %.0f s <=240 %s\n", seconds,
                     seconds <= 240 ? "ok" : "short");
        (void)printf("BAR trust.control_loses %d controls >=1 %s\n", blind == 0,
                     blind == 0 ? "ok" : "short");
    }
    (void)printf("%d passed, %d failed\n", t.broken == 0 && blind <= 0, t.broken || blind > 0);
    return t.broken || blind > 0 ? 1 : 0;
}
