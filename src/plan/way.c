#include "plan/way.h"
#include "geo/geojson.h"

enum err way_geojson(const struct road_route *route, struct out *out)
{
    struct json_out j = json_out_of(out);
    json_obj(&j);
    json_kc(&j, "type", "Feature");
    json_key(&j, "geometry");
    geojson_write_line(&j, (struct line){route->places, route->place_count});
    json_key(&j, "properties");
    json_obj(&j);
    json_key(&j, "seconds");
    json_fixed(&j, route->ms, 3);
    json_ku64(&j, "metres", route->length_mm / 1000);
    json_kbool(&j, "starts_in_closure", route->starts_in_closure);
    json_kbool(&j, "ends_in_closure", route->ends_in_closure);
    json_key(&j, "legs");
    json_arr(&j);
    for (uint32_t i = 0; i < route->leg_count; i++) {
        json_obj(&j);
        json_kstr(&j, "name", route->legs[i].name);
        json_ku64(&j, "metres", route->legs[i].length_mm / 1000);
        json_key(&j, "seconds");
        json_fixed(&j, route->legs[i].ms, 3);
        json_obj_end(&j);
    }
    json_arr_end(&j);
    json_obj_end(&j);
    json_obj_end(&j);
    return out->err;
}

enum err way_passage_geojson(const struct craft_row *row, const struct passage *passage,
                             uint32_t ms, struct out *out)
{
    struct json_out j = json_out_of(out);
    json_obj(&j);
    json_kc(&j, "type", "Feature");
    json_key(&j, "geometry");
    geojson_write_line(&j, (struct line){passage->places, passage->place_count});
    json_key(&j, "properties");
    json_obj(&j);
    json_kc(&j, "craft", row->name);
    json_kc(&j, "medium", row->kind == MEDIUM_AIR ? "air" : "water");
    json_key(&j, "seconds");
    json_fixed(&j, ms, 3);
    json_ku64(&j, "metres", (uint64_t)passage->length_m);
    json_kbool(&j, "is_beyond_endurance", passage->is_beyond_endurance);
    json_obj_end(&j);
    json_obj_end(&j);
    return out->err;
}
