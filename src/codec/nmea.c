#include "codec/nmea.h"
#include <string.h>

#define US_PER_MS 1000
#define US_PER_S 1000000
#define SECONDS_MAX INT64_C(100000000000) /* a c: value above it counts milliseconds */

uint8_t nmea_checksum(struct str s)
{
    uint8_t sum = 0;
    for (size_t i = 0; i < s.len; i++)
        sum ^= (uint8_t)s.p[i];
    return sum;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "text*hh" or "text*h": is the text's sum as told? What stands behind the digits is left alone. */
static bool is_sum_right(struct str text, struct str digits)
{
    int value = 0;
    size_t i = 0;
    while (i < digits.len && i < 2 && hex_digit(digits.p[i]) >= 0)
        value = value * 16 + hex_digit(digits.p[i++]);
    return i > 0 && value == nmea_checksum(text);
}

static bool read_group(struct str value, struct nmea_tag *tag)
{
    return str_u32(str_cut(&value, '-'), &tag->group_part) == OK &&
           str_u32(str_cut(&value, '-'), &tag->group_parts) == OK &&
           str_u32(value, &tag->group) == OK;
}

static bool read_time(struct str value, struct nmea_tag *tag)
{
    int64_t number;
    if (str_i64(value, &number) || number < 0 || number > INT64_MAX / US_PER_S)
        return false;
    tag->utc_us = number > SECONDS_MAX ? number * US_PER_MS : number * US_PER_S;
    return true;
}

/* Codes that are not known are passed over. */
static enum err read_tag_code(char code, struct str value, struct nmea_tag *tag)
{
    bool is_read = true;
    uint32_t has = 0;
    if (code == 'g') {
        has = NMEA_TAG_GROUP;
        is_read = read_group(value, tag);
    } else if (code == 'c') {
        has = NMEA_TAG_TIME;
        is_read = read_time(value, tag);
    } else if (code == 'n') {
        has = NMEA_TAG_LINE;
        is_read = str_u64(value, &tag->line) == OK;
    } else if (code == 's') {
        has = NMEA_TAG_SOURCE;
        tag->source = value;
    } else if (code == 'd') {
        has = NMEA_TAG_DESTINATION;
        tag->destination = value;
    } else if (code == 't') {
        has = NMEA_TAG_TEXT;
        tag->text = value;
    }
    tag->has |= has;
    return is_read ? OK : ERR_RANGE;
}

static enum err read_tag(struct str block, struct nmea_tag *ret_tag)
{
    const char *star = memchr(block.p, '*', block.len);
    if (!star)
        return ERR_CORRUPT;
    struct str text = {block.p, (size_t)(star - block.p)};
    if (!is_sum_right(text, str_from(block, text.len + 1)))
        return ERR_CORRUPT;
    while (text.len > 0) {
        struct str item = str_cut(&text, ',');
        if (item.len < 2 || item.p[1] != ':')
            continue;
        enum err err = read_tag_code(item.p[0], str_from(item, 2), ret_tag);
        if (err)
            return err;
    }
    return OK;
}

static void split_address(struct str address, struct nmea *nmea)
{
    size_t talker = 2;
    if (address.len > 0 && address.p[0] == 'P')
        talker = 1;
    else if (address.len < talker)
        talker = address.len;
    nmea->talker = (struct str){address.p, talker};
    nmea->formatter = str_from(address, talker);
}

/* From behind the start character to the end of the line; one pass for sum and commas. */
static enum err read_sentence(struct str s, struct nmea *nmea)
{
    uint8_t sum = 0;
    size_t from = 0, i = 0;
    bool is_address = true;
    for (; i <= s.len; i++) {
        char c = i < s.len ? s.p[i] : '*';
        if (c == ',' || c == '*') {
            struct str field = {s.p + from, i - from};
            if (is_address)
                split_address(field, nmea);
            else if (nmea->field_count == NMEA_MAX_FIELDS)
                return ERR_LIMIT;
            else
                nmea->fields[nmea->field_count++] = field;
            is_address = false;
            from = i + 1;
        }
        if (c == '*')
            break;
        sum ^= (uint8_t)c;
    }
    if (nmea->formatter.len == 0)
        return ERR_SYNTAX;
    if (i >= s.len)
        return OK;
    struct str digits = str_from(s, i + 1);
    if (digits.len < 2 || hex_digit(digits.p[0]) < 0 || hex_digit(digits.p[1]) < 0 ||
        hex_digit(digits.p[0]) * 16 + hex_digit(digits.p[1]) != sum)
        return ERR_CORRUPT;
    nmea->has_checksum = true;
    return OK;
}

enum err nmea_read(struct str line, struct nmea *ret_nmea, struct fault *ret_fault)
{
    struct nmea nmea;
    struct str rest = line;
    memset(&nmea.tag, 0, sizeof nmea.tag);
    nmea.field_count = 0;
    nmea.has_checksum = nmea.has_bad_tag = false;
    nmea.talker = nmea.formatter = (struct str){0};
    if (line.len > NMEA_MAX_LINE)
        return fault_set(ret_fault, ERR_LIMIT, NMEA_MAX_LINE, "the line is too long");
    if (rest.len > 0 && rest.p[0] == '\\') {
        const char *end = memchr(rest.p + 1, '\\', rest.len - 1);
        if (!end)
            return fault_set(ret_fault, ERR_SYNTAX, 0, "the tag block has no end");
        if (read_tag((struct str){rest.p + 1, (size_t)(end - rest.p - 1)}, &nmea.tag) != OK) {
            memset(&nmea.tag, 0, sizeof nmea.tag);
            nmea.has_bad_tag = true;
        }
        rest = str_from(rest, (size_t)(end - rest.p) + 1);
    }
    size_t start = line.len - rest.len;
    if (rest.len == 0 || (rest.p[0] != '$' && rest.p[0] != '!'))
        return fault_set(ret_fault, ERR_SYNTAX, start, "no sentence");
    nmea.start = rest.p[0];
    enum err err = read_sentence(str_from(rest, 1), &nmea);
    if (err)
        return fault_set(ret_fault, err, start, "the sentence is damaged");
    /* Only the fields there are: copying the whole table would cost more than the reading. */
    memcpy(ret_nmea, &nmea, offsetof(struct nmea, fields) + nmea.field_count * sizeof *nmea.fields);
    return OK;
}
