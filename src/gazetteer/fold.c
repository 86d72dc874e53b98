/* fold.c - one spelling for names that people write in many ways. Words are upper-cased, leading
 * zeros of numbers dropped (04TH = 4TH), apostrophes left out, directions and ordinals shortened; a
 * last word that names the kind of street becomes its postal abbreviation (USPS Publication 28,
 * appendix C1, and the two-letter forms of dispatch logs). Chinese is kept, full-width digits and
 * letters are made plain. */
#include "gazetteer/names_priv.h"

struct word {
    const char *from, *to;
};
static const struct word kinds[] = {
    {"AL", "ALY"},          {"ALLEY", "ALY"},   {"ALY", "ALY"},       {"AV", "AVE"},
    {"AVE", "AVE"},         {"AVENUE", "AVE"},  {"BL", "BLVD"},       {"BLVD", "BLVD"},
    {"BOULEVARD", "BLVD"},  {"CIR", "CIR"},     {"CIRCLE", "CIR"},    {"CR", "CIR"},
    {"COURT", "CT"},        {"CT", "CT"},       {"DR", "DR"},         {"DRIVE", "DR"},
    {"EXPRESSWAY", "EXPY"}, {"EXPY", "EXPY"},   {"HIGHWAY", "HWY"},   {"HILL", "HL"},
    {"HL", "HL"},           {"HWY", "HWY"},     {"HY", "HWY"},        {"LANE", "LN"},
    {"LN", "LN"},           {"LOOP", "LOOP"},   {"PARK", "PARK"},     {"PARKWAY", "PKWY"},
    {"PATH", "PATH"},       {"PKWY", "PKWY"},   {"PL", "PL"},         {"PLACE", "PL"},
    {"PLAZA", "PLZ"},       {"PLZ", "PLZ"},     {"PZ", "PLZ"},        {"RAMP", "RAMP"},
    {"RD", "RD"},           {"ROAD", "RD"},     {"ROW", "ROW"},       {"SQ", "SQ"},
    {"SQUARE", "SQ"},       {"ST", "ST"},       {"STAIRWAY", "STWY"}, {"STREET", "ST"},
    {"STWY", "STWY"},       {"TER", "TER"},     {"TERRACE", "TER"},   {"TR", "TER"},
    {"TUNL", "TUNL"},       {"TUNNEL", "TUNL"}, {"WAY", "WAY"},       {"WY", "WAY"},
};
static const struct word words[] = {
    {"EAST", "E"},     {"EIGHTH", "8TH"},  {"FIFTH", "5TH"}, {"FIRST", "1ST"}, {"FOURTH", "4TH"},
    {"MOUNT", "MT"},   {"NINTH", "9TH"},   {"NOR", "N"},     {"NORTH", "N"},   {"SAINT", "ST"},
    {"SECOND", "2ND"}, {"SEVENTH", "7TH"}, {"SIXTH", "6TH"}, {"SOU", "S"},     {"SOUTH", "S"},
    {"TENTH", "10TH"}, {"THIRD", "3RD"},   {"WEST", "W"},
};
/* Carriageways and articles say nothing about which street it is. */
static const char *const dropped[] = {"THE", "NB", "SB", "EB", "WB"};

static const char *look_up(const struct word *table, size_t count, struct str word)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq_c(word, table[i].from))
            return table[i].to;
    }
    return NULL;
}
#define LOOK_UP(table, word) look_up(table, sizeof table / sizeof *table, word)

bool is_cjk(uint32_t code_point)
{
    return (code_point >= 0x3400 && code_point <= 0x9FFF) ||
           (code_point >= 0x20000 && code_point <= 0x3FFFF);
}

bool has_cjk(struct str text)
{
    for (size_t at = 0; at < text.len;) {
        if (is_cjk(str_utf8_next(text, &at)))
            return true;
    }
    return false;
}

/* A code point as it is compared: full-width forms made plain, letters in upper case. */
static uint32_t folded_char(uint32_t c)
{
    if (c >= 0xFF01 && c <= 0xFF5E)
        c -= 0xFEE0;
    return c >= 'a' && c <= 'z' ? c - 32 : c;
}

static bool is_apostrophe(uint32_t c)
{
    return c == '\'' || c == 0x2019;
}

/* Letters and digits, and everything beyond ASCII but Chinese punctuation. */
static bool is_of_a_word(uint32_t c)
{
    if (c >= 0x80)
        return c < 0x3000 || c > 0x303F;
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
}

/* The next run of letters, in buf; false at the end. */
static bool next_word(struct str text, size_t *io_at, char *buf, size_t cap, struct str *ret_word)
{
    size_t length = 0;
    while (*io_at < text.len) {
        size_t before = *io_at;
        uint32_t c = folded_char(str_utf8_next(text, io_at));
        size_t bytes = c < 0x80 ? 1 : *io_at - before;
        if (is_apostrophe(c) || (!is_of_a_word(c) && length == 0))
            continue;
        if (!is_of_a_word(c) || length + bytes > cap)
            break;
        if (c < 0x80)
            buf[length] = (char)c;
        else
            memcpy(buf + length, text.p + before, bytes);
        length += bytes;
    }
    *ret_word = (struct str){buf, length};
    return length > 0;
}

static struct str without_zeros(struct str word)
{
    while (word.len > 1 && word.p[0] == '0' && word.p[1] >= '0' && word.p[1] <= '9')
        word = str_from(word, 1);
    return word;
}

static bool is_dropped(struct str word)
{
    for (size_t i = 0; i < sizeof dropped / sizeof *dropped; i++) {
        if (str_eq_c(word, dropped[i]))
            return true;
    }
    return false;
}

static void append(struct folded *folded, size_t *io_length, struct str word)
{
    size_t room = sizeof folded->base - 1 - *io_length;
    size_t count = word.len < room ? word.len : room;
    if (count)
        memcpy(folded->base + *io_length, word.p, count);
    *io_length += count;
}

void fold_name(struct str name, struct folded *ret_folded)
{
    char buf[FOLD_CAP], last_buf[FOLD_CAP];
    struct str word, last = {0};
    size_t at = 0, length = 0;
    memset(ret_folded, 0, sizeof *ret_folded);
    while (next_word(name, &at, buf, sizeof buf, &word)) {
        if (is_dropped(word))
            continue;
        if (last.len) {
            const char *known = LOOK_UP(words, last);
            append(ret_folded, &length, known ? str_of(known) : without_zeros(last));
        }
        memcpy(last_buf, word.p, word.len);
        last = (struct str){last_buf, word.len};
    }
    const char *kind = length ? LOOK_UP(kinds, last) : NULL; /* a lone word is the name itself */
    if (kind) {
        (void)str_copy(str_of(kind), ret_folded->kind, sizeof ret_folded->kind);
        return;
    }
    const char *known = LOOK_UP(words, last);
    append(ret_folded, &length, known ? str_of(known) : without_zeros(last));
}
