/* ask_cover.c - the ledger of cover: demand that idle units reach in time, per area and in all, and
 * what each unit is worth. Demand is where calls came from: the latest rows of the store, gathered
 * in cells of about 100 m, read anew every hour. */
#include "core/ask.h"
#include "store/reader.h"

#define DEMAND_ROWS 300000u /* the latest rows looked at */
#define DEMAND_CELL_E7 10000
#define DEMAND_MAX_CELLS 100000u
#define DEMAND_KEEP_US US_PER_HOUR
#define DEMAND_RETRY_US (10 * US_PER_S) /* while there is none */

enum err ask_prepare_cover(struct core *core, struct ask *ask, struct json params)
{
    uint32_t pos = 0, number;
    const uint32_t cap = desk_count(core->desk, OBJECT_unit);
    (void)params;
    ask->profile = road_profile(ask->road, "response");
    ask->units = ARENA_NEW(&ask->arena, struct cover_unit, cap + 1);
    ask->names = ARENA_NEW(&ask->arena, struct ask_unit, cap + 1);
    if (!ask->units || !ask->names)
        return ERR_LIMIT;
    while ((number = desk_next(core->desk, OBJECT_unit, &pos)) != 0 && ask->unit_count < cap) {
        const struct unit_object *unit = desk_unit(core->desk, (struct unit_id){number});
        const bool is_idle = unit->readiness == READINESS_AVAILABLE && !unit->is_no_dispatch;
        int64_t at_us;
        if ((!is_idle && unit->readiness != READINESS_COMMITTED) ||
            !ask_sees_unit(core, ask, number))
            continue;
        ask->units[ask->unit_count] =
            (struct cover_unit){.unit = {number},
                                .place = core_place_of_unit(core, number, unit, &at_us),
                                .profile = road_profile(ask->road, unit->profile),
                                .is_idle = is_idle};
        (void)str_copy(str_of(unit->callsign), ask->names[ask->unit_count].callsign,
                       sizeof ask->names->callsign);
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

static enum err make_cover(struct ask *ask)
{
    static const uint32_t limits_ms[] = {60000, 180000, 300000};
    struct ask_shared *shared = ask->shared;
    struct gathering g = {.cells = calloc(DEMAND_MAX_CELLS, sizeof *g.cells)};
    struct cover *cover;
    map_init(&g.by_cell, DEMAND_MAX_CELLS);
    enum err err = g.cells ? read_demand(ask, &g) : ERR_LIMIT;
    if (!err)
        err = cover_new(ask->road, ask->profile, g.cells, g.count,
                        (struct road_limits){limits_ms, 3}, &cover);
    if (!err) {
        cover_free(shared->cover);
        shared->cover = cover;
        shared->cover_us = ask->now_us;
        shared->calls = g.calls;
        shared->cells = g.count;
    }
    map_done(&g.by_cell);
    free(g.cells);
    return err;
}

/* ------------------------------------------------------- the answer */

static void write_sums(struct json_out *j, const char *key, const uint64_t sums[3])
{
    json_key(j, key);
    json_arr(j);
    for (int i = 0; i < 3; i++)
        json_u64(j, sums[i]);
    json_arr_end(j);
}

static void write_areas(struct ask *ask, const struct cover_ledger *ledger, struct json_out *j)
{
    json_key(j, "areas");
    json_arr(j);
    for (size_t i = 0; i < ledger->area_count; i++) {
        char id[ID_TEXT_CAP];
        json_obj(j);
        if (ledger->areas[i].area) {
            id_text(OBJECT_area, ask->realm, ledger->areas[i].area, id);
            json_kc(j, "area", id);
        }
        json_ku64(j, "demand", ledger->areas[i].sums.weight);
        write_sums(j, "reached", ledger->areas[i].sums.reached);
        json_obj_end(j);
    }
    json_arr_end(j);
}

static void write_units(struct ask *ask, const struct cover_ledger *ledger, struct json_out *j)
{
    json_key(j, "units");
    json_arr(j);
    for (size_t i = 0; i < ask->unit_count; i++) {
        char id[ID_TEXT_CAP];
        id_text(OBJECT_unit, ask->realm, ask->units[i].unit.v, id);
        json_obj(j);
        json_kc(j, "unit", id);
        json_kc(j, "callsign", ask->names[i].callsign);
        json_kbool(j, "is_idle", ask->units[i].is_idle);
        write_sums(j, "worth", ledger->lines[i].worth);
        json_obj_end(j);
    }
    json_arr_end(j);
}

static void write_ledger(struct ask *ask, const struct cover_ledger *ledger)
{
    static const uint64_t limits_s[3] = {60, 180, 300};
    struct json_out j = json_out_of(&ask->answer);
    json_obj(&j);
    json_ku64(&j, "as_of", ask->as_of);
    json_ku64(&j, "road_version", ledger->road_version);
    write_sums(&j, "limits_s", limits_s);
    json_ku64(&j, "calls", ask->shared->calls);
    json_ku64(&j, "cells", ask->shared->cells);
    json_ku64(&j, "demand", ledger->all.weight);
    json_ku64(&j, "off_road", ledger->off_road);
    write_sums(&j, "reached", ledger->all.reached);
    json_ku64(&j, "searched", ledger->searched);
    write_areas(ask, ledger, &j);
    write_units(ask, ledger, &j);
    json_obj_end(&j);
}

void ask_run_cover(struct ask *ask, struct road_scratch *scratch)
{
    struct ask_shared *shared = ask->shared;
    struct cover_ledger ledger;
    const struct cover_now now = {ask->units, ask->unit_count, ask->metrics};
    (void)pthread_mutex_lock(&shared->lock);
    if (!shared->cover ||
        ask->now_us - shared->cover_us > (shared->calls ? DEMAND_KEEP_US : DEMAND_RETRY_US))
        ask->err = make_cover(ask);
    if (!ask->err)
        ask->err = cover_take(shared->cover, &now, scratch, &ask->arena, &ledger);
    if (!ask->err)
        write_ledger(ask, &ledger);
    (void)pthread_mutex_unlock(&shared->lock);
}
