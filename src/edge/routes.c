/* routes.c - the staff's routes that are written by hand; lists, objects and commands are made by
 * rule in router.c. Order matters only where a literal stands beside a parameter: literal first. */
#include "edge/bodies.h"
#include "edge/router_priv.h"
#include "edge/schemas.h"

#define GET HTTP_METHOD_GET
#define POST HTTP_METHOD_POST
#define DELETE HTTP_METHOD_DELETE
#define PARAMS(list) .params = list, .param_count = sizeof list / sizeof list[0]
#define API "/api/v1"

static const struct route_param log_params[] = {
    {"incident", PARAM_TEXT, .max = 400,
     .doc = "events about these incidents and their assignments"},
    {"kind", PARAM_TEXT, .max = 400, .doc = "event names, commas between"},
    {"actor", PARAM_TEXT, .max = 400, .doc = "who gave the command"},
    {"area", PARAM_TEXT, .max = 400, .doc = "area and all below it"},
    {"from", PARAM_TIME, .doc = "recorded at or after"},
    {"to", PARAM_TIME, .doc = "recorded before"},
    {"order", PARAM_TEXT, .max = 8, .doc = "id or -id (newest first)"},
    {"cursor", PARAM_TEXT, .max = 400, .doc = "`next` of the page before"},
    {"limit", PARAM_U32, .min = 1, .max = 1000, .doc = "items on a page"},
};
static const struct route_param history_params[] = {
    {"order", PARAM_TEXT, .max = 8, .doc = "id (oldest first) or -id"},
    {"cursor", PARAM_TEXT, .max = 400, .doc = "`next` of the page before"},
    {"limit", PARAM_U32, .min = 1, .max = 1000, .doc = "items on a page"},
};
static const struct route_param recommendation_params[] = {
    {"count", PARAM_U32, .min = 1, .max = 16,
     .doc = "units wanted, where one capability is asked for"},
    {"capabilities", PARAM_TEXT, .max = 240,
     .doc = "codes, commas between; absent = as the plan says"},
    {"level", PARAM_U32, .min = 1, .max = 9, .doc = "alarm level; absent = the incident's"},
};
static const struct route_param route_params[] = {
    {"unit", PARAM_ID, .kind = OBJECT_unit, .is_needed = true, .doc = "whose way"},
};
static const struct route_param circle_params[] = {
    {"minutes", PARAM_TEXT, .max = 64, .doc = "rising whole minutes, as 1,3,5"},
    {"seconds", PARAM_TEXT, .max = 64, .doc = "rising whole seconds instead of minutes"},
    {"profile", PARAM_TEXT, .max = 16, .doc = "response (if absent), car, motorcycle, foot ..."},
    {"from", PARAM_TEXT, .max = 8, .doc = "posts (if absent) or units, from where they are"},
    {"busy", PARAM_TEXT, .max = 4,
     .doc = "out: no busy units, and no posts whose units are all busy"},
    {"shape", PARAM_TEXT, .max = 8,
     .doc = "lines (if absent), areas of all together, each: an area for every post"},
    {"post", PARAM_ID, .kind = OBJECT_post, .doc = "this one alone"},
    {"after", PARAM_TEXT, .max = 32, .doc = "of each: the page behind that `next`"},
    {"min_hole_m2", PARAM_U32, .min = 0, .max = 1000000000, .doc = "smaller holes are filled"},
    {"at", PARAM_TIME, .doc = "with that time's closures, planned ones too, and its hour's speeds"},
    {"hour", PARAM_TEXT, .max = 6, .doc = "with the speeds of an hour of the week, as fri-17"},
};
static const struct route_param circle_tile_params[] = {
    {"minutes", PARAM_TEXT, .max = 64, .doc = "rising whole minutes, as 1,3,5"},
    {"profile", PARAM_TEXT, .max = 16, .doc = "response (if absent), car, motorcycle, foot ..."},
    {"from", PARAM_TEXT, .max = 8, .doc = "posts (if absent) or units"},
    {"busy", PARAM_TEXT, .max = 4, .doc = "out: no busy units"},
};
static const struct route_param street_params[] = {
    {"name", PARAM_TEXT, .max = 200, .doc = "the whole name, in either language"},
    {"way", PARAM_TEXT, .max = 20, .doc = "number of an OpenStreetMap way instead"},
    {"near", PARAM_PLACE, .doc = "lat,lon: only streets of that name within 3 km"},
};
static const struct route_param resolve_params[] = {
    {"lat", PARAM_TEXT, .max = 16, .is_needed = true, .doc = "degrees, WGS-84"},
    {"lon", PARAM_TEXT, .max = 16, .is_needed = true, .doc = "degrees, WGS-84"},
};
static const struct route_param search_params[] = {
    {"q", PARAM_TEXT, .max = 200, .is_needed = true,
     .doc = "street, crossing, house number, post or area"},
    {"near", PARAM_PLACE, .doc = "lat,lon: the nearer of equals comes first"},
    {"limit", PARAM_U32, .min = 1, .max = 50, .doc = "hits, 10 if absent"},
};
static const struct route_param push_params[] = {
    {"bbox", PARAM_BOX, .doc = "west,south,east,north: positions inside only"},
    {"positions", PARAM_TEXT, .max = 3, .doc = "no: no positions"},
    {"log", PARAM_TEXT, .max = 3, .doc = "no: rows only, no log items"},
    {"cover", PARAM_TEXT, .max = 3, .doc = "no: no ledger of cover, which who may ask for it gets"},
};

static const struct route rows[] = {
    {POST, API "/session", ACTION_session_login, session_login, .body = &record_login,
     .answer = ANSWER_SCHEMA, .schema = SCHEMA_SESSION, .limit = LIMIT_LOGIN, .flags = ROUTE_OPEN,
     .zh = "登录；返回会话并设置 Cookie。",
     .en = "Logs in: gives the session and sets its cookie."},
    {GET, API "/session", ACTION_session_use, session_show, .answer = ANSWER_SCHEMA,
     .schema = SCHEMA_SESSION, .limit = LIMIT_READ, .zh = "当前会话。",
     .en = "The session one is in."},
    {DELETE, API "/session", ACTION_session_use, session_leave, .answer = ANSWER_NONE,
     .limit = LIMIT_WRITE, .zh = "退出登录。", .en = "Logs out."},

    {GET, API "/log", ACTION_log_read, list_log, PARAMS(log_params), .answer = ANSWER_SCHEMA,
     .schema = SCHEMA_LOG, .limit = LIMIT_READ, .zh = "全局流水，最新在前。",
     .en = "The activity log, newest first."},
    {GET, API "/incidents/{id}/log", ACTION_incident_log, list_incident_log,
     .kind = OBJECT_incident, PARAMS(history_params), .answer = ANSWER_SCHEMA, .schema = SCHEMA_LOG,
     .limit = LIMIT_READ, .zh = "一起警情及其派警单的流水，最早在前。",
     .en = "History of an incident and its assignments, oldest first."},
    {GET, API "/incidents/{id}/notes", ACTION_incident_log, list_notes, .kind = OBJECT_incident,
     PARAMS(history_params), .answer = ANSWER_SCHEMA, .schema = SCHEMA_LOG, .limit = LIMIT_READ,
     .flags = ROUTE_PERSONAL, .zh = "记录、陈述和照片，最早在前；文字需说明查询事由。",
     .en = "Notes, statements and photos, oldest first; their texts need a purpose."},
    {GET, API "/incidents/{id}/photos/{blob}", ACTION_photo_read, photo_get,
     .kind = OBJECT_incident, .answer = ANSWER_FILE, .media_type = "image/jpeg",
     .limit = LIMIT_FILE, .flags = ROUTE_PERSONAL, .zh = "一张照片；需说明查询事由。",
     .en = "One photo; needs a purpose."},
    {GET, API "/signals/{id}/photos/{blob}", ACTION_photo_read, photo_get, .kind = OBJECT_signal,
     .answer = ANSWER_FILE, .media_type = "image/jpeg", .limit = LIMIT_FILE,
     .flags = ROUTE_PERSONAL, .zh = "线索所附照片；需说明查询事由。",
     .en = "The photo of a report; needs a purpose."},
    {POST, API "/incidents/{id}/photos", ACTION_incident_attach, photo_post,
     .kind = OBJECT_incident, .answer = ANSWER_CHANGED, .limit = LIMIT_PHOTO, .flags = ROUTE_MEMFD,
     .media_type = "image/jpeg", .zh = "添加照片（JPEG、PNG、WebP，至多 16 MiB）；服务器重新编码。",
     .en = "Adds a photo (JPEG, PNG or WebP, at most 16 MiB); it is re-encoded."},

    {GET, API "/incidents/{id}/recommendation", ACTION_recommendation_ask, ask_recommendation,
     .kind = OBJECT_incident, PARAMS(recommendation_params), .answer = ANSWER_SCHEMA,
     .schema = SCHEMA_RECOMMENDATION, .limit = LIMIT_ASK, .zh = "按真实路网时间推荐处警单元。",
     .en = "Units to send, by true travel time over the roads."},
    {GET, API "/incidents/{id}/hazards", ACTION_incident_hazards, hazard_list_near,
     .kind = OBJECT_incident, .answer = ANSWER_SCHEMA, .schema = SCHEMA_NEAR, .limit = LIMIT_READ,
     .zh = "警情地点附近的场所危险，最近的在前；每类危险自有提示距离。",
     .en = "Hazards of its place, the nearest first; each kind says how near is near."},
    {GET, API "/incidents/{id}/team", ACTION_incident_team, ask_team, .kind = OBJECT_incident,
     .answer = ANSWER_SCHEMA, .schema = SCHEMA_TEAM, .limit = LIMIT_ASK,
     .zh = "同一警情的处警单元：阶段和预计到达。",
     .en = "The units on it: how far each is, and in how many seconds it is there."},
    {GET, API "/incidents/{id}/route", ACTION_route_ask, ask_route, .kind = OBJECT_incident,
     PARAMS(route_params), .answer = ANSWER_SCHEMA, .schema = SCHEMA_FEATURE, .limit = LIMIT_ASK,
     .zh = "单元到警情的路线。", .en = "The way of a unit to the incident, as a GeoJSON feature."},
    {GET, API "/circles", ACTION_circles_ask, ask_circles, PARAMS(circle_params),
     .answer = ANSWER_SCHEMA, .schema = SCHEMA_COLLECTION, .limit = LIMIT_ASK,
     .zh = "快速反应圈：可达街段或多边形。",
     .en = "Rapid-response circles, as streets or as polygons."},
    {GET, API "/cover", ACTION_circles_ask, ask_cover, .answer = ANSWER_SCHEMA,
     .schema = SCHEMA_COVER, .limit = LIMIT_ASK,
     .zh = "覆盖台账：空闲单元 1、3、5 分钟内可达的需求，及每个单元的分量。",
     .en = "Demand that idle units reach within 1, 3, 5 minutes now, and what each unit is worth."},
    {GET, API "/streets", ACTION_place_read, street_get, PARAMS(street_params),
     .answer = ANSWER_SCHEMA, .schema = SCHEMA_FEATURE, .limit = LIMIT_READ,
     .zh = "一条街道的线形，按名称或道路编号。",
     .en = "The line of a street, by name or number of a way."},

    {GET, API "/places/resolve", ACTION_place_read, place_resolve, PARAMS(resolve_params),
     .answer = ANSWER_SCHEMA, .schema = SCHEMA_RESOLVED, .limit = LIMIT_READ,
     .zh = "一点的辖区链、派出所、责任民警和值班电话。",
     .en = "Areas of a place from the top, station, named officer, duty phone."},
    {GET, API "/places/search", ACTION_place_read, place_search, PARAMS(search_params),
     .answer = ANSWER_SCHEMA, .schema = SCHEMA_HITS, .limit = LIMIT_READ,
     .zh = "地址、路口、站点、辖区查询。", .en = "Finds streets, crossings, posts and areas."},
    {GET, API "/catalogue", ACTION_catalogue_read, catalogue_get, .answer = ANSWER_SCHEMA,
     .schema = SCHEMA_CATALOGUE, .limit = LIMIT_READ,
     .zh = "类型、预案、单位、站点、辖区等工作台所需目录。",
     .en = "Types, plans, bodies, posts and areas: what a screen needs to start."},

    {GET, API "/units/positions", ACTION_position_read, position_list, .answer = ANSWER_SCHEMA,
     .schema = SCHEMA_POSITIONS, .limit = LIMIT_READ, .zh = "在勤单元的最新位置。",
     .en = "Last places of units on duty."},
    {POST, API "/units/{id}/position", ACTION_position_send, position_post, .kind = OBJECT_unit,
     .body = &record_fix, .answer = ANSWER_NONE, .limit = LIMIT_WRITE,
     .zh = "处警页上报位置；不是流水。",
     .en = "A fix from the field page; never an event, not idempotent."},
    {GET, API "/push", ACTION_push_read, push_open, PARAMS(push_params), .answer = ANSWER_FILE,
     .media_type = "text/event-stream", .limit = LIMIT_PUSH,
     .zh = "服务器推送：row、gone、log、positions、cover、tick、resync；支持 Last-Event-ID。",
     .en = "Server-sent events: row, gone, log, positions, cover, tick, resync; takes "
           "Last-Event-ID."},

    {GET, API "/map/meta", ACTION_map_read, map_meta, .answer = ANSWER_SCHEMA, .schema = SCHEMA_MAP,
     .limit = LIMIT_READ, .zh = "地图范围、级别和署名。",
     .en = "Bounds, zooms and attribution of the map."},
    {GET, API "/tiles/base/{z}/{x}/{y}.pbf", ACTION_map_read, map_base, .answer = ANSWER_FILE,
     .media_type = "application/vnd.mapbox-vector-tile", .limit = LIMIT_FILE,
     .zh = "底图矢量瓦片。", .en = "Vector tile of the base map."},
    {GET, API "/tiles/live/circles/{z}/{x}/{y}.pbf", ACTION_circles_ask, ask_circles_tile,
     PARAMS(circle_tile_params), .answer = ANSWER_FILE,
     .media_type = "application/vnd.mapbox-vector-tile", .limit = LIMIT_FILE,
     .zh = "快速反应圈瓦片，随封路和单元状态变化。",
     .en = "Vector tile of the response circles as they are now."},
    {GET, API "/tiles/live/{layer}/{z}/{x}/{y}.pbf", ACTION_map_read, map_live,
     .answer = ANSWER_FILE, .media_type = "application/vnd.mapbox-vector-tile", .limit = LIMIT_FILE,
     .zh = "实时图层瓦片：areas、closures、posts。",
     .en = "Vector tile of a live layer: areas, closures, posts."},

    {GET, "/openapi.json", ACTION_page_read, api_document, .answer = ANSWER_SCHEMA,
     .schema = SCHEMA_ANY, .limit = LIMIT_FILE, .flags = ROUTE_OPEN,
     .zh = "本接口的 OpenAPI 3.1 文档。", .en = "This interface as an OpenAPI 3.1 document."},
    {GET, "/healthz", ACTION_page_read, api_health, .answer = ANSWER_SCHEMA,
     .schema = SCHEMA_HEALTH, .limit = LIMIT_FILE, .flags = ROUTE_OPEN, .zh = "运行状况。",
     .en = "Whether it serves, and how far it is."},
    {GET, "/metrics", ACTION_metrics_read, api_metrics, .answer = ANSWER_FILE,
     .media_type = "application/openmetrics-text", .limit = LIMIT_FILE, .flags = ROUTE_OPEN,
     .zh = "指标（OpenMetrics）；未登录时仅限本机。",
     .en = "Figures (OpenMetrics); without a session from this machine only."},
    {GET, "/*", ACTION_page_read, page_get, .answer = ANSWER_FILE, .limit = LIMIT_FILE,
     .flags = ROUTE_OPEN | ROUTE_HIDDEN, .zh = "页面文件。", .en = "Files of the pages."},
};

const struct route *routes_staff(size_t *ret_count)
{
    *ret_count = sizeof rows / sizeof rows[0];
    return rows;
}
