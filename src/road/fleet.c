#include "road/fleet_priv.h"
#include "road/query_priv.h"

struct fleet_unit {
    struct road_source source;
    uint32_t version; /* of the metric by which it climbed */
    uint32_t rows;    /* 0 to 2: it may leave its street at either end */
};
struct rows { /* in one piece of memory */
    struct fleet_row *at;
    void *memory;
    size_t count;
};
struct road_fleet {
    const struct road *road;
    uint32_t profile, max_units;
    struct fleet_unit *units;
    uint64_t *present;   /* bit by unit */
    struct rows rows;    /* one a unit, then a second one a unit */
    struct rows targets; /* of the place that asks */
    struct vec starts;   /* struct climb_start */
    fleet_meet_fn *meet;
};

static void rows_done(struct rows *rows)
{
    free(rows->at);
    free(rows->memory);
    *rows = (struct rows){0};
}

static enum err rows_init(struct rows *rows, const struct climb *climb, size_t count)
{
    rows_done(rows);
    rows->at = calloc(count, sizeof *rows->at);
    rows->memory = aligned_alloc(64, count * fleet_row_bytes(climb));
    for (size_t i = 0; i < count && rows->at && rows->memory; i++)
        rows->at[i] = fleet_row_at(climb, rows->memory, i);
    rows->count = rows->at && rows->memory ? count : 0;
    return rows->count ? OK : ERR_LIMIT;
}

enum err road_fleet_new(const struct road *road, uint32_t profile, uint32_t max_units,
                        struct road_fleet **ret_fleet)
{
    assert(profile < road->profile_count);
    struct road_fleet *fleet = calloc(1, sizeof *fleet);
    if (!fleet || max_units == 0 || max_units > ROAD_MAX_FLEET) {
        free(fleet);
        return ERR_LIMIT;
    }
    fleet->road = road;
    fleet->profile = profile;
    fleet->max_units = max_units;
    fleet->meet = fleet_meet_choose();
    fleet->units = calloc(max_units, sizeof *fleet->units);
    fleet->present = calloc(max_units / 64 + 1, sizeof *fleet->present);
    if (!fleet->units || !fleet->present ||
        rows_init(&fleet->rows, &road->climb, 2 * (size_t)max_units)) {
        road_fleet_free(fleet);
        return ERR_LIMIT;
    }
    *ret_fleet = fleet;
    return OK;
}

void road_fleet_free(struct road_fleet *fleet)
{
    if (!fleet)
        return;
    free(fleet->units);
    free(fleet->present);
    rows_done(&fleet->rows);
    rows_done(&fleet->targets);
    vec_done(&fleet->starts);
    free(fleet);
}

/* Climbs from where the unit stands. */
static enum err label_unit(struct road_fleet *fleet, const struct road_metric *metric,
                           uint32_t unit)
{
    struct fleet_unit *at = &fleet->units[unit];
    fleet->starts.count = 0;
    at->rows = 0;
    enum err err = query_starts(metric, at->source, CLIMB_OUT, &fleet->starts);
    if (err)
        return err;
    struct climb_start *start = fleet->starts.p, *end = start + fleet->starts.count;
    for (size_t n; start < end; start += n) {
        struct fleet_row *row = &fleet->rows.at[unit + (size_t)at->rows++ * fleet->max_units];
        n = climb_first_chain(&fleet->road->climb, start, (size_t)(end - start));
        fleet_row_climb(row, &fleet->road->climb, metric->cch, CLIMB_OUT,
                        (struct climb_chain){start, n});
    }
    at->version = metric->version;
    return OK;
}

enum err road_fleet_put(struct road_fleet *fleet, const struct road_metric *metric, uint32_t unit,
                        struct road_source source)
{
    if (unit >= fleet->max_units)
        return ERR_RANGE;
    assert(metric->road == fleet->road && metric->profile == fleet->profile);
    fleet->units[unit].source = source;
    fleet->present[unit / 64] |= 1ull << unit % 64;
    return label_unit(fleet, metric, unit);
}

void road_fleet_remove(struct road_fleet *fleet, uint32_t unit)
{
    if (unit < fleet->max_units)
        fleet->present[unit / 64] &= ~(1ull << unit % 64);
}

/* ------------------------------------------------------- nearest */

/* Rows of the place that asks, one for each path that leads to it. */
static enum err label_target(struct road_fleet *fleet, const struct road_metric *metric,
                             struct road_point to, size_t *ret_count)
{
    const struct climb *climb = &fleet->road->climb;
    size_t count = 0;
    fleet->starts.count = 0;
    enum err err =
        query_starts(metric, (struct road_source){.point = to}, CLIMB_IN, &fleet->starts);
    if (!err && fleet->starts.count > fleet->targets.count)
        err = rows_init(&fleet->targets, climb, 2 * fleet->starts.count);
    if (err)
        return err;
    struct climb_start *start = fleet->starts.p, *end = start + fleet->starts.count;
    for (size_t n; start < end; start += n) {
        n = climb_first_chain(climb, start, (size_t)(end - start));
        fleet_row_climb(&fleet->targets.at[count++], climb, metric->cch, CLIMB_IN,
                        (struct climb_chain){start, n});
    }
    *ret_count = count;
    return OK;
}

/* When a unit arrives, if that is before `bound`; else `bound`. */
static uint32_t arrival_ms(const struct road_fleet *fleet, const struct road_metric *metric,
                           uint32_t unit, struct road_point to, size_t targets, uint32_t bound)
{
    const struct fleet_unit *at = &fleet->units[unit];
    uint32_t best = bound, slots = fleet->road->climb.slots;
    if (at->source.point.edge == to.edge && at->source.delay_ms < ROAD_INF)
        best = query_sum(query_straight_ms(metric, at->source.point, to), at->source.delay_ms);
    best = best < bound ? best : bound;
    for (uint32_t i = 0; i < at->rows; i++) { /* their labels begin with the delay */
        const struct fleet_row *row = &fleet->rows.at[unit + (size_t)i * fleet->max_units];
        for (size_t k = 0; k < targets; k++)
            best = fleet->meet(row, &fleet->targets.at[k], slots, best);
    }
    return best;
}

/* Keeps the k first, units come in ascending order; returns the time that the next has to beat. */
static uint32_t keep(struct vec *hits, size_t k, struct road_hit hit)
{
    struct road_hit *at = hits->p;
    size_t i = hits->count < k ? hits->count++ : k - 1;
    for (; i > 0 && at[i - 1].ms > hit.ms; i--)
        at[i] = at[i - 1];
    at[i] = hit;
    return hits->count < k ? ROAD_INF : at[k - 1].ms;
}

enum err road_fleet_nearest(struct road_fleet *fleet, const struct road_metric *metric,
                            struct road_scratch *scratch, const struct road_fleet_query *query,
                            struct road_hits *ret_hits)
{
    size_t targets = 0, k = query->k < fleet->max_units ? query->k : fleet->max_units;
    uint32_t bound = ROAD_INF;
    assert(metric->road == fleet->road && metric->profile == fleet->profile);
    scratch->hits.count = 0;
    if (vec_room(&scratch->hits, k + 1, sizeof(struct road_hit)))
        return ERR_LIMIT;
    enum err err = label_target(fleet, metric, query->to, &targets);
    for (uint32_t word = 0; word <= fleet->max_units / 64 && k > 0 && !err; word++) {
        for (uint64_t bits = fleet->present[word]; bits && !err; bits &= bits - 1) {
            uint32_t unit = word * 64 + (uint32_t)__builtin_ctzll(bits);
            if (fleet->units[unit].version != metric->version)
                err = label_unit(fleet, metric, unit);
            uint32_t ms = arrival_ms(fleet, metric, unit, query->to, targets, bound);
            if (!err && ms < bound && (!query->may || query->may(query->user, unit)))
                bound = keep(&scratch->hits, k, (struct road_hit){unit, ms});
        }
    }
    if (!err)
        *ret_hits = (struct road_hits){scratch->hits.p, scratch->hits.count};
    return err;
}
