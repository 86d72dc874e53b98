/* import_divisions.c - `anwang import divisions FILE... --under CODE --dir DIR [--datum gcj02]`:
 * areas from tables of division codes (CSV with `code` and `name`; 4, 6, 9 and 12 digits) and their
 * shapes from GeoJSON (property `adcode`). Parents come before children; the first of equal codes
 * counts. Shapes are turned into WGS-84 here. */
#include "base/file.h"
#include "geo/datum.h"
#include "geo/geojson.h"
#include "job/csv.h"
#include "main/commands.h"
#include "main/options.h"
#include "main/seed.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_DIVISIONS 60000u
#define MAX_FILE_BYTES (64u << 20)
#define ARENA_BYTES (512u << 20)

struct division {
    struct str code, name;
    struct geojson shape; /* GEOJSON_NONE: none */
};
struct divisions {
    struct arena arena;
    struct division *all;
    size_t count;
    struct str under;
    enum datum datum;
};

static uint32_t level_of(struct str code)
{
    return code.len == 4 ? 1 : code.len == 6 ? 2 : code.len == 9 ? 3 : code.len == 12 ? 4 : 0;
}

static enum err complain(const char *path, enum err err, const struct fault *fault)
{
    (void)fprintf(stderr, "anwang import: %s:%u: %s %s %s\n", path, fault->line, err_text(err),
                  fault->field != NULL ? fault->field : "", fault->text != NULL ? fault->text : "");
    return err;
}

static enum err table_read(struct divisions *d, struct str text, struct fault *ret_fault)
{
    static const char *const columns[] = {"code", "name"};
    struct csv *csv = ARENA_NEW(&d->arena, struct csv, 1);
    size_t at[2];
    if (csv == NULL) {
        return ERR_LIMIT;
    }
    csv_init(csv, text, &d->arena);
    enum err err = csv_heading(csv, columns, 2, at, ret_fault);
    while (err == OK && (err = csv_next(csv, ret_fault)) == OK) {
        struct str code = csv->fields[at[0]];
        if (level_of(code) == 0 || !str_starts(code, d->under)) {
            continue;
        }
        if (d->count == MAX_DIVISIONS) {
            return fault_set(ret_fault, ERR_LIMIT, 0, "too many divisions");
        }
        d->all[d->count++] = (struct division){.code = arena_dup(&d->arena, code),
                                               .name = arena_dup(&d->arena, csv->fields[at[1]])};
    }
    return err == ERR_NOT_FOUND ? OK : err;
}

static void shape_to_wgs84(const struct divisions *d, const struct geojson *shape)
{
    for (size_t p = 0; p < shape->polygon_count; p++) {
        for (size_t r = 0; r < shape->polygons[p].count; r++) {
            const struct ring *ring = &shape->polygons[p].rings[r];
            struct place *places = (struct place *)(uintptr_t)ring->places; /* in our arena */
            for (size_t i = 0; i < ring->count; i++) {
                places[i] = datum_to_wgs84(d->datum, places[i]);
            }
        }
    }
}

/* Shapes go to the divisions of their code; those of unknown codes are passed over. */
static enum err shapes_read(struct divisions *d, struct str text, struct fault *ret_fault)
{
    struct json root = {NULL};
    struct geojson_feature *features = NULL;
    size_t count = 0;
    enum err err = json_read(text, &root, ret_fault);
    err = err == OK ? geojson_features(root, &d->arena, &features, &count, ret_fault) : err;
    for (size_t i = 0; i < count && err == OK; i++) {
        struct json adcode = json_get(features[i].properties, "adcode");
        char code[32];
        (void)snprintf(code, sizeof code, "%lld", (long long)json_int(adcode));
        if (json_type(adcode) == JSON_TEXT) {
            (void)str_copy(json_text(adcode), code, sizeof code);
        }
        shape_to_wgs84(d, &features[i].geometry);
        for (size_t k = 0; k < d->count; k++) {
            if (str_eq_c(d->all[k].code, code)) {
                d->all[k].shape = features[i].geometry;
            }
        }
    }
    json_free(root);
    return err;
}

static enum err files_read(struct divisions *d, const char **paths, size_t count, bool is_shapes)
{
    enum err err = OK;
    for (size_t i = 0; i < count && err == OK; i++) {
        size_t n = strlen(paths[i]);
        bool is_geojson = n > 8 && strcmp(paths[i] + n - 8, ".geojson") == 0;
        if (is_geojson != is_shapes) {
            continue;
        }
        struct out text;
        struct fault fault = {0};
        out_init(&text, MAX_FILE_BYTES);
        err = file_read(paths[i], &text);
        if (err == OK) {
            err = is_shapes ? shapes_read(d, out_view(&text), &fault)
                            : table_read(d, out_view(&text), &fault);
        }
        out_done(&text);
        err = err == OK ? OK : complain(paths[i], err, &fault);
    }
    return err;
}

static int by_level_then_code(const void *pa, const void *pb)
{
    const struct division *a = pa, *b = pb;
    return a->code.len != b->code.len ? (a->code.len < b->code.len ? -1 : 1)
                                      : str_cmp(a->code, b->code);
}

static enum err area_give(struct seed *seed, const struct division *division, struct out *fields)
{
    static const size_t parent_digits[] = {0, 0, 4, 6, 9};
    uint32_t level = level_of(division->code);
    out_reset(fields);
    struct json_out j = json_out_of(fields);
    json_obj(&j);
    json_kstr(&j, "code", division->code);
    json_kstr(&j, "name", division->name);
    json_ki64(&j, "level", level);
    if (level > 1) {
        json_kstr(&j, "parent", (struct str){division->code.p, parent_digits[level]});
    }
    if (division->shape.polygon_count > 0) {
        json_key(&j, "shape");
        geojson_write_polygons(&j, division->shape.polygons, division->shape.polygon_count);
    }
    json_obj_end(&j);
    struct seed_answer answer;
    enum err err =
        seed_command_json(seed, COMMAND_area_install, STR(""), out_view(fields), 0, &answer);
    if (err != OK) {
        (void)fprintf(stderr, "anwang import: " STR_FMT ": %s %s %s\n", STR_ARG(division->code),
                      err_text(err), answer.field, answer.detail);
    }
    return err;
}

static enum err give_all(const struct divisions *d, const char *dir)
{
    struct seed *seed = NULL;
    struct fault fault = {0};
    struct out fields;
    size_t given[5] = {0}, shapes = 0;
    enum err err = seed_open(dir, &seed, &fault);
    if (err != OK) {
        return complain(dir, err, &fault);
    }
    out_init(&fields, MAX_DOCUMENT_BYTES);
    for (size_t i = 0; i < d->count && err == OK; i++) {
        if (i > 0 && str_eq(d->all[i].code, d->all[i - 1].code)) {
            continue;
        }
        err = area_give(seed, &d->all[i], &fields);
        given[level_of(d->all[i].code)] += err == OK;
        shapes += err == OK && d->all[i].shape.polygon_count > 0;
        if (isatty(STDERR_FILENO) && i % 100 == 0) {
            (void)fprintf(stderr, "\r  %zu of %zu", i, d->count);
        }
    }
    out_done(&fields);
    enum err closed = seed_close(seed);
    err = err == OK ? closed : err;
    (void)printf("%sdivisions: %zu cities, %zu counties, %zu townships, %zu villages; %zu shapes\n",
                 isatty(STDERR_FILENO) ? "\n" : "", given[1], given[2], given[3], given[4], shapes);
    return err;
}

int import_divisions_main(int argc, char **argv)
{
    const char *rest[OPTIONS_MAX_VALUES], *dir = NULL, *under = NULL, *datum = "wgs84";
    size_t rest_count = 0;
    const struct option_def defs[] = {{"--dir", true, &dir, 1, NULL},
                                      {"--under", true, &under, 1, NULL},
                                      {"--datum", true, &datum, 1, NULL}};
    struct divisions d = {0};
    if (!options_read(argc, argv, defs, 3, rest, &rest_count) || dir == NULL || under == NULL ||
        rest_count == 0 || datum_parse(str_of(datum), &d.datum) != OK) {
        (void)fprintf(stderr, "usage: anwang import divisions FILE... --under CODE --dir DIR "
                              "[--datum wgs84|gcj02]\n");
        return 2;
    }
    arena_init(&d.arena, ARENA_BYTES);
    d.under = str_of(under);
    d.all = ARENA_NEW(&d.arena, struct division, MAX_DIVISIONS);
    enum err err = d.all == NULL ? ERR_LIMIT : files_read(&d, rest, rest_count, false);
    err = err == OK ? files_read(&d, rest, rest_count, true) : err;
    if (err == OK) {
        qsort(d.all, d.count, sizeof *d.all, by_level_then_code);
        err = give_all(&d, dir);
    }
    arena_done(&d.arena);
    return err == OK ? 0 : 1;
}
