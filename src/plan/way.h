/* way.h - a way as GeoJSON, written alike by the server and by the commands.
 * Layer: plan. Threads: pure. */
#ifndef PLAN_WAY_H
#define PLAN_WAY_H
#include "base/out.h"
#include "road/road.h"

/* A Feature: the line, `seconds` to the millisecond, `metres`, whether it starts or ends inside a
 * closure, and its `legs` by name of street. ERR_LIMIT: out is full. */
enum err way_geojson(const struct road_route *route, struct out *out);
#endif
