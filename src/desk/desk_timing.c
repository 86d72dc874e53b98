/* After how long the desk flags what waits: one object, installed as a whole. */
#include "desk/parts.h"

void desk_timing_preset(struct timing_install *timing)
{
    *timing = (struct timing_install){.unseen_s = 60,
                                      .call_back_s = 300,
                                      .receipt_s = 600,
                                      .waiting_p0_s = 30,
                                      .waiting_p1_s = 60,
                                      .waiting_p2_s = 300,
                                      .waiting_p3_s = 1800};
    timing->has = (1u << record_timing_install.field_count) - 1;
}

void timing_in_force(const struct desk *desk, struct timing_install *ret_timing)
{
    const struct timing_object *t = desk_timing(desk, (struct timing_id){1});
    if (!t) {
        desk_timing_preset(ret_timing);
        return;
    }
    *ret_timing = (struct timing_install){.unseen_s = t->unseen_s,
                                          .call_back_s = t->call_back_s,
                                          .receipt_s = t->receipt_s,
                                          .waiting_p0_s = t->waiting_p0_s,
                                          .waiting_p1_s = t->waiting_p1_s,
                                          .waiting_p2_s = t->waiting_p2_s,
                                          .waiting_p3_s = t->waiting_p3_s,
                                          .waiting_p4_s = t->waiting_p4_s};
}

/* What is not given is as preset; the event says all of it, so that a log outlives the preset. */
enum err timing_decide_install(struct draft *d)
{
    const struct timing_install *given = d->cmd->fields;
    struct timing_install *f = DRAFT_NEW(d, timing_install);
    uint32_t number = desk_last(d->desk, OBJECT_timing);
    desk_timing_preset(f);
    for (uint32_t i = 0; i < record_timing_install.field_count; i++) {
        const struct field *field = &record_timing_install.fields[i];
        if (record_has(&record_timing_install, given, field->offset))
            memcpy((char *)f + field->offset, (const char *)given + field->offset,
                   sizeof(uint32_t));
    }
    if (!number)
        TRY(draft_number(d, OBJECT_timing, &number));
    d->out.object.number = number;
    draft_emit(d, EVENT_timing_installed, number, f, (struct area_id){0});
    return OK;
}
