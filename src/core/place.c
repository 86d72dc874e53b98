/* place.c - areas of places, and where the units are. Positions are never events: the last one is
 * kept here, a thinned track goes to rows, and nothing is kept of a unit that is off duty. */
#include "core/core_priv.h"

#include "base/log.h"
#include "geo/geojson.h"

#define POSITION_FUTURE_US (60 * US_PER_S)
#define POSITION_OLD_US (10 * US_PER_MIN)

/* A field of these names says where the thing is, the best known first. */
static const char *const place_fields[] = {"verified", "chosen", "place"};

static enum err add_area(struct core *core, uint32_t number, const struct area_object *area)
{
    struct json root = {0};
    struct geojson shape = {0};
    struct arena arena;
    uint64_t code = 0;
    enum err err = OK;
    arena_init(&arena, 64u << 20);
    (void)str_u64(str_of(area->code), &code);
    if (area->shape.len)
        err = json_read(area->shape, &root, NULL);
    if (!err && area->shape.len)
        err = geojson_geometry(root, &arena, &shape, NULL);
    if (!err) {
        const struct area_spec spec = {number, area->parent.v, code ? code : number, shape.polygons,
                                       shape.polygon_count};
        err = area_index_add(core->areas, &spec);
    }
    json_free(root);
    arena_done(&arena);
    return err;
}

static void build_trees(struct core *core)
{
    const uint32_t area_count = desk_last(core->desk, OBJECT_area) + 1;
    const uint32_t body_count = desk_last(core->desk, OBJECT_body) + 1;
    free(core->area_parents);
    free(core->body_parents);
    core->area_parents = calloc(area_count, sizeof *core->area_parents);
    core->body_parents = calloc(body_count, sizeof *core->body_parents);
    if (!core->area_parents || !core->body_parents)
        abort();
    for (uint32_t i = 1; i < area_count; i++) {
        const struct area_object *area = desk_area(core->desk, (struct area_id){i});
        core->area_parents[i] = area ? area->parent.v : 0;
    }
    for (uint32_t i = 1; i < body_count; i++) {
        const struct body_object *body = desk_body(core->desk, (struct body_id){i});
        core->body_parents[i] = body ? body->parent.v : 0;
    }
    core->trees.areas = (struct scope_tree){core->area_parents, area_count};
    core->trees.bodies = (struct scope_tree){core->body_parents, body_count};
}

/* Parents first: an area names its parent, which the index must know already. One area that cannot
 * be used is said and holds no place; the desk goes on with the others. */
static void add_level(struct core *core, uint32_t level)
{
    uint32_t pos = 0, number;
    while ((number = desk_next(core->desk, OBJECT_area, &pos)) != 0) {
        const struct area_object *area = desk_area(core->desk, (struct area_id){number});
        const struct area_spec bare = {number, area->parent.v, number, NULL, 0};
        enum err err = area->level == level ? add_area(core, number, area) : OK;
        if (err) {
            LOG_WARN("core.area_unusable", "area=%u err=%s", number, err_text(err));
            (void)area_index_add(core->areas, &bare);
        }
    }
}

void core_place_load(struct core *core)
{
    area_index_free(core->areas);
    core->areas = area_index_new();
    for (uint32_t level = 0; level <= 5; level++)
        add_level(core, level);
    build_trees(core);
    core->is_area_stale = false;
}

void core_place_area_changed(struct core *core)
{
    core->is_area_stale = true;
}

static struct area_id find_area(struct core *core, struct place place)
{
    if (core->is_area_stale)
        core_place_load(core);
    return (struct area_id){area_find(core->areas, place)};
}

/* A closure lies where its path begins. */
static struct area_id area_of_path(struct core *core, struct str path)
{
    struct arena arena;
    struct json root = {0};
    struct geojson shape = {0};
    struct area_id area = {0};
    arena_init(&arena, 64u << 20);
    enum err err = json_read(path, &root, NULL);
    if (!err)
        err = geojson_geometry(root, &arena, &shape, NULL);
    if (!err && shape.line_count > 0)
        area = find_area(core, shape.lines[0].places[0]);
    else if (!err && shape.polygon_count > 0)
        area = find_area(core, polygon_label(shape.polygons[0]));
    json_free(root);
    arena_done(&arena);
    return area;
}

struct area_id core_place_area(struct core *core, const struct request *request)
{
    const struct record *rec = request->def->fields;
    struct envelope envelope;
    if (request->command.kind == COMMAND_closure_set)
        return area_of_path(core, ((const struct closure_set *)request->fields)->path);
    for (size_t i = 0; i < sizeof place_fields / sizeof place_fields[0]; i++) {
        const struct field *f = record_field(rec, str_of(place_fields[i]));
        if (f && f->type == FIELD_PLACE && record_has(rec, request->fields, f->offset)) {
            struct place place;
            memcpy(&place, (const char *)request->fields + f->offset, sizeof place);
            return find_area(core, place);
        }
    }
    if (request->command.object == 0)
        return (struct area_id){0};
    core_envelope_of(core, (struct object_ref){request->def->object_kind, request->command.object},
                     &envelope);
    return envelope.area;
}

struct place core_place_of_unit(const struct core *core, uint32_t number,
                                const struct unit_object *unit, int64_t *ret_at_us)
{
    const struct last_place *last = &core->places[number < CORE_MAX_UNITS ? number : 0];
    if (number < CORE_MAX_UNITS && last->at_us) {
        *ret_at_us = last->at_us;
        return last->place;
    }
    *ret_at_us = unit->placed_us;
    return HAS(unit_object, unit, place) ? unit->place : PLACE_NONE;
}

void core_place_unit_changed(struct core *core, uint32_t number)
{
    const struct unit_object *unit = desk_unit(core->desk, (struct unit_id){number});
    struct last_place *last = &core->places[number < CORE_MAX_UNITS ? number : 0];
    if (!unit || number >= CORE_MAX_UNITS)
        return;
    core_ledger_due(core);
    if (unit->readiness == READINESS_OFF_DUTY) {
        *last = (struct last_place){0}; /* at sign-off the place is dropped */
    } else if (unit->placed_us > last->at_us && HAS(unit_object, unit, place)) {
        last->place = unit->place;
        last->at_us = unit->placed_us;
        last->speed_mm_s = last->course_cdeg = 0;
        last->is_changed = true;
    }
}

/* A field account may speak for its own unit, machine accounts and the feed for any on duty. */
static bool may_report(struct core *core, enum core_channel channel,
                       const struct frame_position *frame, int64_t now_us)
{
    struct actor actor;
    uint32_t session;
    const struct unit_object *unit = desk_unit(core->desk, frame->unit);
    if (!unit || frame->unit.v >= CORE_MAX_UNITS || unit->readiness == READINESS_OFF_DUTY)
        return false;
    if (channel == CORE_FEED && frame->token.len == 0)
        return true;
    if (core_session_actor(core, CORE_EDGE, frame->token, now_us, &actor, &session) != OK)
        return false;
    return actor.role == ROLE_FEED || actor.unit.v == frame->unit.v;
}

void core_place_position(struct core *core, enum core_channel channel,
                         const struct frame_position *frame, int64_t now_us)
{
    if (!may_report(core, channel, frame, now_us) || frame->at_us > now_us + POSITION_FUTURE_US ||
        frame->at_us < now_us - POSITION_OLD_US ||
        frame->at_us <= core->places[frame->unit.v].at_us) {
        core->drops++;
        return;
    }
    struct last_place *last = &core->places[frame->unit.v];
    last->place = frame->place;
    last->at_us = frame->at_us;
    last->speed_mm_s = frame->speed_mm_s;
    last->course_cdeg = frame->course_cdeg;
    last->is_changed = true;
}

static void write_item(struct out *items, uint32_t number, const struct last_place *last)
{
    out_le(items, number, 4);
    out_le(items, (uint32_t)last->place.lat_e7, 4);
    out_le(items, (uint32_t)last->place.lon_e7, 4);
    out_le(items, (uint64_t)last->at_us, 8);
    out_le(items, last->speed_mm_s, 4);
    out_le(items, last->course_cdeg, 4);
}

void core_place_send(struct core *core, bool is_all)
{
    struct out items;
    struct frame_positions frame = {0};
    uint32_t last_unit = desk_last(core->desk, OBJECT_unit);
    out_init(&items, 524288 - POSITION_ITEM_BYTES);
    for (uint32_t i = 1; i <= last_unit && i < CORE_MAX_UNITS && !items.err; i++) {
        if (core->places[i].at_us && (is_all || core->places[i].is_changed))
            write_item(&items, i, &core->places[i]);
        core->places[i].is_changed = false;
    }
    if (items.len > 0) {
        frame.items = out_view(&items);
        SET_HAS(frame_positions, &frame, items);
        if (is_all)
            core->options.calls.send(core->options.ctx, CORE_EDGE, FRAME_positions, 0, &frame, -1);
        else
            core->options.calls.latest(core->options.ctx, CORE_EDGE, FRAME_positions, &frame,
                                       core->position_turn++ % 4);
    }
    out_done(&items);
}

static void keep_tracks(struct core *core, int64_t now_us)
{
    struct store_batch *batch = NULL;
    uint32_t last_unit = desk_last(core->desk, OBJECT_unit);
    for (uint32_t i = 1; i <= last_unit && i < CORE_MAX_UNITS; i++) {
        struct last_place *last = &core->places[i];
        if (last->at_us == 0 || last->at_us < last->track_us + CORE_TRACK_EVERY_US)
            continue;
        if (!batch)
            batch = store_batch_new(core->options.store, now_us);
        last->track_us = last->at_us;
        const struct store_track track = {
            {i}, last->at_us, last->place, last->speed_mm_s, last->course_cdeg};
        store_batch_track(batch, &track);
    }
    if (batch)
        core_pending_submit_silent(core, batch);
}

void core_place_tick(struct core *core, int64_t now_us)
{
    if (now_us < core->position_due_us)
        return;
    core->position_due_us = now_us + US_PER_S;
    core_place_send(core, false);
    if (now_us >= core->track_due_us) {
        core->track_due_us = now_us + CORE_TRACK_EVERY_US;
        keep_tracks(core, now_us);
    }
}
