/* tags_priv.h - what the tags of ways, nodes and turn restrictions mean.
 * Layer: road, inside only. Threads: pure. */
#ifndef ROAD_TAGS_PRIV_H
#define ROAD_TAGS_PRIV_H
#include "road/pbf_priv.h"
#include "road/road_priv.h"

/* The keys that are read. X(name, text) */
#define ROAD_KEY_LIST(X)                                                                           \
    X(highway, "highway")                                                                          \
    X(name, "name")                                                                                \
    X(oneway, "oneway")                                                                            \
    X(maxspeed, "maxspeed")                                                                        \
    X(ref, "ref")                                                                                  \
    X(junction, "junction")                                                                        \
    X(access, "access")                                                                            \
    X(vehicle, "vehicle")                                                                          \
    X(motor_vehicle, "motor_vehicle")                                                              \
    X(motorcar, "motorcar")                                                                        \
    X(motorcycle, "motorcycle")                                                                    \
    X(emergency, "emergency")                                                                      \
    X(bicycle, "bicycle")                                                                          \
    X(foot, "foot")                                                                                \
    X(oneway_bicycle, "oneway:bicycle")                                                            \
    X(cycleway, "cycleway")                                                                        \
    X(surface, "surface")                                                                          \
    X(area, "area")                                                                                \
    X(route, "route")                                                                              \
    X(duration, "duration")                                                                        \
    X(name_en, "name:en")                                                                          \
    X(name_zh, "name:zh")                                                                          \
    X(alt_name, "alt_name")                                                                        \
    X(left_from, "lf_fadd") /* house numbers of the San Francisco streets */                       \
    X(left_to, "lf_toadd")                                                                         \
    X(right_from, "rt_fadd")                                                                       \
    X(right_to, "rt_toadd")                                                                        \
    X(barrier, "barrier")                                                                          \
    X(type, "type")                                                                                \
    X(restriction, "restriction")                                                                  \
    X(except, "except")                                                                            \
    X(day_on, "day_on")                                                                            \
    X(hour_on, "hour_on")                                                                          \
    X(turn_conditional, "restriction:conditional")                                                 \
    X(turn_vehicle, "restriction:vehicle")                                                         \
    X(turn_motor_vehicle, "restriction:motor_vehicle")                                             \
    X(turn_motorcar, "restriction:motorcar")                                                       \
    X(turn_motorcycle, "restriction:motorcycle")                                                   \
    X(turn_bicycle, "restriction:bicycle")
#define ROAD_KEY_ENUM(name, text) KEY_##name,
enum road_key { KEY_NONE, ROAD_KEY_LIST(ROAD_KEY_ENUM) KEY_COUNT };
#undef ROAD_KEY_ENUM
uint8_t tags_key(struct str key); /* the key function of the reader */

struct way_tags {
    enum road_drop drop; /* when is_kept is false */
    bool is_kept;
    uint32_t road_class, flags, maxspeed_kmh, duration_s;
    struct str name, name_alt;
    uint32_t left_from, left_to, right_from, right_to;
};
struct way_tags tags_of_way(struct pbf_tags tags);

/* A barrier with what its access tags say, see hop_price_ms; BARRIER_NONE: nothing that counts. */
uint32_t tags_of_barrier(struct pbf_tags tags);

struct turn_tags {
    bool is_turn;             /* a turn restriction at all */
    enum road_turn_drop drop; /* ROAD_TURN_DROP_COUNT: kept so far */
    bool is_u_turn;
    uint32_t no_modes, only_modes; /* bits of the modes that it binds */
};
struct turn_tags tags_of_turn(struct pbf_tags tags);
#endif
