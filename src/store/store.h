/* store.h - the write side of one realm's memory, and what core loads at start.
 * Layer: store. Threads: every call from the one thread that opened it (core's loop); the writer
 * thread is inside. Readers in other processes use store/reader.h.
 *
 *     core's loop                          writer thread
 *     batch_new, _event, _state ... ──►  queue ──► takes all that waits, ONE transaction,
 *     store_submit(batch, token)                   views and audit chain written with it, sync
 *     store_drain(fn) ◄── wake() ◄── done queue ◄── repeats
 *
 * Nothing may be acknowledged before store_drain reports the batch as OK: only then it is on disk.
 * The first failure to write or sync is final: every batch of that commit and every later one is
 * reported with ERR_IO, nothing is retried, and the process must exit (DESIGN 5).
 *
 * Files in the folder: anwang.db (SQLite, WAL), lock, audit.key, audit.pub, public.db. */
#ifndef STORE_STORE_H
#define STORE_STORE_H
#include "base/utc.h"
#include "model/events.h"
#include "model/objects.h"
#include "store/io.h"

struct store;
struct store_batch;

#define STORE_SCHEMA_VERSION 1
#define STORE_KEY_DAYS 7      /* idempotency keys and delivered outbox rows */
#define STORE_MAX_QUEUED 4096 /* batches that wait for the writer */
#define STORE_MAX_BATCH_BYTES (4u << 20)
#define STORE_MAX_OUTCOME_BYTES 8192
#define STORE_MAX_CHANNEL_BYTES 64
#define STORE_REQUEST_HASH_BYTES 32
#define STORE_CHECKPOINT_US (60 * US_PER_S) /* at most this long between signed checkpoints */

struct store_options {
    int64_t now_us;          /* stamp of migrations; until the first batch brings its own */
    uint32_t realm;          /* must match the folder's once it has one */
    bool is_sync;            /* no thread: store_submit commits (simulator, commands, tests) */
    void (*wake)(void *ctx); /* writer thread: something is ready for store_drain; may be NULL */
    void *wake_ctx;
    const char *checkpoint_dir; /* folder outside for signed audit checkpoints; NULL = none */
    const char *vfs;            /* tests: a registered SQLite VFS; NULL = the system's */
    const struct io *io;        /* tests: the door for plain files; NULL = the system's */
    const char *next_step;      /* tests: the schema step of the version to come; NULL = none */
};

/* Opens or creates the folder. ERR_BUSY: another process has it. ERR_UNSUPPORTED: made by a newer
 * program. ERR_STATE: another realm's folder. ERR_CORRUPT, ERR_IO. ret_fault->text says which. */
enum err store_open(const char *dir, const struct store_options *options, struct store **ret_store,
                    struct fault *ret_fault);
/* Commits what is queued, writes a checkpoint, ends the thread. Undrained completions are lost. */
void store_close(struct store *store);
/* OK until the first failed write or sync. */
enum err store_health(struct store *store);
/* Of the last try to write a signed audit checkpoint; dispatch goes on without, but loudly. */
enum err store_checkpoint_health(struct store *store);

/* ---- what core needs at start ---- */
struct store_ends {
    uint64_t last_seq;                       /* 0: empty */
    uint64_t last_payload;                   /* highest payload id ever used */
    uint32_t last_number[OBJECT_KIND_COUNT]; /* highest number of each kind */
};
enum err store_ends(struct store *store, struct store_ends *ret_ends);

/* A state row; `bytes` is record_write(object_record(kind), ..., RECORD_STORED). */
struct store_row {
    enum object_kind kind;
    uint32_t number;
    uint64_t seq; /* of the last event that changed it: the object's version */
    bool is_open;
    struct str bytes; /* lent for the call, or until the arena is reset */
};
typedef enum err (*store_row_fn)(void *ctx, const struct store_row *row); /* not OK: stop with it */
/* Every row with is_open, by kind and number. */
enum err store_each_open(struct store *store, store_row_fn fn, void *ctx);
/* One committed row; what is still queued is not seen. ERR_NOT_FOUND. */
enum err store_row(struct store *store, enum object_kind kind, uint32_t number, struct arena *arena,
                   struct store_row *ret_row);

/* Committed events with from_seq <= seq, in order; body decoded and valid for the call only. */
struct store_events {
    uint64_t from_seq;
    uint64_t until_seq;           /* exclusive; 0 = to the end */
    enum object_kind object_kind; /* OBJECT_NONE: all; else only events about this object */
    uint32_t object;
};
typedef enum err (*store_event_fn)(void *ctx, const struct event *event);
enum err store_each_event(struct store *store, const struct store_events *which, store_event_fn fn,
                          void *ctx);

/* Due objects with at_us <= until_us, oldest first, at most max_count. */
typedef enum err (*store_due_fn)(void *ctx, enum object_kind kind, uint32_t number, int64_t at_us);
enum err store_each_due(struct store *store, int64_t until_us, uint32_t max_count, store_due_fn fn,
                        void *ctx);
/* Time of the earliest due row in *ret_at_us. ERR_NOT_FOUND: none. */
enum err store_next_due(struct store *store, int64_t *ret_at_us);

/* Outbox rows not yet delivered, in order. */
struct store_outbox {
    uint64_t id;
    int64_t made_us;
    struct str channel, bytes;
};
typedef enum err (*store_outbox_fn)(void *ctx, const struct store_outbox *row);
enum err store_each_outbox(struct store *store, uint64_t after_id, uint32_t max_count,
                           store_outbox_fn fn, void *ctx);

/* Text of a payload (credentials, blob keys). ERR_NOT_FOUND: never was, or retention took it. */
enum err store_payload(struct store *store, uint64_t id, struct out *out);

/* A key given before by this actor. OK: same request, its outcome is appended to *out.
 * ERR_NOT_FOUND: new, or older than STORE_KEY_DAYS. ERR_STATE: same key, other request (422).
 * Batches still queued are not seen: core keeps those that are in flight. */
enum err store_find_key(struct store *store, uint32_t actor, struct str key,
                        const uint8_t request_hash[STORE_REQUEST_HASH_BYTES], int64_t now_us,
                        struct out *out);

/* ---- one batch: all of one command, committed whole or not at all ---- */
struct store_batch *store_batch_new(struct store *store, int64_t now_us);
void store_batch_free(struct store_batch *batch); /* only one that was not submitted */
/* seq must be set and rise by one over all batches. Its audit line is made by the writer. */
void store_batch_event(struct store_batch *batch, const struct event *event);
/* State after the batch's events; at most one a batch for each object. */
void store_batch_state(struct store_batch *batch, const struct store_row *row);
void store_batch_due(struct store_batch *batch, enum object_kind kind, uint32_t number,
                     int64_t at_us); /* 0 = nothing due any more */
/* expires_us 0: kept as long as its object. Ids are core's, rising from store_ends. */
void store_batch_payload(struct store_batch *batch, uint64_t id, enum data_class data_class,
                         int64_t expires_us, struct str text);
void store_batch_key(struct store_batch *batch, uint32_t actor, struct str key,
                     const uint8_t request_hash[STORE_REQUEST_HASH_BYTES], struct str outcome);
/* Returns the row's id, by which `delivered` names it. */
uint64_t store_batch_outbox(struct store_batch *batch, struct str channel, struct str bytes);
void store_batch_delivered(struct store_batch *batch, uint64_t outbox_id);
/* A look-up of personal data. Takes no seq. */
struct store_lookup {
    struct user_id actor;
    enum role role;
    enum purpose purpose;
    enum object_kind kind;
    uint32_t number;
    struct str what; /* route and parts, as incident:personal; at most 64 bytes */
};
void store_batch_lookup(struct store_batch *batch, const struct store_lookup *lookup);
/* A thinned track point of an enrolled unit on duty. */
struct store_track {
    struct unit_id unit;
    int64_t at_us;
    struct place place;
    uint32_t speed_mm_s, course_cdeg;
};
void store_batch_track(struct store_batch *batch, const struct store_track *track);
/* Deletes payloads, keys and delivered outbox rows whose time is over at the batch's now, and
 * tracks older than track_keep_us; leaves one audit line with the numbers. Deleted bytes are
 * overwritten and the log is emptied after it. Core submits one an hour; the first of a day after
 * 04:00 local time also tidies the search index, and rewrites a file of up to 128 MB that is a
 * quarter free (1 s). */
void store_batch_expire(struct store_batch *batch, int64_t track_keep_us);

/* Takes the batch. ERR_BUSY: STORE_MAX_QUEUED wait already; ERR_LIMIT: over STORE_MAX_BATCH_BYTES;
 * ERR_IO: the store is dead. On an error the batch is freed and nothing will be reported. */
enum err store_submit(struct store *store, struct store_batch *batch, void *token);
/* Reports each finished batch once, in order of submission. */
typedef void (*store_done_fn)(void *ctx, void *token, enum err err);
void store_drain(struct store *store, store_done_fn fn, void *ctx);
/* Waits until everything submitted is finished (tests, commands, shutdown). */
void store_flush(struct store *store);
#endif
