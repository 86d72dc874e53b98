/* line.h - polylines: length, chainage, nearest point. Layer: geo. Threads: pure.
 * Metres come from great-circle lengths of the straight pieces; within a piece, which is short
 * against the Earth, places are interpolated in degrees. */
#ifndef GEO_LINE_H
#define GEO_LINE_H
#include "geo/polygon.h"

struct line {
    const struct place *places;
    size_t count;
};
struct line_hit {
    struct place place; /* on the line */
    double away_m;      /* from the place asked for */
    double chainage_m;  /* from the line's start */
    size_t piece;       /* index of its start corner */
};

double line_length_m(struct line line);
/* The nearest point; ties: the earlier chainage. ERR_RANGE: fewer than one corner. */
enum err line_nearest(struct line line, struct place place, struct line_hit *ret_hit);
/* The place at a chainage, held to the line's ends. PLACE_NONE without corners. */
struct place line_at(struct line line, double chainage_m);
struct box line_box(struct line line);
/* Nearest point of the piece a-b: its share 0..1 from a, and the distance in metres. */
double line_piece_share(struct place a, struct place b, struct place place, double *ret_away_m);
struct place line_between(struct place a, struct place b, double share);
#endif
