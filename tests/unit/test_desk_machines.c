/* Every command on every stage of every machine, against a restatement of what should come of it.
 */
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

/* One line a command: what it leads to from each stage of the heading, '-' refused. */
struct line {
    const char *name;
    const char *results;
};

/* ---- incidents: o and c are open and controlled with every unit cleared ---- */
static const char incident_heading[] = "RPOoCcXVMTSN";
static const struct line incident_lines[] = {
    {"enter", "P---------P-"},   {"schedule", "SS--------SS"}, {"dispatch", "OOOOCC----OO"},
    {"reserve", "PPOOCC----SN"}, {"control", "--CC--------"},  {"close", "XX-X-X----XX"},
    {"review", "------V-----"},  {"reopen", "------NN-N--"},   {"merge", "MMMMMM----MM"},
    {"unmerge", "--------P---"}, {"transfer", "TT-------TTT"}, {"amend", "RPOOCC----SN"},
    {"triage", "RPOOCC----SN"},  {"priority", "RPOOCC----SN"}, {"escalate", "RPOOCC----SN"},
    {"note", "RPOOCCXVMTSN"},    {"state", "RPOOCCXVMTSN"},    {"attach", "RPOOCCXVMTSN"},
    {"correct", "RPOOCCXVMTSN"},
};

static uint32_t incident_in(char stage)
{
    uint32_t n;
    if (stage == 'S')
        return DO(&w, incident_create, 0,
                  "{'type':'theft','source':'phone','address':'x','scheduled_us':"
                  "'2027-01-01T00:00:00Z'}");
    n = DO(&w, incident_create, 0, "{'type':'theft','source':'phone','address':'x'}");
    if (stage == 'R')
        return n;
    DO(&w, incident_enter, n, "{}");
    if (strchr("OoCc", stage)) {
        uint32_t a = world_send(&w, n, 1);
        DO(&w, assignment_arrive, a, "{}");
        if (stage == 'C' || stage == 'c')
            DO(&w, incident_control, n, "{}");
        if (stage == 'o' || stage == 'c')
            DO(&w, assignment_clear, a, "{}");
    }
    if (strchr("XVN", stage))
        DO(&w, incident_close, n, "{'disposition':'done'}");
    if (stage == 'V')
        DO(&w, incident_review, n, "{'outcome':'satisfied'}");
    if (stage == 'N')
        DO(&w, incident_reopen, n, "{'reason':'again'}");
    if (stage == 'M')
        DO(&w, incident_merge, n, "{'into':'incident-1-%u'}", world_pending(&w, "theft"));
    if (stage == 'T')
        DO(&w, incident_transfer, n, "{'to_body':'fire','reason':'theirs'}");
    return n;
}

static void incident_do(const char *name, uint32_t n)
{
    uint32_t other = world_pending(&w, "theft");
    if (strcmp(name, "enter") == 0)
        (void)SAY(&w, incident_enter, n, "{}");
    if (strcmp(name, "schedule") == 0)
        (void)SAY(&w, incident_schedule, n, "{'due_us':'2027-02-01T00:00:00Z'}");
    if (strcmp(name, "dispatch") == 0)
        (void)SAY(&w, incident_dispatch, n, "{'units':['unit-1-3']}");
    if (strcmp(name, "reserve") == 0)
        (void)SAY(&w, incident_dispatch, n, "{'units':['unit-1-3'],'is_reserve':true}");
    if (strcmp(name, "control") == 0)
        (void)SAY(&w, incident_control, n, "{}");
    if (strcmp(name, "close") == 0)
        (void)SAY(&w, incident_close, n, "{'disposition':'done'}");
    if (strcmp(name, "review") == 0)
        (void)SAY(&w, incident_review, n, "{'outcome':'unreachable'}");
    if (strcmp(name, "reopen") == 0)
        (void)SAY(&w, incident_reopen, n, "{'reason':'x'}");
    if (strcmp(name, "merge") == 0)
        (void)SAY(&w, incident_merge, n, "{'into':'incident-1-%u'}", other);
    if (strcmp(name, "unmerge") == 0)
        (void)SAY(&w, incident_unmerge, n, "{'reason':'x'}");
    if (strcmp(name, "transfer") == 0)
        (void)SAY(&w, incident_transfer, n, "{'to_body':'fire','reason':'x','receipt':'T-7'}");
    if (strcmp(name, "amend") == 0)
        (void)SAY(&w, incident_amend, n, "{'address':'5 High Street'}");
    if (strcmp(name, "triage") == 0)
        (void)SAY(&w, incident_triage, n, "{'answers':{'now':'yes'}}");
    if (strcmp(name, "priority") == 0)
        (void)SAY(&w, incident_prioritise, n, "{'priority':'P0','reason':'x'}");
    if (strcmp(name, "escalate") == 0)
        (void)SAY(&w, incident_escalate, n, "{'level':2}");
    if (strcmp(name, "note") == 0)
        (void)SAY(&w, incident_note, n, "{'text':'x'}");
    if (strcmp(name, "state") == 0)
        (void)SAY(&w, incident_state, n, "{'category':'witness','certainty':'opinion','text':'x'}");
    if (strcmp(name, "attach") == 0)
        (void)SAY(&w, incident_attach, n,
                  "{'blob':'b','media_type':'image/jpeg','size_bytes':1,'digest':'00'}");
    if (strcmp(name, "correct") == 0)
        (void)SAY(&w, incident_correct, n,
                  "{'stamp':'received_us','value_us':'2025-12-31T23:00:00Z','reason':'x'}");
}

static char incident_letter(uint32_t n)
{
    static const char letters[INCIDENT_STAGE_COUNT] = {'?', 'R', 'P', 'O', 'C', 'X',
                                                       'V', 'M', 'T', 'S', 'N'};
    return letters[INCIDENT(&w, n)->stage];
}

static void free_units(void)
{
    for (uint32_t u = 1; u <= 4; u++) {
        while (UNIT(&w, u)->stacked.count > 0)
            DO(&w, assignment_cancel, UNIT(&w, u)->stacked.v[0], "{'reason':'x'}");
        if (UNIT(&w, u)->active.v)
            DO(&w, assignment_cancel, UNIT(&w, u)->active.v, "{'reason':'x'}");
    }
}

static void expect(const char *machine, const char *command, char from, char want, char got,
                   char stays)
{
    if ((want == '-') != (w.decision.err != OK) || (want == '-' ? got != stays : got != want))
        fail_msg("%s: %s from %c: %c wanted, %c came of it (%s: " STR_FMT ")", machine, command,
                 from, want, got, err_text(w.decision.err), STR_ARG(w.decision.detail));
}

static void incident_stages(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof incident_lines / sizeof incident_lines[0]; i++) {
        const struct line *line = &incident_lines[i];
        for (size_t s = 0; incident_heading[s]; s++) {
            free_units();
            uint32_t n = incident_in(incident_heading[s]);
            char before = incident_letter(n);
            incident_do(line->name, n);
            expect("incident", line->name, incident_heading[s], line->results[s],
                   incident_letter(n), before);
            if (w.decision.err == ERR_STATE && strcmp(line->name, "reserve") != 0 &&
                strcmp(line->name, "priority") != 0)
                assert_true(w.decision.legal.len > 0);
        }
    }
}

/* ---- assignments ---- */
static const char assignment_heading[] = "RSKEGACDXP";
static const struct line assignment_lines[] = {
    {"send", "S---------"},    {"see", "-K--------"},    {"depart", "-EE-E-----"},
    {"stage", "-GGG------"},   {"arrive", "-AAAA-----"}, {"clear", "-CCCCC----"},
    {"decline", "DDDDD-----"}, {"cancel", "XXXXXX----"}, {"preempt", "-PPPPP----"},
};

static uint32_t assignment_in(char stage)
{
    uint32_t n = world_pending(&w, "theft");
    if (stage == 'R')
        return world_hold(&w, n, 1);
    uint32_t a = world_send(&w, n, 1);
    if (stage == 'K')
        DO(&w, assignment_see, a, "{}");
    if (stage == 'E')
        DO(&w, assignment_depart, a, "{}");
    if (stage == 'G')
        DO(&w, assignment_stage, a, "{}");
    if (stage == 'A')
        DO(&w, assignment_arrive, a, "{}");
    if (stage == 'C')
        DO(&w, assignment_clear, a, "{'result':'ok'}");
    if (stage == 'D')
        DO(&w, assignment_decline, a, "{'reason':'fuel'}");
    if (stage == 'X')
        DO(&w, assignment_cancel, a, "{'reason':'nearer unit'}");
    if (stage == 'P')
        DO(&w, incident_dispatch, world_pending(&w, "help"),
           "{'units':['unit-1-1'],'is_preempt':true}");
    return a;
}

static void assignment_do(const char *name, uint32_t a)
{
    static const struct {
        const char *name;
        enum command_kind kind;
        const char *fields;
    } commands[] = {{"send", COMMAND_assignment_send, "{}"},
                    {"see", COMMAND_assignment_see, "{}"},
                    {"depart", COMMAND_assignment_depart, "{}"},
                    {"stage", COMMAND_assignment_stage, "{}"},
                    {"arrive", COMMAND_assignment_arrive, "{}"},
                    {"clear", COMMAND_assignment_clear, "{}"},
                    {"decline", COMMAND_assignment_decline, "{'reason':'x'}"},
                    {"cancel", COMMAND_assignment_cancel, "{'reason':'x'}"}};
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(name, commands[i].name) == 0)
            (void)world_say(&w, commands[i].kind, a, "%s", commands[i].fields);
    }
    if (strcmp(name, "preempt") == 0)
        (void)SAY(&w, incident_dispatch, world_pending(&w, "help"),
                  "{'units':['unit-1-1'],'is_preempt':true}");
}

static char assignment_letter(uint32_t a)
{
    static const char letters[ASSIGNMENT_STAGE_COUNT] = {'?', 'R', 'S', 'K', 'E', 'G',
                                                         'A', 'C', 'D', 'X', 'P'};
    return letters[ASSIGNMENT(&w, a)->stage];
}

static void assignment_stages(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof assignment_lines / sizeof assignment_lines[0]; i++) {
        const struct line *line = &assignment_lines[i];
        for (size_t s = 0; assignment_heading[s]; s++) {
            free_units();
            uint32_t a = assignment_in(assignment_heading[s]);
            char before = assignment_letter(a);
            assignment_do(line->name, a);
            /* a free or already lost unit is simply sent: the old assignment stays as it is */
            if (strcmp(line->name, "preempt") == 0 && line->results[s] == '-')
                assert_int_equal(assignment_letter(a), before);
            else
                expect("assignment", line->name, assignment_heading[s], line->results[s],
                       assignment_letter(a), before);
        }
    }
}

/* ---- units: F off duty, A, C, O out of service by a person, o for lack of crew ---- */
static const char unit_heading[] = "FACOo";
static const struct line unit_lines[] = {
    {"sign_on", "AACOA"}, {"sign_on_short", "ooCOo"}, {"sign_off", "-F-FF"}, {"suspend", "-O-OO"},
    {"resume", "---A-"},  {"place", "-ACOo"},         {"dispatch", "-CC--"}, {"enrol", "F----"},
};

static char unit_letter(void)
{
    static const char letters[READINESS_COUNT] = {'?', 'F', 'A', 'C', 'O'};
    char letter = letters[UNIT(&w, 1)->readiness];
    return letter == 'O' && !UNIT(&w, 1)->is_suspended ? 'o' : letter;
}

static void unit_in(char stage)
{
    free_units();
    if (UNIT(&w, 1)->readiness != READINESS_OFF_DUTY)
        DO(&w, unit_sign_off, 1, "{}");
    if (stage != 'F')
        DO(&w, unit_sign_on, 1, "{'crew':%d}", stage == 'o' ? 1 : 2);
    if (stage == 'C')
        world_send(&w, world_pending(&w, "theft"), 1);
    if (stage == 'O')
        DO(&w, unit_suspend, 1, "{'reason':'puncture'}");
}

static void unit_do(const char *name)
{
    if (strcmp(name, "sign_on") == 0)
        (void)SAY(&w, unit_sign_on, 1, "{'crew':3}");
    if (strcmp(name, "sign_on_short") == 0)
        (void)SAY(&w, unit_sign_on, 1, "{'crew':1}");
    if (strcmp(name, "sign_off") == 0)
        (void)SAY(&w, unit_sign_off, 1, "{}");
    if (strcmp(name, "suspend") == 0)
        (void)SAY(&w, unit_suspend, 1, "{'reason':'x'}");
    if (strcmp(name, "resume") == 0)
        (void)SAY(&w, unit_resume, 1, "{}");
    if (strcmp(name, "place") == 0)
        (void)SAY(&w, unit_place, 1, "{'place':{'lat':37.7,'lon':-122.4}}");
    if (strcmp(name, "dispatch") == 0)
        (void)SAY(&w, incident_dispatch, world_pending(&w, "help"),
                  "{'units':['unit-1-1'],'is_preempt':true}");
    if (strcmp(name, "enrol") == 0)
        (void)SAY(&w, unit_enrol, 0,
                  "{'callsign':'U1','kind':'car','profile':'car','body':'body-1-1','min_crew':2}");
}

static void unit_stages(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof unit_lines / sizeof unit_lines[0]; i++) {
        for (size_t s = 0; unit_heading[s]; s++) {
            unit_in(unit_heading[s]);
            char before = unit_letter();
            assert_int_equal(before, unit_heading[s]);
            unit_do(unit_lines[i].name);
            expect("unit", unit_lines[i].name, unit_heading[s], unit_lines[i].results[s],
                   unit_letter(), before);
        }
    }
}

/* ---- signals ---- */
static const char signal_heading[] = "NVCFDE";
static const struct line signal_lines[] = {
    {"claim", "VV----"},   {"confirm", "CC----"},   {"join", "CC----"},
    {"dismiss", "FF----"}, {"duplicate", "DD----"}, {"expire", "E-----"},
};

static uint32_t signal_raise(void)
{
    return DO(&w, signal_raise, 0,
              "{'source':'web','category':'theft','words':'help','address':'x','expires_s':60}");
}

static void signal_do(const char *name, uint32_t n)
{
    if (strcmp(name, "claim") == 0)
        (void)SAY(&w, signal_claim, n, "{}");
    if (strcmp(name, "confirm") == 0)
        (void)SAY(&w, signal_confirm, n, "{}");
    if (strcmp(name, "join") == 0)
        (void)SAY(&w, signal_confirm, n, "{'incident':'incident-1-%u'}",
                  world_pending(&w, "theft"));
    if (strcmp(name, "dismiss") == 0)
        (void)SAY(&w, signal_dismiss, n, "{'reason':'prank'}");
    if (strcmp(name, "duplicate") == 0)
        (void)SAY(&w, signal_duplicate, n, "{'of':'signal-1-%u'}", signal_raise());
    if (strcmp(name, "expire") == 0) {
        w.now_us += 61000000;
        w.actor = (struct actor){.role = ROLE_TIMER};
        (void)SAY(&w, signal_expire, n, "{}");
    }
}

static void signal_stages(void **state)
{
    static const char *const reach[] = {"", "claim", "confirm", "dismiss", "duplicate", "expire"};
    static const char letters[SIGNAL_STAGE_COUNT] = {'?', 'N', 'V', 'C', 'F', 'D', 'E'};
    (void)state;
    for (size_t i = 0; i < sizeof signal_lines / sizeof signal_lines[0]; i++) {
        for (size_t s = 0; signal_heading[s]; s++) {
            w.actor = (struct actor){.user = {1}, .role = ROLE_OPERATOR};
            uint32_t n = signal_raise();
            signal_do(reach[s], n);
            w.actor = (struct actor){.user = {2}, .role = ROLE_OPERATOR};
            char before = letters[SIGNAL(&w, n)->stage];
            assert_int_equal(before, signal_heading[s]);
            signal_do(signal_lines[i].name, n);
            expect("signal", signal_lines[i].name, before, signal_lines[i].results[s],
                   letters[SIGNAL(&w, n)->stage], before);
        }
    }
}

/* ---- calls ---- */
static const char call_heading[] = "RTEBD";
static const struct line call_lines[] = {
    {"answer", "T----"}, {"end", "BE---"}, {"silent", "BB---"}, {"back", "---D-"}};

static void call_do(const char *name, uint32_t n)
{
    if (strcmp(name, "answer") == 0)
        (void)SAY(&w, call_answer, n, "{}");
    if (strcmp(name, "end") == 0)
        (void)SAY(&w, call_end, n, "{}");
    if (strcmp(name, "silent") == 0)
        (void)SAY(&w, call_end, n, "{'is_silent':true}");
    if (strcmp(name, "back") == 0)
        (void)SAY(&w, call_back, n, "{'outcome':'reached'}");
}

static void call_stages(void **state)
{
    static const char letters[CALL_STAGE_COUNT] = {'?', 'R', 'T', 'E', 'B', 'D'};
    static int serial;
    (void)state;
    for (size_t i = 0; i < sizeof call_lines / sizeof call_lines[0]; i++) {
        for (size_t s = 0; call_heading[s]; s++) {
            uint32_t n = DO(&w, call_ring, 0, "{'line':'110','external_ref':'c%d'}", serial++);
            if (strchr("TE", call_heading[s]))
                call_do("answer", n);
            if (strchr("EBD", call_heading[s]))
                call_do("end", n);
            if (call_heading[s] == 'D')
                call_do("back", n);
            assert_int_equal(letters[CALL(&w, n)->stage], call_heading[s]);
            call_do(call_lines[i].name, n);
            expect("call", call_lines[i].name, call_heading[s], call_lines[i].results[s],
                   letters[CALL(&w, n)->stage], call_heading[s]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(incident_stages, setup, teardown),
        cmocka_unit_test_setup_teardown(assignment_stages, setup, teardown),
        cmocka_unit_test_setup_teardown(unit_stages, setup, teardown),
        cmocka_unit_test_setup_teardown(signal_stages, setup, teardown),
        cmocka_unit_test_setup_teardown(call_stages, setup, teardown),
    };
    return RUN(tests);
}
