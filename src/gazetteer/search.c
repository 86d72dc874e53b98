/* search.c - from names to places: numbers along stretches, crossings of two streets, hits in
 * order. */
#include "gazetteer/names_priv.h"
#include "geo/line.h"
#include <math.h>

#define CLUSTER_M 80.0  /* crossings of the same two streets so near are one (divided roads) */
#define APPROACH_M 45.0 /* streets that pass so near without a common crossing nearly meet */
#define MIN_SCORE 500u  /* of the worse of two names at a crossing */
#define PAIR_MATCHES 6  /* names tried for each side of a crossing */
#define SIDE_OFFSET_M 6.0

struct results {
    const struct gazetteer *g;
    struct place near;
    struct gazetteer_hit hits[GAZETTEER_MAX_HITS];
    size_t count;
};

static double distance_near(const struct results *r, struct place place)
{
    return place_eq(r->near, PLACE_NONE) ? 0 : place_distance_m(r->near, place);
}

static bool comes_before(const struct results *r, const struct gazetteer_hit *a,
                         const struct gazetteer_hit *b)
{
    if (a->score != b->score)
        return a->score > b->score;
    double away_a = distance_near(r, a->place), away_b = distance_near(r, b->place);
    if (away_a < away_b || away_a > away_b)
        return away_a < away_b;
    int order = strcmp(a->name, b->name);
    if (order)
        return order < 0;
    return a->place.lat_e7 != b->place.lat_e7 ? a->place.lat_e7 < b->place.lat_e7
                                              : a->place.lon_e7 < b->place.lon_e7;
}

static void add_hit(struct results *r, const struct gazetteer_hit *hit)
{
    size_t at = r->count;
    if (at == GAZETTEER_MAX_HITS && !comes_before(r, hit, &r->hits[at - 1]))
        return;
    if (at == GAZETTEER_MAX_HITS)
        at--;
    else
        r->count++;
    for (; at > 0 && comes_before(r, hit, &r->hits[at - 1]); at--)
        r->hits[at] = r->hits[at - 1];
    r->hits[at] = *hit;
}

static const char *street_name(const struct gazetteer *g, uint32_t street)
{
    return g->texts + g->streets[street].names.name;
}

/* ------------------------------------------------------- numbers */

struct range {
    uint32_t low, high; /* 0, 0 = none */
};

static struct range range_of(uint32_t from, uint32_t to)
{
    return from < to ? (struct range){from, to} : (struct range){to, from};
}

/* How far a number is outside of a range; UINT32_MAX for no range. */
static uint32_t gap(struct range range, uint32_t number)
{
    if (range.high == 0)
        return UINT32_MAX;
    return number < range.low ? range.low - number : number > range.high ? number - range.high : 0;
}

static struct line stretch_line(const struct gazetteer *g, uint32_t stretch)
{
    const struct file_stretch *s = &g->stretches[stretch];
    return (struct line){g->places + s->places, s[1].places - s->places};
}

/* A place at a share of a stretch, moved to the left or right of its direction by offset_m. */
static struct place place_on(const struct gazetteer *g, uint32_t stretch, double share,
                             double offset_m)
{
    struct line line = stretch_line(g, stretch);
    double length_m = g->stretches[stretch].length_dm / 10.0;
    struct place at = line_at(line, share * length_m);
    if (offset_m == 0 || length_m == 0) /* exact: not moved */
        return at;
    struct place ahead = line_at(line, share * length_m + 1),
                 behind = line_at(line, share * length_m - 1);
    double bearing = place_bearing_deg(behind, ahead) * M_PI / 180 + M_PI / 2;
    double metres_lat = cos(bearing) * offset_m, metres_lon = sin(bearing) * offset_m;
    double lat_deg = place_lat_deg(at);
    return place_from_deg(lat_deg + metres_lat / 111195,
                          place_lon_deg(at) + metres_lon / (111195 * cos(lat_deg * M_PI / 180)));
}

struct numbered { /* the best stretch for a number */
    uint32_t stretch, gap;
    bool is_left;
    struct range range;
};

static void try_side(struct numbered *best, uint32_t stretch, bool is_left, struct range range,
                     uint32_t number)
{
    uint32_t away = gap(range, number);
    if (away != UINT32_MAX && (range.low & 1) != (number & 1) && (range.high & 1) != (number & 1))
        away += 1; /* the other side of the street */
    if (away < best->gap)
        *best = (struct numbered){stretch, away, is_left, range};
}

/* *ret_hit gets place and accuracy; false when the street has no numbers. */
static bool locate_number(const struct gazetteer *g, uint32_t street, uint32_t number,
                          struct gazetteer_hit *ret_hit)
{
    struct numbered best = {.gap = UINT32_MAX};
    for (uint32_t i = g->streets[street].stretches; i < g->streets[street + 1].stretches; i++) {
        const struct file_stretch *s = &g->stretches[i];
        try_side(&best, i, true, range_of(s->left_from, s->left_to), number);
        try_side(&best, i, false, range_of(s->right_from, s->right_to), number);
    }
    if (best.gap == UINT32_MAX)
        return false;
    const struct file_stretch *s = &g->stretches[best.stretch];
    uint32_t held = number < best.range.low    ? best.range.low
                    : number > best.range.high ? best.range.high
                                               : number;
    double width = best.range.high - best.range.low;
    double share = width > 0 ? (held - best.range.low) / width : 0.5;
    if ((best.is_left ? s->left_from : s->right_from) > (best.is_left ? s->left_to : s->right_to))
        share = 1 - share;
    ret_hit->place =
        place_on(g, best.stretch, share, best.is_left ? -SIDE_OFFSET_M : SIDE_OFFSET_M);
    ret_hit->accuracy_m = 15 + s->length_dm / 40 + (best.gap > 1 ? 2 * best.gap : 0);
    ret_hit->score -= best.gap <= 1 ? 0 : best.gap <= 100 ? 60 : 250;
    return true;
}

#define BLOCK_MAX 16
struct block { /* stretches with numbers of one hundred on one side, by their lowest number */
    uint32_t stretches[BLOCK_MAX], starts[BLOCK_MAX];
    size_t count;
    double length_m;
};

static void add_to_block(const struct gazetteer *g, struct block *block, uint32_t stretch,
                         struct range side, uint32_t hundred)
{
    uint32_t start = side.low > hundred ? side.low : hundred;
    size_t at = block->count;
    if (side.high == 0 || side.low > hundred + 99 || side.high < hundred || at == BLOCK_MAX)
        return;
    for (; at > 0 && block->starts[at - 1] > start; at--) {
        block->starts[at] = block->starts[at - 1];
        block->stretches[at] = block->stretches[at - 1];
    }
    block->starts[at] = start;
    block->stretches[at] = stretch;
    block->count++;
    block->length_m += g->stretches[stretch].length_dm / 10.0;
}

/* Half way along the stretches. */
static struct place block_middle(const struct gazetteer *g, const struct block *block)
{
    double left = block->length_m / 2;
    size_t i = 0;
    while (i + 1 < block->count && left > g->stretches[block->stretches[i]].length_dm / 10.0)
        left -= g->stretches[block->stretches[i++]].length_dm / 10.0;
    const struct file_stretch *s = &g->stretches[block->stretches[i]];
    double share = s->length_dm ? fmin(1, left / (s->length_dm / 10.0)) : 0.5;
    bool is_reversed = s->left_from > s->left_to || s->right_from > s->right_to;
    return place_on(g, block->stretches[i], is_reversed ? 1 - share : share, 0);
}

/* The middle of the hundred: between the middles of its two sides, which on a divided road are two
 * lines and elsewhere one. */
static bool locate_block(const struct gazetteer *g, uint32_t street, uint32_t number,
                         struct gazetteer_hit *ret_hit)
{
    uint32_t hundred = number / 100 * 100;
    struct block left = {.count = 0}, right = {.count = 0};
    for (uint32_t i = g->streets[street].stretches; i < g->streets[street + 1].stretches; i++) {
        const struct file_stretch *s = &g->stretches[i];
        add_to_block(g, &left, i, range_of(s->left_from, s->left_to), hundred);
        add_to_block(g, &right, i, range_of(s->right_from, s->right_to), hundred);
    }
    if (left.count == 0 && right.count == 0) {
        ret_hit->score -= 50;
        return locate_number(g, street, number + 50, ret_hit);
    }
    struct place a = block_middle(g, left.count ? &left : &right);
    struct place b = block_middle(g, right.count ? &right : &left);
    ret_hit->place = line_between(a, b, 0.5);
    ret_hit->accuracy_m = 10 + (uint32_t)(fmax(left.length_m, right.length_m) / 2);
    return true;
}

/* ------------------------------------------------------- streets and points */

static void write_numbered(char *buf, struct str name, uint32_t number, bool is_block)
{
    unsigned n = number;
    if (is_block)
        (void)snprintf(buf, GAZETTEER_NAME_CAP, "%u Block of " STR_FMT, n / 100 * 100,
                       STR_ARG(name));
    else if (has_cjk(name))
        (void)snprintf(buf, GAZETTEER_NAME_CAP, STR_FMT "%u号", STR_ARG(name), n);
    else
        (void)snprintf(buf, GAZETTEER_NAME_CAP, "%u " STR_FMT, n, STR_ARG(name));
}

static void add_match(struct results *r, const struct ask *ask, const struct match *match)
{
    const struct gazetteer *g = r->g;
    struct gazetteer_hit hit = {.score = match->score};
    if (match->is_point) {
        hit.kind = GAZETTEER_POINT;
        hit.place = g->points[match->index].place;
        hit.accuracy_m = 50;
        (void)str_copy(text_at(g, g->points[match->index].names.name), hit.name, sizeof hit.name);
        add_hit(r, &hit);
        return;
    }
    const struct file_street *street = &g->streets[match->index];
    struct str name = str_of(street_name(g, match->index));
    bool is_block = ask->form == ASK_BLOCK && locate_block(g, match->index, ask->number, &hit);
    bool is_number = ask->form == ASK_NUMBER && locate_number(g, match->index, ask->number, &hit);
    if (is_block || is_number) {
        hit.kind = is_block ? GAZETTEER_BLOCK : GAZETTEER_NUMBER;
        write_numbered(hit.name, name, ask->number, is_block);
    } else {
        hit.kind = GAZETTEER_STREET;
        hit.place = street->middle;
        hit.accuracy_m = street->extent_m + 20;
        if (ask->form != ASK_NAME)
            hit.score = hit.score > 200 ? hit.score - 200 : 0; /* its number was not found */
        (void)str_copy(name, hit.name, sizeof hit.name);
    }
    add_hit(r, &hit);
}

/* ------------------------------------------------------- crossings */

static void add_crossing(struct results *r, const struct match pair[2], struct place place,
                         uint32_t score, uint32_t accuracy_m)
{
    struct gazetteer_hit hit = {
        .kind = GAZETTEER_CROSSING, .place = place, .score = score, .accuracy_m = accuracy_m};
    (void)snprintf(hit.name, sizeof hit.name, "%s / %s", street_name(r->g, pair[0].index),
                   street_name(r->g, pair[1].index));
    for (size_t i = 0; i < r->count; i++) {
        if (strcmp(r->hits[i].name, hit.name) == 0 &&
            place_distance_m(r->hits[i].place, place) < CLUSTER_M)
            return; /* the other carriageway */
    }
    add_hit(r, &hit);
}

/* Common numbers of two ascending lists. */
static bool add_common(struct results *r, const struct match pair[2], uint32_t score)
{
    const struct gazetteer *g = r->g;
    uint32_t i = g->streets[pair[0].index].crossings, k = g->streets[pair[1].index].crossings;
    uint32_t i_end = g->streets[pair[0].index + 1].crossings;
    uint32_t k_end = g->streets[pair[1].index + 1].crossings;
    bool is_found = false;
    while (i < i_end && k < k_end) {
        uint32_t a = g->crossings[i].number, b = g->crossings[k].number;
        if (a == b) {
            add_crossing(r, pair, g->crossings[i].place, score, 15);
            is_found = true;
        }
        i += a <= b;
        k += b <= a;
    }
    return is_found;
}

/* Where they come nearest, if that is near: one passes over the other, or the map has a gap. */
static void add_approach(struct results *r, const struct match pair[2], uint32_t score)
{
    const struct gazetteer *g = r->g;
    double best = APPROACH_M;
    struct place place = PLACE_NONE;
    for (uint32_t i = g->streets[pair[0].index].stretches;
         i < g->streets[pair[0].index + 1].stretches; i++) {
        struct line line = stretch_line(g, i);
        for (uint32_t k = g->streets[pair[1].index].crossings;
             k < g->streets[pair[1].index + 1].crossings; k++) {
            struct line_hit hit;
            if (labs((long)line.places[0].lat_e7 - g->crossings[k].place.lat_e7) > 100000 ||
                line_nearest(line, g->crossings[k].place, &hit) || hit.away_m >= best)
                continue;
            best = hit.away_m;
            place = hit.place;
        }
    }
    if (!place_eq(place, PLACE_NONE))
        add_crossing(r, pair, place, score - 80, 15 + (uint32_t)best);
}

static void add_crossings(struct results *r, const struct ask *ask)
{
    struct match a[MATCH_MAX], b[MATCH_MAX];
    size_t a_count = match_names(r->g, ask->a, a), b_count = match_names(r->g, ask->b, b);
    uint32_t approach_below = 0;
    for (size_t sum = 0; sum <= 2 * (PAIR_MATCHES - 1); sum++) {
        for (size_t i = 0; i <= sum && i < a_count && i < PAIR_MATCHES; i++) {
            size_t k = sum - i;
            if (k >= b_count || k >= PAIR_MATCHES || a[i].is_point || b[k].is_point ||
                a[i].index == b[k].index)
                continue;
            uint32_t score = a[i].score < b[k].score ? a[i].score : b[k].score;
            const struct match pair[2] = {a[i], b[k]};
            if (score < MIN_SCORE)
                continue;
            if (!add_common(r, pair, score) && score >= approach_below) {
                add_approach(r, pair, score);
                approach_below = score; /* worse pairs need a true crossing */
            }
        }
    }
}

/* ------------------------------------------------------- the whole */

static void add_names(struct results *r, const struct ask *ask)
{
    struct match matches[MATCH_MAX];
    size_t count = match_names(r->g, ask->a, matches);
    for (size_t i = 0; i < count; i++)
        add_match(r, ask, &matches[i]);
}

static enum err run(struct results *r, struct str text)
{
    struct ask ask;
    text = str_trim(text);
    if (text.len == 0 || text.len > GAZETTEER_QUERY_MAX_BYTES || !str_is_utf8(text))
        return ERR_RANGE;
    if (!ask_parse(text, &ask))
        return OK;
    if (ask.form == ASK_CROSSING)
        add_crossings(r, &ask);
    if (ask.form == ASK_CROSSING && !ask.is_sure)
        ask = (struct ask){.form = ASK_NAME, .a = text};
    if (ask.form != ASK_CROSSING)
        add_names(r, &ask);
    return OK;
}

const char *gazetteer_kind_text(enum gazetteer_kind kind)
{
    switch (kind) {
    case GAZETTEER_STREET:
        return "street";
    case GAZETTEER_BLOCK:
        return "block";
    case GAZETTEER_NUMBER:
        return "number";
    case GAZETTEER_CROSSING:
        return "crossing";
    case GAZETTEER_POINT:
        return "point";
    }
    return "unknown";
}

enum err gazetteer_search(const struct gazetteer *g, struct str text, struct place near,
                          struct gazetteer_hit *ret_hits, size_t cap, size_t *ret_count)
{
    struct results results = {.g = g, .near = near};
    enum err err = run(&results, text);
    if (err)
        return err;
    *ret_count = results.count < cap ? results.count : cap;
    memcpy(ret_hits, results.hits, *ret_count * sizeof *ret_hits);
    return OK;
}

enum err gazetteer_resolve(const struct gazetteer *g, struct str text, struct place near,
                           struct gazetteer_hit *ret_hit)
{
    struct results results = {.g = g, .near = near};
    enum err err = run(&results, text);
    if (err)
        return err;
    if (results.count == 0)
        return ERR_NOT_FOUND;
    *ret_hit = results.hits[0];
    return OK;
}
