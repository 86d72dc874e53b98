/* Common Alerting Protocol: other people's alerts, the rules that a schema cannot say, attacks. */
#include "base/file.h"
#include "base/utc.h"
#include "codec/cap.h"
#include "test.h"
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

static enum err read_file(const char *name, struct cap_alert *ret_alert, struct fault *fault)
{
    char path[512];
    struct out out;
    (void)snprintf(path, sizeof path, "%s/cap/%s", getenv("ANWANG_TEST_DATA"), name);
    out_init(&out, 1u << 20);
    assert_ok(file_read(path, &out));
    enum err err = cap_read(out_view(&out), &ARENA, ret_alert, fault);
    out_done(&out);
    return err;
}

static void test_other_peoples_alerts(void **state)
{
    (void)state;
    struct cap_alert a;
    struct fault fault = {0};
    assert_ok(read_file("43b080713727.cap", &a, &fault));
    assert_str(a.identifier, "43b080713727");
    assert_int_equal(a.status, CAP_STATUS_Actual);
    assert_int_equal(a.infos[0].categories, 1u << CAP_CATEGORY_Security);
    assert_str(a.infos[0].areas[0].description, "U.S. nationwide and interests worldwide");
    assert_ok(read_file("australia.cap", &a, &fault)); /* with a prefix for the namespace */
    assert_true(a.infos[0].area_count > 0);
    assert_ok(read_file("canada.cap", &a, &fault));
    assert_true(a.info_count == 2); /* in two languages */
    assert_true(a.infos[0].areas[0].ring_count > 0);
    assert_ok(read_file("earthquake-iso8859-1.cap", &a, &fault));
    assert_int_equal(read_file("no_optional_fields.cap", &a, &fault), ERR_UNSUPPORTED);
    assert_int_equal(read_file("weather.cap", &a, &fault), ERR_UNSUPPORTED);
    assert_int_equal(read_file("xee.cap", &a, &fault), ERR_DENIED);
}

#define ALERT(sent, kind, more, info)                                                              \
    "<alert xmlns='urn:oasis:names:tc:emergency:cap:1.2'><identifier>i-1</identifier><sender>a@b"  \
    "</sender><sent>" sent "</sent><status>Actual</status><msgType>" kind                          \
    "</msgType><scope>Public</scope>" more info "</alert>"
#define INFO(times, area)                                                                          \
    "<info><category>Fire</category><event>Fire</event><urgency>Immediate</urgency>"               \
    "<severity>Severe</severity><certainty>Likely</certainty>" times                               \
    "<area><areaDesc>here</areaDesc>" area "</area></info>"
#define SENT "2026-11-23T10:00:00+08:00"

static enum err read_text(const char *text, struct cap_alert *ret_alert, struct fault *fault)
{
    *fault = (struct fault){0};
    return cap_read(str_of(text), &ARENA, ret_alert, fault);
}

static void test_bad_alerts_name_their_element(void **state)
{
    (void)state;
    static const struct {
        const char *text, *element;
    } cases[] = {
        {ALERT("2026-11-23T10:00:00Z", "Alert", "", INFO("", "")), "sent"}, /* no offset */
        {ALERT("2026-11-23T10:00:00", "Alert", "", INFO("", "")), "sent"},
        {ALERT(SENT, "Alarm", "", INFO("", "")), "msgType"},
        {ALERT(SENT, "Alert", "", INFO("", "<polygon>1,1 1,2 2,2</polygon>")), "polygon"},
        {ALERT(SENT, "Alert", "", INFO("", "<polygon>1,1 1,2 2,2 1,1.1</polygon>")), "polygon"},
        {ALERT(SENT, "Alert", "", INFO("", "<polygon>1,1 1,2 2,200 1,1</polygon>")), "polygon"},
        {ALERT(SENT, "Alert", "", INFO("", "<circle>1,1</circle>")), "circle"},
        {ALERT(SENT, "Alert", "", INFO("", "<circle>1,1 -3</circle>")), "circle"},
        {ALERT(SENT, "Alert", "", "<info><event>x</event></info>"), "category"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cap_alert a;
        struct fault fault;
        assert_int_equal(read_text(cases[i].text, &a, &fault), ERR_SYNTAX);
        assert_string_equal(fault.field, cases[i].element);
    }
    /* Blanks of every kind between corners are none of an alert's faults. */
    struct cap_alert a;
    struct fault fault;
    assert_ok(read_text(ALERT(SENT, "Alert", "",
                              INFO("", "<polygon>\n 1,1\t1,2\n2,2 1,1 \n</polygon>"
                                       "<circle>1,1 0.5</circle>")),
                        &a, &fault));
    assert_int_equal(a.infos[0].areas[0].rings[0].count, 3);
    assert_int_equal(a.infos[0].areas[0].circles[0].radius_m, 500);
}

static const char *first_complaint(const char *text)
{
    struct cap_alert a;
    struct fault fault;
    struct cap_complaints c;
    assert_ok(read_text(text, &a, &fault));
    cap_check(&a, &c);
    return c.count ? c.at[0].element : "";
}

static void test_rules_beyond_the_schema(void **state)
{
    (void)state;
#define EXPIRES(time) "<expires>" time "</expires>"
    static const struct {
        const char *text, *element;
    } cases[] = {
        {ALERT(SENT, "Alert", "", INFO(EXPIRES("2026-11-24T10:00:00+08:00"), "")), ""},
        {ALERT(SENT, "Alert", "", INFO(EXPIRES("2026-11-23T09:00:00+08:00"), "")), "expires"},
        {ALERT(SENT, "Alert", "", INFO(EXPIRES("2027-03-23T09:00:00+08:00"), "")), "expires"},
        {ALERT(SENT, "Alert", "", INFO("<effective>2026-11-22T10:00:00+08:00</effective>", "")),
         "effective"},
        {ALERT(SENT, "Alert", "", ""), "info"},
        {ALERT(SENT, "Cancel", "", ""), "references"},
        {ALERT(SENT, "Cancel", "<references>i-0</references>", ""), "references"},
        {ALERT(SENT, "Cancel", "<references>a@b,i-0," SENT "</references>", ""), ""},
        {ALERT(SENT, "Error", "<references>a@b,i-0," SENT "</references>", ""), "note"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(first_complaint(cases[i].text), cases[i].element);
}

static void test_written_alerts_are_read_again(void **state)
{
    (void)state;
    static const char *const names[] = {"43b080713727.cap", "australia.cap", "canada.cap"};
    for (size_t i = 0; i < 3; i++) {
        struct cap_alert a, b;
        struct fault fault;
        struct out first, second;
        out_init(&first, 1u << 20);
        out_init(&second, 1u << 20);
        assert_ok(read_file(names[i], &a, &fault));
        cap_write(&a, &first);
        assert_ok(cap_read(out_view(&first), &ARENA, &b, &fault));
        cap_write(&b, &second);
        assert_true(str_eq(out_view(&first), out_view(&second)));
        assert_int_equal(a.sent_us, b.sent_us);
        assert_int_equal(a.info_count, b.info_count);
        out_reset(&first);
        cap_reference(&b, &first);
        assert_true(str_starts(out_view(&first), a.sender));
        out_done(&first);
        out_done(&second);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_other_peoples_alerts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bad_alerts_name_their_element, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_rules_beyond_the_schema, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_written_alerts_are_read_again, set_up, tear_down),
    };
    return RUN(tests);
}
