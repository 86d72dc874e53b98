/* recommend.h - which units to send: all of them weighed at once by true travel time.
 * Layer: plan. Threads: pure; one scratch and one arena a thread. Commits nothing.
 *
 * Every unit that passes the filters is timed by one reverse search over the roads per profile in
 * use: no radius, no shortlist, so across a river the nearest by air comes last. Drones and boats
 * are timed over their own medium; one that cannot do the way is left out with the reason. Several
 * needs are filled as one assignment of units to slots (a need of count 3 is three slots, a unit
 * takes one): first as many slots as possible, then the earliest latest arrival, then the least sum
 * of times, then lower ids. A substitute counts as substitute_penalty_ms later when slots are
 * filled; its shown time is the true one. What each choice costs in cover stands beside it; it is
 * told and not weighed. Equal input gives an equal answer, byte for byte: the digest names it,
 * costs included.
 */
#ifndef PLAN_RECOMMEND_H
#define PLAN_RECOMMEND_H
#include "base/arena.h"
#include "model/enums.h"
#include "model/ids.h"
#include "plan/cover.h"
#include "plan/media.h"
#include "road/road.h"

#define RECOMMEND_MAX_UNITS 20000
#define RECOMMEND_MAX_SLOTS 64
#define RECOMMEND_MAX_NEEDS 32
#define RECOMMEND_MAX_SUBSTITUTES 4

struct recommend_unit {
    struct unit_id unit;
    struct place place;   /* PLACE_NONE: never heard of */
    int64_t place_utc_us; /* when it was there */
    enum readiness readiness;
    uint32_t profile;              /* of the road; ROAD_NONE: it is a craft, or cannot be timed */
    const struct craft_row *craft; /* flies or swims, see media.h; NULL: goes by road */
    uint64_t capabilities;         /* a bit per capability, numbered by the caller */
    uint32_t crew;                 /* people aboard */
    uint32_t start_delay_ms;       /* until it moves: turn-out, or the rest of its present job */
    enum priority busy_with;       /* priority of its incident when committed, else PRIORITY_NONE */
    bool is_barred;                /* "do not dispatch" mark */
    bool is_reserved_duty;         /* community officers and the like: only for P0 and P1 */
};

struct recommend_need {
    uint32_t capability; /* bit number 0..63 */
    uint32_t count;
    uint32_t min_crew;
    uint32_t substitutes[RECOMMEND_MAX_SUBSTITUTES]; /* bit numbers, best first */
    uint32_t substitute_count;
};

struct recommend_input {
    struct place place; /* of the incident */
    enum priority priority;
    int64_t now_utc_us;
    int64_t max_age_us; /* older positions are used but marked stale; 0 = never stale */
    bool may_preempt;   /* units committed to a lower priority may be proposed */
    uint32_t substitute_penalty_ms;
    const struct recommend_need *needs;
    size_t need_count;
    const struct recommend_unit *units; /* any order; ids differ */
    size_t unit_count;
    const struct road_metric *const
        *metrics; /* by profile number; NULL = that profile is not used */
    size_t metric_count;
    const struct media *media; /* of the units that are craft; NULL where there are none */
    struct cover *cover; /* whose ledger was just taken, see cover_loss; NULL: no costs are told */
};

/* Why a unit was left out, or a slot stays empty. X(name, key for texts) */
#define RECOMMEND_CAUSE_LIST(X)                                                                    \
    X(RECOMMEND_OK, "ok")                                                                          \
    X(RECOMMEND_OFF_DUTY, "off_duty")                                                              \
    X(RECOMMEND_OUT_OF_SERVICE, "out_of_service")                                                  \
    X(RECOMMEND_COMMITTED, "committed")                                                            \
    X(RECOMMEND_BARRED, "do_not_dispatch")                                                         \
    X(RECOMMEND_RESERVED_DUTY, "reserved_duty")                                                    \
    X(RECOMMEND_NO_POSITION, "no_position")                                                        \
    X(RECOMMEND_NO_CAPABILITY, "no_capability")                                                    \
    X(RECOMMEND_CREW_TOO_SMALL, "crew_too_small")                                                  \
    X(RECOMMEND_OFF_ROAD, "far_from_any_road")                                                     \
    X(RECOMMEND_NO_WAY, "no_way_there")                                                            \
    X(RECOMMEND_NO_MEDIUM, "medium_not_mapped")                                                    \
    X(RECOMMEND_TAKEN, "needed_for_another_slot")                                                  \
    X(RECOMMEND_START_BARRED, "start_not_in_its_medium")                                           \
    X(RECOMMEND_PLACE_BARRED, "place_not_in_its_medium")                                           \
    X(RECOMMEND_BEYOND_ENDURANCE, "beyond_endurance")
#define RECOMMEND_CAUSE_ENUM(name, key) name,
enum recommend_cause { RECOMMEND_CAUSE_LIST(RECOMMEND_CAUSE_ENUM) RECOMMEND_CAUSE_COUNT };
#undef RECOMMEND_CAUSE_ENUM
const char *recommend_cause_key(enum recommend_cause cause);

struct recommend_choice {
    struct unit_id unit; /* 0: nobody */
    uint32_t ms;         /* from now to arrival, start delay included */
    int64_t position_age_us;
    uint32_t capability; /* the one that it fills the slot with */
    bool is_substitute, is_stale, is_preempted;
    uint64_t lost[ROAD_MAX_LIMITS]; /* demand that nobody else idle reaches if it alone is sent */
};
struct recommend_slot {
    uint32_t need, number;                   /* index of the need, 0-based number within it */
    struct recommend_choice pick, runner_up; /* runner-up: the fastest that no slot took */
    enum recommend_cause shortfall; /* RECOMMEND_OK when picked, else the commonest cause */
};
struct recommend_left_out {
    struct unit_id unit;
    enum recommend_cause cause;
};
struct recommend_result {
    const struct recommend_slot *slots;
    size_t slot_count, picked_count;
    const struct recommend_left_out *left_out; /* by unit id */
    size_t left_out_count;
    bool is_place_closed; /* the incident lies inside a closure: it is reached over that street */
    uint32_t latest_ms;   /* of the picks, 0 without any */
    uint64_t lost[ROAD_MAX_LIMITS]; /* demand that is reached no more if all picks are sent */
    uint32_t road_version;          /* of the metrics used */
    uint64_t digest;
};

/* *ret_result lies in the arena. ERR_RANGE: a count or bit out of range; ERR_NOT_FOUND: no
 * road within RECOMMEND_SNAP_M of the incident and no unit that flies; ERR_LIMIT: arena or memory.
 */
#define RECOMMEND_SNAP_M 1500.0
enum err recommend(const struct recommend_input *input, struct road_scratch *scratch,
                   struct arena *arena, struct recommend_result *ret_result);
#endif
