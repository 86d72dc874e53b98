#include "store/view.h"

#include <assert.h>

#define COL(rec, name, TYPE, flags)                                                                \
    {                                                                                              \
#name, FIELD_##TYPE, (uint16_t)offsetof(struct rec, name), (flags), OBJECT_NONE, NULL      \
    }
#define F COLUMN_FILTER
#define O (COLUMN_FILTER | COLUMN_ORDER)
#define X (COLUMN_FILTER | COLUMN_INDEX)

static const struct view_column signal_columns[] = {
    COL(signal_object, stage, ENUM, X),       COL(signal_object, source, ENUM, F),
    COL(signal_object, category, CHARS, F),   COL(signal_object, area, REF, F),
    COL(signal_object, incident, REF, X),     COL(signal_object, duplicate_of, REF, F),
    COL(signal_object, verifier, REF, F),     COL(signal_object, raised_us, TIME, O),
    COL(signal_object, settled_us, TIME, F),  COL(signal_object, follow_code, CHARS, COLUMN_INDEX),
    COL(signal_object, published_us, TIME, X)};

static const struct view_column incident_columns[] = {
    COL(incident_object, stage, ENUM, X),         COL(incident_object, type, CHARS, F),
    COL(incident_object, priority, ENUM, O),      COL(incident_object, initial_priority, ENUM, F),
    COL(incident_object, plan, CHARS, F),         COL(incident_object, level, U32, F),
    COL(incident_object, source, ENUM, F),        COL(incident_object, area, REF, F),
    COL(incident_object, call, REF, F),           COL(incident_object, signal, REF, F),
    COL(incident_object, is_exercise, BOOL, F),   COL(incident_object, is_simulated, BOOL, F),
    COL(incident_object, external_ref, CHARS, X), COL(incident_object, merged_into, REF, F),
    COL(incident_object, disposition, CHARS, F),  COL(incident_object, outcome, CHARS, F),
    COL(incident_object, creator, REF, F),        COL(incident_object, received_us, TIME, O),
    COL(incident_object, scheduled_us, TIME, F),  COL(incident_object, overdue_us, TIME, F),
    COL(incident_object, closed_us, TIME, O)};

static const struct view_column assignment_columns[] = {
    COL(assignment_object, stage, ENUM, F),   COL(assignment_object, incident, REF, X),
    COL(assignment_object, unit, REF, X),     COL(assignment_object, area, REF, F),
    COL(assignment_object, sender, REF, F),   COL(assignment_object, result, CHARS, F),
    COL(assignment_object, sent_us, TIME, O), COL(assignment_object, ended_us, TIME, F)};

static const struct view_column unit_columns[] = {
    COL(unit_object, readiness, ENUM, F),   COL(unit_object, callsign, CHARS, O),
    COL(unit_object, kind, CHARS, F),       COL(unit_object, profile, CHARS, F),
    COL(unit_object, post, REF, F),         COL(unit_object, body, REF, F),
    COL(unit_object, area, REF, F),         COL(unit_object, active, REF, F),
    COL(unit_object, is_community, BOOL, F)};

static const struct view_column call_columns[] = {
    COL(call_object, stage, ENUM, X),         COL(call_object, line, CHARS, F),
    COL(call_object, external_ref, CHARS, X), COL(call_object, area, REF, F),
    COL(call_object, answerer, REF, F),       COL(call_object, incident, REF, F),
    COL(call_object, ringing_us, TIME, O)};

static const struct view_column post_columns[] = {
    COL(post_object, code, CHARS, O), COL(post_object, name, CHARS, F),
    COL(post_object, kind, CHARS, F), COL(post_object, body, REF, F),
    COL(post_object, area, REF, F)};

static const struct view_column area_columns[] = {COL(area_object, code, CHARS, O),
                                                  COL(area_object, level, U32, F),
                                                  COL(area_object, parent, REF, X)};

static const struct view_column body_columns[] = {COL(body_object, code, CHARS, O),
                                                  COL(body_object, kind, CHARS, F),
                                                  COL(body_object, parent, REF, X)};

static const struct view_column type_columns[] = {COL(type_object, code, CHARS, O),
                                                  COL(type_object, version, U32, F)};

static const struct view_column plan_columns[] = {COL(plan_object, code, CHARS, O),
                                                  COL(plan_object, version, U32, F)};

static const struct view_column user_columns[] = {
    COL(user_object, login, CHARS, O), COL(user_object, role, ENUM, F),
    COL(user_object, body, REF, F),    COL(user_object, area, REF, F),
    COL(user_object, unit, REF, F),    COL(user_object, is_disabled, BOOL, F)};

static const struct view_column session_columns[] = {
    COL(session_object, user, REF, X), COL(session_object, token_hash, CHARS, COLUMN_INDEX),
    COL(session_object, expires_us, TIME, F), COL(session_object, is_closed, BOOL, F)};

static const struct view_column closure_columns[] = {
    COL(closure_object, area, REF, F), COL(closure_object, from_us, TIME, O),
    COL(closure_object, until_us, TIME, F), COL(closure_object, lifted_us, TIME, F),
    COL(closure_object, is_in_force, BOOL, F)};

static const struct view_column roster_columns[] = {COL(roster_object, day, CHARS, O),
                                                    COL(roster_object, shift, CHARS, F),
                                                    COL(roster_object, body, REF, F)};

static const struct view_column handover_columns[] = {
    COL(handover_object, shift, CHARS, F), COL(handover_object, signed_by, REF, F),
    COL(handover_object, accepted_by, REF, F), COL(handover_object, area, REF, F),
    COL(handover_object, signed_us, TIME, O)};

static const struct view_column timing_columns[] = {COL(timing_object, unseen_s, U32, F)};

static const struct view_column hazard_kind_columns[] = {COL(hazard_kind_object, code, CHARS, O)};

static const struct view_column hazard_columns[] = {
    COL(hazard_object, kind, CHARS, F),    COL(hazard_object, area, REF, F),
    COL(hazard_object, author, REF, F),    COL(hazard_object, set_us, TIME, O),
    COL(hazard_object, until_us, TIME, F), COL(hazard_object, lifted_us, TIME, F)};

static const struct view_column emergency_columns[] = {
    COL(emergency_object, stage, ENUM, X), COL(emergency_object, unit, REF, X),
    COL(emergency_object, incident, REF, X), COL(emergency_object, area, REF, F),
    COL(emergency_object, raised_us, TIME, O)};

static const struct view_column notice_columns[] = {
    COL(notice_object, is_urgent, BOOL, F), COL(notice_object, author, REF, F),
    COL(notice_object, posted_us, TIME, O), COL(notice_object, withdrawn_us, TIME, F)};

/* Columns of the event table: the envelope, and the incident that the event belongs to. */
#define EVENT_WIRE(number, name, object, rec, version) [number] = #name,
static const char *const event_names[EVENT_KIND_COUNT] = {EVENTS(EVENT_WIRE)};
static const struct enum_def enum_event_kind = {"event_kind", event_names, EVENT_KIND_COUNT};

#define EVENT_COLUMNS                                                                              \
    {"incident", FIELD_REF, 0, X, OBJECT_incident, NULL},                                          \
        {"kind", FIELD_ENUM, 0, F, OBJECT_NONE, &enum_event_kind},                                 \
        {"actor", FIELD_REF, 0, F, OBJECT_user, NULL},                                             \
        {"area", FIELD_REF, 0, F, OBJECT_area, NULL},                                              \
        {"at_us", FIELD_TIME, 0, F, OBJECT_NONE, NULL},                                            \
    {                                                                                              \
        "recorded_us", FIELD_TIME, 0, F, OBJECT_NONE, NULL                                         \
    }
static const struct view_column event_columns[] = {EVENT_COLUMNS};
static const enum event_kind note_kinds[] = {EVENT_incident_noted, EVENT_incident_stated,
                                             EVENT_incident_attached, EVENT_NONE};
static const enum event_kind secret_kinds[] = {EVENT_session_opened, EVENT_session_closed,
                                               EVENT_NONE};
#undef F
#undef O
#undef X

#define COLUMNS(list) .columns = list, .column_count = (uint32_t)(sizeof list / sizeof list[0])
#define VIEW(kindname, by, time)                                                                   \
    [VIEW_##kindname] = {.id = VIEW_##kindname,                                                    \
                         .name = #kindname,                                                        \
                         .kind = OBJECT_##kindname,                                                \
                         COLUMNS(kindname##_columns),                                              \
                         .order = (by),                                                            \
                         .time_column = (time)}
static const struct view views[VIEW_COUNT] = {
    VIEW(signal, "-raised_us", "raised_us"),
    VIEW(incident, "-received_us", "received_us"),
    VIEW(assignment, "-id", "sent_us"),
    VIEW(unit, "callsign", NULL),
    VIEW(call, "-ringing_us", "ringing_us"),
    VIEW(post, "code", NULL),
    VIEW(area, "code", NULL),
    VIEW(body, "code", NULL),
    VIEW(type, "code", NULL),
    VIEW(plan, "code", NULL),
    VIEW(user, "login", NULL),
    VIEW(session, "-id", "expires_us"),
    VIEW(closure, "-from_us", "from_us"),
    VIEW(roster, "-day", NULL),
    VIEW(handover, "-signed_us", "signed_us"),
    VIEW(timing, "id", NULL),
    VIEW(hazard_kind, "code", NULL),
    VIEW(hazard, "-set_us", "set_us"),
    VIEW(emergency, "-raised_us", "raised_us"),
    VIEW(notice, "-posted_us", "posted_us"),
    [VIEW_note] = {.id = VIEW_note,
                   .name = "note",
                   COLUMNS(event_columns),
                   .order = "id",
                   .time_column = "recorded_us",
                   .only = note_kinds},
    [VIEW_log] = {.id = VIEW_log,
                  .name = "log",
                  COLUMNS(event_columns),
                  .order = "-id",
                  .time_column = "recorded_us",
                  .without = secret_kinds},
};

const struct view *view_get(enum view_id id)
{
    return (unsigned)id < VIEW_COUNT && views[id].name ? &views[id] : NULL;
}

enum view_id view_id_of(struct str name)
{
    for (unsigned i = 1; i < VIEW_COUNT; i++) {
        if (str_eq_c(name, views[i].name))
            return views[i].id;
    }
    return VIEW_NONE;
}

const struct view_column *view_column(const struct view *view, struct str name)
{
    for (uint32_t i = 0; i < view->column_count; i++) {
        if (str_eq_c(name, view->columns[i].name))
            return &view->columns[i];
    }
    return NULL;
}

bool view_column_is_text(const struct view_column *column)
{
    return column->type == FIELD_CHARS;
}

const struct enum_def *view_column_values(const struct view *view, const struct view_column *column)
{
    const struct record *rec = object_record(view->kind);
    return rec ? record_field(rec, str_of(column->name))->values : column->values;
}

enum object_kind view_column_refers(const struct view *view, const struct view_column *column)
{
    const struct record *rec = object_record(view->kind);
    return rec ? record_field(rec, str_of(column->name))->refers : column->refers;
}
