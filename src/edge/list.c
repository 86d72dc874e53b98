/* list.c - lists, single objects, the log and the notes: read on a worker, scope in the SQL. */
#include "edge/edge_priv.h"

/* What a worker reads: made on the loop, const from there on. */
struct list_work {
    struct query query;
    uint64_t as_of;
};

static bool add_filter(struct query *query, const char *column, enum query_op op, struct str value)
{
    if (query->filter_count == QUERY_MAX_FILTERS)
        return false;
    query->filters[query->filter_count++] = (struct query_filter){str_of(column), op, value};
    return true;
}

static bool add_param(struct query *query, const struct query_value *v)
{
    const char *name = v->param->name;
    if (strcmp(name, "order") == 0)
        query->order = v->value;
    else if (strcmp(name, "cursor") == 0)
        query->cursor = v->value;
    else if (strcmp(name, "limit") == 0)
        query->limit = (uint32_t)v->number;
    else if (strcmp(name, "from") == 0)
        return add_filter(query, "time", QUERY_FROM, v->value);
    else if (strcmp(name, "to") == 0)
        return add_filter(query, "time", QUERY_BEFORE, v->value);
    else if (strcmp(name, "q") == 0)
        return add_filter(query, "", QUERY_SEARCH, v->value);
    else
        return add_filter(query, name, QUERY_IS, v->value);
    return true;
}

static struct list_work *work_new(struct visit *visit, enum view_id view)
{
    struct list_work *work = ARENA_NEW(&visit->arena, struct list_work, 1);
    work->query.view = view;
    work->query.scope = &visit->scope;
    for (size_t i = 0; i < visit->query_count; i++) {
        if (!add_param(&work->query, &visit->query[i])) {
            visit_problem(visit, 400, "too many filters", visit->query[i].param->name);
            return NULL;
        }
    }
    visit->work = work;
    return work;
}

/* A filter's column in the words of the API. */
static const char *shown_field(const struct visit *visit, const char *field)
{
    if (!field || strcmp(field, "time") != 0)
        return field && *field ? field : "q";
    return visit_query(visit, "from") ? "from" : "to";
}

static void run_list(struct visit *visit)
{
    const struct list_work *work = visit->work;
    struct query_page page = {0};
    struct json_out *j = &visit->json;
    json_obj(j);
    json_key(j, "items");
    json_arr(j);
    visit->err = reader_query(visit->reader, &work->query, j, &page, &visit->fault);
    if (visit->err != OK)
        return;
    json_arr_end(j);
    json_kc(j, "next", page.next[0] ? page.next : NULL);
    json_ku64(j, "as_of", page.as_of);
    json_obj_end(j);
}

static void answer_list(struct visit *visit)
{
    if (visit->err != OK) {
        if (visit->fault.field)
            visit->fault.field = shown_field(visit, visit->fault.field);
        visit_read_problem(visit, visit->err, &visit->fault);
        return;
    }
    visit_ok(visit, 200);
}

void list_rows(struct visit *visit)
{
    if (work_new(visit, (enum view_id)visit->route->kind))
        visit_read(visit, run_list, answer_list);
}

void list_log(struct visit *visit)
{
    if (work_new(visit, VIEW_log))
        visit_read(visit, run_list, answer_list);
}

/* ---- single objects ---- */

static void run_object(struct visit *visit)
{
    const struct object_query of = {visit->route->kind, visit->object, &visit->scope,
                                    visit->purpose != PURPOSE_NONE};
    visit->err = reader_object(visit->reader, &of, &visit->json, &visit->seq);
}

static bool is_unchanged(const struct visit *visit)
{
    char etag[32];
    struct str known = visit_header(visit, "If-None-Match");
    (void)snprintf(etag, sizeof etag, "\"%llu\"", (unsigned long long)visit->seq);
    return known.p && visit->purpose == PURPOSE_NONE && str_eq_c(known, etag);
}

static void answer_object(struct visit *visit)
{
    if (visit->err != OK) {
        visit_read_problem(visit, visit->err, &visit->fault);
    } else if (is_unchanged(visit)) {
        struct http_answer answer = {.status = 304};
        visit_answer(visit, &answer);
    } else {
        visit_ok(visit, 200);
    }
}

/* The look-up is on record: now it may be read. */
static void audited(struct visit *visit, const struct frame_reply *reply)
{
    if (reply->err != OK) {
        visit_reply_problem(visit, reply);
        return;
    }
    visit_read(visit, visit->on_read_run, visit->on_read_done);
}

/* Has core keep a line of the look-up, then reads. The scope is the personal action's. */
void list_audited(struct visit *visit, enum object_kind kind, const char *what, visit_fn run,
                  visit_fn done)
{
    struct frame_audit frame = {0};
    enum access_action action = access_of_personal(kind);
    visit->scope =
        access_scope(&visit->actor, action, visit->purpose, &edge_of(visit)->atlas.trees);
    if (visit->scope.is_none) {
        visit_problem(visit, 403, "this account may not look for this purpose", "X-Purpose");
        return;
    }
    frame.token = (struct str){(const char *)visit->token_hash, sizeof visit->token_hash};
    frame.purpose = visit->purpose;
    frame.object_kind = kind;
    frame.object = visit->object;
    frame.what = str_of(what);
    SET_HAS(frame_audit, &frame, token);
    SET_HAS(frame_audit, &frame, purpose);
    SET_HAS(frame_audit, &frame, object_kind);
    SET_HAS(frame_audit, &frame, object);
    SET_HAS(frame_audit, &frame, what);
    visit->on_read_run = run;
    visit->on_read_done = done;
    visit_ask(visit, FRAME_audit, &frame, -1, audited);
}

void list_object(struct visit *visit)
{
    char what[48];
    (void)snprintf(what, sizeof what, "%s:personal", object_kind_name(visit->route->kind));
    if (visit->purpose != PURPOSE_NONE)
        list_audited(visit, visit->route->kind, what, run_object, answer_object);
    else
        visit_read(visit, run_object, answer_object);
}

/* ---- history of one incident ---- */

/* An incident that is hidden has no history either: the same 404. */
static bool incident_is_seen(struct visit *visit)
{
    struct out row;
    uint64_t seq;
    out_init(&row, SITE_ANSWER_BYTES);
    struct json_out j = json_out_of(&row);
    const struct object_query of = {OBJECT_incident, visit->object, &visit->scope, false};
    visit->err = reader_object(visit->reader, &of, &j, &seq);
    out_done(&row);
    return visit->err == OK;
}

static void run_history(struct visit *visit)
{
    if (incident_is_seen(visit))
        run_list(visit);
}

static struct list_work *history(struct visit *visit, enum view_id view)
{
    struct list_work *work = work_new(visit, view);
    char id[ID_TEXT_CAP];
    id_text(OBJECT_incident, visit->site->config.realm, visit->object, id);
    if (work) {
        (void)add_filter(&work->query, "incident", QUERY_IS, arena_dup(&visit->arena, str_of(id)));
        if (work->query.order.len == 0)
            work->query.order = STR("id");
    }
    return work;
}

void list_incident_log(struct visit *visit)
{
    if (history(visit, VIEW_log))
        visit_read(visit, run_history, answer_list);
}

void list_notes(struct visit *visit)
{
    struct list_work *work = history(visit, VIEW_note);
    if (!work)
        return;
    if (visit->purpose == PURPOSE_NONE) {
        visit_read(visit, run_history, answer_list);
        return;
    }
    work->query.with_personal = true;
    list_audited(visit, OBJECT_incident, "incident:notes", run_history, answer_list);
}
