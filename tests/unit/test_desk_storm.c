/* Storms of random commands never reach an illegal state. Every row of every machine must have been
 * taken and refused at least 100 times; the table is printed. Objects that are not live are
 * evicted all the time and come back from their state rows, and at the end the desk rebuilt from
 * rows equals the desk rebuilt from events, byte for byte. */
#include "desk_world.h"

#include "base/rand.h"
#include "desk/machine.h"

#define WORLDS 20
#define COMMANDS_A_WORLD 30000
#define LEAST 100
#define UNITS 12

static struct world w;
static struct rand dice;
static uint32_t taken[OBJECT_KIND_COUNT][MACHINE_MAX_ROWS];
static uint32_t refused[OBJECT_KIND_COUNT][MACHINE_MAX_ROWS];
static const enum object_kind machines[] = {OBJECT_signal, OBJECT_incident, OBJECT_assignment,
                                            OBJECT_unit,   OBJECT_call,     OBJECT_emergency};
#define MACHINES (sizeof machines / sizeof machines[0])

static uint32_t pick(uint32_t n)
{
    return rand_below(&dice, n);
}

static bool chance(uint32_t per_cent)
{
    return pick(100) < per_cent;
}

/* A number of the kind: mostly a late one, seldom one that does not exist. */
static uint32_t any(enum object_kind kind, uint32_t window)
{
    uint32_t last = desk_last(w.desk, kind);
    if (last == 0 || chance(3))
        return last + 1 + pick(3);
    return last - pick(last < window ? last : window);
}

static uint32_t any_unit(void)
{
    return 1 + pick(UNITS);
}

/* A unit that is so, if a few tries find one. */
static uint32_t unit_that_is(enum readiness readiness)
{
    uint32_t unit = any_unit();
    for (int tries = 0; tries < 6 && UNIT(&w, unit)->readiness != readiness; tries++)
        unit = any_unit();
    return unit;
}

/* An incident that a unit works, or any. */
static uint32_t any_incident(uint32_t worked_per_cent)
{
    const struct unit_object *u = UNIT(&w, any_unit());
    if (u->active.v && chance(worked_per_cent))
        return ASSIGNMENT(&w, u->active.v)->incident.v;
    return any(OBJECT_incident, 25);
}

static uint32_t incident_that_is(enum incident_stage stage)
{
    uint32_t n = any(OBJECT_incident, 60);
    for (int tries = 0; tries < 12 && (!INCIDENT(&w, n) || INCIDENT(&w, n)->stage != stage);
         tries++)
        n = any(OBJECT_incident, 60);
    return n;
}

/* One that is being worked, so that reports from the field have a meaning. */
static uint32_t any_assignment(void)
{
    const struct unit_object *u = UNIT(&w, any_unit());
    if (chance(60) && u->active.v)
        return u->active.v;
    if (chance(40) && u->stacked.count > 0)
        return u->stacked.v[0];
    return any(OBJECT_assignment, 60);
}

static void count(enum command_kind command)
{
    bool is_taken_here[OBJECT_KIND_COUNT][MACHINE_MAX_ROWS] = {0};
    for (uint32_t i = 0; i < w.decision.step_count; i++) {
        const struct desk_step *s = &w.decision.steps[i];
        if (!s->is_taken)
            refused[s->machine][s->row]++;
        else if (w.decision.err == OK)
            taken[s->machine][s->row]++;
        is_taken_here[s->machine][s->row] = true;
    }
    for (size_t m = 0; w.decision.err != OK && m < MACHINES; m++) {
        const struct machine *machine = machine_of(machines[m]);
        for (uint32_t r = 0; r < machine->row_count; r++) {
            if (machine->rows[r].command == command && !is_taken_here[machines[m]][r])
                refused[machines[m]][r]++;
        }
    }
}

/* What a unit works that has lost crew meanwhile, or any. */
static uint32_t any_short_handed(void)
{
    for (uint32_t unit = 1; unit <= UNITS && chance(95); unit++) {
        const struct unit_object *u = UNIT(&w, unit);
        if (u->active.v && u->crew < u->min_crew &&
            (ASSIGNMENT(&w, u->active.v)->stage != ASSIGNMENT_ON_SCENE || chance(10)))
            return u->active.v;
    }
    return any_assignment();
}

#define GIVE(name, object, ...)                                                                    \
    do {                                                                                           \
        (void)SAY(&w, name, (object), __VA_ARGS__);                                                \
        count(COMMAND_##name);                                                                     \
    } while (0)

static const char *type(void)
{
    static const char *const types[] = {"theft", "fight", "help", "unknown"};
    return types[pick(chance(5) ? 4 : 3)];
}

static void give_signal(void)
{
    uint32_t n = any(OBJECT_signal, 12);
    switch (pick(9)) {
    case 7:
        GIVE(signal_publish, n, "{'text':'A bicycle was found.'}");
        if (chance(70))
            GIVE(signal_withdraw, n, "{'reason':'x'}");
        break;
    case 8:
        GIVE(signal_withdraw, n, "{'reason':'x'}");
        break;
    case 0:
    case 1:
        GIVE(signal_raise, 0, "{'source':'web','category':'%s','address':'x','expires_s':%u}",
             type(), 60 + pick(3000));
        break;
    case 2:
    case 3:
        GIVE(signal_claim, n, "{}");
        break;
    case 4:
        if (chance(50))
            GIVE(signal_confirm, n, "{}");
        else
            GIVE(signal_confirm, n, "{'incident':'incident-1-%u'}", any(OBJECT_incident, 30));
        break;
    case 5:
        GIVE(signal_dismiss, n, "{'reason':'nothing there'}");
        break;
    case 6:
        GIVE(signal_duplicate, n, "{'of':'signal-1-%u'}", any(OBJECT_signal, 12));
        break;
    }
}

static void give_dispatch(uint32_t n)
{
    uint32_t a = unit_that_is(READINESS_AVAILABLE), b = any_unit();
    uint32_t busy = unit_that_is(READINESS_COMMITTED);
    if (chance(30))
        GIVE(incident_dispatch, n, "{'units':['unit-1-%u'],'is_reserve':true}", a);
    else if (chance(25))
        GIVE(incident_dispatch, n, "{'units':['unit-1-%u','unit-1-%u']}", a, b);
    else if (chance(40))
        GIVE(incident_dispatch, n, "{'units':['unit-1-%u'],'is_preempt':true%s}", busy,
             chance(70) ? ",'reason':'nearer'" : "");
    else
        GIVE(incident_dispatch, n, "{'units':['unit-1-%u']%s}", a,
             chance(20) ? ",'is_on_scene':true" : "");
}

static void give_incident_facts(uint32_t n)
{
    static const char *const stamps[] = {"received_us", "on_scene_us", "closed_us", "lunch_us"};
    switch (pick(9)) {
    case 0:
        GIVE(incident_amend, n, chance(70) ? "{'address':'6 High Street'}" : "{}");
        break;
    case 1:
        GIVE(incident_triage, n, "{'answers':{'now':'%s'}}", chance(50) ? "yes" : "no");
        break;
    case 2:
        GIVE(incident_prioritise, n, "{'priority':'P%u','reason':'x'}", pick(5));
        break;
    case 3:
        GIVE(incident_escalate, n, "{'level':%u}", 1 + pick(9));
        break;
    case 4:
        GIVE(incident_note, n, "{'text':'x'}");
        break;
    case 5:
        GIVE(incident_state, n, "{'category':'victim','certainty':'fact','text':'x'}");
        break;
    case 6:
        GIVE(incident_attach, n,
             "{'blob':'b','media_type':'image/png','size_bytes':9,'digest':'00'}");
        break;
    case 7:
        GIVE(incident_correct, n,
             "{'stamp':'%s','value_us':'2025-12-31T00:00:%02uZ','reason':'late card'}",
             stamps[pick(4)], pick(60));
        break;
    case 8:
        GIVE(incident_correct, n,
             "{'assignment':'assignment-1-%u','stamp':'on_scene_us','value_us':"
             "'2025-12-31T00:00:%02uZ','reason':'late card'}",
             any_assignment(), pick(60));
        break;
    }
}

static void give_incident(void)
{
    static const enum incident_stage rare[] = {INCIDENT_CONTROLLED, INCIDENT_REOPENED};
    uint32_t n = any_incident(35);
    uint32_t merging = chance(30) ? incident_that_is(rare[pick(2)]) : any_incident(50);
    switch (pick(18)) {
    case 0:
        if (chance(50))
            GIVE(incident_create, 0, "{'type':'%s','source':'phone'%s}", type(),
                 chance(85) ? ",'address':'x'" : "");
        else
            GIVE(incident_create, 0,
                 "{'type':'%s','source':'phone','address':'x','scheduled_us':'20%u-01-01T00:00:00Z'"
                 "%s}",
                 type(), chance(85) ? 40u : 20u, chance(10) ? ",'is_exercise':true" : "");
        break;
    case 1:
        GIVE(incident_enter, n, "{}");
        break;
    case 2:
        if (chance(40))
            GIVE(incident_schedule, n, "{'due_us':'20%u-01-01T00:00:00Z'}", chance(85) ? 40u : 20u);
        break;
    case 3:
    case 4:
    case 5:
        give_dispatch(n);
        break;
    case 6:
        GIVE(incident_control, any_incident(80), "{}");
        break;
    case 7:
        GIVE(incident_close, n, "{'disposition':'%s'}", chance(90) ? "done" : "gone");
        break;
    case 8:
        GIVE(incident_review, n, "{'outcome':'%s'}", chance(80) ? "satisfied" : "great");
        break;
    case 9:
        GIVE(incident_reopen, n, "{'reason':'x'}");
        break;
    case 10:
        GIVE(incident_merge, merging, "{'into':'incident-1-%u'}", any(OBJECT_incident, 25));
        break;
    case 11:
    case 12:
        GIVE(incident_unmerge, incident_that_is(INCIDENT_MERGED), "{'reason':'x'}");
        break;
    case 13:
        GIVE(incident_transfer, n, "{'to_body':'%s','reason':'x'%s}",
             chance(90) ? "fire" : "nobody", chance(50) ? ",'receipt':'F-1'" : "");
        break;
    default:
        give_incident_facts(n);
        break;
    }
}

static void give_assignment(void)
{
    uint32_t n = chance(20) ? any_short_handed() : any_assignment();
    switch (pick(8)) {
    case 0:
        GIVE(assignment_send, n, "{}");
        break;
    case 1:
        GIVE(assignment_see, n, "{}");
        break;
    case 2:
        GIVE(assignment_depart, n, "{}");
        break;
    case 3:
        GIVE(assignment_stage, n, "{}");
        break;
    case 4:
        GIVE(assignment_arrive, n, "{}");
        break;
    case 5:
        GIVE(assignment_clear, n, "{'result':'ok'}");
        break;
    case 6:
        GIVE(assignment_decline, n, "{'reason':'x'}");
        break;
    case 7:
        GIVE(assignment_cancel, n, "{'reason':'x'}");
        break;
    }
}

static void give_unit(void)
{
    uint32_t n = chance(98) ? any_unit() : UNITS + 7;
    if (chance(20))
        n = unit_that_is(READINESS_COMMITTED);
    switch (pick(7)) {
    case 0:
    case 1:
        GIVE(unit_sign_on, n, "{'crew':%u}", chance(5) ? 0 : 1 + pick(chance(30) ? 1 : 3));
        break;
    case 2:
        if (UNIT(&w, n) && UNIT(&w, n)->active.v && chance(30)) { /* a crew that lost people */
            GIVE(unit_sign_on, n, "{'crew':1}");
            GIVE(assignment_decline, UNIT(&w, n)->active.v, "{'reason':'short-handed'}");
        } else if (chance(30))
            GIVE(unit_sign_off, n, "{}");
        break;
    case 3:
        if (chance(60))
            GIVE(unit_suspend, n, "{'reason':'x'}");
        break;
    case 4:
        GIVE(unit_resume, n, "{}");
        break;
    case 5:
        GIVE(unit_place, n, "{'place':{'lat':37.7,'lon':-122.4}}");
        break;
    case 6:
        GIVE(unit_enrol, 0,
             "{'callsign':'U%u','kind':'car','profile':'car','post':'post-1-1','body':'body-1-%u',"
             "'min_crew':%u}",
             chance(80) ? n : UNITS + pick(1000), chance(90) ? 1u : 9u, 1 + pick(3));
        break;
    }
}

static void give_call(void)
{
    uint32_t n = any(OBJECT_call, 10);
    switch (pick(5)) {
    case 0:
        GIVE(call_ring, 0, "{'line':'110','external_ref':'c%u'}", pick(40));
        break;
    case 1:
        GIVE(call_answer, n, "{}");
        break;
    case 2:
        GIVE(call_end, n, "{}");
        break;
    case 3:
        GIVE(call_end, n, "{'is_silent':true}");
        break;
    case 4:
        GIVE(call_back, n, "{'outcome':'%s'}", chance(80) ? "reached" : "maybe");
        break;
    }
}

static void give_safety(void)
{
    uint32_t n = any(OBJECT_emergency, 8), a = any_assignment();
    switch (pick(12)) {
    case 0:
    case 1:
        GIVE(emergency_raise, 0, "{'unit':'unit-1-%u'}", chance(95) ? any_unit() : UNITS + 900);
        break;
    case 2:
        GIVE(emergency_acknowledge, n, "{}");
        break;
    case 3:
        GIVE(emergency_clear, n, "{'reason':'x'}");
        break;
    case 4:
        GIVE(assignment_ask, a, "{}");
        break;
    case 5:
        GIVE(assignment_check, a, "{}");
        break;
    case 6:
        GIVE(assignment_hear, a, "{}");
        break;
    case 7:
        GIVE(incident_hear, any(OBJECT_incident, 25), "{}");
        break;
    case 8:
        GIVE(hazard_set, 0,
             "{'kind':'%s','place':{'lat':37.7,'lon':-122.4},'note':'x','ground':'x'}",
             chance(90) ? "gas" : "lava");
        break;
    case 9:
        if (chance(50))
            GIVE(hazard_lift, any(OBJECT_hazard, 20), "{'reason':'x'}");
        else
            GIVE(hazard_amend, any(OBJECT_hazard, 20), "{'note':'y','ground':'seen'}");
        break;
    case 10:
        GIVE(notice_confirm, any(OBJECT_notice, 4), "{'unit':'unit-1-%u'}", any_unit());
        break;
    case 11:
        if (chance(50))
            GIVE(notice_post, 0, "{'text':'x'}");
        else
            GIVE(notice_withdraw, any(OBJECT_notice, 4), "{'reason':'x'}");
        break;
    }
}

/* What a timer would give; now and then before it is due. */
static void give_due(void)
{
    static const enum object_kind kinds[] = {OBJECT_signal, OBJECT_incident,  OBJECT_assignment,
                                             OBJECT_call,   OBJECT_emergency, OBJECT_hazard,
                                             OBJECT_notice};
    enum object_kind kind = kinds[pick(chance(60) ? 4 : 7)];
    uint32_t n = kind == OBJECT_assignment ? any_assignment() : any(kind, 25);
    struct command due;
    if (chance(15)) { /* a timer that is wrong */
        w.actor = (struct actor){.role = ROLE_TIMER};
        GIVE(assignment_flag, any_assignment(), "{}");
        GIVE(assignment_ask, any_assignment(), "{}");
        GIVE(assignment_miss, any_assignment(), "{}");
        GIVE(emergency_flag, any(OBJECT_emergency, 8), "{}");
        GIVE(call_flag, any(OBJECT_call, 10), "{}");
        GIVE(incident_flag, any(OBJECT_incident, 25), "{}");
        GIVE(signal_expire, any(OBJECT_signal, 12), "{}");
        return;
    }
    if (!desk_due_command(w.desk, kind, n, &due))
        return;
    int64_t due_us = desk_due(w.desk, kind, n);
    if (due_us > w.now_us && due_us < w.now_us + 4 * US_PER_HOUR && chance(60))
        w.now_us = due_us;
    w.actor = due.actor;
    (void)world_give(&w, due.kind, due.object, due.fields);
    count(due.kind);
    if (kind == OBJECT_assignment && chance(50))
        GIVE(assignment_hear, n, "{}");
}

static void give_any(void)
{
    w.now_us += pick(20) * US_PER_S;
    w.actor = (struct actor){.user = {1 + pick(4)}, .role = ROLE_OPERATOR};
    w.if_match = chance(2) ? 1 + pick(50) : 0;
    w.at_us = chance(20) ? w.now_us - pick(300) * US_PER_S : 0;
    if (chance(2))
        w.at_us = w.now_us + US_PER_HOUR;
    switch (pick(11)) {
    case 10:
        give_safety();
        break;
    case 0:
        give_signal();
        break;
    case 1:
        give_unit();
        break;
    case 2:
        give_call();
        break;
    case 3:
        give_due();
        break;
    case 4:
    case 5:
    case 6:
        give_assignment();
        break;
    default:
        give_incident();
        break;
    }
}

static void start_world(uint64_t seed, struct out *events)
{
    rand_seed(&dice, seed);
    world_init(&w);
    w.events = events;
    world_city(&w);
    for (uint32_t i = 7; i <= UNITS; i++)
        DO(&w, unit_enrol, 0,
           "{'callsign':'U%u','kind':'car','profile':'car','post':'post-1-1','body':'body-1-1',"
           "'min_crew':%u}",
           i, 1 + i % 2);
    DO(&w, timing_install, 0, "{'check_s':120}");
    DO(&w, hazard_kind_install, 0,
       "{'code':'gas','name_zh':'燃气','name_en':'Gas','letter':'G','near_m':100,'keep_days':1}");
}

static void load_all(void)
{
    for (unsigned k = 1; k < OBJECT_KIND_COUNT; k++) {
        for (uint32_t n = 1; n < WORLD_MAX_SHADOWS; n++) {
            if (w.rows[k][n])
                world_load(&w, (struct object_ref){(enum object_kind)k, n});
        }
    }
}

static struct desk *from_events(const struct out *events)
{
    struct cursor c = cursor_of(events->p, events->len);
    struct desk_settings settings;
    struct arena arena;
    desk_settings_preset(&settings);
    struct desk *desk = desk_new(&settings);
    arena_init(&arena, 1u << 24);
    while (c.left > 0) {
        struct event e = {.realm = WORLD_REALM, .role = ROLE_OPERATOR};
        e.seq = cursor_le(&c, 8);
        e.kind = (enum event_kind)cursor_le(&c, 4);
        e.object = (uint32_t)cursor_le(&c, 4);
        e.actor.v = (uint32_t)cursor_le(&c, 4);
        e.at_us = (int64_t)cursor_le(&c, 8);
        e.area.v = (uint32_t)cursor_le(&c, 4);
        struct str fields = cursor_take(&c, (size_t)cursor_le(&c, 4));
        arena_reset(&arena);
        void *record = arena_alloc(&arena, 1, event_def(e.kind)->fields->size);
        assert_ok(record_read(event_def(e.kind)->fields, fields, record));
        e.fields = record;
        desk_apply(desk, &e, NULL);
    }
    arena_done(&arena);
    return desk;
}

static struct desk *from_rows(const struct desk *old)
{
    struct desk_settings settings;
    struct out row;
    desk_settings_preset(&settings);
    struct desk *desk = desk_new(&settings);
    out_init(&row, 1u << 22);
    for (unsigned k = OBJECT_KIND_COUNT - 1; k >= 1; k--) { /* another order than it grew in */
        enum object_kind kind = (enum object_kind)k;
        for (uint32_t n = desk_last(old, kind); n >= 1; n--) {
            out_reset(&row);
            assert_ok(desk_state_write(old, kind, n, &row));
            assert_ok(desk_load(desk, kind, n, out_view(&row), desk_seq(old, kind, n)));
        }
        desk_last_set(desk, kind, desk_last(old, kind));
    }
    out_done(&row);
    return desk;
}

static void check_rebuilds(const struct out *events)
{
    uint8_t digests[3][DESK_DIGEST_BYTES];
    load_all();
    struct desk *replayed = from_events(events), *loaded = from_rows(w.desk);
    desk_digest(w.desk, digests[0]);
    desk_digest(replayed, digests[1]);
    desk_digest(loaded, digests[2]);
    assert_memory_equal(digests[0], digests[1], DESK_DIGEST_BYTES);
    assert_memory_equal(digests[0], digests[2], DESK_DIGEST_BYTES);
    assert_null(desk_check(replayed, NULL));
    desk_free(replayed);
    desk_free(loaded);
}

static void storms_reach_no_illegal_state(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= WORLDS; seed++) {
        struct out events;
        out_init(&events, 1u << 28);
        start_world(seed, &events);
        for (uint32_t i = 0; i < COMMANDS_A_WORLD; i++) {
            give_any();
            if (i % 64 == 0)
                world_evict(&w);
        }
        check_rebuilds(&events);
        world_done(&w);
        out_done(&events);
    }
}

static void stage_names(const struct machine *m, uint32_t from, char *buf, size_t cap)
{
    struct out out;
    out_init(&out, cap - 1);
    for (uint32_t s = 0; s < 32; s++) {
        if (!(from & STAGE(s)))
            continue;
        if (out.len > 0)
            out_byte(&out, '|');
        out_c(&out, s ? enum_wire(m->stages, s) : "new");
    }
    (void)str_copy(out_view(&out), buf, cap);
    out_done(&out);
}

static void every_row_was_taken_and_refused(void **state)
{
    uint32_t short_rows = 0;
    (void)state;
    for (size_t k = 0; k < MACHINES; k++) {
        const struct machine *m = machine_of(machines[k]);
        assert_true(m->row_count <= MACHINE_MAX_ROWS);
        for (uint32_t r = 0; r < m->row_count; r++) {
            const struct machine_row *row = &m->rows[r];
            char from[200];
            uint32_t yes = taken[machines[k]][r], no = refused[machines[k]][r];
            bool is_short = yes < LEAST || no < LEAST;
            stage_names(m, row->from, from, sizeof from);
            printf("# %s %s --%s (%s)--> %s: taken %u, refused %u%s\n",
                   object_kind_name(machines[k]), from, row->action, row->need,
                   row->to == STAGE_SAME ? "same" : enum_wire(m->stages, row->to), yes, no,
                   is_short ? " SHORT" : "");
            short_rows += is_short;
        }
    }
    assert_int_equal(short_rows, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(storms_reach_no_illegal_state),
        cmocka_unit_test(every_row_was_taken_and_refused),
    };
    return RUN(tests);
}
