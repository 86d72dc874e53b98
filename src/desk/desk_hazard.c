/* Hazards of places: what waits there for who comes. A label stands on a place, says how it is
 * known and ends by itself; nothing here knows a person. */
#include "desk/parts.h"

#define US_PER_DAY INT64_C(86400000000)

enum err hazard_kind_decide_install(struct draft *d)
{
    const struct hazard_kind_install *f = d->cmd->fields;
    uint32_t number = desk_by_code(d->desk, OBJECT_hazard_kind, f->code);
    if (f->keep_days == 0)
        return draft_refuse(d, ERR_RANGE, "keep_days", "an entry lives at least a day");
    if (!number)
        TRY(draft_number(d, OBJECT_hazard_kind, &number));
    d->out.object.number = number;
    draft_emit(d, EVENT_hazard_kind_installed, number, f, (struct area_id){0});
    return OK;
}

static const struct hazard_kind_object *kind_of(const struct draft *d, struct str code)
{
    return draft_hazard_kind(d, desk_by_code(d->desk, OBJECT_hazard_kind, code));
}

/* The end lies ahead, and no later than the kind allows from now on. */
static enum err check_end(struct draft *d, const struct hazard_kind_object *kind, int64_t until_us)
{
    if (until_us <= d->now_us)
        return draft_refuse(d, ERR_RANGE, "until_us", "it has ended");
    if (until_us > d->now_us + (int64_t)kind->keep_days * US_PER_DAY)
        return draft_refuse(d, ERR_RANGE, "until_us", "entries of this kind live %u days at most",
                            kind->keep_days);
    return OK;
}

enum err hazard_decide_set(struct draft *d)
{
    struct hazard_set *f = draft_copy_fields(d);
    const struct hazard_kind_object *kind = kind_of(d, f->kind);
    if (!kind)
        return draft_refuse(d, ERR_RANGE, "kind", "there is no such kind of hazard");
    if (!HAS(hazard_set, f, until_us))
        SET(hazard_set, f, until_us, d->now_us + (int64_t)kind->keep_days * US_PER_DAY);
    TRY(check_end(d, kind, f->until_us));
    TRY(draft_number(d, OBJECT_hazard, &d->out.object.number));
    draft_emit(d, EVENT_hazard_was_set, d->out.object.number, f, d->cmd->area);
    return OK;
}

static enum err check_stands(struct draft *d, const struct hazard_object *h)
{
    return HAS(hazard_object, h, lifted_us) ? draft_refuse(d, ERR_STATE, NULL, "it is lifted") : OK;
}

enum err hazard_decide_amend(struct draft *d)
{
    const struct hazard_amend *f = d->cmd->fields;
    const struct hazard_object *h = draft_hazard(d, d->cmd->object);
    const struct hazard_kind_object *kind = kind_of(d, str_of(h->kind));
    TRY(check_stands(d, h));
    if (HAS(hazard_amend, f, note) && f->note.len == 0)
        return draft_refuse(d, ERR_RANGE, "note", "it is empty");
    if (HAS(hazard_amend, f, until_us))
        TRY(check_end(d, kind, f->until_us));
    draft_emit(d, EVENT_hazard_amended, d->cmd->object, f, d->cmd->area);
    return OK;
}

enum err hazard_decide_lift(struct draft *d)
{
    const struct hazard_object *h = draft_hazard(d, d->cmd->object);
    TRY(check_stands(d, h));
    draft_emit(d, EVENT_hazard_lifted, d->cmd->object, d->cmd->fields, h->area);
    return OK;
}

/* ---- apply ---- */

void hazard_apply_set(struct ground *g, const struct event *e)
{
    struct hazard_object *h = ground_make(g, OBJECT_hazard, e->object);
    ground_copy(g, &record_hazard_set, e->fields, &record_hazard_object, h);
    SET(hazard_object, h, set_us, e->at_us);
    if (e->actor.v) /* none: an import, the demo */
        SET(hazard_object, h, author, e->actor);
    if (e->area.v)
        SET(hazard_object, h, area, e->area);
}

/* A shape that no longer fits the place goes with it, unless a new one is given. */
void hazard_apply_amended(struct ground *g, const struct event *e)
{
    const struct hazard_amend *f = e->fields;
    struct hazard_object *h = ground_edit(g, OBJECT_hazard, e->object);
    if (HAS(hazard_amend, f, place) && !HAS(hazard_amend, f, shape)) {
        ground_text(g, &h->shape, (struct str){0});
        CLEAR_HAS(hazard_object, h, shape);
    }
    ground_copy(g, &record_hazard_amend, f, &record_hazard_object, h);
    if (e->actor.v) /* none: an import, the demo */
        SET(hazard_object, h, author, e->actor);
    SET(hazard_object, h, amended_us, e->at_us);
    SET(hazard_object, h, area, e->area);
    if (e->area.v == 0)
        CLEAR(hazard_object, h, area);
}

/* Why it was set stays; why it was lifted stands in the log. */
void hazard_apply_lifted(struct ground *g, const struct event *e)
{
    struct hazard_object *h = ground_edit(g, OBJECT_hazard, e->object);
    STAMP(hazard_object, h, lifted_us, e->at_us);
}
