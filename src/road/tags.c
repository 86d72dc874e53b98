/* tags.c - what the tags of ways, nodes and turn restrictions mean.
 * Source: wiki.openstreetmap.org/wiki/Key:access, Key:oneway, Key:barrier, Relation:restriction. */
#include "road/tags_priv.h"

#define LITERAL(text)                                                                              \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }

static const struct str keys[KEY_COUNT] = {
#define KEY_TEXT(name, text) [KEY_##name] = LITERAL(text),
    ROAD_KEY_LIST(KEY_TEXT)
#undef KEY_TEXT
};

uint8_t tags_key(struct str key)
{
    for (unsigned i = 1; i < KEY_COUNT; i++) {
        if (str_eq(key, keys[i]))
            return (uint8_t)i;
    }
    return 0;
}

/* Values by key. */
struct values {
    const struct pbf_tag *tags;
    uint8_t at[KEY_COUNT]; /* 1 + index into tags, 0 = absent */
};

static struct values values_of(struct pbf_tags tags)
{
    struct values values = {.tags = tags.at};
    size_t count = tags.count < UINT8_MAX ? tags.count : UINT8_MAX;
    for (size_t i = count; i-- > 0;) /* of one key the first counts */
        values.at[tags.at[i].key] = (uint8_t)(i + 1);
    return values;
}

/* Empty when absent. */
static struct str value_of(const struct values *values, enum road_key key)
{
    return values->at[key] ? values->tags[values->at[key] - 1].value : (struct str){0};
}

static bool is_one_of(struct str value, const char *const *words)
{
    for (; *words; words++) {
        if (str_eq_c(value, *words))
            return true;
    }
    return false;
}

/* ------------------------------------------------------- access */

/* The keys that speak of a mode, the most special first. */
static const uint8_t mode_keys[MODE_COUNT][5] = {
    [MODE_MOTORCAR] = {KEY_motorcar, KEY_motor_vehicle, KEY_vehicle, KEY_access},
    [MODE_MOTORCYCLE] = {KEY_motorcycle, KEY_motor_vehicle, KEY_vehicle, KEY_access},
    [MODE_EMERGENCY] = {KEY_emergency, KEY_motorcar, KEY_motor_vehicle, KEY_vehicle, KEY_access},
    [MODE_BICYCLE] = {KEY_bicycle, KEY_vehicle, KEY_access},
    [MODE_FOOT] = {KEY_foot, KEY_access},
};

static enum road_access access_of(struct str value)
{
    static const char *const narrow[] = {
        "private",      "customers", "delivery",  "destination", "permit",
        "agricultural", "forestry",  "residents", "military",    NULL};
    if (str_eq_c(value, "no"))
        return ACCESS_NO;
    return is_one_of(value, narrow) ? ACCESS_PRIVATE : ACCESS_OPEN;
}

/* What is said for a mode; ACCESS_UNSAID when nothing is. */
static enum road_access mode_access(const struct values *values, uint32_t mode)
{
    for (size_t i = 0; i < 5 && mode_keys[mode][i]; i++) {
        struct str value = value_of(values, (enum road_key)mode_keys[mode][i]);
        if (value.len)
            return access_of(value);
    }
    return ACCESS_UNSAID;
}

static uint32_t way_access(const struct values *values)
{
    uint32_t flags = 0;
    for (uint32_t mode = 0; mode < MODE_COUNT; mode++) {
        enum road_access access = mode_access(values, mode);
        if (access != ACCESS_UNSAID)
            flags |= (uint32_t)access << WAY_ACCESS_SHIFT(mode);
    }
    return flags;
}

/* ------------------------------------------------------- ways */

static bool is_reversible(const struct values *values)
{
    static const char *const words[] = {"reversible", "alternating", NULL};
    return is_one_of(value_of(values, KEY_oneway), words);
}

static uint32_t oneway_flags(const struct values *values, uint32_t road_class)
{
    static const char *const yes[] = {"yes", "true", "1", NULL};
    static const char *const reversed[] = {"-1", "reverse", NULL};
    static const char *const round[] = {"roundabout", "circular", NULL};
    struct str oneway = value_of(values, KEY_oneway);
    uint32_t flags = 0;
    if (oneway.len == 0 &&
        (road_class == ROAD_CLASS_motorway || is_one_of(value_of(values, KEY_junction), round)))
        flags = WAY_ONEWAY;
    else if (is_one_of(oneway, yes))
        flags = WAY_ONEWAY;
    else if (is_one_of(oneway, reversed))
        flags = WAY_ONEWAY_REVERSED;
    if (str_eq_c(value_of(values, KEY_oneway_bicycle), "no") ||
        str_starts(value_of(values, KEY_cycleway), STR("opposite")))
        flags |= WAY_BICYCLE_BOTH;
    return flags;
}

/* "50" or "30 mph" in km/h; 0 for anything else. */
static uint32_t maxspeed_kmh(struct str value)
{
    struct str number = str_cut(&value, ' ');
    uint32_t speed;
    if (str_u32(number, &speed) || speed == 0 || speed > 200)
        return 0;
    if (value.len == 0 || str_eq_c(value, "km/h"))
        return speed;
    return str_eq_c(value, "mph") ? (speed * 1609u + 500) / 1000 : 0;
}

/* "1:30", "1:30:00" or minutes, in seconds; 0 for anything else. */
static uint32_t duration_s(struct str value)
{
    uint32_t part, parts = 0, sum_s = 0;
    while (value.len && parts < 3) {
        if (str_u32(str_cut(&value, ':'), &part) || part > 10000)
            return 0;
        sum_s = sum_s * 60 + part;
        parts++;
    }
    if (value.len || sum_s > 1000000)
        return 0;
    return parts == 3 ? sum_s : sum_s * 60;
}

static uint32_t house_number(struct str value)
{
    uint32_t number;
    return str_u32(value, &number) ? 0 : number;
}

static void read_names(const struct values *values, struct way_tags *way)
{
    static const enum road_key others[] = {KEY_name_en, KEY_name_zh, KEY_alt_name};
    way->name = str_trim(value_of(values, KEY_name));
    if (way->name.len == 0)
        way->name = str_trim(value_of(values, KEY_ref));
    if (!str_is_utf8(way->name))
        way->name = (struct str){0};
    for (size_t i = 0; i < 3 && way->name_alt.len == 0; i++) {
        struct str other = str_trim(value_of(values, others[i]));
        if (str_is_utf8(other) && !str_eq(other, way->name))
            way->name_alt = other;
    }
}

static uint32_t class_of(const struct values *values)
{
    static const struct str names[ROAD_CLASS_COUNT] = {
#define CLASS_TEXT(name) LITERAL(#name),
        ROAD_CLASS_LIST(CLASS_TEXT)
#undef CLASS_TEXT
    };
    struct str highway = value_of(values, KEY_highway);
    if (highway.len == 0)
        return str_eq_c(value_of(values, KEY_route), "ferry") ? ROAD_CLASS_ferry : ROAD_CLASS_COUNT;
    for (uint32_t i = 0; i < ROAD_CLASS_ferry; i++) {
        if (str_eq(highway, names[i]))
            return i;
    }
    return ROAD_CLASS_COUNT;
}

static uint32_t surface_of(struct str value)
{
    static const char *const sett[] = {"sett", "cobblestone", "unhewn_cobblestone", NULL};
    static const char *const gravel[] = {"gravel",  "fine_gravel", "compacted",
                                         "unpaved", "pebblestone", NULL};
    static const char *const ground[] = {"ground", "dirt", "earth", "grass", "mud", "sand", NULL};
    return value.len == 0             ? SURFACE_PAVED
           : is_one_of(value, sett)   ? SURFACE_SETT
           : is_one_of(value, gravel) ? SURFACE_GRAVEL
           : is_one_of(value, ground) ? SURFACE_GROUND
                                      : SURFACE_PAVED;
}

/* OK is ROAD_DROP_COUNT. */
static enum road_drop drop_of(const struct values *values, uint32_t road_class)
{
    bool is_highway = values->at[KEY_highway];
    if (!is_highway && road_class == ROAD_CLASS_COUNT)
        return ROAD_DROP_NOT_ROAD;
    if (road_class == ROAD_CLASS_COUNT)
        return ROAD_DROP_CLASS;
    if (str_eq_c(value_of(values, KEY_area), "yes"))
        return ROAD_DROP_AREA;
    return is_reversible(values) ? ROAD_DROP_REVERSIBLE : ROAD_DROP_COUNT;
}

struct way_tags tags_of_way(struct pbf_tags tags)
{
    struct way_tags way = {.drop = ROAD_DROP_NOT_ROAD};
    struct values values = values_of(tags);
    if (tags.count == 0)
        return way;
    way.road_class = class_of(&values);
    way.drop = drop_of(&values, way.road_class);
    way.is_kept = way.drop == ROAD_DROP_COUNT;
    if (!way.is_kept)
        return way;
    way.flags = way_access(&values) | oneway_flags(&values, way.road_class);
    way.flags |= surface_of(value_of(&values, KEY_surface)) << WAY_SURFACE_SHIFT;
    if (way.road_class == ROAD_CLASS_ferry)
        way.duration_s = duration_s(value_of(&values, KEY_duration));
    way.maxspeed_kmh = maxspeed_kmh(value_of(&values, KEY_maxspeed));
    read_names(&values, &way);
    way.left_from = house_number(value_of(&values, KEY_left_from));
    way.left_to = house_number(value_of(&values, KEY_left_to));
    way.right_from = house_number(value_of(&values, KEY_right_from));
    way.right_to = house_number(value_of(&values, KEY_right_to));
    return way;
}

/* ------------------------------------------------------- barriers */

uint32_t barrier_of_name(struct str name)
{
    static const struct str names[BARRIER_COUNT] = {{0},
#define BARRIER_TEXT(name) LITERAL(#name),
                                                    ROAD_BARRIER_LIST(BARRIER_TEXT)
#undef BARRIER_TEXT
    };
    for (uint32_t i = 1; i < BARRIER_COUNT; i++) {
        if (str_eq(name, names[i]))
            return i;
    }
    return BARRIER_NONE;
}

uint32_t tags_of_barrier(struct pbf_tags tags)
{
    if (tags.count == 0)
        return BARRIER_NONE;
    struct values values = values_of(tags);
    uint32_t barrier = barrier_of_name(value_of(&values, KEY_barrier));
    if (barrier == BARRIER_NONE)
        return BARRIER_NONE;
    for (uint32_t mode = 0; mode < MODE_COUNT; mode++)
        barrier |= (uint32_t)mode_access(&values, mode) << BARRIER_ACCESS_SHIFT(mode);
    return barrier;
}

/* ------------------------------------------------------- turn restrictions */

static const struct {
    uint8_t mode;               /* first key of a mode's own restriction, then wider ones */
    uint8_t own[3];             /* restriction:<key> */
    const char *const words[5]; /* in except=... */
} turn_modes[] = {
    {MODE_MOTORCAR,
     {KEY_turn_motorcar, KEY_turn_motor_vehicle, KEY_turn_vehicle},
     {"motorcar", "motor_vehicle", "vehicle", NULL}},
    {MODE_MOTORCYCLE,
     {KEY_turn_motorcycle, KEY_turn_motor_vehicle, KEY_turn_vehicle},
     {"motorcycle", "motor_vehicle", "vehicle", NULL}},
    {MODE_EMERGENCY,
     {KEY_turn_motorcar, KEY_turn_motor_vehicle, KEY_turn_vehicle},
     {"emergency", "motorcar", "motor_vehicle", "vehicle", NULL}},
    {MODE_BICYCLE, {KEY_turn_bicycle, KEY_turn_vehicle, 0}, {"bicycle", "vehicle", NULL}},
};

static bool is_excepted(struct str except, const char *const *words)
{
    while (except.len) {
        if (is_one_of(str_trim(str_cut(&except, ';')), words))
            return true;
    }
    return false;
}

/* Sets the mode's bit in what the value says; false: not understood. */
static bool bind(struct turn_tags *turn, uint32_t mode, struct str value)
{
    if (str_starts(value, STR("no_")))
        turn->no_modes |= 1u << mode;
    else if (str_starts(value, STR("only_")))
        turn->only_modes |= 1u << mode;
    else
        return false;
    turn->is_u_turn |= str_eq_c(value, "no_u_turn");
    return true;
}

struct turn_tags tags_of_turn(struct pbf_tags tags)
{
    struct turn_tags turn = {.drop = ROAD_TURN_DROP_COUNT};
    struct values values = values_of(tags);
    struct str all = value_of(&values, KEY_restriction), except = value_of(&values, KEY_except);
    bool is_timed =
        values.at[KEY_turn_conditional] || values.at[KEY_day_on] || values.at[KEY_hour_on];
    bool is_clear = true;
    if (!str_eq_c(value_of(&values, KEY_type), "restriction"))
        return turn;
    turn.is_turn = true;
    if (is_timed && (all.len == 0 || values.at[KEY_day_on] || values.at[KEY_hour_on])) {
        turn.drop = ROAD_TURN_DROP_TIMED;
        return turn;
    }
    for (size_t i = 0; i < sizeof turn_modes / sizeof *turn_modes; i++) {
        struct str value = all;
        for (size_t k = 3; k-- > 0;) {
            struct str own = value_of(&values, (enum road_key)turn_modes[i].own[k]);
            value = turn_modes[i].own[k] && own.len ? own : value;
        }
        if (value.len && !is_excepted(except, turn_modes[i].words))
            is_clear &= bind(&turn, turn_modes[i].mode, value);
    }
    if (!is_clear)
        turn.drop = ROAD_TURN_DROP_KIND;
    else if (!(turn.no_modes | turn.only_modes))
        turn.drop = ROAD_TURN_DROP_OTHERS;
    return turn;
}
