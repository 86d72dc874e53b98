/* check.c - what a command says beyond its own object: other objects that it names, the office that
 * it is for, what it draws on the map. The desk cannot judge these: it knows neither scopes nor
 * streets. */
#include "core/core_priv.h"

#include "road/closure.h"

static enum err refuse(struct check *check, enum err err, const char *field, const char *detail)
{
    *check = (struct check){field, str_of(detail)};
    return err;
}

/* Kinds that are not everybody's to see. Units may be named by who reads no units at all: a
 * security administrator who puts an account on one. */
static bool is_bound(enum role role, enum object_kind kind)
{
    return kind == OBJECT_signal || kind == OBJECT_incident || kind == OBJECT_assignment ||
           kind == OBJECT_call || (kind == OBJECT_unit && access_has(role, ACTION_unit_read));
}

static bool is_seen(struct core *core, struct request *request, struct object_ref ref)
{
    struct envelope envelope;
    if (!core_command_load(core, request, ref))
        return false;
    core_envelope_of(core, ref, &envelope);
    return access_may(&request->command.actor, access_of_read(ref.kind), &envelope, PURPOSE_NONE,
                      &core->trees) == OK;
}

/* What may not be seen may not be named either: the answer is that of an unknown id. */
static enum err check_named(struct core *core, struct request *request, struct check *check)
{
    const struct record *rec = request->def->fields;
    for (uint32_t i = 0; i < rec->field_count; i++) {
        const struct field *f = &rec->fields[i];
        const char *value = (const char *)request->fields + f->offset;
        struct refs refs = {.count = 1};
        if ((f->type != FIELD_REF && f->type != FIELD_REFS) ||
            !is_bound(request->command.actor.role, f->refers) ||
            !record_has(rec, request->fields, f->offset))
            continue;
        if (f->type == FIELD_REFS)
            memcpy(&refs, value, sizeof refs);
        else
            memcpy(&refs.v[0], value, sizeof refs.v[0]);
        for (uint32_t n = 0; n < refs.count; n++) {
            if (!is_seen(core, request, (struct object_ref){f->refers, refs.v[n]}))
                return refuse(check, ERR_NOT_FOUND, f->name, "no such object");
        }
    }
    return OK;
}

/* A thing that is made for an office: is it one of the actor's? */
static enum err check_body(struct core *core, const struct request *request, struct check *check)
{
    const struct record *rec = request->def->fields;
    const struct field *f = record_field(rec, STR("body"));
    struct envelope envelope = {
        .kind = request->def->object_kind, .data_class = DATA_DUTY, .is_open = true};
    if (request->command.object || !f || !record_has(rec, request->fields, f->offset))
        return OK;
    memcpy(&envelope.body, (const char *)request->fields + f->offset, sizeof envelope.body);
    if (access_may(&request->command.actor, access_of_command(request->command.kind), &envelope,
                   PURPOSE_NONE, &core->trees))
        return refuse(check, ERR_DENIED, "body", "this account may not do that for this office");
    return OK;
}

/* A report's photo is one that was sent for it: it is looked up, not believed. */
static enum err check_photo(struct core *core, struct request *request, struct check *check)
{
    struct signal_raise *f = request->fields;
    if (HAS(signal_raise, f, blob_key))
        return refuse(check, ERR_RANGE, "blob_key", "core makes it");
    if (!HAS(signal_raise, f, blob))
        return OK;
    request->photo = core_image_waiting(core, f->blob, request->now_us);
    if (!request->photo)
        return refuse(check, ERR_RANGE, "blob", "no such photo waits for a report: send it again");
    f->blob_key.text = (struct str){(const char *)request->photo->key, BLOB_KEY_BYTES};
    SET_HAS(signal_raise, f, blob_key);
    return OK;
}

static enum err match(const struct core *core, const struct geojson *shape, struct arena *arena,
                      struct check *check)
{
    struct road_change *changes;
    size_t count;
    if (!core->options.road)
        return OK;
    enum err err = closure_match(core->options.road, shape, 0, 1, arena, &changes, &count);
    if (err == ERR_NOT_FOUND)
        return refuse(check, ERR_RANGE, "path", "no street lies there");
    return err ? refuse(check, ERR_RANGE, "path", "more streets than one closure can have") : OK;
}

static enum err check_shape(const struct core *core, struct str text, const char *field,
                            struct check *check)
{
    struct arena arena;
    struct json root = {0};
    struct geojson shape = {0};
    const bool is_path = str_eq_c(str_of(field), "path");
    arena_init(&arena, 64u << 20);
    enum err err = json_read(text, &root, NULL);
    if (!err)
        err = geojson_geometry(root, &arena, &shape, NULL);
    if (err)
        err = refuse(check, ERR_RANGE, field, "it is not a geometry of GeoJSON in degrees");
    else if (!shape.polygon_count && !(is_path && shape.line_count > 0))
        err = refuse(check, ERR_RANGE, field,
                     is_path ? "a GeoJSON line or polygon" : "a Polygon or MultiPolygon");
    else if (is_path)
        err = match(core, &shape, &arena, check);
    json_free(root);
    arena_done(&arena);
    return err;
}

static enum err check_closure(const struct core *core, const struct closure_set *f,
                              struct check *check)
{
    struct str names = f->profiles;
    while (core->options.road && names.len > 0) {
        char name[32];
        if (!str_copy(str_cut(&names, ' '), name, sizeof name) ||
            road_profile(core->options.road, name) == ROAD_NONE)
            return refuse(check, ERR_RANGE, "profiles", "there is no such profile");
    }
    if (HAS(closure_set, f, factor) && f->factor < 2)
        return refuse(check, ERR_RANGE, "factor", "2 to 100 times slower; none given = shut");
    return check_shape(core, f->path, "path", check);
}

/* A button pressed without a fix: the last place that was heard of, with its age. */
static void fill_place(struct core *core, struct request *request)
{
    struct emergency_raise *f = request->fields;
    const uint32_t own = request->command.actor.unit.v, number = own ? own : f->unit.v;
    const struct unit_object *unit = desk_unit(core->desk, (struct unit_id){number});
    int64_t at_us = 0;
    if (HAS(emergency_raise, f, place) || !unit)
        return;
    const struct place place = core_place_of_unit(core, number, unit, &at_us);
    if (!place_is_valid(place))
        return;
    f->place = place;
    f->placed_us = at_us;
    SET_HAS(emergency_raise, f, place);
    if (at_us)
        SET_HAS(emergency_raise, f, placed_us);
}

static enum err check_hazard(struct core *core, const struct request *request, struct check *check)
{
    const struct hazard_set *set = request->fields;
    const struct hazard_amend *amend = request->fields;
    if (request->command.kind == COMMAND_hazard_set && HAS(hazard_set, set, shape))
        return check_shape(core, set->shape, "shape", check);
    if (request->command.kind == COMMAND_hazard_amend && HAS(hazard_amend, amend, shape))
        return check_shape(core, amend->shape, "shape", check);
    return OK;
}

enum err core_check_command(struct core *core, struct request *request, struct check *ret_check)
{
    const struct area_install *area = request->fields;
    *ret_check = (struct check){0};
    if (!request->is_silent && !request->ret_reply) { /* not the program's own */
        enum err err = check_named(core, request, ret_check);
        if (!err)
            err = check_body(core, request, ret_check);
        if (err)
            return err;
    }
    if (request->command.kind == COMMAND_signal_raise)
        return check_photo(core, request, ret_check);
    if (request->command.kind == COMMAND_closure_set)
        return check_closure(core, request->fields, ret_check);
    if (request->command.kind == COMMAND_emergency_raise)
        fill_place(core, request);
    if (request->def->object_kind == OBJECT_hazard)
        return check_hazard(core, request, ret_check);
    if (request->command.kind == COMMAND_area_install && HAS(area_install, area, shape))
        return check_shape(core, area->shape, "shape", ret_check);
    return OK;
}
