/* demo_lines.h - the command lines of a demo city. Layer: main. */
#ifndef MAIN_DEMO_LINES_H
#define MAIN_DEMO_LINES_H
#include "job/city.h"
#include "main/settings.h"

/* What a demo city is made from, read from the data folder; free with demo_city_done. */
struct demo_city {
    char data[SETTINGS_PATH_CAP];
    struct json cities, unit_kinds; /* roots */
    struct json spec;               /* of the city */
    struct out log_text;
    struct dispatch_log log;
    bool has_log;
    struct road *road;
    struct city_input input;
    struct arena arena;
};
/* Prints what is wrong. The road is opened from road_path. Sets the realm's zone. */
enum err demo_city_open(const char *city, const char *data, struct demo_city *ret_city);
enum err demo_city_open_road(struct demo_city *demo, const char *road_path);
void demo_city_done(struct demo_city *demo);
/* Path of a file that the spec names, below the data folder. */
enum err demo_city_path(const struct demo_city *demo, const char *member,
                        char buf[SETTINGS_PATH_CAP]);
/* Types, plans, the city itself and the rosters of a week from now, as command lines. */
enum err demo_city_lines(struct demo_city *demo, int64_t now_us, struct out *out);
/* Made-up police calls of the city (call_maker.h), `name` as in cities.json. */
enum err demo_city_calls(struct demo_city *demo, const char *name, int64_t first_day_us,
                         uint32_t days, uint64_t seed, struct out *out);
#endif
