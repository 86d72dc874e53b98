/* store: what the store can do on this disk. Group commit, a start with a million events, lists, a
 * copy.
 *     ./bench store [EVENTS] */
#include "store/store.h"
#include "base/rand.h"
#include "store/audit.h"
#include "store/backup.h"
#include "store/reader.h"

#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define REALM 1
#define START_US 1763900000000000LL
#define EVENTS_OF_INCIDENT 5
#define OPEN_INCIDENTS 2000

static int64_t mono_us(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void bar(const char *name, double value, const char *unit, double goal, bool is_most)
{
    bool is_ok = is_most ? value <= goal : value >= goal;
    (void)printf("BAR %s %.1f %s %s%.0f %s\n", name, value, unit, is_most ? "<=" : ">=", goal,
                 is_ok ? "ok" : "short");
    (void)fflush(stdout);
}

static void must(enum err err, const char *what)
{
    if (err) {
        (void)printf("%s: %s\n", what, err_text(err));
        exit(1);
    }
}

/* ---- writing ---- */

struct load {
    struct store *store;
    pthread_mutex_t lock;
    pthread_cond_t cond;
    bool is_awake;
    uint64_t seq, sent, done;
    struct rand rand;
};

static void on_wake(void *ctx)
{
    struct load *l = ctx;
    (void)pthread_mutex_lock(&l->lock);
    l->is_awake = true;
    (void)pthread_cond_signal(&l->cond);
    (void)pthread_mutex_unlock(&l->lock);
}

static void on_done(void *ctx, void *token, enum err err)
{
    struct load *l = ctx;
    (void)token;
    must(err, "commit");
    l->done++;
}

static void wait_for(struct load *l, uint64_t in_flight)
{
    store_drain(l->store, on_done, l);
    while (l->sent - l->done >= in_flight) {
        (void)pthread_mutex_lock(&l->lock);
        while (!l->is_awake)
            (void)pthread_cond_wait(&l->cond, &l->lock);
        l->is_awake = false;
        (void)pthread_mutex_unlock(&l->lock);
        store_drain(l->store, on_done, l);
    }
}

static void put_row(struct store_batch *batch, enum object_kind kind, uint32_t number, uint64_t seq,
                    bool is_open, const void *object)
{
    struct out bytes;
    out_init(&bytes, 1u << 16);
    record_write(object_record(kind), object, RECORD_STORED, &bytes);
    struct store_row row = {kind, number, seq, is_open, out_view(&bytes)};
    store_batch_state(batch, &row);
    out_done(&bytes);
}

static void put_event(struct load *l, struct store_batch *batch, enum event_kind kind,
                      uint32_t object, const void *fields)
{
    int64_t at_us = START_US + (int64_t)l->seq * 31000000;
    struct event event = {.realm = REALM,
                          .seq = ++l->seq,
                          .kind = kind,
                          .version = 1,
                          .object = object,
                          .actor = {1},
                          .role = ROLE_OPERATOR,
                          .at_us = at_us,
                          .at_source = CLOCK_DESK,
                          .recorded_us = at_us,
                          .area = {1 + object % 40},
                          .data_class = DATA_DUTY,
                          .fields = fields};
    store_batch_event(batch, &event);
}

/* An incident's event, as the desk would give one after the other: first taken, then moved. */
static void put_incident(struct load *l, struct store_batch *batch, uint32_t number, bool is_open)
{
    struct incident_object o = {.stage = is_open ? INCIDENT_PENDING : INCIDENT_CLOSED,
                                .initial_priority = PRIORITY_P3,
                                .priority = PRIORITY_P3,
                                .source = SOURCE_PHONE,
                                .area = {1 + number % 40},
                                .received_us = START_US + (int64_t)l->seq * 31000000};
    struct incident_create create = {.type = STR("noise"), .source = SOURCE_PHONE};
    SET_HAS(incident_create, &create, type);
    SET_HAS(incident_create, &create, source);
    (void)snprintf(o.type, sizeof o.type, "type-%u", rand_below(&l->rand, 50));
    (void)snprintf(o.address, sizeof o.address, "%u Main Street 南京东路",
                   rand_below(&l->rand, 9999));
    o.has = 0;
    SET_HAS(incident_object, &o, stage);
    SET_HAS(incident_object, &o, type);
    SET_HAS(incident_object, &o, initial_priority);
    SET_HAS(incident_object, &o, priority);
    SET_HAS(incident_object, &o, source);
    SET_HAS(incident_object, &o, area);
    SET_HAS(incident_object, &o, address);
    SET_HAS(incident_object, &o, received_us);
    if (l->seq % EVENTS_OF_INCIDENT == 0) {
        put_event(l, batch, EVENT_incident_received, number, &create);
        store_batch_payload(batch, number, DATA_PERSONAL, 0,
                            STR("what the caller said, some words"));
    } else {
        struct incident_move move = {.to = INCIDENT_OPEN};
        SET_HAS(incident_move, &move, to);
        put_event(l, batch, EVENT_incident_moved, number, &move);
    }
    put_row(batch, OBJECT_incident, number, l->seq, is_open, &o);
}

static void write_events(struct load *l, uint64_t count, uint32_t per_batch, uint64_t in_flight)
{
    for (uint64_t i = 0; i < count; i += per_batch) {
        struct store_batch *batch = store_batch_new(l->store, START_US + (int64_t)l->seq);
        for (uint32_t k = 0; k < per_batch; k++) {
            uint32_t number = (uint32_t)(l->seq / EVENTS_OF_INCIDENT) + 1;
            put_incident(l, batch, number, number <= OPEN_INCIDENTS);
        }
        must(store_submit(l->store, batch, NULL), "submit");
        l->sent++;
        wait_for(l, in_flight);
    }
    wait_for(l, 1);
}

static void open_load(struct load *l, const char *dir)
{
    struct store_options options = {
        .realm = REALM, .now_us = START_US, .wake = on_wake, .wake_ctx = l};
    struct store_ends ends;
    must(store_open(dir, &options, &l->store, NULL), "open");
    must(store_ends(l->store, &ends), "ends");
    l->seq = ends.last_seq;
}

/* ---- figures ---- */

#define RATE 1000
#define RATE_SECONDS 10

struct pace {
    int64_t begin_us;
    int64_t late_us[RATE * RATE_SECONDS];
    uint64_t count;
};

static int64_t due_of(const struct pace *pace, uint64_t n)
{
    return pace->begin_us + (int64_t)(n * 1000000 / RATE);
}

static void on_paced(void *ctx, void *token, enum err err)
{
    struct pace *pace = ctx;
    must(err, "commit");
    pace->late_us[pace->count++] = mono_us() - due_of(pace, (uint64_t)(uintptr_t)token);
}

static int by_value(const void *a, const void *b)
{
    int64_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return x < y ? -1 : x > y;
}

/* Sent at a fixed rate whatever comes back; lateness counts from when a command should have left.
 */
static void open_loop(struct load *l)
{
    static struct pace pace;
    uint64_t all = RATE * RATE_SECONDS, sent = 0;
    pace.begin_us = mono_us();
    while (pace.count < all) {
        while (sent < all && due_of(&pace, sent) <= mono_us()) {
            struct store_batch *batch = store_batch_new(l->store, START_US + (int64_t)l->seq);
            uint32_t number = (uint32_t)(l->seq / EVENTS_OF_INCIDENT) + 1;
            put_incident(l, batch, number, number <= OPEN_INCIDENTS);
            must(store_submit(l->store, batch, (void *)(uintptr_t)sent), "submit");
            sent++;
        }
        (void)pthread_mutex_lock(&l->lock);
        if (!l->is_awake) {
            struct timespec until;
            (void)clock_gettime(CLOCK_REALTIME, &until);
            until.tv_nsec += 500000;
            until.tv_sec += until.tv_nsec / 1000000000;
            until.tv_nsec %= 1000000000;
            (void)pthread_cond_timedwait(&l->cond, &l->lock, &until);
        }
        l->is_awake = false;
        (void)pthread_mutex_unlock(&l->lock);
        store_drain(l->store, on_paced, &pace);
    }
    qsort(pace.late_us, all, sizeof pace.late_us[0], by_value);
    const size_t half = all / 2, most = all * 99 / 100, nearly_all = all * 999 / 1000;
    (void)printf("%d commands/s, open loop: p50 %.1f ms, p99.9 %.1f ms\n", RATE,
                 (double)pace.late_us[half] / 1e3, (double)pace.late_us[nearly_all] / 1e3);
    bar("store_ack_p99_ms", (double)pace.late_us[most] / 1e3, "ms", 50, true);
}

static void raw_sync(const char *dir)
{
    char path[128], block[4096] = {0};
    int64_t all_us[200];
    (void)snprintf(path, sizeof path, "%s/raw", dir);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    for (int i = 0; i < 200; i++) {
        int64_t from_us = mono_us();
        if (write(fd, block, sizeof block) != (ssize_t)sizeof block || fdatasync(fd) != 0)
            exit(1);
        all_us[i] = mono_us() - from_us;
        for (int k = i; k > 0 && all_us[k - 1] > all_us[k]; k--) {
            int64_t t = all_us[k];
            all_us[k] = all_us[k - 1];
            all_us[k - 1] = t;
        }
    }
    (void)close(fd);
    (void)printf("raw fdatasync of 4 KiB: p50 %.2f ms, p99 %.2f ms\n", (double)all_us[100] / 1e3,
                 (double)all_us[198] / 1e3);
}

static enum err count_row(void *ctx, const struct store_row *row)
{
    ++*(uint32_t *)ctx;
    return row->bytes.len ? OK : ERR_CORRUPT;
}

static double resident_mib(void)
{
    long pages = 0, resident = 0;
    char text[128];
    FILE *f = fopen("/proc/self/statm", "r");
    if (f && fgets(text, sizeof text, f)) {
        char *end;
        pages = strtol(text, &end, 10);
        resident = strtol(end, NULL, 10);
    }
    if (f)
        (void)fclose(f);
    return pages ? (double)resident * 4096 / 1048576 : 0;
}

/* In a process of its own, so that its memory is a start's and nothing else. */
static int start_only(const char *dir, uint64_t expected)
{
    struct load l = {.lock = PTHREAD_MUTEX_INITIALIZER, .cond = PTHREAD_COND_INITIALIZER};
    uint32_t rows = 0;
    int64_t from_us = mono_us();
    open_load(&l, dir);
    must(store_each_open(l.store, count_row, &rows), "open rows");
    double ready_ms = (double)(mono_us() - from_us) / 1e3;
    bar("store_ready_ms", ready_ms, "ms", 2000, true);
    bar("store_memory_mib", resident_mib(), "MiB", 300, true);
    (void)printf("%u open rows of %u, seq %llu\n", rows, OPEN_INCIDENTS, (unsigned long long)l.seq);
    store_close(l.store);
    return l.seq == expected && rows >= 1 ? 0 : 1;
}

static void ask(struct reader *reader, const char *name, const struct query *query, int rounds,
                double goal_ms)
{
    struct out out;
    struct query_page page = {0};
    out_init(&out, 64u << 20);
    int64_t from_us = mono_us();
    for (int i = 0; i < rounds; i++) {
        struct json_out j = json_out_of(&out);
        out_reset(&out);
        json_arr(&j);
        must(reader_query(reader, query, &j, &page, NULL), name);
    }
    double ms = (double)(mono_us() - from_us) / 1e3 / rounds;
    bar(name, ms, "ms", goal_ms, true);
    if (page.count == 0)
        must(ERR_NOT_FOUND, name);
    out_done(&out);
}

static void lists(const char *dir)
{
    struct scope all = {0};
    struct query first = {.view = VIEW_incident, .scope = &all};
    struct query open = first, area = first, search = first, log = first, incident = first;
    struct reader *reader;
    must(reader_open(dir, &reader, NULL), "reader");
    open.filter_count = area.filter_count = search.filter_count = incident.filter_count = 1;
    open.filters[0] = (struct query_filter){STR("stage"), QUERY_IS, STR("pending,open")};
    area.filters[0] = (struct query_filter){STR("type"), QUERY_IS, STR("type-7")};
    search.filters[0] = (struct query_filter){STR("q"), QUERY_SEARCH, STR("77 南京")};
    incident.filters[0] = (struct query_filter){STR("incident"), QUERY_IS, STR("incident-1-1500")};
    log.view = incident.view = VIEW_log;
    ask(reader, "list_newest_100_ms", &first, 50, 5);
    ask(reader, "list_open_100_ms", &open, 50, 20);
    ask(reader, "list_of_type_100_ms", &area, 50, 20);
    ask(reader, "list_search_ms", &search, 20, 100);
    ask(reader, "log_newest_100_ms", &log, 50, 10);
    ask(reader, "log_of_incident_ms", &incident, 50, 5);
    reader_close(reader);
}

static int unlink_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

static void group_commit(struct load *l)
{
    static const uint64_t in_flight[] = {1, 8, 64, 512};
    for (size_t i = 0; i < 4; i++) {
        uint64_t count = in_flight[i] == 1 ? 300 : 300 * in_flight[i];
        count = count > 40000 ? 40000 : count;
        int64_t from_us = mono_us();
        write_events(l, count, 1, in_flight[i]);
        double seconds = (double)(mono_us() - from_us) / 1e6;
        (void)printf("%3llu commands in flight: %.0f commands/s acknowledged\n",
                     (unsigned long long)in_flight[i], (double)count / seconds);
        if (in_flight[i] == 64)
            bar("store_commands_s", (double)count / seconds, "1/s", 2000, false);
    }
}

int main(int argc, char **argv)
{
    struct load l = {.lock = PTHREAD_MUTEX_INITIALIZER, .cond = PTHREAD_COND_INITIALIZER};
    uint64_t events = 1000000;
    char dir[] = "/var/tmp/anwang-bench-XXXXXX", copy[64];
    if (argc == 4 && strcmp(argv[1], "--start") == 0 && str_u64(str_of(argv[3]), &events) == OK)
        return start_only(argv[2], events);
    if (argc > 1 && str_u64(str_of(argv[1]), &events) != OK)
        return 2;
    if (!mkdtemp(dir))
        return 1;
    rand_seed(&l.rand, 1);
    raw_sync(dir);
    open_load(&l, dir);
    group_commit(&l);
    open_loop(&l);
    (void)printf("filling up to %llu events\n", (unsigned long long)events);
    (void)fflush(stdout);
    int64_t from_us = mono_us();
    uint64_t before = l.seq;
    write_events(&l, events > l.seq ? events - l.seq : 0, 100, 8);
    double seconds = (double)(mono_us() - from_us) / 1e6;
    if (l.seq > before)
        (void)printf("bulk: %.0f events/s with state, view, search and audit rows\n",
                     (double)(l.seq - before) / seconds);
    store_close(l.store);
    (void)fflush(stdout);
    char line[256];
    (void)snprintf(line, sizeof line, "%llu", (unsigned long long)l.seq);
    pid_t pid = fork();
    if (pid == 0) {
        (void)execl("/proc/self/exe", argv[0], "--start", dir, line, (char *)NULL);
        _exit(127);
    }
    int status = 1;
    (void)waitpid(pid, &status, 0);
    lists(dir);
    struct backup_report report;
    struct audit_report audit;
    (void)snprintf(copy, sizeof copy, "%s-copy", dir);
    from_us = mono_us();
    must(store_backup(dir, copy, NULL, NULL, &report, NULL), "backup");
    (void)printf("backup of %.0f MB, checked: %.1f s\n", (double)report.bytes / 1e6,
                 (double)(mono_us() - from_us) / 1e6);
    from_us = mono_us();
    must(audit_verify(dir, NULL, NULL, &audit), "verify");
    (void)printf("verify of %llu lines: %.1f s\n", (unsigned long long)audit.lines,
                 (double)(mono_us() - from_us) / 1e6);
    (void)nftw(dir, unlink_one, 16, FTW_DEPTH | FTW_PHYS);
    (void)nftw(copy, unlink_one, 16, FTW_DEPTH | FTW_PHYS);
    return status == 0 && audit.events == l.seq ? 0 : 1;
}
