#include "main/demo_lines.h"
#include "base/file.h"
#include "base/utc.h"
#include "job/call_maker.h"
#include "job/command_lines.h"
#include "job/gunzip.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_TABLE_BYTES (1u << 20)
#define MAX_LOG_BYTES (512u << 20)
#define ROSTER_DAYS 7
#define ARENA_BYTES (2048ull << 20)

static enum err complain(const char *path, enum err err, const struct fault *fault)
{
    (void)fprintf(stderr, "anwang: %s", path);
    if (fault != NULL && fault->line != 0) {
        (void)fprintf(stderr, ":%u", fault->line);
    }
    (void)fprintf(stderr, ": %s", err_text(err));
    if (fault != NULL && fault->field != NULL) {
        (void)fprintf(stderr, ": %s", fault->field);
    }
    if (fault != NULL && fault->text != NULL) {
        (void)fprintf(stderr, ": %s", fault->text);
    }
    (void)fprintf(stderr, "\n");
    return err;
}

static enum err json_file(const char *path, struct json *ret_root)
{
    struct out text;
    struct fault fault = {0};
    out_init(&text, MAX_TABLE_BYTES);
    enum err err = file_read(path, &text);
    if (err == OK) {
        err = json_read(out_view(&text), ret_root, &fault);
    }
    out_done(&text);
    return err == OK ? OK : complain(path, err, &fault);
}

enum err demo_city_path(const struct demo_city *demo, const char *member,
                        char buf[SETTINGS_PATH_CAP])
{
    struct str name = json_text(json_get(demo->spec, member));
    int n = snprintf(buf, SETTINGS_PATH_CAP, "%s/" STR_FMT, demo->data, STR_ARG(name));
    return name.len > 0 && n > 0 && n < SETTINGS_PATH_CAP ? OK : ERR_NOT_FOUND;
}

static enum err log_open(struct demo_city *demo)
{
    char path[SETTINGS_PATH_CAP];
    if (demo_city_path(demo, "log", path) != OK) {
        return OK; /* a city without a log */
    }
    struct fault fault = {0};
    enum err err = gunzip_file(path, &demo->log_text, &fault);
    if (err == OK) {
        err = dispatch_log_read(out_view(&demo->log_text), &demo->arena, &demo->log, &fault);
    }
    demo->has_log = err == OK;
    return err == OK ? OK : complain(path, err, &fault);
}

enum err demo_city_open(const char *city, const char *data, struct demo_city *ret_city)
{
    struct demo_city demo = {0};
    char path[SETTINGS_PATH_CAP], zone[64];
    (void)str_copy(str_of(data), demo.data, sizeof demo.data);
    arena_init(&demo.arena, ARENA_BYTES);
    out_init(&demo.log_text, MAX_LOG_BYTES);
    enum err err = settings_path(data, "demo/cities.json", path);
    err = err == OK ? json_file(path, &demo.cities) : err;
    if (err == OK) {
        demo.spec = json_get(demo.cities, city);
        err = json_type(demo.spec) == JSON_MAP
                  ? OK
                  : complain(path, ERR_NOT_FOUND, &(struct fault){.field = city});
    }
    err = err == OK ? settings_path(data, "demo/unit-kinds.json", path) : err;
    err = err == OK ? json_file(path, &demo.unit_kinds) : err;
    if (err == OK) {
        (void)str_copy(json_text(json_get(demo.spec, "zone")), zone, sizeof zone);
        err = utc_zone_set(zone);
        err = err == OK ? OK : complain("zone of the city", err, NULL);
    }
    err = err == OK ? log_open(&demo) : err;
    if (err != OK) {
        demo_city_done(&demo);
        return err;
    }
    *ret_city = demo;
    return OK;
}

enum err demo_city_open_road(struct demo_city *demo, const char *road_path)
{
    struct fault fault = {0};
    enum err err = road_open(road_path, &demo->road, &fault);
    return err == OK ? OK : complain(road_path, err, &fault);
}

void demo_city_done(struct demo_city *demo)
{
    road_close(demo->road);
    json_free(demo->cities);
    json_free(demo->unit_kinds);
    out_done(&demo->log_text);
    arena_done(&demo->arena);
}

/* ------------------------------------------------------------------ types and plans */

/* One document of a folder as an install command: its own code and version name it. */
static enum err document_write(const char *path, enum command_kind kind, struct out *out)
{
    struct json document = {NULL};
    enum err err = json_file(path, &document);
    if (err != OK) {
        return err;
    }
    struct str code = json_text(json_get(document, "code"));
    if (code.len == 0) {
        json_free(document);
        return complain(path, ERR_SYNTAX, &(struct fault){.field = "code"});
    }
    struct out text;
    out_init(&text, MAX_DOCUMENT_BYTES);
    err = json_canonical(document, &text);
    struct json_out j = command_line_begin(out, kind, code);
    json_kstr(&j, "code", code);
    json_ki64(&j, "version", json_int(json_get(document, "version")));
    json_key(&j, "document");
    json_raw(&j, out_view(&text));
    command_line_end(&j);
    out_done(&text);
    json_free(document);
    return err == OK ? OK : complain(path, err, NULL);
}

static int is_json_name(const struct dirent *entry)
{
    size_t n = strlen(entry->d_name);
    return n > 5 && strcmp(entry->d_name + n - 5, ".json") == 0;
}

/* Every *.json of a folder, in the order of their names. */
static enum err documents_write(const char *dir, enum command_kind kind, struct out *out)
{
    struct dirent **entries = NULL;
    int count = scandir(dir, &entries, is_json_name, alphasort);
    enum err err = count > 0 ? OK : complain(dir, ERR_NOT_FOUND, NULL);
    for (int i = 0; i < count; i++) {
        char path[SETTINGS_PATH_CAP];
        err = err == OK ? settings_path(dir, entries[i]->d_name, path) : err;
        err = err == OK ? document_write(path, kind, out) : err;
        free(entries[i]);
    }
    free(entries);
    return err;
}

static enum err city_of(struct demo_city *demo, struct city *ret_city)
{
    struct fault fault = {0};
    demo->input = (struct city_input){.spec = demo->spec,
                                      .unit_kinds = demo->unit_kinds,
                                      .road = demo->road,
                                      .log = demo->has_log ? &demo->log : NULL};
    enum err err = city_make(&demo->input, &demo->arena, ret_city, &fault);
    return err == OK ? OK : complain("demo city", err, &fault);
}

/* A file that holds command lines already. */
static enum err lines_append(const char *data, const char *name, struct out *out)
{
    char path[SETTINGS_PATH_CAP];
    struct out text;
    out_init(&text, MAX_TABLE_BYTES);
    enum err err = settings_path(data, name, path);
    err = err == OK ? file_read(path, &text) : err;
    if (err == OK)
        out_str(out, out_view(&text));
    out_done(&text);
    return err == OK ? OK : complain(name, err, NULL);
}

enum err demo_city_lines(struct demo_city *demo, int64_t now_us, struct out *out)
{
    char dir[SETTINGS_PATH_CAP];
    enum err err = settings_path(demo->data, "plans", dir);
    err = err == OK ? documents_write(dir, COMMAND_plan_install, out) : err;
    err = err == OK ? settings_path(demo->data, "types", dir) : err;
    err = err == OK ? documents_write(dir, COMMAND_type_install, out) : err;
    err = err == OK ? lines_append(demo->data, "hazards/kinds.jsonl", out) : err;
    if (err != OK) {
        return err;
    }
    struct city city;
    struct json_out j = command_line_begin(out, COMMAND_timing_install, STR(""));
    command_line_end(&j); /* as preset, said aloud */
    err = city_of(demo, &city);
    err = err == OK ? city_write(&city, out) : err;
    err = err == OK ? city_hazards_write(&city, out) : err;
    err = err == OK ? city_rosters_write(&city, now_us, ROSTER_DAYS, out) : err;
    return err == OK ? OK : complain("demo city", err, NULL);
}

enum err demo_city_calls(struct demo_city *demo, const char *name, int64_t first_day_us,
                         uint32_t days, uint64_t seed, struct out *out)
{
    char path[SETTINGS_PATH_CAP];
    struct city city;
    struct json table = {NULL};
    struct fault fault = {0};
    enum err err = demo_city_path(demo, "calls", path);
    err = err == OK ? json_file(path, &table) : err;
    err = err == OK ? city_of(demo, &city) : err;
    if (err == OK) {
        struct call_maker maker = {.table = table,
                                   .city = &city,
                                   .city_name = name,
                                   .first_day_us = first_day_us,
                                   .days = days,
                                   .seed = seed};
        err = calls_make(&maker, out, &fault);
    }
    json_free(table);
    return err == OK ? OK : complain(path, err, &fault);
}
