/* cot_protobuf.c - an event as TAK protocol version 1. The messages are few and flat, so they are
 * read by a table of {field, wire type, where to} over base/cursor.h. Unknown fields are skipped.
 */
#include "base/cursor.h"
#include "base/utc.h"
#include "codec/cot_priv.h"
#include <math.h>
#include <string.h>

#define MS_US 1000
#define STREAM_MARK 0xbf

enum wire { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_32 = 5 };
struct part { /* one field of a message */
    uint32_t number;
    enum wire wire;
    uint64_t value;
    struct str bytes;
};
struct raw { /* an event as it stands in the message */
    uint64_t send_ms, start_ms, stale_ms, battery;
    double lat, lon, hae, ce, le, speed, course;
    struct str type, uid, how, callsign, group, role;
    bool has_event, has_track, has_status;
    enum err err;
};

/* ------------------------------------------------------- in */

static bool next_part(struct cursor *c, struct part *ret_part)
{
    if (c->left == 0 || c->err)
        return false;
    uint64_t key = cursor_varint(c);
    struct part part = {.number = (uint32_t)(key >> 3), .wire = (enum wire)(key & 7)};
    if (part.wire == WIRE_VARINT)
        part.value = cursor_varint(c);
    else if (part.wire == WIRE_64)
        part.value = cursor_le(c, 8);
    else if (part.wire == WIRE_32)
        part.value = cursor_le(c, 4);
    else if (part.wire == WIRE_BYTES)
        part.bytes = cursor_take(c, (size_t)cursor_varint(c));
    else
        c->err = ERR_SYNTAX;
    *ret_part = part;
    return c->err == OK;
}

static double double_of(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

typedef void take_fn(const struct part *part, struct raw *raw);

/* Calls itself by way of `take`: message, event, detail, its parts. */
/* NOLINTNEXTLINE(misc-no-recursion): four messages deep at most, by the functions given. */
static void read_parts(struct str bytes, take_fn *take, struct raw *raw)
{
    struct cursor c = cursor_of(bytes.p, bytes.len);
    struct part part;
    while (next_part(&c, &part))
        take(&part, raw);
    if (c.err)
        raw->err = c.err;
}

static void take_group(const struct part *part, struct raw *raw)
{
    if (part->number == 1)
        raw->group = part->bytes;
    else if (part->number == 2)
        raw->role = part->bytes;
}

static void take_contact(const struct part *part, struct raw *raw)
{
    if (part->number == 2)
        raw->callsign = part->bytes;
}

static void take_track(const struct part *part, struct raw *raw)
{
    raw->has_track = true;
    if (part->number == 1)
        raw->speed = double_of(part->value);
    else if (part->number == 2)
        raw->course = double_of(part->value);
}

static void take_status(const struct part *part, struct raw *raw)
{
    raw->has_status = true;
    if (part->number == 1)
        raw->battery = part->value;
}

/* NOLINTNEXTLINE(misc-no-recursion) */
static void take_detail(const struct part *part, struct raw *raw)
{
    if (part->wire != WIRE_BYTES)
        return;
    if (part->number == 2)
        read_parts(part->bytes, take_contact, raw);
    else if (part->number == 3)
        read_parts(part->bytes, take_group, raw);
    else if (part->number == 5)
        read_parts(part->bytes, take_status, raw);
    else if (part->number == 7)
        read_parts(part->bytes, take_track, raw);
}

/* NOLINTNEXTLINE(misc-no-recursion) */
static void take_event(const struct part *part, struct raw *raw)
{
    struct str *const texts[] = {[1] = &raw->type, [5] = &raw->uid, [9] = &raw->how};
    uint64_t *const times[] = {[6] = &raw->send_ms, [7] = &raw->start_ms, [8] = &raw->stale_ms};
    double *const doubles[] = {
        [10] = &raw->lat, [11] = &raw->lon, [12] = &raw->hae, [13] = &raw->ce, [14] = &raw->le};
    uint32_t n = part->number;
    if (part->wire == WIRE_BYTES && n < sizeof texts / sizeof *texts && texts[n])
        *texts[n] = part->bytes;
    else if (part->wire == WIRE_VARINT && n < sizeof times / sizeof *times && times[n])
        *times[n] = part->value;
    else if (part->wire == WIRE_64 && n < sizeof doubles / sizeof *doubles && doubles[n])
        *doubles[n] = double_of(part->value);
    else if (part->wire == WIRE_BYTES && n == 15)
        read_parts(part->bytes, take_detail, raw);
}

/* NOLINTNEXTLINE(misc-no-recursion) */
static void take_message(const struct part *part, struct raw *raw)
{
    if (part->number != 2 || part->wire != WIRE_BYTES)
        return;
    raw->has_event = true;
    read_parts(part->bytes, take_event, raw);
}

static enum err event_of(const struct raw *raw, struct cot_event *event, struct fault *fault)
{
    const uint64_t latest_ms = UINT64_C(253402300799999); /* the end of the year 9999 */
    if (raw->send_ms > latest_ms || raw->start_ms > latest_ms || raw->stale_ms > latest_ms)
        return fault_field(fault, ERR_RANGE, "time", "no time");
    event->time_us = (int64_t)raw->send_ms * MS_US;
    event->start_us = (int64_t)raw->start_ms * MS_US;
    event->stale_us = (int64_t)raw->stale_ms * MS_US;
    if (event->stale_us < event->start_us)
        return fault_field(fault, ERR_RANGE, "stale", "before its start");
    event->place = place_from_deg(raw->lat, raw->lon);
    if (!place_is_valid(event->place))
        return fault_field(fault, ERR_RANGE, "lat", "no place");
    cot_set_heights(event, raw->hae, raw->ce, raw->le);
    if (raw->has_track)
        cot_set_track(event, raw->course, raw->speed);
    if (raw->has_status && raw->battery <= 100) {
        event->has |= COT_HAS_BATTERY;
        event->battery_percent = (uint32_t)raw->battery;
    }
    return OK;
}

static enum err copy_texts(const struct raw *raw, struct arena *arena, struct cot_event *event)
{
    const struct str from[] = {raw->uid, raw->type, raw->how, raw->callsign, raw->group, raw->role};
    struct str *const to[] = {&event->uid,      &event->type,  &event->how,
                              &event->callsign, &event->group, &event->role};
    for (size_t i = 0; i < sizeof from / sizeof *from; i++) {
        *to[i] = arena_dup(arena, from[i]);
        if (from[i].len && !to[i]->p)
            return ERR_LIMIT;
    }
    return OK;
}

enum err cot_read_protobuf(struct str bytes, struct arena *arena, struct cot_event *ret_event,
                           struct fault *ret_fault)
{
    struct raw raw = {.hae = COT_UNKNOWN, .ce = COT_UNKNOWN, .le = COT_UNKNOWN};
    struct cot_event event = {0};
    read_parts(bytes, take_message, &raw);
    if (raw.err)
        return fault_field(ret_fault, ERR_SYNTAX, "message", "not well formed");
    if (!raw.has_event)
        return ERR_NOT_FOUND;
    enum err err = event_of(&raw, &event, ret_fault);
    if (!err)
        err = copy_texts(&raw, arena, &event);
    if (!err)
        err = cot_check_texts(&event, ret_fault);
    if (!err)
        *ret_event = event;
    return err;
}

/* ------------------------------------------------------- out */

static void put_key(struct out *out, uint32_t number, enum wire wire)
{
    out_varint(out, (uint64_t)number << 3 | (uint64_t)wire);
}

static void put_text(struct out *out, uint32_t number, struct str text)
{
    if (text.len == 0)
        return;
    put_key(out, number, WIRE_BYTES);
    out_varint(out, text.len);
    out_str(out, text);
}

static void put_double(struct out *out, uint32_t number, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_key(out, number, WIRE_64);
    out_le(out, bits, 8);
}

static void put_varint(struct out *out, uint32_t number, uint64_t value)
{
    put_key(out, number, WIRE_VARINT);
    out_varint(out, value);
}

static void put_message(struct out *out, uint32_t number, struct out *message)
{
    put_text(out, number, out_view(message));
    out_reset(message);
}

static void write_detail(const struct cot_event *event, struct out *detail, struct out *part)
{
    put_text(part, 2, event->callsign);
    put_message(detail, 2, part);
    put_text(part, 1, event->group);
    put_text(part, 2, event->role);
    put_message(detail, 3, part);
    if (event->has & COT_HAS_BATTERY)
        put_varint(part, 1, event->battery_percent);
    put_message(detail, 5, part);
    if (event->has & COT_HAS_SPEED)
        put_double(part, 1, event->speed_mm_s / 1e3);
    if (event->has & COT_HAS_COURSE)
        put_double(part, 2, event->course_cdeg / 1e2);
    put_message(detail, 7, part);
}

void cot_write_protobuf(const struct cot_event *event, struct out *out)
{
    struct out message, detail, part;
    out_init(&message, COT_MAX_EVENT_BYTES);
    out_init(&detail, COT_MAX_EVENT_BYTES);
    out_init(&part, COT_MAX_EVENT_BYTES);
    put_text(&message, 1, event->type);
    put_text(&message, 5, event->uid);
    put_varint(&message, 6, (uint64_t)(event->time_us / MS_US));
    put_varint(&message, 7, (uint64_t)(event->start_us / MS_US));
    put_varint(&message, 8, (uint64_t)(event->stale_us / MS_US));
    put_text(&message, 9, event->how);
    put_double(&message, 10, place_lat_deg(event->place));
    put_double(&message, 11, place_lon_deg(event->place));
    put_double(&message, 12, event->has & COT_HAS_HEIGHT ? event->height_mm / 1e3 : COT_UNKNOWN);
    put_double(&message, 13, event->has & COT_HAS_CIRCLE ? event->circle_mm / 1e3 : COT_UNKNOWN);
    put_double(&message, 14, event->has & COT_HAS_LINEAR ? event->linear_mm / 1e3 : COT_UNKNOWN);
    write_detail(event, &detail, &part);
    put_message(&message, 15, &detail);
    put_message(&part, 2, &message);
    out_byte(out, STREAM_MARK);
    out_varint(out, part.len);
    out_str(out, out_view(&part));
    out_done(&message);
    out_done(&detail);
    out_done(&part);
}
