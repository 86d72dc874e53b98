/* watch.h - officers' safety on scene, and what the room must hear. Layer: desk, private.
 *
 * Who is the only unit on scene (alone_us) is asked after a while whether all is well, and asked
 * again as long after each answer; a question that stays open becomes a flag and a bell. The times
 * are the type's (docs/formats/incident-type.md) or those in force.
 *
 * A bell is part of the object that rings, so that it is acknowledged once for every console and
 * rings again only when there is news; it goes when somebody works on it. */
#ifndef DESK_WATCH_H
#define DESK_WATCH_H
#include "desk/draft.h"

/* When the unit is asked, or its answer is missed; *ret_command says which. 0: never. */
int64_t watch_due(const struct desk *desk, const struct timing_install *timing,
                  const struct assignment_object *assignment, enum command_kind *ret_command);
/* After a unit of the incident arrived or left: who is the only one there now. */
void watch_company(struct ground *g, const struct incident_object *incident, int64_t at_us);

/* Told later than this it is history, and nobody is called for it. */
#define BELL_NEWS_US INT64_C(3600000000)
void incident_ring(struct incident_object *incident, enum bell bell, const struct event *e);
/* One that nobody works on: urgent or new, by its priority. */
void incident_ring_new(struct incident_object *incident, const struct event *e);
void incident_hush(struct incident_object *incident);
void assignment_ring(struct assignment_object *assignment, enum bell bell, const struct event *e);
void assignment_hush(struct assignment_object *assignment);
#endif
