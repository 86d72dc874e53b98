/* The rules of the desk that no single row of a machine shows: dispatch of several units,
 * pre-emption, stacks, merge, timers, corrections, who may what, and what goes in and out of
 * memory. */
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

static void dispatch_is_all_or_nothing(void **state)
{
    (void)state;
    uint32_t n = world_pending(&w, "theft"), last = desk_last(w.desk, OBJECT_assignment);
    DO(&w, unit_suspend, 2, "{'reason':'puncture'}");
    assert_int_equal(SAY(&w, incident_dispatch, n, "{'units':['unit-1-1','unit-1-2']}"), ERR_STATE);
    assert_int_equal(desk_last(w.desk, OBJECT_assignment), last);
    assert_int_equal(INCIDENT(&w, n)->stage, INCIDENT_PENDING);
    assert_int_equal(UNIT(&w, 1)->readiness, READINESS_AVAILABLE);
    DO(&w, unit_resume, 2, "{}");
    DO(&w, incident_dispatch, n, "{'units':['unit-1-1','unit-1-2','unit-1-3']}");
    assert_int_equal(INCIDENT(&w, n)->assignments.count, 3);
    assert_int_equal(SAY(&w, incident_dispatch, n, "{'units':['unit-1-1']}"), ERR_EXISTS);
    assert_int_equal(SAY(&w, incident_dispatch, n, "{'units':['unit-1-6','unit-1-6']}"), ERR_RANGE);
    assert_int_equal(SAY(&w, incident_dispatch, n, "{'units':['unit-1-6']}"), ERR_STATE);
    assert_int_equal(SAY(&w, incident_dispatch, n, "{'units':['unit-1-99']}"), ERR_NOT_FOUND);
    assert_int_equal(SAY(&w, incident_dispatch, n, "{'units':[]}"), ERR_RANGE);
}

static void dispatch_from_received_enters_first(void **state)
{
    (void)state;
    uint32_t n = DO(&w, incident_create, 0, "{'type':'theft','source':'phone','address':'x'}");
    w.now_us += US_PER_MIN;
    world_send(&w, n, 1);
    const struct incident_object *o = INCIDENT(&w, n);
    assert_int_equal(o->stage, INCIDENT_OPEN);
    assert_int_equal(o->entered_us, w.now_us);
    assert_int_equal(o->dispatched_us, w.now_us);
    /* an unfinished form cannot be sent out */
    n = DO(&w, incident_create, 0, "{'type':'theft','source':'phone'}");
    assert_int_equal(SAY(&w, incident_dispatch, n, "{'units':['unit-1-2']}"), ERR_STATE);
    assert_string_equal(w.decision.field, "chosen");
    assert_int_equal(INCIDENT(&w, n)->stage, INCIDENT_RECEIVED);
}

static void preemption_returns_the_call_with_its_time(void **state)
{
    (void)state;
    uint32_t old = world_pending(&w, "theft");
    int64_t received_us = INCIDENT(&w, old)->received_us;
    uint32_t a = world_send(&w, old, 1);
    DO(&w, assignment_depart, a, "{}");
    w.now_us += US_PER_MIN;
    uint32_t urgent = world_pending(&w, "help");
    assert_int_equal(SAY(&w, incident_dispatch, urgent, "{'units':['unit-1-1']}"), ERR_STATE);
    DO(&w, incident_dispatch, urgent, "{'units':['unit-1-1'],'is_preempt':true}");
    assert_int_equal(ASSIGNMENT(&w, a)->stage, ASSIGNMENT_PREEMPTED);
    assert_int_equal(INCIDENT(&w, old)->stage, INCIDENT_PENDING);
    assert_int_equal(INCIDENT(&w, old)->received_us, received_us);
    assert_int_equal(INCIDENT(&w, urgent)->stage, INCIDENT_OPEN);
    uint32_t now = UNIT(&w, 1)->active.v;
    assert_int_equal(ASSIGNMENT(&w, now)->takes_from.v, a);
    assert_int_equal(UNIT(&w, 1)->readiness, READINESS_COMMITTED);
    /* the waiting clock of the one left behind runs from the first call */
    assert_int_equal(desk_due(w.desk, OBJECT_incident, old), received_us + 1800 * US_PER_S);
    /* down the ladder only with a reason */
    uint32_t lesser = world_pending(&w, "theft");
    assert_int_equal(SAY(&w, incident_dispatch, lesser, "{'units':['unit-1-1'],'is_preempt':true}"),
                     ERR_STATE);
    assert_string_equal(w.decision.field, "reason");
    /* with a second unit on it, the call that is left stays open */
    world_send(&w, urgent, 2);
    DO(&w, incident_dispatch, lesser,
       "{'units':['unit-1-1'],'is_preempt':true,'reason':'child at the door'}");
    assert_int_equal(INCIDENT(&w, urgent)->stage, INCIDENT_OPEN);
}

static void stack_offers_the_next_when_cleared(void **state)
{
    (void)state;
    uint32_t first = world_pending(&w, "theft"), second = world_pending(&w, "theft");
    uint32_t later = DO(&w, incident_create, 0,
                        "{'type':'theft','source':'phone','address':'x','scheduled_us':"
                        "'2026-02-01T00:00:00Z'}");
    uint32_t a = world_send(&w, first, 1);
    uint32_t planned = world_hold(&w, later, 1), next = world_hold(&w, second, 1);
    assert_int_equal(UNIT(&w, 1)->stacked.count, 2);
    w.now_us += US_PER_MIN;
    DO(&w, assignment_clear, a, "{}");
    assert_int_equal(UNIT(&w, 1)->readiness, READINESS_AVAILABLE);
    assert_int_equal(ASSIGNMENT(&w, next)->stage, ASSIGNMENT_RESERVED);
    assert_int_equal(ASSIGNMENT(&w, next)->offered_us, w.now_us);
    assert_false(HAS(assignment_object, ASSIGNMENT(&w, planned), offered_us));
    DO(&w, assignment_send, next, "{}");
    assert_int_equal(UNIT(&w, 1)->active.v, next);
    assert_int_equal(INCIDENT(&w, second)->stage, INCIDENT_OPEN);
    DO(&w, assignment_clear, next, "{}");
    /* when its time has come, the planned one is offered too */
    w.now_us = desk_due(w.desk, OBJECT_incident, later);
    struct command due;
    assert_true(desk_due_command(w.desk, OBJECT_incident, later, &due));
    w.actor = due.actor;
    assert_ok(world_give(&w, due.kind, due.object, due.fields));
    assert_int_equal(INCIDENT(&w, later)->stage, INCIDENT_PENDING);
    assert_int_equal(ASSIGNMENT(&w, planned)->offered_us, w.now_us);
}

static void last_unit_away_waits_again_cleared_does_not(void **state)
{
    (void)state;
    uint32_t n = world_pending(&w, "theft"), a = world_send(&w, n, 1), b = world_send(&w, n, 2);
    DO(&w, assignment_decline, a, "{'reason':'fuel'}");
    assert_int_equal(INCIDENT(&w, n)->stage, INCIDENT_OPEN);
    w.now_us += US_PER_MIN;
    DO(&w, assignment_cancel, b, "{'reason':'x'}");
    assert_int_equal(INCIDENT(&w, n)->stage, INCIDENT_PENDING);
    assert_int_equal(INCIDENT(&w, n)->emptied_us, w.now_us);
    DO(&w, assignment_clear, world_send(&w, n, 3), "{}");
    assert_int_equal(INCIDENT(&w, n)->stage, INCIDENT_OPEN);
    assert_false(HAS(incident_object, INCIDENT(&w, n), cleared_us));
    int64_t cleared_us = w.now_us;
    w.now_us += US_PER_MIN;
    DO(&w, incident_close, n, "{'disposition':'done'}");
    assert_int_equal(INCIDENT(&w, n)->cleared_us, cleared_us);
}

static void close_waits_for_every_assignment(void **state)
{
    (void)state;
    uint32_t n = world_pending(&w, "theft"), other = world_pending(&w, "theft");
    uint32_t a = world_send(&w, other, 1), held = world_hold(&w, n, 2);
    assert_int_equal(SAY(&w, incident_close, n, "{'disposition':'done'}"), ERR_STATE);
    DO(&w, assignment_cancel, held, "{'reason':'x'}");
    DO(&w, incident_merge, other, "{'into':'incident-1-%u','reason':'one and the same'}", n);
    assert_int_equal(SAY(&w, incident_close, n, "{'disposition':'done'}"), ERR_STATE);
    DO(&w, assignment_clear, a, "{}");
    DO(&w, incident_close, n, "{'disposition':'done'}");
}

static void unmerge_restores_exactly(void **state)
{
    (void)state;
    uint32_t stays = world_pending(&w, "theft"), n = world_pending(&w, "fight");
    uint32_t a = world_send(&w, n, 1);
    DO(&w, assignment_arrive, a, "{}");
    struct incident_object before = *INCIDENT(&w, n), target = *INCIDENT(&w, stays);
    DO(&w, incident_merge, n, "{'into':'incident-1-%u'}", stays);
    assert_int_equal(INCIDENT(&w, n)->stage, INCIDENT_MERGED);
    assert_int_equal(INCIDENT(&w, n)->merged_into.v, stays);
    assert_int_equal(INCIDENT(&w, stays)->merged_count, 1);
    assert_true(desk_is_live(w.desk, OBJECT_incident, n)); /* a unit is still there */
    /* the unit goes on working the incident that it was sent to */
    assert_int_equal(ASSIGNMENT(&w, a)->stage, ASSIGNMENT_ON_SCENE);
    assert_int_equal(SAY(&w, incident_dispatch, n, "{'units':['unit-1-2']}"), ERR_STATE);
    assert_str(w.decision.legal, "unmerge note state attach correct");
    DO(&w, incident_unmerge, n, "{'reason':'two after all'}");
    assert_memory_equal(INCIDENT(&w, n), &before, sizeof before);
    target.merged_count = 0;
    SET_HAS(incident_object, &target, merged_count);
    assert_memory_equal(INCIDENT(&w, stays), &target, sizeof target);
    /* never with itself, never with what is over, and never across an exercise */
    assert_int_equal(SAY(&w, incident_merge, n, "{'into':'incident-1-%u'}", n), ERR_STATE);
    uint32_t drill = DO(&w, incident_create, 0,
                        "{'type':'theft','source':'phone','address':'x','is_exercise':true}");
    assert_int_equal(SAY(&w, incident_merge, n, "{'into':'incident-1-%u'}", drill), ERR_STATE);
    DO(&w, incident_close, stays, "{'disposition':'done'}");
    assert_int_equal(SAY(&w, incident_merge, n, "{'into':'incident-1-%u'}", stays), ERR_STATE);
}

/* Whatever the stage was, un-merge leads back to it. */
static void unmerge_leads_back_to_every_stage(void **state)
{
    (void)state;
    uint32_t stays = world_pending(&w, "theft");
    for (enum incident_stage stage = INCIDENT_RECEIVED; stage < INCIDENT_STAGE_COUNT; stage++) {
        uint32_t n =
            DO(&w, incident_create, 0, "{'type':'theft','source':'phone','address':'x'%s}",
               stage == INCIDENT_SCHEDULED ? ",'scheduled_us':'2027-01-01T00:00:00Z'" : "");
        if (stage == INCIDENT_PENDING)
            DO(&w, incident_enter, n, "{}");
        if (stage == INCIDENT_OPEN || stage == INCIDENT_CONTROLLED) {
            uint32_t a = world_send(&w, n, 1);
            DO(&w, assignment_arrive, a, "{}");
            if (stage == INCIDENT_CONTROLLED)
                DO(&w, incident_control, n, "{}");
            DO(&w, assignment_clear, a, "{}");
        }
        if (stage == INCIDENT_REOPENED) {
            DO(&w, incident_close, n, "{'disposition':'done'}");
            DO(&w, incident_reopen, n, "{'reason':'x'}");
        }
        if (INCIDENT(&w, n)->stage != stage)
            continue; /* those that cannot be merged */
        DO(&w, incident_merge, n, "{'into':'incident-1-%u'}", stays);
        DO(&w, incident_unmerge, n, "{'reason':'x'}");
        assert_int_equal(INCIDENT(&w, n)->stage, stage);
    }
}

static void held_unit_is_sent_later(void **state)
{
    (void)state;
    uint32_t n = world_pending(&w, "theft");
    world_send(&w, n, 1);
    uint32_t held = world_hold(&w, n, 2);
    DO(&w, assignment_send, held, "{}"); /* to an incident that is open already */
    assert_int_equal(UNIT(&w, 2)->active.v, held);
    uint32_t other = world_pending(&w, "theft");
    held = world_hold(&w, other, 3);
    DO(&w, incident_merge, other, "{'into':'incident-1-%u'}", n);
    assert_int_equal(SAY(&w, assignment_send, held, "{}"), ERR_STATE);
    assert_str(w.decision.detail, "its incident is not open any more");
    /* a unit that is held keeps its enrolment */
    DO(&w, unit_sign_off, 3, "{}");
    assert_int_equal(
        SAY(&w, unit_enrol, 0, "{'callsign':'U3','kind':'car','profile':'car','body':'body-1-1'}"),
        ERR_STATE);
}

static void exercise_takes_no_unit_off_real_work(void **state)
{
    (void)state;
    world_send(&w, world_pending(&w, "theft"), 1);
    uint32_t drill = DO(&w, incident_create, 0,
                        "{'type':'help','source':'phone','address':'x','is_exercise':true}");
    assert_int_equal(SAY(&w, incident_dispatch, drill,
                         "{'units':['unit-1-1'],'is_preempt':true,'reason':'drill'}"),
                     ERR_STATE);
    world_send(&w, drill, 2);
    /* the other way round it needs no reason */
    DO(&w, incident_dispatch, world_pending(&w, "theft"),
       "{'units':['unit-1-2'],'is_preempt':true}");
}

static void community_team_only_for_the_worst_and_counted(void **state)
{
    (void)state;
    uint32_t routine = world_pending(&w, "theft"), urgent = world_pending(&w, "help");
    assert_int_equal(SAY(&w, incident_dispatch, routine, "{'units':['unit-1-4']}"), ERR_STATE);
    assert_int_equal(
        SAY(&w, incident_dispatch, routine, "{'units':['unit-1-4'],'is_reserve':true}"), ERR_STATE);
    DO(&w, assignment_clear, world_send(&w, urgent, 4), "{}");
    assert_int_equal(UNIT(&w, 4)->diverted_count, 1);
    DO(&w, unit_sign_off, 4, "{}");
    assert_int_equal(UNIT(&w, 4)->diverted_count, 1);
}

static void crew_decides_readiness(void **state)
{
    (void)state;
    DO(&w, unit_sign_on, 1, "{'crew':1}");
    assert_int_equal(UNIT(&w, 1)->readiness, READINESS_OUT_OF_SERVICE);
    assert_int_equal(SAY(&w, unit_resume, 1, "{}"), ERR_STATE);
    DO(&w, unit_sign_on, 1, "{'crew':2,'members':['user-1-1'],'capabilities':'medic patrol'}");
    assert_int_equal(UNIT(&w, 1)->readiness, READINESS_AVAILABLE);
    assert_string_equal(UNIT(&w, 1)->capabilities, "patrol medic");
    /* one person, one unit */
    assert_int_equal(SAY(&w, unit_sign_on, 2, "{'crew':2,'members':['user-1-1']}"), ERR_STATE);
    assert_string_equal(w.decision.field, "members");
    /* losing crew at work shows when the work is done */
    uint32_t a = world_send(&w, world_pending(&w, "theft"), 1);
    DO(&w, unit_sign_on, 1, "{'crew':1}");
    assert_int_equal(UNIT(&w, 1)->readiness, READINESS_COMMITTED);
    DO(&w, assignment_clear, a, "{}");
    assert_int_equal(UNIT(&w, 1)->readiness, READINESS_OUT_OF_SERVICE);
    for (int i = 0; i < 2; i++) {
        DO(&w, unit_sign_on, 1, "{'crew':2}");
        a = world_send(&w, world_pending(&w, "theft"), 1);
        DO(&w, unit_sign_on, 1, "{'crew':1}");
        if (i == 0)
            DO(&w, assignment_decline, a, "{'reason':'short-handed'}");
        else
            DO(&w, assignment_cancel, a, "{'reason':'short-handed'}");
        assert_int_equal(UNIT(&w, 1)->readiness, READINESS_OUT_OF_SERVICE);
    }
    /* who goes home leaves no trace of where they are */
    DO(&w, unit_place, 1, "{'place':{'lat':37.70,'lon':-122.40}}");
    DO(&w, unit_sign_off, 1, "{}");
    assert_int_equal(UNIT(&w, 1)->place.lat_e7, 377700000); /* its post */
    assert_int_equal(UNIT(&w, 1)->crew, 0);
    assert_string_equal(UNIT(&w, 1)->capabilities, "patrol");
    /* end of shift */
    DO(&w, unit_sign_on, 1, "{'crew':2,'until_us':'2026-01-01T08:00:00Z'}");
    assert_int_equal(desk_due(w.desk, OBJECT_unit, 1), WORLD_START_US + 8 * US_PER_HOUR);
}

static void met_in_the_field_starts_on_scene(void **state)
{
    (void)state;
    uint32_t n = DO(&w, incident_create, 0, "{'type':'theft','source':'officer','address':'x'}");
    DO(&w, incident_dispatch, n, "{'units':['unit-1-1'],'is_on_scene':true}");
    const struct assignment_object *a = ASSIGNMENT(&w, UNIT(&w, 1)->active.v);
    assert_int_equal(a->stage, ASSIGNMENT_ON_SCENE);
    assert_false(HAS(assignment_object, a, sent_us));
    assert_false(HAS(assignment_object, a, en_route_us));
    assert_true(HAS(incident_object, INCIDENT(&w, n), on_scene_us));
    assert_false(HAS(incident_object, INCIDENT(&w, n), acknowledged_us));
}

static void late_and_backward_stamps_are_kept_and_marked(void **state)
{
    (void)state;
    uint32_t a = world_send(&w, world_pending(&w, "theft"), 1);
    w.now_us += US_PER_HOUR;
    w.at_us = w.now_us - 10 * US_PER_MIN;
    DO(&w, assignment_depart, a, "{}");
    assert_int_equal(w.decision.events[0].at_us, w.at_us);
    assert_int_equal(w.decision.events[0].recorded_us, w.now_us);
    assert_false(ASSIGNMENT(&w, a)->is_out_of_order);
    w.at_us = w.now_us - 20 * US_PER_MIN;
    DO(&w, assignment_arrive, a, "{}");
    assert_true(ASSIGNMENT(&w, a)->is_out_of_order);
    assert_int_equal(ASSIGNMENT(&w, a)->on_scene_us, w.at_us);
    w.at_us = w.now_us + 2 * US_PER_MIN;
    assert_int_equal(SAY(&w, assignment_clear, a, "{}"), ERR_RANGE);
    assert_string_equal(w.decision.field, "at");
}

static void correction_stands_beside_the_stamp(void **state)
{
    (void)state;
    uint32_t n = world_pending(&w, "theft"), a = world_send(&w, n, 1);
    DO(&w, assignment_arrive, a, "{}");
    int64_t stamp = ASSIGNMENT(&w, a)->on_scene_us;
    DO(&w, incident_correct, n,
       "{'assignment':'assignment-1-%u','stamp':'on_scene_us','value_us':'2025-12-31T23:59:00Z',"
       "'reason':'pressed late'}",
       a);
    DO(&w, incident_correct, n,
       "{'assignment':'assignment-1-%u','stamp':'en_route_us','value_us':'2025-12-31T23:50:00Z',"
       "'reason':'never pressed'}",
       a);
    DO(&w, incident_correct, n,
       "{'assignment':'assignment-1-%u','stamp':'on_scene_us','value_us':'2025-12-31T23:58:00Z',"
       "'reason':'card'}",
       a);
    assert_int_equal(ASSIGNMENT(&w, a)->on_scene_us, stamp);
    assert_str(
        ASSIGNMENT(&w, a)->corrections,
        "{\"en_route_us\":{\"at\":\"2026-01-01T00:00:00.000000Z\",\"by\":\"user-1-1\","
        "\"reason\":\"never pressed\",\"value\":\"2025-12-31T23:50:00.000000Z\",\"was\":null},"
        "\"on_scene_us\":{\"at\":\"2026-01-01T00:00:00.000000Z\",\"by\":\"user-1-1\","
        "\"reason\":\"card\",\"value\":\"2025-12-31T23:58:00.000000Z\","
        "\"was\":\"2026-01-01T00:00:00.000000Z\"}}");
    assert_int_equal(SAY(&w, incident_correct, n,
                         "{'stamp':'emptied_us','value_us':'2025-12-31T00:00:00Z','reason':'x'}"),
                     ERR_RANGE);
    assert_int_equal(SAY(&w, incident_correct, world_pending(&w, "theft"),
                         "{'assignment':'assignment-1-%u','stamp':'on_scene_us','value_us':"
                         "'2025-12-31T00:00:00Z','reason':'x'}",
                         a),
                     ERR_RANGE);
    assert_string_equal(w.decision.field, "assignment");
}

static void stale_edits_and_unknown_objects(void **state)
{
    (void)state;
    uint32_t n = world_pending(&w, "theft");
    uint64_t seen = desk_seq(w.desk, OBJECT_incident, n);
    DO(&w, incident_note, n, "{'text':'x'}");
    w.if_match = seen;
    assert_int_equal(SAY(&w, incident_prioritise, n, "{'priority':'P1','reason':'x'}"), ERR_STALE);
    assert_int_equal(w.decision.version, desk_seq(w.desk, OBJECT_incident, n));
    w.if_match = w.decision.version;
    DO(&w, incident_prioritise, n, "{'priority':'P1','reason':'x'}");
    w.if_match = 0;
    assert_int_equal(SAY(&w, incident_note, 999, "{'text':'x'}"), ERR_NOT_FOUND);
    assert_int_equal(SAY(&w, incident_note, 0, "{'text':'x'}"), ERR_NOT_FOUND);
    assert_int_equal(SAY(&w, incident_create, 7, "{'type':'theft','source':'phone','address':'x'}"),
                     ERR_RANGE);
    assert_int_equal(SAY(&w, incident_create, 0, "{'type':'nothing','source':'phone'}"), ERR_RANGE);
    assert_string_equal(w.decision.field, "type");
}

static void confirmed_signal_hands_its_facts_on(void **state)
{
    (void)state;
    w.area = (struct area_id){2};
    uint32_t s = DO(&w, signal_raise, 0,
                    "{'source':'web','category':'theft','words':'help','address':'at the bridge',"
                    "'place':{'lat':37.70,'lon':-122.40},'accuracy_m':80}");
    w.area = (struct area_id){0};
    DO(&w, signal_confirm, s, "{'type':'fight','priority':'P1'}");
    const struct incident_object *o = INCIDENT(&w, SIGNAL(&w, s)->incident.v);
    assert_int_equal(o->stage, INCIDENT_RECEIVED);
    assert_string_equal(o->type, "fight");
    assert_int_equal(o->priority, PRIORITY_P1);
    assert_int_equal(o->area.v, 2);
    assert_int_equal(o->signal.v, s);
    assert_int_equal(o->chosen_accuracy_m, 80);
    assert_string_equal(o->address, "at the bridge");
    assert_true(HAS(incident_object, o, words));
    uint32_t again = DO(&w, signal_raise, 0, "{'source':'web','address':'at the bridge'}");
    DO(&w, signal_duplicate, again, "{'of':'signal-1-%u'}", s);
    assert_int_equal(SIGNAL(&w, again)->incident.v, SIGNAL(&w, s)->incident.v);
    assert_int_equal(SAY(&w, signal_confirm, DO(&w, signal_raise, 0, "{'source':'web'}"), "{}"),
                     ERR_RANGE);
}

static void calls_are_linked_and_called_back(void **state)
{
    (void)state;
    uint32_t c = DO(&w, call_ring, 0, "{'line':'110','external_ref':'x1','number':'555'}");
    assert_int_equal(SAY(&w, call_ring, 0, "{'line':'110','external_ref':'x1'}"), ERR_EXISTS);
    DO(&w, call_answer, c, "{}");
    uint32_t n = DO(&w, incident_create, 0,
                    "{'type':'theft','source':'phone','address':'x','call':'call-1-%u'}", c);
    assert_int_equal(CALL(&w, c)->incident.v, n);
    DO(&w, call_end, c, "{}");
    assert_int_equal(CALL(&w, c)->stage, CALL_ENDED);
    uint32_t dropped = DO(&w, call_ring, 0, "{'line':'110','external_ref':'x2'}");
    DO(&w, call_end, dropped, "{}");
    assert_int_equal(CALL(&w, dropped)->stage, CALL_BACK_DUE);
    assert_int_equal(desk_due(w.desk, OBJECT_call, dropped), w.now_us + 300 * US_PER_S);
    assert_int_equal(SAY(&w, call_back, dropped, "{'outcome':'incident'}"), ERR_RANGE);
    DO(&w, call_back, dropped, "{'outcome':'incident','incident':'incident-1-%u'}", n);
    assert_int_equal(CALL(&w, dropped)->incident.v, n);
}

static void handover_is_signed_and_accepted_by_another(void **state)
{
    (void)state;
    uint32_t n = world_pending(&w, "theft");
    uint32_t h = DO(&w, handover_sign, 0, "{'shift':'early','remark':'radio 3 is weak'}");
    const struct handover_object *o = desk_handover(w.desk, (struct handover_id){h});
    char expected[64];
    (void)snprintf(expected, sizeof expected,
                   "\"incident\":{\"count\":1,\"ids\":[\"incident-1-%u\"]}", n);
    assert_non_null(memmem(o->open_items.p, o->open_items.len, expected, strlen(expected)));
    assert_int_equal(SAY(&w, handover_accept, h, "{}"), ERR_DENIED);
    w.actor.user.v = 2;
    DO(&w, handover_accept, h, "{}");
    assert_int_equal(SAY(&w, handover_accept, h, "{}"), ERR_STATE);
}

static void accounts_sessions_closures_rosters(void **state)
{
    (void)state;
    for (int i = 0; i <= MAX_USER_SESSIONS; i++)
        DO(&w, session_open, 0,
           "{'user':'user-1-3','token_hash':'%064d','expires_us':'2026-01-01T12:00:00Z'}", i);
    assert_true(desk_session(w.desk, (struct session_id){1})->is_closed);
    assert_false(desk_session(w.desk, (struct session_id){2})->is_closed);
    assert_int_equal(desk_due(w.desk, OBJECT_session, 2), WORLD_START_US + 12 * US_PER_HOUR);
    DO(&w, user_disable, 3, "{'reason':'left'}");
    for (uint32_t i = 2; i <= MAX_USER_SESSIONS + 1; i++)
        assert_true(desk_session(w.desk, (struct session_id){i})->is_closed);
    assert_int_equal(
        SAY(&w, session_open, 0,
            "{'user':'user-1-3','token_hash':'aa','expires_us':'2026-01-01T12:00:00Z'}"),
        ERR_DENIED);
    assert_int_equal(SAY(&w, session_close, 2, "{}"), ERR_STATE);

    uint32_t c = DO(&w, closure_set, 0,
                    "{'path':{'type':'LineString','coordinates':[[1,2],[3,4]]},'reason':'parade',"
                    "'from_us':'2026-01-01T10:00:00Z','until_us':'2026-01-01T11:00:00Z'}");
    struct command due;
    for (int i = 0; i < 2; i++) {
        assert_true(desk_due_command(w.desk, OBJECT_closure, c, &due));
        w.now_us = desk_due(w.desk, OBJECT_closure, c);
        assert_ok(world_give(&w, due.kind, c, due.fields));
        assert_int_equal(desk_closure(w.desk, (struct closure_id){c})->is_in_force, i == 0);
    }
    assert_int_equal(desk_due(w.desk, OBJECT_closure, c), 0);
    assert_int_equal(SAY(&w, closure_lift, c, "{'reason':'x'}"), ERR_STATE);
    assert_int_equal(
        SAY(&w, closure_set, 0, "{'path':{'type':'Point','coordinates':[1,2]},'reason':'x'}"),
        ERR_RANGE);

    DO(&w, roster_set, 0,
       "{'day':'2026-01-02','shift':'early','body':'body-1-1','duties':[{'duty':'desk','user':"
       "'user-1-1'}]}");
    assert_int_equal(SAY(&w, roster_set, 0,
                         "{'day':'2026-02-30','shift':'early','body':'body-1-1','duties':[]}"),
                     ERR_RANGE);
    assert_int_equal(
        SAY(&w, roster_set, 0,
            "{'day':'2026-01-02','shift':'early','body':'body-1-1','duties':[{'rank':'x'}]}"),
        ERR_RANGE);
    assert_string_equal(w.decision.field, "duties");
}

static void areas_form_a_tree(void **state)
{
    (void)state;
    assert_true(desk_area_within(w.desk, (struct area_id){2}, (struct area_id){1}));
    assert_false(desk_area_within(w.desk, (struct area_id){1}, (struct area_id){2}));
    assert_int_equal(SAY(&w, area_install, 0, "{'code':'z','name':'Z','level':3,'parent':'no'}"),
                     ERR_RANGE);
    assert_int_equal(SAY(&w, area_install, 0, "{'code':'z','name':'Z','level':1,'parent':'3101'}"),
                     ERR_RANGE);
    assert_int_equal(
        SAY(&w, area_install, 0,
            "{'code':'z','name':'Z','level':2,'parent':'3101','shape':{'type':'Point'}}"),
        ERR_RANGE);
    /* the same code again is the same area */
    assert_int_equal(DO(&w, area_install, 0,
                        "{'code':'310101','name':'New','level':2,"
                        "'parent':'3101'}"),
                     2);
    assert_string_equal(desk_area(w.desk, (struct area_id){2})->name, "New");
}

static void ended_objects_leave_and_come_back(void **state)
{
    (void)state;
    uint32_t n = world_pending(&w, "theft"), other = world_pending(&w, "theft");
    DO(&w, incident_merge, n, "{'into':'incident-1-%u'}", other);
    DO(&w, incident_close, other, "{'disposition':'done'}");
    assert_false(desk_evict(w.desk, OBJECT_unit, 1));
    uint8_t before[DESK_DIGEST_BYTES], after[DESK_DIGEST_BYTES];
    desk_digest(w.desk, before);
    world_evict(&w);
    assert_null(INCIDENT(&w, n));
    assert_null(INCIDENT(&w, other));
    struct object_ref needs[8];
    struct nothing none = {0};
    struct command command = {.kind = COMMAND_incident_unmerge, .object = n, .fields = &none};
    assert_int_equal(desk_needs(w.desk, &command, needs, 8), 1);
    world_load(&w, needs[0]);
    assert_int_equal(desk_needs(w.desk, &command, needs, 8), 1);
    assert_int_equal(needs[0].number, other);
    world_load(&w, needs[0]);
    assert_int_equal(desk_needs(w.desk, &command, needs, 8), 0);
    desk_digest(w.desk, after);
    assert_memory_equal(before, after, DESK_DIGEST_BYTES);
    DO(&w, incident_unmerge, n, "{'reason':'x'}");
    /* rows that are no rows */
    assert_int_equal(desk_load(w.desk, OBJECT_incident, 77, STR("\xff\xff"), 1), ERR_CORRUPT);
    assert_int_equal(desk_load(w.desk, OBJECT_unit, 1, STR(""), 1), ERR_EXISTS);
}

static void pools_are_bounded(void **state)
{
    struct desk_settings settings;
    (void)state;
    desk_free(w.desk);
    desk_settings_preset(&settings);
    settings.max_objects[OBJECT_call] = 2;
    w.desk = desk_new(&settings);
    DO(&w, call_ring, 0, "{'line':'110','external_ref':'1'}");
    uint32_t c = DO(&w, call_ring, 0, "{'line':'110','external_ref':'2'}");
    assert_int_equal(SAY(&w, call_ring, 0, "{'line':'110','external_ref':'3'}"), ERR_LIMIT);
    DO(&w, call_answer, c, "{}");
    DO(&w, call_end, c, "{}");
    assert_true(desk_evict(w.desk, OBJECT_call, c));
    assert_int_equal(DO(&w, call_ring, 0, "{'line':'110','external_ref':'3'}"), 3);
    struct arena small;
    struct decision decision;
    struct nothing none = {0};
    struct command command = {.kind = COMMAND_call_answer, .object = 3, .fields = &none};
    arena_init(&small, 1000);
    assert_int_equal(desk_decide(w.desk, &command, w.now_us, &small, &decision), ERR_LIMIT);
    arena_done(&small);
}

/* After how long it is flagged is installed like all else that the desk knows. */
static void installed_times_move_what_is_due(void **state)
{
    (void)state;
    uint32_t n = world_pending(&w, "theft"); /* P3 */
    const int64_t since_us = INCIDENT(&w, n)->received_us;
    assert_int_equal(desk_due(w.desk, OBJECT_incident, n), since_us + 1800 * US_PER_S);
    DO(&w, timing_install, 0, "{'waiting_p3_s':90,'unseen_s':0}");
    assert_int_equal(w.decision.object.number, 1);
    assert_int_equal(desk_due(w.desk, OBJECT_incident, n), since_us + 90 * US_PER_S);
    const struct timing_object *t = desk_timing(w.desk, (struct timing_id){1});
    assert_int_equal(t->receipt_s, 600); /* not given: as preset, and said in the event */
    DO(&w, incident_dispatch, n, "{'units':['unit-1-1']}");
    assert_int_equal(desk_due(w.desk, OBJECT_assignment, INCIDENT(&w, n)->assignments.v[0]), 0);
    DO(&w, timing_install, 0, "{}"); /* as a whole: what was said before is gone */
    assert_int_equal(w.decision.object.number, 1);
    assert_int_equal(desk_timing(w.desk, (struct timing_id){1})->waiting_p3_s, 1800);
    assert_int_not_equal(desk_due(w.desk, OBJECT_assignment, INCIDENT(&w, n)->assignments.v[0]), 0);
    assert_true(desk_is_live(w.desk, OBJECT_timing, 1));
    assert_int_equal(desk_load(w.desk, OBJECT_timing, 2, STR(""), 1), ERR_LIMIT); /* there is one */
}

/* Nothing is public but what an officer has cleared, in the officer's words. */
static void a_report_is_published_by_an_officer(void **state)
{
    (void)state;
    uint32_t s = DO(&w, signal_raise, 0, "{'source':'web','category':'theft','words':'my bike'}");
    assert_int_equal(SAY(&w, signal_publish, s, "{'text':'x'}"), ERR_STATE); /* not verified */
    DO(&w, signal_confirm, s, "{}");
    assert_int_equal(SAY(&w, signal_withdraw, s, "{'reason':'x'}"), ERR_STATE);
    DO(&w, signal_publish, s, "{'text':'A bicycle was taken at night.'}");
    const struct signal_object *o = desk_signal(w.desk, (struct signal_id){s});
    assert_string_equal(o->public_text, "A bicycle was taken at night.");
    const int64_t since_us = o->published_us;
    w.now_us += US_PER_HOUR;
    DO(&w, signal_publish, s, "{'text':'A bicycle was taken.'}");
    assert_string_equal(o->public_text, "A bicycle was taken.");
    assert_int_equal(o->published_us, since_us);
    DO(&w, signal_withdraw, s, "{'reason':'solved'}");
    assert_string_equal(o->public_text, "");
    /* another type, another source, nobody's decision */
    s = DO(&w, signal_raise, 0, "{'source':'web','category':'fight'}");
    DO(&w, signal_confirm, s, "{}");
    assert_int_equal(SAY(&w, signal_publish, s, "{'text':'x'}"), ERR_STATE);
    s = DO(&w, signal_raise, 0, "{'source':'walk_in','category':'theft'}");
    DO(&w, signal_confirm, s, "{}");
    assert_int_equal(SAY(&w, signal_publish, s, "{'text':'x'}"), ERR_STATE);
    s = DO(&w, signal_raise, 0, "{'source':'web','category':'theft'}");
    DO(&w, signal_confirm, s, "{}");
    w.actor = (struct actor){.role = ROLE_TIMER};
    assert_int_equal(SAY(&w, signal_publish, s, "{'text':'x'}"), ERR_DENIED);
}

/* A station hands over what it may see, not the realm. */
static void handover_holds_the_signers_part(void **state)
{
    (void)state;
    w.actor = (struct actor){.role = ROLE_SECURITY_ADMIN};
    uint32_t user = DO(&w, user_install, 0,
                       "{'login':'station','name':'S','role':'station_room','body':'body-1-1',"
                       "'area':'area-1-2','credential':'x'}");
    w.actor = (struct actor){.user = {1}, .role = ROLE_OPERATOR};
    w.area = (struct area_id){1};
    uint32_t outside = world_pending(&w, "theft");
    w.area = (struct area_id){2};
    uint32_t inside = world_pending(&w, "theft");
    w.area = (struct area_id){0};
    char in[ID_TEXT_CAP + 2], out[ID_TEXT_CAP + 2];
    (void)snprintf(in, sizeof in, "\"incident-1-%u\"", inside);
    (void)snprintf(out, sizeof out, "\"incident-1-%u\"", outside);
    for (int i = 0; i < 2; i++) { /* signed by the station, then by the desk */
        w.actor.user.v = i == 0 ? user : 1;
        uint32_t h = DO(&w, handover_sign, 0, "{'shift':'day'}");
        const struct handover_object *o = desk_handover(w.desk, (struct handover_id){h});
        assert_int_equal(o->area.v, i == 0 ? 2 : 0);
        assert_non_null(memmem(o->open_items.p, o->open_items.len, in, strlen(in)));
        assert_int_equal(memmem(o->open_items.p, o->open_items.len, out, strlen(out)) != NULL, i);
    }
}

static void one_security_administrator_must_stay(void **state)
{
    (void)state;
    const uint32_t first = DO(
        &w, user_install, 0,
        "{'login':'sec1','name':'A','role':'security_admin','body':'body-1-1','credential':'x'}");
    assert_int_equal(SAY(&w, user_disable, first, "{'reason':'left'}"), ERR_STATE);
    (void)DO(
        &w, user_install, 0,
        "{'login':'sec2','name':'B','role':'security_admin','body':'body-1-1','credential':'x'}");
    DO(&w, user_disable, first, "{'reason':'left'}"); /* control: somebody is left */
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(one_security_administrator_must_stay),
        T(dispatch_is_all_or_nothing),
        T(dispatch_from_received_enters_first),
        T(preemption_returns_the_call_with_its_time),
        T(stack_offers_the_next_when_cleared),
        T(last_unit_away_waits_again_cleared_does_not),
        T(close_waits_for_every_assignment),
        T(unmerge_restores_exactly),
        T(unmerge_leads_back_to_every_stage),
        T(held_unit_is_sent_later),
        T(exercise_takes_no_unit_off_real_work),
        T(community_team_only_for_the_worst_and_counted),
        T(crew_decides_readiness),
        T(met_in_the_field_starts_on_scene),
        T(late_and_backward_stamps_are_kept_and_marked),
        T(correction_stands_beside_the_stamp),
        T(stale_edits_and_unknown_objects),
        T(confirmed_signal_hands_its_facts_on),
        T(calls_are_linked_and_called_back),
        T(handover_is_signed_and_accepted_by_another),
        T(installed_times_move_what_is_due),
        T(handover_holds_the_signers_part),
        T(a_report_is_published_by_an_officer),
        T(accounts_sessions_closures_rosters),
        T(areas_form_a_tree),
        T(ended_objects_leave_and_come_back),
        T(pools_are_bounded),
    };
    return RUN(tests);
}
