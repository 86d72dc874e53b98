#include "plan/assign_priv.h"
#include <assert.h>

/* ------------------------------------------------------- the latest arrival */

struct matching {
    const struct assign *job;
    uint32_t limit;
    uint32_t *slot_of;   /* by unit */
    uint32_t *came_from; /* by unit: slot from which it was reached, ASSIGN_NOBODY = not yet */
    uint32_t *queue;     /* of slots */
};

static uint32_t cost_at(const struct assign *job, size_t slot, size_t unit)
{
    return job->costs[slot * job->unit_count + unit];
}

/* One augmenting path by breadth first search, so nothing recurses. */
static bool augment(struct matching *m, uint32_t *unit_of, uint32_t root)
{
    size_t head = 0, tail = 0;
    memset(m->came_from, 0xFF, m->job->unit_count * sizeof *m->came_from);
    m->queue[tail++] = root;
    while (head < tail) {
        uint32_t slot = m->queue[head++];
        for (uint32_t unit = 0; unit < m->job->unit_count; unit++) {
            if (cost_at(m->job, slot, unit) > m->limit || m->came_from[unit] != ASSIGN_NOBODY)
                continue;
            m->came_from[unit] = slot;
            if (m->slot_of[unit] != ASSIGN_NOBODY) {
                m->queue[tail++] = m->slot_of[unit];
                continue;
            }
            for (uint32_t at = unit, next; at != ASSIGN_NOBODY; at = next) {
                uint32_t by = m->came_from[at];
                next = unit_of[by];
                unit_of[by] = at;
                m->slot_of[at] = by;
            }
            return true;
        }
    }
    return false;
}

static size_t match_within(struct matching *m, uint32_t limit)
{
    uint32_t unit_of[ASSIGN_MAX_SLOTS];
    size_t count = 0;
    m->limit = limit;
    memset(unit_of, 0xFF, sizeof unit_of);
    memset(m->slot_of, 0xFF, m->job->unit_count * sizeof *m->slot_of);
    for (uint32_t slot = 0; slot < m->job->slot_count; slot++)
        count += augment(m, unit_of, slot);
    return count;
}

/* The least limit within which as many slots can be filled as without any. */
static enum err find_limit(const struct assign *job, struct arena *arena, uint32_t *ret_limit)
{
    struct matching m = {.job = job};
    m.slot_of = ARENA_NEW(arena, uint32_t, job->unit_count + 1);
    m.came_from = ARENA_NEW(arena, uint32_t, job->unit_count + 1);
    m.queue = ARENA_NEW(arena, uint32_t, job->slot_count + 1);
    if (!m.slot_of || !m.came_from || !m.queue)
        return ERR_LIMIT;
    size_t most = match_within(&m, ASSIGN_NEVER - 1);
    uint32_t low = 0, high = ASSIGN_NEVER - 1;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (match_within(&m, middle) == most)
            high = middle;
        else
            low = middle + 1;
    }
    *ret_limit = low;
    return OK;
}

/* ------------------------------------------------------- the least sum */

/* A cost is ms and, for ties, the unit's rank; 64 ranks stay below one millisecond. */
#define RANK_BITS 21
static_assert((uint64_t)ASSIGN_MAX_SLOTS * ASSIGN_MAX_UNITS < 1u << RANK_BITS,
              "ranks never outweigh ms");
#define NOBODY_COST ((int64_t)ASSIGN_NEVER * ASSIGN_MAX_SLOTS * 2 << RANK_BITS)

struct hungarian {
    const struct assign *job;
    uint32_t limit;
    size_t columns; /* units, then a "nobody" for each slot; column 0 is the method's root */
    int64_t *row_price, *column_price, *slack;
    uint32_t *row_at, *back; /* by column */
    bool *is_done;
};

static int64_t pair_cost(const struct hungarian *h, size_t row, size_t column)
{
    size_t unit = column - 1;
    if (unit >= h->job->unit_count)
        return NOBODY_COST;
    uint32_t ms = cost_at(h->job, row - 1, unit);
    return ms > h->limit ? NOBODY_COST + 1 : ((int64_t)ms << RANK_BITS) + (int64_t)unit;
}

/* Lowers the slacks from one row; returns the open column with the least. */
static size_t scan_row(struct hungarian *h, size_t column)
{
    size_t row = h->row_at[column], best = 0;
    for (size_t k = 1; k <= h->columns; k++) {
        if (h->is_done[k])
            continue;
        int64_t slack = pair_cost(h, row, k) - h->row_price[row] - h->column_price[k];
        if (slack < h->slack[k]) {
            h->slack[k] = slack;
            h->back[k] = (uint32_t)column;
        }
        if (best == 0 || h->slack[k] < h->slack[best])
            best = k;
    }
    return best;
}

static void add_row(struct hungarian *h, uint32_t row)
{
    size_t column = 0;
    h->row_at[0] = row;
    for (size_t k = 0; k <= h->columns; k++) {
        h->slack[k] = INT64_MAX;
        h->is_done[k] = false;
    }
    do {
        h->is_done[column] = true;
        size_t next = scan_row(h, column);
        int64_t step = h->slack[next];
        for (size_t k = 0; k <= h->columns; k++) {
            if (h->is_done[k]) {
                h->row_price[h->row_at[k]] += step;
                h->column_price[k] -= step;
            } else {
                h->slack[k] -= step;
            }
        }
        column = next;
    } while (h->row_at[column] != 0);
    while (column) {
        size_t before = h->back[column];
        h->row_at[column] = h->row_at[before];
        column = before;
    }
}

static enum err least_sum(struct assign *job, uint32_t limit, struct arena *arena)
{
    struct hungarian h = {.job = job, .limit = limit, .columns = job->unit_count + job->slot_count};
    h.row_price = ARENA_NEW(arena, int64_t, job->slot_count + 1);
    h.column_price = ARENA_NEW(arena, int64_t, h.columns + 1);
    h.slack = ARENA_NEW(arena, int64_t, h.columns + 1);
    h.row_at = ARENA_NEW(arena, uint32_t, h.columns + 1);
    h.back = ARENA_NEW(arena, uint32_t, h.columns + 1);
    h.is_done = ARENA_NEW(arena, bool, h.columns + 1);
    if (!h.row_price || !h.column_price || !h.slack || !h.row_at || !h.back || !h.is_done)
        return ERR_LIMIT;
    for (uint32_t row = 1; row <= job->slot_count; row++)
        add_row(&h, row);
    for (size_t slot = 0; slot < job->slot_count; slot++)
        job->unit_of[slot] = ASSIGN_NOBODY;
    for (size_t k = 1; k <= job->unit_count; k++) {
        if (h.row_at[k] && cost_at(job, h.row_at[k] - 1, k - 1) <= limit)
            job->unit_of[h.row_at[k] - 1] = (uint32_t)(k - 1);
    }
    return OK;
}

enum err assign_solve(struct assign *job, struct arena *arena)
{
    uint32_t limit;
    assert(job->slot_count <= ASSIGN_MAX_SLOTS && job->unit_count <= ASSIGN_MAX_UNITS);
    enum err err = find_limit(job, arena, &limit);
    return err ? err : least_sum(job, limit, arena);
}
