/* closure.c - samples the drawn shape and joins neighbouring samples on one way to a stretch. */
#include "road/closure.h"

#include <assert.h>

#define EDGE_PARTS 8u /* a polygon is cut to an eighth of an edge */

struct stretch {
    int64_t way;
    uint32_t from, to, samples;
};
struct matching {
    const struct road *road;
    struct stretch *list;
    size_t count, cap;
};

static void add_stretch(struct matching *m, int64_t way, uint32_t from, uint32_t to,
                        uint32_t samples)
{
    for (size_t i = 0; i < m->count; i++) {
        struct stretch *s = &m->list[i];
        if (s->way == way && from <= s->to + ROAD_WAY_ONE / 200 &&
            to + ROAD_WAY_ONE / 200 >= s->from) {
            s->from = from < s->from ? from : s->from;
            s->to = to > s->to ? to : s->to;
            s->samples += samples;
            return;
        }
    }
    if (m->count < m->cap)
        m->list[m->count++] = (struct stretch){way, from, to, samples};
}

/* Samples of one run along one way become one stretch. */
static void match_line(struct matching *m, struct line line)
{
    const double length_m = line_length_m(line);
    const size_t samples = (size_t)(length_m / CLOSURE_STEP_M) + 1;
    int64_t run_way = 0;
    uint32_t run_from = 0, run_to = 0, run_samples = 0;
    for (size_t i = 0; i <= samples && i < CLOSURE_MAX_SAMPLES; i++) {
        struct road_snap snap;
        int64_t way = 0;
        uint32_t fraction = 0;
        const struct place at = line_at(line, length_m * (double)i / (double)samples);
        if (road_snap(m->road, 0, at, CLOSURE_SNAP_M, &snap) == OK)
            road_point_way(m->road, snap.point, &way, &fraction);
        if (way != run_way) {
            if (run_samples > 0)
                add_stretch(m, run_way, run_from, run_to, run_samples);
            run_way = way;
            run_from = run_to = fraction;
            run_samples = 0;
        }
        if (way == 0)
            continue;
        run_from = fraction < run_from ? fraction : run_from;
        run_to = fraction > run_to ? fraction : run_to;
        run_samples++;
    }
    if (run_samples > 0)
        add_stretch(m, run_way, run_from, run_to, run_samples);
}

static void match_edge(struct matching *m, struct polygon polygon, uint32_t edge)
{
    for (uint32_t part = 0; part < EDGE_PARTS; part++) {
        const uint32_t step = ROAD_FRAC_ONE / EDGE_PARTS;
        const struct road_point middle = {edge, part * step + step / 2};
        int64_t way;
        uint32_t a, b;
        if (!polygon_holds(polygon, road_point_place(m->road, middle)))
            continue;
        road_point_way(m->road, (struct road_point){edge, part * step}, &way, &a);
        road_point_way(m->road, (struct road_point){edge, (part + 1) * step}, &way, &b);
        add_stretch(m, way, a < b ? a : b, a < b ? b : a, 2);
    }
}

static void match_polygon(struct matching *m, struct polygon polygon)
{
    const struct box box = polygon_box(polygon);
    const struct road_info info = road_info(m->road);
    for (uint32_t edge = 0; edge < info.edges; edge++) {
        const struct road_edge e = road_edge(m->road, edge);
        struct box own = BOX_EMPTY;
        box_add(&own, road_node_place(m->road, e.tail));
        box_add(&own, road_node_place(m->road, e.head));
        if (box_meets(box, own))
            match_edge(m, polygon, edge);
    }
}

/* A stretch of a single sample is a street that the line only crosses, unless it is all there is.
 */
static size_t keep_run_along(struct matching *m)
{
    size_t kept = 0;
    bool has_long = false;
    for (size_t i = 0; i < m->count; i++)
        has_long = has_long || m->list[i].samples > 2;
    for (size_t i = 0; i < m->count; i++) {
        struct stretch s = m->list[i];
        if (has_long && s.samples <= 2)
            continue;
        if (s.to == s.from) {
            s.from = s.from > 1000 ? s.from - 1000 : 0;
            s.to = s.from + 2000 < ROAD_WAY_ONE ? s.from + 2000 : ROAD_WAY_ONE;
        }
        m->list[kept++] = s;
    }
    return kept;
}

/* NOLINTNEXTLINE(readability-function-size): four inputs, and a list is two results */
enum err closure_match(const struct road *road, const struct geojson *shape,
                       uint32_t speed_permille, uint32_t profiles, struct arena *arena,
                       struct road_change **ret_changes, size_t *ret_count)
{
    struct matching m = {.road = road, .cap = 8192};
    m.list = ARENA_NEW(arena, struct stretch, m.cap);
    if (!m.list)
        return ERR_LIMIT;
    if (shape->type != GEOJSON_LINE && shape->type != GEOJSON_MULTI_LINE &&
        shape->type != GEOJSON_POLYGON && shape->type != GEOJSON_MULTI_POLYGON)
        return ERR_UNSUPPORTED;
    for (size_t i = 0; i < shape->line_count; i++)
        match_line(&m, shape->lines[i]);
    for (size_t i = 0; i < shape->polygon_count; i++)
        match_polygon(&m, shape->polygons[i]);
    const size_t count = keep_run_along(&m);
    if (count == 0)
        return ERR_NOT_FOUND;
    if (m.count == m.cap)
        return ERR_LIMIT;
    struct road_change *changes = ARENA_NEW(arena, struct road_change, count);
    if (!changes)
        return ERR_LIMIT;
    for (size_t i = 0; i < count; i++)
        changes[i] = (struct road_change){m.list[i].way, m.list[i].from, m.list[i].to,
                                          ROAD_BOTH,     speed_permille, profiles};
    *ret_changes = changes;
    *ret_count = count;
    return OK;
}

struct closure_bind closure_bind_of(const struct road *road, uint32_t factor, struct str profiles)
{
    const uint32_t response = road_profile(road, "response");
    uint32_t bits = 0;
    while (profiles.len > 0) {
        char name[32];
        const struct str word = str_cut(&profiles, ' ');
        if (str_copy(word, name, sizeof name) && road_profile(road, name) != ROAD_NONE)
            bits |= 1u << road_profile(road, name);
    }
    for (uint32_t i = 0; bits == 0 && i < road_info(road).profiles; i++)
        bits |= i == response ? 0 : 1u << i;
    return (struct closure_bind){factor > 1 ? 1000 / factor : 0, bits};
}

bool closure_is_in_force(struct closure_time time, int64_t at_us)
{
    return time.lifted_us == 0 && time.from_us <= at_us &&
           (time.until_us == 0 || time.until_us > at_us);
}

/* NOLINTNEXTLINE(readability-function-size): what, where, how */
enum err closure_put(struct road_traffic *traffic, const struct road *road, const char *layer,
                     struct str path, struct closure_bind bind, struct arena *arena)
{
    struct json root;
    struct geojson shape;
    struct road_change *changes;
    size_t count;
    enum err err = json_read(path, &root, NULL);
    if (err)
        return err;
    err = geojson_geometry(root, arena, &shape, NULL);
    if (!err)
        err = closure_match(road, &shape, bind.speed_permille, bind.profiles, arena, &changes,
                            &count);
    if (!err)
        err = road_traffic_put(traffic, layer, changes, count, NULL);
    json_free(root);
    return err;
}
