/* import.c - `anwang import roads FILE... --dir DIR`: streets of a data folder from OSM extracts.
 */
#include "job/import_roads.h"
#include "main/commands.h"
#include "main/options.h"
#include "main/settings.h"
#include "net/loop.h"

#include <unistd.h>

static bool show(void *user, const char *step, uint64_t done, uint64_t total)
{
    (void)user;
    if (isatty(STDERR_FILENO))
        (void)fprintf(stderr, "\r  %-24s %3u %%", step,
                      total ? (unsigned)(100 * done / total) : 100u);
    return true;
}

static uint64_t now_us(void *user)
{
    (void)user;
    return (uint64_t)net_mono_us();
}

static unsigned thread_count(void)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    return processors > 1 ? (unsigned)processors : 1;
}

static int print_report(const struct import_roads_result *result, const char *road_path)
{
    struct road *road = NULL;
    struct fault fault = {0};
    struct out text;
    if (road_open(road_path, &road, &fault) != OK)
        return 1;
    out_init(&text, 1 << 20);
    import_roads_report(result, road, &text);
    (void)fwrite(text.p, 1, text.len, stdout);
    out_done(&text);
    road_close(road);
    return 0;
}

static int import_streets(const char **inputs, size_t input_count, const char *dir,
                          const char *data)
{
    char road[SETTINGS_PATH_CAP], names[SETTINGS_PATH_CAP];
    char profiles[SETTINGS_PATH_CAP], pinyin[SETTINGS_PATH_CAP];
    struct import_roads_result result;
    struct fault fault = {0};
    if (settings_path(dir, "city.road", road) != OK ||
        settings_path(dir, "city.names", names) != OK ||
        settings_path(data, "road/profiles.csv", profiles) != OK ||
        settings_path(data, "pinyin/pinyin.txt", pinyin) != OK)
        return 2;
    const struct import_roads job = {.inputs = inputs,
                                     .input_count = input_count,
                                     .profiles = profiles,
                                     .pinyin = pinyin,
                                     .out_road = road,
                                     .out_names = names,
                                     .threads = thread_count(),
                                     .progress = show,
                                     .clock_us = now_us};
    enum err err = import_roads(&job, &result, &fault);
    if (isatty(STDERR_FILENO))
        (void)fprintf(stderr, "\n");
    if (err) {
        (void)fprintf(stderr, "anwang import: %s: %s at byte %zu; what was there stays\n",
                      fault.field ? fault.field : "roads", fault.text ? fault.text : err_text(err),
                      fault.offset);
        return 1;
    }
    return print_report(&result, road);
}

int import_main(int argc, char **argv)
{
    if (argc > 1 && str_eq_c(str_of(argv[1]), "divisions"))
        return import_divisions_main(argc - 1, argv + 1);
    if (argc > 1 && str_eq_c(str_of(argv[1]), "cells"))
        return import_cells_main(argc - 1, argv + 1);
    if (argc > 1 && import_media_is(argv[1]))
        return import_media_main(argc - 1, argv + 1);
    const char *rest[OPTIONS_MAX_VALUES], *dir = NULL, *data = "data";
    size_t rest_count = 0;
    const struct option_def defs[] = {{"--dir", true, &dir, 1, NULL},
                                      {"--data", true, &data, 1, NULL}};
    if (!options_read(argc, argv, defs, 2, rest, &rest_count))
        return 2;
    if (!dir || rest_count < 2 || !str_eq_c(str_of(rest[0]), "roads")) {
        (void)fprintf(stderr, "usage: anwang import roads FILE... --dir DIR [--data FOLDER]\n"
                              "       anwang import cells FILE --dir DIR [--datum gcj02]\n"
                              "       anwang import crafts|air|water FILE --dir DIR\n");
        return 2;
    }
    return import_streets(rest + 1, rest_count - 1, dir, data);
}
