/* photo.c - photos up: a sealed memfd to the media process, which decodes and re-encodes it before
 * anything else sees it. Photos down: the same check as the object, a purpose, a line of audit. */
#include "edge/photo.h"
#include "edge/edge_priv.h"

#include "access/blob.h"
#include "base/file.h"

#define BLOB_NAME_LEN 32

/* OK, or ERR_NOT_FOUND, of the visit's incident or signal in a scope. */
static enum err row_is_seen(struct visit *visit, const struct scope *scope)
{
    struct out row;
    uint64_t seq;
    const struct object_query of = {visit->route->kind, visit->object, scope, false};
    out_init(&row, SITE_ANSWER_BYTES);
    struct json_out j = json_out_of(&row);
    enum err err = reader_object(visit->reader, &of, &j, &seq);
    out_done(&row);
    return err;
}

/* ---- up ---- */

const char *photo_type(struct str type)
{
    static const char *const types[] = {"image/jpeg", "image/png", "image/webp"};
    struct str name = str_trim(str_cut(&type, ';'));
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (str_ieq_c(name, types[i]))
            return types[i];
    }
    return NULL;
}

void photo_send(struct visit *visit, uint32_t origin, reply_fn fn)
{
    const char *type = photo_type(visit_header(visit, "Content-Type"));
    struct frame_image frame = {0};
    if (!type) {
        visit_problem(visit, 415, "must be image/jpeg, image/png or image/webp", "Content-Type");
        return;
    }
    if (visit->request->body_bytes == 0) {
        visit_problem(visit, 400, "is empty", "body");
        return;
    }
    frame.incident = visit->object;
    frame.key = visit_header(visit, "Idempotency-Key");
    frame.media_type = str_of(type);
    frame.size_bytes = (uint32_t)visit->request->body_bytes;
    frame.origin = origin;
    frame.token = (struct str){(const char *)visit->token_hash, sizeof visit->token_hash};
    SET_HAS(frame_image, &frame, media_type);
    SET_HAS(frame_image, &frame, size_bytes);
    SET_HAS(frame_image, &frame, origin);
    if (visit->session.v)
        SET_HAS(frame_image, &frame, token);
    if (visit->object)
        SET_HAS(frame_image, &frame, incident);
    if (frame.key.len)
        SET_HAS(frame_image, &frame, key);
    visit_ask(visit, FRAME_image, &frame, http_take_body_fd(visit->exchange), fn);
}

/* Core decides when the picture is there; who may not add one is told before it is decoded. */
static void run_incident(struct visit *visit)
{
    visit->err = row_is_seen(visit, &visit->scope);
    if (visit->err == ERR_NOT_FOUND && row_is_seen(visit, visit->work) == OK)
        visit->err = ERR_DENIED;
}

static void answer_incident(struct visit *visit)
{
    if (visit->err == OK)
        photo_send(visit, PHOTO_OF_STAFF, command_replied);
    else if (visit->err == ERR_DENIED)
        visit_problem(visit, 403, "this account may not do that", NULL);
    else
        visit_read_problem(visit, visit->err, &visit->fault);
}

void photo_post(struct visit *visit)
{
    const char *fault = command_check_key(visit_header(visit, "Idempotency-Key"));
    struct scope *seen = ARENA_NEW(&visit->arena, struct scope, 1);
    *seen = access_scope(&visit->actor, ACTION_incident_read, PURPOSE_NONE,
                         &edge_of(visit)->atlas.trees);
    visit->work = seen;
    if (fault)
        visit_problem(visit, 400, fault, "Idempotency-Key");
    else
        visit_read(visit, run_incident, answer_incident);
}

/* ---- down ---- */

static bool is_blob_name(struct str name)
{
    uint8_t bytes[BLOB_NAME_LEN / 2];
    return name.len == BLOB_NAME_LEN && str_unhex(name, bytes, sizeof bytes) == OK;
}

/* Seen by whoever sees the incident or the signal that names it. */
static enum err find_key(struct visit *visit, struct str blob, struct out *key)
{
    enum err err = row_is_seen(visit, &visit->scope);
    return err ? err : reader_blob_key(visit->reader, visit->route->kind, visit->object, blob, key);
}

static enum err open_file(struct visit *visit, struct str blob, const struct out *key)
{
    struct out sealed;
    char path[512];
    int n = snprintf(path, sizeof path, "%s/" STR_FMT, visit->site->config.blob_dir, STR_ARG(blob));
    if (key->len != BLOB_KEY_BYTES || n <= 0 || n >= (int)sizeof path)
        return ERR_CORRUPT;
    out_init(&sealed, SITE_ANSWER_BYTES + BLOB_MORE_BYTES);
    enum err err = file_read(path, &sealed);
    if (!err)
        err = blob_open(key->p, blob, out_view(&sealed), &visit->out);
    out_done(&sealed);
    return err;
}

static void run_photo(struct visit *visit)
{
    struct str blob = visit->params[1];
    struct out key;
    out_init(&key, 256);
    visit->err = find_key(visit, blob, &key);
    if (!visit->err)
        visit->err = open_file(visit, blob, &key);
    out_done(&key);
}

static void answer_photo(struct visit *visit)
{
    static const struct http_field fields[] = {
        {{"Cache-Control", 13}, {"private, no-store", 17}},
        {{"X-Content-Type-Options", 22}, {"nosniff", 7}},
        {{"Content-Security-Policy", 23}, {"default-src 'none'; sandbox", 27}}};
    if (visit->err != OK) {
        visit->fault = (struct fault){0};
        visit_read_problem(visit, visit->err, &visit->fault);
        return;
    }
    struct http_answer answer = {.status = 200,
                                 .type = "image/jpeg",
                                 .fields = fields,
                                 .field_count = 3,
                                 .body = out_view(&visit->out)};
    visit_answer(visit, &answer);
}

void photo_get(struct visit *visit)
{
    if (!is_blob_name(visit->params[1]) || !visit->site->config.blob_dir)
        visit_problem(visit, 404, NULL, NULL);
    else if (visit->purpose == PURPOSE_NONE)
        visit_problem(visit, 400, "is needed", "X-Purpose");
    else
        list_audited(visit, visit->route->kind,
                     visit->route->kind == OBJECT_signal ? "signal:photo" : "incident:photo",
                     run_photo, answer_photo);
}
