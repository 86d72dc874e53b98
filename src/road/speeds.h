/* speeds.h - tables of speeds as data: by hour of the week, and as calibrated against recorded
 * travel. Layer: road. Threads: pure but for the realm's zone. Formats: docs/formats/speeds.md.
 *
 * A table names profiles and classes of street by their names; those that it leaves out keep the
 * speed of the profile. Either becomes a layer of the roads by road_traffic_put_speeds. */
#ifndef ROAD_SPEEDS_H
#define ROAD_SPEEDS_H
#include "road/road.h"

#define ROAD_WEEK_HOURS 168u
#define ROAD_SPEEDS_MAX_BYTES (1u << 20)
#define ROAD_MAX_FIXED_S 600u
#define ROAD_LAYER_HOUR "hour"
#define ROAD_LAYER_CALIBRATION "calibration"

/* Hours of the week count from Monday 00:00 local time: 0 to ROAD_WEEK_HOURS - 1. */
uint32_t road_week_hour(uint32_t weekday, uint32_t hour); /* weekday 0 = Sunday */
uint32_t road_hour_at(int64_t utc_us);                    /* in the realm's zone, see base/utc.h */
#define ROAD_HOUR_CAP 7
void road_hour_text(uint32_t week_hour, char buf[ROAD_HOUR_CAP]); /* "fri-17" */
/* ERR_SYNTAX: not of that form. */
enum err road_hour_read(struct str text, uint32_t *ret_week_hour);

struct road_hours {
    struct road_speeds at[ROAD_WEEK_HOURS];
};
/* Reads a table by hour of the week. ERR_SYNTAX, ERR_RANGE (a factor outside the bounds of layers
 * of speeds), ERR_NOT_FOUND (no such profile of the road, class or day), ERR_EXISTS (stated twice),
 * each with the line. */
enum err road_hours_read(const struct road *road, struct str text, struct road_hours *ret_hours,
                         struct fault *ret_fault);

#define ROAD_CALIBRATION_NAME_CAP 48
struct road_calibration {
    char name[ROAD_CALIBRATION_NAME_CAP], version[ROAD_CALIBRATION_NAME_CAP]; /* printable ASCII */
    struct road_speeds speeds;
    /* What recorded travel takes beside driving: until the wheels roll and until somebody says that
     * he has arrived. No part of the layer. */
    uint32_t fixed_s[ROAD_MAX_PROFILES];
};
/* As above; ERR_SYNTAX also: without name or version. */
enum err road_calibration_read(const struct road *road, struct str text,
                               struct road_calibration *ret_calibration, struct fault *ret_fault);
/* What road_calibration_read reads; factors of 1000 are left out. `note` becomes a comment, line by
 * line. ERR_LIMIT: out is full. */
enum err road_calibration_write(const struct road *road, const struct road_calibration *calibration,
                                struct str note, struct out *out);
#endif
