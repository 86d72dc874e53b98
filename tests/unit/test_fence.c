/* Electronic fences: events against a brute-force look at every fence, and the faults that users of
 * other engines have reported. */
#include "base/rand.h"
#include "test.h"
#include "watch/fence.h"
#include <stdlib.h>
#include <string.h>

#define SECOND INT64_C(1000000)
#define T0 (INT64_C(1700000000) * SECOND)
#define MAX_EVENTS 100000

struct log {
    struct fence_event events[MAX_EVENTS];
    size_t count;
};
static struct log LOG, OTHER;

static void note(void *user, const struct fence_event *event)
{
    struct log *log = user;
    assert_true(log->count < MAX_EVENTS);
    log->events[log->count++] = *event;
}

static struct fences *make(struct log *log)
{
    log->count = 0;
    return fences_new(&(struct fences_options){.event = note, .user = log});
}

/* A box from x, y in e7 degrees. */
static struct fence box_fence(uint32_t id, int32_t x, int32_t y, int32_t wide, int32_t high)
{
    static struct place corners[4];
    static struct ring ring;
    corners[0] = (struct place){y, x};
    corners[1] = (struct place){y, x + wide};
    corners[2] = (struct place){y + high, x + wide};
    corners[3] = (struct place){y + high, x};
    ring = (struct ring){corners, 4};
    return (struct fence){.id = id, .kinds = UINT32_MAX, .shape = {&ring, 1}};
}

static void move_to(struct fences *f, uint64_t object, int32_t x, int32_t y, int seconds)
{
    struct fix fix = {.object = object, .place = {y, x}, .at_us = T0 + seconds * SECOND};
    assert_ok(fences_fix(f, &fix));
}

static void assert_event(const struct log *log, size_t at, enum fence_event_kind kind,
                         uint32_t fence, int64_t ms)
{
    assert_true(at < log->count);
    assert_string_equal(fence_event_text(log->events[at].kind), fence_event_text(kind));
    assert_int_equal(log->events[at].fence, fence);
    assert_int_equal((log->events[at].at_us - T0) / 1000, ms);
}

static void test_enter_and_leave_at_the_border(void **state)
{
    (void)state;
    struct fences *f = make(&LOG);
    struct fence fence = box_fence(7, 10000, 0, 10000, 10000);
    assert_ok(fences_put(f, &fence));
    move_to(f, 1, 6000, 5000, 0);
    move_to(f, 1, 14000, 5000, 10); /* the border half way */
    move_to(f, 1, 18000, 5000, 20);
    move_to(f, 1, 22000, 5000, 30);
    assert_int_equal(LOG.count, 2);
    assert_event(&LOG, 0, FENCE_ENTERED, 7, 5000);
    assert_event(&LOG, 1, FENCE_LEFT, 7, 25000);
    fences_free(f);
}

/* A fence thinner than a step cannot be jumped. */
static void test_thin_fence_is_crossed(void **state)
{
    (void)state;
    struct fences *f = make(&LOG);
    struct fence fence = box_fence(1, 10000, -100000, 20, 200000);
    assert_ok(fences_put(f, &fence));
    move_to(f, 1, 0, 5, 0);
    move_to(f, 1, 20000, 5, 10);
    assert_int_equal(LOG.count, 2);
    assert_event(&LOG, 0, FENCE_ENTERED, 1, 5000);
    assert_event(&LOG, 1, FENCE_LEFT, 1, 5010);
    fences_free(f);
}

static void test_appears_inside(void **state)
{
    (void)state;
    struct fences *f = make(&LOG);
    struct fence fence = box_fence(1, 0, 0, 10000, 10000);
    assert_ok(fences_put(f, &fence));
    move_to(f, 1, 5000, 5000, 0); /* first fix */
    assert_event(&LOG, 0, FENCE_APPEARED, 1, 0);
    move_to(f, 2, 50000, 5000, 0);
    move_to(f, 2, 5000, 5000, 1000); /* after a silence: where it came in is not known */
    assert_event(&LOG, 1, FENCE_APPEARED, 1, 1000000);
    struct fence later = box_fence(2, 0, 0, 10000, 10000);
    assert_ok(fences_put(f, &later)); /* drawn round somebody */
    move_to(f, 1, 5100, 5000, 10);
    assert_event(&LOG, 2, FENCE_APPEARED, 2, 10000);
    fences_free(f);
}

static void test_late_zero_and_jumps(void **state)
{
    (void)state;
    struct fences *f = make(&LOG);
    struct fence fence = box_fence(1, 1000000, 0, 10000, 10000);
    assert_ok(fences_put(f, &fence));
    move_to(f, 1, 990000, 5000, 100);
    move_to(f, 1, 1005000, 5000, 50);  /* tells an earlier time */
    move_to(f, 1, 0, 0, 101);          /* nowhere */
    move_to(f, 1, 2000000, 5000, 102); /* 11 km in 2 s, alone */
    move_to(f, 1, 991000, 5000, 103);
    assert_int_equal(LOG.count, 0);
    assert_int_equal(fences_counts(f).late, 1);
    assert_int_equal(fences_counts(f).zero, 1);
    assert_int_equal(fences_counts(f).jumps, 1);
    move_to(f, 1, 2000000, 5000, 110); /* twice the same: it is there */
    move_to(f, 1, 2000100, 5000, 111);
    move_to(f, 1, 1995000, 5000, 140);
    assert_int_equal(LOG.count, 0); /* nothing is said of a way nobody saw */
    assert_int_equal(fences_counts(f).jumps, 1);
    fences_free(f);
}

static void test_margin_holds_flutter(void **state)
{
    (void)state;
    for (uint32_t margin_m = 0; margin_m <= 20; margin_m += 20) {
        struct fences *f = make(&LOG);
        struct fence fence = box_fence(1, 0, 0, 10000, 10000);
        fence.margin_m = margin_m;
        assert_ok(fences_put(f, &fence));
        for (int i = 0; i < 50; i++)
            move_to(f, 1, i % 2 ? 10050 : 9950, 5000, i); /* half a metre each way */
        assert_int_equal(LOG.count, margin_m ? 1 : 50);
        fences_free(f);
    }
}

static void test_dwell_and_speed(void **state)
{
    (void)state;
    struct fences *f = make(&LOG);
    struct fence fence = box_fence(1, 0, 0, 100000, 100000);
    fence.dwell_s = 60;
    fence.speed_mm_s = 10000;
    assert_ok(fences_put(f, &fence));
    static const uint32_t speeds[] = {5000, 11000, 12000, 9500, 10500, 8900, 10100};
    for (int i = 0; i < 7; i++) {
        struct fix fix = {.object = 1,
                          .place = {5000 + i, 5000},
                          .at_us = T0 + i * 15 * SECOND,
                          .has_speed = true,
                          .speed_mm_s = speeds[i]};
        assert_ok(fences_fix(f, &fix));
    }
    assert_event(&LOG, 0, FENCE_APPEARED, 1, 0);
    assert_event(&LOG, 1, FENCE_SPEEDS, 1, 15000);
    assert_event(&LOG, 2, FENCE_DWELLS, 1, 60000);
    assert_event(&LOG, 3, FENCE_SPEEDS, 1, 90000); /* again, only after it had slowed down */
    assert_int_equal(LOG.count, 4);
    fences_free(f);
}

/* The end of a fence is said, whether anybody moves or not, and once. */
static void test_end_is_said(void **state)
{
    (void)state;
    struct fences *f = make(&LOG);
    struct fence fence = box_fence(1, 0, 0, 10000, 10000);
    fence.from_us = T0 + 10 * SECOND;
    fence.until_us = T0 + 20 * SECOND;
    assert_ok(fences_put(f, &fence));
    move_to(f, 1, 5000, 5000, 0);
    assert_int_equal(LOG.count, 0); /* not yet in force */
    move_to(f, 1, 5000, 5001, 12);
    move_to(f, 2, 5000, 5000, 12);
    assert_event(&LOG, 0, FENCE_APPEARED, 1, 12000);
    move_to(f, 1, 5000, 5002, 25);
    assert_event(&LOG, 2, FENCE_ENDED, 1, 20000);
    fences_tick(f, T0 + 30 * SECOND);
    fences_tick(f, T0 + 40 * SECOND);
    assert_event(&LOG, 3, FENCE_ENDED, 1, 20000);
    assert_int_equal(LOG.count, 4);
    assert_int_equal(LOG.events[3].object, 2);
    struct fence other = box_fence(2, 0, 0, 10000, 10000);
    assert_ok(fences_put(f, &other));
    move_to(f, 1, 5000, 5003, 50);
    assert_ok(fences_remove(f, 2, T0 + 60 * SECOND));
    assert_event(&LOG, 5, FENCE_ENDED, 2, 60000);
    assert_int_equal(fences_remove(f, 2, T0), ERR_NOT_FOUND);
    fences_free(f);
}

static void test_moving_fence(void **state)
{
    (void)state;
    struct fences *f = make(&LOG);
    struct fence fence = {.id = 5, .kinds = UINT32_MAX, .anchor = 100, .radius_m = 500};
    assert_ok(fences_put(f, &fence));
    move_to(f, 100, 0, 1, 0);
    move_to(f, 1, 100000, 1, 1); /* 1.1 km east */
    assert_int_equal(LOG.count, 0);
    move_to(f, 100, 70000, 1, 60); /* the anchor comes near */
    assert_event(&LOG, 0, FENCE_APPEARED, 5, 60000);
    move_to(f, 1, 130000, 1, 90); /* and it walks off */
    assert_event(&LOG, 1, FENCE_LEFT, 5, 90000);
    assert_false(fences_is_inside(f, 100, 5)); /* never inside its own */
    fences_free(f);
}

static void test_kinds_and_bad_fences(void **state)
{
    (void)state;
    struct fences *f = make(&LOG);
    struct fence fence = box_fence(1, 0, 0, 10000, 10000);
    fence.kinds = 2;
    assert_ok(fences_put(f, &fence));
    move_to(f, 1, 5000, 5000, 0); /* kind 0 */
    assert_int_equal(LOG.count, 0);
    static const struct place far[] = {{0, -1790000000}, {0, 1790000000}, {10, 1790000000}};
    static const struct ring ring = {far, 3}, line = {far, 2};
    struct fence bad = {.id = 2, .shape = {&ring, 1}};
    assert_int_equal(fences_put(f, &bad), ERR_RANGE); /* across the 180th meridian */
    bad.shape.rings = &line;
    assert_int_equal(fences_put(f, &bad), ERR_RANGE);
    bad = (struct fence){.id = 2};
    assert_int_equal(fences_put(f, &bad), ERR_RANGE);
    bad = box_fence(0, 0, 0, 1, 1);
    assert_int_equal(fences_put(f, &bad), ERR_RANGE);
    fences_free(f);
}

/* ------------------------------------------------------- against brute force */

#define FENCES 60
#define OBJECTS 20
#define CORNERS 12

struct shapes {
    struct place corners[FENCES][CORNERS];
    struct ring rings[FENCES];
};

/* Stars of all sizes: sharp corners, some no wider than a step. */
static void make_shapes(struct rand *r, struct shapes *s)
{
    static const double COS[] = {1, .866, .5, 0, -.5, -.866, -1, -.866, -.5, 0, .5, .866};
    for (size_t i = 0; i < FENCES; i++) {
        double x = rand_below(r, 300000), y = rand_below(r, 300000);
        double size = 200 + rand_below(r, i % 6 ? 20000 : 150000);
        for (size_t k = 0; k < CORNERS; k++) {
            double radius = size * (0.2 + 0.8 * rand_unit(r));
            s->corners[i][k] = (struct place){(int32_t)(y + radius * COS[(k + 9) % 12]),
                                              (int32_t)(x + radius * COS[k])};
        }
        s->rings[i] = (struct ring){s->corners[i], CORNERS};
    }
}

static void put_shapes(struct fences *f, const struct shapes *s)
{
    for (uint32_t i = 0; i < FENCES; i++) {
        struct fence fence = {.id = i + 1, .kinds = UINT32_MAX, .shape = {&s->rings[i], 1}};
        fence.dwell_s = i % 3 ? 0 : 30;
        assert_ok(fences_put(f, &fence));
    }
}

static struct fix random_fix(struct rand *r, struct place *places, int64_t *at_us)
{
    uint64_t object = rand_below(r, OBJECTS);
    struct place *p = &places[object];
    *at_us += rand_below(r, 3) * SECOND / 4;
    p->lat_e7 += (int32_t)rand_below(r, 6001) - 3000;
    p->lon_e7 += (int32_t)rand_below(r, 6001) - 3000;
    /* Some tell an old time, some are nowhere. */
    int64_t late_us = rand_below(r, 50) ? 0 : 60 * SECOND;
    return (struct fix){.object = object + 1,
                        .place = rand_below(r, 100) ? *p : (struct place){0, 0},
                        .at_us = *at_us - late_us};
}

/* What an event means to who is where. */
static void follow(bool is_in[OBJECTS][FENCES], const struct log *log, size_t from)
{
    for (size_t i = from; i < log->count; i++) {
        const struct fence_event *e = &log->events[i];
        bool *in = &is_in[e->object - 1][e->fence - 1];
        if (e->kind == FENCE_DWELLS) {
            assert_true(*in);
            continue;
        }
        assert_true(*in == (e->kind == FENCE_LEFT)); /* in and out take turns */
        *in = e->kind != FENCE_LEFT;
    }
}

static void run_random(uint64_t seed, struct log *log, uint32_t save_every)
{
    struct rand r;
    static struct shapes shapes;
    struct place places[OBJECTS], last[OBJECTS];
    static bool is_in[OBJECTS][FENCES];
    int64_t at_us = T0, last_us[OBJECTS] = {0};
    rand_seed(&r, seed);
    make_shapes(&r, &shapes);
    memset(is_in, 0, sizeof is_in);
    for (size_t i = 0; i < OBJECTS; i++)
        places[i] =
            (struct place){(int32_t)rand_below(&r, 300000), (int32_t)rand_below(&r, 300000)};
    struct fences *f = make(log);
    put_shapes(f, &shapes);
    for (uint32_t n = 0; n < 4000; n++) {
        struct fix fix = random_fix(&r, places, &at_us);
        size_t before = log->count, o = fix.object - 1;
        if (save_every && n % save_every == 0) {
            struct out out;
            out_init(&out, 1u << 24);
            fences_save(f, &out);
            fences_free(f);
            f = fences_new(&(struct fences_options){.event = note, .user = log});
            put_shapes(f, &shapes);
            assert_ok(fences_load(f, out_view(&out)));
            out_done(&out);
        }
        assert_ok(fences_fix(f, &fix));
        follow(is_in, log, before);
        if (fix.at_us <= last_us[o] || (fix.place.lat_e7 == 0 && fix.place.lon_e7 == 0)) {
            assert_int_equal(log->count, before); /* dropped */
            continue;
        }
        last[o] = fix.place;
        last_us[o] = fix.at_us;
        for (size_t i = before; i < log->count; i++)
            assert_true(log->events[i].at_us <= fix.at_us);
        for (size_t i = 0; i < FENCES; i++)
            assert_true(is_in[o][i] ==
                        polygon_holds((struct polygon){&shapes.rings[i], 1}, last[o]));
    }
    fences_free(f);
}

static void test_random_against_brute_force(void **state)
{
    (void)state;
    size_t events = 0;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        run_random(seed, &LOG, 0);
        events += LOG.count;
    }
    assert_true(events > 3000);
}

/* A restart in the middle changes nothing. */
static void test_restart_changes_nothing(void **state)
{
    (void)state;
    run_random(77, &LOG, 0);
    run_random(77, &OTHER, 97);
    assert_int_equal(LOG.count, OTHER.count);
    assert_memory_equal(LOG.events, OTHER.events, LOG.count * sizeof *LOG.events);
}

static void test_damaged_save_is_refused(void **state)
{
    (void)state;
    struct out out;
    struct fences *f = make(&LOG);
    struct fence fence = box_fence(1, 0, 0, 10000, 10000);
    assert_ok(fences_put(f, &fence));
    move_to(f, 1, 5000, 5000, 0);
    out_init(&out, 1u << 20);
    fences_save(f, &out);
    fences_free(f);
    for (size_t cut = 0; cut < out.len; cut++) {
        f = make(&LOG);
        assert_ok(fences_put(f, &fence));
        assert_int_equal(fences_load(f, (struct str){(const char *)out.p, cut}), ERR_CORRUPT);
        fences_free(f);
    }
    out_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_enter_and_leave_at_the_border),
        cmocka_unit_test(test_thin_fence_is_crossed),
        cmocka_unit_test(test_appears_inside),
        cmocka_unit_test(test_late_zero_and_jumps),
        cmocka_unit_test(test_margin_holds_flutter),
        cmocka_unit_test(test_dwell_and_speed),
        cmocka_unit_test(test_end_is_said),
        cmocka_unit_test(test_moving_fence),
        cmocka_unit_test(test_kinds_and_bad_fences),
        cmocka_unit_test(test_random_against_brute_force),
        cmocka_unit_test(test_restart_changes_nothing),
        cmocka_unit_test(test_damaged_save_is_refused),
    };
    return RUN(tests);
}
