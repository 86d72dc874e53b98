#include "job/street_maker.h"
#include "base/rand.h"
#include "job/pbf_write.h"
#include <math.h>
#include <stdio.h>

#define CELL_M 110.0
#define M_PER_E7 0.0111195079734 /* of latitude, mean sphere */
#define RIVERS 3u
#define NODES_PER_JUNCTION 1.15 /* some lie within a street, some alone */
#define MAX_WAY_NODES 12u

struct river { /* line = base + swing * sin(along * bend + phase), in cells */
    double base, swing, bend, phase;
    bool is_upright; /* a line of columns, along the rows */
};
struct city {
    const struct street_maker *job;
    struct rand rand;
    struct pbf_writer writer;
    uint32_t side;
    struct river rivers[RIVERS];
    int64_t next_way;
    struct street_maker_result result;
};

static int64_t node_id(const struct city *city, uint32_t x, uint32_t y)
{
    return 1 + (int64_t)y * city->side + x;
}

static enum err write_nodes(struct city *city)
{
    double lat_cell = CELL_M / M_PER_E7;
    double lon_cell = lat_cell / cos(place_lat_deg(city->job->centre) * M_PI / 180);
    double half = city->side / 2.0;
    for (uint32_t y = 0; y < city->side; y++) {
        for (uint32_t x = 0; x < city->side; x++) {
            double dx = (rand_unit(&city->rand) - 0.5) * 0.6;
            double dy = (rand_unit(&city->rand) - 0.5) * 0.6;
            double lat = city->job->centre.lat_e7 + (y - half + dy) * lat_cell;
            double lon = city->job->centre.lon_e7 + (x - half + dx) * lon_cell;
            if (fabs(lat) > 800000000 || fabs(lon) > 1790000000)
                return ERR_RANGE;
            struct place place = {(int32_t)lat, (int32_t)lon};
            pbf_writer_node(&city->writer, node_id(city, x, y), place);
            city->result.nodes++;
        }
    }
    return OK;
}

/* ------------------------------------------------------- rivers */

static void place_rivers(struct city *city)
{
    for (size_t i = 0; i < RIVERS; i++) {
        double side = city->side;
        city->rivers[i] = (struct river){.base = side * (0.2 + 0.6 * rand_unit(&city->rand)),
                                         .swing = side * (0.02 + 0.06 * rand_unit(&city->rand)),
                                         .bend = (2 + 4 * rand_unit(&city->rand)) * M_PI / side,
                                         .phase = 2 * M_PI * rand_unit(&city->rand),
                                         .is_upright = i % 2 == 0};
    }
}

static bool is_beyond(const struct river *river, uint32_t x, uint32_t y)
{
    double along = river->is_upright ? y : x, across = river->is_upright ? x : y;
    return across > river->base + river->swing * sin(along * river->bend + river->phase);
}

static bool crosses_river(const struct city *city, uint32_t x, uint32_t y, uint32_t to_x,
                          uint32_t to_y)
{
    for (size_t i = 0; i < RIVERS; i++) {
        if (is_beyond(&city->rivers[i], x, y) != is_beyond(&city->rivers[i], to_x, to_y))
            return true;
    }
    return false;
}

/* ------------------------------------------------------- streets */

static const char *class_of_line(uint32_t line)
{
    return line % 20 == 0   ? "primary"
           : line % 10 == 0 ? "secondary"
           : line % 5 == 0  ? "tertiary"
                            : "residential";
}

static void write_way(struct city *city, const int64_t *refs, size_t count, const char *highway,
                      const char *name, bool is_oneway)
{
    struct pbf_pair tags[3] = {{STR("highway"), str_of(highway)}, {STR("name"), str_of(name)}};
    size_t tag_count = 2;
    if (count < 2)
        return;
    if (is_oneway)
        tags[tag_count++] = (struct pbf_pair){STR("oneway"), STR("yes")};
    pbf_writer_way(&city->writer, city->next_way++, refs, count, tags, tag_count);
    city->result.ways++;
}

/* Whether the stretch from a node to the next of its line is there. */
static bool has_stretch(struct city *city, uint32_t line, uint32_t at, bool is_row)
{
    uint32_t x = is_row ? at : line, y = is_row ? line : at;
    uint32_t to_x = is_row ? at + 1 : line, to_y = is_row ? line : at + 1;
    bool is_missing = line % 5 != 0 && rand_below(&city->rand, 3) == 0;
    if (!crosses_river(city, x, y, to_x, to_y))
        return !is_missing;
    bool is_bridge = line % 20 == 0 || (line % 10 == 0 && rand_below(&city->rand, 3) == 0);
    city->result.bridges += is_bridge;
    return is_bridge;
}

/* A row or a column, in ways of a few crossings each. */
static void write_line(struct city *city, uint32_t line, bool is_row)
{
    int64_t refs[MAX_WAY_NODES];
    char name[32];
    size_t count = 0, most = 0;
    bool is_oneway = line % 5 != 0 && rand_below(&city->rand, 4) == 0;
    bool is_turned = rand_below(&city->rand, 2) == 0;
    (void)snprintf(name, sizeof name, is_row ? "Street %u" : "Avenue %u", line + 1);
    for (uint32_t i = 0; i < city->side; i++) {
        uint32_t at = is_turned ? city->side - 1 - i : i, lower = is_turned ? at - 1 : at;
        most = count == 0 ? 3 + rand_below(&city->rand, MAX_WAY_NODES - 3) : most;
        refs[count++] = is_row ? node_id(city, at, line) : node_id(city, line, at);
        bool goes_on = i + 1 < city->side && has_stretch(city, line, lower, is_row);
        if (goes_on && count < most)
            continue;
        write_way(city, refs, count, class_of_line(line), name, is_oneway);
        refs[0] = refs[count - 1];
        count = goes_on ? 1 : 0;
    }
}

/* Straight stretches between nodes on a circle: over whatever lies between them. */
static void write_ring(struct city *city, uint32_t number, double radius)
{
    uint32_t corners = (uint32_t)fmax(8, radius * 2 * M_PI / 6);
    double half = city->side / 2.0;
    char name[32];
    int64_t refs[2] = {0}, first = 0;
    (void)snprintf(name, sizeof name, "Ring %u", number);
    for (uint32_t i = 0; i < corners; i++) {
        double angle = 2 * M_PI * i / corners;
        uint32_t x = (uint32_t)(half + radius * cos(angle));
        uint32_t y = (uint32_t)(half + radius * sin(angle));
        refs[1] = node_id(city, x, y);
        if (i == 0)
            first = refs[1];
        else if (refs[0] != refs[1])
            write_way(city, refs, 2, "trunk", name, false);
        refs[0] = refs[1];
    }
    refs[1] = first;
    write_way(city, refs, 2, "trunk", name, false);
}

enum err street_maker_write(const struct street_maker *job, struct out *out,
                            struct street_maker_result *ret_result)
{
    struct city city = {.job = job, .next_way = 1};
    if (job->junctions < STREET_MAKER_MIN || job->junctions > STREET_MAKER_MAX ||
        !place_is_valid(job->centre))
        return ERR_RANGE;
    city.side = (uint32_t)ceil(sqrt(job->junctions * NODES_PER_JUNCTION));
    rand_seed(&city.rand, job->seed);
    pbf_writer_init(&city.writer, out);
    place_rivers(&city);
    enum err err = write_nodes(&city);
    for (uint32_t line = 0; line < city.side && !err; line++) {
        write_line(&city, line, true);
        write_line(&city, line, false);
    }
    for (uint32_t i = 1; i <= 4 && !err; i++)
        write_ring(&city, i, city.side * 0.11 * i);
    enum err written = pbf_writer_done(&city.writer);
    err = err ? err : written;
    if (!err)
        *ret_result = city.result;
    return err;
}
