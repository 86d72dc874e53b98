/* Posts. A police station for each township and fire and ambulance stations where the rule says,
 * each at the junction nearest to the middle of what it serves; street posts at the busiest
 * junctions, the busiest first, none nearer to another than the spec says. Busy = the classes of
 * the streets that meet there, and the calls of the log within BUSY_M. */
#include "job/city_priv.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BUSY_M 250.0
#define CALLS_PER_POINT 15.0
#define MAX_NAMES 2
#define MEDIAN_ROUNDS 40

struct junction {
    struct point_m at;
    struct place place;
    uint32_t node, arms, name_count;
    struct str names[MAX_NAMES];
    double busy;
};
struct sites {
    struct city *city;
    struct junction *junctions;
    uint32_t count;
    struct points *near;
};

static double class_points(const char *class)
{
    static const struct {
        const char *class;
        double points;
    } table[] = {
        {"primary", 4}, {"secondary", 3}, {"tertiary", 2}, {"residential", 1}, {"unclassified", 1}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (strcmp(table[i].class, class) == 0) {
            return table[i].points;
        }
    }
    return 0; /* motorways and their slips hold no post */
}

static void arm_add(struct junction *j, const struct road *road, uint32_t edge)
{
    struct road_edge e = road_edge(road, edge);
    double points = class_points(road_class_name(road_way(road, e.way).road_class));
    j->busy = points == 0 ? -INFINITY : j->busy + points;
    j->arms++;
    for (uint32_t i = 0; i < j->name_count; i++) {
        if (str_eq(j->names[i], e.name)) {
            return;
        }
    }
    if (e.name.len > 0 && j->name_count < MAX_NAMES) {
        j->names[j->name_count++] = e.name;
    }
}

static enum err junctions_find(struct sites *s)
{
    struct city *city = s->city;
    const struct road *road = city->input->road;
    struct road_info info = road_info(road);
    struct junction *all = ARENA_NEW(city->arena, struct junction, info.nodes);
    struct point_m *at = ARENA_NEW(city->arena, struct point_m, info.nodes);
    if (all == NULL || at == NULL) {
        return ERR_LIMIT;
    }
    for (uint32_t e = 0; e < info.edges; e++) {
        struct road_edge edge = road_edge(road, e);
        arm_add(&all[edge.tail], road, e);
        arm_add(&all[edge.head], road, e);
    }
    for (uint32_t n = 0; n < info.nodes; n++) {
        if (all[n].arms >= 3 && all[n].busy > 0 && all[n].name_count > 0) {
            struct junction *j = &all[s->count];
            *j = all[n];
            j->node = n;
            j->place = road_node_place(road, n);
            j->at = at[s->count++] = flat_of_place(city->flat, j->place);
        }
    }
    s->junctions = all;
    s->near = points_new(city->arena, at, s->count, 120);
    return s->near != NULL && s->count > 0 ? OK : ERR_RANGE;
}

/* Calls of the log count towards the junctions near them. */
static void calls_count(struct sites *s)
{
    const struct dispatch_log *log = s->city->input->log;
    for (size_t i = 0; log != NULL && i < log->call_count; i++) {
        uint32_t nearest[POINTS_MAX_NEAREST];
        struct point_m at = flat_of_place(s->city->flat, log->calls[i].place);
        size_t n = points_nearest(s->near, at, BUSY_M, 4, nearest);
        for (size_t k = 0; k < n; k++) {
            s->junctions[nearest[k]].busy += 1 / CALLS_PER_POINT;
        }
    }
}

static struct place junction_near(const struct sites *s, struct point_m at)
{
    uint32_t nearest[POINTS_MAX_NEAREST];
    (void)points_nearest(s->near, at, INFINITY, 1, nearest);
    return s->junctions[nearest[0]].place;
}

static struct city_post *post_add(struct city *city, const char *kind, struct str code,
                                  struct place place)
{
    if (city->post_count == CITY_MAX_POSTS) {
        return NULL;
    }
    struct city_post *post = &city->posts[city->post_count++];
    *post = (struct city_post){.code = code, .kind = kind, .place = place};
    post->township = city_township_at(city, place);
    return post;
}

/* ------------------------------------------------------------------ street posts */

static int busiest_first(const void *pa, const void *pb)
{
    const struct junction *a = *(struct junction *const *)pa, *b = *(struct junction *const *)pb;
    if (a->busy != b->busy) {
        return a->busy > b->busy ? -1 : 1;
    }
    return (a->node > b->node) - (a->node < b->node);
}

static bool is_apart(const struct city *city, uint32_t first, struct point_m at, double apart_m)
{
    for (uint32_t p = first; p < city->post_count; p++) {
        struct point_m other = flat_of_place(city->flat, city->posts[p].place);
        if (point_distance_m(at, other) < apart_m) {
            return false;
        }
    }
    return true;
}

static struct str crossing_name(struct city *city, const struct junction *j)
{
    struct str a = city_shown(city->arena, j->names[0]);
    struct str b = j->name_count > 1 ? city_shown(city->arena, j->names[1]) : STR("");
    if (city->is_zh) {
        return arena_printf(city->arena, STR_FMT STR_FMT "警务站", STR_ARG(a), STR_ARG(b));
    }
    return arena_printf(city->arena, STR_FMT "%s" STR_FMT " post", STR_ARG(a),
                        b.len > 0 ? " / " : "", STR_ARG(b));
}

static enum err street_posts(struct sites *s)
{
    struct city *city = s->city;
    int64_t count = json_int(city_spec(city, "street_posts", "count"));
    double apart_m = json_number(city_spec(city, "street_posts", "apart_m"));
    struct junction **order = ARENA_NEW(city->arena, struct junction *, s->count);
    if (order == NULL) {
        return ERR_LIMIT;
    }
    for (uint32_t i = 0; i < s->count; i++) {
        order[i] = &s->junctions[i];
    }
    qsort(order, s->count, sizeof(struct junction *), busiest_first);
    uint32_t first = city->post_count;
    for (uint32_t i = 0; i < s->count && city->post_count - first < count; i++) {
        if (!is_apart(city, first, order[i]->at, apart_m)) {
            continue;
        }
        uint32_t number = city->post_count - first + 1;
        struct str code = arena_printf(city->arena, "Z%03u", number);
        struct city_post *post = post_add(city, "street_post", code, order[i]->place);
        if (post == NULL) {
            return ERR_LIMIT;
        }
        post->name = crossing_name(city, order[i]);
        post->body = city_body_of_township(city, post->township);
    }
    return OK;
}

/* ------------------------------------------------------------------ stations */

/* Weighted middle of the streets of a township. */
static struct point_m township_middle(const struct city *city, uint32_t township)
{
    const struct street_points *streets = city->streets;
    double x = 0, y = 0, metres = 0;
    for (size_t i = 0; i < streets->count; i++) {
        if (city->areas[streets->village[i]].parent == township) {
            x += streets->metres[i] * streets->at[i].x_m;
            y += streets->metres[i] * streets->at[i].y_m;
            metres += streets->metres[i];
        }
    }
    return (struct point_m){x / metres, y / metres};
}

static enum err police_stations(struct sites *s)
{
    struct city *city = s->city;
    uint32_t count = 0, first = city_level_first(city, CITY_TOWNSHIP, &count);
    for (uint32_t t = first; t < first + count; t++) {
        struct str code = arena_printf(city->arena, "PS%s", city->areas[t].code + 4);
        struct city_post *post =
            post_add(city, "station", code, junction_near(s, township_middle(city, t)));
        if (post == NULL) {
            return ERR_LIMIT;
        }
        post->name = city->areas[t].station;
        post->body = city_body_of_township(city, t);
        post->township = t;
    }
    return OK;
}

/* The place with the least sum of distances to the calls of a station area (Weiszfeld 1937). */
static struct point_m median_of_calls(const struct city *city, struct str station_area)
{
    const struct dispatch_log *log = city->input->log;
    struct point_m middle = {0, 0};
    for (int round = 0; round < MEDIAN_ROUNDS; round++) {
        double x = 0, y = 0, weight = 0;
        for (size_t i = 0; i < log->call_count; i++) {
            if (!str_eq(log->calls[i].station_area, station_area)) {
                continue;
            }
            struct point_m at = flat_of_place(city->flat, log->calls[i].place);
            double w = round == 0 ? 1 : 1 / fmax(1, point_distance_m(at, middle));
            x += w * at.x_m;
            y += w * at.y_m;
            weight += w;
        }
        middle = weight > 0 ? (struct point_m){x / weight, y / weight} : middle;
    }
    return middle;
}

static enum err fire_stations_by_log(struct sites *s)
{
    struct city *city = s->city;
    const struct dispatch_log *log = city->input->log;
    uint32_t first = city->post_count;
    for (size_t i = 0; i < log->call_count; i++) {
        struct str area = log->calls[i].station_area;
        bool is_known = area.len == 0;
        for (uint32_t p = first; p < city->post_count && !is_known; p++) {
            is_known = str_eq(str_from(city->posts[p].code, 2), area);
        }
        if (is_known) {
            continue;
        }
        struct str code = arena_printf(city->arena, "FS" STR_FMT, STR_ARG(area));
        struct city_post *post =
            post_add(city, "fire_station", code, junction_near(s, median_of_calls(city, area)));
        if (post == NULL) {
            return ERR_LIMIT;
        }
        post->name = arena_printf(city->arena, "Fire station " STR_FMT, STR_ARG(area));
        post->body = STR("fire");
    }
    return OK;
}

/* `count` stations, one in every so many townships, in the order of their codes. */
static enum err stations_spread(struct sites *s, const char *kind, const char *body, int64_t count,
                                const char *zh_name)
{
    struct city *city = s->city;
    uint32_t townships = 0, first = city_level_first(city, CITY_TOWNSHIP, &townships);
    for (int64_t i = 0; i < count && townships > 0; i++) {
        uint32_t t = first + (uint32_t)(i * townships / count);
        struct point_m at = township_middle(city, t);
        at.y_m -= 200; /* not on top of the police station */
        struct str code =
            arena_printf(city->arena, "%c%s%02u", body[0] == 'f' ? 'F' : 'A', "S", (unsigned)i + 1);
        struct city_post *post = post_add(city, kind, code, junction_near(s, at));
        if (post == NULL) {
            return ERR_LIMIT;
        }
        post->body = str_of(body);
        struct str stem = city->areas[t].name;
        stem = city->is_zh && stem.len > 6 ? (struct str){stem.p, stem.len - 6} : stem; /* 街道 */
        post->name = city->is_zh
                         ? arena_printf(city->arena, STR_FMT "%s", STR_ARG(stem), zh_name)
                         : arena_printf(city->arena, "%s station %u", body, (unsigned)i + 1);
    }
    return OK;
}

enum err city_posts(struct city *city)
{
    struct sites s = {.city = city};
    city->posts = ARENA_NEW(city->arena, struct city_post, CITY_MAX_POSTS);
    if (city->posts == NULL) {
        return ERR_LIMIT;
    }
    enum err err = junctions_find(&s);
    if (err == OK) {
        calls_count(&s);
        err = police_stations(&s);
    }
    err = err == OK ? street_posts(&s) : err;
    if (err == OK && city->input->log != NULL) {
        err = fire_stations_by_log(&s);
    }
    int64_t engines = json_int(city_spec(city, "units", "engines"));
    int64_t ambulances = json_int(city_spec(city, "units", "ambulances"));
    err = err == OK ? stations_spread(&s, "fire_station", "fire", engines, "消防站") : err;
    return err == OK ? stations_spread(&s, "ambulance_station", "ambulance", (ambulances + 1) / 2,
                                       "急救站")
                     : err;
}
