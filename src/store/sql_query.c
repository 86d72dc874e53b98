/* The one generator of questions: a form and a scope as SQL, in the subset that SQLite and
 * PostgreSQL share; only the search is each database's own. Every value is a parameter. */
#include "store/query_priv.h"
#include "store/sql_priv.h"

#include <assert.h>

struct writing {
    struct out *sql;
    struct sql_values *values;
};

static void value_number(const struct writing *w, int64_t number)
{
    assert(w->values->count < SQL_MAX_VALUES);
    w->values->v[w->values->count].is_text = false;
    w->values->v[w->values->count++].value.number = number;
}

static void value_text(const struct writing *w, struct str text)
{
    assert(w->values->count < SQL_MAX_VALUES);
    w->values->v[w->values->count].is_text = true;
    w->values->v[w->values->count++].value.text = text;
}

static void value_of(const struct writing *w, bool is_text, struct view_value value)
{
    if (is_text)
        value_text(w, value.text);
    else
        value_number(w, value.number);
}

static const char *key_of(const struct view *view)
{
    return view->kind == OBJECT_NONE ? "v.seq" : "v.\"key\"";
}

/* The numbers of a tree's nodes from the given tops down; depth is bounded as in scope.h. */
static void subtree(const struct writing *w, const char *tree, const struct view_value *tops,
                    uint32_t count)
{
    out_c(w->sql, "(WITH RECURSIVE under (n, depth) AS (VALUES ");
    for (uint32_t i = 0; i < count; i++) {
        out_c(w->sql, i ? ", (?, 1)" : "(?, 1)");
        value_number(w, tops[i].number);
    }
    out_printf(w->sql,
               " UNION SELECT t.\"key\", under.depth + 1 FROM view_%s t JOIN under "
               "ON t.parent = under.n WHERE under.depth < %d AND under.n <> 0) "
               "SELECT n FROM under)",
               tree, SCOPE_MAX_DEPTH);
}

static void unit_of_incident(const struct writing *w, const char *incident, bool is_open,
                             const struct view_value *units, uint32_t count)
{
    out_printf(w->sql, "EXISTS (SELECT 1 FROM view_assignment a WHERE a.incident = %s ", incident);
    out_printf(w->sql, "AND a.unit <> 0%s AND a.unit IN (", is_open ? " AND a.scope_open = 1" : "");
    for (uint32_t i = 0; i < count; i++) {
        out_c(w->sql, i ? ", ?" : "?");
        value_number(w, units[i].number);
    }
    out_c(w->sql, "))");
}

static void in_list(const struct writing *w, bool is_text, const struct query_term *term)
{
    out_c(w->sql, " IN (");
    for (uint32_t i = 0; i < term->value_count; i++) {
        out_c(w->sql, i ? ", ?" : "?");
        value_of(w, is_text, term->values[i]);
    }
    out_c(w->sql, ")");
}

static void found(const struct writing *w, enum object_kind kind, struct str question)
{
    out_c(w->sql, "(SELECT search.rowid - ? FROM search WHERE search.text MATCH ? "
                  "AND search.rowid >= ? AND search.rowid < ?)");
    value_number(w, STATE_ID(kind, 0));
    value_text(w, question);
    value_number(w, STATE_ID(kind, 0));
    value_number(w, STATE_ID((unsigned)kind + 1, 0));
}

/* Incidents and signals are also found by the names of their type. */
static void search(const struct writing *w, const struct view *view, struct str question)
{
    const char *type = view->id == VIEW_incident ? "type"
                       : view->id == VIEW_signal ? "category"
                                                 : NULL;
    out_c(w->sql, "(v.\"key\" IN ");
    found(w, view->kind, question);
    if (type) {
        out_printf(w->sql, " OR v.\"%s\" IN (SELECT t.code FROM view_type t WHERE t.\"key\" IN ",
                   type);
        found(w, OBJECT_type, question);
        out_c(w->sql, ")");
    }
    out_c(w->sql, ")");
}

static void compare(const struct writing *w, bool is_text, const struct query_term *term)
{
    switch (term->op) {
    case QUERY_IS:
        in_list(w, is_text, term);
        return;
    case QUERY_FROM:
    case QUERY_BEFORE:
        out_c(w->sql, term->op == QUERY_FROM ? " >= ?" : " < ?");
        value_of(w, is_text, term->values[0]);
        return;
    case QUERY_SEARCH:
        return;
    }
}

static void put_term(const struct writing *w, const struct view *view,
                     const struct query_term *term)
{
    out_c(w->sql, " AND ");
    switch (term->kind) {
    case TERM_COLUMN:
        out_printf(w->sql, "v.\"%s\"", term->column->name);
        compare(w, view_column_is_text(term->column), term);
        return;
    case TERM_ID:
        out_c(w->sql, key_of(view));
        compare(w, false, term);
        return;
    case TERM_AREA:
        out_c(w->sql, "v.area IN ");
        subtree(w, "area", term->values, term->value_count);
        return;
    case TERM_UNIT:
        unit_of_incident(w, "v.\"key\"", false, term->values, term->value_count);
        return;
    case TERM_SEARCH:
        search(w, view, term->values[0].text);
        return;
    case TERM_NOTHING:
        out_c(w->sql, "0 = 1");
        return;
    }
}

static void scope_tree(const struct writing *w, const char *column, const char *tree, uint32_t top,
                       bool with_none)
{
    struct view_value value = {.number = top};
    out_printf(w->sql, " AND (%s <> 0 AND %s IN ", column, column);
    subtree(w, tree, &value, 1);
    if (with_none)
        out_printf(w->sql, " OR %s = 0", column);
    out_c(w->sql, ")");
}

static void scope_unit(const struct writing *w, const struct view *view, struct unit_id unit)
{
    struct view_value value = {.number = unit.v};
    out_c(w->sql, " AND ");
    if (view->kind == OBJECT_incident) {
        unit_of_incident(w, "v.\"key\"", true, &value, 1);
    } else if (view->kind == OBJECT_NONE) {
        out_printf(w->sql, "(v.object_kind = %d AND v.object = ? AND v.object <> 0 OR ",
                   OBJECT_unit);
        value_number(w, unit.v);
        unit_of_incident(w, "v.incident", true, &value, 1);
        out_c(w->sql, ")");
    } else if (view->kind == OBJECT_emergency) {
        out_c(w->sql, "(v.unit = ? AND v.unit <> 0 OR ");
        value_number(w, unit.v);
        unit_of_incident(w, "v.incident", true, &value, 1);
        out_c(w->sql, ")");
    } else if (view->kind == OBJECT_unit || view->kind == OBJECT_assignment) {
        const char *column = view->kind == OBJECT_unit ? "v.\"key\"" : "v.unit";
        out_printf(w->sql, "%s = ? AND %s <> 0", column, column);
        value_number(w, unit.v);
    } else {
        out_c(w->sql, "0 = 1");
    }
}

static bool has_body(const struct view *view)
{
    return view_column(view, STR("body")) != NULL;
}

/* The body that an event's object belongs to, as it is now. */
static void scope_body_of_event(const struct writing *w, const struct scope *s)
{
    struct out column;
    out_init(&column, 4096);
    out_c(&column, "CASE v.object_kind");
    for (unsigned id = 1; id < VIEW_COUNT; id++) {
        const struct view *view = view_get((enum view_id)id);
        if (view && view->kind != OBJECT_NONE && has_body(view))
            out_printf(
                &column,
                " WHEN %d THEN (SELECT b.scope_body FROM view_%s b WHERE b.\"key\" = v.object)",
                (int)view->kind, view->name);
    }
    out_c(&column, " ELSE 0 END");
    out_byte(&column, '\0');
    scope_tree(w, (const char *)column.p, "body", s->body.v, s->with_no_body);
    out_done(&column);
}

static void scope_kinds(const struct writing *w, uint32_t kinds)
{
    out_c(w->sql, " AND v.object_kind IN (0");
    for (unsigned k = 1; k < OBJECT_KIND_COUNT; k++) {
        if (kinds >> k & 1)
            out_printf(w->sql, ", %u", k);
    }
    out_c(w->sql, ")");
}

static void put_scope(const struct writing *w, const struct query_form *form)
{
    const struct scope *s = form->scope;
    bool is_event = form->view->kind == OBJECT_NONE;
    if (s->is_none || (s->by_class && form->data_class > s->max_class))
        out_c(w->sql, " AND 0 = 1");
    if (s->by_area)
        scope_tree(w, is_event ? "v.area" : "v.scope_area", "area", s->area.v, s->with_no_area);
    if (s->by_kind && is_event)
        scope_kinds(w, s->kinds);
    else if (s->by_kind && !(s->kinds >> form->view->kind & 1))
        out_c(w->sql, " AND 0 = 1");
    if (s->by_body && is_event)
        scope_body_of_event(w, s);
    else if (s->by_body && !has_body(form->view))
        out_c(w->sql, s->with_no_body ? "" : " AND 0 = 1");
    else if (s->by_body)
        scope_tree(w, "v.scope_body", "body", s->body.v, s->with_no_body);
    if (s->by_unit)
        scope_unit(w, form->view, s->unit);
    if (s->by_user && is_event) {
        out_c(w->sql, " AND 0 = 1");
    } else if (s->by_user) {
        out_c(w->sql, " AND v.scope_user = ? AND v.scope_user <> 0");
        value_number(w, s->user.v);
    }
    if (s->by_open && !is_event)
        out_c(w->sql, " AND v.scope_open = 1");
}

static void event_kinds(const struct writing *w, const enum event_kind *kinds, const char *word)
{
    if (!kinds)
        return;
    out_printf(w->sql, " AND v.kind %s (", word);
    for (uint32_t i = 0; kinds[i] != EVENT_NONE; i++)
        out_printf(w->sql, i ? ", %d" : "%d", (int)kinds[i]);
    out_c(w->sql, ")");
}

static void put_where(const struct writing *w, const struct query_form *form)
{
    out_c(w->sql, " WHERE 1 = 1");
    event_kinds(w, form->view->only, "IN");
    event_kinds(w, form->view->without, "NOT IN");
    for (uint32_t i = 0; i < form->term_count; i++)
        put_term(w, form->view, &form->terms[i]);
    put_scope(w, form);
}

static void put_from(const struct writing *w, const struct view *view)
{
    if (view->kind == OBJECT_NONE)
        out_c(w->sql, " FROM event v");
    else
        out_printf(w->sql, " FROM view_%s v", view->name);
}

static void put_order(const struct writing *w, const struct query_form *form)
{
    const char *key = key_of(form->view), *way = form->is_descending ? "DESC" : "ASC";
    const char *sign = form->is_descending ? "<" : ">";
    if (form->has_cursor && form->order) {
        out_printf(w->sql, " AND (v.\"%s\", %s) %s (?, ?)", form->order->name, key, sign);
        value_of(w, view_column_is_text(form->order), form->after);
        value_number(w, form->after_key);
    } else if (form->has_cursor) {
        out_printf(w->sql, " AND %s %s ?", key, sign);
        value_number(w, form->after_key);
    }
    out_c(w->sql, " ORDER BY ");
    if (form->order)
        out_printf(w->sql, "v.\"%s\" %s, ", form->order->name, way);
    out_printf(w->sql, "%s %s LIMIT ?", key, way);
    value_number(w, (int64_t)form->limit + 1);
}

void sql_query_rows(const struct query_form *form, struct out *sql, struct sql_values *values)
{
    struct writing w = {sql, values};
    const struct view *view = form->view;
    if (view->kind == OBJECT_NONE)
        out_c(sql, "SELECT v.seq, v.kind, v.version, v.object, v.actor, v.role, v.at_us, "
                   "v.at_source, v.recorded_us, v.area, v.class, v.body, ");
    else
        out_c(sql, "SELECT s.id, s.seq, s.is_open, s.bytes, ");
    if (form->order)
        out_printf(sql, "v.\"%s\"", form->order->name);
    else
        out_c(sql, key_of(view));
    put_from(&w, view);
    if (view->kind != OBJECT_NONE) {
        out_c(sql, " JOIN state s ON s.id = v.\"key\" + ");
        out_i64(sql, STATE_ID(view->kind, 0));
    }
    put_where(&w, form);
    put_order(&w, form);
}

void sql_query_count(const struct query_form *form, struct out *sql, struct sql_values *values)
{
    struct writing w = {sql, values};
    out_c(sql, "SELECT count(*)");
    put_from(&w, form->view);
    put_where(&w, form);
}
