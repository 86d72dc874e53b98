/* reader.h - reading a realm's rows from any process: lists, single objects, activity log, push.
 * Layer: store. Threads: a reader belongs to one thread; open one for each. Read-only: it cannot
 * change the file, and never blocks the writer. Every answer is one snapshot, numbered by as_of.
 *
 * JSON of a row: the members that record_json_write gives for the object, then "id" and "seq".
 * Fields of class secret are never written; personal ones only where asked, else left out. */
#ifndef STORE_READER_H
#define STORE_READER_H
#include "access/scope.h"
#include "base/json_out.h"
#include "store/view.h"

#define QUERY_MAX_FILTERS 16
#define QUERY_MAX_VALUES 32 /* in one filter: stage=a,b,c */
#define QUERY_MAX_LIMIT 1000
#define QUERY_PRESET_LIMIT 100
#define QUERY_CURSOR_CAP 400
#define QUERY_MAX_TERM_BYTES 200

enum query_op {
    QUERY_IS,     /* any of the values, comma between; an area means it and all below it */
    QUERY_FROM,   /* column >= value */
    QUERY_BEFORE, /* column < value */
    QUERY_SEARCH  /* words; column is ignored */
};
/* Values are text as in a URL: wire names, ids, RFC 3339 times, whole numbers, true and false.
 * Two columns are not of the row itself: incident.unit (has or had an assignment of that unit) and
 * log.incident (events about it and its assignments). */
struct query_filter {
    struct str column;
    enum query_op op;
    struct str value;
};
struct query {
    enum view_id view;
    uint32_t filter_count;
    struct query_filter filters[QUERY_MAX_FILTERS];
    struct str order;          /* column or -column; empty = the view's own */
    struct str cursor;         /* `next` of the page before; empty = first page */
    uint32_t limit;            /* 0 = QUERY_PRESET_LIMIT */
    const struct scope *scope; /* never NULL; it becomes part of the SQL */
    bool with_personal;
};
struct query_page {
    uint32_t count;
    uint64_t as_of;              /* seq of the snapshot */
    char next[QUERY_CURSOR_CAP]; /* "" = last page */
};

struct reader;
/* A reader's answers are snapshots of their own; a callback may not ask the same reader for more
 * rows of the kind that it is being given, but reader_event_json and reader_envelope are allowed in
 * it. Opens an existing folder. ERR_NOT_FOUND, ERR_UNSUPPORTED (other schema), ERR_IO, ERR_CORRUPT.
 */
enum err reader_open(const char *dir, struct reader **ret_reader, struct fault *ret_fault);
void reader_close(struct reader *reader);
uint32_t reader_realm(const struct reader *reader);
enum err reader_last_seq(struct reader *reader, uint64_t *ret_seq);

/* Appends the page's rows as objects to the list that is open in *j.
 * ERR_NOT_FOUND, ERR_SYNTAX, ERR_RANGE, ERR_LIMIT with ret_fault->field = the column, "order",
 * "cursor" or "limit": the question was wrong. ERR_IO, ERR_CORRUPT: the store is. */
enum err reader_query(struct reader *reader, const struct query *query, struct json_out *j,
                      struct query_page *ret_page, struct fault *ret_fault);
/* How many rows the query has in all, cursor and limit ignored. */
enum err reader_count(struct reader *reader, const struct query *query, uint64_t *ret_count,
                      struct fault *ret_fault);

struct object_query {
    enum object_kind kind;
    uint32_t number;
    const struct scope *scope; /* never NULL */
    bool with_personal;
};
/* Appends one object as a value. ERR_NOT_FOUND: none, or out of scope (the same to the asker). */
enum err reader_object(struct reader *reader, const struct object_query *query, struct json_out *j,
                       uint64_t *ret_seq);
/* The object as its C struct (of object_record(kind)), texts in the arena; no scope is applied. */
enum err reader_record(struct reader *reader, enum object_kind kind, uint32_t number,
                       struct arena *arena, const void **ret_object, uint64_t *ret_seq);

/* Appends the key of a stored file (access/blob.h) that this incident or signal names; the caller
 * has checked that it may be seen. ERR_NOT_FOUND: it names no such file, or retention took the key.
 */
enum err reader_blob_key(struct reader *reader, enum object_kind kind, uint32_t number,
                         struct str blob, struct out *key);

/* Session and account by the token's hash (64 hex digits). ERR_NOT_FOUND: unknown, closed, or the
 * account is disabled. The caller compares expires_us with its clock. */
struct reader_session {
    struct session_id session;
    struct user_id id;
    int64_t expires_us;
    struct user_object user;
};
enum err reader_session(struct reader *reader, struct str token_hash,
                        struct reader_session *ret_session);

/* ---- push: what changed ---- */
struct reader_row {
    enum object_kind kind;
    uint32_t number;
    uint64_t seq;
    const void *object; /* struct of object_record(kind), texts lent for the call */
};
typedef enum err (*reader_row_fn)(void *ctx, const struct reader_row *row);
/* Rows last changed at after_seq < seq <= until_seq, by seq, at most max_count; goes on from the
 * last row's seq only when all rows of that seq were given (max_count is passed rather than cut a
 * seq). */
enum err reader_rows_after(struct reader *reader, uint64_t after_seq, uint64_t until_seq,
                           uint32_t max_count, reader_row_fn fn, void *ctx);
/* The row as JSON value, exactly as lists give it, without personal values. */
void reader_row_json(uint32_t realm, const struct reader_row *row, struct json_out *j);

/* Events with after_seq < seq, in order, at most max_count. */
typedef enum err (*reader_event_fn)(void *ctx, const struct event *event);
enum err reader_events_after(struct reader *reader, uint64_t after_seq, uint32_t max_count,
                             reader_event_fn fn, void *ctx);
/* One event as a log item: {seq,event,object,at,recorded,at_source,actor:{id,name},fields:{}}. The
 * actor's name is looked up here. ERR_NOT_FOUND: the log does not show this event (secret). */
enum err reader_event_json(struct reader *reader, const struct event *event, bool with_personal,
                           struct json_out *j);

/* ---- scope as a C predicate: scope_holds(scope, trees, envelope) says what the SQL says ---- */
/* Area and body trees, in the arena. ERR_LIMIT: the arena is too small. */
enum err reader_trees(struct reader *reader, struct arena *arena, struct scope_trees *ret_trees);
/* Envelope of a row, its units read from the assignments. data_class: highest class to be shown. */
enum err reader_envelope(struct reader *reader, const struct reader_row *row,
                         enum data_class data_class, struct envelope *ret_envelope);
/* Envelope of an event as a log item. */
enum err reader_event_envelope(struct reader *reader, const struct event *event,
                               struct envelope *ret_envelope);
#endif
