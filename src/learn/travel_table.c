#include "learn/travel_table.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static int by_value(const void *pa, const void *pb)
{
    uint32_t a = *(const uint32_t *)pa, b = *(const uint32_t *)pb;
    return (a > b) - (a < b);
}

double travel_quantile(const uint32_t *sorted, size_t count, double share)
{
    if (count == 0) {
        return 0;
    }
    double at = share * (double)(count - 1);
    size_t below = (size_t)at;
    if (below + 1 >= count) {
        return sorted[count - 1];
    }
    return sorted[below] + (at - (double)below) * ((double)sorted[below + 1] - sorted[below]);
}

/* One line over the samples that are wanted; kind NULL or hour 24: all. */
struct line {
    const struct str *kind;
    uint32_t hour;
    uint32_t *recorded, *modelled; /* room for every sample */
};

static void line_write(const struct travel_sample *samples, size_t count, const struct line *line,
                       struct str label, struct out *out)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        bool is_kind = line->kind == NULL || str_eq(*line->kind, samples[i].kind);
        if (is_kind && (line->hour == TRAVEL_HOURS || line->hour == samples[i].hour)) {
            line->recorded[n] = samples[i].recorded_s;
            line->modelled[n++] = samples[i].modelled_s;
        }
    }
    if (n == 0) {
        return;
    }
    qsort(line->recorded, n, sizeof *line->recorded, by_value);
    qsort(line->modelled, n, sizeof *line->modelled, by_value);
    double recorded = travel_quantile(line->recorded, n, 0.5);
    double modelled = travel_quantile(line->modelled, n, 0.5);
    out_printf(out, "  %-16.*s %7zu %8.0f %8.0f %8.0f %8.0f %7.2f\n", STR_ARG(label), n, recorded,
               travel_quantile(line->recorded, n, 0.9), modelled,
               travel_quantile(line->modelled, n, 0.9), recorded > 0 ? modelled / recorded : 0);
}

static int by_kind(const void *pa, const void *pb)
{
    const struct travel_sample *a = pa, *b = pb;
    int order = str_cmp(a->kind, b->kind);
    return order != 0 ? order : (a->hour > b->hour) - (a->hour < b->hour);
}

enum err travel_table_write(struct travel_sample *samples, size_t count, struct out *out)
{
    uint32_t *values = calloc(2 * count + 1, sizeof *values);
    if (values == NULL) {
        return ERR_LIMIT;
    }
    struct line line = {NULL, TRAVEL_HOURS, values, values + count};
    qsort(samples, count, sizeof *samples, by_kind);
    out_c(out, "  travel, seconds        n   rec p50  rec p90  mod p50  mod p90   ratio\n");
    line_write(samples, count, &line, STR("all"), out);
    uint32_t kinds = 0;
    bool is_good = true;
    for (size_t i = 0; i < count; i++) {
        is_good &= samples[i].hour < TRAVEL_HOURS;
        if (i > 0 && str_eq(samples[i].kind, samples[i - 1].kind)) {
            continue;
        }
        line.kind = &samples[i].kind;
        is_good &= ++kinds <= TRAVEL_MAX_KINDS;
        line_write(samples, count, &line, samples[i].kind, out);
    }
    line.kind = NULL;
    for (line.hour = 0; line.hour < TRAVEL_HOURS; line.hour++) {
        char label[16];
        (void)snprintf(label, sizeof label, "%02u:00-%02u:59", line.hour, line.hour);
        line_write(samples, count, &line, str_of(label), out);
    }
    free(values);
    return !is_good ? ERR_RANGE : out->err;
}

/* ------------------------------------------------------------------ by distance */

static int by_double(const void *pa, const void *pb)
{
    double a = *(const double *)pa, b = *(const double *)pb;
    return (a > b) - (a < b);
}

static double quantile_of(double *values, size_t count, double share)
{
    qsort(values, count, sizeof *values, by_double);
    double at = share * (double)(count - 1);
    size_t below = (size_t)at;
    if (below + 1 >= count) {
        return values[count - 1];
    }
    return values[below] + (at - (double)below) * (values[below + 1] - values[below]);
}

enum err travel_error_of(const struct travel_pair *pairs, size_t count, double from_m, double to_m,
                         struct travel_error *ret_error)
{
    struct travel_error error = {0};
    double *values = calloc(3 * count + 1, sizeof *values);
    double *recorded = values, *modelled = values + count, *sizes = values + 2 * count;
    if (values == NULL) {
        return ERR_LIMIT;
    }
    for (size_t i = 0; i < count; i++) {
        if (pairs[i].way_m < from_m || pairs[i].way_m >= to_m) {
            continue;
        }
        double off = pairs[i].modelled_s - pairs[i].recorded_s;
        recorded[error.count] = pairs[i].recorded_s;
        modelled[error.count] = pairs[i].modelled_s;
        sizes[error.count++] = fabs(off);
        error.bias += off;
        error.mae += fabs(off);
    }
    if (error.count > 0) {
        error.bias /= (double)error.count;
        error.mae /= (double)error.count;
        error.recorded_median = quantile_of(recorded, error.count, 0.5);
        error.modelled_median = quantile_of(modelled, error.count, 0.5);
        error.size_p90 = quantile_of(sizes, error.count, 0.9);
    }
    free(values);
    *ret_error = error;
    return OK;
}

enum err travel_bands_write(const struct travel_pair *pairs, size_t count, struct out *out)
{
    static const struct {
        double from_m, to_m;
        const char *label;
    } bands[] = {{0, 1000, "0-1 km"},
                 {1000, 2000, "1-2 km"},
                 {2000, 4000, "2-4 km"},
                 {4000, INFINITY, "4 km and more"},
                 {0, INFINITY, "all"}};
    out_c(out, "  way                    n   rec p50   mod p50      bias       mae       p90\n");
    for (size_t i = 0; i < sizeof bands / sizeof bands[0]; i++) {
        struct travel_error e;
        enum err err = travel_error_of(pairs, count, bands[i].from_m, bands[i].to_m, &e);
        if (err != OK) {
            return err;
        }
        if (e.count > 0) {
            out_printf(out, "  %-16s %7zu %9.0f %9.0f %+9.1f %9.1f %9.0f\n", bands[i].label,
                       e.count, e.recorded_median, e.modelled_median, e.bias, e.mae, e.size_p90);
        }
    }
    return out->err;
}
