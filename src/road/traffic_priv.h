/* traffic_priv.h - metrics inside. Layer: road, inside only.
 *
 * The time to come from an edge's tail to fraction x by one of its arcs is
 *     C(x) = floor(w x / ONE) + floor(extra(x) / ONE)
 * where w is the arc's whole time at the pace of the layers of speeds, and extra() what slow
 * stretches add, in 1/ONE ms. A move
 * from x to y costs |C(y) - C(x)|: moves along one arc add up exactly, a slow layer never makes one
 * cheaper, and closing leaves the times of what stays open untouched.
 *
 * A profile's arrays are made on its first use, into an *image* that never changes again. Metrics
 * show *buffers*: private copies of the image of which the machine keeps only the pages that were
 * written (traffic_buffer.c). A change is computed for the arcs that it touches, written to a
 * buffer that no reader holds, and that buffer is put in force; what the others lack is noted, and
 * made up for when their turn comes. */
#ifndef ROAD_TRAFFIC_PRIV_H
#define ROAD_TRAFFIC_PRIV_H
#include "road/climb_priv.h"
#include "road/road_priv.h"
#include <pthread.h>
#include <stdatomic.h>

/* ------------------------------------------------------- metrics, as queries read them */

struct piece { /* of an arc that some layer touches; its pieces cover 0..ONE */
    uint32_t from, to;
    uint32_t permille; /* of the speed at the pace, 1..1000; under a closure: beneath it */
    bool is_closed;
    uint64_t extra; /* at `from` */
};
struct arc_pieces {
    uint32_t refs; /* buffers that hold it: the writer's to count */
    uint32_t arc;
    uint32_t base, ms; /* whole, without and with layers of stretches */
    uint32_t count;
    struct piece at[];
};
struct piece_map { /* by arc; open addressing, NULL = free */
    struct arc_pieces **slots;
    uint32_t cap, count;
};
struct metric_buffer;
struct road_metric {
    atomic_uint refs;
    const struct road *road;
    uint32_t profile, version;
    const uint32_t *weights;           /* by arc, whole */
    const struct metric_hop *forward;  /* by hop: its head */
    const struct metric_hop *backward; /* in the order of in_hops: its tail */
    const struct cch_weight *cch;      /* by arc of the hierarchy */
    const struct piece_map *pieces;
    struct metric_buffer *buffer; /* that all these lie in */
};

/* Cost of going along an arc from fraction x to fraction y (both measured tail to head of the
 * edge). A closed run that strictly holds the start may be left if may_leave, one that strictly
 * holds the end may be entered if may_enter. ROAD_INF: cannot. */
struct move {
    uint32_t arc, x, y;
    bool may_leave, may_enter;
};
uint32_t metric_move_ms(const struct road_metric *metric, struct move move);
/* Pieces of an arc; NULL when no layer touches it. */
const struct piece *metric_pieces(const struct road_metric *metric, uint32_t arc,
                                  size_t *ret_count);

/* ------------------------------------------------------- changes, as the writer keeps them */

/* traffic_speeds.c: all layers of speeds together. */
struct pace { /* millionths of the profile's speed */
    uint32_t ppm[ROAD_MAX_PROFILES][ROAD_MAX_CLASSES];
};
void pace_make(struct pace *pace, const struct road_speeds *const *speeds, size_t count);
bool speeds_are_in_bounds(const struct road_speeds *speeds);
/* What an arc takes at a pace, without stretches. */
uint32_t pace_ms(const struct pace *pace, const struct road *road, uint32_t profile, uint32_t arc);

struct edge_change { /* a change matched to one edge */
    uint32_t edge, from, to, permille, direction, profiles;
};
struct change_node {
    struct edge_change change;
    uint32_t next; /* on the same edge, ROAD_NONE = last */
};
struct change_lists { /* of all layers, by edge, in no order */
    uint32_t *first;
    struct vec nodes; /* struct change_node */
    uint32_t unused;  /* list of free nodes */
};

/* traffic_pieces.c */
/* What the changes make of an arc for a profile; *ret_pieces is malloc'd with no refs, NULL when
 * the arc is as it was. ERR_LIMIT. */
struct piece_maker {
    const struct road *road;
    struct pace pace;
    const struct change_lists *lists;
    struct vec changes, borders; /* scratch */
};
enum err pieces_make(struct piece_maker *maker, uint32_t profile, uint32_t arc,
                     struct arc_pieces **ret_pieces);
void piece_maker_done(struct piece_maker *maker);
bool pieces_equal(const struct arc_pieces *a, const struct arc_pieces *b); /* either may be NULL */
void pieces_unref(struct arc_pieces *pieces);                              /* NULL is fine */
struct arc_pieces *piece_map_get(const struct piece_map *map, uint32_t arc);
enum err piece_map_room(struct piece_map *map, uint32_t more); /* for so many further arcs */
/* Takes a reference for the map; pieces NULL: takes the arc out. There must be room. */
void piece_map_set(struct piece_map *map, uint32_t arc, struct arc_pieces *pieces);
void piece_map_done(struct piece_map *map);

/* traffic_digest.c */
/* The pieces of all arcs that the changes touch, into an empty map. ERR_LIMIT: of some of them. */
enum err pieces_make_all(struct piece_maker *maker, uint32_t profile, struct piece_map *map);
/* road_metric_digest of a metric with these pieces. ERR_LIMIT. */
enum err pieces_digest(const struct piece_maker *maker, uint32_t profile,
                       const struct piece_map *pieces, uint64_t *ret_digest);

/* traffic_buffer.c: one profile's buffers. */
#define ROAD_MAX_BUFFERS 8

struct course_tools { /* shared by the profiles of one traffic, the writer's */
    struct cch_queue *queue;
    struct piece_maker maker;
};
struct fresh_arc {
    uint32_t arc, ms;
    struct arc_pieces *pieces;
};
struct course {
    const struct road *road;
    struct course_tools *tools;
    uint32_t profile;
    uint32_t *input;       /* ms by hop, as in the newest buffer */
    int image, next_image; /* files in memory, of newest and, if it has its own, next; -1: none */
    bool is_image_newest;  /* nothing was written to the newest buffer */
    struct metric_buffer *buffers[ROAD_MAX_BUFFERS];
    size_t buffer_count;
    struct metric_buffer *newest, *next; /* in force; prepared, may be the same */
    struct vec fresh;                    /* struct fresh_arc: what prepare finds changed */
    struct vec hops;                     /* uint32_t, whose time is new in next */
};
void course_init(struct course *course, const struct road *road, uint32_t profile,
                 struct course_tools *tools);
void course_done(struct course *course);
/* Before the first course_prepare, which then makes the metric. ERR_LIMIT. */
enum err course_start(struct course *course);
/* Makes `next` with the changes as they are now; only those of the edges have changed, edges NULL:
 * perhaps all. ERR_LIMIT; ERR_BUSY: readers hold ROAD_MAX_BUFFERS buffers. Then course_accept or
 * course_drop. */
enum err course_prepare(struct course *course, const uint32_t *edges, size_t count);
void course_accept(struct course *course);
void course_drop(struct course *course);
/* A metric that shows a buffer, newest or next. ERR_LIMIT. */
enum err course_metric(struct course *course, struct metric_buffer *buffer, uint32_t version,
                       struct road_metric **ret_metric);
void metric_free(struct road_metric *metric);
#endif
