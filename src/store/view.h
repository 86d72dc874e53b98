/* view.h - views: tables of indexed columns beside the state rows and events, for lists, filters,
 * scope and paging. Adding a view or a column is a line in view.c.
 * Layer: store. Threads: pure.
 *
 * A view row never holds more than what is needed to find it: the JSON of a list comes from the
 * state row (or event) itself, so that lists, single objects and push show the same bytes. A
 * missing value is 0 or "" in a column. */
#ifndef STORE_VIEW_H
#define STORE_VIEW_H
#include "access/scope.h"
#include "model/events.h"
#include "model/objects.h"

/* One per object kind, numbered as the kind, then those that read the events themselves. */
enum view_id {
    VIEW_NONE,
#define VIEW_OF_KIND(number, name) VIEW_##name = number,
    OBJECT_KINDS(VIEW_OF_KIND)
#undef VIEW_OF_KIND
        VIEW_note, /* notes, statements and photos of incidents, by seq */
    VIEW_log,      /* the activity log, by seq */
    VIEW_COUNT
};

enum view_column_flag {
    COLUMN_FILTER = 1, /* may stand in a query */
    COLUMN_ORDER = 2,  /* lists may be ordered by it; indexed together with the key */
    COLUMN_INDEX = 4   /* indexed */
};
struct view_column {
    const char *name; /* a field's name of the object's record, or of the event's envelope */
    enum field_type type;
    uint16_t offset; /* in the object's struct; unused in views of events */
    unsigned flags;
    enum object_kind refers;       /* views of events: what the number names */
    const struct enum_def *values; /* views of events */
};
#define VIEW_MAX_COLUMNS 24
#define VIEW_MAX_EVENT_KINDS 4

struct view {
    enum view_id id;
    const char *name;      /* "incident"; the route without its s */
    enum object_kind kind; /* OBJECT_NONE for views of events */
    uint32_t column_count;
    const struct view_column *columns;
    const char *order;                     /* used when a query names none: "-received_us" */
    const char *time_column;               /* what the filter column "time" means; NULL: none */
    const enum event_kind *only, *without; /* views of events: kinds shown or hidden, ended by 0 */
};
/* NULL: unknown. */
const struct view *view_get(enum view_id id);
enum view_id view_id_of(struct str name);
const struct view_column *view_column(const struct view *view, struct str name); /* NULL: none */
bool view_column_is_text(const struct view_column *column);
/* Of a column's wire values or ids, wherever the column is declared. */
const struct enum_def *view_column_values(const struct view *view,
                                          const struct view_column *column);
enum object_kind view_column_refers(const struct view *view, const struct view_column *column);

/* A state row as the projection sees it. */
struct view_object {
    enum object_kind kind;
    uint32_t number;
    uint64_t seq;
    const void *object; /* struct of object_record(kind) */
};
/* A view row, to be put in place of the one with the same key. Values stand as the view's columns.
 */
struct view_value {
    int64_t number;
    struct str text; /* lent from the object */
};
struct view_row {
    const struct view *view;
    uint32_t key; /* the object's number */
    uint64_t seq;
    struct envelope envelope;
    struct view_value values[VIEW_MAX_COLUMNS];
};
/* The projection: what the view row of an object is after an event, from its state row alone, so
 * that the writer, a rebuild and a full replay give the same rows. Driver-free and pure. */
void view_project(const struct view_object *after, struct view_row *ret_row);
/* The incident that an event belongs to in logs and notes: its own, its assignment's, or the one
 * that a signal or a call becomes by it. `after`: the event's object after it, or NULL. 0 = none.
 */
uint32_t view_event_incident(const struct event *event, const struct view_object *after);
/* What scope needs to know of an object (access/scope.h); an incident's units stand elsewhere. */
void view_envelope(const struct view_object *object, struct envelope *ret_envelope);
/* Text by which an object is found in the search, appended to *out; none for most kinds. Never a
 * personal value: only fields of class public and duty
 * (docs/decisions/0008-search-without-persons.md). */
void view_search_text(const struct view_object *after, struct out *out);
#endif
