/* Core over a real store: frames in, frames out; sessions, rights, keys, payloads, places,
 * closures. */
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
#include <sqlite3.h>
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
    uint32_t positions_bytes, orders;
    bool is_threaded;
};

static uint8_t payload_key[DIGEST_KEY_BYTES] = {7};

static void on_send(void *ctx, enum core_channel channel, enum frame_type type,
                    uint64_t correlation, const void *record, int fd)
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
    }
    if (type == FRAME_positions)
        b->positions_bytes = (uint32_t)((const struct frame_positions *)record)->items.len;
    b->orders += type == FRAME_deliver;
}

static void on_latest(void *ctx, enum core_channel channel, enum frame_type type,
                      const void *record, uint64_t key)
{
    struct bench *b = ctx;
    (void)channel;
    (void)key;
    if (type == FRAME_positions)
        b->positions_bytes = (uint32_t)((const struct frame_positions *)record)->items.len;
}

/* Jobs run at once: the test has one thread. */
static enum err on_run(void *ctx, struct core_job *job)
{
    struct bench *b = ctx;
    core_job_run(job);
    core_job_done(b->core, job, b->now_us);
    return OK;
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
    (void)info;
    (void)kind;
    (void)walk;
    return remove(path);
}

static void open_core(struct bench *b)
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

static void close_core(struct bench *b)
{
    core_free(b->core);
    store_close(b->store);
}

static int setup(void **state)
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

static int teardown(void **state)
{
    struct bench *b = *state;
    close_core(b);
    arena_done(&b->arena);
    (void)nftw(b->dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    free(b);
    return 0;
}

static uint32_t give(struct bench *b, enum role role, enum command_kind kind, uint32_t object,
                     const void *fields)
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

static uint32_t make_user(struct bench *b, const char *login, enum role role, uint32_t body,
                          uint32_t unit)
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

static uint32_t make_unit(struct bench *b, const char *callsign, uint32_t body)
{
    struct unit_enrol unit = {0};
    struct unit_sign_on on = {0};
    PUT(unit_enrol, &unit, callsign, str_of(callsign));
    PUT(unit_enrol, &unit, kind, STR("car"));
    PUT(unit_enrol, &unit, profile, STR("response"));
    PUT(unit_enrol, &unit, capabilities, STR("patrol"));
    PUT(unit_enrol, &unit, body, (struct body_id){body});
    PUT(unit_enrol, &unit, place, place_from_deg(37.77, -122.42));
    uint32_t number = give(b, ROLE_SYSTEM_ADMIN, COMMAND_unit_enrol, 0, &unit);
    PUT(unit_sign_on, &on, crew, 2);
    (void)give(b, ROLE_OPERATOR, COMMAND_unit_sign_on, number, &on);
    return number;
}

static enum role first_role(enum command_kind kind)
{
    for (unsigned r = 1; r < ROLE_COUNT; r++) {
        if (access_has((enum role)r, access_of_command(kind)))
            return (enum role)r;
    }
    return ROLE_NONE;
}

static struct city make_city(struct bench *b)
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
static const struct sent *ask(struct bench *b, enum core_channel channel, enum frame_type type,
                              const void *record)
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

static uint8_t op_token[TOKEN_HASH_BYTES] = {1}, field_token[TOKEN_HASH_BYTES] = {2};

static const struct sent *login(struct bench *b, const char *name, const char *password,
                                const uint8_t *token)
{
    struct frame_login frame = {0};
    PUT(frame_login, &frame, login, str_of(name));
    PUT(frame_login, &frame, password, str_of(password));
    PUT(frame_login, &frame, token, ((struct str){(const char *)token, TOKEN_HASH_BYTES}));
    PUT(frame_login, &frame, source, STR("s"));
    return ask(b, CORE_EDGE, FRAME_login, &frame);
}

static const struct sent *command(struct bench *b, enum core_channel channel, const uint8_t *token,
                                  enum command_kind kind, uint32_t object, const void *fields,
                                  const char *key)
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
    PUT(frame_command, &frame, fields, out_view(&out));
    const struct sent *s = ask(b, channel, FRAME_command, &frame);
    out_done(&out);
    return s;
}

static struct incident_create new_incident(void)
{
    struct incident_create create = {0};
    PUT(incident_create, &create, type, STR("lost"));
    PUT(incident_create, &create, source, SOURCE_PHONE);
    PUT(incident_create, &create, words, (struct personal){.text = STR("canary words 张三")});
    PUT(incident_create, &create, chosen, place_from_deg(37.7749, -122.4194));
    return create;
}

static void test_login_and_sessions(void **state)
{
    struct bench *b = *state;
    struct incident_create create = new_incident();
    (void)make_city(b);
    assert_int_equal(login(b, "op", "wrong", op_token)->reply.err, ERR_DENIED);
    assert_int_equal(login(b, "nobody", "correct horse 9", op_token)->reply.err, ERR_DENIED);
    const struct sent *no =
        command(b, CORE_EDGE, op_token, COMMAND_incident_create, 0, &create, "k0");
    assert_int_equal(no->reply.err, ERR_DENIED);
    assert_string_equal(no->field, "session");
    assert_int_equal(login(b, "op", "correct horse 9", op_token)->reply.err, OK);
    assert_int_equal(
        command(b, CORE_EDGE, op_token, COMMAND_incident_create, 0, &create, "k1")->reply.err, OK);
    b->now_us += 2 * US_PER_HOUR; /* the session has ended */
    assert_string_equal(
        command(b, CORE_EDGE, op_token, COMMAND_incident_create, 0, &create, "k2")->field,
        "session");
}

static void test_keys(void **state)
{
    struct bench *b = *state;
    struct incident_create create = new_incident();
    (void)make_city(b);
    (void)login(b, "op", "correct horse 9", op_token);
    const struct sent *first =
        command(b, CORE_EDGE, op_token, COMMAND_incident_create, 0, &create, "same");
    const uint32_t number = first->reply.object;
    const struct sent *again =
        command(b, CORE_EDGE, op_token, COMMAND_incident_create, 0, &create, "same");
    assert_ok((enum err)again->reply.err);
    assert_true(again->reply.is_replayed);
    assert_int_equal(again->reply.object, number);
    create.words.text = STR("other words");
    const struct sent *other =
        command(b, CORE_EDGE, op_token, COMMAND_incident_create, 0, &create, "same");
    assert_int_equal(other->reply.err, ERR_EXISTS);
    assert_string_equal(other->field, "Idempotency-Key");
    close_core(b); /* keys survive a restart */
    open_core(b);
    create = new_incident();
    again = command(b, CORE_EDGE, op_token, COMMAND_incident_create, 0, &create, "same");
    assert_true(again->reply.is_replayed);
    assert_int_equal(again->reply.object, number);
}

static void test_channels_hold_roles(void **state)
{
    struct bench *b = *state;
    struct incident_create create = new_incident();
    struct signal_raise raise = {0};
    (void)make_city(b);
    assert_int_equal(
        command(b, CORE_PORTAL, op_token, COMMAND_incident_create, 0, &create, "p1")->reply.err,
        ERR_DENIED);
    PUT(signal_raise, &raise, source, SOURCE_WEB);
    PUT(signal_raise, &raise, words, (struct personal){.text = STR("gas smell")});
    const struct sent *s = command(b, CORE_PORTAL, NULL, COMMAND_signal_raise, 0, &raise, "p2");
    assert_ok((enum err)s->reply.err);
    assert_int_equal(s->reply.object_kind, OBJECT_signal);
    struct frame_audit audit = {0}; /* a question that only the edge may put */
    PUT(frame_audit, &audit, token, ((struct str){(const char *)op_token, TOKEN_HASH_BYTES}));
    PUT(frame_audit, &audit, purpose, PURPOSE_DISPATCH);
    PUT(frame_audit, &audit, object_kind, OBJECT_signal);
    PUT(frame_audit, &audit, object, s->reply.object);
    PUT(frame_audit, &audit, what, STR("signal:personal"));
    assert_null(ask(b, CORE_PORTAL, FRAME_audit, &audit));
}

static enum err find_canary(void *ctx, const struct event *event)
{
    struct out out;
    (void)ctx;
    out_init(&out, 1 << 20);
    record_write(event_def(event->kind)->fields, event->fields, RECORD_STORED, &out);
    const bool found = memmem(out.p, out.len, "canary", 6) != NULL;
    out_done(&out);
    return found ? ERR_EXISTS : OK;
}

static void test_personal_text_is_payload_only(void **state)
{
    struct bench *b = *state;
    struct incident_create create = new_incident();
    struct out text;
    const struct store_events all = {.from_seq = 1};
    struct store_ends ends;
    (void)make_city(b);
    (void)login(b, "op", "correct horse 9", op_token);
    assert_ok((enum err)command(b, CORE_EDGE, op_token, COMMAND_incident_create, 0, &create, "c")
                  ->reply.err);
    assert_ok(store_each_event(b->store, &all, find_canary, NULL));
    assert_ok(store_ends(b->store, &ends));
    out_init(&text, 4096);
    assert_ok(store_payload(b->store, ends.last_payload, &text));
    assert_str(out_view(&text), "canary words 张三"); /* control: it is there, apart */
    out_done(&text);
}

static void test_the_loop_and_its_refusals(void **state)
{
    struct bench *b = *state;
    struct city city = make_city(b);
    struct incident_create create = new_incident();
    struct incident_dispatch send = {0};
    struct incident_close end = {0};
    struct nothing nothing = {0};
    struct assignment_end clear = {0};
    (void)login(b, "op", "correct horse 9", op_token);
    (void)login(b, "field", "correct horse 9", field_token);
    const uint32_t incident =
        command(b, CORE_EDGE, op_token, COMMAND_incident_create, 0, &create, "i")->reply.object;
    PUT(incident_dispatch, &send, units, ((struct refs){2, {city.unit, city.other_unit}}));
    assert_ok(
        (enum err)command(b, CORE_EDGE, op_token, COMMAND_incident_dispatch, incident, &send, "d")
            ->reply.err);
    /* the field account may move its own assignment and not the other's */
    assert_ok(
        (enum err)command(b, CORE_EDGE, field_token, COMMAND_assignment_see, 1, &nothing, "s1")
            ->reply.err);
    const enum err other =
        (enum err)command(b, CORE_EDGE, field_token, COMMAND_assignment_see, 2, &nothing, "s2")
            ->reply.err;
    assert_true(other == ERR_DENIED || other == ERR_NOT_FOUND);
    PUT(incident_close, &end, disposition, STR("done"));
    const struct sent *early =
        command(b, CORE_EDGE, op_token, COMMAND_incident_close, incident, &end, "x");
    assert_int_equal(early->reply.err, ERR_STATE);
    assert_true(strlen(early->legal) > 0);
    for (uint32_t a = 1; a <= 2; a++) {
        char key[16];
        (void)snprintf(key, sizeof key, "clear%u", a);
        assert_ok(
            (enum err)command(b, CORE_EDGE, op_token, COMMAND_assignment_clear, a, &clear, key)
                ->reply.err);
    }
    assert_ok((enum err)command(b, CORE_EDGE, op_token, COMMAND_incident_close, incident, &end, "y")
                  ->reply.err);
    assert_int_equal(
        command(b, CORE_EDGE, op_token, COMMAND_incident_close, 999, &end, "z")->reply.err,
        ERR_NOT_FOUND);
    close_core(b);
    open_core(b); /* an ended incident is loaded when it is named */
    struct incident_review review = {0};
    PUT(incident_review, &review, outcome, STR("satisfied"));
    const enum err reviewed =
        (enum err)command(b, CORE_EDGE, op_token, COMMAND_incident_review, incident, &review, "r")
            ->reply.err;
    assert_true(reviewed == OK || reviewed == ERR_DENIED);
}

static void test_positions_end_with_duty(void **state)
{
    struct bench *b = *state;
    struct city city = make_city(b);
    struct frame_position fix = {0};
    struct nothing nothing = {0};
    (void)login(b, "field", "correct horse 9", field_token);
    PUT(frame_position, &fix, unit, (struct unit_id){city.unit});
    PUT(frame_position, &fix, place, place_from_deg(37.78, -122.41));
    PUT(frame_position, &fix, at_us, b->now_us);
    PUT(frame_position, &fix, token, ((struct str){(const char *)field_token, TOKEN_HASH_BYTES}));
    core_tick(b->core, b->now_us);
    b->now_us += 2 * US_PER_S;
    b->positions_bytes = 0;
    fix.at_us = b->now_us;
    (void)ask(b, CORE_FEED, FRAME_position, &fix);
    core_tick(b->core, b->now_us);
    assert_int_equal(b->positions_bytes, POSITION_ITEM_BYTES);
    fix.unit.v = city.other_unit; /* not this account's unit */
    b->now_us += 2 * US_PER_S;
    fix.at_us = b->now_us;
    b->positions_bytes = 0;
    (void)ask(b, CORE_FEED, FRAME_position, &fix);
    core_tick(b->core, b->now_us);
    assert_int_equal(b->positions_bytes, 0);
    (void)give(b, ROLE_OPERATOR, COMMAND_unit_sign_off, city.unit, &nothing);
    fix.unit.v = city.unit;
    b->now_us += 2 * US_PER_S;
    fix.at_us = b->now_us;
    (void)ask(b, CORE_FEED, FRAME_position, &fix);
    core_tick(b->core, b->now_us);
    assert_int_equal(b->positions_bytes, 0);
    core_hello(b->core, CORE_EDGE); /* nor is the old place kept */
    assert_true(b->positions_bytes <= POSITION_ITEM_BYTES);
}

static struct road *import_road(struct bench *b)
{
    char input[512], profiles[512], output[128];
    const char *data = getenv("ANWANG_DATA");
    const char *const inputs[] = {input};
    struct road_report report;
    struct fault fault = {0};
    struct road *road = NULL;
    (void)snprintf(input, sizeof input, "%s/osm/san-francisco.osm.pbf", data);
    (void)snprintf(profiles, sizeof profiles, "%s/road/profiles.csv", data);
    (void)snprintf(output, sizeof output, "%s/city.road", b->dir);
    const struct road_import job = {
        .inputs = inputs, .input_count = 1, .profiles = profiles, .output = output};
    assert_ok(road_import(&job, &report, &fault));
    assert_ok(road_open(output, &road, &fault));
    return road;
}

static void install_plan(struct bench *b, uint32_t version, bool is_auto)
{
    struct plan_install plan = {0};
    struct str text = arena_printf(
        &b->arena,
        "{\"auto_send\":%s,\"code\":\"p\",\"levels\":[[{\"capability\":\"patrol\",\"count\":1}]],"
        "\"name\":{\"en\":\"P\",\"zh\":\"预案\"},\"trigger\":{\"types\":[\"lost\"]},\"version\":%"
        "u}",
        is_auto ? "true" : "false", version);
    PUT(plan_install, &plan, code, STR("p"));
    PUT(plan_install, &plan, version, version);
    PUT(plan_install, &plan, document, text);
    (void)give(b, first_role(COMMAND_plan_install), COMMAND_plan_install, 0, &plan);
}

static enum incident_stage enter_and_look(struct bench *b, enum source source, const char *key)
{
    struct incident_create create = new_incident();
    struct incident_triage triage = {0};
    struct nothing nothing = {0};
    char other[32];
    create.source = source;
    const uint32_t number =
        command(b, CORE_EDGE, op_token, COMMAND_incident_create, 0, &create, key)->reply.object;
    PUT(incident_triage, &triage, answers, STR("{}"));
    PUT(incident_triage, &triage, plan, STR("p"));
    PUT(incident_triage, &triage, reason, STR("test"));
    (void)snprintf(other, sizeof other, "%s-t", key);
    assert_ok(
        (enum err)command(b, CORE_EDGE, op_token, COMMAND_incident_triage, number, &triage, other)
            ->reply.err);
    (void)snprintf(other, sizeof other, "%s-e", key);
    assert_ok(
        (enum err)command(b, CORE_EDGE, op_token, COMMAND_incident_enter, number, &nothing, other)
            ->reply.err);
    core_drain(b->core, b->now_us);
    struct store_row row;
    struct incident_object object;
    assert_ok(store_row(b->store, OBJECT_incident, number, &b->arena, &row));
    assert_ok(record_read(&record_incident_object, row.bytes, &object));
    return object.stage;
}

static void test_a_plan_sends_by_itself(void **state)
{
    struct bench *b = *state;
    struct road *road = import_road(b);
    struct fault fault = {0};
    core_free(b->core);
    b->options.road = road;
    assert_ok(core_new(&b->options, b->now_us, &b->core, &fault));
    (void)make_city(b);
    (void)login(b, "op", "correct horse 9", op_token);
    install_plan(b, 1, false); /* control: without the word nothing is sent */
    assert_int_equal(enter_and_look(b, SOURCE_PHONE, "m"), INCIDENT_PENDING);
    install_plan(b, 2, true);
    assert_int_equal(enter_and_look(b, SOURCE_WEB, "w"), INCIDENT_PENDING); /* never */
    assert_int_equal(enter_and_look(b, SOURCE_PHONE, "a"), INCIDENT_OPEN);
    core_free(b->core);
    road_close(road);
    b->options.road = NULL;
    assert_ok(core_new(&b->options, b->now_us, &b->core, &fault));
}

/* An office of its own below the command, with an area in the west, and its station room. */
struct station {
    uint32_t body, area, user;
};

static struct station make_station(struct bench *b)
{
    struct station s;
    struct body_install body = {0};
    struct area_install area = {0};
    struct user_install user = {0};
    PUT(body_install, &body, code, STR("west"));
    PUT(body_install, &body, name, STR("West"));
    PUT(body_install, &body, parent, STR("command"));
    PUT(body_install, &body, kind, STR("police"));
    s.body = give(b, ROLE_SYSTEM_ADMIN, COMMAND_body_install, 0, &body);
    PUT(area_install, &area, code, STR("990001"));
    PUT(area_install, &area, name, STR("West"));
    PUT(area_install, &area, level, 2);
    PUT(area_install, &area, parent, STR("990000"));
    PUT(area_install, &area, shape,
        STR("{\"coordinates\":[[[-122.5,37.7],[-122.45,37.7],[-122.45,37.9],[-122.5,37.9],[-122.5,"
            "37.7]]],\"type\":\"Polygon\"}"));
    s.area = give(b, ROLE_SYSTEM_ADMIN, COMMAND_area_install, 0, &area);
    PUT(user_install, &user, login, STR("west"));
    PUT(user_install, &user, name, STR("West"));
    PUT(user_install, &user, role, ROLE_STATION_ROOM);
    PUT(user_install, &user, body, (struct body_id){s.body});
    PUT(user_install, &user, area, (struct area_id){s.area});
    PUT(user_install, &user, credential, (struct personal){.text = STR("correct horse 9")});
    s.user = give(b, ROLE_SECURITY_ADMIN, COMMAND_user_install, 0, &user);
    return s;
}

static void test_what_is_hidden_cannot_be_named(void **state)
{
    struct bench *b = *state;
    const struct city city = make_city(b);
    const struct station station = make_station(b);
    struct incident_create create = new_incident(); /* east of the station's area */
    struct signal_raise raise = {0};
    struct signal_confirm confirm = {0};
    struct roster_set roster = {0};
    (void)login(b, "op", "correct horse 9", op_token);
    (void)login(b, "west", "correct horse 9", field_token);
    const uint32_t hidden =
        command(b, CORE_EDGE, op_token, COMMAND_incident_create, 0, &create, "h")->reply.object;
    PUT(signal_raise, &raise, source, SOURCE_OFFICER);
    PUT(signal_raise, &raise, place, place_from_deg(37.77, -122.48));
    const uint32_t own =
        command(b, CORE_EDGE, field_token, COMMAND_signal_raise, 0, &raise, "o")->reply.object;
    PUT(signal_confirm, &confirm, incident, (struct incident_id){hidden});
    assert_int_equal(
        command(b, CORE_EDGE, field_token, COMMAND_signal_confirm, own, &confirm, "c")->reply.err,
        ERR_NOT_FOUND);
    assert_ok((enum err)command(b, CORE_EDGE, op_token, COMMAND_signal_confirm, own, &confirm, "d")
                  ->reply.err); /* control: the operator sees both */
    PUT(roster_set, &roster, day, STR("2026-11-23"));
    PUT(roster_set, &roster, shift, STR("day"));
    PUT(roster_set, &roster, duties, STR("[]"));
    PUT(roster_set, &roster, body, (struct body_id){city.body});
    const struct sent *s = command(b, CORE_EDGE, field_token, COMMAND_roster_set, 0, &roster, "r");
    assert_int_equal(s->reply.err, ERR_DENIED);
    assert_string_equal(s->field, "body");
    roster.body.v = station.body;
    assert_ok((enum err)command(b, CORE_EDGE, field_token, COMMAND_roster_set, 0, &roster, "s")
                  ->reply.err);
}

/* A repeat is answered although the unit is done and no longer sees the incident. */
static void test_a_repeat_outlives_the_scope(void **state)
{
    struct bench *b = *state;
    const struct city city = make_city(b);
    struct incident_create create = new_incident();
    struct incident_dispatch send = {0};
    struct incident_note note = {0};
    struct assignment_end clear = {0};
    (void)login(b, "op", "correct horse 9", op_token);
    (void)login(b, "field", "correct horse 9", field_token);
    const uint32_t incident =
        command(b, CORE_EDGE, op_token, COMMAND_incident_create, 0, &create, "i")->reply.object;
    PUT(incident_dispatch, &send, units, ((struct refs){1, {city.unit}}));
    (void)command(b, CORE_EDGE, op_token, COMMAND_incident_dispatch, incident, &send, "d");
    PUT(incident_note, &note, text, (struct personal){.text = STR("all quiet")});
    assert_ok(
        (enum err)command(b, CORE_EDGE, field_token, COMMAND_incident_note, incident, &note, "n")
            ->reply.err);
    (void)command(b, CORE_EDGE, op_token, COMMAND_assignment_clear, 1, &clear, "c");
    const struct sent *again =
        command(b, CORE_EDGE, field_token, COMMAND_incident_note, incident, &note, "n");
    assert_ok((enum err)again->reply.err);
    assert_true(again->reply.is_replayed);
    assert_int_equal(
        command(b, CORE_EDGE, field_token, COMMAND_incident_note, incident, &note, "m")->reply.err,
        ERR_NOT_FOUND);
}

static enum err draw(struct bench *b, enum command_kind kind, const void *fields)
{
    struct frame_reply reply;
    return core_command_now(b->core, ROLE_SYSTEM_ADMIN, kind, 0, fields, 0, b->now_us, &b->arena,
                            &reply);
}

static void test_what_is_drawn_must_be_geometry(void **state)
{
    static const char *const bad[] = {
        "{\"coordinates\":[[1]],\"type\":\"LineString\"}",
        "{\"coordinates\":[[999,0],[1,1]],\"type\":\"LineString\"}",
        "{\"coordinates\":[[[0,0],[1,1],[0,0]]],\"type\":\"Polygon\"}",
        "{\"coordinates\":[],\"type\":\"Polygon\"}",
        "{\"type\":\"Polygon\"}",
        "{}"};
    struct bench *b = *state;
    struct area_install area = {0};
    struct closure_set closure = {0};
    (void)make_city(b);
    PUT(area_install, &area, code, STR("990002"));
    PUT(area_install, &area, name, STR("Odd"));
    PUT(area_install, &area, level, 2);
    PUT(area_install, &area, parent, STR("990000"));
    PUT(closure_set, &closure, reason, STR("works"));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        PUT(area_install, &area, shape, str_of(bad[i]));
        PUT(closure_set, &closure, path, str_of(bad[i]));
        assert_int_equal(draw(b, COMMAND_area_install, &area), ERR_RANGE);
        assert_int_equal(draw(b, COMMAND_closure_set, &closure), ERR_RANGE);
    }
    PUT(closure_set, &closure, path,
        STR("{\"coordinates\":[[-122.42,37.77],[-122.41,37.77]],\"type\":\"LineString\"}"));
    PUT(closure_set, &closure, factor, 1); /* "once as slow" would shut the street */
    assert_int_equal(draw(b, COMMAND_closure_set, &closure), ERR_RANGE);
    closure.factor = 2;
    assert_ok(draw(b, COMMAND_closure_set, &closure));
}

static void test_a_new_password_ends_the_sessions(void **state)
{
    struct bench *b = *state;
    const struct city city = make_city(b);
    struct incident_create create = new_incident();
    (void)login(b, "op", "correct horse 9", op_token);
    (void)make_user(b, "op", ROLE_OPERATOR, city.body, 0);
    assert_string_equal(
        command(b, CORE_EDGE, op_token, COMMAND_incident_create, 0, &create, "i")->field,
        "session");
}

static void test_damaged_frames(void **state)
{
    struct bench *b = *state;
    const int before = b->sent_count;
    core_frame(b->core, CORE_EDGE, FRAME_command, 5, STR("\x07\xff\xff\xff"), -1, b->now_us);
    core_frame(b->core, CORE_EDGE, (enum frame_type)77, 6, STR("x"), -1, b->now_us);
    core_frame(b->core, CORE_FEED, FRAME_login, 7, STR("x"), -1, b->now_us);
    assert_int_equal(b->sent_count, before + 1); /* only a possible question is answered */
    assert_int_equal(b->sent[before % MAX_SENT].reply.err, ERR_SYNTAX);
}

static enum err told(struct bench *b, enum command_kind kind, uint32_t object, const void *fields,
                     int64_t at_us)
{
    struct frame_reply reply;
    return core_command_now(b->core, ROLE_OPERATOR, kind, object, fields, at_us, b->now_us,
                            &b->arena, &reply);
}

static void test_history_orders_nobody(void **state)
{
    struct bench *b = *state;
    const struct city city = make_city(b);
    struct incident_create create = new_incident();
    struct incident_dispatch send = {0};
    const struct assignment_end clear = {0};
    PUT(incident_dispatch, &send, units, ((struct refs){1, {city.unit}}));
    core_hello(b->core, CORE_FEED);
    for (uint32_t i = 1; i <= 2; i++) { /* the same, a year ago and now */
        const int64_t at_us = i == 1 ? b->now_us - 365 * US_PER_DAY : b->now_us;
        assert_ok(told(b, COMMAND_incident_create, 0, &create, at_us));
        assert_ok(
            told(b, COMMAND_incident_dispatch, core_last(b->core, OBJECT_incident), &send, at_us));
        assert_ok(told(b, COMMAND_assignment_clear, core_last(b->core, OBJECT_assignment), &clear,
                       at_us));
        assert_int_equal(b->orders, i - 1);
    }
    assert_int_equal(core_by_code(b->core, OBJECT_unit, STR("C2")), city.other_unit);
    assert_int_equal(core_by_code(b->core, OBJECT_unit, STR("C3")), 0);
}

/* ---- photos ---- */
/* A picture from media, for this incident or (0) for the public site; core's answer. */
static const struct sent *picture(struct bench *b, uint32_t incident, const char *key)
{
    static const char bytes[] = "jpeg bytes with a secret place in them";
    struct frame_image frame = {0};
    struct out out;
    const int before = b->sent_count;
    const int fd = memfd_create("photo", MFD_ALLOW_SEALING);
    assert_int_equal(write(fd, bytes, sizeof bytes), sizeof bytes);
    assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_WRITE), 0);
    PUT(frame_image, &frame, media_type, STR("image/jpeg"));
    PUT(frame_image, &frame, size_bytes, sizeof bytes);
    PUT(frame_image, &frame, origin, incident ? CORE_EDGE : CORE_PORTAL);
    if (incident) {
        PUT(frame_image, &frame, incident, incident);
        PUT(frame_image, &frame, token, ((struct str){(const char *)op_token, TOKEN_HASH_BYTES}));
        PUT(frame_image, &frame, key, str_of(key));
    }
    out_init(&out, 4096);
    record_write(&record_frame_image, &frame, RECORD_WIRE, &out);
    core_frame(b->core, CORE_MEDIA, FRAME_image, ++b->correlation, out_view(&out), fd, b->now_us);
    core_drain(b->core, b->now_us);
    out_done(&out);
    assert_int_equal(b->sent_count, before + 1);
    return &b->sent[before % MAX_SENT];
}

/* The one file of the blob folder. */
static uint32_t blob_count(const struct bench *b, char ret_name[64], struct out *bytes)
{
    DIR *dir = opendir(b->blob_dir);
    struct dirent *entry;
    uint32_t count = 0;
    while (dir && (entry = readdir(dir))) {
        char path[400];
        if (entry->d_name[0] == '.')
            continue;
        count++;
        (void)snprintf(path, sizeof path, "%s/%s", b->blob_dir, entry->d_name);
        (void)snprintf(ret_name, 64, "%.63s", entry->d_name);
        out_reset(bytes);
        assert_ok(file_read(path, bytes));
    }
    (void)closedir(dir);
    return count;
}

static void test_a_photo_is_unreadable_without_its_key(void **state)
{
    struct bench *b = *state;
    struct incident_create create = new_incident();
    struct reader *reader;
    struct out file, key, plain;
    char name[64];
    (void)make_city(b);
    out_init(&file, 4096);
    out_init(&key, 4096);
    out_init(&plain, 4096);
    (void)login(b, "op", "correct horse 9", op_token);
    const uint32_t number = give(b, ROLE_OPERATOR, COMMAND_incident_create, 0, &create);
    assert_ok((enum err)picture(b, number, "p")->reply.err);
    assert_int_equal(blob_count(b, name, &file), 1);
    assert_null(memmem(file.p, file.len, "secret place", 12));
    assert_ok(reader_open(b->store_dir, &reader, NULL));
    assert_ok(reader_blob_key(reader, OBJECT_incident, number, str_of(name), &key));
    assert_int_equal(key.len, BLOB_KEY_BYTES);
    assert_ok(blob_open(key.p, str_of(name), out_view(&file), &plain));
    assert_non_null(memmem(plain.p, plain.len, "secret place", 12));
    out_reset(&key);
    assert_int_equal(reader_blob_key(reader, OBJECT_incident, number, STR("x"), &key),
                     ERR_NOT_FOUND);
    assert_int_equal(reader_blob_key(reader, OBJECT_incident, number + 1, str_of(name), &key),
                     ERR_NOT_FOUND);
    b->now_us += 4 * 365 * US_PER_DAY; /* retention takes the key: the file is noise from then on */
    core_tick(b->core, b->now_us);
    core_drain(b->core, b->now_us);
    assert_int_equal(reader_blob_key(reader, OBJECT_incident, number, str_of(name), &key),
                     ERR_NOT_FOUND);
    assert_int_equal(key.len, 0);
    reader_close(reader);
    out_done(&file);
    out_done(&key);
    out_done(&plain);
}

static const struct sent *report(struct bench *b, const char *blob, const char *key)
{
    struct signal_raise raise = {0};
    PUT(signal_raise, &raise, source, SOURCE_WEB);
    PUT(signal_raise, &raise, category, STR("lost"));
    PUT(signal_raise, &raise, blob, str_of(blob));
    return command(b, CORE_PORTAL, NULL, COMMAND_signal_raise, 0, &raise, key);
}

static void test_a_reports_photo_is_its_own(void **state)
{
    struct bench *b = *state;
    struct out file;
    char name[64];
    (void)make_city(b);
    out_init(&file, 4096);
    const struct sent *guessed = report(b, "00112233445566778899aabbccddeeff", "a");
    assert_int_equal(guessed->reply.err, ERR_RANGE);
    assert_string_equal(guessed->field, "blob");
    assert_ok((enum err)picture(b, 0, NULL)->reply.err);
    assert_int_equal(blob_count(b, name, &file), 1);
    struct signal_raise forged = {0};
    PUT(signal_raise, &forged, source, SOURCE_WEB);
    PUT(signal_raise, &forged, blob_key, (struct personal){.text = STR("mine")});
    assert_string_equal(command(b, CORE_PORTAL, NULL, COMMAND_signal_raise, 0, &forged, "f")->field,
                        "blob_key");
    assert_ok((enum err)report(b, name, "b")->reply.err);
    assert_string_equal(report(b, name, "c")->field, "blob"); /* once */
    assert_ok((enum err)report(b, name, "b")->reply.err); /* the same request again is no twice */
    assert_ok((enum err)picture(b, 0, NULL)->reply.err);
    assert_int_equal(blob_count(b, name, &file), 2);
    b->now_us += 2 * US_PER_HOUR; /* nobody came for it */
    core_tick(b->core, b->now_us);
    assert_int_equal(blob_count(b, name, &file), 1);
    out_done(&file);
}

/* Times that are installed hold for what waits already: its row is due anew. */
static void test_installed_times_hold_at_once(void **state)
{
    struct bench *b = *state;
    struct incident_create create = new_incident(); /* P2: five minutes by preset */
    const struct nothing enter = {0};
    struct timing_install timing = {0};
    int64_t before_us = 0, after_us = 0;
    (void)make_city(b);
    const uint32_t number = give(b, ROLE_OPERATOR, COMMAND_incident_create, 0, &create);
    (void)give(b, ROLE_OPERATOR, COMMAND_incident_enter, number, &enter);
    assert_ok(store_next_due(b->store, &before_us));
    assert_int_equal(before_us, b->now_us + 300 * US_PER_S);
    PUT(timing_install, &timing, waiting_p2_s, 20);
    (void)give(b, ROLE_COMMANDER, COMMAND_timing_install, 0, &timing);
    assert_ok(store_next_due(b->store, &after_us));
    assert_int_equal(after_us, b->now_us + 20 * US_PER_S);
    close_core(b);
    open_core(b); /* they are the desk's own: a restart knows them */
    const uint64_t seq = core_seq(b->core);
    b->now_us += 21 * US_PER_S;
    core_tick(b->core, b->now_us);
    assert_int_equal(core_seq(b->core), seq + 1); /* flagged */
}

/* Commands by the thousand: more than can be under way at once, none waits for its own commit. */
static void test_many_commands_share_commits(void **state)
{
    struct bench *b = *state;
    const uint32_t count = 3000;
    struct incident_create create = new_incident();
    (void)make_city(b);
    close_core(b);
    b->is_threaded = true;
    open_core(b);
    const uint64_t before = core_seq(b->core);
    for (uint32_t i = 0; i < count; i++)
        assert_ok(told(b, COMMAND_incident_create, 0, &create, b->now_us - US_PER_DAY));
    assert_ok(core_settle(b->core, b->now_us));
    const uint64_t seq = core_seq(b->core);
    assert_true(seq >= before + count);
    close_core(b);
    b->is_threaded = false;
    open_core(b);
    assert_int_equal(core_seq(b->core), seq);
    assert_int_equal(core_last(b->core, OBJECT_incident), count);
}

static uint32_t notes_of(struct bench *b, uint32_t incident)
{
    struct store_row row;
    struct incident_object object;
    struct arena arena;
    arena_init(&arena, 1 << 20);
    assert_ok(store_row(b->store, OBJECT_incident, incident, &arena, &row));
    assert_ok(record_read(&record_incident_object, row.bytes, &object));
    const uint32_t count = object.note_count;
    arena_done(&arena);
    return count;
}

/* A closed incident leaves memory after its commit, but not while a later note to it is on its way
 * to the disk: the next note would begin from the row without it. */
static void test_an_ended_object_stays_while_it_changes(void **state)
{
    struct bench *b = *state;
    struct incident_create create = new_incident();
    struct incident_close end = {0};
    struct incident_note note = {0};
    struct nothing nothing = {0};
    char path[96];
    sqlite3 *other;
    (void)make_city(b);
    (void)login(b, "op", "correct horse 9", op_token);
    close_core(b);
    b->is_threaded = true;
    open_core(b);
    (void)command(b, CORE_EDGE, op_token, COMMAND_incident_create, 0, &create, "i");
    (void)command(b, CORE_EDGE, op_token, COMMAND_incident_enter, 1, &nothing, "e");
    PUT(incident_close, &end, disposition, STR("done"));
    (void)command(b, CORE_EDGE, op_token, COMMAND_incident_close, 1, &end, "x");
    store_flush(b->store);
    core_drain(b->core, b->now_us);
    PUT(incident_note, &note, text, (struct personal){.text = STR("a note")});
    (void)command(b, CORE_EDGE, op_token, COMMAND_incident_note, 1, &note, "a");
    store_flush(b->store); /* the first is on disk, and core has not heard of it */
    (void)snprintf(path, sizeof path, "%s/anwang.db", b->store_dir);
    assert_int_equal(sqlite3_open(path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    (void)command(b, CORE_EDGE, op_token, COMMAND_incident_note, 1, &note, "b"); /* it waits */
    (void)command(b, CORE_EDGE, op_token, COMMAND_incident_note, 1, &note, "c");
    assert_int_equal(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(other), SQLITE_OK);
    store_flush(b->store);
    core_drain(b->core, b->now_us);
    assert_int_equal(notes_of(b, 1), 3);
    close_core(b);
    b->is_threaded = false;
    open_core(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_an_ended_object_stays_while_it_changes, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_login_and_sessions, setup, teardown),
        cmocka_unit_test_setup_teardown(test_keys, setup, teardown),
        cmocka_unit_test_setup_teardown(test_channels_hold_roles, setup, teardown),
        cmocka_unit_test_setup_teardown(test_personal_text_is_payload_only, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_loop_and_its_refusals, setup, teardown),
        cmocka_unit_test_setup_teardown(test_positions_end_with_duty, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_plan_sends_by_itself, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_is_hidden_cannot_be_named, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_repeat_outlives_the_scope, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_is_drawn_must_be_geometry, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_new_password_ends_the_sessions, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_photo_is_unreadable_without_its_key, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_reports_photo_is_its_own, setup, teardown),
        cmocka_unit_test_setup_teardown(test_installed_times_hold_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(test_history_orders_nobody, setup, teardown),
        cmocka_unit_test_setup_teardown(test_many_commands_share_commits, setup, teardown),
        cmocka_unit_test_setup_teardown(test_damaged_frames, setup, teardown),
    };
    return RUN(tests);
}
