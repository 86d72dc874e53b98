/* city_files.h - for tests: imports a city of data/osm into memory-backed files of the build
 * folder. */
#ifndef TESTS_UNIT_CITY_FILES_H
#define TESTS_UNIT_CITY_FILES_H
#include "road/road.h"
#include "test.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CITY_PATH_CAP 512

static inline void data_path(const char *name, char path[CITY_PATH_CAP])
{
    (void)snprintf(path, CITY_PATH_CAP, "%s/%s", getenv("ANWANG_DATA"), name);
}

static inline void temp_path(const char *name, char path[CITY_PATH_CAP])
{
    (void)snprintf(path, CITY_PATH_CAP, "/tmp/anwang-test-%ld-%s", (long)getpid(), name);
}

/* The file is removed at once: the mapping keeps it. */
static inline struct road *import_file(const char *input, struct road_report *ret_report)
{
    char profiles[CITY_PATH_CAP], output[CITY_PATH_CAP];
    const char *inputs[] = {input};
    struct road *road = NULL;
    struct fault fault = {0};
    data_path("road/profiles.csv", profiles);
    temp_path("city.road", output);
    struct road_import job = {
        .inputs = inputs, .input_count = 1, .profiles = profiles, .output = output};
    assert_ok(road_import(&job, ret_report, &fault));
    assert_ok(road_open(output, &road, &fault));
    assert_int_equal(unlink(output), 0);
    return road;
}

/* `extract` as in "osm/san-francisco.osm.pbf". */
static inline struct road *import_city(const char *extract, struct road_report *ret_report)
{
    char input[CITY_PATH_CAP];
    data_path(extract, input);
    return import_file(input, ret_report);
}

/* The same of the tests' own data. */
static inline struct road *import_test_city(const char *extract, struct road_report *ret_report)
{
    char input[CITY_PATH_CAP];
    (void)snprintf(input, sizeof input, "%s/%s", getenv("ANWANG_TEST_DATA"), extract);
    return import_file(input, ret_report);
}
#endif
