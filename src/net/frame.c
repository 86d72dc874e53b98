#include "net/frame.h"

#include "base/cursor.h"

enum err frame_read(struct str bytes, size_t max_body_bytes, struct frame *ret_frame,
                    size_t *ret_used, size_t *ret_need)
{
    struct cursor c = cursor_of(bytes.p, bytes.len);
    *ret_need = FRAME_HEAD_BYTES;
    if (bytes.len < FRAME_HEAD_BYTES)
        return ERR_MORE;
    size_t body_bytes = (size_t)cursor_le(&c, 4);
    struct frame frame = {.type = (uint16_t)cursor_le(&c, 2), .flags = (uint16_t)cursor_le(&c, 2)};
    frame.correlation = cursor_le(&c, 8);
    if (body_bytes > max_body_bytes)
        return ERR_LIMIT;
    *ret_need = FRAME_HEAD_BYTES + body_bytes;
    if (c.left < body_bytes)
        return ERR_MORE;
    frame.body = cursor_take(&c, body_bytes);
    *ret_frame = frame;
    *ret_used = FRAME_HEAD_BYTES + body_bytes;
    return OK;
}

static void put_le(uint8_t *p, uint64_t v, int n_bytes)
{
    for (int i = 0; i < n_bytes; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}

void frame_head(const struct frame *frame, uint8_t ret_head[FRAME_HEAD_BYTES])
{
    put_le(ret_head, frame->body.len, 4);
    put_le(ret_head + 4, frame->type, 2);
    put_le(ret_head + 6, frame->flags, 2);
    put_le(ret_head + 8, frame->correlation, 8);
}
