/* The audit chain: what was done is found by the verifier, whatever is tampered with; a copy put
 * back is the same store. */
#include "test.h"

#include "base/file.h"
#include "store/audit.h"
#include "store/backup.h"
#include "store_fixture.h"

#include <sqlite3.h>

struct world {
    struct fix fix;
    char outside[80];
};

static void add_work(struct world *w, uint32_t from, uint32_t count)
{
    for (uint32_t n = from; n < from + count; n++) {
        struct store_batch *batch = fix_batch(&w->fix);
        struct store_lookup lookup = {.actor = {2},
                                      .role = ROLE_OPERATOR,
                                      .purpose = PURPOSE_DISPATCH,
                                      .kind = OBJECT_incident,
                                      .number = n,
                                      .what = STR("incident:personal")};
        (void)fix_incident(&w->fix, batch, n, 3, "noise", "12 Main Street");
        store_batch_lookup(batch, &lookup);
        store_batch_payload(batch, ++w->fix.payload, DATA_PERSONAL, w->fix.now_us + 1, STR("text"));
        assert_ok(fix_submit(&w->fix, batch));
    }
}

static void open_world(struct world *w)
{
    memset(w, 0, sizeof *w);
    w->fix.now_us = FIX_START_US;
    fix_folder(w->fix.dir);
    (void)snprintf(w->outside, sizeof w->outside, "%s-outside", w->fix.dir);
    struct store_options options = fix_options(&w->fix);
    options.checkpoint_dir = w->outside;
    assert_ok(store_open(w->fix.dir, &options, &w->fix.store, NULL));
    add_work(w, 1, 10);
    w->fix.now_us += STORE_CHECKPOINT_US;
    add_work(w, 11, 10);
    store_close(w->fix.store); /* signs */
    w->fix.store = NULL;
}

static void close_world(struct world *w)
{
    fix_remove(w->fix.dir);
    fix_remove(w->outside);
}

static void change(const struct world *w, const char *sql)
{
    char path[128], *error = NULL;
    sqlite3 *db;
    (void)snprintf(path, sizeof path, "%s/anwang.db", w->fix.dir);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK)
        fail_msg("%s: %s", sql, error);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void test_whole(void **state)
{
    struct world w;
    struct audit_report report;
    (void)state;
    open_world(&w);
    assert_ok(audit_verify(w.fix.dir, w.outside, NULL, &report));
    assert_int_equal(report.lines, 40);
    assert_int_equal(report.events, 20);
    assert_int_equal(report.lookups, 20);
    assert_true(report.checkpoints >= 2);
    assert_null(report.reason);
    close_world(&w);
}

/* Deleting personal values breaks nothing, and is itself a line. */
static void test_retention_keeps_chain(void **state)
{
    struct world w;
    struct audit_report report;
    (void)state;
    open_world(&w);
    fix_reopen(&w.fix);
    w.fix.now_us += US_PER_DAY;
    struct store_batch *batch = fix_batch(&w.fix);
    store_batch_expire(batch, US_PER_DAY);
    assert_ok(fix_submit(&w.fix, batch));
    store_close(w.fix.store);
    assert_ok(audit_verify(w.fix.dir, w.outside, NULL, &report));
    assert_int_equal(report.lines, 41);
    close_world(&w);
}

static void test_tampered(void **state)
{
    static const struct {
        const char *sql;
        uint64_t line;
    } tampers[] = {
        {"UPDATE audit SET actor = 3 WHERE line = 8", 8},
        {"UPDATE audit SET purpose = 2 WHERE line = 8", 8},
        {"UPDATE audit SET what = 'incident:duty' WHERE line = 8", 8},
        {"UPDATE audit SET at_us = at_us + 1 WHERE line = 7", 7},
        {"UPDATE audit SET chain = zeroblob(32) WHERE line = 9", 9},
        {"UPDATE audit SET chain = x'00' WHERE line = 9", 9},
        {"DELETE FROM audit WHERE line = 12", 12},
        {"UPDATE audit SET line = 100 WHERE line = 4;"
         "UPDATE audit SET line = 4 WHERE line = 6;"
         "UPDATE audit SET line = 6 WHERE line = 100",
         4},
        {"UPDATE event SET actor = 9 WHERE seq = 5", 9},
        {"UPDATE event SET body = substr(body, 1, length(body) - 1) WHERE seq = 5", 9},
        {"UPDATE event SET at_us = at_us + 1 WHERE seq = 6", 11},
        {"UPDATE event SET object = 77 WHERE seq = 6", 11},
        {"UPDATE event SET area = 4 WHERE seq = 6", 11},
        {"DELETE FROM event WHERE seq = 20", 39},
        {"DELETE FROM event WHERE seq = 3", 5},
        {"INSERT INTO event SELECT 21, kind, version, object_kind, object, actor, role, at_us, "
         "at_source, recorded_us, area, class, incident, body FROM event WHERE seq = 20",
         41},
        /* a cut tail holds together in itself: only the checkpoint outside shows it */
        {"DELETE FROM audit WHERE line > 36; DELETE FROM event WHERE seq > 18", 37},
    };
    (void)state;
    for (size_t i = 0; i < sizeof tampers / sizeof tampers[0]; i++) {
        struct world w;
        struct audit_report report;
        open_world(&w);
        change(&w, tampers[i].sql);
        enum err err = audit_verify(w.fix.dir, w.outside, NULL, &report);
        if (err != ERR_CORRUPT || report.bad_line != tampers[i].line || !report.reason)
            fail_msg("%s: %s at %u: %s", tampers[i].sql, err_text(err), (unsigned)report.bad_line,
                     report.reason ? report.reason : "");
        close_world(&w);
    }
}

/* Somebody with the store and its key, but not what was kept outside, makes a new history. */
static void test_rebuilt_chain(void **state)
{
    struct world w, other;
    struct audit_report report;
    (void)state;
    open_world(&w);
    open_world(&other);
    char key[128];
    (void)snprintf(key, sizeof key, "%s/audit.pub", w.fix.dir);
    assert_int_equal(audit_verify(other.fix.dir, other.outside, key, &report), ERR_CORRUPT);
    assert_non_null(strstr(report.reason, "signature"));
    /* another history of the same length: the lines that were signed are not these */
    fix_remove(other.fix.dir);
    assert_int_equal(mkdir(other.fix.dir, 0700), 0);
    other.fix.now_us = FIX_START_US + 5;
    other.fix.seq = 0;
    fix_reopen(&other.fix);
    add_work(&other, 1, 20);
    store_close(other.fix.store);
    assert_int_equal(audit_verify(other.fix.dir, w.outside, key, &report), ERR_CORRUPT);
    assert_non_null(strstr(report.reason, "signed"));
    close_world(&w);
    close_world(&other);
}

/* A full disk cut a line short: the next one does not join it, and the file verifies. */
static void test_torn_checkpoint(void **state)
{
    struct world w;
    struct audit_report report;
    struct out text;
    char path[128];
    (void)state;
    open_world(&w);
    (void)snprintf(path, sizeof path, "%s/audit-checkpoints.txt", w.outside);
    out_init(&text, 1u << 16);
    assert_ok(file_read(path, &text));
    const size_t whole = text.len;
    out_c(&text, "anwang-audit 1 7 99 ab");
    assert_ok(file_replace(path, out_view(&text), 0600));
    assert_ok(audit_verify(w.fix.dir, w.outside, NULL, &report));
    const uint64_t before = report.checkpoints;
    struct store_options options = fix_options(&w.fix);
    options.checkpoint_dir = w.outside;
    assert_ok(store_open(w.fix.dir, &options, &w.fix.store, NULL));
    fix_ends(&w.fix);
    add_work(&w, 21, 1);
    store_close(w.fix.store); /* signs */
    w.fix.store = NULL;
    out_reset(&text);
    assert_ok(file_read(path, &text));
    assert_memory_equal(text.p + whole, "anwang-audit 1 7 99 ab torn\nanwang-audit ", 41);
    assert_ok(audit_verify(w.fix.dir, w.outside, NULL, &report));
    assert_true(report.checkpoints > before);
    out_done(&text);
    close_world(&w);
}

static void test_checkpoint_text(void **state)
{
    struct world w;
    struct audit_report report;
    struct out text;
    char path[128];
    (void)state;
    open_world(&w);
    (void)snprintf(path, sizeof path, "%s/audit-checkpoints.txt", w.outside);
    out_init(&text, 1u << 16);
    assert_ok(file_read(path, &text));
    text.p[20] = text.p[20] == '1' ? '2' : '1';
    assert_ok(file_replace(path, out_view(&text), 0600));
    assert_int_equal(audit_verify(w.fix.dir, w.outside, NULL, &report), ERR_CORRUPT);
    assert_ok(file_replace(path, STR("anwang-audit 1 7\n"), 0600));
    assert_int_equal(audit_verify(w.fix.dir, w.outside, NULL, &report), ERR_CORRUPT);
    assert_non_null(strstr(report.reason, "well formed"));
    assert_int_equal(audit_verify("/nonexistent", NULL, NULL, &report), ERR_NOT_FOUND);
    out_done(&text);
    close_world(&w);
}

static void on_progress(void *ctx, uint64_t done, uint64_t all)
{
    assert_true(done <= all);
    ++*(int *)ctx;
}

static void test_backup(void **state)
{
    struct world w;
    struct backup_report report;
    struct audit_report audit;
    struct fault fault = {0};
    char copy[96], back[96], path[160];
    int steps = 0;
    (void)state;
    open_world(&w);
    (void)snprintf(copy, sizeof copy, "%s-copy", w.fix.dir);
    (void)snprintf(back, sizeof back, "%s-back", w.fix.dir);
    (void)snprintf(path, sizeof path, "%s/blobs", w.fix.dir);
    assert_int_equal(mkdir(path, 0700), 0);
    (void)snprintf(path, sizeof path, "%s/blobs/0a1b", w.fix.dir);
    assert_ok(file_replace(path, STR("photo"), 0600));
    fix_reopen(&w.fix); /* in use while it is copied */
    assert_ok(store_backup(w.fix.dir, copy, on_progress, &steps, &report, &fault));
    assert_true(steps > 0);
    assert_int_equal(report.last_seq, 20);
    add_work(&w, 21, 5);
    assert_int_equal(store_backup(w.fix.dir, copy, NULL, NULL, &report, &fault), ERR_EXISTS);
    assert_int_equal(store_restore(copy, w.fix.dir, &report, &fault), ERR_EXISTS);
    assert_ok(store_restore(copy, back, &report, &fault));
    store_close(w.fix.store);

    struct store_options options = fix_options(&w.fix);
    assert_ok(store_open(back, &options, &w.fix.store, &fault));
    fix_ends(&w.fix);
    assert_int_equal(w.fix.seq, 20);
    store_close(w.fix.store);
    assert_ok(audit_verify(back, w.outside, NULL, &audit));
    (void)snprintf(path, sizeof path, "%s/blobs/0a1b", back);
    assert_int_equal(access(path, R_OK), 0);

    /* so is one whose history was changed, though its pages fit */
    fix_remove(back);
    (void)snprintf(path, sizeof path, "%s", w.fix.dir);
    (void)snprintf(w.fix.dir, sizeof w.fix.dir, "%.60s", copy);
    change(&w, "UPDATE event SET actor = 9 WHERE seq = 5");
    assert_int_equal(store_restore(copy, back, &report, &fault), ERR_CORRUPT);
    assert_non_null(strstr(fault.text, "recorded"));
    assert_int_equal(access(back, F_OK), -1);
    change(&w, "UPDATE event SET actor = 1 WHERE seq = 5");
    (void)snprintf(w.fix.dir, sizeof w.fix.dir, "%.60s", path);

    /* a damaged copy is refused, and nothing is made of it */
    fix_remove(back);
    (void)snprintf(path, sizeof path, "%s/anwang.db", copy);
    struct out bytes;
    out_init(&bytes, 8u << 20);
    assert_ok(file_read(path, &bytes));
    memset(bytes.p + 4096 * 3, 0x5a, 4096);
    assert_ok(file_replace(path, out_view(&bytes), 0600));
    assert_int_equal(store_restore(copy, back, &report, &fault), ERR_CORRUPT);
    assert_int_equal(access(back, F_OK), -1);
    assert_ok(file_replace(path, (struct str){(const char *)bytes.p, bytes.len / 2}, 0600));
    assert_int_equal(store_restore(copy, back, &report, &fault), ERR_CORRUPT);
    assert_int_equal(store_backup("/nonexistent", back, NULL, NULL, &report, &fault),
                     ERR_NOT_FOUND);
    out_done(&bytes);
    fix_remove(copy);
    close_world(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),           cmocka_unit_test(test_retention_keeps_chain),
        cmocka_unit_test(test_tampered),        cmocka_unit_test(test_rebuilt_chain),
        cmocka_unit_test(test_checkpoint_text), cmocka_unit_test(test_torn_checkpoint),
        cmocka_unit_test(test_backup),
    };
    return RUN(tests);
}
