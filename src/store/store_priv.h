/* store_priv.h - the parts of an open store: batches as lists of operations, the queue between loop
 * and writer, and what the writer keeps between commits.
 * Layer: store. Threads: `loop` is the opener's; `writer` the writer thread's (the opener's where
 * is_sync); `lock` guards the rest. */
#ifndef STORE_STORE_PRIV_H
#define STORE_STORE_PRIV_H
#include "store/audit_priv.h"
#include "store/db_priv.h"
#include "store/store.h"

#include <pthread.h>

#define STORE_MAX_PATH 1100

enum op_kind {
    OP_EVENT,
    OP_STATE,
    OP_DUE,
    OP_PAYLOAD,
    OP_KEY,
    OP_OUTBOX,
    OP_DELIVERED,
    OP_LOOKUP,
    OP_TRACK,
    OP_EXPIRE
};

struct op {
    struct op *next;
    enum op_kind kind;
    union {
        struct {
            struct event event; /* fields: NULL */
            uint32_t incident;
            struct str body;
        } event;
        struct store_row state;
        struct {
            int64_t id, at_us;
        } due;
        struct {
            uint64_t id;
            uint32_t data_class;
            int64_t expires_us;
            struct str text;
        } payload;
        struct {
            uint32_t actor;
            struct str name, hash, outcome;
        } key;
        struct {
            uint64_t id;
            struct str channel, bytes;
        } outbox;
        struct store_lookup lookup;
        struct store_track track;
        int64_t track_keep_us;
    };
};

struct store_batch {
    struct store_batch *next;
    struct store *store;
    struct arena arena;
    struct op *first, *last;
    int64_t now_us;
    enum err err; /* of building it, later of its commit */
    void *token;
};

struct batch_queue {
    struct store_batch *first, *last;
    uint32_t count;
};
void queue_put(struct batch_queue *queue, struct store_batch *batch);
struct store_batch *queue_take(struct batch_queue *queue);

/* What the writer keeps from commit to commit. */
struct writer {
    struct db db;
    struct sqlite3_stmt *view_put[VIEW_COUNT];
    struct audit_chain chain;
    struct audit_signer signer;
    int64_t now_us; /* of the batch at hand */
    uint64_t last_payload, last_outbox;
    bool is_truncate_due; /* the log still holds deleted bytes */
    bool is_night_due;
    int32_t night;           /* local day whose night work is done */
    void *object;            /* room for one state struct */
    struct out text, search; /* scratch */
    struct out touched; /* ids of signals and incidents that this commit changed, 8 bytes each */
    struct db public_db;
    char public_path[STORE_MAX_PATH];
    int64_t counts_us; /* when the public counts were last made */
};

struct store {
    const struct io *io;
    uint32_t realm;
    bool is_sync;
    int lock_fd;
    char dir[1024];
    /* loop */
    struct db db;
    uint64_t next_outbox;
    void *fields; /* room for one event's or row's struct */
    /* shared */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t todo_cond, done_cond;
    struct batch_queue todo, done;
    uint32_t under_way; /* taken by the writer, not yet done */
    bool is_stopping, is_dead;
    enum err checkpoint_err;
    void (*wake)(void *ctx);
    void *wake_ctx;
    struct writer writer;
};

/* writer.c */
enum err writer_open(struct store *store, const struct store_options *options, const char *path);
void writer_close(struct store *store);
/* Commits the list as one transaction, reports each batch, then does what follows a commit. */
void writer_run(struct store *store, struct store_batch *list);
void *writer_thread(void *store);
/* apply.c */
enum err apply_batch(struct writer *writer, const struct store_batch *batch);
enum err apply_view(struct writer *writer, const struct view_object *object);
/* schema.c: brings the file to STORE_SCHEMA_VERSION and its views to this program's, as one
 * transaction: whole or not at all. */
enum err schema_open(struct writer *writer, const struct store_options *options,
                     struct fault *ret_fault);
enum err schema_version(struct db *db, uint32_t *ret_version); /* 0: an empty file */
enum err meta_get(struct db *db, const char *name, char *buf, size_t cap);
enum err meta_put(struct db *db, const char *name, struct str value);
enum err meta_number(struct db *db, const char *name, uint32_t *ret);
enum err counter_get(struct db *db, const char *name, uint64_t *ret);
enum err counter_put(struct db *db, const char *name, uint64_t value);
/* public_write.c: makes the file anew; follows a commit. The file is derived, so failures are not
 * the store's: the file is then removed, and the portal says that it has no answer. */
void public_make(struct writer *writer, const char *dir);
void public_follow(struct writer *writer);
void public_done(struct writer *writer);

/* rows.c: rows of tables as structs; `room` holds any state or event record. */
void *rows_room(void); /* calloc of the largest record; free() it */
enum err rows_event(struct sqlite3_stmt *st, uint32_t realm, void *room, struct event *ret_event,
                    struct str *ret_body);
enum err rows_state(struct sqlite3_stmt *st, struct store_row *ret_row);
enum err rows_object(const struct store_row *row, void *room);
#endif
