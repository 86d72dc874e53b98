#include "store/store.h"

#include "base/file.h"
#include "store/store_priv.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

/* One writer a folder, so that nobody else checkpoints: the lock goes with the process. */
static enum err take_lock(struct store *store, struct fault *ret_fault)
{
    char path[STORE_MAX_PATH];
    (void)snprintf(path, sizeof path, "%s/lock", store->dir);
    store->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (store->lock_fd < 0)
        return fault_set(ret_fault, ERR_IO, 0, "the lock file cannot be made");
    if (flock(store->lock_fd, LOCK_EX | LOCK_NB) != 0)
        return fault_set(ret_fault, ERR_BUSY, 0, "another process has this folder open");
    return OK;
}

static enum err load_counters(struct store *store)
{
    struct writer *w = &store->writer;
    enum err err = counter_get(&w->db, "payload", &w->last_payload);
    if (!err)
        err = counter_get(&w->db, "outbox", &w->last_outbox);
    if (!err)
        err = audit_chain_load(&w->db, store->realm, &w->chain);
    store->next_outbox = w->last_outbox;
    return err;
}

static enum err open_files(struct store *store, const struct store_options *options,
                           struct fault *ret_fault)
{
    char path[STORE_MAX_PATH];
    enum err err = file_mkdirs(store->dir, 0700);
    if (err)
        return fault_set(ret_fault, err, 0, "the folder cannot be made");
    err = take_lock(store, ret_fault);
    if (err)
        return err;
    (void)snprintf(path, sizeof path, "%s/anwang.db", store->dir);
    err = db_make_private(path);
    if (!err)
        err = writer_open(store, options, path);
    if (!err)
        err = schema_open(&store->writer, options, ret_fault);
    if (!err)
        err = load_counters(store);
    if (!err)
        err = db_open(&store->db, path, DB_READ, options->vfs);
    if (!err)
        public_make(&store->writer, store->dir);
    return err;
}

static void free_store(struct store *store)
{
    struct store_batch *batch;
    while ((batch = queue_take(&store->todo)) || (batch = queue_take(&store->done)))
        store_batch_free(batch);
    db_close(&store->db);
    writer_close(store);
    if (store->lock_fd >= 0)
        (void)close(store->lock_fd);
    free(store->fields);
    (void)pthread_mutex_destroy(&store->lock);
    (void)pthread_cond_destroy(&store->todo_cond);
    (void)pthread_cond_destroy(&store->done_cond);
    free(store);
}

enum err store_open(const char *dir, const struct store_options *options, struct store **ret_store,
                    struct fault *ret_fault)
{
    struct fault fault = {0};
    struct store *store = calloc(1, sizeof *store);
    if (!store)
        abort();
    store->io = options->io ? options->io : &io_system;
    store->realm = options->realm;
    store->is_sync = options->is_sync;
    store->wake = options->wake;
    store->wake_ctx = options->wake_ctx;
    store->lock_fd = -1;
    store->fields = rows_room();
    store->writer.now_us = options->now_us;
    (void)pthread_mutex_init(&store->lock, NULL);
    (void)pthread_cond_init(&store->todo_cond, NULL);
    (void)pthread_cond_init(&store->done_cond, NULL);
    enum err err = str_copy(str_of(dir), store->dir, sizeof store->dir) ? OK : ERR_LIMIT;
    if (!err)
        err = open_files(store, options, &fault);
    if (!err && !store->is_sync && pthread_create(&store->thread, NULL, writer_thread, store) != 0)
        err = ERR_LIMIT;
    if (err) {
        free_store(store);
        return fault_set(ret_fault, err, fault.offset, fault.text ? fault.text : err_text(err));
    }
    *ret_store = store;
    return OK;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    if (!store->is_sync) {
        (void)pthread_mutex_lock(&store->lock);
        store->is_stopping = true;
        (void)pthread_cond_signal(&store->todo_cond);
        (void)pthread_mutex_unlock(&store->lock);
        (void)pthread_join(store->thread, NULL);
    }
    if (!store->is_dead) { /* nothing is lost if these fail: the next start reads the log */
        (void)db_checkpoint(&store->writer.db, true);
        (void)audit_sign(&store->writer.signer, &store->writer.chain, store->writer.now_us);
    }
    free_store(store);
}

enum err store_health(struct store *store)
{
    (void)pthread_mutex_lock(&store->lock);
    bool is_dead = store->is_dead;
    (void)pthread_mutex_unlock(&store->lock);
    return is_dead ? ERR_IO : OK;
}

enum err store_checkpoint_health(struct store *store)
{
    (void)pthread_mutex_lock(&store->lock);
    enum err err = store->checkpoint_err;
    (void)pthread_mutex_unlock(&store->lock);
    return err;
}

static enum err submit(struct store *store, struct store_batch *batch)
{
    (void)pthread_mutex_lock(&store->lock);
    enum err err = OK;
    if (store->is_dead)
        err = ERR_IO;
    else if (store->todo.count >= STORE_MAX_QUEUED)
        err = ERR_BUSY;
    else if (!store->is_sync)
        queue_put(&store->todo, batch);
    (void)pthread_cond_signal(&store->todo_cond);
    (void)pthread_mutex_unlock(&store->lock);
    if (!err && store->is_sync)
        writer_run(store, batch);
    return err;
}

enum err store_submit(struct store *store, struct store_batch *batch, void *token)
{
    enum err err = batch->err;
    batch->token = token;
    if (!err)
        err = submit(store, batch);
    if (err)
        store_batch_free(batch);
    return err;
}

void store_drain(struct store *store, store_done_fn fn, void *ctx)
{
    for (;;) {
        (void)pthread_mutex_lock(&store->lock);
        struct store_batch *batch = queue_take(&store->done);
        (void)pthread_mutex_unlock(&store->lock);
        if (!batch)
            return;
        void *token = batch->token;
        enum err err = batch->err;
        store_batch_free(batch);
        fn(ctx, token, err);
    }
}

void store_flush(struct store *store)
{
    (void)pthread_mutex_lock(&store->lock);
    while (store->todo.count > 0 || store->under_way > 0)
        (void)pthread_cond_wait(&store->done_cond, &store->lock);
    (void)pthread_mutex_unlock(&store->lock);
}
