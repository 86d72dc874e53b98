/* ais.h - automatic identification system: radio messages out of !..VDM and !..VDO sentences.
 * Layer: codec. Threads: pure; a joiner has one owner. Spec: ITU-R M.1371-5 annex 8 (messages),
 * IEC 61162-1 (six-bit armour); docs/formats/ais.md.
 *
 * A message is described by one table of fields (ais_fields.h). Decoding fills numbers[] by field
 * name as they stand in the bits, without scale; ais_vessel turns them into plain units and drops
 * every "not available". Binary payloads of known applications (DAC and FI) have tables too. */
#ifndef CODEC_AIS_H
#define CODEC_AIS_H
#include "base/out.h"
#include "codec/nmea.h"
#include "geo/place.h"

#define AIS_MAX_BITS 1192 /* five slots and what some receivers add */
#define AIS_MAX_PARTS 9

/* Every field name there is. */
/* clang-format off */
#define AIS_NAME_LIST(X) \
    X(type) X(repeat) X(mmsi) X(status) X(turn) X(speed) X(accuracy) X(lon) X(lat) X(course) \
    X(heading) X(second) X(maneuver) X(raim) X(radio) X(year) X(month) X(day) X(hour) \
    X(minute) X(epfd) X(ais_version) X(imo) X(callsign) X(shipname) X(shiptype) X(to_bow) \
    X(to_stern) X(to_port) X(to_starboard) X(draught) X(destination) X(dte) X(seqno) \
    X(dest_mmsi) X(retransmit) X(dac) X(fid) X(data) X(mmsi1) X(mmsi2) X(mmsi3) X(mmsi4) \
    X(alt) X(regional) X(assigned) X(text) X(type1_1) X(offset1_1) X(type1_2) X(offset1_2) \
    X(type2_1) X(offset2_1) X(offset1) X(increment1) X(offset2) X(increment2) X(number1) \
    X(timeout1) X(number2) X(timeout2) X(offset3) X(number3) X(timeout3) X(increment3) \
    X(offset4) X(number4) X(timeout4) X(increment4) X(reserved) X(cs) X(display) X(dsc) \
    X(band) X(msg22) X(aid_type) X(name) X(name_more) X(off_position) X(virtual_aid) \
    X(channel_a) X(channel_b) X(txrx) X(power) X(ne_lon) X(ne_lat) X(sw_lon) X(sw_lat) \
    X(dest1) X(dest2) X(addressed) X(band_a) X(band_b) X(zonesize) X(stationtype) X(interval) \
    X(quiet) X(partno) X(vendorid) X(model) X(serial) X(mothership_mmsi) X(structured) \
    X(app_id) X(gnss) X(ana_int) X(ana_ext1) X(ana_ext2) X(racon) X(light) X(alarm) \
    X(stat_ext) X(off_pos) X(wspeed) X(wgust) X(wdir) X(wgustdir) X(airtemp) X(humidity) \
    X(dewpoint) X(pressure) X(pressuretend) X(visgreater) X(visibility) X(waterlevel) \
    X(leveltrend) X(cspeed) X(cdir) X(cspeed2) X(cdir2) X(cdepth2) X(cspeed3) X(cdir3) \
    X(cdepth3) X(waveheight) X(waveperiod) X(wavedir) X(swellheight) X(swellperiod) \
    X(swelldir) X(seastate) X(watertemp) X(preciptype) X(salinity) X(ice) X(vin) X(length) \
    X(beam) X(hazard) X(loaded) X(speed_q) X(course_q) X(heading_q)
/* clang-format on */
#define AIS_NAME_ENUM(name) AIS_##name,
enum ais_name { AIS_NAME_LIST(AIS_NAME_ENUM) AIS_NAME_COUNT };
#undef AIS_NAME_ENUM
const char *ais_name(enum ais_name name);

enum ais_kind { AIS_UINT, AIS_INT, AIS_FLAG, AIS_TEXT, AIS_DATA, AIS_SPARE };
struct ais_field {
    uint8_t name; /* enum ais_name */
    uint8_t kind;
    uint16_t bits; /* 0: the rest of the message */
};

/* The bits of one message, first bit highest. */
struct ais_bits {
    uint32_t count;
    uint8_t bytes[AIS_MAX_BITS / 8 + 8]; /* 8 more, so that a field is one load */
};

#define AIS_TEXT_CAP 256
struct ais_msg {
    uint32_t type;
    const struct ais_field *fields; /* in the message's order */
    size_t field_count;
    uint64_t has[(AIS_NAME_COUNT + 63) / 64];
    int32_t numbers[AIS_NAME_COUNT]; /* valid where `has`; texts: byte in `text` << 8 | length */
    uint32_t data_first, data_bits;  /* of an AIS_DATA field, in the bits it was decoded from */
    uint32_t text_used;
    char text[AIS_TEXT_CAP];
};
bool ais_has(const struct ais_msg *msg, enum ais_name name);
struct str ais_text(const struct ais_msg *msg, enum ais_name name); /* empty: it has none */

/* Reads a whole message. ERR_MORE: fewer bits than its type needs. ERR_SYNTAX: unknown type. */
enum err ais_decode(const struct ais_bits *bits, struct ais_msg *ret_msg);
/* One JSON object: all fields by name, unscaled, data as "bits:hex". */
void ais_json(const struct ais_msg *msg, const struct ais_bits *bits, struct out *out);

/* Puts the parts of messages together: several receivers, channels and messages in one stream. */
struct ais_joiner;
struct ais_joiner *ais_joiner_new(void);
void ais_joiner_free(struct ais_joiner *joiner);
/* Gives the whole message at its last part. ERR_MORE: waits for further parts. ERR_SYNTAX: not a
 * VDM or VDO, or its fields are not as they should be. ERR_LIMIT: longer than a message can be.
 * ERR_STATE: a part whose first ones are not there. */
enum err ais_join(struct ais_joiner *joiner, const struct nmea *nmea, struct ais_bits *ret_bits);
uint64_t ais_joiner_dropped(const struct ais_joiner *joiner); /* parts given up for room */

/* What a message says of a vessel, station or aid, in plain units. */
enum ais_vessel_has {
    AIS_HAS_PLACE = 1,
    AIS_HAS_SPEED = 2,
    AIS_HAS_COURSE = 4,
    AIS_HAS_HEADING = 8,
    AIS_HAS_STATUS = 16,
    AIS_HAS_NAME = 32,
    AIS_HAS_CALLSIGN = 64,
    AIS_HAS_SHIPTYPE = 128,
    AIS_HAS_SIZE = 256,
    AIS_HAS_DRAUGHT = 512,
    AIS_HAS_DESTINATION = 1024,
    AIS_HAS_IMO = 2048,
    AIS_HAS_ALTITUDE = 4096,
    AIS_HAS_SECOND = 8192
};
struct ais_vessel {
    uint32_t has, mmsi;
    struct place place;
    bool is_precise; /* better than 10 m */
    uint32_t speed_mm_s, course_cdeg, heading_cdeg;
    int32_t altitude_m; /* search and rescue aircraft */
    uint32_t second;    /* of the UTC minute at which the place was taken */
    uint32_t status, shiptype, imo;
    uint32_t to_bow_m, to_stern_m, to_port_m, to_starboard_m, draught_mm;
    struct str name, callsign, destination; /* lie in the message */
};
/* ERR_NOT_FOUND: the message says nothing of the kind. */
enum err ais_vessel(const struct ais_msg *msg, struct ais_vessel *ret_vessel);
/* Search and rescue transponder, man overboard, EPIRB: never to be suppressed (M.1371-5 annex 9).
 */
bool ais_is_distress(uint32_t mmsi);
#endif
