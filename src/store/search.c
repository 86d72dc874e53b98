#include "store/search_priv.h"

static bool is_one_word(uint32_t c)
{
    return (c >= 0x3040 && c <= 0x30ff) || (c >= 0x3400 && c <= 0x4dbf) ||
           (c >= 0x4e00 && c <= 0x9fff) || (c >= 0xac00 && c <= 0xd7a3) ||
           (c >= 0xf900 && c <= 0xfaff) || (c >= 0x20000 && c <= 0x323af);
}

static uint32_t folded(uint32_t c)
{
    if (c == 0x3000)
        return ' ';
    return c >= 0xff01 && c <= 0xff5e ? c - 0xfee0 : c;
}

/* Letters and digits of any script as far as a space or sign does not end them. ASCII signs end a
 * word; what lies above ASCII is left to the index, which splits alike on both sides. */
static bool is_sign(uint32_t c)
{
    bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return c < 0x80 ? !is_letter : (c >= 0x2000 && c <= 0x206f) || (c >= 0x3001 && c <= 0x303f);
}

static void put_utf8(struct out *out, uint32_t c)
{
    if (c < 0x80) {
        out_byte(out, (uint8_t)c);
        return;
    }
    if (c < 0x800) {
        out_byte(out, (uint8_t)(0xc0 | c >> 6));
    } else if (c < 0x10000) {
        out_byte(out, (uint8_t)(0xe0 | c >> 12));
        out_byte(out, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
    } else {
        out_byte(out, (uint8_t)(0xf0 | c >> 18));
        out_byte(out, (uint8_t)(0x80 | (c >> 12 & 0x3f)));
        out_byte(out, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
    }
    out_byte(out, (uint8_t)(0x80 | (c & 0x3f)));
}

void search_words(struct str text, struct out *out)
{
    for (size_t pos = 0; pos < text.len;) {
        uint32_t c = folded(str_utf8_next(text, &pos));
        if (is_sign(c)) {
            out_byte(out, ' ');
        } else if (is_one_word(c)) {
            out_byte(out, ' ');
            put_utf8(out, c);
            out_byte(out, ' ');
        } else {
            put_utf8(out, c);
        }
    }
}

/* One phrase of the question: characters and words that stood together, the last word open-ended
 * when it is not a character of its own. */
static bool put_phrase(struct str words, struct out *out)
{
    bool is_last_open = false;
    words = str_trim(words);
    if (words.len == 0)
        return false;
    out_c(out, out->len ? " \"" : "\"");
    for (size_t pos = 0; pos < words.len;) {
        uint32_t c = str_utf8_next(words, &pos);
        is_last_open = !is_one_word(c);
        put_utf8(out, c);
    }
    out_c(out, is_last_open ? "\"*" : "\"");
    return true;
}

enum err search_question(struct str text, struct out *out)
{
    struct out words;
    bool has_word = false;
    out_init(&words, 16 * text.len + 64);
    for (size_t from = 0, pos = 0; pos <= text.len;) {
        size_t at = pos;
        bool is_end = pos == text.len;
        uint32_t c = is_end ? ' ' : folded(str_utf8_next(text, &pos));
        if (is_end || c == ' ' || c == '\t' || c == '\n' || c == '\r') {
            out_reset(&words);
            search_words((struct str){text.p + from, at - from}, &words);
            has_word = put_phrase(out_view(&words), out) || has_word;
            from = pos;
        }
        if (is_end)
            break;
    }
    out_done(&words);
    return has_word ? OK : ERR_NOT_FOUND;
}
