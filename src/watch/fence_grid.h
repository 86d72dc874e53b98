/* fence_grid.h - the cells in which fences are found. Layer: watch, for fence.c only. */
#ifndef WATCH_FENCE_GRID_H
#define WATCH_FENCE_GRID_H
#include "base/map.h"
#include "geo/polygon.h"

#define GRID_LEVELS 8 /* cells of 0.001 x 4^level degrees: up to 16 degrees */
#define GRID_SPAN 64  /* a fence lies in at most so many cells each way */

struct grid_entry {
    uint32_t slot;
    bool is_cover; /* the whole cell is inside */
};
struct grid_cell {
    struct grid_entry *entries;
    uint32_t count, cap;
};
struct grid {
    struct map index; /* cell key -> number in cells */
    struct grid_cell *cells;
    uint32_t cell_count, cell_cap;
    uint32_t used[GRID_LEVELS]; /* fences at each level */
};

void grid_init(struct grid *grid);
void grid_done(struct grid *grid);
/* ERR_RANGE: the box is too large for the coarsest level. ERR_LIMIT. */
enum err grid_add(struct grid *grid, uint32_t slot, struct polygon shape);
void grid_remove(struct grid *grid, uint32_t slot, struct polygon shape);
/* The cell at a level that holds a place; NULL: no fence there. */
const struct grid_cell *grid_cell_at(const struct grid *grid, uint32_t level, struct place place);
/* Cells of a level along a line, in order; false when there are no more. Neighbours that the line
 * only touches are left out: a border that could be met there is entered in both. */
struct grid_walk {
    const struct grid *grid;
    uint32_t level;
    int32_t row, column, last_row, last_column, row_step, column_step;
    double next_row, next_column, row_share, column_share; /* in shares of the line */
    bool is_done;
};
struct grid_walk grid_walk(const struct grid *grid, uint32_t level, struct place a, struct place b);
bool grid_walk_next(struct grid_walk *walk, const struct grid_cell **ret_cell);
#endif
