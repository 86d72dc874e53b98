#include "model/facts_safety.h"

#include "model/record_table.h"

#define RECORD_NOW hazard_kind_install
RECORD_TABLE(hazard_kind_install, HAZARD_KIND_INSTALL_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW hazard_set
RECORD_TABLE(hazard_set, HAZARD_SET_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW hazard_amend
RECORD_TABLE(hazard_amend, HAZARD_AMEND_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW emergency_raise
RECORD_TABLE(emergency_raise, EMERGENCY_RAISE_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW emergency_receipt
RECORD_TABLE(emergency_receipt, EMERGENCY_RECEIPT_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW notice_post
RECORD_TABLE(notice_post, NOTICE_POST_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW notice_confirm
RECORD_TABLE(notice_confirm, NOTICE_CONFIRM_FIELDS)
#undef RECORD_NOW
