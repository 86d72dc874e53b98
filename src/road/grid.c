/* grid.c - the cells that find the streets near a place. A street stands in every cell that it
 * crosses, found by cutting each of its straight pieces at the rows' borders. */
#include "road/grid_priv.h"
#include <math.h>

#define CELL_M 120.0
#define M_PER_E7 0.0111195079734 /* of latitude, mean sphere */
#define MAX_CELLS_PER_EDGE 4u

/* Column and row of a coordinate, held to the grid. */
static uint32_t grid_column(const struct file_grid *grid, int64_t lon_e7)
{
    int64_t column = (lon_e7 - grid->min.lon_e7) / grid->cell_lon_e7;
    if (lon_e7 < grid->min.lon_e7)
        return 0;
    return column < grid->columns ? (uint32_t)column : grid->columns - 1;
}

static uint32_t grid_row(const struct file_grid *grid, int64_t lat_e7)
{
    int64_t row = (lat_e7 - grid->min.lat_e7) / grid->cell_lat_e7;
    if (lat_e7 < grid->min.lat_e7)
        return 0;
    return row < grid->rows ? (uint32_t)row : grid->rows - 1;
}

static void size_cells(struct grid_job *job)
{
    const struct road *road = job->road;
    uint64_t max_cells = (uint64_t)road->edge_count * MAX_CELLS_PER_EDGE + 64;
    double middle_rad = ((double)road->min.lat_e7 + road->max.lat_e7) / 2e7 * M_PI / 180;
    double lat = CELL_M / M_PER_E7, lon = lat / fmax(0.01, cos(middle_rad));
    uint64_t columns, rows;
    for (;; lat *= 2, lon *= 2) {
        columns = (uint64_t)(((double)road->max.lon_e7 - road->min.lon_e7) / lon) + 1;
        rows = (uint64_t)(((double)road->max.lat_e7 - road->min.lat_e7) / lat) + 1;
        if (columns * rows <= max_cells)
            break;
    }
    job->grid = (struct file_grid){road->min, (uint32_t)lat, (uint32_t)lon, (uint32_t)columns,
                                   (uint32_t)rows};
}

struct cell_edge {
    uint32_t cell, edge;
};

/* Notes that an edge stands in a cell, unless it did so last. */
static enum err note_cell(struct grid_job *job, uint32_t cell, uint32_t edge, uint32_t *last)
{
    if (last[cell] == edge)
        return OK;
    last[cell] = edge;
    job->cell_first[cell + 1]++;
    return VEC_PUSH(&job->found, struct cell_edge, (struct cell_edge){cell, edge});
}

/* Notes each cell of the piece a-b. */
static enum err piece_cells(struct grid_job *job, uint32_t edge, struct place a, struct place b,
                            uint32_t *last)
{
    const struct file_grid *grid = &job->grid;
    uint32_t column_a = grid_column(grid, a.lon_e7), column_b = grid_column(grid, b.lon_e7);
    if (grid_row(grid, a.lat_e7) == grid_row(grid, b.lat_e7) && column_a == column_b)
        return note_cell(job, grid_row(grid, a.lat_e7) * grid->columns + column_a, edge, last);
    if (a.lat_e7 > b.lat_e7) {
        struct place swap = a;
        a = b;
        b = swap;
    }
    uint32_t row_a = grid_row(grid, a.lat_e7), row_b = grid_row(grid, b.lat_e7);
    double slope =
        b.lat_e7 == a.lat_e7 ? 0 : ((double)b.lon_e7 - a.lon_e7) / ((double)b.lat_e7 - a.lat_e7);
    double from = a.lon_e7;
    for (uint32_t row = row_a; row <= row_b; row++) {
        double top = (double)grid->min.lat_e7 + ((double)row + 1) * grid->cell_lat_e7;
        double to = row == row_b ? b.lon_e7 : a.lon_e7 + slope * (top - a.lat_e7);
        uint32_t first = grid_column(grid, (int64_t)floor(fmin(from, to)));
        uint32_t end = grid_column(grid, (int64_t)ceil(fmax(from, to)));
        for (uint32_t column = first; column <= end; column++) {
            if (note_cell(job, row * grid->columns + column, edge, last))
                return ERR_LIMIT;
        }
        from = to;
    }
    return OK;
}

static enum err all_cells(struct grid_job *job, uint32_t *last, size_t cells)
{
    const struct road *road = job->road;
    memset(last, 0xFF, cells * sizeof *last);
    for (uint32_t edge = 0; edge < road->edge_count; edge++) {
        const struct file_edge *e = &road->edges[edge];
        struct place at = road->nodes[e->tail];
        for (uint32_t i = e->shape; i < e[1].shape; i++) {
            if (piece_cells(job, edge, at, road->shapes[i], last))
                return ERR_LIMIT;
            at = road->shapes[i];
        }
        if (piece_cells(job, edge, at, road->nodes[e->head], last))
            return ERR_LIMIT;
    }
    return job->found.count < UINT32_MAX ? OK : ERR_LIMIT;
}

enum err grid_make(struct grid_job *job)
{
    size_cells(job);
    size_t cells = (size_t)job->grid.columns * job->grid.rows;
    uint32_t *last = malloc((cells + 1) * sizeof *last);
    job->cell_first = calloc(cells + 1, sizeof *job->cell_first);
    enum err err = last && job->cell_first ? all_cells(job, last, cells) : ERR_LIMIT;
    free(last);
    if (err)
        return err;
    job->cell_edges = malloc((job->found.count + 1) * sizeof *job->cell_edges);
    if (!job->cell_edges)
        return ERR_LIMIT;
    for (size_t i = 0; i < cells; i++)
        job->cell_first[i + 1] += job->cell_first[i];
    for (size_t i = 0; i < job->found.count; i++) {
        struct cell_edge found = VEC(&job->found, struct cell_edge)[i];
        job->cell_edges[job->cell_first[found.cell]++] = found.edge;
    }
    /* Filling has moved each start to the next one's: move them back. */
    memmove(job->cell_first + 1, job->cell_first, cells * sizeof *job->cell_first);
    job->cell_first[0] = 0;
    return OK;
}

void grid_done(struct grid_job *job)
{
    free(job->cell_first);
    free(job->cell_edges);
    vec_done(&job->found);
}
