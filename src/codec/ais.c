#include "codec/ais.h"
#include "base/json_out.h"
#include "codec/ais_fields.h"
#include <stdlib.h>
#include <string.h>

#define LOST_BITS 5 /* some receivers tell the fill bits wrong: that many may be missing */
#define ANY UINT32_MAX

/* Which table a message has. `at` and `is`: bits that decide; dac and fid: an application, whose
 * length must be as told but for fill to a whole byte. The first row that fits counts. */
struct variant {
    uint32_t type, min_bits, app_bits;
    uint32_t dac, fid;
    uint32_t at, at_bits, is;
    const struct ais_field *fields;
    size_t field_count;
};
#define FIELDS(table) (table), sizeof(table) / sizeof *(table)
#define PLAIN(type, min, table)                                                                    \
    {                                                                                              \
        type, min, 0, ANY, ANY, 0, 0, 0, FIELDS(table)                                             \
    }
#define BIT(type, min, at, bits, is, table)                                                        \
    {                                                                                              \
        type, min, 0, ANY, ANY, at, bits, is, FIELDS(table)                                        \
    }
#define APP(type, bits, dac, fid, table)                                                           \
    {                                                                                              \
        type, bits, bits, dac, fid, 0, 0, 0, FIELDS(table)                                         \
    }
static const struct variant VARIANTS[] = {
    PLAIN(1, 168, POSITION),
    PLAIN(2, 168, POSITION),
    PLAIN(3, 168, POSITION),
    PLAIN(4, 168, BASE_STATION),
    PLAIN(5, 424, STATIC),
    APP(6, 136, 235, 10, AID_STATE),
    APP(6, 136, 250, 10, AID_STATE),
    PLAIN(6, 88, ADDRESSED),
    PLAIN(7, 72, ACKNOWLEDGE),
    APP(8, 352, 1, 11, WEATHER_OLD),
    APP(8, 360, 1, 31, WEATHER),
    APP(8, 168, 200, 10, INLAND_SHIP),
    PLAIN(8, 56, BROADCAST),
    PLAIN(9, 168, AIRCRAFT),
    PLAIN(10, 72, ASK_TIME),
    PLAIN(11, 168, BASE_STATION),
    PLAIN(12, 72, SAFETY_TO),
    PLAIN(13, 72, ACKNOWLEDGE),
    PLAIN(14, 40, SAFETY),
    PLAIN(15, 88, INTERROGATE),
    PLAIN(16, 92, ASSIGN),
    PLAIN(17, 80, CORRECTIONS),
    PLAIN(18, 168, CLASS_B),
    PLAIN(19, 312, CLASS_B_MORE),
    PLAIN(20, 70, SLOTS),
    PLAIN(21, 272, AID),
    BIT(22, 168, 139, 1, 0, CHANNEL_AREA),
    BIT(22, 168, 139, 1, 1, CHANNEL_TO),
    PLAIN(23, 160, GROUP),
    BIT(24, 160, 38, 2, 0, NAME_A),
    BIT(24, 162, 38, 2, 1, STATIC_B),
    BIT(25, 40, 38, 2, 0, SHORT),
    BIT(25, 56, 38, 2, 1, SHORT_APP),
    BIT(25, 70, 38, 2, 2, SHORT_TO),
    BIT(25, 86, 38, 2, 3, SHORT_TO_APP),
    BIT(26, 60, 38, 2, 0, SHORT),
    BIT(26, 76, 38, 2, 1, SHORT_APP),
    BIT(26, 90, 38, 2, 2, SHORT_TO),
    BIT(26, 106, 38, 2, 3, SHORT_TO_APP),
    PLAIN(27, 96, LONG_RANGE),
};
static const struct ais_field RADIO = {AIS_radio, AIS_UINT, 20};

#define NAME_TEXT(name) #name,
static const char *const NAMES[] = {AIS_NAME_LIST(NAME_TEXT)};
#undef NAME_TEXT

const char *ais_name(enum ais_name name)
{
    return NAMES[name];
}

bool ais_has(const struct ais_msg *msg, enum ais_name name)
{
    return msg->has[name / 64] >> (name % 64) & 1;
}

struct str ais_text(const struct ais_msg *msg, enum ais_name name)
{
    if (!ais_has(msg, name))
        return (struct str){0};
    uint32_t where = (uint32_t)msg->numbers[name];
    return (struct str){msg->text + (where >> 8), where & 255};
}

/* ------------------------------------------------------- bits */

/* count <= 32, first + count within the bytes. */
static uint32_t bits_at(const struct ais_bits *bits, uint32_t first, uint32_t count)
{
    uint64_t word;
    memcpy(&word, bits->bytes + first / 8, sizeof word);
    word = __builtin_bswap64(word) << (first % 8);
    return count ? (uint32_t)(word >> (64 - count)) : 0;
}

static int32_t signed_of(uint32_t value, uint32_t count)
{
    uint32_t top = 1u << (count - 1);
    return (int32_t)((value ^ top) - top);
}

/* Six-bit text ends at the first '@'; blanks behind it are padding. */
static void take_text(const struct ais_bits *bits, uint32_t first, uint32_t count,
                      struct ais_msg *msg, enum ais_name name)
{
    uint32_t start = msg->text_used, end = start;
    for (uint32_t at = first; at + 6 <= first + count && end < AIS_TEXT_CAP; at += 6) {
        uint32_t six = bits_at(bits, at, 6);
        if (six == 0)
            break;
        msg->text[end++] = (char)(six < 32 ? six + 64 : six);
    }
    while (end > start && msg->text[end - 1] == ' ')
        end--;
    msg->text_used = end;
    msg->numbers[name] = (int32_t)(start << 8 | (end - start));
}

/* False: the message ends before this field does. */
static bool take_field(const struct ais_bits *bits, const struct ais_field *field, uint32_t *at,
                       struct ais_msg *msg)
{
    uint32_t count = field->bits ? field->bits : bits->count - *at;
    uint32_t first = *at;
    if (count > bits->count - first)
        return false;
    *at += count;
    if (field->kind == AIS_SPARE)
        return true;
    if (field->kind == AIS_TEXT) {
        take_text(bits, first, count, msg, field->name);
    } else if (field->kind == AIS_DATA) {
        msg->data_first = first;
        msg->data_bits = count;
        msg->numbers[field->name] = 0;
    } else {
        uint32_t value = bits_at(bits, first, count);
        msg->numbers[field->name] =
            field->kind == AIS_INT ? signed_of(value, count) : (int32_t)value;
    }
    msg->has[field->name / 64] |= UINT64_C(1) << (field->name % 64);
    return true;
}

/* ------------------------------------------------------- messages */

static bool fits(const struct variant *v, const struct ais_bits *bits)
{
    if (v->app_bits) {
        uint32_t at = v->type == 6 ? 72 : 40;
        return bits->count >= v->app_bits && bits->count <= v->app_bits + 8 &&
               bits_at(bits, at, 10) == v->dac && bits_at(bits, at + 10, 6) == v->fid;
    }
    return bits->count < v->at + v->at_bits || bits_at(bits, v->at, v->at_bits) == v->is;
}

static const struct variant *variant_of(uint32_t type, const struct ais_bits *bits)
{
    for (size_t i = 0; i < sizeof VARIANTS / sizeof *VARIANTS; i++) {
        if (VARIANTS[i].type == type && fits(&VARIANTS[i], bits))
            return &VARIANTS[i];
    }
    return NULL;
}

/* A craft of a mother ship gives her number where others give their size. */
static bool is_auxiliary(uint32_t mmsi)
{
    return mmsi / 10000000 == 98;
}

enum err ais_decode(const struct ais_bits *bits, struct ais_msg *ret_msg)
{
    if (bits->count < 38)
        return ERR_MORE;
    uint32_t type = bits_at(bits, 0, 6), at = 0;
    const struct variant *v = variant_of(type, bits);
    if (!v)
        return ERR_SYNTAX;
    if (bits->count + (v->app_bits ? 0 : LOST_BITS) < v->min_bits)
        return ERR_MORE;
    ret_msg->type = type;
    ret_msg->fields = v->fields;
    ret_msg->field_count = v->field_count;
    ret_msg->text_used = ret_msg->data_first = ret_msg->data_bits = 0;
    memset(ret_msg->has, 0, sizeof ret_msg->has);
    if (v->fields == STATIC_B && is_auxiliary(bits_at(bits, 8, 30))) {
        ret_msg->fields = STATIC_B_CRAFT;
        ret_msg->field_count = sizeof STATIC_B_CRAFT / sizeof *STATIC_B_CRAFT;
    }
    for (size_t i = 0; i < ret_msg->field_count; i++) {
        if (!take_field(bits, &ret_msg->fields[i], &at, ret_msg))
            break;
    }
    if (type == 26) { /* the state of the channel stands behind the data */
        at = bits->count - RADIO.bits;
        ret_msg->data_bits -= RADIO.bits;
        (void)take_field(bits, &RADIO, &at, ret_msg);
    }
    return OK;
}

/* ------------------------------------------------------- out */

static void write_data(const struct ais_msg *msg, const struct ais_bits *bits, struct json_out *j)
{
    char hex[AIS_MAX_BITS / 4 + 16];
    size_t used = (size_t)snprintf(hex, sizeof hex, "%u:", msg->data_bits);
    for (uint32_t done = 0; done < msg->data_bits; done += 8) {
        uint32_t count = msg->data_bits - done < 8 ? msg->data_bits - done : 8;
        uint32_t byte = bits_at(bits, msg->data_first + done, count) << (8 - count);
        used += (size_t)snprintf(hex + used, sizeof hex - used, "%02x", byte);
    }
    json_kstr(j, "data", (struct str){hex, used});
}

static void write_field(const struct ais_msg *msg, const struct ais_bits *bits,
                        const struct ais_field *field, struct json_out *j)
{
    const char *key = NAMES[field->name];
    if (field->kind == AIS_SPARE || !ais_has(msg, field->name))
        return;
    if (field->kind == AIS_TEXT)
        json_kstr(j, key, ais_text(msg, field->name));
    else if (field->kind == AIS_DATA)
        write_data(msg, bits, j);
    else if (field->kind == AIS_FLAG)
        json_kbool(j, key, msg->numbers[field->name] != 0);
    else if (field->kind == AIS_UINT)
        json_ku64(j, key, (uint32_t)msg->numbers[field->name]);
    else
        json_ki64(j, key, msg->numbers[field->name]);
}

void ais_json(const struct ais_msg *msg, const struct ais_bits *bits, struct out *out)
{
    struct json_out j = json_out_of(out);
    json_obj(&j);
    for (size_t i = 0; i < msg->field_count; i++)
        write_field(msg, bits, &msg->fields[i], &j);
    if (msg->type == 26)
        write_field(msg, bits, &RADIO, &j);
    json_obj_end(&j);
}
