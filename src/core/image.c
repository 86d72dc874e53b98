/* image.c - photos that media has re-encoded: hashed, sealed, written, synced and renamed on a
 * worker, then attached to their incident by an ordinary command, or held until their report comes.
 * The stored name is random and ours, and so is the key, which goes into the payload table. */
#include "core/core_priv.h"

#include "base/file.h"
#include "base/rand.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOB_NAME_BYTES 16
#define BLOB_PATH_CAP 640

struct image_job {
    struct core_job job;
    enum core_channel asker;
    uint64_t correlation;
    uint32_t incident, size_bytes, stored_bytes;
    uint8_t token[TOKEN_HASH_BYTES];
    size_t token_len;
    char key[MAX_COMMAND_KEY_BYTES + 1], media_type[65];
    int fd; /* sealed memfd */
    char name[2 * BLOB_NAME_BYTES + 1], path[BLOB_PATH_CAP];
    uint8_t picture[DIGEST_BYTES]; /* of what was sent: a repeated request is known by it */
    uint8_t stored[DIGEST_BYTES];
    uint8_t blob_key[BLOB_KEY_BYTES];
    enum err err;
};

static void refuse(struct core *core, enum core_channel asker, uint64_t correlation, enum err err,
                   const char *field, struct str detail)
{
    core_pending_refuse(core, asker, correlation, err, field, detail, (struct str){0}, 0);
}

static void image_free(struct image_job *image)
{
    if (image->fd >= 0)
        (void)close(image->fd);
    free(image);
}

static void image_run(struct core_job *job)
{
    struct image_job *image = (struct image_job *)(void *)job;
    void *map = mmap(NULL, image->size_bytes, PROT_READ, MAP_SHARED, image->fd, 0);
    if (map == MAP_FAILED) {
        image->err = ERR_IO;
        return;
    }
    struct out sealed;
    const struct str picture = {(const char *)map, image->size_bytes};
    out_init(&sealed, image->size_bytes + BLOB_MORE_BYTES);
    digest_of(map, image->size_bytes, image->picture);
    blob_key_make(image->blob_key);
    image->err = blob_seal(image->blob_key, str_of(image->name), picture, &sealed);
    digest_of(sealed.p, sealed.len, image->stored);
    if (!image->err)
        image->err = file_replace(image->path, out_view(&sealed), 0600);
    image->stored_bytes = (uint32_t)sealed.len;
    out_done(&sealed);
    (void)munmap(map, image->size_bytes);
}

static void attach(struct core *core, const struct image_job *image, int64_t now_us)
{
    struct request *request = ARENA_NEW(&core->arena, struct request, 1);
    struct incident_attach *fields = ARENA_NEW(&core->arena, struct incident_attach, 1);
    char digest_hex[2 * DIGEST_BYTES + 1];
    uint32_t session;
    const struct str token = {(const char *)image->token, image->token_len};
    if (core_session_actor(core, CORE_EDGE, token, now_us, &request->command.actor, &session)) {
        refuse(core, CORE_EDGE, image->correlation, ERR_DENIED, CORE_SESSION_NAME,
               STR("log in first"));
        return;
    }
    str_hex(image->stored, sizeof image->stored, digest_hex);
    fields->blob = str_of(image->name);
    fields->media_type = str_of(image->media_type);
    fields->size_bytes = image->stored_bytes;
    fields->key.text = (struct str){(const char *)image->blob_key, BLOB_KEY_BYTES};
    fields->digest = str_of(digest_hex);
    SET_HAS(incident_attach, fields, blob);
    SET_HAS(incident_attach, fields, media_type);
    SET_HAS(incident_attach, fields, size_bytes);
    SET_HAS(incident_attach, fields, digest);
    SET_HAS(incident_attach, fields, key);
    request->channel = CORE_EDGE;
    request->correlation = image->correlation;
    request->now_us = now_us;
    request->def = command_def(COMMAND_incident_attach);
    request->command.kind = COMMAND_incident_attach;
    request->command.object = image->incident;
    request->command.key = str_of(image->key);
    request->command.at_source = CLOCK_CORE;
    memcpy(request->hash, image->picture, sizeof image->picture);
    request->fields = fields;
    core_command_run(core, request);
}

static void forget_photo(struct core *core, struct waiting_photo *photo)
{
    char path[BLOB_PATH_CAP];
    const int n = snprintf(path, sizeof path, "%s/%s", core->options.blob_dir, photo->name);
    if (photo->name[0] && n > 0 && n < BLOB_PATH_CAP)
        (void)unlink(path); /* without its key it would be noise */
    *photo = (struct waiting_photo){0};
}

struct waiting_photo *core_image_waiting(struct core *core, struct str name, int64_t now_us)
{
    for (size_t i = 0; i < CORE_MAX_PHOTOS && name.len > 0; i++) {
        if (str_eq_c(name, core->photos[i].name) && core->photos[i].until_us > now_us)
            return &core->photos[i];
    }
    return NULL;
}

void core_image_tick(struct core *core, int64_t now_us)
{
    if (now_us < core->photo_due_us)
        return;
    core->photo_due_us = now_us + US_PER_MIN;
    for (size_t i = 0; i < CORE_MAX_PHOTOS; i++) {
        if (core->photos[i].name[0] && core->photos[i].until_us <= now_us)
            forget_photo(core, &core->photos[i]);
    }
}

/* A photo of the public waits for its report under its random name; the oldest gives way. */
static void hold_public(struct core *core, const struct image_job *image, int64_t now_us)
{
    struct frame_reply reply = {0};
    struct waiting_photo *photo = &core->photos[core->photo_turn++ % CORE_MAX_PHOTOS];
    forget_photo(core, photo);
    memcpy(photo->name, image->name, sizeof photo->name);
    memcpy(photo->key, image->blob_key, sizeof photo->key);
    photo->until_us = now_us + CORE_PHOTO_US;
    reply.body = arena_printf(&core->arena, "{\"blob\":\"%s\"}", image->name);
    SET_HAS(frame_reply, &reply, err);
    SET_HAS(frame_reply, &reply, body);
    core->options.calls.send(core->options.ctx, CORE_PORTAL, FRAME_reply, image->correlation,
                             &reply, -1);
}

static void image_done(struct core *core, struct core_job *job, int64_t now_us)
{
    struct image_job *image = (struct image_job *)(void *)job;
    if (image->err)
        refuse(core, image->asker, image->correlation, ERR_IO, "photo",
               STR("the photo could not be stored"));
    else if (image->asker == CORE_PORTAL)
        hold_public(core, image, now_us);
    else
        attach(core, image, now_us);
    image_free(image);
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

/* OK, or why this account cannot add photos; asked before the disk is touched. */
static enum err check_sender(struct core *core, const struct frame_image *frame,
                             enum core_channel asker, int64_t now_us)
{
    struct actor actor;
    uint32_t session;
    if (asker == CORE_PORTAL)
        return OK;
    enum err err = core_session_actor(core, CORE_EDGE, frame->token, now_us, &actor, &session);
    return err ? err : access_has(actor.role, ACTION_incident_attach) ? OK : ERR_DENIED;
}

static void start(struct core *core, uint64_t correlation, const struct frame_image *frame,
                  enum core_channel asker, int fd, int64_t now_us)
{
    uint8_t random[BLOB_NAME_BYTES];
    struct image_job *image = calloc(1, sizeof *image);
    if (!image)
        abort();
    image->job = (struct core_job){image_run, image_done};
    image->asker = asker;
    image->correlation = correlation;
    image->incident = frame->incident;
    image->size_bytes = frame->size_bytes;
    image->fd = fd;
    image->token_len = frame->token.len;
    if (frame->token.len > 0)
        memcpy(image->token, frame->token.p, frame->token.len);
    (void)str_copy(frame->key, image->key, sizeof image->key);
    (void)str_copy(frame->media_type, image->media_type, sizeof image->media_type);
    rand_secret(random, sizeof random);
    str_hex(random, sizeof random, image->name);
    const int n =
        snprintf(image->path, sizeof image->path, "%s/%s", core->options.blob_dir, image->name);
    if (n <= 0 || n >= BLOB_PATH_CAP || !core_job_start(core, &image->job, now_us)) {
        refuse(core, asker, correlation, ERR_BUSY, "photo", STR("too many photos are under way"));
        image_free(image);
    }
}

void core_image_frame(struct core *core, uint64_t correlation, const struct frame_image *frame,
                      int fd, int64_t now_us)
{
    const enum core_channel asker = frame->origin == CORE_PORTAL ? CORE_PORTAL : CORE_EDGE;
    enum err err = check_sender(core, frame, asker, now_us);
    if (err) {
        refuse(core, asker, correlation, err, CORE_SESSION_NAME,
               STR("this account may not add photos"));
    } else if (frame->err == ERR_LIMIT) {
        refuse(core, asker, correlation, ERR_RANGE, "photo",
               STR("the picture has too many pixels"));
    } else if (frame->err || fd < 0 || frame->size_bytes == 0 || !is_whole(fd, frame->size_bytes)) {
        refuse(core, asker, correlation, ERR_UNSUPPORTED, "photo",
               STR("the picture cannot be decoded"));
    } else {
        start(core, correlation, frame, asker, fd, now_us);
        return;
    }
    if (fd >= 0)
        (void)close(fd);
}
