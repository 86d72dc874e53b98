/* build_priv.h - from ways and node places to the bytes of `city.road`, step by step.
 * Layer: road, inside only.
 *
 *   cut.c         ways into edges
 *   number.c      nodes along a Hilbert curve (neighbours in the city are neighbours in memory), so
 *                 that the order starts from the same graph however the file was sorted
 *   turns.c       turn restrictions into forbidden sequences of arcs
 *   automaton.c   these sequences met one arc at a time
 *   vertices.c    the search graph, and its elimination order
 *   number.c      everything by rank: nodes as their main vertices, edges by their tail
 *   build.c       the sections of the file; adjacency, connected parts and grid are made on them */
#ifndef ROAD_BUILD_PRIV_H
#define ROAD_BUILD_PRIV_H
#include "road/road_priv.h"

struct new_edge {
    uint32_t tail, head; /* id index; from build_number_nodes on: node */
    uint32_t part;       /* index into parts */
    uint32_t first_ref;  /* its tail's place in map->refs */
    uint32_t ref_count;
    uint32_t length_mm, way_mm;
};
struct part { /* of a way; becomes a file_way */
    uint32_t raw, edges, edge_count;
};
struct new_hop {
    uint32_t tail, head; /* vertices */
    uint32_t arc;        /* of an edge as it was cut; from build_number_edges on: as
                            numbered */
    uint32_t turn;
};
struct forbidden {         /* a sequence of arcs */
    uint32_t first, count; /* of sequence_arcs */
    uint32_t profiles;     /* bits of those that it binds */
};
#define ROAD_MAX_SEQUENCE_ARCS (1u << 24)
struct build {
    struct raw_map *map;
    struct road_report *report;
    const char *text;        /* why it was refused */
    struct vec edges, parts; /* struct new_edge, struct part: in the order of the ways */
    uint8_t *uses;           /* by id while cutting: 2 and more is a node of the graph */
    uint64_t *way_mm;        /* by raw way: length of the whole */
    uint32_t node_count;
    uint32_t *id_of;           /* by node: id index */
    uint32_t *out_first, *out; /* arcs out of each node, where there are turn restrictions */
    struct vec forbidden;      /* struct forbidden */
    struct vec sequence_arcs;  /* uint32_t */
    struct vec vertices;       /* uint32_t: node of each; vertex i is the main one of node i */
    struct vec hops;           /* struct new_hop */
    uint32_t *rank_of;         /* by vertex */
    uint32_t *edge_at;         /* by edge number: index into edges */
    uint32_t *edge_of;         /* the other way round */
    struct sections sections;
};

enum err build_cut(struct build *b);
enum err build_number_nodes(struct build *b);
enum err build_turns(struct build *b);
enum err build_vertices(struct build *b);
/* Fills rank_of. */
enum err build_order(struct build *b);
/* Gives nodes, vertices, edges and hops their final numbers. */
enum err build_rank(struct build *b);

static inline struct new_edge *edge_in(const struct build *b, size_t i)
{
    return &VEC(&b->edges, struct new_edge)[i];
}
static inline struct place id_place(const struct build *b, uint32_t node)
{
    return b->map->places[b->id_of[node]];
}
/* Counts of group g at first[g + 1] become starts; then first[g]++ fills,
 * groups_filled puts the starts back. */
void groups_start(uint32_t *first, size_t groups);
void groups_filled(uint32_t *first, size_t groups);
#endif
