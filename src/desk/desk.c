#include "desk/desk.h"

#include "desk/incident.h"
#include "desk/parts.h"

const decide_fn desk_decide_fns[COMMAND_KIND_COUNT] = {
    [COMMAND_signal_raise] = signal_decide_raise,
    [COMMAND_signal_claim] = signal_decide_claim,
    [COMMAND_signal_confirm] = signal_decide_confirm,
    [COMMAND_signal_dismiss] = signal_decide_dismiss,
    [COMMAND_signal_duplicate] = signal_decide_duplicate,
    [COMMAND_signal_expire] = signal_decide_expire,
    [COMMAND_signal_publish] = signal_decide_publish,
    [COMMAND_signal_withdraw] = signal_decide_withdraw,
    [COMMAND_incident_create] = incident_decide_create,
    [COMMAND_incident_amend] = incident_decide_amend,
    [COMMAND_incident_triage] = incident_decide_triage,
    [COMMAND_incident_enter] = incident_decide_enter,
    [COMMAND_incident_prioritise] = incident_decide_prioritise,
    [COMMAND_incident_control] = incident_decide_control,
    [COMMAND_incident_close] = incident_decide_close,
    [COMMAND_incident_review] = incident_decide_review,
    [COMMAND_incident_reopen] = incident_decide_reopen,
    [COMMAND_incident_merge] = incident_decide_merge,
    [COMMAND_incident_unmerge] = incident_decide_unmerge,
    [COMMAND_incident_transfer] = incident_decide_transfer,
    [COMMAND_incident_schedule] = incident_decide_schedule,
    [COMMAND_incident_note] = incident_decide_add,
    [COMMAND_incident_state] = incident_decide_add,
    [COMMAND_incident_attach] = incident_decide_add,
    [COMMAND_incident_correct] = incident_decide_correct,
    [COMMAND_incident_escalate] = incident_decide_escalate,
    [COMMAND_incident_dispatch] = incident_decide_dispatch,
    [COMMAND_incident_flag] = incident_decide_flag,
    [COMMAND_incident_hear] = incident_decide_hear,
    [COMMAND_assignment_send] = assignment_decide_send,
    [COMMAND_assignment_see] = assignment_decide_report,
    [COMMAND_assignment_depart] = assignment_decide_report,
    [COMMAND_assignment_stage] = assignment_decide_report,
    [COMMAND_assignment_arrive] = assignment_decide_report,
    [COMMAND_assignment_clear] = assignment_decide_clear,
    [COMMAND_assignment_decline] = assignment_decide_give_up,
    [COMMAND_assignment_cancel] = assignment_decide_give_up,
    [COMMAND_assignment_flag] = assignment_decide_flag,
    [COMMAND_assignment_ask] = assignment_decide_watch,
    [COMMAND_assignment_check] = assignment_decide_watch,
    [COMMAND_assignment_miss] = assignment_decide_watch,
    [COMMAND_assignment_hear] = assignment_decide_watch,
    [COMMAND_unit_enrol] = unit_decide_enrol,
    [COMMAND_unit_sign_on] = unit_decide_sign_on,
    [COMMAND_unit_sign_off] = unit_decide_sign_off,
    [COMMAND_unit_suspend] = unit_decide_suspend,
    [COMMAND_unit_resume] = unit_decide_resume,
    [COMMAND_unit_place] = unit_decide_place,
    [COMMAND_call_ring] = call_decide_ring,
    [COMMAND_call_answer] = call_decide_answer,
    [COMMAND_call_end] = call_decide_end,
    [COMMAND_call_back] = call_decide_back,
    [COMMAND_call_flag] = call_decide_flag,
    [COMMAND_post_install] = install_decide,
    [COMMAND_area_install] = install_decide,
    [COMMAND_body_install] = install_decide,
    [COMMAND_type_install] = type_decide_install,
    [COMMAND_plan_install] = plan_decide_install,
    [COMMAND_user_install] = user_decide_install,
    [COMMAND_user_disable] = user_decide_disable,
    [COMMAND_session_open] = session_decide_open,
    [COMMAND_session_close] = session_decide_close,
    [COMMAND_closure_set] = closure_decide_set,
    [COMMAND_closure_start] = closure_decide_start,
    [COMMAND_closure_lift] = closure_decide_lift,
    [COMMAND_roster_set] = roster_decide_set,
    [COMMAND_handover_sign] = handover_decide_sign,
    [COMMAND_handover_accept] = handover_decide_accept,
    [COMMAND_timing_install] = timing_decide_install,
    [COMMAND_hazard_kind_install] = hazard_kind_decide_install,
    [COMMAND_hazard_set] = hazard_decide_set,
    [COMMAND_hazard_amend] = hazard_decide_amend,
    [COMMAND_hazard_lift] = hazard_decide_lift,
    [COMMAND_emergency_raise] = emergency_decide_raise,
    [COMMAND_emergency_acknowledge] = emergency_decide_acknowledge,
    [COMMAND_emergency_clear] = emergency_decide_clear,
    [COMMAND_emergency_flag] = emergency_decide_flag,
    [COMMAND_notice_post] = notice_decide_post,
    [COMMAND_notice_confirm] = notice_decide_confirm,
    [COMMAND_notice_withdraw] = notice_decide_withdraw,
};

const apply_fn desk_apply_fns[EVENT_KIND_COUNT] = {
    [EVENT_signal_raised] = signal_apply_raised,
    [EVENT_signal_moved] = signal_apply_moved,
    [EVENT_signal_published] = signal_apply_published,
    [EVENT_signal_withdrawn] = signal_apply_withdrawn,
    [EVENT_incident_received] = incident_apply_received,
    [EVENT_incident_amended] = incident_apply_amended,
    [EVENT_incident_triaged] = incident_apply_triaged,
    [EVENT_incident_moved] = incident_apply_moved,
    [EVENT_incident_prioritised] = incident_apply_prioritised,
    [EVENT_incident_noted] = incident_apply_added,
    [EVENT_incident_stated] = incident_apply_added,
    [EVENT_incident_attached] = incident_apply_added,
    [EVENT_incident_corrected] = incident_apply_corrected,
    [EVENT_incident_escalated] = incident_apply_escalated,
    [EVENT_incident_flagged] = incident_apply_flagged,
    [EVENT_incident_heard] = incident_apply_heard,
    [EVENT_assignment_made] = assignment_apply_made,
    [EVENT_assignment_moved] = assignment_apply_moved,
    [EVENT_assignment_offered] = assignment_apply_offered,
    [EVENT_assignment_flagged] = assignment_apply_flagged,
    [EVENT_assignment_asked] = assignment_apply_asked,
    [EVENT_assignment_checked] = assignment_apply_checked,
    [EVENT_assignment_missed] = assignment_apply_missed,
    [EVENT_assignment_heard] = assignment_apply_heard,
    [EVENT_unit_enrolled] = unit_apply_enrolled,
    [EVENT_unit_signed_on] = unit_apply_signed_on,
    [EVENT_unit_moved] = unit_apply_moved,
    [EVENT_unit_placed] = unit_apply_placed,
    [EVENT_call_rang] = call_apply_rang,
    [EVENT_call_moved] = call_apply_moved,
    [EVENT_call_flagged] = call_apply_flagged,
    [EVENT_post_installed] = install_apply,
    [EVENT_area_installed] = area_apply_installed,
    [EVENT_body_installed] = body_apply_installed,
    [EVENT_type_installed] = install_apply,
    [EVENT_plan_installed] = install_apply,
    [EVENT_user_installed] = install_apply,
    [EVENT_user_disabled] = user_apply_disabled,
    [EVENT_session_opened] = session_apply_opened,
    [EVENT_session_closed] = session_apply_closed,
    [EVENT_closure_was_set] = closure_apply_set,
    [EVENT_closure_started] = closure_apply_started,
    [EVENT_closure_lifted] = closure_apply_lifted,
    [EVENT_roster_was_set] = roster_apply_set,
    [EVENT_handover_signed] = handover_apply_signed,
    [EVENT_handover_accepted] = handover_apply_accepted,
    [EVENT_timing_installed] = install_apply,
    [EVENT_hazard_kind_installed] = install_apply,
    [EVENT_hazard_was_set] = hazard_apply_set,
    [EVENT_hazard_amended] = hazard_apply_amended,
    [EVENT_hazard_lifted] = hazard_apply_lifted,
    [EVENT_emergency_raised] = emergency_apply_raised,
    [EVENT_emergency_acknowledged] = emergency_apply_acknowledged,
    [EVENT_emergency_cleared] = emergency_apply_cleared,
    [EVENT_emergency_flagged] = emergency_apply_flagged,
    [EVENT_notice_posted] = notice_apply_posted,
    [EVENT_notice_confirmed] = notice_apply_confirmed,
    [EVENT_notice_withdrawn] = notice_apply_withdrawn,
};

/* A command about an object has its number; one that makes an object has 0. */
static enum err check_object(struct draft *d, enum object_kind kind)
{
    uint32_t number = d->cmd->object;
    d->out.object = (struct object_ref){kind, number};
    if (number == 0)
        return command_makes(d->cmd->kind)
                   ? OK
                   : draft_refuse(d, ERR_NOT_FOUND, NULL, "no %s is named", object_kind_name(kind));
    if (command_makes(d->cmd->kind))
        return draft_refuse(d, ERR_RANGE, NULL, "the command makes its object");
    TRY(draft_must_have(d, kind, number, NULL));
    uint64_t seq = desk_seq(d->desk, kind, number);
    if (d->cmd->if_match != 0 && d->cmd->if_match != seq) {
        d->out.version = seq;
        return draft_refuse(d, ERR_STALE, NULL, "%s has changed since", draft_id(d, kind, number));
    }
    return OK;
}

static enum err decide(struct draft *d)
{
    const struct command_def *def = command_def(d->cmd->kind);
    if (!def || !desk_decide_fns[d->cmd->kind])
        return draft_refuse(d, ERR_UNSUPPORTED, NULL, "no such command");
    if (d->at_us <= 0 || d->at_us > d->now_us + DESK_FUTURE_US)
        return draft_refuse(d, ERR_RANGE, "at", "it lies in the future");
    TRY(check_object(d, def->object_kind));
    TRY(desk_decide_fns[d->cmd->kind](d));
    return OK;
}

enum err desk_decide(const struct desk *desk, const struct command *command, int64_t now_us,
                     struct arena *arena, struct decision *ret_decision)
{
    *ret_decision = (struct decision){.err = ERR_LIMIT};
    if (arena->max_bytes - arena->used_bytes < DESK_ARENA_BYTES)
        return ERR_LIMIT;
    struct draft d = {.desk = desk,
                      .cmd = command,
                      .now_us = now_us,
                      .at_us = command->at_us ? command->at_us : now_us,
                      .arena = arena};
    d.overlays = draft_alloc(&d, MAX_TOUCHED, sizeof *d.overlays);
    d.step_list = draft_alloc(&d, MAX_STEPS, sizeof *d.step_list);
    enum err err = decide(&d);
    d.out.err = err;
    d.out.steps = d.step_list;
    if (err != OK) {
        d.out.events = NULL;
        d.out.event_count = 0;
    } else {
        d.out.field = NULL;
        d.out.detail = (struct str){0};
    }
    if (err == ERR_STATE)
        d.out.legal = machine_legal(&d, d.out.object.kind, d.out.object.number);
    *ret_decision = d.out;
    return err;
}

static void note_changes(struct desk *desk, const struct ground *g, uint64_t seq,
                         struct desk_changes *io_changes)
{
    for (uint32_t i = 0; i < g->touched_count; i++) {
        struct object_ref ref = g->touched[i];
        bool is_new = true;
        pool_find(&desk->pools[ref.kind], ref.number)->seq = seq;
        for (uint32_t k = 0; io_changes && k < io_changes->count; k++) {
            if (io_changes->refs[k].kind == ref.kind && io_changes->refs[k].number == ref.number)
                is_new = false;
        }
        if (io_changes && is_new && io_changes->count < MAX_TOUCHED)
            io_changes->refs[io_changes->count++] = ref;
    }
}

void desk_apply(struct desk *desk, const struct event *event, struct desk_changes *io_changes)
{
    struct ground g = {.desk = desk};
    enum object_kind kind = event_def(event->kind)->object_kind;
    desk_apply_fns[event->kind](&g, event);
    pool_index(desk, kind, pool_find(&desk->pools[kind], event->object));
    note_changes(desk, &g, event->seq, io_changes);
}
