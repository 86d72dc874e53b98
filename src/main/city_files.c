#include "main/city_files.h"
#include "base/file.h"
#include "job/import_roads.h"
#include "net/loop.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

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

enum err city_make_roads(const char *pbf_path, const char *data, const char *road_path,
                         const char *names_path)
{
    char profiles[SETTINGS_PATH_CAP], pinyin[SETTINGS_PATH_CAP], name[64];
    enum err err = settings_path(data, "road/profiles.csv", profiles);
    err = err == OK ? settings_path(data, "pinyin/pinyin.txt", pinyin) : err;
    const struct import_roads job = {.inputs = &pbf_path,
                                     .input_count = 1,
                                     .profiles = profiles,
                                     .pinyin = pinyin,
                                     .out_road = road_path,
                                     .out_names = names_path};
    struct import_roads_result result;
    struct fault fault = {0};
    int64_t began = net_mono_us();
    err = err == OK ? import_roads(&job, &result, &fault) : err;
    if (err != OK) {
        return complain("streets", err, &fault);
    }
    (void)snprintf(name, sizeof name, "%u pieces of %u streets", result.report.edges,
                   result.streets);
    city_step_done(name, began);
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
    const char *const argv[] = {"tilemaker", "--input",  pbf_path, "--output",  part,    "--bbox",
                                bbox,        "--config", config,   "--process", process, NULL};
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
