/* The image of a profile is a file in memory, the buffers are private mappings of it: a page that
 * was not written since is shared by all of them, so a second buffer costs no time to make and
 * little memory to keep. A change so large that all weights are made anew goes into a new image;
 * buffers of the old one leave with their readers. */
#include "road/traffic_priv.h"
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096u

struct arrays {
    uint32_t *weights;
    struct metric_hop *forward, *backward;
    struct cch_weight *cch;
};
struct metric_buffer {
    atomic_uint users; /* metrics that show it */
    uint8_t *pages;
    struct arrays arrays;
    struct piece_map pieces;
    struct vec lacks_arcs, lacks_cch; /* uint32_t: what the newest has and this one has not */
    bool lacks_all, lacks_all_cch;
    bool is_old; /* of an image before the present one: not written again */
};

/* ------------------------------------------------------- memory */

static size_t pages_of(size_t bytes)
{
    return (bytes / PAGE + 1) * PAGE;
}

/* Where each of the arrays lies, and behind them how many bytes they take. */
struct layout {
    size_t forward, backward, cch, bytes;
};
static struct layout layout_of(const struct road *road)
{
    struct layout layout;
    layout.forward = pages_of(2 * (size_t)road->edge_count * sizeof(uint32_t));
    layout.backward = layout.forward + pages_of(road->hop_count * sizeof(struct metric_hop));
    layout.cch = layout.backward + pages_of(road->hop_count * sizeof(struct metric_hop));
    layout.bytes = layout.cch + pages_of(road->cch.arcs * sizeof(struct cch_weight));
    return layout;
}

static struct arrays arrays_at(const struct road *road, uint8_t *pages)
{
    struct layout layout = layout_of(road);
    return (struct arrays){(void *)pages, (void *)(pages + layout.forward),
                           (void *)(pages + layout.backward), (void *)(pages + layout.cch)};
}

static void buffer_free(const struct course *course, struct metric_buffer *buffer)
{
    if (!buffer)
        return;
    if (buffer->pages)
        (void)munmap(buffer->pages, layout_of(course->road).bytes);
    piece_map_done(&buffer->pieces);
    vec_done(&buffer->lacks_arcs);
    vec_done(&buffer->lacks_cch);
    free(buffer);
}

/* A view of an image, nothing more. */
static struct metric_buffer *buffer_new(const struct course *course, int image)
{
    struct metric_buffer *buffer = calloc(1, sizeof *buffer);
    if (!buffer)
        return NULL;
    size_t bytes = layout_of(course->road).bytes;
    void *pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE, image, 0);
    atomic_init(&buffer->users, 0);
    if (pages == MAP_FAILED) {
        free(buffer);
        return NULL;
    }
    buffer->pages = pages;
    buffer->arrays = arrays_at(course->road, pages);
    return buffer;
}

/* ------------------------------------------------------- single arcs */

static uint32_t hop_ms(const struct course *course, uint32_t hop, uint32_t arc_ms)
{
    uint32_t price = hop_price_ms(course->road, course->profile, &course->road->hops[hop]);
    uint32_t ms = arc_ms + price; /* two of ROAD_INF do not overflow */
    return ms < ROAD_INF ? ms : ROAD_INF;
}

static void write_backward(const struct road *road, const struct arrays *arrays, uint32_t hop,
                           uint32_t ms)
{
    const uint32_t *first = &road->in_first[road->hops[hop].head];
    for (uint32_t i = first[0]; i < first[1]; i++) {
        if (road->in_hops[i] == hop)
            arrays->backward[i].ms = ms;
    }
}

static void write_arc(const struct course *course, struct metric_buffer *buffer, uint32_t arc,
                      uint32_t ms)
{
    const struct road *road = course->road;
    buffer->arrays.weights[arc] = ms;
    for (uint32_t i = road->arc_first_hop[arc]; i < road->arc_first_hop[arc + 1]; i++) {
        uint32_t hop = road->arc_hops[i], now = hop_ms(course, hop, ms);
        buffer->arrays.forward[hop].ms = now;
        write_backward(road, &buffer->arrays, hop, now);
    }
}

/* ------------------------------------------------------- making up */

/* Page by page, so that what is the same stays shared. */
static void copy_pages(uint8_t *to, const uint8_t *from, size_t bytes)
{
    for (size_t at = 0; at < bytes; at += PAGE) {
        if (memcmp(to + at, from + at, PAGE) != 0)
            memcpy(to + at, from + at, PAGE);
    }
}

static enum err copy_pieces(struct piece_map *to, const struct piece_map *from)
{
    piece_map_done(to);
    enum err err = piece_map_room(to, from->count);
    for (uint32_t i = 0; i < from->cap && !err; i++) {
        if (from->slots[i])
            piece_map_set(to, from->slots[i]->arc, from->slots[i]);
    }
    return err;
}

/* Makes a buffer that nobody holds the same as the newest. ERR_LIMIT: it lacks all. */
static enum err make_up(const struct course *course, struct metric_buffer *buffer)
{
    const struct metric_buffer *newest = course->newest;
    struct layout layout = layout_of(course->road);
    uint32_t arcs = (uint32_t)buffer->lacks_arcs.count;
    enum err err = OK;
    if (buffer->lacks_all || piece_map_room(&buffer->pieces, arcs)) {
        copy_pages(buffer->pages, newest->pages, layout.bytes);
        err = copy_pieces(&buffer->pieces, &newest->pieces);
    } else {
        for (uint32_t i = 0; i < arcs; i++) {
            uint32_t arc = VEC(&buffer->lacks_arcs, uint32_t)[i];
            write_arc(course, buffer, arc, newest->arrays.weights[arc]);
            piece_map_set(&buffer->pieces, arc, piece_map_get(&newest->pieces, arc));
        }
        for (size_t i = 0; i < buffer->lacks_cch.count && !buffer->lacks_all_cch; i++) {
            uint32_t arc = VEC(&buffer->lacks_cch, uint32_t)[i];
            buffer->arrays.cch[arc] = newest->arrays.cch[arc];
        }
        if (buffer->lacks_all_cch)
            copy_pages(buffer->pages + layout.cch, newest->pages + layout.cch,
                       layout.bytes - layout.cch);
    }
    buffer->lacks_all = err != OK;
    buffer->lacks_all_cch = false;
    buffer->lacks_arcs.count = buffer->lacks_cch.count = 0;
    return err;
}

/* Notes for a buffer what it will lack once `next` is in force; too much does no harm. */
static void note_lack(const struct course *course, struct metric_buffer *buffer)
{
    size_t count;
    const uint32_t *cch = cch_queue_changed(course->tools->queue, &count);
    bool is_much = buffer->lacks_arcs.count + course->fresh.count > course->road->edge_count / 4;
    if (is_much || vec_room(&buffer->lacks_arcs, course->fresh.count, sizeof(uint32_t))) {
        buffer->lacks_all = true;
        return;
    }
    uint32_t *arcs = buffer->lacks_arcs.p;
    for (size_t i = 0; i < course->fresh.count; i++)
        arcs[buffer->lacks_arcs.count++] = VEC(&course->fresh, struct fresh_arc)[i].arc;
    is_much = buffer->lacks_cch.count + count > course->road->cch.arcs / 4;
    if (!cch || is_much || vec_room(&buffer->lacks_cch, count, sizeof(uint32_t))) {
        buffer->lacks_all_cch = true;
        return;
    }
    if (count)
        memcpy(VEC(&buffer->lacks_cch, uint32_t) + buffer->lacks_cch.count, cch,
               count * sizeof *cch);
    buffer->lacks_cch.count += count;
}

/* ------------------------------------------------------- images */

void course_init(struct course *course, const struct road *road, uint32_t profile,
                 struct course_tools *tools)
{
    *course = (struct course){
        .road = road, .tools = tools, .profile = profile, .image = -1, .next_image = -1};
}

void course_done(struct course *course)
{
    for (size_t i = 0; i < course->buffer_count; i++)
        buffer_free(course, course->buffers[i]);
    if (course->image >= 0)
        (void)close(course->image);
    if (course->next_image >= 0)
        (void)close(course->next_image);
    free(course->input);
    vec_done(&course->fresh);
    vec_done(&course->hops);
    course_init(course, course->road, course->profile, course->tools);
}

enum err course_start(struct course *course)
{
    struct course_tools *tools = course->tools;
    enum err err = OK;
    if (!tools->queue)
        err = cch_queue_new(&course->road->plan, &tools->queue);
    course->input = malloc(((size_t)course->road->hop_count + 1) * sizeof *course->input);
    return course->input ? err : ERR_LIMIT;
}

/* All hops from the arcs' weights. */
static enum err fill_hops(const struct course *course, const struct arrays *arrays)
{
    const struct road *road = course->road;
    uint32_t *tail = malloc(((size_t)road->hop_count + 1) * sizeof *tail);
    if (!tail)
        return ERR_LIMIT;
    for (uint32_t v = 0; v < road->vertex_count; v++) {
        for (uint32_t hop = road->hop_first[v]; hop < road->hop_first[v + 1]; hop++) {
            const struct file_hop *to = &road->hops[hop];
            course->input[hop] = hop_ms(course, hop, arrays->weights[to->arc]);
            arrays->forward[hop] = (struct metric_hop){to->head, course->input[hop]};
            tail[hop] = v;
        }
    }
    for (uint32_t i = 0; i < road->hop_count; i++) {
        uint32_t hop = road->in_hops[i];
        arrays->backward[i] = (struct metric_hop){tail[hop], course->input[hop]};
    }
    free(tail);
    return OK;
}

/* Writes what is new to a buffer, and to the input of its hierarchy. */
static enum err write_fresh(struct course *course, struct metric_buffer *buffer)
{
    const struct road *road = course->road;
    course->hops.count = 0;
    for (size_t i = 0; i < course->fresh.count; i++) {
        const struct fresh_arc *fresh = &VEC(&course->fresh, struct fresh_arc)[i];
        uint32_t end = road->arc_first_hop[fresh->arc + 1];
        write_arc(course, buffer, fresh->arc, fresh->ms);
        for (uint32_t k = road->arc_first_hop[fresh->arc]; k < end; k++) {
            uint32_t hop = road->arc_hops[k], ms = buffer->arrays.forward[hop].ms;
            if (course->input[hop] == ms)
                continue;
            if (VEC_PUSH(&course->hops, uint32_t, hop))
                return ERR_LIMIT;
            course->input[hop] = ms;
        }
    }
    return OK;
}

static uint32_t open_ms(const struct course *course, uint32_t arc)
{
    return pace_ms(&course->tools->maker.pace, course->road, course->profile, arc);
}

/* The roads without any stretch. */
static enum err fill_base(struct course *course, const struct arrays *arrays)
{
    for (uint32_t arc = 0; arc < 2 * course->road->edge_count; arc++)
        arrays->weights[arc] = open_ms(course, arc);
    return fill_hops(course, arrays);
}

/* An image of the newest buffer, or of the roads, with what is new; all weights made anew. */
static enum err fill_image(struct course *course, int image)
{
    struct layout layout = layout_of(course->road);
    struct metric_buffer shared = {0};
    void *pages = MAP_FAILED;
    enum err err = OK;
    if (ftruncate(image, (off_t)layout.bytes) == 0)
        pages =
            mmap(NULL, layout.bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, image, 0);
    if (pages == MAP_FAILED)
        return ERR_LIMIT;
    shared.arrays = arrays_at(course->road, pages);
    if (course->newest)
        memcpy(pages, course->newest->pages, layout.cch);
    else
        err = fill_base(course, &shared.arrays);
    if (!err)
        err = write_fresh(course, &shared);
    if (!err)
        err = cch_customize(&course->road->plan, course->input, 1, shared.arrays.cch);
    (void)munmap(pages, layout.bytes);
    return err;
}

static enum err write_pieces(const struct course *course, struct metric_buffer *buffer)
{
    if (piece_map_room(&buffer->pieces, (uint32_t)course->fresh.count))
        return ERR_LIMIT;
    for (size_t i = 0; i < course->fresh.count; i++) {
        const struct fresh_arc *fresh = &VEC(&course->fresh, struct fresh_arc)[i];
        piece_map_set(&buffer->pieces, fresh->arc, fresh->pieces);
    }
    return OK;
}

static enum err add_buffer(struct course *course, int image, struct metric_buffer **ret_buffer)
{
    if (course->buffer_count == ROAD_MAX_BUFFERS)
        return ERR_BUSY;
    struct metric_buffer *buffer = buffer_new(course, image);
    if (!buffer)
        return ERR_LIMIT;
    buffer->lacks_all = true; /* until it is made up */
    course->buffers[course->buffer_count++] = buffer;
    *ret_buffer = buffer;
    return OK;
}

/* `next` on an image of its own. */
static enum err write_next_image(struct course *course)
{
    course->next_image = memfd_create("metric", MFD_CLOEXEC);
    if (course->next_image < 0)
        return ERR_LIMIT;
    enum err err = fill_image(course, course->next_image);
    if (!err)
        err = add_buffer(course, course->next_image, &course->next);
    if (!err && course->newest)
        err = copy_pieces(&course->next->pieces, &course->newest->pieces);
    if (!err)
        err = write_pieces(course, course->next);
    if (!err)
        course->next->lacks_all = false;
    return err;
}

/* ------------------------------------------------------- changes */

/* What the changes make of one arc, if that is not what it is. */
static enum err refresh_arc(struct course *course, uint32_t arc)
{
    const struct piece_map none = {0}, *old = course->newest ? &course->newest->pieces : &none;
    struct fresh_arc fresh = {.arc = arc};
    enum err err = pieces_make(&course->tools->maker, course->profile, arc, &fresh.pieces);
    if (err)
        return err;
    fresh.ms = fresh.pieces ? fresh.pieces->ms : open_ms(course, arc);
    const uint32_t was_ms = course->newest ? course->newest->arrays.weights[arc] : fresh.ms;
    if (fresh.ms == was_ms && pieces_equal(fresh.pieces, piece_map_get(old, arc))) {
        free(fresh.pieces);
        return OK;
    }
    if (fresh.pieces)
        fresh.pieces->refs = 1;
    if (VEC_PUSH(&course->fresh, struct fresh_arc, fresh) == OK)
        return OK;
    pieces_unref(fresh.pieces);
    return ERR_LIMIT;
}

/* A buffer without readers that is not the newest, as the newest is. */
static enum err take_buffer(struct course *course, struct metric_buffer **ret_buffer)
{
    struct metric_buffer *buffer = NULL;
    enum err err = OK;
    for (size_t i = 0; i < course->buffer_count && !buffer; i++) {
        struct metric_buffer *at = course->buffers[i];
        if (at != course->newest && !at->is_old && atomic_load(&at->users) == 0)
            buffer = at;
    }
    if (!buffer) {
        err = add_buffer(course, course->image, &buffer);
        if (!err && course->is_image_newest) {
            err = copy_pieces(&buffer->pieces, &course->newest->pieces);
            buffer->lacks_all = err != OK;
        }
    }
    if (err)
        return err;
    *ret_buffer = buffer;
    return make_up(course, buffer);
}

static enum err write_next(struct course *course)
{
    struct metric_buffer *buffer = NULL;
    enum err err = take_buffer(course, &buffer);
    if (err)
        return err;
    course->next = buffer;
    err = write_pieces(course, buffer);
    if (!err)
        err = write_fresh(course, buffer);
    if (!err)
        err = cch_update(course->tools->queue, course->input, course->hops.p, course->hops.count,
                         buffer->arrays.cch);
    for (size_t i = 0; i < course->buffer_count && !err; i++) {
        if (course->buffers[i] != buffer)
            note_lack(course, course->buffers[i]);
    }
    return err;
}

static size_t fresh_hops(const struct course *course)
{
    size_t count = 0;
    for (size_t i = 0; i < course->fresh.count; i++) {
        const uint32_t *first =
            course->road->arc_first_hop + VEC(&course->fresh, struct fresh_arc)[i].arc;
        count += first[1] - first[0];
    }
    return count;
}

/* Frees what nobody reads: buffers of old images, and more than one to write to. */
static void tidy(struct course *course)
{
    size_t kept = 0, spare = 0;
    for (size_t i = 0; i < course->buffer_count; i++) {
        struct metric_buffer *buffer = course->buffers[i];
        bool is_idle = buffer != course->newest && atomic_load(&buffer->users) == 0;
        spare += is_idle && !buffer->is_old;
        if (is_idle && (buffer->is_old || spare > 1))
            buffer_free(course, buffer);
        else
            course->buffers[kept++] = buffer;
    }
    course->buffer_count = kept;
}

enum err course_prepare(struct course *course, const uint32_t *edges, size_t count)
{
    enum err err = OK;
    tidy(course);
    course->next = course->newest;
    for (size_t i = 0; i < count && !err; i++) {
        const uint32_t edge = edges ? edges[i] : (uint32_t)i;
        err = refresh_arc(course, 2 * edge);
        if (!err)
            err = refresh_arc(course, 2 * edge + 1);
    }
    if (!err && (!course->newest || cch_queue_is_full(course->tools->queue, fresh_hops(course))))
        err = write_next_image(course);
    else if (!err && course->fresh.count)
        err = write_next(course);
    for (size_t i = 0; i < course->fresh.count; i++)
        pieces_unref(VEC(&course->fresh, struct fresh_arc)[i].pieces);
    course->fresh.count = 0;
    if (err)
        course_drop(course);
    return err;
}

void course_accept(struct course *course)
{
    if (course->next == course->newest)
        return;
    course->newest = course->next;
    course->is_image_newest = course->next_image >= 0;
    if (course->next_image < 0)
        return;
    if (course->image >= 0)
        (void)close(course->image);
    course->image = course->next_image;
    course->next_image = -1;
    for (size_t i = 0; i < course->buffer_count; i++)
        course->buffers[i]->is_old = course->buffers[i] != course->newest;
}

void course_drop(struct course *course)
{
    if (course->next_image >= 0) {
        (void)close(course->next_image);
        course->next_image = -1;
        if (course->next != course->newest)
            course->next->is_old = true;
    }
    if (course->next != course->newest)
        course->next->lacks_all = true;
    for (size_t i = 0; i < course->hops.count && course->newest; i++) {
        uint32_t hop = VEC(&course->hops, uint32_t)[i];
        course->input[hop] = course->newest->arrays.forward[hop].ms;
    }
    course->hops.count = 0;
    course->next = course->newest;
}

/* ------------------------------------------------------- metrics */

enum err course_metric(struct course *course, struct metric_buffer *buffer, uint32_t version,
                       struct road_metric **ret_metric)
{
    struct road_metric *metric = calloc(1, sizeof *metric);
    if (!metric)
        return ERR_LIMIT;
    atomic_init(&metric->refs, 1);
    metric->road = course->road;
    metric->profile = course->profile;
    metric->version = version;
    metric->weights = buffer->arrays.weights;
    metric->forward = buffer->arrays.forward;
    metric->backward = buffer->arrays.backward;
    metric->cch = buffer->arrays.cch;
    metric->pieces = &buffer->pieces;
    metric->buffer = buffer;
    atomic_fetch_add(&buffer->users, 1);
    *ret_metric = metric;
    return OK;
}

void metric_free(struct road_metric *metric)
{
    if (!metric)
        return;
    atomic_fetch_sub(&metric->buffer->users, 1); /* the last that is done with the buffer */
    free(metric);
}
