/* Where units are: the replay moves them along the streets between their post and the scene, and
 * after the end tells how long the road model says that the recorded trips take.
 *
 * The log has no positions. A unit is taken to start at its (made-up) post, or, when it was sent
 * out again while driving home, from the share of the straight line home that it had behind it.
 * After a transport its place is not known, and it is taken to be at its post. */
#include "base/json_out.h"
#include "base/utc.h"
#include "learn/travel_table.h"
#include "main/replay_priv.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SNAP_M 1000.0
#define MAX_WAY 8192u
#define BODY_BYTES 512
#define FAR_M 30.0 /* nearer than that nothing is shown as moving */

/* ------------------------------------------------------------------ shown on the map */

static struct place along(const struct place *way, uint32_t count, double share_m)
{
    for (uint32_t i = 0; i + 1 < count; i++) {
        double piece_m = place_distance_m(way[i], way[i + 1]);
        if (share_m <= piece_m && piece_m > 0) {
            double share = share_m / piece_m;
            return (struct place){
                way[i].lat_e7 + (int32_t)(share * (way[i + 1].lat_e7 - way[i].lat_e7)),
                way[i].lon_e7 + (int32_t)(share * (way[i + 1].lon_e7 - way[i].lon_e7))};
        }
        share_m -= piece_m;
    }
    return way[count - 1];
}

static bool route(struct replay *r, const struct unit_state *u, struct place to,
                  struct road_route *ret_route)
{
    struct road_snap from_snap, to_snap;
    if (r->road == NULL || u->profile == ROAD_NONE ||
        road_snap(r->road, u->profile, u->place, SNAP_M, &from_snap) != OK ||
        road_snap(r->road, u->profile, to, SNAP_M, &to_snap) != OK) {
        return false;
    }
    const struct road_metric *metric = road_metric_ref(r->traffic, u->profile);
    enum err err = metric
                       ? road_route(metric, r->scratch, from_snap.point, to_snap.point, ret_route)
                       : ERR_LIMIT;
    road_metric_unref(metric);
    return err == OK && ret_route->place_count >= 2;
}

/* Sets a unit on its way; duration_us 0: as long as the model says. */
static void set_out(struct replay *r, struct unit_state *u, struct place to, int64_t duration_us)
{
    struct road_route found;
    u->way_count = 0;
    if (!route(r, u, to, &found) || found.place_count > MAX_WAY ||
        (double)found.length_mm / 1000 < FAR_M) {
        u->place = to;
        return;
    }
    struct place *way = realloc(u->way, found.place_count * sizeof *way);
    if (way == NULL) {
        return;
    }
    memcpy(way, found.places, found.place_count * sizeof *way);
    u->way = way;
    u->way_count = found.place_count;
    u->way_m = 0;
    for (uint32_t i = 0; i + 1 < u->way_count; i++) {
        u->way_m += place_distance_m(way[i], way[i + 1]);
    }
    int64_t us = duration_us > 0 ? duration_us : (int64_t)found.ms * 1000;
    u->leaves_mono_us = net_mono_us();
    u->arrives_mono_us = u->leaves_mono_us + us / r->options.speed + 1;
}

void replay_move_start(struct replay *r, uint32_t row)
{
    if (r->options.has_positions) {
        const struct dispatch_row *log_row = &r->log.rows[row];
        set_out(r, &r->units[log_row->unit], r->log.calls[log_row->call].place,
                dispatch_row_travel_s(log_row) * US_PER_S);
    }
}

void replay_move_arrived(struct replay *r, uint32_t row)
{
    const struct dispatch_row *log_row = &r->log.rows[row];
    struct unit_state *u = &r->units[log_row->unit];
    u->place = r->log.calls[log_row->call].place;
    u->arrives_mono_us = net_mono_us();
}

void replay_move_home(struct replay *r, uint32_t row)
{
    struct unit_state *u = &r->units[r->log.rows[row].unit];
    if (r->options.has_positions) {
        set_out(r, u, u->home, 0);
    }
}

static void position_answered(void *ctx, const struct http_client_answer *answer)
{
    struct replay *r = ctx;
    if (answer->status == 401 || answer->status == 403) {
        r->options.has_positions = false; /* this account may not: say so once and go on without */
        replay_trouble(r, "positions are not taken: %d", answer->status);
    }
}

static void position_send(struct replay *r, const struct unit_state *u, struct place place,
                          double speed_m_s, double course_deg)
{
    struct out path, body;
    char at[UTC_ISO_CAP];
    out_init(&path, BODY_BYTES);
    out_init(&body, BODY_BYTES);
    utc_iso(net_now_utc_us(), at);
    out_printf(&path, "/api/v1/units/%s/position", u->id);
    struct json_out j = json_out_of(&body);
    json_obj(&j);
    json_key(&j, "place");
    json_obj(&j);
    json_key(&j, "lat");
    json_fixed(&j, place.lat_e7, 7);
    json_key(&j, "lon");
    json_fixed(&j, place.lon_e7, 7);
    json_obj_end(&j);
    json_ki64(&j, "accuracy_m", 10);
    json_ki64(&j, "speed_mm_s", (int64_t)(speed_m_s * 1000));
    json_ki64(&j, "course_cdeg", (int64_t)(course_deg * 100));
    json_kc(&j, "at", at);
    json_obj_end(&j);
    (void)replay_link_send(&r->link, 1, r->link.feed_token, HTTP_METHOD_POST, out_view(&path),
                           STR(""), out_view(&body), position_answered, r);
    out_done(&path);
    out_done(&body);
}

void replay_move_tick(void *ctx)
{
    struct replay *r = ctx;
    int64_t now = net_mono_us();
    for (size_t i = 0; r->options.has_positions && i < r->log.unit_count; i++) {
        struct unit_state *u = &r->units[i];
        if (u->way_count < 2) {
            continue;
        }
        struct place before = u->place;
        double span_us = (double)(u->arrives_mono_us - u->leaves_mono_us);
        double speed_m_s = u->way_m / (span_us / 1e6);
        if (now >= u->arrives_mono_us) {
            u->place = u->way[u->way_count - 1];
            u->way_count = 0;
            speed_m_s = 0;
        } else {
            double share = (double)(now - u->leaves_mono_us) / span_us;
            u->place = along(u->way, u->way_count, share * u->way_m);
        }
        position_send(r, u, u->place, fmin(speed_m_s, 60), place_bearing_deg(before, u->place));
    }
}

/* ------------------------------------------------------------------ recorded against modelled */

struct trip {
    struct replay *r;
    const struct unit_state *unit;
    struct place left; /* scene of the trip before */
    int64_t left_us;   /* 0: it is at home */
    uint32_t home_ms;  /* from there to its post */
};

static uint32_t modelled_ms(struct replay *r, uint32_t profile, struct place from, struct place to)
{
    struct road_snap a, b;
    uint32_t ms = ROAD_INF;
    if (road_snap(r->road, profile, from, SNAP_M, &a) != OK ||
        road_snap(r->road, profile, to, SNAP_M, &b) != OK) {
        return ROAD_INF;
    }
    const struct road_metric *metric = road_metric_ref(r->traffic, profile);
    if (!metric || road_time(metric, r->scratch, a.point, b.point, &ms) != OK) {
        ms = ROAD_INF;
    }
    road_metric_unref(metric);
    return ms;
}

static struct place place_at(const struct trip *t, int64_t at_us)
{
    struct place home = t->unit->home;
    double gone_ms = (double)(at_us - t->left_us) / 1000;
    if (t->left_us == 0 || gone_ms >= t->home_ms) {
        return home;
    }
    double share = gone_ms > 0 ? gone_ms / t->home_ms : 0;
    return (struct place){t->left.lat_e7 + (int32_t)(share * (home.lat_e7 - t->left.lat_e7)),
                          t->left.lon_e7 + (int32_t)(share * (home.lon_e7 - t->left.lon_e7))};
}

static void trip_ends(struct trip *t, const struct dispatch_row *row)
{
    bool is_known = row->at_us[DISPATCH_transport] == 0 && row->at_us[DISPATCH_on_scene] != 0;
    t->left_us = is_known ? row->at_us[DISPATCH_available] : 0;
    t->left = t->r->log.calls[row->call].place;
    t->home_ms = is_known ? modelled_ms(t->r, t->unit->profile, t->left, t->unit->home) : 0;
}

static int by_unit_then_time(const void *pa, const void *pb)
{
    const struct dispatch_row *a = *(const struct dispatch_row *const *)pa;
    const struct dispatch_row *b = *(const struct dispatch_row *const *)pb;
    if (a->unit != b->unit) {
        return a->unit < b->unit ? -1 : 1;
    }
    int64_t da = a->at_us[DISPATCH_dispatch], db = b->at_us[DISPATCH_dispatch];
    return (da > db) - (da < db);
}

enum err replay_model_print(struct replay *r)
{
    size_t n = r->log.row_count, count = 0;
    const struct dispatch_row **order = calloc(n + 1, sizeof(struct dispatch_row *));
    struct travel_sample *samples = calloc(n + 1, sizeof *samples);
    struct out text;
    out_init(&text, 1u << 20);
    if (order == NULL || samples == NULL || r->road == NULL) {
        free(order);
        free(samples);
        return r->road == NULL ? ERR_NOT_FOUND : ERR_LIMIT;
    }
    for (size_t i = 0; i < n; i++) {
        order[i] = &r->log.rows[i];
    }
    qsort(order, n, sizeof(struct dispatch_row *), by_unit_then_time);
    struct trip trip = {.r = r};
    for (size_t i = 0; i < n; i++) {
        const struct dispatch_row *row = order[i];
        const struct unit_state *unit = &r->units[row->unit];
        if (trip.unit != unit) {
            trip = (struct trip){.r = r, .unit = unit};
        }
        if (unit->id[0] == '\0' || unit->profile == ROAD_NONE) {
            continue;
        }
        uint32_t recorded_s = dispatch_row_travel_s(row);
        if (recorded_s > 0 && (row->dirt & 1u << DISPATCH_DIRT_BACKWARDS) == 0) {
            uint32_t ms =
                modelled_ms(r, unit->profile, place_at(&trip, row->at_us[DISPATCH_response]),
                            r->log.calls[row->call].place);
            uint32_t hour = (uint32_t)utc_local(row->at_us[DISPATCH_response]).hour;
            if (ms != ROAD_INF && ms >= 500) {
                samples[count++] = (struct travel_sample){r->log.units[row->unit].type, hour,
                                                          recorded_s, (ms + 500) / 1000};
            }
        }
        trip_ends(&trip, row);
    }
    enum err err = travel_table_write(samples, count, &text);
    if (err == OK) {
        (void)printf(
            "\nRecorded against modelled travel times (posts are made up, so read the ratio "
            "with care)\n" STR_FMT,
            STR_ARG(out_view(&text)));
    }
    free(order);
    free(samples);
    out_done(&text);
    return err;
}
