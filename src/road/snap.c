/* snap.c - points on streets. A search looks at rings of grid cells round the place until the
 * nearest cell that was not looked at is farther than the best street found. */
#include "geo/line.h"
#include "road/grid_priv.h"
#include <math.h>

#define M_PER_E7 0.0111195079734

struct best {
    double away_m; /* infinite: none */
    double share;  /* of the piece between corners `piece` and `piece` + 1 */
    uint32_t edge, piece;
};
struct snapper {
    const struct road *road;
    uint32_t profile;
    struct place place;
    double lon_scale;      /* metres per e7 degree of longitude */
    struct best any, main; /* of all streets; of the largest connected part */
    double max_m;
};

/* Planar metres round the place asked for: exact enough within max_m, and cheap. */
static double piece_away_m(const struct snapper *s, struct place a, struct place b,
                           double *ret_share)
{
    double ax = ((double)a.lon_e7 - s->place.lon_e7) * s->lon_scale;
    double ay = ((double)a.lat_e7 - s->place.lat_e7) * M_PER_E7;
    double dx = ((double)b.lon_e7 - a.lon_e7) * s->lon_scale;
    double dy = ((double)b.lat_e7 - a.lat_e7) * M_PER_E7;
    double square = dx * dx + dy * dy;
    double share = square > 0 ? -(ax * dx + ay * dy) / square : 0;
    share = share < 0 ? 0 : share > 1 ? 1 : share;
    *ret_share = share;
    return hypot(ax + share * dx, ay + share * dy);
}

static bool may_use(const struct snapper *s, uint32_t edge)
{
    const struct file_profile *profile = &s->road->profiles[s->profile];
    const struct file_way *way = &s->road->ways[s->road->edges[edge].way];
    return profile_speed_mm_s(profile, way, false) || profile_speed_mm_s(profile, way, true);
}

/* Fraction of the edge at a share of its piece between corners i and i + 1. */
static uint32_t frac_of(const struct road *road, uint32_t edge, uint32_t piece, double share)
{
    const struct file_edge *e = &road->edges[edge];
    uint32_t inner = e[1].shape - e->shape;
    struct place at = road->nodes[e->tail];
    double before = 0, whole = 0;
    for (uint32_t i = 0; i <= inner; i++) {
        struct place next = i == inner ? road->nodes[e->head] : road->shapes[e->shape + i];
        double length = place_distance_m(at, next);
        before += i < piece ? length : i == piece ? length * share : 0;
        whole += length;
        at = next;
    }
    double frac = whole > 0 ? before / whole * ROAD_FRAC_ONE : 0;
    return frac >= ROAD_FRAC_ONE ? ROAD_FRAC_ONE : (uint32_t)nearbyint(frac);
}

/* Ties: the lower edge. */
static bool is_nearer(const struct best *a, const struct best *b)
{
    return a->away_m < b->away_m || (a->away_m <= b->away_m && a->edge < b->edge);
}

static void look_at_edge(struct snapper *s, uint32_t edge)
{
    const struct file_edge *e = &s->road->edges[edge];
    uint32_t inner = e[1].shape - e->shape, piece = 0;
    struct place at = s->road->nodes[e->tail];
    double best = INFINITY, best_share = 0;
    for (uint32_t i = 0; i <= inner; i++) {
        struct place next = i == inner ? s->road->nodes[e->head] : s->road->shapes[e->shape + i];
        double share, away = piece_away_m(s, at, next, &share);
        if (away < best) {
            best = away;
            best_share = share;
            piece = i;
        }
        at = next;
    }
    bool is_main = s->road->node_main[e->tail] & s->road->node_main[e->head] & 1u << s->profile;
    struct best found = {best, best_share, edge, piece};
    bool beats_any = is_nearer(&found, &s->any);
    bool beats_main = is_main && is_nearer(&found, &s->main);
    if (best > s->max_m || !(beats_any || beats_main) || !may_use(s, edge))
        return;
    if (beats_any)
        s->any = found;
    if (beats_main)
        s->main = found;
}

static void look_at_cell(struct snapper *s, int64_t column, int64_t row)
{
    const struct file_grid *grid = s->road->grid;
    if (column < 0 || row < 0 || column >= grid->columns || row >= grid->rows)
        return;
    uint32_t cell = (uint32_t)(row * grid->columns + column);
    for (uint32_t i = s->road->cell_first[cell]; i < s->road->cell_first[cell + 1]; i++)
        look_at_edge(s, s->road->cell_edges[i]);
}

static void look_at_ring(struct snapper *s, int64_t column, int64_t row, int64_t ring)
{
    if (ring == 0) {
        look_at_cell(s, column, row);
        return;
    }
    for (int64_t x = column - ring; x <= column + ring; x++) {
        look_at_cell(s, x, row - ring);
        look_at_cell(s, x, row + ring);
    }
    for (int64_t y = row - ring + 1; y < row + ring; y++) {
        look_at_cell(s, column - ring, y);
        look_at_cell(s, column + ring, y);
    }
}

/* Metres from the place to the nearest border of its own cell. */
static double own_border_m(const struct snapper *s, int64_t column, int64_t row)
{
    const struct file_grid *grid = s->road->grid;
    double x = (double)(s->place.lon_e7 - grid->min.lon_e7 - column * grid->cell_lon_e7);
    double y = (double)(s->place.lat_e7 - grid->min.lat_e7 - row * grid->cell_lat_e7);
    double x_m = fmin(x, grid->cell_lon_e7 - x) * s->lon_scale;
    double y_m = fmin(y, grid->cell_lat_e7 - y) * M_PER_E7;
    return fmax(0, fmin(x_m, y_m));
}

/* Rings are counted from the place's own cell, which may lie outside the grid. */
static void look_around(struct snapper *s)
{
    const struct file_grid *grid = s->road->grid;
    double cell_m = fmin(grid->cell_lat_e7 * M_PER_E7, grid->cell_lon_e7 * s->lon_scale);
    int64_t column =
        (int64_t)floor(((double)s->place.lon_e7 - grid->min.lon_e7) / grid->cell_lon_e7);
    int64_t row = (int64_t)floor(((double)s->place.lat_e7 - grid->min.lat_e7) / grid->cell_lat_e7);
    int64_t last = (int64_t)grid->columns + grid->rows;
    int64_t far = llabs(column) + llabs(row) + last; /* beyond it no ring meets the grid */
    double border_m = own_border_m(s, column, row);
    for (int64_t ring = 0; ring <= far; ring++) {
        double near_m = ring ? border_m + ((double)ring - 1) * cell_m : 0; /* none is nearer */
        double enough_m = fmin(s->max_m, fmin(s->main.away_m, s->any.away_m + ROAD_SNAP_DETOUR_M));
        if (near_m > enough_m)
            break;
        look_at_ring(s, column, row, ring);
    }
}

enum err road_snap(const struct road *road, uint32_t profile, struct place place, double max_m,
                   struct road_snap *ret_snap)
{
    struct snapper s = {
        .road = road, .profile = profile, .place = place, .max_m = fmin(max_m, ROAD_SNAP_MAX_M)};
    assert(profile < road->profile_count);
    if (!place_is_valid(place) || road->edge_count == 0)
        return ERR_NOT_FOUND;
    s.any = s.main = (struct best){.away_m = INFINITY, .edge = ROAD_NONE};
    s.lon_scale = M_PER_E7 * fmax(0.01, cos(place_lat_deg(place) * M_PI / 180));
    look_around(&s);
    if (s.any.edge == ROAD_NONE)
        return ERR_NOT_FOUND;
    const struct best *best = s.main.away_m <= s.any.away_m + ROAD_SNAP_DETOUR_M ? &s.main : &s.any;
    ret_snap->point =
        (struct road_point){best->edge, frac_of(road, best->edge, best->piece, best->share)};
    ret_snap->place = road_point_place(road, ret_snap->point);
    ret_snap->away_m = best->away_m;
    return OK;
}

/* ------------------------------------------------------- points and lines on edges */

static struct place corner(const struct road *road, const struct file_edge *e, uint32_t i)
{
    uint32_t inner = e[1].shape - e->shape;
    return i == 0      ? road->nodes[e->tail]
           : i > inner ? road->nodes[e->head]
                       : road->shapes[e->shape + i - 1];
}

/* Metres from the tail to the fraction, and to each corner, are measured on the same corners. */
static double shape_length_m(const struct road *road, const struct file_edge *e)
{
    uint32_t inner = e[1].shape - e->shape;
    double length = 0;
    for (uint32_t i = 0; i <= inner; i++)
        length += place_distance_m(corner(road, e, i), corner(road, e, i + 1));
    return length;
}

/* The place at a fraction; *ret_piece is the corner at or before it. */
static struct place place_at(const struct road *road, const struct file_edge *e, uint32_t frac,
                             uint32_t *ret_piece)
{
    uint32_t inner = e[1].shape - e->shape;
    double left = shape_length_m(road, e) * frac / ROAD_FRAC_ONE;
    for (uint32_t i = 0; i <= inner; i++) {
        struct place a = corner(road, e, i), b = corner(road, e, i + 1);
        double length = place_distance_m(a, b);
        *ret_piece = i;
        if (frac < ROAD_FRAC_ONE && left < length)
            return line_between(a, b, left / length);
        left -= length;
    }
    return road->nodes[frac ? e->head : e->tail];
}

struct place road_point_place(const struct road *road, struct road_point point)
{
    uint32_t piece;
    assert(point.edge < road->edge_count && point.frac <= ROAD_FRAC_ONE);
    return place_at(road, &road->edges[point.edge], point.frac, &piece);
}

uint32_t road_span_shape(const struct road *road, uint32_t edge, uint32_t from, uint32_t to,
                         struct place *ret_places, uint32_t cap)
{
    const struct file_edge *e = &road->edges[edge];
    bool is_reversed = from > to;
    uint32_t first, last, count = 0;
    assert(edge < road->edge_count && from <= ROAD_FRAC_ONE && to <= ROAD_FRAC_ONE);
    struct place start = place_at(road, e, is_reversed ? to : from, &first);
    struct place end = place_at(road, e, is_reversed ? from : to, &last);
    uint32_t total = last - first + 2;
    for (uint32_t i = 0; i < total && i < cap; i++) {
        uint32_t k = is_reversed ? total - 1 - i : i;
        ret_places[count++] = k == 0 ? start : k == total - 1 ? end : corner(road, e, first + k);
    }
    return total;
}

void road_point_way(const struct road *road, struct road_point point, int64_t *ret_way_id,
                    uint32_t *ret_fraction)
{
    const struct file_edge *e = &road->edges[point.edge];
    const struct file_way *way = &road->ways[e->way];
    uint64_t mm =
        e->way_mm + ((uint64_t)e->length_mm * point.frac + ROAD_FRAC_ONE / 2) / ROAD_FRAC_ONE;
    *ret_way_id = file_way_id(way);
    *ret_fraction = (uint32_t)((mm * ROAD_WAY_ONE + way->way_mm / 2) / way->way_mm);
}

enum err road_way_point(const struct road *road, int64_t way_id, uint32_t fraction,
                        struct road_point *ret_point)
{
    uint32_t first, count;
    if (fraction > ROAD_WAY_ONE || !road_find_way(road, way_id, &first, &count))
        return ERR_NOT_FOUND;
    uint64_t mm = ((uint64_t)fraction * road->ways[first].way_mm + ROAD_WAY_ONE / 2) / ROAD_WAY_ONE;
    for (uint32_t i = road->ways[first].edges; i < road->ways[first + count].edges; i++) {
        uint32_t edge = road->way_edges[i];
        const struct file_edge *e = &road->edges[edge];
        if (mm > (uint64_t)e->way_mm + e->length_mm)
            continue;
        uint64_t into = mm > e->way_mm ? mm - e->way_mm : 0;
        *ret_point = (struct road_point){
            edge, (uint32_t)((into * ROAD_FRAC_ONE + e->length_mm / 2) / e->length_mm)};
        return OK;
    }
    return ERR_NOT_FOUND;
}
