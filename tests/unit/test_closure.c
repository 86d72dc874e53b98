/* Closures as they are drawn: a line takes the street it runs along and not those it crosses, an
 * area what lies inside, several lines all of theirs; who is bound, who passes, and what remains
 * when it is lifted. */
#include "city_files.h"
#include "geo/geojson.h"
#include "random_road.h"
#include "road/closure.h"

struct town {
    struct road *road;
    struct road_traffic *traffic;
    struct road_scratch *scratch;
    struct arena arena;
};

static void town_init(struct town *t, struct road *road)
{
    *t = (struct town){.road = road};
    assert_ok(road_traffic_new(road, &t->traffic));
    assert_ok(road_scratch_new(road, &t->scratch));
    arena_init(&t->arena, 1u << 28);
}

static void town_done(struct town *t)
{
    arena_done(&t->arena);
    road_scratch_free(t->scratch);
    road_traffic_free(t->traffic);
}

static uint32_t arc_ms(const struct town *t, const char *profile, uint32_t arc)
{
    const struct road_metric *metric = road_metric_ref(t->traffic, road_profile(t->road, profile));
    const uint32_t ms = road_metric_arc_ms(metric, arc);
    road_metric_unref(metric);
    return ms;
}

static struct str edge_text(struct town *t, struct out *out, uint32_t edge)
{
    struct place shape[512];
    const uint32_t count = road_edge_shape(t->road, edge, shape, 512);
    struct json_out j = json_out_of(out);
    out_reset(out);
    assert_true(count <= 512);
    json_obj(&j);
    json_kc(&j, "type", "LineString");
    json_key(&j, "coordinates");
    json_arr(&j);
    for (uint32_t i = 0; i < count; i++)
        geojson_write_place(&j, shape[i]);
    json_arr_end(&j);
    json_obj_end(&j);
    return out_view(out);
}

static struct road *sf(void)
{
    struct road_report report;
    return import_city("osm/san-francisco.osm.pbf", &report);
}

static void a_line_closes_its_own_street(void **state)
{
    struct road *road = sf();
    struct town t;
    struct rand r;
    struct out out;
    size_t closed = 0, tried = 0, crossed = 0;
    (void)state;
    rand_seed(&r, 5);
    town_init(&t, road);
    out_init(&out, 1u << 20);
    while (tried < 40) {
        const uint32_t edge = rand_below(&r, road_info(road).edges);
        const struct road_edge e = road_edge(road, edge);
        if (e.length_mm < 80000 || arc_ms(&t, "car", 2 * edge) == ROAD_INF)
            continue;
        tried++;
        assert_ok(closure_put(t.traffic, road, "closure", edge_text(&t, &out, edge),
                              (struct closure_bind){0, UINT32_MAX}, &t.arena));
        closed += arc_ms(&t, "car", 2 * edge) == ROAD_INF;
        for (uint32_t other = 0; other < road_info(road).edges; other++) {
            const struct road_edge o = road_edge(road, other);
            if (other != edge && o.way != e.way && o.length_mm > 60000 &&
                (o.tail == e.tail || o.head == e.head || o.tail == e.head || o.head == e.tail) &&
                !str_eq(o.name, e.name))
                crossed += road_base_ms(road, road_profile(road, "car"), 2 * other) < ROAD_INF &&
                           arc_ms(&t, "car", 2 * other) == ROAD_INF;
        }
        assert_ok(road_traffic_remove(t.traffic, "closure"));
        assert_true(arc_ms(&t, "car", 2 * edge) < ROAD_INF);
        arena_reset(&t.arena);
    }
    assert_int_equal(closed, tried);
    assert_int_equal(crossed, 0);
    out_done(&out);
    town_done(&t);
    road_close(road);
}

/* Round a junction: every street that leaves it is closed near it, others are not. */
static void an_area_closes_what_lies_inside(void **state)
{
    struct road *road = sf();
    struct town t;
    struct rand r;
    char text[512];
    (void)state;
    rand_seed(&r, 6);
    town_init(&t, road);
    for (int i = 0; i < 20; i++) {
        const struct place at = road_node_place(road, rand_below(&r, road_info(road).nodes));
        const double lat = place_lat_deg(at), lon = place_lon_deg(at), d = 0.002;
        (void)snprintf(
            text, sizeof text,
            "{\"type\":\"Polygon\",\"coordinates\":[[[%.7f,%.7f],[%.7f,%.7f],[%.7f,%.7f],"
            "[%.7f,%.7f],[%.7f,%.7f]]]}",
            lon - d, lat - d, lon + d, lat - d, lon + d, lat + d, lon - d, lat + d, lon - d,
            lat - d);
        const enum err err = closure_put(t.traffic, road, "closure", str_of(text),
                                         (struct closure_bind){0, UINT32_MAX}, &t.arena);
        assert_ok(err);
        const uint32_t profile = road_profile(road, "car");
        for (uint32_t edge = 0; edge < road_info(road).edges; edge++) {
            const struct road_edge e = road_edge(road, edge);
            const struct place ends[2] = {road_node_place(road, e.tail),
                                          road_node_place(road, e.head)};
            const double near = place_distance_m(ends[0], at), far = place_distance_m(ends[1], at);
            if (road_base_ms(road, profile, 2 * edge) == ROAD_INF)
                continue;
            if (near < 120 && far < 120 && e.length_mm < 100000)
                assert_int_equal(arc_ms(&t, "car", 2 * edge), ROAD_INF);
            if (near > 1500 && far > 1500 && e.length_mm < 300000)
                assert_int_equal(arc_ms(&t, "car", 2 * edge),
                                 road_base_ms(road, profile, 2 * edge));
        }
        arena_reset(&t.arena);
    }
    town_done(&t);
    road_close(road);
}

static void it_binds_whom_it_names(void **state)
{
    struct road *road = sf();
    struct town t;
    struct rand r;
    struct out out;
    uint32_t edge;
    (void)state;
    rand_seed(&r, 7);
    town_init(&t, road);
    out_init(&out, 1u << 20);
    do {
        edge = rand_below(&r, road_info(road).edges);
    } while (road_edge(road, edge).length_mm < 100000 || arc_ms(&t, "car", 2 * edge) == ROAD_INF ||
             arc_ms(&t, "foot", 2 * edge) == ROAD_INF);
    const uint32_t foot = arc_ms(&t, "foot", 2 * edge), response = arc_ms(&t, "response", 2 * edge);
    const uint32_t car = arc_ms(&t, "car", 2 * edge);
    const uint32_t bits = 1u << road_profile(road, "car");
    assert_ok(closure_put(t.traffic, road, "shut", edge_text(&t, &out, edge),
                          (struct closure_bind){0, bits}, &t.arena));
    assert_int_equal(arc_ms(&t, "car", 2 * edge), ROAD_INF);
    assert_int_equal(arc_ms(&t, "foot", 2 * edge), foot);
    assert_true(arc_ms(&t, "response", 2 * edge) > response); /* lights and siren pass, slower */
    assert_true(arc_ms(&t, "response", 2 * edge) < ROAD_INF);
    assert_ok(road_traffic_remove(t.traffic, "shut"));
    assert_ok(closure_put(t.traffic, road, "slow", edge_text(&t, &out, edge),
                          (struct closure_bind){250, bits}, &t.arena));
    assert_true(arc_ms(&t, "car", 2 * edge) > car && arc_ms(&t, "car", 2 * edge) <= 4 * car + 4);
    assert_int_equal(arc_ms(&t, "foot", 2 * edge), foot);
    out_done(&out);
    town_done(&t);
    road_close(road);
}

static void what_cannot_be_is_refused(void **state)
{
    static const struct {
        const char *text;
        enum err err;
    } table[] = {
        {"{\"type\":\"LineString\",\"coordinates\":[[0,0],[0.1,0.1]]}", ERR_NOT_FOUND},
        {"{\"type\":\"Point\",\"coordinates\":[-122.4,37.7]}", ERR_UNSUPPORTED},
        {"{\"type\":\"LineString\",\"coordinates\":[[-122.4,97.7],[0,0]]}", ERR_RANGE},
        {"{\"type\":\"LineString\"}", ERR_SYNTAX},
        {"street", ERR_SYNTAX},
    };
    struct road *road = sf();
    struct town t;
    (void)state;
    town_init(&t, road);
    const uint32_t version = road_traffic_version(t.traffic);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        assert_int_equal(closure_put(t.traffic, road, "closure", str_of(table[i].text),
                                     (struct closure_bind){0, 1}, &t.arena),
                         table[i].err);
    assert_int_equal(road_traffic_version(t.traffic), version);
    town_done(&t);
    road_close(road);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_closes_its_own_street),
        cmocka_unit_test(an_area_closes_what_lies_inside),
        cmocka_unit_test(it_binds_whom_it_names),
        cmocka_unit_test(what_cannot_be_is_refused),
    };
    return RUN(tests);
}
