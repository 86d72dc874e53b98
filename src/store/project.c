/* The projection: rows of the views and what a search finds, from one state row each. */
#include "base/json.h"
#include "store/view.h"

#include <assert.h>

static int64_t number_of(const struct view_column *column, const void *at)
{
    switch (column->type) {
    case FIELD_U32:
    case FIELD_ENUM:
    case FIELD_REF:
        return *(const uint32_t *)at;
    case FIELD_I64:
    case FIELD_TIME:
        return *(const int64_t *)at;
    case FIELD_BOOL:
        return *(const bool *)at ? 1 : 0;
    case FIELD_PLACE:
    case FIELD_REFS:
    case FIELD_TEXT:
    case FIELD_CHARS:
    case FIELD_PERSONAL:
    case FIELD_JSON:
    case FIELD_BYTES:
        break;
    }
    assert(!"a view column of this type");
    return 0;
}

void view_project(const struct view_object *after, struct view_row *ret_row)
{
    const struct view *view = view_get((enum view_id)after->kind);
    memset(ret_row, 0, sizeof *ret_row);
    ret_row->view = view;
    ret_row->key = after->number;
    ret_row->seq = after->seq;
    view_envelope(after, &ret_row->envelope);
    for (uint32_t i = 0; i < view->column_count; i++) {
        const struct view_column *column = &view->columns[i];
        const char *at = (const char *)after->object + column->offset;
        if (view_column_is_text(column))
            ret_row->values[i].text = str_of(at);
        else
            ret_row->values[i].number = number_of(column, at);
    }
}

static bool is_signal_open(enum signal_stage stage)
{
    return stage == SIGNAL_NEW || stage == SIGNAL_VERIFYING;
}

static bool is_incident_open(enum incident_stage stage)
{
    return stage != INCIDENT_CLOSED && stage != INCIDENT_REVIEWED && stage != INCIDENT_MERGED &&
           stage != INCIDENT_TRANSFERRED;
}

static bool is_assignment_open(enum assignment_stage stage)
{
    return stage < ASSIGNMENT_CLEARED;
}

static bool is_call_open(enum call_stage stage)
{
    return stage != CALL_ENDED && stage != CALL_BACK_DONE;
}

/* What is worked on: it has an end. */
static bool of_work(const struct view_object *o, struct envelope *e)
{
    if (o->kind == OBJECT_signal) {
        const struct signal_object *s = o->object;
        e->area = s->area;
        e->is_open = is_signal_open(s->stage);
    } else if (o->kind == OBJECT_incident) {
        const struct incident_object *i = o->object;
        e->area = i->area;
        e->is_open = is_incident_open(i->stage);
    } else if (o->kind == OBJECT_assignment) {
        const struct assignment_object *a = o->object;
        e->area = a->area;
        e->is_open = is_assignment_open(a->stage);
        e->units = (struct refs){1, {a->unit.v}};
    } else if (o->kind == OBJECT_call) {
        const struct call_object *c = o->object;
        e->area = c->area;
        e->is_open = is_call_open(c->stage);
    } else if (o->kind == OBJECT_emergency) {
        const struct emergency_object *m = o->object;
        e->area = m->area;
        e->units = (struct refs){1, {m->unit.v}};
        e->is_open = m->stage != EMERGENCY_CLEARED;
    } else {
        return false;
    }
    return true;
}

static void of_kind(const struct view_object *o, struct envelope *e)
{
    switch (o->kind) {
    case OBJECT_unit: {
        const struct unit_object *u = o->object;
        e->area = u->area;
        e->body = u->body;
        e->units = (struct refs){1, {o->number}};
        return;
    }
    case OBJECT_post: {
        const struct post_object *p = o->object;
        e->area = p->area;
        e->body = p->body;
        return;
    }
    case OBJECT_area:
        e->area = (struct area_id){o->number};
        return;
    case OBJECT_user: {
        const struct user_object *u = o->object;
        e->area = u->area;
        e->body = u->body;
        e->user = (struct user_id){o->number};
        return;
    }
    case OBJECT_session:
        e->user = ((const struct session_object *)o->object)->user;
        return;
    case OBJECT_closure:
        e->area = ((const struct closure_object *)o->object)->area;
        return;
    case OBJECT_roster:
        e->body = ((const struct roster_object *)o->object)->body;
        return;
    case OBJECT_handover:
        e->area = ((const struct handover_object *)o->object)->area;
        return;
    case OBJECT_hazard:
        e->area = ((const struct hazard_object *)o->object)->area;
        return;
    case OBJECT_NONE:
    case OBJECT_signal:
    case OBJECT_incident:
    case OBJECT_assignment:
    case OBJECT_call:
    case OBJECT_emergency:
    case OBJECT_body:
    case OBJECT_type:
    case OBJECT_plan:
    case OBJECT_timing:
    case OBJECT_hazard_kind:
    case OBJECT_notice:
        return;
    }
}

void view_envelope(const struct view_object *object, struct envelope *ret_envelope)
{
    *ret_envelope = (struct envelope){
        .kind = object->kind, .number = object->number, .data_class = DATA_DUTY, .is_open = true};
    if (!of_work(object, ret_envelope))
        of_kind(object, ret_envelope);
}

uint32_t view_event_incident(const struct event *event, const struct view_object *after)
{
    switch (event_def(event->kind)->object_kind) {
    case OBJECT_incident:
        return event->object;
    case OBJECT_assignment:
        if (event->kind == EVENT_assignment_made)
            return ((const struct assignment_make *)event->fields)->incident.v;
        return after ? ((const struct assignment_object *)after->object)->incident.v : 0;
    case OBJECT_signal:
        if (event->kind == EVENT_signal_moved)
            return ((const struct signal_move *)event->fields)->incident.v;
        return 0;
    case OBJECT_call:
        if (event->kind == EVENT_call_moved)
            return ((const struct call_move *)event->fields)->incident.v;
        return 0;
    case OBJECT_emergency:
        return after ? ((const struct emergency_object *)after->object)->incident.v : 0;
    case OBJECT_NONE:
    case OBJECT_unit:
    case OBJECT_post:
    case OBJECT_area:
    case OBJECT_body:
    case OBJECT_type:
    case OBJECT_plan:
    case OBJECT_user:
    case OBJECT_session:
    case OBJECT_closure:
    case OBJECT_roster:
    case OBJECT_handover:
    case OBJECT_timing:
    case OBJECT_hazard_kind:
    case OBJECT_hazard:
    case OBJECT_notice:
        return 0;
    }
    return 0;
}

static void add(struct out *out, struct str text)
{
    if (text.len == 0)
        return;
    out_byte(out, ' ');
    out_str(out, text);
}

/* Names of a type in every language: the texts of its document's "name", one or one a language. */
static void add_names(struct str document, struct out *out)
{
    struct json root;
    if (json_read(document, &root, NULL) != OK)
        return;
    struct json name = json_get(root, "name");
    add(out, json_text(name));
    if (json_type(name) == JSON_MAP) {
        for (struct json_iter it = json_iter(name); it.key; json_next(&it))
            add(out, json_text(it.value));
    }
    json_free(root);
}

void view_search_text(const struct view_object *after, struct out *out)
{
    if (after->kind == OBJECT_incident) {
        const struct incident_object *i = after->object;
        add(out, str_of(i->address));
        add(out, str_of(i->suggested_text));
        add(out, str_of(i->type));
        add(out, str_of(i->disposition));
        add(out, str_of(i->external_ref));
        add(out, str_of(i->to_body));
    } else if (after->kind == OBJECT_signal) {
        const struct signal_object *s = after->object;
        add(out, str_of(s->address));
        add(out, str_of(s->category));
    } else if (after->kind == OBJECT_unit) {
        const struct unit_object *u = after->object;
        add(out, str_of(u->callsign));
        add(out, str_of(u->kind));
        add(out, str_of(u->capabilities));
    } else if (after->kind == OBJECT_post) {
        const struct post_object *p = after->object;
        add(out, str_of(p->code));
        add(out, str_of(p->name));
    } else if (after->kind == OBJECT_area) {
        const struct area_object *a = after->object;
        add(out, str_of(a->code));
        add(out, str_of(a->name));
        add(out, str_of(a->station));
    } else if (after->kind == OBJECT_hazard) {
        const struct hazard_object *h = after->object;
        add(out, str_of(h->address));
        add(out, str_of(h->note));
        add(out, str_of(h->kind));
    } else if (after->kind == OBJECT_type) {
        const struct type_object *t = after->object;
        add(out, str_of(t->code));
        add_names(t->document, out);
    } else if (after->kind == OBJECT_plan) {
        const struct plan_object *p = after->object;
        add(out, str_of(p->code));
        add_names(p->document, out);
    }
}
