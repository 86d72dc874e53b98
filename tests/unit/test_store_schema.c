/* Stores of earlier schema versions: opened, brought up, whole; rows, events, chain and views read.
 */
#include "test.h"

#include "base/file.h"
#include "store/audit.h"
#include "store_fixture.h"
/* after the fixture */
#include "fault_vfs.h"

#include <sqlite3.h>

/* Makes a folder with the store of that version. */
static void load_version(unsigned version, char dir[64])
{
    char path[512], *error = NULL;
    const char *data = getenv("ANWANG_TEST_DATA");
    struct out sql;
    sqlite3 *db;
    out_init(&sql, 8u << 20);
    (void)snprintf(path, sizeof path, "%s/store/schema-%u.sql", data ? data : "tests/data",
                   version);
    assert_ok(file_read(path, &sql));
    out_byte(&sql, 0);
    fix_folder(dir);
    (void)snprintf(path, sizeof path, "%s/anwang.db", dir);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, (const char *)sql.p, NULL, NULL, &error) != SQLITE_OK)
        fail_msg("schema %u: %s", version, error);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    out_done(&sql);
}

static enum err count_event(void *ctx, const struct event *event)
{
    uint64_t *count = ctx;
    assert_int_equal(event->seq, ++*count);
    return OK;
}

static enum err count_outbox(void *ctx, const struct store_outbox *row)
{
    ++*(int *)ctx;
    assert_str(row->bytes, "go");
    return OK;
}

static void check_lists(const char *dir)
{
    struct scope everything = {0};
    struct reader *reader;
    struct out out;
    uint32_t rows = 0;
    assert_ok(reader_open(dir, &reader, NULL));
    assert_int_equal(reader_realm(reader), 1);
    out_init(&out, 8u << 20);
    for (unsigned v = 1; v < VIEW_COUNT; v++) {
        struct query query = {.view = (enum view_id)v, .scope = &everything, .limit = 1000};
        struct json_out j = json_out_of(&out);
        struct query_page page;
        out_reset(&out);
        json_arr(&j);
        assert_ok(reader_query(reader, &query, &j, &page, NULL));
        json_arr_end(&j);
        rows += view_get(query.view)->kind != OBJECT_NONE ? page.count : 0;
    }
    assert_int_equal(rows, 50);
    out_done(&out);
    reader_close(reader);
}

static void open_version(unsigned version)
{
    char dir[64];
    struct store *store;
    struct fault why = {0};
    struct store_ends ends;
    struct out text;
    struct audit_report report;
    struct store_events all = {0};
    uint8_t hash[STORE_REQUEST_HASH_BYTES] = {9, 8, 7};
    uint64_t events = 0;
    int waiting = 0;
    load_version(version, dir);
    struct store_options options = {.realm = 1, .is_sync = true, .now_us = FIX_START_US};
    if (store_open(dir, &options, &store, &why) != OK)
        fail_msg("schema %u: %s", version, why.text);
    assert_ok(store_ends(store, &ends));
    assert_int_equal(ends.last_seq, 128);
    assert_int_equal(ends.last_payload, 2);
    assert_int_equal(ends.last_number[OBJECT_incident], 16);
    assert_ok(store_each_event(store, &all, count_event, &events));
    assert_int_equal(events, 128);
    assert_ok(store_each_outbox(store, 0, 10, count_outbox, &waiting));
    assert_int_equal(waiting, 1);
    out_init(&text, 4096);
    assert_ok(store_payload(store, 1, &text));
    assert_str(out_view(&text), "words that are kept");
    out_reset(&text);
    assert_ok(store_find_key(store, 1, STR("key-1"), hash, FIX_START_US, &text));
    assert_str(out_view(&text), "outcome");
    out_done(&text);
    store_close(store);
    check_lists(dir);
    assert_ok(audit_verify(dir, NULL, NULL, &report));
    assert_int_equal(report.lines, 129);
    fix_remove(dir);
}

static void test_every_version(void **state)
{
    (void)state;
    for (unsigned version = 1; version <= STORE_SCHEMA_VERSION; version++)
        open_version(version);
}

/* ---- a step that is not released: what every later one goes through ---- */

/* A new column with its values made from the old ones, and a new table. */
static const char next_step[] =
    "ALTER TABLE outbox ADD COLUMN size INTEGER NOT NULL DEFAULT 0;"
    "UPDATE outbox SET size = length(bytes);"
    "CREATE TABLE colour (name TEXT PRIMARY KEY); INSERT INTO colour VALUES ('blue');";

static struct store_options next_options(const char *step)
{
    return (struct store_options){
        .realm = FIX_REALM, .is_sync = true, .now_us = FIX_START_US, .next_step = step};
}

/* Writes and closes ten incidents, as the released version. */
static void make_old(struct fix *fix)
{
    fix_open(fix);
    for (uint32_t n = 1; n <= 10; n++) {
        struct store_batch *batch = fix_batch(fix);
        (void)fix_incident(fix, batch, n, 3, "noise", "Mill Lane");
        (void)store_batch_outbox(batch, STR("order:unit-7-1"), STR("twelve bytes"));
        assert_ok(fix_submit(fix, batch));
    }
    store_close(fix->store);
}

static int64_t number_in(const char *dir, const char *sql)
{
    char path[96];
    sqlite3 *db;
    sqlite3_stmt *st;
    (void)snprintf(path, sizeof path, "%s/anwang.db", dir);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    int64_t number = -1;
    if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW)
        number = sqlite3_column_int64(st, 0);
    (void)sqlite3_finalize(st);
    (void)sqlite3_close(db);
    return number;
}

#define VERSION_IN "SELECT value FROM meta WHERE name = 'schema'"

/* Everything that was written before is there. */
static void check_kept(struct fix *fix, const struct store_options *options)
{
    struct fault why = {0};
    struct audit_report report;
    if (store_open(fix->dir, options, &fix->store, &why) != OK)
        fail_msg("%s", why.text);
    fix_ends(fix);
    assert_int_equal(fix->seq, 10);
    store_close(fix->store);
    if (options->next_step) { /* the released verifier says that it does not know the version */
        assert_int_equal(audit_verify(fix->dir, NULL, NULL, &report), ERR_UNSUPPORTED);
    } else {
        assert_ok(audit_verify(fix->dir, NULL, NULL, &report));
        assert_int_equal(report.events, 10);
    }
    assert_int_equal(number_in(fix->dir, "SELECT count(*) FROM outbox"), 10);
}

static void test_next_version(void **state)
{
    struct fix fix;
    struct fault why = {0};
    struct store *store;
    const struct store_options next = next_options(next_step), released = next_options(NULL);
    (void)state;
    make_old(&fix);
    check_kept(&fix, &next);
    assert_int_equal(number_in(fix.dir, VERSION_IN), STORE_SCHEMA_VERSION + 1);
    assert_int_equal(number_in(fix.dir, "SELECT sum(size) FROM outbox"), 120);
    assert_int_equal(number_in(fix.dir, "SELECT count(*) FROM migration"),
                     STORE_SCHEMA_VERSION + 1);
    check_kept(&fix, &next); /* a step is done once: twice would fail */
    assert_int_equal(store_open(fix.dir, &released, &store, &why), ERR_UNSUPPORTED);
    assert_non_null(strstr(why.text, "newer version"));
    check_kept(&fix, &next);
    fix_remove(fix.dir);
}

/* A step that fails in its middle leaves the old version as it was. */
static void test_failed_step(void **state)
{
    static const char bad[] = "CREATE TABLE colour (name TEXT PRIMARY KEY);"
                              "UPDATE outbox SET channel = 'lost';"
                              "INSERT INTO no_such_table VALUES (1);";
    struct fix fix;
    struct store *store;
    const struct store_options broken = next_options(bad), released = next_options(NULL);
    (void)state;
    make_old(&fix);
    assert_int_not_equal(store_open(fix.dir, &broken, &store, NULL), OK);
    assert_int_equal(number_in(fix.dir, VERSION_IN), STORE_SCHEMA_VERSION);
    assert_int_equal(number_in(fix.dir, "SELECT count(*) FROM outbox WHERE channel = 'lost'"), 0);
    assert_int_equal(number_in(fix.dir, "SELECT count(*) FROM colour"), -1);
    check_kept(&fix, &released);
    fix_remove(fix.dir);
}

/* The process dies before the n-th write or sync of the step, for every n that it has. */
static void test_killed_step(void **state)
{
    uint32_t at = 0, before = 0;
    const struct store_options next = next_options(next_step);
    (void)state;
    do {
        struct fix fix;
        struct store_options on_fault = next;
        struct store *store;
        make_old(&fix);
        on_fault.vfs = "fault";
        on_fault.io = &fault_io;
        fault_set_at(FAULT_STOP, ++at);
        if (store_open(fix.dir, &on_fault, &store, NULL) == OK)
            store_close(store);
        const int64_t version = number_in(fix.dir, VERSION_IN);
        before += version == STORE_SCHEMA_VERSION;
        assert_true(version == STORE_SCHEMA_VERSION || version == STORE_SCHEMA_VERSION + 1);
        check_kept(&fix, &next);
        fix_remove(fix.dir);
        assert_true(at < 1000);
    } while (fault.has_struck);
    assert_true(before > 3 && at > before); /* some died before it was done, some after */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_version), cmocka_unit_test(test_next_version),
        cmocka_unit_test(test_failed_step), cmocka_unit_test(test_killed_step)};
    fault_register();
    return RUN(tests);
}
