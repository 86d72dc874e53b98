/* Offices: one command centre with police, fire and ambulance under it, so that one desk can send
 * all three; a sub-bureau for each county and a station for each township. Other departments are
 * trees of their own: nothing crosses to them by rank. */
#include "job/city_priv.h"

struct fixed_body {
    const char *code, *parent, *kind, *en, *zh;
};
static const struct fixed_body fixed[] = {
    {"command", "", "command", "Command centre (demo)", "情报指挥中心（示范）"},
    {"police", "command", "police", "City police (demo)", "公安局（示范）"},
    {"fire", "command", "fire", "Fire service (demo)", "消防救援支队（示范）"},
    {"ambulance", "command", "ambulance", "Ambulance service (demo)", "医疗急救中心（示范）"},
    {"traffic", "police", "police", "Traffic police (demo)", "交警支队（示范）"},
    {"health", "", "health", "Health department (demo)", "卫生健康委（示范）"},
    {"education", "", "education", "Education department (demo)", "教育局（示范）"},
    {"transport", "", "transport", "Transport department (demo)", "交通运输局（示范）"},
    {"city-management", "", "city_management", "City management (demo)", "城市管理局（示范）"},
    {"court", "", "court", "Court (demo)", "法院（示范）"},
    {"procuratorate", "", "procuratorate", "Prosecution office (demo)", "检察院（示范）"},
    {"volunteers", "", "force", "Volunteers (demo)", "平安志愿者（示范）"},
    {"company", "", "company", "Water company (demo)", "供水公司（示范）"},
};
#define FIXED_COUNT (sizeof fixed / sizeof fixed[0])

struct str city_body_of_township(const struct city *city, uint32_t township)
{
    return arena_printf(city->arena, "ps-%s", city->areas[township].code);
}

enum err city_bodies(struct city *city)
{
    city->bodies = ARENA_NEW(city->arena, struct city_body, FIXED_COUNT + city->area_count);
    if (city->bodies == NULL) {
        return ERR_LIMIT;
    }
    for (size_t i = 0; i < FIXED_COUNT; i++) {
        city->bodies[city->body_count++] =
            (struct city_body){.code = str_of(fixed[i].code),
                               .name = str_of(city->is_zh ? fixed[i].zh : fixed[i].en),
                               .kind = str_of(fixed[i].kind),
                               .parent = str_of(fixed[i].parent)};
    }
    for (uint32_t a = 0; a < city->area_count; a++) {
        const struct city_area *area = &city->areas[a];
        struct city_body body = {.kind = STR("police")};
        if (area->level == CITY_COUNTY) {
            body.code = arena_printf(city->arena, "pb-%s", area->code);
            body.parent = STR("police");
            body.name = arena_printf(
                city->arena, city->is_zh ? STR_FMT "分局（示范）" : STR_FMT " police (demo)",
                STR_ARG(area->name));
        } else if (area->level == CITY_TOWNSHIP) {
            body.code = city_body_of_township(city, a);
            body.parent = arena_printf(city->arena, "pb-%s", city->areas[area->parent].code);
            body.name = area->station;
        } else {
            continue;
        }
        city->bodies[city->body_count++] = body;
    }
    return OK;
}
