/* The first byte is a command's number; behind it the record's fields, as JSON when they begin
 * with `{`, else as stored bytes. */
#include "fuzz.h"
#include "model/commands.h"

#define REALM 1

static union {
    uint64_t align;
    uint8_t bytes[1 << 16];
} first, again;

/* What was read is written, read and written again: both writings must be equal. */
static void settles(const struct record *rec, enum record_form form)
{
    struct out one, two, text;
    out_init(&one, 1 << 24);
    out_init(&two, 1 << 24);
    out_init(&text, 1 << 24);
    record_write(rec, &first, form, &one);
    MUST(one.err == OK && record_read(rec, out_view(&one), &again) == OK);
    record_write(rec, &again, form, &two);
    MUST(str_eq(out_view(&one), out_view(&two)));
    struct json_out j = json_out_of(&text);
    json_obj(&j);
    record_json_write(rec, &first, REALM, &j);
    json_obj_end(&j);
    struct json root = {0};
    MUST(json_read(out_view(&text), &root, NULL) == OK || form == RECORD_STORED);
    json_free(root);
    out_done(&one);
    out_done(&two);
    out_done(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct command_def *def = size ? command_def((enum command_kind)data[0]) : NULL;
    if (!def)
        return 0;
    MUST(def->fields->size <= sizeof first);
    struct str rest = {(const char *)data + 1, size - 1};
    struct json root = {0};
    if (rest.len == 0 || rest.p[0] != '{') {
        if (record_read(def->fields, rest, &first) == OK)
            settles(def->fields, RECORD_STORED);
    } else if (json_read(rest, &root, NULL) == OK) {
        struct arena arena;
        struct fault fault = {0};
        arena_init(&arena, 1 << 24);
        if (record_json_read(def->fields, root, REALM, &arena, &first, &fault) == OK)
            settles(def->fields, RECORD_WIRE);
        else
            MUST(fault.text);
        arena_done(&arena);
        json_free(root);
    }
    return 0;
}
