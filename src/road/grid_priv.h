/* grid_priv.h - the snapping grid. Layer: road, inside only. */
#ifndef ROAD_GRID_PRIV_H
#define ROAD_GRID_PRIV_H
#include "road/road_priv.h"

#define GRID_MIN_CELL_E7 10000u /* 111 m */

struct grid_job { /* from a road with nodes, edges and shapes; the rest is made */
    const struct road *road;
    struct file_grid grid;
    uint32_t *cell_first; /* columns * rows + 1 */
    uint32_t *cell_edges;
    struct vec found; /* cells and their edges, while it is made */
};
enum err grid_make(struct grid_job *job);
void grid_done(struct grid_job *job); /* also after a failure */
#endif
