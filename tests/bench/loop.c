/* loop.c - ./bench loop: the bars of the loop, against the release program as ./run starts it.
 *
 * writes   open loop at a fixed rate from machine sessions, with 1,000 push subscribers; latency
 *          counts from the scheduled time, the raw disk stands beside it
 * kill     kill -9 of core at random moments under load; every acknowledged write is looked for
 * ask      recommendation over all units
 * start    ready with 1,000,000 events (tests/bench/fill.c makes them)
 * replay   the whole shared log at 6,000x through `anwang replay`
 * usable   from opening the console's address until a call can be taken
 * Arguments name the parts to run; none = all. */
#include "loop.h"
#include "base/json.h"
#include "base/rand.h"
#include "loop_audience.h"
#include "rig.h"

#include <assert.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#define RATE 520 /* writes a second; the bar is 500 acknowledged */
#define SECONDS 20
#define SUBSCRIBERS 1000
#define MAX_WRITES (RATE * SECONDS)
#define KILLS 200
#define KILL_RATE 200
#define SESSIONS 64 /* the push limit is by session: sixteen streams each */
#define WRITERS 8   /* connections that write */

struct write_slot {
    int64_t due_us, acked_us;
    uint64_t seq;
    int status;
    bool is_replayed;
};

struct load {
    struct rig *rig;
    struct http_client *clients[SESSIONS];
    char tokens[SESSIONS][RIG_TOKEN_CAP];
    char id[48]; /* an open incident that notes go to */
    struct write_slot *slots;
    uint32_t sent, answered, ok;
    uint64_t first_seq;
    uint32_t run; /* tells keys of different runs apart */
};

struct kept {
    uint32_t lost, incidents, notes;
};

static const char first_incident[] =
    "{\"type\":\"medical_incident\",\"source\":\"phone\",\"is_exercise\":true,"
    "\"chosen\":{\"lat\":37.7749,\"lon\":-122.4194}}";

struct shot {
    struct load *load;
    uint32_t slot;
};

static uint64_t seq_of(struct str body, bool *ret_is_replayed)
{
    struct json root;
    uint64_t seq = 0;
    if (json_read(body, &root, NULL) == OK) {
        seq = (uint64_t)json_int(json_get(root, "seq"));
        *ret_is_replayed = json_is_true(json_get(root, "replayed"));
        json_free(root);
    }
    return seq;
}

static void write_answered(void *ctx, const struct http_client_answer *answer)
{
    struct shot *shot = ctx;
    struct load *load = shot->load;
    struct write_slot *slot = &load->slots[shot->slot];
    slot->status = answer->status;
    load->answered++;
    if (answer->status == 200 || answer->status == 201) {
        slot->acked_us = net_mono_us();
        slot->seq = seq_of(answer->body, &slot->is_replayed);
        load->ok++;
    }
    free(shot);
}

/* One new incident in four, notes for the rest: what a desk writes. */
static void send_write(struct load *load, uint32_t number)
{
    char bearer[RIG_TOKEN_CAP + 16], key[64], target[96], body[400];
    struct shot *shot = calloc(1, sizeof *shot);
    assert(shot);
    *shot = (struct shot){load, number};
    const uint32_t session = number % WRITERS;
    (void)snprintf(bearer, sizeof bearer, "Bearer %s", load->tokens[session]);
    (void)snprintf(key, sizeof key, "bench-%u-%u", load->run, number);
    if (number % 4 == 0) {
        (void)snprintf(target, sizeof target, "/api/v1/incidents");
        (void)snprintf(body, sizeof body,
                       "{\"type\":\"medical_incident\",\"source\":\"phone\",\"is_exercise\":true,"
                       "\"words\":\"bench %u %u\",\"external_ref\":\"b%u-%u\","
                       "\"chosen\":{\"lat\":37.77%02u,\"lon\":-122.42%02u}}",
                       load->run, number, load->run, number, number % 97, number % 89);
    } else {
        (void)snprintf(target, sizeof target, "/api/v1/incidents/%s/note", load->id);
        (void)snprintf(body, sizeof body, "{\"text\":\"bench %u %u\"}", load->run, number);
    }
    const struct http_field fields[] = {{STR("Authorization"), str_of(bearer)},
                                        {STR("Idempotency-Key"), str_of(key)},
                                        {STR("Content-Type"), STR("application/json")}};
    const struct http_client_request request = {HTTP_METHOD_POST, str_of(target), fields, 3,
                                                str_of(body)};
    if (http_client_send(load->clients[session], &request, write_answered, shot) != OK) {
        load->answered++;
        free(shot);
    }
}

static void open_sessions(struct load *load, int count)
{
    /* an account has at most 16 sessions; the writers' are of the first one */
    static const char *const accounts[] = {"replay", "operator", "operator2", "commander"};
    struct out body;
    for (int i = 0; i < count; i++) {
        load->clients[i] = rig_client(load->rig);
        /* log-ins are limited by source: wait and try again */
        for (int turn = 0;
             !rig_login(load->rig, load->clients[i], accounts[i / 16], load->tokens[i]); turn++) {
            if (turn == 60) {
                (void)fprintf(stderr, "log-in failed\n");
                exit(1);
            }
            loop_turn(load->rig->loop, 1000);
        }
    }
    out_init(&body, 1 << 20);
    int status = rig_call(load->rig, load->clients[0], HTTP_METHOD_POST, "/api/v1/incidents",
                          load->tokens[0], "bench-first", str_of(first_incident), &body);
    struct json root;
    if (status / 100 != 2 || json_read(out_view(&body), &root, NULL) != OK) {
        (void)fprintf(stderr, "first incident: %d " STR_FMT "\n", status, STR_ARG(out_view(&body)));
        exit(1);
    }
    (void)str_copy(json_text(json_get(root, "id")), load->id, sizeof load->id);
    load->first_seq = (uint64_t)json_int(json_get(root, "seq")) + 1;
    json_free(root);
    out_done(&body);
}

static void load_done(struct load *load)
{
    for (int i = 0; i < SESSIONS; i++)
        http_client_free(load->clients[i]);
    free(load->slots);
}

/* ---- the disk without us ---- */

static void raw_disk(void)
{
    static uint8_t page[4096];
    double ms[500];
    int fd = open("var/bench/raw.bin", O_CREAT | O_RDWR | O_TRUNC | O_CLOEXEC, 0600);
    for (int i = 0; i < 500 && fd >= 0; i++) {
        const int64_t from_us = net_mono_us();
        if (write(fd, page, sizeof page) != (ssize_t)sizeof page || fdatasync(fd) != 0)
            break;
        ms[i] = (double)(net_mono_us() - from_us) / 1e3;
    }
    if (fd >= 0)
        (void)close(fd);
    (void)printf("# raw fdatasync of 4 KiB: p50 %.2f ms, p99 %.2f ms\n",
                 rig_percentile(ms, 500, 0.5), rig_percentile(ms, 500, 0.99));
}

/* ---- parts ---- */

static void run_writes(struct load *load, uint32_t rate, uint32_t count)
{
    const int64_t start_us = net_mono_us() + 100000;
    while (load->answered < count) {
        const int64_t now_us = net_mono_us();
        while (load->sent < count && start_us + load->sent * 1000000LL / rate <= now_us) {
            load->slots[load->sent].due_us = start_us + load->sent * 1000000LL / rate;
            send_write(load, load->sent++);
        }
        loop_turn(load->rig->loop, 1);
        if (now_us - start_us > (SECONDS + 40) * 1000000LL)
            break;
    }
}

static void report_writes(const struct load *load, uint32_t count, const struct audience *audience)
{
    const uint32_t subscribers = SUBSCRIBERS - audience_lost(audience);
    double *latency = calloc(count, sizeof *latency), *push = calloc(count, sizeof *push);
    size_t acked = 0, pushed = 0;
    int64_t first_us = INT64_MAX, last_us = 0;
    assert(latency && push);
    for (uint32_t i = 0; i < count; i++) {
        const struct write_slot *slot = &load->slots[i];
        if (!slot->acked_us)
            continue;
        latency[acked++] = (double)(slot->acked_us - slot->due_us) / 1e3;
        first_us = slot->due_us < first_us ? slot->due_us : first_us;
        last_us = slot->acked_us > last_us ? slot->acked_us : last_us;
        const struct audience_heard heard = audience_heard(audience, slot->seq);
        if (heard.count >= subscribers)
            push[pushed++] = (double)(heard.last_us - slot->acked_us) / 1e3;
    }
    (void)printf("# %zu of %u writes acknowledged, %zu seen by all %u subscribers\n", acked, count,
                 pushed, subscribers);
    (void)rig_bar("loop.writes", (double)acked * 1e6 / (double)(last_us - first_us), "1/s", 500,
                  true);
    (void)printf("# write latency p50 %.1f ms\n", rig_percentile(latency, acked, 0.5));
    (void)rig_bar("loop.write_p99", rig_percentile(latency, acked, 0.99), "ms", 50, false);
    (void)rig_bar("loop.push_subscribers", subscribers, "streams", SUBSCRIBERS, true);
    (void)rig_bar("loop.push_complete", acked ? 100.0 * (double)pushed / (double)acked : 0, "%",
                  100, true);
    (void)printf("# push to the last subscriber p50 %.1f ms\n", rig_percentile(push, pushed, 0.5));
    (void)rig_bar("loop.push_p99", pushed ? rig_percentile(push, pushed, 0.99) : 1e9, "ms", 250,
                  false);
    free(latency);
    free(push);
}

static void new_load(struct load *load, struct rig *rig, uint32_t run)
{
    *load = (struct load){.rig = rig, .run = run};
    load->slots = calloc(MAX_WRITES, sizeof *load->slots);
    assert(load->slots);
}

static void part_writes(void)
{
    struct rig rig;
    struct load load;
    rig_make(&rig, "writes");
    (void)printf("# ready in %.2f s\n", rig_start(&rig));
    raw_disk();
    new_load(&load, &rig, 1);
    open_sessions(&load, SESSIONS);
    const struct audience_plan plan = {.rig = &rig,
                                       .tokens = load.tokens,
                                       .token_count = SESSIONS,
                                       .subscriber_count = SUBSCRIBERS,
                                       .first_seq = load.first_seq,
                                       .seq_cap = MAX_WRITES * 3};
    struct audience *audience = audience_open(&plan);
    run_writes(&load, RATE, MAX_WRITES);
    const int64_t until_us = net_mono_us() + 3000000;
    while (net_mono_us() < until_us)
        loop_turn(rig.loop, 50);
    audience_end(audience);
    report_writes(&load, MAX_WRITES, audience);
    (void)printf("# server memory %.0f MiB\n", rig_memory_mib(&rig));
    audience_free(audience);
    load_done(&load);
    rig_done(&rig);
}

/* Sends what has no final answer yet and waits; true when some still have none. */
static bool send_again(struct load *load, uint32_t count)
{
    const uint32_t before = load->answered;
    uint32_t sent = 0;
    bool is_open = false;
    for (uint32_t i = 0; i < count; i++) {
        if (load->slots[i].status != 503 && load->slots[i].status != 0)
            continue;
        send_write(load, i);
        sent++;
    }
    const int64_t until_us = net_mono_us() + 10000000;
    while (load->answered < before + sent && net_mono_us() < until_us)
        loop_turn(load->rig->loop, 5);
    for (uint32_t i = 0; i < count; i++)
        is_open = is_open || load->slots[i].status == 503 || load->slots[i].status == 0;
    return is_open;
}

/* Every request goes again with its key. What was acknowledged must be known (else it is lost);
 * what was not is now made for the first time or was committed and is known: once in either case,
 * which count_all checks at the end. */
static void check_kept(struct load *load, uint32_t count, struct kept *io_kept)
{
    assert(count > 0);
    struct write_slot *old = calloc(count, sizeof *old);
    assert(old);
    memcpy(old, load->slots, count * sizeof *old);
    for (uint32_t i = 0; i < count; i++)
        load->slots[i].status = 503;
    /* core may still be away: 503 means ask again */
    for (int turn = 0; turn < 40 && send_again(load, count); turn++)
        loop_turn(load->rig->loop, 100);
    for (uint32_t i = 0; i < count; i++) {
        const struct write_slot *now = &load->slots[i];
        const bool is_made = now->status / 100 == 2;
        if (!is_made)
            (void)fprintf(stderr, "# request %u: status %d, then %d\n", i, old[i].status,
                          now->status);
        io_kept->lost += old[i].acked_us && !(is_made && now->is_replayed);
        io_kept->incidents += is_made && i % 4 == 0;
        io_kept->notes += is_made && i % 4 != 0;
    }
    free(old);
}

static uint64_t number_of(struct str id)
{
    uint64_t number = 0;
    (void)str_cut(&id, '-');
    (void)str_cut(&id, '-');
    (void)str_u64(id, &number);
    return number;
}

/* Numbers are given without gaps: the next incident's says how many were made; the incident that
 * the notes went to counts them. Returns how many there are too many, or too few. */
static uint32_t count_all(struct load *load, const struct kept *kept)
{
    struct out body;
    struct json root;
    char target[96];
    uint64_t last = 0, notes = 0;
    out_init(&body, 1 << 20);
    (void)rig_call(load->rig, load->clients[0], HTTP_METHOD_POST, "/api/v1/incidents",
                   load->tokens[0], "bench-last", str_of(first_incident), &body);
    if (json_read(out_view(&body), &root, NULL) == OK) {
        last = number_of(json_text(json_get(root, "id")));
        json_free(root);
    }
    out_reset(&body);
    (void)snprintf(target, sizeof target, "/api/v1/incidents/%s", load->id);
    (void)rig_call(load->rig, load->clients[0], HTTP_METHOD_GET, target, load->tokens[0], NULL,
                   (struct str){0}, &body);
    if (json_read(out_view(&body), &root, NULL) == OK) {
        notes = (uint64_t)json_int(json_get(root, "note_count"));
        json_free(root);
    }
    out_done(&body);
    const uint64_t made = last - number_of(str_of(load->id)) - 1;
    (void)printf("# %llu incidents and %llu notes for %u and %u keys\n", (unsigned long long)made,
                 (unsigned long long)notes, kept->incidents, kept->notes);
    return (uint32_t)(llabs((long long)made - (long long)kept->incidents) +
                      llabs((long long)notes - (long long)kept->notes));
}

static void wait_for_core(struct load *load)
{
    const int64_t until_us = net_mono_us() + 20000000;
    while (net_mono_us() < until_us) {
        if (rig_call(load->rig, load->clients[0], HTTP_METHOD_GET, "/healthz", NULL, NULL,
                     (struct str){0}, NULL) == 200 &&
            rig_process(load->rig, "core") != 0)
            return;
        loop_turn(load->rig->loop, 20);
    }
}

static void part_kill(void)
{
    struct rig rig;
    struct load load;
    struct rand rand;
    uint32_t acked = 0, kills = 0;
    struct kept kept = {0};
    rand_seed(&rand, 200);
    rig_make(&rig, "kill");
    (void)rig_start(&rig);
    new_load(&load, &rig, 0);
    open_sessions(&load, WRITERS);
    for (uint32_t round = 1; round <= KILLS; round++) {
        memset(load.slots, 0, MAX_WRITES * sizeof *load.slots);
        load.sent = load.answered = load.ok = 0;
        load.run = round;
        const int64_t start_us = net_mono_us();
        const int64_t kill_us = start_us + 20000 + rand_below(&rand, 300000);
        bool is_killed = false;
        while (!is_killed || load.answered < load.sent) {
            const int64_t now_us = net_mono_us();
            while (!is_killed && load.sent < 400 &&
                   start_us + load.sent * 1000000LL / KILL_RATE <= now_us)
                send_write(&load, load.sent++);
            if (!is_killed && now_us >= kill_us) {
                const int64_t pid = rig_process(&rig, "core");
                is_killed = true;
                kills += pid != 0 && kill((pid_t)pid, SIGKILL) == 0;
            }
            loop_turn(rig.loop, 1);
            if (now_us - start_us > 35000000)
                break;
        }
        acked += load.ok;
        wait_for_core(&load);
        check_kept(&load, load.sent, &kept);
        if (round % 20 == 0)
            (void)fprintf(stderr, "# kill %u of %d: %u acknowledged, %u lost\n", round, KILLS,
                          acked, kept.lost);
    }
    (void)printf("# %u kills, %u acknowledged writes\n", kills, acked);
    (void)rig_bar("loop.kills", kills, "kills", KILLS, true);
    (void)rig_bar("loop.kill_lost", kept.lost, "writes", 0, false);
    (void)rig_bar("loop.kill_doubled", count_all(&load, &kept), "writes", 0, false);
    load_done(&load);
    rig_done(&rig);
}

/* The demo has 367 units; a large city has a thousand. */
static void enrol_units(struct load *load, uint32_t count)
{
    char token[RIG_TOKEN_CAP], key[32], body[300], target[64];
    struct out answer;
    struct json root;
    out_init(&answer, 1 << 16);
    if (!rig_login(load->rig, load->clients[0], "sysadmin", token))
        return;
    for (uint32_t i = 0; i < count; i++) {
        (void)snprintf(key, sizeof key, "enrol-%u", i);
        (void)snprintf(body, sizeof body,
                       "{\"callsign\":\"X%u\",\"kind\":\"ambulance\",\"profile\":\"response\","
                       "\"capabilities\":\"ambulance\",\"body\":\"body-1-1\","
                       "\"place\":{\"lat\":37.7%03u,\"lon\":-122.4%03u}}",
                       i, 200 + i * 7 % 700, 100 + i * 13 % 800);
        out_reset(&answer);
        int status = rig_call(load->rig, load->clients[0], HTTP_METHOD_POST, "/api/v1/units", token,
                              key, str_of(body), &answer);
        if (status / 100 != 2 || json_read(out_view(&answer), &root, NULL) != OK) {
            (void)fprintf(stderr, "enrol: %d " STR_FMT "\n", status, STR_ARG(out_view(&answer)));
            break;
        }
        (void)snprintf(target, sizeof target, "/api/v1/units/" STR_FMT "/sign_on",
                       STR_ARG(json_text(json_get(root, "id"))));
        json_free(root);
        (void)snprintf(key, sizeof key, "on-%u", i);
        (void)rig_call(load->rig, load->clients[0], HTTP_METHOD_POST, target, load->tokens[0], key,
                       STR("{\"crew\":2}"), NULL);
        loop_turn(load->rig->loop, 1);
    }
    out_done(&answer);
}

static void part_ask(void)
{
    struct rig rig;
    struct load load;
    double ms[200];
    char target[128];
    struct out body;
    uint64_t considered = 0;
    struct json root;
    rig_make(&rig, "ask");
    (void)rig_start(&rig);
    new_load(&load, &rig, 1);
    open_sessions(&load, WRITERS);
    enrol_units(&load, 640);
    (void)snprintf(target, sizeof target, "/api/v1/incidents/%s/recommendation", load.id);
    out_init(&body, 8 << 20);
    for (int i = 0; i < 200; i++) {
        const int64_t from_us = net_mono_us();
        out_reset(&body);
        int status = rig_call(&rig, load.clients[0], HTTP_METHOD_GET, target, load.tokens[0], NULL,
                              (struct str){0}, &body);
        ms[i] = status == 200 ? (double)(net_mono_us() - from_us) / 1e3 : 1e9;
        loop_turn(rig.loop, 45);
    }
    if (json_read(out_view(&body), &root, NULL) == OK) {
        considered = (uint64_t)json_int(json_get(root, "considered"));
        json_free(root);
    }
    (void)printf("# recommendation over %llu units, whole HTTPS round trip: p99 %.2f ms\n",
                 (unsigned long long)considered, rig_percentile(ms, 200, 0.99));
    (void)rig_bar("loop.recommend_units", (double)considered, "units", 1000, true);
    (void)rig_bar("loop.recommend_p50", rig_percentile(ms, 200, 0.5), "ms", 10, false);
    out_done(&body);
    load_done(&load);
    rig_done(&rig);
}

static void part_start(void)
{
    struct rig rig;
    char store[RIG_PATH_CAP + 16];
    rig_make(&rig, "start");
    (void)snprintf(store, sizeof store, "%s/store", rig.dir);
    const char *const fill[] = {rig_program("tests/bench/fill"), store, "1000000", NULL};
    (void)fprintf(stderr, "# filling the store with 1,000,000 events ...\n");
    if (!rig_run(fill)) {
        (void)rig_bar("loop.ready_1m", 1e9, "s", 2, false);
        return;
    }
    (void)rig_start(&rig); /* once for the certificates and the page cache */
    rig_stop(&rig);
    const double seconds = rig_start(&rig);
    (void)rig_bar("loop.ready_1m", seconds, "s", 2, false);
    (void)rig_bar("loop.memory_1m", rig_memory_mib(&rig), "MiB", 300, false);
    rig_done(&rig);
}

static const struct {
    const char *name;
    void (*run)(void);
} parts[] = {{"writes", part_writes}, {"kill", part_kill},     {"ask", part_ask},
             {"start", part_start},   {"replay", part_replay}, {"usable", part_usable}};

int main(int argc, char **argv)
{
    for (size_t p = 0; p < sizeof parts / sizeof parts[0]; p++) {
        bool is_wanted = argc == 1;
        for (int i = 1; i < argc; i++)
            is_wanted = is_wanted || strcmp(argv[i], parts[p].name) == 0;
        if (is_wanted)
            parts[p].run();
    }
    return 0;
}
