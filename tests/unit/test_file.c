#include "base/file.h"
#include "test.h"
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/anwang-file-XXXXXX";

static const char *in_folder(const char *name)
{
    static char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    static const char *const names[] = {"a/b/c", "a/b", "a", "file", ""};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        (void)remove(in_folder(names[i]));
    return access(folder, F_OK) == 0;
}

static void replaces_and_reads(void **state)
{
    (void)state;
    struct out out;
    out_init(&out, 10);
    assert_int_equal(file_read(in_folder("file"), &out), ERR_NOT_FOUND);
    assert_ok(file_replace(in_folder("file"), STR("first"), 0600));
    assert_ok(file_replace(in_folder("file"), STR("0123456789"), 0640));
    assert_ok(file_read(in_folder("file"), &out));
    assert_str(out_view(&out), "0123456789");
    assert_int_equal(file_read(in_folder("file"), &out), ERR_LIMIT);
    out_done(&out);
    struct stat st;
    assert_int_equal(stat(in_folder("file"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
    assert_int_not_equal(access(in_folder("file.new"), F_OK), 0); /* nothing is left over */
    assert_int_equal(file_replace(in_folder("none/file"), STR("x"), 0600), ERR_NOT_FOUND);
    out_init(&out, 10);
    assert_int_equal(file_read(folder, &out), ERR_IO);
    out_done(&out);
}

static void maps_files(void **state)
{
    (void)state;
    struct str bytes = {0};
    assert_ok(file_replace(in_folder("file"), STR("mapped"), 0600));
    assert_ok(file_map(in_folder("file"), &bytes));
    assert_str(bytes, "mapped");
    file_unmap(bytes);
    assert_ok(file_replace(in_folder("file"), STR(""), 0600));
    assert_ok(file_map(in_folder("file"), &bytes));
    assert_int_equal(bytes.len, 0);
    file_unmap(bytes);
    assert_int_equal(file_map(in_folder("none"), &bytes), ERR_NOT_FOUND);
    assert_int_equal(file_map(folder, &bytes), ERR_IO);
}

static void makes_folders(void **state)
{
    (void)state;
    assert_ok(file_mkdirs(in_folder("a/b/c"), 0700));
    assert_ok(file_mkdirs(in_folder("a/b/c/"), 0700));
    assert_ok(file_mkdirs("/", 0700));
    assert_ok(file_replace(in_folder("file"), STR(""), 0600));
    assert_int_equal(file_mkdirs(in_folder("file/x"), 0700), ERR_IO);
    assert_int_equal(file_mkdirs(in_folder("file"), 0700), ERR_IO);
    assert_int_equal(file_mkdirs("", 0700), ERR_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replaces_and_reads),
        cmocka_unit_test(maps_files),
        cmocka_unit_test(makes_folders),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
