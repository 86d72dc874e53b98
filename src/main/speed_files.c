#include "main/speed_files.h"
#include "base/file.h"
#include "main/settings.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static enum err said(const char *path, enum err err, const struct fault *fault)
{
    if (err)
        (void)fprintf(stderr, "anwang: %s:%u: %s\n", path, (unsigned)fault->line,
                      fault->text ? fault->text : err_text(err));
    return err;
}

static enum err read_hours(const struct road *road, const char *path, struct speed_files *files)
{
    struct out text;
    struct fault fault = {0};
    out_init(&text, ROAD_SPEEDS_MAX_BYTES);
    files->hours = malloc(sizeof *files->hours);
    enum err err = files->hours ? file_read(path, &text) : ERR_LIMIT;
    if (!err)
        err = road_hours_read(road, out_view(&text), files->hours, &fault);
    out_done(&text);
    return said(path, err, &fault);
}

static enum err read_calibration(const struct road *road, const char *path,
                                 struct speed_files *files)
{
    struct out text;
    struct fault fault = {0};
    out_init(&text, ROAD_SPEEDS_MAX_BYTES);
    files->calibration = malloc(sizeof *files->calibration);
    enum err err = files->calibration ? file_read(path, &text) : ERR_LIMIT;
    if (!err)
        err = road_calibration_read(road, out_view(&text), files->calibration, &fault);
    out_done(&text);
    return said(path, err, &fault);
}

enum err speed_files_read(const struct road *road, const char *hours_path,
                          const char *calibration_path, struct speed_files *ret_files)
{
    struct speed_files files = {0};
    enum err err = hours_path ? read_hours(road, hours_path, &files) : OK;
    if (!err && calibration_path)
        err = read_calibration(road, calibration_path, &files);
    if (err)
        speed_files_done(&files);
    *ret_files = files;
    return err;
}

enum err speed_files_open(const char *dir, const struct road *road, struct speed_files *ret_files)
{
    char hours[SETTINGS_PATH_CAP], calibration[SETTINGS_PATH_CAP];
    *ret_files = (struct speed_files){0};
    enum err err = settings_path(dir, "hours.csv", hours);
    if (!err)
        err = settings_path(dir, "calibration.csv", calibration);
    return err ? err
               : speed_files_read(road, access(hours, F_OK) == 0 ? hours : NULL,
                                  access(calibration, F_OK) == 0 ? calibration : NULL, ret_files);
}

void speed_files_done(struct speed_files *files)
{
    free(files->hours);
    free(files->calibration);
    *files = (struct speed_files){0};
}
