/* The query of a request against its route's parameters: what is unknown, given twice, needed and
 * missing, or out of range is refused by name. */
#include "edge/site.h"

#include "base/utc.h"

static bool refuse(struct visit *visit, const char *name, const char *text)
{
    visit_problem(visit, 400, text, name);
    return false;
}

static const struct route_param *param_of(const struct route *route, struct str name)
{
    for (size_t i = 0; i < route->param_count; i++) {
        if (str_eq_c(name, route->params[i].name))
            return &route->params[i];
    }
    return NULL;
}

/* "37.77,-122.41,..." into places of two numbers each; of a box the longitude comes first. */
static bool read_places(struct str text, size_t count, bool is_lon_first, struct place *ret_places)
{
    for (size_t i = 0; i < count; i++) {
        int64_t a, b;
        if (str_fixed(str_cut(&text, ','), 7, &a) != OK ||
            str_fixed(str_cut(&text, ','), 7, &b) != OK)
            return false;
        int64_t lat = is_lon_first ? b : a, lon = is_lon_first ? a : b;
        if (lat < -900000000 || lat > 900000000 || lon < -1800000000 || lon > 1800000000)
            return false;
        ret_places[i] = (struct place){(int32_t)lat, (int32_t)lon};
    }
    return text.len == 0;
}

/* NULL when it is right, else why not. */
static const char *read_value(const struct visit *visit, struct query_value *v)
{
    const struct route_param *param = v->param;
    uint32_t realm, number;
    switch (param->type) {
    case PARAM_TEXT:
        return v->value.len == 0           ? "must not be empty"
               : v->value.len > param->max ? "text is too long"
                                           : NULL;
    case PARAM_U32:
        if (str_u32(v->value, &number) != OK)
            return "must be a whole number";
        v->number = number;
        return number < param->min || number > param->max ? "number is out of range" : NULL;
    case PARAM_TIME:
        return utc_parse(v->value, &v->number) != OK ? "must be a time as 2026-11-23T08:00:00Z"
                                                     : NULL;
    case PARAM_PLACE:
        return read_places(v->value, 1, false, v->places) ? NULL
                                                          : "must be latitude,longitude in degrees";
    case PARAM_BOX:
        return read_places(v->value, 2, true, v->places)
                   ? NULL
                   : "must be west,south,east,north in degrees";
    case PARAM_ID:
        if (id_parse(v->value, param->kind, &realm, &number) != OK ||
            realm != visit->site->config.realm)
            return "must be an id of the right kind, as kind-realm-number";
        v->number = number;
        return NULL;
    }
    return "is not understood";
}

static struct str unescape(struct visit *visit, struct str escaped)
{
    struct str text = {0};
    char *buf = ARENA_NEW(&visit->arena, char, escaped.len + 1);
    if (escaped.len > SITE_QUERY_VALUE_BYTES * 3 || !buf ||
        http_unescape(escaped, true, buf, escaped.len + 1, &text) != OK)
        return (struct str){0};
    return text;
}

static bool read_pair(struct visit *visit, struct str pair)
{
    struct str name = unescape(visit, str_cut(&pair, '='));
    struct query_value *v = &visit->query[visit->query_count];
    if (!name.p || name.len == 0)
        return refuse(visit, "query", "is not well formed");
    v->param = param_of(visit->route, name);
    struct str shown = arena_dup(&visit->arena, name);
    if (!v->param)
        return refuse(visit, shown.p, "there is no such parameter");
    if (visit_query(visit, v->param->name) || visit->query_count + 1 == SITE_MAX_QUERY)
        return refuse(visit, v->param->name, "is given twice");
    v->name = str_of(v->param->name);
    v->value = pair.len ? unescape(visit, pair) : STR("");
    if (!v->value.p)
        return refuse(visit, v->param->name, "is not well formed");
    const char *fault = read_value(visit, v);
    if (fault)
        return refuse(visit, v->param->name, fault);
    visit->query_count++;
    return true;
}

bool site_query(struct visit *visit)
{
    struct str rest = visit->request->query;
    while (rest.len) {
        struct str pair = str_cut(&rest, '&');
        if (pair.len && !read_pair(visit, pair))
            return false;
    }
    for (size_t i = 0; i < visit->route->param_count; i++) {
        const struct route_param *param = &visit->route->params[i];
        if (param->is_needed && !visit_query(visit, param->name))
            return refuse(visit, param->name, "is needed");
    }
    return true;
}

const struct query_value *visit_query(const struct visit *visit, const char *name)
{
    for (size_t i = 0; i < visit->query_count; i++) {
        if (str_eq_c(visit->query[i].name, name))
            return &visit->query[i];
    }
    return NULL;
}
