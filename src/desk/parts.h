/* parts.h - the decide and apply functions of every machine but the incident's, as desk.c lists
 * them. Layer: desk, private. */
#ifndef DESK_PARTS_H
#define DESK_PARTS_H
#include "desk/draft.h"

struct machine_row;

enum err signal_decide_raise(struct draft *d);
enum err signal_decide_claim(struct draft *d);
enum err signal_decide_confirm(struct draft *d);
enum err signal_decide_dismiss(struct draft *d);
enum err signal_decide_duplicate(struct draft *d);
enum err signal_decide_expire(struct draft *d);
enum err signal_decide_publish(struct draft *d);
enum err signal_decide_withdraw(struct draft *d);
void signal_apply_published(struct ground *g, const struct event *e);
void signal_apply_withdrawn(struct ground *g, const struct event *e);
void signal_apply_raised(struct ground *g, const struct event *e);
void signal_apply_moved(struct ground *g, const struct event *e);

enum err assignment_decide_send(struct draft *d);
enum err assignment_decide_report(struct draft *d); /* see, depart, stage, arrive */
enum err assignment_decide_clear(struct draft *d);
enum err assignment_decide_give_up(struct draft *d); /* decline, cancel */
enum err assignment_decide_flag(struct draft *d);
void assignment_apply_made(struct ground *g, const struct event *e);
void assignment_apply_moved(struct ground *g, const struct event *e);
void assignment_apply_offered(struct ground *g, const struct event *e);
void assignment_apply_flagged(struct ground *g, const struct event *e);
bool assignment_is_live(enum assignment_stage stage);

/* Refuses unless the unit may be sent to (or hold in reserve) the incident. */
enum err unit_must_be_sendable(struct draft *d, uint32_t unit, uint32_t incident, bool is_reserve);
/* Takes the row of `command` and emits the move when the readiness changes. */
enum err unit_step(struct draft *d, uint32_t unit, enum command_kind command);
/* After an assignment ended: readiness falls back, and the next of its stack is offered. */
void unit_release(struct draft *d, uint32_t unit, enum command_kind command);
void unit_offer_next(struct draft *d, uint32_t unit);
enum err unit_decide_enrol(struct draft *d);
enum err unit_decide_sign_on(struct draft *d);
enum err unit_decide_sign_off(struct draft *d);
enum err unit_decide_suspend(struct draft *d);
enum err unit_decide_resume(struct draft *d);
enum err unit_decide_place(struct draft *d);
void unit_apply_enrolled(struct ground *g, const struct event *e);
void unit_apply_signed_on(struct ground *g, const struct event *e);
void unit_apply_moved(struct ground *g, const struct event *e);
void unit_apply_placed(struct ground *g, const struct event *e);

enum err call_decide_ring(struct draft *d);
enum err call_decide_answer(struct draft *d);
enum err call_decide_end(struct draft *d);
enum err call_decide_back(struct draft *d);
enum err call_decide_flag(struct draft *d);
void call_apply_rang(struct ground *g, const struct event *e);
void call_apply_moved(struct ground *g, const struct event *e);
void call_apply_flagged(struct ground *g, const struct event *e);

/* Watch: ask, check, miss, hear. */
enum err assignment_decide_watch(struct draft *d);
enum err incident_decide_hear(struct draft *d);
bool need_asking(struct draft *d, uint32_t number, const struct machine_row *row);
bool need_bell(struct draft *d, uint32_t number, const struct machine_row *row);
void assignment_apply_asked(struct ground *g, const struct event *e);
void assignment_apply_checked(struct ground *g, const struct event *e);
void assignment_apply_missed(struct ground *g, const struct event *e);
void assignment_apply_heard(struct ground *g, const struct event *e);
void incident_apply_heard(struct ground *g, const struct event *e);

/* Whose unit the command speaks for: the actor's own, or for an account without one the unit that
 * is named. Refuses with ERR_DENIED, ERR_RANGE, ERR_NOT_FOUND. */
enum err unit_of_actor(struct draft *d, bool has_unit, struct unit_id given, uint32_t *ret_unit);
enum err emergency_decide_raise(struct draft *d);
enum err emergency_decide_acknowledge(struct draft *d);
enum err emergency_decide_clear(struct draft *d);
enum err emergency_decide_flag(struct draft *d);
void emergency_apply_raised(struct ground *g, const struct event *e);
void emergency_apply_acknowledged(struct ground *g, const struct event *e);
void emergency_apply_cleared(struct ground *g, const struct event *e);
void emergency_apply_flagged(struct ground *g, const struct event *e);

enum err hazard_kind_decide_install(struct draft *d);
enum err hazard_decide_set(struct draft *d);
enum err hazard_decide_amend(struct draft *d);
enum err hazard_decide_lift(struct draft *d);
void hazard_apply_set(struct ground *g, const struct event *e);
void hazard_apply_amended(struct ground *g, const struct event *e);
void hazard_apply_lifted(struct ground *g, const struct event *e);

enum err notice_decide_post(struct draft *d);
enum err notice_decide_confirm(struct draft *d);
enum err notice_decide_withdraw(struct draft *d);
void notice_apply_posted(struct ground *g, const struct event *e);
void notice_apply_confirmed(struct ground *g, const struct event *e);
void notice_apply_withdrawn(struct ground *g, const struct event *e);

enum err install_decide(struct draft *d); /* post, area, body: found by code */
enum err type_decide_install(struct draft *d);
enum err plan_decide_install(struct draft *d);
enum err user_decide_install(struct draft *d);
enum err user_decide_disable(struct draft *d);
enum err session_decide_open(struct draft *d);
enum err session_decide_close(struct draft *d);
enum err closure_decide_set(struct draft *d);
enum err closure_decide_start(struct draft *d);
enum err closure_decide_lift(struct draft *d);
enum err roster_decide_set(struct draft *d);
/* The times installed, or the preset. */
void timing_in_force(const struct desk *desk, struct timing_install *ret_timing);
enum err timing_decide_install(struct draft *d);
enum err handover_decide_sign(struct draft *d);
enum err handover_decide_accept(struct draft *d);
void install_apply(struct ground *g, const struct event *e);
void area_apply_installed(struct ground *g, const struct event *e);
void body_apply_installed(struct ground *g, const struct event *e);
void user_apply_disabled(struct ground *g, const struct event *e);
void session_apply_opened(struct ground *g, const struct event *e);
void session_apply_closed(struct ground *g, const struct event *e);
void closure_apply_set(struct ground *g, const struct event *e);
void closure_apply_started(struct ground *g, const struct event *e);
void closure_apply_lifted(struct ground *g, const struct event *e);
void roster_apply_set(struct ground *g, const struct event *e);
void handover_apply_signed(struct ground *g, const struct event *e);
void handover_apply_accepted(struct ground *g, const struct event *e);
#endif
