/* match.c - which names a text may mean. Every name is weighed: a city has some thousands, which
 * takes less than a millisecond, and nothing is missed that an index would have to foresee. */
#include "gazetteer/names_priv.h"

#define FUZZY_MAX 48 /* letters beyond it are not compared with errors */

static size_t least_of(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* One row of the table: edits between i letters of a and 0.. of b. Returns the least of them. */
static size_t edit_row(struct str a, struct str b, size_t i, const size_t *before,
                       const size_t *above, size_t *row)
{
    size_t least = row[0] = i;
    for (size_t k = 1; k <= b.len; k++) {
        row[k] = above[k - 1] + (a.p[i - 1] != b.p[k - 1]);
        row[k] = least_of(row[k], least_of(above[k], row[k - 1]) + 1);
        if (i > 1 && k > 1 && a.p[i - 1] == b.p[k - 2] && a.p[i - 2] == b.p[k - 1])
            row[k] = least_of(row[k], before[k - 2] + 1);
        least = least_of(least, row[k]);
    }
    return least;
}

/* Edits (insert, drop, change, swap of neighbours) between two words, or max + 1 when more: optimal
 * string alignment, three rows at a time. */
static size_t edits(struct str a, struct str b, size_t max)
{
    size_t rows[3][FUZZY_MAX + 1] = {{0}};
    size_t gap = a.len > b.len ? a.len - b.len : b.len - a.len;
    if (a.len > FUZZY_MAX || b.len > FUZZY_MAX || gap > max)
        return max + 1;
    for (size_t k = 0; k <= b.len; k++)
        rows[0][k] = k;
    for (size_t i = 1; i <= a.len; i++) {
        if (edit_row(a, b, i, rows[(i + 1) % 3], rows[(i + 2) % 3], rows[i % 3]) > max)
            return max + 1;
    }
    return rows[a.len % 3][b.len];
}

struct query {
    struct folded folded;
    struct str base;
    char letters[FOLD_CAP]; /* a-z only, for pinyin; empty when there is anything else */
    bool is_cjk;
};

static void prepare(struct str text, struct query *query)
{
    size_t count = 0;
    fold_name(text, &query->folded);
    query->base = str_of(query->folded.base);
    query->is_cjk = has_cjk(text);
    for (size_t i = 0; i < text.len && count + 1 < sizeof query->letters; i++) {
        char c = text.p[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c + 32);
        if (c >= 'a' && c <= 'z')
            query->letters[count++] = c;
        else if (c != ' ' && c != '\'') {
            count = 0;
            break;
        }
    }
    query->letters[count] = '\0';
}

/* A kind that is left out costs little, a wrong one more. */
static uint32_t kind_price(const char *asked, struct str kind)
{
    if (str_eq_c(kind, asked))
        return 0;
    return asked[0] == '\0' ? 30 : kind.len == 0 ? 60 : 350;
}

static uint32_t score_latin(const struct query *query, struct str base, struct str kind)
{
    struct str asked = query->base;
    uint32_t price = kind_price(query->folded.kind, kind);
    if (base.len == 0 || asked.len == 0)
        return 0;
    if (str_eq(base, asked))
        return 1000 - price;
    if (str_starts(base, asked))
        return 880 - price;
    if (asked.len >= (query->is_cjk ? 6 : 3) && memmem(base.p, base.len, asked.p, asked.len))
        return 800 - price;
    size_t allowed = query->is_cjk || asked.len < 5 ? 0 : asked.len < 9 ? 1 : 2;
    size_t wrong = allowed ? edits(asked, base, allowed) : 1;
    return wrong <= allowed ? 760 - 60 * (uint32_t)wrong - price : 0;
}

static uint32_t score_pinyin(const struct query *query, struct str readings)
{
    static const uint32_t scores[] = {[PINYIN_NONE] = 0,
                                      [PINYIN_BEGUN] = 820,
                                      [PINYIN_INITIALS] = 900,
                                      [PINYIN_MIXED] = 860,
                                      [PINYIN_FULL] = 970};
    if (strlen(query->letters) < 2)
        return 0;
    return scores[pinyin_match(str_of(query->letters), readings)];
}

static uint32_t score_of(const struct gazetteer *g, const struct file_name *names,
                         const struct query *query)
{
    uint32_t best = score_latin(query, text_at(g, names->base), text_at(g, names->kind));
    uint32_t other = score_latin(query, text_at(g, names->base_alt), text_at(g, names->kind_alt));
    best = other > best ? other : best;
    other = score_pinyin(query, text_at(g, names->readings));
    return other > best ? other : best;
}

/* Keeps the list sorted by score; equals stay in the order of names. */
static void insert(struct match *matches, size_t *io_count, struct match match)
{
    size_t at = *io_count;
    if (match.score == 0 || (at == MATCH_MAX && matches[at - 1].score >= match.score))
        return;
    if (at == MATCH_MAX)
        at--;
    else
        ++*io_count;
    for (; at > 0 && matches[at - 1].score < match.score; at--)
        matches[at] = matches[at - 1];
    matches[at] = match;
}

size_t match_names(const struct gazetteer *g, struct str text, struct match *ret_matches)
{
    struct query query;
    size_t count = 0;
    prepare(text, &query);
    for (uint32_t i = 0; i < g->street_count; i++) {
        struct match match = {i, score_of(g, &g->streets[i].names, &query), false};
        insert(ret_matches, &count, match);
    }
    for (uint32_t i = 0; i < g->point_count; i++) {
        struct match match = {i, score_of(g, &g->points[i].names, &query), true};
        insert(ret_matches, &count, match);
    }
    return count;
}
