#include "main/demo.h"
#include "access/password.h"
#include "base/file.h"
#include "base/utc.h"
#include "job/command_lines.h"
#include "main/city_files.h"
#include "main/demo_history.h"
#include "main/demo_lines.h"
#include "main/options.h"
#include "main/seed.h"
#include "net/loop.h"
#include "road/speeds.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MAX_LINES_BYTES (256u << 20)
#define MAX_ACCOUNTS_BYTES (1u << 16)
#define PROGRESS_US 500000
#define MAX_CALLS_BYTES (1024u << 20)
#define MAX_MONTHS 120u
#define LOG_ARENA_BYTES (2048ull << 20)

struct making {
    const char *city, *dir;
    uint32_t months; /* of history */
    bool has_store;
};
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

static enum err give_lines(struct feeding *feeding, struct str lines)
{
    struct fault fault = {0};
    struct command_feed feed = {give, credential, progress, feeding};
    enum err err = command_lines_feed(lines, &feed, &fault);
    if (err != OK) {
        (void)fprintf(stderr, "anwang: commands.jsonl:%u: %s %s\n", fault.line, err_text(err),
                      fault.text != NULL ? fault.text : "");
        return err;
    }
    char name[64];
    (void)snprintf(name, sizeof name, "%s%u commands", isatty(STDOUT_FILENO) ? "\r  " : "",
                   feeding->count);
    city_step_done(name, feeding->began_us);
    return OK;
}

/* Months of made-up calls, told to the desk with the times at which they happened. */
static enum err give_history(struct demo_city *demo, const char *city, struct seed *seed,
                             uint32_t months)
{
    struct out calls;
    struct arena arena;
    struct dispatch_log log;
    struct fault fault = {0};
    uint32_t days = months * 365 / 12;
    int64_t now = net_now_utc_us(), began = net_mono_us();
    out_init(&calls, MAX_CALLS_BYTES);
    arena_init(&arena, LOG_ARENA_BYTES);
    enum err err =
        demo_city_calls(demo, city, now - (int64_t)days * US_PER_DAY, days + 1, 1, &calls);
    err = err == OK ? dispatch_log_read(out_view(&calls), &arena, &log, &fault) : err;
    if (err == OK) {
        city_step_done("made-up calls", began);
        err = demo_history_give(seed, &log, now - DEMO_QUIET_US);
    }
    out_done(&calls);
    arena_done(&arena);
    return err;
}

static enum err fill_store(struct demo_city *demo, const struct making *making, struct str lines,
                           struct out *accounts)
{
    struct fault fault = {0};
    struct feeding feeding = {.accounts = accounts, .began_us = net_mono_us()};
    enum err err = seed_open(making->dir, &feeding.seed, &fault);
    if (err != OK) {
        (void)fprintf(stderr, "anwang: %s: %s %s\n", making->dir, err_text(err),
                      fault.text != NULL ? fault.text : "");
        return err;
    }
    err = give_lines(&feeding, lines);
    if (err == OK && making->months > 0) {
        err = give_history(demo, making->city, feeding.seed, making->months);
    }
    enum err closed = seed_close(feeding.seed);
    if (closed != OK) {
        (void)fprintf(stderr, "anwang: %s: the store could not be written\n", making->dir);
    }
    return err == OK ? closed : err;
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

static enum err write_calls(struct demo_city *demo, const char *city, const char *path,
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

/* The shipped speeds by hour of the week; an administrator puts the city's own in their place. */
static enum err install_hours(const char *data, const char *dir)
{
    char from[SETTINGS_PATH_CAP], to[SETTINGS_PATH_CAP];
    struct out text;
    out_init(&text, ROAD_SPEEDS_MAX_BYTES);
    enum err err = settings_path(data, "road/hours.csv", from);
    err = err == OK ? settings_path(dir, "hours.csv", to) : err;
    err = err == OK ? file_read(from, &text) : err;
    err = err == OK ? file_replace(to, out_view(&text), 0644) : err;
    out_done(&text);
    return err;
}

static int make(const struct making *making, const char *data)
{
    struct demo_city demo;
    char conf[SETTINGS_PATH_CAP];
    if (settings_path(making->dir, "anwang.conf", conf) != OK || access(conf, F_OK) == 0) {
        (void)fprintf(stderr, "anwang: %s holds a realm already\n", making->dir);
        return 1;
    }
    if (demo_city_open(making->city, data, &demo) != OK) {
        return 1;
    }
    struct out lines, accounts;
    out_init(&lines, MAX_LINES_BYTES);
    out_init(&accounts, MAX_ACCOUNTS_BYTES);
    enum err err = file_mkdirs(making->dir, 0700);
    err = err == OK ? make_files(&demo, making->dir) : err;
    err = err == OK ? install_hours(data, making->dir) : err;
    err = err == OK ? make_lines(&demo, making->dir, &lines) : err;
    err = err == OK ? write_settings(making->dir, making->city, demo.spec) : err;
    if (err == OK && making->has_store) {
        err = fill_store(&demo, making, out_view(&lines), &accounts);
        err = err == OK ? keep_accounts(making->dir, out_view(&accounts)) : err;
    }
    out_done(&lines);
    out_done(&accounts);
    demo_city_done(&demo);
    return err == OK ? 0 : 1;
}

struct calls_wish {
    const char *city, *dir, *out;
    int64_t from_us;
    uint32_t months;
    uint64_t seed;
};

static int calls(const struct calls_wish *wish, const char *data)
{
    struct demo_city demo;
    char road[SETTINGS_PATH_CAP];
    uint32_t days = wish->months * 365 / 12;
    int64_t from_us =
        wish->from_us != 0 ? wish->from_us : net_now_utc_us() - (int64_t)days * US_PER_DAY;
    if (demo_city_open(wish->city, data, &demo) != OK) {
        return 1;
    }
    enum err err = settings_path(wish->dir, "city.road", road);
    err = err == OK ? demo_city_open_road(&demo, road) : err;
    err = err == OK ? write_calls(&demo, wish->city, wish->out, from_us, days, wish->seed) : err;
    demo_city_done(&demo);
    return err == OK ? 0 : 1;
}

static int usage(void)
{
    (void)fprintf(stderr,
                  "usage: anwang demo make --city sf|shanghai --dir DIR [--data FOLDER]\n"
                  "                        [--months N] [--without-store]\n"
                  "       anwang demo calls --city sf|shanghai --dir DIR --out FILE\n"
                  "                        [--data FOLDER] [--from TIME] [--months N] [--seed N]\n"
                  "       anwang demo roads --junctions N --output FILE.osm.pbf [--seed N]\n"
                  "  --months of history (0 to 120; none given: 0, or 24 of calls), --from as\n"
                  "  2024-11-01T00:00:00Z, --seed a number\n");
    return 2;
}

static bool numbers_read(const char *from, const char *months, const char *seed,
                         struct calls_wish *io_wish)
{
    return (from == NULL || utc_parse(str_of(from), &io_wish->from_us) == OK) &&
           (months == NULL ||
            (str_u32(str_of(months), &io_wish->months) == OK && io_wish->months <= MAX_MONTHS)) &&
           (seed == NULL || str_u64(str_of(seed), &io_wish->seed) == OK);
}

int demo_main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "roads") == 0)
        return demo_roads_main(argc - 1, argv + 1);
    const char *data = NULL, *without = NULL, *from = NULL, *months = NULL, *seed = NULL;
    struct calls_wish wish = {.seed = 1};
    const struct option_def defs[] = {
        {"--city", true, &wish.city, 1, NULL}, {"--dir", true, &wish.dir, 1, NULL},
        {"--data", true, &data, 1, NULL},      {"--without-store", false, &without, 1, NULL},
        {"--out", true, &wish.out, 1, NULL},   {"--from", true, &from, 1, NULL},
        {"--months", true, &months, 1, NULL},  {"--seed", true, &seed, 1, NULL}};
    char buf[SETTINGS_PATH_CAP];
    bool is_calls = argc > 1 && strcmp(argv[1], "calls") == 0;
    if (argc < 2 || (!is_calls && strcmp(argv[1], "make") != 0) ||
        !options_read(argc - 1, argv + 1, defs, sizeof defs / sizeof defs[0], NULL, NULL) ||
        wish.city == NULL || wish.dir == NULL || is_calls != (wish.out != NULL) ||
        !numbers_read(from, months, seed, &wish) ||
        (is_calls && months != NULL && wish.months == 0)) {
        return usage();
    }
    wish.months = is_calls && months == NULL ? 24 : wish.months;
    data = city_data_dir(data, buf);
    struct making making = {wish.city, wish.dir, wish.months, without == NULL};
    return is_calls ? calls(&wish, data) : make(&making, data);
}
