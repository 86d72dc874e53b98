#include "model/objects.h"

#include "model/record_table.h"

#define RECORD_NOW signal_object
RECORD_TABLE(signal_object, SIGNAL_OBJECT_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW incident_object
RECORD_TABLE(incident_object, INCIDENT_OBJECT_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW assignment_object
RECORD_TABLE(assignment_object, ASSIGNMENT_OBJECT_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW unit_object
RECORD_TABLE(unit_object, UNIT_OBJECT_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW call_object
RECORD_TABLE(call_object, CALL_OBJECT_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW post_object
RECORD_TABLE(post_object, POST_OBJECT_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW area_object
RECORD_TABLE(area_object, AREA_OBJECT_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW body_object
RECORD_TABLE(body_object, BODY_OBJECT_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW type_object
RECORD_TABLE(type_object, TYPE_OBJECT_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW plan_object
RECORD_TABLE(plan_object, PLAN_OBJECT_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW user_object
RECORD_TABLE(user_object, USER_OBJECT_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW session_object
RECORD_TABLE(session_object, SESSION_OBJECT_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW closure_object
RECORD_TABLE(closure_object, CLOSURE_OBJECT_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW roster_object
RECORD_TABLE(roster_object, ROSTER_OBJECT_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW handover_object
RECORD_TABLE(handover_object, HANDOVER_OBJECT_FIELDS)
#undef RECORD_NOW
#define RECORD_NOW timing_object
RECORD_TABLE(timing_object, TIMING_OBJECT_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW hazard_kind_object
RECORD_TABLE(hazard_kind_object, HAZARD_KIND_OBJECT_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW hazard_object
RECORD_TABLE(hazard_object, HAZARD_OBJECT_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW emergency_object
RECORD_TABLE(emergency_object, EMERGENCY_OBJECT_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW notice_object
RECORD_TABLE(notice_object, NOTICE_OBJECT_FIELDS)
#undef RECORD_NOW

#define OBJECT_ENTRY(number, name) [number] = &record_##name##_object,
static const struct record *const object_records[OBJECT_KIND_COUNT] = {OBJECT_KINDS(OBJECT_ENTRY)};
#undef OBJECT_ENTRY

const struct record *object_record(enum object_kind kind)
{
    return (unsigned)kind < OBJECT_KIND_COUNT ? object_records[kind] : NULL;
}

struct place incident_place(const struct incident_object *o)
{
    if (HAS(incident_object, o, verified))
        return o->verified;
    if (HAS(incident_object, o, chosen))
        return o->chosen;
    return HAS(incident_object, o, suggested) ? o->suggested : PLACE_NONE;
}
