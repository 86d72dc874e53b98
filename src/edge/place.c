/* place.c - what is known of a place: its areas with station, officer and phone, the nearest
 * street; and the other way round: places by name. */
#include "edge/edge_priv.h"

#define NEAR_BORDER_M 60.0
#define STREET_M 400.0
#define MAX_CHAIN 16
#define MAX_NEAR 4

static void write_area(struct json_out *j, const struct visit *visit, uint32_t number)
{
    const struct atlas *atlas = &edge_of(visit)->atlas;
    const struct area_object *area = &atlas->areas[number].object;
    char id[ID_TEXT_CAP];
    id_text(OBJECT_area, visit->site->config.realm, number, id);
    json_obj(j);
    json_kc(j, "id", id);
    json_kc(j, "code", area->code);
    json_kc(j, "name", area->name);
    json_ku64(j, "level", area->level);
    json_obj_end(j);
}

/* Of each value the deepest area that has one. */
static void write_charge(struct json_out *j, const struct atlas *atlas, const uint32_t *chain,
                         size_t count)
{
    const char *station = NULL, *officer = NULL, *phone = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct area_object *area = &atlas->areas[chain[i]].object;
        if (!station && area->station[0])
            station = area->station;
        if (!officer && area->officer[0])
            officer = area->officer;
        if (!phone && area->phone[0])
            phone = area->phone;
    }
    if (station)
        json_kc(j, "station", station);
    if (officer)
        json_kc(j, "officer", officer);
    if (phone)
        json_kc(j, "phone", phone);
}

static void write_street(struct json_out *j, const struct edge *edge, struct place place)
{
    struct road_snap snap;
    if (!edge->road || road_snap(edge->road, 0, place, STREET_M, &snap) != OK)
        return;
    struct road_edge street = road_edge(edge->road, snap.point.edge);
    if (street.name.len == 0)
        return;
    json_key(j, "nearest_street");
    json_obj(j);
    json_kstr(j, "name", street.name);
    json_ki64(j, "metres", (int64_t)(snap.away_m + 0.5));
    json_obj_end(j);
}

static bool degrees(struct visit *visit, const char *name, int64_t limit_e7, int32_t *ret_e7)
{
    int64_t e7;
    if (str_fixed(visit_query(visit, name)->value, 7, &e7) != OK || e7 < -limit_e7 ||
        e7 > limit_e7) {
        visit_problem(visit, 400, "must be degrees", name);
        return false;
    }
    *ret_e7 = (int32_t)e7;
    return true;
}

void place_resolve(struct visit *visit)
{
    const struct edge *edge = edge_of(visit);
    const struct atlas *atlas = &edge->atlas;
    struct place place;
    uint32_t chain[MAX_CHAIN], near[MAX_NEAR];
    if (!degrees(visit, "lat", 900000000, &place.lat_e7) ||
        !degrees(visit, "lon", 1800000000, &place.lon_e7))
        return;
    struct json_out *j = &visit->json;
    uint32_t deepest = area_find(atlas->index, place);
    size_t count = deepest ? area_chain(atlas->index, deepest, chain, MAX_CHAIN) : 0;
    size_t near_count = area_near(atlas->index, place, NEAR_BORDER_M, near, MAX_NEAR);
    json_obj(j);
    json_key(j, "areas");
    json_arr(j);
    for (size_t i = count; i > 0; i--)
        write_area(j, visit, chain[i - 1]);
    json_arr_end(j);
    write_charge(j, atlas, chain, count);
    write_street(j, edge, place);
    json_kbool(j, "is_near_border", near_count > 0);
    json_key(j, "near");
    json_arr(j);
    for (size_t i = 0; i < near_count; i++)
        write_area(j, visit, near[i]);
    json_arr_end(j);
    json_obj_end(j);
    visit_ok(visit, 200);
}

/* ---- search ---- */

static void write_hit(struct json_out *j, const char *text, const char *kind, struct place place)
{
    json_obj(j);
    json_kc(j, "text", text);
    json_kc(j, "kind", kind);
    json_key(j, "place");
    json_obj(j);
    json_key(j, "lat");
    json_fixed(j, place.lat_e7, 7);
    json_key(j, "lon");
    json_fixed(j, place.lon_e7, 7);
    json_obj_end(j);
}

static const char *kind_text(enum gazetteer_kind kind)
{
    return kind == GAZETTEER_CROSSING ? "intersection" : gazetteer_kind_text(kind);
}

/* Posts and areas by a part of their name or their whole code. Bytes are compared as they are. */
static bool is_named(const char *name, const char *code, struct str q)
{
    return q.len > 0 && (memmem(name, strlen(name), q.p, q.len) != NULL || str_eq_c(q, code));
}

static size_t write_posts(struct visit *visit, struct str q, size_t limit)
{
    const struct atlas *atlas = &edge_of(visit)->atlas;
    struct json_out *j = &visit->json;
    struct scope scope = access_scope(&visit->actor, ACTION_post_read, PURPOSE_NONE, &atlas->trees);
    char id[ID_TEXT_CAP];
    size_t count = 0;
    for (uint32_t n = 1; n < atlas->post_count && count < limit; n++) {
        const struct post_object *post = &atlas->posts[n];
        const struct envelope envelope = {.kind = OBJECT_post,
                                          .number = n,
                                          .body = post->body,
                                          .area = post->area,
                                          .data_class = DATA_DUTY,
                                          .is_open = true};
        if (!is_named(post->name, post->code, q) || !scope_holds(&scope, &atlas->trees, &envelope))
            continue;
        id_text(OBJECT_post, visit->site->config.realm, n, id);
        write_hit(j, post->name, "post", post->place);
        json_kc(j, "id", id);
        json_obj_end(j);
        count++;
    }
    return count;
}

static void write_areas(struct visit *visit, struct str q, size_t limit)
{
    const struct atlas *atlas = &edge_of(visit)->atlas;
    struct json_out *j = &visit->json;
    char id[ID_TEXT_CAP];
    size_t count = 0;
    for (uint32_t n = 1; n < atlas->area_count && count < limit; n++) {
        const struct atlas_area *area = &atlas->areas[n];
        if (!area->is_there || area->polygon_count == 0 ||
            !is_named(area->object.name, area->object.code, q))
            continue;
        id_text(OBJECT_area, visit->site->config.realm, n, id);
        write_hit(j, area->object.name, "area", polygon_label(area->polygons[0]));
        json_kc(j, "id", id);
        json_obj_end(j);
        count++;
    }
}

void place_search(struct visit *visit)
{
    const struct edge *edge = edge_of(visit);
    const struct query_value *q = visit_query(visit, "q"), *near = visit_query(visit, "near"),
                             *max = visit_query(visit, "limit");
    struct gazetteer_hit *hits = ARENA_NEW(&visit->arena, struct gazetteer_hit, GAZETTEER_MAX_HITS);
    size_t limit = max ? (size_t)max->number : 10, count = 0;
    struct json_out *j = &visit->json;
    if (edge->gazetteer &&
        gazetteer_search(edge->gazetteer, q->value, near ? near->places[0] : PLACE_NONE, hits,
                         limit, &count) != OK) {
        visit_problem(visit, 400, "cannot be searched for", "q");
        return;
    }
    json_obj(j);
    json_key(j, "items");
    json_arr(j);
    for (size_t i = 0; i < count; i++) {
        write_hit(j, hits[i].name, kind_text(hits[i].kind), hits[i].place);
        json_ku64(j, "accuracy_m", hits[i].accuracy_m);
        json_ku64(j, "score", hits[i].score);
        json_obj_end(j);
    }
    count += write_posts(visit, q->value, limit - count);
    write_areas(visit, q->value, limit > count ? limit - count : 0);
    json_arr_end(j);
    json_obj_end(j);
    visit_ok(visit, 200);
}
