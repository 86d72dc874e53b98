#include "../unit/road_seal.h"
#include "fuzz.h"
#include "road/road_priv.h"

#define MAX_BYTES (1u << 20)

/* Whatever opens can be asked everything without leaving the file. */
static void use(struct road *road)
{
    struct road_info info = road_info(road);
    struct road_traffic *traffic = NULL;
    struct road_scratch *scratch = NULL;
    struct road_snap snap;
    if (info.edges == 0 || road_traffic_new(road, &traffic) || road_scratch_new(road, &scratch)) {
        road_traffic_free(traffic);
        return;
    }
    uint32_t last = info.edges - 1;
    struct road_change change = {
        .way_id = road_way(road, 0).id, .to = ROAD_WAY_ONE / 2, .profiles = 1};
    MUST(road_traffic_put(traffic, "fuzz", &change, 1, NULL) == OK);
    const struct road_metric *metric = road_metric_ref(traffic, info.profiles - 1);
    MUST(metric != NULL);
    struct road_source source = {{0, ROAD_FRAC_ONE / 3}, 10};
    struct road_point to = {last, ROAD_FRAC_ONE / 2};
    struct road_route route;
    struct road_reach reach;
    uint32_t ms, limit = 300000;
    MUST(road_time(metric, scratch, source.point, to, &ms) == OK);
    enum err err = road_route(metric, scratch, source.point, to, &route);
    MUST(err == ERR_CORRUPT || (err == OK) == (ms != ROAD_INF));
    MUST(road_reach(metric, scratch,
                    &(struct road_reach_query){.sources = {&source, 1}, .limits = {&limit, 1}},
                    &reach) == OK);
    for (size_t i = 0; i < reach.span_count; i++)
        MUST(reach.spans[i].to_ms <= limit);
    (void)road_snap(road, 0, info.min, 500, &snap);
    (void)road_edge(road, last);
    (void)road_point_place(road, to);
    road_metric_unref(metric);
    road_scratch_free(scratch);
    road_traffic_free(traffic);
}

/* The sums are put right first, or nothing behind them would ever be read. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct road *road = NULL;
    struct fault fault = {0};
    if (size < sizeof(struct file_header) || size > MAX_BYTES)
        return 0;
    uint8_t *copy = malloc(size);
    MUST(copy);
    memcpy(copy, data, size);
    struct str bytes = {(const char *)copy, size};
    (void)road_seal(copy, size);
    enum err err = road_open_bytes(bytes, &road, &fault);
    MUST(err == OK || fault.text);
    if (!err)
        use(road);
    road_close(road);
    free(copy);
    return 0;
}
