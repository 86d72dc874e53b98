/* media.c - the program anwang-media: pictures come as sealed memfds from edge and portal, leave
 * clean to core. It opens nothing: no file, no socket; seccomp ends it if it tries. */
#include "base/log.h"
#include "main/picture.h"
#include "main/process.h"
#include "main/sandbox.h"
#include "net/child.h"
#include "net/memfd.h"

#include <unistd.h>

#define MEDIA_MAX_IN_BYTES (16u << 20)
#define MEDIA_MAX_OUT_BYTES (8u << 20)
#define ORIGIN_PORTAL 1 /* core's channel number of the portal; 0 is the edge */

struct media {
    struct loop *loop;
    struct process *process;
};

static enum err clean(int fd, int *ret_fd, uint32_t *ret_size)
{
    struct str bytes;
    struct out jpeg;
    enum err err = memfd_map(fd, MEDIA_MAX_IN_BYTES, &bytes);
    if (err)
        return err;
    out_init(&jpeg, MEDIA_MAX_OUT_BYTES);
    err = picture_clean(bytes, &jpeg);
    if (!err)
        err = memfd_of(out_view(&jpeg), ret_fd);
    *ret_size = (uint32_t)jpeg.len;
    out_done(&jpeg);
    memfd_unmap(bytes);
    return err;
}

static void peer_frame(void *ctx, enum process_kind peer, const struct frame *frame, int fd)
{
    struct media *media = ctx;
    struct frame_image image;
    int clean_fd = -1;
    if (frame->type == FRAME_image && fd >= 0 &&
        record_read(&record_frame_image, frame->body, &image) == OK) {
        image.err = clean(fd, &clean_fd, &image.size_bytes);
        image.origin = peer == PROCESS_portal ? ORIGIN_PORTAL : 0;
        image.media_type = STR("image/jpeg");
        SET_HAS(frame_image, &image, origin);
        if (image.err)
            SET_HAS(frame_image, &image, err);
        enum err err = process_send_fd(media->process, PROCESS_core, FRAME_image,
                                       frame->correlation, &image, clean_fd);
        if (err)
            LOG_WARN("media.send", "err=%s", err_text(err));
    }
    if (fd >= 0)
        (void)close(fd);
}

int main(void)
{
    static const struct process_calls calls = {NULL, NULL, peer_frame};
    struct media media = {0};
    child_die_with_parent();
    log_init("media", LOG_INFO_LEVEL);
    media.loop = loop_new();
    media.process = process_new(media.loop, PROCESS_media, &calls, &media);
    process_ready(media.process);
    loop_turn(media.loop, 0); /* what the first turn sets up comes before the door closes */
    if (sandbox_enter() != OK)
        LOG_WARN("media.sandbox", "the kernel gives no sandbox: pictures are decoded without one");
    loop_run(media.loop);
    process_free(media.process);
    loop_free(media.loop);
    return 0;
}
