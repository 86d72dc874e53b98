/* frames.h - what processes say to each other: one record per frame type, carried by net/frame.h.
 * Layer: model. Threads: pure. Bodies are records in wire form; the frame header's correlation id
 * pairs question and answer. DESIGN 6. */
#ifndef MODEL_FRAMES_H
#define MODEL_FRAMES_H
#include "model/record.h"

#define MAX_FRAME_BODY_BYTES (8u << 20)
#define TOKEN_HASH_BYTES 32

/* X(number, name): a frame's body is record_frame_NAME. */
#define FRAMES(X)                                                                                  \
    X(1, command)   /* edge, portal, feed -> core */                                               \
    X(2, reply)     /* core -> asker: outcome of command, ask, audit, login */                     \
    X(3, ask)       /* edge -> core: commits nothing */                                            \
    X(4, audit)     /* edge -> core: a look-up of personal data, answered when its line is kept */ \
    X(5, login)     /* edge -> core */                                                             \
    X(6, committed) /* core -> edge, portal, feed: rows up to seq are readable */                  \
    X(7, position)  /* edge -> feed -> core: one fix of one unit */                                \
    X(8, positions) /* core -> edge: last places, lossy, latest wins */                            \
    X(9, deliver)   /* core -> feed: one outbox row */                                             \
    X(10, delivered) /* feed -> core: it left */                                                   \
    X(11, image)     /* edge, portal -> media (fd attached) -> core (fd attached): photo */        \
    X(12, ready)     /* any -> monitor: serving */                                                 \
    X(13, health)    /* core -> edge, portal: figures for /healthz and /metrics */                 \
    X(14, connect)   /* monitor -> any, fd attached: your channel to this peer */                  \
    X(15, cover)     /* core -> edge: the ledger of cover in short, lossy, latest wins */

#define FRAME_ENUM(number, name) FRAME_##name = number,
enum frame_type { FRAME_NONE = 0, FRAMES(FRAME_ENUM) };
#undef FRAME_ENUM
#define FRAME_TYPE_COUNT 16

/* token: BLAKE2b-256 of the session token; empty on the portal's and the feed's channel. */
#define FRAME_COMMAND_FIELDS(F)                                                                    \
    F(1, token, BYTES, TOKEN_HASH_BYTES, DATA_SECRET, OPTIONAL, "hash of the session token")       \
    F(2, kind, U32, 0, DATA_DUTY, NEEDED, "command kind")                                          \
    F(3, object, U32, 0, DATA_DUTY, OPTIONAL, "number of its object")                              \
    F(4, if_match, I64, 0, DATA_DUTY, OPTIONAL, "seq that the giver saw")                          \
    F(5, key, TEXT, 64, DATA_DUTY, OPTIONAL, "idempotency key")                                    \
    F(6, at_us, TIME, 0, DATA_DUTY, OPTIONAL, "when it happened")                                  \
    F(7, at_source, ENUM, clock_source, DATA_DUTY, OPTIONAL, "whose clock")                        \
    F(8, fields, BYTES, 524288, DATA_PERSONAL, NEEDED, "command record, wire form")
RECORD_STRUCT(frame_command, FRAME_COMMAND_FIELDS)

/* What the edge makes of err: SYNTAX RANGE 400, DENIED 403 (field "session": 401), NOT_FOUND 404,
 * STATE 409 with legal, EXISTS 409 (field "Idempotency-Key": 422), STALE 412 with seq, LIMIT 413,
 * BUSY 429 when field is "login" else 503, others 503. */
#define FRAME_REPLY_FIELDS(F)                                                                      \
    F(1, err, U32, 0, DATA_DUTY, NEEDED, "enum err; OK = committed")                               \
    F(2, seq, I64, 0, DATA_DUTY, OPTIONAL, "seq of the object's last event; readable from there")  \
    F(3, object_kind, U32, 0, DATA_DUTY, OPTIONAL, "object that was made or changed")              \
    F(4, object, U32, 0, DATA_DUTY, OPTIONAL, "its number")                                        \
    F(5, is_replayed, BOOL, 0, DATA_DUTY, OPTIONAL, "same key and body as before")                 \
    F(6, field, TEXT, 64, DATA_DUTY, OPTIONAL, "offending field")                                  \
    F(7, detail, TEXT, 400, DATA_DUTY, OPTIONAL, "why refused")                                    \
    F(8, legal, TEXT, 400, DATA_DUTY, OPTIONAL, "verbs possible now, one space between")           \
    F(9, body, BYTES, 8000000, DATA_DUTY, OPTIONAL, "JSON answer of an ask or login")
RECORD_STRUCT(frame_reply, FRAME_REPLY_FIELDS)

#define FRAME_ASK_FIELDS(F)                                                                        \
    F(1, token, BYTES, TOKEN_HASH_BYTES, DATA_SECRET, NEEDED, "hash of the session token")         \
    F(2, topic, TEXT, 32, DATA_DUTY, NEEDED, "recommendation, route, circles, cover")              \
    F(3, object, U32, 0, DATA_DUTY, OPTIONAL, "incident, where there is one")                      \
    F(4, params, BYTES, 65536, DATA_DUTY, OPTIONAL, "JSON object of the query's parameters")
RECORD_STRUCT(frame_ask, FRAME_ASK_FIELDS)

#define FRAME_AUDIT_FIELDS(F)                                                                      \
    F(1, token, BYTES, TOKEN_HASH_BYTES, DATA_SECRET, NEEDED, "hash of the session token")         \
    F(2, purpose, ENUM, purpose, DATA_DUTY, NEEDED, "why")                                         \
    F(3, object_kind, U32, 0, DATA_DUTY, NEEDED, "kind looked at")                                 \
    F(4, object, U32, 0, DATA_DUTY, NEEDED, "number looked at")                                    \
    F(5, what, TEXT, 64, DATA_DUTY, NEEDED, "route and parts, as incident:personal")
RECORD_STRUCT(frame_audit, FRAME_AUDIT_FIELDS)

/* The edge makes the token and sends only its hash; core opens the session. body of the reply: {}.
 */
#define FRAME_LOGIN_FIELDS(F)                                                                      \
    F(1, login, TEXT, 48, DATA_DUTY, NEEDED, "login name")                                         \
    F(2, password, TEXT, 256, DATA_SECRET, NEEDED, "password")                                     \
    F(3, token, BYTES, TOKEN_HASH_BYTES, DATA_SECRET, NEEDED, "hash of the new session's token")   \
    F(4, source, TEXT, 64, DATA_SECRET, NEEDED, "keyed hash of the peer's address, for limits")
RECORD_STRUCT(frame_login, FRAME_LOGIN_FIELDS)

#define FRAME_COMMITTED_FIELDS(F) F(1, seq, I64, 0, DATA_DUTY, NEEDED, "last committed seq")
RECORD_STRUCT(frame_committed, FRAME_COMMITTED_FIELDS)

#define FRAME_POSITION_FIELDS(F)                                                                   \
    F(1, unit, REF, unit, DATA_DUTY, NEEDED, "enrolled unit on duty")                              \
    F(2, place, PLACE, 0, DATA_DUTY, NEEDED, "where")                                              \
    F(3, at_us, TIME, 0, DATA_DUTY, NEEDED, "when, device clock")                                  \
    F(4, accuracy_m, U32, 100000, DATA_DUTY, OPTIONAL, "radius, metres")                           \
    F(5, speed_mm_s, U32, 200000, DATA_DUTY, OPTIONAL, "speed")                                    \
    F(6, course_cdeg, U32, 35999, DATA_DUTY, OPTIONAL, "course over ground, 1/100 degree")         \
    F(7, token, BYTES, TOKEN_HASH_BYTES, DATA_SECRET, OPTIONAL, "session that sends it")
RECORD_STRUCT(frame_position, FRAME_POSITION_FIELDS)

/* items: per unit u32 number, i32 lat_e7, i32 lon_e7, i64 at_us, u32 speed_mm_s, u32 course_cdeg,
 * little endian, 28 bytes each. */
#define POSITION_ITEM_BYTES 28
#define FRAME_POSITIONS_FIELDS(F) F(1, items, BYTES, 524288, DATA_DUTY, NEEDED, "changed places")
RECORD_STRUCT(frame_positions, FRAME_POSITIONS_FIELDS)

#define FRAME_DELIVER_FIELDS(F)                                                                    \
    F(1, id, I64, 0, DATA_DUTY, NEEDED, "outbox row")                                              \
    F(2, channel, TEXT, 64, DATA_DUTY, NEEDED, "where it goes: order:unit-1-7, hook:NAME")         \
    F(3, bytes, BYTES, 262144, DATA_PERSONAL, NEEDED, "what goes")
RECORD_STRUCT(frame_deliver, FRAME_DELIVER_FIELDS)

#define FRAME_DELIVERED_FIELDS(F)                                                                  \
    F(1, id, I64, 0, DATA_DUTY, NEEDED, "outbox row")                                              \
    F(2, err, U32, 0, DATA_DUTY, NEEDED, "enum err; OK = it left")
RECORD_STRUCT(frame_delivered, FRAME_DELIVERED_FIELDS)

#define FRAME_IMAGE_FIELDS(F)                                                                      \
    F(1, token, BYTES, TOKEN_HASH_BYTES, DATA_SECRET, OPTIONAL, "hash of the session token")       \
    F(2, incident, U32, 0, DATA_DUTY, OPTIONAL, "incident that it belongs to")                     \
    F(3, key, TEXT, 64, DATA_DUTY, OPTIONAL, "idempotency key")                                    \
    F(4, media_type, TEXT, 64, DATA_DUTY, NEEDED, "as declared, then as re-encoded")               \
    F(5, size_bytes, U32, 16777216, DATA_DUTY, NEEDED, "bytes in the attached memfd")              \
    F(6, err, U32, 0, DATA_DUTY, OPTIONAL, "media -> core: why it was refused")                    \
    F(7, origin, U32, 0, DATA_DUTY, OPTIONAL,                                                      \
      "set by media: 0 the edge, 1 the portal; core answers there")
RECORD_STRUCT(frame_image, FRAME_IMAGE_FIELDS)

#define FRAME_READY_FIELDS(F) F(1, process, TEXT, 16, DATA_DUTY, NEEDED, "name")
RECORD_STRUCT(frame_ready, FRAME_READY_FIELDS)

#define FRAME_HEALTH_FIELDS(F) F(1, json, BYTES, 16384, DATA_DUTY, NEEDED, "figures as JSON")
RECORD_STRUCT(frame_health, FRAME_HEALTH_FIELDS)

#define FRAME_CONNECT_FIELDS(F) F(1, peer, U32, 16, DATA_DUTY, NEEDED, "number of the peer process")
RECORD_STRUCT(frame_connect, FRAME_CONNECT_FIELDS)

/* units: each u32 number, u32 number of its body, u32 bytes, little endian, then its JSON object.
 */
#define FRAME_COVER_FIELDS(F)                                                                      \
    F(1, json, BYTES, 65536, DATA_DUTY, NEEDED, "as GET /cover, without units, heaviest areas")    \
    F(2, units, BYTES, 65536, DATA_DUTY, OPTIONAL, "the heaviest units")
RECORD_STRUCT(frame_cover, FRAME_COVER_FIELDS)

const struct record *frame_record(enum frame_type type); /* NULL: unknown */
#endif
