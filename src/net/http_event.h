/* http_event.h - reader of server-sent events: bytes in any split, whole events out.
 * Layer: net. Threads: one owner. Spec: HTML Living Standard 9.2.6. Comments are skipped, `retry`
 * is ignored, an event without data is none. */
#ifndef NET_HTTP_EVENT_H
#define NET_HTTP_EVENT_H
#include "base/out.h"

/* One server-sent event; texts borrowed for the call. */
struct http_event {
    struct str type; /* "message" if it was not named */
    struct str id;   /* last id seen so far, may be empty */
    struct str data; /* lines joined by LF */
};
typedef void (*http_event_fn)(void *ctx, const struct http_event *event);

struct http_events {
    struct out line, data, type, id;
    bool had_cr; /* a LF that follows belongs to it */
};
void http_events_init(struct http_events *events, size_t max_event_bytes);
void http_events_done(struct http_events *events);
/* ERR_LIMIT: a line or event is larger than max_event_bytes. fn may not free `events`. */
enum err http_events_feed(struct http_events *events, struct str bytes, http_event_fn fn,
                          void *ctx);
#endif
