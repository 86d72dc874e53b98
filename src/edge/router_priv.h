/* router_priv.h - the parts that the route tables are made of.
 * Layer: edge, private. */
#ifndef EDGE_ROUTER_PRIV_H
#define EDGE_ROUTER_PRIV_H
#include "edge/route.h"
#include <assert.h>

const struct route *routes_staff(size_t *ret_count);
const struct route *routes_public(size_t *ret_count);

/* What a command does, for people. Never NULL for a command that has a route. */
struct command_text {
    const char *zh, *en;
};
const struct command_text *command_text(enum command_kind kind);
const char *router_plural(enum object_kind kind); /* "incidents", "bodies" */

/* ---- handlers: each ends its visit ---- */
void session_login(struct visit *visit);
void session_show(struct visit *visit);
void session_leave(struct visit *visit);
void command_give(struct visit *visit);
void list_rows(struct visit *visit);
void list_object(struct visit *visit);
void list_log(struct visit *visit);
void list_incident_log(struct visit *visit);
void list_notes(struct visit *visit);
void photo_get(struct visit *visit);
void photo_post(struct visit *visit);
void ask_recommendation(struct visit *visit);
void ask_route(struct visit *visit);
void ask_circles(struct visit *visit);
void ask_circles_tile(struct visit *visit);
void ask_cover(struct visit *visit);
void street_get(struct visit *visit);
void hazard_list_near(struct visit *visit);
void ask_team(struct visit *visit);
void place_resolve(struct visit *visit);
void place_search(struct visit *visit);
void catalogue_get(struct visit *visit);
void position_list(struct visit *visit);
void position_post(struct visit *visit);
void push_open(struct visit *visit);
void map_base(struct visit *visit);
void map_live(struct visit *visit);
void map_meta(struct visit *visit);
void page_get(struct visit *visit);
void api_document(struct visit *visit);
void api_health(struct visit *visit);
void api_metrics(struct visit *visit);
void report_post(struct visit *visit);
void report_get(struct visit *visit);
void report_photo(struct visit *visit);
void report_meta(struct visit *visit);
void report_notices(struct visit *visit);
#endif
