#include "plan/circles.h"
#include "base/json_out.h"
#include "base/map.h"
#include "geo/geojson.h"
#include "geo/mvt.h"

enum err circles_reach(const struct road_metric *metric, struct road_scratch *scratch,
                       struct circles_posts posts, struct road_limits limits, struct arena *arena,
                       struct circles *ret_circles)
{
    const struct road *road = road_metric_road(metric);
    struct circles circles = {.road = road, .posts = posts, .limits = limits};
    if (posts.count > CIRCLES_MAX_POSTS)
        return ERR_RANGE;
    struct road_source *sources = ARENA_NEW(arena, struct road_source, posts.count + 1);
    if (!sources)
        return ERR_LIMIT;
    for (size_t i = 0; i < posts.count; i++) {
        struct road_snap snap;
        /* A post off the road keeps its number and never starts. */
        sources[i] = (struct road_source){.delay_ms = ROAD_INF};
        if (road_snap(road, road_metric_profile(metric), posts.at[i].place, CIRCLES_SNAP_M,
                      &snap) == OK)
            sources[i] = (struct road_source){snap.point, posts.at[i].start_delay_ms};
        else
            circles.off_road++;
    }
    enum err err =
        road_reach(metric, scratch,
                   &(struct road_reach_query){.sources = {sources, posts.count}, .limits = limits},
                   &circles.reach);
    circles.sources = sources;
    if (!err)
        *ret_circles = circles;
    return err;
}

/* ------------------------------------------------------- lines */

/* Stretches of one post within one limit, chained so that each begins where the one before ends. */
struct chains {
    const struct circles *circles;
    const struct road_span **spans; /* sorted by source, limit */
    struct map starts;              /* first place of a stretch -> its index in spans + 1 */
    uint32_t *next_start;           /* others that start there, + 1 */
    bool *is_used;
    struct place *places; /* of the chain being made */
    size_t place_count, place_cap;
};

static int compare_spans(const void *a, const void *b)
{
    const struct road_span *l = *(const struct road_span *const *)a;
    const struct road_span *r = *(const struct road_span *const *)b;
    if (l->source != r->source)
        return l->source < r->source ? -1 : 1;
    if (l->limit != r->limit)
        return l->limit < r->limit ? -1 : 1;
    return l->from_ms != r->from_ms ? (l->from_ms < r->from_ms ? -1 : 1)
           : l->edge < r->edge      ? -1
                                    : 1;
}

static bool is_same_group(const struct road_span *a, const struct road_span *b)
{
    return a->source == b->source && a->limit == b->limit;
}

static uint64_t place_key(struct place place)
{
    return (uint64_t)(uint32_t)place.lat_e7 << 32 | (uint32_t)place.lon_e7;
}

static struct place first_place(const struct circles *circles, const struct road_span *span)
{
    return road_point_place(circles->road, (struct road_point){span->edge, span->from});
}

static void chains_done(struct chains *c)
{
    map_done(&c->starts);
    free(c->spans);
    free(c->next_start);
    free(c->is_used);
    free(c->places);
}

static enum err chains_init(struct chains *c, const struct circles *circles)
{
    size_t count = circles->reach.span_count;
    *c = (struct chains){.circles = circles};
    map_init(&c->starts, UINT32_MAX / 2);
    c->spans = calloc(count + 1, sizeof *c->spans);
    c->next_start = calloc(count + 1, sizeof *c->next_start);
    c->is_used = calloc(count + 1, sizeof *c->is_used);
    if (!c->spans || !c->next_start || !c->is_used)
        return ERR_LIMIT;
    for (size_t i = 0; i < count; i++)
        c->spans[i] = &circles->reach.spans[i];
    qsort(c->spans, count, sizeof *c->spans, compare_spans);
    return OK;
}

/* Notes where the stretches [first, end) of a group start; the earliest of a place comes first. */
static enum err index_group(struct chains *c, size_t first, size_t end)
{
    map_done(&c->starts);
    for (size_t i = end; i-- > first;) {
        uint64_t key = place_key(first_place(c->circles, c->spans[i]));
        uint32_t before = 0;
        (void)map_get(&c->starts, key, &before);
        c->next_start[i] = before;
        enum err err = map_put(&c->starts, key, (uint32_t)i + 1);
        if (err)
            return err;
    }
    return OK;
}

static enum err add_span(struct chains *c, const struct road_span *span)
{
    const struct road *road = c->circles->road;
    uint32_t count = road_span_shape(road, span->edge, span->from, span->to, NULL, 0);
    if (c->place_count + count > c->place_cap) {
        size_t cap = 2 * (c->place_cap + count);
        struct place *places = reallocarray(c->places, cap, sizeof *places);
        if (!places)
            return ERR_LIMIT;
        c->places = places;
        c->place_cap = cap;
    }
    size_t at = c->place_count ? c->place_count - 1 : 0; /* the shared place is written once */
    (void)road_span_shape(road, span->edge, span->from, span->to, c->places + at, count);
    c->place_count = at + count;
    return OK;
}

/* The longest run of stretches that starts with spans[i]. */
static enum err make_chain(struct chains *c, size_t i)
{
    enum err err = OK;
    c->place_count = 0;
    while (i != SIZE_MAX && !err) {
        uint32_t next = 0;
        c->is_used[i] = true;
        err = add_span(c, c->spans[i]);
        i = SIZE_MAX;
        if (err || !map_get(&c->starts, place_key(c->places[c->place_count - 1]), &next))
            break;
        while (next && c->is_used[next - 1])
            next = c->next_start[next - 1];
        if (next)
            i = next - 1;
    }
    return err;
}

static void write_post(struct json_out *j, const char *key, const struct circles *circles,
                       uint32_t realm, uint32_t index)
{
    const struct circles_post *post = &circles->posts.at[index];
    char id[ID_TEXT_CAP];
    if (post->name.len > 0) {
        json_kstr(j, key, post->name);
        return;
    }
    id_text(OBJECT_post, realm, post->post.v, id);
    json_kc(j, key, id);
}

static void write_properties(struct json_out *j, const struct circles *circles, uint32_t realm,
                             const struct road_span *span, uint64_t length_mm)
{
    json_key(j, "properties");
    json_obj(j);
    write_post(j, "post", circles, realm, span->source);
    json_ku64(j, "limit_s", circles->limits.ms[span->limit] / 1000);
    json_ku64(j, "length_m", length_mm / 1000);
    json_obj_end(j);
}

/* As road_reach has it, so that lengths add up. */
static uint64_t span_length_mm(const struct circles *circles, const struct road_span *span)
{
    const uint64_t whole = road_edge(circles->road, span->edge).length_mm;
    const uint64_t from = whole * span->from / ROAD_FRAC_ONE, to = whole * span->to / ROAD_FRAC_ONE;
    return from < to ? to - from : from - to;
}

static enum err write_group(struct chains *c, uint32_t realm, size_t first, size_t end,
                            struct json_out *j)
{
    enum err err = index_group(c, first, end);
    uint64_t length_mm = 0;
    json_obj(j);
    json_kc(j, "type", "Feature");
    json_key(j, "geometry");
    json_obj(j);
    json_kc(j, "type", "MultiLineString");
    json_key(j, "coordinates");
    json_arr(j);
    for (size_t i = first; i < end && !err; i++) {
        length_mm += span_length_mm(c->circles, c->spans[i]);
        if (c->is_used[i])
            continue;
        err = make_chain(c, i);
        json_arr(j);
        for (size_t k = 0; k < c->place_count; k++)
            geojson_write_place(j, c->places[k]);
        json_arr_end(j);
    }
    json_arr_end(j);
    json_obj_end(j);
    write_properties(j, c->circles, realm, c->spans[first], length_mm);
    json_obj_end(j);
    return err;
}

static size_t group_end(const struct chains *c, size_t first)
{
    size_t end = first;
    while (end < c->circles->reach.span_count && is_same_group(c->spans[first], c->spans[end]))
        end++;
    return end;
}

enum err circles_geojson(const struct circles *circles, uint32_t realm, struct out *out)
{
    struct chains c;
    struct json_out j = json_out_of(out);
    enum err err = chains_init(&c, circles);
    json_obj(&j);
    json_kc(&j, "type", "FeatureCollection");
    json_key(&j, "features");
    json_arr(&j);
    for (size_t i = 0, end; i < circles->reach.span_count && !err; i = end) {
        end = group_end(&c, i);
        err = write_group(&c, realm, i, end, &j);
    }
    json_arr_end(&j);
    json_obj_end(&j);
    chains_done(&c);
    return err ? err : out->err;
}

/* ------------------------------------------------------- polygons */

static void write_ring(struct json_out *j, const struct road_ring *ring)
{
    json_arr(j);
    for (uint32_t i = 0; i <= ring->count; i++) {
        const struct road_corner corner = ring->corners[i % ring->count];
        json_arr(j);
        json_fixed(j, corner.lon_e10, 10);
        json_fixed(j, corner.lat_e10, 10);
        json_arr_end(j);
    }
    json_arr_end(j);
}

struct area_writer {
    const struct circles *circles;
    const struct circles_areas *areas;
    struct json_out *j;
    uint32_t realm;
};

static bool ring_around(const struct road_ring *ring, struct road_corner at)
{
    bool is_in = false;
    for (uint32_t i = 0, k = ring->count - 1; i < ring->count; k = i++) {
        const struct road_corner a = ring->corners[i], b = ring->corners[k];
        if ((a.lat_e10 > at.lat_e10) != (b.lat_e10 > at.lat_e10) &&
            (double)at.lon_e10 < (double)a.lon_e10 + (double)(b.lon_e10 - a.lon_e10) *
                                                         (double)(at.lat_e10 - a.lat_e10) /
                                                         (double)(b.lat_e10 - a.lat_e10))
            is_in = !is_in;
    }
    return is_in;
}

/* An island in a hole that is filled goes with it. */
static bool is_filled(const struct area_writer *w, const struct road_outline *outline, uint32_t one)
{
    const struct road_corner at = outline->polygons[one].rings[0].corners[0];
    for (uint32_t i = 0; i < outline->polygon_count && w->areas->min_hole_m2 > 0; i++) {
        const struct road_polygon *polygon = &outline->polygons[i];
        for (uint32_t k = 1; k < polygon->ring_count && i != one; k++) {
            if (polygon->rings[k].area_m2 < w->areas->min_hole_m2 &&
                ring_around(&polygon->rings[k], at))
                return true;
        }
    }
    return false;
}

static void write_outline(const struct area_writer *w, const struct road_outline *outline,
                          uint32_t post, uint32_t limit)
{
    struct json_out *j = w->j;
    double area_m2 = outline->area_m2, hole_m2 = 0;
    uint64_t holes = 0;
    json_obj(j);
    json_kc(j, "type", "Feature");
    json_key(j, "geometry");
    json_obj(j);
    json_kc(j, "type", "MultiPolygon");
    json_key(j, "coordinates");
    json_arr(j);
    for (uint32_t i = 0; i < outline->polygon_count; i++) {
        const struct road_polygon *polygon = &outline->polygons[i];
        if (is_filled(w, outline, i)) {
            area_m2 -= polygon->rings[0].area_m2;
            continue;
        }
        json_arr(j);
        for (uint32_t k = 0; k < polygon->ring_count; k++) {
            const struct road_ring *ring = &polygon->rings[k];
            if (k > 0 && ring->area_m2 < w->areas->min_hole_m2) {
                area_m2 += ring->area_m2;
                continue;
            }
            write_ring(j, ring);
            holes += k > 0;
            hole_m2 += k > 0 ? ring->area_m2 : 0;
        }
        json_arr_end(j);
    }
    json_arr_end(j);
    json_obj_end(j);
    json_key(j, "properties");
    json_obj(j);
    if (post != ROAD_NONE)
        write_post(j, "post", w->circles, w->realm, post);
    json_ku64(j, "limit_s", w->circles->limits.ms[limit] / 1000);
    json_ku64(j, "area_m2", (uint64_t)area_m2);
    json_ku64(j, "holes", holes);
    json_ku64(j, "hole_m2", (uint64_t)hole_m2);
    json_ku64(j, "near", outline->near_count);
    json_obj_end(j);
    json_obj_end(j);
}

static enum err write_limits(const struct area_writer *w, const struct road_reach *reach,
                             uint32_t post)
{
    enum err err = OK;
    for (uint32_t limit = 0; limit < w->circles->limits.count && !err; limit++) {
        const struct road_outline_query query = {reach->spans, reach->span_count, ROAD_NONE, limit};
        struct road_outline outline;
        err = road_outline(w->areas->outliner, &query, &outline);
        if (!err)
            write_outline(w, &outline, post, limit);
        if (!err)
            err = w->j->out->err;
    }
    return err;
}

static enum err write_one(const struct area_writer *w, const struct road_metric *metric,
                          struct road_scratch *scratch, uint32_t post)
{
    struct road_reach alone;
    const enum err err =
        road_reach(metric, scratch,
                   &(struct road_reach_query){.sources = {&w->circles->sources[post], 1},
                                              .limits = w->circles->limits},
                   &alone);
    return err ? err : write_limits(w, &alone, post);
}

/* Every post for itself, until the page is full: *ret_next is the last post in it then, else
 * ROAD_NONE. */
static enum err write_each(const struct area_writer *w, const struct road_metric *metric,
                           struct road_scratch *scratch, uint32_t *ret_next)
{
    struct out *out = w->j->out;
    uint32_t last = ROAD_NONE;
    *ret_next = ROAD_NONE;
    for (uint32_t i = 0; i < w->circles->posts.count; i++) {
        const struct json_out before = *w->j;
        const size_t before_bytes = out->len;
        if (w->circles->sources[i].delay_ms == ROAD_INF)
            continue;
        const enum err err = write_one(w, metric, scratch, i);
        const bool is_full =
            w->areas->page_bytes > 0 && (out->err == ERR_LIMIT || out->len > w->areas->page_bytes);
        if (is_full && last != ROAD_NONE) {
            *w->j = before;
            out->len = before_bytes;
            out->err = OK;
            *ret_next = last;
            return OK;
        }
        if (err || is_full)
            return err ? err : ERR_LIMIT;
        last = i;
    }
    return OK;
}

/* NOLINTNEXTLINE(readability-function-size): a search's three, what to draw, where */
enum err circles_areas_geojson(const struct road_metric *metric, struct road_scratch *scratch,
                               const struct circles *circles, const struct circles_areas *areas,
                               uint32_t realm, struct out *out)
{
    struct json_out j = json_out_of(out);
    const struct area_writer w = {circles, areas, &j, realm};
    uint32_t next = ROAD_NONE;
    json_obj(&j);
    json_kc(&j, "type", "FeatureCollection");
    json_key(&j, "features");
    json_arr(&j);
    const enum err err = areas->is_each ? write_each(&w, metric, scratch, &next)
                                        : write_limits(&w, &circles->reach, ROAD_NONE);
    json_arr_end(&j);
    if (next != ROAD_NONE)
        write_post(&j, "next", circles, realm, next);
    json_obj_end(&j);
    return err ? err : out->err;
}

/* ------------------------------------------------------- tiles */

static enum err draw_group(struct chains *c, size_t first, size_t end, struct box box,
                           struct mvt *mvt)
{
    const struct road_span *span = c->spans[first];
    const struct circles_post *post = &c->circles->posts.at[span->source];
    enum err err = index_group(c, first, end);
    mvt_line(mvt, post->post.v, NULL, 0);
    for (size_t i = first; i < end && !err; i++) {
        if (c->is_used[i])
            continue;
        err = make_chain(c, i);
        struct line line = {c->places, c->place_count};
        if (!err && box_meets(box, line_box(line)))
            mvt_line_add(mvt, line.places, line.count);
    }
    mvt_tag_i64(mvt, "limit_s", c->circles->limits.ms[span->limit] / 1000);
    mvt_tag_i64(mvt, "post", post->post.v);
    mvt_feature_end(mvt);
    return err;
}

enum err circles_mvt(const struct circles *circles, struct tile tile, struct out *out)
{
    struct chains c;
    struct mvt mvt;
    struct box box = tile_box_buffered(tile);
    mvt_init(&mvt, tile, out->max_bytes);
    mvt_layer(&mvt, "circles");
    enum err err = chains_init(&c, circles);
    for (size_t i = 0, end; i < circles->reach.span_count && !err; i = end) {
        end = group_end(&c, i);
        err = draw_group(&c, i, end, box, &mvt);
    }
    mvt_layer_end(&mvt);
    chains_done(&c);
    if (!err)
        err = mvt_err(&mvt);
    if (!err)
        out_str(out, mvt_view(&mvt));
    mvt_done(&mvt);
    return err ? err : out->err;
}
