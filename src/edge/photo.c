/* photo.c - photos up: a sealed memfd to the media process, which decodes and re-encodes it before
 * anything else sees it. Photos down: the same check as the object, a purpose, a line of audit. */
#include "edge/photo.h"
#include "edge/edge_priv.h"

#include "base/file.h"

#define BLOB_NAME_LEN 32

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

void photo_post(struct visit *visit)
{
    const char *fault = command_check_key(visit_header(visit, "Idempotency-Key"));
    if (fault)
        visit_problem(visit, 400, fault, "Idempotency-Key");
    else
        photo_send(visit, PHOTO_OF_STAFF, command_replied);
}

/* ---- down ---- */

static bool is_blob_name(struct str name)
{
    uint8_t bytes[BLOB_NAME_LEN / 2];
    return name.len == BLOB_NAME_LEN && str_unhex(name, bytes, sizeof bytes) == OK;
}

/* True if the text, JSON of ours, names the blob. */
static bool names_blob(struct str json, struct str blob)
{
    char member[BLOB_NAME_LEN + 16];
    int n = snprintf(member, sizeof member, "\"blob\":\"" STR_FMT "\"", STR_ARG(blob));
    return memmem(json.p, json.len, member, (size_t)n) != NULL;
}

/* The incident's attachments, or the signal's own row, as far as the asker may see them. */
static enum err find_blob(struct visit *visit, struct out *found)
{
    struct json_out j = json_out_of(found);
    char id[ID_TEXT_CAP];
    uint64_t seq;
    const struct object_query of = {visit->route->kind, visit->object, &visit->scope, false};
    enum err err = reader_object(visit->reader, &of, &j, &seq);
    if (err != OK || visit->route->kind != OBJECT_incident)
        return err;
    struct query_page page;
    struct query query = {
        .view = VIEW_note, .filter_count = 2, .limit = QUERY_MAX_LIMIT, .scope = &visit->scope};
    id_text(OBJECT_incident, visit->site->config.realm, visit->object, id);
    query.filters[0] = (struct query_filter){STR("incident"), QUERY_IS, str_of(id)};
    query.filters[1] = (struct query_filter){STR("kind"), QUERY_IS, STR("incident_attached")};
    out_reset(found);
    j = json_out_of(found);
    json_arr(&j);
    err = reader_query(visit->reader, &query, &j, &page, &visit->fault);
    json_arr_end(&j);
    return err;
}

static void run_photo(struct visit *visit)
{
    struct str blob = visit->params[1];
    struct out found;
    char path[512];
    out_init(&found, SITE_ANSWER_BYTES);
    visit->err = find_blob(visit, &found);
    if (visit->err == OK && !names_blob(out_view(&found), blob))
        visit->err = ERR_NOT_FOUND;
    out_done(&found);
    if (visit->err != OK)
        return;
    int n = snprintf(path, sizeof path, "%s/" STR_FMT, visit->site->config.blob_dir, STR_ARG(blob));
    visit->err = n > 0 && n < (int)sizeof path ? file_read(path, &visit->out) : ERR_LIMIT;
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
