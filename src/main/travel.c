#include "main/travel.h"

#include "base/file.h"
#include "base/utc.h"
#include "geo/geojson.h"
#include "job/csv.h"
#include "main/speed_files.h"
#include "road/closure.h"

#include <stdlib.h>
#include <unistd.h>

#define TRAVEL_FILE_BYTES (256u << 20)

int travel_failed(const struct travel *t, const char *what, enum err err, const struct fault *fault)
{
    (void)fprintf(stderr, "anwang %s: %s: %s", t->command, what, err_text(err));
    if (fault && fault->text)
        (void)fprintf(stderr, ": %s", fault->text);
    if (fault && fault->field)
        (void)fprintf(stderr, " (%s)", fault->field);
    if (fault && fault->line)
        (void)fprintf(stderr, ", line %u", (unsigned)fault->line);
    (void)fprintf(stderr, "\n");
    return 1;
}

void travel_say(const struct travel *t, const char *fmt, ...)
{
    va_list args;
    if (!isatty(STDERR_FILENO))
        return;
    (void)fprintf(stderr, "anwang %s: ", t->command);
    va_start(args, fmt);
    /* clang 14's analyzer does not see va_start when it follows a call within one file.
     * NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized) */
    (void)vfprintf(stderr, fmt, args);
    va_end(args);
    (void)fprintf(stderr, "\n");
}

void travel_options(struct travel *t, struct option_def defs[TRAVEL_OPTIONS])
{
    *t = (struct travel){.profile_name = "response"};
    defs[0] = (struct option_def){"--road", true, &t->road_path, 1, NULL};
    defs[1] = (struct option_def){"--profile", true, &t->profile_name, 1, NULL};
    defs[2] = (struct option_def){"--closures", true, &t->closures_path, 1, NULL};
    defs[3] = (struct option_def){"--at", true, &t->at, 1, NULL};
    defs[4] = (struct option_def){"--out", true, &t->out_path, 1, NULL};
    defs[5] = (struct option_def){"--hours", true, &t->hours_path, 1, NULL};
    defs[6] = (struct option_def){"--hour", true, &t->hour, 1, NULL};
    defs[7] = (struct option_def){"--calibration", true, &t->calibration_path, 1, NULL};
}

uint32_t travel_profiles(const struct road *road, struct str names)
{
    uint32_t bits = 0;
    while (names.len > 0) {
        char name[32];
        const struct str word = str_cut(&names, ' ');
        if (!str_copy(word, name, sizeof name) || road_profile(road, name) == ROAD_NONE)
            return 0;
        bits |= 1u << road_profile(road, name);
    }
    return bits ? bits : UINT32_MAX;
}

/* ------------------------------------------------------- closures */

/* Whether a closure's window holds the time asked about; without --at all of them do. */
static bool is_in_force(struct json properties, bool has_time, int64_t at_us)
{
    int64_t from_us = INT64_MIN, until_us = INT64_MAX;
    const struct str from = json_text(json_get(properties, "from"));
    const struct str until = json_text(json_get(properties, "until"));
    if (from.len && utc_parse(from, &from_us) != OK)
        return false;
    if (until.len && utc_parse(until, &until_us) != OK)
        return false;
    return !has_time || (from_us <= at_us && at_us < until_us);
}

static enum err put_closure(struct travel *t, const struct geojson_feature *feature, size_t number)
{
    struct arena arena;
    struct road_change *changes;
    size_t count;
    char layer[32];
    const int64_t factor = json_int(json_get(feature->properties, "factor"));
    const uint32_t bits =
        travel_profiles(t->road, json_text(json_get(feature->properties, "profiles")));
    if (bits == 0 || factor < 0 || factor > 100)
        return ERR_RANGE;
    arena_init(&arena, 64u << 20);
    (void)snprintf(layer, sizeof layer, "closure-%zu", number);
    enum err err =
        closure_match(t->road, &feature->geometry, factor > 1 ? 1000 / (uint32_t)factor : 0, bits,
                      &arena, &changes, &count);
    if (!err)
        err = road_traffic_put(t->traffic, layer, changes, count, NULL);
    arena_done(&arena);
    return err;
}

static int read_closures(struct travel *t)
{
    struct json root = {0};
    struct geojson_feature *features = NULL;
    struct fault fault = {0};
    size_t count = 0, kept = 0;
    int64_t at_us = 0;
    if (t->at && utc_parse(str_of(t->at), &at_us) != OK)
        return travel_failed(t, "--at: a time as 2026-11-23T08:00:00Z", ERR_SYNTAX, NULL);
    out_reset(&t->text);
    enum err err = file_read(t->closures_path, &t->text);
    if (!err)
        err = json_read(out_view(&t->text), &root, &fault);
    if (!err)
        err = geojson_features(root, &t->arena, &features, &count, &fault);
    for (size_t i = 0; i < count && !err; i++) {
        if (!is_in_force(features[i].properties, t->at != NULL, at_us))
            continue;
        err = put_closure(t, &features[i], i);
        kept += err == OK;
        if (err)
            fault.text = err == ERR_NOT_FOUND ? "no street lies there" : "factor or profiles";
    }
    json_free(root);
    travel_say(t, "%zu of %zu closures in force", kept, count);
    return err ? travel_failed(t, t->closures_path, err, &fault) : 0;
}

/* ------------------------------------------------------- speeds */

static int read_speeds(struct travel *t)
{
    struct speed_files files;
    uint32_t hour = 0;
    if (!t->hours_path != !t->hour || (t->hour && road_hour_read(str_of(t->hour), &hour) != OK))
        return travel_failed(t, "--hours FILE and --hour as fri-17 belong together", ERR_SYNTAX,
                             NULL);
    if (speed_files_read(t->road, t->hours_path, t->calibration_path, &files) != OK)
        return 1;
    enum err err = OK;
    if (files.hours)
        err = road_traffic_put_speeds(t->traffic, ROAD_LAYER_HOUR, &files.hours->at[hour]);
    if (!err && files.calibration)
        err =
            road_traffic_put_speeds(t->traffic, ROAD_LAYER_CALIBRATION, &files.calibration->speeds);
    speed_files_done(&files);
    return err ? travel_failed(t, "speeds", err, NULL) : 0;
}

/* ------------------------------------------------------- open and close */

void travel_begin(struct travel *t, const char *command)
{
    t->command = command;
    arena_init(&t->arena, 1u << 30);
    out_init(&t->text, TRAVEL_FILE_BYTES);
    out_init(&t->answer, 1u << 30);
}

int travel_open(struct travel *t, const char *command)
{
    struct fault fault = {0};
    travel_begin(t, command);
    if (!t->road_path) {
        (void)fprintf(stderr, "anwang %s: --road FILE is needed, a city.road\n", command);
        return 2;
    }
    enum err err = road_open(t->road_path, &t->road, &fault);
    if (err)
        return travel_failed(t, t->road_path, err, &fault);
    t->profile = road_profile(t->road, t->profile_name);
    if (t->profile == ROAD_NONE)
        return travel_failed(t, t->profile_name, ERR_NOT_FOUND, NULL);
    err = road_traffic_new(t->road, &t->traffic);
    if (!err)
        err = road_scratch_new(t->road, &t->scratch);
    if (err)
        return travel_failed(t, t->road_path, err, NULL);
    travel_say(t, "%u junctions, %u streets", road_info(t->road).nodes, road_info(t->road).edges);
    int status = t->closures_path ? read_closures(t) : 0;
    if (!status)
        status = read_speeds(t);
    t->metric = road_metric_ref(t->traffic, t->profile);
    return t->metric ? status : travel_failed(t, t->road_path, ERR_LIMIT, NULL);
}

int travel_close(struct travel *t, int status)
{
    if (status == 0 && t->answer.err)
        status = travel_failed(t, "the answer is too large", t->answer.err, NULL);
    if (status == 0 && t->out_path) {
        const enum err err = file_replace(t->out_path, out_view(&t->answer), 0644);
        status = err ? travel_failed(t, t->out_path, err, NULL) : 0;
    } else if (status == 0 &&
               (fwrite(t->answer.p, 1, t->answer.len, stdout) != t->answer.len || fflush(stdout))) {
        status = travel_failed(t, "standard output", ERR_IO, NULL);
    }
    road_metric_unref(t->metric);
    road_scratch_free(t->scratch);
    if (t->traffic)
        road_traffic_free(t->traffic);
    if (t->road)
        road_close(t->road);
    out_done(&t->text);
    out_done(&t->answer);
    arena_done(&t->arena);
    return status;
}

int travel_between(int argc, char **argv, const char *help, travel_between_fn *run)
{
    struct travel t;
    const char *from = NULL, *to = NULL, *wants_help = NULL;
    struct option_def defs[TRAVEL_OPTIONS + 3];
    travel_options(&t, defs);
    defs[TRAVEL_OPTIONS] = (struct option_def){"--from", true, &from, 1, NULL};
    defs[TRAVEL_OPTIONS + 1] = (struct option_def){"--to", true, &to, 1, NULL};
    defs[TRAVEL_OPTIONS + 2] = (struct option_def){"--help", false, &wants_help, 1, NULL};
    if (!options_read(argc, argv, defs, TRAVEL_OPTIONS + 3, NULL, NULL) || wants_help || !from ||
        !to) {
        (void)fputs(help, wants_help ? stdout : stderr);
        return wants_help ? 0 : 2;
    }
    const int status = travel_open(&t, argv[0]);
    return travel_close(&t, status ? status : run(&t, from, to));
}

/* ------------------------------------------------------- points */

static bool read_degrees(struct str lat, struct str lon, struct place *ret_place)
{
    double y, x;
    if (str_double(str_trim(lat), &y) != OK || str_double(str_trim(lon), &x) != OK)
        return false;
    *ret_place = place_from_deg(y, x);
    return place_is_valid(*ret_place);
}

static enum err add_point(struct travel_points *points, struct travel_point point)
{
    if (points->count == TRAVEL_MAX_POINTS)
        return ERR_LIMIT;
    points->at[points->count++] = point;
    return OK;
}

/* delay_s is optional: the heading is looked at twice. */
static enum err read_csv(struct travel *t, struct travel_points *points, struct fault *fault)
{
    static const char *const columns[] = {"name", "lat", "lon", "delay_s"};
    struct csv *csv = ARENA_NEW(&t->arena, struct csv, 1);
    size_t places[4];
    bool has_delay = true;
    csv_init(csv, out_view(&t->text), &t->arena);
    enum err err = csv_heading(csv, columns, 4, places, fault);
    if (err == ERR_NOT_FOUND) {
        has_delay = false;
        *fault = (struct fault){0};
        csv_init(csv, out_view(&t->text), &t->arena);
        err = csv_heading(csv, columns, 3, places, fault);
    }
    while (!err && (err = csv_next(csv, fault)) == OK) {
        struct travel_point point = {.name = arena_dup(&t->arena, csv->fields[places[0]])};
        uint32_t delay_s = 0;
        if (!read_degrees(csv->fields[places[1]], csv->fields[places[2]], &point.place) ||
            (has_delay && csv->fields[places[3]].len &&
             (str_u32(csv->fields[places[3]], &delay_s) != OK || delay_s > 86400)))
            return fault_set(fault, ERR_SYNTAX, csv->offset, "degrees or seconds expected");
        point.delay_ms = delay_s * 1000;
        err = add_point(points, point);
    }
    return err == ERR_NOT_FOUND && !fault->field ? OK : err;
}

static enum err read_geojson(struct travel *t, struct travel_points *points, struct fault *fault)
{
    struct json root;
    struct geojson_feature *features = NULL;
    size_t count = 0;
    enum err err = json_read(out_view(&t->text), &root, fault);
    if (err)
        return err;
    err = geojson_features(root, &t->arena, &features, &count, fault);
    for (size_t i = 0; i < count && !err; i++) {
        const struct json name = json_get(features[i].properties, "name");
        for (size_t k = 0; k < features[i].geometry.point_count && !err; k++) {
            const struct travel_point point = {
                .name = json_text(name).len ? arena_dup(&t->arena, json_text(name))
                                            : arena_printf(&t->arena, "%zu", points->count + 1),
                .place = features[i].geometry.points[k]};
            err = add_point(points, point);
        }
    }
    json_free(root);
    return err;
}

static enum err read_source(struct travel *t, const char *source, struct travel_points *points,
                            struct fault *fault)
{
    struct str lon = str_of(source);
    struct travel_point one = {.name = lon};
    const struct str lat = str_cut(&lon, ',');
    if (read_degrees(lat, lon, &one.place))
        return add_point(points, one);
    out_reset(&t->text);
    const enum err err = file_read(source, &t->text);
    if (err)
        return err;
    const struct str text = str_trim(out_view(&t->text));
    return text.len > 0 && text.p[0] == '{' ? read_geojson(t, points, fault)
                                            : read_csv(t, points, fault);
}

int travel_read_points(struct travel *t, const char *source, struct travel_points *ret_points)
{
    struct travel_points points = {
        .at = ARENA_NEW(&t->arena, struct travel_point, TRAVEL_MAX_POINTS)};
    struct fault fault = {0};
    const enum err err = points.at ? read_source(t, source, &points, &fault) : ERR_LIMIT;
    if (err)
        return travel_failed(t, source, err, &fault);
    if (points.count == 0)
        return travel_failed(t, source, ERR_NOT_FOUND, &(struct fault){.text = "no points in it"});
    for (size_t i = 0; i < points.count; i++) {
        struct travel_point *point = &points.at[i];
        struct road_snap snap;
        point->is_on_road =
            road_snap(t->road, t->profile, point->place, TRAVEL_SNAP_M, &snap) == OK;
        if (point->is_on_road)
            point->point = snap.point;
        else
            points.off_road++;
    }
    if (points.off_road > 0)
        (void)fprintf(stderr,
                      "anwang %s: %s: %zu of %zu places are more than %.0f m from a street\n",
                      t->command, source, points.off_road, points.count, TRAVEL_SNAP_M);
    *ret_points = points;
    return 0;
}

bool travel_read_limits(struct travel *t, const char *minutes, const char *seconds,
                        uint32_t ret_ms[ROAD_MAX_LIMITS], size_t *ret_count)
{
    struct str text = str_of(seconds ? seconds : minutes ? minutes : "1,3,5");
    const uint32_t unit_ms = seconds ? 1000 : 60000;
    uint32_t number, before = 0;
    *ret_count = 0;
    while (text.len > 0) {
        if (*ret_count == ROAD_MAX_LIMITS || str_u32(str_cut(&text, ','), &number) != OK ||
            number <= before || number > 86400000 / unit_ms) {
            (void)fprintf(stderr, "anwang %s: limits must rise, as 1,3,5: at most %d\n", t->command,
                          ROAD_MAX_LIMITS);
            return false;
        }
        before = number;
        ret_ms[(*ret_count)++] = number * unit_ms;
    }
    return *ret_count > 0;
}
