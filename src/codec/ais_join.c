/* ais_join.c - six-bit armour to bits, and parts to whole messages.
 *
 * Parts that wait stand in a small table, found by sentence number, count and channel and by the
 * tag block's group or, without one, its source. When the table is full the one that
 * waited longest goes: a lost part never blocks the others. */
#include "codec/ais.h"
#include <stdlib.h>
#include <string.h>

#define MAX_WAITING 64
#define SOURCE_CAP 16

struct key {
    char source[SOURCE_CAP]; /* of the receiver, or empty */
    uint32_t group;
    uint8_t id, parts, channel;
    char sentence[4];
};
struct waiting {
    bool is_used;
    struct key key;
    uint32_t next_part;
    uint64_t since; /* count of parts seen when it began */
    struct ais_bits bits;
};
struct ais_joiner {
    uint64_t seen, dropped;
    struct waiting table[MAX_WAITING];
};

struct ais_joiner *ais_joiner_new(void)
{
    struct ais_joiner *joiner = calloc(1, sizeof *joiner);
    if (!joiner)
        abort();
    return joiner;
}

void ais_joiner_free(struct ais_joiner *joiner)
{
    free(joiner);
}

uint64_t ais_joiner_dropped(const struct ais_joiner *joiner)
{
    return joiner->dropped;
}

/* ------------------------------------------------------- armour */

/* Six bits of an armour character, 64 and more for what is none: '0'..'W' are 0..39, '`'..'w' the
 * rest. */
static uint32_t six_of(char c)
{
    uint32_t at = (uint32_t)(unsigned char)c - 48;
    if (at < 40)
        return at;
    return at >= 48 && at < 72 ? at - 8 : 64;
}

/* Appends the payload's bits. */
static enum err unarmour(struct str payload, uint32_t fill_bits, struct ais_bits *bits)
{
    uint32_t held = bits->count % 8, at = bits->count / 8, bad = 0;
    uint64_t word = held ? bits->bytes[at] >> (8 - held) : 0;
    if (payload.len * 6 > AIS_MAX_BITS - bits->count)
        return ERR_LIMIT;
    if (payload.len * 6 < fill_bits)
        return ERR_SYNTAX;
    for (size_t i = 0; i < payload.len; i++) {
        uint32_t six = six_of(payload.p[i]);
        bad |= six;
        word = word << 6 | (six & 63);
        held += 6;
        if (held >= 8) {
            held -= 8;
            bits->bytes[at++] = (uint8_t)(word >> held);
        }
    }
    if (bad & 64)
        return ERR_SYNTAX;
    bits->bytes[at] = (uint8_t)(held ? word << (8 - held) : 0);
    bits->count += (uint32_t)payload.len * 6 - fill_bits;
    return OK;
}

/* ------------------------------------------------------- parts */

static bool digit_of(struct str field, uint32_t *ret_value)
{
    if (field.len != 1 || field.p[0] < '0' || field.p[0] > '9')
        return false;
    *ret_value = (uint32_t)(field.p[0] - '0');
    return true;
}

static bool same_key(const struct key *a, const struct key *b)
{
    return a->group == b->group && a->id == b->id && a->parts == b->parts &&
           a->channel == b->channel && memcmp(a->sentence, b->sentence, sizeof a->sentence) == 0 &&
           memcmp(a->source, b->source, sizeof a->source) == 0;
}

static struct key key_of(const struct nmea *nmea, uint32_t parts)
{
    struct key key;
    uint32_t id;
    memset(&key, 0, sizeof key);
    key.parts = (uint8_t)parts;
    key.channel = nmea->fields[3].len ? (uint8_t)nmea->fields[3].p[0] : 0;
    memcpy(key.sentence, nmea->formatter.p, 3);
    if (digit_of(nmea->fields[2], &id))
        key.id = (uint8_t)(id + 1);
    /* Only the first line of a group must name its receiver; some receivers give every group the
     * same number, so the sentence number counts beside it. */
    if (nmea->tag.has & NMEA_TAG_GROUP)
        key.group = nmea->tag.group;
    else if (nmea->tag.has & NMEA_TAG_SOURCE)
        (void)str_copy(nmea->tag.source, key.source, sizeof key.source);
    return key;
}

static struct waiting *find_waiting(struct ais_joiner *joiner, const struct key *key)
{
    for (size_t i = 0; i < MAX_WAITING; i++) {
        if (joiner->table[i].is_used && same_key(&joiner->table[i].key, key))
            return &joiner->table[i];
    }
    return NULL;
}

static struct waiting *make_room(struct ais_joiner *joiner)
{
    struct waiting *oldest = &joiner->table[0];
    for (size_t i = 0; i < MAX_WAITING; i++) {
        if (!joiner->table[i].is_used)
            return &joiner->table[i];
        if (joiner->table[i].since < oldest->since)
            oldest = &joiner->table[i];
    }
    joiner->dropped++;
    return oldest;
}

static enum err join_part(struct ais_joiner *joiner, const struct nmea *nmea, uint32_t parts,
                          uint32_t part, struct ais_bits *ret_bits)
{
    struct key key = key_of(nmea, parts);
    struct waiting *w = find_waiting(joiner, &key);
    uint32_t fill;
    joiner->seen++;
    if (!digit_of(nmea->fields[5], &fill) || fill > 5)
        return ERR_SYNTAX;
    if (part == 1) {
        joiner->dropped += w != NULL; /* a new one under the same number: the old is lost */
        w = w ? w : make_room(joiner);
        memset(&w->bits, 0, sizeof w->bits);
        w->is_used = true;
        w->key = key;
        w->next_part = 1;
        w->since = joiner->seen;
    }
    if (!w || w->next_part != part) {
        if (w)
            w->is_used = false;
        joiner->dropped++;
        return ERR_STATE;
    }
    enum err err = unarmour(nmea->fields[4], part == parts ? fill : 0, &w->bits);
    if (err || part == parts)
        w->is_used = false;
    if (err)
        return err;
    w->next_part++;
    if (part < parts)
        return ERR_MORE;
    *ret_bits = w->bits;
    return OK;
}

enum err ais_join(struct ais_joiner *joiner, const struct nmea *nmea, struct ais_bits *ret_bits)
{
    uint32_t parts, part, fill;
    struct ais_bits bits;
    if (nmea->start != '!' || nmea->field_count < 6 || nmea->formatter.len != 3 ||
        memcmp(nmea->formatter.p, "VD", 2) != 0 ||
        (nmea->formatter.p[2] != 'M' && nmea->formatter.p[2] != 'O'))
        return ERR_SYNTAX;
    if (!digit_of(nmea->fields[0], &parts) || !digit_of(nmea->fields[1], &part) || part == 0 ||
        part > parts)
        return ERR_SYNTAX;
    if (parts > 1)
        return join_part(joiner, nmea, parts, part, ret_bits);
    bits.count = 0;
    if (!digit_of(nmea->fields[5], &fill) || fill > 5)
        return ERR_SYNTAX;
    enum err err = unarmour(nmea->fields[4], fill, &bits);
    if (err)
        return err;
    ret_bits->count = bits.count;
    memcpy(ret_bits->bytes, bits.bytes, bits.count / 8 + 1);
    return OK;
}
