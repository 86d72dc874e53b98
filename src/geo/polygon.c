#include "geo/polygon.h"
#include "geo/line.h"
#include <math.h>

__extension__ typedef __int128 wide; /* products of e7 differences pass 64 bits */

/* Is the place left of the border a-b that runs upwards? Exact. */
static bool is_left_of(struct place a, struct place b, struct place p)
{
    wide cross = (wide)((int64_t)b.lon_e7 - a.lon_e7) * ((int64_t)p.lat_e7 - a.lat_e7) -
                 (wide)((int64_t)p.lon_e7 - a.lon_e7) * ((int64_t)b.lat_e7 - a.lat_e7);
    return cross > 0;
}

/* Counts borders to the right of the place: a border belongs to its lower end, not to its upper
 * one, and a place on it counts as right of it. So lower and left borders are in, upper and right
 * ones out. */
bool ring_holds(struct ring ring, struct place place)
{
    bool is_inside = false;
    for (size_t i = 0, k = ring.count - 1; i < ring.count; k = i++) {
        struct place a = ring.places[k], b = ring.places[i];
        if (a.lat_e7 > b.lat_e7) {
            struct place swap = a;
            a = b;
            b = swap;
        }
        if (a.lat_e7 <= place.lat_e7 && place.lat_e7 < b.lat_e7 && is_left_of(a, b, place))
            is_inside = !is_inside;
    }
    return is_inside;
}

bool polygon_holds(struct polygon polygon, struct place place)
{
    bool is_inside = false;
    for (size_t i = 0; i < polygon.count; i++)
        is_inside ^= ring_holds(polygon.rings[i], place);
    return is_inside;
}

void box_add(struct box *box, struct place place)
{
    if (place.lat_e7 < box->min.lat_e7)
        box->min.lat_e7 = place.lat_e7;
    if (place.lon_e7 < box->min.lon_e7)
        box->min.lon_e7 = place.lon_e7;
    if (place.lat_e7 > box->max.lat_e7)
        box->max.lat_e7 = place.lat_e7;
    if (place.lon_e7 > box->max.lon_e7)
        box->max.lon_e7 = place.lon_e7;
}

struct box polygon_box(struct polygon polygon)
{
    struct box box = BOX_EMPTY;
    for (size_t i = 0; i < polygon.count; i++) {
        for (size_t k = 0; k < polygon.rings[i].count; k++)
            box_add(&box, polygon.rings[i].places[k]);
    }
    return box;
}

bool box_holds(struct box box, struct place place)
{
    return place.lat_e7 >= box.min.lat_e7 && place.lat_e7 <= box.max.lat_e7 &&
           place.lon_e7 >= box.min.lon_e7 && place.lon_e7 <= box.max.lon_e7;
}

bool box_meets(struct box a, struct box b)
{
    return a.min.lat_e7 <= b.max.lat_e7 && b.min.lat_e7 <= a.max.lat_e7 &&
           a.min.lon_e7 <= b.max.lon_e7 && b.min.lon_e7 <= a.max.lon_e7;
}

struct place box_middle(struct box box)
{
    return (struct place){(int32_t)(((int64_t)box.min.lat_e7 + box.max.lat_e7) / 2),
                          (int32_t)(((int64_t)box.min.lon_e7 + box.max.lon_e7) / 2)};
}

/* Trapezoids on the cylinder of equal area (Lambert): x = lon, y = sin(lat). */
static double ring_area_m2(struct ring ring)
{
    const double radius_m = 6371008.8;
    double sum = 0;
    for (size_t i = 0, k = ring.count - 1; i < ring.count; k = i++) {
        struct place a = ring.places[k], b = ring.places[i];
        double d_lon = ((double)b.lon_e7 - a.lon_e7) / 1e7 * M_PI / 180;
        sum +=
            d_lon * (sin(place_lat_deg(a) * M_PI / 180) + sin(place_lat_deg(b) * M_PI / 180)) / 2;
    }
    return fabs(sum) * radius_m * radius_m;
}

double polygon_area_m2(struct polygon polygon)
{
    double area = 0;
    for (size_t i = 0; i < polygon.count; i++)
        area += i ? -ring_area_m2(polygon.rings[i]) : ring_area_m2(polygon.rings[i]);
    return fmax(0, area);
}

double polygon_border_m(struct polygon polygon, struct place place)
{
    double best = INFINITY;
    for (size_t i = 0; i < polygon.count; i++) {
        struct ring ring = polygon.rings[i];
        for (size_t m = 0, k = ring.count - 1; m < ring.count; k = m++) {
            double away;
            (void)line_piece_share(ring.places[k], ring.places[m], place, &away);
            best = fmin(best, away);
        }
    }
    return best;
}

#define LABEL_PARALLELS 9
#define LABEL_MAX_CROSSINGS 256

static int compare_double(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return left < right ? -1 : left > right;
}

/* Longitudes at which the borders cross a parallel, ascending. */
static size_t crossings(struct polygon polygon, int32_t lat_e7, double *ret_lons)
{
    size_t count = 0;
    for (size_t i = 0; i < polygon.count; i++) {
        struct ring ring = polygon.rings[i];
        for (size_t m = 0, k = ring.count - 1; m < ring.count; k = m++) {
            struct place a = ring.places[k], b = ring.places[m];
            if ((a.lat_e7 <= lat_e7) == (b.lat_e7 <= lat_e7) || count == LABEL_MAX_CROSSINGS)
                continue;
            double share = ((double)lat_e7 - a.lat_e7) / ((double)b.lat_e7 - a.lat_e7);
            ret_lons[count++] = a.lon_e7 + share * ((double)b.lon_e7 - a.lon_e7);
        }
    }
    qsort(ret_lons, count, sizeof *ret_lons, compare_double);
    return count;
}

struct place polygon_label(struct polygon polygon)
{
    struct box box = polygon_box(polygon);
    struct place best = box_middle(box);
    double widest = -1, lons[LABEL_MAX_CROSSINGS];
    for (int i = 1; i <= LABEL_PARALLELS; i++) {
        int64_t height = (int64_t)box.max.lat_e7 - box.min.lat_e7;
        int32_t lat_e7 = (int32_t)(box.min.lat_e7 + height * i / (LABEL_PARALLELS + 1));
        size_t count = crossings(polygon, lat_e7, lons);
        for (size_t k = 0; k + 1 < count; k += 2) {
            if (lons[k + 1] - lons[k] <= widest)
                continue;
            widest = lons[k + 1] - lons[k];
            best = (struct place){lat_e7, (int32_t)((lons[k] + lons[k + 1]) / 2)};
        }
    }
    return best;
}
