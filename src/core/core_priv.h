/* core_priv.h - what the files of this folder share. One file a subject:
 * core.c start, frames, ticks; command.c the way of a command; pending.c replies after commit;
 * session.c who it is and log-in; place.c areas and positions; closure.c closures to traffic;
 * ask.c questions off the loop; ledger.c the live ledger of cover; image.c photos; outbox.c what
 * leaves. Layer: core. */
#ifndef CORE_CORE_PRIV_H
#define CORE_CORE_PRIV_H
#include "access/blob.h"
#include "access/limiter.h"
#include "access/policy.h"
#include "base/json_out.h"
#include "base/map.h"
#include "core/core.h"
#include "desk/desk.h"
#include "geo/area.h"

#define CORE_ARENA_BYTES (8u << 20)
#define CORE_MAX_IN_FLIGHT 2048 /* below STORE_MAX_QUEUED: a full store never meets a batch */
#define CORE_MAX_UNITS 20000
/* What happened longer ago is history that is told late (imports): nobody is sent for it. */
#define CORE_NEWS_US US_PER_HOUR
#define CORE_EXPIRE_EVERY_US US_PER_HOUR
#define CORE_TRACK_EVERY_US (10 * US_PER_S)
#define CORE_TRACK_KEEP_US (72 * US_PER_HOUR)
#define CORE_DUE_BATCH 64
#define CORE_MAX_AUTO 64
#define CORE_MAX_PHOTOS 1024 /* of the public that wait for their reports */
#define CORE_PHOTO_US US_PER_HOUR
#define CORE_MAX_EVICTABLE 65536
#define CORE_LEDGER_MOVES 32        /* units that moved, taken over by one ledger */
#define CORE_SESSION_NAME "session" /* reply.field when the session is unknown: 401 */
#define CORE_KEY_NAME                                                                              \
    "Idempotency-Key" /* reply.field when the key was used for another body: 422 */

/* What waits for a commit: the reply, and who else asked the same thing meanwhile. */
struct pending {
    struct pending *next; /* free list */
    enum core_channel channel;
    uint64_t correlation;
    uint64_t key_hash; /* of actor and key; 0 = none */
    uint8_t request[STORE_REQUEST_HASH_BYTES];
    struct pending *twins; /* same key, waiting for this one */
    bool is_silent;        /* core's own command: nobody is told */
    struct frame_reply reply;
    char field[64], detail[400], legal[400];
    uint64_t seq; /* committed up to here when it is done */
};

/* A photo of the public site that waits for its report: its name opens nothing else, and one report
 * takes it. Kept in memory only: after a restart it is sent again. */
struct waiting_photo {
    char name[2 * 16 + 1]; /* "": free */
    uint8_t key[BLOB_KEY_BYTES];
    int64_t until_us;
};

/* What the weights of each profile are, as numbers to compare. */
struct road_state {
    uint32_t version;
    uint64_t digests[ROAD_MAX_PROFILES];
    bool is_known;
};

struct last_place {
    struct place place;
    int64_t at_us, track_us;
    uint32_t speed_mm_s, course_cdeg;
    bool is_changed;
};

struct core {
    struct core_options options;
    struct desk *desk;
    struct arena arena; /* of the frame at hand */
    uint64_t seq, payload, committed;
    bool is_dead;
    struct area_index *areas;
    struct scope_trees trees;
    uint32_t *area_parents, *body_parents;
    struct road_traffic *traffic;
    struct ask_shared *asking; /* what questions share, see ask.h */
    struct limiter *limiter;
    struct map keys; /* key hash -> index of pending */
    struct pending *pending, *free_pending;
    struct object_ref *evictable; /* changed objects that may leave memory once committed */
    size_t evictable_count;
    uint32_t auto_incidents[CORE_MAX_AUTO]; /* became pending since the last commit */
    size_t auto_count;
    struct last_place *places;   /* by unit number */
    struct place *ledger_places; /* by unit number: from where it counts, see ledger.c */
    bool is_ledger_due, is_ledger_running;
    int64_t ledger_due_us;   /* the next one that nothing asked for */
    int64_t ledger_moved_us; /* when it was last looked who has moved */
    struct road_state roads;
    bool is_roads_due;  /* a worker makes them anew */
    uint32_t week_hour; /* whose speeds are on the roads; ROAD_NONE: none */
    struct waiting_photo *photos;
    size_t photo_turn;
    int64_t photo_due_us;
    bool is_area_stale; /* areas changed since the index was built */
    int64_t tick_us, closure_seen_us, closure_due_us, expire_due_us, position_due_us, track_due_us;
    uint64_t position_turn;
    uint64_t outbox_sent; /* highest row handed to feed since it connected */
    uint64_t outbox_seq;  /* of the last event that sends something out */
    bool is_outbox_up, is_outbox_due;
    uint64_t commands, refusals, drops;
};

/* A command on its way. Lives in core->arena until decided. */
struct request {
    enum core_channel channel;
    uint64_t correlation;
    bool is_silent;
    struct command command;
    const struct command_def *def;
    void *fields; /* of def->fields, mutable: personal texts become payloads */
    uint8_t hash[STORE_REQUEST_HASH_BYTES];
    struct store_batch *batch;
    struct waiting_photo *photo; /* that the report takes */
    int64_t now_us;
    struct frame_reply *ret_reply; /* core_command_now: filled instead of sent */
    struct arena *ret_arena;
    struct object_ref loaded[MAX_NEEDS]; /* brought into memory for it */
    uint32_t loaded_count;
};

/* command.c */
void core_command_frame(struct core *core, enum core_channel channel, uint64_t correlation,
                        const struct frame_command *frame, int64_t now_us);
void core_command_run(struct core *core, struct request *request);
/* True when the object is in memory now; a row that was brought in is noted in the request. */
bool core_command_load(struct core *core, struct request *request, struct object_ref ref);
/* A command of the system itself (timers, plans that send); nobody waits for it. */
void core_command_own(struct core *core, enum command_kind kind, uint32_t object,
                      const void *fields, int64_t now_us);
/* check.c */
struct check { /* why a command is refused before the desk sees it */
    const char *field;
    struct str detail; /* static */
};
/* ERR_NOT_FOUND: it names what the actor may not see. ERR_DENIED: it is for another office.
 * ERR_RANGE: what it draws cannot be used. */
enum err core_check_command(struct core *core, struct request *request, struct check *ret_check);
/* envelope.c */
void core_envelope_of(struct core *core, struct object_ref ref, struct envelope *ret_envelope);
/* personal.c */
void core_personal_extract(struct core *core, struct request *request);
/* pending.c */
struct pending *core_pending_new(struct core *core);
void core_pending_done(void *ctx, void *token, enum err err);
void core_pending_refuse(struct core *core, enum core_channel channel, uint64_t correlation,
                         enum err err, const char *field, struct str detail, struct str legal,
                         uint64_t version);
void core_pending_reply(struct core *core, struct pending *pending, enum err err);
/* A batch of core's own whose end nobody waits for. */
void core_pending_submit_silent(struct core *core, struct store_batch *batch);
uint64_t core_pending_key_hash(uint32_t actor, struct str key);
/* session.c */
enum err core_session_actor(struct core *core, enum core_channel channel, struct str token,
                            int64_t now_us, struct actor *ret_actor, uint32_t *ret_session);
void core_session_login(struct core *core, uint64_t correlation, const struct frame_login *frame,
                        int64_t now_us);
void core_session_audit(struct core *core, uint64_t correlation, const struct frame_audit *frame,
                        int64_t now_us);
/* place.c */
void core_place_load(struct core *core);
void core_place_area_changed(struct core *core);
struct area_id core_place_area(struct core *core, const struct request *request);
void core_place_position(struct core *core, enum core_channel channel,
                         const struct frame_position *frame, int64_t now_us);
/* Last place heard of, else the home; PLACE_NONE. */
struct place core_place_of_unit(const struct core *core, uint32_t number,
                                const struct unit_object *unit, int64_t *ret_at_us);
void core_place_unit_changed(struct core *core, uint32_t number);
void core_place_tick(struct core *core, int64_t now_us);
void core_place_send(struct core *core, bool is_all);
/* closure.c */
/* Not lifted, begun and not ended at that time. */
bool core_closure_is_in_force(const struct closure_object *closure, int64_t at_us);
void core_closure_changed(struct core *core, uint32_t number, int64_t now_us);
void core_closure_load_all(struct core *core, int64_t now_us);
void core_closure_tick(struct core *core, int64_t now_us);
/* ask.c */
void core_ask_frame(struct core *core, uint64_t correlation, const struct frame_ask *frame,
                    int64_t now_us);
/* A pending incident whose plan sends by itself; never one that came from the public site. */
void core_auto_send(struct core *core, uint32_t number, int64_t now_us);
/* The ledger for everybody; false: it cannot be taken now. */
bool core_ask_ledger(struct core *core, int64_t now_us);
/* ledger.c */
void core_ledger_init(struct core *core);
void core_ledger_due(struct core *core); /* a status or a closure has changed */
/* Takes the ledger on a worker when it is due and none is under way; `done` has sent it. */
void core_ledger_run(struct core *core, int64_t now_us);
void core_ledger_done(struct core *core, struct str json, struct str units);
/* From where the unit counts now, given where it is. */
struct place core_ledger_place(struct core *core, uint32_t number, struct place place,
                               uint32_t *io_moves);
/* job.c: work off the loop; each kind is a pair of functions */
struct core_job {
    void (*run)(struct core_job *job);                                     /* any thread */
    void (*done)(struct core *core, struct core_job *job, int64_t now_us); /* frees it */
};
bool core_job_start(struct core *core, struct core_job *job, int64_t now_us);
/* roads.c */
/* The layers of speeds, before anything is asked. ERR_LIMIT. */
enum err core_roads_start(struct core *core, int64_t now_us);
void core_roads_tick(struct core *core, int64_t now_us);
void core_roads_json(const struct core *core, struct json_out *j);
/* image.c */
void core_image_frame(struct core *core, uint64_t correlation, const struct frame_image *frame,
                      int fd, int64_t now_us);
/* The photo of that name, which no report has taken yet. NULL: there is none. */
struct waiting_photo *core_image_waiting(struct core *core, struct str name, int64_t now_us);
void core_image_tick(struct core *core, int64_t now_us);
/* outbox.c */
void core_outbox_event(struct core *core, struct request *request, const struct event *event);
void core_outbox_committed(struct core *core);
void core_outbox_delivered(struct core *core, const struct frame_delivered *frame, int64_t now_us);
#endif
