#include "main/trips.h"
#include "learn/travel_table.h"
#include <stdlib.h>

#define SNAP_M 1000.0
#define LEAST_MS 500u               /* a trip that the model says is none */
#define HOME_MARGIN_MS (300 * 1000) /* beyond the time home: for certain there */

/* ------------------------------------------------------------------ where they began */

struct going { /* one unit through its trips */
    const struct trips_job *job;
    const struct trips_unit *unit;
    struct place left; /* scene of the trip before */
    int64_t left_us;   /* 0: it is at home */
    bool is_known;     /* not after a transport */
    uint32_t home_ms;  /* from there to its post */
};

static uint32_t time_ms(const struct trips_job *job, uint32_t profile, struct place from,
                        struct place to)
{
    struct road_snap a, b;
    uint32_t ms = ROAD_INF;
    if (road_snap(job->road, profile, from, SNAP_M, &a) != OK ||
        road_snap(job->road, profile, to, SNAP_M, &b) != OK)
        return ROAD_INF;
    const struct road_metric *metric = road_metric_ref(job->traffic, profile);
    if (!metric || road_time(metric, job->scratch, a.point, b.point, &ms) != OK)
        ms = ROAD_INF;
    road_metric_unref(metric);
    return ms;
}

static struct place place_at(const struct going *g, int64_t at_us)
{
    struct place home = g->unit->home;
    const double gone_ms = (double)(at_us - g->left_us) / 1000;
    if (g->left_us == 0 || gone_ms >= g->home_ms)
        return home;
    const double share = gone_ms > 0 ? gone_ms / g->home_ms : 0;
    return (struct place){g->left.lat_e7 + (int32_t)(share * (home.lat_e7 - g->left.lat_e7)),
                          g->left.lon_e7 + (int32_t)(share * (home.lon_e7 - g->left.lon_e7))};
}

static bool is_at_post(const struct going *g, int64_t at_us)
{
    return g->is_known && g->left_us != 0 &&
           (at_us - g->left_us) / 1000 >= (int64_t)g->home_ms + HOME_MARGIN_MS;
}

static void trip_ends(struct going *g, const struct dispatch_row *row)
{
    g->is_known = row->at_us[DISPATCH_transport] == 0 && row->at_us[DISPATCH_on_scene] != 0;
    g->left_us = g->is_known ? row->at_us[DISPATCH_available] : 0;
    g->left = g->job->log->calls[row->call].place;
    g->home_ms = g->is_known ? time_ms(g->job, g->unit->profile, g->left, g->unit->home) : 0;
}

static struct trip trip_of(const struct going *g, const struct dispatch_row *row)
{
    const struct dispatch_call *call = &g->job->log->calls[row->call];
    const int64_t departs_us = row->at_us[DISPATCH_response];
    return (struct trip){
        .row = row,
        .profile = g->unit->profile,
        .from = place_at(g, departs_us),
        .to = call->place,
        .is_from_post = is_at_post(g, departs_us),
        .is_urgent = str_eq_c(call->priority, "3") || str_eq_c(call->priority, "P0") ||
                     str_eq_c(call->priority, "P1"),
        .week_hour = road_hour_at(departs_us),
        .recorded_s = dispatch_row_travel_s(row),
    };
}

static int by_unit_then_time(const void *pa, const void *pb)
{
    const struct dispatch_row *a = *(const struct dispatch_row *const *)pa;
    const struct dispatch_row *b = *(const struct dispatch_row *const *)pb;
    if (a->unit != b->unit)
        return a->unit < b->unit ? -1 : 1;
    const int64_t da = a->at_us[DISPATCH_dispatch], db = b->at_us[DISPATCH_dispatch];
    return (da > db) - (da < db);
}

enum err trips_find(const struct trips_job *job, struct trips *ret_trips)
{
    const size_t rows = job->log->row_count;
    const struct dispatch_row **order = calloc(rows + 1, sizeof(struct dispatch_row *));
    struct trips trips = {.at = calloc(rows + 1, sizeof *trips.at)};
    struct going going = {.job = job};
    enum err err = order && trips.at ? OK : ERR_LIMIT;
    for (size_t i = 0; i < rows && !err; i++)
        order[i] = &job->log->rows[i];
    if (!err)
        qsort(order, rows, sizeof(struct dispatch_row *), by_unit_then_time);
    for (size_t i = 0; i < rows && !err; i++) {
        const struct dispatch_row *row = order[i];
        const struct trips_unit *unit = &job->units[row->unit];
        if (going.unit != unit)
            going = (struct going){.job = job, .unit = unit};
        if (unit->profile == ROAD_NONE)
            continue;
        if (dispatch_row_travel_s(row) > 0 && !(row->dirt & 1u << DISPATCH_DIRT_BACKWARDS))
            trips.at[trips.count++] = trip_of(&going, row);
        trip_ends(&going, row);
    }
    free(order);
    if (!err)
        err = trips_model(job, &trips);
    if (err)
        trips_done(&trips);
    else
        *ret_trips = trips;
    return err;
}

void trips_done(struct trips *trips)
{
    free(trips->at);
    *trips = (struct trips){0};
}

/* ------------------------------------------------------------------ modelled */

/* Fraction of the k-th street of a route that is travelled. */
static double share_of(const struct road_route *route, uint32_t k, struct road_point from,
                       struct road_point to)
{
    const bool is_reversed = route->arcs[k] & 1;
    double begin = 0, end = 1;
    if (k == 0)
        begin = (double)(is_reversed ? ROAD_FRAC_ONE - from.frac : from.frac) / ROAD_FRAC_ONE;
    if (k + 1 == route->arc_count)
        end = (double)(is_reversed ? ROAD_FRAC_ONE - to.frac : to.frac) / ROAD_FRAC_ONE;
    return end > begin ? end - begin : 0;
}

static void take_apart(const struct road_metric *metric, const struct road_route *route,
                       struct road_point from, struct road_point to, struct trip *trip)
{
    const struct road *road = road_metric_road(metric);
    uint32_t sum = 0;
    for (uint32_t k = 0; k < route->arc_count; k++) {
        const uint32_t ms = road_metric_arc_ms(metric, route->arcs[k]);
        const struct road_edge edge = road_edge(road, route->arcs[k] / 2);
        const uint32_t part = (uint32_t)(share_of(route, k, from, to) * ms);
        trip->class_ms[road_way(road, edge.way).road_class] += part;
        sum += part;
    }
    trip->stays_ms = route->ms > sum ? route->ms - sum : 0;
    trip->way_m = (double)route->length_mm / 1000;
    trip->ms = route->ms;
}

static void model(const struct trips_job *job, const struct road_metric *metric, struct trip *trip)
{
    struct road_snap a, b;
    struct road_route route;
    trip->ms = ROAD_INF;
    memset(trip->class_ms, 0, sizeof trip->class_ms);
    if (road_snap(job->road, trip->profile, trip->from, SNAP_M, &a) == OK &&
        road_snap(job->road, trip->profile, trip->to, SNAP_M, &b) == OK &&
        road_route(metric, job->scratch, a.point, b.point, &route) == OK && route.ms >= LEAST_MS)
        take_apart(metric, &route, a.point, b.point, trip);
}

static int by_hour_then_profile(const void *pa, const void *pb)
{
    const struct trip *a = pa, *b = pb;
    if (a->week_hour != b->week_hour)
        return a->week_hour < b->week_hour ? -1 : 1;
    return (a->profile > b->profile) - (a->profile < b->profile);
}

static int by_departure(const void *pa, const void *pb)
{
    const struct trip *a = pa, *b = pb;
    const int64_t da = a->row->at_us[DISPATCH_response], db = b->row->at_us[DISPATCH_response];
    return da != db ? (da > db) - (da < db)
                    : (a->row->line > b->row->line) - (a->row->line < b->row->line);
}

enum err trips_model(const struct trips_job *job, struct trips *trips)
{
    const struct road_metric *metric = NULL;
    uint32_t hour = ROAD_NONE;
    enum err err = OK;
    qsort(trips->at, trips->count, sizeof *trips->at, by_hour_then_profile);
    for (size_t i = 0; i < trips->count && !err; i++) {
        struct trip *trip = &trips->at[i];
        const bool is_other_hour = job->hours && trip->week_hour != hour;
        if (is_other_hour || !metric || road_metric_profile(metric) != trip->profile) {
            road_metric_unref(metric);
            hour = trip->week_hour;
            if (is_other_hour)
                err = road_traffic_put_speeds(job->traffic, ROAD_LAYER_HOUR, &job->hours->at[hour]);
            metric = err ? NULL : road_metric_ref(job->traffic, trip->profile);
            err = err ? err : metric ? OK : ERR_LIMIT;
        }
        if (!err)
            model(job, metric, trip);
    }
    road_metric_unref(metric);
    qsort(trips->at, trips->count, sizeof *trips->at, by_departure);
    return err;
}

/* ------------------------------------------------------------------ written */

enum err trips_write(const struct trips_job *job, const struct trips *trips, struct out *out)
{
    struct travel_sample *samples = calloc(trips->count + 1, sizeof *samples);
    struct travel_pair *pairs = calloc(trips->count + 1, sizeof *pairs);
    enum err err = samples && pairs ? OK : ERR_LIMIT;
    size_t count = 0;
    for (size_t i = 0; i < trips->count && !err; i++) {
        const struct trip *trip = &trips->at[i];
        if (trip->ms == ROAD_INF)
            continue;
        const uint32_t hour = trip->week_hour % 24;
        pairs[count] = (struct travel_pair){trip->way_m, trip->recorded_s, trip->ms / 1000.0};
        samples[count++] = (struct travel_sample){job->log->units[trip->row->unit].type, hour,
                                                  trip->recorded_s, (trip->ms + 500) / 1000};
    }
    if (!err)
        err = travel_table_write(samples, count, out);
    out_byte(out, '\n');
    if (!err)
        err = travel_bands_write(pairs, count, out);
    free(samples);
    free(pairs);
    return err;
}
