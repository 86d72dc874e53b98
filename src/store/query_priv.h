/* query_priv.h - a question whose texts have been read: columns known, values typed, cursor opened.
 * Layer: store. Threads: pure. query.c reads it, sql_query.c writes it as SQL. */
#ifndef STORE_QUERY_PRIV_H
#define STORE_QUERY_PRIV_H
#include "store/reader.h"

enum term_kind {
    TERM_COLUMN,
    TERM_ID,
    TERM_AREA,   /* an area column: the areas and all below them */
    TERM_UNIT,   /* incident.unit */
    TERM_SEARCH, /* values[0].text is the question to the index */
    TERM_NOTHING /* holds for no row */
};
struct query_term {
    enum term_kind kind;
    enum query_op op;
    const struct view_column *column;
    uint32_t value_count;
    struct view_value values[QUERY_MAX_VALUES];
};
struct query_form {
    const struct view *view;
    uint32_t term_count;
    struct query_term terms[QUERY_MAX_FILTERS];
    const struct view_column *order; /* NULL: by id */
    bool is_descending;
    bool has_cursor;
    struct view_value after;
    int64_t after_key;
    uint32_t limit;
    const struct scope *scope;
    enum data_class data_class;
};

enum err query_read(const struct query *query, uint32_t realm, struct arena *arena,
                    struct query_form *ret_form, struct fault *ret_fault);
/* The cursor that goes on behind a row with this order value and key. */
void query_cursor(const struct query_form *form, struct view_value value, int64_t key,
                  char buf[QUERY_CURSOR_CAP]);

/* Values of the parameters, in order. */
#define SQL_MAX_VALUES 640
struct sql_values {
    uint32_t count;
    struct {
        bool is_text;
        struct view_value value;
    } v[SQL_MAX_VALUES];
};
/* Rows: of an object view s.id, s.seq, s.is_open, s.bytes and the order value; of a view of events
 * the columns that rows_event reads and the order value. One more than the limit. */
#define SQL_ORDER_OF_STATE 4
#define SQL_ORDER_OF_EVENT 12
void sql_query_rows(const struct query_form *form, struct out *sql, struct sql_values *values);
void sql_query_count(const struct query_form *form, struct out *sql, struct sql_values *values);
#endif
