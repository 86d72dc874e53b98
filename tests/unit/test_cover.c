/* The cover ledger against a plain count by road_arrivals, on random cities: statuses, moves and
 * closures; what a unit is worth equals the difference that it makes. */
#include "plan/cover.h"
#include "random_road.h"
#include "road_oracle.h"

#define UNITS 9
#define DEMAND 200

static const uint32_t limits_ms[3] = {5000, 15000, 40000};

struct town {
    struct road *road;
    struct road_traffic *traffic;
    struct road_scratch *scratch;
    struct arena arena;
    struct cover *cover;
    uint32_t profile;
    struct cover_demand demand[DEMAND];
    struct road_point points[DEMAND];
    bool is_on_road[DEMAND];
    struct cover_unit units[UNITS];
};

static struct place random_place(const struct town *t, struct rand *r)
{
    const struct road_info info = road_info(t->road);
    return (struct place){
        info.min.lat_e7 + (int32_t)rand_below(r, (uint32_t)(info.max.lat_e7 - info.min.lat_e7)),
        info.min.lon_e7 + (int32_t)rand_below(r, (uint32_t)(info.max.lon_e7 - info.min.lon_e7))};
}

static void town_init(struct town *t, struct road *road, struct rand *r)
{
    struct road_snap snap;
    *t = (struct town){.road = road, .profile = road_profile(road, "response")};
    assert_ok(road_traffic_new(road, &t->traffic));
    assert_ok(road_scratch_new(road, &t->scratch));
    arena_init(&t->arena, 1u << 24);
    for (int i = 0; i < DEMAND; i++) {
        t->demand[i] =
            (struct cover_demand){random_place(t, r), 10 + rand_below(r, 4), 1 + rand_below(r, 5)};
        t->is_on_road[i] =
            road_snap(road, t->profile, t->demand[i].place, COVER_SNAP_M, &snap) == OK;
        t->points[i] = snap.point;
    }
    for (uint32_t i = 0; i < UNITS; i++)
        t->units[i] =
            (struct cover_unit){{i + 1}, random_place(t, r), t->profile, 0, rand_below(r, 2) == 0};
    assert_ok(cover_new(road, t->profile, t->demand, DEMAND, (struct road_limits){limits_ms, 3},
                        &t->cover));
}

static void town_done(struct town *t)
{
    cover_free(t->cover);
    arena_done(&t->arena);
    road_scratch_free(t->scratch);
    road_traffic_free(t->traffic);
}

static struct cover_ledger take(struct town *t)
{
    const struct road_metric *metrics[ROAD_MAX_PROFILES] = {0};
    struct cover_ledger ledger;
    metrics[t->profile] = road_metric_ref(t->traffic, t->profile);
    assert_ok(cover_take(t->cover, &(struct cover_now){t->units, UNITS, metrics}, t->scratch,
                         &t->arena, &ledger));
    road_metric_unref(metrics[t->profile]);
    return ledger;
}

/* Weight that the idle units reach, counted place by place. */
static uint64_t plain_sum(struct town *t, uint32_t limit_ms, uint32_t area)
{
    const struct road_metric *metric = road_metric_ref(t->traffic, t->profile);
    struct road_source sources[UNITS];
    size_t count = 0;
    uint64_t sum = 0;
    for (int i = 0; i < UNITS; i++) {
        struct road_snap snap;
        if (t->units[i].is_idle &&
            road_snap(t->road, t->profile, t->units[i].place, COVER_SNAP_M, &snap) == OK)
            sources[count++] = (struct road_source){snap.point, t->units[i].start_delay_ms};
    }
    for (int i = 0; i < DEMAND; i++) {
        uint32_t ms = ROAD_INF;
        if (!t->is_on_road[i] || (area && t->demand[i].area != area))
            continue;
        assert_ok(road_arrivals(metric, t->scratch, (struct road_sources){sources, count},
                                (struct road_points){&t->points[i], 1}, &ms, NULL));
        sum += ms <= limit_ms ? t->demand[i].weight : 0;
    }
    road_metric_unref(metric);
    return sum;
}

static void check(struct town *t)
{
    struct cover_ledger ledger = take(t);
    uint64_t reached[3], worth[UNITS][3];
    for (int l = 0; l < 3; l++) {
        reached[l] = ledger.all.reached[l];
        assert_int_equal(reached[l], plain_sum(t, limits_ms[l], 0));
        for (size_t i = 0; i < ledger.area_count; i++)
            assert_int_equal(ledger.areas[i].sums.reached[l],
                             plain_sum(t, limits_ms[l], ledger.areas[i].area));
        for (int i = 0; i < UNITS; i++)
            worth[i][l] = ledger.lines[i].worth[l];
    }
    for (int i = 0; i < UNITS; i++) { /* turned round, the sum differs by what it was worth */
        t->units[i].is_idle = !t->units[i].is_idle;
        ledger = take(t);
        assert_int_equal(ledger.searched, 0); /* a status needs no search */
        for (int l = 0; l < 3; l++) {
            const uint64_t more = t->units[i].is_idle ? ledger.all.reached[l] : reached[l];
            const uint64_t less = t->units[i].is_idle ? reached[l] : ledger.all.reached[l];
            assert_int_equal(more - less, worth[i][l]);
        }
        t->units[i].is_idle = !t->units[i].is_idle;
    }
    arena_reset(&t->arena);
}

static bool has_demand(const struct town *t, const struct road_way *way)
{
    for (int i = 0; i < DEMAND; i++) {
        for (uint32_t k = 0; k < way->edge_count; k++) {
            if (t->is_on_road[i] && t->points[i].edge == way->edges[k])
                return true;
        }
    }
    return false;
}

/* A way without demand on it: who may end inside a closure is not thereby covered. */
static void close_way(struct town *t, struct rand *r)
{
    struct road_way way;
    do {
        way = road_way(t->road, rand_below(r, road_way_count(t->road)));
    } while (has_demand(t, &way));
    const struct road_change change = {
        .way_id = way.id, .from = 0, .to = ROAD_WAY_ONE, .profiles = UINT32_MAX};
    assert_ok(road_traffic_put(t->traffic, "closure", &change, 1, NULL));
}

static void turn_hour(struct town *t, struct rand *r)
{
    struct road_speeds speeds = road_speeds_plain();
    for (size_t i = 0; i < ROAD_MAX_PROFILES * ROAD_MAX_CLASSES; i++)
        speeds.permille[i / ROAD_MAX_CLASSES][i % ROAD_MAX_CLASSES] =
            (uint16_t)(600 + rand_below(r, 800));
    assert_ok(road_traffic_put_speeds(t->traffic, "hour", &speeds));
}

static void the_ledger_equals_a_plain_count(void **state)
{
    size_t spared = 0, spared_later = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct random_road made = random_road_new(seed, 9, 110, 0);
        struct town t;
        struct rand r;
        rand_seed(&r, seed);
        town_init(&t, made.road, &r);
        assert_int_equal(take(&t).searched, UNITS);
        check(&t);
        t.units[3].place = random_place(&t, &r);
        assert_int_equal(take(&t).searched, 1); /* only the one that moved */
        check(&t);
        close_way(&t, &r);
        spared += UNITS - take(&t).searched; /* those that it cannot concern */
        check(&t);
        assert_ok(road_traffic_remove(t.traffic, "closure"));
        spared += UNITS - take(&t).searched;
        check(&t);
        turn_hour(&t, &r);
        (void)take(&t);
        check(&t);
        close_way(&t, &r); /* at another hour a closure still concerns few */
        spared_later += UNITS - take(&t).searched;
        check(&t);
        town_done(&t);
        random_road_free(&made);
    }
    assert_true(spared > 0 && spared_later > 0);
}

static void units_that_cannot_drive_cover_nothing(void **state)
{
    struct random_road made = random_road_new(5, 9, 110, 0);
    struct town t;
    struct rand r;
    (void)state;
    rand_seed(&r, 5);
    town_init(&t, made.road, &r);
    for (int i = 0; i < UNITS; i++) {
        t.units[i].is_idle = true;
        if (i % 2)
            t.units[i].profile = ROAD_NONE;
        else
            t.units[i].place = PLACE_NONE;
    }
    struct cover_ledger ledger = take(&t);
    assert_int_equal(ledger.searched, 0);
    assert_int_equal(ledger.all.reached[2], 0);
    assert_true(ledger.all.weight > 0);
    struct cover *cover;
    assert_int_equal(
        cover_new(made.road, 99, t.demand, DEMAND, (struct road_limits){limits_ms, 3}, &cover),
        ERR_RANGE);
    town_done(&t);
    random_road_free(&made);
}

/* Several at one place are searched once, and each is worth nothing while another is idle there. */
static void who_stands_together_is_searched_once(void **state)
{
    struct random_road made = random_road_new(7, 9, 110, 0);
    struct town t;
    struct rand r;
    (void)state;
    rand_seed(&r, 7);
    town_init(&t, made.road, &r);
    for (int i = 0; i < UNITS; i++) {
        t.units[i].place = t.units[i % 2].place;
        t.units[i].is_idle = true;
    }
    struct cover_ledger ledger = take(&t);
    assert_int_equal(ledger.searched, 2);
    for (int i = 0; i < UNITS; i++)
        assert_int_equal(ledger.lines[i].worth[2], 0);
    check(&t);
    t.units[4].start_delay_ms = 1000; /* another reach from the same place */
    assert_int_equal(take(&t).searched, 1);
    check(&t);
    t.units[4].start_delay_ms = 0;
    assert_int_equal(take(&t).searched, 0);
    assert_int_equal(take(&t).searched, 0);
    town_done(&t);
    random_road_free(&made);
}

/* What sending several costs is the difference that it makes, and asking changes nothing. */
static void the_loss_is_the_difference(void **state)
{
    size_t more_than_alone = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct random_road made = random_road_new(seed, 9, 110, 0);
        struct town t;
        struct rand r;
        struct unit_id sent[UNITS];
        uint64_t lost[ROAD_MAX_LIMITS], alone[3] = {0};
        size_t count = 0;
        rand_seed(&r, seed);
        town_init(&t, made.road, &r);
        t.units[1].place = t.units[0].place;
        struct cover_ledger ledger = take(&t);
        for (int i = 0; i < UNITS; i++) {
            if (rand_below(&r, 2) == 0)
                continue;
            sent[count++] = t.units[i].unit;
            for (int l = 0; l < 3; l++)
                alone[l] += t.units[i].is_idle ? ledger.lines[i].worth[l] : 0;
        }
        cover_loss(t.cover, sent, count, lost);
        for (size_t i = 0; i < count; i++)
            t.units[sent[i].v - 1].is_idle = false;
        const struct cover_ledger after = take(&t);
        for (int l = 0; l < 3; l++) {
            assert_int_equal(ledger.all.reached[l] - after.all.reached[l], lost[l]);
            more_than_alone += lost[l] > alone[l];
        }
        cover_loss(t.cover, sent, count, lost); /* they are not idle any more */
        assert_int_equal(lost[2], 0);
        check(&t);
        town_done(&t);
        random_road_free(&made);
    }
    assert_true(more_than_alone > 0);
}

/* The control: a count that forgets a unit is another one. */
static void a_forgotten_unit_is_seen(void **state)
{
    size_t seen = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        struct random_road made = random_road_new(seed, 9, 110, 0);
        struct town t;
        struct rand r;
        rand_seed(&r, seed);
        town_init(&t, made.road, &r);
        const uint64_t before = take(&t).all.reached[2];
        for (int i = 0; i < UNITS; i++) {
            const bool was_idle = t.units[i].is_idle;
            t.units[i].is_idle = false;
            seen += was_idle && plain_sum(&t, limits_ms[2], 0) != before;
            t.units[i].is_idle = was_idle;
        }
        town_done(&t);
        random_road_free(&made);
    }
    assert_true(seen > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_ledger_equals_a_plain_count),
        cmocka_unit_test(units_that_cannot_drive_cover_nothing),
        cmocka_unit_test(who_stands_together_is_searched_once),
        cmocka_unit_test(the_loss_is_the_difference),
        cmocka_unit_test(a_forgotten_unit_is_seen),
    };
    return RUN(tests);
}
