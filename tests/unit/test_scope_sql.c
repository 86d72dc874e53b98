/* A scope says the same as SQL and as a C predicate: 100,000 random pairs of scope and object, and
 * whole lists besides. The world is random; so are the scopes, those of the policy among them. */
#include "access/policy.h"
#include "store_fixture.h"
#include "test.h"

#define AREAS 40
#define BODIES 16
#define UNITS 40
#define USERS 30
#define EACH 80
#define PAIRS 100000

static struct fix fix;
static struct reader *reader;
static struct arena arena;
static struct scope_trees trees;
static struct rand r;

static uint32_t some(uint32_t count) /* 0 now and then */
{
    return rand_below(&r, 8) == 0 ? 0 : 1 + rand_below(&r, count);
}

static void make_trees(struct store_batch *batch)
{
    char code[16];
    for (uint32_t n = 1; n <= AREAS; n++) {
        struct area_install install = {.level = 1};
        struct area_object object = {.level = 1, .parent = {n > 3 ? 1 + rand_below(&r, n - 1) : 0}};
        (void)snprintf(code, sizeof code, "a%u", (unsigned)n);
        install.code = install.name = str_of(code);
        (void)str_copy(str_of(code), object.code, sizeof object.code);
        (void)str_copy(str_of(code), object.name, sizeof object.name);
        fix_make(&fix, batch, EVENT_area_installed, n, n, &install, &object);
    }
    for (uint32_t n = 1; n <= BODIES; n++) {
        struct body_install install = {.kind = STR("police")};
        struct body_object object = {.kind = "police",
                                     .parent = {n > 3 ? 1 + rand_below(&r, n - 1) : 0}};
        (void)snprintf(code, sizeof code, "b%u", (unsigned)n);
        install.code = install.name = str_of(code);
        (void)str_copy(str_of(code), object.code, sizeof object.code);
        (void)str_copy(str_of(code), object.name, sizeof object.name);
        fix_make(&fix, batch, EVENT_body_installed, n, 0, &install, &object);
    }
}

static void make_units_and_users(struct store_batch *batch)
{
    char name[16];
    for (uint32_t n = 1; n <= UNITS; n++) {
        struct unit_enrol enrol = {.kind = STR("car"), .profile = STR("car")};
        struct unit_object object = {.readiness = READINESS_AVAILABLE,
                                     .kind = "car",
                                     .profile = "car",
                                     .body = {some(BODIES)},
                                     .area = {some(AREAS)}};
        (void)snprintf(name, sizeof name, "u%u", (unsigned)n);
        enrol.callsign = str_of(name);
        (void)str_copy(str_of(name), object.callsign, sizeof object.callsign);
        fix_make(&fix, batch, EVENT_unit_enrolled, n, 0, &enrol, &object);
    }
    for (uint32_t n = 1; n <= USERS; n++) {
        struct user_install install = {.role = ROLE_OPERATOR};
        struct user_object object = {.role = ROLE_OPERATOR, .body = {some(BODIES)}};
        (void)snprintf(name, sizeof name, "p%u", (unsigned)n);
        install.login = install.name = str_of(name);
        (void)str_copy(str_of(name), object.login, sizeof object.login);
        (void)str_copy(str_of(name), object.name, sizeof object.name);
        fix_make(&fix, batch, EVENT_user_installed, n, 0, &install, &object);
    }
}

static void make_incident(struct store_batch *batch, uint32_t n)
{
    struct incident_create create = {.type = STR("fight"), .source = SOURCE_PHONE};
    struct incident_object object = {
        .stage = (enum incident_stage)(1 + rand_below(&r, INCIDENT_STAGE_COUNT - 1)),
        .type = "fight",
        .initial_priority = PRIORITY_P2,
        .priority = PRIORITY_P2,
        .source = SOURCE_PHONE,
        .area = {some(AREAS)},
        .received_us = FIX_START_US};
    fix_make(&fix, batch, EVENT_incident_received, n, object.area.v, &create, &object);
}

static void make_assignment(struct store_batch *batch, uint32_t n)
{
    struct assignment_make make = {.stage = ASSIGNMENT_SENT};
    struct assignment_object object = {
        .stage = (enum assignment_stage)(1 + rand_below(&r, ASSIGNMENT_STAGE_COUNT - 1)),
        .incident = {1 + rand_below(&r, EACH)},
        .unit = {1 + rand_below(&r, UNITS)},
        .area = {some(AREAS)}};
    make.incident = object.incident;
    make.unit = object.unit;
    fix_make(&fix, batch, EVENT_assignment_made, n, object.area.v, &make, &object);
}

static void make_signal(struct store_batch *batch, uint32_t n)
{
    struct signal_raise raise = {.source = SOURCE_WEB};
    struct signal_object object = {
        .stage = (enum signal_stage)(1 + rand_below(&r, SIGNAL_STAGE_COUNT - 1)),
        .source = SOURCE_WEB,
        .area = {some(AREAS)},
        .raised_us = FIX_START_US};
    fix_make(&fix, batch, EVENT_signal_raised, n, object.area.v, &raise, &object);
}

static void make_call(struct store_batch *batch, uint32_t n)
{
    struct call_ring ring = {.line = STR("110"), .external_ref = STR("x")};
    struct call_object object = {.stage =
                                     (enum call_stage)(1 + rand_below(&r, CALL_STAGE_COUNT - 1)),
                                 .line = "110",
                                 .external_ref = "x",
                                 .area = {some(AREAS)},
                                 .ringing_us = FIX_START_US};
    fix_make(&fix, batch, EVENT_call_rang, n, object.area.v, &ring, &object);
}

static void make_post(struct store_batch *batch, uint32_t n)
{
    char code[16];
    struct post_install install = {.kind = STR("station"), .place = {1, 1}};
    struct post_object object = {
        .kind = "station", .place = {1, 1}, .body = {some(BODIES)}, .area = {some(AREAS)}};
    (void)snprintf(code, sizeof code, "s%u", (unsigned)n);
    install.code = install.name = str_of(code);
    (void)str_copy(str_of(code), object.code, sizeof object.code);
    (void)str_copy(str_of(code), object.name, sizeof object.name);
    fix_make(&fix, batch, EVENT_post_installed, n, object.area.v, &install, &object);
}

static void make_emergency(struct store_batch *batch, uint32_t n)
{
    struct emergency_raise raise = {.unit = {some(UNITS)}};
    struct emergency_object object = {
        .stage = (enum emergency_stage)(1 + rand_below(&r, EMERGENCY_STAGE_COUNT - 1)),
        .unit = raise.unit,
        .incident = {rand_below(&r, EACH + 1)},
        .area = {some(AREAS)},
        .raised_us = FIX_START_US,
        .pressed_us = FIX_START_US};
    fix_make(&fix, batch, EVENT_emergency_raised, n, object.area.v, &raise, &object);
}

static int set_up(void **state)
{
    (void)state;
    struct fault fault = {0};
    rand_seed(&r, 20261123);
    fix_open(&fix);
    struct store_batch *batch = fix_batch(&fix);
    make_trees(batch);
    make_units_and_users(batch);
    if (fix_submit(&fix, batch) != OK)
        return -1;
    batch = fix_batch(&fix);
    for (uint32_t n = 1; n <= EACH; n++) {
        make_incident(batch, n);
        make_assignment(batch, n);
        make_signal(batch, n);
        make_call(batch, n);
        make_post(batch, n);
        make_emergency(batch, n);
    }
    if (fix_submit(&fix, batch) != OK)
        return -1;
    arena_init(&arena, 16u << 20);
    return reader_open(fix.dir, &reader, &fault) == OK && reader_trees(reader, &arena, &trees) == OK
               ? 0
               : -1;
}

static int tear_down(void **state)
{
    (void)state;
    reader_close(reader);
    arena_done(&arena);
    fix_done(&fix);
    return 0;
}

static struct scope random_scope(void)
{
    struct scope s = {.is_none = rand_below(&r, 50) == 0,
                      .by_kind = rand_below(&r, 6) == 0,
                      .kinds = (uint32_t)rand_below(&r, UINT32_MAX),
                      .by_class = rand_below(&r, 2),
                      .by_area = rand_below(&r, 2),
                      .by_body = rand_below(&r, 4) == 0,
                      .by_unit = rand_below(&r, 4) == 0,
                      .by_user = rand_below(&r, 6) == 0,
                      .by_open = rand_below(&r, 3) == 0,
                      .with_no_area = rand_below(&r, 2),
                      .with_no_body = rand_below(&r, 2),
                      .max_class = DATA_DUTY,
                      .area = {some(AREAS)},
                      .body = {some(BODIES)},
                      .unit = {some(UNITS)},
                      .user = {some(USERS)}};
    return s;
}

static struct scope policy_scope(enum object_kind kind)
{
    const struct actor actor = {.user = {some(USERS)},
                                .role = (enum role)(1 + rand_below(&r, ROLE_COUNT - 1)),
                                .body = {some(BODIES)},
                                .area = {some(AREAS)},
                                .unit = {some(UNITS)}};
    return access_scope(&actor, access_of_read(kind), PURPOSE_NONE, &trees);
}

static const struct {
    enum object_kind kind;
    uint32_t count;
} kinds[] = {{OBJECT_incident, EACH}, {OBJECT_assignment, EACH}, {OBJECT_signal, EACH},
             {OBJECT_call, EACH},     {OBJECT_post, EACH},       {OBJECT_unit, UNITS},
             {OBJECT_user, USERS},    {OBJECT_emergency, EACH}};
#define KINDS (sizeof kinds / sizeof kinds[0])

/* Envelopes of every object, as push sees them. */
static struct envelope envelopes[KINDS][EACH + 1];

static enum err keep_envelope(void *ctx, const struct reader_row *row)
{
    (void)ctx;
    for (size_t k = 0; k < KINDS; k++) {
        if (kinds[k].kind == row->kind)
            assert_ok(reader_envelope(reader, row, DATA_DUTY, &envelopes[k][row->number]));
    }
    return OK;
}

static void sql_and_predicate_agree_on_pairs(void **state)
{
    (void)state;
    struct out out;
    uint64_t seq;
    size_t inside = 0;
    out_init(&out, 1u << 20);
    assert_ok(reader_rows_after(reader, 0, fix.seq, UINT32_MAX, keep_envelope, NULL));
    for (int i = 0; i < PAIRS; i++) {
        const size_t k = rand_below(&r, KINDS);
        const uint32_t n = 1 + rand_below(&r, kinds[k].count);
        const struct scope s = rand_below(&r, 2) ? random_scope() : policy_scope(kinds[k].kind);
        out_reset(&out);
        struct json_out j = json_out_of(&out);
        const struct object_query of = {kinds[k].kind, n, &s, false};
        enum err err = reader_object(reader, &of, &j, &seq);
        const bool holds = scope_holds(&s, &trees, &envelopes[k][n]);
        assert_true(err == OK || err == ERR_NOT_FOUND);
        if (holds != (err == OK))
            fail_msg("%s %u: predicate %d, SQL %d", object_kind_name(kinds[k].kind), (unsigned)n,
                     holds, err == OK);
        inside += holds;
    }
    out_done(&out);
    assert_in_range(inside, PAIRS / 20, PAIRS * 19 / 20); /* both sides were tried */
}

static bool row_is_seen(size_t k, uint32_t n, const struct scope *s)
{
    struct out out;
    uint64_t seq;
    const struct object_query of = {kinds[k].kind, n, s, false};
    out_init(&out, 1u << 20);
    struct json_out j = json_out_of(&out);
    enum err err = reader_object(reader, &of, &j, &seq);
    out_done(&out);
    return err == OK;
}

/* The control: a bound that one of the two forgets is seen within a few thousand pairs. */
static void a_forgotten_bound_is_found(void **state)
{
    (void)state;
    for (int forgotten = 0; forgotten < 5; forgotten++) {
        bool is_found = false;
        for (int i = 0; i < 5000 && !is_found; i++) {
            const size_t k = rand_below(&r, KINDS);
            const uint32_t n = 1 + rand_below(&r, kinds[k].count);
            const struct scope s = random_scope();
            struct scope less = s;
            bool *const bounds[] = {&less.by_kind, &less.by_area, &less.by_body, &less.by_unit,
                                    &less.by_open};
            *bounds[forgotten] = false;
            is_found = scope_holds(&less, &trees, &envelopes[k][n]) != row_is_seen(k, n, &s);
        }
        assert_true(is_found);
    }
}

static void lists_hold_what_the_predicate_holds(void **state)
{
    (void)state;
    struct out out;
    struct fault fault = {0};
    out_init(&out, 8u << 20);
    for (int i = 0; i < 1000; i++) {
        const size_t k = rand_below(&r, KINDS);
        const struct scope s = i % 2 ? random_scope() : policy_scope(kinds[k].kind);
        struct query query = {.view = (enum view_id)kinds[k].kind, .limit = 1000, .scope = &s};
        struct query_page page = {0};
        uint32_t expected = 0;
        for (uint32_t n = 1; n <= kinds[k].count; n++)
            expected += scope_holds(&s, &trees, &envelopes[k][n]);
        out_reset(&out);
        struct json_out j = json_out_of(&out);
        json_arr(&j);
        assert_ok(reader_query(reader, &query, &j, &page, &fault));
        assert_int_equal(page.count, expected);
    }
    out_done(&out);
}

/* ---- the log: an event is told by its object's kind and body, its area and its incident's units
 */

#define LOG_SCOPES 400
static struct {
    uint64_t seq;
    struct envelope envelope;
} logged[1024];
static uint32_t logged_count;

static enum err keep_event(void *ctx, const struct event *event)
{
    (void)ctx;
    logged[logged_count].seq = event->seq;
    assert_ok(reader_event_envelope(reader, event, &logged[logged_count].envelope));
    logged_count++;
    return OK;
}

static struct scope log_scope(int i)
{
    const struct actor actor = {.user = {some(USERS)},
                                .role = (enum role)(1 + rand_below(&r, ROLE_COUNT - 1)),
                                .body = {some(BODIES)},
                                .area = {some(AREAS)},
                                .unit = {some(UNITS)}};
    struct scope s =
        i % 2 ? random_scope() : access_scope(&actor, ACTION_log_read, PURPOSE_NONE, &trees);
    s.by_open = s.by_user = false; /* of objects only */
    return s;
}

static void the_log_tells_what_the_predicate_holds(void **state)
{
    (void)state;
    struct out out;
    struct fault fault = {0};
    uint32_t told = 0;
    out_init(&out, 8u << 20);
    assert_ok(reader_events_after(reader, 0, 1024, keep_event, NULL));
    assert_in_range(logged_count, 400, 1000);
    for (int i = 0; i < LOG_SCOPES; i++) {
        const struct scope s = log_scope(i);
        struct query query = {.view = VIEW_log, .limit = 1000, .scope = &s};
        struct query_page page = {0};
        uint32_t expected = 0;
        for (uint32_t n = 0; n < logged_count; n++)
            expected += scope_holds(&s, &trees, &logged[n].envelope);
        out_reset(&out);
        struct json_out j = json_out_of(&out);
        json_arr(&j);
        assert_ok(reader_query(reader, &query, &j, &page, &fault));
        if (page.count != expected)
            fail_msg("scope %d: predicate %u, SQL %u", i, (unsigned)expected, (unsigned)page.count);
        told += expected > 0;
    }
    out_done(&out);
    assert_in_range(told, LOG_SCOPES / 20, LOG_SCOPES * 19 / 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sql_and_predicate_agree_on_pairs),
        cmocka_unit_test(a_forgotten_bound_is_found),
        cmocka_unit_test(lists_hold_what_the_predicate_holds),
        cmocka_unit_test(the_log_tells_what_the_predicate_holds),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
