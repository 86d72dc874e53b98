/* NMEA lines and AIS messages against other people's decoders: tests/data/ais. Every message that
 * they give must come out of ours in the same order with the same value in every field, but for the
 * differences listed here by name. */
#include "base/file.h"
#include "base/json.h"
#include "codec/ais.h"
#include "test.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct decoded {
    struct json json; /* of ours */
    uint32_t type;
};
struct stream {
    struct out text;
    struct decoded *messages;
    size_t count;
    uint32_t refused;
};

static void read_data(const char *name, struct out *out)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/ais/%s", getenv("ANWANG_TEST_DATA"), name);
    out_init(out, 4u << 20);
    assert_ok(file_read(path, out));
}

static void decode_line(struct ais_joiner *joiner, struct str line, struct stream *s)
{
    struct nmea nmea;
    struct ais_bits bits;
    static struct ais_msg msg;
    struct out out;
    if (nmea_read(line, &nmea, NULL) != OK || ais_join(joiner, &nmea, &bits) != OK)
        return;
    if (ais_decode(&bits, &msg) != OK) {
        s->refused++;
        return;
    }
    out_init(&out, 1u << 16);
    ais_json(&msg, &bits, &out);
    s->messages = reallocarray(s->messages, s->count + 1, sizeof *s->messages);
    assert_non_null(s->messages);
    s->messages[s->count].type = msg.type;
    assert_ok(json_read(out_view(&out), &s->messages[s->count++].json, NULL));
    out_done(&out);
}

static void stream_init(struct stream *s, const char *name)
{
    struct ais_joiner *joiner = ais_joiner_new();
    *s = (struct stream){0};
    read_data(name, &s->text);
    struct str rest = out_view(&s->text);
    while (rest.len > 0) {
        struct str line = str_cut(&rest, '\n');
        while (line.len > 0 && line.p[line.len - 1] == '\r')
            line.len--;
        decode_line(joiner, line, s);
    }
    ais_joiner_free(joiner);
}

static void stream_done(struct stream *s)
{
    for (size_t i = 0; i < s->count; i++)
        json_free(s->messages[i].json);
    free(s->messages);
    out_done(&s->text);
}

/* ------------------------------------------------------- comparing */

static bool ends_with(const char *text, const char *end)
{
    size_t a = strlen(text), b = strlen(end);
    return a >= b && strcmp(text + a - b, end) == 0;
}

/* What the other decoder derives from fields and does not itself read out of the bits. */
static bool is_derived(const char *key)
{
    return ends_with(key, "_text") || strcmp(key, "class") == 0 || strcmp(key, "device") == 0 ||
           strcmp(key, "scaled") == 0;
}

static bool same_stamp(const char *key, struct str text, struct json ours)
{
    char made[64];
    int64_t month = json_int(json_get(ours, "month")), day = json_int(json_get(ours, "day"));
    int64_t hour = json_int(json_get(ours, "hour")), minute = json_int(json_get(ours, "minute"));
    if (strcmp(key, "eta") == 0)
        (void)snprintf(made, sizeof made, "%02d-%02dT%02d:%02dZ", (int)month, (int)day, (int)hour,
                       (int)minute);
    else if (json_type(json_get(ours, "year")) == JSON_ABSENT) /* weather */
        (void)snprintf(made, sizeof made, "%02dT%02d:%02dZ", (int)day, (int)hour, (int)minute);
    else
        (void)snprintf(made, sizeof made, "%04d-%02d-%02dT%02d:%02d:%02dZ",
                       (int)json_int(json_get(ours, "year")), (int)month, (int)day, (int)hour,
                       (int)minute, (int)json_int(json_get(ours, "second")));
    return str_eq_c(text, made);
}

/* Theirs divided: degrees, knots, metres. */
static double scale_of(const char *key, uint32_t type)
{
    bool is_place = strstr(key, "lon") || strstr(key, "lat");
    if (is_place)
        return type == 27 || type == 17 || type == 22 || type == 23 ? 600 : 600000;
    if (strcmp(key, "speed") == 0)
        return type == 9 || type == 27 ? 1 : 10;
    if (strcmp(key, "course") == 0)
        return type == 27 ? 1 : 10;
    return strcmp(key, "draught") == 0 ? 10 : 1;
}

/* Rate of turn as the other prints it, M.1371-5 table 48: (v / 4.733)^2 degrees a minute. */
static bool same_turn(struct json theirs, int64_t ours)
{
    struct str text = json_text(theirs);
    double rate = (double)ours / 4.733;
    if (json_type(theirs) == JSON_TEXT)
        return (ours == -128 && (str_eq_c(text, "nan") || str_eq_c(text, "n/a"))) ||
               (ours == 127 && str_eq_c(text, "fastright")) ||
               (ours == -127 && str_eq_c(text, "fastleft"));
    /* gpsdecode 3.22 loses the sign. */
    return fabs(fabs(json_number(theirs)) - rate * rate) <= 0.6;
}

/* The other prints long-range and correction places with one digit. */
static double tolerance_of(const char *key, uint32_t type)
{
    bool is_place = strstr(key, "lon") || strstr(key, "lat");
    return is_place && scale_of(key, type) > 600 ? 1.1e-6 : 0.051;
}

static bool same_value(const char *key, struct json theirs, struct json ours, bool is_scaled,
                       uint32_t type)
{
    struct json mine = json_get(ours, key);
    double value = json_number(mine);
    if (strcmp(key, "timestamp") == 0 || strcmp(key, "eta") == 0)
        return same_stamp(key, json_text(theirs), ours);
    if (json_type(mine) == JSON_ABSENT) /* absent at the end of a short message: they print 0 */
        return (json_type(theirs) == JSON_INT && json_int(theirs) == 0) ||
               (json_type(theirs) == JSON_TEXT && json_text(theirs).len == 0) ||
               (json_type(theirs) == JSON_BOOL && !json_is_true(theirs));
    if (json_type(mine) == JSON_TEXT)
        return str_eq(json_text(mine), json_text(theirs));
    if (json_type(mine) == JSON_BOOL)
        return json_is_true(mine) == json_is_true(theirs);
    if (is_scaled && strcmp(key, "turn") == 0)
        return same_turn(theirs, json_int(mine));
    if (!is_scaled)
        return json_type(theirs) == JSON_INT && json_int(theirs) == json_int(mine);
    if (strcmp(key, "speed") == 0 && json_int(mine) == 1023)
        return str_eq_c(json_text(theirs), "nan") || fabs(json_number(theirs) - 102.3) < 0.1;
    value /= scale_of(key, type);
    double told = json_number(theirs);
    if (json_type(theirs) == JSON_TEXT && str_double(json_text(theirs), &told) != OK)
        return false;
    return fabs(told - value) <= tolerance_of(key, type);
}

/* Ours keeps the payload as data where it has no table for the application. */
static bool is_raw_payload(struct json theirs, struct json ours)
{
    return json_type(json_get(ours, "dac")) != JSON_ABSENT &&
           json_type(json_get(ours, "data")) != JSON_ABSENT &&
           json_type(json_get(theirs, "data")) == JSON_ABSENT;
}

/* The other joins the two parts of a static report and so knows the name in part B. */
static bool is_joined_name(const char *key, uint32_t type)
{
    return type == 24 && strcmp(key, "shipname") == 0;
}

/* A name of an aid goes on behind the message. */
static bool is_long_name(const char *key, struct json theirs, struct json ours)
{
    char whole[128];
    struct str a = json_text(json_get(ours, "name")), b = json_text(json_get(ours, "name_more"));
    if (strcmp(key, "name") != 0)
        return false;
    (void)snprintf(whole, sizeof whole, STR_FMT STR_FMT, STR_ARG(a), STR_ARG(b));
    return str_eq_c(json_text(theirs), whole);
}

static uint32_t compare_message(struct json theirs, struct json ours, uint32_t type, size_t line)
{
    bool is_scaled = json_is_true(json_get(theirs, "scaled"));
    uint32_t wrong = 0;
    for (struct json_iter it = json_iter(theirs); it.key; json_next(&it)) {
        if (is_derived(it.key) || is_joined_name(it.key, type) ||
            is_long_name(it.key, it.value, ours) ||
            same_value(it.key, it.value, ours, is_scaled, type))
            continue;
        struct out out;
        out_init(&out, 1u << 16);
        (void)json_canonical(ours, &out);
        print_message("message %zu, type %u: %s differs: ours " STR_FMT "\n", line, type, it.key,
                      STR_ARG(out_view(&out)));
        out_done(&out);
        wrong++;
    }
    return wrong;
}

struct expected {
    const char *log, *json;
    uint32_t messages; /* that both have, so that an empty comparison cannot pass */
    uint32_t raw;      /* applications that the other has a table for and ours has not */
    uint32_t only_ours;
    uint32_t wrong_fields; /* known ones, explained in docs/formats/ais.md */
};

static void compare_file(const struct expected *e)
{
    struct stream s;
    struct out text;
    uint32_t same = 0, raw = 0, wrong = 0, only_ours = 0, only_theirs = 0;
    size_t at = 0, line = 0;
    stream_init(&s, e->log);
    read_data(e->json, &text);
    struct str rest = out_view(&text);
    while (rest.len > 0) {
        struct json theirs;
        struct str row = str_cut(&rest, '\n');
        line++;
        if (row.len == 0 || row.p[0] != '{' || json_read(row, &theirs, NULL) != OK)
            continue;
        int64_t type = json_int(json_get(theirs, "type"));
        int64_t mmsi = json_int(json_get(theirs, "mmsi"));
        size_t next = at;
        while (next < s.count &&
               (s.messages[next].type != type ||
                json_int(json_get(s.messages[next].json, "mmsi")) != mmsi ||
                (type == 24 && json_int(json_get(s.messages[next].json, "partno")) == 0)))
            next++;
        if (json_type(json_get(theirs, "type")) == JSON_ABSENT) {
        } else if (next == s.count) {
            only_theirs++;
            print_message("line %zu: ours lacks " STR_FMT "\n", line, STR_ARG(row));
        } else {
            for (; at < next; at++)
                only_ours += s.messages[at].type != 24;
            if (is_raw_payload(theirs, s.messages[at].json))
                raw++;
            else
                wrong += compare_message(theirs, s.messages[at].json, (uint32_t)type, line);
            at++;
            same++;
        }
        json_free(theirs);
    }
    print_message("%s: %u compared, %u raw, %u fields differ, %u only ours, %u only theirs\n",
                  e->log, same, raw, wrong, only_ours, only_theirs);
    assert_int_equal(only_theirs, 0);
    assert_int_equal(wrong, e->wrong_fields);
    assert_int_equal(same, e->messages);
    assert_int_equal(raw, e->raw);
    assert_int_equal(only_ours, e->only_ours);
    out_done(&text);
    stream_done(&s);
}

static void test_other_decoders(void **state)
{
    (void)state;
    static const struct expected files[] = {
        {"kystverket_first500.nm4", "kystverket_first500.nm4.gpsdecode.json", 440, 0, 0, 0},
        /* Type 26: the radio state stands in the last 24 bits (3.24), theirs leaves it in the data.
         * Type 24: theirs reads seven letters where M.1371-5 has three, a model and a serial. Types
         * 7 and 1: the message ends inside the field; theirs fills it up with noughts. */
        {"gpsd_sample.aivdm", "gpsd_sample.aivdm.ju.chk", 97, 8, 0, 12},
        {"gpsd_ais-nmea-type6-fid55.log", "gpsd_ais-nmea-type6-fid55.log.chk", 1265, 49, 0, 1},
        {"libais_typeexamples.nmea", "libais_typeexamples.nmea.gpsdecode.json", 25, 0, 0, 5},
        {"libais_tagblock.nmea", "libais_tagblock.nmea.gpsdecode.json", 4, 0, 0, 0},
        {"pyais_messages.ais", "pyais_messages.ais.gpsdecode.json", 5, 0, 0, 0},
        {"pyais_mixed.txt", "pyais_mixed.txt.gpsdecode.json", 12, 0, 0, 0},
        {"pyais_sample.ais", "pyais_sample.ais.gpsdecode.json", 11, 0, 0, 0},
        {"gpsd_ais_unpack_sixbit.log", "gpsd_ais_unpack_sixbit.log.chk", 12, 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        compare_file(&files[i]);
}

/* ------------------------------------------------------- plain units, parts and damage */

static enum err decode_text(struct ais_joiner *joiner, const char *line, struct ais_msg *ret_msg)
{
    struct nmea nmea;
    struct ais_bits bits;
    enum err err = nmea_read(str_of(line), &nmea, NULL);
    if (!err)
        err = ais_join(joiner, &nmea, &bits);
    return err ? err : ais_decode(&bits, ret_msg);
}

static void test_vessel_in_plain_units(void **state)
{
    (void)state;
    static struct ais_msg msg;
    struct ais_vessel v;
    struct ais_joiner *joiner = ais_joiner_new();
    assert_ok(decode_text(joiner, "!AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ,0*4A", &msg));
    assert_ok(ais_vessel(&msg, &v));
    assert_int_equal(v.mmsi, 371798000);
    assert_int_equal(v.place.lon_e7, -1233953833);
    assert_int_equal(v.place.lat_e7, 483816333);
    assert_int_equal(v.speed_mm_s, 6327); /* 12.3 knots */
    assert_int_equal(v.course_cdeg, 22400);
    assert_int_equal(v.heading_cdeg, 21500);
    assert_true(v.is_precise && v.second == 33);
    /* Nothing known: no place, course or heading; the stamp says how, not when. */
    assert_ok(decode_text(joiner, "!BSVDM,1,1,,A,13mb9U0P00PRk8fT5nw>4?wj2006,0*5D", &msg));
    assert_ok(ais_vessel(&msg, &v));
    assert_true(v.has & AIS_HAS_PLACE);
    assert_false(v.has & (AIS_HAS_COURSE | AIS_HAS_HEADING));
    assert_true(ais_is_distress(970123456) && ais_is_distress(972000001) &&
                ais_is_distress(974999999) && !ais_is_distress(371798000));
    ais_joiner_free(joiner);
}

#define PART_1 "!AIVDM,2,1,1,A,55?MbV02;H;s<HtKR20EHE:0@T4@Dn2222222216L961O5Gf0NSQEp6ClRp8,0*1C"
#define PART_2 "!AIVDM,2,2,1,A,88888888880,2*25"

static void test_parts(void **state)
{
    (void)state;
    static struct ais_msg msg;
    struct ais_vessel v;
    struct ais_joiner *joiner = ais_joiner_new();
    assert_int_equal(decode_text(joiner, PART_2, &msg), ERR_STATE); /* nothing to join it to */
    assert_int_equal(decode_text(joiner, PART_1, &msg), ERR_MORE);
    assert_ok(decode_text(joiner, PART_2, &msg));
    assert_ok(ais_vessel(&msg, &v));
    assert_str(v.name, "EVER DIADEM");
    assert_int_equal(decode_text(joiner, PART_2, &msg), ERR_STATE); /* a message is given once */
    ais_joiner_free(joiner);
}

/* A lost last part never blocks: the table's oldest goes, and it is counted. */
static void test_table_of_parts_is_bounded(void **state)
{
    (void)state;
    static struct ais_msg msg;
    char line[200], text[32];
    struct ais_joiner *joiner = ais_joiner_new();
    for (int i = 0; i < 200; i++) {
        struct str body;
        (void)snprintf(text, sizeof text, "g:1-2-%d", i);
        uint8_t sum = nmea_checksum(str_of(text));
        (void)snprintf(line, sizeof line, "\\%s*%02X\\%s", text, sum, PART_1);
        body = str_of(line);
        assert_true(body.len < sizeof line - 1);
        assert_int_equal(decode_text(joiner, line, &msg), ERR_MORE);
    }
    assert_int_equal(ais_joiner_dropped(joiner), 200 - 64);
    ais_joiner_free(joiner);
}

/* Each single wrong character of a sentence is found by its checksum. */
static void test_damage_is_found(void **state)
{
    (void)state;
    static const char good[] = "!AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ,0*4A";
    struct nmea nmea;
    char bad[sizeof good];
    assert_ok(nmea_read(str_of(good), &nmea, NULL));
    assert_true(nmea.has_checksum);
    for (size_t i = 1; i < sizeof good - 4; i++) {
        memcpy(bad, good, sizeof good);
        bad[i] = bad[i] == 'Q' ? 'R' : 'Q';
        assert_int_not_equal(nmea_read(str_of(bad), &nmea, NULL), OK);
    }
    struct fault fault;
    assert_int_equal(nmea_read(STR("# a comment"), &nmea, &fault), ERR_SYNTAX);
    assert_int_equal(nmea_read(STR("\\c:1*00"), &nmea, &fault), ERR_SYNTAX);
    assert_int_equal(nmea_read(STR(""), &nmea, &fault), ERR_SYNTAX);
}

static void test_tag_block(void **state)
{
    (void)state;
    struct nmea nmea;
    assert_ok(nmea_read(STR("\\g:1-2-1604,s:rORBCOMM008,c:1418169601,T:2014-12-10 00.00.01*37\\"
                            "!AIVDM,2,1,6,A,53@o0E000001Q0CG37U8u<Tp4q@"
                            "D00000000000018330400000000000000,0*63"),
                        &nmea, NULL));
    assert_int_equal(nmea.tag.has, NMEA_TAG_GROUP | NMEA_TAG_SOURCE | NMEA_TAG_TIME);
    assert_int_equal(nmea.tag.group, 1604);
    assert_int_equal(nmea.tag.group_part, 1);
    assert_str(nmea.tag.source, "rORBCOMM008");
    assert_int_equal(nmea.tag.utc_us, 1418169601000000);
    /* A damaged block is not believed, but does not lose its sentence. */
    assert_ok(nmea_read(STR("\\c:1418169601*00\\!AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ,0*4A"),
                        &nmea, NULL));
    assert_int_equal(nmea.tag.has, 0);
    assert_true(nmea.has_bad_tag);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_other_decoders),  cmocka_unit_test(test_vessel_in_plain_units),
        cmocka_unit_test(test_parts),           cmocka_unit_test(test_table_of_parts_is_bounded),
        cmocka_unit_test(test_damage_is_found), cmocka_unit_test(test_tag_block),
    };
    return RUN(tests);
}
