#include "learn/travel_fit.h"
#include <math.h>
#include <stdlib.h>

#define ROUNDS 40
#define STILL 1e-4 /* a factor that moves less has come to rest */

struct point { /* a ratio and what it weighs */
    double ratio, weight;
};
struct fitting {
    const struct travel_run *runs;
    size_t count;
    struct point *points; /* room for every run, and one more */
};

static int by_ratio(const void *pa, const void *pb)
{
    const struct point *a = pa, *b = pb;
    return (a->ratio > b->ratio) - (a->ratio < b->ratio);
}

static double held(double factor)
{
    return fmin(fmax(factor, TRAVEL_FIT_MIN_FACTOR), TRAVEL_FIT_MAX_FACTOR);
}

/* The ratio with half of the weight on either side. */
static double weighted_median(struct point *points, size_t count)
{
    double whole = 0, below = 0;
    size_t i = 0;
    qsort(points, count, sizeof *points, by_ratio);
    for (size_t k = 0; k < count; k++)
        whole += points[k].weight;
    while (i + 1 < count && below + points[i].weight < whole / 2)
        below += points[i++].weight;
    return points[i].ratio;
}

static double driven_s(const struct travel_run *run)
{
    double sum = 0;
    for (size_t g = 0; g < TRAVEL_FIT_GROUPS; g++)
        sum += run->group_s[g];
    return sum;
}

double travel_fit_s(const struct travel_fit *fit, const struct travel_run *run)
{
    double sum = fit->fixed_s + run->stays_s;
    for (size_t g = 0; g < TRAVEL_FIT_GROUPS; g++)
        sum += fit->factor[g] * run->group_s[g];
    return sum;
}

static double loss_of(const struct fitting *f, const struct travel_fit *fit)
{
    double sum = 0;
    for (size_t i = 0; i < f->count; i++)
        sum += fabs(f->runs[i].recorded_s - travel_fit_s(fit, &f->runs[i]));
    return sum;
}

/* The best common factor for a fixed time; returns the loss. */
static double fit_common(const struct fitting *f, double fixed_s, struct travel_fit *fit)
{
    size_t count = 0;
    for (size_t i = 0; i < f->count; i++) {
        const double driven = driven_s(&f->runs[i]);
        if (driven > 0)
            f->points[count++] = (struct point){
                (f->runs[i].recorded_s - fixed_s - f->runs[i].stays_s) / driven, driven};
    }
    fit->fixed_s = fixed_s;
    fit->common = held(weighted_median(f->points, count));
    for (size_t g = 0; g < TRAVEL_FIT_GROUPS; g++)
        fit->factor[g] = fit->common;
    return loss_of(f, fit);
}

/* The loss is convex in the fixed time: thirds of the interval are cut away. */
static void fit_fixed_and_common(const struct fitting *f, struct travel_fit *fit)
{
    int low = 0, high = TRAVEL_FIT_MAX_FIXED_S;
    while (high - low > 2) {
        const int a = low + (high - low) / 3, b = high - (high - low) / 3;
        if (fit_common(f, a, fit) <= fit_common(f, b, fit))
            high = b;
        else
            low = a;
    }
    int best = low;
    double least = fit_common(f, low, fit);
    for (int at = low + 1; at <= high; at++) {
        const double loss = fit_common(f, at, fit);
        best = loss < least ? at : best;
        least = fmin(loss, least);
    }
    (void)fit_common(f, best, fit);
}

static double fit_group(const struct fitting *f, const struct travel_fit *fit, size_t group,
                        double pull)
{
    size_t count = 0;
    f->points[count++] = (struct point){fit->common, pull};
    for (size_t i = 0; i < f->count; i++) {
        const double own = f->runs[i].group_s[group];
        const double others = travel_fit_s(fit, &f->runs[i]) - fit->factor[group] * own;
        if (own > 0)
            f->points[count++] = (struct point){(f->runs[i].recorded_s - others) / own, own};
    }
    return held(weighted_median(f->points, count));
}

enum err travel_fit(const struct travel_run *runs, size_t count, struct travel_fit *ret_fit)
{
    struct fitting f = {.runs = runs, .count = count};
    struct travel_fit fit;
    double driven = 0, moved = 1;
    for (size_t i = 0; i < count; i++)
        driven += driven_s(&runs[i]);
    if (count < TRAVEL_FIT_MIN_RUNS || !(driven > 0))
        return ERR_RANGE;
    f.points = calloc(count + 1, sizeof *f.points);
    if (!f.points)
        return ERR_LIMIT;
    fit_fixed_and_common(&f, &fit);
    for (size_t round = 0; round < ROUNDS && moved > STILL; round++) {
        moved = 0;
        for (size_t g = 0; g < TRAVEL_FIT_GROUPS; g++) {
            const double factor = fit_group(&f, &fit, g, TRAVEL_FIT_PULL * driven);
            moved = fmax(moved, fabs(factor - fit.factor[g]));
            fit.factor[g] = factor;
        }
    }
    free(f.points);
    *ret_fit = fit;
    return OK;
}
