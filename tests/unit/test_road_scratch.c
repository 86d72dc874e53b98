/* What a scratch is for: queries that take no memory, and threads that do not meet. San Francisco,
 * with closures in force. Every call of the allocator and of mmap is counted while somebody asks;
 * a query that grows its scratch must be seen. */
#include "city_files.h"
#include "road_oracle.h"
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HAS_OWN_ALLOCATOR
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HAS_OWN_ALLOCATOR
#endif

#ifndef HAS_OWN_ALLOCATOR
static atomic_bool is_counting;
static atomic_uint calls;

static void count(void)
{
    if (atomic_load(&is_counting))
        atomic_fetch_add(&calls, 1);
}

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): glibc's own names */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *p);
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

void *malloc(size_t size)
{
    count();
    return __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
    count();
    return __libc_calloc(n, size);
}

void *realloc(void *old, size_t size)
{
    count();
    return __libc_realloc(old, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    count();
    return __libc_memalign(alignment, size);
}

void free(void *p)
{
    count();
    __libc_free(p);
}

void *mmap(void *at, size_t size, int protection, int flags, int file, off_t offset)
{
    count();
    return (void *)syscall(SYS_mmap, at, size, protection, flags, file, offset); /* NOLINT */
}

int munmap(void *at, size_t size)
{
    count();
    return (int)syscall(SYS_munmap, at, size);
}
#endif

/* ------------------------------------------------------- one who asks */

#define SOURCES 85u
#define TARGETS 200u
#define UNITS 100u
#define THREADS 4u

struct asker {
    const struct road_metric *metric;
    struct road_scratch *scratch;
    struct road_fleet *fleet;
    uint64_t seed;
    struct road_source sources[SOURCES];
    struct road_point targets[TARGETS];
    uint32_t table[SOURCES * TARGETS];
    uint64_t sum; /* of all answers */
    pthread_t thread;
};

static void take_in(struct asker *a, uint64_t answer)
{
    a->sum = (a->sum ^ answer) * 0x100000001b3u;
}

static void asker_init(struct asker *a, const struct road_metric *metric, uint64_t seed)
{
    const struct road *road = road_metric_road(metric);
    *a = (struct asker){.metric = metric, .seed = seed};
    assert_ok(road_scratch_new(road, &a->scratch));
    assert_ok(road_fleet_new(road, road_metric_profile(metric), UNITS, &a->fleet));
}

static void asker_done(struct asker *a)
{
    road_fleet_free(a->fleet);
    road_scratch_free(a->scratch);
}

static void ask_pairs(struct asker *a)
{
    uint32_t ms;
    struct road_route route;
    for (size_t i = 0; i < TARGETS; i++) {
        struct road_point from = a->sources[i % SOURCES].point;
        assert_ok(road_time(a->metric, a->scratch, from, a->targets[i], &ms));
        take_in(a, ms);
        if (i % 8 == 0 && road_route(a->metric, a->scratch, from, a->targets[i], &route) == OK)
            take_in(a, route.length_mm + route.place_count + route.leg_count);
    }
}

static void ask_circles(struct asker *a)
{
    static const uint32_t limits[3] = {60000, 180000, 300000};
    struct road_reach reach;
    struct road_ball ball;
    for (size_t i = 0; i < 10; i++) {
        const struct road_sources sources = {a->sources + i, i + 1};
        const struct road_reach_query query = {
            .sources = sources, .limits = {limits, 3}, .is_reverse = i % 2};
        const struct road_ball_query nodes = {sources, limits[i % 3], i % 2};
        assert_ok(road_reach(a->metric, a->scratch, &query, &reach));
        take_in(a, reach.length_mm[0] + reach.length_mm[1] + reach.length_mm[2]);
        take_in(a, reach.span_count);
        assert_ok(road_ball(a->metric, a->scratch, &nodes, &ball));
        take_in(a, ball.count);
    }
}

static void ask_nearest(struct asker *a)
{
    struct road_hits hits;
    for (uint32_t i = 0; i < UNITS; i++)
        assert_ok(road_fleet_put(a->fleet, a->metric, i, a->sources[i % SOURCES]));
    for (size_t i = 0; i < 20; i++) {
        const struct road_fleet_query query = {.to = a->targets[i], .k = 10};
        assert_ok(road_fleet_nearest(a->fleet, a->metric, a->scratch, &query, &hits));
        take_in(a, hits.count ? hits.at[hits.count - 1].ms : 0);
        assert_ok(road_nearest(a->metric, a->scratch, a->targets[i],
                               (struct road_sources){a->sources, SOURCES}, 10, &hits));
        take_in(a, hits.count ? hits.at[hits.count - 1].ms : 0);
    }
}

/* Every kind of query, places and numbers by the seed. */
static void ask_all(struct asker *a)
{
    struct rand r;
    uint32_t edges = road_info(road_metric_road(a->metric)).edges;
    rand_seed(&r, a->seed);
    for (size_t i = 0; i < SOURCES; i++)
        a->sources[i] = (struct road_source){random_point(&r, edges), rand_below(&r, 3) * 5000};
    for (size_t i = 0; i < TARGETS; i++)
        a->targets[i] = random_point(&r, edges);
    const struct road_sources from = {a->sources, SOURCES};
    const struct road_points to = {a->targets, TARGETS};
    ask_pairs(a);
    assert_ok(road_table(a->metric, a->scratch, from, to, a->table));
    for (size_t i = 0; i < SOURCES * TARGETS; i++)
        take_in(a, a->table[i]);
    assert_ok(road_arrivals(a->metric, a->scratch, from, to, a->table, a->table + TARGETS));
    for (size_t i = 0; i < 2 * TARGETS; i++)
        take_in(a, a->table[i]);
    ask_circles(a);
    ask_nearest(a);
}

static void *ask_in_a_thread(void *user)
{
    struct asker *a = user;
    for (int i = 0; i < 3; i++)
        ask_all(a);
    return NULL;
}

/* ------------------------------------------------------- a city with closures */

struct city {
    struct road *road;
    struct road_traffic *traffic;
    const struct road_metric *metric;
};

static struct city city_new(void)
{
    struct city city;
    struct road_report report;
    struct road_change closed[20];
    struct rand r;
    rand_seed(&r, 5);
    city.road = import_city("osm/san-francisco.osm.pbf", &report);
    assert_ok(road_traffic_new(city.road, &city.traffic));
    for (size_t i = 0; i < 20; i++) {
        struct road_way way = road_way(city.road, rand_below(&r, road_way_count(city.road)));
        closed[i] = (struct road_change){.way_id = way.id,
                                         .to = i % 2 ? ROAD_WAY_ONE : ROAD_WAY_ONE / 2,
                                         .profiles = UINT32_MAX};
    }
    assert_ok(road_traffic_put(city.traffic, "closures", closed, 20, NULL));
    city.metric = road_metric_ref(city.traffic, road_profile(city.road, "car"));
    return city;
}

static void city_done(struct city *city)
{
    road_metric_unref(city->metric);
    road_traffic_free(city->traffic);
    road_close(city->road);
}

#ifndef HAS_OWN_ALLOCATOR /* a sanitizer's allocator cannot be counted */
static unsigned calls_of_table(struct asker *a, size_t targets)
{
    struct road_point *to = malloc(targets * sizeof *to);
    uint32_t *ms = malloc(targets * sizeof *ms);
    for (size_t i = 0; i < targets; i++)
        to[i] = a->targets[i % TARGETS];
    atomic_store(&calls, 0);
    atomic_store(&is_counting, true);
    enum err err = road_table(a->metric, a->scratch, (struct road_sources){a->sources, 1},
                              (struct road_points){to, targets}, ms);
    atomic_store(&is_counting, false);
    free(to);
    free(ms);
    assert_ok(err);
    return atomic_load(&calls);
}

static void queries_take_no_memory(void **state)
{
    (void)state;
    struct city city = city_new();
    static struct asker a;
    asker_init(&a, city.metric, 1);
    atomic_store(&calls, 0);
    atomic_store(&is_counting, true);
    ask_all(&a); /* the first questions that this scratch is asked */
    atomic_store(&is_counting, false);
    assert_int_equal(atomic_load(&calls), 0);
    assert_int_equal(calls_of_table(&a, ROAD_SCRATCH_POINTS), 0);
    assert_true(calls_of_table(&a, 20 * ROAD_SCRATCH_POINTS) > 0); /* a planted one is seen */
    asker_done(&a);
    city_done(&city);
}
#endif

static void threads_with_a_scratch_each_agree(void **state)
{
    (void)state;
    struct city city = city_new();
    static struct asker alone[THREADS], together[THREADS];
    for (size_t i = 0; i < THREADS; i++) {
        asker_init(&alone[i], city.metric, 1 + i);
        asker_init(&together[i], city.metric, 1 + i);
        (void)ask_in_a_thread(&alone[i]);
    }
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&together[i].thread, NULL, ask_in_a_thread, &together[i]),
                         0);
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(together[i].thread, NULL), 0);
        assert_true(together[i].sum == alone[i].sum);
        assert_true(i == 0 || alone[i].sum != alone[i - 1].sum);
        asker_done(&alone[i]);
        asker_done(&together[i]);
    }
    city_done(&city);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#ifndef HAS_OWN_ALLOCATOR
        cmocka_unit_test(queries_take_no_memory),
#endif
        cmocka_unit_test(threads_with_a_scratch_each_agree),
    };
    return RUN(tests);
}
