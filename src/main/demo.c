#include "main/demo.h"
#include "access/password.h"
#include "base/file.h"
#include "base/utc.h"
#include "job/command_lines.h"
#include "main/city_files.h"
#include "main/demo_lines.h"
#include "main/options.h"
#include "main/seed.h"
#include "net/loop.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MAX_LINES_BYTES (256u << 20)
#define MAX_ACCOUNTS_BYTES (1u << 16)
#define PROGRESS_US 500000
#define MAX_CALLS_BYTES (1024u << 20)
#define MAX_MONTHS 120u
#define LIVE_DAYS 28

struct feeding {
    struct seed *seed;
    struct out *accounts;
    uint32_t count;
    int64_t began_us, shown_us;
};

/* ------------------------------------------------------------------ into the store */

static enum err give(void *ctx, const struct command_line *line, char ret_id[ID_TEXT_CAP])
{
    struct feeding *feeding = ctx;
    struct seed_answer answer;
    enum err err = seed_command_json(feeding->seed, line->kind, line->object, line->fields,
                                     line->at_us, &answer);
    if (err != OK) {
        (void)fprintf(stderr, "\nanwang: command line %u: %s: %s %s %s\n", line->line,
                      command_def(line->kind)->name, err_text(err), answer.field, answer.detail);
        return err;
    }
    (void)str_copy(str_of(answer.id), ret_id, ID_TEXT_CAP);
    feeding->count++;
    return OK;
}

/* A password made now: kept for accounts.txt; core keeps only its argon2id string. */
static enum err credential(void *ctx, struct str login, char ret_text[COMMAND_LINES_CREDENTIAL_CAP])
{
    struct feeding *feeding = ctx;
    char password[PASSWORD_MADE_CAP];
    password_make(password);
    (void)str_copy(str_of(password), ret_text, COMMAND_LINES_CREDENTIAL_CAP);
    out_printf(feeding->accounts, "%-12.*s %s\n", STR_ARG(login), password);
    return feeding->accounts->err;
}

static void progress(void *ctx, size_t done_bytes, size_t total_bytes)
{
    struct feeding *feeding = ctx;
    int64_t now = net_mono_us();
    if (isatty(STDOUT_FILENO) && now - feeding->shown_us > PROGRESS_US) {
        feeding->shown_us = now;
        (void)printf("\r  %u commands, %zu %%", feeding->count, done_bytes * 100 / total_bytes);
        (void)fflush(stdout);
    }
}

static enum err fill_store(const char *dir, struct str lines, struct out *accounts)
{
    struct fault fault = {0};
    struct feeding feeding = {.accounts = accounts, .began_us = net_mono_us()};
    enum err err = seed_open(dir, &feeding.seed, &fault);
    if (err != OK) {
        (void)fprintf(stderr, "anwang: %s: %s %s\n", dir, err_text(err),
                      fault.text != NULL ? fault.text : "");
        return err;
    }
    struct command_feed feed = {give, credential, progress, &feeding};
    err = command_lines_feed(lines, &feed, &fault);
    seed_close(feeding.seed);
    if (err != OK) {
        (void)fprintf(stderr, "anwang: commands.jsonl:%u: %s %s\n", fault.line, err_text(err),
                      fault.text != NULL ? fault.text : "");
        return err;
    }
    char name[64];
    (void)snprintf(name, sizeof name, "%s%u commands", isatty(STDOUT_FILENO) ? "\r  " : "",
                   feeding.count);
    city_step_done(name, feeding.began_us);
    return OK;
}

/* ------------------------------------------------------------------ the folder */

static void set_text(char *member, size_t cap_bytes, struct json text)
{
    (void)str_copy(json_text(text), member, cap_bytes);
}

static enum err write_settings(const char *dir, const char *city, struct json spec)
{
    struct settings settings;
    struct fault fault = {0};
    enum err err = config_parse(settings_keys, settings_key_count, STR(""), &settings, &fault);
    if (err != OK) {
        return err;
    }
    (void)str_copy(str_of(city), settings.city, sizeof settings.city);
    set_text(settings.zone, sizeof settings.zone, json_get(spec, "zone"));
    struct json name = json_get(spec, "name");
    set_text(settings.city_name_zh, sizeof settings.city_name_zh, json_get(name, "zh"));
    set_text(settings.city_name_en, sizeof settings.city_name_en, json_get(name, "en"));
    set_text(settings.attribution, sizeof settings.attribution, json_get(spec, "attribution"));
    return settings_write(dir, &settings);
}

static enum err make_files(struct demo_city *demo, const char *dir)
{
    char pbf[SETTINGS_PATH_CAP], road[SETTINGS_PATH_CAP], names[SETTINGS_PATH_CAP];
    char style[SETTINGS_PATH_CAP], tiles[SETTINGS_PATH_CAP];
    double box[4];
    for (size_t i = 0; i < 4; i++) {
        box[i] = json_number(json_at(json_get(demo->spec, "box"), i));
    }
    enum err err = demo_city_path(demo, "streets", pbf);
    err = err == OK ? settings_path(demo->data, "tiles", style) : err;
    err = err == OK ? settings_path(dir, "city.road", road) : err;
    err = err == OK ? settings_path(dir, "city.names", names) : err;
    err = err == OK ? settings_path(dir, "city.mbtiles", tiles) : err;
    err = err == OK ? city_make_roads(pbf, demo->data, road, names) : err;
    err = err == OK ? city_make_tiles(pbf, style, box, tiles) : err;
    return err == OK ? demo_city_open_road(demo, road) : err;
}

static enum err make_lines(struct demo_city *demo, const char *dir, struct out *lines)
{
    char path[SETTINGS_PATH_CAP];
    int64_t began = net_mono_us();
    enum err err = demo_city_lines(demo, net_now_utc_us(), lines);
    err = err == OK ? settings_path(dir, "commands.jsonl", path) : err;
    err = err == OK ? file_replace(path, out_view(lines), 0600) : err;
    if (err == OK) {
        city_step_done("areas, posts, units, crews", began);
    }
    return err;
}

static enum err keep_accounts(const char *dir, struct str accounts)
{
    char path[SETTINGS_PATH_CAP];
    enum err err = settings_path(dir, "accounts.txt", path);
    err = err == OK ? file_replace(path, accounts, 0600) : err;
    if (err == OK) {
        (void)printf("\nAccounts, also in %s:\n" STR_FMT, path, STR_ARG(accounts));
    }
    return err;
}

/* A city without a log of its own lives on four weeks of made-up calls. */
static enum err make_calls(struct demo_city *demo, const char *city, const char *path,
                           int64_t first_day_us, uint32_t days, uint64_t seed)
{
    struct out calls;
    out_init(&calls, MAX_CALLS_BYTES);
    int64_t began = net_mono_us();
    enum err err = demo_city_calls(demo, city, first_day_us, days, seed, &calls);
    err = err == OK ? file_replace(path, out_view(&calls), 0600) : err;
    if (err == OK) {
        char name[64];
        (void)snprintf(name, sizeof name, "made-up calls of %u days", days);
        city_step_done(name, began);
    }
    out_done(&calls);
    return err;
}

static int make(const char *city, const char *dir, const char *data, bool has_store)
{
    struct demo_city demo;
    char conf[SETTINGS_PATH_CAP];
    if (settings_path(dir, "anwang.conf", conf) != OK || access(conf, F_OK) == 0) {
        (void)fprintf(stderr, "anwang: %s holds a realm already\n", dir);
        return 1;
    }
    if (demo_city_open(city, data, &demo) != OK) {
        return 1;
    }
    struct out lines, accounts;
    out_init(&lines, MAX_LINES_BYTES);
    out_init(&accounts, MAX_ACCOUNTS_BYTES);
    enum err err = file_mkdirs(dir, 0700);
    err = err == OK ? make_files(&demo, dir) : err;
    err = err == OK ? make_lines(&demo, dir, &lines) : err;
    if (err == OK && !demo.has_log) {
        char calls[SETTINGS_PATH_CAP];
        err = settings_path(dir, "calls.csv", calls);
        err = err == OK ? make_calls(&demo, city, calls, net_now_utc_us() - LIVE_DAYS * US_PER_DAY,
                                     LIVE_DAYS, 1)
                        : err;
    }
    err = err == OK ? write_settings(dir, city, demo.spec) : err;
    if (err == OK && has_store) {
        err = fill_store(dir, out_view(&lines), &accounts);
        err = err == OK ? keep_accounts(dir, out_view(&accounts)) : err;
    }
    out_done(&lines);
    out_done(&accounts);
    demo_city_done(&demo);
    return err == OK ? 0 : 1;
}

static int calls_main(const char *city, const char *dir, const char *data, const char *const *texts)
{
    enum { OUT, FROM, MONTHS, SEED };
    struct demo_city demo;
    char road[SETTINGS_PATH_CAP];
    int64_t from_us = 0;
    uint32_t months = 24;
    uint64_t seed = 1;
    if ((texts[FROM] != NULL && utc_parse(str_of(texts[FROM]), &from_us) != OK) ||
        (texts[MONTHS] != NULL &&
         (str_u32(str_of(texts[MONTHS]), &months) != OK || months == 0 || months > MAX_MONTHS)) ||
        (texts[SEED] != NULL && str_u64(str_of(texts[SEED]), &seed) != OK)) {
        (void)fprintf(stderr, "anwang demo calls: --from as 2024-11-01T00:00:00Z, --months 1 to "
                              "120, --seed a number\n");
        return 2;
    }
    uint32_t days = months * 365 / 12;
    from_us = from_us != 0 ? from_us : net_now_utc_us() - (int64_t)days * US_PER_DAY;
    if (demo_city_open(city, data, &demo) != OK) {
        return 1;
    }
    enum err err = settings_path(dir, "city.road", road);
    err = err == OK ? demo_city_open_road(&demo, road) : err;
    err = err == OK ? make_calls(&demo, city, texts[OUT], from_us, days, seed) : err;
    demo_city_done(&demo);
    return err == OK ? 0 : 1;
}

static int usage(void)
{
    (void)fprintf(stderr, "usage: anwang demo make --city sf|shanghai --dir DIR [--data FOLDER] "
                          "[--without-store]\n");
    return 2;
}

int demo_main(int argc, char **argv)
{
    const char *city = NULL, *dir = NULL, *data = NULL, *without = NULL, *texts[4] = {NULL};
    const struct option_def defs[] = {
        {"--city", true, &city, 1, NULL},       {"--dir", true, &dir, 1, NULL},
        {"--data", true, &data, 1, NULL},       {"--without-store", false, &without, 1, NULL},
        {"--out", true, &texts[0], 1, NULL},    {"--from", true, &texts[1], 1, NULL},
        {"--months", true, &texts[2], 1, NULL}, {"--seed", true, &texts[3], 1, NULL}};
    char buf[SETTINGS_PATH_CAP];
    bool is_calls = argc > 1 && strcmp(argv[1], "calls") == 0;
    if (argc < 2 || (!is_calls && strcmp(argv[1], "make") != 0) ||
        !options_read(argc - 1, argv + 1, defs, sizeof defs / sizeof defs[0], NULL, NULL) ||
        city == NULL || dir == NULL || is_calls != (texts[0] != NULL)) {
        return usage();
    }
    data = city_data_dir(data, buf);
    return is_calls ? calls_main(city, dir, data, texts) : make(city, dir, data, without == NULL);
}
