/* command.c - the one way in: from a frame to a batch handed to the store. */
#include "core/core_priv.h"

#include "base/log.h"

static const struct str none = {0};

static void refuse(struct core *core, const struct request *request, enum err err,
                   const char *field, struct str detail)
{
    if (request->ret_reply) {
        request->ret_reply->err = err;
        request->ret_reply->field = str_of(field);
        request->ret_reply->detail = arena_dup(request->ret_arena, detail);
    } else if (!request->is_silent) {
        core_pending_refuse(core, request->channel, request->correlation, err, field, detail, none,
                            0);
    }
}

bool core_command_load(struct core *core, struct request *request, struct object_ref ref)
{
    struct store_row row;
    struct arena arena;
    bool is_there = desk_object(core->desk, ref.kind, ref.number) != NULL;
    if (is_there || ref.number == 0)
        return is_there;
    arena_init(&arena, 1 << 20);
    if (store_row(core->options.store, ref.kind, ref.number, &arena, &row) == OK &&
        desk_load(core->desk, ref.kind, ref.number, row.bytes, row.seq) == OK) {
        is_there = true;
        if (request && request->loaded_count < MAX_NEEDS)
            request->loaded[request->loaded_count++] = ref;
    }
    arena_done(&arena);
    return is_there;
}

/* Objects brought in for this command and left as they were go again. */
static void unload(struct core *core, const struct request *request)
{
    for (uint32_t i = 0; i < request->loaded_count; i++) {
        const struct object_ref ref = request->loaded[i];
        bool is_changed = false;
        for (size_t e = core->evictable_count; e > 0 && !is_changed; e--)
            is_changed = core->evictable[e - 1].kind == ref.kind &&
                         core->evictable[e - 1].number == ref.number;
        if (!is_changed)
            (void)desk_evict(core->desk, ref.kind, ref.number);
    }
}

static bool load_needs(struct core *core, struct request *request)
{
    struct object_ref refs[MAX_NEEDS];
    for (int turn = 0; turn < 8; turn++) {
        uint32_t count = desk_needs(core->desk, &request->command, refs, MAX_NEEDS);
        uint32_t found = 0;
        for (uint32_t i = 0; i < count; i++)
            found += core_command_load(core, request, refs[i]);
        if (found == 0)
            return true; /* what is still missing does not exist: the desk says so */
    }
    return true;
}

/* Who may do it, to this object. */
static enum err check_access(struct core *core, struct request *request)
{
    const struct command *command = &request->command;
    const struct object_ref ref = {request->def->object_kind, command->object};
    const enum access_action action = access_of_command(command->kind);
    struct envelope envelope;
    if (request->is_silent || request->ret_reply) /* the program's own: timers, demo, imports */
        return ref.number == 0 || core_command_load(core, request, ref) ? OK : ERR_NOT_FOUND;
    if (!access_has(command->actor.role, action))
        return ERR_DENIED;
    if (ref.number == 0)
        return access_may(&command->actor, action, NULL, PURPOSE_NONE, &core->trees);
    if (!core_command_load(core, request, ref))
        return ERR_NOT_FOUND;
    if (ref.kind == OBJECT_incident && !load_needs(core, request))
        return ERR_LIMIT;
    core_envelope_of(core, ref, &envelope);
    return access_may(&command->actor, action, &envelope, PURPOSE_NONE, &core->trees);
}

/* True when the key answered the request already. */
static bool answer_key(struct core *core, struct request *request, uint64_t key_hash)
{
    struct out outcome;
    struct frame_reply reply;
    uint32_t slot;
    if (key_hash == 0)
        return false;
    if (map_get(&core->keys, key_hash, &slot)) {
        struct pending *first = &core->pending[slot], *twin = core_pending_new(core);
        if (!twin) {
            refuse(core, request, ERR_BUSY, NULL, STR("too many requests are under way"));
            return true;
        }
        twin->channel = request->channel;
        twin->correlation = request->correlation;
        memcpy(twin->request, request->hash, sizeof twin->request);
        twin->next = first->twins;
        first->twins = twin;
        return true;
    }
    out_init(&outcome, STORE_MAX_OUTCOME_BYTES);
    enum err err = store_find_key(core->options.store, request->command.actor.user.v,
                                  request->command.key, request->hash, request->now_us, &outcome);
    if (err == OK && record_read(&record_frame_reply, out_view(&outcome), &reply) == OK) {
        reply.is_replayed = true;
        SET_HAS(frame_reply, &reply, is_replayed);
        core->options.calls.send(core->options.ctx, request->channel, FRAME_reply,
                                 request->correlation, &reply, -1);
    } else if (err == ERR_STATE) {
        refuse(core, request, ERR_EXISTS, CORE_KEY_NAME,
               STR("this key was used for another request"));
    }
    out_done(&outcome);
    return err == OK || err == ERR_STATE;
}

static void touch_evictable(struct core *core, struct object_ref ref)
{
    if (core->evictable_count < CORE_MAX_EVICTABLE)
        core->evictable[core->evictable_count++] = ref;
}

/* Other times are in force: all that may wait is due at another time than its row says. */
static void write_all_due(struct core *core, struct request *request)
{
    static const enum object_kind kinds[] = {OBJECT_incident, OBJECT_assignment, OBJECT_call,
                                             OBJECT_emergency};
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
        uint32_t pos = 0, number;
        while ((number = desk_next(core->desk, kinds[k], &pos)) != 0) {
            if (desk_is_live(core->desk, kinds[k], number))
                store_batch_due(request->batch, kinds[k], number,
                                desk_due(core->desk, kinds[k], number));
        }
    }
}

/* State rows, due times and the parts of core that follow the desk. */
static void write_changes(struct core *core, struct request *request,
                          const struct desk_changes *changes)
{
    struct out row;
    out_init(&row, STORE_MAX_BATCH_BYTES);
    for (uint32_t i = 0; i < changes->count; i++) {
        const struct object_ref ref = changes->refs[i];
        out_reset(&row);
        if (desk_state_write(core->desk, ref.kind, ref.number, &row) != OK || row.err)
            continue;
        const bool is_live = desk_is_live(core->desk, ref.kind, ref.number);
        const struct store_row state = {ref.kind, ref.number,
                                        desk_seq(core->desk, ref.kind, ref.number), is_live,
                                        out_view(&row)};
        store_batch_state(request->batch, &state);
        store_batch_due(request->batch, ref.kind, ref.number,
                        desk_due(core->desk, ref.kind, ref.number));
        if (!is_live)
            touch_evictable(core, ref);
        if (ref.kind == OBJECT_timing || ref.kind == OBJECT_type)
            write_all_due(core, request);
        else if (ref.kind == OBJECT_closure)
            core_closure_changed(core, ref.number, request->now_us);
        else if (ref.kind == OBJECT_area || ref.kind == OBJECT_body)
            core_place_area_changed(core);
        else if (ref.kind == OBJECT_unit)
            core_place_unit_changed(core, ref.number);
    }
    out_done(&row);
}

static void apply_events(struct core *core, struct request *request,
                         const struct decision *decision)
{
    struct desk_changes *changes = ARENA_NEW(&core->arena, struct desk_changes, 1);
    struct desk_changes local = {0};
    if (!changes)
        changes = &local;
    for (uint32_t i = 0; i < decision->event_count; i++) {
        struct event *event = &decision->events[i];
        event->realm = core->options.realm;
        event->seq = ++core->seq;
        desk_apply(core->desk, event, changes);
        store_batch_event(request->batch, event);
        if (event->at_us < request->now_us - CORE_NEWS_US)
            continue;
        if (event->at_source != CLOCK_PAPER) /* a card entered later orders nobody */
            core_outbox_event(core, request, event);
        if (event->kind == EVENT_incident_moved &&
            ((const struct incident_move *)event->fields)->to == INCIDENT_PENDING &&
            core->auto_count < CORE_MAX_AUTO)
            core->auto_incidents[core->auto_count++] = event->object;
    }
    write_changes(core, request, changes);
}

static void fill_reply(struct core *core, const struct decision *decision,
                       struct frame_reply *reply)
{
    const struct object_ref ref = decision->object;
    *reply = (struct frame_reply){0};
    reply->err = OK;
    reply->seq = (int64_t)desk_seq(core->desk, ref.kind, ref.number);
    reply->object_kind = ref.kind;
    reply->object = ref.number;
    SET_HAS(frame_reply, reply, err);
    SET_HAS(frame_reply, reply, seq);
    SET_HAS(frame_reply, reply, object_kind);
    SET_HAS(frame_reply, reply, object);
}

static void keep_outcome(struct core *core, struct request *request, struct pending *pending)
{
    struct out outcome;
    (void)core;
    out_init(&outcome, STORE_MAX_OUTCOME_BYTES);
    record_write(&record_frame_reply, &pending->reply, RECORD_STORED, &outcome);
    store_batch_key(request->batch, request->command.actor.user.v, request->command.key,
                    request->hash, out_view(&outcome));
    out_done(&outcome);
}

static void commit(struct core *core, struct request *request, const struct decision *decision,
                   struct pending *pending, uint64_t key_hash)
{
    apply_events(core, request, decision);
    fill_reply(core, decision, &pending->reply);
    pending->channel = request->channel;
    pending->correlation = request->correlation;
    pending->is_silent = request->is_silent || request->ret_reply;
    pending->seq = core->seq;
    memcpy(pending->request, request->hash, sizeof pending->request);
    if (request->ret_reply)
        *request->ret_reply = pending->reply;
    if (key_hash && map_put(&core->keys, key_hash, (uint32_t)(pending - core->pending)) == OK) {
        pending->key_hash = key_hash;
        keep_outcome(core, request, pending);
    }
    if (request->photo)
        *request->photo = (struct waiting_photo){0};
    struct store_batch *batch = request->batch;
    request->batch = NULL;
    /* The desk has moved on: a batch that the store will not take would part memory and disk. */
    if (store_submit(core->options.store, batch, pending) != OK) {
        core->is_dead = true;
        LOG_ERROR("core.submit", "seq=%llu", (unsigned long long)core->seq);
    }
}

static void refuse_decision(struct core *core, const struct request *request,
                            const struct decision *decision)
{
    if (request->ret_reply || request->is_silent)
        refuse(core, request, decision->err, decision->field, decision->detail);
    else
        core_pending_refuse(core, request->channel, request->correlation, decision->err,
                            decision->field, decision->detail, decision->legal, decision->version);
}

static bool decide(struct core *core, struct request *request, struct pending *pending,
                   uint64_t key_hash)
{
    struct decision decision;
    struct check check;
    request->command.fields = request->fields;
    if (!load_needs(core, request))
        return false;
    enum err err = core_check_command(core, request, &check);
    if (err) {
        refuse(core, request, err, check.field, check.detail);
        return false;
    }
    request->batch = store_batch_new(core->options.store, request->now_us);
    core_personal_extract(core, request);
    request->command.area = core_place_area(core, request);
    err = desk_decide(core->desk, &request->command, request->now_us, &core->arena, &decision);
    if (err) {
        refuse_decision(core, request, &decision);
        store_batch_free(request->batch);
        return false;
    }
    commit(core, request, &decision, pending, key_hash);
    return true;
}

void core_command_run(struct core *core, struct request *request)
{
    struct pending *pending = NULL;
    request->command.fields = request->fields;
    uint64_t key_hash = core_pending_key_hash(request->command.actor.user.v, request->command.key);
    core->commands++;
    /* What was done stays done: a repeat is answered even when the object has left one's scope. */
    if (answer_key(core, request, key_hash))
        return;
    enum err err = check_access(core, request);
    if (err) {
        refuse(core, request, err, NULL,
               err == ERR_NOT_FOUND ? STR("no such object") : STR("this account may not do that"));
    } else {
        pending = core_pending_new(core);
        if (!pending) {
            refuse(core, request, ERR_BUSY, NULL, STR("too many requests are under way"));
        } else if (!decide(core, request, pending, key_hash)) {
            pending->next = core->free_pending;
            core->free_pending = pending;
        }
    }
    unload(core, request);
}

static bool read_fields(struct core *core, struct request *request, struct str bytes)
{
    request->fields = arena_alloc(&core->arena, 1, request->def->fields->size);
    if (!request->fields || record_read(request->def->fields, bytes, request->fields) != OK) {
        refuse(core, request, ERR_SYNTAX, NULL, STR("the command's fields cannot be read"));
        return false;
    }
    return true;
}

static void hash_request(struct request *request, struct str fields)
{
    uint8_t head[8];
    uint8_t digests[2 * DIGEST_BYTES];
    const uint32_t kind = request->command.kind;
    memcpy(head, &kind, 4);
    memcpy(head + 4, &request->command.object, 4);
    digest_of(head, sizeof head, digests);
    digest_of(fields.p, fields.len, digests + DIGEST_BYTES);
    digest_of(digests, sizeof digests, request->hash);
}

struct credential_job {
    struct core_job job;
    struct request request;
    struct arena arena;
    char text[PASSWORD_TEXT_CAP];
    struct password_cost cost;
    enum err err;
};

static void credential_run(struct core_job *job)
{
    struct credential_job *c = (struct credential_job *)(void *)job;
    const struct user_install *user = c->request.fields;
    c->err = password_hash(user->credential.text, c->cost, c->text);
}

static void credential_done(struct core *core, struct core_job *job, int64_t now_us)
{
    struct credential_job *c = (struct credential_job *)(void *)job;
    struct user_install *user = c->request.fields;
    c->request.now_us = now_us;
    user->credential.text = str_of(c->text);
    if (c->err)
        refuse(core, &c->request, ERR_RANGE, "credential", STR("a password has 10 to 256 bytes"));
    else
        core_command_run(core, &c->request);
    arena_done(&c->arena);
    free(c);
}

/* Passwords become argon2id strings off the loop, then the command goes on. */
static void run_credential(struct core *core, const struct request *request, struct str bytes)
{
    struct credential_job *c = calloc(1, sizeof *c);
    if (!c)
        abort();
    c->job = (struct core_job){credential_run, credential_done};
    c->request = *request;
    c->cost = core->options.password_cost;
    arena_init(&c->arena, 1 << 16);
    struct str copy = arena_dup(&c->arena, bytes);
    c->request.fields = arena_alloc(&c->arena, 1, request->def->fields->size);
    c->request.command.key = arena_dup(&c->arena, request->command.key);
    if (!copy.p || !c->request.fields ||
        record_read(request->def->fields, copy, c->request.fields) != OK ||
        !core_job_start(core, &c->job, request->now_us)) {
        refuse(core, request, ERR_BUSY, NULL, STR("too many passwords are being set"));
        arena_done(&c->arena);
        free(c);
    }
}

void core_command_own(struct core *core, enum command_kind kind, uint32_t object,
                      const void *fields, int64_t now_us)
{
    struct request *request = ARENA_NEW(&core->arena, struct request, 1);
    request->is_silent = true;
    request->now_us = now_us;
    request->def = command_def(kind);
    request->command = (struct command){
        .kind = kind, .actor = {.role = ROLE_TIMER}, .object = object, .at_source = CLOCK_CORE};
    request->fields = arena_alloc(&core->arena, 1, request->def->fields->size);
    memcpy(request->fields, fields, request->def->fields->size);
    core_command_run(core, request);
}

void core_command_frame(struct core *core, enum core_channel channel, uint64_t correlation,
                        const struct frame_command *frame, int64_t now_us)
{
    struct request *request = ARENA_NEW(&core->arena, struct request, 1);
    uint32_t session = 0;
    if (!request)
        return;
    request->channel = channel;
    request->correlation = correlation;
    request->now_us = now_us;
    request->def = command_def((enum command_kind)frame->kind);
    enum err err =
        core_session_actor(core, channel, frame->token, now_us, &request->command.actor, &session);
    if (err || !request->def) {
        refuse(core, request, ERR_DENIED, err ? CORE_SESSION_NAME : NULL,
               err ? STR("log in first") : STR("there is no such command"));
        return;
    }
    struct command *command = &request->command;
    command->kind = (enum command_kind)frame->kind;
    command->key = frame->key;
    command->object = frame->object;
    command->if_match = (uint64_t)frame->if_match;
    command->at_us = frame->at_us;
    command->at_source = frame->at_source ? frame->at_source : CLOCK_CORE;
    if (command->actor.role == ROLE_PUBLIC)
        request->now_us -= now_us % US_PER_HOUR; /* receipt to the hour: DESIGN 8 */
    hash_request(request, frame->fields);
    if (command->kind == COMMAND_user_install)
        run_credential(core, request, frame->fields);
    else if (read_fields(core, request, frame->fields))
        core_command_run(core, request);
}

/* NOLINTNEXTLINE(readability-function-size): what a channel's frame says, as arguments */
enum err core_command_now(struct core *core, enum role role, enum command_kind kind,
                          uint32_t object, const void *fields, int64_t at_us, int64_t now_us,
                          struct arena *arena, struct frame_reply *ret_reply)
{
    struct request *request;
    char credential[PASSWORD_TEXT_CAP];
    arena_reset(&core->arena);
    request = ARENA_NEW(&core->arena, struct request, 1);
    const struct command_def *def = command_def(kind);
    if (!request || !def)
        return ERR_UNSUPPORTED;
    request->def = def;
    request->now_us = now_us;
    request->command = (struct command){.kind = kind,
                                        .actor = {.role = role},
                                        .object = object,
                                        .at_us = at_us,
                                        .at_source = at_us ? CLOCK_IMPORT : CLOCK_CORE};
    request->fields = arena_alloc(&core->arena, 1, def->fields->size);
    request->ret_reply = ret_reply;
    request->ret_arena = arena;
    if (!request->fields)
        return ERR_LIMIT;
    memcpy(request->fields, fields, def->fields->size);
    *ret_reply = (struct frame_reply){0};
    if (kind == COMMAND_user_install) {
        struct user_install *user = request->fields;
        enum err err =
            password_hash(user->credential.text, core->options.password_cost, credential);
        if (err)
            return err;
        user->credential.text = str_of(credential);
    }
    if (!core->free_pending)
        (void)core_settle(core, now_us);
    core_command_run(core, request);
    core_drain(core, now_us);
    return core->is_dead ? ERR_IO : (enum err)ret_reply->err;
}

enum err core_settle(struct core *core, int64_t now_us)
{
    store_flush(core->options.store);
    core_drain(core, now_us);
    return core->is_dead ? ERR_IO : OK;
}

uint32_t core_by_code(const struct core *core, enum object_kind kind, struct str code)
{
    return desk_by_code(core->desk, kind, code);
}

uint32_t core_last(const struct core *core, enum object_kind kind)
{
    return desk_last(core->desk, kind);
}
