#include "road/traffic_priv.h"

#define LAYER_NAME_CAP 64

struct edge_change { /* a change matched to one edge */
    uint32_t edge, from, to, permille, direction, profiles;
};
struct layer {
    char name[LAYER_NAME_CAP];
    struct edge_change *changes;
    size_t count;
};
struct road_traffic {
    const struct road *road;
    pthread_mutex_t lock; /* of current[] and of taking a reference */
    struct road_metric *current[ROAD_MAX_PROFILES];
    uint32_t *base[ROAD_MAX_PROFILES];
    struct layer *layers;
    size_t layer_count;
    uint32_t version;
};

/* ------------------------------------------------------- matching */

/* Appends what a change means on the edges of its way; false if the way is not there. */
static enum err match_change(const struct road *road, const struct road_change *change,
                             struct vec *changes, bool *ret_found)
{
    uint32_t first, count;
    *ret_found = road_find_way(road, change->way_id, &first, &count);
    if (!*ret_found)
        return OK;
    uint64_t whole_mm = road->ways[first].way_mm;
    uint64_t from_mm = change->from * whole_mm / ROAD_WAY_ONE;
    uint64_t to_mm = (change->to * whole_mm + ROAD_WAY_ONE - 1) / ROAD_WAY_ONE;
    for (uint32_t i = road->ways[first].edges; i < road->ways[first + count].edges; i++) {
        const struct file_edge *edge = &road->edges[road->way_edges[i]];
        uint64_t start = edge->way_mm, end = start + edge->length_mm;
        uint64_t a = from_mm > start ? from_mm : start, b = to_mm < end ? to_mm : end;
        if (a >= b)
            continue;
        struct edge_change matched = {
            .edge = road->way_edges[i],
            .from = (uint32_t)((a - start) * ROAD_FRAC_ONE / edge->length_mm),
            .to = (uint32_t)(((b - start) * ROAD_FRAC_ONE + edge->length_mm - 1) / edge->length_mm),
            .permille = change->speed_permille,
            .direction = (uint32_t)change->direction,
            .profiles = change->profiles};
        if (VEC_PUSH(changes, struct edge_change, matched))
            return ERR_LIMIT;
    }
    return OK;
}

static enum err match_layer(const struct road *road, const struct road_change *changes,
                            size_t count, struct vec *ret_changes, uint32_t *ret_unmatched)
{
    *ret_unmatched = 0;
    if (count > ROAD_MAX_LAYER_CHANGES)
        return ERR_LIMIT;
    for (size_t i = 0; i < count; i++) {
        const struct road_change *change = &changes[i];
        bool is_found;
        if (change->from >= change->to || change->to > ROAD_WAY_ONE ||
            change->speed_permille > 1000 || (unsigned)change->direction > ROAD_BACKWARD)
            return ERR_RANGE;
        enum err err = match_change(road, change, ret_changes, &is_found);
        if (err)
            return err;
        *ret_unmatched += !is_found;
    }
    return OK;
}

/* ------------------------------------------------------- metrics */

static void metric_free(struct road_metric *metric)
{
    if (!metric)
        return;
    free(metric->weights);
    vec_done(&metric->arcs);
    vec_done(&metric->pieces);
    free(metric);
}

static int compare_u32(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return left < right ? -1 : left > right;
}

/* What a change means to a profile: 1000 nothing, 0 closed. */
static uint32_t effect_of(const struct road_metric *metric, const struct edge_change *change)
{
    if (change->profiles >> metric->profile & 1)
        return change->permille;
    if (change->permille > 0)
        return 1000;
    uint32_t price = metric->road->profiles[metric->profile].pass_closed;
    return price < 1000 ? price : 1000;
}

static bool touches(const struct edge_change *change, uint32_t arc)
{
    return change->direction == ROAD_BOTH ||
           change->direction == (arc & 1 ? ROAD_BACKWARD : ROAD_FORWARD);
}

/* Borders of all changes of the arc that mean something to the profile; none: the arc is as it was.
 */
static enum err collect_borders(const struct road_metric *metric, uint32_t arc,
                                const struct edge_change *changes, size_t count,
                                struct vec *borders)
{
    borders->count = 0;
    if (vec_room(borders, 2 * count + 2, sizeof(uint32_t)))
        return ERR_LIMIT;
    uint32_t *at = borders->p;
    for (size_t i = 0; i < count; i++) {
        if (!touches(&changes[i], arc) || effect_of(metric, &changes[i]) == 1000)
            continue;
        at[borders->count++] = changes[i].from;
        at[borders->count++] = changes[i].to;
    }
    if (borders->count == 0)
        return OK;
    at[borders->count++] = 0;
    at[borders->count++] = ROAD_FRAC_ONE;
    qsort(at, borders->count, sizeof *at, compare_u32);
    return OK;
}

static struct piece piece_between(const struct road_metric *metric, uint32_t arc,
                                  const struct edge_change *changes, size_t count, uint32_t from,
                                  uint32_t to)
{
    struct piece piece = {.from = from, .to = to, .permille = 1000};
    for (size_t i = 0; i < count; i++) {
        if (!touches(&changes[i], arc) || changes[i].from > from || changes[i].to < to)
            continue;
        uint32_t effect = effect_of(metric, &changes[i]);
        if (effect == 0)
            piece.is_closed = true;
        else if (effect < piece.permille)
            piece.permille = effect;
    }
    return piece;
}

static uint64_t extra_of(const struct road_metric *metric, uint32_t arc, const struct piece *piece,
                         uint32_t x)
{
    uint64_t base = metric->base[arc];
    return piece->extra + base * (x - piece->from) * (1000 - piece->permille) / piece->permille;
}

static enum err add_arc(struct road_metric *metric, uint32_t arc, const struct edge_change *changes,
                        size_t count, struct vec *borders)
{
    enum err err = collect_borders(metric, arc, changes, count, borders);
    if (err || borders->count == 0 || metric->base[arc] == ROAD_INF)
        return err;
    struct touched_arc touched = {arc, (uint32_t)metric->pieces.count};
    const uint32_t *at = borders->p;
    bool is_closed = false;
    uint64_t extra = 0;
    for (size_t i = 1; i < borders->count; i++) {
        if (at[i] == at[i - 1])
            continue;
        struct piece piece = piece_between(metric, arc, changes, count, at[i - 1], at[i]);
        piece.extra = extra;
        extra = extra_of(metric, arc, &piece, at[i]);
        is_closed |= piece.is_closed;
        if (VEC_PUSH(&metric->pieces, struct piece, piece))
            return ERR_LIMIT;
    }
    uint64_t whole = metric->base[arc] + extra / ROAD_FRAC_ONE;
    metric->weights[arc] = is_closed || whole >= ROAD_INF ? ROAD_INF : (uint32_t)whole;
    return VEC_PUSH(&metric->arcs, struct touched_arc, touched);
}

/* `changes` of all layers, sorted by edge. A metric is a pure function of base weights and layers.
 */
static enum err metric_new(const struct road_traffic *traffic, uint32_t profile,
                           const struct edge_change *changes, size_t count,
                           struct road_metric **ret_metric)
{
    size_t arcs = 2 * (size_t)traffic->road->edge_count;
    struct vec borders = {0};
    struct road_metric *metric = calloc(1, sizeof *metric);
    if (!metric)
        return ERR_LIMIT;
    atomic_init(&metric->refs, 1);
    metric->road = traffic->road;
    metric->profile = profile;
    metric->version = traffic->version;
    metric->base = traffic->base[profile];
    metric->weights = malloc((arcs + 1) * sizeof *metric->weights);
    enum err err = metric->weights ? OK : ERR_LIMIT;
    if (!err)
        memcpy(metric->weights, metric->base, arcs * sizeof *metric->weights);
    for (size_t i = 0, end; i < count && !err; i = end) {
        for (end = i; end < count && changes[end].edge == changes[i].edge;)
            end++;
        err = add_arc(metric, 2 * changes[i].edge, changes + i, end - i, &borders);
        if (!err)
            err = add_arc(metric, 2 * changes[i].edge + 1, changes + i, end - i, &borders);
    }
    if (!err)
        err = VEC_PUSH(&metric->arcs, struct touched_arc,
                       (struct touched_arc){UINT32_MAX, (uint32_t)metric->pieces.count});
    vec_done(&borders);
    if (err)
        metric_free(metric);
    else
        *ret_metric = metric;
    return err;
}

const struct piece *metric_pieces(const struct road_metric *metric, uint32_t arc, size_t *ret_count)
{
    const struct touched_arc *arcs = metric->arcs.p;
    size_t low = 0, high = metric->arcs.count - 1; /* the last is the sentinel */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (arcs[middle].arc < arc)
            low = middle + 1;
        else
            high = middle;
    }
    if (arcs[low].arc != arc)
        return NULL;
    *ret_count = arcs[low + 1].first_piece - arcs[low].first_piece;
    return VEC(&metric->pieces, struct piece) + arcs[low].first_piece;
}

/* C(x) of traffic_priv.h. */
static uint64_t time_at(const struct road_metric *metric, uint32_t arc, const struct piece *pieces,
                        size_t count, uint32_t x)
{
    uint64_t ms = (uint64_t)metric->base[arc] * x / ROAD_FRAC_ONE;
    for (size_t i = count; i-- > 0;) {
        if (pieces[i].from <= x)
            return ms + extra_of(metric, arc, &pieces[i], x) / ROAD_FRAC_ONE;
    }
    return ms;
}

/* May one go over low..high when start and end have their rights? Closed pieces that touch make a
 * run. */
static bool is_passable(const struct piece *pieces, size_t count, struct move move)
{
    uint32_t low = move.x < move.y ? move.x : move.y, high = move.x < move.y ? move.y : move.x;
    bool low_may = move.x < move.y ? move.may_leave : move.may_enter;
    bool high_may = move.x < move.y ? move.may_enter : move.may_leave;
    for (size_t i = 0, end; i < count; i = end) {
        end = i + 1;
        if (!pieces[i].is_closed)
            continue;
        while (end < count && pieces[end].is_closed)
            end++;
        uint32_t from = pieces[i].from, to = pieces[end - 1].to;
        if (from >= high || to <= low)
            continue;
        if (!(from < low && low_may) && !(to > high && high_may))
            return false;
    }
    return true;
}

uint32_t metric_move_ms(const struct road_metric *metric, struct move move)
{
    uint64_t base = metric->base[move.arc];
    uint64_t from = base * move.x / ROAD_FRAC_ONE, to = base * move.y / ROAD_FRAC_ONE;
    size_t count = 0;
    if (move.x == move.y)
        return 0;
    if (base == ROAD_INF)
        return ROAD_INF;
    const struct piece *pieces = metric_pieces(metric, move.arc, &count);
    if (pieces) {
        if (!is_passable(pieces, count, move))
            return ROAD_INF;
        from = time_at(metric, move.arc, pieces, count, move.x);
        to = time_at(metric, move.arc, pieces, count, move.y);
    }
    uint64_t ms = from < to ? to - from : from - to;
    return ms < ROAD_INF ? (uint32_t)ms : ROAD_INF;
}

bool metric_is_closed_at(const struct road_metric *metric, struct road_point point)
{
    for (uint32_t arc = 2 * point.edge; arc <= 2 * point.edge + 1; arc++) {
        size_t count = 0;
        const struct piece *pieces = metric_pieces(metric, arc, &count);
        for (size_t i = 0; i < count; i++) {
            bool is_inner_border = pieces[i].to == point.frac && i + 1 < count &&
                                   pieces[i].is_closed && pieces[i + 1].is_closed;
            bool is_inside = pieces[i].from < point.frac && point.frac < pieces[i].to;
            if ((is_inside && pieces[i].is_closed) || is_inner_border)
                return true;
        }
    }
    return false;
}

/* ------------------------------------------------------- traffic */

enum err road_traffic_new(const struct road *road, struct road_traffic **ret_traffic)
{
    struct road_traffic *traffic = calloc(1, sizeof *traffic);
    enum err err = traffic ? OK : ERR_LIMIT;
    if (err)
        return err;
    traffic->road = road;
    (void)pthread_mutex_init(&traffic->lock, NULL);
    for (uint32_t i = 0; i < road->profile_count && !err; i++) {
        traffic->base[i] = malloc((2 * (size_t)road->edge_count + 1) * sizeof *traffic->base[i]);
        if (!traffic->base[i]) {
            err = ERR_LIMIT;
            break;
        }
        for (uint32_t arc = 0; arc < 2 * road->edge_count; arc++)
            traffic->base[i][arc] = road_base_ms(road, i, arc);
        err = metric_new(traffic, i, NULL, 0, &traffic->current[i]);
    }
    if (err)
        road_traffic_free(traffic);
    else
        *ret_traffic = traffic;
    return err;
}

void road_traffic_free(struct road_traffic *traffic)
{
    if (!traffic)
        return;
    for (size_t i = 0; i < ROAD_MAX_PROFILES; i++) {
        assert(!traffic->current[i] || atomic_load(&traffic->current[i]->refs) == 1);
        metric_free(traffic->current[i]);
        free(traffic->base[i]);
    }
    for (size_t i = 0; i < traffic->layer_count; i++)
        free(traffic->layers[i].changes);
    free(traffic->layers);
    (void)pthread_mutex_destroy(&traffic->lock);
    free(traffic);
}

static int compare_changes(const void *a, const void *b)
{
    const struct edge_change *left = a, *right = b;
    const uint32_t l[] = {left->edge,     left->from,      left->to,
                          left->permille, left->direction, left->profiles};
    const uint32_t r[] = {right->edge,     right->from,      right->to,
                          right->permille, right->direction, right->profiles};
    for (size_t i = 0; i < sizeof l / sizeof *l; i++) {
        if (l[i] != r[i])
            return l[i] < r[i] ? -1 : 1;
    }
    return 0;
}

/* Makes every profile's metric anew from `layers` and puts them in force together. */
static enum err publish(struct road_traffic *traffic, const struct layer *layers,
                        size_t layer_count)
{
    struct road_metric *made[ROAD_MAX_PROFILES] = {0};
    struct vec all = {0};
    enum err err = OK;
    for (size_t i = 0; i < layer_count && !err; i++) {
        err = vec_room(&all, layers[i].count, sizeof(struct edge_change));
        if (!err && layers[i].count)
            memcpy(VEC(&all, struct edge_change) + all.count, layers[i].changes,
                   layers[i].count * sizeof(struct edge_change));
        all.count += err ? 0 : layers[i].count;
    }
    if (all.count)
        qsort(all.p, all.count, sizeof(struct edge_change), compare_changes);
    traffic->version++;
    for (uint32_t i = 0; i < traffic->road->profile_count && !err; i++)
        err = metric_new(traffic, i, all.p, all.count, &made[i]);
    vec_done(&all);
    if (err) {
        traffic->version--;
        for (size_t i = 0; i < ROAD_MAX_PROFILES; i++)
            metric_free(made[i]);
        return err;
    }
    for (uint32_t i = 0; i < traffic->road->profile_count; i++) {
        (void)pthread_mutex_lock(&traffic->lock);
        struct road_metric *old = traffic->current[i];
        traffic->current[i] = made[i];
        (void)pthread_mutex_unlock(&traffic->lock);
        road_metric_unref(old);
    }
    return OK;
}

static size_t find_layer(const struct road_traffic *traffic, const char *name)
{
    for (size_t i = 0; i < traffic->layer_count; i++) {
        if (strcmp(traffic->layers[i].name, name) == 0)
            return i;
    }
    return traffic->layer_count;
}

/* The list of layers with one replaced, added (changes given) or left out (NULL), put in force. */
static enum err replace_layer(struct road_traffic *traffic, const char *name, struct vec *changes)
{
    size_t at = find_layer(traffic, name), count = traffic->layer_count;
    bool is_new = at == count;
    struct layer *layers = calloc(count + 1, sizeof *layers);
    if (!layers)
        return ERR_LIMIT;
    if (count)
        memcpy(layers, traffic->layers, count * sizeof *layers);
    struct edge_change *old = layers[at].changes;
    if (changes) {
        (void)str_copy(str_of(name), layers[at].name, sizeof layers[at].name);
        layers[at].changes = changes->p;
        layers[at].count = changes->count;
        count += is_new;
    } else {
        memmove(layers + at, layers + at + 1, (count - at - 1) * sizeof *layers);
        count--;
    }
    enum err err = publish(traffic, layers, count);
    if (err) {
        free(layers);
        return err;
    }
    free(old);
    free(traffic->layers);
    traffic->layers = layers;
    traffic->layer_count = count;
    return OK;
}

enum err road_traffic_put(struct road_traffic *traffic, const char *layer,
                          const struct road_change *changes, size_t count, uint32_t *ret_unmatched)
{
    struct vec matched = {0};
    uint32_t unmatched;
    size_t length = strlen(layer);
    if (length == 0 || length >= LAYER_NAME_CAP)
        return ERR_RANGE;
    if (traffic->layer_count == ROAD_MAX_LAYERS &&
        find_layer(traffic, layer) == traffic->layer_count)
        return ERR_LIMIT;
    enum err err = match_layer(traffic->road, changes, count, &matched, &unmatched);
    if (!err)
        err = replace_layer(traffic, layer, &matched);
    if (err) {
        vec_done(&matched);
        return err;
    }
    if (ret_unmatched)
        *ret_unmatched = unmatched;
    return OK;
}

enum err road_traffic_remove(struct road_traffic *traffic, const char *layer)
{
    if (find_layer(traffic, layer) == traffic->layer_count)
        return ERR_NOT_FOUND;
    return replace_layer(traffic, layer, NULL);
}

uint32_t road_traffic_version(const struct road_traffic *traffic)
{
    return traffic->version;
}

const struct road_metric *road_metric_ref(struct road_traffic *traffic, uint32_t profile)
{
    assert(profile < traffic->road->profile_count);
    (void)pthread_mutex_lock(&traffic->lock);
    struct road_metric *metric = traffic->current[profile];
    atomic_fetch_add(&metric->refs, 1);
    (void)pthread_mutex_unlock(&traffic->lock);
    return metric;
}

void road_metric_unref(const struct road_metric *metric)
{
    /* Only the count is ever written through a const metric. */
    struct road_metric *counted = (struct road_metric *)(uintptr_t)metric;
    if (counted && atomic_fetch_sub(&counted->refs, 1) == 1)
        metric_free(counted);
}

const struct road *road_metric_road(const struct road_metric *metric)
{
    return metric->road;
}

uint32_t road_metric_profile(const struct road_metric *metric)
{
    return metric->profile;
}

uint32_t road_metric_version(const struct road_metric *metric)
{
    return metric->version;
}

uint32_t road_metric_arc_ms(const struct road_metric *metric, uint32_t arc)
{
    assert(arc < 2 * metric->road->edge_count);
    return metric->weights[arc];
}

/* Weights, and where they change inside an arc: field by field, for structs have gaps. */
uint64_t road_metric_digest(const struct road_metric *metric)
{
    size_t bytes = 2 * (size_t)metric->road->edge_count * sizeof *metric->weights;
    uint64_t digest = digest_u64(metric->weights, bytes);
    for (size_t i = 0; i < metric->pieces.count; i++) {
        const struct piece *piece = &VEC(&metric->pieces, struct piece)[i];
        const uint64_t words[] = {digest,          piece->from,      piece->to,
                                  piece->permille, piece->is_closed, piece->extra};
        digest = digest_u64(words, sizeof words);
    }
    return digest;
}
