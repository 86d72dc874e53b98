/* ask.h - a question under way: the copied input, the answer. ask.c asks and answers,
 * ask_recommend.c and ask_travel.c know one subject each: prepare on the loop, run on a worker.
 * Layer: core. */
#ifndef CORE_ASK_H
#define CORE_ASK_H
#include "base/json_out.h"
#include "core/core_priv.h"
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
    bool is_auto; /* asked by a plan that sends by itself; nobody waits for the answer */
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
    } * names; /* beside input.units */
    struct recommend_result result;
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

struct place ask_incident_place(const struct incident_object *incident);
/* Last place heard of, else the home; PLACE_NONE. */
struct place ask_unit_place(const struct core *core, uint32_t number,
                            const struct unit_object *unit, int64_t *ret_at_us);
enum err ask_prepare_recommendation(struct core *core, struct ask *ask,
                                    const struct incident_object *incident, struct json params,
                                    int64_t now_us);
enum err ask_prepare_route(struct core *core, struct ask *ask,
                           const struct incident_object *incident, struct json params);
enum err ask_prepare_circles(struct core *core, struct ask *ask, struct json params);
void ask_run_recommendation(struct ask *ask, struct road_scratch *scratch);
void ask_run_route(struct ask *ask, struct road_scratch *scratch);
void ask_run_circles(struct ask *ask, struct road_scratch *scratch);
#endif
