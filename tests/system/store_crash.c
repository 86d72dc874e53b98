/* store_crash: the writer is killed at random moments under load; what it acknowledged must be
 * there, once and whole, and what it did not must be whole or absent. The client's journal is kept
 * by the parent, which survives. ANWANG_CRASHES sets the number of kills (40; 1,000 with
 * ANWANG_LONG). */
#include "base/digest.h"
#include "base/rand.h"
#include "store/audit.h"
#include "store/reader.h"
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define REALM 3
#define START_US 1763900000000000LL
#define IN_FLIGHT 64
#define MAX_ALIVE_US 120000

static int bad;
#define CHECK(condition, ...)                                                                      \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            bad++;                                                                                 \
            (void)printf("FAILED %s: ", #condition);                                               \
            (void)printf(__VA_ARGS__);                                                             \
            (void)printf("\n");                                                                    \
        }                                                                                          \
    } while (0)

/* ---- the child: number n of everything is seq n ---- */

struct child {
    struct store *store;
    int journal;
    uint64_t sent, acked;
    pthread_mutex_t lock;
    pthread_cond_t cond;
    bool is_awake;
};

static void address_of(uint64_t n, char buf[40])
{
    (void)snprintf(buf, 40, "%llu/%llx", (unsigned long long)n,
                   (unsigned long long)digest_u64(&n, sizeof n));
}

static void fill_batch(struct store_batch *batch, uint64_t n)
{
    char text[40];
    uint8_t hash[STORE_REQUEST_HASH_BYTES];
    address_of(n, text);
    struct incident_create create = {
        .type = STR("noise"), .source = SOURCE_PHONE, .address = str_of(text)};
    SET_HAS(incident_create, &create, type);
    SET_HAS(incident_create, &create, source);
    SET_HAS(incident_create, &create, address);
    struct incident_object object = {.stage = INCIDENT_PENDING, .type = "noise"};
    SET_HAS(incident_object, &object, stage);
    SET_HAS(incident_object, &object, type);
    SET_HAS(incident_object, &object, address);
    (void)str_copy(str_of(text), object.address, sizeof object.address);
    struct event event = {.realm = REALM,
                          .seq = n,
                          .kind = EVENT_incident_received,
                          .version = 1,
                          .object = (uint32_t)n,
                          .role = ROLE_OPERATOR,
                          .at_us = START_US,
                          .at_source = CLOCK_DESK,
                          .recorded_us = START_US + (int64_t)n,
                          .data_class = DATA_DUTY,
                          .fields = &create};
    struct out row;
    out_init(&row, 4096);
    record_write(&record_incident_object, &object, RECORD_STORED, &row);
    struct store_row state = {OBJECT_incident, (uint32_t)n, n, n % 64 == 0, out_view(&row)};
    struct store_lookup lookup = {.actor = {1},
                                  .role = ROLE_OPERATOR,
                                  .kind = OBJECT_incident,
                                  .number = (uint32_t)n,
                                  .what = STR("incident:personal")};
    digest_of(&n, sizeof n, hash);
    store_batch_event(batch, &event);
    store_batch_state(batch, &state);
    store_batch_payload(batch, n, DATA_PERSONAL, 0, str_of(text));
    store_batch_key(batch, 1, str_of(text), hash, str_of(text));
    (void)store_batch_outbox(batch, STR("order:unit-3-1"), str_of(text));
    store_batch_lookup(batch, &lookup);
    out_done(&row);
}

static void on_done(void *ctx, void *token, enum err err)
{
    struct child *c = ctx;
    char line[40];
    if (err)
        _exit(3);
    int n = snprintf(line, sizeof line, "A %llu\n", (unsigned long long)(uintptr_t)token);
    if (write(c->journal, line, (size_t)n) != n)
        _exit(4);
    c->acked++;
}

static void on_wake(void *ctx)
{
    struct child *c = ctx;
    (void)pthread_mutex_lock(&c->lock);
    c->is_awake = true;
    (void)pthread_cond_signal(&c->cond);
    (void)pthread_mutex_unlock(&c->lock);
}

static void wait_awake(struct child *c)
{
    (void)pthread_mutex_lock(&c->lock);
    while (!c->is_awake)
        (void)pthread_cond_wait(&c->cond, &c->lock);
    c->is_awake = false;
    (void)pthread_mutex_unlock(&c->lock);
}

static void run_child(const char *dir, int journal, uint64_t seed)
{
    struct child c = {
        .journal = journal, .lock = PTHREAD_MUTEX_INITIALIZER, .cond = PTHREAD_COND_INITIALIZER};
    struct store_options options = {
        .realm = REALM, .now_us = START_US, .wake = on_wake, .wake_ctx = &c};
    struct store_ends ends;
    struct rand rand;
    rand_seed(&rand, seed);
    if (store_open(dir, &options, &c.store, NULL) != OK || store_ends(c.store, &ends) != OK)
        _exit(2);
    for (uint64_t n = ends.last_seq + 1;; n++) {
        struct store_batch *batch = store_batch_new(c.store, START_US + (int64_t)n);
        fill_batch(batch, n);
        if (store_submit(c.store, batch, (void *)(uintptr_t)n) != OK)
            _exit(5);
        c.sent++;
        /* now and then few in flight, so that commits are small; now and then many */
        while (c.sent - c.acked >= (n / 256 % 2 ? IN_FLIGHT : 2)) {
            wait_awake(&c);
            store_drain(c.store, on_done, &c);
        }
    }
}

/* ---- the parent ---- */

struct journal {
    uint64_t acked;       /* highest number that was acknowledged */
    uint64_t acked_count; /* of this life */
    char part[64];
    size_t part_len;
};

static void read_journal(struct journal *j, const char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] != '\n') {
            j->part[j->part_len++ % sizeof j->part] = bytes[i];
            continue;
        }
        uint64_t n = 0;
        CHECK(str_u64((struct str){j->part + 2, j->part_len - 2}, &n) == OK, "journal line");
        CHECK(n == j->acked + 1, "acknowledged %llu after %llu", (unsigned long long)n,
              (unsigned long long)j->acked);
        j->acked = n;
        j->acked_count++;
        j->part_len = 0;
    }
}

static void live_and_die(const char *dir, struct journal *j, struct rand *rand)
{
    int ends[2];
    char bytes[4096];
    ssize_t count;
    if (pipe2(ends, O_CLOEXEC) != 0)
        abort();
    uint64_t seed = rand_u32(rand);
    pid_t pid = fork();
    if (pid == 0) {
        (void)close(ends[0]);
        run_child(dir, ends[1], seed);
    }
    (void)close(ends[1]);
    struct pollfd poll_fd = {ends[0], POLLIN, 0};
    (void)poll(&poll_fd, 1, 5000); /* the first acknowledgement: it is at work */
    int64_t until_us = rand_below(rand, MAX_ALIVE_US);
    struct timespec begin, now;
    (void)clock_gettime(CLOCK_MONOTONIC, &begin);
    do {
        if (poll(&poll_fd, 1, 1) > 0 && (count = read(ends[0], bytes, sizeof bytes)) > 0)
            read_journal(j, bytes, (size_t)count);
        (void)clock_gettime(CLOCK_MONOTONIC, &now);
    } while ((now.tv_sec - begin.tv_sec) * 1000000 + (now.tv_nsec - begin.tv_nsec) / 1000 <
             until_us);
    (void)kill(pid, SIGKILL);
    while ((count = read(ends[0], bytes, sizeof bytes)) > 0)
        read_journal(j, bytes, (size_t)count);
    int status;
    (void)waitpid(pid, &status, 0);
    CHECK(WIFSIGNALED(status), "the writer ended by itself with %d", WEXITSTATUS(status));
    j->part_len = 0;
    (void)close(ends[0]);
}

struct checking {
    struct store *store;
    uint64_t next;
};

/* Everything of number n is there, as one. */
static void check_whole(struct store *store, uint64_t n)
{
    char text[40];
    uint8_t hash[STORE_REQUEST_HASH_BYTES];
    struct arena arena;
    struct out out;
    struct store_row row;
    struct incident_object object = {0};
    address_of(n, text);
    digest_of(&n, sizeof n, hash);
    arena_init(&arena, 1u << 16);
    out_init(&out, 4096);
    CHECK(store_row(store, OBJECT_incident, (uint32_t)n, &arena, &row) == OK, "row %llu",
          (unsigned long long)n);
    CHECK(record_read(&record_incident_object, row.bytes, &object) == OK && row.seq == n &&
              strcmp(object.address, text) == 0,
          "row %llu differs", (unsigned long long)n);
    CHECK(store_payload(store, n, &out) == OK && str_eq_c(out_view(&out), text), "payload");
    out_reset(&out);
    CHECK(store_find_key(store, 1, str_of(text), hash, START_US, &out) == OK &&
              str_eq_c(out_view(&out), text),
          "key");
    arena_done(&arena);
    out_done(&out);
}

static enum err check_event(void *ctx, const struct event *event)
{
    struct checking *c = ctx;
    char text[40];
    address_of(event->seq, text);
    CHECK(event->seq == c->next, "a hole or a double at %llu", (unsigned long long)c->next);
    CHECK(event->object == event->seq, "event %llu", (unsigned long long)event->seq);
    CHECK(str_eq_c(((const struct incident_create *)event->fields)->address, text), "body");
    check_whole(c->store, event->seq);
    c->next++;
    return OK;
}

static enum err check_outbox(void *ctx, const struct store_outbox *row)
{
    struct checking *c = ctx;
    char text[40];
    address_of(c->next, text);
    CHECK(row->id == c->next && str_eq_c(row->bytes, text), "outbox %llu",
          (unsigned long long)row->id);
    c->next++;
    return OK;
}

static void check_views(const char *dir, uint64_t last)
{
    struct reader *reader = NULL;
    struct scope everything = {0};
    struct query query = {.view = VIEW_incident, .scope = &everything};
    uint64_t count = 0;
    CHECK(reader_open(dir, &reader, NULL) == OK, "reader");
    CHECK(reader_count(reader, &query, &count, NULL) == OK && count == last,
          "%llu view rows of %llu", (unsigned long long)count, (unsigned long long)last);
    reader_close(reader);
}

/* What was checked before is checked again only by the chain, which covers every event. */
static uint64_t check_store(const char *dir, const struct journal *j, uint64_t checked)
{
    struct store_options options = {.realm = REALM, .is_sync = true, .now_us = START_US};
    struct store *store = NULL;
    struct store_ends ends = {0};
    struct fault fault = {0};
    struct audit_report audit;
    CHECK(store_open(dir, &options, &store, &fault) == OK, "%s", fault.text);
    if (!store)
        exit(1);
    CHECK(store_ends(store, &ends) == OK, "ends");
    CHECK(ends.last_seq >= j->acked, "%llu acknowledged, %llu there", (unsigned long long)j->acked,
          (unsigned long long)ends.last_seq);
    struct checking c = {store, checked + 1};
    struct store_events which = {.from_seq = checked + 1};
    CHECK(store_each_event(store, &which, check_event, &c) == OK, "events");
    CHECK(c.next == ends.last_seq + 1, "events end at %llu", (unsigned long long)c.next);
    c.next = checked + 1;
    CHECK(store_each_outbox(store, checked, UINT32_MAX, check_outbox, &c) == OK, "outbox");
    CHECK(c.next == ends.last_seq + 1, "outbox ends at %llu", (unsigned long long)c.next);
    CHECK(ends.last_payload == ends.last_seq, "payloads");
    store_close(store);
    check_views(dir, ends.last_seq);
    CHECK(audit_verify(dir, NULL, NULL, &audit) == OK, "audit: %s", audit.reason);
    CHECK(audit.lines == 2 * ends.last_seq && audit.lookups == ends.last_seq, "audit lines");
    return ends.last_seq;
}

static int unlink_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

int main(void)
{
    char dir[] = "/tmp/anwang-crash-XXXXXX";
    const char *wanted = getenv("ANWANG_CRASHES"), *is_long = getenv("ANWANG_LONG");
    uint32_t cycles = is_long && is_long[0] ? 1000 : 40;
    struct journal journal = {0};
    struct rand rand;
    uint64_t checked = 0, acked = 0, unacked = 0;
    if (wanted)
        (void)str_u32(str_of(wanted), &cycles);
    if (!mkdtemp(dir))
        abort();
    rand_seed(&rand, 20261123);
    for (uint32_t i = 0; i < cycles && bad == 0; i++) {
        journal.acked = checked;
        journal.acked_count = 0;
        live_and_die(dir, &journal, &rand);
        uint64_t last = check_store(dir, &journal, checked);
        acked += journal.acked_count;
        unacked += last - journal.acked;
        checked = last;
    }
    (void)nftw(dir, unlink_one, 16, FTW_DEPTH | FTW_PHYS);
    (void)printf("%u kills, %llu acknowledged, 0 lost or doubled wanted, %llu committed before "
                 "their answer could leave\n",
                 cycles, (unsigned long long)acked, (unsigned long long)unacked);
    CHECK(acked > cycles, "the load was too thin to show anything");
    (void)printf("%u passed, %d failed\n", bad ? 0 : 1, bad);
    return bad != 0;
}
