/* The fit finds what a log was made from, odd rows or not, and never does worse than plain guesses.
 */
#include "base/rand.h"
#include "learn/travel_fit.h"
#include "test.h"
#include <math.h>
#include <stdlib.h>

#define RUNS 3000

static double share(struct rand *r)
{
    return rand_below(r, 1000001) / 1e6;
}

/* Runs as the factors say, each a little off; one in ten nonsense. */
static void make_runs(struct travel_run *runs, struct rand *r, const struct travel_fit *truth)
{
    for (size_t i = 0; i < RUNS; i++) {
        struct travel_run *run = &runs[i];
        run->stays_s = 5 * share(r);
        for (size_t g = 0; g < TRAVEL_FIT_GROUPS; g++)
            run->group_s[g] = rand_below(r, 3) ? 120 * share(r) : 0;
        run->recorded_s = travel_fit_s(truth, run) + 30 * (share(r) - share(r));
        if (rand_below(r, 10) == 0)
            run->recorded_s += 3600 * share(r);
    }
}

static double mean_error(const struct travel_run *runs, const struct travel_fit *fit)
{
    double sum = 0;
    for (size_t i = 0; i < RUNS; i++)
        sum += fabs(runs[i].recorded_s - travel_fit_s(fit, &runs[i]));
    return sum / RUNS;
}

static void what_a_log_was_made_from_is_found(void **state)
{
    (void)state;
    struct travel_run *runs = calloc(RUNS, sizeof *runs);
    for (uint64_t seed = 1; seed <= 5; seed++) {
        struct rand r;
        struct travel_fit fit, truth = {.fixed_s = 20 + 25 * (double)seed};
        rand_seed(&r, seed);
        for (size_t g = 0; g < TRAVEL_FIT_GROUPS; g++)
            truth.factor[g] = 0.75 + 0.6 * share(&r);
        make_runs(runs, &r, &truth);
        assert_ok(travel_fit(runs, RUNS, &fit));
        assert_true(fabs(fit.fixed_s - truth.fixed_s) < 8);
        for (size_t g = 0; g < TRAVEL_FIT_GROUPS; g++)
            assert_true(fabs(fit.factor[g] - truth.factor[g]) < 0.1);
        const struct travel_fit plain = {.factor = {1, 1, 1, 1}};
        struct travel_fit common = {.fixed_s = fit.fixed_s};
        for (size_t g = 0; g < TRAVEL_FIT_GROUPS; g++)
            common.factor[g] = fit.common;
        assert_true(mean_error(runs, &fit) < mean_error(runs, &common));
        assert_true(mean_error(runs, &common) < mean_error(runs, &plain));
    }
    free(runs);
}

/* No other whole second and no other factor for all has a smaller loss. */
static void the_common_factor_is_the_best(void **state)
{
    (void)state;
    struct travel_run *runs = calloc(RUNS, sizeof *runs);
    struct travel_fit fit, truth = {.fixed_s = 60, .factor = {1.2, 1.2, 1.2, 1.2}};
    struct rand r;
    rand_seed(&r, 9);
    make_runs(runs, &r, &truth);
    assert_ok(travel_fit(runs, RUNS, &fit));
    struct travel_fit best = {.fixed_s = fit.fixed_s};
    for (size_t g = 0; g < TRAVEL_FIT_GROUPS; g++)
        best.factor[g] = fit.common;
    const double least = mean_error(runs, &best);
    for (int off_s = -20; off_s <= 20; off_s += 2) {
        for (int step = -10; step <= 10; step++) {
            struct travel_fit other = {.fixed_s = best.fixed_s + off_s};
            for (size_t g = 0; g < TRAVEL_FIT_GROUPS; g++)
                other.factor[g] = fit.common + step * 0.01;
            assert_true(mean_error(runs, &other) >= least - 1e-9);
        }
    }
    free(runs);
}

static void a_group_that_hardly_occurs_keeps_the_common_factor(void **state)
{
    (void)state;
    struct travel_run *runs = calloc(RUNS, sizeof *runs);
    struct travel_fit fit, truth = {.fixed_s = 40, .factor = {0.9, 0.9, 0.9, 0.9}};
    struct rand r;
    rand_seed(&r, 4);
    make_runs(runs, &r, &truth);
    for (size_t i = 0; i < RUNS; i++) {
        runs[i].recorded_s -= truth.factor[3] * runs[i].group_s[3];
        runs[i].group_s[3] = i < 20 ? 30 : 0;
        runs[i].recorded_s += 3 * runs[i].group_s[3]; /* few, and all say three times slower */
    }
    assert_ok(travel_fit(runs, RUNS, &fit));
    assert_true(fabs(fit.factor[3] - fit.common) < 1e-9);
    free(runs);
}

static void too_little_is_refused(void **state)
{
    (void)state;
    struct travel_run runs[TRAVEL_FIT_MIN_RUNS] = {{0}};
    struct travel_fit fit;
    assert_int_equal(travel_fit(runs, TRAVEL_FIT_MIN_RUNS, &fit), ERR_RANGE); /* nothing driven */
    runs[0].group_s[0] = 10;
    runs[0].recorded_s = 1e6; /* whatever it says, factors keep to their bounds */
    assert_ok(travel_fit(runs, TRAVEL_FIT_MIN_RUNS, &fit));
    for (size_t g = 0; g < TRAVEL_FIT_GROUPS; g++)
        assert_true(fit.factor[g] >= TRAVEL_FIT_MIN_FACTOR &&
                    fit.factor[g] <= TRAVEL_FIT_MAX_FACTOR);
    assert_int_equal(travel_fit(runs, TRAVEL_FIT_MIN_RUNS - 1, &fit), ERR_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_log_was_made_from_is_found),
        cmocka_unit_test(the_common_factor_is_the_best),
        cmocka_unit_test(a_group_that_hardly_occurs_keeps_the_common_factor),
        cmocka_unit_test(too_little_is_refused),
    };
    return RUN(tests);
}
