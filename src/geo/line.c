#include "geo/line.h"
#include <math.h>

#define M_PER_E7 0.0111195079734 /* one degree of a great circle on the mean sphere */

struct place line_between(struct place a, struct place b, double share)
{
    return (struct place){(int32_t)nearbyint(a.lat_e7 + ((double)b.lat_e7 - a.lat_e7) * share),
                          (int32_t)nearbyint(a.lon_e7 + ((double)b.lon_e7 - a.lon_e7) * share)};
}

double line_length_m(struct line line)
{
    double length = 0;
    for (size_t i = 1; i < line.count; i++)
        length += place_distance_m(line.places[i - 1], line.places[i]);
    return length;
}

/* On a plane that touches the Earth at the place: right to a millimetre for kilometres around. */
double line_piece_share(struct place a, struct place b, struct place place, double *ret_away_m)
{
    double lon_scale = M_PER_E7 * cos(place_lat_deg(place) * M_PI / 180);
    double ax = ((double)a.lon_e7 - place.lon_e7) * lon_scale;
    double ay = ((double)a.lat_e7 - place.lat_e7) * M_PER_E7;
    double dx = ((double)b.lon_e7 - a.lon_e7) * lon_scale;
    double dy = ((double)b.lat_e7 - a.lat_e7) * M_PER_E7;
    double square = dx * dx + dy * dy;
    double share = square > 0 ? fmin(1, fmax(0, -(ax * dx + ay * dy) / square)) : 0;
    *ret_away_m = hypot(ax + share * dx, ay + share * dy);
    return share;
}

enum err line_nearest(struct line line, struct place place, struct line_hit *ret_hit)
{
    struct line_hit best = {.away_m = INFINITY};
    double chainage = 0;
    if (line.count == 0)
        return ERR_RANGE;
    for (size_t i = 0; i < line.count; i++) {
        struct place a = line.places[i], b = line.places[i + 1 < line.count ? i + 1 : i];
        double away, share = line_piece_share(a, b, place, &away);
        double length = place_distance_m(a, b);
        if (away < best.away_m)
            best = (struct line_hit){line_between(a, b, share), away, chainage + share * length, i};
        chainage += length;
    }
    *ret_hit = best;
    return OK;
}

struct place line_at(struct line line, double chainage_m)
{
    if (line.count == 0)
        return PLACE_NONE;
    for (size_t i = 1; i < line.count; i++) {
        double length = place_distance_m(line.places[i - 1], line.places[i]);
        if (chainage_m < length)
            return line_between(line.places[i - 1], line.places[i], fmax(0, chainage_m / length));
        chainage_m -= length;
    }
    return line.places[line.count - 1];
}

struct box line_box(struct line line)
{
    struct box box = BOX_EMPTY;
    for (size_t i = 0; i < line.count; i++)
        box_add(&box, line.places[i]);
    return box;
}
