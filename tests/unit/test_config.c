#include "base/config.h"
#include "test.h"

struct settings {
    int64_t port;
    char folder[17];
    bool is_public;
};

static const struct config_key keys[] = {
    {"port", CONFIG_INT, 1, 65535, "8443", "port of the staff pages",
     offsetof(struct settings, port)},
    {"folder", CONFIG_TEXT, 1, 16, "var", "where the data lie", offsetof(struct settings, folder)},
    {"public", CONFIG_BOOL, 0, 0, "yes", "open the public site",
     offsetof(struct settings, is_public)},
};
#define KEYS keys, sizeof keys / sizeof *keys

static void reads_a_file(void **state)
{
    (void)state;
    struct settings s;
    assert_ok(config_parse(KEYS, STR(""), &s, NULL));
    assert_int_equal(s.port, 8443);
    assert_string_equal(s.folder, "var");
    assert_true(s.is_public);
    assert_ok(config_parse(
        KEYS, STR("# a comment\r\n\n port=80\r\nfolder = a = b # c\npublic = no"), &s, NULL));
    assert_int_equal(s.port, 80);
    assert_string_equal(s.folder, "a = b # c");
    assert_false(s.is_public);
}

static void says_which_line_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum err err;
        uint32_t line;
        const char *reason;
    } bad[] = {
        {"port = 80\nprot = 81\n", ERR_NOT_FOUND, 2, "unknown key"},
        {"port\n", ERR_SYNTAX, 1, "no '=' behind the key"},
        {"\n\nport = x", ERR_SYNTAX, 3, "not a whole number"},
        {"port = 0", ERR_RANGE, 1, "number is out of range"},
        {"port = 65536", ERR_RANGE, 1, "number is out of range"},
        {"port = 99999999999999999999", ERR_RANGE, 1, "number is out of range"},
        {"port = 1\n#\nport = 1", ERR_SYNTAX, 3, "key is given twice"},
        {"folder =", ERR_RANGE, 1, "text is too short or too long"},
        {"folder = 12345678901234567", ERR_RANGE, 1, "text is too short or too long"},
        {"folder = a\tb", ERR_SYNTAX, 1, "control character"},
        {"folder = \xFF", ERR_SYNTAX, 1, "not UTF-8"},
        {"public = true", ERR_SYNTAX, 1, "neither yes nor no"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct settings s;
        struct fault fault = {0};
        assert_int_equal(config_parse(KEYS, str_of(bad[i].text), &s, &fault), bad[i].err);
        assert_int_equal(fault.line, bad[i].line);
        assert_string_equal(fault.text, bad[i].reason);
    }
}

static void sets_one_key(void **state)
{
    (void)state;
    struct settings s;
    assert_ok(config_parse(KEYS, STR(""), &s, NULL));
    assert_ok(config_set(KEYS, &s, STR("port"), STR("90"), NULL));
    assert_int_equal(s.port, 90);
    assert_int_equal(config_set(KEYS, &s, STR("port"), STR("-1"), NULL), ERR_RANGE);
    assert_int_equal(s.port, 90);
    assert_int_equal(config_set(KEYS, &s, STR("nope"), STR("1"), NULL), ERR_NOT_FOUND);
}

static void prints_what_it_reads(void **state)
{
    (void)state;
    struct settings s, again;
    struct out out;
    out_init(&out, 4096);
    assert_ok(config_parse(KEYS, STR("port = 7\nfolder = 安网\npublic = no\n"), &s, NULL));
    config_print(KEYS, &s, &out);
    assert_str(out_view(&out), "# port of the staff pages (1 to 65535; default 8443)\nport = 7\n"
                               "# where the data lie (text of 1 to 16 bytes; default var)\n"
                               "folder = 安网\n"
                               "# open the public site (yes or no; default yes)\npublic = no\n");
    assert_ok(config_parse(KEYS, out_view(&out), &again, NULL));
    assert_int_equal(again.port, 7);
    assert_string_equal(again.folder, "安网");
    assert_false(again.is_public);
    out_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_file),
        cmocka_unit_test(says_which_line_is_wrong),
        cmocka_unit_test(sets_one_key),
        cmocka_unit_test(prints_what_it_reads),
    };
    return RUN(tests);
}
