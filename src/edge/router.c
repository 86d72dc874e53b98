#include "edge/router_priv.h"
#include "store/reader.h"

/* ---- matching ---- */

/* One segment of a pattern against one of a path: literal, {name}, or {name}.suffix. */
static bool segment_fits(struct str pattern, struct str segment, struct str *ret_param)
{
    if (pattern.len == 0 || pattern.p[0] != '{')
        return str_eq(pattern, segment);
    const char *close = memchr(pattern.p, '}', pattern.len);
    struct str suffix = str_from(pattern, (size_t)(close - pattern.p) + 1);
    if (segment.len <= suffix.len)
        return false;
    struct str end = str_from(segment, segment.len - suffix.len);
    *ret_param = (struct str){segment.p, segment.len - suffix.len};
    return str_eq(end, suffix);
}

static bool path_fits(const char *pattern_text, struct str path, struct str *ret_params)
{
    struct str pattern = str_of(pattern_text), param;
    size_t count = 0;
    for (;;) {
        bool is_last = !memchr(pattern.p, '/', pattern.len);
        if (is_last && str_eq_c(pattern, "*")) { /* pages; what is not in the API is not one */
            ret_params[count] = path;
            return !str_starts(path, STR("api/"));
        }
        if (is_last != !memchr(path.p, '/', path.len))
            return false;
        param = (struct str){0};
        if (!segment_fits(str_cut(&pattern, '/'), str_cut(&path, '/'), &param))
            return false;
        if (param.p && count < ROUTE_MAX_PARAMS)
            ret_params[count++] = param;
        if (is_last)
            return true;
    }
}

enum err router_find(const struct router *router, enum http_method method, struct str path,
                     const struct route **ret_route, struct str ret_params[ROUTE_MAX_PARAMS],
                     unsigned *ret_allow)
{
    struct str params[ROUTE_MAX_PARAMS] = {0};
    unsigned allow = 0;
    enum http_method wanted = method == HTTP_METHOD_HEAD ? HTTP_METHOD_GET : method;
    for (size_t i = 0; i < router->count; i++) {
        const struct route *route = &router->routes[i];
        if (route->method != wanted && (allow & 1u << route->method))
            continue;
        if (!path_fits(route->path, path, params))
            continue;
        if (route->method == wanted) {
            *ret_route = route;
            memcpy(ret_params, params, sizeof params);
            return OK;
        }
        allow |= 1u << route->method;
    }
    *ret_allow = allow;
    return allow ? ERR_UNSUPPORTED : ERR_NOT_FOUND;
}

struct str route_limit_name(enum route_limit limit)
{
#define LIMIT_NAME(name, rate, burst, wire) [name] = wire,
    static const char *const names[] = {ROUTE_LIMITS(LIMIT_NAME)};
#undef LIMIT_NAME
    return str_of(names[limit]);
}

/* ---- records made from records ---- */

#define EXTRA_FIELDS 2
struct made_record {
    struct record record;
    struct field fields[MAX_RECORD_FIELDS + EXTRA_FIELDS];
};

static const struct field at_fields[EXTRA_FIELDS] = {{.name = "at",
                                                      .type = FIELD_TIME,
                                                      .data_class = DATA_DUTY,
                                                      .doc = "when it happened; absent = now"},
                                                     {.name = "at_source",
                                                      .type = FIELD_ENUM,
                                                      .values = &enum_clock_source,
                                                      .data_class = DATA_DUTY,
                                                      .doc = "whose clock said so"}};

const struct record *route_command_body(enum command_kind kind)
{
    static struct made_record made[COMMAND_KIND_COUNT];
    const struct command_def *def = command_def(kind);
    struct made_record *m = &made[kind];
    if (m->record.name)
        return &m->record;
    uint32_t n = def->fields->field_count, size = (def->fields->size + 7u) & ~7u;
    assert(n + EXTRA_FIELDS <= MAX_RECORD_FIELDS);
    memcpy(m->fields, def->fields->fields, n * sizeof m->fields[0]);
    for (uint32_t i = 0; i < EXTRA_FIELDS; i++) {
        m->fields[n + i] = at_fields[i];
        m->fields[n + i].offset = (uint16_t)(size + 8u * i);
    }
    m->record = (struct record){def->name, m->fields, n + EXTRA_FIELDS, size + 8u * EXTRA_FIELDS};
    return &m->record;
}

const struct record *route_row(enum object_kind kind)
{
    static struct made_record made[OBJECT_KIND_COUNT];
    const struct record *object = object_record(kind);
    struct made_record *m = &made[kind];
    uint32_t n = 0;
    if (m->record.name)
        return &m->record;
    for (uint32_t i = 0; i < object->field_count; i++) {
        if (object->fields[i].data_class == DATA_SECRET)
            continue;
        m->fields[n] = object->fields[i];
        m->fields[n].is_needed &= object->fields[i].type != FIELD_PERSONAL;
        n++;
    }
    m->fields[n++] = (struct field){.name = "id",
                                    .type = FIELD_REF,
                                    .refers = kind,
                                    .data_class = DATA_PUBLIC,
                                    .is_needed = true,
                                    .doc = "id of the object"};
    m->fields[n++] = (struct field){.name = "seq",
                                    .type = FIELD_I64,
                                    .data_class = DATA_PUBLIC,
                                    .is_needed = true,
                                    .doc = "version: seq of its last event"};
    m->record = (struct record){object_kind_name(kind), m->fields, n, 0};
    return &m->record;
}

/* ---- parameters of lists ---- */

static const struct route_param time_params[] = {
    {"from", PARAM_TIME, .doc = "at or after this time"},
    {"to", PARAM_TIME, .doc = "before this time"},
};
static const struct route_param common_params[] = {
    {"q", PARAM_TEXT, .max = 200, .doc = "words to search for"},
    {"order", PARAM_TEXT, .max = 48, .doc = "column, or -column for the highest first"},
    {"cursor", PARAM_TEXT, .max = 400, .doc = "`next` of the page before"},
    {"limit", PARAM_U32, .min = 1, .max = QUERY_MAX_LIMIT, .doc = "rows on a page"},
};
#define TIME_COUNT (sizeof time_params / sizeof time_params[0])
#define COMMON_COUNT (sizeof common_params / sizeof common_params[0])

const struct route_param *route_list_params(enum object_kind kind, size_t *ret_count)
{
    static struct route_param made[OBJECT_KIND_COUNT][VIEW_MAX_COLUMNS + TIME_COUNT + COMMON_COUNT];
    static size_t counts[OBJECT_KIND_COUNT];
    const struct view *view = view_get((enum view_id)kind);
    if (counts[kind] == 0) {
        size_t n = 0;
        for (uint32_t i = 0; i < view->column_count; i++) {
            const struct view_column *column = &view->columns[i];
            const struct field *field = record_field(object_record(kind), str_of(column->name));
            if (column->flags & COLUMN_FILTER)
                made[kind][n++] = (struct route_param){
                    column->name, PARAM_TEXT, .max = 400,
                    .doc = field ? field->doc : "value, or several with commas"};
        }
        if (view->time_column) {
            memcpy(&made[kind][n], time_params, sizeof time_params);
            n += TIME_COUNT;
        }
        memcpy(&made[kind][n], common_params, sizeof common_params);
        counts[kind] = n + COMMON_COUNT;
    }
    *ret_count = counts[kind];
    return made[kind];
}

/* ---- routes made by rule ---- */

/* Commands that only the system itself gives: they have no route. */
static bool is_internal(enum command_kind kind)
{
    const struct access_rule *rule = access_rules(access_of_command(kind));
    uint32_t roles = 0;
    for (; rule->roles; rule++)
        roles |= rule->roles;
    return roles == 1u << ROLE_TIMER || kind == COMMAND_session_open ||
           kind == COMMAND_incident_attach;
}

/* Plural in paths: body gives bodies, all others take an s. */
static void plural(enum object_kind kind, char *buf, size_t cap)
{
    const char *name = object_kind_name(kind);
    size_t n = strlen(name);
    if (name[n - 1] == 'y')
        (void)snprintf(buf, cap, "%.*sies", (int)n - 1, name);
    else
        (void)snprintf(buf, cap, "%ss", name);
}

const char *router_plural(enum object_kind kind)
{
    static char texts[OBJECT_KIND_COUNT][24];
    if (texts[kind][0] == '\0')
        plural(kind, texts[kind], sizeof texts[kind]);
    return texts[kind];
}

static char *made_path(const char *fmt, const char *a, const char *b)
{
    size_t cap = 96;
    char *path = calloc(1, cap);
    if (!path)
        abort();
    (void)snprintf(path, cap, "/api/v1/%s%s%s", a, fmt, b);
    return path;
}

static void add_command(struct router *router, enum command_kind kind)
{
    const struct command_def *def = command_def(kind);
    bool makes = command_makes(kind);
    const struct command_text *text = command_text(kind);
    router->routes[router->count++] =
        (struct route){.method = HTTP_METHOD_POST,
                       .path = made_path(makes ? "" : "/{id}/", router_plural(def->object_kind),
                                         makes ? "" : def->verb),
                       .action = access_of_command(kind),
                       .handle = command_give,
                       .kind = def->object_kind,
                       .command = kind,
                       .body = route_command_body(kind),
                       .answer = ANSWER_CHANGED,
                       .limit = LIMIT_WRITE,
                       .flags = makes ? ROUTE_MAKES : 0,
                       .zh = text->zh,
                       .en = text->en};
}

static void add_reads(struct router *router, enum object_kind kind)
{
    size_t count;
    const struct route_param *params = route_list_params(kind, &count);
    const char *name = router_plural(kind);
    router->routes[router->count++] = (struct route){.method = HTTP_METHOD_GET,
                                                     .path = made_path("", name, ""),
                                                     .action = access_of_read(kind),
                                                     .handle = list_rows,
                                                     .kind = kind,
                                                     .params = params,
                                                     .param_count = count,
                                                     .answer = ANSWER_LIST,
                                                     .limit = LIMIT_READ,
                                                     .zh = "列表",
                                                     .en = "List of rows."};
    router->routes[router->count++] =
        (struct route){.method = HTTP_METHOD_GET,
                       .path = made_path("/{id}", name, ""),
                       .action = access_of_read(kind),
                       .handle = list_object,
                       .kind = kind,
                       .answer = ANSWER_ROW,
                       .limit = LIMIT_READ,
                       .flags = access_of_personal(kind) != ACTION_NONE ? ROUTE_PERSONAL : 0,
                       .zh = "单个对象",
                       .en = "One object; its version is the ETag."};
}

/* The written rows; pages, which take any path, come behind all others. */
static void add_rows(struct router *router, const struct route *rows, size_t count, bool are_pages)
{
    for (size_t i = 0; i < count; i++) {
        if (!(rows[i].flags & ROUTE_HIDDEN) == are_pages)
            continue;
        router->routes[router->count] = rows[i];
        router->routes[router->count++].path = strdup(rows[i].path);
    }
}

void router_staff(struct router *ret_router)
{
    size_t rows;
    const struct route *table = routes_staff(&rows);
    *ret_router = (struct router){
        .routes = calloc(rows + 2 * OBJECT_KIND_COUNT + COMMAND_KIND_COUNT, sizeof(struct route))};
    if (!ret_router->routes)
        abort();
    add_rows(ret_router, table, rows, false);
    for (unsigned kind = 1; kind < OBJECT_KIND_COUNT; kind++)
        add_reads(ret_router, (enum object_kind)kind);
    for (unsigned kind = 1; kind < COMMAND_KIND_COUNT; kind++) {
        if (command_def((enum command_kind)kind) && !is_internal((enum command_kind)kind))
            add_command(ret_router, (enum command_kind)kind);
    }
    add_rows(ret_router, table, rows, true);
}

void router_public(struct router *ret_router)
{
    size_t rows;
    const struct route *table = routes_public(&rows);
    *ret_router = (struct router){.routes = calloc(rows, sizeof(struct route))};
    if (!ret_router->routes)
        abort();
    add_rows(ret_router, table, rows, false);
    add_rows(ret_router, table, rows, true);
}

void router_done(struct router *router)
{
    for (size_t i = 0; i < router->count; i++)
        free((char *)(uintptr_t)router->routes[i].path);
    free(router->routes);
    *router = (struct router){0};
}
