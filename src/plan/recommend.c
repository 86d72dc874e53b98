#include "plan/recommend.h"
#include "plan/assign_priv.h"

static const char *const cause_keys[RECOMMEND_CAUSE_COUNT] = {
#define CAUSE_KEY(name, key) [name] = key,
    RECOMMEND_CAUSE_LIST(CAUSE_KEY)
#undef CAUSE_KEY
};

const char *recommend_cause_key(enum recommend_cause cause)
{
    return (unsigned)cause < RECOMMEND_CAUSE_COUNT ? cause_keys[cause] : "unknown";
}

struct candidate {
    const struct recommend_unit *unit;
    enum recommend_cause cause; /* RECOMMEND_OK: timed */
    uint32_t ms;
    bool is_picked;
};
struct weighing {
    const struct recommend_input *input;
    struct road_scratch *scratch;
    struct arena *arena;
    struct candidate *units; /* by unit id */
    struct recommend_slot *slots;
    size_t slot_count;
    bool has_road;        /* some way of getting to the place was found */
    bool is_place_closed; /* which lies inside a closure */
};

/* ------------------------------------------------------- who comes into question */

static enum recommend_cause state_of(const struct recommend_input *input,
                                     const struct recommend_unit *unit)
{
    switch (unit->readiness) {
    case READINESS_NONE:
    case READINESS_OFF_DUTY:
    case READINESS_COUNT:
        return RECOMMEND_OFF_DUTY;
    case READINESS_OUT_OF_SERVICE:
        return RECOMMEND_OUT_OF_SERVICE;
    case READINESS_COMMITTED:
        if (!input->may_preempt || unit->busy_with <= input->priority)
            return RECOMMEND_COMMITTED;
        break;
    case READINESS_AVAILABLE:
        break;
    }
    if (unit->is_barred)
        return RECOMMEND_BARRED;
    if (unit->is_reserved_duty && input->priority > PRIORITY_P1)
        return RECOMMEND_RESERVED_DUTY;
    if (place_eq(unit->place, PLACE_NONE))
        return RECOMMEND_NO_POSITION;
    const bool has_roads = unit->profile < input->metric_count && input->metrics[unit->profile];
    return unit->craft || has_roads ? RECOMMEND_OK : RECOMMEND_NO_MEDIUM;
}

static bool has(const struct recommend_unit *unit, uint32_t capability)
{
    return unit->capabilities >> capability & 1;
}

/* The capability with which the unit can fill the need, 64 = none. */
static uint32_t filling(const struct recommend_unit *unit, const struct recommend_need *need)
{
    if (has(unit, need->capability))
        return need->capability;
    for (uint32_t i = 0; i < need->substitute_count; i++) {
        if (has(unit, need->substitutes[i]))
            return need->substitutes[i];
    }
    return 64;
}

/* Whether any of the needs is for this unit. */
static enum recommend_cause fitness_of(const struct recommend_input *input,
                                       const struct recommend_unit *unit)
{
    enum recommend_cause cause = RECOMMEND_NO_CAPABILITY;
    for (size_t i = 0; i < input->need_count; i++) {
        if (filling(unit, &input->needs[i]) == 64)
            continue;
        if (unit->crew >= input->needs[i].min_crew)
            return RECOMMEND_OK;
        cause = RECOMMEND_CREW_TOO_SMALL;
    }
    return cause;
}

/* ------------------------------------------------------- when they arrive */

static enum err time_craft(struct weighing *w, struct candidate *c)
{
    const struct recommend_unit *unit = c->unit;
    struct fault fault = {0};
    struct media_way way = {0};
    const enum err err = media_path(w->input->media, unit->craft, unit->place, w->input->place,
                                    w->arena, &way, &fault);
    const uint64_t ms = (uint64_t)way.ms + unit->start_delay_ms;
    if (err == ERR_LIMIT)
        return err;
    w->has_road |= err != ERR_UNSUPPORTED;
    if (err == ERR_UNSUPPORTED)
        c->cause = RECOMMEND_NO_MEDIUM;
    else if (err == ERR_RANGE)
        c->cause =
            str_eq_c(str_of(fault.field), "from") ? RECOMMEND_START_BARRED : RECOMMEND_PLACE_BARRED;
    else if (err || ms >= ROAD_INF)
        c->cause = RECOMMEND_NO_WAY;
    else if (way.passage.is_beyond_endurance)
        c->cause = RECOMMEND_BEYOND_ENDURANCE;
    else
        c->ms = (uint32_t)ms;
    return OK;
}

/* Times all units of one profile by one reverse search from the place. */
static enum err time_profile(struct weighing *w, uint32_t profile, size_t count)
{
    const struct road_metric *metric = w->input->metrics[profile];
    const struct road *road = road_metric_road(metric);
    struct road_source *sources = ARENA_NEW(w->arena, struct road_source, count);
    struct candidate **who = ARENA_NEW(w->arena, struct candidate *, count);
    struct road_hits hits;
    struct road_snap to, from;
    size_t found = 0;
    if (!sources || !who)
        return ERR_LIMIT;
    bool has_road = road_snap(road, profile, w->input->place, RECOMMEND_SNAP_M, &to) == OK;
    w->has_road |= has_road;
    w->is_place_closed |= has_road && road_metric_is_closed(metric, to.point);
    for (size_t i = 0; i < w->input->unit_count; i++) {
        struct candidate *c = &w->units[i];
        if (c->cause || c->unit->craft || c->unit->profile != profile)
            continue;
        c->cause = RECOMMEND_NO_WAY;
        if (!has_road)
            continue;
        c->cause = RECOMMEND_OFF_ROAD;
        if (road_snap(road, profile, c->unit->place, RECOMMEND_SNAP_M, &from))
            continue;
        c->cause = RECOMMEND_NO_WAY;
        who[found] = c;
        sources[found++] = (struct road_source){from.point, c->unit->start_delay_ms};
    }
    if (found == 0)
        return OK;
    enum err err = road_nearest(metric, w->scratch, to.point, (struct road_sources){sources, found},
                                found, &hits);
    if (err)
        return err;
    for (size_t i = 0; i < hits.count; i++) {
        who[hits.at[i].source]->cause = RECOMMEND_OK;
        who[hits.at[i].source]->ms = hits.at[i].ms;
    }
    return OK;
}

static enum err time_all(struct weighing *w)
{
    size_t by_profile[ROAD_MAX_PROFILES] = {0}, timed = 0;
    for (size_t i = 0; i < w->input->unit_count; i++) {
        struct candidate *c = &w->units[i];
        if (c->cause)
            continue;
        timed++;
        if (!c->unit->craft)
            by_profile[c->unit->profile]++;
        else if (time_craft(w, c) != OK)
            return ERR_LIMIT;
    }
    for (uint32_t i = 0; i < ROAD_MAX_PROFILES; i++) {
        enum err err = by_profile[i] ? time_profile(w, i, by_profile[i]) : OK;
        if (err)
            return err;
    }
    return timed && !w->has_road ? ERR_NOT_FOUND : OK;
}

/* ------------------------------------------------------- slots */

/* Time at which the unit counts for the slot; ASSIGN_NEVER when it cannot fill it. */
static uint32_t cost_of(const struct weighing *w, const struct candidate *c, size_t slot)
{
    const struct recommend_need *need = &w->input->needs[w->slots[slot].need];
    uint32_t capability = filling(c->unit, need);
    if (c->cause || capability == 64 || c->unit->crew < need->min_crew)
        return ASSIGN_NEVER;
    uint64_t ms = c->ms;
    if (capability != need->capability)
        ms += w->input->substitute_penalty_ms;
    return ms < ASSIGN_NEVER ? (uint32_t)ms : ASSIGN_NEVER - 1;
}

static struct recommend_choice choice_of(const struct weighing *w, const struct candidate *c,
                                         size_t slot)
{
    const struct recommend_need *need = &w->input->needs[w->slots[slot].need];
    struct recommend_choice choice = {.unit = c->unit->unit, .ms = c->ms};
    choice.capability = filling(c->unit, need);
    choice.is_substitute = choice.capability != need->capability;
    choice.position_age_us = w->input->now_utc_us - c->unit->place_utc_us;
    if (choice.position_age_us < 0) /* the device's clock is ahead */
        choice.position_age_us = 0;
    choice.is_stale = w->input->max_age_us && choice.position_age_us > w->input->max_age_us;
    choice.is_preempted = c->unit->readiness == READINESS_COMMITTED;
    return choice;
}

/* Slots of one need are alike: the first gets the first to arrive. */
static int compare_slots(const void *a, const void *b)
{
    const struct recommend_slot *l = a, *r = b;
    if (l->need != r->need)
        return l->need < r->need ? -1 : 1;
    if ((l->pick.unit.v == 0) != (r->pick.unit.v == 0))
        return l->pick.unit.v ? -1 : 1;
    if (l->pick.ms != r->pick.ms)
        return l->pick.ms < r->pick.ms ? -1 : 1;
    return l->pick.unit.v < r->pick.unit.v ? -1 : l->pick.unit.v > r->pick.unit.v;
}

static enum err fill_slots(struct weighing *w, size_t *ret_picked)
{
    size_t count = w->input->unit_count;
    struct assign job = {.slot_count = w->slot_count, .unit_count = count};
    job.costs = ARENA_NEW(w->arena, uint32_t, w->slot_count * count);
    job.unit_of = ARENA_NEW(w->arena, uint32_t, w->slot_count);
    if ((count && !job.costs) || !job.unit_of)
        return ERR_LIMIT;
    for (size_t slot = 0; slot < w->slot_count; slot++) {
        for (size_t i = 0; i < count; i++)
            job.costs[slot * count + i] = cost_of(w, &w->units[i], slot);
    }
    enum err err = assign_solve(&job, w->arena);
    for (size_t slot = 0; slot < w->slot_count && !err; slot++) {
        if (job.unit_of[slot] == ASSIGN_NOBODY)
            continue;
        struct candidate *c = &w->units[job.unit_of[slot]];
        c->is_picked = true;
        w->slots[slot].pick = choice_of(w, c, slot);
        ++*ret_picked;
    }
    if (w->slot_count)
        qsort(w->slots, w->slot_count, sizeof *w->slots, compare_slots);
    for (size_t slot = 1; slot < w->slot_count; slot++) {
        bool is_same = w->slots[slot].need == w->slots[slot - 1].need;
        w->slots[slot].number = is_same ? w->slots[slot - 1].number + 1 : 0;
    }
    if (w->slot_count)
        w->slots[0].number = 0;
    return err;
}

static void find_runner_up(struct weighing *w, size_t slot)
{
    uint32_t best_ms = ASSIGN_NEVER;
    for (size_t i = 0; i < w->input->unit_count; i++) {
        uint32_t ms = w->units[i].is_picked ? ASSIGN_NEVER : cost_of(w, &w->units[i], slot);
        if (ms >= best_ms)
            continue;
        best_ms = ms;
        w->slots[slot].runner_up = choice_of(w, &w->units[i], slot);
    }
}

/* The commonest reason among the units that have the capability and were not picked; when all of
 * them were, that is the reason. */
static enum recommend_cause shortfall_of(const struct weighing *w, size_t slot)
{
    const struct recommend_need *need = &w->input->needs[w->slots[slot].need];
    size_t counts[RECOMMEND_CAUSE_COUNT] = {0};
    enum recommend_cause best = RECOMMEND_NO_CAPABILITY;
    bool is_taken = false;
    for (size_t i = 0; i < w->input->unit_count; i++) {
        const struct candidate *c = &w->units[i];
        if (filling(c->unit, need) == 64)
            continue;
        if (c->is_picked)
            is_taken = true;
        else if (c->cause)
            counts[c->cause]++;
        else
            counts[RECOMMEND_CREW_TOO_SMALL]++;
    }
    if (is_taken)
        best = RECOMMEND_TAKEN;
    for (unsigned i = 0; i < RECOMMEND_CAUSE_COUNT; i++) {
        if (counts[i] > counts[best])
            best = (enum recommend_cause)i;
    }
    return best;
}

/* ------------------------------------------------------- the whole */

static enum err check(const struct recommend_input *input, size_t *ret_slots)
{
    size_t slots = 0;
    if (input->unit_count > RECOMMEND_MAX_UNITS || input->need_count > RECOMMEND_MAX_NEEDS ||
        input->metric_count > ROAD_MAX_PROFILES)
        return ERR_RANGE;
    for (size_t i = 0; i < input->need_count; i++) {
        const struct recommend_need *need = &input->needs[i];
        if (need->capability > 63 || need->substitute_count > RECOMMEND_MAX_SUBSTITUTES ||
            need->count > RECOMMEND_MAX_SLOTS)
            return ERR_RANGE;
        for (uint32_t k = 0; k < need->substitute_count; k++) {
            if (need->substitutes[k] > 63)
                return ERR_RANGE;
        }
        slots += need->count;
    }
    *ret_slots = slots;
    return slots <= RECOMMEND_MAX_SLOTS ? OK : ERR_RANGE;
}

static int compare_candidates(const void *a, const void *b)
{
    uint32_t left = ((const struct candidate *)a)->unit->unit.v;
    uint32_t right = ((const struct candidate *)b)->unit->unit.v;
    return left < right ? -1 : left > right;
}

static enum err prepare(struct weighing *w)
{
    const struct recommend_input *input = w->input;
    w->units = ARENA_NEW(w->arena, struct candidate, input->unit_count + 1);
    w->slots = ARENA_NEW(w->arena, struct recommend_slot, w->slot_count + 1);
    if (!w->units || !w->slots)
        return ERR_LIMIT;
    for (size_t i = 0; i < input->unit_count; i++) {
        const struct recommend_unit *unit = &input->units[i];
        enum recommend_cause cause = state_of(input, unit);
        if (cause == RECOMMEND_OK)
            cause = fitness_of(input, unit);
        w->units[i] = (struct candidate){.unit = unit, .cause = cause};
    }
    qsort(w->units, input->unit_count, sizeof *w->units, compare_candidates);
    size_t slot = 0;
    for (uint32_t i = 0; i < input->need_count; i++) {
        for (uint32_t k = 0; k < input->needs[i].count; k++)
            w->slots[slot++] = (struct recommend_slot){.need = i, .number = k};
    }
    return OK;
}

static enum err list_left_out(const struct weighing *w, struct recommend_result *result)
{
    struct recommend_left_out *list =
        ARENA_NEW(w->arena, struct recommend_left_out, w->input->unit_count + 1);
    if (!list)
        return ERR_LIMIT;
    for (size_t i = 0; i < w->input->unit_count; i++) {
        const struct candidate *c = &w->units[i];
        if (c->cause)
            list[result->left_out_count++] = (struct recommend_left_out){c->unit->unit, c->cause};
    }
    result->left_out = list;
    return OK;
}

/* ------------------------------------------------------- what it costs */

static void tell_costs(const struct weighing *w, struct recommend_result *result)
{
    struct cover *cover = w->input->cover;
    struct unit_id picks[RECOMMEND_MAX_SLOTS];
    size_t count = 0;
    for (size_t i = 0; i < w->slot_count; i++) {
        struct recommend_slot *slot = &w->slots[i];
        cover_loss(cover, &slot->pick.unit, 1, slot->pick.lost);
        cover_loss(cover, &slot->runner_up.unit, 1, slot->runner_up.lost);
        if (slot->pick.unit.v)
            picks[count++] = slot->pick.unit;
    }
    cover_loss(cover, picks, count, result->lost);
}

static uint64_t digest_of_result(const struct recommend_input *input,
                                 const struct recommend_result *result, struct arena *arena)
{
    size_t count = 0;
    uint64_t *words = ARENA_NEW(
        arena, uint64_t, 3 + ROAD_MAX_LIMITS + (4 + 2 * ROAD_MAX_LIMITS) * result->slot_count);
    if (!words)
        return 0;
    words[count++] = (uint64_t)(uint32_t)input->place.lat_e7 << 32 | (uint32_t)input->place.lon_e7;
    words[count++] = (uint64_t)input->priority;
    words[count++] = result->road_version;
    for (size_t l = 0; l < ROAD_MAX_LIMITS; l++)
        words[count++] = result->lost[l];
    for (size_t i = 0; i < result->slot_count; i++) {
        const struct recommend_slot *slot = &result->slots[i];
        words[count++] = (uint64_t)slot->need << 32 | slot->number;
        words[count++] = (uint64_t)slot->pick.unit.v << 32 | slot->pick.ms;
        words[count++] = (uint64_t)slot->pick.capability << 32 | (uint32_t)slot->shortfall;
        words[count++] = (uint64_t)slot->runner_up.unit.v << 32 | slot->runner_up.ms;
        for (size_t l = 0; l < ROAD_MAX_LIMITS; l++) {
            words[count++] = slot->pick.lost[l];
            words[count++] = slot->runner_up.lost[l];
        }
    }
    return digest_u64(words, count * sizeof *words);
}

enum err recommend(const struct recommend_input *input, struct road_scratch *scratch,
                   struct arena *arena, struct recommend_result *ret_result)
{
    struct weighing w = {.input = input, .scratch = scratch, .arena = arena};
    struct recommend_result result = {0};
    enum err err = check(input, &w.slot_count);
    if (!err)
        err = prepare(&w);
    if (!err)
        err = time_all(&w);
    if (!err)
        err = fill_slots(&w, &result.picked_count);
    if (!err)
        err = list_left_out(&w, &result);
    if (err)
        return err;
    for (size_t i = 0; i < w.slot_count; i++) {
        find_runner_up(&w, i);
        if (w.slots[i].pick.unit.v == 0)
            w.slots[i].shortfall = shortfall_of(&w, i);
        else if (w.slots[i].pick.ms > result.latest_ms)
            result.latest_ms = w.slots[i].pick.ms;
    }
    if (input->cover)
        tell_costs(&w, &result);
    for (size_t i = 0; i < input->metric_count && !result.road_version; i++) {
        if (input->metrics[i])
            result.road_version = road_metric_version(input->metrics[i]);
    }
    result.slots = w.slots;
    result.slot_count = w.slot_count;
    result.is_place_closed = w.is_place_closed;
    result.digest = digest_of_result(input, &result, arena);
    if (result.digest == 0)
        return ERR_LIMIT;
    *ret_result = result;
    return OK;
}
