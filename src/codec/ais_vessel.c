/* ais_vessel.c - messages to plain units: degrees x 1e7, mm/s, hundredths of a degree, millimetres.
 * What the sender marks as not available is a cleared bit. M.1371-5 annex 8, tables of each type.
 */
#include "codec/ais.h"
#include <string.h>

#define KNOT_MM_S_X10 5144 /* 0.1 knot is 51.44 mm/s: ten of them in one whole number */
#define SPEED_UNKNOWN 1023
#define COURSE_UNKNOWN 3600
#define HEADING_UNKNOWN 511

/* Minutes are divided `scale` times: 10,000 in most messages, 10 in long-range ones. */
static bool place_of(const struct ais_msg *msg, struct place *ret_place)
{
    if (!ais_has(msg, AIS_lon) || !ais_has(msg, AIS_lat))
        return false;
    int64_t scale = msg->type == 27 || msg->type == 17 ? 10 : 10000;
    int64_t lon = msg->numbers[AIS_lon], lat = msg->numbers[AIS_lat];
    if (lon > 180 * 60 * scale || lon < -180 * 60 * scale || lat > 90 * 60 * scale ||
        lat < -90 * 60 * scale)
        return false; /* 181 and 91 degrees are the marks for unknown */
    int64_t half_lon = lon < 0 ? -1 : 1, half_lat = lat < 0 ? -1 : 1;
    *ret_place = (struct place){(int32_t)((2 * lat * 10000000 / (60 * scale) + half_lat) / 2),
                                (int32_t)((2 * lon * 10000000 / (60 * scale) + half_lon) / 2)};
    return true;
}

static void take_motion(const struct ais_msg *msg, struct ais_vessel *v)
{
    uint32_t speed = (uint32_t)msg->numbers[AIS_speed];
    uint32_t course = (uint32_t)msg->numbers[AIS_course];
    uint32_t heading = (uint32_t)msg->numbers[AIS_heading];
    bool is_whole = msg->type == 9 || msg->type == 27; /* knots and degrees, not tenths */
    uint32_t unknown = msg->type == 27 ? 63 : SPEED_UNKNOWN;
    if (ais_has(msg, AIS_speed) && speed != unknown) {
        v->has |= AIS_HAS_SPEED;
        v->speed_mm_s = (speed * (is_whole ? 10 : 1) * KNOT_MM_S_X10 + 50) / 100;
    }
    uint32_t course_cdeg = course * (msg->type == 27 ? 100 : 10);
    if (ais_has(msg, AIS_course) && course_cdeg < COURSE_UNKNOWN * 10) {
        v->has |= AIS_HAS_COURSE;
        v->course_cdeg = course_cdeg;
    }
    if (ais_has(msg, AIS_heading) && heading != HEADING_UNKNOWN && heading < 360) {
        v->has |= AIS_HAS_HEADING;
        v->heading_cdeg = heading * 100;
    }
}

static void take_number(const struct ais_msg *msg, enum ais_name name, uint32_t unknown,
                        enum ais_vessel_has bit, struct ais_vessel *v, uint32_t *ret_value)
{
    if (!ais_has(msg, name) || (uint32_t)msg->numbers[name] == unknown)
        return;
    v->has |= bit;
    *ret_value = (uint32_t)msg->numbers[name];
}

static void take_text(const struct ais_msg *msg, enum ais_name name, enum ais_vessel_has bit,
                      struct ais_vessel *v, struct str *ret_text)
{
    struct str text = ais_text(msg, name);
    if (text.len == 0)
        return;
    v->has |= bit;
    *ret_text = text;
}

static void take_static(const struct ais_msg *msg, struct ais_vessel *v)
{
    take_text(msg, AIS_shipname, AIS_HAS_NAME, v, &v->name);
    take_text(msg, AIS_name, AIS_HAS_NAME, v, &v->name);
    take_text(msg, AIS_callsign, AIS_HAS_CALLSIGN, v, &v->callsign);
    take_text(msg, AIS_destination, AIS_HAS_DESTINATION, v, &v->destination);
    take_number(msg, AIS_shiptype, 0, AIS_HAS_SHIPTYPE, v, &v->shiptype);
    take_number(msg, AIS_imo, 0, AIS_HAS_IMO, v, &v->imo);
    if (ais_has(msg, AIS_to_starboard)) {
        v->to_bow_m = (uint32_t)msg->numbers[AIS_to_bow];
        v->to_stern_m = (uint32_t)msg->numbers[AIS_to_stern];
        v->to_port_m = (uint32_t)msg->numbers[AIS_to_port];
        v->to_starboard_m = (uint32_t)msg->numbers[AIS_to_starboard];
        if (v->to_bow_m + v->to_stern_m + v->to_port_m + v->to_starboard_m > 0)
            v->has |= AIS_HAS_SIZE;
    }
    take_number(msg, AIS_draught, 0, AIS_HAS_DRAUGHT, v, &v->draught_mm);
    v->draught_mm *= msg->type == 5 ? 100 : 10; /* tenths, inland ships hundredths of a metre */
}

enum err ais_vessel(const struct ais_msg *msg, struct ais_vessel *ret_vessel)
{
    struct ais_vessel v;
    uint32_t altitude = 0;
    memset(&v, 0, sizeof v);
    v.mmsi = (uint32_t)msg->numbers[AIS_mmsi];
    if (msg->type != 17 && msg->type != 8 && place_of(msg, &v.place)) {
        v.has |= AIS_HAS_PLACE;
        v.is_precise = ais_has(msg, AIS_accuracy) && msg->numbers[AIS_accuracy];
        take_number(msg, AIS_second, 60, AIS_HAS_SECOND, &v, &v.second);
        if (v.second > 59)
            v.has &= ~(uint32_t)AIS_HAS_SECOND; /* 61 to 63: how the fix was made, not when */
    }
    if (msg->type != 8)
        take_motion(msg, &v);
    take_number(msg, AIS_status, 15, AIS_HAS_STATUS, &v, &v.status);
    take_number(msg, AIS_alt, 4095, AIS_HAS_ALTITUDE, &v, &altitude);
    v.altitude_m = (int32_t)altitude;
    take_static(msg, &v);
    if (v.has == 0)
        return ERR_NOT_FOUND;
    *ret_vessel = v;
    return OK;
}

bool ais_is_distress(uint32_t mmsi)
{
    uint32_t maker = mmsi / 1000000; /* 970 transponder, 972 man overboard, 974 EPIRB */
    return maker == 970 || maker == 972 || maker == 974;
}
