/* road_priv.h - the file `city.road` and what the parts of the engine share.
 * Layer: road, inside only. All integers little endian, every section starts at
 * a multiple of 64.
 *
 *   header    magic "ANWROAD\n", version, section count, BLAKE2b-256 of the BLAKE2b-256 of each
 * section, a table {u64 offset, u64 count, u64 sum} for each of ROAD_SECTIONS,
 * sum of the header sections  flat arrays; sums are XXH3-64 of a section up to
 * the start of the next
 *
 * Two graphs lie in it. The *map*: nodes and edges; every edge has two arcs,
 * and both stand in the one adjacency list: what leaves a node by arc a enters
 * it by arc a ^ 1. The *search graph*: vertices numbered by rank of the
 * elimination order, and hops between them. A vertex is a node, or the copy of
 * a node that stands for having come there by certain arcs, where a turn
 * restriction begins. A hop is an arc taken from a vertex; every arc is a hop
 * of its tail's main vertex and of its copies, but an arc that would lead a
 * vertex to itself is left out: it never helps. Everything is numbered by rank:
 * nodes as their main vertices, edges by their tail.
 *
 * A profile that may not use an arc has weight ROAD_INF there. */
#ifndef ROAD_ROAD_PRIV_H
#define ROAD_ROAD_PRIV_H
#include "base/cursor.h"
#include "geo/polygon.h"
#include "road/cch_plan_priv.h"
#include "road/climb_priv.h"
#include "road/road.h"
#include "road/vec_priv.h"
#include <assert.h>

#define ROAD_MAGIC "ANWROAD\n"
#define ROAD_FILE_VERSION 3u
#define ROAD_PROFILE_NAME_CAP 16

#define ROAD_CLASS_LIST(X)                                                                         \
    X(motorway)                                                                                    \
    X(motorway_link)                                                                               \
    X(trunk)                                                                                       \
    X(trunk_link)                                                                                  \
    X(primary)                                                                                     \
    X(primary_link)                                                                                \
    X(secondary)                                                                                   \
    X(secondary_link)                                                                              \
    X(tertiary)                                                                                    \
    X(tertiary_link)                                                                               \
    X(unclassified)                                                                                \
    X(residential)                                                                                 \
    X(living_street)                                                                               \
    X(road)                                                                                        \
    X(service)                                                                                     \
    X(track)                                                                                       \
    X(busway)                                                                                      \
    X(pedestrian)                                                                                  \
    X(cycleway)                                                                                    \
    X(footway)                                                                                     \
    X(path)                                                                                        \
    X(bridleway)                                                                                   \
    X(steps)                                                                                       \
    X(ferry) /* route=ferry, the last */
#define ROAD_CLASS_ENUM(name) ROAD_CLASS_##name,
enum road_class { ROAD_CLASS_LIST(ROAD_CLASS_ENUM) ROAD_CLASS_COUNT };
#undef ROAD_CLASS_ENUM
static_assert(ROAD_CLASS_COUNT <= ROAD_MAX_CLASSES, "classes fit the file's profile record");

/* Whose tags count. */
enum road_mode {
    MODE_MOTORCAR,
    MODE_MOTORCYCLE,
    MODE_EMERGENCY,
    MODE_BICYCLE,
    MODE_FOOT,
    MODE_COUNT
};
enum road_access { ACCESS_OPEN, ACCESS_PRIVATE, ACCESS_NO, ACCESS_UNSAID };
enum road_surface { SURFACE_PAVED, SURFACE_SETT, SURFACE_GRAVEL, SURFACE_GROUND, SURFACE_COUNT };

/* Barriers on nodes. What is not here does not count. */
#define ROAD_BARRIER_LIST(X)                                                                       \
    X(gate)                                                                                        \
    X(lift_gate)                                                                                   \
    X(swing_gate)                                                                                  \
    X(sliding_gate)                                                                                \
    X(bollard)                                                                                     \
    X(block)                                                                                       \
    X(jersey_barrier)                                                                              \
    X(chain)                                                                                       \
    X(cycle_barrier)                                                                               \
    X(stile)                                                                                       \
    X(kissing_gate)                                                                                \
    X(turnstile)                                                                                   \
    X(toll_booth)                                                                                  \
    X(border_control)                                                                              \
    X(cattle_grid)                                                                                 \
    X(bus_trap)                                                                                    \
    X(sump_buster)                                                                                 \
    X(debris)                                                                                      \
    X(log)
#define ROAD_BARRIER_ENUM(name) BARRIER_##name,
enum road_barrier { BARRIER_NONE, ROAD_BARRIER_LIST(ROAD_BARRIER_ENUM) BARRIER_COUNT };
#undef ROAD_BARRIER_ENUM
#define ROAD_MAX_BARRIERS 32
static_assert(BARRIER_COUNT <= ROAD_MAX_BARRIERS, "barriers fit five bits");

/* Way flags: one-way bits, then two access bits for each mode, then two of the surface. */
#define WAY_ONEWAY 1u
#define WAY_ONEWAY_REVERSED 2u
#define WAY_BICYCLE_BOTH 4u
#define WAY_ACCESS_SHIFT(mode) (8u + 2u * (uint32_t)(mode))
#define WAY_ACCESS(flags, mode) ((flags) >> WAY_ACCESS_SHIFT(mode) & 3u)
#define WAY_SURFACE_SHIFT 20u
#define WAY_SURFACE(flags) ((flags) >> WAY_SURFACE_SHIFT & 3u)
/* A barrier: its kind, then two access bits for each mode. */
#define BARRIER_KIND(barrier) ((barrier)&31u)
#define BARRIER_ACCESS_SHIFT(mode) (8u + 2u * (uint32_t)(mode))
#define BARRIER_ACCESS(barrier, mode) ((barrier) >> BARRIER_ACCESS_SHIFT(mode) & 3u)

struct file_profile {
    char name[ROAD_PROFILE_NAME_CAP];
    uint32_t mode, against_oneway, private_ground, forbidden, pass_closed, maxspeed;
    uint32_t turn_price_ms; /* for a forbidden turn; ROAD_INF = may not */
    uint32_t surface[SURFACE_COUNT];
    uint32_t barrier_ms[ROAD_MAX_BARRIERS]; /* ROAD_INF = may not */
    uint32_t speed_mm_s[ROAD_MAX_CLASSES];
};
struct file_grid { /* cells of about 120 m for snapping */
    struct place min;
    uint32_t cell_lat_e7, cell_lon_e7, columns, rows;
};
struct file_out {
    uint32_t head, arc;
};
struct file_hop {
    uint32_t head, arc; /* vertex, arc */
    uint32_t turn;      /* see hop_price_ms */
};
struct file_edge {
    uint32_t tail, head, way;
    uint32_t shape; /* first inner place; the next edge's is the end */
    uint32_t length_mm;
    uint32_t way_mm; /* from the start of the whole way id to the tail */
};
struct file_way {
    uint32_t id_low, id_high;
    uint32_t road_class, flags, maxspeed_kmh;
    uint32_t duration_s;     /* of the whole way id, for ferries; 0 = by speed */
    uint32_t name, name_alt; /* byte in the names */
    uint32_t left_from, left_to, right_from, right_to;
    uint32_t edges;  /* first in way_edges; the next way's is the end */
    uint32_t way_mm; /* length of the whole way id */
};

/* X(name, item type) */
#define ROAD_SECTIONS(X)                                                                           \
    X(profiles, struct file_profile)                                                               \
    X(grid, struct file_grid)                                                                      \
    X(nodes, struct place)                                                                         \
    X(node_main, uint32_t) /* bit per profile: in its largest strongly connected part */           \
    X(out_first, uint32_t)                                                                         \
    X(out, struct file_out)                                                                        \
    X(edges, struct file_edge) /* one more: sentinel */                                            \
    X(shapes, struct place)                                                                        \
    X(ways, struct file_way) /* by id; one more: sentinel */                                       \
    X(way_edges, uint32_t)                                                                         \
    X(names, char) /* NUL-ended texts, the first empty */                                          \
    X(cell_first, uint32_t)                                                                        \
    X(cell_edges, uint32_t)                                                                        \
    X(node_vertex, uint32_t) /* its main vertex; ascending */                                      \
    X(vertex_node, uint32_t)                                                                       \
    X(hop_first, uint32_t)   /* by tail vertex */                                                  \
    X(hops, struct file_hop) /* arcs ascend within a tail */                                       \
    X(in_first, uint32_t)    /* by head vertex */                                                  \
    X(in_hops, uint32_t)                                                                           \
    X(arc_first_hop, uint32_t) /* by arc */                                                        \
    X(arc_hops, uint32_t)                                                                          \
    X(cch_up_first, uint32_t) /* the hierarchy: see cch_priv.h; its inputs are the hops */         \
    X(cch_up_head, uint32_t)                                                                       \
    X(cch_down_first, uint32_t)                                                                    \
    X(cch_down, struct cch_down)                                                                   \
    X(cch_input_arc, uint32_t)                                                                     \
    X(cch_arc_first, uint32_t)                                                                     \
    X(cch_arc_inputs, uint32_t)                                                                    \
    X(climb_vertices, struct climb_vertex) /* what climbs look up: see climb_priv.h */             \
    X(climb_steps, struct climb_step)                                                              \
    X(plan_turns, struct cch_turn) /* what customization looks up: see cch_plan_priv.h */          \
    X(plan_task_first, uint32_t)                                                                   \
    X(plan_task_push, uint32_t)                                                                    \
    X(plan_pulls, struct cch_pull)                                                                 \
    X(plan_pushes, uint32_t)                                                                       \
    X(plan_does_push, uint8_t)
#define ROAD_SECTION_ENUM(name, type) SECTION_##name,
enum road_section { ROAD_SECTIONS(ROAD_SECTION_ENUM) SECTION_COUNT };
#undef ROAD_SECTION_ENUM

struct file_header {
    char magic[8];
    uint32_t version, section_count;
    uint8_t digest[DIGEST_BYTES];
    struct file_section {
        uint64_t offset, count, sum;
    } sections[SECTION_COUNT];
    uint64_t sum; /* of all above */
};

struct road {
    struct str bytes;
    bool is_mapped;
    uint32_t node_count, edge_count, way_count, profile_count, cell_count;
    uint32_t vertex_count, hop_count;
    uint8_t digest[DIGEST_BYTES];
    struct place min, max;
#define ROAD_SECTION_POINTER(section, type) const type *section;
    ROAD_SECTIONS(ROAD_SECTION_POINTER)
#undef ROAD_SECTION_POINTER
    uint32_t shape_count, names_count, cell_edge_count, step_count, pull_count, push_count;
    struct cch cch; /* the sections of that name */
    struct climb climb;
    struct cch_plan plan;
};

/* What leaving a barrier's node costs; ROAD_INF = may not. */
static inline uint32_t barrier_price_ms(const struct file_profile *profile, uint32_t barrier)
{
    uint32_t access = BARRIER_ACCESS(barrier, profile->mode);
    bool is_shut = (access == ACCESS_PRIVATE && profile->private_ground == 0) ||
                   (access == ACCESS_NO && profile->forbidden == 0);
    if (BARRIER_KIND(barrier) == BARRIER_NONE || access == ACCESS_OPEN)
        return 0;
    return is_shut ? ROAD_INF : profile->barrier_ms[BARRIER_KIND(barrier)];
}

/* What a hop costs beside its arc, ROAD_INF = may not. Its `turn` has bit p (p below
 * ROAD_MAX_PROFILES) where a turn restriction that binds profile p ends with this hop; above these
 * bits stands the barrier on the node that it leaves. */
static inline uint32_t hop_price_ms(const struct road *road, uint32_t profile,
                                    const struct file_hop *hop)
{
    const struct file_profile *p = &road->profiles[profile];
    if (hop->turn == 0)
        return 0;
    uint32_t turn_ms = hop->turn >> profile & 1 ? p->turn_price_ms : 0;
    uint32_t barrier_ms = barrier_price_ms(p, hop->turn >> ROAD_MAX_PROFILES);
    return turn_ms + barrier_ms < ROAD_INF ? turn_ms + barrier_ms : ROAD_INF;
}

/* profile.c */
enum err profile_parse(struct str text, struct file_profile ret_profiles[ROAD_MAX_PROFILES],
                       uint32_t *ret_count, struct fault *ret_fault);
/* Speed on a way in a direction, 0 = may not. Reversed: against the drawing. */
uint32_t profile_speed_mm_s(const struct file_profile *profile, const struct file_way *way,
                            bool is_reversed);
/* Time for a length; at least 1 ms, ROAD_INF for speed 0. */
uint32_t profile_ms(uint32_t length_mm, uint32_t speed_mm_s);

/* tags.c */
uint32_t barrier_of_name(struct str name); /* BARRIER_NONE: not one that counts */

/* build.c: what the two passes have gathered, made into a file's bytes. */
struct raw_way {
    int64_t id;
    uint32_t first_ref, ref_count;
    uint32_t road_class, flags, maxspeed_kmh, duration_s, name, name_alt;
    uint32_t left_from, left_to, right_from, right_to;
};
struct raw_barrier {
    uint32_t at; /* id index */
    uint32_t barrier;
};
struct raw_turn { /* a turn restriction: members in the order from, via, to */
    int64_t id;
    uint32_t first_member, from_count, via_count, to_count;
    bool has_via_node; /* then via_count is 1 */
    bool is_u_turn;
    uint32_t no_modes, only_modes; /* bits of the modes that it binds */
};
struct import_steps { /* tells progress and takes the time of each step */
    const struct road_import *job;
    struct road_report *report;
    enum road_step step;
    uint64_t began_us;
};
struct raw_map {
    struct file_profile profiles[ROAD_MAX_PROFILES];
    uint32_t profile_count;
    struct vec ways;      /* struct raw_way, by id */
    struct vec refs;      /* int64_t ids, for the builder indices */
    struct vec names;     /* char */
    struct place *places; /* by id index */
    uint32_t id_count;
    struct vec barriers;        /* struct raw_barrier */
    struct vec turns;           /* struct raw_turn, by id */
    struct vec members;         /* int64_t: way ids, or one id index as via */
    struct import_steps *steps; /* NULL: nobody looks on */
};
/* import.c: ends the step under way and begins this one. ERR_STATE: progress
 * said stop. */
enum err import_step(struct import_steps *steps, enum road_step step);

/* file.c */
void road_find_box(struct road *road);
/* After a step that reads much of the file once: what queries read comes back by itself. */
void road_give_back_pages(const struct road *road);
/* Whether no query can leave the file; its box is known. ERR_CORRUPT, ERR_LIMIT. */
enum err file_check(const struct road *road);

/* file_make.c: sections made one by one become a file. */
struct sections {
#define ROAD_SECTION_MADE(section, type)                                                           \
    struct {                                                                                       \
        type *at; /* malloc'd */                                                                   \
        uint64_t count;                                                                            \
    } section;
    ROAD_SECTIONS(ROAD_SECTION_MADE)
#undef ROAD_SECTION_MADE
};
/* Room for `n` zeroed items of a section. */
#define SECTION_NEW(sections, name, n)                                                             \
    ((sections)->name.count = (n),                                                                 \
     (sections)->name.at = calloc((sections)->name.count + 1, sizeof *(sections)->name.at),        \
     (sections)->name.at ? OK : ERR_LIMIT)
/* The file that sections make, in parts that lie one after the other. */
struct file_parts {
    struct file_header header;
    struct str at[2 * SECTION_COUNT + 2]; /* the header and each section, with what fills up */
    size_t count;
    uint64_t bytes; /* of them all */
};
/* The parts borrow the sections and the header. ERR_LIMIT. */
enum err file_parts_make(const struct sections *sections, struct file_parts *ret_parts);
/* A road over sections as far as they are made, for the steps that read it. */
struct road sections_view(const struct sections *sections);
void sections_done(struct sections *sections);
uint64_t file_header_sum(const struct file_header *header);
/* Of a section and what lies between it and the next; the first takes in what
 * follows the header.
 */
uint64_t file_section_sum(struct str bytes, const struct file_header *header, size_t section);
/* Whether the sections follow each other within the file. */
bool file_is_in_order(const struct file_header *header, uint64_t size);

/* build.c: *ret_sections is the caller's to sections_done, whatever happens. ret_fault gets a text
 * only. */
enum err build_file(struct raw_map *map, struct road_report *report, struct sections *ret_sections,
                    struct fault *ret_fault);

/* ids.c: ascending by the bits from `shift` on; keys that are equal in them stay in their order.
 * ERR_LIMIT. */
enum err sort_u64_by(uint64_t *keys, size_t count, unsigned shift);
static inline enum err sort_u64(uint64_t *keys, size_t count)
{
    return sort_u64_by(keys, count, 0);
}

/* scc.c */
/* Sets `bits` in node_main for the largest strongly connected part of the arcs that a profile may
 * use; returns its size. `uses` is by edge: bit p for profile p as drawn, bit p + ROAD_MAX_PROFILES
 * against it. ERR_LIMIT. */
enum err scc_mark(const struct road *graph, const uint16_t *uses, uint32_t profile, uint32_t bits,
                  uint32_t *node_main, uint32_t *ret_nodes);

/* Base weight of an arc for a profile, without traffic. */
uint32_t road_base_ms(const struct road *road, uint32_t profile, uint32_t arc);
int64_t file_way_id(const struct file_way *way);
/* First way with this id and how many parts follow; false: none. */
bool road_find_way(const struct road *road, int64_t way_id, uint32_t *ret_first,
                   uint32_t *ret_count);

static inline uint32_t arc_tail(const struct road *road, uint32_t arc)
{
    const struct file_edge *edge = &road->edges[arc >> 1];
    return arc & 1 ? edge->head : edge->tail;
}
static inline uint32_t arc_head(const struct road *road, uint32_t arc)
{
    return arc_tail(road, arc ^ 1);
}
#endif
