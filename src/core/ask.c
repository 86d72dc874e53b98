/* ask.c - questions that commit nothing: who can be there first, which way, what posts reach.
 * The input is copied on the loop, the search runs on a worker with a metric of its own. */
#include "core/core_priv.h"

#include "base/json_out.h"
#include "base/utc.h"
#include "desk/types.h"
#include "geo/geojson.h"
#include "plan/circles.h"
#include "plan/recommend.h"

#define ASK_ARENA_BYTES (64u << 20)
#define ASK_MAX_POSTS 2000
#define ASK_STALE_US (5 * US_PER_MIN)
#define ASK_SUBSTITUTE_MS 60000
#define ASK_DRONE_MM_S 15000

enum ask_topic { ASK_RECOMMENDATION, ASK_ROUTE, ASK_CIRCLES, ASK_TOPIC_COUNT };

struct ask {
    struct core_job job;
    enum ask_topic topic;
    uint64_t correlation, as_of;
    uint32_t realm, incident;
    struct arena arena;
    struct out answer;
    enum err err;
    struct str detail;
    const struct road_metric *metrics[ROAD_MAX_PROFILES];
    const struct road *road;
    /* recommendation */
    struct recommend_input input;
    struct ask_unit {
        char callsign[25];
        struct place place;
    } * names;            /* beside input.units */
    struct str codes[64]; /* capability of each bit */
    uint32_t code_count;
    /* route */
    struct place from, to;
    uint32_t profile;
    /* circles */
    struct circles_post *posts;
    size_t post_count, limit_count;
    uint32_t limits_ms[ROAD_MAX_LIMITS];
};

static void ask_free(struct ask *ask)
{
    for (size_t i = 0; i < ROAD_MAX_PROFILES; i++)
        road_metric_unref(ask->metrics[i]);
    arena_done(&ask->arena);
    out_done(&ask->answer);
    free(ask);
}

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

static struct place incident_place(const struct incident_object *o)
{
    if (HAS(incident_object, o, verified))
        return o->verified;
    if (HAS(incident_object, o, chosen))
        return o->chosen;
    return HAS(incident_object, o, suggested) ? o->suggested : PLACE_NONE;
}

static struct place unit_place(const struct core *core, uint32_t number,
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

/* A committed unit is as busy as the incident that it works. */
static enum priority busy_with(const struct core *core, const struct unit_object *unit)
{
    const struct assignment_object *a =
        unit->readiness == READINESS_COMMITTED ? desk_assignment(core->desk, unit->active) : NULL;
    const struct incident_object *i = a ? desk_incident(core->desk, a->incident) : NULL;
    return i ? i->priority : PRIORITY_NONE;
}

static void copy_unit(const struct core *core, struct ask *ask, uint32_t number,
                      struct recommend_unit *to, struct ask_unit *name)
{
    const struct unit_object *unit = desk_unit(core->desk, (struct unit_id){number});
    const bool flies = str_eq_c(str_of(unit->profile), "air");
    const uint32_t profile = flies ? ROAD_NONE : road_profile(ask->road, unit->profile);
    memset(to, 0, sizeof *to);
    to->unit.v = number;
    to->place = unit_place(core, number, unit, &to->place_utc_us);
    to->readiness = unit->readiness;
    to->medium = flies                                      ? RECOMMEND_AIR
                 : str_eq_c(str_of(unit->profile), "water") ? RECOMMEND_WATER
                                                            : RECOMMEND_ROAD;
    to->profile = profile == ROAD_NONE ? 0 : profile;
    to->speed_mm_s = ASK_DRONE_MM_S;
    to->capabilities = code_mask(ask, str_of(unit->capabilities));
    to->crew = unit->crew;
    to->busy_with = busy_with(core, unit);
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

static enum err prepare_recommendation(struct core *core, struct ask *ask,
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
    return err ? err : copy_units(core, ask);
}

static enum err prepare_route(struct core *core, struct ask *ask,
                              const struct incident_object *incident, struct json params)
{
    uint32_t realm, number;
    int64_t at_us;
    if (id_parse(json_text(json_get(params, "unit")), OBJECT_unit, &realm, &number) != OK) {
        ask->detail = STR("unit must be an id as unit-1-7");
        return ERR_SYNTAX;
    }
    const struct unit_object *unit = desk_unit(core->desk, (struct unit_id){number});
    if (!unit)
        return ERR_NOT_FOUND;
    ask->to = incident_place(incident);
    ask->from = unit_place(core, number, unit, &at_us);
    ask->profile = road_profile(ask->road, unit->profile);
    if (!place_is_valid(ask->from) || !place_is_valid(ask->to) || ask->profile == ROAD_NONE) {
        ask->detail = STR("the unit or the incident has no place on a road");
        return ERR_STATE;
    }
    return OK;
}

static enum err prepare_circles(struct core *core, struct ask *ask, struct json params)
{
    uint32_t pos = 0, number, before = 0;
    struct str minutes = json_text(json_get(params, "minutes"));
    struct str text = minutes.len ? minutes : STR("1,3,5");
    while (text.len > 0 && ask->limit_count < ROAD_MAX_LIMITS) {
        uint32_t minute;
        if (str_u32(str_cut(&text, ','), &minute) != OK || minute <= before || minute > 60) {
            ask->detail = STR("minutes must rise, as 1,3,5, up to 60");
            return ERR_SYNTAX;
        }
        before = minute;
        ask->limits_ms[ask->limit_count++] = minute * 60000;
    }
    ask->posts = ARENA_NEW(&ask->arena, struct circles_post, ASK_MAX_POSTS);
    ask->profile = road_profile(ask->road, "response");
    while ((number = desk_next(core->desk, OBJECT_post, &pos)) != 0 &&
           ask->post_count < ASK_MAX_POSTS) {
        const struct post_object *post = desk_post(core->desk, (struct post_id){number});
        ask->posts[ask->post_count++] = (struct circles_post){{number}, post->place, 0};
    }
    return ask->profile == ROAD_NONE ? ERR_UNSUPPORTED : OK;
}

/* ---- on the worker ---- */

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
    json_obj_end(j);
}

static void write_result(struct ask *ask, const struct recommend_result *result)
{
    struct json_out j = json_out_of(&ask->answer);
    char digest[17];
    json_obj(&j);
    json_ku64(&j, "as_of_seq", ask->as_of);
    json_ku64(&j, "road_seq", result->road_version);
    (void)snprintf(digest, sizeof digest, "%016llx", (unsigned long long)result->digest);
    json_kc(&j, "digest", digest);
    json_ku64(&j, "considered", ask->input.unit_count);
    json_key(&j, "latest_s");
    json_fixed(&j, (result->latest_ms + 50) / 100, 1);
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

static void run_recommendation(struct ask *ask, struct road_scratch *scratch)
{
    struct recommend_result result;
    ask->input.metrics = ask->metrics;
    ask->input.metric_count = road_info(ask->road).profiles;
    ask->err = recommend(&ask->input, scratch, &ask->arena, &result);
    if (ask->err)
        ask->detail = ask->err == ERR_NOT_FOUND ? STR("no road near the incident")
                                                : STR("the recommendation failed");
    else
        write_result(ask, &result);
}

static void write_route(struct ask *ask, const struct road_route *route)
{
    struct json_out j = json_out_of(&ask->answer);
    json_obj(&j);
    json_kc(&j, "type", "Feature");
    json_key(&j, "geometry");
    geojson_write_line(&j, (struct line){route->places, route->place_count});
    json_key(&j, "properties");
    json_obj(&j);
    json_key(&j, "seconds");
    json_fixed(&j, (route->ms + 50) / 100, 1);
    json_ku64(&j, "metres", route->length_mm / 1000);
    json_kbool(&j, "starts_in_closure", route->starts_in_closure);
    json_kbool(&j, "ends_in_closure", route->ends_in_closure);
    json_key(&j, "legs");
    json_arr(&j);
    for (uint32_t i = 0; i < route->leg_count; i++) {
        json_obj(&j);
        json_kstr(&j, "name", route->legs[i].name);
        json_ku64(&j, "metres", route->legs[i].length_mm / 1000);
        json_key(&j, "seconds");
        json_fixed(&j, (route->legs[i].ms + 50) / 100, 1);
        json_obj_end(&j);
    }
    json_arr_end(&j);
    json_obj_end(&j);
    json_obj_end(&j);
}

static void run_route(struct ask *ask, struct road_scratch *scratch)
{
    struct road_snap from, to;
    struct road_route route;
    ask->err = road_snap(ask->road, ask->profile, ask->from, RECOMMEND_SNAP_M, &from);
    if (!ask->err)
        ask->err = road_snap(ask->road, ask->profile, ask->to, RECOMMEND_SNAP_M, &to);
    if (!ask->err)
        ask->err = road_route(ask->metrics[ask->profile], scratch, from.point, to.point, &route);
    if (ask->err)
        ask->detail = STR("there is no way by road");
    else
        write_route(ask, &route);
}

static void run_circles(struct ask *ask, struct road_scratch *scratch)
{
    struct circles circles;
    const struct circles_posts posts = {ask->posts, ask->post_count};
    const struct road_limits limits = {ask->limits_ms, ask->limit_count};
    ask->err =
        circles_reach(ask->metrics[ask->profile], scratch, posts, limits, &ask->arena, &circles);
    if (!ask->err)
        ask->err = circles_geojson(&circles, ask->realm, &ask->answer);
}

static void ask_run(struct core_job *job)
{
    static void (*const runs[ASK_TOPIC_COUNT])(struct ask *, struct road_scratch *) = {
        run_recommendation, run_route, run_circles};
    struct ask *ask = (struct ask *)(void *)job;
    struct road_scratch *scratch = NULL;
    ask->err = road_scratch_new(ask->road, &scratch);
    if (!ask->err)
        runs[ask->topic](ask, scratch);
    road_scratch_free(scratch);
    if (!ask->err)
        ask->err = ask->answer.err;
}

static void ask_done(struct core *core, struct core_job *job, int64_t now_us)
{
    struct ask *ask = (struct ask *)(void *)job;
    struct frame_reply reply = {0};
    (void)now_us;
    if (ask->err) {
        core_pending_refuse(core, CORE_EDGE, ask->correlation, ask->err, NULL, ask->detail,
                            (struct str){0}, 0);
    } else {
        reply.body = out_view(&ask->answer);
        SET_HAS(frame_reply, &reply, err);
        SET_HAS(frame_reply, &reply, body);
        core->options.calls.send(core->options.ctx, CORE_EDGE, FRAME_reply, ask->correlation,
                                 &reply, -1);
    }
    ask_free(ask);
}

/* ---- on the loop ---- */

static const struct {
    const char *name;
    enum access_action action;
    bool needs_incident;
} topics[ASK_TOPIC_COUNT] = {
    [ASK_RECOMMENDATION] = {"recommendation", ACTION_recommendation_ask, true},
    [ASK_ROUTE] = {"route", ACTION_route_ask, true},
    [ASK_CIRCLES] = {"circles", ACTION_circles_ask, false},
};

static enum err check_ask(struct core *core, const struct frame_ask *frame, enum ask_topic topic,
                          struct request *request)
{
    struct envelope envelope;
    const struct object_ref ref = {OBJECT_incident, frame->object};
    if (!access_has(request->command.actor.role, topics[topic].action))
        return ERR_DENIED;
    if (!topics[topic].needs_incident)
        return access_may(&request->command.actor, topics[topic].action, NULL, PURPOSE_NONE,
                          &core->trees);
    if (!core_command_load(core, request, ref))
        return ERR_NOT_FOUND;
    core_envelope_of(core, ref, &envelope);
    return access_may(&request->command.actor, topics[topic].action, &envelope, PURPOSE_NONE,
                      &core->trees);
}

static struct ask *ask_new(const struct core *core, enum ask_topic topic, uint64_t correlation)
{
    struct ask *ask = calloc(1, sizeof *ask);
    if (!ask)
        abort();
    ask->job = (struct core_job){ask_run, ask_done};
    ask->topic = topic;
    ask->correlation = correlation;
    ask->realm = core->options.realm;
    ask->as_of = core->committed;
    ask->road = core->options.road;
    arena_init(&ask->arena, ASK_ARENA_BYTES);
    out_init(&ask->answer, 7u << 20);
    for (uint32_t i = 0; i < road_info(ask->road).profiles; i++)
        ask->metrics[i] = road_metric_ref(core->traffic, i);
    return ask;
}

static enum err prepare(struct core *core, struct ask *ask, const struct frame_ask *frame,
                        struct json params, int64_t now_us)
{
    const struct incident_object *incident =
        desk_incident(core->desk, (struct incident_id){frame->object});
    if (ask->topic == ASK_RECOMMENDATION)
        return prepare_recommendation(core, ask, incident, params, now_us);
    if (ask->topic == ASK_ROUTE)
        return prepare_route(core, ask, incident, params);
    return prepare_circles(core, ask, params);
}

static enum ask_topic topic_of(struct str name)
{
    int topic = 0;
    while (topic < ASK_TOPIC_COUNT && !str_eq_c(name, topics[topic].name))
        topic++;
    return (enum ask_topic)topic;
}

void core_ask_frame(struct core *core, uint64_t correlation, const struct frame_ask *frame,
                    int64_t now_us)
{
    struct request *request = ARENA_NEW(&core->arena, struct request, 1);
    const enum ask_topic topic = topic_of(frame->topic);
    uint32_t session;
    struct json params = {0};
    enum err err = core_session_actor(core, CORE_EDGE, frame->token, now_us,
                                      &request->command.actor, &session);
    if (err || topic == ASK_TOPIC_COUNT || !core->options.road) {
        core_pending_refuse(core, CORE_EDGE, correlation, err ? err : ERR_UNSUPPORTED,
                            err ? CORE_SESSION_NAME : "topic", STR("this cannot be asked"),
                            (struct str){0}, 0);
        return;
    }
    struct ask *ask = ask_new(core, topic, correlation);
    err = check_ask(core, frame, topic, request);
    if (!err && frame->params.len > 0)
        err = json_read(frame->params, &params, NULL);
    if (!err)
        err = prepare(core, ask, frame, params, now_us);
    json_free(params);
    if (!err && !core_job_start(core, &ask->job, now_us))
        err = ERR_BUSY;
    if (err) {
        core_pending_refuse(core, CORE_EDGE, correlation, err, NULL, ask->detail, (struct str){0},
                            0);
        ask_free(ask);
    }
    for (uint32_t i = 0; i < request->loaded_count; i++)
        (void)desk_evict(core->desk, request->loaded[i].kind, request->loaded[i].number);
}
