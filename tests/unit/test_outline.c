/* Outlines: valid polygons (judged by GEOS), no reached point outside, no unreached junction
 * inside, on random cities, Porto, Sao Paulo, San Francisco. Controls: a shrunk polygon loses
 * reached points, a grown one swallows junctions, a ring with a crossing is not valid. */
#include "city_files.h"
#include "random_road.h"
#include "road_oracle.h"

#include "geo/line.h"
#include <geos_c.h> /* the plain calls: one thread */
#include <math.h>

#define TOLERANCE (0.02 / 0.01113194908) /* 2 cm in units of 1e-7 degrees */
#define MAX_SHAPE 4096

struct town {
    struct road *road;
    struct road_traffic *traffic;
    struct road_scratch *scratch;
    const struct road_metric *metric;
    struct road_mesh *mesh;
    struct road_outliner *outliner;
    uint8_t *is_junction; /* by node: of the profile */
    struct place origin;
};

static void town_init(struct town *t, struct road *road, const char *profile)
{
    const uint32_t number = road_profile(road, profile);
    const struct road_info info = road_info(road);
    *t = (struct town){.road = road, .origin = info.min};
    assert_ok(road_traffic_new(road, &t->traffic));
    assert_ok(road_scratch_new(road, &t->scratch));
    t->metric = road_metric_ref(t->traffic, number);
    assert_ok(road_mesh_new(road, number, &t->mesh));
    assert_ok(road_outliner_new(t->mesh, &t->outliner));
    t->is_junction = calloc(info.nodes, 1);
    for (uint32_t edge = 0; edge < info.edges; edge++) {
        const struct road_edge e = road_edge(road, edge);
        if (road_metric_arc_ms(t->metric, 2 * edge) < ROAD_INF ||
            road_metric_arc_ms(t->metric, 2 * edge + 1) < ROAD_INF)
            t->is_junction[e.tail] = t->is_junction[e.head] = 1;
    }
}

static void town_done(struct town *t)
{
    road_outliner_free(t->outliner);
    road_mesh_free(t->mesh);
    road_metric_unref(t->metric);
    road_scratch_free(t->scratch);
    road_traffic_free(t->traffic);
    free(t->is_junction);
}

/* ---- GEOS, in units of 1e-7 degrees from the town's corner ---- */

static GEOSGeometry *geos_ring(const struct town *t, const struct road_ring *ring)
{
    GEOSCoordSequence *list = GEOSCoordSeq_create(ring->count + 1, 2);
    for (uint32_t i = 0; i <= ring->count; i++) {
        const struct road_corner c = ring->corners[i % ring->count];
        GEOSCoordSeq_setXY(list, i, (double)(c.lon_e10 - t->origin.lon_e7 * 1000LL) / 1000,
                           (double)(c.lat_e10 - t->origin.lat_e7 * 1000LL) / 1000);
    }
    return GEOSGeom_createLinearRing(list);
}

static GEOSGeometry *geos_outline(const struct town *t, const struct road_outline *outline)
{
    GEOSGeometry **parts = calloc(outline->polygon_count + 1, sizeof *parts);
    for (uint32_t i = 0; i < outline->polygon_count; i++) {
        const struct road_polygon *p = &outline->polygons[i];
        GEOSGeometry **holes = calloc(p->ring_count, sizeof *holes);
        for (uint32_t k = 1; k < p->ring_count; k++)
            holes[k - 1] = geos_ring(t, &p->rings[k]);
        parts[i] = GEOSGeom_createPolygon(geos_ring(t, &p->rings[0]), holes, p->ring_count - 1);
        free(holes);
    }
    GEOSGeometry *all = GEOSGeom_createCollection(GEOS_MULTIPOLYGON, parts, outline->polygon_count);
    free(parts);
    return all;
}

struct spot {
    double x, y;
};
static struct spot spot_of(const struct town *t, struct place p)
{
    return (struct spot){p.lon_e7 - t->origin.lon_e7, p.lat_e7 - t->origin.lat_e7};
}

/* The same place as road_point_place, without rounding. */
static struct spot point_at(const struct town *t, uint32_t edge, uint32_t frac)
{
    struct place shape[MAX_SHAPE];
    const uint32_t count = road_edge_shape(t->road, edge, shape, MAX_SHAPE);
    double left = 0;
    assert_true(count <= MAX_SHAPE);
    for (uint32_t i = 1; i < count; i++)
        left += place_distance_m(shape[i - 1], shape[i]);
    left *= (double)frac / ROAD_FRAC_ONE;
    for (uint32_t i = 1; i < count; i++) {
        const double length = place_distance_m(shape[i - 1], shape[i]);
        if (left <= length && length > 0) {
            const struct spot a = spot_of(t, shape[i - 1]), b = spot_of(t, shape[i]);
            return (struct spot){a.x + (b.x - a.x) * left / length,
                                 a.y + (b.y - a.y) * left / length};
        }
        left -= length;
    }
    return spot_of(t, shape[count - 1]);
}

struct verdict {
    size_t sampled, outside, junctions, inside, unlisted, far_listed;
    bool is_valid;
};

static bool holds(const GEOSPreparedGeometry *area, struct spot at, double tolerance)
{
    GEOSGeometry *point = GEOSGeom_createPointFromXY(at.x, at.y);
    double distance = INFINITY;
    bool is_inside = GEOSPreparedContains(area, point) == 1;
    if (!is_inside && tolerance > 0) {
        GEOSPreparedDistance(area, point, &distance);
        is_inside = distance <= tolerance;
    }
    GEOSGeom_destroy(point);
    return is_inside;
}

static bool is_taken(const struct road_span *span, const struct road_outline_query *query)
{
    return span->limit <= query->limit &&
           (query->source == ROAD_NONE || query->source == span->source);
}

static bool is_listed(const struct road_outline *outline, uint32_t node)
{
    for (uint32_t i = 0; i < outline->near_count; i++) {
        if (outline->near[i] == node)
            return true;
    }
    return false;
}

/* From a node to the nearest reached stretch. */
static double away_m(const struct town *t, const struct road_outline_query *query, uint32_t node)
{
    double best = INFINITY;
    for (size_t i = 0; i < query->span_count; i++) {
        struct place shape[MAX_SHAPE];
        struct line_hit hit;
        const struct road_span *s = &query->spans[i];
        if (!is_taken(s, query))
            continue;
        const uint32_t count = road_span_shape(t->road, s->edge, s->from, s->to, shape, MAX_SHAPE);
        if (line_nearest((struct line){shape, count}, road_node_place(t->road, node), &hit) == OK)
            best = fmin(best, hit.away_m);
    }
    return best;
}

static size_t count_outside(const struct town *t, const struct road_outline_query *query,
                            const GEOSGeometry *area, size_t *ret_sampled)
{
    const GEOSPreparedGeometry *fast = GEOSPrepare(area);
    size_t outside = 0;
    for (size_t i = 0; i < query->span_count; i++) {
        const struct road_span *s = &query->spans[i];
        for (uint32_t k = 0; k <= 4 && is_taken(s, query); k++) {
            const int64_t width = (int64_t)s->to - s->from;
            const struct spot at = point_at(t, s->edge, (uint32_t)(s->from + width * k / 4));
            ++*ret_sampled;
            outside += !holds(fast, at, TOLERANCE);
        }
    }
    GEOSPreparedGeom_destroy(fast);
    return outside;
}

static void count_inside(const struct town *t, const struct road_outline_query *query,
                         const struct road_outline *outline, const GEOSGeometry *area,
                         struct verdict *v)
{
    const GEOSPreparedGeometry *fast = GEOSPrepare(area);
    const struct road_info info = road_info(t->road);
    uint8_t *is_reached = calloc(info.nodes, 1);
    for (size_t i = 0; i < query->span_count; i++) {
        const struct road_span *s = &query->spans[i];
        const struct road_edge e = road_edge(t->road, s->edge);
        if (is_taken(s, query) && (s->from == 0 || s->to == 0))
            is_reached[e.tail] = 1;
        if (is_taken(s, query) && (s->from == ROAD_FRAC_ONE || s->to == ROAD_FRAC_ONE))
            is_reached[e.head] = 1;
    }
    for (uint32_t node = 0; node < info.nodes; node++) {
        const struct spot at = spot_of(t, road_node_place(t->road, node));
        if (!t->is_junction[node] || is_reached[node])
            continue;
        v->junctions++;
        if (!holds(fast, at, 0))
            continue;
        v->inside++;
        v->unlisted += !is_listed(outline, node);
    }
    for (uint32_t i = 0; i < outline->near_count; i++)
        v->far_listed += away_m(t, query, outline->near[i]) > 1.0;
    GEOSPreparedGeom_destroy(fast);
    free(is_reached);
}

/* `grow` other than 0: the polygon is moved by so many units first, as a control. */
static struct verdict judge(struct town *t, const struct road_outline_query *query, double grow)
{
    struct road_outline outline;
    struct verdict v = {0};
    assert_ok(road_outline(t->outliner, query, &outline));
    GEOSGeometry *area = geos_outline(t, &outline);
    v.is_valid = GEOSisValid(area) == 1;
    if (!v.is_valid) {
        char *why = GEOSisValidReason(area);
        print_message("# %s\n", why);
        GEOSFree(why);
    }
    for (uint32_t i = 0; i < outline.polygon_count; i++)
        for (uint32_t k = 0; k < outline.polygons[i].ring_count; k++)
            assert_true(outline.polygons[i].rings[k].count >= 3);
    if (grow != 0) {
        GEOSGeometry *other = GEOSBuffer(area, grow, 4);
        GEOSGeom_destroy(area);
        area = other;
    }
    v.outside = count_outside(t, query, area, &v.sampled);
    count_inside(t, query, &outline, area, &v);
    double geos_area = 0;
    GEOSArea(area, &geos_area);
    const double square = 0.01113194908 * 0.01113194908;
    const double scale = cos(place_lat_deg(t->origin) * M_PI / 180);
    if (grow == 0)
        assert_true(fabs(geos_area * square * scale - outline.area_m2) <=
                    0.01 * outline.area_m2 + 0.01);
    GEOSGeom_destroy(area);
    return v;
}

static void must_hold(struct town *t, const struct road_outline_query *query)
{
    const struct verdict v = judge(t, query, 0);
    assert_true(v.is_valid);
    assert_int_equal(v.outside, 0);
    assert_int_equal(v.unlisted, 0);
    assert_int_equal(v.far_listed, 0);
}

static struct road_reach reach_from(struct town *t, const struct road_source *sources, size_t count,
                                    const uint32_t limits[3])
{
    const struct road_reach_query query = {.sources = {sources, count}, .limits = {limits, 3}};
    struct road_reach reach;
    assert_ok(road_reach(t->metric, t->scratch, &query, &reach));
    return reach;
}

static struct road_reach reach_of(struct town *t, struct rand *r, size_t count,
                                  const uint32_t limits[3])
{
    struct road_source sources[4];
    for (size_t i = 0; i < count; i++)
        sources[i] = (struct road_source){random_point(r, road_info(t->road).edges),
                                          rand_below(r, 4) ? 0 : rand_below(r, 20000)};
    return reach_from(t, sources, count, limits);
}

static void check_reaches(struct town *t, struct rand *r, const uint32_t limits[3], int times)
{
    for (int i = 0; i < times; i++) {
        const size_t count = 1 + rand_below(r, 4);
        const struct road_reach reach = reach_of(t, r, count, limits);
        struct road_outline_query query = {reach.spans, reach.span_count, ROAD_NONE, 2};
        must_hold(t, &query);
        query.limit = rand_below(r, 3);
        query.source = rand_below(r, (uint32_t)count);
        must_hold(t, &query);
    }
}

static void close_some(struct town *t, struct rand *r, uint32_t times)
{
    for (uint32_t i = 0; i < times; i++) {
        const struct road_way way = road_way(t->road, rand_below(r, road_way_count(t->road)));
        const uint32_t from = rand_below(r, ROAD_WAY_ONE);
        const struct road_change change = {.way_id = way.id,
                                           .from = from,
                                           .to = from + 1 + rand_below(r, ROAD_WAY_ONE - from),
                                           .profiles = UINT32_MAX};
        char name[32];
        (void)snprintf(name, sizeof name, "closure-%u", i);
        assert_ok(road_traffic_put(t->traffic, name, &change, 1, NULL));
    }
    const uint32_t profile = road_metric_profile(t->metric);
    road_metric_unref(t->metric);
    t->metric = road_metric_ref(t->traffic, profile);
}

static void random_cities_keep_the_guarantee(void **state)
{
    static const uint32_t limits[3] = {3000, 10000, 40000};
    static const char *const profiles[] = {"response", "car", "foot"};
    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct random_road made = random_road_new(seed, 8, 90, 0);
        struct town t;
        struct rand r;
        rand_seed(&r, seed);
        town_init(&t, made.road, profiles[seed % 3]);
        check_reaches(&t, &r, limits, 20);
        close_some(&t, &r, 12);
        check_reaches(&t, &r, limits, 20);
        town_done(&t);
        random_road_free(&made);
    }
}

static struct road *import_extract(const char *folder, const char *name)
{
    struct road_report report;
    char path[128];
    (void)snprintf(path, sizeof path, "%s%s", folder, name);
    return import_city(path, &report);
}

static void check_city(const char *folder, const char *name, const char *profile, int times)
{
    static const uint32_t limits[3] = {60000, 180000, 300000};
    struct road *road = import_extract(folder, name);
    struct town t;
    struct rand r;
    rand_seed(&r, 11);
    town_init(&t, road, profile);
    check_reaches(&t, &r, limits, times);
    close_some(&t, &r, 60);
    check_reaches(&t, &r, limits, times);
    town_done(&t);
    road_close(road);
}

static void porto_keeps_the_guarantee(void **state)
{
    (void)state;
    check_city("../tests/data/roads/", "porto.osm.pbf", "car", 12);
}

static void sao_paulo_keeps_the_guarantee(void **state)
{
    (void)state;
    check_city("../tests/data/roads/", "sao-paulo-centre.osm.pbf", "car", 12);
    check_city("../tests/data/roads/", "sao-paulo-centre.osm.pbf", "foot", 6);
}

static void san_francisco_keeps_the_guarantee(void **state)
{
    (void)state;
    check_city("osm/", "san-francisco.osm.pbf", "response", 12);
}

/* ---- what other engines' users have reported ---- */

/* A square of streets round a lake of two kilometres. */
static struct random_road lake_town(struct rand *r)
{
    const uint32_t side = 41, corners = 4 * (side - 1); /* 50 m apart */
    struct raw_map map = random_map_new(r, side);
    struct raw_way way = {.id = 10, .road_class = ROAD_CLASS_primary, .ref_count = corners + 1};
    for (uint32_t i = 0; i <= corners; i++) {
        const uint32_t at = i % corners, step = at % (side - 1);
        const uint32_t x[4] = {step, side - 1, side - 1 - step, 0};
        const uint32_t y[4] = {0, step, side - 1, side - 1 - step};
        map.places[at] = (struct place){(int32_t)(y[at / (side - 1)] * 4492),
                                        (int32_t)(x[at / (side - 1)] * 4492)};
        assert_ok(VEC_PUSH(&map.refs, int64_t, at));
    }
    assert_ok(VEC_PUSH(&map.ways, struct raw_way, way));
    const struct random_road made = random_map_build(&map);
    random_map_free(&map);
    return made;
}

/* valhalla/valhalla#3212, #5155, #4459: islands on water, areas that cannot be reached. */
static void water_within_reach_is_a_hole(void **state)
{
    static const uint32_t limits[3] = {60000, 180000, 900000};
    struct road_outline outline;
    struct town t;
    struct rand r;
    (void)state;
    rand_seed(&r, 1);
    struct random_road made = lake_town(&r);
    town_init(&t, made.road, "response");
    const struct road_reach reach = reach_of(&t, &r, 1, limits);
    const struct road_outline_query query = {reach.spans, reach.span_count, ROAD_NONE, 2};
    must_hold(&t, &query);
    assert_ok(road_outline(t.outliner, &query, &outline));
    assert_int_equal(outline.polygon_count, 1);
    assert_int_equal(outline.hole_count, 1);
    assert_true(outline.hole_m2 > 3.2e6 && outline.hole_m2 < 4e6); /* the lake is 4 km2 */
    assert_true(outline.area_m2 < 8 * 2000 * 2.2 * ROAD_OUTLINE_FAR_M);
    town_done(&t);
    random_road_free(&made);
}

/* valhalla/valhalla#2115: several origins overwrite each other. */
static void of_several_origins_none_is_lost(void **state)
{
    static const uint32_t limits[3] = {5000, 10000, 30000};
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct random_road made = random_road_new(seed, 8, 90, 0);
        struct town t;
        struct rand r;
        struct road_outline outline;
        rand_seed(&r, seed);
        town_init(&t, made.road, "response");
        const struct road_source sources[2] = {{random_point(&r, road_info(made.road).edges), 0},
                                               {random_point(&r, road_info(made.road).edges), 0}};
        struct road_reach reach = reach_from(&t, sources, 2, limits);
        assert_ok(road_outline(
            t.outliner, &(struct road_outline_query){reach.spans, reach.span_count, ROAD_NONE, 2},
            &outline));
        GEOSGeometry *both = geos_outline(&t, &outline);
        for (int i = 0; i < 2; i++) {
            size_t sampled = 0;
            reach = reach_from(&t, &sources[i], 1, limits);
            const struct road_outline_query alone = {reach.spans, reach.span_count, ROAD_NONE, 2};
            assert_int_equal(count_outside(&t, &alone, both, &sampled), 0);
        }
        GEOSGeom_destroy(both);
        town_done(&t);
        random_road_free(&made);
    }
}

/* valhalla/valhalla#3741, #5692: open rings, rings of somewhere else. */
static void every_ring_is_round_something_reached(void **state)
{
    static const uint32_t limits[3] = {2000, 5000, 20000};
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct random_road made = random_road_new(seed, 8, 90, 0);
        struct town t;
        struct rand r;
        struct road_outline outline;
        rand_seed(&r, seed);
        town_init(&t, made.road, "foot");
        const struct road_reach reach = reach_of(&t, &r, 3, limits);
        assert_ok(road_outline(
            t.outliner, &(struct road_outline_query){reach.spans, reach.span_count, ROAD_NONE, 2},
            &outline));
        for (uint32_t i = 0; i < outline.polygon_count; i++) {
            const struct road_outline one = {.polygons = &outline.polygons[i], .polygon_count = 1};
            GEOSGeometry *area = geos_outline(&t, &one);
            const GEOSPreparedGeometry *fast = GEOSPrepare(area);
            bool is_ours = false;
            for (size_t k = 0; k < reach.span_count && !is_ours; k++) {
                const struct road_span *s = &reach.spans[k];
                is_ours = holds(fast, point_at(&t, s->edge, (s->from + s->to) / 2), 0);
            }
            assert_true(is_ours);
            GEOSPreparedGeom_destroy(fast);
            GEOSGeom_destroy(area);
        }
        town_done(&t);
        random_road_free(&made);
    }
}

static void a_wrong_polygon_is_seen(void **state)
{
    static const uint32_t limits[3] = {60000, 180000, 300000};
    struct road *road = import_extract("../tests/data/roads/", "sao-paulo-centre.osm.pbf");
    struct town t;
    struct rand r;
    (void)state;
    rand_seed(&r, 3);
    town_init(&t, road, "car");
    const struct road_reach reach = reach_of(&t, &r, 2, limits);
    const struct road_outline_query query = {reach.spans, reach.span_count, ROAD_NONE, 1};
    const struct verdict right = judge(&t, &query, 0);
    assert_true(right.sampled > 1000 && right.junctions > 100);
    assert_true(judge(&t, &query, -300).outside > 0);
    assert_true(judge(&t, &query, 3000).unlisted > 0);
    town_done(&t);
    road_close(road);
}

static int geos_start(void **state)
{
    (void)state;
    initGEOS(NULL, NULL);
    return 0;
}

static int geos_end(void **state)
{
    (void)state;
    finishGEOS();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_cities_keep_the_guarantee),
        cmocka_unit_test(porto_keeps_the_guarantee),
        cmocka_unit_test(sao_paulo_keeps_the_guarantee),
        cmocka_unit_test(san_francisco_keeps_the_guarantee),
        cmocka_unit_test(water_within_reach_is_a_hole),
        cmocka_unit_test(of_several_origins_none_is_lost),
        cmocka_unit_test(every_ring_is_round_something_reached),
        cmocka_unit_test(a_wrong_polygon_is_seen),
    };
    return cmocka_run_group_tests(tests, geos_start, geos_end);
}
