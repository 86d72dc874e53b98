/* What is installed: posts, areas, bodies, types and plans. Found again by their code: a second
 * install of the same code replaces the first. */
#include "desk/parts.h"
#include "desk/types.h"

static enum event_kind event_of(enum command_kind command)
{
    static const enum event_kind events[COMMAND_KIND_COUNT] = {
        [COMMAND_post_install] = EVENT_post_installed,
        [COMMAND_area_install] = EVENT_area_installed,
        [COMMAND_body_install] = EVENT_body_installed,
        [COMMAND_type_install] = EVENT_type_installed,
        [COMMAND_plan_install] = EVENT_plan_installed,
        [COMMAND_user_install] = EVENT_user_installed,
    };
    return events[command];
}

/* Emits the install under the number that the code has, or a new one. */
static enum err install_as(struct draft *d, struct str code)
{
    enum object_kind kind = command_def(d->cmd->kind)->object_kind;
    uint32_t number = desk_by_code(d->desk, kind, code);
    if (code.len == 0)
        return draft_refuse(d, ERR_RANGE, kind == OBJECT_user ? "login" : "code", "it is empty");
    if (!number)
        TRY(draft_number(d, kind, &number));
    d->out.object.number = number;
    draft_emit(d, event_of(d->cmd->kind), number, d->cmd->fields,
               kind == OBJECT_area ? (struct area_id){number} : d->cmd->area);
    return OK;
}

static bool is_geojson(struct str text, const char *type_a, const char *type_b)
{
    struct json root;
    if (json_read(text, &root, NULL) != OK)
        return false;
    struct str type = json_text(json_get(root, "type"));
    bool is_good = (str_eq_c(type, type_a) || str_eq_c(type, type_b)) &&
                   json_type(json_get(root, "coordinates")) == JSON_LIST &&
                   json_count(json_get(root, "coordinates")) > 0;
    json_free(root);
    return is_good;
}

static enum err area_check(struct draft *d, const struct area_install *f)
{
    uint32_t parent = desk_by_code(d->desk, OBJECT_area, f->parent);
    if (HAS(area_install, f, parent) && !parent)
        return draft_refuse(d, ERR_RANGE, "parent", "there is no area with this code");
    if (f->level == 0 || (parent && draft_area(d, parent)->level >= f->level))
        return draft_refuse(d, ERR_RANGE, "level", "1 to 5, and below that of its parent");
    if (HAS(area_install, f, shape) && !is_geojson(f->shape, "Polygon", "MultiPolygon"))
        return draft_refuse(d, ERR_RANGE, "shape", "a GeoJSON Polygon or MultiPolygon");
    return install_as(d, f->code);
}

static enum err body_check(struct draft *d, const struct body_install *f)
{
    if (HAS(body_install, f, parent) &&
        (!desk_by_code(d->desk, OBJECT_body, f->parent) || str_eq(f->parent, f->code)))
        return draft_refuse(d, ERR_RANGE, "parent", "there is no such body above");
    return install_as(d, f->code);
}

enum err install_decide(struct draft *d)
{
    if (d->cmd->kind == COMMAND_area_install)
        return area_check(d, d->cmd->fields);
    if (d->cmd->kind == COMMAND_body_install)
        return body_check(d, d->cmd->fields);
    const struct post_install *f = d->cmd->fields;
    if (HAS(post_install, f, body))
        TRY(draft_must_have(d, OBJECT_body, f->body.v, "body"));
    return install_as(d, f->code);
}

static enum err check_version(struct draft *d, struct json before, uint32_t version)
{
    if (before.node && json_int(json_get(before, "version")) >= (int64_t)version)
        return draft_refuse(d, ERR_EXISTS, "version", "version %d is in force: versions rise",
                            (int)json_int(json_get(before, "version")));
    return OK;
}

static enum err refuse_document(struct draft *d, enum err err, const struct document_fault *fault)
{
    struct str path = arena_dup(d->arena, fault->path); /* NUL behind it */
    return draft_refuse(d, err, path.p, "%s", fault->reason);
}

enum err type_decide_install(struct draft *d)
{
    const struct type_install *f = d->cmd->fields;
    struct json before = desk_type_document(d->desk, f->code), document;
    struct document_fault fault = {0};
    TRY(check_version(d, before, f->version));
    if (json_read(f->document, &document, NULL) != OK)
        return draft_refuse(d, ERR_SYNTAX, "document", "not JSON");
    enum err err = type_document_check(document, before, f->code, f->version, d->arena, &fault);
    json_free(document);
    return err != OK ? refuse_document(d, err, &fault) : install_as(d, f->code);
}

enum err plan_decide_install(struct draft *d)
{
    const struct plan_install *f = d->cmd->fields;
    struct json document;
    struct document_fault fault = {0};
    TRY(check_version(d, desk_plan_document(d->desk, f->code), f->version));
    if (json_read(f->document, &document, NULL) != OK)
        return draft_refuse(d, ERR_SYNTAX, "document", "not JSON");
    enum err err = plan_document_check(document, f->code, f->version, d->arena, &fault);
    json_free(document);
    return err != OK ? refuse_document(d, err, &fault) : install_as(d, f->code);
}

/* ---- users and their sessions ---- */
static void close_session(struct draft *d, uint32_t number)
{
    draft_emit(d, EVENT_session_closed, number, DRAFT_NEW(d, nothing), (struct area_id){0});
}

/* Open sessions of the user; the one opened first in *ret_oldest. */
static uint32_t open_sessions(const struct draft *d, uint32_t user, uint32_t *ret_oldest)
{
    uint32_t pos = 0, number, count = 0;
    *ret_oldest = 0;
    while ((number = desk_next(d->desk, OBJECT_session, &pos)) != 0) {
        const struct session_object *s = draft_session(d, number);
        if (s->user.v != user || s->is_closed)
            continue;
        count++;
        if (*ret_oldest == 0 || number < *ret_oldest)
            *ret_oldest = number;
    }
    return count;
}

enum err user_decide_install(struct draft *d)
{
    const struct user_install *f = d->cmd->fields;
    const uint32_t before = desk_by_code(d->desk, OBJECT_user, f->login);
    uint32_t session;
    if (f->role == ROLE_PUBLIC || f->role == ROLE_TIMER)
        return draft_refuse(d, ERR_RANGE, "role", "no account has this role");
    TRY(draft_must_have(d, OBJECT_body, f->body.v, "body"));
    if (HAS(user_install, f, area))
        TRY(draft_must_have(d, OBJECT_area, f->area.v, "area"));
    if (HAS(user_install, f, unit))
        TRY(draft_must_have(d, OBJECT_unit, f->unit.v, "unit"));
    TRY(install_as(d, f->login));
    while (before && open_sessions(d, before, &session) > 0)
        close_session(d, session); /* a new password or role: who was in logs in again */
    return OK;
}

/* Somebody must be left who can make and disable accounts. */
static bool is_last_security_admin(const struct draft *d, uint32_t user)
{
    uint32_t pos = 0, number;
    if (draft_user(d, user)->role != ROLE_SECURITY_ADMIN)
        return false;
    while ((number = desk_next(d->desk, OBJECT_user, &pos)) != 0) {
        const struct user_object *other = draft_user(d, number);
        if (number != user && other->role == ROLE_SECURITY_ADMIN && !other->is_disabled)
            return false;
    }
    return true;
}

enum err user_decide_disable(struct draft *d)
{
    uint32_t session;
    if (draft_user(d, d->cmd->object)->is_disabled)
        return draft_refuse(d, ERR_STATE, NULL, "the account is disabled");
    if (is_last_security_admin(d, d->cmd->object))
        return draft_refuse(d, ERR_STATE, NULL, "the last security administrator must stay");
    draft_emit(d, EVENT_user_disabled, d->cmd->object, d->cmd->fields, (struct area_id){0});
    while (open_sessions(d, d->cmd->object, &session) > 0)
        close_session(d, session);
    return OK;
}

enum err session_decide_open(struct draft *d)
{
    const struct session_open *f = d->cmd->fields;
    uint32_t oldest;
    TRY(draft_must_have(d, OBJECT_user, f->user.v, "user"));
    if (draft_user(d, f->user.v)->is_disabled)
        return draft_refuse(d, ERR_DENIED, "user", "the account is disabled");
    if (f->expires_us <= d->now_us)
        return draft_refuse(d, ERR_RANGE, "expires_us", "it must lie in the future");
    if (desk_by_code(d->desk, OBJECT_session, f->token_hash))
        return draft_refuse(d, ERR_EXISTS, "token_hash", "this session is open");
    TRY(draft_number(d, OBJECT_session, &d->out.object.number));
    if (open_sessions(d, f->user.v, &oldest) >= MAX_USER_SESSIONS)
        close_session(d, oldest);
    draft_emit(d, EVENT_session_opened, d->out.object.number, f, (struct area_id){0});
    return OK;
}

enum err session_decide_close(struct draft *d)
{
    if (draft_session(d, d->cmd->object)->is_closed)
        return draft_refuse(d, ERR_STATE, NULL, "the session has ended");
    close_session(d, d->cmd->object);
    return OK;
}

/* ---- closures ---- */
enum err closure_decide_set(struct draft *d)
{
    struct closure_set *f = draft_copy_fields(d);
    if (!is_geojson(f->path, "LineString", "Polygon") &&
        !is_geojson(f->path, "MultiLineString", "MultiPolygon"))
        return draft_refuse(d, ERR_RANGE, "path", "a GeoJSON line or polygon");
    if (!HAS(closure_set, f, from_us))
        SET(closure_set, f, from_us, d->at_us);
    if (HAS(closure_set, f, until_us) && (f->until_us <= f->from_us || f->until_us <= d->now_us))
        return draft_refuse(d, ERR_RANGE, "until_us", "it must lie behind the start and now");
    TRY(draft_number(d, OBJECT_closure, &d->out.object.number));
    draft_emit(d, EVENT_closure_was_set, d->out.object.number, f, d->cmd->area);
    if (f->from_us <= d->now_us)
        draft_emit(d, EVENT_closure_started, d->out.object.number, DRAFT_NEW(d, nothing),
                   d->cmd->area);
    return OK;
}

enum err closure_decide_start(struct draft *d)
{
    const struct closure_object *c = draft_closure(d, d->cmd->object);
    if (c->is_in_force || HAS(closure_object, c, lifted_us) || c->from_us > d->now_us)
        return draft_refuse(d, ERR_STATE, NULL, "it is in force, lifted, or not due");
    draft_emit(d, EVENT_closure_started, d->cmd->object, d->cmd->fields, c->area);
    return OK;
}

enum err closure_decide_lift(struct draft *d)
{
    const struct closure_object *c = draft_closure(d, d->cmd->object);
    if (HAS(closure_object, c, lifted_us))
        return draft_refuse(d, ERR_STATE, NULL, "it is lifted");
    draft_emit(d, EVENT_closure_lifted, d->cmd->object, d->cmd->fields, c->area);
    return OK;
}

/* ---- apply ---- */
static void clear_object(struct ground *g, const struct record *rec, void *object)
{
    for (uint32_t i = 0; i < rec->field_count; i++) {
        if (rec->fields[i].type == FIELD_JSON)
            ground_text(g, (struct str *)(void *)((char *)object + rec->fields[i].offset),
                        (struct str){0});
    }
    memset(object, 0, rec->size);
}

static void *installed(struct ground *g, const struct event *e)
{
    const struct event_def *def = event_def(e->kind);
    const struct record *rec = object_record(def->object_kind);
    void *object;
    if (ground_look(g, def->object_kind, e->object)) {
        object = ground_edit(g, def->object_kind, e->object);
        clear_object(g, rec, object);
    } else {
        object = ground_make(g, def->object_kind, e->object);
    }
    ground_copy(g, def->fields, e->fields, rec, object);
    return object;
}

void install_apply(struct ground *g, const struct event *e)
{
    void *object = installed(g, e);
    if (e->kind == EVENT_post_installed && e->area.v)
        SET(post_object, (struct post_object *)object, area, e->area);
}

void area_apply_installed(struct ground *g, const struct event *e)
{
    const struct area_install *f = e->fields;
    struct area_object *a = installed(g, e);
    uint32_t parent = desk_by_code(ground_desk(g), OBJECT_area, f->parent);
    if (parent)
        SET(area_object, a, parent, (struct area_id){parent});
}

void body_apply_installed(struct ground *g, const struct event *e)
{
    const struct body_install *f = e->fields;
    struct body_object *b = installed(g, e);
    uint32_t parent = desk_by_code(ground_desk(g), OBJECT_body, f->parent);
    if (parent)
        SET(body_object, b, parent, (struct body_id){parent});
}

void user_apply_disabled(struct ground *g, const struct event *e)
{
    struct user_object *u = ground_edit(g, OBJECT_user, e->object);
    SET(user_object, u, is_disabled, true);
}

void session_apply_opened(struct ground *g, const struct event *e)
{
    struct session_object *s = ground_make(g, OBJECT_session, e->object);
    ground_copy(g, &record_session_open, e->fields, &record_session_object, s);
    SET(session_object, s, opened_us, e->at_us);
}

void session_apply_closed(struct ground *g, const struct event *e)
{
    struct session_object *s = ground_edit(g, OBJECT_session, e->object);
    SET(session_object, s, is_closed, true);
}

void closure_apply_set(struct ground *g, const struct event *e)
{
    struct closure_object *c = ground_make(g, OBJECT_closure, e->object);
    ground_copy(g, &record_closure_set, e->fields, &record_closure_object, c);
    if (e->area.v)
        SET(closure_object, c, area, e->area);
}

void closure_apply_started(struct ground *g, const struct event *e)
{
    struct closure_object *c = ground_edit(g, OBJECT_closure, e->object);
    SET(closure_object, c, is_in_force, true);
}

/* Why it was set stays; why it was lifted stands in the log. */
void closure_apply_lifted(struct ground *g, const struct event *e)
{
    struct closure_object *c = ground_edit(g, OBJECT_closure, e->object);
    STAMP(closure_object, c, lifted_us, e->at_us);
    CLEAR(closure_object, c, is_in_force);
}
