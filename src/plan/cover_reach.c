/* cover_reach.c - what is reached from where the units stand, kept from one count to the next.
 *
 * When the roads have changed, only what is near a changed street is searched again. A street whose
 * time differs from before counts as changed. A reach that held neither end of it and does not
 * stand on it cannot be concerned: any way to it would pass an end first, by streets that have not
 * changed. Which nodes a reach holds is kept as bits by hash; a false one costs a search and
 * nothing else. */
#include "plan/cover_priv.h"

#include "base/digest.h"
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------- what a unit reaches */

static uint64_t key_of(const struct cover_unit *unit)
{
    const uint32_t words[] = {(uint32_t)unit->place.lat_e7, (uint32_t)unit->place.lon_e7,
                              unit->profile, unit->start_delay_ms};
    return digest_u64(words, sizeof words);
}

static bool is_of(const struct cover_reach *reach, const struct cover_unit *unit)
{
    return place_eq(reach->place, unit->place) && reach->profile == unit->profile &&
           reach->start_delay_ms == unit->start_delay_ms;
}

static enum err new_slot(struct cover *c, uint32_t *ret_index)
{
    if (c->first_free != ROAD_NONE) {
        *ret_index = c->first_free;
        c->first_free = c->reaches[*ret_index].next_free;
        return OK;
    }
    if (c->reach_count == c->reach_cap) {
        const size_t cap = c->reach_cap ? 2 * c->reach_cap : 64;
        struct cover_reach *reaches = reallocarray(c->reaches, cap, sizeof *reaches);
        if (!reaches)
            return ERR_LIMIT;
        c->reaches = reaches;
        c->reach_cap = cap;
    }
    struct cover_reach *reach = &c->reaches[c->reach_count];
    *reach = (struct cover_reach){.near = calloc(COVER_NEAR_BITS / 64, sizeof(uint64_t))};
    if (!reach->near)
        return ERR_LIMIT;
    *ret_index = (uint32_t)c->reach_count++;
    return OK;
}

static void forget(struct cover *c, uint32_t index)
{
    struct cover_reach *reach = &c->reaches[index];
    (void)map_remove(&c->by_key, reach->key);
    reach->is_known = false;
    reach->count = 0;
    reach->place = PLACE_NONE;
    reach->next_free = c->first_free;
    c->first_free = index;
}

/* The reach of where the unit stands; of two whose digests are alike the second has the next key.
 */
static enum err reach_of(struct cover *c, const struct cover_unit *unit, uint32_t *ret_index)
{
    uint64_t key = key_of(unit);
    while (map_get(&c->by_key, key, ret_index)) {
        if (is_of(&c->reaches[*ret_index], unit))
            return OK;
        key++;
    }
    enum err err = new_slot(c, ret_index);
    if (err)
        return err;
    struct cover_reach *reach = &c->reaches[*ret_index];
    reach->place = unit->place;
    reach->profile = unit->profile;
    reach->start_delay_ms = unit->start_delay_ms;
    reach->is_known = false;
    reach->count = 0;
    reach->key = key;
    reach->idle_count = reach->busy_count = 0;
    err = map_put(&c->by_key, key, *ret_index);
    if (err)
        forget(c, *ret_index);
    return err;
}

void cover_reaches_done(struct cover *c)
{
    for (size_t i = 0; i < c->reach_count; i++) {
        free(c->reaches[i].held);
        free(c->reaches[i].near);
    }
    for (size_t i = 0; i < ROAD_MAX_PROFILES; i++) {
        free(c->changes[i].times);
        free(c->changes[i].edges);
    }
    free(c->reaches);
    free(c->taken);
    map_done(&c->by_unit);
    map_done(&c->by_key);
}

static enum err hold(const struct cover *c, struct cover_reach *reach, struct cover_held held)
{
    uint32_t *mark = &c->marks[held.point];
    if (*mark) {
        struct cover_held *known = &reach->held[*mark - 1];
        known->limit = held.limit < known->limit ? held.limit : known->limit;
        return OK;
    }
    if (reach->count == reach->cap) {
        const size_t cap = reach->cap ? 2 * reach->cap : 256;
        struct cover_held *list = reallocarray(reach->held, cap, sizeof *list);
        if (!list)
            return ERR_LIMIT;
        reach->held = list;
        reach->cap = cap;
    }
    reach->held[reach->count++] = held;
    *mark = (uint32_t)reach->count;
    return OK;
}

static uint32_t near_bit(uint32_t node)
{
    return (node * 0x9E3779B1u) >> 15;
}

static bool is_near(const struct cover_reach *reach, uint32_t node)
{
    return reach->near[near_bit(node) / 64] >> near_bit(node) % 64 & 1;
}

static void set_near(struct cover_reach *reach, uint32_t node)
{
    reach->near[near_bit(node) / 64] |= 1ull << near_bit(node) % 64;
}

static uint32_t limit_of(const struct cover *c, uint32_t ms)
{
    uint32_t limit = 0;
    while (ms > c->limits_ms[limit])
        limit++;
    return limit;
}

static enum err hold_nodes(const struct cover *c, struct cover_reach *reach,
                           const struct road_ball *ball)
{
    enum err err = OK;
    for (size_t i = 0; i < ball->count && !err; i++) {
        const uint32_t node = ball->at[i].node;
        set_near(reach, node);
        for (uint32_t k = c->node_first[node]; k < c->node_first[node + 1] && !err; k++)
            err =
                hold(c, reach, (struct cover_held){c->node_points[k], limit_of(c, ball->at[i].ms)});
    }
    return err;
}

static enum err search(const struct cover *c, const struct road_metric *metric,
                       struct road_scratch *scratch, struct cover_reach *reach)
{
    struct road_snap snap;
    struct road_ball ball = {0};
    struct road_reach found = {0};
    const struct road_marks marks = {c->edge_bits, c->edge_first, c->fracs};
    reach->edge = ROAD_NONE;
    memset(reach->near, 0, COVER_NEAR_BITS / 8);
    if (road_snap(c->road, reach->profile, reach->place, COVER_SNAP_M, &snap) != OK)
        return OK;
    reach->edge = snap.point.edge;
    set_near(reach, c->ends[2 * (size_t)reach->edge]);
    set_near(reach, c->ends[2 * (size_t)reach->edge + 1]);
    const struct road_source source = {snap.point, reach->start_delay_ms};
    const struct road_reach_query query = {.sources = {&source, 1},
                                           .limits = {c->limits_ms, c->limit_count},
                                           .marks = &marks,
                                           .ret_ball = &ball};
    enum err err = road_reach(metric, scratch, &query, &found);
    if (!err)
        err = hold_nodes(c, reach, &ball);
    for (size_t i = 0; i < found.marked_count && !err; i++)
        err = hold(c, reach, (struct cover_held){found.marked[i].mark, found.marked[i].limit});
    for (size_t i = 0; i < reach->count; i++)
        c->marks[reach->held[i].point] = 0;
    return err;
}

/* ------------------------------------------------------- what changes of the roads concern */

static void note_times(struct cover_changes *changes, const struct road_metric *metric,
                       uint32_t edge)
{
    changes->times[2 * (size_t)edge] = road_metric_arc_ms(metric, 2 * edge);
    changes->times[2 * (size_t)edge + 1] = road_metric_arc_ms(metric, 2 * edge + 1);
}

static bool has_other_times(const struct cover_changes *changes, const struct road_metric *metric,
                            uint32_t edge)
{
    return changes->times[2 * (size_t)edge] != road_metric_arc_ms(metric, 2 * edge) ||
           changes->times[2 * (size_t)edge + 1] != road_metric_arc_ms(metric, 2 * edge + 1);
}

static enum err note_change(struct cover_changes *changes, uint32_t edge)
{
    if (changes->count == changes->cap) {
        const size_t cap = changes->cap ? 2 * changes->cap : 256;
        uint32_t *edges = reallocarray(changes->edges, cap, sizeof *edges);
        if (!edges)
            return ERR_LIMIT;
        changes->edges = edges;
        changes->cap = cap;
    }
    changes->edges[changes->count++] = edge;
    return OK;
}

static bool is_concerned(const struct cover *c, const struct cover_reach *reach, uint32_t edge)
{
    return reach->edge == edge || is_near(reach, c->ends[2 * (size_t)edge]) ||
           is_near(reach, c->ends[2 * (size_t)edge + 1]);
}

/* What none of the changed streets concerns is as good as searched. */
static void spare(struct cover *c, uint32_t profile, uint32_t version)
{
    const struct cover_changes *changes = &c->changes[profile];
    for (size_t i = 0; i < c->reach_count; i++) {
        struct cover_reach *reach = &c->reaches[i];
        bool is_spared =
            reach->is_known && reach->profile == profile && reach->version == changes->version;
        for (size_t k = 0; k < changes->count && is_spared; k++)
            is_spared = !is_concerned(c, reach, changes->edges[k]);
        if (is_spared)
            reach->version = version;
    }
}

/* What has changed: streets whose times are others now, and those that a closure or a slow stretch
 * touches or touched, for it may have moved within one. Only the latter are kept for next time. */
static enum err follow(struct cover *c, const struct road_metric *metric)
{
    const uint32_t profile = road_metric_profile(metric), version = road_metric_version(metric);
    const uint32_t edges = road_info(c->road).edges;
    struct cover_changes *changes = &c->changes[profile];
    enum err err = OK;
    if (!changes->times)
        changes->times = calloc(2 * (size_t)edges + 1, sizeof *changes->times);
    if (!changes->times)
        return ERR_LIMIT;
    if (changes->version == version && changes->is_known)
        return OK;
    const size_t before = changes->count;
    size_t kept = 0;
    for (uint32_t edge = 0; edge < edges && !err; edge++) {
        if (road_metric_is_touched(metric, edge) || has_other_times(changes, metric, edge))
            err = note_change(changes, edge);
    }
    if (err) {
        changes->count = before;
        return err;
    }
    spare(c, profile, version);
    for (size_t i = before; i < changes->count; i++) {
        const uint32_t edge = changes->edges[i];
        note_times(changes, metric, edge);
        if (road_metric_is_touched(metric, edge))
            changes->edges[kept++] = edge;
    }
    changes->count = kept;
    changes->version = version;
    changes->is_known = true;
    return OK;
}

/* ------------------------------------------------------- who stands where */

static enum err take_unit(struct cover *c, const struct cover_now *now, size_t at)
{
    const struct cover_unit *unit = &now->units[at];
    struct cover_taken *taken = &c->taken[at];
    const bool is_mapped = unit->profile < road_info(c->road).profiles &&
                           now->metrics[unit->profile] && place_is_valid(unit->place);
    *taken = (struct cover_taken){ROAD_NONE, unit->is_idle};
    enum err err = map_put(&c->by_unit, unit->unit.v, (uint32_t)at);
    if (err || !is_mapped)
        return err;
    err = reach_of(c, unit, &taken->reach);
    if (err)
        return err;
    c->reaches[taken->reach].idle_count += unit->is_idle;
    c->reaches[taken->reach].busy_count += !unit->is_idle;
    return OK;
}

static enum err take_units(struct cover *c, const struct cover_now *now)
{
    struct cover_taken *taken = reallocarray(c->taken, now->unit_count + 1, sizeof *taken);
    if (!taken)
        return ERR_LIMIT;
    c->taken = taken;
    map_done(&c->by_unit);
    map_init(&c->by_unit, COVER_MAX_UNITS);
    for (size_t i = 0; i < c->reach_count; i++)
        c->reaches[i].idle_count = c->reaches[i].busy_count = 0;
    enum err err = OK;
    for (size_t i = 0; i < now->unit_count && !err; i++)
        err = take_unit(c, now, i);
    return err;
}

enum err cover_find(struct cover *c, const struct cover_now *now, struct road_scratch *scratch,
                    struct cover_ledger *ledger)
{
    enum err err = OK;
    for (uint32_t i = 0; i < road_info(c->road).profiles && !err; i++) {
        err = now->metrics[i] ? follow(c, now->metrics[i]) : OK;
        if (now->metrics[i])
            ledger->road_version = road_metric_version(now->metrics[i]);
    }
    if (!err)
        err = take_units(c, now);
    for (uint32_t i = 0; i < c->reach_count && !err; i++) {
        struct cover_reach *reach = &c->reaches[i];
        const bool is_free = !place_is_valid(reach->place);
        if (!is_free && reach->idle_count + reach->busy_count == 0)
            forget(c, i);
        if (is_free || reach->idle_count + reach->busy_count == 0)
            continue;
        const struct road_metric *metric = now->metrics[reach->profile];
        if (reach->is_known && reach->version == road_metric_version(metric))
            continue;
        reach->count = 0;
        reach->is_known = false;
        err = search(c, metric, scratch, reach);
        ledger->searched++;
        reach->version = road_metric_version(metric);
        reach->is_known = err == OK;
    }
    return err;
}
