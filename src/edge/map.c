/* map.c - tiles of the base map, tiles of live layers, and what the page needs to know of the map.
 */
#include "edge/edge_priv.h"
#include "edge/pages.h"

#include "geo/mvt.h"
#include "store/tiles.h"

#define TILE_TYPE "application/vnd.mapbox-vector-tile"
#define LIVE_TILE_BYTES (1u << 20)
#define MAX_META_NUMBERS 4

/* z, x, y of the last three path parameters. */
bool map_take_tile(const struct visit *visit, size_t at, struct tile *ret_tile)
{
    return str_u32(visit->params[at], &ret_tile->z) == OK &&
           str_u32(visit->params[at + 1], &ret_tile->x) == OK &&
           str_u32(visit->params[at + 2], &ret_tile->y) == OK && tile_is_valid(*ret_tile);
}

void map_answer_tile(struct visit *visit, struct str bytes, const char *cache)
{
    struct http_field fields[2] = {{STR("Cache-Control"), str_of(cache)}};
    const bool is_gzip =
        bytes.len > 2 && (uint8_t)bytes.p[0] == 0x1f && (uint8_t)bytes.p[1] == 0x8b;
    fields[1] = (struct http_field){STR("Content-Encoding"), STR("gzip")};
    struct http_answer answer = {.status = bytes.len ? 200 : 204,
                                 .type = bytes.len ? TILE_TYPE : NULL,
                                 .fields = fields,
                                 .field_count = is_gzip ? 2 : 1,
                                 .body = bytes};
    visit_answer(visit, &answer);
}

void map_base(struct visit *visit)
{
    struct tile tile;
    struct str bytes = {0};
    if (!map_take_tile(visit, 0, &tile) || !visit->site->tiles) {
        visit_problem(visit, 404, NULL, NULL);
        return;
    }
    enum err err = tiles_get(visit->site->tiles, tile.z, tile.x, tile.y, &bytes);
    if (err != OK && err != ERR_NOT_FOUND)
        visit_problem(visit, 503, "the map cannot be read", NULL);
    else
        map_answer_tile(visit, bytes, "max-age=86400");
}

/* ---- live layers ---- */

static void draw_areas(const struct atlas *atlas, struct mvt *mvt, struct box box)
{
    mvt_layer(mvt, "areas");
    for (uint32_t n = 1; n < atlas->area_count; n++) {
        const struct atlas_area *area = &atlas->areas[n];
        for (size_t i = 0; i < area->polygon_count; i++) {
            if (!box_meets(box, polygon_box(area->polygons[i])))
                continue;
            mvt_polygon(mvt, n, area->polygons[i]);
            mvt_tag_str(mvt, "code", str_of(area->object.code));
            mvt_tag_str(mvt, "name", str_of(area->object.name));
            mvt_tag_i64(mvt, "level", area->object.level);
            mvt_feature_end(mvt);
        }
    }
    mvt_layer_end(mvt);
}

static void tag_closure(struct mvt *mvt, const struct closure_object *closure)
{
    mvt_tag_i64(mvt, "factor", closure->factor);
    mvt_tag_str(mvt, "name", str_of(closure->name));
    mvt_tag_str(mvt, "reason", str_of(closure->reason));
    mvt_feature_end(mvt);
}

static void draw_closures(const struct atlas *atlas, struct mvt *mvt, int64_t now_us)
{
    mvt_layer(mvt, "closures");
    for (uint32_t i = 0; i < atlas->closure_count; i++) {
        const struct atlas_closure *closure = &atlas->closures[i];
        const uint32_t number = atlas->closure_numbers[i];
        if (closure->object.from_us > now_us ||
            (closure->object.until_us && closure->object.until_us <= now_us))
            continue;
        for (size_t k = 0; k < closure->shape.line_count; k++) {
            mvt_line(mvt, number, closure->shape.lines[k].places, closure->shape.lines[k].count);
            tag_closure(mvt, &closure->object);
        }
        for (size_t k = 0; k < closure->shape.polygon_count; k++) {
            mvt_polygon(mvt, number, closure->shape.polygons[k]);
            tag_closure(mvt, &closure->object);
        }
    }
    mvt_layer_end(mvt);
}

static void draw_posts(const struct visit *visit, struct mvt *mvt, struct box box)
{
    const struct atlas *atlas = &edge_of(visit)->atlas;
    struct scope scope = access_scope(&visit->actor, ACTION_post_read, PURPOSE_NONE, &atlas->trees);
    mvt_layer(mvt, "posts");
    for (uint32_t n = 1; n < atlas->post_count; n++) {
        const struct post_object *post = &atlas->posts[n];
        const struct envelope envelope = {.kind = OBJECT_post,
                                          .number = n,
                                          .body = post->body,
                                          .area = post->area,
                                          .data_class = DATA_DUTY,
                                          .is_open = true};
        if (post->code[0] == '\0' || !box_holds(box, post->place) ||
            !scope_holds(&scope, &atlas->trees, &envelope))
            continue;
        mvt_point(mvt, n, post->place);
        mvt_tag_str(mvt, "name", str_of(post->name));
        mvt_tag_str(mvt, "kind", str_of(post->kind));
        mvt_feature_end(mvt);
    }
    mvt_layer_end(mvt);
}

void map_live(struct visit *visit)
{
    const struct atlas *atlas = &edge_of(visit)->atlas;
    struct tile tile;
    struct mvt mvt;
    bool is_layer = true;
    if (!map_take_tile(visit, 1, &tile)) {
        visit_problem(visit, 404, NULL, NULL);
        return;
    }
    struct box box = tile_box_buffered(tile);
    mvt_init(&mvt, tile, LIVE_TILE_BYTES);
    if (str_eq_c(visit->params[0], "areas"))
        draw_areas(atlas, &mvt, box);
    else if (str_eq_c(visit->params[0], "closures"))
        draw_closures(atlas, &mvt, visit->now_us);
    else if (str_eq_c(visit->params[0], "posts"))
        draw_posts(visit, &mvt, box);
    else
        is_layer = false;
    if (!is_layer)
        visit_problem(visit, 404, NULL, NULL);
    else if (mvt_err(&mvt) != OK)
        visit_problem(visit, 503, "the tile holds too much", NULL);
    else
        map_answer_tile(visit, mvt_view(&mvt), "no-cache");
    mvt_done(&mvt);
}

/* ---- meta ---- */

/* Numbers of a metadata text as "1,2,3", or the presets. */
static void meta_numbers(struct tiles_reader *tiles, const char *name, double *io_numbers,
                         size_t count)
{
    double numbers[MAX_META_NUMBERS];
    struct str text;
    if (!tiles || tiles_meta(tiles, name, &text) != OK)
        return;
    for (size_t i = 0; i < count; i++) {
        if (str_double(str_trim(str_cut(&text, ',')), &numbers[i]) != OK)
            return;
    }
    memcpy(io_numbers, numbers, count * sizeof *numbers);
}

static void write_numbers(struct json_out *j, const char *key, const double *numbers, size_t count,
                          int digits)
{
    json_key(j, key);
    json_arr(j);
    for (size_t i = 0; i < count; i++)
        json_double(j, numbers[i], digits);
    json_arr_end(j);
}

#define NEAR_DEG 0.05 /* about five kilometres */

bool map_holds(const struct visit *visit, struct place place)
{
    double bounds[4] = {-180, -90, 180, 90};
    const double lat = place_lat_deg(place), lon = place_lon_deg(place);
    meta_numbers(visit->site->tiles, "bounds", bounds, 4);
    return lon >= bounds[0] - NEAR_DEG && lat >= bounds[1] - NEAR_DEG &&
           lon <= bounds[2] + NEAR_DEG && lat <= bounds[3] + NEAR_DEG;
}

void map_write_meta(struct visit *visit)
{
    const struct edge_config *config = &visit->site->config;
    struct json_out *j = &visit->json;
    double bounds[4] = {-180, -85, 180, 85}, zoom[2] = {0, 14};
    meta_numbers(visit->site->tiles, "bounds", bounds, 4);
    meta_numbers(visit->site->tiles, "minzoom", &zoom[0], 1);
    meta_numbers(visit->site->tiles, "maxzoom", &zoom[1], 1);
    const double centre[2] = {(bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2};
    write_numbers(j, "bounds", bounds, 4, 6);
    write_numbers(j, "centre", centre, 2, 6);
    write_numbers(j, "zoom", zoom, 2, 0);
    json_kc(j, "attribution", config->attribution);
    json_kc(j, "city", config->city);
    json_key(j, "name");
    json_obj(j);
    json_kc(j, "zh", config->name_zh);
    json_kc(j, "en", config->name_en);
    json_obj_end(j);
}

void map_meta(struct visit *visit)
{
    json_obj(&visit->json);
    map_write_meta(visit);
    json_obj_end(&visit->json);
    visit_ok(visit, 200);
}
