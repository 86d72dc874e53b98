/* travel_fit.h - how recorded travel differs from the model: a fixed time a run, and a factor for
 * each group of streets. Layer: learn. Threads: pure.
 *
 *     recorded = fixed + stays + sum over groups of factor[group] * group_s
 *
 * found by least absolute deviations, so that odd rows of a log (a stamp pressed an hour late)
 * weigh no more than any other. First the fixed time and one factor for all groups, exactly: for a
 * given fixed time the best factor is a weighted median, and the loss is convex in the fixed time.
 * Then each group's factor in turn, held to the common one by a weight of TRAVEL_FIT_PULL of all
 * recorded driving, so that a group that hardly occurs keeps the common factor; the loss never
 * rises. Cost: some hundred sorts of the runs. */
#ifndef LEARN_TRAVEL_FIT_H
#define LEARN_TRAVEL_FIT_H
#include "base/err.h"

#define TRAVEL_FIT_GROUPS 4
#define TRAVEL_FIT_MIN_RUNS 50
#define TRAVEL_FIT_PULL 0.02
#define TRAVEL_FIT_MIN_FACTOR 0.55
#define TRAVEL_FIT_MAX_FACTOR 2.0
#define TRAVEL_FIT_MAX_FIXED_S 600

struct travel_run {
    double recorded_s;
    double stays_s;                    /* modelled, not by the street: turns, barriers */
    double group_s[TRAVEL_FIT_GROUPS]; /* modelled, by group of streets */
};
struct travel_fit {
    double fixed_s; /* whole seconds */
    double common;  /* one factor for all */
    double factor[TRAVEL_FIT_GROUPS];
};
/* ERR_RANGE: fewer than TRAVEL_FIT_MIN_RUNS runs, or nothing driven; ERR_LIMIT: memory. */
enum err travel_fit(const struct travel_run *runs, size_t count, struct travel_fit *ret_fit);
/* What the run should have taken. */
double travel_fit_s(const struct travel_fit *fit, const struct travel_run *run);
#endif
