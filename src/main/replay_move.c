/* Where units are: the replay moves them along the streets between their post and the scene, and
 * after the end tells how long the road model says that the recorded trips take (trips.h). */
#include "base/json_out.h"
#include "base/utc.h"
#include "main/replay_priv.h"
#include "main/trips.h"
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

enum err replay_model_print(struct replay *r)
{
    struct trips_unit *units = calloc(r->log.unit_count + 1, sizeof *units);
    const struct trips_job job = {&r->log, units, r->road, r->traffic, r->scratch, NULL};
    struct trips trips = {0};
    struct out text;
    out_init(&text, 1u << 20);
    enum err err = units == NULL ? ERR_LIMIT : r->road == NULL ? ERR_NOT_FOUND : OK;
    for (size_t i = 0; i < r->log.unit_count && err == OK; i++) {
        units[i].home = r->units[i].home;
        units[i].profile = r->units[i].id[0] != '\0' ? r->units[i].profile : ROAD_NONE;
    }
    err = err == OK ? trips_find(&job, &trips) : err;
    err = err == OK ? trips_write(&job, &trips, &text) : err;
    if (err == OK) {
        (void)printf(
            "\nRecorded against modelled travel times (posts are made up, so read the ratio "
            "with care)\n" STR_FMT,
            STR_ARG(out_view(&text)));
    }
    trips_done(&trips);
    free(units);
    out_done(&text);
    return err;
}
