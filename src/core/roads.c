/* roads.c - the digest of each profile's weights, for health: processes and machines that apply the
 * same closures to the same file have the same digests. Made on a worker when the traffic changed.
 */
#include "core/core_priv.h"

#include "base/json_out.h"

struct roads_job {
    struct core_job job;
    struct road *road;
    struct road_traffic *traffic;
    struct road_state state;
};

static void roads_run(struct core_job *job)
{
    struct roads_job *roads = (struct roads_job *)(void *)job;
    const uint32_t count = road_info(roads->road).profiles;
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
    core->roads = roads->state;
    core->roads.is_known = true;
    core->is_roads_due = false;
    free(roads);
}

void core_roads_tick(struct core *core, int64_t now_us)
{
    if (!core->traffic || core->is_roads_due ||
        (core->roads.is_known && core->roads.version == road_traffic_version(core->traffic)))
        return;
    struct roads_job *roads = calloc(1, sizeof *roads);
    if (!roads)
        abort();
    roads->job = (struct core_job){roads_run, roads_done};
    roads->road = core->options.road;
    roads->traffic = core->traffic;
    core->is_roads_due = true;
    if (!core_job_start(core, &roads->job, now_us)) {
        core->is_roads_due = false;
        free(roads);
    }
}

void core_roads_json(const struct core *core, struct json_out *j)
{
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
