#include "codec/cap.h"
#include "fuzz.h"
#include <stdio.h>
#include <stdlib.h>

/* What was read can be written, and reads the same again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct cap_alert alert, again;
    struct cap_complaints complaints;
    struct out out;
    arena_init(&arena, 32u << 20);
    if (cap_read((struct str){(const char *)data, size}, &arena, &alert, NULL) == OK) {
        cap_check(&alert, &complaints);
        MUST(complaints.count <= CAP_MAX_COMPLAINTS);
        out_init(&out, 4u << 20);
        cap_write(&alert, &out);
        if (out.err == OK && out.len < (1u << 20)) {
            MUST(cap_read(out_view(&out), &arena, &again, NULL) == OK);
            MUST(again.info_count == alert.info_count && str_eq(again.sender, alert.sender));
        }
        out_done(&out);
    }
    arena_done(&arena);
    return 0;
}
