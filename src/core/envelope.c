/* envelope.c - what access needs to know of an object in memory. */
#include "core/core_priv.h"

static void of_incident(const struct core *core, const struct incident_object *o,
                        struct envelope *e)
{
    e->area = o->area;
    e->is_open = o->stage != INCIDENT_CLOSED && o->stage != INCIDENT_REVIEWED &&
                 o->stage != INCIDENT_MERGED && o->stage != INCIDENT_TRANSFERRED;
    for (uint32_t i = 0; i < o->assignments.count; i++) {
        const struct assignment_object *a =
            desk_assignment(core->desk, (struct assignment_id){o->assignments.v[i]});
        if (a && e->units.count < MAX_REFS)
            e->units.v[e->units.count++] = a->unit.v;
    }
}

static void of_emergency(const struct core *core, const struct emergency_object *o,
                         struct envelope *e)
{
    const struct incident_object *incident = desk_incident(core->desk, o->incident);
    if (incident)
        of_incident(core, incident, e);
    e->area = o->area;
    e->is_open = o->stage != EMERGENCY_CLEARED;
    if (e->units.count < MAX_REFS)
        e->units.v[e->units.count++] = o->unit.v;
}

static void of_unit(const struct unit_object *o, uint32_t number, struct envelope *e)
{
    e->body = o->body;
    e->area = o->area;
    e->units = (struct refs){1, {number}};
}

static void of_assignment(const struct assignment_object *o, struct envelope *e)
{
    e->area = o->area;
    e->units = (struct refs){1, {o->unit.v}};
    e->is_open = o->stage < ASSIGNMENT_CLEARED;
}

static void of_user(const struct user_object *o, uint32_t number, struct envelope *e)
{
    e->body = o->body;
    e->area = o->area;
    e->user = (struct user_id){number};
}

static void of_other(const void *object, enum object_kind kind, struct envelope *e)
{
    if (kind == OBJECT_signal) {
        const struct signal_object *o = object;
        e->area = o->area;
        e->is_open = o->stage == SIGNAL_NEW || o->stage == SIGNAL_VERIFYING;
    } else if (kind == OBJECT_call) {
        const struct call_object *o = object;
        e->area = o->area;
        e->is_open = o->stage != CALL_ENDED && o->stage != CALL_BACK_DONE;
    } else if (kind == OBJECT_post) {
        e->area = ((const struct post_object *)object)->area;
        e->body = ((const struct post_object *)object)->body;
    } else if (kind == OBJECT_closure) {
        e->area = ((const struct closure_object *)object)->area;
    } else if (kind == OBJECT_roster) {
        e->body = ((const struct roster_object *)object)->body;
    } else if (kind == OBJECT_handover) {
        e->area = ((const struct handover_object *)object)->area;
    } else if (kind == OBJECT_hazard) {
        e->area = ((const struct hazard_object *)object)->area;
    } else if (kind == OBJECT_session) {
        e->user = ((const struct session_object *)object)->user;
    }
}

void core_envelope_of(struct core *core, struct object_ref ref, struct envelope *ret_envelope)
{
    const void *object = desk_object(core->desk, ref.kind, ref.number);
    struct envelope e = {
        .kind = ref.kind, .number = ref.number, .data_class = DATA_DUTY, .is_open = true};
    if (object) {
        if (ref.kind == OBJECT_incident)
            of_incident(core, object, &e);
        else if (ref.kind == OBJECT_emergency)
            of_emergency(core, object, &e);
        else if (ref.kind == OBJECT_assignment)
            of_assignment(object, &e);
        else if (ref.kind == OBJECT_unit)
            of_unit(object, ref.number, &e);
        else if (ref.kind == OBJECT_user)
            of_user(object, ref.number, &e);
        else
            of_other(object, ref.kind, &e);
    }
    *ret_envelope = e;
}
