/* import_roads.h - from OpenStreetMap extracts to `city.road` and `city.names`.
 * Layer: job. Threads: one owner; blocking. */
#ifndef JOB_IMPORT_ROADS_H
#define JOB_IMPORT_ROADS_H
#include "road/road.h"

struct import_roads {
    const char *const *inputs; /* OSM PBF files */
    size_t input_count;
    const char *profiles; /* data/road/profiles.csv */
    const char *pinyin;   /* data/pinyin/pinyin.txt; NULL: Chinese names by characters only */
    const char *out_road, *out_names;
    unsigned threads;                 /* for unpacking and ordering; 0 is 1 */
    road_progress_fn *progress;       /* may be NULL */
    uint64_t (*clock_us)(void *user); /* NULL: the report has no times */
    void *user;
};
struct import_roads_result {
    struct road_report report;
    uint32_t streets; /* names in city.names */
};
/* Each output is replaced whole or stays as it was; the names are made from the new roads. Errors
 * as road_import, also for pinyin and out_names; ret_fault->field is the file's path. */
enum err import_roads(const struct import_roads *job, struct import_roads_result *ret_result,
                      struct fault *ret_fault);
/* What was kept and dropped and why, one fact a line. */
void import_roads_report(const struct import_roads_result *result, const struct road *road,
                         struct out *out);
/* Bytes of `city.names` from the streets of a road. ERR_SYNTAX (pinyin), ERR_LIMIT. */
enum err import_names(const struct road *road, struct str pinyin, struct out *out,
                      struct fault *ret_fault);
#endif
