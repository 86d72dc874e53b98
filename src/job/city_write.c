#include "base/utc.h"
#include "geo/geojson.h"
#include "job/city_priv.h"
#include "job/command_lines.h"
#include <string.h>

#define OUT_OF_SERVICE_EVERY 41u

static void place_write(struct json_out *j, const char *key, struct place place)
{
    json_key(j, key);
    json_obj(j);
    json_key(j, "lat");
    json_fixed(j, place.lat_e7, 7);
    json_key(j, "lon");
    json_fixed(j, place.lon_e7, 7);
    json_obj_end(j);
}

static void text_write(struct json_out *j, const char *key, struct str text)
{
    if (text.len > 0) {
        json_kstr(j, key, text);
    }
}

static void bodies_write(const struct city *city, struct out *out)
{
    for (uint32_t b = 0; b < city->body_count; b++) {
        const struct city_body *body = &city->bodies[b];
        struct json_out j = command_line_begin(out, COMMAND_body_install, body->code);
        json_kstr(&j, "code", body->code);
        json_kstr(&j, "name", body->name);
        text_write(&j, "parent", body->parent);
        json_kstr(&j, "kind", body->kind);
        command_line_end(&j);
    }
}

static void areas_write(const struct city *city, struct out *out)
{
    for (uint32_t a = 0; a < city->area_count; a++) {
        const struct city_area *area = &city->areas[a];
        struct json_out j = command_line_begin(out, COMMAND_area_install, str_of(area->code));
        json_kc(&j, "code", area->code);
        json_kstr(&j, "name", area->name);
        json_ki64(&j, "level", (int64_t)area->level);
        if (area->level != CITY_CITY) {
            json_kc(&j, "parent", city->areas[area->parent].code);
        }
        if (area->polygon_count > 0) {
            json_key(&j, "shape");
            geojson_write_polygons(&j, area->polygons, area->polygon_count);
        }
        text_write(&j, "station", area->station);
        text_write(&j, "officer", area->officer);
        text_write(&j, "phone", area->phone);
        json_kbool(&j, "is_fictional", true);
        command_line_end(&j);
    }
}

static void posts_write(const struct city *city, struct out *out)
{
    for (uint32_t p = 0; p < city->post_count; p++) {
        const struct city_post *post = &city->posts[p];
        struct json_out j = command_line_begin(out, COMMAND_post_install, post->code);
        json_kstr(&j, "code", post->code);
        json_kstr(&j, "name", post->name);
        json_kc(&j, "kind", post->kind);
        place_write(&j, "place", post->place);
        command_line_ref(&j, "body", OBJECT_body, post->body);
        json_kbool(&j, "is_fictional", true);
        command_line_end(&j);
    }
}

static struct json kind_of(const struct city *city, const struct city_unit *unit)
{
    char key[64];
    (void)str_copy(unit->made_as, key, sizeof key);
    return json_get(city->input->unit_kinds, key);
}

static void units_write(const struct city *city, struct out *out)
{
    for (uint32_t u = 0; u < city->unit_count; u++) {
        const struct city_unit *unit = &city->units[u];
        struct json kind = kind_of(city, unit);
        struct json_out j = command_line_begin(out, COMMAND_unit_enrol, unit->callsign);
        json_kstr(&j, "callsign", unit->callsign);
        json_kstr(&j, "kind", json_text(json_get(kind, "kind")));
        json_kstr(&j, "profile", json_text(json_get(kind, "profile")));
        text_write(&j, "capabilities", json_text(json_get(kind, "capabilities")));
        command_line_ref(&j, "post", OBJECT_post, city->posts[unit->post].code);
        command_line_ref(&j, "body", OBJECT_body, unit->body);
        json_ki64(&j, "min_crew", json_int(json_get(kind, "min_crew")));
        json_ki64(&j, "turnout_s", json_int(json_get(kind, "turnout_s")));
        if (json_is_true(json_get(kind, "is_community"))) {
            json_kbool(&j, "is_community", true);
        }
        place_write(&j, "place", city->posts[unit->post].place);
        command_line_end(&j);
    }
}

/* ------------------------------------------------------------------ accounts */

enum scope_of { REALM, FIRST_TOWNSHIP };
struct account {
    const char *login, *role, *body, *en, *zh; /* body NULL: the station of the first township */
    enum scope_of scope;
    const char *unit_made_as; /* NULL: none; else the first such unit */
};
/* "First township" is the one of the busiest street post. */
static const struct account accounts[] = {
    {"operator", "operator", "command", "Operator", "接警调度员", REALM, NULL},
    {"operator2", "operator", "command", "Second operator", "接警调度员二", REALM, NULL},
    {"commander", "commander", "command", "Duty commander", "值班指挥长", REALM, NULL},
    {"station", "station_room", NULL, "Station command room", "派出所综合指挥室", FIRST_TOWNSHIP,
     NULL},
    {"community", "community_officer", NULL, "Community officer", "社区民警", FIRST_TOWNSHIP,
     "community"},
    {"case", "case_officer", NULL, "Case officer", "办案民警", FIRST_TOWNSHIP, NULL},
    {"field1", "field_unit", NULL, "Car crew", "巡逻车组", REALM, "police_car"},
    {"field2", "field_unit", NULL, "Foot patrol", "步巡警组", REALM, "foot"},
    {"field3", "field_unit", "traffic", "Motorcycle crew", "铁骑警组", REALM, "motorcycle"},
    {"field4", "field_unit", "ambulance", "Ambulance crew", "急救车组", REALM, "MEDIC"},
    {"field5", "field_unit", "fire", "Engine crew", "消防车组", REALM, "ENGINE"},
    {"force", "force_member", "volunteers", "Volunteer", "平安志愿者", REALM, NULL},
    {"inspector", "inspector", "city-management", "Department inspector", "部门检查员", REALM,
     NULL},
    {"clerk", "court_clerk", "court", "Court clerk", "法院书记员", REALM, NULL},
    {"prosecutor", "prosecutor", "procuratorate", "Prosecutor", "检察官", REALM, NULL},
    {"company", "company", "company", "Company account", "企业账号", REALM, NULL},
    {"reviewer", "reviewer", "command", "Reviewer", "回访审核员", REALM, NULL},
    {"auditor", "auditor", "command", "Auditor", "监督员", REALM, NULL},
    {"sysadmin", "system_admin", "command", "System administrator", "系统管理员", REALM, NULL},
    {"secadmin", "security_admin", "command", "Security administrator", "安全管理员", REALM, NULL},
    {"auditadmin", "audit_admin", "command", "Audit administrator", "审计管理员", REALM, NULL},
    {"replay", "operator", "command", "Replay (machine)", "回放（机器）", REALM, NULL},
    {"tracker", "feed", "command", "Positions (machine)", "定位（机器）", REALM, NULL},
    {"exchange", "feed", "command", "Telephone exchange (machine)", "电话交换机（机器）", REALM,
     NULL},
};
#define ACCOUNT_COUNT (sizeof accounts / sizeof accounts[0])

static uint32_t first_township(const struct city *city)
{
    for (uint32_t p = 0; p < city->post_count; p++) {
        if (strcmp(city->posts[p].kind, "street_post") == 0) {
            return city->posts[p].township;
        }
    }
    uint32_t count = 0;
    return city_level_first(city, CITY_TOWNSHIP, &count);
}

/* The unit of an account: of the first township if one stands there, else the first of the city. */
static uint32_t unit_of_account(const struct city *city, const struct account *account)
{
    uint32_t best = UINT32_MAX, township = first_township(city);
    for (uint32_t u = 0; account->unit_made_as != NULL && u < city->unit_count; u++) {
        if (!str_eq_c(city->units[u].made_as, account->unit_made_as)) {
            continue;
        }
        if (city->posts[city->units[u].post].township == township) {
            return u;
        }
        best = best == UINT32_MAX ? u : best;
    }
    return best;
}

static struct str body_of_account(const struct city *city, const struct account *account)
{
    uint32_t unit = unit_of_account(city, account);
    return unit != UINT32_MAX      ? city->units[unit].body
           : account->body != NULL ? str_of(account->body)
                                   : city_body_of_township(city, first_township(city));
}

static void users_write(const struct city *city, struct out *out)
{
    uint32_t township = first_township(city);
    for (size_t a = 0; a < ACCOUNT_COUNT; a++) {
        const struct account *account = &accounts[a];
        uint32_t unit = unit_of_account(city, account);
        if (account->unit_made_as != NULL && unit == UINT32_MAX) {
            continue;
        }
        struct json_out j = command_line_begin(out, COMMAND_user_install, str_of(account->login));
        json_kc(&j, "login", account->login);
        json_kc(&j, "name", city->is_zh ? account->zh : account->en);
        json_kc(&j, "role", account->role);
        command_line_ref(&j, "body", OBJECT_body, body_of_account(city, account));
        if (account->scope == FIRST_TOWNSHIP) {
            command_line_ref(&j, "area", OBJECT_area, str_of(city->areas[township].code));
        }
        if (unit != UINT32_MAX) {
            command_line_ref(&j, "unit", OBJECT_unit, city->units[unit].callsign);
        }
        json_key(&j, "credential");
        json_obj(&j);
        json_kc(&j, "$password", account->login);
        json_obj_end(&j);
        command_line_end(&j);
    }
}

/* ------------------------------------------------------------------ crews */

static void about_unit(struct out *out, enum command_kind kind, struct str callsign,
                       struct json_out *ret_j)
{
    struct json_out j = json_out_of(out);
    json_obj(&j);
    json_kc(&j, "command", command_def(kind)->name);
    command_line_ref(&j, "object", OBJECT_unit, callsign);
    json_key(&j, "fields");
    json_obj(&j);
    *ret_j = j;
}

bool city_is_out_of_service(const struct city *city, uint32_t unit)
{
    return str_starts(city->units[unit].body, STR("ps-")) &&
           unit % OUT_OF_SERVICE_EVERY == OUT_OF_SERVICE_EVERY - 1;
}

static void crews_write(const struct city *city, struct out *out)
{
    for (uint32_t u = 0; u < city->unit_count; u++) {
        const struct city_unit *unit = &city->units[u];
        struct json_out j;
        about_unit(out, COMMAND_unit_sign_on, unit->callsign, &j);
        json_ki64(&j, "crew", json_int(json_get(kind_of(city, unit), "crew")));
        for (size_t a = 0; a < ACCOUNT_COUNT; a++) {
            if (unit_of_account(city, &accounts[a]) == u) {
                json_key(&j, "members");
                json_arr(&j);
                json_obj(&j);
                json_key(&j, "$ref");
                struct str ref = arena_printf(city->arena, "user:%s", accounts[a].login);
                json_str(&j, ref);
                json_obj_end(&j);
                json_arr_end(&j);
                break;
            }
        }
        place_write(&j, "place", city->posts[unit->post].place);
        command_line_end(&j);
        if (city_is_out_of_service(city, u)) {
            about_unit(out, COMMAND_unit_suspend, unit->callsign, &j);
            json_kc(&j, "reason", "maintenance");
            command_line_end(&j);
        }
    }
}

/* ------------------------------------------------------------------ who is on duty */

/* Accounts of an office by the duty that their role has. */
static const char *duty_of(const struct account *account)
{
    static const struct {
        const char *role, *duty;
    } duties[] = {{"commander", "commander"},
                  {"operator", "operator"},
                  {"station_room", "station"},
                  {"field_unit", "patrol"},
                  {"community_officer", "reserve"}};
    for (size_t i = 0; i < sizeof duties / sizeof duties[0]; i++) {
        if (strcmp(account->role, duties[i].role) == 0 && strstr(account->zh, "机器") == NULL) {
            return duties[i].duty;
        }
    }
    return NULL;
}

static bool has_account(const struct city *city, const struct account *account)
{
    return account->unit_made_as == NULL || unit_of_account(city, account) != UINT32_MAX;
}

struct shift {
    const char *name, *from, *until;
};

static void duties_write(const struct city *city, struct json_out *j, const struct shift *shift,
                         struct str body)
{
    json_key(j, "duties");
    json_arr(j);
    for (size_t a = 0; a < ACCOUNT_COUNT; a++) {
        const char *duty = duty_of(&accounts[a]);
        uint32_t unit = unit_of_account(city, &accounts[a]);
        if (duty == NULL || !has_account(city, &accounts[a]) ||
            !str_eq(body_of_account(city, &accounts[a]), body)) {
            continue;
        }
        json_obj(j);
        json_kc(j, "duty", duty);
        command_line_ref(j, "user", OBJECT_user, str_of(accounts[a].login));
        if (unit != UINT32_MAX) {
            command_line_ref(j, "unit", OBJECT_unit, city->units[unit].callsign);
        }
        json_kc(j, "from", shift->from);
        json_kc(j, "until", shift->until);
        json_obj_end(j);
    }
    json_arr_end(j);
}

/* Is it the first account of its office with a duty? One roster an office, day and shift. */
static bool is_first_of_body(const struct city *city, size_t account)
{
    if (duty_of(&accounts[account]) == NULL || !has_account(city, &accounts[account])) {
        return false;
    }
    for (size_t a = 0; a < account; a++) {
        if (duty_of(&accounts[a]) != NULL && has_account(city, &accounts[a]) &&
            str_eq(body_of_account(city, &accounts[a]),
                   body_of_account(city, &accounts[account]))) {
            return false;
        }
    }
    return true;
}

enum err city_rosters_write(const struct city *city, int64_t first_day_us, uint32_t days,
                            struct out *out)
{
    static const struct shift shifts[] = {
        {"day", "08:00", "16:00"}, {"evening", "16:00", "24:00"}, {"night", "00:00", "08:00"}};
    for (uint32_t day = 0; day < days; day++) {
        struct civil c = utc_local(first_day_us + (int64_t)day * US_PER_DAY);
        struct str date = arena_printf(city->arena, "%04d-%02d-%02d", c.year, c.month, c.day);
        for (size_t n = 0; n < ACCOUNT_COUNT * 3; n++) {
            const struct shift *shift = &shifts[n / ACCOUNT_COUNT];
            size_t a = n % ACCOUNT_COUNT;
            if (!is_first_of_body(city, a)) {
                continue;
            }
            struct str body = body_of_account(city, &accounts[a]);
            struct json_out j = command_line_begin(out, COMMAND_roster_set, STR(""));
            json_kstr(&j, "day", date);
            json_kc(&j, "shift", shift->name);
            command_line_ref(&j, "body", OBJECT_body, body);
            duties_write(city, &j, shift, body);
            command_line_end(&j);
        }
    }
    return out->err;
}

enum err city_write(const struct city *city, struct out *out)
{
    bodies_write(city, out);
    areas_write(city, out);
    posts_write(city, out);
    units_write(city, out);
    users_write(city, out);
    crews_write(city, out);
    return out->err;
}
