#include "road/speeds.h"
#include "base/utc.h"
#include "road/road_priv.h"
#include <stdio.h>

#define WEEK_DAYS 7u
#define DAY_HOURS 24u
static const char *const day_names[WEEK_DAYS] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

/* ------------------------------------------------------- hours of the week */

uint32_t road_week_hour(uint32_t weekday, uint32_t hour)
{
    return (weekday + 6) % WEEK_DAYS * DAY_HOURS + hour;
}

uint32_t road_hour_at(int64_t utc_us)
{
    const struct civil local = utc_local(utc_us);
    return road_week_hour((uint32_t)local.weekday, (uint32_t)local.hour);
}

void road_hour_text(uint32_t week_hour, char buf[ROAD_HOUR_CAP])
{
    assert(week_hour < ROAD_WEEK_HOURS);
    (void)snprintf(buf, ROAD_HOUR_CAP, "%s-%02u", day_names[week_hour / DAY_HOURS],
                   week_hour % DAY_HOURS);
}

static uint32_t day_of(struct str name)
{
    uint32_t day = 0;
    while (day < WEEK_DAYS && !str_eq_c(name, day_names[day]))
        day++;
    return day;
}

enum err road_hour_read(struct str text, uint32_t *ret_week_hour)
{
    struct str rest = text;
    const uint32_t day = day_of(str_cut(&rest, '-'));
    uint32_t hour;
    if (day == WEEK_DAYS || rest.len != 2 || str_u32(rest, &hour) || hour >= DAY_HOURS)
        return ERR_SYNTAX;
    *ret_week_hour = day * DAY_HOURS + hour;
    return OK;
}

/* ------------------------------------------------------- rows of a table */

struct row { /* what its first fields name, as bits */
    uint32_t profiles, classes, days;
    struct str rest; /* fields not yet read */
};

static enum err read_profiles(const struct road *road, struct str names, uint32_t *ret_bits)
{
    *ret_bits = 0;
    while (names.len > 0) {
        char name[ROAD_PROFILE_NAME_CAP];
        const struct str word = str_cut(&names, ' ');
        if (!str_copy(word, name, sizeof name) || road_profile(road, name) == ROAD_NONE)
            return ERR_NOT_FOUND;
        *ret_bits |= 1u << road_profile(road, name);
    }
    return *ret_bits ? OK : ERR_SYNTAX;
}

static enum err read_classes(struct str names, uint32_t *ret_bits)
{
    *ret_bits = 0;
    while (names.len > 0) {
        const uint32_t road_class = road_class_of(str_cut(&names, ' '));
        if (road_class == ROAD_NONE)
            return ERR_NOT_FOUND;
        *ret_bits |= 1u << road_class;
    }
    return *ret_bits ? OK : ERR_SYNTAX;
}

static enum err read_days(struct str names, uint32_t *ret_bits)
{
    *ret_bits = 0;
    while (names.len > 0) {
        const uint32_t day = day_of(str_cut(&names, ' '));
        if (day == WEEK_DAYS)
            return ERR_NOT_FOUND;
        *ret_bits |= 1u << day;
    }
    return *ret_bits ? OK : ERR_SYNTAX;
}

static enum err read_permille(struct str *rest, uint16_t *ret_permille)
{
    uint32_t value;
    if (str_u32(str_trim(str_cut(rest, ',')), &value))
        return ERR_SYNTAX;
    if (value < ROAD_MIN_SPEED_PERMILLE || value > ROAD_MAX_SPEED_PERMILLE)
        return ERR_RANGE;
    *ret_permille = (uint16_t)value;
    return OK;
}

/* Gives the line that comes next, without comments and empty ones. False: no more. */
static bool next_line(struct str *text, uint32_t *io_line, struct str *ret_line)
{
    while (text->len > 0) {
        struct str line = str_trim(str_cut(text, '\n'));
        (*io_line)++;
        if (line.len > 0 && line.p[0] != '#') {
            *ret_line = line;
            return true;
        }
    }
    return false;
}

static const char *reason(enum err err)
{
    return err == ERR_NOT_FOUND ? "no such profile, class of street or day"
           : err == ERR_RANGE   ? "a number or a name outside its bounds"
           : err == ERR_EXISTS  ? "stated before"
                                : "not a row of this table, or one is missing";
}

static enum err refused(enum err err, uint32_t line, struct fault *ret_fault)
{
    if (err && ret_fault)
        *ret_fault = (struct fault){.line = line, .text = reason(err)};
    return err;
}

/* ------------------------------------------------------- by hour of the week */

struct hours_reader {
    struct road_hours *hours;
    /* stated: a bit per day */
    uint8_t stated[ROAD_MAX_PROFILES][ROAD_MAX_CLASSES];
};

static enum err set_cell(struct hours_reader *reader, const struct row *row,
                         const uint16_t permille[DAY_HOURS], uint32_t profile, uint32_t road_class)
{
    if (reader->stated[profile][road_class] & row->days)
        return ERR_EXISTS;
    reader->stated[profile][road_class] |= (uint8_t)row->days;
    for (uint32_t at = 0; at < ROAD_WEEK_HOURS; at++) {
        if (row->days >> at / DAY_HOURS & 1)
            reader->hours->at[at].permille[profile][road_class] = permille[at % DAY_HOURS];
    }
    return OK;
}

static enum err read_hours_row(struct hours_reader *reader, const struct road *road,
                               struct str line)
{
    struct row row = {.rest = line};
    uint16_t permille[DAY_HOURS];
    enum err err = read_profiles(road, str_trim(str_cut(&row.rest, ',')), &row.profiles);
    if (!err)
        err = read_classes(str_trim(str_cut(&row.rest, ',')), &row.classes);
    if (!err)
        err = read_days(str_trim(str_cut(&row.rest, ',')), &row.days);
    for (uint32_t hour = 0; hour < DAY_HOURS && !err; hour++)
        err = read_permille(&row.rest, &permille[hour]);
    if (!err && row.rest.len > 0)
        err = ERR_SYNTAX;
    for (uint32_t i = 0; i < ROAD_MAX_PROFILES * ROAD_MAX_CLASSES && !err; i++) {
        const uint32_t profile = i / ROAD_MAX_CLASSES, road_class = i % ROAD_MAX_CLASSES;
        if (row.profiles >> profile & 1 && row.classes >> road_class & 1)
            err = set_cell(reader, &row, permille, profile, road_class);
    }
    return err;
}

enum err road_hours_read(const struct road *road, struct str text, struct road_hours *ret_hours,
                         struct fault *ret_fault)
{
    static const char heading[] = "profiles,classes,days,00,01,02,03,04,05,06,07,08,09,10,11,12,"
                                  "13,14,15,16,17,18,19,20,21,22,23";
    struct hours_reader reader = {.hours = ret_hours};
    struct str line;
    uint32_t number = 0;
    for (uint32_t at = 0; at < ROAD_WEEK_HOURS; at++)
        ret_hours->at[at] = road_speeds_plain();
    enum err err = next_line(&text, &number, &line) && str_eq_c(line, heading) ? OK : ERR_SYNTAX;
    while (!err && next_line(&text, &number, &line))
        err = read_hours_row(&reader, road, line);
    return refused(err, number, ret_fault);
}

/* ------------------------------------------------------- calibration */

struct calibration_reader {
    struct road_calibration *calibration;
    uint32_t stated[ROAD_MAX_PROFILES]; /* a bit per class */
    uint32_t fixed_stated;              /* a bit per profile */
};

static enum err read_name(struct str value, char name[ROAD_CALIBRATION_NAME_CAP])
{
    if (name[0])
        return ERR_EXISTS;
    for (size_t i = 0; i < value.len; i++) {
        if (value.p[i] < ' ' || value.p[i] > '~')
            return ERR_RANGE;
    }
    return value.len && str_copy(value, name, ROAD_CALIBRATION_NAME_CAP) ? OK : ERR_RANGE;
}

static enum err read_fixed(struct calibration_reader *reader, const struct road *road,
                           struct row *row)
{
    uint32_t fixed_s;
    enum err err = read_profiles(road, str_trim(str_cut(&row->rest, ',')), &row->profiles);
    if (!err)
        err = str_u32(str_trim(row->rest), &fixed_s);
    if (err)
        return err;
    if (fixed_s > ROAD_MAX_FIXED_S)
        return ERR_RANGE;
    if (reader->fixed_stated & row->profiles)
        return ERR_EXISTS;
    reader->fixed_stated |= row->profiles;
    for (uint32_t p = 0; p < ROAD_MAX_PROFILES; p++) {
        if (row->profiles >> p & 1)
            reader->calibration->fixed_s[p] = fixed_s;
    }
    return OK;
}

static enum err read_speed(struct calibration_reader *reader, const struct road *road,
                           struct row *row)
{
    uint16_t permille;
    enum err err = read_profiles(road, str_trim(str_cut(&row->rest, ',')), &row->profiles);
    if (!err)
        err = read_classes(str_trim(str_cut(&row->rest, ',')), &row->classes);
    if (!err)
        err = read_permille(&row->rest, &permille);
    if (!err && row->rest.len > 0)
        err = ERR_SYNTAX;
    for (uint32_t p = 0; p < ROAD_MAX_PROFILES && !err; p++) {
        if (!(row->profiles >> p & 1))
            continue;
        err = reader->stated[p] & row->classes ? ERR_EXISTS : OK;
        reader->stated[p] |= row->classes;
        for (uint32_t c = 0; c < ROAD_MAX_CLASSES; c++) {
            if (row->classes >> c & 1)
                reader->calibration->speeds.permille[p][c] = permille;
        }
    }
    return err;
}

static enum err read_calibration_row(struct calibration_reader *reader, const struct road *road,
                                     struct str line)
{
    struct row row = {.rest = line};
    const struct str what = str_trim(str_cut(&row.rest, ','));
    if (str_eq_c(what, "name"))
        return read_name(str_trim(row.rest), reader->calibration->name);
    if (str_eq_c(what, "version"))
        return read_name(str_trim(row.rest), reader->calibration->version);
    if (str_eq_c(what, "fixed_s"))
        return read_fixed(reader, road, &row);
    return str_eq_c(what, "speed") ? read_speed(reader, road, &row) : ERR_SYNTAX;
}

enum err road_calibration_read(const struct road *road, struct str text,
                               struct road_calibration *ret_calibration, struct fault *ret_fault)
{
    struct calibration_reader reader = {.calibration = ret_calibration};
    struct str line;
    uint32_t number = 0;
    enum err err = OK;
    *ret_calibration = (struct road_calibration){.speeds = road_speeds_plain()};
    while (!err && next_line(&text, &number, &line))
        err = read_calibration_row(&reader, road, line);
    if (!err && (!ret_calibration->name[0] || !ret_calibration->version[0]))
        err = ERR_SYNTAX;
    return refused(err, number, ret_fault);
}

enum err road_calibration_write(const struct road *road, const struct road_calibration *c,
                                struct str note, struct out *out)
{
    while (note.len > 0) {
        const struct str line = str_cut(&note, '\n');
        out_printf(out, "# " STR_FMT "\n", STR_ARG(line));
    }
    out_printf(out, "name,%s\nversion,%s\n", c->name, c->version);
    for (uint32_t p = 0; p < road_info(road).profiles; p++) {
        if (c->fixed_s[p])
            out_printf(out, "fixed_s,%s,%u\n", road_profile_name(road, p), c->fixed_s[p]);
    }
    for (uint32_t p = 0; p < road_info(road).profiles; p++) {
        for (uint32_t i = 0; i < ROAD_CLASS_COUNT; i++) {
            if (c->speeds.permille[p][i] != 1000)
                out_printf(out, "speed,%s,%s,%u\n", road_profile_name(road, p), road_class_name(i),
                           (unsigned)c->speeds.permille[p][i]);
        }
    }
    return out->err;
}
