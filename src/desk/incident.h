/* incident.h - what the other machines ask of the incident machine. Layer: desk, private. */
#ifndef DESK_INCIDENT_H
#define DESK_INCIDENT_H
#include "desk/draft.h"
#include "desk/machine.h"

/* Takes the row of `command`; emits the move when the stage changes. `more` carries what goes with
 * it (reason, disposition ...), NULL: nothing. Refuses when there is no row. */
enum err incident_step(struct draft *d, uint32_t incident, enum command_kind command,
                       const struct incident_move *more);
/* The move of a row that has been taken; nothing when the stage stays. */
void incident_take(struct draft *d, uint32_t incident, const struct machine_row *row,
                   const struct incident_move *more);
/* The same as a consequence of a command on something else: no row, no move. */
void incident_follow(struct draft *d, uint32_t incident, enum command_kind command);
/* Checks and completes the fields of a new incident, and emits it. */
enum err incident_receive(struct draft *d, struct incident_create *fields, struct area_id area,
                          uint32_t *ret_number);
/* True while it can be worked: not closed, reviewed, merged or transferred. */
bool incident_is_workable(enum incident_stage stage);
/* Live assignments that are not reserved. */
uint32_t incident_sent_count(const struct draft *d, const struct incident_object *incident);
bool incident_is_complete(const struct incident_object *incident);
/* After the incident became pending: units that hold it in reserve and are free are offered it. */
void incident_offer(struct draft *d, uint32_t incident);

/* Apply and decide functions that desk.c lists. */
void incident_apply_received(struct ground *g, const struct event *e);
void incident_apply_amended(struct ground *g, const struct event *e);
void incident_apply_triaged(struct ground *g, const struct event *e);
void incident_apply_moved(struct ground *g, const struct event *e);
void incident_apply_prioritised(struct ground *g, const struct event *e);
void incident_apply_added(struct ground *g, const struct event *e);
void incident_apply_corrected(struct ground *g, const struct event *e);
void incident_apply_escalated(struct ground *g, const struct event *e);
void incident_apply_flagged(struct ground *g, const struct event *e);
enum err incident_decide_create(struct draft *d);
enum err incident_decide_amend(struct draft *d);
enum err incident_decide_triage(struct draft *d);
enum err incident_decide_enter(struct draft *d);
enum err incident_decide_prioritise(struct draft *d);
enum err incident_decide_control(struct draft *d);
enum err incident_decide_close(struct draft *d);
enum err incident_decide_review(struct draft *d);
enum err incident_decide_reopen(struct draft *d);
enum err incident_decide_merge(struct draft *d);
enum err incident_decide_unmerge(struct draft *d);
enum err incident_decide_transfer(struct draft *d);
enum err incident_decide_schedule(struct draft *d);
enum err incident_decide_add(struct draft *d);
enum err incident_decide_correct(struct draft *d);
enum err incident_decide_escalate(struct draft *d);
enum err incident_decide_flag(struct draft *d);
enum err incident_decide_dispatch(struct draft *d);
#endif
