/* The write side: what is committed is what is read back; folders that must be refused are; keys,
 * outbox, due rows and payloads keep their promises; a failed store stays failed. */
#include "test.h"

#include "base/file.h"
#include "store_fixture.h"

#include <pthread.h>
#include <sqlite3.h>

static enum err count_rows(void *ctx, const struct store_row *row)
{
    (void)row;
    ++*(int *)ctx;
    return OK;
}

static void test_open_again(void **state)
{
    struct fix fix;
    int count = 0;
    struct store_ends ends;
    (void)state;
    fix_open(&fix);
    assert_int_equal(fix.seq, 0);
    for (uint32_t n = 1; n <= 5; n++) {
        struct store_batch *batch = fix_batch(&fix);
        (void)fix_incident(&fix, batch, n, 3, "noise", "12 Main Street");
        assert_ok(fix_submit(&fix, batch));
    }
    struct stat file;
    char path[128];
    (void)snprintf(path, sizeof path, "%s/anwang.db", fix.dir);
    fix_reopen(&fix);
    assert_int_equal(stat(path, &file), 0);
    assert_int_equal(file.st_mode & 0777, 0600);
    assert_ok(store_ends(fix.store, &ends));
    assert_int_equal(ends.last_seq, 5);
    assert_int_equal(ends.last_number[OBJECT_incident], 5);
    assert_int_equal(ends.last_number[OBJECT_unit], 0);
    assert_ok(store_each_open(fix.store, count_rows, &count));
    assert_int_equal(count, 5);
    fix_done(&fix);
}

static void test_row_and_event(void **state)
{
    struct fix fix;
    struct arena arena;
    struct store_row row;
    struct incident_object read;
    (void)state;
    fix_open(&fix);
    arena_init(&arena, 1u << 20);
    struct store_batch *batch = fix_batch(&fix);
    struct incident_object made = fix_incident(&fix, batch, 9, 3, "noise", "12 Main Street");
    assert_ok(fix_submit(&fix, batch));
    assert_ok(store_row(fix.store, OBJECT_incident, 9, &arena, &row));
    assert_int_equal(row.seq, 1);
    assert_true(row.is_open);
    assert_ok(record_read(&record_incident_object, row.bytes, &read));
    assert_string_equal(read.address, made.address);
    assert_int_equal(read.received_us, made.received_us);
    assert_int_equal(store_row(fix.store, OBJECT_incident, 10, &arena, &row), ERR_NOT_FOUND);
    arena_done(&arena);
    fix_done(&fix);
}

static enum err check_event(void *ctx, const struct event *event)
{
    const struct incident_create *create = event->fields;
    ++*(int *)ctx;
    assert_int_equal(event->kind, EVENT_incident_received);
    assert_int_equal(event->realm, FIX_REALM);
    assert_int_equal(event->at_us + 5000000, event->recorded_us);
    assert_str(create->type, "noise");
    return OK;
}

static void test_events(void **state)
{
    struct fix fix;
    int count = 0;
    (void)state;
    fix_open(&fix);
    struct store_batch *batch = fix_batch(&fix);
    for (uint32_t n = 1; n <= 4; n++)
        (void)fix_incident(&fix, batch, n, 3, "noise", "x");
    assert_ok(fix_submit(&fix, batch));
    struct store_events all = {.from_seq = 2};
    assert_ok(store_each_event(fix.store, &all, check_event, &count));
    assert_int_equal(count, 3);
    struct store_events one = {.from_seq = 1, .object_kind = OBJECT_incident, .object = 3};
    count = 0;
    assert_ok(store_each_event(fix.store, &one, check_event, &count));
    assert_int_equal(count, 1);
    fix_done(&fix);
}

static void test_refusals(void **state)
{
    struct fix fix;
    struct store *other;
    struct fault fault = {0};
    (void)state;
    fix_open(&fix);
    struct store_options options = fix_options(&fix);
    assert_int_equal(store_open(fix.dir, &options, &other, &fault), ERR_BUSY);
    assert_non_null(strstr(fault.text, "another process"));
    store_close(fix.store);
    options.realm = FIX_REALM + 1;
    assert_int_equal(store_open(fix.dir, &options, &other, &fault), ERR_STATE);
    assert_non_null(strstr(fault.text, "another realm"));

    char path[128], *error = NULL;
    sqlite3 *db;
    (void)snprintf(path, sizeof path, "%s/anwang.db", fix.dir);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(db, "UPDATE meta SET value = '999' WHERE name = 'schema'", NULL, NULL, &error),
        SQLITE_OK);
    (void)sqlite3_close(db);
    options.realm = FIX_REALM;
    assert_int_equal(store_open(fix.dir, &options, &other, &fault), ERR_UNSUPPORTED);
    assert_non_null(strstr(fault.text, "newer version"));
    assert_ok(
        file_replace(path, STR("this is no database, it is a text that is long enough"), 0600));
    assert_int_equal(store_open(fix.dir, &options, &other, &fault), ERR_CORRUPT);
    fix_remove(fix.dir);
}

static void test_keys(void **state)
{
    struct fix fix;
    struct out outcome;
    uint8_t hash[32] = {1, 2, 3}, other[32] = {1, 2, 4};
    (void)state;
    fix_open(&fix);
    out_init(&outcome, 4096);
    struct store_batch *batch = fix_batch(&fix);
    store_batch_key(batch, 5, STR("k-1"), hash, STR("created"));
    assert_ok(fix_submit(&fix, batch));
    assert_ok(store_find_key(fix.store, 5, STR("k-1"), hash, fix.now_us, &outcome));
    assert_str(out_view(&outcome), "created");
    assert_int_equal(store_find_key(fix.store, 5, STR("k-1"), other, fix.now_us, &outcome),
                     ERR_STATE);
    assert_int_equal(store_find_key(fix.store, 6, STR("k-1"), hash, fix.now_us, &outcome),
                     ERR_NOT_FOUND);
    int64_t late_us = fix.now_us + STORE_KEY_DAYS * US_PER_DAY + 1;
    assert_int_equal(store_find_key(fix.store, 5, STR("k-1"), hash, late_us, &outcome),
                     ERR_NOT_FOUND);
    out_done(&outcome);
    fix_done(&fix);
}

struct seen {
    int count;
    uint64_t ids[8];
    int64_t first_us;
};

static enum err see_outbox(void *ctx, const struct store_outbox *row)
{
    struct seen *seen = ctx;
    seen->ids[seen->count++] = row->id;
    assert_str(row->channel, "order:unit-7-1");
    return OK;
}

static void test_outbox(void **state)
{
    struct fix fix;
    struct seen seen = {0};
    (void)state;
    fix_open(&fix);
    struct store_batch *batch = fix_batch(&fix);
    uint64_t first = store_batch_outbox(batch, STR("order:unit-7-1"), STR("a"));
    uint64_t second = store_batch_outbox(batch, STR("order:unit-7-1"), STR("b"));
    assert_true(second > first);
    assert_ok(fix_submit(&fix, batch));
    assert_ok(store_each_outbox(fix.store, 0, 100, see_outbox, &seen));
    assert_int_equal(seen.count, 2);
    batch = fix_batch(&fix);
    store_batch_delivered(batch, first);
    assert_ok(fix_submit(&fix, batch));
    seen.count = 0;
    assert_ok(store_each_outbox(fix.store, 0, 100, see_outbox, &seen));
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.ids[0], second);
    /* ids go on even when all rows are gone */
    batch = fix_batch(&fix);
    store_batch_delivered(batch, second);
    assert_ok(fix_submit(&fix, batch));
    fix.now_us += (STORE_KEY_DAYS + 1) * US_PER_DAY;
    batch = fix_batch(&fix);
    store_batch_expire(batch, 72 * US_PER_HOUR);
    assert_ok(fix_submit(&fix, batch));
    fix_reopen(&fix);
    batch = fix_batch(&fix);
    assert_true(store_batch_outbox(batch, STR("x"), STR("c")) > second);
    store_batch_free(batch);
    fix_done(&fix);
}

static enum err see_due(void *ctx, enum object_kind kind, uint32_t number, int64_t at_us)
{
    struct seen *seen = ctx;
    assert_int_equal(kind, OBJECT_signal);
    if (seen->count == 0)
        seen->first_us = at_us;
    seen->ids[seen->count++] = number;
    return OK;
}

static void test_due(void **state)
{
    struct fix fix;
    struct seen seen = {0};
    int64_t next_us;
    (void)state;
    fix_open(&fix);
    assert_int_equal(store_next_due(fix.store, &next_us), ERR_NOT_FOUND);
    struct store_batch *batch = fix_batch(&fix);
    store_batch_due(batch, OBJECT_signal, 1, 3000);
    store_batch_due(batch, OBJECT_signal, 2, 2000);
    store_batch_due(batch, OBJECT_signal, 3, 9000);
    assert_ok(fix_submit(&fix, batch));
    assert_ok(store_each_due(fix.store, 3000, 10, see_due, &seen));
    assert_int_equal(seen.count, 2);
    assert_int_equal(seen.ids[0], 2);
    batch = fix_batch(&fix);
    store_batch_due(batch, OBJECT_signal, 2, 0);
    store_batch_due(batch, OBJECT_signal, 1, 9500);
    assert_ok(fix_submit(&fix, batch));
    assert_ok(store_next_due(fix.store, &next_us));
    assert_int_equal(next_us, 9000);
    fix_done(&fix);
}

/* Tracks end by their age; what was deleted is one line with the numbers. */
static void test_tracks(void **state)
{
    struct fix fix;
    char path[128];
    sqlite3 *db;
    sqlite3_stmt *st;
    (void)state;
    fix_open(&fix);
    struct store_batch *batch = fix_batch(&fix);
    for (int i = 0; i < 5; i++) {
        struct store_track track = {
            {4}, fix.now_us + i * US_PER_HOUR, {377700000, -1224100000}, 8000, 9000};
        store_batch_track(batch, &track);
        store_batch_track(batch, &track); /* the same again is no second row */
    }
    assert_ok(fix_submit(&fix, batch));
    fix.now_us += 10 * US_PER_HOUR;
    batch = fix_batch(&fix);
    store_batch_expire(batch, 8 * US_PER_HOUR);
    assert_ok(fix_submit(&fix, batch));
    batch = fix_batch(&fix);
    store_batch_expire(batch, 8 * US_PER_HOUR); /* nothing to delete: no line */
    assert_ok(fix_submit(&fix, batch));
    (void)snprintf(path, sizeof path, "%s/anwang.db", fix.dir);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db,
                                        "SELECT (SELECT count(*) FROM track), count(*), what "
                                        "FROM audit WHERE kind = 3",
                                        -1, &st, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int(st, 0), 2);
    assert_int_equal(sqlite3_column_int(st, 1), 1);
    assert_string_equal((const char *)sqlite3_column_text(st, 2),
                        "payloads=0 tracks=3 keys=0 outbox=0");
    (void)sqlite3_finalize(st);
    (void)sqlite3_close(db);
    fix_done(&fix);
}

static enum err stop_at_once(void *ctx, const struct store_row *row)
{
    (void)row;
    ++*(int *)ctx;
    return ERR_BUSY;
}

/* A loop that is left in the middle leaves nothing behind. */
static void test_loop_is_left(void **state)
{
    struct fix fix;
    int count = 0;
    (void)state;
    fix_open(&fix);
    struct store_batch *batch = fix_batch(&fix);
    (void)fix_incident(&fix, batch, 1, 3, "noise", "x");
    (void)fix_incident(&fix, batch, 2, 3, "noise", "x");
    assert_ok(fix_submit(&fix, batch));
    assert_int_equal(store_each_open(fix.store, stop_at_once, &count), ERR_BUSY);
    assert_int_equal(store_each_open(fix.store, stop_at_once, &count), ERR_BUSY);
    assert_int_equal(count, 2);
    assert_ok(store_each_open(fix.store, count_rows, &count));
    assert_int_equal(count, 4);
    fix_done(&fix);
}

static void test_limits(void **state)
{
    struct fix fix;
    (void)state;
    fix_open(&fix);
    char *big = calloc(1, STORE_MAX_BATCH_BYTES + 1);
    struct store_batch *batch = fix_batch(&fix);
    store_batch_payload(batch, 1, DATA_PERSONAL, 0, (struct str){big, STORE_MAX_BATCH_BYTES + 1});
    assert_int_equal(store_submit(fix.store, batch, NULL), ERR_LIMIT);
    free(big);
    batch = fix_batch(&fix);
    store_batch_outbox(batch,
                       STR("0123456789012345678901234567890123456789"
                           "0123456789012345678901234567890123456789"),
                       STR("x"));
    assert_int_equal(store_submit(fix.store, batch, NULL), ERR_LIMIT);
    assert_ok(store_health(fix.store));
    fix_done(&fix);
}

/* A number used twice is a bug of ours: the commit fails, and nothing is written after it. */
static void test_dead_stays_dead(void **state)
{
    struct fix fix;
    (void)state;
    fix_open(&fix);
    struct store_batch *batch = fix_batch(&fix);
    (void)fix_incident(&fix, batch, 1, 3, "noise", "x");
    assert_ok(fix_submit(&fix, batch));
    fix.seq--;
    batch = fix_batch(&fix);
    (void)fix_incident(&fix, batch, 2, 3, "noise", "x");
    assert_int_equal(fix_submit(&fix, batch), ERR_IO);
    assert_int_equal(store_health(fix.store), ERR_IO);
    batch = fix_batch(&fix);
    (void)fix_incident(&fix, batch, 3, 3, "noise", "x");
    assert_int_equal(fix_submit(&fix, batch), ERR_IO);
    fix_reopen(&fix);
    assert_int_equal(fix.seq, 1);
    fix_done(&fix);
}

struct waker {
    pthread_mutex_t lock;
    pthread_cond_t cond;
    int wakes;
};

static void on_wake(void *ctx)
{
    struct waker *waker = ctx;
    (void)pthread_mutex_lock(&waker->lock);
    waker->wakes++;
    (void)pthread_cond_signal(&waker->cond);
    (void)pthread_mutex_unlock(&waker->lock);
}

struct order {
    uintptr_t next;
    uint32_t count;
};

static void check_order(void *ctx, void *token, enum err err)
{
    struct order *order = ctx;
    assert_ok(err);
    assert_int_equal((uintptr_t)token, order->next);
    order->next++;
    order->count++;
}

static void test_threaded(void **state)
{
    struct fix fix;
    struct waker waker = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0};
    struct order order = {1, 0};
    (void)state;
    fix_open(&fix);
    store_close(fix.store);
    struct store_options options = fix_options(&fix);
    options.is_sync = false;
    options.wake = on_wake;
    options.wake_ctx = &waker;
    assert_ok(store_open(fix.dir, &options, &fix.store, NULL));
    for (uintptr_t n = 1; n <= 2000; n++) {
        struct store_batch *batch = fix_batch(&fix);
        (void)fix_incident(&fix, batch, (uint32_t)n, 3, "noise", "12 Main Street");
        assert_ok(store_submit(fix.store, batch, (void *)n));
        store_drain(fix.store, check_order, &order);
    }
    while (order.count < 2000) {
        (void)pthread_mutex_lock(&waker.lock);
        while (waker.wakes == 0)
            (void)pthread_cond_wait(&waker.cond, &waker.lock);
        waker.wakes = 0;
        (void)pthread_mutex_unlock(&waker.lock);
        store_drain(fix.store, check_order, &order);
    }
    fix_reopen(&fix);
    assert_int_equal(fix.seq, 2000);
    fix_done(&fix);
}

struct watcher {
    const char *dir;
    uint64_t until_seq, last;
    uint32_t answers, wrong;
};

/* Number n of everything is seq n, so the newest row of a snapshot is the snapshot's number. */
static void *watch(void *ctx)
{
    struct watcher *w = ctx;
    struct reader *reader = NULL;
    const struct scope everything = {0};
    struct out out;
    out_init(&out, 1u << 16);
    w->wrong += reader_open(w->dir, &reader, NULL) != OK;
    while (w->wrong == 0 && w->last < w->until_seq) {
        struct query query = {
            .view = VIEW_incident, .scope = &everything, .order = STR("-id"), .limit = 1};
        struct query_page page;
        char id[ID_TEXT_CAP];
        struct json_out j = json_out_of(&out);
        out_reset(&out);
        w->wrong += reader_query(reader, &query, &j, &page, NULL) != OK;
        id_text(OBJECT_incident, FIX_REALM, (uint32_t)page.as_of, id);
        out_byte(&out, 0);
        w->wrong += page.as_of > 0 && !strstr((const char *)out.p, id);
        w->wrong += page.as_of < w->last;
        w->last = page.as_of;
        w->answers++;
    }
    reader_close(reader);
    out_done(&out);
    return NULL;
}

static void test_snapshots(void **state)
{
    struct fix fix;
    pthread_t thread;
    (void)state;
    fix_open(&fix);
    store_close(fix.store);
    struct store_options options = fix_options(&fix);
    options.is_sync = false;
    assert_ok(store_open(fix.dir, &options, &fix.store, NULL));
    struct watcher watcher = {.dir = fix.dir, .until_seq = 3000};
    assert_int_equal(pthread_create(&thread, NULL, watch, &watcher), 0);
    for (uint32_t n = 1; n <= 3000; n++) {
        struct store_batch *batch = fix_batch(&fix);
        (void)fix_incident(&fix, batch, n, 3, "noise", "12 Main Street");
        assert_ok(store_submit(fix.store, batch, NULL));
        if (n % 50 == 0)
            store_flush(fix.store);
    }
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(watcher.wrong, 0);
    assert_true(watcher.answers > 10);
    store_drain(fix.store, fix_on_done, &fix);
    assert_int_equal(fix.oks, 3000);
    fix_done(&fix);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_open_again),
        cmocka_unit_test(test_row_and_event),
        cmocka_unit_test(test_events),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_outbox),
        cmocka_unit_test(test_due),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_tracks),
        cmocka_unit_test(test_loop_is_left),
        cmocka_unit_test(test_dead_stays_dead),
        cmocka_unit_test(test_threaded),
        cmocka_unit_test(test_snapshots),
    };
    return RUN(tests);
}
