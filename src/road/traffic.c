#include "road/traffic_priv.h"
#include <string.h>

#define LAYER_NAME_CAP 64

struct layer { /* of stretches or of speeds */
    char name[LAYER_NAME_CAP];
    uint32_t *nodes; /* its changes in the lists */
    size_t count;
    struct road_speeds *speeds; /* NULL: of stretches */
};
struct road_traffic {
    const struct road *road;
    pthread_mutex_t writer; /* of all but current[] */
    pthread_mutex_t lock;   /* of current[] and of taking a reference: held for moments */
    struct road_metric *current[ROAD_MAX_PROFILES]; /* NULL: not used yet */
    struct course courses[ROAD_MAX_PROFILES];
    struct course_tools tools;
    struct change_lists lists;
    struct layer *layers;
    size_t layer_count;
    atomic_uint version;
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

/* ------------------------------------------------------- changes by edge */

static enum err lists_init(struct change_lists *lists, uint32_t edge_count)
{
    lists->unused = ROAD_NONE;
    lists->first = malloc(((size_t)edge_count + 1) * sizeof *lists->first);
    for (uint32_t i = 0; i < edge_count && lists->first; i++)
        lists->first[i] = ROAD_NONE;
    return lists->first ? OK : ERR_LIMIT;
}

/* Nodes that stand in no list yet. ERR_LIMIT: none was taken. */
static enum err take_nodes(struct change_lists *lists, const struct vec *changes,
                           uint32_t **ret_nodes)
{
    uint32_t *nodes = malloc((changes->count + 1) * sizeof *nodes);
    if (!nodes || vec_room(&lists->nodes, changes->count, sizeof(struct change_node)) ||
        lists->nodes.count + changes->count >= ROAD_NONE) {
        free(nodes);
        return ERR_LIMIT;
    }
    struct change_node *at = lists->nodes.p;
    for (size_t i = 0; i < changes->count; i++) {
        if (lists->unused != ROAD_NONE) {
            nodes[i] = lists->unused;
            lists->unused = at[nodes[i]].next;
        } else {
            nodes[i] = (uint32_t)lists->nodes.count++;
        }
        at[nodes[i]].change = VEC(changes, struct edge_change)[i];
    }
    *ret_nodes = nodes;
    return OK;
}

/* Gives back what a layer that is not linked holds. */
static void layer_done(struct change_lists *lists, const struct layer *layer)
{
    for (size_t i = 0; i < layer->count; i++) {
        VEC(&lists->nodes, struct change_node)[layer->nodes[i]].next = lists->unused;
        lists->unused = layer->nodes[i];
    }
    free(layer->nodes);
    free(layer->speeds);
}

static void link_layer(struct change_lists *lists, const struct layer *layer)
{
    struct change_node *at = lists->nodes.p;
    for (size_t i = 0; i < layer->count; i++) {
        uint32_t *first = &lists->first[at[layer->nodes[i]].change.edge];
        at[layer->nodes[i]].next = *first;
        *first = layer->nodes[i];
    }
}

static void unlink_layer(struct change_lists *lists, const struct layer *layer)
{
    struct change_node *at = lists->nodes.p;
    for (size_t i = 0; i < layer->count; i++) {
        uint32_t *link = &lists->first[at[layer->nodes[i]].change.edge];
        while (*link != layer->nodes[i])
            link = &at[*link].next;
        *link = at[layer->nodes[i]].next;
    }
}

static int compare_u32(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return left < right ? -1 : left > right;
}

/* The edges of both layers, each once, ascending. */
static enum err edges_of(const struct change_lists *lists, const struct layer *const layers[2],
                         struct vec *edges)
{
    const struct change_node *at = lists->nodes.p;
    for (size_t k = 0; k < 2; k++) {
        const size_t more = layers[k]->count;
        if (vec_room(edges, more, sizeof(uint32_t)))
            return ERR_LIMIT;
        for (size_t i = 0; i < more; i++)
            VEC(edges, uint32_t)[edges->count++] = at[layers[k]->nodes[i]].change.edge;
    }
    if (edges->count == 0)
        return OK;
    qsort(edges->p, edges->count, sizeof(uint32_t), compare_u32);
    size_t count = 1;
    for (size_t i = 1; i < edges->count; i++) {
        if (VEC(edges, uint32_t)[i] != VEC(edges, uint32_t)[i - 1])
            VEC(edges, uint32_t)[count++] = VEC(edges, uint32_t)[i];
    }
    edges->count = count;
    return OK;
}

/* ------------------------------------------------------- traffic */

enum err road_traffic_new(const struct road *road, struct road_traffic **ret_traffic)
{
    struct road_traffic *traffic = calloc(1, sizeof *traffic);
    if (!traffic)
        return ERR_LIMIT;
    traffic->road = road;
    atomic_init(&traffic->version, 0);
    (void)pthread_mutex_init(&traffic->writer, NULL);
    (void)pthread_mutex_init(&traffic->lock, NULL);
    for (uint32_t i = 0; i < ROAD_MAX_PROFILES; i++)
        course_init(&traffic->courses[i], road, i, &traffic->tools);
    traffic->tools.maker.road = road;
    traffic->tools.maker.lists = &traffic->lists;
    pace_make(&traffic->tools.maker.pace, NULL, 0);
    enum err err = lists_init(&traffic->lists, road->edge_count);
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
        course_done(&traffic->courses[i]);
    }
    for (size_t i = 0; i < traffic->layer_count; i++) {
        free(traffic->layers[i].nodes);
        free(traffic->layers[i].speeds);
    }
    free(traffic->layers);
    free(traffic->lists.first);
    vec_done(&traffic->lists.nodes);
    piece_maker_done(&traffic->tools.maker);
    cch_queue_free(traffic->tools.queue);
    (void)pthread_mutex_destroy(&traffic->writer);
    (void)pthread_mutex_destroy(&traffic->lock);
    free(traffic);
}

static void put_in_force(struct road_traffic *traffic, uint32_t profile, struct road_metric *metric)
{
    (void)pthread_mutex_lock(&traffic->lock);
    struct road_metric *old = traffic->current[profile];
    traffic->current[profile] = metric;
    (void)pthread_mutex_unlock(&traffic->lock);
    road_metric_unref(old);
}

/* Every profile in use with what the lists and the pace say now, put in force together; nothing on
 * error. */
static enum err publish(struct road_traffic *traffic, const uint32_t *edges, size_t count)
{
    struct road_metric *made[ROAD_MAX_PROFILES] = {0};
    uint32_t version = atomic_load(&traffic->version) + 1, done = 0;
    enum err err = OK;
    for (; done < ROAD_MAX_PROFILES && !err; done++) {
        struct course *course = &traffic->courses[done];
        if (!traffic->current[done])
            continue;
        err = course_prepare(course, edges, count);
        if (!err)
            err = course_metric(course, course->next, version, &made[done]);
    }
    for (uint32_t i = 0; i < done; i++) {
        if (!traffic->current[i])
            continue;
        if (err) {
            metric_free(made[i]);
            course_drop(&traffic->courses[i]);
        } else {
            course_accept(&traffic->courses[i]);
            put_in_force(traffic, i, made[i]);
        }
    }
    if (!err)
        atomic_store(&traffic->version, version);
    return err;
}

static size_t find_layer(const struct road_traffic *traffic, const char *name)
{
    size_t i = 0;
    while (i < traffic->layer_count && strcmp(traffic->layers[i].name, name) != 0)
        i++;
    return i;
}

/* The pace of all layers of speeds. ERR_LIMIT: too many. */
static enum err find_pace(const struct road_traffic *traffic, struct pace *ret_pace)
{
    const struct road_speeds *speeds[ROAD_MAX_SPEED_LAYERS];
    size_t count = 0;
    for (size_t i = 0; i < traffic->layer_count; i++) {
        if (!traffic->layers[i].speeds)
            continue;
        if (count == ROAD_MAX_SPEED_LAYERS)
            return ERR_LIMIT;
        speeds[count++] = traffic->layers[i].speeds;
    }
    pace_make(ret_pace, speeds, count);
    return OK;
}

/* What the layers are now, after those two have changed places. */
static enum err follow_layers(struct road_traffic *traffic, const struct layer *const both[2])
{
    struct pace *pace = &traffic->tools.maker.pace, before = *pace;
    struct vec edges = {0};
    enum err err = find_pace(traffic, pace);
    if (!err && memcmp(pace, &before, sizeof before) != 0)
        err = publish(traffic, NULL, traffic->road->edge_count);
    else if (!err && !(err = edges_of(&traffic->lists, both, &edges)))
        err = publish(traffic, edges.p, edges.count);
    vec_done(&edges);
    if (err)
        *pace = before;
    return err;
}

/* Puts `layer` in the place of the at-th and gives back what that held. Nothing on error. */
static enum err exchange_layer(struct road_traffic *traffic, size_t at, const struct layer *layer)
{
    const struct layer old = traffic->layers[at];
    link_layer(&traffic->lists, layer);
    unlink_layer(&traffic->lists, &old);
    traffic->layers[at] = *layer;
    enum err err = follow_layers(traffic, (const struct layer *const[2]){&old, layer});
    if (err) {
        link_layer(&traffic->lists, &old);
        unlink_layer(&traffic->lists, layer);
        traffic->layers[at] = old;
        return err;
    }
    layer_done(&traffic->lists, &old);
    return OK;
}

/* Adds the layer or puts it in the place of that of its name. */
static enum err put_layer(struct road_traffic *traffic, const struct layer *layer)
{
    size_t at = find_layer(traffic, layer->name);
    if (at == traffic->layer_count) {
        if (at == ROAD_MAX_LAYERS)
            return ERR_LIMIT;
        struct layer *grown = reallocarray(traffic->layers, at + 1, sizeof *grown);
        if (!grown)
            return ERR_LIMIT;
        traffic->layers = grown;
        grown[at] = (struct layer){0};
        traffic->layer_count++;
    }
    enum err err = exchange_layer(traffic, at, layer);
    if (err && traffic->layers[at].name[0] == 0) /* it was new */
        traffic->layer_count--;
    return err;
}

static bool layer_name(const char *name, struct layer *layer)
{
    return name[0] && str_copy(str_of(name), layer->name, sizeof layer->name);
}

enum err road_traffic_put(struct road_traffic *traffic, const char *layer,
                          const struct road_change *changes, size_t count, uint32_t *ret_unmatched)
{
    struct vec matched = {0};
    struct layer made = {0};
    uint32_t unmatched;
    if (!layer_name(layer, &made))
        return ERR_RANGE;
    enum err err = match_layer(traffic->road, changes, count, &matched, &unmatched);
    if (!err) {
        (void)pthread_mutex_lock(&traffic->writer);
        made.count = matched.count;
        err = take_nodes(&traffic->lists, &matched, &made.nodes);
        if (!err) {
            err = put_layer(traffic, &made);
            if (err)
                layer_done(&traffic->lists, &made);
        }
        (void)pthread_mutex_unlock(&traffic->writer);
    }
    vec_done(&matched);
    if (!err && ret_unmatched)
        *ret_unmatched = unmatched;
    return err;
}

enum err road_traffic_put_speeds(struct road_traffic *traffic, const char *layer,
                                 const struct road_speeds *speeds)
{
    struct layer made = {0};
    if (!layer_name(layer, &made) || !speeds_are_in_bounds(speeds))
        return ERR_RANGE;
    made.speeds = malloc(sizeof *made.speeds);
    if (!made.speeds)
        return ERR_LIMIT;
    *made.speeds = *speeds;
    (void)pthread_mutex_lock(&traffic->writer);
    enum err err = put_layer(traffic, &made);
    if (err)
        layer_done(&traffic->lists, &made);
    (void)pthread_mutex_unlock(&traffic->writer);
    return err;
}

enum err road_traffic_remove(struct road_traffic *traffic, const char *layer)
{
    const struct layer none = {0};
    (void)pthread_mutex_lock(&traffic->writer);
    size_t at = find_layer(traffic, layer);
    enum err err = ERR_NOT_FOUND;
    if (at < traffic->layer_count)
        err = exchange_layer(traffic, at, &none);
    if (!err) {
        traffic->layer_count--;
        memmove(traffic->layers + at, traffic->layers + at + 1,
                (traffic->layer_count - at) * sizeof *traffic->layers);
    }
    (void)pthread_mutex_unlock(&traffic->writer);
    return err;
}

uint32_t road_traffic_version(const struct road_traffic *traffic)
{
    return atomic_load(&traffic->version);
}

/* ------------------------------------------------------- metrics */

static struct road_metric *current_ref(struct road_traffic *traffic, uint32_t profile)
{
    (void)pthread_mutex_lock(&traffic->lock);
    struct road_metric *metric = traffic->current[profile];
    if (metric)
        atomic_fetch_add(&metric->refs, 1);
    (void)pthread_mutex_unlock(&traffic->lock);
    return metric;
}

/* Makes the metric of a profile that nobody has asked for yet: as it would be without layers, then
 * as they are. The writer's lock is held. */
static enum err first_use(struct road_traffic *traffic, uint32_t profile)
{
    struct course *course = &traffic->courses[profile];
    struct road_metric *metric = NULL;
    struct vec edges = {0};
    enum err err = course_start(course);
    for (uint32_t i = 0; i < traffic->road->edge_count && !err; i++) {
        if (traffic->lists.first[i] != ROAD_NONE)
            err = VEC_PUSH(&edges, uint32_t, i);
    }
    if (!err)
        err = course_prepare(course, edges.p, edges.count);
    vec_done(&edges);
    if (!err)
        err = course_metric(course, course->next, atomic_load(&traffic->version), &metric);
    if (err) {
        course_done(course);
        return err;
    }
    course_accept(course);
    put_in_force(traffic, profile, metric);
    road_give_back_pages(traffic->road);
    return OK;
}

const struct road_metric *road_metric_ref(struct road_traffic *traffic, uint32_t profile)
{
    assert(profile < traffic->road->profile_count);
    struct road_metric *metric = current_ref(traffic, profile);
    if (metric)
        return metric;
    (void)pthread_mutex_lock(&traffic->writer);
    enum err err = traffic->current[profile] ? OK : first_use(traffic, profile);
    (void)pthread_mutex_unlock(&traffic->writer);
    return err ? NULL : current_ref(traffic, profile);
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

bool road_metric_is_touched(const struct road_metric *metric, uint32_t edge)
{
    return piece_map_get(metric->pieces, 2 * edge) || piece_map_get(metric->pieces, 2 * edge + 1);
}

uint32_t road_metric_arc_ms(const struct road_metric *metric, uint32_t arc)
{
    assert(arc < 2 * metric->road->edge_count);
    return metric->weights[arc];
}

enum err road_traffic_digest(struct road_traffic *traffic, uint32_t profile, uint64_t *ret_digest)
{
    assert(profile < traffic->road->profile_count);
    struct road_metric *metric = current_ref(traffic, profile);
    struct piece_map pieces = {0};
    if (metric) {
        *ret_digest = road_metric_digest(metric);
        road_metric_unref(metric);
        return OK;
    }
    (void)pthread_mutex_lock(&traffic->writer);
    enum err err = pieces_make_all(&traffic->tools.maker, profile, &pieces);
    (void)pthread_mutex_unlock(&traffic->writer);
    if (!err)
        err = pieces_digest(&traffic->tools.maker, profile, &pieces, ret_digest);
    piece_map_done(&pieces);
    return err;
}
