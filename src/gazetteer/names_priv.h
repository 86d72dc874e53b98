/* names_priv.h - the file `city.names` and what its parts share. Layer: gazetteer, inside only.
 * All integers little endian, sections at multiples of 8, every index checked at open.
 *
 *   header    magic "ANWNAMES", version, section count, BLAKE2b-256 of what follows the digest
 *   table     {u64 offset, u64 count} for each section
 *   sections  flat arrays: streets by name, their stretches, their crossings ascending, texts */
#ifndef GAZETTEER_NAMES_PRIV_H
#define GAZETTEER_NAMES_PRIV_H
#include "base/digest.h"
#include "gazetteer/gazetteer.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_MAGIC "ANWNAMES"
#define NAMES_VERSION 1u
#define FOLD_CAP 200
#define KIND_CAP 8
#define NAME_CAP ((GAZETTEER_NAME_CAP - 8) / 2) /* of a street: two and a slash fit a hit */

/* A name as it is compared: "04TH ST" -> base "4TH", kind "ST"; 南京东路 -> base 南京东路, no kind.
 */
struct folded {
    char base[FOLD_CAP]; /* upper case, no spaces */
    char kind[KIND_CAP];
};
void fold_name(struct str name, struct folded *ret_folded);
bool is_cjk(uint32_t code_point);
bool has_cjk(struct str text);

struct file_name { /* a street or a named place: bytes in the texts */
    uint32_t name, alt;
    uint32_t base, kind, base_alt, kind_alt;
    uint32_t readings; /* "nan jing dong lu", several readings with commas; empty without Chinese */
};
struct file_street {
    struct file_name names;
    uint32_t stretches, crossings; /* first of each; the next street's is the end */
    struct place middle;
    uint32_t extent_m; /* from its middle to its farthest end */
};
struct file_stretch {
    uint32_t places; /* first; the next stretch's is the end */
    uint32_t left_from, left_to, right_from, right_to;
    uint32_t length_dm;
};
struct file_crossing { /* of a street, ascending by number */
    uint32_t number;
    struct place place;
};
struct file_point {
    struct file_name names;
    struct place place;
};

#define NAMES_SECTIONS(X)                                                                          \
    X(streets, struct file_street)    /* one more: sentinel */                                     \
    X(stretches, struct file_stretch) /* one more: sentinel */                                     \
    X(crossings, struct file_crossing)                                                             \
    X(places, struct place)                                                                        \
    X(points, struct file_point)                                                                   \
    X(texts, char)
#define NAMES_SECTION_ENUM(name, type) SECTION_##name,
enum names_section { NAMES_SECTIONS(NAMES_SECTION_ENUM) SECTION_COUNT };
#undef NAMES_SECTION_ENUM

struct names_header {
    char magic[8];
    uint32_t version, section_count;
    uint8_t digest[DIGEST_BYTES];
    struct {
        uint64_t offset, count;
    } sections[SECTION_COUNT];
};

struct gazetteer {
    struct str bytes;
    bool is_mapped;
#define NAMES_POINTER(section, type) const type *section;
    NAMES_SECTIONS(NAMES_POINTER)
#undef NAMES_POINTER
    uint32_t street_count, stretch_count, crossing_count, place_count, point_count, texts_count;
};

static inline struct str text_at(const struct gazetteer *g, uint32_t at)
{
    return str_of(g->texts + at);
}

/* pinyin.c */
struct pinyin;
enum err pinyin_new(struct str text, struct pinyin **ret_pinyin, struct fault *ret_fault);
void pinyin_free(struct pinyin *pinyin);
/* Appends the readings of a name, NUL-ended; nothing but the NUL without Chinese. */
void pinyin_readings(const struct pinyin *pinyin, struct str name, struct out *out);
enum pinyin_match { PINYIN_NONE, PINYIN_BEGUN, PINYIN_INITIALS, PINYIN_MIXED, PINYIN_FULL };
/* Letters a-z against readings. BEGUN: they are the beginning of more. */
enum pinyin_match pinyin_match(struct str letters, struct str readings);

/* match.c */
struct match {
    uint32_t index; /* street, or point when is_point */
    uint32_t score;
    bool is_point;
};
#define MATCH_MAX 24
/* Best names first, at most MATCH_MAX. */
size_t match_names(const struct gazetteer *g, struct str text, struct match *ret_matches);

/* ask.c: what a text asks for. */
enum ask_form { ASK_NAME, ASK_NUMBER, ASK_BLOCK, ASK_CROSSING };
struct ask {
    enum ask_form form;
    struct str a, b; /* names: pieces of the text */
    bool is_sure;    /* ASK_CROSSING: cannot be one name as well */
    uint32_t number;
};
/* False: nothing is asked ("CALL BOX:"). */
bool ask_parse(struct str text, struct ask *ret_ask);
#endif
