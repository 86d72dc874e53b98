/* Stores of earlier schema versions: opened, brought up, whole; rows, events, chain and views read.
 */
#include "test.h"

#include "base/file.h"
#include "store/audit.h"
#include "store_fixture.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_version)};
    return RUN(tests);
}
