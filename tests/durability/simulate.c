/* simulate [--bars] [FIRST [COUNT]]: the real core, desk and store in one process without a thread,
 * under a seeded clock, network and disk that lose, repeat, swap, delay, fail, fill up, tear and
 * die.
 *
 * One seed is one history: the same seed gives the same events, byte for byte; a seed that fails is
 * run again with `simulate SEED 1`. After every step the desk's invariants are checked, after every
 * end of the server all rules of client.h. Ends in a quiet time in which all must settle.
 *
 * Once a seed has shown a bug the bug gets a test of its own, since a new verb changes what a seed
 * does: docs/durability.md lists them. 1,000 seeds, 10,000 with ANWANG_LONG.
 *
 * Controls, without which the rest shows nothing: with synchronous = NORMAL, with syncs that are
 * not done, and with forgotten request keys some seed must be reported. */
#include "client.h"
#include "disk.h"
#include "folder.h"

#include <assert.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#define SEEDS 1000
#define SEEDS_LONG 10000
#define STEPS 90
#define CONTROL_SEEDS 40
#define TWICE_EVERY 25 /* seeds that are run twice and compared */
#define MAX_WIRE 256

enum plant { PLANT_NONE, PLANT_NORMAL, PLANT_LIE, PLANT_KEYS, PLANT_COUNT };
static const char *const plant_names[PLANT_COUNT] = {
    "", "synchronous = NORMAL", "syncs that are not done", "keys forgotten at a restart"};

struct wire { /* what is under way, either way */
    enum core_channel channel;
    enum frame_type type;
    uint64_t correlation;
    char *body;
    size_t len;
    bool is_to_core;
};

struct world {
    struct rand rand;
    struct client *client;
    struct host *host;
    struct host_plan plan;
    int64_t now_us, from_us;
    struct wire wires[MAX_WIRE];
    uint32_t wire_count;
    enum plant plant;
    uint32_t deaths, cuts, lost_writes, kept;
    int64_t virtual_us;
};

/* ---- the network ---- */

static void wire_put(struct world *w, bool is_to_core, enum core_channel channel,
                     enum frame_type type, uint64_t correlation, struct str body)
{
    if (w->wire_count == MAX_WIRE)
        return; /* a full queue loses, as a closed connection does */
    char *copy = malloc(body.len + 1);
    assert(copy);
    if (body.len > 0)
        memcpy(copy, body.p, body.len);
    w->wires[w->wire_count++] =
        (struct wire){channel, type, correlation, copy, body.len, is_to_core};
}

static void said(void *ctx, enum core_channel channel, enum frame_type type, uint64_t correlation,
                 struct str body)
{
    wire_put(ctx, false, channel, type, correlation, body);
}

static void wires_cut(struct world *w)
{
    while (w->wire_count > 0)
        free(w->wires[--w->wire_count].body);
}

static void arrive(struct world *w, const struct wire *wire)
{
    const struct str body = {wire->body, wire->len};
    struct message more;
    if (wire->is_to_core)
        host_hear(w->host, wire->channel, wire->type, wire->correlation, body, w->now_us);
    else if (client_heard(w->client, wire->channel, wire->type, wire->correlation, body, &more))
        wire_put(w, true, more.channel, more.type, more.correlation,
                 (struct str){more.body, more.body_len});
}

/* Replies and orders come in their order from a channel, or the connection is cut; requests of
 * different senders overtake each other. One in thirty is lost with its connection, or comes twice.
 */
static void network_turn(struct world *w)
{
    if (w->wire_count == 0)
        return;
    const uint32_t at = rand_below(&w->rand, w->wire_count);
    const struct wire wire = w->wires[at];
    const uint32_t dice = rand_below(&w->rand, 30);
    const bool can_repeat = wire.is_to_core && wire.type == FRAME_command;
    memmove(&w->wires[at], &w->wires[at + 1], (w->wire_count - at - 1) * sizeof wire);
    w->wire_count--;
    if (dice > 0 || wire.type == FRAME_deliver || wire.type == FRAME_delivered)
        arrive(w, &wire);
    if (dice == 1 && can_repeat)
        arrive(w, &wire);
    free(wire.body);
}

/* ---- the machine ---- */

static void start(struct world *w)
{
    struct fault fault = {0};
    w->host = host_start(&w->plan, w->now_us, &fault);
    if (w->host)
        host_hello(w->host);
}

static void forget_keys(const char *dir)
{
    char path[480];
    sqlite3 *db;
    (void)snprintf(path, sizeof path, "%s/store/anwang.db", dir);
    if (sqlite3_open(path, &db) == SQLITE_OK)
        (void)sqlite3_exec(db, "DELETE FROM request_key", NULL, NULL, NULL);
    (void)sqlite3_close(db);
}

/* The server is gone; its disk lost its power too, or not. Then all is looked at. */
static bool end_and_check(struct world *w, bool is_cut)
{
    host_stop(w->host);
    w->host = NULL;
    wires_cut(w);
    w->deaths++;
    w->cuts += is_cut;
    if (is_cut) {
        w->lost_writes += disk_power_cut(&w->rand);
        folder_forget_index(w->plan.dir);
    } else {
        disk_process_death();
    }
    if (w->plant == PLANT_KEYS)
        forget_keys(w->plan.dir);
    const struct host_plan sound = w->plan;
    if (client_check(w->client, &sound, w->now_us))
        return false;
    disk_process_death(); /* what the check wrote stays */
    if (w->plant == PLANT_LIE)
        disk_fault_at(DISK_LIE, 1, NULL);
    start(w);
    return w->host != NULL;
}

static void break_something(struct world *w)
{
    static const enum disk_fault faults[] = {DISK_STOP_BEFORE, DISK_STOP_AFTER, DISK_FAIL,
                                             DISK_FULL,        DISK_SHORT,      DISK_SYNC_FAIL};
    if (w->plant != PLANT_LIE)
        disk_fault_at(faults[rand_below(&w->rand, sizeof faults / sizeof faults[0])],
                      1 + rand_below(&w->rand, 40), NULL);
}

/* Mostly seconds; sometimes an hour, seldom a day either way; now and then it stands still. */
static void clock_turn(struct world *w)
{
    const uint32_t dice = rand_below(&w->rand, 100);
    const int64_t before_us = w->now_us;
    if (dice < 80)
        w->now_us += (int64_t)rand_below(&w->rand, 90) * US_PER_S;
    else if (dice < 96)
        w->now_us += (int64_t)rand_below(&w->rand, 3600) * US_PER_S;
    else if (dice < 98)
        w->now_us -= US_PER_HOUR;
    else if (dice == 98 && w->now_us < w->from_us + 2 * US_PER_DAY)
        w->now_us += US_PER_DAY;
    if (w->now_us > before_us)
        w->virtual_us += w->now_us - before_us;
    host_turn(w->host, w->now_us);
}

static bool step(struct world *w)
{
    const uint32_t dice = rand_below(&w->rand, 100);
    struct message message;
    struct object_ref where;
    if (dice < 40 && client_next(w->client, w->now_us, &message))
        wire_put(w, true, message.channel, message.type, message.correlation,
                 (struct str){message.body, message.body_len});
    else if (dice < 90)
        network_turn(w);
    else if (dice < 98)
        clock_turn(w);
    else if (dice == 98)
        break_something(w);
    if (dice == 99 || host_is_dead(w->host) || disk_has_struck())
        if (w->plant != PLANT_LIE || dice == 99)
            return end_and_check(w, rand_below(&w->rand, 2) == 0);
    const char *broken = desk_check(host_desk(w->host), &where);
    if (broken)
        (void)snprintf(w->client->reason, sizeof w->client->reason, "invariant %s of %s %u", broken,
                       object_kind_name(where.kind), where.number);
    return broken == NULL;
}

/* ---- one seed ---- */

static const char *city; /* the folder that each history begins with */

static bool run_seed(uint64_t seed, enum plant plant, struct world *w, uint64_t *ret_digest)
{
    char dir[FOLDER_CAP];
    *w = (struct world){.now_us = HOST_START_US + US_PER_HOUR, .plant = plant};
    w->from_us = w->now_us;
    rand_seed(&w->rand, seed);
    folder_make(dir);
    folder_copy(city, dir);
    disk_start();
    disk_weaken(plant == PLANT_NORMAL);
    if (plant == PLANT_LIE)
        disk_fault_at(DISK_LIE, 1, NULL);
    w->plan = (struct host_plan){
        .vfs = DISK_VFS, .io = &disk_io, .is_sync = true, .said = said, .ctx = w};
    (void)snprintf(w->plan.dir, sizeof w->plan.dir, "%s", dir);
    w->client = client_new(seed);
    start(w);
    bool is_good = w->host != NULL;
    for (int i = 0; i < STEPS * 4 && is_good; i++)
        is_good = step(w);
    if (is_good) { /* the quiet end: what is under way arrives, nothing breaks any more */
        disk_fault_at(DISK_SOUND, 0, NULL);
        is_good = end_and_check(w, plant != PLANT_NONE);
    }
    host_stop(w->host);
    wires_cut(w);
    disk_process_death();
    w->kept = w->client->kept;
    if (is_good && ret_digest)
        *ret_digest = client_digest(dir);
    if (!is_good && plant == PLANT_NONE)
        (void)printf("seed %llu: %s\n", (unsigned long long)seed,
                     w->client->reason[0] ? w->client->reason : "the server did not start again");
    client_free(w->client);
    folder_remove(dir);
    return is_good;
}

/* ---- all ---- */

struct sums {
    uint64_t failed, deaths, cuts, lost_writes, kept, virtual_h, differing;
};

static void add(struct sums *sums, const struct world *w)
{
    sums->deaths += w->deaths;
    sums->cuts += w->cuts;
    sums->lost_writes += w->lost_writes;
    sums->kept += w->kept;
    sums->virtual_h += (uint64_t)(w->virtual_us / US_PER_HOUR);
}

/* Seeds first + worker, + 2 * worker ...: two processes on two cores. */
static struct sums run_share(uint64_t first, uint64_t count, uint64_t worker, uint64_t workers)
{
    struct sums sums = {0};
    for (uint64_t i = worker; i < count; i += workers) {
        struct world w;
        uint64_t digest = 0, again = 0;
        if (!run_seed(first + i, PLANT_NONE, &w, &digest))
            sums.failed++;
        else if (i % TWICE_EVERY == 0 &&
                 (!run_seed(first + i, PLANT_NONE, &w, &again) || again != digest))
            sums.differing++;
        add(&sums, &w);
    }
    return sums;
}

static struct sums run_all(uint64_t first, uint64_t count)
{
    const uint64_t workers = count > 1 ? (uint64_t)sysconf(_SC_NPROCESSORS_ONLN) : 1;
    struct sums all = {0};
    int ends[2];
    if (workers == 1)
        return run_share(first, count, 0, 1);
    if (pipe(ends) != 0)
        abort();
    (void)fflush(stdout);
    for (uint64_t i = 0; i < workers; i++) {
        if (fork() == 0) {
            const struct sums sums = run_share(first, count, i, workers);
            (void)fflush(stdout);
            _exit(write(ends[1], &sums, sizeof sums) == (ssize_t)sizeof sums ? 0 : 1);
        }
    }
    (void)close(ends[1]);
    struct sums one;
    uint64_t heard = 0;
    while (read(ends[0], &one, sizeof one) == (ssize_t)sizeof one) {
        const uint64_t *from = (const uint64_t *)&one;
        for (size_t k = 0; k < sizeof one / sizeof *from; k++)
            ((uint64_t *)&all)[k] += from[k];
        heard++;
    }
    (void)close(ends[0]);
    while (wait(NULL) > 0)
        continue;
    if (heard < workers) {
        (void)printf("%llu of %llu workers ended early\n", (unsigned long long)(workers - heard),
                     (unsigned long long)workers);
        all.failed++;
    }
    return all;
}

/* True: the fault was found, with some seed. */
static bool is_found(enum plant plant)
{
    for (uint64_t seed = 1; seed <= CONTROL_SEEDS; seed++) {
        struct world w;
        if (!run_seed(seed, plant, &w, NULL)) {
            (void)printf("control: %s is found, with seed %llu\n", plant_names[plant],
                         (unsigned long long)seed);
            return true;
        }
    }
    (void)printf("control: %s is NOT found\n", plant_names[plant]);
    return false;
}

static void bar(const char *name, uint64_t value, const char *unit, const char *goal, bool is_good)
{
    (void)printf("BAR %s %llu %s %s %s\n", name, (unsigned long long)value, unit, goal,
                 is_good ? "ok" : "short");
}

static void say(const struct sums *sums, uint64_t count)
{
    (void)printf("%llu seeds: %llu broken, %llu not the same twice; %llu acknowledged writes, "
                 "%llu ends of the server (%llu by power cut, %llu writes lost or torn), %llu h of "
                 "virtual time\n",
                 (unsigned long long)count, (unsigned long long)sums->failed,
                 (unsigned long long)sums->differing, (unsigned long long)sums->kept,
                 (unsigned long long)sums->deaths, (unsigned long long)sums->cuts,
                 (unsigned long long)sums->lost_writes, (unsigned long long)sums->virtual_h);
}

int main(int argc, char **argv)
{
    const char *is_long = getenv("ANWANG_LONG");
    uint64_t first = 1, count = is_long && is_long[0] ? SEEDS_LONG : SEEDS, found = 0;
    const bool has_bars = argc > 1 && strcmp(argv[1], "--bars") == 0;
    const int at = has_bars ? 2 : 1;
    char dir[FOLDER_CAP];
    if ((argc > at && str_u64(str_of(argv[at]), &first) != OK) ||
        (argc > at + 1 && str_u64(str_of(argv[at + 1]), &count) != OK)) {
        (void)fprintf(stderr, "usage: simulate [--bars] [FIRST [COUNT]]\n");
        return 2;
    }
    folder_make(dir);
    host_city(dir);
    city = dir;
    folder_quiet();
    const struct sums sums = run_all(first, count);
    const uint64_t bad = sums.failed + sums.differing;
    const uint64_t plants = count > 1 ? PLANT_COUNT - 1 : 0;
    say(&sums, count);
    for (int plant = PLANT_NONE + 1; plant < PLANT_COUNT && plants > 0; plant++)
        found += is_found((enum plant)plant);
    folder_remove(dir);
    if (has_bars) {
        bar("trust.seeds", count, "seeds", ">=1000", count >= 1000);
        bar("trust.seed_breaks", bad, "seeds", "<=0", bad == 0);
        bar("trust.planted_found", found, "faults", ">=3", found == plants);
    }
    const unsigned long long passed = found + (bad == 0), failed = plants - found + (bad > 0);
    (void)printf("%llu passed, %llu failed\n", passed, failed);
    return bad == 0 && found == plants ? 0 : 1;
}
