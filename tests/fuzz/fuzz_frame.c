#include "fuzz.h"
#include "net/frame.h"

#define MAX_BODY_BYTES 4096

/* All frames of `bytes` as one text of their own, given in parts of `part_bytes` at most. */
static uint64_t frames_of(struct str bytes, size_t part_bytes, enum err *ret_err)
{
    uint64_t sum = 1469598103934665603u;
    size_t at = 0, have = 0;
    *ret_err = ERR_MORE;
    while (*ret_err == ERR_MORE && have < bytes.len) {
        have = bytes.len - have < part_bytes ? bytes.len : have + part_bytes;
        struct frame frame;
        size_t used = 0, need = 0;
        while ((*ret_err = frame_read((struct str){bytes.p + at, have - at}, MAX_BODY_BYTES, &frame,
                                      &used, &need)) == OK) {
            uint8_t head[FRAME_HEAD_BYTES];
            MUST(used <= have - at && used == FRAME_HEAD_BYTES + frame.body.len);
            frame_head(&frame, head);
            MUST(memcmp(head, bytes.p + at, sizeof head) == 0);
            for (size_t i = 0; i < used; i++)
                sum = (sum ^ (uint8_t)bytes.p[at + i]) * 1099511628211u;
            at += used;
        }
        MUST(*ret_err != ERR_MORE || (need >= FRAME_HEAD_BYTES && need > have - at));
    }
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str bytes = {(const char *)data, size};
    enum err whole = OK, split = OK, single = OK;
    uint64_t sum = frames_of(bytes, size ? size : 1, &whole);
    MUST(frames_of(bytes, size / 2 + 1, &split) == sum && split == whole);
    MUST(frames_of(bytes, 1, &single) == sum && single == whole);
    return 0;
}
