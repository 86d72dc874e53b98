/* Every record of the model: stored form and JSON are stable, strict and bounded. */
#include "base/rand.h"
#include "model/commands.h"
#include "model/events.h"
#include "model/frames.h"
#include "model/objects.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void fill_value(struct rand *r, const struct field *f, void *v, struct arena *arena)
{
    switch (f->type) {
    case FIELD_U32:
        *(uint32_t *)v = f->max ? rand_below(r, f->max) + 1 : rand_u32(r);
        return;
    case FIELD_I64:
    case FIELD_TIME:
        *(int64_t *)v = (int64_t)rand_u32(r) * 1000;
        return;
    case FIELD_BOOL:
        *(bool *)v = rand_below(r, 2);
        return;
    case FIELD_ENUM:
        *(uint32_t *)v = 1 + rand_below(r, f->values->count - 1);
        return;
    case FIELD_PLACE:
        *(struct place *)v =
            (struct place){(int32_t)rand_below(r, 900000000), (int32_t)rand_below(r, 1800000000)};
        return;
    case FIELD_REF:
        *(uint32_t *)v = 1 + rand_below(r, 100000);
        return;
    case FIELD_REFS: {
        struct refs *refs = v;
        refs->count = rand_below(r, MAX_REFS + 1);
        for (uint32_t i = 0; i < refs->count; i++)
            refs->v[i] = 1 + rand_below(r, 1000);
        return;
    }
    case FIELD_CHARS:
        (void)snprintf(v, f->max, "%u", rand_below(r, 1000));
        return;
    case FIELD_TEXT:
    case FIELD_BYTES:
        *(struct str *)v = arena_printf(arena, "%u", rand_below(r, 1000));
        return;
    case FIELD_PERSONAL:
        ((struct personal *)v)->text = STR("张三 said");
        return;
    case FIELD_JSON:
        *(struct str *)v = STR("{\"a\":[1,2]}");
        return;
    }
}

static void fill(struct rand *r, const struct record *rec, void *obj, struct arena *arena)
{
    uint64_t has = 0;
    for (uint32_t i = 0; i < rec->field_count; i++) {
        if (!rec->fields[i].is_needed && rand_below(r, 3) == 0)
            continue;
        fill_value(r, &rec->fields[i], (char *)obj + rec->fields[i].offset, arena);
        has |= 1ull << i;
    }
    memcpy(obj, &has, sizeof has);
}

static void round_trip(struct rand *r, const struct record *rec)
{
    struct arena arena;
    struct out a, b, text;
    arena_init(&arena, 1 << 20);
    out_init(&a, 1 << 20);
    out_init(&b, 1 << 20);
    out_init(&text, 1 << 20);
    void *obj = arena_alloc(&arena, 1, rec->size), *back = arena_alloc(&arena, 1, rec->size);
    assert_true(rec->field_count <= MAX_RECORD_FIELDS);
    fill(r, rec, obj, &arena);
    record_write(rec, obj, RECORD_WIRE, &a);
    assert_int_equal(record_read(rec, out_view(&a), back), OK);
    record_write(rec, back, RECORD_WIRE, &b);
    assert_true(str_eq(out_view(&a), out_view(&b)));
    /* cut short anywhere: an error or an older, shorter record, never a crash */
    for (size_t n = 0; n < a.len; n++) {
        enum err err = record_read(rec, (struct str){(const char *)a.p, n}, back);
        assert_true(err == OK || err == ERR_MORE || err == ERR_RANGE);
    }
    struct json_out j = json_out_of(&text);
    json_obj(&j);
    record_json_write(rec, obj, 7, &j);
    json_obj_end(&j);
    struct json root;
    struct fault fault = {0};
    assert_int_equal(json_read(out_view(&text), &root, &fault), OK);
    enum err err = record_json_read(rec, root, 7, &arena, back, &fault);
    if (err)
        print_message("%s.%s: %s\n", rec->name, fault.field, fault.text);
    assert_int_equal(err, OK);
    out_reset(&b);
    record_write(rec, back, RECORD_WIRE, &b);
    assert_true(str_eq(out_view(&a), out_view(&b)));
    json_free(root);
    out_done(&a);
    out_done(&b);
    out_done(&text);
    arena_done(&arena);
}

static void test_all_records_round_trip(void **state)
{
    struct rand r;
    (void)state;
    rand_seed(&r, 20261123);
    for (int turn = 0; turn < 20; turn++) {
        for (unsigned k = 1; k < COMMAND_KIND_COUNT; k++) {
            if (command_def((enum command_kind)k))
                round_trip(&r, command_def((enum command_kind)k)->fields);
        }
        for (unsigned k = 1; k < EVENT_KIND_COUNT; k++) {
            if (event_def((enum event_kind)k))
                round_trip(&r, event_def((enum event_kind)k)->fields);
        }
        for (unsigned k = 1; k < OBJECT_KIND_COUNT; k++)
            round_trip(&r, object_record((enum object_kind)k));
        for (unsigned k = 1; k < FRAME_TYPE_COUNT; k++)
            round_trip(&r, frame_record((enum frame_type)k));
    }
}

static void test_field_numbers_are_unique(void **state)
{
    (void)state;
    for (unsigned k = 1; k < OBJECT_KIND_COUNT; k++) {
        const struct record *rec = object_record((enum object_kind)k);
        for (uint32_t a = 0; a < rec->field_count; a++) {
            for (uint32_t b = 0; b < a; b++)
                assert_true(rec->fields[a].number != rec->fields[b].number);
        }
    }
}

static void refuse(const char *json, enum err expected, const char *field)
{
    struct arena arena;
    struct json root;
    struct fault fault = {0};
    struct incident_create fields;
    arena_init(&arena, 1 << 16);
    assert_int_equal(json_read(str_of(json), &root, NULL), OK);
    assert_int_equal(record_json_read(&record_incident_create, root, 1, &arena, &fields, &fault),
                     expected);
    assert_string_equal(fault.field, field);
    json_free(root);
    arena_done(&arena);
}

static void test_json_names_the_bad_field(void **state)
{
    (void)state;
    refuse("{\"type\":\"fire\"}", ERR_SYNTAX, "source");
    refuse("{\"type\":\"\",\"source\":\"phone\"}", ERR_RANGE, "type");
    refuse("{\"type\":\"fire\",\"source\":\"pigeon\"}", ERR_RANGE, "source");
    refuse("{\"type\":\"fire\",\"source\":\"phone\",\"face\":1}", ERR_SYNTAX, "face");
    refuse("{\"type\":\"fire\",\"source\":\"phone\",\"call\":\"unit-1-3\"}", ERR_SYNTAX, "call");
    refuse("{\"type\":\"fire\",\"source\":\"phone\",\"call\":\"call-2-3\"}", ERR_RANGE, "call");
    refuse("{\"type\":\"fire\",\"source\":\"phone\",\"chosen\":{\"lat\":91,\"lon\":0}}", ERR_RANGE,
           "chosen");
    refuse("{\"type\":\"fire\",\"source\":\"phone\",\"chosen_accuracy_m\":-1}", ERR_RANGE,
           "chosen_accuracy_m");
}

static void test_stored_form_has_no_personal_text(void **state)
{
    struct incident_note note = {0};
    struct out out;
    (void)state;
    out_init(&out, 4096);
    SET_HAS(incident_note, &note, text);
    note.text.text = STR("canary-17");
    note.text.payload = 5;
    record_write(&record_incident_note, &note, RECORD_STORED, &out);
    assert_null(memmem(out.p, out.len, "canary", 6));
    out_reset(&out);
    record_write(&record_incident_note, &note, RECORD_WIRE, &out);
    assert_non_null(memmem(out.p, out.len, "canary", 6)); /* control: the wire form carries it */
    out_done(&out);
}

static void test_verbs_and_ids(void **state)
{
    uint32_t realm, number;
    char text[ID_TEXT_CAP];
    (void)state;
    assert_string_equal(command_def(COMMAND_incident_close)->verb, "close");
    assert_string_equal(command_def(COMMAND_unit_sign_on)->verb, "sign_on");
    assert_int_equal(command_kind_of(STR("incident_close")), COMMAND_incident_close);
    assert_int_equal(event_kind_of(STR("incident_moved")), EVENT_incident_moved);
    id_text(OBJECT_incident, 1, 42, text);
    assert_string_equal(text, "incident-1-42");
    assert_int_equal(id_parse(STR("incident-1-42"), OBJECT_incident, &realm, &number), OK);
    assert_int_equal(number, 42);
    assert_int_equal(id_parse(STR("incident-1-42"), OBJECT_unit, &realm, &number), ERR_SYNTAX);
    assert_int_equal(id_parse(STR("incident-1-"), OBJECT_incident, &realm, &number), ERR_SYNTAX);
    assert_int_equal(id_parse(STR("incident-0-4"), OBJECT_incident, &realm, &number), ERR_RANGE);
    static const char *const odd[] = {"incident-1-042", "incident-01-42", "incident-1-+42",
                                      "incident-1-42 ", "incident-1-00",  "Incident-1-42"};
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
        assert_int_equal(id_parse(str_of(odd[i]), OBJECT_incident, &realm, &number), ERR_SYNTAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_records_round_trip),
        cmocka_unit_test(test_field_numbers_are_unique),
        cmocka_unit_test(test_json_names_the_bad_field),
        cmocka_unit_test(test_stored_form_has_no_personal_text),
        cmocka_unit_test(test_verbs_and_ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
