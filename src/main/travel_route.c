/* travel_route.c - `anwang route` and `anwang closure`. */
#include "base/file.h"
#include "geo/geojson.h"
#include "main/commands.h"
#include "main/travel.h"
#include "plan/way.h"
#include "road/closure.h"

#define SHAPE_MAX_PLACES 65536u

static const char route_help[] =
    "anwang route --road FILE --from LAT,LON --to LAT,LON [--profile response] [--out "
    "FILE]\n" TRAVEL_LAYERS_HELP
    "The fastest way as a GeoJSON feature: seconds, metres, streets, and whether it starts or "
    "ends\n"
    "inside a closure. Exit status 3: there is no way.\n";

#define NO_WAY 3

static int find_route(struct travel *t, const char *from_source, const char *to_source)
{
    struct travel_points from, to;
    struct road_route route;
    int status = travel_read_points(t, from_source, &from);
    if (!status)
        status = travel_read_points(t, to_source, &to);
    if (status)
        return status;
    if (from.off_road || to.off_road)
        return NO_WAY;
    const enum err err =
        road_route(t->metric, t->scratch, from.at[0].point, to.at[0].point, &route);
    if (err) {
        (void)travel_failed(t, "there is no way", err, NULL);
        return err == ERR_NOT_FOUND ? NO_WAY : 1;
    }
    if (way_geojson(&route, &t->answer) != OK)
        return travel_failed(t, "the way", ERR_LIMIT, NULL);
    out_byte(&t->answer, '\n');
    return 0;
}

int route_main(int argc, char **argv)
{
    return travel_between(argc, argv, route_help, find_route);
}

/* ------------------------------------------------------- closure */

static const char closure_help[] =
    "anwang closure --road FILE (--way ID | --street NAME | --shape FILE) [--slow N]\n"
    "  [--profiles \"car foot\"] [--from TIME] [--until TIME] [--out FILE]\n"
    "The streets that a closure would take, as GeoJSON lines that --closures of the other "
    "commands\n"
    "reads. --shape: a GeoJSON line or polygon. --slow: so many times slower instead of shut.\n"
    "Exit status 3: no street is meant.\n";

struct closure_wish {
    const char *way, *street, *shape, *slow, *profiles, *from, *until, *help;
};

static void write_text(struct json_out *j, const char *key, const char *value)
{
    if (value)
        json_kc(j, key, value);
}

struct drawing {
    const struct road *road;
    const struct closure_wish *wish;
    struct json_out *j;
    uint32_t factor;
    struct place *places; /* SHAPE_MAX_PLACES of them */
};

static void write_stretch(const struct drawing *d, const struct road_span *span)
{
    struct json_out *j = d->j;
    const struct road_edge edge = road_edge(d->road, span->edge);
    uint32_t count =
        road_span_shape(d->road, span->edge, span->from, span->to, d->places, SHAPE_MAX_PLACES);
    if (count > SHAPE_MAX_PLACES)
        count = SHAPE_MAX_PLACES;
    json_obj(j);
    json_kc(j, "type", "Feature");
    json_key(j, "geometry");
    geojson_write_line(j, (struct line){d->places, count});
    json_key(j, "properties");
    json_obj(j);
    json_ki64(j, "way", road_way(d->road, edge.way).id);
    json_kstr(j, "name", edge.name);
    json_ku64(j, "metres",
              (uint64_t)edge.length_mm * (span->to - span->from) / ROAD_FRAC_ONE / 1000);
    if (d->factor)
        json_ku64(j, "factor", d->factor);
    write_text(j, "profiles", d->wish->profiles);
    write_text(j, "from", d->wish->from);
    write_text(j, "until", d->wish->until);
    json_obj_end(j);
    json_obj_end(j);
}

/* The part of an edge that a change of its way takes; from == to: none. */
static struct road_span part_of(const struct road *road, uint32_t edge,
                                const struct road_change *change)
{
    int64_t way;
    uint32_t low, high;
    road_point_way(road, (struct road_point){edge, 0}, &way, &low);
    road_point_way(road, (struct road_point){edge, ROAD_FRAC_ONE}, &way, &high);
    const uint32_t from = change->from > low ? change->from : low;
    const uint32_t to = change->to < high ? change->to : high;
    if (from >= to)
        return (struct road_span){.edge = edge};
    return (struct road_span){
        .edge = edge,
        .from = (uint32_t)((uint64_t)(from - low) * ROAD_FRAC_ONE / (high - low)),
        .to = (uint32_t)((uint64_t)(to - low) * ROAD_FRAC_ONE / (high - low))};
}

static size_t write_change(const struct drawing *d, const struct road_change *change)
{
    size_t written = 0;
    for (uint32_t i = 0; i < road_way_count(d->road); i++) {
        const struct road_way way = road_way(d->road, i);
        for (uint32_t k = 0; way.id == change->way_id && k < way.edge_count; k++) {
            const struct road_span span = part_of(d->road, way.edges[k], change);
            if (span.from < span.to)
                write_stretch(d, &span);
            written += span.from < span.to;
        }
    }
    return written;
}

static enum err match_shape(struct travel *t, const char *path, struct road_change **ret_changes,
                            size_t *ret_count, struct fault *fault)
{
    struct json root = {0};
    struct geojson_feature *features = NULL;
    size_t count = 0;
    enum err err = file_read(path, &t->text);
    if (!err)
        err = json_read(out_view(&t->text), &root, fault);
    if (!err)
        err = geojson_features(root, &t->arena, &features, &count, fault);
    if (!err)
        err = count == 1 ? closure_match(t->road, &features[0].geometry, 0, 1, &t->arena,
                                         ret_changes, ret_count)
                         : fault_set(fault, ERR_RANGE, 0, "one geometry is expected");
    json_free(root);
    return err;
}

/* Whole ways, by their number or by the name of the street. */
static enum err match_ways(struct travel *t, const struct closure_wish *wish,
                           struct road_change **ret_changes, size_t *ret_count)
{
    const uint32_t ways = road_way_count(t->road);
    struct road_change *changes = ARENA_NEW(&t->arena, struct road_change, ways + 1);
    uint64_t id = 0;
    size_t count = 0;
    if (!changes)
        return ERR_LIMIT;
    if (wish->way && str_u64(str_of(wish->way), &id) != OK)
        return ERR_SYNTAX;
    for (uint32_t i = 0; i < ways; i++) {
        const struct road_way way = road_way(t->road, i);
        const bool is_meant =
            wish->way ? way.id == (int64_t)id
                      : str_eq_c(way.name, wish->street) || str_eq_c(way.name_alt, wish->street);
        if (is_meant && (count == 0 || changes[count - 1].way_id != way.id))
            changes[count++] = (struct road_change){.way_id = way.id, .to = ROAD_WAY_ONE};
    }
    *ret_changes = changes;
    *ret_count = count;
    return count ? OK : ERR_NOT_FOUND;
}

static int write_closure(struct travel *t, const struct closure_wish *wish)
{
    struct road_change *changes = NULL;
    struct fault fault = {0};
    size_t count = 0, written = 0;
    uint32_t factor = 0;
    if ((wish->slow &&
         (str_u32(str_of(wish->slow), &factor) != OK || factor < 2 || factor > 100)) ||
        (wish->profiles && travel_profiles(t->road, str_of(wish->profiles)) == 0))
        return travel_failed(t, "--slow 2 to 100, --profiles of the table", ERR_RANGE, NULL);
    const enum err err = wish->shape ? match_shape(t, wish->shape, &changes, &count, &fault)
                                     : match_ways(t, wish, &changes, &count);
    if (err) {
        (void)travel_failed(t, "no street", err, &fault);
        return err == ERR_NOT_FOUND && !fault.text && (!wish->shape || t->text.len) ? 3 : 1;
    }
    struct json_out j = json_out_of(&t->answer);
    const struct drawing drawing = {t->road, wish, &j, factor,
                                    ARENA_NEW(&t->arena, struct place, SHAPE_MAX_PLACES)};
    if (!drawing.places)
        return travel_failed(t, "the shapes", ERR_LIMIT, NULL);
    json_obj(&j);
    json_kc(&j, "type", "FeatureCollection");
    json_key(&j, "features");
    json_arr(&j);
    for (size_t i = 0; i < count; i++)
        written += write_change(&drawing, &changes[i]);
    json_arr_end(&j);
    json_obj_end(&j);
    out_byte(&t->answer, '\n');
    travel_say(t, "%zu stretches of %zu ways", written, count);
    return 0;
}

int closure_main(int argc, char **argv)
{
    struct travel t;
    struct closure_wish wish = {0};
    struct option_def shared[TRAVEL_OPTIONS];
    travel_options(&t, shared);
    const struct option_def defs[] = {
        shared[0],
        shared[4],
        {"--way", true, &wish.way, 1, NULL},
        {"--street", true, &wish.street, 1, NULL},
        {"--shape", true, &wish.shape, 1, NULL},
        {"--slow", true, &wish.slow, 1, NULL},
        {"--profiles", true, &wish.profiles, 1, NULL},
        {"--from", true, &wish.from, 1, NULL},
        {"--until", true, &wish.until, 1, NULL},
        {"--help", false, &wish.help, 1, NULL},
    };
    if (!options_read(argc, argv, defs, sizeof defs / sizeof defs[0], NULL, NULL) || wish.help ||
        !wish.way + !wish.street + !wish.shape != 2) {
        (void)fputs(closure_help, wish.help ? stdout : stderr);
        return wish.help ? 0 : 2;
    }
    const int status = travel_open(&t, "closure");
    return travel_close(&t, status ? status : write_closure(&t, &wish));
}
