/* ask_travel.c - the way of a unit to an incident. */
#include "core/ask.h"
#include "plan/way.h"

enum err ask_prepare_route(struct core *core, struct ask *ask,
                           const struct incident_object *incident, struct json params)
{
    uint32_t realm, number;
    int64_t at_us;
    if (id_parse(json_text(json_get(params, "unit")), OBJECT_unit, &realm, &number) != OK) {
        ask->detail = STR("unit must be an id as unit-1-7");
        return ERR_SYNTAX;
    }
    const struct unit_object *unit = desk_unit(core->desk, (struct unit_id){number});
    if (!unit || !ask_sees_unit(core, ask, number))
        return ERR_NOT_FOUND;
    ask->to = incident_place(incident);
    ask->from = core_place_of_unit(core, number, unit, &at_us);
    ask->profile = road_profile(ask->road, unit->profile);
    if (ask->profile == ROAD_NONE)
        ask->craft = media_craft(ask->media, str_of(unit->profile));
    if (!place_is_valid(ask->from) || !place_is_valid(ask->to) ||
        (ask->profile == ROAD_NONE && !ask->craft)) {
        ask->detail = STR("the unit or the incident has no place, or no known way of travelling");
        return ERR_STATE;
    }
    return OK;
}

static void run_craft(struct ask *ask)
{
    struct media_way way;
    struct fault fault = {0};
    ask->err = media_path(ask->media, ask->craft, ask->from, ask->to, &ask->arena, &way, &fault);
    if (ask->err)
        ask->detail = fault.text ? str_of(fault.text) : STR("nothing joins the two places");
    else
        ask->err = way_passage_geojson(ask->craft, &way.passage, way.ms, &ask->answer);
}

void ask_run_route(struct ask *ask, struct road_scratch *scratch)
{
    if (ask->craft) {
        run_craft(ask);
        return;
    }
    struct road_snap from, to;
    struct road_route route;
    ask->err = road_snap(ask->road, ask->profile, ask->from, RECOMMEND_SNAP_M, &from);
    if (!ask->err)
        ask->err = road_snap(ask->road, ask->profile, ask->to, RECOMMEND_SNAP_M, &to);
    if (!ask->err)
        ask->err = road_route(ask->metrics[ask->profile], scratch, from.point, to.point, &route);
    if (ask->err)
        ask->detail = STR("there is no way by road");
    else
        ask->err = way_geojson(&route, &ask->answer);
}
