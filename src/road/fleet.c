#include "road/fleet_priv.h"
#include "road/query_priv.h"
#include <string.h>

struct road_fleet {
    const struct road *road;
    uint32_t profile, max_units;
    uint32_t version; /* of the metric by which all have climbed */
    bool is_current;  /* false: some have not */
    struct road_source *units;
    uint64_t *present;      /* bit by unit */
    uint64_t *climbed;      /* bit by column that holds a row of a unit */
    struct fleet_rows rows; /* one a unit, then a second: it may leave its street at either end */
    uint32_t *edge, *delay; /* by unit: its street; looked at as a block is */
    uint32_t *arrival;      /* by unit, while somebody asks: the best so far; 0 = it may not */
    struct fleet_asker asker;
    struct fleet_kernels kernels;
    struct vec starts; /* struct climb_start */
};

/* Columns of the first rows. */
static size_t columns_of(uint32_t units)
{
    return (units + (size_t)FLEET_LOOK - 1) / FLEET_LOOK * FLEET_LOOK;
}

static enum err take_memory(struct road_fleet *fleet)
{
    size_t columns = columns_of(fleet->max_units);
    fleet->units = calloc(fleet->max_units, sizeof *fleet->units);
    fleet->present = calloc(columns / 64, sizeof *fleet->present);
    fleet->climbed = calloc(2 * columns / 64, sizeof *fleet->climbed);
    fleet->edge = aligned_alloc(64, columns * sizeof *fleet->edge);
    fleet->delay = aligned_alloc(64, columns * sizeof *fleet->delay);
    fleet->arrival = malloc(columns * sizeof *fleet->arrival);
    if (!fleet->units || !fleet->present || !fleet->climbed || !fleet->edge || !fleet->delay ||
        !fleet->arrival || vec_room(&fleet->starts, 1, sizeof(struct climb_start)) ||
        fleet_asker_init(&fleet->asker, &fleet->road->climb))
        return ERR_LIMIT;
    memset(fleet->edge, 0xff, columns * sizeof *fleet->edge);
    memset(fleet->delay, 0xff, columns * sizeof *fleet->delay);
    return fleet_rows_init(&fleet->rows, &fleet->road->climb, 2 * columns);
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
    fleet->kernels = fleet_kernels_choose();
    if (take_memory(fleet)) {
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
    free(fleet->climbed);
    free(fleet->edge);
    free(fleet->delay);
    free(fleet->arrival);
    free(fleet->asker.labels);
    free(fleet->asker.path);
    fleet_rows_done(&fleet->rows);
    vec_done(&fleet->starts);
    free(fleet);
}

/* ------------------------------------------------------- units */

static void set_bit(uint64_t *bits, size_t at, bool is_set)
{
    bits[at / 64] = (bits[at / 64] & ~(1ull << at % 64)) | (uint64_t)is_set << at % 64;
}

/* Climbs from where the unit stands. */
static enum err climb_unit(struct road_fleet *fleet, const struct road_metric *metric,
                           uint32_t unit)
{
    size_t rows = 0, second = columns_of(fleet->max_units);
    fleet->starts.count = 0;
    enum err err = query_starts(metric, fleet->units[unit], CLIMB_OUT, &fleet->starts);
    struct climb_start *start = fleet->starts.p, *end = start + fleet->starts.count;
    for (size_t n; start < end && !err; start += n) {
        n = climb_first_chain(&fleet->road->climb, start, (size_t)(end - start));
        assert(rows < 2); /* the ends of one street */
        fleet_rows_climb(&fleet->rows, unit + rows++ * second, metric->cch,
                         (struct climb_chain){start, n});
    }
    set_bit(fleet->climbed, unit, rows > 0);
    set_bit(fleet->climbed, unit + second, rows > 1);
    return err;
}

/* All units by this metric. */
static enum err follow(struct road_fleet *fleet, const struct road_metric *metric)
{
    enum err err = OK;
    assert(metric->road == fleet->road && metric->profile == fleet->profile);
    if (fleet->is_current && fleet->version == metric->version)
        return OK;
    fleet->is_current = false;
    for (uint32_t word = 0; word <= (fleet->max_units - 1) / 64; word++) {
        for (uint64_t bits = fleet->present[word]; bits && !err; bits &= bits - 1)
            err = climb_unit(fleet, metric, word * 64 + (uint32_t)__builtin_ctzll(bits));
    }
    fleet->is_current = err == OK;
    fleet->version = metric->version;
    return err;
}

enum err road_fleet_put(struct road_fleet *fleet, const struct road_metric *metric, uint32_t unit,
                        struct road_source source)
{
    if (unit >= fleet->max_units)
        return ERR_RANGE;
    enum err err = follow(fleet, metric);
    fleet->units[unit] = source;
    fleet->edge[unit] = source.point.edge;
    fleet->delay[unit] = source.delay_ms < ROAD_INF ? source.delay_ms : ROAD_INF;
    set_bit(fleet->present, unit, true);
    if (!err)
        err = climb_unit(fleet, metric, unit);
    fleet->is_current = err == OK;
    return err;
}

void road_fleet_remove(struct road_fleet *fleet, uint32_t unit)
{
    if (unit >= fleet->max_units)
        return;
    set_bit(fleet->present, unit, false);
    set_bit(fleet->climbed, unit, false);
    set_bit(fleet->climbed, unit + columns_of(fleet->max_units), false);
}

/* ------------------------------------------------------- nearest */

struct search {
    struct road_fleet *fleet;
    const struct road_metric *metric;
    const struct road_fleet_query *query;
    struct road_hit *hits; /* the first k that are known, by time, then unit */
    size_t count, k;
    uint32_t bound; /* what is later does not matter; at least one less than ROAD_INF */
};

static bool is_before(struct road_hit a, struct road_hit b)
{
    return a.ms != b.ms ? a.ms < b.ms : a.source < b.source;
}

/* Where a hit stands, or would. */
static size_t place_of(const struct search *s, struct road_hit hit)
{
    size_t low = 0, high = s->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (is_before(s->hits[middle], hit))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* A unit arrives in that time, if not earlier. */
static void offer(struct search *s, uint32_t unit, uint32_t ms)
{
    uint32_t *known = &s->fleet->arrival[unit];
    const struct road_hit hit = {unit, ms}, old = {unit, *known};
    if (ms > s->bound || ms >= *known)
        return;
    size_t from = place_of(s, hit), until = *known < ROAD_INF ? place_of(s, old) : s->count;
    if (until == s->count) { /* it is not among the hits, or was pushed out */
        if (from == s->k)
            return; /* as late as the last one, and of a higher number */
        if (s->query->may && !s->query->may(s->query->user, unit)) {
            *known = 0;
            return;
        }
        until = s->count < s->k ? s->count++ : s->k - 1;
    }
    memmove(s->hits + from + 1, s->hits + from, (until - from) * sizeof *s->hits);
    s->hits[from] = hit;
    *known = ms;
    if (s->count == s->k)
        s->bound = s->hits[s->k - 1].ms;
}

/* Those that stand on the street of the place that asks. */
static void offer_street(struct search *s)
{
    const struct road_fleet *fleet = s->fleet;
    for (size_t at = 0; at < columns_of(fleet->max_units); at += FLEET_LOOK) {
        uint64_t bits = fleet->present[at / FLEET_LOOK];
        if (bits)
            bits &= fleet->kernels.look(fleet->delay + at, fleet->edge + at, s->query->to.edge, 0,
                                        s->bound);
        for (; bits; bits &= bits - 1) {
            uint32_t unit = (uint32_t)(at + (size_t)__builtin_ctzll(bits));
            uint32_t ms = query_straight_ms(s->metric, fleet->units[unit].point, s->query->to);
            offer(s, unit, query_sum(ms, fleet->delay[unit]));
        }
    }
}

/* Those whose path is one with the asker's at the top of a block. */
static void offer_block(struct search *s, const struct fleet_block *block)
{
    const struct fleet_rows *rows = &s->fleet->rows;
    const size_t first = block->index * rows->columns, half = rows->columns / 2;
    const size_t slot = (size_t)block->index * CLIMB_BLOCK, slots = rows->climb->slots;
    for (size_t at = 0; at < rows->columns; at += FLEET_LOOK) {
        uint64_t bits = s->fleet->climbed[at / FLEET_LOOK];
        if (bits)
            bits &= s->fleet->kernels.look(rows->low + first + at, rows->top + first + at,
                                           block->top, block->low, s->bound);
        for (; bits; bits &= bits - 1) {
            size_t column = at + (size_t)__builtin_ctzll(bits);
            const struct fleet_side side = {rows->labels + column * slots + slot,
                                            rows->path + column * slots + slot};
            offer(s, (uint32_t)(column < half ? column : column - half),
                  s->fleet->kernels.meet(side, block->side));
        }
    }
}

static enum err ask(struct search *s)
{
    struct road_fleet *fleet = s->fleet;
    const struct climb *climb = &fleet->road->climb;
    const struct road_source target = {.point = s->query->to};
    fleet->starts.count = 0;
    enum err err = query_starts(s->metric, target, CLIMB_IN, &fleet->starts);
    if (err)
        return err;
    for (uint32_t i = 0; i < fleet->max_units; i++)
        fleet->arrival[i] = ROAD_INF;
    offer_street(s);
    struct climb_start *start = fleet->starts.p, *end = start + fleet->starts.count;
    for (size_t n; start < end; start += n) {
        struct fleet_block block;
        n = climb_first_chain(climb, start, (size_t)(end - start));
        fleet_asker_begin(&fleet->asker, s->metric->cch, (struct climb_chain){start, n});
        while (fleet_asker_climb(&fleet->asker, s->bound, &block)) {
            if (block.low <= s->bound)
                offer_block(s, &block);
        }
    }
    return OK;
}

enum err road_fleet_nearest(struct road_fleet *fleet, const struct road_metric *metric,
                            struct road_scratch *scratch, const struct road_fleet_query *query,
                            struct road_hits *ret_hits)
{
    struct search s = {.fleet = fleet, .metric = metric, .query = query, .bound = ROAD_INF - 1};
    s.k = query->k < fleet->max_units ? query->k : fleet->max_units;
    scratch->hits.count = 0;
    enum err err = vec_room(&scratch->hits, s.k + 1, sizeof(struct road_hit));
    if (!err)
        err = follow(fleet, metric);
    s.hits = scratch->hits.p;
    if (!err && s.k > 0)
        err = ask(&s);
    if (!err)
        *ret_hits = (struct road_hits){s.hits, s.count};
    return err;
}
