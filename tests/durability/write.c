/* What the client writes: any command that some account may give, with fields filled by the table
 * of its record, so that a new verb is written too without a word here. */
#include "client_priv.h"

#include "access/policy.h"
#include "geo/place.h"

#include <assert.h>

#define MAX_BODY 16384

struct filling {
    struct client *client;
    const struct written *written;
    char *texts; /* room for values */
    int64_t now_us;
};

/* A number of the kind: mostly a late one, sometimes one that does not exist. */
static uint32_t any_number(struct client *c, enum object_kind kind)
{
    const uint32_t last = c->last[kind];
    if (last == 0 || rand_below(&c->rand, 50) == 0)
        return last + 1;
    return last - rand_below(&c->rand, last < 12 ? last : 12);
}

static struct str text_of(const struct filling *f, const struct field *field)
{
    static const struct {
        const char *field, *text;
    } known[] = {{"type", HOST_TYPE},       {"disposition", HOST_DISPOSITION},
                 {"outcome", "satisfied"},  {"shift", "day"},
                 {"day", "2026-09-21"},     {"profiles", "response"},
                 {"capabilities", "patrol"}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(field->name, known[i].field) == 0)
            return str_of(known[i].text);
    }
    return str_of(f->written->key);
}

static void fill_refs(const struct filling *f, const struct field *field, struct refs *refs)
{
    struct client *c = f->client;
    refs->count = 1 + rand_below(&c->rand, 2);
    for (uint32_t i = 0; i < refs->count; i++)
        refs->v[i] = any_number(c, field->refers);
    if (refs->count == 2 && refs->v[0] == refs->v[1])
        refs->count = 1;
}

/* NOLINTNEXTLINE(readability-function-size): one line a type of field */
static void fill_field(const struct filling *f, const struct field *field, void *record)
{
    struct rand *rand = &f->client->rand;
    char *at = (char *)record + field->offset;
    switch (field->type) {
    case FIELD_U32:
        *(uint32_t *)(void *)at =
            1 + rand_below(rand, field->max && field->max < 4 ? field->max : 4);
        return;
    case FIELD_I64:
        *(int64_t *)(void *)at = 1;
        return;
    case FIELD_TIME:
        *(int64_t *)(void *)at = f->now_us + (int64_t)rand_below(rand, 3600) * US_PER_S;
        return;
    case FIELD_BOOL:
        *(bool *)at = rand_below(rand, 4) == 0;
        return;
    case FIELD_ENUM:
        *(int *)(void *)at = (int)(1 + rand_below(rand, 4));
        return;
    case FIELD_PLACE:
        *(struct place *)(void *)at = place_from_deg(37.77 + rand_below(rand, 100) / 1e4, -122.42);
        return;
    case FIELD_REF:
        *(uint32_t *)(void *)at = any_number(f->client, field->refers);
        return;
    case FIELD_REFS:
        fill_refs(f, field, (struct refs *)(void *)at);
        return;
    case FIELD_TEXT:
        *(struct str *)(void *)at = text_of(f, field);
        return;
    case FIELD_CHARS:
        (void)str_copy(text_of(f, field), at, field->max);
        return;
    case FIELD_PERSONAL:
        ((struct personal *)(void *)at)->text = str_of(f->written->key);
        return;
    case FIELD_JSON:
        *(struct str *)(void *)at = strcmp(field->name, "path") == 0
                                        ? STR("{\"coordinates\":[[-122.4,37.77],[-122.41,37.78]],"
                                              "\"type\":\"LineString\"}")
                                        : STR("{}");
        return;
    case FIELD_BYTES:
        *(struct str *)(void *)at = STR("bytes");
        return;
    }
}

/* Optional fields that would make most commands refused. */
static bool is_avoided(const struct field *field)
{
    static const char *const names[] = {
        "call",         "signal",   "answers",      "plan",
        "scheduled_us", "members",  "type_version", "proposed_priority",
        "blob",         "priority", "is_preempt"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(field->name, names[i]) == 0)
            return true;
    }
    return false;
}

static void fill(const struct filling *f, const struct record *rec, void *record)
{
    for (uint32_t i = 0; i < rec->field_count; i++) {
        const struct field *field = &rec->fields[i];
        const uint32_t one_in = is_avoided(field) ? 40 : field->type == FIELD_PERSONAL ? 1 : 3;
        if (!field->is_needed && rand_below(&f->client->rand, one_in) != 0)
            continue;
        fill_field(f, field, record);
        record_set_has(rec, record, field->offset, true);
    }
}

/* What a desk does most, so that incidents live through all of their stages. */
static const enum command_kind usual[] = {
    COMMAND_incident_create,   COMMAND_incident_create,   COMMAND_incident_enter,
    COMMAND_incident_enter,    COMMAND_incident_dispatch, COMMAND_incident_dispatch,
    COMMAND_incident_dispatch, COMMAND_assignment_see,    COMMAND_assignment_depart,
    COMMAND_assignment_arrive, COMMAND_assignment_arrive, COMMAND_assignment_clear,
    COMMAND_assignment_clear,  COMMAND_incident_note,     COMMAND_incident_note,
    COMMAND_incident_close,    COMMAND_signal_raise,      COMMAND_signal_claim,
    COMMAND_signal_confirm,    COMMAND_unit_sign_on,      COMMAND_call_ring,
    COMMAND_call_answer};

/* Installing types, plans and accounts is what demo and admin do; here they would only be refused,
 * and a closed session would end the client's own. */
static bool is_written(enum command_kind kind)
{
    switch ((unsigned)kind) {
    case COMMAND_type_install:
    case COMMAND_plan_install:
    case COMMAND_user_install:
    case COMMAND_user_disable:
    case COMMAND_area_install:
    case COMMAND_session_open:
    case COMMAND_session_close:
    case COMMAND_timing_install:
        return false;
    }
    return command_def(kind) != NULL;
}

static enum command_kind any_command(struct client *c)
{
    enum command_kind kind = COMMAND_NONE;
    if (rand_below(&c->rand, 4) > 0)
        return usual[rand_below(&c->rand, sizeof usual / sizeof usual[0])];
    while (!is_written(kind))
        kind = (enum command_kind)(1 + rand_below(&c->rand, COMMAND_KIND_COUNT - 1));
    return kind;
}

static enum role any_role(struct client *c, enum command_kind kind)
{
    enum role role = (enum role)(1 + rand_below(&c->rand, ROLE_COUNT - 1));
    for (unsigned turn = 0; turn < ROLE_COUNT; turn++) {
        if (host_has_session(role) && access_has(role, access_of_command(kind)))
            return role;
        role = role + 1 < ROLE_COUNT ? (enum role)(role + 1) : ROLE_OPERATOR;
    }
    return ROLE_OPERATOR;
}

static void keep_body(struct written *w, const struct record *rec, const void *record)
{
    struct out out;
    out_init(&out, MAX_BODY);
    record_write(rec, record, RECORD_WIRE, &out);
    assert(!out.err);
    w->body = malloc(out.len + 1);
    assert(w->body);
    memcpy(w->body, out.p, out.len);
    w->body_len = out.len;
    out_done(&out);
}

static void write_command(struct client *c, struct written *w, int64_t now_us)
{
    struct frame_command frame = {0};
    struct filling f = {.client = c, .written = w, .now_us = now_us};
    uint8_t token[TOKEN_HASH_BYTES];
    struct out fields;
    w->kind = any_command(c);
    const struct command_def *def = command_def(w->kind);
    void *record = calloc(1, def->fields->size);
    assert(record);
    fill(&f, def->fields, record);
    for (uint32_t i = 0; i < def->fields->field_count; i++) {
        const struct field *field = &def->fields->fields[i];
        w->has_words = w->has_words || (field->type == FIELD_PERSONAL &&
                                        record_has(def->fields, record, field->offset));
    }
    const bool is_public = w->kind == COMMAND_signal_raise && rand_below(&c->rand, 2) == 0;
    w->channel = is_public ? CORE_PORTAL : CORE_EDGE;
    host_token(any_role(c, w->kind), token);
    out_init(&fields, MAX_BODY);
    record_write(def->fields, record, RECORD_WIRE, &fields);
    if (!is_public) {
        frame.token = (struct str){(const char *)token, sizeof token};
        SET_HAS(frame_command, &frame, token);
    }
    frame.kind = w->kind;
    frame.object = command_makes(w->kind) ? 0 : any_number(c, def->object_kind);
    frame.key = str_of(w->key);
    frame.fields = out_view(&fields);
    SET_HAS(frame_command, &frame, kind);
    SET_HAS(frame_command, &frame, object);
    SET_HAS(frame_command, &frame, key);
    SET_HAS(frame_command, &frame, fields);
    keep_body(w, &record_frame_command, &frame);
    out_done(&fields);
    free(record);
    w->type = FRAME_command;
    c->by_verb[w->kind]++;
}

/* A look at personal data: its line must be there before the answer. */
static void write_lookup(struct client *c, struct written *w)
{
    struct frame_audit frame = {0};
    uint8_t token[TOKEN_HASH_BYTES];
    host_token(ROLE_OPERATOR, token);
    frame.token = (struct str){(const char *)token, sizeof token};
    frame.purpose = PURPOSE_DISPATCH;
    frame.object_kind = OBJECT_incident;
    frame.object = any_number(c, OBJECT_incident);
    frame.what = STR("incident:personal");
    SET_HAS(frame_audit, &frame, token);
    SET_HAS(frame_audit, &frame, purpose);
    SET_HAS(frame_audit, &frame, object_kind);
    SET_HAS(frame_audit, &frame, object);
    SET_HAS(frame_audit, &frame, what);
    keep_body(w, &record_frame_audit, &frame);
    w->channel = CORE_EDGE;
    w->type = FRAME_audit;
}

/* A fix of a unit: nobody answers it, and it may be lost. */
static void write_position(struct client *c, struct written *w, int64_t now_us)
{
    struct frame_position frame = {0};
    frame.unit = (struct unit_id){1 + rand_below(&c->rand, HOST_UNITS)};
    frame.place = place_from_deg(37.77 + rand_below(&c->rand, 100) / 1e4, -122.42);
    frame.at_us = now_us;
    SET_HAS(frame_position, &frame, unit);
    SET_HAS(frame_position, &frame, place);
    SET_HAS(frame_position, &frame, at_us);
    keep_body(w, &record_frame_position, &frame);
    w->channel = CORE_FEED;
    w->type = FRAME_position;
    w->state = REQUEST_REFUSED; /* no answer is waited for */
}

bool client_next(struct client *c, int64_t now_us, struct message *ret_message)
{
    if (c->count == CLIENT_MAX_REQUESTS)
        return false;
    struct written *w = &c->all[c->count];
    *w = (struct written){.state = REQUEST_SENT};
    client_number(c, w);
    (void)snprintf(w->key, sizeof w->key, "key-%u", c->count);
    c->count++;
    const uint32_t dice = rand_below(&c->rand, 20);
    if (dice == 0)
        write_lookup(c, w);
    else if (dice == 1)
        write_position(c, w, now_us);
    else
        write_command(c, w, now_us);
    *ret_message = (struct message){w->channel, w->type, w->correlation, w->body, w->body_len};
    return true;
}
