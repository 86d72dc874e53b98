/* Units. Each police station has patrol cars and a community team, each street post a foot patrol;
 * motorcycles of the traffic police are dealt to the street posts in order. Units of the log keep
 * their names: those with a station's number stand there (E03, T19, RA48), the others are dealt to
 * the fire stations in proportion to the calls of their areas (highest averages, D'Hondt). Cities
 * without a log get engines and ambulances at their stations. */
#include "job/city_priv.h"
#include <string.h>

static struct city_unit *unit_add(struct city *city, const char *made_as, uint32_t post,
                                  struct str callsign)
{
    if (city->unit_count == CITY_MAX_UNITS) {
        return NULL;
    }
    struct city_unit *unit = &city->units[city->unit_count++];
    *unit = (struct city_unit){.callsign = callsign,
                               .body = city->posts[post].body,
                               .made_as = str_of(made_as),
                               .post = post};
    return unit;
}

static struct str callsign(const struct city *city, const char *en, const char *zh, uint32_t number)
{
    return city->is_zh ? arena_printf(city->arena, "%s%02u", zh, number)
                       : arena_printf(city->arena, "%s %u", en, number);
}

static bool is_kind(const struct city *city, uint32_t post, const char *kind)
{
    return strcmp(city->posts[post].kind, kind) == 0;
}

static enum err police_units(struct city *city)
{
    int64_t cars = json_int(city_spec(city, "units", "cars_a_station"));
    uint32_t car = 0, team = 0, patrol = 0;
    for (uint32_t p = 0; p < city->post_count; p++) {
        bool is_station = is_kind(city, p, "station");
        for (int64_t i = 0; is_station && i < cars; i++) {
            if (unit_add(city, "police_car", p, callsign(city, "Car", "巡车", ++car)) == NULL) {
                return ERR_LIMIT;
            }
        }
        if (is_station &&
            unit_add(city, "community", p, callsign(city, "Community", "社区", ++team)) == NULL) {
            return ERR_LIMIT;
        }
        if (is_kind(city, p, "street_post") &&
            unit_add(city, "foot", p, callsign(city, "Foot", "步巡", ++patrol)) == NULL) {
            return ERR_LIMIT;
        }
    }
    int64_t motorcycles = json_int(city_spec(city, "units", "motorcycles"));
    uint32_t rider = 0;
    for (uint32_t p = 0; patrol > 0 && rider < motorcycles; p = (p + 1) % city->post_count) {
        if (!is_kind(city, p, "street_post")) {
            continue;
        }
        struct city_unit *unit =
            unit_add(city, "motorcycle", p, callsign(city, "Rider", "铁骑", ++rider));
        if (unit == NULL) {
            return ERR_LIMIT;
        }
        unit->body = STR("traffic");
    }
    return OK;
}

static enum err made_up_services(struct city *city)
{
    int64_t ambulances = json_int(city_spec(city, "units", "ambulances"));
    uint32_t engine = 0, ladder = 0, ambulance = 0;
    for (uint32_t p = 0; p < city->post_count; p++) {
        bool has_room = true;
        if (is_kind(city, p, "fire_station")) {
            has_room = unit_add(city, "ENGINE", p, callsign(city, "Engine", "消防", ++engine));
            if (has_room && engine % 3 == 1) {
                has_room = unit_add(city, "TRUCK", p, callsign(city, "Truck", "云梯", ++ladder));
            }
        }
        if (is_kind(city, p, "ambulance_station")) {
            for (int i = 0; i < 2 && ambulance < ambulances && has_room; i++) {
                has_room = unit_add(city, "MEDIC", p, callsign(city, "Medic", "急救", ++ambulance));
            }
        }
        if (!has_room) {
            return ERR_LIMIT;
        }
    }
    return OK;
}

/* ------------------------------------------------------------------ units of the log */

static uint32_t fire_station(const struct city *city, struct str number)
{
    for (uint32_t p = 0; p < city->post_count; p++) {
        if (is_kind(city, p, "fire_station") && str_eq(str_from(city->posts[p].code, 2), number)) {
            return p;
        }
    }
    return UINT32_MAX;
}

/* One or two letters and two digits name a station, but for chiefs and private companies. */
static uint32_t numbered_home(const struct city *city, const struct dispatch_unit *unit)
{
    struct str code = unit->code;
    if (str_eq_c(unit->type, "CHIEF") || str_eq_c(unit->type, "PRIVATE") || code.len < 3 ||
        code.len > 4) {
        return UINT32_MAX;
    }
    for (size_t i = 0; i < code.len; i++) {
        bool is_digit = code.p[i] >= '0' && code.p[i] <= '9';
        if (is_digit != (i + 2 >= code.len)) {
            return UINT32_MAX;
        }
    }
    return fire_station(city, str_from(code, code.len - 2));
}

/* The fire station that is due next: most calls for each unit dealt to it and the one to come. */
static uint32_t due_station(const struct city *city, const uint32_t *calls, const uint32_t *dealt)
{
    uint32_t best = UINT32_MAX;
    for (uint32_t p = 0; p < city->post_count; p++) {
        if (!is_kind(city, p, "fire_station")) {
            continue;
        }
        uint64_t mine = best == UINT32_MAX ? 0 : (uint64_t)calls[p] * (dealt[best] + 1);
        uint64_t theirs = best == UINT32_MAX ? 0 : (uint64_t)calls[best] * (dealt[p] + 1);
        best = best == UINT32_MAX || mine > theirs ? p : best;
    }
    return best;
}

static enum err log_units(struct city *city)
{
    const struct dispatch_log *log = city->input->log;
    uint32_t *calls = ARENA_NEW(city->arena, uint32_t, city->post_count);
    uint32_t *dealt = ARENA_NEW(city->arena, uint32_t, city->post_count);
    if (calls == NULL || dealt == NULL) {
        return ERR_LIMIT;
    }
    for (size_t i = 0; i < log->call_count; i++) {
        uint32_t p = fire_station(city, log->calls[i].station_area);
        calls[p == UINT32_MAX ? 0 : p]++;
    }
    for (size_t u = 0; u < log->unit_count; u++) {
        const struct dispatch_unit *unit = &log->units[u];
        uint32_t p = numbered_home(city, unit);
        if (p == UINT32_MAX) {
            p = due_station(city, calls, dealt);
            if (p == UINT32_MAX) {
                return ERR_RANGE;
            }
            dealt[p]++;
        }
        struct city_unit *made = unit_add(city, "", p, unit->code);
        if (made == NULL) {
            return ERR_LIMIT;
        }
        made->made_as = unit->type;
        bool is_ambulance = str_eq_c(unit->type, "MEDIC") || str_eq_c(unit->type, "PRIVATE");
        made->body = is_ambulance ? STR("ambulance") : STR("fire");
    }
    return OK;
}

enum err city_units(struct city *city, struct fault *ret_fault)
{
    city->units = ARENA_NEW(city->arena, struct city_unit, CITY_MAX_UNITS);
    if (city->units == NULL) {
        return ERR_LIMIT;
    }
    enum err err = police_units(city);
    err = err == OK && city->input->log != NULL ? log_units(city) : err;
    err = err == OK && city->input->log == NULL ? made_up_services(city) : err;
    for (uint32_t u = 0; u < city->unit_count && err == OK; u++) {
        struct str made_as = city->units[u].made_as;
        char key[64];
        (void)str_copy(made_as, key, sizeof key);
        if (json_type(json_get(city->input->unit_kinds, key)) != JSON_MAP) {
            err = fault_field(ret_fault, ERR_SYNTAX, made_as.p,
                              "unit kind is not in unit-kinds.json");
        }
    }
    return err;
}
