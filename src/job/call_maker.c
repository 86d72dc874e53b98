#include "job/call_maker.h"
#include "base/rand.h"
#include "base/utc.h"
#include "job/city_priv.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DETOUR 1.35 /* streets against the straight line */
#define MAX_SENDS 8u
#define MAX_CHANGES 16u
#define MAX_TRIES 2000

struct send_kind {
    const char *name;
    struct json spec;
    double *reach; /* by street point: sum of weights up to it */
};
struct made_call {
    int64_t at_us;
    uint32_t type, point; /* of the table, of the streets */
};
struct maker {
    const struct call_maker *in;
    struct rand rand;
    struct json types;
    struct send_kind sends[MAX_SENDS];
    uint32_t send_count;
    double *village_factor; /* by area */
    int64_t *busy_until_us; /* by unit */
    struct made_call *day;
    size_t day_count;
    struct out *out;
};

/* ------------------------------------------------------------------ chance */

static double normal(struct rand *r) /* Box and Muller 1958 */
{
    double u = 1 - rand_unit(r);
    return sqrt(-2 * log(u)) * cos(2 * M_PI * rand_unit(r));
}

static double about(struct rand *r, double middle, double spread) /* lognormal round a median */
{
    return middle * exp(spread * normal(r));
}

static uint32_t poisson(struct rand *r, double rate) /* Knuth 1969; rates here are below 100 */
{
    double limit = exp(-rate), product = rand_unit(r);
    uint32_t n = 0;
    while (product > limit && n < 10000) {
        product *= rand_unit(r);
        n++;
    }
    return n;
}

static int64_t seconds(double s)
{
    return (int64_t)s * US_PER_S;
}

/* ------------------------------------------------------------------ rates */

static double shape_at(const struct maker *m, const char *table, struct json type,
                       const char *member, int32_t at)
{
    char name[32];
    (void)str_copy(json_text(json_get(type, member)), name, sizeof name);
    struct json list = json_get(json_get(m->in->table, table), name);
    double sum = 0;
    for (size_t i = 0; i < json_count(list); i++) {
        sum += json_number(json_at(list, i));
    }
    return sum > 0 ? json_number(json_at(list, (size_t)at)) / sum * (double)json_count(list) : 0;
}

static double share_sum(const struct maker *m)
{
    double sum = 0;
    for (size_t i = 0; i < json_count(m->types); i++) {
        sum += json_number(json_get(json_at(m->types, i), "share"));
    }
    return sum;
}

/* Is a change of the table in force for this type on this day of the log? */
static bool applies(struct json change, struct json type, uint32_t day)
{
    struct json code = json_get(change, "type"), class = json_get(change, "class");
    bool is_type = json_type(code) == JSON_ABSENT ||
                   str_eq(json_text(code), json_text(json_get(type, "code")));
    bool is_class = json_type(class) == JSON_ABSENT ||
                    str_eq(json_text(class), json_text(json_get(type, "class")));
    int64_t until = json_int(json_get(change, "until_days"));
    return is_type && is_class && day >= json_int(json_get(change, "after_days")) &&
           (until == 0 || day < until);
}

/* ------------------------------------------------------------------ places */

static uint32_t county_of(const struct city *city, uint32_t area)
{
    while (city->areas[area].level > CITY_COUNTY) {
        area = city->areas[area].parent;
    }
    return area;
}

static struct send_kind *send_of(struct maker *m, struct json type)
{
    char name[32];
    (void)str_copy(json_text(json_get(type, "send")), name, sizeof name);
    for (uint32_t i = 0; i < m->send_count; i++) {
        if (strcmp(m->sends[i].name, name) == 0) {
            return &m->sends[i];
        }
    }
    return NULL;
}

static uint32_t point_pick(struct maker *m, const struct send_kind *send)
{
    size_t low = 0, high = m->in->city->streets->count - 1;
    double wanted = rand_unit(&m->rand) * send->reach[high];
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (send->reach[middle] <= wanted) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return (uint32_t)low;
}

/* Street points of a county weigh this share of the whole. */
static double county_share(const struct maker *m, const struct send_kind *send, uint32_t county)
{
    const struct street_points *streets = m->in->city->streets;
    double inside = 0;
    for (size_t i = 0; i < streets->count; i++) {
        if (county_of(m->in->city, streets->village[i]) == county) {
            inside += send->reach[i] - (i > 0 ? send->reach[i - 1] : 0);
        }
    }
    return inside / send->reach[streets->count - 1];
}

static enum err sends_prepare(struct maker *m)
{
    const struct city *city = m->in->city;
    struct json all = json_get(m->in->table, "send");
    for (struct json_iter it = json_iter(all); it.key != NULL; json_next(&it)) {
        if (m->send_count == MAX_SENDS) {
            return ERR_LIMIT;
        }
        struct send_kind *send = &m->sends[m->send_count++];
        *send = (struct send_kind){it.key, it.value,
                                   ARENA_NEW(city->arena, double, city->streets->count)};
        if (send->reach == NULL) {
            return ERR_LIMIT;
        }
        double sum = 0;
        for (size_t i = 0; i < city->streets->count; i++) {
            const struct road *road = city->input->road;
            uint32_t way = road_edge(road, city->streets->edge[i]).way;
            struct json weight = json_get(json_get(send->spec, "streets"),
                                          road_class_name(road_way(road, way).road_class));
            sum += city->streets->metres[i] * json_number(weight) *
                   m->village_factor[city->streets->village[i]];
            send->reach[i] = sum;
        }
        if (!(sum > 0)) {
            return ERR_SYNTAX;
        }
    }
    return OK;
}

/* ------------------------------------------------------------------ a day's calls */

static enum err call_put(struct maker *m, int64_t hour_us, uint32_t type, uint32_t point)
{
    if (m->day_count == CALL_MAKER_MAX_DAY_CALLS) {
        return ERR_LIMIT;
    }
    m->day[m->day_count++] =
        (struct made_call){hour_us + seconds(rand_unit(&m->rand) * 3600), type, point};
    return OK;
}

/* A point of this county; after MAX_TRIES any point. */
static uint32_t point_pick_in(struct maker *m, struct send_kind *send, uint32_t county)
{
    const struct city *city = m->in->city;
    uint32_t point = point_pick(m, send);
    for (int t = 0; t < MAX_TRIES && county_of(city, city->streets->village[point]) != county;
         t++) {
        point = point_pick(m, send);
    }
    return point;
}

/* Calls of one type in one hour. A change of one county adds calls there, in proportion to what the
 * county has anyway. */
static enum err hour_make(struct maker *m, uint32_t type, uint32_t day, int64_t hour_us,
                          double rate)
{
    struct json spec = json_at(m->types, type), changes = json_get(m->in->table, "changes");
    struct send_kind *send = send_of(m, spec);
    uint32_t counties = 0, first = city_level_first(m->in->city, CITY_COUNTY, &counties);
    enum err err = OK;
    for (size_t i = 0; i < json_count(changes); i++) {
        struct json change = json_at(changes, i);
        int64_t county = json_int(json_get(change, "county"));
        double factor = json_number(json_get(change, "factor"));
        if (!applies(change, spec, day)) {
            continue;
        }
        if (county == 0) {
            rate *= factor;
            continue;
        }
        uint32_t area = first + (uint32_t)(county - 1) % (counties > 0 ? counties : 1);
        uint32_t more = poisson(&m->rand, rate * (factor - 1) * county_share(m, send, area));
        for (uint32_t n = 0; n < more && err == OK; n++) {
            err = call_put(m, hour_us, type, point_pick_in(m, send, area));
        }
    }
    uint32_t calls = poisson(&m->rand, rate);
    for (uint32_t n = 0; n < calls && err == OK; n++) {
        err = call_put(m, hour_us, type, point_pick(m, send));
    }
    return err;
}

static int by_time(const void *pa, const void *pb)
{
    const struct made_call *a = pa, *b = pb;
    return a->at_us != b->at_us ? (a->at_us < b->at_us ? -1 : 1)
                                : (a->type > b->type) - (a->type < b->type);
}

/* ------------------------------------------------------------------ who is sent, and the rows */

static bool is_listed(struct json list, struct str word)
{
    for (size_t i = 0; i < json_count(list); i++) {
        if (str_eq(json_text(json_at(list, i)), word)) {
            return true;
        }
    }
    return false;
}

/* The nearest free unit of the kinds; when all are busy the one that is free first. */
static uint32_t unit_pick(const struct maker *m, struct json kinds, struct point_m at, int64_t when)
{
    const struct city *city = m->in->city;
    uint32_t best = UINT32_MAX;
    double best_cost = INFINITY;
    for (uint32_t u = 0; u < city->unit_count; u++) {
        if (!is_listed(kinds, city->units[u].made_as) || city_is_out_of_service(city, u)) {
            continue;
        }
        struct point_m home = flat_of_place(city->flat, city->posts[city->units[u].post].place);
        double wait_s = fmax(0, (double)(m->busy_until_us[u] - when) / 1e6);
        bool is_foot = str_eq_c(city->units[u].made_as, "foot");
        double cost = point_distance_m(home, at) / (is_foot ? 1.4 : 6) + 10 * wait_s;
        if (cost < best_cost) {
            best = u;
            best_cost = cost;
        }
    }
    return best;
}

static void time_write(struct out *out, int64_t utc_us)
{
    struct civil c = utc_local(utc_us);
    out_printf(out, "%02d/%02d/%04d %02d:%02d:%02d %s", c.month, c.day, c.year,
               c.hour % 12 == 0 ? 12 : c.hour % 12, c.minute, c.second, c.hour < 12 ? "AM" : "PM");
}

static void quoted(struct out *out, struct str text)
{
    out_byte(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.p[i] == '"') {
            out_byte(out, '"');
        }
        out_byte(out, (uint8_t)text.p[i]);
    }
    out_byte(out, '"');
}

static const char *outcome(struct maker *m, struct json type)
{
    struct json all = json_get(type, "outcomes");
    double sum = 0;
    for (struct json_iter it = json_iter(all); it.key != NULL; json_next(&it)) {
        sum += json_number(it.value);
    }
    double wanted = rand_unit(&m->rand) * sum;
    const char *last = "";
    for (struct json_iter it = json_iter(all); it.key != NULL; json_next(&it)) {
        last = it.key;
        wanted -= json_number(it.value);
        if (wanted < 0) {
            break;
        }
    }
    return last;
}

struct sent {
    const char *number, *outcome;
    int64_t entry_us, dispatch_us;
};

static void row_write(struct maker *m, const struct made_call *call, const struct sent *sent,
                      uint32_t unit)
{
    const struct city *city = m->in->city;
    struct json type = json_at(m->types, call->type);
    struct point_m at = city->streets->at[call->point];
    struct place place = flat_to_place(city->flat, at);
    uint32_t village = city->streets->village[call->point];
    const struct city_area *township = &city->areas[city->areas[village].parent];
    bool is_foot = str_eq_c(city->units[unit].made_as, "foot");
    struct point_m home = flat_of_place(city->flat, city->posts[city->units[unit].post].place);
    double drive_s = point_distance_m(home, at) * DETOUR / (is_foot ? 1.4 : 6.0);
    int64_t stamps[4];
    stamps[0] = sent->dispatch_us;
    stamps[0] = m->busy_until_us[unit] > stamps[0] ? m->busy_until_us[unit] + US_PER_S : stamps[0];
    stamps[1] = stamps[0] + seconds(20 + rand_unit(&m->rand) * 60);
    stamps[2] = stamps[1] + seconds(about(&m->rand, drive_s + 30, 0.25) + 1);
    double minutes = json_number(json_get(type, "minutes"));
    stamps[3] = stamps[2] + seconds(about(&m->rand, minutes * 60, 0.5) + 60);
    m->busy_until_us[unit] = stamps[3];
    out_printf(m->out, "%s,", sent->number);
    quoted(m->out, city->units[unit].callsign);
    out_printf(m->out, ",%.*s,%.*s,", STR_ARG(city->units[unit].made_as),
               STR_ARG(json_text(json_get(type, "code"))));
    time_write(m->out, call->at_us);
    out_byte(m->out, ',');
    time_write(m->out, sent->entry_us);
    for (size_t s = 0; s < 4; s++) {
        out_c(m->out, s == 3 ? ",,," : ",");
        time_write(m->out, stamps[s]);
    }
    out_printf(m->out, ",%s,", sent->outcome);
    quoted(m->out, city_shown(city->arena,
                              road_edge(city->input->road, city->streets->edge[call->point]).name));
    out_printf(m->out, ",%s,%s,", city->areas[township->parent].code, township->code);
    quoted(m->out, city->areas[village].name);
    out_printf(m->out, ",,\"(%.7f, %.7f)\"\n", place_lat_deg(place), place_lon_deg(place));
}

static void call_write(struct maker *m, const struct made_call *call, const char *number)
{
    struct json type = json_at(m->types, call->type);
    struct json kinds = json_get(send_of(m, type)->spec, "kinds");
    struct sent sent = {.number = number, .outcome = outcome(m, type)};
    sent.entry_us = call->at_us + seconds(about(&m->rand, 60, 0.4));
    sent.dispatch_us = sent.entry_us + seconds(about(&m->rand, 45, 0.6));
    for (int64_t n = 0; n < json_int(json_get(type, "units")); n++) {
        uint32_t unit =
            unit_pick(m, kinds, m->in->city->streets->at[call->point], sent.dispatch_us);
        if (unit != UINT32_MAX) {
            row_write(m, call, &sent, unit);
        }
    }
}

static enum err day_make(struct maker *m, uint32_t day)
{
    struct civil c = utc_local(m->in->first_day_us + (int64_t)day * US_PER_DAY);
    c.minute = c.second = 0;
    double calls = json_number(json_get(json_get(m->in->table, "calls_a_day"), m->in->city_name));
    double luck = exp(json_number(json_get(m->in->table, "day_spread")) * normal(&m->rand));
    double shares = share_sum(m);
    enum err err = OK;
    m->day_count = 0;
    for (c.hour = 0; c.hour < 24; c.hour++) {
        int64_t hour_us = utc_from_local(c);
        for (uint32_t t = 0; t < json_count(m->types) && err == OK; t++) {
            struct json type = json_at(m->types, t);
            double rate = calls / 24 * luck * json_number(json_get(type, "share")) / shares *
                          shape_at(m, "hours", type, "hours", c.hour) *
                          shape_at(m, "weeks", type, "week", c.weekday) *
                          shape_at(m, "seasons", type, "season", c.month - 1);
            err = hour_make(m, t, day, hour_us, rate);
        }
    }
    qsort(m->day, m->day_count, sizeof *m->day, by_time);
    for (size_t i = 0; i < m->day_count && err == OK; i++) {
        char number[40];
        (void)snprintf(number, sizeof number, "SIM%04d%02d%02d-%04zu", c.year, c.month, c.day,
                       i + 1);
        call_write(m, &m->day[i], number);
        err = m->out->err;
    }
    return err;
}

static enum err prepare(struct maker *m, struct fault *ret_fault)
{
    const struct city *city = m->in->city;
    m->village_factor = ARENA_NEW(city->arena, double, city->area_count);
    m->busy_until_us = ARENA_NEW(city->arena, int64_t, city->unit_count + 1);
    m->day = ARENA_NEW(city->arena, struct made_call, CALL_MAKER_MAX_DAY_CALLS);
    if (m->village_factor == NULL || m->busy_until_us == NULL || m->day == NULL) {
        return ERR_LIMIT;
    }
    double spread = json_number(json_get(m->in->table, "village_spread"));
    for (uint32_t a = 0; a < city->area_count; a++) {
        m->village_factor[a] = exp(spread * normal(&m->rand));
    }
    if (sends_prepare(m) != OK) {
        return fault_field(ret_fault, ERR_SYNTAX, "send", "no streets have weight");
    }
    if (json_count(m->types) == 0 || json_count(m->types) > CALL_MAKER_MAX_TYPES) {
        return fault_field(ret_fault, ERR_SYNTAX, "types", "none, or too many");
    }
    for (size_t t = 0; t < json_count(m->types); t++) {
        if (send_of(m, json_at(m->types, t)) == NULL) {
            return fault_field(ret_fault, ERR_SYNTAX, "types.send", "names nothing in send");
        }
    }
    return OK;
}

enum err calls_make(const struct call_maker *maker, struct out *out, struct fault *ret_fault)
{
    struct maker m = {.in = maker, .types = json_get(maker->table, "types"), .out = out};
    if (maker->days == 0 || maker->days > CALL_MAKER_MAX_DAYS) {
        return ERR_RANGE;
    }
    rand_seed(&m.rand, maker->seed);
    enum err err = prepare(&m, ret_fault);
    out_c(out, "Call Number,Unit ID,Unit Type,Call Type,Received DtTm,Entry DtTm,Dispatch DtTm,"
               "Response DtTm,On Scene DtTm,Transport DtTm,Hospital DtTm,Available DtTm,"
               "Call Final Disposition,Address,Battalion,Station Area,"
               "Neighborhooods - Analysis Boundaries,Final Priority,Location\n");
    for (uint32_t day = 0; day < maker->days && err == OK; day++) {
        err = day_make(&m, day);
    }
    return err;
}
