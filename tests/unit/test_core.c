/* Core over a real store: frames in, frames out; sessions, rights, keys, payloads, places,
 * closures. */
#include "core_rig.h"

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

/* The unit of the assignment made last. */
static uint32_t sent_unit(struct bench *b)
{
    struct store_row row;
    struct assignment_object object;
    assert_ok(store_row(b->store, OBJECT_assignment, core_last(b->core, OBJECT_assignment),
                        &b->arena, &row));
    assert_ok(record_read(&record_assignment_object, row.bytes, &object));
    return object.unit.v;
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

/* The digests of core's health. */
static void road_digests(struct bench *b, char *buf, size_t cap)
{
    struct out out;
    out_init(&out, 1 << 16);
    core_tick(b->core, b->now_us);
    core_health_json(b->core, &out);
    const char *from = memmem(out.p, out.len, "\"response\":\"", 12);
    assert_non_null(from);
    (void)str_copy((struct str){from, 29}, buf, cap);
    out_done(&out);
}

/* Two units at one place: the one that needs long to get going is not the nearest. A closure shows
 * in the digest of the weights, and leaves no trace. */
static void test_turnout_counts_and_weights_have_digests(void **state)
{
    struct bench *b = *state;
    struct road *road = import_road(b);
    struct fault fault = {0};
    char before[64], shut[64], after[64];
    struct closure_set closure = {0};
    const struct reason lift = {1, STR("over")};
    core_free(b->core);
    b->options.road = road;
    assert_ok(core_new(&b->options, b->now_us, &b->core, &fault));
    b->turnout_s = 120;
    const struct city city = make_city(b);
    (void)login(b, "op", "correct horse 9", op_token);
    install_plan(b, 1, true);
    assert_int_equal(enter_and_look(b, SOURCE_PHONE, "a"), INCIDENT_OPEN);
    assert_int_equal(sent_unit(b), city.other_unit);
    road_digests(b, before, sizeof before);
    PUT(closure_set, &closure, reason, STR("works"));
    PUT(closure_set, &closure, profiles, STR("response"));
    PUT(closure_set, &closure, path,
        STR("{\"coordinates\":[[[-122.43,37.76],[-122.41,37.76],[-122.41,37.78],[-122.43,37.78],"
            "[-122.43,37.76]]],\"type\":\"Polygon\"}"));
    const uint32_t number = give(b, ROLE_OPERATOR, COMMAND_closure_set, 0, &closure);
    road_digests(b, shut, sizeof shut);
    assert_string_not_equal(before, shut);
    (void)give(b, ROLE_OPERATOR, COMMAND_closure_lift, number, &lift);
    road_digests(b, after, sizeof after);
    assert_string_equal(before, after);
    core_free(b->core);
    road_close(road);
    b->options.road = NULL;
    assert_ok(core_new(&b->options, b->now_us, &b->core, &fault));
}

static void assert_health(struct bench *b, const char *part, bool is_there)
{
    struct out out;
    out_init(&out, 1 << 16);
    core_health_json(b->core, &out);
    assert_int_equal(memmem(out.p, out.len, part, strlen(part)) != NULL, is_there);
    out_done(&out);
}

/* When the hour turns its speeds are on the roads, and a week later the same; a calibration is
 * beneath them all the time, and told by name. */
static void test_the_hour_turns(void **state)
{
    struct bench *b = *state;
    struct road *road = import_road(b);
    struct road_hours *hours = malloc(sizeof *hours);
    struct road_calibration calibration = {.name = "own", .version = "7"};
    struct fault fault = {0};
    char plain[64], first[64], second[64], again[64];
    calibration.speeds = road_speeds_plain();
    for (uint32_t at = 0; at < ROAD_WEEK_HOURS; at++) {
        hours->at[at] = road_speeds_plain();
        for (uint32_t c = 0; c < ROAD_MAX_CLASSES; c++)
            hours->at[at].permille[road_profile(road, "response")][c] = (uint16_t)(600 + at);
    }
    core_free(b->core);
    b->options.road = road;
    assert_ok(core_new(&b->options, b->now_us, &b->core, &fault));
    road_digests(b, plain, sizeof plain);
    assert_health(b, "\"hour\":", false);
    core_free(b->core);
    b->options.hours = hours;
    b->now_us = utc_from_civil((struct civil){2026, 11, 27, 16, 59, 59, 0}); /* a Friday */
    assert_ok(core_new(&b->options, b->now_us, &b->core, &fault));
    road_digests(b, first, sizeof first);
    assert_string_not_equal(first, plain);
    assert_health(b, "\"hour\":\"fri-16\"", true);
    b->now_us += 2 * US_PER_S;
    road_digests(b, second, sizeof second);
    assert_string_not_equal(second, first);
    assert_health(b, "\"hour\":\"fri-17\"", true);
    assert_health(b, "\"calibration\"", false);
    b->now_us += 7 * US_PER_DAY - US_PER_HOUR;
    road_digests(b, again, sizeof again);
    assert_string_equal(again, first);
    core_free(b->core);
    b->options.calibration = &calibration;
    assert_ok(core_new(&b->options, b->now_us, &b->core, &fault));
    road_digests(b, again, sizeof again);
    assert_string_equal(again, first); /* a plain one changes nothing */
    assert_health(b, "\"calibration\":\"own\",\"calibration_version\":\"7\"", true);
    for (uint32_t c = 0; c < ROAD_MAX_CLASSES; c++)
        calibration.speeds.permille[road_profile(road, "response")][c] = 1200;
    core_free(b->core);
    assert_ok(core_new(&b->options, b->now_us, &b->core, &fault));
    road_digests(b, again, sizeof again);
    assert_string_not_equal(again, first);
    core_free(b->core);
    road_close(road);
    free(hours);
    b->options.road = NULL;
    b->options.hours = NULL;
    b->options.calibration = NULL;
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_login_and_sessions, setup, teardown),
        cmocka_unit_test_setup_teardown(test_keys, setup, teardown),
        cmocka_unit_test_setup_teardown(test_channels_hold_roles, setup, teardown),
        cmocka_unit_test_setup_teardown(test_personal_text_is_payload_only, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_loop_and_its_refusals, setup, teardown),
        cmocka_unit_test_setup_teardown(test_positions_end_with_duty, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_plan_sends_by_itself, setup, teardown),
        cmocka_unit_test_setup_teardown(test_turnout_counts_and_weights_have_digests, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_the_hour_turns, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_is_hidden_cannot_be_named, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_repeat_outlives_the_scope, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_is_drawn_must_be_geometry, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_new_password_ends_the_sessions, setup, teardown),
        cmocka_unit_test_setup_teardown(test_damaged_frames, setup, teardown),
    };
    return RUN(tests);
}
