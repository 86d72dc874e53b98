/* cap_schema.c - what we write as CAP is valid by the schema of OASIS, as xmllint judges it: every
 * sample read and written again. Control: an alert with its elements out of order is refused. */
#include "base/file.h"
#include "codec/cap.h"
#include "test.h"
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATH_CAP 512

static void data_file(const char *name, char path[PATH_CAP])
{
    (void)snprintf(path, PATH_CAP, "%s/cap/%s", getenv("ANWANG_TEST_DATA"), name);
}

/* Exit status of xmllint on these bytes: 0 valid, 3 or 4 not. */
static int judge(struct str bytes)
{
    char file[] = "/tmp/anwang-cap-XXXXXX", schema[PATH_CAP];
    int fd = mkstemp(file), status = 0;
    pid_t pid;
    posix_spawn_file_actions_t actions;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes.p, bytes.len), (ssize_t)bytes.len);
    (void)close(fd);
    data_file("cap12.xsd", schema);
    static char tool[] = "xmllint", no_net[] = "--nonet", no_out[] = "--noout", by[] = "--schema";
    char *const argv[] = {tool, no_net, no_out, by, schema, file, NULL};
    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    assert_int_equal(posix_spawnp(&pid, "xmllint", &actions, NULL, argv, environ), 0);
    (void)posix_spawn_file_actions_destroy(&actions);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    (void)unlink(file);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void test_written_alerts_are_valid(void **state)
{
    (void)state;
    static const char *const names[] = {"43b080713727.cap", "australia.cap", "canada.cap",
                                        "earthquake-iso8859-1.cap"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[PATH_CAP];
        struct arena arena;
        struct out in, out;
        struct cap_alert alert;
        struct fault fault;
        arena_init(&arena, 16u << 20);
        out_init(&in, 1u << 20);
        out_init(&out, 1u << 20);
        data_file(names[i], path);
        assert_ok(file_read(path, &in));
        assert_ok(cap_read(out_view(&in), &arena, &alert, &fault));
        cap_write(&alert, &out);
        assert_int_equal(judge(out_view(&out)), 0);
        out_done(&in);
        out_done(&out);
        arena_done(&arena);
    }
}

static void test_the_judge_can_refuse(void **state)
{
    (void)state;
    assert_int_not_equal(judge(STR("<alert xmlns='urn:oasis:names:tc:emergency:cap:1.2'>"
                                   "<sender>a</sender><identifier>i</identifier></alert>")),
                         0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_written_alerts_are_valid),
        cmocka_unit_test(test_the_judge_can_refuse),
    };
    return RUN(tests);
}
