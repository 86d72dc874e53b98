/* Full customization by a plan, see cch_plan_priv.h. Cost: the triangles, on NYC 6.8 million of
 * them at about 1.4 ns. Minima do not depend on their order, so any number of threads gives the
 * same. */
#include "road/cch_plan_priv.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static void relax(struct cch_weight *at, struct cch_weight low, struct cch_weight high)
{
    at->up = least(at->up, low.down + high.up);
    at->down = least(at->down, low.up + high.down);
}

/* ------------------------------------------------------- pulling */

struct customization {
    const struct cch_plan *plan;
    struct cch_weight *weights;
    atomic_uint next_task;
};

typedef void pull_fn(const struct cch *cch, const struct cch_weight *weights,
                     const struct cch_pull *pull, struct cch_weight *row);

static void pull_plain(const struct cch *cch, const struct cch_weight *weights,
                       const struct cch_pull *pull, struct cch_weight *row)
{
    const uint32_t *heads = cch->up_head + pull->arc + 1;
    uint32_t arc = pull->arc;
    for (uint32_t m = 0; m < pull->members; m++) {
        for (uint32_t k = 0; k < pull->count; k++)
            relax(&row[heads[k]], weights[arc], weights[arc + 1 + k]);
        arc += pull->step - m;
    }
}

#if defined(__x86_64__)
#define LANES 8u /* pairs, two registers of four */

/* Spreads four pairs. */
__attribute__((target("avx2"))) static inline void spread(struct cch_weight *row,
                                                          const uint32_t *heads, __m256i pairs)
{
    __m128i low = _mm256_castsi256_si128(pairs), high = _mm256_extracti128_si256(pairs, 1);
    const __m128i each[4] = {low, _mm_unpackhi_epi64(low, low), high,
                             _mm_unpackhi_epi64(high, high)};
    for (size_t i = 0; i < 4; i++) {
        __m128i *at = (void *)(row + heads[i]);
        _mm_storel_epi64(at, _mm_min_epu32(_mm_loadl_epi64(at), each[i]));
    }
}

/* The panel's rows folded eight neighbours at a time. Lanes beyond the row are ROAD_INF, which
 * changes nothing, so spreading them on the next row's heads does no harm; only at the very end
 * there is no next row. */
__attribute__((target("avx2"))) static void pull_avx2(const struct cch *cch,
                                                      const struct cch_weight *weights,
                                                      const struct cch_pull *pull,
                                                      struct cch_weight *row)
{
    static const int64_t ones[2 * LANES] = {-1, -1, -1, -1, -1, -1, -1, -1};
    const __m256i inf = _mm256_set1_epi32(ROAD_INF);
    const uint32_t *heads = cch->up_head + pull->arc + 1;
    if (cch->arcs - pull->arc <= pull->count + LANES) {
        pull_plain(cch, weights, pull, row);
        return;
    }
    for (uint32_t k = 0; k < pull->count; k += LANES) {
        uint32_t left = least(pull->count - k, LANES);
        __m256i mask0 = _mm256_loadu_si256((const void *)(ones + LANES - left));
        __m256i mask1 = _mm256_loadu_si256((const void *)(ones + LANES - left + 4));
        __m256i best0 = inf, best1 = inf;
        const struct cch_weight *from = weights + pull->arc;
        for (uint32_t m = 0; m < pull->members; m++) {
            __m256i low = _mm256_set1_epi64x(*(const long long *)(const void *)from);
            const long long *at = (const void *)(from + 1 + k);
            low = _mm256_shuffle_epi32(low, 0xB1); /* up and down change places */
            __m256i high0 = _mm256_maskload_epi64(at, mask0);
            __m256i high1 = _mm256_maskload_epi64(at + 4, mask1);
            best0 = _mm256_min_epu32(best0, _mm256_add_epi32(low, high0));
            best1 = _mm256_min_epu32(best1, _mm256_add_epi32(low, high1));
            from += pull->step - m;
        }
        spread(row, heads + k, _mm256_blendv_epi8(inf, best0, mask0));
        if (left > 4)
            spread(row, heads + k + 4, _mm256_blendv_epi8(inf, best1, mask1));
    }
}
#endif

static pull_fn *best_pull(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2"))
        return pull_avx2;
#endif
    return pull_plain;
}

/* ------------------------------------------------------- the run */

static void set_inputs(const struct cch *cch, const uint32_t *input, struct cch_weight *weights)
{
    for (uint32_t arc = 0; arc < cch->arcs; arc++)
        weights[arc] = (struct cch_weight){ROAD_INF, ROAD_INF};
    for (uint32_t i = 0; i < cch->inputs; i++) {
        uint32_t *ms =
            &weights->up + cch->input_arc[i]; /* arc and direction, as they are numbered */
        *ms = least(*ms, input[i]);
    }
}

/* Relaxes all triangles above v of its own; returns the first push behind them. */
static const uint32_t *push_from(const struct cch *cch, uint32_t v, const uint32_t *push,
                                 struct cch_weight *weights)
{
    for (uint32_t i = cch->up_first[v], end = cch->up_first[v + 1]; i < end; i++) {
        struct cch_weight low = weights[i];
        for (uint32_t k = i + 1; k < end; k++)
            relax(&weights[*push++], low, weights[k]);
    }
    return push;
}

/* One task or the top. `row` has room for every vertex. */
static void run_task(struct customization *run, uint32_t task, struct cch_weight *row)
{
    const struct cch_plan *plan = run->plan;
    const struct cch *cch = plan->cch;
    const uint32_t *push = plan->pushes + plan->task_push[task];
    pull_fn *pull = best_pull();
    for (uint32_t t = plan->task_first[task]; t < plan->task_first[task + 1]; t++) {
        struct cch_turn turn = plan->turns[t];
        uint32_t from = cch->up_first[turn.vertex], end = cch->up_first[turn.vertex + 1];
        uint32_t last = plan->turns[t + 1].first_pull;
        if (turn.first_pull < last) {
            for (uint32_t i = from; i < end; i++)
                row[cch->up_head[i]] = run->weights[i];
            for (uint32_t i = turn.first_pull; i < last; i++)
                pull(cch, run->weights, &plan->pulls[i], row);
            for (uint32_t i = from; i < end; i++)
                run->weights[i] = row[cch->up_head[i]];
        }
        if (plan->does_push[turn.vertex])
            push = push_from(cch, turn.vertex, push, run->weights);
    }
}

struct worker {
    struct customization *run;
    struct cch_weight *row;
    pthread_t thread;
    bool is_started;
};

static void *work_tasks(void *user)
{
    struct worker *worker = user;
    for (uint32_t task;
         (task = atomic_fetch_add(&worker->run->next_task, 1)) < worker->run->plan->tasks;)
        run_task(worker->run, task, worker->row);
    return NULL;
}

#define MAX_WORKERS 16

enum err cch_customize(const struct cch_plan *plan, const uint32_t *input, unsigned threads,
                       struct cch_weight *ret_weights)
{
    struct customization run = {.plan = plan, .weights = ret_weights};
    struct worker workers[MAX_WORKERS] = {0};
    unsigned count = threads < 1 ? 1 : threads > MAX_WORKERS ? MAX_WORKERS : threads;
    enum err err = OK;
    for (unsigned i = 0; i < count; i++) {
        workers[i].run = &run;
        workers[i].row = calloc((size_t)plan->cch->vertices + 1, sizeof *workers[i].row);
        if (!workers[i].row)
            err = ERR_LIMIT;
    }
    if (!err) {
        set_inputs(plan->cch, input, ret_weights);
        for (unsigned i = 1; i < count; i++) /* where no thread can be had, fewer do the work */
            workers[i].is_started =
                pthread_create(&workers[i].thread, NULL, work_tasks, &workers[i]) == 0;
        (void)work_tasks(&workers[0]);
        for (unsigned i = 1; i < count; i++) {
            if (workers[i].is_started)
                (void)pthread_join(workers[i].thread, NULL);
        }
        run_task(&run, plan->tasks, workers[0].row);
    }
    for (unsigned i = 0; i < count; i++)
        free(workers[i].row);
    return err;
}
