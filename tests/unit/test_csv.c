#include "job/csv.h"
#include "test.h"

static enum err count_rows(struct str text, size_t *ret_rows, struct fault *ret_fault)
{
    struct arena arena;
    arena_init(&arena, 1 << 20);
    struct csv csv;
    csv_init(&csv, text, &arena);
    size_t rows = 0;
    enum err err = OK;
    while ((err = csv_next(&csv, ret_fault)) == OK) {
        rows++;
    }
    *ret_rows = rows;
    arena_done(&arena);
    return err == ERR_NOT_FOUND ? OK : err;
}

static void reads_what_the_rfc_shows(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 20);
    struct csv csv;
    csv_init(&csv,
             STR("\xef\xbb\xbf"
                 "a,b,c\r\n\"x, y\",\"say \"\"hi\"\"\",\n\n\"two\nlines\",\"\",3\r\n\"e\",,\"\"\r"),
             &arena);
    assert_ok(csv_next(&csv, NULL));
    assert_int_equal(csv.field_count, 3);
    assert_str(csv.fields[2], "c");
    assert_ok(csv_next(&csv, NULL));
    assert_str(csv.fields[0], "x, y");
    assert_str(csv.fields[1], "say \"hi\"");
    assert_str(csv.fields[2], "");
    assert_ok(csv_next(&csv, NULL));
    assert_int_equal(csv.line, 4);
    assert_str(csv.fields[0], "two\nlines");
    assert_str(csv.fields[2], "3");
    assert_ok(csv_next(&csv, NULL));
    assert_int_equal(csv.line, 6);
    assert_str(csv.fields[0], "e");
    assert_str(csv.fields[2], "");
    assert_int_equal(csv_next(&csv, NULL), ERR_NOT_FOUND);
    arena_done(&arena);
}

static void refuses_what_is_damaged(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t line;
    } bad[] = {
        {"a,b\n1,x\"y\n", 2},        /* quote inside a plain field */
        {"a,b\n\"1\" ,2\n", 2},      /* text behind a closing quote */
        {"a,b\n1,2\n\"1,2\n3,4", 3}, /* quote never closed */
        {"a,b\n1,2\n1\n", 3},        /* too few */
        {"a,b\n1,2,3\n", 2},         /* too many */
        {"a,b\n1,\xff\n", 2},        /* not UTF-8 */
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct fault fault = {0};
        size_t rows = 0;
        assert_int_equal(count_rows(str_of(bad[i].text), &rows, &fault), ERR_SYNTAX);
        assert_int_equal(fault.line, bad[i].line);
        assert_non_null(fault.text);
    }
    struct fault fault = {0};
    size_t rows = 0;
    assert_int_equal(count_rows(STR("a\nx\0y\n"), &rows, &fault), ERR_SYNTAX);
}

static void finds_columns_in_any_order(void **state)
{
    (void)state;
    static const char *const columns[] = {"lat", "name"};
    struct arena arena;
    arena_init(&arena, 1 << 16);
    struct csv csv;
    size_t at[2];
    csv_init(&csv, STR("name,x,lat\n"), &arena);
    assert_ok(csv_heading(&csv, columns, 2, at, NULL));
    assert_int_equal(at[0], 2);
    assert_int_equal(at[1], 0);
    struct fault fault = {0};
    csv_init(&csv, STR("name,x\n"), &arena);
    assert_int_equal(csv_heading(&csv, columns, 2, at, &fault), ERR_NOT_FOUND);
    assert_string_equal(fault.field, "lat");
    csv_init(&csv, STR(""), &arena);
    assert_int_equal(csv_heading(&csv, columns, 2, at, &fault), ERR_SYNTAX);
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_the_rfc_shows),
        cmocka_unit_test(refuses_what_is_damaged),
        cmocka_unit_test(finds_columns_in_any_order),
    };
    return RUN(tests);
}
