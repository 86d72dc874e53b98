#include "base/utc.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int64_t utc_us = 0, again = 0;
    char iso[UTC_ISO_CAP];
    if (utc_parse((struct str){(const char *)data, size}, &utc_us) == OK) {
        struct civil c = utc_civil(utc_us);
        /* An offset can carry the first and the last day out of the four-digit years. */
        if (c.year >= 0 && c.year <= 9999) {
            utc_iso(utc_us, iso);
            MUST(utc_parse(str_of(iso), &again) == OK && again == utc_us);
        }
        MUST(utc_us - utc_from_civil(c) < US_PER_S && utc_us >= utc_from_civil(c));
    }
    if (size >= sizeof utc_us) {
        memcpy(&utc_us, data, sizeof utc_us);
        utc_iso(utc_us, iso);
        struct civil c = utc_civil(utc_us);
        MUST(c.month >= 1 && c.month <= 12 && c.day >= 1 && c.day <= 31 && c.hour < 24);
        MUST(c.weekday >= 0 && c.weekday < 7);
    }
    return 0;
}
