/* Incident types and response plans: the shipped ones, wrong ones, and what they propose. */
#include "desk_world.h"

#include "base/file.h"
#include <dirent.h>

static struct world w;

static int setup(void **state)
{
    (void)state;
    world_init(&w);
    w.actor = (struct actor){.user = {1}, .role = ROLE_SYSTEM_ADMIN};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    world_done(&w);
    return 0;
}

static uint32_t install_folder(const char *folder, enum command_kind kind)
{
    char path[512];
    struct dirent **names;
    (void)snprintf(path, sizeof path, "%s/%s", getenv("ANWANG_DATA"), folder);
    int n = scandir(path, &names, NULL, alphasort);
    uint32_t count = 0;
    assert_true(n > 0);
    for (int i = 0; i < n; i++) {
        struct out file;
        struct json root;
        out_init(&file, 1u << 20);
        (void)snprintf(path, sizeof path, "%s/%s/%s", getenv("ANWANG_DATA"), folder,
                       names[i]->d_name);
        if (strstr(names[i]->d_name, ".json")) {
            assert_ok(file_read(path, &file));
            assert_ok(json_read(out_view(&file), &root, NULL));
            /* texts of documents have apostrophes: straight to the record, not through SAY */
            struct type_install f = {0};
            f.code = json_text(json_get(root, "code"));
            f.version = (uint32_t)json_int(json_get(root, "version"));
            f.document = out_view(&file);
            SET_HAS(type_install, &f, code);
            SET_HAS(type_install, &f, version);
            SET_HAS(type_install, &f, document);
            enum err err = world_give(&w, kind, 0, &f);
            if (err != OK)
                fail_msg("%s: %s: " STR_FMT, path, w.decision.field, STR_ARG(w.decision.detail));
            json_free(root);
            count++;
        }
        out_done(&file);
        free(names[i]);
    }
    free(names);
    return count;
}

static void check_plan_exists(struct json plan, const char *type)
{
    if (plan.node && !desk_plan_document(w.desk, json_text(plan)).node)
        fail_msg("type %s names plan " STR_FMT ", which is not shipped", type,
                 STR_ARG(json_text(plan)));
}

static void shipped_documents_install(void **state)
{
    uint32_t pos = 0, n, classes[10] = {0};
    static const char *const police[] = {"criminal", "public_order", "traffic",
                                         "dispute",  "help",         "tip_off"};
    (void)state;
    assert_true(install_folder("plans", COMMAND_plan_install) >= 15);
    assert_true(install_folder("types", COMMAND_type_install) >= 40);
    while ((n = desk_next(w.desk, OBJECT_type, &pos)) != 0) {
        const struct type_object *o = desk_type(w.desk, (struct type_id){n});
        struct json doc = desk_type_document(w.desk, str_of(o->code));
        struct json questions = json_get(doc, "questions");
        check_plan_exists(json_get(doc, "plan"), o->code);
        for (size_t i = 0; i < json_count(questions); i++) {
            struct json rules = json_get(json_at(questions, i), "rules");
            for (size_t k = 0; k < json_count(rules); k++)
                check_plan_exists(json_get(json_at(rules, k), "plan"), o->code);
        }
        for (size_t i = 0; i < 6; i++)
            classes[i] += str_eq_c(json_text(json_get(doc, "class")), police[i]);
    }
    uint32_t total = 0;
    for (size_t i = 0; i < 6; i++) {
        assert_true(classes[i] > 0);
        total += classes[i];
    }
    assert_true(total >= 24);
}

/* Every call type of the San Francisco log has a type, and every outcome of the log stands in it.
 */
static void log_words_are_known(void **state)
{
    static const char *const calls[] = {"Medical Incident",
                                        "Alarms",
                                        "Structure Fire",
                                        "Traffic Collision",
                                        "Outside Fire",
                                        "Other",
                                        "Citizen Assist / Service Call",
                                        "Gas Leak (Natural and LP Gases)",
                                        "Water Rescue",
                                        "Smoke Investigation (Outside)",
                                        "Vehicle Fire",
                                        "Electrical Hazard",
                                        "Elevator / Escalator Rescue",
                                        "Assist Police",
                                        "Odor (Strange / Unknown)",
                                        "Fuel Spill"};
    static const char *const outcomes[] = {"Code 2 Transport",
                                           "Fire",
                                           "Patient Declined Transport",
                                           "No Merit",
                                           "Code 3 Transport",
                                           "Other",
                                           "Against Medical Advice",
                                           "Cancelled",
                                           "Medical Examiner",
                                           "Unable to Locate",
                                           "SFPD",
                                           "Gone on Arrival",
                                           "CHP"};
    (void)state;
    install_folder("types", COMMAND_type_install);
    for (size_t c = 0; c < sizeof calls / sizeof calls[0]; c++) {
        uint32_t pos = 0, n, found = 0, known = 0;
        while ((n = desk_next(w.desk, OBJECT_type, &pos)) != 0) {
            struct json doc =
                desk_type_document(w.desk, str_of(desk_type(w.desk, (struct type_id){n})->code));
            struct json dispositions = json_get(doc, "dispositions");
            if (!str_eq_c(json_text(json_at(json_get(doc, "aliases"), 0)), calls[c]))
                continue;
            found++;
            for (size_t i = 0; i < json_count(dispositions); i++) {
                struct str alias =
                    json_text(json_at(json_get(json_at(dispositions, i), "aliases"), 0));
                for (size_t k = 0; k < sizeof outcomes / sizeof outcomes[0]; k++)
                    known += str_eq_c(alias, outcomes[k]);
            }
        }
        assert_int_equal(found, 1);
        assert_int_equal(known, sizeof outcomes / sizeof outcomes[0]);
    }
}

#define HEAD "'code':'x','version':1,'name':{'zh':'某','en':'X'}"
#define TAIL                                                                                       \
    "'dispositions':[{'code':'done','text':{'zh':'某','en':'X'},'counts_as':'handled'}],"         \
    "'retention_days':365"
#define TYPE(members) "{'code':'x','version':1,'document':{" members "}}"
#define GOOD_TYPE TYPE(HEAD ",'class':'help','priority':'P3'," TAIL)

static void wrong_types_are_refused_by_field(void **state)
{
    static const struct {
        const char *document, *path;
    } cases[] = {
        {TYPE(HEAD ",'class':'help','priority':'P3'," TAIL ",'colour':'red'"), "document.colour"},
        {TYPE(HEAD ",'class':'politics','priority':'P3'," TAIL), "document.class"},
        {TYPE(HEAD ",'class':'help','priority':'P9'," TAIL), "document.priority"},
        {TYPE("'code':'y','version':1,'name':{'zh':'某','en':'X'}"), "document.code"},
        {TYPE("'code':'x','version':2,'name':{'zh':'某','en':'X'}"), "document.version"},
        {TYPE("'code':'x','version':1,'name':{'en':'X'}"), "document.name"},
        {TYPE(HEAD ",'class':'help','priority':'P3'"), "document.dispositions"},
        {TYPE(HEAD ",'class':'help','priority':'P3','plan':'No Code'," TAIL), "document.plan"},
        {TYPE(HEAD ",'class':'help','priority':'P3','questions':[{'code':'q','text':{'zh':'某',"
                   "'en':'X'},'kind':'scale'}]," TAIL),
         "document.questions[0].kind"},
        {TYPE(HEAD ",'class':'help','priority':'P3','questions':[{'code':'q','text':{'zh':'某',"
                   "'en':'X'},'kind':'choice'}]," TAIL),
         "document.questions[0].options"},
        {TYPE(HEAD
              ",'class':'help','priority':'P3','questions':[{'code':'q','text':{'zh':'某',"
              "'en':'X'},'kind':'yes_no','rules':[{'answer':'maybe','priority':'P1'}]}]," TAIL),
         "document.questions[0].rules[0].answer"},
        {TYPE(HEAD ",'class':'help','priority':'P3','questions':[{'code':'q','text':{'zh':'某',"
                   "'en':'X'},'kind':'yes_no','rules':[{'answer':'yes'}]}]," TAIL),
         "document.questions[0].rules[0]"},
        {TYPE(HEAD ",'class':'help','priority':'P3','questions':[{'code':'q','text':{'zh':'某',"
                   "'en':'X'},'kind':'text'},{'code':'q','text':{'zh':'某','en':'X'},"
                   "'kind':'text'}]," TAIL),
         "document.questions[1].code"},
        {TYPE(HEAD ",'class':'help','priority':'P3','dispositions':[{'code':'d','text':{'zh':'某',"
                   "'en':'X'},'counts_as':'magic'}],'retention_days':365"),
         "document.dispositions[0].counts_as"},
        {TYPE(HEAD ",'class':'help','priority':'P3','dispositions':[{'code':'done','text':{'zh':"
                   "'某','en':'X'},'counts_as':'handled'}]"),
         "document.retention_days"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(SAY(&w, type_install, 0, "%s", cases[i].document), ERR_RANGE);
        assert_string_equal(w.decision.field, cases[i].path);
    }
    assert_int_equal(desk_count(w.desk, OBJECT_type), 0);
    DO(&w, type_install, 0, "%s", GOOD_TYPE);
    /* the same version again, and a version that drops an outcome */
    assert_int_equal(SAY(&w, type_install, 0, "%s", GOOD_TYPE), ERR_EXISTS);
    assert_int_equal(
        SAY(&w, type_install, 0,
            "{'code':'x','version':2,'document':{'code':'x','version':2,'name':{'zh':'某','en':'X'}"
            ","
            "'class':'help','priority':'P3','dispositions':[{'code':'other','text':{'zh':'某',"
            "'en':'X'},'counts_as':'handled'}],'retention_days':365}}"),
        ERR_RANGE);
    assert_string_equal(w.decision.field, "document.dispositions");
}

#define PLAN(members) "{'code':'x','version':1,'document':{" HEAD "," members "}}"

static void wrong_plans_are_refused_by_field(void **state)
{
    static const struct {
        const char *document, *path;
    } cases[] = {
        {PLAN("'levels':[]"), "document.levels"},
        {PLAN("'levels':[[]]"), "document.levels[0]"},
        {PLAN("'levels':[[{'capability':'fire','count':0}]]"), "document.levels[0][0].count"},
        {PLAN("'levels':[[{'capability':'Fire','count':1}]]"), "document.levels[0][0].capability"},
        {PLAN("'levels':[[{'capability':'fire','count':1,'min_crew':99}]]"),
         "document.levels[0][0].min_crew"},
        {PLAN("'levels':[[{'capability':'fire','count':1,'substitutes':['A']}]]"),
         "document.levels[0][0].substitutes[0]"},
        {PLAN("'trigger':{'priorities':['P7']},'levels':[[{'capability':'fire','count':1}]]"),
         "document.trigger.priorities[0]"},
        {PLAN("'trigger':{'from':'25:00','until':'06:00'},'levels':[[{'capability':'fire',"
              "'count':1}]]"),
         "document.trigger.from"},
        {PLAN("'levels':[[{'capability':'fire','count':1}]],'auto_send':'yes'"),
         "document.auto_send"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(SAY(&w, plan_install, 0, "%s", cases[i].document), ERR_RANGE);
        assert_string_equal(w.decision.field, cases[i].path);
    }
    DO(&w, plan_install, 0, PLAN("'levels':[[{'capability':'fire','count':1}]]"));
}

static void answers_propose_priority_and_plan(void **state)
{
    (void)state;
    install_folder("plans", COMMAND_plan_install);
    install_folder("types", COMMAND_type_install);
    uint32_t n =
        DO(&w, incident_create, 0, "{'type':'family_dispute','source':'phone','address':'x'}");
    const struct incident_object *o = INCIDENT(&w, n);
    assert_int_equal(o->priority, PRIORITY_P3);
    assert_string_equal(o->plan, "police-routine");
    DO(&w, incident_triage, n, "{'answers':{'child':'yes','violence':'yes','weapon':'no'}}");
    o = INCIDENT(&w, n);
    assert_int_equal(o->priority, PRIORITY_P1);
    assert_int_equal(o->proposed_priority, PRIORITY_P1);
    assert_int_equal(o->initial_priority, PRIORITY_P3);
    assert_string_equal(o->plan, "police-urgent");
    /* overruling needs a reason; both stand in the row */
    assert_int_equal(SAY(&w, incident_triage, n, "{'answers':{'violence':'yes'},'priority':'P2'}"),
                     ERR_RANGE);
    assert_string_equal(w.decision.field, "reason");
    DO(&w, incident_triage, n,
       "{'answers':{'violence':'yes'},'priority':'P2','plan':'police-major','reason':'known'}");
    o = INCIDENT(&w, n);
    assert_int_equal(o->priority, PRIORITY_P2);
    assert_int_equal(o->proposed_priority, PRIORITY_P1);
    assert_string_equal(o->plan, "police-major");
    assert_string_equal(o->proposed_plan, "police-urgent");
    /* wrong questions and answers */
    assert_int_equal(SAY(&w, incident_triage, n, "{'answers':{'violence':'perhaps'}}"), ERR_RANGE);
    assert_int_equal(SAY(&w, incident_triage, n, "{'answers':{'shoe_size':'42'}}"), ERR_RANGE);
    assert_int_equal(SAY(&w, incident_triage, n, "{'answers':['yes']}"), ERR_RANGE);
    assert_string_equal(w.decision.field, "answers");
    /* at the start as well; and a new type forgets the answers of the old one */
    n = DO(&w, incident_create, 0,
           "{'type':'fight','source':'phone','address':'x','answers':{'weapon':'yes'}}");
    assert_int_equal(INCIDENT(&w, n)->initial_priority, PRIORITY_P1);
    assert_string_equal(INCIDENT(&w, n)->plan, "police-major");
    DO(&w, incident_amend, n, "{'type':'noise','reason':'heard wrong'}");
    assert_false(HAS(incident_object, INCIDENT(&w, n), answers));
    assert_string_equal(INCIDENT(&w, n)->type, "noise");
}

static void plans_by_trigger_and_level(void **state)
{
    struct plan_need needs[MAX_PLAN_NEEDS];
    uint32_t count;
    (void)state;
    install_folder("plans", COMMAND_plan_install);
    install_folder("types", COMMAND_type_install);
    w.now_us = WORLD_START_US + 12 * US_PER_HOUR; /* noon; the zone is UTC here */
    uint32_t day = DO(&w, incident_create, 0, "{'type':'noise','source':'phone','address':'x'}");
    assert_string_equal(INCIDENT(&w, day)->plan, "noise-day");
    w.now_us = WORLD_START_US + 26 * US_PER_HOUR; /* two in the night */
    uint32_t night = DO(&w, incident_create, 0, "{'type':'noise','source':'phone','address':'x'}");
    assert_string_equal(INCIDENT(&w, night)->plan, "noise-night");

    assert_ok(desk_plan_needs(w.desk, STR("structure-fire"), 1, needs, &count));
    assert_int_equal(count, 5);
    assert_str(needs[0].capability, "fire");
    assert_int_equal(needs[0].count, 3);
    assert_int_equal(needs[2].substitute_count, 1);
    assert_ok(desk_plan_needs(w.desk, STR("structure-fire"), 3, needs, &count));
    assert_int_equal(needs[0].count, 3 + 2 + 3);
    assert_int_equal(desk_plan_needs(w.desk, STR("nothing"), 1, needs, &count), ERR_NOT_FOUND);
    assert_false(desk_plan_is_auto(w.desk, STR("structure-fire")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(shipped_documents_install, setup, teardown),
        cmocka_unit_test_setup_teardown(log_words_are_known, setup, teardown),
        cmocka_unit_test_setup_teardown(wrong_types_are_refused_by_field, setup, teardown),
        cmocka_unit_test_setup_teardown(wrong_plans_are_refused_by_field, setup, teardown),
        cmocka_unit_test_setup_teardown(answers_propose_priority_and_plan, setup, teardown),
        cmocka_unit_test_setup_teardown(plans_by_trigger_and_level, setup, teardown),
    };
    return RUN(tests);
}
