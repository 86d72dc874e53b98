#include "watch/fence_grid.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CELL_E7 INT64_C(10000)
#define MAX_CELLS (1u << 24)
#define LAT_ZERO INT64_C(900000000)
#define LON_ZERO INT64_C(1800000000)

struct cells { /* a fence's box at its level */
    uint32_t level;
    int32_t row, column, rows, columns;
};

static int64_t cell_size(uint32_t level)
{
    return CELL_E7 << (2 * level);
}

static int32_t row_of(uint32_t level, int32_t lat_e7)
{
    return (int32_t)((lat_e7 + LAT_ZERO) / cell_size(level));
}

static int32_t column_of(uint32_t level, int32_t lon_e7)
{
    return (int32_t)((lon_e7 + LON_ZERO) / cell_size(level));
}

static uint64_t key_of(uint32_t level, int32_t row, int32_t column)
{
    return (uint64_t)level << 60 | (uint64_t)(uint32_t)row << 28 | (uint32_t)column;
}

void grid_init(struct grid *grid)
{
    memset(grid, 0, sizeof *grid);
    map_init(&grid->index, MAX_CELLS);
}

void grid_done(struct grid *grid)
{
    map_done(&grid->index);
    for (uint32_t i = 0; i < grid->cell_count; i++)
        free(grid->cells[i].entries);
    free(grid->cells);
    memset(grid, 0, sizeof *grid);
}

/* ------------------------------------------------------- which cells */

static bool cells_of(struct polygon shape, struct cells *ret_cells)
{
    struct box box = polygon_box(shape);
    for (uint32_t level = 0; level < GRID_LEVELS; level++) {
        struct cells c = {.level = level,
                          .row = row_of(level, box.min.lat_e7),
                          .column = column_of(level, box.min.lon_e7)};
        c.rows = row_of(level, box.max.lat_e7) - c.row + 1;
        c.columns = column_of(level, box.max.lon_e7) - c.column + 1;
        if (c.rows <= GRID_SPAN && c.columns <= GRID_SPAN) {
            *ret_cells = c;
            return true;
        }
    }
    return false;
}

/* Does the line a-b meet the cell, grown by one unit on each side? Separating axes, exact. */
static bool meets_cell(struct place a, struct place b, const struct cells *c, int32_t row,
                       int32_t column)
{
    int64_t size = cell_size(c->level);
    int64_t low_y = row * size - LAT_ZERO - 1, high_y = low_y + size + 2;
    int64_t low_x = column * size - LON_ZERO - 1, high_x = low_x + size + 2;
    if ((a.lat_e7 < low_y && b.lat_e7 < low_y) || (a.lat_e7 > high_y && b.lat_e7 > high_y) ||
        (a.lon_e7 < low_x && b.lon_e7 < low_x) || (a.lon_e7 > high_x && b.lon_e7 > high_x))
        return false;
    double dx = (double)b.lon_e7 - a.lon_e7, dy = (double)b.lat_e7 - a.lat_e7;
    int below = 0, above = 0;
    for (int corner = 0; corner < 4; corner++) {
        double x = (double)((corner & 1 ? high_x : low_x) - a.lon_e7);
        double y = (double)((corner & 2 ? high_y : low_y) - a.lat_e7);
        double side = dx * y - dy * x;
        below += side <= 0;
        above += side >= 0;
    }
    return below > 0 && above > 0;
}

static void mark_border(const struct cells *c, struct place a, struct place b, bool *borders)
{
    struct box box = {a, a};
    box_add(&box, b);
    int32_t first_row = row_of(c->level, box.min.lat_e7) - 1;
    int32_t last_row = row_of(c->level, box.max.lat_e7) + 1;
    int32_t first_column = column_of(c->level, box.min.lon_e7) - 1;
    int32_t last_column = column_of(c->level, box.max.lon_e7) + 1;
    for (int32_t row = first_row; row <= last_row; row++) {
        for (int32_t column = first_column; column <= last_column; column++) {
            int32_t y = row - c->row, x = column - c->column;
            if (y >= 0 && x >= 0 && y < c->rows && x < c->columns &&
                meets_cell(a, b, c, row, column))
                borders[y * GRID_SPAN + x] = true;
        }
    }
}

static struct place cell_middle(const struct cells *c, int32_t y, int32_t x)
{
    int64_t size = cell_size(c->level);
    return (struct place){(int32_t)((c->row + y) * size - LAT_ZERO + size / 2),
                          (int32_t)((c->column + x) * size - LON_ZERO + size / 2)};
}

/* ------------------------------------------------------- entries */

static enum err add_entry(struct grid *grid, uint64_t key, struct grid_entry entry)
{
    uint32_t at;
    if (!map_get(&grid->index, key, &at)) {
        if (grid->cell_count == grid->cell_cap) {
            uint32_t cap = grid->cell_cap ? 2 * grid->cell_cap : 1024;
            struct grid_cell *cells = reallocarray(grid->cells, cap, sizeof *cells);
            if (!cells)
                return ERR_LIMIT;
            grid->cells = cells;
            grid->cell_cap = cap;
        }
        at = grid->cell_count;
        if (map_put(&grid->index, key, at) != OK)
            return ERR_LIMIT;
        grid->cells[grid->cell_count++] = (struct grid_cell){0};
    }
    struct grid_cell *cell = &grid->cells[at];
    if (cell->count == cell->cap) {
        uint32_t cap = cell->cap ? 2 * cell->cap : 4;
        struct grid_entry *entries = reallocarray(cell->entries, cap, sizeof *entries);
        if (!entries)
            return ERR_LIMIT;
        cell->entries = entries;
        cell->cap = cap;
    }
    cell->entries[cell->count++] = entry;
    return OK;
}

enum err grid_add(struct grid *grid, uint32_t slot, struct polygon shape)
{
    struct cells c;
    bool borders[GRID_SPAN * GRID_SPAN] = {0};
    enum err err = OK;
    if (!cells_of(shape, &c))
        return ERR_RANGE;
    for (size_t i = 0; i < shape.count; i++) {
        const struct ring *ring = &shape.rings[i];
        for (size_t k = 0; k < ring->count; k++)
            mark_border(&c, ring->places[k], ring->places[(k + 1) % ring->count], borders);
    }
    for (int32_t y = 0; y < c.rows && !err; y++) {
        for (int32_t x = 0; x < c.columns && !err; x++) {
            bool is_border = borders[y * GRID_SPAN + x];
            if (is_border || polygon_holds(shape, cell_middle(&c, y, x)))
                err = add_entry(grid, key_of(c.level, c.row + y, c.column + x),
                                (struct grid_entry){slot, !is_border});
        }
    }
    grid->used[c.level]++;
    if (err)
        grid_remove(grid, slot, shape);
    return err;
}

void grid_remove(struct grid *grid, uint32_t slot, struct polygon shape)
{
    struct cells c;
    if (!cells_of(shape, &c))
        return;
    for (int32_t y = 0; y < c.rows; y++) {
        for (int32_t x = 0; x < c.columns; x++) {
            uint32_t at, kept = 0;
            if (!map_get(&grid->index, key_of(c.level, c.row + y, c.column + x), &at))
                continue;
            struct grid_cell *cell = &grid->cells[at];
            for (uint32_t i = 0; i < cell->count; i++) {
                if (cell->entries[i].slot != slot)
                    cell->entries[kept++] = cell->entries[i];
            }
            cell->count = kept;
        }
    }
    grid->used[c.level]--;
}

/* ------------------------------------------------------- looking */

static const struct grid_cell *cell_by_key(const struct grid *grid, uint64_t key)
{
    uint32_t at;
    return map_get(&grid->index, key, &at) ? &grid->cells[at] : NULL;
}

const struct grid_cell *grid_cell_at(const struct grid *grid, uint32_t level, struct place place)
{
    return cell_by_key(grid,
                       key_of(level, row_of(level, place.lat_e7), column_of(level, place.lon_e7)));
}

/* Share of the line at which it comes to the first border of cells, and from one to the next. */
static void walk_axis(double from_cells, double length_cells, int32_t *ret_step, double *ret_next,
                      double *ret_share)
{
    double inside = from_cells - floor(from_cells);
    *ret_step = (length_cells > 0) - (length_cells < 0);
    *ret_share = *ret_step ? 1 / fabs(length_cells) : INFINITY;
    *ret_next = *ret_step ? (length_cells > 0 ? 1 - inside : inside) * *ret_share : INFINITY;
}

struct grid_walk grid_walk(const struct grid *grid, uint32_t level, struct place a, struct place b)
{
    double size = (double)cell_size(level);
    struct grid_walk w = {.grid = grid,
                          .level = level,
                          .row = row_of(level, a.lat_e7),
                          .column = column_of(level, a.lon_e7),
                          .last_row = row_of(level, b.lat_e7),
                          .last_column = column_of(level, b.lon_e7)};
    walk_axis((double)(a.lat_e7 + LAT_ZERO) / size, ((double)b.lat_e7 - a.lat_e7) / size,
              &w.row_step, &w.next_row, &w.row_share);
    walk_axis((double)(a.lon_e7 + LON_ZERO) / size, ((double)b.lon_e7 - a.lon_e7) / size,
              &w.column_step, &w.next_column, &w.column_share);
    return w;
}

bool grid_walk_next(struct grid_walk *w, const struct grid_cell **ret_cell)
{
    if (w->is_done)
        return false;
    *ret_cell = cell_by_key(w->grid, key_of(w->level, w->row, w->column));
    /* Each axis has its own last cell: rounding can never lead past it. */
    bool is_row_done = w->row == w->last_row, is_column_done = w->column == w->last_column;
    w->is_done = is_row_done && is_column_done;
    if (is_column_done || (!is_row_done && w->next_row < w->next_column)) {
        w->row += w->row_step;
        w->next_row += w->row_share;
    } else {
        w->column += w->column_step;
        w->next_column += w->column_share;
    }
    return true;
}
