#include "model/facts.h"

#include "model/record_table.h"

#define RECORD_NOW nothing
RECORD_TABLE(nothing, NOTHING_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW reason
RECORD_TABLE(reason, REASON_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW signal_raise
RECORD_TABLE(signal_raise, SIGNAL_RAISE_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW signal_confirm
RECORD_TABLE(signal_confirm, SIGNAL_CONFIRM_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW signal_duplicate
RECORD_TABLE(signal_duplicate, SIGNAL_DUPLICATE_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW signal_move
RECORD_TABLE(signal_move, SIGNAL_MOVE_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW incident_create
RECORD_TABLE(incident_create, INCIDENT_CREATE_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW incident_amend
RECORD_TABLE(incident_amend, INCIDENT_AMEND_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW incident_triage
RECORD_TABLE(incident_triage, INCIDENT_TRIAGE_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW incident_prioritise
RECORD_TABLE(incident_prioritise, INCIDENT_PRIORITISE_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW incident_close
RECORD_TABLE(incident_close, INCIDENT_CLOSE_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW incident_review
RECORD_TABLE(incident_review, INCIDENT_REVIEW_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW incident_merge
RECORD_TABLE(incident_merge, INCIDENT_MERGE_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW incident_transfer
RECORD_TABLE(incident_transfer, INCIDENT_TRANSFER_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW incident_schedule
RECORD_TABLE(incident_schedule, INCIDENT_SCHEDULE_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW incident_note
RECORD_TABLE(incident_note, INCIDENT_NOTE_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW incident_state
RECORD_TABLE(incident_state, INCIDENT_STATE_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW incident_attach
RECORD_TABLE(incident_attach, INCIDENT_ATTACH_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW incident_correct
RECORD_TABLE(incident_correct, INCIDENT_CORRECT_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW incident_escalate
RECORD_TABLE(incident_escalate, INCIDENT_ESCALATE_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW incident_dispatch
RECORD_TABLE(incident_dispatch, INCIDENT_DISPATCH_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW incident_move
RECORD_TABLE(incident_move, INCIDENT_MOVE_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW assignment_make
RECORD_TABLE(assignment_make, ASSIGNMENT_MAKE_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW assignment_end
RECORD_TABLE(assignment_end, ASSIGNMENT_END_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW assignment_move
RECORD_TABLE(assignment_move, ASSIGNMENT_MOVE_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW unit_enrol
RECORD_TABLE(unit_enrol, UNIT_ENROL_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW unit_sign_on
RECORD_TABLE(unit_sign_on, UNIT_SIGN_ON_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW unit_move
RECORD_TABLE(unit_move, UNIT_MOVE_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW unit_place
RECORD_TABLE(unit_place, UNIT_PLACE_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW call_ring
RECORD_TABLE(call_ring, CALL_RING_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW call_end
RECORD_TABLE(call_end, CALL_END_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW call_back
RECORD_TABLE(call_back, CALL_BACK_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW call_move
RECORD_TABLE(call_move, CALL_MOVE_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW post_install
RECORD_TABLE(post_install, POST_INSTALL_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW area_install
RECORD_TABLE(area_install, AREA_INSTALL_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW body_install
RECORD_TABLE(body_install, BODY_INSTALL_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW type_install
RECORD_TABLE(type_install, TYPE_INSTALL_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW plan_install
RECORD_TABLE(plan_install, PLAN_INSTALL_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW user_install
RECORD_TABLE(user_install, USER_INSTALL_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW session_open
RECORD_TABLE(session_open, SESSION_OPEN_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW closure_set
RECORD_TABLE(closure_set, CLOSURE_SET_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW roster_set
RECORD_TABLE(roster_set, ROSTER_SET_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW handover_sign
RECORD_TABLE(handover_sign, HANDOVER_SIGN_FIELDS)
#undef RECORD_NOW
#define RECORD_NOW signal_publish
RECORD_TABLE(signal_publish, SIGNAL_PUBLISH_FIELDS)
#undef RECORD_NOW
#define RECORD_NOW timing_install
RECORD_TABLE(timing_install, TIMING_INSTALL_FIELDS)
#undef RECORD_NOW
