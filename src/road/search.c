#include "road/search_priv.h"

/* ------------------------------------------------------- heap */

static enum err heap_push(struct vec *heap, uint32_t ms, uint32_t item)
{
    uint64_t key = (uint64_t)ms << 32 | item;
    if (vec_room(heap, 1, sizeof key))
        return ERR_LIMIT;
    uint64_t *keys = heap->p;
    size_t at = heap->count++;
    while (at > 0 && keys[(at - 1) / 4] > key) {
        keys[at] = keys[(at - 1) / 4];
        at = (at - 1) / 4;
    }
    keys[at] = key;
    return OK;
}

static uint64_t heap_pop(struct vec *heap)
{
    uint64_t *keys = heap->p, top = keys[0], last = keys[--heap->count];
    size_t at = 0, count = heap->count;
    for (size_t child = 1; child < count; child = 4 * at + 1) {
        size_t least = child, end = child + 4 < count ? child + 4 : count;
        for (size_t i = child + 1; i < end; i++) {
            if (keys[i] < keys[least])
                least = i;
        }
        if (keys[least] >= last)
            break;
        keys[at] = keys[least];
        at = least;
    }
    keys[at] = last;
    return top;
}

/* ------------------------------------------------------- labels */

static bool is_better(struct label new, struct label old)
{
    return new.ms < old.ms || (new.ms == old.ms &&new.seed < old.seed);
}

static enum err reach_node(struct search *search, uint32_t node, struct label label, uint32_t via)
{
    struct road_scratch *s = search->scratch;
    if (label.ms > search->limit_ms || !is_better(label, s->labels[node]))
        return OK;
    if (s->labels[node].ms == ROAD_INF && VEC_PUSH(&s->touched, uint32_t, node))
        return ERR_LIMIT;
    bool is_sooner = label.ms < s->labels[node].ms;
    s->labels[node] = label;
    s->via[node] = via;
    return is_sooner ? heap_push(&s->heap, label.ms, node) : OK;
}

static enum err reach_target(struct search *search, uint32_t index, struct label label,
                             uint32_t via)
{
    struct target *target = &VEC(&search->scratch->targets, struct target)[index];
    label.ms += target->delay_ms;
    if (label.ms > search->limit_ms || !is_better(label, target->label))
        return OK;
    bool is_sooner = label.ms < target->label.ms;
    target->label = label;
    target->via = via;
    return is_sooner ? heap_push(&search->scratch->heap, label.ms,
                                 search->scratch->road->node_count + index)
                     : OK;
}

/* Fraction at which an arc is entered from its tail; its other end is the rest. */
static uint32_t start_of(uint32_t arc)
{
    return arc & 1 ? ROAD_FRAC_ONE : 0;
}

/* Time between a node and a point on one of its arcs, in the sense of the search. */
static uint32_t node_to_point(const struct search *search, uint32_t arc, uint32_t frac)
{
    struct move move = {.arc = arc, .x = start_of(arc), .y = frac, .may_enter = true};
    if (search->is_reverse)
        move = (struct move){.arc = arc ^ 1, .x = frac, .y = start_of(arc), .may_leave = true};
    return metric_move_ms(search->metric, move);
}

static enum err relax_targets(struct search *search, uint32_t arc, struct label from)
{
    struct road_scratch *s = search->scratch;
    for (uint32_t i = s->on_edge[arc >> 1]; i != ROAD_NONE;) {
        const struct target *target = &VEC(&s->targets, struct target)[i];
        uint32_t ms = node_to_point(search, arc, target->point.frac);
        uint32_t next = target->next;
        if (ms != ROAD_INF) {
            struct label label = {from.ms + ms, from.seed};
            enum err err = reach_target(search, i, label, arc);
            if (err)
                return err;
        }
        i = next;
    }
    return OK;
}

static enum err relax(struct search *search, uint32_t node)
{
    struct road_scratch *s = search->scratch;
    const struct road *road = s->road;
    const uint32_t *weights = search->metric->weights;
    struct label from = s->labels[node];
    uint32_t flip = search->is_reverse;
    s->settled++;
    for (uint32_t i = road->out_first[node]; i < road->out_first[node + 1]; i++) {
        struct file_out out = road->out[i];
        uint32_t ms = weights[out.arc ^ flip];
        enum err err = OK;
        if (ms != ROAD_INF)
            err = reach_node(search, out.head, (struct label){from.ms + ms, from.seed}, out.arc);
        if (!err && s->on_edge[out.arc >> 1] != ROAD_NONE)
            err = relax_targets(search, out.arc, from);
        if (err)
            return err;
    }
    return OK;
}

/* ------------------------------------------------------- a search */

enum err search_begin(struct search *search, const struct road_source *targets, size_t count)
{
    struct road_scratch *s = search->scratch;
    assert(s->road == search->metric->road);
    for (size_t i = 0; i < s->touched.count; i++)
        s->labels[VEC(&s->touched, uint32_t)[i]] = (struct label){ROAD_INF, ROAD_NONE};
    for (size_t i = 0; i < s->targets.count; i++)
        s->on_edge[VEC(&s->targets, struct target)[i].point.edge] = ROAD_NONE;
    s->touched.count = s->heap.count = s->targets.count = 0;
    if (count > INT32_MAX || vec_room(&s->targets, count, sizeof(struct target)))
        return ERR_LIMIT;
    for (size_t i = 0; i < count; i++) {
        uint32_t edge = targets[i].point.edge;
        assert(edge < s->road->edge_count && targets[i].point.frac <= ROAD_FRAC_ONE);
        VEC(&s->targets, struct target)
        [i] = (struct target){.point = targets[i].point,
                              .next = s->on_edge[edge],
                              .delay_ms =
                                  targets[i].delay_ms < ROAD_INF ? targets[i].delay_ms : ROAD_INF,
                              .label = {ROAD_INF, ROAD_NONE},
                              .via = ROAD_NONE};
        s->on_edge[edge] = (uint32_t)i;
        s->targets.count++;
    }
    return OK;
}

/* From a seed straight along its edge to targets on it, in both directions. */
static enum err seed_targets(struct search *search, uint32_t seed)
{
    struct road_scratch *s = search->scratch;
    struct road_source from = search->seeds[seed];
    for (uint32_t i = s->on_edge[from.point.edge]; i != ROAD_NONE;) {
        const struct target *target = &VEC(&s->targets, struct target)[i];
        uint32_t a = search->is_reverse ? target->point.frac : from.point.frac;
        uint32_t b = search->is_reverse ? from.point.frac : target->point.frac;
        struct move move = {.arc = 2 * from.point.edge + (a > b),
                            .x = a,
                            .y = b,
                            .may_leave = true,
                            .may_enter = true};
        uint32_t ms = metric_move_ms(search->metric, move), next = target->next;
        if (ms != ROAD_INF) {
            struct label label = {from.delay_ms + ms, seed};
            enum err err = reach_target(search, i, label, ROAD_NONE);
            if (err)
                return err;
        }
        i = next;
    }
    return OK;
}

/* From a seed to the end of its edge that the arc (leaving that end's node) starts at. */
static enum err seed_end(struct search *search, uint32_t seed, uint32_t arc)
{
    struct road_source from = search->seeds[seed];
    struct move move = {
        .arc = arc ^ 1, .x = from.point.frac, .y = start_of(arc), .may_leave = true};
    if (search->is_reverse)
        move =
            (struct move){.arc = arc, .x = start_of(arc), .y = from.point.frac, .may_enter = true};
    uint32_t ms = metric_move_ms(search->metric, move);
    if (ms == ROAD_INF)
        return OK;
    struct label label = {from.delay_ms + ms, seed};
    return reach_node(search, arc_tail(search->scratch->road, arc), label, ROAD_NONE);
}

enum err search_seed(struct search *search)
{
    for (uint32_t i = 0; i < search->seed_count; i++) {
        struct road_source from = search->seeds[i];
        assert(from.point.edge < search->scratch->road->edge_count &&
               from.point.frac <= ROAD_FRAC_ONE);
        if (from.delay_ms >= ROAD_INF)
            continue;
        enum err err = seed_end(search, i, 2 * from.point.edge);
        if (!err)
            err = seed_end(search, i, 2 * from.point.edge + 1);
        if (!err)
            err = seed_targets(search, i);
        if (err)
            return err;
    }
    return OK;
}

enum err search_next(struct search *search, uint32_t *ret_item)
{
    struct road_scratch *s = search->scratch;
    while (s->heap.count) {
        uint64_t key = heap_pop(&s->heap);
        uint32_t item = (uint32_t)key, ms = (uint32_t)(key >> 32);
        bool is_node = item < s->road->node_count;
        uint32_t now = is_node
                           ? s->labels[item].ms
                           : VEC(&s->targets, struct target)[item - s->road->node_count].label.ms;
        if (ms != now)
            continue;
        *ret_item = item;
        return is_node ? relax(search, item) : OK;
    }
    return ERR_NOT_FOUND;
}

/* ------------------------------------------------------- scratch */

enum err road_scratch_new(const struct road *road, struct road_scratch **ret_scratch)
{
    struct road_scratch *s = calloc(1, sizeof *s);
    if (!s)
        return ERR_LIMIT;
    s->road = road;
    s->labels = malloc((road->node_count + 1ull) * sizeof *s->labels);
    s->via = malloc((road->node_count + 1ull) * sizeof *s->via);
    s->on_edge = malloc((road->edge_count + 1ull) * sizeof *s->on_edge);
    s->edge_bits = calloc(road->edge_count / 64 + 1, sizeof *s->edge_bits);
    if (!s->labels || !s->via || !s->on_edge || !s->edge_bits) {
        road_scratch_free(s);
        return ERR_LIMIT;
    }
    for (uint32_t i = 0; i < road->node_count; i++)
        s->labels[i] = (struct label){ROAD_INF, ROAD_NONE};
    for (uint32_t i = 0; i < road->edge_count; i++)
        s->on_edge[i] = ROAD_NONE;
    *ret_scratch = s;
    return OK;
}

void road_scratch_free(struct road_scratch *s)
{
    if (!s)
        return;
    free(s->labels);
    free(s->via);
    free(s->on_edge);
    free(s->edge_bits);
    vec_done(&s->touched);
    vec_done(&s->heap);
    vec_done(&s->targets);
    vec_done(&s->arcs);
    vec_done(&s->places);
    vec_done(&s->legs);
    vec_done(&s->spans);
    vec_done(&s->points);
    vec_done(&s->hits);
    free(s);
}

uint64_t road_scratch_settled(const struct road_scratch *scratch)
{
    return scratch->settled;
}
