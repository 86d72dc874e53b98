#include "base/log.h"
#include "base/str.h"
#include "test.h"
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

static char written[65536];

/* Runs `write_lines` with stderr going to a pipe-like file and reads what came into `written`. */
static void capture(void (*write_lines)(void))
{
    FILE *file = tmpfile();
    assert_non_null(file);
    int kept = dup(STDERR_FILENO);
    assert_true(dup2(fileno(file), STDERR_FILENO) >= 0);
    write_lines();
    assert_true(dup2(kept, STDERR_FILENO) >= 0);
    (void)close(kept);
    ssize_t n = pread(fileno(file), written, sizeof written - 1, 0);
    written[n < 0 ? 0 : n] = 0;
    (void)fclose(file);
}

static size_t count_of(const char *part)
{
    size_t n = 0;
    for (const char *p = written; (p = strstr(p, part)); p++)
        n++;
    return n;
}

static void three_levels(void)
{
    log_init("core", LOG_INFO_LEVEL);
    LOG_ERROR("test.level", "n=%d", 1);
    LOG_INFO("test.level", "n=%d", 2);
    LOG_DEBUG("test.level", "n=%d", 3);
}

static void writes_one_line_an_event(void **state)
{
    (void)state;
    capture(three_levels);
    assert_int_equal(count_of("\n"), 2);
    assert_non_null(strstr(written, "Z error core test.level n=1\n"));
    assert_non_null(strstr(written, "Z info core test.level n=2\n"));
    assert_int_equal(written[10], 'T');
}

static void forged(void)
{
    static char wide[4000];
    memset(wide, 'w', sizeof wide - 1);
    LOG_WARN("test.forged", "value=%s", "a\nb\x1B[31m");
    LOG_WARN("test.wide", "value=%s", wide);
    LOG_WARN("test.after", "n=%d", 1);
}

static void keeps_lines_whole(void **state)
{
    (void)state;
    capture(forged);
    assert_int_equal(count_of("\n"), 3);
    assert_non_null(strstr(written, "value=a?b?[31m\n"));
    assert_non_null(strstr(written, "test.after n=1\n"));
    assert_true(count_of("w") > 900);
    assert_true(count_of("w") < 1024);
}

static void storm(void)
{
    for (int i = 0; i < 5000; i++)
        LOG_WARN("test.storm", "n=%d", i);
    LOG_WARN("test.other", "n=%d", 1);
}

static void limits_repeats(void **state)
{
    (void)state;
    capture(storm);
    assert_in_range(count_of("test.storm"), 20, 200); /* 20 a second, and the test is short */
    assert_int_equal(count_of("test.other"), 1);
}

static void *write_many(void *event)
{
    for (int i = 0; i < 15; i++)
        LOG_WARN(event, "n=%d filler=%s", i, "0123456789012345678901234567890123456789");
    return NULL;
}

static void four_threads(void)
{
    static char names[4][16] = {"test.a", "test.b", "test.c", "test.d"};
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, write_many, names[i]), 0);
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
}

static void may_be_used_by_any_thread(void **state)
{
    (void)state;
    capture(four_threads);
    assert_int_equal(count_of("\n"), 60);
    assert_int_equal(count_of(" filler=0123456789012345678901234567890123456789\n"), 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_one_line_an_event),
        cmocka_unit_test(keeps_lines_whole),
        cmocka_unit_test(limits_repeats),
        cmocka_unit_test(may_be_used_by_any_thread),
    };
    return RUN(tests);
}
