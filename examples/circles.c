/* circles.c - the road engine without the rest: what a station reaches in three minutes with lights
 * and siren, as GeoJSON. It links libroad, libgeo and libbase and nothing else of this project.
 *
 *   circles CITY.road LAT LON          (anwang import roads makes CITY.road) */
#include "road/road.h"

#include <stdio.h>

static void print_ring(const struct road_ring *ring)
{
    for (uint32_t n = 0; n <= ring->count; n++) {
        const struct road_corner corner = ring->corners[n % ring->count];
        (void)printf("%s[%.10f,%.10f]", n ? "," : "[", (double)corner.lon_e10 / 1e10,
                     (double)corner.lat_e10 / 1e10);
    }
    (void)printf("]");
}

static void print_outline(const struct road_outline *outline)
{
    (void)printf("{\"type\":\"MultiPolygon\",\"coordinates\":[");
    for (uint32_t i = 0; i < outline->polygon_count; i++) {
        for (uint32_t k = 0; k < outline->polygons[i].ring_count; k++) {
            (void)printf("%s", k ? "," : i ? ",[" : "[");
            print_ring(&outline->polygons[i].rings[k]);
        }
        (void)printf("]");
    }
    (void)printf("]}\n");
}

int main(int argc, char **argv)
{
    const uint32_t limit_ms = 180000;
    struct road *road;
    struct road_traffic *traffic; /* what holds now: closures would be put here */
    struct road_scratch *scratch;
    struct road_mesh *mesh;
    struct road_outliner *outliner;
    struct road_snap snap;
    struct road_reach reach;
    struct road_outline outline;
    double lat, lon;
    if (argc != 4 || str_double(str_of(argv[2]), &lat) || str_double(str_of(argv[3]), &lon))
        return 2;
    if (road_open(argv[1], &road, NULL) || road_traffic_new(road, &traffic) ||
        road_scratch_new(road, &scratch) || road_mesh_new(road, 0, &mesh) ||
        road_outliner_new(mesh, &outliner) ||
        road_snap(road, 0, place_from_deg(lat, lon), 500, &snap))
        return 1;
    const struct road_metric *metric = road_metric_ref(traffic, 0); /* 0: the first profile */
    const struct road_source station = {snap.point, 0};
    const struct road_reach_query from = {.sources = {&station, 1}, .limits = {&limit_ms, 1}};
    if (!metric || road_reach(metric, scratch, &from, &reach))
        return 1;
    const struct road_outline_query all = {reach.spans, reach.span_count, ROAD_NONE, 0};
    if (road_outline(outliner, &all, &outline))
        return 1;
    print_outline(&outline);
    road_metric_unref(metric);
    return 0; /* the program ends: nothing is freed */
}
