/* ais_fields.h - the fields of every AIS message, in the order of their bits.
 * Layer: codec, for ais.c only. Spec: ITU-R M.1371-5 annex 8; the payloads by application: IMO
 * SN.1/Circ.289 and SN/Circ.236 (weather), CCNR inland AIS 2.0 (inland ship), IALA A-126 (aids).
 *
 * U unsigned, I signed, F flag, T six-bit text, D data, S spare; 0 bits: the rest. */
#ifndef CODEC_AIS_FIELDS_H
#define CODEC_AIS_FIELDS_H
#include "codec/ais.h"

#define U(name, bits) {AIS_##name, AIS_UINT, bits},
#define I(name, bits) {AIS_##name, AIS_INT, bits},
#define F(name) {AIS_##name, AIS_FLAG, 1},
#define T(name, bits) {AIS_##name, AIS_TEXT, bits},
#define D(name, bits) {AIS_##name, AIS_DATA, bits},
#define S(bits) {0, AIS_SPARE, bits},
/* clang-format off */
static const struct ais_field POSITION[] = {
    U(type,6) U(repeat,2) U(mmsi,30) U(status,4) I(turn,8) U(speed,10) F(accuracy) I(lon,28)
    I(lat,27) U(course,12) U(heading,9) U(second,6) U(maneuver,2) S(3) F(raim) U(radio,19)
};
static const struct ais_field BASE_STATION[] = {
    U(type,6) U(repeat,2) U(mmsi,30) U(year,14) U(month,4) U(day,5) U(hour,5) U(minute,6)
    U(second,6) F(accuracy) I(lon,28) I(lat,27) U(epfd,4) S(10) F(raim) U(radio,19)
};
static const struct ais_field STATIC[] = {
    U(type,6) U(repeat,2) U(mmsi,30) U(ais_version,2) U(imo,30) T(callsign,42)
    T(shipname,120) U(shiptype,8) U(to_bow,9) U(to_stern,9) U(to_port,6) U(to_starboard,6)
    U(epfd,4) U(month,4) U(day,5) U(hour,5) U(minute,6) U(draught,8) T(destination,120)
    U(dte,1) S(1)
};
static const struct ais_field ADDRESSED[] = {
    U(type,6) U(repeat,2) U(mmsi,30) U(seqno,2) U(dest_mmsi,30) F(retransmit) S(1) U(dac,10)
    U(fid,6) D(data,0)
};
static const struct ais_field AID_STATE[] = {
    U(type,6) U(repeat,2) U(mmsi,30) U(seqno,2) U(dest_mmsi,30) F(retransmit) S(1) U(dac,10)
    U(fid,6) U(ana_int,10) U(ana_ext1,10) U(ana_ext2,10) U(racon,2) U(light,2) F(alarm)
    U(stat_ext,8) F(off_pos) S(4)
};
static const struct ais_field ACKNOWLEDGE[] = {
    U(type,6) U(repeat,2) U(mmsi,30) S(2) U(mmsi1,30) S(2) U(mmsi2,30) S(2) U(mmsi3,30) S(2)
    U(mmsi4,30) S(2)
};
static const struct ais_field BROADCAST[] = {
    U(type,6) U(repeat,2) U(mmsi,30) S(2) U(dac,10) U(fid,6) D(data,0)
};
static const struct ais_field WEATHER_OLD[] = {
    U(type,6) U(repeat,2) U(mmsi,30) S(2) U(dac,10) U(fid,6) I(lat,24) I(lon,25) U(day,5)
    U(hour,5) U(minute,6) U(wspeed,7) U(wgust,7) U(wdir,9) U(wgustdir,9) U(airtemp,11)
    U(humidity,7) U(dewpoint,10) U(pressure,9) U(pressuretend,2) U(visibility,8)
    U(waterlevel,9) U(leveltrend,2) U(cspeed,8) U(cdir,9) U(cspeed2,8) U(cdir2,9)
    U(cdepth2,5) U(cspeed3,8) U(cdir3,9) U(cdepth3,5) U(waveheight,8) U(waveperiod,6)
    U(wavedir,9) U(swellheight,8) U(swellperiod,6) U(swelldir,9) U(seastate,4)
    U(watertemp,10) U(preciptype,3) U(salinity,9) U(ice,2) S(6)
};
static const struct ais_field WEATHER[] = {
    U(type,6) U(repeat,2) U(mmsi,30) S(2) U(dac,10) U(fid,6) I(lon,25) I(lat,24) F(accuracy)
    U(day,5) U(hour,5) U(minute,6) U(wspeed,7) U(wgust,7) U(wdir,9) U(wgustdir,9)
    I(airtemp,11) U(humidity,7) I(dewpoint,10) U(pressure,9) U(pressuretend,2) F(visgreater)
    U(visibility,7) U(waterlevel,12) U(leveltrend,2) U(cspeed,8) U(cdir,9) U(cspeed2,8)
    U(cdir2,9) U(cdepth2,5) U(cspeed3,8) U(cdir3,9) U(cdepth3,5) U(waveheight,8)
    U(waveperiod,6) U(wavedir,9) U(swellheight,8) U(swellperiod,6) U(swelldir,9)
    U(seastate,4) I(watertemp,10) U(preciptype,3) U(salinity,9) U(ice,2) S(10)
};
static const struct ais_field INLAND_SHIP[] = {
    U(type,6) U(repeat,2) U(mmsi,30) S(2) U(dac,10) U(fid,6) T(vin,48) U(length,13)
    U(beam,10) U(shiptype,14) U(hazard,3) U(draught,11) U(loaded,2) F(speed_q) F(course_q)
    F(heading_q) S(8)
};
static const struct ais_field AIRCRAFT[] = {
    U(type,6) U(repeat,2) U(mmsi,30) U(alt,12) U(speed,10) F(accuracy) I(lon,28) I(lat,27)
    U(course,12) U(second,6) U(regional,8) U(dte,1) S(3) F(assigned) F(raim) U(radio,20)
};
static const struct ais_field ASK_TIME[] = {
    U(type,6) U(repeat,2) U(mmsi,30) S(2) U(dest_mmsi,30) S(2)
};
static const struct ais_field SAFETY_TO[] = {
    U(type,6) U(repeat,2) U(mmsi,30) U(seqno,2) U(dest_mmsi,30) F(retransmit) S(1) T(text,0)
};
static const struct ais_field SAFETY[] = {
    U(type,6) U(repeat,2) U(mmsi,30) S(2) T(text,0)
};
static const struct ais_field INTERROGATE[] = {
    U(type,6) U(repeat,2) U(mmsi,30) S(2) U(mmsi1,30) U(type1_1,6) U(offset1_1,12) S(2)
    U(type1_2,6) U(offset1_2,12) S(2) U(mmsi2,30) U(type2_1,6) U(offset2_1,12) S(2)
};
static const struct ais_field ASSIGN[] = {
    U(type,6) U(repeat,2) U(mmsi,30) S(2) U(mmsi1,30) U(offset1,12) U(increment1,10)
    U(mmsi2,30) U(offset2,12) U(increment2,10)
};
static const struct ais_field CORRECTIONS[] = {
    U(type,6) U(repeat,2) U(mmsi,30) S(2) I(lon,18) I(lat,17) S(5) D(data,0)
};
static const struct ais_field CLASS_B[] = {
    U(type,6) U(repeat,2) U(mmsi,30) U(reserved,8) U(speed,10) F(accuracy) I(lon,28)
    I(lat,27) U(course,12) U(heading,9) U(second,6) U(regional,2) F(cs) F(display) F(dsc)
    F(band) F(msg22) F(assigned) F(raim) U(radio,20)
};
static const struct ais_field CLASS_B_MORE[] = {
    U(type,6) U(repeat,2) U(mmsi,30) U(reserved,8) U(speed,10) F(accuracy) I(lon,28)
    I(lat,27) U(course,12) U(heading,9) U(second,6) U(regional,4) T(shipname,120)
    U(shiptype,8) U(to_bow,9) U(to_stern,9) U(to_port,6) U(to_starboard,6) U(epfd,4) F(raim)
    U(dte,1) F(assigned) S(4)
};
static const struct ais_field SLOTS[] = {
    U(type,6) U(repeat,2) U(mmsi,30) S(2) U(offset1,12) U(number1,4) U(timeout1,3)
    U(increment1,11) U(offset2,12) U(number2,4) U(timeout2,3) U(increment2,11) U(offset3,12)
    U(number3,4) U(timeout3,3) U(increment3,11) U(offset4,12) U(number4,4) U(timeout4,3)
    U(increment4,11)
};
static const struct ais_field AID[] = {
    U(type,6) U(repeat,2) U(mmsi,30) U(aid_type,5) T(name,120) F(accuracy) I(lon,28)
    I(lat,27) U(to_bow,9) U(to_stern,9) U(to_port,6) U(to_starboard,6) U(epfd,4) U(second,6)
    F(off_position) U(regional,8) F(raim) F(virtual_aid) F(assigned) S(1) T(name_more,0)
};
static const struct ais_field CHANNEL_AREA[] = {
    U(type,6) U(repeat,2) U(mmsi,30) S(2) U(channel_a,12) U(channel_b,12) U(txrx,4) F(power)
    I(ne_lon,18) I(ne_lat,17) I(sw_lon,18) I(sw_lat,17) F(addressed) F(band_a) F(band_b)
    U(zonesize,3) S(23)
};
static const struct ais_field CHANNEL_TO[] = {
    U(type,6) U(repeat,2) U(mmsi,30) S(2) U(channel_a,12) U(channel_b,12) U(txrx,4) F(power)
    U(dest1,30) S(5) U(dest2,30) S(5) F(addressed) F(band_a) F(band_b) U(zonesize,3) S(23)
};
static const struct ais_field GROUP[] = {
    U(type,6) U(repeat,2) U(mmsi,30) S(2) I(ne_lon,18) I(ne_lat,17) I(sw_lon,18)
    I(sw_lat,17) U(stationtype,4) U(shiptype,8) S(22) U(txrx,2) U(interval,4) U(quiet,4)
    S(6)
};
static const struct ais_field NAME_A[] = {
    U(type,6) U(repeat,2) U(mmsi,30) U(partno,2) T(shipname,120)
};
static const struct ais_field STATIC_B[] = {
    U(type,6) U(repeat,2) U(mmsi,30) U(partno,2) U(shiptype,8) T(vendorid,18) U(model,4)
    U(serial,20) T(callsign,42) U(to_bow,9) U(to_stern,9) U(to_port,6) U(to_starboard,6)
    S(6)
};
static const struct ais_field STATIC_B_CRAFT[] = {
    U(type,6) U(repeat,2) U(mmsi,30) U(partno,2) U(shiptype,8) T(vendorid,18) U(model,4)
    U(serial,20) T(callsign,42) U(mothership_mmsi,30) S(6)
};
static const struct ais_field SHORT[] = {
    U(type,6) U(repeat,2) U(mmsi,30) F(addressed) F(structured) D(data,0)
};
static const struct ais_field SHORT_APP[] = {
    U(type,6) U(repeat,2) U(mmsi,30) F(addressed) F(structured) U(app_id,16) D(data,0)
};
static const struct ais_field SHORT_TO[] = {
    U(type,6) U(repeat,2) U(mmsi,30) F(addressed) F(structured) U(dest_mmsi,30) D(data,0)
};
static const struct ais_field SHORT_TO_APP[] = {
    U(type,6) U(repeat,2) U(mmsi,30) F(addressed) F(structured) U(dest_mmsi,30) U(app_id,16)
    D(data,0)
};
static const struct ais_field LONG_RANGE[] = {
    U(type,6) U(repeat,2) U(mmsi,30) F(accuracy) F(raim) U(status,4) I(lon,18) I(lat,17)
    U(speed,6) U(course,9) F(gnss) S(1)
};
/* clang-format on */
#undef U
#undef I
#undef F
#undef T
#undef D
#undef S
#endif
