/* Duty rosters and the signed handover between shifts. */
#include "desk/incident.h"
#include "desk/parts.h"

#include "base/utc.h"

#define MAX_OPEN_ITEMS 400 /* ids of each kind in a handover; the count is always whole */

static bool is_duty(struct json duty)
{
    static const char *const keys[] = {"duty", "user", "unit", "from", "until"};
    if (json_type(duty) != JSON_MAP || json_type(json_get(duty, "duty")) != JSON_TEXT)
        return false;
    for (struct json_iter it = json_iter(duty); it.key; json_next(&it)) {
        bool is_known = false;
        for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
            is_known = is_known || str_eq_c(str_of(it.key), keys[i]);
        if (!is_known || json_type(it.value) != JSON_TEXT)
            return false;
    }
    return true;
}

static bool are_duties(struct str text)
{
    struct json root;
    if (json_read(text, &root, NULL) != OK)
        return false;
    bool is_good = json_type(root) == JSON_LIST;
    for (size_t i = 0; is_good && i < json_count(root); i++)
        is_good = is_duty(json_at(root, i));
    json_free(root);
    return is_good;
}

/* A roster is never changed: the latest for day, shift and body is the one in force. */
enum err roster_decide_set(struct draft *d)
{
    const struct roster_set *f = d->cmd->fields;
    char midnight[32];
    int64_t utc_us;
    (void)snprintf(midnight, sizeof midnight, STR_FMT "T00:00:00Z", STR_ARG(f->day));
    if (f->day.len != 10 || utc_parse(str_of(midnight), &utc_us) != OK)
        return draft_refuse(d, ERR_RANGE, "day", "a date as 2026-11-23");
    TRY(draft_must_have(d, OBJECT_body, f->body.v, "body"));
    if (!are_duties(f->duties))
        return draft_refuse(d, ERR_RANGE, "duties", "a list of {duty, user, unit, from, until}");
    TRY(draft_number(d, OBJECT_roster, &d->out.object.number));
    draft_emit(d, EVENT_roster_was_set, d->out.object.number, f, d->cmd->area);
    return OK;
}

static bool is_open_incident(const void *object)
{
    return incident_is_workable(((const struct incident_object *)object)->stage);
}

static bool is_reserved(const void *object)
{
    return ((const struct assignment_object *)object)->stage == ASSIGNMENT_RESERVED;
}

static bool is_unsettled(const void *object)
{
    enum signal_stage stage = ((const struct signal_object *)object)->stage;
    return stage == SIGNAL_NEW || stage == SIGNAL_VERIFYING;
}

static bool is_call_back(const void *object)
{
    return ((const struct call_object *)object)->stage == CALL_BACK_DUE;
}

static bool is_in_force(const void *object)
{
    return ((const struct closure_object *)object)->is_in_force;
}

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Who sees a part of the realm hands over that part. */
static struct area_id area_of_signer(const struct draft *d)
{
    const struct user_object *user = draft_user(d, d->cmd->actor.user.v);
    return user ? user->area : (struct area_id){0};
}

static bool is_of_signer(const struct draft *d, enum object_kind kind, uint32_t number)
{
    const struct area_id top = area_of_signer(d);
    return top.v == 0 || desk_area_within(d->desk, draft_area_of(d, kind, number), top);
}

static void list_open(struct draft *d, struct json_out *j, enum object_kind kind,
                      bool (*is_open)(const void *object))
{
    uint32_t pos = 0, number, count = 0;
    uint32_t *open = draft_alloc(d, desk_count(d->desk, kind) + 1, sizeof *open);
    while ((number = desk_next(d->desk, kind, &pos)) != 0) {
        if (is_open(draft_object(d, kind, number)) && is_of_signer(d, kind, number))
            open[count++] = number;
    }
    qsort(open, count, sizeof *open, by_number);
    json_key(j, object_kind_name(kind));
    json_obj(j);
    json_ku64(j, "count", count);
    json_key(j, "ids");
    json_arr(j);
    for (uint32_t i = 0; i < count && i < MAX_OPEN_ITEMS; i++)
        json_c(j, draft_id(d, kind, open[i]));
    json_arr_end(j);
    json_obj_end(j);
}

enum err handover_decide_sign(struct draft *d)
{
    struct handover_sign *f = draft_copy_fields(d);
    struct out out;
    if (d->cmd->actor.user.v == 0)
        return draft_refuse(d, ERR_DENIED, NULL, "a person signs");
    out_init(&out, 65536);
    struct json_out j = json_out_of(&out);
    json_obj(&j);
    list_open(d, &j, OBJECT_assignment, is_reserved);
    list_open(d, &j, OBJECT_call, is_call_back);
    list_open(d, &j, OBJECT_closure, is_in_force);
    list_open(d, &j, OBJECT_incident, is_open_incident);
    list_open(d, &j, OBJECT_signal, is_unsettled);
    json_obj_end(&j);
    SET(handover_sign, f, open_items, arena_dup(d->arena, out_view(&out)));
    out_done(&out);
    TRY(draft_number(d, OBJECT_handover, &d->out.object.number));
    draft_emit(d, EVENT_handover_signed, d->out.object.number, f, area_of_signer(d));
    return OK;
}

enum err handover_decide_accept(struct draft *d)
{
    const struct handover_object *h = draft_handover(d, d->cmd->object);
    if (HAS(handover_object, h, accepted_us))
        return draft_refuse(d, ERR_STATE, NULL, "it has been accepted");
    if (d->cmd->actor.user.v == 0 || d->cmd->actor.user.v == h->signed_by.v)
        return draft_refuse(d, ERR_DENIED, NULL, "somebody else than who signed takes over");
    draft_emit(d, EVENT_handover_accepted, d->cmd->object, d->cmd->fields, h->area);
    return OK;
}

void roster_apply_set(struct ground *g, const struct event *e)
{
    struct roster_object *r = ground_make(g, OBJECT_roster, e->object);
    ground_copy(g, &record_roster_set, e->fields, &record_roster_object, r);
}

void handover_apply_signed(struct ground *g, const struct event *e)
{
    struct handover_object *h = ground_make(g, OBJECT_handover, e->object);
    ground_copy(g, &record_handover_sign, e->fields, &record_handover_object, h);
    SET(handover_object, h, signed_by, e->actor);
    SET(handover_object, h, signed_us, e->at_us);
    if (e->area.v)
        SET(handover_object, h, area, e->area);
}

void handover_apply_accepted(struct ground *g, const struct event *e)
{
    struct handover_object *h = ground_edit(g, OBJECT_handover, e->object);
    SET(handover_object, h, accepted_by, e->actor);
    SET(handover_object, h, accepted_us, e->at_us);
}
