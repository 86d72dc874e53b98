/* profile.c - the profile table: read at import, kept in the file; and what it makes of a way. */
#include "road/road_priv.h"

#define NAME_TEXT(name) #name,
static const char *const class_names[ROAD_CLASS_COUNT] = {ROAD_CLASS_LIST(NAME_TEXT)};

const char *road_class_name(uint32_t road_class)
{
    return road_class < ROAD_CLASS_COUNT ? class_names[road_class] : "unknown";
}

uint32_t road_class_of(struct str name)
{
    for (uint32_t i = 0; i < ROAD_CLASS_COUNT; i++) {
        if (str_eq_c(name, class_names[i]))
            return i;
    }
    return ROAD_NONE;
}

enum unit { UNIT_PERMILLE, UNIT_SECONDS, UNIT_KMH };
static const struct {
    const char *name;
    size_t offset;
    enum unit unit;
} rules[] = {
    {"against_oneway", offsetof(struct file_profile, against_oneway), UNIT_PERMILLE},
    {"private", offsetof(struct file_profile, private_ground), UNIT_PERMILLE},
    {"forbidden", offsetof(struct file_profile, forbidden), UNIT_PERMILLE},
    {"pass_closed", offsetof(struct file_profile, pass_closed), UNIT_PERMILLE},
    {"maxspeed", offsetof(struct file_profile, maxspeed), UNIT_PERMILLE},
    {"turn_price_s", offsetof(struct file_profile, turn_price_ms), UNIT_SECONDS},
    {"surface:sett", offsetof(struct file_profile, surface[SURFACE_SETT]), UNIT_PERMILLE},
    {"surface:gravel", offsetof(struct file_profile, surface[SURFACE_GRAVEL]), UNIT_PERMILLE},
    {"surface:ground", offsetof(struct file_profile, surface[SURFACE_GROUND]), UNIT_PERMILLE},
};
#define RULE_COUNT (sizeof rules / sizeof *rules)
#define ROW_NAMES 0u
#define ROW_MODE 1u
#define ROW_RULE 2u
#define ROW_BARRIER (ROW_RULE + RULE_COUNT - 1) /* barrier kinds count from 1 */
#define ROW_CLASS (ROW_BARRIER + BARRIER_COUNT)
#define ROW_COUNT (ROW_CLASS + ROAD_CLASS_COUNT)
static_assert(ROW_COUNT <= 64, "rows seen fit one word");

/* Which row of the table a line's first field names; ROW_COUNT when none. */
static size_t row_of(struct str word)
{
    static const char *const heads[] = {"rule", "mode"};
    for (size_t i = 0; i < 2; i++) {
        if (str_eq_c(word, heads[i]))
            return i;
    }
    for (size_t i = 0; i < RULE_COUNT; i++) {
        if (str_eq_c(word, rules[i].name))
            return ROW_RULE + i;
    }
    if (str_starts(word, STR("barrier:"))) {
        uint32_t barrier = barrier_of_name(str_from(word, strlen("barrier:")));
        return barrier ? ROW_BARRIER + barrier : ROW_COUNT;
    }
    const uint32_t road_class = road_class_of(word);
    return road_class == ROAD_NONE ? ROW_COUNT : ROW_CLASS + road_class;
}

static enum err read_number(struct str text, enum unit unit, uint32_t *ret_value)
{
    static const uint32_t most[] = {
        [UNIT_PERMILLE] = 4000, [UNIT_SECONDS] = 3600, [UNIT_KMH] = 300};
    uint32_t value;
    if (unit == UNIT_SECONDS && str_eq_c(text, "no")) {
        *ret_value = ROAD_INF;
        return OK;
    }
    if (str_u32(text, &value))
        return ERR_SYNTAX;
    if (value > most[unit])
        return ERR_RANGE;
    *ret_value = unit == UNIT_KMH       ? (uint32_t)((value * 1000000ull + 1800) / 3600)
                 : unit == UNIT_SECONDS ? value * 1000
                                        : value;
    return OK;
}

static enum err set_mode(struct file_profile *profile, struct str text)
{
    static const char *const modes[MODE_COUNT] = {"motorcar", "motorcycle", "emergency", "bicycle",
                                                  "foot"};
    for (uint32_t i = 0; i < MODE_COUNT; i++) {
        if (str_eq_c(text, modes[i])) {
            profile->mode = i;
            return OK;
        }
    }
    return ERR_SYNTAX;
}

static enum err set_value(struct file_profile *profile, size_t row, struct str text)
{
    if (row == ROW_NAMES) {
        bool fits = text.len > 0 && str_copy(text, profile->name, sizeof profile->name);
        return fits ? OK : ERR_RANGE;
    }
    if (row == ROW_MODE)
        return set_mode(profile, text);
    if (row >= ROW_CLASS)
        return read_number(text, UNIT_KMH, &profile->speed_mm_s[row - ROW_CLASS]);
    if (row > ROW_BARRIER)
        return read_number(text, UNIT_SECONDS, &profile->barrier_ms[row - ROW_BARRIER]);
    uint32_t value;
    enum err err = read_number(text, rules[row - ROW_RULE].unit, &value);
    if (!err)
        memcpy((char *)profile + rules[row - ROW_RULE].offset, &value, sizeof value);
    return err;
}

static enum err parse_line(struct str line, struct file_profile *profiles, uint32_t *io_count,
                           uint64_t *io_seen)
{
    struct str rest = line;
    size_t row = row_of(str_trim(str_cut(&rest, ',')));
    uint32_t column = 0;
    if (row == ROW_COUNT || *io_seen >> row & 1 || (row != ROW_NAMES && !(*io_seen & 1)))
        return ERR_SYNTAX;
    *io_seen |= 1ull << row;
    while (rest.len) {
        if (column == ROAD_MAX_PROFILES)
            return ERR_LIMIT;
        enum err err = set_value(&profiles[column], row, str_trim(str_cut(&rest, ',')));
        if (err)
            return err;
        column++;
    }
    if (row == ROW_NAMES)
        *io_count = column;
    return column == *io_count && column ? OK : ERR_SYNTAX;
}

enum err profile_parse(struct str text, struct file_profile ret_profiles[ROAD_MAX_PROFILES],
                       uint32_t *ret_count, struct fault *ret_fault)
{
    struct cursor c = cursor_of(text.p, text.len);
    uint64_t seen = 0;
    uint32_t count = 0, number = 0;
    memset(ret_profiles, 0, sizeof *ret_profiles * ROAD_MAX_PROFILES);
    for (uint32_t i = 0; i < ROAD_MAX_PROFILES; i++)
        ret_profiles[i].surface[SURFACE_PAVED] = 1000;
    while (c.left) {
        size_t offset = text.len - c.left;
        struct str line = str_trim(cursor_line(&c));
        number++;
        if (line.len == 0 || line.p[0] == '#')
            continue;
        enum err err = parse_line(line, ret_profiles, &count, &seen);
        if (err) {
            if (ret_fault)
                ret_fault->line = number;
            return fault_set(ret_fault, err, offset,
                             "profile table: unknown or repeated row, or a bad value");
        }
    }
    if (seen != (1ull << ROW_COUNT) - 1)
        return fault_set(ret_fault, ERR_SYNTAX, text.len, "profile table: a row is missing");
    *ret_count = count;
    return OK;
}

static bool is_against(const struct file_profile *profile, const struct file_way *way,
                       bool is_reversed)
{
    if (profile->mode == MODE_BICYCLE && (way->flags & WAY_BICYCLE_BOTH))
        return false;
    return (way->flags & WAY_ONEWAY && is_reversed) ||
           (way->flags & WAY_ONEWAY_REVERSED && !is_reversed);
}

uint32_t profile_speed_mm_s(const struct file_profile *profile, const struct file_way *way,
                            bool is_reversed)
{
    uint64_t speed = profile->speed_mm_s[way->road_class];
    uint32_t access = WAY_ACCESS(way->flags, profile->mode);
    if (speed && way->duration_s)
        speed = way->way_mm / way->duration_s + 1; /* a ferry keeps its times */
    else if (speed && way->maxspeed_kmh && profile->maxspeed)
        speed = (uint64_t)way->maxspeed_kmh * profile->maxspeed * 1000 / 3600;
    if (!way->duration_s)
        speed = speed * profile->surface[WAY_SURFACE(way->flags)] / 1000;
    if (access == ACCESS_PRIVATE)
        speed = speed * profile->private_ground / 1000;
    else if (access != ACCESS_OPEN)
        speed = speed * profile->forbidden / 1000;
    if (is_against(profile, way, is_reversed))
        speed = speed * profile->against_oneway / 1000;
    return (uint32_t)speed;
}

uint32_t profile_ms(uint32_t length_mm, uint32_t speed_mm_s)
{
    if (speed_mm_s == 0)
        return ROAD_INF;
    uint64_t ms = ((uint64_t)length_mm * 1000 + speed_mm_s - 1) / speed_mm_s;
    if (ms == 0)
        ms = 1;
    return ms < ROAD_INF ? (uint32_t)ms : ROAD_INF - 1;
}
