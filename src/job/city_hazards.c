/* Hazards of a demo city: one beside every third post, of each kind in turn, marked as made up. */
#include "job/city.h"
#include "job/command_lines.h"

#define EVERY_POST 3
#define ASIDE_E7 6000 /* some sixty metres */

static const struct {
    const char *kind, *zh, *en;
} made[] = {
    {"gas", "后院存放液化气瓶", "gas bottles in the back yard"},
    {"dog", "院内有大型犬，进门前先呼叫", "large dog loose in the yard: call before the gate"},
    {"floor", "二层楼板不稳", "weak floor on the second storey"},
    {"chemicals", "车间存放酸液", "acids kept in the workshop"},
    {"radio", "地下二层无电台信号", "no radio below ground"},
};

enum err city_hazards_write(const struct city *city, struct out *out)
{
    const size_t count = sizeof made / sizeof made[0];
    for (uint32_t i = 0; i < city->post_count; i += EVERY_POST) {
        const size_t k = i / EVERY_POST % count;
        struct place place = city->posts[i].place;
        place.lat_e7 += ASIDE_E7;
        struct json_out j = command_line_begin(out, COMMAND_hazard_set, (struct str){0});
        json_kc(&j, "kind", made[k].kind);
        json_key(&j, "place");
        json_obj(&j);
        json_key(&j, "lat");
        json_fixed(&j, place.lat_e7, 7);
        json_key(&j, "lon");
        json_fixed(&j, place.lon_e7, 7);
        json_obj_end(&j);
        json_kc(&j, "note", city->is_zh ? made[k].zh : made[k].en);
        json_kc(&j, "ground", city->is_zh ? "演示数据" : "made-up data");
        command_line_end(&j);
    }
    return out->err;
}
