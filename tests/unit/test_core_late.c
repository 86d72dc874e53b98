/* Core: photos and their keys, times that are installed, commands by the thousand and about the
 * past.
 */
#include "core_rig.h"

#include <sqlite3.h>

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

/* A card that was written by hand and is entered afterwards: nobody is sent for it a second time.
 */
static void test_a_card_orders_nobody(void **state)
{
    struct bench *b = *state;
    const struct city city = make_city(b);
    struct incident_create create = new_incident();
    struct incident_dispatch send = {0};
    PUT(incident_dispatch, &send, units, ((struct refs){1, {city.unit}}));
    core_hello(b->core, CORE_FEED);
    assert_int_equal(login(b, "op", "correct horse 9", op_token)->reply.err, OK);
    for (uint32_t i = 0; i < 2; i++) { /* from the card, and the control: by the desk's own clock */
        const uint32_t n = give(b, ROLE_OPERATOR, COMMAND_incident_create, 0, &create);
        PUT(incident_dispatch, &send, units, ((struct refs){1, {i ? city.other_unit : city.unit}}));
        b->clock = i ? CLOCK_DESK : CLOCK_PAPER;
        assert_int_equal(command(b, CORE_EDGE, op_token, COMMAND_incident_dispatch, n, &send,
                                 i ? "desk" : "card")
                             ->reply.err,
                         OK);
        assert_int_equal(b->orders, i);
    }
}

/* An order that nobody sees for 30 s rings at the desk and leaves for a gateway as a text. */
static void test_an_unseen_order_goes_to_the_gateway(void **state)
{
    struct bench *b = *state;
    const struct city city = make_city(b);
    struct incident_create create = new_incident();
    struct incident_dispatch send = {0};
    PUT(incident_dispatch, &send, units, ((struct refs){1, {city.unit}}));
    core_hello(b->core, CORE_FEED);
    const uint32_t n = give(b, ROLE_OPERATOR, COMMAND_incident_create, 0, &create);
    (void)give(b, ROLE_OPERATOR, COMMAND_incident_dispatch, n, &send);
    assert_int_equal(b->orders, 1);
    assert_string_equal(b->channel, "order:unit-1-1");
    b->now_us += 29 * US_PER_S;
    core_tick(b->core, b->now_us);
    core_drain(b->core, b->now_us);
    assert_int_equal(b->orders, 1);
    b->now_us += 2 * US_PER_S;
    core_tick(b->core, b->now_us);
    core_drain(b->core, b->now_us);
    assert_int_equal(b->orders, 2);
    assert_string_equal(b->channel, "gateway:unit-1-1");
    assert_non_null(strstr(b->delivered, "\"message\":\"order_unseen\""));
    assert_non_null(strstr(b->delivered, "\"callsign\":\"C1\""));
    assert_non_null(strstr(b->delivered, "P2 走失"));
    assert_null(strstr(b->delivered, "words")); /* nothing that a caller said */
}

/* A button pressed without a fix: the place that was heard of last, with its time. */
static void test_an_emergency_has_the_last_place(void **state)
{
    struct bench *b = *state;
    const struct city city = make_city(b);
    struct emergency_raise raise = {0};
    struct store_row row;
    struct emergency_object object;
    PUT(emergency_raise, &raise, unit, (struct unit_id){city.unit});
    const uint32_t n = give(b, ROLE_OPERATOR, COMMAND_emergency_raise, 0, &raise);
    assert_ok(store_row(b->store, OBJECT_emergency, n, &b->arena, &row));
    assert_ok(record_read(&record_emergency_object, row.bytes, &object));
    assert_true(place_eq(object.place, place_from_deg(37.77, -122.42)));
    assert_int_equal(object.placed_us, NOW);
    assert_int_equal(object.area.v, city.area); /* found by the place */
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
    if (dir)
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
        cmocka_unit_test_setup_teardown(test_a_photo_is_unreadable_without_its_key, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_reports_photo_is_its_own, setup, teardown),
        cmocka_unit_test_setup_teardown(test_installed_times_hold_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(test_history_orders_nobody, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_card_orders_nobody, setup, teardown),
        cmocka_unit_test_setup_teardown(test_an_unseen_order_goes_to_the_gateway, setup, teardown),
        cmocka_unit_test_setup_teardown(test_an_emergency_has_the_last_place, setup, teardown),
        cmocka_unit_test_setup_teardown(test_many_commands_share_commits, setup, teardown),
    };
    return RUN(tests);
}
