#include "store/reader.h"

#include "store/query_priv.h"
#include "store/reader_priv.h"

#include <assert.h>

static enum err check_file(struct reader *r, struct fault *ret_fault)
{
    uint32_t version;
    enum err err = schema_version(&r->db, &version);
    if (!err && version != STORE_SCHEMA_VERSION)
        return fault_set(ret_fault, ERR_UNSUPPORTED, version,
                         "the store has another schema version than this program");
    return err ? err : meta_number(&r->db, "realm", &r->realm);
}

enum err reader_open(const char *dir, struct reader **ret_reader, struct fault *ret_fault)
{
    char path[STORE_MAX_PATH];
    int n = snprintf(path, sizeof path, "%s/anwang.db", dir);
    if (n < 0 || (size_t)n >= sizeof path || access(path, R_OK) != 0)
        return fault_set(ret_fault, ERR_NOT_FOUND, 0, "there is no store in this folder");
    struct reader *r = calloc(1, sizeof *r);
    if (!r)
        abort();
    r->room = rows_room();
    arena_init(&r->arena, READER_ARENA_BYTES);
    out_init(&r->sql, 1u << 20);
    enum err err = db_open(&r->db, path, DB_READ, NULL);
    if (!err)
        err = check_file(r, ret_fault);
    if (err) {
        reader_close(r);
        return err;
    }
    *ret_reader = r;
    return OK;
}

void reader_close(struct reader *reader)
{
    if (!reader)
        return;
    db_close(&reader->db);
    arena_done(&reader->arena);
    out_done(&reader->sql);
    free(reader->room);
    free(reader);
}

uint32_t reader_realm(const struct reader *reader)
{
    return reader->realm;
}

enum err reader_last_seq(struct reader *reader, uint64_t *ret_seq)
{
    int64_t seq = 0;
    enum err err = db_number(&reader->db, SQL_EVENT_LAST, &seq);
    if (!err)
        *ret_seq = (uint64_t)seq;
    return err;
}

/* One answer is one snapshot: several statements see the same commit. */
static enum err begin(struct reader *r)
{
    arena_reset(&r->arena);
    return db_run(&r->db, SQL_BEGIN_READ);
}

static enum err end(struct reader *r, enum err err)
{
    enum err ended = db_run(&r->db, SQL_COMMIT);
    return err ? err : ended;
}

static enum err prepare(struct reader *r, const struct sql_values *values,
                        struct sqlite3_stmt **ret_st)
{
    enum err err = r->sql.err ? r->sql.err : db_prepare(&r->db, out_view(&r->sql), ret_st);
    for (uint32_t i = 0; i < values->count && !err; i++) {
        if (values->v[i].is_text)
            bind_text(*ret_st, (int)i + 1, values->v[i].value.text);
        else
            bind_i64(*ret_st, (int)i + 1, values->v[i].value.number);
    }
    return err;
}

struct paging {
    const struct query_form *form;
    bool with_personal;
    struct json_out *j;
    struct query_page *page;
    struct view_value last;
    char last_text[QUERY_CURSOR_CAP];
    int64_t last_key;
};

static void remember(struct paging *p, struct sqlite3_stmt *st, int at, int64_t key)
{
    p->last_key = key;
    if (p->form->order && view_column_is_text(p->form->order)) {
        (void)str_copy(col_str(st, at), p->last_text, sizeof p->last_text);
        p->last.text = str_of(p->last_text);
    } else {
        p->last.number = col_i64(st, at);
    }
}

static enum err write_state(struct reader *r, struct sqlite3_stmt *st, struct paging *p)
{
    struct store_row row;
    enum err err = rows_state(st, &row);
    if (!err)
        err = rows_object(&row, r->room);
    if (!err)
        err = reader_write_object(r, &row, p->with_personal, p->j);
    remember(p, st, SQL_ORDER_OF_STATE, row.number);
    return err;
}

static enum err write_event(struct reader *r, struct sqlite3_stmt *st, struct paging *p)
{
    struct event event;
    struct str body;
    enum err err = rows_event(st, r->realm, r->room, &event, &body);
    if (!err)
        err = reader_event_json(r, &event, p->with_personal, p->j);
    remember(p, st, SQL_ORDER_OF_EVENT, (int64_t)event.seq);
    return err;
}

static enum err write_page(struct reader *r, struct sqlite3_stmt *st, struct paging *p)
{
    bool is_event = p->form->view->kind == OBJECT_NONE;
    enum err err;
    while ((err = db_step(st)) == OK) {
        if (p->page->count == p->form->limit) {
            query_cursor(p->form, p->last, p->last_key, p->page->next);
            break;
        }
        err = is_event ? write_event(r, st, p) : write_state(r, st, p);
        if (err)
            break;
        p->page->count++;
    }
    return err == ERR_NOT_FOUND ? OK : err;
}

enum err reader_query(struct reader *reader, const struct query *query, struct json_out *j,
                      struct query_page *ret_page, struct fault *ret_fault)
{
    struct query_form *form = &reader->form;
    struct sqlite3_stmt *st = NULL;
    struct query_page page = {0};
    struct paging paging = {
        .form = form, .with_personal = query->with_personal, .j = j, .page = &page};
    enum err err = begin(reader);
    if (err)
        return err;
    err = query_read(query, reader->realm, &reader->arena, form, ret_fault);
    if (!err)
        err = reader_last_seq(reader, &page.as_of);
    if (!err) {
        out_reset(&reader->sql);
        reader->values.count = 0;
        sql_query_rows(form, &reader->sql, &reader->values);
        err = prepare(reader, &reader->values, &st);
    }
    if (!err)
        err = write_page(reader, st, &paging);
    db_drop(st);
    err = end(reader, err);
    if (!err)
        *ret_page = page;
    return err;
}

enum err reader_count(struct reader *reader, const struct query *query, uint64_t *ret_count,
                      struct fault *ret_fault)
{
    struct sqlite3_stmt *st = NULL;
    struct query whole = *query;
    whole.cursor = (struct str){0};
    whole.limit = 0;
    enum err err = begin(reader);
    if (err)
        return err;
    err = query_read(&whole, reader->realm, &reader->arena, &reader->form, ret_fault);
    if (!err) {
        out_reset(&reader->sql);
        reader->values.count = 0;
        sql_query_count(&reader->form, &reader->sql, &reader->values);
        err = prepare(reader, &reader->values, &st);
    }
    if (!err)
        err = db_step(st);
    if (!err)
        *ret_count = col_u64(st, 0);
    db_drop(st);
    return end(reader, err);
}

static void object_sql(struct reader *r, const struct object_query *query)
{
    struct query_form form = {.view = view_get((enum view_id)query->kind),
                              .term_count = 1,
                              .limit = 1,
                              .scope = query->scope,
                              .data_class = query->with_personal ? DATA_PERSONAL : DATA_DUTY};
    form.terms[0] = (struct query_term){.kind = TERM_ID, .op = QUERY_IS, .value_count = 1};
    form.terms[0].values[0].number = query->number;
    out_reset(&r->sql);
    r->values.count = 0;
    sql_query_rows(&form, &r->sql, &r->values);
}

static enum err object_now(struct reader *r, const struct object_query *query, struct json_out *j,
                           uint64_t *ret_seq)
{
    struct sqlite3_stmt *st = NULL;
    struct store_row row;
    object_sql(r, query);
    enum err err = prepare(r, &r->values, &st);
    if (!err)
        err = db_step(st);
    if (!err)
        err = rows_state(st, &row);
    if (!err)
        err = rows_object(&row, r->room);
    if (!err)
        err = reader_write_object(r, &row, query->with_personal, j);
    if (!err)
        *ret_seq = row.seq;
    db_drop(st);
    return err;
}

enum err reader_object(struct reader *reader, const struct object_query *query, struct json_out *j,
                       uint64_t *ret_seq)
{
    if (!object_record(query->kind))
        return ERR_NOT_FOUND;
    enum err err = begin(reader);
    return err ? err : end(reader, object_now(reader, query, j, ret_seq));
}
