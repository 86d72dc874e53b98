/* medium.h - ways over air and water, where there are no streets.
 * Layer: road; its own public header, for it needs neither a city.road nor a scratch.
 * Threads: a medium is read-only once made; each call has its own arena.
 *
 * A drone flies anywhere but over no-go zones; a boat goes anywhere on the water. Both are given as
 * polygons. The shortest way bends only at their corners (visibility graph: Lozano-Perez and
 * Wesley, CACM 22, 1979), found by Dijkstra's search over the corners, which looks for a line of
 * sight only where it would shorten a way. Borders may be followed; a border between two no-go
 * zones that touch may not; neither is the shore between two waters that touch a hindrance. Cost:
 * corners settled x corners x edges that a line's box meets, in practice milliseconds for a city's
 * zones. */
#ifndef ROAD_MEDIUM_H
#define ROAD_MEDIUM_H
#include "base/arena.h"
#include "geo/polygon.h"

#define MEDIUM_MAX_CORNERS 4096

enum medium_kind {
    MEDIUM_AIR,  /* the polygons are what must not be flown over */
    MEDIUM_WATER /* the polygons are where there is water; their holes are islands */
};
struct medium;
/* Copies the polygons. ERR_LIMIT: more corners than MEDIUM_MAX_CORNERS, or no memory. */
enum err medium_new(enum medium_kind kind, const struct polygon *polygons, size_t count,
                    struct medium **ret_medium);
void medium_free(struct medium *medium);
/* Over the water, or outside every no-go zone. */
bool medium_is_free(const struct medium *medium, struct place place);

struct craft {
    uint32_t speed_mm_s;   /* over ground, > 0 */
    uint32_t endurance_ms; /* it can be under way, 0 = no end */
    bool must_return;      /* the way back counts against the endurance too */
};
struct voyage {
    struct place from, to;
    struct craft craft;
};
#define CRAFT_NAME_CAP 32
#define CRAFT_MAX_ROWS 64
struct craft_row {
    char name[CRAFT_NAME_CAP];
    enum medium_kind kind;
    struct craft craft;
};
/* The table of craft, data/road/crafts.csv. ERR_SYNTAX, ERR_LIMIT with line and offset. */
enum err crafts_parse(struct str text, struct craft_row ret_rows[CRAFT_MAX_ROWS], size_t *ret_count,
                      struct fault *ret_fault);

struct passage {
    uint32_t ms;
    double length_m;
    const struct place *places; /* start, corners, end; lies in the arena */
    size_t place_count;
    bool is_beyond_endurance; /* the way exists, the craft cannot do it */
};
/* ERR_RANGE: start or end is not free, ret_fault->field says "from" or "to"; or no speed.
 * ERR_NOT_FOUND: free, but nothing joins them. ERR_LIMIT: no memory. */
enum err medium_path(const struct medium *medium, const struct voyage *voyage, struct arena *arena,
                     struct passage *ret_passage, struct fault *ret_fault);
#endif
