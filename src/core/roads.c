/* roads.c - the layers of speeds, which follow the hour, and the digest of each profile's weights,
 * for health: processes and machines that apply the same layers to the same file have the same
 * digests. Both are made on a worker; a closure that comes while the hour turns waits for it. */
#include "core/core_priv.h"

#include "base/json_out.h"
#include "base/log.h"

struct roads_job {
    struct core_job job;
    struct road *road;
    struct road_traffic *traffic;
    const struct road_speeds *hour; /* NULL: it has not turned */
    uint32_t week_hour;
    struct road_state state;
    enum err err;
};

enum err core_roads_start(struct core *core, int64_t now_us)
{
    const struct core_options *options = &core->options;
    enum err err = OK;
    core->week_hour = ROAD_NONE;
    if (options->hours) {
        core->week_hour = road_hour_at(now_us);
        err = road_traffic_put_speeds(core->traffic, ROAD_LAYER_HOUR,
                                      &options->hours->at[core->week_hour]);
    }
    if (!err && options->calibration)
        err = road_traffic_put_speeds(core->traffic, ROAD_LAYER_CALIBRATION,
                                      &options->calibration->speeds);
    return err;
}

static void roads_run(struct core_job *job)
{
    struct roads_job *roads = (struct roads_job *)(void *)job;
    const uint32_t count = road_info(roads->road).profiles;
    if (roads->hour)
        roads->err = road_traffic_put_speeds(roads->traffic, ROAD_LAYER_HOUR, roads->hour);
    roads->state.version = road_traffic_version(roads->traffic);
    for (uint32_t p = 0; p < count && p < ROAD_MAX_PROFILES; p++) {
        if (road_traffic_digest(roads->traffic, p, &roads->state.digests[p]))
            roads->state.digests[p] = 0;
    }
}

static void roads_done(struct core *core, struct core_job *job, int64_t now_us)
{
    struct roads_job *roads = (struct roads_job *)(void *)job;
    (void)now_us;
    if (roads->hour && !roads->err)
        core->week_hour = roads->week_hour;
    else if (roads->err) /* it is tried again */
        LOG_WARN("core.hour", "the speeds of the hour wait: err=%s", err_text(roads->err));
    core->roads = roads->state;
    core->roads.is_known = true;
    core->is_roads_due = false;
    free(roads);
}

void core_roads_tick(struct core *core, int64_t now_us)
{
    if (!core->traffic || core->is_roads_due)
        return;
    const uint32_t hour = core->options.hours ? road_hour_at(now_us) : core->week_hour;
    if (hour == core->week_hour && core->roads.is_known &&
        core->roads.version == road_traffic_version(core->traffic))
        return;
    struct roads_job *roads = calloc(1, sizeof *roads);
    if (!roads)
        abort();
    roads->job = (struct core_job){roads_run, roads_done};
    roads->road = core->options.road;
    roads->traffic = core->traffic;
    roads->week_hour = hour;
    roads->hour = hour == core->week_hour ? NULL : &core->options.hours->at[hour];
    core->is_roads_due = true;
    if (!core_job_start(core, &roads->job, now_us)) {
        core->is_roads_due = false;
        free(roads);
    }
}

static void write_layers(const struct core *core, struct json_out *j)
{
    const struct road_calibration *calibration = core->options.calibration;
    json_key(j, "road_layers");
    json_obj(j);
    if (core->week_hour != ROAD_NONE) {
        char hour[ROAD_HOUR_CAP];
        road_hour_text(core->week_hour, hour);
        json_kc(j, "hour", hour);
    }
    if (calibration) {
        json_kc(j, "calibration", calibration->name);
        json_kc(j, "calibration_version", calibration->version);
    }
    json_obj_end(j);
}

void core_roads_json(const struct core *core, struct json_out *j)
{
    if (core->traffic)
        write_layers(core, j);
    if (!core->roads.is_known)
        return;
    json_key(j, "road_digests");
    json_obj(j);
    json_ku64(j, "version", core->roads.version);
    for (uint32_t p = 0; p < road_info(core->options.road).profiles && p < ROAD_MAX_PROFILES; p++) {
        char hex[17];
        (void)snprintf(hex, sizeof hex, "%016llx", (unsigned long long)core->roads.digests[p]);
        json_kc(j, road_profile_name(core->options.road, p), hex);
    }
    json_obj_end(j);
}
