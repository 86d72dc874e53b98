/* city.h - a demo city made by a stated rule from its streets and, where there is one, its dispatch
 * log: four levels of areas, offices, posts, units, accounts. The rule is docs/demo-city.md; its
 * numbers are data/demo/cities.json. Everything made is marked as fictional.
 * Layer: job. Threads: one owner; lies in one arena. Deterministic: equal inputs, equal city. */
#ifndef JOB_CITY_H
#define JOB_CITY_H
#include "base/json.h"
#include "geo/polygon.h"
#include "job/dispatch_log.h"
#include "job/points.h"
#include "road/road.h"

#define CITY_MAX_AREAS 4096u
#define CITY_MAX_POSTS 1024u
#define CITY_MAX_UNITS 4096u
#define CITY_CODE_CAP 20

struct city_input {
    struct json spec;       /* the city's object in cities.json */
    struct json unit_kinds; /* unit-kinds.json */
    const struct road *road;
    const struct dispatch_log *log; /* NULL: none */
};

enum city_level { CITY_CITY = 1, CITY_COUNTY, CITY_TOWNSHIP, CITY_VILLAGE };
struct city_area {
    char code[CITY_CODE_CAP];                 /* 4, 6, 9, 12 digits by level */
    struct str name, station, officer, phone; /* may be empty */
    enum city_level level;
    uint32_t parent; /* index; of the city its own */
    struct place middle;
    double street_m;
    const struct polygon *polygons;
    size_t polygon_count;
};
struct city_body {
    struct str code, name, kind, parent; /* parent: code, may be empty */
};
struct city_post {
    struct str code, name, body;
    const char *kind; /* street_post, station, fire_station, ambulance_station */
    struct place place;
    uint32_t township; /* index of its area */
};
struct city_unit {
    struct str callsign, body;
    struct str made_as; /* key in unit_kinds */
    uint32_t post;      /* index */
};

struct street_points;
struct city {
    const struct city_input *input;
    struct arena *arena;
    struct flat flat;
    bool is_zh;
    const struct street_points *streets; /* with the village of each */
    const struct points *near;           /* index over them */
    struct city_area *areas; /* city, counties, townships, villages; each level by code */
    uint32_t area_count;
    struct city_body *bodies; /* parents first */
    uint32_t body_count;
    struct city_post *posts;
    uint32_t post_count;
    struct city_unit *units;
    uint32_t unit_count;
};

/* ERR_SYNTAX (spec, with ret_fault->field), ERR_RANGE (no streets), ERR_LIMIT. */
enum err city_make(const struct city_input *input, struct arena *arena, struct city *ret_city,
                   struct fault *ret_fault);
/* All of it as command lines (command_lines.h), accounts included; no types and plans. */
enum err city_write(const struct city *city, struct out *out);
/* Appends duty rosters, one an office, day and shift, for the made accounts. They name what
 * city_write's lines make. first_day_us: any moment of the first local day. */
enum err city_rosters_write(const struct city *city, int64_t first_day_us, uint32_t days,
                            struct out *out);
/* Appends hazards of places beside some posts; their kinds are installed before. */
enum err city_hazards_write(const struct city *city, struct out *out);
/* Index of the first area of a level, and how many there are. */
uint32_t city_level_first(const struct city *city, enum city_level level, uint32_t *ret_count);
#endif
