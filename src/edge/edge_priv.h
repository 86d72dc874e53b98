/* edge_priv.h - the staff edge's own state. Layer: edge, private. */
#ifndef EDGE_EDGE_PRIV_H
#define EDGE_EDGE_PRIV_H
#include "edge/router_priv.h"
#include "edge/site.h"
#include "gazetteer/gazetteer.h"
#include "geo/area.h"
#include "geo/geojson.h"
#include "geo/tile.h"
#include "road/road.h"

struct push;
struct hazards;

/* Areas, bodies' tree, posts and closures as places and maps need them; made anew when one changes.
 */
struct atlas_area {
    struct area_object object; /* texts in the atlas' arena */
    uint64_t code;
    const struct polygon *polygons;
    size_t polygon_count;
    bool is_there;
};
struct atlas_closure {
    struct closure_object object;
    struct geojson shape;
};
struct atlas {
    struct arena arena;
    struct scope_trees trees;
    struct area_index *index;
    struct atlas_area *areas; /* by number */
    uint32_t area_count;
    struct post_object *posts; /* by number; code "" = none */
    uint32_t post_count;
    struct arena closure_arena;     /* they change often, areas hardly ever */
    struct atlas_closure *closures; /* in force or to come */
    uint32_t *closure_numbers;
    uint32_t closure_count;
};

#define EDGE_MAX_UNITS 65536
struct unit_position {
    struct body_id body;
    bool is_known, is_placed, is_changed;
    struct place place;
    int64_t at_us;
    uint32_t speed_mm_s, course_cdeg;
};

struct edge {
    struct site site;
    struct reader *reader; /* of the loop's own thread: sessions, push, atlas */
    struct atlas atlas;
    bool is_atlas_stale, are_closures_stale;
    struct gazetteer *gazetteer;
    const struct road *road; /* NULL: none; the caller's */
    struct edge_roads *roads;
    struct push *push;
    struct hazards *hazards;         /* where they stand, hazard.c */
    struct unit_position *positions; /* by unit number */
    uint32_t position_end;           /* highest number + 1 */
    struct loop_timer *tick;
};

static inline struct edge *edge_of(const struct visit *visit)
{
    return visit->site->owner;
}

enum err atlas_load(struct atlas *atlas, struct reader *reader);
void atlas_load_closures(struct atlas *atlas, struct reader *reader);
void atlas_done(struct atlas *atlas);
/* Highest number of a kind, plus 1. */
uint32_t atlas_end(struct reader *reader, enum object_kind kind);

bool session_enter(struct visit *visit);
/* Why an Idempotency-Key is not one; NULL: it is. */
const char *command_check_key(struct str key);
/* Ends a visit with the outcome of a command and the changed row. */
void command_replied(struct visit *visit, const struct frame_reply *reply);
/* Asks core to keep a line of the look-up, then reads with the personal scope. */
void list_audited(struct visit *visit, enum object_kind kind, const char *what, visit_fn run,
                  visit_fn done);

/* ---- positions (position.c) ---- */
void position_frame(struct edge *edge, struct str items);
/* A unit's row changed: its body, and whether it is on duty. */
void position_unit_row(struct edge *edge, uint32_t number, const struct unit_object *unit);
void position_write(const struct edge *edge, uint32_t number, struct json_out *j);
/* Whether the visit's action may be done with its unit, enrolled, on duty or not: as access_may. */
enum err position_may(struct edge *edge, const struct visit *visit);
bool position_is_seen(const struct edge *edge, const struct scope *scope, uint32_t number);

/* ---- hazards of places (hazard.c) ---- */
struct hazards *hazards_new(struct reader *reader);
void hazards_free(struct hazards *hazards);
void hazard_row(struct hazards *hazards, uint32_t number, const struct hazard_object *row);
void hazard_kind_row(struct hazards *hazards, uint32_t number,
                     const struct hazard_kind_object *row);

/* ---- push (push.c) ---- */
struct push *push_new(struct edge *edge);
void push_free(struct push *push);
void push_tick(struct push *push, int64_t now_us); /* every 100 ms */
/* Core has a new ledger of cover. */
void push_cover(struct push *push, const struct frame_cover *frame);
struct push_figures {
    uint64_t subscribers, groups, rows, sent_bytes, resyncs, revoked;
};
struct push_figures push_figures(const struct push *push);
/* ---- roads (roads.c) ---- */
struct edge_roads;
/* The config's road must outlive it; config->road is not NULL. Errors of reader_open,
 * ERR_LIMIT. */
enum err edge_roads_new(const struct edge_config *config, struct loop *loop,
                        struct edge_roads **ret_roads);
void edge_roads_free(struct edge_roads *roads);
/* All take NULL. has_changed: the row of a closure is another. */
void edge_roads_tick(struct edge_roads *roads, int64_t now_us, bool has_changed);
void edge_roads_json(const struct edge_roads *roads, struct json_out *j); /* digests by profile */
/* map.c: z, x, y of the path parameters from the at-th; and a tile's bytes as the answer. */
bool map_take_tile(const struct visit *visit, size_t at, struct tile *ret_tile);
void map_answer_tile(struct visit *visit, struct str bytes, const char *cache);
#endif
