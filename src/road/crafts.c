/* crafts.c - the table of craft, data/road/crafts.csv. */
#include "base/cursor.h"
#include "road/medium.h"
#include <string.h>

#define KMH_MM_S_X9 2500 /* 9 km/h are 2,500 mm/s */
#define MAX_KMH 1000
#define MAX_MINUTES 1440
static const char HEAD[] = "name,medium,speed_kmh,endurance_min,must_return";

static bool parse_craft(struct str line, struct craft_row *row)
{
    uint32_t kmh, minutes, must_return;
    struct str name = str_cut(&line, ','), medium = str_cut(&line, ',');
    if (name.len == 0 || !str_copy(name, row->name, sizeof row->name) ||
        str_u32(str_cut(&line, ','), &kmh) || str_u32(str_cut(&line, ','), &minutes) ||
        str_u32(line, &must_return))
        return false;
    row->kind = str_eq_c(medium, "air") ? MEDIUM_AIR : MEDIUM_WATER;
    row->craft = (struct craft){.speed_mm_s = kmh * KMH_MM_S_X9 / 9,
                                .endurance_ms = minutes * 60000,
                                .must_return = must_return != 0};
    return (str_eq_c(medium, "air") || str_eq_c(medium, "water")) && kmh > 0 && kmh <= MAX_KMH &&
           minutes <= MAX_MINUTES && must_return <= 1;
}

static bool is_named(const struct craft_row *rows, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rows[i].name, name) == 0)
            return true;
    }
    return false;
}

enum err crafts_parse(struct str text, struct craft_row ret_rows[CRAFT_MAX_ROWS], size_t *ret_count,
                      struct fault *ret_fault)
{
    struct cursor c = cursor_of(text.p, text.len);
    struct craft_row rows[CRAFT_MAX_ROWS];
    bool has_head = false;
    size_t count = 0;
    memset(rows, 0, sizeof rows);
    for (uint32_t number = 1; c.left; number++) {
        size_t offset = text.len - c.left;
        struct str line = str_trim(cursor_line(&c));
        if (line.len == 0 || line.p[0] == '#')
            continue;
        if (ret_fault)
            ret_fault->line = number;
        if (!has_head && !str_eq_c(line, HEAD))
            return fault_set(ret_fault, ERR_SYNTAX, offset, "craft table: not its head");
        if (has_head && count == CRAFT_MAX_ROWS)
            return fault_set(ret_fault, ERR_LIMIT, offset, "craft table: too many rows");
        if (has_head &&
            (!parse_craft(line, &rows[count]) || is_named(rows, count, rows[count].name)))
            return fault_set(ret_fault, ERR_SYNTAX, offset, "craft table: a bad or repeated row");
        count += has_head;
        has_head = true;
    }
    if (count == 0)
        return fault_set(ret_fault, ERR_SYNTAX, text.len, "craft table: no rows");
    memcpy(ret_rows, rows, count * sizeof *rows);
    *ret_count = count;
    return OK;
}
