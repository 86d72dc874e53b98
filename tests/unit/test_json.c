#include "base/file.h"
#include "base/json.h"
#include "base/json_out.h"
#include "test.h"
#include <dirent.h>

/* Reads, writes canonical bytes, reads those, writes again: both writings must be equal. */
static enum err round_trip(struct str text, struct out *out)
{
    struct json root = {0};
    enum err err = json_read(text, &root, NULL);
    if (err)
        return err;
    struct out first, again;
    out_init(&first, JSON_MAX_BYTES);
    out_init(&again, JSON_MAX_BYTES);
    assert_ok(json_canonical(root, &first));
    json_free(root);
    assert_ok(json_read(out_view(&first), &root, NULL));
    assert_ok(json_canonical(root, &again));
    json_free(root);
    assert_true(str_eq(out_view(&first), out_view(&again)));
    out_str(out, out_view(&first));
    out_done(&first);
    out_done(&again);
    return OK;
}

static void assert_canonical(const char *text, const char *expected)
{
    struct out out;
    out_init(&out, JSON_MAX_BYTES);
    assert_ok(round_trip(str_of(text), &out));
    assert_str(out_view(&out), expected);
    out_done(&out);
}

static bool is_one_of(const char *name, const char *const *names)
{
    while (*names && strcmp(name, *names) != 0)
        names++;
    return *names != NULL;
}

/* The suite's verdict, but where json.h is stricter than RFC 8259 has to be. */
static bool shall_be_taken(const char *name)
{
    static const char *const stricter[] = {"y_object_duplicated_key.json",
                                           "y_object_duplicated_key_and_value.json",
                                           "y_string_null_escape.json", NULL};
    static const char *const either_way[] = {"number_-9223372036854775808.json", "number_1.0.json",
                                             NULL};
    return (name[0] == 'y' && !is_one_of(name, stricter)) || is_one_of(name, either_way);
}

static void agrees_with_the_suite(void **state)
{
    (void)state;
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/json", getenv("ANWANG_TEST_DATA"));
    DIR *dir = opendir(path);
    assert_non_null(dir);
    int file_count = 0;
    for (struct dirent *entry; (entry = readdir(dir));) {
        size_t len = strlen(entry->d_name);
        if (len < 5 || strcmp(entry->d_name + len - 5, ".json") != 0)
            continue;
        (void)snprintf(path, sizeof path, "%s/json/%s", getenv("ANWANG_TEST_DATA"), entry->d_name);
        struct out text, canonical;
        out_init(&text, JSON_MAX_BYTES);
        out_init(&canonical, JSON_MAX_BYTES);
        assert_ok(file_read(path, &text));
        bool is_taken = round_trip(out_view(&text), &canonical) == OK;
        if (is_taken != shall_be_taken(entry->d_name))
            fail_msg("%s was %s", entry->d_name, is_taken ? "taken" : "refused");
        out_done(&text);
        out_done(&canonical);
        file_count++;
    }
    (void)closedir(dir);
    assert_int_equal(file_count, 166);
}

static void shows_every_kind_of_node(void **state)
{
    (void)state;
    struct json root = {0};
    assert_ok(json_read(STR("{\"t\":\"安\",\"i\":-5,\"r\":2.5,\"b\":true,\"n\":null,\"l\":[1,2]}"),
                        &root, NULL));
    assert_int_equal(json_type(root), JSON_MAP);
    assert_int_equal(json_count(root), 6);
    assert_str(json_text(json_get(root, "t")), "安");
    assert_int_equal(json_int(json_get(root, "i")), -5);
    assert_true(json_number(json_get(root, "r")) == 2.5);
    assert_true(json_number(json_get(root, "i")) == -5);
    assert_int_equal(json_int(json_get(root, "r")), 0);
    assert_true(json_is_true(json_get(root, "b")));
    assert_false(json_is_true(json_get(root, "i")));
    assert_int_equal(json_type(json_get(root, "n")), JSON_NULL);
    assert_int_equal(json_type(json_get(root, "l")), JSON_LIST);
    assert_int_equal(json_count(json_get(root, "l")), 2);
    assert_int_equal(json_int(json_at(json_get(root, "l"), 1)), 2);
    /* What is not there is absent, at any depth and under any question. */
    struct json none = json_get(json_at(json_get(root, "x"), 3), "y");
    assert_int_equal(json_type(none), JSON_ABSENT);
    assert_int_equal(json_type(json_at(json_get(root, "l"), 2)), JSON_ABSENT);
    assert_int_equal(json_text(none).len + json_count(none), 0);
    assert_int_equal(json_int(none), 0);
    assert_false(json_is_true(none));
    assert_null(json_iter(none).key);
    char keys[8] = {0};
    size_t n = 0;
    for (struct json_iter it = json_iter(root); it.key; json_next(&it))
        keys[n++] = it.key[0];
    assert_string_equal(keys, "tirbnl"); /* in the order of the text */
    json_free(root);
    json_free((struct json){0});
}

static void says_where_it_is_wrong(void **state)
{
    (void)state;
    struct json root = {0};
    struct fault fault = {0};
    assert_int_equal(json_read(STR("{\n\"a\": tru\n}"), &root, &fault), ERR_SYNTAX);
    assert_int_equal(fault.line, 2);
    assert_in_range(fault.offset, 7, 11);
    assert_int_equal(json_read(STR("{\"a\":1,\"a\":2}"), &root, &fault), ERR_SYNTAX);
    assert_string_equal(fault.text, "a key stands twice in one object");
    assert_int_equal(json_read(STR("1e999"), &root, &fault), ERR_SYNTAX);
    assert_string_equal(fault.text, "a number is too large");
    assert_int_equal(json_read((struct str){0}, &root, &fault), ERR_SYNTAX);
    assert_int_equal(json_read(STR("1 2"), &root, &fault), ERR_SYNTAX);
    assert_null(root.node);
}

static void refuses_depth_and_length(void **state)
{
    (void)state;
    struct json root = {0};
    struct fault fault = {0};
    char text[2 * JSON_MAX_DEPTH + 3] = {0};
    memset(text, '[', JSON_MAX_DEPTH);
    memset(text + JSON_MAX_DEPTH, ']', JSON_MAX_DEPTH);
    struct out out;
    out_init(&out, 1024);
    assert_ok(round_trip(str_of(text), &out));
    out_done(&out);
    memset(text, '[', JSON_MAX_DEPTH + 1);
    memset(text + JSON_MAX_DEPTH + 1, ']', JSON_MAX_DEPTH + 1);
    assert_int_equal(json_read(str_of(text), &root, &fault), ERR_LIMIT);
    assert_int_equal(fault.offset, JSON_MAX_DEPTH);
    /* Brackets in text are no depth. */
    assert_canonical("\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[[[[[\"",
                     "\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[[[[[\"");
    char *big = calloc(1, JSON_MAX_BYTES + 1);
    assert_non_null(big);
    memset(big, ' ', JSON_MAX_BYTES + 1);
    assert_int_equal(json_read((struct str){big, JSON_MAX_BYTES + 1}, &root, &fault), ERR_LIMIT);
    free(big);
}

static void writes_the_same_value_alike(void **state)
{
    (void)state;
    assert_canonical("{ \"b\" : [1, 2.50], \"a\" : {\"z\":null,\"B\":true} }",
                     "{\"a\":{\"B\":true,\"z\":null},\"b\":[1,2.5]}");
    assert_canonical("[0.1,1e3,-0.0,37.774900000000002,1E-7,1.0]",
                     "[0.1,1e+03,-0.0,37.7749,1e-07,1.0]");
    assert_canonical("\"\\u5b89\\/\\u001f\\n\"", "\"安/\\u001f\\n\"");
    assert_canonical("{}", "{}");
}

static void writes_without_a_tree(void **state)
{
    (void)state;
    struct out out;
    out_init(&out, 4096);
    struct json_out j = json_out_of(&out);
    json_obj(&j);
    json_kc(&j, "name", "a\"\\\n\x01\x7F");
    json_kstr(&j, "bad", (struct str){"x\xFFy\xE5\x00", 5});
    json_kc(&j, "none", NULL);
    json_ki64(&j, "min", INT64_MIN);
    json_ku64(&j, "max", UINT64_MAX);
    json_kbool(&j, "is_open", false);
    json_key(&j, "list");
    json_arr(&j);
    json_arr(&j);
    json_arr_end(&j);
    json_fixed(&j, -5, 2);
    json_double(&j, 1.0 / 3, 3);
    json_double(&j, __builtin_nan(""), 3);
    json_raw(&j, STR("{\"k\":1}"));
    json_obj(&j);
    json_obj_end(&j);
    json_arr_end(&j);
    json_kbool(&j, "last", true);
    json_obj_end(&j);
    assert_str(
        out_view(&out),
        "{\"name\":\"a\\\"\\\\\\n\\u0001\x7F\",\"bad\":\"x\xEF\xBF\xBDy\xEF\xBF\xBD\\u0000\","
        "\"none\":null,\"min\":-9223372036854775808,\"max\":18446744073709551615,"
        "\"is_open\":false,\"list\":[[],-0.05,0.333,null,{\"k\":1},{}],\"last\":true}");
    out_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_suite),       cmocka_unit_test(shows_every_kind_of_node),
        cmocka_unit_test(says_where_it_is_wrong),      cmocka_unit_test(refuses_depth_and_length),
        cmocka_unit_test(writes_the_same_value_alike), cmocka_unit_test(writes_without_a_tree),
    };
    return RUN(tests);
}
