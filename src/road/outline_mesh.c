/* outline_mesh.c - a constrained Delaunay triangulation over whole numbers.
 *
 * Points are put in one by one: walk to the triangle, split it, flip what is no longer Delaunay
 * (Lawson 1977). Lines are put in by flipping the sides that they cross (Sloan 1993), then the new
 * sides are made Delaunay again as far as fixed ones allow. Which side a point is on, and whether
 * it lies in a circle, is decided in 64 and 128 bits without rounding. Neighbouring points should
 * come one after the other: the walk starts where the last one ended. */
#include "road/outline_priv.h"

#include <assert.h>

__extension__ typedef __int128 wide;
#define ARRAY(mesh, name) VEC(&(mesh)->name, uint32_t)

/* > 0: c lies to the left of the way from a to b. */
static int64_t side_of(struct spot a, struct spot b, struct spot c)
{
    return ((int64_t)b.x - a.x) * ((int64_t)c.y - a.y) -
           ((int64_t)b.y - a.y) * ((int64_t)c.x - a.x);
}

/* d lies strictly inside the circle through a, b, c (counter-clockwise). */
static bool is_in_circle(struct spot a, struct spot b, struct spot c, struct spot d)
{
    const int64_t ax = (int64_t)a.x - d.x, ay = (int64_t)a.y - d.y;
    const int64_t bx = (int64_t)b.x - d.x, by = (int64_t)b.y - d.y;
    const int64_t cx = (int64_t)c.x - d.x, cy = (int64_t)c.y - d.y;
    const wide sum = (wide)(ax * ax + ay * ay) * (bx * cy - cx * by) -
                     (wide)(bx * bx + by * by) * (ax * cy - cx * ay) +
                     (wide)(cx * cx + cy * cy) * (ax * by - bx * ay);
    return sum > 0;
}

/* p lies beside the inner part of a-b, no further than MESH_NEAR. */
static bool is_on_line(struct spot a, struct spot b, struct spot p)
{
    const int64_t dx = (int64_t)b.x - a.x, dy = (int64_t)b.y - a.y;
    const int64_t along = dx * ((int64_t)p.x - a.x) + dy * ((int64_t)p.y - a.y);
    const int64_t length2 = dx * dx + dy * dy;
    if (along <= 0 || along >= length2)
        return false;
    const wide across = side_of(a, b, p);
    return across * across <= (wide)length2 * (MESH_NEAR * MESH_NEAR);
}

/* ------------------------------------------------------- triangles */

static void join(struct mesh *m, uint32_t half, uint32_t twin)
{
    ARRAY(m, twin)[half] = twin;
    if (twin != ROAD_NONE)
        ARRAY(m, twin)[twin] = half;
}

static void set_half(struct mesh *m, uint32_t half, uint32_t from, bool is_fixed)
{
    ARRAY(m, from)[half] = from;
    VEC(&m->fixed, uint8_t)[half] = is_fixed;
    ARRAY(m, leave)[from] = half;
}

static enum err add_triangle(struct mesh *m, uint32_t *ret_half)
{
    if (m->from.count > ROAD_NONE - 4 || vec_room(&m->from, 3, sizeof(uint32_t)) ||
        vec_room(&m->twin, 3, sizeof(uint32_t)) || vec_room(&m->fixed, 3, 1))
        return ERR_LIMIT;
    *ret_half = (uint32_t)m->from.count;
    for (uint32_t i = 0; i < 3; i++) {
        ARRAY(m, twin)[*ret_half + i] = ROAD_NONE;
        VEC(&m->fixed, uint8_t)[*ret_half + i] = 0;
    }
    m->from.count += 3;
    m->twin.count += 3;
    m->fixed.count += 3;
    return OK;
}

static enum err add_corner(struct mesh *m, struct spot spot, uint32_t *ret_corner)
{
    if (VEC_PUSH(&m->spots, struct spot, spot) || VEC_PUSH(&m->leave, uint32_t, ROAD_NONE))
        return ERR_LIMIT;
    *ret_corner = (uint32_t)m->spots.count - 1;
    return OK;
}

enum err mesh_init(struct mesh *m, struct spot min, struct spot max)
{
    const struct spot corners[4] = {min, {max.x, min.y}, max, {min.x, max.y}};
    uint32_t corner, half;
    *m = (struct mesh){0};
    for (int i = 0; i < 4; i++) {
        if (add_corner(m, corners[i], &corner))
            return ERR_LIMIT;
    }
    for (int i = 0; i < 2; i++) {
        if (add_triangle(m, &half))
            return ERR_LIMIT;
    }
    static const uint32_t from[6] = {0, 1, 2, 0, 2, 3};
    for (uint32_t i = 0; i < 6; i++)
        set_half(m, i, from[i], false);
    join(m, 2, 3);
    return OK;
}

void mesh_done(struct mesh *m)
{
    vec_done(&m->spots);
    vec_done(&m->leave);
    vec_done(&m->from);
    vec_done(&m->twin);
    vec_done(&m->fixed);
    vec_done(&m->splits);
    vec_done(&m->stack);
    vec_done(&m->crossed);
    vec_done(&m->fresh);
}

static uint32_t head_of(const struct mesh *m, uint32_t half)
{
    return ARRAY(m, from)[mesh_next(half)];
}

static uint32_t apex_of(const struct mesh *m, uint32_t half)
{
    return ARRAY(m, from)[mesh_prev(half)];
}

/* Turns the side between two triangles: from u-v to the line between their other corners. */
static void flip(struct mesh *m, uint32_t half)
{
    const uint32_t other = ARRAY(m, twin)[half];
    const uint32_t next = mesh_next(half), prev = mesh_prev(half);
    const uint32_t other_next = mesh_next(other), other_prev = mesh_prev(other);
    const uint32_t u = ARRAY(m, from)[half], v = ARRAY(m, from)[other];
    const uint32_t left = ARRAY(m, from)[prev], right = ARRAY(m, from)[other_prev];
    const uint8_t *fixed = m->fixed.p;
    const bool prev_fixed = fixed[prev], other_prev_fixed = fixed[other_prev];
    const uint32_t prev_twin = ARRAY(m, twin)[prev], other_prev_twin = ARRAY(m, twin)[other_prev];
    /* (u, v, left), (v, u, right) become (right, left, u) on the first and (left, right, v). */
    const bool next_fixed = fixed[next], other_next_fixed = fixed[other_next];
    const uint32_t next_twin = ARRAY(m, twin)[next], other_next_twin = ARRAY(m, twin)[other_next];
    set_half(m, half, right, false);
    set_half(m, next, left, prev_fixed);
    set_half(m, prev, u, other_next_fixed);
    set_half(m, other, left, false);
    set_half(m, other_next, right, other_prev_fixed);
    set_half(m, other_prev, v, next_fixed);
    join(m, next, prev_twin);
    join(m, prev, other_next_twin);
    join(m, other_next, other_prev_twin);
    join(m, other_prev, next_twin);
}

/* Flips until no side on the stack, nor any that a flip touches, could be better. */
static enum err settle(struct mesh *m)
{
    while (m->stack.count > 0) {
        const uint32_t half = ARRAY(m, stack)[--m->stack.count];
        const uint32_t other = ARRAY(m, twin)[half];
        if (other == ROAD_NONE || VEC(&m->fixed, uint8_t)[half])
            continue;
        if (!is_in_circle(mesh_spot(m, ARRAY(m, from)[half]), mesh_spot(m, head_of(m, half)),
                          mesh_spot(m, apex_of(m, half)), mesh_spot(m, apex_of(m, other))))
            continue;
        flip(m, half);
        if (vec_room(&m->stack, 4, sizeof(uint32_t)))
            return ERR_LIMIT;
        uint32_t *stack = m->stack.p;
        stack[m->stack.count++] = mesh_next(half);
        stack[m->stack.count++] = mesh_prev(half);
        stack[m->stack.count++] = mesh_next(other);
        stack[m->stack.count++] = mesh_prev(other);
    }
    return OK;
}

/* ------------------------------------------------------- points */

struct location {
    uint32_t half; /* of the triangle; the side it lies on, or the one that leaves the corner */
    bool is_on_side, is_on_corner;
};

static bool is_same(struct spot a, struct spot b)
{
    return a.x == b.x && a.y == b.y;
}

static struct location locate(struct mesh *m, struct spot spot)
{
    uint32_t half = m->last;
    for (;;) {
        uint32_t zero = ROAD_NONE, step = ROAD_NONE;
        half = half / 3 * 3 + m->turn++ % 3;
        for (uint32_t i = 0; i < 3 && step == ROAD_NONE; i++, half = mesh_next(half)) {
            const struct spot a = mesh_spot(m, ARRAY(m, from)[half]);
            const int64_t side = side_of(a, mesh_spot(m, head_of(m, half)), spot);
            if (is_same(a, spot))
                return (struct location){half, false, true};
            if (side < 0)
                step = ARRAY(m, twin)[half];
            else if (side == 0)
                zero = half;
        }
        if (step == ROAD_NONE)
            return zero == ROAD_NONE ? (struct location){half, false, false}
                                     : (struct location){zero, true, false};
        half = step;
    }
}

/* The triangle of `half` becomes three round the corner. */
static enum err split_triangle(struct mesh *m, uint32_t half, uint32_t corner)
{
    const uint32_t h[3] = {half, mesh_next(half), mesh_prev(half)};
    uint32_t from[3], twin[3], made[3] = {half / 3 * 3, 0, 0};
    bool fixed[3];
    if (add_triangle(m, &made[1]) || add_triangle(m, &made[2]) ||
        vec_room(&m->stack, 3, sizeof(uint32_t)))
        return ERR_LIMIT;
    for (int i = 0; i < 3; i++) {
        from[i] = ARRAY(m, from)[h[i]];
        twin[i] = ARRAY(m, twin)[h[i]];
        fixed[i] = VEC(&m->fixed, uint8_t)[h[i]];
    }
    for (int i = 0; i < 3; i++) { /* (from[i], from[i + 1], corner) */
        set_half(m, made[i], from[i], fixed[i]);
        set_half(m, made[i] + 1, from[(i + 1) % 3], false);
        set_half(m, made[i] + 2, corner, false);
        join(m, made[i], twin[i]);
        ARRAY(m, stack)[m->stack.count++] = made[i];
    }
    for (int i = 0; i < 3; i++)
        join(m, made[i] + 1, made[(i + 1) % 3] + 2);
    return OK;
}

/* A side and its two triangles (u, v, left), (v, u, right) become four round the corner. A line on
 * the frame has no other side: points lie strictly inside it. */
static enum err split_side(struct mesh *m, uint32_t half, uint32_t corner)
{
    const uint32_t other = ARRAY(m, twin)[half];
    const uint32_t next = mesh_next(half), other_prev = mesh_prev(other);
    const uint32_t u = ARRAY(m, from)[half], v = ARRAY(m, from)[other];
    const uint32_t left = apex_of(m, half), right = apex_of(m, other);
    const bool is_fixed = VEC(&m->fixed, uint8_t)[half];
    const uint32_t next_twin = ARRAY(m, twin)[next], far_twin = ARRAY(m, twin)[other_prev];
    const bool next_fixed = VEC(&m->fixed, uint8_t)[next];
    const bool far_fixed = VEC(&m->fixed, uint8_t)[other_prev];
    uint32_t a, b;
    assert(other != ROAD_NONE);
    if (add_triangle(m, &a) || add_triangle(m, &b) || vec_room(&m->stack, 4, sizeof(uint32_t)) ||
        (is_fixed && VEC_PUSH(&m->splits, struct mesh_split, (struct mesh_split){u, v, corner})))
        return ERR_LIMIT;
    /* (u, corner, left) stays on the first, (corner, u, right) on the second */
    set_half(m, next, corner, false);
    set_half(m, mesh_prev(half), left, VEC(&m->fixed, uint8_t)[mesh_prev(half)]);
    set_half(m, other, corner, is_fixed);
    set_half(m, other_prev, right, false);
    set_half(m, a, corner, is_fixed); /* (corner, v, left) */
    set_half(m, a + 1, v, next_fixed);
    set_half(m, a + 2, left, false);
    set_half(m, b, v, is_fixed); /* (v, corner, right) */
    set_half(m, b + 1, corner, false);
    set_half(m, b + 2, right, far_fixed);
    ARRAY(m, leave)[u] = half;
    join(m, a, b);
    join(m, half, other);
    join(m, next, a + 2);
    join(m, other_prev, b + 1);
    join(m, a + 1, next_twin);
    join(m, b + 2, far_twin);
    uint32_t *stack = m->stack.p;
    stack[m->stack.count++] = mesh_prev(half);
    stack[m->stack.count++] = mesh_next(other);
    stack[m->stack.count++] = a + 1;
    stack[m->stack.count++] = b + 2;
    return OK;
}

enum err mesh_insert(struct mesh *m, struct spot spot, uint32_t *ret_corner)
{
    const struct location found = locate(m, spot);
    uint32_t corner;
    m->last = found.half;
    if (found.is_on_corner) {
        *ret_corner = ARRAY(m, from)[found.half];
        return OK;
    }
    enum err err = add_corner(m, spot, &corner);
    if (!err)
        err = found.is_on_side ? split_side(m, found.half, corner)
                               : split_triangle(m, found.half, corner);
    if (!err)
        err = settle(m);
    if (!err)
        *ret_corner = corner;
    return err;
}

/* ------------------------------------------------------- lines */

/* The next half-edge that leaves the same corner, counter-clockwise; ROAD_NONE: the frame. */
static uint32_t around(const struct mesh *m, uint32_t half)
{
    return ARRAY(m, twin)[mesh_prev(half)];
}

uint32_t mesh_find(const struct mesh *m, uint32_t a, uint32_t b)
{
    const uint32_t first = ARRAY(m, leave)[a];
    uint32_t half = first;
    do {
        if (head_of(m, half) == b)
            return half;
        half = around(m, half);
    } while (half != first && half != ROAD_NONE);
    if (half == first)
        return ROAD_NONE;
    for (half = ARRAY(m, twin)[first]; half != ROAD_NONE; half = ARRAY(m, twin)[half]) {
        half = mesh_next(half); /* a corner of the frame: the other way round too */
        if (head_of(m, half) == b)
            return half;
    }
    return ROAD_NONE;
}

static void set_fixed(struct mesh *m, uint32_t half, bool is_fixed)
{
    VEC(&m->fixed, uint8_t)[half] = is_fixed;
    VEC(&m->fixed, uint8_t)[ARRAY(m, twin)[half]] = is_fixed;
}

void mesh_unfix(struct mesh *m, uint32_t a, uint32_t b)
{
    const uint32_t half = mesh_find(m, a, b);
    assert(half != ROAD_NONE);
    set_fixed(m, half, false);
}

/* A line on its way from a to b. */
struct stroke {
    uint32_t a, b;
    struct spot p, q;
};

/* The side opposite of a by which the line leaves the first triangle; a corner right on the line is
 * an obstacle. */
static uint32_t first_side(const struct mesh *m, const struct stroke *s, uint32_t *ret_hit)
{
    const uint32_t first = ARRAY(m, leave)[s->a];
    uint32_t half = first;
    *ret_hit = ROAD_NONE;
    do {
        const struct spot right = mesh_spot(m, head_of(m, half));
        const struct spot left = mesh_spot(m, apex_of(m, half));
        if (is_on_line(s->p, s->q, right))
            *ret_hit = head_of(m, half);
        if (is_on_line(s->p, s->q, left))
            *ret_hit = apex_of(m, half);
        if (*ret_hit != ROAD_NONE)
            return ROAD_NONE;
        if (side_of(s->p, s->q, right) < 0 && side_of(s->p, s->q, left) > 0)
            return mesh_next(half);
        half = around(m, half);
    } while (half != first);
    return ROAD_NONE; /* cannot be: a is inside the frame and b is another corner */
}

/* Notes the sides that the line crosses. */
static enum mesh_fix cross(struct mesh *m, const struct stroke *s,
                           struct mesh_obstacle *ret_obstacle)
{
    uint32_t hit, half = first_side(m, s, &hit);
    m->crossed.count = 0;
    while (hit == ROAD_NONE) {
        assert(half != ROAD_NONE);
        const uint32_t u = ARRAY(m, from)[half], v = head_of(m, half);
        if (VEC(&m->fixed, uint8_t)[half]) {
            *ret_obstacle = (struct mesh_obstacle){ROAD_NONE, u, v};
            return MESH_CROSSES;
        }
        if (VEC_PUSH(&m->crossed, struct mesh_split, (struct mesh_split){u, v, 0}))
            return MESH_FULL;
        half = ARRAY(m, twin)[half];
        const uint32_t apex = apex_of(m, half);
        if (apex == s->b)
            return MESH_FIXED;
        if (is_on_line(s->p, s->q, mesh_spot(m, apex)))
            hit = apex;
        else if (side_of(s->p, s->q, mesh_spot(m, apex)) > 0)
            half = mesh_next(half); /* half is v-u here: u stays right, the apex is left */
        else
            half = mesh_prev(half);
    }
    *ret_obstacle = (struct mesh_obstacle){.at = hit};
    return MESH_HITS_CORNER;
}

static bool is_crossing(const struct mesh *m, const struct stroke *s, uint32_t u, uint32_t v)
{
    if (u == s->a || u == s->b || v == s->a || v == s->b)
        return false;
    const int64_t one = side_of(s->p, s->q, mesh_spot(m, u));
    const int64_t two = side_of(s->p, s->q, mesh_spot(m, v));
    return (one < 0) != (two < 0);
}

/* Flips the crossed sides away; one whose two triangles are not convex waits for the others. */
static enum err uncross(struct mesh *m, const struct stroke *s)
{
    m->fresh.count = 0;
    for (size_t i = 0; i < m->crossed.count; i++) {
        const struct mesh_split side = VEC(&m->crossed, struct mesh_split)[i];
        const uint32_t half = mesh_find(m, side.a, side.b);
        const uint32_t left = apex_of(m, half), right = apex_of(m, ARRAY(m, twin)[half]);
        const struct spot l = mesh_spot(m, left), r = mesh_spot(m, right);
        const bool is_convex =
            side_of(r, l, mesh_spot(m, side.a)) > 0 && side_of(r, l, mesh_spot(m, side.b)) < 0;
        struct vec *list = &m->crossed;
        struct mesh_split next = side;
        if (is_convex) {
            flip(m, half);
            next = (struct mesh_split){left, right, 0};
            list = is_crossing(m, s, left, right) ? &m->crossed : &m->fresh;
        }
        if (VEC_PUSH(list, struct mesh_split, next))
            return ERR_LIMIT;
    }
    return OK;
}

enum mesh_fix mesh_fix(struct mesh *m, uint32_t a, uint32_t b, struct mesh_obstacle *ret_obstacle)
{
    const struct stroke s = {a, b, mesh_spot(m, a), mesh_spot(m, b)};
    uint32_t half = mesh_find(m, a, b);
    if (half != ROAD_NONE) {
        set_fixed(m, half, true);
        return MESH_FIXED;
    }
    const enum mesh_fix fix = cross(m, &s, ret_obstacle);
    if (fix != MESH_FIXED)
        return fix;
    if (uncross(m, &s))
        return MESH_FULL;
    set_fixed(m, mesh_find(m, a, b), true);
    m->stack.count = 0;
    for (size_t i = 0; i < m->fresh.count; i++) {
        const struct mesh_split side = VEC(&m->fresh, struct mesh_split)[i];
        half = mesh_find(m, side.a, side.b);
        if (half != ROAD_NONE && VEC_PUSH(&m->stack, uint32_t, half))
            return MESH_FULL;
        if (half != ROAD_NONE && settle(m))
            return MESH_FULL;
    }
    return MESH_FIXED;
}
