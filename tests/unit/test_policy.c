/* The policy table is whole and says no by default; scopes hold what they say. */
#include "access/policy.h"
#include "base/rand.h"
#include "test.h"

/* areas: 1 city > 2, 3 counties; 2 > 4 township. bodies: 1 police > 2 station; 3 court. */
static const uint32_t area_parents[] = {0, 0, 1, 1, 2}, body_parents[] = {0, 0, 1, 0};
static const struct scope_trees trees = {{area_parents, 5}, {body_parents, 4}};

static struct actor actor_of(enum role role)
{
    return (struct actor){.user = {7}, .role = role, .body = {1}, .area = {2}, .unit = {9}};
}

static struct envelope incident_in(uint32_t area)
{
    return (struct envelope){.kind = OBJECT_incident,
                             .number = 1,
                             .area = {area},
                             .data_class = DATA_DUTY,
                             .is_open = true};
}

static void every_action_has_rules_and_a_role_one_at_most(void **state)
{
    (void)state;
    size_t count = 0;
    for (unsigned a = 1; a < ACTION_COUNT; a++) {
        if (!access_action_name((enum access_action)a))
            continue;
        const struct access_rule *rule = access_rules((enum access_action)a);
        uint32_t seen = 0;
        count++;
        assert_non_null(rule);
        assert_int_not_equal(rule->roles, 0);
        for (; rule->roles; rule++) {
            assert_int_equal(seen & rule->roles, 0);
            seen |= rule->roles;
        }
    }
    assert_true(count > 100);
    assert_null(access_action_name(ACTION_COUNT));
    assert_null(access_rules(ACTION_NONE));
}

static void every_kind_can_be_read_by_somebody(void **state)
{
    (void)state;
    for (unsigned k = 1; k < OBJECT_KIND_COUNT; k++)
        assert_non_null(access_rules(access_of_read((enum object_kind)k)));
}

static void nobody_and_unknown_roles_may_nothing(void **state)
{
    (void)state;
    struct actor nobody = {.role = ROLE_NONE}, odd = {.role = ROLE_COUNT};
    assert_int_equal(access_may(&nobody, ACTION_incident_create, NULL, PURPOSE_NONE, &trees),
                     ERR_DENIED);
    assert_int_equal(access_may(&odd, ACTION_page_read, NULL, PURPOSE_NONE, &trees), ERR_DENIED);
    assert_int_equal(access_may(&nobody, ACTION_page_read, NULL, PURPOSE_NONE, &trees), OK);
}

static void jurisdiction_is_a_subtree(void **state)
{
    (void)state;
    struct actor a = actor_of(ROLE_OPERATOR);
    struct envelope in = incident_in(4), out = incident_in(3), above = incident_in(1),
                    unassigned = incident_in(0);
    assert_int_equal(access_may(&a, ACTION_incident_close, &in, PURPOSE_NONE, &trees), OK);
    assert_int_equal(access_may(&a, ACTION_incident_close, &out, PURPOSE_NONE, &trees),
                     ERR_NOT_FOUND);
    assert_int_equal(access_may(&a, ACTION_incident_close, &above, PURPOSE_NONE, &trees),
                     ERR_NOT_FOUND);
    assert_int_equal(access_may(&a, ACTION_incident_close, &unassigned, PURPOSE_NONE, &trees),
                     ERR_NOT_FOUND);
    a.area = (struct area_id){1};
    assert_int_equal(access_may(&a, ACTION_incident_close, &unassigned, PURPOSE_NONE, &trees), OK);
    a.area = (struct area_id){0};
    assert_int_equal(access_may(&a, ACTION_incident_close, &unassigned, PURPOSE_NONE, &trees), OK);
    assert_int_equal(access_may(&a, ACTION_incident_close, &out, PURPOSE_NONE, &trees), OK);
}

static void a_unit_works_only_its_own(void **state)
{
    (void)state;
    struct actor a = actor_of(ROLE_FIELD_UNIT);
    struct envelope e = incident_in(4);
    assert_int_equal(access_may(&a, ACTION_incident_note, &e, PURPOSE_NONE, &trees), ERR_NOT_FOUND);
    e.units = (struct refs){.count = 2, .v = {3, 9}};
    assert_int_equal(access_may(&a, ACTION_incident_note, &e, PURPOSE_NONE, &trees), OK);
    assert_int_equal(access_may(&a, ACTION_incident_close, &e, PURPOSE_NONE, &trees), ERR_DENIED);
    a.unit = (struct unit_id){0};
    e.units = (struct refs){.count = 1, .v = {0}};
    assert_int_equal(access_may(&a, ACTION_incident_note, &e, PURPOSE_NONE, &trees), ERR_NOT_FOUND);
}

static void by_rank_nobody_sees_another_body(void **state)
{
    (void)state;
    struct actor chief = actor_of(ROLE_COMMANDER);
    struct envelope e = {.kind = OBJECT_roster, .number = 1, .data_class = DATA_DUTY};
    for (uint32_t body = 0; body < 4; body++) {
        e.body = (struct body_id){body};
        assert_int_equal(access_may(&chief, ACTION_roster_read, &e, PURPOSE_NONE, &trees),
                         body == 1 || body == 2 ? OK : ERR_NOT_FOUND);
    }
}

/* Whatever is added to the table: only who says ACROSS, or works it, or owns it, sees over the
 * wall. */
static void the_wall_stands_in_every_row(void **state)
{
    (void)state;
    const struct envelope foreign = {.kind = OBJECT_post,
                                     .number = 1,
                                     .area = {2},
                                     .body = {3},
                                     .data_class = DATA_DUTY,
                                     .is_open = true};
    const uint32_t over = BOUND_ACROSS | BOUND_UNIT | BOUND_SELF;
    int walled = 0, across = 0;
    for (unsigned a = 1; a < ACTION_COUNT; a++) {
        const struct access_rule *rule = access_rules((enum access_action)a);
        for (; rule && rule->roles; rule++) {
            for (unsigned role = 1; role < ROLE_COUNT; role++) {
                struct actor actor = actor_of((enum role)role);
                if (!(rule->roles >> role & 1))
                    continue;
                for (unsigned p = 0; p < PURPOSE_COUNT; p++) {
                    struct scope s =
                        access_scope(&actor, (enum access_action)a, (enum purpose)p, &trees);
                    s.by_kind = false;
                    if (!(rule->bounds & over) && scope_holds(&s, &trees, &foreign))
                        fail_msg("%s: role %u", access_action_name((enum access_action)a), role);
                }
                walled += !(rule->bounds & over);
                across += (rule->bounds & BOUND_ACROSS) != 0;
            }
        }
    }
    assert_true(walled > 400);
    assert_in_range(across, 5, 12); /* few, each for a reason */
}

static void personal_values_need_a_purpose_that_fits(void **state)
{
    (void)state;
    struct actor a = actor_of(ROLE_OPERATOR), reviewer = actor_of(ROLE_REVIEWER);
    struct envelope e = incident_in(4);
    e.data_class = DATA_PERSONAL;
    enum access_action action = ACTION_incident_personal;
    assert_int_equal(access_may(&a, action, &e, PURPOSE_NONE, &trees), ERR_DENIED);
    assert_int_equal(access_may(&a, action, &e, PURPOSE_AUDIT, &trees), ERR_DENIED);
    assert_int_equal(access_may(&a, action, &e, PURPOSE_COUNT, &trees), ERR_DENIED);
    assert_int_equal(access_may(&a, action, &e, PURPOSE_DISPATCH, &trees), OK);
    assert_int_equal(access_may(&reviewer, action, &e, PURPOSE_DISPATCH, &trees), ERR_DENIED);
    e.is_open = false;
    assert_int_equal(access_may(&a, action, &e, PURPOSE_DISPATCH, &trees), ERR_DENIED);
    assert_int_equal(access_may(&a, action, &e, PURPOSE_REVIEW, &trees), OK);
    assert_int_equal(access_may(&reviewer, action, &e, PURPOSE_REVIEW, &trees), OK);
    /* what is personal is not read as a plain row */
    assert_int_equal(access_may(&a, ACTION_incident_read, &e, PURPOSE_NONE, &trees), ERR_DENIED);
}

static void three_administrators_share_no_power(void **state)
{
    (void)state;
    enum role roles[] = {ROLE_SYSTEM_ADMIN, ROLE_SECURITY_ADMIN, ROLE_AUDIT_ADMIN};
    for (unsigned a = 1; a < COMMAND_KIND_COUNT; a++) {
        enum access_action action = access_of_command((enum command_kind)a);
        int who = 0;
        if (action == ACTION_NONE || action == ACTION_session_open ||
            action == ACTION_session_close)
            continue;
        for (int i = 0; i < 3; i++)
            who += access_has(roles[i], action);
        assert_true(who <= 1);
    }
    assert_false(access_has(ROLE_SYSTEM_ADMIN, ACTION_incident_read));
    assert_false(access_has(ROLE_SECURITY_ADMIN, ACTION_incident_read));
}

static void the_public_may_report_and_follow(void **state)
{
    (void)state;
    int count = 0;
    for (unsigned a = 1; a < ACTION_COUNT; a++)
        count += access_has(ROLE_PUBLIC, (enum access_action)a);
    assert_int_equal(count, 5); /* the four of the portal, and signal_raise that a report becomes */
}

static void loops_and_depth_of_a_tree_end(void **state)
{
    (void)state;
    uint32_t loop[] = {0, 2, 1}, deep[64] = {0};
    for (uint32_t i = 1; i < 64; i++)
        deep[i] = i - 1;
    assert_false(scope_tree_within((struct scope_tree){loop, 3}, 1, 7));
    assert_true(scope_tree_within((struct scope_tree){loop, 3}, 1, 2));
    assert_false(scope_tree_within((struct scope_tree){deep, 64}, 60, 1));
    assert_false(scope_tree_within((struct scope_tree){deep, 64}, 100, 1));
    assert_true(scope_tree_within((struct scope_tree){deep, 64}, 100, 100));
}

static void equal_scopes_have_equal_digests(void **state)
{
    (void)state;
    struct actor a = actor_of(ROLE_OPERATOR), b = a, c = a;
    b.user = (struct user_id){8};
    c.area = (struct area_id){3};
    struct scope sa = access_scope(&a, ACTION_incident_read, PURPOSE_NONE, &trees),
                 sb = access_scope(&b, ACTION_incident_read, PURPOSE_NONE, &trees),
                 sc = access_scope(&c, ACTION_incident_read, PURPOSE_NONE, &trees);
    assert_true(scope_eq(&sa, &sb));
    assert_true(scope_digest(&sa) == scope_digest(&sb));
    assert_false(scope_eq(&sa, &sc));
    struct scope none = {.is_none = true, .by_area = true}, none2 = {.is_none = true};
    assert_true(scope_eq(&none, &none2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_action_has_rules_and_a_role_one_at_most),
        cmocka_unit_test(every_kind_can_be_read_by_somebody),
        cmocka_unit_test(nobody_and_unknown_roles_may_nothing),
        cmocka_unit_test(jurisdiction_is_a_subtree),
        cmocka_unit_test(a_unit_works_only_its_own),
        cmocka_unit_test(by_rank_nobody_sees_another_body),
        cmocka_unit_test(the_wall_stands_in_every_row),
        cmocka_unit_test(personal_values_need_a_purpose_that_fits),
        cmocka_unit_test(three_administrators_share_no_power),
        cmocka_unit_test(the_public_may_report_and_follow),
        cmocka_unit_test(loops_and_depth_of_a_tree_end),
        cmocka_unit_test(equal_scopes_have_equal_digests),
    };
    return RUN(tests);
}
