#include "base/file.h"
#include "gazetteer/names_priv.h"

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "city.names is mapped as it lies");

static enum err attach(struct gazetteer *g, struct str bytes)
{
    struct names_header header;
    uint8_t digest[DIGEST_BYTES];
    size_t from = offsetof(struct names_header, sections);
    if (bytes.len < sizeof header || (uintptr_t)bytes.p % 8 != 0)
        return ERR_CORRUPT;
    memcpy(&header, bytes.p, sizeof header);
    if (memcmp(header.magic, NAMES_MAGIC, sizeof header.magic) != 0)
        return ERR_CORRUPT;
    if (header.version != NAMES_VERSION || header.section_count != SECTION_COUNT)
        return ERR_UNSUPPORTED;
    digest_of(bytes.p + from, bytes.len - from, digest);
    if (memcmp(digest, header.digest, sizeof digest) != 0)
        return ERR_CORRUPT;
    uint64_t counts[SECTION_COUNT];
#define ATTACH(section, type)                                                                      \
    counts[SECTION_##section] = header.sections[SECTION_##section].count;                          \
    if (header.sections[SECTION_##section].offset % 8 != 0 ||                                      \
        header.sections[SECTION_##section].offset > bytes.len ||                                   \
        counts[SECTION_##section] >                                                                \
            (bytes.len - header.sections[SECTION_##section].offset) / sizeof(type) ||              \
        counts[SECTION_##section] > INT32_MAX)                                                     \
        return ERR_CORRUPT;                                                                        \
    g->section = (const void *)(bytes.p + header.sections[SECTION_##section].offset);
    NAMES_SECTIONS(ATTACH)
#undef ATTACH
    if (counts[SECTION_streets] == 0 || counts[SECTION_stretches] == 0 ||
        counts[SECTION_texts] == 0)
        return ERR_CORRUPT;
    g->bytes = bytes;
    g->street_count = (uint32_t)counts[SECTION_streets] - 1;
    g->stretch_count = (uint32_t)counts[SECTION_stretches] - 1;
    g->crossing_count = (uint32_t)counts[SECTION_crossings];
    g->place_count = (uint32_t)counts[SECTION_places];
    g->point_count = (uint32_t)counts[SECTION_points];
    g->texts_count = (uint32_t)counts[SECTION_texts];
    return OK;
}

static bool names_are_sound(const struct gazetteer *g, const struct file_name *names)
{
    const uint32_t at[] = {names->name,     names->alt,      names->base,    names->kind,
                           names->base_alt, names->kind_alt, names->readings};
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        if (at[i] >= g->texts_count)
            return false;
    }
    return text_at(g, names->name).len < NAME_CAP;
}

static bool streets_are_sound(const struct gazetteer *g)
{
    const struct file_street *last = &g->streets[g->street_count];
    if (g->streets[0].stretches != 0 || g->streets[0].crossings != 0 ||
        last->stretches != g->stretch_count || last->crossings != g->crossing_count)
        return false;
    for (uint32_t i = 0; i < g->street_count; i++) {
        const struct file_street *s = &g->streets[i];
        if (!names_are_sound(g, &s->names) || s->stretches >= s[1].stretches ||
            s->crossings >= s[1].crossings || s[1].stretches > g->stretch_count ||
            s[1].crossings > g->crossing_count || !place_is_valid(s->middle))
            return false;
    }
    return true;
}

static bool stretches_are_sound(const struct gazetteer *g)
{
    if (g->stretches[0].places != 0 || g->stretches[g->stretch_count].places != g->place_count)
        return false;
    for (uint32_t i = 0; i < g->stretch_count; i++) {
        uint32_t first = g->stretches[i].places, end = g->stretches[i + 1].places;
        if (end > g->place_count || end < first || end - first < 2)
            return false;
    }
    return true;
}

static bool places_are_sound(const struct gazetteer *g)
{
    bool is_sound = true;
    for (uint32_t i = 0; i < g->place_count; i++)
        is_sound &= place_is_valid(g->places[i]);
    for (uint32_t i = 0; i < g->crossing_count; i++)
        is_sound &= place_is_valid(g->crossings[i].place);
    for (uint32_t i = 0; i < g->point_count; i++)
        is_sound &= place_is_valid(g->points[i].place) && names_are_sound(g, &g->points[i].names);
    return is_sound;
}

enum err gazetteer_open_bytes(struct str bytes, struct gazetteer **ret_gazetteer,
                              struct fault *ret_fault)
{
    struct gazetteer *g = calloc(1, sizeof *g);
    enum err err = g ? attach(g, bytes) : ERR_LIMIT;
    if (!err && !(g->texts[0] == '\0' && g->texts[g->texts_count - 1] == '\0' &&
                  streets_are_sound(g) && stretches_are_sound(g) && places_are_sound(g)))
        err = ERR_CORRUPT;
    if (err) {
        free(g);
        return fault_set(ret_fault, err, 0,
                         err == ERR_UNSUPPORTED ? "names file of another version: import it again"
                                                : "not a names file, or damaged");
    }
    *ret_gazetteer = g;
    return OK;
}

enum err gazetteer_open(const char *path, struct gazetteer **ret_gazetteer, struct fault *ret_fault)
{
    struct str bytes;
    enum err err = file_map(path, &bytes);
    if (err)
        return fault_set(ret_fault, err, 0, "the names file cannot be opened");
    err = gazetteer_open_bytes(bytes, ret_gazetteer, ret_fault);
    if (err)
        file_unmap(bytes);
    else
        (*ret_gazetteer)->is_mapped = true;
    return err;
}

void gazetteer_close(struct gazetteer *g)
{
    if (g && g->is_mapped)
        file_unmap(g->bytes);
    free(g);
}

uint32_t gazetteer_street_count(const struct gazetteer *g)
{
    return g->street_count;
}
