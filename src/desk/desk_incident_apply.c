/* Incidents: what each event does to the state. */
#include "desk/incident.h"

#include "base/utc.h"
#include "desk/parts.h"
#include "desk/watch.h"

static void chosen_by(struct incident_object *o, const struct event *e, bool has_chosen,
                      bool has_verified)
{
    if (has_chosen)
        SET(incident_object, o, chosen_by, e->actor);
    if (has_verified)
        SET(incident_object, o, verified_by, e->actor);
    if (e->area.v)
        SET(incident_object, o, area, e->area);
    else
        CLEAR(incident_object, o, area);
}

void incident_apply_received(struct ground *g, const struct event *e)
{
    const struct incident_create *f = e->fields;
    struct incident_object *o = ground_make(g, OBJECT_incident, e->object);
    ground_copy(g, &record_incident_create, f, &record_incident_object, o);
    SET(incident_object, o, stage, INCIDENT_RECEIVED);
    SET(incident_object, o, initial_priority, f->priority);
    SET(incident_object, o, level, 1);
    SET(incident_object, o, received_us, e->at_us);
    SET(incident_object, o, creator, e->actor);
    chosen_by(o, e, HAS(incident_create, f, chosen), false);
    if (HAS(incident_create, f, call)) {
        struct call_object *call = ground_edit(g, OBJECT_call, f->call.v);
        if (!HAS(call_object, call, incident))
            SET(call_object, call, incident, (struct incident_id){e->object});
    }
    if (!HAS(incident_object, o, scheduled_us))
        incident_ring_new(o, e);
}

void incident_apply_amended(struct ground *g, const struct event *e)
{
    const struct incident_amend *f = e->fields;
    struct incident_object *o = ground_edit(g, OBJECT_incident, e->object);
    ground_copy(g, &record_incident_amend, f, &record_incident_object, o);
    chosen_by(o, e, HAS(incident_amend, f, chosen), HAS(incident_amend, f, verified));
    if (HAS(incident_amend, f, type)) {
        /* answers and proposals belong to the questions of the former type */
        ground_text(g, &o->answers, (struct str){0});
        CLEAR_HAS(incident_object, o, answers);
        CLEAR(incident_object, o, proposed_priority);
        CLEAR(incident_object, o, proposed_plan);
        if (f->plan.len == 0)
            CLEAR(incident_object, o, plan);
    }
}

/* It became urgent: news for the room. */
static void ring_raised(struct incident_object *o, enum priority before, const struct event *e)
{
    if (before > PRIORITY_P1 && o->priority <= PRIORITY_P1)
        incident_ring_new(o, e);
}

void incident_apply_triaged(struct ground *g, const struct event *e)
{
    const struct incident_triage *f = e->fields;
    struct incident_object *o = ground_edit(g, OBJECT_incident, e->object);
    struct str plan = HAS(incident_triage, f, plan) ? f->plan : f->proposed_plan;
    const enum priority before = o->priority;
    ground_copy(g, &record_incident_triage, f, &record_incident_object, o);
    SET(incident_object, o, priority,
        HAS(incident_triage, f, priority) ? f->priority : f->proposed_priority);
    CHARS_SET(o->plan, plan);
    SET_HAS(incident_object, o, plan);
    if (plan.len == 0)
        CLEAR(incident_object, o, plan);
    if (f->proposed_plan.len == 0)
        CLEAR(incident_object, o, proposed_plan);
    ring_raised(o, before, e);
}

static void merge(struct ground *g, struct incident_object *o, uint32_t number,
                  const struct incident_move *f)
{
    struct incident_object *into = ground_edit(g, OBJECT_incident, f->into.v);
    SET(incident_object, o, stage_before_merge, o->stage);
    SET(incident_object, o, merged_into, f->into);
    REFS_ADD(incident_object, into, merged, number);
    SET(incident_object, into, merged_count, into->merged.count);
}

static void unmerge(struct ground *g, struct incident_object *o, uint32_t number)
{
    struct incident_object *into = ground_edit(g, OBJECT_incident, o->merged_into.v);
    CLEAR(incident_object, o, merged_into);
    CLEAR(incident_object, o, stage_before_merge);
    REFS_REMOVE(incident_object, into, merged, number);
    SET(incident_object, into, merged_count, into->merged.count);
}

static void stamp_move(struct incident_object *o, const struct event *e)
{
    const struct incident_move *f = e->fields;
    switch (f->to) {
    case INCIDENT_PENDING:
        STAMP(incident_object, o, entered_us, e->at_us);
        break;
    case INCIDENT_CONTROLLED:
        STAMP(incident_object, o, controlled_us, e->at_us);
        break;
    case INCIDENT_CLOSED:
        if (HAS(incident_object, o, closed_us))
            SET(incident_object, o, reclosed_us, e->at_us);
        STAMP(incident_object, o, closed_us, e->at_us);
        if (HAS(incident_object, o, emptied_us))
            STAMP(incident_object, o, cleared_us, o->emptied_us);
        break;
    case INCIDENT_REVIEWED:
        STAMP(incident_object, o, reviewed_us, e->at_us);
        break;
    case INCIDENT_TRANSFERRED:
        STAMP(incident_object, o, transferred_us, e->at_us);
        break;
    case INCIDENT_SCHEDULED:
        if (HAS(incident_move, f, due_us))
            SET(incident_object, o, scheduled_us, f->due_us);
        break;
    case INCIDENT_REOPENED:
        SET(incident_object, o, reopened_count, o->reopened_count + 1);
        break;
    case INCIDENT_STAGE_NONE:
    case INCIDENT_RECEIVED:
    case INCIDENT_OPEN:
    case INCIDENT_MERGED:
    case INCIDENT_STAGE_COUNT:
        break;
    }
}

/* Who waits again is news; what is settled, or worked on, is quiet. */
static void ring_moved(struct incident_object *o, const struct event *e)
{
    const struct incident_move *f = e->fields;
    if (f->to == INCIDENT_REOPENED || (f->to == INCIDENT_PENDING && o->stage != INCIDENT_RECEIVED))
        incident_ring_new(o, e);
    else if (f->to != INCIDENT_PENDING)
        incident_hush(o);
}

/* What a stage adds is stamped only when the incident gets there by itself: un-merge puts back what
 * was, and stamps nothing. */
void incident_apply_moved(struct ground *g, const struct event *e)
{
    const struct incident_move *f = e->fields;
    struct incident_object *o = ground_edit(g, OBJECT_incident, e->object);
    ground_copy(g, &record_incident_move, f, &record_incident_object, o);
    if (o->stage == INCIDENT_MERGED) {
        unmerge(g, o, e->object);
    } else {
        CLEAR(incident_object, o, overdue_us);
        if (f->to == INCIDENT_MERGED)
            merge(g, o, e->object, f);
        else
            stamp_move(o, e);
        ring_moved(o, e);
    }
    o->stage = f->to;
}

void incident_apply_prioritised(struct ground *g, const struct event *e)
{
    const struct incident_prioritise *f = e->fields;
    struct incident_object *o = ground_edit(g, OBJECT_incident, e->object);
    const enum priority before = o->priority;
    SET(incident_object, o, priority, f->priority);
    ring_raised(o, before, e);
}

void incident_apply_added(struct ground *g, const struct event *e)
{
    struct incident_object *o = ground_edit(g, OBJECT_incident, e->object);
    SET(incident_object, o, note_count, o->note_count + 1);
}

void incident_apply_escalated(struct ground *g, const struct event *e)
{
    const struct incident_escalate *f = e->fields;
    struct incident_object *o = ground_edit(g, OBJECT_incident, e->object);
    SET(incident_object, o, level, f->level);
}

void incident_apply_flagged(struct ground *g, const struct event *e)
{
    struct incident_object *o = ground_edit(g, OBJECT_incident, e->object);
    SET(incident_object, o, overdue_us, e->at_us);
    incident_ring(o, BELL_WAITING, e);
}

static void time_write(struct json_out *j, const char *key, bool has, int64_t utc_us)
{
    char iso[UTC_ISO_CAP];
    utc_iso(utc_us, iso);
    json_kc(j, key, has ? iso : NULL);
}

static void correction_write(struct json_out *j, const struct event *e, const void *object,
                             const struct record *rec)
{
    const struct incident_correct *f = e->fields;
    const struct field *stamp = record_field(rec, f->stamp);
    char author[ID_TEXT_CAP];
    int64_t was_us;
    memcpy(&was_us, (const char *)object + stamp->offset, sizeof was_us);
    id_text(OBJECT_user, e->realm, e->actor.v, author);
    json_key(j, stamp->name);
    json_obj(j);
    time_write(j, "at", true, e->at_us);
    json_kc(j, "by", author[0] ? author : NULL);
    json_kstr(j, "reason", f->reason);
    time_write(j, "value", true, f->value_us);
    time_write(j, "was", record_has(rec, object, stamp->offset), was_us);
    json_obj_end(j);
}

/* The map of corrections with this one put in its sorted place, so that equal facts have equal
 * bytes. */
static void corrections_write(struct out *out, struct str before, const struct event *e,
                              const void *object, const struct record *rec)
{
    const struct incident_correct *f = e->fields;
    struct json_out j = json_out_of(out);
    struct json root = {0};
    bool is_done = false;
    struct out one;
    out_init(&one, MAX_DOCUMENT_BYTES);
    if (before.len > 0 && json_read(before, &root, NULL) != OK)
        root = (struct json){0};
    json_obj(&j);
    for (struct json_iter it = json_iter(root); it.key; json_next(&it)) {
        int order = str_cmp(str_of(it.key), f->stamp);
        if (order >= 0 && !is_done) {
            correction_write(&j, e, object, rec);
            is_done = true;
        }
        out_reset(&one);
        if (order != 0 && json_canonical(it.value, &one) == OK) {
            json_key(&j, it.key);
            json_raw(&j, out_view(&one));
        }
    }
    if (!is_done)
        correction_write(&j, e, object, rec);
    json_obj_end(&j);
    json_free(root);
    out_done(&one);
}

void incident_apply_corrected(struct ground *g, const struct event *e)
{
    const struct incident_correct *f = e->fields;
    struct incident_object *o = ground_edit(g, OBJECT_incident, e->object);
    struct out out;
    out_init(&out, MAX_DOCUMENT_BYTES);
    if (HAS(incident_correct, f, assignment)) {
        struct assignment_object *a = ground_edit(g, OBJECT_assignment, f->assignment.v);
        corrections_write(&out, a->corrections, e, a, &record_assignment_object);
        ground_text(g, &a->corrections,
                    g->draft ? arena_dup(g->draft->arena, out_view(&out)) : out_view(&out));
        SET_HAS(assignment_object, a, corrections);
    } else {
        corrections_write(&out, o->corrections, e, o, &record_incident_object);
        ground_text(g, &o->corrections,
                    g->draft ? arena_dup(g->draft->arena, out_view(&out)) : out_view(&out));
        SET_HAS(incident_object, o, corrections);
    }
    out_done(&out);
}
