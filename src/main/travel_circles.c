/* travel_circles.c - `anwang circles` and `anwang table`: from many places at once. */
#include "base/json_out.h"
#include "main/commands.h"
#include "main/travel.h"
#include "plan/circles.h"

#include <stdlib.h>

static const char circles_help[] =
    "anwang circles --road FILE --from FILE|LAT,LON [--minutes 1,3,5 | --seconds 60,90]\n"
    "  [--shape lines|areas|each] [--min-hole M2] [--profile response] [--out "
    "FILE]\n" TRAVEL_LAYERS_HELP
    "What the places reach in time, as GeoJSON: streets, one area of all, or an area for each.\n"
    "--from: CSV with columns name,lat,lon[,delay_s], or GeoJSON points.\n"
    "--closures: GeoJSON lines or polygons with factor, profiles, from, until (all may be "
    "absent).\n";

struct circles_wish {
    const char *from, *minutes, *seconds, *shape, *min_hole, *help;
};

static int draw_areas(struct travel *t, const struct circles *circles,
                      const struct circles_wish *wish)
{
    struct road_mesh *mesh = NULL;
    double hole_m2 = 0;
    struct circles_areas areas = {.is_each = str_eq_c(str_of(wish->shape), "each")};
    if (wish->min_hole && str_double(str_of(wish->min_hole), &hole_m2) != OK)
        return travel_failed(t, "--min-hole: square metres", ERR_SYNTAX, NULL);
    areas.min_hole_m2 = hole_m2;
    enum err err = road_mesh_new(t->road, t->profile, &mesh);
    if (!err)
        err = road_outliner_new(mesh, &areas.outliner);
    if (!err)
        err = circles_areas_geojson(t->metric, t->scratch, circles, &areas, 0, &t->answer);
    road_outliner_free(areas.outliner);
    road_mesh_free(mesh);
    return err ? travel_failed(t, "areas", err, NULL) : 0;
}

static int draw(struct travel *t, const struct circles_wish *wish)
{
    uint32_t limits_ms[ROAD_MAX_LIMITS];
    struct road_limits limits = {.ms = limits_ms};
    struct travel_points points;
    struct circles circles;
    if (!travel_read_limits(t, wish->minutes, wish->seconds, limits_ms, &limits.count))
        return 2;
    int status = travel_read_points(t, wish->from, &points);
    if (status)
        return status;
    struct circles_post *posts = ARENA_NEW(&t->arena, struct circles_post, points.count);
    for (size_t i = 0; posts && i < points.count; i++)
        posts[i] = (struct circles_post){.name = points.at[i].name,
                                         .place = points.at[i].place,
                                         .start_delay_ms = points.at[i].delay_ms};
    enum err err =
        posts ? circles_reach(t->metric, t->scratch, (struct circles_posts){posts, points.count},
                              limits, &t->arena, &circles)
              : ERR_LIMIT;
    if (err)
        return travel_failed(t, wish->from, err, NULL);
    travel_say(t, "%zu places, %zu stretches of street", points.count, circles.reach.span_count);
    if (wish->shape && !str_eq_c(str_of(wish->shape), "lines"))
        return draw_areas(t, &circles, wish);
    err = circles_geojson(&circles, 0, &t->answer);
    return err ? travel_failed(t, "lines", err, NULL) : 0;
}

static bool is_shape(const char *shape)
{
    return !shape || str_eq_c(str_of(shape), "lines") || str_eq_c(str_of(shape), "areas") ||
           str_eq_c(str_of(shape), "each");
}

int circles_main(int argc, char **argv)
{
    struct travel t;
    struct circles_wish wish = {0};
    struct option_def defs[TRAVEL_OPTIONS + 6];
    travel_options(&t, defs);
    defs[TRAVEL_OPTIONS] = (struct option_def){"--from", true, &wish.from, 1, NULL};
    defs[TRAVEL_OPTIONS + 1] = (struct option_def){"--minutes", true, &wish.minutes, 1, NULL};
    defs[TRAVEL_OPTIONS + 2] = (struct option_def){"--seconds", true, &wish.seconds, 1, NULL};
    defs[TRAVEL_OPTIONS + 3] = (struct option_def){"--shape", true, &wish.shape, 1, NULL};
    defs[TRAVEL_OPTIONS + 4] = (struct option_def){"--min-hole", true, &wish.min_hole, 1, NULL};
    defs[TRAVEL_OPTIONS + 5] = (struct option_def){"--help", false, &wish.help, 1, NULL};
    if (!options_read(argc, argv, defs, TRAVEL_OPTIONS + 6, NULL, NULL) || wish.help ||
        !wish.from || !is_shape(wish.shape)) {
        (void)fputs(circles_help, wish.help ? stdout : stderr);
        return wish.help ? 0 : 2;
    }
    const int status = travel_open(&t, "circles");
    return travel_close(&t, status ? status : draw(&t, &wish));
}

/* ------------------------------------------------------- table */

static const char table_help[] =
    "anwang table --road FILE --from FILE|LAT,LON --to FILE|LAT,LON [--profile response]\n"
    "  [--out FILE]\n" TRAVEL_LAYERS_HELP
    "Travel times from each place to each, as CSV: from,to,seconds; empty where there is no way.\n";

#define TABLE_MAX_CELLS 50000000u

/* A field of RFC 4180. */
static void write_field(struct out *out, struct str text)
{
    bool is_plain = true;
    for (size_t i = 0; i < text.len; i++)
        is_plain = is_plain && !strchr("\",\r\n", text.p[i]);
    if (is_plain) {
        out_str(out, text);
        return;
    }
    out_byte(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.p[i] == '"')
            out_byte(out, '"');
        out_byte(out, (uint8_t)text.p[i]);
    }
    out_byte(out, '"');
}

static void write_cells(struct travel *t, const struct travel_points *from,
                        const struct travel_points *to, const uint32_t *ms)
{
    out_c(&t->answer, "from,to,seconds\n");
    for (size_t i = 0; i < from->count; i++) {
        for (size_t k = 0; k < to->count; k++) {
            const uint32_t cell = ms[i * to->count + k];
            write_field(&t->answer, from->at[i].name);
            out_byte(&t->answer, ',');
            write_field(&t->answer, to->at[k].name);
            out_byte(&t->answer, ',');
            if (from->at[i].is_on_road && to->at[k].is_on_road && cell < ROAD_INF)
                out_fixed(&t->answer, cell, 3);
            out_byte(&t->answer, '\n');
        }
    }
}

static int tabulate(struct travel *t, const char *from_source, const char *to_source)
{
    struct travel_points from, to;
    int status = travel_read_points(t, from_source, &from);
    if (!status)
        status = travel_read_points(t, to_source, &to);
    if (status)
        return status;
    if (from.count > TABLE_MAX_CELLS / to.count)
        return travel_failed(t, "the table", ERR_LIMIT, NULL);
    struct road_source *sources = ARENA_NEW(&t->arena, struct road_source, from.count);
    struct road_point *targets = ARENA_NEW(&t->arena, struct road_point, to.count);
    uint32_t *ms = malloc(from.count * to.count * sizeof *ms);
    enum err err = sources && targets && ms ? OK : ERR_LIMIT;
    for (size_t i = 0; i < from.count && !err; i++)
        sources[i] = (struct road_source){from.at[i].point, from.at[i].delay_ms};
    for (size_t i = 0; i < to.count && !err; i++)
        targets[i] = to.at[i].point;
    travel_say(t, "%zu x %zu", from.count, to.count);
    if (!err)
        err = road_table(t->metric, t->scratch, (struct road_sources){sources, from.count},
                         (struct road_points){targets, to.count}, ms);
    if (!err)
        write_cells(t, &from, &to, ms);
    free(ms);
    return err ? travel_failed(t, "the table", err, NULL) : 0;
}

int table_main(int argc, char **argv)
{
    return travel_between(argc, argv, table_help, tabulate);
}
