/* road.h - the road engine: a city's streets as a mapped file, and travel over them.
 * Layer: road, usable as a library without the rest (it needs base and geo only). It does not log.
 *
 *   struct road      the mapped file `city.road`: topology, shapes, names, profiles. Read-only,
 * shared. struct road_traffic  what holds now: named layers of closures and speeds over that road.
 *   struct road_metric   the weights of one profile at one moment. Immutable, counted, any thread.
 *   struct road_scratch  memory of one thread's queries; results lie in it until its next query.
 *
 * A query takes a metric and a scratch. Metrics are taken with road_metric_ref and given back with
 * road_metric_unref: a change of traffic makes a new metric and never waits for readers, and a
 * reader sees one consistent state for as long as it holds its metric.
 *
 * Words. A *node* is a place where streets meet or end. An *edge* is the stretch of one way between
 * two neighbouring nodes, as drawn; nodes of degree two inside a way are folded into its shape.
 * *Arc* 2e is edge e travelled as drawn, arc 2e + 1 is e travelled against it. A point on an edge
 * is edge + fraction, never a node. Times are whole milliseconds (u32), ROAD_INF = there is no way.
 * Crossing an edge in two steps costs exactly what crossing it in one costs, so times add up to the
 * millisecond.
 *
 * What holds now is *layers* with a name over the profile's own times. Layers of *speeds* (the hour
 * of the week, a calibration) make classes of street faster or slower everywhere: their factors are
 * multiplied. Over that lie layers of *stretches* (closures, incidents), anchored to way id +
 * fractions: where several touch a stretch the slowest counts, and its share is of the speed that
 * the layers of speeds leave. The order in which layers came does not matter; removing one restores
 * bit for bit what lay beneath. A closed stretch cannot be passed by the
 * profiles it binds. A profile that it does not bind passes at its own price (profile table,
 * `pass_closed`): lights and siren at 30 % of the speed, feet as if it were open. A start or an end
 * inside a closed stretch may leave or reach it over its own edge, at the speed beneath the
 * closure; the answer says so.
 *
 * Errors: ERR_LIMIT no memory or more than a named limit; others per function. */
#ifndef ROAD_ROAD_H
#define ROAD_ROAD_H
#include "base/digest.h"
#include "base/out.h"
#include "geo/place.h"

#define ROAD_INF ((1u << 30) - 1) /* two of them add without overflow */
#define ROAD_FRAC_ONE 65536u      /* fractions of an edge: 0 = where it is drawn from */
#define ROAD_WAY_ONE 1000000u     /* fractions of a whole way, in closures: millionths */
#define ROAD_NONE UINT32_MAX
#define ROAD_MAX_PROFILES 8
#define ROAD_MAX_LAYERS 4096
#define ROAD_MAX_LAYER_CHANGES 100000
#define ROAD_MAX_LIMITS 8
#define ROAD_MAX_CLASSES 32
#define ROAD_MAX_SPEED_LAYERS 4
#define ROAD_MIN_SPEED_PERMILLE 200u /* of a layer of speeds: five times slower */
#define ROAD_MAX_SPEED_PERMILLE 2000u

/* ------------------------------------------------------------------ import */

/* Where a way may not be used, counted at import. X(name, text) */
#define ROAD_DROP_LIST(X)                                                                          \
    X(ROAD_DROP_NOT_ROAD, "no highway tag")                                                        \
    X(ROAD_DROP_CLASS, "class that no profile uses (proposed, construction ...)")                  \
    X(ROAD_DROP_AREA, "drawn as an area")                                                          \
    X(ROAD_DROP_SHORT, "fewer than two nodes")                                                     \
    X(ROAD_DROP_NODES, "its nodes are not in the file")                                            \
    X(ROAD_DROP_REVERSIBLE, "its direction changes with the time of day")                          \
    X(ROAD_DROP_DUPLICATE, "same way id seen before")
#define ROAD_DROP_ENUM(name, text) name,
enum road_drop { ROAD_DROP_LIST(ROAD_DROP_ENUM) ROAD_DROP_COUNT };
#undef ROAD_DROP_ENUM
const char *road_drop_text(enum road_drop drop);

/* Turn restrictions that are not kept. X(name, text) */
#define ROAD_TURN_DROP_LIST(X)                                                                     \
    X(ROAD_TURN_DROP_TIMED, "holds at certain times only")                                         \
    X(ROAD_TURN_DROP_OTHERS, "binds none of the profiles")                                         \
    X(ROAD_TURN_DROP_KIND, "neither no_ nor only_")                                                \
    X(ROAD_TURN_DROP_MEMBERS, "without from, via and to")                                          \
    X(ROAD_TURN_DROP_MISSING, "its ways are not in the map")                                       \
    X(ROAD_TURN_DROP_APART, "its ways do not meet")                                                \
    X(ROAD_TURN_DROP_AMBIGUOUS, "can be read in more than one way")                                \
    X(ROAD_TURN_DROP_LONG, "over more than 64 pieces of street, or where more meet")               \
    X(ROAD_TURN_DROP_DUPLICATE, "same relation id seen before")
#define ROAD_TURN_DROP_ENUM(name, text) name,
enum road_turn_drop { ROAD_TURN_DROP_LIST(ROAD_TURN_DROP_ENUM) ROAD_TURN_DROP_COUNT };
#undef ROAD_TURN_DROP_ENUM
const char *road_turn_drop_text(enum road_turn_drop drop);

#define ROAD_STEP_LIST(X)                                                                          \
    X(ROAD_STEP_WAYS, "ways")                                                                      \
    X(ROAD_STEP_NODES, "nodes")                                                                    \
    X(ROAD_STEP_GRAPH, "graph")                                                                    \
    X(ROAD_STEP_ORDER, "order")                                                                    \
    X(ROAD_STEP_HIERARCHY, "hierarchy")                                                            \
    X(ROAD_STEP_FILE, "file")
#define ROAD_STEP_ENUM(name, text) name,
enum road_step { ROAD_STEP_LIST(ROAD_STEP_ENUM) ROAD_STEP_COUNT };
#undef ROAD_STEP_ENUM
const char *road_step_text(enum road_step step);

struct road_report {
    uint64_t nodes_read, ways_read;
    uint32_t ways_kept, ways_dropped[ROAD_DROP_COUNT];
    uint32_t ways_cut; /* kept, but cut where a node is missing */
    uint32_t turns_read, turns_kept, turns_dropped[ROAD_TURN_DROP_COUNT];
    uint32_t barriers;                      /* on kept ways, where some profile pays */
    uint32_t nodes, edges;                  /* of the graph */
    uint32_t names;                         /* different street names */
    uint32_t islands;                       /* weakly connected pieces */
    uint32_t main_edges;                    /* edges in the largest piece */
    uint32_t main_nodes[ROAD_MAX_PROFILES]; /* nodes of the largest strongly connected part, by
                                               profile */
    uint64_t length_m;
    uint32_t vertices, hops; /* of the search graph */
    uint32_t shortcuts;      /* arcs of the hierarchy, those of the graph included */
    uint64_t file_bytes;
    uint64_t step_us[ROAD_STEP_COUNT]; /* by the job's clock */
};

/* Called at each step and at least every 64 blocks; false stops the import with ERR_STATE. */
typedef bool road_progress_fn(void *user, const char *step, uint64_t done, uint64_t total);

struct road_import {
    const char *const *inputs; /* OSM PBF files; their ways and nodes are taken together */
    size_t input_count;
    const char *profiles;       /* the profile table, a file: see data/road/profiles.csv */
    const char *output;         /* replaced whole and synced, only after everything was read */
    unsigned threads;           /* for unpacking and ordering; 0 or 1: none beside the caller's */
    road_progress_fn *progress; /* NULL: none */
    uint64_t (*clock_us)(void *user); /* NULL: the report has no times */
    void *user;
};
/* Reads OSM PBF (zlib or raw blobs, dense and plain nodes) and writes one `city.road`.
 * Memory is sized by what is kept, never by the largest id. A way is cut where a node is missing.
 * On any error nothing is written and an older output stays. ret_fault->offset is the byte in the
 * file of that name in ret_fault->field (inputs[i], profiles or output). ERR_NOT_FOUND no such
 * file, ERR_CORRUPT damaged file, ERR_SYNTAX bad profile table, ERR_UNSUPPORTED history files or
 * other compressions, ERR_RANGE impossible coordinate, ERR_LIMIT, ERR_IO. */
enum err road_import(const struct road_import *job, struct road_report *ret_report,
                     struct fault *ret_fault);

/* ------------------------------------------------------------------ the file */

struct road;
/* Maps and checks a `city.road`: version, sums, every index. ERR_NOT_FOUND, ERR_IO, ERR_CORRUPT,
 * ERR_UNSUPPORTED (other version), ERR_LIMIT. Close after everything that was made from it. */
enum err road_open(const char *path, struct road **ret_road, struct fault *ret_fault);
/* The same over bytes in memory, aligned to 8, which must outlive the road. */
enum err road_open_bytes(struct str bytes, struct road **ret_road, struct fault *ret_fault);
void road_close(struct road *road);

struct road_info {
    uint32_t nodes, edges, ways, profiles;
    struct place min, max;        /* box round all streets */
    uint8_t digest[DIGEST_BYTES]; /* of the file's contents: names the road in answers */
};
struct road_info road_info(const struct road *road);

/* Profiles are numbered as in the table. road_profile gives ROAD_NONE for an unknown name. */
uint32_t road_profile(const struct road *road, const char *name);
const char *road_profile_name(const struct road *road, uint32_t profile);

struct road_edge {
    uint32_t tail, head; /* nodes */
    uint32_t way;        /* index, see road_way */
    uint32_t length_mm;
    struct str name, name_alt; /* empty: none; name_alt is name:en or the like */
};
struct road_edge road_edge(const struct road *road, uint32_t edge);
/* Shape from tail to head, both included. Writes at most cap places, returns how many there are. */
uint32_t road_edge_shape(const struct road *road, uint32_t edge, struct place *ret_places,
                         uint32_t cap);
struct place road_node_place(const struct road *road, uint32_t node);

/* What the gazetteer and the map read: one way, or one part of a way that was cut. */
struct road_way {
    int64_t id;          /* OSM way id; parts of a cut way share it */
    uint32_t road_class; /* road_class_name */
    struct str name, name_alt;
    uint32_t left_from, left_to, right_from, right_to; /* house numbers as drawn, 0 = none */
    const uint32_t *edges;                             /* in drawing order */
    uint32_t edge_count;
};
uint32_t road_way_count(const struct road *road);
struct road_way road_way(const struct road *road, uint32_t way);
const char *road_class_name(uint32_t road_class); /* "primary" */
uint32_t road_class_of(struct str name);          /* ROAD_NONE: there is no such class */

/* ------------------------------------------------------------------ traffic */

struct road_traffic;
struct road_metric;

enum road_direction { ROAD_BOTH, ROAD_FORWARD, ROAD_BACKWARD }; /* as drawn */
struct road_change {
    int64_t way_id;
    uint32_t from, to; /* ROAD_WAY_ONE = end; from < to, measured along the way's whole length */
    enum road_direction direction;
    uint32_t speed_permille; /* of the profile's speed, at most 1000; 0 = closed */
    uint32_t profiles; /* bit per profile that it binds; the pass_closed rule is for the others */
};

enum err road_traffic_new(const struct road *road, struct road_traffic **ret_traffic);
void road_traffic_free(struct road_traffic *traffic); /* every metric must have been given back */
/* Puts or replaces a whole layer, one writer at a time. In force for every metric taken afterwards.
 * Changes whose way is not in the road are skipped and counted in *ret_unmatched (may be NULL).
 * Costs what the arcs it touches cost, for every profile in use: one closed road some 20 us, a
 * hundred 2 ms, all of New York 11 ms. ERR_RANGE: fractions, speed or name (1 to 63 bytes);
 * ERR_BUSY: readers hold many old metrics; ERR_LIMIT. On error nothing has changed. */
enum err road_traffic_put(struct road_traffic *traffic, const char *layer,
                          const struct road_change *changes, size_t count, uint32_t *ret_unmatched);
/* How fast each class of street is, in permille of the profile's own speed. What turns and barriers
 * take stays as it is. */
struct road_speeds {
    uint16_t permille[ROAD_MAX_PROFILES][ROAD_MAX_CLASSES];
};
struct road_speeds road_speeds_plain(void); /* 1000 everywhere */
/* Puts or replaces a layer of speeds; a layer is either of speeds or of stretches, and its name
 * stands for the last that was put. Makes every time of the profiles it touches anew: some 30 ms
 * each for all of New York. ERR_RANGE: a factor outside the bounds, or the name; ERR_LIMIT: as
 * above, or more than ROAD_MAX_SPEED_LAYERS; ERR_BUSY. On error nothing has changed. */
enum err road_traffic_put_speeds(struct road_traffic *traffic, const char *layer,
                                 const struct road_speeds *speeds);
/* ERR_NOT_FOUND: no such layer. */
enum err road_traffic_remove(struct road_traffic *traffic, const char *layer);
uint32_t road_traffic_version(const struct road_traffic *traffic); /* + 1 at each change */
/* road_metric_digest of the profile's metric as it is now, which need not have been made for that.
 * ERR_LIMIT. */
enum err road_traffic_digest(struct road_traffic *traffic, uint32_t profile, uint64_t *ret_digest);

/* The weights of a profile as they are now, profile < road_info().profiles. Never waits for
 * changes, only for the first use of a profile, which makes its metric. NULL: no memory for that.
 */
const struct road_metric *road_metric_ref(struct road_traffic *traffic, uint32_t profile);
void road_metric_unref(const struct road_metric *metric); /* NULL is fine */
const struct road *road_metric_road(const struct road_metric *metric);
uint32_t road_metric_profile(const struct road_metric *metric);
uint32_t
road_metric_version(const struct road_metric *metric);         /* of the traffic it was made from */
uint64_t road_metric_digest(const struct road_metric *metric); /* equal weights, equal digest */
/* Whole cost of an arc, ROAD_INF when it cannot be passed from end to end. */
uint32_t road_metric_arc_ms(const struct road_metric *metric, uint32_t arc);
/* Whether a layer of stretches means something to the profile on the edge. */
bool road_metric_is_touched(const struct road_metric *metric, uint32_t edge);

/* ------------------------------------------------------------------ points */

struct road_point {
    uint32_t edge, frac; /* frac 0..ROAD_FRAC_ONE from tail to head */
};
struct road_snap {
    struct road_point point;
    struct place place; /* on the street */
    double away_m;      /* from the place asked for */
};
/* The nearest point of a street that the profile may use. A street outside the profile's largest
 * connected part is taken only if none inside it is nearer than ROAD_SNAP_DETOUR_M more.
 * Closures do not matter. Ties: lower edge. ERR_NOT_FOUND: none within max_m. */
#define ROAD_SNAP_DETOUR_M 60.0
#define ROAD_SNAP_MAX_M 50000.0 /* max_m is held to it */
enum err road_snap(const struct road *road, uint32_t profile, struct place place, double max_m,
                   struct road_snap *ret_snap);
struct place road_point_place(const struct road *road, struct road_point point);
/* Strictly inside a stretch that is closed to the profile, in either direction. */
bool road_metric_is_closed(const struct road_metric *metric, struct road_point point);
/* Where a point lies on its way, for anchoring a closure, and back. ERR_NOT_FOUND. */
void road_point_way(const struct road *road, struct road_point point, int64_t *ret_way_id,
                    uint32_t *ret_fraction);
enum err road_way_point(const struct road *road, int64_t way_id, uint32_t fraction,
                        struct road_point *ret_point);

/* ------------------------------------------------------------------ queries */

/* Takes the address space for all queries whose lists (sources, points, hits) are no longer than
 * ROAD_SCRATCH_POINTS: none of them asks for memory again. Longer ones make it grow. Pages are
 * taken with use. One scratch a thread: queries of several threads, each with its own, do not meet.
 */
#define ROAD_SCRATCH_POINTS 4096u
struct road_scratch;
enum err road_scratch_new(const struct road *road, struct road_scratch **ret_scratch);
void road_scratch_free(struct road_scratch *scratch);
uint64_t
road_scratch_settled(const struct road_scratch *scratch); /* by sweeps and bounded searches, ever */

struct road_source {
    struct road_point point;
    uint32_t delay_ms; /* before it starts to move, < ROAD_INF */
};

/* Fastest time from one point to another; ROAD_INF when there is no way (that is no error). */
enum err road_time(const struct road_metric *metric, struct road_scratch *scratch,
                   struct road_point from, struct road_point to, uint32_t *ret_ms);

struct road_leg {                      /* a run of one street */
    struct str name;                   /* empty: unnamed */
    uint32_t first_place, place_count; /* its piece of road_route.places, ends included */
    uint32_t ms, length_mm;
};
struct road_route {
    uint32_t ms;
    uint64_t length_mm;
    bool starts_in_closure, ends_in_closure;
    const uint32_t *arcs; /* travelled, first and last maybe in part */
    uint32_t arc_count;
    const struct place *places; /* the line to draw */
    uint32_t place_count;
    const struct road_leg *legs;
    uint32_t leg_count;
};
/* The same with the way itself. *ret_route lies in scratch. ERR_NOT_FOUND: there is no way;
 * ERR_CORRUPT: the road file was forged so that its parts contradict each other. */
enum err road_route(const struct road_metric *metric, struct road_scratch *scratch,
                    struct road_point from, struct road_point to, struct road_route *ret_route);

/* Lists handed in: borrowed for the call. */
struct road_sources {
    const struct road_source *at;
    size_t count;
};
struct road_points {
    const struct road_point *at;
    size_t count;
};
struct road_limits {
    const uint32_t *ms; /* ascending, below ROAD_INF, 1 to ROAD_MAX_LIMITS of them */
    size_t count;
};

struct road_hit {
    uint32_t source; /* index into the sources */
    uint32_t ms;     /* delay and travel */
};
struct road_hits {
    const struct road_hit *at; /* by time, then index; lies in scratch */
    size_t count;
};
/* The k sources that reach `to` first: no radius, no shortlist, every source is looked at.
 * k = sources.count gives all that can reach it. For units that move and are asked for again and
 * again there is road_fleet. */
enum err road_nearest(const struct road_metric *metric, struct road_scratch *scratch,
                      struct road_point to, struct road_sources sources, size_t k,
                      struct road_hits *ret_hits);

/* Every source to every target: ret_ms[s * targets.count + t], delays included. */
enum err road_table(const struct road_metric *metric, struct road_scratch *scratch,
                    struct road_sources sources, struct road_points targets, uint32_t *ret_ms);

/* A stretch of street reached first by one source: at `from` after from_ms, at `to` after
 * to_ms <= its limit. In a reverse reach it is the stretch from which that source is reached: from
 * `from` in from_ms, from `to` in to_ms. from > to when it lies against the drawing. */
struct road_span {
    uint32_t edge, from, to;
    uint32_t from_ms, to_ms;
    uint32_t source;
    uint32_t limit; /* index of the smallest limit that holds it */
};
/* Points of the caller's, numbered along the streets. */
struct road_marks {
    const uint64_t *edges; /* a bit for each street that has some */
    const uint32_t *first; /* by edge, and one more: its points */
    const uint32_t *fracs; /* by point */
};
struct road_marked {
    uint32_t mark, limit; /* index of the smallest limit that holds it */
};
struct road_reach {
    const struct road_span *spans; /* by edge, then place on it; stretches do not overlap */
    size_t span_count;
    const struct road_marked *marked; /* instead of spans, where marks are asked about */
    size_t marked_count;
    uint64_t length_mm[ROAD_MAX_LIMITS]; /* of street within each limit */
};
struct road_reached {
    uint32_t node, ms, source;
};
struct road_ball {
    const struct road_reached *at; /* in no order that means anything; lies in scratch */
    size_t count;
};
struct road_reach_query {
    struct road_sources sources;
    struct road_limits limits;
    bool is_reverse;                /* who reaches the sources, and not whom they reach */
    const struct road_marks *marks; /* these points are asked about; NULL: the streets */
    struct road_ball *ret_ball;     /* the nodes reached as well; NULL: they are not wanted */
};
/* What any of the sources reaches within the limits by ordinary passing: into a closed stretch only
 * from a source inside it. Of two sources the earlier wins a stretch, then the lower index. Marks
 * are reached when a stretch would hold them, and take a fraction of the time that stretches take.
 * *ret_reach lies in scratch. ERR_RANGE: limits not as they should be. */
enum err road_reach(const struct road_metric *metric, struct road_scratch *scratch,
                    const struct road_reach_query *query, struct road_reach *ret_reach);

/* The same without the streets: the nodes alone, each with the source that comes first. */
struct road_ball_query {
    struct road_sources sources;
    uint32_t limit_ms; /* below ROAD_INF */
    bool is_reverse;
};
enum err road_ball(const struct road_metric *metric, struct road_scratch *scratch,
                   const struct road_ball_query *query, struct road_ball *ret_ball);

/* The line of a stretch in its direction of travel. At most cap places, returns how many there are.
 */
uint32_t road_span_shape(const struct road *road, uint32_t edge, uint32_t from, uint32_t to,
                         struct place *ret_places, uint32_t cap);

/* The earliest time any of the sources is at each of the points, and which it is: `who` may be
 * NULL. */
enum err road_arrivals(const struct road_metric *metric, struct road_scratch *scratch,
                       struct road_sources sources, struct road_points points, uint32_t *ret_ms,
                       uint32_t *ret_who);

/* Units that move and are asked for again and again: each keeps what it needs to know of the roads
 * about it, so a question costs a few microseconds and a move one climb of the hierarchy, whatever
 * the distance. For one profile; used by one thread at a time. */
#define ROAD_MAX_FLEET 100000u
struct road_fleet;
/* Units are numbered from 0 to max_units - 1; some 5 KiB each. ERR_LIMIT: no memory, none or more
 * than ROAD_MAX_FLEET. */
enum err road_fleet_new(const struct road *road, uint32_t profile, uint32_t max_units,
                        struct road_fleet **ret_fleet);
void road_fleet_free(struct road_fleet *fleet);
/* The unit stands there from now on. The metric is of the fleet's profile, always of one traffic.
 * ERR_RANGE: no such number; ERR_LIMIT. */
enum err road_fleet_put(struct road_fleet *fleet, const struct road_metric *metric, uint32_t unit,
                        struct road_source source);
void road_fleet_remove(struct road_fleet *fleet, uint32_t unit); /* of nobody is fine */
struct road_fleet_query {
    struct road_point to;
    size_t k;
    bool (*may)(void *user, uint32_t unit); /* whom to count; NULL: everybody */
    void *user;
};
/* The k units that reach `to` first of those that may, as road_nearest would find them; a hit's
 * source is the unit's number. Another version of the metric than the last is followed: the units
 * climb again. ERR_LIMIT. */
enum err road_fleet_nearest(struct road_fleet *fleet, const struct road_metric *metric,
                            struct road_scratch *scratch, const struct road_fleet_query *query,
                            struct road_hits *ret_hits);

/* ------------------------------------------------------------------ outlines */

/* Polygons round what is reached, drawn on the network and not on a grid of squares.
 *
 * A mesh holds the ground between the streets that one profile may use, cut into triangles whose
 * sides are the streets. An outline runs through those triangles that have a reached corner and one
 * that is not. So for any reached set:
 *   - no reached point of a street lies outside (to 2 cm, the rounding of crossings);
 *   - no unreached junction of the profile lies inside. One that lies on a reached street without
 *     being joined to it (under a bridge, drawn twice) cannot be cut out; it is listed in `near`;
 *   - rings are simple and do not touch: polygons are valid in the sense of OGC Simple Features.
 * The border runs half way between a reached corner and one that is not, at most ROAD_OUTLINE_FAR_M
 * from the former, and along a street that is reached in part it runs at most 1 m beyond the end.
 * Ground far from any street is reached by nobody: parks and lakes wider than about three times
 * ROAD_MESH_CELL_M are holes. Holes come with their area; whether to fill small ones is up to the
 * caller. */
#define ROAD_MESH_CELL_M 100.0
#define ROAD_OUTLINE_FAR_M 40.0

struct road_mesh; /* read-only once made, any thread; tens of MiB and about a second for a city */
/* ERR_LIMIT; ERR_RANGE: no such profile, or the road spans more than 50 degrees; ERR_NOT_FOUND: it
 * is empty. The road must outlive the mesh. */
enum err road_mesh_new(const struct road *road, uint32_t profile, struct road_mesh **ret_mesh);
void road_mesh_free(struct road_mesh *mesh);

struct road_outliner; /* memory of one thread's outlines; an outline lies in it until the next */
enum err road_outliner_new(const struct road_mesh *mesh, struct road_outliner **ret_outliner);
void road_outliner_free(struct road_outliner *outliner);

struct road_corner { /* 1e-10 degrees: finer than a place, so that rounding joins no two rings */
    int64_t lat_e10, lon_e10;
};
struct road_ring { /* closed by its first corner, which is not repeated */
    const struct road_corner *corners;
    uint32_t count;
    double area_m2;
};
struct road_polygon {
    const struct road_ring *rings; /* the outer one counter-clockwise, then holes, clockwise */
    uint32_t ring_count;
};
struct road_outline {
    const struct road_polygon *polygons;
    uint32_t polygon_count, hole_count;
    double area_m2, hole_m2; /* holes are not part of the area */
    const uint32_t *near;    /* unreached nodes within 1 m of a reached street that lie inside */
    uint32_t near_count;
};
struct road_outline_query {
    const struct road_span *spans; /* of a reach of the mesh's road and profile */
    size_t span_count;
    uint32_t source; /* what this source won; ROAD_NONE = what any of them reaches */
    uint32_t limit;  /* within this limit and all smaller ones */
};
/* ERR_LIMIT. Nothing reached: no polygons. */
enum err road_outline(struct road_outliner *outliner, const struct road_outline_query *query,
                      struct road_outline *ret_outline);
#endif
