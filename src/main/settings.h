/* settings.h - what a data folder is configured with, and where things lie in it.
 * Layer: main. Const after start. File: DIR/anwang.conf, `key = value`; unknown keys are refused.
 *
 *   DIR/anwang.conf     ports, names, time zone, limits
 *   DIR/store/          the database and its blobs (core writes; edge reads)
 *   DIR/public/         derived database of the public site (core writes; portal reads)
 *   DIR/secret/         keys, mode 0600, made at first start
 *   DIR/tls/            demo authority and server certificate
 *   DIR/city.road, city.names, city.mbtiles     the city's streets, names and map
 *   DIR/city.cells      where people live (plan/cells.h)
 *   DIR/city.crafts, city.air, city.water       what flies and swims, and where (plan/media.h) */
#ifndef MAIN_SETTINGS_H
#define MAIN_SETTINGS_H
#include "base/config.h"

#define SETTINGS_PATH_CAP 512

struct settings {
    int64_t realm, port, portal_port, login_memory_kib, login_passes, session_hours;
    char city[64], city_name_zh[64], city_name_en[64], zone[64], listen[64], web[256], clock[64],
        attribution[160];
    bool is_public_open, is_cover_by_people;
};
extern const struct config_key settings_keys[];
extern const size_t settings_key_count;

/* Reads DIR/anwang.conf, then `overrides` of the form key=value. Prints file:line and the reason on
 * stderr when it refuses. ERR_NOT_FOUND, ERR_SYNTAX, ERR_RANGE, ERR_IO. */
enum err settings_read(const char *dir, char *const *overrides, size_t override_count,
                       struct settings *ret_settings);
enum err settings_write(const char *dir, const struct settings *settings);
/* DIR/name into buf. ERR_LIMIT when it does not fit. */
enum err settings_path(const char *dir, const char *name, char buf[SETTINGS_PATH_CAP]);
#endif
