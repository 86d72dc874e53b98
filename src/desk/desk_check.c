/* The invariants of desk.h, and the digest of the whole state. */
#include "base/digest.h"
#include "desk/incident.h"
#include "desk/parts.h"
#include "desk/types.h"

struct check {
    const struct desk *desk;
    const char *broken; /* the first one found */
    struct object_ref where;
};

static void hold(struct check *c, bool is_true, const char *name, enum object_kind kind,
                 uint32_t number)
{
    if (is_true || c->broken)
        return;
    c->broken = name;
    c->where = (struct object_ref){kind, number};
}

static void check_stack(struct check *c, const struct unit_object *u, uint32_t number)
{
    for (uint32_t i = 0; i < u->stacked.count; i++) {
        const struct assignment_object *a =
            desk_object(c->desk, OBJECT_assignment, u->stacked.v[i]);
        bool is_once = true;
        for (uint32_t k = 0; k < i; k++)
            is_once = is_once && u->stacked.v[k] != u->stacked.v[i];
        hold(c, is_once && a && a->stage == ASSIGNMENT_RESERVED && a->unit.v == number, "I2",
             OBJECT_unit, number);
    }
}

static void check_unit(struct check *c, uint32_t number)
{
    const struct unit_object *u = desk_object(c->desk, OBJECT_unit, number);
    const struct assignment_object *a = desk_object(c->desk, OBJECT_assignment, u->active.v);
    uint32_t least = u->min_crew > 1 ? u->min_crew : 1;
    hold(c,
         u->active.v == 0 || (a && a->unit.v == number && assignment_is_live(a->stage) &&
                              a->stage != ASSIGNMENT_RESERVED),
         "I1", OBJECT_unit, number);
    check_stack(c, u, number);
    hold(c, (u->readiness == READINESS_COMMITTED) == (u->active.v != 0), "I3", OBJECT_unit, number);
    hold(c, u->readiness != READINESS_AVAILABLE || (u->crew >= least && !u->is_suspended), "I4",
         OBJECT_unit, number);
    hold(c, u->readiness != READINESS_OFF_DUTY || u->crew == 0, "I5", OBJECT_unit, number);
    hold(c, !u->is_no_dispatch || (u->active.v == 0 && u->stacked.count == 0), "I13", OBJECT_unit,
         number);
}

static void check_assignment(struct check *c, uint32_t number)
{
    const struct assignment_object *a = desk_object(c->desk, OBJECT_assignment, number);
    bool is_live = assignment_is_live(a->stage);
    hold(c, is_live != HAS(assignment_object, a, ended_us), "I12", OBJECT_assignment, number);
    if (!is_live)
        return;
    const struct incident_object *o = desk_object(c->desk, OBJECT_incident, a->incident.v);
    const struct unit_object *u = desk_object(c->desk, OBJECT_unit, a->unit.v);
    bool is_in_unit = u && (a->stage == ASSIGNMENT_RESERVED ? refs_has(&u->stacked, number)
                                                            : u->active.v == number);
    hold(c, o && refs_has(&o->assignments, number) && is_in_unit, "I6", OBJECT_assignment, number);
}

static uint32_t check_list(struct check *c, const struct incident_object *o, uint32_t number)
{
    uint32_t sent = 0;
    for (uint32_t i = 0; i < o->assignments.count; i++) {
        const struct assignment_object *a =
            desk_object(c->desk, OBJECT_assignment, o->assignments.v[i]);
        hold(c, a && a->incident.v == number && assignment_is_live(a->stage), "I7", OBJECT_incident,
             number);
        sent += a && a->stage != ASSIGNMENT_RESERVED;
        for (uint32_t k = 0; a && k < i; k++) {
            const struct assignment_object *b =
                desk_object(c->desk, OBJECT_assignment, o->assignments.v[k]);
            hold(c, !b || b->unit.v != a->unit.v, "I7", OBJECT_incident, number);
        }
    }
    return sent;
}

static void check_merged(struct check *c, const struct incident_object *o, uint32_t number)
{
    const struct incident_object *into = desk_object(c->desk, OBJECT_incident, o->merged_into.v);
    bool is_merged = o->stage == INCIDENT_MERGED;
    hold(c, is_merged == (o->merged_into.v != 0) && is_merged == (o->stage_before_merge != 0),
         "I11", OBJECT_incident, number);
    hold(c, !into || refs_has(&into->merged, number), "I11", OBJECT_incident, number);
    hold(c, !into || into->is_exercise == o->is_exercise, "I15", OBJECT_incident, number);
}

static void check_incident(struct check *c, uint32_t number)
{
    const struct incident_object *o = desk_object(c->desk, OBJECT_incident, number);
    uint32_t sent = check_list(c, o, number);
    enum incident_stage s = o->stage;
    bool is_waiting = incident_is_workable(s) && s != INCIDENT_OPEN && s != INCIDENT_CONTROLLED;
    bool is_worked = s == INCIDENT_OPEN || s == INCIDENT_CONTROLLED;
    bool is_over = s == INCIDENT_CLOSED || s == INCIDENT_REVIEWED || s == INCIDENT_TRANSFERRED;
    hold(c, !is_waiting || sent == 0, "I8", OBJECT_incident, number);
    hold(c,
         !is_worked || (HAS(incident_object, o, dispatched_us) &&
                        (sent > 0) != HAS(incident_object, o, emptied_us)),
         "I9", OBJECT_incident, number);
    hold(c, !is_over || o->assignments.count == 0, "I10", OBJECT_incident, number);
    hold(c, (s != INCIDENT_CLOSED && s != INCIDENT_REVIEWED) || o->disposition[0], "I10",
         OBJECT_incident, number);
    check_merged(c, o, number);
}

static void check_signal(struct check *c, uint32_t number)
{
    const struct signal_object *s = desk_object(c->desk, OBJECT_signal, number);
    bool is_settled = s->stage != SIGNAL_NEW && s->stage != SIGNAL_VERIFYING;
    hold(c, is_settled == HAS(signal_object, s, settled_us), "I14", OBJECT_signal, number);
    hold(c, s->stage != SIGNAL_CONFIRMED || s->incident.v != 0, "I14", OBJECT_signal, number);
}

static void check_company(struct check *c, uint32_t number)
{
    const struct incident_object *o = desk_object(c->desk, OBJECT_incident, number);
    uint32_t count = 0;
    for (uint32_t i = 0; i < o->assignments.count; i++) {
        const struct assignment_object *a =
            desk_assignment(c->desk, (struct assignment_id){o->assignments.v[i]});
        count += a && a->stage == ASSIGNMENT_ON_SCENE ? 1 : 0;
    }
    for (uint32_t i = 0; i < o->assignments.count; i++) {
        const struct assignment_object *a =
            desk_assignment(c->desk, (struct assignment_id){o->assignments.v[i]});
        const bool is_alone = a && count == 1 && a->stage == ASSIGNMENT_ON_SCENE;
        hold(c, !a || is_alone == HAS(assignment_object, a, alone_us), "I16", OBJECT_assignment,
             o->assignments.v[i]);
    }
}

static void check_emergency(struct check *c, uint32_t number)
{
    const struct emergency_object *o = desk_object(c->desk, OBJECT_emergency, number);
    uint32_t pos = 0, other;
    while (o->stage != EMERGENCY_CLEARED &&
           (other = desk_next(c->desk, OBJECT_emergency, &pos)) != 0) {
        const struct emergency_object *second = desk_object(c->desk, OBJECT_emergency, other);
        hold(c,
             other == number || second->unit.v != o->unit.v || second->stage == EMERGENCY_CLEARED,
             "I17", OBJECT_emergency, number);
    }
}

const char *desk_check(const struct desk *desk, struct object_ref *ret_where)
{
    static const struct {
        enum object_kind kind;
        void (*check)(struct check *c, uint32_t number);
    } checks[] = {{OBJECT_unit, check_unit},         {OBJECT_assignment, check_assignment},
                  {OBJECT_incident, check_incident}, {OBJECT_signal, check_signal},
                  {OBJECT_incident, check_company},  {OBJECT_emergency, check_emergency}};
    struct check c = {.desk = desk};
    for (size_t i = 0; i < sizeof checks / sizeof checks[0] && !c.broken; i++) {
        uint32_t pos = 0, number;
        while ((number = desk_next(desk, checks[i].kind, &pos)) != 0)
            checks[i].check(&c, number);
    }
    if (c.broken && ret_where)
        *ret_where = c.where;
    return c.broken;
}

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Rows are hashed one by one and chained, so memory stays that of one row. */
void desk_digest(const struct desk *desk, uint8_t ret_digest[DESK_DIGEST_BYTES])
{
    struct out row;
    out_init(&row, SIZE_MAX);
    memset(ret_digest, 0, DESK_DIGEST_BYTES);
    for (unsigned k = 1; k < OBJECT_KIND_COUNT; k++) {
        enum object_kind kind = (enum object_kind)k;
        uint32_t pos = 0, count = 0, number;
        uint32_t *numbers = calloc(desk_count(desk, kind) + 1u, sizeof *numbers);
        if (!numbers)
            abort();
        while ((number = desk_next(desk, kind, &pos)) != 0)
            numbers[count++] = number;
        qsort(numbers, count, sizeof *numbers, by_number);
        for (uint32_t i = 0; i <= count; i++) {
            out_reset(&row);
            out_bytes(&row, ret_digest, DESK_DIGEST_BYTES);
            out_le(&row, k, 4);
            out_le(&row, i < count ? numbers[i] : desk_last(desk, kind), 4);
            out_le(&row, i < count ? desk_seq(desk, kind, numbers[i]) : 0, 8);
            if (i < count)
                (void)desk_state_write(desk, kind, numbers[i], &row);
            digest_of(row.p, row.len, ret_digest);
        }
        free(numbers);
    }
    out_done(&row);
}
