#include "codec/cot.h"
#include "base/utc.h"
#include "codec/cot_priv.h"
#include "codec/xml.h"
#include "codec/xml_out.h"
#include <math.h>
#include <string.h>

#define EARTH_MAX_M 1000000.0

bool cot_is_ping(const struct cot_event *event)
{
    return str_eq_c(event->type, "t-x-c-t");
}

/* ------------------------------------------------------- frames */

static size_t skip_blank(struct str s, size_t at)
{
    while (at < s.len && strchr(" \t\r\n", s.p[at]) && s.p[at])
        at++;
    return at;
}

/* "<?xml ... ?>" and comments before an event. */
static enum err skip_prolog(struct str s, size_t *io_at)
{
    for (;;) {
        size_t at = skip_blank(s, *io_at);
        *io_at = at;
        if (at + 1 >= s.len || s.p[at] != '<' || s.p[at + 1] != '?')
            return OK;
        const char *end = memchr(s.p + at, '>', s.len - at);
        if (!end)
            return s.len - at > COT_MAX_TEXT ? ERR_SYNTAX : ERR_MORE;
        *io_at = (size_t)(end - s.p) + 1;
    }
}

static enum err frame_protobuf(struct str s, size_t at, struct str *ret_event, size_t *ret_used)
{
    uint64_t length = 0;
    size_t i = at + 1;
    for (int shift = 0;; shift += 7, i++) {
        if (shift > 28)
            return ERR_SYNTAX;
        if (i >= s.len)
            return ERR_MORE;
        length |= (uint64_t)((uint8_t)s.p[i] & 127) << shift;
        if (!((uint8_t)s.p[i] & 128))
            break;
    }
    i++;
    if (length > COT_MAX_EVENT_BYTES)
        return ERR_LIMIT;
    if (s.len - i < length)
        return ERR_MORE;
    *ret_event = (struct str){s.p + i, (size_t)length};
    *ret_used = i + (size_t)length;
    return OK;
}

static enum err frame_xml(struct str s, size_t at, struct str *ret_event, size_t *ret_used)
{
    static const char start[] = "<event", end[] = "</event>";
    size_t known = s.len - at < sizeof start - 1 ? s.len - at : sizeof start - 1;
    if (memcmp(s.p + at, start, known) != 0)
        return ERR_SYNTAX;
    const char *found = memmem(s.p + at, s.len - at, end, sizeof end - 1);
    if (!found)
        return s.len - at > COT_MAX_EVENT_BYTES ? ERR_LIMIT : ERR_MORE;
    size_t used = (size_t)(found - s.p) + sizeof end - 1;
    if (used - at > COT_MAX_EVENT_BYTES)
        return ERR_LIMIT;
    *ret_event = (struct str){s.p + at, used - at};
    *ret_used = used;
    return OK;
}

enum err cot_frame(struct str bytes, enum cot_form *ret_form, struct str *ret_event,
                   size_t *ret_used)
{
    size_t at = 0;
    enum err err = skip_prolog(bytes, &at);
    if (err || at == bytes.len)
        return err ? err : ERR_MORE;
    bool is_binary = (uint8_t)bytes.p[at] == 0xbf;
    err = is_binary ? frame_protobuf(bytes, at, ret_event, ret_used)
                    : frame_xml(bytes, at, ret_event, ret_used);
    if (!err)
        *ret_form = is_binary ? COT_PROTOBUF : COT_XML;
    return err;
}

/* ------------------------------------------------------- numbers */

static enum err number_of(const struct xml *node, const char *name, double low, double high,
                          double *ret_value)
{
    double value;
    if (str_double(xml_attr(node, name), &value) != OK || !(value >= low && value <= high))
        return ERR_RANGE;
    *ret_value = value;
    return OK;
}

static bool is_known(double metres)
{
    return fabs(metres) < EARTH_MAX_M;
}

void cot_set_heights(struct cot_event *event, double height, double circle, double linear)
{
    if (is_known(height)) {
        event->has |= COT_HAS_HEIGHT;
        event->height_mm = (int32_t)lround(height * 1000);
    }
    if (is_known(circle) && circle >= 0) {
        event->has |= COT_HAS_CIRCLE;
        event->circle_mm = (uint32_t)lround(circle * 1000);
    }
    if (is_known(linear) && linear >= 0) {
        event->has |= COT_HAS_LINEAR;
        event->linear_mm = (uint32_t)lround(linear * 1000);
    }
}

void cot_set_track(struct cot_event *event, double course, double speed)
{
    if (course >= 0 && course <= 360) {
        event->has |= COT_HAS_COURSE;
        event->course_cdeg = (uint32_t)lround(course * 100) % 36000;
    }
    if (speed >= 0 && speed < 100000) {
        event->has |= COT_HAS_SPEED;
        event->speed_mm_s = (uint32_t)lround(speed * 1000);
    }
}

/* ------------------------------------------------------- XML in */

static enum err read_times(const struct xml *root, struct cot_event *event, struct fault *fault)
{
    static const char *const names[] = {"time", "start", "stale"};
    int64_t *const fields[] = {&event->time_us, &event->start_us, &event->stale_us};
    for (size_t i = 0; i < 3; i++) {
        if (utc_parse(xml_attr(root, names[i]), fields[i]) != OK)
            return fault_field(fault, ERR_RANGE, names[i], "no time");
    }
    if (event->stale_us < event->start_us)
        return fault_field(fault, ERR_RANGE, "stale", "before its start");
    return OK;
}

static enum err read_point(const struct xml *point, struct cot_event *event, struct fault *fault)
{
    double lat, lon, height, circle, linear;
    if (number_of(point, "lat", -90, 90, &lat))
        return fault_field(fault, ERR_RANGE, "lat", "no latitude");
    if (number_of(point, "lon", -180, 180, &lon))
        return fault_field(fault, ERR_RANGE, "lon", "no longitude");
    if (number_of(point, "hae", -1e9, 1e9, &height))
        return fault_field(fault, ERR_RANGE, "hae", "no height");
    if (number_of(point, "ce", -1e9, 1e9, &circle) || number_of(point, "le", -1e9, 1e9, &linear))
        return fault_field(fault, ERR_RANGE, "ce", "no error");
    event->place = place_from_deg(lat, lon);
    cot_set_heights(event, height, circle, linear);
    return OK;
}

static void read_detail(const struct xml *detail, struct cot_event *event)
{
    const struct xml *track = xml_child(detail, "track"), *group = xml_child(detail, "__group");
    double course, speed;
    uint32_t battery;
    event->callsign = xml_attr(xml_child(detail, "contact"), "callsign");
    event->group = xml_attr(group, "name");
    event->role = xml_attr(group, "role");
    event->remarks = xml_text(detail, "remarks");
    if (track && str_double(xml_attr(track, "course"), &course) == OK)
        cot_set_track(event, course, -1);
    if (track && str_double(xml_attr(track, "speed"), &speed) == OK)
        cot_set_track(event, -1, speed);
    if (str_u32(xml_attr(xml_child(detail, "status"), "battery"), &battery) == OK &&
        battery <= 100) {
        event->has |= COT_HAS_BATTERY;
        event->battery_percent = battery;
    }
}

enum err cot_check_texts(const struct cot_event *event, struct fault *fault)
{
    const struct str texts[] = {event->uid,   event->type, event->how,    event->callsign,
                                event->group, event->role, event->remarks};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (texts[i].len > COT_MAX_TEXT)
            return fault_field(fault, ERR_LIMIT, "detail", "a text is too long");
        if (!str_is_utf8(texts[i]))
            return fault_field(fault, ERR_SYNTAX, "detail", "a text is not UTF-8");
    }
    if (event->uid.len == 0)
        return fault_field(fault, ERR_SYNTAX, "uid", "no name");
    if (event->type.len == 0)
        return fault_field(fault, ERR_SYNTAX, "type", "no type");
    return OK;
}

enum err cot_read_xml(struct str bytes, struct arena *arena, struct cot_event *ret_event,
                      struct fault *ret_fault)
{
    const struct xml *root;
    struct cot_event event = {0};
    enum err err = xml_read(bytes, arena, &root, ret_fault);
    if (err)
        return err;
    if (!str_eq_c(root->name, "event"))
        return fault_field(ret_fault, ERR_SYNTAX, "event", "no event");
    event.uid = xml_attr(root, "uid");
    event.type = xml_attr(root, "type");
    event.how = xml_attr(root, "how");
    err = read_times(root, &event, ret_fault);
    if (!err)
        err = read_point(xml_child(root, "point"), &event, ret_fault);
    if (err)
        return err;
    read_detail(xml_child(root, "detail"), &event);
    err = cot_check_texts(&event, ret_fault);
    if (!err)
        *ret_event = event;
    return err;
}

/* ------------------------------------------------------- XML out */

static void put_time(struct xml_out *x, const char *name, int64_t utc_us)
{
    char iso[UTC_ISO_CAP];
    utc_iso(utc_us, iso);
    xml_put_c(x, name, iso);
}

static void put_fixed(struct xml_out *x, const char *name, int64_t value, int digits)
{
    struct out out;
    out_init(&out, 64);
    out_fixed(&out, value, digits);
    xml_put(x, name, out_view(&out));
    out_done(&out);
}

static void put_metres(struct xml_out *x, const char *name, bool has, int64_t mm)
{
    if (has)
        put_fixed(x, name, mm, 3);
    else
        xml_put_c(x, name, "9999999.0");
}

static void write_detail(struct xml_out *x, const struct cot_event *event)
{
    xml_open(x, "detail");
    if (event->callsign.len) {
        xml_open(x, "contact");
        xml_put(x, "callsign", event->callsign);
        xml_close(x);
    }
    if (event->group.len || event->role.len) {
        xml_open(x, "__group");
        xml_put(x, "name", event->group);
        xml_put(x, "role", event->role);
        xml_close(x);
    }
    if (event->has & (COT_HAS_COURSE | COT_HAS_SPEED)) {
        xml_open(x, "track");
        if (event->has & COT_HAS_COURSE)
            put_fixed(x, "course", event->course_cdeg, 2);
        if (event->has & COT_HAS_SPEED)
            put_fixed(x, "speed", event->speed_mm_s, 3);
        xml_close(x);
    }
    if (event->has & COT_HAS_BATTERY) {
        xml_open(x, "status");
        put_fixed(x, "battery", event->battery_percent, 0);
        xml_close(x);
    }
    if (event->remarks.len)
        xml_element(x, "remarks", event->remarks);
    xml_close(x);
}

void cot_write_xml(const struct cot_event *event, struct out *out)
{
    struct xml_out x = xml_out_of(out);
    xml_open(&x, "event");
    xml_put_c(&x, "version", "2.0");
    xml_put(&x, "uid", event->uid);
    xml_put(&x, "type", event->type);
    put_time(&x, "time", event->time_us);
    put_time(&x, "start", event->start_us);
    put_time(&x, "stale", event->stale_us);
    xml_put(&x, "how", event->how);
    xml_open(&x, "point");
    put_fixed(&x, "lat", event->place.lat_e7, 7);
    put_fixed(&x, "lon", event->place.lon_e7, 7);
    put_metres(&x, "hae", event->has & COT_HAS_HEIGHT, event->height_mm);
    put_metres(&x, "ce", event->has & COT_HAS_CIRCLE, event->circle_mm);
    put_metres(&x, "le", event->has & COT_HAS_LINEAR, event->linear_mm);
    xml_close(&x);
    write_detail(&x, event);
    xml_close(&x);
}
