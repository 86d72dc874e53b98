#include "job/city_priv.h"
#include <math.h>
#include <string.h>

#define MAX_SHAPE 4096u

/* Places along a shape every CITY_STREETS_STEP_M or so, the first half a step from its start. */
static size_t walk(const struct point_m *shape, uint32_t n, double length_m, uint32_t count,
                   struct point_m *ret_at)
{
    double step_m = length_m / count, due_m = step_m / 2, passed_m = 0;
    size_t made = 0;
    for (uint32_t i = 0; i + 1 < n && made < count; i++) {
        double piece_m = point_distance_m(shape[i], shape[i + 1]);
        while (made < count && piece_m > 0 && due_m <= passed_m + piece_m) {
            double share = (due_m - passed_m) / piece_m;
            ret_at[made++] =
                (struct point_m){shape[i].x_m + share * (shape[i + 1].x_m - shape[i].x_m),
                                 shape[i].y_m + share * (shape[i + 1].y_m - shape[i].y_m)};
            due_m += step_m;
        }
        passed_m += piece_m;
    }
    return made;
}

static bool is_for_cars(const struct road *road, uint32_t edge)
{
    const char *class = road_class_name(road_way(road, road_edge(road, edge).way).road_class);
    return strcmp(class, "footway") != 0 && strcmp(class, "path") != 0 &&
           strcmp(class, "steps") != 0 && strcmp(class, "cycleway") != 0;
}

enum err city_streets(const struct city *city, struct street_points *ret_points)
{
    const struct road *road = city->input->road;
    struct arena *arena = city->arena;
    uint32_t edges = road_info(road).edges;
    size_t cap = 0;
    for (uint32_t e = 0; e < edges; e++) {
        cap += (size_t)ceil(road_edge(road, e).length_mm / 1000.0 / CITY_STREETS_STEP_M) + 1;
    }
    struct street_points s = {.at = ARENA_NEW(arena, struct point_m, cap),
                              .metres = ARENA_NEW(arena, double, cap),
                              .edge = ARENA_NEW(arena, uint32_t, cap),
                              .village = ARENA_NEW(arena, uint32_t, cap)};
    struct place *places = ARENA_NEW(arena, struct place, MAX_SHAPE);
    struct point_m *shape = ARENA_NEW(arena, struct point_m, MAX_SHAPE);
    if (cap > POINTS_MAX || s.village == NULL || shape == NULL || places == NULL || s.at == NULL ||
        s.metres == NULL || s.edge == NULL) {
        return ERR_LIMIT;
    }
    for (uint32_t e = 0; e < edges; e++) {
        uint32_t n = road_edge_shape(road, e, places, MAX_SHAPE);
        if (n > MAX_SHAPE || !is_for_cars(road, e)) {
            continue;
        }
        double length_m = 0;
        for (uint32_t i = 0; i < n; i++) {
            shape[i] = flat_of_place(city->flat, places[i]);
            length_m += i > 0 ? point_distance_m(shape[i - 1], shape[i]) : 0;
        }
        uint32_t count = (uint32_t)ceil(length_m / CITY_STREETS_STEP_M);
        size_t made = count > 0 ? walk(shape, n, length_m, count, &s.at[s.count]) : 0;
        for (size_t i = 0; i < made; i++) {
            s.metres[s.count] = length_m / (double)made;
            s.edge[s.count++] = e;
        }
    }
    *ret_points = s;
    return s.count > 0 ? OK : ERR_RANGE;
}

double city_total_m(const struct street_points *streets, const uint32_t *which, size_t count)
{
    double metres = 0;
    for (size_t i = 0; i < count; i++) {
        metres += streets->metres[which[i]];
    }
    return metres;
}
