/* Units: readiness follows from the crew signed on and the assignment being worked; only "out of
 * service" is said by a person. */
#include "desk/incident.h"
#include "desk/parts.h"

#include "base/out.h"

#define IDLE (STAGE(READINESS_AVAILABLE) | STAGE(READINESS_OUT_OF_SERVICE))
#define ON_DUTY (IDLE | STAGE(READINESS_COMMITTED))

static bool is_manned(const struct unit_object *u, uint32_t crew)
{
    return crew >= (u->min_crew > 1 ? u->min_crew : 1);
}

static bool is_fit(const struct draft *d, uint32_t unit)
{
    const struct unit_object *u = draft_unit(d, unit);
    const struct unit_sign_on *f = d->cmd->fields;
    if (d->cmd->kind == COMMAND_unit_sign_on)
        return is_manned(u, f->crew) && !u->is_suspended;
    return is_manned(u, u->crew);
}

static bool need_fit(struct draft *d, uint32_t number, const struct machine_row *row)
{
    (void)row;
    if (is_fit(d, number))
        return true;
    (void)draft_refuse(d, ERR_STATE, NULL, "%s has too small a crew or is out of service",
                       draft_unit(d, number)->callsign);
    return false;
}

static bool need_unfit(struct draft *d, uint32_t number, const struct machine_row *row)
{
    (void)row;
    if (!is_fit(d, number))
        return true;
    (void)draft_refuse(d, ERR_STATE, NULL, "%s has its crew", draft_unit(d, number)->callsign);
    return false;
}

static bool is_suspended(struct draft *d, uint32_t number)
{
    if (draft_unit(d, number)->is_suspended)
        return true;
    (void)draft_refuse(d, ERR_STATE, NULL, "%s lacks crew: sign on more",
                       draft_unit(d, number)->callsign);
    return false;
}

static bool need_suspended_fit(struct draft *d, uint32_t number, const struct machine_row *row)
{
    return is_suspended(d, number) && need_fit(d, number, row);
}

static bool need_suspended_unfit(struct draft *d, uint32_t number, const struct machine_row *row)
{
    return is_suspended(d, number) && need_unfit(d, number, row);
}

static bool need_unused(struct draft *d, uint32_t number, const struct machine_row *row)
{
    (void)row;
    if (draft_unit(d, number)->stacked.count == 0)
        return true;
    (void)draft_refuse(d, ERR_STATE, "callsign", "%s is held for an incident",
                       draft_unit(d, number)->callsign);
    return false;
}

static const struct machine_row rows[] = {
    ROW(STAGE(0), unit_enrol, READINESS_OFF_DUTY, nothing_needed),
    ROW(STAGE(READINESS_OFF_DUTY), unit_enrol, STAGE_SAME, need_unused),
    ROW(STAGE(READINESS_OFF_DUTY) | IDLE, unit_sign_on, READINESS_AVAILABLE, need_fit),
    ROW(STAGE(READINESS_OFF_DUTY) | IDLE, unit_sign_on, READINESS_OUT_OF_SERVICE, need_unfit),
    ROW(STAGE(READINESS_COMMITTED), unit_sign_on, STAGE_SAME, nothing_needed),
    ROW(IDLE, unit_sign_off, READINESS_OFF_DUTY, nothing_needed),
    ROW(IDLE, unit_suspend, READINESS_OUT_OF_SERVICE, nothing_needed),
    ROW(STAGE(READINESS_OUT_OF_SERVICE), unit_resume, READINESS_AVAILABLE, need_suspended_fit),
    ROW(STAGE(READINESS_OUT_OF_SERVICE), unit_resume, READINESS_OUT_OF_SERVICE,
        need_suspended_unfit),
    ROW(ON_DUTY, unit_place, STAGE_SAME, nothing_needed),
    ROW(STAGE(READINESS_AVAILABLE), incident_dispatch, READINESS_COMMITTED, nothing_needed),
    ROW(STAGE(READINESS_COMMITTED), incident_dispatch, STAGE_SAME, nothing_needed),
    ROW(STAGE(READINESS_AVAILABLE), assignment_send, READINESS_COMMITTED, nothing_needed),
    ROW(STAGE(READINESS_COMMITTED), assignment_clear, READINESS_AVAILABLE, need_fit),
    ROW(STAGE(READINESS_COMMITTED), assignment_clear, READINESS_OUT_OF_SERVICE, need_unfit),
    ROW(STAGE(READINESS_COMMITTED), assignment_decline, READINESS_AVAILABLE, need_fit),
    ROW(STAGE(READINESS_COMMITTED), assignment_decline, READINESS_OUT_OF_SERVICE, need_unfit),
    ROW(STAGE(READINESS_COMMITTED), assignment_cancel, READINESS_AVAILABLE, need_fit),
    ROW(STAGE(READINESS_COMMITTED), assignment_cancel, READINESS_OUT_OF_SERVICE, need_unfit),
};
const struct machine machine_unit = {OBJECT_unit, &enum_readiness, rows,
                                     sizeof rows / sizeof rows[0]};

static void unit_move(struct draft *d, uint32_t unit, uint32_t to, struct str reason)
{
    struct unit_move *move = DRAFT_NEW(d, unit_move);
    SET(unit_move, move, to, (enum readiness)to);
    if (reason.len > 0)
        SET(unit_move, move, reason, reason);
    draft_emit(d, EVENT_unit_moved, unit, move, draft_area_of(d, OBJECT_unit, unit));
}

static void unit_take(struct draft *d, uint32_t unit, const struct machine_row *row)
{
    if (row->to != STAGE_SAME && row->to != machine_stage(d, OBJECT_unit, unit))
        unit_move(d, unit, row->to, (struct str){0});
}

enum err unit_step(struct draft *d, uint32_t unit, enum command_kind command)
{
    const struct machine_row *row = machine_row(d, OBJECT_unit, unit, command);
    if (!row)
        return d->out.err;
    unit_take(d, unit, row);
    return OK;
}

enum err unit_must_be_sendable(struct draft *d, uint32_t unit, uint32_t incident, bool is_reserve)
{
    const struct unit_object *u = draft_unit(d, unit);
    if (u->is_no_dispatch)
        return draft_refuse(d, ERR_STATE, "units", "%s is marked do-not-dispatch", u->callsign);
    if (u->is_community && draft_incident(d, incident)->priority > PRIORITY_P1)
        return draft_refuse(d, ERR_STATE, "units", "%s is a community team: P0 and P1 only",
                            u->callsign);
    if (is_reserve && u->stacked.count >= MAX_STACKED)
        return draft_refuse(d, ERR_LIMIT, "units", "%s holds %d incidents already", u->callsign,
                            MAX_STACKED);
    return OK;
}

static bool is_waiting(enum incident_stage stage)
{
    return incident_is_workable(stage) && stage != INCIDENT_SCHEDULED;
}

void unit_offer_next(struct draft *d, uint32_t unit)
{
    const struct unit_object *u = draft_unit(d, unit);
    if (u->readiness != READINESS_AVAILABLE)
        return;
    for (uint32_t i = 0; i < u->stacked.count; i++) {
        const struct assignment_object *a = draft_assignment(d, u->stacked.v[i]);
        const struct incident_object *o = a ? draft_incident(d, a->incident.v) : NULL;
        if (!o || !is_waiting(o->stage))
            continue;
        if (!HAS(assignment_object, a, offered_us))
            draft_emit(d, EVENT_assignment_offered, u->stacked.v[i], DRAFT_NEW(d, nothing),
                       a->area);
        return;
    }
}

void incident_offer(struct draft *d, uint32_t incident)
{
    const struct incident_object *o = draft_incident(d, incident);
    for (uint32_t i = 0; i < o->assignments.count; i++)
        unit_offer_next(d, draft_assignment(d, o->assignments.v[i])->unit.v);
}

void unit_release(struct draft *d, uint32_t unit, enum command_kind command)
{
    const struct machine_row *row = machine_consequence(d, OBJECT_unit, unit, command);
    if (row)
        unit_take(d, unit, row);
    unit_offer_next(d, unit);
}

enum err unit_decide_enrol(struct draft *d)
{
    const struct unit_enrol *f = d->cmd->fields;
    uint32_t number = desk_by_code(d->desk, OBJECT_unit, f->callsign);
    TRY(draft_must_have(d, OBJECT_body, f->body.v, "body"));
    if (HAS(unit_enrol, f, post))
        TRY(draft_must_have(d, OBJECT_post, f->post.v, "post"));
    if (f->callsign.len == 0)
        return draft_refuse(d, ERR_RANGE, "callsign", "it is empty");
    if (!number)
        TRY(draft_number(d, OBJECT_unit, &number));
    if (!machine_row(d, OBJECT_unit, number, COMMAND_unit_enrol))
        return d->out.err;
    d->out.object.number = number;
    draft_emit(d, EVENT_unit_enrolled, number, f, d->cmd->area);
    return OK;
}

/* One person is on board of one unit at a time. */
static enum err check_members(struct draft *d, const struct unit_sign_on *f)
{
    uint32_t pos = 0, other;
    if (f->members.count > f->crew)
        return draft_refuse(d, ERR_RANGE, "members", "more accounts than crew");
    for (uint32_t i = 0; i < f->members.count; i++) {
        TRY(draft_must_have(d, OBJECT_user, f->members.v[i], "members"));
        if (draft_user(d, f->members.v[i])->is_disabled)
            return draft_refuse(d, ERR_STATE, "members", "an account is disabled");
    }
    while ((other = desk_next(d->desk, OBJECT_unit, &pos)) != 0) {
        const struct unit_object *u = draft_unit(d, other);
        for (uint32_t i = 0; other != d->cmd->object && i < f->members.count; i++) {
            if (refs_has(&u->members, f->members.v[i]))
                return draft_refuse(d, ERR_STATE, "members", "%s is on board of %s",
                                    draft_id(d, OBJECT_user, f->members.v[i]), u->callsign);
        }
    }
    return OK;
}

enum err unit_decide_sign_on(struct draft *d)
{
    const struct unit_sign_on *f = d->cmd->fields;
    uint32_t unit = d->cmd->object;
    if (f->crew == 0)
        return draft_refuse(d, ERR_RANGE, "crew", "nobody is on board: sign off");
    if (HAS(unit_sign_on, f, until_us) && f->until_us <= d->now_us)
        return draft_refuse(d, ERR_RANGE, "until_us", "the shift has ended");
    TRY(check_members(d, f));
    const struct machine_row *row = machine_row(d, OBJECT_unit, unit, COMMAND_unit_sign_on);
    if (!row)
        return d->out.err;
    draft_emit(d, EVENT_unit_signed_on, unit, f, draft_area_of(d, OBJECT_unit, unit));
    unit_take(d, unit, row);
    unit_offer_next(d, unit);
    return OK;
}

enum err unit_decide_sign_off(struct draft *d)
{
    return unit_step(d, d->cmd->object, COMMAND_unit_sign_off);
}

enum err unit_decide_suspend(struct draft *d)
{
    if (!machine_row(d, OBJECT_unit, d->cmd->object, COMMAND_unit_suspend))
        return d->out.err;
    unit_move(d, d->cmd->object, READINESS_OUT_OF_SERVICE,
              ((const struct reason *)d->cmd->fields)->reason);
    return OK;
}

enum err unit_decide_resume(struct draft *d)
{
    const struct machine_row *row =
        machine_row(d, OBJECT_unit, d->cmd->object, COMMAND_unit_resume);
    if (!row)
        return d->out.err;
    unit_move(d, d->cmd->object, row->to, (struct str){0});
    unit_offer_next(d, d->cmd->object);
    return OK;
}

enum err unit_decide_place(struct draft *d)
{
    if (!machine_row(d, OBJECT_unit, d->cmd->object, COMMAND_unit_place))
        return d->out.err;
    draft_emit(d, EVENT_unit_placed, d->cmd->object, d->cmd->fields,
               draft_area_of(d, OBJECT_unit, d->cmd->object));
    return OK;
}

/* ---- apply ---- */
static bool has_word(struct str words, struct str word)
{
    struct str rest = words;
    while (rest.len > 0) {
        if (str_eq(str_cut(&rest, ' '), word))
            return true;
    }
    return false;
}

/* Own codes, then those that the crew adds, each once. */
static void set_capabilities(struct unit_object *u, struct str added)
{
    struct out out;
    out_init(&out, sizeof u->capabilities - 1);
    out_c(&out, u->own_capabilities);
    while (added.len > 0) {
        struct str word = str_cut(&added, ' ');
        if (word.len == 0 || has_word(out_view(&out), word))
            continue;
        if (out.len > 0)
            out_byte(&out, ' ');
        out_str(&out, word);
    }
    CHARS_SET(u->capabilities, out_view(&out));
    SET_HAS(unit_object, u, capabilities);
    if (u->capabilities[0] == '\0')
        CLEAR(unit_object, u, capabilities);
    out_done(&out);
}

void unit_apply_enrolled(struct ground *g, const struct event *e)
{
    const struct unit_enrol *f = e->fields;
    bool is_new = !ground_look(g, OBJECT_unit, e->object);
    struct unit_object *u =
        is_new ? ground_make(g, OBJECT_unit, e->object) : ground_edit(g, OBJECT_unit, e->object);
    uint32_t diverted_count = u->diverted_count;
    memset(u, 0, sizeof *u);
    ground_copy(g, &record_unit_enrol, f, &record_unit_object, u);
    if (HAS(unit_enrol, f, capabilities)) {
        CHARS_SET(u->own_capabilities, f->capabilities);
        SET_HAS(unit_object, u, own_capabilities);
    }
    set_capabilities(u, (struct str){0});
    SET(unit_object, u, readiness, READINESS_OFF_DUTY);
    SET(unit_object, u, readiness_us, e->at_us);
    if (HAS(unit_enrol, f, place))
        SET(unit_object, u, placed_us, e->at_us);
    if (e->area.v)
        SET(unit_object, u, area, e->area);
    if (diverted_count)
        SET(unit_object, u, diverted_count, diverted_count);
}

void unit_apply_signed_on(struct ground *g, const struct event *e)
{
    const struct unit_sign_on *f = e->fields;
    struct unit_object *u = ground_edit(g, OBJECT_unit, e->object);
    CLEAR(unit_object, u, members);
    CLEAR(unit_object, u, until_us);
    ground_copy(g, &record_unit_sign_on, f, &record_unit_object, u);
    if (u->members.count == 0)
        CLEAR(unit_object, u, members);
    set_capabilities(u, f->capabilities);
    if (u->readiness == READINESS_OFF_DUTY)
        SET(unit_object, u, signed_on_us, e->at_us);
    if (HAS(unit_sign_on, f, place))
        SET(unit_object, u, placed_us, e->at_us);
}

/* The crew leaves, and with it whatever said where it was: the unit stands at its post. */
static void go_off_duty(struct ground *g, struct unit_object *u, const struct event *e)
{
    const struct post_object *post = u->post.v ? ground_look(g, OBJECT_post, u->post.v) : NULL;
    CLEAR(unit_object, u, crew);
    CLEAR(unit_object, u, members);
    CLEAR(unit_object, u, until_us);
    CLEAR(unit_object, u, signed_on_us);
    CLEAR(unit_object, u, place);
    CLEAR(unit_object, u, placed_us);
    CLEAR(unit_object, u, confirmed);
    set_capabilities(u, (struct str){0});
    if (post) {
        SET(unit_object, u, place, post->place);
        SET(unit_object, u, placed_us, e->at_us);
    }
}

void unit_apply_moved(struct ground *g, const struct event *e)
{
    const struct unit_move *f = e->fields;
    struct unit_object *u = ground_edit(g, OBJECT_unit, e->object);
    CLEAR(unit_object, u, reason);
    CLEAR(unit_object, u, is_suspended);
    ground_copy(g, &record_unit_move, f, &record_unit_object, u);
    if (f->to == READINESS_OUT_OF_SERVICE && HAS(unit_move, f, reason))
        SET(unit_object, u, is_suspended, true);
    if (f->to == READINESS_OFF_DUTY)
        go_off_duty(g, u, e);
    if (f->to != u->readiness)
        SET(unit_object, u, readiness_us, e->at_us);
    u->readiness = f->to;
}

void unit_apply_placed(struct ground *g, const struct event *e)
{
    const struct unit_place *f = e->fields;
    struct unit_object *u = ground_edit(g, OBJECT_unit, e->object);
    SET(unit_object, u, place, f->place);
    SET(unit_object, u, placed_us, e->at_us);
}
