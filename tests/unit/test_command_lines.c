#include "job/command_lines.h"
#include "test.h"
#include <stdio.h>
#include <string.h>

struct taken {
    uint32_t count;
    char object[8][ID_TEXT_CAP];
    char fields[8][256];
    enum command_kind kind[8];
};

static enum err give(void *ctx, const struct command_line *line, char ret_id[ID_TEXT_CAP])
{
    struct taken *taken = ctx;
    uint32_t n = taken->count++;
    taken->kind[n] = line->kind;
    (void)str_copy(line->object, taken->object[n], ID_TEXT_CAP);
    (void)str_copy(line->fields, taken->fields[n], sizeof taken->fields[n]);
    id_text(command_def(line->kind)->object_kind, 1, n + 1, ret_id);
    return line->kind == COMMAND_unit_suspend ? ERR_STATE : OK;
}

static enum err credential(void *ctx, struct str login, char ret_text[COMMAND_LINES_CREDENTIAL_CAP])
{
    (void)ctx;
    (void)snprintf(ret_text, COMMAND_LINES_CREDENTIAL_CAP, "secret of " STR_FMT, STR_ARG(login));
    return OK;
}

static void references_become_ids(void **state)
{
    (void)state;
    struct taken taken = {0};
    struct command_feed feed = {.give = give, .credential = credential, .ctx = &taken};
    assert_ok(command_lines_feed(
        STR("{\"command\":\"body_install\",\"as\":\"p\",\"fields\":{\"code\":\"p\"}}\n\n"
            "{\"command\":\"unit_enrol\",\"as\":\"u\",\"fields\":{\"body\":{\"$ref\":\"body:p\"}}}"
            "\n"
            "{\"command\":\"unit_sign_on\",\"object\":{\"$ref\":\"unit:u\"},\"fields\":{\"crew\":2,"
            "\"members\":[{\"$ref\":\"unit:u\"}]}}\n"
            "{\"command\":\"user_install\",\"fields\":{\"credential\":{\"$password\":\"anna\"}}}"),
        &feed, NULL));
    assert_int_equal(taken.count, 4);
    assert_string_equal(taken.fields[1], "{\"body\":\"body-1-1\"}");
    assert_string_equal(taken.object[2], "unit-1-2");
    assert_string_equal(taken.fields[2], "{\"crew\":2,\"members\":[\"unit-1-2\"]}");
    assert_string_equal(taken.fields[3], "{\"credential\":\"secret of anna\"}");
}

/* A roster names persons and units inside its duties. */
static void references_stand_at_any_depth(void **state)
{
    (void)state;
    struct taken taken = {0};
    struct command_feed feed = {.give = give, .ctx = &taken};
    assert_ok(command_lines_feed(
        STR("{\"command\":\"body_install\",\"as\":\"p\",\"fields\":{}}\n"
            "{\"command\":\"roster_set\",\"fields\":{\"duties\":[{\"duty\":\"patrol\",\"user\":"
            "{\"$ref\":\"body:p\"}},{\"duty\":\"reserve\"},7,[{\"$ref\":\"body:p\"}]]}}"),
        &feed, NULL));
    assert_string_equal(taken.fields[1], "{\"duties\":[{\"duty\":\"patrol\",\"user\":\"body-1-1\"},"
                                         "{\"duty\":\"reserve\"},7,[\"body-1-1\"]]}");
}

static void bad_lines_are_refused_by_number(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum err err;
    } bad[] = {
        {"\nnot json", ERR_SYNTAX},
        {"\n{\"command\":\"make_coffee\",\"fields\":{}}", ERR_SYNTAX},
        {"\n{\"command\":\"body_install\"}", ERR_SYNTAX},
        {"\n{\"command\":\"body_install\",\"fields\":{},\"id\":3}", ERR_SYNTAX},
        {"\n{\"command\":\"body_install\",\"fields\":{\"x\":{\"$ref\":\"body:q\"}}}",
         ERR_NOT_FOUND},
        {"\n{\"command\":\"body_install\",\"fields\":{\"x\":[{\"y\":{\"$ref\":\"body:q\"}}]}}",
         ERR_NOT_FOUND},
        {"\n{\"command\":\"body_install\",\"fields\":{},\"at\":\"yesterday\"}", ERR_SYNTAX},
        {"\n{\"command\":\"unit_suspend\",\"object\":\"unit-1-1\",\"fields\":{}}", ERR_STATE},
        {"{\"command\":\"body_install\",\"as\":\"p\",\"fields\":{}}\n"
         "{\"command\":\"body_install\",\"as\":\"p\",\"fields\":{}}",
         ERR_EXISTS},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct taken taken = {0};
        struct command_feed feed = {.give = give, .ctx = &taken};
        struct fault fault = {0};
        assert_int_equal(command_lines_feed(str_of(bad[i].text), &feed, &fault), bad[i].err);
        assert_int_equal(fault.line, 2);
    }
}

static void written_lines_read_back(void **state)
{
    (void)state;
    struct out out;
    out_init(&out, 1 << 16);
    struct json_out j = command_line_begin(&out, COMMAND_post_install, STR("P01"));
    json_kc(&j, "code", "P01");
    command_line_end(&j);
    j = command_line_begin(&out, COMMAND_unit_enrol, STR(""));
    command_line_ref(&j, "post", OBJECT_post, STR("P01"));
    command_line_end(&j);
    struct taken taken = {0};
    struct command_feed feed = {.give = give, .ctx = &taken};
    assert_ok(command_lines_feed(out_view(&out), &feed, NULL));
    assert_int_equal(taken.count, 2);
    assert_string_equal(taken.fields[1], "{\"post\":\"post-1-1\"}");
    out_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(references_become_ids),
        cmocka_unit_test(references_stand_at_any_depth),
        cmocka_unit_test(bad_lines_are_refused_by_number),
        cmocka_unit_test(written_lines_read_back),
    };
    return RUN(tests);
}
