/* street.c - the line of a street, by its name or by the id of a way: what a closure of it is drawn
 * from. */
#include "edge/edge_priv.h"

#include "geo/geojson.h"

#define STREET_MAX_EDGES 4000u /* a closure's path has its limit too */
#define STREET_MAX_PLACES 4096u
#define STREET_NEAR_M 3000.0 /* streets of one name in other parts of the city are left out */

struct wanted {
    struct str name;
    int64_t way;       /* 0 = by name */
    struct place near; /* PLACE_NONE = anywhere */
};

static bool is_wanted(const struct road *road, const struct wanted *wanted,
                      const struct road_way *way)
{
    if (wanted->way)
        return way->id == wanted->way;
    if (!str_eq(way->name, wanted->name) && !str_eq(way->name_alt, wanted->name))
        return false;
    const struct place first = road_node_place(road, road_edge(road, way->edges[0]).tail);
    return !place_is_valid(wanted->near) || place_distance_m(first, wanted->near) <= STREET_NEAR_M;
}

static uint32_t write_lines(struct visit *visit, const struct road *road,
                            const struct wanted *wanted)
{
    struct place *places = ARENA_NEW(&visit->arena, struct place, STREET_MAX_PLACES);
    uint32_t edges = 0;
    for (uint32_t i = 0; places && i < road_way_count(road) && edges < STREET_MAX_EDGES; i++) {
        const struct road_way way = road_way(road, i);
        if (way.edge_count == 0 || !is_wanted(road, wanted, &way))
            continue;
        for (uint32_t k = 0; k < way.edge_count && edges < STREET_MAX_EDGES; k++, edges++) {
            const uint32_t count = road_edge_shape(road, way.edges[k], places, STREET_MAX_PLACES);
            json_arr(&visit->json);
            for (uint32_t n = 0; n < count && n < STREET_MAX_PLACES; n++)
                geojson_write_place(&visit->json, places[n]);
            json_arr_end(&visit->json);
        }
    }
    return edges;
}

void street_get(struct visit *visit)
{
    const struct edge *edge = edge_of(visit);
    const struct query_value *name = visit_query(visit, "name");
    const struct query_value *way = visit_query(visit, "way");
    const struct query_value *near = visit_query(visit, "near");
    struct wanted wanted = {.near = near ? near->places[0] : PLACE_NONE};
    struct json_out *j = &visit->json;
    uint64_t id = 0;
    if (!edge->road || (!name && !way) || (way && str_u64(way->value, &id) != OK)) {
        visit_problem(visit, edge->road ? 400 : 503, "a street's name or a way's number", NULL);
        return;
    }
    wanted.way = (int64_t)id;
    wanted.name = name ? name->value : (struct str){0};
    json_obj(j);
    json_kc(j, "type", "Feature");
    json_key(j, "geometry");
    json_obj(j);
    json_kc(j, "type", "MultiLineString");
    json_key(j, "coordinates");
    json_arr(j);
    const uint32_t edges = write_lines(visit, edge->road, &wanted);
    json_arr_end(j);
    json_obj_end(j);
    json_key(j, "properties");
    json_obj(j);
    json_kstr(j, "name", wanted.name);
    json_ku64(j, "pieces", edges);
    json_obj_end(j);
    json_obj_end(j);
    if (edges > 0) {
        visit_ok(visit, 200);
        return;
    }
    out_reset(&visit->out);
    visit_problem(visit, 404, "no street of that name or number", NULL);
}
