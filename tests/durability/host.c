#include "host.h"

#include "base/file.h"
#include "core/core_priv.h"
#include "geo/place.h"

#include <assert.h>

#define PASSWORD "correct horse 9"

static const uint8_t payload_key[DIGEST_KEY_BYTES] = {7};

bool host_has_session(enum role role)
{
    return role != ROLE_NONE && role != ROLE_PUBLIC && role != ROLE_TIMER;
}

void host_token(enum role role, uint8_t ret_token[TOKEN_HASH_BYTES])
{
    memset(ret_token, 0, TOKEN_HASH_BYTES);
    ret_token[0] = (uint8_t)role;
}

struct host {
    struct host_plan plan;
    struct store *store;
    struct core *core;
    struct core_options options;
    char blob_dir[420], checkpoint_dir[420];
    int64_t now_us;
};

static void on_send(void *ctx, enum core_channel channel, enum frame_type type,
                    uint64_t correlation, const void *record, int fd)
{
    struct host *host = ctx;
    struct out out;
    assert(fd < 0);
    if (!host->plan.said)
        return;
    out_init(&out, MAX_FRAME_BODY_BYTES);
    record_write(frame_record(type), record, RECORD_WIRE, &out);
    host->plan.said(host->plan.ctx, channel, type, correlation, out_view(&out));
    out_done(&out);
}

static void on_latest(void *ctx, enum core_channel channel, enum frame_type type,
                      const void *record, uint64_t key)
{
    (void)key;
    on_send(ctx, channel, type, 0, record, -1);
}

static enum err on_run(void *ctx, struct core_job *job)
{
    struct host *host = ctx;
    core_job_run(job);
    core_job_done(host->core, job, host->now_us);
    return OK;
}

struct host *host_start(const struct host_plan *plan, int64_t now_us, struct fault *ret_fault)
{
    struct host *host = calloc(1, sizeof *host);
    char store_dir[420];
    assert(host);
    host->plan = *plan;
    host->now_us = now_us;
    (void)snprintf(store_dir, sizeof store_dir, "%s/store", plan->dir);
    (void)snprintf(host->blob_dir, sizeof host->blob_dir, "%s/blobs", plan->dir);
    (void)snprintf(host->checkpoint_dir, sizeof host->checkpoint_dir, "%s/checkpoints", plan->dir);
    const struct store_options options = {.now_us = now_us,
                                          .realm = HOST_REALM,
                                          .is_sync = plan->is_sync,
                                          .wake = plan->wake,
                                          .wake_ctx = plan->ctx,
                                          .checkpoint_dir = host->checkpoint_dir,
                                          .vfs = plan->vfs,
                                          .io = plan->io};
    enum err err = file_mkdirs(host->blob_dir, 0700);
    if (!err)
        err = file_mkdirs(host->checkpoint_dir, 0700);
    if (!err)
        err = store_open(store_dir, &options, &host->store, ret_fault);
    host->options = (struct core_options){.realm = HOST_REALM,
                                          .store = host->store,
                                          .blob_dir = host->blob_dir,
                                          .payload_key = payload_key,
                                          .password_cost = password_cost_test,
                                          .session_us = 1000 * US_PER_DAY,
                                          .calls = {on_send, on_latest, on_run},
                                          .ctx = host};
    if (!err)
        err = core_new(&host->options, now_us, &host->core, ret_fault);
    if (!err)
        return host;
    host_stop(host);
    return NULL;
}

void host_stop(struct host *host)
{
    if (!host)
        return;
    core_free(host->core);
    store_close(host->store);
    free(host);
}

void host_hello(struct host *host)
{
    core_hello(host->core, CORE_EDGE);
    core_hello(host->core, CORE_PORTAL);
    core_hello(host->core, CORE_FEED);
}

void host_hear(struct host *host, enum core_channel channel, enum frame_type type,
               uint64_t correlation, struct str body, int64_t now_us)
{
    host->now_us = now_us;
    core_frame(host->core, channel, type, correlation, body, -1, now_us);
    if (host->plan.is_sync)
        host_drain(host, now_us);
}

void host_turn(struct host *host, int64_t now_us)
{
    host->now_us = now_us;
    core_tick(host->core, now_us);
    host_drain(host, now_us);
}

void host_drain(struct host *host, int64_t now_us)
{
    core_drain(host->core, now_us);
}

bool host_is_dead(const struct host *host)
{
    return core_is_dead(host->core);
}

const struct desk *host_desk(const struct host *host)
{
    return host->core->desk;
}

/* ---- the city ---- */

#define PUT(rec, obj, member, ...)                                                                 \
    do {                                                                                           \
        (obj)->member = (__VA_ARGS__);                                                             \
        SET_HAS(rec, obj, member);                                                                 \
    } while (0)

static uint32_t give(struct host *host, enum role role, enum command_kind kind, uint32_t object,
                     const void *fields)
{
    struct arena arena;
    struct frame_reply reply;
    arena_init(&arena, 1 << 20);
    enum err err =
        core_command_now(host->core, role, kind, object, fields, 0, host->now_us, &arena, &reply);
    if (err)
        (void)fprintf(stderr, "%s: %s " STR_FMT "\n", command_def(kind)->name, err_text(err),
                      STR_ARG(reply.detail));
    assert(!err);
    const uint32_t object_made = reply.object;
    arena_done(&arena);
    return object_made;
}

static uint32_t make_body(struct host *host)
{
    struct body_install body = {0};
    struct area_install area = {0};
    PUT(area_install, &area, code, STR("990000"));
    PUT(area_install, &area, name, STR("City"));
    PUT(area_install, &area, level, 1);
    PUT(area_install, &area, shape,
        STR("{\"coordinates\":[[[-122.5,37.7],[-122.3,37.7],[-122.3,37.9],[-122.5,37.9],"
            "[-122.5,37.7]]],\"type\":\"Polygon\"}"));
    (void)give(host, ROLE_SYSTEM_ADMIN, COMMAND_area_install, 0, &area);
    PUT(body_install, &body, code, STR("command"));
    PUT(body_install, &body, name, STR("Command"));
    PUT(body_install, &body, kind, STR("police"));
    return give(host, ROLE_SYSTEM_ADMIN, COMMAND_body_install, 0, &body);
}

static void make_type(struct host *host)
{
    static const char document[] =
        "{\"class\":\"help\",\"code\":\"lost\",\"dispositions\":[{\"code\":\"done\",\"counts_as\":"
        "\"handled\",\"text\":{\"en\":\"Done\",\"zh\":\"办结\"}}],\"name\":{\"en\":\"Lost\","
        "\"zh\":\"走失\"},\"priority\":\"P2\",\"questions\":[],\"retention_days\":1095,"
        "\"version\":1}";
    struct type_install type = {0};
    PUT(type_install, &type, code, STR(HOST_TYPE));
    PUT(type_install, &type, version, 1);
    PUT(type_install, &type, document, str_of(document));
    (void)give(host, ROLE_SYSTEM_ADMIN, COMMAND_type_install, 0, &type);
}

static void make_unit(struct host *host, uint32_t number, uint32_t body)
{
    struct unit_enrol unit = {0};
    struct unit_sign_on on = {0};
    char callsign[16];
    (void)snprintf(callsign, sizeof callsign, "C%u", number);
    PUT(unit_enrol, &unit, callsign, str_of(callsign));
    PUT(unit_enrol, &unit, kind, STR("car"));
    PUT(unit_enrol, &unit, profile, STR("response"));
    PUT(unit_enrol, &unit, capabilities, STR("patrol"));
    PUT(unit_enrol, &unit, body, (struct body_id){body});
    PUT(unit_enrol, &unit, place, place_from_deg(37.77, -122.42));
    const uint32_t made = give(host, ROLE_SYSTEM_ADMIN, COMMAND_unit_enrol, 0, &unit);
    PUT(unit_sign_on, &on, crew, 2);
    (void)give(host, ROLE_OPERATOR, COMMAND_unit_sign_on, made, &on);
}

static void log_in(struct host *host, enum role role, const char *name)
{
    struct frame_login login = {0};
    uint8_t token[TOKEN_HASH_BYTES];
    struct out out;
    host_token(role, token);
    PUT(frame_login, &login, login, str_of(name));
    PUT(frame_login, &login, password, STR(PASSWORD));
    PUT(frame_login, &login, token, (struct str){(const char *)token, TOKEN_HASH_BYTES});
    PUT(frame_login, &login, source, STR("s"));
    out_init(&out, 4096);
    record_write(&record_frame_login, &login, RECORD_WIRE, &out);
    host_hear(host, CORE_EDGE, FRAME_login, 1, out_view(&out), host->now_us);
    out_done(&out);
}

/* One account and session a role that logs in at all. */
static void open_sessions(struct host *host, uint32_t body)
{
    for (unsigned r = 1; r < ROLE_COUNT; r++) {
        struct user_install user = {0};
        char name[16];
        if (!host_has_session((enum role)r))
            continue;
        (void)snprintf(name, sizeof name, "role%u", r);
        PUT(user_install, &user, login, str_of(name));
        PUT(user_install, &user, name, str_of(name));
        PUT(user_install, &user, role, (enum role)r);
        PUT(user_install, &user, body, (struct body_id){body});
        if (r == ROLE_FIELD_UNIT)
            PUT(user_install, &user, unit, (struct unit_id){1});
        PUT(user_install, &user, credential, (struct personal){.text = STR(PASSWORD)});
        (void)give(host, ROLE_SECURITY_ADMIN, COMMAND_user_install, 0, &user);
        log_in(host, (enum role)r, name);
    }
}

void host_city(const char *dir)
{
    struct host_plan plan = {.is_sync = true};
    (void)str_copy(str_of(dir), plan.dir, sizeof plan.dir);
    struct host *host = host_start(&plan, HOST_START_US, NULL);
    assert(host);
    const uint32_t body = make_body(host);
    make_type(host);
    for (uint32_t i = 1; i <= HOST_UNITS; i++)
        make_unit(host, i, body);
    open_sessions(host, body);
    assert(!host_is_dead(host));
    host_stop(host);
}
