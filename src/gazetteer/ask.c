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

static bool ends_with(struct str text, const char *end)
{
    size_t length = strlen(end);
    return text.len >= length && memcmp(text.p + text.len - length, end, length) == 0;
}

static bool drop_end(struct str *text, const char *end)
{
    if (text->len <= strlen(end) || !ends_with(*text, end))
        return false;
    *text = str_trim((struct str){text->p, text->len - strlen(end)});
    return true;
}

static bool ends_with_kind(struct str name)
{
    return ends_with(name, "路") || ends_with(name, "街") || ends_with(name, "道");
}

/* Splits at the first of the marks inside the text; behind_kind: the first that follows 路, 街 or
 * 道. */
static bool split(struct str text, const char *mark, bool behind_kind, struct ask *ask)
{
    size_t length = strlen(mark);
    for (size_t i = 1; i + length < text.len; i++) {
        if (!str_ieq_c((struct str){text.p + i, length}, mark))
            continue;
        struct str a = str_trim((struct str){text.p, i}), b = str_trim(str_from(text, i + length));
        if (a.len == 0 || b.len == 0 || (behind_kind && !ends_with_kind(a)))
            continue;
        *ask = (struct ask){.form = ASK_CROSSING, .a = a, .b = b};
        return true;
    }
    return false;
}

/* Marks that stand in no name, and words that may: 永和路 is one street. */
static const char *const sure_marks[] = {"/", "&", "@", "／", "、"};
static const char *const words_between[] = {" AND ", " AT ", "与", "和"};

/* 南京东路西藏中路: two names without a mark, the first up to its 路, 街 or 道. */
static bool split_behind_kind(struct str text, struct ask *ask)
{
    size_t at = 0;
    while (at < text.len) {
        (void)str_utf8_next(text, &at);
        struct str a = {text.p, at};
        if (!ends_with_kind(a) || at == text.len)
            continue;
        *ask = (struct ask){.form = ASK_CROSSING, .a = a, .b = str_from(text, at)};
        return true;
    }
    return false;
}

static bool is_crossing(struct str text, struct ask *ask)
{
    static const char *const ends[] = {"交叉路口", "交叉口", "路口", "交界处", "交界"};
    bool says_so = false;
    for (size_t i = 0; i < sizeof ends / sizeof *ends && !says_so; i++)
        says_so = drop_end(&text, ends[i]);
    for (size_t i = 0; i < sizeof sure_marks / sizeof *sure_marks; i++) {
        if (split(text, sure_marks[i], false, ask)) {
            ask->is_sure = true;
            return true;
        }
    }
    for (size_t i = 0; i < sizeof words_between / sizeof *words_between; i++) {
        if (split(text, words_between[i], true, ask) || split(text, words_between[i], false, ask))
            return true;
    }
    return says_so && split_behind_kind(text, ask);
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
    struct ask ask = {.form = ASK_NAME, .is_sure = false};
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
