/* roads.c - the roads as this process sees them: it reads the closures from the store's rows and
 * applies the layers that core applies to the same file, with the same clock's hour. Its digests
 * stand beside core's in /healthz; where they stay different, the two do not see the same roads.
 *
 * No query runs here, so no metric is made: the lists of changes are kept, and the digests are
 * computed from them, on a worker with a reader of its own. Looked at again when a closure's row
 * has changed, when one begins or ends, and when the hour turns. */
#include "edge/edge_priv.h"

#include "base/log.h"
#include "base/utc.h"
#include "road/closure.h"

#include <pthread.h>

#define LOOK_ARENA_BYTES (16u << 20)
#define LATEST_LOOK_US (60 * US_PER_S) /* the clock may be set */
#define FAILED_LOOK_US (5 * US_PER_S)

struct edge_roads {
    struct loop *loop;
    /* of the loop */
    bool is_stale, is_busy;
    int64_t due_us;
    uint64_t shown[ROAD_MAX_PROFILES];
    bool is_known;
    /* of the worker while is_busy */
    pthread_mutex_t lock;
    bool is_leaving;
    const struct road *road;
    const struct road_hours *hours;
    struct reader *reader;
    struct road_traffic *traffic;
    bool *in_force; /* by number of closure: it is a layer */
    uint32_t in_force_cap;
    uint32_t week_hour; /* ROAD_NONE: none */
    int64_t now_us, next_us;
    uint64_t digests[ROAD_MAX_PROFILES];
    enum err err;
};

/* ------------------------------------------------------- on a worker */

static void look_no_later(struct edge_roads *roads, int64_t at_us)
{
    if (at_us > roads->now_us && at_us < roads->next_us)
        roads->next_us = at_us;
}

static enum err follow_hour(struct edge_roads *roads)
{
    const uint32_t hour = road_hour_at(roads->now_us);
    enum err err = OK;
    look_no_later(roads, (roads->now_us / (15 * US_PER_MIN) + 1) * 15 * US_PER_MIN);
    if (!roads->hours || hour == roads->week_hour)
        return OK;
    err = road_traffic_put_speeds(roads->traffic, ROAD_LAYER_HOUR, &roads->hours->at[hour]);
    if (!err)
        roads->week_hour = hour;
    return err;
}

/* The same layer as core's; one that matches no street is none there either. */
static enum err follow_closure(struct edge_roads *roads, uint32_t number,
                               const struct closure_object *closure, struct arena *arena)
{
    const struct closure_time time = {closure->from_us, closure->until_us, closure->lifted_us};
    const bool is = closure_is_in_force(time, roads->now_us);
    char layer[32];
    enum err err = OK;
    if (!closure->lifted_us) {
        look_no_later(roads, closure->from_us);
        look_no_later(roads, closure->until_us);
    }
    if (is == roads->in_force[number])
        return OK;
    (void)snprintf(layer, sizeof layer, "closure-%u", number);
    if (is)
        err = closure_put(roads->traffic, roads->road, layer, closure->path,
                          closure_bind_of(roads->road, closure->factor, str_of(closure->profiles)),
                          arena);
    else
        err = road_traffic_remove(roads->traffic, layer);
    if (err && err != ERR_NOT_FOUND)
        return err;
    roads->in_force[number] = is;
    return OK;
}

static enum err make_room(struct edge_roads *roads, uint32_t end)
{
    if (end <= roads->in_force_cap)
        return OK;
    bool *grown = reallocarray(roads->in_force, 2 * (size_t)end, sizeof *grown);
    if (!grown)
        return ERR_LIMIT;
    memset(grown + roads->in_force_cap, 0, 2 * (size_t)end - roads->in_force_cap);
    roads->in_force = grown;
    roads->in_force_cap = 2 * end;
    return OK;
}

static enum err follow_closures(struct edge_roads *roads)
{
    const uint32_t end = atlas_end(roads->reader, OBJECT_closure);
    struct arena arena;
    enum err err = make_room(roads, end);
    arena_init(&arena, LOOK_ARENA_BYTES);
    for (uint32_t n = 1; n < end && !err; n++) {
        const void *object;
        uint64_t seq;
        arena_reset(&arena);
        err = reader_record(roads->reader, OBJECT_closure, n, &arena, &object, &seq);
        err = err == ERR_NOT_FOUND ? OK : err ? err : follow_closure(roads, n, object, &arena);
    }
    arena_done(&arena);
    return err;
}

static void look(void *ctx)
{
    struct edge_roads *roads = ctx;
    const uint32_t profiles = road_info(roads->road).profiles;
    (void)pthread_mutex_lock(&roads->lock);
    if (!roads->is_leaving) {
        roads->next_us = roads->now_us + LATEST_LOOK_US;
        roads->err = follow_hour(roads);
        if (!roads->err)
            roads->err = follow_closures(roads);
        for (uint32_t p = 0; p < profiles && !roads->err; p++)
            roads->err = road_traffic_digest(roads->traffic, p, &roads->digests[p]);
    }
    (void)pthread_mutex_unlock(&roads->lock);
}

/* ------------------------------------------------------- on the loop */

static void looked(void *ctx)
{
    struct edge_roads *roads = ctx;
    roads->is_busy = false;
    if (roads->is_leaving) { /* its parts are gone already */
        (void)pthread_mutex_destroy(&roads->lock);
        free(roads);
        return;
    }
    roads->due_us = roads->err ? roads->now_us + FAILED_LOOK_US : roads->next_us;
    if (roads->err) {
        LOG_WARN("edge.roads", "err=%s", err_text(roads->err));
        return;
    }
    memcpy(roads->shown, roads->digests, sizeof roads->shown);
    roads->is_known = true;
}

enum err edge_roads_new(const struct edge_config *config, struct loop *loop,
                        struct edge_roads **ret_roads)
{
    struct edge_roads *roads = calloc(1, sizeof *roads);
    if (!roads || pthread_mutex_init(&roads->lock, NULL) != 0)
        abort();
    roads->loop = loop;
    roads->road = config->road;
    roads->hours = config->hours;
    roads->week_hour = ROAD_NONE;
    enum err err = reader_open(config->store_dir, &roads->reader, NULL);
    if (!err)
        err = road_traffic_new(config->road, &roads->traffic);
    if (!err && config->calibration)
        err = road_traffic_put_speeds(roads->traffic, ROAD_LAYER_CALIBRATION,
                                      &config->calibration->speeds);
    if (err)
        edge_roads_free(roads);
    else
        *ret_roads = roads;
    return err;
}

void edge_roads_free(struct edge_roads *roads)
{
    if (!roads)
        return;
    (void)pthread_mutex_lock(&roads->lock); /* a look under way ends first */
    roads->is_leaving = true;
    reader_close(roads->reader);
    if (roads->traffic)
        road_traffic_free(roads->traffic);
    free(roads->in_force);
    (void)pthread_mutex_unlock(&roads->lock);
    if (!roads->is_busy)
        looked(roads);
}

void edge_roads_tick(struct edge_roads *roads, int64_t now_us, bool has_changed)
{
    if (!roads)
        return;
    roads->is_stale |= has_changed;
    if (roads->is_busy || (!roads->is_stale && now_us < roads->due_us))
        return;
    roads->now_us = now_us;
    roads->is_busy = loop_work(roads->loop, look, looked, roads) == OK;
    roads->is_stale = !roads->is_busy;
}

void edge_roads_json(const struct edge_roads *roads, struct json_out *j)
{
    if (!roads || !roads->is_known)
        return;
    json_key(j, "road_digests");
    json_obj(j);
    for (uint32_t p = 0; p < road_info(roads->road).profiles; p++) {
        char hex[17];
        (void)snprintf(hex, sizeof hex, "%016llx", (unsigned long long)roads->shown[p]);
        json_kc(j, road_profile_name(roads->road, p), hex);
    }
    json_obj_end(j);
}
