#include "net/http_event.h"

void http_events_init(struct http_events *ev, size_t max_event_bytes)
{
    *ev = (struct http_events){.had_cr = false};
    out_init(&ev->line, max_event_bytes);
    out_init(&ev->data, max_event_bytes);
    out_init(&ev->type, max_event_bytes);
    out_init(&ev->id, max_event_bytes);
}

void http_events_done(struct http_events *ev)
{
    out_done(&ev->line);
    out_done(&ev->data);
    out_done(&ev->type);
    out_done(&ev->id);
}

static void dispatch(struct http_events *ev, http_event_fn fn, void *ctx)
{
    struct str data = out_view(&ev->data);
    if (data.len) {
        data.len--; /* the last line's LF */
        struct str type = out_view(&ev->type);
        struct http_event event = {type.len ? type : STR("message"), out_view(&ev->id), data};
        fn(ctx, &event);
    }
    out_reset(&ev->data);
    out_reset(&ev->type);
}

static void take_line(struct http_events *ev, struct str value, http_event_fn fn, void *ctx)
{
    if (value.len == 0) {
        dispatch(ev, fn, ctx);
        return;
    }
    struct str name = str_cut(&value, ':');
    if (value.len && value.p[0] == ' ')
        value = str_from(value, 1);
    if (str_eq_c(name, "data")) {
        out_str(&ev->data, value);
        out_byte(&ev->data, '\n');
    } else if (str_eq_c(name, "event")) {
        out_reset(&ev->type);
        out_str(&ev->type, value);
    } else if (str_eq_c(name, "id") && !(value.len && memchr(value.p, 0, value.len))) {
        out_reset(&ev->id);
        out_str(&ev->id, value);
    }
}

/* Up to LF or CR, or to the end. */
static size_t line_length(struct str s)
{
    const char *lf = memchr(s.p, '\n', s.len);
    const size_t n = lf ? (size_t)(lf - s.p) : s.len;
    const char *cr = memchr(s.p, '\r', n);
    return cr ? (size_t)(cr - s.p) : n;
}

/* A line that came whole is read where it lies, one that came in pieces is put together first. */
static void end_line(struct http_events *ev, struct str last, http_event_fn fn, void *ctx)
{
    if (ev->line.len == 0) {
        take_line(ev, last, fn, ctx);
        return;
    }
    out_str(&ev->line, last);
    take_line(ev, out_view(&ev->line), fn, ctx);
    out_reset(&ev->line);
}

enum err http_events_feed(struct http_events *ev, struct str bytes, http_event_fn fn, void *ctx)
{
    while (bytes.len) {
        if (ev->had_cr && bytes.p[0] == '\n') {
            ev->had_cr = false;
            bytes = str_from(bytes, 1);
            continue;
        }
        ev->had_cr = false;
        size_t n = line_length(bytes);
        if (n >
            ev->line.max_bytes - ev->line.len) /* before its end is seen: every split ends here */
            ev->line.err = ERR_LIMIT;
        if (ev->line.err)
            return ERR_LIMIT;
        if (n < bytes.len) {
            ev->had_cr = bytes.p[n] == '\r';
            end_line(ev, (struct str){bytes.p, n}, fn, ctx);
            n++;
        } else {
            out_str(&ev->line, bytes);
        }
        bytes = str_from(bytes, n);
        if (ev->data.err || ev->type.err || ev->id.err)
            return ERR_LIMIT;
    }
    return OK;
}
