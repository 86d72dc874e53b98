#include "job/command_lines.h"
#include "base/cursor.h"
#include "base/digest.h"
#include "base/map.h"
#include "base/utc.h"
#include <stdio.h>
#include <string.h>

#define MAX_REF_BYTES 128
#define PROGRESS_LINES 64

/* What a name stands for: the text "area-1-7" is kind and number. */
struct made {
    enum object_kind kind;
    uint32_t realm, number;
};
struct feeder {
    const struct command_feed *feed;
    struct map made_of; /* digest of "kind:code" to index of made */
    struct out made;    /* struct made, one after the other */
    struct out fields;
    struct fault *ret_fault;
    uint32_t line;
};

static enum err refuse(const struct feeder *f, enum err err, const char *text)
{
    (void)fault_set(f->ret_fault, err, 0, text);
    if (f->ret_fault != NULL) {
        f->ret_fault->line = f->line;
    }
    return err;
}

static enum err ref_find(const struct feeder *f, struct str ref, char ret_id[ID_TEXT_CAP])
{
    uint32_t index = 0;
    if (!map_get(&f->made_of, digest_u64(ref.p, ref.len), &index)) {
        return refuse(f, ERR_NOT_FOUND, "$ref names nothing that a line before made");
    }
    struct made made;
    memcpy(&made, f->made.p + index * sizeof made, sizeof made);
    id_text(made.kind, made.realm, made.number, ret_id);
    return OK;
}

/* Remembers what a line made under "kind:as". */
static enum err ref_add(struct feeder *f, enum object_kind kind, struct str as, struct str id)
{
    struct made made = {.kind = kind};
    char ref[MAX_REF_BYTES];
    int n = snprintf(ref, sizeof ref, "%s:" STR_FMT, object_kind_name(kind), STR_ARG(as));
    if (n < 0 || (size_t)n >= sizeof ref || id_parse(id, kind, &made.realm, &made.number) != OK) {
        return refuse(f, ERR_SYNTAX, "\"as\" is too long, or the command made nothing");
    }
    uint64_t key = digest_u64(ref, (size_t)n);
    uint32_t index = 0;
    if (map_get(&f->made_of, key, &index)) {
        return refuse(f, ERR_EXISTS, "\"as\" was used by a line before");
    }
    index = (uint32_t)(f->made.len / sizeof made);
    out_bytes(&f->made, &made, sizeof made);
    return f->made.err != OK ? f->made.err : map_put(&f->made_of, key, index);
}

/* The one member of a map that has only this one; absent else. */
static struct json only_member(struct json value, const char *key)
{
    bool is_it = json_type(value) == JSON_MAP && json_count(value) == 1;
    return is_it ? json_get(value, key) : (struct json){NULL};
}

/* Writes what a reference or a password stands for; false: it is an ordinary value. */
static bool replaced(struct feeder *f, struct json value, struct json_out *j, enum err *ret_err)
{
    struct str ref = json_text(only_member(value, "$ref"));
    struct str login = json_text(only_member(value, "$password"));
    if (ref.len > 0) {
        char id[ID_TEXT_CAP] = "";
        *ret_err = ref_find(f, ref, id);
        json_c(j, id);
        return true;
    }
    if (login.len > 0) {
        char text[COMMAND_LINES_CREDENTIAL_CAP] = "";
        *ret_err = f->feed->credential == NULL
                       ? refuse(f, ERR_UNSUPPORTED, "$password cannot be made here")
                       : f->feed->credential(f->feed->ctx, login, text);
        json_c(j, text);
        return true;
    }
    return false;
}

/* Copies a value; a reference stands for its id wherever it stands. */
/* NOLINTNEXTLINE(misc-no-recursion): json_read lets nothing deeper than JSON_MAX_DEPTH in */
static enum err value_copy(struct feeder *f, struct json value, struct json_out *j)
{
    struct out text;
    enum err err = OK;
    if (replaced(f, value, j, &err)) {
        return err;
    }
    if (json_type(value) == JSON_MAP) {
        json_obj(j);
        for (struct json_iter it = json_iter(value); it.key != NULL && err == OK; json_next(&it)) {
            json_key(j, it.key);
            err = value_copy(f, it.value, j);
        }
        json_obj_end(j);
    } else if (json_type(value) == JSON_LIST) {
        json_arr(j);
        for (size_t i = 0; i < json_count(value) && err == OK; i++) {
            err = value_copy(f, json_at(value, i), j);
        }
        json_arr_end(j);
    } else {
        out_init(&text, COMMAND_LINE_MAX_BYTES);
        err = json_canonical(value, &text);
        json_raw(j, err == OK ? out_view(&text) : STR("null"));
        out_done(&text);
    }
    return err;
}

static enum err fields_copy(struct feeder *f, struct json fields)
{
    out_reset(&f->fields);
    struct json_out j = json_out_of(&f->fields);
    enum err err = value_copy(f, fields, &j);
    return err != OK ? err : f->fields.err;
}

static enum err members_check(const struct feeder *f, struct json root)
{
    static const char *const known[] = {"command", "as", "object", "fields", "at", "at_source"};
    for (struct json_iter it = json_iter(root); it.key != NULL; json_next(&it)) {
        bool is_known = false;
        for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
            is_known |= strcmp(known[i], it.key) == 0;
        }
        if (!is_known) {
            return refuse(f, ERR_SYNTAX, "unknown member");
        }
    }
    return OK;
}

static enum err line_read(struct feeder *f, struct json root, char object[ID_TEXT_CAP],
                          struct command_line *ret_line)
{
    struct command_line line = {.line = f->line};
    if (json_type(root) != JSON_MAP || json_type(json_get(root, "fields")) != JSON_MAP) {
        return refuse(f, ERR_SYNTAX, "not an object with \"command\" and \"fields\"");
    }
    enum err err = members_check(f, root);
    if (err != OK) {
        return err;
    }
    line.kind = command_kind_of(json_text(json_get(root, "command")));
    if (line.kind == COMMAND_NONE) {
        return refuse(f, ERR_SYNTAX, "unknown command");
    }
    struct json about = json_get(root, "object");
    struct str ref = json_text(only_member(about, "$ref"));
    if (ref.len > 0) {
        err = ref_find(f, ref, object);
        line.object = str_of(object);
    } else {
        line.object = json_text(about);
    }
    struct str at = json_text(json_get(root, "at"));
    if (err == OK && at.len > 0 && utc_parse(at, &line.at_us) != OK) {
        err = refuse(f, ERR_SYNTAX, "\"at\" is no RFC 3339 time");
    }
    struct str source = json_text(json_get(root, "at_source"));
    line.at_source = (enum clock_source)enum_value(&enum_clock_source, source);
    if (err == OK && source.len > 0 && line.at_source == CLOCK_NONE) {
        err = refuse(f, ERR_SYNTAX, "unknown \"at_source\"");
    }
    *ret_line = line;
    return err;
}

static enum err line_feed(struct feeder *f, struct str text)
{
    struct json root = {NULL};
    struct fault where = {0};
    enum err err = json_read(text, &root, &where);
    if (err != OK) {
        return refuse(f, err, where.text != NULL ? where.text : "not JSON");
    }
    struct command_line line;
    char object[ID_TEXT_CAP] = "", id[ID_TEXT_CAP] = "";
    err = line_read(f, root, object, &line);
    if (err == OK) {
        err = fields_copy(f, json_get(root, "fields"));
    }
    if (err == OK) {
        line.fields = out_view(&f->fields);
        err = f->feed->give(f->feed->ctx, &line, id);
        if (err != OK && f->ret_fault != NULL) {
            f->ret_fault->line = f->line;
        }
    }
    struct str as = json_text(json_get(root, "as"));
    if (err == OK && as.len > 0) {
        err = ref_add(f, command_def(line.kind)->object_kind, as, str_of(id));
    }
    json_free(root);
    return err;
}

enum err command_lines_feed(struct str text, const struct command_feed *feed,
                            struct fault *ret_fault)
{
    struct feeder f = {.feed = feed, .ret_fault = ret_fault};
    map_init(&f.made_of, COMMAND_LINES_MAX_REFS);
    out_init(&f.made, COMMAND_LINES_MAX_REFS * sizeof(struct made));
    out_init(&f.fields, COMMAND_LINE_MAX_BYTES);
    struct cursor cursor = cursor_of(text.p, text.len);
    enum err err = OK;
    while (err == OK && cursor.left > 0) {
        struct str line = str_trim(cursor_line(&cursor));
        f.line++;
        if (line.len > 0) {
            err = line_feed(&f, line);
        }
        if (feed->progress != NULL && (f.line % PROGRESS_LINES == 0 || cursor.left == 0)) {
            feed->progress(feed->ctx, text.len - cursor.left, text.len);
        }
    }
    map_done(&f.made_of);
    out_done(&f.made);
    out_done(&f.fields);
    return err;
}

struct json_out command_line_begin(struct out *out, enum command_kind kind, struct str as)
{
    struct json_out j = json_out_of(out);
    json_obj(&j);
    json_kc(&j, "command", command_def(kind)->name);
    if (as.len > 0) {
        json_kstr(&j, "as", as);
    }
    json_key(&j, "fields");
    json_obj(&j);
    return j;
}

void command_line_end(struct json_out *j)
{
    json_obj_end(j);
    json_obj_end(j);
    out_byte(j->out, '\n');
}

void command_line_ref(struct json_out *j, const char *key, enum object_kind kind, struct str code)
{
    char ref[MAX_REF_BYTES];
    (void)snprintf(ref, sizeof ref, "%s:" STR_FMT, object_kind_name(kind), STR_ARG(code));
    json_key(j, key);
    json_obj(j);
    json_kc(j, "$ref", ref);
    json_obj_end(j);
}
