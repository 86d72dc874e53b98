/* session.c - who is asking: cookie or bearer token, CSRF, origin; log in and out.
 * A session is a random token whose hash is a row of the store: each request reads that row, so a
 * revoked session ends with the next request. The token itself is never stored or sent on. */
#include "edge/bodies.h"
#include "edge/edge_priv.h"

#include "access/token.h"
#include "base/utc.h"

#define COOKIE "__Host-session"

static bool is_write(const struct visit *visit)
{
    return visit->request->method != HTTP_METHOD_GET && visit->request->method != HTTP_METHOD_HEAD;
}

/* A page of another site may make a browser send requests with our cookie: its Origin or Sec-Fetch-
 * Site says so. Programs send neither. */
static bool is_same_origin(const struct visit *visit)
{
    struct str site = visit_header(visit, "Sec-Fetch-Site"), origin = visit_header(visit, "Origin");
    if (site.p && !str_eq_c(site, "same-origin") && !str_eq_c(site, "none"))
        return false;
    if (!origin.p)
        return true;
    struct str scheme = visit->request->is_tls ? STR("https://") : STR("http://");
    return str_starts(origin, scheme) && str_eq(str_from(origin, scheme.len), visit->request->host);
}

/* The token that came with the request; false: none, or not one's shape. */
static bool take_token(struct visit *visit)
{
    struct str bearer = visit_header(visit, "Authorization");
    struct str token = http_cookie(visit->request, COOKIE);
    if (bearer.len > 7 && str_ieq_c((struct str){bearer.p, 7}, "bearer ")) {
        token = str_trim(str_from(bearer, 7));
        visit->is_bearer = true;
    }
    return token.p && token_hash(token, visit->token_hash) == OK &&
           str_copy(token, visit->token, sizeof visit->token);
}

/* Reads session and account. ERR_NOT_FOUND: unknown, ended, disabled or expired. Any other error
 * says nothing of the session: while a server starts its rows cannot be read for a moment, and
 * nobody is to be logged out by that. */
static enum err load(struct visit *visit)
{
    struct reader_session found;
    char hex[TOKEN_HASH_TEXT_CAP];
    str_hex(visit->token_hash, sizeof visit->token_hash, hex);
    enum err err = reader_session(edge_of(visit)->reader, str_of(hex), &found);
    if (!err && found.expires_us <= visit->now_us)
        err = ERR_NOT_FOUND;
    if (err)
        return err;
    struct user_object *user = ARENA_NEW(&visit->arena, struct user_object, 1);
    *user = found.user;
    visit->user = user;
    visit->session = found.session;
    visit->expires_us = found.expires_us;
    visit->actor = (struct actor){found.id, user->role, user->body, user->area, user->unit};
    return OK;
}

bool session_enter(struct visit *visit)
{
    const bool is_open = visit->route->flags & ROUTE_OPEN;
    const enum err err = take_token(visit) ? load(visit) : ERR_NOT_FOUND;
    const bool is_in = err == OK;
    if (err && err != ERR_NOT_FOUND) {
        visit_problem(visit, 503, "the accounts cannot be read just now; try again", NULL);
        return false;
    }
    if (!is_in && !is_open) {
        visit_problem(visit, 401, "log in first", NULL);
        return false;
    }
    if (is_write(visit) && !visit->is_bearer) {
        if (!is_same_origin(visit)) {
            visit_problem(visit, 403, "comes from another site", "Origin");
            return false;
        }
        if (!is_open &&
            !token_csrf_fits(str_of(visit->token), visit_header(visit, "X-CSRF-Token"))) {
            visit_problem(visit, 403, "is missing or of another session", "X-CSRF-Token");
            return false;
        }
    }
    if (!access_has(visit->actor.role, visit->route->action)) {
        visit->site->figures.refused_access++;
        visit_problem(visit, is_in ? 403 : 401, "this account may not do that", NULL);
        return false;
    }
    visit->scope = access_scope(&visit->actor, visit->route->action, PURPOSE_NONE,
                                &edge_of(visit)->atlas.trees);
    return true;
}

/* ---- handlers ---- */

static void write_id(struct json_out *j, const struct visit *visit, const char *key,
                     enum object_kind kind, uint32_t number)
{
    char text[ID_TEXT_CAP];
    if (number == 0)
        return;
    id_text(kind, visit->site->config.realm, number, text);
    json_kc(j, key, text);
}

static void write_session(struct visit *visit)
{
    const struct edge_config *config = &visit->site->config;
    const struct user_object *user = visit->user;
    struct json_out *j = &visit->json;
    char csrf[TOKEN_CSRF_CAP], expires[UTC_ISO_CAP];
    token_csrf(str_of(visit->token), csrf);
    utc_iso(visit->expires_us, expires);
    json_obj(j);
    json_key(j, "user");
    json_obj(j);
    write_id(j, visit, "id", OBJECT_user, visit->actor.user.v);
    json_kc(j, "login", user->login);
    json_kc(j, "name", user->name);
    json_kc(j, "role", enum_wire(&enum_role, user->role));
    write_id(j, visit, "body", OBJECT_body, user->body.v);
    write_id(j, visit, "area", OBJECT_area, user->area.v);
    write_id(j, visit, "unit", OBJECT_unit, user->unit.v);
    json_obj_end(j);
    json_kc(j, "csrf", csrf);
    json_kc(j, "expires", expires);
    json_ku64(j, "realm", config->realm);
    json_kc(j, "city", config->city);
    json_kc(j, "zone", config->zone);
    json_key(j, "languages");
    json_raw(j, STR("[\"zh-CN\",\"en\"]"));
    if (visit->is_bearer)
        json_kc(j, "token", visit->token);
    json_obj_end(j);
}

void session_show(struct visit *visit)
{
    visit->is_bearer = false; /* whoever asks has the token already */
    write_session(visit);
    visit_ok(visit, 200);
}

static void answer_cookie(struct visit *visit, const char *value, int64_t max_age_s)
{
    char cookie[160];
    int n = snprintf(cookie, sizeof cookie,
                     COOKIE "=%s; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=%lld", value,
                     (long long)max_age_s);
    const struct http_field fields[] = {{STR("Set-Cookie"), {cookie, (size_t)n}},
                                        {STR("Cache-Control"), STR("no-store")}};
    struct http_answer answer = {.status = visit->out.len ? 200 : 204,
                                 .type = visit->out.len ? "application/json" : NULL,
                                 .fields = fields,
                                 .field_count = 2,
                                 .body = out_view(&visit->out)};
    visit_answer(visit, &answer);
}

static void logged_in(struct visit *visit, const struct frame_reply *reply)
{
    if (reply->err != OK) {
        visit_reply_problem(visit, reply);
        return;
    }
    if (load(visit) != OK) {
        visit_problem(visit, 503, "the session cannot be read", NULL);
        return;
    }
    write_session(visit);
    if (visit->is_bearer)
        visit_ok(visit, 200);
    else
        answer_cookie(visit, visit->token, (visit->expires_us - visit->now_us) / US_PER_S);
}

void session_login(struct visit *visit)
{
    struct login login;
    struct frame_login frame = {0};
    uint64_t source = visit_source(visit);
    char source_hex[17];
    if (!visit_body(visit, &record_login, &login))
        return;
    visit->is_bearer = login.bearer;
    token_make(visit->token);
    (void)token_hash(str_of(visit->token), visit->token_hash);
    str_hex((const uint8_t *)&source, sizeof source, source_hex);
    frame.login = login.login;
    frame.password = login.password;
    frame.token = (struct str){(const char *)visit->token_hash, sizeof visit->token_hash};
    frame.source = str_of(source_hex);
    SET_HAS(frame_login, &frame, login);
    SET_HAS(frame_login, &frame, password);
    SET_HAS(frame_login, &frame, token);
    SET_HAS(frame_login, &frame, source);
    visit_ask(visit, FRAME_login, &frame, -1, logged_in);
}

static void left(struct visit *visit, const struct frame_reply *reply)
{
    if (reply->err != OK)
        visit_reply_problem(visit, reply);
    else
        answer_cookie(visit, "", 0);
}

void session_leave(struct visit *visit)
{
    struct nothing nothing = {0};
    struct frame_command frame = {0};
    struct out fields;
    out_init(&fields, 64);
    record_write(&record_nothing, &nothing, RECORD_WIRE, &fields);
    frame.token = (struct str){(const char *)visit->token_hash, sizeof visit->token_hash};
    frame.kind = COMMAND_session_close;
    frame.object = visit->session.v;
    frame.fields = out_view(&fields);
    SET_HAS(frame_command, &frame, token);
    SET_HAS(frame_command, &frame, kind);
    SET_HAS(frame_command, &frame, object);
    SET_HAS(frame_command, &frame, fields);
    visit_ask(visit, FRAME_command, &frame, -1, left);
    out_done(&fields);
}
