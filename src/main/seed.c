#include "main/seed.h"

#include "access/policy.h"
#include "base/log.h"
#include "main/open.h"
#include "net/loop.h"

struct seed {
    struct settings settings;
    struct opened opened;
    struct core *core;
    struct arena arena, replies; /* of one command */
};

static void send_nowhere(void *ctx, enum core_channel channel, enum frame_type type,
                         uint64_t correlation, const void *record, int fd)
{
    (void)ctx;
    (void)channel;
    (void)type;
    (void)correlation;
    (void)record;
    (void)fd;
}

static void latest_nowhere(void *ctx, enum core_channel channel, enum frame_type type,
                           const void *record, uint64_t key)
{
    (void)ctx;
    (void)channel;
    (void)type;
    (void)record;
    (void)key;
}

static enum err run_refused(void *ctx, struct core_job *job)
{
    (void)ctx;
    (void)job;
    return ERR_UNSUPPORTED;
}

static void wake_nobody(void *ctx)
{
    (void)ctx; /* core_settle waits for the writer */
}

enum err seed_open(const char *dir, struct seed **ret_seed, struct fault *ret_fault)
{
    struct seed *seed = calloc(1, sizeof *seed);
    if (!seed)
        abort();
    arena_init(&seed->arena, 4u << 20);
    arena_init(&seed->replies, 1u << 16);
    enum err err = settings_read(dir, NULL, 0, &seed->settings);
    if (err)
        (void)fault_set(ret_fault, err, 0, "anwang.conf cannot be read");
    if (!err)
        err = open_core_parts(dir, &seed->settings, wake_nobody, NULL, &seed->opened, ret_fault);
    if (!err) {
        struct core_options options = open_core_options(&seed->settings, &seed->opened);
        options.calls = (struct core_calls){send_nowhere, latest_nowhere, run_refused};
        err = core_new(&options, net_now_utc_us(), &seed->core, ret_fault);
    }
    if (err) {
        (void)seed_close(seed);
        return err;
    }
    *ret_seed = seed;
    return OK;
}

enum err seed_close(struct seed *seed)
{
    if (!seed)
        return OK;
    enum err err = seed->core ? core_settle(seed->core, net_now_utc_us()) : OK;
    core_free(seed->core);
    open_done(&seed->opened);
    arena_done(&seed->arena);
    arena_done(&seed->replies);
    free(seed);
    return err;
}

uint32_t seed_by_code(const struct seed *seed, enum object_kind kind, struct str code)
{
    return core_by_code(seed->core, kind, code);
}

uint32_t seed_last(const struct seed *seed, enum object_kind kind)
{
    return core_last(seed->core, kind);
}

uint32_t seed_realm(const struct seed *seed)
{
    return (uint32_t)seed->settings.realm;
}

static enum role role_for(enum command_kind kind)
{
    static const enum role order[] = {ROLE_SYSTEM_ADMIN, ROLE_SECURITY_ADMIN, ROLE_COMMANDER,
                                      ROLE_OPERATOR,     ROLE_REVIEWER,       ROLE_FEED,
                                      ROLE_STATION_ROOM};
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        if (access_has(order[i], access_of_command(kind)))
            return order[i];
    }
    return ROLE_TIMER;
}

enum err seed_command(struct seed *seed, enum command_kind kind, uint32_t object,
                      const void *fields, int64_t at_us, struct seed_answer *ret_answer)
{
    struct frame_reply reply;
    arena_reset(&seed->replies);
    *ret_answer = (struct seed_answer){0};
    enum err err = core_command_now(seed->core, role_for(kind), kind, object, fields, at_us,
                                    net_now_utc_us(), &seed->replies, &reply);
    if (reply.object)
        id_text((enum object_kind)reply.object_kind, seed_realm(seed), reply.object,
                ret_answer->id);
    ret_answer->seq = (uint64_t)reply.seq;
    (void)str_copy(reply.field, ret_answer->field, sizeof ret_answer->field);
    (void)str_copy(reply.detail, ret_answer->detail, sizeof ret_answer->detail);
    return err;
}

enum err seed_command_json(struct seed *seed, enum command_kind kind, struct str object,
                           struct str fields, int64_t at_us, struct seed_answer *ret_answer)
{
    const struct command_def *def = command_def(kind);
    struct json root = {0};
    struct fault fault = {0};
    uint32_t realm = seed_realm(seed), number = 0;
    *ret_answer = (struct seed_answer){0};
    arena_reset(&seed->arena);
    if (!def)
        return ERR_UNSUPPORTED;
    enum err err = OK;
    if (object.len > 0)
        err = id_parse(object, def->object_kind, &realm, &number);
    void *record = arena_alloc(&seed->arena, 1, def->fields->size);
    if (!err)
        err = json_read(fields.len ? fields : STR("{}"), &root, &fault);
    if (!err)
        err = record_json_read(def->fields, root, realm, &seed->arena, record, &fault);
    if (err) {
        (void)str_copy(str_of(fault.field), ret_answer->field, sizeof ret_answer->field);
        (void)str_copy(str_of(fault.text), ret_answer->detail, sizeof ret_answer->detail);
    } else {
        err = seed_command(seed, kind, number, record, at_us, ret_answer);
    }
    json_free(root);
    return err;
}
