#include "gazetteer/names_priv.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Drops a leading word sequence, letters in any case, and white space behind it. */
static bool drop_start(struct str *text, const char *start)
{
    size_t length = strlen(start);
    if (text->len < length || !str_ieq_c((struct str){text->p, length}, start))
        return false;
    *text = str_trim(str_from(*text, length));
    return true;
}

static bool drop_end(struct str *text, const char *end)
{
    size_t length = strlen(end);
    if (text->len <= length || memcmp(text->p + text->len - length, end, length) != 0)
        return false;
    *text = str_trim((struct str){text->p, text->len - length});
    return true;
}

/* Splits at the first of the marks that stands inside the text. */
static bool split(struct str text, const char *mark, struct ask *ask)
{
    size_t length = strlen(mark);
    for (size_t i = 1; i + length < text.len; i++) {
        if (!str_ieq_c((struct str){text.p + i, length}, mark))
            continue;
        ask->a = str_trim((struct str){text.p, i});
        ask->b = str_trim(str_from(text, i + length));
        ask->form = ASK_CROSSING;
        return ask->a.len && ask->b.len;
    }
    return false;
}

static bool is_crossing(struct str text, struct ask *ask)
{
    static const char *const marks[] = {"/", "&", "@", "／", " AND ", " AT ", "与", "和", "、"};
    static const char *const ends[] = {"交叉路口", "交叉口", "路口", "交界处", "交界"};
    bool is_named = false;
    for (size_t i = 0; i < sizeof ends / sizeof *ends && !is_named; i++)
        is_named = drop_end(&text, ends[i]);
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        if (split(text, marks[i], ask))
            return true;
    }
    /* 南京东路西藏中路口: 路 of the second name was taken with 路口; two names, no mark. */
    size_t at = 0;
    while (is_named && at < text.len) {
        uint32_t c = str_utf8_next(text, &at);
        if ((c == 0x8DEF || c == 0x8857 || c == 0x9053) && at < text.len) { /* 路 街 道 */
            ask->a = (struct str){text.p, at};
            ask->b = str_from(text, at);
            ask->form = ASK_CROSSING;
            return true;
        }
    }
    return false;
}

/* Digits at the start; of a range "26-40" the first; "535-A" is 535. Zero digits: false. */
static bool take_number(struct str *text, uint32_t *ret_number)
{
    size_t digits = 0;
    while (digits < text->len && is_digit(text->p[digits]))
        digits++;
    if (digits == 0 || str_u32((struct str){text->p, digits}, ret_number))
        return false;
    size_t end = digits;
    if (end < text->len && text->p[end] == '-') {
        while (end < text->len && text->p[end] != ' ')
            end++;
    }
    if (end < text->len && text->p[end] != ' ')
        return false; /* 4TH, 100号 */
    *text = str_trim(str_from(*text, end));
    (void)drop_start(text, "1/2 ");
    return true;
}

/* 南京东路100号, 南京东路100弄: the number stands behind. */
static bool take_number_behind(struct str *text, uint32_t *ret_number)
{
    struct str rest = *text;
    if (!drop_end(&rest, "号"))
        (void)drop_end(&rest, "弄");
    size_t from = rest.len;
    while (from > 0 && is_digit(rest.p[from - 1]))
        from--;
    if (from == 0 || from == rest.len || str_u32(str_from(rest, from), ret_number))
        return false;
    *text = str_trim((struct str){rest.p, from});
    return has_cjk(*text);
}

bool ask_parse(struct str text, struct ask *ret_ask)
{
    struct ask ask = {.form = ASK_NAME};
    (void)drop_start(&text, "CALL BOX:");
    struct str whole = text;
    text = str_trim(str_cut(&whole, ',')); /* ", SF" says only what the city is */
    if (text.len == 0)
        return false;
    ask.a = text;
    if (take_number(&ask.a, &ask.number)) {
        bool is_block = drop_start(&ask.a, "BLOCK OF ") || drop_start(&ask.a, "BLOCK ");
        is_block |= drop_start(&ask.a, "BLK ");
        ask.form = is_block ? ASK_BLOCK : ASK_NUMBER;
    } else if (!is_crossing(text, &ask) && take_number_behind(&ask.a, &ask.number)) {
        ask.form = ASK_NUMBER;
    }
    *ret_ask = ask;
    return ask.a.len > 0;
}
