/* The writer: takes all batches that wait, commits them as one transaction, reports, repeats. It is
 * the only one that writes the file and the only one that moves the log into it. */
#include "store/store_priv.h"

#define CHECKPOINT_PAGES 4000   /* 16 MB of log: then it is moved into the file */
#define WHOLE_PAGES 16384       /* 64 MB: readers held it open; wait for them a little */
#define MAX_COMMIT_BATCHES 1024 /* in one transaction */
#define FREE_PART 4             /* a quarter of the pages: then the file is written anew */
#define REWRITE_PAGES 32768     /* 128 MB: up to then */

void queue_put(struct batch_queue *queue, struct store_batch *batch)
{
    batch->next = NULL;
    if (queue->last)
        queue->last->next = batch;
    else
        queue->first = batch;
    queue->last = batch;
    queue->count++;
}

struct store_batch *queue_take(struct batch_queue *queue)
{
    struct store_batch *batch = queue->first;
    if (!batch)
        return NULL;
    queue->first = batch->next;
    if (!queue->first)
        queue->last = NULL;
    queue->count--;
    batch->next = NULL;
    return batch;
}

enum err writer_open(struct store *store, const struct store_options *options, const char *path)
{
    struct writer *w = &store->writer;
    w->object = rows_room();
    out_init(&w->text, 8u << 20);
    out_init(&w->search, 8u << 20);
    out_init(&w->touched, 8u << 20);
    enum err err = db_open(&w->db, path, DB_WRITE, options->vfs);
    if (!err)
        err = audit_signer_open(&w->signer, store->io, store->dir, options->checkpoint_dir,
                                options->realm);
    return err;
}

void writer_close(struct store *store)
{
    struct writer *w = &store->writer;
    for (int i = 0; i < VIEW_COUNT; i++)
        db_drop(w->view_put[i]);
    db_close(&w->db);
    public_done(w);
    out_done(&w->text);
    out_done(&w->search);
    out_done(&w->touched);
    free(w->object);
    memset(w, 0, sizeof *w);
}

static enum err put_counters(struct writer *w, uint64_t payload_before, uint64_t outbox_before)
{
    enum err err = OK;
    if (w->last_payload != payload_before)
        err = counter_put(&w->db, "payload", w->last_payload);
    if (!err && w->last_outbox != outbox_before)
        err = counter_put(&w->db, "outbox", w->last_outbox);
    return err;
}

static enum err write_list(struct writer *w, struct store_batch *list)
{
    uint64_t payload_before = w->last_payload, outbox_before = w->last_outbox;
    enum err err = db_run(&w->db, SQL_BEGIN_WRITE);
    for (struct store_batch *b = list; b && !err; b = b->next)
        err = apply_batch(w, b);
    if (!err)
        err = put_counters(w, payload_before, outbox_before);
    return err ? err : db_run(&w->db, SQL_COMMIT);
}

/* Work that no answer waits for. Only a failed move of the log is fatal: it may be a failed sync.
 */
static enum err tidy(struct writer *w)
{
    if (w->is_truncate_due || w->db.log_pages >= WHOLE_PAGES) {
        enum err err = db_checkpoint(&w->db, true);
        if (!err)
            w->is_truncate_due = false;
        return err == ERR_BUSY ? OK : err;
    }
    if (w->db.log_pages < CHECKPOINT_PAGES)
        return OK;
    enum err err = db_checkpoint(&w->db, false);
    return err == ERR_BUSY ? OK : err;
}

/* Deleted words leave the search index; a file with much free space is written anew while that is
 * quick and fits in memory: a large one fills its free pages again. No room or no turn for that is
 * no failure: everything stays as it was. */
static enum err night_work(struct writer *w)
{
    int64_t pages = 0, free_pages = 0;
    w->is_night_due = false;
    w->is_truncate_due = true;
    enum err err = db_run(&w->db, SQL_SEARCH_OPTIMIZE);
    if (!err)
        err = db_number(&w->db, SQL_PAGES, &pages);
    if (!err)
        err = db_number(&w->db, SQL_FREE_PAGES, &free_pages);
    if (!err && free_pages > pages / FREE_PART && pages <= REWRITE_PAGES)
        err = db_run(&w->db, SQL_VACUUM);
    return err == ERR_LIMIT || err == ERR_BUSY ? OK : err;
}

static enum err commit_list(struct writer *w, struct store_batch *list)
{
    out_reset(&w->touched);
    enum err err = write_list(w, list);
    if (err)
        (void)db_run(&w->db, SQL_ROLLBACK);
    return err;
}

static void report(struct store *store, struct store_batch *list, enum err err)
{
    (void)pthread_mutex_lock(&store->lock);
    while (list) {
        struct store_batch *next = list->next;
        list->err = err ? ERR_IO : OK;
        queue_put(&store->done, list);
        list = next;
    }
    store->under_way = 0;
    if (err)
        store->is_dead = true;
    (void)pthread_cond_broadcast(&store->done_cond);
    (void)pthread_mutex_unlock(&store->lock);
    if (store->wake)
        store->wake(store->wake_ctx);
}

/* What follows a commit and keeps nobody waiting. A lost public file or checkpoint is no loss of
 * data: the first is made again at start, the second is tried again and shown in health. */
static void follow(struct store *store)
{
    struct writer *w = &store->writer;
    enum err signed_err = OK;
    public_follow(w);
    bool is_time = w->now_us - w->signer.signed_us >= STORE_CHECKPOINT_US;
    if (is_time)
        signed_err = audit_sign(&w->signer, &w->chain, w->now_us);
    enum err err = w->is_night_due ? night_work(w) : OK;
    if (!err)
        err = tidy(w);
    (void)pthread_mutex_lock(&store->lock);
    if (is_time)
        store->checkpoint_err = signed_err;
    if (err)
        store->is_dead = true;
    (void)pthread_mutex_unlock(&store->lock);
}

void writer_run(struct store *store, struct store_batch *list)
{
    enum err err = store_health(store) ? ERR_IO : commit_list(&store->writer, list);
    report(store, list, err);
    if (!err)
        follow(store);
}

static struct store_batch *take_list(struct store *store)
{
    struct batch_queue taken = {0};
    while (store->todo.first && taken.count < MAX_COMMIT_BATCHES)
        queue_put(&taken, queue_take(&store->todo));
    store->under_way = taken.count;
    return taken.first;
}

void *writer_thread(void *arg)
{
    struct store *store = arg;
    for (;;) {
        (void)pthread_mutex_lock(&store->lock);
        while (!store->todo.first && !store->is_stopping)
            (void)pthread_cond_wait(&store->todo_cond, &store->lock);
        struct store_batch *list = take_list(store);
        (void)pthread_mutex_unlock(&store->lock);
        if (!list)
            return NULL;
        writer_run(store, list);
    }
}
