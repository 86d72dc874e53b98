/* What users of other dispatch systems reported, each as a test that it cannot happen here. The
 * number is that of the report in the other project. */
#include "desk_world.h"

static struct world w;

static int setup(void **state)
{
    (void)state;
    world_init(&w);
    world_city(&w);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    world_done(&w);
    return 0;
}

static void ticketscad_82_second_assignment_keeps_first_status(void **state)
{
    (void)state;
    uint32_t first = world_pending(&w, "theft"), second = world_pending(&w, "theft");
    uint32_t a = world_send(&w, first, 1);
    DO(&w, assignment_depart, a, "{}");
    uint32_t b = world_hold(&w, second, 1);
    assert_int_equal(ASSIGNMENT(&w, a)->stage, ASSIGNMENT_EN_ROUTE);
    assert_int_equal(ASSIGNMENT(&w, b)->stage, ASSIGNMENT_RESERVED);
    assert_int_equal(INCIDENT(&w, first)->stage, INCIDENT_OPEN);
    assert_int_equal(INCIDENT(&w, second)->stage, INCIDENT_PENDING);
    /* sending it out at once is double booking */
    assert_int_equal(SAY(&w, assignment_send, b, "{}"), ERR_STATE);
    assert_int_equal(
        SAY(&w, incident_dispatch, world_pending(&w, "theft"), "{'units':['unit-1-1']}"),
        ERR_STATE);
    assert_int_equal(ASSIGNMENT(&w, a)->stage, ASSIGNMENT_EN_ROUTE);
}

static void ticketscad_83_do_not_dispatch_is_enforced(void **state)
{
    (void)state;
    uint32_t n = world_pending(&w, "help");
    assert_int_equal(UNIT(&w, 5)->readiness, READINESS_AVAILABLE);
    assert_int_equal(SAY(&w, incident_dispatch, n, "{'units':['unit-1-5']}"), ERR_STATE);
    assert_string_equal(w.decision.field, "units");
    assert_int_equal(SAY(&w, incident_dispatch, n, "{'units':['unit-1-5'],'is_reserve':true}"),
                     ERR_STATE);
    assert_int_equal(
        SAY(&w, incident_dispatch, n, "{'units':['unit-1-5'],'is_preempt':true,'reason':'must'}"),
        ERR_STATE);
}

static void ticketscad_116_status_touches_only_its_assignment(void **state)
{
    (void)state;
    uint32_t first = world_pending(&w, "theft"), second = world_pending(&w, "theft");
    uint32_t a = world_send(&w, first, 1);
    uint32_t b = world_hold(&w, second, 1), c = world_send(&w, second, 2);
    DO(&w, assignment_arrive, a, "{}");
    assert_int_equal(ASSIGNMENT(&w, a)->stage, ASSIGNMENT_ON_SCENE);
    assert_int_equal(ASSIGNMENT(&w, b)->stage, ASSIGNMENT_RESERVED);
    assert_int_equal(ASSIGNMENT(&w, c)->stage, ASSIGNMENT_SENT);
    assert_false(HAS(incident_object, INCIDENT(&w, second), on_scene_us));
    DO(&w, assignment_clear, a, "{}");
    assert_int_equal(ASSIGNMENT(&w, b)->stage, ASSIGNMENT_RESERVED);
    assert_int_equal(ASSIGNMENT(&w, c)->stage, ASSIGNMENT_SENT);
}

static void ticketscad_141_scheduled_unit_is_reserved_not_dispatched(void **state)
{
    (void)state;
    uint32_t n = DO(&w, incident_create, 0,
                    "{'type':'theft','source':'phone','address':'x','scheduled_us':"
                    "'2026-01-02T08:00:00Z'}");
    uint32_t a = world_hold(&w, n, 1);
    assert_int_equal(INCIDENT(&w, n)->stage, INCIDENT_SCHEDULED);
    assert_int_equal(ASSIGNMENT(&w, a)->stage, ASSIGNMENT_RESERVED);
    assert_int_equal(UNIT(&w, 1)->readiness, READINESS_AVAILABLE);
    assert_int_equal(UNIT(&w, 1)->active.v, 0);
    assert_false(HAS(incident_object, INCIDENT(&w, n), dispatched_us));
    /* and it can work meanwhile, or go home */
    DO(&w, assignment_clear, world_send(&w, world_pending(&w, "theft"), 1), "{}");
    DO(&w, unit_sign_off, 1, "{}");
    assert_int_equal(ASSIGNMENT(&w, a)->stage, ASSIGNMENT_RESERVED);
}

static void ticketscad_16_128_outcome_is_coded(void **state)
{
    (void)state;
    uint32_t n = world_pending(&w, "theft");
    assert_int_equal(SAY(&w, incident_close, n, "{'disposition':'all good'}"), ERR_RANGE);
    assert_string_equal(w.decision.field, "disposition");
    DO(&w, incident_close, n, "{'disposition':'done'}");
    assert_string_equal(INCIDENT(&w, n)->disposition, "done");
}

/* Every object that a change on one screen moves is named, so that every screen gets its row. */
static void ticketscad_59_all_changed_objects_are_named(void **state)
{
    (void)state;
    uint32_t n = world_pending(&w, "theft");
    uint32_t a = world_send(&w, n, 1);
    uint64_t unit = desk_seq(w.desk, OBJECT_unit, 1),
             incident = desk_seq(w.desk, OBJECT_incident, n);
    DO(&w, assignment_clear, a, "{}");
    assert_true(desk_seq(w.desk, OBJECT_unit, 1) > unit);
    assert_true(desk_seq(w.desk, OBJECT_incident, n) > incident);
    assert_int_equal(UNIT(&w, 1)->readiness, READINESS_AVAILABLE);
}

static void resgrid_260_caller_address_survives_the_geocoder(void **state)
{
    (void)state;
    uint32_t n = DO(&w, incident_create, 0,
                    "{'type':'theft','source':'phone','address':'behind the red barn',"
                    "'chosen':{'lat':37.7,'lon':-122.4},'chosen_accuracy_m':50,"
                    "'suggested':{'lat':37.8,'lon':-122.5},'suggested_text':'Barn Road 1'}");
    DO(&w, incident_amend, n,
       "{'suggested':{'lat':37.9,'lon':-122.5},'suggested_text':'Red Barn Lane 7',"
       "'suggested_accuracy_m':20}");
    DO(&w, incident_amend, n, "{'verified':{'lat':37.71,'lon':-122.41},'verified_accuracy_m':5}");
    const struct incident_object *o = INCIDENT(&w, n);
    assert_string_equal(o->address, "behind the red barn");
    assert_string_equal(o->suggested_text, "Red Barn Lane 7");
    assert_int_equal(o->chosen.lat_e7, 377000000);
    assert_int_equal(o->chosen_accuracy_m, 50);
    assert_int_equal(o->suggested.lat_e7, 379000000);
    assert_int_equal(o->verified.lat_e7, 377100000);
    assert_int_equal(o->chosen_by.v, 1);
    assert_int_equal(o->verified_by.v, 1);
}

/* A status exists only where its machine has it: nothing else takes it. */
static void resgrid_pr350_status_only_where_it_belongs(void **state)
{
    (void)state;
    uint32_t n = world_pending(&w, "theft"), held = world_hold(&w, n, 1);
    assert_int_equal(SAY(&w, assignment_arrive, held, "{}"), ERR_STATE);
    assert_str(w.decision.legal, "send decline cancel");
    assert_int_equal(SAY(&w, incident_control, n, "{}"), ERR_STATE);
    assert_int_equal(SAY(&w, unit_resume, 1, "{}"), ERR_STATE);
    assert_str(w.decision.legal, "sign_on sign_off suspend place");
}

static void coceso_three_machines_stay_apart(void **state)
{
    (void)state;
    uint32_t n = world_pending(&w, "theft");
    uint32_t a = world_send(&w, n, 1), b = world_send(&w, n, 2);
    DO(&w, assignment_arrive, a, "{}");
    DO(&w, incident_control, n, "{}");
    assert_int_equal(ASSIGNMENT(&w, a)->stage, ASSIGNMENT_ON_SCENE);
    assert_int_equal(ASSIGNMENT(&w, b)->stage, ASSIGNMENT_SENT);
    DO(&w, assignment_clear, a, "{}");
    assert_int_equal(INCIDENT(&w, n)->stage, INCIDENT_CONTROLLED);
    assert_int_equal(UNIT(&w, 1)->readiness, READINESS_AVAILABLE);
    assert_int_equal(UNIT(&w, 2)->readiness, READINESS_COMMITTED);
}

/* The next step is one button: the desk says what is possible. */
static void coceso_95_next_step_is_known(void **state)
{
    struct arena arena;
    (void)state;
    arena_init(&arena, 1u << 16);
    uint32_t n = world_pending(&w, "theft"), a = world_send(&w, n, 1);
    assert_str(desk_legal(w.desk, OBJECT_assignment, a, &arena),
               "see depart stage arrive clear decline cancel");
    DO(&w, assignment_clear, a, "{}");
    assert_str(desk_legal(w.desk, OBJECT_assignment, a, &arena), "");
    arena_done(&arena);
}

static void snailycad_570_stack_is_capped(void **state)
{
    (void)state;
    for (int i = 0; i < MAX_STACKED; i++)
        world_hold(&w, world_pending(&w, "theft"), 1);
    assert_int_equal(SAY(&w, incident_dispatch, world_pending(&w, "theft"),
                         "{'units':['unit-1-1'],'is_reserve':true}"),
                     ERR_LIMIT);
    assert_int_equal(UNIT(&w, 1)->stacked.count, MAX_STACKED);
}

static void snailycad_468_every_assign_and_unassign_is_logged(void **state)
{
    (void)state;
    uint32_t n = world_pending(&w, "theft");
    uint64_t before = w.seq;
    uint32_t a = world_send(&w, n, 1);
    assert_true(w.seq > before);
    before = w.seq;
    DO(&w, assignment_cancel, a, "{'reason':'nearer unit'}");
    assert_true(w.seq > before);
    assert_string_equal(ASSIGNMENT(&w, a)->reason, "nearer unit");
}

/* Closed is not settled: whether the caller is content is another stage, and figures count by code.
 */
static void fixmystreet_1339_closed_is_not_fixed(void **state)
{
    (void)state;
    uint32_t n = world_pending(&w, "theft");
    DO(&w, incident_close, n, "{'disposition':'false'}");
    assert_int_equal(INCIDENT(&w, n)->stage, INCIDENT_CLOSED);
    assert_false(HAS(incident_object, INCIDENT(&w, n), reviewed_us));
    assert_int_equal(SAY(&w, incident_review, n, "{'outcome':'fine'}"), ERR_RANGE);
    DO(&w, incident_review, n, "{'outcome':'dissatisfied'}");
    assert_string_equal(INCIDENT(&w, n)->outcome, "dissatisfied");
    assert_string_equal(INCIDENT(&w, n)->disposition, "false");
}

static void fixmystreet_897_2992_reopen_keeps_the_history(void **state)
{
    (void)state;
    uint32_t n = world_pending(&w, "theft");
    w.now_us += US_PER_MIN;
    DO(&w, incident_close, n, "{'disposition':'done'}");
    int64_t closed_us = INCIDENT(&w, n)->closed_us;
    w.now_us += US_PER_HOUR;
    DO(&w, incident_reopen, n, "{'reason':'it goes on'}");
    world_send(&w, n, 1);
    DO(&w, assignment_clear, UNIT(&w, 1)->active.v, "{}");
    w.now_us += US_PER_HOUR;
    DO(&w, incident_close, n, "{'disposition':'false'}");
    const struct incident_object *o = INCIDENT(&w, n);
    assert_int_equal(o->closed_us, closed_us);
    assert_int_equal(o->reclosed_us, w.now_us);
    assert_int_equal(o->reopened_count, 1);
    assert_string_equal(o->disposition, "false");
}

static void fixmystreet_1114_wrong_type_can_be_changed(void **state)
{
    (void)state;
    uint32_t n = world_pending(&w, "theft");
    DO(&w, incident_amend, n, "{'type':'help','reason':'it was no theft'}");
    assert_string_equal(INCIDENT(&w, n)->type, "help");
    assert_string_equal(INCIDENT(&w, n)->plan, "two-cars");
    assert_int_equal(INCIDENT(&w, n)->priority, PRIORITY_P3); /* classes never change silently */
    assert_int_equal(SAY(&w, incident_amend, n, "{'type':'unheard_of'}"), ERR_RANGE);
}

static void give_due(enum object_kind kind, uint32_t number, enum err expected)
{
    struct command due;
    assert_true(desk_due_command(w.desk, kind, number, &due));
    struct actor before = w.actor;
    w.actor = due.actor;
    assert_int_equal(world_give(&w, due.kind, due.object, due.fields), expected);
    w.actor = before;
}

static void fixmystreet_2378_overdue_is_shown(void **state)
{
    (void)state;
    uint32_t n = world_pending(&w, "theft");
    int64_t due_us = desk_due(w.desk, OBJECT_incident, n);
    assert_int_equal(due_us, w.now_us + 1800 * US_PER_S);
    give_due(OBJECT_incident, n, ERR_STATE); /* not before */
    w.now_us = due_us;
    give_due(OBJECT_incident, n, OK);
    assert_int_equal(INCIDENT(&w, n)->overdue_us, due_us);
    assert_int_equal(INCIDENT(&w, n)->priority, PRIORITY_P3); /* a flag, no silent change */
    assert_int_equal(desk_due(w.desk, OBJECT_incident, n), 0);
    world_send(&w, n, 1);
    assert_false(HAS(incident_object, INCIDENT(&w, n), overdue_us));
}

/* The 12345 hotlines' ping-pong: the clock runs on until somebody signs, and starts at the first
 * call. */
static void hotline_transfer_waits_for_its_receipt(void **state)
{
    (void)state;
    uint32_t n = world_pending(&w, "theft");
    int64_t received_us = INCIDENT(&w, n)->received_us;
    w.now_us += US_PER_MIN;
    DO(&w, incident_transfer, n, "{'to_body':'fire','reason':'theirs'}");
    assert_true(desk_is_live(w.desk, OBJECT_incident, n));
    w.now_us = desk_due(w.desk, OBJECT_incident, n);
    give_due(OBJECT_incident, n, OK);
    assert_true(HAS(incident_object, INCIDENT(&w, n), overdue_us));
    assert_int_equal(
        SAY(&w, incident_transfer, n, "{'to_body':'police','reason':'x','receipt':'F-12'}"),
        ERR_STATE);
    DO(&w, incident_transfer, n, "{'to_body':'fire','reason':'x','receipt':'F-12'}");
    assert_string_equal(INCIDENT(&w, n)->receipt, "F-12");
    assert_false(desk_is_live(w.desk, OBJECT_incident, n));
    DO(&w, incident_reopen, n, "{'reason':'handed back'}");
    assert_int_equal(INCIDENT(&w, n)->received_us, received_us);
}

/* The 110 desks' red, green, grey: an order that nobody sees is flagged. */
static void desk_110_unseen_order_is_flagged(void **state)
{
    (void)state;
    uint32_t a = world_send(&w, world_pending(&w, "theft"), 1);
    w.now_us = desk_due(w.desk, OBJECT_assignment, a);
    assert_int_equal(w.now_us, ASSIGNMENT(&w, a)->sent_us + 30 * US_PER_S);
    give_due(OBJECT_assignment, a, OK);
    assert_true(HAS(assignment_object, ASSIGNMENT(&w, a), overdue_us));
    DO(&w, assignment_see, a, "{}");
    assert_false(HAS(assignment_object, ASSIGNMENT(&w, a), overdue_us));
    assert_int_equal(desk_due(w.desk, OBJECT_assignment, a), 0);
}

/* A settled signal stays settled: a new report is a new one. */
static void thingsboard_7811_settled_signal_is_not_revived(void **state)
{
    (void)state;
    uint32_t s = DO(&w, signal_raise, 0, "{'source':'sensor','category':'theft','address':'x'}");
    DO(&w, signal_dismiss, s, "{'reason':'test'}");
    assert_int_equal(SAY(&w, signal_claim, s, "{}"), ERR_STATE);
    assert_int_equal(SAY(&w, signal_confirm, s, "{}"), ERR_STATE);
    assert_int_not_equal(DO(&w, signal_raise, 0, "{'source':'sensor','address':'x'}"), s);
}

/* Verification is a rule, not a label: no feed, timer or citizen settles a signal. */
static void ushahidi_548_signal_is_verified_by_a_person(void **state)
{
    (void)state;
    w.actor = (struct actor){.role = ROLE_FEED};
    uint32_t s = DO(&w, signal_raise, 0, "{'source':'sensor','category':'theft','address':'x'}");
    assert_int_equal(SAY(&w, signal_confirm, s, "{}"), ERR_DENIED);
    assert_int_equal(SAY(&w, signal_dismiss, s, "{'reason':'x'}"), ERR_DENIED);
    assert_int_equal(SIGNAL(&w, s)->stage, SIGNAL_NEW);
    w.actor = (struct actor){.user = {2}, .role = ROLE_OPERATOR};
    DO(&w, signal_claim, s, "{}");
    w.actor = (struct actor){.role = ROLE_FEED};
    assert_int_equal(SAY(&w, signal_claim, s, "{}"), ERR_DENIED);
    assert_int_equal(SAY(&w, signal_confirm, s, "{}"), ERR_DENIED);
    assert_int_equal(SAY(&w, signal_dismiss, s, "{'reason':'x'}"), ERR_DENIED);
    uint32_t other = DO(&w, signal_raise, 0, "{'source':'sensor','address':'x'}");
    assert_int_equal(SAY(&w, signal_duplicate, s, "{'of':'signal-1-%u'}", other), ERR_DENIED);
    assert_int_equal(SAY(&w, signal_claim, other, "{}"), ERR_DENIED);
    w.actor = (struct actor){.user = {2}, .role = ROLE_OPERATOR};
    DO(&w, signal_confirm, s, "{}");
    assert_int_equal(SIGNAL(&w, s)->verifier.v, 2);
    assert_true(HAS(signal_object, SIGNAL(&w, s), verifying_us));
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(ticketscad_82_second_assignment_keeps_first_status),
        T(ticketscad_83_do_not_dispatch_is_enforced),
        T(ticketscad_116_status_touches_only_its_assignment),
        T(ticketscad_141_scheduled_unit_is_reserved_not_dispatched),
        T(ticketscad_16_128_outcome_is_coded),
        T(ticketscad_59_all_changed_objects_are_named),
        T(resgrid_260_caller_address_survives_the_geocoder),
        T(resgrid_pr350_status_only_where_it_belongs),
        T(coceso_three_machines_stay_apart),
        T(coceso_95_next_step_is_known),
        T(snailycad_570_stack_is_capped),
        T(snailycad_468_every_assign_and_unassign_is_logged),
        T(fixmystreet_1339_closed_is_not_fixed),
        T(fixmystreet_897_2992_reopen_keeps_the_history),
        T(fixmystreet_1114_wrong_type_can_be_changed),
        T(fixmystreet_2378_overdue_is_shown),
        T(hotline_transfer_waits_for_its_receipt),
        T(desk_110_unseen_order_is_flagged),
        T(thingsboard_7811_settled_signal_is_not_revived),
        T(ushahidi_548_signal_is_verified_by_a_person),
    };
    return RUN(tests);
}
