/* ask.c - questions that commit nothing: who can be there first, which way, what posts reach.
 * The input is copied on the loop, the search runs on a worker with a metric of its own. */
#include "core/ask.h"
#include "desk/types.h"

struct ask_shared *ask_shared_new(void)
{
    struct ask_shared *shared = calloc(1, sizeof *shared);
    if (!shared || pthread_mutex_init(&shared->lock, NULL) != 0 ||
        pthread_cond_init(&shared->is_made, NULL) != 0)
        abort();
    return shared;
}

void ask_shared_free(struct ask_shared *shared)
{
    if (!shared)
        return;
    for (size_t i = 0; i < ROAD_MAX_PROFILES; i++)
        road_mesh_free(shared->meshes[i]);
    cover_free(shared->cover);
    (void)pthread_cond_destroy(&shared->is_made);
    (void)pthread_mutex_destroy(&shared->lock);
    free(shared);
}

static void give_metrics(struct ask *ask)
{
    for (size_t i = 0; i < ROAD_MAX_PROFILES; i++) {
        road_metric_unref(ask->metrics[i]);
        ask->metrics[i] = NULL;
    }
}

static void ask_free(struct ask *ask)
{
    give_metrics(ask);
    if (ask->later)
        road_traffic_free(ask->later);
    arena_done(&ask->arena);
    out_done(&ask->answer);
    out_done(&ask->lines);
    free(ask);
}

/* Ways of travelling that the answer needs; bits. */
static uint32_t profiles_of(const struct ask *ask)
{
    uint32_t profiles = 0;
    if (ask->topic == ASK_TEAM)
        return ask_team_profiles(ask);
    if (ask->topic != ASK_RECOMMENDATION && ask->topic != ASK_COVER)
        return ask->craft ? 0 : 1u << ask->profile;
    for (size_t i = 0; i < ask->input.unit_count; i++)
        profiles |=
            ask->input.units[i].profile == ROAD_NONE ? 0 : 1u << ask->input.units[i].profile;
    for (size_t i = 0; i < ask->unit_count; i++)
        profiles |= ask->units[i].profile == ROAD_NONE ? 0 : 1u << ask->units[i].profile;
    return profiles;
}

/* Metrics of one version, for an answer tells of one moment. Taken on the worker: the first of a
 * profile takes its time. */
static enum err take_metrics(struct ask *ask)
{
    const uint32_t profiles = ask->is_later ? 0 : profiles_of(ask);
    bool is_one;
    do {
        uint32_t version = ROAD_NONE;
        is_one = true;
        give_metrics(ask);
        for (uint32_t i = 0; i < ROAD_MAX_PROFILES; i++) {
            if (!(profiles >> i & 1))
                continue;
            ask->metrics[i] = road_metric_ref(ask->traffic, i);
            if (!ask->metrics[i])
                return ERR_LIMIT;
            const uint32_t is = road_metric_version(ask->metrics[i]);
            is_one = is_one && (version == ROAD_NONE || version == is);
            version = is;
        }
    } while (!is_one);
    return OK;
}

static void ask_run(struct core_job *job)
{
    static void (*const runs[ASK_TOPIC_COUNT])(struct ask *, struct road_scratch *) = {
        ask_run_recommendation, ask_run_route, ask_run_circles,
        ask_run_circles,        ask_run_cover, ask_run_team};
    struct ask *ask = (struct ask *)(void *)job;
    struct road_scratch *scratch = NULL;
    ask->err = road_scratch_new(ask->road, &scratch);
    if (!ask->err)
        ask->err = take_metrics(ask);
    if (!ask->err)
        runs[ask->topic](ask, scratch);
    road_scratch_free(scratch);
    if (!ask->err)
        ask->err = ask->answer.err;
}

/* A plan that sends by itself: what was recommended goes out as the system's own command, with the
 * plan named as the reason. Nothing was recommended: the desk sees it waiting as any other. */
static void send_picks(struct core *core, struct ask *ask, int64_t now_us)
{
    const struct incident_object *incident =
        desk_incident(core->desk, (struct incident_id){ask->incident});
    struct incident_dispatch fields = {0};
    if (ask->err || !incident || incident->stage != INCIDENT_PENDING)
        return;
    for (size_t i = 0; i < ask->result.slot_count && fields.units.count < MAX_REFS; i++) {
        const struct recommend_choice *pick = &ask->result.slots[i].pick;
        if (pick->unit.v && !pick->is_preempted)
            fields.units.v[fields.units.count++] = pick->unit.v;
    }
    if (fields.units.count == 0)
        return;
    fields.recommendation =
        arena_printf(&core->arena, "%016llx", (unsigned long long)ask->result.digest);
    fields.reason = arena_printf(&core->arena, "plan %s", incident->plan);
    SET_HAS(incident_dispatch, &fields, units);
    SET_HAS(incident_dispatch, &fields, recommendation);
    SET_HAS(incident_dispatch, &fields, reason);
    core_command_own(core, COMMAND_incident_dispatch, ask->incident, &fields, now_us);
}

static void ask_done(struct core *core, struct core_job *job, int64_t now_us)
{
    struct ask *ask = (struct ask *)(void *)job;
    struct frame_reply reply = {0};
    if (ask->is_auto) {
        send_picks(core, ask, now_us);
    } else if (ask->is_live) {
        const struct str none = {0};
        core_ledger_done(core, ask->err ? none : out_view(&ask->answer), out_view(&ask->lines));
    } else if (ask->err) {
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
    [ASK_CIRCLES_TILE] = {"circles_tile", ACTION_circles_ask, false},
    [ASK_COVER] = {"cover", ACTION_circles_ask, false},
    [ASK_TEAM] = {"team", ACTION_incident_team, true},
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

bool ask_sees_unit(const struct core *core, const struct ask *ask, uint32_t number)
{
    const struct unit_object *unit = desk_unit(core->desk, (struct unit_id){number});
    const struct envelope envelope = {.kind = OBJECT_unit,
                                      .number = number,
                                      .body = unit->body,
                                      .data_class = DATA_DUTY,
                                      .is_open = true,
                                      .units = {1, {number}}};
    return scope_holds(&ask->seen_units, &core->trees, &envelope);
}

bool ask_sees_post(const struct core *core, const struct ask *ask, uint32_t number)
{
    const struct post_object *post = desk_post(core->desk, (struct post_id){number});
    const struct envelope envelope = {.kind = OBJECT_post,
                                      .number = number,
                                      .body = post->body,
                                      .area = post->area,
                                      .data_class = DATA_DUTY,
                                      .is_open = true};
    return scope_holds(&ask->seen_posts, &core->trees, &envelope);
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
    ask->shared = core->asking;
    ask->store_dir = core->options.store_dir;
    arena_init(&ask->arena, ASK_ARENA_BYTES);
    out_init(&ask->answer, ASK_ANSWER_BYTES);
    out_init(&ask->lines, ASK_ANSWER_BYTES);
    ask->traffic = core->traffic;
    ask->media = core->options.media;
    ask->cells = core->options.cells;
    ask->cell_count = core->options.cell_count;
    return ask;
}

static enum err prepare(struct core *core, struct ask *ask, const struct frame_ask *frame,
                        struct json params, int64_t now_us)
{
    const struct incident_object *incident =
        desk_incident(core->desk, (struct incident_id){frame->object});
    if (ask->topic == ASK_RECOMMENDATION)
        return ask_prepare_recommendation(core, ask, incident, params, now_us);
    if (ask->topic == ASK_ROUTE)
        return ask_prepare_route(core, ask, incident, params);
    if (ask->topic == ASK_TEAM)
        return ask_prepare_team(core, ask, incident);
    if (ask->topic == ASK_COVER)
        return ask_prepare_cover(core, ask);
    return ask_prepare_circles(core, ask, params);
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
    ask->now_us = now_us;
    ask->seen_units =
        access_scope(&request->command.actor, ACTION_unit_read, PURPOSE_NONE, &core->trees);
    ask->seen_posts =
        access_scope(&request->command.actor, ACTION_post_read, PURPOSE_NONE, &core->trees);
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

void core_auto_send(struct core *core, uint32_t number, int64_t now_us)
{
    const struct incident_object *incident =
        desk_incident(core->desk, (struct incident_id){number});
    if (!core->options.road || !incident || incident->stage != INCIDENT_PENDING ||
        incident->source == SOURCE_WEB || !desk_plan_is_auto(core->desk, str_of(incident->plan)))
        return;
    struct ask *ask = ask_new(core, ASK_RECOMMENDATION, 0);
    ask->is_auto = true;
    ask->incident = number;
    if (ask_prepare_recommendation(core, ask, incident, (struct json){0}, now_us) != OK ||
        !core_job_start(core, &ask->job, now_us))
        ask_free(ask);
}

bool core_ask_ledger(struct core *core, int64_t now_us)
{
    struct ask *ask = ask_new(core, ASK_COVER, 0);
    ask->is_live = true;
    ask->now_us = now_us;
    const bool is_started =
        ask_prepare_cover(core, ask) == OK && core_job_start(core, &ask->job, now_us);
    if (!is_started)
        ask_free(ask);
    return is_started;
}
