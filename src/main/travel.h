/* travel.h - what the commands circles, route, table and closure share: a road without a server,
 * points and closures out of files, the answer to a file or to standard output. Layer: main. */
#ifndef MAIN_TRAVEL_H
#define MAIN_TRAVEL_H
#include "base/arena.h"
#include "main/options.h"
#include "road/road.h"

#define TRAVEL_MAX_POINTS 200000u
#define TRAVEL_SNAP_M 1000.0

struct travel_point {
    struct str name;
    struct place place;
    uint32_t delay_ms;
    struct road_point point;
    bool is_on_road;
};
struct travel_points {
    struct travel_point *at;
    size_t count, off_road;
};

struct travel {
    const char *command;
    const char *road_path, *profile_name, *closures_path, *at, *out_path; /* options */
    const char *hours_path, *hour, *calibration_path;
    struct road *road;
    struct road_traffic *traffic;
    struct road_scratch *scratch;
    const struct road_metric *metric;
    uint32_t profile;
    struct arena arena;
    struct out text, answer; /* the file at hand; what is written at the end */
};

/* --road, --profile, --closures, --at, --out, --hours, --hour, --calibration of every command, into
 * defs[0..7]. */
#define TRAVEL_OPTIONS 8
#define TRAVEL_LAYERS_HELP                                                                         \
    "  [--hours FILE --hour fri-17] [--calibration FILE] [--closures FILE [--at TIME]]\n"
void travel_options(struct travel *travel, struct option_def defs[TRAVEL_OPTIONS]);
/* Memory for a command that needs no road; travel_open begins by itself. */
void travel_begin(struct travel *travel, const char *command);
/* Opens the road and puts the layers asked for on it. What is wrong is said; returns the exit
 * status. */
int travel_open(struct travel *travel, const char *command);
/* A command between --from and --to: reads its options, opens the road, runs, closes. Returns the
 * exit status; --help and what is missing print the help. */
typedef int travel_between_fn(struct travel *travel, const char *from, const char *to);
int travel_between(int argc, char **argv, const char *help, travel_between_fn *run);
/* Writes the answer if status is 0, frees all; returns the status then. */
int travel_close(struct travel *travel, int status);
/* Points of a CSV with columns name, lat, lon and perhaps delay_s, or of GeoJSON features; or one
 * point as "lat,lon". Snapped to streets of the profile; those that are far from any are counted.
 * Returns the exit status. */
int travel_read_points(struct travel *travel, const char *source, struct travel_points *ret_points);
/* "1,3,5" minutes or "60,90" seconds as limits. False: said what is wrong. */
bool travel_read_limits(struct travel *travel, const char *minutes, const char *seconds,
                        uint32_t ret_ms[ROAD_MAX_LIMITS], size_t *ret_count);
/* "anwang circles: text: err ..." on standard error; returns 1. */
int travel_failed(const struct travel *travel, const char *what, enum err err,
                  const struct fault *fault);
/* A line of progress, on a terminal only. */
void travel_say(const struct travel *travel, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Bits of the profiles in "car foot", all where it is empty; 0: one of them is unknown. */
uint32_t travel_profiles(const struct road *road, struct str names);
#endif
