/* Answers and problems (RFC 9457). The 404 of what is hidden and of what is not there are the same
 * bytes: status, title and the path that was asked for, nothing else. */
#include "edge/site.h"

static const struct http_field no_store = {{"Cache-Control", 13}, {"no-store", 8}};

void visit_ok(struct visit *visit, int status)
{
    char etag[32], location[96];
    struct http_field fields[3] = {no_store};
    size_t count = 1;
    if (visit->out.err != OK) {
        visit_problem(visit, 503, "the answer is too large", NULL);
        return;
    }
    if (visit->seq != 0 &&
        (visit->route->answer == ANSWER_ROW || visit->route->answer == ANSWER_CHANGED)) {
        int n = snprintf(etag, sizeof etag, "\"%llu\"", (unsigned long long)visit->seq);
        fields[count++] = (struct http_field){STR("ETag"), {etag, (size_t)n}};
    }
    if (status == 201 && visit->object != 0) {
        char id[ID_TEXT_CAP];
        id_text(visit->route->kind, visit->site->config.realm, visit->object, id);
        int n = snprintf(location, sizeof location, "%s/%s", visit->route->path, id);
        fields[count++] = (struct http_field){STR("Location"), {location, (size_t)n}};
    }
    struct http_answer answer = {.status = status,
                                 .type = status == 204 ? NULL : "application/json",
                                 .fields = fields,
                                 .field_count = count,
                                 .body = out_view(&visit->out)};
    visit_answer(visit, &answer);
}

void visit_bytes(struct visit *visit, int status, const char *type, struct http_bytes *bytes,
                 const struct http_field *fields, size_t field_count)
{
    struct http_answer answer = {.status = status,
                                 .type = type,
                                 .fields = fields,
                                 .field_count = field_count,
                                 .shared = bytes};
    visit_answer(visit, &answer);
}

static void problem_open(struct visit *visit, int status)
{
    out_reset(&visit->out);

    visit->json = json_out_of(&visit->out);
    json_obj(&visit->json);
    json_kc(&visit->json, "type", "about:blank");
    json_kc(&visit->json, "title", http_status_text(status));
    json_ki64(&visit->json, "status", status);
    json_kstr(&visit->json, "instance", visit->request->path);
}

static void problem_send(struct visit *visit, int status)
{
    json_obj_end(&visit->json);
    struct http_answer answer = {.status = status,
                                 .type = "application/problem+json",
                                 .fields = &no_store,
                                 .field_count = 1,
                                 .body = out_view(&visit->out)};
    visit_answer(visit, &answer);
}

void visit_problem(struct visit *visit, int status, const char *detail, const char *field)
{
    problem_open(visit, status);
    if (detail)
        json_kc(&visit->json, "detail", detail);
    if (field)
        json_kc(&visit->json, "field", field);
    problem_send(visit, status);
}

static int status_of(const struct frame_reply *reply)
{
    if (str_eq_c(reply->field, "Idempotency-Key") && reply->err != ERR_BUSY)
        return 422;
    if (str_eq_c(reply->field, "session") && reply->err == ERR_DENIED)
        return 401;
    if (str_eq_c(reply->field, "photo") && reply->err != ERR_IO && reply->err != ERR_BUSY)
        return 400; /* what was sent is no picture, whatever the decoder calls it */
    switch ((enum err)reply->err) {
    case ERR_SYNTAX:
    case ERR_RANGE:
    case ERR_MORE:
        return 400;
    case ERR_NOT_FOUND:
        return 404;
    case ERR_DENIED:
        return 403;
    case ERR_STATE:
    case ERR_EXISTS:
        return 409;
    case ERR_STALE:
        return 412;
    case ERR_UNSUPPORTED:
        return 415;
    case ERR_BUSY:
        return str_eq_c(reply->field, "login") ? 429 : 503;
    case OK:
    case ERR_LIMIT:
    case ERR_IO:
    case ERR_CORRUPT:
    case ERR_COUNT:
        break;
    }
    return 503;
}

void visit_reply_problem(struct visit *visit, const struct frame_reply *reply)
{
    const int status = status_of(reply);
    if (status == 404) { /* hidden and not there read the same: what core says of it stays here */
        char field[64];
        bool is_named = reply->field.len > 0 && str_copy(reply->field, field, sizeof field);
        visit_problem(visit, 404, is_named ? "names nothing that is there" : NULL,
                      is_named ? field : NULL);
        return;
    }
    problem_open(visit, status);
    if (reply->detail.len)
        json_kstr(&visit->json, "detail", reply->detail);
    if (reply->field.len)
        json_kstr(&visit->json, "field", reply->field);
    if (status == 409) {
        struct str rest = reply->legal;
        json_key(&visit->json, "legal");
        json_arr(&visit->json);
        while (rest.len)
            json_str(&visit->json, str_cut(&rest, ' '));
        json_arr_end(&visit->json);
    }
    if (status == 412)
        json_ki64(&visit->json, "version", reply->seq);
    problem_send(visit, status);
}

void visit_read_problem(struct visit *visit, enum err err, const struct fault *fault)
{
    if (err == ERR_NOT_FOUND && !fault->field)
        visit_problem(visit, 404, NULL, NULL);
    else if (fault->field)
        visit_problem(visit, 400, fault->text, fault->field);
    else
        visit_problem(visit, 503, "the store cannot be read", NULL);
}

struct str visit_header(const struct visit *visit, const char *name)
{
    return http_header(visit->request, name);
}

/* The media type without its parameters. */
static bool is_json(struct str type)
{
    return str_ieq_c(str_trim(str_cut(&type, ';')), "application/json");
}

bool visit_body(struct visit *visit, const struct record *record, void *ret_obj)
{
    struct fault fault = {0};
    struct json root;
    if (!is_json(visit_header(visit, "Content-Type"))) {
        visit_problem(visit, 415, "must be application/json", "Content-Type");
        return false;
    }
    enum err err = json_read(visit->request->body, &root, &fault);
    if (err != OK) {
        char text[96];
        (void)snprintf(text, sizeof text, "body is not JSON: %s at byte %zu",
                       fault.text ? fault.text : err_text(err), fault.offset);
        visit_problem(visit, 400, text, "body");
        return false;
    }
    visit->body = root; /* texts of the record are borrowed from it */
    err = record_json_read(record, root, visit->site->config.realm, &visit->arena, ret_obj, &fault);
    if (err != OK)
        visit_problem(visit, 400, fault.text ? fault.text : err_text(err),
                      fault.field ? fault.field : "body");
    return err == OK;
}
