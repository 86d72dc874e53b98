#include "job/mosaic.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Corners of squares are numbered by line and column of a grid that is one wider and one higher
 * than the map. From a corner a border may lead in four directions. */
enum side { EAST, NORTH, WEST, SOUTH, SIDE_COUNT };

struct corner {
    int32_t x, y;
};
struct arc {
    uint32_t first, count; /* into mosaic.corners, ends included */
    uint16_t left, right;  /* labels beside it */
    uint32_t from, to;     /* corner numbers of its ends */
    bool is_used[2];       /* by the rings being put together: as drawn, against it */
};
struct mosaic {
    const struct mosaic_map *map;
    struct arena *arena;
    double tolerance;
    struct corner *corners;
    uint32_t corner_count, corner_cap;
    struct arc *arcs;
    uint32_t arc_count, arc_cap;
    uint8_t *walked;   /* by corner: bit per direction that a border was walked in */
    uint32_t *arcs_at; /* arcs by their ends: first_at[corner] .. first_at[corner + 1] */
    uint32_t *first_at;
};

static uint16_t label_at(const struct mosaic_map *map, int32_t x, int32_t y)
{
    if (x < 0 || y < 0 || x >= (int32_t)map->width || y >= (int32_t)map->height) {
        return 0;
    }
    return map->labels[(size_t)y * map->width + (size_t)x];
}

/* Labels to the left and right of the step from corner c in a direction. */
static void labels_beside(const struct mosaic_map *map, struct corner c, enum side side,
                          uint16_t *ret_left, uint16_t *ret_right)
{
    static const struct corner left[] = {{0, 0}, {-1, 0}, {-1, -1}, {0, -1}};
    static const struct corner right[] = {{0, -1}, {0, 0}, {-1, 0}, {-1, -1}};
    *ret_left = label_at(map, c.x + left[side].x, c.y + left[side].y);
    *ret_right = label_at(map, c.x + right[side].x, c.y + right[side].y);
}

static struct corner step(struct corner c, enum side side)
{
    static const struct corner steps[] = {{1, 0}, {0, 1}, {-1, 0}, {0, -1}};
    return (struct corner){c.x + steps[side].x, c.y + steps[side].y};
}

static bool is_border(const struct mosaic_map *map, struct corner c, enum side side)
{
    uint16_t left = 0, right = 0;
    labels_beside(map, c, side, &left, &right);
    return left != right;
}

static unsigned border_count(const struct mosaic_map *map, struct corner c)
{
    unsigned n = 0;
    for (enum side s = EAST; s < SIDE_COUNT; s++) {
        n += is_border(map, c, s);
    }
    return n;
}

static uint32_t corner_number(const struct mosaic *m, struct corner c)
{
    return (uint32_t)c.y * (m->map->width + 1) + (uint32_t)c.x;
}

/* ------------------------------------------------------------------ straightening */

static double away_from(struct corner a, struct corner b, struct corner p)
{
    double dx = b.x - a.x, dy = b.y - a.y;
    double length = hypot(dx, dy);
    if (length == 0) {
        return hypot(p.x - a.x, p.y - a.y);
    }
    return fabs(dx * (p.y - a.y) - dy * (p.x - a.x)) / length;
}

/* Keeps the corners that are needed for the tolerance, in place; returns how many. A stack of
 * stretches stands in for recursion: each one on it is disjoint, so n entries are enough. */
static uint32_t straighten(struct mosaic *m, struct corner *c, uint32_t n)
{
    if (n <= 2) {
        return n;
    }
    uint8_t *is_kept = ARENA_NEW(m->arena, uint8_t, n);
    uint32_t *stack = ARENA_NEW(m->arena, uint32_t, 2 * (size_t)n);
    if (is_kept == NULL || stack == NULL) {
        return n;
    }
    uint32_t top = 0;
    is_kept[0] = is_kept[n - 1] = 1;
    if (c[0].x == c[n - 1].x && c[0].y == c[n - 1].y) { /* closed: hold its farthest corner too */
        uint32_t far = 0;
        for (uint32_t i = 1; i < n; i++) {
            far = away_from(c[0], c[0], c[i]) > away_from(c[0], c[0], c[far]) ? i : far;
        }
        is_kept[far] = 1;
        stack[top++] = 0, stack[top++] = far;
        stack[top++] = far, stack[top++] = n - 1;
    } else {
        stack[top++] = 0, stack[top++] = n - 1;
    }
    while (top > 0) {
        uint32_t to = stack[--top], from = stack[--top];
        uint32_t far = from;
        double far_away = m->tolerance;
        for (uint32_t i = from + 1; i < to; i++) {
            double away = away_from(c[from], c[to], c[i]);
            if (away > far_away) {
                far = i;
                far_away = away;
            }
        }
        if (far != from) {
            is_kept[far] = 1;
            stack[top++] = from, stack[top++] = far;
            stack[top++] = far, stack[top++] = to;
        }
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (is_kept[i]) {
            c[kept++] = c[i];
        }
    }
    return kept;
}

/* ------------------------------------------------------------------ arcs */

static enum err corner_add(struct mosaic *m, struct corner c)
{
    if (m->corner_count == m->corner_cap) {
        return ERR_LIMIT;
    }
    m->corners[m->corner_count++] = c;
    return OK;
}

static enum side turn_back(enum side side)
{
    return (enum side)((side + 2) % SIDE_COUNT);
}

/* Walks one arc from a corner until three or more borders meet, or it is back where it began. */
static enum err arc_walk(struct mosaic *m, struct corner start, enum side side)
{
    if (m->arc_count == m->arc_cap) {
        return ERR_LIMIT;
    }
    struct arc *arc = &m->arcs[m->arc_count++];
    *arc = (struct arc){.first = m->corner_count};
    labels_beside(m->map, start, side, &arc->left, &arc->right);
    struct corner at = start;
    enum err err = corner_add(m, at);
    while (err == OK) {
        m->walked[corner_number(m, at)] |= (uint8_t)(1u << side);
        at = step(at, side);
        m->walked[corner_number(m, at)] |= (uint8_t)(1u << turn_back(side));
        err = corner_add(m, at);
        if ((at.x == start.x && at.y == start.y) || border_count(m->map, at) != 2) {
            break;
        }
        enum side next = EAST;
        while (next == turn_back(side) || !is_border(m->map, at, next)) {
            next++;
            assert(next < SIDE_COUNT);
        }
        side = next;
    }
    arc->from = corner_number(m, start);
    arc->to = corner_number(m, at);
    uint32_t n = m->corner_count - arc->first;
    arc->count = straighten(m, &m->corners[arc->first], n);
    m->corner_count = arc->first + arc->count;
    return err;
}

static enum err arcs_walk_from(struct mosaic *m, struct corner c)
{
    enum err err = OK;
    for (enum side s = EAST; s < SIDE_COUNT && err == OK; s++) {
        if (is_border(m->map, c, s) && !(m->walked[corner_number(m, c)] >> s & 1)) {
            err = arc_walk(m, c, s);
        }
    }
    return err;
}

/* First the arcs between meeting places, then the rings that meet nothing. */
static enum err arcs_walk(struct mosaic *m)
{
    const int32_t row = (int32_t)m->map->width + 1, corners = row * ((int32_t)m->map->height + 1);
    enum err err = OK;
    for (int is_ring_pass = 0; is_ring_pass < 2; is_ring_pass++) {
        for (int32_t i = 0; i < corners && err == OK; i++) {
            struct corner c = {i % row, i / row};
            if (is_ring_pass || border_count(m->map, c) > 2) {
                err = arcs_walk_from(m, c);
            }
        }
    }
    return err;
}

/* Lists the arcs by the corners at which they begin and end. */
static enum err arcs_list(struct mosaic *m)
{
    size_t corners = (size_t)(m->map->width + 1) * (m->map->height + 1);
    m->first_at = ARENA_NEW(m->arena, uint32_t, corners + 2);
    m->arcs_at = ARENA_NEW(m->arena, uint32_t, 2 * (size_t)m->arc_count + 1);
    if (m->first_at == NULL || m->arcs_at == NULL) {
        return ERR_LIMIT;
    }
    for (uint32_t a = 0; a < m->arc_count; a++) {
        m->first_at[m->arcs[a].from + 2]++;
        m->first_at[m->arcs[a].to + 2]++;
    }
    for (size_t c = 2; c < corners + 2; c++) {
        m->first_at[c] += m->first_at[c - 1];
    }
    for (uint32_t a = 0; a < m->arc_count; a++) {
        m->arcs_at[m->first_at[m->arcs[a].from + 1]++] = 2 * a;
        m->arcs_at[m->first_at[m->arcs[a].to + 1]++] = 2 * a + 1;
    }
    return OK;
}

enum err mosaic_new(const struct mosaic_map *map, double tolerance, struct arena *arena,
                    struct mosaic **ret_mosaic)
{
    uint64_t squares = (uint64_t)map->width * map->height;
    if (squares == 0 || squares > MOSAIC_MAX_SQUARES || map->step_lat_e7 <= 0 ||
        map->step_lon_e7 <= 0) {
        return ERR_RANGE;
    }
    struct mosaic *m = ARENA_NEW(arena, struct mosaic, 1);
    if (m == NULL) {
        return ERR_LIMIT;
    }
    size_t corners = (size_t)(map->width + 1) * (map->height + 1);
    *m = (struct mosaic){.map = map, .arena = arena, .tolerance = tolerance};
    size_t borders = 0;
    for (int32_t y = 0; y <= (int32_t)map->height; y++) {
        for (int32_t x = 0; x <= (int32_t)map->width; x++) {
            borders += border_count(map, (struct corner){x, y});
        }
    }
    m->corner_cap = (uint32_t)borders + 1; /* an arc of n borders has n + 1 corners, n >= 1 */
    m->arc_cap = (uint32_t)borders / 2 + 1;
    m->corners = ARENA_NEW(arena, struct corner, m->corner_cap);
    m->arcs = ARENA_NEW(arena, struct arc, m->arc_cap);
    m->walked = ARENA_NEW(arena, uint8_t, corners);
    if (m->corners == NULL || m->arcs == NULL || m->walked == NULL) {
        return ERR_LIMIT;
    }
    enum err err = arcs_walk(m);
    err = err == OK ? arcs_list(m) : err;
    if (err == OK) {
        *ret_mosaic = m;
    }
    return err;
}

/* ------------------------------------------------------------------ polygons */

/* Directed arc 2a is arc a as drawn, 2a + 1 against it. */
struct ring_walk {
    struct mosaic *m;
    const uint32_t *group_of;
    uint32_t group;
    struct place *places;
    size_t place_count, place_cap;
};

static uint16_t left_of(const struct mosaic *m, uint32_t directed)
{
    const struct arc *arc = &m->arcs[directed / 2];
    return directed % 2 == 0 ? arc->left : arc->right;
}

static uint16_t right_of(const struct mosaic *m, uint32_t directed)
{
    return left_of(m, directed ^ 1);
}

/* Does this directed arc have the group on its left and something else on its right? */
static bool bounds_group(const struct ring_walk *w, uint32_t directed)
{
    return w->group_of[left_of(w->m, directed)] == w->group &&
           w->group_of[right_of(w->m, directed)] != w->group;
}

static struct corner arc_corner(const struct mosaic *m, uint32_t directed, uint32_t i)
{
    const struct arc *arc = &m->arcs[directed / 2];
    return m->corners[arc->first + (directed % 2 == 0 ? i : arc->count - 1 - i)];
}

static uint32_t end_of(const struct mosaic *m, uint32_t directed)
{
    const struct arc *arc = &m->arcs[directed / 2];
    return directed % 2 == 0 ? arc->to : arc->from;
}

static struct place place_of(const struct mosaic *m, struct corner c)
{
    return (struct place){m->map->origin.lat_e7 + c.y * m->map->step_lat_e7,
                          m->map->origin.lon_e7 + c.x * m->map->step_lon_e7};
}

/* How far to the left the way from `in` into `out` turns, (-pi, pi]. */
static double left_turn(const struct mosaic *m, uint32_t in, uint32_t out)
{
    uint32_t n = m->arcs[in / 2].count;
    struct corner a = arc_corner(m, in, n - 2), b = arc_corner(m, in, n - 1);
    struct corner c = arc_corner(m, out, 1);
    double before = atan2(b.y - a.y, b.x - a.x), after = atan2(c.y - b.y, c.x - b.x);
    double turn = after - before;
    return turn > M_PI ? turn - 2 * M_PI : turn <= -M_PI ? turn + 2 * M_PI : turn;
}

/* The unused arc of the group that goes on where `in` ends. Where squares touch only by a corner
 * the sharpest left turn stays with the same piece. UINT32_MAX: none. */
static uint32_t next_arc(const struct ring_walk *w, uint32_t in)
{
    const struct mosaic *m = w->m;
    uint32_t corner = end_of(m, in), best = UINT32_MAX;
    double best_turn = -INFINITY;
    for (uint32_t i = m->first_at[corner]; i < m->first_at[corner + 1]; i++) {
        uint32_t out = m->arcs_at[i]; /* leaves the corner: as drawn if it begins there */
        if (m->arcs[out / 2].is_used[out % 2] || !bounds_group(w, out)) {
            continue;
        }
        double turn = left_turn(m, in, out);
        if (turn > best_turn) {
            best = out;
            best_turn = turn;
        }
    }
    return best;
}

static enum err ring_put(struct ring_walk *w, uint32_t start, struct ring *ret_ring)
{
    struct mosaic *m = w->m;
    size_t first = w->place_count;
    for (uint32_t at = start;;) {
        struct arc *arc = &m->arcs[at / 2];
        arc->is_used[at % 2] = true;
        for (uint32_t i = 0; i + 1 < arc->count;
             i++) { /* the last corner is the next one's first */
            if (w->place_count == w->place_cap) {
                return ERR_LIMIT;
            }
            w->places[w->place_count++] = place_of(m, arc_corner(m, at, i));
        }
        if (end_of(m, at) == (start % 2 == 0 ? m->arcs[start / 2].from : m->arcs[start / 2].to)) {
            break;
        }
        at = next_arc(w, at);
        assert(at != UINT32_MAX); /* borders of a group are closed */
    }
    *ret_ring = (struct ring){w->places + first, w->place_count - first};
    return OK;
}

/* Twice the signed area, counter-clockwise positive. */
static double ring_turn(struct ring ring)
{
    double sum = 0;
    for (size_t i = 0; i < ring.count; i++) {
        struct place a = ring.places[i], b = ring.places[(i + 1) % ring.count];
        sum += (double)a.lon_e7 * b.lat_e7 - (double)b.lon_e7 * a.lat_e7;
    }
    return sum;
}

static int larger_first(const void *pa, const void *pb)
{
    double a = fabs(ring_turn(*(const struct ring *)pa)),
           b = fabs(ring_turn(*(const struct ring *)pb));
    return a > b ? -1 : a < b;
}

/* Is the hole inside the outer ring? Any of its corners that is not on the ring says so. */
static bool ring_encloses(struct ring outer, struct ring hole)
{
    size_t inside = 0;
    for (size_t i = 0; i < hole.count; i++) {
        inside += ring_holds(outer, hole.places[i]);
    }
    return 2 * inside > hole.count;
}

/* Outer rings (counter-clockwise) become polygons; holes go to the smallest that encloses them. */
static enum err rings_sort(struct arena *arena, struct ring *rings, size_t count,
                           struct polygon **ret_polygons, size_t *ret_count)
{
    qsort(rings, count, sizeof *rings, larger_first);
    size_t outer_count = 0;
    for (size_t i = 0; i < count; i++) {
        outer_count += ring_turn(rings[i]) > 0;
    }
    struct polygon *polygons = ARENA_NEW(arena, struct polygon, outer_count + 1);
    if (polygons == NULL) {
        return ERR_LIMIT;
    }
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        if (ring_turn(rings[i]) <= 0) {
            continue;
        }
        struct ring *own = ARENA_NEW(arena, struct ring, count + 1);
        if (own == NULL) {
            return ERR_LIMIT;
        }
        own[0] = rings[i];
        polygons[n++] = (struct polygon){own, 1};
    }
    for (size_t i = 0; i < count; i++) {
        if (ring_turn(rings[i]) > 0) {
            continue;
        }
        for (size_t p = n; p-- > 0;) {
            if (ring_encloses(polygons[p].rings[0], rings[i])) {
                struct ring *own = (struct ring *)(uintptr_t)polygons[p].rings;
                own[polygons[p].count++] = rings[i];
                break;
            }
        }
    }
    *ret_polygons = polygons;
    *ret_count = n;
    return OK;
}

enum err mosaic_polygons(struct mosaic *m, const uint32_t *group_of, uint32_t group,
                         struct polygon **ret_polygons, size_t *ret_count)
{
    struct ring_walk w = {.m = m, .group_of = group_of, .group = group};
    size_t arc_count = 0;
    for (uint32_t a = 0; a < m->arc_count; a++) {
        bool is_border = bounds_group(&w, 2 * a) || bounds_group(&w, 2 * a + 1);
        m->arcs[a].is_used[0] = m->arcs[a].is_used[1] = false;
        arc_count += is_border;
        w.place_cap += is_border ? m->arcs[a].count : 0;
    }
    w.places = ARENA_NEW(m->arena, struct place, w.place_cap + 1);
    struct ring *rings = ARENA_NEW(m->arena, struct ring, arc_count + 1);
    if (w.places == NULL || rings == NULL) {
        return ERR_LIMIT;
    }
    size_t ring_count = 0;
    for (uint32_t d = 0; d < 2 * m->arc_count; d++) {
        if (m->arcs[d / 2].is_used[d % 2] || !bounds_group(&w, d)) {
            continue;
        }
        struct ring ring;
        enum err err = ring_put(&w, d, &ring);
        if (err != OK) {
            return err;
        }
        if (ring.count >= 3) {
            rings[ring_count++] = ring;
        }
    }
    return rings_sort(m->arena, rings, ring_count, ret_polygons, ret_count);
}
