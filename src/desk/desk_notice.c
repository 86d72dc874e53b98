/* Notices to all units. A crew confirms what it has read; a new crew reads again. */
#include "desk/parts.h"

#define MAX_OPEN_NOTICES 32
#define NOTICE_US (12 * INT64_C(3600000000))
#define NOTICE_LONGEST_US (14 * INT64_C(86400000000))

static bool is_open(const struct notice_object *n)
{
    return n && !HAS(notice_object, n, withdrawn_us);
}

enum err notice_decide_post(struct draft *d)
{
    struct notice_post *f = draft_copy_fields(d);
    uint32_t pos = 0, number, count = 0;
    while ((number = desk_next(d->desk, OBJECT_notice, &pos)) != 0)
        count += is_open(draft_notice(d, number)) ? 1 : 0;
    if (count >= MAX_OPEN_NOTICES)
        return draft_refuse(d, ERR_LIMIT, NULL, "%d notices stand: withdraw one first",
                            MAX_OPEN_NOTICES);
    if (!HAS(notice_post, f, until_us))
        SET(notice_post, f, until_us, d->now_us + NOTICE_US);
    if (f->until_us <= d->now_us || f->until_us > d->now_us + NOTICE_LONGEST_US)
        return draft_refuse(d, ERR_RANGE, "until_us", "it must lie ahead, 14 days at most");
    TRY(draft_number(d, OBJECT_notice, &d->out.object.number));
    draft_emit(d, EVENT_notice_posted, d->out.object.number, f, (struct area_id){0});
    return OK;
}

static enum err check_stands(struct draft *d)
{
    return is_open(draft_notice(d, d->cmd->object))
               ? OK
               : draft_refuse(d, ERR_STATE, NULL, "it is withdrawn");
}

enum err notice_decide_confirm(struct draft *d)
{
    struct notice_confirm *f = draft_copy_fields(d);
    uint32_t unit;
    TRY(check_stands(d));
    TRY(unit_of_actor(d, HAS(notice_confirm, f, unit), f->unit, &unit));
    const struct unit_object *u = draft_unit(d, unit);
    if (u->readiness == READINESS_OFF_DUTY)
        return draft_refuse(d, ERR_STATE, "unit", "%s is off duty", u->callsign);
    if (refs_has(&u->confirmed, d->cmd->object))
        return draft_refuse(d, ERR_EXISTS, "unit", "%s has confirmed it", u->callsign);
    SET(notice_confirm, f, unit, (struct unit_id){unit});
    draft_emit(d, EVENT_notice_confirmed, d->cmd->object, f, u->area);
    return OK;
}

enum err notice_decide_withdraw(struct draft *d)
{
    TRY(check_stands(d));
    draft_emit(d, EVENT_notice_withdrawn, d->cmd->object, d->cmd->fields, (struct area_id){0});
    return OK;
}

/* ---- apply ---- */

void notice_apply_posted(struct ground *g, const struct event *e)
{
    struct notice_object *n = ground_make(g, OBJECT_notice, e->object);
    ground_copy(g, &record_notice_post, e->fields, &record_notice_object, n);
    if (e->actor.v) /* none: an import, the demo */
        SET(notice_object, n, author, e->actor);
    SET(notice_object, n, posted_us, e->at_us);
}

/* Changes the unit's row and not the notice's: every other unit would be told of each receipt. */
void notice_apply_confirmed(struct ground *g, const struct event *e)
{
    const struct notice_confirm *f = e->fields;
    struct unit_object *u = ground_edit(g, OBJECT_unit, f->unit.v);
    for (uint32_t i = u->confirmed.count; i > 0; i--) {
        uint32_t number = u->confirmed.v[i - 1];
        if (!is_open(ground_look(g, OBJECT_notice, number)))
            REFS_REMOVE(unit_object, u, confirmed, number);
    }
    REFS_ADD(unit_object, u, confirmed, e->object);
}

void notice_apply_withdrawn(struct ground *g, const struct event *e)
{
    struct notice_object *n = ground_edit(g, OBJECT_notice, e->object);
    STAMP(notice_object, n, withdrawn_us, e->at_us);
}
