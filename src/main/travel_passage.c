/* travel_passage.c - `anwang passage`: the way of a drone or a boat, without streets and without a
 * server. */
#include "base/file.h"
#include "main/commands.h"
#include "main/travel.h"
#include "plan/media.h"
#include "plan/way.h"

#define NO_WAY 3

static const char passage_help[] =
    "anwang passage --craft NAME --from LAT,LON --to LAT,LON [--zones FILE] [--crafts FILE]\n"
    "  [--out FILE]\n"
    "The shortest way of a drone round no-go zones, or of a boat on the water, as a GeoJSON "
    "feature.\n"
    "--zones: GeoJSON polygons, no-go zones for what flies, water for what swims. --crafts: the "
    "table\n"
    "of craft (data/road/crafts.csv). Exit status 3: there is no way, or it is beyond the craft's "
    "endurance.\n";

struct passage_wish {
    const char *craft, *crafts, *zones, *from, *to, *help;
};

static bool read_place(const char *text, struct place *ret_place)
{
    struct str rest = str_of(text);
    int64_t lat, lon;
    if (str_fixed(str_trim(str_cut(&rest, ',')), 7, &lat) || str_fixed(str_trim(rest), 7, &lon) ||
        lat < -900000000 || lat > 900000000 || lon < -1800000000 || lon > 1800000000)
        return false;
    *ret_place = (struct place){(int32_t)lat, (int32_t)lon};
    return true;
}

static int read_craft(struct travel *t, const struct passage_wish *wish, struct craft_row *ret_row)
{
    struct craft_row rows[CRAFT_MAX_ROWS];
    struct fault fault = {0};
    size_t count = 0;
    out_reset(&t->text);
    enum err err = file_read(wish->crafts, &t->text);
    if (!err)
        err = crafts_parse(out_view(&t->text), rows, &count, &fault);
    if (err)
        return travel_failed(t, wish->crafts, err, &fault);
    for (size_t i = 0; i < count; i++) {
        if (str_eq_c(str_of(rows[i].name), wish->craft)) {
            *ret_row = rows[i];
            return 0;
        }
    }
    return travel_failed(t, wish->craft, ERR_NOT_FOUND, NULL);
}

static int read_zones(struct travel *t, const char *path, struct media_shapes *ret_shapes)
{
    struct fault fault = {0};
    out_reset(&t->text);
    enum err err = file_read(path, &t->text);
    if (!err)
        err = media_shapes(out_view(&t->text), &t->arena, ret_shapes, &fault);
    return err ? travel_failed(t, path, err, &fault) : 0;
}

static int find_passage(struct travel *t, const struct passage_wish *wish)
{
    struct voyage voyage;
    struct craft_row row;
    struct media_shapes shapes = {0};
    struct medium *medium = NULL;
    struct passage passage;
    struct fault fault = {0};
    if (!read_place(wish->from, &voyage.from) || !read_place(wish->to, &voyage.to))
        return travel_failed(t, "--from and --to are LAT,LON in degrees", ERR_SYNTAX, NULL);
    int status = read_craft(t, wish, &row);
    if (!status && wish->zones)
        status = read_zones(t, wish->zones, &shapes);
    if (status)
        return status;
    voyage.craft = row.craft;
    enum err err = medium_new(row.kind, shapes.polygons, shapes.polygon_count, &medium);
    if (!err)
        err = medium_path(medium, &voyage, &t->arena, &passage, &fault);
    medium_free(medium);
    if (err) {
        (void)travel_failed(t, "there is no way", err, &fault);
        return err == ERR_NOT_FOUND || err == ERR_RANGE ? NO_WAY : 1;
    }
    if (way_passage_geojson(&row, &passage, passage.ms, &t->answer) != OK)
        return travel_failed(t, "the way", ERR_LIMIT, NULL);
    out_byte(&t->answer, '\n');
    return passage.is_beyond_endurance ? NO_WAY : 0;
}

int passage_main(int argc, char **argv)
{
    struct travel t = {0};
    struct passage_wish wish = {.crafts = "data/road/crafts.csv"};
    const struct option_def defs[] = {
        {"--craft", true, &wish.craft, 1, NULL}, {"--crafts", true, &wish.crafts, 1, NULL},
        {"--zones", true, &wish.zones, 1, NULL}, {"--from", true, &wish.from, 1, NULL},
        {"--to", true, &wish.to, 1, NULL},       {"--out", true, &t.out_path, 1, NULL},
        {"--help", false, &wish.help, 1, NULL}};
    if (!options_read(argc, argv, defs, sizeof defs / sizeof *defs, NULL, NULL) || wish.help ||
        !wish.craft || !wish.from || !wish.to) {
        (void)fputs(passage_help, wish.help ? stdout : stderr);
        return wish.help ? 0 : 2;
    }
    travel_begin(&t, "passage");
    return travel_close(&t, find_passage(&t, &wish));
}
