/* cover.h - the live ledger of cover: how much demand an idle unit reaches in time, now.
 * Layer: plan. Threads: one owner at a time. Does not decide anything.
 *
 * Demand is a list of places with weights: past calls, or people in the cells of a grid. A unit
 * covers a place within a limit when road_reach from where it stands, with its own profile and with
 * the closures in force, gets there in time. So the ledger says for every limit, per area and in
 * all, what an idle unit reaches; what each busy unit takes away (demand that it alone would reach
 * were it idle); what sending an idle unit would cost (demand that nobody else idle reaches).
 *
 * A place inside a closed street is not covered, though a unit sent there would be let in.
 *
 * What is reached from a place is kept while somebody stands there, and shared by all who do: a
 * change of status only counts anew, a unit that moved is searched again, and after a change of the
 * roads only places that it can concern. `./bench cover` prints what each of them takes. */
#ifndef PLAN_COVER_H
#define PLAN_COVER_H
#include "base/arena.h"
#include "model/ids.h"
#include "road/road.h"

#define COVER_MAX_DEMAND 1000000
#define COVER_MAX_UNITS 20000
#define COVER_SNAP_M 500.0

struct cover_demand {
    struct place place;
    uint32_t area;   /* number of the caller's */
    uint32_t weight; /* calls, people */
};
struct cover_unit {
    struct unit_id unit;
    struct place place; /* PLACE_NONE: covers nothing */
    uint32_t profile;   /* ROAD_NONE: does not go by road, covers nothing here */
    uint32_t start_delay_ms;
    bool is_idle;
};
struct cover_sums {
    uint64_t weight;                   /* all demand of the area */
    uint64_t reached[ROAD_MAX_LIMITS]; /* by an idle unit, within each limit */
};
struct cover_area {
    uint32_t area;
    struct cover_sums sums;
};
struct cover_line {                  /* beside the units given */
    uint64_t worth[ROAD_MAX_LIMITS]; /* idle: lost if it is sent; busy: missing while it is busy */
};
struct cover_ledger {
    struct cover_sums all;
    const struct cover_area *areas; /* ascending */
    size_t area_count;
    const struct cover_line *lines;
    uint64_t off_road; /* weight without a street within COVER_SNAP_M: reached by nobody */
    uint32_t searched; /* places from which the reach had to be found again */
    uint32_t road_version;
};

struct cover;
/* Snaps the demand to the streets of a profile. Limits as for road_reach. The road must outlive it.
 * ERR_RANGE: counts, limits or profile; ERR_LIMIT. */
enum err cover_new(const struct road *road, uint32_t profile, const struct cover_demand *demand,
                   size_t count, struct road_limits limits, struct cover **ret_cover);
void cover_free(struct cover *cover);

/* Metrics by number of profile, all of one version. *ret_ledger lies in the arena. ERR_RANGE: too
 * many units; ERR_LIMIT. */
struct cover_now {
    const struct cover_unit *units; /* ids differ */
    size_t unit_count;
    const struct road_metric *const *metrics;
};
enum err cover_take(struct cover *cover, const struct cover_now *now, struct road_scratch *scratch,
                    struct arena *arena, struct cover_ledger *ret_ledger);
/* What sending these units together would cost: demand that was reached within each limit when the
 * ledger was taken last, and would be by nobody without them. More than the sum of what each is
 * worth where they stand in for each other. Units that are not idle, or not there, cost nothing;
 * each is named once. */
void cover_loss(struct cover *cover, const struct unit_id *sent, size_t count,
                uint64_t ret_lost[ROAD_MAX_LIMITS]);
#endif
