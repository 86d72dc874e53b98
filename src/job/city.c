#include "job/city_priv.h"
#include <math.h>
#include <string.h>

struct json city_spec(const struct city *city, const char *outer, const char *inner)
{
    struct json v = json_get(city->input->spec, outer);
    return inner == NULL ? v : json_get(v, inner);
}

uint32_t city_level_first(const struct city *city, enum city_level level, uint32_t *ret_count)
{
    uint32_t first = 0, count = 0;
    for (uint32_t a = 0; a < city->area_count; a++) {
        if (city->areas[a].level == level) {
            first = count == 0 ? a : first;
            count++;
        }
    }
    *ret_count = count;
    return first;
}

uint32_t city_township_at(const struct city *city, struct place place)
{
    uint32_t nearest[POINTS_MAX_NEAREST];
    struct point_m at = flat_of_place(city->flat, place);
    if (points_nearest(city->near, at, INFINITY, 1, nearest) == 0) {
        return 0;
    }
    uint32_t area = city->streets->village[nearest[0]];
    return city->areas[area].level == CITY_VILLAGE ? city->areas[area].parent : area;
}

enum err city_make(const struct city_input *input, struct arena *arena, struct city *ret_city,
                   struct fault *ret_fault)
{
    static const char *const needed[] = {"code",  "name",         "language", "zone",
                                         "areas", "street_posts", "units"};
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        if (json_type(json_get(input->spec, needed[i])) == JSON_ABSENT) {
            return fault_field(ret_fault, ERR_SYNTAX, needed[i], "is missing in cities.json");
        }
    }
    struct road_info info = road_info(input->road);
    struct box box = {info.min, info.max};
    struct city city = {.input = input, .arena = arena, .flat = flat_at(box_middle(box))};
    city.is_zh = str_eq_c(json_text(json_get(input->spec, "language")), "zh");
    struct street_points *streets = ARENA_NEW(arena, struct street_points, 1);
    enum err err = streets == NULL ? ERR_LIMIT : city_streets(&city, streets);
    if (err == OK) {
        city.streets = streets;
        city.near = points_new(arena, streets->at, streets->count, 60);
        err = city.near == NULL ? ERR_LIMIT : city_areas(&city, streets, ret_fault);
    }
    err = err == OK ? city_names(&city, streets) : err;
    err = err == OK ? city_bodies(&city) : err;
    err = err == OK ? city_posts(&city) : err;
    err = err == OK ? city_units(&city, ret_fault) : err;
    if (err == OK) {
        *ret_city = city;
    }
    return err;
}
