#include "main/replay.h"
#include "base/utc.h"
#include "job/gunzip.h"
#include "main/city_files.h"
#include "main/demo_history.h"
#include "main/demo_lines.h"
#include "main/options.h"
#include "main/replay_priv.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOG_MAX_BYTES (512u << 20)
#define ARENA_BYTES (2048ull << 20)
#define UNIT_PAGE 200
#define SHOW_MS 1000
#define WAIT_US (180 * US_PER_S)
#define WAIT_TURN_MS 500
#define MADE_DAYS 29 /* then other ones are made */

static int usage(void)
{
    (void)fprintf(
        stderr,
        "usage: anwang replay LOG|--made --dir DIR [--to https://HOST:PORT] [--ca FILE]\n"
        "         [--accounts FILE] [--login NAME] [--speed N] [--from TIME]\n"
        "         [--hours N] [--now] [--loop] [--positions] [--unchecked]\n"
        "  --dir        data folder: road, certificate, accounts, port, zone\n"
        "  --speed      log seconds a second, 1 to 100000 (default 60)\n"
        "  --now        stamps are moved to the present; else they are the recorded ones\n"
        "  --loop       for a living board: --now at speed 1 from the same weekday and\n"
        "               hour, with what was open then, and again when it ends\n"
        "  --made       no log: calls of the city's police are made as they come, for ever\n"
        "  --positions  units drive along the streets\n"
        "  --unchecked  do not read everything back at the end\n");
    return 2;
}

/* ------------------------------------------------------------------ log, road, units, types */

/* Calls of the city's police for the coming weeks, other ones each time. */
static enum err log_make(const struct replay *r, struct out *text)
{
    struct demo_city demo;
    char buf[SETTINGS_PATH_CAP], road[SETTINGS_PATH_CAP];
    int64_t now = net_now_utc_us();
    enum err err = demo_city_open(r->options.city, city_data_dir(NULL, buf), &demo);
    if (err != OK) {
        return err;
    }
    err = settings_path(r->options.dir, "city.road", road);
    err = err == OK ? demo_city_open_road(&demo, road) : err;
    err = err == OK ? demo_city_calls(&demo, r->options.city, now - DEMO_QUIET_US, MADE_DAYS,
                                      (uint64_t)now, text)
                    : err;
    demo_city_done(&demo);
    return err;
}

static enum err log_open(struct replay *r, struct out *text)
{
    struct fault fault = {0};
    enum err err =
        r->options.is_made ? log_make(r, text) : gunzip_file(r->options.log, text, &fault);
    if (err == OK) {
        err = dispatch_log_read(out_view(text), &r->arena, &r->log, &fault);
    }
    if (err != OK) {
        (void)fprintf(stderr, "anwang replay: %s:%u: %s %s\n",
                      r->options.is_made ? "made calls" : r->options.log, fault.line,
                      fault.field != NULL ? fault.field : "",
                      fault.text != NULL ? fault.text : err_text(err));
    }
    return err;
}

static enum err road_open_of(struct replay *r)
{
    char path[SETTINGS_PATH_CAP];
    struct fault fault = {0};
    enum err err = settings_path(r->options.dir, "city.road", path);
    err = err == OK ? road_open(path, &r->road, &fault) : err;
    err = err == OK ? road_traffic_new(r->road, &r->traffic) : err;
    err = err == OK ? road_scratch_new(r->road, &r->scratch) : err;
    if (err != OK) {
        (void)fprintf(stderr, "anwang replay: %s: %s\n", path, err_text(err));
    }
    return err;
}

static struct place place_of(struct json v)
{
    return place_from_deg(json_number(json_get(v, "lat")), json_number(json_get(v, "lon")));
}

static void unit_take(struct replay *r, struct json row)
{
    struct str callsign = json_text(json_get(row, "callsign"));
    for (size_t i = 0; i < r->log.unit_count; i++) {
        if (!str_eq(r->log.units[i].code, callsign)) {
            continue;
        }
        struct unit_state *u = &r->units[i];
        char profile[32];
        (void)str_copy(json_text(json_get(row, "id")), u->id, sizeof u->id);
        (void)str_copy(json_text(json_get(row, "profile")), profile, sizeof profile);
        u->profile = r->road != NULL ? road_profile(r->road, profile) : ROAD_NONE;
        u->home = u->place = place_of(json_get(row, "place"));
    }
}

static enum err units_load(struct replay *r)
{
    char cursor[512] = "";
    r->units = calloc(r->log.unit_count + 1, sizeof *r->units);
    if (r->units == NULL) {
        return ERR_LIMIT;
    }
    do {
        char target[700];
        struct json root = {NULL};
        int n = snprintf(target, sizeof target, "/api/v1/units?limit=%d%s%s", UNIT_PAGE,
                         cursor[0] != '\0' ? "&cursor=" : "", cursor);
        enum err err = replay_link_ask(&r->link, (struct str){target, (size_t)n}, &root);
        if (err != OK) {
            return err;
        }
        struct json items = json_get(root, "items");
        for (size_t i = 0; i < json_count(items); i++) {
            unit_take(r, json_at(items, i));
        }
        (void)str_copy(json_text(json_get(root, "next")), cursor, sizeof cursor);
        json_free(root);
    } while (cursor[0] != '\0');
    return OK;
}

/* ------------------------------------------------------------------ start and end */

/* A looping replay may be started before its server: it waits for it. */
static enum err log_in(struct replay *r)
{
    int64_t until = net_mono_us() + (r->options.is_loop ? WAIT_US : 0);
    enum err err = OK;
    do {
        err = replay_link_login(&r->link, r->options.login, r->options.accounts, r->link.token);
        if (err == ERR_IO) {
            loop_turn(r->link.loop, WAIT_TURN_MS);
        }
    } while (err == ERR_IO && net_mono_us() < until);
    if (err == OK && r->options.has_positions) {
        err = replay_link_login(&r->link, "tracker", r->options.accounts, r->link.feed_token);
    }
    return err;
}

/* The moment of the log with the weekday and time of day of now; the log's start if it has none. */
static int64_t same_hour(const struct replay *r, int64_t now_us)
{
    struct civil now = utc_local(now_us);
    for (int64_t day = 0; day < 14; day++) {
        struct civil c = utc_local(r->log.first_us + day * US_PER_DAY);
        c.hour = now.hour;
        c.minute = now.minute;
        c.second = now.second;
        int64_t at = utc_from_local(c);
        if (utc_local(at).weekday == now.weekday && at > r->log.first_us && at < r->log.last_us) {
            return at;
        }
    }
    return r->log.first_us;
}

static void show(void *ctx)
{
    struct replay *r = ctx;
    int64_t log_now = r->begin_log_us + (net_mono_us() - r->begin_mono_us) * r->options.speed;
    struct civil c = utc_local(log_now);
    if (isatty(STDOUT_FILENO) && !r->options.is_loop) {
        (void)printf("\r  %04d-%02d-%02d %02d:%02d  %u sent, %u refused, %u calls left  ", c.year,
                     c.month, c.day, c.hour, c.minute, r->sent, r->refused, r->calls_left);
        (void)fflush(stdout);
    }
}

static void interrupted(void *ctx, int signal_number)
{
    struct replay *r = ctx;
    (void)signal_number;
    r->is_interrupted = true;
    loop_stop(r->link.loop);
}

static int report(struct replay *r, int64_t began_mono_us)
{
    static const char *const names[] = {"create", "enter",  "close", "dispatch",
                                        "depart", "arrive", "end"};
    (void)printf("%s%u requests in %.1f s, %u retried, %u refused",
                 isatty(STDOUT_FILENO) ? "\n" : "", r->sent,
                 (double)(net_mono_us() - began_mono_us) / 1e6, r->retried, r->refused);
    for (size_t s = 0; s < STEP_DONE; s++) {
        if (r->refused_by_step[s] > 0) {
            (void)printf(" (%s %u)", names[s], r->refused_by_step[s]);
        }
    }
    (void)printf("; %u rows of units that the realm does not have\n", r->unknown_units);
    bool is_good = !r->options.is_checked || replay_check(r);
    if (r->road != NULL && replay_model_print(r) != OK) {
        (void)fprintf(stderr, "anwang replay: no table of travel times\n");
    }
    if (r->trouble_count > 0) {
        (void)printf("\nTroubles (%u):\n" STR_FMT, r->trouble_count,
                     STR_ARG(out_view(&r->troubles)));
    }
    return r->is_failed || !is_good ? 1 : 0;
}

static int run(struct replay *r)
{
    struct out text;
    struct json catalogue = {NULL};
    out_init(&text, LOG_MAX_BYTES);
    out_init(&r->troubles, 1u << 16);
    arena_init(&r->arena, ARENA_BYTES);
    enum err err = log_open(r, &text);
    err = err == OK ? road_open_of(r) : err;
    err = err == OK ? replay_link_open(&r->link, r->options.to, r->options.ca) : err;
    err = err == OK ? log_in(r) : err;
    err = err == OK ? units_load(r) : err;
    err = err == OK ? replay_link_ask(&r->link, STR("/api/v1/catalogue"), &catalogue) : err;
    r->types = json_get(catalogue, "types");
    err = err == OK ? replay_prepare(r) : err;
    int status = 1;
    if (err == OK) {
        int64_t began = net_mono_us();
        r->begin_log_us = r->options.from_us != 0 ? r->options.from_us : r->log.first_us;
        if (r->options.is_made) {
            r->begin_log_us = net_now_utc_us();
        } else if (r->options.is_loop && r->options.from_us == 0) {
            r->begin_log_us = same_hour(r, net_now_utc_us());
        }
        r->show = loop_timer_new(r->link.loop, show, r);
        loop_timer_start(r->show, SHOW_MS, SHOW_MS);
        (void)loop_on_signal(r->link.loop, SIGINT, interrupted, r);
        (void)loop_on_signal(r->link.loop, SIGTERM, interrupted, r);
        replay_start_round(r);
        if (!r->is_ended) {
            loop_run(r->link.loop);
        }
        status = r->options.is_loop ? 0 : report(r, began);
    } else {
        (void)fprintf(stderr, "anwang replay: %s\n", err_text(err));
    }
    for (size_t i = 0; r->units != NULL && i < r->log.unit_count; i++) {
        free(r->units[i].way);
    }
    loop_timer_free(r->timer);
    loop_timer_free(r->show);
    loop_timer_free(r->move);
    replay_link_close(&r->link);
    road_scratch_free(r->scratch);
    road_traffic_free(r->traffic);
    road_close(r->road);
    json_free(catalogue);
    free(r->units);
    free(r->calls);
    free(r->rows);
    free(r->heap);
    arena_done(&r->arena);
    out_done(&r->troubles);
    out_done(&text);
    return status;
}

/* What was not said comes from the data folder. */
static enum err presets(struct replay_options *o, char url[64], char ca[SETTINGS_PATH_CAP],
                        char accounts[SETTINGS_PATH_CAP])
{
    static struct settings settings;
    enum err err = settings_read(o->dir, NULL, 0, &settings);
    err = err == OK ? settings_path(o->dir, "tls/ca.pem", ca) : err;
    err = err == OK ? settings_path(o->dir, "accounts.txt", accounts) : err;
    err = err == OK ? utc_zone_set(settings.zone) : err;
    if (err != OK) {
        return err;
    }
    o->city = settings.city;
    (void)snprintf(url, 64, "https://127.0.0.1:%lld", (long long)settings.port);
    o->to = o->to != NULL ? o->to : url;
    o->ca = o->ca != NULL ? o->ca : ca;
    o->accounts = o->accounts != NULL ? o->accounts : accounts;
    o->login = o->login != NULL ? o->login : "replay";
    return OK;
}

static bool numbers_read(struct replay_options *o, const char *speed, const char *from,
                         const char *hours)
{
    o->speed = o->is_loop ? 1 : 60;
    return (speed == NULL ||
            (str_i64(str_of(speed), &o->speed) == OK && o->speed >= 1 && o->speed <= 100000)) &&
           (from == NULL || utc_parse(str_of(from), &o->from_us) == OK) &&
           (hours == NULL || (str_i64(str_of(hours), &o->hours) == OK && o->hours >= 1));
}

int replay_main(int argc, char **argv)
{
    const char *rest[OPTIONS_MAX_VALUES], *speed = NULL, *from = NULL, *hours = NULL;
    const char *now = NULL, *loop = NULL, *made = NULL, *positions = NULL, *unchecked = NULL;
    char url[64], ca[SETTINGS_PATH_CAP], accounts[SETTINGS_PATH_CAP];
    size_t rest_count = 0;
    static struct replay r; /* one a process; large */
    struct replay_options *o = &r.options;
    const struct option_def defs[] = {{"--dir", true, &o->dir, 1, NULL},
                                      {"--to", true, &o->to, 1, NULL},
                                      {"--ca", true, &o->ca, 1, NULL},
                                      {"--accounts", true, &o->accounts, 1, NULL},
                                      {"--login", true, &o->login, 1, NULL},
                                      {"--speed", true, &speed, 1, NULL},
                                      {"--from", true, &from, 1, NULL},
                                      {"--hours", true, &hours, 1, NULL},
                                      {"--now", false, &now, 1, NULL},
                                      {"--loop", false, &loop, 1, NULL},
                                      {"--made", false, &made, 1, NULL},
                                      {"--positions", false, &positions, 1, NULL},
                                      {"--unchecked", false, &unchecked, 1, NULL}};
    if (!options_read(argc, argv, defs, sizeof defs / sizeof defs[0], rest, &rest_count) ||
        rest_count != (made != NULL ? 0u : 1u) || o->dir == NULL) {
        return usage();
    }
    o->is_made = made != NULL;
    o->log = o->is_made ? NULL : rest[0];
    o->is_loop = loop != NULL || o->is_made;
    o->is_now = now != NULL || o->is_loop;
    o->has_positions = positions != NULL;
    o->is_checked = unchecked == NULL && !o->is_loop;
    if (!numbers_read(o, speed, from, hours)) {
        return usage();
    }
    if (presets(o, url, ca, accounts) != OK) {
        return 2;
    }
    int status = run(&r);
    while (o->is_made && status == 0 && !r.is_interrupted) {
        r = (struct replay){.options = r.options};
        status = run(&r);
    }
    return status;
}
