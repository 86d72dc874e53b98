/* session.c - who speaks: by channel, and on the staff channel by the hash of the session token.
 * Log-in runs the slow password check on a worker; look-ups of personal data leave their line here.
 */
#include "core/core_priv.h"

#include "base/log.h"

enum err core_session_actor(struct core *core, enum core_channel channel, struct str token,
                            int64_t now_us, struct actor *ret_actor, uint32_t *ret_session)
{
    char hex[2 * TOKEN_HASH_BYTES + 1];
    *ret_actor = (struct actor){0};
    if (channel == CORE_PORTAL || channel == CORE_FEED) {
        ret_actor->role = channel == CORE_PORTAL ? ROLE_PUBLIC : ROLE_FEED;
        return OK;
    }
    if (token.len != TOKEN_HASH_BYTES)
        return ERR_DENIED;
    str_hex((const uint8_t *)token.p, TOKEN_HASH_BYTES, hex);
    uint32_t number = desk_by_code(core->desk, OBJECT_session, str_of(hex));
    const struct session_object *session = desk_session(core->desk, (struct session_id){number});
    if (!session || session->is_closed || session->expires_us <= now_us)
        return ERR_DENIED;
    const struct user_object *user = desk_user(core->desk, session->user);
    if (!user || user->is_disabled)
        return ERR_DENIED;
    *ret_actor = (struct actor){session->user, user->role, user->body, user->area, user->unit};
    *ret_session = number;
    return OK;
}

struct login_job {
    struct core_job job;
    uint64_t correlation;
    struct user_id user;
    char password[PASSWORD_MAX_BYTES + 1], token_hex[2 * TOKEN_HASH_BYTES + 1];
    size_t password_len;
    char credential[PASSWORD_TEXT_CAP];
    struct password_cost cost;
    uint64_t account, source;
    bool fits;
};

static void login_run(struct core_job *job)
{
    struct login_job *login = (struct login_job *)(void *)job;
    login->fits = password_check(str_of(login->credential),
                                 (struct str){login->password, login->password_len}, login->cost);
}

static void login_done(struct core *core, struct core_job *job, int64_t now_us)
{
    struct login_job *login = (struct login_job *)(void *)job;
    if (!login->fits) {
        limiter_failed(core->limiter, login->account, login->source, now_us);
        core_pending_refuse(core, CORE_EDGE, login->correlation, ERR_DENIED, CORE_SESSION_NAME,
                            STR("login name or password is wrong"), (struct str){0}, 0);
        goto out;
    }
    limiter_passed(core->limiter, login->account, login->source, now_us);
    struct session_open fields = {0};
    fields.user = login->user;
    fields.token_hash = str_of(login->token_hex);
    fields.expires_us = now_us + core->options.session_us;
    SET_HAS(session_open, &fields, user);
    SET_HAS(session_open, &fields, token_hash);
    SET_HAS(session_open, &fields, expires_us);
    arena_reset(&core->arena);
    struct request *request = ARENA_NEW(&core->arena, struct request, 1);
    request->channel = CORE_EDGE;
    request->correlation = login->correlation;
    request->now_us = now_us;
    request->def = command_def(COMMAND_session_open);
    const struct user_object *user = desk_user(core->desk, login->user);
    request->command.kind = COMMAND_session_open;
    request->command.at_source = CLOCK_CORE;
    request->command.actor = (struct actor){
        login->user, user ? user->role : ROLE_NONE, user ? user->body : (struct body_id){0},
        user ? user->area : (struct area_id){0}, user ? user->unit : (struct unit_id){0}};
    request->fields = arena_alloc(&core->arena, 1, sizeof fields);
    memcpy(request->fields, &fields, sizeof fields);
    core_command_run(core, request);
out:
    memset(login->password, 0, sizeof login->password);
    free(login);
}

static struct login_job *login_job_new(struct core *core, uint64_t correlation,
                                       const struct frame_login *frame)
{
    struct login_job *login = calloc(1, sizeof *login);
    struct out credential;
    if (!login)
        abort();
    login->job = (struct core_job){login_run, login_done};
    login->correlation = correlation;
    login->cost = core->options.password_cost;
    login->account = digest_u64(frame->login.p, frame->login.len);
    login->source = digest_u64(frame->source.p, frame->source.len);
    login->password_len = frame->password.len;
    memcpy(login->password, frame->password.p, frame->password.len);
    str_hex((const uint8_t *)frame->token.p, TOKEN_HASH_BYTES, login->token_hex);
    login->user.v = desk_by_code(core->desk, OBJECT_user, frame->login);
    const struct user_object *user = desk_user(core->desk, login->user);
    out_init(&credential, PASSWORD_TEXT_CAP);
    /* An unknown or disabled account costs the same time and fails. */
    if (user && !user->is_disabled &&
        store_payload(core->options.store, user->credential.payload, &credential) == OK)
        (void)str_copy(out_view(&credential), login->credential, sizeof login->credential);
    out_done(&credential);
    return login;
}

void core_session_login(struct core *core, uint64_t correlation, const struct frame_login *frame,
                        int64_t now_us)
{
    uint32_t wait_s = 0;
    if (frame->token.len != TOKEN_HASH_BYTES || frame->password.len > PASSWORD_MAX_BYTES) {
        core_pending_refuse(core, CORE_EDGE, correlation, ERR_SYNTAX, "password", STR("too long"),
                            (struct str){0}, 0);
        return;
    }
    struct login_job *login = login_job_new(core, correlation, frame);
    if (limiter_ask(core->limiter, login->account, login->source, now_us, &wait_s) != OK) {
        struct str detail = arena_printf(&core->arena, "too many attempts, wait %u s", wait_s);
        core_pending_refuse(core, CORE_EDGE, correlation, ERR_BUSY, "login", detail,
                            (struct str){0}, 0);
        free(login);
    } else if (!core_job_start(core, &login->job, now_us)) {
        core_pending_refuse(core, CORE_EDGE, correlation, ERR_BUSY, NULL,
                            STR("too many log-ins are under way"), (struct str){0}, 0);
        free(login);
    }
}

static enum err audit_check(struct core *core, struct request *request,
                            const struct frame_audit *frame)
{
    const struct object_ref ref = {(enum object_kind)frame->object_kind, frame->object};
    struct envelope envelope;
    enum access_action action = access_of_personal(ref.kind);
    if (action == ACTION_NONE || !core_command_load(core, request, ref))
        return ERR_NOT_FOUND;
    if (ref.kind == OBJECT_incident) { /* its units decide about field accounts */
        const struct incident_object *incident =
            desk_incident(core->desk, (struct incident_id){ref.number});
        for (uint32_t i = 0; i < incident->assignments.count; i++)
            (void)core_command_load(
                core, request, (struct object_ref){OBJECT_assignment, incident->assignments.v[i]});
    }
    core_envelope_of(core, ref, &envelope);
    return access_may(&request->command.actor, action, &envelope, frame->purpose, &core->trees);
}

void core_session_audit(struct core *core, uint64_t correlation, const struct frame_audit *frame,
                        int64_t now_us)
{
    struct request *request = ARENA_NEW(&core->arena, struct request, 1);
    uint32_t session = 0;
    struct pending *pending;
    if (core_session_actor(core, CORE_EDGE, frame->token, now_us, &request->command.actor,
                           &session)) {
        core_pending_refuse(core, CORE_EDGE, correlation, ERR_DENIED, CORE_SESSION_NAME,
                            STR("log in first"), (struct str){0}, 0);
        return;
    }
    enum err err = audit_check(core, request, frame);
    for (uint32_t i = 0; i < request->loaded_count; i++)
        (void)desk_evict(core->desk, request->loaded[i].kind, request->loaded[i].number);
    pending = err ? NULL : core_pending_new(core);
    if (!pending) {
        core_pending_refuse(core, CORE_EDGE, correlation, err ? err : ERR_BUSY, NULL,
                            STR("this look-up is not permitted"), (struct str){0}, 0);
        return;
    }
    const struct store_lookup lookup = {request->command.actor.user,
                                        request->command.actor.role,
                                        frame->purpose,
                                        (enum object_kind)frame->object_kind,
                                        frame->object,
                                        frame->what};
    struct store_batch *batch = store_batch_new(core->options.store, now_us);
    store_batch_lookup(batch, &lookup);
    pending->channel = CORE_EDGE;
    pending->correlation = correlation;
    SET_HAS(frame_reply, &pending->reply, err);
    if (store_submit(core->options.store, batch, pending) != OK)
        core->is_dead = true;
}
