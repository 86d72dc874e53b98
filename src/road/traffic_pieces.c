#include "road/traffic_priv.h"
#include <string.h>

/* ------------------------------------------------------- making */

static int compare_u32(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return left < right ? -1 : left > right;
}

/* What a change means to a profile: 1000 nothing, 0 closed. */
static uint32_t effect_of(const struct road *road, uint32_t profile,
                          const struct edge_change *change)
{
    if (change->profiles >> profile & 1)
        return change->permille;
    if (change->permille > 0)
        return 1000;
    uint32_t price = road->profiles[profile].pass_closed;
    return price < 1000 ? price : 1000;
}

static bool touches(const struct edge_change *change, uint32_t arc)
{
    return change->direction == ROAD_BOTH ||
           change->direction == (arc & 1 ? ROAD_BACKWARD : ROAD_FORWARD);
}

/* Changes of the arc that mean something to the profile, their permille the effect; and all their
 * borders, sorted. */
static enum err collect(struct piece_maker *maker, uint32_t profile, uint32_t arc)
{
    const struct change_node *nodes = maker->lists->nodes.p;
    maker->changes.count = maker->borders.count = 0;
    for (uint32_t i = maker->lists->first[arc >> 1]; i != ROAD_NONE; i = nodes[i].next) {
        struct edge_change change = nodes[i].change;
        change.permille = effect_of(maker->road, profile, &change);
        if (!touches(&change, arc) || change.permille == 1000)
            continue;
        if (VEC_PUSH(&maker->changes, struct edge_change, change))
            return ERR_LIMIT;
    }
    if (maker->changes.count == 0)
        return OK;
    if (vec_room(&maker->borders, 2 * maker->changes.count + 2, sizeof(uint32_t)))
        return ERR_LIMIT;
    uint32_t *borders = maker->borders.p;
    size_t count = 0;
    borders[count++] = 0;
    borders[count++] = ROAD_FRAC_ONE;
    for (size_t i = 0; i < maker->changes.count; i++) {
        borders[count++] = VEC(&maker->changes, struct edge_change)[i].from;
        borders[count++] = VEC(&maker->changes, struct edge_change)[i].to;
    }
    qsort(borders, count, sizeof *borders, compare_u32);
    maker->borders.count = count;
    return OK;
}

/* Extra time from the arc's start to x, which lies in the piece. */
static uint64_t extra_at(const struct arc_pieces *pieces, const struct piece *piece, uint32_t x)
{
    uint64_t base = pieces->base;
    return piece->extra + base * (x - piece->from) * (1000 - piece->permille) / piece->permille;
}

static struct piece piece_between(const struct piece_maker *maker, uint32_t from, uint32_t to)
{
    struct piece piece = {.from = from, .to = to, .permille = 1000};
    for (size_t i = 0; i < maker->changes.count; i++) {
        const struct edge_change *change = &VEC(&maker->changes, struct edge_change)[i];
        if (change->from > from || change->to < to)
            continue;
        if (change->permille == 0)
            piece.is_closed = true;
        else if (change->permille < piece.permille)
            piece.permille = change->permille;
    }
    return piece;
}

enum err pieces_make(struct piece_maker *maker, uint32_t profile, uint32_t arc,
                     struct arc_pieces **ret_pieces)
{
    uint32_t base = pace_ms(&maker->pace, maker->road, profile, arc);
    enum err err = collect(maker, profile, arc);
    const uint32_t *borders = maker->borders.p;
    bool is_closed = false;
    uint64_t extra = 0;
    if (err || maker->borders.count == 0 || base == ROAD_INF) {
        *ret_pieces = NULL;
        return err;
    }
    struct arc_pieces *pieces =
        malloc(sizeof *pieces + maker->borders.count * sizeof pieces->at[0]);
    if (!pieces)
        return ERR_LIMIT;
    *pieces = (struct arc_pieces){.arc = arc, .base = base};
    for (size_t i = 1; i < maker->borders.count; i++) {
        if (borders[i] == borders[i - 1])
            continue;
        struct piece piece = piece_between(maker, borders[i - 1], borders[i]);
        piece.extra = extra;
        extra = extra_at(pieces, &piece, borders[i]);
        is_closed |= piece.is_closed;
        pieces->at[pieces->count++] = piece;
    }
    uint64_t whole = base + extra / ROAD_FRAC_ONE;
    pieces->ms = is_closed || whole >= ROAD_INF ? ROAD_INF : (uint32_t)whole;
    *ret_pieces = pieces;
    return OK;
}

void piece_maker_done(struct piece_maker *maker)
{
    vec_done(&maker->changes);
    vec_done(&maker->borders);
}

bool pieces_equal(const struct arc_pieces *a, const struct arc_pieces *b)
{
    if (!a || !b || a->count != b->count || a->base != b->base || a->ms != b->ms)
        return !a && !b;
    for (size_t i = 0; i < a->count; i++) {
        const struct piece *p = &a->at[i], *q = &b->at[i];
        if (p->from != q->from || p->to != q->to || p->permille != q->permille ||
            p->is_closed != q->is_closed || p->extra != q->extra)
            return false;
    }
    return true;
}

void pieces_unref(struct arc_pieces *pieces)
{
    if (pieces && --pieces->refs == 0)
        free(pieces);
}

/* ------------------------------------------------------- by arc */

static uint32_t home_of(const struct piece_map *map, uint32_t arc)
{
    return arc * 0x9E3779B1u & (map->cap - 1);
}

/* The slot of the arc, or the free one where it would stand. */
static uint32_t slot_of(const struct piece_map *map, uint32_t arc)
{
    uint32_t at = home_of(map, arc);
    while (map->slots[at] && map->slots[at]->arc != arc)
        at = (at + 1) & (map->cap - 1);
    return at;
}

struct arc_pieces *piece_map_get(const struct piece_map *map, uint32_t arc)
{
    return map->count ? map->slots[slot_of(map, arc)] : NULL;
}

enum err piece_map_room(struct piece_map *map, uint32_t more)
{
    uint64_t cap = map->cap ? map->cap : 16;
    while (cap < 2 * ((uint64_t)map->count + more))
        cap *= 2;
    if (cap == map->cap)
        return OK;
    struct piece_map grown = {.cap = (uint32_t)cap, .count = map->count};
    grown.slots = cap < ROAD_NONE ? calloc(cap, sizeof(struct arc_pieces *)) : NULL;
    if (!grown.slots)
        return ERR_LIMIT;
    for (uint32_t i = 0; i < map->cap; i++) {
        if (map->slots[i])
            grown.slots[slot_of(&grown, map->slots[i]->arc)] = map->slots[i];
    }
    free(map->slots);
    *map = grown;
    return OK;
}

void piece_map_set(struct piece_map *map, uint32_t arc, struct arc_pieces *pieces)
{
    if (map->cap == 0) /* nothing to take out */
        return;
    uint32_t at = slot_of(map, arc), mask = map->cap - 1;
    struct arc_pieces *old = map->slots[at];
    map->count += !old && pieces;
    map->slots[at] = pieces;
    if (pieces) {
        pieces->refs++;
    } else if (old) {
        map->count--;
        /* close the gap: later ones of the run move up unless that passes their home */
        for (uint32_t i = (at + 1) & mask; map->slots[i]; i = (i + 1) & mask) {
            uint32_t away = (i - home_of(map, map->slots[i]->arc)) & mask;
            if (away >= ((i - at) & mask)) {
                map->slots[at] = map->slots[i];
                map->slots[i] = NULL;
                at = i;
            }
        }
    }
    pieces_unref(old);
}

void piece_map_done(struct piece_map *map)
{
    for (uint32_t i = 0; i < map->cap; i++)
        pieces_unref(map->slots[i]);
    free(map->slots);
    *map = (struct piece_map){0};
}

/* ------------------------------------------------------- reading */

const struct piece *metric_pieces(const struct road_metric *metric, uint32_t arc, size_t *ret_count)
{
    const struct arc_pieces *pieces = piece_map_get(metric->pieces, arc);
    if (!pieces)
        return NULL;
    *ret_count = pieces->count;
    return pieces->at;
}

/* C(x) of traffic_priv.h. */
static uint64_t time_at(const struct arc_pieces *pieces, uint32_t x)
{
    uint64_t ms = (uint64_t)pieces->base * x / ROAD_FRAC_ONE;
    for (size_t i = pieces->count; i-- > 0;) {
        if (pieces->at[i].from <= x)
            return ms + extra_at(pieces, &pieces->at[i], x) / ROAD_FRAC_ONE;
    }
    return ms;
}

/* May one go over low..high when start and end have their rights? Closed pieces that touch make a
 * run. */
static bool is_passable(const struct piece *pieces, size_t count, struct move move)
{
    uint32_t low = move.x < move.y ? move.x : move.y, high = move.x < move.y ? move.y : move.x;
    bool low_may = move.x < move.y ? move.may_leave : move.may_enter;
    bool high_may = move.x < move.y ? move.may_enter : move.may_leave;
    for (size_t i = 0, end; i < count; i = end) {
        end = i + 1;
        if (!pieces[i].is_closed)
            continue;
        while (end < count && pieces[end].is_closed)
            end++;
        uint32_t from = pieces[i].from, to = pieces[end - 1].to;
        if (from >= high || to <= low)
            continue;
        if (!(from < low && low_may) && !(to > high && high_may))
            return false;
    }
    return true;
}

uint32_t metric_move_ms(const struct road_metric *metric, struct move move)
{
    const struct arc_pieces *pieces = piece_map_get(metric->pieces, move.arc);
    uint64_t base = pieces ? pieces->base : metric->weights[move.arc];
    uint64_t from = base * move.x / ROAD_FRAC_ONE, to = base * move.y / ROAD_FRAC_ONE;
    if (move.x == move.y)
        return 0;
    if (base == ROAD_INF)
        return ROAD_INF;
    if (pieces) {
        if (!is_passable(pieces->at, pieces->count, move))
            return ROAD_INF;
        from = time_at(pieces, move.x);
        to = time_at(pieces, move.y);
    }
    uint64_t ms = from < to ? to - from : from - to;
    return ms < ROAD_INF ? (uint32_t)ms : ROAD_INF;
}

bool road_metric_is_closed(const struct road_metric *metric, struct road_point point)
{
    for (uint32_t arc = 2 * point.edge; arc <= 2 * point.edge + 1; arc++) {
        size_t count = 0;
        const struct piece *pieces = metric_pieces(metric, arc, &count);
        for (size_t i = 0; i < count; i++) {
            bool is_inner_border = pieces[i].to == point.frac && i + 1 < count &&
                                   pieces[i].is_closed && pieces[i + 1].is_closed;
            bool is_inside = pieces[i].from < point.frac && point.frac < pieces[i].to;
            if ((is_inside && pieces[i].is_closed) || is_inner_border)
                return true;
        }
    }
    return false;
}
