/* Names. By the log: battalion, station area and neighbourhood as it calls them. Without one: the
 * street that is longest in the area and that no area of the level has taken yet. Officers and
 * telephone numbers are made up; one village in 31 has no officer, as in life. */
#include "base/digest.h"
#include "base/map.h"
#include "job/city_priv.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_STREETS 200000u
#define NO_OFFICER_EVERY 31u

struct namer {
    struct city *city;
    const struct street_points *streets;
    struct map index_of; /* street name to index */
    struct str *names;
    double *metres; /* in the area at hand */
    bool *is_taken; /* by an area of this level */
    uint32_t *touched, name_count;
};

struct str city_shown(struct arena *arena, struct str street)
{
    for (size_t i = 0; i < street.len; i++) {
        if ((street.p[i] >= 'a' && street.p[i] <= 'z') || (street.p[i] & 0x80) != 0) {
            return street;
        }
    }
    char *copy = ARENA_NEW(arena, char, street.len + 1);
    if (copy == NULL) {
        return street;
    }
    size_t n = 0;
    bool is_first = true, has_digit = false;
    for (size_t i = 0; i < street.len; i++) {
        char c = street.p[i];
        bool is_digit = c >= '0' && c <= '9';
        if (is_first && c == '0' && i + 1 < street.len && street.p[i + 1] >= '0' &&
            street.p[i + 1] <= '9') {
            continue; /* leading zero */
        }
        bool is_small = c >= 'A' && c <= 'Z' && (!is_first || has_digit);
        copy[n++] = is_small ? (char)(c - 'A' + 'a') : c;
        has_digit = c != ' ' && (has_digit || is_digit);
        is_first = c == ' ';
    }
    return (struct str){copy, n};
}

static uint32_t ancestor(const struct city *city, uint32_t area, enum city_level level)
{
    while (city->areas[area].level > level) {
        area = city->areas[area].parent;
    }
    return area;
}

/* Tunnels and split levels give no good names. */
static bool is_good_name(struct str name)
{
    static const char *const bad[] = {"隧道", "地道", "高架", "匝道", "(", "（", "TUNNEL", "RAMP"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (memmem(name.p, name.len, bad[i], strlen(bad[i])) != NULL) {
            return false;
        }
    }
    return name.len > 0;
}

/* The longest street of an area that is not taken; empty if all are. */
static struct str longest_street(struct namer *n, uint32_t area)
{
    enum city_level level = n->city->areas[area].level;
    uint32_t touched_count = 0, best = UINT32_MAX;
    for (size_t i = 0; i < n->streets->count; i++) {
        if (ancestor(n->city, n->streets->village[i], level) != area) {
            continue;
        }
        struct str name = road_edge(n->city->input->road, n->streets->edge[i]).name;
        uint32_t k = 0;
        if (!is_good_name(name) || !map_get(&n->index_of, digest_u64(name.p, name.len), &k)) {
            continue;
        }
        if (n->metres[k] == 0) {
            n->touched[touched_count++] = k;
        }
        n->metres[k] += n->streets->metres[i];
        bool is_better = best == UINT32_MAX || n->metres[k] > n->metres[best];
        best = !n->is_taken[k] && is_better ? k : best;
    }
    for (uint32_t i = 0; i < touched_count; i++) {
        n->metres[n->touched[i]] = 0;
    }
    if (best == UINT32_MAX) {
        return STR("");
    }
    n->is_taken[best] = true;
    return n->names[best];
}

static enum err streets_list(struct namer *n)
{
    struct arena *arena = n->city->arena;
    n->names = ARENA_NEW(arena, struct str, MAX_STREETS);
    n->metres = ARENA_NEW(arena, double, MAX_STREETS);
    n->is_taken = ARENA_NEW(arena, bool, MAX_STREETS);
    n->touched = ARENA_NEW(arena, uint32_t, MAX_STREETS);
    if (n->names == NULL || n->metres == NULL || n->is_taken == NULL || n->touched == NULL) {
        return ERR_LIMIT;
    }
    for (size_t i = 0; i < n->streets->count; i++) {
        struct str name = road_edge(n->city->input->road, n->streets->edge[i]).name;
        uint64_t key = digest_u64(name.p, name.len);
        uint32_t index = 0;
        if (name.len == 0 || map_get(&n->index_of, key, &index)) {
            continue;
        }
        if (n->name_count == MAX_STREETS || map_put(&n->index_of, key, n->name_count) != OK) {
            return ERR_LIMIT;
        }
        n->names[n->name_count++] = name;
    }
    return OK;
}

/* Which way a county lies from the city's middle. */
static struct str direction(const struct city *city, const struct city_area *area)
{
    static const char *const zh[] = {"东", "东北", "北", "西北", "西", "西南", "南", "东南"};
    static const char *const en[] = {"East", "North-east", "North", "North-west",
                                     "West", "South-west", "South", "South-east"};
    struct point_m at = flat_of_place(city->flat, area->middle);
    struct point_m middle = flat_of_place(city->flat, city->areas[0].middle);
    double angle = atan2(at.y_m - middle.y_m, at.x_m - middle.x_m) / M_PI * 4;
    int sector = ((int)lround(angle) + 8) % 8;
    return str_of(city->is_zh ? zh[sector] : en[sector]);
}

/* Its direction, with a number where two lie the same way. */
static struct str county_name(const struct city *city, uint32_t area)
{
    struct str way = direction(city, &city->areas[area]);
    uint32_t number = 1;
    for (uint32_t a = 1; a < area; a++) {
        number += str_eq(way, direction(city, &city->areas[a]));
    }
    if (number == 1) {
        return arena_printf(city->arena, city->is_zh ? "%.*s示范区" : "%.*s district",
                            STR_ARG(way));
    }
    return arena_printf(city->arena, city->is_zh ? "%.*s示范%u区" : "%.*s district %u",
                        STR_ARG(way), number);
}

static void name_by_streets(struct namer *n)
{
    struct city *city = n->city;
    enum city_level level = CITY_CITY;
    for (uint32_t a = 1; a < city->area_count; a++) {
        struct city_area *area = &city->areas[a];
        if (area->level != level) {
            level = area->level;
            memset(n->is_taken, 0, n->name_count * sizeof *n->is_taken);
        }
        if (level == CITY_COUNTY) {
            area->name = county_name(city, a);
            continue;
        }
        struct str street = city_shown(city->arena, longest_street(n, a));
        if (street.len == 0) {
            street = str_of(area->code);
        }
        area->name =
            level == CITY_TOWNSHIP
                ? arena_printf(city->arena, city->is_zh ? "%.*s街道" : "%.*s ward", STR_ARG(street))
                : arena_printf(city->arena, city->is_zh ? "%.*s居委会" : "%.*s quarter",
                               STR_ARG(street));
    }
}

/* ------------------------------------------------------------------ by the log */

/* The neighbourhood that most of the calls nearest to a village's streets name. */
static struct str neighbourhood(const struct namer *n, const struct points *calls, uint32_t village)
{
    const struct dispatch_log *log = n->city->input->log;
    struct str names[64];
    uint32_t counts[64], count = 0, best = 0;
    for (size_t i = 0; i < n->streets->count; i++) {
        uint32_t nearest[POINTS_MAX_NEAREST];
        if (n->streets->village[i] != village ||
            points_nearest(calls, n->streets->at[i], INFINITY, 1, nearest) == 0) {
            continue;
        }
        struct str name = log->calls[nearest[0]].neighbourhood;
        uint32_t k = 0;
        while (k < count && !str_eq(names[k], name)) {
            k++;
        }
        if (k == count && count < 64) {
            names[count] = name;
            counts[count++] = 0;
        }
        if (k < count) {
            counts[k]++;
            best = counts[k] > counts[best] ? k : best;
        }
    }
    return count > 0 ? names[best] : STR("Area");
}

static enum err name_by_log(struct namer *n)
{
    struct city *city = n->city;
    const struct dispatch_log *log = city->input->log;
    struct point_m *at = ARENA_NEW(city->arena, struct point_m, log->call_count + 1);
    struct str *plain = ARENA_NEW(city->arena, struct str, city->area_count);
    if (at == NULL || plain == NULL) {
        return ERR_LIMIT;
    }
    for (size_t i = 0; i < log->call_count; i++) {
        at[i] = flat_of_place(city->flat, log->calls[i].place);
    }
    struct points *calls = points_new(city->arena, at, log->call_count, 150);
    if (calls == NULL) {
        return ERR_LIMIT;
    }
    for (uint32_t a = 1; a < city->area_count; a++) {
        struct city_area *area = &city->areas[a];
        if (area->level == CITY_COUNTY) {
            struct str number =
                str_starts(area->name, STR("B")) ? str_from(area->name, 1) : area->name;
            area->name = arena_printf(city->arena, "Battalion " STR_FMT, STR_ARG(number));
        } else if (area->level == CITY_TOWNSHIP) {
            area->name = arena_printf(city->arena, "Station area " STR_FMT, STR_ARG(area->name));
        } else {
            plain[a] = neighbourhood(n, calls, a);
            uint32_t ordinal = 1;
            for (uint32_t b = 1; b < a; b++) {
                ordinal += str_eq(plain[a], plain[b]);
            }
            area->name = arena_printf(city->arena, STR_FMT " %u", STR_ARG(plain[a]), ordinal);
        }
    }
    return OK;
}

/* ------------------------------------------------------------------ who is in charge */

static void put_in_charge(struct city *city)
{
    uint32_t villages = 0;
    for (uint32_t a = 0; a < city->area_count; a++) {
        struct city_area *area = &city->areas[a];
        if (area->level < CITY_TOWNSHIP) {
            continue;
        }
        uint32_t township = ancestor(city, a, CITY_TOWNSHIP);
        struct str name = city->areas[township].name;
        if (city->is_zh) {
            struct str stem = name.len > 6 ? (struct str){name.p, name.len - 6} : name; /* 街道 */
            area->station = arena_printf(city->arena, STR_FMT "派出所", STR_ARG(stem));
        } else {
            area->station = arena_printf(city->arena, STR_FMT " police station", STR_ARG(name));
        }
        if (area->level != CITY_VILLAGE || ++villages % NO_OFFICER_EVERY == 0) {
            continue;
        }
        area->officer =
            arena_printf(city->arena, city->is_zh ? "示范民警%04u" : "Officer %04u", villages);
        area->phone = arena_printf(city->arena, city->is_zh ? "000-0000%04u" : "555-01%02u",
                                   city->is_zh ? villages : villages % 100);
    }
}

enum err city_names(struct city *city, const struct street_points *streets)
{
    struct namer n = {.city = city, .streets = streets};
    map_init(&n.index_of, MAX_STREETS);
    enum err err = streets_list(&n);
    if (err == OK) {
        city->areas[0].name = json_text(city_spec(city, "name", city->is_zh ? "zh" : "en"));
        bool is_by_log = str_eq_c(json_text(city_spec(city, "areas", "by")), "log");
        if (is_by_log) {
            err = name_by_log(&n);
        } else {
            name_by_streets(&n);
        }
    }
    if (err == OK) {
        put_in_charge(city);
    }
    map_done(&n.index_of);
    return err;
}
