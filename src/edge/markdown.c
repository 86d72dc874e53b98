/* markdown.c - docs/api.md from the route table. */
#include "edge/api.h"

#include "edge/edge.h"
#include "edge/router_priv.h"

static const char *type_text(const struct field *field)
{
    static const char *const texts[] = {[FIELD_U32] = "whole number",
                                        [FIELD_I64] = "whole number",
                                        [FIELD_TIME] = "time",
                                        [FIELD_BOOL] = "true, false",
                                        [FIELD_ENUM] = NULL,
                                        [FIELD_PLACE] = "place",
                                        [FIELD_REF] = "id",
                                        [FIELD_REFS] = "list of ids",
                                        [FIELD_TEXT] = "text",
                                        [FIELD_CHARS] = "text",
                                        [FIELD_PERSONAL] = "personal text",
                                        [FIELD_JSON] = "JSON",
                                        [FIELD_BYTES] = "hex"};
    return field->type == FIELD_ENUM ? field->values->name : texts[field->type];
}

static void write_body(const struct record *body, struct out *out)
{
    out_c(out, "\n| field | type | needed | meaning |\n|---|---|---|---|\n");
    for (uint32_t i = 0; i < body->field_count; i++) {
        const struct field *f = &body->fields[i];
        out_printf(out, "| `%s` | %s | %s | %s |\n", f->name, type_text(f),
                   f->is_needed ? "yes" : "", f->doc);
    }
}

static void write_params(const struct route *route, struct out *out)
{
    out_c(out, "\nQuery: ");
    for (size_t i = 0; i < route->param_count; i++)
        out_printf(out, "%s`%s`%s", i ? ", " : "", route->params[i].name,
                   route->params[i].is_needed ? " (needed)" : "");
    out_c(out, ".\n");
}

static void write_roles(enum access_action action, struct out *out)
{
    static const struct {
        unsigned bound;
        const char *text;
    } bounds[] = {{BOUND_AREA, "in own jurisdiction"},
                  {BOUND_ACROSS, "of every body"},
                  {BOUND_OFFICE, "own body, nothing common"},
                  {BOUND_UNIT, "own assignment"},
                  {BOUND_SELF, "own"}};
    out_c(out, "Who: ");
    for (const struct access_rule *rule = access_rules(action); rule->roles; rule++) {
        if (rule != access_rules(action))
            out_c(out, "; ");
        bool is_first = true;
        for (unsigned role = 0; role < ROLE_COUNT; role++) {
            if (!(rule->roles & 1u << role) || (role > 0 && rule->roles & 1))
                continue;
            out_printf(out, "%s%s", is_first ? "" : ", ",
                       role ? enum_wire(&enum_role, role) : "anybody");
            is_first = false;
        }
        for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
            if (rule->bounds & bounds[i].bound)
                out_printf(out, " (%s)", bounds[i].text);
        }
        if (rule->purposes)
            out_c(out, ", with a purpose");
    }
    out_c(out, ".");
}

static void write_route(const struct route *route, struct out *out)
{
    out_printf(out, "\n### %s %s\n\n%s %s\n\n", http_method_text(route->method), route->path,
               route->en, route->zh);
    write_roles(route->action, out);
    out_printf(out, " Limit: " STR_FMT ".", STR_ARG(route_limit_name(route->limit)));
    if (route->flags & ROUTE_PERSONAL)
        out_c(out, " Header `X-Purpose` gives the personal values, and leaves a line of audit.");
    out_c(out, "\n");
    if (route->param_count)
        write_params(route, out);
    if (route->body)
        write_body(route->body, out);
}

static void write_limits(struct out *out)
{
    out_c(out, "\n## Limits\n\n| limit | a second | burst |\n|---|---|---|\n");
#define LIMIT_LINE(name, rate, burst, wire)                                                        \
    out_printf(out, "| %s | %d | %d |\n", wire, rate, burst);
    ROUTE_LIMITS(LIMIT_LINE)
#undef LIMIT_LINE
}

void markdown_write(const struct router *router, const char *title, struct out *out)
{
    out_printf(out, "\n## %s\n", title);
    for (size_t i = 0; i < router->count; i++) {
        if (!(router->routes[i].flags & ROUTE_HIDDEN))
            write_route(&router->routes[i], out);
    }
}

enum err edge_markdown(struct out *out)
{
    struct router staff, portal;
    router_staff(&staff);
    router_public(&portal);
    out_c(out,
          "# API\n\n"
          "Made by `anwang api --markdown` from the route table that serves it; do not edit.\n\n"
          "- HTTPS, one origin, JSON. Log in with `POST /api/v1/session`: a cookie, or with\n"
          "  `\"bearer\": true` a token for `Authorization: Bearer`.\n"
          "- A write carries `Idempotency-Key` (1 to 64 visible characters) and, with the cookie,\n"
          "  `X-CSRF-Token`. The same key and body are done once; the same key with another body\n"
          "  is 422. `If-Match: \"seq\"` refuses with 412 when the object has moved on.\n"
          "- Errors are `application/problem+json` (RFC 9457); `field` names what was wrong,\n"
          "  `legal` (409) lists the moves that are possible. What may not be seen is 404, with\n"
          "  the same bytes as what is not there.\n"
          "- \"Who\" names roles and bounds. What belongs to an office (units, posts, accounts,\n"
          "  rosters) is seen from that office and those above it, unless it says otherwise.\n"
          "- Lists: `{\"items\", \"next\", \"as_of\"}`; pass `next` as `cursor`. Filters take\n"
          "  several values with commas between.\n"
          "- A row is the object's state with `id` and `seq` (its version, also the `ETag`).\n"
          "- Push: `GET /api/v1/push`, server-sent events. `row` {kind, id, seq, row}, `gone`\n"
          "  {kind, id}, `log`, `positions` {items}, `cover` (as `GET /api/v1/cover`, the\n"
          "  heaviest only), `resync`, `tick`. The last message of a batch\n"
          "  has the `id`; send it back as `Last-Event-ID`.\n");
    write_limits(out);
    markdown_write(&staff, "Staff", out);
    markdown_write(&portal, "Public site", out);
    router_done(&staff);
    router_done(&portal);
    return out->err;
}
