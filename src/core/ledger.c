/* ledger.c - the live ledger of cover. A status or a closure that is committed makes it due; it is
 * taken on a worker, one at a time, and its short form goes to the edge, where the newest wins.
 * What changes meanwhile makes the next one due at once, so that any number of changes cost one
 * ledger behind the other and never a queue.
 *
 * Limits. A unit counts from where it was until it has moved by LEDGER_MOVE_M; of those that did,
 * CORE_LEDGER_MOVES are taken over by one ledger, the others by the next, LEDGER_MOVE_US later: a
 * thousand that move all at once count anew within eight seconds. Without any change it is taken
 * every LEDGER_IDLE_US. */
#include "core/core_priv.h"

#define LEDGER_MOVE_M 50.0
#define LEDGER_MOVE_US (250 * INT64_C(1000))
#define LEDGER_IDLE_US (10 * US_PER_S)

void core_ledger_init(struct core *core)
{
    core->ledger_places = calloc(CORE_MAX_UNITS, sizeof *core->ledger_places);
    if (!core->ledger_places)
        abort();
    for (size_t i = 0; i < CORE_MAX_UNITS; i++)
        core->ledger_places[i] = PLACE_NONE;
    core->is_ledger_due = true;
}

void core_ledger_due(struct core *core)
{
    core->is_ledger_due = true;
}

struct place core_ledger_place(struct core *core, uint32_t number, struct place place,
                               uint32_t *io_moves)
{
    if (number >= CORE_MAX_UNITS)
        return place;
    struct place *kept = &core->ledger_places[number];
    const bool is_known = place_is_valid(*kept) && place_is_valid(place);
    if (is_known && place_distance_m(*kept, place) < LEDGER_MOVE_M)
        return *kept;
    if (is_known && *io_moves == 0) {
        core->ledger_due_us = 0;
        return *kept;
    }
    *io_moves -= is_known;
    *kept = place;
    return place;
}

/* Whether some unit on the map has moved far enough to count from elsewhere. */
static bool has_moved(const struct core *core)
{
    const uint32_t last = desk_last(core->desk, OBJECT_unit);
    for (uint32_t i = 1; i <= last && i < CORE_MAX_UNITS; i++) {
        if (core->places[i].at_us && place_is_valid(core->ledger_places[i]) &&
            place_distance_m(core->places[i].place, core->ledger_places[i]) >= LEDGER_MOVE_M)
            return true;
    }
    return false;
}

void core_ledger_run(struct core *core, int64_t now_us)
{
    if (!core->options.road || core->is_ledger_running)
        return;
    if (!core->is_ledger_due && now_us >= core->ledger_moved_us + LEDGER_MOVE_US) {
        core->ledger_moved_us = now_us;
        core->is_ledger_due = now_us >= core->ledger_due_us || has_moved(core);
    }
    if (!core->is_ledger_due)
        return;
    core->is_ledger_due = false;
    core->ledger_due_us = now_us + LEDGER_IDLE_US;
    core->is_ledger_running = true;       /* before it starts: a test's worker ends at once */
    if (!core_ask_ledger(core, now_us)) { /* no worker: tried again soon */
        core->is_ledger_running = false;
        core->ledger_due_us = 0;
        core->ledger_moved_us = now_us;
    }
}

void core_ledger_done(struct core *core, struct str json, struct str units)
{
    struct frame_cover frame = {.json = json, .units = units};
    core->is_ledger_running = false;
    if (json.len == 0)
        return;
    SET_HAS(frame_cover, &frame, json);
    SET_HAS(frame_cover, &frame, units);
    core->options.calls.latest(core->options.ctx, CORE_EDGE, FRAME_cover, &frame, 0);
}
