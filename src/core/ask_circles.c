/* ask_circles.c - what posts or units reach in time: as streets, as areas, as a tile; now, or with
 * the closures that are planned for later. */
#include "core/ask.h"

#define MAX_LIMIT_S 7200u
#define PAGE_BYTES (ASK_ANSWER_BYTES - 4096) /* of areas of each; the rest ends the answer */

enum err ask_take_limits(struct ask *ask, struct json params)
{
    struct str minutes = json_text(json_get(params, "minutes"));
    struct str seconds = json_text(json_get(params, "seconds"));
    const uint32_t unit_s = seconds.len ? 1 : 60;
    struct str text = seconds.len ? seconds : minutes.len ? minutes : STR("1,3,5");
    uint32_t number, before = 0;
    while (text.len > 0) {
        if (ask->limit_count == ROAD_MAX_LIMITS || str_u32(str_cut(&text, ','), &number) != OK ||
            number <= before || number > MAX_LIMIT_S / unit_s) {
            ask->detail = STR("limits must rise, as 1,3,5: at most eight, up to two hours");
            return ERR_SYNTAX;
        }
        before = number;
        ask->limits_ms[ask->limit_count++] = number * unit_s * 1000;
    }
    return OK;
}

static bool is_out(const struct core *core, uint32_t post, bool is_busy_in)
{
    uint32_t pos = 0, number;
    bool has_unit = false;
    while (!is_busy_in && (number = desk_next(core->desk, OBJECT_unit, &pos)) != 0) {
        const struct unit_object *unit = desk_unit(core->desk, (struct unit_id){number});
        if (unit->post.v != post || unit->readiness == READINESS_OFF_DUTY)
            continue;
        if (unit->readiness == READINESS_AVAILABLE)
            return false;
        has_unit = true;
    }
    return has_unit;
}

struct wanted { /* of posts or units, by number */
    uint32_t only, after;
};

static void add_posts(const struct core *core, struct ask *ask, bool is_busy_in,
                      const struct wanted *wanted)
{
    uint32_t pos = 0, number;
    while ((number = desk_next(core->desk, OBJECT_post, &pos)) != 0 &&
           ask->post_count < ASK_MAX_POSTS) {
        const struct post_object *post = desk_post(core->desk, (struct post_id){number});
        if (!is_out(core, number, is_busy_in) && (!wanted->only || number == wanted->only) &&
            number > wanted->after && ask_sees_post(core, ask, number))
            ask->posts[ask->post_count++] =
                (struct circles_post){.post = {number}, .place = post->place};
    }
}

static void add_units(const struct core *core, struct ask *ask, bool is_busy_in,
                      const struct wanted *wanted)
{
    uint32_t pos = 0, number;
    while ((number = desk_next(core->desk, OBJECT_unit, &pos)) != 0 &&
           ask->post_count < ASK_MAX_POSTS) {
        const struct unit_object *unit = desk_unit(core->desk, (struct unit_id){number});
        const bool is_idle = unit->readiness == READINESS_AVAILABLE;
        char id[ID_TEXT_CAP];
        int64_t at_us;
        const struct place place = core_place_of_unit(core, number, unit, &at_us);
        if (!(is_idle || (is_busy_in && unit->readiness == READINESS_COMMITTED)) ||
            !place_is_valid(place) || number <= wanted->after || !ask_sees_unit(core, ask, number))
            continue;
        id_text(OBJECT_unit, ask->realm, number, id);
        ask->posts[ask->post_count++] = (struct circles_post){
            .post = {number}, .name = arena_dup(&ask->arena, str_of(id)), .place = place};
    }
}

/* By number, so that a page goes on where the one before ended. */
static int compare_posts(const void *a, const void *b)
{
    const uint32_t l = ((const struct circles_post *)a)->post.v;
    const uint32_t r = ((const struct circles_post *)b)->post.v;
    return l < r ? -1 : l > r;
}

/* Layers of the time asked about, closures copied; the worker puts them on roads of its own. */
static enum err copy_layers(const struct core *core, struct ask *ask, int64_t at_us,
                            uint32_t week_hour)
{
    const struct core_options *options = &core->options;
    uint32_t pos = 0, number;
    ask->is_later = true;
    ask->hour = options->hours ? &options->hours->at[week_hour] : NULL;
    ask->calibration = options->calibration ? &options->calibration->speeds : NULL;
    ask->closures =
        ARENA_NEW(&ask->arena, struct ask_closure, desk_count(core->desk, OBJECT_closure) + 1);
    if (!ask->closures)
        return ERR_LIMIT;
    while ((number = desk_next(core->desk, OBJECT_closure, &pos)) != 0) {
        const struct closure_object *closure =
            desk_closure(core->desk, (struct closure_id){number});
        if (!core_closure_is_in_force(closure, at_us))
            continue;
        ask->closures[ask->closure_count++] = (struct ask_closure){
            arena_dup(&ask->arena, closure->path),
            closure_bind_of(ask->road, closure->factor, str_of(closure->profiles))};
    }
    return OK;
}

static bool take_tile(struct ask *ask, struct json params)
{
    const int64_t z = json_int(json_get(params, "z"));
    const int64_t x = json_int(json_get(params, "x")), y = json_int(json_get(params, "y"));
    if (z < 0 || x < 0 || y < 0 || x > UINT32_MAX || y > UINT32_MAX || z > UINT32_MAX)
        return false;
    ask->tile = (struct tile){.z = (uint32_t)z, .x = (uint32_t)x, .y = (uint32_t)y};
    return tile_is_valid(ask->tile);
}

/* A parameter that is one of two or three words, or absent. */
static bool is_word(struct json params, const char *name, const char *words)
{
    const struct str value = json_text(json_get(params, name));
    struct str list = str_of(words);
    while (value.len > 0 && list.len > 0) {
        if (str_eq(value, str_cut(&list, ' ')))
            return true;
    }
    return value.len == 0;
}

static enum err wrong(struct ask *ask, struct str detail)
{
    ask->detail = detail;
    return ERR_SYNTAX;
}

/* At another time: `at` means its closures and its hour of the week, `hour` that hour instead. */
static enum err take_time(const struct core *core, struct ask *ask, struct json params)
{
    const struct str at = json_text(json_get(params, "at"));
    const struct str hour = json_text(json_get(params, "hour"));
    int64_t at_us = ask->now_us;
    if (!at.len && !hour.len)
        return OK;
    if (at.len && utc_parse(at, &at_us) != OK)
        return wrong(ask, STR("at: a time as 2026-11-23T08:00:00Z"));
    uint32_t week_hour = road_hour_at(at_us);
    if (hour.len && road_hour_read(hour, &week_hour) != OK)
        return wrong(ask, STR("hour: an hour of the week as fri-17"));
    if (hour.len && !core->options.hours)
        return wrong(ask, STR("hour: no table of hours is installed here"));
    return copy_layers(core, ask, at_us, week_hour);
}

enum err ask_prepare_circles(struct core *core, struct ask *ask, struct json params)
{
    const struct str profile = json_text(json_get(params, "profile"));
    const struct str shape = json_text(json_get(params, "shape"));
    const bool is_busy_in = !str_eq_c(json_text(json_get(params, "busy")), "out");
    const struct str one = json_text(json_get(params, "post"));
    const struct str after = json_text(json_get(params, "after"));
    const bool is_of_units = str_eq_c(json_text(json_get(params, "from")), "units");
    struct wanted wanted = {0};
    char name[32];
    uint32_t realm;
    enum err err = ask_take_limits(ask, params);
    if (err)
        return err;
    if (!str_copy(profile.len ? profile : STR("response"), name, sizeof name) ||
        (ask->profile = road_profile(ask->road, name)) == ROAD_NONE)
        return wrong(ask, STR("profile: no such way of travelling"));
    if (!is_word(params, "shape", "lines areas each"))
        return wrong(ask, STR("shape: lines, areas or each"));
    if (!is_word(params, "busy", "in out"))
        return wrong(ask, STR("busy: in or out"));
    if (!is_word(params, "from", "posts units"))
        return wrong(ask, STR("from: posts or units"));
    if (one.len && id_parse(one, OBJECT_post, &realm, &wanted.only) != OK)
        return wrong(ask, STR("post must be an id as post-1-7"));
    if (after.len &&
        id_parse(after, is_of_units ? OBJECT_unit : OBJECT_post, &realm, &wanted.after) != OK)
        return wrong(ask, STR("after: the `next` of the page before"));
    if (ask->topic == ASK_CIRCLES_TILE && !take_tile(ask, params))
        return wrong(ask, STR("no such tile"));
    ask->is_each = str_eq_c(shape, "each");
    ask->is_area = ask->is_each || str_eq_c(shape, "areas");
    ask->min_hole_m2 = (double)json_int(json_get(params, "min_hole_m2"));
    ask->posts = ARENA_NEW(&ask->arena, struct circles_post, ASK_MAX_POSTS);
    if (!ask->posts)
        return ERR_LIMIT;
    if (is_of_units)
        add_units(core, ask, is_busy_in, &wanted);
    else
        add_posts(core, ask, is_busy_in, &wanted);
    qsort(ask->posts, ask->post_count, sizeof *ask->posts, compare_posts);
    return take_time(core, ask, params);
}

/* ------------------------------------------------------- on a worker */

/* Roads as they will be: those of the file with the layers of that time. */
static enum err make_later(struct ask *ask)
{
    struct arena arena;
    enum err err = road_traffic_new(ask->road, &ask->later);
    if (!err && ask->hour)
        err = road_traffic_put_speeds(ask->later, ROAD_LAYER_HOUR, ask->hour);
    if (!err && ask->calibration)
        err = road_traffic_put_speeds(ask->later, ROAD_LAYER_CALIBRATION, ask->calibration);
    arena_init(&arena, 64u << 20);
    for (size_t i = 0; i < ask->closure_count && !err; i++) {
        const struct ask_closure *closure = &ask->closures[i];
        char layer[32];
        (void)snprintf(layer, sizeof layer, "closure-%zu", i);
        err = closure_put(ask->later, ask->road, layer, closure->path, closure->bind, &arena);
        err = err == ERR_NOT_FOUND ? OK : err; /* no street there: said when it was set */
        arena_reset(&arena);
    }
    arena_done(&arena);
    if (!err) {
        ask->metrics[ask->profile] = road_metric_ref(ask->later, ask->profile);
        err = ask->metrics[ask->profile] ? OK : ERR_LIMIT;
    }
    return err;
}

static enum err take_mesh(struct ask *ask, const struct road_mesh **ret_mesh)
{
    struct ask_shared *shared = ask->shared;
    enum err err = OK;
    (void)pthread_mutex_lock(&shared->lock);
    if (!shared->meshes[ask->profile])
        err = road_mesh_new(ask->road, ask->profile, &shared->meshes[ask->profile]);
    *ret_mesh = shared->meshes[ask->profile];
    (void)pthread_mutex_unlock(&shared->lock);
    return err;
}

static enum err run_areas(struct ask *ask, struct road_scratch *scratch,
                          const struct circles *circles)
{
    const struct road_mesh *mesh;
    struct circles_areas areas = {NULL, ask->is_each, ask->min_hole_m2, PAGE_BYTES};
    enum err err = take_mesh(ask, &mesh);
    if (!err)
        err = road_outliner_new(mesh, &areas.outliner);
    if (!err)
        err = circles_areas_geojson(ask->metrics[ask->profile], scratch, circles, &areas,
                                    ask->realm, &ask->answer);
    road_outliner_free(areas.outliner);
    return err;
}

void ask_run_circles(struct ask *ask, struct road_scratch *scratch)
{
    struct circles circles;
    const struct circles_posts posts = {ask->posts, ask->post_count};
    const struct road_limits limits = {ask->limits_ms, ask->limit_count};
    ask->err = ask->is_later ? make_later(ask) : OK;
    if (!ask->err)
        ask->err = circles_reach(ask->metrics[ask->profile], scratch, posts, limits, &ask->arena,
                                 &circles);
    if (ask->err)
        return;
    if (ask->topic == ASK_CIRCLES_TILE)
        ask->err = circles_mvt(&circles, ask->tile, &ask->answer);
    else if (ask->is_area)
        ask->err = run_areas(ask, scratch, &circles);
    else
        ask->err = circles_geojson(&circles, ask->realm, &ask->answer);
    if (ask->err == ERR_LIMIT)
        ask->detail = STR("the answer is too large: ask for fewer or shorter limits");
}
