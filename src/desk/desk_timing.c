/* After how long the desk flags what waits: one object, installed as a whole. */
#include "desk/parts.h"

/* An event says these of the fields; the later ones only when they are given, and then as given:
 * what former logs do not say is as preset. */
#define ALWAYS_SAID 8

void desk_timing_preset(struct timing_install *timing)
{
    *timing = (struct timing_install){.unseen_s = 30,
                                      .call_back_s = 300,
                                      .receipt_s = 600,
                                      .waiting_p0_s = 30,
                                      .waiting_p1_s = 60,
                                      .waiting_p2_s = 300,
                                      .waiting_p3_s = 1800,
                                      .answer_s = 60,
                                      .emergency_s = 15};
    timing->has = (1u << ALWAYS_SAID) - 1;
}

void timing_in_force(const struct desk *desk, struct timing_install *ret_timing)
{
    const struct timing_object *t = desk_timing(desk, (struct timing_id){1});
    desk_timing_preset(ret_timing);
    for (uint32_t i = 0; t && i < record_timing_object.field_count; i++) {
        const struct field *from = &record_timing_object.fields[i];
        const struct field *to = record_field(&record_timing_install, str_of(from->name));
        if (record_has(&record_timing_object, t, from->offset))
            memcpy((char *)ret_timing + to->offset, (const char *)t + from->offset,
                   sizeof(uint32_t));
    }
}

/* What is not given is as preset. */
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
    f->has |= given->has;
    if (!number)
        TRY(draft_number(d, OBJECT_timing, &number));
    d->out.object.number = number;
    draft_emit(d, EVENT_timing_installed, number, f, (struct area_id){0});
    return OK;
}
