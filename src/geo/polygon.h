/* polygon.h - polygons of whole e7 degrees: point in polygon, box, area, middle.
 * Layer: geo. Threads: pure.
 * Half-open: a place on a lower or left border is inside, one on an upper or right border is not;
 * so of polygons that tile the plane exactly one holds any place. No floating point decides. */
#ifndef GEO_POLYGON_H
#define GEO_POLYGON_H
#include "geo/place.h"

/* Corners in order; the last need not repeat the first. Any winding. */
struct ring {
    const struct place *places;
    size_t count;
};
/* First ring is the outer one, the others are holes (even-odd rule over all of them). */
struct polygon {
    const struct ring *rings;
    size_t count;
};
struct box {
    struct place min, max; /* both included */
};
#define BOX_EMPTY ((struct box){{INT32_MAX, INT32_MAX}, {INT32_MIN, INT32_MIN}})

bool ring_holds(struct ring ring, struct place place);
bool polygon_holds(struct polygon polygon, struct place place);
struct box polygon_box(struct polygon polygon); /* BOX_EMPTY without corners */
void box_add(struct box *box, struct place place);
bool box_holds(struct box box, struct place place);
bool box_meets(struct box a, struct box b);
struct place box_middle(struct box box);
double polygon_area_m2(struct polygon polygon);
/* From the place to the nearest border, metres. */
double polygon_border_m(struct polygon polygon, struct place place);
/* A place inside, for a label: the middle of the widest inner stretch on some parallel. */
struct place polygon_label(struct polygon polygon);
#endif
