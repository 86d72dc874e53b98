/* way.h - a way as GeoJSON, written alike by the server and by the commands.
 * Layer: plan. Threads: pure. */
#ifndef PLAN_WAY_H
#define PLAN_WAY_H
#include "base/out.h"
#include "road/medium.h"
#include "road/road.h"

/* A Feature: the line, `seconds` to the millisecond, `metres`, whether it starts or ends inside a
 * closure, and its `legs` by name of street. ERR_LIMIT: out is full. */
enum err way_geojson(const struct road_route *route, struct out *out);
/* The same of a craft: the line, `craft`, `medium`, `seconds` (given, for more may count than the
 * passage), `metres`, `is_beyond_endurance`. ERR_LIMIT. */
enum err way_passage_geojson(const struct craft_row *row, const struct passage *passage,
                             uint32_t ms, struct out *out);
#endif
