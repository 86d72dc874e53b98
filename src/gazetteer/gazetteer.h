/* gazetteer.h - addresses: street names, crossings and house numbers to places.
 * Layer: gazetteer. Threads: a gazetteer is read-only, any; a builder has one owner.
 *
 * `city.names` is made at import from the roads' own names (gazetteer_builder) and mapped whole.
 * What is understood:
 *   "2500 MISSION ST"  "4000 Block of MISSION ST"  "4000 BLOCK MISSION"   house number or block
 *   "16TH ST / MISSION ST"  "16TH AND MISSION"  "16TH & MISSION"          crossing
 *   "MARKET ST"                                                           street
 *   "CALL BOX: 3RD ST / KING ST"  "MISSION ST/16TH ST, SF"                prefixes and tails
 * dropped 南京东路  南京东路100号  南京东路/西藏中路  南京东路西藏中路口           the same in
 * Chinese nanjingdonglu  nanjing dong lu  njdl                                  full pinyin,
 * initials Case, leading zeros of numbered streets (4TH = 04TH), kinds (AV = AVE = AVENUE) and
 * directions (N = NORTH) are folded; a kind may be left out; one typing error in five letters, two
 * in nine. */
#ifndef GAZETTEER_GAZETTEER_H
#define GAZETTEER_GAZETTEER_H
#include "base/out.h"
#include "geo/place.h"

#define GAZETTEER_QUERY_MAX_BYTES 200
#define GAZETTEER_MAX_HITS 50
#define GAZETTEER_NAME_CAP 160

enum gazetteer_kind {
    GAZETTEER_STREET,   /* the street's middle */
    GAZETTEER_BLOCK,    /* middle of the stretch with these hundred numbers */
    GAZETTEER_NUMBER,   /* along the stretch by its number range, on its side */
    GAZETTEER_CROSSING, /* where two streets meet */
    GAZETTEER_POINT,    /* a named place that was added as such */
};
const char *gazetteer_kind_text(enum gazetteer_kind kind); /* "street" ... */

struct gazetteer_hit {
    char name[GAZETTEER_NAME_CAP]; /* as it should be shown, UTF-8 */
    struct place place;
    enum gazetteer_kind kind;
    uint32_t score;      /* 1000 = every word as written; lower = guessed */
    uint32_t accuracy_m; /* how far off the place may be, by its kind and the stretch's length */
};

struct gazetteer;
/* Maps and checks `city.names`. ERR_NOT_FOUND, ERR_IO, ERR_CORRUPT, ERR_UNSUPPORTED, ERR_LIMIT. */
enum err gazetteer_open(const char *path, struct gazetteer **ret_gazetteer,
                        struct fault *ret_fault);
/* The same over bytes, aligned to 8, that must outlive it. */
enum err gazetteer_open_bytes(struct str bytes, struct gazetteer **ret_gazetteer,
                              struct fault *ret_fault);
void gazetteer_close(struct gazetteer *gazetteer);
uint32_t gazetteer_street_count(const struct gazetteer *gazetteer);

/* Best first: score, then name, then place. `near` (or PLACE_NONE) puts the nearer of equals first.
 * Writes *ret_count <= cap hits, 0 when nothing fits. ERR_RANGE: text empty, over
 * GAZETTEER_QUERY_MAX_BYTES or not UTF-8. Also used while typing: the last word may be unfinished.
 */
enum err gazetteer_search(const struct gazetteer *gazetteer, struct str text, struct place near,
                          struct gazetteer_hit *ret_hits, size_t cap, size_t *ret_count);
/* The one best answer for a finished address. ERR_NOT_FOUND, ERR_RANGE. */
enum err gazetteer_resolve(const struct gazetteer *gazetteer, struct str text, struct place near,
                           struct gazetteer_hit *ret_hit);

/* ------------------------------------------------------------------ building */

/* One stretch of a street between two crossings. Texts and places are copied. */
struct gazetteer_stretch {
    struct str name, name_alt;  /* name_alt: another script or language, may be empty */
    const struct place *places; /* as drawn, at least two */
    uint32_t place_count;
    uint32_t tail, head;                               /* crossing numbers: equal numbers meet */
    uint32_t left_from, left_to, right_from, right_to; /* house numbers as drawn, 0 = none */
};
struct gazetteer_builder;
/* `pinyin` is the text of data/pinyin/pinyin.txt; empty: Chinese names are found by characters
 * only. ERR_SYNTAX with line, ERR_LIMIT. */
enum err gazetteer_builder_new(struct str pinyin, struct gazetteer_builder **ret_builder,
                               struct fault *ret_fault);
void gazetteer_builder_free(struct gazetteer_builder *builder);
/* Stretches without a name are skipped. ERR_LIMIT. */
enum err gazetteer_builder_add(struct gazetteer_builder *builder,
                               const struct gazetteer_stretch *stretch);
/* A named place that is no street: a station, a school, a call box. */
enum err gazetteer_builder_point(struct gazetteer_builder *builder, struct str name,
                                 struct str name_alt, struct place place);
/* The whole file into `out`. ERR_LIMIT. */
enum err gazetteer_builder_finish(struct gazetteer_builder *builder, struct out *out);
#endif
