#include "base/utc.h"
#include <unistd.h>

#define ZONE_FOLDER "/usr/share/zoneinfo/"
#define MAX_ZONE_NAME 64
#define S_PER_DAY 86400

static bool has_zone; /* set once before threads start */

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Days since 1970-01-01 of a proleptic Gregorian date. Years are counted from 1 March, so that the
 * leap day comes last; 400 years have 146097 days. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    year -= month < 3;
    int64_t era = floor_div(year, 400), year_of_era = year - era * 400;
    int64_t month_from_march = (month + 9) % 12;
    int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static struct civil civil_of_days(int64_t days)
{
    int64_t shifted = days + 719468, era = floor_div(shifted, 146097);
    int64_t day_of_era = shifted - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    int64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    return (struct civil){
        .year = (int32_t)(year_of_era + era * 400 + (month < 3)),
        .month = (int32_t)month,
        .day = (int32_t)(day_of_year - (153 * month_from_march + 2) / 5 + 1),
        .weekday = (int32_t)((days + 4) - 7 * floor_div(days + 4, 7)),
    };
}

static int64_t seconds_of(struct civil c)
{
    int64_t days = days_of(c.year, c.month, c.day);
    return ((days * 24 + c.hour) * 60 + c.minute) * 60 + c.second;
}

static struct civil civil_of_seconds(int64_t seconds)
{
    int64_t days = floor_div(seconds, S_PER_DAY), rest = seconds - days * S_PER_DAY;
    struct civil c = civil_of_days(days);
    c.hour = (int32_t)(rest / 3600);
    c.minute = (int32_t)(rest / 60 % 60);
    c.second = (int32_t)(rest % 60);
    return c;
}

int64_t utc_from_civil(struct civil c)
{
    return seconds_of(c) * US_PER_S;
}

struct civil utc_civil(int64_t utc_us)
{
    return civil_of_seconds(floor_div(utc_us, US_PER_S));
}

void utc_iso(int64_t utc_us, char *buf)
{
    struct civil c = utc_civil(utc_us);
    int64_t fraction = utc_us % US_PER_S;
    fraction += fraction < 0 ? US_PER_S : 0;
    (void)snprintf(buf, UTC_ISO_CAP, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", c.year, c.month, c.day,
                   c.hour, c.minute, c.second, (int)fraction);
}

/* Takes exactly n digits off *s. */
static enum err take_digits(struct str *s, size_t n, int32_t *ret_value)
{
    if (s->len < n)
        return ERR_SYNTAX;
    uint32_t value = 0;
    enum err err = str_u32((struct str){s->p, n}, &value);
    if (err == OK)
        *ret_value = (int32_t)value;
    *s = str_from(*s, n);
    return err;
}

static bool take_one_of(struct str *s, const char *set)
{
    if (s->len == 0 || s->p[0] == 0 || !strchr(set, s->p[0]))
        return false;
    *s = str_from(*s, 1);
    return true;
}

static enum err take_date_time(struct str *s, struct civil *ret_civil)
{
    static const char *const behind[] = {"-", "-", "Tt ", ":", ":", NULL};
    int32_t part[6] = {0};
    for (int i = 0; i < 6; i++) {
        enum err err = take_digits(s, i == 0 ? 4 : 2, &part[i]);
        if (err)
            return err;
        if (behind[i] && !take_one_of(s, behind[i]))
            return ERR_SYNTAX;
    }
    *ret_civil = (struct civil){.year = part[0],
                                .month = part[1],
                                .day = part[2],
                                .hour = part[3],
                                .minute = part[4],
                                .second = part[5]};
    return OK;
}

static enum err take_fraction(struct str *s, int64_t *ret_us)
{
    *ret_us = 0;
    if (!take_one_of(s, "."))
        return OK;
    size_t n = 0;
    int64_t unit = US_PER_S;
    for (; n < s->len && s->p[n] >= '0' && s->p[n] <= '9'; n++) {
        unit /= 10;
        *ret_us += unit * (s->p[n] - '0');
    }
    *s = str_from(*s, n);
    return n >= 1 && n <= 6 ? OK : ERR_SYNTAX;
}

static enum err take_offset(struct str *s, int64_t *ret_offset_s)
{
    *ret_offset_s = 0;
    if (take_one_of(s, "Zz"))
        return OK;
    int32_t hours = 0, minutes = 0;
    bool is_west = s->len && s->p[0] == '-';
    if (!take_one_of(s, "+-") || take_digits(s, 2, &hours) || !take_one_of(s, ":") ||
        take_digits(s, 2, &minutes))
        return ERR_SYNTAX;
    if (hours > 23 || minutes > 59)
        return ERR_RANGE;
    int64_t seconds = hours * 3600LL + minutes * 60LL;
    *ret_offset_s = is_west ? -seconds : seconds;
    return OK;
}

static bool is_real_date(struct civil c)
{
    if (c.month < 1 || c.month > 12 || c.day < 1 || c.hour > 23 || c.minute > 59 || c.second > 60)
        return false;
    int next_year = c.year + c.month / 12, next_month = c.month % 12 + 1;
    return c.day <= days_of(next_year, next_month, 1) - days_of(c.year, c.month, 1);
}

enum err utc_parse(struct str s, int64_t *ret_utc_us)
{
    struct civil c;
    int64_t fraction_us, offset_s;
    if (take_date_time(&s, &c) || take_fraction(&s, &fraction_us))
        return ERR_SYNTAX;
    enum err err = take_offset(&s, &offset_s);
    if (err)
        return err;
    if (s.len)
        return ERR_SYNTAX;
    if (!is_real_date(c))
        return ERR_RANGE;
    int64_t seconds = seconds_of(c) - offset_s;
    /* A leap second exists only at the end of a UTC day; it is counted as the next second. */
    if (c.second == 60 && seconds - floor_div(seconds, S_PER_DAY) * S_PER_DAY != 0)
        return ERR_RANGE;
    *ret_utc_us = seconds * US_PER_S + fraction_us;
    return OK;
}

enum err utc_zone_set(const char *iana_name)
{
    char path[sizeof ZONE_FOLDER + MAX_ZONE_NAME], value[MAX_ZONE_NAME + 2];
    if (!iana_name[0] || iana_name[0] == '/' || strstr(iana_name, "..") ||
        strlen(iana_name) >= MAX_ZONE_NAME)
        return ERR_NOT_FOUND;
    (void)snprintf(path, sizeof path, ZONE_FOLDER "%s", iana_name);
    (void)snprintf(value, sizeof value, ":%s", iana_name);
    char magic[4] = {0};
    FILE *f = fopen(path, "rbe");
    bool is_zone = f && fread(magic, 1, sizeof magic, f) == sizeof magic;
    if (f)
        (void)fclose(f);
    if (!is_zone || memcmp(magic, "TZif", sizeof magic) != 0)
        return ERR_NOT_FOUND;
    if (setenv("TZ", value, 1) != 0)
        abort();
    tzset();
    has_zone = true;
    return OK;
}

/* Seconds east of Greenwich at an instant. */
static int64_t offset_at(int64_t seconds)
{
    struct tm tm;
    time_t t = seconds;
    return has_zone && localtime_r(&t, &tm) ? tm.tm_gmtoff : 0;
}

struct civil utc_local(int64_t utc_us)
{
    int64_t seconds = floor_div(utc_us, US_PER_S);
    return civil_of_seconds(seconds + offset_at(seconds));
}

int64_t utc_from_local(struct civil local)
{
    /* Offsets a day before and after; a zone changes at most once between. */
    int64_t wall = seconds_of(local);
    int64_t before = offset_at(wall - S_PER_DAY), after = offset_at(wall + S_PER_DAY);
    int64_t first = wall - (before > after ? before : after);
    int64_t second = wall - (before > after ? after : before);
    if (first + offset_at(first) == wall)
        return first * US_PER_S;
    if (second + offset_at(second) == wall)
        return second * US_PER_S;
    /* In a gap: `first` lies before the change and `second` after it. Find the change. */
    while (second - first > 1) {
        int64_t middle = first + (second - first) / 2;
        if (offset_at(middle) == before)
            first = middle;
        else
            second = middle;
    }
    return second * US_PER_S;
}
