/* The route table: whole, matched right, described right. */
#include "base/arena.h"
#include "base/json.h"
#include "edge/edge.h"
#include "edge/route.h"
#include "test.h"

static struct router staff, portal;

static int set_up(void **state)
{
    (void)state;
    router_staff(&staff);
    router_public(&portal);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    router_done(&staff);
    router_done(&portal);
    return 0;
}

static const struct route *find(const struct router *router, enum http_method method,
                                const char *path, struct str params[ROUTE_MAX_PARAMS])
{
    const struct route *route = NULL;
    unsigned allow = 0;
    return router_find(router, method, str_of(path), &route, params, &allow) == OK ? route : NULL;
}

static void every_route_has_policy_text_and_limit(void **state)
{
    (void)state;
    const struct router *routers[] = {&staff, &portal};
    for (size_t r = 0; r < 2; r++) {
        for (size_t i = 0; i < routers[r]->count; i++) {
            const struct route *route = &routers[r]->routes[i];
            const struct access_rule *rule = access_rules(route->action);
            assert_non_null(rule);
            assert_true(rule->roles != 0);
            assert_true(route->zh && *route->zh && route->en && *route->en);
            assert_non_null(route->handle);
            assert_true(route->limit < ROUTE_LIMIT_COUNT);
            assert_true(route->answer != ANSWER_SCHEMA || route->schema);
            /* an open route lets in who has not logged in, and only such a route */
            if (r == 0)
                assert_int_equal(!!(route->flags & ROUTE_OPEN),
                                 access_has(ROLE_NONE, route->action));
            else
                assert_true(access_has(ROLE_PUBLIC, route->action));
        }
    }
}

static void no_route_is_there_twice(void **state)
{
    (void)state;
    for (size_t i = 0; i < staff.count; i++) {
        for (size_t k = 0; k < i; k++)
            assert_false(staff.routes[i].method == staff.routes[k].method &&
                         strcmp(staff.routes[i].path, staff.routes[k].path) == 0);
    }
}

static void every_command_of_people_has_a_route(void **state)
{
    (void)state;
    for (unsigned c = 1; c < COMMAND_KIND_COUNT; c++) {
        enum command_kind kind = (enum command_kind)c;
        if (!command_def(kind))
            continue;
        size_t count = 0;
        bool is_for_people = false;
        for (size_t i = 0; i < staff.count; i++)
            count += staff.routes[i].command == kind;
        for (unsigned role = 1; role < ROLE_COUNT; role++)
            is_for_people |=
                role != ROLE_TIMER && access_has((enum role)role, access_of_command(kind));
        is_for_people &= kind != COMMAND_session_open && kind != COMMAND_incident_attach;
        assert_int_equal(count, is_for_people ? 1 : 0);
    }
}

static void paths_lead_where_they_should(void **state)
{
    (void)state;
    struct str p[ROUTE_MAX_PARAMS];
    const struct route *r = find(&staff, HTTP_METHOD_POST, "/api/v1/incidents", p);
    assert_int_equal(r->command, COMMAND_incident_create);
    r = find(&staff, HTTP_METHOD_POST, "/api/v1/incidents/incident-1-42/close", p);
    assert_int_equal(r->command, COMMAND_incident_close);
    assert_str(p[0], "incident-1-42");
    r = find(&staff, HTTP_METHOD_POST, "/api/v1/assignments/assignment-1-1/arrive", p);
    assert_int_equal(r->command, COMMAND_assignment_arrive);
    r = find(&staff, HTTP_METHOD_POST, "/api/v1/units/unit-1-7/sign_on", p);
    assert_int_equal(r->command, COMMAND_unit_sign_on);
    r = find(&staff, HTTP_METHOD_POST, "/api/v1/calls/call-1-7/back", p);
    assert_int_equal(r->command, COMMAND_call_back);
    r = find(&staff, HTTP_METHOD_POST, "/api/v1/bodies", p);
    assert_int_equal(r->command, COMMAND_body_install);
    r = find(&staff, HTTP_METHOD_GET, "/api/v1/bodies/body-1-1", p);
    assert_int_equal(r->action, ACTION_body_read);
    r = find(&staff, HTTP_METHOD_GET, "/api/v1/units/positions", p);
    assert_int_equal(r->action, ACTION_position_read);
    r = find(&staff, HTTP_METHOD_GET, "/api/v1/units/unit-1-1", p);
    assert_int_equal(r->action, ACTION_unit_read);
    r = find(&staff, HTTP_METHOD_GET, "/api/v1/tiles/live/areas/12/655/1583.pbf", p);
    assert_int_equal(r->action, ACTION_map_read);
    assert_str(p[0], "areas");
    assert_str(p[3], "1583");
    r = find(&staff, HTTP_METHOD_HEAD, "/assets/index-abc.js", p);
    assert_int_equal(r->action, ACTION_page_read);
    assert_str(p[0], "assets/index-abc.js");
    (void)find(&staff, HTTP_METHOD_GET, "/", p);
    assert_int_equal(p[0].len, 0);
}

static void what_is_not_there_is_not_found(void **state)
{
    (void)state;
    struct str p[ROUTE_MAX_PARAMS];
    const struct route *route = NULL;
    unsigned allow = 0;
    assert_null(find(&staff, HTTP_METHOD_POST, "/api/v1/sessions", p)); /* session_open: internal */
    assert_null(find(&staff, HTTP_METHOD_POST, "/api/v1/signals/signal-1-1/expire", p));
    assert_null(find(&staff, HTTP_METHOD_POST, "/api/v1/incidents/", p));
    assert_null(find(&staff, HTTP_METHOD_GET, "*", p));
    assert_null(find(&portal, HTTP_METHOD_POST, "/api/v1/incidents", p));
    assert_int_equal(
        router_find(&staff, HTTP_METHOD_DELETE, STR("/api/v1/incidents"), &route, p, &allow),
        ERR_UNSUPPORTED);
    assert_int_equal(allow, 1u << HTTP_METHOD_GET | 1u << HTTP_METHOD_POST);
}

static void secret_fields_are_in_no_row(void **state)
{
    (void)state;
    for (unsigned k = 1; k < OBJECT_KIND_COUNT; k++) {
        const struct record *row = route_row((enum object_kind)k);
        for (uint32_t i = 0; i < row->field_count; i++)
            assert_int_not_equal(row->fields[i].data_class, DATA_SECRET);
        assert_non_null(record_field(row, STR("id")));
        assert_non_null(record_field(row, STR("seq")));
    }
    assert_null(record_field(route_row(OBJECT_user), STR("credential")));
    assert_null(record_field(route_row(OBJECT_signal), STR("follow_code")));
}

static void command_bodies_take_at(void **state)
{
    (void)state;
    struct arena arena;
    struct json root;
    struct fault fault = {0};
    const struct record *body = route_command_body(COMMAND_incident_close);
    arena_init(&arena, 1u << 16);
    void *obj = arena_alloc(&arena, 1, body->size);
    assert_ok(json_read(STR("{\"disposition\":\"done\",\"at\":\"2026-11-23T08:00:00Z\","
                            "\"at_source\":\"device\"}"),
                        &root, NULL));
    assert_ok(record_json_read(body, root, 1, &arena, obj, &fault));
    assert_str(((struct incident_close *)obj)->disposition, "done");
    json_free(root);
    assert_ok(json_read(STR("{\"disposition\":\"done\",\"when\":1}"), &root, NULL));
    assert_int_equal(record_json_read(body, root, 1, &arena, obj, &fault), ERR_SYNTAX);
    assert_string_equal(fault.field, "when");
    json_free(root);
    arena_done(&arena);
}

static void check_document(bool is_portal, const struct router *router)
{
    struct out out;
    struct json root;
    out_init(&out, 8u << 20);
    assert_ok(edge_openapi("0.1.0", is_portal, &out));
    assert_ok(json_read(out_view(&out), &root, NULL));
    assert_str(json_text(json_get(root, "openapi")), "3.1.0");
    struct json paths = json_get(root, "paths");
    size_t operations = 0, shown = 0;
    for (struct json_iter it = json_iter(paths); it.key; json_next(&it))
        operations += json_count(it.value);
    for (size_t i = 0; i < router->count; i++)
        shown += !(router->routes[i].flags & ROUTE_HIDDEN);
    assert_int_equal(operations, shown);
    json_free(root);
    out_done(&out);
}

static void the_document_has_every_route(void **state)
{
    (void)state;
    check_document(false, &staff);
    check_document(true, &portal);
}

static void the_manual_is_written(void **state)
{
    (void)state;
    struct out out;
    out_init(&out, 8u << 20);
    assert_ok(edge_markdown(&out));
    assert_non_null(memmem(out.p, out.len, "/incidents/{id}/close", 21));
    out_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_route_has_policy_text_and_limit),
        cmocka_unit_test(no_route_is_there_twice),
        cmocka_unit_test(every_command_of_people_has_a_route),
        cmocka_unit_test(paths_lead_where_they_should),
        cmocka_unit_test(what_is_not_there_is_not_found),
        cmocka_unit_test(secret_fields_are_in_no_row),
        cmocka_unit_test(command_bodies_take_at),
        cmocka_unit_test(the_document_has_every_route),
        cmocka_unit_test(the_manual_is_written),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
