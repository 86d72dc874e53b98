/* view.h - views: tables of indexed columns beside the state rows and events, for lists, filters,
 * scope and paging. Adding a view or a column is a line in view.c.
 * Layer: store. Threads: pure.
 *
 * A view row never holds more than what is needed to find it: the JSON of a list comes from the state
 * row (or event) itself, so that lists, single objects and push show the same bytes. A missing value
 * is 0 or "" in a column. */
#ifndef STORE_VIEW_H
#define STORE_VIEW_H
#include "access/scope.h"
#include "model/events.h"
#include "model/objects.h"

/* One per object kind, numbered as the kind, then those made from events. */
enum view_id {
    VIEW_NONE,
#define VIEW_OF_KIND(number, name) VIEW_##name = number,
    OBJECT_KINDS(VIEW_OF_KIND)
#undef VIEW_OF_KIND
    VIEW_note, /* notes, statements and photos of an incident; key: seq of the event */
    VIEW_log,  /* every event that the activity log shows; key: seq */
    VIEW_COUNT
};

enum view_column_flag {
    COLUMN_FILTER = 1, /* may stand in a query */
    COLUMN_ORDER = 2,  /* lists may be ordered by it; indexed together with the key */
    COLUMN_INDEX = 4   /* indexed */
};
struct view_column {
    const char *name;          /* a field's name of the record, or of the event's envelope */
    const struct field *field; /* NULL in views made from events */
    enum object_kind refers;   /* REF columns: what the number names */
    bool is_text;
    unsigned flags;
};
#define VIEW_MAX_COLUMNS 24

struct view {
    enum view_id id;
    const char *name;             /* "incident"; also the route without its s */
    enum object_kind kind;        /* OBJECT_NONE for views made from events */
    const struct view_column *columns;
    uint32_t column_count;
    const char *preset_order;     /* "-received_us": used when a query names none */
};
/* NULL: unknown. */
const struct view *view_get(enum view_id id);
enum view_id view_id_of(struct str name);

/* One change of a view row. Values stand in the order of the view's columns. */
struct view_value {
    int64_t number;
    struct str text;
};
struct view_change {
    const struct view *view;
    uint64_t key; /* object number, or seq */
    uint64_t seq; /* version of the row */
    struct envelope envelope; /* scope columns; units only where the row itself names one */
    uint32_t value_count;
    struct view_value values[VIEW_MAX_COLUMNS];
};
typedef void (*view_change_fn)(void *ctx, const struct view_change *change);

/* A state row as the projection sees it. */
struct view_object {
    enum object_kind kind;
    uint32_t number;
    uint64_t seq;
    const void *object; /* struct of object_record(kind) */
};
/* Which view rows one event, and the state row of its object after it, give: upserts, passed to fn.
 * Driver-free and pure: the writer, the rebuild and the replay test all call this. */
void view_project(const struct event *event, const struct view_object *after, view_change_fn fn,
                  void *ctx);
/* What scope needs to know of an object (access/scope.h); an incident's units are not in its row. */
void view_envelope(const struct view_object *object, struct envelope *ret_envelope);
/* Text by which an object is found in the search, written to *out; none for most kinds. Never a
 * personal value: only fields of class public and duty (docs/decisions/0020-search.md). */
void view_search_text(const struct view_object *after, struct out *out);
#endif
