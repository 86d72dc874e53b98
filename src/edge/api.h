/* api.h - the interface described: OpenAPI 3.1 and Markdown, both from the route table.
 * Layer: edge, private. */
#ifndef EDGE_API_H
#define EDGE_API_H
#include "base/out.h"
#include "edge/route.h"

#define API_STALE_US INT64_C(15000000) /* core's figures older than this: degraded */

void openapi_write(const struct router *router, const char *version, bool is_public,
                   struct out *out);
void markdown_write(const struct router *router, const char *title, struct out *out);
#endif
