/* position.c - last places of units on duty, as core sends them; kept in memory and nowhere else.
 */
#include "edge/edge_priv.h"

#include "base/utc.h"

static struct unit_position *slot(struct edge *edge, uint32_t number)
{
    if (number == 0 || number >= EDGE_MAX_UNITS)
        return NULL;
    if (number >= edge->position_end)
        edge->position_end = number + 1;
    return &edge->positions[number];
}

void position_unit_row(struct edge *edge, uint32_t number, const struct unit_object *unit)
{
    struct unit_position *p = slot(edge, number);
    if (!p)
        return;
    p->body = unit->body;
    p->is_known = true;
    if (unit->readiness == READINESS_OFF_DUTY) { /* signed off: its place is nobody's business */
        p->is_placed = false;
        p->is_changed = false;
    }
}

/* A unit that no row of this run named yet. */
static bool learn(struct edge *edge, struct unit_position *p, uint32_t number)
{
    struct arena arena;
    const void *object;
    uint64_t seq;
    arena_init(&arena, 64u << 10);
    if (!p->is_known &&
        reader_record(edge->reader, OBJECT_unit, number, &arena, &object, &seq) == OK) {
        p->body = ((const struct unit_object *)object)->body;
        p->is_known = true;
    }
    arena_done(&arena);
    return p->is_known;
}

static struct envelope envelope_of(const struct edge *edge, uint32_t number)
{
    return (struct envelope){.kind = OBJECT_unit,
                             .number = number,
                             .body = edge->positions[number].body,
                             .data_class = DATA_DUTY,
                             .is_open = true,
                             .units = {1, {number}}};
}

enum err position_may(struct edge *edge, const struct visit *visit)
{
    const uint32_t number = visit->object;
    if (number == 0 || number >= EDGE_MAX_UNITS || !learn(edge, &edge->positions[number], number))
        return ERR_NOT_FOUND;
    const struct envelope envelope = envelope_of(edge, number);
    return access_may(&visit->actor, visit->route->action, &envelope, PURPOSE_NONE,
                      &edge->atlas.trees);
}

void position_frame(struct edge *edge, struct str items)
{
    struct cursor c = cursor_of(items.p, items.len);
    while (c.left >= POSITION_ITEM_BYTES) {
        uint32_t number = (uint32_t)cursor_le(&c, 4);
        int32_t lat_e7 = (int32_t)cursor_le(&c, 4), lon_e7 = (int32_t)cursor_le(&c, 4);
        int64_t at_us = (int64_t)cursor_le(&c, 8);
        uint32_t speed = (uint32_t)cursor_le(&c, 4), course = (uint32_t)cursor_le(&c, 4);
        struct unit_position *p = slot(edge, number);
        if (!p || !learn(edge, p, number))
            continue;
        *p = (struct unit_position){p->body,          true,  true,  true,
                                    {lat_e7, lon_e7}, at_us, speed, course};
    }
}

void position_write(const struct edge *edge, uint32_t number, struct json_out *j)
{
    const struct unit_position *p = &edge->positions[number];
    char text[UTC_ISO_CAP > ID_TEXT_CAP ? UTC_ISO_CAP : ID_TEXT_CAP];
    json_obj(j);
    id_text(OBJECT_unit, edge->site.config.realm, number, text);
    json_kc(j, "unit", text);
    json_key(j, "place");
    json_obj(j);
    json_key(j, "lat");
    json_fixed(j, p->place.lat_e7, 7);
    json_key(j, "lon");
    json_fixed(j, p->place.lon_e7, 7);
    json_obj_end(j);
    utc_iso(p->at_us, text);
    json_kc(j, "at", text);
    json_ku64(j, "speed_mm_s", p->speed_mm_s);
    json_ku64(j, "course_cdeg", p->course_cdeg);
    json_obj_end(j);
}

bool position_is_seen(const struct edge *edge, const struct scope *scope, uint32_t number)
{
    const struct envelope envelope = envelope_of(edge, number);
    return edge->positions[number].is_placed && scope_holds(scope, &edge->atlas.trees, &envelope);
}

void position_list(struct visit *visit)
{
    const struct edge *edge = edge_of(visit);
    struct json_out *j = &visit->json;
    json_obj(j);
    json_ku64(j, "as_of", edge->site.committed);
    json_key(j, "items");
    json_arr(j);
    for (uint32_t n = 1; n < edge->position_end; n++) {
        if (position_is_seen(edge, &visit->scope, n))
            position_write(edge, n, j);
    }
    json_arr_end(j);
    json_obj_end(j);
    visit_ok(visit, 200);
}
