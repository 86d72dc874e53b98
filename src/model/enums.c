#include "model/enums.h"

#define WIRE(value, name, wire) [value] = wire,
#define ENUM_DEF(name, LIST)                                                                       \
    static const char *const name##_names[] = {LIST(WIRE)};                                        \
    const struct enum_def enum_##name = {                                                          \
        #name, name##_names, (uint32_t)(sizeof name##_names / sizeof name##_names[0])};

ENUM_DEF(role, ROLES)
ENUM_DEF(signal_stage, SIGNAL_STAGES)
ENUM_DEF(incident_stage, INCIDENT_STAGES)
ENUM_DEF(assignment_stage, ASSIGNMENT_STAGES)
ENUM_DEF(readiness, READINESS)
ENUM_DEF(call_stage, CALL_STAGES)
ENUM_DEF(priority, PRIORITIES)
ENUM_DEF(source, SOURCES)
ENUM_DEF(clock_source, CLOCK_SOURCES)
ENUM_DEF(person_category, PERSON_CATEGORIES)
ENUM_DEF(certainty, CERTAINTIES)
ENUM_DEF(purpose, PURPOSES)
ENUM_DEF(data_class, DATA_CLASSES)
ENUM_DEF(emergency_stage, EMERGENCY_STAGES)
ENUM_DEF(bell, BELLS)

const char *enum_wire(const struct enum_def *def, uint32_t value)
{
    return value < def->count ? def->names[value] : NULL;
}

uint32_t enum_value(const struct enum_def *def, struct str wire)
{
    for (uint32_t i = 1; i < def->count; i++) {
        if (def->names[i] && str_eq_c(wire, def->names[i]))
            return i;
    }
    return 0;
}
