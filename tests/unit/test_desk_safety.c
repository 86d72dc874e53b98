/* Hazards of places, emergencies, check-ins, bells and notices. */
#include "desk_world.h"

static struct world w;

static int setup(void **state)
{
    (void)state;
    world_init(&w);
    world_city(&w);
    w.actor = (struct actor){.user = {1}, .role = ROLE_OPERATOR};
    DO(&w, hazard_kind_install, 0,
       "{'code':'gas','name_zh':'燃气','name_en':'Gas','letter':'G','near_m':100,"
       "'keep_days':30}");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    world_done(&w);
    return 0;
}

#define HAZARD(n) desk_hazard(w.desk, (struct hazard_id){n})
#define EMERGENCY(n) desk_emergency(w.desk, (struct emergency_id){n})
#define NOTICE(n) desk_notice(w.desk, (struct notice_id){n})
#define DAY_US (24 * US_PER_HOUR)
#define PLACE "'place':{'lat':37.77,'lon':-122.41}"

/* Lets the clock run to what is due and does it; the command that it was. */
static enum command_kind run_due(enum object_kind kind, uint32_t number)
{
    struct command due;
    struct actor before = w.actor;
    assert_true(desk_due_command(w.desk, kind, number, &due));
    if (desk_due(w.desk, kind, number) > w.now_us)
        w.now_us = desk_due(w.desk, kind, number);
    w.actor = due.actor;
    assert_ok(world_give(&w, due.kind, number, due.fields));
    w.actor = before;
    return due.kind;
}

static void crew_of(uint32_t unit)
{
    w.actor = (struct actor){.user = {2}, .role = ROLE_FIELD_UNIT, .unit = {unit}};
}

static void desk_speaks(void)
{
    w.actor = (struct actor){.user = {1}, .role = ROLE_OPERATOR};
}

/* ---- hazards ---- */

static uint32_t hazard(void)
{
    return DO(&w, hazard_set, 0,
              "{'kind':'gas'," PLACE ",'note':'bottles in the yard','ground':'seen on a visit'}");
}

static void hazard_ends_by_itself(void **state)
{
    (void)state;
    uint32_t n = hazard();
    assert_int_equal(HAZARD(n)->until_us, w.now_us + 30 * DAY_US);
    assert_int_equal(HAZARD(n)->author.v, 1);
    assert_true(desk_is_live(w.desk, OBJECT_hazard, n));
    assert_int_equal(desk_due(w.desk, OBJECT_hazard, n), HAZARD(n)->until_us);
    assert_int_equal(run_due(OBJECT_hazard, n), COMMAND_hazard_lift);
    assert_int_equal(HAZARD(n)->lifted_us, w.now_us);
    assert_false(desk_is_live(w.desk, OBJECT_hazard, n));
    assert_int_equal(desk_due(w.desk, OBJECT_hazard, n), 0);
    assert_int_equal(SAY(&w, hazard_amend, n, "{'note':'x','ground':'y'}"), ERR_STATE);
    assert_int_equal(SAY(&w, hazard_lift, n, "{'reason':'x'}"), ERR_STATE);
}

static void hazard_needs_ground_kind_and_an_end(void **state)
{
    (void)state;
    assert_int_equal(SAY(&w, hazard_set, 0, "{'kind':'lava'," PLACE ",'note':'x','ground':'y'}"),
                     ERR_RANGE);
    assert_string_equal(w.decision.field, "kind");
    assert_int_equal(SAY(&w, hazard_set, 0,
                         "{'kind':'gas'," PLACE ",'note':'x','ground':'y','until_us':"
                         "'2026-03-01T00:00:00Z'}"),
                     ERR_RANGE); /* longer than the kind allows */
    assert_string_equal(w.decision.field, "until_us");
    assert_int_equal(SAY(&w, hazard_set, 0,
                         "{'kind':'gas'," PLACE ",'note':'x','ground':'y','until_us':"
                         "'2025-03-01T00:00:00Z'}"),
                     ERR_RANGE);
    uint32_t n = hazard();
    DO(&w, hazard_amend, n,
       "{'note':'bottles in the cellar','ground':'inspection','until_us':'2026-01-20T00:00:00Z'}");
    assert_string_equal(HAZARD(n)->note, "bottles in the cellar");
    assert_string_equal(HAZARD(n)->ground, "inspection");
    assert_int_equal(SAY(&w, hazard_amend, n, "{'note':'','ground':'x'}"), ERR_RANGE);
    for (size_t i = 0; i < 2; i++) { /* the record refuses an empty one */
        const struct record *rec = i ? &record_hazard_amend : &record_hazard_set;
        assert_true(record_field(rec, STR("ground"))->is_needed);
    }
}

/* A label stands on a place: there is nowhere to write a resident, a caller or a call. */
static void hazard_has_no_field_for_persons(void **state)
{
    static const char *const persons[] = {"name",   "phone",    "number",  "caller", "resident",
                                          "person", "category", "contact", "call",   "incident"};
    const struct record *records[] = {&record_hazard_set, &record_hazard_amend,
                                      &record_hazard_object};
    (void)state;
    for (size_t r = 0; r < 3; r++) {
        for (uint32_t i = 0; i < records[r]->field_count; i++) {
            const struct field *f = &records[r]->fields[i];
            assert_int_not_equal(f->type, FIELD_PERSONAL);
            assert_true(f->data_class <= DATA_DUTY);
            for (size_t k = 0; k < sizeof persons / sizeof persons[0]; k++)
                assert_null(strstr(f->name, persons[k]));
            if (f->type == FIELD_REF)
                assert_true(f->refers == OBJECT_area || strcmp(f->name, "author") == 0);
        }
    }
    for (uint32_t i = 0; i < record_incident_object.field_count; i++) /* no repeat-caller mark */
        assert_null(strstr(record_incident_object.fields[i].name, "repeat"));
}

/* ---- emergencies ---- */

static void emergency_is_pressed_seen_and_cleared(void **state)
{
    (void)state;
    uint32_t incident = world_pending(&w, "fight"), a = world_send(&w, incident, 1);
    DO(&w, assignment_arrive, a, "{}");
    crew_of(1);
    uint32_t n = DO(&w, emergency_raise, 0, "{" PLACE "}");
    assert_int_equal(EMERGENCY(n)->unit.v, 1);
    assert_int_equal(EMERGENCY(n)->incident.v, incident);
    assert_int_equal(EMERGENCY(n)->placed_us, w.now_us);
    int64_t first_us = w.now_us;
    desk_speaks();
    assert_int_equal(run_due(OBJECT_emergency, n), COMMAND_emergency_flag);
    assert_int_equal(w.now_us, first_us + 15 * US_PER_S);
    assert_true(HAS(emergency_object, EMERGENCY(n), overdue_us));
    DO(&w, emergency_acknowledge, n, "{}");
    assert_string_equal(EMERGENCY(n)->name, "User 1");
    assert_false(HAS(emergency_object, EMERGENCY(n), overdue_us));
    assert_int_equal(SAY(&w, emergency_acknowledge, n, "{}"), ERR_STATE); /* once for the room */
    crew_of(1);
    w.now_us += US_PER_S;
    assert_int_equal(DO(&w, emergency_raise, 0, "{}"), n); /* again: news about the same */
    assert_int_equal(EMERGENCY(n)->stage, EMERGENCY_RAISED);
    assert_int_equal(EMERGENCY(n)->raised_us, first_us);
    assert_int_equal(EMERGENCY(n)->pressed_us, w.now_us);
    assert_false(HAS(emergency_object, EMERGENCY(n), acknowledged_us));
    desk_speaks();
    DO(&w, emergency_clear, n, "{'reason':'help is there'}");
    assert_false(desk_is_live(w.desk, OBJECT_emergency, n));
    crew_of(1);
    assert_int_not_equal(DO(&w, emergency_raise, 0, "{}"), n); /* another one */
}

static void emergency_speaks_for_its_own_unit(void **state)
{
    (void)state;
    crew_of(1);
    assert_int_equal(SAY(&w, emergency_raise, 0, "{'unit':'unit-1-2'}"), ERR_DENIED);
    desk_speaks();
    assert_int_equal(SAY(&w, emergency_raise, 0, "{}"), ERR_RANGE);
    assert_int_equal(SAY(&w, emergency_raise, 0, "{'unit':'unit-1-77'}"), ERR_NOT_FOUND);
    uint32_t n = DO(&w, emergency_raise, 0, "{'unit':'unit-1-2'}"); /* heard on the radio */
    assert_int_equal(EMERGENCY(n)->unit.v, 2);
    assert_false(HAS(emergency_object, EMERGENCY(n), incident));
}

/* ---- check-ins ---- */

static uint32_t on_scene(uint32_t incident, uint32_t unit)
{
    uint32_t a = world_send(&w, incident, unit);
    DO(&w, assignment_arrive, a, "{}");
    return a;
}

static void who_is_alone_is_asked(void **state)
{
    (void)state;
    uint32_t incident = world_pending(&w, "fight");
    assert_int_equal(desk_due(w.desk, OBJECT_assignment, on_scene(incident, 3)), 0); /* preset */
    DO(&w, timing_install, 0, "{'check_s':600}");
    uint32_t a = UNIT(&w, 3)->active.v;
    assert_int_equal(desk_due(w.desk, OBJECT_assignment, a), w.now_us + 600 * US_PER_S);
    uint32_t b = on_scene(incident, 1);
    assert_false(HAS(assignment_object, ASSIGNMENT(&w, a), alone_us));
    assert_int_equal(desk_due(w.desk, OBJECT_assignment, a), 0);
    w.now_us += 60 * US_PER_S;
    DO(&w, assignment_clear, b, "{}");
    assert_int_equal(desk_due(w.desk, OBJECT_assignment, a), w.now_us + 600 * US_PER_S);
    assert_int_equal(run_due(OBJECT_assignment, a), COMMAND_assignment_ask);
    assert_int_equal(ASSIGNMENT(&w, a)->asked_us, w.now_us);
    assert_int_equal(run_due(OBJECT_assignment, a), COMMAND_assignment_miss);
    assert_int_equal(ASSIGNMENT(&w, a)->bell, BELL_SAFETY);
    assert_int_equal(desk_due(w.desk, OBJECT_assignment, a), 0); /* said once */
    DO(&w, assignment_hear, a, "{}");
    assert_false(HAS(assignment_object, ASSIGNMENT(&w, a), bell));
    assert_true(HAS(assignment_object, ASSIGNMENT(&w, a), missed_us)); /* heard is not answered */
    w.now_us += 30 * US_PER_S;
    DO(&w, assignment_check, a, "{'remark':'by radio'}");
    assert_false(HAS(assignment_object, ASSIGNMENT(&w, a), missed_us));
    assert_int_equal(ASSIGNMENT(&w, a)->checked_by.v, 1);
    assert_int_equal(desk_due(w.desk, OBJECT_assignment, a), w.now_us + 600 * US_PER_S);
    DO(&w, assignment_clear, a, "{}");
    assert_int_equal(desk_due(w.desk, OBJECT_assignment, a), 0);
}

/* An answer that was given before the question, on a phone without signal, leaves it open. */
static void late_answer_answers_only_what_was_asked(void **state)
{
    (void)state;
    DO(&w, timing_install, 0, "{'check_s':600}");
    uint32_t a = on_scene(world_pending(&w, "fight"), 3);
    (void)run_due(OBJECT_assignment, a);
    w.now_us += 30 * US_PER_S;
    w.at_us = ASSIGNMENT(&w, a)->asked_us - US_PER_S;
    DO(&w, assignment_check, a, "{}");
    assert_true(HAS(assignment_object, ASSIGNMENT(&w, a), asked_us));
    w.at_us = ASSIGNMENT(&w, a)->asked_us + US_PER_S;
    DO(&w, assignment_check, a, "{}");
    assert_false(HAS(assignment_object, ASSIGNMENT(&w, a), asked_us));
    w.at_us = 0;
}

static void type_says_how_often(void **state)
{
    (void)state;
    w.actor = (struct actor){.role = ROLE_SYSTEM_ADMIN};
    DO(&w, type_install, 0,
       WORLD_TYPE("armed", "P1", "\"check_in\":{\"every_s\":120,\"is_in_company\":true},", ""));
    assert_int_equal(
        SAY(&w, type_install, 0, WORLD_TYPE("bad", "P1", "\"check_in\":{\"every_s\":-1},", "")),
        ERR_RANGE);
    desk_speaks();
    uint32_t incident = world_pending(&w, "armed");
    uint32_t a = on_scene(incident, 1), b = on_scene(incident, 3);
    assert_int_equal(desk_due(w.desk, OBJECT_assignment, a), w.now_us + 120 * US_PER_S);
    assert_int_equal(desk_due(w.desk, OBJECT_assignment, b), w.now_us + 120 * US_PER_S);
    DO(&w, assignment_ask, a, "{}"); /* the desk may ask before */
    assert_int_equal(SAY(&w, assignment_miss, a, "{}"), ERR_STATE);
}

/* ---- bells ---- */

static void bell_rings_once_for_the_room(void **state)
{
    (void)state;
    uint32_t n = world_pending(&w, "fight");
    assert_int_equal(INCIDENT(&w, n)->bell, BELL_NEW);
    DO(&w, incident_hear, n, "{}");
    assert_false(HAS(incident_object, INCIDENT(&w, n), bell));
    assert_int_equal(SAY(&w, incident_hear, n, "{}"), ERR_STATE); /* nothing rings any more */
    DO(&w, incident_note, n, "{'text':'x'}");                     /* no news for the ear */
    assert_false(HAS(incident_object, INCIDENT(&w, n), bell));
    DO(&w, incident_prioritise, n, "{'priority':'P1','reason':'knife'}");
    assert_int_equal(INCIDENT(&w, n)->bell, BELL_URGENT);
    assert_int_equal(INCIDENT(&w, n)->bell_us, w.now_us);
    DO(&w, incident_hear, n, "{}");
    assert_int_equal(run_due(OBJECT_incident, n), COMMAND_incident_flag);
    assert_int_equal(INCIDENT(&w, n)->bell, BELL_WAITING);
    uint32_t a = world_send(&w, n, 1); /* somebody works on it */
    assert_false(HAS(incident_object, INCIDENT(&w, n), bell));
    assert_int_equal(run_due(OBJECT_assignment, a), COMMAND_assignment_flag);
    assert_int_equal(ASSIGNMENT(&w, a)->bell, BELL_UNSEEN);
    DO(&w, assignment_see, a, "{}");
    assert_false(HAS(assignment_object, ASSIGNMENT(&w, a), bell));
    DO(&w, assignment_decline, a, "{'reason':'breakdown'}"); /* it waits again: news */
    assert_int_equal(INCIDENT(&w, n)->bell, BELL_URGENT);
    DO(&w, incident_close, n, "{'disposition':'false'}");
    assert_false(HAS(incident_object, INCIDENT(&w, n), bell));
}

static void history_told_late_does_not_ring(void **state)
{
    (void)state;
    w.at_us = w.now_us - 2 * US_PER_HOUR;
    uint32_t n = DO(&w, incident_create, 0, "{'type':'help','source':'phone','address':'x'}");
    assert_false(HAS(incident_object, INCIDENT(&w, n), bell));
    w.at_us = 0;
}

/* ---- notices ---- */

static void crews_confirm_each_notice_once(void **state)
{
    (void)state;
    uint32_t n = DO(&w, notice_post, 0, "{'text':'Ice on the bridge','is_urgent':true}");
    assert_int_equal(NOTICE(n)->until_us, w.now_us + 12 * US_PER_HOUR);
    crew_of(1);
    DO(&w, notice_confirm, n, "{}");
    assert_int_equal(SAY(&w, notice_confirm, n, "{}"), ERR_EXISTS);
    assert_int_equal(SAY(&w, notice_confirm, n, "{'unit':'unit-1-2'}"), ERR_DENIED);
    desk_speaks();
    DO(&w, notice_confirm, n, "{'unit':'unit-1-2'}");                               /* by radio */
    assert_int_equal(SAY(&w, notice_confirm, n, "{'unit':'unit-1-6'}"), ERR_STATE); /* off duty */
    assert_int_equal(UNIT(&w, 1)->confirmed.count, 1);
    assert_int_equal(UNIT(&w, 3)->confirmed.count, 0);
    DO(&w, unit_sign_off, 1, "{}");
    DO(&w, unit_sign_on, 1, "{'crew':2}");
    assert_int_equal(UNIT(&w, 1)->confirmed.count, 0); /* another crew reads again */
    uint32_t second = DO(&w, notice_post, 0, "{'text':'Thaw'}");
    DO(&w, notice_withdraw, n, "{'reason':'thawed'}");
    DO(&w, notice_confirm, second, "{'unit':'unit-1-2'}");
    assert_int_equal(UNIT(&w, 2)->confirmed.count, 1); /* the one that is over is forgotten */
    assert_int_equal(UNIT(&w, 2)->confirmed.v[0], second);
    assert_int_equal(run_due(OBJECT_notice, second), COMMAND_notice_withdraw);
    assert_int_equal(SAY(&w, notice_confirm, second, "{'unit':'unit-1-3'}"), ERR_STATE);
}

static void notices_are_few(void **state)
{
    (void)state;
    assert_int_equal(SAY(&w, notice_post, 0, "{'text':'x','until_us':'2027-01-01T00:00:00Z'}"),
                     ERR_RANGE);
    for (int i = 0; i < 32; i++)
        DO(&w, notice_post, 0, "{'text':'x'}");
    assert_int_equal(SAY(&w, notice_post, 0, "{'text':'x'}"), ERR_LIMIT);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(hazard_ends_by_itself),
        T(hazard_needs_ground_kind_and_an_end),
        T(hazard_has_no_field_for_persons),
        T(emergency_is_pressed_seen_and_cleared),
        T(emergency_speaks_for_its_own_unit),
        T(who_is_alone_is_asked),
        T(late_answer_answers_only_what_was_asked),
        T(type_says_how_often),
        T(bell_rings_once_for_the_room),
        T(history_told_late_does_not_ring),
        T(crews_confirm_each_notice_once),
        T(notices_are_few),
    };
    return RUN(tests);
}
