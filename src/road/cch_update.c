/* Partial customization. Arcs in question wait in a heap by number, so that all lower triangles of
 * an arc stand before its turn (both sides of a triangle have a lower tail than the arc they meet
 * in). When a side changes, each arc that it helps to make is either made better by the new sum at
 * once, or is in doubt because it may owe its time to the old one: only then it is computed anew
 * from its inputs and all of its lower triangles.
 *
 * Of two sides that both change the lower arc has its turn first, and sees the other as it is then:
 * maybe made better already, maybe wrongly so. Hence "may owe": an arc is in doubt when it is as
 * long as the sum over what was seen, or longer, and "seen" is what a side was just before its
 * turn. */
#include "road/cch_plan_priv.h"
#include "road/vec_priv.h"
#include <string.h>

/* In triangles of a full run, measured on New York and Porto: a hop of roads closed from end to end
 * costs 500 to 1,400 of them, a hop picked anywhere 4,400; a step counted below 1.1 to 2.2. The
 * first is asked before, the second ends an update that turns out to be dear. */
#define TRIANGLES_PER_HOP 2000
#define TRIANGLES_PER_STEP 2

struct question {
    uint32_t arc, tail;
    struct cch_weight old; /* before it was first touched */
};
enum { IS_QUEUED = 1, IS_DOUBTED = 2 };
struct cch_queue {
    const struct cch_plan *plan;
    struct vec heap;    /* struct question, the lowest arc first */
    struct vec changed; /* uint32_t: arcs */
    uint8_t *state;     /* of each arc, all 0 between updates */
    uint32_t *lower;    /* by vertex: 1 + its arc to `noted`, 0 = no lower neighbour of it */
    uint32_t noted;     /* a vertex, ROAD_NONE: none */
    uint64_t steps, limit;
    bool was_full;
};

enum err cch_queue_new(const struct cch_plan *plan, struct cch_queue **ret_queue)
{
    struct cch_queue *queue = calloc(1, sizeof *queue);
    if (!queue)
        return ERR_LIMIT;
    queue->plan = plan;
    queue->limit = plan->triangles / TRIANGLES_PER_STEP;
    queue->noted = ROAD_NONE;
    queue->lower = calloc(plan->cch->vertices + (size_t)1, sizeof *queue->lower);
    queue->state = calloc(plan->cch->arcs + (size_t)1, 1);
    /* an address even where nothing changes */
    bool has_room = vec_room(&queue->changed, 1, sizeof(uint32_t)) == OK;
    if (!queue->state || !queue->lower || !has_room) {
        cch_queue_free(queue);
        return ERR_LIMIT;
    }
    *ret_queue = queue;
    return OK;
}

void cch_queue_free(struct cch_queue *queue)
{
    if (!queue)
        return;
    vec_done(&queue->heap);
    vec_done(&queue->changed);
    free(queue->state);
    free(queue->lower);
    free(queue);
}

static enum err put_in_question(struct cch_queue *queue, struct question question)
{
    if (queue->state[question.arc])
        return OK;
    if (vec_room(&queue->heap, 1, sizeof question))
        return ERR_LIMIT;
    queue->state[question.arc] = IS_QUEUED;
    struct question *heap = queue->heap.p;
    size_t at = queue->heap.count++;
    for (; at > 0 && heap[(at - 1) / 2].arc > question.arc; at = (at - 1) / 2)
        heap[at] = heap[(at - 1) / 2];
    heap[at] = question;
    return OK;
}

static struct question take_lowest(struct cch_queue *queue)
{
    struct question *heap = queue->heap.p, lowest = heap[0], last = heap[--queue->heap.count];
    size_t at = 0, count = queue->heap.count;
    for (size_t next; (next = 2 * at + 1) < count; at = next) {
        next += next + 1 < count && heap[next + 1].arc < heap[next].arc;
        if (heap[next].arc >= last.arc)
            break;
        heap[at] = heap[next];
    }
    heap[at] = last;
    return lowest;
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static void relax(struct cch_weight *at, struct cch_weight low, struct cch_weight high)
{
    at->up = least(at->up, low.down + high.up);
    at->down = least(at->down, low.up + high.down);
}

/* Notes the arcs of v's lower neighbours, so that they are found by vertex. */
static void note_lower(struct cch_queue *queue, uint32_t v)
{
    const struct cch *cch = queue->plan->cch;
    uint32_t *lower = queue->lower, old = queue->noted;
    if (old == v)
        return;
    for (uint32_t i = old == ROAD_NONE ? 0 : cch->down_first[old];
         old != ROAD_NONE && i < cch->down_first[old + 1]; i++)
        lower[cch->down[i].tail] = 0;
    for (uint32_t i = cch->down_first[v]; i < cch->down_first[v + 1]; i++)
        lower[cch->down[i].tail] = cch->down[i].arc + 1;
    queue->noted = v;
    queue->steps += cch->down_first[v + 1] - cch->down_first[v];
}

/* The least over the arc's inputs and lower triangles. */
static struct cch_weight computed(struct cch_queue *queue, const uint32_t *input,
                                  struct question question, const struct cch_weight *weights)
{
    const struct cch *cch = queue->plan->cch;
    uint32_t arc = question.arc, head = cch->up_head[arc];
    uint32_t ms[2] = {ROAD_INF, ROAD_INF};
    for (uint32_t i = cch->arc_first[arc]; i < cch->arc_first[arc + 1]; i++) {
        uint32_t hop = cch->arc_inputs[i], *at = &ms[cch->input_arc[hop] & 1];
        *at = least(*at, input[hop]);
    }
    struct cch_weight weight = {ms[0], ms[1]};
    note_lower(queue, question.tail);
    const struct cch_down *down = cch->down + cch->down_first[head];
    for (; down->tail < question.tail; down++) { /* the arc itself ends the list */
        uint32_t lower = queue->lower[down->tail];
        if (lower)
            relax(&weight, weights[lower - 1], weights[down->arc]);
    }
    queue->steps += (uint64_t)(down - (cch->down + cch->down_first[head]));
    return weight;
}

/* Where the arc from `tail` stands in the down list of its head, from `at` on. */
static const struct cch_down *place_of(const struct cch_down *at, const struct cch_down *end,
                                       uint32_t tail)
{
    size_t count = (size_t)(end - at);
    while (count > 1) { /* no branch depends on what is found */
        size_t half = count / 2;
        at += (at[half - 1].tail < tail) * half;
        count -= half;
    }
    return at;
}

struct side { /* of triangles: an arc as others saw it before its turn, and as it is now */
    struct cch_weight seen, now;
    struct cch_weight least; /* of both; NOT_CHANGED where it has not changed at all */
};
#define NOT_CHANGED (2 * ROAD_INF) /* no sum with it is less than anything */

static struct side side_of(struct cch_weight old, struct cch_weight seen, struct cch_weight now)
{
    bool is_up = old.up != seen.up || seen.up != now.up;
    bool is_down = old.down != seen.down || seen.down != now.down;
    return (struct side){seen,
                         now,
                         {is_up ? least(seen.up, now.up) : NOT_CHANGED,
                          is_down ? least(seen.down, now.down) : NOT_CHANGED}};
}

/* Whether an arc, from here `out` and `in`, is neither made better by a side's least and another
 * one, `other`, nor may owe them its time: so it is with nearly all. */
static inline bool is_clear(struct cch_weight least, struct cch_weight other, uint32_t out,
                            uint32_t in)
{
    return least.down + other.up > out && least.up + other.down > in;
}

/* The arc that the side and another one, `other`, meet in. Turned: it begins at the other's end. */
static enum err touch(struct cch_queue *queue, struct question upper, bool is_turned,
                      const struct side *side, struct cch_weight other, struct cch_weight *at)
{
    uint32_t *out = is_turned ? &at->down : &at->up, *in = is_turned ? &at->up : &at->down;
    bool is_doubted = (side->seen.down < side->now.down && side->seen.down + other.up <= *out) ||
                      (side->seen.up < side->now.up && side->seen.up + other.down <= *in);
    bool is_lower = side->now.down + other.up < *out || side->now.up + other.down < *in;
    if (!is_doubted && !is_lower)
        return OK;
    upper.old = *at;
    if (put_in_question(queue, upper))
        return ERR_LIMIT;
    *out = least(*out, side->now.down + other.up);
    *in = least(*in, side->now.up + other.down);
    queue->state[upper.arc] |= is_doubted ? IS_DOUBTED : 0;
    return OK;
}

/* All arcs that the arc in question is a side of. */
static enum err touch_upper(struct cch_queue *queue, struct question question,
                            const struct side *side, struct cch_weight *weights)
{
    const struct cch *cch = queue->plan->cch;
    const uint32_t *heads = cch->up_head;
    uint32_t from = cch->up_first[question.tail], end = cch->up_first[question.tail + 1];
    uint32_t head = heads[question.arc], arc = cch->up_first[head];
    const struct cch_down *down = cch->down + cch->down_first[head];
    const struct cch_down *last = cch->down + cch->down_first[head + 1];
    const struct cch_weight least = side->least;
    enum err err = OK;
    queue->steps += end - from;
    for (uint32_t i = question.arc + 1; i < end && !err; i++, arc++) {
        for (uint32_t upper = heads[i]; heads[arc] < upper;)
            arc++;
        if (!is_clear(least, weights[i], weights[arc].up, weights[arc].down))
            err = touch(queue, (struct question){.arc = arc, .tail = head}, false, side, weights[i],
                        &weights[arc]);
    }
    if (from < question.arc)
        down = place_of(down, last, heads[from]);
    for (uint32_t i = from; i < question.arc && !err; i++, down++) {
        for (uint32_t lower = heads[i]; down->tail < lower;)
            down++;
        arc = down->arc;
        if (!is_clear(least, weights[i], weights[arc].down, weights[arc].up))
            err = touch(queue, (struct question){.arc = arc, .tail = heads[i]}, true, side,
                        weights[i], &weights[arc]);
    }
    return err;
}

/* The vertex in whose row an arc stands. */
static uint32_t tail_of(const struct cch *cch, uint32_t arc)
{
    uint32_t low = 0, high = cch->vertices;
    while (high - low > 1) { /* up_first[low] <= arc < up_first[high] */
        uint32_t middle = low + (high - low) / 2;
        if (cch->up_first[middle] <= arc)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static bool is_same(struct cch_weight a, struct cch_weight b)
{
    return a.up == b.up && a.down == b.down;
}

static enum err settle(struct cch_queue *queue, const uint32_t *input, struct cch_weight *weights)
{
    enum err err = OK;
    while (queue->heap.count && !err) {
        struct question question = take_lowest(queue);
        struct cch_weight *at = &weights[question.arc], seen = *at;
        if (queue->state[question.arc] & IS_DOUBTED)
            *at = computed(queue, input, question, weights);
        queue->state[question.arc] = 0;
        if (queue->steps > queue->limit)
            return ERR_BUSY;
        if (!is_same(*at, question.old))
            err = VEC_PUSH(&queue->changed, uint32_t, question.arc);
        const struct side side = side_of(question.old, seen, *at);
        if (!err && (side.least.up != NOT_CHANGED || side.least.down != NOT_CHANGED))
            err = touch_upper(queue, question, &side, weights);
    }
    return err;
}

static void clear(struct cch_queue *queue)
{
    for (size_t i = 0; i < queue->heap.count; i++)
        queue->state[VEC(&queue->heap, struct question)[i].arc] = 0;
    queue->heap.count = 0;
    queue->changed.count = 0;
    queue->steps = 0;
    queue->was_full = false;
}

bool cch_queue_is_full(const struct cch_queue *queue, size_t count)
{
    return count * TRIANGLES_PER_HOP > queue->plan->triangles;
}

enum err cch_update(struct cch_queue *queue, const uint32_t *input, const uint32_t *hops,
                    size_t count, struct cch_weight *weights)
{
    const struct cch *cch = queue->plan->cch;
    enum err err = OK;
    clear(queue);
    queue->was_full = cch_queue_is_full(queue, count);
    for (size_t i = 0; i < count && !queue->was_full && !err; i++) {
        uint32_t arc = cch->input_arc[hops[i]] >> 1;
        err = put_in_question(queue, (struct question){arc, tail_of(cch, arc), weights[arc]});
        queue->state[arc] |= IS_DOUBTED;
    }
    if (!queue->was_full && !err)
        err = settle(queue, input, weights);
    if (err == ERR_BUSY)
        queue->was_full = true;
    return queue->was_full ? cch_customize(queue->plan, input, 1, weights) : err;
}

const uint32_t *cch_queue_changed(const struct cch_queue *queue, size_t *ret_count)
{
    *ret_count = queue->was_full ? queue->plan->cch->arcs : queue->changed.count;
    return queue->was_full ? NULL : queue->changed.p;
}
