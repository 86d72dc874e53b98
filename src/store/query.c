/* Reads the texts of a question: columns, values, order and cursor, refusing by the column's name.
 */
#include "base/utc.h"
#include "store/query_priv.h"
#include "store/search_priv.h"

struct reading {
    const struct view *view;
    uint32_t realm;
    struct arena *arena;
    struct fault *fault;
    const char *name; /* of the column at hand, as the asker wrote it */
};

static enum err bad(const struct reading *r, enum err err, const char *text)
{
    return fault_field(r->fault, err, r->name, text);
}

static enum err read_id(const struct reading *r, enum object_kind kind, struct str text,
                        int64_t *ret)
{
    uint32_t realm, number;
    if (str_eq_c(text, "none")) {
        *ret = 0;
        return OK;
    }
    if (id_parse(text, kind, &realm, &number) != OK)
        return bad(r, ERR_SYNTAX, "must be an id of the right kind, as kind-realm-number, or none");
    *ret = realm == r->realm ? (int64_t)number : -1; /* another realm's: no row has it */
    return OK;
}

static enum err read_number(const struct reading *r, struct str text, int64_t *ret)
{
    uint32_t n;
    if (str_u32(text, &n) != OK)
        return bad(r, ERR_SYNTAX, "must be a whole number");
    *ret = n;
    return OK;
}

static enum err read_bool(const struct reading *r, struct str text, int64_t *ret)
{
    if (!str_eq_c(text, "true") && !str_eq_c(text, "false"))
        return bad(r, ERR_SYNTAX, "must be true or false");
    *ret = str_eq_c(text, "true");
    return OK;
}

static enum err read_wire(const struct reading *r, const struct view_column *column,
                          struct str text, int64_t *ret)
{
    *ret = enum_value(view_column_values(r->view, column), text);
    return *ret ? OK : bad(r, ERR_RANGE, "is not one of the values of this list");
}

static enum err read_value(const struct reading *r, const struct view_column *column,
                           struct str text, struct view_value *ret)
{
    *ret = (struct view_value){0};
    switch (column->type) {
    case FIELD_U32:
    case FIELD_I64:
        return read_number(r, text, &ret->number);
    case FIELD_TIME:
        if (utc_parse(text, &ret->number) != OK)
            return bad(r, ERR_SYNTAX, "must be a time as 2026-11-23T08:00:00Z");
        return OK;
    case FIELD_BOOL:
        return read_bool(r, text, &ret->number);
    case FIELD_ENUM:
        return read_wire(r, column, text, &ret->number);
    case FIELD_REF:
        return read_id(r, view_column_refers(r->view, column), text, &ret->number);
    case FIELD_CHARS:
        ret->text = text;
        return OK;
    case FIELD_PLACE:
    case FIELD_REFS:
    case FIELD_TEXT:
    case FIELD_PERSONAL:
    case FIELD_JSON:
    case FIELD_BYTES:
        break;
    }
    return bad(r, ERR_UNSUPPORTED, "cannot be asked for");
}

static enum err read_one(const struct reading *r, const struct query_term *term, struct str text,
                         struct view_value *ret)
{
    *ret = (struct view_value){0};
    if (term->kind == TERM_UNIT)
        return read_id(r, OBJECT_unit, text, &ret->number);
    if (term->kind != TERM_ID)
        return read_value(r, term->column, text, ret);
    if (r->view->kind == OBJECT_NONE)
        return read_number(r, text, &ret->number);
    return read_id(r, r->view->kind, text, &ret->number);
}

static enum err read_values(const struct reading *r, struct str text, struct query_term *term)
{
    do {
        struct str one = term->op == QUERY_IS ? str_cut(&text, ',') : text;
        if (term->op != QUERY_IS)
            text.len = 0;
        if (term->value_count == QUERY_MAX_VALUES)
            return bad(r, ERR_LIMIT, "too many values");
        enum err err = read_one(r, term, one, &term->values[term->value_count]);
        if (err)
            return err;
        term->value_count++;
    } while (text.len > 0);
    return OK;
}

static enum err read_search(const struct reading *r, struct str text, struct query_term *term)
{
    struct out question;
    static const enum view_id searched[] = {VIEW_signal, VIEW_incident, VIEW_unit, VIEW_post,
                                            VIEW_area,   VIEW_type,     VIEW_plan};
    bool is_searched = false;
    for (size_t i = 0; i < sizeof searched / sizeof searched[0]; i++)
        is_searched = is_searched || r->view->id == searched[i];
    if (!is_searched)
        return bad(r, ERR_NOT_FOUND, "this list cannot be searched");
    if (text.len > QUERY_MAX_TERM_BYTES || !str_is_utf8(text))
        return bad(r, ERR_LIMIT, "the search is too long or no text");
    out_init(&question, 64 * QUERY_MAX_TERM_BYTES);
    term->kind = search_question(text, &question) == OK ? TERM_SEARCH : TERM_NOTHING;
    term->values[0].text = arena_dup(r->arena, out_view(&question));
    term->value_count = 1;
    out_done(&question);
    return term->values[0].text.p ? OK : bad(r, ERR_LIMIT, "the search is too long");
}

static enum err read_filter(struct reading *r, const struct query_filter *filter,
                            struct query_term *term)
{
    struct str name = filter->column;
    term->op = filter->op;
    r->name = arena_dup(r->arena, name).p;
    if (filter->op == QUERY_SEARCH) {
        r->name = "q";
        return read_search(r, filter->value, term);
    }
    if (str_eq_c(name, "time") && r->view->time_column)
        name = str_of(r->view->time_column);
    term->column = view_column(r->view, name);
    term->kind = TERM_COLUMN;
    if (str_eq_c(name, "id"))
        term->kind = TERM_ID;
    else if (str_eq_c(name, "unit") && r->view->id == VIEW_incident)
        term->kind = TERM_UNIT;
    else if (!term->column || !(term->column->flags & COLUMN_FILTER))
        return bad(r, ERR_NOT_FOUND, "this list has no such column");
    else if (str_eq_c(name, "area") && term->op == QUERY_IS)
        term->kind = TERM_AREA;
    return read_values(r, filter->value, term);
}

static enum err read_order(struct reading *r, struct str order, struct query_form *form)
{
    struct str name = order.len ? order : str_of(r->view->order);
    r->name = "order";
    form->is_descending = str_starts(name, STR("-"));
    if (form->is_descending)
        name = str_from(name, 1);
    if (str_eq_c(name, "id"))
        return OK;
    form->order = view_column(r->view, name);
    if (!form->order || !(form->order->flags & COLUMN_ORDER))
        return bad(r, ERR_NOT_FOUND, "this list cannot be ordered by that");
    return OK;
}

/* Cursor: [-]COLUMN~VALUE~KEY; VALUE a whole number, or x and hex digits of a text. */
static enum err read_cursor(struct reading *r, struct str cursor, struct query_form *form)
{
    struct str rest = cursor;
    struct str order = str_cut(&rest, '~'), value = str_cut(&rest, '~');
    bool is_descending = str_starts(order, STR("-"));
    struct str name = is_descending ? str_from(order, 1) : order;
    r->name = "cursor";
    if (is_descending != form->is_descending ||
        !str_eq_c(name, form->order ? form->order->name : "id") ||
        str_i64(rest, &form->after_key) != OK)
        return bad(r, ERR_SYNTAX, "is not a cursor of this list and order");
    form->has_cursor = true;
    if (!form->order || !view_column_is_text(form->order))
        return str_i64(value, &form->after.number) == OK ? OK : bad(r, ERR_SYNTAX, "is damaged");
    struct str hex = str_from(value, 1);
    uint8_t *text = ARENA_NEW(r->arena, uint8_t, value.len + 1);
    if (!text || !str_starts(value, STR("x")) || hex.len % 2 ||
        str_unhex(hex, text, hex.len / 2) != OK)
        return bad(r, ERR_SYNTAX, "is damaged");
    form->after.text = (struct str){(const char *)text, hex.len / 2};
    return OK;
}

void query_cursor(const struct query_form *form, struct view_value value, int64_t key,
                  char buf[QUERY_CURSOR_CAP])
{
    char hex[QUERY_CURSOR_CAP] = "x";
    const char *sign = form->is_descending ? "-" : "";
    const char *name = form->order ? form->order->name : "id";
    if (form->order && view_column_is_text(form->order)) {
        size_t n = value.text.len < 160 ? value.text.len : 160;
        str_hex((const uint8_t *)value.text.p, n, hex + 1);
        (void)snprintf(buf, QUERY_CURSOR_CAP, "%s%.40s~%.330s~%lld", sign, name, hex,
                       (long long)key);
    } else {
        (void)snprintf(buf, QUERY_CURSOR_CAP, "%s%.40s~%lld~%lld", sign, name,
                       (long long)value.number, (long long)key);
    }
}

enum err query_read(const struct query *query, uint32_t realm, struct arena *arena,
                    struct query_form *ret_form, struct fault *ret_fault)
{
    struct reading r = {view_get(query->view), realm, arena, ret_fault, "view"};
    memset(ret_form, 0, sizeof *ret_form);
    if (!r.view)
        return bad(&r, ERR_NOT_FOUND, "there is no such list");
    ret_form->view = r.view;
    ret_form->scope = query->scope;
    ret_form->data_class = query->with_personal ? DATA_PERSONAL : DATA_DUTY;
    ret_form->limit = query->limit ? query->limit : QUERY_PRESET_LIMIT;
    r.name = "limit";
    if (ret_form->limit > QUERY_MAX_LIMIT)
        return bad(&r, ERR_RANGE, "is over 1000");
    if (query->filter_count > QUERY_MAX_FILTERS)
        return bad(&r, ERR_LIMIT, "too many filters");
    enum err err = OK;
    for (uint32_t i = 0; i < query->filter_count && !err; i++)
        err = read_filter(&r, &query->filters[i], &ret_form->terms[i]);
    ret_form->term_count = query->filter_count;
    if (!err)
        err = read_order(&r, query->order, ret_form);
    if (!err && query->cursor.len > 0)
        err = read_cursor(&r, query->cursor, ret_form);
    return err;
}
