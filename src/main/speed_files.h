/* speed_files.h - the tables of speeds that are installed in a data folder. Layer: main.
 *
 *   DIR/hours.csv        by hour of the week: without it every hour is alike
 *   DIR/calibration.csv  what an administrator has installed of `anwang calibrate`
 *
 * They are read when a process starts; what is wrong in them stops it, with file and line. */
#ifndef MAIN_SPEED_FILES_H
#define MAIN_SPEED_FILES_H
#include "road/speeds.h"

struct speed_files {
    struct road_hours *hours;             /* NULL: none is installed */
    struct road_calibration *calibration; /* NULL: none is installed */
};
/* Files of any place; NULL: none. ERR_NOT_FOUND, ERR_SYNTAX, ERR_RANGE, ERR_EXISTS, ERR_IO,
 * ERR_LIMIT: said on standard error with file and line, *ret_files empty. */
enum err speed_files_read(const struct road *road, const char *hours_path,
                          const char *calibration_path, struct speed_files *ret_files);
/* Those of a data folder, as far as they are there. */
enum err speed_files_open(const char *dir, const struct road *road, struct speed_files *ret_files);
void speed_files_done(struct speed_files *files);
#endif
