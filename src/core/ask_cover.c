/* ask_cover.c - the ledger of cover: demand that idle units reach in time, per area and in all, and
 * what each unit is worth; the whole to who asks, a short form for everybody. Demand is where calls
 * came from: the latest rows of the store, gathered in cells of about 100 m, read anew every hour.
 */
#include "core/ask.h"
#include "store/reader.h"

#define DEMAND_ROWS 300000u /* the latest rows looked at */
#define DEMAND_CELL_E7 10000
#define DEMAND_MAX_CELLS 100000u
#define DEMAND_KEEP_US US_PER_HOUR
#define DEMAND_RETRY_US (10 * US_PER_S) /* while there is none */
#define LEDGER_SHOWN 16                 /* areas, idle units, busy units of its short form */
#define LEDGER_LINE_BYTES 1024

enum err ask_prepare_cover(struct core *core, struct ask *ask)
{
    uint32_t pos = 0, number, moves = CORE_LEDGER_MOVES;
    const uint32_t cap = desk_count(core->desk, OBJECT_unit);
    ask->profile = road_profile(ask->road, "response");
    ask->units = ARENA_NEW(&ask->arena, struct cover_unit, cap + 1);
    ask->unit_names = ARENA_NEW(&ask->arena, struct ask_unit, cap + 1);
    if (!ask->units || !ask->unit_names)
        return ERR_LIMIT;
    while ((number = desk_next(core->desk, OBJECT_unit, &pos)) != 0 && ask->unit_count < cap) {
        const struct unit_object *unit = desk_unit(core->desk, (struct unit_id){number});
        const bool is_idle = unit->readiness == READINESS_AVAILABLE && !unit->is_no_dispatch;
        int64_t at_us;
        if (!is_idle && unit->readiness != READINESS_COMMITTED)
            continue;
        const struct place place = core_place_of_unit(core, number, unit, &at_us);
        ask->units[ask->unit_count] =
            (struct cover_unit){.unit = {number},
                                .place = core_ledger_place(core, number, place, &moves),
                                .profile = road_profile(ask->road, unit->profile),
                                .is_idle = is_idle};
        (void)str_copy(str_of(unit->callsign), ask->unit_names[ask->unit_count].callsign,
                       sizeof ask->unit_names->callsign);
        ask->unit_names[ask->unit_count].body = unit->body;
        ask->unit_names[ask->unit_count].is_hidden = !ask_sees_unit(core, ask, number);
        ask->unit_count++;
    }
    return ask->profile == ROAD_NONE ? ERR_UNSUPPORTED : OK;
}

/* ------------------------------------------------------- demand */

struct gathering {
    struct cover_demand *cells;
    uint32_t count;
    uint64_t calls;
    struct map by_cell;
};

static enum err gather(void *ctx, const struct reader_row *row)
{
    struct gathering *g = ctx;
    const struct incident_object *incident = row->object;
    uint32_t index;
    if (row->kind != OBJECT_incident || incident->is_exercise || incident->stage == INCIDENT_MERGED)
        return OK;
    const struct place place = incident_place(incident);
    if (!place_is_valid(place))
        return OK;
    const uint64_t key = (uint64_t)(uint32_t)(place.lat_e7 / DEMAND_CELL_E7) << 32 |
                         (uint32_t)(place.lon_e7 / DEMAND_CELL_E7);
    if (!map_get(&g->by_cell, key, &index)) {
        if (g->count == DEMAND_MAX_CELLS)
            return OK;
        index = g->count++;
        g->cells[index] = (struct cover_demand){place, incident->area.v, 0};
        const enum err err = map_put(&g->by_cell, key, index);
        if (err)
            return err;
    }
    g->cells[index].weight++;
    g->calls++;
    return OK;
}

static enum err read_demand(struct ask *ask, struct gathering *g)
{
    struct reader *reader = NULL;
    uint64_t last = 0;
    if (!ask->store_dir)
        return OK;
    enum err err = reader_open(ask->store_dir, &reader, NULL);
    if (!err)
        err = reader_last_seq(reader, &last);
    if (!err)
        err = reader_rows_after(reader, last > DEMAND_ROWS ? last - DEMAND_ROWS : 0, last,
                                DEMAND_ROWS, gather, g);
    reader_close(reader);
    return err;
}

/* Past calls, or the people of the cells that the folder has. */
static enum err make_demand(struct ask *ask, struct gathering *g, struct cover **ret_cover)
{
    static const uint32_t limits_ms[] = {60000, 180000, 300000};
    const struct road_limits limits = {limits_ms, 3};
    if (ask->cells) {
        g->count = (uint32_t)ask->cell_count;
        return cover_new(ask->road, ask->profile, ask->cells, ask->cell_count, limits, ret_cover);
    }
    g->cells = calloc(DEMAND_MAX_CELLS, sizeof *g->cells);
    map_init(&g->by_cell, DEMAND_MAX_CELLS);
    enum err err = g->cells ? read_demand(ask, g) : ERR_LIMIT;
    if (!err)
        err = cover_new(ask->road, ask->profile, g->cells, g->count, limits, ret_cover);
    map_done(&g->by_cell);
    free(g->cells);
    return err;
}

/* Another cover with the demand as it is now and everything searched. Without the lock. */
static enum err make_cover(struct ask *ask, struct road_scratch *scratch, struct gathering *g,
                           struct cover **ret_cover)
{
    const struct cover_now now = {ask->units, ask->unit_count, ask->metrics};
    struct cover_ledger ledger;
    struct cover *cover = NULL;
    enum err err = make_demand(ask, g, &cover);
    if (!err)
        err = cover_take(cover, &now, scratch, &ask->arena, &ledger);
    if (err)
        cover_free(cover);
    else
        *ret_cover = cover;
    return err;
}

/* With the lock held. Where there is a cover, only one makes the next, and the others take that
 * which is there; where there is none, they wait. */
static enum err keep_cover(struct ask *ask, struct road_scratch *scratch)
{
    struct ask_shared *shared = ask->shared;
    while (shared->is_making && !shared->cover)
        (void)pthread_cond_wait(&shared->is_made, &shared->lock);
    const int64_t keep_us = ask->cells      ? INT64_MAX
                            : shared->calls ? DEMAND_KEEP_US
                                            : DEMAND_RETRY_US;
    if (shared->is_making || (shared->cover && ask->now_us - shared->cover_us <= keep_us))
        return OK;
    struct gathering g = {0};
    struct cover *cover = NULL, *old = NULL;
    shared->is_making = true;
    (void)pthread_mutex_unlock(&shared->lock);
    const enum err err = make_cover(ask, scratch, &g, &cover);
    (void)pthread_mutex_lock(&shared->lock);
    shared->is_making = false;
    if (!err) {
        old = shared->cover;
        shared->cover = cover;
        shared->cover_us = ask->now_us;
        shared->calls = g.calls;
        shared->cells = g.count;
    }
    (void)pthread_cond_broadcast(&shared->is_made);
    cover_free(old);
    return shared->cover ? OK : err;
}

enum err ask_take_cover(struct ask *ask, struct road_scratch *scratch,
                        struct cover_ledger *ret_ledger)
{
    const struct cover_now now = {ask->units, ask->unit_count, ask->metrics};
    return cover_take(ask->shared->cover, &now, scratch, &ask->arena, ret_ledger);
}

/* ------------------------------------------------------- the answer */

void ask_write_sums(struct json_out *j, const char *key, const uint64_t *sums)
{
    json_key(j, key);
    json_arr(j);
    for (int i = 0; i < 3; i++)
        json_u64(j, sums[i]);
    json_arr_end(j);
}

void ask_write_cover(const struct ask *ask, const struct cover_ledger *ledger, struct json_out *j)
{
    static const uint64_t limits_s[3] = {60, 180, 300};
    ask_write_sums(j, "limits_s", limits_s);
    json_kc(j, "source", ask->cells ? "cells" : "calls");
    json_ku64(j, "calls", ask->shared->calls);
    json_ku64(j, "cells", ask->shared->cells);
    json_ku64(j, "demand", ledger->all.weight);
    json_ku64(j, "off_road", ledger->off_road);
    ask_write_sums(j, "reached", ledger->all.reached);
}

static void write_area(const struct ask *ask, const struct cover_area *area, struct json_out *j)
{
    char id[ID_TEXT_CAP];
    json_obj(j);
    if (area->area) {
        id_text(OBJECT_area, ask->realm, area->area, id);
        json_kc(j, "area", id);
    }
    json_ku64(j, "demand", area->sums.weight);
    ask_write_sums(j, "reached", area->sums.reached);
    json_obj_end(j);
}

struct entry { /* of a list, with what it is sorted by; heaviest first */
    uint64_t weight;
    uint32_t at;
};

static int compare_entries(const void *a, const void *b)
{
    const struct entry *l = a, *r = b;
    if (l->weight != r->weight)
        return l->weight > r->weight ? -1 : 1;
    return l->at < r->at ? -1 : 1;
}

/* All areas; in the short form those with most demand that is not reached. */
static enum err write_areas(struct ask *ask, const struct cover_ledger *ledger, struct json_out *j)
{
    struct entry *entries = ARENA_NEW(&ask->arena, struct entry, ledger->area_count + 1);
    size_t count = ledger->area_count;
    if (!entries)
        return ERR_LIMIT;
    for (uint32_t i = 0; i < count; i++) {
        const struct cover_sums *sums = &ledger->areas[i].sums;
        entries[i] = (struct entry){ask->is_live ? sums->weight - sums->reached[2] : 0, i};
    }
    qsort(entries, count, sizeof *entries, compare_entries);
    if (ask->is_live && count > LEDGER_SHOWN)
        count = LEDGER_SHOWN;
    json_key(j, "areas");
    json_arr(j);
    for (size_t i = 0; i < count; i++)
        write_area(ask, &ledger->areas[entries[i].at], j);
    json_arr_end(j);
    return OK;
}

static void write_unit(const struct ask *ask, const struct cover_ledger *ledger, uint32_t at,
                       struct json_out *j)
{
    char id[ID_TEXT_CAP];
    id_text(OBJECT_unit, ask->realm, ask->units[at].unit.v, id);
    json_obj(j);
    json_kc(j, "unit", id);
    json_kc(j, "callsign", ask->unit_names[at].callsign);
    json_kbool(j, "is_idle", ask->units[at].is_idle);
    ask_write_sums(j, "worth", ledger->lines[at].worth);
    json_obj_end(j);
}

/* The heaviest idle and the heaviest busy units, each with its number and its body before it: the
 * edge shows to each who may see it. */
static enum err write_heaviest(struct ask *ask, const struct cover_ledger *ledger)
{
    struct entry *entries = ARENA_NEW(&ask->arena, struct entry, ask->unit_count + 1);
    struct out line;
    size_t shown[2] = {0};
    if (!entries)
        return ERR_LIMIT;
    out_init(&line, LEDGER_LINE_BYTES);
    for (uint32_t i = 0; i < ask->unit_count; i++)
        entries[i] = (struct entry){ledger->lines[i].worth[2], i};
    qsort(entries, ask->unit_count, sizeof *entries, compare_entries);
    for (size_t i = 0; i < ask->unit_count && entries[i].weight > 0; i++) {
        struct json_out j = json_out_of(&line);
        if (shown[ask->units[entries[i].at].is_idle]++ >= LEDGER_SHOWN)
            continue;
        out_reset(&line);
        write_unit(ask, ledger, entries[i].at, &j);
        out_le(&ask->lines, ask->units[entries[i].at].unit.v, 4);
        out_le(&ask->lines, ask->unit_names[entries[i].at].body.v, 4);
        out_le(&ask->lines, line.len, 4);
        out_str(&ask->lines, out_view(&line));
    }
    out_done(&line);
    return ask->lines.err;
}

static void write_units(struct ask *ask, const struct cover_ledger *ledger, struct json_out *j)
{
    json_key(j, "units");
    json_arr(j);
    for (uint32_t i = 0; i < ask->unit_count; i++) {
        if (!ask->unit_names[i].is_hidden)
            write_unit(ask, ledger, i, j);
    }
    json_arr_end(j);
}

static enum err write_ledger(struct ask *ask, const struct cover_ledger *ledger)
{
    struct json_out j = json_out_of(&ask->answer);
    json_obj(&j);
    json_ku64(&j, "as_of", ask->as_of);
    json_ku64(&j, "road_version", ledger->road_version);
    ask_write_cover(ask, ledger, &j);
    json_ku64(&j, "searched", ledger->searched);
    enum err err = write_areas(ask, ledger, &j);
    if (!err && ask->is_live)
        err = write_heaviest(ask, ledger);
    if (!ask->is_live)
        write_units(ask, ledger, &j);
    json_obj_end(&j);
    return err;
}

void ask_run_cover(struct ask *ask, struct road_scratch *scratch)
{
    struct ask_shared *shared = ask->shared;
    struct cover_ledger ledger;
    (void)pthread_mutex_lock(&shared->lock);
    ask->err = keep_cover(ask, scratch);
    if (!ask->err)
        ask->err = ask_take_cover(ask, scratch, &ledger);
    if (!ask->err)
        ask->err = write_ledger(ask, &ledger);
    (void)pthread_mutex_unlock(&shared->lock);
}
