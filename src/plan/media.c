#include "plan/media.h"

#include "base/file.h"
#include "geo/geojson.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHAPES_ARENA_BYTES (256u << 20)
#define PATH_CAP 512

struct media {
    struct craft_row rows[CRAFT_MAX_ROWS];
    struct medium *air, *water; /* water NULL: none is mapped */
    struct place *launches;
    struct media_counts counts;
};

/* ------------------------------------------------------- shapes */

enum err media_shapes(struct str text, struct arena *arena, struct media_shapes *ret_shapes,
                      struct fault *ret_fault)
{
    struct geojson_feature *features = NULL;
    struct json root = {0};
    size_t feature_count = 0, polygons = 0, points = 0;
    enum err err = json_read(text, &root, ret_fault);
    if (!err)
        err = geojson_features(root, arena, &features, &feature_count, ret_fault);
    for (size_t i = 0; i < feature_count; i++) {
        polygons += features[i].geometry.polygon_count;
        points += features[i].geometry.point_count;
    }
    struct polygon *all = ARENA_NEW(arena, struct polygon, polygons + 1);
    struct place *places = ARENA_NEW(arena, struct place, points + 1);
    if (!err && (!all || !places))
        err = ERR_LIMIT;
    polygons = points = 0;
    for (size_t i = 0; i < feature_count && !err; i++) {
        const struct geojson *g = &features[i].geometry;
        for (size_t k = 0; k < g->polygon_count; k++)
            all[polygons++] = g->polygons[k];
        for (size_t k = 0; k < g->point_count; k++)
            places[points++] = g->points[k];
    }
    json_free(root);
    if (!err)
        *ret_shapes = (struct media_shapes){all, polygons, places, points};
    return err;
}

static enum err read_medium(struct str text, enum medium_kind kind, struct arena *arena,
                            struct medium **ret_medium, struct media_shapes *ret_shapes,
                            struct fault *ret_fault)
{
    struct media_shapes shapes = {0};
    enum err err = text.len ? media_shapes(text, arena, &shapes, ret_fault) : OK;
    if (!err && text.len && shapes.polygon_count == 0)
        err = fault_set(ret_fault, ERR_SYNTAX, 0, "no polygons in it");
    if (!err && shapes.point_count > MEDIA_MAX_LAUNCHES)
        err = fault_set(ret_fault, ERR_LIMIT, 0, "too many launch points");
    if (!err)
        err = medium_new(kind, shapes.polygons, shapes.polygon_count, ret_medium);
    if (err == ERR_LIMIT && ret_fault && !ret_fault->text)
        ret_fault->text = "too many corners";
    *ret_shapes = shapes;
    return err;
}

static enum err read_all(struct media *media, const struct media_texts *texts, struct arena *arena,
                         struct fault *ret_fault)
{
    struct media_shapes zones = {0}, waters = {0};
    const char *field = MEDIA_CRAFTS_FILE;
    enum err err = texts->crafts.len
                       ? crafts_parse(texts->crafts, media->rows, &media->counts.crafts, ret_fault)
                       : OK;
    if (!err) {
        field = MEDIA_AIR_FILE;
        err = read_medium(texts->air, MEDIUM_AIR, arena, &media->air, &zones, ret_fault);
    }
    if (!err && texts->water.len) {
        field = MEDIA_WATER_FILE;
        err = read_medium(texts->water, MEDIUM_WATER, arena, &media->water, &waters, ret_fault);
    }
    if (err && ret_fault)
        ret_fault->field = field;
    media->launches = calloc(waters.point_count + 1, sizeof *media->launches);
    if (err || !media->launches)
        return err ? err : ERR_LIMIT;
    for (size_t i = 0; i < waters.point_count; i++)
        media->launches[i] = waters.points[i];
    media->counts.zones = zones.polygon_count;
    media->counts.waters = waters.polygon_count;
    media->counts.launches = waters.point_count;
    return OK;
}

enum err media_new(const struct media_texts *texts, struct media **ret_media,
                   struct fault *ret_fault)
{
    struct arena arena;
    struct media *media = calloc(1, sizeof *media);
    if (!media)
        return ERR_LIMIT;
    arena_init(&arena, SHAPES_ARENA_BYTES);
    const enum err err = read_all(media, texts, &arena, ret_fault);
    arena_done(&arena);
    if (err)
        media_free(media);
    else
        *ret_media = media;
    return err;
}

static enum err read_file(const char *dir, const char *name, struct out *text,
                          struct fault *ret_fault)
{
    char path[PATH_CAP];
    const int n = snprintf(path, sizeof path, "%s/%s", dir, name);
    if (n < 0 || (size_t)n >= sizeof path)
        return fault_field(ret_fault, ERR_LIMIT, name, "its path is too long");
    const enum err err = file_read(path, text);
    if (err == ERR_NOT_FOUND)
        out_reset(text);
    return err == ERR_NOT_FOUND ? OK : err ? fault_field(ret_fault, err, name, err_text(err)) : OK;
}

enum err media_open(const char *dir, struct media **ret_media, struct fault *ret_fault)
{
    static const char *const names[] = {MEDIA_CRAFTS_FILE, MEDIA_AIR_FILE, MEDIA_WATER_FILE};
    struct out texts[3];
    enum err err = OK;
    for (int i = 0; i < 3; i++)
        out_init(&texts[i], MEDIA_FILE_BYTES);
    for (int i = 0; i < 3 && !err; i++)
        err = read_file(dir, names[i], &texts[i], ret_fault);
    const struct media_texts all = {out_view(&texts[0]), out_view(&texts[1]), out_view(&texts[2])};
    if (!err)
        err = media_new(&all, ret_media, ret_fault);
    for (int i = 0; i < 3; i++)
        out_done(&texts[i]);
    return err;
}

void media_free(struct media *media)
{
    if (!media)
        return;
    medium_free(media->air);
    medium_free(media->water);
    free(media->launches);
    free(media);
}

const struct craft_row *media_craft(const struct media *media, struct str name)
{
    for (size_t i = 0; media && i < media->counts.crafts; i++) {
        if (str_eq_c(name, media->rows[i].name))
            return &media->rows[i];
    }
    return NULL;
}

struct media_counts media_counts(const struct media *media)
{
    return media->counts;
}

/* ------------------------------------------------------- ways */

/* Where a boat meets the land: the place itself if it is on the water, else the nearest launch
 * point. False: there is none near enough. */
static bool to_water(const struct media *media, struct place place, struct place *ret_place,
                     double *io_walk_m)
{
    double best_m = MEDIA_LAUNCH_M;
    bool is_found = medium_is_free(media->water, place);
    *ret_place = place;
    if (is_found)
        return true;
    for (size_t i = 0; i < media->counts.launches; i++) {
        const double m = place_distance_m(place, media->launches[i]);
        if (m > best_m || (is_found && m == best_m) ||
            !medium_is_free(media->water, media->launches[i]))
            continue;
        best_m = m;
        *ret_place = media->launches[i];
        is_found = true;
    }
    *io_walk_m += is_found ? best_m : 0;
    return is_found;
}

/* NOLINTNEXTLINE(readability-function-size): a craft, its ends, where the answer and a fault go */
enum err media_path(const struct media *media, const struct craft_row *row, struct place from,
                    struct place to, struct arena *arena, struct media_way *ret_way,
                    struct fault *ret_fault)
{
    const struct medium *medium = row->kind == MEDIUM_AIR ? media->air : media->water;
    struct voyage voyage = {from, to, row->craft};
    struct media_way way = {0};
    double walk_m = 0;
    if (!medium)
        return fault_set(ret_fault, ERR_UNSUPPORTED, 0, "no water is mapped");
    if (row->kind == MEDIUM_WATER && !to_water(media, from, &voyage.from, &walk_m))
        return fault_field(ret_fault, ERR_RANGE, "from", "not on the water, and no launch near");
    if (row->kind == MEDIUM_WATER && !to_water(media, to, &voyage.to, &walk_m))
        return fault_field(ret_fault, ERR_RANGE, "to", "not on the water, and no launch near");
    const enum err err = medium_path(medium, &voyage, arena, &way.passage, ret_fault);
    if (err)
        return err;
    const double ms = way.passage.ms + walk_m * 1e6 / MEDIA_WALK_MM_S;
    way.ms = ms < UINT32_MAX ? (uint32_t)(ms + 0.5) : UINT32_MAX;
    *ret_way = way;
    return OK;
}
