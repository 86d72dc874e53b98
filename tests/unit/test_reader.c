/* Readers: one JSON for lists, objects and push; personal values only when asked for and only while
 * they are kept; sessions; notes and log; search; what the portal may know. */
#include "test.h"

#include "base/file.h"
#include "base/json.h"
#include "store/public.h"
#include "store_fixture.h"

#include <sqlite3.h>

static const struct scope everything = {0};

/* ---- helpers ---- */

static struct json read_list(struct reader *reader, struct query *query)
{
    struct query_page page;
    struct out out;
    struct json root;
    out_init(&out, 8u << 20);
    struct json_out j = json_out_of(&out);
    query->scope = &everything;
    json_arr(&j);
    assert_ok(reader_query(reader, query, &j, &page, NULL));
    json_arr_end(&j);
    assert_ok(json_read(out_view(&out), &root, NULL));
    out_done(&out);
    return root;
}

static size_t count_found(struct reader *reader, enum view_id view, const char *words)
{
    struct query query = {.view = view, .filter_count = 1, .scope = &everything};
    query.filters[0] = (struct query_filter){STR("q"), QUERY_SEARCH, str_of(words)};
    struct json root = read_list(reader, &query);
    size_t count = json_count(root);
    json_free(root);
    return count;
}

static struct personal keep_text(struct fix *fix, struct store_batch *batch, const char *text,
                                 int64_t expires_us)
{
    struct personal p = {.payload = ++fix->payload};
    store_batch_payload(batch, p.payload, DATA_PERSONAL, expires_us, str_of(text));
    return p;
}

/* An incident with personal values, a note and a statement about a person. */
static void make_case(struct fix *fix, int64_t expires_us)
{
    struct store_batch *batch = fix_batch(fix);
    struct incident_create create = {.type = STR("noise"), .source = SOURCE_PHONE};
    struct incident_object object = {.stage = INCIDENT_OPEN,
                                     .type = "noise",
                                     .initial_priority = PRIORITY_P1,
                                     .priority = PRIORITY_P1,
                                     .source = SOURCE_PHONE,
                                     .area = {3},
                                     .received_us = fix->now_us};
    object.words = create.words = keep_text(fix, batch, "somebody SHOUTS", expires_us);
    object.caller_name = create.caller_name = keep_text(fix, batch, "Zhang SAN", expires_us);
    fix_make(fix, batch, EVENT_incident_received, 1, 3, &create, &object);
    struct incident_note note = {.text = keep_text(fix, batch, "SAW a lamp", expires_us)};
    fix_has(&record_incident_note, &note);
    fix_event(fix, batch, EVENT_incident_noted, 1, 1, 3, &note);
    struct incident_state statement = {.category = PERSON_WITNESS,
                                       .certainty = CERTAINTY_FACT,
                                       .text = keep_text(fix, batch, "heard GLASS", expires_us)};
    fix_has(&record_incident_state, &statement);
    fix_event(fix, batch, EVENT_incident_stated, 1, 1, 3, &statement);
    fix_state(batch, OBJECT_incident, 1, fix->seq, true, &object);
    assert_ok(fix_submit(fix, batch));
}

static enum err push_json(void *ctx, const struct reader_row *row)
{
    struct json_out j = json_out_of(ctx);
    if (row->kind == OBJECT_incident)
        reader_row_json(FIX_REALM, row, &j);
    return OK;
}

/* ---- tests ---- */

static void test_one_json(void **state)
{
    struct fix fix;
    struct reader *reader;
    struct out list, object, push, expected;
    struct query query = {.view = VIEW_incident, .scope = &everything};
    struct query_page page;
    uint64_t seq;
    (void)state;
    fix_open(&fix);
    fix_user(&fix, 1, "Wang Wu");
    make_case(&fix, 0);
    assert_ok(reader_open(fix.dir, &reader, NULL));
    out_init(&list, 1u << 16);
    out_init(&object, 1u << 16);
    out_init(&push, 1u << 16);
    out_init(&expected, 1u << 16);
    struct json_out in_list = json_out_of(&list), alone = json_out_of(&object);
    assert_ok(reader_query(reader, &query, &in_list, &page, NULL));
    assert_int_equal(page.as_of, fix.seq);
    struct object_query of = {OBJECT_incident, 1, &everything, false};
    assert_ok(reader_object(reader, &of, &alone, &seq));
    assert_int_equal(seq, fix.seq);
    assert_ok(reader_rows_after(reader, 0, fix.seq, 100, push_json, &push));
    out_printf(&expected,
               "{\"stage\":\"open\",\"type\":\"noise\",\"initial_priority\":\"P1\","
               "\"priority\":\"P1\",\"source\":\"phone\",\"area\":\"area-7-3\","
               "\"received_us\":\"2025-11-23T12:13:20.002000Z\",\"id\":\"incident-7-1\","
               "\"seq\":%u}",
               (unsigned)fix.seq);
    out_byte(&expected, 0);
    assert_str(out_view(&list), (const char *)expected.p);
    assert_str(out_view(&object), (const char *)expected.p);
    assert_str(out_view(&push), (const char *)expected.p);
    struct scope nothing = {.is_none = true};
    of.scope = &nothing;
    assert_int_equal(reader_object(reader, &of, &alone, &seq), ERR_NOT_FOUND);
    of = (struct object_query){OBJECT_incident, 2, &everything, false};
    assert_int_equal(reader_object(reader, &of, &alone, &seq), ERR_NOT_FOUND);
    out_done(&list);
    out_done(&object);
    out_done(&push);
    out_done(&expected);
    reader_close(reader);
    fix_done(&fix);
}

static struct json object_json(struct reader *reader, uint32_t number, bool with_personal)
{
    struct out out;
    struct json root;
    uint64_t seq;
    out_init(&out, 1u << 16);
    struct json_out j = json_out_of(&out);
    struct object_query of = {OBJECT_incident, number, &everything, with_personal};
    assert_ok(reader_object(reader, &of, &j, &seq));
    assert_ok(json_read(out_view(&out), &root, NULL));
    out_done(&out);
    return root;
}

static bool has_bytes(const char *dir, const char *needle)
{
    static const char *const names[] = {"anwang.db", "anwang.db-wal", "public.db"};
    bool is_found = false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[128];
        struct out bytes;
        (void)snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        out_init(&bytes, 64u << 20);
        if (file_read(path, &bytes) == OK && bytes.len > 0)
            is_found = is_found || memmem(bytes.p, bytes.len, needle, strlen(needle));
        out_done(&bytes);
    }
    return is_found;
}

/* Retention: the text is gone from every byte on disk, what remains still reads. */
static void test_personal(void **state)
{
    struct fix fix;
    struct reader *reader;
    (void)state;
    fix_open(&fix);
    make_case(&fix, FIX_START_US + US_PER_DAY);
    assert_ok(reader_open(fix.dir, &reader, NULL));
    struct json with = object_json(reader, 1, true), without = object_json(reader, 1, false);
    assert_str(json_text(json_get(with, "caller_name")), "Zhang SAN");
    assert_str(json_text(json_get(with, "words")), "somebody SHOUTS");
    assert_int_equal(json_type(json_get(without, "caller_name")), JSON_ABSENT);
    json_free(with);
    json_free(without);
    assert_true(has_bytes(fix.dir, "Zhang SAN"));
    reader_close(reader);

    fix.now_us = FIX_START_US + 2 * US_PER_DAY;
    struct store_batch *batch = fix_batch(&fix);
    store_batch_expire(batch, 72 * US_PER_HOUR);
    assert_ok(fix_submit(&fix, batch));
    assert_false(has_bytes(fix.dir, "Zhang SAN"));
    assert_false(has_bytes(fix.dir, "SHOUTS"));
    assert_false(has_bytes(fix.dir, "SAW"));
    assert_ok(reader_open(fix.dir, &reader, NULL));
    with = object_json(reader, 1, true);
    assert_int_equal(json_type(json_get(with, "caller_name")), JSON_NULL);
    json_free(with);
    reader_close(reader);
    fix_reopen(&fix);
    assert_int_equal(fix.payload, 4); /* ids are not given again */
    fix_done(&fix);
}

static int64_t file_size(const char *dir)
{
    char path[128];
    struct stat st;
    (void)snprintf(path, sizeof path, "%s/anwang.db", dir);
    assert_int_equal(stat(path, &st), 0);
    return st.st_size;
}

/* The first retention of the night gives the space of what was deleted back. */
static void test_night(void **state)
{
    static char big[200000];
    struct fix fix;
    (void)state;
    fix_open(&fix);
    memset(big, 'x', sizeof big);
    struct store_batch *batch = fix_batch(&fix);
    for (int i = 0; i < 10; i++)
        store_batch_payload(batch, ++fix.payload, DATA_PERSONAL, fix.now_us + 1,
                            (struct str){big, sizeof big});
    assert_ok(fix_submit(&fix, batch));
    for (int hour = 2; hour <= 5; hour++) {
        struct civil at = {.year = 2026, .month = 1, .day = 3, .hour = hour};
        fix.now_us = utc_from_civil(at);
        batch = fix_batch(&fix);
        store_batch_expire(batch, US_PER_DAY);
        assert_ok(fix_submit(&fix, batch));
        if (hour < 4)
            assert_true(file_size(fix.dir) > (int64_t)(10 * sizeof big));
        else
            assert_true(file_size(fix.dir) < (int64_t)sizeof big * 5);
    }
    fix_done(&fix);
}

static void test_notes_and_log(void **state)
{
    struct fix fix;
    struct reader *reader;
    (void)state;
    fix_open(&fix);
    fix_user(&fix, 1, "Wang Wu");
    make_case(&fix, 0);
    struct store_batch *batch = fix_batch(&fix);
    (void)fix_incident(&fix, batch, 2, 3, "noise", "x");
    struct assignment_make make = {.incident = {1}, .unit = {4}, .stage = ASSIGNMENT_SENT};
    struct assignment_object assignment = {.stage = ASSIGNMENT_SENT, .incident = {1}, .unit = {4}};
    fix_make(&fix, batch, EVENT_assignment_made, 1, 3, &make, &assignment);
    assert_ok(fix_submit(&fix, batch));
    batch = fix_batch(&fix);
    struct assignment_move move = {.to = ASSIGNMENT_SEEN};
    assignment.stage = ASSIGNMENT_SEEN;
    fix_make(&fix, batch, EVENT_assignment_moved, 1, 3, &move, &assignment);
    struct session_open opened = {.user = {1}, .token_hash = STR("ab"), .expires_us = 1};
    struct session_object session = {
        .user = {1}, .token_hash = "ab", .expires_us = 1, .opened_us = 1};
    fix_make(&fix, batch, EVENT_session_opened, 1, 0, &opened, &session);
    assert_ok(fix_submit(&fix, batch));

    assert_ok(reader_open(fix.dir, &reader, NULL));
    struct query notes = {.view = VIEW_note, .filter_count = 1};
    notes.filters[0] = (struct query_filter){STR("incident"), QUERY_IS, STR("incident-7-1")};
    struct json list = read_list(reader, &notes);
    assert_int_equal(json_count(list), 2);
    assert_str(json_text(json_get(json_at(list, 0), "event")), "incident_noted");
    assert_int_equal(json_count(json_get(json_at(list, 0), "fields")), 0);
    json_free(list);
    notes.with_personal = true;
    list = read_list(reader, &notes);
    struct json fields = json_get(json_at(list, 1), "fields");
    assert_str(json_text(json_get(fields, "text")), "heard GLASS");
    assert_str(json_text(json_get(fields, "category")), "witness");
    assert_str(json_text(json_get(json_get(json_at(list, 1), "actor"), "name")), "Wang Wu");
    json_free(list);

    struct query log = {.view = VIEW_log, .filter_count = 1, .order = STR("id")};
    log.filters[0] = notes.filters[0];
    list = read_list(reader, &log);
    assert_int_equal(json_count(list), 5); /* received, noted, stated, assignment made and moved */
    assert_str(json_text(json_get(json_at(list, 4), "event")), "assignment_moved");
    assert_str(json_text(json_get(json_at(list, 4), "object")), "assignment-7-1");
    json_free(list);
    struct query all = {.view = VIEW_log};
    list = read_list(reader, &all);
    assert_int_equal(json_count(list), 7); /* newest first; sessions are not shown */
    assert_int_equal(json_int(json_get(json_at(list, 0), "seq")), fix.seq - 1);
    assert_str(json_text(json_get(json_at(list, 6), "event")), "user_installed");
    assert_int_equal(json_type(json_get(json_get(json_at(list, 6), "fields"), "credential")),
                     JSON_ABSENT);
    json_free(list);
    reader_close(reader);
    fix_done(&fix);
}

static void test_session(void **state)
{
    struct fix fix;
    struct reader *reader;
    struct reader_session found;
    (void)state;
    fix_open(&fix);
    fix_user(&fix, 3, "li");
    struct store_batch *batch = fix_batch(&fix);
    struct session_open opened = {.user = {3}, .token_hash = STR("abcd"), .expires_us = 99};
    struct session_object session = {
        .user = {3}, .token_hash = "abcd", .expires_us = 99, .opened_us = 1};
    fix_make(&fix, batch, EVENT_session_opened, 12, 0, &opened, &session);
    assert_ok(fix_submit(&fix, batch));
    assert_ok(reader_open(fix.dir, &reader, NULL));
    assert_ok(reader_session(reader, STR("abcd"), &found));
    assert_int_equal(found.session.v, 12);
    assert_int_equal(found.id.v, 3);
    assert_int_equal(found.expires_us, 99);
    assert_string_equal(found.user.login, "li");
    assert_int_equal(reader_session(reader, STR("abce"), &found), ERR_NOT_FOUND);
    assert_int_equal(reader_session(reader, STR(""), &found), ERR_NOT_FOUND);
    batch = fix_batch(&fix);
    session.is_closed = true;
    struct nothing nothing = {0};
    fix_make(&fix, batch, EVENT_session_closed, 12, 0, &nothing, &session);
    assert_ok(fix_submit(&fix, batch));
    assert_int_equal(reader_session(reader, STR("abcd"), &found), ERR_NOT_FOUND);
    reader_close(reader);
    fix_done(&fix);
}

/* Rows of one seq are never cut in two. */
static enum err count_row(void *ctx, const struct reader_row *row)
{
    uint64_t *last = ctx;
    last[0]++;
    last[1] = row->seq;
    return OK;
}

static void test_rows_after(void **state)
{
    struct fix fix;
    struct reader *reader;
    uint64_t seen[2] = {0};
    struct incident_object object = {
        .stage = INCIDENT_OPEN, .type = "noise", .received_us = FIX_START_US};
    (void)state;
    fix_open(&fix);
    fix_has(&record_incident_object, &object);
    struct store_batch *batch = fix_batch(&fix);
    (void)fix_incident(&fix, batch, 1, 3, "noise", "x");
    (void)fix_incident(&fix, batch, 2, 3, "noise", "x");
    for (uint32_t n = 3; n <= 6; n++)
        fix_state(batch, OBJECT_incident, n, fix.seq, true, &object);
    (void)fix_incident(&fix, batch, 7, 3, "noise", "x");
    assert_ok(fix_submit(&fix, batch));
    assert_ok(reader_open(fix.dir, &reader, NULL));
    assert_ok(reader_rows_after(reader, 0, fix.seq, 3, count_row, seen));
    assert_int_equal(seen[0], 6);
    assert_int_equal(seen[1], 2);
    assert_ok(reader_rows_after(reader, 2, fix.seq, 3, count_row, seen));
    assert_int_equal(seen[0], 7);
    assert_ok(reader_rows_after(reader, 0, 1, 100, count_row, seen));
    assert_int_equal(seen[0], 8);
    reader_close(reader);
    fix_done(&fix);
}

/* ---- search ---- */

static void test_search(void **state)
{
    static const char *const addresses[] = {"南京东路交通事故现场",
                                            "事故多发路段，延安路",
                                            "故事会编辑部",
                                            "黄浦区外滩18号",
                                            "Market Street and 5th",
                                            "５号楼 Ｍarket 旁",
                                            "人民广场地铁站 Line 2 𠮷野家 Café",
                                            ""};
    struct fix fix;
    struct reader *reader;
    (void)state;
    fix_open(&fix);
    struct store_batch *batch = fix_batch(&fix);
    for (uint32_t n = 1; n <= 8; n++)
        (void)fix_incident(&fix, batch, n, 3, n == 8 ? "jt-01" : "noise", addresses[n - 1]);
    struct type_install install = {.code = STR("jt-01"), .version = 1, .document = STR("{}")};
    struct type_object type = {.code = "jt-01", .version = 1};
    type.document = STR("{\"code\":\"jt-01\",\"name\":{\"en\":\"Traffic\",\"zh-CN\":\"交通类\"}}");
    fix_make(&fix, batch, EVENT_type_installed, 1, 0, &install, &type);
    assert_ok(fix_submit(&fix, batch));
    make_case(&fix, 0); /* puts another in place of the first, without an address */
    assert_ok(reader_open(fix.dir, &reader, NULL));

    assert_int_equal(count_found(reader, VIEW_incident, "事"), 2);
    assert_int_equal(count_found(reader, VIEW_incident, "事故"), 1);
    assert_int_equal(count_found(reader, VIEW_incident, "故事"), 1);
    assert_int_equal(count_found(reader, VIEW_incident, "故事会"), 1);
    assert_int_equal(count_found(reader, VIEW_incident, "延安路"), 1);
    assert_int_equal(count_found(reader, VIEW_incident, "路"), 1);
    assert_int_equal(count_found(reader, VIEW_incident, "延安 事故"), 1);
    assert_int_equal(count_found(reader, VIEW_incident, "外滩18号"), 1);
    assert_int_equal(count_found(reader, VIEW_incident, "18"), 1);
    assert_int_equal(count_found(reader, VIEW_incident, "market"), 2);
    assert_int_equal(count_found(reader, VIEW_incident, "MARK"), 2);
    assert_int_equal(count_found(reader, VIEW_incident, "5"), 2);
    assert_int_equal(count_found(reader, VIEW_incident, "5th mark"), 1);
    assert_int_equal(count_found(reader, VIEW_incident, "𠮷野"), 1);
    assert_int_equal(count_found(reader, VIEW_incident, "cafe"), 1);
    assert_int_equal(count_found(reader, VIEW_incident, "CAFÉ"), 1);
    assert_int_equal(count_found(reader, VIEW_incident, "arket"), 0);
    assert_int_equal(count_found(reader, VIEW_incident, "交通"), 1); /* by the name of its type */
    assert_int_equal(count_found(reader, VIEW_incident, "traffic"), 1);
    assert_int_equal(count_found(reader, VIEW_incident, "noise"), 7);
    assert_int_equal(count_found(reader, VIEW_type, "交通类"), 1);
    /* personal values are in no index, and what means something to the index is only text here */
    assert_int_equal(count_found(reader, VIEW_incident, "Zhang"), 0);
    assert_int_equal(count_found(reader, VIEW_incident, "SHOUTS"), 0);
    assert_int_equal(count_found(reader, VIEW_incident, "\"market\" OR noise"), 0);
    assert_int_equal(count_found(reader, VIEW_incident, "NEAR(a b)"), 0);
    assert_int_equal(count_found(reader, VIEW_incident, "text:market"), 0);
    assert_int_equal(count_found(reader, VIEW_incident, "*"), 0);
    assert_int_equal(count_found(reader, VIEW_incident, "，。"), 0);
    reader_close(reader);

    /* a replaced text is gone from the index's bytes too */
    fix.now_us = utc_from_civil((struct civil){.year = 2026, .month = 1, .day = 3, .hour = 4});
    batch = fix_batch(&fix);
    store_batch_expire(batch, US_PER_DAY);
    assert_ok(fix_submit(&fix, batch));
    assert_false(has_bytes(fix.dir, "南 "));
    assert_true(has_bytes(fix.dir, "滩 "));
    fix_done(&fix);
}

/* ---- the public file ---- */

static void raise_signal(struct fix *fix, uint32_t number, enum signal_stage stage,
                         uint32_t incident, const char *code)
{
    struct signal_raise raise = {.source = SOURCE_PHONE};
    struct signal_object object = {
        .stage = stage, .source = SOURCE_PHONE, .incident = {incident}, .raised_us = fix->now_us};
    struct store_batch *batch = fix_batch(fix);
    (void)str_copy(str_of(code), object.follow_code, sizeof object.follow_code);
    fix_make(fix, batch, EVENT_signal_raised, number, 3, &raise, &object);
    assert_ok(fix_submit(fix, batch));
}

static void expect_answer(struct public_reader *portal, const char *code, const char *expected)
{
    struct out out;
    out_init(&out, 4096);
    struct json_out j = json_out_of(&out);
    assert_ok(public_answer(portal, str_of(code), &j));
    assert_str(out_view(&out), expected);
    out_done(&out);
}

static void test_public(void **state)
{
    struct fix fix;
    struct public_reader *portal;
    struct out out;
    (void)state;
    fix_open(&fix);
    assert_ok(public_open(fix.dir, &portal));
    out_init(&out, 4096);
    struct json_out j = json_out_of(&out);
    raise_signal(&fix, 1, SIGNAL_NEW, 0, "c0de1");
    expect_answer(portal, "c0de1",
                  "{\"stage\":\"new\",\"updated_hour\":"
                  "\"2025-11-23T12:00:00.000000Z\"}");
    assert_int_equal(public_answer(portal, STR("c0de2"), &j), ERR_NOT_FOUND);
    make_case(&fix, 0);
    raise_signal(&fix, 1, SIGNAL_CONFIRMED, 1, "c0de1");
    expect_answer(portal, "c0de1",
                  "{\"stage\":\"confirmed\",\"updated_hour\":"
                  "\"2025-11-23T12:00:00.000000Z\",\"answer\":\"being_handled\"}");
    /* the incident's own change is followed, and a start makes the file again */
    struct incident_object object = {
        .stage = INCIDENT_CLOSED, .type = "noise", .received_us = fix.now_us};
    struct incident_move move = {.to = INCIDENT_CLOSED};
    fix.now_us += US_PER_HOUR;
    struct store_batch *batch = fix_batch(&fix);
    fix_make(&fix, batch, EVENT_incident_moved, 1, 3, &move, &object);
    assert_ok(fix_submit(&fix, batch));
    for (int round = 0; round < 2; round++) {
        expect_answer(portal, "c0de1",
                      "{\"stage\":\"confirmed\",\"updated_hour\":"
                      "\"2025-11-23T13:00:00.000000Z\",\"answer\":\"done\"}");
        fix_reopen(&fix);
    }
    /* a reader that stands still in the middle of an answer keeps nobody waiting */
    char path[128];
    sqlite3 *stuck;
    sqlite3_stmt *st;
    (void)snprintf(path, sizeof path, "%s/public.db", fix.dir);
    assert_int_equal(sqlite3_open_v2(path, &stuck, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(stuck, "SELECT code FROM answer", -1, &st, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    raise_signal(&fix, 2, SIGNAL_FALSE, 0, "c0de2");
    expect_answer(portal, "c0de2",
                  "{\"stage\":\"false\",\"updated_hour\":"
                  "\"2025-11-23T13:00:00.000000Z\"}");
    (void)sqlite3_finalize(st);
    (void)sqlite3_close(stuck);
    /* counts: nine are nobody's business, ten are a figure */
    for (uint32_t n = 10; n < 10 + 10; n++) {
        batch = fix_batch(&fix);
        (void)fix_incident(&fix, batch, n, 3, n < 19 ? "theft" : "fire", "x");
        (void)fix_incident(&fix, batch, n + 100, 3, "fire", "x");
        assert_ok(fix_submit(&fix, batch));
    }
    fix_reopen(&fix);
    out_reset(&out);
    assert_ok(public_counts(portal, &j));
    assert_str(out_view(&out), "[{\"month\":\"2025-11\",\"type\":\"fire\",\"count\":11}]");
    assert_true(has_bytes(fix.dir, "c0de1"));
    public_close(portal);
    out_done(&out);
    fix_done(&fix);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_json),      cmocka_unit_test(test_personal),
        cmocka_unit_test(test_notes_and_log), cmocka_unit_test(test_night),
        cmocka_unit_test(test_session),       cmocka_unit_test(test_rows_after),
        cmocka_unit_test(test_search),        cmocka_unit_test(test_public),
    };
    return RUN(tests);
}
