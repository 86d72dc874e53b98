/* city_files.h - the files of a city that are made from its streets: city.road, city.names,
 * city.mbtiles. Layer: main. Blocking; each prints one line when it took over a second
 * or failed. */
#ifndef MAIN_CITY_FILES_H
#define MAIN_CITY_FILES_H
#include "main/settings.h"

/* The folder with the files of data/: `given`, else $ANWANG_DATA, else beside the program's source
 * (build folder's parent), else "data". */
const char *city_data_dir(const char *given, char buf[SETTINGS_PATH_CAP]);
/* Prints "  name ... 1.2 s" for what began at began_mono_us. */
void city_step_done(const char *name, int64_t began_mono_us);

/* Errors are printed with the file and place that is wrong. */
enum err city_make_roads(const char *pbf_path, const char *data, const char *road_path,
                         const char *names_path);
/* Runs tilemaker; box is west, south, east, north in degrees. ERR_NOT_FOUND: it is not installed.
 */
enum err city_make_tiles(const char *pbf_path, const char *style_dir, const double box[4],
                         const char *mbtiles_path);
#endif
