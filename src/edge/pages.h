/* pages.h - the built pages in memory, and the map's description. Layer: edge, private. */
#ifndef EDGE_PAGES_H
#define EDGE_PAGES_H
#include "edge/router_priv.h"
#include "edge/site.h"

struct pages;
/* Reads every file below the folder. ERR_NOT_FOUND: no folder; ERR_IO, ERR_LIMIT. */
enum err pages_open(const char *dir, struct pages **ret_pages);
void pages_close(struct pages *pages);
/* The file that the path's rest names; "" is `front`. 404 if there is none, or no pages at all. */
void pages_answer(const struct pages *pages, struct visit *visit, const char *front);
/* Members of /map/meta into the object that is open in the visit's JSON. */
void map_write_meta(struct visit *visit);
/* Inside the base map, or not far from it; true where there is no map. */
bool map_holds(const struct visit *visit, struct place place);
#endif
