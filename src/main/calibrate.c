/* calibrate.c - `anwang calibrate LOG --dir DIR`: what recorded trips say of the speeds. Prints the
 * error before and after, on trips that the fit has not seen, and writes a calibration for a person
 * to install; nothing is installed by itself. */
#include "base/file.h"
#include "base/utc.h"
#include "job/gunzip.h"
#include "learn/travel_fit.h"
#include "learn/travel_table.h"
#include "main/commands.h"
#include "main/options.h"
#include "main/settings.h"
#include "main/speed_files.h"
#include "main/trips.h"
#include "model/objects.h"
#include "store/reader.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define LOG_MAX_BYTES (512u << 20)
#define ARENA_BYTES (2048ull << 20)
#define SHARE_PERCENT 70
#define NAME_CAP ROAD_CALIBRATION_NAME_CAP

static const char help[] =
    "usage: anwang calibrate LOG --dir DIR [--profile NAME] [--name NAME] [--share PERCENT]\n"
    "         [--kinds \"KIND...\"] [--all] [--plain] [--out FILE]\n"
    "  LOG        recorded dispatches, CSV, plain or gzip\n"
    "  --dir      data folder: streets, units with their posts, zone, hours.csv\n"
    "  --profile  whose speeds (default response)\n"
    "  --share    so many of 100 trips, the earliest, are fitted; the others are the test\n"
    "             (default 70)\n"
    "  --kinds    only units of these types: those whose posts are where they really stand\n"
    "  --all      trips without lights and siren too, and those that may not have begun at\n"
    "             the post\n"
    "  --plain    every hour alike: without the folder's hours.csv\n"
    "  --out      writes the calibration; installed as DIR/calibration.csv it counts from the\n"
    "             next start\n";

struct calibrate {
    const char *log_path, *dir, *profile_name, *name, *share, *out_path; /* options */
    const char *is_all, *is_plain, *kinds;
    struct arena arena;
    struct out text;
    struct dispatch_log log;
    struct road *road;
    struct road_traffic *traffic;
    struct road_scratch *scratch;
    struct speed_files files;
    struct trips_unit *units;
    struct trips trips;
    uint32_t profile;
    size_t fitted; /* trips before this one are fitted, from it on they are the test */
};

static int failed(const char *what, enum err err, const struct fault *fault)
{
    (void)fprintf(stderr, "anwang calibrate: %s: %s", what, err_text(err));
    if (fault && fault->text)
        (void)fprintf(stderr, ": %s", fault->text);
    if (fault && fault->line)
        (void)fprintf(stderr, ", line %u", (unsigned)fault->line);
    (void)fprintf(stderr, "\n");
    return 1;
}

/* ------------------------------------------------------------------ groups of streets */

static const char *const group_names[TRAVEL_FIT_GROUPS] = {
    "motorway and trunk", "primary and secondary", "tertiary", "all smaller"};

static size_t group_of(uint32_t road_class)
{
    static const char *const first[TRAVEL_FIT_GROUPS - 1] = {"primary", "tertiary", "residential"};
    size_t group = 0;
    while (group < TRAVEL_FIT_GROUPS - 1 && road_class >= road_class_of(str_of(first[group])))
        group++;
    return group;
}

static struct travel_run run_of(const struct trip *trip)
{
    struct travel_run run = {.recorded_s = trip->recorded_s, .stays_s = trip->stays_ms / 1000.0};
    for (uint32_t c = 0; c < ROAD_MAX_CLASSES; c++)
        run.group_s[group_of(c)] += trip->class_ms[c] / 1000.0;
    return run;
}

/* ------------------------------------------------------------------ open */

/* Where the units of the log stand and how they travel, from the rows of the folder's store. */
static void take_unit(struct calibrate *c, struct reader *reader, const struct unit_object *unit)
{
    const void *object;
    uint64_t seq;
    for (size_t i = 0; i < c->log.unit_count; i++) {
        if (!str_eq_c(c->log.units[i].code, unit->callsign))
            continue;
        if (unit->post.v &&
            reader_record(reader, OBJECT_post, unit->post.v, &c->arena, &object, &seq) == OK)
            c->units[i] = (struct trips_unit){((const struct post_object *)object)->place,
                                              road_profile(c->road, unit->profile)};
    }
}

static enum err read_units(struct calibrate *c)
{
    char store[SETTINGS_PATH_CAP];
    struct reader *reader = NULL;
    struct fault fault = {0};
    const void *object;
    uint64_t seq;
    c->units = calloc(c->log.unit_count + 1, sizeof *c->units);
    if (!c->units)
        return ERR_LIMIT;
    for (size_t i = 0; i < c->log.unit_count; i++)
        c->units[i].profile = ROAD_NONE;
    enum err err = settings_path(c->dir, "store", store);
    if (!err)
        err = reader_open(store, &reader, &fault);
    for (uint32_t n = 1;
         !err && reader_record(reader, OBJECT_unit, n, &c->arena, &object, &seq) == OK; n++)
        take_unit(c, reader, object);
    reader_close(reader);
    return err;
}

static int open_all(struct calibrate *c)
{
    static struct settings settings;
    char road[SETTINGS_PATH_CAP], hours[SETTINGS_PATH_CAP];
    struct fault fault = {0};
    arena_init(&c->arena, ARENA_BYTES);
    out_init(&c->text, LOG_MAX_BYTES);
    if (settings_read(c->dir, NULL, 0, &settings) != OK)
        return 1;
    enum err err = utc_zone_set(settings.zone);
    if (!c->name)
        c->name = settings.city;
    if (!err)
        err = settings_path(c->dir, "city.road", road);
    if (!err)
        err = settings_path(c->dir, "hours.csv", hours);
    if (!err)
        err = road_open(road, &c->road, &fault);
    if (err)
        return failed(c->dir, err, &fault);
    c->profile = road_profile(c->road, c->profile_name);
    if (c->profile == ROAD_NONE)
        return failed(c->profile_name, ERR_NOT_FOUND, NULL);
    err = road_traffic_new(c->road, &c->traffic);
    if (!err)
        err = road_scratch_new(c->road, &c->scratch);
    if (!err)
        err = speed_files_read(c->road, !c->is_plain && access(hours, F_OK) == 0 ? hours : NULL,
                               NULL, &c->files);
    if (err)
        return failed("streets", err, NULL);
    err = gunzip_file(c->log_path, &c->text, &fault);
    if (!err)
        err = dispatch_log_read(out_view(&c->text), &c->arena, &c->log, &fault);
    if (err)
        return failed(c->log_path, err, &fault);
    err = read_units(c);
    return err ? failed("units", err, NULL) : 0;
}

static void close_all(struct calibrate *c)
{
    trips_done(&c->trips);
    free(c->units);
    speed_files_done(&c->files);
    road_scratch_free(c->scratch);
    road_traffic_free(c->traffic);
    road_close(c->road);
    out_done(&c->text);
    arena_done(&c->arena);
}

/* ------------------------------------------------------------------ fit and say */

static struct trips_job job_of(const struct calibrate *c)
{
    return (struct trips_job){&c->log, c->units, c->road, c->traffic, c->scratch, c->files.hours};
}

static bool is_wanted_kind(const struct calibrate *c, const struct trip *trip)
{
    struct str kinds = str_of(c->kinds);
    while (kinds.len > 0) {
        if (str_eq(str_cut(&kinds, ' '), c->log.units[trip->row->unit].type))
            return true;
    }
    return !c->kinds;
}

/* Those of the profile that have a way, and began where they are thought to have begun. */
static void keep_usable(struct calibrate *c)
{
    size_t kept = 0;
    for (size_t i = 0; i < c->trips.count; i++) {
        const struct trip *trip = &c->trips.at[i];
        if (trip->profile == c->profile && trip->ms != ROAD_INF && is_wanted_kind(c, trip) &&
            (c->is_all || (trip->is_from_post && trip->is_urgent)))
            c->trips.at[kept++] = *trip;
    }
    c->trips.count = kept;
}

struct part { /* of the trips */
    const char *name;
    size_t from, to;
};

/* Modelled with a fixed time added. */
static enum err pairs_of(const struct calibrate *c, struct part part, double fixed_s,
                         struct travel_pair **ret_pairs)
{
    struct travel_pair *pairs = calloc(part.to - part.from + 1, sizeof *pairs);
    if (!pairs)
        return ERR_LIMIT;
    for (size_t i = part.from; i < part.to; i++) {
        const struct trip *trip = &c->trips.at[i];
        pairs[i - part.from] =
            (struct travel_pair){trip->way_m, trip->recorded_s, trip->ms / 1000.0 + fixed_s};
    }
    *ret_pairs = pairs;
    return OK;
}

static enum err say_line(const struct calibrate *c, struct part part, double fixed_s,
                         const char *what)
{
    struct travel_pair *pairs = NULL;
    struct travel_error e = {0};
    enum err err = pairs_of(c, part, fixed_s, &pairs);
    if (!err)
        err = travel_error_of(pairs, part.to - part.from, 0, INFINITY, &e);
    free(pairs);
    if (!err)
        (void)printf("  %-6s %-28s %7zu %9.0f %9.0f %+9.1f %9.1f %9.0f\n", part.name, what, e.count,
                     e.recorded_median, e.modelled_median, e.bias, e.mae, e.size_p90);
    return err;
}

static enum err say_bands(const struct calibrate *c, struct part part, double fixed_s,
                          const char *title)
{
    struct travel_pair *pairs = NULL;
    struct out text;
    out_init(&text, 1u << 16);
    enum err err = pairs_of(c, part, fixed_s, &pairs);
    if (!err)
        err = travel_bands_write(pairs, part.to - part.from, &text);
    if (!err)
        (void)printf("\n%s\n" STR_FMT, title, STR_ARG(out_view(&text)));
    free(pairs);
    out_done(&text);
    return err;
}

static enum err fit(const struct calibrate *c, struct travel_fit *ret_fit)
{
    struct travel_run *runs = calloc(c->fitted + 1, sizeof *runs);
    if (!runs)
        return ERR_LIMIT;
    for (size_t i = 0; i < c->fitted; i++)
        runs[i] = run_of(&c->trips.at[i]);
    const enum err err = travel_fit(runs, c->fitted, ret_fit);
    free(runs);
    return err;
}

static void make_calibration(const struct calibrate *c, const struct travel_fit *found,
                             struct road_calibration *ret_calibration)
{
    struct road_calibration made = {.speeds = road_speeds_plain()};
    const struct civil first = utc_local(c->trips.at[0].row->at_us[DISPATCH_response]);
    const struct civil last = utc_local(c->trips.at[c->fitted - 1].row->at_us[DISPATCH_response]);
    (void)snprintf(made.name, sizeof made.name, "%s", c->name);
    (void)snprintf(made.version, sizeof made.version, "%04d-%02d-%02d to %04d-%02d-%02d",
                   first.year, first.month, first.day, last.year, last.month, last.day);
    made.fixed_s[c->profile] = (uint32_t)found->fixed_s;
    for (uint32_t i = 0; i < ROAD_MAX_CLASSES; i++) {
        const bool is_one = strcmp(road_class_name(i), "unknown") != 0;
        if (is_one)
            made.speeds.permille[c->profile][i] =
                (uint16_t)lround(1000 / found->factor[group_of(i)]);
    }
    *ret_calibration = made;
}

static enum err write_file(const struct calibrate *c, const struct road_calibration *calibration)
{
    char note[200];
    struct out text;
    out_init(&text, ROAD_SPEEDS_MAX_BYTES);
    (void)snprintf(note, sizeof note,
                   "Made by anwang calibrate of %zu trips; %s. To install: DIR/calibration.csv",
                   c->fitted, c->files.hours ? "over hours.csv" : "every hour alike");
    enum err err = road_calibration_write(c->road, calibration, str_of(note), &text);
    if (!err)
        err = file_replace(c->out_path, out_view(&text), 0644);
    out_done(&text);
    return err;
}

static void say_fit(const struct travel_fit *found)
{
    (void)printf("\nFound: %.0f s a trip that are no driving", found->fixed_s);
    for (size_t g = 0; g < TRAVEL_FIT_GROUPS; g++)
        (void)printf("; %s %.0f permille of the speed", group_names[g], 1000 / found->factor[g]);
    (void)printf("\n");
}

static enum err say_all(struct calibrate *c, const struct travel_fit *found,
                        const struct road_calibration *calibration)
{
    const struct trips_job job = job_of(c);
    const struct part parts[] = {{"fitted", 0, c->fitted}, {"test", c->fitted, c->trips.count}};
    (void)printf(
        "\n  trips                                     n   rec p50   mod p50      bias       "
        "mae       p90\n");
    enum err err = OK;
    for (size_t i = 0; i < 2 && !err; i++) {
        err = say_line(c, parts[i], 0, "as it is");
        if (!err)
            err = say_line(c, parts[i], found->fixed_s, "with the fixed time");
    }
    if (!err)
        err = say_bands(c, parts[1], 0, "Test trips, as it is");
    if (!err)
        err = road_traffic_put_speeds(c->traffic, ROAD_LAYER_CALIBRATION, &calibration->speeds);
    if (!err)
        err = trips_model(&job, &c->trips);
    if (!err)
        err = say_bands(c, parts[1], found->fixed_s, "Test trips, calibrated, with the fixed time");
    (void)printf("\n");
    for (size_t i = 0; i < 2 && !err; i++)
        err = say_line(c, parts[i], found->fixed_s, "calibrated, fixed time");
    return err;
}

static int run(struct calibrate *c)
{
    uint32_t share = SHARE_PERCENT;
    struct travel_fit found;
    struct road_calibration calibration;
    if (c->share && (str_u32(str_of(c->share), &share) != OK || share < 10 || share > 90))
        return failed("--share: 10 to 90", ERR_RANGE, NULL);
    if (c->name && strlen(c->name) >= NAME_CAP)
        return failed("--name: too long", ERR_RANGE, NULL);
    int status = open_all(c);
    if (status)
        return status;
    const struct trips_job job = job_of(c);
    enum err err = trips_find(&job, &c->trips);
    const size_t all = c->trips.count;
    keep_usable(c);
    c->fitted = c->trips.count * share / 100;
    if (!err)
        err = fit(c, &found);
    if (err)
        return failed("trips", err,
                      &(struct fault){.text = "too few of the profile that can be used"});
    (void)printf("%zu trips recorded, %zu used; %s\n", all, c->trips.count,
                 c->files.hours ? "over hours.csv" : "every hour alike");
    make_calibration(c, &found, &calibration);
    say_fit(&found);
    err = say_all(c, &found, &calibration);
    if (!err && c->out_path)
        err = write_file(c, &calibration);
    return err ? failed(c->out_path ? c->out_path : "report", err, NULL) : 0;
}

int calibrate_main(int argc, char **argv)
{
    const char *rest[OPTIONS_MAX_VALUES], *wants_help = NULL;
    size_t rest_count = 0;
    static struct calibrate c = {.profile_name = "response"};
    const struct option_def defs[] = {
        {"--dir", true, &c.dir, 1, NULL},
        {"--kinds", true, &c.kinds, 1, NULL},
        {"--profile", true, &c.profile_name, 1, NULL},
        {"--name", true, &c.name, 1, NULL},
        {"--share", true, &c.share, 1, NULL},
        {"--all", false, &c.is_all, 1, NULL},
        {"--plain", false, &c.is_plain, 1, NULL},
        {"--out", true, &c.out_path, 1, NULL},
        {"--help", false, &wants_help, 1, NULL},
    };
    if (!options_read(argc, argv, defs, sizeof defs / sizeof defs[0], rest, &rest_count) ||
        wants_help || rest_count != 1 || !c.dir) {
        (void)fputs(help, wants_help ? stdout : stderr);
        return wants_help ? 0 : 2;
    }
    c.log_path = rest[0];
    const int status = run(&c);
    close_all(&c);
    return status;
}
