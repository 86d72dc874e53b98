/* The live ledger of cover in core: told after each commit that concerns it, and what a
 * recommendation says of it. */
#include "base/json.h"
#include "city_files.h"
#include "core_rig.h"
#include "plan/cover.h"

struct town {
    struct bench *bench;
    struct road *road;
    struct city city;
    uint32_t far_unit, incident;
};

static struct json ledger_of(struct town *t)
{
    struct json root;
    assert_ok(json_read(str_of(t->bench->cover), &root, NULL));
    return root;
}

static int64_t reached_of(struct town *t)
{
    struct json root = ledger_of(t);
    const int64_t reached = json_int(json_at(json_get(root, "reached"), 2));
    json_free(root);
    return reached;
}

static uint32_t make_incident(struct bench *b, struct place place)
{
    struct incident_create create = new_incident();
    PUT(incident_create, &create, chosen, place);
    return give(b, ROLE_OPERATOR, COMMAND_incident_create, 0, &create);
}

static void send_position(struct town *t, uint32_t unit, struct place place)
{
    struct frame_position frame = {0};
    t->bench->now_us += US_PER_S;
    PUT(frame_position, &frame, unit, ((struct unit_id){unit}));
    PUT(frame_position, &frame, place, place);
    PUT(frame_position, &frame, at_us, t->bench->now_us);
    (void)ask(t->bench, CORE_FEED, FRAME_position, &frame);
    core_tick(t->bench->core, t->bench->now_us);
}

/* Two cars together in the city, one far away; a call beside each place. */
static int town_setup(void **state)
{
    struct road_report report;
    struct fault fault = {0};
    struct town *t = calloc(1, sizeof *t);
    void *bench = NULL;
    assert_int_equal(setup(&bench), 0);
    struct bench *b = t->bench = bench;
    t->road = import_city("osm/san-francisco.osm.pbf", &report);
    t->city = make_city(b);
    t->far_unit = make_unit(b, "C3", t->city.body);
    t->incident = make_incident(b, place_from_deg(37.7701, -122.4203));
    (void)make_incident(b, place_from_deg(37.7302, -122.4802));
    core_free(b->core);
    b->options.road = t->road;
    b->options.store_dir = b->store_dir;
    assert_ok(core_new(&b->options, b->now_us, &b->core, &fault));
    assert_ok(login(b, "op", "correct horse 9", op_token)->reply.err);
    send_position(t, t->far_unit, place_from_deg(37.7300, -122.4800));
    *state = t;
    return 0;
}

static int town_teardown(void **state)
{
    struct town *t = *state;
    void *bench = t->bench;
    assert_int_equal(teardown(&bench), 0);
    road_close(t->road);
    free(t);
    return 0;
}

static void set_suspended(struct town *t, uint32_t unit, bool is_suspended)
{
    struct reason suspend = {0};
    struct nothing resume = {0};
    PUT(reason, &suspend, reason, STR("meal"));
    if (is_suspended)
        (void)give(t->bench, ROLE_OPERATOR, COMMAND_unit_suspend, unit, &suspend);
    else
        (void)give(t->bench, ROLE_OPERATOR, COMMAND_unit_resume, unit, &resume);
}

static void a_status_is_told_with_its_commit(void **state)
{
    struct town *t = *state;
    const uint32_t first = t->bench->covers;
    assert_true(first > 0); /* as soon as there is a core */
    struct json root = ledger_of(t);
    assert_int_equal(json_int(json_get(root, "demand")), 2);
    assert_true(str_eq_c(json_text(json_get(root, "source")), "calls"));
    json_free(root);
    assert_int_equal(reached_of(t), 2);
    set_suspended(t, t->city.unit, true); /* its twin stands in for it */
    assert_int_equal(t->bench->covers, first + 1);
    assert_int_equal(reached_of(t), 2);
    set_suspended(t, t->far_unit, true);
    assert_int_equal(t->bench->covers, first + 2);
    assert_int_equal(reached_of(t), 1);
    set_suspended(t, t->far_unit, false);
    assert_int_equal(reached_of(t), 2);
    const uint32_t before = t->bench->covers;
    core_tick(t->bench->core, t->bench->now_us); /* nothing has changed */
    assert_int_equal(t->bench->covers, before);
    core_tick(t->bench->core, t->bench->now_us + 11 * US_PER_S);
    assert_int_equal(t->bench->covers, before + 1);
}

static void a_move_counts_from_fifty_metres(void **state)
{
    struct town *t = *state;
    const uint32_t first = t->bench->covers;
    send_position(t, t->far_unit, place_from_deg(37.7303, -122.4800)); /* 33 m */
    assert_int_equal(t->bench->covers, first);
    send_position(t, t->far_unit, place_from_deg(37.7900, -122.4000));
    assert_int_equal(t->bench->covers, first + 1);
    assert_int_equal(reached_of(t), 1);
}

static struct json recommendation(struct town *t)
{
    struct frame_ask frame = {0};
    struct json root;
    PUT(frame_ask, &frame, token, ((struct str){(const char *)op_token, TOKEN_HASH_BYTES}));
    PUT(frame_ask, &frame, topic, STR("recommendation"));
    PUT(frame_ask, &frame, object, t->incident);
    const struct sent *s = ask(t->bench, CORE_EDGE, FRAME_ask, &frame);
    assert_ok(s->reply.err);
    assert_ok(json_read(str_of(t->bench->answer), &root, NULL));
    return root;
}

static void a_recommendation_says_what_it_costs(void **state)
{
    struct town *t = *state;
    struct json both = recommendation(t);
    struct json pick = json_at(json_get(both, "picks"), 0);
    assert_int_equal(json_int(json_at(json_get(pick, "cover_lost"), 2)), 0);
    assert_int_equal(json_int(json_get(json_get(both, "cover"), "demand")), 2);
    set_suspended(t, t->city.other_unit, true);
    struct json alone = recommendation(t); /* the same pick now costs the call beside it */
    struct json same = json_at(json_get(alone, "picks"), 0);
    assert_true(str_eq(json_text(json_get(pick, "unit")), json_text(json_get(same, "unit"))));
    assert_int_equal(json_int(json_at(json_get(same, "cover_lost"), 2)), 1);
    assert_int_equal(json_int(json_at(json_get(json_get(alone, "cover"), "lost"), 2)), 1);
    assert_false(str_eq(json_text(json_get(both, "digest")), json_text(json_get(alone, "digest"))));
    struct json again = recommendation(t);
    assert_true(str_eq(json_text(json_get(again, "digest")), json_text(json_get(alone, "digest"))));
    json_free(both);
    json_free(alone);
    json_free(again);
}

static void reopen(struct town *t)
{
    struct fault fault = {0};
    struct bench *b = t->bench;
    core_free(b->core);
    assert_ok(core_new(&b->options, b->now_us, &b->core, &fault));
    core_tick(b->core, b->now_us);
}

/* People instead of calls, each in the area that holds them. */
static void people_are_counted_where_they_live(void **state)
{
    struct town *t = *state;
    struct cover_demand cells[] = {
        {.place = place_from_deg(37.7701, -122.4203), .weight = 700},
        {.place = place_from_deg(37.7900, -122.2500), .weight = 30}, /* over the bay, no area */
    };
    t->bench->options.cells = cells;
    t->bench->options.cell_count = 2;
    reopen(t);
    struct json root = ledger_of(t);
    assert_true(str_eq_c(json_text(json_get(root, "source")), "cells"));
    assert_int_equal(json_int(json_get(root, "demand")), 730);
    assert_int_equal(json_int(json_get(root, "off_road")), 30);
    assert_int_equal(json_int(json_at(json_get(root, "reached"), 2)), 700);
    assert_int_equal(json_count(json_get(root, "areas")), 2);
    json_free(root);
}

/* A unit whose profile is a craft flies; one whose profile is nothing that is known is left out. */
static void a_craft_is_timed_as_one(void **state)
{
    struct town *t = *state;
    struct bench *b = t->bench;
    struct media *media;
    static const char *const profiles[] = {"drone", "balloon"};
    const struct media_texts texts = {
        .crafts = STR("name,medium,speed_kmh,endurance_min,must_return\ndrone,air,720,30,1\n")};
    assert_ok(media_new(&texts, &media, NULL));
    b->options.media = media;
    for (int i = 0; i < 2; i++) {
        struct unit_enrol unit = {0};
        struct unit_sign_on on = {0};
        PUT(unit_enrol, &unit, callsign, str_of(profiles[i]));
        PUT(unit_enrol, &unit, kind, STR("drone"));
        PUT(unit_enrol, &unit, profile, str_of(profiles[i]));
        PUT(unit_enrol, &unit, capabilities, STR("patrol"));
        PUT(unit_enrol, &unit, body, (struct body_id){t->city.body});
        PUT(unit_enrol, &unit, place, place_from_deg(37.7750, -122.4203));
        const uint32_t number = give(b, ROLE_SYSTEM_ADMIN, COMMAND_unit_enrol, 0, &unit);
        PUT(unit_sign_on, &on, crew, 1);
        (void)give(b, ROLE_OPERATOR, COMMAND_unit_sign_on, number, &on);
    }
    reopen(t);
    struct json root = recommendation(t);
    struct json pick = json_at(json_get(root, "picks"), 0);
    assert_true(str_eq_c(json_text(json_get(pick, "callsign")), "drone"));
    struct json out = json_at(json_get(root, "left_out"), 0);
    assert_true(str_eq_c(json_text(json_get(out, "cause")), "medium_not_mapped"));
    json_free(root);
    b->options.media = NULL;
    reopen(t); /* without the table it is not known how it travels */
    root = recommendation(t);
    pick = json_at(json_get(root, "picks"), 0);
    assert_false(str_eq_c(json_text(json_get(pick, "callsign")), "drone"));
    assert_int_equal(json_count(json_get(root, "left_out")), 2);
    json_free(root);
    media_free(media);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_status_is_told_with_its_commit, town_setup,
                                        town_teardown),
        cmocka_unit_test_setup_teardown(a_move_counts_from_fifty_metres, town_setup, town_teardown),
        cmocka_unit_test_setup_teardown(a_recommendation_says_what_it_costs, town_setup,
                                        town_teardown),
        cmocka_unit_test_setup_teardown(people_are_counted_where_they_live, town_setup,
                                        town_teardown),
        cmocka_unit_test_setup_teardown(a_craft_is_timed_as_one, town_setup, town_teardown),
    };
    return RUN(tests);
}
