/* Lists: every filter, order, page and scope gives the rows that a plain loop over all of them
 * gives. */
#include "test.h"

#include "base/json.h"
#include "store_fixture.h"

#define INCIDENTS 600
#define AREAS 30
#define UNITS 20
#define BODIES 8

static const char *const types[] = {"noise", "theft", "fire", "交通", ""};
static const char *const plans[] = {"", "plan-a", "plan-b"};

struct model {
    struct fix fix;
    struct reader *reader;
    struct arena arena;
    struct scope_trees trees;
    struct rand rand;
    struct incident_object incidents[INCIDENTS + 1];
    struct unit_object units[UNITS + 1];
    uint32_t worked_by[INCIDENTS + 1][2]; /* unit, 1 + is_open */
};

static void set_area(struct model *m, uint32_t number, uint32_t parent)
{
    struct area_install install = {.code = STR("c"), .name = STR("n"), .level = 1};
    struct area_object object = {.level = 1, .parent = {parent}};
    struct store_batch *batch = fix_batch(&m->fix);
    (void)snprintf(object.code, sizeof object.code, "code-%02u", number % 7);
    fix_make(&m->fix, batch, EVENT_area_installed, number, 0, &install, &object);
    assert_ok(fix_submit(&m->fix, batch));
}

static void set_body(struct model *m, uint32_t number, uint32_t parent)
{
    struct body_install install = {.code = STR("c"), .name = STR("n"), .kind = STR("police")};
    struct body_object object = {.parent = {parent}};
    struct store_batch *batch = fix_batch(&m->fix);
    (void)snprintf(object.code, sizeof object.code, "body-%u", number);
    fix_make(&m->fix, batch, EVENT_body_installed, number, 0, &install, &object);
    assert_ok(fix_submit(&m->fix, batch));
}

static void set_incident(struct model *m, struct store_batch *batch, uint32_t number)
{
    struct rand *r = &m->rand;
    struct incident_create create = {.type = STR("noise"), .source = SOURCE_PHONE};
    struct incident_object *o = &m->incidents[number];
    memset(o, 0, sizeof *o);
    o->stage = (enum incident_stage)(1 + rand_below(r, INCIDENT_STAGE_COUNT - 1));
    o->priority = (enum priority)(1 + rand_below(r, 5));
    o->initial_priority = (enum priority)(1 + rand_below(r, 5));
    o->source = (enum source)(1 + rand_below(r, 3));
    o->area.v = rand_below(r, AREAS + 2);
    o->is_exercise = rand_below(r, 4) == 0;
    o->level = rand_below(r, 4);
    o->received_us = FIX_START_US + (int64_t)rand_below(r, 50) * US_PER_MIN;
    o->closed_us = rand_below(r, 2) ? FIX_START_US + (int64_t)rand_below(r, 50) * US_PER_MIN : 0;
    o->creator.v = rand_below(r, 4);
    o->merged_into.v = rand_below(r, 5) == 0 ? 1 + rand_below(r, INCIDENTS) : 0;
    (void)str_copy(str_of(types[rand_below(r, 5)]), o->type, sizeof o->type);
    (void)str_copy(str_of(plans[rand_below(r, 3)]), o->plan, sizeof o->plan);
    fix_make(&m->fix, batch, EVENT_incident_received, number, o->area.v, &create, o);
}

static void set_assignment(struct model *m, struct store_batch *batch, uint32_t incident)
{
    uint32_t unit = 1 + rand_below(&m->rand, UNITS);
    bool is_open = rand_below(&m->rand, 2) == 0;
    struct assignment_make make = {
        .incident = {incident}, .unit = {unit}, .stage = ASSIGNMENT_SENT};
    struct assignment_object object = {.stage = is_open ? ASSIGNMENT_SENT : ASSIGNMENT_CLEARED,
                                       .incident = {incident},
                                       .unit = {unit},
                                       .area = m->incidents[incident].area};
    fix_make(&m->fix, batch, EVENT_assignment_made, incident, object.area.v, &make, &object);
    m->worked_by[incident][0] = unit;
    m->worked_by[incident][1] = 1 + is_open;
}

static void set_unit(struct model *m, uint32_t number)
{
    struct unit_enrol enrol = {
        .callsign = STR("c"), .kind = STR("car"), .profile = STR("car"), .body = {1}};
    struct unit_object *o = &m->units[number];
    struct store_batch *batch = fix_batch(&m->fix);
    *o = (struct unit_object){.readiness = (enum readiness)(1 + rand_below(&m->rand, 4)),
                              .body = {rand_below(&m->rand, BODIES + 1)},
                              .area = {rand_below(&m->rand, AREAS + 1)}};
    (void)snprintf(o->callsign, sizeof o->callsign, "U-%02u", rand_below(&m->rand, 9));
    fix_make(&m->fix, batch, EVENT_unit_enrolled, number, o->area.v, &enrol, o);
    assert_ok(fix_submit(&m->fix, batch));
}

static int set_up(void **state)
{
    struct model *m = calloc(1, sizeof *m);
    fix_open(&m->fix);
    rand_seed(&m->rand, 20261123);
    for (uint32_t n = 1; n <= AREAS; n++)
        set_area(m, n, n == 1 ? 0 : 1 + rand_below(&m->rand, n - 1));
    for (uint32_t n = 1; n <= BODIES; n++)
        set_body(m, n, n < 3 ? 0 : 1 + rand_below(&m->rand, n - 1));
    for (uint32_t n = 1; n <= UNITS; n++)
        set_unit(m, n);
    struct store_batch *batch = fix_batch(&m->fix);
    for (uint32_t n = 1; n <= INCIDENTS; n++) {
        set_incident(m, batch, n);
        if (rand_below(&m->rand, 3) == 0)
            set_assignment(m, batch, n);
    }
    assert_ok(fix_submit(&m->fix, batch));
    assert_ok(reader_open(m->fix.dir, &m->reader, NULL));
    arena_init(&m->arena, 1u << 20);
    assert_ok(reader_trees(m->reader, &m->arena, &m->trees));
    *state = m;
    return 0;
}

static int tear_down(void **state)
{
    struct model *m = *state;
    reader_close(m->reader);
    arena_done(&m->arena);
    fix_done(&m->fix);
    free(m);
    return 0;
}

static const struct scope everything = {0};

/* Numbers of a whole list, page by page. */
static uint32_t list_all(struct model *m, struct query *query, uint32_t *ret, uint32_t cap)
{
    struct query_page page;
    struct out out;
    char cursor[QUERY_CURSOR_CAP] = "";
    uint32_t count = 0;
    out_init(&out, 8u << 20);
    do {
        struct json root;
        struct json_out j = json_out_of(&out);
        struct fault fault = {0};
        out_reset(&out);
        query->cursor = str_of(cursor);
        json_arr(&j);
        enum err err = reader_query(m->reader, query, &j, &page, &fault);
        if (err)
            fail_msg("%s: %s %s", err_text(err), fault.field, fault.text);
        json_arr_end(&j);
        assert_ok(json_read(out_view(&out), &root, NULL));
        assert_int_equal(json_count(root), page.count);
        for (size_t i = 0; i < json_count(root); i++) {
            uint32_t realm, number;
            struct json id = json_get(json_at(root, i), "id");
            assert_ok(id_parse(json_text(id), view_get(query->view)->kind, &realm, &number));
            assert_true(count < cap);
            ret[count++] = number;
        }
        json_free(root);
        (void)str_copy(str_of(page.next), cursor, sizeof cursor);
    } while (cursor[0]);
    out_done(&out);
    return count;
}

/* ---- the plain loop ---- */

struct wanted {
    uint32_t stages, priorities, sources; /* bit masks, 0 = any */
    const char *type, *plan;
    uint32_t area, creator, unit, level;
    bool is_unmerged;
    int exercise; /* 0 any, 1 yes, 2 no */
    int64_t from_us, before_us;
    struct scope scope;
};

static bool is_below(const struct model *m, uint32_t area, uint32_t top)
{
    return scope_tree_within(m->trees.areas, area, top);
}

static bool is_wanted(const struct model *m, const struct wanted *w, uint32_t n)
{
    const struct incident_object *o = &m->incidents[n];
    if ((w->stages && !(w->stages >> o->stage & 1)) ||
        (w->priorities && !(w->priorities >> o->priority & 1)) ||
        (w->sources && !(w->sources >> o->source & 1)) ||
        (w->type && strcmp(w->type, o->type) != 0) || (w->plan && strcmp(w->plan, o->plan) != 0) ||
        (w->area && !is_below(m, o->area.v, w->area)) ||
        (w->creator && w->creator != o->creator.v) || (w->level && w->level != o->level) ||
        (w->is_unmerged && o->merged_into.v != 0) || (w->unit && m->worked_by[n][0] != w->unit) ||
        (w->exercise && o->is_exercise != (w->exercise == 1)) ||
        (w->from_us && o->received_us < w->from_us) ||
        (w->before_us && o->received_us >= w->before_us))
        return false;
    struct envelope e;
    struct reader_row row = {OBJECT_incident, n, 0, o};
    assert_ok(reader_envelope(m->reader, &row, DATA_DUTY, &e));
    bool has_unit = m->worked_by[n][1] == 2;
    assert_int_equal(e.units.count, has_unit ? 1 : 0);
    return scope_holds(&w->scope, &m->trees, &e);
}

static int64_t key_of(const struct model *m, const char *order, uint32_t n)
{
    if (strcmp(order, "received_us") == 0)
        return m->incidents[n].received_us;
    if (strcmp(order, "closed_us") == 0)
        return m->incidents[n].closed_us;
    if (strcmp(order, "priority") == 0)
        return m->incidents[n].priority;
    return 0;
}

static uint32_t plain_list(const struct model *m, const struct wanted *w, const char *order,
                           uint32_t *ret)
{
    bool is_descending = order[0] == '-';
    const char *name = order + is_descending;
    uint32_t count = 0;
    for (uint32_t n = 1; n <= INCIDENTS; n++) {
        if (is_wanted(m, w, n))
            ret[count++] = n;
    }
    for (uint32_t i = 1; i < count; i++) { /* insertion: stable, by order value and then number */
        uint32_t n = ret[i], at = i;
        while (at > 0) {
            int64_t a = key_of(m, name, ret[at - 1]), b = key_of(m, name, n);
            bool is_after = is_descending ? a < b || (a == b && ret[at - 1] < n)
                                          : a > b || (a == b && ret[at - 1] > n);
            if (!is_after)
                break;
            ret[at] = ret[at - 1];
            at--;
        }
        ret[at] = n;
    }
    return count;
}

/* ---- random questions ---- */

struct asked {
    struct query query;
    char text[QUERY_MAX_FILTERS][160];
};

static void ask(struct asked *a, const char *column, enum query_op op, const char *value)
{
    uint32_t at = a->query.filter_count++;
    (void)snprintf(a->text[at], sizeof a->text[at], "%s", value);
    a->query.filters[at] = (struct query_filter){str_of(column), op, str_of(a->text[at])};
}

static void ask_mask(struct model *m, struct asked *a, const char *column,
                     const struct enum_def *def, uint32_t *ret_mask)
{
    char list[160] = "";
    size_t len = 0;
    if (rand_below(&m->rand, 3) != 0)
        return;
    for (uint32_t v = 1; v < def->count; v++) {
        if (rand_below(&m->rand, 3) != 0)
            continue;
        *ret_mask |= 1u << v;
        len +=
            (size_t)snprintf(list + len, sizeof list - len, "%s%s", len ? "," : "", def->names[v]);
    }
    if (*ret_mask)
        ask(a, column, QUERY_IS, list);
}

static void random_scope(struct model *m, struct scope *s)
{
    struct rand *r = &m->rand;
    *s = (struct scope){0};
    if (rand_below(r, 2) == 0)
        return;
    s->is_none = rand_below(r, 30) == 0;
    s->by_area = rand_below(r, 2) == 0;
    s->area.v = rand_below(r, AREAS + 3);
    s->with_no_area = rand_below(r, 2) == 0;
    s->by_body = rand_below(r, 6) == 0;
    s->body.v = rand_below(r, BODIES + 2);
    s->with_no_body = rand_below(r, 3) != 0;
    s->by_unit = rand_below(r, 5) == 0;
    s->unit.v = rand_below(r, UNITS + 1);
    s->by_user = rand_below(r, 12) == 0;
    s->user.v = rand_below(r, 4);
    s->by_open = rand_below(r, 4) == 0;
    s->by_class = rand_below(r, 4) == 0;
    s->max_class = (enum data_class)(1 + rand_below(r, 3));
}

static void random_question(struct model *m, struct asked *a, struct wanted *w)
{
    struct rand *r = &m->rand;
    char value[64];
    memset(a, 0, sizeof *a);
    memset(w, 0, sizeof *w);
    a->query.view = VIEW_incident;
    a->query.limit = 1 + rand_below(r, 200);
    ask_mask(m, a, "stage", &enum_incident_stage, &w->stages);
    ask_mask(m, a, "priority", &enum_priority, &w->priorities);
    ask_mask(m, a, "source", &enum_source, &w->sources);
    if (rand_below(r, 4) == 0)
        ask(a, "type", QUERY_IS, w->type = types[rand_below(r, 5)]);
    if (rand_below(r, 4) == 0)
        ask(a, "plan", QUERY_IS, w->plan = plans[rand_below(r, 3)]);
    if (rand_below(r, 8) == 0) {
        w->level = 1 + rand_below(r, 3);
        (void)snprintf(value, sizeof value, "%u", w->level);
        ask(a, "level", QUERY_IS, value);
    }
    if (rand_below(r, 8) == 0) {
        w->is_unmerged = true;
        ask(a, "merged_into", QUERY_IS, "none");
    }
    if (rand_below(r, 4) == 0) {
        w->area = 1 + rand_below(r, AREAS);
        id_text(OBJECT_area, FIX_REALM, w->area, value);
        ask(a, "area", QUERY_IS, value);
    }
    if (rand_below(r, 6) == 0) {
        w->creator = 1 + rand_below(r, 3);
        id_text(OBJECT_user, FIX_REALM, w->creator, value);
        ask(a, "creator", QUERY_IS, value);
    }
    if (rand_below(r, 6) == 0) {
        w->unit = 1 + rand_below(r, UNITS);
        id_text(OBJECT_unit, FIX_REALM, w->unit, value);
        ask(a, "unit", QUERY_IS, value);
    }
    if (rand_below(r, 4) == 0) {
        w->exercise = 1 + (int)rand_below(r, 2);
        ask(a, "is_exercise", QUERY_IS, w->exercise == 1 ? "true" : "false");
    }
    if (rand_below(r, 4) == 0) {
        w->from_us = FIX_START_US + (int64_t)rand_below(r, 50) * US_PER_MIN;
        utc_iso(w->from_us, value);
        ask(a, "time", QUERY_FROM, value);
    }
    if (rand_below(r, 4) == 0) {
        w->before_us = FIX_START_US + (int64_t)rand_below(r, 50) * US_PER_MIN;
        utc_iso(w->before_us, value);
        ask(a, "received_us", QUERY_BEFORE, value);
    }
    random_scope(m, &w->scope);
}

static void test_random_questions(void **state)
{
    static const char *const orders[] = {"-received_us", "received_us", "-closed_us", "closed_us",
                                         "priority",     "-priority",   "id",         "-id"};
    static struct asked a;
    struct wanted w;
    uint32_t got[INCIDENTS], want[INCIDENTS], longest = 0;
    struct model *m = *state;
    for (int round = 0; round < 1200; round++) {
        const char *order = orders[rand_below(&m->rand, 8)];
        uint64_t total;
        random_question(m, &a, &w);
        a.query.order = str_of(order);
        a.query.scope = &w.scope;
        uint32_t got_count = list_all(m, &a.query, got, INCIDENTS);
        uint32_t want_count = plain_list(m, &w, order, want);
        assert_int_equal(got_count, want_count);
        assert_memory_equal(got, want, got_count * sizeof got[0]);
        assert_ok(reader_count(m->reader, &a.query, &total, NULL));
        assert_int_equal(total, want_count);
        longest = want_count > longest ? want_count : longest;
    }
    assert_true(longest > INCIDENTS / 2);
}

/* Units: bodies, own unit, order by a text with ties. */
static void test_units(void **state)
{
    struct model *m = *state;
    uint32_t got[UNITS];
    for (int round = 0; round < 500; round++) {
        struct scope scope;
        uint32_t want_count = 0;
        random_scope(m, &scope);
        struct query query = {
            .view = VIEW_unit, .scope = &scope, .limit = 1 + rand_below(&m->rand, 7)};
        uint32_t got_count = list_all(m, &query, got, UNITS);
        for (uint32_t n = 1; n <= UNITS; n++) {
            struct envelope e;
            struct reader_row row = {OBJECT_unit, n, 0, &m->units[n]};
            assert_ok(reader_envelope(m->reader, &row, DATA_DUTY, &e));
            want_count += scope_holds(&scope, &m->trees, &e);
        }
        assert_int_equal(got_count, want_count);
        for (uint32_t i = 1; i < got_count; i++) {
            int by_name = strcmp(m->units[got[i - 1]].callsign, m->units[got[i]].callsign);
            assert_true(by_name < 0 || (by_name == 0 && got[i - 1] < got[i]));
        }
    }
}

struct visible {
    struct model *m;
    const struct scope *scope;
    uint64_t seqs[4 * INCIDENTS];
    uint32_t count;
};

static enum err see_event(void *ctx, const struct event *event)
{
    struct visible *v = ctx;
    struct envelope e;
    assert_ok(reader_event_envelope(v->m->reader, event, &e));
    if (scope_holds(v->scope, &v->m->trees, &e))
        v->seqs[v->count++] = event->seq;
    return OK;
}

/* The log under a scope: the SQL and the envelope of each event say the same. */
static void test_log_scope(void **state)
{
    static struct visible v;
    struct model *m = *state;
    struct out out;
    uint64_t total;
    out_init(&out, 8u << 20);
    for (int round = 0; round < 60; round++) {
        struct scope scope;
        struct query_page page;
        struct json root;
        random_scope(m, &scope);
        v = (struct visible){.m = m, .scope = &scope};
        assert_ok(reader_events_after(m->reader, 0, UINT32_MAX, see_event, &v));
        struct query query = {.view = VIEW_log, .scope = &scope, .order = STR("id"), .limit = 500};
        assert_ok(reader_count(m->reader, &query, &total, NULL));
        assert_int_equal(total, v.count);
        struct json_out j = json_out_of(&out);
        out_reset(&out);
        json_arr(&j);
        assert_ok(reader_query(m->reader, &query, &j, &page, NULL));
        json_arr_end(&j);
        assert_ok(json_read(out_view(&out), &root, NULL));
        for (uint32_t i = 0; i < page.count; i++)
            assert_int_equal(json_int(json_get(json_at(root, i), "seq")), v.seqs[i]);
        json_free(root);
    }
    out_done(&out);
}

/* New rows in front or behind do not move the pages that follow. */
static void test_stable_paging(void **state)
{
    struct fix fix;
    struct reader *reader;
    struct query_page page;
    struct out out;
    char cursor[QUERY_CURSOR_CAP] = "";
    uint32_t seen[64] = {0}, number = 20;
    (void)state;
    fix_open(&fix);
    out_init(&out, 1u << 20);
    struct store_batch *batch = fix_batch(&fix);
    for (uint32_t n = 1; n <= 20; n++)
        (void)fix_incident(&fix, batch, n, 3, "noise", "x");
    assert_ok(fix_submit(&fix, batch));
    assert_ok(reader_open(fix.dir, &reader, NULL));
    do {
        struct query query = {
            .view = VIEW_incident, .cursor = str_of(cursor), .limit = 3, .scope = &everything};
        struct json_out j = json_out_of(&out);
        struct json root;
        out_reset(&out);
        json_arr(&j);
        assert_ok(reader_query(reader, &query, &j, &page, NULL));
        json_arr_end(&j);
        assert_ok(json_read(out_view(&out), &root, NULL));
        for (size_t i = 0; i < json_count(root); i++) {
            uint32_t realm, n;
            assert_ok(
                id_parse(json_text(json_get(json_at(root, i), "id")), OBJECT_incident, &realm, &n));
            seen[n]++;
        }
        json_free(root);
        (void)str_copy(str_of(page.next), cursor, sizeof cursor);
        batch = fix_batch(&fix);
        (void)fix_incident(&fix, batch, ++number, 3, "noise", "new");
        assert_ok(fix_submit(&fix, batch));
    } while (cursor[0]);
    for (uint32_t n = 1; n <= 20; n++)
        assert_int_equal(seen[n], 1);
    for (uint32_t n = 21; n <= number; n++)
        assert_int_equal(seen[n], 0);
    reader_close(reader);
    out_done(&out);
    fix_done(&fix);
}

static void refused(struct model *m, const char *column, enum query_op op, const char *value,
                    enum err expected, const char *field)
{
    static struct asked a;
    struct fault fault = {0};
    struct query_page page;
    struct out out;
    memset(&a, 0, sizeof a);
    out_init(&out, 1u << 20);
    struct json_out j = json_out_of(&out);
    a.query.view = VIEW_incident;
    a.query.scope = &everything;
    if (column)
        ask(&a, column, op, value);
    else
        a.query.cursor = str_of(value);
    assert_int_equal(reader_query(m->reader, &a.query, &j, &page, &fault), expected);
    assert_string_equal(fault.field, field);
    assert_int_equal(out.len, 0);
    out_done(&out);
}

static void test_bad_questions(void **state)
{
    struct model *m = *state;
    refused(m, "colour", QUERY_IS, "red", ERR_NOT_FOUND, "colour");
    refused(m, "follow_code", QUERY_IS, "x", ERR_NOT_FOUND, "follow_code");
    refused(m, "stage", QUERY_IS, "opened", ERR_RANGE, "stage");
    refused(m, "stage", QUERY_IS, "open,,closed", ERR_RANGE, "stage");
    refused(m, "area", QUERY_IS, "incident-7-1", ERR_SYNTAX, "area");
    refused(m, "time", QUERY_FROM, "yesterday", ERR_SYNTAX, "time");
    refused(m, "level", QUERY_IS, "-1", ERR_SYNTAX, "level");
    refused(m, "any", QUERY_SEARCH, "\xff", ERR_LIMIT, "q");
    refused(
        m, "type", QUERY_IS,
        "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33",
        ERR_LIMIT, "type");
    refused(m, "is_exercise", QUERY_IS, "yes", ERR_SYNTAX, "is_exercise");
    refused(m, "id", QUERY_IS, "incident-7-1'; DROP TABLE state; --", ERR_SYNTAX, "id");
    refused(m, NULL, QUERY_IS, "received_us~1~1", ERR_SYNTAX, "cursor");
    refused(m, NULL, QUERY_IS, "-received_us~x~1", ERR_SYNTAX, "cursor");
    refused(m, NULL, QUERY_IS, "~~~~~", ERR_SYNTAX, "cursor");
    struct query query = {.view = VIEW_incident, .scope = &everything, .limit = 1001};
    struct query_page page;
    struct fault fault;
    struct json_out j = {0};
    assert_int_equal(reader_query(m->reader, &query, &j, &page, &fault), ERR_RANGE);
    query = (struct query){.view = VIEW_incident, .scope = &everything, .order = STR("type")};
    assert_int_equal(reader_query(m->reader, &query, &j, &page, &fault), ERR_NOT_FOUND);
}

/* Every view and every column of it can be asked for. */
static void test_every_column(void **state)
{
    struct model *m = *state;
    struct out out;
    out_init(&out, 8u << 20);
    for (unsigned v = 1; v < VIEW_COUNT; v++) {
        const struct view *view = view_get((enum view_id)v);
        assert_int_equal(view_id_of(str_of(view->name)), v);
        for (uint32_t i = 0; i < view->column_count; i++) {
            const struct view_column *c = &view->columns[i];
            const struct record *rec = object_record(view->kind);
            if (rec) {
                const struct field *f = record_field(rec, str_of(c->name));
                assert_non_null(f);
                assert_int_equal(f->type, c->type);
                assert_int_equal(f->offset, c->offset);
                assert_true(f->data_class != DATA_PERSONAL);
                assert_true(f->data_class != DATA_SECRET || !(c->flags & COLUMN_FILTER) ||
                            view->id == VIEW_session);
            }
            if (!(c->flags & COLUMN_ORDER))
                continue;
            struct query query = {.view = view->id, .scope = &everything, .order = str_of(c->name)};
            struct query_page page;
            struct json_out j = json_out_of(&out);
            out_reset(&out);
            json_arr(&j);
            assert_ok(reader_query(m->reader, &query, &j, &page, NULL));
        }
        struct query query = {.view = view->id, .scope = &everything};
        struct query_page page;
        struct json_out j = json_out_of(&out);
        out_reset(&out);
        json_arr(&j);
        assert_ok(reader_query(m->reader, &query, &j, &page, NULL));
    }
    out_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_questions), cmocka_unit_test(test_units),
        cmocka_unit_test(test_log_scope),        cmocka_unit_test(test_stable_paging),
        cmocka_unit_test(test_bad_questions),    cmocka_unit_test(test_every_column),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
