/* core.h - the decider's process without its sockets: frames in, frames out.
 * Layer: core. Threads: one owner; core_job_run is called on workers with a copied input.
 *
 *   frame ─► who is it (session) ─► may it (access) ─► same key before? ─► texts about persons to
 *   payloads, area of the place ─► desk_decide ─► desk_apply ─► one store batch ─► commit ─► reply
 *
 * The process (main) and the simulator drive the same functions; `now` comes from outside. State
 * runs ahead of the disk by what is queued; no reply leaves before its commit, and when a commit
 * fails core_is_dead and the process ends (DESIGN 5). */
#ifndef CORE_CORE_H
#define CORE_CORE_H
#include "access/password.h"
#include "model/commands.h"
#include "model/frames.h"
#include "plan/media.h"
#include "road/speeds.h"
#include "store/store.h"

/* Who is at the other end. The channel, not the frame, says what may come from it. */
enum core_channel { CORE_EDGE, CORE_PORTAL, CORE_FEED, CORE_MEDIA, CORE_CHANNEL_COUNT };

struct core;
struct core_job;

struct core_calls {
    /* Sends one record of the frame's table. fd -1, or given away. Lost when nobody listens. */
    void (*send)(void *ctx, enum core_channel channel, enum frame_type type, uint64_t correlation,
                 const void *record, int fd);
    /* Lossy, newest of each key wins. */
    void (*latest)(void *ctx, enum core_channel channel, enum frame_type type, const void *record,
                   uint64_t key);
    /* Runs core_job_run(job) on any thread, then core_job_done on the owner's. ERR_BUSY. */
    enum err (*run)(void *ctx, struct core_job *job);
};

struct core_options {
    uint32_t realm;
    struct store *store;                        /* open; core submits and drains */
    struct road *road;                          /* NULL: no recommendation, no routes */
    const struct road_hours *hours;             /* NULL: every hour is alike */
    const struct road_calibration *calibration; /* NULL: none is installed */
    const struct media *media;                  /* drones and boats; NULL: there are none */
    struct cover_demand *cells; /* the ledger's demand, areas are filled in; NULL: past calls */
    size_t cell_count;
    const char *store_dir; /* where past calls are read for the ledger of cover; NULL: nowhere */
    const char *blob_dir;  /* photos */
    const uint8_t *payload_key; /* DIGEST_KEY_BYTES */
    struct password_cost password_cost;
    int64_t session_us;
    struct core_calls calls;
    void *ctx;
};

/* Loads live rows, areas and closures. ERR_CORRUPT, ERR_IO, ERR_LIMIT with ret_fault->text. */
enum err core_new(const struct core_options *options, int64_t now_us, struct core **ret_core,
                  struct fault *ret_fault);
void core_free(struct core *core);

/* One frame from a channel; body borrowed, fd is core's (-1: none). Unknown or damaged: dropped,
 * counted; a question among them gets a refusal. */
void core_frame(struct core *core, enum core_channel channel, enum frame_type type,
                uint64_t correlation, struct str body, int fd, int64_t now_us);
/* A peer is there (again): it is told the last committed seq. */
void core_hello(struct core *core, enum core_channel channel);
/* Due objects, hourly retention, positions, outbox. Call every 100 ms or so. */
void core_tick(struct core *core, int64_t now_us);
/* The store has finished something: replies, committed. Call when store's wake came. */
void core_drain(struct core *core, int64_t now_us);
bool core_is_dead(const struct core *core);
uint64_t core_seq(const struct core *core); /* last decided */

/* A command of the program itself (demo making, imports), as this role: decided and applied when it
 * returns. With a store in sync mode it is committed then, too; else it is on its way to the
 * writer, which commits all that waits at once, and core_settle tells how that ended.
 * The texts of `fields` are borrowed for the call. *ret_reply lies in the arena. Returns reply.err,
 * ERR_IO when an earlier commit failed. */
enum err core_command_now(struct core *core, enum role role, enum command_kind kind,
                          uint32_t object, const void *fields, int64_t at_us, int64_t now_us,
                          struct arena *arena, struct frame_reply *ret_reply);
/* Waits until all that was given is on disk. ERR_IO: it is not, and the core is dead. */
enum err core_settle(struct core *core, int64_t now_us);
/* For such commands: number of the object with this code (desk_by_code), and the highest number
 * given out. 0: none. */
uint32_t core_by_code(const struct core *core, enum object_kind kind, struct str code);
uint32_t core_last(const struct core *core, enum object_kind kind);

/* ---- work off the loop ---- */
void core_job_run(struct core_job *job);
void core_job_done(struct core *core, struct core_job *job, int64_t now_us);

/* Figures for /healthz and /metrics, as one JSON object. */
void core_health_json(const struct core *core, struct out *out);
#endif
