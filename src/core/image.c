/* image.c - photos that media has re-encoded: hashed, written, synced, renamed, then attached to
 * their incident by an ordinary command. The stored name is random and ours. */
#include "core/core_priv.h"

#include "base/file.h"
#include "base/log.h"
#include "base/rand.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOB_NAME_BYTES 16
#define BLOB_PATH_CAP 640

static enum err store_blob(struct core *core, struct str bytes, char name[2 * BLOB_NAME_BYTES + 1])
{
    uint8_t random[BLOB_NAME_BYTES];
    char path[BLOB_PATH_CAP];
    rand_secret(random, sizeof random);
    str_hex(random, sizeof random, name);
    int n = snprintf(path, sizeof path, "%s/%s", core->options.blob_dir, name);
    if (n <= 0 || n >= BLOB_PATH_CAP)
        return ERR_LIMIT;
    return file_replace(path, bytes, 0600);
}

static void attach(struct core *core, uint64_t correlation, const struct frame_image *frame,
                   struct str bytes, int64_t now_us)
{
    struct request *request = ARENA_NEW(&core->arena, struct request, 1);
    struct incident_attach *fields = ARENA_NEW(&core->arena, struct incident_attach, 1);
    char name[2 * BLOB_NAME_BYTES + 1], digest_hex[2 * DIGEST_BYTES + 1];
    uint8_t digest[DIGEST_BYTES];
    uint32_t session;
    enum err err = core_session_actor(core, CORE_EDGE, frame->token, now_us,
                                      &request->command.actor, &session);
    if (!err && !access_has(request->command.actor.role, ACTION_photo_add))
        err = ERR_DENIED;
    if (!err)
        err = store_blob(core, bytes, name);
    if (err) {
        core_pending_refuse(core, CORE_EDGE, correlation, err,
                            err == ERR_DENIED ? CORE_SESSION_NAME : NULL,
                            STR("the photo could not be stored"), (struct str){0}, 0);
        return;
    }
    digest_of(bytes.p, bytes.len, digest);
    str_hex(digest, sizeof digest, digest_hex);
    fields->blob = str_of(name);
    fields->media_type = frame->media_type;
    fields->size_bytes = (uint32_t)bytes.len;
    fields->digest = str_of(digest_hex);
    SET_HAS(incident_attach, fields, blob);
    SET_HAS(incident_attach, fields, media_type);
    SET_HAS(incident_attach, fields, size_bytes);
    SET_HAS(incident_attach, fields, digest);
    request->channel = CORE_EDGE;
    request->correlation = correlation;
    request->now_us = now_us;
    request->def = command_def(COMMAND_incident_attach);
    request->command.kind = COMMAND_incident_attach;
    request->command.object = frame->incident;
    request->command.key = frame->key;
    request->command.at_source = CLOCK_CORE;
    memcpy(request->hash, digest, sizeof digest);
    request->fields = fields;
    core_command_run(core, request);
}

/* A photo of a public report: kept under its random name, which the report then carries. */
static void keep_public(struct core *core, uint64_t correlation, struct str bytes)
{
    char name[2 * BLOB_NAME_BYTES + 1];
    struct frame_reply reply = {0};
    enum err err = store_blob(core, bytes, name);
    if (err) {
        core_pending_refuse(core, CORE_PORTAL, correlation, err, "photo",
                            STR("the photo could not be stored"), (struct str){0}, 0);
        return;
    }
    reply.body = arena_printf(&core->arena, "{\"blob\":\"%s\"}", name);
    SET_HAS(frame_reply, &reply, err);
    SET_HAS(frame_reply, &reply, body);
    core->options.calls.send(core->options.ctx, CORE_PORTAL, FRAME_reply, correlation, &reply, -1);
}

/* Sealed and as large as said: media cannot pull it away while it is read. */
static bool is_whole(int fd, uint32_t size_bytes)
{
    const int needed = F_SEAL_SHRINK | F_SEAL_WRITE;
    struct stat info;
    const int seals = fcntl(fd, F_GET_SEALS);
    return seals >= 0 && (seals & needed) == needed && fstat(fd, &info) == 0 &&
           info.st_size == (off_t)size_bytes;
}

void core_image_frame(struct core *core, uint64_t correlation, const struct frame_image *frame,
                      int fd, int64_t now_us)
{
    const enum core_channel asker = frame->origin == CORE_PORTAL ? CORE_PORTAL : CORE_EDGE;
    if (frame->err == ERR_LIMIT) {
        core_pending_refuse(core, asker, correlation, ERR_RANGE, "photo",
                            STR("the picture has too many pixels"), (struct str){0}, 0);
    } else if (frame->err || fd < 0 || frame->size_bytes == 0 || !is_whole(fd, frame->size_bytes)) {
        core_pending_refuse(core, asker, correlation, ERR_UNSUPPORTED, "photo",
                            STR("the picture cannot be decoded"), (struct str){0}, 0);
    } else {
        void *map = mmap(NULL, frame->size_bytes, PROT_READ, MAP_SHARED, fd, 0);
        if (map == MAP_FAILED) {
            LOG_ERROR("core.image_map", "size=%u", frame->size_bytes);
            core_pending_refuse(core, asker, correlation, ERR_IO, NULL,
                                STR("the picture could not be read"), (struct str){0}, 0);
        } else {
            const struct str bytes = {(const char *)map, frame->size_bytes};
            if (asker == CORE_PORTAL)
                keep_public(core, correlation, bytes);
            else
                attach(core, correlation, frame, bytes, now_us);
            (void)munmap(map, frame->size_bytes);
        }
    }
    if (fd >= 0)
        (void)close(fd);
}
