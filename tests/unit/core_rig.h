/* core_rig.h - core over a real store for tests: frames in, frames out, a small city. */
#ifndef TESTS_UNIT_CORE_RIG_H
#define TESTS_UNIT_CORE_RIG_H
#include "access/blob.h"
#include "access/policy.h"
#include "base/file.h"
#include "core/core.h"
#include "geo/place.h"
#include "store/reader.h"
#include "test.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOW 1790000000000000LL /* 2026-09-21 */
#define MAX_SENT 512

struct sent {
    enum core_channel channel;
    enum frame_type type;
    uint64_t correlation;
    struct frame_reply reply;
    char field[64], detail[400], legal[400];
};

struct bench {
    char dir[64], store_dir[80], blob_dir[96];
    struct store *store;
    struct core *core;
    struct core_options options;
    struct sent sent[MAX_SENT];
    int sent_count;
    uint64_t correlation;
    int64_t now_us;
    struct arena arena;
    uint32_t positions_bytes, orders, turnout_s; /* turnout: of unit C1 */
    enum clock_source clock;                     /* that commands name; 0 = none */
    char cover[65536];                           /* the ledger as it was sent last */
    uint32_t covers;
    char answer[65536];                /* body of the last reply */
    char channel[64], delivered[1024]; /* the last that left */
    bool is_threaded;
};

__attribute__((unused)) static uint8_t payload_key[DIGEST_KEY_BYTES] = {7};

__attribute__((unused)) static void on_send(void *ctx, enum core_channel channel,
                                            enum frame_type type, uint64_t correlation,
                                            const void *record, int fd)
{
    struct bench *b = ctx;
    struct sent *s = &b->sent[b->sent_count++ % MAX_SENT];
    if (fd >= 0)
        (void)close(fd);
    *s = (struct sent){.channel = channel, .type = type, .correlation = correlation};
    if (type == FRAME_reply) {
        s->reply = *(const struct frame_reply *)record;
        (void)str_copy(s->reply.field, s->field, sizeof s->field);
        (void)str_copy(s->reply.detail, s->detail, sizeof s->detail);
        (void)str_copy(s->reply.legal, s->legal, sizeof s->legal);
        (void)str_copy(s->reply.body, b->answer, sizeof b->answer);
    }
    if (type == FRAME_positions)
        b->positions_bytes = (uint32_t)((const struct frame_positions *)record)->items.len;
    if (type == FRAME_deliver) {
        const struct frame_deliver *row = record;
        b->orders++;
        (void)str_copy(row->channel, b->channel, sizeof b->channel);
        (void)str_copy(row->bytes, b->delivered, sizeof b->delivered);
    }
}

__attribute__((unused)) static void on_latest(void *ctx, enum core_channel channel,
                                              enum frame_type type, const void *record,
                                              uint64_t key)
{
    struct bench *b = ctx;
    (void)channel;
    (void)key;
    if (type == FRAME_positions)
        b->positions_bytes = (uint32_t)((const struct frame_positions *)record)->items.len;
    if (type == FRAME_cover) {
        (void)str_copy(((const struct frame_cover *)record)->json, b->cover, sizeof b->cover);
        b->covers++;
    }
}

/* Jobs run at once: the test has one thread. */
__attribute__((unused)) static enum err on_run(void *ctx, struct core_job *job)
{
    struct bench *b = ctx;
    core_job_run(job);
    core_job_done(b->core, job, b->now_us);
    return OK;
}

__attribute__((unused)) static int remove_entry(const char *path, const struct stat *info, int kind,
                                                struct FTW *walk)
{
    (void)info;
    (void)kind;
    (void)walk;
    return remove(path);
}

__attribute__((unused)) static void open_core(struct bench *b)
{
    struct fault fault = {0};
    const struct store_options options = {.realm = 1, .is_sync = !b->is_threaded};
    assert_ok(store_open(b->store_dir, &options, &b->store, &fault));
    b->options = (struct core_options){.realm = 1,
                                       .store = b->store,
                                       .blob_dir = b->blob_dir,
                                       .payload_key = payload_key,
                                       .password_cost = password_cost_test,
                                       .session_us = US_PER_HOUR,
                                       .calls = {on_send, on_latest, on_run},
                                       .ctx = b};
    assert_ok(core_new(&b->options, b->now_us, &b->core, &fault));
}

__attribute__((unused)) static void close_core(struct bench *b)
{
    core_free(b->core);
    store_close(b->store);
}

__attribute__((unused)) static int setup(void **state)
{
    struct bench *b = calloc(1, sizeof *b);
    (void)snprintf(b->dir, sizeof b->dir, "core-test-%d", (int)getpid());
    (void)nftw(b->dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    (void)snprintf(b->store_dir, sizeof b->store_dir, "%s/store", b->dir);
    (void)snprintf(b->blob_dir, sizeof b->blob_dir, "%s/blobs", b->store_dir);
    assert_ok(file_mkdirs(b->blob_dir, 0700));
    b->now_us = NOW;
    arena_init(&b->arena, 1 << 20);
    open_core(b);
    *state = b;
    return 0;
}

__attribute__((unused)) static int teardown(void **state)
{
    struct bench *b = *state;
    close_core(b);
    arena_done(&b->arena);
    (void)nftw(b->dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    free(b);
    return 0;
}

__attribute__((unused)) static uint32_t
give(struct bench *b, enum role role, enum command_kind kind, uint32_t object, const void *fields)
{
    struct frame_reply reply;
    enum err err =
        core_command_now(b->core, role, kind, object, fields, 0, b->now_us, &b->arena, &reply);
    if (err)
        print_message("%s: %s " STR_FMT " " STR_FMT "\n", command_def(kind)->name, err_text(err),
                      STR_ARG(reply.field), STR_ARG(reply.detail));
    assert_ok(err);
    return reply.object;
}

#define PUT(rec, obj, member, value)                                                               \
    do {                                                                                           \
        (obj)->member = value;                                                                     \
        SET_HAS(rec, obj, member);                                                                 \
    } while (0)

static const char type_json[] =
    "{\"class\":\"help\",\"code\":\"lost\",\"dispositions\":[{\"code\":\"done\",\"counts_as\":"
    "\"handled\",\"text\":{\"en\":"
    "\"Done\",\"zh\":\"办结\"}}],\"name\":{\"en\":\"Lost\",\"zh\":\"走失\"},\"priority\":\"P2\","
    "\"questions\":[],\"retention_days\":1095,\"version\":1}";

struct city {
    uint32_t body, area, unit, other_unit, operator_id, field_id;
};

__attribute__((unused)) static uint32_t make_user(struct bench *b, const char *login,
                                                  enum role role, uint32_t body, uint32_t unit)
{
    struct user_install user = {0};
    PUT(user_install, &user, login, str_of(login));
    PUT(user_install, &user, name, str_of(login));
    PUT(user_install, &user, role, role);
    PUT(user_install, &user, body, (struct body_id){body});
    if (unit)
        PUT(user_install, &user, unit, (struct unit_id){unit});
    PUT(user_install, &user, credential, (struct personal){.text = STR("correct horse 9")});
    return give(b, ROLE_SECURITY_ADMIN, COMMAND_user_install, 0, &user);
}

__attribute__((unused)) static uint32_t make_unit(struct bench *b, const char *callsign,
                                                  uint32_t body)
{
    struct unit_enrol unit = {0};
    struct unit_sign_on on = {0};
    PUT(unit_enrol, &unit, callsign, str_of(callsign));
    PUT(unit_enrol, &unit, kind, STR("car"));
    PUT(unit_enrol, &unit, profile, STR("response"));
    PUT(unit_enrol, &unit, capabilities, STR("patrol"));
    PUT(unit_enrol, &unit, body, (struct body_id){body});
    PUT(unit_enrol, &unit, place, place_from_deg(37.77, -122.42));
    if (b->turnout_s && strcmp(callsign, "C1") == 0)
        PUT(unit_enrol, &unit, turnout_s, b->turnout_s);
    uint32_t number = give(b, ROLE_SYSTEM_ADMIN, COMMAND_unit_enrol, 0, &unit);
    PUT(unit_sign_on, &on, crew, 2);
    (void)give(b, ROLE_OPERATOR, COMMAND_unit_sign_on, number, &on);
    return number;
}

__attribute__((unused)) static enum role first_role(enum command_kind kind)
{
    for (unsigned r = 1; r < ROLE_COUNT; r++) {
        if (access_has((enum role)r, access_of_command(kind)))
            return (enum role)r;
    }
    return ROLE_NONE;
}

__attribute__((unused)) static struct city make_city(struct bench *b)
{
    struct city city = {0};
    struct body_install body = {0};
    struct area_install area = {0};
    struct type_install type = {0};
    PUT(body_install, &body, code, STR("command"));
    PUT(body_install, &body, name, STR("指挥中心"));
    PUT(body_install, &body, kind, STR("police"));
    city.body = give(b, first_role(COMMAND_body_install), COMMAND_body_install, 0, &body);
    PUT(area_install, &area, code, STR("990000"));
    PUT(area_install, &area, name, STR("City"));
    PUT(area_install, &area, level, 1);
    PUT(area_install, &area, shape,
        STR("{\"coordinates\":[[[-122.5,37.7],[-122.3,37.7],[-122.3,37.9],[-122.5,37.9],[-122.5,37."
            "7]]],\"type\":\"Polygon\"}"));
    city.area = give(b, first_role(COMMAND_area_install), COMMAND_area_install, 0, &area);
    PUT(type_install, &type, code, STR("lost"));
    PUT(type_install, &type, version, 1);
    PUT(type_install, &type, document, str_of(type_json));
    (void)give(b, first_role(COMMAND_type_install), COMMAND_type_install, 0, &type);
    city.unit = make_unit(b, "C1", city.body);
    city.other_unit = make_unit(b, "C2", city.body);
    city.operator_id = make_user(b, "op", ROLE_OPERATOR, city.body, 0);
    city.field_id = make_user(b, "field", ROLE_FIELD_UNIT, city.body, city.unit);
    return city;
}

/* Sends a frame and gives the reply to it. */
__attribute__((unused)) static const struct sent *ask(struct bench *b, enum core_channel channel,
                                                      enum frame_type type, const void *record)
{
    struct out out;
    int before = b->sent_count;
    uint64_t correlation = ++b->correlation;
    out_init(&out, MAX_FRAME_BODY_BYTES);
    record_write(frame_record(type), record, RECORD_WIRE, &out);
    core_frame(b->core, channel, type, correlation, out_view(&out), -1, b->now_us);
    core_drain(b->core, b->now_us);
    out_done(&out);
    for (int i = before; i < b->sent_count; i++) {
        const struct sent *s = &b->sent[i % MAX_SENT];
        if (s->type == FRAME_reply && s->correlation == correlation)
            return s;
    }
    return NULL;
}

__attribute__((unused)) static uint8_t op_token[TOKEN_HASH_BYTES] = {1},
                                       field_token[TOKEN_HASH_BYTES] = {2};

__attribute__((unused)) static const struct sent *login(struct bench *b, const char *name,
                                                        const char *password, const uint8_t *token)
{
    struct frame_login frame = {0};
    PUT(frame_login, &frame, login, str_of(name));
    PUT(frame_login, &frame, password, str_of(password));
    PUT(frame_login, &frame, token, ((struct str){(const char *)token, TOKEN_HASH_BYTES}));
    PUT(frame_login, &frame, source, STR("s"));
    return ask(b, CORE_EDGE, FRAME_login, &frame);
}

__attribute__((unused)) static const struct sent *
command(struct bench *b, enum core_channel channel, const uint8_t *token, enum command_kind kind,
        uint32_t object, const void *fields, const char *key)
{
    struct frame_command frame = {0};
    struct out out;
    out_init(&out, MAX_COMMAND_BYTES);
    record_write(command_def(kind)->fields, fields, RECORD_WIRE, &out);
    if (token)
        PUT(frame_command, &frame, token, ((struct str){(const char *)token, TOKEN_HASH_BYTES}));
    PUT(frame_command, &frame, kind, kind);
    PUT(frame_command, &frame, object, object);
    if (key)
        PUT(frame_command, &frame, key, str_of(key));
    if (b->clock)
        PUT(frame_command, &frame, at_source, b->clock);
    PUT(frame_command, &frame, fields, out_view(&out));
    const struct sent *s = ask(b, channel, FRAME_command, &frame);
    out_done(&out);
    return s;
}

__attribute__((unused)) static struct incident_create new_incident(void)
{
    struct incident_create create = {0};
    PUT(incident_create, &create, type, STR("lost"));
    PUT(incident_create, &create, source, SOURCE_PHONE);
    PUT(incident_create, &create, words, (struct personal){.text = STR("canary words 张三")});
    PUT(incident_create, &create, chosen, place_from_deg(37.7749, -122.4194));
    return create;
}
#endif
