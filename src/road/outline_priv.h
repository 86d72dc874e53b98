/* outline_priv.h - the ground between streets, cut into triangles. Layer: road, inside only.
 *
 *   outline_mesh.c     the triangles: points and lines put in, exact integer predicates
 *   outline_streets.c  one profile's streets as lines of the mesh, and points where there are none
 *   outline_fans.c     the finished mesh laid out by corner
 *   outline.c          the border between what is reached and what is not, traced over the mesh
 *
 * While it grows a triangle is three half-edges 3t, 3t + 1, 3t + 2, counter-clockwise; half-edge h
 * goes from from[h] to from[mesh_next(h)], and twin[h] is the same line seen from the other side.
 * When it is finished the half-edges are numbered by the corner that they leave, counter-clockwise,
 * and triangles are known by their corners alone: the one on the left of u-v has as its third
 * corner the head of the next half-edge of u. */
#ifndef ROAD_OUTLINE_PRIV_H
#define ROAD_OUTLINE_PRIV_H
#include "road/road_priv.h"

#define MESH_MAX_SIDE (1 << 29) /* units of 1e-7 degrees: 53 degrees, so that products fit */
#define MESH_NEAR 1             /* a corner so near to a line lies on it, same units */
#define CHAIN_ONE (1u << 30)    /* a whole edge, in the places of its corners */
#define CHAIN_SHIFT 14          /* from fractions of an edge */

struct spot { /* east and north of the mesh's origin, 1e-7 degrees */
    int32_t x, y;
};
struct mesh_split { /* a fixed line that was cut by a new corner on it */
    uint32_t a, b, at;
};
struct mesh {
    struct vec spots;          /* struct spot by corner */
    struct vec leave;          /* uint32_t by corner: a half-edge that leaves it */
    struct vec from;           /* uint32_t by half-edge */
    struct vec twin;           /* uint32_t by half-edge; ROAD_NONE on the frame */
    struct vec fixed;          /* uint8_t by half-edge: part of a street */
    struct vec splits;         /* struct mesh_split since the owner last looked */
    struct vec stack;          /* uint32_t half-edges to look at */
    struct vec crossed, fresh; /* struct mesh_split pairs, while a line is put in */
    uint32_t last;             /* half-edge where the last search ended */
    uint32_t turn;             /* of the walk, so that it never runs in a circle */
};

enum mesh_fix { MESH_FIXED, MESH_HITS_CORNER, MESH_CROSSES, MESH_FULL };
struct mesh_obstacle { /* a corner on the way (at), or a fixed line across it (a, b) */
    uint32_t at, a, b;
};

static inline uint32_t mesh_next(uint32_t half)
{
    return half % 3 == 2 ? half - 2 : half + 1;
}
static inline uint32_t mesh_prev(uint32_t half)
{
    return half % 3 == 0 ? half + 2 : half - 1;
}
static inline struct spot mesh_spot(const struct mesh *mesh, uint32_t corner)
{
    return ((const struct spot *)mesh->spots.p)[corner];
}

/* An empty rectangle of four corners, numbers 0 to 3. ERR_LIMIT. */
enum err mesh_init(struct mesh *mesh, struct spot min, struct spot max);
void mesh_done(struct mesh *mesh);
/* A corner inside the rectangle; one that is there already keeps its number. Fixed lines that it
 * cuts are noted in splits; both halves stay fixed. ERR_LIMIT. */
enum err mesh_insert(struct mesh *mesh, struct spot spot, uint32_t *ret_corner);
/* Makes the line a-b a side of triangles and keeps it so. Otherwise nothing is changed and
 * *ret_obstacle says what is in the way. */
enum mesh_fix mesh_fix(struct mesh *mesh, uint32_t a, uint32_t b,
                       struct mesh_obstacle *ret_obstacle);
void mesh_unfix(struct mesh *mesh, uint32_t a, uint32_t b);
/* The half-edge from a to b, ROAD_NONE if they are not joined. */
uint32_t mesh_find(const struct mesh *mesh, uint32_t a, uint32_t b);

/* ------------------------------------------------------- one profile's streets */

struct chain_corner {
    uint32_t corner, place; /* place on its edge, 0..CHAIN_ONE */
};
struct road_mesh {
    const struct road *road;
    uint32_t profile;
    struct place origin;
    double m_per_y; /* metres of a unit north; one east is shorter by the cosine */
    double east_scale;
    uint32_t corners, halves;
    struct spot *spots;    /* by corner */
    uint32_t *first;       /* by corner; one more: the half-edges that leave it */
    uint32_t *head, *twin; /* by half-edge; the outermost have no twin: ROAD_NONE */
    uint8_t *fixed;        /* by half-edge */
    uint32_t *chain_first; /* by edge; one more */
    struct chain_corner *chains;
    uint32_t *corner_node; /* by corner: the first node there, ROAD_NONE = none */
    uint32_t *next_node;   /* by node: another one at the same corner */
};
/* Corners and half-edges of *made, which are freed with it. *ret_number is malloc'd: the new number
 * of each corner. ERR_LIMIT. */
enum err mesh_fans(const struct mesh *mesh, struct road_mesh *made, uint32_t **ret_number);
/* The half-edge after one that leaves `corner`, counter-clockwise. No corner of a street is on the
 * frame, so its fan is closed. */
static inline uint32_t fan_next(const struct road_mesh *mesh, uint32_t corner, uint32_t half)
{
    return half + 1 < mesh->first[corner + 1] ? half + 1 : mesh->first[corner];
}
#endif
