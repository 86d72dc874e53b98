/* cot.h - Cursor on Target 2.0: events as XML and as TAK protocol version 1.
 * Layer: codec. Threads: pure. Spec: MITRE CoT base event schema 2.0; TAK protocol: field numbers
 * in docs/formats/cot.md. An event is true until its stale time and never longer. */
#ifndef CODEC_COT_H
#define CODEC_COT_H
#include "base/arena.h"
#include "base/out.h"
#include "geo/place.h"

#define COT_MAX_EVENT_BYTES 65536
#define COT_MAX_TEXT 4096

enum cot_has {
    COT_HAS_HEIGHT = 1,
    COT_HAS_CIRCLE = 2, /* error of the place */
    COT_HAS_LINEAR = 4, /* error of the height */
    COT_HAS_COURSE = 8,
    COT_HAS_SPEED = 16,
    COT_HAS_BATTERY = 32
};
struct cot_event {
    uint32_t has;
    struct str uid, type, how; /* type: "a-f-G-U-C": atom, friend, ground, unit, combat */
    int64_t time_us, start_us, stale_us;
    struct place place;
    int32_t height_mm; /* above the ellipsoid */
    uint32_t circle_mm, linear_mm;
    uint32_t course_cdeg, speed_mm_s, battery_percent;
    struct str callsign, group, role, remarks;
};

/* How the next event of a stream is written, and how many bytes it has. */
enum cot_form { COT_XML, COT_PROTOBUF };
/* ERR_MORE: not all there. ERR_LIMIT: longer than COT_MAX_EVENT_BYTES. ERR_SYNTAX: neither an event
 * nor a frame: the stream is out of step. White space and declarations between events are skipped
 * as part of the next one. Any split of the bytes gives the same frames. */
enum err cot_frame(struct str bytes, enum cot_form *ret_form, struct str *ret_event,
                   size_t *ret_used);
/* One <event>. Texts lie in the arena. ERR_SYNTAX, ERR_RANGE (a number, a time, a place),
 * ERR_LIMIT, ERR_DENIED (document type). ret_fault->field names what was wrong. */
enum err cot_read_xml(struct str bytes, struct arena *arena, struct cot_event *ret_event,
                      struct fault *ret_fault);
/* The payload of a frame: one TakMessage. ERR_NOT_FOUND: it holds no event (control only). */
enum err cot_read_protobuf(struct str bytes, struct arena *arena, struct cot_event *ret_event,
                           struct fault *ret_fault);
void cot_write_xml(const struct cot_event *event, struct out *out);
/* With its stream frame: 0xbf, length, message. */
void cot_write_protobuf(const struct cot_event *event, struct out *out);
/* The ping that clients send to be answered, type t-x-c-t. */
bool cot_is_ping(const struct cot_event *event);
#endif
