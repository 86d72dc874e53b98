#include "job/travel_table.h"
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
