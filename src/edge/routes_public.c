/* routes_public.c - the portal's routes: report, follow, photo, and the page itself. */
#include "edge/bodies.h"
#include "edge/router_priv.h"
#include "edge/schemas.h"

#define GET HTTP_METHOD_GET
#define POST HTTP_METHOD_POST
#define API "/api/public"

static const struct route rows[] = {
    {POST, API "/reports", ACTION_public_report, report_post, .body = &record_report,
     .answer = ANSWER_SCHEMA, .schema = SCHEMA_REPORTED, .limit = LIMIT_REPORT,
     .flags = ROUTE_OPEN | ROUTE_MAKES, .zh = "提交线索；查询码只显示一次。",
     .en = "Hands in a report; its code is shown once."},
    {GET, API "/reports/{code}", ACTION_public_follow, report_get, .answer = ANSWER_SCHEMA,
     .schema = SCHEMA_FOLLOWED, .limit = LIMIT_FOLLOW, .flags = ROUTE_OPEN,
     .zh = "凭查询码查看进展。", .en = "How far a report is, by its code."},
    {POST, API "/photos", ACTION_public_photo, report_photo, .answer = ANSWER_SCHEMA,
     .schema = SCHEMA_BLOB, .media_type = "image/jpeg", .limit = LIMIT_PICTURE,
     .flags = ROUTE_OPEN | ROUTE_MEMFD, .zh = "上传照片，先得编号再随线索提交。",
     .en = "Takes a photo; the report names what it answers."},
    {GET, API "/notices", ACTION_public_read, report_notices, .answer = ANSWER_SCHEMA,
     .schema = SCHEMA_NOTICES, .limit = LIMIT_FOLLOW, .flags = ROUTE_OPEN,
     .zh = "经审核公开的举报和按月按类的警情数量（10 起以上）。",
     .en = "Reports that officers have cleared, and incidents a month and type, 10 and more."},
    {GET, API "/meta", ACTION_public_read, report_meta, .answer = ANSWER_SCHEMA,
     .schema = SCHEMA_META, .limit = LIMIT_FILE, .flags = ROUTE_OPEN,
     .zh = "城市、范围、类别和封装公钥。",
     .en = "City, bounds, categories and the key that contacts are sealed to."},
    {GET, "/tiles/base/{z}/{x}/{y}.pbf", ACTION_public_read, map_base, .answer = ANSWER_FILE,
     .media_type = "application/vnd.mapbox-vector-tile", .limit = LIMIT_FILE, .flags = ROUTE_OPEN,
     .zh = "底图瓦片。", .en = "Vector tile of the base map."},
    {GET, "/openapi.json", ACTION_public_read, api_document, .answer = ANSWER_SCHEMA,
     .schema = SCHEMA_ANY, .limit = LIMIT_FILE, .flags = ROUTE_OPEN,
     .zh = "本接口的 OpenAPI 3.1 文档。", .en = "This interface as an OpenAPI 3.1 document."},
    {GET, "/healthz", ACTION_public_read, api_health, .answer = ANSWER_SCHEMA,
     .schema = SCHEMA_HEALTH, .limit = LIMIT_FILE, .flags = ROUTE_OPEN, .zh = "运行状况。",
     .en = "Whether it serves."},
    {GET, "/*", ACTION_public_read, page_get, .answer = ANSWER_FILE, .limit = LIMIT_FILE,
     .flags = ROUTE_OPEN | ROUTE_HIDDEN, .zh = "页面文件。", .en = "Files of the page."},
};

const struct route *routes_public(size_t *ret_count)
{
    *ret_count = sizeof rows / sizeof rows[0];
    return rows;
}
