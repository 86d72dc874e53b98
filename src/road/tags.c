#include "road/pbf_priv.h"
#include "road/road_priv.h"

/* The value of a key, empty when absent. */
static struct str tag_of(const struct pbf_tag *tags, size_t count, const char *key)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq_c(tags[i].key, key))
            return tags[i].value;
    }
    return (struct str){0};
}

static bool is_one_of(struct str value, const char *const *words)
{
    for (; *words; words++) {
        if (str_eq_c(value, *words))
            return true;
    }
    return false;
}

static enum road_access access_of(struct str value)
{
    static const char *const narrow[] = {
        "private",      "customers", "delivery",  "destination", "permit",
        "agricultural", "forestry",  "residents", "military",    NULL};
    if (str_eq_c(value, "no"))
        return ACCESS_NO;
    return is_one_of(value, narrow) ? ACCESS_PRIVATE : ACCESS_OPEN;
}

/* The most special key that is present decides (wiki.openstreetmap.org/wiki/Key:access). */
static uint32_t access_flags(const struct pbf_tag *tags, size_t count)
{
    static const char *const keys[MODE_COUNT][4] = {
        [MODE_MOTOR] = {"motorcar", "motor_vehicle", "vehicle", "access"},
        [MODE_BICYCLE] = {"bicycle", "vehicle", "access", NULL},
        [MODE_FOOT] = {"foot", "access", NULL, NULL},
    };
    uint32_t flags = 0;
    for (uint32_t mode = 0; mode < MODE_COUNT; mode++) {
        for (size_t i = 0; i < 4 && keys[mode][i]; i++) {
            struct str value = tag_of(tags, count, keys[mode][i]);
            if (value.len == 0)
                continue;
            flags |= (uint32_t)access_of(value) << WAY_ACCESS_SHIFT(mode);
            break;
        }
    }
    return flags;
}

static uint32_t oneway_flags(const struct pbf_tag *tags, size_t count, uint32_t road_class)
{
    static const char *const yes[] = {"yes", "true", "1", NULL};
    static const char *const reversed[] = {"-1", "reverse", NULL};
    static const char *const round[] = {"roundabout", "circular", NULL};
    struct str oneway = tag_of(tags, count, "oneway");
    uint32_t flags = 0;
    if (is_one_of(oneway, yes))
        flags = WAY_ONEWAY;
    else if (is_one_of(oneway, reversed))
        flags = WAY_ONEWAY_REVERSED;
    else if (oneway.len == 0 && (road_class == ROAD_CLASS_motorway ||
                                 is_one_of(tag_of(tags, count, "junction"), round)))
        flags = WAY_ONEWAY;
    if (str_eq_c(tag_of(tags, count, "oneway:bicycle"), "no") ||
        str_starts(tag_of(tags, count, "cycleway"), STR("opposite")))
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

static uint32_t house_number(const struct pbf_tag *tags, size_t count, const char *key)
{
    uint32_t number;
    return str_u32(tag_of(tags, count, key), &number) ? 0 : number;
}

static void read_names(const struct pbf_tag *tags, size_t count, struct way_tags *way)
{
    static const char *const others[] = {"name:en", "name:zh", "alt_name", NULL};
    way->name = str_trim(tag_of(tags, count, "name"));
    if (way->name.len == 0)
        way->name = str_trim(tag_of(tags, count, "ref"));
    if (!str_is_utf8(way->name))
        way->name = (struct str){0};
    for (size_t i = 0; others[i] && way->name_alt.len == 0; i++) {
        struct str other = str_trim(tag_of(tags, count, others[i]));
        if (str_is_utf8(other) && !str_eq(other, way->name))
            way->name_alt = other;
    }
}

static uint32_t class_of(struct str highway)
{
    for (uint32_t i = 0; i < ROAD_CLASS_COUNT; i++) {
        if (str_eq_c(highway, road_class_name(i)))
            return i;
    }
    return ROAD_CLASS_COUNT;
}

struct way_tags tags_read(const struct pbf_tag *tags, size_t count)
{
    struct way_tags way = {0};
    struct str highway = tag_of(tags, count, "highway");
    way.drop = ROAD_DROP_NOT_ROAD;
    if (highway.len == 0)
        return way;
    way.drop = ROAD_DROP_CLASS;
    way.road_class = class_of(highway);
    if (way.road_class == ROAD_CLASS_COUNT)
        return way;
    way.drop = ROAD_DROP_AREA;
    if (str_eq_c(tag_of(tags, count, "area"), "yes"))
        return way;
    way.is_kept = true;
    way.flags = access_flags(tags, count) | oneway_flags(tags, count, way.road_class);
    way.maxspeed_kmh = maxspeed_kmh(tag_of(tags, count, "maxspeed"));
    read_names(tags, count, &way);
    way.left_from = house_number(tags, count, "lf_fadd");
    way.left_to = house_number(tags, count, "lf_toadd");
    way.right_from = house_number(tags, count, "rt_fadd");
    way.right_to = house_number(tags, count, "rt_toadd");
    return way;
}
