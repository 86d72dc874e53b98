/* utc.h - dates. utc_us is microseconds since 1970 UTC, never mixed with mono_us (a stopwatch).
 * Layer: base. Threads: pure but for utc_zone_set, called once by main before threads start. */
#ifndef BASE_UTC_H
#define BASE_UTC_H
#include "base/str.h"

#define US_PER_S 1000000LL
#define US_PER_MIN (60 * US_PER_S)
#define US_PER_HOUR (3600 * US_PER_S)
#define US_PER_DAY (86400 * US_PER_S)
#define UTC_ISO_CAP 32

struct civil {
    int32_t year;
    int32_t month, day;           /* 1-based */
    int32_t hour, minute, second; /* second 0..60 */
    int32_t weekday;              /* 0 = Sunday */
};

/* "2026-11-23T17:32:32.000000Z", NUL-ended, in buf of UTC_ISO_CAP; microseconds always shown. */
void utc_iso(int64_t utc_us, char *buf);
/* RFC 3339 with Z or offset, fraction up to 6 digits. ERR_SYNTAX, ERR_RANGE. */
enum err utc_parse(struct str s, int64_t *ret_utc_us);
int64_t utc_from_civil(struct civil c); /* c is UTC; proleptic Gregorian */
struct civil utc_civil(int64_t utc_us);
/* The realm's one IANA zone ("Asia/Shanghai"); UTC until set. ERR_NOT_FOUND: no such zone file. */
enum err utc_zone_set(const char *iana_name);
struct civil utc_local(int64_t utc_us);
/* Local civil time to UTC; inside a gap the first instant after it, in a fold the first of two. */
int64_t utc_from_local(struct civil local);
#endif
