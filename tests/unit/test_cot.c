/* Cursor on Target in both forms, and the capped XML beneath: other people's events, round trips,
 * any split of a stream, hostile documents. */
#include "base/file.h"
#include "base/rand.h"
#include "base/utc.h"
#include "codec/cot.h"
#include "codec/xml.h"
#include "codec/xml_out.h"
#include "test.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct arena ARENA;

static int set_up(void **state)
{
    (void)state;
    arena_init(&ARENA, 16u << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_done(&ARENA);
    return 0;
}

static enum err read_file(const char *name, struct cot_event *ret_event, struct fault *fault)
{
    char path[512];
    struct out out;
    (void)snprintf(path, sizeof path, "%s/cot/%s", getenv("ANWANG_TEST_DATA"), name);
    out_init(&out, XML_MAX_BYTES);
    assert_ok(file_read(path, &out));
    enum err err = cot_read_xml(out_view(&out), &ARENA, ret_event, fault);
    out_done(&out);
    return err;
}

static void test_other_peoples_events(void **state)
{
    (void)state;
    struct cot_event e;
    struct fault fault = {0};
    assert_ok(read_file("node-cot_cot-emergency-test-ts_0.xml", &e, &fault));
    assert_str(e.type, "b-a-o");
    assert_str(e.uid, "17eaa1c4-e137-4328-b5e4-294d2a7fd01d");
    assert_int_equal(e.stale_us - e.start_us, 15 * 60 * US_PER_S);
    assert_ok(read_file("node-cot_cot-itak-test-ts_1.xml", &e, &fault));
    assert_str(e.type, "a-f-G-E-V-C");
    assert_int_equal(e.course_cdeg, 13724);
    assert_int_equal(e.height_mm, 1681237);
    assert_false(e.has & (COT_HAS_SPEED | COT_HAS_CIRCLE | COT_HAS_LINEAR)); /* 9999999: unknown */
    for (int i = 0; i < 2; i++)
        assert_ok(
            read_file(i ? "node-cot_cot-spotted-test-ts_0.xml" : "node-cot_milsym-test-ts_0.xml",
                      &e, &fault));
    /* No type: the reader says which field. */
    assert_int_not_equal(read_file("node-cot_cli-test-ts_0.xml", &e, &fault), OK);
}

static struct cot_event sample(void)
{
    return (struct cot_event){
        .has = COT_HAS_HEIGHT | COT_HAS_CIRCLE | COT_HAS_LINEAR | COT_HAS_COURSE | COT_HAS_SPEED |
               COT_HAS_BATTERY,
        .uid = STR("unit-1-7"),
        .type = STR("a-f-G-U-C"),
        .how = STR("m-g"),
        .time_us = 1700000000123000,
        .start_us = 1700000000123000,
        .stale_us = 1700000060000000,
        .place = {312345678, 1214567891},
        .height_mm = -1250,
        .circle_mm = 9800,
        .linear_mm = 12345,
        .course_cdeg = 35999,
        .speed_mm_s = 13888,
        .battery_percent = 0,
        .callsign = STR("巡逻 <1> & \"2\""),
        .group = STR("Cyan"),
        .role = STR("Team Member"),
    };
}

static void assert_same(const struct cot_event *a, const struct cot_event *b)
{
    assert_int_equal(a->has, b->has);
    assert_true(str_eq(a->uid, b->uid) && str_eq(a->type, b->type) && str_eq(a->how, b->how));
    assert_true(str_eq(a->callsign, b->callsign) && str_eq(a->group, b->group));
    assert_true(str_eq(a->role, b->role) && str_eq(a->remarks, b->remarks));
    assert_int_equal(a->time_us, b->time_us);
    assert_int_equal(a->start_us, b->start_us);
    assert_int_equal(a->stale_us, b->stale_us);
    assert_true(place_eq(a->place, b->place));
    assert_int_equal(a->height_mm, b->height_mm);
    assert_int_equal(a->circle_mm, b->circle_mm);
    assert_int_equal(a->linear_mm, b->linear_mm);
    assert_int_equal(a->course_cdeg, b->course_cdeg);
    assert_int_equal(a->speed_mm_s, b->speed_mm_s);
    assert_int_equal(a->battery_percent, b->battery_percent);
}

static enum err read_form(enum cot_form form, struct str bytes, struct cot_event *ret_event)
{
    return form == COT_XML ? cot_read_xml(bytes, &ARENA, ret_event, NULL)
                           : cot_read_protobuf(bytes, &ARENA, ret_event, NULL);
}

static void test_round_trip_and_any_split(void **state)
{
    (void)state;
    struct out stream;
    struct cot_event plain = sample(), bare = sample();
    bare.has = 0;
    bare.height_mm = 0;
    bare.circle_mm = bare.linear_mm = bare.course_cdeg = bare.speed_mm_s = 0;
    bare.callsign = bare.group = bare.role = (struct str){0};
    out_init(&stream, 1u << 20);
    cot_write_xml(&plain, &stream);
    cot_write_protobuf(&plain, &stream);
    out_c(&stream, "\r\n  ");
    cot_write_xml(&bare, &stream);
    cot_write_protobuf(&bare, &stream);
    static const enum cot_form forms[] = {COT_XML, COT_PROTOBUF, COT_XML, COT_PROTOBUF};
    /* However many bytes come at a time, the same four events come out. */
    for (size_t step = 1; step < stream.len; step = step < 8 ? step + 1 : step * 2) {
        size_t at = 0, got = 0, have = 0;
        while (got < 4) {
            enum cot_form form;
            struct str event;
            size_t used;
            struct cot_event e;
            enum err err = cot_frame((struct str){(const char *)stream.p + at, have - at}, &form,
                                     &event, &used);
            if (err == ERR_MORE) {
                assert_true(have < stream.len);
                have = have + step < stream.len ? have + step : stream.len;
                continue;
            }
            assert_ok(err);
            assert_int_equal(form, forms[got]);
            assert_ok(read_form(form, event, &e));
            assert_same(&e, got < 2 ? &plain : &bare);
            at += used;
            got++;
        }
        assert_int_equal(at, stream.len);
    }
    out_done(&stream);
}

static void test_bad_streams(void **state)
{
    (void)state;
    enum cot_form form;
    struct str event;
    size_t used;
    static char big[COT_MAX_EVENT_BYTES + 100] = "<event ";
    memset(big + 7, 'x', sizeof big - 7);
    assert_int_equal(cot_frame(STR("<html>"), &form, &event, &used), ERR_SYNTAX);
    assert_int_equal(cot_frame((struct str){big, sizeof big}, &form, &event, &used), ERR_LIMIT);
    assert_int_equal(cot_frame(STR("\xbf\xff\xff\xff\x7f"), &form, &event, &used), ERR_LIMIT);
    assert_int_equal(cot_frame(STR("\xbf\xff\xff\xff\xff\xff\x01"), &form, &event, &used),
                     ERR_SYNTAX);
    assert_int_equal(cot_frame(STR("<ev"), &form, &event, &used), ERR_MORE);
    struct cot_event e;
    assert_int_equal(cot_read_protobuf(STR(""), &ARENA, &e, NULL), ERR_NOT_FOUND);
    assert_int_equal(cot_read_protobuf(STR("\x12\x7f"), &ARENA, &e, NULL), ERR_SYNTAX);
}

static void test_bad_events_name_their_field(void **state)
{
    (void)state;
#define EVENT(uid, stale, lat)                                                                     \
    "<event version='2.0' " uid " type='a' how='m' time='2024-01-01T00:00:00Z' "                   \
    "start='2024-01-01T00:00:00Z' stale='" stale "'><point lat='" lat                              \
    "' lon='1' hae='0' ce='1' le='1'/></event>"
    static const struct {
        const char *text, *field;
    } cases[] = {
        {EVENT("uid='u'", "2024-01-01T00:01:00Z", "91"), "lat"},
        {EVENT("uid='u'", "2024-01-01T00:01:00Z", "nan"), "lat"},
        {EVENT("uid='u'", "2023-01-01T00:01:00Z", "1"), "stale"},
        {EVENT("uid='u'", "tomorrow", "1"), "stale"},
        {EVENT("", "2024-01-01T00:01:00Z", "1"), "uid"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cot_event e;
        struct fault fault = {0};
        assert_int_not_equal(cot_read_xml(str_of(cases[i].text), &ARENA, &e, &fault), OK);
        assert_string_equal(fault.field, cases[i].field);
    }
    struct cot_event good;
    assert_ok(
        cot_read_xml(str_of(EVENT("uid='u'", "2024-01-01T00:01:00Z", "1")), &ARENA, &good, NULL));
}

/* ------------------------------------------------------- XML */

static enum err read_text(const char *text)
{
    const struct xml *root;
    return xml_read(str_of(text), &ARENA, &root, NULL);
}

static void test_hostile_xml(void **state)
{
    (void)state;
    char deep[8 * (XML_MAX_DEPTH + 2)] = "";
    for (size_t i = 0; i <= XML_MAX_DEPTH; i++)
        memcpy(deep + 3 * i, "<a>", 4);
    assert_int_equal(read_text("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"), ERR_DENIED);
    assert_int_equal(read_text("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>"), ERR_DENIED);
    assert_int_equal(read_text("<a>&b;</a>"), ERR_SYNTAX);
    assert_int_equal(read_text(deep), ERR_LIMIT);
    assert_int_equal(read_text("<a><b></a>"), ERR_SYNTAX);
    assert_int_equal(read_text(""), ERR_SYNTAX);
    static char wide[200000] = "<a";
    size_t at = 2;
    for (int i = 0; i < 5000; i++)
        at += (size_t)snprintf(wide + at, sizeof wide - at, " x%d='%d'", i, i);
    (void)snprintf(wide + at, sizeof wide - at, "/>");
    assert_int_equal(read_text(wide), ERR_LIMIT);
    assert_ok(read_text("<a xmlns='urn:x'><b>1</b> <b>2</b><![CDATA[<raw>]]></a>"));
}

static void test_tree_and_writer(void **state)
{
    (void)state;
    const struct xml *root;
    struct out out;
    struct xml_out x;
    out_init(&out, 1u << 16);
    x = xml_out_of(&out);
    xml_open(&x, "a");
    xml_put_c(&x, "q", "<\"'&>\n\t");
    xml_element(&x, "b", STR("one"));
    xml_element(&x, "b", STR("two & \x01 three"));
    xml_open(&x, "c");
    xml_close(&x);
    xml_close(&x);
    assert_ok(xml_read(out_view(&out), &ARENA, &root, NULL));
    assert_str(xml_attr(root, "q"), "<\"'&>\n\t");
    assert_int_equal(xml_count(root, "b"), 2);
    assert_str(xml_text(root, "b"), "one");
    assert_str(xml_more(xml_child(root, "b"))->text, "two & \xef\xbf\xbd three");
    assert_null(xml_child(root, "d"));
    out_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_other_peoples_events, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_round_trip_and_any_split, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bad_streams, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bad_events_name_their_field, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_hostile_xml, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_tree_and_writer, set_up, tear_down),
    };
    return RUN(tests);
}
