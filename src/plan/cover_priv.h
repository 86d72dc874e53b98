/* cover_priv.h - the ledger's own state: demand along the streets, and what is reached from where.
 * Layer: plan, inside only.
 *
 * A *reach* is what is reached from one place by one profile after one delay: a list of demand
 * points, each with the smallest limit that holds it. Units that stand at the same post share one;
 * what nobody stands on any more is forgotten. Points are numbered along the streets, so a stretch
 * of street holds a run of them; those at a street's very end belong to its node, and are reached
 * when that is, by whatever street. */
#ifndef PLAN_COVER_PRIV_H
#define PLAN_COVER_PRIV_H
#include "base/map.h"
#include "plan/cover.h"

#define COVER_NEAR_BITS (1u << 17)

struct cover_point {
    uint32_t edge, frac;
    uint32_t area; /* index */
    uint32_t weight;
};
struct cover_held {
    uint32_t point, limit;
};
struct cover_reach { /* as it was found last */
    struct place place;
    uint32_t profile, start_delay_ms, version;
    uint32_t idle_count, busy_count; /* units that stand there now; both 0: a free slot */
    bool is_known;
    struct cover_held *held;
    size_t count, cap;
    uint64_t *near; /* COVER_NEAR_BITS: nodes reached, and the ends of its own street */
    uint32_t edge;  /* that it stands on, ROAD_NONE = none */
    uint64_t key;
    uint32_t next_free;
};
struct cover_changes { /* of one profile */
    uint32_t *times;   /* by arc, at that version */
    uint32_t *edges;
    size_t count, cap; /* edges that stretches touch at that version */
    uint32_t version;
    bool is_known;
};
struct cover_taken { /* a unit as it was counted last */
    uint32_t reach;  /* ROAD_NONE: it covers nothing */
    bool is_idle;
};
struct cover {
    const struct road *road;
    uint32_t limits_ms[ROAD_MAX_LIMITS];
    size_t limit_count;
    struct cover_point *points; /* by edge, then fraction */
    size_t point_count;
    uint32_t *edge_first; /* by edge; one more */
    uint64_t *edge_bits;  /* streets with demand between their ends */
    uint32_t *fracs;      /* by point */
    uint32_t *ends;       /* two nodes by edge */
    uint32_t *node_first; /* by node, one more: of node_points, what lies on a street's end */
    uint32_t *node_points;
    uint32_t *marks; /* by point: its index + 1 in the list that is being made */
    uint32_t *areas; /* ascending */
    size_t area_count;
    uint64_t off_road;
    struct map by_unit; /* unit number -> index of taken */
    struct cover_taken *taken;
    struct map by_key; /* of place, profile and delay -> index of reaches */
    struct cover_reach *reaches;
    size_t reach_count, reach_cap;
    uint32_t first_free; /* ROAD_NONE = none */
    uint32_t *idle;      /* by point and limit: idle units that reach it */
    struct cover_changes changes[ROAD_MAX_PROFILES];
};

/* cover_reach.c: every unit of *now to its reach, searched where it is not known as it is now.
 * Fills by_unit and taken. ERR_LIMIT. */
enum err cover_find(struct cover *cover, const struct cover_now *now, struct road_scratch *scratch,
                    struct cover_ledger *ledger);
void cover_reaches_done(struct cover *cover);
#endif
