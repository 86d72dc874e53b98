#include "model/events.h"

#define EVENT_ENTRY(number, name, object, rec, version)                                            \
    [number] = {#name, OBJECT_##object, &record_##rec, version},
static const struct event_def event_defs[EVENT_KIND_COUNT] = {EVENTS(EVENT_ENTRY)};
#undef EVENT_ENTRY

const struct event_def *event_def(enum event_kind kind)
{
    if ((unsigned)kind >= EVENT_KIND_COUNT || !event_defs[kind].name)
        return NULL;
    return &event_defs[kind];
}

enum event_kind event_kind_of(struct str name)
{
    for (unsigned i = 1; i < EVENT_KIND_COUNT; i++) {
        if (event_defs[i].name && str_eq_c(name, event_defs[i].name))
            return (enum event_kind)i;
    }
    return EVENT_NONE;
}
