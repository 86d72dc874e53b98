#include "codec/cap.h"
#include "base/utc.h"
#include "codec/cap_names.h"
#include "codec/xml.h"
#include <string.h>

#define CAP_12 "urn:oasis:names:tc:emergency:cap:1.2"
#define CAP_1X "urn:oasis:names:tc:emergency:cap:1."

struct reader {
    struct arena *arena;
    struct fault *fault;
};

/* ------------------------------------------------------- words, times, places */

static enum err refuse(struct reader *r, enum err err, const char *element, const char *text,
                       const struct xml *node)
{
    (void)fault_field(r->fault, err, element, text);
    if (r->fault && node)
        r->fault->line = node->line;
    return err;
}

static enum err read_word(struct reader *r, const struct xml *parent, const char *element,
                          const struct cap_words *words, uint32_t *ret_value)
{
    const struct xml *node = xml_child(parent, element);
    if (!node)
        return refuse(r, ERR_SYNTAX, element, "is missing", parent);
    *ret_value = cap_word(words, str_trim(node->text));
    return *ret_value ? OK : refuse(r, ERR_SYNTAX, element, "is none of its words", node);
}

static enum err read_words(struct reader *r, const struct xml *parent, const char *element,
                           const struct cap_words *words, uint32_t *ret_bits)
{
    for (const struct xml *node = xml_child(parent, element); node; node = xml_more(node)) {
        uint32_t value = cap_word(words, str_trim(node->text));
        if (!value)
            return refuse(r, ERR_SYNTAX, element, "is none of its words", node);
        *ret_bits |= 1u << value;
    }
    return OK;
}

/* The standard wants an offset written out: "Z" is not one (3.3.2). */
static enum err read_time(struct reader *r, const struct xml *parent, const char *element,
                          int64_t *ret_utc_us)
{
    const struct xml *node = xml_child(parent, element);
    if (!node)
        return OK;
    struct str text = str_trim(node->text);
    bool has_offset = text.len == 25 && (text.p[19] == '+' || text.p[19] == '-');
    if (!has_offset || utc_parse(text, ret_utc_us) != OK)
        return refuse(r, ERR_SYNTAX, element, "is no time with an offset", node);
    return OK;
}

/* "lat,lon"; blanks may stand round the comma of nobody's making, so none are taken. */
static bool read_place(struct str text, struct place *ret_place)
{
    int64_t lat, lon;
    struct str first = str_cut(&text, ',');
    if (str_fixed(first, 7, &lat) || str_fixed(text, 7, &lon) || lat < -900000000 ||
        lat > 900000000 || lon < -1800000000 || lon > 1800000000)
        return false;
    *ret_place = (struct place){(int32_t)lat, (int32_t)lon};
    return true;
}

static struct str next_word(struct str *rest)
{
    size_t from = 0, end;
    while (from < rest->len && strchr(" \t\r\n", rest->p[from]))
        from++;
    for (end = from; end < rest->len && !strchr(" \t\r\n", rest->p[end]);)
        end++;
    struct str word = {rest->p + from, end - from};
    *rest = str_from(*rest, end);
    return word;
}

static enum err read_ring(struct reader *r, const struct xml *node, struct ring *ret_ring)
{
    struct str text = node->text, word;
    size_t count = 0, most = node->text.len / 4 + 1;
    if (most > CAP_MAX_CORNERS)
        most = CAP_MAX_CORNERS;
    struct place *places = ARENA_NEW(r->arena, struct place, most);
    if (!places)
        return refuse(r, ERR_LIMIT, "polygon", "no room", node);
    while ((word = next_word(&text)).len > 0) {
        if (count == most)
            return refuse(r, ERR_LIMIT, "polygon", "has too many corners", node);
        if (!read_place(word, &places[count++]))
            return refuse(r, ERR_SYNTAX, "polygon", "has a corner that is no place", node);
    }
    if (count < 4 || !place_eq(places[0], places[count - 1]))
        return refuse(r, ERR_SYNTAX, "polygon", "is not closed", node);
    *ret_ring = (struct ring){places, count - 1};
    return OK;
}

static enum err read_circle(struct reader *r, const struct xml *node, struct cap_circle *ret_circle)
{
    struct str text = node->text, place = next_word(&text), radius = next_word(&text);
    int64_t metres; /* the standard's unit is the kilometre */
    if (!read_place(place, &ret_circle->centre) || str_fixed(radius, 3, &metres) || metres < 0 ||
        metres > 40000000 || next_word(&text).len)
        return refuse(r, ERR_SYNTAX, "circle", "is no place and radius", node);
    ret_circle->radius_m = (uint32_t)metres;
    return OK;
}

/* ------------------------------------------------------- alert, info, area */

static enum err read_geocodes(struct reader *r, const struct xml *node, struct cap_area *area)
{
    size_t count = xml_count(node, "geocode"), i = 0;
    struct str *pairs = ARENA_NEW(r->arena, struct str, 2 * count + 1);
    if (!pairs)
        return refuse(r, ERR_LIMIT, "geocode", "no room", node);
    for (const struct xml *g = xml_child(node, "geocode"); g; g = xml_more(g)) {
        pairs[i++] = xml_text(g, "valueName");
        pairs[i++] = xml_text(g, "value");
    }
    area->geocodes = pairs;
    area->geocode_count = count;
    return OK;
}

static enum err read_area(struct reader *r, const struct xml *node, struct cap_area *area)
{
    size_t i = 0;
    enum err err = OK;
    area->description = xml_text(node, "areaDesc");
    area->ring_count = xml_count(node, "polygon");
    area->circle_count = xml_count(node, "circle");
    struct ring *rings = ARENA_NEW(r->arena, struct ring, area->ring_count + 1);
    struct cap_circle *circles = ARENA_NEW(r->arena, struct cap_circle, area->circle_count + 1);
    if (!xml_child(node, "areaDesc"))
        return refuse(r, ERR_SYNTAX, "areaDesc", "is missing", node);
    if (!rings || !circles)
        return refuse(r, ERR_LIMIT, "area", "no room", node);
    for (const struct xml *p = xml_child(node, "polygon"); p && !err; p = xml_more(p))
        err = read_ring(r, p, &rings[i++]);
    i = 0;
    for (const struct xml *c = xml_child(node, "circle"); c && !err; c = xml_more(c))
        err = read_circle(r, c, &circles[i++]);
    area->rings = rings;
    area->circles = circles;
    return err ? err : read_geocodes(r, node, area);
}

static enum err read_areas(struct reader *r, const struct xml *node, struct cap_info *info)
{
    size_t count = xml_count(node, "area"), i = 0;
    enum err err = OK;
    struct cap_area *areas = ARENA_NEW(r->arena, struct cap_area, count + 1);
    if (!areas || count > CAP_MAX_AREAS)
        return refuse(r, ERR_LIMIT, "area", "too many", node);
    for (const struct xml *a = xml_child(node, "area"); a && !err; a = xml_more(a))
        err = read_area(r, a, &areas[i++]);
    info->areas = areas;
    info->area_count = count;
    return err;
}

static void read_info_texts(const struct xml *node, struct cap_info *info)
{
    info->language = xml_text(node, "language");
    info->event = xml_text(node, "event");
    info->audience = xml_text(node, "audience");
    info->sender_name = xml_text(node, "senderName");
    info->headline = xml_text(node, "headline");
    info->description = xml_text(node, "description");
    info->instruction = xml_text(node, "instruction");
    info->web = xml_text(node, "web");
    info->contact = xml_text(node, "contact");
}

static enum err read_info(struct reader *r, const struct xml *node, struct cap_info *info)
{
    uint32_t urgency = 0, severity = 0, certainty = 0;
    read_info_texts(node, info);
    if (!xml_child(node, "event"))
        return refuse(r, ERR_SYNTAX, "event", "is missing", node);
    enum err err = read_words(r, node, "category", &CAP_CATEGORY_WORDS, &info->categories);
    if (!err && !info->categories)
        err = refuse(r, ERR_SYNTAX, "category", "is missing", node);
    if (!err)
        err = read_words(r, node, "responseType", &CAP_RESPONSE_WORDS, &info->responses);
    if (!err)
        err = read_word(r, node, "urgency", &CAP_URGENCY_WORDS, &urgency);
    if (!err)
        err = read_word(r, node, "severity", &CAP_SEVERITY_WORDS, &severity);
    if (!err)
        err = read_word(r, node, "certainty", &CAP_CERTAINTY_WORDS, &certainty);
    if (!err)
        err = read_time(r, node, "effective", &info->effective_us);
    if (!err)
        err = read_time(r, node, "onset", &info->onset_us);
    if (!err)
        err = read_time(r, node, "expires", &info->expires_us);
    info->urgency = (enum cap_urgency)urgency;
    info->severity = (enum cap_severity)severity;
    info->certainty = (enum cap_certainty)certainty;
    return err ? err : read_areas(r, node, info);
}

static void read_alert_texts(const struct xml *root, struct cap_alert *alert)
{
    alert->identifier = xml_text(root, "identifier");
    alert->sender = xml_text(root, "sender");
    alert->source = xml_text(root, "source");
    alert->restriction = xml_text(root, "restriction");
    alert->addresses = xml_text(root, "addresses");
    alert->note = xml_text(root, "note");
    alert->references = xml_text(root, "references");
    alert->incidents = xml_text(root, "incidents");
}

static enum err read_alert(struct reader *r, const struct xml *root, struct cap_alert *alert)
{
    uint32_t status = 0, kind = 0, scope = 0;
    read_alert_texts(root, alert);
    if (alert->identifier.len == 0)
        return refuse(r, ERR_SYNTAX, "identifier", "is missing", root);
    if (alert->sender.len == 0)
        return refuse(r, ERR_SYNTAX, "sender", "is missing", root);
    if (!xml_child(root, "sent"))
        return refuse(r, ERR_SYNTAX, "sent", "is missing", root);
    enum err err = read_time(r, root, "sent", &alert->sent_us);
    if (!err)
        err = read_word(r, root, "status", &CAP_STATUS_WORDS, &status);
    if (!err)
        err = read_word(r, root, "msgType", &CAP_KIND_WORDS, &kind);
    if (!err)
        err = read_word(r, root, "scope", &CAP_SCOPE_WORDS, &scope);
    alert->status = (enum cap_status)status;
    alert->kind = (enum cap_kind)kind;
    alert->scope = (enum cap_scope)scope;
    return err;
}

enum err cap_read(struct str bytes, struct arena *arena, struct cap_alert *ret_alert,
                  struct fault *ret_fault)
{
    struct reader r = {arena, ret_fault};
    const struct xml *root;
    struct cap_alert alert = {0};
    size_t i = 0;
    enum err err = xml_read(bytes, arena, &root, ret_fault);
    if (err)
        return err;
    if (!str_eq_c(root->name, "alert"))
        return refuse(&r, ERR_SYNTAX, "alert", "is missing", root);
    if (!str_eq_c(root->space, CAP_12))
        return refuse(&r, str_starts(root->space, STR(CAP_1X)) ? ERR_UNSUPPORTED : ERR_SYNTAX,
                      "alert", "is not of CAP 1.2", root);
    err = read_alert(&r, root, &alert);
    if (err)
        return err;
    alert.info_count = xml_count(root, "info");
    struct cap_info *infos = ARENA_NEW(arena, struct cap_info, alert.info_count + 1);
    if (!infos || alert.info_count > CAP_MAX_INFOS)
        return refuse(&r, ERR_LIMIT, "info", "too many", root);
    for (const struct xml *n = xml_child(root, "info"); n && !err; n = xml_more(n))
        err = read_info(&r, n, &infos[i++]);
    alert.infos = infos;
    if (!err)
        *ret_alert = alert;
    return err;
}
