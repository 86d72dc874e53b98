/* MQTT packets: bytes as the standard's examples have them, any split, what breaks the protocol,
 * and topics by the tables of 4.7. */
#include "codec/mqtt.h"
#include "test.h"
#include <string.h>

static void test_written_bytes(void **state)
{
    (void)state;
    struct out out;
    out_init(&out, 1024);
    mqtt_write_connect(&(struct mqtt_connect){.client = STR("c1"),
                                              .user = STR("u"),
                                              .password = STR("p"),
                                              .keep_alive_s = 60,
                                              .wants_session = true},
                       &out);
    static const char connect[] = "\x10\x14\x00\x04MQTT\x04\xc0\x00\x3c\x00\x02"
                                  "c1\x00\x01u\x00\x01p";
    assert_int_equal(out.len, sizeof connect - 1);
    assert_memory_equal(out.p, connect, out.len);
    out_reset(&out);
    mqtt_write_subscribe(10, (struct mqtt_filter[]){{STR("a/b"), 1}, {STR("c/d"), 2}}, 2, &out);
    static const char subscribe[] = "\x82\x0e\x00\x0a\x00\x03"
                                    "a/b\x01\x00\x03"
                                    "c/d\x02"; /* figure 3.23 of the standard */
    assert_int_equal(out.len, sizeof subscribe - 1);
    assert_memory_equal(out.p, subscribe, out.len);
    out_reset(&out);
    mqtt_write_ack(MQTT_PUBACK, 0x1234, &out);
    mqtt_write_plain(MQTT_PINGREQ, &out);
    assert_int_equal(out.len, 6);
    assert_memory_equal(out.p, "\x40\x02\x12\x34\xc0\x00", 6);
    out_done(&out);
}

static void test_read_in_any_split(void **state)
{
    (void)state;
    struct out out;
    struct mqtt_packet sent = {.kind = MQTT_PUBLISH,
                               .id = 7,
                               .quality = 1,
                               .is_again = true,
                               .topic = STR("panic/泊头/1"),
                               .payload = STR("{\"on\":true}")};
    out_init(&out, 1024);
    out_bytes(&out, "\x20\x02\x01\x00", 4);
    mqtt_write_publish(&sent, &out);
    out_bytes(&out, "\x90\x04\x00\x0a\x01\x80", 6);
    out_bytes(&out, "\xd0\x00", 2);
    static const enum mqtt_kind kinds[] = {MQTT_CONNACK, MQTT_PUBLISH, MQTT_SUBACK, MQTT_PINGRESP};
    size_t at = 0, got = 0;
    for (size_t have = 0; have <= out.len; have++) { /* a byte at a time */
        struct mqtt_packet p;
        size_t used;
        enum err err = mqtt_read((struct str){(const char *)out.p + at, have - at}, &p, &used);
        if (err == ERR_MORE)
            continue;
        assert_ok(err);
        assert_int_equal(p.kind, kinds[got]);
        if (p.kind == MQTT_PUBLISH) {
            assert_true(str_eq(p.topic, sent.topic) && str_eq(p.payload, sent.payload));
            assert_true(p.id == 7 && p.quality == 1 && p.is_again && !p.is_retained);
        }
        assert_true(p.kind != MQTT_CONNACK || (p.has_session && p.code == 0));
        assert_true(p.kind != MQTT_SUBACK || (p.codes.len == 2 && (uint8_t)p.codes.p[1] == 0x80));
        at += used;
        got++;
    }
    assert_int_equal(got, 4);
    out_done(&out);
}

static void test_against_the_protocol(void **state)
{
    (void)state;
    const struct str bad[] = {
        STR("\x00\x00"),                     /* kind 0 */
        STR("\xf0\x00"),                     /* kind 15 */
        STR("\x10\x02\x00\x00"),             /* a client's packet */
        STR("\x21\x02\x00\x00"),             /* flags of CONNACK */
        STR("\x20\x02\x02\x00"),             /* reserved bits of CONNACK */
        STR("\x20\x03\x00\x00\x00"),         /* too long */
        STR("\x36\x05\x00\x01\x61\x00\x01"), /* quality 3 */
        STR("\x32\x05\x00\x01\x61\x00\x00"), /* identifier 0 */
        STR("\x30\x03\x00\x01#"),            /* a wildcard in a topic */
        STR("\x30\x02\x00\x00"),             /* no topic */
        STR("\x30\x03\x00\x05\x61"),         /* topic longer than the packet */
        STR("\x30\x04\x00\x02\xc3\x28"),     /* not UTF-8 */
        STR("\x90\x03\x00\x01\x05"),         /* no such code */
        STR("\x60\x02\x00\x01"),             /* PUBREL without its flags */
        STR("\x30\xff\xff\xff\xff\x01"),     /* a length of five bytes */
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct mqtt_packet p;
        size_t used;
        assert_int_equal(mqtt_read(bad[i], &p, &used), ERR_SYNTAX);
    }
    struct mqtt_packet p;
    size_t used;
    assert_int_equal(mqtt_read(STR("\x30\xff\xff\xff\x7f"), &p, &used), ERR_LIMIT);
}

static void test_topics(void **state)
{
    (void)state;
    static const struct {
        const char *filter, *topic;
        bool is_match;
    } cases[] = {
        {"sport/tennis/player1/#", "sport/tennis/player1", true},
        {"sport/tennis/player1/#", "sport/tennis/player1/ranking", true},
        {"sport/#", "sport", true},
        {"#", "a/b/c", true},
        {"sport/tennis/+", "sport/tennis/player1", true},
        {"sport/tennis/+", "sport/tennis/player1/ranking", false},
        {"sport/+", "sport", false},
        {"sport/+", "sport/", true},
        {"+/+", "/finance", true},
        {"/+", "/finance", true},
        {"+", "/finance", false},
        {"#", "$SYS/a", false},
        {"+/a", "$SYS/a", false},
        {"$SYS/#", "$SYS/a", true},
        {"a/b", "a/b", true},
        {"a/b", "a/b/", false},
        {"a/b/", "a/b", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(mqtt_matches(str_of(cases[i].filter), str_of(cases[i].topic)),
                         cases[i].is_match);
    static const char *const good[] = {"#", "+", "a/#", "+/b/+", "/", "a//b"};
    static const char *const bad[] = {"", "a#", "a/#/b", "a+", "+a/b", "##"};
    for (size_t i = 0; i < 6; i++) {
        assert_true(mqtt_filter_is_valid(str_of(good[i])));
        assert_false(mqtt_filter_is_valid(str_of(bad[i])));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_written_bytes),
        cmocka_unit_test(test_read_in_any_split),
        cmocka_unit_test(test_against_the_protocol),
        cmocka_unit_test(test_topics),
    };
    return RUN(tests);
}
