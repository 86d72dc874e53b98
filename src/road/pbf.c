/* pbf.c - the frame of a PBF file, and the threads that unpack its blocks.
 *
 * Slots form a ring. The calling thread frames blocks into it and reaps them in order; the others
 * take waiting slots, and so does the calling thread while what it must reap is not done. */
#include "road/pbf_priv.h"
#include <pthread.h>

enum slot_state { SLOT_FREE, SLOT_WAITING, SLOT_TAKEN, SLOT_DONE };
struct slot {
    enum slot_state state;
    struct pbf_reader reader;
    struct str blob;
    size_t at, end; /* bytes of the file */
    size_t block;   /* index into kinds */
    enum err err;
};
struct pool {
    struct pbf_file *file;
    const struct pbf_handler *handler;
    struct slot *slots;
    unsigned slot_count, thread_count;
    bool is_shared; /* with threads beside the caller's; never changes once they run */
    uint64_t framed, taken, reaped; /* blocks; slot = number % slot_count */
    bool is_ending, is_spoilt;      /* spoilt: a block was bad */
    pthread_mutex_t lock;           /* of states, taken and is_ending */
    pthread_cond_t changed;
    pthread_t threads[PBF_MAX_THREADS];
    size_t fault_at;
    const char *text;
};

/* ------------------------------------------------------- work */

static void lock(struct pool *pool)
{
    if (pool->is_shared)
        (void)pthread_mutex_lock(&pool->lock);
}

static void unlock(struct pool *pool)
{
    if (pool->is_shared)
        (void)pthread_mutex_unlock(&pool->lock);
}

/* With the lock held: the next waiting slot, NULL when there is none. */
static struct slot *take_slot(struct pool *pool)
{
    if (pool->taken == pool->framed)
        return NULL;
    struct slot *slot = &pool->slots[pool->taken++ % pool->slot_count];
    slot->state = SLOT_TAKEN;
    return slot;
}

static void work(struct pool *pool, struct slot *slot)
{
    unlock(pool);
    slot->err = pbf_read_block(&slot->reader, slot->blob);
    lock(pool);
    slot->state = SLOT_DONE;
    if (pool->is_shared)
        (void)pthread_cond_broadcast(&pool->changed);
}

static void *run_worker(void *user)
{
    struct pool *pool = user;
    lock(pool);
    while (!pool->is_ending) {
        struct slot *slot = take_slot(pool);
        if (slot)
            work(pool, slot);
        else
            (void)pthread_cond_wait(&pool->changed, &pool->lock);
    }
    unlock(pool);
    return NULL;
}

static enum err reap_next(struct pool *pool)
{
    struct slot *slot = &pool->slots[pool->reaped % pool->slot_count], *other;
    lock(pool);
    while (slot->state != SLOT_DONE) {
        other = take_slot(pool);
        if (other)
            work(pool, other);
        else
            (void)pthread_cond_wait(&pool->changed, &pool->lock);
    }
    slot->state = SLOT_FREE;
    unlock(pool);
    pool->reaped++;
    enum err err = slot->err;
    if (err)
        pool->text = slot->reader.text;
    else
        err = pool->handler->reap(pool->handler->user, slot->reader.harvest, slot->end);
    VEC(&pool->file->kinds, uint8_t)[slot->block] = slot->reader.kinds;
    if (err)
        pool->fault_at = slot->at;
    pool->is_spoilt = err != OK;
    return err;
}

static enum err put_block(struct pool *pool, struct str blob, size_t at, size_t end, size_t block)
{
    if (pool->framed - pool->reaped == pool->slot_count) {
        enum err err = reap_next(pool);
        if (err)
            return err;
    }
    unsigned index = (unsigned)(pool->framed % pool->slot_count);
    struct slot *slot = &pool->slots[index];
    slot->reader.handler = pool->handler;
    slot->reader.harvest = pool->handler->harvest(pool->handler->user, index);
    slot->blob = blob;
    slot->at = at;
    slot->end = end;
    slot->block = block;
    lock(pool);
    slot->state = SLOT_WAITING;
    pool->framed++;
    if (pool->thread_count)
        (void)pthread_cond_signal(&pool->changed);
    unlock(pool);
    return OK;
}

/* ------------------------------------------------------- frame */

struct frame {
    struct str type, blob;
    size_t at, end;
};

static enum err refuse_at(struct pool *pool, size_t at, enum err err, const char *text)
{
    pool->fault_at = at;
    pool->text = text;
    return err;
}

static enum err next_frame(struct pool *pool, struct cursor *file, struct frame *ret_frame)
{
    struct frame frame = {.at = pool->file->bytes.len - file->left};
    struct wire field;
    uint64_t n_bytes = UINT64_MAX;
    uint32_t n = cursor_be32(file);
    if (!file->err && n > PBF_MAX_HEADER_BYTES)
        return refuse_at(pool, frame.at, ERR_CORRUPT, "not a PBF block header");
    struct cursor c = wire_cursor(cursor_take(file, n));
    while (wire_next(&c, &field)) {
        if (wire_is_bytes(&field, 1))
            frame.type = field.bytes;
        else if (wire_is_varint(&field, 3))
            n_bytes = field.value;
    }
    if (file->err)
        return refuse_at(pool, frame.at, ERR_CORRUPT, "the file ends inside a block header");
    if (c.err || n_bytes == UINT64_MAX)
        return refuse_at(pool, frame.at, ERR_CORRUPT, "not a PBF block header");
    if (n_bytes > PBF_MAX_BLOB_BYTES)
        return refuse_at(pool, frame.at, ERR_LIMIT, "a block is larger than 32 MiB");
    frame.blob = cursor_take(file, n_bytes);
    if (file->err)
        return refuse_at(pool, frame.at, ERR_CORRUPT, "the file ends inside a block");
    frame.end = pool->file->bytes.len - file->left;
    *ret_frame = frame;
    return OK;
}

static bool is_wanted(const struct pool *pool, uint8_t kinds)
{
    return (kinds >> PBF_NODE & 1 && pool->handler->node) ||
           (kinds >> PBF_WAY & 1 && pool->handler->way) ||
           (kinds >> PBF_RELATION & 1 && pool->handler->relation);
}

/* The format asks readers to pass over kinds of blob that they do not know. */
static enum err read_frames(struct pool *pool)
{
    struct cursor file = cursor_of(pool->file->bytes.p, pool->file->bytes.len);
    struct vec *kinds = &pool->file->kinds;
    bool is_second = kinds->count > 0, had_header = false;
    struct frame frame;
    size_t block = 0;
    enum err err = OK;
    while (file.left && !err) {
        err = next_frame(pool, &file, &frame);
        if (err)
            break;
        if (str_eq_c(frame.type, "OSMHeader")) {
            struct pbf_reader reader = {.handler = pool->handler};
            err = pbf_read_header(&reader, frame.blob);
            if (err)
                (void)refuse_at(pool, frame.at, err, reader.text);
            pbf_reader_done(&reader);
            had_header = true;
        } else if (str_eq_c(frame.type, "OSMData")) {
            if (!had_header)
                return refuse_at(pool, frame.at, ERR_CORRUPT, "data before the file header");
            if (!is_second && VEC_PUSH(kinds, uint8_t, 0))
                return ERR_LIMIT;
            if (!is_second || is_wanted(pool, VEC(kinds, uint8_t)[block]))
                err = put_block(pool, frame.blob, frame.at, frame.end, block);
            block++;
        }
    }
    if (!err && !had_header)
        err = refuse_at(pool, 0, ERR_CORRUPT, "no file header");
    return err;
}

/* What was framed before the damage may be damaged itself, and then it is what is told. */
static enum err read_all(struct pool *pool)
{
    enum err framing = read_frames(pool), err = OK;
    size_t at = pool->fault_at;
    const char *text = pool->text;
    while (!pool->is_spoilt && pool->reaped < pool->framed)
        err = reap_next(pool);
    if (err || !framing)
        return err;
    pool->fault_at = at;
    pool->text = text;
    return framing;
}

/* ------------------------------------------------------- a reading */

static void end_workers(struct pool *pool)
{
    unsigned count = pool->thread_count;
    lock(pool);
    pool->is_ending = true;
    if (pool->is_shared)
        (void)pthread_cond_broadcast(&pool->changed);
    unlock(pool);
    for (unsigned i = 0; i < count; i++)
        (void)pthread_join(pool->threads[i], NULL);
    if (pool->is_shared) {
        (void)pthread_mutex_destroy(&pool->lock);
        (void)pthread_cond_destroy(&pool->changed);
    }
    for (unsigned i = 0; i < pool->slot_count; i++)
        pbf_reader_done(&pool->slots[i].reader);
    free(pool->slots);
}

enum err pbf_read(struct pbf_file *file, const struct pbf_handler *handler, struct fault *ret_fault)
{
    unsigned threads = file->threads < PBF_MAX_THREADS ? file->threads : PBF_MAX_THREADS;
    struct pool pool = {.file = file, .handler = handler};
    if (file->bytes.len == 0)
        return fault_set(ret_fault, ERR_CORRUPT, 0, "the file is empty");
    pool.slot_count = threads > 1 ? PBF_SLOTS_PER_THREAD * threads : 1;
    pool.slots = calloc(pool.slot_count, sizeof *pool.slots);
    if (!pool.slots)
        return fault_set(ret_fault, ERR_LIMIT, 0, err_text(ERR_LIMIT));
    if (threads > 1) {
        (void)pthread_mutex_init(&pool.lock, NULL);
        (void)pthread_cond_init(&pool.changed, NULL);
        pool.is_shared = true;
    }
    while (pool.thread_count + 1 < threads &&
           pthread_create(&pool.threads[pool.thread_count], NULL, run_worker, &pool) == 0)
        pool.thread_count++;
    enum err err = read_all(&pool);
    end_workers(&pool);
    if (err)
        return fault_set(ret_fault, err, pool.fault_at, pool.text ? pool.text : err_text(err));
    return OK;
}
