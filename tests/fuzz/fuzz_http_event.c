/* Server-sent events: any split gives the same events. */
#include "base/rand.h"
#include "fuzz.h"
#include "net/http_event.h"

static void note(void *ctx, const struct http_event *event)
{
    MUST(event->type.len > 0);
    out_str(ctx, event->type);
    out_byte(ctx, 0);
    out_str(ctx, event->id);
    out_byte(ctx, 0);
    out_str(ctx, event->data);
    out_byte(ctx, 0);
}

static void feed(struct str bytes, uint32_t max_step, struct out *out)
{
    struct http_events events;
    struct rand rand;
    enum err err = OK;
    rand_seed(&rand, max_step);
    http_events_init(&events, 500);
    while (bytes.len && !err) {
        struct str part = bytes;
        uint32_t n = max_step ? 1 + rand_below(&rand, max_step) : (uint32_t)bytes.len;
        part.len = n < part.len ? n : part.len;
        err = http_events_feed(&events, part, note, out);
        bytes = str_from(bytes, part.len);
    }
    http_events_done(&events);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct out whole, split;
    struct str bytes = {(const char *)data, size};
    out_init(&whole, 64 * size + 1000);
    out_init(&split, 64 * size + 1000);
    feed(bytes, 0, &whole);
    feed(bytes, 3, &split);
    MUST(str_eq(out_view(&whole), out_view(&split)));
    out_done(&whole);
    out_done(&split);
    return 0;
}
