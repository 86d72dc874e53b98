#include "codec/mqtt.h"
#include "base/cursor.h"
#include <string.h>

#define LEVEL_4 4 /* protocol level of 3.1.1 */

/* ------------------------------------------------------- in */

/* Remaining length (2.2.3): at most four bytes, seven bits each. */
static enum err read_length(struct str bytes, size_t *ret_length, size_t *ret_head)
{
    size_t length = 0;
    for (size_t i = 0; i < 4; i++) {
        if (i + 1 >= bytes.len)
            return ERR_MORE;
        uint8_t byte = (uint8_t)bytes.p[i + 1];
        length |= (size_t)(byte & 127) << (7 * i);
        if (byte < 128) {
            *ret_length = length;
            *ret_head = i + 2;
            return length > MQTT_MAX_PACKET ? ERR_LIMIT : OK;
        }
    }
    return ERR_SYNTAX;
}

static uint16_t read_u16(struct cursor *c)
{
    uint16_t high = cursor_u8(c);
    return (uint16_t)(high << 8 | cursor_u8(c));
}

/* 1.5.3: UTF-8 without NUL; 4.7.1.1: no wildcards in the topic of a message. */
static bool is_topic(struct str topic)
{
    return topic.len > 0 && topic.len <= MQTT_MAX_TOPIC && str_is_utf8(topic) &&
           !memchr(topic.p, '+', topic.len) && !memchr(topic.p, '#', topic.len);
}

static bool read_publish(struct cursor *c, uint8_t flags, struct mqtt_packet *packet)
{
    packet->quality = flags >> 1 & 3;
    packet->is_again = flags >> 3 & 1;
    packet->is_retained = flags & 1;
    packet->topic = cursor_take(c, read_u16(c));
    if (packet->quality > 0)
        packet->id = read_u16(c);
    packet->payload = cursor_take(c, c->left);
    return packet->quality < 3 && is_topic(packet->topic) &&
           (packet->quality == 0) == (packet->id == 0);
}

static bool read_connack(struct cursor *c, struct mqtt_packet *packet)
{
    uint8_t flags = cursor_u8(c);
    packet->code = cursor_u8(c);
    packet->has_session = flags & 1;
    return flags < 2 && packet->code <= 5;
}

static bool read_suback(struct cursor *c, struct mqtt_packet *packet)
{
    packet->id = read_u16(c);
    packet->codes = cursor_take(c, c->left);
    for (size_t i = 0; i < packet->codes.len; i++) {
        uint8_t code = (uint8_t)packet->codes.p[i];
        if (code > 2 && code != 0x80)
            return false;
    }
    if (packet->codes.len)
        packet->code = (uint8_t)packet->codes.p[0];
    return packet->id && packet->codes.len > 0;
}

static bool read_body(struct cursor *c, uint8_t flags, struct mqtt_packet *packet)
{
    switch ((int)packet->kind) {
    case MQTT_PUBLISH:
        return read_publish(c, flags, packet);
    case MQTT_CONNACK:
        return flags == 0 && read_connack(c, packet);
    case MQTT_SUBACK:
        return flags == 0 && read_suback(c, packet);
    case MQTT_PUBREL: /* 2.2.2: its flags are 2 */
        packet->id = read_u16(c);
        return flags == 2 && packet->id;
    case MQTT_PUBACK:
    case MQTT_PUBREC:
    case MQTT_PUBCOMP:
    case MQTT_UNSUBACK:
        packet->id = read_u16(c);
        return flags == 0 && packet->id;
    case MQTT_PINGRESP:
        return flags == 0;
    default: /* what only a client sends, and what the protocol has not */
        return false;
    }
}

enum err mqtt_read(struct str bytes, struct mqtt_packet *ret_packet, size_t *ret_used)
{
    size_t length, head;
    if (bytes.len == 0)
        return ERR_MORE;
    struct mqtt_packet packet = {.kind = (enum mqtt_kind)((uint8_t)bytes.p[0] >> 4)};
    enum err err = read_length(bytes, &length, &head);
    if (err)
        return err;
    if (bytes.len - head < length)
        return ERR_MORE;
    struct cursor c = cursor_of(bytes.p + head, length);
    if (!read_body(&c, (uint8_t)bytes.p[0] & 15, &packet) || c.err || c.left)
        return ERR_SYNTAX;
    *ret_packet = packet;
    *ret_used = head + length;
    return OK;
}

/* 3.2.2.3 */
const char *mqtt_connack_text(uint8_t code)
{
    static const char *const texts[] = {
        "accepted",           "protocol version refused", "client identifier refused",
        "server unavailable", "bad user or password",     "not authorized"};
    return code < sizeof texts / sizeof *texts ? texts[code] : "unknown";
}

/* ------------------------------------------------------- out */

static void put_u16(struct out *out, size_t value)
{
    out_byte(out, (uint8_t)(value >> 8));
    out_byte(out, (uint8_t)value);
}

static void put_text(struct out *out, struct str text)
{
    put_u16(out, text.len);
    out_str(out, text);
}

/* First byte and length; the length is the same varint as LEB128. */
static void put_head(struct out *out, enum mqtt_kind kind, uint8_t flags, size_t length)
{
    out_byte(out, (uint8_t)((unsigned)kind << 4 | flags));
    out_varint(out, length);
}

void mqtt_write_connect(const struct mqtt_connect *connect, struct out *out)
{
    bool has_user = connect->user.len > 0;
    size_t length = 10 + 2 + connect->client.len;
    uint8_t flags = connect->wants_session ? 0 : 2;
    if (has_user) {
        length += 4 + connect->user.len + connect->password.len;
        flags |= 0xc0;
    }
    put_head(out, MQTT_CONNECT, 0, length);
    put_text(out, STR("MQTT"));
    out_byte(out, LEVEL_4);
    out_byte(out, flags);
    put_u16(out, connect->keep_alive_s);
    put_text(out, connect->client);
    if (has_user) {
        put_text(out, connect->user);
        put_text(out, connect->password);
    }
}

void mqtt_write_subscribe(uint16_t id, const struct mqtt_filter *filters, size_t count,
                          struct out *out)
{
    size_t length = 2;
    for (size_t i = 0; i < count; i++)
        length += 3 + filters[i].topic.len;
    put_head(out, MQTT_SUBSCRIBE, 2, length);
    put_u16(out, id);
    for (size_t i = 0; i < count; i++) {
        put_text(out, filters[i].topic);
        out_byte(out, filters[i].quality);
    }
}

void mqtt_write_ack(enum mqtt_kind kind, uint16_t id, struct out *out)
{
    put_head(out, kind, kind == MQTT_PUBREL ? 2 : 0, 2);
    put_u16(out, id);
}

void mqtt_write_publish(const struct mqtt_packet *p, struct out *out)
{
    uint8_t flags = (uint8_t)(p->is_again << 3 | p->quality << 1 | p->is_retained);
    put_head(out, MQTT_PUBLISH, flags, 2 + p->topic.len + (p->quality ? 2 : 0) + p->payload.len);
    put_text(out, p->topic);
    if (p->quality)
        put_u16(out, p->id);
    out_str(out, p->payload);
}

void mqtt_write_plain(enum mqtt_kind kind, struct out *out)
{
    put_head(out, kind, 0, 0);
}

/* ------------------------------------------------------- topics */

bool mqtt_filter_is_valid(struct str filter)
{
    struct str rest = filter;
    if (filter.len == 0 || filter.len > MQTT_MAX_TOPIC || !str_is_utf8(filter))
        return false;
    while (rest.p) {
        const char *slash = memchr(rest.p, '/', rest.len);
        struct str level = {rest.p, slash ? (size_t)(slash - rest.p) : rest.len};
        bool is_wild = memchr(level.p, '+', level.len) || memchr(level.p, '#', level.len);
        if (is_wild && level.len != 1)
            return false;
        if (level.len == 1 && level.p[0] == '#' && slash)
            return false;
        rest = slash ? str_from(rest, level.len + 1) : (struct str){0};
    }
    return true;
}

/* Cuts the first level; false: there was none left. */
static bool next_level(struct str *rest, bool *io_has_more, struct str *ret_level)
{
    if (!*io_has_more)
        return false;
    const char *slash = rest->len ? memchr(rest->p, '/', rest->len) : NULL;
    *ret_level = (struct str){rest->p, slash ? (size_t)(slash - rest->p) : rest->len};
    *io_has_more = slash != NULL;
    *rest = str_from(*rest, ret_level->len + (slash ? 1 : 0));
    return true;
}

bool mqtt_matches(struct str filter, struct str topic)
{
    bool more_filter = true, more_topic = true;
    struct str want, have;
    if (topic.len && topic.p[0] == '$' && filter.len && (filter.p[0] == '+' || filter.p[0] == '#'))
        return false;
    while (next_level(&filter, &more_filter, &want)) {
        if (str_eq_c(want, "#"))
            return true;
        if (!next_level(&topic, &more_topic, &have) ||
            (!str_eq_c(want, "+") && !str_eq(want, have)))
            return false;
    }
    return !more_topic;
}
