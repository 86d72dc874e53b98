/* pinyin.c - Chinese names by the letters of their sounds. A name is kept as its characters'
 * readings; a query is matched by walking the readings with the set of places in the query that may
 * have been reached, one bit each: a character takes one of its readings whole, or only its
 * initial. */
#include "base/cursor.h"
#include "base/map.h"
#include "gazetteer/names_priv.h"

#define MAX_PAIRS 100000
#define MAX_LETTERS 60
#define READING_CAP 8

struct reading {
    char text[READING_CAP];
    uint32_t next; /* another reading of the same character, + 1; 0 = none */
};
struct pinyin {
    struct map first; /* character -> reading + 1 */
    struct reading *readings;
    size_t count, cap;
};

static enum err add_reading(struct pinyin *pinyin, uint32_t character, struct str syllable)
{
    struct reading reading = {0};
    uint32_t first = 0;
    if (pinyin->count == MAX_PAIRS)
        return ERR_LIMIT;
    if (pinyin->count == pinyin->cap) {
        size_t cap = pinyin->cap ? 2 * pinyin->cap : 1024;
        struct reading *grown = reallocarray(pinyin->readings, cap, sizeof *grown);
        if (!grown)
            return ERR_LIMIT;
        pinyin->readings = grown;
        pinyin->cap = cap;
    }
    (void)str_copy(syllable, reading.text, sizeof reading.text);
    if (map_get(&pinyin->first, character, &first))
        reading.next = first;
    pinyin->readings[pinyin->count] = reading;
    return map_put(&pinyin->first, character, (uint32_t)++pinyin->count);
}

static bool is_syllable(struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.p[i] < 'a' || s.p[i] > 'z')
            return false;
    }
    return s.len > 0 && s.len < READING_CAP;
}

enum err pinyin_new(struct str text, struct pinyin **ret_pinyin, struct fault *ret_fault)
{
    struct pinyin *pinyin = calloc(1, sizeof *pinyin);
    struct cursor c = cursor_of(text.p, text.len);
    uint32_t line_number = 0;
    enum err err = pinyin ? OK : ERR_LIMIT;
    if (err)
        return err;
    map_init(&pinyin->first, MAX_PAIRS);
    while (c.left && !err) {
        struct str rest = str_trim(cursor_line(&c));
        line_number++;
        if (rest.len == 0 || rest.p[0] == '#')
            continue;
        struct str syllable = str_cut(&rest, ' ');
        if (!is_syllable(syllable) || rest.len == 0 || !str_is_utf8(rest))
            err = ERR_SYNTAX;
        for (size_t at = 0; at < rest.len && !err;)
            err = add_reading(pinyin, str_utf8_next(rest, &at), syllable);
    }
    if (err) {
        pinyin_free(pinyin);
        if (ret_fault)
            ret_fault->line = line_number;
        return fault_set(ret_fault, err, 0, "pinyin table: not `syllable characters`");
    }
    *ret_pinyin = pinyin;
    return OK;
}

void pinyin_free(struct pinyin *pinyin)
{
    if (!pinyin)
        return;
    map_done(&pinyin->first);
    free(pinyin->readings);
    free(pinyin);
}

void pinyin_readings(const struct pinyin *pinyin, struct str name, struct out *out)
{
    bool is_first = true;
    for (size_t at = 0; at < name.len && has_cjk(name);) {
        uint32_t c = str_utf8_next(name, &at), reading = 0;
        bool is_plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!is_plain && !map_get(&pinyin->first, c, &reading))
            continue;
        if (!is_first)
            out_byte(out, ' ');
        is_first = false;
        if (is_plain)
            out_byte(out, (uint8_t)(c >= 'A' && c <= 'Z' ? c + 32 : c));
        for (; reading; reading = pinyin->readings[reading - 1].next) {
            out_c(out, pinyin->readings[reading - 1].text);
            if (pinyin->readings[reading - 1].next)
                out_byte(out, ',');
        }
    }
    out_byte(out, 0);
}

/* ------------------------------------------------------- matching */

struct reach { /* bit i: the first i letters are used up */
    uint64_t full, initials, any;
};

/* Letters of the query from `at` that the reading shares. */
static size_t common(struct str letters, size_t at, struct str reading)
{
    size_t n = 0;
    while (n < reading.len && at + n < letters.len && letters.p[at + n] == reading.p[n])
        n++;
    return n;
}

/* Initials are one letter, or two for zh, ch, sh when both are typed. */
static uint64_t initial_ends(struct str reading, size_t at, size_t shared)
{
    uint64_t ends = shared >= 1 ? 1ull << (at + 1) : 0;
    if (shared >= 2 && reading.len >= 2 && reading.p[1] == 'h')
        ends |= 1ull << (at + 2);
    return ends;
}

static void take_reading(struct str letters, struct str reading, const struct reach *from,
                         struct reach *to, bool *io_begun)
{
    for (size_t at = 0; at <= letters.len; at++) {
        if (!(from->any >> at & 1))
            continue;
        size_t shared = common(letters, at, reading);
        uint64_t whole = shared == reading.len ? 1ull << (at + shared) : 0;
        uint64_t initial = initial_ends(reading, at, shared);
        to->any |= whole | initial;
        to->full |= from->full >> at & 1 ? whole : 0;
        to->initials |= from->initials >> at & 1 ? initial : 0;
        *io_begun |= at + shared == letters.len; /* the query ends inside or before this reading */
    }
}

enum pinyin_match pinyin_match(struct str letters, struct str readings)
{
    struct reach at = {1, 1, 1};
    bool has_begun = false;
    if (letters.len == 0 || letters.len > MAX_LETTERS || readings.len == 0)
        return PINYIN_NONE;
    while (readings.len && at.any) {
        struct str syllables = str_cut(&readings, ' ');
        struct reach next = {0};
        while (syllables.len)
            take_reading(letters, str_cut(&syllables, ','), &at, &next, &has_begun);
        at = next;
    }
    uint64_t end = 1ull << letters.len;
    if (at.full & end)
        return PINYIN_FULL;
    if (at.initials & end)
        return PINYIN_INITIALS;
    if (at.any & end)
        return PINYIN_MIXED;
    return has_begun ? PINYIN_BEGUN : PINYIN_NONE;
}
