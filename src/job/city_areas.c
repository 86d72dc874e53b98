/* Areas. Every street point is given a county and a township: by the log, the station area of most
 * of the nearest calls; without a log, groups of near streets of about equal length. Townships are
 * then cut into villages in the same way. The land is all that lies near a street, as a map of
 * squares; each square belongs to the village of the street next to it, and the squares become
 * polygons that fit together (mosaic.h). */
#include "job/city_priv.h"
#include "job/mosaic.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SQUARE_M 30.0
#define NEAR_STREET_M 130.0
#define LEAST_SQUARES 120u /* a piece smaller than this goes to its neighbour */
#define BORDER_TOLERANCE 0.85
#define VOTES 7u
#define LEAST_CALLS 5u
#define MAX_COUNTIES 99u
#define MAX_TOWNSHIPS 999u
#define MAX_VILLAGES 60u /* of one township */
#define MIN_STREETS 10u  /* points; groups of fewer are not split */

struct divider {
    struct city *city;
    struct street_points *streets;
    struct fault *ret_fault;
    /* townships in the order of their county */
    uint32_t *county_of_township, township_count;
    struct str *county_key, *township_key; /* of the log; empty else */
    uint32_t county_count;
    uint32_t *township; /* by street point */
    uint32_t *township_of_village, village_count;
    uint16_t *labels;
    struct mosaic_map map;
};

static double spec_number(const struct divider *d, const char *name, double preset)
{
    struct json v = city_spec(d->city, "areas", name);
    return json_type(v) == JSON_ABSENT ? preset : json_number(v);
}

/* ------------------------------------------------------------------ townships by the log */

struct station_area {
    struct str code, battalion;
    uint32_t calls;
};

static int by_battalion(const void *pa, const void *pb)
{
    const struct station_area *a = pa, *b = pb;
    int order = str_cmp(a->battalion, b->battalion);
    return order != 0 ? order : str_cmp(a->code, b->code);
}

/* The battalion that most calls of a station area name. */
static struct str usual_battalion(const struct dispatch_log *log, struct str station_area)
{
    struct str names[MAX_COUNTIES];
    uint32_t counts[MAX_COUNTIES], n = 0, best = 0;
    for (size_t i = 0; i < log->call_count; i++) {
        if (str_cmp(log->calls[i].station_area, station_area) != 0) {
            continue;
        }
        uint32_t k = 0;
        while (k < n && !str_eq(names[k], log->calls[i].battalion)) {
            k++;
        }
        if (k == n && n < MAX_COUNTIES) {
            names[n] = log->calls[i].battalion;
            counts[n++] = 0;
        }
        if (k < n) {
            counts[k]++;
            best = counts[k] > counts[best] ? k : best;
        }
    }
    return n > 0 ? names[best] : STR("");
}

static uint32_t station_areas(const struct dispatch_log *log, struct station_area *ret_all)
{
    uint32_t n = 0;
    for (size_t i = 0; i < log->call_count; i++) {
        uint32_t k = 0;
        while (k < n && !str_eq(ret_all[k].code, log->calls[i].station_area)) {
            k++;
        }
        if (k == n && n < MAX_TOWNSHIPS) {
            ret_all[n++] = (struct station_area){.code = log->calls[i].station_area};
        }
        if (k < n) {
            ret_all[k].calls++;
        }
    }
    uint32_t kept = 0;
    for (uint32_t k = 0; k < n; k++) {
        if (ret_all[k].calls >= LEAST_CALLS && ret_all[k].code.len > 0) {
            ret_all[kept] = ret_all[k];
            ret_all[kept].battalion = usual_battalion(log, ret_all[k].code);
            kept++;
        }
    }
    qsort(ret_all, kept, sizeof *ret_all, by_battalion);
    return kept;
}

/* The township named by most of the nearest calls; a tie goes to the nearer one. */
static uint32_t vote(const uint32_t *township_of_call, const uint32_t *nearest, size_t count)
{
    uint32_t best = UINT32_MAX;
    size_t best_votes = 0;
    for (size_t i = 0; i < count; i++) {
        size_t votes = 0;
        for (size_t k = 0; k < count; k++) {
            votes += township_of_call[nearest[k]] == township_of_call[nearest[i]];
        }
        if (township_of_call[nearest[i]] != UINT32_MAX && votes > best_votes) {
            best = township_of_call[nearest[i]];
            best_votes = votes;
        }
    }
    return best;
}

static enum err townships_by_log(struct divider *d)
{
    struct arena *arena = d->city->arena;
    const struct dispatch_log *log = d->city->input->log;
    struct station_area *all = ARENA_NEW(arena, struct station_area, MAX_TOWNSHIPS);
    struct point_m *call_at = ARENA_NEW(arena, struct point_m, log->call_count + 1);
    uint32_t *township_of_call = ARENA_NEW(arena, uint32_t, log->call_count + 1);
    if (all == NULL || call_at == NULL || township_of_call == NULL) {
        return ERR_LIMIT;
    }
    d->township_count = station_areas(log, all);
    for (uint32_t t = 0; t < d->township_count; t++) {
        bool is_new = t == 0 || !str_eq(all[t].battalion, all[t - 1].battalion);
        d->county_count += is_new;
        d->county_of_township[t] = d->county_count - 1;
        d->county_key[d->county_count - 1] = all[t].battalion;
        d->township_key[t] = all[t].code;
    }
    for (size_t i = 0; i < log->call_count; i++) {
        call_at[i] = flat_of_place(d->city->flat, log->calls[i].place);
        township_of_call[i] = UINT32_MAX;
        for (uint32_t t = 0; t < d->township_count; t++) {
            if (str_eq(all[t].code, log->calls[i].station_area)) {
                township_of_call[i] = t;
            }
        }
    }
    struct points *near_calls = points_new(arena, call_at, log->call_count, 150);
    if (near_calls == NULL) {
        return ERR_LIMIT;
    }
    for (size_t i = 0; i < d->streets->count; i++) {
        uint32_t nearest[POINTS_MAX_NEAREST];
        size_t n = points_nearest(near_calls, d->streets->at[i], INFINITY, VOTES, nearest);
        uint32_t t = vote(township_of_call, nearest, n);
        d->township[i] = t == UINT32_MAX ? 0 : t;
    }
    return d->township_count > 0 ? OK : ERR_RANGE;
}

/* ------------------------------------------------------------------ groups of streets */

/* Splits some street points into k groups: ret_group[i] is the group of which[i]. */
static enum err split(struct divider *d, const uint32_t *which, size_t count, uint32_t k,
                      uint32_t *ret_group)
{
    struct arena *arena = d->city->arena;
    struct point_m *at = ARENA_NEW(arena, struct point_m, count + 1);
    double *metres = ARENA_NEW(arena, double, count + 1);
    struct point_m *middles = ARENA_NEW(arena, struct point_m, k);
    if (at == NULL || metres == NULL || middles == NULL) {
        return ERR_LIMIT;
    }
    for (size_t i = 0; i < count; i++) {
        at[i] = d->streets->at[which[i]];
        metres[i] = d->streets->metres[which[i]];
    }
    return points_group(arena, at, metres, count, k, ret_group, middles);
}

/* The street points for which of[i] == value. */
static size_t select_points(const struct divider *d, const uint32_t *of, uint32_t value,
                            uint32_t *ret_which)
{
    size_t n = 0;
    for (uint32_t i = 0; i < d->streets->count; i++) {
        if (of[i] == value) {
            ret_which[n++] = i;
        }
    }
    return n;
}

/* As many parts as its length asks for. */
static uint32_t part_count(double metres, double part_km, size_t points, uint32_t most)
{
    double parts = fmax(1, round(metres / 1000 / part_km));
    uint32_t n = (uint32_t)fmin(parts, most);
    return points < n * (size_t)MIN_STREETS ? 1 : n;
}

static enum err townships_by_streets(struct divider *d, uint32_t *which, uint32_t *group)
{
    uint32_t *county = ARENA_NEW(d->city->arena, uint32_t, d->streets->count);
    uint32_t *all = ARENA_NEW(d->city->arena, uint32_t, d->streets->count);
    if (county == NULL || all == NULL) {
        return ERR_LIMIT;
    }
    double counties = spec_number(d, "counties", 6), km = spec_number(d, "township_km", 36);
    if (!(counties >= 1 && counties <= MAX_COUNTIES && km >= 1)) {
        return fault_field(d->ret_fault, ERR_RANGE, "areas", "counties or township_km");
    }
    d->county_count = (uint32_t)counties;
    for (uint32_t i = 0; i < d->streets->count; i++) {
        all[i] = i;
    }
    enum err err = split(d, all, d->streets->count, d->county_count, county);
    for (uint32_t c = 0; c < d->county_count && err == OK; c++) {
        size_t n = select_points(d, county, c, which);
        uint32_t room = MAX_TOWNSHIPS - d->township_count;
        uint32_t k = part_count(city_total_m(d->streets, which, n), km, n, room < 99 ? room : 99);
        if (n == 0 || room == 0) {
            continue;
        }
        err = split(d, which, n, k, group);
        for (size_t i = 0; i < n && err == OK; i++) {
            d->township[which[i]] = d->township_count + group[i];
        }
        for (uint32_t t = 0; t < k; t++) {
            d->county_of_township[d->township_count++] = c;
        }
    }
    return err;
}

static enum err villages(struct divider *d, uint32_t *which, uint32_t *group)
{
    double km = spec_number(d, "village_km", 6);
    if (!(km >= 0.5)) {
        return fault_field(d->ret_fault, ERR_RANGE, "areas", "village_km");
    }
    enum err err = OK;
    for (uint32_t t = 0; t < d->township_count && err == OK; t++) {
        size_t n = select_points(d, d->township, t, which);
        if (n == 0) {
            continue;
        }
        uint32_t k = part_count(city_total_m(d->streets, which, n), km, n, MAX_VILLAGES);
        if (d->village_count + k > CITY_MAX_AREAS) {
            return ERR_LIMIT;
        }
        err = split(d, which, n, k, group);
        for (size_t i = 0; i < n && err == OK; i++) {
            d->streets->village[which[i]] = d->village_count + group[i];
        }
        for (uint32_t v = 0; v < k; v++) {
            d->township_of_village[d->village_count++] = t;
        }
    }
    return err;
}

/* ------------------------------------------------------------------ squares */

static struct point_m square_middle(const struct divider *d, uint32_t x, uint32_t y)
{
    struct place place = {
        d->map.origin.lat_e7 + (int32_t)y * d->map.step_lat_e7 + d->map.step_lat_e7 / 2,
        d->map.origin.lon_e7 + (int32_t)x * d->map.step_lon_e7 + d->map.step_lon_e7 / 2};
    return flat_of_place(d->city->flat, place);
}

/* Paints the village of the nearest street into each square near one, and gives each street point
 * the village of its square, so that both agree after the tidying. */
static enum err squares_paint(struct divider *d)
{
    struct road_info info = road_info(d->city->input->road);
    struct flat flat = d->city->flat;
    struct mosaic_map *map = &d->map;
    map->step_lat_e7 = (int32_t)lround(SQUARE_M / flat.m_per_lat_e7);
    map->step_lon_e7 = (int32_t)lround(SQUARE_M / flat.m_per_lon_e7);
    int32_t rim = (int32_t)ceil(NEAR_STREET_M / SQUARE_M) + 1;
    map->origin = (struct place){info.min.lat_e7 - rim * map->step_lat_e7,
                                 info.min.lon_e7 - rim * map->step_lon_e7};
    map->width = (uint32_t)((info.max.lon_e7 - map->origin.lon_e7) / map->step_lon_e7 + rim + 1);
    map->height = (uint32_t)((info.max.lat_e7 - map->origin.lat_e7) / map->step_lat_e7 + rim + 1);
    uint64_t squares = (uint64_t)map->width * map->height;
    if (squares > MOSAIC_MAX_SQUARES) {
        return ERR_LIMIT;
    }
    map->labels = ARENA_NEW(d->city->arena, uint16_t, squares);
    if (map->labels == NULL) {
        return ERR_LIMIT;
    }
    for (uint32_t y = 0; y < map->height; y++) {
        for (uint32_t x = 0; x < map->width; x++) {
            uint32_t nearest[POINTS_MAX_NEAREST];
            size_t n =
                points_nearest(d->city->near, square_middle(d, x, y), NEAR_STREET_M, 1, nearest);
            if (n > 0) {
                map->labels[(size_t)y * map->width + x] =
                    (uint16_t)(d->streets->village[nearest[0]] + 1);
            }
        }
    }
    enum err err = mosaic_tidy(map, LEAST_SQUARES, d->city->arena);
    for (size_t i = 0; i < d->streets->count && err == OK; i++) {
        struct place p = flat_to_place(flat, d->streets->at[i]);
        size_t x = (size_t)((p.lon_e7 - map->origin.lon_e7) / map->step_lon_e7);
        size_t y = (size_t)((p.lat_e7 - map->origin.lat_e7) / map->step_lat_e7);
        uint16_t label = map->labels[y * map->width + x];
        if (label != 0) {
            d->streets->village[i] = label - 1u;
        }
    }
    return err;
}

/* ------------------------------------------------------------------ the tree */

static struct city_area *area_add(struct city *city, enum city_level level, uint32_t parent,
                                  uint32_t number)
{
    struct city_area *area = &city->areas[city->area_count++];
    *area = (struct city_area){.level = level, .parent = parent};
    struct str code = json_text(json_get(city->input->spec, "code"));
    if (level == CITY_CITY) {
        (void)str_copy(code, area->code, sizeof area->code);
    } else {
        const char *above = city->areas[parent].code;
        struct str text = level == CITY_COUNTY ? arena_printf(city->arena, "%s%02u", above, number)
                                               : arena_printf(city->arena, "%s%03u", above, number);
        (void)str_copy(text, area->code, sizeof area->code);
    }
    return area;
}

/* Area indices by village, township and county as they were before empty ones fell away. */
struct tree {
    uint32_t *of_village, *of_township, *of_county;
    bool *has_village, *has_township, *has_county;
};

static void mark_used(const struct divider *d, const struct tree *tree)
{
    uint64_t squares = (uint64_t)d->map.width * d->map.height;
    for (uint64_t i = 0; i < squares; i++) {
        if (d->map.labels[i] != 0) {
            uint32_t v = d->map.labels[i] - 1u, t = d->township_of_village[v];
            tree->has_village[v] = tree->has_township[t] = true;
            tree->has_county[d->county_of_township[t]] = true;
        }
    }
}

static enum err tree_fill(struct divider *d, struct tree *tree)
{
    struct city *city = d->city;
    (void)area_add(city, CITY_CITY, 0, 0);
    for (uint32_t c = 0, n = 0; c < d->county_count; c++) {
        if (tree->has_county[c]) {
            tree->of_county[c] = city->area_count;
            area_add(city, CITY_COUNTY, 0, ++n)->name = d->county_key[c];
        }
    }
    for (uint32_t t = 0, n = 0, county = UINT32_MAX; t < d->township_count; t++) {
        if (!tree->has_township[t]) {
            continue;
        }
        n = d->county_of_township[t] == county ? n + 1 : 1;
        county = d->county_of_township[t];
        tree->of_township[t] = city->area_count;
        area_add(city, CITY_TOWNSHIP, tree->of_county[county], n)->name = d->township_key[t];
    }
    for (uint32_t v = 0, n = 0, township = UINT32_MAX; v < d->village_count; v++) {
        if (!tree->has_village[v]) {
            continue;
        }
        n = d->township_of_village[v] == township ? n + 1 : 1;
        township = d->township_of_village[v];
        tree->of_village[v] = city->area_count;
        (void)area_add(city, CITY_VILLAGE, tree->of_township[township], n);
    }
    for (size_t i = 0; i < d->streets->count; i++) {
        uint32_t area = tree->of_village[d->streets->village[i]];
        d->streets->village[i] = area; /* from here on an index into areas */
        for (int level = CITY_VILLAGE; level >= CITY_CITY; level--) {
            city->areas[area].street_m += d->streets->metres[i];
            area = city->areas[area].parent;
        }
    }
    return OK;
}

/* Polygons of every area: its villages' squares put together. */
static enum err shapes(struct divider *d, const struct tree *tree)
{
    struct city *city = d->city;
    struct mosaic *mosaic = NULL;
    enum err err = mosaic_new(&d->map, BORDER_TOLERANCE, city->arena, &mosaic);
    uint32_t *group_of = ARENA_NEW(city->arena, uint32_t, d->village_count + 1);
    if (err != OK || group_of == NULL) {
        return err != OK ? err : ERR_LIMIT;
    }
    group_of[0] = UINT32_MAX; /* outside */
    for (int level = CITY_VILLAGE; level >= CITY_CITY; level--) {
        for (uint32_t v = 0; v < d->village_count; v++) {
            uint32_t area = tree->has_village[v] ? tree->of_village[v] : 0;
            for (int up = CITY_VILLAGE; up > level; up--) {
                area = city->areas[area].parent;
            }
            group_of[v + 1] = area;
        }
        for (uint32_t a = 0; a < city->area_count && err == OK; a++) {
            if ((int)city->areas[a].level != level) {
                continue;
            }
            struct polygon *polygons = NULL;
            err = mosaic_polygons(mosaic, group_of, a, &polygons, &city->areas[a].polygon_count);
            city->areas[a].polygons = polygons;
            if (err == OK && city->areas[a].polygon_count > 0) {
                city->areas[a].middle = polygon_label(polygons[0]);
            }
        }
    }
    return err;
}

static enum err divider_room(struct divider *d)
{
    struct arena *arena = d->city->arena;
    d->county_of_township = ARENA_NEW(arena, uint32_t, MAX_TOWNSHIPS + 1);
    d->county_key = ARENA_NEW(arena, struct str, MAX_TOWNSHIPS + 1);
    d->township_key = ARENA_NEW(arena, struct str, MAX_TOWNSHIPS + 1);
    d->township = ARENA_NEW(arena, uint32_t, d->streets->count);
    d->township_of_village = ARENA_NEW(arena, uint32_t, CITY_MAX_AREAS + 1);
    d->city->areas =
        ARENA_NEW(arena, struct city_area, 1 + MAX_COUNTIES + MAX_TOWNSHIPS + CITY_MAX_AREAS);
    bool has_room = d->county_of_township != NULL && d->county_key != NULL &&
                    d->township_key != NULL && d->township != NULL &&
                    d->township_of_village != NULL && d->city->areas != NULL;
    return has_room ? OK : ERR_LIMIT;
}

static enum err tree_room(const struct divider *d, struct tree *ret_tree)
{
    struct arena *arena = d->city->arena;
    *ret_tree = (struct tree){.of_village = ARENA_NEW(arena, uint32_t, d->village_count + 1),
                              .of_township = ARENA_NEW(arena, uint32_t, d->township_count + 1),
                              .of_county = ARENA_NEW(arena, uint32_t, d->county_count + 1),
                              .has_village = ARENA_NEW(arena, bool, d->village_count + 1),
                              .has_township = ARENA_NEW(arena, bool, d->township_count + 1),
                              .has_county = ARENA_NEW(arena, bool, d->county_count + 1)};
    return ret_tree->has_county != NULL && ret_tree->of_village != NULL ? OK : ERR_LIMIT;
}

enum err city_areas(struct city *city, struct street_points *streets, struct fault *ret_fault)
{
    struct divider d = {.city = city, .streets = streets, .ret_fault = ret_fault};
    uint32_t *which = ARENA_NEW(city->arena, uint32_t, streets->count);
    uint32_t *group = ARENA_NEW(city->arena, uint32_t, streets->count);
    enum err err = divider_room(&d);
    if (err != OK || which == NULL || group == NULL) {
        return ERR_LIMIT;
    }
    bool is_by_log = str_eq_c(json_text(city_spec(city, "areas", "by")), "log");
    if (is_by_log && city->input->log == NULL) {
        return fault_field(ret_fault, ERR_SYNTAX, "areas.by", "there is no log");
    }
    err = is_by_log ? townships_by_log(&d) : townships_by_streets(&d, which, group);
    err = err == OK ? villages(&d, which, group) : err;
    err = err == OK ? squares_paint(&d) : err;
    struct tree tree;
    err = err == OK ? tree_room(&d, &tree) : err;
    if (err == OK) {
        mark_used(&d, &tree);
        err = tree_fill(&d, &tree);
    }
    return err == OK ? shapes(&d, &tree) : err;
}
