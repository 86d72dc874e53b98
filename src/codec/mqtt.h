/* mqtt.h - MQTT 3.1.1 packets, as a subscriber needs them.
 * Layer: codec. Threads: pure. Spec: OASIS MQTT 3.1.1 (ISO/IEC 20922); section numbers at each
 * rule.
 *
 * Own, because a message of quality 1 may be acknowledged only when the core has committed what
 * came of it: the caller writes PUBACK when it knows, not when the packet was read. */
#ifndef CODEC_MQTT_H
#define CODEC_MQTT_H
#include "base/out.h"

#define MQTT_MAX_PACKET (1u << 20) /* of what we read; the protocol has 256 MiB */
#define MQTT_MAX_TOPIC 1024

enum mqtt_kind {
    MQTT_CONNECT = 1,
    MQTT_CONNACK,
    MQTT_PUBLISH,
    MQTT_PUBACK,
    MQTT_PUBREC,
    MQTT_PUBREL,
    MQTT_PUBCOMP,
    MQTT_SUBSCRIBE,
    MQTT_SUBACK,
    MQTT_UNSUBSCRIBE,
    MQTT_UNSUBACK,
    MQTT_PINGREQ,
    MQTT_PINGRESP,
    MQTT_DISCONNECT
};
struct mqtt_packet {
    enum mqtt_kind kind;
    uint16_t id;                /* of all but CONNACK, PINGRESP and quality 0 */
    uint8_t quality;            /* PUBLISH: 0, 1, 2 */
    bool is_again, is_retained; /* PUBLISH */
    bool has_session;           /* CONNACK: the broker kept what we had */
    uint8_t code;               /* CONNACK: 0 = accepted; SUBACK: granted quality of the first */
    struct str codes;           /* SUBACK: one byte a filter, 0x80 = refused */
    struct str topic, payload;  /* PUBLISH */
};
/* What a broker sends. ERR_MORE: not all there; ERR_LIMIT: longer than MQTT_MAX_PACKET; ERR_SYNTAX:
 * against the protocol, the connection must be closed (4.8). Texts point into the bytes. */
enum err mqtt_read(struct str bytes, struct mqtt_packet *ret_packet, size_t *ret_used);
const char *mqtt_connack_text(uint8_t code);

struct mqtt_connect {
    struct str client, user, password; /* user empty: none */
    uint16_t keep_alive_s;
    bool wants_session; /* messages of quality 1 wait for us while we are away */
};
void mqtt_write_connect(const struct mqtt_connect *connect, struct out *out);
struct mqtt_filter {
    struct str topic;
    uint8_t quality;
};
void mqtt_write_subscribe(uint16_t id, const struct mqtt_filter *filters, size_t count,
                          struct out *out);
/* PUBACK, PUBREC, PUBREL, PUBCOMP. */
void mqtt_write_ack(enum mqtt_kind kind, uint16_t id, struct out *out);
void mqtt_write_publish(const struct mqtt_packet *publish, struct out *out);
/* PINGREQ, DISCONNECT. */
void mqtt_write_plain(enum mqtt_kind kind, struct out *out);
/* Does a topic match a filter (4.7)? '+' one level, '#' the rest; neither matches a leading '$'. */
bool mqtt_matches(struct str filter, struct str topic);
bool mqtt_filter_is_valid(struct str filter);
#endif
