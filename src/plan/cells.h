/* cells.h - population cells as a data folder keeps them: the other demand of the ledger of cover.
 * Layer: plan. Threads: pure. Format of DIR/city.cells: the line `lat,lon,people`, then one line a
 * cell, degrees of WGS-84 with up to seven digits, whole people, no place twice. Made by
 * `anwang import cells`; docs/formats/cells.md. */
#ifndef PLAN_CELLS_H
#define PLAN_CELLS_H
#include "base/out.h"
#include "plan/cover.h"

#define CELLS_FILE "city.cells"
#define CELLS_FILE_BYTES (64u << 20)

/* All cells, to be freed with free(); areas are 0. ERR_SYNTAX with the line; ERR_LIMIT: more than
 * COVER_MAX_DEMAND, or no memory. */
enum err cells_parse(struct str text, struct cover_demand **ret_cells, size_t *ret_count,
                     struct fault *ret_fault);
/* ERR_LIMIT: out is full. */
enum err cells_write(const struct cover_demand *cells, size_t count, struct out *out);
#endif
