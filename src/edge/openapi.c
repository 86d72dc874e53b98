/* openapi.c - OpenAPI 3.1 from the route table: paths, parameters, bodies from command records,
 * answers from object records. */
#include "edge/api.h"

#include "base/json_out.h"
#include "edge/edge.h"
#include "edge/router_priv.h"
#include "model/objects.h"

#define REF_CAP 96

static void ref(struct json_out *j, const char *where, const char *name, const char *suffix)
{
    char text[REF_CAP];
    (void)snprintf(text, sizeof text, "#/components/%s/%s%s", where, name, suffix);
    json_obj(j);
    json_kc(j, "$ref", text);
    json_obj_end(j);
}

/* ---- parameters ---- */

static void path_parameter(struct json_out *j, struct str name, const struct route *route)
{
    char pattern[64];
    json_obj(j);
    json_kstr(j, "name", name);
    json_kc(j, "in", "path");
    json_kbool(j, "required", true);
    json_key(j, "schema");
    json_obj(j);
    if (str_eq_c(name, "id")) {
        (void)snprintf(pattern, sizeof pattern, "^%s-[0-9]+-[0-9]+$",
                       object_kind_name(route->kind));
        json_kc(j, "type", "string");
        json_kc(j, "pattern", pattern);
    } else if (name.len == 1) { /* z, x, y */
        json_kc(j, "type", "integer");
        json_ki64(j, "minimum", 0);
    } else {
        json_kc(j, "type", "string");
    }
    json_obj_end(j);
    json_obj_end(j);
}

static void param_schema(struct json_out *j, const struct route_param *param)
{
    json_obj(j);
    switch (param->type) {
    case PARAM_TEXT:
        json_kc(j, "type", "string");
        json_ki64(j, "minLength", 1);
        json_ki64(j, "maxLength", param->max);
        break;
    case PARAM_U32:
        json_kc(j, "type", "integer");
        json_ki64(j, "minimum", param->min);
        json_ki64(j, "maximum", param->max);
        break;
    case PARAM_TIME:
        json_kc(j, "type", "string");
        json_kc(j, "format", "date-time");
        break;
    case PARAM_PLACE:
        json_kc(j, "type", "string");
        json_kc(j, "pattern", "^-?[0-9.]+,-?[0-9.]+$");
        break;
    case PARAM_BOX:
        json_kc(j, "type", "string");
        json_kc(j, "pattern", "^-?[0-9.]+(,-?[0-9.]+){3}$");
        break;
    case PARAM_ID:
        json_kc(j, "type", "string");
        json_kc(j, "pattern", "^[a-z]+-[0-9]+-[0-9]+$");
        break;
    }
    json_obj_end(j);
}

static void query_parameter(struct json_out *j, const struct route_param *param)
{
    json_obj(j);
    json_kc(j, "name", param->name);
    json_kc(j, "in", "query");
    json_kbool(j, "required", param->is_needed);
    json_kc(j, "description", param->doc);
    json_key(j, "schema");
    param_schema(j, param);
    json_obj_end(j);
}

static bool needs_key(const struct route *route)
{
    return route->answer == ANSWER_CHANGED;
}

static bool is_write(const struct route *route)
{
    return route->method != HTTP_METHOD_GET;
}

static void parameters(struct json_out *j, const struct route *route)
{
    struct str rest = str_of(route->path);
    json_key(j, "parameters");
    json_arr(j);
    while (rest.len) {
        struct str segment = str_cut(&rest, '/');
        const char *close = segment.len ? memchr(segment.p, '}', segment.len) : NULL;
        if (close && segment.p[0] == '{')
            path_parameter(j, (struct str){segment.p + 1, (size_t)(close - segment.p) - 1}, route);
    }
    for (size_t i = 0; i < route->param_count; i++)
        query_parameter(j, &route->params[i]);
    if (needs_key(route)) {
        ref(j, "parameters", "key", "");
        ref(j, "parameters", "match", "");
    }
    if (is_write(route) && !(route->flags & ROUTE_OPEN))
        ref(j, "parameters", "csrf", "");
    if (route->flags & ROUTE_PERSONAL)
        ref(j, "parameters", "purpose", "");
    json_arr_end(j);
}

/* ---- bodies and answers ---- */

static void request_body(struct json_out *j, const struct route *route)
{
    if (!route->body && !(route->flags & ROUTE_MEMFD))
        return;
    json_key(j, "requestBody");
    json_obj(j);
    json_kbool(j, "required", true);
    json_key(j, "content");
    json_obj(j);
    if (route->body) {
        json_key(j, "application/json");
        json_obj(j);
        json_key(j, "schema");
        ref(j, "schemas", route->body->name, route->command ? "_command" : "_body");
        json_obj_end(j);
    } else {
        static const char *const types[] = {"image/jpeg", "image/png", "image/webp"};
        for (size_t i = 0; i < 3; i++) {
            json_key(j, types[i]);
            json_raw(j, STR("{\"schema\":{\"type\":\"string\",\"format\":\"binary\"}}"));
        }
    }
    json_obj_end(j);
    json_obj_end(j);
}

static void answer_schema(struct json_out *j, const struct route *route)
{
    switch (route->answer) {
    case ANSWER_ROW:
        ref(j, "schemas", object_kind_name(route->kind), "");
        return;
    case ANSWER_LIST:
        ref(j, "schemas", object_kind_name(route->kind), "_list");
        return;
    case ANSWER_CHANGED:
        ref(j, "schemas", "changed", "");
        return;
    case ANSWER_SCHEMA:
        json_raw(j, str_of(route->schema));
        return;
    case ANSWER_NONE:
    case ANSWER_FILE:
        json_raw(j, STR("{\"type\":\"string\"}"));
        return;
    }
}

static void answer(struct json_out *j, const struct route *route, const char *status,
                   const char *text)
{
    json_key(j, status);
    json_obj(j);
    json_kc(j, "description", text);
    if (route->answer != ANSWER_NONE) {
        json_key(j, "content");
        json_obj(j);
        json_key(j, route->answer == ANSWER_FILE ? route->media_type : "application/json");
        json_obj(j);
        json_key(j, "schema");
        answer_schema(j, route);
        json_obj_end(j);
        json_obj_end(j);
    }
    json_obj_end(j);
}

static void answers(struct json_out *j, const struct route *route)
{
    static const char *const always[] = {"400", "403", "404", "429", "503"};
    const bool can_be_empty = route->answer == ANSWER_FILE;
    json_key(j, "responses");
    json_obj(j);
    if (route->answer == ANSWER_NONE || can_be_empty)
        json_key(j, "204"), json_raw(j, STR("{\"description\":\"done, or nothing there\"}"));
    if (route->answer != ANSWER_NONE)
        answer(j, route, "200", "as asked for");
    if (route->flags & ROUTE_MAKES)
        answer(j, route, "201", "made");
    if (!(route->flags & ROUTE_OPEN) || route->action == ACTION_session_login ||
        route->action == ACTION_metrics_read)
        json_key(j, "401"), ref(j, "responses", "problem", "");
    if (route->answer == ANSWER_ROW)
        json_key(j, "304"), json_raw(j, STR("{\"description\":\"not changed\"}"));
    for (size_t i = 0; i < sizeof always / sizeof always[0]; i++)
        json_key(j, always[i]), ref(j, "responses", "problem", "");
    if (is_write(route)) {
        static const char *const writes[] = {"409", "412", "413", "415", "422"};
        for (size_t i = 0; i < sizeof writes / sizeof writes[0]; i++)
            json_key(j, writes[i]), ref(j, "responses", "problem", "");
    } else if (route->limit == LIMIT_ASK) {
        json_key(j, "409"), ref(j, "responses", "problem", "");
    }
    json_obj_end(j);
}

/* ---- operations ---- */

static void operation_id(const struct route *route, char *buf, size_t cap)
{
    size_t n = (size_t)snprintf(buf, cap, "%s",
                                route->method == HTTP_METHOD_GET    ? "get"
                                : route->method == HTTP_METHOD_POST ? "post"
                                                                    : "delete");
    for (const char *p = route->path; *p && n + 1 < cap; p++) {
        bool is_word = (*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9');
        if (is_word || *p == '_')
            buf[n++] = *p;
        else if (buf[n - 1] != '_')
            buf[n++] = '_';
    }
    while (n > 0 && buf[n - 1] == '_')
        n--;
    buf[n] = '\0';
}

static void operation(struct json_out *j, const struct route *route)
{
    char id[128];
    operation_id(route, id, sizeof id);
    json_key(j, route->method == HTTP_METHOD_GET    ? "get"
                : route->method == HTTP_METHOD_POST ? "post"
                                                    : "delete");
    json_obj(j);
    json_kc(j, "operationId", id);
    json_kc(j, "summary", route->en);
    json_kc(j, "description", route->zh);
    json_kc(j, "x-action", access_action_name(route->action));
    json_kstr(j, "x-limit", route_limit_name(route->limit));
    json_key(j, "tags");
    json_arr(j);
    json_c(j, route->kind ? object_kind_name(route->kind) : "general");
    json_arr_end(j);
    if (route->flags & ROUTE_OPEN) {
        json_key(j, "security");
        json_raw(j, STR("[]"));
    }
    parameters(j, route);
    request_body(j, route);
    answers(j, route);
    json_obj_end(j);
}

/* Paths in the table's order; the methods of one path together. */
static void paths(struct json_out *j, const struct router *router)
{
    json_key(j, "paths");
    json_obj(j);
    for (size_t i = 0; i < router->count; i++) {
        const struct route *route = &router->routes[i];
        bool is_first = !(route->flags & ROUTE_HIDDEN);
        for (size_t k = 0; k < i && is_first; k++)
            is_first = strcmp(router->routes[k].path, route->path) != 0;
        if (!is_first)
            continue;
        json_key(j, route->path);
        json_obj(j);
        for (size_t k = i; k < router->count; k++) {
            if (strcmp(router->routes[k].path, route->path) == 0)
                operation(j, &router->routes[k]);
        }
        json_obj_end(j);
    }
    json_obj_end(j);
}

/* ---- components ---- */

static void list_schema(struct json_out *j, const char *name)
{
    json_obj(j);
    json_kc(j, "type", "object");
    json_key(j, "required");
    json_raw(j, STR("[\"items\",\"next\",\"as_of\"]"));
    json_key(j, "properties");
    json_obj(j);
    json_key(j, "items");
    json_obj(j);
    json_kc(j, "type", "array");
    json_key(j, "items");
    ref(j, "schemas", name, "");
    json_obj_end(j);
    json_key(j, "next");
    json_raw(j, STR("{\"type\":[\"string\",\"null\"]}"));
    json_key(j, "as_of");
    json_raw(j, STR("{\"type\":\"integer\"}"));
    json_obj_end(j);
    json_obj_end(j);
}

static void schemas(struct json_out *j, const struct router *router)
{
    char name[REF_CAP];
    json_key(j, "schemas");
    json_obj(j);
    json_key(j, "problem");
    json_raw(j, STR("{\"type\":\"object\",\"required\":[\"type\",\"title\",\"status\"],"
                    "\"properties\":{\"type\":{\"type\":\"string\"},"
                    "\"title\":{\"type\":\"string\"},\"status\":{\"type\":\"integer\"},"
                    "\"detail\":{\"type\":\"string\"},\"instance\":{\"type\":\"string\"},"
                    "\"field\":{\"type\":\"string\"},\"limit\":{\"type\":\"string\"},"
                    "\"version\":{\"type\":\"integer\"},\"legal\":{\"type\":\"array\","
                    "\"items\":{\"type\":\"string\"}}}}"));
    json_key(j, "place");
    json_raw(j, STR("{\"type\":\"object\",\"required\":[\"lat\",\"lon\"],\"properties\":{"
                    "\"lat\":{\"type\":\"number\",\"minimum\":-90,\"maximum\":90},"
                    "\"lon\":{\"type\":\"number\",\"minimum\":-180,\"maximum\":180}}}"));
    json_key(j, "changed");
    json_raw(j, STR("{\"type\":\"object\",\"required\":[\"id\",\"seq\",\"replayed\"],"
                    "\"properties\":{\"id\":{\"type\":\"string\"},"
                    "\"seq\":{\"type\":\"integer\"},\"replayed\":{\"type\":\"boolean\"}}}"));
    for (size_t i = 0; i < router->count; i++) {
        const struct route *route = &router->routes[i];
        if (route->body) {
            (void)snprintf(name, sizeof name, "%s%s", route->body->name,
                           route->command ? "_command" : "_body");
            json_key(j, name);
            record_schema_write(route->body, j);
        }
        if (route->answer == ANSWER_LIST) {
            json_key(j, object_kind_name(route->kind));
            record_schema_write(route_row(route->kind), j);
            (void)snprintf(name, sizeof name, "%s_list", object_kind_name(route->kind));
            json_key(j, name);
            list_schema(j, object_kind_name(route->kind));
        }
    }
    json_obj_end(j);
}

static void components(struct json_out *j, const struct router *router, bool is_public)
{
    json_key(j, "components");
    json_obj(j);
    schemas(j, router);
    json_key(j, "responses");
    json_raw(j, STR("{\"problem\":{\"description\":\"why not (RFC 9457)\",\"content\":{"
                    "\"application/problem+json\":{\"schema\":{"
                    "\"$ref\":\"#/components/schemas/problem\"}}}}}"));
    if (!is_public) {
        json_key(j, "parameters");
        json_raw(j, STR("{\"key\":{\"name\":\"Idempotency-Key\",\"in\":\"header\","
                        "\"required\":true,\"description\":\"the same key and body are done once\","
                        "\"schema\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":64}},"
                        "\"match\":{\"name\":\"If-Match\",\"in\":\"header\",\"required\":false,"
                        "\"description\":\"version in quotes that must still be the newest\","
                        "\"schema\":{\"type\":\"string\"}},"
                        "\"csrf\":{\"name\":\"X-CSRF-Token\",\"in\":\"header\",\"required\":false,"
                        "\"description\":\"csrf of the session; needed with the cookie, not with a "
                        "bearer token\",\"schema\":{\"type\":\"string\"}},"
                        "\"purpose\":{\"name\":\"X-Purpose\",\"in\":\"header\",\"required\":false,"
                        "\"description\":\"why personal values are looked at; each look is kept\","
                        "\"schema\":{\"enum\":[\"dispatch\",\"verify\",\"call_back\",\"review\","
                        "\"audit\",\"handover\"]}}}"));
        json_key(j, "securitySchemes");
        json_raw(j, STR("{\"cookie\":{\"type\":\"apiKey\",\"in\":\"cookie\","
                        "\"name\":\"__Host-session\"},\"bearer\":{\"type\":\"http\","
                        "\"scheme\":\"bearer\"}}"));
    }
    json_obj_end(j);
}

void openapi_write(const struct router *router, const char *version, bool is_public,
                   struct out *out)
{
    struct json_out json = json_out_of(out), *j = &json;
    json_obj(j);
    json_kc(j, "openapi", "3.1.0");
    json_key(j, "info");
    json_obj(j);
    json_kc(j, "title", is_public ? "Anwang public site" : "Anwang");
    json_kc(j, "version", version);
    json_kc(j, "description",
            "Operations of a city's public-safety services. Writes carry an Idempotency-Key; "
            "lists are paged by cursor; errors are application/problem+json.");
    json_key(j, "license");
    json_raw(j, STR("{\"name\":\"Apache-2.0\",\"identifier\":\"Apache-2.0\"}"));
    json_obj_end(j);
    json_key(j, "servers");
    json_raw(j, STR("[{\"url\":\"/\"}]"));
    json_key(j, "security");
    json_raw(j, is_public ? STR("[]") : STR("[{\"cookie\":[]},{\"bearer\":[]}]"));
    paths(j, router);
    components(j, router, is_public);
    json_obj_end(j);
    out_c(out, "\n");
}

enum err edge_openapi(const char *version, bool is_portal, struct out *out)
{
    struct router router;
    if (is_portal)
        router_public(&router);
    else
        router_staff(&router);
    openapi_write(&router, version, is_portal, out);
    router_done(&router);
    return out->err;
}
