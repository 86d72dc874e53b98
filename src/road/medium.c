#include "road/medium.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SIDE_E7 3.0       /* how far beside a border one looks for free space: 3 cm */
#define LEAST_GAIN_M 1e-6 /* a bend that saves less is rounding */

__extension__ typedef __int128 wide; /* products of e7 differences pass 64 bits */

struct border {
    struct place a, b;
};
struct medium {
    enum medium_kind kind;
    struct polygon *polygons;
    struct box *boxes; /* of the polygons */
    size_t polygon_count;
    struct ring *rings;
    struct place *corners; /* of all rings, one behind the other */
    struct border *borders;
    size_t corner_count;
};

/* Where a line of sight meets the borders, as shares of its length. */
struct meeting {
    double from, to; /* equal: it crosses; else it runs along a border */
};
struct sight {
    const struct medium *medium;
    struct place a, b;
    struct meeting *meetings; /* room for one a border */
    double *stops;            /* room for two a border and two more */
    size_t meeting_count;
};

/* ------------------------------------------------------- the polygons */

void medium_free(struct medium *medium)
{
    if (!medium)
        return;
    free(medium->polygons);
    free(medium->boxes);
    free(medium->rings);
    free(medium->corners);
    free(medium->borders);
    free(medium);
}

static void copy_ring(struct medium *medium, struct ring ring, struct ring *ret_ring)
{
    struct place *corners = medium->corners + medium->corner_count;
    for (size_t i = 0; i < ring.count; i++) {
        corners[i] = ring.places[i];
        medium->borders[medium->corner_count + i] =
            (struct border){ring.places[i], ring.places[(i + 1) % ring.count]};
    }
    *ret_ring = (struct ring){corners, ring.count};
    medium->corner_count += ring.count;
}

enum err medium_new(enum medium_kind kind, const struct polygon *polygons, size_t count,
                    struct medium **ret_medium)
{
    size_t rings = 0, corners = 0;
    for (size_t i = 0; i < count; i++) {
        rings += polygons[i].count;
        for (size_t k = 0; k < polygons[i].count; k++)
            corners += polygons[i].rings[k].count;
    }
    if (corners > MEDIUM_MAX_CORNERS)
        return ERR_LIMIT;
    struct medium *medium = calloc(1, sizeof *medium);
    if (!medium)
        return ERR_LIMIT;
    medium->kind = kind;
    medium->polygons = calloc(count + 1, sizeof *medium->polygons);
    medium->boxes = calloc(count + 1, sizeof *medium->boxes);
    medium->rings = calloc(rings + 1, sizeof *medium->rings);
    medium->corners = calloc(corners + 1, sizeof *medium->corners);
    medium->borders = calloc(corners + 1, sizeof *medium->borders);
    if (!medium->polygons || !medium->boxes || !medium->rings || !medium->corners ||
        !medium->borders) {
        medium_free(medium);
        return ERR_LIMIT;
    }
    for (size_t i = 0, ring = 0; i < count; i++) {
        medium->polygons[i] = (struct polygon){medium->rings + ring, polygons[i].count};
        for (size_t k = 0; k < polygons[i].count; k++)
            copy_ring(medium, polygons[i].rings[k], &medium->rings[ring++]);
        medium->boxes[i] = polygon_box(medium->polygons[i]);
    }
    medium->polygon_count = count;
    *ret_medium = medium;
    return OK;
}

bool medium_is_free(const struct medium *medium, struct place place)
{
    bool is_in = false;
    for (size_t i = 0; i < medium->polygon_count && !is_in; i++)
        is_in = box_holds(medium->boxes[i], place) && polygon_holds(medium->polygons[i], place);
    return is_in == (medium->kind == MEDIUM_WATER);
}

/* ------------------------------------------------------- lines of sight */

static wide turn_of(struct place a, struct place b, struct place p)
{
    return (wide)((int64_t)b.lon_e7 - a.lon_e7) * ((int64_t)p.lat_e7 - a.lat_e7) -
           (wide)((int64_t)p.lon_e7 - a.lon_e7) * ((int64_t)b.lat_e7 - a.lat_e7);
}

static int sign_of(wide value)
{
    return (value > 0) - (value < 0);
}

/* Share of the line's length at which a place on it lies. */
static double share_at(const struct sight *sight, struct place p)
{
    double x = (double)sight->b.lon_e7 - sight->a.lon_e7;
    double y = (double)sight->b.lat_e7 - sight->a.lat_e7;
    double px = (double)p.lon_e7 - sight->a.lon_e7, py = (double)p.lat_e7 - sight->a.lat_e7;
    return (px * x + py * y) / (x * x + y * y);
}

static void meet_border(struct sight *sight, const struct border *border)
{
    wide a = turn_of(sight->a, sight->b, border->a), b = turn_of(sight->a, sight->b, border->b);
    if (a == 0 && b == 0) {
        double from = share_at(sight, border->a), to = share_at(sight, border->b);
        double low = fmax(fmin(from, to), 0), high = fmin(fmax(from, to), 1);
        if (low < high)
            sight->meetings[sight->meeting_count++] = (struct meeting){low, high};
        return;
    }
    wide from = turn_of(border->a, border->b, sight->a);
    wide to = turn_of(border->a, border->b, sight->b);
    if (sign_of(a) * sign_of(b) > 0 || sign_of(from) * sign_of(to) > 0)
        return;
    double share = (double)from / ((double)from - (double)to);
    sight->meetings[sight->meeting_count++] = (struct meeting){share, share};
}

static struct place beside(const struct sight *sight, double share, double side_e7)
{
    double x = (double)sight->b.lon_e7 - sight->a.lon_e7;
    double y = (double)sight->b.lat_e7 - sight->a.lat_e7;
    double length = hypot(x, y);
    return (struct place){(int32_t)lround(sight->a.lat_e7 + share * y + side_e7 * x / length),
                          (int32_t)lround(sight->a.lon_e7 + share * x - side_e7 * y / length)};
}

static bool runs_along(const struct sight *sight, double share)
{
    for (size_t i = 0; i < sight->meeting_count; i++) {
        if (sight->meetings[i].from < share && share < sight->meetings[i].to)
            return true;
    }
    return false;
}

/* Between two meetings a line is free as a whole or not at all: its middle decides. Along a border
 * one free side is enough. */
static bool is_stretch_free(const struct sight *sight, double from, double to)
{
    double middle = from + (to - from) / 2;
    if (runs_along(sight, middle))
        return medium_is_free(sight->medium, beside(sight, middle, SIDE_E7)) ||
               medium_is_free(sight->medium, beside(sight, middle, -SIDE_E7));
    return medium_is_free(sight->medium, beside(sight, middle, 0));
}

static int compare_doubles(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return left < right ? -1 : left > right;
}

static bool is_in_sight(struct sight *sight, struct place a, struct place b)
{
    struct box box = {a, a};
    size_t count = 0;
    box_add(&box, b);
    sight->a = a;
    sight->b = b;
    sight->meeting_count = 0;
    if (place_eq(a, b))
        return true;
    for (size_t i = 0; i < sight->medium->corner_count; i++) {
        const struct border *border = &sight->medium->borders[i];
        struct box other = {border->a, border->a};
        box_add(&other, border->b);
        if (box_meets(box, other))
            meet_border(sight, border);
    }
    sight->stops[count++] = 0;
    sight->stops[count++] = 1;
    for (size_t i = 0; i < sight->meeting_count; i++) {
        sight->stops[count++] = sight->meetings[i].from;
        sight->stops[count++] = sight->meetings[i].to;
    }
    qsort(sight->stops, count, sizeof *sight->stops, compare_doubles);
    double least = 2 * SIDE_E7 / hypot((double)b.lon_e7 - a.lon_e7, (double)b.lat_e7 - a.lat_e7);
    for (size_t i = 1; i < count; i++) {
        if (sight->stops[i] - sight->stops[i - 1] > least &&
            !is_stretch_free(sight, sight->stops[i - 1], sight->stops[i]))
            return false;
    }
    return true;
}

/* ------------------------------------------------------- the search */

struct search_corners { /* the polygons' corners, then the start, then the end */
    struct place *places;
    double *best_m;
    uint32_t *from;
    bool *is_settled;
    size_t count;
};

static size_t nearest_open(const struct search_corners *s)
{
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < s->count; i++) {
        if (!s->is_settled[i] && s->best_m[i] < INFINITY &&
            (best == SIZE_MAX || s->best_m[i] < s->best_m[best]))
            best = i;
    }
    return best;
}

/* False: the end cannot be reached. */
static bool search_corners(struct search_corners *s, struct sight *sight)
{
    const size_t end = s->count - 1;
    for (size_t at = end - 1; at != SIZE_MAX && at != end; at = nearest_open(s)) {
        s->is_settled[at] = true;
        for (size_t i = 0; i < s->count; i++) {
            if (s->is_settled[i])
                continue;
            double through_m = s->best_m[at] + place_distance_m(s->places[at], s->places[i]);
            double ahead_m = place_distance_m(s->places[i], s->places[end]);
            if (through_m >= s->best_m[i] - LEAST_GAIN_M ||
                through_m + ahead_m >= s->best_m[end] + LEAST_GAIN_M ||
                !is_in_sight(sight, s->places[at], s->places[i]))
                continue;
            s->best_m[i] = through_m;
            s->from[i] = (uint32_t)at;
        }
    }
    return s->best_m[end] < INFINITY;
}

static enum err prepare(const struct medium *medium, struct place from, struct place to,
                        struct arena *arena, struct search_corners *s, struct sight *sight)
{
    size_t corners = medium->corner_count;
    *s = (struct search_corners){.count = corners + 2};
    s->places = ARENA_NEW(arena, struct place, s->count);
    s->best_m = ARENA_NEW(arena, double, s->count);
    s->from = ARENA_NEW(arena, uint32_t, s->count);
    s->is_settled = ARENA_NEW(arena, bool, s->count);
    *sight = (struct sight){.medium = medium};
    sight->meetings = ARENA_NEW(arena, struct meeting, corners + 1);
    sight->stops = ARENA_NEW(arena, double, 2 * corners + 2);
    if (!s->places || !s->best_m || !s->from || !s->is_settled || !sight->meetings || !sight->stops)
        return ERR_LIMIT;
    memcpy(s->places, medium->corners, corners * sizeof *s->places);
    for (size_t i = 0; i < s->count; i++)
        s->best_m[i] = INFINITY;
    s->places[corners] = from;
    s->best_m[corners] = 0;
    s->places[corners + 1] = to;
    return OK;
}

static enum err write_places(const struct search_corners *s, struct arena *arena,
                             struct passage *passage)
{
    size_t start = s->count - 2, count = 1;
    for (size_t at = s->count - 1; at != start; at = s->from[at])
        count++;
    struct place *places = ARENA_NEW(arena, struct place, count);
    if (!places)
        return ERR_LIMIT;
    passage->places = places;
    passage->place_count = count;
    for (size_t at = s->count - 1; count-- > 0; at = s->from[at])
        places[count] = s->places[at];
    return OK;
}

enum err medium_path(const struct medium *medium, const struct voyage *voyage, struct arena *arena,
                     struct passage *ret_passage, struct fault *ret_fault)
{
    struct search_corners s;
    struct sight sight;
    struct passage passage = {0};
    const struct place from = voyage->from, to = voyage->to;
    const struct craft craft = voyage->craft;
    if (!place_is_valid(from) || !medium_is_free(medium, from))
        return fault_field(ret_fault, ERR_RANGE, "from", "the start is not in free space");
    if (!place_is_valid(to) || !medium_is_free(medium, to))
        return fault_field(ret_fault, ERR_RANGE, "to", "the end is not in free space");
    if (craft.speed_mm_s == 0)
        return fault_field(ret_fault, ERR_RANGE, "speed_mm_s", "the craft does not move");
    enum err err = prepare(medium, from, to, arena, &s, &sight);
    if (!err && !search_corners(&s, &sight))
        err = ERR_NOT_FOUND;
    if (!err)
        err = write_places(&s, arena, &passage);
    if (err)
        return err;
    passage.length_m = s.best_m[s.count - 1];
    double ms = ceil(passage.length_m * 1e6 / craft.speed_mm_s);
    passage.ms = ms < UINT32_MAX ? (uint32_t)ms : UINT32_MAX;
    passage.is_beyond_endurance =
        craft.endurance_ms && ms * (craft.must_return ? 2 : 1) > craft.endurance_ms;
    *ret_passage = passage;
    return OK;
}
