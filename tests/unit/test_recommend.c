/* Which units to send: true road time against the air line, filters, assignment against trying all,
 * and the circles of posts. */
#include "base/json.h"
#include "city_files.h"
#include "plan/assign_priv.h"
#include "plan/circles.h"
#include "plan/recommend.h"
#include "random_road.h"
#include "road_oracle.h"
#include <time.h>

#define NOW_US 1700000000000000LL
#define US 1000000LL
#define CRAFTS                                                                                     \
    "name,medium,speed_kmh,endurance_min,must_return\n"                                            \
    "drone,air,54,30,1\nshort,air,54,1,1\nboat,water,36,0,0\n"

struct bench {
    struct road *road;
    struct road_traffic *traffic;
    struct road_scratch *scratch;
    const struct road_metric *metrics[ROAD_MAX_PROFILES];
    struct arena arena;
    struct recommend_unit units[1000];
    struct recommend_need needs[4];
    struct recommend_input input;
};

static void take_metrics(struct bench *b)
{
    for (uint32_t i = 0; i < road_info(b->road).profiles; i++) {
        road_metric_unref(b->metrics[i]);
        b->metrics[i] = road_metric_ref(b->traffic, i);
    }
}

static struct bench *bench_new(struct road *road, struct place place)
{
    struct bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    b->road = road;
    assert_ok(road_traffic_new(road, &b->traffic));
    assert_ok(road_scratch_new(road, &b->scratch));
    take_metrics(b);
    arena_init(&b->arena, 64u << 20);
    b->needs[0] = (struct recommend_need){.capability = 0, .count = 1};
    b->input = (struct recommend_input){.place = place,
                                        .priority = PRIORITY_P2,
                                        .now_utc_us = NOW_US,
                                        .max_age_us = 60 * US,
                                        .needs = b->needs,
                                        .need_count = 1,
                                        .units = b->units,
                                        .metrics = b->metrics,
                                        .metric_count = road_info(road).profiles};
    return b;
}

static void bench_free(struct bench *b)
{
    for (size_t i = 0; i < ROAD_MAX_PROFILES; i++)
        road_metric_unref(b->metrics[i]);
    road_scratch_free(b->scratch);
    road_traffic_free(b->traffic);
    arena_done(&b->arena);
    free(b);
}

static struct recommend_unit *add_unit(struct bench *b, struct place place)
{
    struct recommend_unit *unit = &b->units[b->input.unit_count++];
    *unit = (struct recommend_unit){.unit = {(uint32_t)b->input.unit_count},
                                    .place = place,
                                    .place_utc_us = NOW_US - 5 * US,
                                    .readiness = READINESS_AVAILABLE,
                                    .profile = road_profile(b->road, "response"),
                                    .capabilities = 1,
                                    .crew = 2};
    return unit;
}

static struct recommend_result ask(struct bench *b)
{
    struct recommend_result result = {0};
    assert_ok(recommend(&b->input, b->scratch, &b->arena, &result));
    return result;
}

static enum recommend_cause cause_of(const struct recommend_result *result, uint32_t unit)
{
    for (size_t i = 0; i < result->left_out_count; i++) {
        if (result->left_out[i].unit.v == unit)
            return result->left_out[i].cause;
    }
    return RECOMMEND_OK;
}

/* ------------------------------------------------------- rivers */

/* Two banks, streets along both, one bridge far in the east. */
static struct random_road river_city(void)
{
    struct raw_map map = {0};
    struct fault fault = {0};
    struct out table;
    char path[CITY_PATH_CAP];
    out_init(&table, 1u << 20);
    data_path("road/profiles.csv", path);
    assert_ok(file_read(path, &table));
    assert_ok(profile_parse(out_view(&table), map.profiles, &map.profile_count, &fault));
    map.id_count = 80;
    map.places = calloc(map.id_count, sizeof *map.places);
    assert_ok(VEC_PUSH(&map.names, char, '\0'));
    for (uint32_t i = 0; i < 80; i++) {
        map.places[i] = (struct place){310000000 + (int32_t)(i / 40) * 20000,
                                       1210000000 + (int32_t)(i % 40) * 10000};
    }
    for (int64_t bank = 0; bank < 3; bank++) {
        struct raw_way way = {.id = bank + 1,
                              .first_ref = (uint32_t)map.refs.count,
                              .road_class = ROAD_CLASS_residential};
        if (bank == 2) {
            assert_ok(VEC_PUSH(&map.refs, int64_t, 39));
            assert_ok(VEC_PUSH(&map.refs, int64_t, 79));
        }
        for (int64_t i = 0; i < 40 && bank < 2; i++)
            assert_ok(VEC_PUSH(&map.refs, int64_t, bank * 40 + i));
        way.ref_count = (uint32_t)map.refs.count - way.first_ref;
        assert_ok(VEC_PUSH(&map.ways, struct raw_way, way));
    }
    struct random_road made = random_map_build(&map);
    vec_done(&map.ways);
    vec_done(&map.refs);
    vec_done(&map.names);
    free(map.places);
    out_done(&table);
    return made;
}

static void across_a_river_the_nearest_by_air_is_last_by_road(void **state)
{
    (void)state;
    struct random_road made = river_city();
    struct place incident = {310000000, 1210000000};
    struct bench *b = bench_new(made.road, incident);
    b->needs[0].count = 3;
    (void)add_unit(b, (struct place){310020000, 1210000000}); /* over the water, 222 m */
    (void)add_unit(b, (struct place){310000000, 1210100000});
    (void)add_unit(b, (struct place){310000000, 1210200000}); /* 1.9 km on this bank */
    struct recommend_result result = ask(b);
    assert_int_equal(result.picked_count, 3);
    assert_int_equal(result.slots[0].pick.unit.v, 2);
    assert_int_equal(result.slots[1].pick.unit.v, 3);
    assert_int_equal(result.slots[2].pick.unit.v, 1);
    assert_true(result.slots[2].pick.ms > 3 * result.slots[1].pick.ms);
    assert_true(place_distance_m(b->units[0].place, incident) <
                place_distance_m(b->units[1].place, incident));
    /* The bridge is closed for everybody: no way at all, and the shortfall says so. */
    struct road_change bridge = {.way_id = 3, .to = ROAD_WAY_ONE, .profiles = UINT32_MAX};
    assert_ok(road_traffic_put(b->traffic, "bridge", &bridge, 1, NULL));
    take_metrics(b);
    result = ask(b);
    assert_int_equal(result.picked_count, 2);
    assert_int_equal(result.slots[2].shortfall, RECOMMEND_NO_WAY);
    assert_int_equal(cause_of(&result, 1), RECOMMEND_NO_WAY);
    /* A drone flies. */
    struct media *media;
    assert_ok(media_new(&(struct media_texts){.crafts = STR(CRAFTS)}, &media, NULL));
    b->input.media = media;
    b->units[0].profile = ROAD_NONE;
    b->units[0].craft = media_craft(media, STR("drone"));
    result = ask(b);
    assert_int_equal(result.slots[0].pick.unit.v, 1);
    assert_in_range(result.slots[0].pick.ms, 14500, 15200);
    media_free(media);
    bench_free(b);
    random_road_free(&made);
}

/* The street of the incident is closed: it is reached over that street all the same, and said. */
static void a_place_inside_a_closure_is_reached_and_said(void **state)
{
    (void)state;
    struct random_road made = river_city();
    struct bench *b = bench_new(made.road, (struct place){310000000, 1210105000});
    (void)add_unit(b, (struct place){310000000, 1210205000});
    struct recommend_result result = ask(b);
    assert_false(result.is_place_closed);
    uint32_t open_ms = result.slots[0].pick.ms;
    /* Nodes 10 to 11 of the first bank's 39 stretches, and a little to each side. */
    struct road_change works = {.way_id = 1,
                                .from = ROAD_WAY_ONE * 10 / 39,
                                .to = ROAD_WAY_ONE * 11 / 39,
                                .profiles = UINT32_MAX};
    assert_ok(road_traffic_put(b->traffic, "works", &works, 1, NULL));
    take_metrics(b);
    result = ask(b);
    assert_true(result.is_place_closed);
    assert_int_equal(result.picked_count, 1);
    assert_int_equal(result.slots[0].pick.ms, open_ms);
    bench_free(b);
    random_road_free(&made);
}

static void the_huangpu_is_a_river(void **state)
{
    (void)state;
    struct road_report report;
    struct road *road = import_city("osm/shanghai-centre.osm.pbf", &report);
    struct place bund = place_from_deg(31.2385, 121.4870);
    struct bench *b = bench_new(road, bund);
    b->needs[0].count = 2;
    struct recommend_unit *lujiazui = add_unit(b, place_from_deg(31.2400, 121.4975));
    struct recommend_unit *west = add_unit(b, place_from_deg(31.2330, 121.4730));
    struct recommend_result result = ask(b);
    assert_true(place_distance_m(lujiazui->place, bund) + 300 <
                place_distance_m(west->place, bund));
    assert_int_equal(result.slots[0].pick.unit.v, 2);
    assert_int_equal(result.slots[1].pick.unit.v, 1);
    bench_free(b);
    road_close(road);
}

/* ------------------------------------------------------- filters */

static void who_cannot_go_is_left_out_and_said_why(void **state)
{
    (void)state;
    struct random_road made = river_city();
    struct place incident = {310000000, 1210000000};
    struct bench *b = bench_new(made.road, incident);
    for (int i = 0; i < 12; i++)
        (void)add_unit(b, (struct place){310000000, 1210010000 + i * 10000});
    b->units[0].readiness = READINESS_OFF_DUTY;
    b->units[1].readiness = READINESS_OUT_OF_SERVICE;
    b->units[2].readiness = READINESS_COMMITTED;
    b->units[2].busy_with = PRIORITY_P3;
    b->units[3].is_barred = true;
    b->units[4].is_reserved_duty = true;
    b->units[5].place = PLACE_NONE;
    b->units[6].capabilities = 2;
    b->units[7].crew = 1;
    b->units[8].place = (struct place){320000000, 1210000000};
    struct media *media; /* without any water */
    assert_ok(media_new(&(struct media_texts){.crafts = STR(CRAFTS)}, &media, NULL));
    b->input.media = media;
    b->units[9].profile = ROAD_NONE;
    b->units[9].craft = media_craft(media, STR("boat"));
    b->units[10].profile = ROAD_NONE;
    b->units[11].place_utc_us = NOW_US - 600 * US;
    b->needs[0].min_crew = 2;
    struct recommend_result result = ask(b);
    static const enum recommend_cause expected[] = {
        RECOMMEND_OFF_DUTY,      RECOMMEND_OUT_OF_SERVICE, RECOMMEND_COMMITTED,
        RECOMMEND_BARRED,        RECOMMEND_RESERVED_DUTY,  RECOMMEND_NO_POSITION,
        RECOMMEND_NO_CAPABILITY, RECOMMEND_CREW_TOO_SMALL, RECOMMEND_OFF_ROAD,
        RECOMMEND_NO_MEDIUM,     RECOMMEND_NO_MEDIUM,      RECOMMEND_OK};
    for (uint32_t i = 0; i < 12; i++)
        assert_int_equal(cause_of(&result, i + 1), expected[i]);
    assert_int_equal(result.slots[0].pick.unit.v, 12);
    assert_true(result.slots[0].pick.is_stale);
    assert_int_equal(result.slots[0].pick.position_age_us, 600 * US);
    assert_int_equal(result.slots[0].runner_up.unit.v, 0);
    /* P1 may take the community officer, pre-emption the one who is at a lesser job. */
    b->input.priority = PRIORITY_P1;
    b->input.may_preempt = true;
    result = ask(b);
    assert_int_equal(result.slots[0].pick.unit.v, 3);
    assert_true(result.slots[0].pick.is_preempted);
    assert_int_equal(result.slots[0].runner_up.unit.v, 5);
    b->units[2].busy_with = PRIORITY_P1; /* never for an equal one */
    assert_int_equal(ask(b).slots[0].pick.unit.v, 5);
    b->input.place = (struct place){0, 0};
    assert_int_equal(recommend(&b->input, b->scratch, &b->arena, &result), ERR_NOT_FOUND);
    b->needs[0].capability = 64;
    assert_int_equal(recommend(&b->input, b->scratch, &b->arena, &result), ERR_RANGE);
    media_free(media);
    bench_free(b);
    random_road_free(&made);
}

/* Boxes of a GeoJSON collection, degrees of the river city. */
static void write_box(struct out *out, const double box[4], bool is_last)
{
    out_printf(
        out,
        "{\"type\":\"Feature\",\"properties\":{},\"geometry\":{\"type\":\"Polygon\","
        "\"coordinates\":[[[%.7f,%.7f],[%.7f,%.7f],[%.7f,%.7f],[%.7f,%.7f],[%.7f,%.7f]]]}}%s",
        box[0], box[1], box[2], box[1], box[2], box[3], box[0], box[3], box[0], box[1],
        is_last ? "]}" : ",");
}

/* A craft's time is medium_path's; who cannot do the way is left out and said why. */
static void craft_keep_to_their_medium(void **state)
{
    static const double zone[4] = {121.001, 30.9995, 121.003, 31.0015};
    static const double river[4] = {120.99, 31.0004, 121.05, 31.0016};
    static const double pond[4] = {121.03, 31.003, 121.04, 31.004};
    struct random_road made = river_city();
    const struct place incident = {310000000, 1210000000}; /* on the southern bank */
    struct bench *b = bench_new(made.road, incident);
    struct out air, water;
    struct media *media, *open_air;
    struct medium *plain;
    struct passage passage;
    (void)state;
    out_init(&air, 1 << 16);
    out_init(&water, 1 << 16);
    out_c(&air, "{\"type\":\"FeatureCollection\",\"features\":[");
    write_box(&air, zone, true);
    out_c(&water, "{\"type\":\"FeatureCollection\",\"features\":["
                  "{\"type\":\"Feature\",\"properties\":{},\"geometry\":{\"type\":\"Point\","
                  "\"coordinates\":[121.0,31.0005]}},");
    write_box(&water, pond, false);
    write_box(&water, river, true);
    const struct media_texts texts = {STR(CRAFTS), out_view(&air), out_view(&water)};
    assert_ok(media_new(&texts, &media, NULL));
    assert_int_equal(media_counts(media).launches, 1);
    assert_ok(media_new(&(struct media_texts){.crafts = STR(CRAFTS)}, &open_air, NULL));
    b->input.media = media;
    static const struct place places[] = {
        {310000000, 1210100000}, /* drone behind the zone */
        {310000000, 1210020000}, /* drone in it */
        {310000000, 1210200000}, /* 1.9 km away, for one with a minute's endurance and back */
        {310010000, 1210300000}, /* boat on the river */
        {310035000, 1210350000}, /* boat on a pond */
        {310100000, 1210300000}, /* boat on land, no launch near */
    };
    static const char *const crafts[] = {"drone", "drone", "short", "boat", "boat", "boat"};
    for (size_t i = 0; i < 6; i++) {
        struct recommend_unit *unit = add_unit(b, places[i]);
        unit->profile = ROAD_NONE;
        unit->craft = media_craft(media, str_of(crafts[i]));
        assert_non_null(unit->craft);
    }
    b->needs[0].count = 2;
    struct recommend_result result = ask(b);
    assert_int_equal(result.picked_count, 2);
    assert_int_equal(result.slots[0].pick.unit.v, 1);
    assert_int_equal(result.slots[1].pick.unit.v, 4);
    assert_int_equal(cause_of(&result, 2), RECOMMEND_START_BARRED);
    assert_int_equal(cause_of(&result, 3), RECOMMEND_BEYOND_ENDURANCE);
    assert_int_equal(cause_of(&result, 5), RECOMMEND_NO_WAY);
    assert_int_equal(cause_of(&result, 6), RECOMMEND_START_BARRED);
    /* The drone's way round by hand: the nearer corners, west and east. */
    const struct place west = {309995000, 1210010000}, east = {309995000, 1210030000};
    const double round_m = place_distance_m(incident, west) + place_distance_m(west, east) +
                           place_distance_m(east, places[0]);
    assert_in_range(result.slots[0].pick.ms, (uint32_t)(round_m / 15 * 1000) - 1,
                    (uint32_t)(round_m / 15 * 1000) + 2);
    /* The boat lands at the launch, 56 m from the place, and walks. */
    const struct place launch = {310005000, 1210000000};
    const uint32_t walk_ms = (uint32_t)(place_distance_m(launch, incident) * 1e6 / 1400);
    const uint32_t swim_ms = (uint32_t)(place_distance_m(places[3], launch) / 10 * 1000);
    assert_in_range(result.slots[1].pick.ms, walk_ms + swim_ms - 2, walk_ms + swim_ms + 2);
    /* The controls: without the zone the same drone is sooner, and the other one may start. */
    b->input.media = open_air;
    assert_ok(medium_new(MEDIUM_AIR, NULL, 0, &plain));
    assert_ok(medium_path(plain, &(struct voyage){places[1], incident, {15000, 0, false}},
                          &b->arena, &passage, NULL));
    result = ask(b);
    assert_int_equal(result.slots[0].pick.unit.v, 2);
    assert_int_equal(result.slots[0].pick.ms, passage.ms);
    assert_int_equal(cause_of(&result, 4), RECOMMEND_NO_MEDIUM);
    /* A place inside the zone: no drone goes there, and the shortfall says so. */
    b->input.media = media;
    b->input.place = places[1];
    b->input.unit_count = 1;
    result = ask(b);
    assert_int_equal(cause_of(&result, 1), RECOMMEND_PLACE_BARRED);
    assert_int_equal(result.slots[0].shortfall, RECOMMEND_PLACE_BARRED);
    medium_free(plain);
    media_free(media);
    media_free(open_air);
    out_done(&air);
    out_done(&water);
    bench_free(b);
    random_road_free(&made);
}

static void bad_media_are_refused_with_their_file(void **state)
{
    static const struct {
        const char *crafts, *air, *water, *field;
    } bad[] = {
        {"name,medium\n", "", "", MEDIA_CRAFTS_FILE},
        {CRAFTS, "{", "", MEDIA_AIR_FILE},
        {CRAFTS, "{\"type\":\"Point\",\"coordinates\":[1,2]}", "", MEDIA_AIR_FILE},
        {CRAFTS, "", "{\"type\":\"Polygon\",\"coordinates\":[[[1,2],[500,2],[1,3],[1,2]]]}",
         MEDIA_WATER_FILE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct media *media = NULL;
        struct fault fault = {0};
        const struct media_texts texts = {str_of(bad[i].crafts), str_of(bad[i].air),
                                          str_of(bad[i].water)};
        assert_int_not_equal(media_new(&texts, &media, &fault), OK);
        assert_string_equal(fault.field, bad[i].field);
        assert_non_null(fault.text);
    }
}

/* Nearest first would give the ladder's only crew to the pump's slot. */
static void several_are_filled_as_one_assignment(void **state)
{
    (void)state;
    struct random_road made = river_city();
    struct bench *b = bench_new(made.road, (struct place){310000000, 1210000000});
    add_unit(b, (struct place){310000000, 1210010000})->capabilities = 3; /* both */
    add_unit(b, (struct place){310000000, 1210100000})->capabilities = 1; /* pump only */
    add_unit(b, (struct place){310000000, 1210300000})->capabilities =
        4; /* stands in for a ladder */
    b->needs[0] = (struct recommend_need){.capability = 0, .count = 1};
    b->needs[1] = (struct recommend_need){
        .capability = 1, .count = 1, .substitutes = {2}, .substitute_count = 1};
    b->input.need_count = 2;
    struct recommend_result result = ask(b);
    assert_int_equal(result.picked_count, 2);
    assert_int_equal(result.slots[0].pick.unit.v, 2);
    assert_int_equal(result.slots[1].pick.unit.v, 1);
    assert_int_equal(result.slots[1].runner_up.unit.v, 3);
    assert_true(result.slots[1].runner_up.is_substitute);
    assert_int_equal(result.latest_ms, result.slots[0].pick.ms);
    /* Order of the units does not matter, nor does asking again; a changed answer changes the
     * digest. */
    struct recommend_unit swap = b->units[0];
    b->units[0] = b->units[2];
    b->units[2] = swap;
    assert_int_equal(ask(b).digest, result.digest);
    b->units[1].start_delay_ms = 1000;
    assert_int_not_equal(ask(b).digest, result.digest);
    b->needs[1].count = 3;
    result = ask(b);
    assert_int_equal(result.picked_count, 3);
    assert_int_equal(result.slots[3].shortfall, RECOMMEND_TAKEN);
    bench_free(b);
    random_road_free(&made);
}

/* ------------------------------------------------------- the assignment against trying all */

struct best {
    size_t filled;
    uint64_t latest, sum, ranks;
};

static bool beats(struct best a, struct best b)
{
    if (a.filled != b.filled)
        return a.filled > b.filled;
    if (a.latest != b.latest)
        return a.latest < b.latest;
    return a.sum != b.sum ? a.sum < b.sum : a.ranks < b.ranks;
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as there are slots */
static void try_all(const struct assign *job, size_t slot, uint32_t used, struct best so_far,
                    struct best *best)
{
    if (slot == job->slot_count) {
        if (beats(so_far, *best))
            *best = so_far;
        return;
    }
    try_all(job, slot + 1, used, so_far, best);
    for (uint32_t unit = 0; unit < job->unit_count; unit++) {
        uint32_t cost = job->costs[slot * job->unit_count + unit];
        if (used >> unit & 1 || cost == ASSIGN_NEVER)
            continue;
        struct best next = {so_far.filled + 1, cost > so_far.latest ? cost : so_far.latest,
                            so_far.sum + cost, so_far.ranks + unit};
        try_all(job, slot + 1, used | 1u << unit, next, best);
    }
}

static void the_assignment_is_the_best_of_all(void **state)
{
    (void)state;
    struct arena arena;
    struct rand r;
    rand_seed(&r, 17);
    arena_init(&arena, 8u << 20);
    for (size_t run = 0; run < 2000; run++) {
        uint32_t costs[5 * 7], unit_of[5], used = 0;
        struct assign job = {.slot_count = 1 + rand_below(&r, 5),
                             .unit_count = 1 + rand_below(&r, 7),
                             .costs = costs,
                             .unit_of = unit_of};
        struct best best = {0}, got = {0};
        for (size_t i = 0; i < job.slot_count * job.unit_count; i++)
            costs[i] = rand_below(&r, 3) ? rand_below(&r, 12) : ASSIGN_NEVER;
        assert_ok(assign_solve(&job, &arena));
        for (size_t slot = 0; slot < job.slot_count; slot++) {
            if (unit_of[slot] == ASSIGN_NOBODY)
                continue;
            uint32_t cost = costs[slot * job.unit_count + unit_of[slot]];
            assert_int_not_equal(cost, ASSIGN_NEVER);
            assert_int_equal(used >> unit_of[slot] & 1, 0);
            used |= 1u << unit_of[slot];
            got.filled++;
            got.latest = cost > got.latest ? cost : got.latest;
            got.sum += cost;
            got.ranks += unit_of[slot];
        }
        try_all(&job, 0, 0, (struct best){0}, &best);
        assert_memory_equal(&got, &best, sizeof got);
        arena_reset(&arena);
    }
    arena_done(&arena);
}

/* ------------------------------------------------------- San Francisco */

static double cpu_ms(void)
{
    struct timespec t;
    assert_int_equal(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t), 0);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* Every unit's time is the plain one; a thousand are weighed at once. */
static void a_thousand_units_are_weighed(void **state)
{
    (void)state;
    struct road_report report;
    struct road *road = import_city("osm/san-francisco.osm.pbf", &report);
    struct road_snap incident;
    struct oracle oracle;
    struct rand r;
    uint32_t response = road_profile(road, "response");
    struct bench *b = bench_new(road, place_from_deg(37.7793, -122.4193));
    b->needs[0].count = 4;
    rand_seed(&r, 23);
    for (size_t i = 0; i < 1000; i++) {
        struct road_point point = random_point(&r, road_info(road).edges);
        (void)add_unit(b, road_point_place(road, point));
    }
    double best = 1e9;
    struct recommend_result result = {0};
    for (int i = 0; i < 7; i++) {
        double start = cpu_ms();
        arena_reset(&b->arena);
        result = ask(b);
        double took = cpu_ms() - start;
        best = took < best ? took : best;
    }
    print_message("# 1000 units weighed in %.2f ms\n", best);
    assert_int_equal(result.picked_count, 4);
    assert_ok(road_snap(road, response, b->input.place, RECOMMEND_SNAP_M, &incident));
    oracle_init(&oracle, b->metrics[response]);
    uint32_t fastest[4] = {ROAD_INF, ROAD_INF, ROAD_INF, ROAD_INF};
    for (size_t i = 0; i < 1000; i++) {
        struct road_snap snap;
        assert_ok(road_snap(road, response, b->units[i].place, RECOMMEND_SNAP_M, &snap));
        struct road_source source = {snap.point, 0};
        oracle_run(&oracle, &source, 1);
        uint32_t ms = oracle_at(&oracle, &source, 1, incident.point, NULL);
        for (size_t k = 0; k < 4; k++) {
            if (ms < fastest[k]) {
                uint32_t swap = fastest[k];
                fastest[k] = ms;
                ms = swap;
            }
        }
    }
    for (size_t k = 0; k < 4; k++)
        assert_int_equal(result.slots[k].pick.ms, fastest[k]);
    oracle_done(&oracle);
    bench_free(b);
    road_close(road);
}

/* ------------------------------------------------------- circles */

static void circles_are_drawn_and_nest(void **state)
{
    (void)state;
    static const uint32_t limits[3] = {60000, 180000, 300000};
    struct road_report report;
    struct road *road = import_city("osm/san-francisco.osm.pbf", &report);
    struct bench *b = bench_new(road, place_from_deg(37.7793, -122.4193));
    struct circles_post posts[6];
    struct circles circles;
    struct out text, tile;
    struct json root;
    struct fault fault = {0};
    struct rand r;
    rand_seed(&r, 3);
    for (uint32_t i = 0; i < 6; i++)
        posts[i] = (struct circles_post){
            .post = {i + 1},
            .place = road_point_place(road, random_point(&r, road_info(road).edges))};
    posts[5].place = place_from_deg(37.6, -123.5); /* in the sea */
    out_init(&text, 32u << 20);
    out_init(&tile, 1u << 20);
    assert_ok(circles_reach(b->metrics[0], b->scratch, (struct circles_posts){posts, 6},
                            (struct road_limits){limits, 3}, &b->arena, &circles));
    assert_int_equal(circles.off_road, 1);
    assert_true(circles.reach.length_mm[0] < circles.reach.length_mm[1]);
    assert_true(circles.reach.length_mm[1] < circles.reach.length_mm[2]);
    assert_ok(circles_geojson(&circles, 1, &text));
    assert_ok(json_read(out_view(&text), &root, &fault));
    struct json features = json_get(root, "features");
    assert_int_equal(json_count(features), 15);
    uint64_t metres = 0;
    for (size_t i = 0; i < 15; i++) {
        struct json properties = json_get(json_at(features, i), "properties");
        metres += (uint64_t)json_int(json_get(properties, "length_m"));
        assert_true(str_starts(json_text(json_get(properties, "post")), STR("post-1-")));
    }
    uint64_t whole = circles.reach.length_mm[2] / 1000;
    assert_true(metres <= whole + 15 && metres + 15 >= whole);
    assert_ok(circles_mvt(&circles, tile_at(posts[0].place, 14), &tile));
    assert_true(tile.len > 100);
    out_reset(&tile);
    assert_ok(circles_mvt(&circles, tile_at(posts[5].place, 14), &tile));
    assert_int_equal(tile.len, 0);
    json_free(root);
    out_done(&text);
    out_done(&tile);
    bench_free(b);
    road_close(road);
}

/* Pages of areas, one behind the other, are what one answer without a limit is. */
static void areas_come_in_pages(void **state)
{
    (void)state;
    static const uint32_t limits_ms[2] = {60000, 180000};
    const struct road_limits limits = {limits_ms, 2};
    struct road_report report;
    struct road *road = import_city("osm/san-francisco.osm.pbf", &report);
    struct bench *b = bench_new(road, place_from_deg(37.7793, -122.4193));
    struct circles_post posts[9];
    struct circles circles;
    struct road_mesh *mesh;
    struct circles_areas areas = {.is_each = true};
    struct out whole, page, features;
    struct rand r;
    uint32_t pages = 0;
    rand_seed(&r, 5);
    for (uint32_t i = 0; i < 9; i++)
        posts[i] = (struct circles_post){
            .post = {i + 1},
            .place = road_point_place(road, random_point(&r, road_info(road).edges))};
    posts[4].place = place_from_deg(37.6, -123.5); /* in the sea: reaches nothing */
    out_init(&whole, 64u << 20);
    out_init(&features, 64u << 20);
    assert_ok(road_mesh_new(road, 0, &mesh));
    assert_ok(road_outliner_new(mesh, &areas.outliner));
    assert_ok(circles_reach(b->metrics[0], b->scratch, (struct circles_posts){posts, 9}, limits,
                            &b->arena, &circles));
    assert_ok(circles_areas_geojson(b->metrics[0], b->scratch, &circles, &areas, 1, &whole));
    areas.page_bytes = whole.len / 3;
    for (uint32_t first = 0; first < 9; pages++) {
        struct json root;
        uint32_t realm, next = 9;
        out_init(&page, areas.page_bytes + 4096);
        assert_ok(circles_reach(b->metrics[0], b->scratch,
                                (struct circles_posts){posts + first, 9 - first}, limits, &b->arena,
                                &circles));
        assert_ok(circles_areas_geojson(b->metrics[0], b->scratch, &circles, &areas, 1, &page));
        assert_ok(json_read(out_view(&page), &root, NULL));
        const struct str tail = json_text(json_get(root, "next"));
        assert_true(tail.len == 0 || id_parse(tail, OBJECT_post, &realm, &next) == OK);
        const char *from = strchr((const char *)page.p, '[') + 1;
        const size_t ending = tail.len ? tail.len + strlen("],\"next\":\"\"}") : strlen("]}");
        out_c(&features, features.len ? "," : "");
        out_bytes(&features, from, page.len - ending - (size_t)(from - (const char *)page.p));
        assert_true(next > first);
        first = next;
        json_free(root);
        out_done(&page);
    }
    assert_true(pages >= 3 && pages < 9);
    const char *all = strchr((const char *)whole.p, '[') + 1;
    assert_int_equal(features.len, whole.len - 2 - (size_t)(all - (const char *)whole.p));
    assert_memory_equal(features.p, all, features.len);
    /* Not one post fits: said, and nothing half written is taken for an answer. */
    areas.page_bytes = 1000;
    out_init(&page, 4096);
    assert_int_equal(circles_areas_geojson(b->metrics[0], b->scratch, &circles, &areas, 1, &page),
                     ERR_LIMIT);
    out_done(&page);
    out_done(&whole);
    out_done(&features);
    road_outliner_free(areas.outliner);
    road_mesh_free(mesh);
    bench_free(b);
    road_close(road);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(across_a_river_the_nearest_by_air_is_last_by_road),
        cmocka_unit_test(a_place_inside_a_closure_is_reached_and_said),
        cmocka_unit_test(the_huangpu_is_a_river),
        cmocka_unit_test(who_cannot_go_is_left_out_and_said_why),
        cmocka_unit_test(craft_keep_to_their_medium),
        cmocka_unit_test(bad_media_are_refused_with_their_file),
        cmocka_unit_test(several_are_filled_as_one_assignment),
        cmocka_unit_test(the_assignment_is_the_best_of_all),
        cmocka_unit_test(a_thousand_units_are_weighed),
        cmocka_unit_test(circles_are_drawn_and_nest),
        cmocka_unit_test(areas_come_in_pages),
    };
    return RUN(tests);
}
