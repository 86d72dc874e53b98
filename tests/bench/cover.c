/* cover.c - how soon the ledger of cover follows: ./bench cover [FILE.road]
 *
 * San Francisco, 85 posts, 1,000 units, 12,000 cells of demand, limits 1, 3 and 5 minutes. In
 * `posts` four fifths of the units stand at their posts and the others anywhere; in `apart` no two
 * stand at one place. Times are of the CPU. A ledger that has followed is compared with one made
 * anew. */
#include "plan/cover.h"
#include "base/rand.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define POSTS 85
#define UNITS 1000
#define CELLS 12000
#define CHANGES 25
#define GOAL_MS 20.0

static const uint32_t limits_ms[] = {60000, 180000, 300000};
static const struct road_limits limits = {limits_ms, 3};

struct bench {
    struct road *road;
    struct road_traffic *traffic;
    struct road_scratch *scratch;
    struct arena arena;
    struct cover *cover;
    uint32_t profile;
    struct rand rand;
    struct cover_demand demand[CELLS];
    struct cover_unit units[UNITS];
};

static void check(bool is_good, const char *what)
{
    if (is_good)
        return;
    (void)fprintf(stderr, "cover: %s\n", what);
    exit(1);
}

static double cpu_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* A junction, or somewhere along a street. */
static struct place random_place(struct bench *b)
{
    if (rand_below(&b->rand, 2) == 0)
        return road_node_place(b->road, rand_below(&b->rand, road_info(b->road).nodes));
    return road_point_place(b->road,
                            (struct road_point){rand_below(&b->rand, road_info(b->road).edges),
                                                rand_below(&b->rand, ROAD_FRAC_ONE)});
}

static void fill(struct bench *b)
{
    struct place posts[POSTS];
    for (size_t i = 0; i < CELLS; i++)
        b->demand[i] = (struct cover_demand){random_place(b), rand_below(&b->rand, 11) + 1,
                                             rand_below(&b->rand, 200) + 1};
    for (size_t i = 0; i < POSTS; i++)
        posts[i] = random_place(b);
    for (uint32_t i = 0; i < UNITS; i++)
        b->units[i] = (struct cover_unit){.unit = {i + 1},
                                          .place = i % 5 ? posts[i % POSTS] : random_place(b),
                                          .profile = b->profile,
                                          .is_idle = rand_below(&b->rand, 10) < 7};
}

/* Every unit somewhere else, in another order of numbers. */
static void scatter(struct bench *b)
{
    for (uint32_t i = 0; i < UNITS; i++)
        b->units[i].place = random_place(b);
}

static struct cover_ledger take_of(struct bench *b, struct cover *cover)
{
    const struct road_metric *metrics[ROAD_MAX_PROFILES] = {0};
    const struct cover_now now = {b->units, UNITS, metrics};
    struct cover_ledger ledger;
    metrics[b->profile] = road_metric_ref(b->traffic, b->profile);
    check(metrics[b->profile] && cover_take(cover, &now, b->scratch, &b->arena, &ledger) == OK,
          "the ledger cannot be taken");
    road_metric_unref(metrics[b->profile]);
    return ledger;
}

static void compare(struct bench *b, const struct cover_ledger *followed)
{
    struct cover *anew;
    check(cover_new(b->road, b->profile, b->demand, CELLS, limits, &anew) == OK, "no ledger");
    const struct cover_ledger plain = take_of(b, anew);
    check(memcmp(&plain.all, &followed->all, sizeof plain.all) == 0 &&
              memcmp(plain.lines, followed->lines, UNITS * sizeof *plain.lines) == 0,
          "a ledger that has followed differs from one made anew");
    cover_free(anew);
}

static int compare_doubles(const void *a, const void *b)
{
    const double left = *(const double *)a, right = *(const double *)b;
    return left < right ? -1 : left > right;
}

static void bar(const char *layout, const char *name, double *runs, size_t count)
{
    qsort(runs, count, sizeof *runs, compare_doubles);
    const double p95 = runs[count * 95 / 100];
    printf("BAR cover_%s_%s_p95 %.4g ms <=%.4g %s\n", layout, name, p95, GOAL_MS,
           p95 <= GOAL_MS ? "ok" : "short");
    printf("# cover_%s_%s median %.4g ms, longest %.4g ms\n", layout, name, runs[count / 2],
           runs[count - 1]);
    (void)fflush(stdout);
}

static void measure_statuses(struct bench *b, const char *layout)
{
    double runs[CHANGES];
    struct cover_ledger ledger = {0};
    for (size_t i = 0; i < CHANGES; i++) {
        const double start = cpu_ms();
        struct cover_unit *unit = &b->units[rand_below(&b->rand, UNITS)];
        arena_reset(&b->arena);
        unit->is_idle = !unit->is_idle;
        ledger = take_of(b, b->cover);
        runs[i] = cpu_ms() - start;
        check(ledger.searched == 0, "a status is searched for");
    }
    compare(b, &ledger);
    bar(layout, "status", runs, CHANGES);
}

static void measure_moves(struct bench *b, const char *layout)
{
    double runs[CHANGES];
    struct cover_ledger ledger = {0};
    for (size_t i = 0; i < CHANGES; i++) {
        const double start = cpu_ms();
        arena_reset(&b->arena);
        b->units[rand_below(&b->rand, UNITS)].place = random_place(b);
        ledger = take_of(b, b->cover);
        runs[i] = cpu_ms() - start;
    }
    compare(b, &ledger);
    bar(layout, "move", runs, CHANGES);
}

/* From the closure's arrival to the ledger, the roads' own change included; lifted in the same way.
 */
static void measure_closures(struct bench *b, const char *layout)
{
    double runs[2 * CHANGES], roads[2 * CHANGES];
    uint64_t searched = 0;
    struct cover_ledger ledger = {0};
    for (size_t i = 0; i < 2 * CHANGES; i++) {
        const struct road_way way =
            road_way(b->road, rand_below(&b->rand, road_way_count(b->road)));
        const struct road_change change = {
            .way_id = way.id, .to = ROAD_WAY_ONE, .profiles = UINT32_MAX};
        arena_reset(&b->arena);
        const double start = cpu_ms();
        if (i % 2 == 0)
            check(road_traffic_put(b->traffic, "bench", &change, 1, NULL) == OK, "no closure");
        else
            check(road_traffic_remove(b->traffic, "bench") == OK, "not lifted");
        road_metric_unref(road_metric_ref(b->traffic, b->profile));
        roads[i] = cpu_ms() - start;
        ledger = take_of(b, b->cover);
        runs[i] = cpu_ms() - start;
        searched += ledger.searched;
        if (i % 10 == 0)
            compare(b, &ledger);
    }
    bar(layout, "closure", runs, 2 * CHANGES);
    qsort(roads, 2 * CHANGES, sizeof *roads, compare_doubles);
    printf("# cover_%s_closure: the roads take %.4g ms of it, and %.1f places are searched\n",
           layout, roads[CHANGES], (double)searched / (2 * CHANGES));
}

static void measure(struct bench *b, const char *layout)
{
    check(cover_new(b->road, b->profile, b->demand, CELLS, limits, &b->cover) == OK, "no ledger");
    const double start = cpu_ms();
    const struct cover_ledger ledger = take_of(b, b->cover);
    printf("# cover_%s_full %.4g ms, %u places searched, %.1f %% reached in 5 minutes\n", layout,
           cpu_ms() - start, ledger.searched,
           100.0 * (double)ledger.all.reached[2] / (double)ledger.all.weight);
    measure_statuses(b, layout);
    measure_moves(b, layout);
    measure_closures(b, layout);
    cover_free(b->cover);
}

static void import(const char *path)
{
    static const char *const inputs[] = {"data/osm/san-francisco.osm.pbf"};
    struct road_report report;
    struct fault fault = {0};
    const struct road_import job = {.inputs = inputs,
                                    .input_count = 1,
                                    .profiles = "data/road/profiles.csv",
                                    .output = path,
                                    .threads = 2};
    check(road_import(&job, &report, &fault) == OK, "the streets cannot be imported");
}

int main(int argc, char **argv)
{
    static struct bench b;
    char made[] = "bench-cover-XXXXXX";
    const char *path = argc > 1 ? argv[1] : made;
    if (argc == 1) {
        const int fd = mkstemp(made);
        check(fd >= 0 && close(fd) == 0, "no file for the streets");
        import(made);
    }
    check(road_open(path, &b.road, NULL) == OK, "cannot open the road");
    check(road_traffic_new(b.road, &b.traffic) == OK, "no traffic");
    check(road_scratch_new(b.road, &b.scratch) == OK, "no scratch");
    b.profile = road_profile(b.road, "response");
    rand_seed(&b.rand, 7);
    arena_init(&b.arena, 256u << 20);
    fill(&b);
    measure(&b, "posts");
    scatter(&b);
    measure(&b, "apart");
    arena_done(&b.arena);
    road_scratch_free(b.scratch);
    road_traffic_free(b.traffic);
    road_close(b.road);
    if (argc == 1)
        (void)unlink(made);
    return 0;
}
