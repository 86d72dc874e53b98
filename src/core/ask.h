/* ask.h - a question under way: the copied input, the answer. ask.c asks and answers,
 * ask_recommend.c, ask_team.c, ask_travel.c, ask_circles.c and ask_cover.c know one subject each:
 * prepare on the loop, run on a worker. Layer: core. */
#ifndef CORE_ASK_H
#define CORE_ASK_H
#include "base/json_out.h"
#include "core/core_priv.h"
#include "plan/circles.h"
#include "plan/cover.h"
#include "plan/recommend.h"
#include "road/closure.h"

#include <pthread.h>

#define ASK_ARENA_BYTES (64u << 20)
#define ASK_ANSWER_BYTES (7u << 20)
#define ASK_MAX_POSTS 2000
#define ASK_STALE_US (5 * US_PER_MIN)
#define ASK_SUBSTITUTE_MS 60000

enum ask_topic {
    ASK_RECOMMENDATION,
    ASK_ROUTE,
    ASK_CIRCLES,
    ASK_CIRCLES_TILE,
    ASK_COVER,
    ASK_TEAM,
    ASK_TOPIC_COUNT
};

/* What workers keep from one question to the next; made when first needed. The cover belongs to who
 * holds the lock, for milliseconds; another is made beside it, without the lock, and put in its
 * place. */
struct ask_shared {
    pthread_mutex_t lock; /* of all of it; a mesh, once there, is read without */
    pthread_cond_t is_made;
    struct road_mesh *meshes[ROAD_MAX_PROFILES];
    struct cover *cover;
    bool is_making;
    int64_t cover_us;      /* when its demand was read */
    uint64_t calls, cells; /* of that demand */
};
struct ask_shared *ask_shared_new(void);
void ask_shared_free(struct ask_shared *shared);

/* A closure that will be in force at the time asked about. */
struct ask_closure {
    struct str path;
    struct closure_bind bind;
};

struct ask {
    struct core_job job;
    enum ask_topic topic;
    bool is_auto; /* asked by a plan that sends by itself; nobody waits for the answer */
    bool is_live; /* the ledger for everybody */
    uint64_t correlation, as_of;
    uint32_t realm, incident;
    struct scope seen_units, seen_posts; /* that the asker may see: others are not in the answer */
    struct arena arena;
    struct out answer;
    struct out lines; /* of a live ledger: units, as in frame_cover */
    enum err err;
    struct str detail;
    const struct road *road;
    struct road_traffic *traffic;
    const struct road_metric *metrics[ROAD_MAX_PROFILES]; /* that the answer needs */
    /* recommendation */
    struct recommend_input input;
    struct ask_unit {
        char callsign[25];
        struct place place;
        uint32_t turnout_s;
        struct body_id body;
        bool is_hidden; /* from the asker; it counts all the same */
    } * names;          /* beside input.units */
    struct recommend_result result;
    struct str codes[64]; /* capability of each bit */
    uint32_t code_count;
    /* route */
    struct place from, to;
    uint32_t profile;
    const struct craft_row *craft; /* NULL: by road */
    const struct media *media;
    /* team */
    struct ask_member *team;
    size_t team_count;
    /* circles */
    struct circles_post *posts;
    size_t post_count, limit_count;
    uint32_t limits_ms[ROAD_MAX_LIMITS];
    bool is_area, is_each;
    double min_hole_m2;
    struct tile tile;
    bool is_later;                                /* with the layers below, not with those of now */
    const struct road_speeds *hour, *calibration; /* NULL: without that layer */
    struct ask_closure *closures;
    size_t closure_count;
    struct road_traffic *later;
    /* cover */
    const struct cover_demand *cells; /* NULL: past calls are counted */
    size_t cell_count;
    struct ask_shared *shared;
    const char *store_dir;
    int64_t now_us;
    struct cover_unit *units;
    struct ask_unit *unit_names; /* beside them */
    size_t unit_count;
};

enum err ask_prepare_recommendation(struct core *core, struct ask *ask,
                                    const struct incident_object *incident, struct json params,
                                    int64_t now_us);
enum err ask_prepare_route(struct core *core, struct ask *ask,
                           const struct incident_object *incident, struct json params);
enum err ask_prepare_team(struct core *core, struct ask *ask,
                          const struct incident_object *incident);
uint32_t ask_team_profiles(const struct ask *ask); /* bits of the ways that it takes */
enum err ask_prepare_circles(struct core *core, struct ask *ask, struct json params);
/* The units that count, idle and busy; of the ledger itself, and of what a recommendation costs. */
enum err ask_prepare_cover(struct core *core, struct ask *ask);
bool ask_sees_unit(const struct core *core, const struct ask *ask, uint32_t number);
bool ask_sees_post(const struct core *core, const struct ask *ask, uint32_t number);
/* "1,3,5" or "90" as rising limits. ERR_SYNTAX, with the detail set. */
enum err ask_take_limits(struct ask *ask, struct json params);
void ask_run_recommendation(struct ask *ask, struct road_scratch *scratch);
void ask_run_route(struct ask *ask, struct road_scratch *scratch);
void ask_run_team(struct ask *ask, struct road_scratch *scratch);
void ask_run_circles(struct ask *ask, struct road_scratch *scratch);
void ask_run_cover(struct ask *ask, struct road_scratch *scratch);
/* With the lock held: the ledger as it is now. */
enum err ask_take_cover(struct ask *ask, struct road_scratch *scratch,
                        struct cover_ledger *ret_ledger);
/* Demand, its source, and what is reached of it, as members of an open object. */
void ask_write_cover(const struct ask *ask, const struct cover_ledger *ledger, struct json_out *j);
void ask_write_sums(struct json_out *j, const char *key, const uint64_t *sums);
#endif
