#include "codec/cot.h"
#include "fuzz.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A stream of any bytes: frames move on, and what was read can be written and read again. */
static void again(const struct cot_event *event, struct arena *arena)
{
    struct out out;
    struct cot_event copy;
    struct fault fault = {0};
    enum cot_form form;
    struct str bytes;
    size_t used;
    out_init(&out, 1u << 20);
    cot_write_xml(event, &out);
    if (out.err == OK && out.len < COT_MAX_EVENT_BYTES) {
        MUST(cot_frame(out_view(&out), &form, &bytes, &used) == OK && used == out.len);
        MUST(cot_read_xml(bytes, arena, &copy, &fault) == OK);
        MUST(copy.has == event->has && place_eq(copy.place, event->place));
    }
    out_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str rest = {(const char *)data, size};
    struct arena arena;
    enum cot_form form;
    struct str bytes;
    size_t used;
    arena_init(&arena, 16u << 20);
    while (cot_frame(rest, &form, &bytes, &used) == OK) {
        struct cot_event event;
        MUST(used > 0 && used <= rest.len);
        enum err err = form == COT_XML ? cot_read_xml(bytes, &arena, &event, NULL)
                                       : cot_read_protobuf(bytes, &arena, &event, NULL);
        if (err == OK) {
            MUST(place_is_valid(event.place) && event.stale_us >= event.start_us);
            again(&event, &arena);
        }
        rest = str_from(rest, used);
        arena_reset(&arena);
    }
    arena_done(&arena);
    return 0;
}
