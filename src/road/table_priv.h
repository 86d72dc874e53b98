/* table_priv.h - many to many: one sweep down the hierarchy for sixteen sources. Layer: road,
 * inside only. After Delling, Goldberg, Werneck: Faster Batched Shortest Paths in Road Networks
 * (ATMOS 2011).
 *
 * The *part* of some points is all vertices above them in the elimination tree. Each source climbs
 * and leaves its labels on its path. Then the part of the targets is taken from the highest vertex
 * down: the time at a vertex is the least of the label left there and the times at its upper
 * neighbours with the arcs down to it. The arcs of the part are listed once, as places in the part,
 * and every sweep streams them with one row of sixteen lanes a vertex.
 *
 * The same with one lane: of labels time << 32 | source for "which source comes first", and upwards
 * from one target for "how far is each source". */
#ifndef ROAD_TABLE_PRIV_H
#define ROAD_TABLE_PRIV_H
#include "road/climb_priv.h"

#define TABLE_LANES 16u
#define TABLE_NO_LABEL ((uint64_t)ROAD_INF << 32) /* all above it are none either */

struct table_points { /* where each of several points may begin, or end: groups of starts */
    struct climb_start *at;
    const uint32_t *first; /* count + 1 */
    size_t count;
};
struct table_part {
    uint64_t *marks;     /* bit by vertex */
    uint32_t *index;     /* by marked vertex: its place, the highest first */
    struct vec vertices; /* uint32_t, by place */
};
struct table { /* scratch */
    const struct climb *climb;
    uint32_t *path; /* labels of one climb, by slot */
    struct table_part part;
    struct vec first, arcs; /* uint32_t, struct table_arc of the part's vertices */
    struct vec labels;      /* uint64_t by place */
    uint32_t *rows;         /* TABLE_LANES by place, aligned */
    size_t row_cap;
    uint64_t settled; /* vertices swept since it was made */
};
enum err table_init(struct table *table, const struct climb *climb); /* ERR_LIMIT */
void table_done(struct table *table);

/* Every source to every target: ret_ms[s * to.count + t], ROAD_INF where there is no way. Groups
 * may be empty; they are sorted (climb_sort_starts) and may be rearranged within. ERR_LIMIT. */
enum err table_fill(struct table *table, const struct cch_weight *weights,
                    const struct table_points *from, const struct table_points *to,
                    uint32_t *ret_ms);
/* Of all sources the first at each target, and of those the lowest: time << 32 | source or
 * TABLE_NO_LABEL. ERR_LIMIT. */
enum err table_first(struct table *table, const struct cch_weight *weights,
                     const struct table_points *from, const struct table_points *to,
                     uint64_t *ret_labels);
/* Every source to the one target. ERR_LIMIT. */
enum err table_towards(struct table *table, const struct cch_weight *weights,
                       const struct table_points *from, const struct table_points *to,
                       uint32_t *ret_ms);

/* table_sweep.c */
struct table_arc {
    uint32_t place, ms;
};
/* Rows from the first down; arcs[first[i]..first[i + 1]] are those of place i, to lower places. By
 * the best that this machine can do, and the plain way. */
void table_sweep(const uint32_t *first, const struct table_arc *arcs, size_t count, uint32_t *rows);
void table_sweep_plain(const uint32_t *first, const struct table_arc *arcs, size_t count,
                       uint32_t *rows);
#endif
