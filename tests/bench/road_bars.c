/* road_bars.c - the road engine on one city: tests/bench/road runs it beside its peer.
 *
 *   road_bars CITY EXTRACT FILE B_MS
 *   road_bars CITY count FILE
 *
 * Imports the extract into FILE, answers seeded questions through road/road.h, checks the answers
 * against each other and prints a BAR line a figure. Times are of the CPU, the median of some runs,
 * and stand beside B_MS, the peer's one-to-all search in the same run, which makes machines
 * comparable. `count` runs each kernel once under callgrind, over a FILE that is there already: its
 * name and calls are printed, its instructions dumped. */
#include "base/file.h"
#include "base/rand.h"
#include "road/traffic_priv.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef HAS_CALLGRIND
#include <valgrind/callgrind.h>
#endif

#define PAIRS 10000
#define POSTS 85
#define TARGETS 1000
#define UNITS 1000
#define NEAREST_ASKS 1000
#define MAX_RUNS 15
#define MINUTE_MS 60000u
#define CLOSED 100
#define ROUNDS 50 /* of what is too short for the clock */

struct bench {
    const char *city, *extract, *file;
    double b_ms;
    struct road *road;
    struct road_traffic *traffic;
    const struct road_metric *metric;
    struct road_scratch *scratch;
    uint32_t profile;
    struct road_report report;
    struct road_point pairs[2 * PAIRS], targets[TARGETS];
    struct road_source posts[POSTS], units[UNITS];
    uint32_t table[POSTS * TARGETS];
    struct road_change closed[CLOSED];
    struct road_fleet *few, *many;
    struct road_mesh *mesh;
    struct road_outliner *outliner;
    /* the hierarchy by itself */
    struct cch_plan *plan;
    struct cch_queue *queue;
    uint32_t *input;
    struct cch_weight *weights;
    uint32_t turn;
    uint64_t sum; /* so that nothing is optimised away, and for checks */
};
typedef void kernel_fn(struct bench *b);
struct kernel {
    const char *name;
    kernel_fn *run;
    uint32_t calls; /* a run is so many questions; the figure is for one */
    double goal_b;  /* in B; 0: the goal is in goal_us */
    double goal_us;
    unsigned runs;
};

static void fail(const char *what)
{
    (void)fprintf(stderr, "road: %s\n", what);
    exit(1);
}

static void check(enum err err, const char *what)
{
    if (err)
        fail(what);
}

static uint64_t cpu_us(void *user)
{
    struct timespec t;
    (void)user;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static double wall_us(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int compare_doubles(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return left < right ? -1 : left > right;
}

static void bar(const struct bench *b, const char *name, double value, const char *unit,
                double goal)
{
    printf("BAR %s_%s %.4g %s <=%.4g %s\n", b->city, name, value, unit, goal,
           value <= goal ? "ok" : "short");
    (void)fflush(stdout);
}

static void in_b(const struct bench *b, const char *name, double ms)
{
    printf("# %s_%s is %.5f B\n", b->city, name, ms / b->b_ms);
    (void)fflush(stdout);
}

/* ------------------------------------------------------- kernels */

static struct road_sources posts_of(const struct bench *b)
{
    return (struct road_sources){b->posts, POSTS};
}

static void run_point_to_point(struct bench *b)
{
    b->sum = 0;
    for (size_t i = 0; i < PAIRS; i++) {
        uint32_t ms;
        check(road_time(b->metric, b->scratch, b->pairs[2 * i], b->pairs[2 * i + 1], &ms), "time");
        b->sum += ms;
    }
}

static void run_table(struct bench *b)
{
    check(road_table(b->metric, b->scratch, posts_of(b), (struct road_points){b->targets, TARGETS},
                     b->table),
          "table");
}

static void run_circles(struct bench *b)
{
    b->sum = 0;
    for (size_t i = 0; i < POSTS; i++) {
        const struct road_ball_query query = {{&b->posts[i], 1}, 5 * MINUTE_MS, false};
        struct road_ball ball;
        check(road_ball(b->metric, b->scratch, &query, &ball), "ball");
        b->sum += ball.count;
    }
}

static void run_any_of(struct bench *b)
{
    const struct road_ball_query query = {posts_of(b), 5 * MINUTE_MS, false};
    struct road_ball ball;
    check(road_ball(b->metric, b->scratch, &query, &ball), "ball");
    b->sum = ball.count;
}

static void run_polygons(struct bench *b)
{
    static const uint32_t five[] = {5 * MINUTE_MS};
    b->sum = 0;
    for (size_t i = 0; i < POSTS; i++) {
        const struct road_reach_query query = {.sources = {&b->posts[i], 1}, .limits = {five, 1}};
        struct road_reach reach;
        struct road_outline outline;
        check(road_reach(b->metric, b->scratch, &query, &reach), "reach");
        struct road_outline_query of = {reach.spans, reach.span_count, ROAD_NONE, 0};
        check(road_outline(b->outliner, &of, &outline), "outline");
        b->sum += outline.polygon_count;
    }
}

static void ask_nearest(struct bench *b, struct road_fleet *fleet, size_t k)
{
    b->sum = 0;
    for (size_t i = 0; i < NEAREST_ASKS; i++) {
        struct road_fleet_query query = {.to = b->targets[i % TARGETS], .k = k};
        struct road_hits hits;
        check(road_fleet_nearest(fleet, b->metric, b->scratch, &query, &hits), "nearest");
        b->sum += hits.count ? hits.at[hits.count - 1].ms : 0;
    }
}

static void run_nearest_85(struct bench *b)
{
    ask_nearest(b, b->few, 1);
}

static void run_nearest_10_of_1000(struct bench *b)
{
    ask_nearest(b, b->many, 10);
}

static void run_unit_moves(struct bench *b)
{
    for (uint32_t i = 0; i < UNITS; i++)
        check(road_fleet_put(b->many, b->metric, i, b->units[i]), "put");
}

static void close_roads(struct bench *b, const struct road_change *roads, size_t count)
{
    check(road_traffic_put(b->traffic, "bench", roads, count, NULL), "close");
    check(road_traffic_remove(b->traffic, "bench"), "open");
}

static void run_close_1(struct bench *b)
{
    for (size_t i = 0; i < CLOSED; i++)
        close_roads(b, &b->closed[i], 1);
}

static void run_close_100(struct bench *b)
{
    close_roads(b, b->closed, CLOSED);
}

static void customize(struct bench *b, unsigned threads)
{
    check(cch_customize(b->plan, b->input, threads, b->weights), "customize");
}

static void run_customize(struct bench *b)
{
    customize(b, 1);
}

/* The kernel alone: the hops of some arcs closed, then as they were. */
static void update(struct bench *b, size_t count)
{
    uint32_t hops[CLOSED], before[CLOSED];
    for (size_t i = 0; i < count; i++) {
        hops[i] = (b->turn++ * 7919u) % b->road->cch.inputs;
        before[i] = b->input[hops[i]];
        b->input[hops[i]] = ROAD_INF;
    }
    check(cch_update(b->queue, b->input, hops, count, b->weights), "update");
    for (size_t i = 0; i < count; i++)
        b->input[hops[i]] = before[i];
    check(cch_update(b->queue, b->input, hops, count, b->weights), "update");
}

static void run_update_1(struct bench *b)
{
    for (int i = 0; i < ROUNDS; i++)
        update(b, 1);
}

static void run_update_100(struct bench *b)
{
    update(b, CLOSED);
}

static void run_open(struct bench *b)
{
    struct road *road;
    check(road_open(b->file, &road, NULL), "open");
    b->sum = road_info(road).nodes;
    road_close(road);
}

/* Goals: shared bars of the project, in B where a peer was measured, else in microseconds. */
static const struct kernel KERNELS[] = {
    {"ready_ms", run_open, 1, 0, 30000, 9},
    {"customize_ms", run_customize, 1, 0.82, 0, 9},
    {"close_1_kernel_us", run_update_1, 2 * ROUNDS, 0, 9, MAX_RUNS},
    {"close_100_kernel_us", run_update_100, 2, 0, 1500, 9},
    {"close_1_in_force_us", run_close_1, 2 * CLOSED, 0, 1009, MAX_RUNS},
    {"close_100_in_force_us", run_close_100, 2, 0, 2500, 9},
    {"point_to_point_us", run_point_to_point, PAIRS, 0, 13, 5},
    {"table_85x1000_ms", run_table, 1, 0.20, 0, 9},
    {"circles_85_ms", run_circles, 1, 0.18, 0, 9},
    {"any_of_85_ms", run_any_of, 1, 0.14, 0, 9},
    {"polygons_85_ms", run_polygons, 1, 1.6, 0, 5},
    {"nearest_of_85_us", run_nearest_85, NEAREST_ASKS, 0, 4, 9},
    {"nearest_10_of_1000_us", run_nearest_10_of_1000, NEAREST_ASKS, 0, 20, 9},
    {"unit_moves_us", run_unit_moves, UNITS, 0, 7, 9},
};
#define KERNEL_COUNT (sizeof KERNELS / sizeof *KERNELS)

/* ------------------------------------------------------- the city */

static struct road_point random_point(struct bench *b, struct rand *r)
{
    for (;;) {
        uint32_t node = rand_below(r, road_info(b->road).nodes);
        struct road_snap snap;
        if (road_snap(b->road, b->profile, road_node_place(b->road, node), 50, &snap) == OK)
            return snap.point;
    }
}

static void pick_questions(struct bench *b)
{
    struct rand r;
    rand_seed(&r, 42);
    for (size_t i = 0; i < 2 * PAIRS; i++)
        b->pairs[i] = random_point(b, &r);
    for (size_t i = 0; i < TARGETS; i++)
        b->targets[i] = random_point(b, &r);
    for (size_t i = 0; i < POSTS; i++)
        b->posts[i] = (struct road_source){random_point(b, &r), 0};
    for (size_t i = 0; i < UNITS; i++)
        b->units[i] = (struct road_source){random_point(b, &r), 0};
    for (size_t i = 0; i < CLOSED;) {
        struct road_way way = road_way(b->road, rand_below(&r, road_way_count(b->road)));
        if (way.edge_count && road_metric_arc_ms(b->metric, 2 * way.edges[0]) < ROAD_INF)
            b->closed[i++] =
                (struct road_change){way.id, 0, ROAD_WAY_ONE, ROAD_BOTH, 0, 1u << b->profile};
    }
}

static void open_city(struct bench *b)
{
    check(road_open(b->file, &b->road, NULL), "cannot open the road");
    b->profile = road_profile(b->road, "car");
    check(road_traffic_new(b->road, &b->traffic), "traffic");
    b->metric = road_metric_ref(b->traffic, b->profile);
    check(road_scratch_new(b->road, &b->scratch), "scratch");
    pick_questions(b);
    check(road_fleet_new(b->road, b->profile, POSTS, &b->few), "fleet");
    check(road_fleet_new(b->road, b->profile, UNITS, &b->many), "fleet");
    for (uint32_t i = 0; i < POSTS; i++)
        check(road_fleet_put(b->few, b->metric, i, b->posts[i]), "put");
    run_unit_moves(b);
    const struct cch *cch = &b->road->cch;
    b->input = calloc(cch->inputs + 1, sizeof *b->input);
    b->weights = calloc(cch->arcs + 1, sizeof *b->weights);
    if (!b->input || !b->weights)
        fail("no memory");
    for (uint32_t i = 0; i < cch->inputs; i++)
        b->input[i] = b->metric->forward[i].ms;
    check(cch_plan_new(cch, &b->plan), "plan");
    check(cch_queue_new(b->plan, &b->queue), "queue");
    customize(b, 1);
    check(road_mesh_new(b->road, b->profile, &b->mesh), "mesh");
    check(road_outliner_new(b->mesh, &b->outliner), "outliner");
}

static void close_city(struct bench *b)
{
    cch_queue_free(b->queue);
    cch_plan_free(b->plan);
    free(b->input);
    free(b->weights);
    road_outliner_free(b->outliner);
    road_mesh_free(b->mesh);
    road_fleet_free(b->few);
    road_fleet_free(b->many);
    road_scratch_free(b->scratch);
    road_metric_unref(b->metric);
    road_traffic_free(b->traffic);
    road_close(b->road);
}

/* The answers agree with each other: a table, a fleet and single questions. */
static void check_answers(struct bench *b)
{
    run_table(b);
    for (size_t i = 0; i < TARGETS; i += 37) {
        struct road_fleet_query query = {.to = b->targets[i], .k = 1};
        struct road_hits hits;
        uint32_t least = ROAD_INF, ms;
        for (size_t p = 0; p < POSTS; p++) {
            check(road_time(b->metric, b->scratch, b->posts[p].point, b->targets[i], &ms), "time");
            if (ms != b->table[p * TARGETS + i])
                fail("a table differs from a single question");
            least = ms < least ? ms : least;
        }
        check(road_fleet_nearest(b->few, b->metric, b->scratch, &query, &hits), "nearest");
        bool is_found = least < ROAD_INF;
        if (hits.count != is_found || (is_found && hits.at[0].ms != least))
            fail("the nearest is not the least of its table's column");
    }
    uint64_t before = road_metric_digest(b->metric);
    close_roads(b, b->closed, CLOSED);
    const struct road_metric *after = road_metric_ref(b->traffic, b->profile);
    if (road_metric_digest(after) != before)
        fail("a removed closure leaves something behind");
    road_metric_unref(after);
}

/* ------------------------------------------------------- figures */

static double median_us(struct bench *b, const struct kernel *kernel)
{
    double runs[MAX_RUNS];
    kernel->run(b); /* warm */
    for (unsigned i = 0; i < kernel->runs; i++) {
        uint64_t start = cpu_us(NULL);
        kernel->run(b);
        runs[i] = (double)(cpu_us(NULL) - start) / kernel->calls;
    }
    qsort(runs, kernel->runs, sizeof *runs, compare_doubles);
    return runs[kernel->runs / 2];
}

static void measure(struct bench *b, const struct kernel *kernel)
{
    double us = median_us(b, kernel);
    size_t length = strlen(kernel->name);
    bool is_ms = length > 3 && strcmp(kernel->name + length - 3, "_ms") == 0;
    double goal_us = kernel->goal_b > 0 ? kernel->goal_b * b->b_ms * 1000 : kernel->goal_us;
    bar(b, kernel->name, is_ms ? us / 1000 : us, is_ms ? "ms" : "us",
        is_ms ? goal_us / 1000 : goal_us);
    in_b(b, kernel->name, us / 1000);
}

/* In a process of its own, so that its peak is the import's. */
static void import_city(struct bench *b)
{
    struct rusage usage = {0};
    int status = 0, ends[2];
    if (pipe(ends) != 0)
        fail("no pipe");
    pid_t pid = fork();
    if (pid == 0) {
        const char *const inputs[] = {b->extract};
        struct road_import job = {.inputs = inputs,
                                  .input_count = 1,
                                  .profiles = "data/road/profiles.csv",
                                  .output = b->file,
                                  .threads = 1,
                                  .clock_us = cpu_us};
        enum err err = road_import(&job, &b->report, NULL);
        ssize_t sent = write(ends[1], &b->report, sizeof b->report);
        _exit(err || sent != (ssize_t)sizeof b->report);
    }
    bool is_read = read(ends[0], &b->report, sizeof b->report) == (ssize_t)sizeof b->report;
    if (pid < 0 || wait4(pid, &status, 0, &usage) != pid || status != 0 || !is_read)
        fail("the import failed");
    (void)close(ends[0]);
    (void)close(ends[1]);
    const uint64_t *us = b->report.step_us;
    double graph_s = (double)(us[ROAD_STEP_WAYS] + us[ROAD_STEP_NODES] + us[ROAD_STEP_GRAPH]) / 1e6;
    bool is_nyc = strcmp(b->city, "nyc") == 0;
    bar(b, "import_s", graph_s, "s", is_nyc ? 8.0 * b->b_ms / 1000 : 0.25);
    in_b(b, "import_s", graph_s * 1000);
    bar(b, "order_s", (double)us[ROAD_STEP_ORDER] / 1e6, "s", is_nyc ? 12 : 2.5);
    in_b(b, "order_s", (double)us[ROAD_STEP_ORDER] / 1000);
    /* Porto's limit was set for a graph of 158,000 arcs, without turns and barriers; the order of
     * that very graph is measured in tests/unit/test_road_order.c. */
    bar(b, "hierarchy_arcs", b->report.shortcuts, "arcs", is_nyc ? 1200000 : 265000);
    printf(
        "# %s: %u nodes, %u hops, hierarchy built in %.3f s, peak of the whole import with order "
        "and hierarchy %ld MiB, file %.1f MiB\n",
        b->city, b->report.nodes, b->report.hops, (double)us[ROAD_STEP_HIERARCHY] / 1e6,
        usage.ru_maxrss / 1024, (double)b->report.file_bytes / 1048576.0);
}

static double resident_mib(void)
{
    char text[128] = "", *second;
    FILE *f = fopen("/proc/self/statm", "r");
    if (!f || !fgets(text, sizeof text, f))
        fail("no memory figure");
    (void)fclose(f);
    (void)strtol(text, &second, 10);
    return (double)strtol(second, NULL, 10) * (double)sysconf(_SC_PAGESIZE) / 1048576.0;
}

/* A process that serves three metrics and has answered on each. */
static void measure_memory(struct bench *b)
{
    (void)fflush(stdout);
    pid_t pid = fork();
    int status = 0;
    if (pid == 0) {
        double before = resident_mib();
        const struct road_metric *metrics[3];
        check(road_open(b->file, &b->road, NULL), "open");
        check(road_traffic_new(b->road, &b->traffic), "traffic");
        check(road_scratch_new(b->road, &b->scratch), "scratch");
        b->profile = 0;
        b->metric = road_metric_ref(b->traffic, 0);
        pick_questions(b);
        for (uint32_t i = 0; i < 3; i++) {
            b->metric = metrics[i] = road_metric_ref(b->traffic, i);
            run_point_to_point(b);
        }
        bar(b, "memory_3_metrics_mib", resident_mib() - before, "MiB", 100);
        _exit(0);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
        fail("the memory run failed");
}

static void measure_two_threads(struct bench *b)
{
    double best = 1e12;
    for (int i = 0; i < 9; i++) {
        double start = wall_us();
        customize(b, 2);
        double us = wall_us() - start;
        best = us < best ? us : best;
    }
    bar(b, "customize_2_threads_wall_ms", best / 1000, "ms", 0.82 * b->b_ms);
    in_b(b, "customize_2_threads_wall_ms", best / 1000);
}

/* One dump a kernel, in the order in which they are printed. */
static void count_all(struct bench *b)
{
#ifdef HAS_CALLGRIND
    for (size_t i = 0; i < KERNEL_COUNT; i++) {
        KERNELS[i].run(b); /* warm */
        CALLGRIND_START_INSTRUMENTATION;
        KERNELS[i].run(b);
        CALLGRIND_STOP_INSTRUMENTATION;
        CALLGRIND_DUMP_STATS_AT(KERNELS[i].name);
        printf("%s %u\n", KERNELS[i].name, KERNELS[i].calls);
    }
#else
    (void)b;
    fail("built without valgrind");
#endif
}

int main(int argc, char **argv)
{
    static struct bench b;
    bool is_count = argc == 4 && strcmp(argv[2], "count") == 0;
    if (argc != 5 && !is_count)
        fail("usage: road_bars CITY EXTRACT FILE B_MS | CITY count FILE");
    b.city = argv[1];
    b.extract = argv[2];
    b.file = argv[3];
    if (!is_count) {
        b.b_ms = strtod(argv[4], NULL);
        import_city(&b);
        measure_memory(&b);
    }
    open_city(&b);
    if (is_count) {
        count_all(&b);
    } else {
        check_answers(&b);
        for (size_t i = 0; i < KERNEL_COUNT; i++)
            measure(&b, &KERNELS[i]);
        measure_two_threads(&b);
    }
    close_city(&b);
    return 0;
}
