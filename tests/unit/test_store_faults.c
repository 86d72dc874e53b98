/* A bad disk: the n-th writing call fails, tears, or is the last, for every n that a whole life of
 * a store has. Whatever was acknowledged is there after the next start, once; what was not is whole
 * or absent; after a failure nothing is acknowledged any more. */
#include "test.h"

#include "base/file.h"
#include "store/audit.h"
#include "store_fixture.h"
/* after the fixture */
#include "fault_vfs.h"

#include <signal.h>
#include <sys/resource.h>

#define BATCHES 8

struct life {
    uint32_t acked, tried;
    bool has_failed;
};

static void fast_folder(char dir[64])
{
    bool has_memory = access("/dev/shm", W_OK) == 0;
    (void)snprintf(dir, 64, "%s/anwang-test-faults-XXXXXX", has_memory ? "/dev/shm" : "/tmp");
    if (!mkdtemp(dir))
        abort();
}

static struct store_options options_on(bool is_faulty)
{
    struct store_options options = {.realm = FIX_REALM, .is_sync = true, .now_us = FIX_START_US};
    if (is_faulty) {
        options.vfs = "fault";
        options.io = &fault_io;
    }
    return options;
}

/* Number n of everything is seq n. Every third batch moves the log into the file. */
static void write_one(struct fix *fix, struct life *life)
{
    bool was_struck = fault.has_struck;
    static char big[400000]; /* leaves enough room behind that the night writes the file anew */
    struct store_batch *batch = fix_batch(fix);
    uint32_t n = ++life->tried;
    char address[300];
    memset(address, 'a' + (int)(n % 26), sizeof address - 1);
    address[MAX_NAME_BYTES] = '\0';
    fix->seq = n - 1;
    (void)fix_incident(fix, batch, n, 3, "noise", address);
    store_batch_payload(batch, n, DATA_PERSONAL, FIX_START_US + 1,
                        n == 2 ? (struct str){big, sizeof big} : str_of(address));
    (void)store_batch_outbox(batch, STR("order:unit-7-1"), str_of(address));
    if (n % 3 == 0)
        store_batch_expire(batch, US_PER_DAY);
    enum err err = fix_submit(fix, batch);
    if (err)
        life->has_failed = true;
    else if (life->has_failed || was_struck)
        fail_msg("call %u: %u was acknowledged after a failure", fault.at, n);
    else
        life->acked = n;
}

static void live(const char *dir, struct life *life)
{
    struct fix fix = {.now_us = FIX_START_US};
    struct store_options options = options_on(true);
    memset(life, 0, sizeof *life);
    (void)str_copy(str_of(dir), fix.dir, sizeof fix.dir);
    if (store_open(dir, &options, &fix.store, NULL) != OK)
        return;
    for (int i = 0; i < BATCHES; i++) {
        if (i == BATCHES / 2)
            fix.now_us =
                utc_from_civil((struct civil){.year = 2026, .month = 1, .day = 3, .hour = 4});
        write_one(&fix, life);
    }
    store_close(fix.store);
}

static void check_after(const char *dir, const struct life *life, uint32_t at)
{
    struct fix fix = {.now_us = FIX_START_US};
    struct store_options options = options_on(false);
    struct fault why = {0};
    struct audit_report report;
    struct arena arena;
    if (store_open(dir, &options, &fix.store, &why) != OK)
        fail_msg("call %u: cannot be opened any more: %s", at, why.text);
    fix_ends(&fix);
    if (fix.seq < life->acked || fix.seq > life->tried)
        fail_msg("call %u: %u acknowledged, %u there", at, life->acked, (uint32_t)fix.seq);
    arena_init(&arena, 1u << 20);
    for (uint32_t n = 1; n <= fix.seq; n++) {
        struct store_row row;
        assert_ok(store_row(fix.store, OBJECT_incident, n, &arena, &row));
        assert_int_equal(row.seq, n);
    }
    arena_done(&arena);
    store_close(fix.store);
    enum err err = audit_verify(dir, NULL, NULL, &report);
    if (err || report.events != fix.seq)
        fail_msg("call %u: audit: %s", at, report.reason ? report.reason : err_text(err));
}

/* Every call, or every eighth unless ANWANG_LONG is set. */
static void sweep(enum fault_mode mode)
{
    const char *is_long = getenv("ANWANG_LONG");
    uint32_t step = is_long && is_long[0] ? 1 : 8;
    uint32_t at = (uint32_t)mode - step + 1;
    do {
        char dir[64];
        struct life life;
        fast_folder(dir);
        fault_set_at(mode, at += step);
        live(dir, &life);
        check_after(dir, &life, at);
        fix_remove(dir);
        assert_true(at < 10000);
    } while (fault.has_struck);
    assert_true(at > 50); /* a sweep that strikes nothing shows nothing */
    print_message("# %u writing calls, one in %u struck\n", at - 1, step);
}

static void test_fail_once(void **state)
{
    (void)state;
    sweep(FAULT_ONCE);
}

static void test_tear(void **state)
{
    (void)state;
    sweep(FAULT_TEAR);
}

static void test_stop(void **state)
{
    (void)state;
    sweep(FAULT_STOP);
}

/* No room left, as the system itself says it: no acknowledgement from then on, nothing lost, and
 * with room again the next start goes on. */
static void test_full(void **state)
{
    struct rlimit limit, before;
    struct fix fix = {.now_us = FIX_START_US};
    struct store_options options = options_on(false);
    struct life life = {0};
    (void)state;
    fast_folder(fix.dir);
    fault_set_at(FAULT_NONE, 0);
    assert_ok(store_open(fix.dir, &options, &fix.store, NULL));
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = (struct rlimit){3u << 19, before.rlim_max};
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    while (!life.has_failed && life.tried < 5000)
        write_one(&fix, &life);
    write_one(&fix, &life);
    assert_true(life.has_failed && life.acked > 2);
    assert_int_equal(store_health(fix.store), ERR_IO);
    store_close(fix.store);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    check_after(fix.dir, &life, 0);
    assert_ok(store_open(fix.dir, &options, &fix.store, NULL));
    fix_ends(&fix);
    life = (struct life){.tried = (uint32_t)fix.seq};
    write_one(&fix, &life);
    assert_int_equal(life.acked, fix.seq);
    fix_done(&fix);
}

/* Plain files are the old one or the new one, never a part. */
static void test_replace(void **state)
{
    static const enum fault_mode modes[] = {FAULT_ONCE, FAULT_TEAR, FAULT_STOP};
    char dir[64], path[96];
    struct out read;
    (void)state;
    fast_folder(dir);
    (void)snprintf(path, sizeof path, "%s/file", dir);
    out_init(&read, 4096);
    for (size_t m = 0; m < 3; m++) {
        for (uint32_t at = 1; at <= 6; at++) {
            assert_ok(file_replace(path, STR("the old one"), 0600));
            fault_set_at(modes[m], at);
            enum err err = io_replace(&fault_io, path, STR("the new and longer one"), 0600);
            assert_int_equal(err, fault.has_struck ? ERR_IO : OK);
            out_reset(&read);
            assert_ok(file_read(path, &read));
            bool is_old = str_eq_c(out_view(&read), "the old one");
            assert_true(is_old || str_eq_c(out_view(&read), "the new and longer one"));
            if (!err)
                assert_false(is_old);
        }
    }
    out_done(&read);
    fix_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fail_once), cmocka_unit_test(test_tear),
        cmocka_unit_test(test_stop),      cmocka_unit_test(test_full),
        cmocka_unit_test(test_replace),
    };
    fault_register();
    return RUN(tests);
}
