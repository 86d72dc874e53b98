/* ask_team.c - the units on one incident, and when those on the way are there. */
#include "core/ask.h"

struct ask_member {
    uint32_t number, crew, profile; /* ROAD_NONE: not by road, or it is there */
    char callsign[25], kind[25];
    enum assignment_stage stage;
    int64_t since_us;
    struct place place;
};

static int64_t stage_us(const struct assignment_object *a)
{
    switch (a->stage) {
    case ASSIGNMENT_RESERVED:
        return a->reserved_us;
    case ASSIGNMENT_SENT:
        return a->sent_us;
    case ASSIGNMENT_SEEN:
        return a->seen_us;
    case ASSIGNMENT_EN_ROUTE:
        return a->en_route_us;
    case ASSIGNMENT_STAGED:
        return a->staged_us;
    case ASSIGNMENT_ON_SCENE:
        return a->on_scene_us;
    case ASSIGNMENT_STAGE_NONE:
    case ASSIGNMENT_CLEARED:
    case ASSIGNMENT_DECLINED:
    case ASSIGNMENT_CANCELLED:
    case ASSIGNMENT_PREEMPTED:
    case ASSIGNMENT_STAGE_COUNT:
        break;
    }
    return 0;
}

static void take_member(const struct core *core, struct ask *ask, const struct assignment_object *a)
{
    const struct unit_object *unit = desk_unit(core->desk, a->unit);
    struct ask_member *m = &ask->team[ask->team_count];
    int64_t at_us;
    if (!unit)
        return;
    *m = (struct ask_member){.number = a->unit.v,
                             .crew = unit->crew,
                             .stage = a->stage,
                             .since_us = stage_us(a),
                             .profile = ROAD_NONE,
                             .place = core_place_of_unit(core, a->unit.v, unit, &at_us)};
    (void)str_copy(str_of(unit->callsign), m->callsign, sizeof m->callsign);
    (void)str_copy(str_of(unit->kind), m->kind, sizeof m->kind);
    if (a->stage != ASSIGNMENT_ON_SCENE && place_is_valid(m->place) && place_is_valid(ask->to))
        m->profile = road_profile(ask->road, unit->profile);
    ask->team_count++;
}

enum err ask_prepare_team(struct core *core, struct ask *ask,
                          const struct incident_object *incident)
{
    ask->to = incident_place(incident);
    ask->team = ARENA_NEW(&ask->arena, struct ask_member, MAX_REFS);
    if (!ask->team)
        return ERR_LIMIT;
    for (uint32_t i = 0; i < incident->assignments.count; i++) {
        const struct assignment_object *a =
            desk_assignment(core->desk, (struct assignment_id){incident->assignments.v[i]});
        if (a && a->stage != ASSIGNMENT_RESERVED)
            take_member(core, ask, a);
    }
    return OK;
}

uint32_t ask_team_profiles(const struct ask *ask)
{
    uint32_t profiles = 0;
    for (size_t i = 0; i < ask->team_count; i++)
        profiles |= ask->team[i].profile == ROAD_NONE ? 0 : 1u << ask->team[i].profile;
    return profiles;
}

/* ROAD_INF: not known. */
static uint32_t eta_ms(struct ask *ask, struct road_scratch *scratch, const struct ask_member *m)
{
    struct road_snap from, to;
    uint32_t ms = ROAD_INF;
    if (m->profile == ROAD_NONE ||
        road_snap(ask->road, m->profile, m->place, RECOMMEND_SNAP_M, &from) != OK ||
        road_snap(ask->road, m->profile, ask->to, RECOMMEND_SNAP_M, &to) != OK ||
        road_time(ask->metrics[m->profile], scratch, from.point, to.point, &ms) != OK)
        return ROAD_INF;
    return ms;
}

void ask_run_team(struct ask *ask, struct road_scratch *scratch)
{
    struct json_out j = json_out_of(&ask->answer);
    json_obj(&j);
    json_ku64(&j, "as_of_seq", ask->as_of);
    json_key(&j, "items");
    json_arr(&j);
    for (size_t i = 0; i < ask->team_count; i++) {
        const struct ask_member *m = &ask->team[i];
        const uint32_t ms = eta_ms(ask, scratch, m);
        char id[ID_TEXT_CAP], since[UTC_ISO_CAP];
        id_text(OBJECT_unit, ask->realm, m->number, id);
        json_obj(&j);
        json_kc(&j, "unit", id);
        json_kc(&j, "callsign", m->callsign);
        json_kc(&j, "kind", m->kind);
        json_ku64(&j, "crew", m->crew);
        json_kc(&j, "stage", enum_wire(&enum_assignment_stage, m->stage));
        if (m->since_us) {
            utc_iso(m->since_us, since);
            json_kc(&j, "since", since);
        }
        if (ms != ROAD_INF) {
            json_key(&j, "eta_s");
            json_fixed(&j, (ms + 50) / 100, 1);
        }
        json_obj_end(&j);
    }
    json_arr_end(&j);
    json_obj_end(&j);
}
