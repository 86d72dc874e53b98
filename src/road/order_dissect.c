/* order_dissect.c - nested dissection: a piece is cut, its separator takes the piece's last ranks,
 * what falls apart takes the ranks before it. Where a piece's ranks lie depends on nothing else, so
 * pieces are worked off by any thread in any order. */
#include "road/cutter_priv.h"
#include "road/order_steps_priv.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define DISSECT_LEAF 64u /* smaller parts are left to order_settle */
#define DISSECT_MAX_THREADS 16u

struct piece { /* one connected part of the core, waiting to be cut */
    struct piece *next;
    uint32_t from; /* its first rank */
    struct order_graph graph;
    uint32_t *vertex; /* of the core */
    /* the arrays follow */
};
struct dissection {
    const struct order_job *job;
    uint32_t total;
    uint32_t *order;
    uint8_t *is_first;
    pthread_mutex_t lock; /* over what follows */
    pthread_cond_t changed;
    struct piece *waiting;
    unsigned busy;
    uint32_t done;
    enum err err;
};
struct worker {
    struct dissection *d;
    struct cutter *cutter;
    uint8_t *labels;
    uint32_t *part, *queue, *number; /* by vertex of the piece */
    struct piece *made;              /* pieces not handed over yet */
    uint32_t settled;                /* vertices given a rank and not reported yet */
    bool is_caller;
};

/* A part of `graph` with `count` vertices and `edges` ends, arrays behind the struct. */
static struct piece *piece_new(uint32_t count, uint32_t edges)
{
    size_t bytes = sizeof(struct piece) + (size_t)count * sizeof(struct place) +
                   (2 * (size_t)count + 1 + edges) * sizeof(uint32_t);
    return calloc(1, bytes);
}

/* The vertices of one part made into a piece of their own. */
static struct piece *extract(const struct order_graph *graph, const uint32_t *vertex,
                             const uint32_t *members, uint32_t count, const uint32_t *part,
                             uint32_t *number)
{
    uint32_t edges = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t v = members[i];
        number[v] = i;
        for (uint32_t k = graph->first[v]; k < graph->first[v + 1]; k++)
            edges += part[graph->head[k]] == part[v];
    }
    struct piece *piece = piece_new(count, edges);
    if (!piece)
        return NULL;
    struct place *places = (struct place *)(piece + 1);
    uint32_t *own = (uint32_t *)(places + count), *first = own + count, *head = first + count + 1;
    edges = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t v = members[i];
        own[i] = vertex ? vertex[v] : v;
        places[i] = graph->places[v];
        for (uint32_t k = graph->first[v]; k < graph->first[v + 1]; k++) {
            if (part[graph->head[k]] == part[v])
                head[edges++] = number[graph->head[k]];
        }
        first[i + 1] = edges;
    }
    piece->graph = (struct order_graph){count, first, head, places};
    piece->vertex = own;
    return piece;
}

/* Gives a block its ranks. */
static void place_block(struct worker *w, const uint32_t *vertex, const uint32_t *members,
                        uint32_t count, uint32_t from)
{
    for (uint32_t i = 0; i < count; i++)
        w->d->order[from + i] = vertex ? vertex[members[i]] : members[i];
    w->d->is_first[from] = 1;
    w->settled += count;
}

/* What hangs together with `start` outside the separator, into w->queue. */
static uint32_t gather(struct worker *w, const struct order_graph *graph, uint32_t start,
                       uint32_t name)
{
    uint32_t count = 0;
    w->queue[count++] = start;
    w->part[start] = name;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t v = w->queue[i];
        for (uint32_t k = graph->first[v]; k < graph->first[v + 1]; k++) {
            if (w->part[graph->head[k]] == UINT32_MAX) {
                w->part[graph->head[k]] = name;
                w->queue[count++] = graph->head[k];
            }
        }
    }
    return count;
}

/* Splits what w->part marks with UINT32_MAX into its connected parts, ranks from `from` on. */
static enum err split(struct worker *w, const struct order_graph *graph, const uint32_t *vertex,
                      uint32_t from)
{
    uint32_t name = 1;
    for (uint32_t v = 0; v < graph->vertices; v++) {
        if (w->part[v] != UINT32_MAX)
            continue;
        uint32_t count = gather(w, graph, v, name++);
        if (count <= DISSECT_LEAF) {
            place_block(w, vertex, w->queue, count, from);
        } else {
            struct piece *piece = extract(graph, vertex, w->queue, count, w->part, w->number);
            if (!piece)
                return ERR_LIMIT;
            piece->from = from;
            piece->next = w->made;
            w->made = piece;
        }
        from += count;
    }
    return OK;
}

static enum err work(struct worker *w, const struct piece *piece)
{
    const struct order_graph *graph = &piece->graph;
    uint32_t n = graph->vertices, kept = 0;
    if (!cutter_find(w->cutter, graph, w->labels)) {
        for (uint32_t v = 0; v < n; v++)
            w->queue[v] = v;
        place_block(w, piece->vertex, w->queue, n, piece->from);
        return OK;
    }
    for (uint32_t v = 0; v < n; v++) {
        w->part[v] = UINT32_MAX;
        if (w->labels[v] == CUTTER_SEPARATOR) {
            w->part[v] = 0;
            w->queue[kept++] = v;
        }
    }
    place_block(w, piece->vertex, w->queue, kept, piece->from + n - kept);
    return split(w, graph, piece->vertex, piece->from);
}

/* Under the lock. */
static void hand_over(struct worker *w, enum err err)
{
    struct dissection *d = w->d;
    while (w->made) {
        struct piece *piece = w->made;
        w->made = piece->next;
        piece->next = d->waiting;
        d->waiting = piece;
    }
    d->done += w->settled;
    w->settled = 0;
    if (err != OK && d->err == OK)
        d->err = err;
    pthread_cond_broadcast(&d->changed);
}

static void *run(void *user)
{
    struct worker *w = user;
    struct dissection *d = w->d;
    pthread_mutex_lock(&d->lock);
    while (d->err == OK && (d->waiting || d->busy)) {
        struct piece *piece = d->waiting;
        if (!piece) {
            pthread_cond_wait(&d->changed, &d->lock);
            continue;
        }
        d->waiting = piece->next;
        d->busy++;
        uint32_t done = d->done;
        pthread_mutex_unlock(&d->lock);
        const struct order_job *job = d->job;
        enum err err = OK;
        if (w->is_caller && job->progress && !job->progress(job->user, "order", done, d->total))
            err = ERR_STATE;
        if (err == OK)
            err = work(w, piece);
        free(piece);
        pthread_mutex_lock(&d->lock);
        d->busy--;
        hand_over(w, err);
    }
    pthread_mutex_unlock(&d->lock);
    return NULL;
}

static enum err worker_init(struct worker *w, struct dissection *d, bool is_caller)
{
    size_t n = (size_t)d->total + 1;
    *w = (struct worker){.d = d, .is_caller = is_caller};
    w->labels = calloc(n, sizeof *w->labels);
    w->part = calloc(n, 3 * sizeof *w->part);
    if (!w->labels || !w->part)
        return ERR_LIMIT;
    w->queue = w->part + n;
    w->number = w->queue + n;
    return cutter_new(d->total, &w->cutter);
}

static void worker_done(struct worker *w)
{
    cutter_free(w->cutter);
    free(w->labels);
    free(w->part);
}

static void run_all(struct worker *workers, unsigned count)
{
    pthread_t threads[DISSECT_MAX_THREADS];
    unsigned started = 1;
    while (started < count && pthread_create(&threads[started], NULL, run, &workers[started]) == 0)
        started++;
    (void)run(&workers[0]);
    for (unsigned i = 1; i < started; i++)
        pthread_join(threads[i], NULL);
}

enum err order_dissect(const struct order_job *job, const struct order_graph *core,
                       uint32_t *ret_order, uint8_t *ret_is_first)
{
    struct worker workers[DISSECT_MAX_THREADS];
    struct dissection d = {.job = job, .total = core->vertices};
    unsigned want = job->threads < DISSECT_MAX_THREADS ? job->threads : DISSECT_MAX_THREADS;
    unsigned count = 0;
    enum err err;
    d.order = ret_order;
    d.is_first = ret_is_first;
    pthread_mutex_init(&d.lock, NULL);
    pthread_cond_init(&d.changed, NULL);
    do {
        err = worker_init(&workers[count], &d, count == 0);
        count++;
    } while (err == OK && count < want);
    if (err == OK) {
        memset(workers[0].part, 0xff, core->vertices * sizeof *workers[0].part);
        err = split(&workers[0], core, NULL, 0);
        hand_over(&workers[0], err);
        run_all(workers, count);
        err = d.err;
    }
    for (unsigned i = 0; i < count; i++)
        worker_done(&workers[i]);
    while (d.waiting) {
        struct piece *piece = d.waiting;
        d.waiting = piece->next;
        free(piece);
    }
    pthread_cond_destroy(&d.changed);
    pthread_mutex_destroy(&d.lock);
    return err;
}
