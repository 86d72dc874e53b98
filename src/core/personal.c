/* personal.c - takes what is said about persons out of a command before the desk sees it.
 * The text goes to the payload table with the time when retention deletes it; what stays is the
 * payload's id and a keyed hash, so that neither replay nor the audit chain needs the text. */
#include "core/core_priv.h"

#define KEEP_YEARS_US (3 * 365 * US_PER_DAY)

/* Where a value is kept for another time than three years. 0 days: as long as its object. */
static const struct {
    const char *record, *field;
    int64_t keep_days;
} keeping[] = {
    {"user_install", "credential", 0},
    {"signal_raise", "contact", 90},
    {"call_ring", "number", 180},
};

static int64_t expires_us(const struct record *rec, const struct field *f, int64_t now_us)
{
    for (size_t i = 0; i < sizeof keeping / sizeof keeping[0]; i++) {
        if (str_eq_c(str_of(rec->name), keeping[i].record) &&
            str_eq_c(str_of(f->name), keeping[i].field))
            return keeping[i].keep_days ? now_us + keeping[i].keep_days * US_PER_DAY : 0;
    }
    return now_us + KEEP_YEARS_US;
}

void core_personal_extract(struct core *core, struct request *request)
{
    const struct record *rec = request->def->fields;
    uint64_t has;
    memcpy(&has, request->fields, sizeof has);
    for (uint32_t i = 0; i < rec->field_count; i++) {
        const struct field *f = &rec->fields[i];
        if (f->type != FIELD_PERSONAL || !((has >> i) & 1))
            continue;
        struct personal *value = (struct personal *)(void *)((char *)request->fields + f->offset);
        value->payload = ++core->payload;
        digest_keyed(core->options.payload_key, value->text.p, value->text.len, value->hash,
                     PERSONAL_HASH_BYTES);
        store_batch_payload(request->batch, value->payload, f->data_class,
                            expires_us(rec, f, request->now_us), value->text);
        value->text = (struct str){0};
    }
}
