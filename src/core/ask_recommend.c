/* ask_recommend.c - who can be there first: needs from the plan, units copied, all timed at once.
 */
#include "core/ask.h"
#include "desk/types.h"

#define AT_POST_M 150.0

/* Bit of a capability code; a new one gets the next bit. 64 = full. */
static uint32_t code_bit(struct ask *ask, struct str code)
{
    for (uint32_t i = 0; i < ask->code_count; i++) {
        if (str_eq(ask->codes[i], code))
            return i;
    }
    if (ask->code_count < 64)
        ask->codes[ask->code_count++] = arena_dup(&ask->arena, code);
    return ask->code_count - 1;
}

static uint64_t code_mask(const struct ask *ask, struct str codes)
{
    uint64_t mask = 0;
    while (codes.len > 0) {
        const struct str code = str_cut(&codes, ' ');
        for (uint32_t i = 0; i < ask->code_count; i++) {
            if (code.len > 0 && str_eq(ask->codes[i], code))
                mask |= 1ull << i;
        }
    }
    return mask;
}

/* A committed unit is as busy as the incident that it works. */
static enum priority busy_with(const struct core *core, const struct unit_object *unit)
{
    const struct assignment_object *a =
        unit->readiness == READINESS_COMMITTED ? desk_assignment(core->desk, unit->active) : NULL;
    const struct incident_object *i = a ? desk_incident(core->desk, a->incident) : NULL;
    return i ? i->priority : PRIORITY_NONE;
}

/* At its post a crew first has to get into its boots; on the road, or at work, it only turns. */
static uint32_t turnout_ms(const struct core *core, const struct unit_object *unit,
                           struct place place)
{
    const struct post_object *post = desk_post(core->desk, unit->post);
    const struct place home = post                            ? post->place
                              : HAS(unit_object, unit, place) ? unit->place
                                                              : PLACE_NONE;
    const bool is_home =
        place_is_valid(place) && place_is_valid(home) && place_distance_m(place, home) <= AT_POST_M;
    return is_home && unit->readiness == READINESS_AVAILABLE ? unit->turnout_s * 1000 : 0;
}

static void copy_unit(const struct core *core, struct ask *ask, uint32_t number,
                      struct recommend_unit *to, struct ask_unit *name)
{
    const struct unit_object *unit = desk_unit(core->desk, (struct unit_id){number});
    memset(to, 0, sizeof *to);
    to->unit.v = number;
    to->place = core_place_of_unit(core, number, unit, &to->place_utc_us);
    to->readiness = unit->readiness;
    to->profile = road_profile(ask->road, unit->profile);
    if (to->profile == ROAD_NONE)
        to->craft = media_craft(ask->media, str_of(unit->profile));
    to->capabilities = code_mask(ask, str_of(unit->capabilities));
    to->crew = unit->crew;
    to->busy_with = busy_with(core, unit);
    to->start_delay_ms = turnout_ms(core, unit, to->place);
    name->turnout_s = to->start_delay_ms / 1000;
    to->is_barred = unit->is_no_dispatch;
    to->is_reserved_duty = unit->is_community;
    (void)str_copy(str_of(unit->callsign), name->callsign, sizeof name->callsign);
    name->place = to->place;
}

static enum err copy_units(const struct core *core, struct ask *ask)
{
    uint32_t pos = 0, number;
    const uint32_t cap = desk_count(core->desk, OBJECT_unit);
    struct recommend_unit *units = ARENA_NEW(&ask->arena, struct recommend_unit, cap + 1);
    ask->names = ARENA_NEW(&ask->arena, struct ask_unit, cap + 1);
    if (!units || !ask->names)
        return ERR_LIMIT;
    while ((number = desk_next(core->desk, OBJECT_unit, &pos)) != 0 &&
           ask->input.unit_count < cap) {
        if (!ask_sees_unit(core, ask, number))
            continue;
        copy_unit(core, ask, number, &units[ask->input.unit_count],
                  &ask->names[ask->input.unit_count]);
        ask->input.unit_count++;
    }
    ask->input.units = units;
    return OK;
}

static void add_need(struct ask *ask, struct recommend_need *needs, const struct plan_need *from)
{
    struct recommend_need *need = &needs[ask->input.need_count++];
    *need = (struct recommend_need){.capability = code_bit(ask, from->capability),
                                    .count = from->count,
                                    .min_crew = from->min_crew};
    for (uint32_t i = 0; i < from->substitute_count && i < RECOMMEND_MAX_SUBSTITUTES; i++)
        need->substitutes[need->substitute_count++] = code_bit(ask, from->substitutes[i]);
}

/* Capabilities asked for by name ("fire:2" or "fire"), else those of the incident's plan. */
static enum err fill_needs(const struct core *core, struct ask *ask,
                           const struct incident_object *incident, struct json params,
                           int64_t now_us)
{
    struct plan_need wanted[MAX_PLAN_NEEDS] = {0};
    struct recommend_need *needs =
        ARENA_NEW(&ask->arena, struct recommend_need, RECOMMEND_MAX_NEEDS);
    uint32_t count = 0;
    struct str codes = json_text(json_get(params, "capabilities"));
    const int64_t level = json_int(json_get(params, "level"));
    while (codes.len > 0 && count < MAX_PLAN_NEEDS) {
        struct str number = str_cut(&codes, ',');
        wanted[count].capability = str_cut(&number, ':');
        wanted[count].count = 1;
        if (number.len > 0 && str_u32(number, &wanted[count].count) != OK)
            return ERR_SYNTAX;
        count += wanted[count].capability.len > 0;
    }
    if (count == 0) {
        struct str plan = str_of(incident->plan);
        if (plan.len == 0)
            plan = desk_plan_for(core->desk, str_of(incident->type), incident->priority,
                                 incident->area, now_us);
        const uint32_t at_level = level > 0         ? (uint32_t)level
                                  : incident->level ? incident->level
                                                    : 1;
        if (desk_plan_needs(core->desk, plan, at_level, wanted, &count) != OK || count == 0) {
            wanted[0] = (struct plan_need){.capability = STR("patrol"), .count = 1};
            count = 1;
        }
    }
    const int64_t units = json_int(json_get(params, "count"));
    if (units > 0 && units <= 16 && count == 1)
        wanted[0].count = (uint32_t)units;
    for (uint32_t i = 0; i < count && i < RECOMMEND_MAX_NEEDS && needs; i++)
        add_need(ask, needs, &wanted[i]);
    ask->input.needs = needs;
    return needs ? OK : ERR_LIMIT;
}

enum err ask_prepare_recommendation(struct core *core, struct ask *ask,
                                    const struct incident_object *incident, struct json params,
                                    int64_t now_us)
{
    ask->input.place = incident_place(incident);
    if (!place_is_valid(ask->input.place)) {
        ask->detail = STR("the incident has no place yet");
        return ERR_STATE;
    }
    ask->input.priority = incident->priority;
    ask->input.now_utc_us = now_us;
    ask->input.max_age_us = ASK_STALE_US;
    ask->input.may_preempt = json_is_true(json_get(params, "may_preempt"));
    ask->input.substitute_penalty_ms = ASK_SUBSTITUTE_MS;
    enum err err = fill_needs(core, ask, incident, params, now_us);
    if (!err)
        err = copy_units(core, ask);
    return err ? err : ask_prepare_cover(core, ask);
}

static void write_id(struct json_out *j, const char *key, enum object_kind kind, uint32_t realm,
                     uint32_t number)
{
    char text[ID_TEXT_CAP];
    id_text(kind, realm, number, text);
    json_kc(j, key, text);
}

static void write_choice(const struct ask *ask, const struct recommend_choice *choice,
                         struct json_out *j)
{
    struct ask_unit none = {.callsign = "", .place = PLACE_NONE};
    const struct ask_unit *name = &none;
    for (size_t i = 0; i < ask->input.unit_count; i++) {
        if (ask->input.units[i].unit.v == choice->unit.v)
            name = &ask->names[i];
    }
    json_obj(j);
    write_id(j, "unit", OBJECT_unit, ask->realm, choice->unit.v);
    json_kc(j, "callsign", name->callsign);
    json_kstr(j, "capability", ask->codes[choice->capability]);
    json_key(j, "eta_s");
    json_fixed(j, (choice->ms + 50) / 100, 1);
    if (name->turnout_s > 0) /* is part of eta_s */
        json_ki64(j, "turnout_s", name->turnout_s);
    json_ki64(j, "position_age_s", choice->position_age_us / US_PER_S);
    if (place_is_valid(name->place)) {
        json_key(j, "place");
        json_obj(j);
        json_key(j, "lat");
        json_fixed(j, name->place.lat_e7, 7);
        json_key(j, "lon");
        json_fixed(j, name->place.lon_e7, 7);
        json_obj_end(j);
    }
    json_key(j, "reasons");
    json_arr(j);
    json_c(j, choice->is_substitute ? "substitute" : "earliest_arrival");
    if (choice->is_stale)
        json_c(j, "position_old");
    if (choice->is_preempted)
        json_c(j, "taken_from_lower_priority");
    json_arr_end(j);
    if (ask->input.cover)
        ask_write_sums(j, "cover_lost", choice->lost);
    json_obj_end(j);
}

static void write_costs(const struct ask *ask, const struct cover_ledger *ledger,
                        struct json_out *j)
{
    json_key(j, "cover");
    json_obj(j);
    ask_write_cover(ask, ledger, j);
    ask_write_sums(j, "lost", ask->result.lost);
    json_obj_end(j);
}

static void write_result(struct ask *ask, const struct cover_ledger *ledger)
{
    const struct recommend_result *result = &ask->result;
    struct json_out j = json_out_of(&ask->answer);
    char digest[17];
    json_obj(&j);
    json_ku64(&j, "as_of_seq", ask->as_of);
    json_ku64(&j, "road_seq", result->road_version);
    (void)snprintf(digest, sizeof digest, "%016llx", (unsigned long long)result->digest);
    json_kc(&j, "digest", digest);
    json_ku64(&j, "considered", ask->input.unit_count);
    json_kbool(&j, "is_place_closed", result->is_place_closed);
    json_key(&j, "latest_s");
    json_fixed(&j, (result->latest_ms + 50) / 100, 1);
    if (ask->input.cover)
        write_costs(ask, ledger, &j);
    static const char *const lists[] = {"picks", "runner_up"};
    for (int list = 0; list < 2; list++) {
        json_key(&j, lists[list]);
        json_arr(&j);
        for (size_t i = 0; i < result->slot_count; i++) {
            const struct recommend_choice *choice =
                list == 0 ? &result->slots[i].pick : &result->slots[i].runner_up;
            if (choice->unit.v)
                write_choice(ask, choice, &j);
        }
        json_arr_end(&j);
    }
    json_key(&j, "shortfalls");
    json_arr(&j);
    for (size_t i = 0; i < result->slot_count; i++) {
        const struct recommend_slot *slot = &result->slots[i];
        if (slot->pick.unit.v)
            continue;
        json_obj(&j);
        json_kstr(&j, "capability", ask->codes[ask->input.needs[slot->need].capability]);
        json_ki64(&j, "missing", 1);
        json_kc(&j, "cause", recommend_cause_key(slot->shortfall));
        json_obj_end(&j);
    }
    json_arr_end(&j);
    json_key(&j, "left_out");
    json_arr(&j);
    for (size_t i = 0; i < result->left_out_count && i < 200; i++) {
        json_obj(&j);
        write_id(&j, "unit", OBJECT_unit, ask->realm, result->left_out[i].unit.v);
        json_kc(&j, "cause", recommend_cause_key(result->left_out[i].cause));
        json_obj_end(&j);
    }
    json_arr_end(&j);
    json_obj_end(&j);
}

/* The ledger's lock is held from its count to the costs that are read from it. While there is no
 * ledger yet, nobody waits for one: the answer tells no costs. */
void ask_run_recommendation(struct ask *ask, struct road_scratch *scratch)
{
    struct cover_ledger ledger = {0};
    ask->input.metrics = ask->metrics;
    ask->input.metric_count = road_info(ask->road).profiles;
    ask->input.media = ask->media;
    (void)pthread_mutex_lock(&ask->shared->lock);
    ask->input.cover = ask->shared->cover;
    if (ask->input.cover)
        ask->err = ask_take_cover(ask, scratch, &ledger);
    if (!ask->err)
        ask->err = recommend(&ask->input, scratch, &ask->arena, &ask->result);
    if (ask->err)
        ask->detail = ask->err == ERR_NOT_FOUND ? STR("no road near the incident")
                                                : STR("the recommendation failed");
    else
        write_result(ask, &ledger);
    (void)pthread_mutex_unlock(&ask->shared->lock);
}
