/* cap_out.c - writing alerts, and the rules that the schema cannot say. */
#include "base/utc.h"
#include "codec/cap_names.h"
#include "codec/xml_out.h"
#include <string.h>

#define CAP_12 "urn:oasis:names:tc:emergency:cap:1.2"
#define WORD(name) #name,
#define WORDS(name, LIST)                                                                          \
    static const char *const name##_TEXTS[] = {NULL, LIST(WORD)};                                  \
    const struct cap_words name##_WORDS = {name##_TEXTS, sizeof name##_TEXTS / sizeof(char *)}
WORDS(CAP_STATUS, CAP_STATUS_LIST);
WORDS(CAP_KIND, CAP_KIND_LIST);
WORDS(CAP_SCOPE, CAP_SCOPE_LIST);
WORDS(CAP_URGENCY, CAP_URGENCY_LIST);
WORDS(CAP_SEVERITY, CAP_SEVERITY_LIST);
WORDS(CAP_CERTAINTY, CAP_CERTAINTY_LIST);
WORDS(CAP_CATEGORY, CAP_CATEGORY_LIST);
WORDS(CAP_RESPONSE, CAP_RESPONSE_LIST);

uint32_t cap_word(const struct cap_words *words, struct str text)
{
    for (uint32_t i = 1; i < words->count; i++) {
        if (str_eq_c(text, words->words[i]))
            return i;
    }
    return 0;
}

/* ------------------------------------------------------- rules */

static void complain(struct cap_complaints *c, const char *element, const char *text)
{
    if (c->count < CAP_MAX_COMPLAINTS)
        c->at[c->count++] = (struct cap_complaint){element, text};
}

static bool has_any_of(struct str text, const char *bad)
{
    for (size_t i = 0; i < text.len; i++) {
        if (strchr(bad, text.p[i]))
            return true;
    }
    return false;
}

/* Each reference is sender,identifier,sent; they are apart by blanks (3.2.1). */
static bool are_references(struct str text)
{
    size_t count = 0;
    while (text.len > 0) {
        struct str one = str_trim(str_cut(&text, ' '));
        int64_t utc_us;
        if (one.len == 0)
            continue;
        struct str sender = str_cut(&one, ','), identifier = str_cut(&one, ',');
        if (sender.len == 0 || identifier.len == 0 || utc_parse(one, &utc_us) != OK)
            return false;
        count++;
    }
    return count > 0;
}

static void check_info(const struct cap_alert *alert, const struct cap_info *info,
                       struct cap_complaints *c)
{
    int64_t start_us = info->effective_us ? info->effective_us : alert->sent_us;
    if (info->expires_us && info->expires_us <= start_us)
        complain(c, "expires", "is not later than when it takes effect");
    if (info->expires_us && info->expires_us - start_us > CAP_MAX_VALID_US)
        complain(c, "expires", "is more than 31 days ahead");
    if (info->effective_us && info->effective_us < alert->sent_us)
        complain(c, "effective", "is before it was sent");
    if (info->onset_us && info->expires_us && info->onset_us > info->expires_us)
        complain(c, "onset", "is after it expires");
    if (info->event.len == 0)
        complain(c, "event", "is empty");
    for (size_t i = 0; i < info->area_count; i++) {
        if (info->areas[i].description.len == 0)
            complain(c, "areaDesc", "is empty");
    }
}

void cap_check(const struct cap_alert *alert, struct cap_complaints *ret_complaints)
{
    struct cap_complaints *c = ret_complaints;
    bool needs_reference = alert->kind == CAP_KIND_Update || alert->kind == CAP_KIND_Cancel ||
                           alert->kind == CAP_KIND_Ack || alert->kind == CAP_KIND_Error;
    memset(c, 0, sizeof *c);
    if (has_any_of(alert->identifier, " ,<&"))
        complain(c, "identifier", "holds a blank, comma, < or &");
    if (has_any_of(alert->sender, " ,<&"))
        complain(c, "sender", "holds a blank, comma, < or &");
    if (alert->scope == CAP_SCOPE_Restricted && alert->restriction.len == 0)
        complain(c, "restriction", "is missing where the scope is Restricted");
    if (alert->scope == CAP_SCOPE_Private && alert->addresses.len == 0)
        complain(c, "addresses", "is missing where the scope is Private");
    if (needs_reference && !are_references(alert->references))
        complain(c, "references", "does not name an alert as sender,identifier,sent");
    if (alert->kind == CAP_KIND_Error && alert->note.len == 0)
        complain(c, "note", "is missing where the message is an Error");
    if (alert->status == CAP_STATUS_Exercise && alert->note.len == 0)
        complain(c, "note", "does not name the exercise");
    if ((alert->kind == CAP_KIND_Alert || alert->kind == CAP_KIND_Update) && alert->info_count == 0)
        complain(c, "info", "is missing");
    for (size_t i = 0; i < alert->info_count; i++)
        check_info(alert, &alert->infos[i], c);
}

/* ------------------------------------------------------- out */

static void put_text(struct xml_out *x, const char *element, struct str text)
{
    if (text.len)
        xml_element(x, element, text);
}

static void put_word(struct xml_out *x, const char *element, const struct cap_words *words,
                     uint32_t value)
{
    if (value)
        xml_element(x, element, str_of(words->words[value]));
}

static void put_words(struct xml_out *x, const char *element, const struct cap_words *words,
                      uint32_t bits)
{
    for (uint32_t i = 1; i < words->count; i++) {
        if (bits >> i & 1)
            put_word(x, element, words, i);
    }
}

static void write_time(int64_t utc_us, char *buf)
{
    utc_iso(utc_us, buf);
    memcpy(buf + 19, "+00:00", 7); /* whole seconds, the offset written out */
}

static void put_time(struct xml_out *x, const char *element, int64_t utc_us)
{
    char buf[UTC_ISO_CAP];
    if (utc_us == 0)
        return;
    write_time(utc_us, buf);
    xml_element(x, element, str_of(buf));
}

static void write_place(struct out *out, struct place place)
{
    out_fixed(out, place.lat_e7, 7);
    out_byte(out, ',');
    out_fixed(out, place.lon_e7, 7);
}

static void write_area(struct xml_out *x, const struct cap_area *area, struct out *text)
{
    xml_open(x, "area");
    xml_element(x, "areaDesc", area->description);
    for (size_t i = 0; i < area->ring_count; i++) {
        out_reset(text);
        for (size_t k = 0; k < area->rings[i].count; k++) {
            write_place(text, area->rings[i].places[k]);
            out_byte(text, ' ');
        }
        write_place(text, area->rings[i].places[0]);
        xml_element(x, "polygon", out_view(text));
    }
    for (size_t i = 0; i < area->circle_count; i++) {
        out_reset(text);
        write_place(text, area->circles[i].centre);
        out_byte(text, ' ');
        out_fixed(text, area->circles[i].radius_m, 3);
        xml_element(x, "circle", out_view(text));
    }
    for (size_t i = 0; i < area->geocode_count; i++) {
        xml_open(x, "geocode");
        xml_element(x, "valueName", area->geocodes[2 * i]);
        xml_element(x, "value", area->geocodes[2 * i + 1]);
        xml_close(x);
    }
    xml_close(x);
}

static void write_info(struct xml_out *x, const struct cap_info *info, struct out *text)
{
    xml_open(x, "info");
    put_text(x, "language", info->language);
    put_words(x, "category", &CAP_CATEGORY_WORDS, info->categories);
    xml_element(x, "event", info->event);
    put_words(x, "responseType", &CAP_RESPONSE_WORDS, info->responses);
    put_word(x, "urgency", &CAP_URGENCY_WORDS, info->urgency);
    put_word(x, "severity", &CAP_SEVERITY_WORDS, info->severity);
    put_word(x, "certainty", &CAP_CERTAINTY_WORDS, info->certainty);
    put_text(x, "audience", info->audience);
    put_time(x, "effective", info->effective_us);
    put_time(x, "onset", info->onset_us);
    put_time(x, "expires", info->expires_us);
    put_text(x, "senderName", info->sender_name);
    put_text(x, "headline", info->headline);
    put_text(x, "description", info->description);
    put_text(x, "instruction", info->instruction);
    put_text(x, "web", info->web);
    put_text(x, "contact", info->contact);
    for (size_t i = 0; i < info->area_count; i++)
        write_area(x, &info->areas[i], text);
    xml_close(x);
}

void cap_write(const struct cap_alert *alert, struct out *out)
{
    struct xml_out x = xml_out_of(out);
    struct out text;
    out_init(&text, out->max_bytes);
    xml_open(&x, "alert");
    xml_put_c(&x, "xmlns", CAP_12);
    xml_element(&x, "identifier", alert->identifier);
    xml_element(&x, "sender", alert->sender);
    put_time(&x, "sent", alert->sent_us);
    put_word(&x, "status", &CAP_STATUS_WORDS, alert->status);
    put_word(&x, "msgType", &CAP_KIND_WORDS, alert->kind);
    put_text(&x, "source", alert->source);
    put_word(&x, "scope", &CAP_SCOPE_WORDS, alert->scope);
    put_text(&x, "restriction", alert->restriction);
    put_text(&x, "addresses", alert->addresses);
    put_text(&x, "note", alert->note);
    put_text(&x, "references", alert->references);
    put_text(&x, "incidents", alert->incidents);
    for (size_t i = 0; i < alert->info_count; i++)
        write_info(&x, &alert->infos[i], &text);
    xml_close(&x);
    out_done(&text);
}

void cap_reference(const struct cap_alert *alert, struct out *out)
{
    char buf[UTC_ISO_CAP];
    write_time(alert->sent_us, buf);
    out_str(out, alert->sender);
    out_byte(out, ',');
    out_str(out, alert->identifier);
    out_byte(out, ',');
    out_c(out, buf);
}
