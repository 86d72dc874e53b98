/* nmea.h - one line of NMEA 0183, with its tag block.
 * Layer: codec. Threads: pure. Spec: IEC 61162-1 (sentences), IEC 61162-450 / NMEA 0183 4.10 (tag
 * blocks); docs/formats/nmea.md.
 *
 *   \g:1-2-1604,s:station,c:1418169601*37\!AIVDM,2,1,6,A,53@o...,0*63
 *    tag block: codes and values, checksum  talker formatter fields    checksum */
#ifndef CODEC_NMEA_H
#define CODEC_NMEA_H
#include "base/str.h"

#define NMEA_MAX_LINE 1024 /* the standard has 82; receivers add long tag blocks */
#define NMEA_MAX_FIELDS 40

enum nmea_tag_has {
    NMEA_TAG_TIME = 1,
    NMEA_TAG_SOURCE = 2,
    NMEA_TAG_GROUP = 4,
    NMEA_TAG_LINE = 8,
    NMEA_TAG_DESTINATION = 16,
    NMEA_TAG_TEXT = 32
};
struct nmea_tag {
    uint32_t has;
    int64_t utc_us;                          /* c: seconds or milliseconds since 1970 */
    uint64_t line;                           /* n: */
    uint32_t group_part, group_parts, group; /* g: */
    struct str source, destination, text;    /* s: d: t: */
};
struct nmea {
    struct nmea_tag tag;
    char start; /* '$' parametric, '!' encapsulated */
    bool has_checksum;
    bool has_bad_tag;     /* a tag block is there, but its checksum or a value is wrong: not used */
    struct str talker;    /* "AI"; "P" for a maker's own sentence */
    struct str formatter; /* "VDM"; of a maker's own all the rest */
    size_t field_count;
    struct str fields[NMEA_MAX_FIELDS];
};
/* `line` without its line end; the result points into it. ERR_SYNTAX: no sentence in it (also empty
 * lines and comments); ERR_CORRUPT: the sentence's checksum is wrong;
 * ERR_LIMIT: longer or more fields than the limits. ret_fault->offset is the byte. A sentence
 * without a checksum is read; has_checksum tells. A damaged tag block does not lose its sentence.
 */
enum err nmea_read(struct str line, struct nmea *ret_nmea, struct fault *ret_fault);
/* XOR of all bytes. */
uint8_t nmea_checksum(struct str s);
#endif
