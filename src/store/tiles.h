/* tiles.h - reading a finished set of map tiles (.mbtiles, an SQLite file) that the edge serves.
 * Layer: store. Threads: a reader belongs to one thread. Spec: MBTiles 1.3; rows count from the
 * south there (TMS), from the north here. The file never changes while it is open. */
#ifndef STORE_TILES_H
#define STORE_TILES_H
#include "base/out.h"

struct tiles_reader;
/* ERR_NOT_FOUND, ERR_CORRUPT (no SQLite file, or without the tables), ERR_IO. */
enum err tiles_open(const char *path, struct tiles_reader **ret_reader);
void tiles_close(struct tiles_reader *reader);
/* The stored bytes of one tile, usually gzipped; lent until the next call. ERR_NOT_FOUND: none
 * there; ERR_RANGE: no such tile in the scheme. */
enum err tiles_get(struct tiles_reader *reader, uint32_t z, uint32_t x, uint32_t y,
                   struct str *ret_bytes);
/* A value of the metadata, as "bounds", "minzoom"; lent until the next call. ERR_NOT_FOUND. */
enum err tiles_meta(struct tiles_reader *reader, const char *name, struct str *ret_value);
#endif
