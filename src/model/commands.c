#include "model/commands.h"

/* The verb is the name behind the object kind's name and '_'. */
#define COMMAND_ENTRY(number, cname, object, rec)                                                  \
    [number] = {#cname, &#cname[sizeof #object], OBJECT_##object, &record_##rec},
static const struct command_def command_defs[COMMAND_KIND_COUNT] = {COMMANDS(COMMAND_ENTRY)};
#undef COMMAND_ENTRY

const struct command_def *command_def(enum command_kind kind)
{
    if ((unsigned)kind >= COMMAND_KIND_COUNT || !command_defs[kind].name)
        return NULL;
    return &command_defs[kind];
}

enum command_kind command_kind_of(struct str name)
{
    for (unsigned i = 1; i < COMMAND_KIND_COUNT; i++) {
        if (command_defs[i].name && str_eq_c(name, command_defs[i].name))
            return (enum command_kind)i;
    }
    return COMMAND_NONE;
}

bool command_makes(enum command_kind kind)
{
    static const bool makes[COMMAND_KIND_COUNT] = {
        [COMMAND_signal_raise] = true,   [COMMAND_incident_create] = true,
        [COMMAND_unit_enrol] = true,     [COMMAND_call_ring] = true,
        [COMMAND_post_install] = true,   [COMMAND_area_install] = true,
        [COMMAND_body_install] = true,   [COMMAND_type_install] = true,
        [COMMAND_plan_install] = true,   [COMMAND_user_install] = true,
        [COMMAND_timing_install] = true, [COMMAND_session_open] = true,
        [COMMAND_closure_set] = true,    [COMMAND_roster_set] = true,
        [COMMAND_handover_sign] = true,  [COMMAND_hazard_kind_install] = true,
        [COMMAND_hazard_set] = true,     [COMMAND_emergency_raise] = true,
        [COMMAND_notice_post] = true,
    };
    return (unsigned)kind < COMMAND_KIND_COUNT && makes[kind];
}
