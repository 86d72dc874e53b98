#include "plan/cells.h"

#include "base/cursor.h"
#include <stdlib.h>

static const char HEAD[] = "lat,lon,people";

static bool parse_cell(struct str line, struct cover_demand *ret_cell)
{
    int64_t lat, lon;
    uint32_t people;
    if (str_fixed(str_cut(&line, ','), 7, &lat) || str_fixed(str_cut(&line, ','), 7, &lon) ||
        str_u32(line, &people) || lat < -900000000 || lat > 900000000 || lon < -1800000000 ||
        lon > 1800000000 || people == 0)
        return false;
    *ret_cell = (struct cover_demand){.place = {(int32_t)lat, (int32_t)lon}, .weight = people};
    return true;
}

static size_t line_count(struct str text)
{
    size_t count = 1;
    for (size_t i = 0; i < text.len; i++)
        count += text.p[i] == '\n';
    return count;
}

enum err cells_parse(struct str text, struct cover_demand **ret_cells, size_t *ret_count,
                     struct fault *ret_fault)
{
    struct cursor c = cursor_of(text.p, text.len);
    const size_t cap = line_count(text);
    size_t count = 0;
    if (!str_eq_c(cursor_line(&c), HEAD))
        return fault_set(ret_fault, ERR_SYNTAX, 0, "not the heading of population cells");
    if (cap > COVER_MAX_DEMAND + 2)
        return fault_set(ret_fault, ERR_LIMIT, 0, "too many cells");
    struct cover_demand *cells = calloc(cap, sizeof *cells);
    if (!cells)
        return ERR_LIMIT;
    for (uint32_t line = 2; c.left > 0; line++) {
        const size_t offset = text.len - c.left;
        if (parse_cell(cursor_line(&c), &cells[count++]))
            continue;
        if (ret_fault)
            ret_fault->line = line;
        free(cells);
        return fault_set(ret_fault, ERR_SYNTAX, offset, "not a population cell");
    }
    *ret_cells = cells;
    *ret_count = count;
    return OK;
}

enum err cells_write(const struct cover_demand *cells, size_t count, struct out *out)
{
    out_c(out, HEAD);
    out_byte(out, '\n');
    for (size_t i = 0; i < count; i++) {
        out_fixed(out, cells[i].place.lat_e7, 7);
        out_byte(out, ',');
        out_fixed(out, cells[i].place.lon_e7, 7);
        out_byte(out, ',');
        out_u64(out, cells[i].weight);
        out_byte(out, '\n');
    }
    return out->err;
}
