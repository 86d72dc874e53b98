#include "main/city_files.h"
#include "base/file.h"
#include "gazetteer/gazetteer.h"
#include "net/loop.h"
#include "road/road.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define NAMES_MAX_BYTES (256u << 20)
#define PINYIN_MAX_BYTES (16u << 20)
#define MAX_SHAPE 8192u
#define LOG_MAX_BYTES (1u << 16)

const char *city_data_dir(const char *given, char buf[SETTINGS_PATH_CAP])
{
    if (given != NULL) {
        return given;
    }
    const char *env = getenv("ANWANG_DATA");
    if (env != NULL && env[0] != '\0') {
        return env;
    }
    char self[SETTINGS_PATH_CAP];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    for (int up = 0; n > 0 && up < 4; up++) { /* build/src/main/anwang: data/ is three folders up */
        self[n] = '\0';
        char *slash = strrchr(self, '/');
        if (slash == NULL) {
            break;
        }
        *slash = '\0';
        n = slash - self;
        if (settings_path(self, "data", buf) == OK && access(buf, R_OK) == 0) {
            return buf;
        }
    }
    return "data";
}

void city_step_done(const char *name, int64_t began_mono_us)
{
    (void)printf("  %-28s %6.1f s\n", name, (double)(net_mono_us() - began_mono_us) / 1e6);
    (void)fflush(stdout);
}

static enum err complain(const char *what, enum err err, const struct fault *fault)
{
    (void)fprintf(stderr, "anwang: %s: %s", what, err_text(err));
    if (fault != NULL && fault->field != NULL) {
        (void)fprintf(stderr, ": %s", fault->field);
    }
    if (fault != NULL && fault->line != 0) {
        (void)fprintf(stderr, ":%u", fault->line);
    } else if (fault != NULL && fault->offset != 0) {
        (void)fprintf(stderr, ": at byte %zu", fault->offset);
    }
    (void)fprintf(stderr, "%s%s\n", fault != NULL && fault->text != NULL ? ": " : "",
                  fault != NULL && fault->text != NULL ? fault->text : "");
    return err;
}

/* ------------------------------------------------------------------ roads and names */

enum err city_make_roads(const char *const *inputs, size_t input_count, const char *profiles,
                         const char *road_path)
{
    const struct road_import job = {
        .inputs = inputs, .input_count = input_count, .profiles = profiles, .output = road_path};
    struct road_report report;
    struct fault fault = {0};
    int64_t began = net_mono_us();
    enum err err = road_import(&job, &report, &fault);
    if (err != OK) {
        return complain("streets", err, &fault);
    }
    char name[64];
    (void)snprintf(name, sizeof name, "%u street pieces", report.edges);
    city_step_done(name, began);
    return OK;
}

/* Every stretch between two crossings, with the house numbers of its way shared out by length. */
static enum err names_add(struct gazetteer_builder *builder, const struct road *road,
                          struct place *shape)
{
    enum err err = OK;
    for (uint32_t w = 0; w < road_way_count(road) && err == OK; w++) {
        struct road_way way = road_way(road, w);
        uint64_t whole_mm = 0, passed_mm = 0;
        for (uint32_t i = 0; i < way.edge_count; i++) {
            whole_mm += road_edge(road, way.edges[i]).length_mm;
        }
        for (uint32_t i = 0; i < way.edge_count && err == OK; i++) {
            struct road_edge edge = road_edge(road, way.edges[i]);
            uint32_t n = road_edge_shape(road, way.edges[i], shape, MAX_SHAPE);
            struct gazetteer_stretch stretch = {.name = way.name,
                                                .name_alt = way.name_alt,
                                                .places = shape,
                                                .place_count = n > MAX_SHAPE ? MAX_SHAPE : n,
                                                .tail = edge.tail,
                                                .head = edge.head};
            uint64_t end_mm = passed_mm + edge.length_mm;
#define SHARE(from, to, mm)                                                                        \
    ((uint32_t)((int64_t)(from) + ((int64_t)(to) - (int64_t)(from)) * (int64_t)(mm) /              \
                                      (int64_t)(whole_mm > 0 ? whole_mm : 1)))
            if (way.left_from != 0 || way.left_to != 0) {
                stretch.left_from = SHARE(way.left_from, way.left_to, passed_mm);
                stretch.left_to = SHARE(way.left_from, way.left_to, end_mm);
            }
            if (way.right_from != 0 || way.right_to != 0) {
                stretch.right_from = SHARE(way.right_from, way.right_to, passed_mm);
                stretch.right_to = SHARE(way.right_from, way.right_to, end_mm);
            }
#undef SHARE
            passed_mm = end_mm;
            err = gazetteer_builder_add(builder, &stretch);
        }
    }
    return err;
}

enum err city_make_names(const char *road_path, const char *pinyin_path, const char *names_path)
{
    struct fault fault = {0};
    struct road *road = NULL;
    struct gazetteer_builder *builder = NULL;
    struct out pinyin, names;
    out_init(&pinyin, PINYIN_MAX_BYTES);
    out_init(&names, NAMES_MAX_BYTES);
    struct place *shape = calloc(MAX_SHAPE, sizeof *shape);
    int64_t began = net_mono_us();
    enum err err = shape == NULL ? ERR_LIMIT : road_open(road_path, &road, &fault);
    if (err == OK) {
        err = file_read(pinyin_path, &pinyin);
        err = err == ERR_NOT_FOUND ? OK : err; /* Chinese names are then found by characters only */
    }
    if (err == OK) {
        err = gazetteer_builder_new(out_view(&pinyin), &builder, &fault);
    }
    if (err == OK) {
        err = names_add(builder, road, shape);
    }
    if (err == OK) {
        err = gazetteer_builder_finish(builder, &names);
    }
    if (err == OK) {
        err = file_replace(names_path, out_view(&names), 0644);
    }
    gazetteer_builder_free(builder);
    road_close(road);
    free(shape);
    out_done(&pinyin);
    out_done(&names);
    if (err != OK) {
        return complain("street names", err, &fault);
    }
    city_step_done("street names", began);
    return OK;
}

/* ------------------------------------------------------------------ base map */

/* Runs a program found in PATH with its output in a file; its exit status, -1 if it did not end
 * well. */
static int run_quietly(const char *const *argv, const char *log_path)
{
    pid_t pid = fork();
    if (pid < 0) {
        return -1;
    }
    if (pid == 0) {
        int fd = open(log_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0 || dup2(fd, STDERR_FILENO) < 0) {
            _exit(126);
        }
        /* execvp takes char *const[] and changes nothing */
        (void)execvp(argv[0], (char *const *)(uintptr_t)argv);
        _exit(errno == ENOENT ? 127 : 126);
    }
    int status = 0;
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR) {
            return -1;
        }
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void print_log(const char *log_path)
{
    struct out log;
    out_init(&log, LOG_MAX_BYTES);
    if (file_read(log_path, &log) == OK) {
        (void)fwrite(log.p, 1, log.len, stderr);
    }
    out_done(&log);
}

enum err city_make_tiles(const char *pbf_path, const char *style_dir, const double box[4],
                         const char *mbtiles_path)
{
    char config[SETTINGS_PATH_CAP], process[SETTINGS_PATH_CAP], bbox[128];
    char part[SETTINGS_PATH_CAP], log_path[SETTINGS_PATH_CAP];
    enum err err = settings_path(style_dir, "config.json", config);
    err = err == OK ? settings_path(style_dir, "process.lua", process) : err;
    int n = snprintf(part, sizeof part, "%s.part.mbtiles", mbtiles_path);
    int m = snprintf(log_path, sizeof log_path, "%s.log", mbtiles_path);
    if (err != OK || n < 0 || m < 0 || (size_t)n >= sizeof part || (size_t)m >= sizeof log_path) {
        return complain("base map", ERR_LIMIT, NULL);
    }
    (void)snprintf(bbox, sizeof bbox, "%.7f,%.7f,%.7f,%.7f", box[0], box[1], box[2], box[3]);
    const char *const argv[] = {"tilemaker", "--input",   pbf_path, "--output", part, "--bbox", bbox,
                                "--config",  config,      "--process", process, NULL};
    int64_t began = net_mono_us();
    (void)unlink(part);
    int status = run_quietly(argv, log_path);
    if (status == 127) {
        (void)unlink(log_path);
        return complain("base map: tilemaker is not installed", ERR_NOT_FOUND, NULL);
    }
    if (status != 0 || rename(part, mbtiles_path) != 0) {
        print_log(log_path);
        return complain("base map: tilemaker failed", ERR_IO, NULL);
    }
    (void)unlink(log_path);
    city_step_done("base map", began);
    return OK;
}
