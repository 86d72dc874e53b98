/* builder.c - street stretches and named places made into `city.names`. Stretches of one name are
 * one street; its crossings are the numbers of its stretches' ends, so that two streets meet where
 * they have a number in common. */
#include "gazetteer/names_priv.h"

#define MAX_STRETCHES 20000000u
#define MAX_FILE_BYTES (512u << 20)

struct stretch {
    uint32_t name, alt; /* byte in builder->names */
    uint32_t places, place_count;
    uint32_t tail, head;
    uint32_t left_from, left_to, right_from, right_to;
    uint32_t order; /* as it was added */
};
struct point {
    uint32_t name, alt;
    struct place place;
};
struct gazetteer_builder {
    struct pinyin *pinyin;
    struct out names, places, stretches, points; /* arrays as bytes */
    uint32_t stretch_count, point_count;
};

enum err gazetteer_builder_new(struct str pinyin, struct gazetteer_builder **ret_builder,
                               struct fault *ret_fault)
{
    struct gazetteer_builder *b = calloc(1, sizeof *b);
    enum err err = b ? pinyin_new(pinyin, &b->pinyin, ret_fault) : ERR_LIMIT;
    if (err) {
        free(b);
        return err;
    }
    out_init(&b->names, MAX_FILE_BYTES);
    out_init(&b->places, MAX_FILE_BYTES);
    out_init(&b->stretches, (size_t)MAX_STRETCHES * sizeof(struct stretch));
    out_init(&b->points, MAX_FILE_BYTES);
    *ret_builder = b;
    return OK;
}

void gazetteer_builder_free(struct gazetteer_builder *b)
{
    if (!b)
        return;
    pinyin_free(b->pinyin);
    out_done(&b->names);
    out_done(&b->places);
    out_done(&b->stretches);
    out_done(&b->points);
    free(b);
}

/* Cut at a character so that it fits a hit. */
static uint32_t keep_name(struct gazetteer_builder *b, struct str name)
{
    char cut[NAME_CAP];
    uint32_t at = (uint32_t)b->names.len;
    (void)str_copy(name, cut, sizeof cut);
    out_bytes(&b->names, cut, strlen(cut) + 1);
    return at;
}

enum err gazetteer_builder_add(struct gazetteer_builder *b, const struct gazetteer_stretch *from)
{
    struct stretch stretch = {.places = (uint32_t)(b->places.len / sizeof(struct place)),
                              .place_count = from->place_count,
                              .tail = from->tail,
                              .head = from->head,
                              .left_from = from->left_from,
                              .left_to = from->left_to,
                              .right_from = from->right_from,
                              .right_to = from->right_to,
                              .order = b->stretch_count};
    if (from->name.len == 0 || from->place_count < 2 || !str_is_utf8(from->name))
        return OK;
    stretch.name = keep_name(b, from->name);
    stretch.alt = keep_name(b, str_is_utf8(from->name_alt) ? from->name_alt : STR(""));
    out_bytes(&b->places, from->places, from->place_count * sizeof *from->places);
    out_bytes(&b->stretches, &stretch, sizeof stretch);
    b->stretch_count++;
    return b->names.err || b->places.err || b->stretches.err ? ERR_LIMIT : OK;
}

enum err gazetteer_builder_point(struct gazetteer_builder *b, struct str name, struct str name_alt,
                                 struct place place)
{
    if (name.len == 0 || !str_is_utf8(name) || !str_is_utf8(name_alt) || !place_is_valid(place))
        return OK;
    struct point point = {keep_name(b, name), keep_name(b, name_alt), place};
    out_bytes(&b->points, &point, sizeof point);
    b->point_count++;
    return b->names.err || b->points.err ? ERR_LIMIT : OK;
}

/* ------------------------------------------------------- writing */

struct writer {
    const struct gazetteer_builder *b;
    struct out streets, stretches, crossings, places, points, texts;
    const struct stretch **order; /* by name, then as added */
};

static const char *name_of(const struct gazetteer_builder *b, uint32_t at)
{
    return (const char *)b->names.p + at;
}

static const struct place *places_of(const struct gazetteer_builder *b, const struct stretch *s)
{
    return (const struct place *)(const void *)b->places.p + s->places;
}

static int compare_stretches(const void *a, const void *b, void *user)
{
    const struct stretch *l = *(const struct stretch *const *)a;
    const struct stretch *r = *(const struct stretch *const *)b;
    int order = strcmp(name_of(user, l->name), name_of(user, r->name));
    return order ? order : l->order < r->order ? -1 : l->order > r->order;
}

static uint32_t add_text(struct writer *w, const char *text)
{
    uint32_t at = (uint32_t)w->texts.len;
    if (text[0] == '\0')
        return 0;
    out_bytes(&w->texts, text, strlen(text) + 1);
    return at;
}

static struct file_name write_name(struct writer *w, const char *name, const char *alt)
{
    struct folded folded, folded_alt;
    struct file_name names = {.name = add_text(w, name), .alt = add_text(w, alt)};
    fold_name(str_of(name), &folded);
    fold_name(str_of(alt), &folded_alt);
    names.base = add_text(w, folded.base);
    names.kind = add_text(w, folded.kind);
    names.base_alt = add_text(w, folded_alt.base);
    names.kind_alt = add_text(w, folded_alt.kind);
    names.readings = (uint32_t)w->texts.len;
    pinyin_readings(w->b->pinyin, str_of(name), &w->texts);
    return names;
}

static int compare_crossings(const void *a, const void *b)
{
    const struct file_crossing *l = a, *r = b;
    return l->number < r->number ? -1 : l->number > r->number;
}

/* Appends the street's crossings, each once, ascending. */
static void write_crossings(struct writer *w, size_t first, size_t end)
{
    struct out found;
    out_init(&found, SIZE_MAX);
    for (size_t i = first; i < end; i++) {
        const struct stretch *s = w->order[i];
        const struct place *places = places_of(w->b, s);
        struct file_crossing ends[2] = {{s->tail, places[0]},
                                        {s->head, places[s->place_count - 1]}};
        out_bytes(&found, ends, sizeof ends);
    }
    struct file_crossing *all = (struct file_crossing *)(void *)found.p;
    size_t count = found.len / sizeof *all;
    qsort(all, count, sizeof *all, compare_crossings);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || all[i].number != all[i - 1].number)
            out_bytes(&w->crossings, &all[i], sizeof all[i]);
    }
    out_done(&found);
}

static void write_stretches(struct writer *w, size_t first, size_t end)
{
    for (size_t i = first; i < end; i++) {
        const struct stretch *s = w->order[i];
        const struct place *places = places_of(w->b, s);
        double length_m = 0;
        for (uint32_t k = 1; k < s->place_count; k++)
            length_m += place_distance_m(places[k - 1], places[k]);
        struct file_stretch stretch = {.places = (uint32_t)(w->places.len / sizeof *places),
                                       .left_from = s->left_from,
                                       .left_to = s->left_to,
                                       .right_from = s->right_from,
                                       .right_to = s->right_to,
                                       .length_dm = (uint32_t)(length_m * 10 + 0.5)};
        out_bytes(&w->places, places, s->place_count * sizeof *places);
        out_bytes(&w->stretches, &stretch, sizeof stretch);
    }
}

/* The crossing nearest to the mean of all: on the street, and in its midst. */
static void find_middle(const struct writer *w, struct file_street *street)
{
    const struct file_crossing *all = (const struct file_crossing *)(const void *)w->crossings.p;
    size_t end = w->crossings.len / sizeof *all;
    int64_t lat = 0, lon = 0, count = (int64_t)(end - street->crossings);
    double best = 1e12, extent = 0;
    for (size_t i = street->crossings; i < end; i++) {
        lat += all[i].place.lat_e7;
        lon += all[i].place.lon_e7;
    }
    struct place mean = {(int32_t)(lat / count), (int32_t)(lon / count)};
    for (size_t i = street->crossings; i < end; i++) {
        double away = place_distance_m(mean, all[i].place);
        if (away < best) {
            best = away;
            street->middle = all[i].place;
        }
    }
    for (size_t i = street->crossings; i < end; i++) {
        double away = place_distance_m(street->middle, all[i].place);
        extent = away > extent ? away : extent;
    }
    street->extent_m = (uint32_t)(extent + 0.5);
}

static void write_street(struct writer *w, size_t first, size_t end)
{
    struct file_street street = {
        .stretches = (uint32_t)(w->stretches.len / sizeof(struct file_stretch)),
        .crossings = (uint32_t)(w->crossings.len / sizeof(struct file_crossing))};
    const char *alt = "";
    for (size_t i = first; i < end && alt[0] == '\0'; i++)
        alt = name_of(w->b, w->order[i]->alt);
    street.names = write_name(w, name_of(w->b, w->order[first]->name), alt);
    write_crossings(w, first, end);
    write_stretches(w, first, end);
    find_middle(w, &street);
    out_bytes(&w->streets, &street, sizeof street);
}

static void write_streets(struct writer *w)
{
    size_t count = w->b->stretch_count;
    for (size_t i = 0, end; i < count; i = end) {
        for (end = i + 1; end < count; end++) {
            if (strcmp(name_of(w->b, w->order[i]->name), name_of(w->b, w->order[end]->name)) != 0)
                break;
        }
        write_street(w, i, end);
    }
    struct file_street last = {
        .stretches = (uint32_t)(w->stretches.len / sizeof(struct file_stretch)),
        .crossings = (uint32_t)(w->crossings.len / sizeof(struct file_crossing))};
    struct file_stretch end = {.places = (uint32_t)(w->places.len / sizeof(struct place))};
    out_bytes(&w->streets, &last, sizeof last);
    out_bytes(&w->stretches, &end, sizeof end);
}

static void write_points(struct writer *w)
{
    const struct point *points = (const struct point *)(const void *)w->b->points.p;
    for (uint32_t i = 0; i < w->b->point_count; i++) {
        struct file_point point = {.place = points[i].place};
        point.names = write_name(w, name_of(w->b, points[i].name), name_of(w->b, points[i].alt));
        out_bytes(&w->points, &point, sizeof point);
    }
}

static enum err write_file(struct writer *w, struct out *out)
{
    struct names_header header = {.version = NAMES_VERSION, .section_count = SECTION_COUNT};
    const struct out *const sections[SECTION_COUNT] = {
        [SECTION_streets] = &w->streets,     [SECTION_stretches] = &w->stretches,
        [SECTION_crossings] = &w->crossings, [SECTION_places] = &w->places,
        [SECTION_points] = &w->points,       [SECTION_texts] = &w->texts};
    static const size_t sizes[SECTION_COUNT] = {
#define SIZE_OF(section, type) [SECTION_##section] = sizeof(type),
        NAMES_SECTIONS(SIZE_OF)
#undef SIZE_OF
    };
    static const char pad[8] = {0};
    size_t start = out->len, at = sizeof header;
    memcpy(header.magic, NAMES_MAGIC, sizeof header.magic);
    for (size_t i = 0; i < SECTION_COUNT; i++) {
        if (sections[i]->err)
            return ERR_LIMIT;
        header.sections[i].offset = at;
        header.sections[i].count = sections[i]->len / sizes[i];
        at += (sections[i]->len + 7) / 8 * 8;
    }
    out_bytes(out, &header, sizeof header);
    for (size_t i = 0; i < SECTION_COUNT; i++) {
        out_str(out, out_view(sections[i]));
        out_bytes(out, pad, (8 - sections[i]->len % 8) % 8);
    }
    if (out->err)
        return out->err;
    size_t from = offsetof(struct names_header, sections);
    digest_of(out->p + start + from, at - from, header.digest);
    memcpy(out->p + start, &header, sizeof header);
    return OK;
}

enum err gazetteer_builder_finish(struct gazetteer_builder *b, struct out *out)
{
    struct writer w = {.b = b};
    struct out *const all[] = {&w.streets, &w.stretches, &w.crossings,
                               &w.places,  &w.points,    &w.texts};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        out_init(all[i], MAX_FILE_BYTES);
    w.order = calloc(b->stretch_count + 1u, sizeof *w.order);
    enum err err = w.order ? OK : ERR_LIMIT;
    if (!err) {
        const struct stretch *stretches = (const struct stretch *)(const void *)b->stretches.p;
        for (uint32_t i = 0; i < b->stretch_count; i++)
            w.order[i] = &stretches[i];
        qsort_r(w.order, b->stretch_count, sizeof *w.order, compare_stretches, b);
        out_byte(&w.texts, 0);
        write_streets(&w);
        write_points(&w);
        err = write_file(&w, out);
    }
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        out_done(all[i]);
    free(w.order);
    return err;
}
